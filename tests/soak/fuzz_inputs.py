"""Inputs for the search: seeds, and what is done to them. Everything follows from a `random.Random`, so that a number gives the input again."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
MB = 1024 * 1024
ENCODINGS = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"),
    *("cp932", "euc-jp", "iso-2022-jp", "latin-1", "utf-7"),
)
# Characters that look like nothing, turn the direction of a text, end a line elsewhere, or fold into something else.
# fmt: off
STRANGE = (
    "\x00", "\x01", "\x0b", "\x0c", "\x1a", "\x1c", "\x1f", "\x7f", "\x85", "\xa0", "\xad", "\u200b", "\u200c",
    "\u200d", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202e", "\u2060", "\u2066", "\u2069", "\ufeff", "�",
    "\ufffe", "\ue000", "\U000e0101", "\U0001f469\u200d\U0001f4bb", "\u0301", "\u304b\u3099", "ｶﾞ", "㍻", "㋿", "㍿", "㌫", "½",
    "①", "⑳", "Ⅷ", "ß", "ﷺ", "İ", "𠮷", "٣", "९", "𝟗", "¹", "²", "₂", "㎡", "㎢", "‰", "〇", "百万", "－", "―", "〜", "～", "−",
)
# fmt: on
# What the readers look for, to be put where it does not belong.
# fmt: off
WORDS = (
    "令和8年度", "令和99年度", "令和元年", "令和0年度", "昭和60年", "平成31年度末", "R8", "R8.3月末", "H99", "S1", "2026年度", "1999/99/99",
    "2021(令和3)年1月31日", "2月31日", "3年目", "0年目", "99年後", "初年度", "100件", "24/26", "0/0", "5/0", "▲2.0%", "-5%",
    "約1万2,000件", "80～90%", "9" * 15, "9" * 400, "1,234,567,890,123億", "1e999", "半減", "3割5分", "3分の2", "100件/令和4年度",
    "(※1)", "<sup>7</sup>", "^{※3}", "**", "目標値", "現状値", "基準値", "実績値", "指標", "KPI", "K P I", "達成状況", "【完了】", "《累計》",
    "«達成率:95%»", "達成率", "単位:件", "施策名", "事業名", "担当課", "導入後の指標", "数値目標", "取組内容", "概ね 達成", "◎", "—", "未設定", "新規事業のためなし",
    "から", "まで", "→", "以上", "未満", "累計", "前年度比", "令和6年度参加人数の20%増／令和7年度", "1年目 3種類、2年目 5種類", "第1章", "1-1", "①", "・", "■",
    "# ", "| ", " | ", "\t",
)
# fmt: on
BRACKETS = ("()", "（）", "【】", "「」", "『』", "[]", "<>", "《》", "{}", "〔〕")
TAGS = ("b", "sup", "div", "table", "tr", "td", "ul", "li", "span", "p")
# What is pumped into one long line: each is a trap for another pattern.
# fmt: off
PIECES = (
    " ", "\u3000", "\t", "1", "１", "a", "あ", "カ", "漢", "(", ")", "（", "【", "「", "<", "[", "・", "…", ".", ",", "、", "。",
    ":", "：", "/", "-", "—", "～", "*", "#", "|", "%", "※", "→", "年", "件", "▲", "①", "\u200b", "\u202e", "\u0301", "ｶﾞ",
    "㍻", "𠮷", "\x0c", "\u2028", "5件 ", "1年目", "名前：3名 ", "令和8年度", "100件／令和4年度 ", "<p>", "<sup>", "1(", "1,", "1,000",
    "a ", "K P I ", "R ", "1 | ", "(※1)", "現状値 ", "目標 ", "《", "^{", "令和8年度 5件、", "R8:5件 ", "指標：", "①a", "目標値は5件です。",
    "から", "1/2/", "第1", "1-", "20", "Ａ１", " (", "（令和", "\r",
)
# fmt: on


@cache
def texts() -> tuple[str, ...]:
    """The plan texts and the texts of the open collection."""
    found = [path.read_bytes() for path in sorted((ROOT / "data/raw").glob("*/*.txt"))]
    return (*(data.decode() for data in found), *(_decoded(data) for _, data in files(".txt", ".md", ".csv", ".html")))


def _decoded(data: bytes) -> str:
    for encoding in ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp932"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


@cache
def files(*endings: str) -> tuple[tuple[str, bytes], ...]:
    """Names and bytes of the documents of the collection with these endings; nobody looks into the held ones."""
    folders = (ROOT / "tests/collection/open", ROOT / "tests/collection/held")
    paths = [path for folder in folders for path in sorted(folder.iterdir()) if path.suffix in endings]
    return tuple((path.name, path.read_bytes()) for path in paths if not path.name.endswith(".facts.csv"))


@cache
def lines() -> tuple[str, ...]:
    """Every line of the seeds that holds something."""
    return tuple(line for text in texts() for line in text.split("\n") if line.strip())


def short(rng: random.Random, longest: int = 300) -> str:
    """One line: printed, made up of words, or of arbitrary characters, and then damaged."""
    kind = rng.random()
    if kind < 0.5:
        line = rng.choice(lines())
    elif kind < 0.8:
        line = planlike(rng)
    elif kind < 0.9:
        line = rng.choice(PIECES) * rng.randrange(1, 40)
    else:
        line = "".join(
            chr(
                rng.choice(
                    (rng.randrange(128), rng.randrange(0x3000, 0x3100), rng.randrange(0xD800), rng.randrange(0xE000, 0x110000))
                )
            )
            for _ in range(rng.randrange(60))
        )
    return mutated(rng, line, rng.randrange(4))[:longest]


def planlike(rng: random.Random) -> str:
    """A line in the manner of a plan: labels, years, values and separators in any order."""
    parts = [rng.choice((*WORDS, *_made(rng))) for _ in range(rng.randrange(1, 12))]
    return rng.choice(("", " ", "\t", "、", "：", "/", "　")).join(parts)


def _made(rng: random.Random) -> tuple[str, ...]:
    number = rng.choice((rng.randrange(10), rng.randrange(10**4), rng.randrange(10**9)))
    unit = rng.choice(("件", "人", "%", "時間", "km²", "ポイント", "", "円", "千円"))
    era = rng.choice(("令和", "平成", "R", "H", "S", "西暦"))
    return (
        f"{number:,}{unit}",
        f"{number / 10}{unit}",
        f"{era}{rng.randrange(120)}年度",
        f"{rng.randrange(1900, 2200)}年",
        f"{number}/{rng.randrange(5)}{unit}",
    )


def mutated(rng: random.Random, text: str, times: int) -> str:
    """A text with parts dropped, doubled, swapped, torn out of another text, or strange characters and words put in."""
    for _ in range(times):
        at, to = sorted((rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)))
        to = min(to, at + rng.choice((1, 3, 20, 400)))
        text = rng.choice(_CHANGES)(rng, text, at, to)
    return text


def _torn(rng: random.Random, text: str, at: int, to: int) -> str:
    other = rng.choice(texts())
    start = rng.randrange(len(other) + 1)
    return text[:at] + other[start : start + rng.choice((3, 30, 300))] + text[to:]


_CHANGES: tuple[Callable[[random.Random, str, int, int], str], ...] = (
    lambda rng, text, at, to: text[:at] + text[to:],
    lambda rng, text, at, to: text[:at],
    lambda rng, text, at, to: text[:to] + text[at:],
    lambda rng, text, at, to: text[:at] + text[at:to] * rng.choice((2, 3, 30)) + text[to:],
    lambda rng, text, at, to: text[:at] + rng.choice(STRANGE) + text[to:],
    lambda rng, text, at, to: text[:at] + rng.choice(WORDS) + text[at:],
    lambda rng, text, at, to: text[:at] + rng.choice(WORDS) + text[to:],
    lambda rng, text, at, to: text[:at] + rng.choice(PIECES) * rng.choice((1, 5, 50)) + text[at:],
    lambda rng, text, at, to: text[:at] + rng.choice("\t\n|、:： 　") + text[at:],
    lambda rng, text, at, to: text[:at] + text[at:to][::-1] + text[to:],
    lambda rng, text, at, to: text[:at] + nested(rng, text[at:to], rng.choice((1, 3, 30))) + text[to:],
    _torn,
)


def nested(rng: random.Random, text: str, depth: int) -> str:
    """A text within brackets or tags within each other; sometimes they do not close."""
    if rng.random() < 0.5:
        pair = rng.choice(BRACKETS)
        return pair[0] * depth + text + pair[1] * rng.choice((depth, depth, 0, depth - 1))
    tag = rng.choice(TAGS)
    return f"<{tag}>" * depth + text + f"</{tag}>" * rng.choice((depth, 0))


def document(rng: random.Random, longest: int = 120) -> str:
    """Some lines of one or two texts, spliced, repeated, shuffled and damaged."""
    found: list[str] = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        source = rng.choice(texts()).split("\n")
        start = rng.randrange(len(source))
        found += source[start : start + rng.choice((3, 12, 40, longest))]
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(found) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            found[at:at] = [planlike(rng)] * rng.choice((1, 2, 30))
        elif kind == 1:
            del found[at : at + rng.randrange(4)]
        elif kind == 2 and at < len(found):
            found[at : at + 1] = [found[at]] * rng.choice((2, 5, 60))
        elif kind == 3 and at < len(found):
            found[at] = rng.choice(("\t", " | ", "、", "")).join([found[at]] * rng.choice((2, 9)))
        elif at < len(found):
            found[at] = mutated(rng, found[at], 2)
    return mutated(rng, rng.choice(("\n", "\n", "\n", "\r\n", "\n\n")).join(found[:longest]), rng.randrange(5))


def encoded(rng: random.Random, text: str) -> bytes:
    """A text in some encoding, sometimes in two, sometimes damaged."""
    kind = rng.random()
    if kind < 0.45:
        data = text.encode("utf-8", "surrogatepass")
    elif kind < 0.9:
        data = text.encode(rng.choice(ENCODINGS), "ignore")
    else:
        half = rng.randrange(len(text) + 1)
        data = text[:half].encode(rng.choice(ENCODINGS), "ignore") + text[half:].encode(rng.choice(ENCODINGS), "ignore")
    return damaged(rng, data) if rng.random() < 0.3 else data


def damaged(rng: random.Random, data: bytes, others: Sequence[bytes] = ()) -> bytes:  # noqa: C901
    """Bytes with bits flipped, parts dropped, doubled, or torn out of another file."""
    found = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 12))):
        if not found:
            return bytes(found)
        at = rng.randrange(len(found))
        to = min(len(found), at + rng.choice((1, 2, 16, 600)))
        kind = rng.randrange(8)
        if kind == 0:
            found[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            found[at] = rng.choice((0, 1, 9, 10, 13, 0x1A, 0x20, 0x7F, 0x80, 0xA0, 0xC0, 0xED, 0xF8, 0xFE, 0xFF))
        elif kind == 2:
            del found[at:to]
        elif kind == 3:
            found[at:at] = found[at:to] * rng.choice((1, 3, 40))
        elif kind == 4:
            found[at:to] = rng.randbytes(to - at)
        elif kind == 5:
            del found[at:]
        elif kind == 6:
            found[at:at] = rng.choice(
                (b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b$B", b"\xed\xa0\x80", *(s.encode() for s in STRANGE[11:24]))
            )
        elif others:
            other = rng.choice(others)
            start = rng.randrange(len(other) + 1)
            found[at:to] = other[start : start + rng.choice((8, 200, 5000))]
    return bytes(found)


NUMBERS = (
    "0",
    "-1",
    "1",
    "2",
    "99",
    "1000",
    "65536",
    "1048577",
    "2147483648",
    "99999999999999999999",
    "1e309",
    "NaN",
    "-0.0",
    "0x1F",
    "",
    "x",
    "٣",
)


def marked_up(rng: random.Random, text: str) -> str:
    """XML, HTML or the plain part of a PDF with tags dropped, doubled or nested and numbers replaced by awkward ones."""
    for _ in range(rng.choice((1, 2, 3, 6))):
        kind = rng.randrange(7)
        start = rng.randrange(len(text) + 1)
        opening = text.find("<", start)
        closing = text.find(">", opening) + 1 if opening >= 0 else 0
        if kind < 3:
            text = _other_number(rng, text, start)
        elif closing <= 0:
            text = mutated(rng, text, 1)
        elif kind == 3:
            text = text[:opening] + text[closing:]
        elif kind == 4:
            text = text[:opening] + text[opening:closing] * rng.choice((2, 50, 3000)) + text[closing:]
        elif kind == 5:
            end = text.find(">", min(len(text), closing + rng.randrange(400))) + 1
            text = text[:closing] + text[opening : max(end, closing)] * rng.choice((1, 20)) + text[closing:]
        else:
            text = (
                text[:closing]
                + rng.choice((*STRANGE[11:], *WORDS, "&amp;", "&#xD800;", "&#0;", "<![CDATA[x]]>", "_x000D_", "&x;"))
                + text[closing:]
            )
        if len(text) > 2 * MB:
            return text[: 2 * MB]
    return text


def _other_number(rng: random.Random, text: str, start: int) -> str:
    at = next((n for n in range(start, min(len(text), start + 4000)) if text[n].isdigit()), None)
    if at is None:
        return text
    end = at
    while end < len(text) and (text[end].isdigit() or text[end] == "."):
        end += 1
    return text[:at] + rng.choice(NUMBERS) + text[end:]


def repacked(rng: random.Random, data: bytes) -> bytes:
    """An office file with parts of it damaged, dropped, swapped or doubled, zipped anew; or its bytes damaged; or a zip in it."""
    if rng.random() < 0.15:
        return damaged(rng, data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = [name for name in parts if name.endswith((".xml", ".rels"))]
    for _ in range(rng.choice((1, 1, 2, 3))):
        name = rng.choice(names)
        kind = rng.random()
        if kind < 0.75:
            parts[name] = marked_up(rng, parts[name].decode("utf-8", "replace")).encode("utf-8", "ignore")
        elif kind < 0.85:
            parts[name] = damaged(rng, parts[name])
        elif kind < 0.9:
            del parts[name]
            names.remove(name)
            if not names:
                break
        elif kind < 0.95:
            parts[name] = parts[rng.choice(names)]
        else:
            parts[name] = data
    return zipped(parts)


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def table_text(rng: random.Random, text: str) -> str:
    """A CSV, TOML or JSON with values, lines and separators damaged."""
    rows = text.split("\n")
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.randrange(len(rows))
        kind = rng.randrange(10)
        if kind == 0:
            rows[at:at] = [rows[at]] * rng.choice((1, 2, 40))
        elif kind == 1 and len(rows) > 1:
            del rows[at]
        elif kind == 2:
            rows[at] = rows[at].replace(
                rng.choice(',="[]{}:'), rng.choice(("", ",", '"', "\t", "=", "[", "'")), rng.randrange(1, 3)
            )
        elif kind == 3:
            rows[at] = _other_number(rng, rows[at], 0)
        elif kind == 4:
            cells = rows[at].split(",")
            cells[rng.randrange(len(cells))] = rng.choice((*WORDS, *STRANGE, *NUMBERS, "x" * 140_000, "=1+1", "'-5", '"'))
            rows[at] = ",".join(cells)
        elif kind == 5:
            rows[at] += rng.choice(
                ("[" * 3000, "{" * 3000, " = " + "[" * 2000 + "]" * 2000, '"' + "x" * 200_000 + '"', "9" * 5000)
            )
        elif kind == 6:
            head, mark, _ = rows[at].partition(rng.choice(("=", ":", ",")))
            rows[at] = (
                head
                + mark
                + rng.choice(
                    (
                        "3",
                        "[]",
                        "{}",
                        '"x"',
                        "true",
                        "1979-05-27",
                        "nan",
                        "inf",
                        "9" * 5000,
                        "[[1]]",
                        "null",
                        '"\\ud800"',
                        "1e400",
                    )
                )
            )
        elif kind == 7:
            other = rng.randrange(len(rows))
            rows[at], rows[other] = rows[other], rows[at]
        else:
            rows[at] = mutated(rng, rows[at], 1)
    return "\n".join(rows)


def giant(rng: random.Random, index: int, size: int) -> tuple[str, bytes]:
    """One line of ``size`` bytes or more, or marks nested as deep, in some format of plain text."""
    piece = PIECES[index % len(PIECES)]
    ending = (".txt", ".md", ".csv", ".html", ".txt", ".tsv")[index // len(PIECES) % 6] if index >= len(PIECES) else ".txt"
    count = size // len(piece.encode())
    shape = index % 3
    line = piece * count
    if shape == 1:
        line = f"施策名\t指標\t達成状況\n{line[: len(line) // 2]}\t{line[: len(line) // 2]}\t達成"
    elif shape == 2:
        line = f"指標：{line}5件（令和8年度）"
    if ending == ".html":
        tag = rng.choice(TAGS)
        line = f"<html><body>{f'<{tag}>' * 3000}{line}" if shape else f"<html><body>{f'<{tag}>' * (count // 4)}"
    return ending, line.encode()

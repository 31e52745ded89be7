"""Repairs of extracted Japanese text that keep every position traceable to the raw line.

A `Text` is a searchable string in which each character knows which part of the raw line it
came from. Repairs change the string; `Text.quote` gives back the verbatim source.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# NFKC would turn these into something else than what is printed (km² -> km2, ① -> 1).
_KEEP = frozenset("²³①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㉑㉒㉓㉔㉕㉖㉗㉘㉙㉚")
_SQUARES = {"㎡": "m²", "㎢": "km²", "〜": "~", "−": "-"}
_HALF_KANA = re.compile(r"[\uff61-\uff9f]+")
_NOTHING = re.compile(r"[\-‐‑‒–—―ー─━−][\s\-‐‑‒–—―ー─━−]*|\.{3,}")

_TAG_NAMES = "sup|sub|b|i|u|em|strong|font|ul|ol|li|p|br|div|span|table|tr|td|th|tbody|thead"
_FOOTNOTE_MARKS = re.compile(
    r"<sup>[^<]{0,12}</sup>|\^\{[^}]{0,12}\}|\(※\s?\d{0,4}\)|\*\*"
    r"|(?<=[\w」』)%])※\d{0,2}(?!\d)"
)
_TAGS = re.compile(rf"</?(?:{_TAG_NAMES})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BOX = re.compile("[│┃┆┇┊┋║]")
_ERA_SPACE = re.compile(r"(?<![A-Za-z0-9])([RHS]) (?=\d{1,2}(?!\d))")
_LETTER_SPACING = re.compile(r"(?<![A-Za-z0-9])[A-Za-z](?: [A-Z])+(?![A-Za-z0-9])")
_SPACED_OUT = re.compile(r"(?<=\S) (?=\S(?: |$))|(?<=(?<= )\S) (?=\S)|(?<=^\S) (?=\S)")  # beside a character that stands alone
_DIGIT_LETTER = re.compile(r"(?<=\d) (?=[A-Z](?:\s|[^\x00-\x7f]|$))")
# Without one of these, the patterns above have nothing to find: most lines are read once, not five times.
_MARK = re.compile(r"[<^(*※│┃┆┇┊┋║]")
_SPACED = re.compile(r"[A-Za-z\d] [A-Z\d]")
# Of a longer run of white space no more is kept: patterns that skip it then take no longer for it than for a short one.
_LONG_BLANK = re.compile(r"[^\S\t]{33,}")
_BLANKS_KEPT = 32
_TITLE_NOISE = re.compile(r"[\s・、,()「」『』【】\[\]<>〈〉《》~\-ー—-]")


@dataclass(frozen=True, slots=True)
class Text:
    """A repaired piece of one raw line.

    Attributes:
        clean: the repaired, searchable string.
        raw: the whole raw line, untouched.
        starts, ends: for each character of ``clean`` the half-open range of ``raw`` it stands for.
    """

    clean: str
    raw: str
    starts: Sequence[int]
    ends: Sequence[int]

    def __str__(self) -> str:
        return self.clean

    def __bool__(self) -> bool:
        return bool(self.clean.strip())

    def __len__(self) -> int:
        return len(self.clean)

    def slice(self, start: int, end: int | None = None) -> Text:
        """The part ``clean[start:end]``, without surrounding white space."""
        end = len(self.clean) if end is None else end
        part = self.clean[start:end]
        start += len(part) - len(part.lstrip())
        end = start + len(part.strip())
        if end - start == len(self.clean):
            return self
        return Text(self.clean[start:end], self.raw, self.starts[start:end], self.ends[start:end])

    def quote(self, start: int = 0, end: int | None = None) -> str:
        """The verbatim raw text behind ``clean[start:end]``; empty for an empty range."""
        end = len(self.clean) if end is None else end
        if start >= end:
            return ""
        return self.raw[self.starts[start] : self.ends[end - 1]]

    def split(self, pattern: re.Pattern[str]) -> list[Text]:
        """The non-empty parts between the matches of ``pattern``."""
        cuts = [0]
        for match in pattern.finditer(self.clean):
            cuts += [match.start(), match.end()]
        cuts.append(len(self.clean))
        parts = (self.slice(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=True))
        return [part for part in parts if part]

    def _replace(self, pattern: re.Pattern[str], to: str | Callable[[re.Match[str]], str]) -> Text:
        if not pattern.search(self.clean):
            return self
        clean: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        last = 0
        for match in pattern.finditer(self.clean):
            clean.append(self.clean[last : match.start()])
            starts += self.starts[last : match.start()]
            ends += self.ends[last : match.start()]
            new = to if isinstance(to, str) else to(match)
            if new:
                clean.append(new)
                starts += [self.starts[match.start()]] * len(new)
                ends += [self.ends[match.end() - 1]] * len(new)
            last = match.end()
        clean.append(self.clean[last:])
        return Text("".join(clean), self.raw, (*starts, *self.starts[last:]), (*ends, *self.ends[last:]))


@cache
def _spellings() -> tuple[re.Pattern[str], dict[str, str]]:
    source = files("dxlib").joinpath("vocabulary/spellings.toml").read_text(encoding="utf-8")
    table = {entry["found"]: entry["meant"] for entry in tomllib.loads(source)["spelling"]}
    return re.compile("|".join(map(re.escape, table))), table


@cache
def _folded(character: str) -> str:
    """One character, NFKC-folded."""
    kept = character if character in _KEEP else _SQUARES.get(character)
    return kept or unicodedata.normalize("NFKC", character)


def _widths(raw: str) -> Iterator[tuple[str, int, int]]:
    """Yield (replacement, start, end) of each raw character or half-width kana run, NFKC-folded."""
    position = 0
    while position < len(raw):
        run = _HALF_KANA.match(raw, position)
        end = run.end() if run else position + 1
        yield unicodedata.normalize("NFKC", run[0]) if run else _folded(raw[position]), position, end
        position = end


def _is_spaced_out(line: str) -> bool:
    """True for a line whose characters nearly all stand alone: 目 標 値  ８ ０ 件."""
    words = line.split()
    alone = [word for word in words if len(word) == 1]
    return len(words) >= 5 and len(alone) * 4 >= len(words) * 3 and sum(1 for word in alone if word > "\u3000") * 3 >= len(alone)


def _fold(raw: str) -> Text:
    """A raw line with its widths folded; where each character stays one, positions are those of the line."""
    same = Text(raw, raw, range(len(raw)), range(1, len(raw) + 1))
    if raw.isascii() or (unicodedata.is_normalized("NFKC", raw) and not any(square in raw for square in _SQUARES)):
        return same
    if not _HALF_KANA.search(raw):
        clean = "".join(map(_folded, raw))
        if len(clean) == len(raw):  # no character folds to nothing, so each gave one
            return Text(clean, raw, same.starts, same.ends)
    folded = [(c, a, b) for new, a, b in _widths(raw) for c in new]
    return Text("".join(c for c, _, _ in folded), raw, tuple(a for _, a, _ in folded), tuple(b for *_, b in folded))


def repair(raw: str) -> Text:
    """Repair one raw line: widths, markup, footnote marks, letter-spacing and look-alikes.

    >>> repair("Ｋ Ｐ Ｉ：１００％<sup>7</sup>").clean
    'KPI:100%'
    >>> repair("目 標 値　　８ ０ 件（ 令 和 ９ 年 度 ）").clean
    '目標値  80件(令和9年度)'
    >>> line = repair("面積は139.44km²です")
    >>> line.clean, line.quote(3, 12)
    ('面積は139.44km²です', '139.44km²')
    """
    text = _fold(raw)
    pattern, table = _spellings()
    if _MARK.search(text.clean):
        text = text._replace(_FOOTNOTE_MARKS, "")._replace(_TAGS, " ")._replace(_BOX, " ")
    text = text._replace(_LONG_BLANK, lambda m: m[0][:_BLANKS_KEPT])
    if _SPACED.search(text.clean):
        text = text._replace(_ERA_SPACE, lambda m: m[1])
    if _is_spaced_out(text.clean):
        text = text._replace(_SPACED_OUT, "")
    if _SPACED.search(text.clean):
        text = text._replace(_LETTER_SPACING, lambda m: m[0].replace(" ", ""))
        text = text._replace(_DIGIT_LETTER, "")
    return text._replace(pattern, lambda m: table[m[0]])


def cells(line: Text, separator: str = "\t") -> list[Text]:
    r"""Split a table row into its cells; empty cells keep their place.

    >>> [cell.clean for cell in cells(repair("\t令和８年度\t"))]
    ['', '令和8年度', '']
    """
    parts, start = [], 0
    for part in line.clean.split(separator):
        parts.append(line.slice(start, start + len(part)))
        start += len(part) + len(separator)
    return parts


def is_nothing(text: str) -> bool:
    """True for a cell that only holds a dash of some kind: a printed "nothing", not a blank.

    >>> [is_nothing(cell) for cell in ("—", "ー", "－", "", "-5%")]
    [True, True, True, False, False]
    """
    return bool(_NOTHING.fullmatch(unicodedata.normalize("NFKC", text).strip()))


def squeeze(text: str) -> str:
    """A label or word without the spaces that a line wrap or letter-spacing left in it.

    >>> squeeze("概ね 達成")
    '概ね達成'
    """
    return "".join(text.split())


_WRAP = re.compile(r"(?<=[^\x00-\x7f]) +(?=[^\x00-\x7f])")


def unwrap(text: str) -> str:
    """Join a wrapped phrase: spaces between two Japanese characters are line wraps.

    >>> unwrap("地域社会・公共施設のデジタル環境 整備 for GIS")
    '地域社会・公共施設のデジタル環境整備 for GIS'
    """
    return _WRAP.sub("", text.strip()) if " " in text else text.strip()


def title_key(title: str) -> str:
    """A form under which differently spelt copies of one title are equal.

    >>> title_key("電子地域通貨 ISECA の拡充") == title_key("電子地域通貨ISECAの拡充")
    True
    """
    return _TITLE_NOISE.sub("", unicodedata.normalize("NFKC", title)).lower()

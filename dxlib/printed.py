"""What a file format gives: lines of text and table rows, each with its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SPACE = re.compile(r"[\s\u200b\ufeff]+")
_PLAIN = re.compile(r"[\x21-\x7e０-９Ａ-Ｚａ-ｚ％]")
_DIGIT = re.compile(r"[0-9０-９]")
# What follows a number and belongs to it when a narrow cell breaks between the two.
_COUNTER = re.compile(r"[年月日件人名％%回箇個カヶか所割点円歳世帯台校種業時分歩位段社本]")
_ERA = re.compile(r"(?:令和|平成|昭和|第|約)$")
# A value with its unit at the end of a line: what comes below is another value, not the rest of a word. A year is no value.
_VALUE_END = re.compile(r"[0-9０-９][^\s0-9０-９（(「『、。・]{1,3}$")
_YEAR_END = re.compile(r"(?:年度?末?|月末?|日)$|[のをがにはとでも、や]$")
_PARTICLE = re.compile(r"[のをがにはとでもやへ]")
_HYPHEN = re.compile(r"[A-Za-z]-$")
_KATAKANA = re.compile(r"[ァ-ヴー]")
_ITEM = re.compile(r"[・●○◯■□◆◇▶▷※→⇒◎△×✓①-⑳-]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands in a file that has pages or sheets; both count from 1."""

    page: int | None = None
    sheet: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Printed:
    """One line as a format gives it: running text, or a table row with tabs between its cells.

    Attributes:
        text: the line; a heading begins with ``#``.
        place: page or sheet, where the format has them.
        left, above: positions of cells that a merged cell covers from the left, or from the row above.
    """

    text: str
    place: Place = Place()
    left: frozenset[int] = frozenset()
    above: frozenset[int] = frozenset()


BLANK = Printed("")


def one_line(text: str) -> str:
    r"""Text with every run of white space, tabs and line breaks included, as one space.

    >>> one_line(" 目標\t値 \n 5件 ")
    '目標 値 5件'
    """
    return _SPACE.sub(" ", text).strip()


def wrapped(lines: Iterable[str]) -> str:
    """The lines of a cell or paragraph as one line: words that a line break cut are whole again, values stay apart.

    >>> wrapped(["デジタル", "窓口"]), wrapped(["35件", "(R4)"]), wrapped(["導入前 3件", "導入後 5件"])
    ('デジタル窓口', '35件 (R4)', '導入前 3件 導入後 5件')
    >>> wrapped(["令和7", "年度"]), wrapped(["令和", "7年度"]), wrapped(["Wi-", "Fi"]), wrapped(["12", "34"])
    ('令和7年度', '令和7年度', 'Wi-Fi', '12 34')
    """
    joined = ""
    for line in lines:
        line = one_line(line)
        if joined and line:
            joined += _between(joined, line)
        joined += line
    return joined


def _between(before: str, after: str) -> str:
    last, first = before[-1], after[0]
    if _DIGIT.match(last):
        return "" if _COUNTER.match(first) else " "
    if _DIGIT.match(first):
        return "" if _ERA.search(before) else " "
    if _HYPHEN.search(before) and first.isascii():
        return ""
    if _KATAKANA.match(last) and _KATAKANA.match(first):
        return ""
    if _PLAIN.match(last) or _PLAIN.match(first) or _ITEM.match(first):
        return " "
    return " " if _VALUE_END.search(before) and not _YEAR_END.search(before) and not _PARTICLE.match(after) else ""


def superscript(before: str, text: str) -> str:
    """A raised text so that it does not run into a number: a power as a character, another digit in its tags.

    >>> superscript("5km", "2"), superscript("35件", "1"), superscript("実績", "※1")
    ('²', '<sup>1</sup>', '※1')
    """
    text = one_line(text)
    if text in ("2", "3") and before.rstrip().endswith(("m", "ｍ", "㎞", "ha")):
        return "²" if text == "2" else "³"
    return f"<sup>{text}</sup>" if re.match(r"[\d*]", text) else text


def table_row(cells: Iterable[str], place: Place = Place(), left: Iterable[int] = (), above: Iterable[int] = ()) -> Printed:
    """A row of a table: its cells, each one line without tabs, with tabs between them."""
    return Printed("\t".join(cells), place, frozenset(left), frozenset(above))

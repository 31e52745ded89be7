"""Numbers of the running text worth keeping: population, card holders, pilots, head-counts.

Headings, contents, glossaries, law and section numbers, dates and the pages that explain a
layout give no statistic. A number counts only with a unit that counts something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from dxlib.document import Document, Line
from dxlib.facts import Statistic
from dxlib.quantity import Quantity, Year, counted_units, dated_units, find_quantities, find_years
from dxlib.readers.cell import at_year, from_quantity
from dxlib.readers.headings import is_contents_entry, is_pillar
from dxlib.text import Text, unwrap

_SENTENCE = re.compile(r"。(?!\))")
_CLAUSE_START = re.compile(r"[、。(「]|,(?!\d)|\)の|(?:時点|現在|末時点)[でのは、]*")
_LEADING = re.compile(r"^(?:には|では|から\d+月\d+日|から|に|で(?!ジ)|の|※)+")
_PARTICLES = " ::はがのを、)」で"
_ASIDE = re.compile(r"《参考\s?[::](?P<text>[^》]*)》|\((?P<bracket>\d[^()]{1,12})\)")
_HEADING = re.compile(r"^(?:[\d(①-⑳■◆○●□第]|[一-十]\s|[ア-ン]\))[^。]{1,40}$")
_NOT_COUNTED = re.compile(r"^\s?(?:目|以外|ごと|毎|間に|に(?:は)?なら|とならな)")
_RANK = re.compile(r"(?:上位|下位|ベスト|トップ)\s?$")
_NEW_TOPIC = re.compile(r"^(?:また|なお|一方|さらに)")
_UNTIL = re.compile(r"^\s?(?:から|~|-)")


def _keeps(quantity: Quantity, dated: bool, printed: str) -> bool:
    if "半" in printed:
        return False
    unit = quantity.unit
    return unit in counted_units() or _is_compound(unit) or (dated and unit in dated_units())


def _is_no_count(text: str, quantity: Quantity) -> bool:
    return bool(_NOT_COUNTED.match(text[quantity.end :]) or _RANK.search(text[: quantity.start]))


def _is_compound(unit: str | None) -> bool:
    return unit is not None and any(unit != known and unit.startswith(known) for known in counted_units())


def _bracket(text: str, position: int) -> int:
    """Where the bracket around ``position`` opens; -1 outside any bracket."""
    opened: list[int] = []
    for at, character in enumerate(text[:position]):
        if character == "(":
            opened.append(at)
        elif character == ")" and opened:
            opened.pop()
    return opened[-1] if opened else -1


def _year_for(quantity: Quantity, years: Iterable[Year], text: str) -> Year | None:
    """The nearest year before the number; a year inside a bracket dates only what stands in it."""
    inside = _bracket(text, quantity.start)
    before = [y for y in years if y.end <= quantity.start and _bracket(text, y.start) in (-1, inside)]
    if not before:
        return None
    year = before[-1]
    return replace(year, as_of=None) if _UNTIL.match(text[year.end :]) else year


def _subject(text: str, quantity: Quantity) -> str:
    """The clause before the number: from the last comma to the number."""
    head = text[: quantity.start]
    for year in reversed(find_years(head)):
        head = f"{head[: year.start]}、{head[year.end :]}"
    clauses = [_LEADING.sub("", clause).strip(_PARTICLES) for clause in _CLAUSE_START.split(head)]
    clause = next((clause for clause in reversed(clauses) if len(clause) > 1), "")
    tail = re.match(r"の[^、。\s]{1,12}", text[quantity.end :])
    return unwrap(clause) or unwrap(tail.group()[1:] if tail else text[quantity.end : quantity.end + 16])


def statistics_of(text: Text, number: int) -> list[Statistic]:
    """The statistics of one line of running text.

    >>> from dxlib.text import repair
    >>> [(s.value.value, s.value.unit, str(s.value.as_of)) for s in
    ...  statistics_of(repair("2021(令和3)年1月31日現在、交付数は18,783枚です。"), 1)]
    [(18783.0, '枚', '2021-01-31')]
    """
    found: list[Statistic] = []
    carried: Year | None = None
    for sentence in text.split(_SENTENCE):
        clean = sentence.clean
        years = [year for year in find_years(clean) if year.relative_year is None]
        if years or _NEW_TOPIC.match(clean):
            carried = years[-1] if years else None
        for quantity in find_quantities(clean):
            printed = clean[quantity.start : quantity.end]
            if not _keeps(quantity, bool(years), printed) or _is_no_count(clean, quantity):
                continue
            value = from_quantity(quantity, "context", number, sentence.quote(quantity.start, quantity.end))
            year = _year_for(quantity, years, clean) if years else carried
            value = at_year(value, year, "sentence")
            value = replace(value, confidence=0.6)
            found.append(Statistic(_subject(clean, quantity), value))
    return found


def asides_of(text: Text, number: int) -> list[Statistic]:
    """Statistics in a remark inside a cell: ``《参考：…対象者数370人》``, ``導入済み (105ライセンス)``."""
    found: list[Statistic] = []
    for match in _ASIDE.finditer(text.clean):
        group = "text" if match["text"] else "bracket"
        inner = text.slice(match.start(group), match.end(group))
        if group == "bracket" and not _is_quantity(inner.clean):
            continue
        for statistic in statistics_of(inner, number):
            subject = statistic.subject if group == "text" else unwrap(text.clean[: match.start()])
            found.append(replace(statistic, subject=subject or unwrap(text.clean)))
    return found


def read(document: Document, skip: frozenset[int]) -> list[Statistic]:
    """The statistics of all lines of running text except ``skip``."""
    found: list[Statistic] = []
    previous = ""
    for line in document.lines():
        if line.number not in skip and (is_prose(line) or _is_quantity(line.clean)):
            for statistic in statistics_of(line.text, line.number):
                found.append(replace(statistic, subject=previous) if _is_quantity(line.clean) else statistic)
        previous = line.clean
    return found


def _is_quantity(text: str) -> bool:
    """True for a line that is nothing but a value: its subject stands on the line above."""
    quantities = find_quantities(text)
    return len(quantities) == 1 and quantities[0].start == 0 and quantities[0].end == len(text)


def is_prose(line: Line) -> bool:
    """True for a line of running text: no heading, no entry of a contents page, no bare column of years."""
    return not (line.heading or is_contents_entry(line.clean) or _HEADING.match(line.clean) or is_pillar(line.clean))

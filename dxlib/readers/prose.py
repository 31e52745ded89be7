"""Numbers of the running text worth keeping: population, card holders, pilots, head-counts.

Headings, contents, glossaries, law and section numbers, dates and the pages that explain a
layout give no statistic. A number counts only with a unit that counts something.
"""

from __future__ import annotations

import re
from bisect import bisect_right
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
_REACH = 160  # how far back a clause is looked for
_PARTICLES = " ::はがのを、)」で"
_ASIDE = re.compile(r"《参考\s?[::](?P<text>[^《》]*)》|\((?P<bracket>\d[^()]{1,12})\)")
_HEADING = re.compile(r"^(?:[\d(①-⑳■◆○●□第]|[一-十]\s|[ア-ン]\))[^。]{1,40}$")
_NOT_COUNTED = re.compile(r"\s?(?:目|以外|ごと|毎|間に|に(?:は)?なら|とならな)")
_RANK = re.compile(r"(?:上位|下位|ベスト|トップ)\s?$")
_NEW_TOPIC = re.compile(r"^(?:また|なお|一方|さらに)")
_UNTIL = re.compile(r"\s?(?:から|~|-)")


def _keeps(quantity: Quantity, dated: bool, printed: str) -> bool:
    if "半" in printed:
        return False
    unit = quantity.unit
    return unit in counted_units() or _is_compound(unit) or (dated and unit in dated_units())


def _is_no_count(text: str, quantity: Quantity) -> bool:
    return bool(_NOT_COUNTED.match(text, quantity.end) or _RANK.search(text[max(0, quantity.start - 8) : quantity.start]))


def _is_compound(unit: str | None) -> bool:
    return unit is not None and any(unit != known and unit.startswith(known) for known in counted_units())


def _brackets(text: str) -> list[int]:
    """For each position, where the bracket around it opens; -1 outside any bracket."""
    opened: list[int] = []
    around: list[int] = []
    for at, character in enumerate(text):
        around.append(opened[-1] if opened else -1)
        if character == "(":
            opened.append(at)
        elif character == ")" and opened:
            opened.pop()
    return around


def _year_for(quantity: Quantity, years: list[Year], brackets: list[int], text: str) -> Year | None:
    """The nearest year before the number; a year inside a bracket dates only what stands in it."""
    inside = brackets[quantity.start]
    for year in reversed(years[: bisect_right(years, quantity.start, key=lambda year: year.end)]):
        if brackets[year.start] in (-1, inside):
            return replace(year, as_of=None) if _UNTIL.match(text, year.end) else year
    return None


def _subject(text: str, quantity: Quantity) -> str:
    """The clause before the number: from the last comma to the number."""
    head = text[max(0, quantity.start - _REACH) : quantity.start]
    for year in reversed(find_years(head)):
        head = f"{head[: year.start]}、{head[year.end :]}"
    clauses = [_LEADING.sub("", clause).strip(_PARTICLES) for clause in _CLAUSE_START.split(head)]
    clause = next((clause for clause in reversed(clauses) if len(clause) > 1), "")
    tail = re.match(r"の[^、。\s]{1,12}", text[quantity.end : quantity.end + 16])
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
        brackets = _brackets(clean)
        years = [year for year in find_years(clean) if year.relative_year is None]
        if years or _NEW_TOPIC.match(clean):
            carried = years[-1] if years else None
        for quantity in find_quantities(clean):
            printed = clean[quantity.start : quantity.end]
            if not _keeps(quantity, bool(years), printed) or _is_no_count(clean, quantity):
                continue
            value = from_quantity(quantity, "context", number, sentence.quote(quantity.start, quantity.end))
            year = _year_for(quantity, years, brackets, clean) if years else carried
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
        bare = line.number not in skip and _is_quantity(line.clean)
        if bare or (line.number not in skip and is_prose(line)):
            own = statistics_of(line.text, line.number)
            found += [replace(statistic, subject=previous) for statistic in own] if bare else own
        previous = line.clean
    return found


def _is_quantity(text: str) -> bool:
    """True for a line that is nothing but a value: its subject stands on the line above."""
    quantities = find_quantities(text)
    return len(quantities) == 1 and quantities[0].start == 0 and quantities[0].end == len(text)


def is_prose(line: Line) -> bool:
    """True for a line of running text: no heading, no entry of a contents page, no bare column of years."""
    return not (line.heading or is_contents_entry(line.clean) or _HEADING.match(line.clean) or is_pillar(line.clean))

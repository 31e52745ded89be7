"""From blocks to facts: each layout family has its reader, and this module runs them all.

No reader knows a municipality. A line is read once: what one reader used, the next leaves alone,
and every line that holds numbers but gave no fact is listed with the reason.
"""

from __future__ import annotations

import re
from dataclasses import replace

from dxlib.document import Document, Line, Table
from dxlib.facts import Measure, Reading, Statistic, UnusedLine, Value
from dxlib.quantity import find_quantities
from dxlib.readers import form, grid, items, prose, regroup, results, rosters, sections, sentences, shared, yearly
from dxlib.readers.headings import chapter_above, chapters, contents_lines, is_contents_entry
from dxlib.readers.heads import head_of
from dxlib.readers.labels import column_year, label_of
from dxlib.text import squeeze


def read(document: Document) -> Reading:
    """Everything the readers find in a document.

    Returns:
        Measures in printed order with their indicators and values, statistics of the running
        text, lists, and the lines with numbers that gave no fact.
    """
    layout = sections.layout_lines(document)
    glossary = _glossary_lines(document)
    examples = grid.example_lines(document)
    blind = frozenset(layout | glossary | examples | contents_lines(document) | shared.definition_lines(document))
    sheets = [*results.read(document), *yearly.read(document), *form.read(document), *sections.read(document)]
    sheets = _without_repeats(sorted(sheets, key=lambda measure: measure.line))
    every = _general(document, blind)
    sheets = [measure for measure in sheets if measure.line not in examples and _says_as_much(measure, every)]
    training = rosters.read_training(document)
    general = _outside(every, _with_tables(document, _used([*sheets, *training])))
    measures = sorted([*sheets, *training, *shared.with_shared_years(document, general)], key=lambda measure: measure.line)
    measures = _without_repeats(measures)
    titles = chapters(document.lines())
    measures = [replace(m, section=chapter_above(titles, m.line)) for m in measures]
    listed_items = tuple(rosters.read_lists(document))
    used = _used(measures) | {item.line for item in listed_items} | _list_headers(document)
    skip = frozenset(used | layout | glossary)
    listed = frozenset(item.line for item in listed_items)
    statistics = [*prose.read(document, skip), *_asides(document, layout | glossary | listed | _list_headers(document))]
    statistics.sort(key=lambda statistic: statistic.value.line)
    used |= {statistic.value.line for statistic in statistics}
    unused = _unused(document, used, layout, glossary)
    return Reading(tuple(measures), tuple(statistics), listed_items, tuple(unused), frozenset(used))


def _general(document: Document, skip: frozenset[int]) -> list[Measure]:
    """What the readers of any layout find outside the lines in ``skip``."""
    tables = regroup.regrouped(document, skip)
    found = grid.read(document, skip, tables)
    apart = {cell.line for table in tables for row in table.rows for cell in row}
    found += sentences.read(document, frozenset(skip | apart | _value_lines(found)))
    return found + items.read(document, frozenset(skip | apart | _value_lines(found)))


def _with_tables(document: Document, used: set[int]) -> frozenset[int]:
    """The lines with those of every table that one of them stands in."""
    tables = [{row.number for row in table.rows} for table in document.tables()]
    return frozenset(used.union(*(lines for lines in tables if lines & used)))


def _outside(measures: list[Measure], used: frozenset[int]) -> list[Measure]:
    """What the measures hold outside the lines that a sheet's own reader used."""
    found: list[Measure] = []
    for measure in measures:
        indicators = (
            replace(indicator, values=tuple(value for value in indicator.values if value.line not in used))
            for indicator in measure.indicators
        )
        left = tuple(indicator for indicator in indicators if indicator.values)
        if left:
            found.append(replace(measure, indicators=left))
    return found


_NO_NAME = re.compile("→|①[^①]*②")
_SAYS = (
    "fiscal_year",
    "calendar_year",
    "relative_year",
    "unit",
    "status",
    "cumulative",
    "relative_to",
    "direction",
    "missing",
    "value_text",
)


def _said(values: list[Value]) -> tuple[int, int, int]:
    """How many numbers are printed, how much is known about them, and how many roles are told apart."""
    numbers = [value for value in values if value.value is not None or value.numerator is not None]
    known = sum(1 for value in values for name in _SAYS if getattr(value, name) is not None)
    return len(numbers), known, len({value.role for value in values})


def _values(measures: list[Measure]) -> list[Value]:
    return [value for measure in measures for indicator in measure.indicators for value in indicator.values]


def _says_as_much(measure: Measure, general: list[Measure]) -> bool:
    """True when the reader of a layout family finds at least as much on a measure's lines as the readers of any layout do."""
    own = _values([measure])
    counted = [i for other in general for i in other.indicators if i.name and any(v.value is not None for v in i.values)]
    named = {squeeze(indicator.name or "") for indicator in counted}
    words = [value.value_text for value in own if value.value_text and value.value is None]
    if any(squeeze(word) in named or ((head := head_of(word)) and head.role) for word in words):
        return False  # what it takes for a value is a name or a heading
    if any(_NO_NAME.search(indicator.name or "") for indicator in measure.indicators):
        return False  # it took an arrow's first value, or several indicators, for a name
    lines = [value.line for value in own] or [measure.line]
    return _said(own) >= _said([value for value in _values(general) if min(lines) <= value.line <= max(lines)])


def _without_repeats(measures: list[Measure]) -> list[Measure]:
    """Two readers may recognise one table: a line that already gave values to a measure gives none to a second."""
    kept: dict[int, Measure] = {}
    for measure in measures:
        lines = [value.line for i in measure.indicators for value in i.values] or [measure.line]
        rival = next((kept[line] for line in lines if line in kept), None)
        if rival is None:
            kept.update(dict.fromkeys(lines, measure))
    unique = {id(measure): measure for measure in kept.values()}
    return sorted(unique.values(), key=lambda measure: measure.line)


def _value_lines(measures: list[Measure]) -> set[int]:
    return {value.line for value in _values(measures)}


def _used(measures: list[Measure]) -> set[int]:
    used: set[int] = set()
    for measure in measures:
        used.add(measure.line)
        used |= {statistic.value.line for statistic in measure.statistics}
        for indicator in measure.indicators:
            used.add(indicator.line)
            used |= {value.line for value in indicator.values}
    return used


def _glossary_lines(document: Document) -> frozenset[int]:
    found: set[int] = set()
    for table in document.tables():
        labels = [label_of(cell.clean) for cell in table.rows[0].filled()]
        if labels.count("glossary") >= 2:
            found |= {row.number for row in table.rows}
    return frozenset(found)


def _list_headers(document: Document) -> frozenset[int]:
    return frozenset(
        row.number
        for table in document.tables()
        if any(rosters.states_its_length(cell) for cell in table.rows[0].filled())
        for row in table.rows
    )


def _asides(document: Document, skip: frozenset[int]) -> list[Statistic]:
    return [
        statistic
        for table in document.tables()
        for row in table.rows
        if row.number not in skip
        for cell in row.filled()
        for statistic in prose.asides_of(cell, row.number)
    ]


def _reason(block: Line | Table, number: int, clean: str, layout: frozenset[int], glossary: frozenset[int]) -> str:
    if number in layout:
        return "explains the layout of the sheets"
    if number in glossary:
        return "glossary"
    if is_contents_entry(clean):
        return "table of contents"
    if isinstance(block, Table):
        rows = [row for row in block.rows if row.number == number]
        if any(column_year(cell.clean) for row in rows for cell in row.cells if cell):
            return "header of years"
        return "table that holds no indicator"
    if not prose.is_prose(block):
        return "heading"
    return "number without a counting unit"


def _unused(document: Document, used: set[int], layout: frozenset[int], glossary: frozenset[int]) -> list[UnusedLine]:
    found: list[UnusedLine] = []
    for block in document.blocks:
        parts = (
            [(block.number, block.clean)]
            if isinstance(block, Line)
            else [(row.number, "\t".join(cell.clean for cell in row.cells)) for row in block.rows]
        )
        for number, clean in parts:
            if number not in used and find_quantities(clean):
                reason = _reason(block, number, clean, layout, glossary)
                found.append(UnusedLine(number, reason, document.raw[number - 1].strip()))
    return found

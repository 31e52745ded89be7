"""Tables that review a finished plan: a row per indicator with its target, result and verdict.

Recognised by a header that names an indicator column and a verdict or an actual column.
Columns are found by their label, never by position.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dxlib.document import Block, Document, Row, Table
from dxlib.facts import Indicator, Measure, Value
from dxlib.quantity import Year, find_years
from dxlib.readers.cell import Statement, at_year, attainment_of, is_calendar, read_cell, verdict_of
from dxlib.readers.headings import pillar_above
from dxlib.readers.heads import head_of
from dxlib.readers.labels import label_of
from dxlib.text import Text, squeeze, title_key, unwrap

_NAMED_VERDICT = re.compile(
    r"(?<![^\s::])(?P<name>[^\s::]++)\s*[::]\s*(?P<verdict>[^\s::]++(?:\s[^\s::]++)*?)(?=\s+[^\s::]++\s*[::]|\s?$)"
)


@dataclass(frozen=True, slots=True)
class _Columns:
    where: dict[str, int]
    actual_year: Year | None

    def cell(self, row: Row, field: str) -> Text | None:
        position = self.where.get(field)
        return row.cells[position] if position is not None and position < len(row.cells) else None


def _columns(row: Row) -> _Columns | None:
    where: dict[str, int] = {}
    year = None
    for position, cell in enumerate(row.cells):
        field = label_of(cell.clean) if cell else None
        if field and field not in where:
            where[field] = position
            if field == "actual":
                years = find_years(cell.clean)
                year = years[0] if years else None
    heads = [head_of(cell.clean) for cell in row.cells if cell]
    dated = sum(1 for head in heads if head and (head.field == "year" or head.role in ("baseline", "actual")))
    if "target" in where or "baseline" in where or dated > 1:
        return None  # another layout: there the indicator column holds names, not targets
    if "indicator" in where and ("verdict" in where or "actual" in where):
        return _Columns(where, year)
    return None


def _verdicts(cell: Text | None, statements: list[Statement]) -> list[str | None]:
    """The printed verdict for each statement of the row; one verdict serves all."""
    if not cell:
        return [None] * len(statements)
    named = {m["name"]: verdict_of(m["verdict"]) for m in _NAMED_VERDICT.finditer(cell.clean)}
    named = {name: verdict for name, verdict in named.items() if verdict}
    found = []
    for statement in statements:
        match = next((v for n, v in named.items() if title_key(statement.name or "").startswith(title_key(n))), None)
        found.append(match or verdict_of(cell.clean))
    return found


def _judged(value: Value, verdict: str | None, attainment: float | None, quote: str | None) -> Value:
    if quote is None or (verdict is None and attainment is None):
        return value
    return replace(value, status=verdict, attainment_printed=attainment, verdict_quote=quote)


def _calendar(value: Value) -> Value:
    return replace(value, calendar_year=value.fiscal_year, fiscal_year=None) if value.fiscal_year else value


def _indicators(row: Row, columns: _Columns) -> tuple[Indicator, ...]:
    printed = columns.cell(row, "indicator")
    targets = read_cell(printed, "target", row.number) if printed else []
    actual_cell = columns.cell(row, "actual")
    actuals = read_cell(actual_cell, "actual", row.number) if actual_cell else []
    judgement = columns.cell(row, "verdict")
    verdicts = _verdicts(judgement, targets)
    attainment = attainment_of(judgement.clean) if judgement else None
    # One text for all: a cell may hold thousands of values, and each of them quotes all of it.
    quote, judged = printed.quote() if printed else "", judgement.quote() if judgement else None
    calendar = printed is not None and is_calendar(printed.clean)
    found = []
    for position, target in enumerate(targets):
        value = target.value
        if value.fiscal_year is None and value.calendar_year is None and columns.actual_year:
            value = at_year(value, replace(columns.actual_year, as_of=None), "header")
            value = replace(value, confidence=0.7)
        values = [_calendar(value) if calendar else value]
        if position < len(actuals):
            actual = at_year(actuals[position].value, columns.actual_year, "header")
            actual = replace(actual, cumulative=actual.cumulative or value.cumulative)
            if calendar:
                actual = replace(_calendar(actual), as_of=None)
            values.append(_judged(actual, verdicts[position], attainment, judged))
        else:
            values[0] = _judged(values[0], verdicts[position], attainment, judged)
        found.append(Indicator(target.name, row.number, quote, tuple(values)))
    return tuple(found)


def _read_table(blocks: Sequence[Block], position: int, table: Table) -> list[Measure]:
    columns: _Columns | None = None
    measures: list[Measure] = []
    title: Text | None = None
    pillar = pillar_above(blocks, position)
    for row in table.rows:
        header = _columns(row)
        if header:
            columns = header
            continue
        if columns is None:
            continue
        indicators = _indicators(row, columns)
        if not indicators:
            continue
        title = columns.cell(row, "title") or title
        number, summary = columns.cell(row, "number"), columns.cell(row, "content")
        heading = title or columns.cell(row, "indicator")
        if heading is None:
            continue
        own_line = bool(columns.cell(row, "title"))
        measures.append(
            Measure(
                title=unwrap(heading.clean),
                line=row.number,
                quote=heading.quote() if own_line else indicators[0].quote,
                scope="review",
                number=squeeze(number.clean) if number else None,
                pillar=pillar,
                summary=summary.clean if summary else None,
                indicators=indicators,
            )
        )
    return measures


def read(document: Document) -> list[Measure]:
    """The measures of every review table, in printed order."""
    blocks = document.blocks
    return [
        measure
        for position, block in enumerate(blocks)
        if isinstance(block, Table)
        for measure in _read_table(blocks, position, block)
    ]

"""Tables with a column per year: 現状値, then a target (or result) for each year of the plan.

The name of the indicator stands in a row of the same table, the measure above it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dxlib.document import Block, Document, Row, Table
from dxlib.facts import Indicator, Measure, Role, Value
from dxlib.quantity import Year
from dxlib.readers.cell import Statement, at_year, read_cell
from dxlib.readers.headings import above
from dxlib.readers.labels import column_year, label_of
from dxlib.text import Text, unwrap

_ROLES: dict[str, Role] = {"baseline": "baseline", "target": "target", "actual": "actual"}


@dataclass(frozen=True, slots=True)
class _Column:
    role: Role | None
    year: Year | None


def _header(row: Row) -> dict[int, _Column] | None:
    """Columns by position when the row is a header of years, else None."""
    columns: dict[int, _Column] = {}
    for position, cell in enumerate(row.cells):
        field = label_of(cell.clean) if cell else None
        year = column_year(cell.clean) if cell else None
        if field in _ROLES and position > 0:
            columns[position] = _Column(_ROLES[field], year)
        elif year:
            columns[position] = _Column(None, year)
    plain_years = sum(1 for column in columns.values() if column.year and column.year.fiscal_year)
    return columns if plain_years >= 2 else None


def _baseline_year(columns: dict[int, _Column], position: int) -> Value | None:
    """The year before the first target year, where 現状値 stands right before unbroken years."""
    years = [columns[p].year.fiscal_year for p in sorted(columns) if p > position and columns[p].year]  # type: ignore[union-attr]
    if not years or years[0] is None or years != list(range(years[0], years[0] + len(years))):
        return None
    return Value("baseline", 0, "", fiscal_year=years[0] - 1, year_basis="before-first-target")


def _row_role(label: str | None) -> Role:
    return _ROLES.get(label or "", "target")


def _values(row: Row, columns: dict[int, _Column]) -> list[Value]:
    row_role = _row_role(label_of(row.cells[0].clean) if row.cells[0] else None)
    found: list[Value] = []
    for position, column in sorted(columns.items()):
        cell = row.cells[position] if position < len(row.cells) else None
        if not cell:
            continue
        role = column.role or row_role
        for statement in read_cell(cell, role, row.number):
            found.append(_dated(statement, column, columns, position))
    return found


def _dated(statement: Statement, column: _Column, columns: dict[int, _Column], position: int) -> Value:
    value = statement.value
    if value.fiscal_year is None and value.calendar_year is None:
        if column.year:
            value = at_year(value, column.year, "header")
        elif value.role == "baseline" and value.missing is None and (guess := _baseline_year(columns, position)):
            value = replace(value, fiscal_year=guess.fiscal_year, year_basis=guess.year_basis, confidence=0.8)
    return value


def _labelled(rows: list[Row], field: str) -> tuple[Row, Text] | None:
    for row in rows:
        if row.cells and label_of(row.cells[0].clean) == field:
            texts = [cell for cell in row.cells[1:] if cell]
            if texts:
                return row, texts[0]
    return None


def _cumulative(name: str) -> bool | None:
    return True if "累計" in name or "累積" in name else None


def _read_table(blocks: tuple[Block, ...], position: int, table: Table) -> Measure | None:
    columns: dict[int, _Column] | None = None
    values: list[Value] = []
    labels = [label_of(row.cells[0].clean) for row in table.rows if row.cells and row.cells[0]]
    if any(labels.count(role) > 1 for role in _ROLES):
        return None  # several indicators, or a roadmap above them
    for row in table.rows:
        header = _header(row)
        if header:
            columns = header
        elif columns and row.cells[0] and label_of(row.cells[0].clean) in _ROLES:
            values += _values(row, columns)
    named = _labelled(list(table.rows), "indicator")
    if not values or not named:
        return None
    row, name = named
    context = above(blocks, position)
    title = context.title.text if context.title else name
    summary = _labelled(list(table.rows), "summary") or _labelled(list(table.rows), "purpose")
    values = [replace(value, cumulative=value.cumulative or _cumulative(name.clean)) for value in values]
    return Measure(
        title=unwrap(title.clean),
        line=context.title.number if context.title else row.number,
        quote=title.quote(),
        pillar=context.pillar,
        theme_group=context.group,
        summary=unwrap(summary[1].clean) if summary else None,
        indicators=(Indicator(unwrap(name.clean), row.number, name.quote(), tuple(values)),),
    )


def read(document: Document) -> list[Measure]:
    """A measure for each table of yearly values, in printed order."""
    found = (
        _read_table(document.blocks, position, block)
        for position, block in enumerate(document.blocks)
        if isinstance(block, Table)
    )
    return [measure for measure in found if measure]

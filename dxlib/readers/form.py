"""Forms: one table per measure, labels in cells beside their values.

A first cell left empty inherits the label above it, so 目標値 under 基準値 still belongs to 評価指標.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from dxlib.document import Document, Row, Table
from dxlib.facts import Attribute, Indicator, Measure, Value
from dxlib.readers.cell import Statement, read_cell
from dxlib.readers.labels import label_of
from dxlib.readers.parts import departments, flags, milestones, without_flags
from dxlib.text import Text, title_key, unwrap

_ROLES = {"baseline": "baseline", "target": "target", "actual": "actual"}
_ATTRIBUTES = {"issue": "issue", "purpose": "purpose", "approach": "approach"}


@dataclass(slots=True)
class _Form:
    texts: dict[str, tuple[Row, Text]] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    indicator_at: tuple[Row, Text] | None = None
    schedule: list[Row] = field(default_factory=list)


def _pairs(row: Row) -> Iterator[tuple[str, Text]]:
    """(label, value) pairs of one row; a value is the next filled cell that is no label."""
    label: str | None = None
    for cell in row.cells:
        if not cell:
            continue
        found = label_of(cell.clean)
        if found:
            label = found
        elif label:
            yield label, cell
            label = None


def _collect(table: Table) -> _Form:
    form = _Form()
    section: str | None = None
    for row in table.rows:
        first = label_of(row.cells[0].clean) if row.cells[0] else None
        section = first or section
        if section == "schedule":
            form.schedule.append(row)
            continue
        for label, cell in _pairs(row):
            if label in _ROLES:
                form.statements += read_cell(cell, _ROLES[label], row.number)  # type: ignore[arg-type]
                form.indicator_at = form.indicator_at or (row, cell)
            elif label not in form.texts:
                form.texts[label] = (row, cell)
    return form


def _group(statements: list[Statement], row: Row, cell: Text) -> tuple[Indicator, ...]:
    """One indicator per name; blanks without a name belong to every indicator of the form."""
    named: dict[str, list[Statement]] = {}
    for statement in statements:
        if statement.name:
            named.setdefault(title_key(statement.name), []).append(statement)
    blanks = [statement.value for statement in statements if not statement.name]
    if not named:
        return (Indicator(None, row.number, cell.quote(), tuple(blanks)),)
    found = []
    for group in named.values():
        own = [statement.value for statement in group]
        roles = {value.role for value in own}
        values = [blank for blank in blanks if blank.role not in roles] + own
        found.append(Indicator(group[0].name, group[0].value.line, group[0].name_quote, tuple(values)))
    return tuple(found)


def _read_table(table: Table) -> Measure | None:
    form = _collect(table)
    if "title" not in form.texts or not form.indicator_at:
        return None
    row, title = form.texts["title"]
    attributes: list[Attribute] = []
    if "departments" in form.texts:
        at, cell = form.texts["departments"]
        attributes += departments(cell, at.number)
    attributes += flags(title, row.number)
    for label, kind in _ATTRIBUTES.items():
        if label in form.texts:
            at, cell = form.texts[label]
            attributes.append(Attribute(kind, unwrap(cell.clean), at.number, cell.quote()))  # type: ignore[arg-type]

    def text(label: str) -> str | None:
        return unwrap(form.texts[label][1].clean) if label in form.texts else None

    return Measure(
        title=without_flags(title.clean),
        line=row.number,
        quote=title.quote(),
        number=text("number"),
        pillar=text("pillar"),
        summary=text("summary"),
        attributes=tuple(attributes),
        milestones=milestones(form.schedule),
        indicators=_group(form.statements, *form.indicator_at),
    )


def baseline_first(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Values in the order baseline, actual, target, each in printed order."""
    order = {"baseline": 0, "actual": 1, "target": 2}
    return tuple(sorted(values, key=lambda value: order.get(value.role, 3)))


def read(document: Document) -> list[Measure]:
    """A measure for each form, in printed order."""
    found = (_read_table(table) for table in document.tables())
    return [
        replace(
            measure,
            indicators=tuple(replace(i, values=baseline_first(i.values)) for i in measure.indicators),
        )
        for measure in found
        if measure
    ]

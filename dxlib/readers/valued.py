"""What single cells of a table hold under their headings, and the role of a column that is only a year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dxlib.facts import Doubt, Role, Value
from dxlib.quantity import Year, find_quantities
from dxlib.readers.cell import at_year, from_quantity, missing_reason
from dxlib.readers.columns import Cell, Columns, is_value
from dxlib.readers.heads import Head, scaled, unit_in
from dxlib.readers.phrases import Phrase, is_sentence, read_phrases, stands_for_value
from dxlib.readers.weights import with_doubts
from dxlib.text import squeeze

_SENTENCE = 30  # a longer cell is a sentence: its numbers are not the value
WORD = 16  # longest word that stands for a value
_CUMULATIVE = re.compile("累計|累積|延べ累計")
PAIRED = re.compile(r"目標.{0,16}実績.{0,60}(?:[/／].{0,4}(?:で|区切)|上段|下段)")


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, or lines that were one: rows of cells and what stands above them."""

    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    doubts: tuple[Doubt, ...] = ()
    name: Cell | None = None  # the line above, for a table that names no indicator itself
    unit: str | None = None  # of the values that print none: (単位:件) above, ※単位:件 below
    since: int | None = None  # the first year that the document's first lines print
    years: Mapping[str, Year] = field(default_factory=dict)  # words of headings that the document gives a year


def unit_cell(cells: Sequence[Cell]) -> str | None:
    """The unit that stands alone in one of the first cells."""
    return next(
        (unit for cell in cells if re.fullmatch(r"[(\[].{1,6}[)\]]|.{1,3}", cell.clean) and (unit := unit_in(cell.clean))), None
    )


def default_role(columns: Columns | None, grid: Grid, head: Head) -> tuple[Role | None, tuple[Doubt, ...]]:
    """The role of a column that is only a year: targets beside a baseline or a target, else what the caption says."""
    if head.year and head.year.relative_year:
        return "target", ("role-inferred",)  # years after launch lie ahead
    roles = {head.role for head in columns.heads if head.role} if columns else set()
    known = [head.year.western for head in columns.heads if head.role == "actual" and head.year] if columns else []
    seen = [year for year in known if year]
    if roles == {"actual"} or (seen and head.year and head.year.western and head.year.western <= max(seen)):
        return "actual", ("role-inferred",)
    if columns and roles <= {"baseline", "target"} and _reports(columns):
        return "actual", ("role-inferred",)
    if roles:
        return "target", ("role-inferred",)
    called = zip(columns.heads, columns.texts, strict=True) if columns else ()
    if any(head.field == "indicator" and "目標" in text for head, text in called):
        return "target", ("role-inferred",)
    if re.search("コスト|事業費|予算|経費|千円", grid.caption):
        return None, ()
    if PAIRED.search(grid.caption):
        return "target", ("role-inferred",)
    said = {role for word, role in (("目標", "target"), ("計画値", "target"), ("実績", "actual")) if word in grid.caption}
    return (said.pop(), ("role-inferred",)) if len(said) == 1 else (None, ())  # type: ignore[return-value]


def _reports(columns: Columns) -> bool:
    """True where years without a role are results: a target beside them is for one of them, or a verdict follows."""
    years = {year for head in columns.heads if head.field == "year" and head.year and (year := head.year.western)}
    targets = {year for head in columns.heads if head.role == "target" and head.year and (year := head.year.western)}
    judged = any(head.field in ("verdict", "attainment") for head in columns.heads)
    return bool(years & targets) or (judged and bool(years and targets) and max(years) <= max(targets))


def values_of(cell: Cell, role: Role, head: Head, unit: str | None, name: Cell, doubts: tuple[Doubt, ...]) -> Iterator[Value]:
    """The values of one cell under one heading."""
    for phrase in _phrases(cell, role):
        value = phrase.value
        counted = value.value is not None or value.numerator is not None
        if not counted and value.missing is None and not stands_for_value(value.value_text):
            continue
        if value.fiscal_year is None and value.calendar_year is None and value.relative_year is None:
            value = at_year(value, head.year, "header")
        if value.unit is None and (counted or value.missing):
            value = scaled(value, unit or head.unit)
        if value.cumulative is None and (head.cumulative or _CUMULATIVE.search(name.clean)):
            value = replace(value, cumulative=True)
        yield with_doubts(value, (*doubts, "unit-missing") if counted and value.unit is None else doubts)


def _phrases(cell: Cell, role: Role) -> list[Phrase]:
    """The values of a cell; of a sentence only the one number it holds."""
    clean = cell.clean
    if is_sentence(clean) and not missing_reason(clean):
        quantities = find_quantities(clean)
        found = read_phrases(cell, role) if len(clean) < 2 * _SENTENCE else []
        if len(quantities) == 1:
            only = quantities[0]
            quote = cell.text.quote(only.start, only.end)
            return [Phrase(None, with_doubts(from_quantity(only, role, cell.line, quote), ("sentence",)))]
        return found if len(found) > 1 and all(phrase.value.value_text is None for phrase in found) else []
    if not is_value(clean) and len(squeeze(clean)) > WORD:
        return []
    return read_phrases(cell, role)

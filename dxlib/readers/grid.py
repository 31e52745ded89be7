"""Tables whose headings say what their columns hold: roles, years, units, verdicts.

Wide tables with a baseline and a target column, yearly columns, target and result in two rows, results with ratings, old and
new value side by side: one reader, because the headings and the first cells of a row say what a value is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from dxlib.document import Block, Document, Table
from dxlib.facts import Doubt, Indicator, Measure, Role, Value
from dxlib.quantity import Year, find_quantities, find_years
from dxlib.readers.cell import at_year, attainment_of, from_quantity, missing_reason, verdict_of
from dxlib.readers.columns import Cell, Columns, aligned, columns_of, dated, filled, is_header, is_value, with_baseline_year
from dxlib.readers.heads import Head, bracketed_unit, head_of, scaled, unit_in
from dxlib.readers.headings import above
from dxlib.readers.phrases import Phrase, is_sentence, read_phrases
from dxlib.readers.regroup import Regrouped
from dxlib.readers.weights import with_doubts
from dxlib.text import Text, squeeze, unwrap

_SENTENCE = 30  # a longer cell is a sentence: its numbers are not the value
_NO_INDICATOR = re.compile(
    r"事業費|予算|決算額|経費(?:\(|$|の合計|内訳)|財源|補助金|交付金|^うち|人件費$|合計(?:\(|$)|^計$|小計$|千円|有効回答|回答者|n="
)
_MONEY = frozenset(["円", "千円", "百万円", "億円", "万円"])
_CUMULATIVE = re.compile("累計|累積|延べ累計")
_CAPTION = 3  # how many lines above a table may say what its values are
_NUMBERED = re.compile(r"^(?:No\.?\s?)?[\d()①-⑳-]{1,6}$")


@dataclass(slots=True)
class Series:
    """An indicator while its rows are read."""

    name: Cell
    title: Cell | None
    values: list[Value] = field(default_factory=list)
    verdicts: list[tuple[str | None, float | None, int | None, Cell]] = field(default_factory=list)
    seen: set[tuple[int, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, or lines that were one: rows of cells and what stands above them."""

    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    doubts: tuple[Doubt, ...] = ()


def _caption_role(caption: str) -> Role | None:
    named = {role for word, role in (("目標", "target"), ("計画値", "target"), ("実績", "actual")) if word in caption}
    return named.pop() if len(named) == 1 else None  # type: ignore[return-value]


def read_grid(grid: Grid, carried: Columns | None = None) -> tuple[list[Series], Columns | None]:
    """The indicators of a table, and its columns for a continuation on the next page."""
    rows = [row for row in grid.rows if any(row)]
    width = max((len(row) for row in rows), default=0)
    columns = carried if carried and carried.values() and len(carried) == width else None
    series: list[Series] = []
    at = 0
    while at < len(rows):
        end = at
        while end < len(rows) and is_header(rows[end]):
            end += 1
        if end > at:
            below = next((n for n in range(end, len(rows)) if is_header(rows[n])), len(rows))
            columns = columns_of(rows[at:end], [row for row in rows[end:below] if len(row) == width] or rows[end:below])
            at = end
            continue
        if columns and columns.values() and any(cell.clean.strip() for cell in rows[at]):
            _read_row(aligned(rows[at], columns), columns, grid, series)
        at += 1
    return series, columns


def _lead(row: Sequence[Cell], columns: Columns) -> list[int]:
    """Positions of the cells that say what the row is about."""
    values = set(columns.values())
    return [
        at
        for at in range(len(row))
        if at not in values
        and row[at]
        and (at >= len(columns) or columns.heads[at].field not in ("budget", "note", "department", "change"))
    ]


def _read_row(row: Sequence[Cell], columns: Columns, grid: Grid, series: list[Series]) -> None:
    lead = _lead(row, columns)
    named = columns.name()
    role: Role | None = None
    year: Year | None = None
    for at in lead:
        head = head_of(row[at].clean) if at != columns.first("unit") else None
        if head and head.role and len(squeeze(row[at].clean)) <= 12 and at != named:
            role, year = head.role, head.year or year
        elif head and head.field == "year" and at <= min(columns.values()):
            year = head.year
        elif (
            head
            and head.role
            and at == named
            and squeeze(row[at].clean).strip("()値") in ("目標", "実績", "現状", "計画", "基準")
        ):
            role, named = head.role, None
    name = row[named] if named is not None and named < len(row) and row[named] else None
    title_at = columns.first("title")
    title = row[title_at] if title_at is not None and title_at < len(row) and row[title_at] and title_at != named else None
    if name and (head := head_of(name.clean)) and head.field in ("year",):
        name = None
    current = series[-1] if series else None
    fresh = name is not None and (current is None or not _same(name, current.name) or (title and not _same(title, current.title)))
    if fresh and name is not None:
        if _NO_INDICATOR.search(name.clean):
            series.append(Series(name, title or (current.title if current else None)))
            return
        current = Series(name, title or (current.title if current else None))
        series.append(current)
    elif current is None:
        anchor = next((cell for cell in row if cell), None)
        if anchor is None:
            return
        current = Series(Cell(anchor.line, Text("", "", (), ())), title)
        series.append(current)
    if _NO_INDICATOR.search(current.name.clean) or any(_NO_INDICATOR.search(row[at].clean) for at in lead if at != named):
        return
    unit = _unit(row, columns, current.name)
    target_year = _target_year(row, columns)
    guessed = with_baseline_year(columns)
    for at, cell in enumerate(row):
        head = columns.heads[at] if at < len(columns) else Head(None)
        if not cell or (id(cell), 0) in current.seen:
            continue
        if head.field in ("verdict", "attainment"):
            current.seen.add((id(cell), 0))
            judge(current, cell, head)
            continue
        if not (head.role or head.field == "year"):
            continue
        current.seen.add((id(cell), 0))
        own = head.role if head.role == "baseline" or role is None else role
        doubts: tuple[Doubt, ...] = grid.doubts
        if own is None:
            own, extra = _default_role(columns, grid, head)
            if own is None:
                continue
            doubts += extra
        basis = head
        if head.year is None and at in guessed:
            basis, doubts = dated(head, guessed[at]), (*doubts, "year-inferred")
        elif head.year is None and year:
            basis = replace(head, year=year)
        elif head.year is None and own == "target" and target_year:
            basis = replace(head, year=target_year)
        for value in _values(cell, own, basis, unit, current.name, doubts):
            current.values.append(value)


def _same(cell: Cell, other: Cell | None) -> bool:
    return other is not None and (cell is other or squeeze(cell.clean) == squeeze(other.clean))


def _unit(row: Sequence[Cell], columns: Columns, name: Cell) -> str | None:
    at = columns.first("unit")
    if at is not None and at < len(row) and row[at]:
        printed = squeeze(row[at].clean).strip("()")
        return unit_in(printed) or (printed if len(printed) <= 8 and not re.search(r"[\d\-―]", printed) else None)
    return bracketed_unit(name.clean) or next((cell_unit for cell in row[:4] if (cell_unit := _only_unit(cell))), None)


def _only_unit(cell: Cell) -> str | None:
    return unit_in(cell.clean) if re.fullmatch(r"[(\[].{1,6}[)\]]|.{1,3}", cell.clean) else None


def _target_year(row: Sequence[Cell], columns: Columns) -> Year | None:
    at = columns.first("target_year")
    if at is None or at >= len(row) or not row[at]:
        return None
    years = find_years(row[at].clean)
    return years[-1] if years else None


def _default_role(columns: Columns, grid: Grid, head: Head) -> tuple[Role | None, tuple[Doubt, ...]]:
    """The role of a column that is only a year: targets beside a baseline or a target, else what the caption says."""
    if head.year and head.year.relative_year:
        return "target", ("role-inferred",)  # years after launch lie ahead
    roles = {head.role for head in columns.heads if head.role}
    if roles == {"actual"}:
        return "actual", ("role-inferred",)
    if roles:
        return "target", ("role-inferred",)
    named = _caption_role(grid.caption)
    return named, ("role-inferred",) if named else ()


def judge(series: Series, cell: Cell, head: Head) -> None:
    verdict = verdict_of(cell.clean) or _leading_verdict(cell.clean)
    attainment = attainment_of(cell.clean)
    if attainment is None and head.field == "attainment":
        quantities = find_quantities(cell.clean)
        attainment = quantities[0].value if len(quantities) == 1 else None
    if verdict or attainment is not None:
        series.verdicts.append((verdict, attainment, head.year.western if head.year else None, cell))


def _leading_verdict(text: str) -> str | None:
    first = re.split(r"[\s(::・]", text.strip(), maxsplit=1)[0]
    return verdict_of(first) if first != text else None


def _values(cell: Cell, role: Role, head: Head, unit: str | None, name: Cell, doubts: tuple[Doubt, ...]) -> Iterator[Value]:
    """The values of one cell under one heading."""
    for phrase in _phrases(cell, role):
        value = phrase.value
        if value.value is None and value.numerator is None and value.missing is None and value.value_text is None:
            continue
        if value.fiscal_year is None and value.calendar_year is None and value.relative_year is None:
            value = at_year(value, head.year, "header")
        counted = value.value is not None or value.numerator is not None
        if value.unit is None and (counted or value.missing):
            value = scaled(value, unit or head.unit)
        if value.cumulative is None and (head.cumulative or _CUMULATIVE.search(name.clean)):
            value = replace(value, cumulative=True)
        own: tuple[Doubt, ...] = (*doubts, "unit-missing") if counted and value.unit is None else doubts
        yield with_doubts(value, own)


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
    if not is_value(clean) and len(squeeze(clean)) > 16:
        return []
    return read_phrases(cell, role)


def _settle(series: Series) -> tuple[Value, ...]:
    """The values with the printed verdicts on those they judge."""
    values = list(series.values)
    for verdict, attainment, year, cell in series.verdicts:
        target = _judged(values, year, verdict is not None)
        if target is None:
            if verdict:
                own = Value("evaluation", cell.line, cell.text.quote(), status=verdict, fiscal_year=year)
                values.append(own)
            continue
        old = values[target]
        quote = cell.text.quote() if cell.line == old.line else old.verdict_quote
        values[target] = replace(
            old,
            status=verdict or old.status,
            attainment_printed=attainment if attainment is not None else old.attainment_printed,
            verdict_quote=quote,
        )
    return tuple(values)


def _judged(values: list[Value], year: int | None, verdict: bool) -> int | None:
    """The value a verdict judges: the result of its year, else the last result, else the last target."""
    for role in ("actual", "target"):
        own = [at for at, value in enumerate(values) if value.role == role and value.missing is None]
        if year:
            own = [at for at in own if year in (values[at].fiscal_year, values[at].calendar_year)] or (
                own if role == "actual" else []
            )
        free = [at for at in own if not (verdict and values[at].status)]
        if free:
            return free[-1]
    return None


def measures_of(
    series: Sequence[Series], title: tuple[str, int, str] | None, pillar: str | None, group: str | None
) -> list[Measure]:
    """The series as measures: those of one title together."""
    found: list[Measure] = []
    for one in series:
        values = _settle(one)
        if not values:
            continue
        name = unwrap(one.name.clean) or None
        if name is None:
            values = tuple(with_doubts(value, ("name-missing",)) for value in values)
        first = values[0]
        line = one.name.line if name else first.line
        indicator = Indicator(name, line, one.name.text.quote() if name else first.quote, values)
        if one.title and one.title.clean:
            key = (unwrap(one.title.clean), one.title.line, one.title.text.quote())
        else:
            key = title or (name or "", line, indicator.quote)
        if found and (found[-1].title, found[-1].line) == key[:2]:
            found[-1] = replace(found[-1], indicators=(*found[-1].indicators, indicator))
        else:
            found.append(Measure(key[0], key[1], key[2], pillar=pillar, theme_group=group, indicators=(indicator,)))
    return found


def caption_of(blocks: Sequence[Block], position: int) -> str:
    """The lines right above a table, the nearest last."""
    found: list[str] = []
    for block in reversed(blocks[:position]):
        if isinstance(block, Table) or len(found) >= _CAPTION:
            break
        found.append(block.clean)
    return " ".join(reversed(found))


def _taken_apart(document: Document, tables: Sequence[Regrouped]) -> Iterator[tuple[int, Grid]]:
    for table in tables:
        yield table.start, Grid(table.rows, caption_of(document.blocks, table.start), ("layout-guessed",))


def read(document: Document, skip: frozenset[int], tables: Sequence[Regrouped] = ()) -> list[Measure]:
    """A measure for each title in the tables whose headings name roles, in printed order.

    ``tables`` are those that text extraction took apart.
    """
    grids = [
        (position, Grid(filled(block), caption_of(document.blocks, position)))
        for position, block in enumerate(document.blocks)
        if isinstance(block, Table) and not any(row.number in skip for row in block.rows)
    ]
    found: list[Measure] = []
    carried: Columns | None = None
    for position, grid in sorted([*grids, *_taken_apart(document, tables)], key=lambda pair: pair[0]):
        series, columns = read_grid(grid, carried)
        carried = columns
        if not any(one.values or one.verdicts for one in series):
            continue
        context = above(document.blocks, position)
        title = (unwrap(context.title.clean), context.title.number, context.title.text.quote()) if context.title else None
        found += measures_of(series, title, context.pillar, context.group)
    return found

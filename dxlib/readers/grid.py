"""Tables whose headings say what their columns hold: roles, years, units, verdicts.

Wide tables with a baseline and a target column, yearly columns, target and result in two rows, results with ratings, old and
new value side by side, a table lying on its side: one reader, because headings and first cells say what a value is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dxlib.document import Block, Document, Line, Table
from dxlib.facts import Doubt, Measure
from dxlib.readers.cell import verdict_of
from dxlib.readers.columns import EMPTY, Cell, Columns, filled, is_header
from dxlib.readers.headings import above, title_above
from dxlib.readers.heads import ROLES, head_of, unit_in
from dxlib.readers.labelled import items_of
from dxlib.readers.regroup import Regrouped
from dxlib.readers.rows import is_label
from dxlib.readers.series import Series, measures_of, named
from dxlib.readers.shared import defined_years, first_year
from dxlib.readers.valued import Grid
from dxlib.readers.walk import Walk
from dxlib.text import repair, squeeze

_CAPTION = 3  # how many lines above a table may say what its values are
_SIDE = frozenset(["indicator", "unit", "verdict", "attainment", "target_year", "value_year", "year", "change", "note", *ROLES])
_UNIT_NOTE = re.compile(r"単位(?:の(?:記載|表示)が?ない(?:もの|場合)は)?\s*[::は]?\s*[「『]?(?P<unit>[^\s()「」『』、。:]{1,6})")
_NO_GOAL = re.compile("(?:参考|内訳)[^。]{0,24}目標値?[はを]?(?:設けて|設定して|定めて)い(?:ない|ません)")
_MEANS = frozenset(
    ["基準", "評価基準", "判定基準", "考え方", "内容", "説明", "評価の基準", "判断基準", "達成度", "達成率", "状況", "意味"]
)
_LEGEND = _MEANS | {"評価", "区分", "判定", "評価区分", "ランク", "記号", "凡例", "進捗", "進捗区分", "達成状況"}
_EXAMPLE = re.compile("記載例|記入例|作成例|イメージ例|[○〇]{2}")


def caption_of(blocks: Sequence[Block], position: int) -> str:
    """The lines right above a table, the nearest last."""
    found: list[str] = []
    for block in reversed(blocks[:position]):
        if isinstance(block, Table) or len(found) >= _CAPTION:
            break
        found.append(block.clean)
    return " ".join(reversed(found))


def example_lines(document: Document) -> frozenset[int]:
    """The lines of tables whose numbers are no goals and no results: examples, and what a result is made of."""
    tables = [(at, block) for at, block in enumerate(document.blocks) if isinstance(block, Table)]
    return frozenset(row.number for at, table in tables if is_example(document.blocks, at) for row in table.rows)


def is_example(blocks: Sequence[Block], position: int) -> bool:
    """True for a table that only shows how the sheets are filled in, or breaks a result down without a goal."""
    beside = [block.clean for block in blocks[max(0, position - 2) : position + 2] if isinstance(block, Line)]
    table = blocks[position]
    if isinstance(table, Table) and _is_legend(table):
        return True
    cells = [cell.clean for row in table.rows for cell in row.cells] if isinstance(table, Table) else []
    return any(_EXAMPLE.search(text) for text in cells) or any(_EXAMPLE.search(text) or _NO_GOAL.search(text) for text in beside)


def _is_legend(table: Table) -> bool:
    """True for a table that says what the verdicts mean: 評価 | 基準, A | 達成率100%以上."""
    first, *rest = [[squeeze(cell.clean) for cell in row.cells] for row in table.rows]
    words = {word for word in first if word}
    if len(words) < 2 or not words <= _LEGEND or not words & _MEANS:
        return False
    return bool(rest) and all(verdict_of(row[0]) or not row[0] for row in rest)


def on_its_side(rows: Sequence[Sequence[Cell]]) -> list[list[list[Cell]]]:
    """The parts of a table whose first column holds the headings, turned round; each further column is an indicator."""
    found: list[list[list[Cell]]] = []
    run: list[Sequence[Cell]] = []
    for at, row in enumerate(rows):
        head = head_of(row[0].clean) if row and row[0] else None
        if head is None or head.field not in _SIDE or any(is_label(cell) for cell in row[1:]):
            found += _turned(run)
            run = []
            continue
        if head.field == "indicator" and run:
            found += _turned(run)
            run = []
        if not run and head.field != "indicator" and at and not rows[at - 1][0]:
            run.append([Cell(rows[at - 1][0].line, repair("指標")), *rows[at - 1][1:]])  # names without a heading
        run.append(row)
    return found + _turned(run)


def _turned(run: Sequence[Sequence[Cell]]) -> list[list[list[Cell]]]:
    """Rows turned into columns, where their first cells are headings."""
    if len(run) < 2 or not is_header([line[0] for line in run]):
        return []
    width = max(len(line) for line in run)
    columns = [[line[at] if at < len(line) else Cell(line[0].line, EMPTY) for line in run] for at in range(width)]
    return [[columns[0], *_distinct(columns[1:])]]


def _dates_columns(row: Sequence[Cell]) -> bool:
    """True for a row of years that is no header: 目標年度 | 令和10年度 | 令和8年度."""
    head = head_of(row[0].clean) if row and row[0] else None
    return bool(head and head.field == "target_year")


def _distinct(columns: list[list[Cell]]) -> list[list[Cell]]:
    """The columns without those that a merged cell repeats, or that hold nothing."""
    found: list[list[Cell]] = []
    for column in columns:
        if any(column) and not any(all(a is b for a, b in zip(column, other, strict=True)) for other in found):
            found.append(column)
    return found


def _is_roadmap(series: Series) -> bool:
    """True for phases by year (検討, 導入, 運用) that nothing calls a target."""
    words = all(value.value is None and value.numerator is None for value in series.values)
    inferred = all("role-inferred" in value.doubts and value.relative_year is None for value in series.values)
    return bool(series.values) and words and inferred


def _name_above(blocks: Sequence[Block], position: int) -> Cell | None:
    """The line above a table as the name of its only indicator, without the label before it."""
    line = title_above(blocks, position)
    if line is None:
        return None
    items = items_of(Cell(line.number, line.text))
    labelled = [item.content for item in items if item.head and item.head.field == "indicator" and item.content]
    return labelled[-1] if labelled else Cell(line.number, line.text)


def _unit_beside(blocks: Sequence[Block], position: int) -> str | None:
    """The unit that a note above or below a table gives to its values."""
    for block in (*blocks[max(0, position - 1) : position], *blocks[position + 1 : position + 3]):
        match = _UNIT_NOTE.search(block.clean) if isinstance(block, Line) else None
        if match and (unit := unit_in(match["unit"])):
            return unit
    return None


def _grids(document: Document, skip: frozenset[int], tables: Sequence[Regrouped]) -> Iterator[tuple[int, Grid]]:
    years, since = defined_years(document), first_year(document)
    blocks = document.blocks

    def grid(rows: Sequence[Sequence[Cell]], position: int, doubts: tuple[Doubt, ...] = ()) -> Grid:
        unit = _unit_beside(blocks, position)
        return Grid(rows, caption_of(blocks, position), doubts, _name_above(blocks, position), unit, since, years)

    for position, block in enumerate(blocks):
        if isinstance(block, Table) and not any(row.number in skip for row in block.rows):
            rows = filled(block)
            turned = [] if any(is_header(row) and not _dates_columns(row) for row in rows) else on_its_side(rows)
            yield from ((position, grid(part, position)) for part in turned or [rows])
    for table in tables:
        yield table.start, grid(table.rows, table.start, ("layout-guessed",))


def read(document: Document, skip: frozenset[int], tables: Sequence[Regrouped] = ()) -> list[Measure]:
    """A measure for each title in the tables whose headings name roles, in printed order.

    ``tables`` are those that text extraction took apart.
    """
    found: list[Measure] = []
    carried: Columns | None = None
    for position, grid in sorted(_grids(document, skip, tables), key=lambda pair: pair[0]):
        walk = Walk(grid, carried)
        walk.run()
        carried = walk.columns
        series = [one for one in walk.series if one.values or (one.verdicts and re.search(r"[^\d\s]", one.name.clean))]
        if all(_is_roadmap(one) for one in series):
            continue
        if any(one.name is not grid.name and one.name.clean for one in series):  # what stands above the names is a roadmap
            series = [one for one in series if one.name.clean]
        if not series:
            continue
        context = above(document.blocks, position)
        title = Cell(context.title.number, context.title.text) if isinstance(context.title, Line) else None
        found += measures_of([named(one, grid.name) for one in series], title, context.pillar, context.group)
    return found

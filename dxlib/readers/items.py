"""Values that stand behind a label: cards, forms, blocks of text and bullets (現状値：35件, 【目標】50%, めざそう値（R10） 25%).

A label may stand before its value, alone on the line above it, or in the cell beside it. What stands between two labels
belongs to the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from dxlib.document import Block, Document, Line, Table
from dxlib.facts import Measure
from dxlib.readers.card import Card
from dxlib.readers.cell import verdict_of
from dxlib.readers.columns import EMPTY, Cell, filled, is_value
from dxlib.readers.headings import above, is_contents_entry
from dxlib.readers.heads import head_of
from dxlib.readers.labelled import FIELDS, Item, items_of
from dxlib.readers.phrases import arrows, without_label
from dxlib.readers.series import measures_of

_EXAMPLE = re.compile(r"[(【]?(?:記載|記入)?例[)】::]")
_KPI = re.compile("KPI|KGI|指標|数値目標")
_CONTENTS = re.compile(r"(?<![・.…])[・.…]{2,}\s*\d{1,3}$")


def _alone(cell: Cell) -> Item | None:
    """The label that a cell is, when it is nothing else."""
    head = head_of(cell.clean)
    if head and head.field in FIELDS and not is_value(cell.clean) and not verdict_of(cell.clean):
        return Item(head, cell, Cell(cell.line, EMPTY))
    items = items_of(cell)
    return items[0] if len(items) == 1 and items[0].head and not items[0].content else None


def _content(label: Item, cell: Cell) -> Iterator[Item]:
    """The content of a label; a name with labels of its own behind it (KPI | 申請率 現状:5% 目標:50%) is taken apart."""
    items = items_of(cell)
    if label.head and label.head.field == "indicator" and len(items) > 1 and items[0].head is None:
        yield Item(label.head, label.label, items[0].content)
        yield from items[1:]
    else:
        yield Item(label.head, label.label, cell)


def _of_row(row: list[Cell]) -> Iterator[Item]:
    """The cells of a row as labels and contents: a label's content is the next filled cell."""
    waiting: Item | None = None
    for cell in row:
        label = _alone(cell)
        if label:
            if waiting:
                yield waiting
            waiting = label
        elif waiting:
            yield from _content(waiting, cell)
            waiting = None
        else:
            yield from items_of(cell)
    if waiting:
        yield waiting


def _of_table(table: Table, skip: frozenset[int]) -> Iterator[Item]:
    seen: set[tuple[int, int, str]] = set()
    for row in filled(table):
        cells: list[Cell] = []
        for cell in row:
            if cell and cell.place not in seen and cell.line not in skip:
                seen.add(cell.place)
                cells.append(cell)
        if not _CONTENTS.search(" ".join(cell.clean for cell in cells)):
            yield from _of_row(cells)


def _of_line(line: Line) -> list[Item]:
    cell = Cell(line.number, line.text)
    if _EXAMPLE.match(line.clean):
        return []
    if any(arrows(cell, None)):
        return [Item(None, None, Cell(line.number, without_label(line.text)))]  # 現状 12% → 目標 30%: the arrow tells the roles
    return [] if is_contents_entry(line.clean) else items_of(cell)


def _of_block(block: Block, skip: frozenset[int]) -> list[Item]:
    if isinstance(block, Table):
        return list(_of_table(block, skip))
    return [] if block.number in skip else _of_line(block)


def _divides(block: Block, skip: frozenset[int]) -> bool:
    """True where another card begins: a heading, or a table that was read already."""
    if isinstance(block, Table):
        return any(row.number in skip for row in block.rows)
    return bool(block.heading)


def read(document: Document, skip: frozenset[int]) -> list[Measure]:
    """A measure for each heading with labelled values below it, in printed order; lines in ``skip`` are left alone."""
    blocks = document.blocks
    starts = [0, *(at for at, block in enumerate(blocks) if _divides(block, skip)), len(blocks)]
    found: list[Measure] = []
    for start, end in pairwise(starts):
        found += _card(document, start, end, skip)
    return found


def _card(document: Document, start: int, end: int, skip: frozenset[int]) -> list[Measure]:
    """What the blocks from ``start`` up to ``end`` hold; the first may be their heading."""
    card = Card()
    place = start
    for position in range(start, end):
        block = document.blocks[position]
        if isinstance(block, Table) and _divides(block, skip):
            continue
        items = _of_block(block, skip)
        if isinstance(block, Line) and block.heading and not any(item.head and item.head.role and item.content for item in items):
            card.name = Cell(block.number, block.text)
            card.kpi = bool(_KPI.search(block.clean))
            continue
        place = position if not card.series else place
        for item in items:
            if item.head or len(items) == 1 or not card.goal(item.content):
                card.take(item)
    context = above(document.blocks, max(place, start + 1))
    title = Cell(context.title.number, context.title.text) if context.title else None
    series = [one for one in card.series if one.values or one.verdicts]
    return measures_of(series, title, context.pillar, context.group) if series else []

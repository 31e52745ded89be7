"""What single rows and cells of a table are: a role, a label, several indicators or years in one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dxlib.quantity import find_quantities, find_years
from dxlib.readers.cell import verdict_of
from dxlib.readers.columns import EMPTY, Cell, Columns, is_value
from dxlib.readers.heads import ROLES, head_of

_CIRCLED = re.compile(r"[①-⑳]")


def is_label(cell: Cell) -> bool:
    """True for a cell that is a label for the cell beside it."""
    head = head_of(cell.clean) if cell else None
    labels = (*ROLES, "value_year", "target_year", "unit", "verdict")
    return bool(head and head.field in labels and not is_value(cell.clean) and not verdict_of(cell.clean))


def divided(row: Sequence[Cell], columns: Columns) -> list[list[Cell]]:
    """A row of several indicators numbered ①② in each cell, as one row for each; else the row itself."""
    name_at = columns.name()
    if name_at is None or name_at >= len(row):
        return [list(row)]
    marks = _CIRCLED.findall(row[name_at].clean)
    if len(marks) < 2 or len(set(marks)) != len(marks):
        return [list(row)]
    parts: list[list[Cell]] = [[] for _ in marks]
    for cell in row:
        own = _CIRCLED.findall(cell.clean)
        pieces = cell.text.split(_CIRCLED) if own == marks else []
        for n, part in enumerate(parts):
            part.append(Cell(cell.line, pieces[n]) if len(pieces) == len(marks) else cell)
    return parts


def stacked(row: Sequence[Cell], columns: Columns) -> list[list[Cell]]:
    """A row whose cells hold a value for each of several years (R5 R6 | 100件 120件), as one row for each year."""
    at = columns.first("value_year")
    years = find_years(row[at].clean) if at is not None and at < len(row) and row[at] else []
    if at is None or len(years) < 2:
        return []
    found: list[list[Cell]] = []
    for n, year in enumerate(years):
        one = list(row)
        one[at] = Cell(row[at].line, row[at].text.slice(year.start, year.end))
        for place in columns.values():
            if place < len(row) and row[place]:
                quantities = find_quantities(row[place].clean)
                piece = row[place].text.slice(quantities[n].start, quantities[n].end) if n < len(quantities) else EMPTY
                one[place] = Cell(row[place].line, piece)
        found.append(one)
    return found

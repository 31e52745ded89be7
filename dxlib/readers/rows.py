"""What single rows and cells of a table are: a role, a label, several indicators or years in one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dxlib.quantity import find_quantities, find_years
from dxlib.readers.cell import verdict_of
from dxlib.readers.columns import EMPTY, Cell, Columns, is_value
from dxlib.readers.heads import ROLES, head_of

_CIRCLED = re.compile(r"[①-⑳]")
_BARE_ROLE = re.compile(
    "(?:数値|成果|当初|中間|最終|前期|後期|新|旧|改定[前後]|見直し[前後]|年度|各年度|累計|単年度?|年間|達成|上半期|下半期|計画)?"
    "(?:目標|実績|現状|現況|計画|基準|見込み?|結果|策定時|ベース)(?:累計)?"
)


def is_bare_role(text: str) -> bool:
    """True for a cell that is a role and no name: 目標, 実績(R5), 最終目標値 but not 目標設定件数 or 削減経費 目標."""
    bare = re.sub(r"\([^()]*\)|[\s()値額数の①-⑳]|(?:令和|平成|R|H)\d+年?度?末?|20\d\d年?度?末?|^年度", "", text)
    return bool(_BARE_ROLE.fullmatch(bare))


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

"""What single rows and cells of a table are: a role, a label, several indicators or years in one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from dxlib.quantity import find_quantities, find_years
from dxlib.readers.cell import verdict_of
from dxlib.readers.columns import EMPTY, Cell, Columns, is_value
from dxlib.readers.heads import ROLES, head_of

_SLASH = re.compile(r"\s?/\s?")
_PAIR = re.compile(r"(?P<a>[\d,]+(?:\.\d+)?)\s?/\s?(?P<b>[\d,]+(?:\.\d+)?)")
_BREAK = re.compile(r"<br\s?/?>", re.IGNORECASE)
_CIRCLED = re.compile(r"[①-⑳]")


def is_label(cell: Cell) -> bool:
    """True for a cell that is a label for the cell beside it."""
    head = head_of(cell.clean) if cell else None
    labels = (*ROLES, "value_year", "target_year", "unit", "verdict")
    return bool(head and head.field in labels and not is_value(cell.clean) and not verdict_of(cell.clean))


def numbered(cell: Cell) -> dict[str, Cell]:
    """The parts of a cell by the number before each: ① 34手続 ② 9.6%; empty where a number comes twice."""
    marks = list(_CIRCLED.finditer(cell.clean))
    if len({mark.group() for mark in marks}) < len(marks):
        return {}
    ends = [*(mark.start() for mark in marks), len(cell.text)][1:]
    return {mark.group(): Cell(cell.line, cell.text.slice(mark.end(), end)) for mark, end in zip(marks, ends, strict=True)}


def divided(row: Sequence[Cell], columns: Columns) -> list[list[Cell]]:
    """A row of several indicators numbered ①② in each cell, as one row for each; else the row itself."""
    at = columns.name()
    names = numbered(row[at]) if at is not None and at < len(row) else {}
    if len(names) < 2:
        return _lined(row, columns, at) or _two_names(row, columns, at) or [list(row)]
    blank = Cell(row[0].line, EMPTY)
    parts = [pieces if (pieces := numbered(cell)) and set(pieces) <= set(names) else None for cell in row]
    return [[cell if own is None else own.get(mark, blank) for cell, own in zip(row, parts, strict=True)] for mark in names]


def _lines(cell: Cell) -> list[Cell]:
    """The lines of a cell that the source breaks with ``<br>``."""
    text = cell.text
    cuts = [at for at in range(len(text)) if _BREAK.match(text.raw, text.starts[at], text.ends[at])] if "<" in text.raw else []
    return [Cell(cell.line, text.slice(a, b)) for a, b in pairwise([0, *cuts, len(text)])]


def _lined(row: Sequence[Cell], columns: Columns, at: int | None) -> list[list[Cell]]:
    """A row of several indicators on lines of their own in every cell, as one row for each."""
    names = _lines(row[at]) if at is not None and at < len(row) else []
    held = {place: _lines(row[place]) for place in columns.values() if place < len(row) and row[place]}
    if len(names) < 2 or not held or any(len(lines) != len(names) for lines in held.values()):
        return []
    if not all(is_value(line.clean) for lines in held.values() for line in lines):
        return []
    parts = [_lines(cell) for cell in row]
    return [
        [lines[n] if len(lines) == len(names) else cell for cell, lines in zip(row, parts, strict=True)]
        for n in range(len(names))
    ]


def _two_names(row: Sequence[Cell], columns: Columns, at: int | None) -> list[list[Cell]]:
    """A row of two indicators with a value of each in every cell (A／B | 3／0 | 10／5), as one row for each.

    A fraction is never larger than 1: one that is shows that the two numbers are two values.
    """
    slash = _SLASH.findall(row[at].clean) if at is not None and at < len(row) else []
    cells = [place for place in columns.values() if place < len(row) and row[place]]
    pairs = [_PAIR.fullmatch(row[place].clean) for place in cells]
    if at is None or len(slash) != 1 or not pairs or not all(pairs):
        return []
    if not any(float(pair["a"].replace(",", "")) > float(pair["b"].replace(",", "")) for pair in pairs if pair):
        return []
    halves = {place: row[place].text.split(_SLASH) for place in (at, *cells)}
    if any(len(parts) != 2 for parts in halves.values()):
        return []
    return [[Cell(cell.line, halves[place][n]) if place in halves else cell for place, cell in enumerate(row)] for n in (0, 1)]


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

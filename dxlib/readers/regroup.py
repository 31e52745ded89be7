"""Tables that text extraction took apart: a row on one line with spaces between its cells, or each cell on a line of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dxlib.document import Block, Document, Line
from dxlib.quantity import find_quantities, find_years
from dxlib.readers.aligned import read_aligned
from dxlib.readers.columns import EMPTY, Cell, Columns, columns_of, is_header, is_value
from dxlib.readers.headings import is_contents_entry
from dxlib.readers.heads import head_of, unit_in
from dxlib.text import Text, repair

_WIDE = re.compile(r"\s{2,}")
_SPACE = re.compile(r"\s+")
_PATIENCE = 2  # lines without values inside a flattened table: wrapped names, notes
_LONGEST = 60
_TALLEST = 14  # most headings of a table taken apart
_GAPS = re.compile(r"\S(?: {2,}|[ \u3000]*\u3000[ \u3000]*)\S")


@dataclass(frozen=True, slots=True)
class Regrouped:
    """A table put together again: its rows, and the blocks it took (from ``start`` up to ``end``)."""

    rows: list[list[Cell]]
    start: int
    end: int


def _joined_spans(text: str) -> list[tuple[int, int]]:
    spans = [(year.start, year.end) for year in find_years(text)]
    spans += [(quantity.start, quantity.end) for quantity in find_quantities(text)]
    return spans + [match.span() for match in re.finditer(r"\([^()]*\)", text)]


def tokens(text: Text) -> list[Text]:
    """The pieces of a line between wide gaps; between single spaces where it has none. Years and values stay whole.

    >>> from dxlib.text import repair
    >>> [token.clean for token in tokens(repair("講座の 受講者 令和 6 年度 24 人 1,000 人"))]
    ['講座の', '受講者', '令和 6 年度', '24 人', '1,000 人']
    """
    if " " not in text.clean:
        return [text] if text else []
    pattern = _WIDE if _WIDE.search(text.clean.strip()) else _SPACE
    whole = _joined_spans(text.clean) if pattern is _SPACE else []
    cuts = [m.span() for m in pattern.finditer(text.clean) if not any(a < m.end() and m.start() < b for a, b in whole)]
    edges = [0, *(edge for cut in cuts for edge in cut), len(text)]
    parts = [text.slice(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [part for part in parts if part]


def _cells(line: Line) -> list[Cell]:
    return [Cell(line.number, token) for token in tokens(line.text)]


def _flat_row(cells: Sequence[Cell], columns: Columns, prefix: list[Cell]) -> list[Cell] | None:
    """The tokens of a line under the columns of a flattened header, or None when its values do not fit."""
    values = columns.values()
    count = values[-1] - values[0] + 1
    if count != len(values) and any(
        columns.heads[at].field not in ("verdict", "attainment", "change")
        for at in range(values[0], values[-1])
        if at not in values
    ):
        return None
    likes = [is_value(cell.clean) or (at > 0 and _is_word(cell.clean)) for at, cell in enumerate(cells)]
    after = len(columns) - values[-1] - 1
    usual = len(cells) - count - after
    for start in sorted(range(len(cells) - count + 1), key=lambda at: (abs(at - usual), -at)):
        run = likes[start : start + count]
        strong = sum(1 for cell in cells[start : start + count] if is_value(cell.clean))
        if (
            not all(run)
            or not strong
            or not _alike(cells[start : start + count])
            or len(cells) - start - count > max(after, 0) + 1
        ):
            continue
        lead = [*prefix, *cells[:start]]
        row = [Cell(cells[0].line, EMPTY)] * len(columns)
        row[values[0] : values[-1] + 1] = cells[start : start + count]
        unit = columns.first("unit")
        if unit is not None and lead and (unit_in(lead[-1].clean) or len(lead[-1].clean) <= 4):
            row[unit] = lead.pop()
        name = columns.name()
        name = 0 if name is None and 0 not in values else name
        if name is not None and lead:
            row[name] = max(lead, key=lambda cell: len(cell.clean)) if len(lead) > 1 else lead[0]
        for at, cell in enumerate(cells[start + count :]):
            if values[-1] + 1 + at < len(columns):
                row[values[-1] + 1 + at] = cell
        return row
    return None


def _alike(cells: Sequence[Cell]) -> bool:
    """Numbers and blanks, or words: a number beside a word that stands for no value is no row of values."""
    return not any(find_quantities(cell.clean) for cell in cells) or all(is_value(cell.clean) for cell in cells)


def _is_word(text: str) -> bool:
    return len(text) <= 8 and not re.search(r"\d", text) and ((head := head_of(text)) is None or head.field is None)


def _is_amount(text: str) -> bool:
    return len(text) < 8 and bool(find_quantities(text))


def _flattened(blocks: Sequence[Block], position: int) -> Regrouped | None:
    block = blocks[position]
    if not isinstance(block, Line) or len(block.clean) > 2 * _LONGEST or block.clean.endswith("。"):
        return None
    header = _cells(block)
    if len(header) < 3 or not is_header(header):
        return None
    if (first := head_of(header[0].clean)) and (first.role or first.field == "year"):
        header = [Cell(block.number, EMPTY), *header]  # the heading of the names is left out
    columns = columns_of([header], [])
    rows, end = _rows_below(blocks, position, columns) if columns.values() else ([], position)
    return Regrouped([header, *rows], position, end) if rows else None


def _rows_below(blocks: Sequence[Block], position: int, columns: Columns) -> tuple[list[list[Cell]], int]:
    """The rows that follow a flattened header, and the block behind the last of them."""
    rows: list[list[Cell]] = []
    prefix: list[Cell] = []
    misses = 0
    end = position + 1
    for at in range(position + 1, len(blocks)):
        line = blocks[at]
        if not isinstance(line, Line) or line.heading or misses > _PATIENCE:
            break
        cells = _cells(line)
        if is_header(cells):
            break
        row = _flat_row(cells, columns, prefix)
        if row:
            rows.append(row)
            prefix, misses, end = [], 0, at + 1
        elif line.clean.endswith("。") or is_contents_entry(line.clean):
            break
        else:
            misses += 1
            prefix = [] if re.fullmatch(r"[-\s\d/]+", line.clean) else cells
    return rows, end


def _run(blocks: Sequence[Block], position: int, longest: int) -> list[Line]:
    """Short lines that follow one another without a gap, from ``position``."""
    run: list[Line] = []
    for block in blocks[position : position + longest]:
        apart = isinstance(block, Line) and bool(run) and block.number != run[-1].number + 1
        if not isinstance(block, Line) or block.heading or len(block.clean) > _LONGEST or apart:
            break
        run.append(block)
    return run


def _stacked_header(run: Sequence[Line]) -> tuple[list[Cell], int]:
    """The headings that begin a run, one on each line, and how many lines they take; none where they are no header."""
    header: list[Cell] = []
    height = 0
    for line in run:
        head = head_of(line.clean)
        if head is None or not head.field or is_value(line.clean):
            break
        height += 1
        if line.clean.startswith("(") and header:  # 現状 / (令和6年度)
            header[-1] = Cell(header[-1].line, repair(header[-1].clean + line.clean))
        else:
            header.append(Cell(line.number, line.text))
    return (header, height) if len(header) >= 3 and is_header(header) else ([], 0)


def _vertical(blocks: Sequence[Block], position: int) -> Regrouped | None:
    header, height = _stacked_header(_run(blocks, position, _TALLEST))
    columns = columns_of([header], []) if header else None
    values = columns.values() if columns else []
    if columns is None or not values or min(values) == 0:
        return None
    run = _run(blocks, position, len(blocks))
    if len(run) == height:
        return _spread_out(blocks, position + height, header, columns)
    rows = [header]
    at = height
    while at + max(values) < len(run):
        cells = [Cell(line.number, line.text) for line in run[at : at + len(header)]]
        if not all(is_value(cells[p].clean) or _is_word(cells[p].clean) for p in values) or _is_amount(cells[0].clean):
            break
        rows.append(cells)
        at += len(header)
    return Regrouped(rows, position, position + min(at, len(run))) if len(rows) >= 2 else None


def _spread_out(blocks: Sequence[Block], start: int, header: list[Cell], columns: Columns) -> Regrouped | None:
    """A vertical table with a blank line after each row; a name may take several lines."""
    rows = [header]
    group: list[Line] = []
    end = start
    for at in range(start, len(blocks) + 1):
        block = blocks[at] if at < len(blocks) else None
        if isinstance(block, Line) and not block.heading and (not group or block.number == group[-1].number + 1):
            group.append(block)
            continue
        extra = len(group) - len(header)
        if extra < 0 or extra > 2:
            break
        name = Cell(group[0].number, group[0].text, "".join(line.clean for line in group[1 : extra + 1]))
        row = [name, *(Cell(line.number, line.text) for line in group[extra + 1 :])]
        if not all(is_value(row[p].clean) or _is_word(row[p].clean) for p in columns.values()):
            break
        rows.append(row)
        end = at
        if not isinstance(block, Line) or block.heading:
            break
        group = [block]
    return Regrouped(rows, start - len(header), end) if len(rows) >= 2 else None


def _aligned(blocks: Sequence[Block], position: int) -> Regrouped | None:
    block = blocks[position]
    if not isinstance(block, Line) or not _GAPS.search(block.text.raw.strip()):
        return None
    found = read_aligned(blocks, position)
    return Regrouped(found[0], position, found[1]) if found else None


def regrouped(document: Document, skip: frozenset[int]) -> list[Regrouped]:
    """Every table that was taken apart, in printed order; lines in ``skip`` are left alone."""
    found: list[Regrouped] = []
    position = 0
    while position < len(document.blocks):
        block = document.blocks[position]
        table = None
        if isinstance(block, Line) and block.number not in skip:
            table = (
                _aligned(document.blocks, position)
                or _flattened(document.blocks, position)
                or _vertical(document.blocks, position)
            )
        if table and any(cell.line in skip for row in table.rows for cell in row if cell):
            table = None
        if table:
            found.append(table)
        position = table.end if table else position + 1
    return found

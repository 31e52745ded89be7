"""Tables of a text that keeps the look of the page: cells stand below their heading, gaps of white space between them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from dxlib.document import Block, Line
from dxlib.quantity import find_quantities
from dxlib.readers.columns import EMPTY, Cell, Columns, columns_of, is_header, is_value
from dxlib.readers.headings import is_contents_entry
from dxlib.readers.heads import head_of
from dxlib.text import Text, repair

_GAP = 2  # columns of the page between two cells
_HEADER_LINES = 4
_INDENT = 3
_LOOK_AHEAD = 12
_APART = 3  # most line numbers between two rows: blank lines, a rule
_SPEAKS = re.compile(r"[\w%]|^[-―—－–ー─]+$|[◎○△×〇]")  # no arrow or rule
_PAGE = re.compile(r"^[-\s\d/－―ー—\f]*$")


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of a line and the columns of the page it covers; a full-width character is two columns wide."""

    cell: Cell
    left: int
    right: int

    def overlap(self, left: int, right: int) -> int:
        return min(self.right, right) - max(self.left, left)


@cache
def _width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1


def _tokens(line: Line) -> list[_Token]:
    text = line.text
    edges = [0]
    for character in text.raw:
        edges.append(edges[-1] + _width(character))
    found: list[_Token] = []
    start: int | None = None
    last = 0
    for at, character in enumerate(text.clean + " "):
        if at < len(text.clean) and not character.isspace():
            left, right = edges[text.starts[at]], edges[text.ends[at]]
            beside = text.clean[at - 2 : at + 1] == ") ("  # (R4) (R8): two headings
            if start is not None and (left - last >= _GAP or beside):
                found.append(_token(text, line.number, start, at, edges))
                start = None
            start = at if start is None else start
            last = right
    if start is not None:
        found.append(_token(text, line.number, start, len(text.clean), edges))
    return _closed([token for token in found if _SPEAKS.search(token.cell.clean)], text)


def _token(text: Text, number: int, start: int, end: int, edges: Sequence[int]) -> _Token:
    part = text.slice(start, end)
    return _Token(Cell(number, part), edges[part.starts[0]], edges[part.ends[-1]])


def _closed(tokens: list[_Token], text: Text) -> list[_Token]:
    """Characters of a word that is spaced out (指  標) as one token."""
    found: list[_Token] = []
    for token in tokens:
        alone = len(token.cell.clean) == 1 and token.cell.clean > "\u3000"
        if found and alone and len(found[-1].cell.clean.replace(" ", "")) == 1 and found[-1].cell.clean > "\u3000":
            before = found.pop()
            word = repair(before.cell.clean + token.cell.clean)
            found.append(_Token(Cell(before.cell.line, word), before.left, token.right))
        else:
            found.append(token)
    return found


def _bands(lines: Sequence[Sequence[_Token]]) -> list[tuple[int, int, str]]:
    """The columns that the lines of a header make: (left, right, heading), headings read from top to bottom."""
    bands: list[list[_Token]] = []
    for token in sorted((token for line in lines for token in line), key=lambda token: token.left):
        home = next((band for band in bands if any(token.overlap(other.left, other.right) > 0 for other in band)), None)
        if home is None:
            bands.append([token])
        else:
            home.append(token)
    found = []
    for band in bands:
        in_order = sorted(band, key=lambda token: (token.cell.line, token.left))
        text = "".join(token.cell.clean.replace(" ", "") for token in in_order)
        found.append((min(t.left for t in band), max(t.right for t in band), text))
    return sorted(found)


def _header(blocks: Sequence[Block], position: int) -> tuple[list[tuple[int, int, str]], list[Cell], int] | None:
    """(bands, their headings as cells, number of lines) of the header that begins at ``position``."""
    lines: list[list[_Token]] = []
    best = None
    for at in range(position, min(position + _HEADER_LINES, len(blocks))):
        block = blocks[at]
        if not isinstance(block, Line) or block.heading or (at > position and block.number - blocks[at - 1].number > 1):
            break
        tokens = _tokens(block)
        if any(find_quantities(token.cell.clean) for token in tokens) or (len(tokens) < 2 and at == position):
            break
        lines.append(tokens)
        bands = _bands(lines)
        cells = [Cell(blocks[position].number, repair(text)) for _, _, text in bands]
        if len(bands) >= 2 and is_header(cells):
            best = (bands, cells, len(lines))
    return best


def _placed(tokens: Sequence[_Token], bands: Sequence[tuple[int, int, str]]) -> list[Cell] | None:
    """The tokens of a line under their headings, or None when there are more tokens than headings to the right."""
    row = [Cell(tokens[0].cell.line, EMPTY)] * len(bands)
    free = 0
    for token in tokens:
        if free == len(bands):
            return None
        at = max(
            range(free, len(bands)),
            key=lambda n: (max(0, token.overlap(*bands[n][:2])), -abs(bands[n][0] + bands[n][1] - token.left - token.right)),
        )
        row[at] = token.cell
        free = at + 1
    return row


def _with_unheaded(
    bands: list[tuple[int, int, str]], cells: list[Cell], blocks: Sequence[Block], start: int
) -> tuple[list[tuple[int, int, str]], list[Cell]]:
    """The columns with those that no heading stands above (目標 and 実績 beside the years)."""
    orphans = [
        token
        for block in blocks[start : start + _LOOK_AHEAD]
        if isinstance(block, Line) and block.number - blocks[start - 1].number < _LOOK_AHEAD
        for token in _tokens(block)
        if all(token.overlap(left, right) <= 0 for left, right, _ in bands) and token.left > bands[0][0]
    ]
    for token in orphans:
        alike = [other for other in orphans if other.overlap(token.left, token.right) > 0]
        if len(alike) >= 2 and sum(1 for other in alike if (head := head_of(other.cell.clean)) and head.role) * 2 >= len(alike):
            band = (min(t.left for t in alike), max(t.right for t in alike), "")
            at = sum(1 for left, _, _ in bands if left < band[0])
            return [*bands[:at], band, *bands[at:]], [*cells[:at], Cell(cells[0].line, EMPTY), *cells[at:]]
    return bands, cells


def _values_of(row: Sequence[Cell], columns: Columns) -> int:
    return sum(1 for at in columns.values() if row[at] and is_value(row[at].clean))


def read_aligned(blocks: Sequence[Block], position: int) -> tuple[list[list[Cell]], int] | None:
    """The rows of an aligned table whose header begins at ``position``, and the position after it."""
    header = _header(blocks, position)
    if header is None:
        return None
    bands, cells, height = header
    first = head_of(cells[0].clean)
    if first and not (first.role or first.field == "year"):
        bands = [(0, *bands[0][1:]), *bands[1:]]  # names begin further left than their centred heading
    elif bands[0][0] > _INDENT:  # the column of names has no heading
        bands, cells = [(0, bands[0][0] - 1, ""), *bands], [Cell(cells[0].line, EMPTY), *cells]
    bands, cells = _with_unheaded(bands, cells, blocks, position + height)
    columns = columns_of([cells], [])
    if len(columns.values()) < 2 and columns.first("verdict") is None:
        return None
    rows: list[list[Cell]] = []
    end = position + height
    for at, row in _body(blocks, position + height, bands, columns):
        rows.append(row)
        end = at + 1
    full = [row for row in rows if _values_of(row, columns)]
    return ([cells, *_with_names(rows, columns)], end) if full and len(full) * 3 >= len(rows) else None


def _body(
    blocks: Sequence[Block], start: int, bands: Sequence[tuple[int, int, str]], columns: Columns
) -> Iterator[tuple[int, list[Cell]]]:
    misses = 0
    for at in range(start, len(blocks)):
        block = blocks[at]
        if not isinstance(block, Line) or block.heading or block.number - blocks[at - 1].number > _APART:
            return
        tokens = _tokens(block)
        if _PAGE.match(block.clean) and not is_value(block.clean):
            continue
        if (
            not tokens
            or block.clean.endswith("。")
            or is_contents_entry(block.clean)
            or is_header([token.cell for token in tokens])
        ):
            return
        row = _placed(tokens, bands)
        wordy = row is not None and any(
            row[n] and not is_value(row[n].clean) and len(row[n].clean) > 16 for n in columns.values()
        )
        misses = misses + 1 if row is None or not _values_of(row, columns) else 0
        if row is None or wordy or misses > 2:
            return
        yield at, row


def _with_names(rows: Sequence[list[Cell]], columns: Columns) -> list[list[Cell]]:
    """Rows with values; a line that only holds a piece of a name completes the row it stands beside."""
    name_at = columns.name()
    if name_at is None:
        return [row for row in rows if _values_of(row, columns)]
    found: list[list[Cell]] = []
    above: list[Cell] = []
    for n, row in enumerate(rows):
        if _values_of(row, columns):
            name = row[name_at]
            if not name and above:
                row = [
                    *row[:name_at],
                    Cell(above[0].line, above[0].text, "".join(cell.clean for cell in above[1:])),
                    *row[name_at + 1 :],
                ]
            found.append(row)
            above = []
        elif row[name_at]:
            later = next((other for other in rows[n + 1 :] if _values_of(other, columns)), None)
            if found and (later is None or later[name_at] or above):
                last = found[-1][name_at]
                found[-1][name_at] = Cell(last.line, last.text, last.more + row[name_at].clean) if last else row[name_at]
            else:
                above.append(row[name_at])
    return found

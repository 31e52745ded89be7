"""Tables whose cells may span columns and rows, as printed rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dxlib.formats import limits
from dxlib.printed import Printed, table_row


@dataclass(frozen=True, slots=True)
class Spanning:
    """A cell that reaches over ``columns`` and ``rows`` of its table."""

    text: str
    columns: int = 1
    rows: int = 1


def table_lines(rows: Sequence[Sequence[Spanning]], where: str) -> list[Printed]:
    r"""The rows of a table; the text of a merged cell stands at its first position only.

    A table of one column is a frame around text: its cells are lines.

    >>> [row.text for row in table_lines([[Spanning("指標", rows=2), Spanning("目標", 2)], [Spanning("R7"), Spanning("R8")]], "")]
    ['指標\t目標\t', '\tR7\tR8']

    Raises:
        SourceError: it has more columns or cells than are read.
    """
    found = [table_row(cells, left=left, above=above) for cells, left, above in _filled(rows, where)]
    width = max((line.text.count("\t") for line in found), default=0) + 1
    return [_padded(line, width) for line in found]


def _padded(line: Printed, width: int) -> Printed:
    missing = width - 1 - line.text.count("\t")
    return Printed(line.text + "\t" * missing, line.place, line.left, line.above) if missing else line


def _filled(rows: Sequence[Iterable[Spanning]], where: str) -> Iterator[tuple[list[str], set[int], set[int]]]:
    """Cells by position, and the positions that a merged cell covers from the left and from above."""
    hanging: dict[int, int] = {}  # how many rows more a cell above covers this position
    count = 0
    for row in rows:
        cells: list[str] = []
        left: set[int] = set()
        above: set[int] = set()
        new: dict[int, int] = {}
        for cell in row:
            _cover(cells, above, hanging)
            start = len(cells)
            columns = max(1, cell.columns)
            count += columns
            if start + columns > limits.MAX_COLUMNS or count > limits.MAX_CELLS:
                raise limits.too_large(
                    f"a table of more than {limits.MAX_COLUMNS:,} columns or {limits.MAX_CELLS:,} cells",
                    where,
                    "keep the tables with indicators",
                )
            cells += [cell.text, *[""] * (columns - 1)]
            left |= set(range(start + 1, start + columns))
            if cell.rows > 1:
                new |= dict.fromkeys(range(start, start + columns), cell.rows - 1)
        _cover(cells, above, hanging)
        count += len(above)
        hanging = {position: rest - 1 for position, rest in hanging.items() if rest > 1} | new
        yield cells, left, above


def _cover(cells: list[str], above: set[int], hanging: dict[int, int]) -> None:
    """Fill the positions that cells of the rows above reach into."""
    while hanging.get(len(cells), 0) > 0:
        above.add(len(cells))
        cells.append("")

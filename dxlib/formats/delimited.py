"""CSV: commas, tabs or semicolons; quoted cells may hold line breaks, rows may be of different length."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import groupby

from dxlib.formats import limits
from dxlib.formats.blocks import around_table
from dxlib.printed import BLANK, Place, Printed, table_row, wrapped

_DELIMITERS = ",\t;"


def printed(text: str, where: str) -> Sequence[Printed]:
    r"""The rows of a CSV; a row of blanks divides two tables, a row with one cell filled at its start is a line.

    >>> [row.text for row in printed('指標,目標\n"窓口の\n件数","1,200件"\n', "kpi.csv")]
    ['指標\t目標', '窓口の件数\t1,200件']

    Raises:
        SourceError: a quoted cell does not end, or there are too many cells.
    """
    csv.field_size_limit(limits.MAX_TEXT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    found: list[Printed] = []
    count = 0
    try:
        for number, row in enumerate(reader, start=1):
            count += len(row)
            if count > limits.MAX_CELLS or len(row) > limits.MAX_COLUMNS:
                raise limits.too_large(
                    f"more than {limits.MAX_CELLS:,} cells, or {limits.MAX_COLUMNS:,} in a row",
                    where,
                    "keep the rows and columns with indicators",
                )
            cells = [wrapped(cell.splitlines()) for cell in row]
            if any(cells):
                found.append(table_row(cells, Place(row=number)))
            else:
                found.append(Printed("", Place(row=number)))
    except csv.Error as error:
        raise limits.damaged("CSV", f"{where}:{reader.line_num}", error) from error
    return _with_titles(found) or [BLANK]


def _with_titles(rows: Sequence[Printed]) -> list[Printed]:
    """Each run of rows between blank ones with its titles and notes as lines."""
    return [
        line
        for filled, run in groupby(rows, key=lambda row: bool(row.text))
        for line in (around_table(list(run)) if filled else run)
    ]


def _delimiter(text: str) -> str:
    """The delimiter that divides the first rows most evenly: most cells a row, most rows of one length."""
    best, most = ",", 0.0
    sample = text[:65536]
    for delimiter in _DELIMITERS:
        try:
            lengths = [
                len(row)
                for row, _ in zip(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), range(50), strict=False)
                if row
            ]
        except csv.Error:
            continue
        if not lengths:
            continue
        usual = max(set(lengths), key=lambda length: (lengths.count(length), length))
        score = 0.0 if usual < 2 else lengths.count(usual) / len(lengths) + min(usual, 20) / 100
        if score > most:
            best, most = delimiter, score
    return best

"""XLSX: every sheet that is shown, its cells as they are shown. Hidden sheets, rows and columns are left out."""

from __future__ import annotations

import re
import warnings
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dxlib.formats import limits
from dxlib.formats.blocks import around_table
from dxlib.formats.shown import BUILTIN, shown, text_shown
from dxlib.printed import BLANK, Place, Printed, one_line, table_row, wrapped

NO_RESULT = "（数式の結果なし）"
"""What stands for a formula whose result the file does not hold."""
_MOST_HIDDEN = 1_000  # rows between two shown ones that may belong together
_LAST_COLUMN = 16_384  # that Excel has
_FORMULA = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}f"


@dataclass(frozen=True, slots=True)
class _Merge:
    top: int
    bottom: int
    first: int
    last: int


@dataclass(slots=True)
class _Sheet:
    """Visible cells that hold something, by row and column from 1."""

    name: str
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    merges: list[_Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def printed(path: Path) -> Sequence[Printed]:
    """The lines of an XLSX workbook: each sheet's name as a heading, then its rows.

    Raises:
        SourceError: it is damaged, protected, or larger than is read.
    """
    where = str(path)
    cells = limits.check_archive(path, "XLSX")
    if cells > limits.MAX_CELLS:
        raise limits.too_large(
            f"{cells:,} cells, at most {limits.MAX_CELLS:,} are read",
            where,
            "keep the sheets with indicators, and clear the rest",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which nobody reads here
            sheets = list(_sheets(path))
    except Exception as error:  # openpyxl raises many kinds on a file that is no workbook
        raise limits.damaged("XLSX", where, error) from error
    lines = [line for sheet in sheets for line in _lines(sheet, where)]
    return lines or [BLANK]


def _sheets(path: Path) -> Iterator[_Sheet]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        for worksheet in book.worksheets:
            if worksheet.sheet_state == "visible":
                yield _read_sheet(book, worksheet)
    finally:
        book.close()


def _read_sheet(book: Any, worksheet: Any) -> _Sheet:
    """One sheet through openpyxl's streaming parser: its read-only sheets alone tell neither merged cells nor formulas."""
    from openpyxl.utils.datetime import MAC_EPOCH
    from openpyxl.worksheet._reader import WorkSheetParser

    sheet = _Sheet(str(worksheet.title))
    formats = _formats(book)
    from_1904 = book.epoch == MAC_EPOCH
    with worksheet._get_source() as source:
        parser = WorkSheetParser(source, worksheet._shared_strings, data_only=True)
        read_cell = parser.parse_cell

        def with_formula(element: Any) -> Any:
            cell = read_cell(element)
            if cell["value"] is None and cell["data_type"] != "str" and element.find(_FORMULA) is not None:
                cell["value"], cell["data_type"] = NO_RESULT, "s"
            return cell

        parser.parse_cell = with_formula
        for number, cells in parser.parse():
            if number < 1:
                raise ValueError(f"sheet {sheet.name} has a row {number}")
            if (parser.row_dimensions.pop(str(number), None) or {}).get("hidden") in ("1", "true"):
                sheet.hidden_rows.add(number)
            row = {cell["column"]: text for cell in cells if (text := _text(cell, formats, from_1904))}
            if row:
                sheet.rows[number] = row
    for column in parser.column_dimensions.values():
        if column.get("hidden") in ("1", "true"):
            sheet.hidden_columns.update(range(int(column["min"]), min(int(column["max"]), _LAST_COLUMN) + 1))
    if parser.merged_cells:
        sheet.merges = [_Merge(m.min_row, m.max_row, m.min_col, m.max_col) for m in parser.merged_cells.mergeCell]
    _show_merged(sheet)
    return sheet


def _formats(book: Any) -> list[str]:
    """The number format of each cell style."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    own = book._number_formats
    found = []
    for style in book._cell_styles:
        number = style.numFmtId
        if number >= 164:
            found.append(own[number - 164] if number - 164 < len(own) else "General")
        else:
            found.append(BUILTIN.get(number) or BUILTIN_FORMATS.get(number, "General"))
    return found


def _text(cell: Any, formats: Sequence[str], from_1904: bool) -> str:
    value, style = cell["value"], cell["style_id"]
    number_format = formats[style] if style < len(formats) else "General"
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return one_line(shown(value, number_format, from_1904=from_1904))
    text = text_shown(str(value), number_format) if cell["data_type"] in ("s", "inlineStr", "str") else str(value)
    return wrapped(re.sub(r"_x000D_", "\n", text).splitlines())


def _show_merged(sheet: _Sheet) -> None:
    """Drop what is hidden; the text of a merged cell whose first row or column is hidden moves to the first shown one."""
    for merge in sheet.merges:
        text = sheet.rows.get(merge.top, {}).get(merge.first)
        if text and (merge.top in sheet.hidden_rows or merge.first in sheet.hidden_columns):
            top = next((n for n in range(merge.top, merge.bottom + 1) if n not in sheet.hidden_rows), None)
            first = next((n for n in range(merge.first, merge.last + 1) if n not in sheet.hidden_columns), None)
            if top and first:
                sheet.rows.setdefault(top, {})[first] = text
    for number in sheet.hidden_rows:
        sheet.rows.pop(number, None)
    for number, row in list(sheet.rows.items()):
        shown_cells = (
            {column: text for column, text in row.items() if column not in sheet.hidden_columns} if sheet.hidden_columns else row
        )
        if shown_cells:
            sheet.rows[number] = shown_cells
        else:
            del sheet.rows[number]


def _lines(sheet: _Sheet, where: str) -> Iterator[Printed]:
    yield Printed(f"# {one_line(sheet.name)}", Place(sheet=sheet.name))
    blocks = list(_blocks(sheet))
    for block, merges in zip(blocks, _merges_of(blocks, sheet, where), strict=True):
        yield Printed("", Place(sheet=sheet.name))
        yield from around_table(_rows(sheet, block, merges, where))
    yield Printed("", Place(sheet=sheet.name))


def _blocks(sheet: _Sheet) -> Iterator[list[int]]:
    """Rows between which no row stands empty; a row that a merged cell reaches over is not empty."""
    reached = _reaches(sheet.merges)
    starts = [top for top, _ in reached]
    block: list[int] = []
    for number in sorted(sheet.rows):
        between = range(block[-1] + 1, number) if block else range(0)
        if len(between) > _MOST_HIDDEN or not all(n in sheet.hidden_rows or _within(n, starts, reached) for n in between):
            yield block
            block = []
        block.append(number)
    if block:
        yield block


def _reaches(merges: Sequence[_Merge]) -> list[tuple[int, int]]:
    """The rows that merged cells of several rows reach over, the last of each left out, as ranges apart from each other."""
    found: list[tuple[int, int]] = []
    for top, bottom in sorted((merge.top, merge.bottom - 1) for merge in merges if merge.bottom > merge.top):
        if found and top <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], bottom)
        else:
            found.append((top, bottom))
    return found


def _within(number: int, starts: Sequence[int], ranges: Sequence[tuple[int, int]]) -> bool:
    at = bisect_right(starts, number) - 1
    return at >= 0 and number <= ranges[at][1]


def _merges_of(blocks: Sequence[Sequence[int]], sheet: _Sheet, where: str) -> list[list[_Merge]]:
    """The merged cells of each block."""
    found: list[list[_Merge]] = [[] for _ in blocks]
    starts = [block[0] for block in blocks]
    rows = 0
    for merge in sheet.merges:
        for at in range(max(0, bisect_right(starts, merge.top) - 1), bisect_right(starts, merge.bottom)):
            found[at].append(merge)
            rows += min(merge.bottom, blocks[at][-1]) - max(merge.top, blocks[at][0]) + 1
            if rows > limits.MAX_CELLS:
                raise limits.too_large(
                    f"sheet {sheet.name}: merged cells over more than {limits.MAX_CELLS:,} rows in all",
                    where,
                    "unmerge its cells",
                )
    return found


def _rows(sheet: _Sheet, block: Sequence[int], merges: Sequence[_Merge], where: str) -> list[Printed]:
    """The rows of a block; columns in which nothing is printed are left out."""
    columns = sorted({column for number in block for column in sheet.rows[number]})
    if len(columns) > limits.MAX_COLUMNS or len(columns) * len(block) > limits.MAX_CELLS:
        raise limits.too_large(
            f"sheet {sheet.name}: a table of {len(block):,} rows and {len(columns):,} columns",
            where,
            f"at most {limits.MAX_COLUMNS:,} columns and {limits.MAX_CELLS:,} cells are read: keep those with indicators",
        )
    position = {column: n for n, column in enumerate(columns)}
    left: dict[int, set[int]] = {}
    above: dict[int, set[int]] = {}
    first_row = {number: n for n, number in enumerate(block)}
    for merge in merges:
        rows = [n for n in range(max(merge.top, block[0]), min(merge.bottom, block[-1]) + 1) if n in first_row]
        covered = [position[c] for c in columns if merge.first <= c <= merge.last]
        for n, number in enumerate(rows):
            if n == 0:
                left.setdefault(number, set()).update(covered[1:])
            else:
                above.setdefault(number, set()).update(covered)
    return [
        table_row(
            [sheet.rows[number].get(column, "") for column in columns],
            Place(sheet=sheet.name, row=number),
            left.get(number, ()),
            above.get(number, ()),
        )
        for number in block
    ]

"""A table that a person hands in, as CSV or as the first sheet of an Excel file, and the CSV its rows are added to."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from dxlib.decisions import Entry, raise_together
from dxlib.errors import DecisionError, SourceError, nearest
from dxlib.formats import limits
from dxlib.whole import write_whole

_XLSX = b"PK\x03\x04"
_BREAK = re.compile("\r\n?")  # a lone \r would end the row: Python's writer does not quote it
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
# What is written literally in a number format, and the marks that show another number than the cell holds.
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\[\]]*\]')
_SCALED = re.compile(r"[0#?],+(?![0#?,])")


def read_sheet(path: Path, columns: Mapping[str, str], optional: Collection[str] = ()) -> list[Entry]:
    """The rows below the header; blank rows are left out, white space around cells is dropped.

    Args:
        path: CSV (UTF-8, with or without BOM, or CP932) or XLSX (first sheet). What it is, is seen from the content.
        columns: the columns expected, in any order, and the other name each may have in the header.
        optional: the columns that may be missing.

    Raises:
        DecisionError: the file, its header or a cell cannot be read.
    """
    where = str(path)
    data = _bytes(path, where)
    if data.startswith(_XLSX):
        _check_workbook(path, where)
    rows = _workbook_rows(data, where) if data.startswith(_XLSX) else csv_rows(data, where)
    _, header = next(rows, (1, []))
    names = _header(header, columns, optional, f"{where}:1")
    entries = [Entry(f"{where}:{line}", _named(names, cells, f"{where}:{line}")) for line, cells in rows if any(cells)]
    if not entries:
        raise _bad_file("there is no row below the header", where, "fill in at least one row, on the first sheet")
    return entries


def _bad_file(message: str, where: str, hint: str) -> DecisionError:
    return DecisionError(message, code="import-file", where=where, hint=hint)


def _bytes(path: Path, where: str) -> bytes:
    try:
        limits.check_size(path, limits.MAX_FILE)
        data = path.read_bytes()
    except SourceError as error:
        raise _bad_file(error.message, where, error.hint) from error
    except OSError as error:
        raise _bad_file(f"the file cannot be read: {error.strerror}", where, "check the path, or close the program") from error
    if not data.strip():
        raise _bad_file("the file is empty", where, "save it again as CSV or .xlsx")
    if data.startswith(_OLD_EXCEL):
        raise _bad_file("an old .xls file, or one with a password", where, "save it as .xlsx without a password")
    return data


def _header(header: list[str], columns: Mapping[str, str], optional: Collection[str], where: str) -> list[str]:
    known = {name.casefold(): column for column, other in columns.items() for name in (column, other)}
    expected = f"expected, in any order: {', '.join(columns)} (or {', '.join(columns.values())})"
    names: list[str] = []
    for cell in header:
        folded = unicodedata.normalize("NFKC", cell).strip().casefold()
        if folded and folded not in known:
            hint = nearest(cell, (*columns, *columns.values()))
            raise DecisionError(f"unknown column '{cell}'", code="decision-columns", where=where, hint=hint)
        names.append(known.get(folded, ""))
    missing = [column for column in columns if column not in names and column not in optional]
    if missing:
        raise DecisionError(f"no column {', '.join(missing)}", code="decision-columns", where=where, hint=expected)
    twice = [column for column in columns if names.count(column) > 1]
    if twice:
        raise DecisionError(f"{', '.join(twice)} stands here twice", code="decision-columns", where=where, hint=expected)
    return names


def _named(names: list[str], cells: list[str], where: str) -> dict[str, str]:
    for position, cell in enumerate(cells):
        if cell and not (position < len(names) and names[position]):
            raise DecisionError(
                f"'{cell}' stands in cell {position + 1} of the row, under no column name",
                code="decision-columns",
                where=where,
                hint="name the column in the first row, or clear the cell",
            )
    filled = [*cells, *[""] * (len(names) - len(cells))]
    return {name: cell for name, cell in zip(names, filled, strict=False) if name}


def csv_rows(data: bytes, where: str, encoding: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """The lines of a CSV with their numbers; blank rows included.

    Args:
        data: its bytes.
        where: the file, for messages.
        encoding: None for UTF-8, with or without BOM, and else CP932.

    Raises:
        DecisionError: it is no CSV in that encoding, or a row has more or fewer cells than the first.
    """
    text = None
    for tried in (encoding,) if encoding else ("utf-8-sig", "cp932"):
        try:
            text = data.decode(tried)
            break
        except UnicodeDecodeError:
            continue
    if text is None:
        kind = f"no CSV in {encoding}" if encoding else "neither XLSX nor a CSV in UTF-8 or CP932"
        raise _bad_file(kind, where, "save it as .xlsx or CSV UTF-8")
    if "\0" in text:
        raise _bad_file("the file is binary, neither XLSX nor CSV", where, "save it as .xlsx or CSV UTF-8")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line, width = 1, 0
    try:
        for row in reader:
            width = width or len(row)
            if any(row) and len(row) != width:
                raise DecisionError(
                    f"{len(row)} cells, expected {width}",
                    code="decision-columns",
                    where=f"{where}:{line}",
                    hint="quote cells that hold a comma, and write a comma for each column, also where nothing stands in it",
                )
            yield line, [cell.strip() for cell in row]
            line = reader.line_num + 1
    except csv.Error as error:
        raise _bad_file(f"no CSV: {error}", f"{where}:{line}", "check the quotation marks, or save it again") from error


def _check_workbook(path: Path, where: str) -> None:
    try:
        limits.check_count(path)
        cells = limits.check_archive(path, "XLSX")
    except SourceError as error:
        raise _bad_file(f"no readable Excel file: {error.message}", where, error.hint) from error
    if cells > limits.MAX_CELLS:
        raise _bad_file(f"{cells:,} cells, at most {limits.MAX_CELLS:,} are read", where, "keep the rows that are to be imported")


def _workbook_rows(data: bytes, where: str) -> Iterator[tuple[int, list[str]]]:
    try:
        shown, typed = _cells(data, values=True), _cells(data, values=False)
    except Exception as error:  # openpyxl raises many kinds on a file that is no workbook
        raise _bad_file(f"no readable Excel file: {error}", where, "open it in Excel and save it as .xlsx") from error
    rows: list[list[str]] = []
    errors: list[DecisionError] = []
    for line, (row, formulas) in enumerate(zip(shown, typed, strict=True), start=1):
        rows.append([])
        for position, (cell, formula) in enumerate(zip(row, formulas, strict=True)):
            try:
                rows[-1].append(_text(cell, formula.data_type == "f"))
            except ValueError as error:
                message, _, hint = str(error).partition("; ")
                name = f"cell {_column_letter(position + 1)}{line}"
                errors.append(DecisionError(f"{name} {message}", code="decision-value", where=f"{where}:{line}", hint=hint))
    raise_together(errors)
    yield from enumerate(rows, start=1)


def _cells(data: bytes, *, values: bool) -> list[tuple[Any, ...]]:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and validations, which nobody reads here
        sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=values).worksheets[0]
        sheet.reset_dimensions()  # some programs state a wrong size
        rows: list[tuple[Any, ...]] = []
        cells = 0
        for row in sheet.iter_rows():  # a row between two that are far apart comes as an empty one
            rows.append(row)
            cells += len(row) + 1
            if cells > limits.MAX_CELLS:
                raise ValueError(f"it has more than {limits.MAX_CELLS:,} cells")
        return rows


def _column_letter(position: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(position))


def _text(cell: Any, is_formula: bool) -> str:
    """A cell as a person would type it; raises ``ValueError("fact; remedy")``."""
    value = cell.value
    if value is None:
        if is_formula and cell.data_type != "str":  # "str" without a value: the formula gave an empty text
            raise ValueError("is a formula without a stored result; open and save the file in Excel, or paste the value")
        return ""
    if cell.data_type == "e":
        raise ValueError(f"holds the error {value}; write the value")
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value.isoformat() if isinstance(value, date) else str(value).strip()
    _check_format(value, _LITERAL.sub("", _number_format(cell)))
    return plain(value)


def _number_format(cell: Any) -> str:
    try:
        return str(cell.number_format or "")
    except IndexError:  # it names a style that the file does not have
        return ""


def _check_format(value: float, number_format: str) -> None:
    if "%" in number_format:
        percent = plain(value * 100)
        raise ValueError(f"holds {plain(value)} and shows it as {percent}%; write {percent}, not as a percentage, and % as unit")
    if _SCALED.search(number_format):
        raise ValueError(f"holds {plain(value)} and shows it in thousands; show it whole, in the unit of the plan")


def plain(number: float) -> str:
    """A number of a sheet in digits, with the 15 digits that Excel keeps.

    >>> plain(142.0), plain(0.1 + 0.2), plain(-2), plain(0.0000001)
    ('142', '0.3', '-2', '0.0000001')
    """
    text = format(Decimal(format(number, ".15g")), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def append_rows(path: Path, rows: Sequence[Sequence[str]], columns: Sequence[str] = (), expected: bytes | None = None) -> None:
    """Add rows to a CSV that people keep; what stands in it stays byte for byte, and a failure changes nothing.

    Args:
        path: the CSV.
        rows: the rows to add.
        columns: the header that the file should have; one from before some columns were added is replaced.
        expected: what the file held when the rows were made; None where that does not matter.

    Raises:
        DecisionError: the file cannot be written, or was changed meanwhile.
    """
    if not rows:
        return
    try:
        before = path.read_bytes()
    except OSError as error:
        raise _unwritten(path, error) from error
    if expected not in (None, before):
        raise _unwritten(path, OSError("another program changed it meanwhile"))
    content = with_rows(before, rows, columns)
    try:
        if path.read_bytes() != before:
            raise OSError("another program changed it meanwhile")
        write_whole(path, content)
    except OSError as error:
        raise _unwritten(path, error) from error


def with_rows(before: bytes, rows: Sequence[Sequence[str]], columns: Sequence[str] = ()) -> bytes:
    """The content of a CSV that people keep with rows added; what stands in it stays byte for byte.

    Args:
        before: the content.
        rows: the rows to add.
        columns: as `append_rows` takes them.
    """
    ending = "\r\n" if b"\r\n" in before else "\n"
    text = io.StringIO(newline="")
    text.write("" if before.endswith((b"\n", b"\r")) else ending)
    csv.writer(text, lineterminator=ending).writerows([[_BREAK.sub("\n", cell) for cell in row] for row in rows])
    return _with_header(before, columns) + text.getvalue().encode()


def write_data(path: Path, content: str | bytes) -> None:
    """Write a file of ``data`` whole or not at all; make its folder.

    Raises:
        DecisionError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise _unwritten(path, error) from error


def _unwritten(path: Path, error: OSError) -> DecisionError:
    return DecisionError(
        f"the file cannot be written, nothing was added: {error}",
        code="decision-write",
        where=str(path),
        hint="close it in Excel, check disk space and write rights, then import again",
    )


def _with_header(content: bytes, columns: Sequence[str]) -> bytes:
    """The content with all columns named in its first line, where that names only the first ones."""
    first, _, _ = content.partition(b"\n")
    header = next(csv.reader([first.decode("utf-8-sig").strip()]), [])
    if not columns or header == list(columns) or header != list(columns[: len(header)]):
        return content
    more = "," + ",".join(columns[len(header) :])
    bare = first.rstrip(b"\r")
    return bare + more.encode() + content[len(bare) :]

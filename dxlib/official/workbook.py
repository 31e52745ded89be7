"""Excel files of official statistics: the cells of a sheet as text with their places, and when the file was last saved."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from dxlib.errors import DecisionError
from dxlib.formats import limits
from dxlib.sheet import plain

_MOST_BYTES = 500_000_000
_MOST_UNPACKED = 200_000_000  # bytes; the census workbook has 20 million
_MOST_CELLS = 5_000_000
_ENTRY = b"PK\x01\x02"  # begins each entry of an archive's list of contents
_MOST_ROWS = 1_048_576  # that Excel has


def bad_file(message: str, where: str, hint: str) -> DecisionError:
    """The file to import cannot be read."""
    return DecisionError(message, code="import-file", where=where, hint=hint)


def bad_layout(message: str, where: str, hint: str) -> DecisionError:
    """The file is not laid out as its kind should be."""
    return DecisionError(message, code="import-layout", where=where, hint=hint)


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises:
        DecisionError: it cannot be read, or is larger than any such file.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise bad_file(
                f"the file has {path.stat().st_size} bytes", str(path), f"{_MOST_BYTES} is the limit; is it the right file?"
            )
        return path.read_bytes()
    except OSError as error:
        raise bad_file(f"the file cannot be read: {error.strerror}", str(path), "check the path, or close the program") from error


def open_zip(data: bytes, where: str) -> zipfile.ZipFile:
    """A zip, or the zip that a workbook is.

    Raises:
        DecisionError: it is none, or unpacks to more than the limit.
    """
    if data.count(_ENTRY) > limits.MAX_PARTS:
        raise bad_file(f"the zip holds more than {limits.MAX_PARTS:,} files", where, "is it the right file?")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        size = unpacked(archive)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise bad_file(f"neither .xlsx nor .zip: {error}", where, "give the file as it was downloaded") from error
    if size > _MOST_UNPACKED:
        raise bad_file(f"the file unpacks to {size} bytes", where, f"{_MOST_UNPACKED} is the limit; is it the right file?")
    return archive


def unpacked(archive: zipfile.ZipFile) -> int:
    """Bytes that a zip says it unpacks to; none of its files can be read beyond that."""
    return sum(entry.file_size for entry in archive.infolist())


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as rows of text.

    Attributes:
        name: its name.
        rows: cells as text, numbers in digits; blank is empty.
    """

    name: str
    rows: list[list[str]]

    def place(self, row: int, column: int) -> str:
        """A cell as people name it: ``Sheet1!C5``; row and column from 0."""
        from openpyxl.utils import get_column_letter

        return f"{self.name}!{get_column_letter(column + 1)}{row + 1}"


def read_workbook(data: bytes, where: str) -> list[Sheet]:
    """The sheets of a workbook.

    Raises:
        DecisionError: it is no workbook, or larger than the limits.
    """
    from openpyxl import load_workbook

    archive = open_zip(data, where)
    try:
        sheets = sum(limits.count_sheets(archive.read(part)) for part in archive.infolist() if part.filename.endswith("book.xml"))
        if sheets > limits.MAX_SHEETS:
            raise bad_file(f"the workbook lists more than {limits.MAX_SHEETS} sheets", where, "is it the right file?")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            for sheet in book.worksheets:
                sheet.reset_dimensions()
            return [Sheet(sheet.title, list(_rows(sheet, where))) for sheet in book.worksheets]
    except DecisionError:
        raise
    except Exception as error:  # openpyxl raises many kinds on a file that is no workbook
        raise bad_file(f"no readable Excel file: {error}", where, "open it in Excel and save it as .xlsx") from error


def _rows(sheet: Any, where: str) -> Iterator[list[str]]:
    cells = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if number > _MOST_ROWS:
            raise bad_file(f"sheet {sheet.title} has cells more than {_MOST_ROWS} rows apart", where, "is it the right file?")
        cells += len(row)
        if cells > _MOST_CELLS:
            raise bad_file(f"sheet {sheet.title} has more than {_MOST_CELLS} cells", where, "is it the right file?")
        yield [_text(cell) for cell in row]


def _text(cell: Any) -> str:
    """A cell as it is shown: a share that the cell formats as a percentage with its sign."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value).strip()
    if "%" in (cell.number_format or ""):
        return f"{plain(float(Decimal(repr(value)) * 100))}%"
    return plain(value)


def saved_on(data: bytes) -> str | None:
    """The day a workbook was last saved, from its properties; None where it states none."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        try:
            core = archive.read("docProps/core.xml").decode("utf-8", "replace")
        except Exception:  # not there, or damaged: zipfile and zlib raise many kinds
            return None
    found = re.search(r"<dcterms:modified[^>]*>([0-9]{4}-[0-9]{2}-[0-9]{2})T", core)
    try:
        return datetime.strptime(found[1], "%Y-%m-%d").date().isoformat() if found else None
    except ValueError:
        return None

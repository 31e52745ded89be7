"""Data of a report as an Excel workbook: real numbers and dates, plan text as text, the same bytes for the same data."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from dxlib import columns, wording
from dxlib.blocks import Data, Plain
from dxlib.errors import ReportError
from dxlib.report.about import About
from dxlib.report.appendix import appendix
from dxlib.report.cells import excel_text, is_formula, plain

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

EXCEL_ROWS = 1_048_576
FIXED = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can name
_NAME_LIMIT = 31
_WIDTHS = (8, 60)
_MEASURED = 200
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def to_workbook(data: Sequence[Data], about: About, lang: str, headers: str | None = None) -> bytes:
    """An xlsx with one sheet a table, then columns, codes, sources, statistics used and the report itself.

    Headers stand in row 1; numbers and dates are cells of their kind, flags 1 or 0, codes are shown in words, NULL is blank.
    There are no formulas, merged cells, hidden rows or drawings.

    Args:
        data: the tables; those of one name become one sheet.
        about: what must be known about the report.
        lang: language of what is said of the report.
        headers: language of headers, sheet names and words for codes; ``lang`` when None.

    Raises:
        ReportError: an unknown table, column or code, a cell of another kind, or more rows than a sheet holds.
        QueryError: the language is unknown.
    """
    from openpyxl import Workbook

    shown = wording.check_language(headers or lang)
    tables = columns.merged(data)
    form = [wording.text("export_format_xlsx", lang)]
    tables += appendix(tables, about, lang=lang, headers=shown, form=form, spoken=True)
    words = {(code.group, code.code): columns.Word(code.ja, code.en).of(shown) for code in about.codes}
    book = Workbook()
    book.remove(book.active)
    for table in tables:
        _fill(book.create_sheet(safe_name(columns.sheet_name(table.name, shown))), table, shown, words)
    book.properties.creator = about.made_with
    book.properties.title = plain(about.title)
    book.properties.created = book.properties.modified = datetime(*FIXED)
    buffer = io.BytesIO()
    book.save(buffer)
    return _dated(buffer.getvalue())


def safe_name(name: str) -> str:
    r"""A sheet name that Excel accepts: at most 31 characters, none of ``[]:*?/\``, no apostrophe at its ends.

    >>> safe_name("a/b: 'c'"), len(safe_name("長" * 40))
    ("a_b_ 'c", 31)
    """
    return _FORBIDDEN.sub("_", plain(name))[:_NAME_LIMIT].strip("' ") or "_"


def _fill(page: Worksheet, table: Data, headers: str, words: dict[tuple[str, str], str]) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    if len(table.rows) >= EXCEL_ROWS:
        raise ReportError(
            f"{len(table.rows):,} rows do not fit into a sheet of {EXCEL_ROWS:,}",
            code="sheet-too-long",
            where=f"table {table.name}",
            hint="ask for fewer municipalities, or use the zip",
        )
    for place, key in enumerate(table.columns, 1):
        cell = page.cell(1, place)
        _write_text(cell, columns.header(key, headers), headers)
        cell.font = Font(bold=True)
        write = _writer(table.name, key, headers, words)
        for line, row in enumerate(table.rows, 2):
            if row[place - 1] is not None:
                write(page.cell(line, place), row[place - 1])
        page.column_dimensions[get_column_letter(place)].width = _width(page, place)
    page.freeze_panes = "A2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(table.rows) + 1}"


def _writer(table: str, key: str, headers: str, words: dict[tuple[str, str], str]) -> Callable[[Cell, Plain], None]:
    entry = columns.column(key)
    known = {code: word.of(headers) for code, word in columns.definitions().codes.get(entry.codes or "", {}).items()}
    known |= {code: word for (group, code), word in words.items() if group == entry.codes}

    def write(cell: Cell, value: Plain) -> None:
        if entry.kind == "date":
            cell.value, cell.number_format = date.fromisoformat(str(value)), "yyyy-mm-dd"
        elif entry.kind != "text":
            cell.value = int(value) if isinstance(value, bool) else value
        elif entry.codes is None:
            _write_text(cell, str(value), headers)
        elif value in known:
            _write_text(cell, known[str(value)], headers)
        else:
            raise ReportError(
                f"'{value}' has no word",
                code="code-unknown",
                where=f"table {table}, column {key}",
                hint=f"add it to [codes.{entry.codes}] in columns.toml",
            )

    return write


def _write_text(cell: Cell, text: str, lang: str) -> None:
    cell.value = excel_text(text, wording.text("export_cut", lang))
    cell.data_type = "s"  # openpyxl would make a formula of =… and an error of #N/A
    if is_formula(plain(text)):
        cell.quotePrefix = True  # stays text in Excel when the cell is edited


def _width(page: Worksheet, place: int) -> float:
    shown = (page.cell(line, place).value for line in range(1, min(page.max_row, _MEASURED) + 1))
    longest = max((_columns_wide(str(value)) for value in shown if value is not None), default=0)
    return float(min(max(longest + 3, _WIDTHS[0]), _WIDTHS[1]))  # 3: the button of the filter


def _columns_wide(text: str) -> int:
    """How many Latin letters a text is wide.

    >>> _columns_wide("年度abc")
    7
    """
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def _dated(content: bytes) -> bytes:
    """The same workbook with fixed times: openpyxl writes the time of saving."""
    files: dict[str, Any] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            files[name] = archive.read(name)
    stamp = datetime(*FIXED).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    files["docProps/core.xml"] = _MODIFIED.sub(rb"\g<1>" + stamp, files["docProps/core.xml"])
    return zipped(files)


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip whose bytes depend on names and contents alone."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, FIXED)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()

"""PDF: text line by line in reading order, ruled tables row by row, each with its page."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dxlib.errors import SourceError
from dxlib.formats import forms, ingest, limits
from dxlib.formats.flow import Piece, cell_text, paragraphs, pieces, reading_order
from dxlib.formats.glyphs import Glyph, PageContent, content
from dxlib.formats.ruled import Grid, grids
from dxlib.printed import Place, Printed, table_row

_GARBLED = 0.2  # share of characters without a meaning from which a file is not read
_TAIL = 8 * 1024  # bytes in which a PDF ends
_LOCK = threading.Lock()  # PDFium works for one thread at a time


def printed(path: Path) -> Sequence[Printed]:
    """The lines of a PDF.

    Raises:
        SourceError: it is scanned, garbled, encrypted, damaged or larger than is read; or pypdfium2 is not installed.
    """
    where = str(path)
    raw = ingest.pdfium()
    _check(path, where)
    lines: list[Printed] = []
    scanned = unmapped = characters = 0
    with _LOCK, _opened(raw, path, where) as document:
        count = raw.FPDF_GetPageCount(document)
        if count > limits.MAX_PAGES:
            raise limits.too_large(
                f"{count:,} pages, at most {limits.MAX_PAGES:,} are read", where, "split it, or keep the pages with indicators"
            )
        spaced = not _leaves_out_spaces(raw, document)
        for number in range(1, count + 1):
            found = _content(raw, document, number, where)
            shown = sum(1 for glyph in found.glyphs if not glyph.char.isspace())
            characters, unmapped = characters + shown, unmapped + found.unmapped
            if characters > limits.MAX_CHARACTERS:
                raise limits.too_large(f"more than {limits.MAX_CHARACTERS:,} characters", where, "split it into parts")
            scanned += shown < 10 and found.pictures > 0.4
            lines += _page(found, Place(page=number), spaced)
    _check_text(count, characters, scanned, unmapped, where)
    return lines


@contextmanager
def _opened(raw: Any, path: Path, where: str) -> Iterator[Any]:
    raw.FPDF_InitLibrary()
    document = raw.FPDF_LoadDocument(str(path).encode() + b"\0", None)
    if not document:
        if raw.FPDF_GetLastError() in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise SourceError(
                "the PDF is encrypted",
                code="source-encrypted",
                where=where,
                hint="save it without a password, or print it to a new PDF",
            )
        raise limits.damaged("PDF", where)
    try:
        yield document
    finally:
        raw.FPDF_CloseDocument(document)


def _content(raw: Any, document: Any, number: int, where: str) -> PageContent:
    page = raw.FPDF_LoadPage(document, number - 1)
    if not page:
        raise limits.damaged("PDF", where, f"page {number} cannot be read")
    try:
        return content(raw, page)
    finally:
        raw.FPDF_ClosePage(page)


def _leaves_out_spaces(raw: Any, document: Any) -> bool:
    """Whether the program that made the file leaves gaps for spaces: Chrome's does."""
    producer = ctypes.create_string_buffer(256)
    raw.FPDF_GetMetaText(document, b"Producer", producer, len(producer))
    return "Skia" in producer.raw.decode("utf-16-le", errors="replace")


def _check_text(pages: int, characters: int, scanned: int, unmapped: int, where: str) -> None:
    if pages == 0:
        raise limits.damaged("PDF", where, "it has no page")
    if characters == 0 or scanned * 2 > pages:
        raise SourceError(
            f"{scanned} of {pages} pages are pictures without text" if scanned else "there is no text on its pages",
            code="source-scanned",
            where=where,
            hint="recognise its text first (OCR, for example ocrmypdf -l jpn, or your PDF program), and give the new file",
        )
    if unmapped > _GARBLED * characters:
        raise SourceError(
            f"{unmapped:,} of {characters:,} characters have no meaning: its fonts do not tell which letters they draw",
            code="source-garbled",
            where=where,
            hint="get the document in another format, or recognise its text from the picture (OCR with the old text dropped)",
        )


def _page(found: PageContent, place: Place, spaced: bool) -> list[Printed]:
    tables = grids(found.horizontal, found.vertical, found.glyphs, found.boxes)
    outside: list[Glyph] = []
    for glyph in found.glyphs:
        x, y = (glyph.x0 + glyph.x1) / 2, (glyph.top + glyph.bottom) / 2
        for table in tables:  # the smallest first: a table within a cell of another takes its own
            cell = table.cell_at(x, y)
            if cell is not None:
                table.glyphs.setdefault(cell, []).append(glyph)
                break
        else:
            outside.append(glyph)
    lines = pieces(outside, spaced=spaced)
    marks: list[list[Piece]] = []
    for n, table in enumerate(tables):
        if any(not glyph.char.isspace() for glyphs in table.glyphs.values() for glyph in glyphs):
            marks.append([Piece("", table.xs[0], table.ys[0], table.xs[-1], table.ys[-1], table=n)])
    ordered = [line for region in reading_order(_with_tables(lines, marks)) for line in paragraphs(region)]
    result: list[Printed] = []
    for line in ordered:
        for text, table_number in _split(line):
            if table_number is None:
                result.append(Printed(text, place))
            else:
                result += [Printed("", place), *_rows(tables[table_number], place, spaced), Printed("", place)]
    return [*result, Printed("", place)]


def _with_tables(lines: list[list[Piece]], marks: list[list[Piece]]) -> list[list[Piece]]:
    """Lines and tables by height; what stands beside a table is on its line."""
    return sorted([*lines, *marks], key=lambda line: min(piece.top for piece in line))


def _split(line: Sequence[Piece]) -> Iterator[tuple[str, int | None]]:
    texts: list[str] = []
    for piece in line:
        if piece.table is not None:
            yield "", piece.table
        else:
            texts.append(piece.text)
    if texts:
        yield "  ".join(texts), None


def _rows(grid: Grid, place: Place, spaced: bool) -> Iterator[Printed]:
    for row, firsts in enumerate(grid.first):
        cells: list[str] = []
        left: set[int] = set()
        above: set[int] = set()
        for column, first in enumerate(firsts):
            if first == (row, column):
                cells.append(cell_text(grid.glyphs.get(first, ()), grid.width_of(first), spaced=spaced))
                continue
            cells.append("")
            (left if first[0] == row else above).add(column)
        yield table_row(cells, place, left, above)


def _check(path: Path, where: str) -> None:
    """Refuse a file that is cut off, or that would become far more than a page can hold: PDFium reads both."""
    data = path.read_bytes()
    if b"%%EOF" not in data[-_TAIL:] and b"startxref" not in data[-_TAIL:]:
        raise limits.damaged("PDF", where, "its end is missing")
    forms.check(data, where)

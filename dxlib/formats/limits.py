"""What is refused before it is read: files too large, of another kind than they say, or that unpack to far more than they are."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from dxlib.errors import SourceError

MB = 1024 * 1024
MAX_FILE = 100 * MB
"""Bytes of a PDF, DOCX or XLSX file."""
MAX_TEXT = 10 * MB
"""Bytes of a file that is text: TXT, Markdown, CSV, HTML."""
MAX_PAGES = 2_000
"""Pages of a PDF."""
MAX_CHARACTERS = 10_000_000
"""Characters that the pages of a PDF may hold together."""
MAX_PAGE_OBJECTS = 200_000
"""Drawn objects of one PDF page that are looked through for ruled lines."""
MAX_STREAM = 64 * MB
"""Bytes that one compressed stream of a PDF, pictures excepted, may unpack to."""
MAX_STREAMS = 1024 * MB
"""Bytes that all compressed streams of a PDF, pictures and small ones excepted, may unpack to."""
MAX_PICTURE = 256 * MB
"""Bytes that one picture of a PDF may unpack to."""
MAX_FORMS = 1_000_000
"""How often a PDF may draw forms, the repeated parts of its pages, that hold other forms."""
MAX_FORM_DEPTH = 30
"""Forms within each other that are counted; PDFium draws none deeper."""
MAX_INFLATED = 200 * MB
"""Bytes that a DOCX or XLSX file may unpack to, pictures and other media excepted."""
MAX_XML = 30 * MB
"""Bytes of the text of a DOCX file, unpacked."""
MAX_CELLS = 500_000
"""Cells of an XLSX workbook or of the tables of another document, empty ones included."""
MAX_SHEETS = 500
"""Sheets of an XLSX workbook; a list of contents may name one sheet very often."""
MAX_COLUMNS = 2_000
"""Cells of one table row."""
MAX_DEPTH = 200
"""Elements within each other in HTML or DOCX."""
MAX_ATTRIBUTES = 256
"""Attributes of one element in HTML."""
MAX_PARTS = 20_000
"""Files within a DOCX or XLSX file."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_CHUNK = 256 * 1024
_SHEET = re.compile(rb"<(?:\w{1,9}:)?sheet\s")
_ENTRY = b"PK\x01\x02"  # begins each entry of an archive's list of contents
_XML_NAMES = (".xml", ".rels", ".vml")
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))


def too_large(message: str, where: str, hint: str) -> SourceError:
    """The error of everything that passes a limit."""
    return SourceError(message, code="source-too-large", where=where, hint=hint)


def damaged(kind: str, where: str, reason: object = "") -> SourceError:
    """The error of a file that begins like its format, but does not hold to it."""
    return SourceError(
        f"the {kind} file is damaged" + (f": {reason}" if str(reason) else ""),
        code="source-damaged",
        where=where,
        hint="fetch it again, or open it and save it anew",
    )


def first_bytes(path: Path) -> bytes:
    """The beginning of a file.

    Raises:
        SourceError: it is not there, cannot be read, or is empty.
    """
    try:
        with path.open("rb") as file:
            head = file.read(1024)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise SourceError(
            "no such file", code="source-missing", where=str(path), hint="check the path, or restore data/raw from git"
        ) from error
    except OSError as error:
        raise SourceError(
            f"the file cannot be read: {error.strerror}", code="source-missing", where=str(path), hint="check its rights"
        ) from error
    if not head:
        raise SourceError("the file is empty", code="source-empty", where=str(path), hint="fetch the document again")
    return head


def check_size(path: Path, limit: int) -> None:
    """Refuse a file that is larger than a limit, before anything of it is read."""
    size = path.stat().st_size
    if size > limit:
        raise too_large(
            f"{size / MB:,.0f} MB, at most {limit // MB} MB are read",
            str(path),
            "split it into parts, or keep only the pages or sheets with indicators",
        )


def kind_of(head: bytes, path: Path) -> str:
    """What the first bytes say a file is: ``pdf``, ``docx``, ``xlsx`` or ``text``.

    Raises:
        SourceError: it is an old or protected office file, or an archive that is no document.
    """
    where = str(path)
    if head.lstrip().startswith(b"%PDF-") or (b"%PDF-" in head and path.suffix.lower() == ".pdf"):
        return "pdf"
    if head.startswith(_OLE):
        raise _old_office(path, where)
    if head.startswith(_ZIP):
        return _kind_of_archive(path, where)
    return "text"


def _old_office(path: Path, where: str) -> SourceError:
    with path.open("rb") as file:
        data = file.read(MAX_FILE)
    if "EncryptedPackage".encode("utf-16-le") in data:
        return SourceError(
            "the file is protected with a password", code="source-encrypted", where=where, hint="save it without a password"
        )
    newer = ".xlsx" if any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")) else ".docx"
    return SourceError(
        "an old Office file (.doc, .xls or .ppt)", code="source-format", where=where, hint=f"open it and save it as {newer}"
    )


def _kind_of_archive(path: Path, where: str) -> str:
    check_size(path, MAX_FILE)
    check_count(path)
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise damaged("zipped", where, error) from error
    if any(name.startswith("word/") for name in names):
        return "docx"
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    raise SourceError(
        "a zip archive that is neither DOCX nor XLSX",
        code="source-format",
        where=where,
        hint="unpack it, and give the documents in it; save other office files as .docx, .xlsx or .pdf",
    )


def check_count(path: Path) -> None:
    """Refuse an archive of very many files before its list of contents is read: that alone would take long, and much memory.

    Raises:
        SourceError: it holds more than `MAX_PARTS`.
    """
    count, tail = 0, b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            window = tail + chunk
            count += window.count(_ENTRY)
            tail = window[1 - len(_ENTRY) :]
            if count > MAX_PARTS:
                raise too_large(
                    f"it holds more than {MAX_PARTS:,} files", str(path), "no office program writes that: do not trust its origin"
                )


def check_archive(path: Path, kind: str) -> int:
    """Unpack the XML of a DOCX or XLSX file once without keeping it, and refuse what is no honest document.

    Any part may be XML, whatever its name: a part is what the others refer to it as. Pictures and other media are not unpacked,
    but none may unpack to more than all of the XML.

    Returns:
        How many cells its sheets hold (tags ``<c``), at most.

    Raises:
        SourceError: it unpacks to more than `MAX_INFLATED`, lists more than `MAX_SHEETS`, declares entities, is encrypted or is
            damaged.
    """
    where = str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            every = archive.infolist()
            parts = [part for part in every if _is_xml(archive, part)]
            most = max((part.file_size for part in every), default=0)
            if max(most, sum(part.file_size for part in parts)) > MAX_INFLATED:
                raise _bomb(where)
            if any(part.flag_bits & 1 for part in parts):
                raise SourceError(
                    "the file is protected with a password", code="source-encrypted", where=where, hint="save it without one"
                )
            left, cells, sheets = MAX_INFLATED, 0, 0
            for part in parts:
                size, found, listed = _check_part(archive, part, left, where)
                left, cells, sheets = left - size, cells + found, sheets + listed
                if sheets > MAX_SHEETS:
                    raise too_large(f"it lists more than {MAX_SHEETS:,} sheets", where, "keep the sheets with indicators")
    except SourceError:
        raise
    except Exception as error:  # zlib, zipfile and struct raise many kinds on damaged archives
        raise damaged(kind, where, error) from error
    return cells


def _is_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    if part.filename.lower().endswith(_XML_NAMES) or part.flag_bits & 1:
        return True
    with archive.open(part) as file:
        return file.read(64).lstrip(_BEFORE_XML).startswith(b"<")


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int, where: str) -> tuple[int, int, int]:
    size = cells = sheets = 0
    tail = b""
    is_picture = part.filename.lower().endswith(".svg")  # programs that draw write a DOCTYPE; no parser here expands entities
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            if size > left:
                raise _bomb(where)
            window = tail + chunk
            if not is_picture and any(word in window for word in _DECLARATIONS):
                raise SourceError(
                    f"{part.filename} declares XML entities, which no office program writes",
                    code="source-damaged",
                    where=where,
                    hint="open it in the office program and save it anew; do not trust its origin",
                )
            cells += chunk.count(b"<c ")
            sheets += count_sheets(chunk)
            tail = chunk[-24:]
    return size, cells, sheets


def count_sheets(listed: bytes) -> int:
    """How many sheets a part of a workbook lists.

    >>> count_sheets(b'<sheets><sheet name="A"/><x:sheet name="B"/></sheets><sheetView/>')
    2
    """
    return len(_SHEET.findall(listed))


def _bomb(where: str) -> SourceError:
    return too_large(
        f"it unpacks to more than {MAX_INFLATED // MB} MB",
        where,
        "keep only the sheets or chapters with indicators; a small file that unpacks to this is not to be trusted",
    )

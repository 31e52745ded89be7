"""Files of every supported format as printed lines: one module a format.

What a file is, is seen from its content; its name decides only between formats of plain text (CSV, Markdown, HTML, text).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dxlib.errors import SourceError
from dxlib.formats import limits
from dxlib.printed import Printed

_TEXT = {".txt": "text", ".md": "text", ".csv": "csv", ".tsv": "csv", ".html": "html", ".htm": "html"}
SUPPORTED = (".txt", ".md", ".csv", ".tsv", ".html", ".htm", ".docx", ".xlsx", ".pdf")


@dataclass(frozen=True, slots=True)
class File:
    """What a file holds.

    Attributes:
        sha256: of its bytes.
        encoding: ``utf-8``, ``utf-16`` or ``cp932`` of a text, else the format: ``pdf``, ``docx``, ``xlsx``.
        printed: its lines in reading order.
    """

    sha256: str
    encoding: str
    printed: Sequence[Printed]


def read(path: Path) -> File:
    """Read a file of any supported format.

    Raises:
        SourceError: the file is missing, empty, damaged, protected, too large, of an unknown encoding, or of a
            format that is not read.
    """
    where = str(path)
    head = limits.first_bytes(path)
    suffix = path.suffix.lower()
    if suffix not in SUPPORTED:
        raise _unread(suffix, where)
    kind = limits.kind_of(head, path)
    if kind == "pdf":
        from dxlib.formats import pdf

        limits.check_size(path, limits.MAX_FILE)
        return File(_sha256(path), "pdf", pdf.printed(path))
    if kind == "docx":
        from dxlib.formats import word

        limits.check_size(path, limits.MAX_FILE)
        return File(_sha256(path), "docx", word.printed(path))
    if kind == "xlsx":
        from dxlib.formats import workbook

        limits.check_size(path, limits.MAX_FILE)
        return File(_sha256(path), "xlsx", workbook.printed(path))
    return _text(path, suffix, where)


def _text(path: Path, suffix: str, where: str) -> File:
    from dxlib.formats import plain

    limits.check_size(path, limits.MAX_TEXT)
    data = path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    form = _TEXT.get(suffix)
    if plain.looks_like_html(data) and form != "html" and suffix != ".md":
        form = "html"
    if form is None:
        raise SourceError(
            f"the file is no {suffix[1:].upper()}: its content is something else",
            code="source-content",
            where=where,
            hint="open it to see what it is; fetch it again, or name it as what it is",
        )
    if form == "html":
        from dxlib.formats import webpage

        text, encoding = webpage.decode(data, where)
        return File(sha256, encoding, webpage.printed(text, where))
    text, encoding = plain.decode(data, where)
    if form == "csv":
        from dxlib.formats import delimited

        return File(sha256, encoding, delimited.printed(text, where))
    return File(sha256, encoding, plain.printed(text))


def _unread(suffix: str, where: str) -> SourceError:
    newer = {
        ".doc": ".docx",
        ".xls": ".xlsx",
        ".rtf": ".docx",
        ".odt": ".docx",
        ".ods": ".xlsx",
        ".jtd": ".docx",
        ".xlsm": ".xlsx",
    }
    hint = f"save it as {newer[suffix]}" if suffix in newer else f"give the document as one of: {', '.join(SUPPORTED)}"
    return SourceError(f"files of type {suffix or '(none)'} are not read", code="source-format", where=where, hint=hint)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Text and Markdown: UTF-8, UTF-16 or CP932, line by line as it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dxlib.errors import SourceError
from dxlib.printed import Printed

# Bytes that no CP932 text holds, as Python's codec maps them: signs of another encoding.
_NO_CHARACTER = re.compile(r"[\x80\xa0\uf8f0-\uf8f3]")
_HTML = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?>.*?-->)\s*)*<(?:!doctype\s+html|html[\s>])", re.I | re.S)


def looks_like_html(data: bytes) -> bool:
    """Whether a text begins as an HTML page does.

    >>> looks_like_html(b"<!DOCTYPE html><p>"), looks_like_html("<取組>".encode())
    (True, False)
    """
    return bool(_HTML.match(data[:4096]))


def _line_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _truncated(data: bytes, name: str) -> SourceError:
    return SourceError(
        "the file ends in the middle of a character: it is truncated",
        code="source-truncated",
        where=f"{name}:{_line_of(data, len(data))}",
        hint="copy or fetch the document again",
    )


def _without_mark(data: bytes) -> str | None:
    """UTF-16 without a byte order mark: half of the bytes of its line ends, digits and spaces are zero, on one side only."""
    if len(data) % 2 or b"\x00" not in data:
        return None
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if min(even, odd) * 20 > max(even, odd):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def decode(data: bytes, name: str) -> tuple[str, str]:
    """The text of a file, and its encoding: ``utf-8``, ``utf-16`` or ``cp932``.

    Raises:
        SourceError: it is empty, binary, truncated or of another encoding.
    """
    if not data.strip():
        raise SourceError("the file is empty", code="source-empty", where=name, hint="fetch the document again")
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    bare = None if marked else _without_mark(data)
    if b"\x00" in data and not marked:
        text = _decoded_bare(data, bare)
        if text is None:
            raise SourceError(
                "the file is binary, not text", code="source-binary", where=name, hint="give the document's text (UTF-8)"
            )
        return text, "utf-16"
    bad = 0
    for encoding, label in (("utf-16", "utf-16"),) if marked else (("utf-8-sig", "utf-8"), ("cp932", "cp932")):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start >= len(data) - 3:
                raise _truncated(data, name) from error
            bad = bad or error.start
            continue
        stray = _NO_CHARACTER.search(text) if label == "cp932" else None
        if stray is None:
            return text, label
    raise SourceError(
        f"byte {bad} is neither UTF-8 nor CP932",
        code="source-encoding",
        where=f"{name}:{_line_of(data, bad)}",
        hint="save the text as UTF-8",
    )


def _decoded_bare(data: bytes, encoding: str | None) -> str | None:
    try:
        text = data.decode(encoding) if encoding else None
    except UnicodeDecodeError:
        return None
    return None if text is None or re.search(r"[\x00-\x08\x0e-\x1f]", text) else text


def printed(text: str) -> Sequence[Printed]:
    r"""The lines of a text, numbered as in the file.

    >>> [[line.text for line in printed(text)] for text in ("a\r\nb", "a\nb", "a\rb")]
    [['a', 'b'], ['a', 'b'], ['a', 'b']]
    """
    end = "\n" if "\n" in text else "\r"  # some programs still end lines with CR alone
    return [Printed(line.rstrip("\r")) for line in text.split(end)]

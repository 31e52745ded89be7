"""Text of plans as text in a cell: never a formula, never markup, one line, nothing invisible."""

from __future__ import annotations

import re
from collections.abc import Iterable

EXCEL_LIMIT = 32_767  # characters in a cell, counted as Excel does: in UTF-16
_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_ILLEGAL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_EXCEL_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# White space and what nobody sees may stand before it: programs differ in what they drop.
_FORMULA = re.compile(
    r"['\s\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffd]*[=+\-@＝＋－＠\t]"
)
_HARMLESS = re.compile(r"[=+\-@＝＋－＠]|[+\-＋－][\d０-９][\d０-９,.，．]*\s?[%％]?")


def plain(text: str) -> str:
    r"""The text on one line: line breaks become ⏎, controls and what XML forbids become U+FFFD.

    >>> plain("a\r\nb\x00")
    'a⏎b�'
    """
    return _ILLEGAL.sub("\ufffd", _BREAKS.sub("⏎", text))


def is_formula(text: str) -> bool:
    """Whether a spreadsheet could take the text for a formula when it opens a CSV.

    >>> [is_formula(text) for text in ("=1+1", "-5%", "-", "▲2.0%", "+81(0)", " @SUM(A1)", "'=1")]
    [True, False, False, False, True, True, True]
    """
    return bool(_FORMULA.match(text)) and not _HARMLESS.fullmatch(text)


def excel_text(text: str, mark: str) -> str:
    """The text as an Excel cell stores it: ``_x0041_`` is not read as a character, and what is too long ends in ``mark``.

    >>> excel_text("_x0041_", "…"), excel_text("a" * 40_000, "…")[-2:]
    ('_x005F_x0041_', 'a…')
    """
    stored = _EXCEL_ESCAPE.sub("_x005F_", plain(text))
    encoded = stored.encode("utf-16-le")
    if len(encoded) <= 2 * EXCEL_LIMIT:
        return stored
    return encoded[: 2 * (EXCEL_LIMIT - len(mark))].decode("utf-16-le", "ignore") + mark


def csv_text(text: str) -> str:
    """The text as a CSV field holds it: on one line, with ' before what could be taken for a formula.

    >>> csv_text("=HYPERLINK(1)"), csv_text("142件")
    ("'=HYPERLINK(1)", '142件')
    """
    field = plain(text)
    return f"'{field}" if is_formula(field) else field


def from_csv(field: str) -> str:
    """The text that a CSV field stands for: what `csv_text` put before it is dropped.

    >>> [from_csv(field) for field in ("'=HYPERLINK(1)", "'quoted'", "''=1", "-5%")]
    ['=HYPERLINK(1)', "'quoted'", "'=1", '-5%']
    """
    return field[1:] if field.startswith("'") and is_formula(field[1:]) else field


def missing_from(encoding: str, texts: Iterable[str]) -> list[str]:
    """The characters that do not come back from an encoding, sorted (CP932 would make ～ of 〜)."""
    found = set().union(*map(set, texts))
    return sorted(char for char in found if not _encodes(char, encoding))


def _encodes(char: str, encoding: str) -> bool:
    try:
        return char.encode(encoding).decode(encoding) == char
    except UnicodeEncodeError:
        return False


def numbered(text: str, missing: Iterable[str]) -> str:
    """The text with the missing characters as ``&#x…;``; an ``&#x`` of the text is written as ``&#x26;#x``.

    >>> numbered("ー〜 &#x", ["〜"])
    'ー&#x301c; &#x26;#x'
    """
    text = text.replace("&#x", "&#x26;#x")
    return text.translate({ord(char): f"&#x{ord(char):x};" for char in missing})

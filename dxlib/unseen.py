"""Characters that nobody sees: named, so that none hides a text, turns a line around, forges a line or commands a terminal."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# What acts on what stands beside it: controls, halves of characters, and marks of direction. White space is none of these.
_ACTING = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def _name(character: str) -> str:
    return f"〔U+{ord(character):04X}〕"


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN or ord(character) & 0xFFFE == 0xFFFE


def visible(text: str) -> str:
    r"""The text on one line of a terminal: line breaks become ⏎, tabs a space, what nobody sees its code point.

    >>> visible("a\r\nb\tc"), visible("\x1b[2J"), visible("100\u202e%")
    ('a⏎b c', '〔U+001B〕[2J', '100〔U+202E〕%')
    """
    if text.isprintable():
        return text
    line = _BREAKS.sub("⏎", text).replace("\t", " ")
    return line if line.isprintable() else "".join(_name(char) if _is_unseen(char) else char for char in line)


def visible_lines(text: str) -> str:
    r"""A message of several lines for a terminal: all but the first begin with spaces, so that no text can forge a message.

    >>> visible_lines("it is 'a\ndxlib: all is well'\n  Hint: look")
    "it is 'a\n  dxlib: all is well'\n  Hint: look"
    """
    first, *others = text.split("\n")
    return "\n".join([visible(first), *(visible(line if line.startswith("  ") else f"  {line}") for line in others)])


def inert(text: str) -> str:
    r"""The text with the code points of what acts on its neighbours on a page; white space and joiners stay as they are.

    >>> inert("\u202e24/26\n"), inert("a\u200bb") == "a\u200bb"
    ('〔U+202E〕24/26\n', True)
    """
    return _ACTING.sub(lambda match: _name(match[0]), text)


def json_text(value: Any, **form: Any) -> str:
    r"""A value as JSON in which everything that nobody sees is written as an escape; it reads back as the same.

    Args:
        value: what `json.dumps` takes.
        form: further arguments of `json.dumps`.

    >>> json_text({"値": "\x9b2J\u202e"})
    '{"値": "\\u009b2J\\u202e"}'
    """
    written = json.dumps(value, ensure_ascii=False, **form)
    if written.isprintable():
        return written
    return "".join(json.dumps(char)[1:-1] if char != "\n" and _is_unseen(char) else char for char in written)

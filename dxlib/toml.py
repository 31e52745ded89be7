"""TOML that people write: whatever is wrong with it is one kind of error."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

Kind = TypeVar("Kind")


def decode(source: str | bytes, kind: type[Kind]) -> Kind:
    """A TOML file in the type that it should have.

    Args:
        source: its text, or its bytes (UTF-8).
        kind: the type.

    Raises:
        msgspec.DecodeError: it is no TOML, or (a ``msgspec.ValidationError``) not of the type.

    >>> decode("a = 1", dict)
    {'a': 1}
    >>> decode("a = " + "[" * 5000, dict)
    Traceback (most recent call last):
        ...
    msgspec.DecodeError: brackets stand within each other too deep
    """
    try:
        return msgspec.toml.decode(source, type=kind)
    except msgspec.MsgspecError:  # some of them are a ValueError as well
        raise
    except RecursionError as error:
        raise msgspec.DecodeError("brackets stand within each other too deep") from error
    except ValueError as error:  # no UTF-8, or a number of thousands of digits
        raise msgspec.DecodeError(str(error)) from error


def line_of(source: str, message: str, entry_kinds: Mapping[str, Any]) -> int:
    """The line of the entry that does not fit its type.

    Args:
        source: the text of the file.
        message: what is wrong, as ``msgspec`` says it.
        entry_kinds: type of the entries below each table of the file; under "" those at the top.
    """
    return _line_of_item(source, message) or _line_of_entry(source, entry_kinds)


def _line_of_item(source: str, message: str) -> int:
    """The line of the entry of a list ([[theme]]) that a message names by its place; 0 when it names none."""
    if not (place := re.search(r"`\$\.(\w+)\[(\d+)\]", message)):
        return 0
    headings = [number for number, line in enumerate(source.splitlines(), 1) if line.startswith(f"[[{place[1]}]]")]
    number = int(place[2])
    return headings[number] if number < len(headings) else 0  # it may be written as one list


def _line_of_entry(source: str, entry_kinds: Mapping[str, Any]) -> int:
    """The line of the first entry that does not fit, or of the key in it that is unknown."""
    content = tomllib.loads(source)
    for table, kind in entry_kinds.items():
        entries = content.get(table) if table else content
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            try:
                msgspec.convert(entry, kind)
            except msgspec.ValidationError as error:
                heading = re.compile(rf"^\[{re.escape(table + '.' if table else '')}\"?{re.escape(name)}\b", re.MULTILINE)
                start = found.start() if (found := heading.search(source)) else 0
                unknown = re.search(r"unknown field `([^`]+)`|Invalid enum value '([^']+)'", str(error))
                word = unknown and (unknown[1] or unknown[2])
                at = source.find(word, start) if word else start
                return source.count("\n", 0, max(at, 0)) + 1
    return 1

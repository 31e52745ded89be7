"""What commands say beside their results: lines for people, or with ``--log-format json`` one JSON object a line on stderr.

A record has ``time`` (UTC, ISO 8601), ``level`` and ``event``, then the event's own fields (docs/upkeep.md lists them). Text of
plans, names of files and messages of libraries are values in it: whatever they hold, they begin no line of their own.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal

from dxlib.errors import DxlibError
from dxlib.unseen import visible_lines

Form = Literal["text", "json"]
FORMS: tuple[Form, ...] = ("text", "json")
VARIABLE = "DXLIB_LOG_FORMAT"

_logger = logging.getLogger("dxlib")
_FIELDS = "dxlib_fields"
_UNSEEN = re.compile(r"[^\x20-\x7e]")


def _shown(match: re.Match[str]) -> str:
    character = match[0]
    return character if character.isprintable() or character == "\u3000" else json.dumps(character)[1:-1]


def one_line(text: str) -> str:
    r"""A text on one line, with what cannot be seen, or turns the direction of what can, written as an escape.

    >>> one_line("計画\n  第2期\u2028\u202e\x1b")
    '計画 第2期 \\u202e\\u001b'
    """
    return _UNSEEN.sub(_shown, " ".join(text.split()))


def encoded(record: dict[str, Any]) -> str:
    r"""A record as one line of JSON.

    >>> encoded({"event": "a\nb", "document": "伊\u2028"})
    '{"event": "a\\nb", "document": "伊\\u2028"}'
    """
    return _UNSEEN.sub(_shown, json.dumps(record, ensure_ascii=False, default=str))


class _JsonLines(logging.Handler):
    """Writes every record of this program and its libraries to stderr, whatever stderr is just then."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, in one piece."""
        try:
            sys.stderr.write(encoded(_as_dict(record)) + "\n")
            sys.stderr.flush()
        except Exception:
            self.handleError(record)


def _as_dict(record: logging.LogRecord) -> dict[str, Any]:
    head = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
    }
    fields = getattr(record, _FIELDS, None)
    if fields is not None:
        return {**head, "event": record.getMessage(), **fields}
    found = {**head, "event": "message", "logger": record.name, "message": record.getMessage().strip()}
    if record.exc_info and record.exc_info[1]:
        found["trace"] = "".join(traceback.format_exception(record.exc_info[1]))
    return found


def is_json() -> bool:
    """Whether records are written, and lines for people are not."""
    return any(isinstance(handler, _JsonLines) for handler in logging.getLogger().handlers)


def event(name: str, level: int = logging.INFO, **fields: Any) -> None:
    """Write a record; nothing where lines for people are written.

    Args:
        name: what happened: ``built``, ``report`` …
        level: of `logging`.
        fields: what about; ``time``, ``level`` and ``event`` are taken. A value that is None is left out.
    """
    if is_json():
        told = {key: value for key, value in fields.items() if value is not None}
        _logger.log(level, "%s", name, extra={_FIELDS: told})


def failed(error: DxlibError, **fields: Any) -> None:
    """Write an error of the workbench as a record."""
    event("error", logging.ERROR, **error.record, **fields)


def defect(error: BaseException) -> None:
    """Write an error that nobody foresaw as a record, with where it came from."""
    trace = "".join(traceback.format_exception(error))
    event("defect", logging.CRITICAL, message=f"{type(error).__name__}: {error}", trace=trace)


def begin(form: str) -> None:
    """Write in this form from now on, in this process and those that it starts."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _JsonLines)]:
        root.removeHandler(handler)
    os.environ[VARIABLE] = form
    logging.captureWarnings(form == "json")
    _logger.setLevel(logging.INFO if form == "json" else logging.NOTSET)
    if form == "json":
        root.addHandler(_JsonLines())


def begin_as_asked() -> None:
    """In a process that another one started: write as that one does."""
    if os.environ.get(VARIABLE) == "json" and not is_json():
        begin("json")


@contextmanager
def written(form: str) -> Iterator[None]:
    """Write in this form inside."""
    before = os.environ.get(VARIABLE)
    begin(form)
    try:
        yield
    finally:
        begin("text")
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def asked_for(args: Sequence[str]) -> str:
    """The form that a command line asks for, as far as can be seen before it is understood."""
    for position, argument in enumerate(args):
        if argument.startswith("--log-format="):
            return argument.partition("=")[2]
        if argument == "--log-format" and position + 1 < len(args):
            return args[position + 1]
    return os.environ.get(VARIABLE, "text")


def wrong_usage(message: str) -> None:
    """Write a mistake in the command line as a record."""
    event("error", logging.ERROR, code="wrong-usage", message=message, hint="see --help")


def say(text: str, *, err: bool = False) -> None:
    """A line for people; nothing where records are written. Text of plans in it commands no terminal, hides and forges no line.

    Args:
        text: the line.
        err: on stderr, not stdout.
    """
    if not is_json():
        import click

        click.echo(visible_lines(text), err=err)

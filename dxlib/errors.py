"""The errors of the workbench: what happened, where, and what to do.

Every error carries a stable ``code`` that ``docs/errors.md`` explains in Japanese and English.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import partial
from typing import Any


class DxlibError(Exception):
    """Base of every error that the workbench raises on purpose.

    Args:
        message: the fact, in one sentence.
        code: stable identifier, listed in ``docs/errors.md``.
        where: file, line or table the fact is about.
        hint: what the reader can do next.
    """

    def __init__(self, message: str, *, code: str, where: str = "", hint: str = "") -> None:
        self.message, self.code, self.where, self.hint = message, code, where, hint
        super().__init__(str(self))

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is handed from one process to another: an exception by itself would be made of its text alone."""
        return partial(type(self), code=self.code, where=self.where, hint=self.hint), (self.message,)

    @property
    def record(self) -> dict[str, str | None]:
        """Its parts by name, for programs; null where it has none."""
        return {"code": self.code, "where": self.where or None, "message": self.message, "hint": self.hint or None}

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        hint = f"\n  Hint: {self.hint}" if self.hint else ""
        return f"[{self.code}] {place}{self.message}{hint}"


class ProjectError(DxlibError, FileNotFoundError):
    """The workbench folder, or a part of it, cannot be found."""

    __str__ = DxlibError.__str__


class SourceError(DxlibError, ValueError):
    """A plan document is missing, changed, empty or unreadable."""


class OriginError(DxlibError, ValueError):
    """The TOML that states a document's origin is wrong."""


class MunicipalityError(DxlibError, ValueError):
    """A municipality code or name is malformed or unknown."""


class DecisionError(DxlibError, ValueError):
    """A human decision (theme, facet, correction) is malformed or no longer fits its source."""


class WarehouseError(DxlibError, RuntimeError):
    """The warehouse cannot be built, found or read."""


class LockError(DxlibError, RuntimeError):
    """Another program writes in the workbench, or nobody may."""


class QueryError(DxlibError, ValueError):
    """A question to the warehouse is not one it can answer."""


class ReportError(DxlibError, RuntimeError):
    """A report could not be produced; the last good one is untouched."""


def nearest(wanted: str, valid: Iterable[str], limit: int = 3) -> str:
    """Say which valid values come closest to a mistyped one.

    >>> nearest("telewrok", ["telework", "gis"])
    "did you mean 'telework'? Valid: gis, telework"
    """
    known = sorted(set(valid))
    close = get_close_matches(wanted, known, n=limit, cutoff=0.5)
    guess = f"did you mean {' or '.join(map(repr, close))}? " if close else ""
    return f"{guess}Valid: {', '.join(known)}"

"""What a check found: a fact, and what to do about it, in Japanese and English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dxlib import wording
from dxlib.errors import DxlibError
from dxlib.log import one_line

Level = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of ``texts.toml`` with what fills its blanks; a list in a blank is told one after the other."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        """The sentence on one line."""
        told = {
            name: "; ".join(part.text(lang) for part in value) if isinstance(value, list) else value
            for name, value in self.values.items()
        }
        return one_line(wording.text(self.key, lang, **told))


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: stable name of the check.
        level: ``ok``; ``note``, something is missing or going on that stops nothing; ``problem``, something will fail.
        fact: what is so.
        remedy: what to do; None where there is nothing to do.
    """

    check: str
    level: Level
    fact: Said
    remedy: Said | None = None

    def line(self, lang: str) -> str:
        """The line of a list: level, fact, and what to do."""
        todo = f" -> {self.remedy.text(lang)}" if self.remedy else ""
        return f"{wording.text(f'health_{self.level}', lang)}  {self.fact.text(lang)}{todo}"

    def record(self, lang: str) -> dict[str, str | None]:
        """The same for programs: ``check``, ``level``, ``fact`` and ``remedy`` (null where there is nothing to do)."""
        remedy = self.remedy.text(lang) if self.remedy else None
        return {"check": self.check, "level": self.level, "fact": self.fact.text(lang), "remedy": remedy}


def ok(check: str, key: str, **values: Any) -> Finding:
    """All is well."""
    return Finding(check, "ok", Said(key, values))


def wrong(check: str, fact: Said, remedy: Said) -> Finding:
    """Something will fail."""
    return Finding(check, "problem", fact, remedy)


def of_error(check: str, error: DxlibError) -> Finding:
    """A typed error as a problem: its message is the fact, its hint the remedy. Errors are in English everywhere."""
    place = f"{error.where}: " if error.where else ""
    fact = Said("doctor_error", {"error": f"[{error.code}] {place}{error.message}"})
    return wrong(check, fact, Said("doctor_hint", {"hint": error.hint or "docs/errors.md"}))


def guarded(check: str, look: Callable[[], Finding]) -> Finding:
    """What a check finds, also where it fails itself: on a broken machine anything may be missing."""
    try:
        return look()
    except DxlibError as error:
        return of_error(check, error)
    except Exception as error:
        fact = Said("doctor_failed", {"check": check, "error": f"{type(error).__name__}: {error}"})
        return wrong(check, fact, Said("doctor_reinstall"))

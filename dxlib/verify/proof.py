"""What was proved, and what was found to be wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

KEPT = 200  # findings of one check that are named; the rest is counted


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold.

    Attributes:
        check: key of the check that found it.
        place: file and line, table and key, or report and file.
        found: what stands there, and what should.
        remedy: what to do.
    """

    check: str
    place: str
    found: str
    remedy: str


@dataclass(slots=True)
class Check:
    """One check.

    Attributes:
        key: stable name.
        claim: what holds, in words, when nothing is found.
        count: how many things were proved.
        findings: those that do not hold, at most `KEPT`.
        failed: how many do not hold.
        seconds: how long it took.
        about: the report it looked at; empty for the warehouse.
    """

    key: str
    claim: str
    count: int = 0
    findings: list[Finding] = field(default_factory=list)
    failed: int = 0
    seconds: float = 0.0
    about: str = ""

    def proved(self, count: int = 1) -> None:
        """So many things hold."""
        self.count += count

    def wrong(self, place: str, found: str, remedy: str) -> None:
        """Something does not hold."""
        self.failed += 1
        if len(self.findings) < KEPT:
            self.findings.append(Finding(self.key, place, found, remedy))

    def expect(self, holds: bool, place: str, found: str, remedy: str) -> bool:
        """Count one thing as proved, or as wrong."""
        if holds:
            self.count += 1
        else:
            self.wrong(place, found, remedy)
        return holds


@dataclass(slots=True)
class Proof:
    """All checks of a run, in order.

    Attributes:
        checks: what was looked at.
        tell: called with each check when it is done.
    """

    checks: list[Check] = field(default_factory=list)
    tell: Callable[[Check], None] | None = None

    def run(self, key: str, claim: str, work: Callable[[Check], None], about: str = "") -> Check:
        """Do one check and keep it."""
        check = Check(key, claim, about=about)
        start = time.perf_counter()
        work(check)
        check.seconds = time.perf_counter() - start
        self.checks.append(check)
        if self.tell:
            self.tell(check)
        return check

    @property
    def findings(self) -> list[Finding]:
        """All that does not hold."""
        return [finding for check in self.checks for finding in check.findings]

    @property
    def holds(self) -> bool:
        """Whether everything was proved."""
        return not any(check.failed for check in self.checks)


def shown(value: object, longest: int = 80) -> str:
    r"""A value in a message: one line, not too long.

    >>> shown(None), shown("a\nb"), shown("長" * 100, 5)
    ('nothing', "'a b'", "'長長長…'")
    """
    if value is None:
        return "nothing"
    text = repr(" ".join(value.split()) if isinstance(value, str) else value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…{text[:1] if text[:1] in chr(39) + chr(34) else ''}"

"""The values of each indicator, chosen anew in plain Python: baseline, latest result, targets, and what stands by default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from dxlib.rules import word_rows
from dxlib.verify.opened import Opened, Record, published_day

_LONG_AGO = date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Launch:
    """Where a roadmap places the launch of a measure: placed, several or unplaced, and the year."""

    status: str
    year: int | None


@dataclass(frozen=True, slots=True)
class Value:
    """A known value of an indicator, as progress and comparison take it.

    Attributes:
        row: the row of ``observation`` or ``recorded_actual``.
        id, role: of the value.
        y: the value; a fraction as its share in percent. None for words and blanks.
        unit: that of ``y``.
        t: fiscal or calendar year; a year after launch where the roadmap places the launch.
        printed_year: the same without the launch.
        known: the day by which it was published or recorded.
    """

    row: Record
    id: str
    role: str
    y: float | None
    unit: str | None
    t: int | None
    printed_year: int | None
    known: date | None
    position: int

    @property
    def place(self) -> tuple[int, date, int, str]:
        """The order of values: the last of several counts."""
        return (self.t or 0, self.known or _LONG_AGO, self.position, self.id)

    def get(self, column: str) -> Any:
        """A cell of the row; None where the table has no such column."""
        return self.row.get(column)

    @property
    def is_relative(self) -> bool:
        """Whether it is an amount of change."""
        return self.get("relative_to") is not None or self.get("direction") is not None

    @property
    def is_calendar(self) -> bool:
        """Whether its year is a calendar year."""
        return self.get("fiscal_year") is None and self.get("calendar_year") is not None


def launches(opened: Opened) -> dict[str, Launch]:
    """The launch of each measure whose roadmap names one."""
    words = [row for row in word_rows() if row["kind"] == "launch"]
    yes = [row["word"] for row in words if row["means"] == "launch"]
    no = [row["word"] for row in words if row["means"] == "before"]
    by_measure: dict[str, list[Record]] = {}
    for row in opened.table("milestone"):
        by_measure.setdefault(row["measure_id"], []).append(row)
    found = {}
    for measure_id, cells in by_measure.items():
        shifted = {cell["line"] for cell in cells if cell["fiscal_year"] is None}
        named = [c for c in cells if any(w in c["text"] for w in yes) and not any(w in c["text"] for w in no)]
        years = {cell["fiscal_year"] for cell in named} - {None}
        if len(years) > 1:
            found[measure_id] = Launch("several", max(years))
        elif named:
            is_uncertain = any(cell["line"] in shifted for cell in named)
            found[measure_id] = Launch("unplaced" if is_uncertain else "placed", max(years, default=None))
    return found


def values(opened: Opened) -> dict[str, list[Value]]:
    """All known values by indicator."""
    published = {row["document_id"]: published_day(row["published"]) for row in opened.table("document")}
    measures = {row["indicator_id"]: row["measure_id"] for row in opened.table("indicator")}
    at = launches(opened)
    found: dict[str, list[Value]] = {indicator_id: [] for indicator_id in measures}
    for row in opened.table("observation"):
        launch = at.get(measures.get(row["indicator_id"], ""))
        known = published.get(row["document_id"])
        found.setdefault(row["indicator_id"], []).append(_value(row, row["observation_id"], row["role"], known, launch))
    for row in opened.table("recorded_actual"):
        found.setdefault(row["indicator_id"], []).append(_value(row, row["recorded_id"], "actual", row["recorded_on"], None))
    return found


def _value(row: Record, key: str, role: str, known: date | None, launch: Launch | None) -> Value:
    y, unit = row["value"], row["unit"]
    if y is None and row["numerator"] is not None:
        y, unit = 100.0 * row["numerator"] / row["denominator"], "%"
    printed = row["fiscal_year"] if row["fiscal_year"] is not None else row["calendar_year"]
    t = printed
    relative = row.get("relative_year")
    if t is None and relative is not None and launch and launch.status == "placed" and launch.year is not None:
        t = launch.year + relative - 1
    return Value(row, key, role, y, unit, t, printed, known, row.get("position") or 1000)


def stands(found: list[Value]) -> Value | None:
    """The value an indicator stands with by default: the last actual, else the last baseline, else the last target."""
    ranks = {"actual": 2, "baseline": 1}

    def key(value: Value) -> tuple[Any, ...]:
        return (
            value.get("missing") is None,
            ranks.get(value.role, 0),
            value.printed_year or 0,
            value.get("relative_year") or 0,
            value.known or _LONG_AGO,
            value.id,
        )

    return max(found, key=key, default=None)

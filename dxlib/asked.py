"""What may be asked of a warehouse: days, versions of the national plan, and how years are aligned."""

from __future__ import annotations

import calendar
import re
from datetime import date

from dxlib.errors import QueryError, nearest

ROLES = ("latest", "known", "target")


def known_on(day: str | date | None) -> date | None:
    """The day an as-of question means: a month means its last day.

    >>> known_on("2026-07"), known_on("2026-07-15"), known_on(None)
    (datetime.date(2026, 7, 31), datetime.date(2026, 7, 15), None)

    Raises:
        QueryError: it is no day or month.
    """
    if day is None or isinstance(day, date):
        return day
    try:
        if re.fullmatch(r"\d{4}-\d{2}", day):
            year, month = int(day[:4]), int(day[5:])
            return date(year, month, calendar.monthrange(year, month)[1])
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
            return date.fromisoformat(day)
    except (ValueError, calendar.IllegalMonthError):
        pass
    raise QueryError(f"'{day}' is no day", code="date-invalid", hint="write 2026-07-31, or 2026-07 for the end of a month")


def version_order(version: str) -> list[int]:
    """Sorts versions of the national plan by their numbers: a year without a month says too little.

    >>> sorted(["2.3", "10.0", "2.2"], key=version_order)
    ['2.2', '2.3', '10.0']
    """
    return [int(part) for part in re.findall(r"\d+", version)]


def alignment_of(role: str, year: int | None, within: int, interpolate: bool) -> list[object]:
    """How values of several years are aligned, as the comparing macros take it.

    Raises:
        QueryError: an unknown role, or a distance without a year.
    """
    if role not in ROLES:
        raise QueryError(f"unknown role '{role}'", code="role-unknown", hint=nearest(role, ROLES))
    if year is None and (within or interpolate):
        raise QueryError(
            "a distance in years, or interpolation, needs a year", code="alignment-invalid", hint="say which year, e.g. 2025"
        )
    if within < 0 or (interpolate and role == "target"):
        raise QueryError(
            "targets are never interpolated, and a distance is not negative",
            code="alignment-invalid",
            hint="interpolate takes role latest or known; within takes 0 or more",
        )
    return [role, year, within, interpolate]

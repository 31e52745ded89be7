"""Progress, computed anew in fractions and compared with what the warehouse says."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from dxlib.verify.opened import EDITED, Opened, Record
from dxlib.verify.proof import Check, Proof, shown
from dxlib.verify.values import launches, values
from dxlib.verify.way import Way

_NUMBERS = (
    *("baseline_value", "latest_value", "target_printed", "target_value", "path_value", "attainment_pct", "share_of_path_pct"),
    *("pace", "pace_growth", "required_per_year", "arrival_year", "ambition", "ambition_per_year", "ambition_pct"),
)
_WORDS = (
    *("baseline_id", "latest_id", "target_id", "path_id", "baseline_year", "latest_year", "target_year"),
    *("unit", "target_from_base", "path_result", "class", "reason"),
)
_NEAR = Fraction(1, 10**9)


def check_progress(proof: Proof, opened: Opened) -> None:
    """Every number and class of ``progress``."""
    proof.run("progress", "progress is what its formulas give, in fractions", lambda c: _progress(c, opened))


def agrees(stored: float | None, exact: Fraction | float | None) -> bool:
    """Whether a number of the warehouse is the exact one, but for the last digits of a double.

    >>> agrees(0.3333333333333333, Fraction(1, 3)), agrees(0.3334, Fraction(1, 3)), agrees(None, None), agrees(0.0, None)
    (True, False, True, False)
    """
    if stored is None or exact is None:
        return stored is None and exact is None
    size = max(Fraction(1), abs(Fraction(exact)))
    return bool(abs(Fraction(stored) - Fraction(exact)) <= _NEAR * size)


def _progress(check: Check, opened: Opened) -> None:
    known, at = values(opened), launches(opened)
    plans = {row["plan_id"]: row for row in opened.table("plan")}
    measures = {row["measure_id"]: row for row in opened.table("measure")}
    better = {row["indicator_id"]: row["better"] for row in opened.table("indicator_theme")}
    indicators = {row["indicator_id"]: row for row in opened.table("indicator")}
    for stored in opened.records("SELECT * FROM progress ORDER BY indicator_id"):
        key = stored["indicator_id"]
        indicator = indicators.get(key)
        if indicator is None:
            check.wrong(f"progress {key}", "there is no such indicator", EDITED)
            continue
        measure = measures[indicator["measure_id"]]
        scope = plans[measure["plan_id"]]["scope"]
        way = Way(known[key], at.get(measure["measure_id"]), better.get(key), indicator["name"], scope)
        _compare(check, stored, way.answers())


def _compare(check: Check, stored: Record, expected: dict[str, Any]) -> None:
    place = f"progress {stored['indicator_id']}"
    for column in _NUMBERS:
        exact = expected[column]
        found = f"{column} is {stored[column]!r}, its formula gives {None if exact is None else float(exact)!r}"
        check.expect(agrees(stored[column], exact), place, found, EDITED)
    for column in _WORDS:
        found = f"{column} is {shown(stored[column])}, expected {shown(expected[column])}"
        check.expect(stored[column] == expected[column], place, found, EDITED)

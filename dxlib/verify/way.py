"""The way of one indicator from baseline over result to target, by the formulas of ``docs/indicators.md``, in fractions."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from dxlib.verify.values import Launch, Value

_MOVES = re.compile("前年|前期|前回|毎年")
_SIGNED = re.compile("[+＋±]")
_ON_TRACK, _ACCELERATE = Fraction(95, 100), Fraction(60, 100)


def base_year(printed: str | None) -> int | None:
    """The Western year of a printed base.

    >>> base_year("R7年度"), base_year("令和6年度参加人数"), base_year("2025年度"), base_year("前年度")
    (2025, 2024, 2025, None)
    """
    if printed is None:
        return None
    if match := re.search(r"(?:R|令和) ?([0-9]{1,2})", printed):
        return 2018 + int(match[1])
    match = re.search(r"((?:19|20)[0-9]{2})", printed)
    return int(match[1]) if match else None


def _exact(number: float | None) -> Fraction | None:
    return None if number is None else Fraction(number)


def _alike(*units: str | None) -> bool:
    return len({unit for unit in units if unit is not None}) <= 1


class Way:
    """The way of one indicator.

    Args:
        known: its values.
        launch: of its measure.
        better: higher, lower, maintain; None where nobody decided.
        name: of the indicator.
        scope: plan or review.
    """

    def __init__(self, known: Sequence[Value], launch: Launch | None, better: str | None, name: str | None, scope: str) -> None:
        self.known, self.launch, self.name, self.scope = known, launch, name or "", scope
        amounts = [value for value in known if value.y is not None]
        targets = [value for value in amounts if value.role == "target"]
        dated = [value for value in targets if value.t is not None]
        self.b = max((v for v in amounts if v.role == "baseline"), key=lambda v: v.place, default=None)
        self.l = max((v for v in amounts if v.role == "actual"), key=lambda v: v.place, default=None)
        self.g = max(targets, key=lambda v: v.place, default=None)
        self.g1 = min(dated, key=lambda v: v.place, default=None)
        same_year = [v for v in dated if self.l and (v.t, v.is_calendar) == (self.l.t, self.l.is_calendar)]
        self.p = max(same_year, key=lambda v: v.place, default=None)
        self._relate()
        self._measure(better)

    def _relate(self) -> None:
        """Whether the target is an amount of change, and of what."""
        g, b, last = self.g, self.b, self.l
        self.from_zero = self.is_change = self.has_base = False
        self.unclear: str | None = None
        if g is None:
            return
        relative_to = g.get("relative_to")
        base = base_year(relative_to)
        as_printed = (
            last is not None
            and last.is_relative
            and (last.unit, last.get("direction")) == (g.unit, g.get("direction"))
            and b is None
            and relative_to is None
        )
        both_rates = g.unit == "%" and b is not None and b.unit == "%" and relative_to is None and "率" in self.name
        self.is_change = g.is_relative and not (as_printed or both_rates)
        self.from_zero = g.unit == "%" and last is not None and last.unit == "%" and b is None and base is not None
        moves = bool(relative_to and _MOVES.search(relative_to))
        if self.is_change and not self.from_zero and b is not None and not b.is_relative and not moves:
            self.has_base = base is None or base == b.t
        if self.is_change and moves:
            self.unclear = "base_moves"
        elif self.is_change and g.get("direction") is None and 0 <= (g.y or 0) < 50 and not _SIGNED.search(g.get("quote") or ""):
            self.unclear = "relative_ambiguous"

    def _aimed(self) -> Fraction | None:
        """The target in the unit of its base."""
        if self.g is None:
            return None
        y, base = Fraction(self.g.y or 0), _exact(self.b.y) if self.b else None
        if not self.is_change or self.from_zero:
            return y
        if self.unclear or not self.has_base or base is None or self.b is None:
            return None
        direction = self.g.get("direction")
        sign = -1 if direction == "decrease" else 1
        if self.g.unit == "%" and self.b.unit != "%":
            if direction:
                return base * (100 + sign * abs(y)) / 100
            is_signed = y < 0 or bool(_SIGNED.search(self.g.get("quote") or ""))
            return base * ((100 + y) if is_signed else y) / 100
        return base + sign * abs(y) if self.g.unit == self.b.unit and direction else None

    def _measure(self, better: str | None) -> None:
        """Years and values of the way, and whether it has a pace."""
        g, b, last = self.g, self.b, self.l
        aim = self._aimed()
        self.is_resolved = self.is_change and not self.from_zero and aim is not None
        if self.from_zero and g is not None and g.get("direction") is None and (g.y or 0) >= 50:
            self.unclear = "relative_ambiguous"
        sign = {"lower": -1, None: None}.get(better, 1)
        self.y0 = Fraction(0) if self.from_zero else _exact(b.y) if b else None
        self.d = sign
        if self.is_resolved and aim is not None and self.y0 is not None:
            self.d = -1 if aim < self.y0 else 1
        self.t0 = (base_year(g.get("relative_to")) if g else None) if self.from_zero else b.t if b else None
        self.yi, self.ti = (_exact(last.y), last.t) if last else (None, None)
        self.tt = g.t if g else None
        units = (b.unit if b else None, last.unit if last else None)
        self.units_agree = self.from_zero or _alike(*units, *(() if self.is_change else (g.unit if g else None,)))
        if g is not None and g.get("comparator") == "range" and self.d == 1 and not self.is_resolved:
            self.yt = _exact(g.get("value_low"))
        else:
            self.yt = None if self.unclear else aim
        first = self.g1
        self.due_each_year = bool(
            g and first and not self.is_change and first.y == g.y and None not in (first.t, g.t) and (first.t or 0) < (g.t or 0)
        )
        self.has_pace = (
            self.units_agree
            and None not in (self.ti, self.t0, self.tt, self.yt, self.y0, self.yi, self.d)
            and (self.ti or 0) > (self.t0 or 0)
            and (self.tt or 0) > (self.t0 or 0)
            and self._reaches(self.yt, self.y0)
        )

    def _reaches(self, one: Fraction | None, other: Fraction | None) -> bool:
        """Whether one value is as good as the other, or better."""
        return one is not None and other is not None and self.d is not None and self.d * one >= self.d * other

    def _no_target(self) -> str | None:
        targets = [value for value in self.known if value.role == "target"]
        g = self.g
        if not any(value.get("missing") is None for value in targets):
            return "no_target"
        if g is None and any(value.y is None and value.get("value_text") is not None for value in targets):
            return "target_in_words"
        if (g is None or g.t is None) and any(value.get("relative_year") is not None for value in targets):
            return "launch_several" if self.launch and self.launch.status == "several" else "launch_unplaced"
        if self.unclear == "base_moves":
            return self.unclear
        if self.is_change and not self.from_zero and not self.has_base:
            return "base_unprinted"
        return self.unclear or ("base_unprinted" if self.yt is None else None)

    @property
    def reason(self) -> str | None:
        """Why something cannot be computed, or what is special."""
        found = self._no_target()
        if found or self.g is None:
            return found
        if (self.g.get("comparator"), self.d) in (("<=", 1), (">=", -1)):
            return "comparator_against_direction"
        if self.yi is None:
            return "no_result_in_review" if self.scope == "review" else "no_result"
        return self._no_pace()

    def _no_pace(self) -> str | None:
        lacking = {
            "units_differ": not self.units_agree,
            "no_direction": self.d is None,
            "target_undated": self.tt is None,
            "no_baseline": self.y0 is None,
            "baseline_undated": self.t0 is None,
        }
        first = next((reason for reason, lacks in lacking.items() if lacks), None)
        if first:
            return first
        if self.ti is None or self.ti <= (self.t0 or 0) or (self.tt or 0) <= (self.t0 or 0):
            return "years_out_of_order"
        if self.y0 == self.yt:
            return "maintain"
        return None if self._reaches(self.yt, self.y0) else "target_behind_baseline"

    @property
    def path_result(self) -> str | None:
        """Whether the plan's own target for the year of the result is met."""
        p, last = self.p, self.l
        if p is None or last is None or not self.units_agree or self.is_change or p.is_relative or p.unit != last.unit:
            return None
        is_range = p.get("comparator") == "range" and self.d == 1
        return "met" if self._reaches(self.yi, _exact(p.get("value_low") if is_range else p.y)) else "missed"

    @property
    def pace(self) -> Fraction | None:
        """Change per year so far over the change per year that reaches the target in time."""
        if not self.has_pace or self.yt == self.y0:
            return None
        y0, yi, yt, t0, ti, tt = self._way()
        return ((yi - y0) / (ti - t0)) / ((yt - y0) / (tt - t0))

    def _way(self) -> tuple[Fraction, Fraction, Fraction, int, int, int]:
        return (
            *(Fraction(x if x is not None else 0) for x in (self.y0, self.yi, self.yt)),
            *(t if t is not None else 0 for t in (self.t0, self.ti, self.tt)),
        )  # type: ignore[return-value]

    @property
    def pace_growth(self) -> float | None:
        """Growth per year so far over the growth per year required."""
        if not self.has_pace:
            return None
        y0, yi, yt, t0, ti, tt = self._way()
        if not (y0 > 0 and yi > 0 and yt > 0 and yt != y0):
            return None
        so_far, required = math.pow(yi / y0, 1 / (ti - t0)), math.pow(yt / y0, 1 / (tt - t0))
        return (so_far - 1) / (required - 1)

    @property
    def is_judgeable(self) -> bool:
        """Whether a class can be given."""
        return self.units_agree and None not in (self.yi, self.yt, self.d) and self.reason != "comparator_against_direction"

    @property
    def class_(self) -> str | None:
        """The class of the progress."""
        if not self.is_judgeable:
            return None
        if self.y0 == self.yt and self.has_pace:
            return "maintained" if self._reaches(self.yi, self.yt) else "not maintained"
        if self._reaches(self.yi, self.yt):
            return "achieved"
        if None not in (self.ti, self.tt) and (self.ti or 0) >= (self.tt or 0):
            return "missed"
        return self._class_on_the_way()

    def _class_on_the_way(self) -> str | None:
        if self.reason == "target_behind_baseline":
            return "deterioration"
        path, pace = self.path_result, self.pace
        if path == "met":
            return "on track"
        if pace is None:
            return None
        if pace >= _ON_TRACK:
            return "acceleration needed" if path == "missed" else "on track"
        if pace >= _ACCELERATE:
            return "acceleration needed"
        return "limited" if pace >= 0 else "deterioration"

    def answers(self) -> dict[str, Any]:
        """All of it, by the columns of ``progress``."""
        b, last, g, p = self.b, self.l, self.g, self.p
        path = self.path_result
        units = [value.unit for value in (g, b, last) if value and value.unit is not None]
        return {
            "baseline_id": b.id if b else None,
            "latest_id": last.id if last else None,
            "target_id": g.id if g else None,
            "path_id": p.id if p else None,
            "baseline_year": self.t0,
            "latest_year": self.ti,
            "target_year": self.tt,
            "unit": (b.unit if b else None) if self.is_resolved else next(iter(units), None),
            "target_from_base": self.is_resolved,
            "path_result": path,
            "class": self.class_,
            "reason": self.reason,
            "baseline_value": self.y0,
            "latest_value": self.yi,
            "target_printed": _exact(g.y) if g else None,
            "target_value": self.yt,
            "path_value": _exact(p.y) if p and path else None,
            "pace": self.pace,
            "pace_growth": self.pace_growth,
            **self._shares(),
        }

    def _shares(self) -> dict[str, Any]:
        found: dict[str, Any] = dict.fromkeys(
            (
                "attainment_pct",
                "share_of_path_pct",
                "required_per_year",
                "arrival_year",
                "ambition",
                "ambition_per_year",
                "ambition_pct",
            )
        )
        y0, yi, yt = self.y0, self.yi, self.yt
        if self.is_judgeable and self.d == 1 and yt is not None and yi is not None and yt > 0 and yi >= 0 and not self.from_zero:
            found["attainment_pct"] = 100 * yi / yt
        if not self.units_agree or yt is None:
            return found
        if y0 is not None and yi is not None and yt != y0 and self._reaches(yt, y0):
            found["share_of_path_pct"] = 100 * (yi - y0) / (yt - y0)
        now, at = (yi if yi is not None else y0), (self.ti if self.ti is not None else self.t0)
        is_due = self.class_ != "achieved" and not self.due_each_year
        if is_due and now is not None and at is not None and self.tt is not None and self.tt > at:
            found["required_per_year"] = (yt - now) / (self.tt - at)
        found["arrival_year"] = self._arrival()
        if y0 is not None:
            found["ambition"] = yt - y0
            if self.tt is not None and self.t0 is not None and self.tt > self.t0:
                found["ambition_per_year"] = (yt - y0) / (self.tt - self.t0)
            if y0 != 0 and not self.from_zero:
                found["ambition_pct"] = 100 * (yt - y0) / abs(y0)
        return found

    def _arrival(self) -> Fraction | None:
        if not self.has_pace:
            return None
        y0, yi, yt, t0, ti, _ = self._way()
        if (yt - yi) * (yi - y0) > 0:
            return ti + (yt - yi) * (ti - t0) / (yi - y0)
        return Fraction(ti) if yi == yt else None

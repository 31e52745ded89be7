"""What findings of the audit say was recomputed, computed anew from the values they name; and counts of coverage and quality."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from dxlib.verify.opened import EDITED, Opened, Record
from dxlib.verify.proof import Check, Proof, shown
from dxlib.verify.values import values

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}


def check_findings(proof: Proof, opened: Opened) -> None:
    """All checks of findings and counts."""
    proof.run("audit", "figures recomputed by the audit follow from the values named", lambda c: _audit(c, opened))
    proof.run("audit-complete", "rules of the audit miss nothing that plain counting finds", lambda c: _complete(c, opened))
    proof.run("score", "scores of quality are the counts of their checks", lambda c: _scores(c, opened))
    proof.run("coverage", "coverage is the count of indicators and targets", lambda c: _coverage(c, opened))


def in_print(number: Fraction | Decimal | float, decimals: int = 4) -> str:
    """A number as sentences print it: thousands separated, at most four decimals, no trailing zeros.

    >>> in_print(Fraction(200, 3), 1), in_print(1234.5), in_print(2.0), in_print(-0.25)
    ('66.7', '1,234.5', '2', '-0.25')
    """
    exact = Decimal(number.numerator) / Decimal(number.denominator) if isinstance(number, Fraction) else Decimal(number)
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{rounded:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _shares(top: Fraction, bottom: Fraction, decimals: int) -> set[str]:
    """A share in percent as it may be printed: a double may round the half either way."""
    exact = 100 * top / bottom
    step = Fraction(1, 10**9)
    return {f"{in_print(one, decimals)}%" for one in (exact, exact - step, exact + step)}


class _Values:
    """The values findings name, by id."""

    def __init__(self, opened: Opened) -> None:
        self._y = {value.id: value.y for known in values(opened).values() for value in known}
        self._y |= {row["statistic_id"]: row["value"] for row in opened.table("statistic")}
        self.target_low = {
            row["observation_id"]: row["value_low"] for row in opened.table("observation") if row["comparator"] == "range"
        }
        self.numerators = {row["observation_id"]: (row["numerator"], row["denominator"]) for row in opened.table("observation")}
        self.units = {row["statistic_id"]: row["unit"] for row in opened.table("statistic")}
        self.lower = {row["indicator_id"] for row in opened.table("indicator_theme") if row["better"] == "lower"}

    def of(self, finding: Record) -> list[Fraction]:
        """The values a finding rests on, in its order.

        Raises:
            LookupError: one is not there, or is no number.
        """
        found = []
        for key in finding["inputs"]:
            y = self._y[key]
            if y is None:
                raise LookupError(key)
            found.append(Fraction(y))
        return found

    def target(self, finding: Record, place: int) -> Fraction:
        """The target among the values: a range is reached at its nearer end."""
        key = finding["inputs"][place]
        low = self.target_low.get(key)
        return Fraction(low) if low is not None and finding["indicator_id"] not in self.lower else self.of(finding)[place]


def _attainment(finding: Record, kept: _Values, decimals: int) -> set[str]:
    return _shares(kept.of(finding)[0], kept.target(finding, 1), decimals)


def _ratio(finding: Record, kept: _Values) -> set[str]:
    before, after = kept.of(finding)
    return {f"×{in_print(after / before + step, 1)}" for step in (Fraction(-1, 10**9), Fraction(0), Fraction(1, 10**9))}


def _difference(finding: Record, kept: _Values) -> set[str]:
    one, other = kept.of(finding)
    return {in_print(other - one)}


def _sum(finding: Record, kept: _Values) -> set[str]:
    *parts, _ = kept.of(finding)
    return {in_print(sum(parts, Fraction(0))) + (kept.units[finding["inputs"][-1]] or "")}


def _population(finding: Record, kept: _Values) -> set[str]:
    count, _, population = kept.of(finding)
    return _shares(count, population, 2)


def _fraction(finding: Record, kept: _Values) -> set[str]:
    top, bottom = kept.numerators[finding["inputs"][0]]
    return _shares(Fraction(top), Fraction(bottom), 1)


def _era(finding: Record, kept: _Values) -> set[str]:
    plain = unicodedata.normalize("NFKC", finding["quote"])
    match = re.search(r"(令和|平成|昭和) ?(元|[0-9]{1,2})", plain)
    if match is None:
        raise LookupError(plain)
    return {str(_ERAS[match[1]] + (1 if match[2] == "元" else int(match[2])))}


_RECOMPUTED: dict[str, Callable[[Record, _Values], set[str]]] = {
    "attainment-cut-off": lambda f, v: _attainment(f, v, 2),
    "attainment-mismatch": lambda f, v: _attainment(f, v, 1),
    "target-overshot": lambda f, v: _attainment(f, v, 1),
    "implausible-jump": _ratio,
    "target-not-beyond-baseline": lambda f, v: {in_print(v.of(f)[1] - v.of(f)[0])},
    "same-quantity-differs": _difference,
    "similar-quantity-differs": _difference,
    "parts-against-total": _sum,
    "share-against-count": _population,
    "share-cut-off": _population,
    "target-or-result": _fraction,
    "era-against-western": _era,
}


def _audit(check: Check, opened: Opened) -> None:
    kept = _Values(opened)
    for finding in opened.records("SELECT * FROM finding WHERE kind = 'audit' ORDER BY rowid"):
        rule = _RECOMPUTED.get(finding["rule_id"])
        if rule is None:
            continue
        place = f"finding {finding['rule_id']} {finding['document_id']}:{finding['line']}"
        try:
            wanted = rule(finding, kept)
        except (LookupError, ValueError, ZeroDivisionError) as error:
            check.wrong(place, f"a value that it rests on is not there: {shown(str(error))}", EDITED)
            continue
        found = f"recomputed is {shown(finding['recomputed'])}, the values give {shown(sorted(wanted)[0])}"
        check.expect(finding["recomputed"] in wanted, place, found, EDITED)


def _complete(check: Check, opened: Opened) -> None:
    """Rules simple enough to be counted from the rows alone."""
    plans = {row["plan_id"]: row for row in opened.table("plan")}
    measures = {row["measure_id"]: row for row in opened.table("measure")}
    indicators = {row["indicator_id"]: row for row in opened.table("indicator")}

    def plan_of(row: Record) -> Record:
        return plans[measures[indicators[row["indicator_id"]]["measure_id"]]["plan_id"]]

    outside: set[tuple[str, tuple[str, ...]]] = {
        (row["indicator_id"], (row["observation_id"],))
        for row in opened.table("observation")
        if row["role"] == "target" and row["fiscal_year"] is not None and (plan := plan_of(row))["scope"] == "plan"
        and not plan["first_fiscal_year"] <= row["fiscal_year"] <= plan["last_fiscal_year"]
    }  # fmt: skip
    _same(check, opened, "target-outside-plan", outside)
    lists: dict[tuple[str, str], list[Record]] = {}
    for row in opened.table("list_item"):
        lists.setdefault((row["document_id"], row["list_name"]), []).append(row)
    wrong = [rows for rows in lists.values() if rows[0]["stated_count"] != len(rows)]
    stored = Counter(
        (document, line, recomputed)
        for document, line, recomputed in opened.rows(
            "SELECT document_id, line, recomputed FROM finding WHERE rule_id = 'list-length'"
        )
    )
    wanted = Counter((rows[0]["document_id"], min(r["line"] for r in rows), f"{len(rows)}{rows[0]['unit']}") for rows in wrong)
    for key in sorted({*stored, *wanted}, key=str):
        found = f"{stored[key]} findings say {key[2]}, counted are {wanted[key]}"
        check.expect(stored[key] == wanted[key], f"finding list-length {key[0]}:{key[1]}", found, EDITED)
    check.proved(len(lists))


def _same(check: Check, opened: Opened, rule: str, wanted: set[tuple[str, tuple[str, ...]]]) -> None:
    rows = opened.rows("SELECT indicator_id, inputs FROM finding WHERE rule_id = ?", [rule])
    stored = {(indicator, tuple(inputs)) for indicator, inputs in rows}
    for indicator, inputs in sorted(wanted - stored):
        check.wrong(f"finding {rule} {indicator}", f"is missing, for {', '.join(inputs)}", EDITED)
    for indicator, inputs in sorted(stored - wanted, key=str):
        check.wrong(f"finding {rule} {indicator}", f"does not hold, for {', '.join(inputs)}", EDITED)
    check.proved(len(wanted & stored))


def _scores(check: Check, opened: Opened) -> None:
    counted: dict[tuple[str, str | None], list[Any]] = {}
    for plan, rule, is_met, indicator, measure in opened.rows(
        "SELECT plan_id, rule_id, is_met, indicator_id, measure_id FROM quality_check"
    ):
        for key in ((plan, rule), (plan, None)):
            score = counted.setdefault(key, [0, 0, []])
            score[0] += is_met
            score[1] += 1
            score[2] += [] if is_met else [indicator or measure]
    stored = {
        (plan, rule): [met, applicable, sorted(not_met)]
        for plan, rule, met, applicable, not_met in opened.rows(
            "SELECT plan_id, rule_id, met, applicable, not_met FROM quality_score"
        )
    }
    for key in sorted({*stored, *counted}, key=str):
        met, applicable, not_met = counted.get(key, [0, 0, []])
        found = f"the score is {shown(stored.get(key))}, counted is {met} of {applicable}"
        check.expect(
            stored.get(key) == [met, applicable, sorted(not_met)], f"quality_score {key[0]} {key[1] or ''}", found, EDITED
        )


def _coverage(check: Check, opened: Opened) -> None:
    """Measures, indicators and measurable targets by municipality and theme, counted from the rows."""
    known = values(opened)
    plans = {row["plan_id"]: row for row in opened.table("plan")}
    measures = {row["measure_id"]: row for row in opened.table("measure")}
    owners, indicators = opened.owners(), {row["indicator_id"]: row for row in opened.table("indicator")}
    revised = {row[0] for row in opened.rows("SELECT indicator_id FROM revision")}
    counted: dict[tuple[str, str], tuple[set[str], Counter[str]]] = {}
    for row in opened.table("indicator_theme"):
        indicator = indicators.get(row["indicator_id"])
        if row["theme_id"] is None or indicator is None or row["indicator_id"] in revised:
            continue
        used, counts = counted.setdefault((owners[indicator["document_id"]], row["theme_id"]), (set(), Counter()))
        _count(counts, used, indicator, plans[measures[indicator["measure_id"]]["plan_id"]]["scope"], known[row["indicator_id"]])
    columns = ("indicators", "measurable_targets", "targets_in_words", "known_values", "reviewed_indicators")
    for stored in opened.records("SELECT * FROM coverage"):
        used, counts = counted.pop((stored["municipality_code"], stored["theme_id"]), (set(), Counter()))
        wanted = {"measures": len(used), **{column: counts[column] for column in columns}}
        found = {column: stored[column] for column in wanted}
        said = f"the counts are {shown(found, 160)}, counted are {shown(wanted, 160)}"
        check.expect(found == wanted, f"coverage {stored['municipality_code']} {stored['theme_id']}", said, EDITED)
    for code, theme in sorted(counted):
        check.wrong(f"coverage {code} {theme}", "has no row", EDITED)


def _count(counts: Counter[str], used: set[str], indicator: Record, scope: str, known: Sequence[Any]) -> None:
    if scope == "review":
        counts["reviewed_indicators"] += 1
        return
    used.add(indicator["measure_id"])
    targets = [value for value in known if value.role == "target"]
    has_number = any(value.y is not None for value in targets)
    counts["indicators"] += indicator["name"] is not None or any(value.get("missing") is None for value in targets)
    counts["measurable_targets"] += has_number
    counts["targets_in_words"] += not has_number and any(value.get("value_text") is not None for value in targets)
    counts["known_values"] += any(value.y is not None and value.role in ("baseline", "actual") for value in known)

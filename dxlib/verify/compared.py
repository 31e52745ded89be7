"""Verdicts, transformed values and pairs, computed anew in plain Python from facets, values and official figures."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from dxlib.rules import word_rows
from dxlib.verify.opened import EDITED, Opened, Record, published_day
from dxlib.verify.progress import agrees
from dxlib.verify.proof import Check, Proof, shown
from dxlib.verify.values import Value, stands, values

_UNKNOWN = "unknown"
MOST = 150  # definitions, or indicators, of a theme that are taken pair by pair: pairs grow with the square
Facets = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What verdicts are computed from.

    Attributes:
        order: facets in their order.
        required: those that must be known.
        changes: of each transformation, by facet, from which value to which.
        allowed: transformations of each theme.
    """

    order: tuple[str, ...]
    required: frozenset[str]
    changes: dict[str, dict[str, dict[str, str]]]
    allowed: dict[str, list[str]]


@dataclass(slots=True)
class Theme:
    """The definitions of a theme, and the indicators that have them."""

    definitions: dict[str, Facets] = field(default_factory=dict)
    indicators: dict[str, str] = field(default_factory=dict)


def check_comparison(proof: Proof, opened: Opened) -> None:
    """All checks of verdicts and transformations."""
    rules, themes = _rules(opened), _themes(opened)
    proof.run("verdict", "verdicts between definitions follow from their facets", lambda c: _verdicts(c, opened, rules, themes))
    proof.run("basis", "values compared, and transformed ones, are what their formulas give", lambda c: _bases(c, opened, themes))
    proof.run(
        "comparison", "verdicts between indicators, counted by theme, are as computed", lambda c: _pairs(c, opened, rules, themes)
    )


def _rules(opened: Opened) -> Rules:
    facets = {row["facet"]: row for row in opened.table("facet_value")}
    changes: dict[str, dict[str, dict[str, str]]] = {}
    for row in opened.table("transformation_change"):
        changes.setdefault(row["transformation_id"], {}).setdefault(row["facet"], {})[row["from_value"]] = row["to_value"]
    allowed: dict[str, list[str]] = {}
    for row in opened.table("theme_transformation"):
        allowed.setdefault(row["theme_id"], []).append(row["transformation_id"])
    order = tuple(sorted(facets, key=lambda facet: facets[facet]["position"]))
    return Rules(order, frozenset(facet for facet, row in facets.items() if row["is_required"]), changes, allowed)


def _definition(theme_id: str, facets: dict[str, str]) -> tuple[str, Facets]:
    listed = tuple(sorted(facets.items()))
    told = " ".join(f"{facet}={value}" for facet, value in listed)
    return f"{theme_id}:{hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()[:8]}", listed


def _themes(opened: Opened) -> dict[str, Theme]:
    facets: dict[str, dict[str, str]] = {}
    for row in opened.table("facet"):
        facets.setdefault(row["indicator_id"], {})[row["facet"]] = row["value"]
    items: dict[str, dict[str, str]] = {}
    for row in opened.table("reference_facet"):
        items.setdefault(row["item"], {})[row["facet"]] = row["value"]
    found: dict[str, Theme] = {}
    for row in opened.table("indicator_theme"):
        if row["theme_id"] is not None and row["indicator_id"] in facets:
            key, listed = _definition(row["theme_id"], facets[row["indicator_id"]])
            theme = found.setdefault(row["theme_id"], Theme())
            theme.definitions[key] = listed
            theme.indicators[row["indicator_id"]] = key
    for row in opened.table("reference_item"):
        if row["theme_id"] is not None and row["item"] in items:
            key, listed = _definition(row["theme_id"], items[row["item"]])
            found.setdefault(row["theme_id"], Theme()).definitions[key] = listed
    return found


def bases(rules: Rules, theme_id: str, facets: Facets) -> dict[Facets, str | None]:
    """What a definition can be compared as: as printed (None), or after a transformation that its theme allows."""
    own = dict(facets)
    if any(own.get(facet) == _UNKNOWN for facet in rules.required):
        return {}
    found: dict[Facets, str | None] = {facets: None}
    for name in sorted(rules.allowed.get(theme_id, ())):
        made = dict(own)
        for facet, change in rules.changes.get(name, {}).items():
            value = own.get(facet, _UNKNOWN)
            after = change.get(value, change.get("*") if value != _UNKNOWN else None)
            if after is None:
                break
            made[facet] = after
        else:
            found.setdefault(tuple(sorted(made.items())), name)
    return found


def verdict(rules: Rules, theme_id: str, one: Facets, other: Facets) -> tuple[str, list[str]]:
    """Whether numbers by two definitions may be compared, and the facets that differ."""
    left, right = dict(one), dict(other)
    differing = [
        facet
        for facet in rules.order
        if left.get(facet) != right.get(facet) or (left.get(facet) == _UNKNOWN and facet in rules.required)
    ]
    if not differing:
        return "direct", differing
    shared = bases(rules, theme_id, one).keys() & bases(rules, theme_id, other).keys()
    return ("transformed" if shared else "not comparable"), differing


def _verdicts(check: Check, opened: Opened, rules: Rules, themes: dict[str, Theme]) -> None:
    for theme_id, theme in sorted(themes.items()):
        keys = sorted(theme.definitions)[:MOST]
        stored = {
            (left, right): (said, list(differing))
            for left, right, said, differing in opened.rows(
                "SELECT left_definition, right_definition, verdict, differing FROM verdict"
                " WHERE theme_id = ? AND list_contains(?, left_definition) AND list_contains(?, right_definition)",
                [theme_id, keys, keys],
            )
        }
        for left in keys:
            for right in keys:
                wanted = verdict(rules, theme_id, theme.definitions[left], theme.definitions[right])
                found = f"the verdict is {shown(stored.get((left, right)))}, their facets give {shown(wanted)}"
                check.expect(stored.get((left, right)) == wanted, f"verdict {left} and {right}", found, EDITED)
        for left, right in sorted(stored.keys() - {(a, b) for a in keys for b in keys}):
            check.wrong(f"verdict {left} and {right}", "no indicator has this definition", EDITED)


class _Figures:
    """Official figures by all that is known: of each day the newest vintage."""

    def __init__(self, opened: Opened) -> None:
        self._found: dict[tuple[str, str], dict[date, tuple[tuple[date, str], float]]] = {}
        for row in opened.table("reference_value"):
            if row["detail"] == "":
                age = (published_day(row["vintage"]) or date.min, row["vintage"])
                days = self._found.setdefault((row["municipality_code"], row["item"]), {})
                if row["as_of"] not in days or age > days[row["as_of"]][0]:
                    days[row["as_of"]] = (age, row["value"])

    def nearest(self, code: str, item: str, day: date) -> tuple[date, float] | None:
        """The figure of the day nearest to a day."""
        days = self._found.get((code, item), {})
        known = [(abs((as_of - day).days), as_of, value) for as_of, (_, value) in days.items() if value is not None and value > 0]
        return min(known)[1:] if known else None


def _bases(check: Check, opened: Opened, themes: dict[str, Theme]) -> None:
    known, figures = values(opened), _Figures(opened)
    formulas = {row["transformation_id"]: row for row in opened.table("transformation")}
    stages = {row["word"]: row["means"] for row in word_rows() if row["kind"] == "stage"}
    owners, indicators = opened.owners(), {row["indicator_id"]: row for row in opened.table("indicator")}
    revised = {row[0] for row in opened.rows("SELECT indicator_id FROM revision")}
    listed = {indicator for theme in themes.values() for indicator in theme.indicators} - revised
    for row in opened.records("SELECT * FROM basis_now ORDER BY theme_id, indicator_id, transformation_id"):
        place = f"basis_now {row['indicator_id']} {row['transformation_id'] or 'as printed'}"
        if row["indicator_id"] not in listed:
            check.wrong(place, "the indicator is in no theme, or a later edition prints it again", EDITED)
            continue
        value = stands(known[row["indicator_id"]])
        found = f"the value compared is {row['result_id']}, expected {value.id if value else None}"
        if not check.expect(row["result_id"] == (value.id if value else None), place, found, EDITED) or value is None:
            continue
        said = f"the value is {row['value']!r}, {value.id} has {value.get('value')!r}"
        check.expect((row["value"], row["unit"]) == (value.get("value"), value.get("unit")), place, said, EDITED)
        if row["transformation_id"] is None:
            wanted: Any = value.y
        else:
            code = owners[indicators[row["indicator_id"]]["document_id"]]
            wanted = _transformed(formulas[row["transformation_id"]], value, known[row["indicator_id"]], code, figures, stages)
        said = f"basis_value is {row['basis_value']!r}, its formula gives {None if wanted is None else float(wanted)!r}"
        check.expect(agrees(row["basis_value"], wanted), place, said, EDITED)
    there = {row[0] for row in opened.rows("SELECT DISTINCT indicator_id FROM basis_now")}
    for indicator_id in sorted(listed - there):
        check.wrong(f"basis_now {indicator_id}", "the indicator is missing", EDITED)


def _transformed(
    formula: Record, value: Value, known: Sequence[Value], code: str, figures: _Figures, stages: dict[str, str]
) -> Fraction | float | None:
    amount = None if value.get("value") is None else Fraction(value.get("value"))
    kind = formula["formula"]
    if kind == "fraction":
        return value.y if value.get("numerator") is not None else None
    if kind == "stage":
        counted = value.get("value") if value.get("value") is not None else value.get("numerator")
        if counted is not None:
            return Fraction(int(counted > 0))
        reached = stages.get(value.get("value_text") or "")
        return {"reached": Fraction(1), "not reached": Fraction(0)}.get(reached or "")
    if amount is None or kind == "same":
        return amount
    if kind in ("per_10k", "share_of"):
        day = value.get("as_of") or (date(value.printed_year + 1, 3, 31) if value.printed_year else None)
        figure = figures.nearest(code, formula["item"], day) if day else None
        return (10000 if kind == "per_10k" else 100) * amount / Fraction(figure[1]) if figure else None
    return _since_baseline(kind, amount, value, known)


def _since_baseline(kind: str, amount: Fraction, value: Value, known: Sequence[Value]) -> Fraction | None:
    own = [v for v in known if v.role == "baseline" and v.get("value") is not None and v.printed_year is not None]
    base = max(own, key=lambda v: (v.printed_year or 0, v.id), default=None)
    if base is None or value.printed_year is None or value.get("unit") != base.get("unit"):
        return None
    years, before = value.printed_year - (base.printed_year or 0), Fraction(base.get("value"))
    if years <= 0:
        return None
    if kind == "annual_change":
        return (amount - before) / years
    return 100 * (amount - before) / abs(before) if before else None


def _pairs(check: Check, opened: Opened, rules: Rules, themes: dict[str, Theme]) -> None:
    """Each pair of indicators of a theme by the value they stand with; verdicts counted by theme."""
    known = values(opened)
    stored_bases = {
        (indicator, transformation): amount
        for indicator, transformation, amount in opened.rows("SELECT indicator_id, transformation_id, basis_value FROM basis_now")
    }
    revised = {row[0] for row in opened.rows("SELECT indicator_id FROM revision")}
    owners, documents = opened.owners(), {row["indicator_id"]: row["document_id"] for row in opened.table("indicator")}
    for theme_id, theme in sorted(themes.items()):
        every = sorted(theme.indicators.keys() - revised)
        codes = sorted({owners[documents[indicator]] for indicator in every})
        while len(every) > MOST and len(codes) > 2:
            codes = codes[: len(codes) // 2]
            every = [indicator for indicator in every if owners[documents[indicator]] in codes]
        stored = Counter(row[0] for row in opened.rows("SELECT verdict FROM compare_pairs_now(?, ?, NULL)", [theme_id, codes]))
        wanted: Counter[str] = Counter()
        for place, left in enumerate(every):
            for right in every[place + 1 :]:
                facets = [theme.definitions[theme.indicators[indicator]] for indicator in (left, right)]
                sides = [(indicator, stands(known[indicator])) for indicator in (left, right)]
                wanted[_final(rules, theme_id, facets, sides, stored_bases)] += 1
        for said in sorted({*stored, *wanted}):
            found = f"{stored[said]} pairs are {said}, computed are {wanted[said]}"
            if check.expect(stored[said] == wanted[said], f"comparison {theme_id}", found, EDITED):
                check.proved(max(wanted[said] - 1, 0))


def _final(
    rules: Rules,
    theme_id: str,
    facets: Sequence[Facets],
    sides: Sequence[tuple[str, Value | None]],
    amounts: dict[tuple[str, str | None], float | None],
) -> str:
    """The verdict on two values: a target and a known value, or a missing one, are not comparable."""
    said, _ = verdict(rules, theme_id, *facets)
    given: Iterable[Value | None] = (value for _, value in sides)
    known = [value for value in given if value is not None]
    if said == "not comparable" or len(known) < 2 or any(value.get("missing") is not None for value in known):
        return "not comparable"
    if (known[0].role == "target") != (known[1].role == "target"):
        return "not comparable"
    if said == "transformed":
        used = _shared(rules, theme_id, facets)
        for (indicator, _), name in zip(sides, used, strict=True):
            if name is not None and amounts.get((indicator, name)) is None:
                return "not comparable"
    return said


def _shared(rules: Rules, theme_id: str, facets: Sequence[Facets]) -> tuple[str | None, str | None]:
    """The first pair of transformations that puts both on one basis; as printed comes first."""
    left, right = (bases(rules, theme_id, one) for one in facets)
    basis = next(basis for basis in sorted(left, key=lambda b: left[b] or "") if basis in right)
    return left[basis], right[basis]

"""The answer of a briefing: which indicator speaks for a theme, and what its numbers say, hedged by the verdict."""

from __future__ import annotations

from typing import Any

from dxlib import wording
from dxlib.blocks import Span
from dxlib.show.base import Record, gist, join, short
from dxlib.show.comparison import Comparison, change_unit
from dxlib.show.sentences import change_words, dated, listed, printed, rich, together

_MET = ("achieved", "maintained")
_MISSED = ("missed", "not maintained")
_UNDER_WAY = ("on track", "acceleration needed", "limited", "deterioration")
_SAID = (
    "base_unprinted",
    "base_moves",
    "relative_ambiguous",
    "launch_several",
    "launch_unplaced",
    "comparator_against_direction",
)
_WEIGHT = ("measures", "object", "unit", "denominator", "value", "role", "counting", "included", "channel", "period", "year")
_ORDER = {"direct": 0, "transformed": 1, "not comparable": 2}


class Answer:
    """What a comparison says about one municipality.

    The headline is the indicator of the municipality's own plan that says most: with a target in figures and a known
    value, comparable with others, with yearly targets; an indicator of a review only when the plan has none.

    Args:
        page: the comparison of the theme, the municipality and its peers.
        code: the municipality.
    """

    def __init__(self, page: Comparison, code: str) -> None:
        self.page, self.code, self.city = page, code, page.city(code)
        self._facet_names = dict(page.bench.sql(f"SELECT DISTINCT facet, facet_{page.lang} FROM facet_value", sees=[]).fetchall())
        self.own = [r for i, r in page.progress.items() if r["municipality_code"] == code and i in page.first]
        self.headline = max(self.own, key=self._weight) if self.own else None
        self.review = self._counterpart()
        ids = [r[f"{role}_id"] for r in page.progress.values() for role in ("baseline", "latest", "target")]
        self.values = page.values_by_id(ids)

    def scope(self, row: Record) -> str:
        """``plan`` or ``review``."""
        return str(self.page.first[row["indicator_id"]]["scope"])

    def _weight(self, row: Record) -> tuple[object, ...]:
        values = [v for v in self.page.values if v["indicator_id"] == row["indicator_id"]]
        yearly = len({v["fiscal_year"] for v in values if v["role"] == "target" and v["fiscal_year"]})
        kinds = [p["verdict"] for p in self.pairs(row)]
        return (
            self.scope(row) == "plan",
            row["target_printed"] is not None,
            row["baseline_value"] is not None or row["latest_value"] is not None,
            row["baseline_value"] is None or row["baseline_value"] != row["target_value"],  # a target that asks for something
            kinds.count("direct"),
            kinds.count("transformed"),
            yearly,
            bool(values and any(v["missing"] is None for v in values)),
            [-ord(c) for c in row["indicator_id"]],  # the first of the plan, when all else is equal
        )

    def pairs(self, row: Record) -> list[Record]:
        """The pairs of an indicator with those of other municipalities, the other one under ``other_``, best first."""
        found = []
        for pair in self.page.between_cities():
            for own, other in (("left", "right"), ("right", "left")):
                if pair[f"{own}_id"] == row["indicator_id"]:
                    found.append(
                        pair
                        | {
                            "other_id": pair[f"{other}_id"],
                            "other_code": pair[f"{other}_code"],
                            "other_result_id": pair[f"{other}_result_id"],
                        }
                    )
        return sorted(found, key=lambda p: (_ORDER[p["verdict"]], len(p["differing"]), p["other_id"]))

    def best_by_peer(self) -> dict[str, Record]:
        """For each other municipality, the pair with the headline that comes nearest to a comparison."""
        found: dict[str, Record] = {}
        for pair in self.pairs(self.headline) if self.headline else []:
            found.setdefault(pair["other_code"], pair)
        return found

    def _counterpart(self) -> Record | None:
        """The same indicator in the review of the last plan, when the facets of both agree."""
        if self.headline is None or self.scope(self.headline) == "review":
            return None
        facets = self.page.first[self.headline["indicator_id"]]["facets"]
        for row in self.own:
            if self.scope(row) == "review" and self.page.first[row["indicator_id"]]["facets"] == facets:
                return row
        return None

    def name(self, row: Record, length: int = 44) -> str:
        """An indicator's name in a sentence; the measure's where it has none."""
        if row["indicator"]:
            return gist(row["indicator"], length)
        measure = self.page.first[row["indicator_id"]]["measure"]
        return self.page.text("measure_without_indicator", measure=short(measure, length))

    def known(self, row: Record) -> Record | None:
        """The latest known value (a row of ``fact``): a result, else the baseline."""
        return self.values.get(row["latest_id"] or row["baseline_id"] or "")

    def sentence(self) -> list[Span]:
        """The answer: where the municipality stands, what its target requires, and with whom it may be compared."""
        if self.headline is None:
            return together(self.page, [self._silent(), *self._what_peers_have()])
        return together(self.page, [*self._standing(self.headline), *self._aim(self.headline), *self._compared()])

    def _silent(self) -> list[Span]:
        return rich(self.page, "answer_silent", city=self.city)

    def _what_peers_have(self) -> list[list[Span]]:
        codes = self.page.answering
        if not codes:
            return [rich(self.page, "answer_nobody")]
        return [rich(self.page, "answer_peers_have", cities=join(map(self.page.city, codes), self.page.lang))]

    def _standing(self, row: Record) -> list[list[Span]]:
        known, review = self.known(row), self.review
        if review and self._same_value(row, review):
            row, known = review, self.values[review["latest_id"]]
        if known is None:
            return []
        start = "answer_review" if self.scope(row) == "review" and not self.review else "answer_known"
        sentences = [
            rich(self.page, start, city=self.city, indicator=self.name(self.headline or row), value=printed(self.page, known))
        ]
        if self.scope(row) == "review" and self.review:
            sentences += self._history(row)
        return sentences

    def _same_value(self, row: Record, review: Record) -> bool:
        """The plan carries on the last plan's result as its baseline: then it is said as the result it is."""
        if row["latest_id"] or review["latest_value"] is None:
            return False
        last = (review["latest_value"], review["latest_year"])
        return last == (row["baseline_value"], row["baseline_year"])

    def _history(self, review: Record) -> list[list[Span]]:
        target = self.values.get(review["target_id"] or "")
        if target is None or review["class"] not in (*_MET, *_MISSED):
            return []
        key = "answer_last_plan_met" if review["class"] in _MET else "answer_last_plan_missed"
        return [rich(self.page, key, target=dated(self.page, target), attainment=self._attainment(review))]

    def _attainment(self, row: Record) -> str:
        if row["attainment_pct"] is None:
            return ""
        return self.page.text("answer_attainment", value=self.page.number(row["attainment_pct"]))

    def _aim(self, row: Record) -> list[list[Span]]:
        known, target = self.known(row), self.values.get(row["target_id"] or "")
        if known is None:
            return [*self._without_known(row, target), *(self._now() if self.scope(row) == "review" else [])]
        if target is None:
            return [self._without_number(row)]
        key = _aim_key(row)
        yearly = self.due_each_year(row)
        words: dict[str, Any] = {
            "target": dated(self.page, target),
            "kept": self.page.number(row["target_value"], 2) + wording.unit(row["unit"], self.page.lang),
            "reason": self._why(row),
            "attainment": self._attainment(row),
        }
        if yearly and key in ("answer_required", "answer_target_only"):
            words |= {"value": self.page.value(target, target["observation_id"], year=False, notes=False), "year": yearly}
            return [rich(self.page, "answer_each_year", **words)]
        if key == "answer_required":
            words |= change_words(self.page, row["required_per_year"], change_unit(self.page, row["unit"]))
            if self.is_over(row):
                key, words["day"] = "answer_required_over", self.page.newest_day(self.page.documents_of(self.page.codes))
        return [rich(self.page, key, **words), *self._pace(row), *(self._now() if self.scope(row) == "review" else [])]

    def _why(self, row: Record) -> str:
        question = "SELECT means FROM word WHERE kind = ? AND word = ?"
        found = self.page.bench.sql(question, [f"reason_{self.page.lang}", _why_nothing_required(row)], sees=[]).fetchall()
        return str(found[0][0])

    def due_each_year(self, row: Record) -> str:
        """The first year from which the last target is due in every year; empty where the targets differ or there is one."""
        own = self.page.dated_targets(row["indicator_id"])
        if len(own) < 2 or any(v["value"] != own[0]["value"] or v["relative_to"] for v in own):
            return ""
        return wording.year(own[0], self.page.lang)

    def _pace(self, row: Record) -> list[list[Span]]:
        if row["class"] not in _UNDER_WAY:
            return []
        judged = self.page.text(f"class_{row['class'].replace(' ', '_')}")
        return [rich(self.page, "answer_pace", judged=judged, basis=self.page.text(f"basis_{row['class_basis'].split()[0]}"))]

    def is_over(self, row: Record) -> bool:
        """The target's year is over by the newest document at hand, and no result has been printed."""
        days = [self.page.published_on(d) for d in self.page.documents_of(self.page.codes)]
        newest = max((day for day in days if day), default=None)
        return newest is not None and row["latest_id"] is None and row["target_year"] < fiscal_year(newest)

    def _without_known(self, row: Record, target: Record | None) -> list[list[Span]]:
        """No baseline and no result: what is aimed at, the plan's own verdict, and why nothing can be computed."""
        words: dict[str, Any] = {"city": self.city, "indicator": self.name(row)}
        shown = target or self.page.target_in_words(row["indicator_id"])
        if shown is None:
            return [rich(self.page, "answer_measure_only" if row["indicator"] is None else "answer_name_only", **words)]
        start = "answer_target_alone" if target else "answer_words_alone"
        if target is None and shown["value_text"] == row["indicator"]:
            start = "answer_words_same"
        elif self.scope(row) == "review":
            start += "_review"
        found = [rich(self.page, start, target=dated(self.page, shown) if target else self._words(shown), **words)]
        if row["reason"] in _SAID:
            found.append(rich(self.page, "answer_because", reason=row[f"reason_{self.page.lang}"]))
        if shown["status"]:
            found.append(rich(self.page, "answer_own_verdict", status=self.page.status(shown["status"])))
        return found

    def _words(self, record: Record) -> list[Span]:
        return self.page.value(record, record["observation_id"], year=False, notes=False)

    def _without_number(self, row: Record) -> list[Span]:
        shown = self.page.target_in_words(row["indicator_id"])
        if shown is None:
            return rich(self.page, "answer_no_target")
        return rich(self.page, "answer_target_in_words", target=self._words(shown))

    def _now(self) -> list[list[Span]]:
        """A theme that only a review speaks of: the plan that follows says nothing about it."""
        plans = self.page.bench.sql(
            """
            SELECT p.title FROM plan p JOIN document d USING (document_id)
            WHERE d.municipality_code = ? AND p.scope = 'plan' ORDER BY p.last_fiscal_year DESC, p.plan_id LIMIT 1
            """,
            [self.code],
            sees=[self.code],
        ).fetchall()
        return [rich(self.page, "answer_not_in_plan", plan=plans[0][0])] if plans else []

    def _compared(self) -> list[list[Span]]:
        best = self.best_by_peer()
        kinds = {kind: [p for p in best.values() if p["verdict"] == kind] for kind in _ORDER}
        found = []
        if kinds["direct"]:
            found.append(rich(self.page, "answer_direct", peers=listed(self.page, [self._peer(p) for p in kinds["direct"]])))
            found += self._hedges(kinds["direct"])
        if kinds["transformed"]:
            by = join(dict.fromkeys(self.page.transformations_of(p) for p in kinds["transformed"]), self.page.lang)
            found.append(
                rich(
                    self.page, "answer_transformed", peers=listed(self.page, [self._peer(p) for p in kinds["transformed"]]), by=by
                )
            )
        if kinds["not comparable"]:
            key = "answer_none" if len(kinds["not comparable"]) == len(best) else "answer_refused"
            found.append(rich(self.page, key, differences=self._differences(kinds["not comparable"])))
        wordless = [c for c in self.page.codes if c in self.page.wordless and c != self.code and c not in best]
        if wordless:
            found.append(rich(self.page, "answer_wordless", cities=join(map(self.page.city, wordless), self.page.lang)))
        others = [c for c in self.page.answering if c not in (self.code, *best)]
        if others:  # they print indicators, but this city has nothing to compare with them
            found.append(rich(self.page, "answer_peers_have", cities=join(map(self.page.city, others), self.page.lang)))
        silent = [c for c in self.page.codes if c not in (self.code, *best, *wordless, *others)]
        if silent:
            found.append(rich(self.page, "answer_others_silent", cities=join(map(self.page.city, silent), self.page.lang)))
        return found

    def _differences(self, refused: list[Record]) -> str:
        """What sets the others apart, said once for those that differ in the same facets."""
        groups: dict[str, list[str]] = {}
        for pair in refused:
            groups.setdefault(self.facets_apart(pair), []).append(self.page.city(pair["other_code"]))
        parts = [
            self.page.text("answer_differs", cities=join(cities, self.page.lang), facets=facets)
            for facets, cities in groups.items()
        ]
        return ("、" if self.page.lang == "ja" else "; ").join(parts)

    def by_weight(self, pair: Record) -> list[str]:
        """The facets in which a pair differs, the weightiest first."""
        return sorted(pair["differing"], key=lambda f: _WEIGHT.index(f) if f in _WEIGHT else len(_WEIGHT))

    def facet_name(self, facet: str) -> str:
        """A facet in words; role, year and value, which are no facets of a definition, have words of their own."""
        if facet in ("role", "year", "value"):
            return self.page.text(f"differing_{facet}")
        return str(self._facet_names[facet])

    def facets_apart(self, pair: Record, most: int = 3) -> str:
        """The facets in which a pair differs, in words; those beyond ``most`` are only hinted at.

        A facet that only one plan states does not show a difference; it is named only where there is no other.
        """
        sides = [facets_of(self.page.first[pair[f"{side}_id"]]) for side in ("left", "right")]
        found = [f for f in self.by_weight(pair) if all(side.get(f, "known") != "unknown" for side in sides)]
        if not found:
            names = join(map(self.facet_name, self.by_weight(pair)[:most]), self.page.lang)
            return self.page.text("stated_by_one", facets=names)
        shown = join(map(self.facet_name, found[:most]), self.page.lang)
        return shown + (self.page.text("and_so_on") if len(found) > most else "")

    def _peer(self, pair: Record) -> list[Span]:
        value = next(v for v in self.page.values if v["observation_id"] == pair["other_result_id"])
        target = self.values.get(self.page.progress[pair["other_id"]]["target_id"] or "")
        words: dict[str, Any] = {"city": self.page.city(pair["other_code"]), "value": printed(self.page, value)}
        if pair["verdict"] == "transformed":
            return rich(self.page, "answer_peer_transformed", after=self.page.after_transformation(pair), **words)
        if target is None or value["role"] == "target":
            return rich(self.page, "answer_peer", **words)
        return rich(self.page, "answer_peer_target", target=dated(self.page, target), **words)

    def _hedges(self, direct: list[Record]) -> list[list[Span]]:
        unstated = dict.fromkeys(p[f"unstated_{self.page.lang}"] for p in direct if p[f"unstated_{self.page.lang}"])
        found = [rich(self.page, "answer_unstated", facets=join(unstated, self.page.lang))] if unstated else []
        if any(p["years_apart"] for p in direct):
            found.append(rich(self.page, "answer_years"))
        return found


def facets_of(record: Record) -> dict[str, str]:
    """The facets of an indicator's definition, by name."""
    return dict(part.split("=", 1) for part in record["facets"].split())


def fiscal_year(day: str) -> int:
    """The 年度 of a day, month or year of publication; a year alone counts as its April.

    >>> fiscal_year("2026-03-31"), fiscal_year("2026-04"), fiscal_year("2026")
    (2025, 2026, 2026)
    """
    parts = [int(part) for part in day.split("-")]
    return parts[0] - (len(parts) > 1 and parts[1] < 4)


def _aim_key(row: Record) -> str:
    """Which sentence says what the target of a plan's indicator asks."""
    if row["class"] in ("maintained", "not maintained"):
        return "answer_maintained" if row["class"] == "maintained" else "answer_not_maintained"
    if row["class"] == "achieved":
        return "answer_target_met"
    if row["class"] in _MISSED:
        return "answer_target_missed"
    if row["baseline_value"] is not None and row["baseline_value"] == row["target_value"]:
        return "answer_maintain"
    return "answer_required" if row["required_per_year"] else "answer_target_only"


def _why_nothing_required(row: Record) -> str:
    """Why no change per year can be computed: a key of the reasons in words."""
    year = row["latest_year"] or row["baseline_year"]
    if row["target_value"] is None:
        return str(row["reason"] or "base_unprinted")
    if row["target_year"] is None:
        return "target_undated"
    if year is None:
        return "baseline_undated"
    return "years_out_of_order" if row["target_year"] <= year else "units_differ"

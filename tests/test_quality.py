"""KPI quality: each rule where it applies, met and not met; a score is a count."""

from collections.abc import Iterator

import pytest
from mini import Mini, Together, actual, baseline, simple, target

from dxlib.indicators import Workbench

together = Together("14_quality.sql")
GOOD = [baseline(10, 2025, "件"), target(20, 2029, "件")]


def checks(mini: Mini) -> list[dict]:
    question = "SELECT rule_id, indicator_id, is_met FROM quality_check WHERE starts_with(plan_id, ?) ORDER BY indicator_id"
    return mini.rows(question, mini.prefix)


def verdict(mini: Mini, rule: str) -> bool | None:
    """True met, False not met, None where the rule does not apply."""
    found = [row["is_met"] for row in checks(mini) if row["rule_id"] == rule]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("rule", "values", "facets", "expected"),
    [
        ("no-unit", GOOD, {}, True),
        ("no-unit", [target(20, 2029, None)], {}, False),
        ("no-unit", [target(None, 2029, None, value_text="導入")], {}, None),
        ("no-baseline", GOOD, {}, True),
        ("no-baseline", [target(20)], {}, False),
        ("no-baseline", [baseline(None, missing="new"), target(20)], {}, None),
        ("baseline-undated", GOOD, {}, True),
        ("baseline-undated", [baseline(10, None), target(20)], {}, False),
        ("no-target-year", GOOD, {}, True),
        ("no-target-year", [target(20, None)], {}, False),
        ("no-target-year", [target(None, 2029, None, value_text="導入")], {}, True),
        ("no-target-year", [target(None, None, None, value_text="導入")], {}, False),
        ("target-equals-baseline", GOOD, {}, True),
        ("target-equals-baseline", [baseline(20), target(20)], {}, False),
        ("target-worse-than-baseline", GOOD, {}, True),
        ("target-worse-than-baseline", [baseline(30), target(20)], {}, False),
        ("target-worse-than-baseline", [baseline(30), target(20, 2029, "%", relative_to="R7")], {}, None),
        ("denominator-unstated", GOOD, {}, None),
        ("denominator-unstated", GOOD, {"unit": "percent", "denominator": "unknown"}, False),
        ("denominator-unstated", GOOD, {"unit": "percent", "denominator": "population"}, True),
        ("cumulative-unclear", GOOD, {}, True),
        ("cumulative-unclear", GOOD, {"counting": "unknown"}, False),
        ("targets-not-monotone", GOOD, {}, None),
        ("targets-not-monotone", [target(10, 2026), target(20, 2027)], {}, True),
        ("targets-not-monotone", [target(10, 2026), target(9, 2027)], {}, False),
        ("target-year-outside-plan", GOOD, {}, True),
        ("target-year-outside-plan", [target(20, 2031)], {}, False),
        ("target-ends-early", GOOD, {}, True),
        ("target-ends-early", [target(20, 2027)], {}, False),
        ("base-of-target-unprinted", GOOD, {}, None),
        ("base-of-target-unprinted", [target(20, 2029, "%", direction="decrease")], {}, False),
        ("base-of-target-unprinted", [baseline(100, 2025, "枚"), target(20, 2029, "%", direction="decrease")], {}, True),
        ("target-over-100", [target(120, 2029, "%")], {"unit": "percent"}, False),
        ("target-over-100", [target(100, 2029, "%")], {"unit": "percent"}, True),
        ("result-never-moves", [baseline(5, 2022), baseline(5, 2023), baseline(5, 2024)], {}, False),
        ("result-never-moves", [baseline(5, 2022), baseline(5, 2023), baseline(6, 2024)], {}, True),
        ("result-never-moves", [baseline(5, 2023), baseline(5, 2024)], {}, None),
        ("result-after-publication", [target(5, 2029), actual(5, 2025)], {}, True),
        ("result-after-publication", [target(5, 2029), actual(5, 2027)], {}, False),
    ],
)
@together
def test_a_rule_where_it_applies(mini: Mini, rule, values, facets, expected) -> Iterator[None]:
    simple(mini)
    mini.indicator("指標", *values, **facets)
    yield
    assert verdict(mini, rule) is expected


@together
def test_falling_targets_are_monotone_downwards(mini: Mini) -> Iterator[None]:
    simple(mini)
    mini.indicator("事故", target(10, 2026), target(5, 2027), better="lower")
    yield
    assert verdict(mini, "targets-not-monotone") is True


@together
def test_an_output_called_an_outcome(mini: Mini) -> Iterator[None]:
    towns = []
    for name, measures, expected in (
        ("成果指標：整備数", "availability", False),
        ("成果指標：満足度", "outcome", True),
        ("整備数", "availability", None),
    ):
        town = simple(mini.beside())
        town.indicator(name, *GOOD, measures=measures)
        towns.append((town, expected))
    yield
    for town, expected in towns:
        assert verdict(town, "output-as-outcome") is expected


@together
def test_a_measure_without_indicator_or_with_words_only(mini: Mini) -> Iterator[None]:
    simple(mini).indicator(None, target(None, None, None, missing="none-printed"))
    other = simple(mini.beside())
    other.indicator("導入", target(None, 2029, None, value_text="導入"))
    yield
    assert checks(mini) == [{"rule_id": "no-indicator", "indicator_id": None, "is_met": False}]
    found = {row["rule_id"]: row["is_met"] for row in checks(other) if row["indicator_id"] is None}
    assert found == {"no-indicator": True, "no-measurable-target": False}


@together
def test_years_after_launch_count_as_a_target_year_where_the_roadmap_shows_the_launch(mini: Mini) -> Iterator[None]:
    simple(mini)
    i = mini.indicator("a", target(5, None, relative_year=1))
    mini.milestone(i, ("導入", 2027))
    mini.indicator("b", target(5, None, relative_year=1))
    yield
    assert [row["is_met"] for row in checks(mini) if row["rule_id"] == "no-target-year"] == [True, False]


def test_the_score_is_a_count_of_what_is_met(bench: Workbench) -> None:
    relation = bench.quality_score()
    rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    for plan in {row["plan_id"] for row in rows}:
        own = [row for row in rows if row["plan_id"] == plan]
        total = next(row for row in own if row["rule_id"] is None)
        by_rule = [row for row in own if row["rule_id"]]
        assert total["met"] == sum(row["met"] for row in by_rule)
        assert total["applicable"] == sum(row["applicable"] for row in by_rule)
        assert all(len(row["not_met"]) == row["applicable"] - row["met"] for row in by_rule)
    assert len({row["plan_id"] for row in rows}) == 6


def test_every_unmet_check_is_a_finding(bench: Workbench) -> None:
    counts = bench.sql("SELECT (SELECT count(*) FROM quality_check WHERE NOT is_met), (SELECT count(*) FROM quality)").fetchall()[
        0
    ]
    assert counts[0] == counts[1] > 100


def test_a_rule_is_asked_of_the_municipalities_named_only(bench: Workbench) -> None:
    everywhere = bench.quality(rule="cumulative-unclear").df()
    assert everywhere["municipality_code"].nunique() > 1
    assert set(bench.quality(["242039"], rule="cumulative-unclear").df()["municipality_code"]) == {"242039"}

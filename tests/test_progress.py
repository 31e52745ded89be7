"""Progress and ambition: the worked examples of the field, and every way in which nothing can be computed."""

from collections.abc import Iterator

import duckdb
import pytest
from mini import Mini, Together, actual, baseline, simple, target

from dxlib.warehouse import create_views, schema_sql

together = Together("07_progress.sql")


@pytest.fixture(scope="module")
def formulas() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(schema_sql())
    create_views(connection)
    return connection


def compute(connection: duckdb.DuckDBPyConnection, sql: str) -> object:
    return connection.execute(f"SELECT {sql}").fetchall()[0][0]


@pytest.mark.parametrize(
    ("y0", "yi", "years", "linear", "growth", "by_linear", "by_growth"),
    [
        (20, 30, 1, 0.5, 1.009, "limited", "on track"),
        (20, 60, 2, 1.0, 1.478, "on track", "on track"),
        (80, 84, 1, 0.8, 0.872, "acceleration needed", "acceleration needed"),
    ],
)
def test_linear_and_growth_pace_disagree_as_published(formulas, y0, yi, years, linear, growth, by_linear, by_growth) -> None:
    arguments = f"{y0}, 2024, {yi}, {2024 + years}, 100, 2028"
    pace, growth_pace = compute(formulas, f"pace_linear({arguments})"), compute(formulas, f"pace_growth({arguments})")
    assert pace == pytest.approx(linear)
    assert growth_pace == pytest.approx(growth, abs=0.0006)
    assert compute(formulas, f"pace_class(1, {y0}, {yi}, 100, {pace})") == by_linear
    assert compute(formulas, f"pace_class(1, {y0}, {yi}, 100, {growth_pace})") == by_growth


@pytest.mark.parametrize(
    ("pace", "kind"),
    [
        (0.95, "on track"),
        (0.9499, "acceleration needed"),
        (0.6, "acceleration needed"),
        (0.5999, "limited"),
        (0.0, "limited"),
        (-0.01, "deterioration"),
    ],
)
def test_the_thresholds_of_the_classes(formulas, pace, kind) -> None:
    assert compute(formulas, f"pace_class(1, 0, 1, 10, {pace})") == kind


def test_growth_from_zero_does_not_exist_but_linear_pace_does(formulas) -> None:
    assert compute(formulas, "pace_growth(0, 2024, 3, 2025, 12, 2028)") is None
    assert compute(formulas, "pace_linear(0, 2024, 3, 2025, 12, 2028)") == 1.0


def test_falling_targets_have_the_same_pace_as_rising_ones(formulas) -> None:
    assert compute(formulas, "pace_linear(100, 2024, 90, 2025, 60, 2028)") == 1.0
    assert compute(formulas, "pace_class(-1, 100, 90, 60, 1.0)") == "on track"
    assert compute(formulas, "pace_class(-1, 100, 55, 60, 1.0)") == "achieved"


def test_share_of_the_path_and_the_way_still_to_go(formulas) -> None:
    assert compute(formulas, "share_of_path_pct(20, 30, 100)") == 12.5
    assert compute(formulas, "required_per_year(30, 2025, 100, 2028)") == pytest.approx(70 / 3)
    assert compute(formulas, "arrival_year(20, 2024, 30, 2025, 100)") == 2032
    assert compute(formulas, "arrival_year(20, 2024, 10, 2025, 100)") is None
    assert compute(formulas, "arrival_year(20, 2024, 20, 2025, 100)") is None


def progress(mini: Mini, indicator_id: str) -> dict:
    return mini.open().row("SELECT * FROM progress WHERE indicator_id = ?", indicator_id)


@together
def test_the_plans_own_yearly_path_comes_first(mini: Mini) -> Iterator[None]:
    simple(mini)
    met = mini.indicator("a", baseline(100), target(110, 2026), target(200, 2029), actual(112, 2026))
    missed = mini.indicator("b", baseline(100), target(150, 2026), target(200, 2029), actual(140, 2026))
    yield
    row = progress(mini, met)
    assert (row["path_result"], row["class"], row["class_basis"]) == ("met", "on track", "yearly target of the plan")
    assert row["pace"] == pytest.approx(12 / 25)
    assert row["required_per_year"] == pytest.approx(88 / 3)
    row = mini.row("SELECT * FROM progress WHERE indicator_id = ?", missed)
    assert (row["path_result"], row["class"]) == ("missed", "acceleration needed")
    assert row["pace"] == pytest.approx(1.6)


@together
def test_every_computed_number_names_its_inputs(mini: Mini) -> Iterator[None]:
    simple(mini)
    i = mini.indicator("a", baseline(100), target(110, 2026), target(200), actual(112, 2026))
    yield
    assert progress(mini, i)["inputs"] == [f"{i}.1", f"{i}.2", f"{i}.3", f"{i}.4"]


@together
def test_zero_baselines_are_fine(mini: Mini) -> Iterator[None]:
    simple(mini)
    i = mini.indicator("a", baseline(0, 2025), target(8, 2029), actual(2, 2026))
    yield
    row = progress(mini, i)
    assert (row["pace"], row["class"], row["share_of_path_pct"]) == (1.0, "on track", 25.0)
    assert (row["ambition"], row["ambition_pct"]) == (8.0, None)


@together
def test_falling_and_rising_are_decided_by_what_is_better(mini: Mini) -> Iterator[None]:
    simple(mini)
    i = mini.indicator("件数", baseline(10), target(2), actual(6, 2027), better="lower")
    yield
    row = progress(mini, i)
    assert (row["class"], row["pace"], row["attainment_pct"]) == ("on track", 1.0, None)


@together
def test_a_target_equal_to_the_baseline_is_to_be_maintained(mini: Mini) -> Iterator[None]:
    simple(mini)
    kept, lost = (
        mini.indicator("a", baseline(20), target(20), actual(20, 2026)),
        mini.indicator("b", baseline(20), target(20), actual(19, 2026)),
    )
    yield
    classes = {
        r["indicator_id"]: (r["class"], r["reason"])
        for r in mini.rows("SELECT * FROM progress WHERE municipality_code = ?", mini.code)
    }
    assert classes == {kept: ("maintained", "maintain"), lost: ("not maintained", "maintain")}


@together
def test_a_target_whose_year_is_over_is_missed_or_achieved(mini: Mini) -> Iterator[None]:
    simple(mini)
    missed, achieved = mini.indicator("a", target(10, 2025), actual(9)), mini.indicator("b", target(10, 2025), actual(10))
    yield
    rows = {r["indicator_id"]: r for r in mini.rows("SELECT * FROM progress WHERE municipality_code = ?", mini.code)}
    assert (rows[missed]["class"], rows[missed]["attainment_pct"], rows[missed]["reason"]) == ("missed", 90.0, "no_baseline")
    assert rows[achieved]["class"] == "achieved"


@together
def test_a_relative_target_takes_the_unit_of_its_printed_base(mini: Mini) -> Iterator[None]:
    simple(mini)
    cells = {"unit": "%", "relative_to": "R7年度"}
    i = mini.indicator("印刷枚数の削減率", baseline(1000, 2025, "枚"), target(-8, 2029, **cells), better="lower")
    mini.recorded(i, "2027-05-01", value=980, unit="枚", fiscal_year=2026)
    yield
    row = progress(mini, i)
    assert (row["target_printed"], row["target_value"], row["unit"], row["target_from_base"]) == (-8, 920, "枚", True)
    assert (row["pace"], row["class"]) == (1.0, "on track")


@together
def test_words_of_reduction_decide_the_way_of_a_relative_target(mini: Mini) -> Iterator[None]:
    simple(mini)
    cells = {"unit": "%", "relative_to": "導入前", "direction": "decrease"}
    i = mini.indicator("郵送費", baseline(500, 2025, "千円"), target(80, 2029, **cells))
    yield
    row = progress(mini, i)
    assert (row["target_value"], row["required_per_year"]) == (100, -100)


@together
def test_relative_results_are_measured_from_the_base_year(mini: Mini) -> Iterator[None]:
    simple(mini)
    cells = {"unit": "%", "relative_to": "R7年度"}
    i = mini.indicator("a", target(-8, 2029, **cells), better="lower")
    mini.recorded(i, "2027-05-01", value=-4, unit="%", fiscal_year=2027)
    yield
    row = progress(mini, i)
    assert (row["baseline_value"], row["baseline_year"], row["pace"], row["class"]) == (0, 2025, 1.0, "on track")


@together
def test_years_after_launch_become_fiscal_years_where_the_roadmap_allows_it(mini: Mini) -> Iterator[None]:
    simple(mini)
    launched = [target(value, None, relative_year=year) for value, year in ((3, 1), (5, 2))]
    placed, several, unplaced = (mini.indicator(name, *launched) for name in "abc")
    mini.milestone(placed, ("導入検討", 2026), ("導入", 2027), ("利用促進", 2028))
    mini.milestone(several, ("導入（法人）", 2026), ("導入（個人）", 2027))
    mini.milestone(unplaced, ("導入", None))
    yield
    rows = {r["indicator_id"]: r for r in mini.rows("SELECT * FROM progress WHERE municipality_code = ?", mini.code)}
    assert (rows[placed]["target_year"], rows[placed]["year_from_launch"]) == (2028, True)
    assert any("#" in used for used in rows[placed]["inputs"])
    assert (rows[several]["target_year"], rows[several]["reason"]) == (None, "launch_several")
    assert (rows[unplaced]["target_year"], rows[unplaced]["reason"]) == (None, "launch_unplaced")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([baseline(1)], "no_target"),
        ([target(None, missing="none-printed", value_text=None)], "no_target"),
        ([target(None, unit=None, value_text="導入")], "target_in_words"),
        ([baseline(None, missing="new"), target(5, unit="%", relative_to="導入前"), actual(3, 2026, "%")], "base_unprinted"),
        ([baseline(1), target(5)], "no_result"),
        ([baseline(1), target(5, None), actual(3, 2026)], "target_undated"),
        ([target(5), actual(3, 2026)], "no_baseline"),
        ([baseline(1, None), target(5), actual(3, 2026)], "baseline_undated"),
        ([baseline(1, 2027), target(5), actual(3, 2026)], "years_out_of_order"),
        ([baseline(1), target(50, unit="%"), actual(3, 2026)], "units_differ"),
    ],
)
@together
def test_what_cannot_be_computed_says_why(mini: Mini, values, reason) -> Iterator[None]:
    simple(mini)
    i = mini.indicator("a", *values)
    yield
    row = progress(mini, i)
    assert (row["reason"], row["pace"]) == (reason, None)
    assert row["reason_ja"]
    assert row["reason_en"]


@together
def test_null_stays_null(mini: Mini) -> Iterator[None]:
    simple(mini)
    i = mini.indicator("a", target(None, unit=None, missing="none-printed"))
    yield
    row = progress(mini, i)
    assert {row[name] for name in ("pace", "class", "ambition", "attainment_pct", "required_per_year", "target_value")} == {None}


@together
def test_questions_as_of_a_day_see_only_what_was_known(mini: Mini) -> Iterator[None]:
    simple(mini)
    i = mini.indicator("a", baseline(10), target(30))
    mini.recorded(i, "2027-05-01", value=15, unit="件", fiscal_year=2026)
    mini.recorded(i, "2027-09-01", value=16, unit="件", fiscal_year=2026)
    yield
    question = "SELECT latest_value, reason FROM progress_at(?::DATE) WHERE indicator_id = ?"
    assert mini.row(question, "2026-03-31", i) == {"latest_value": None, "reason": "not_yet_published"}
    assert mini.row(question, "2026-12-31", i) == {"latest_value": None, "reason": "no_result"}
    assert mini.row(question, "2027-06-30", i)["latest_value"] == 15
    assert mini.row(question, "2027-12-31", i)["latest_value"] == 16
    assert len(mini.rows("SELECT * FROM result WHERE indicator_id = ? AND role = 'actual'", i)) == 2


@together
def test_an_undated_document_is_left_out_of_such_questions_and_says_so(mini: Mini) -> Iterator[None]:
    mini.municipality().document(published=None).plan()
    i = mini.indicator("a", baseline(10), target(30))
    yield
    assert mini.row("SELECT reason FROM progress_at(DATE '2027-01-01') WHERE indicator_id = ?", i)["reason"] == "document_undated"
    assert mini.row("SELECT reason FROM progress WHERE indicator_id = ?", i)["reason"] == "no_result"


def test_a_later_edition_keeps_both_targets_and_counts_from_its_day() -> None:
    mini = simple().document("later", published="2027-03-31").plan("later/plan")
    old = mini.indicator("手続数", baseline(10), target(30))
    new = mini.indicator("手続数", baseline(10), target(40), plan="later/plan")
    mini.open()
    assert mini.rows("SELECT indicator_id, revised_by FROM revision") == [{"indicator_id": old, "revised_by": new}]
    question = "SELECT indicator_id, value FROM standing_at('t', 'target', NULL::INTEGER, 0, false, ?::DATE)"
    assert mini.rows(question, "2026-12-31") == [{"indicator_id": old, "value": 30.0}]
    assert mini.rows(question, "2027-04-01") == [{"indicator_id": new, "value": 40.0}]
    assert len(mini.rows("SELECT * FROM progress WHERE target_value IS NOT NULL")) == 2


@together
def test_a_target_worse_than_the_baseline_has_no_pace(mini: Mini) -> Iterator[None]:
    simple(mini)
    i = mini.indicator("a", baseline(20), target(15), actual(10, 2027))
    yield
    row = progress(mini, i)
    assert (row["pace"], row["share_of_path_pct"], row["class"], row["reason"]) == (
        None,
        None,
        "deterioration",
        "target_behind_baseline",
    )


@pytest.mark.parametrize(
    ("cells", "aim"),
    [
        ({"value": 10, "unit": "件", "direction": "increase"}, 60),
        ({"value": 10, "unit": "件", "direction": "decrease"}, 40),
        ({"value": 100, "unit": "件", "direction": "increase", "relative_to": "R7年度"}, 150),
        ({"value": 110, "unit": "%", "relative_to": "R7年度", "quote": "R7年度比110%"}, 55),
        ({"value": -10, "unit": "%", "relative_to": "R7年度", "quote": "▲10%"}, 45),
        ({"value": 20, "unit": "%", "relative_to": "R7年度", "direction": "increase"}, 60),
    ],
)
@together
def test_increments_ratios_and_changes_lead_to_their_level(mini: Mini, cells, aim) -> Iterator[None]:
    simple(mini)
    i = mini.indicator("a", baseline(50), {"role": "target", "fiscal_year": 2029, **cells})
    yield
    row = progress(mini, i)
    assert (row["target_value"], row["reason"]) == (aim, "no_result")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"value": 10, "unit": "%", "relative_to": "前年度", "direction": "increase"}, "base_moves"),
        ({"value": 10, "unit": "%", "relative_to": "R7年度", "quote": "R7年度比10%"}, "relative_ambiguous"),
        ({"value": 10, "unit": "%", "relative_to": "R5年度", "direction": "increase"}, "base_unprinted"),
    ],
)
@together
def test_relative_targets_that_lead_nowhere_say_why(mini: Mini, cells, reason) -> Iterator[None]:
    simple(mini)
    i = mini.indicator("a", baseline(50), {"role": "target", "fiscal_year": 2029, **cells}, actual(55, 2027))
    yield
    row = progress(mini, i)
    assert (row["target_value"], row["class"], row["reason"]) == (None, None, reason)


@together
def test_a_range_is_reached_at_its_nearer_end_and_a_bound_has_a_side(mini: Mini) -> Iterator[None]:
    simple(mini)
    inside = mini.indicator("a", target(20, 2026, value_low=15, comparator="range"), actual(16, 2026))
    against = mini.indicator("b", target(15, 2026, comparator="<="), actual(20, 2026))
    yield
    rows = {r["indicator_id"]: r for r in mini.rows("SELECT * FROM progress WHERE municipality_code = ?", mini.code)}
    assert rows[inside]["class"] == "achieved"
    assert (rows[against]["class"], rows[against]["reason"]) == (None, "comparator_against_direction")


@together
def test_units_are_compared_all_round(mini: Mini) -> Iterator[None]:
    simple(mini)
    i = mini.indicator("a", baseline(50, unit="人"), target(80, unit=None), actual(60, 2027, "件"))
    yield
    row = progress(mini, i)
    assert (row["class"], row["reason"]) == (None, "units_differ")


@together
def test_of_values_of_one_year_the_last_printed_counts(mini: Mini) -> Iterator[None]:
    simple(mini)
    i = mini.indicator("a", *(baseline(n) for n in range(1, 12)), target(30))
    yield
    assert progress(mini, i)["baseline_value"] == 11


def test_progress_of_a_revised_edition_names_the_later_one() -> None:
    mini = simple().document("later", published="2027-03-31").plan("later/plan")
    old = mini.indicator("手続数", baseline(10), target(30))
    new = mini.indicator("手続数", baseline(10), target(40), plan="later/plan")
    mini.open()
    assert mini.row("SELECT revised_by FROM progress WHERE indicator_id = ?", old) == {"revised_by": new}
    assert mini.row("SELECT revised_by FROM progress_at(DATE '2026-12-31') WHERE indicator_id = ?", old) == {"revised_by": None}
    assert mini.row("SELECT measures FROM coverage WHERE theme_id = 't'") == {"measures": 1}

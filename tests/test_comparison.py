"""Pairs and groups: verdicts, transformations, alignment of years."""

import pytest
from mini import CODE, FACETS, REQUIRED, Mini, actual, baseline, simple, target

OTHER, THIRD = "990002", "990003"
LAST = "12_comparison.sql"  # what comes after it takes longer to create than all before


def cities(populations: dict[str, float] | None = None) -> Mini:
    mini = Mini()
    for number, code in enumerate((CODE, OTHER, THIRD)):
        mini.municipality(code, (populations or {}).get(code)).document(f"d{number}", code).plan(f"d{number}/plan")
    return mini


def allow(mini: Mini, transformation_id: str, formula: str, changes: dict[str, tuple[str, str]], item: str | None = None) -> None:
    mini.insert(
        "transformation",
        transformation_id=transformation_id,
        formula=formula,
        item=item,
        name_ja="ほ",
        name_en="t",
        unit_ja="{unit}",
        unit_en="{unit}",
    )
    for facet, (before, after) in changes.items():
        mini.connection.execute(
            "INSERT INTO facet_value VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [facet, after, FACETS.index(facet) + 1, facet in REQUIRED, facet, facet, after, after],
        )
        mini.insert("transformation_change", transformation_id=transformation_id, facet=facet, from_value=before, to_value=after)
    mini.insert("theme_transformation", theme_id="t", transformation_id=transformation_id)


def pairs(
    mini: Mini,
    role: str = "latest",
    year: int | None = None,
    within: int = 0,
    interpolate: bool = False,
    apart: int | None = None,
) -> list[dict]:
    return mini.rows(
        "FROM compare_pairs('t', NULL::VARCHAR[], ?, ?, ?, ?, ?, NULL::DATE)", role, year, within, interpolate, apart
    )


def group(mini: Mini, role: str = "latest", year: int | None = None) -> list[dict]:
    return mini.rows("FROM compare_group('t', NULL::VARCHAR[], ?, ?, 0, false, NULL::DATE)", role, year)


def test_equal_facets_are_direct_and_years_are_shown() -> None:
    mini = cities()
    mini.indicator("a", actual(42, 2022), plan="d0/plan")
    mini.indicator("b", actual(142, 2025), plan="d1/plan")
    (pair,) = pairs(mini.open(LAST))
    assert (pair["verdict"], pair["years_apart"], pair["differing"]) == ("direct", 3, [])
    (pair,) = pairs(mini, apart=2)
    assert (pair["verdict"], pair["differing"]) == ("not comparable", ["year"])


def test_a_target_and_a_result_are_no_pair() -> None:
    mini = cities()
    mini.indicator("a", actual(42), plan="d0/plan")
    mini.indicator("b", target(142), plan="d1/plan")
    (pair,) = pairs(mini.open(LAST))
    assert (pair["verdict"], pair["differing"]) == ("not comparable", ["role"])


@pytest.mark.parametrize(("facet", "one"), [("channel", "mynaportal"), ("denominator", "unknown")])
def test_a_facet_that_differs_is_named(facet, one) -> None:
    mini = cities()
    mini.indicator("a", actual(1), plan="d0/plan", **{facet: one})
    mini.indicator("b", actual(2), plan="d1/plan")
    (pair,) = pairs(mini.open(LAST))
    assert (pair["verdict"], pair["differing"]) == ("not comparable", [facet])


def test_what_neither_states_is_a_caveat_but_a_required_facet_a_refusal() -> None:
    mini = cities()
    mini.indicator("a", actual(1), plan="d0/plan", channel="unknown")
    mini.indicator("b", actual(2), plan="d1/plan", channel="unknown")
    mini.indicator("c", actual(3), plan="d0/plan", object="unknown")
    mini.indicator("d", actual(4), plan="d1/plan", object="unknown")
    found = {(p["left_indicator"], p["right_indicator"]): p for p in pairs(mini.open(LAST))}
    assert found["a", "b"]["verdict"] == "direct"
    assert found["a", "b"]["unstated"] == ["channel"]
    assert found["c", "d"]["verdict"] == "not comparable"
    assert "object" in found["c", "d"]["differing"]


def test_a_count_becomes_a_share_of_the_population_with_the_nearest_year_stated() -> None:
    mini = cities({CODE: 50_000})
    allow(mini, "share", "share_of", {"unit": ("count", "percent"), "denominator": ("none", "population")}, "population")
    i = mini.indicator("会員数", actual(5000, 2025, "人"), plan="d0/plan")
    mini.indicator("会員率", actual(18.6, 2025, "%"), plan="d1/plan", unit="percent", denominator="population")
    (pair,) = pairs(mini.open(LAST))
    assert pair["verdict"] == "transformed"
    assert (pair["left_value"], pair["left_transformed"], pair["left_transformation"]) == (5000, 10.0, "share")
    assert (pair["right_value"], pair["right_transformed"], pair["right_transformation"]) == (18.6, None, None)
    assert pair["inputs"] == sorted(
        [f"{i}.1", pair["right_result_id"], f"reference_value/{CODE}/population/2020-10-01/2020-10-01"]
    )
    (row,) = mini.rows("SELECT * FROM transformed_value")
    assert (str(row["reference_as_of"]), row["is_reference_of_same_year"]) == ("2020-10-01", False)


def test_without_the_population_the_pair_stays_refused_and_says_so() -> None:
    mini = cities()
    allow(mini, "share", "share_of", {"unit": ("count", "percent"), "denominator": ("none", "population")}, "population")
    mini.indicator("会員数", actual(5000, 2025, "人"), plan="d0/plan")
    mini.indicator("会員率", actual(18.6, 2025, "%"), plan="d1/plan", unit="percent", denominator="population")
    (pair,) = pairs(mini.open(LAST))
    assert pair["verdict"] == "not comparable"
    assert "missing" in pair["differing_en"]


def test_the_population_nearest_to_the_value_is_taken() -> None:
    mini = cities({CODE: 50_000})
    mini.insert(
        "reference_value",
        municipality_code=CODE,
        item="population",
        as_of="2025-10-01",
        vintage="2025-10-01",
        value=40_000,
        unit="人",
        source="census",
    )
    allow(mini, "per", "per_10k", {"unit": ("count", "per-10k"), "denominator": ("none", "population")}, "population")
    mini.indicator("a", actual(100, 2025), plan="d0/plan")
    mini.indicator("b", actual(100, 2021), plan="d0/plan")
    rows = {r["year"]: r for r in mini.open(LAST).rows("SELECT * FROM transformed_value")}
    assert (rows[2025]["value"], rows[2025]["is_reference_of_same_year"]) == (25.0, True)
    assert (rows[2021]["value"], rows[2021]["reference_value"]) == (20.0, 50_000)


@pytest.mark.parametrize(
    ("formula", "values", "expected"),
    [
        ("annual_change", [baseline(10, 2022), actual(40, 2025)], 10.0),
        ("growth", [baseline(10, 2022), actual(40, 2025)], 300.0),
        ("growth", [baseline(0, 2022), actual(40, 2025)], None),
        ("growth", [baseline(10, 2025), actual(40, 2025)], None),
        ("annual_change", [baseline(10, 2022, "人"), actual(40, 2025, "件")], None),
        ("stage", [actual(3)], 1.0),
        ("stage", [actual(0)], 0.0),
        ("stage", [actual(None, unit=None, value_text="導入済み")], 1.0),
        ("stage", [actual(None, unit=None, value_text="未実施")], 0.0),
        ("stage", [actual(None, unit=None, value_text="方向性が定まっている")], None),
        ("fraction", [actual(None, unit=None, numerator=24, denominator=26)], 100 * 24 / 26),
        ("same", [actual(7)], 7.0),
    ],
)
def test_the_registered_formulas(formula, values, expected) -> None:
    mini = cities()
    allow(mini, "f", formula, {"counting": ("stock", "flow")})
    mini.indicator("a", *values, plan="d0/plan")
    rows = mini.open(LAST).rows("SELECT value FROM transformed_value")
    assert [r["value"] for r in rows] == ([] if expected is None else [pytest.approx(expected)])


def test_a_group_sorts_into_sets_largest_first() -> None:
    mini = cities({CODE: 50_000})
    allow(mini, "share", "share_of", {"unit": ("count", "percent"), "denominator": ("none", "population")}, "population")
    mini.indicator("数", actual(5000, 2025, "人"), plan="d0/plan")
    mini.indicator("率1", actual(18.6, 2025, "%"), plan="d1/plan", unit="percent", denominator="population")
    mini.indicator("率2", actual(20.0, 2024, "%"), plan="d2/plan", unit="percent", denominator="population")
    mini.indicator("別", actual(1, 2025), plan="d2/plan", object="staff")
    rows = group(mini.open(LAST))
    assert [(r["indicator"], r["comparable_set"], r["verdict"], r["set_value"]) for r in rows] == [
        ("率2", 1, "transformed", 20.0),
        ("率1", 1, "transformed", 18.6),
        ("数", 1, "transformed", 10.0),
        ("別", None, "not comparable", None),
    ]
    assert rows[2]["value"] == 5000
    assert set(rows[3]["differing"]) >= {"object"}


def test_a_group_whose_definitions_agree_is_direct() -> None:
    mini = cities()
    for number in range(3):
        mini.indicator("a", actual(number), plan=f"d{number}/plan")
    assert {(r["comparable_set"], r["verdict"], r["set_municipalities"]) for r in group(mini.open(LAST))} == {(1, "direct", 3)}


def test_two_indicators_of_one_municipality_are_no_group() -> None:
    mini = cities()
    mini.indicator("a", actual(1), plan="d0/plan")
    mini.indicator("b", actual(2), plan="d0/plan")
    assert {r["verdict"] for r in group(mini.open(LAST))} == {"not comparable"}


def test_targets_of_a_year_the_nearest_one_and_nothing_by_guess() -> None:
    mini = simple()
    mini.indicator("a", target(10, 2026), target(20, 2027), target(40, 2029))
    mini.open(LAST)
    question = "SELECT value FROM standing_at('t', 'target', ?, ?, false, NULL::DATE)"
    values = {
        (year, within): mini.row(question, year, within)["value"]
        for year, within in ((2027, 0), (2028, 0), (2028, 1), (2031, 1), (2031, 2))
    }
    assert values == {(2027, 0): 20, (2028, 0): None, (2028, 1): 40, (2031, 1): None, (2031, 2): 40}


def test_interpolation_only_when_asked_and_marked() -> None:
    mini = simple()
    i = mini.indicator("a", actual(10, 2022), actual(40, 2025))
    mini.open(LAST)
    question = "SELECT value, is_interpolated, inputs, fiscal_year FROM standing_at('t', 'known', 2023, 0, ?, NULL::DATE)"
    assert mini.row(question, False) == {"value": None, "is_interpolated": False, "inputs": [], "fiscal_year": None}
    assert mini.row(question, True) == {
        "value": 20.0,
        "is_interpolated": True,
        "inputs": [f"{i}.1", f"{i}.2"],
        "fiscal_year": 2023,
    }
    outside = "SELECT value FROM standing_at('t', 'known', 2027, 0, true, NULL::DATE)"
    assert mini.row(outside)["value"] is None


def test_a_recorded_result_replaces_the_printed_baseline_as_the_latest() -> None:
    mini = simple()
    i = mini.indicator("a", baseline(142), target(260))
    mini.recorded(i, "2027-05-01", value=171, unit="件", fiscal_year=2026)
    row = mini.open(LAST).row(
        "SELECT value, origin, document_id, source FROM standing_at('t', 'latest', NULL::INTEGER, 0, false, NULL::DATE)"
    )
    assert row == {"value": 171, "origin": "recorded", "document_id": None, "source": "課"}


def test_missing_values_are_never_zero() -> None:
    mini = cities()
    mini.indicator("a", baseline(None, missing="new"), plan="d0/plan")
    mini.indicator("b", actual(0), plan="d1/plan")
    (pair,) = pairs(mini.open(LAST))
    assert (pair["left_value"], pair["left_missing"], pair["right_value"]) == (None, "new", 0)


def test_coverage_counts_measures_with_and_without_a_measurable_target() -> None:
    mini = cities()
    mini.insert("theme", theme_id="u", name_ja="う", name_en="u", definition_ja="う", definition_en="u", direction="higher")
    mini.insert("theme_topic", theme_id="t", topic_id="topic")
    mini.insert(
        "topic", version="9.0", position=1, topic_id="topic", name_ja="事項", published="2025", source="s", confirmed="yes"
    )
    mini.insert(
        "topic", version="9.0", position=2, topic_id="nobody", name_ja="他", published="2025", source="s", confirmed="yes"
    )
    mini.indicator("a", target(5), plan="d0/plan")
    mini.indicator("b", target(None, unit=None, value_text="導入"), plan="d1/plan")
    mini.open()
    found = {
        (r["municipality_code"], r["theme_id"]): (r["coverage"], r["measures"], r["measurable_targets"])
        for r in mini.rows("SELECT * FROM coverage")
    }
    assert found[CODE, "t"] == ("measurable target", 1, 1)
    assert found[OTHER, "t"] == ("no measurable target", 1, 0)
    assert found[THIRD, "t"] == ("not addressed", 0, 0)
    assert found[CODE, "u"] == ("not addressed", 0, 0)
    topics = {(r["topic_id"], r["municipality_code"]): r["coverage"] for r in mini.rows("SELECT * FROM topic_coverage")}
    assert topics["topic", OTHER] == "no measurable target"
    assert topics["nobody", CODE] is None


def test_a_pair_without_a_value_or_a_year_is_refused() -> None:
    mini = cities()
    mini.indicator("a", baseline(None, missing="none-printed"), plan="d0/plan")
    mini.indicator("b", actual(2, None), plan="d1/plan")
    mini.indicator("c", actual(3), plan="d2/plan")
    found = {(p["left_indicator"], p["right_indicator"]): (p["verdict"], p["differing"]) for p in pairs(mini.open(LAST), apart=0)}
    assert found["a", "c"] == ("not comparable", ["value"])
    assert found["b", "c"] == ("not comparable", ["year"])
    assert {p["verdict"] for p in pairs(mini) if "a" not in (p["left_indicator"], p["right_indicator"])} == {"direct"}


def test_a_group_always_says_why() -> None:
    mini = cities()
    mini.indicator("a", actual(1), plan="d0/plan")
    mini.indicator("b", target(2), plan="d1/plan")
    mini.indicator("c", actual(3), plan="d2/plan")
    mini.indicator("d", baseline(None, missing="new"), plan="d1/plan")
    reasons = {r["indicator"]: r["differing_en"] for r in group(mini.open(LAST))}
    assert reasons == {"a": None, "c": None, "b": "kind of value: target / known value", "d": "no value"}


def test_an_interpolated_value_comes_before_a_neighbouring_year_but_after_the_year_itself() -> None:
    mini = simple()
    mini.indicator("a", actual(10, 2022), actual(40, 2025))
    mini.open(LAST)
    question = "SELECT value FROM standing_at('t', 'known', ?, 1, true, NULL::DATE)"
    assert [mini.row(question, year)["value"] for year in (2022, 2023, 2025, 2026)] == [10, 20, 40, 40]


def test_fractions_are_interpolated_as_shares() -> None:
    mini = simple()
    mini.indicator(
        "a", actual(None, 2023, "件", numerator=5, denominator=20), actual(None, 2025, "件", numerator=10, denominator=20)
    )
    row = mini.open(LAST).row("SELECT value, unit FROM standing_at('t', 'known', 2024, 0, true, NULL::DATE)")
    assert row == {"value": 37.5, "unit": "%"}


def test_a_population_published_later_is_not_known_yet() -> None:
    mini = cities({CODE: 50_000})
    mini.insert(
        "reference_value",
        municipality_code=CODE,
        item="population",
        as_of="2026-10-01",
        vintage="2026-10-01",
        value=40_000,
        unit="人",
        source="census",
    )
    allow(mini, "per", "per_10k", {"unit": ("count", "per-10k"), "denominator": ("none", "population")}, "population")
    mini.indicator("a", actual(100, 2025), plan="d0/plan")
    question = "SELECT basis_value FROM basis_at('t', 'latest', NULL::INTEGER, 0, false, ?::DATE) WHERE transformation_id = 'per'"
    mini.open(LAST)
    assert mini.row(question, "2026-06-01") == {"basis_value": 20.0}
    assert mini.row(question, "2026-12-01") == {"basis_value": 25.0}


def test_a_corrected_population_counts_from_the_day_it_was_published() -> None:
    mini = cities({CODE: 50_000})
    cells = {"municipality_code": CODE, "item": "population", "as_of": "2020-10-01", "unit": "人", "source": "census"}
    mini.insert("reference_value", vintage="2024-04", value=40_000, **cells)
    mini.insert("reference_value", vintage="2026-05-01", value=None, **cells)  # withdrawn: nothing is computed with the older
    allow(mini, "per", "per_10k", {"unit": ("count", "per-10k"), "denominator": ("none", "population")}, "population")
    mini.indicator("a", actual(100, 2020), plan="d0/plan")
    mini.open(LAST)
    question = (
        "SELECT reference_value FROM basis_at('t', 'latest', NULL::INTEGER, 0, false, ?::DATE) WHERE transformation_id = 'per'"
    )
    for table in ("answer", "definition"):
        mini.connection.execute(f"UPDATE {table} SET known_from = DATE '2021-01-01'")
    known = [mini.row(question, day)["reference_value"] for day in ("2024-04-29", "2024-04-30", "2026-05-01")]
    assert known == [50_000, 40_000, None]

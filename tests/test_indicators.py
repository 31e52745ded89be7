import pytest

from dxlib.errors import DxlibError
from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.warehouse import build


def pair(bench: Workbench, theme: str, left: str, right: str, **alignment) -> dict:
    relation = bench.compare(theme, **alignment)
    rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    (found,) = [r for r in rows if {r["left_indicator"], r["right_indicator"]} == {left, right}]
    return found


def test_counts_of_procedures_in_two_cities_are_directly_comparable(bench: Workbench) -> None:
    found = pair(bench, "online_procedures", "オンライン申請化された手続件数", "オンライン化された行政手続きの数")
    assert (found["verdict"], found["differing"]) == ("direct", [])
    assert (found["left_value"], found["left_fiscal_year"], found["right_value"], found["right_fiscal_year"]) == (
        42,
        2022,
        142,
        2025,
    )
    assert "channel" in found["unstated_en"]


def test_a_share_and_a_count_are_not_comparable_and_the_reason_is_in_words(bench: Workbench) -> None:
    found = pair(
        bench,
        "online_procedures",
        "オンライン化されている行政サービス(手続)の割合(※年間取扱件数上位100手続)",
        "オンライン化された行政手続きの数",
    )
    assert found["verdict"] == "not comparable"
    assert {"unit", "denominator"} <= set(found["differing"])
    assert "割合" in found["differing_ja"]
    assert "share" in found["differing_en"]


def test_two_shares_with_other_denominators_stay_incomparable_after_a_transformation(bench: Workbench) -> None:
    found = pair(
        bench,
        "online_procedures",
        "オンライン化した手続の割合",
        "オンライン化されている行政サービス(手続)の割合(※年間取扱件数上位100手続)",
    )
    assert found["verdict"] == "not comparable"
    assert "denominator" in found["differing"]


def test_a_definition_stated_by_one_plan_only_is_a_difference(bench: Workbench) -> None:
    rows = bench.compare("telework").fetchall()
    columns = bench.compare("telework").columns
    assert rows
    assert {dict(zip(columns, row, strict=True))["verdict"] for row in rows} == {"not comparable"}


def test_a_printed_fraction_is_comparable_to_a_share_of_the_same_things(project: Project) -> None:
    facets = project.curated / "facets.csv"
    lines = facets.read_text(encoding="utf-8").splitlines()
    fraction = next(line for line in lines if "fraction" in line).split(",")
    for number, line in enumerate(lines):
        if "top-100-by-volume" in line:
            head = line.rsplit(",", 9)[0]
            lines[number] = ",".join([head, *fraction[3:]]).replace("fraction", "percent")
    facets.write_text("\n".join(lines) + "\n", encoding="utf-8")
    build(project)
    with Workbench(project) as bench:
        found = pair(
            bench,
            "online_procedures",
            "オンライン化した手続の割合",
            "オンライン化されている行政サービス(手続)の割合(※年間取扱件数上位100手続)",
            role="target",
        )
    assert found["verdict"] == "transformed"
    assert "share_from_fraction" in (found["left_transformation"], found["right_transformation"])
    computed = found["left_transformed"] or found["right_transformed"]
    assert computed == pytest.approx(100 * 24 / 26)
    assert {found["left_numerator"], found["right_numerator"]} == {None, 24}


def test_verdicts_do_not_depend_on_the_order_of_the_pair(bench: Workbench) -> None:
    asymmetric = bench.sql(
        "SELECT count(*) FROM verdict a JOIN verdict b ON a.left_definition = b.right_definition AND a.right_definition = b.left_definition"
        " AND a.theme_id = b.theme_id WHERE a.verdict <> b.verdict OR a.differing <> b.differing"
        " OR a.left_transformation IS DISTINCT FROM b.right_transformation"
    ).fetchall()
    assert asymmetric == [(0,)]


def test_results_are_relations_for_pandas_and_polars(bench: Workbench) -> None:
    assert len(bench.values("telework").df()) == len(bench.values("telework").pl()) > 0


def test_only_the_municipalities_asked_for(bench: Workbench) -> None:
    relation = bench.values("online_procedures", ["242039"])
    assert {row[relation.columns.index("municipality_code")] for row in relation.fetchall()} == {"242039"}


@pytest.mark.parametrize(
    ("theme", "codes", "code", "says"),
    [
        ("telewok", [], "theme-unknown", "did you mean 'telework'"),
        ("telework", ["131016"], "municipality-without-plan", "242039 (伊勢市, Ise)"),
        ("telework", ["242038"], "municipality-check-digit", "242039"),
        ("telework", ["伊勢"], "municipality-name-unknown", "242039 三重県伊勢市"),
        ("telework", ["242039", "府中市"], "municipality-name-ambiguous", "342084 広島県府中市"),
    ],
)
def test_mistyped_questions_name_the_nearest_answer(bench: Workbench, theme, codes, code, says) -> None:
    with pytest.raises(DxlibError) as caught:
        bench.compare(theme, codes)
    assert caught.value.code == code
    assert says in str(caught.value)


def test_every_indicator_has_its_facets_and_theme_decided(bench: Workbench) -> None:
    undecided = bench.sql("SELECT indicator_id FROM indicator ANTI JOIN indicator_theme USING (indicator_id)").fetchall()
    assert undecided == []
    assert len(bench.themes().fetchall()) >= 19


def test_indicators_without_a_known_subject_are_never_comparable(bench: Workbench) -> None:
    rows = bench.sql(
        "SELECT DISTINCT verdict FROM comparison c JOIN definition d ON d.indicator_id = c.left_id WHERE NOT d.is_known"
    ).fetchall()
    assert rows == [("not comparable",)]


def test_a_definition_that_changed_between_two_plans_of_one_city_is_a_difference(bench: Workbench) -> None:
    found = pair(
        bench,
        "hours_saved",
        "デジタル技術を活用した新たな業務時間削減",
        "デジタル技術の導入により、導入前と比べて短縮された業務時間の合計",
    )
    assert found["verdict"] == "not comparable"
    assert "counting" in found["differing"]


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.long)])
def test_the_quick_answer_to_the_default_question_is_the_same(bench: Workbench, every: int) -> None:
    signatures = dict(
        bench.sql("SELECT function_name, parameters FROM duckdb_functions() WHERE function_name LIKE 'compare_%'").fetchall()
    )
    assert signatures["compare_group_now"] == ["for_theme", "codes"]
    assert signatures["compare_pairs_now"] == ["for_theme", "codes", "years_apart_at_most"]
    nothing = "'latest', NULL::INTEGER, 0, false,"
    for (theme,) in bench.sql("SELECT theme_id FROM theme ORDER BY 1").fetchall()[::every]:
        general = bench.sql(f"FROM compare_group('{theme}', NULL::VARCHAR[], {nothing} NULL::DATE)").fetchall()
        assert bench.group(theme).fetchall() == general
        general = bench.sql(f"FROM compare_pairs('{theme}', NULL::VARCHAR[], {nothing} NULL::INTEGER, NULL::DATE)").fetchall()
        assert bench.compare(theme).fetchall() == general

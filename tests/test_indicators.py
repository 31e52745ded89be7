from pathlib import Path
from typing import Any

import duckdb
import pytest

from dxlib.errors import DxlibError
from dxlib.indicators import Workbench, open_workbench, version_order
from dxlib.project import Project
from dxlib.sight import VARIABLE, Seen
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


def rows(relation: duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def in_order(found: list[dict[str, Any]], *keys: str) -> bool:
    """Whether rows stand in the order of some columns, without a value last."""
    places = [tuple((row[key] is None, row[key] or 0) for key in keys) for row in found]
    return places == sorted(places)


def test_themes_with_what_answers_them(bench: Workbench) -> None:
    *themes, none = rows(bench.themes())
    profiles = bench.sql("SELECT theme_id, municipality_code, indicator_id FROM profile").fetchall()
    assert [row["theme_id"] for row in themes] == sorted(row[0] for row in bench.sql("SELECT theme_id FROM theme").fetchall())
    assert (none["theme_id"], none["name_ja"], none["name_en"]) == (None, "テーマなし", "no theme")
    for row in [*themes, none]:
        of_theme = [profile for profile in profiles if profile[0] == row["theme_id"]]
        assert (row["indicators"], row["municipalities"]) == (len(of_theme), len({code for _, code, _ in of_theme})), row
    known = [row["transformations"] for row in themes if row["transformations"]]
    assert known == [sorted(names) for names in known]
    assert max(map(len, known)) > 1


def test_municipalities_stand_in_the_order_of_their_codes(bench: Workbench) -> None:
    everybody = bench.check_municipalities()
    assert everybody == sorted(everybody)
    assert bench.check_municipalities(["242161", "242039", "242161"]) == ["242161", "242039"]
    bench.sql("SELECT 1")
    assert bench.check_municipalities() == everybody


def test_values_of_a_theme_and_of_all(bench: Workbench) -> None:
    every, of_theme = rows(bench.values()), rows(bench.values("online_procedures"))
    assert len(every) == len(bench.sql("SELECT 1 FROM fact").fetchall()) > len(of_theme) > 0
    theme_of = dict(bench.sql("SELECT indicator_id, theme_id FROM profile").fetchall())
    assert {theme_of[row["indicator_id"]] for row in of_theme} == {"online_procedures"}
    assert in_order(every, "municipality_code", "indicator_id", "fiscal_year", "observation_id")
    standing = [row["indicator_id"] for row in of_theme if row["standing"]]
    assert sorted(standing) == sorted({row["indicator_id"] for row in of_theme})
    everywhere = bench.check_municipalities()
    assert rows(bench.values("online_procedures", everywhere[:1])) == [
        row for row in of_theme if row["municipality_code"] == everywhere[0]
    ]


def test_transformed_values_of_one_theme_and_of_some_municipalities(bench: Workbench) -> None:
    themes = [row[0] for row in bench.sql("SELECT DISTINCT theme_id FROM transformed_value ORDER BY 1").fetchall()]
    found = {theme: rows(bench.transformed(theme)) for theme in themes}
    for theme, values in found.items():
        assert {row["theme_id"] for row in values} == {theme}
        assert in_order(values, "municipality_code", "indicator_id", "transformation_id")
        code = values[0]["municipality_code"]
        assert {row["municipality_code"] for row in rows(bench.transformed(theme, [code]))} == {code}
    assert sum(map(len, found.values())) == len(bench.sql("SELECT 1 FROM transformed_value").fetchall())


def test_progress_of_a_theme_and_a_municipality(bench: Workbench) -> None:
    every = rows(bench.progress())
    names = dict(bench.sql("SELECT code, name FROM municipality").fetchall())
    assert len(every) == len(bench.sql("SELECT 1 FROM indicator").fetchall())
    assert in_order(every, "indicator_id")
    assert all(row["municipality"] == names[row["municipality_code"]] for row in every)
    some = [row for row in every if row["theme_id"] == "online_procedures"]
    assert rows(bench.progress("online_procedures")) == some != []
    code = some[0]["municipality_code"]
    assert rows(bench.progress("online_procedures", [code])) == [row for row in some if row["municipality_code"] == code]
    early = {row["reason_en"] for row in rows(bench.progress(as_of="2000-01-01"))}
    assert early == {"not published by that day", "it is not known when the document was published"}


def test_topics_of_the_newest_version(bench: Workbench) -> None:
    versions = sorted({row[0] for row in bench.sql("SELECT version FROM topic").fetchall()}, key=version_order)
    found = rows(bench.topics())
    assert {row["version"] for row in found} == {versions[-1]}
    assert in_order(found, "position", "municipality_code")
    assert {row["version"] for row in rows(bench.topics(versions[0]))} == {versions[0]}
    assert {row["municipality_code"] for row in rows(bench.topics(None, ["242039"]))} == {"242039"}


@pytest.mark.parametrize("asked", ["audit", "quality"])
def test_findings_of_one_rule_in_their_order(bench: Workbench, asked: str) -> None:
    find = getattr(bench, asked)
    every = rows(find())
    assert in_order(every, "document_id", "line")
    rule = every[0]["rule_id"]
    assert rows(find(rule=rule)) == [row for row in every if row["rule_id"] == rule]
    other = next(row["rule_id"] for row in rows(bench.quality() if asked == "audit" else bench.audit()))
    for unknown in (other, "no-such-rule"):
        with pytest.raises(DxlibError) as caught:
            find(rule=unknown)
        assert caught.value.code == "rule-unknown"


def test_findings_of_one_severity_and_municipality(bench: Workbench) -> None:
    every = rows(bench.audit())
    assert rows(bench.audit(severity="rounding")) == [row for row in every if row["severity"] == "rounding"] != []
    assert rows(bench.audit(["242039"])) == [row for row in every if row["municipality_code"] == "242039"] != []
    with pytest.raises(DxlibError) as caught:
        bench.audit(severity="grave")
    assert caught.value.code == "severity-unknown"


def test_rules_and_what_they_find(bench: Workbench) -> None:
    found = {row["rule_id"]: row["findings"] for row in rows(bench.rules())}
    every = [row["rule_id"] for row in [*rows(bench.audit()), *rows(bench.quality())]]
    assert found == {rule: every.count(rule) for rule in found}
    positions = dict(bench.sql("SELECT rule_id, position FROM rule").fetchall())
    assert list(found) == sorted(found, key=lambda rule: positions[rule])


def test_wordings_like_a_text(bench: Workbench) -> None:
    found = rows(bench.similar("オンライン申請"))
    assert len(found) == 10
    assert found == rows(bench.similar("オンライン申請", 11))[:10]
    code = found[0]["municipality_code"]
    assert code not in {row["municipality_code"] for row in rows(bench.similar("オンライン申請", without=[code]))}
    with pytest.raises(DxlibError) as caught:
        bench.similar(" 　")
    assert caught.value.code == "text-empty"


def test_what_a_workbench_notes_of_each_question(built: Project) -> None:
    with Workbench(built, Seen()) as bench:
        seen = bench.seen
        assert seen is not None
        bench.values("online_procedures", ["242039"])
        assert (seen.codes, seen.questions, seen.lists, seen.everything) == ({"242039"}, [], False, False)
        file = built.curated / "themes.csv"
        assert bench.reads(file) == file
        assert seen.files == {built.relative(file)}
        bench.sql("SELECT 1")
        assert seen.questions == [("SELECT 1", [])]
        bench.sql("SELECT 2", sees=["242161"])
        assert (seen.codes, len(seen.questions)) == ({"242039", "242161"}, 1)
        everybody = bench.check_municipalities()
        assert (seen.lists, seen.codes, seen.everything) == (True, set(everybody), False)
        assert bench.connection
        assert seen.everything
    with pytest.raises((DxlibError, duckdb.Error)):
        bench.sql("SELECT 1")


def test_a_workbench_that_notes_nothing(built: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_workbench(built.root) as bench:
        assert bench.seen is None
        assert bench.connection.sql("SELECT 1").fetchall() == bench.sql("SELECT 1").fetchall() == [(1,)]
        assert bench.reads(tmp_path) == tmp_path
    monkeypatch.setenv(VARIABLE, str(tmp_path / "seen.jsonl"))
    with open_workbench(built.root) as bench:
        assert bench.seen is not None


def test_a_municipality_without_a_plan_and_a_theme_without_an_indicator(rebuilt: Project) -> None:
    with duckdb.connect(str(rebuilt.warehouse)) as connection:
        connection.execute("INSERT INTO municipality BY NAME SELECT * REPLACE ('999999' AS code) FROM municipality LIMIT 1")
        connection.execute("INSERT INTO theme BY NAME SELECT * REPLACE ('a' AS theme_id) FROM theme LIMIT 1")
    with Workbench(rebuilt) as bench:
        assert "999999" not in bench.check_municipalities()
        first = rows(bench.themes())[0]
    assert (first["theme_id"], first["indicators"], first["municipalities"]) == ("a", 0, 0)


def test_what_was_known_on_a_day_is_not_what_is_known_now(bench: Workbench) -> None:
    assert {row["value"] for row in rows(bench.group("online_procedures", as_of="2000-01-01"))} <= {None}
    assert {row["value"] for row in rows(bench.group("online_procedures"))} > {None}

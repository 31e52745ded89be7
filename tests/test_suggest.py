"""Suggested themes and facets: honest figures, confirmed by people, and nothing lost on the way."""

import csv
import dataclasses
import io
import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT, copy_project

from dxlib.cli import main
from dxlib.clues import Wording, read_clues
from dxlib.confirm import import_facets
from dxlib.errors import DecisionError, QueryError
from dxlib.indicators import Workbench
from dxlib.ngrams import Ngrams, fold
from dxlib.project import Project
from dxlib.suggest import DOUBTED, Suggester, labelled, suggest, unlabelled
from dxlib.warehouse import build

sys.path.append(str(ROOT / "bench"))

import suggestions as figures

CITY = "242161"  # whose labels are taken away
NEW = "242161-iga/dx-action-plan-2/action-plan-1/m05.1"  # テレワークを実施した職員数
NEW_NAME = "テレワークを実施した職員数"


@pytest.fixture(scope="module")
def suggester(built: Project) -> Suggester:
    with Workbench(built) as bench:
        return Suggester.of(bench)


@pytest.fixture(scope="module")
def unlabelled_project(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A built workbench in which one municipality has no row in facets.csv."""
    project = copy_project(tmp_path_factory.mktemp("unlabelled"), like=built)
    path = project.curated / "facets.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(CITY)), encoding="utf-8")
    build(project)
    return project


@pytest.fixture
def new_plan(unlabelled_project: Project, tmp_path: Path) -> Project:
    """A copy of it that a test may change."""
    shutil.copytree(unlabelled_project.root / "data", tmp_path / "data")
    return Project(tmp_path)


def run(project: Project, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--project", str(project.root), *arguments])


def sheet_of(project: Project, path: Path) -> list[dict[str, str]]:
    result = run(project, "suggest", "--write", str(path))
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def save(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def take(project: Project, path: Path) -> tuple[int, int]:
    with Workbench(project) as bench:
        return import_facets(project, path, bench.connection)


# How good it is. The floors lie a little below the figures of docs/themes-suggested.md.


@pytest.mark.parametrize(
    ("name", "precision", "coverage"), [("tuning", 0.98, 0.92), ("before", 0.96, 0.95), ("after", 0.85, 0.40)]
)
def test_wordings_of_other_plans_find_their_theme(suggester: Suggester, name: str, precision: float, coverage: float) -> None:
    n = figures.theme_figures(figures.judged_list(suggester, name))
    assert n["right"] / n["given"] >= precision
    assert n["right"] / n["themed"] >= coverage


def test_the_lists_are_long_enough_and_stand_in_no_plan(bench: Workbench) -> None:
    rows = [row for name in figures.LISTS for row in figures.wordings(name)]
    printed = {fold(name) for (name,) in bench.sql("SELECT name FROM indicator WHERE name IS NOT NULL").fetchall()}
    assert len(rows) >= 200
    assert len(figures.wordings("before")) + len(figures.wordings("after")) >= 80
    assert not {fold(row["name"]) for row in rows} & printed
    themes = {theme for (theme,) in bench.sql("SELECT theme_id FROM theme").fetchall()}
    assert {row["theme"] for row in rows} == {*themes, ""}


def test_each_city_is_found_from_the_others(suggester: Suggester) -> None:
    judged = [(example.theme, found) for example, found in figures.judged_examples(suggester, city_out=True)]
    n = figures.theme_figures(judged)
    assert n["all"] == 128
    assert n["right"] / n["given"] >= 0.95
    assert n["right"] / n["themed"] >= 0.95
    alone = figures.judged_examples(figures.without_clues(suggester), city_out=True)
    n = figures.theme_figures([(example.theme, found) for example, found in alone])
    assert n["right"] / n["given"] >= 0.9  # n-grams say little, but what they say holds


@pytest.mark.parametrize("facet", ["measures", "object", "unit", "counting", "denominator", "channel", "period", "better"])
def test_suggested_facets_hold(suggester: Suggester, facet: str) -> None:
    judged = figures.judged_examples(suggester, city_out=True)
    given = [(one.facets[facet], found.facets[facet]) for one, found in judged if found.facets[facet] != "unknown"]
    assert len(given) >= 60
    assert sum(label == value for label, value in given) / len(given) >= 0.85


def test_the_page_of_figures_is_current(bench: Workbench) -> None:
    assert (ROOT / "docs/themes-suggested.md").read_text(encoding="utf-8") == figures.page(bench), "run: make docs"


# One suggestion.


def test_a_suggestion_says_why(suggester: Suggester) -> None:
    found = suggester.suggest("マイナンバーカードの保有率", "%", "カードの普及", ["令和8年度末 85%"])
    assert (found.theme, found.ground, found.found) == ("my_number_card", "name", "マイナンバーカード")
    assert 0.9 <= found.confidence < 1
    assert found.facets["object"] == "my-number-cards-held"
    assert (found.facets["unit"], found.facets["period"], found.facets["better"]) == ("percent", "fiscal-year-end", "higher")
    assert found.facets["included"] == "unknown"
    first, nearest, *_ = found.reasons("ja")
    assert first == "指標名に「マイナンバーカード」"
    assert "市「マイナンバーカード" in nearest
    assert found.reasons("en")[0] == "'マイナンバーカード' in the name"


def test_the_title_of_the_measure_helps_a_name_that_says_nothing_and_counts_for_less(suggester: Suggester) -> None:
    alone, titled = suggester.suggest("利用件数", "件"), suggester.suggest("利用件数", "件", "AIチャットボットの運用")
    assert alone.theme is None
    assert (titled.theme, titled.ground) == ("chatbot", "measure")
    assert titled.confidence < suggester.suggest("AIチャットボットの利用件数", "件").confidence


def test_clues_of_several_themes_are_less_sure_and_named(suggester: Suggester) -> None:
    found = suggester.suggest("テレワークに関するセキュリティ研修の受講者数")
    assert found.ground == "several"
    assert found.others
    assert found.confidence < suggester.trust["name"]
    assert all(other in found.reasons("en")[0] for other in found.others)


@pytest.mark.parametrize(
    "name", ["待機児童数", "特定健診の受診率", "電子図書館の貸出数", "ふるさと納税のオンライン申請件数", "", None]
)
def test_no_theme_is_an_answer(suggester: Suggester, name: str | None) -> None:
    found = suggester.suggest(name)
    assert found.theme is None
    assert 0 < found.confidence < 1
    assert found.reasons("ja")


def test_the_same_wording_that_a_person_labelled_goes_before_the_clues(suggester: Suggester) -> None:
    name, title = "傍聴者の満足度", "デジタルを用いた議会のバリアフリー化"
    assert suggester.suggest(name, "%", title).theme == "satisfaction"
    relabelled = [
        dataclasses.replace(example, theme="gis") if example.name == name else example for example in suggester.examples
    ]
    other = Suggester(suggester.clues, suggester.directions, suggester.facets[:-1], relabelled)
    found = other.suggest(name, "%", title)
    assert (found.theme, found.ground, found.others) == ("gis", "close", ("satisfaction",))
    assert other.suggest("傍聴者の人数と満足度", "%").theme == "satisfaction"


def test_confidence_is_counted_with_doubt(suggester: Suggester) -> None:
    judged = figures.judged_examples(suggester, city_out=True)
    hits = [example.theme == found.theme for example, found in judged if found.ground == "name"]
    assert suggester.trust["name"] == pytest.approx((sum(hits) + DOUBTED / 2) / (len(hits) + DOUBTED))
    assert suggester.trust["measure"] < suggester.trust["name"] < 1


def test_a_threshold_above_the_confidence_gives_no_theme(suggester: Suggester) -> None:
    strict = dataclasses.replace(suggester.clues, threshold=type(suggester.clues.threshold)(0.99, 0.99))
    found = Suggester(strict, suggester.directions, suggester.facets[:-1], suggester.examples).suggest("テレワーク実施率", "%")
    assert (found.theme, found.ground, found.others) == (None, "unsure", ("telework",))
    assert "telework" in found.reasons("en")[0]
    assert {value for facet, value in found.facets.items() if facet != "better"} == {"unknown"}


def test_without_labels_the_clues_alone_are_not_trusted(suggester: Suggester) -> None:
    found = Suggester(suggester.clues, suggester.directions, suggester.facets[:-1], []).suggest("テレワーク実施率", "%")
    assert (found.theme, found.ground, found.others) == (None, "unsure", ("telework",))


def test_the_function_is_cheap_after_the_first_time_and_sees_changed_clues(
    new_plan: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert suggest("電子決裁率", "%", project=new_plan).theme == "electronic_approval"
    made: list[Workbench] = []
    of = Suggester.of
    monkeypatch.setattr(Suggester, "of", lambda bench: made.append(bench) or of(bench))
    start = time.process_time()  # of this process alone: other tests run beside it
    for _ in range(50):
        suggest("電子決裁率", "%", "文書管理システムの更新", ["45%"], project=new_plan)
    assert (time.process_time() - start) / 50 < 0.02  # about 1 ms
    assert made == []
    clues = new_plan.curated / "clues.toml"
    clues.write_text(
        clues.read_text(encoding="utf-8").replace('theme = "electronic_approval"', 'theme = "gis"', 1), encoding="utf-8"
    )
    assert suggest("電子決裁率", "%", project=new_plan).theme == "gis"
    assert len(made) == 1


def test_it_is_deterministic(built: Project, suggester: Suggester) -> None:
    with Workbench(built) as bench:
        again = Suggester.of(bench)
    assert again.trust == suggester.trust
    for example in suggester.examples[:20]:
        assert again.judge(example.wording, CITY) == suggester.judge(example.wording, CITY)


def test_of_very_many_labels_only_a_part_is_compared_with(bench: Workbench) -> None:
    every, part = list(labelled(bench)), list(labelled(bench, at_most=50))
    assert part == every[::3]
    assert len(part) == 43


# Clues.


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ('theme = "telework"', 'theme = "telewrok"', "decision-unknown", "did you mean 'telework'"),
        ('value = "outcome"', 'value = "outcom"', "decision-unknown", "did you mean 'outcome'"),
        ('facet = "measures"', 'facet = "measure"', "decision-unknown", "did you mean 'measures'"),
        ('words = ["テレワーク"', 'words = ["(テレワーク"', "decision-value", "no regular expression"),
        ('words = ["テレワーク"', 'words = ["Ｗｅｂ 会議"', "decision-value", "write Web会議"),
        ('"fraction"\nvalues = ["[0-9]+/[0-9]+"]', '"fraction"\nvalues = ["["]', "decision-value", "no regular expression"),
        ('words = ["テレワーク"', 'word = ["テレワーク"', "decision-invalid", "clues.toml:"),
        ("theme = 0.6", "theme = 60", "decision-value", "from 0 to 1"),
        ('when = { measures = ["availability"] }', 'when = { period = ["month"] }', "decision-unknown", "decided before"),
        (
            'facet = "unit"\nvalue = "fraction"\nvalues = ["[0-9]+/[0-9]+"]',
            'facet = "unit"\nvalue = "fraction"',
            "decision-value",
            "fits everything",
        ),
        ("[threshold]", "[threshhold]", "decision-invalid", "threshhold"),
    ],
)
def test_a_wrong_clue_is_a_typed_error(new_plan: Project, old: str, new: str, code: str, says: str) -> None:
    path = new_plan.curated / "clues.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with Workbench(new_plan) as bench, pytest.raises(DecisionError) as caught:
        Suggester.of(bench)
    assert caught.value.code == code
    assert says in str(caught.value)
    assert "clues.toml" in str(caught.value)


def test_an_unknown_key_is_found_at_its_entry(new_plan: Project) -> None:
    path = new_plan.curated / "clues.toml"
    text = path.read_text(encoding="utf-8").replace('theme = "gis"\nwords', 'theme = "gis"\nword', 1)
    path.write_text(text, encoding="utf-8")
    line = text[: text.index('theme = "gis"')].count("\n")  # of the heading [[theme]] above
    with Workbench(new_plan) as bench, pytest.raises(DecisionError, match=rf"clues\.toml:{line}:"):
        Suggester.of(bench)


def test_a_missing_file_of_clues_is_an_error(new_plan: Project) -> None:
    (new_plan.curated / "clues.toml").unlink()
    with Workbench(new_plan) as bench, pytest.raises(DecisionError, match="decision-missing"):
        Suggester.of(bench)


def test_words_and_exceptions_of_a_clue(built: Project, suggester: Suggester) -> None:
    assert suggester.clues.themes_of(fold("介護ロボットの導入数"), is_name=True)[0].theme == "welfare"  # ロボット is no chatbot
    hits = suggester.clues.themes_of(fold("講座の受講者の満足度"), is_name=True)
    assert "satisfaction" not in [hit.theme for hit in hits]
    assert not [hit for hit in suggester.clues.themes_of(fold("LINE登録者数"), is_name=False) if hit.theme == "followers"]
    minimal = {"unit": ["count", "percent"]}
    with pytest.raises(DecisionError, match="unknown facet"):
        read_clues(built, suggester.directions, minimal)


def test_units_and_values_decide_the_unit(suggester: Suggester) -> None:
    def unit(*arguments) -> str:
        return suggester.suggest(*arguments).facets["unit"]

    assert unit("オンライン化した手続の割合", None, None, ["24/26"]) == "fraction"
    assert unit("電子決裁率", "％") == "percent"
    assert unit("スマホ教室の参加者数", "%", None, ["20%増"]) == "relative-change"
    assert unit("RPAによる削減時間", "時間") == "hours"
    assert unit("3D都市モデルの整備面積", "km²") == "area"
    assert unit("電子決裁", None) == "unknown"


def test_alike_is_alike_in_rare_pieces_and_width() -> None:
    index = Ngrams([[(fold(text), 1.0)] for text in ("書かない窓口の導入", "窓口の利用件数", "電子決裁率")])
    (first, similarity), *_ = index.similarities([(fold("書かない窓口数"), 1.0)])
    assert (first, 0 < similarity < 1) == (0, True)
    assert index.similarities([(fold("電子 決裁率"), 1.0)])[0] == (2, 1.0)
    assert index.similarities([("", 1.0)]) == []
    assert fold("ＷＥＢ　申請") == "web申請"
    assert Wording.of(None, None, "窓口").title == "窓口"


# New indicators.


def test_only_indicators_without_a_row_are_listed(unlabelled_project: Project) -> None:
    with Workbench(unlabelled_project) as bench:
        found = unlabelled(bench)
        (count,) = bench.sql("SELECT count(*) FROM indicator ANTI JOIN indicator_theme USING (indicator_id)").fetchall()[0]
        assert len(found) == count >= 36
        assert {example.municipality_code for example, _ in found} == {CITY}
        assert sum(suggestion.theme is not None for _, suggestion in found) >= 28
        assert unlabelled(bench, ["242039"]) == []
        with pytest.raises(QueryError, match="municipality-without-plan"):
            unlabelled(bench, ["131016"])
        with pytest.raises(QueryError, match="document-unknown"):
            unlabelled(bench, documents=["242161-iga/dx-action-plan"])


def test_suggestions_enter_no_comparison(unlabelled_project: Project) -> None:
    with Workbench(unlabelled_project) as bench:
        codes = {row[0] for row in bench.sql("SELECT DISTINCT municipality_code FROM definition").fetchall()}
        assert CITY not in codes


def test_the_command_lists_suggestions(unlabelled_project: Project) -> None:
    rows = json.loads(run(unlabelled_project, "suggest", "--format", "json", "--lang", "ja").stdout)
    row = next(row for row in rows if row["indicator_id"] == NEW)
    assert (row["theme"], row["municipality"], row["line"] > 0) == ("telework", "伊賀市", True)
    assert "unit=count" in row["facets"]
    assert row["reasons"][0] == "指標名に「テレワーク」"
    assert "telework" in run(unlabelled_project, "suggest", "--municipality", CITY).stdout


def test_the_command_says_when_there_is_nothing_to_decide(built: Project) -> None:
    result = run(built, "suggest", "--municipality", "242039")
    assert result.exit_code == 0
    assert "nothing to decide" in result.stderr


# Confirming.


def test_the_sheet_is_safe_in_excel_and_never_overwritten(new_plan: Project, tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    rows = sheet_of(new_plan, path)
    header = (new_plan.curated / "facets.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert list(rows[0]) == [*header, "suggestion", "confidence", "reasons", "decision"]
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert {row["decision"] for row in rows} == {""}
    assert next(row for row in rows if row["indicator_id"] == NEW)["suggestion"] == "telework"
    before = path.read_bytes()
    result = run(new_plan, "suggest", "--write", str(path))
    assert result.exit_code == 1
    assert "[sheet-write]" in result.stderr
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".dxlib")] == []
    assert "[sheet-write]" in run(new_plan, "suggest", "--write", str(tmp_path / "none" / "s.csv")).stderr


def test_accepted_and_changed_rows_become_decisions(new_plan: Project, tmp_path: Path) -> None:
    rows = sheet_of(new_plan, tmp_path / "sheet.csv")
    path = new_plan.curated / "facets.csv"
    before = path.read_bytes()
    rows[0]["decision"], rows[1]["decision"], rows[2]["decision"] = "accept", "change", "reject"
    rows[1]["theme"], rows[1]["counting"] = "visitors", "flow"
    decided = save(tmp_path / "decided.csv", rows)
    assert take(new_plan, decided) == (2, 0)
    assert take(new_plan, decided) == (0, 2)
    after = path.read_bytes()
    assert after.startswith(before)
    added = list(csv.reader(io.StringIO(after[len(before) :].decode("utf-8"))))
    assert [row[0] for row in added] == [rows[0]["indicator_id"], rows[1]["indicator_id"]]
    build(new_plan)
    with Workbench(new_plan) as bench:
        themes = dict(bench.sql("SELECT indicator_id, theme_id FROM indicator_theme").fetchall())
        assert themes[rows[1]["indicator_id"]] == "visitors"
        assert len(unlabelled(bench)) == len(rows) - 2


def test_the_command_imports(new_plan: Project, tmp_path: Path) -> None:
    rows = [row | {"decision": "accept"} for row in sheet_of(new_plan, tmp_path / "sheet.csv")]
    result = run(new_plan, "import", "facets", str(save(tmp_path / "decided.csv", rows)))
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{len(rows)} added, 0 already there\n"


def _twice(rows: list[dict[str, str]]) -> None:
    rows.append(dict(rows[0]))


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (lambda rows: rows[1].update(decision="yes"), "decision-unknown", "unknown decision 'yes'"),
        (lambda rows: rows[1].update(theme="gps"), "decision-unknown", "unknown theme 'gps'"),
        (lambda rows: rows[1].update(unit="percnt"), "decision-unknown", "did you mean 'percent'"),
        (lambda rows: rows[1].update(better="up"), "decision-unknown", "unknown value of better"),
        (lambda rows: rows[1].update(indicator="別の名前"), "decision-guard", "the row was made for"),
        (lambda rows: rows[1].update(indicator_id="242161-iga/x"), "decision-unknown", "no indicator"),
        (lambda rows: rows[1].update(theme="visitors"), "decision-value", "write change"),
        (_twice, "decision-duplicate", "keep one of the rows"),
    ],
)
def test_one_wrong_row_and_nothing_is_taken(
    new_plan: Project, tmp_path: Path, change: Callable[[list[dict[str, str]]], None], code: str, says: str
) -> None:
    rows = [row | {"decision": "accept"} for row in sheet_of(new_plan, tmp_path / "sheet.csv")]
    change(rows)
    before = (new_plan.curated / "facets.csv").read_bytes()
    with pytest.raises(DecisionError) as caught:
        take(new_plan, save(tmp_path / "decided.csv", rows))
    assert caught.value.code == code
    assert says in str(caught.value)
    assert (new_plan.curated / "facets.csv").read_bytes() == before


def test_what_was_decided_before_is_never_changed(new_plan: Project, tmp_path: Path) -> None:
    rows = sheet_of(new_plan, tmp_path / "sheet.csv")
    rows[0]["decision"] = "accept"
    take(new_plan, save(tmp_path / "one.csv", rows))
    before = (new_plan.curated / "facets.csv").read_bytes()
    rows[0].update(decision="change", theme="visitors")
    rows[1]["decision"] = "accept"
    with pytest.raises(DecisionError, match="with other content"):
        take(new_plan, save(tmp_path / "two.csv", rows))
    assert (new_plan.curated / "facets.csv").read_bytes() == before


def test_a_name_that_looks_like_a_formula_comes_back(new_plan: Project, tmp_path: Path) -> None:
    rows = [row for row in sheet_of(new_plan, tmp_path / "sheet.csv") if row["indicator_id"] == NEW]
    rows[0].update(decision="accept", indicator="'=cmd")

    class Named:
        def execute(self, _sql: str):
            return self

        def fetchall(self):
            return [(NEW, "=cmd")]

    assert import_facets(new_plan, save(tmp_path / "formula.csv", rows), Named()) == (1, 0)  # type: ignore[arg-type]
    assert f"{NEW},=cmd,telework" in (new_plan.curated / "facets.csv").read_text(encoding="utf-8")


# Similar wording.


def test_similar_lists_municipality_values_and_source(bench: Workbench) -> None:
    relation = bench.similar("テレワークの実施率", 5, without=["242161"])
    rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    assert (rows[0]["indicator"], rows[0]["municipality"]) == ("対象職種におけるテレワーク実施率", "伊勢市")
    assert [row["similarity"] for row in rows] == sorted((row["similarity"] for row in rows), reverse=True)
    assert "242161" not in {row["municipality_code"] for row in rows}
    assert any("%" in value for value in rows[0]["printed"])
    for row in rows:
        (line,) = bench.sql(
            "SELECT text FROM source_line WHERE document_id = ? AND line = ?", [row["document_id"], row["line"]]
        ).fetchall()[0]
        assert row["quote"] in line


def test_similar_finds_measures_without_indicators_and_filters_by_unit(bench: Workbench) -> None:
    assert any(row[7] is None for row in bench.similar("職員研修", 20).fetchall())
    units = bench.similar("キャッシュレス決済", 20, unit="箇所").fetchall()
    assert [row[2] for row in units] == ["伊勢市"]


@pytest.mark.parametrize("text", ["", "  ", "　"])
def test_similar_to_nothing_is_an_error(bench: Workbench, text: str) -> None:
    with pytest.raises(QueryError, match="text-empty"):
        bench.similar(text)


def test_similar_takes_odd_text(bench: Workbench) -> None:
    assert bench.similar("'); DROP TABLE x; --%_").fetchall() == []
    assert len(bench.similar("書").fetchall()) > 1
    assert bench.similar("電子決裁率" * 500).fetchall()


def test_the_command_similar_names_a_theme_and_checks_codes(built: Project) -> None:
    result = run(built, "similar", "電子決裁率", "-n", "2", "--lang", "ja")
    assert result.exit_code == 0
    assert "伊勢市" in result.stdout
    assert "electronic_approval" in result.stderr
    assert "[municipality-without-plan]" in run(built, "similar", "電子決裁率", "--without", "131016").stderr


def test_municipalities_are_asked_for_by_name_as_well(bench) -> None:
    code, name = bench.sql("SELECT code, name FROM municipality ORDER BY code LIMIT 1").fetchall()[0]
    by_code = bench.similar("オンライン申請", 50, without=[code]).fetchall()
    assert bench.similar("オンライン申請", 50, without=[name]).fetchall() == by_code
    assert len(by_code) < len(bench.similar("オンライン申請", 50).fetchall())

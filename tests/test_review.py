"""Decisions about readings: from the list, through a sheet, into the next build, and back when the source changes."""

import csv
import io
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import get_args

import openpyxl
import pytest
from click.testing import CliRunner, Result
from conftest import ROOT
from desk import CODE, DOCUMENT, PLAN, small_desk, write_plan

from dxlib import judgement, whole
from dxlib.add import add
from dxlib.blocks import Remarks, Sources, Table, Text
from dxlib.cli import main
from dxlib.decisions import CORRECTION_COLUMNS
from dxlib.errors import DecisionError, QueryError
from dxlib.facts import Doubt
from dxlib.indicators import Workbench
from dxlib.judgement import Decision, decide
from dxlib.project import Project
from dxlib.review import Item, items
from dxlib.review_sheet import COLUMNS, import_review, to_csv, to_xlsx
from dxlib.show.base import Page, records
from dxlib.show.review import Desk, Review
from dxlib.warehouse import build, connect

MORE = 'inferred = ["title", "plans"]\n'


@pytest.fixture(scope="session")
def built_desk(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = small_desk(tmp_path_factory.mktemp("desk"), more=MORE)
    build(project)
    return project


@pytest.fixture
def desk(built_desk: Project, tmp_path: Path) -> Project:
    shutil.copytree(built_desk.root, tmp_path / "desk")
    return Project(tmp_path / "desk")


@pytest.fixture
def opened(desk: Project) -> Iterator[Workbench]:
    with Workbench(desk) as bench:
        yield bench


def everything(project: Project) -> dict[str, Item]:
    with Workbench(project) as bench:
        return {item.key: item for item in items(bench, everything=True)}


def the(project: Project, role: str, value: float, occurrence: int = 1) -> Item:
    found = [
        i
        for i in everything(project).values()
        if i.read["role"] == role and i.read.get("value") == value and i.key.endswith(f":{occurrence}")
    ]
    assert len(found) == 1, found
    return found[0]


def decision(item: Item, action: str, reason: str = "見た", **content: object) -> Decision:
    replaces = item.last["correction_id"] if item.last else ""
    return Decision("here", item.key, action, content, reason, seen=item.seen, replaces=replaces)  # type: ignore[arg-type]


def record(project: Project, *decisions: Decision) -> dict[str, int]:
    with Workbench(project) as bench:
        decided = decide(bench, decisions)
    return {**decided.added, "there": decided.there}


def rows_of(project: Project) -> list[dict[str, str]]:
    with (project.curated / "corrections.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ask(project: Project, sql: str) -> list[tuple[object, ...]]:
    with connect(project) as connection:
        return connection.execute(sql).fetchall()


def run(project: Project, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--project", str(project.root), *arguments])


# What is on the list.


def test_the_list_holds_what_is_doubtful_and_nothing_else(opened: Workbench) -> None:
    found = items(opened)
    assert [item.reasons for item in found if item.kind == "origin"] == [("origin-inferred",)] * 5
    read = [(item.read["role"], item.read["value"], item.reasons) for item in found if item.kind != "origin"]
    assert [one[:2] for one in read] == [("baseline", 10), ("baseline", 5), ("context", 68000)]
    assert all(reasons for _, _, reasons in read)
    assert len(items(opened, everything=True)) == 5 + 7


def test_an_item_stands_beside_its_source(opened: Workbench) -> None:
    (item,) = [item for item in items(opened) if item.read.get("value") == 10]
    lines = PLAN.split("\n")
    assert item.lines == [(number, lines[number - 1]) for number in (6, 7, 8)]
    assert item.read["quote"] in dict(item.lines)[item.read["line"]]


def test_two_values_for_one_year_contradict_each_other(desk: Project) -> None:
    item = the(desk, "target", 20, 2)
    record(desk, decision(item, "change", fiscal_year=2026, value=25.0))
    pair = [i for i in everything(desk).values() if "contradiction" in i.reasons]
    assert [i.content["value"] for i in pair] == [20, 25]
    record(desk, decision(everything(desk)[item.key], "reject", "読み違い"))
    assert not [i for i in everything(desk).values() if "contradiction" in i.reasons]


def test_unknown_documents_and_municipalities_are_named(opened: Workbench) -> None:
    with pytest.raises(QueryError, match="did you mean '131016-chiyoda/plan'") as caught:
        items(opened, documents=["131016-chiyoda/plam"])
    assert caught.value.code == "document-unknown"
    with pytest.raises(QueryError, match="no plan of municipality"):
        items(opened, ["132055"])


# What a decision does.


def test_accepting_makes_a_reading_sure_and_takes_it_off_the_list(desk: Project) -> None:
    item = the(desk, "baseline", 10)
    assert record(desk, decision(item, "accept", "")) == {"accept": 1, "there": 0}
    assert item.key not in {i.key for i in everything(desk).values() if i.is_open}
    build(desk)
    assert ask(desk, "SELECT confidence, doubts, review FROM observation WHERE value = 10") == [(1.0, None, "accepted")]
    assert ask(desk, "SELECT outcome, confidence FROM decided_fact") == [("accepted", 0.8)]
    assert ask(desk, "SELECT DISTINCT review FROM fact WHERE value <> 10") == [(None,)]


def test_changing_keeps_what_was_read(desk: Project) -> None:
    item = the(desk, "baseline", 5)
    assert record(desk, decision(item, "change", "表の注", fiscal_year=2024, unit="人"))["change"] == 1
    build(desk)
    assert ask(desk, "SELECT value, unit, fiscal_year, confidence, review FROM fact WHERE role = 'baseline' AND value = 5") == [
        (5.0, "人", 2024, 1.0, "changed")
    ]
    assert ask(desk, "SELECT unit, fiscal_year, outcome, reason FROM decided_fact") == [("名", 2025, "changed", "表の注")]
    fields = [(row["action"], row["field"], row["expected"], row["corrected"]) for row in rows_of(desk)]
    assert fields[:2] == [("change", "unit", "名", "人"), ("change", "fiscal_year", "2025", "2024")]
    assert fields[2][0] == "accept"


def test_rejecting_takes_a_value_out_and_keeps_it_queryable(desk: Project) -> None:
    record(desk, decision(the(desk, "target", 20, 2), "reject", "見出しの読み違い"))
    build(desk)
    assert ask(desk, "SELECT fiscal_year FROM observation WHERE value = 20") == [(2026,)]
    assert ask(desk, "SELECT fiscal_year, outcome, reason FROM decided_fact") == [(2027, "rejected", "見出しの読み違い")]
    assert ask(desk, "SELECT count(*) FROM indicator") == [(2,)]


def test_an_indicator_all_of_whose_values_are_rejected_is_no_indicator(desk: Project) -> None:
    facets = desk.curated / "facets.csv"
    names = facets.read_text(encoding="utf-8").strip().split(",")
    indicator = ask(desk, "SELECT indicator_id, name FROM indicator WHERE name LIKE '%オンライン%'")[0]
    row = dict(zip(names, [*indicator, "", "higher", *["unknown"] * (len(names) - 4)], strict=True))
    facets.write_text(",".join(names) + "\n" + ",".join(map(str, row.values())) + "\n", encoding="utf-8")
    wrong = [i for i in everything(desk).values() if i.read.get("indicator_id") == indicator[0]]
    record(desk, *[decision(item, "reject", "予算の表") for item in wrong])
    build(desk)
    assert ask(desk, "SELECT count(*) FROM indicator") == [(1,)]
    assert ask(desk, "SELECT count(*) FROM facet") == [(0,)]
    assert ask(desk, "SELECT DISTINCT indicator FROM decided_fact") == [("オンライン申請の件数",)]
    again = next(i for i in everything(desk).values() if i.read.get("value") == 10)
    record(desk, decision(again, "accept", "予算ではなかった"))
    build(desk)
    assert ask(desk, "SELECT count(*) FROM indicator") == [(2,)]


def test_a_name_is_corrected_once_for_all_values_of_the_indicator(desk: Project) -> None:
    one, other = the(desk, "target", 20, 1), the(desk, "target", 20, 2)
    with pytest.raises(DecisionError, match="give it one name"):
        record(desk, decision(one, "change", indicator="申請"), decision(other, "change", indicator="件数"))
    record(desk, decision(one, "change", indicator="オンライン申請件数"))
    assert everything(desk)[other.key].content["indicator"] == "オンライン申請件数"
    build(desk)
    assert ("オンライン申請件数",) in ask(desk, "SELECT name FROM indicator")
    record(desk, decision(everything(desk)[other.key], "change", indicator="電子申請"))
    build(desk)
    assert ("電子申請",) in ask(desk, "SELECT name FROM indicator")


def test_numbers_of_the_running_text_are_decided_too(desk: Project) -> None:
    record(desk, decision(the(desk, "context", 68000), "change", indicator="区の人口", unit="名"))
    build(desk)
    assert ask(desk, "SELECT subject, unit, review FROM statistic") == [("区の人口", "名", "changed")]
    record(desk, decision(the(desk, "context", 68000), "reject"))
    build(desk)
    assert ask(desk, "SELECT count(*) FROM statistic") == [(0,)]


def test_what_was_inferred_of_an_origin_is_confirmed_or_corrected(desk: Project) -> None:
    found = everything(desk)
    title, first = (found[f"{DOCUMENT}:origin:{key}"] for key in ("title", "plan.first_fiscal_year"))
    record(desk, decision(title, "accept", ""), decision(first, "change", "表紙", value_text="2025"))
    build(desk)
    assert ask(desk, "SELECT first_fiscal_year FROM plan") == [(2025,)]
    assert ask(desk, "SELECT inferred FROM document") == [("plan.title plan.scope plan.last_fiscal_year",)]
    write_plan(desk, PLAN, MORE.replace("inferred", "published = '2026-01'\ninferred"))
    build(desk)
    toml = desk.raw / f"{DOCUMENT}.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('title = "千代田区DX計画"', 'title = "別の題"', 1), encoding="utf-8")
    with pytest.raises(DecisionError, match=r"title of .* is '別の題'") as caught:
        build(desk)
    assert caught.value.code == "correction-guard"


@pytest.mark.parametrize(
    ("key", "action", "content", "says"),
    [
        ("title", "reject", {}, "cannot be rejected"),
        ("plan.first_fiscal_year", "change", {"value_text": "令和"}, "does not fit plan.first_fiscal_year"),
        ("plan.first_fiscal_year", "change", {"value_text": "2030"}, "end before it begins"),
        ("plan.scope", "change", {"value_text": "plans"}, "Invalid enum value"),
        ("title", "change", {"value_text": "題", "value": 3.0}, "only the text"),
    ],
)
def test_an_origin_takes_only_what_fits(desk: Project, key: str, action: str, content: dict[str, object], says: str) -> None:
    before = rows_of(desk)
    with pytest.raises(DecisionError, match=says) as caught:
        record(desk, decision(everything(desk)[f"{DOCUMENT}:origin:{key}"], action, **content))
    assert caught.value.code == "decision-value"
    assert rows_of(desk) == before


@pytest.mark.parametrize(
    ("action", "reason", "content", "says"),
    [
        ("accept", "", {"value": 11.0}, "the row changes value 10 → 11"),
        ("reject", "r", {"value": 11.0}, "the row changes"),
        ("change", "r", {"value": 10.0}, "nothing in the row is changed"),
        ("change", "", {"value": 11.0}, "change without a reason"),
        ("reject", "", {}, "reject without a reason"),
        ("change", "r", {"value": None}, "nothing would be left"),
        ("change", "r", {"numerator": 3.0}, "half a fraction"),
        ("change", "r", {"numerator": 3.0, "denominator": 0.0}, "denominator is 0"),
        ("change", "r", {"fiscal_year": 1900}, "lies outside 1989"),
        ("change", "r", {"role": "context"}, "role cannot be context"),
        ("change", "r", {"comparator": "range"}, "a range needs"),
        ("change", "r", {"relative_year": 0}, "counted from 1"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(
    desk: Project, action: str, reason: str, content: dict[str, object], says: str
) -> None:
    with pytest.raises(DecisionError, match=says) as caught:
        record(desk, decision(the(desk, "baseline", 10), action, reason, **content))
    assert caught.value.code == "decision-value"
    assert rows_of(desk) == []


def test_a_number_that_becomes_a_word_loses_its_comparator(desk: Project) -> None:
    record(desk, decision(the(desk, "baseline", 10), "change", value=None, unit=None, value_text="導入"))
    build(desk)
    assert ask(desk, "SELECT value, comparator, value_text FROM observation WHERE value_text IS NOT NULL") == [
        (None, None, "導入")
    ]


# Nothing a person decided is lost.


def test_a_later_decision_replaces_an_earlier_one_and_both_are_kept(desk: Project) -> None:
    item = the(desk, "baseline", 10)
    record(desk, decision(item, "change", "一", value=11.0))
    record(desk, decision(everything(desk)[item.key], "change", "二", value=12.0))
    record(desk, decision(everything(desk)[item.key], "reject", "三"))
    record(desk, decision(everything(desk)[item.key], "accept", "四"))
    assert everything(desk)[item.key].content["value"] == 12
    build(desk)
    assert ask(desk, "SELECT value FROM observation WHERE role = 'baseline' ORDER BY 1") == [(5.0,), (12.0,)]
    found = ask(desk, "SELECT reason, action, corrected, applies FROM correction ORDER BY correction_id")
    assert [(reason, action) for reason, action, _, _ in found] == [
        *(("一", "change"), ("一", "accept"), ("二", "change"), ("二", "accept"), ("三", "reject"), ("四", "accept"))
    ]
    assert [applies for *_, applies in found] == [False, False, True, False, False, True]
    assert ask(desk, "SELECT outcome, reason, value FROM decided_fact") == [("changed", "四", 10.0)]


def test_a_decision_made_meanwhile_is_not_overrun(desk: Project) -> None:
    seen = the(desk, "baseline", 10)
    record(desk, decision(seen, "reject", "甲"))
    with pytest.raises(DecisionError, match="r0001 stands \\(rejected: 甲\\)") as caught:
        record(desk, decision(seen, "accept", "乙"))
    assert caught.value.code == "decision-superseded"
    assert len(rows_of(desk)) == 1


def test_the_same_decision_twice_is_there_already(desk: Project) -> None:
    item = the(desk, "baseline", 10)
    record(desk, decision(item, "change", "一", value=11.0))
    before = rows_of(desk)
    assert record(desk, decision(item, "change", "一", value=11.0)) == {"there": 1}
    build(desk)
    assert record(desk, decision(item, "change", "一", value=11.0)) == {"there": 1}
    assert rows_of(desk) == before


def test_all_or_nothing(desk: Project) -> None:
    good, bad = the(desk, "baseline", 10), the(desk, "baseline", 5)
    with pytest.raises(DecisionError):
        record(desk, decision(good, "accept"), decision(bad, "change", "", value=6.0))
    assert rows_of(desk) == []


def test_two_decisions_about_one_value_in_one_go_are_refused(desk: Project) -> None:
    item = the(desk, "baseline", 10)
    with pytest.raises(DecisionError) as caught:
        record(desk, decision(item, "accept"), decision(item, "reject"))
    assert caught.value.code == "decision-duplicate"


def test_a_disk_that_fails_leaves_the_file_as_it_was(desk: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    record(desk, decision(the(desk, "baseline", 5), "accept"))
    before = (desk.curated / "corrections.csv").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    item = the(desk, "baseline", 10)
    for name in ("replace", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(whole.os, name, full)
            with pytest.raises(DecisionError, match="No space") as caught:
                record(desk, decision(item, "accept"))
        assert caught.value.code == "decision-write"
        assert (desk.curated / "corrections.csv").read_bytes() == before
    assert not list(desk.curated.glob(".build-*"))


def test_a_row_added_by_another_program_meanwhile_is_not_lost(desk: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    item = the(desk, "baseline", 10)
    path = desk.curated / "corrections.csv"
    listed = judgement.items

    def slow(*arguments: object, **named: object) -> list[Item]:
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        return listed(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(judgement, "items", slow)
    with pytest.raises(DecisionError, match="changed it meanwhile"):
        record(desk, decision(item, "accept"))
    assert rows_of(desk) == []


def test_a_file_from_before_reviews_gets_the_new_columns(desk: Project) -> None:
    path = desk.curated / "corrections.csv"
    old = ",".join(CORRECTION_COLUMNS[:9])
    path.write_bytes(f"\ufeff{old}\r\nc1,{DOCUMENT},11,5名,unit,名,人,by hand,open\r\n".encode())
    build(desk)
    record(desk, decision(the(desk, "baseline", 10), "accept"))
    lines = path.read_bytes().decode("utf-8-sig").split("\r\n")
    assert lines[:2] == [",".join(CORRECTION_COLUMNS), f"c1,{DOCUMENT},11,5名,unit,名,人,by hand,open"]
    build(desk)
    assert ask(desk, "SELECT unit, review, confidence FROM observation WHERE value = 5") == [("人", "changed", 0.8)]
    record(desk, decision(the(desk, "baseline", 5), "change", "単位", unit="名"))
    build(desk)
    assert ask(desk, "SELECT unit FROM observation WHERE value = 5") == [("名",)]


# When the source or its reading changes.


def test_decisions_survive_a_rebuild_with_more_facts(desk: Project) -> None:
    item = the(desk, "target", 20, 2)
    record(desk, decision(item, "change", "注", value=21.0), decision(the(desk, "baseline", 5), "accept"))
    build(desk)
    before = ask(desk, "SELECT observation_id FROM observation WHERE value = 21")
    more = "項目\t別の指標の数\t\t\n目標年度\t現状値\t令和8年度\t令和9年度\n目標値\t1件\t2件\t3件\n"
    write_plan(desk, PLAN.rstrip("\n") + "\n\n" + more, MORE)
    build(desk)
    assert ask(desk, "SELECT observation_id FROM observation WHERE value = 21") == before
    assert ask(desk, "SELECT count(*) FROM observation") == [(9,)]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("目標値\t10件", "目標値\t11件", "0 values \\(baseline number 1\\) read '10件' on line 7"),
        pytest.param("# 千代田区DX計画\n", "# 千代田区DX計画\n\n", "0 values", marks=pytest.mark.long),
        (
            "現状値\t令和8年度\t令和9年度\n目標値\t10件",
            "現状値\t令和9年度\t令和10年度\n目標値\t10件",
            "is now read as .*fiscal_year=2026",
        ),
        pytest.param(
            "目標年度\t現状値\t令和8年度\t令和9年度\n目標値\t10件\t20件\t20件\n",
            "本文\n10件\n",
            "0 values",
            marks=pytest.mark.long,
        ),
    ],
)
@pytest.mark.parametrize("action", ["accept", pytest.param("reject", marks=pytest.mark.long)])
def test_a_decision_whose_source_changed_stops_the_build(desk: Project, old: str, new: str, says: str, action: str) -> None:
    record(desk, decision(the(desk, "baseline", 10), action))
    write_plan(desk, PLAN.replace(old, new, 1), MORE)
    good = desk.warehouse.read_bytes()[:4096]
    with pytest.raises(DecisionError, match=says) as caught:
        build(desk)
    assert caught.value.code == "correction-guard"
    assert "r0001" in str(caught.value)
    assert "corrections.csv:2" in str(caught.value)
    assert "withdrawn" in caught.value.hint
    assert desk.warehouse.read_bytes()[:4096] == good
    path = desk.curated / "corrections.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",decided,", ",withdrawn,"), encoding="utf-8")
    build(desk)
    assert ask(desk, "SELECT status, applies FROM correction") == [("withdrawn", False)]


def test_every_decision_that_no_longer_fits_is_named(desk: Project) -> None:
    record(desk, decision(the(desk, "baseline", 10), "accept"), decision(the(desk, "baseline", 5), "accept"))
    shutil.rmtree(desk.raw / DOCUMENT.split("/")[0])
    write_plan(desk, PLAN, document=f"{CODE}-chiyoda/other")
    with pytest.raises(DecisionError, match="no document") as caught:
        build(desk)
    assert "r0001" in str(caught.value)
    assert "r0002" in str(caught.value)


def test_a_reading_that_changed_since_the_list_was_written_is_not_decided_about(desk: Project) -> None:
    item = the(desk, "baseline", 10)
    write_plan(
        desk, PLAN.replace("現状値\t令和8年度\t令和9年度\n目標値\t10件", "現状値\t令和9年度\t令和10年度\n目標値\t10件", 1), MORE
    )
    build(desk)
    with pytest.raises(DecisionError, match=r"it is now read as .*fiscal_year=2026") as caught:
        record(desk, decision(item, "accept"))
    assert caught.value.code == "decision-guard"


@pytest.mark.parametrize(
    ("row", "code", "says"),
    [
        ("r1,{d},7,10件,,x,,r,decided,approve,,,,", "decision-unknown", "did you mean|Valid: accept"),
        ("r1,{d},7,10件,,x,,r,done,accept,,,,", "decision-unknown", "decided"),
        ("r1,{d},7,10件,,x,,,decided,reject,,,,", "decision-value", "without a reason"),
        ("r1,{d},x,10件,,x,,r,decided,accept,,,,", "decision-value", "column line"),
        ("r1,{d},7,10件,,x,,r,decided,accept,baseline,0,,", "decision-value", "column occurrence"),
        ("r1,{d},7,10件,,x,,r,decided,accept,,,,yesterday", "decision-value", "decided_on"),
        ("r1,{d},7,20件,unit,件,人,r,decided,change,,,,", "correction-guard", "2 values"),
        ("r1,{d},,,title,x,,r,decided,reject,origin,,,", "decision-unknown", "Valid: accept, change"),
        ("r1,{d},,,titel,x,y,r,decided,change,origin,,,", "decision-unknown", "did you mean 'title'"),
    ],
)
def test_a_row_written_by_hand_is_checked(desk: Project, row: str, code: str, says: str) -> None:
    path = desk.curated / "corrections.csv"
    path.write_text(path.read_text(encoding="utf-8") + row.format(d=DOCUMENT) + "\n", encoding="utf-8")
    with pytest.raises(DecisionError, match=says) as caught:
        build(desk)
    assert caught.value.code == code
    assert "corrections.csv:2" in str(caught.value)


# Through a sheet.

Sheet = list[dict[str, str]]


def written(project: Project, target: Path, lang: str = "en") -> Path:
    result = run(project, "review", "--all", "--lang", lang, "--write", str(target))
    assert result.exit_code == 0, result.output
    return target


def read_csv(path: Path) -> Sheet:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def save_csv(path: Path, rows: Sheet, encoding: str = "utf-8-sig") -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding, "replace"))


def row_of(rows: Sheet, value: str, role: str = "baseline") -> dict[str, str]:
    return next(row for row in rows if row["value"] == value and row["role"] == role)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_sheet_that_nobody_filled_in_changes_nothing(desk: Project, tmp_path: Path, lang: str, form: str) -> None:
    path = written(desk, tmp_path / f"list.{form}", lang)
    result = run(desk, "import", "review", str(path))
    assert result.output == "0 added, 0 already there, 12 undecided\n"
    assert rows_of(desk) == []


def test_decisions_come_back_from_csv(desk: Project, tmp_path: Path) -> None:
    path = written(desk, tmp_path / "list.csv")
    rows = read_csv(path)
    row_of(rows, "10")["decision"] = "accept"
    row_of(rows, "5").update(
        decision="change", reason="注による", fiscal_year="令和６年度", value="１,００５", by="山田", on="2026/9/1"
    )
    row_of(rows, "68000", "context").update(decision="reject", reason="計画の値ではない")
    save_csv(path, rows)
    result = run(desk, "import", "review", str(path))
    assert result.output == "3 added (1 accept, 1 change, 1 reject), 0 already there, 9 undecided\nnext: dxlib build\n"
    assert run(desk, "import", "review", str(path)).output.startswith("0 added, 3 already there")
    build(desk)
    assert ask(desk, "SELECT value, fiscal_year, review FROM observation WHERE role = 'baseline' ORDER BY value") == [
        (10.0, 2025, "accepted"),
        (1005.0, 2024, "changed"),
    ]
    assert ask(desk, "SELECT count(*) FROM statistic") == [(0,)]
    assert ask(desk, "SELECT DISTINCT decided_by, decided_on::VARCHAR FROM correction WHERE action = 'change'") == [
        ("山田", "2026-09-01")
    ]
    assert run(desk, "import", "review", str(path)).output.startswith("0 added, 3 already there")


def test_decisions_come_back_from_excel(desk: Project, tmp_path: Path) -> None:
    path = written(desk, tmp_path / "list.xlsx", "ja")
    book = openpyxl.load_workbook(path)
    page = book.active
    names = {cell.value: cell.column for cell in page[1]}
    assert page.data_validations.dataValidation[0].formula1 == '"採用,修正,却下"'
    line = next(row[0].row for row in page.iter_rows(min_row=2) if row[names["値"] - 1].value == 5)
    page.cell(line, names["判断"]).value = "修正"
    page.cell(line, names["理由"]).value = "注による"
    page.cell(line, names["年度"]).value = "R6"
    page.cell(line, names["値"]).value = 6.5
    page.cell(line, names["種類"]).value = "実績"
    page.cell(line, names["判断日"]).value = datetime(2026, 9, 1)
    page.insert_rows(3)
    book.save(path)
    assert run(desk, "import", "review", str(path)).output.startswith("1 added (1 change)")
    build(desk)
    assert ask(desk, "SELECT role, value, fiscal_year FROM observation WHERE value = 6.5") == [("actual", 6.5, 2024)]
    assert ask(desk, "SELECT DISTINCT decided_on::VARCHAR FROM correction") == [("2026-09-01",)]


def test_a_csv_that_excel_saved_as_cp932_is_read(tmp_path: Path) -> None:
    project = small_desk(tmp_path / "desk", PLAN.replace("5名", "5km²").replace("8名", "8km²"))
    build(project)
    path = written(project, tmp_path / "list.csv", "ja")
    rows = read_csv(path)
    for row in rows:
        if row["値"] in ("5", "10"):
            row["判断"] = "採用"
    save_csv(path, rows, "cp932")
    assert b"km?" in path.read_bytes()
    assert run(project, "import", "review", str(path)).output.startswith("2 added (2 accept)")
    build(project)
    assert ask(project, "SELECT unit, review FROM observation WHERE value = 5") == [("km²", "accepted")]


def test_empty_rows_and_removed_columns_do_no_harm(desk: Project, tmp_path: Path) -> None:
    path = written(desk, tmp_path / "list.csv")
    rows = read_csv(path)
    row_of(rows, "10")["decision"] = "Accept "
    for row in rows:
        for name in ("before", "after", "text", "quote", "by", "on"):
            del row[name]
    rows.insert(1, dict.fromkeys(rows[0], ""))
    save_csv(path, rows)
    assert run(desk, "import", "review", str(path)).output.startswith("1 added (1 accept)")


@pytest.mark.parametrize(
    ("edit", "code", "says"),
    [
        ({"decision": "yes"}, "decision-value", "column decision"),
        ({"decision": "accept", "value": "12"}, "decision-value", "the row changes value 10 → 12"),
        ({"value": "12"}, "decision-value", "column value is changed, but no decision"),
        ({"reason": "なぜか"}, "decision-value", "there is a reason, but no decision"),
        ({"decision": "change", "reason": "r", "value": "12件"}, "decision-value", "column value (値) is no number"),
        ({"decision": "change", "reason": "r", "fiscal_year": "来年"}, "decision-value", "column fiscal_year"),
        ({"decision": "change", "reason": "r", "role": "目的"}, "decision-value", "column role"),
        ({"decision": "change", "reason": "r", "as_of": "31日"}, "decision-value", "column as_of"),
        ({"decision": "change", "reason": "r", "relative_year": "x"}, "decision-value", "column relative_year"),
        ({"decision": "reject"}, "decision-value", "reject without a reason"),
        ({"decision": "accept", "fact": "x:1:y"}, "decision-guard", "nothing is read any more"),
        ({"decision": "accept", "fact": ""}, "decision-guard", "(no key)"),
        ({"decision": "accept", "understood": "role=target"}, "decision-guard", "it is now read as"),
        ({"decision": "accept", "decided": "r9"}, "decision-superseded", "no decision stands"),
    ],
)
def test_errors_name_row_and_column_and_change_nothing(
    desk: Project, tmp_path: Path, edit: dict[str, str], code: str, says: str
) -> None:
    path = written(desk, tmp_path / "list.csv")
    rows = read_csv(path)
    row_of(rows, "5")["decision"] = "accept"
    row = row_of(rows, "10")
    row.update(edit)
    save_csv(path, rows)
    result = run(desk, "import", "review", str(path))
    assert result.exit_code == 1
    assert result.stderr.startswith(f"dxlib: [{code}] {path}:{rows.index(row) + 2}: ")
    assert says in result.stderr
    assert rows_of(desk) == []


def test_a_column_too_many_is_named_and_nothing_is_lost(desk: Project, tmp_path: Path) -> None:
    path = written(desk, tmp_path / "list.csv")
    rows = read_csv(path)
    save_csv(path, [{**row, "メモ": "大事なこと"} for row in rows])
    result = run(desk, "import", "review", str(path))
    assert "[decision-columns]" in result.stderr
    assert "unknown column 'メモ'" in result.stderr


def test_all_wrong_rows_are_listed(desk: Project, tmp_path: Path) -> None:
    path = written(desk, tmp_path / "list.csv")
    rows = read_csv(path)
    row_of(rows, "5").update(decision="?")
    row_of(rows, "10").update(decision="change", reason="r", value="many")
    save_csv(path, rows)
    shown = run(desk, "import", "review", str(path)).stderr
    assert shown.count("[decision-value]") == 2


def test_a_list_is_never_written_over_another(desk: Project, tmp_path: Path) -> None:
    path = written(desk, tmp_path / "list.csv")
    before = path.read_bytes()
    result = run(desk, "review", "--write", str(path))
    assert (result.exit_code, path.read_bytes()) == (1, before)
    assert "[review-exists]" in result.stderr
    assert "[decision-write]" in run(desk, "review", "--write", str(tmp_path / "no" / "list.csv")).stderr


def test_plan_text_is_no_formula_in_the_sheet(tmp_path: Path) -> None:
    project = small_desk(tmp_path / "desk", PLAN.replace("オンライン申請の件数", "=HYPERLINK(1)の件数"))
    build(project)
    with Workbench(project) as bench:
        found = items(bench, everything=True)
        table = list(csv.DictReader(io.StringIO(to_csv(found, "en").decode("utf-8-sig"), newline="")))
        path = tmp_path / "list.xlsx"
        path.write_bytes(to_xlsx(found, "en"))
        page = openpyxl.load_workbook(path).active
        assert {row["indicator"] for row in table if "HYPER" in row["indicator"]} == {"'=HYPERLINK(1)の件数"}
        assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)
        for name in ("csv", "xlsx"):
            file = tmp_path / f"filled.{name}"
            file.write_bytes(to_csv(found, "en") if name == "csv" else to_xlsx(found, "en"))
            assert import_review(bench, file)[0].added == {}


def test_the_header_names_every_column_in_both_languages() -> None:
    assert len(set(COLUMNS) | set(COLUMNS.values())) == 2 * len(COLUMNS)


@pytest.mark.parametrize(
    "arguments",
    [("--write", "x.txt"), ("--format", "xlsx"), ("--write", "x.csv", "--format", "table")],
)
def test_wrong_usage(desk: Project, arguments: tuple[str, ...]) -> None:
    assert run(desk, "review", *arguments).exit_code == 2


def test_the_list_on_the_terminal(desk: Project) -> None:
    shown = run(desk, "review", "--municipality", CODE, "--document", DOCUMENT, "--lang", "ja")
    assert shown.exit_code == 0
    assert "オンライン申請の件数" in shown.stdout
    assert "8 to look at" in shown.stderr
    assert run(desk, "review", "--format", "csv").stdout.startswith("\ufeffdecision,reason")


# In reports.


def remarks_of(project: Project, lang: str = "ja") -> str:
    with Workbench(project) as bench:
        page = Page(bench, lang)
        shown = records(bench.sql("SELECT * FROM fact WHERE indicator LIKE 'オンライン%' AND role = 'baseline'"))
        page.piece(Text([span for row in shown for span in page.value(row, row["observation_id"])]))
        return " ".join(item.text for block in page.remarks().blocks if isinstance(block, Remarks) for item in block.items)


def test_a_report_says_what_was_changed_and_taken_out_beside_its_values(desk: Project) -> None:
    titled = everything(desk)[f"{DOCUMENT}:origin:title"]
    record(
        desk,
        decision(the(desk, "baseline", 10), "change", "注の一", fiscal_year=2024),
        decision(the(desk, "target", 20, 2), "reject", "見出しの読み違い"),
        decision(the(desk, "baseline", 5), "reject", "別の表"),
        decision(titled, "change", "表紙", value_text="正しい題"),
    )
    build(desk)
    said = remarks_of(desk)
    assert "注の一" in said
    assert "「20件」（20件（目標、令和9年度(2027年度)））の読み取りを除いた。理由：見出しの読み違い" in said
    assert "title を 千代田区DX計画 から 正しい題 へ" in said
    assert "別の表" not in said  # another indicator, which the report does not show
    assert "was taken out. Reason: 見出しの読み違い" in remarks_of(desk, "en")


def test_a_report_lists_no_reading_that_was_only_accepted(desk: Project) -> None:
    record(desk, decision(the(desk, "baseline", 10), "accept", "確かめた"))
    build(desk)
    assert remarks_of(desk) == ""
    with Workbench(desk) as bench:
        page = Page(bench, "ja")
        (row,) = records(bench.sql("SELECT * FROM fact WHERE value = 10"))
        assert "年は推定" not in page.notes(row)


def test_doubts_are_shown_beside_values(desk: Project) -> None:
    with Workbench(desk) as bench:
        (row,) = records(bench.sql("SELECT * FROM fact WHERE value = 10"))
        assert Page(bench, "ja").notes(row) == ["年は推定"]
        assert Page(bench, "en").notes({**row, "doubts": "year-inferred unit-missing"}) == ["year inferred", "no unit printed"]


def test_the_page_of_a_line_is_named(tmp_path: Path) -> None:
    project = small_desk(tmp_path / "desk")
    added = add(project, ROOT / "tests/collection/open/23_cards_no_rules.pdf", "132055")
    build(project)
    shown = run(project, "review", "--document", added.document_id, "--lang", "ja").stdout
    assert "2頁" in shown


# In the notebook.


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_notebook_shows_every_item_beside_its_line(opened: Workbench, lang: str) -> None:
    page = Review(opened, DOCUMENT, lang=lang)
    (table,) = [block for block in page.table().blocks if isinstance(block, Table)]
    assert len(table.rows) == len(items(opened)) == 8
    shown = " ".join(span.text for row in table.rows for one in row for line in one.lines for span in line)
    assert "10件" in shown
    assert f"{DOCUMENT}:7" in shown
    assert "8" in page.opening().blocks[2].items[0][0].text
    assert [place.line for block in page.sources().blocks if isinstance(block, Sources) for place in block.places] == [7, 11, 13]


def test_a_desk_writes_the_decisions_that_an_import_would(desk: Project) -> None:
    with Workbench(desk) as bench:
        bureau = Desk(Review(bench, DOCUMENT, lang="ja"))
        bureau.choice.value = the(desk, "baseline", 10).key
        assert (bureau.fields["value"].value, bureau.fields["role"].value, bureau.fields["fiscal_year"].value) == (
            "10",
            "基準値",
            "2025",
        )
        assert "10件" in bureau.view.value
        bureau.buttons["change"].click()
        assert "nothing in the row is changed" in bureau.message.value
        bureau.fields["fiscal_year"].value = "令和6年度"
        bureau.buttons["change"].click()
        assert "without a reason" in bureau.message.value
        bureau.reason.value, bureau.by.value = "注による", "山田"
        bureau.buttons["change"].click()
        assert "残り7件" in bureau.message.value
        assert rows_of(desk)[0]["decided_by"] == "山田"
        bureau.choice.value = f"{DOCUMENT}:origin:title"
        assert bureau.fields["value"].disabled
        assert not bureau.fields["value_text"].disabled
        bureau.buttons["accept"].click()
        while bureau.item:
            bureau.reason.value = "r"
            bureau.buttons["accept"].click()
        assert "確かめるべき読み取りはない" in bureau.view.value
        bureau.buttons["accept"].click()
    build(desk)
    assert ask(desk, "SELECT fiscal_year, review FROM observation WHERE value = 10") == [(2024, "changed")]
    assert ask(desk, "SELECT inferred FROM document") == [(None,)]


def test_without_a_kernel_the_desk_says_how(opened: Workbench) -> None:
    shown = Desk(Review(opened, DOCUMENT, lang="en"))._repr_mimebundle_()
    assert "dxlib import review" in shown["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in shown


def test_nothing_to_look_at_is_said(tmp_path: Path) -> None:
    project = small_desk(tmp_path / "desk", PLAN.replace("現状値\t", "令和7年度\t").rsplit("\n", 2)[0] + "\n")
    build(project)
    with Workbench(project) as bench:
        page = Review(bench)
        assert page.items == []
        assert "確かめるべき読み取りはない" in str(page.table().blocks)


def test_plan_text_is_no_markup_on_the_desk(tmp_path: Path) -> None:
    project = small_desk(tmp_path / "desk", PLAN.replace("オンライン申請の件数", "<script>alert(1)</script>の件数"))
    build(project)
    with Workbench(project) as bench:
        bureau = Desk(Review(bench))
        assert "<script" not in bureau.view.value
        bureau._say("<b>x</b>")
        assert "<b>x" not in bureau.message.value


def test_every_doubt_is_explained_in_the_docs() -> None:
    page = (ROOT / "docs/review.md").read_text(encoding="utf-8")
    assert all(f"| `{code}` |" in page for code in get_args(Doubt))

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from small import SHOWN, add_notebook, change_source, small_project

from dxlib.cli import main
from dxlib.errors import DxlibError
from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.report.changes import State, advance, differences, read_state, render, snapshots
from dxlib.report.index import write_index
from dxlib.warehouse import build

HOSTILE = "<script>alert(1)</script>{{7*7}}\"'"


@pytest.fixture
def own(built: Project, tmp_path: Path) -> Project:
    return small_project(tmp_path, like=built)


def run(project: Project, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--project", str(project.root), "report", "small", "--format", "html", *arguments])


def index_of(project: Project) -> str:
    return (project.reports / "index.html").read_text(encoding="utf-8")


def record(out: Path, name: str, **changed: object) -> Path:
    """A report folder with a manifest, and no more than that."""
    folder = out / name
    folder.mkdir(parents=True)
    manifest = {
        "report_id": name,
        "title": f"Title of {name}",
        "notebook": "small",
        "notebook_sha256": "0",
        "parameters": {"theme": "gis", "municipalities": ["131016", "131024"], "lang": "en"},
        "lang": "en",
        "formats": ["html", "zip"],
        "outputs": [{"name": f"{name}.{ending}", "bytes": 1, "sha256": "0"} for ending in ("html", "zip")],
        "inputs": {"warehouse": "f" * 64, "vintage": "2026-07", "documents": [{"document_id": "a"}]},
        "versions": {},
        "started_at": "2026-08-01T00:00:00+00:00",
        "seconds": {},
        **changed,
    }
    (folder / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_the_index_lists_reports_newest_first_with_what_they_are(tmp_path: Path) -> None:
    record(tmp_path, "older")
    record(tmp_path, "newer", started_at="2026-09-01T00:00:00+00:00", lang="ja")
    page = write_index(tmp_path).read_text(encoding="utf-8")
    assert re.findall(r'<li class="box" id="(\w+)">', page) == ["newer", "older"]
    assert '<h2 lang="en"><a href="older/older.html">Title of older</a></h2>' in page
    assert '<a href="older/older.zip" aria-label="ZIP (CSV): Title of older">' in page
    assert "older.pdf" not in page
    for part in (
        "theme = gis; municipalities = 131016, 131024",
        "1文書、最新は 2026-07、データ ffffffffffff",
        "英語",
        "2件",
        "2 reports",
    ):
        assert part in page


def test_the_index_is_searchable_and_complete_without_script(tmp_path: Path) -> None:
    record(tmp_path, "one")
    page = write_index(tmp_path).read_text(encoding="utf-8")
    assert '<label for="words">' in page
    assert re.search(r'<input id="words" type="search"', page)
    assert re.search(r'<p role="status" id="count" data-ja="#件を表示" data-en="# shown">', page)
    assert re.search(r'<div class="search" id="search" role="search" hidden>', page)  # shown by the script that makes it work
    assert "<li hidden" not in page
    assert not re.search(r'<script src|<link|https?://|\bon\w+="', page)


def test_an_empty_folder_has_an_index_that_says_so(tmp_path: Path) -> None:
    page = write_index(tmp_path / "new").read_text(encoding="utf-8")
    assert "レポートはまだない" in page
    assert "<script" not in page


def test_titles_and_parameters_stay_text(tmp_path: Path) -> None:
    record(tmp_path, "one", title=HOSTILE, parameters={"theme": HOSTILE})
    page = write_index(tmp_path).read_text(encoding="utf-8")
    assert page.count("<script") == 1
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}&#34;&#39;") >= 3


def test_a_damaged_record_is_said_and_hides_nothing_else(tmp_path: Path) -> None:
    (record(tmp_path, "bad") / "run.json").write_text('{"report_id": 1}', encoding="utf-8")
    record(tmp_path, "good")
    (tmp_path / "no-report").mkdir()
    (tmp_path / ".report-1-x").mkdir()
    page = write_index(tmp_path).read_text(encoding="utf-8")
    assert re.findall(r'<li class="(.*?)" id="(\w+)">', page) == [("box", "good"), ("box failed", "bad")]
    assert "run.json が読めない" in page


def test_a_failure_is_marked_and_the_last_good_report_stays_linked(own: Project) -> None:
    assert run(own).exit_code == 0
    assert 'class="box"' in index_of(own)
    assert "正常" in index_of(own)
    add_notebook(own, "07_small", f"raise ValueError({HOSTILE!r})")
    assert run(own).exit_code == 1
    page = index_of(own)
    assert 'class="box failed"' in page
    assert "から作成に失敗している" in page
    assert re.search(r'1件の作成に失敗している.*<a href="#small-online_procedures-ja">', page)
    assert "最後に成功したもの" in page
    assert "The links lead to the last good one" in page
    assert "[report-cell] cell 2 failed: ValueError: &lt;script&gt;" in page
    assert 'href="small-online_procedures-ja/small-online_procedures-ja.html"' in page
    add_notebook(own, "07_small", SHOWN)
    assert run(own).exit_code == 0
    assert 'class="box failed"' not in index_of(own)
    assert "作成に失敗" not in index_of(own)


def test_first_run_then_no_change_then_a_changed_number(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    changes, state = project.reports / "changes.html", project.reports / "state.json"
    assert run(project).exit_code == 0
    page = changes.read_text(encoding="utf-8")
    assert "最初の記録" in page
    assert "文書 5、数値 " in page
    assert '<a href="changes.html">' in index_of(project)

    assert run(project).exit_code == 0
    page = changes.read_text(encoding="utf-8")
    assert "変わったものはない" in page
    assert "<table" not in page

    change_source(project, "242039-ise/digital-vision-2", "170件\t200件", "171件\t200件")
    build(project)
    assert run(project).exit_code == 0
    page = changes.read_text(encoding="utf-8")
    kept = json.loads(state.read_text(encoding="utf-8"))["sets"]
    assert len(kept) == 1
    found = [(c["kind"], c["what"]) for c in kept[0]["changes"]]
    assert ("document", "changed") in found
    (value,) = [c for c in kept[0]["changes"] if c["kind"] == "value"]
    assert (value["before"]["quote"], value["after"]["quote"]) == ("170件", "171件")
    assert (value["before"]["value"], value["after"]["value"]) == (170.0, 171.0)
    assert "<q>170件</q>" in page
    assert "<q>171件</q>" in page

    assert run(project).exit_code == 0
    assert json.loads(state.read_text(encoding="utf-8"))["sets"] == kept
    assert "<q>171件</q>" in changes.read_text(encoding="utf-8")


def small_snapshot() -> dict[str, dict[str, dict[str, object]]]:
    document = {"document_id": "d", "ja": "市", "en": "City", "title": HOSTILE, "edition": "draft", "sha256": "a" * 64}
    value = {
        "document_id": "d",
        "ja": "市",
        "en": "City",
        "title": "t",
        "role": "target",
        "value": 1.0,
        "quote": HOSTILE,
        "line": 3,
    }
    finding = {
        "document_id": "d",
        "ja": "市",
        "en": "City",
        "title": "監",
        "rule_id": "r",
        "severity": "error",
        "text_ja": HOSTILE,
        "text_en": "x",
    }
    return {"document": {"d": document}, "value": {"d/1": value}, "finding": {"r d": finding}}


def after(state: State | None, before: Any, found: Any, day: str) -> State:
    changes = differences(before, found) if state else []
    return advance(state, changes, {kind: len(records) for kind, records in found.items()}, {}, f"{day}T00:00:00+00:00")


EMPTY: dict[str, dict[str, dict[str, object]]] = {"document": {}, "value": {}, "finding": {}}


def test_what_comes_with_a_document_is_counted_not_listed() -> None:
    full = small_snapshot()
    (new,) = differences(EMPTY, full)
    assert (new.kind, new.what, new.values, new.findings) == ("document", "new", 1, 1)
    (gone,) = differences(full, EMPTY)
    assert (gone.kind, gone.what, gone.values, gone.findings) == ("document", "removed", 1, 1)


def test_values_and_findings_of_a_known_document_are_listed_one_by_one() -> None:
    full = small_snapshot()
    without = {**full, "value": {}, "finding": {}}
    assert [(c.kind, c.what) for c in differences(without, full)] == [("value", "new"), ("finding", "new")]
    assert [(c.kind, c.what) for c in differences(full, without)] == [("value", "removed"), ("finding", "removed")]
    moved = {**full, "value": {"d/1": {**full["value"]["d/1"], "line": 4}}}
    assert differences(full, moved) == []
    for key, other in (("value", 2.0), ("unit", "件"), ("fiscal_year", 2026), ("quote", "1")):
        changed = {**full, "value": {"d/1": {**full["value"]["d/1"], key: other}}}
        assert [(c.kind, c.what) for c in differences(full, changed)] == [("value", "changed")], key


def test_at_most_twelve_change_sets_are_kept_newest_first() -> None:
    state = after(None, {}, EMPTY, "2026-01-01")
    for month in range(1, 16):
        before, found = (small_snapshot(), EMPTY) if month % 2 else (EMPTY, small_snapshot())
        state = after(state, before, found, f"2027-01-{month:02d}")
    assert len(state.sets) == 12
    assert [found.at[8:10] for found in state.sets][:2] == ["15", "14"]
    assert state.sets[0].since == "2027-01-14T00:00:00+00:00"


def test_more_than_a_thousand_changes_are_counted() -> None:
    full = small_snapshot()
    many = {**full, "value": {f"d/{n}": full["value"]["d/1"] for n in range(1500)}}
    state = after(after(None, {}, full, "2026-01-01"), {**full, "value": {}}, many, "2026-02-01")
    assert len(state.sets[0].changes) == 1000
    assert state.sets[0].left_out == {"value": 500}
    assert "ほかに 500件" in render(state)


def test_the_page_of_changes_shows_plan_text_as_text() -> None:
    empty = {**small_snapshot(), "value": {}, "finding": {}}
    state = after(after(None, {}, empty, "2026-01-01"), empty, small_snapshot(), "2026-02-01")
    state = after(state, small_snapshot(), EMPTY, "2026-03-01")
    page = render(state)
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}") >= 3
    assert page.count("<table>") == 3


def test_the_same_warehouse_gives_the_same_snapshots(built: Project) -> None:
    with Workbench(built) as bench:
        codes = bench.check_municipalities()
        found = dict(snapshots(bench, codes))
        assert found == dict(snapshots(bench, codes))
        assert dict(snapshots(bench, codes[1:2])) == {codes[1]: found[codes[1]]}
        for kind, table in (("document", "document"), ("value", "fact"), ("finding", "finding")):
            assert sum(len(own[kind]) for own in found.values()) == bench.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0]


def test_what_each_municipality_had_is_kept_and_only_that(own: Project) -> None:
    assert run(own).exit_code == 0
    state = read_state(own.reports)
    assert isinstance(state, State)
    kept = {path.name for path in (own.reports / ".state").iterdir()}
    assert kept == {f"{code}.{key}.json" for code, key in state.keys.items()}
    with Workbench(own) as bench:
        for code, found in snapshots(bench, list(state.keys)):
            assert json.loads((own.reports / ".state" / f"{code}.{state.keys[code]}.json").read_bytes()) == found


def test_a_lost_snapshot_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    assert run(project).exit_code == 0
    next((project.reports / ".state").glob("242039.*")).unlink()
    change_source(project, "242039-ise/digital-vision-2", "170件\t200件", "171件\t200件")
    build(project)
    result = run(project)
    assert result.exit_code == 1
    assert "[state-damaged]" in result.stderr


def test_a_damaged_state_is_an_error_that_spares_the_reports(own: Project) -> None:
    own.reports.mkdir()
    (own.reports / "state.json").write_text("{", encoding="utf-8")
    result = run(own)
    assert result.exit_code == 1
    assert "[state-damaged]" in result.stderr
    assert (own.reports / "small-online_procedures-ja" / "run.json").exists()
    with pytest.raises(DxlibError):
        read_state(own.reports)

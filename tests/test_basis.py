"""Reports are made again only when something they depend on changed, and always then."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result
from conftest import ROOT
from small import SHOWN, add_notebook, change_source, small_project

from dxlib.cli import main
from dxlib.project import Project
from dxlib.report.basis import beyond
from dxlib.warehouse import build

LIST = """
formats = ["html"]
[[report]]
notebook = "small"
parameters = { municipalities = ["242039"] }
[[report]]
notebook = "small"
parameters = { municipalities = ["102041"] }
[[report]]
notebook = "small"
[[report]]
notebook = "asks"
"""
# One that asks in SQL of its own: its answer is what it depends on.
ASKS = """
import dxlib
from dxlib.blocks import Opening, Piece
bench = dxlib.open()
count = bench.sql("SELECT count(*) FROM fact WHERE municipality_code = '242039' AND role = 'target'").fetchall()[0][0]
Piece([Opening("Targets", str(count))], lang)
"""
ISE, ISESAKI, ALL, OWN = "small-242039-ja", "small-102041-ja", "small-online_procedures-ja", "asks-ja"


def listed(built: Project, folder: Path) -> Project:
    project = small_project(folder, like=built)
    add_notebook(project, "08_asks", ASKS, parameters='lang = "ja"')
    (folder / "list.toml").write_text(LIST, encoding="utf-8")
    return project


@pytest.fixture
def own(built: Project, tmp_path: Path) -> Project:
    """A workbench with a list of four reports, none of them made."""
    return listed(built, tmp_path)


@pytest.fixture(scope="module")
def all_made(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = listed(built, tmp_path_factory.mktemp("made"))
    assert {status for status, _ in said(run(project)).values()} == {"ok"}
    return project


@pytest.fixture
def made(all_made: Project, tmp_path: Path) -> Project:
    """The same with the four reports."""
    shutil.copytree(all_made.root, tmp_path, dirs_exist_ok=True)
    return Project(tmp_path)


def run(project: Project, *options: str) -> Result:
    return CliRunner().invoke(
        main, ["--project", str(project.root), "report", "--config", str(project.root / "list.toml"), "--explain", *options]
    )


def said(result: Result) -> dict[str, tuple[str, str]]:
    """Status and reason by a report's id, its theme left out."""
    found = re.findall(r"^(ok|kept|failed)  (\S+)  .*\n    (.*)$", result.stdout, re.MULTILINE)
    return {
        report_id.replace("online_procedures-242", "242").replace("online_procedures-102", "102"): (status, why)
        for status, report_id, why in found
    }


def test_what_is_made_again(own: Project) -> None:
    first = said(run(own, "--jobs", "2"))
    assert first == dict.fromkeys((ISE, ISESAKI, ALL, OWN), ("ok", "there is none yet"))
    kept = dict.fromkeys(first, ("kept", "nothing that it depends on changed"))
    assert said(run(own)) == kept

    # A figure of one city: its own report and that of all; the answer of the other notebook is the same.
    change_source(own, "242039-ise/digital-vision-2", "170件\t200件", "171件\t200件")
    build(own)
    assert said(run(own)) == {**kept, ISE: ("ok", "rows changed of 242039"), ALL: ("ok", "rows changed of 242039")}
    assert said(run(own)) == kept


@pytest.mark.long
def test_what_all_share_makes_all_again(own: Project) -> None:
    """Decisions of all, a notebook, and what is asked for."""
    first = said(run(own))
    kept = dict.fromkeys(first, ("kept", "nothing that it depends on changed"))
    themes = own.curated / "themes.toml"
    themes.write_text(themes.read_text(encoding="utf-8").replace("Online procedures", "On-line procedures", 1), encoding="utf-8")
    build(own)
    after = said(run(own))
    assert {name: after[name][1] for name in (ISE, ISESAKI, ALL)} == dict.fromkeys(
        (ISE, ISESAKI, ALL), "themes, rules or other shared decisions changed"
    )

    add_notebook(own, "08_asks", ASKS, "1 + 1", parameters='lang = "ja"')
    assert said(run(own)) == {**kept, OWN: ("ok", "the notebook changed")}
    assert set(said(run(own, "--format", "html,zip")).values()) == {("ok", "what is asked for changed")}


def test_another_answer_is_a_reason(made: Project) -> None:
    change_source(made, "242039-ise/digital-vision-2", "170件\t200件", "170件\t")
    build(made)
    status, why = said(run(made))[OWN]
    assert status == "ok"
    assert why.startswith("another answer to: SELECT count(*) FROM fact")


def test_what_is_missing_damaged_or_failed_is_made_again(made: Project) -> None:
    folder = {name: next(path for path in made.reports.iterdir() if path.name.startswith("small") and code in path.name) for name, code in ((ISE, "242039"), (ISESAKI, "102041"))}  # fmt: skip
    (folder[ISE] / f"{folder[ISE].name}.html").unlink()
    manifest = folder[ISESAKI] / "run.json"
    manifest.write_text(manifest.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    add_notebook(made, "08_asks", "raise ValueError('once')", parameters='lang = "ja"')
    found = said(run(made))
    assert found[ISE] == ("ok", "a file of it is missing or was changed")
    assert found[ISESAKI] == ("ok", "its run.json cannot be read")
    assert found[OWN] == ("failed", "the notebook changed")
    assert said(run(made))[OWN] == ("failed", "the last attempt failed")
    forced = said(run(made, "--force")).values()
    assert {status for status, _ in forced} == {"ok", "failed"}
    assert "--force" in {why for _, why in forced}


def test_the_manifest_says_why_and_from_what(made: Project) -> None:
    (path,) = made.reports.glob("small*242039*/run.json")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    assert manifest["because"] == ["there is none yet"]
    assert set(manifest["basis"]["rows"]) == {"shared", "242039"}
    (path,) = made.reports.glob("asks*/run.json")
    assert [question["params"] for question in json.loads(path.read_text(encoding="utf-8"))["basis"]["questions"]] == [[]]


def test_a_changed_program_makes_all_again(made: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dxlib.report.basis.program", lambda: "another")
    assert set(said(run(made)).values()) == {("ok", "dxlib or a library changed")}


def test_a_warehouse_replaced_meanwhile_makes_the_next_run_look_again(own: Project) -> None:
    replaces = (
        f"import os, shutil\nfile = {str(own.warehouse)!r}\nshutil.copy(file, file + '.new')\nos.replace(file + '.new', file)"
    )
    add_notebook(own, "07_small", SHOWN, replaces)
    run(own, "--jobs", "1")
    (path,) = own.reports.glob("small*242039*/run.json")
    assert json.loads(path.read_text(encoding="utf-8"))["basis"] is None


def test_the_notebooks_here_depend_on_nothing_beyond_the_warehouse() -> None:
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        assert beyond(path.read_text(encoding="utf-8")) is None, path.name


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import requests", "requests"),
        ("from mine import figures", "mine"),
        ("polars.scan_parquet('x')", "scan_parquet"),
        ("open('x').read()", "open"),
        ("!ls", "more than Python"),
        ("import os", "os"),
        ("datetime.date.today()", "today"),
        ("page.opening()\ndxlib.open()\nimport polars as pl", None),
    ],
)
def test_what_reads_more_than_the_warehouse(source: str, found: str | None) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("open"), nbformat.v4.new_code_cell(source)])
    assert beyond(nbformat.writes(notebook)) == (found and f"cell 2: {found}")


def test_a_file_beside_the_warehouse_is_a_reason(own: Project) -> None:
    listed = 'formats = ["html"]\n[[report]]\nnotebook = "review"\nparameters = { document = "242039-ise/digital-vision-2" }\n'
    (own.root / "list.toml").write_text(listed, encoding="utf-8")
    assert {status for status, _ in said(run(own)).values()} == {"ok"}
    assert {status for status, _ in said(run(own)).values()} == {"kept"}
    corrections = own.curated / "corrections.csv"
    corrections.write_text(corrections.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert list(said(run(own)).values()) == [("ok", "data/curated/corrections.csv changed")]


def test_a_notebook_that_reads_more_is_always_made(own: Project) -> None:
    add_notebook(own, "08_asks", "import pathlib", parameters='lang = "ja"')
    run(own)
    assert said(run(own))[OWN] == ("ok", "the notebook may read more than the warehouse (cell 2: pathlib)")


@pytest.mark.parametrize("jobs", [pytest.param("1", marks=pytest.mark.long), "2"])
def test_ctrl_c_leaves_whole_reports_and_the_next_run_makes_the_rest(own: Project, jobs: str) -> None:
    add_notebook(own, "07_small", "total = sum(range(20_000_000))", SHOWN)
    listed = 'formats = ["html"]\n[[report]]\nnotebook = "small"\n[report.each]\ncount = [1, 2, 3, 4, 5, 6, 7, 8]\n'
    (own.root / "list.toml").write_text(listed, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "dxlib.cli",
        "--project",
        own.root,
        "report",
        "--config",
        own.root / "list.toml",
        "--jobs",
        jobs,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as program:
        deadline = time.monotonic() + 120
        while not list(own.reports.glob("small*/run.json")) and time.monotonic() < deadline:
            time.sleep(0.1)
        os.killpg(program.pid, signal.SIGINT)
        out, err = program.communicate(timeout=60)
    made = sorted(path.parent.name for path in own.reports.glob("small*/run.json"))
    assert program.returncode == 130, err
    assert "finished reports are whole" in err
    assert 1 <= len(made) < 8
    assert set(re.findall(r"^ok  (\S+)", out, re.MULTILINE)) <= set(made)
    index = (own.reports / "index.html").read_text(encoding="utf-8")
    assert all(f"{name}.html" in index for name in made)
    assert not list(own.reports.glob(".report-*"))
    assert not list(own.reports.glob("*/failed.json"))
    again = run(own)
    assert again.exit_code == 0
    assert sum(status == "kept" for status, _ in said(again).values()) == len(made)
    assert len(list(own.reports.glob("small*/run.json"))) == 8

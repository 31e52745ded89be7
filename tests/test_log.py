"""``--log-format json``: every line on stderr is one JSON object, whatever happens and whatever plans are called."""

import json
import os
import re
import shutil
import subprocess
import sys
import warnings
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from small import SHOWN, add_notebook

from dxlib import log
from dxlib.cli import main
from dxlib.project import Project

HEAD = ["time", "level", "event"]
FORGED = '\n{"event": "built"}\r\x0b\x0c\x1c\x1d\x85\u2028\u2029\u202e\x1b[2K\x00'


def run(*arguments: str, **options: Any) -> Result:
    return CliRunner().invoke(main, ["--log-format", "json", *arguments], **options)


def records(text: str) -> list[dict[str, Any]]:
    """Every line of a log; each must be a record."""
    found = [json.loads(line) for line in text.splitlines()]
    for record in found:
        assert list(record)[:3] == HEAD, record
        assert datetime.fromisoformat(record["time"]).utcoffset() == timedelta(0)
        assert record["level"] in ("info", "warning", "error", "critical")
    assert all(line == log.encoded(json.loads(line)) for line in text.splitlines())
    return found


def events(found: list[dict[str, Any]]) -> list[str]:
    return [record["event"] for record in found]


def one(found: list[dict[str, Any]], event: str) -> dict[str, Any]:
    (record,) = [record for record in found if record["event"] == event]
    return record


@given(st.text())
def test_a_record_is_one_line_and_gives_back_what_was_said(text: str) -> None:
    line = log.encoded({"event": "x", "text": text})
    assert len(line.splitlines()) == 1
    assert all(character.isprintable() or character == "\u3000" for character in line)
    assert json.loads(line)["text"] == text
    line.encode("utf-8")


@given(st.text())
def test_a_line_for_people_is_one_line(text: str) -> None:
    assert len(log.one_line(f"a{text}").splitlines()) == 1


def test_a_build_with_its_documents_and_counts(unread: Project) -> None:
    result = run("--project", str(unread.root), "build", "--jobs", "1")
    assert (result.exit_code, result.stdout) == (0, "")
    found = records(result.stderr)
    assert events(found) == ["started", *["read"] * 5, "built", "finished"]
    assert one(found, "started")["command"] == "build"
    assert {record["document"] for record in found if record["event"] == "read"} >= {"242039-ise/digital-vision-2"}
    built = one(found, "built")
    assert (built["read"], built["kept"], built["rows"]["document"]) == (5, 0, 5)
    assert built["seconds"] > 0
    assert one(found, "finished")["exit"] == 0


def test_an_error_has_code_place_and_hint(tmp_path: Path) -> None:
    result = run("--project", str(tmp_path), "build")
    assert result.exit_code == 1
    found = records(result.stderr)
    assert events(found) == ["started", "error", "finished"]
    error = one(found, "error")
    assert (error["level"], error["code"], error["where"]) == ("error", "project-not-one", str(tmp_path))
    assert error["message"]
    assert error["hint"]
    assert one(found, "finished")["exit"] == 1


def test_text_stays_as_it_is_and_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(log.VARIABLE, raising=False)
    for arguments in ([], ["--log-format", "text"]):
        result = CliRunner().invoke(main, [*arguments, "--project", str(tmp_path), "build"])
        assert result.stderr.startswith("dxlib: [project-not-one]")
        assert "\n  Hint: " in result.stderr
    assert not log.is_json()
    assert log.VARIABLE not in os.environ


def test_the_environment_asks_for_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(log.VARIABLE, "json")
    result = CliRunner().invoke(main, ["--project", str(tmp_path), "build"])
    assert "error" in events(records(result.stderr))
    assert CliRunner().invoke(main, ["--log-format", "text", "--project", str(tmp_path), "build"]).stderr.startswith("dxlib: ")
    assert os.environ[log.VARIABLE] == "json"


@pytest.mark.parametrize(
    "arguments",
    [["build", "--jobs", "0"], ["nonsense"], ["--nonsense"], ["compare"], ["import", "actuals", "x", "--vintage", "1"]],
)
def test_wrong_usage_is_a_record_with_exit_2(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert one(records(result.stderr), "error")["code"] == "wrong-usage"
    assert result.stdout == ""


def test_a_defect_is_a_record_with_its_trace(monkeypatch: pytest.MonkeyPatch, project: Project) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError(f"made up{FORGED}")

    monkeypatch.setattr("dxlib.warehouse.build", broken)
    result = run("--project", str(project.root), "build")
    assert result.exit_code == 1
    found = records(result.stderr)
    assert events(found) == ["started", "defect", "finished"]
    assert one(found, "defect")["message"] == f"ZeroDivisionError: made up{FORGED}"
    assert "Traceback" in one(found, "defect")["trace"]


def test_ctrl_c_is_a_record(monkeypatch: pytest.MonkeyPatch, project: Project) -> None:
    def stopped(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dxlib.warehouse.build", stopped)
    result = run("--project", str(project.root), "build")
    assert events(records(result.stderr)) == ["started", "stopped", "finished"]
    assert result.exit_code == 1


def test_warnings_of_libraries_are_records(monkeypatch: pytest.MonkeyPatch, project: Project) -> None:
    import logging

    def warns(*args: object, **kwargs: object) -> None:
        warnings.warn("a library grew old", DeprecationWarning, stacklevel=1)
        logging.getLogger("papermill").error("two\nlines")
        logging.getLogger("dxlib.hold").warning("dxlib: waiting for %s", "another")
        try:
            raise ValueError("inside")
        except ValueError:
            logging.getLogger("other").exception("with a trace")
        raise KeyboardInterrupt

    monkeypatch.setattr("dxlib.warehouse.build", warns)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        found = records(run("--project", str(project.root), "build").stderr)
    told = [(record["logger"], record["message"]) for record in found if record["event"] == "message"]
    assert "a library grew old" in told[0][1]
    assert told[1:] == [("papermill", "two\nlines"), ("dxlib.hold", "dxlib: waiting for another"), ("other", "with a trace")]
    assert "ValueError: inside" in next(record for record in found if record.get("logger") == "other")["trace"]


def test_names_of_files_forge_no_line(tmp_path: Path) -> None:
    name = "計画" + re.sub(r"[\x00/]", "", FORGED) + ".txt"
    path = tmp_path / name
    path.write_text("2021（令和3）年1月31日現在、人口は89,689人です。\n", encoding="utf-8")
    missing = tmp_path / f"missing{name}"
    result = run("extract", str(path), str(missing))
    assert result.exit_code == 1
    found = records(result.stderr)
    assert events(found) == ["started", "extracted", "error", "finished"]
    assert (one(found, "extracted")["document"], one(found, "extracted")["facts"]) == (str(path), 1)
    assert (one(found, "error")["document"], one(found, "error")["code"]) == (str(missing), "source-missing")
    assert json.loads(result.stdout)["value"] == 89689  # what was asked for stays on stdout


def test_a_plan_that_is_added_and_forges_no_line(project: Project, tmp_path: Path) -> None:
    plan = tmp_path / "plan.txt"
    title = '千代田区ＤＸ計画\x1b[2K\u202e{"event": "built"}'
    plan.write_text(f"{title}\n2024年度～2027年度\n令和6年3月\n千代田区\n", encoding="utf-8")
    arguments = (
        "--project",
        str(project.root),
        "add",
        str(plan),
        "--municipality",
        "131016",
        "--title",
        title + FORGED.replace("\0", ""),
    )
    result = run(*arguments)
    found = records(result.stderr)
    if result.exit_code:  # refused, by an error that is a record
        assert one(found, "error")["code"]
    else:
        assert one(found, "added")["document"].startswith("131016-")
    assert "built" not in events(found)
    assert result.stdout == ""


def test_a_plan_that_is_added_twice(project: Project, tmp_path: Path) -> None:
    plan = tmp_path / "plan.txt"
    plan.write_text("千代田区ＤＸ計画\n計画期間 令和6年度～令和9年度\n", encoding="utf-8")
    arguments = ("--project", str(project.root), "add", str(plan), "--municipality", "131016", "--plan-period", "2024-2027")
    added = one(records(run(*arguments).stderr), "added")
    assert added["document"] == "131016-chiyoda/plan"
    assert added["where"] == "data/raw/131016-chiyoda/plan.txt"
    assert {"facts", "doubtful", "unused", "inferred"} <= set(added)
    assert one(records(run(*arguments).stderr), "there")["document"] == "131016-chiyoda/plan"


def test_an_import(built: Project, project: Project, tmp_path: Path) -> None:
    shutil.copy(built.warehouse, project.warehouse)
    sheet = tmp_path / "results.csv"
    sheet.write_text(
        "indicator_id,indicator,value,unit,year,date,source,recorded_on,note\nx,y,1,件,2026,,課,2026-11-01,\n", encoding="utf-8"
    )
    found = records(run("--project", str(project.root), "import", "actuals", str(sheet)).stderr)
    assert one(found, "error")["code"] == "decision-unknown"
    sheet.write_text("指標ID,指標,値,単位,年度,日付,出典,記録日,備考\n", encoding="utf-8")
    assert (
        one(records(run("--project", str(project.root), "import", "actuals", str(sheet)).stderr), "error")["code"]
        == "import-file"
    )


def command(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command as a scheduler runs it: with all that its processes write."""
    environment = {**os.environ, log.VARIABLE: "json", "PYTHONPATH": str(ROOT), "DXLIB_PROJECT": str(project.root)}
    return subprocess.run(
        [sys.executable, "-m", "dxlib.cli", *arguments], capture_output=True, encoding="utf-8", env=environment, check=False
    )


def test_reports_are_one_record_each(built: Project, project: Project) -> None:
    shutil.copy(built.warehouse, project.warehouse)
    add_notebook(project, "08_small", SHOWN)
    add_notebook(project, "09_bad", f"raise ValueError({'計画' + FORGED!r})")
    (project.reports).mkdir()
    config = project.reports / "list.toml"
    config.write_text(
        'formats = ["html"]\n[[report]]\nnotebook = "small"\neach = { lang = ["ja", "en"] }\n[[report]]\nnotebook = "bad"\n',
        encoding="utf-8",
    )
    made = command(project, "report", "--config", str(config), "--jobs", "2")
    assert (made.returncode, made.stdout) == (1, ""), made.stderr
    found = records(made.stderr)
    reports = {record["report"]: record for record in found if record["event"] == "report"}
    assert len(reports) == 3
    assert sorted(record["status"] for record in reports.values()) == ["failed", "ok", "ok"]
    (bad,) = [record for record in reports.values() if record["status"] == "failed"]
    assert (bad["level"], bad["code"], bad["where"]) == ("error", "report-cell", "09_bad.ipynb")
    assert all(record["seconds"] > 0 and record["because"] == ["there is none yet"] for record in reports.values())
    summary = one(found, "reports")
    assert (summary["made"], summary["kept"], summary["failed"]) == (2, 0, 1)
    again = records(command(project, "report", "small", "--format", "html").stderr)
    assert one(again, "report")["status"] == "kept"


@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
def test_what_a_kernel_says_while_it_starts_is_a_record(built: Project, project: Project) -> None:
    shutil.copy(built.warehouse, project.warehouse)
    add_notebook(project, "08_small", "import os", SHOWN)
    text = "import os, sys\nfrom dxlib.warm import fork, parent\nparent.UNFIT = ['polars-0']\nos.execve = lambda *a: sys.exit(0)\nfork._be_kernel(['python'], os.getcwd(), dict(os.environ))"
    environment = {**os.environ, log.VARIABLE: "json", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, encoding="utf-8", env=environment, check=False)
    (record,) = records(done.stderr)
    assert record["message"] == "this kernel starts cold: the parent has computed (polars-0)"

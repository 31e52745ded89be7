"""``dxlib doctor``: every problem is provoked, and found by the check that it is for."""

import json
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from conftest import ROOT

from dxlib.cli import main
from dxlib.doctor import examine, machine, workbench
from dxlib.doctor.finding import Finding, guarded
from dxlib.errors import SourceError
from dxlib.hold import hold
from dxlib.project import Project
from dxlib.report import pdf
from dxlib.report.folder import workshop
from dxlib.warehouse import schema_version
from dxlib.warm import fork
from dxlib.wording import LANGUAGES

UNWRITABLE = Path("/proc")  # nobody can make a file there, root neither
linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")


@pytest.fixture
def whole(built: Project, project: Project) -> Project:
    """A built workbench that a test may damage."""
    shutil.copy(built.warehouse, project.warehouse)
    return project


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the checks of the workbench: those of the machine have tests of their own."""
    monkeypatch.setattr(machine, "CHECKS", {})


def levels(findings: Iterator[Finding] | list[Finding]) -> dict[str, str]:
    return {finding.check: finding.level for finding in findings}


def told(finding: Finding) -> str:
    """The finding as people read it, which must work in both languages and be one line."""
    for lang in LANGUAGES:
        assert len(finding.line(lang).splitlines()) == 1
    return finding.line("en")


def test_all_is_well_here_but_what_is_optional(whole: Project) -> None:
    found = list(examine(str(whole.root)))
    assert [finding.check for finding in found] == [*machine.CHECKS, "workbench", *workbench.CHECKS]
    assert {finding.check: told(finding) for finding in found if finding.level == "problem"} == {}
    assert set(levels(found).values()) <= {"ok", "note"}
    notes = {finding.check for finding in found if finding.level == "note"}
    assert notes <= {"chromium", "kernel", "python"}, [told(finding) for finding in found if finding.level == "note"]


# The machine.


@pytest.mark.parametrize(("found", "level"), [("3.10.13", "problem"), ("3.11.0", "ok"), ("3.13.9", "ok"), ("3.14.0rc1", "note")])
def test_a_python_that_is_too_old_or_untried(monkeypatch: pytest.MonkeyPatch, found: str, level: str) -> None:
    monkeypatch.setattr("platform.python_version", lambda: found)
    finding = machine.python()
    assert finding.level == level
    assert found in told(finding)


def lacking(monkeypatch: pytest.MonkeyPatch, versions: Mapping[str, str | None]) -> None:
    there = machine.version

    def version(name: str) -> str:
        if name not in versions:
            return there(name)
        if (found := versions[name]) is None:
            raise PackageNotFoundError(name)
        return found

    monkeypatch.setattr(machine, "version", version)


def test_a_library_that_is_missing_or_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking(monkeypatch, {"duckdb": None, "click": "7.1"})
    finding = machine.libraries()
    assert finding.level == "problem"
    assert "duckdb is missing (>=" in told(finding)
    assert "click is 7.1 (asked for: >=" in told(finding)


@pytest.mark.parametrize(
    ("check", "library", "without"), [("ingest", "lxml", "PDF, DOCX"), ("cluster", "distributed", "--scheduler")]
)
def test_an_extra_that_is_missing_is_a_note_that_says_what_is_missing_without_it(
    monkeypatch: pytest.MonkeyPatch, check: str, library: str, without: str
) -> None:
    assert machine.CHECKS[check]().level == "ok"
    lacking(monkeypatch, {library: None})
    finding = machine.CHECKS[check]()
    assert finding.level == "note"
    assert without in told(finding)
    assert f"dxlib[{check}]" in told(finding)


def test_what_is_asked_for_is_the_same_from_a_checkout_and_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    marked = [(line.partition(";"), extra) for extra in extras for line in extras[extra]]
    under = [f'{line[0]}; {f"({line[2]}) and " if line[2] else ""}extra == "{extra}"' for line, extra in marked]
    installed = [*project["dependencies"], *under]
    wanted = {extra: machine._asked(extra) for extra in ("", "ingest", "cluster")}
    assert [len(found) for found in wanted.values()] == [
        len(project["dependencies"]),
        len(extras["ingest"]),
        len(extras["cluster"]),
    ]
    monkeypatch.setattr(machine, "_pyproject", lambda: None)
    monkeypatch.setattr(machine, "requires", lambda name: installed)
    for extra, found in wanted.items():
        assert [(one.name, one.specifier) for one in machine._asked(extra)] == [(one.name, one.specifier) for one in found]
    monkeypatch.setattr(machine, "requires", lambda name: None)
    assert machine._asked() == []


def test_fonts_that_are_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "dxlib" / "templates", tmp_path / "templates")
    (tmp_path / "fonts").mkdir()
    monkeypatch.setattr(pdf, "files", lambda name: tmp_path)
    pdf._compiler.cache_clear()
    try:
        finding = guarded("fonts", machine.fonts)
    finally:
        pdf._compiler.cache_clear()
    assert finding.level == "problem"
    assert "pdf-failed" in told(finding)


def test_a_renderer_that_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dxlib.charts.renderer.drawn_here", lambda spec: "<svg/>")
    finding = guarded("charts", machine.charts)
    assert finding.level == "problem"
    assert "make setup" in told(finding)


def kernelspec(folder: Path, monkeypatch: pytest.MonkeyPatch, *command: str) -> None:
    """Another ``python3`` that comes before this environment's."""
    place = folder / "kernels" / "python3"
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(
        json.dumps({"argv": [*command, "{connection_file}"], "display_name": "other", "language": "python"}), encoding="utf-8"
    )
    monkeypatch.setenv("JUPYTER_PATH", str(folder))


def test_a_kernel_that_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = "import sys; sys.exit('no module named ipykernel_launcher')"
    kernelspec(tmp_path, monkeypatch, sys.executable, "-c", program)
    finding = machine.kernel()
    assert finding.level == "problem"
    assert "it does not start" in told(finding)
    assert "no module named ipykernel_launcher" in told(finding)


def test_a_kernel_of_another_environment_without_dxlib(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without = "import sys; sys.modules['dxlib'] = None; from ipykernel import kernelapp; kernelapp.launch_new_instance()"
    kernelspec(tmp_path, monkeypatch, sys.executable, "-c", without, "-f")
    finding = machine.kernel()
    assert finding.level == "problem"
    assert "kernelspec" in told(finding)


def test_kernels_that_cannot_be_warm_are_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_kernel", lambda warm: (1.5, ["0.1.0", "False"]))
    monkeypatch.setattr(fork, "available", lambda: False)
    assert machine.kernel().level == "note"
    monkeypatch.setattr(fork, "available", lambda: True)
    assert "not used" in told(machine.kernel())

    def only_cold(*, warm: bool) -> tuple[float, list[str]]:
        if warm:
            raise RuntimeError("the parent died")
        return 1.5, ["0.1.0", "False"]

    monkeypatch.setattr(machine, "_kernel", only_cold)
    finding = machine.kernel()
    assert finding.level == "problem"
    assert "DXLIB_WARM=0" in told(finding)


def test_without_chromium(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    finding = machine.chromium()
    assert finding.level == "note"
    assert "browser tests" in told(finding)


def test_a_check_that_fails_itself_is_a_problem_and_stops_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken() -> Finding:
        raise ImportError("DLL load failed\x1b[2J\nok  all is well")

    monkeypatch.setattr(machine, "CHECKS", {"fonts": broken, "chromium": machine.chromium})
    first, second, *_ = examine(str(tmp_path))
    assert (first.check, first.level) == ("fonts", "problem")
    assert "DLL load failed\\u001b[2J ok  all" in told(first).replace("ok all", "ok  all")
    assert second.check == "chromium"


# The workbench.


@pytest.mark.usefixtures("quick")
def test_without_a_workbench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = examine(str(tmp_path))
    assert finding.level == "problem"
    assert "project-not-one" in told(finding)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DXLIB_PROJECT", raising=False)
    (finding,) = examine()
    assert "project-not-found" in told(finding)
    assert "--project" in told(finding)


@pytest.mark.usefixtures("quick")
def test_an_empty_workbench(tmp_path: Path) -> None:
    for part in ("data/raw", "data/curated"):
        (tmp_path / part).mkdir(parents=True)
    found = levels(examine(str(tmp_path)))
    assert found == {
        "workbench": "ok",
        "documents": "problem",
        "decisions": "problem",
        "warehouse": "note",
        "notebooks": "problem",
        "rights": "ok",
        "room": "ok",
        "locks": "ok",
        "leftovers": "ok",
    }


def test_a_document_without_origin(project: Project) -> None:
    next(project.raw.glob("*/*.toml")).unlink()
    finding = guarded("documents", lambda: workbench.documents(project))
    assert finding.level == "problem"
    assert "origin-missing" in told(finding)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("themes.toml", "[themes", "decision-invalid"),
        ("facets.csv", "a,b\n", "curated-older"),
        ("version.toml", "form = 99\n", "curated-newer"),
        ("version.toml", "form = 1\n", "curated-older"),
        ("version.toml", "form = 'x'\n", "decision-invalid"),
    ],
)
def test_decisions_that_cannot_be_read(project: Project, name: str, content: str, code: str) -> None:
    (project.curated / "version.toml").unlink()
    (project.curated / name).write_text(content, encoding="utf-8")
    finding = guarded("decisions", lambda: workbench.decisions(project))
    assert finding.level == "problem"
    assert f"[{code}]" in told(finding)


def test_a_warehouse_that_is_missing_damaged_older_or_newer(whole: Project) -> None:
    assert workbench.warehouse(whole).level == "ok"
    with duckdb.connect(str(whole.warehouse)) as connection:
        connection.execute("UPDATE schema_version SET version = ?", [schema_version() + 1])
    assert "[warehouse-newer]" in told(workbench.warehouse(whole))
    with duckdb.connect(str(whole.warehouse)) as connection:
        connection.execute("DROP TABLE schema_version")
    finding = workbench.warehouse(whole)
    assert finding.level == "problem"
    assert "[warehouse-older]" in told(finding)
    assert "dxlib build" in told(finding)
    whole.warehouse.write_bytes(b"no database")
    assert "[warehouse-unreadable]" in told(workbench.warehouse(whole))
    whole.warehouse.unlink()
    assert workbench.warehouse(whole).level == "note"


def test_no_notebooks(project: Project) -> None:
    assert workbench.notebooks(project).level == "ok"
    shutil.rmtree(project.notebooks)
    assert workbench.notebooks(project).level == "problem"


@linux
@pytest.mark.parametrize("part", ["data/raw", "data/curated", "reports"])
def test_folders_that_cannot_be_written(project: Project, part: str) -> None:
    folder = project.root / part
    if folder.exists():
        shutil.rmtree(folder)
    folder.symlink_to(UNWRITABLE)
    finding = workbench.rights(project)
    assert finding.level == "problem"
    assert part in told(finding)


@linux
@pytest.mark.parametrize("variable", ["TMPDIR", "JUPYTER_RUNTIME_DIR"])
def test_other_folders_that_cannot_be_written(project: Project, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, str(UNWRITABLE))
    monkeypatch.setattr(tempfile, "tempdir", str(UNWRITABLE) if variable == "TMPDIR" else None)
    finding = guarded("rights", lambda: workbench.rights(project))
    assert finding.level == "problem"
    assert str(UNWRITABLE) in told(finding)


def test_a_disk_that_is_nearly_full(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert workbench.room(project).level == "ok"
    usage = shutil.disk_usage(project.root)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage._replace(free=199_000_000))
    finding = workbench.room(project)
    assert finding.level == "problem"
    assert "199 MB" in told(finding)


def test_a_program_that_writes(project: Project) -> None:
    assert workbench.locks(project).level == "ok"
    with hold(project.curated):
        finding = workbench.locks(project)
    assert finding.level == "note"
    assert f"(process {os.getpid()} on " in told(finding)
    assert workbench.locks(project).level == "ok"


def test_leftovers_of_killed_runs(project: Project) -> None:
    assert workbench.leftovers(project).level == "ok"
    with workshop(project.reports):  # a run that goes on
        for path in (
            project.curated / ".build-x1",
            project.raw / ".add-x2",
            project.reports / ".report-x3",
            project.reports / ".old-comparison",
        ):
            path.mkdir(parents=True)
            (path / "part").write_bytes(b"x" * 1_000_000)
        finding = workbench.leftovers(project)
        assert finding.level == "note"
        assert "4 of killed runs, 4.0 MB" in told(finding)
        assert "data/curated/.build-x1" in told(finding)
        with hold(project.curated):  # then what lies in data is that program's
            assert "2 of killed runs" in told(workbench.leftovers(project))


def test_a_typed_error_is_told_with_code_place_and_hint() -> None:
    def broken() -> Finding:
        raise SourceError("the file is empty", code="source-empty", where="data/raw/x.txt", hint="fetch it again")

    finding = guarded("documents", broken)
    assert told(finding) == "problem  [source-empty] data/raw/x.txt: the file is empty -> fetch it again"


# The command.


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.usefixtures("quick")
def test_a_line_a_check_and_exit_0_without_a_problem(whole: Project) -> None:
    result = run("--project", str(whole.root), "doctor")
    assert result.exit_code == 0, result.output
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["ok"] * (1 + len(workbench.CHECKS))
    japanese = run("--project", str(whole.root), "doctor", "--lang", "ja")
    assert all(line.startswith("良好  ") for line in japanese.stdout.splitlines())


@pytest.mark.usefixtures("quick")
def test_exit_1_with_a_problem_and_json_for_programs(tmp_path: Path) -> None:
    assert run("--project", str(tmp_path), "doctor").exit_code == 1
    result = run("--project", str(tmp_path), "doctor", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert set(found) == {"dxlib", "checks"}
    (check,) = found["checks"]
    assert (check["check"], check["level"]) == ("workbench", "problem")
    assert check["fact"].startswith("[project-not-one]")
    assert check["remedy"]

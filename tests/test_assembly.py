"""Portions in several processes give what one process gives; the first error in order is told; memory and order do not depend on who is first."""

import os
import pickle
import signal
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT

from dxlib import assembly, portion
from dxlib.errors import DecisionError, DxlibError, SourceError
from dxlib.portion import Portion, Setting, Task, read_portion, tasks
from dxlib.project import Project
from dxlib.warehouse import build, connect

sys.path.append(str(ROOT / "bench"))

from plans import write_workbench


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Twenty fictional municipalities, built in one process."""
    project = Project(tmp_path_factory.mktemp("nation") / "nation")
    write_workbench(project.root, 20)
    build(project)
    return project


def tables(project: Project) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in project.tables.glob("*.csv")}


def forget(project: Project) -> None:
    for path in project.readings.iterdir():
        path.unlink()


def dying(setting: Setting, task: Task) -> Portion | DxlibError:
    if task.number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return read_portion(setting, task)


def slow_first(setting: Setting, task: Task) -> Portion | DxlibError:
    made = read_portion(setting, task)
    flag = setting.kept / "second-is-done"
    if task.number == 1:
        flag.touch()
    while task.number == 0 and not flag.exists():
        time.sleep(0.01)
    return made


@pytest.mark.parametrize("function", [read_portion, pytest.param(slow_first, marks=pytest.mark.long)])
def test_several_processes_make_the_same_tables(nation: Project, monkeypatch: pytest.MonkeyPatch, function) -> None:
    before = tables(nation)
    forget(nation)
    monkeypatch.setattr(assembly, "_WORTH_PROCESSES", 0)
    monkeypatch.setattr(assembly, "read_portion", function)
    built = build(nation, jobs=2)
    assert (built.read, built.kept) == (20, 0)
    assert tables(nation) == before
    assert len(list(nation.readings.iterdir())) == 20


def test_little_to_read_starts_no_process(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def each(function, items, *, workers, preload):
        asked.append(workers)
        return real(function, items, workers=1)

    real = assembly.each
    monkeypatch.setattr(assembly, "each", each)
    build(project, jobs=2)
    monkeypatch.setattr(assembly, "_WORTH_PROCESSES", 150_000)
    build(project, jobs=2)  # all of it is kept
    forget(project)
    build(project, jobs=2)
    assert asked == [1, 1, 2]


def test_progress_names_every_document_once(nation: Project) -> None:
    seen: list[str] = []
    build(nation, seen.append)
    assert len(seen) == len(set(seen)) == 20


def test_the_first_of_several_errors_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path / "nation")
    plans = write_workbench(project.root, 20)
    for plan in (plans[19], plans[3], plans[9]):
        path = project.raw / f"{plan.document_id}.txt"
        path.write_bytes(path.read_bytes() + b"x")
    monkeypatch.setattr(assembly, "_WORTH_PROCESSES", 0)
    for jobs in (1, 2):
        with pytest.raises(SourceError, match="the file changed") as caught:
            build(project, jobs=jobs)
        assert caught.value.where == f"data/raw/{plans[3].document_id}.txt"
    assert not list(project.curated.glob(".build-*"))
    assert not project.warehouse.exists()


def test_a_process_that_dies_is_told_with_its_documents(nation: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tables(nation)
    forget(nation)
    monkeypatch.setattr(assembly, "_WORTH_PROCESSES", 0)
    monkeypatch.setattr(assembly, "read_portion", dying)
    with pytest.raises(SourceError, match="480096-") as caught:
        build(nation, jobs=2)
    assert caught.value.code == "source-died"
    assert tables(nation) == before


def test_errors_reach_another_process_whole() -> None:
    error = DecisionError("a fact", code="decision-value", where="file:1", hint="do it")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is DecisionError
    assert (again.message, again.code, again.where, again.hint, str(again)) == (
        "a fact",
        "decision-value",
        "file:1",
        "do it",
        str(error),
    )


def test_portions_are_whole_municipalities_in_order(repo: Project) -> None:
    documents = assembly._documents(repo, assembly.read_decisions(repo))
    recorded = {"242161-iga/dx-action-plan-2/action-plan-2/m01.1", "no such id"}
    portions = list(tasks(documents, {}, recorded))
    assert [len(task.documents) for task in portions] == [5]
    assert portions[0].recorded == {"242161-iga/dx-action-plan-2/action-plan-2/m01.1"}
    assert [task.number for task in tasks(documents * 3, {}, ())] == [0, 1]  # a city that comes again is not split


def test_decisions_that_no_longer_fit_are_listed_in_the_order_of_the_file(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portion, "_DOCUMENTS", 1)
    corrections = project.curated / "corrections.csv"
    header = corrections.read_text(encoding="utf-8").splitlines()[0]
    columns = len(header.split(","))
    rows = []
    for number, document in enumerate(("242161-iga/dx-vision-1", "nowhere/plan", "102041-isesaki/dx-plan-draft"), start=1):
        cells = [f"c{number}", document, "1", "no such quote", "value", "1", "2", "because", "open"]
        rows.append(",".join([*cells, *[""] * (columns - len(cells))]))
    corrections.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    with pytest.raises(DecisionError) as caught:
        build(project)
    assert "corrections.csv:2" in caught.value.where
    assert caught.value.hint.index("corrections.csv:3") < caught.value.hint.index("corrections.csv:4")
    assert "there is no document 'nowhere/plan'" in caught.value.hint


def test_corrections_work_in_any_portion(rebuilt: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with connect(rebuilt) as connection:
        line, quote = connection.execute(
            "SELECT line, quote FROM observation WHERE document_id = '242161-iga/dx-action-plan-2' AND value = 36750"
        ).fetchone()
    corrections = rebuilt.curated / "corrections.csv"
    header = corrections.read_text(encoding="utf-8").splitlines()[0]
    cells = ["c1", "242161-iga/dx-action-plan-2", str(line), f'"{quote}"', "value", "36750", "36751", "because", "open"]
    corrections.write_text(
        "\n".join([header, ",".join([*cells, *[""] * (len(header.split(",")) - len(cells))])]) + "\n", encoding="utf-8"
    )
    made = []
    for size in (1, 100):
        monkeypatch.setattr(portion, "_DOCUMENTS", size)
        build(rebuilt)
        made.append(tables(rebuilt))
    assert made[0] == made[1]
    with connect(rebuilt) as connection:
        assert connection.execute(
            "SELECT value, review FROM observation WHERE line = ? AND quote = ?", [line, quote]
        ).fetchall() == [(36751, "changed")]
        assert connection.execute("SELECT applies, indicator_id IS NOT NULL FROM correction").fetchall() == [(True, True)]

"""The same run on a Dask scheduler: a real one and its workers on loopback, and what happens when a worker is killed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import nbformat
import pytest
from click.testing import CliRunner
from conftest import ROOT
from deeds import linger, nothing, square, with_child

from dxlib import cluster
from dxlib.cli import main
from dxlib.cluster import each_anywhere, each_on
from dxlib.content import fill_content
from dxlib.errors import DxlibError, SourceError
from dxlib.extract import extract, extract_all
from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.report.about import fingerprint
from dxlib.report.batch import Task
from dxlib.report.elsewhere import Errand, Order, make_elsewhere, outcomes
from dxlib.report.parameters import Job, resolve
from dxlib.report.run import FAILED, MANIFEST, Options
from dxlib.workers import Done

pytest.importorskip("distributed")
HTML = Options(formats=("html",))
# Says which worker it runs on, then takes a while: that is when a test kills the worker.
SMALL = """
import os, time
assert word != "bad"
if "MARKS" in os.environ:
    with open(f"{os.environ['MARKS']}/{word}", "a") as marks:
        marks.write(os.environ["WORKER"] + "\\n")
    time.sleep(1)
print(word)
"""


class Cluster:
    """A scheduler on loopback, and workers that a test starts, kills and stops."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.workers = folder, []
        card = folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler",
            *("--port", "0", "--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(card), "--idle-timeout", "120"),
        )
        until(card.exists)
        self.address = json.loads(card.read_text())["address"]

    def _start(self, kind: str, *arguments: str, **environment: str) -> subprocess.Popen:
        kept = {name: value for name, value in os.environ.items() if name != "DXLIB_PROJECT"}
        code = f"import os, sys; os.environ['WORKER'] = str(os.getpid()); from distributed.cli.dask_{kind} import main; main()"
        return subprocess.Popen(
            [sys.executable, "-c", code, "--host", "127.0.0.1", "--no-dashboard", *arguments],
            env={**kept, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", **environment},
            cwd=self.folder,
            stderr=(self.folder / f"{kind}.log").open("a"),
        )

    def worker(self, *arguments: str, **environment: str) -> int:
        """Start one; its process id (of its nanny, where it has one)."""
        started = self._start(
            "worker",
            self.address,
            *("--nthreads", "1", "--memory-limit", "0", "--death-timeout", "30"),
            *(arguments or ("--no-nanny",)),
            **environment,
        )
        self.workers.append(started)
        return started.pid

    def wait_for(self, count: int) -> None:
        from distributed import Client

        with Client(self.address, timeout=10, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=30)

    def stop(self, *processes: subprocess.Popen) -> None:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def until(true, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    started = Cluster(tmp_path_factory.mktemp("cluster"))
    yield started
    started.stop(started.scheduler)


@pytest.fixture
def team(scheduler: Cluster) -> Iterator[Cluster]:
    """The scheduler, without workers before and after."""
    yield scheduler
    scheduler.stop(*scheduler.workers)
    scheduler.workers = []


def notebook(path: Path, *cells: str) -> None:
    parameters = nbformat.v4.new_code_cell('word = "a"\nlang = "en"', metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[parameters, *map(nbformat.v4.new_code_cell, cells)]), path)


@pytest.fixture(scope="module")
def bench_folder(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A built workbench with a real notebook and two small ones."""
    root = tmp_path_factory.mktemp("asking") / "workbench"
    for part in ("data", "notebooks"):
        shutil.copytree(built.root / part, root / part)
    notebook(root / "notebooks/90_small.ipynb", SMALL)
    notebook(root / "notebooks/91_deadly.ipynb", "import os, signal\nos.kill(int(os.environ['WORKER']), signal.SIGKILL)")
    return Project(root)


def small(project: Project, *words: str) -> list[Job]:
    return [resolve(project, "small", {"word": word}) for word in words]


def is_whole(folder: Path) -> bool:
    """Every file that the manifest names is there as it was made, and nothing else."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    named = {output["name"]: output["sha256"] for output in manifest["outputs"]}
    return named == {name: hashlib.sha256(files[name].read_bytes()).hexdigest() for name in files if name != MANIFEST}


def test_things_are_done_on_the_workers_also_when_one_kills_its_worker_each_time(team: Cluster) -> None:
    for _ in range(2):
        team.worker("--nanny")
    team.wait_for(2)
    found = {done.item: done for done in each_on(team.address, square, range(10, 20))}
    assert found.pop(13) == Done(13, None, died=True)
    assert {item: done.result for item, done in found.items()} == {n: n * n for n in range(10, 20) if n != 13}
    assert [done.result for done in each_anywhere(nothing, [1, 2], scheduler=team.address)] == [None, None]
    assert next(each_on(team.address, with_child, [1])).result == 0  # as the kernels of notebooks may be


def test_errors_reach_the_caller_and_only_as_much_is_handed_out_as_there_are_workers(
    team: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "ANSWER", 0.5)
    with pytest.raises(DxlibError, match=r"\[cluster-empty\]"):
        list(each_on(team.address, square, [1]))
    monkeypatch.undo()
    team.worker()
    team.wait_for(1)
    with pytest.raises(SourceError, match=r"\[source-empty\] -1: negative\n  Hint: add"):
        list(each_on(team.address, square, [1, -1, 2]))
    taken = []
    found = each_on(team.address, linger, (taken.append(n) or n for n in range(100)))
    assert next(found).result == 0
    found.close()
    assert len(taken) <= 2
    monkeypatch.setattr(cluster, "__version__", "0.0.9")
    with pytest.raises(DxlibError, match=r"\[cluster-versions\] tcp://127.*the scheduler runs dxlib [\d.]+ instead of 0\.0\.9"):
        list(each_on(team.address, square, [1]))


def test_a_scheduler_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "ANSWER", 0.5)
    for address in ("tcp://127.0.0.1:1", "tcp://127.0.0.1"):
        with pytest.raises(DxlibError, match=r"\[cluster-unreachable\]"):
            list(each_on(address, square, [1]))
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(DxlibError, match=r'\[cluster-missing\].*\n.*pip install "dxlib\[cluster\]"'):
        list(each_on("tcp://127.0.0.1:1", square, [1]))


def test_a_scheduler_that_dies_ends_the_run(tmp_path: Path) -> None:
    own = Cluster(tmp_path)
    try:
        own.worker()
        own.wait_for(1)
        found = each_on(own.address, linger, range(1000))
        assert next(found).result == 0
        own.scheduler.kill()
        with pytest.raises(DxlibError, match=r"\[cluster-unreachable\].*has gone"):
            list(found)
    finally:
        own.stop(*own.workers, own.scheduler)


def test_a_worker_killed_in_the_middle_of_a_report_costs_one_retry(team: Cluster, bench_folder: Project, tmp_path: Path) -> None:
    marks, out = tmp_path / "marks", tmp_path / "out"
    marks.mkdir()
    pids = {team.worker(MARKS=str(marks)), team.worker(MARKS=str(marks))}
    team.wait_for(2)
    jobs = [*small(bench_folder, "a", "b"), resolve(bench_folder, "comparison", {"theme": "telework", "lang": "en"})]
    killed = {}

    def kill_one_at_work() -> None:
        until(lambda: any(path.stat().st_size for path in marks.iterdir()))
        path = next(path for path in marks.iterdir() if path.stat().st_size)
        killed[path.name] = int(path.read_text().split()[0])
        os.kill(killed[path.name], signal.SIGKILL)

    killer = threading.Thread(target=kill_one_at_work)
    killer.start()
    found = list(outcomes(team.address, bench_folder, list(map(Task, jobs)), out, HTML))
    killer.join()
    assert sorted(outcome.report_id for outcome in found) == sorted(job.report_id for job in jobs)
    for outcome in found:
        folder = out / outcome.report_id
        assert (outcome.status, outcome.details) == ("ok", "")
        assert Path(outcome.ending) == folder / f"{outcome.report_id}.html"
        assert is_whole(folder)
    tries = {path.name: path.read_text().split() for path in marks.iterdir()}
    ((word, pid),) = killed.items()
    assert {name: len(lines) for name, lines in tries.items()} == {"a": 1, "b": 1, word: 2}
    assert {*map(int, tries[word])} == pids
    assert int(tries[word][0]) == pid


@pytest.mark.long
def test_a_report_that_kills_every_worker_fails_alone(team: Cluster, bench_folder: Project, tmp_path: Path) -> None:
    for _ in range(3):
        team.worker()
    team.wait_for(3)
    jobs = [resolve(bench_folder, "deadly", {}), *small(bench_folder, "a")]
    found = {
        outcome.report_id: outcome for outcome in outcomes(team.address, bench_folder, list(map(Task, jobs)), tmp_path, HTML)
    }
    assert found.pop("deadly-en").ending.startswith("[report-died]")
    assert json.loads((tmp_path / "deadly-en" / FAILED).read_text(encoding="utf-8"))["code"] == "report-died"
    assert all(not outcome.details and is_whole(tmp_path / report_id) for report_id, outcome in found.items())
    assert len(found) == 1


def test_reports_are_sent_back_by_workers_with_a_copy_of_the_workbench(
    team: Cluster, bench_folder: Project, tmp_path: Path
) -> None:
    copy, other = tmp_path / "copy", tmp_path / "other"
    for root in (copy, other):
        shutil.copytree(bench_folder.root, root)
    with duckdb.connect(str(other / "data/curated/dx.duckdb")) as connection:
        connection.execute("DELETE FROM recorded_actual")
        connection.execute("UPDATE theme SET name_en = 'other' WHERE theme_id = 'telework'")
        fill_content(connection)
    out = tmp_path / "out"
    team.worker(DXLIB_PROJECT=str(copy))
    team.wait_for(1)

    good, bad = small(bench_folder, "a", "bad")
    (made,) = outcomes(team.address, bench_folder, [Task(good)], out, HTML, collect="bytes")
    assert (made.details, Path(made.ending)) == ("", out / good.report_id / f"{good.report_id}.html")
    assert is_whole(out / good.report_id)
    assert "a" in (out / good.report_id / f"{good.report_id}.html").read_text(encoding="utf-8")
    for _ in range(2):
        (failed,) = outcomes(team.address, bench_folder, [Task(bad)], out, HTML, collect="bytes")
        assert failed.ending.startswith("[report-cell] cell 3 failed: AssertionError")
    assert json.loads((out / bad.report_id / FAILED).read_text(encoding="utf-8"))["code"] == "report-cell"
    assert [path.name for path in out.glob(".*")] == [".lock"]

    (elsewhere,) = outcomes(team.address, bench_folder, [Task(good)], tmp_path / "not-there", HTML)
    assert not elsewhere.details  # one machine: the folder is shared
    team.worker(DXLIB_PROJECT=str(other))
    team.wait_for(2)
    both = [outcome.ending for outcome in outcomes(team.address, bench_folder, [Task(good)] * 2, out, HTML, collect="bytes")]
    assert [ending.startswith("[cluster-warehouse]") for ending in sorted(both)] == [False, True]


def test_plans_are_read_on_the_workers_and_printed_in_their_order(team: Cluster, tmp_path: Path) -> None:
    sources = sorted((ROOT / "data/raw").glob("*/*.txt"), key=lambda path: -path.stat().st_size)  # the longest first
    plans = [Path(shutil.copy(source, tmp_path / f"{number}.txt")) for number, source in enumerate(sources)]
    for _ in range(2):
        team.worker()
    team.wait_for(2)
    arguments = [*map(str, plans[:2]), str(tmp_path / "missing.txt"), *map(str, plans[2:]), "--scheduler", team.address]
    result = CliRunner().invoke(main, ["extract", *arguments])
    assert result.exit_code == 1
    assert re.findall(r"\[([\w-]+)\] (\S+):", result.stderr) == [("source-missing", str(tmp_path / "missing.txt"))]
    assert [json.loads(line) for line in result.stdout.splitlines()] == [record for path in plans for record in extract(path)]


def test_the_sql_of_the_docs_shares_the_warehouse_as_parquet(
    built: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, read = re.findall(r"```sql\n(.*?)```", (ROOT / "docs/scale.md").read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "share").mkdir()
    (tmp_path / "data/curated").mkdir(parents=True)
    shutil.copy(built.warehouse, "data/curated/dx.duckdb")
    with duckdb.connect() as connection:
        connection.execute(write)
        wanted = connection.sql("SELECT count(*), sum(value) FROM fact").fetchall()
        ((targets,),) = connection.sql("SELECT count(*) FROM fact WHERE role = 'target'").fetchall()
    with duckdb.connect() as connection:
        rows = connection.execute(read).fetchall()
        assert connection.sql("SELECT count(*), sum(value) FROM fact").fetchall() == wanted
    assert sum(row[1] for row in rows) == targets > 0
    assert {path.name for path in (tmp_path / "share").iterdir()} == set(re.findall(r"share/(\w+\.parquet)", write))


def test_a_worker_refuses_another_workbench(bench_folder: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DXLIB_PROJECT", raising=False)
    (job,) = small(bench_folder, "a")
    order = Order(bench_folder.root, "", None, "sign", HTML)

    def refusal(order: Order, notebook: str = "") -> str:
        parcel = make_elsewhere(order, Errand(Task(job), notebook))
        assert parcel.files == {}
        assert parcel.outcome.details
        return parcel.outcome.ending.partition("]")[0]

    assert refusal(replace(order, root=tmp_path)) == "[cluster-workbench"
    assert refusal(order) == "[cluster-warehouse"
    with Workbench(bench_folder) as bench:
        order = replace(order, warehouse=fingerprint(bench))
    assert refusal(replace(order, out=tmp_path)) == "[cluster-folder"
    assert refusal(order, "0" * 64) == "[cluster-workbench"


def test_a_file_that_only_this_machine_sees_or_that_kills_its_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.txt"
    path.write_text("人口は5人です。\n", encoding="utf-8")

    def elsewhere(function, items, **_):
        (item,) = items
        yield Done(item, SourceError("no such file", code="source-missing", where=str(item[1])))

    monkeypatch.setattr("dxlib.extract.each_anywhere", elsewhere)
    ((_, unseen),) = extract_all([path], scheduler="tcp://10.0.0.5:8786")
    assert (unseen.code, unseen.where) == ("cluster-files", str(path))
    ((_, missing),) = extract_all([tmp_path / "none.txt"], scheduler="tcp://10.0.0.5:8786")
    assert missing.code == "source-missing"
    monkeypatch.setattr(
        "dxlib.extract.each_anywhere", lambda function, items, **_: (Done(item, None, died=True) for item in items)
    )
    ((_, died),) = extract_all([path])
    assert (died.code, died.where) == ("extract-died", str(path))

"""Measure what a report costs, in four ways side by side, and what a run costs in which nothing changed.

    python bench/reports.py
    python bench/reports.py --repeats 3

HTML is included everywhere. The reports are comparisons, profiles and briefings of the five plans, as many of each: ``dxlib
report`` makes all of them in each round, its start included; the others three of them, other ones in each round: the two plain
commands (``papermill``, then ``jupyter nbconvert``), and papermill's Python API with its stock engine, one after the other and in
two threads. The ways take turns, so that a slow minute of the machine hits all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from generate import generate

from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.report.basis import Now
from dxlib.report.config import read_config
from dxlib.report.run import MANIFEST, Manifest, Options, basis_before

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
OF_EACH = 8  # reports of each kind: there are as many profiles, four municipalities in two languages
NATION = 1788
Report = tuple[str, dict[str, str]]
KINDS = {"comparison": "02_comparison", "municipality": "03_municipality", "briefing": "04_briefing"}


def reports() -> list[Report]:
    """The reports, one of each kind after the other: themes that most municipalities answer, all cities of the five plans."""
    with Workbench(Project(ROOT)) as bench:
        ranked = sorted((row for row in bench.themes().fetchall() if row[0]), key=lambda row: (-row[-1], row[0]))
        cities = [{"municipality": code, "lang": lang} for code in bench.check_municipalities() for lang in ("ja", "en")]
    found: list[Report] = []
    for row, city in zip(ranked[:OF_EACH], cities[:OF_EACH], strict=True):
        found += [("comparison", {"theme": row[0]}), ("municipality", city), ("briefing", {"theme": ranked[0][0], **city})]
    return found


@dataclass
class Way:
    """A way to make reports: how many in a round (0: all), and its seconds for one report in each round."""

    name: str
    make: Callable[[list[Report], Path], None]
    count: int = len(KINDS)
    seconds: list[float] = field(default_factory=list)

    def run(self, asked: list[Report], turn: int) -> None:
        """Make the reports of a round and note what one took."""
        first = turn * self.count % len(asked)
        own = asked[first : first + self.count] if self.count else asked
        with tempfile.TemporaryDirectory(prefix="dxlib-reports-") as folder:
            start = time.perf_counter()
            self.make(own, Path(folder))
            self.seconds.append((time.perf_counter() - start) / len(own))

    @property
    def median(self) -> float:
        """Seconds for one report."""
        return statistics.median(self.seconds)


def _environment() -> dict[str, str]:
    return {**os.environ, "DXLIB_PROJECT": str(ROOT)}


def _notebook(kind: str) -> Path:
    return ROOT / "notebooks" / f"{KINDS[kind]}.ipynb"


def by_commands(asked: list[Report], folder: Path) -> None:
    """The two plain commands."""
    for name, parameters in asked:
        made = folder / f"{name}.ipynb"
        given = [part for key, value in parameters.items() for part in ("-p", key, value)]
        command = [BIN / "papermill", "-k", "python3", "--no-progress-bar", *given, _notebook(name), made]
        subprocess.run(command, check=True, capture_output=True, env=_environment())
        subprocess.run([BIN / "jupyter", "nbconvert", "--to", "html", made], check=True, capture_output=True)


def _by_papermill(report: Report, folder: Path) -> None:
    import papermill
    from nbconvert import HTMLExporter

    name, parameters = report
    made = folder / f"{name}.ipynb"
    papermill.execute_notebook(_notebook(name), made, parameters, kernel_name="python3", progress_bar=False)
    page, _ = HTMLExporter().from_filename(str(made))
    made.with_suffix(".html").write_text(page, encoding="utf-8")


def by_papermill(threads: int, asked: list[Report], folder: Path) -> None:
    """Papermill's Python API with the stock engine; what it imports was imported before."""
    os.environ["DXLIB_PROJECT"] = str(ROOT)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(partial(_by_papermill, folder=folder), asked))


def by_dxlib(jobs: int, asked: list[Report], folder: Path) -> None:
    """``dxlib report`` with HTML alone, its start included.

    Raises:
        RuntimeError: other reports were made than asked for.
    """
    made = run_dxlib(folder, [(name, {"parameters": parameters}) for name, parameters in asked], jobs)
    if made != len(asked):
        raise RuntimeError(f"{made} reports made of {len(asked)}")


def run_dxlib(folder: Path, entries: list[tuple[str, dict[str, Any]]], jobs: int, project: Path = ROOT) -> int:
    """Make reports with the command, and count them.

    Raises:
        RuntimeError: one failed.
    """
    write_list(folder / "all.toml", entries)
    command = [BIN / "dxlib", "--project", project, "report", "--config", folder / "all.toml", "--out", folder / "out"]
    ended = subprocess.run([*command, "--format", "html", "--jobs", str(jobs)], capture_output=True, text=True)
    if ended.returncode:
        raise RuntimeError(f"a report failed:\n{ended.stderr[-4000:]}")
    return sum(line.startswith("ok ") for line in ended.stdout.splitlines())


def write_list(path: Path, entries: list[tuple[str, dict[str, Any]]]) -> None:
    """A list of reports as ``dxlib report --config`` reads it."""
    lines = []
    for notebook, more in entries:
        lines += ["[[report]]", f"notebook = {json.dumps(notebook)}"]
        if "parameters" in more:
            lines.append("parameters = { " + ", ".join(f"{k} = {json.dumps(v)}" for k, v in more["parameters"].items()) + " }")
        if "each" in more:
            lines += ["[report.each]", *(f"{key} = {json.dumps(values)}" for key, values in more["each"].items())]
    path.write_text("\n".join(lines), encoding="utf-8")


def ways() -> list[Way]:
    """All ways, the plain one first."""
    return [
        Way("papermill and nbconvert commands", by_commands),
        Way("papermill's API, serial", partial(by_papermill, 1)),
        Way("papermill's API, 2 threads", partial(by_papermill, 2)),
        Way("dxlib report --jobs 1", partial(by_dxlib, 1), 0),
        Way("dxlib report --jobs 2", partial(by_dxlib, 2), 0),
    ]


def measured_ways(repeats: int) -> list[Way]:
    """Run all ways in turn."""
    found, asked = ways(), reports()
    for turn in range(repeats):
        for way in found:
            way.run(asked, turn)
    return found


def steps() -> dict[str, dict[str, float]]:
    """Median seconds of each step by notebook, of reports made one at a time."""
    found: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory(prefix="dxlib-reports-") as folder:
        by_dxlib(1, reports(), Path(folder))
        for path in Path(folder).glob(f"out/*/{MANIFEST}"):
            made = msgspec.json.decode(path.read_bytes(), type=Manifest)
            for step, seconds in made.seconds.items():
                found.setdefault(made.notebook, {}).setdefault(step, []).append(seconds)
    return {name: {step: statistics.median(values) for step, values in own.items()} for name, own in sorted(found.items())}


def kernel_seconds(repeats: int) -> float:
    """Median seconds of a notebook with one empty cell on a warm kernel."""
    code = f"""
import time, nbformat, papermill
from dxlib.warm import fork
fork.warm_up()
fork.renderer()
time.sleep(5)
cell = nbformat.v4.new_code_cell("")
for _ in range({repeats}):
    start = time.perf_counter()
    nb = nbformat.v4.new_notebook(cells=[cell])
    papermill.execute_notebook(nb, None, engine_name="dxlib", kernel_name="python3", language="python", progress_bar=False)
    print(time.perf_counter() - start)
"""
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return statistics.median(map(float, ended.stdout.split()))


def nation(folder: Path) -> Project:
    """A workbench of national size with a synthetic warehouse and the notebooks."""
    (folder / "data/raw").mkdir(parents=True)
    (folder / "data/curated").mkdir()
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    generate(folder / "data/curated/dx.duckdb", NATION)
    return Project(folder)


def no_op(project: Project, folder: Path) -> tuple[int, float]:
    """A run over all municipalities in which nothing changed.

    One report of each kind is made; the others' folders are laid out as that run would leave them: a manifest with what the
    report depends on, and files of the sizes it names.

    Args:
        project: a workbench of national size.
        folder: where to do it.

    Returns:
        How many reports were looked at, and the seconds of the whole command.
    """
    shared = {"theme": "online_procedures"}
    entries = [
        ("comparison", {"parameters": {**shared, "nearest": 5}, "each": {"highlight": codes(project)}}),
        ("municipality", {"each": {"municipality": "all"}}),
        ("briefing", {"parameters": shared, "each": {"municipality": "all"}}),
    ]
    write_list(folder / "all.toml", entries)
    jobs = read_config(project, folder / "all.toml").jobs
    first = {job.template.name: job for job in reversed(jobs)}
    run_dxlib(folder, [(name, {"parameters": job.parameters}) for name, job in first.items()], 1, project.root)
    lay_out(project, jobs, {name: folder / "out" / job.report_id for name, job in first.items()})
    start = time.perf_counter()
    run_count = run_dxlib(folder, entries, 2, project.root)
    seconds = time.perf_counter() - start
    if run_count:
        raise RuntimeError(f"{run_count} reports were made although nothing changed")
    return len(jobs), seconds


def codes(project: Project) -> list[str]:
    """The municipalities with a plan."""
    with Workbench(project) as bench:
        return bench.check_municipalities()


def lay_out(project: Project, jobs: list[Any], made: dict[str, Path]) -> None:
    """Folders of reports, as a run leaves them, after one that was made of each kind."""
    options = Options(formats=("html",))
    with Workbench(project) as bench:
        rows = Now(bench).rows
    for job in jobs:
        model = made[job.template.name]
        folder = model.with_name(job.report_id)
        if folder.exists():
            continue
        manifest = msgspec.json.decode((model / MANIFEST).read_bytes(), type=Manifest)
        own = [str(value) for key, value in job.parameters.items() if key in ("municipality", "highlight")]
        seen = {scope: rows[scope] for scope in [*own, *list(manifest.basis.rows)[1:]]}
        basis = msgspec.structs.replace(manifest.basis, asked=basis_before(job, options).asked, rows=seen)
        outputs = [msgspec.structs.replace(one, name=one.name.replace(model.name, folder.name)) for one in manifest.outputs]
        mine = {"report_id": job.report_id, "parameters": job.all_parameters, "basis": basis, "outputs": outputs}
        folder.mkdir()
        for output in outputs:
            path = folder / output.name
            path.parent.mkdir(exist_ok=True)
            with path.open("wb") as file:
                file.truncate(output.bytes)
        (folder / MANIFEST).write_bytes(msgspec.json.encode(msgspec.structs.replace(manifest, **mine)))


def main() -> int:
    """Read the command line, measure, print."""
    from tabulate import tabulate

    parser = argparse.ArgumentParser(description="Measure what a report costs.")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    found = measured_ways(arguments.repeats)
    fastest = found[-1].median
    rows = [{"way": way.name, "s a report": way.median, "times the last": way.median / fastest} for way in found]
    print(tabulate(rows, headers="keys", floatfmt=",.2f"))
    return 0


if __name__ == "__main__":
    sys.exit(main())

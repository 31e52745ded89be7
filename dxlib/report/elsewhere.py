"""Reports made by the workers of a Dask scheduler: on a shared folder, or sent back as bytes.

A worker makes reports from its own workbench: the folder that ``DXLIB_PROJECT`` names where the worker was started, else the path
that the workbench has here. It refuses when its warehouse or notebook is not the one meant here.
"""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal

from dxlib.cluster import each_on
from dxlib.errors import ReportError
from dxlib.indicators import Workbench
from dxlib.project import Project, is_project
from dxlib.report.about import fingerprint
from dxlib.report.batch import Outcome, Task, attempt, died, failed, noted
from dxlib.report.folder import publish, workshop
from dxlib.report.parameters import Job
from dxlib.report.run import Options, in_words, main_format

Collect = Literal["folder", "bytes"]


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker must know to make reports: the workbench as the asking side knows it.

    Attributes:
        root: its folder there.
        warehouse: fingerprint of its warehouse (`dxlib.report.about.fingerprint`).
        out: folder of the reports, the same on all machines; None: they are sent back.
        sign: a folder in ``out`` while the run lasts, by which a worker sees that ``out`` is the same.
        options: formats and encodings.
    """

    root: Path
    warehouse: str
    out: Path | None
    sign: str
    options: Options


@dataclass(frozen=True, slots=True)
class Errand:
    """One report to make, with the SHA-256 of its notebook."""

    task: Task
    notebook: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """How a report went on a worker, and its files where they are sent back."""

    outcome: Outcome
    files: dict[str, bytes]


@lru_cache(maxsize=4)
def _fingerprint(root: Path, changed: int, size: int, number: int) -> str:
    """Of the warehouse file with this time, size and number: read once, and again when it was replaced."""
    with Workbench(Project(root)) as bench:
        return fingerprint(bench)


def _state(project: Project) -> str:
    with suppress(FileNotFoundError):  # the workbench says so in its own words
        about = project.warehouse.stat()
        return _fingerprint(project.root, about.st_mtime_ns, about.st_size, about.st_ino)
    with Workbench(project) as bench:
        return fingerprint(bench)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _workbench(order: Order) -> Project:
    """The worker's own workbench, when it is the one meant.

    Raises:
        ReportError: there is none, or its warehouse holds something else.
        WarehouseError: its warehouse is not built.
    """
    root = Path(os.environ.get("DXLIB_PROJECT") or order.root).expanduser().absolute()
    if not is_project(root):
        raise ReportError(
            f"the worker on {platform.node()} finds no workbench here",
            code="cluster-workbench",
            where=str(root),
            hint="share or copy the workbench, and start the worker with DXLIB_PROJECT naming its folder",
        )
    if _state(Project(root)) != order.warehouse:
        raise ReportError(
            f"the worker on {platform.node()} has another warehouse than the one to report on",
            code="cluster-warehouse",
            where=str(Project(root).warehouse),
            hint="copy data/curated/dx.duckdb to the worker once more (a new file, then renamed), or share the folder",
        )
    if order.out and not (order.out / order.sign).is_dir():
        raise ReportError(
            f"the worker on {platform.node()} does not see the folder of the reports",
            code="cluster-folder",
            where=str(order.out),
            hint="mount it there under the same path, or have the reports sent back: --collect bytes",
        )
    return Project(root)


def _own_job(errand: Errand, order: Order, project: Project) -> Job:
    """The job with the notebook of the worker's own workbench."""
    path = project.root / errand.task.job.template.path.relative_to(order.root)
    if not path.is_file() or _sha256(path) != errand.notebook:
        raise ReportError(
            f"the worker on {platform.node()} has another notebook",
            code="cluster-workbench",
            where=str(path),
            hint="copy notebooks/ to the worker once more, or share the folder",
        )
    job = errand.task.job
    return Job(replace(job.template, path=path), job.parameters)


def _read(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def make_elsewhere(order: Order, errand: Errand) -> Parcel:
    """Make one report where this runs, from this machine's workbench. The same errand twice gives the same report.

    Args:
        order: what all reports have in common.
        errand: the report.

    Returns:
        How it went; a failure is no exception.
    """
    try:
        project = _workbench(order)
        task = replace(errand.task, job=_own_job(errand, order, project))
        if order.out:
            return Parcel(attempt(project, order.out, order.options, task), {})
        with tempfile.TemporaryDirectory(prefix="dxlib-", ignore_cleanup_errors=True) as folder:
            outcome = attempt(project, Path(folder), order.options, task)
            return Parcel(outcome, {} if outcome.details else _read(Path(folder) / task.job.report_id))
    except Exception as error:  # one report's, not the run's
        return Parcel(failed(in_words(error, errand.task.job), errand.task), {})


def _put(content: dict[str, bytes], target: Path, scratch: Path) -> None:
    folder = scratch / "content"
    for name, data in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    publish(folder, target)


def _arrived(parcel: Parcel, task: Task, out: Path, options: Options) -> Outcome:
    """What came of a report: its files are put in place as a whole, a failure is noted."""
    job, outcome = task.job, parcel.outcome
    target = out / job.report_id
    if outcome.error:
        noted(outcome.error, task, out)
        return outcome
    try:
        if parcel.files:
            with workshop(out) as scratch:
                _put(parcel.files, target, scratch)
    except OSError as error:
        return noted(in_words(error, job), task, out)
    return replace(outcome, ending=str(target / f"{job.report_id}.{main_format(options)}"))


def outcomes(
    scheduler: str, project: Project, tasks: Sequence[Task], out: Path, options: Options, collect: Collect = "folder"
) -> Iterator[Outcome]:
    """Make reports on the workers of a Dask scheduler.

    Args:
        scheduler: its address, as ``tcp://host:8786``.
        project: the workbench; each worker has it, or a copy (``DXLIB_PROJECT`` where the worker was started).
        tasks: checked reports, and why each is made.
        out: folder of all reports.
        options: formats, encodings and bounds.
        collect: ``folder``: ``out`` is the same folder on all machines, and workers write into it; ``bytes``: workers send the
            files back, and they are put in place here.

    Yields:
        How each went, as they finish. A report whose worker died is made again, once.

    Raises:
        DxlibError: Dask distributed is not installed, the scheduler cannot be reached, has no workers, or a worker runs another
            dxlib or Python; the warehouse here is not built.
    """
    warehouse = _state(project)
    errands = (Errand(task, _sha256(task.job.template.path)) for task in tasks)
    with workshop(out) as sign:
        order = Order(project.root, warehouse, out if collect == "folder" else None, sign.name, options)
        for done in each_on(scheduler, partial(make_elsewhere, order), errands):
            task = done.item.task
            yield _arrived(done.result, task, out, options) if done.result else died(task, out)

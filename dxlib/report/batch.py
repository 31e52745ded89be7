"""Make many reports: those that are not as they would be now. One that fails stops none of the others."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec

from dxlib.errors import DxlibError, ReportError
from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.report.basis import Now, changed, is_whole
from dxlib.report.folder import recover, workshop
from dxlib.report.parameters import Job
from dxlib.report.run import FAILED, MANIFEST, Manifest, Options, basis_before, main_format, make, note_failure
from dxlib.unseen import visible, visible_lines
from dxlib.warm import fork
from dxlib.workers import Done, each

# What a process that makes reports has ready: the parent of warm kernels, and the writers of what is asked for.
_READY = (fork.PARENT, "papermill", "dxlib.report.batch", "dxlib.report.about")
_WRITERS = {"html": "dxlib.report.html", "pdf": "dxlib.report.pdf", "xlsx": "dxlib.report.workbook", "zip": "dxlib.report.bundle"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one report went.

    Attributes:
        report_id: its name.
        seconds: what it took.
        ending: its path, or the error with its code on one line.
        details: the whole error; nothing when it went well.
        status: ``kept`` when it was as it would be made now.
        because: why it was made.
        error: why it was not.
    """

    report_id: str
    seconds: float
    ending: str
    details: str = ""
    status: Literal["ok", "failed", "kept"] = "ok"
    because: tuple[str, ...] = ()
    error: DxlibError | None = None

    @property
    def record(self) -> dict[str, object]:
        """The same for programs."""
        told: dict[str, object] = {"report": self.report_id, "status": self.status, "seconds": round(self.seconds, 3)}
        told["because"] = list(self.because) or None
        if self.error is None:
            return {**told, "path": self.ending}
        trace = self.details if self.error.code == "report-internal" else None
        return {**told, **self.error.record, "trace": trace}

    @property
    def line(self) -> str:
        """The log line: ``ok|failed|kept  <report_id>  <seconds> s  <path or [code] message>``.

        >>> Outcome("comparison-gis-ja", 3.14159, "reports/comparison-gis-ja/comparison-gis-ja.html").line
        'ok  comparison-gis-ja  3.1 s  reports/comparison-gis-ja/comparison-gis-ja.html'
        """
        return f"{self.status}  {self.report_id}  {self.seconds:.1f} s  {self.ending}"


@dataclass(frozen=True, slots=True)
class Task:
    """A report to make, and why."""

    job: Job
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Dask scheduler's address, and how the reports come back: on a shared folder, or as bytes."""

    scheduler: str
    collect: Literal["folder", "bytes"] = "folder"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many reports were made, kept as they were, and failed."""

    made: int = 0
    kept: int = 0
    failed: int = 0


def failed(error: DxlibError, task: Task, seconds: float = 0.0) -> Outcome:
    """The outcome of a report that could not be made."""
    lines = "".join(traceback.format_exception(error.__cause__)).splitlines() if error.code == "report-internal" else []
    trace = "".join(f"{visible(line)}\n" for line in lines)
    ending = f"[{error.code}] {' '.join(error.message.split())}"
    details = trace + visible_lines(f"dxlib: {error}")
    return Outcome(task.job.report_id, seconds, ending, details, "failed", task.because, error)


def attempt(project: Project, out: Path, options: Options, task: Task, progress: bool = False) -> Outcome:
    """Make one report, and say how it went."""
    before = time.perf_counter()
    try:
        folder = make(project, task.job, out, options, task.because, progress)
    except DxlibError as error:
        return failed(error, task, time.perf_counter() - before)
    path = str(folder / f"{task.job.report_id}.{main_format(options)}")
    return Outcome(task.job.report_id, time.perf_counter() - before, path, because=task.because)


def noted(error: DxlibError, task: Task, out: Path) -> Outcome:
    """The outcome of a report that could not be made, with a note beside the last good one, which stays."""
    with suppress(OSError), workshop(out) as scratch:
        note_failure(error, task.job, out / task.job.report_id, scratch)
    return failed(error, task)


def died(task: Task, out: Path) -> Outcome:
    """The outcome of a report whose process died, also when it was made again."""
    error = ReportError(
        "the process that made the report died, also at the second attempt",
        code="report-died",
        where=task.job.template.path.name,
        hint="often too little memory: try fewer --jobs, or fewer workers on a machine; the last good report is untouched",
    )
    return noted(error, task, out)


def why(now: Now, job: Job, out: Path, options: Options) -> list[str]:
    """Why a report would be made; nothing when it is as it would be made now."""
    folder = out / job.report_id
    if (folder / FAILED).exists():
        return ["the last attempt failed"]
    try:
        made = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        return ["there is none yet"]
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
        return ["its run.json cannot be read"]
    if made.basis is None:
        return ["it does not say what it was made from"]
    if not is_whole(folder, [(output.name, output.bytes) for output in made.outputs]):
        return ["a file of it is missing or was changed"]
    return changed(made.basis, basis_before(job, options), now)


def sorted_out(
    project: Project, jobs: Iterable[Job], out: Path, options: Options, *, force: bool = False
) -> tuple[list[Task], list[Outcome]]:
    """Which reports are to be made, and which stay as they are.

    Args:
        project: the workbench.
        jobs: the reports asked for.
        out: folder of all reports.
        options: what to write.
        force: make all.
    """
    tasks, kept = [], []
    with Workbench(project) as bench:
        now = Now(bench)
        for job in jobs:
            reasons = ["--force"] if force else why(now, job, out, options)
            if reasons:
                tasks.append(Task(job, tuple(reasons)))
            else:
                path = out / job.report_id / f"{job.report_id}.{main_format(options)}"
                kept.append(Outcome(job.report_id, 0.0, str(path), status="kept"))
    return tasks, kept


def _outcomes(
    project: Project, tasks: Sequence[Task], out: Path, options: Options, workers: int | Cluster, progress: bool
) -> Iterator[Outcome]:
    if not tasks:
        return
    if isinstance(workers, Cluster):
        from dxlib.report.elsewhere import outcomes

        yield from outcomes(workers.scheduler, project, tasks, out, options, workers.collect)
    elif workers == 1 or len(tasks) == 1:
        fork.warm_up()  # while this process imports what it needs
        yield from (attempt(project, out, options, task, progress) for task in tasks)
    else:
        preload = (*_READY, *(_WRITERS[name] for name in options.formats))
        made: Iterator[Done[Task, Outcome]] = each(
            partial(attempt, project, out, options), tasks, workers=min(workers, len(tasks)), preload=preload
        )
        yield from (done.result or died(done.item, out) for done in made)


def run_all(
    project: Project,
    jobs: Sequence[Job],
    out: Path,
    options: Options,
    tell: Callable[[Outcome], None],
    *,
    workers: int | Cluster = 1,
    force: bool = False,
    progress: bool = False,
) -> Tally:
    """Make all reports that are not as they would be made now.

    Args:
        project: the workbench.
        jobs: checked reports.
        out: folder of all reports.
        options: formats, encodings and bounds.
        tell: is called for each report; in the order of the jobs with one worker, else as they finish.
        workers: how many reports are made at the same time here, or the cluster that makes them.
        force: make also those that would come out the same.
        progress: show papermill's progress bar (with one report).
    """
    recover(out)
    tasks, kept = sorted_out(project, jobs, out, options, force=force)
    for outcome in kept:
        tell(outcome)
    failures = 0
    for outcome in _outcomes(project, tasks, out, options, workers, progress):
        failures += outcome.status == "failed"
        tell(outcome)
    return Tally(len(tasks) - failures, len(kept), failures)

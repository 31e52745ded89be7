"""Make many reports; one that fails stops none of the others."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from dxlib.errors import DxlibError, ReportError
from dxlib.project import Project
from dxlib.report.folder import recover, workshop
from dxlib.report.parameters import Job
from dxlib.report.run import Options, main_format, make, note_failure


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one report went. ``ending`` is its path, or the error with its code on one line; ``details`` the whole error."""

    report_id: str
    seconds: float
    ending: str
    details: str = ""

    @property
    def line(self) -> str:
        """The log line: ``ok|failed  <report_id>  <seconds> s  <path or [code] message>``.

        >>> Outcome("comparison-gis-ja", 3.14159, "reports/comparison-gis-ja/comparison-gis-ja.html").line
        'ok  comparison-gis-ja  3.1 s  reports/comparison-gis-ja/comparison-gis-ja.html'
        """
        return f"{'failed' if self.details else 'ok'}  {self.report_id}  {self.seconds:.1f} s  {self.ending}"


def _failed(error: DxlibError, job: Job, seconds: float) -> Outcome:
    trace = "".join(traceback.format_exception(error.__cause__)) if error.code == "report-internal" else ""
    return Outcome(job.report_id, seconds, f"[{error.code}] {' '.join(error.message.split())}", f"{trace}dxlib: {error}")


def attempt(project: Project, job: Job, out: Path, options: Options, progress: bool = False) -> Outcome:
    """Make one report, and say how it went."""
    before = time.perf_counter()
    try:
        folder = make(project, job, out, options, progress)
    except DxlibError as error:
        return _failed(error, job, time.perf_counter() - before)
    return Outcome(job.report_id, time.perf_counter() - before, str(folder / f"{job.report_id}.{main_format(options)}"))


def _in_process(project: Project, jobs: Sequence[Job], out: Path, options: Options, workers: int) -> Iterator[Outcome | Job]:
    """Reports made in processes of their own; a job comes back when its process, or that of another, died meanwhile.

    The processes are started afresh, because a copy of a process in which DuckDB or polars has computed can hang.
    """
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        asked = {pool.submit(attempt, project, job, out, options): job for job in jobs}
        for future in as_completed(asked):
            try:
                yield future.result()
            except BrokenProcessPool:
                yield asked[future]


def _side_by_side(project: Project, jobs: Sequence[Job], out: Path, options: Options, workers: int) -> Iterator[Outcome]:
    """Several processes. When one dies, all unfinished reports are made again, each alone: only the guilty one fails."""
    left = []
    for made in _in_process(project, jobs, out, options, workers):
        if isinstance(made, Outcome):
            yield made
        else:
            left.append(made)
    for job in left:
        for made in _in_process(project, [job], out, options, 1):
            yield made if isinstance(made, Outcome) else _died(job, out)


def _died(job: Job, out: Path) -> Outcome:
    error = ReportError(
        "the process that made the report died",
        code="report-died",
        where=job.template.path.name,
        hint="often too little memory: try fewer --jobs; the last good report is untouched",
    )
    with suppress(OSError), workshop(out) as scratch:
        note_failure(error, job, out / job.report_id, scratch)
    return _failed(error, job, 0.0)


def run_all(
    project: Project,
    jobs: Sequence[Job],
    out: Path,
    options: Options,
    tell: Callable[[Outcome], None],
    *,
    workers: int = 1,
    progress: bool = False,
) -> int:
    """Make all reports.

    Args:
        project: the workbench.
        jobs: checked reports.
        out: folder of all reports.
        options: formats and encodings.
        tell: is called after each report; in the order of the jobs with one worker, else as they finish.
        workers: how many reports are made at the same time.
        progress: show papermill's progress bar (with one worker).

    Returns:
        How many failed.
    """
    recover(out)
    if workers > 1 and len(jobs) > 1:
        outcomes = _side_by_side(project, jobs, out, options, min(workers, len(jobs)))
    else:
        outcomes = (attempt(project, job, out, options, progress) for job in jobs)
    failures = 0
    for outcome in outcomes:
        failures += bool(outcome.details)
        tell(outcome)
    return failures

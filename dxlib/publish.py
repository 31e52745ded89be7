"""The command ``dxlib report``: one report, or a list of them, then the index and the page of changes."""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from dxlib import log
from dxlib.errors import ReportError
from dxlib.terminal import examples
from dxlib.unseen import visible

if TYPE_CHECKING:
    from dxlib.project import Project
    from dxlib.report.batch import Cluster, Outcome, Tally
    from dxlib.report.config import Config
    from dxlib.report.parameters import Job
    from dxlib.report.run import Options


def _formats(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> list[str]:
    """``--format html,pdf --format zip`` as one list."""
    from dxlib.report.config import FORMATS

    found = [part.strip() for value in values for part in value.split(",")]
    for name in found:
        if name not in FORMATS:
            raise click.BadParameter(f"'{name}' is not one of {', '.join(FORMATS)}", context, parameter)
    return list(dict.fromkeys(found))


def _jobs(place: Project, config: Config | None, name: str | None, parameters: tuple[str, ...], lang: str | None) -> list[Job]:
    from dxlib.report.parameters import parse_parameters, resolve

    if config:
        return config.jobs
    return [resolve(place, name or "comparison", {**({"lang": lang} if lang else {}), **parse_parameters(parameters)})]


def _options(settings: Any, said: dict[str, Any]) -> Options:
    """What the command line says, else what the file says, else the default."""
    from dxlib.report.run import Options

    found = {key: value if value not in (None, []) else getattr(settings, key, None) for key, value in said.items()}
    return Options(**{key: value for key, value in found.items() if value is not None})


def _make_all(
    place: Project, jobs: list[Job], out: Path, options: Options, workers: int | Cluster, force: bool, explain: bool
) -> Tally:
    """Make the reports with a progress bar on a terminal; the log lines go to stdout, whole errors to stderr."""
    from tqdm import tqdm

    from dxlib.report.batch import run_all

    alone = len(jobs) == 1
    if log.is_json():
        return run_all(place, jobs, out, options, _record, workers=workers, force=force)
    is_terminal = sys.stderr.isatty()
    with tqdm(total=len(jobs), unit=" reports", smoothing=0.05, disable=not is_terminal or alone) as bar:

        def tell(outcome: Outcome) -> None:
            if outcome.details:
                tqdm.write(outcome.details, file=sys.stderr)
            if outcome.status != "kept" or explain or alone:
                tqdm.write(visible(outcome.line), file=sys.stdout)
            if explain:
                for reason in outcome.because or ("nothing that it depends on changed",):
                    tqdm.write(f"    {visible(reason)}", file=sys.stdout)
            sys.stdout.flush()
            if outcome.status == "kept":  # they say nothing about how long the rest takes
                bar.total -= 1
            else:
                bar.update()

        return run_all(place, jobs, out, options, tell, workers=workers, force=force, progress=is_terminal and alone)


def _record(outcome: Outcome) -> None:
    level = logging.ERROR if outcome.status == "failed" else logging.INFO
    log.event("report", level, **outcome.record)


def _finish(place: Project, out: Path, tally: Tally) -> None:
    """Write the page of changes anew, and the index when a report in it is another one."""
    from dxlib.indicators import Workbench
    from dxlib.report.changes import update_changes
    from dxlib.report.index import INDEX, write_index

    try:
        try:
            with Workbench(place) as bench:
                update_changes(bench, out)
        finally:  # a damaged state of the changes must not keep failed reports out of the index
            if tally.made or tally.failed or not (out / INDEX).exists():
                write_index(out)
    except OSError as error:
        raise ReportError(
            f"the index or the page of changes cannot be written: {error}",
            code="index-write",
            where=str(out),
            hint="check disk space and write rights; the reports themselves are not affected",
        ) from error


@click.command(
    epilog=examples(
        "dxlib report",
        "dxlib report comparison -p theme=telework --lang en",
        "dxlib report comparison -p municipalities=131016,東京都中央区 --format html,pdf",
        "dxlib report --config reports/monthly.toml --jobs 2",
        "dxlib report --config reports/monthly.toml --explain",
    )
)
@click.argument("name", required=False)
@click.option("-p", "parameters", multiple=True, metavar="KEY=VALUE", help="A parameter of the notebook; repeat for more.")
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="A list of reports, as reports/monthly.toml.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the reports. Default: reports/.")
@click.option("--lang", type=click.Choice(("ja", "en")), help="Language of the report. Default: the notebook's, Japanese.")
@click.option(
    "--format", "formats", multiple=True, callback=_formats, metavar="FORMAT", help="html, pdf, xlsx, zip; default all of them."
)
@click.option("--headers", type=click.Choice(("ja", "en")), help="Language of Excel's column names. Default: the report's.")
@click.option("--csv-encoding", type=click.Choice(("utf-8", "cp932")), help="Of the CSV in the zip. Default: utf-8, with BOM.")
@click.option("--jobs", type=click.IntRange(1), help="Reports made at the same time. Default: one a core.")
@click.option(
    "--scheduler", metavar="ADDRESS", help="Make them on a Dask scheduler's workers, as tcp://host:8786 (docs/scale.md)."
)
@click.option(
    "--collect",
    type=click.Choice(("folder", "bytes")),
    default="folder",
    show_default=True,
    help="With --scheduler: workers write into the same folder, or send the files back.",
)
@click.option("--force", is_flag=True, help="Make also reports that would come out the same.")
@click.option("--explain", is_flag=True, help="Say of each report why it is made, or that it is kept.")
@click.option("--max-seconds", type=click.FloatRange(0), help="Time for the cells of one report; 0: any. Default: 600.")
@click.option("--max-memory", type=click.FloatRange(0), help="Memory of one report's notebook in MB; 0: any. Default: 2000.")
@click.pass_obj
def report(
    project: str | None,
    name: str | None,
    parameters: tuple[str, ...],
    config: Path | None,
    out: Path | None,
    lang: str | None,
    formats: list[str],
    headers: str | None,
    csv_encoding: str | None,
    jobs: int | None,
    scheduler: str | None,
    collect: Literal["folder", "bytes"],
    force: bool,
    explain: bool,
    max_seconds: float | None,
    max_memory: float | None,
) -> None:
    """Run notebooks and write reports: HTML, PDF, Excel and zip in a folder each, then index and page of changes.

    NAME is a notebook without number and ending; without NAME and --config it is comparison. A report is made only when something
    it depends on changed: notebook, parameters, rows it can see, dxlib. One line a report on stdout; exit status 0: all made,
    1: one failed (the others are made), 2: wrong usage, 130: stopped by Ctrl-C.
    """
    from dxlib.project import find_project
    from dxlib.report.batch import Cluster
    from dxlib.report.config import read_config
    from dxlib.report.index import write_index
    from dxlib.workers import cores

    if config and (name or parameters or lang):
        raise click.UsageError("--config names the reports with their parameters: give it without NAME, -p and --lang")
    place = find_project(project)
    read = read_config(place, config) if config else None
    wanted = _jobs(place, read, name, parameters, lang)
    asked = place.root / read.settings.out if read and read.settings.out else place.reports
    folder = (out or asked).absolute()
    said = {
        "formats": formats,
        "headers": headers,
        "csv_encoding": csv_encoding,
        "max_seconds": max_seconds,
        "max_memory": max_memory,
    }
    workers = Cluster(scheduler, collect) if scheduler else jobs or cores()
    started = time.perf_counter()
    try:
        tally = _make_all(place, wanted, folder, _options(read and read.settings, said), workers, force, explain)
    except KeyboardInterrupt:
        write_index(folder)
        log.say("dxlib: stopped; finished reports are whole, and the same command makes only the rest", err=True)
        log.event("stopped", logging.WARNING)
        click.get_current_context().exit(130)
    _finish(place, folder, tally)
    seconds = time.perf_counter() - started
    log.event("reports", seconds=round(seconds, 3), made=tally.made, kept=tally.kept, failed=tally.failed, where=str(folder))
    if len(wanted) > 1:
        log.say(f"{tally.made} made, {tally.kept} kept, {tally.failed} failed, {seconds:.1f} s", err=True)
    if tally.failed:
        log.say(f"dxlib: {tally.failed} of {len(wanted)} reports failed; see {folder / 'index.html'}", err=True)
        click.get_current_context().exit(1)

"""The command ``dxlib report``: one report, or a list of them, then the index and the page of changes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dxlib.errors import ReportError
from dxlib.terminal import examples

if TYPE_CHECKING:
    from dxlib.project import Project
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


def _options(settings: Any, formats: list[Any], headers: str | None, csv_encoding: str | None) -> Options:
    """What the command line says, else what the file says, else the default."""
    from dxlib.report.run import Options

    default = Options()
    return Options(
        formats=formats or (settings and settings.formats) or default.formats,
        headers=headers or (settings and settings.headers),
        csv_encoding=csv_encoding or (settings and settings.csv_encoding) or default.csv_encoding,
    )


def _make_all(place: Project, jobs: list[Job], out: Path, options: Options, workers: int) -> int:
    """Make the reports with a progress bar on a terminal; the log lines go to stdout, whole errors to stderr."""
    from tqdm import tqdm

    from dxlib.report.batch import Outcome, run_all

    is_terminal = sys.stderr.isatty()
    with tqdm(total=len(jobs), unit=" reports", disable=not is_terminal or len(jobs) == 1) as bar:

        def tell(outcome: Outcome) -> None:
            if outcome.details:
                tqdm.write(outcome.details, file=sys.stderr)
            tqdm.write(outcome.line, file=sys.stdout)
            sys.stdout.flush()
            bar.update()

        return run_all(place, jobs, out, options, tell, workers=workers, progress=is_terminal and len(jobs) == 1)


def _finish(place: Project, out: Path) -> None:
    """Write the page of changes and the index anew."""
    from dxlib.indicators import Workbench
    from dxlib.report.changes import update_changes
    from dxlib.report.index import write_index

    try:
        try:
            with Workbench(place) as bench:
                update_changes(bench, out)
        finally:  # a damaged state of the changes must not keep failed reports out of the index
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
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Reports made at the same time.")
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
    jobs: int,
) -> None:
    """Run notebooks and write reports: HTML, PDF, Excel and zip in a folder each, then index and page of changes.

    NAME is a notebook without number and ending; without NAME and --config it is comparison. One line a report on stdout;
    exit status 0: all made, 1: one failed (the others are made), 2: wrong usage.
    """
    from dxlib.project import find_project
    from dxlib.report.config import read_config

    if config and (name or parameters or lang):
        raise click.UsageError("--config names the reports with their parameters: give it without NAME, -p and --lang")
    place = find_project(project)
    read = read_config(place, config) if config else None
    wanted = _jobs(place, read, name, parameters, lang)
    asked = place.root / read.settings.out if read and read.settings.out else place.reports
    folder = (out or asked).absolute()
    failures = _make_all(place, wanted, folder, _options(read and read.settings, formats, headers, csv_encoding), jobs)
    _finish(place, folder)
    if failures:
        click.echo(f"dxlib: {failures} of {len(wanted)} reports failed; see {folder / 'index.html'}", err=True)
        click.get_current_context().exit(1)

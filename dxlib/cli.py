"""The command ``dxlib``. Help and errors in English; data on stdout, messages on stderr."""

from __future__ import annotations

import errno
import logging
import sys
import time
from pathlib import Path
from typing import Any

import click

from dxlib import __version__, log
from dxlib.ask import QUESTIONS
from dxlib.errors import DxlibError
from dxlib.incoming import import_
from dxlib.intake import add, review
from dxlib.publish import report
from dxlib.terminal import examples, fetch, format_option, with_bench, write_rows
from dxlib.unseen import json_text, visible_lines
from dxlib.upkeep import doctor, migrate
from dxlib.verify.command import verify

_NOTES = 20  # that are worth reading one by one


class _Group(click.Group):
    """Errors of the workbench end a command with exit code 1 and a message, or a record, on stderr."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """As any group; a mistake before the command is a record too, where records are asked for."""
        form = log.asked_for(args)
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            if form != "json":
                raise
            with log.written(form):
                log.wrong_usage(error.format_message())
            raise click.exceptions.Exit(error.exit_code) from error

    def invoke(self, ctx: click.Context) -> Any:
        if log.is_json():
            return self._recorded(ctx)
        try:
            return super().invoke(ctx)
        except DxlibError as error:
            log.say(f"dxlib: {error}", err=True)
            ctx.exit(1)
        except click.UsageError as error:  # it names arguments and options as they were typed
            said = error.format_message()
            if said == visible_lines(said):
                raise
            raise click.UsageError(visible_lines(said), error.ctx) from error

    def _recorded(self, ctx: click.Context) -> Any:
        """The command, with its end and whatever goes wrong as records."""
        started, code, result = time.perf_counter(), 1, None
        try:
            result = super().invoke(ctx)
            code = 0
        except click.exceptions.Exit as left:
            code = left.exit_code
        except DxlibError as error:
            log.failed(error)
        except click.ClickException as error:
            code = error.exit_code
            log.wrong_usage(error.format_message())
        except (KeyboardInterrupt, click.Abort):
            log.event("stopped", logging.WARNING)
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:  # nobody reads on; click sees to it
                raise
            log.defect(error)
        log.event("finished", seconds=round(time.perf_counter() - started, 3), exit=code)
        if code:
            ctx.exit(code)
        return result


def _log_format(context: click.Context, parameter: click.Parameter, form: str) -> None:
    context.with_resource(log.written(form))


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--project",
    type=click.Path(file_okay=False),
    help="Workbench folder. Default: DXLIB_PROJECT, else the nearest parent that is one.",
)
@click.option(
    "--log-format",
    type=click.Choice(log.FORMS),
    default="text",
    show_default=True,
    envvar=log.VARIABLE,
    is_eager=True,
    expose_value=False,
    callback=_log_format,
    help="Messages as text, or as JSON records on stderr (docs/upkeep.md). Also DXLIB_LOG_FORMAT.",
)
@click.version_option(__version__, prog_name="dxlib")
@click.pass_context
def main(ctx: click.Context, project: str | None) -> None:
    """Compare the digital-transformation plans of Japanese municipalities."""
    ctx.obj = project
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a redirected stdout is CP932 on a Japanese Windows; km² would not fit
            stream.reconfigure(encoding="utf-8")
    log.event("started", command=ctx.invoked_subcommand, version=__version__)


@main.command(epilog=examples("dxlib build", "dxlib build --jobs 1", "dxlib build --accept", "dxlib --project ~/plans build"))
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Processes that read at a time. Default: one a core; a few documents need none."
)
@click.option(
    "--accept", is_flag=True, help="Publish although documents lost facts against the last build; what is lost is listed."
)
@click.pass_obj
def build(project: str | None, jobs: int | None, accept: bool) -> None:
    """Read data/raw and the decisions into CSV tables and the DuckDB file, atomically.

    Only documents that changed since the last build are read again. A document that is gone, or lost many of its facts, stops the
    build (exit status 1) and the last good warehouse stays, until you say --accept.
    """
    from dxlib.project import find_project
    from dxlib.warehouse import build as build_warehouse
    from dxlib.workers import cores

    place, started = find_project(project), time.perf_counter()
    if log.is_json():
        _recorded_build(build_warehouse(place, lambda name: log.event("read", document=name), jobs or cores()), started)
        return
    if sys.stderr.isatty():
        from tqdm import tqdm

        with tqdm(unit=" documents", desc="reading") as bar:
            built = build_warehouse(place, lambda _: bar.update(), jobs or cores(), accept)
    else:
        built = build_warehouse(place, jobs=jobs or cores(), accept=accept)
    counts = built.counts
    names = ("document", "plan", "measure", "indicator", "observation", "statistic", "correction")
    click.echo(", ".join(f"{counts[name]} {name}s" for name in names))
    click.echo(f"documents read: {built.read}; unchanged since an earlier build: {built.kept}")
    click.echo(f"lines with numbers that gave no fact: {counts['unused_line']} (table unused_line)")
    for reason, count in built.unused.items():
        log.say(f"  {count:4d}  {reason}")
    for kind, severities in built.findings.items():
        click.echo(f"{kind} findings: {sum(severities.values())} (dxlib {kind})")
        for severity, count in severities.items():
            click.echo(f"  {count:4d}  {severity}")
    for note in built.notes[:_NOTES]:
        log.say(f"note: {note}")
    if len(built.notes) > _NOTES:
        click.echo(f"note: … and {len(built.notes) - _NOTES} more")
    for line in built.sanity[:_NOTES]:
        click.echo(f"check: {line}")
    if len(built.sanity) > _NOTES:
        click.echo(f"check: … and {len(built.sanity) - _NOTES} more")
    click.echo(f"built {place.relative(place.warehouse)}")


def _recorded_build(built: Any, started: float) -> None:
    for note in built.notes:
        log.event("note", logging.WARNING, message=note)
    log.event(
        "built",
        seconds=round(time.perf_counter() - started, 3),
        read=built.read,
        kept=built.kept,
        rows=built.counts,
        unused=built.unused,
        findings=built.findings,
    )


@main.command(
    epilog=examples(
        "dxlib extract plan.txt",
        "dxlib extract plan.txt --format csv > facts.csv",
        "dxlib extract plans/*.pdf --jobs 4 > facts.jsonl",
        "dxlib extract /share/plans/*.pdf --scheduler tcp://10.0.0.5:8786 > facts.jsonl",
    )
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@format_option(("jsonl", "csv", "table"), "jsonl")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Files read at the same time.")
@click.option("--scheduler", metavar="ADDRESS", help="Read them on the workers of this Dask scheduler (docs/scale.md).")
def extract(files: tuple[Path, ...], style: str, jobs: int, scheduler: str | None) -> None:
    """Print the facts of plan texts (layouts: docs/reading.md). Touches nothing and needs no workbench.

    In the order of FILES. One that cannot be read is named on stderr and makes the exit status 1; the others are printed.
    """
    from dxlib.extract import KEYS, extract_all

    records: list[dict[str, Any]] = []
    unread = 0
    for path, found in extract_all(files, jobs=jobs, scheduler=scheduler):
        if isinstance(found, DxlibError):
            log.say(f"dxlib: {found}", err=True)
            log.failed(found, document=str(path))
            unread += 1
            continue
        log.event("extracted", document=str(path), facts=len(found))
        if style == "jsonl":
            for record in found:
                click.echo(json_text(record))
        else:
            records += found
    if style != "jsonl" and unread < len(files):
        shown = (
            KEYS
            if style == "csv"
            else ("line", "role", "indicator", "value", "unit", "fiscal_year", "value_text", "missing", "status")
        )
        write_rows(shown, [[record[key] for key in shown] for record in records], style)
    if unread:
        click.get_current_context().exit(1)


@main.command(epilog=examples('dxlib query "SELECT municipality, count(*) FROM fact GROUP BY 1"'))
@click.argument("sql")
@format_option()
@with_bench
def query(bench: Any, sql: str, style: str) -> None:
    """Ask the warehouse in SQL, read-only. Tables: docs/data-dictionary.md."""
    relation = bench.sql(sql)
    write_rows(relation.columns, fetch(relation), style)


@main.command(epilog=examples("dxlib lab", "dxlib lab --lang ja", "dxlib lab -- --no-browser --port 8899"))
@click.option("--lang", type=click.Choice(("ja", "en")), help="Language of JupyterLab's menus. Default: that of the system.")
@click.argument("options", nargs=-1)
@click.pass_obj
def lab(project: str | None, lang: str | None, options: tuple[str, ...]) -> None:
    """Open JupyterLab on the tour through the workbench. OPTIONS after -- go to JupyterLab itself."""
    from dxlib.lab import open_lab
    from dxlib.project import find_project

    open_lab(find_project(project), lang, options)


for command in (*QUESTIONS, add, doctor, import_, migrate, review, report, verify):
    main.add_command(command)


if __name__ == "__main__":
    main()

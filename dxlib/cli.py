"""The command ``dxlib``. Help and errors in English; data on stdout, messages on stderr."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from dxlib import __version__
from dxlib.ask import QUESTIONS
from dxlib.errors import DxlibError
from dxlib.incoming import import_
from dxlib.intake import add, review
from dxlib.publish import report
from dxlib.terminal import examples, fetch, format_option, say, with_bench, write_rows
from dxlib.unseen import json_text, visible_lines

_NOTES = 20  # that are worth reading one by one


class _Group(click.Group):
    """Errors of the workbench end a command with exit code 1 and a message on stderr."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DxlibError as error:
            say(f"dxlib: {error}", err=True)
            ctx.exit(1)
        except click.UsageError as error:  # it names arguments and options as they were typed
            said = error.format_message()
            if said == visible_lines(said):
                raise
            raise click.UsageError(visible_lines(said), error.ctx) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--project",
    type=click.Path(file_okay=False),
    help="Workbench folder. Default: DXLIB_PROJECT, else the nearest parent that is one.",
)
@click.version_option(__version__, prog_name="dxlib")
@click.pass_context
def main(ctx: click.Context, project: str | None) -> None:
    """Compare the digital-transformation plans of Japanese municipalities."""
    ctx.obj = project
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a redirected stdout is CP932 on a Japanese Windows; km² would not fit
            stream.reconfigure(encoding="utf-8")


@main.command(epilog=examples("dxlib build", "dxlib build --jobs 1", "dxlib --project ~/plans build"))
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Processes that read at a time. Default: one a core; a few documents need none."
)
@click.pass_obj
def build(project: str | None, jobs: int | None) -> None:
    """Read data/raw and the decisions into CSV tables and the DuckDB file, atomically.

    Only documents that changed since the last build are read again.
    """
    from dxlib.project import find_project
    from dxlib.warehouse import build as build_warehouse
    from dxlib.workers import cores

    place = find_project(project)
    if sys.stderr.isatty():
        from tqdm import tqdm

        with tqdm(unit=" documents", desc="reading") as bar:
            built = build_warehouse(place, lambda _: bar.update(), jobs or cores())
    else:
        built = build_warehouse(place, jobs=jobs or cores())
    counts = built.counts
    names = ("document", "plan", "measure", "indicator", "observation", "statistic", "correction")
    click.echo(", ".join(f"{counts[name]} {name}s" for name in names))
    click.echo(f"documents read: {built.read}; unchanged since an earlier build: {built.kept}")
    click.echo(f"lines with numbers that gave no fact: {counts['unused_line']} (table unused_line)")
    for reason, count in built.unused.items():
        say(f"  {count:4d}  {reason}")
    for kind, severities in built.findings.items():
        click.echo(f"{kind} findings: {sum(severities.values())} (dxlib {kind})")
        for severity, count in severities.items():
            click.echo(f"  {count:4d}  {severity}")
    for note in built.notes[:_NOTES]:
        say(f"note: {note}")
    if len(built.notes) > _NOTES:
        click.echo(f"note: … and {len(built.notes) - _NOTES} more")
    say(f"built {place.relative(place.warehouse)}")


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
    for _, found in extract_all(files, jobs=jobs, scheduler=scheduler):
        if isinstance(found, DxlibError):
            say(f"dxlib: {found}", err=True)
            unread += 1
        elif style == "jsonl":
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


for command in (*QUESTIONS, add, import_, review, report):
    main.add_command(command)


if __name__ == "__main__":
    main()

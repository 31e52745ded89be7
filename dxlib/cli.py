"""The command ``dxlib``. Help and errors in English; data on stdout, messages on stderr."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click

from dxlib import __version__
from dxlib.errors import DxlibError

_FORMATS = ("table", "csv", "json")


def _examples(*lines: str) -> str:
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


class _Group(click.Group):
    """Errors of the workbench end a command with exit code 1 and a message on stderr."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DxlibError as error:
            click.echo(f"dxlib: {error}", err=True)
            ctx.exit(1)


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


def _with_bench(command: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(command)
    @click.pass_obj
    def wrapped(project: str | None, *args: Any, **kwargs: Any) -> Any:
        from dxlib.indicators import open_workbench

        with open_workbench(project) as bench:
            return command(bench, *args, **kwargs)

    return wrapped


def _format_option(formats: Sequence[str] = _FORMATS, default: str = "table") -> Callable[[Any], Any]:
    return click.option(
        "--format", "style", type=click.Choice(formats), default=default, show_default=True, help="Form of the output."
    )


def _plain(value: Any) -> Any:
    from dxlib.extract import plain_number

    if isinstance(value, float):
        return plain_number(value)
    return value if value is None or isinstance(value, str | int | bool | list) else str(value)


def write_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], style: str) -> None:
    """Print rows on stdout as a table, CSV or JSON; nulls are blank in tables and CSV, null in JSON."""
    plain = [[_plain(cell) for cell in row] for row in rows]
    if style != "json":
        plain = [["; ".join(map(str, cell)) if isinstance(cell, list) else cell for cell in row] for row in plain]
    if style == "json":
        click.echo(json.dumps([dict(zip(columns, row, strict=True)) for row in plain], ensure_ascii=False, indent=1))
    elif style == "csv":
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(plain)
        click.echo(buffer.getvalue(), nl=False)
    else:
        from tabulate import tabulate

        cells = [["" if cell is None else cell for cell in row] for row in plain]
        click.echo(tabulate(cells, headers=list(columns), tablefmt="simple", disable_numparse=True))


@main.command(epilog=_examples("dxlib build", "dxlib --project ~/plans build"))
@click.pass_obj
def build(project: str | None) -> None:
    """Read data/raw and the decisions into CSV tables and the DuckDB file, atomically."""
    from dxlib.project import find_project
    from dxlib.warehouse import build as build_warehouse

    place = find_project(project)
    if sys.stderr.isatty():
        from tqdm import tqdm

        with tqdm(unit=" documents", desc="reading") as bar:
            built = build_warehouse(place, lambda _: bar.update())
    else:
        built = build_warehouse(place)
    counts = built.counts
    names = ("document", "plan", "measure", "indicator", "observation", "statistic", "correction")
    click.echo(", ".join(f"{counts[name]} {name}s" for name in names))
    click.echo(f"lines with numbers that gave no fact: {counts['unused_line']} (table unused_line)")
    for reason, count in built.unused.items():
        click.echo(f"  {count:4d}  {reason}")
    click.echo(f"findings: {len(built.findings)}")
    for severity, where, text in built.findings:
        click.echo(f"  {severity}: {where}: {text}")
    click.echo(f"built {place.relative(place.warehouse)}")


@main.command(epilog=_examples("dxlib extract plan.txt", "dxlib extract plan.txt --format csv > facts.csv"))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_format_option(("jsonl", "csv", "table"), "jsonl")
def extract(files: tuple[Path, ...], style: str) -> None:
    """Print the facts of a plan text (layouts: docs/reading.md). Touches nothing and needs no workbench."""
    from dxlib.extract import KEYS
    from dxlib.extract import extract as extract_file

    records = [record for path in files for record in extract_file(path)]
    if style == "jsonl":
        for record in records:
            click.echo(json.dumps(record, ensure_ascii=False))
        return
    shown = (
        KEYS
        if style == "csv"
        else ("line", "role", "indicator", "value", "unit", "fiscal_year", "value_text", "missing", "status")
    )
    write_rows(shown, [[record[key] for key in shown] for record in records], style)


@main.command(epilog=_examples('dxlib query "SELECT municipality, count(*) FROM fact GROUP BY 1"'))
@click.argument("sql")
@_format_option()
@_with_bench
def query(bench: Any, sql: str, style: str) -> None:
    """Ask the warehouse in SQL, read-only. Tables: docs/data-dictionary.md."""
    relation = bench.sql(sql)
    write_rows(relation.columns, _fetch(relation), style)


def _fetch(relation: Any) -> list[Any]:
    import duckdb

    from dxlib.errors import QueryError

    try:
        return list(relation.fetchall())
    except duckdb.Error as error:
        raise QueryError(str(error), code="query-failed", hint="tables and columns: docs/data-dictionary.md") from error


@main.command(epilog=_examples("dxlib themes"))
@_format_option()
@_with_bench
def themes(bench: Any, style: str) -> None:
    """List the themes, with how many indicators and municipalities answer each."""
    relation = bench.themes()
    write_rows(relation.columns, relation.fetchall(), style)


@main.command(
    epilog=_examples(
        "dxlib compare online_procedures", "dxlib compare telework --municipality 131016 --municipality 131024 --format json"
    )
)
@click.argument("theme")
@click.option("--municipality", "codes", multiple=True, metavar="CODE", help="Six-digit code; repeat for more. Default: all.")
@click.option(
    "--lang", type=click.Choice(("ja", "en")), default="en", show_default=True, help="Language of the reasons in tables."
)
@_format_option()
@_with_bench
def compare(bench: Any, theme: str, codes: tuple[str, ...], lang: str, style: str) -> None:
    """Say which numbers of a theme may be compared, and why."""
    relation = bench.compare(theme, codes)
    if style != "table":
        write_rows(relation.columns, relation.fetchall(), style)
        return
    from dxlib.wording import printed_value

    records = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    rows = [
        (
            record["left_municipality"],
            printed_value(record, lang, "left_"),
            record["right_municipality"],
            printed_value(record, lang, "right_"),
            record["verdict"],
            record[f"differing_{lang}"]
            or (f"not stated in either: {record[f'unstated_{lang}']}" if record[f"unstated_{lang}"] else ""),
        )
        for record in records
    ]
    write_rows(("left", "value", "right", "value", "verdict", "differs in"), rows, style)


@main.command(
    epilog=_examples(
        "dxlib report",
        "dxlib report comparison -p theme=telework --lang en",
        "dxlib report comparison -p municipalities=131016,131024",
    )
)
@click.argument("name", default="comparison")
@click.option("-p", "parameters", multiple=True, metavar="KEY=VALUE", help="A parameter of the notebook; repeat for more.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the report. Default: reports/.")
@click.option("--lang", type=click.Choice(("ja", "en")), default="ja", show_default=True, help="Language of the report.")
@click.pass_obj
def report(project: str | None, name: str, parameters: tuple[str, ...], out: Path | None, lang: str) -> None:
    """Run a notebook through papermill and write one self-contained HTML file."""
    from dxlib.project import find_project
    from dxlib.report import make_report, parse_parameters

    place = find_project(project)
    written = make_report(place, name, {"lang": lang, **parse_parameters(parameters)}, out, progress=sys.stderr.isatty())
    click.echo(written)


@main.command(epilog=_examples("dxlib lab"))
@click.pass_obj
def lab(project: str | None) -> None:
    """Open JupyterLab on the notebooks."""
    from jupyterlab.labapp import LabApp

    from dxlib.project import find_project

    place = find_project(project)
    LabApp.launch_instance(
        argv=[f"--ServerApp.root_dir={place.root}", "--LabApp.default_url=/lab/tree/notebooks/comparison.ipynb"]
    )


if __name__ == "__main__":
    main()

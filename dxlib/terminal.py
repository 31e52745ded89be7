"""What the commands share: examples in the help, an open workbench, and rows on stdout as table, CSV or JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

import click

from dxlib.unseen import inert, json_text, visible

FORMATS = ("table", "csv", "json")


def examples(*lines: str) -> str:
    """The examples below a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def with_bench(command: Callable[..., Any]) -> Callable[..., Any]:
    """Call a command with an open workbench in place of its folder."""

    @wraps(command)
    @click.pass_obj
    def wrapped(project: str | None, *args: Any, **kwargs: Any) -> Any:
        from dxlib.indicators import open_workbench

        with open_workbench(project) as bench:
            return command(bench, *args, **kwargs)

    return wrapped


def format_option(formats: Sequence[str] = FORMATS, default: str = "table") -> Callable[[Any], Any]:
    """The option --format."""
    return click.option(
        "--format", "style", type=click.Choice(formats), default=default, show_default=True, help="Form of the output."
    )


def _plain(value: Any) -> Any:
    from dxlib.extract import plain_number

    if isinstance(value, float):
        return plain_number(value)
    return value if value is None or isinstance(value, str | int | bool | list) else str(value)


def _field(cell: Any) -> Any:
    """A cell of a CSV: text is made harmless for a spreadsheet and for the terminal."""
    from dxlib.report.cells import csv_text

    return inert(csv_text(cell)) if isinstance(cell, str) else cell


def _in_words(item: Any) -> str:
    """An entry of a list, for tables and CSV: a place as document, line and quote."""
    return f"{item['document_id']}:{item['line']} {item['quote']}" if isinstance(item, dict) else str(item)


def write_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], style: str) -> None:
    """Print rows on stdout as a table, CSV or JSON; nulls are blank in tables and CSV, null in JSON.

    A text is one line in tables and CSV, and cannot command the terminal; in CSV it is never a formula. JSON holds it as it is.
    """
    plain = [[_plain(cell) for cell in row] for row in rows]
    if style != "json":
        plain = [["; ".join(map(_in_words, cell)) if isinstance(cell, list) else cell for cell in row] for row in plain]
    if style == "json":
        click.echo(json_text([dict(zip(columns, row, strict=True)) for row in plain], indent=1))
    elif style == "csv":
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerows([_field(cell) for cell in row] for row in [columns, *plain])
        click.echo(buffer.getvalue(), nl=False)
    else:
        from tabulate import tabulate

        cells = [["" if cell is None else visible(str(cell)) for cell in row] for row in plain]
        click.echo(tabulate(cells, headers=[visible(column) for column in columns], tablefmt="simple", disable_numparse=True))


def fetch(relation: Any) -> list[Any]:
    """All rows of a relation.

    Raises:
        QueryError: the question fails while it runs.
    """
    import duckdb

    from dxlib.errors import QueryError

    try:
        return list(relation.fetchall())
    except duckdb.Error as error:
        raise QueryError(str(error), code="query-failed", hint="tables and columns: docs/data-dictionary.md") from error

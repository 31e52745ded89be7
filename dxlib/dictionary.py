"""The data dictionary, written from the comments of the schema: ``make docs``."""

from __future__ import annotations

import re
from importlib.resources import files

import duckdb

from dxlib.warehouse import view_names

_HEAD = """# Data dictionary

Made from the comments in `dxlib/sql/` by `make docs`; a test keeps it current. Every table is also a CSV in
`data/curated/tables/` (except `source_line`, the raw text itself, `rule` and `word`, which belong to the
package, and `reference_value`, which stands in `data/curated/reference_value.csv` and
`data/curated/reference/`). Empty cells are NULL: unknown is never 0.
"""


_MACROS = """They work from any DuckDB client on the built file, without Python: `SELECT * FROM verdict`, or with a table macro
`FROM compare_group('online_procedures', NULL::VARCHAR[], 'latest', NULL::INTEGER, 0, false, NULL::DATE)`. A connection
that attaches the file beside others says `USE` first.
`compare_pairs_now(theme, codes, years_apart_at_most)` and `compare_group_now(theme, codes)` answer the default question
faster."""
_KINDS = {"VIEW": "View", "TABLE": "Derived table", "MACRO": "Macro"}
_STATEMENT = re.compile(r"((?:^--.*\n)+)CREATE (VIEW|TABLE|MACRO) (\w+(?:\([^)]*\))?) AS", re.MULTILINE)


def _joined(comment: str) -> str:
    return " ".join(line.removeprefix("--").strip() for line in comment.splitlines())


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


def data_dictionary() -> str:
    """All tables and columns with type, nullability and meaning, and all views, as Markdown."""
    folder = files("dxlib").joinpath("sql")
    lines = [_HEAD, "## Tables", ""]
    with duckdb.connect() as connection:
        connection.execute(folder.joinpath("schema.sql").read_text(encoding="utf-8"))
        tables = connection.execute("SELECT table_name, comment FROM duckdb_tables() ORDER BY table_oid").fetchall()
        for table, comment in tables:
            lines += [f"### {table}", "", _cell(comment), "", "| column | type | null | meaning |", "|---|---|---|---|"]
            columns = connection.execute(
                "SELECT column_name, data_type, is_nullable, comment FROM duckdb_columns() WHERE table_name = ?"
                " ORDER BY column_index",
                [table],
            ).fetchall()
            for name, kind, nullable, meaning in columns:
                lines.append(f"| {name} | {kind} | {'yes' if nullable else 'no'} | {_cell(meaning)} |")
            lines.append("")
    lines += ["## Views, derived tables and macros", "", _MACROS, ""]
    for name in view_names():
        source = folder.joinpath(f"views/{name}").read_text(encoding="utf-8")
        for comment, kind, what in _STATEMENT.findall(source):
            lines += [f"### {what}", "", f"{_KINDS[kind]}. {_joined(comment)}", ""]
    return "\n".join(lines)

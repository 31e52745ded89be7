"""The data dictionary, written from the comments of the schema: ``make dictionary``."""

from __future__ import annotations

from importlib.resources import files

import duckdb

from dxlib.warehouse import view_names

_HEAD = """# Data dictionary

Made from the comments in `dxlib/sql/` by `make dictionary`; a test keeps it current. Every table is also a CSV in
`data/curated/tables/` (except `source_line`, which is the raw text itself). Empty cells are NULL: unknown is never 0.
"""


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
    lines += ["## Views", ""]
    for name in view_names():
        source = folder.joinpath(f"views/{name}").read_text(encoding="utf-8")
        comment = " ".join(line.removeprefix("--").strip() for line in source.splitlines() if line.startswith("--"))
        lines += [f"### {name.split('_', 1)[1].removesuffix('.sql')}", "", comment, ""]
    return "\n".join(lines)


if __name__ == "__main__":
    print(data_dictionary(), end="")

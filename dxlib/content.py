"""What a warehouse holds, as a hash for each municipality and two for what all share: by them a report sees whether rows changed.

A hash is over the rows of the tables of ``sql/schema.sql``, whatever their order; what all share has the SQL of views and rules
beside its rows, because tables made from rows follow from both. The same gives the same hashes on every machine.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from importlib.resources import files

import duckdb

CONTENT = "content"
_VERSION = "schema_version"  # of the form of all tables; says nothing about rows
SHARED = "shared"
MUNICIPALITIES = "municipalities"
_NOT_OF_ONE = "('country', 'prefecture')"  # areas whose figures are no municipality's


def _tables() -> list[str]:
    schema = files("dxlib").joinpath("sql/schema.sql").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"^CREATE TABLE (\w+)", schema, re.MULTILINE)) - {CONTENT, _VERSION})


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Columns of each table, by name: their order says nothing."""
    found: dict[str, list[str]] = {table: [] for table in _tables()}
    rows = connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = current_database() ORDER BY ALL"
    ).fetchall()
    for table, column in rows:
        if table in found:
            found[table].append(column)
    return found


def _parts(table: str, columns: list[str]) -> Iterator[tuple[str, str]]:
    """Scope and rows of what a table adds to: expressions over ``t``, and over ``d``, its document."""
    if table == "municipality":
        yield f"'{MUNICIPALITIES}'", "municipality t"
        yield "t.code", "municipality t"
    elif table == "reference_value":
        yield (
            f"CASE WHEN t.area_kind IN {_NOT_OF_ONE} THEN '{SHARED}' ELSE '{MUNICIPALITIES}' END",
            "reference_value t",
        )
        yield (
            "t.municipality_code",
            f"reference_value t JOIN municipality m ON m.code = t.municipality_code AND t.area_kind NOT IN {_NOT_OF_ONE}",
        )
    elif table == "document":
        yield "t.municipality_code", "document t"
    elif "document_id" in columns:
        yield "d.municipality_code", f"{table} t JOIN document d ON d.document_id = t.document_id"
    elif "indicator_id" in columns:
        yield (
            "d.municipality_code",
            f"{table} t JOIN indicator i ON i.indicator_id = t.indicator_id JOIN document d ON d.document_id = i.document_id",
        )
    else:
        yield f"'{SHARED}'", f"{table} t"


def _cell(expression: str) -> str:
    """A cell so that no two rows look alike: its length before it, and a mark for NULL."""
    return f"coalesce(strlen({expression}::VARCHAR) || ':' || {expression}::VARCHAR, '-')"


def _gathered(name: str, scope: str, cells: list[str], source: str) -> str:
    row = " || ".join(map(_cell, cells))
    return (
        f"INSERT INTO content_part SELECT scope, '{name}', sha256(string_agg(digest, '' ORDER BY digest)) "
        f"FROM (SELECT {scope} AS scope, md5({row}) AS digest FROM {source}) GROUP BY scope"
    )


_HAS_DOCUMENT = "(SELECT DISTINCT municipality_code FROM document) t"
_HAS_THEME = """
    (
        SELECT DISTINCT d.municipality_code, x.theme_id
        FROM indicator_theme x
        JOIN indicator i ON i.indicator_id = x.indicator_id
        JOIN document d ON d.document_id = i.document_id
        WHERE x.theme_id IS NOT NULL
    ) t
"""


def _definitions() -> str:
    """A hash of the views, rules and tables that a build makes from the rows: rows that stay may mean something else."""
    folder = files("dxlib").joinpath("sql")
    found = hashlib.sha256()
    for part in ("views", "audit"):
        for entry in sorted(folder.joinpath(part).iterdir(), key=lambda entry: entry.name):
            found.update(f"{part}/{entry.name}\n".encode())
            found.update(entry.read_bytes())
    return found.hexdigest()


def fill_content(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the table ``content`` from the other tables of the schema.

    Its scopes: each municipality's code, for all rows that are about it, its documents or its indicators; ``shared``, for the
    rows about none; ``municipalities``, for the table of municipalities and their official figures, and for which of them have a
    document and indicators of which theme.

    Args:
        connection: a warehouse whose tables are filled; what was in ``content`` is replaced.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE content_part (scope VARCHAR, name VARCHAR, sha256 VARCHAR)")
    for table, columns in _columns(connection).items():
        for scope, source in _parts(table, columns):
            name = f"{table}({','.join(columns)})"
            connection.execute(_gathered(name, scope, [f't."{column}"' for column in columns], source))
    for columns, source in ((["municipality_code"], _HAS_DOCUMENT), (["municipality_code", "theme_id"], _HAS_THEME)):
        connection.execute(_gathered(f"who has {columns[-1]}", f"'{MUNICIPALITIES}'", [f"t.{c}" for c in columns], source))
    connection.execute("INSERT INTO content_part VALUES (?, 'sql', ?)", [SHARED, _definitions()])
    connection.execute(
        f"""
        DELETE FROM {CONTENT};
        INSERT INTO {CONTENT}
        SELECT s.scope, sha256(coalesce(string_agg(p.name || '=' || p.sha256, ' ' ORDER BY p.name), ''))
        FROM (SELECT code AS scope FROM municipality UNION SELECT unnest(['{MUNICIPALITIES}', '{SHARED}'])) s
        LEFT JOIN content_part p USING (scope)
        GROUP BY s.scope ORDER BY s.scope;
        DROP TABLE content_part
        """
    )

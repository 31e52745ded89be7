"""The tables that a build makes by SQL, made again in memory from the rows they are made of, and compared row by row."""

from __future__ import annotations

import duckdb

from dxlib.verify.opened import BUILD, Opened
from dxlib.verify.proof import Check, Proof, shown
from dxlib.warehouse import create_views

_NAMED = 10
_EDITED = f"the table was edited, or made by another version of dxlib; {BUILD}"


def check_derived(proof: Proof, opened: Opened) -> None:
    """Every table made by SQL."""
    proof.run("derived", "rows of tables made by SQL are what it makes of the others", lambda c: _derived(c, opened))


def _derived(check: Check, opened: Opened) -> None:
    connection = opened.connection
    connection.execute("USE memory")
    try:
        for table in opened.columns:
            connection.execute(f"CREATE VIEW memory.{table} AS FROM warehouse.{table}")
        create_views(connection)
        made = [
            name
            for (name,) in connection.execute(
                "SELECT table_name FROM duckdb_tables() WHERE database_name = 'memory' AND NOT temporary ORDER BY table_name"
            ).fetchall()
        ]
        for table in made:
            _compare(check, connection, table)
        stored = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'warehouse'").fetchall()
        for name in sorted({name for (name,) in stored} - {*made, *opened.columns}):
            check.wrong(f"table {name}", "is no table that a build makes", BUILD)
    finally:
        connection.execute("USE warehouse")


def _compare(check: Check, connection: duckdb.DuckDBPyConnection, table: str) -> None:
    try:
        for one, other, said in (
            ("warehouse", "memory", "stands in the warehouse, and does not follow from its rows"),
            ("memory", "warehouse", "follows from the rows of the warehouse, and is not in it"),
        ):
            found = connection.execute(f"FROM {one}.{table} EXCEPT ALL FROM {other}.{table} LIMIT {_NAMED}")
            for row in found.fetchall():
                check.wrong(f"table {table}", f"{shown(row, 200)} {said}", _EDITED)
        check.proved(connection.execute(f"SELECT count(*) FROM memory.{table}").fetchall()[0][0])
    except duckdb.Error as error:
        check.wrong(f"table {table}", f"is missing, or has other columns: {str(error).splitlines()[0]}", BUILD)

"""A warehouse opened to be proved: read-only, beside an empty database in memory, with nothing written anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb

from dxlib.errors import WarehouseError
from dxlib.project import Project
from dxlib.warehouse import open_read_only, schema_sql

Record = dict[str, Any]
BUILD = "run: dxlib build"
EDITED = "somebody or something changed it after the build; run: dxlib build"
_OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "temp_directory": "",  # what does not fit in memory must not be written either
}


class Opened:
    """The warehouse of a workbench, and the tables that checks ask for, each fetched once.

    Raises:
        WarehouseError: it is not built, cannot be read, or has tables of another version of dxlib.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        open_read_only(project).close()  # its errors say what is wrong
        self.connection = duckdb.connect(config=_OFFLINE)
        self.connection.execute("SET enable_progress_bar = false")
        path = project.warehouse.as_posix().replace("'", "''")
        self.connection.execute(f"ATTACH '{path}' AS warehouse (READ_ONLY)")
        self.connection.execute("USE warehouse")
        self.columns = self._columns()
        self._tables: dict[str, list[Record]] = {}

    def close(self) -> None:
        """Close it."""
        self.connection.close()

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _columns(self) -> dict[str, dict[str, str]]:
        """Type by column of each table of the schema, as the package has it; the warehouse must have the same.

        A plain connection beside, because the schema is created in it.
        """
        with duckdb.connect(config=_OFFLINE) as beside:
            beside.execute("\n".join(line for line in schema_sql().splitlines() if not line.startswith("COMMENT")))
            expected = _types(beside.execute(_TYPES.format("NOT internal")).fetchall())
        found = _types(self.connection.execute(_TYPES.format("database_name = 'warehouse'")).fetchall())
        for table, columns in expected.items():
            if found.get(table) != columns:
                raise WarehouseError(
                    f"table {table} is not as this version of dxlib makes it",
                    code="verify-schema",
                    where=str(self.project.warehouse),
                    hint="build it again with this version: dxlib build",
                )
        return expected

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a question."""
        return self.connection.execute(sql, list(params)).fetchall()

    def records(self, sql: str, params: Sequence[object] = ()) -> list[Record]:
        """The rows of a question, by column."""
        relation = self.connection.execute(sql, list(params))
        names = [column[0] for column in relation.description or ()]
        return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]

    def table(self, name: str) -> list[Record]:
        """All rows of a table, in the order in which they were loaded."""
        if name not in self._tables:
            self._tables[name] = self.records(f"SELECT * FROM {name} ORDER BY rowid")
        return self._tables[name]

    def owners(self) -> dict[str, str]:
        """The municipality of each document."""
        return {row["document_id"]: row["municipality_code"] for row in self.table("document")}


_TYPES = (
    "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE {} AND schema_name = 'main' "
    "ORDER BY table_name, column_index"
)


def _types(rows: list[tuple[Any, ...]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def published_day(printed: str | None) -> date | None:
    """The day by which something published is known: the last day of the printed year, month or day.

    >>> published_day("2026"), published_day("2026-04"), published_day(None)
    (datetime.date(2026, 12, 31), datetime.date(2026, 4, 30), None)
    """
    if not printed:
        return None
    parts = [int(part) for part in printed.split("-")]
    if len(parts) == 3:
        return date(*parts)
    year, month = parts[0], parts[1] if len(parts) == 2 else 12
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)

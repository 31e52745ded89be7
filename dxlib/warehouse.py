"""Build the warehouse atomically, and open it read-only.

The tables are written as CSV (committed, so that a review shows what changed) and loaded into
DuckDB under the constraints of ``sql/schema.sql``. A failed build leaves the last good state.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb
import psutil

from dxlib.assembly import assemble, written
from dxlib.content import CONTENT, fill_content
from dxlib.errors import QueryError, WarehouseError
from dxlib.hold import hold_data
from dxlib.municipality import master
from dxlib.project import Project
from dxlib.readings import sweep
from dxlib.sanity import check_sane
from dxlib.whole import BUILD, clear, put

# Nothing may be fetched: the warehouse needs no extension, and a closed network must not be waited for.
_OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made.

    Attributes:
        counts: rows by table.
        unused: lines with numbers that gave no fact, by reason.
        findings: number of findings by kind and severity.
        notes: what else to know about a document or municipality.
        read, kept: documents that were read, and those whose reading was kept from an earlier build.
        sanity: what to know beside the last build (`dxlib.sanity`): losses that were accepted, gains, documents without facts.
    """

    counts: dict[str, int]
    unused: dict[str, int]
    findings: dict[str, dict[str, int]]
    notes: list[str]
    read: int
    kept: int
    sanity: list[str]


# What DuckDB raises when rows break a rule, and when disk or memory do not suffice.
_BROKEN = (duckdb.IntegrityError, duckdb.DataError, duckdb.ProgrammingError)
_NO_ROOM = (duckdb.OperationalError, duckdb.FatalException, duckdb.InternalError)
_LEAST_MEMORY = 500_000_000  # bytes
_MEMORY_A_BYTE = 3  # of CSV: the indexes of its keys have room
_SHARE_OF_MEMORY = 0.8
_SMALL = 10_000_000  # bytes of CSV
_SMALL_BLOCK = "16384"  # bytes

# A question may neither write a file (COPY … TO) nor read one, nor lift these bounds.
_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    **_OFFLINE,
    "enable_external_access": "false",
    "lock_configuration": "true",
}

# The raw lines are in data/raw already, rules and words in the package, official figures beside them as they were imported;
# a second copy in git would only be noise.
NOT_IN_CSV = frozenset(["source_line", "rule", "word", "reference_value"])
VERSION = "schema_version"
COMPUTED = frozenset([CONTENT, VERSION])  # from the other tables, once they are loaded, or by the schema itself


def _sql(name: str) -> str:
    return files("dxlib").joinpath(f"sql/{name}").read_text(encoding="utf-8")


def schema_sql() -> str:
    """The statements that create the empty tables."""
    return _sql("schema.sql")


@cache
def schema_version() -> int:
    """The version of the tables, views and macros, as ``schema.sql`` states it."""
    return int(re.findall(rf"^INSERT INTO {VERSION} VALUES \((\d+)\);", schema_sql(), re.MULTILINE)[0])


def view_names() -> list[str]:
    """The view files of ``sql/views``, in the order they build on each other."""
    folder = files("dxlib").joinpath("sql/views")
    return sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))


def audit_rules() -> list[str]:
    """The audit rules that have a computation in ``sql/audit``."""
    folder = files("dxlib").joinpath("sql/audit")
    return sorted(entry.name.removesuffix(".sql") for entry in folder.iterdir() if entry.name.endswith(".sql"))


def schema_columns() -> dict[str, list[str]]:
    """Columns of each table of the schema, in the order in which tables depend on each other."""
    return {table: list(columns) for table, columns in _schema_columns()}


@cache  # DuckDB needs a while to make the tables, and the schema stays the same
def _schema_columns() -> tuple[tuple[str, tuple[str, ...]], ...]:
    statements = [line for line in schema_sql().splitlines() if not line.startswith("COMMENT")]
    with duckdb.connect(config=_OFFLINE) as connection:
        connection.execute("\n".join(statements))
        rows = connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal ORDER BY table_oid, column_index"
        ).fetchall()
    columns: dict[str, list[str]] = {}
    for table, column in rows:
        columns.setdefault(table, []).append(column)
    return tuple((table, tuple(names)) for table, names in columns.items())


def _default_macros() -> list[str]:
    """compare_pairs_now and compare_group_now: the macros for the question asked by default.

    They read what the build made once (basis_now) in place of basis_at, whose planning alone takes a third of the time. The
    text is that of the general macros, so that both are one definition; a test compares their signatures and answers.
    """
    source = _sql("views/12_comparison.sql")
    asked = "basis_at(for_theme, for_role, for_year, within_years, interpolate, as_known_on)"
    made = "(FROM basis_now WHERE for_theme IS NULL OR theme_id = for_theme)"
    macros = re.findall(r"^CREATE MACRO .*?;$", source, re.MULTILINE | re.DOTALL)
    for aligned in ("for_role, for_year, within_years, interpolate, ", ", as_known_on"):
        macros = [macro.replace(asked, made).replace(aligned, "") for macro in macros]
    return [re.sub(r"^CREATE MACRO (\w+)", r"CREATE MACRO \1_now", macro) for macro in macros]


def create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the views and macros of ``sql/views`` in a warehouse whose tables are filled.

    The rules of ``sql/audit``, one SELECT a file, are what the last view reads as ``raw_finding``.
    """
    *views, last = view_names()
    for view in views:
        connection.execute(_sql(f"views/{view}"))
    for macro in _default_macros():
        connection.execute(macro)
    rules = [f"SELECT '{rule}' AS rule_id, * FROM ({_sql(f'audit/{rule}.sql')})" for rule in audit_rules()]
    connection.execute(_sql(f"views/{last}").replace("raw_finding", f"({' UNION ALL BY NAME '.join(rules)})", 1))


def _sizes(folder: Path) -> dict[str, str | bool | int | float | list[str]]:
    """What suits the size of the CSV files: memory that DuckDB may use, and blocks of the file.

    All of a small workbench is in memory; of a large one DuckDB puts aside on the disk what it does not need just now. Every
    column takes a block: of a small workbench blocks of the usual size would be empty for the most part: 28 MB instead of 3.
    """
    size = sum(path.stat().st_size for path in folder.glob("*.csv"))
    most = int(psutil.virtual_memory().total * _SHARE_OF_MEMORY)
    limit = f"{min(max(_LEAST_MEMORY, _MEMORY_A_BYTE * size), most) // 1_000_000}MB"
    return {"memory_limit": limit, **({"default_block_size": _SMALL_BLOCK} if size < _SMALL else {})}


def _load(path: Path, folder: Path, tables: list[str]) -> None:
    with duckdb.connect(str(path), config=_OFFLINE | _sizes(folder)) as connection:
        connection.execute("SET enable_progress_bar = false")  # at a prompt DuckDB would draw one into the program's output
        connection.execute("BEGIN TRANSACTION")  # one commit instead of hundreds
        connection.execute(schema_sql())
        for table in tables:
            source = (folder / f"{table}.csv").as_posix().replace("'", "''")
            try:
                connection.execute(
                    f"COPY {table} FROM '{source}' (HEADER, DELIM ',', QUOTE '\"', ESCAPE '\"', ALLOW_QUOTED_NULLS false)"
                )
            except _BROKEN as error:
                raise WarehouseError(
                    f"table {table} breaks a rule of the schema: {error}",
                    code="warehouse-constraint",
                    where="dxlib/sql/schema.sql",
                    hint="this is a defect of a reader or a decision; the last good warehouse is untouched",
                ) from error
        connection.execute("COMMIT")  # what is committed need not stay in memory while the rest is computed
        connection.execute("BEGIN TRANSACTION")
        fill_content(connection)
        create_views(connection)
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")


def _publish(folder: Path, project: Project, tables: list[str]) -> None:
    """Put the finished files in place as one; the database, which others may have open, is the last to be renamed."""
    project.tables.mkdir(parents=True, exist_ok=True)
    names = [f"{table}.csv" for table in tables if table not in NOT_IN_CSV]
    stale = [path for path in project.tables.glob("*.csv") if path.name not in names]
    put(folder, {**{name: project.tables / name for name in names}, "dx.duckdb": project.warehouse}, stale)


def build(project: Project, progress: Callable[[str], None] | None = None, jobs: int = 1, accept: bool = False) -> Built:
    """Build the CSV tables and the DuckDB file from ``data/raw`` and the decisions.

    Everything is made in a folder beside and then put in place as one: until the very end the
    last good state is untouched. A build that meets another one waits for it. Only documents that changed since the last
    build are read; their readings are kept in ``data/curated/.readings``.

    Args:
        project: the workbench.
        progress: called with each document's id when it was read.
        jobs: how many processes may read at a time, where there is enough to read; with 1 everything is read in this one. A
            script that asks for more needs the guard ``if __name__ == "__main__"``.
        accept: publish also when documents lost more than ``sanity.toml`` allows against the last build.

    Raises:
        DxlibError: a document, origin or decision is wrong, too much was lost, or nobody may write; nothing was changed.
    """
    columns = {table: names for table, names in schema_columns().items() if table not in COMPUTED}
    with hold_data(project):
        with written(project.curated):
            folder = Path(tempfile.mkdtemp(prefix=BUILD, dir=project.curated))
        try:
            made = assemble(project, folder, columns, jobs, progress)
            with written(project.curated):
                try:
                    _load(folder / "dx.duckdb", folder, list(columns))
                except _NO_ROOM as error:
                    raise OSError(str(error)) from error
                sanity = check_sane(folder / "dx.duckdb", project.warehouse, made.counts, accept)
                _publish(folder, project, list(columns))
                sweep(project.readings, made.keys)
        finally:
            clear(folder)
    return Built(
        dict(made.counts),
        dict(sorted(made.unused.items(), key=lambda item: (-item[1], item[0]))),
        _count_findings(project),
        [
            *(f"{document_id} was decoded from CP932 (Shift_JIS)" for document_id in made.old_encoding),
            *(
                f"[municipality-not-in-master] {code} {name} is not in the master of municipalities; is the code right?"
                for code, name in made.municipalities
                if code not in master()
            ),
        ],
        made.read,
        made.kept,
        sanity,
    )


def _count_findings(project: Project) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {"audit": {}, "quality": {}}
    with connect(project) as connection:
        for kind, severity, count in connection.execute(
            "SELECT kind, severity, count(*) FROM finding GROUP BY ALL ORDER BY kind, count(*) DESC, severity"
        ).fetchall():
            counts[kind][severity] = count
    return counts


@contextmanager
def connect(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the built warehouse; any number of readers may be open.

    Raises:
        WarehouseError: it was not built yet, cannot be read, or is of another version.
    """
    connection = open_read_only(project)
    try:
        yield connection
    finally:
        connection.close()


def open_read_only(project: Project, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """Like `connect`, for callers that keep the connection.

    Args:
        project: the workbench.
        threads: how many threads answer a question; None for one a core.

    Raises:
        WarehouseError: it was not built yet, cannot be read, or is of another version.
    """
    if not project.warehouse.exists():
        raise WarehouseError(
            "the warehouse is not built yet", code="warehouse-missing", where=str(project.warehouse), hint="run: dxlib build"
        )
    try:
        bounds = {"threads": threads} if threads else {}
        # A cursor, because where DuckDB takes the program for a person at a prompt, a connection draws a bar into its output.
        connection = duckdb.connect(str(project.warehouse), read_only=True, config={**_CLOSED, **bounds}).cursor()
    except duckdb.Error as error:
        raise WarehouseError(
            f"the warehouse cannot be opened: {error}",
            code="warehouse-unreadable",
            where=str(project.warehouse),
            hint="close a program that writes to it, or run: dxlib build",
        ) from error
    _check_version(connection, project)
    return connection


def _check_version(connection: duckdb.DuckDBPyConnection, project: Project) -> None:
    """Raise, and close it, when a warehouse is not of this version."""
    try:
        found = connection.execute(f"SELECT version FROM {VERSION}").fetchall()
    except duckdb.CatalogException:  # from before versions were noted
        found = []
    version = max((row[0] for row in found), default=1)
    if version == schema_version():
        return
    connection.close()
    is_older = version < schema_version()
    raise WarehouseError(
        f"the warehouse is of version {version}, this dxlib reads version {schema_version()}",
        code="warehouse-older" if is_older else "warehouse-newer",
        where=str(project.warehouse),
        hint="run: dxlib build; it makes the warehouse anew from data/" if is_older else "update dxlib on this machine",
    )


def query(connection: duckdb.DuckDBPyConnection, sql: str, params: Sequence[object] = ()) -> duckdb.DuckDBPyRelation:
    """Run one question in SQL.

    Raises:
        QueryError: the SQL is wrong, gives no table, or tries to write.
    """
    try:
        relation = connection.sql(sql, params=list(params)) if params else connection.sql(sql)
    except (duckdb.Error, UnicodeEncodeError) as error:
        raise QueryError(
            str(error),
            code="query-failed",
            hint="tables and columns are listed in docs/data-dictionary.md; the warehouse is read-only",
        ) from error
    if relation is None:
        raise QueryError("the statement gives no table", code="query-failed", hint="ask with SELECT")
    return relation

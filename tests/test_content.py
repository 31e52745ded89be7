import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT

from dxlib import content
from dxlib.content import CONTENT, MUNICIPALITIES, SHARED, _tables, fill_content
from dxlib.project import Project
from dxlib.warehouse import build, connect, schema_columns

sys.path.append(str(ROOT / "bench"))

from generate import generate

Hashes = dict[str, str]
TABLES = _tables()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("content") / "small.duckdb"
    generate(path, municipalities=3, indicators=4, years=2)
    return path


def hashes(connection: duckdb.DuckDBPyConnection) -> Hashes:
    fill_content(connection)
    return dict(connection.execute(f"FROM {CONTENT}").fetchall())


def free_copy(path: Path, order: str = "ALL") -> duckdb.DuckDBPyConnection:
    """The tables without their constraints, so that any cell can be changed; those that are empty get rows."""
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{path}' AS source (READ_ONLY)")
    for table in [*TABLES, CONTENT]:
        connection.execute(f"CREATE TABLE {table} AS FROM source.{table} ORDER BY {order}")
    connection.execute("DETACH source")
    document = connection.execute("SELECT min(document_id) FROM document").fetchone()[0]
    connection.execute(
        f"INSERT INTO correction BY NAME SELECT 'c1' AS correction_id, '{document}' AS document_id, true AS applies"
    )
    connection.execute(f"INSERT INTO decided_fact BY NAME SELECT 'f1' AS fact_key, '{document}' AS document_id")
    connection.execute(
        "INSERT INTO recorded_actual BY NAME SELECT 'r1' AS recorded_id, min(indicator_id) AS indicator_id FROM indicator"
    )
    connection.execute("INSERT INTO reference_item BY NAME SELECT 'i' AS item, 1 AS position")
    connection.execute("INSERT INTO reference_facet BY NAME SELECT 'i' AS item, 'f' AS facet, 'v' AS value")
    return connection


def changed(before: Hashes, after: Hashes) -> set[str]:
    return {scope for scope in before | after if before.get(scope) != after.get(scope)}


def owner(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> set[str]:
    """Where the first row of a table belongs, by the text of its ids: fictional ids begin with the code."""
    row = connection.execute(f"SELECT * FROM {table} WHERE rowid = 0").fetchone()
    cells = dict(zip(columns, row, strict=True))
    if table == "municipality":
        return {cells["code"], MUNICIPALITIES}
    if table == "reference_value":
        return {cells["municipality_code"], MUNICIPALITIES}
    named = cells.get("document_id") or cells.get("indicator_id")
    return {named[:6]} if named else {SHARED}


CHANGES: dict[str, Callable[[str], str]] = {
    "VARCHAR": lambda c: f"coalesce({c}, '') || '変'",
    "INTEGER": lambda c: f"coalesce({c}, 0) + 1",
    "DOUBLE": lambda c: f"coalesce({c}, 0) + 0.001",
    "DATE": lambda c: f"(coalesce({c}, DATE '2020-01-01') + INTERVAL 1 DAY)::DATE",
    "BOOLEAN": lambda c: f"NOT coalesce({c}, false)",
}


ALWAYS = ("observation", "municipality", "reference_value", "theme")  # the others in the long run


@pytest.mark.parametrize("table", [pytest.param(t, marks=[] if t in ALWAYS else [pytest.mark.long]) for t in TABLES])
def test_any_changed_cell_changes_the_hash_of_its_municipality_and_of_no_other(
    small: Path, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if table not in ("document", "indicator", "municipality"):  # others say nothing about where a row of another table belongs
        monkeypatch.setattr(content, "_tables", lambda: [table])
    with free_copy(small) as connection:
        before = hashes(connection)
        codes = set(before) - {SHARED, MUNICIPALITIES}
        assert len(codes) == 3
        columns = connection.execute(
            f"SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '{table}'"
        ).fetchall()
        expected = owner(connection, table, [name for name, _ in columns])
        connection.execute("CREATE TEMP TABLE kept AS FROM " + table)
        for column, kind in columns:
            connection.execute(f'UPDATE {table} SET "{column}" = {CHANGES[kind](column)} WHERE rowid = 0')
            found = changed(before, hashes(connection))
            if table == "municipality" and column == "code":  # it is another municipality now
                assert expected <= found, column
                assert found & codes == expected & codes
            elif (table, column) in {("reference_value", "area_kind"), ("reference_value", "municipality_code")}:  # it moved
                assert expected <= found | {SHARED}, column
                assert found & codes == expected & codes
            else:
                assert expected <= found, column
                assert found & codes == expected & codes, column
                assert SHARED not in found - expected, column
            connection.execute(f"CREATE OR REPLACE TABLE {table} AS FROM kept")
        assert hashes(connection) == before


def test_null_is_not_an_empty_text_and_cells_do_not_run_together(small: Path) -> None:
    with free_copy(small) as connection:
        told = set()
        for one, other in (("'ab'", "'c'"), ("'a'", "'bc'"), ("''", "'abc'"), ("NULL", "'abc'"), ("'-'", "'abc'")):
            connection.execute(f"UPDATE measure SET section = {one}, summary = {other} WHERE rowid = 0")
            told.add(tuple(sorted(hashes(connection).items())))
        assert len(told) == 5


def test_the_same_rows_in_another_order_have_the_same_hashes(small: Path) -> None:
    with free_copy(small) as one, free_copy(small, "ALL DESC") as other:
        assert hashes(one) == hashes(other)


def test_a_new_theme_of_a_municipality_is_seen_by_all(small: Path) -> None:
    with free_copy(small) as connection:
        before = hashes(connection)
        connection.execute("UPDATE indicator_theme SET theme_id = 'another' WHERE rowid = 0")
        code = connection.execute("SELECT left(indicator_id, 6) FROM indicator_theme WHERE rowid = 0").fetchone()[0]
        assert changed(before, hashes(connection)) == {code, MUNICIPALITIES}


def test_national_figures_are_shared(small: Path) -> None:
    with free_copy(small) as connection:
        before = hashes(connection)
        connection.execute("INSERT INTO reference_value BY NAME SELECT '000000' AS municipality_code, 'country' AS area_kind")
        assert changed(before, hashes(connection)) == {SHARED}


def test_the_hashes_of_the_workbench_are_there_and_stay(built: Project, unread: Project) -> None:
    build(unread)
    with connect(built) as one, connect(unread) as other:
        rows = one.execute(f"FROM {CONTENT} ORDER BY scope").fetchall()
        assert rows == other.execute(f"FROM {CONTENT} ORDER BY scope").fetchall()
        codes = [code for (code,) in one.execute("SELECT code FROM municipality").fetchall()]
    assert sorted([*codes, SHARED, MUNICIPALITIES]) == [scope for scope, _ in rows]
    assert len({sha256 for _, sha256 in rows}) == len(rows)


def test_a_decision_about_one_municipality_changes_its_hash_only(project: Project) -> None:
    def now() -> Hashes:
        build(project)
        with connect(project) as connection:
            return dict(connection.execute(f"FROM {CONTENT}").fetchall())

    before = now()
    facets = project.curated / "facets.csv"
    lines = facets.read_text(encoding="utf-8").splitlines(keepends=True)
    place = next(n for n, line in enumerate(lines) if line.startswith("242039") and ",higher," in line)
    lines[place] = lines[place].replace(",higher,", ",lower,")
    facets.write_text("".join(lines), encoding="utf-8")
    assert changed(before, now()) == {"242039"}


def test_every_table_of_the_schema_is_in_the_hashes() -> None:
    assert {*TABLES, CONTENT, "schema_version"} == set(schema_columns())


def test_other_definitions_are_another_content(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with free_copy(small) as connection:
        before = hashes(connection)
        monkeypatch.setattr("dxlib.content._definitions", lambda: "others")
        assert changed(before, hashes(connection)) == {"shared"}

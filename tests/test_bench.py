"""The generator of the bench makes a valid warehouse, always the same; pandas and SQL agree about it."""

import sys
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT

from dxlib.municipality import check_code

sys.path.append(str(ROOT / "bench"))

import plain_pandas
import themes
from generate import generate


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "small.duckdb"
    generate(path, municipalities=20)
    return path


@pytest.fixture(scope="module")
def connection(small: Path) -> duckdb.DuckDBPyConnection:
    return themes.open_warehouse(small)


def one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple:
    (row,) = connection.sql(sql).fetchall()
    return row


def contents(path: Path) -> dict[str, list[tuple]]:
    with themes.open_warehouse(path) as connection:
        tables = themes.names(connection, "SELECT table_name FROM duckdb_tables() WHERE NOT internal ORDER BY 1")
        return {table: connection.sql(f"FROM {table} ORDER BY ALL").fetchall() for table in tables}


@pytest.mark.long
def test_sizes(connection: duckdb.DuckDBPyConnection) -> None:
    assert one(connection, "SELECT count(*) FROM municipality") == (20,)
    assert one(connection, "SELECT count(*), count(DISTINCT document_id) FROM indicator") == (800, 20)
    assert one(connection, "SELECT min(fiscal_year), max(fiscal_year) FROM observation") == (2023, 2028)
    assert one(connection, "SELECT count(DISTINCT theme_id) = (SELECT count(*) FROM theme) FROM definition") == (True,)


def test_municipalities_are_valid_and_fictional(connection: duckdb.DuckDBPyConnection) -> None:
    for code in themes.names(connection, "SELECT code FROM municipality"):
        assert check_code(code) == code
        assert code >= "48"


def test_every_quote_stands_in_its_line(connection: duckdb.DuckDBPyConnection) -> None:
    for table in (
        "measure",
        "measure_attribute",
        "milestone",
        "indicator",
        "observation",
        "evaluation",
        "statistic",
        "list_item",
    ):
        missing = f"SELECT count(*) FROM {table} t LEFT JOIN source_line s USING (document_id, line) WHERE NOT coalesce(contains(s.text, t.quote), false)"
        assert one(connection, missing) == (0,), table
    assert one(connection, "SELECT count(*) FROM source_line JOIN document USING (document_id) WHERE line > line_count") == (0,)


def test_values_have_the_irregularities_of_plans(connection: duckdb.DuckDBPyConnection) -> None:
    shares = """
        SELECT avg((missing IS NOT NULL)::INT) BETWEEN 0.03 AND 0.07, count(numerator) > 0, count(relative_year) > 0, count(value_text) > 0,
            count(*) FILTER (fiscal_year IS NULL AND relative_year IS NULL) > 0
        FROM observation
    """
    assert one(connection, shares) == (True,) * 5
    for table in ("evaluation", "milestone", "statistic", "recorded_actual", "list_item", "reference_value"):
        assert one(connection, f"SELECT count(*) > 0 FROM {table}") == (True,), table
    assert one(connection, "SELECT count(*) > 0 FROM facet WHERE value = 'unknown'") == (True,)
    assert one(connection, "SELECT count(DISTINCT definition_id) > 1 FROM definition WHERE theme_id = 'online_procedures'") == (
        True,
    )


@pytest.mark.long
def test_the_same_arguments_give_the_same_rows(small: Path, tmp_path: Path) -> None:
    generate(tmp_path / "again.duckdb", municipalities=20)
    assert contents(tmp_path / "again.duckdb") == contents(small)


@pytest.mark.long
def test_another_seed_gives_other_values(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    generate(tmp_path / "other.duckdb", municipalities=1, indicators=4, years=2, seed=1)
    ours = connection.sql("SELECT value FROM observation ORDER BY observation_id LIMIT 4").fetchall()
    with themes.open_warehouse(tmp_path / "other.duckdb") as other:
        assert other.sql("SELECT value FROM observation ORDER BY observation_id LIMIT 4").fetchall() != ours


def test_pandas_and_sql_make_the_same_sets(connection: duckdb.DuckDBPyConnection) -> None:
    tables = plain_pandas.load(connection)
    listed = themes.names(
        connection, "SELECT DISTINCT theme_id FROM definition ANTI JOIN theme_transformation USING (theme_id) ORDER BY 1"
    )
    assert listed
    for theme in listed:
        by_pandas = plain_pandas.compare_group(tables, theme)
        by_sql = connection.sql(themes.group_sql(theme)).df()
        assert plain_pandas.sets_of(by_sql) == plain_pandas.sets_of(by_pandas)
        assert max(plain_pandas.sets_of(by_sql).values(), default=0) > 0
        columns = ["indicator_id", "result_id", "role", "quote", "verdict"]
        left, right = (frame[columns].sort_values("indicator_id").fillna("").to_numpy().tolist() for frame in (by_sql, by_pandas))
        assert left == right
    assert themes.same_sets(connection, tables)[1]


def test_the_pairs_of_pandas_are_the_pairs_of_sql(connection: duckdb.DuckDBPyConnection) -> None:
    codes = themes.names(connection, "SELECT code FROM municipality ORDER BY code LIMIT 5")
    by_sql = connection.sql(themes.pairs_sql("satisfaction", codes)).df()
    by_pandas = plain_pandas.compare_pairs(plain_pandas.load(connection), "satisfaction", codes)
    assert (
        by_sql[["left_id", "right_id", "verdict"]].to_numpy().tolist()
        == by_pandas[["indicator_id_left", "indicator_id_right", "verdict"]].to_numpy().tolist()
    )


def test_every_view_is_measured_but_the_quadratic_one(connection: duckdb.DuckDBPyConnection) -> None:
    measured = {row["view"] for row in themes.measured_views(connection, repeats=1)}
    views = set(themes.names(connection, "SELECT view_name FROM duckdb_views() WHERE NOT internal"))
    assert views - measured == {"comparison"}

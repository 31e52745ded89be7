"""Measure the comparisons and views on a synthetic warehouse, beside the same comparison in plain pandas.

    python bench/themes.py
    python bench/themes.py --municipalities 200

Times are medians of warm runs on two threads, every row fetched into Arrow. The exit code is 1 when a budget is missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
from generate import generate
from plain_pandas import LEFT_OUT, Tables, compare_group, compare_pairs, load, sets_of
from tabulate import tabulate

COMPARISON_BUDGET_MS = 100.0
VIEWS_BUDGET_MS = 5000.0
CHOSEN = 20
QUADRATIC = ("comparison", "compare_pairs")  # all pairs of all municipalities
# What a macro is asked for all themes, by the names of its parameters.
DEFAULTS = {
    "for_theme": "NULL::VARCHAR",
    "codes": "NULL::VARCHAR[]",
    "for_role": "'latest'",
    "for_year": "NULL::INTEGER",
    "within_years": "0",
    "interpolate": "false",
    "as_known_on": "NULL::DATE",
}
Connection = duckdb.DuckDBPyConnection


def open_warehouse(path: Path) -> Connection:
    """Read-only, on two threads, without a network."""
    offline = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    connection = duckdb.connect(str(path), read_only=True, config={"threads": 2, **offline})
    connection.execute("SET enable_progress_bar = false")
    return connection


def measure(action: Callable[[], int], repeats: int) -> tuple[float, int]:
    """Median time in milliseconds of some runs after a first one, and the rows of the last.

    Args:
        action: does the work and says how many rows it made.
        repeats: how many runs count.
    """
    rows = action()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        rows = action()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times), rows


def fetched(connection: Connection, sql: str) -> Callable[[], int]:
    """An action that runs a question and fetches all rows and columns."""
    return lambda: connection.sql(sql).to_arrow_table().num_rows


def names(connection: Connection, sql: str) -> list[str]:
    """The first column of a question."""
    return [row[0] for row in connection.sql(sql).fetchall()]


def group_sql(theme: str) -> str:
    """The comparison of all municipalities in a theme."""
    return f"FROM compare_group_now('{theme}', NULL::VARCHAR[])"


def pairs_sql(theme: str, codes: list[str]) -> str:
    """The pairs of some municipalities in a theme."""
    return f"FROM compare_pairs_now('{theme}', {codes}, NULL::INTEGER)"


def measured_themes(connection: Connection, tables: Tables, repeats: int) -> Iterator[dict[str, object]]:
    """One row a theme: what SQL and pandas need for its comparison."""
    codes = names(connection, f"SELECT code FROM municipality ORDER BY md5(code) LIMIT {CHOSEN}")
    for theme in names(connection, "SELECT DISTINCT theme_id FROM definition ORDER BY 1"):
        group, rows = measure(fetched(connection, group_sql(theme)), repeats)
        pairs, pair_rows = measure(fetched(connection, pairs_sql(theme, codes)), repeats)
        pandas_group, _ = measure(lambda theme=theme: len(compare_group(tables, theme)), 3)
        pandas_pairs, _ = measure(lambda theme=theme: len(compare_pairs(tables, theme, codes)), 3)
        yield {
            "theme": theme,
            "rows": rows,
            "all: SQL ms": group,
            "all: pandas ms": pandas_group,
            "pairs": pair_rows,
            f"{CHOSEN}: SQL ms": pairs,
            f"{CHOSEN}: pandas ms": pandas_pairs,
        }


def measured_views(connection: Connection, repeats: int = 3) -> Iterator[dict[str, object]]:
    """One row a view, except the quadratic one."""
    for view in names(connection, "SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY view_name"):
        if view not in QUADRATIC:
            milliseconds, rows = measure(fetched(connection, f"FROM {view}"), repeats)
            yield {"view": view, "rows": rows, "ms": milliseconds}


def measured_macros(connection: Connection) -> Iterator[dict[str, object]]:
    """One row a table macro, asked for all themes and all that is known; one with other parameters is not run."""
    macros = connection.sql(
        "SELECT function_name, parameters FROM duckdb_functions() WHERE function_type = 'table_macro' AND NOT internal ORDER BY 1"
    )
    for macro, parameters in macros.fetchall():
        if macro in QUADRATIC or not set(parameters) <= set(DEFAULTS):
            yield {"table macro": f"{macro} (not run)", "rows": None, "ms": None}
        else:
            arguments = ", ".join(DEFAULTS[parameter] for parameter in parameters)
            milliseconds, rows = measure(fetched(connection, f"FROM {macro}({arguments})"), 1)
            yield {"table macro": macro, "rows": rows, "ms": milliseconds}


def same_sets(connection: Connection, tables: Tables) -> tuple[str, bool]:
    """Whether SQL and pandas sort the indicators of a theme into the same sets.

    Returns:
        The theme, the largest for which no transformation is registered (pandas computes none), and the answer.
    """
    without = "FROM definition ANTI JOIN theme_transformation USING (theme_id)"
    (theme,) = names(connection, f"SELECT theme_id {without} GROUP BY ALL ORDER BY count(*) DESC, theme_id LIMIT 1")
    return theme, sets_of(connection.sql(group_sql(theme)).df()) == sets_of(compare_group(tables, theme))


def show(rows: list[dict[str, object]]) -> None:
    """Print rows as a table."""
    print(tabulate(rows, headers="keys", floatfmt=",.1f", intfmt=","), end="\n\n", flush=True)


def judged(what: str, milliseconds: float, budget: float) -> bool:
    """Print a time beside its budget.

    Returns:
        Whether it is within the budget.
    """
    passed = milliseconds < budget
    print(f"{'pass' if passed else 'FAIL'}: {what}: {milliseconds:,.0f} ms, budget {budget:,.0f} ms")
    return passed


def bench(path: Path, repeats: int) -> bool:
    """Measure everything and print it.

    Args:
        path: a generated warehouse.
        repeats: warm runs of each comparison.

    Returns:
        Whether all budgets were met and SQL and pandas agree.
    """
    with open_warehouse(path) as connection:
        tables = load(connection)
        themes = list(measured_themes(connection, tables, repeats))
        show(themes)
        print(f"pandas: tables loaded beforehand; left out there: {LEFT_OUT}\n")
        views = list(measured_views(connection))
        views.append({"view": "sum", "rows": None, "ms": sum(row["ms"] for row in views)})
        show(views)
        print("without the view comparison, which makes all pairs of all municipalities; ask compare_pairs for some\n")
        show(list(measured_macros(connection)))
        theme, agree = same_sets(connection, tables)
    print(f"{'pass' if agree else 'FAIL'}: SQL and pandas make the same comparable sets of theme {theme}")
    checks = [agree]
    for column in ("all: SQL ms", f"{CHOSEN}: SQL ms"):
        times = [row[column] for row in themes]
        print(f"theme, {column}: median {statistics.median(times):,.0f}, slowest {max(times):,.0f}")
    slowest = max(themes, key=lambda row: row["all: SQL ms"])
    checks.append(judged(f"slowest theme, all municipalities ({slowest['theme']})", slowest["all: SQL ms"], COMPARISON_BUDGET_MS))
    checks.append(judged("all views together", views[-1]["ms"], VIEWS_BUDGET_MS))
    return all(checks)


def main() -> int:
    """Read the command line, generate, measure."""
    parser = argparse.ArgumentParser(description="Measure the comparisons and views on a synthetic warehouse.")
    for name, default in (("municipalities", 1788), ("indicators", 40), ("years", 5), ("repeats", 7)):
        parser.add_argument(f"--{name}", type=int, default=default)
    sizes = vars(parser.parse_args())
    repeats = sizes.pop("repeats")
    with tempfile.TemporaryDirectory(prefix="dxlib-bench-") as folder:
        path = Path(folder) / "many.duckdb"
        start = time.perf_counter()
        generate(path, **sizes)
        print(", ".join(f"{value:,} {name}" for name, value in sizes.items()), end=": ")
        print(f"{path.stat().st_size / 1e6:,.0f} MB, generated in {time.perf_counter() - start:.1f} s\n")
        return 0 if bench(path, repeats) else 1


if __name__ == "__main__":
    sys.exit(main())

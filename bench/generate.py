"""A synthetic warehouse of any size, to measure the views and to try the workbench with many municipalities.

The municipalities are fictional (prefecture numbers from 48 on, which do not exist); what their
indicators measure is taken from the decisions of this workbench. The same arguments give the same rows.

    python bench/generate.py /tmp/many.duckdb --municipalities 1788
"""

from __future__ import annotations

import argparse
import dataclasses
from collections import defaultdict
from pathlib import Path

import duckdb
import polars as pl

from dxlib.content import fill_content
from dxlib.decisions import Decisions, Entry, read_decisions
from dxlib.municipality import check_digit
from dxlib.project import Project
from dxlib.tables import Rows, add_decisions, add_rules, frames
from dxlib.warehouse import create_views, schema_columns, schema_sql

ROOT = Path(__file__).resolve().parent.parent
FIRST_PREFECTURE = 48  # the real ones end at 47
PER_PREFECTURE = 999


def fictional_code(number: int) -> str:
    """The six-digit code of a municipality that does not exist.

    Args:
        number: counted from 1.

    >>> fictional_code(1), fictional_code(1788)
    ('480011', '497894')
    """
    prefecture, place = divmod(number - 1, PER_PREFECTURE)
    five = f"{FIRST_PREFECTURE + prefecture:02d}{place + 1:03d}"
    return five + check_digit(five)


def generate(path: str | Path, municipalities: int = 1788, indicators: int = 40, years: int = 5, seed: int = 0) -> None:
    """Fill a new DuckDB file with the schema, synthetic rows and the views.

    Args:
        path: the file; it must not exist yet.
        municipalities: how many, one document and one plan each.
        indicators: indicators of each plan; with 30 or more every theme has some.
        years: fiscal years with targets or results, from 2024 on.
        seed: another seed gives other values, not other definitions.
    """
    decisions = read_decisions(Project(ROOT))
    with duckdb.connect(str(path)) as connection:
        connection.execute(schema_sql())
        _insert_decisions(connection, decisions)
        _describe(connection, decisions, municipalities)
        sizes = {"municipalities": municipalities, "indicators": indicators, "years": years, "seed": seed}
        for name, value in sizes.items():
            connection.execute(f"SET VARIABLE {name} = {int(value)}")
        connection.execute((Path(__file__).parent / "generate.sql").read_text(encoding="utf-8"))
        fill_content(connection)
        create_views(connection)
        connection.execute("CHECKPOINT")


def _insert_decisions(connection: duckdb.DuckDBPyConnection, decisions: Decisions) -> None:
    """Themes, vocabulary, transformations and rules as they are; nothing about real municipalities."""
    rows = Rows()
    add_decisions(
        rows, dataclasses.replace(decisions, municipalities=[], reference_values=[], indicator_facets=[], corrections=[])
    )
    add_rules(rows)
    for table, frame in frames(rows, schema_columns()).items():
        if len(frame):
            connection.register("frame", frame)
            connection.execute(f"INSERT INTO {table} BY NAME FROM frame")
            connection.unregister("frame")


def _describe(connection: duckdb.DuckDBPyConnection, decisions: Decisions, municipalities: int) -> None:
    """The temporary tables that ``generate.sql`` starts from."""
    numbers = range(1, municipalities + 1)
    tables = {
        "city": pl.DataFrame({"m": list(numbers), "code": [fictional_code(number) for number in numbers]}),
        "decided": pl.DataFrame(_definitions(decisions), infer_schema_length=None),
        "decided_facet": pl.DataFrame(
            [
                {"definition": definition, "facet": facet, "value": entry[facet], "position": position}
                for definition, entry in enumerate(decisions.indicator_facets)
                for position, facet in enumerate(decisions.facets, start=1)
            ]
        ),
    }
    for name, frame in tables.items():
        connection.register("frame", frame)
        connection.execute(f"CREATE TEMP TABLE {name} AS FROM frame")
        connection.unregister("frame")


def _definitions(decisions: Decisions) -> list[dict[str, object]]:
    """One row a definition that the workbench's indicators have, numbered within its theme (the last: no theme)."""
    themes: dict[str, list[tuple[int, Entry]]] = defaultdict(list)
    for definition, entry in enumerate(decisions.indicator_facets):
        themes[entry["theme"]].append((definition, entry))
    order = [*(theme for theme in decisions.themes if theme in themes), *([""] if "" in themes else [])]
    return [
        {
            "definition": definition,
            "theme_place": theme_place,
            "place": place,
            "size": len(themes[theme]),
            "theme_id": theme or None,
            "name": _without_municipality(entry["indicator"], decisions) or None,
            **{column: entry[column] for column in ("better", "unit", "counting")},
        }
        for theme_place, theme in enumerate(order)
        for place, (definition, entry) in enumerate(themes[theme])
    ]


def _without_municipality(name: str, decisions: Decisions) -> str:
    for municipality in decisions.municipalities:
        name = name.replace(municipality["name"], "本市")
    return name


def main() -> None:
    """Read the command line and generate."""
    parser = argparse.ArgumentParser(description="Make a synthetic warehouse.")
    parser.add_argument("path", type=Path)
    for name, default in (("municipalities", 1788), ("indicators", 40), ("years", 5), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    generate(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()

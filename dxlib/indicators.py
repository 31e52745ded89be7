"""Questions to the warehouse: thin Python over the SQL views. Results are DuckDB relations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import duckdb

from dxlib.errors import QueryError, nearest
from dxlib.project import Project, find_project
from dxlib.warehouse import open_read_only, query


class Workbench:
    """An open warehouse.

    Every function returns a DuckDB relation: ``.df()`` gives pandas, ``.pl()`` polars,
    ``.fetchall()`` tuples. The connection is read-only.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.connection = open_read_only(project)

    def __enter__(self) -> Workbench:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def sql(self, question: str, params: Sequence[object] = ()) -> duckdb.DuckDBPyRelation:
        """Any question in SQL; tables and views are in ``docs/data-dictionary.md``.

        Args:
            question: the SQL, with ``?`` for each parameter.
            params: the parameters.

        Raises:
            QueryError: the SQL is wrong or tries to write.
        """
        return query(self.connection, question, params)

    def themes(self) -> duckdb.DuckDBPyRelation:
        """The themes: key, names, definition, direction, and how many indicators and municipalities answer."""
        return self.sql(
            """
            SELECT t.theme_id, t.name_ja, t.name_en, t.direction, count(DISTINCT v.indicator_id) AS indicators,
                count(DISTINCT v.municipality_code) AS municipalities
            FROM theme t LEFT JOIN theme_value v USING (theme_id)
            GROUP BY ALL ORDER BY t.theme_id
            """
        )

    def check_theme(self, theme: str) -> str:
        """The theme's key, when it is one.

        Raises:
            QueryError: unknown theme; the message lists the nearest.
        """
        known = [row[0] for row in self.sql("SELECT theme_id FROM theme").fetchall()]
        if theme not in known:
            raise QueryError(f"unknown theme '{theme}'", code="theme-unknown", hint=nearest(theme, known))
        return theme

    def check_municipalities(self, codes: Sequence[str] = ()) -> list[str]:
        """The codes asked for, checked; all codes with a document when none is asked for.

        Raises:
            QueryError: a code has no document in the warehouse.
        """
        rows = self.sql("SELECT DISTINCT municipality_code FROM document ORDER BY 1").fetchall()
        known = [row[0] for row in rows]
        for code in codes:
            if code not in known:
                raise QueryError(
                    f"no plan of municipality '{code}'", code="municipality-without-plan", hint=nearest(str(code), known)
                )
        return list(codes) or known

    def values(self, theme: str, municipalities: Sequence[str] = ()) -> duckdb.DuckDBPyRelation:
        """Every printed value of the indicators of a theme, one row a value, with its source line.

        Columns: those of the view ``fact``, then ``facets`` (equal for directly comparable indicators)
        and ``standing`` (TRUE for the value that says where the indicator stands today).
        """
        codes = self.check_municipalities(municipalities)
        return self.sql(
            """
            SELECT f.*, t.facets, t.standing_id = f.observation_id AS standing
            FROM theme_value t JOIN fact f USING (indicator_id)
            WHERE t.theme_id = ? AND list_contains(?, f.municipality_code)
            ORDER BY f.municipality_code, f.indicator_id, f.observation_id
            """,
            params=[self.check_theme(theme), codes],
        )

    def compare(self, theme: str, municipalities: Sequence[str] = ()) -> duckdb.DuckDBPyRelation:
        """Which numbers of a theme may be compared, one row a pair of indicators.

        The verdict is computed from the facets of both (view ``verdict``): ``direct``, ``transformed``
        (the transformation is named, raw values stay beside), or ``not comparable`` with the facets that
        differ, in words. Values are as printed; NULL where the plan prints none.

        Args:
            theme: key of a theme.
            municipalities: six-digit codes; all when empty.
        """
        codes = self.check_municipalities(municipalities)
        return self.sql(
            """
            SELECT * FROM comparison
            WHERE theme_id = ? AND list_contains(?, left_code) AND list_contains(?, right_code)
            """,
            params=[self.check_theme(theme), codes, codes],
        )


def open_workbench(folder: str | Path | None = None) -> Workbench:
    """Open the built warehouse of a workbench folder (default: the nearest one above the current folder)."""
    return Workbench(find_project(folder))

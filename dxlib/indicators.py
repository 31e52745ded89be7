"""Questions to the warehouse: thin Python over the SQL views and macros. Results are DuckDB relations."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType

import duckdb

from dxlib.asked import ROLES, alignment_of, known_on, version_order
from dxlib.errors import QueryError, nearest
from dxlib.municipality import master, resolve
from dxlib.ngrams import fold, pieces
from dxlib.project import Project, find_project
from dxlib.rules import SEVERITIES
from dxlib.sight import VARIABLE, Seen
from dxlib.warehouse import open_read_only, query

__all__ = ["ROLES", "Workbench", "compare", "known_on", "open_workbench", "version_order"]

_LISTED = 20
_LONGEST = 300  # pieces of a text that are looked for


class Workbench:
    """An open warehouse.

    Every function returns a DuckDB relation: ``.df()`` gives pandas, ``.pl()`` polars,
    ``.fetchall()`` tuples. The connection is read-only.

    Args:
        project: the workbench folder.
        seen: keeps what is asked for, see `dxlib.sight`; None keeps nothing.
        threads: how many threads answer a question; None for one a core.
    """

    def __init__(self, project: Project, seen: Seen | None = None, threads: int | None = None) -> None:
        self.project, self.seen = project, seen
        self._connection = open_read_only(project, threads)
        self._named: dict[str, str] = {}  # municipalities with a plan by code, as far as they were asked for

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection itself; what is asked of it directly, no recorder of `seen` can tell."""
        if self.seen:
            self.seen.see_all()
        return self._connection

    def reads(self, path: Path) -> Path:
        """A file beside the warehouse that an answer depends on, noted for `seen`."""
        if self.seen:
            self.seen.see_file(self.project.relative(path))
        return path

    def __enter__(self) -> Workbench:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def sql(self, question: str, params: Sequence[object] = (), sees: Iterable[str] | None = None) -> duckdb.DuckDBPyRelation:
        """Any question in SQL; tables, views and macros are in ``docs/data-dictionary.md``.

        Args:
            question: the SQL, with ``?`` for each parameter.
            params: the parameters.
            sees: codes of the municipalities whose rows the answer depends on, for `seen`; none for one that depends only on
                what people decide for all (themes, words, rules). None when nobody can say: then the answer itself is kept.

        Raises:
            QueryError: the SQL is wrong or tries to write.
        """
        relation = query(self._connection, question, params)
        if self.seen and sees is None:
            self.seen.ask(self._connection, question, params)
        elif self.seen:
            self.seen.see(sees or ())
        return relation

    def themes(self) -> duckdb.DuckDBPyRelation:
        """The themes: key, names, direction, transformations, and how many indicators and municipalities answer.

        A last row without key counts the indicators that answer no theme.
        """
        return self.sql(
            """
            SELECT t.theme_id, t.name_ja, t.name_en, t.direction, x.transformations,
                count(p.indicator_id) AS indicators, count(DISTINCT p.municipality_code) AS municipalities
            FROM theme t
            LEFT JOIN (
                SELECT theme_id, list(transformation_id ORDER BY transformation_id) AS transformations
                FROM theme_transformation GROUP BY theme_id
            ) x USING (theme_id)
            LEFT JOIN profile p USING (theme_id)
            GROUP BY ALL
            UNION ALL
            SELECT NULL, 'テーマなし', 'no theme', NULL, NULL, count(*), count(DISTINCT municipality_code)
            FROM profile WHERE theme_id IS NULL
            ORDER BY theme_id NULLS LAST
            """
        )

    def check_theme(self, theme: str) -> str:
        """The theme's key, when it is one.

        Raises:
            QueryError: unknown theme; the message lists the nearest.
        """
        known = [row[0] for row in self.sql("SELECT theme_id FROM theme", sees=[]).fetchall()]
        if theme not in known:
            raise QueryError(f"unknown theme '{theme}'", code="theme-unknown", hint=nearest(theme, known))
        return theme

    def check_municipalities(self, named: Sequence[str] = ()) -> list[str]:
        """The codes of the municipalities asked for by code or full name; all with a document when none is asked for.

        Raises:
            MunicipalityError: a name is unknown or ambiguous, or a code malformed or in no master.
            QueryError: a municipality has no document in the warehouse; the message lists those that have.
        """
        if not named:
            return list(self._with_plan())
        known = self._with_plan([str(text) for text in named])
        # A code of the warehouse needs no master: it may be an old one, or of a synthetic warehouse.
        codes = list(dict.fromkeys(str(text) if text in known else resolve(str(text)) for text in named))
        known |= self._with_plan(codes)
        for code in codes:
            if code not in known:
                here = list(self._with_plan().values())
                raise QueryError(
                    f"no plan of municipality {master()[code]}",
                    code="municipality-without-plan",
                    hint=f"plans are here of: {', '.join(here[:_LISTED])}{' …' if len(here) > _LISTED else ''}",
                )
        return codes

    def _with_plan(self, codes: Sequence[str] | None = None) -> dict[str, str]:
        """The municipalities with a document, in words by their codes: of some codes, or all."""
        if codes is None and self.seen:
            self.seen.see_list()
        new = None if codes is None else [code for code in codes if code not in self._named]
        if new is None or new:
            question = """
                SELECT code, name, romaji FROM municipality SEMI JOIN document ON municipality_code = code
                WHERE ?::VARCHAR[] IS NULL OR list_contains(?, code) ORDER BY code
            """
            found = {
                code: f"{code} ({name}, {romaji})"
                for code, name, romaji in self.sql(question, [new, new], sees=new or ()).fetchall()
            }
            self._named = self._named | found if new else found
        here = self._named if codes is None else {code: self._named[code] for code in codes if code in self._named}
        if self.seen:
            self.seen.see(here)
        return dict(here)

    def _check_rule(self, rule: str | None, kind: str) -> None:
        known = [row[0] for row in self.sql("SELECT rule_id FROM rule WHERE kind = ?", [kind], sees=[]).fetchall()]
        if rule is not None and rule not in known:
            raise QueryError(f"unknown {kind} rule '{rule}'", code="rule-unknown", hint=nearest(rule, known))

    def values(self, theme: str | None = None, municipalities: Sequence[str] = ()) -> duckdb.DuckDBPyRelation:
        """Every value of the indicators of a theme, one row a value, with its source; without a theme those of all indicators.

        Columns: those of the table ``fact``, then ``facets`` (equal for directly comparable indicators; NULL
        without a theme) and ``standing`` (TRUE for the value that says where the indicator stands today).

        Raises:
            QueryError: an unknown theme or code.
        """
        wanted = self.check_theme(theme) if theme is not None else None
        codes = self.check_municipalities(municipalities)
        return self.sql(
            """
            SELECT f.*, d.facets, s.result_id IS NOT NULL AS standing
            FROM (FROM fact WHERE municipality_code IN (SELECT unnest(?::VARCHAR[]))) f
            LEFT JOIN definition d USING (indicator_id)
            LEFT JOIN (
                SELECT result_id FROM basis_now
                WHERE transformation_id IS NULL AND municipality_code IN (SELECT unnest(?::VARCHAR[]))
            ) s ON s.result_id = f.observation_id
            WHERE ?::VARCHAR IS NULL OR d.theme_id = ?
            ORDER BY f.municipality_code, f.indicator_id, f.fiscal_year, f.observation_id
            """,
            params=[codes, codes, wanted, wanted],
            sees=codes,
        )

    def compare(
        self,
        theme: str,
        municipalities: Sequence[str] = (),
        *,
        role: str = "latest",
        year: int | None = None,
        within: int = 0,
        interpolate: bool = False,
        years_apart: int | None = None,
        as_of: str | date | None = None,
    ) -> duckdb.DuckDBPyRelation:
        """Which numbers of a theme may be compared, one row a pair of indicators.

        The verdict is computed from the facets of both (view ``verdict``): ``direct``, ``transformed``
        (the transformation is named, raw values stay beside), or ``not comparable`` with what differs, in
        words. Values are as printed; NULL where there is none. ``inputs`` are the ids of all values used.

        Args:
            theme: key of a theme.
            municipalities: codes or full names; all when empty. With many municipalities ask `group`: pairs
                grow with their square.
            role: ``latest`` (the last actual, else the last baseline, else the last target), ``known``
                (a baseline or actual) or ``target``.
            year: the Western year of the 年度 (or 年) to compare; None for the last one of each.
            within: how many years a value may be away from ``year``.
            interpolate: fill a missing known value of ``year`` on the straight line between its neighbours;
                such values are marked.
            years_apart: pairs further apart than so many years are not comparable; None for any distance.
            as_of: what was known on a day (``2026-07-31``) or by the end of a month (``2026-07``).

        Raises:
            QueryError: an unknown theme, code, role or day, or a distance without a year.
        """
        alignment = alignment_of(role, year, within, interpolate)
        return self._compared("compare_pairs", theme, municipalities, alignment, [years_apart], as_of)

    def group(
        self,
        theme: str,
        municipalities: Sequence[str] = (),
        *,
        role: str = "latest",
        year: int | None = None,
        within: int = 0,
        interpolate: bool = False,
        as_of: str | date | None = None,
    ) -> duckdb.DuckDBPyRelation:
        """A theme for a whole group, one row an indicator, sorted into sets of mutually comparable ones.

        ``comparable_set`` numbers the sets, the one with most municipalities first (NULL: comparable to
        nobody else's); ``verdict`` is direct, transformed or not comparable; ``set_value`` is the value all
        of the set agree on, beside the value as printed; ``differing_*`` says what separates an indicator
        from the first set.

        Args: as in `compare`.

        Raises:
            QueryError: as in `compare`.
        """
        alignment = alignment_of(role, year, within, interpolate)
        return self._compared("compare_group", theme, municipalities, alignment, [], as_of)

    def _compared(
        self,
        macro: str,
        theme: str,
        municipalities: Sequence[str],
        alignment: list[object],
        more: list[object],
        as_of: str | date | None,
    ) -> duckdb.DuckDBPyRelation:
        codes = self.check_municipalities(municipalities)
        params: list[object] = [self.check_theme(theme), codes]
        if alignment == ["latest", None, 0, False] and as_of is None:  # what the build made once
            macro, params = f"{macro}_now", [*params, *more]
        else:
            params = [*params, *alignment, *more, known_on(as_of)]
        return self.sql(f"FROM {macro}({', '.join('?' * len(params))})", params=params, sees=codes)

    def transformed(self, theme: str, municipalities: Sequence[str] = ()) -> duckdb.DuckDBPyRelation:
        """The latest values of a theme after each transformation it allows, beside the value as printed.

        Columns of note: ``value`` and ``unit_*`` (after), ``printed_value`` and ``printed_unit`` (before),
        ``reference_as_of`` (day of the population used) and ``inputs``.
        """
        codes = self.check_municipalities(municipalities)
        return self.sql(
            """
            SELECT * FROM transformed_value WHERE theme_id = ? AND list_contains(?, municipality_code)
            ORDER BY municipality_code, indicator_id, transformation_id
            """,
            params=[self.check_theme(theme), codes],
            sees=codes,
        )

    def progress(
        self, theme: str | None = None, municipalities: Sequence[str] = (), *, as_of: str | date | None = None
    ) -> duckdb.DuckDBPyRelation:
        """How far each indicator is on its way, one row an indicator (table ``progress``).

        ``attainment_pct`` and ``share_of_path_pct`` in percent, ``pace`` as a ratio (1 = in time), ``class``
        in words, ``required_per_year`` and ``ambition_per_year`` in the unit beside them; NULL with
        ``reason_ja`` / ``reason_en`` where the pace cannot be computed. Formulas: ``docs/indicators.md``.

        Raises:
            QueryError: an unknown theme, code or day.
        """
        codes = self.check_municipalities(municipalities)
        wanted = self.check_theme(theme) if theme is not None else None
        day = known_on(as_of)
        return self.sql(
            f"""
            SELECT m.name AS municipality, m.romaji AS municipality_en, p.*
            FROM {"progress_at(?::DATE)" if day else "progress"} p JOIN municipality m ON m.code = p.municipality_code
            WHERE list_contains(?, p.municipality_code) AND (?::VARCHAR IS NULL OR p.theme_id = ?)
            ORDER BY p.indicator_id
            """,
            params=[*([day] if day else []), codes, wanted, wanted],
            sees=codes,
        )

    def coverage(self, municipalities: Sequence[str] = ()) -> duckdb.DuckDBPyRelation:
        """Which municipality addresses which theme, with how many measures and measurable targets (table ``coverage``)."""
        return self._of("SELECT * FROM coverage", municipalities, "municipality_code, theme_id")

    def topics(self, version: str | None = None, municipalities: Sequence[str] = ()) -> duckdb.DuckDBPyRelation:
        """Which municipality addresses which topic of the national plan (table ``topic_coverage``).

        Args:
            version: version of the 自治体DX推進計画; None for the newest in ``topics.csv``.
            municipalities: codes or full names; all when empty.

        Raises:
            QueryError: an unknown version or code.
        """
        versions = sorted(
            (row[0] for row in self.sql("SELECT DISTINCT version FROM topic", sees=[]).fetchall()), key=version_order
        )
        if version is not None and version not in versions:
            raise QueryError(f"unknown version '{version}'", code="version-unknown", hint=nearest(version, versions))
        codes = self.check_municipalities(municipalities)
        return self.sql(
            """
            SELECT * FROM topic_coverage WHERE version = ? AND list_contains(?, municipality_code)
            ORDER BY position, municipality_code
            """,
            params=[version or versions[-1], codes],
            sees=codes,
        )

    def quality(self, municipalities: Sequence[str] = (), *, rule: str | None = None) -> duckdb.DuckDBPyRelation:
        """What the quality rules find in how indicators are made, one row a finding (view ``quality``)."""
        self._check_rule(rule, "quality")
        return self._of(
            "SELECT * FROM quality",
            municipalities,
            "document_id, line, rule_id, indicator_id",
            "?::VARCHAR IS NULL OR rule_id = ?",
            [rule, rule],
        )

    def quality_score(self, municipalities: Sequence[str] = ()) -> duckdb.DuckDBPyRelation:
        """How many quality checks each plan meets, x of n, by rule and together (rule_id NULL); table ``quality_score``."""
        return self._of("SELECT * FROM quality_score", municipalities, "plan_id, rule_id NULLS FIRST")

    def audit(
        self, municipalities: Sequence[str] = (), *, rule: str | None = None, severity: str | None = None
    ) -> duckdb.DuckDBPyRelation:
        """What the audit rules find in what is printed, one row a finding (view ``audit``).

        ``places`` lists document, line and quote of each place, the main one first; ``inputs`` the ids of the
        values used.

        Raises:
            QueryError: an unknown code, rule or severity.
        """
        self._check_rule(rule, "audit")
        if severity is not None and severity not in SEVERITIES:
            raise QueryError(f"unknown severity '{severity}'", code="severity-unknown", hint=nearest(severity, SEVERITIES))
        return self._of(
            "SELECT * FROM audit",
            municipalities,
            "document_id, line, rule_id, indicator_id, text_en",
            "(?::VARCHAR IS NULL OR rule_id = ?) AND (?::VARCHAR IS NULL OR severity = ?)",
            [rule, rule, severity, severity],
        )

    def similar(self, text: str, n: int = 10, *, unit: str | None = None, without: Sequence[str] = ()) -> duckdb.DuckDBPyRelation:
        """Measures and indicators worded like a text, the most alike first (macro ``similar_wording``).

        One row an indicator, or a measure without one, with its municipality, its values as printed (``printed``) and its
        source line. ``similarity``: share of the text's pieces found there, weighted by rarity; less than 0.1 is left out.

        Args:
            text: an indicator's name, a measure's title, or words.
            n: how many rows at most.
            unit: only indicators with values in this unit.
            without: codes or full names of municipalities to leave out, such as the own.

        Raises:
            QueryError: the text is empty.
        """
        asked = list(pieces(fold(text)))[:_LONGEST]
        if not asked:
            raise QueryError("there is no text to look for", code="text-empty", hint="give a name, e.g. オンライン申請率")
        left_out = self.check_municipalities(without) if without else []
        return self.sql("FROM similar_wording(?, ?, ?, ?)", params=[asked, unit, left_out, n])

    def rules(self) -> duckdb.DuckDBPyRelation:
        """The rules of quality and audit, with how many findings each has."""
        return self.sql(
            """
            SELECT
                r.* EXCLUDE (position, sentence_ja, sentence_en),
                (SELECT count(*) FROM finding f WHERE f.rule_id = r.rule_id) AS findings
            FROM rule r ORDER BY r.position
            """
        )

    def _of(
        self, select: str, municipalities: Sequence[str], order: str, where: str = "true", params: Sequence[object] = ()
    ) -> duckdb.DuckDBPyRelation:
        codes = self.check_municipalities(municipalities)
        return self.sql(
            f"{select} WHERE list_contains(?, municipality_code) AND ({where}) ORDER BY {order}", [codes, *params], sees=codes
        )


def open_workbench(folder: str | Path | None = None) -> Workbench:
    """Open the built warehouse of a workbench folder (default: the nearest one above the current folder).

    Where the environment variable ``DXLIB_SIGHT`` names a file, a report is being made: what is asked for is written there
    (`dxlib.sight`), and one thread answers, because several reports are made side by side.
    """
    file = os.environ.get(VARIABLE)
    return Workbench(find_project(folder), Seen(Path(file)), threads=1) if file else Workbench(find_project(folder))


def compare(theme: str, municipalities: Sequence[str] = (), **alignment: object) -> duckdb.DuckDBPyRelation:
    """`Workbench.compare` on the nearest workbench, for a question in one line."""
    return open_workbench().compare(theme, municipalities, **alignment)  # type: ignore[arg-type]

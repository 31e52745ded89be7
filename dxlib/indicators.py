"""Questions to the warehouse: thin Python over the SQL views and macros. Results are DuckDB relations."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import TracebackType

import duckdb

from dxlib.errors import QueryError, nearest
from dxlib.municipality import master, resolve
from dxlib.ngrams import fold, pieces
from dxlib.project import Project, find_project
from dxlib.rules import SEVERITIES
from dxlib.warehouse import open_read_only, query

ROLES = ("latest", "known", "target")
_LISTED = 20
_LONGEST = 300  # pieces of a text that are looked for


def known_on(day: str | date | None) -> date | None:
    """The day an as-of question means: a month means its last day.

    >>> known_on("2026-07"), known_on("2026-07-15"), known_on(None)
    (datetime.date(2026, 7, 31), datetime.date(2026, 7, 15), None)

    Raises:
        QueryError: it is no day or month.
    """
    if day is None or isinstance(day, date):
        return day
    try:
        if re.fullmatch(r"\d{4}-\d{2}", day):
            year, month = int(day[:4]), int(day[5:])
            return date(year, month, calendar.monthrange(year, month)[1])
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
            return date.fromisoformat(day)
    except (ValueError, calendar.IllegalMonthError):
        pass
    raise QueryError(f"'{day}' is no day", code="date-invalid", hint="write 2026-07-31, or 2026-07 for the end of a month")


def version_order(version: str) -> list[int]:
    """Sorts versions of the national plan by their numbers: a year without a month says too little.

    >>> sorted(["2.3", "10.0", "2.2"], key=version_order)
    ['2.2', '2.3', '10.0']
    """
    return [int(part) for part in re.findall(r"\d+", version)]


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
        """Any question in SQL; tables, views and macros are in ``docs/data-dictionary.md``.

        Args:
            question: the SQL, with ``?`` for each parameter.
            params: the parameters.

        Raises:
            QueryError: the SQL is wrong or tries to write.
        """
        return query(self.connection, question, params)

    def themes(self) -> duckdb.DuckDBPyRelation:
        """The themes: key, names, direction, transformations, and how many indicators and municipalities answer.

        A last row without key counts the indicators that answer no theme.
        """
        return self.sql(
            """
            SELECT t.theme_id, t.name_ja, t.name_en, t.direction, x.transformations,
                count(DISTINCT p.indicator_id) AS indicators, count(DISTINCT p.municipality_code) AS municipalities
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
        known = [row[0] for row in self.sql("SELECT theme_id FROM theme").fetchall()]
        if theme not in known:
            raise QueryError(f"unknown theme '{theme}'", code="theme-unknown", hint=nearest(theme, known))
        return theme

    def check_municipalities(self, named: Sequence[str] = ()) -> list[str]:
        """The codes of the municipalities asked for by code or full name; all with a document when none is asked for.

        Raises:
            MunicipalityError: a name is unknown or ambiguous, or a code malformed or in no master.
            QueryError: a municipality has no document in the warehouse; the message lists those that have.
        """
        rows = self.sql(
            "SELECT DISTINCT code, name, romaji FROM municipality JOIN document ON municipality_code = code ORDER BY code"
        ).fetchall()
        known = {code: f"{code} ({name}, {romaji})" for code, name, romaji in rows}
        # A code of the warehouse needs no master: it may be an old one, or of a synthetic warehouse.
        codes = list(dict.fromkeys(text if text in known else resolve(str(text)) for text in named))
        for code in codes:
            if code not in known:
                here = ", ".join(list(known.values())[:_LISTED]) + (" …" if len(known) > _LISTED else "")
                raise QueryError(
                    f"no plan of municipality {master()[code]}",
                    code="municipality-without-plan",
                    hint=f"plans are here of: {here}",
                )
        return codes or list(known)

    def _check_rule(self, rule: str | None, kind: str) -> None:
        known = [row[0] for row in self.sql("SELECT rule_id FROM rule WHERE kind = ?", [kind]).fetchall()]
        if rule is not None and rule not in known:
            raise QueryError(f"unknown {kind} rule '{rule}'", code="rule-unknown", hint=nearest(rule, known))

    def values(self, theme: str | None = None, municipalities: Sequence[str] = ()) -> duckdb.DuckDBPyRelation:
        """Every value of the indicators of a theme, one row a value, with its source; without a theme those of all indicators.

        Columns: those of the view ``fact``, then ``facets`` (equal for directly comparable indicators; NULL
        without a theme) and ``standing`` (TRUE for the value that says where the indicator stands today).

        Raises:
            QueryError: an unknown theme or code.
        """
        wanted = self.check_theme(theme) if theme is not None else None
        return self.sql(
            """
            SELECT f.*, d.facets, s.result_id IS NOT NULL AS standing
            FROM fact f
            LEFT JOIN definition d USING (indicator_id)
            LEFT JOIN standing_at(?, 'latest', NULL::INTEGER, 0, false, NULL::DATE) s ON s.result_id = f.observation_id
            WHERE (?::VARCHAR IS NULL OR d.theme_id = ?) AND list_contains(?, f.municipality_code)
            ORDER BY f.municipality_code, f.indicator_id, f.fiscal_year, f.observation_id
            """,
            params=[wanted, wanted, wanted, self.check_municipalities(municipalities)],
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
        alignment = self._alignment(role, year, within, interpolate)
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
        alignment = self._alignment(role, year, within, interpolate)
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
        params: list[object] = [self.check_theme(theme), self.check_municipalities(municipalities)]
        if alignment == ["latest", None, 0, False] and as_of is None:  # what the build made once
            macro, params = f"{macro}_now", [*params, *more]
        else:
            params = [*params, *alignment, *more, known_on(as_of)]
        return self.sql(f"FROM {macro}({', '.join('?' * len(params))})", params=params)

    def _alignment(self, role: str, year: int | None, within: int, interpolate: bool) -> list[object]:
        if role not in ROLES:
            raise QueryError(f"unknown role '{role}'", code="role-unknown", hint=nearest(role, ROLES))
        if year is None and (within or interpolate):
            raise QueryError(
                "a distance in years, or interpolation, needs a year", code="alignment-invalid", hint="say which year, e.g. 2025"
            )
        if within < 0 or (interpolate and role == "target"):
            raise QueryError(
                "targets are never interpolated, and a distance is not negative",
                code="alignment-invalid",
                hint="interpolate takes role latest or known; within takes 0 or more",
            )
        return [role, year, within, interpolate]

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
        )

    def progress(
        self, theme: str | None = None, municipalities: Sequence[str] = (), *, as_of: str | date | None = None
    ) -> duckdb.DuckDBPyRelation:
        """How far each indicator is on its way, one row an indicator (view ``progress``).

        ``attainment_pct`` and ``share_of_path_pct`` in percent, ``pace`` as a ratio (1 = in time), ``class``
        in words, ``required_per_year`` and ``ambition_per_year`` in the unit beside them; NULL with
        ``reason_ja`` / ``reason_en`` where the pace cannot be computed. Formulas: ``docs/indicators.md``.

        Raises:
            QueryError: an unknown theme, code or day.
        """
        codes = self.check_municipalities(municipalities)
        wanted = self.check_theme(theme) if theme is not None else None
        return self.sql(
            """
            SELECT m.name AS municipality, m.romaji AS municipality_en, p.*
            FROM progress_at(?::DATE) p JOIN municipality m ON m.code = p.municipality_code
            WHERE list_contains(?, p.municipality_code) AND (?::VARCHAR IS NULL OR p.theme_id = ?)
            ORDER BY p.indicator_id
            """,
            params=[known_on(as_of), codes, wanted, wanted],
        )

    def coverage(self, municipalities: Sequence[str] = ()) -> duckdb.DuckDBPyRelation:
        """Which municipality addresses which theme, with how many measures and measurable targets (view ``coverage``)."""
        return self._of("SELECT * FROM coverage", municipalities, "municipality_code, theme_id")

    def topics(self, version: str | None = None, municipalities: Sequence[str] = ()) -> duckdb.DuckDBPyRelation:
        """Which municipality addresses which topic of the national plan (view ``topic_coverage``).

        Args:
            version: version of the 自治体DX推進計画; None for the newest in ``topics.csv``.
            municipalities: codes or full names; all when empty.

        Raises:
            QueryError: an unknown version or code.
        """
        versions = sorted((row[0] for row in self.sql("SELECT DISTINCT version FROM topic").fetchall()), key=version_order)
        if version is not None and version not in versions:
            raise QueryError(f"unknown version '{version}'", code="version-unknown", hint=nearest(version, versions))
        return self.sql(
            """
            SELECT * FROM topic_coverage WHERE version = ? AND list_contains(?, municipality_code)
            ORDER BY position, municipality_code
            """,
            params=[version or versions[-1], self.check_municipalities(municipalities)],
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
        """How many quality checks each plan meets, x of n, by rule and together (rule_id NULL); view ``quality_score``."""
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
            f"{select} WHERE list_contains(?, municipality_code) AND {where} ORDER BY {order}", params=[codes, *params]
        )


def open_workbench(folder: str | Path | None = None) -> Workbench:
    """Open the built warehouse of a workbench folder (default: the nearest one above the current folder)."""
    return Workbench(find_project(folder))


def compare(theme: str, municipalities: Sequence[str] = (), **alignment: object) -> duckdb.DuckDBPyRelation:
    """`Workbench.compare` on the nearest workbench, for a question in one line."""
    return open_workbench().compare(theme, municipalities, **alignment)  # type: ignore[arg-type]

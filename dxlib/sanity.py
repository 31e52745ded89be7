"""Is a warehouse that was just made fit to replace the last good one? Asked after it is loaded, before it is published.

Nobody watches a build at night: what a reader, a decision or a disk lost would only show as a number that is not there any
more. So the new warehouse is looked at by itself (quotes, keys, ranges, counts of rows) and beside the last good one, document
by document. How much may be lost is judgement, and stands with its reasons in ``sanity.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb
import msgspec

from dxlib.errors import WarehouseError
from dxlib.municipality import check_digit

_OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
_LISTED = 20
_QUOTED = (
    *("measure", "measure_attribute", "milestone", "indicator", "observation", "evaluation"),
    *("statistic", "list_item", "decided_fact"),
)
_COUNTRY = "000000"
_REJECTED = "SELECT document_id FROM {db}.decided_fact WHERE outcome = 'rejected'"
# What is counted of a document: by name, its rows, and what people took out of them.
_OF_DOCUMENT = {
    "lines": "FROM {db}.source_line",
    "plans": "FROM {db}.plan",
    "measures": "FROM {db}.measure",
    "attributes of measures": "FROM {db}.measure_attribute",
    "milestones": "FROM {db}.milestone",
    "indicators": """FROM (
        SELECT document_id FROM {db}.indicator
        UNION ALL
        SELECT document_id FROM {db}.decided_fact d
        WHERE outcome = 'rejected' AND indicator_id IS NOT NULL AND indicator_id NOT IN (SELECT indicator_id FROM {db}.indicator)
        GROUP BY document_id, indicator_id
    )""",
    "values": "FROM (SELECT document_id FROM {db}.observation UNION ALL {rejected} AND role <> 'context')",
    "numbers": """FROM (
        SELECT document_id FROM {db}.observation WHERE coalesce(value, numerator) IS NOT NULL
        UNION ALL {rejected} AND role <> 'context' AND coalesce(value, numerator) IS NOT NULL
    )""",
    "values with a year": """FROM (
        SELECT document_id FROM {db}.observation WHERE coalesce(fiscal_year, calendar_year, relative_year) IS NOT NULL
        UNION ALL {rejected} AND role <> 'context' AND coalesce(fiscal_year, calendar_year, relative_year) IS NOT NULL
    )""",
    "printed verdicts": "FROM (SELECT document_id FROM {db}.evaluation UNION ALL {rejected} AND role <> 'context')",
    "statistics": "FROM (SELECT document_id FROM {db}.statistic UNION ALL {rejected} AND role = 'context')",
    "entries of lists": "FROM {db}.list_item",
    "themes assigned": "FROM {db}.indicator_theme JOIN {db}.indicator USING (indicator_id) WHERE theme_id IS NOT NULL",
    "facets stated": "FROM {db}.facet JOIN {db}.indicator USING (indicator_id) WHERE value <> 'unknown'",
    "decisions about readings": "FROM {db}.correction WHERE applies OR status = 'withdrawn'",
    "recorded results": "FROM {db}.recorded_actual JOIN {db}.indicator USING (indicator_id)",
}
_DECISIONS = ("themes assigned", "facets stated", "decisions about readings", "recorded results")
# What all share: name of a group, and the rows counted by it.
_SHARED = {
    "official figures": "SELECT item, count(*) FROM {db}.reference_value WHERE value IS NOT NULL GROUP BY ALL",
    "themes": "SELECT 'all municipalities', count(*) FROM {db}.theme",
    "national topics": "SELECT version, count(*) FROM {db}.topic GROUP BY ALL",
    "municipalities": "SELECT 'all municipalities', count(*) FROM {db}.municipality",
    "transformations": "SELECT 'all municipalities', count(*) FROM {db}.transformation",
}
# What may never be, whatever stood there before: a sentence, and where it is so (place, what stands there).
_NEVER = {
    "a quote does not stand in its line": f"""
        SELECT t.document_id || ':' || t.line, t.quote
        FROM ({" UNION ALL ".join(f"SELECT document_id, line, quote FROM made.{table}" for table in _QUOTED)}) t
        LEFT JOIN made.source_line s USING (document_id, line)
        WHERE NOT coalesce(contains(s.text, t.quote), false)""",
    "a finding is about a line that does not print it": """
        SELECT p.document_id || ':' || p.line, p.quote
        FROM (SELECT DISTINCT unnest(places) AS p FROM made.finding) f
        LEFT JOIN made.source_line s ON s.document_id = p.document_id AND s.line = p.line
        WHERE NOT coalesce(contains(s.text, p.quote), false)""",
    "a document has other lines than it says": """
        SELECT d.document_id, d.line_count || ' lines said, ' || count(s.line) || ' there, last ' || coalesce(max(s.line), 0)
        FROM made.document d LEFT JOIN made.source_line s USING (document_id)
        GROUP BY d.document_id, d.line_count HAVING count(s.line) <> d.line_count OR max(s.line) <> d.line_count""",
    "a plan, measure, indicator, value or verdict stands under one of another document": """
        SELECT m.measure_id, m.document_id FROM made.measure m JOIN made.plan p USING (plan_id)
        WHERE m.document_id <> p.document_id
        UNION ALL
        SELECT i.indicator_id, i.document_id FROM made.indicator i JOIN made.measure m USING (measure_id)
        WHERE i.document_id <> m.document_id
        UNION ALL
        SELECT o.observation_id, o.document_id FROM made.observation o JOIN made.indicator i USING (indicator_id)
        WHERE o.document_id <> i.document_id
        UNION ALL
        SELECT e.observation_id, e.document_id FROM made.evaluation e JOIN made.observation o USING (observation_id)
        WHERE e.document_id <> o.document_id""",
    "a topic of a theme is in no version of the national plan": """
        SELECT theme_id, topic_id FROM made.theme_topic WHERE topic_id NOT IN (SELECT topic_id FROM made.topic)""",
    "a transformation divides by an item that is none": """
        SELECT transformation_id, item FROM made.transformation
        WHERE item IS NOT NULL AND item NOT IN (SELECT item FROM made.reference_item)""",
    "an official figure is of an item that is none": """
        SELECT DISTINCT item, source FROM made.reference_value WHERE item NOT IN (SELECT item FROM made.reference_item)""",
    "an indicator lacks a facet": """
        SELECT t.indicator_id, count(f.facet) || ' facets' FROM made.indicator_theme t LEFT JOIN made.facet f USING (indicator_id)
        GROUP BY t.indicator_id HAVING count(f.facet) <> (SELECT count(DISTINCT facet) FROM made.facet_value)""",
    "an official share is below zero, or an answer neither yes nor no": """
        SELECT r.municipality_code || ' ' || r.item || ' ' || r.as_of, r.value::VARCHAR
        FROM made.reference_value r JOIN made.reference_item i USING (item)
        WHERE (i.kind = 'share' AND r.value < 0) OR (i.kind = 'yes-no' AND r.value NOT IN (0, 1))""",
    "an indicator has no row of progress, or two": """
        SELECT coalesce(i.indicator_id, p.indicator_id), count(p.indicator_id) || ' rows'
        FROM made.indicator i FULL JOIN made.progress p USING (indicator_id)
        GROUP BY i.indicator_id, p.indicator_id HAVING count(i.indicator_id) <> 1 OR count(p.indicator_id) <> 1""",
    "a value has no row among the facts, or two": """
        SELECT coalesce(o.id, f.observation_id), count(f.observation_id) || ' rows'
        FROM (SELECT observation_id AS id FROM made.observation UNION ALL SELECT recorded_id FROM made.recorded_actual) o
        FULL JOIN made.fact f ON f.observation_id = o.id
        GROUP BY o.id, f.observation_id HAVING count(o.id) <> 1 OR count(f.observation_id) <> 1""",
}
_WITHOUT_FACTS = """
    SELECT document_id FROM made.document d
    WHERE NOT EXISTS (SELECT 1 FROM made.measure x WHERE x.document_id = d.document_id)
        AND NOT EXISTS (SELECT 1 FROM made.statistic x WHERE x.document_id = d.document_id)
        AND NOT EXISTS (SELECT 1 FROM made.list_item x WHERE x.document_id = d.document_id)
    ORDER BY 1"""
_MADE_BY_SQL = ("progress", "answer", "basis_now", "reference_line")  # beside the tables of the schema: numbers reports show


class Bound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much may be lost, and why that much."""

    share: float
    least: int
    all_from: int
    reason: str

    def is_broken(self, before: int, after: int) -> bool:
        """Whether a count fell too far.

        >>> bound = Bound(0.1, 3, 2, "-")
        >>> [bound.is_broken(*counts) for counts in ((30, 27), (30, 28), (2, 0), (1, 0), (5, 9))]
        [True, False, True, False, False]
        """
        lost = before - after
        if lost <= 0:
            return False
        return (lost >= self.least and lost >= self.share * before) or (after == 0 and before >= self.all_from)


class _Edition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    unchanged: Bound
    replaced: Bound


class Bounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of ``sanity.toml``."""

    lines: _Edition
    facts: _Edition
    decisions: Bound
    shared: Bound

    def of(self, name: str, is_replaced: bool) -> Bound:
        """The bound for one count of a document."""
        if name in _DECISIONS:
            return self.decisions
        edition = self.lines if name == "lines" else self.facts
        return edition.replaced if is_replaced else edition.unchanged


@cache
def bounds() -> Bounds:
    """What may be lost (``sanity.toml``)."""
    return msgspec.convert(tomllib.loads(files("dxlib").joinpath("sanity.toml").read_text(encoding="utf-8")), Bounds)


@dataclass(slots=True)
class Loss:
    """What of one document, or of what all share, fell too far: name of the count, before, after."""

    place: str
    counts: list[tuple[str, int, int]] = field(default_factory=list)
    is_gone: bool = False

    def __str__(self) -> str:
        if self.is_gone:
            return f"{self.place}: the document is gone"
        return f"{self.place}: {', '.join(f'{name} {before} → {after}' for name, before, after in self.counts)}"


@dataclass(slots=True)
class _Compared:
    losses: list[Loss] = field(default_factory=list)
    small: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    new: int = 0
    gained: int = 0


def check_sane(made: Path, last: Path, counts: Mapping[str, int], accept: bool = False) -> list[str]:
    """Look at a new warehouse by itself and beside the last good one.

    Args:
        made: the new DuckDB file, not published yet.
        last: the last good one; it need not be there, and is only read.
        counts: rows of each table that were written as CSV.
        accept: publish although something was lost.

    Returns:
        What to tell about it, a sentence each.

    Raises:
        WarehouseError: the new one is wrong (``build-unsound``), or has lost more than ``sanity.toml`` allows (``build-drop``).
    """
    with duckdb.connect(config=_OFFLINE) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"ATTACH '{_quoted(made)}' AS made (READ_ONLY)")
        wrong = list(_wrong(connection, counts))
        if wrong:
            raise WarehouseError(
                _listed(f"the new warehouse is wrong in {len(wrong)} places:", wrong),
                code="build-unsound",
                where=str(last),
                hint="this is a defect of a reader, a decision or the disk; the last good warehouse is untouched",
            )
        told = [f"nothing was read in {document_id}" for (document_id,) in connection.execute(_WITHOUT_FACTS).fetchall()]
        return told + _beside_last(connection, last, accept)


def _quoted(path: Path) -> str:
    return path.as_posix().replace("'", "''")


def _listed(sentence: str, lines: list[str]) -> str:
    shown = [f"  {line}" for line in lines[:_LISTED]]
    return "\n".join([sentence, *shown, *([f"  … and {len(lines) - _LISTED} more"] if len(lines) > _LISTED else [])])


def _wrong(connection: duckdb.DuckDBPyConnection, counts: Mapping[str, int]) -> Iterator[str]:
    """Everything that may never be, with its place."""
    for table, count in counts.items():
        found = connection.execute(f"SELECT count(*) FROM made.{table}").fetchall()[0][0]
        if found != count:
            yield f"table {table}: {count} rows were written as CSV, {found} are in the database"
    for sentence, sql in _NEVER.items():
        for place, what in connection.execute(f"{sql} LIMIT {_LISTED + 1}").fetchall():
            yield f"{place}: {sentence}: {what}"
    yield from _infinite(connection, [*counts, *_MADE_BY_SQL])
    codes = connection.execute("SELECT code FROM made.municipality UNION SELECT municipality_code FROM made.reference_value")
    for (code,) in codes.fetchall():
        if code != _COUNTRY and check_digit(code[:5]) != code[5]:
            yield f"{code}: the check digit of a municipality code is wrong"


def _infinite(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> Iterator[str]:
    """Numbers that are none: infinite, or not a number."""
    rows = connection.execute(
        "SELECT table_name, list(column_name) FROM duckdb_columns() WHERE database_name = 'made' AND data_type = 'DOUBLE'"
        " AND list_contains(?, table_name) GROUP BY table_name ORDER BY table_name",
        [list(tables)],
    ).fetchall()
    for table, columns in rows:
        wrong = " OR ".join(f'NOT isfinite("{column}")' for column in columns)
        for (row,) in connection.execute(f"SELECT t::VARCHAR FROM made.{table} t WHERE {wrong} LIMIT {_LISTED}").fetchall():
            yield f"table {table}: a number is infinite, or none at all: {row[:200]}"


def _beside_last(connection: duckdb.DuckDBPyConnection, last: Path, accept: bool) -> list[str]:
    if not last.exists():
        return ["there is no earlier warehouse: nothing to compare with"]
    try:
        connection.execute(f"ATTACH '{_quoted(last)}' AS last (READ_ONLY)")
        before, shared_before = _documents(connection, "last"), _shares(connection, "last")
    except duckdb.Error as error:  # of another version, or damaged: it must not keep a sound one from taking its place
        reason = str(error).splitlines()[0][:160]
        return [f"the last warehouse is of another version of the schema, or cannot be read: nothing to compare with ({reason})"]
    compared = _compare(before, _documents(connection, "made"))
    _compare_shared(shared_before, _shares(connection, "made"), compared)
    lines = [str(loss) for loss in compared.losses]
    if lines and not accept:
        raise WarehouseError(
            _listed(f"{len(lines)} documents or shared tables lost what the last good build had; nothing was published:", lines),
            code="build-drop",
            where=str(last),
            hint="look at what changed (git diff, dxlib query); when all of it is meant: dxlib build --accept",
        )
    return [
        *(f"accepted: {line}" for line in lines),
        *(f"renamed: {line}" for line in compared.renamed),
        *(f"lost a little: {line}" for line in compared.small),
        f"compared with the last build: {len(lines)} losses, {compared.new} new documents, {compared.gained} that gained facts",
    ]


@dataclass(slots=True)
class _Document:
    sha256: str
    counts: dict[str, int] = field(default_factory=dict)


def _documents(connection: duckdb.DuckDBPyConnection, db: str) -> dict[str, _Document]:
    """Each document with its counts."""
    found = {row[0]: _Document(row[1]) for row in connection.execute(f"SELECT document_id, sha256 FROM {db}.document").fetchall()}
    for name, rows in _OF_DOCUMENT.items():
        source = rows.format(db=db, rejected=_REJECTED.format(db=db))
        for document_id, count in connection.execute(f"SELECT document_id, count(*) {source} GROUP BY document_id").fetchall():
            if document_id in found:
                found[document_id].counts[name] = count
    return found


def _shares(connection: duckdb.DuckDBPyConnection, db: str) -> dict[tuple[str, str], int]:
    return {
        (name, group): count for name, sql in _SHARED.items() for group, count in connection.execute(sql.format(db=db)).fetchall()
    }


def _compare(before: Mapping[str, _Document], after: Mapping[str, _Document]) -> _Compared:
    found = _Compared(new=len(after.keys() - before.keys()))
    by_content = {document.sha256: document_id for document_id, document in after.items()}
    for document_id, old in sorted(before.items()):
        now = document_id if document_id in after else by_content.get(old.sha256)
        if now is None:
            found.losses.append(Loss(document_id, is_gone=True))
            continue
        if now != document_id:
            found.renamed.append(f"{document_id} → {now}")
            found.new -= 1
        _compare_one(document_id, old, after[now], found)
    return found


def _compare_one(document_id: str, old: _Document, new: _Document, found: _Compared) -> None:
    loss, small = Loss(document_id), Loss(document_id)
    for name in _OF_DOCUMENT:
        before, after = old.counts.get(name, 0), new.counts.get(name, 0)
        if bounds().of(name, old.sha256 != new.sha256).is_broken(before, after):
            loss.counts.append((name, before, after))
        elif after < before:
            small.counts.append((name, before, after))
    if loss.counts:
        found.losses.append(loss)
    if small.counts:
        found.small.append(str(small))
    found.gained += any(new.counts.get(name, 0) > old.counts.get(name, 0) for name in _OF_DOCUMENT)


def _compare_shared(before: Mapping[tuple[str, str], int], after: Mapping[tuple[str, str], int], found: _Compared) -> None:
    for (name, group), count in sorted(before.items()):
        now = after.get((name, group), 0)
        if bounds().shared.is_broken(count, now):
            found.losses.append(Loss(group, [(name, count, now)]))
        elif now < count:
            found.small.append(str(Loss(group, [(name, count, now)])))

"""``reports/changes.html``: what changed in the warehouse since the last run. ``reports/state.json`` remembers that run.

Documents are told apart by their id, values by the id of their observation, findings by rule, place and wording. What each
municipality had is a file in ``reports/.state/``, named after a hash of it: only what changed is looked at.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, Literal

import msgspec

from dxlib import wording
from dxlib.errors import ReportError
from dxlib.hold import hold
from dxlib.indicators import Workbench
from dxlib.report.basis import program
from dxlib.report.folder import workshop, write_file
from dxlib.report.index import Both, clock
from dxlib.report.run import now
from dxlib.report.templates import template

CHANGES, STATE, SNAPSHOTS = "changes.html", "state.json", ".state"
_KEPT, _LISTED, _PORTION = 12, 1000, 5000
_KINDS = ("document", "value", "finding")

Record = dict[str, Any]
Snapshot = dict[str, dict[str, Record]]
Kind = Literal["document", "value", "finding"]
What = Literal["new", "changed", "removed"]

_QUESTIONS: dict[str, str] = {
    "document": """
        SELECT municipality_code AS code, document_id AS id,
            document_id, m.name AS ja, m.romaji AS en, d.title, d.edition, d.published, d.sha256
        FROM document d JOIN municipality m ON m.code = d.municipality_code
    """,
    "value": """
        SELECT municipality_code AS code, observation_id AS id, document_id, municipality AS ja, municipality_en AS en,
            coalesce(indicator, measure) AS title, role, value, comparator, value_low, unit, numerator, denominator,
            fiscal_year, calendar_year, relative_year, CAST(as_of AS VARCHAR) AS as_of, value_text, missing, status,
            relative_to, direction, cumulative, line, quote
        FROM fact
    """,
    "finding": """
        SELECT municipality_code AS code, concat_ws(' ', rule_id, document_id, indicator_id, line, text_en) AS id,
            document_id, m.name AS ja, m.romaji AS en,
            f.name_ja AS title, f.name_en AS title_en, rule_id, severity, text_ja, text_en, line
        FROM finding f JOIN municipality m ON m.code = f.municipality_code
    """,
}
_COMPARED = {
    "document": ("title", "edition", "published", "sha256"),
    "value": (
        *("role", "value", "comparator", "value_low", "unit", "numerator", "denominator"),
        *("fiscal_year", "calendar_year", "relative_year", "value_text", "missing", "quote"),
        *("as_of", "status", "relative_to", "direction", "cumulative"),
    ),
    "finding": ("severity",),
}


class Change(msgspec.Struct, omit_defaults=True):
    """One difference: the record before (None: it is new) and after (None: it is gone).

    ``values`` and ``findings`` count what came or went with a whole document; these are not listed one by one.
    """

    kind: Kind
    what: What
    before: Record | None = None
    after: Record | None = None
    values: int = 0
    findings: int = 0


class ChangeSet(msgspec.Struct):
    """What one run found changed. ``since`` is the run before. ``left_out`` counts changes beyond the first thousand a kind."""

    at: str
    since: str
    changes: list[Change]
    left_out: dict[str, int] = {}


class State(msgspec.Struct):
    """``state.json``: the warehouse at the last run, and the last change sets, newest first.

    ``counts`` says how many documents, values and findings there were, ``keys`` what each municipality had, as a hash.
    """

    first_at: str
    checked_at: str
    counts: dict[str, int]
    keys: dict[str, str] = {}
    runs: int = 1
    sets: list[ChangeSet] = []


def _records(bench: Workbench, kind: str, codes: Sequence[str]) -> Iterator[tuple[str, list[tuple[str, Record]]]]:
    """The records of a kind by municipality, in the order of the codes; nulls left out."""
    cursor = bench.connection.cursor()  # a question of its own, so that three can be read side by side
    cursor.execute(f"SELECT * FROM ({_QUESTIONS[kind]}) WHERE list_contains(?, code) ORDER BY code, id", [list(codes)])
    names = [column[0] for column in cursor.description or ()]
    rows = itertools.chain.from_iterable(iter(lambda: cursor.fetchmany(_PORTION), []))
    for code, own in itertools.groupby(rows, key=lambda row: str(row[0])):
        yield (
            code,
            [(str(row[1]), {n: cell for n, cell in zip(names[2:], row[2:], strict=True) if cell is not None}) for row in own],
        )


def snapshots(bench: Workbench, codes: Sequence[str]) -> Iterator[tuple[str, Snapshot]]:
    """Documents, values and findings of municipalities by id, one municipality after the other.

    Args:
        bench: an open warehouse.
        codes: the municipalities.
    """
    streams = {kind: _records(bench, kind, codes) for kind in _KINDS}
    heads = {kind: next(stream, None) for kind, stream in streams.items()}
    for code in sorted(codes):
        found: Snapshot = {}
        for kind in _KINDS:
            head = heads[kind]
            found[kind] = _by_id(head[1]) if head and head[0] == code else {}
            if head and head[0] == code:
                heads[kind] = next(streams[kind], None)
        yield code, found


def _by_id(records: Iterable[tuple[str, Record]]) -> dict[str, Record]:
    times: Counter[str] = Counter()
    found = {}
    for record_id, record in records:
        times[record_id] += 1
        found[f"{record_id} #{times[record_id]}" if times[record_id] > 1 else record_id] = record
    return found


def differences(before: Mapping[str, Mapping[str, Record]], after: Mapping[str, Mapping[str, Record]]) -> list[Change]:
    """What changed from one snapshot to another: documents, then values, then findings, each by id.

    >>> value = {"document_id": "a", "value": 1.0, "quote": "1件"}
    >>> then = {"document": {"a": {}}, "value": {"a/1": value}, "finding": {}}
    >>> [(c.kind, c.what) for c in differences(then, {**then, "value": {"a/1": {**value, "value": 2.0}}})]
    [('value', 'changed')]
    """
    found: list[Change] = []
    come = after["document"].keys() - before["document"].keys()
    gone = before["document"].keys() - after["document"].keys()
    for kind in _KINDS:
        old, new = before[kind], after[kind]
        for record_id in sorted(old.keys() | new.keys()):
            change = _difference(kind, old.get(record_id), new.get(record_id))
            if change and (kind == "document" or not _goes_with(change, come, gone)):
                found.append(change)
    _count_with_documents(found, before, after)
    return found


def _goes_with(change: Change, come: Set[str], gone: Set[str]) -> bool:
    """Whether a value or finding came or went with its whole document."""
    document_id = (change.after or change.before or {}).get("document_id")
    return document_id in {"new": come, "removed": gone, "changed": frozenset[str]()}[change.what]


def _count_with_documents(
    changes: Iterable[Change], before: Mapping[str, Mapping[str, Record]], after: Mapping[str, Mapping[str, Record]]
) -> None:
    counts = {
        (what, kind): Counter(record.get("document_id") for record in side[kind].values())
        for what, side in (("removed", before), ("new", after))
        for kind in ("value", "finding")
    }
    for change in changes:
        if change.kind == "document" and change.what != "changed":
            document_id = (change.after or change.before or {}).get("document_id")
            change.values, change.findings = (counts[change.what, kind][document_id] for kind in ("value", "finding"))


def _difference(kind: Any, before: Record | None, after: Record | None) -> Change | None:
    if before is None or after is None:
        return Change(kind, "new" if before is None else "removed", before, after)
    if all(before.get(key) == after.get(key) for key in _COMPARED[kind]):
        return None
    return Change(kind, "changed", before, after)


def _shortened(at: str, since: str, changes: list[Change]) -> ChangeSet:
    by_kind = {kind: [change for change in changes if change.kind == kind] for kind in _KINDS}
    left_out = {kind: len(found) - _LISTED for kind, found in by_kind.items() if len(found) > _LISTED}
    return ChangeSet(at, since, [change for found in by_kind.values() for change in found[:_LISTED]], left_out)


def read_state(out: Path) -> State | None:
    """What the last run remembered; None where there was none.

    Raises:
        ReportError: the file is damaged.
    """
    try:
        return msgspec.json.decode((out / STATE).read_bytes(), type=State)
    except FileNotFoundError:
        return None
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _damaged(out / STATE, error) from error


def _damaged(path: Path, error: Exception) -> ReportError:
    return ReportError(
        f"the state of the last run cannot be read: {error}",
        code="state-damaged",
        where=str(path),
        hint=f"remove {STATE}: the next run starts a new history of changes; the reports are not affected",
    )


def advance(state: State | None, changes: list[Change], counts: dict[str, int], keys: dict[str, str], at: str) -> State:
    """The state after a run at a time; a run on the same warehouse adds no change set."""
    if state is None:
        return State(first_at=at, checked_at=at, counts=counts, keys=keys)
    new = [_shortened(at, state.checked_at, changes)] if changes else []
    return State(state.first_at, at, counts, keys, state.runs + 1, [*new, *state.sets][:_KEPT])


class _Page:
    """What the page shows."""

    def __init__(self, state: State) -> None:
        self.state = state

    def text(self, key: str, **values: object) -> Both:
        """A sentence in both languages."""
        return {lang: wording.text(key, lang, **values) for lang in wording.LANGUAGES}

    def opening(self) -> list[Both]:
        """When it was checked, how much there is, and where nothing changed yet, that."""
        counts = {f"{kind}s": self.state.counts[kind] for kind in _KINDS}
        said = [self.text("changes_checked", at=clock(self.state.checked_at)), self.text("changes_now", **counts)]
        if not self.state.sets and self.state.runs == 1:
            said.append(self.text("changes_first"))
        elif not self.state.sets:
            said.append(self.text("changes_none_yet", at=clock(self.state.first_at)))
        return said

    def labels(self) -> dict[str, Both]:
        """The fixed words of the page."""
        return {
            "title": self.text("changes_title"),
            "back": self.text("changes_back"),
            "what": self.text("changes_what"),
            "item": self.text("changes_item"),
            "before": self.text("changes_before"),
            "after": self.text("changes_after"),
            "document": self.text("changes_document"),
            "value": self.text("changes_value"),
            "finding": self.text("changes_finding"),
            "new": self.text("changes_new"),
            "changed": self.text("changes_changed"),
            "removed": self.text("changes_removed"),
        }

    def sets(self) -> list[dict[str, Any]]:
        """The change sets, newest first."""
        return [
            {
                "title": self.text("changes_set", at=clock(found.at)),
                "since": self.text("changes_since", at=clock(found.since)),
                "kinds": [(kind, self.rows(found, kind), self.more(found, kind)) for kind in _KINDS if self.rows(found, kind)],
            }
            for found in self.state.sets
        ]

    def more(self, found: ChangeSet, kind: str) -> Both | None:
        """How many changes of a kind are not listed."""
        return self.text("changes_more", count=found.left_out[kind]) if kind in found.left_out else None

    def rows(self, found: ChangeSet, kind: str) -> list[dict[str, Any]]:
        """The changes of a kind, in words."""
        return [self.row(change) for change in found.changes if change.kind == kind]

    def row(self, change: Change) -> dict[str, Any]:
        """One change: what it is about, before and after."""
        record = change.after or change.before or {}
        says = {"document": self.document, "value": self.value, "finding": self.finding}[change.kind]
        counts = self.text("changes_with_document", values=change.values, findings=change.findings)
        return {
            "what": change.what,
            "item": {"ja": f"{record['ja']} {record['title']}", "en": f"{record['en']} {record.get('title_en', '')}".strip()},
            "place": f"{record['document_id']}:{record['line']}" if "line" in record else record.get("document_id", ""),
            "before": says(change.before) if change.before else None,
            "after": says(change.after) if change.after else None,
            "counts": counts if change.kind == "document" and change.what != "changed" else None,
        }

    def document(self, record: Record) -> tuple[Both, str]:
        """Edition and day, and what identifies the file."""
        editions = {"adopted": self.text("edition_adopted"), "draft": self.text("edition_draft")}
        day = record.get("published", "–")
        said = {lang: f"{word} {day}" for lang, word in editions[record["edition"]].items()}
        return said, f"sha256 {record['sha256'][:12]}…"

    def value(self, record: Record) -> tuple[Both, str]:
        """Value with role and year, and the verbatim quote."""
        return {lang: wording.printed_value(record, lang) for lang in wording.LANGUAGES}, record.get("quote", "")

    def finding(self, record: Record) -> tuple[Both, str]:
        """The finding's sentence, and its rule."""
        return {"ja": record["text_ja"], "en": record["text_en"]}, record["rule_id"]


def render(state: State) -> str:
    """The page of changes."""
    page = _Page(state)
    return str(template("changes.html.j2").render(t=page.labels(), opening=page.opening(), sets=page.sets()))


def _keys(bench: Workbench) -> dict[str, str]:
    """What each municipality with a document has, as a hash; the rules and the program decide about findings too."""
    rows = dict(bench.sql("SELECT scope, sha256 FROM content").fetchall())
    codes = [row[0] for row in bench.sql("SELECT DISTINCT municipality_code FROM document ORDER BY 1").fetchall()]
    return {code: hashlib.sha256(f"{program()} {rows['shared']} {rows[code]}".encode()).hexdigest()[:16] for code in codes}


def _counts(bench: Workbench) -> dict[str, int]:
    tables = {"document": "document", "value": "fact", "finding": "finding"}
    return {kind: bench.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0] for kind, table in tables.items()}


def _then(folder: Path, code: str, key: str | None) -> Snapshot:
    """What a municipality had at the last run."""
    if key is None:
        return {kind: {} for kind in _KINDS}
    path = folder / f"{code}.{key}.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Snapshot)
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _damaged(path, error) from error


def update_changes(bench: Workbench, out: Path) -> Path:
    """Compare the warehouse with the last run's, and write ``changes.html`` and ``state.json``, each whole or not at all.

    Args:
        bench: an open warehouse.
        out: folder of all reports.

    Returns:
        The page's path.

    Raises:
        ReportError: what the last run remembered is damaged.
        OSError: a file cannot be written.
    """
    with hold(out):
        return _update(bench, out)


def _update(bench: Workbench, out: Path) -> Path:
    state, keys, folder = read_state(out), _keys(bench), out / SNAPSHOTS
    before = state.keys if state else {}
    other = [code for code in sorted({*before, *keys}) if before.get(code) != keys.get(code)]
    changes: list[Change] = []
    with workshop(out) as scratch:
        for code, found in snapshots(bench, other):
            if state:
                changes += differences(_then(folder, code, before.get(code)), found)
            if code in keys:
                write_file(folder / f"{code}.{keys[code]}.json", msgspec.json.encode(found), scratch)
        counts = _counts(bench) if other or not state else state.counts
        state = advance(state, changes, counts, keys, now())
        # The page before the state: were the state first, a crash in between would lose a change set from the page until the
        # next change. Files that no state names any more go last.
        write_file(out / CHANGES, render(state).encode(), scratch)
        write_file(out / STATE, msgspec.json.encode(state), scratch)
    named = {f"{code}.{key}.json" for code, key in keys.items()}
    for path in folder.glob("*.json") if other else ():
        if path.name not in named:
            path.unlink(missing_ok=True)
    return out / CHANGES

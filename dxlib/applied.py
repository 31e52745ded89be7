"""The decisions about readings (`dxlib.corrections`) applied to the tables being made, some documents at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dxlib.corrections import (
    AS_READ,
    NAME,
    ORIGIN,
    WHOLE,
    Outcome,
    Row,
    action,
    find_facts,
    group,
    guard_error,
    new_names,
)
from dxlib.decisions import Entry, raise_together
from dxlib.errors import DecisionError


@dataclass(slots=True)
class Applied:
    """What came of the decisions about some documents.

    Attributes:
        facts: the key and the indicator of the value, by the correction_id of each decision that applies.
        rejected: the indicators all of whose values were rejected; they are taken out of the tables.
        errors: decisions that do not fit what was read; when there is one, nothing was applied.
    """

    facts: dict[str, tuple[str, str | None]]
    rejected: set[str]
    errors: list[DecisionError]


def by_document(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The rows of ``corrections.csv`` by document, in the order of the file."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry["document_id"], []).append(entry)
    return found


def apply_corrections(tables: dict[str, list[Row]], entries: Sequence[Entry], recorded: Iterable[str] = ()) -> Applied:
    """Apply the decisions about some documents to their tables being made, and write them into ``decided_fact``.

    Args:
        tables: rows by table, all of these documents.
        entries: the rows of ``corrections.csv`` about them, checked.
        recorded: indicators with recorded results; they stay, whatever was rejected.
    """
    facts = find_facts(tables)
    outcomes, errors = group(entries, facts, (row["document_id"] for row in tables.get("document", ())))
    if errors:
        return Applied({}, set(), errors)
    _rename(tables, new_names(outcomes, entries))
    applied: dict[str, tuple[str, str | None]] = {}
    for outcome in sorted(
        outcomes, key=lambda one: (one.fact.row["document_id"], one.fact.row["line"], one.fact.row["fact_key"])
    ):
        _write(tables, outcome)
        row = outcome.fact.row
        applied |= {e["correction_id"]: (row["fact_key"], row.get("indicator_id")) for e in outcome.standing.values()}
    return Applied(applied, _take_out(tables, outcomes, frozenset(recorded)), [])


def raise_lost(errors: Iterable[DecisionError], entries: Sequence[Entry], documents: Iterable[str]) -> None:
    """Raise what does not fit, in the order of the file, with the decisions about documents that are not there any more.

    Args:
        errors: of decisions about documents that are there.
        entries: all rows of ``corrections.csv``.
        documents: the documents that are there.

    Raises:
        DecisionError: a decision does not fit; all of them are listed.
    """
    known = set(documents)
    gone = [entry for entry in entries if entry["document_id"] not in known and entry["status"] != "withdrawn"]
    _, lost = group(gone, {}, ())
    lost += [
        guard_error(entry, f"there is no document '{entry['document_id']}' any more", "restore it, or correct document_id")
        for entry in gone
        if entry["role"] == ORIGIN
    ]
    place = {entry.where: number for number, entry in enumerate(entries)}
    raise_together(sorted([*errors, *lost], key=lambda error: place[error.where]))


def _write(tables: dict[str, list[Row]], outcome: Outcome) -> None:
    row, read = outcome.fact.row, outcome.fact.as_read()
    kept = (
        "fact_key",
        "document_id",
        "measure_id",
        "indicator_id",
        NAME,
        "role",
        *AS_READ,
        "confidence",
        "doubts",
        "line",
        "quote",
    )
    tables.setdefault("decided_fact", []).append(
        {
            **{column: read.get(column) for column in kept},
            "outcome": outcome.word,
            "reason": outcome.last["reason"] or None,
            "correction_id": outcome.last["correction_id"],
        }
    )
    row |= {field: outcome.content[field] for field in outcome.standing if field not in (WHOLE, NAME)}
    if outcome.fact.table == "statistic":
        row["subject"] = outcome.content[NAME]
    row["review"] = outcome.word
    if outcome.whole:  # a person has looked at all of it
        row["confidence"], row["doubts"] = 1.0, None


def _rename(tables: Mapping[str, list[Row]], names: Mapping[str, str | None]) -> None:
    for row in tables.get("indicator", ()):
        if row["indicator_id"] in names:
            row["name"] = names[row["indicator_id"]]


def _take_out(tables: dict[str, list[Row]], outcomes: Iterable[Outcome], recorded: frozenset[str]) -> set[str]:
    """Take rejected values out, with their printed verdicts, and indicators that have none left."""
    rejected = {outcome.fact.row["fact_key"]: outcome.fact for outcome in outcomes if outcome.word == "rejected"}
    if not rejected:
        return set()
    for table in ("observation", "statistic"):
        tables[table] = [row for row in tables.get(table, ()) if row["fact_key"] not in rejected]
    values = {fact.row["observation_id"] for fact in rejected.values() if fact.table == "observation"}
    tables["evaluation"] = [row for row in tables.get("evaluation", ()) if row["observation_id"] not in values]
    left = {row["indicator_id"] for row in tables["observation"]}
    emptied = {fact.row["indicator_id"] for fact in rejected.values() if fact.table == "observation"} - left - recorded
    tables["indicator"] = [row for row in tables.get("indicator", ()) if row["indicator_id"] not in emptied]
    return emptied


def correction_rows(entries: Iterable[Entry], applied: Mapping[str, tuple[str, str | None]]) -> list[Row]:
    """Rows of the table ``correction``, one a row of the file.

    Args:
        entries: the rows of ``corrections.csv``.
        applied: value and indicator of those that apply (see `Applied`).
    """
    last_of_origin = {(e["document_id"], e["field"]): e for e in entries if e["role"] == ORIGIN and e["status"] != "withdrawn"}
    last = {id(entry) for entry in last_of_origin.values()}
    rows = []
    for entry in entries:
        fact_key, indicator_id = applied.get(entry["correction_id"], (None, None))
        rows.append(
            {
                **{column: cell or None for column, cell in entry.cells.items()},
                "action": action(entry),
                "applies": fact_key is not None or id(entry) in last,
                "fact_key": fact_key,
                "indicator_id": indicator_id,
            }
        )
    return rows

"""What people decided about readings (``corrections.csv``): found again in every build, guarded, and applied.

A decision names the value it is about by document, line, quote, role as read and position among equals, never by an id that
moves when the readers find more. Its guard says what the reading was. A decision that no longer fits stops the build: it is
changed or withdrawn by a person, never dropped. Later decisions replace earlier ones about the same value and field; all rows
stay.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dxlib.decisions import Entry, check_known, raise_together
from dxlib.errors import DecisionError, nearest

Row = dict[str, Any]
ACTIONS = ("change", "accept", "reject")
STATUSES = ("open", "reported", "acknowledged", "fixed-upstream", "decided", "withdrawn")
ORIGIN = "origin"
CONTEXT = "context"
NAME = "indicator"
# What may be corrected, and how it is written in a CSV.
FIELDS: dict[str, Callable[[str], Any]] = {
    NAME: str,
    "role": str,
    "value": float,
    "comparator": str,
    "value_low": float,
    "unit": str,
    "numerator": float,
    "denominator": float,
    "fiscal_year": int,
    "calendar_year": int,
    "relative_year": int,
    "as_of": date.fromisoformat,
    "value_text": str,
    "missing": str,
}
AS_READ = tuple(field for field in FIELDS if field not in (NAME, "role"))
WHOLE = ""
_WITHDRAW = "to keep the row without applying it, set its status to withdrawn"


def written(value: Any) -> str:
    """A value as ``corrections.csv`` holds it; None is blank.

    >>> written(142.0), written(0.5), written(date(2026, 3, 31)), written(None)
    ('142', '0.5', '2026-03-31', '')
    """
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()


def understood(fact: Mapping[str, Any]) -> str:
    """All that was understood of a value, in one line: the guard of a decision about the whole value.

    >>> understood({"role": "target", "value": 142.0, "comparator": "=", "unit": "件", "fiscal_year": 2026})
    'role=target value=142 unit=件 fiscal_year=2026'
    """
    shown = {field: written(fact.get(field)) for field in ("role", *AS_READ)}
    return " ".join(f"{field}={text}" for field, text in shown.items() if text and (field, text) != ("comparator", "="))


def key_of(document_id: str, line: int, role: str, quote: str, occurrence: int) -> str:
    """The key of a value, safe in a spreadsheet: no part of a plan stands in it."""
    digest = hashlib.sha256(quote.strip().encode()).hexdigest()[:8]
    return f"{document_id}:{line}:{role}:{digest}:{occurrence}"


@dataclass(slots=True)
class Fact:
    """A value in the tables being made, with what tells it from all others."""

    table: str
    row: Row
    role: str
    occurrence: int
    name: str | None
    measure_id: str | None

    def as_read(self) -> Row:
        """The row before any decision, with role, name and measure."""
        return {**self.row, "role": self.role, NAME: self.name, "measure_id": self.measure_id}


Place = tuple[str, int, str]


def find_facts(tables: Mapping[str, list[Row]]) -> dict[Place, list[Fact]]:
    """Every value by document, line and quote; gives each its ``fact_key``."""
    indicators = {row["indicator_id"]: row for row in tables.get("indicator", ())}
    found: dict[Place, list[Fact]] = {}
    for table in ("observation", "statistic"):
        for row in tables.get(table, ()):
            equals = found.setdefault((row["document_id"], row["line"], row["quote"].strip()), [])
            role = row.get("role", CONTEXT)
            occurrence = 1 + sum(other.role == role for other in equals)
            owner = indicators[row["indicator_id"]] if table == "observation" else {**row, "name": row["subject"]}
            equals.append(Fact(table, row, role, occurrence, owner["name"], owner["measure_id"]))
            row["fact_key"] = key_of(row["document_id"], row["line"], role, row["quote"], occurrence)
    return found


def action(entry: Entry) -> str:
    """What a row does; rows from before there was a choice change a field."""
    return entry["action"] or "change"


def check_corrections(entries: Iterable[Entry]) -> None:
    """Check the form of all rows.

    Raises:
        DecisionError: a cell is missing, malformed or unknown; all wrong rows are listed.
    """
    errors = []
    for entry in entries:
        try:
            _check(entry)
        except DecisionError as error:
            errors.append(error)
    raise_together(errors)


def _check(entry: Entry) -> None:
    check_known(entry["status"], STATUSES, "status", entry.where)
    is_origin = entry["role"] == ORIGIN
    check_known(action(entry), ACTIONS[:2] if is_origin else ACTIONS, "action", entry.where)
    for column in () if is_origin else ("line", *(["occurrence"] if entry["occurrence"] else [])):
        if not re.fullmatch("[1-9][0-9]{0,8}", entry[column]):
            hint = "write digits only"
            raise DecisionError(
                f"'{entry[column]}' in column {column} is no number", code="decision-value", where=entry.where, hint=hint
            )
    if not entry["reason"] and action(entry) != "accept":
        raise DecisionError(
            "a correction without a reason", code="decision-value", where=entry.where, hint="say why in column reason"
        )
    if action(entry) == "change" and not is_origin:
        if entry["field"] not in FIELDS:
            raise DecisionError(
                f"field '{entry['field']}' cannot be corrected",
                code="decision-unknown",
                where=entry.where,
                hint=nearest(entry["field"], FIELDS),
            )
        for column in ("expected", "corrected"):
            typed(entry, column)
    if entry["decided_on"]:
        _day(entry)


def _day(entry: Entry) -> date:
    try:
        return date.fromisoformat(entry["decided_on"])
    except ValueError as error:
        raise DecisionError(
            f"'{entry['decided_on']}' in column decided_on is no date",
            code="decision-value",
            where=entry.where,
            hint="write it as 2026-08-31",
        ) from error


def typed(entry: Entry, column: str) -> Any:
    """``expected`` or ``corrected`` in the type of its field; None when blank.

    Raises:
        DecisionError: the text does not fit the field.
    """
    text, kind = entry[column], FIELDS[entry["field"]]
    if text == "":
        return None
    try:
        value = kind(text)
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError
        return value
    except ValueError as error:
        hint = "write a day as 2026-03-31" if entry["field"] == "as_of" else "write a number"
        raise DecisionError(
            f"'{text}' does not fit the field {entry['field']}", code="decision-value", where=entry.where, hint=hint
        ) from error


def guard_error(entry: Entry, message: str, hint: str) -> DecisionError:
    """The error that a decision no longer fits: says which, and how to keep it without applying it."""
    named = f"{action(entry)} {entry['correction_id']}: {message}"
    return DecisionError(named, code="correction-guard", where=entry.where, hint=f"{hint}; {_WITHDRAW}")


def find(entry: Entry, facts: Mapping[Place, Sequence[Fact]], documents: Iterable[str]) -> Fact:
    """The one value that a row is about.

    Raises:
        DecisionError: no value, or more than one, stands there.
    """
    document_id, line, quote = entry["document_id"], int(entry["line"]), entry["quote"]
    if document_id not in documents:
        hint = "restore the document, or correct document_id"
        raise guard_error(entry, f"there is no document '{document_id}' any more", hint)
    here = facts.get((document_id, line, quote), ())
    hits = [fact for fact in here if entry["role"] in ("", fact.role) and entry["occurrence"] in ("", str(fact.occurrence))]
    if len(hits) == 1:
        return hits[0]
    which = " ".join(filter(None, [entry["role"], f"number {entry['occurrence']}" if entry["occurrence"] else ""]))
    raise guard_error(
        entry,
        f"{len(hits)} values{f' ({which})' if which else ''} read '{quote}' on line {line} of {document_id}, expected one",
        "the source or its reading changed: look at the line, then correct line, quote, role and occurrence, or decide anew",
    )


@dataclass(slots=True)
class Outcome:
    """What the standing decisions make of one value.

    Attributes:
        fact: the value.
        content: what it holds now.
        whole: the last decision about all of it.
        standing: the decisions that apply, by field; under "" that about the whole.
        last: the one that says why.
    """

    fact: Fact
    content: Row
    whole: Entry | None
    standing: dict[str, Entry]
    last: Entry

    @property
    def word(self) -> str:
        """accepted, changed or rejected."""
        if self.whole and action(self.whole) == "reject":
            return "rejected"
        return "changed" if any(self.standing) else "accepted"


def decide(fact: Fact, entries: Sequence[Entry]) -> Outcome:
    """Apply the rows about one value, in the order of the file, to what was read.

    Raises:
        DecisionError: a guard of a standing decision does not hold.
    """
    chains: dict[str, list[Entry]] = {}
    for entry in entries:
        slot = entry["field"] if action(entry) == "change" else WHOLE
        chains.setdefault(slot, []).append(entry)
    read = fact.as_read()
    content = dict(read)
    for field, chain in chains.items():
        if field == WHOLE:
            _check_whole(chain[-1], read)
        else:
            _check_field(chain, read.get(field))
            content[field] = typed(chain[-1], "corrected")
    standing = {field: chain[-1] for field, chain in chains.items()}
    whole = standing.get(WHOLE)
    in_order = [entry for entry in entries if any(entry is kept for kept in standing.values())]
    with_reason = [entry for entry in in_order if entry["reason"]] or in_order
    last = whole if whole and action(whole) == "reject" else with_reason[-1]
    return Outcome(fact, content, whole, standing, last)


def _check_whole(entry: Entry, read: Row) -> None:
    if entry["expected"] != understood(read):
        raise guard_error(
            entry,
            f"the value '{entry['quote']}' on line {entry['line']} is now read as {understood(read)}; decided was about"
            f" {entry['expected'] or '(nothing)'}",
            "the reading changed: look at the line and decide anew (dxlib review --all)",
        )


def _check_field(chain: Sequence[Entry], read: Any) -> None:
    """The value expected is the one read, or one that an earlier row of the same field made of it."""
    entry = chain[-1]
    expected = typed(entry, "expected")
    if expected == (read.strip() if isinstance(read, str) else read):
        return
    for place in range(len(chain) - 2, -1, -1):
        if typed(chain[place], "corrected") == expected:
            _check_field(chain[: place + 1], read)
            return
    raise guard_error(
        entry,
        f"{entry['field']} is {read!r}, the correction expects {expected!r}",
        "the reading changed: check whether the correction is still needed, then correct column expected",
    )


def group(
    entries: Iterable[Entry], facts: Mapping[Place, Sequence[Fact]], documents: Iterable[str]
) -> tuple[list[Outcome], list[DecisionError]]:
    """What the rows make of the values they are about, and everything that does not fit."""
    found: dict[int, tuple[Fact, list[Entry]]] = {}
    lost: dict[tuple[str, ...], DecisionError] = {}
    known = set(documents)
    for entry in entries:
        if entry["status"] == "withdrawn" or entry["role"] == ORIGIN:
            continue
        slot = entry["field"] if action(entry) == "change" else WHOLE
        try:
            fact = find(entry, facts, known)
            found.setdefault(id(fact), (fact, []))[1].append(entry)
        except DecisionError as error:  # of decisions that replace one another only the last is named
            lost[*(entry[c] for c in ("document_id", "line", "quote", "role", "occurrence")), slot] = error
    outcomes, errors = [], list(lost.values())
    for fact, rows in found.values():
        try:
            outcomes.append(decide(fact, rows))
        except DecisionError as error:
            errors.append(error)
    return outcomes, errors


def new_names(outcomes: Iterable[Outcome], entries: Sequence[Entry]) -> dict[str, str | None]:
    """The corrected names of indicators by their ids; where several values of one say something, the last row of the file."""
    renamed = {
        entry["correction_id"]: outcome.fact.row["indicator_id"]
        for outcome in outcomes
        if outcome.fact.table == "observation" and (entry := outcome.standing.get(NAME))
    }
    return {renamed[key]: entry["corrected"] or None for entry in entries if (key := entry["correction_id"]) in renamed}

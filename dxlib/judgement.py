"""Decisions about what is on the review list, checked and appended to ``corrections.csv``, all of them or none."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dxlib.corrections import CONTEXT, FIELDS, NAME, ORIGIN, check_corrections, understood, written
from dxlib.decisions import CORRECTION_COLUMNS, Entry, raise_together, read_corrections
from dxlib.errors import DecisionError
from dxlib.hold import hold_data
from dxlib.indicators import Workbench
from dxlib.review import OUTCOME, TEXT, Item, check_together, items
from dxlib.sheet import append_rows

Row = dict[str, Any]
Action = Literal["accept", "change", "reject"]
ROLES = ("baseline", "target", "actual")
_YEARS = {"observation": range(1989, 2101), "statistic": range(1926, 2101)}
_NUMBERED = re.compile(r"r(\d+)")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about one item.

    Attributes:
        where: place for messages, such as file and row.
        key: the item.
        action: accept what it says, change it, or reject it.
        content: what the fields should hold; fields that are left out stay.
        reason: why; needed for change and reject.
        by, on: who decided, and on which day (ISO); may be blank.
        seen: `Item.seen` when the person decided.
        replaces: id of the decision that stood then; blank when there was none.
        alike: whether a text that the person's program wrote back means the same as ours.
    """

    where: str
    key: str
    action: Action
    content: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    by: str = ""
    on: str = ""
    seen: str = ""
    replaces: str = ""
    alike: Callable[[str, str], bool] = str.__eq__


@dataclass(frozen=True, slots=True)
class Decided:
    """How many decisions of each kind were added, and how many stood already."""

    added: Mapping[str, int]
    there: int


def decide(bench: Workbench, decisions: Sequence[Decision]) -> Decided:
    """Append decisions to ``corrections.csv``, all of them or none. The next build applies them.

    Raises:
        LockError: another program writes in the workbench.
        DecisionError: a decision does not fit, is about something that was read or decided anew meanwhile, or the file
            cannot be written; all wrong ones are listed, and nothing was changed.
    """
    with hold_data(bench.project):
        before = (bench.project.curated / "corrections.csv").read_bytes()
        documents = sorted({one.key.split(":", 1)[0] for one in decisions})
        known = {row[0] for row in bench.sql("SELECT document_id FROM document").fetchall()}
        inside = [document for document in documents if document in known]
        by_key = {item.key: item for item in items(bench, documents=inside, everything=True)} if inside else {}
        errors: list[DecisionError] = []
        places: dict[str, str] = {}
        names: dict[str, tuple[str, str]] = {}
        added: dict[str, int] = {}
        rows: list[Row] = []
        there = 0
        for one in decisions:
            try:
                item = _find(one, by_key, places)
                if _stands(one, item):
                    there += 1
                    continue
                rows += _checked_rows(one, item)
                _check_name(one, item, names)
                added[one.action] = added.get(one.action, 0) + 1
            except DecisionError as error:
                errors.append(error)
        raise_together(errors)
        _append(bench, rows, before)
        return Decided(added, there)


def _check_name(one: Decision, item: Item, names: dict[str, tuple[str, str]]) -> None:
    """One indicator is given one name at a time."""
    if item.kind != "observation" or NAME not in _edits(one, item):
        return
    name = written(one.content[NAME])
    other, where = names.setdefault(item.content["indicator_id"], (name, one.where))
    if other != name:
        raise DecisionError(
            f"the indicator is called '{name}' here, and '{other}' in {where}",
            code="decision-duplicate",
            where=one.where,
            hint="give it one name",
        )


def _find(one: Decision, by_key: Mapping[str, Item], places: dict[str, str]) -> Item:
    if one.key in places:
        raise DecisionError(
            f"a decision about {one.key} already stands in {places[one.key]}",
            code="decision-duplicate",
            where=one.where,
            hint="keep one of the rows",
        )
    places[one.key] = one.where
    if one.key not in by_key:
        raise DecisionError(
            f"nothing is read any more as {one.key or '(no key)'}",
            code="decision-guard",
            where=one.where,
            hint="the document or its reading changed, or the key was edited: write the list anew (dxlib review --write)",
        )
    return by_key[one.key]


def _stands(one: Decision, item: Item) -> bool:
    """The very decision was made already."""
    if item.last is None or _edits(one, item):
        return False
    wanted = OUTCOME[one.action]
    if wanted != item.outcome and (one.action, item.outcome) != ("accept", "changed"):
        return False
    return (item.last["reason"], item.last["decided_by"], item.last["decided_on"]) == (one.reason, one.by, one.on)


def _edits(one: Decision, item: Item) -> Row:
    """The fields that should hold something else than they do; comparators follow from the value."""
    edits = {field: value for field, value in one.content.items() if value != item.content.get(field)}
    if item.kind == ORIGIN:
        return edits
    now = {**item.content, **edits}
    has_number = now["value"] is not None or now["numerator"] is not None
    if not has_number or now["comparator"] is None:
        edits["comparator"] = "=" if has_number else None
    return {field: value for field, value in edits.items() if value != item.content.get(field)}


def _checked_rows(one: Decision, item: Item) -> list[Row]:
    standing = item.last["correction_id"] if item.last else ""
    if one.replaces != standing:
        found = f"{standing} stands ({item.outcome}: {item.last['reason'] or 'no reason'})" if item.last else "no decision stands"
        raise DecisionError(
            f"about {item.key} {found}; the list was written when {one.replaces or 'none'} stood",
            code="decision-superseded",
            where=one.where,
            hint=f"to replace it, write {standing or 'nothing'} in column decided, or write the list anew (dxlib review --all)",
        )
    if not one.alike(one.seen, item.seen):
        raise DecisionError(
            f"it is now read as {item.seen}; decided was about {one.seen or '(nothing)'}",
            code="decision-guard",
            where=one.where,
            hint="the reading changed since the list was written: write it anew (dxlib review --write)",
        )
    edits = _edits(one, item)
    if bool(edits) != (one.action == "change"):
        changed = ", ".join(
            f"{name} {written(item.content.get(name)) or '(blank)'} → {written(v) or '(blank)'}" for name, v in edits.items()
        )
        raise DecisionError(
            f"the decision is {one.action}, but {f'the row changes {changed}' if edits else 'nothing in the row is changed'}",
            code="decision-value",
            where=one.where,
            hint="write change, or put the cells back" if edits else "change a cell, or write accept",
        )
    if one.action != "accept" and not one.reason:
        raise DecisionError(
            f"{one.action} without a reason", code="decision-value", where=one.where, hint="say why in column reason"
        )
    _check_content(one, item, edits)
    return _rows(one, item, edits)


def _check_content(one: Decision, item: Item, edits: Row) -> None:
    """What the tables demand of a value, said before the build says it."""
    problem = _origin_problem(one, item, edits) if item.kind == ORIGIN else _value_problem(item, {**item.content, **edits}, edits)
    if problem:
        message, hint = problem
        raise DecisionError(message, code="decision-value", where=one.where, hint=hint)


def _origin_problem(one: Decision, item: Item, edits: Row) -> tuple[str, str] | None:
    if one.action == "reject":
        return f"{item.content[NAME]} cannot be rejected", "change it, or accept it"
    if set(edits) - {TEXT}:
        return "only the text of an origin can be changed", "write what it should say in column value_text"
    return None


def _value_problem(item: Item, content: Row, edits: Row) -> tuple[str, str] | None:
    years = _YEARS[item.kind]
    roles = (CONTEXT,) if item.kind == "statistic" else ROLES
    is_empty = all(content[name] is None for name in ("value", "numerator", TEXT, "missing"))
    low = content["value_low"] is not None
    checks: list[tuple[bool, str, str]] = [
        (
            "role" in edits and content["role"] not in roles,
            f"role cannot be {content['role']}",
            f"write one of: {', '.join(roles)}",
        ),
        (is_empty, "nothing would be left of the value", "reject it, or write a value, a word or why there is none"),
        ((content["numerator"] is None) != (content["denominator"] is None), "half a fraction", "write both numbers, or none"),
        (content["denominator"] == 0, "the denominator is 0", "correct it"),
        ((content["comparator"] == "range") != low, "a range needs comparator range and value_low", "write both, or none"),
        (item.kind == "statistic" and bool(edits.get("relative_year")), "a number of the text counts no years", "leave it blank"),
        (item.kind == "statistic" and not content[NAME], "there would be no subject", "write what the number says"),
    ]
    for name in ("fiscal_year", "calendar_year"):
        wrong = content[name] is not None and content[name] not in years
        checks.append((wrong, f"the year {content[name]} lies outside {years[0]} to {years[-1]}", f"correct {name}"))
    wrong = content["relative_year"] is not None and content["relative_year"] < 1
    checks.append((wrong, "years are counted from 1", "correct relative_year"))
    return next(((message, hint) for is_wrong, message, hint in checks if is_wrong), None)


def _rows(one: Decision, item: Item, edits: Row) -> list[Row]:
    """The rows of ``corrections.csv`` for one decision, without ids."""
    is_origin = item.kind == ORIGIN
    common = {
        "document_id": item.document_id,
        "line": "" if is_origin else str(item.read["line"]),
        "quote": "" if is_origin else item.read["quote"].strip(),
        "role": item.read["role"],
        "occurrence": "" if is_origin else item.key.rsplit(":", 1)[1],
        "reason": one.reason,
        "status": "decided",
        "decided_by": one.by,
        "decided_on": one.on,
    }
    if is_origin:
        text = {"corrected": edits[TEXT]} if edits else {}
        return [{**common, "action": one.action, "field": item.read[NAME], "expected": item.read[TEXT], **text}]
    rows = [
        {**common, "action": "change", "field": name, "expected": written(item.read.get(name)), "corrected": written(value)}
        for name, value in sorted(edits.items(), key=lambda edit: list(FIELDS).index(edit[0]))
    ]
    whole = "reject" if one.action == "reject" else "accept"
    return [*rows, {**common, "action": whole, "expected": understood(item.read)}]


def _append(bench: Workbench, rows: Sequence[Row], before: bytes) -> None:
    """Number the rows, check that all decisions together hold, and add them."""
    if not rows:
        return
    project = bench.project
    entries = read_corrections(project)
    used = [int(match[1]) for entry in entries if (match := _NUMBERED.fullmatch(entry["correction_id"]))]
    cells = [
        {**dict.fromkeys(CORRECTION_COLUMNS, ""), **row, "correction_id": f"r{number:04d}"}
        for number, row in enumerate(rows, start=max(used, default=0) + 1)
    ]
    fresh = [Entry(f"new row {row['correction_id']}", {name: row[name].strip() for name in CORRECTION_COLUMNS}) for row in cells]
    check_corrections(fresh)
    documents = sorted({entry["document_id"] for entry in fresh})
    check_together(bench, documents, [*entries, *fresh])
    path = project.curated / "corrections.csv"
    append_rows(path, [[entry[name] for name in CORRECTION_COLUMNS] for entry in fresh], CORRECTION_COLUMNS, before)

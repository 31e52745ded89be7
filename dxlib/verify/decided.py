"""Everything people decided, beside what became of it: themes, facets, corrections, results, municipalities."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from dxlib.corrections import AS_READ, NAME, ORIGIN, action, typed
from dxlib.decisions import Entry, read_decisions
from dxlib.errors import DxlibError
from dxlib.verify.opened import BUILD, EDITED, Opened, Record
from dxlib.verify.proof import Check, Proof, shown

_AMOUNT = re.compile(r"([-+−▲△])?\s?([0-9,]+(?:\.[0-9]+)?)(?:\s?/\s?([0-9,]+(?:\.[0-9]+)?))?")


def check_decisions(proof: Proof, opened: Opened) -> None:
    """All checks of decisions.

    A decision that cannot be read is a finding, not an error: the warehouse was built from another one.
    """
    try:
        decisions = read_decisions(opened.project)
    except DxlibError as error:
        message, where, hint = error.message, error.where, error.hint
        proof.run("decision", "decisions can be read", lambda c: c.wrong(where, message, hint))
        return
    proof.run(
        "vocabulary", "themes, facets, topics and municipalities are as decided", lambda c: _vocabulary(c, opened, decisions)
    )
    proof.run("facet", "themes and facets of indicators are as decided", lambda c: _facets(c, opened, decisions))
    proof.run("correction", "decisions about readings are applied", lambda c: _corrections(c, opened, decisions.corrections))
    proof.run("result", "recorded results are in the warehouse as entered", lambda c: _results(c, opened, decisions.actuals))


def _same_rows(check: Check, table: str, where: str, wanted: set[tuple[Any, ...]], stored: set[tuple[Any, ...]]) -> None:
    for row in sorted(wanted - stored, key=str):
        check.wrong(where, f"{shown(row, 160)} is not in the table {table}", BUILD)
    for row in sorted(stored - wanted, key=str):
        check.wrong(f"table {table}", f"{shown(row, 160)} is not in {where}", BUILD)
    check.proved(len(wanted & stored))


def _vocabulary(check: Check, opened: Opened, decisions: Any) -> None:
    def both(names: Any) -> tuple[str | None, str | None]:
        return (names.ja, names.en) if names else (None, None)

    where = "data/curated/themes.toml"
    themes = {
        (key, *both(theme.name), *both(theme.definition), theme.direction, *both(theme.not_to_confuse))
        for key, theme in decisions.themes.items()
    }
    _same_rows(check, "theme", where, themes, set(opened.rows("SELECT * FROM theme")))
    for table, what in (("theme_transformation", "transformations"), ("theme_topic", "topics")):
        listed = {(key, used) for key, theme in decisions.themes.items() for used in getattr(theme, what)}
        _same_rows(check, table, where, listed, set(opened.rows(f"SELECT * FROM {table}")))
    registered = {
        (key, one.formula, one.item, *both(one.name), *both(one.unit)) for key, one in decisions.transformations.items()
    }
    _same_rows(check, "transformation", where, registered, set(opened.rows("SELECT * FROM transformation")))
    changes = {
        (key, facet, before, change.after)
        for key, one in decisions.transformations.items()
        for facet, change in one.changes.items()
        for before in change.before
    }
    _same_rows(check, "transformation_change", where, changes, set(opened.rows("SELECT * FROM transformation_change")))
    values = {(facet, value) for facet, entry in decisions.facets.items() for value in (*entry.values, "unknown")}
    stored = set(opened.rows("SELECT facet, value FROM facet_value"))
    _same_rows(check, "facet_value", "data/curated/facet_values.toml", values, stored)
    topics = {(e["version"], int(e["position"]), e["topic_id"], e["name_ja"], e["date"]) for e in decisions.topics}
    stored = set(opened.rows("SELECT version, position, topic_id, name_ja, published FROM topic"))
    _same_rows(check, "topic", "data/curated/topics.csv", topics, stored)
    places = {
        (*(e[c] for c in ("code", "name", "kana", "romaji", "prefecture")), float(e["latitude"]) if e["latitude"] else None)
        for e in decisions.municipalities
    }
    stored = set(opened.rows("SELECT code, name, kana, romaji, prefecture, latitude FROM municipality"))
    _same_rows(check, "municipality", "data/curated/municipality.csv", places, stored)


def _facets(check: Check, opened: Opened, decisions: Any) -> None:
    themes = {row["indicator_id"]: row for row in opened.table("indicator_theme")}
    stored: dict[str, dict[str, str]] = {}
    for row in opened.table("facet"):
        stored.setdefault(row["indicator_id"], {})[row["facet"]] = row["value"]
    names = {row["indicator_id"]: row["name"] or "" for row in opened.table("indicator")}
    rejected = {row["indicator_id"] for row in opened.table("decided_fact") if row["outcome"] == "rejected"} - names.keys()
    decided = set()
    for entry in decisions.indicator_facets:
        indicator_id = entry["indicator_id"]
        decided.add(indicator_id)
        if indicator_id in rejected:  # a person took the indicator out: the decision rests
            check.proved()
            continue
        theme = themes.get(indicator_id, {"theme_id": None, "better": None})
        found = {"indicator": names.get(indicator_id), "theme": theme["theme_id"] or "", "better": theme["better"]}
        found |= {facet: stored.get(indicator_id, {}).get(facet) for facet in decisions.facets}
        other = [f"{column} {shown(entry[column])}, the warehouse has {shown(value)}" for column, value in found.items()
                 if entry[column] != value]  # fmt: skip
        check.expect(not other, entry.where, "; ".join(other), BUILD)
    for indicator_id in sorted(themes.keys() - decided):
        check.wrong(f"indicator_theme {indicator_id}", "nobody decided it: it is not in data/curated/facets.csv", EDITED)


def _slot(entry: Entry) -> tuple[str, ...]:
    about = tuple(entry[column] for column in ("document_id", "line", "quote", "role", "occurrence"))
    return (*about, entry["field"] if action(entry) == "change" else "")


def _corrections(check: Check, opened: Opened, entries: list[Entry]) -> None:
    stored = {row["correction_id"]: row for row in opened.table("correction")}
    facts: dict[str, Record] = {}
    for table in ("observation", "statistic"):
        facts |= {row["fact_key"]: row for row in opened.table(table) if row["fact_key"]}
    outcomes = {row["fact_key"]: row for row in opened.table("decided_fact")}
    names = {row["indicator_id"]: row["name"] for row in opened.table("indicator")}
    last = {_slot(entry): entry["correction_id"] for entry in entries if entry["status"] != "withdrawn"}
    for entry in entries:
        row = stored.pop(entry["correction_id"], None)
        if row is None:
            check.wrong(entry.where, f"{entry['correction_id']} is not in the warehouse", BUILD)
            continue
        other = [
            column for column, cell in entry.cells.items() if column in row and _text(row[column]) != _cell(column, entry, row)
        ]
        is_last = last.get(_slot(entry)) == entry["correction_id"]
        if other:
            check.wrong(entry.where, f"{', '.join(other)}: the warehouse has another decision", BUILD)
        elif row["applies"] and entry["status"] == "withdrawn":
            check.wrong(entry.where, "it is withdrawn, and applies all the same", BUILD)
        elif is_last and not row["applies"]:
            check.wrong(entry.where, "it stands, and does not apply", BUILD)
        elif row["applies"] and entry["role"] != ORIGIN:
            _applied(check, entry, facts.get(row["fact_key"]), outcomes.get(row["fact_key"]), names)
        else:
            check.proved()
    for correction_id in stored:
        check.wrong(f"correction {correction_id}", "nobody decided it: it is not in data/curated/corrections.csv", EDITED)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _cell(column: str, entry: Entry, row: Record) -> str:
    return action(entry) if column == "action" else entry[column]


def _applied(check: Check, entry: Entry, fact: Record | None, outcome: Record | None, names: dict[str, str | None]) -> None:
    """Whether the value holds what the decision says."""
    place = entry.where
    if outcome is None:
        check.wrong(place, "the value it is about is not in the table decided_fact", BUILD)
    elif outcome["outcome"] == "rejected":
        check.expect(fact is None, place, "the value was rejected, and is still there", BUILD)
    elif fact is None:
        check.wrong(place, "the value it is about is not there any more", BUILD)
    elif action(entry) != "change":
        check.expect(fact["review"] in ("accepted", "changed"), place, "the value does not count as accepted", BUILD)
    elif entry["field"] in AS_READ:
        wanted = typed(entry, "corrected")
        found = f"{entry['field']} is {shown(fact[entry['field']])}, decided is {shown(wanted)}"
        check.expect(fact[entry["field"]] == wanted, place, found, BUILD)
    elif entry["field"] == NAME:
        name = fact["subject"] if "subject" in fact else names.get(fact["indicator_id"])
        check.expect(
            (name or "") == entry["corrected"], place, f"the name is {shown(name)}, decided is {entry['corrected']}", BUILD
        )
    else:
        check.expect(fact.get("role") == entry["corrected"], place, f"the role is {fact.get('role')}", BUILD)


def _results(check: Check, opened: Opened, entries: list[Entry]) -> None:
    rows = opened.table("recorded_actual")
    if len(rows) != len(entries):
        found = f"{len(entries)} results, {len(rows)} in the warehouse"
        check.wrong("data/curated/actuals.csv", found, BUILD)
        return
    for entry, row in zip(entries, rows, strict=True):
        text = unicodedata.normalize("NFKC", entry["value"]).strip()
        match = _AMOUNT.fullmatch(text)
        amount, numerator, denominator, word = None, None, None, None
        if match and match[3]:
            numerator, denominator = (float(part.replace(",", "")) for part in match.group(2, 3))
        elif match:
            amount = float(match[2].replace(",", "")) * (-1 if match[1] in ("-", "−", "▲", "△") else 1) + 0.0
        else:
            word = re.sub(r"\s+", "", text)
        stored = (row["indicator_id"], row["value"], row["numerator"], row["denominator"], row["value_text"], row["source"])
        wanted = (entry["indicator_id"], amount, numerator, denominator, word, entry["source"])
        check.expect(
            stored == wanted, entry.where, f"entered {shown(wanted, 160)}, the warehouse has {shown(stored, 160)}", BUILD
        )

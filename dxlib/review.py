"""What a person should look at: doubtful readings and inferred origins beside their sources; and the decisions about them.

The list is what the warehouse read, with the decisions of ``corrections.csv`` applied, also those that no build has seen yet.
Decisions are taken by `dxlib.judgement`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

from dxlib.corrections import NAME, ORIGIN, Fact, Outcome, action, check_corrections, group, new_names, understood, written
from dxlib.decisions import Entry, raise_together, read_corrections
from dxlib.errors import QueryError, nearest
from dxlib.indicators import Workbench
from dxlib.origin import details, inferred_details, read_origin
from dxlib.origins import decided_origin, standing_of

Row = dict[str, Any]
TEXT = "value_text"
OUTCOME = {"accept": "accepted", "change": "changed", "reject": "rejected"}


@dataclass(slots=True)
class Item:
    """One thing to look at: a value that was read, or a key of an origin that was inferred.

    Attributes:
        key: the ``fact_key`` of the value; ``document:origin:key`` for an origin.
        kind: observation, statistic (a number of the running text) or origin.
        read: what was read, before any decision.
        content: what it says now, after the decisions so far. Of an origin only ``indicator`` (the key) and ``value_text``.
        reasons: why it is doubtful, as codes of ``doubt_…`` texts; empty for what nobody doubts.
        outcome: accepted, changed or rejected; None while nobody has decided.
        last: the last decision about it.
        lines: its raw line and the lines around, as (number, text); empty for an origin.
        page, sheet: where the line stands, in a format that has pages or sheets.
    """

    key: str
    kind: str
    read: Row
    content: Row
    confidence: float | None = None
    reasons: tuple[str, ...] = ()
    outcome: str | None = None
    last: Entry | None = None
    lines: list[tuple[int, str]] = field(default_factory=list)
    page: int | None = None
    sheet: str | None = None

    @property
    def document_id(self) -> str:
        """The document it stands in."""
        return str(self.read["document_id"])

    @property
    def is_open(self) -> bool:
        """Doubtful, and nobody has decided."""
        return bool(self.reasons) and self.outcome is None

    @property
    def seen(self) -> str:
        """All that it says now, in one line: what a person decides about."""
        if self.kind == ORIGIN:
            return f"{self.content[NAME]}={self.content[TEXT]}"
        return f"{understood(self.content)} indicator={written(self.content[NAME])}"


@cache
def threshold() -> float:
    """The confidence below which a reading is doubtful (``vocabulary/review.toml``)."""
    source = files("dxlib").joinpath("vocabulary/review.toml").read_text(encoding="utf-8")
    return float(tomllib.loads(source)["doubtful"]["confidence_below"])


def is_doubtful(confidence: float, doubts: Iterable[str]) -> bool:
    """Whether a reading should be looked at, contradictions apart.

    >>> is_doubtful(1.0, ()), is_doubtful(0.8, ()), is_doubtful(1.0, ("unit-missing",))
    (False, True, True)
    """
    return confidence < threshold() or bool(tuple(doubts))


def check_document(bench: Workbench, document: str) -> str:
    """The document's id, when it is one.

    Raises:
        QueryError: there is no such document; the message names the nearest.
    """
    owner = municipality_of(bench, document)
    if owner is None:
        known = [row[0] for row in bench.sql("SELECT document_id FROM document").fetchall()]
        raise QueryError(f"unknown document '{document}'", code="document-unknown", hint=nearest(document, known))
    return document


def municipality_of(bench: Workbench, document: str) -> str | None:
    """The code of the municipality that a document belongs to; None where there is no such document."""
    found = bench.sql("SELECT municipality_code FROM document WHERE document_id = ?", [document]).fetchall()
    return str(found[0][0]) if found else None


def concerned(bench: Workbench, municipalities: Sequence[str] = (), documents: Sequence[str] = ()) -> list[str]:
    """The municipalities whose readings are looked at: those named, else those of the documents, else all.

    Raises:
        QueryError: an unknown code or document.
    """
    owners = [municipality_of(bench, check_document(bench, document)) for document in documents]
    return bench.check_municipalities(municipalities or [code for code in owners if code])


def items(
    bench: Workbench, municipalities: Sequence[str] = (), documents: Sequence[str] = (), *, everything: bool = False
) -> list[Item]:
    """The review list, by document and line; origins first.

    Args:
        bench: an open warehouse.
        municipalities: six-digit codes; all when empty.
        documents: ids of documents; all of the municipalities when empty.
        everything: also what nobody doubts, and what is decided.

    Raises:
        QueryError: an unknown code or document.
        DecisionError: ``corrections.csv`` is malformed, or no longer fits.
    """
    codes = concerned(bench, municipalities, documents)
    found = bench.sql(
        """
        SELECT document_id FROM document
        WHERE list_contains(?, municipality_code) AND (len(?::VARCHAR[]) = 0 OR list_contains(?, document_id)) ORDER BY 1
        """,
        params=[codes, list(documents), list(documents)],
        sees=codes,
    ).fetchall()
    asked = [row[0] for row in found]
    bench.reads(bench.project.curated / "corrections.csv")
    entries = [entry for entry in read_corrections(bench.project) if entry["document_id"] in asked]
    check_corrections(entries)
    listed = [*_origins(bench, asked, entries), *_values(bench, asked, entries, codes)]
    shown = [item for item in listed if everything or item.is_open]
    shown.sort(key=lambda item: (item.document_id, item.read.get("line") or 0))
    _add_lines(bench, shown, codes)
    return shown


def _origins(bench: Workbench, documents: Iterable[str], entries: Sequence[Entry]) -> list[Item]:
    found = []
    for document_id in documents:
        path = bench.reads(bench.project.raw / f"{document_id}.toml")
        origin = read_origin(path, bench.project.relative(path))
        read, now = details(origin), decided_origin(origin, document_id, entries)
        decided = standing_of(document_id, entries)
        for key in [key for key in read if key in inferred_details(origin) or key in decided]:
            last = decided.get(key)
            found.append(
                Item(
                    f"{document_id}:{ORIGIN}:{key}",
                    ORIGIN,
                    {"document_id": document_id, "document": now.title, NAME: key, TEXT: read[key], "role": ORIGIN},
                    {NAME: key, TEXT: details(now)[key], "role": ORIGIN},
                    reasons=("origin-inferred",),
                    outcome=OUTCOME[action(last)] if last else None,
                    last=last,
                )
            )
    return found


def _values(
    bench: Workbench, documents: Sequence[str], entries: Sequence[Entry], codes: Sequence[str] | None = None
) -> list[Item]:
    facts = _facts(bench, documents, codes)
    places: dict[tuple[str, int, str], list[Fact]] = {}
    for fact in facts:
        places.setdefault((fact.row["document_id"], fact.row["line"], fact.row["quote"].strip()), []).append(fact)
    outcomes, errors = group(entries, places, documents)
    raise_together(errors)
    by_key = {outcome.fact.row["fact_key"]: outcome for outcome in outcomes}
    names = new_names(outcomes, entries)
    found = [_item(fact, by_key.get(fact.row["fact_key"])) for fact in facts]
    for item in found:
        if item.content["indicator_id"] in names:
            item.content[NAME] = names[item.content["indicator_id"]]
    for item in _contradictions(found):
        item.reasons = (*item.reasons, "contradiction")
    return found


def _facts(bench: Workbench, documents: Sequence[str], codes: Sequence[str] | None) -> list[Fact]:
    question = "SELECT * FROM reading WHERE list_contains(?, document_id) ORDER BY fact_key"
    relation = bench.sql(question, [list(documents)], sees=codes)
    rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    return [
        Fact(row["kind"], row, row["role"], int(row["fact_key"].rsplit(":", 1)[1]), row[NAME], row["measure_id"]) for row in rows
    ]


def _item(fact: Fact, outcome: Outcome | None) -> Item:
    read = fact.as_read()
    doubts = tuple((read["doubts"] or "").split())
    reasons = doubts or (("low-confidence",) if read["confidence"] < threshold() else ())
    item = Item(read["fact_key"], fact.table, read, dict(read), read["confidence"], reasons)
    return replace(item, content=outcome.content, outcome=outcome.word, last=outcome.last) if outcome else item


def _contradictions(found: Iterable[Item]) -> list[Item]:
    """The values that stand beside another one for the same indicator, role and year."""
    beside: dict[tuple[Any, ...], list[Item]] = {}
    for item in found:
        content = item.content
        years = (content["fiscal_year"], content["calendar_year"], content["relative_year"])
        if item.kind == "observation" and item.outcome != "rejected" and any(years) and not content["missing"]:
            beside.setdefault((content["indicator_id"], content["role"], *years, content["as_of"]), []).append(item)
    said = ("value", "value_low", "numerator", "denominator", TEXT, "unit", "comparator")
    return [item for equals in beside.values() if len({tuple(i.content[f] for f in said) for i in equals}) > 1 for item in equals]


def _add_lines(bench: Workbench, shown: Iterable[Item], codes: Sequence[str]) -> None:
    wanted = {(item.document_id, item.read["line"]) for item in shown if item.kind != ORIGIN}
    if not wanted:
        return
    texts: dict[str, dict[int, str]] = {}
    placed: dict[tuple[str, int], tuple[int | None, str | None]] = {}
    found = bench.sql(
        "SELECT document_id, line, text, page, sheet FROM source_line WHERE list_contains(?, document_id)",
        params=[sorted({document_id for document_id, _ in wanted})],
        sees=codes,
    )
    for document_id, line, text, page, sheet in found.fetchall():
        texts.setdefault(document_id, {})[line] = text
        placed[document_id, line] = page, sheet
    for item in shown:
        if item.kind != ORIGIN:
            line = item.read["line"]
            here = texts[item.document_id]
            item.page, item.sheet = placed[item.document_id, line]
            item.lines = [(number, here[number]) for number in (line - 1, line, line + 1) if number in here]


def check_together(bench: Workbench, documents: Sequence[str], entries: Sequence[Entry]) -> None:
    """Check that decisions fit these documents and one another.

    Raises:
        DecisionError: a guard does not hold.
    """
    _origins(bench, documents, entries)
    _values(bench, documents, [entry for entry in entries if entry["document_id"] in documents])

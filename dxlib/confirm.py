"""From a suggestion to a decision: a sheet that a person fills in, and the rows of it that go into ``facets.csv``.

The sheet has the columns of ``facets.csv``, filled with what is suggested, and four more: what was suggested, how sure and why,
and an empty ``decision``. Only rows with a decision are taken; nothing that stands in ``facets.csv`` changes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dxlib.decisions import (
    FACET_COLUMNS,
    Decisions,
    Entry,
    check_facets,
    check_indicator,
    check_known,
    raise_together,
    read_decisions,
)
from dxlib.errors import DecisionError
from dxlib.hold import hold_data
from dxlib.project import Project
from dxlib.report.cells import csv_text
from dxlib.sheet import append_rows, read_sheet
from dxlib.unseen import inert
from dxlib.whole import write_whole

if TYPE_CHECKING:
    import duckdb

    from dxlib.suggest import Example, Suggestion

DECISIONS = ("accept", "change", "reject")
# The further columns of the sheet, and the names of all of them in a Japanese sheet.
_SUGGESTED = {"suggestion": "提案", "confidence": "確からしさ", "reasons": "理由", "decision": "判断"}
_JAPANESE = {"indicator_id": "指標ID", "indicator": "指標", "theme": "テーマ", "better": "望ましい方向"}


def sheet_columns(decisions: Decisions) -> dict[str, str]:
    """The columns of the sheet, and the other name each may have in its header."""
    facets = {facet: described.ja for facet, described in decisions.facets.items()}
    return {**_JAPANESE, **facets, **_SUGGESTED}


def _line(example: Example, suggestion: Suggestion, facets: Sequence[str], lang: str) -> list[str]:
    place = f"{example.measure} ({example.document_id}:{example.line})"
    why = "; ".join([*suggestion.reasons(lang), place])
    labels = [example.indicator_id, example.name, suggestion.theme or "", suggestion.facets["better"]]
    guesses = [suggestion.facets[facet] for facet in facets]
    return [*labels, *guesses, suggestion.theme or "", f"{suggestion.confidence:.2f}", why, ""]


def write_sheet(path: Path, project: Project, suggestions: Sequence[tuple[Example, Suggestion]], lang: str = "ja") -> None:
    """Write suggestions as a CSV that Excel opens as it is (UTF-8 with BOM; text of plans is never a formula).

    Args:
        path: a new file.
        project: the workbench.
        suggestions: indicators with their suggestions; none gives a sheet of a header.
        lang: language of the reasons.

    Raises:
        DecisionError: the file is there already (it may hold decisions), or cannot be written.
    """
    facets = list(read_decisions(project).facets)
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow([*FACET_COLUMNS, *facets, *_SUGGESTED])
    for example, suggestion in suggestions:
        writer.writerow(csv_text(cell) for cell in _line(example, suggestion, facets, lang))
    try:
        write_whole(path, sheet.getvalue().encode("utf-8-sig"), is_new=True)
    except FileExistsError as error:
        raise DecisionError(
            "the sheet is there already, and may hold decisions", code="sheet-write", where=str(path), hint="name a new file"
        ) from error
    except OSError as error:
        raise DecisionError(
            f"the sheet cannot be written: {error}",
            code="sheet-write",
            where=str(path),
            hint="name a new file in an existing folder",
        ) from error


def import_facets(project: Project, path: Path, connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Add the accepted and changed rows of a sheet to ``facets.csv``, all or none; the rows there stay byte for byte.

    Args:
        project: the workbench.
        path: CSV or XLSX with the columns of `write_sheet`.
        connection: the warehouse, for the names of the indicators.

    Returns:
        How many rows were added, and how many were there already.

    Raises:
        LockError: another program writes in the workbench.
        DecisionError: the sheet or a row is wrong, or the file cannot be written; nothing was changed.
    """
    with hold_data(project):
        decisions = read_decisions(project)
        names = {key: name or "" for key, name in connection.execute("SELECT indicator_id, name FROM indicator").fetchall()}
        entries = [as_printed(entry, names) for entry in read_sheet(path, sheet_columns(decisions))]
        there = {entry["indicator_id"]: entry for entry in decisions.indicator_facets}
        columns = [*FACET_COLUMNS, *decisions.facets]
        fresh: list[Entry] = []
        places: dict[str, str] = {}
        errors: list[DecisionError] = []
        known = 0
        for entry in entries:
            try:
                if not _is_taken(entry):
                    continue
                check_indicator(entry, names)
                check_facets(entry, decisions.themes, decisions.facets)
                _check_decision(entry)
                before = there.get(entry["indicator_id"])
                if before and all(before[column] == entry[column] for column in columns):
                    known += 1
                    continue
                _check_first(entry, places, before)
                fresh.append(entry)
            except DecisionError as error:
                errors.append(error)
        raise_together(errors)
        append_rows(project.curated / "facets.csv", [[entry[column] for column in columns] for entry in fresh])
        return len(fresh), known


def as_printed(entry: Entry, names: Mapping[str, str]) -> Entry:
    """The row with the indicator's name without the ' that a CSV for Excel puts before what looks like a formula."""
    name = names.get(entry["indicator_id"], "")
    shown = csv_text(name)
    if entry["indicator"] in (shown, shown.strip(), inert(shown).strip()):
        return Entry(entry.where, {**entry.cells, "indicator": name})
    return entry


def _is_taken(entry: Entry) -> bool:
    """Whether the row was decided, and not rejected."""
    if not entry["decision"]:
        return False
    check_known(entry["decision"], DECISIONS, "decision", entry.where)
    return entry["decision"] != "reject"


def _check_decision(entry: Entry) -> None:
    if entry["decision"] == "accept" and entry["theme"] != entry["suggestion"]:
        raise DecisionError(
            f"accepted, but the theme is '{entry['theme']}' and not the suggested '{entry['suggestion']}'",
            code="decision-value",
            where=entry.where,
            hint="write change where you chose another theme",
        )


def _check_first(entry: Entry, places: dict[str, str], before: Entry | None) -> None:
    """An indicator has one row: neither two in the sheet nor another in facets.csv."""
    other = before.where if before else places.get(entry["indicator_id"])
    if other:
        raise DecisionError(
            f"{entry['indicator_id']} stands in {other} already" + (" with other content" if before else ""),
            code="decision-duplicate",
            where=entry.where,
            hint="change the row there by hand" if before else "keep one of the rows",
        )
    places[entry["indicator_id"]] = entry.where

"""What people decided about origins: titles, editions and periods that were inferred from a document, confirmed or corrected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dxlib.corrections import ORIGIN, action, guard_error
from dxlib.decisions import Entry, check_known, raise_together
from dxlib.errors import DecisionError
from dxlib.origin import Origin, details, inferred_details, with_detail, with_inferred


def standing_of(document_id: str, entries: Iterable[Entry]) -> dict[str, Entry]:
    """The decisions that apply to the origin of a document, by key."""
    return {
        entry["field"]: entry
        for entry in entries
        if (entry["role"], entry["document_id"]) == (ORIGIN, document_id) and entry["status"] != "withdrawn"
    }


def decided_origin(origin: Origin, document_id: str, entries: Iterable[Entry]) -> Origin:
    """The origin of a document with the decisions about it; ``inferred`` lists what nobody has confirmed yet.

    Raises:
        DecisionError: the origin says something else than the decision expects, or the corrected value does not fit.
    """
    standing = standing_of(document_id, entries)
    errors = []
    known = details(origin)
    for key, entry in standing.items():
        try:
            origin = _origin_with(origin, key, entry, known)
        except DecisionError as error:
            errors.append(error)
    raise_together(errors)
    return with_inferred(origin, [key for key in inferred_details(origin) if key not in standing])


def _origin_with(origin: Origin, key: str, entry: Entry, known: Mapping[str, str]) -> Origin:
    check_known(key, known, "key of an origin", entry.where)
    if entry["expected"] != known[key]:
        raise guard_error(
            entry,
            f"{key} of {entry['document_id']} is '{known[key]}', the decision was about '{entry['expected']}'",
            "the origin was changed: check whether the decision still fits, then correct column expected",
        )
    if action(entry) == "accept":
        return origin
    try:
        return with_detail(origin, key, entry["corrected"])
    except ValueError as error:
        raise DecisionError(
            f"'{entry['corrected']}' does not fit {key}: {error}",
            code="decision-value",
            where=entry.where,
            hint="see docs/raw-data.md for the keys and their form",
        ) from error

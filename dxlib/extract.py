"""Facts of any supported file, flat: the contract of ``dxlib extract``. Writes nothing, needs no workbench."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dxlib.cluster import each_anywhere
from dxlib.collection import origin_beside
from dxlib.document import load
from dxlib.errors import DxlibError, SourceError
from dxlib.facts import Measure, Value
from dxlib.origin import Origin
from dxlib.readers import read

KEYS = (
    "document",
    "municipality_code",
    "plan",
    "measure",
    "indicator",
    "role",
    "value",
    "comparator",
    "value_low",
    "unit",
    "numerator",
    "denominator",
    "fiscal_year",
    "calendar_year",
    "relative_year",
    "as_of",
    "cumulative",
    "relative_to",
    "direction",
    "value_text",
    "missing",
    "status",
    "attainment_printed",
    "confidence",
    "line",
    "quote",
)


def plain_number(value: float | None) -> float | int | None:
    """A whole number without its ``.0``.

    >>> plain_number(142.0), plain_number(5639.8), plain_number(None)
    (142, 5639.8, None)
    """
    return int(value) if value is not None and value.is_integer() else value


def _record(value: Value, document: str, origin: Origin | None, measure: Measure | None, indicator: str | None) -> dict[str, Any]:
    plan = origin.plan(measure.scope if measure else "plan") if origin else None
    found: dict[str, Any] = {
        "document": document,
        "municipality_code": origin.municipality_code if origin else None,
        "plan": plan.title if plan else None,
        "measure": measure.title if measure else None,
        "indicator": indicator,
    }
    for key in KEYS[len(found) :]:
        item = getattr(value, key)
        found[key] = plain_number(item) if isinstance(item, float) and key != "confidence" else item
    found["as_of"] = value.as_of.isoformat() if value.as_of else None
    return found


def extract(path: Path | str) -> list[dict[str, Any]]:
    """The facts of one file as flat records with the keys `KEYS`, absent values None.

    Raises:
        SourceError: the file cannot be read.
    """
    path = Path(path)
    document = load(path)
    reading = read(document)
    origin = origin_beside(path)
    found: list[dict[str, Any]] = []
    for measure in reading.measures:
        for indicator in measure.indicators:
            found += [_record(value, path.name, origin, measure, indicator.name) for value in indicator.values]
        found += [_record(s.value, path.name, origin, measure, s.subject) for s in measure.statistics]
    found += [_record(s.value, path.name, origin, None, s.subject) for s in reading.statistics]
    return sorted(found, key=lambda record: record["line"])


Extracted = list[dict[str, Any]] | DxlibError


def _attempt(numbered: tuple[int, Path]) -> Extracted:
    """The facts, or why the file cannot be read: in another process, one bad file is no reason to stop."""
    try:
        return extract(numbered[1])
    except DxlibError as error:
        return error


def _died(path: Path) -> DxlibError:
    return SourceError(
        "the process that read the file died, also at the second attempt",
        code="extract-died",
        where=str(path),
        hint="often too little memory: try fewer --jobs, or a part of the file",
    )


def _not_shared(path: Path) -> DxlibError:
    return SourceError(
        "the worker does not see this file",
        code="cluster-files",
        where=str(path),
        hint="with --scheduler, files lie in a folder that all machines have under the same path",
    )


def extract_all(paths: Sequence[Path], *, jobs: int = 1, scheduler: str | None = None) -> Iterator[tuple[Path, Extracted]]:
    """The facts of many files, several at a time.

    Args:
        paths: the files.
        jobs: how many are read at a time on this machine.
        scheduler: address of a Dask scheduler whose workers read them instead; they find each file under its absolute path.

    Yields:
        Each path, in the order of ``paths``, with its facts or the error that says why there are none.

    Raises:
        DxlibError: the scheduler cannot be used; see `dxlib.cluster.each_on`.
    """
    numbered = list(enumerate(path.absolute() if scheduler else path for path in paths))
    early: dict[int, Extracted] = {}
    following = 0
    readers = min(jobs, len(paths))
    for done in each_anywhere(_attempt, numbered, workers=readers, preload=("dxlib.extract",), scheduler=scheduler):
        number, path = done.item
        found = _died(path) if done.result is None else done.result
        if scheduler and isinstance(found, DxlibError) and found.code == "source-missing" and path.is_file():
            found = _not_shared(path)
        early[number] = found
        while following in early:
            yield paths[following], early.pop(following)
            following += 1

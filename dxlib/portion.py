"""A portion of the documents, read into the rows of its tables: what one process does of a build."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from dxlib import readings
from dxlib.applied import Applied, apply_corrections
from dxlib.collection import Found, Source
from dxlib.decisions import Entry
from dxlib.errors import DxlibError
from dxlib.origin import check_unchanged
from dxlib.readers import read

_DOCUMENTS = 8  # in a portion: what is done once for each table of a portion then weighs little


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for all portions of a build.

    Attributes:
        columns: the schema: columns of each table, in order.
        program: what `readings.program_digest` gave.
        kept: folder of the kept readings.
        beside: folder of what is in the making.
        apart: whether portions are read in processes of their own.
    """

    columns: Mapping[str, list[str]]
    program: str
    kept: Path
    beside: Path
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """Some documents to read.

    Attributes:
        number: place among the portions, from 0.
        documents: all of some municipalities.
        corrections: the rows of ``corrections.csv`` about them.
        recorded: their indicators with recorded results.
    """

    number: int
    documents: tuple[Found, ...]
    corrections: tuple[Entry, ...]
    recorded: frozenset[str]


@dataclass(slots=True)
class Portion:
    """What was read in some documents, after the decisions about them.

    Attributes:
        number: place among the portions.
        documents: their ids.
        tables: rows of each table as CSV without a header.
        counts: number of rows of each table.
        names: id and name of each indicator.
        units: id and unit of each value of an indicator with recorded results.
        applied: what came of the decisions.
        unused: lines with numbers that gave no fact, by reason.
        old_encoding: documents decoded from CP932.
        keys: of the kept readings that are in use.
        kept: how many documents were not read again.
    """

    number: int
    documents: list[str]
    tables: dict[str, bytes]
    counts: dict[str, int]
    names: list[tuple[str, str | None]]
    units: list[tuple[str, str | None]]
    applied: Applied
    unused: Counter[str]
    old_encoding: list[str]
    keys: list[str]
    kept: int


def tasks(documents: Sequence[Found], corrections: Mapping[str, Sequence[Entry]], recorded: Iterable[str]) -> Iterator[Task]:
    """Portions of the documents; all documents of a municipality are in one, so that portions in order give tables in order.

    Args:
        documents: in the order of their folders.
        corrections: the rows of ``corrections.csv`` by document.
        recorded: indicators with recorded results.
    """
    results: dict[str, set[str]] = {}
    for indicator_id in recorded:
        results.setdefault("/".join(indicator_id.split("/")[:2]), set()).add(indicator_id)
    whole: list[list[Found]] = [[]]
    for _, of_one in groupby(documents, key=lambda found: found.origin.municipality_code):
        if len(whole[-1]) >= _DOCUMENTS:
            whole.append([])
        whole[-1] += of_one
    for number, portion in enumerate(whole):
        ids = [found.document_id for found in portion]
        yield Task(
            number,
            tuple(portion),
            tuple(entry for document_id in ids for entry in corrections.get(document_id, ())),
            frozenset().union(*(results.get(document_id, ()) for document_id in ids)),
        )


def _read(found: Found, setting: Setting) -> tuple[Source, readings.Kept, bool]:
    """A document with its reading, and whether it was kept."""
    try:
        with found.path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        sha256 = ""  # what is wrong with the file is said when it is loaded
    kept = readings.take(setting.kept, readings.key_of(sha256, found.path, setting.program)) if sha256 else None
    if kept:
        check_unchanged(sha256, found.origin, found.where)
        return Source(found.document_id, found.path, found.origin, kept.document(found.path.name, sha256)), kept, True
    document = found.load()
    key = readings.key_of(document.sha256, found.path, setting.program)
    kept = readings.Kept(key, document.encoding, document.raw, document.places, read(document))
    readings.keep(setting.kept, kept, setting.beside)
    return Source(found.document_id, found.path, found.origin, document), kept, False


def read_portion(setting: Setting, task: Task) -> Portion | DxlibError:
    """Read some documents and apply the decisions about them.

    Returns:
        The portion; or the error in the first of the documents that has one, so that of many portions the first error is told.
    """
    if setting.apart:  # these processes share the cores already
        os.environ["POLARS_MAX_THREADS"] = "1"
    try:
        return _portion(setting, task)
    except DxlibError as error:
        return error


def _portion(setting: Setting, task: Task) -> Portion:
    from dxlib.tables import Rows, add_document, csv_parts

    rows = Rows()
    keys, old_encoding, count_kept = [], [], 0
    for found in task.documents:
        source, kept, was_kept = _read(found, setting)
        add_document(rows, source, kept.reading)
        keys.append(kept.key)
        count_kept += was_kept
        if kept.encoding == "cp932":
            old_encoding.append(found.document_id)
    applied = apply_corrections(rows.tables, task.corrections, task.recorded)
    observed = rows.tables.get("observation", ())
    return Portion(
        task.number,
        [found.document_id for found in task.documents],
        csv_parts(rows, setting.columns),
        {table: len(made) for table, made in rows.tables.items()},
        [(row["indicator_id"], row["name"]) for row in rows.tables.get("indicator", ())],
        [(row["indicator_id"], row["unit"]) for row in observed if row["indicator_id"] in task.recorded],
        applied,
        Counter(row["reason"] for row in rows.tables.get("unused_line", ())),
        old_encoding,
        keys,
        count_kept,
    )

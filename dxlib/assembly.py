"""All tables of a build as CSV files, made portion by portion: a national workbench needs little more memory than a small one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dxlib import readings
from dxlib.applied import by_document, correction_rows, raise_lost
from dxlib.collection import Found, find_documents
from dxlib.corrections import check_corrections
from dxlib.decisions import Decisions, read_decisions
from dxlib.errors import DecisionError, DxlibError, MunicipalityError, SourceError, WarehouseError
from dxlib.origins import decided_origin
from dxlib.portion import Portion, Setting, Task, read_portion, tasks
from dxlib.project import Project
from dxlib.workers import each

if TYPE_CHECKING:
    import polars as pl

    from dxlib.tables import Rows

_WORTH_PROCESSES = 1_500_000  # bytes to read below which starting processes takes longer than they save
_KEPT_WEIGHT = 0.2  # what a kept reading costs beside reading its document
_PRELOAD = ("dxlib.portion", "dxlib.tables")


@contextmanager
def written(folder: Path) -> Iterator[None]:
    """Files are written inside.

    Raises:
        WarehouseError: one cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise WarehouseError(
            f"the built files cannot be written: {error}",
            code="warehouse-write",
            where=str(folder),
            hint="check disk space and write rights; on Windows close programs that have dx.duckdb open, then build again",
        ) from error


@dataclass(slots=True)
class Assembled:
    """What was made.

    Attributes:
        counts: rows by table.
        unused: lines with numbers that gave no fact, by reason.
        read, kept: documents that were read, and those whose reading was kept from an earlier build.
        old_encoding: documents decoded from CP932.
        keys: of the kept readings that are in use.
        municipalities: code and name.
    """

    counts: Counter[str] = field(default_factory=Counter)
    unused: Counter[str] = field(default_factory=Counter)
    read: int = 0
    kept: int = 0
    old_encoding: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    municipalities: list[tuple[str, str]] = field(default_factory=list)

    def take(self, portion: Portion) -> None:
        """Count a portion in."""
        self.unused += portion.unused
        self.old_encoding += portion.old_encoding
        self.keys += portion.keys
        self.kept += portion.kept
        self.read += len(portion.documents) - portion.kept


@dataclass(slots=True)
class _Indicators:
    """What decisions about indicators are checked against.

    Attributes:
        names: name of each by its id; empty where it has none.
        units: id and unit of each value of those with recorded results.
        applied: value and indicator of the corrections that apply, by their id.
        rejected: those that a person took out.
    """

    names: dict[str, str] = field(default_factory=dict)
    units: list[tuple[str, str | None]] = field(default_factory=list)
    applied: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)

    def take(self, portion: Portion) -> None:
        """Add those of a portion."""
        self.names |= {indicator_id: name or "" for indicator_id, name in portion.names}
        self.units += portion.units
        self.applied |= portion.applied.facts
        self.rejected |= portion.applied.rejected


class _Files:
    """The CSV files of the tables; each begins with its header and grows."""

    def __init__(self, folder: Path, columns: Mapping[str, list[str]]) -> None:
        self.folder = folder
        self.columns = columns
        self.counts: Counter[str] = Counter(dict.fromkeys(columns, 0))
        self.add({table: f"{','.join(names)}\n".encode() for table, names in columns.items()}, {})

    def add(self, parts: Mapping[str, bytes], counts: Mapping[str, int]) -> None:
        """Append rows to some tables."""
        with written(self.folder.parent):
            for table, part in parts.items():
                with (self.folder / f"{table}.csv").open("ab") as file:
                    file.write(part)
        self.counts.update(counts)

    def add_rows(self, rows: Rows) -> None:
        """Append rows that are not CSV yet."""
        from dxlib.tables import csv_parts

        self.add(csv_parts(rows, self.columns), {table: len(made) for table, made in rows.tables.items()})

    def add_frame(self, table: str, frame: pl.DataFrame) -> None:
        """Append a frame that has the columns of its table."""
        self.add({table: frame.write_csv(include_header=False).encode()}, {table: len(frame)})


def _documents(project: Project, decisions: Decisions) -> list[Found]:
    """Every document, with the decisions about its origin."""
    known = {entry["code"] for entry in decisions.municipalities}
    corrections = by_document(decisions.corrections)
    found = []
    for document in find_documents(project):
        if document.origin.municipality_code not in known:
            raise MunicipalityError(
                f"municipality {document.origin.municipality_code} is unknown",
                code="municipality-unknown",
                where=project.relative(document.path.with_suffix(".toml")),
                hint="add it to data/curated/municipality.csv",
            )
        about = corrections.get(document.document_id, ())
        found.append(replace(document, origin=decided_origin(document.origin, document.document_id, about)))
    if not found:
        raise SourceError(
            "there is no document",
            code="source-none",
            where=project.relative(project.raw),
            hint="see docs/raw-data.md how to add one",
        )
    return found


def _workers(documents: Sequence[Found], setting: Setting, jobs: int) -> int:
    """How many processes are worth starting."""
    weight = 0.0
    for found in documents:
        key = readings.key_of(found.origin.sha256, found.path, setting.program)
        weight += found.path.stat().st_size * (_KEPT_WEIGHT if readings.is_kept(setting.kept, key) else 1)
    return jobs if weight >= _WORTH_PROCESSES else 1


def _portions(tasks: Iterable[Task], setting: Setting, workers: int, progress: Callable[[str], None] | None) -> Iterator[Portion]:
    """The portions in order, whichever is ready first.

    Raises:
        DxlibError: a document cannot be read; of several the first in order is told.
    """
    failed: dict[int, DxlibError] = {}
    waiting: dict[int, Portion] = {}
    due = 0

    def wanted() -> Iterator[Task]:
        for task in tasks:
            if failed:
                return
            yield task

    function = partial(read_portion, replace(setting, apart=workers > 1))
    for done in each(function, wanted(), workers=workers, preload=_PRELOAD):
        if done.result is None:
            failed[done.item.number] = _died(done.item)
        elif isinstance(done.result, Portion):
            waiting[done.item.number] = done.result
            for document_id in done.result.documents if progress else ():
                progress(document_id)  # type: ignore[misc]
        else:
            failed[done.item.number] = done.result
        while due in waiting:
            yield waiting.pop(due)
            due += 1
    if failed:
        raise failed[min(failed)]


def _died(task: Task) -> SourceError:
    return SourceError(
        f"the process that read {', '.join(found.where for found in task.documents)} ended without an answer",
        code="source-died",
        hint="out of memory? Build with --jobs 1, and look at these documents: one may be damaged or far too large",
    )


def assemble(
    project: Project, folder: Path, columns: Mapping[str, list[str]], jobs: int, progress: Callable[[str], None] | None
) -> Assembled:
    """Read every document and decision into CSV files of the tables.

    Args:
        project: the workbench.
        folder: where the files are written.
        columns: the schema: columns of each table, in order.
        jobs: how many processes may read at a time.
        progress: called with each document's id when it was read.

    Raises:
        DxlibError: a document, origin or decision is wrong.
    """
    decisions = read_decisions(project)
    check_corrections(decisions.corrections)
    documents = _documents(project, decisions)
    with written(project.curated):
        project.readings.mkdir(exist_ok=True)
    setting = Setting(columns, readings.program_digest(), project.readings, folder)
    files = _Files(folder, columns)
    made = Assembled(municipalities=[(entry["code"], entry["name"]) for entry in decisions.municipalities])
    indicators = _Indicators()
    errors: list[DecisionError] = []
    todo = tasks(documents, by_document(decisions.corrections), {entry["indicator_id"] for entry in decisions.actuals})
    for portion in _portions(todo, setting, _workers(documents, setting, jobs), progress):
        files.add(portion.tables, portion.counts)
        indicators.take(portion)
        made.take(portion)
        errors += portion.applied.errors
    raise_lost(errors, decisions.corrections, (found.document_id for found in documents))
    _add_decisions(project, files, decisions, indicators)
    made.counts = files.counts
    return made


def _add_decisions(
    project: Project,
    files: _Files,
    decisions: Decisions,
    indicators: _Indicators,
) -> None:
    from dxlib.official.figures import official_frames
    from dxlib.tables import Rows, add_decisions, add_recorded, add_rules, facet_rows, frames

    rows = Rows()
    add_decisions(rows, decisions)
    for facets in facet_rows(decisions, indicators.names, indicators.rejected):
        files.add_rows(facets)
    add_recorded(rows, decisions, indicators.names, indicators.units)
    rows.tables["correction"] = correction_rows(decisions.corrections, indicators.applied)
    add_rules(rows)
    files.add_rows(rows)
    empty = frames(Rows(), dict(files.columns))
    for table, frame in official_frames(project, decisions, empty).items():
        files.add_frame(table, frame)

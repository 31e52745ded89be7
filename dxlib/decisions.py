"""What people decided: municipalities, reference values, themes, facets, corrections.

All of it lives in ``data/curated`` as TOML or CSV that an analyst edits; this module reads and
checks it, and says in which file and line something is wrong.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec

from dxlib import toml
from dxlib.errors import DecisionError, MunicipalityError, nearest
from dxlib.form import check_form
from dxlib.municipality import check_code, fold, master
from dxlib.project import Project

UNKNOWN = "unknown"
MUNICIPALITY_COLUMNS = ("code", "name", "kana", "romaji", "prefecture", "latitude", "longitude", "position_source")
BETTER = ("higher", "lower", "maintain")
# The first columns of facets.csv; behind them stands one for each facet.
FACET_COLUMNS = ("indicator_id", "indicator", "theme", "better")
# Columns of actuals.csv, and their names in a Japanese sheet.
ACTUAL_COLUMNS = {
    "indicator_id": "指標ID",
    "indicator": "指標",
    "value": "値",
    "unit": "単位",
    "year": "年度",
    "date": "日付",
    "source": "出典",
    "recorded_on": "記録日",
    "note": "備考",
}
_POSITION = ("latitude", "longitude", "position_source")
# Columns of corrections.csv; the last five came later, and a row or a whole file may lack them.
CORRECTION_COLUMNS = (
    *("correction_id", "document_id", "line", "quote", "field", "expected", "corrected", "reason", "status"),
    *("action", "role", "occurrence", "decided_by", "decided_on"),
)
CORRECTION_OPTIONAL = 5
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,30})?")


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One wording in both languages."""

    ja: str
    en: str


class Facet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A facet and its allowed values."""

    ja: str
    en: str
    values: dict[str, Names]
    required: bool = False


class Theme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A theme as an analyst writes it."""

    name: Names
    definition: Names
    direction: Literal["higher", "lower", "maintain"]
    transformations: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    not_to_confuse: Names | None = None


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"before": "from", "after": "to"}):
    """How a transformation changes one facet: from one of these values to one."""

    before: tuple[str, ...]
    after: str


class Transformation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A computation that makes facets agree."""

    name: Names
    formula: Literal["fraction", "per_10k", "share_of", "annual_change", "growth", "stage", "same"]
    unit: Names
    changes: dict[str, Change]
    item: str | None = None


class _ThemeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    themes: dict[str, Theme]
    transformations: dict[str, Transformation] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a CSV an analyst keeps, with its place for messages."""

    where: str
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


@dataclass(frozen=True, slots=True)
class Decisions:
    """All decisions, checked among themselves; `dxlib.tables` checks them against the documents."""

    municipalities: list[Entry]
    reference_values: list[Entry]
    facets: dict[str, Facet]
    themes: dict[str, Theme]
    transformations: dict[str, Transformation]
    topics: list[Entry]
    indicator_facets: list[Entry]
    corrections: list[Entry]
    actuals: list[Entry]


def _read(path: Path, where: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, IsADirectoryError) as error:
        raise DecisionError("this file is missing", code="decision-missing", where=where, hint="restore it from git") from error
    except UnicodeDecodeError as error:
        raise DecisionError(
            "the file is not UTF-8", code="decision-invalid", where=where, hint="save it as UTF-8 (CSV UTF-8 in Excel)"
        ) from error
    except OSError as error:
        raise DecisionError(
            f"the file cannot be read: {error.strerror}", code="decision-invalid", where=where, hint="check its rights"
        ) from error


def decode(project: Project, name: str, kind: Any, entry_kinds: dict[str, Any]) -> Any:
    """A TOML file of decisions, typed; an error names the line of the entry that is wrong.

    Args:
        project: the workbench.
        name: file in data/curated.
        kind: type of the whole file.
        entry_kinds: type of the entries below each table of the file; under "" those at the top.

    Raises:
        DecisionError: the file is missing or malformed.
    """
    path = project.curated / name
    where = project.relative(path)
    source = _read(path, where)
    try:
        return toml.decode(source, kind)
    except msgspec.ValidationError as error:
        message, line = str(error), toml.line_of(source, str(error), entry_kinds)
    except msgspec.DecodeError as error:
        message, found = str(error), re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else 1
    raise DecisionError(message, code="decision-invalid", where=f"{where}:{line}", hint="compare with the entries beside it")


def _themes(project: Project) -> _ThemeFile:
    kinds = {"themes": Theme, "transformations": Transformation}
    file: _ThemeFile = decode(project, "themes.toml", _ThemeFile, kinds)
    return file


def _facets(project: Project) -> dict[str, Facet]:
    facets: dict[str, Facet] = decode(project, "facet_values.toml", dict[str, Facet], {"": Facet})
    return facets


def csv_rows(text: str, where: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV, each with the number of its last line; a line break inside a cell stays.

    Raises:
        DecisionError: it is no CSV.
    """
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise DecisionError(
            f"no CSV: {error}", code="decision-invalid", where=f"{where}:{reader.line_num}", hint="check the quotation marks"
        ) from error


def _csv(project: Project, name: str, columns: tuple[str, ...], key: int = 1, optional: int = 0) -> list[Entry]:
    """The rows of a CSV whose first ``key`` columns name a row and may not repeat; the last ``optional`` may be absent."""
    check_form(project)
    path = project.curated / name
    where = project.relative(path)
    reader = csv_rows(_read(path, where), where)
    header = tuple(next(reader, (1, []))[1])
    shorter = columns[: len(columns) - optional]
    if header not in (columns, shorter):
        raise DecisionError(
            f"the columns are {', '.join(header) or '(none)'}",
            code="decision-columns",
            where=f"{where}:1",
            hint=f"expected: {', '.join(columns)}",
        )
    entries: list[Entry] = []
    seen: set[tuple[str, ...]] = set()
    for line, row in reader:
        if not any(cell.strip() for cell in row):
            continue
        place = f"{where}:{line}"
        if len(row) == len(shorter):
            row = [*row, *[""] * optional]
        if len(row) != len(columns):
            message, hint = f"{len(row)} cells, expected {len(columns)}", "quote cells that hold a comma"
            raise DecisionError(message, code="decision-columns", where=place, hint=hint)
        named = tuple(cell.strip() for cell in row[:key])
        if named in seen:
            raise DecisionError(
                f"{', '.join(named)} stands here twice", code="decision-duplicate", where=place, hint="keep one of the rows"
            )
        seen.add(named)
        entries.append(Entry(place, dict(zip(columns, (cell.strip() for cell in row), strict=True))))
    return entries


def _check_number(entry: Entry, column: str) -> None:
    if not _NUMBER.fullmatch(entry[column]):
        raise DecisionError(
            f"'{entry[column]}' in column {column} is no number",
            code="decision-value",
            where=entry.where,
            hint="write digits only",
        )


def _check_date(entry: Entry, column: str) -> None:
    try:
        if len(entry[column]) != len("2020-10-01"):
            raise ValueError
        date.fromisoformat(entry[column])
    except ValueError as error:
        raise DecisionError(
            f"'{entry[column]}' in column {column} is no date",
            code="decision-value",
            where=entry.where,
            hint="write it as 2020-10-01",
        ) from error


def check_known(value: str, known: object, what: str, where: str) -> None:
    """Raise when ``value`` is none of the ``known`` ones.

    Raises:
        DecisionError: with the nearest valid value.
    """
    if value not in known:  # type: ignore[operator]
        raise DecisionError(
            f"unknown {what} '{value}'",
            code="decision-unknown",
            where=where,
            hint=nearest(value, known),  # type: ignore[arg-type]
        )


def check_indicator(entry: Entry, names: Mapping[str, str]) -> None:
    """Check the column indicator, the guard of a row about an indicator: the name the person saw when deciding.

    Args:
        entry: the row.
        names: name of each indicator by its id; empty where it has none.

    Raises:
        DecisionError: there is no such indicator, or it has another name.
    """
    indicator_id = entry["indicator_id"]
    if indicator_id not in names:
        document = "/".join([*indicator_id.split("/")[:2], ""])
        beside = [name for name in names if name.startswith(document)]  # of a whole country only these are worth a look
        hint = nearest(indicator_id, beside or names)[:400]
        raise DecisionError(f"no indicator '{indicator_id}'", code="decision-unknown", where=entry.where, hint=hint)
    if names[indicator_id] != entry["indicator"]:
        raise DecisionError(
            f"{indicator_id} is now called '{names[indicator_id]}', the row was made for '{entry['indicator']}'",
            code="decision-guard",
            where=entry.where,
            hint="check that the row still fits, then update the column indicator",
        )


def raise_together(errors: Sequence[DecisionError]) -> None:
    """Raise the first of the errors, with the others listed in its hint; do nothing when there are none.

    Raises:
        DecisionError: there is at least one.
    """
    if not errors:
        return
    first, *others = errors
    if not others:
        raise first
    listed = [f"  [{other.code}] {other.where}: {other.message}" for other in others[:20]]
    listed += ["  …"] if len(others) > len(listed) else []
    hint = "\n".join((first.hint, f"{len(others)} more of this file:", *listed))
    raise DecisionError(first.message, code=first.code, where=first.where, hint=hint) from first


def read_actuals(project: Project) -> list[Entry]:
    """The rows of ``actuals.csv``, unchecked: `dxlib.actuals` checks them against the indicators."""
    return _csv(project, "actuals.csv", tuple(ACTUAL_COLUMNS), key=len(ACTUAL_COLUMNS))


def read_municipalities(project: Project) -> list[Entry]:
    """The rows of ``municipality.csv``, unchecked but for their form and that no code stands twice."""
    return _csv(project, "municipality.csv", MUNICIPALITY_COLUMNS)


def read_corrections(project: Project) -> list[Entry]:
    """The rows of ``corrections.csv``, unchecked: `dxlib.corrections` checks them against the facts."""
    return _csv(project, "corrections.csv", CORRECTION_COLUMNS, optional=CORRECTION_OPTIONAL)


def read_decisions(project: Project) -> Decisions:
    """Read and check every decision of the workbench.

    Raises:
        DecisionError: a file is missing or malformed, or a value is unknown.
        MunicipalityError: a code is malformed, or its name is another in the master.
    """
    check_form(project)
    facets = _facets(project)
    topics = _topics(project)
    file = _checked_themes(project, facets, {entry["topic_id"] for entry in topics})
    municipalities = _municipalities(project)
    references = _reference_values(project, {entry["code"] for entry in municipalities})
    indicator_facets = _indicator_facets(project, file, facets)
    corrections = read_corrections(project)
    return Decisions(
        municipalities,
        references,
        facets,
        file.themes,
        file.transformations,
        topics,
        indicator_facets,
        corrections,
        read_actuals(project),
    )


def _checked_themes(project: Project, facets: dict[str, Facet], topics: set[str]) -> _ThemeFile:
    file = _themes(project)
    where = project.relative(project.curated / "themes.toml")
    for name, transformation in file.transformations.items():
        _check_transformation(transformation, facets, f"{where} [transformations.{name}]")
    for name, theme in file.themes.items():
        for used in theme.transformations:
            check_known(used, file.transformations, "transformation", f"{where} [themes.{name}]")
        for topic in theme.topics:
            check_known(topic, topics, "topic", f"{where} [themes.{name}]")
    return file


def _check_transformation(transformation: Transformation, facets: dict[str, Facet], where: str) -> None:
    for facet, change in transformation.changes.items():
        check_known(facet, facets, "facet", where)
        for value in (*(value for value in change.before if value != "*"), change.after):
            check_known(value, facets[facet].values, f"value of facet {facet}", where)
    if (transformation.item is None) == (transformation.formula in ("per_10k", "share_of")):
        raise DecisionError(
            f"formula {transformation.formula} {'needs an' if transformation.item is None else 'takes no'} item",
            code="decision-value",
            where=where,
            hint="item is what per_10k and share_of divide by, e.g. population",
        )


def _topics(project: Project) -> list[Entry]:
    entries = _csv(project, "topics.csv", ("version", "date", "position", "topic_id", "name_ja", "source", "confirmed"), key=3)
    for entry in entries:
        _check_number(entry, "position")
        check_known(entry["confirmed"], ("yes", "third-party", "no"), "value of confirmed", entry.where)
    return entries


def _municipalities(project: Project) -> list[Entry]:
    entries = read_municipalities(project)
    for entry in entries:
        check_code(entry["code"], entry.where)
        _check_master(entry)
        for column in ("name", "kana", "romaji", "prefecture"):
            if not entry[column]:
                raise DecisionError(
                    f"column {column} is empty", code="decision-value", where=entry.where, hint=f"fill it in for {entry['code']}"
                )
        if any(entry[column] for column in _POSITION):  # a position is whole or not known
            _check_number(entry, "latitude")
            _check_number(entry, "longitude")
    return entries


def _check_master(entry: Entry) -> None:
    """Name and prefecture must be those of the master; a code that is not in it is the build's to note."""
    listed = master().get(entry["code"])
    if listed and (fold(entry["name"]), fold(entry["prefecture"])) != (fold(listed.name), fold(listed.prefecture)):
        raise MunicipalityError(
            f"{entry['code']} is {entry['prefecture']} {entry['name']} here and {listed.prefecture} {listed.name} in the master",
            code="municipality-differs",
            where=entry.where,
            hint="correct the code, the name or the prefecture; dxlib municipalities shows the master",
        )


def _reference_values(project: Project, codes: set[str]) -> list[Entry]:
    columns = ("municipality_code", "item", "as_of", "vintage", "value", "unit", "note", "source")
    entries = _csv(project, "reference_value.csv", columns, key=4)
    for entry in entries:
        check_known(entry["municipality_code"], codes, "municipality code", entry.where)
        _check_number(entry, "value")
        _check_date(entry, "as_of")
    return entries


def _indicator_facets(project: Project, file: _ThemeFile, facets: dict[str, Facet]) -> list[Entry]:
    entries = _csv(project, "facets.csv", (*FACET_COLUMNS, *facets))
    for entry in entries:
        check_facets(entry, file.themes, facets)
    return entries


def check_facets(entry: Entry, themes: Mapping[str, object], facets: Mapping[str, Facet]) -> None:
    """Check the theme and facets of a row for ``facets.csv``.

    Raises:
        DecisionError: one of them is unknown.
    """
    if entry["theme"]:
        check_known(entry["theme"], themes, "theme", entry.where)
    check_known(entry["better"], BETTER, "value of better", entry.where)
    for facet, allowed in facets.items():
        check_known(entry[facet], {*allowed.values, UNKNOWN}, f"value of facet {facet}", entry.where)

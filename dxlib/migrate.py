"""Decisions of an older form made into those of today's. Every file that changes is kept as it was; no entry is lost.

The steps look at the columns that a file has, so that a run that was stopped half way is finished by the next one.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dxlib.decisions import ACTUAL_COLUMNS, FACET_COLUMNS, UNKNOWN, csv_rows
from dxlib.errors import DecisionError
from dxlib.form import FILE, FORM, columns_of, form_of, newer, stated_form, statement
from dxlib.hold import hold_data
from dxlib.project import Project
from dxlib.sheet import write_data

KEPT = "older"  # folder below data/curated for the files as they were
_TOPICS = "version,date,position,topic_id,name_ja,source,confirmed"
_BOM = b"\xef\xbb\xbf"
# The one transformation that was written with a single facet, and how it is written since.
_TRANSFORMATION = re.compile(r'^facet = "unit"(\r?\n)from = "fraction"\r?\nto = "percent"[ \t]*(?=\r?$)', re.MULTILINE)
_REWRITTEN = 'formula = "fraction"\\1unit = { ja = "%", en = "%" }\\1changes.unit = { from = ["fraction"], to = "percent" }'


@dataclass(frozen=True, slots=True)
class Migrated:
    """What was done.

    Attributes:
        before: the form that the folder had.
        changes: what was done to each file, in words.
        kept: where the files are as they were; None when none was changed.
    """

    before: int
    changes: list[str]
    kept: Path | None


@dataclass(frozen=True, slots=True)
class _Change:
    name: str
    content: bytes
    words: str


@dataclass(frozen=True, slots=True)
class _Table:
    """A CSV with its form: rows as cells, the line ends and the byte order mark that it has."""

    where: str
    columns: list[str]
    rows: list[list[str]]
    ending: str
    marked: bool

    @classmethod
    def read(cls, project: Project, name: str) -> _Table:
        """The CSV.

        Raises:
            DecisionError: it is no CSV in UTF-8, or a row has more or fewer cells than there are columns.
        """
        path = project.curated / name
        where = project.relative(path)
        data = path.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise DecisionError(
                "the file is not UTF-8", code="decision-invalid", where=where, hint="save it as UTF-8 (CSV UTF-8 in Excel)"
            ) from error
        lines = csv_rows(text, where)
        columns = [cell.strip() for cell in next(lines, (1, []))[1]]
        rows = []
        for number, row in lines:
            if any(cell.strip() for cell in row):
                if len(row) != len(columns):
                    message = f"{len(row)} cells, expected {len(columns)}"
                    place = f"{where}:{number}"
                    raise DecisionError(message, code="decision-columns", where=place, hint="quote cells that hold a comma")
                rows.append(row)
        return cls(where, columns, rows, "\r\n" if b"\r\n" in data else "\n", data.startswith(_BOM))

    def records(self) -> list[dict[str, str]]:
        """The rows by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def written(self, columns: list[str], records: list[dict[str, str]]) -> bytes:
        """Other columns and rows in the same form."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator=self.ending)
        writer.writerow(columns)
        writer.writerows([record[column] for column in columns] for record in records)
        return (_BOM if self.marked else b"") + text.getvalue().encode()


def _toml(project: Project, name: str) -> dict[str, dict[str, dict[str, str]]]:
    path = project.curated / name
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise DecisionError(
            "this file is missing", code="decision-missing", where=project.relative(path), hint="restore it from git"
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DecisionError(
            str(error), code="decision-invalid", where=project.relative(path), hint="correct it, then migrate again"
        ) from error


def _facets(project: Project) -> Iterator[_Change]:
    """Columns ``better`` (till then the direction of the theme) and those of later facets (what nobody decided is unknown)."""
    if "better" in columns_of(project.curated / "facets.csv"):
        return
    table = _Table.read(project, "facets.csv")
    columns = [*FACET_COLUMNS, *_toml(project, "facet_values.toml")]
    if lost := [column for column in table.columns if column not in columns]:
        raise DecisionError(
            f"column {lost[0]} is no facet of facet_values.toml",
            code="decision-columns",
            where=f"{table.where}:1",
            hint="add the facet there, so that its values stay",
        )
    themes = _toml(project, "themes.toml").get("themes", {})
    added = [column for column in columns if column not in table.columns]
    records = []
    for number, record in enumerate(table.records(), start=2):
        better = themes.get(record["theme"].strip(), {}).get("direction")
        if better is None:
            raise DecisionError(
                f"{record['indicator_id']} has no theme of themes.toml, so that nothing says what is better",
                code="migrate-direction",
                where=f"{table.where}:{number}",
                hint="name its theme, or add the column better (higher, lower, maintain) to the file yourself",
            )
        records.append({**dict.fromkeys(added, UNKNOWN), **record, "better": better})
    yield _Change("facets.csv", table.written(columns, records), f"facets.csv: {', '.join(added)} added, {len(records)} rows")


def _reference_values(project: Project, vintage: str | None) -> Iterator[_Change]:
    """Column ``vintage``, which only a person knows."""
    columns = columns_of(project.curated / "reference_value.csv")
    if not columns or "vintage" in columns:
        return
    table = _Table.read(project, "reference_value.csv")
    if table.rows and vintage is None:
        raise DecisionError(
            f"nothing says when the {len(table.rows)} figures were published, and no program can know",
            code="migrate-vintage",
            where=table.where,
            hint="name the day (month, year) for all of them: dxlib migrate --vintage 2022-07-01; correct single rows afterwards",
        )
    after = table.columns.index("as_of") + 1 if "as_of" in table.columns else len(table.columns)
    wider = [*table.columns[:after], "vintage", *table.columns[after:]]
    records = [{**record, "vintage": vintage or ""} for record in table.records()]
    words = f"reference_value.csv: vintage added, {vintage or 'no'} in {len(records)} rows"
    yield _Change("reference_value.csv", table.written(wider, records), words)


def _themes(project: Project) -> Iterator[_Change]:
    """Transformations say which formula they are and may change several facets."""
    _toml(project, "themes.toml")
    source = (project.curated / "themes.toml").read_bytes().decode()
    rewritten, count = _TRANSFORMATION.subn(_REWRITTEN, source)
    if count:
        yield _Change("themes.toml", rewritten.encode(), f"themes.toml: {count} transformation rewritten")


def _missing(project: Project) -> Iterator[_Change]:
    """Files that came later, without a row."""
    for name, header in (("actuals.csv", ",".join(ACTUAL_COLUMNS)), ("topics.csv", _TOPICS)):
        if not (project.curated / name).exists():
            yield _Change(name, f"{header}\n".encode(), f"{name}: made, without a row")


def _keep(project: Project, form: int, names: list[str]) -> Path:
    """Copy files as they are into a folder that is not there yet."""
    folder = project.curated / KEPT / f"form-{form}"
    number = 1
    while folder.exists():
        number += 1
        folder = folder.with_name(f"form-{form}-{number}")
    for name in names:
        write_data(folder / name, (project.curated / name).read_bytes())
    return folder


def migrate(project: Project, vintage: str | None = None) -> Migrated:
    """Make the files of ``data/curated`` those of today's form; files that are keep every byte.

    Args:
        project: the workbench.
        vintage: day, month or year on which the figures of a reference_value.csv without vintages were published.

    Raises:
        DecisionError: the form is newer than this dxlib, a file is malformed, something must be said by a person, or a file
            cannot be written. Nothing was changed, but for the last: what was written then stays, and the next run goes on.
        LockError: another program writes in the workbench.
    """
    with hold_data(project):
        return _migrated(project, vintage)


def _migrated(project: Project, vintage: str | None) -> Migrated:
    from dxlib.official.figures import check_vintage

    form = form_of(project)
    if form > FORM:
        raise newer(project, form)
    if vintage is not None:
        check_vintage(vintage, "--vintage")
    changes = [*_facets(project), *_reference_values(project, vintage), *_themes(project)] if form < FORM else []
    there = [change.name for change in changes]
    changes += _missing(project) if form < FORM else []
    kept = _keep(project, form, there) if there else None
    for change in changes:
        write_data(project.curated / change.name, change.content)
    if stated_form(project) != FORM:
        write_data(project.curated / FILE, statement())
    return Migrated(form, [change.words for change in changes], kept)

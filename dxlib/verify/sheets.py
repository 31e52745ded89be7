"""The data of a report: its zip by its own metadata, Excel beside CSV cell by cell, and every row beside the warehouse."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from dxlib import columns, wording
from dxlib.errors import DxlibError
from dxlib.report.cells import excel_text, from_csv
from dxlib.report.workbook import safe_name
from dxlib.verify.opened import Opened, Record
from dxlib.verify.progress import agrees
from dxlib.verify.proof import Check, Proof, shown
from dxlib.verify.sources import Raw

if TYPE_CHECKING:
    from dxlib.verify.reported import Report

_AGAIN = "make it again: dxlib report --force"
_SPOKEN = ("columns", "codes", "report")  # they say different things in Excel and CSV
_NUMBERED = re.compile(r"&#x([0-9a-f]+);")
_VALUES = (
    "value",
    "value_low",
    "numerator",
    "denominator",
    "unit",
    "value_text",
    "missing",
    "fiscal_year",
    "calendar_year",
    "role",
)


@dataclass(slots=True)
class Table:
    """A table of the zip.

    Attributes:
        name: its key in ``columns.toml``.
        columns: keys of its columns.
        rows: cells as text; None where blank.
    """

    name: str
    columns: list[str]
    rows: list[list[str | None]]

    def records(self) -> Iterator[dict[str, str | None]]:
        """The rows by column."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)


@dataclass(slots=True)
class Bundle:
    """What the zip of a report holds."""

    metadata: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)


def check_sheets(proof: Proof, opened: Opened, raw: Raw, report: Report, is_current: bool) -> None:
    """All checks of the data of a report."""
    bundle = Bundle()
    about = report.folder.name
    if "zip" in report.manifest.formats:
        proof.run("report-zip", "the zip holds what its metadata says", lambda c: _zip(c, opened, report, bundle), about)
    if bundle.tables and "xlsx" in report.manifest.formats:
        proof.run("report-sheet", "cells of Excel and CSV are the same", lambda c: _sheets(c, report, bundle), about)
    if bundle.tables and is_current:
        proof.run(
            "report-row", "rows of its data are those of the warehouse", lambda c: _rows(c, opened, raw, report, bundle), about
        )


def _zip(check: Check, opened: Opened, report: Report, bundle: Bundle) -> None:
    path = report.file("zip")
    place = report.at(path)
    try:
        with zipfile.ZipFile(path) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        bundle.metadata = json.loads(files["metadata.json"])
        listed = {entry["file"]: entry for entry in bundle.metadata["files"]}
        about = bundle.metadata["about"]
        _about(check, opened, report, about, place)
        for name in sorted({*files, *listed} - {"metadata.json"}):
            digest = hashlib.sha256(files.get(name, b"")).hexdigest()
            said = f"has the SHA-256 {digest}, metadata.json says {listed.get(name, {}).get('sha256')}"
            check.expect(name in files and listed.get(name, {}).get("sha256") == digest, f"{place}/{name}", said, _AGAIN)
        xlsx = report.file("xlsx")
        if xlsx.name in files and xlsx.is_file():
            check.expect(
                files[xlsx.name] == xlsx.read_bytes(), f"{place}/{xlsx.name}", "is another file than beside the zip", _AGAIN
            )
        for name, entry in listed.items():
            if "table" in entry and name in files:
                _csv(check, bundle, entry, files[name], f"{place}/{name}")
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError, csv.Error) as error:
        check.wrong(place, f"cannot be read: {type(error).__name__}: {error}", _AGAIN)


def _about(check: Check, opened: Opened, report: Report, about: dict[str, Any], place: str) -> None:
    """What the metadata says of the report, beside run.json."""
    manifest = report.manifest
    wanted = {
        "report_id": manifest.report_id,
        "notebook": manifest.notebook,
        "title": manifest.title,
        "parameters": manifest.parameters,
        "lang": manifest.lang,
        "vintage": manifest.inputs.vintage,
        "warehouse": manifest.inputs.warehouse,
    }
    for key, value in wanted.items():
        said = f"{key} is {shown(about.get(key))}, run.json says {shown(value)}"
        check.expect(about.get(key) == value, f"{place}/metadata.json", said, _AGAIN)
    cited = [(d["document_id"], d["sha256"]) for d in about["documents"]]
    said = "the documents are others than those of run.json"
    listed = [(d["document_id"], d["sha256"]) for d in manifest.inputs.documents]
    check.expect(cited == listed, f"{place}/metadata.json", said, _AGAIN)


def _csv(check: Check, bundle: Bundle, entry: dict[str, Any], content: bytes, place: str) -> None:
    is_cp932 = entry["encoding"].startswith("CP932")
    text = content.decode("cp932" if is_cp932 else "utf-8-sig")
    header, *rows = list(csv.reader(io.StringIO(text, newline="")))
    cells = [[_cell(cell, is_cp932) for cell in row] for row in rows]
    wanted = [column["key"] for column in entry["columns"]]
    check.expect(header == wanted, place, f"the columns are {', '.join(header)}", _AGAIN)
    check.expect(len(rows) == entry["rows"], place, f"has {len(rows)} rows, metadata.json says {entry['rows']}", _AGAIN)
    if all(len(row) == len(header) for row in cells):
        bundle.tables[entry["table"]] = Table(entry["table"], header, cells)
    else:
        check.wrong(place, "rows have other numbers of cells than the header", _AGAIN)


def _cell(field_: str, is_cp932: bool) -> str | None:
    """The text that a CSV field stands for."""
    if is_cp932:
        field_ = _NUMBERED.sub(lambda match: chr(int(match[1], 16)), field_)
    return from_csv(field_) or None


def _sheets(check: Check, report: Report, bundle: Bundle) -> None:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    path = report.file("xlsx")
    try:
        book = load_workbook(path, read_only=True)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, InvalidFileException) as error:
        check.wrong(report.at(path), f"cannot be read: {error}", _AGAIN)
        return
    words = {(code["group"], code["code"]): code for code in bundle.metadata["about"]["codes"]}
    try:
        for table in bundle.tables.values():
            if table.name in _SPOKEN:
                continue
            names = {lang: safe_name(columns.sheet_name(table.name, lang)) for lang in wording.LANGUAGES}
            lang = next((lang for lang, name in names.items() if name in book.sheetnames), None)
            if lang is None:
                check.wrong(report.at(path), f"has no sheet for the table {table.name}", _AGAIN)
                continue
            rows = [list(row) for row in book[names[lang]].iter_rows(values_only=True)]
            _sheet(check, f"{report.at(path)} {names[lang]}", table, rows, lang, report.manifest.lang, words)
    finally:
        book.close()


def _sheet(
    check: Check,
    place: str,
    table: Table,
    rows: list[list[Any]],
    headers: str,
    lang: str,
    words: dict[tuple[str, str], dict[str, str]],
) -> None:
    header = [columns.header(key, headers) for key in table.columns]
    check.expect(bool(rows) and rows[0][: len(header)] == header, place, "the headers are others", _AGAIN)
    check.expect(len(rows) - 1 == len(table.rows), place, f"has {len(rows) - 1} rows, the CSV has {len(table.rows)}", _AGAIN)
    for number, (cells, fields) in enumerate(zip(rows[1:], table.rows, strict=False), 2):
        padded = [*cells, *[None] * (len(fields) - len(cells))]
        for key, cell, text in zip(table.columns, padded, fields, strict=False):
            wanted = _in_excel(key, text, headers, lang, words)
            found = f"{key} is {shown(cell)}, the CSV has {shown(text)}"
            check.expect(_same(cell, wanted), f"{place} row {number}", found, _AGAIN)


def _in_excel(key: str, text: str | None, headers: str, lang: str, words: dict[tuple[str, str], dict[str, str]]) -> Any:
    """A field of the CSV as the cell of Excel that stands for the same."""
    if text is None:
        return None
    entry = columns.column(key)
    if entry.kind == "date":
        return date.fromisoformat(text)
    if entry.kind != "text":
        return float(text)
    if entry.codes is not None:
        known = columns.definitions().codes.get(entry.codes, {})
        text = known[text].of(headers) if text in known else words.get((entry.codes, text), {}).get(headers, text)
    return excel_text(text, wording.text("export_cut", headers))


def _same(cell: Any, wanted: Any) -> bool:
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(wanted, float):
        return isinstance(cell, int | float) and math.isclose(cell, wanted, rel_tol=1e-14)  # Excel keeps 16 digits
    return bool(cell == wanted)


def _rows(check: Check, opened: Opened, raw: Raw, report: Report, bundle: Bundle) -> None:
    facts = {row["observation_id"]: row for row in opened.records("SELECT * FROM fact")}
    for table in bundle.tables.values():
        place = f"{report.at(report.file('zip'))}/{table.name}.csv"
        for number, record in enumerate(table.records(), 2):
            at = f"{place}:{number}"
            for side in ("", "left_", "right_"):
                _quote(check, raw, record, side, at)
                _value(check, facts, record, side, at)
    as_of = report.manifest.parameters.get("as_of")
    _progress(check, opened, report, bundle, as_of)
    for name, keys, source in (
        ("coverage", ("municipality_code", "theme_id"), "SELECT * FROM coverage"),
        ("quality_score", ("plan_id", "rule_id"), "SELECT * FROM quality_score"),
        ("references", ("municipality_code", "item", "as_of", "source"), "SELECT * FROM reference_value WHERE detail = ''"),
        ("sources", ("document_id",), "SELECT * FROM document"),
    ):
        _beside(check, opened, report, bundle, name, keys, source)


def _quote(check: Check, raw: Raw, record: dict[str, str | None], side: str, place: str) -> None:
    document_id, line, quote = (record.get(f"{side}{column}") for column in ("document_id", "line", "quote"))
    if document_id and line and quote:
        text = raw.line(document_id, int(line))
        found = f"quotes {shown(quote)}, line {line} of {document_id} is {shown(text)}"
        check.expect(text is not None and quote in excel_line(text), place, found, _AGAIN)


def excel_line(text: str) -> str:
    """A line as tables hold it: on one line, without what XML forbids."""
    from dxlib.report.cells import plain

    return plain(text)


def _value(check: Check, facts: dict[str, Record], record: dict[str, str | None], side: str, place: str) -> None:
    """A value of the table is the one that its id names."""
    key = record.get("observation_id") if not side else None
    key = key or record.get(f"{side}result_id")
    if key is None or record.get(f"{side}is_interpolated") == "1":
        return
    fact = facts.get(key)
    if fact is None:
        check.wrong(place, f"there is no value {key}", _AGAIN)
        return
    for column in _VALUES:
        if f"{side}{column}" in record:
            text = record[f"{side}{column}"]
            found = f"{side}{column} is {shown(text)}, {key} has {shown(fact[column])}"
            check.expect(_stored(column, text, fact[column]), place, found, _AGAIN)


def _stored(key: str, text: str | None, value: Any) -> bool:
    """Whether a field says what the warehouse holds."""
    if isinstance(value, list):
        value = columns.SEPARATOR.join(map(str, value))
    if value is None or value == "":
        return text is None
    if text is None:
        return False
    if isinstance(value, bool):
        return text == str(int(value))
    if isinstance(value, int | float):
        try:
            return agrees(float(text), value)
        except ValueError:
            return False
    from dxlib.report.cells import plain

    return text == plain(str(value)) or columns.code_group(key) is not None


def _progress(check: Check, opened: Opened, report: Report, bundle: Bundle, as_of: Any) -> None:
    if "progress" in bundle.tables:
        from dxlib.asked import known_on

        try:
            day = known_on(as_of) if as_of else None
        except DxlibError:
            check.wrong(report.id, f"the parameter as_of is {shown(as_of)}", _AGAIN)
            return
        _beside(check, opened, report, bundle, "progress", ("indicator_id",), "FROM progress_at(?::DATE)", [day])


def _beside(
    check: Check,
    opened: Opened,
    report: Report,
    bundle: Bundle,
    name: str,
    keys: tuple[str, ...],
    source: str,
    params: list[Any] | None = None,
) -> None:
    """Each row of a table beside that of the warehouse with the same key; columns both have."""
    if name not in bundle.tables:
        return
    table = bundle.tables[name]
    renamed = {"item": "reference_item"} if name == "references" else {}
    stored: dict[tuple[str, ...], Record] = {}
    for row in opened.records(source, params or []):
        stored[tuple("" if row[key] is None else str(row[key]) for key in keys)] = row
    for number, record in enumerate(table.records(), 2):
        place = f"{report.at(report.file('zip'))}/{name}.csv:{number}"
        key = tuple(record[renamed.get(one, one)] or "" for one in keys)
        if key not in stored:
            check.wrong(place, f"the warehouse has no {name} of {' '.join(key)}", _AGAIN)
            continue
        row = stored[key]
        if name == "progress":  # the code beside, the words in the report's language
            row = {**row, "reason_code": row["reason"], "reason": row[f"reason_{report.manifest.lang}"]}
        for column in sorted(record.keys() & row.keys()):
            found = f"{column} is {shown(record[column])}, the warehouse has {shown(row[column])}"
            check.expect(_stored(column, record[column], row[column]), place, found, _AGAIN)

"""Data of a report as a zip: one CSV a table, metadata, and a README with a ready citation."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from dxlib import columns, wording
from dxlib.blocks import Data, Plain
from dxlib.errors import ReportError, nearest
from dxlib.naming import is_portable
from dxlib.report.about import About
from dxlib.report.appendix import appendix, reading
from dxlib.report.cells import csv_text, missing_from, numbered, plain
from dxlib.report.workbook import zipped
from dxlib.unseen import inert

ENCODINGS = ("utf-8-sig", "utf-8", "cp932")


def to_bundle(
    data: Sequence[Data],
    about: About,
    lang: str,
    *,
    encoding: str = "utf-8-sig",
    extra: Mapping[str, bytes] | None = None,
) -> bytes:
    """A zip of the data: ``<table>.csv`` each, the explaining tables, ``metadata.json``, ``README.txt`` and more files.

    Headers are the keys of the columns. Lines end in CRLF, one record is one line, fields are quoted as in RFC 4180.
    Flags are 1 or 0, codes are as in ``codes.csv``, NULL is blank.

    Args:
        data: the tables; those of one name become one file.
        about: what must be known about the report.
        lang: language of README, headers in words and meanings.
        encoding: of the CSVs: ``utf-8-sig`` (with BOM), ``utf-8`` or ``cp932``, where characters it lacks are written
            as ``&#x…;`` and listed in README and metadata.
        extra: more files by name, e.g. the xlsx.

    Raises:
        ReportError: an unknown encoding, table or column, a cell of another kind, or a name of an extra file that is
            taken or no plain file name.
        QueryError: the language is unknown.
    """
    if encoding not in ENCODINGS:
        raise ReportError(f"unknown encoding '{encoding}'", code="encoding-unknown", hint=nearest(encoding, ENCODINGS))
    tables = columns.merged(data)
    # What the explaining tables say names the missing characters, so these are sought twice: without, and with it.
    explained = appendix(tables, about, lang=lang, headers=lang, form=[], spoken=False)
    missing = _missing([*tables, *explained], encoding)
    form = _form(encoding, missing, lang)
    tables += appendix(tables, about, lang=lang, headers=lang, form=form, spoken=False)
    missing = _missing(tables, encoding)
    files = {f"{table.name}.csv": to_csv(table, encoding, missing) for table in tables}
    described = {f"{table.name}.csv": _described(table, lang) for table in tables}
    for name, content in sorted((extra or {}).items()):
        files[_checked(name, files)] = content
    files["README.txt"] = _readme(about, tables, form, lang).encode("utf-8-sig")
    files["metadata.json"] = _metadata(about, files, described, encoding, missing)
    return zipped(dict(sorted(files.items())))


def to_csv(table: Data, encoding: str, missing: Sequence[str] = ()) -> bytes:
    """A table as CSV.

    Args:
        table: the table; cells are of their columns' kinds.
        encoding: one of `ENCODINGS`.
        missing: characters to write as ``&#x…;``.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([_field(value) for value in row])
    written = text.getvalue()
    return (numbered(written, missing) if encoding == "cp932" else written).encode(encoding)


def _field(value: Plain) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return csv_text(value)
    return str(int(value)) if isinstance(value, bool) or value == int(value) else repr(value)


def _missing(tables: Sequence[Data], encoding: str) -> list[str]:
    if encoding != "cp932":
        return []
    return missing_from(encoding, (_field(value) for table in tables for row in table.rows for value in row))


def _form(encoding: str, missing: Sequence[str], lang: str) -> list[str]:
    bom = wording.text("export_bom_yes", lang) if encoding == "utf-8-sig" else wording.text("export_bom_no", lang)
    form = [wording.text("export_format_csv", lang, encoding=_label(encoding), bom=bom)]
    if missing:
        form.append(wording.text("export_replaced", lang, characters=" ".join(map(_named, missing))))
    elif encoding == "cp932":
        form.append(wording.text("export_replaced_none", lang))
    return [*form, wording.text("export_formula", lang), wording.text("export_zeros", lang)]


def _label(encoding: str) -> str:
    return "CP932 (Windows-31J)" if encoding == "cp932" else "UTF-8"


def _named(char: str) -> str:
    return f"{char} U+{ord(char):04X}"


def _checked(name: str, taken: Mapping[str, bytes]) -> str:
    """The name of an extra file, when it is a plain one and free."""
    if not is_portable(name) or name.lower() in {*map(str.lower, taken), "readme.txt", "metadata.json"}:
        raise ReportError(f"'{name}' cannot be a file of the zip", code="bundle-name", hint="give it a free, plain file name")
    return name


def _described(table: Data, lang: str) -> dict[str, Any]:
    return {
        "table": table.name,
        "name": columns.sheet_name(table.name, lang),
        "row": columns.sheet_row(table.name, lang),
        "rows": len(table.rows),
        "columns": [
            {
                "key": key,
                "header_ja": columns.header(key, "ja"),
                "header_en": columns.header(key, "en"),
                "meaning": columns.about_column(key, lang),
                "kind": columns.column(key).kind,
                "unit": columns.unit(key, lang) or None,
                "unit_in": columns.column(key).unit_in,
                "codes": columns.code_group(key),
            }
            for key in table.columns
        ],
    }


def _metadata(
    about: About, files: Mapping[str, bytes], described: Mapping[str, dict[str, Any]], encoding: str, missing: Sequence[str]
) -> bytes:
    form = {"encoding": _label(encoding), "bom": encoding == "utf-8-sig", "line_ending": "CRLF", "delimiter": ","}
    written = [
        {"file": name, "sha256": hashlib.sha256(content).hexdigest(), **(form | described[name] if name in described else {})}
        for name, content in sorted(files.items())
    ]
    content = {
        "about": about,
        "replaced_characters": [{"character": char, "written": f"&#x{ord(char):x};"} for char in missing],
        "files": written,
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def _line(text: str) -> str:
    """A text of a plan as a part of one line, whose direction it cannot change."""
    return inert(plain(text))


def _readme(about: About, tables: Sequence[Data], form: Sequence[str], lang: str) -> str:
    contents = [
        wording.text(
            "export_file",
            lang,
            file=f"{table.name}.csv",
            name=columns.sheet_name(table.name, lang),
            row=columns.sheet_row(table.name, lang),
            rows=len(table.rows),
        )
        for table in tables
    ]
    rights = [wording.text("export_right", lang, document=d.title, rights=d.rights) for d in about.documents]
    vintage = about.vintage or wording.text("export_vintage_none", lang)
    parts = {
        wording.text("export_item_caution", lang): [about.caution],
        wording.text("export_item_citation", lang): [about.citation],
        wording.text("export_item_vintage", lang): [vintage],
        wording.text("export_item_undated", lang): about.undated,
        wording.text("export_item_contents", lang): [*contents, wording.text("export_file_metadata", lang)],
        wording.text("export_item_format", lang): form,
        wording.text("export_item_reading", lang): reading(lang),
        wording.text("export_item_rights", lang): rights,
        wording.text("export_item_made", lang): [about.made_with],
        wording.text("export_item_warehouse", lang): [about.warehouse],
    }
    lines = [_line(about.title), ""]
    for heading, items in parts.items():
        if items:
            lines += [f"## {heading}", "", *(f"- {_line(item)}" for item in items), ""]
    return "\r\n".join(lines)

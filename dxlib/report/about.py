"""What must be known to use and cite the data of a report: documents, definitions, codes, vintage, fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from dxlib import __version__, columns, wording
from dxlib.blocks import Citation, Data
from dxlib.indicators import Workbench

_SIDES = ("", "left_", "right_")
_WAREHOUSE_CODES = {
    "theme": "SELECT theme_id, name_ja, name_en FROM theme ORDER BY 1",
    "rule": "SELECT rule_id, name_ja, name_en FROM rule ORDER BY 1",
    "transformation": "SELECT transformation_id, name_ja, name_en FROM transformation ORDER BY 1",
    "reason": """
        SELECT j.word, j.means, e.means FROM word j JOIN word e ON e.word = j.word AND e.kind = 'reason_en'
        WHERE j.kind = 'reason_ja' ORDER BY 1""",
}


class Document(msgspec.Struct, frozen=True):
    """A document that the report or its data cites; ``published`` is None where it prints no date."""

    document_id: str
    municipality_code: str
    title: str
    producer: str
    edition: str
    published: str | None
    sha256: str
    encoding: str
    rights: str
    note: str | None
    cited_lines: int


class Reference(msgspec.Struct, frozen=True):
    """An official statistic that values were computed with."""

    municipality_code: str
    item: str
    as_of: str
    value: float
    unit: str
    note: str | None
    source: str
    vintage: str


class Theme(msgspec.Struct, frozen=True):
    """A theme that the report touches, in its language."""

    theme_id: str
    name: str
    definition: str
    not_to_confuse: str | None


class ColumnNote(msgspec.Struct, frozen=True):
    """A column of the data, in the language of the report."""

    key: str
    header: str
    meaning: str
    kind: str
    unit: str
    codes: str | None


class Code(msgspec.Struct, frozen=True):
    """A code of a code table, in both languages."""

    group: str
    code: str
    ja: str
    en: str


class About(msgspec.Struct, frozen=True):
    """All of it. ``vintage`` is the newest day of publication or recording; None where no document prints one."""

    report_id: str
    notebook: str
    title: str
    parameters: dict[str, Any]
    lang: str
    made_with: str
    vintage: str | None
    undated: list[str]
    citation: str
    caution: str
    documents: list[Document]
    references: list[Reference]
    themes: list[Theme]
    columns: list[ColumnNote]
    codes: list[Code]
    warehouse: str


def about(
    bench: Workbench,
    *,
    report_id: str,
    notebook: str,
    title: str,
    parameters: Mapping[str, Any],
    lang: str,
    data: Sequence[Data],
    cited: Sequence[Citation],
) -> About:
    """What must be known about a report and its data. Holds no clock: the same inputs give the same answer.

    Args:
        bench: the open warehouse the report was made from.
        report_id: key of the report, as in its file names.
        notebook: name of the notebook.
        title: title of the report.
        parameters: parameters of the run; ``theme`` counts as touched.
        lang: language of the report.
        data: the tables for Excel and CSV.
        cited: everything the report cites.

    Raises:
        ReportError: a column is unknown or a cell of another kind.
        QueryError: the language is unknown.
    """
    wording.check_language(lang)
    data = columns.merged(data)
    documents = _documents(bench, data, cited)
    vintage = max([d.published for d in documents if d.published] + list(_recorded(data)), default=None)
    return About(
        report_id=report_id,
        notebook=notebook,
        title=title,
        parameters=dict(parameters),
        lang=lang,
        made_with=f"dxlib {__version__}",
        vintage=vintage,
        undated=[d.title for d in documents if not d.published],
        citation=_citation(title, documents, vintage, lang),
        caution=wording.text("no_effect", lang),
        documents=documents,
        references=_references(bench, data),
        themes=_themes(bench, data, parameters, lang),
        columns=[_note(key, lang) for key in dict.fromkeys(key for table in data for key in table.columns)],
        codes=_codes(bench, data),
        warehouse=fingerprint(bench),
    )


def fingerprint(bench: Workbench) -> str:
    """SHA-256 over the documents and all decisions and records in the warehouse; equal for equal content."""
    rows = bench.sql("SELECT scope, sha256 FROM content ORDER BY scope").fetchall()
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def _column(data: Sequence[Data], key: str) -> Iterator[Any]:
    """The values of a column, of both sides of pairs too."""
    for table in data:
        for side in _SIDES:
            if side + key in table.columns:
                place = table.columns.index(side + key)
                yield from (row[place] for row in table.rows if row[place] is not None)


def _documents(bench: Workbench, data: Sequence[Data], cited: Sequence[Citation]) -> list[Document]:
    cited_lines = {(citation.document_id, citation.line) for citation in cited} | set(_quoted(data))
    lines = Counter(document_id for document_id, _ in cited_lines)
    wanted = sorted({*lines, *_column(data, "document_id")})
    relation = bench.sql(
        """
        SELECT document_id, municipality_code, title, producer, edition, published, sha256, encoding, rights, note
        FROM document WHERE list_contains(?, document_id) ORDER BY document_id
        """,
        [wanted],
    )
    rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    return [Document(**row, cited_lines=lines[row["document_id"]]) for row in rows]


def _quoted(data: Sequence[Data]) -> Iterator[tuple[str, int]]:
    for table in data:
        for side in _SIDES:
            if {f"{side}document_id", f"{side}line"} <= set(table.columns):
                for record in _records(table):
                    if record[f"{side}document_id"] and record[f"{side}line"]:
                        yield record[f"{side}document_id"], record[f"{side}line"]


def _recorded(data: Sequence[Data]) -> Iterator[str]:
    for table in data:
        if {"origin", "known_from"} <= set(table.columns):
            origin, day = table.columns.index("origin"), table.columns.index("known_from")
            yield from (str(row[day]) for row in table.rows if row[origin] == "recorded" and row[day])


def _references(bench: Workbench, data: Sequence[Data]) -> list[Reference]:
    wanted = set(_transformed(bench, data)) | set(_populations(data))
    rows = bench.sql(
        """
        SELECT municipality_code, item, as_of::VARCHAR, value, unit, note, source, vintage FROM reference_now
        WHERE detail = '' AND value IS NOT NULL ORDER BY ALL
        """
    ).fetchall()
    return [Reference(*row) for row in rows if tuple(row[:3]) in wanted]


def _transformed(bench: Workbench, data: Sequence[Data]) -> Iterator[tuple[str, str, str]]:
    items = dict(bench.sql("SELECT transformation_id, item FROM transformation WHERE item IS NOT NULL").fetchall())
    for table in data:
        for record in _records(table):
            for side in _SIDES:
                code = record.get(f"{side}code", record.get("municipality_code"))
                used = record.get(f"{side}transformation", record.get("transformation_id"))
                if used in items and record.get(f"{side}reference_as_of"):
                    yield str(code), items[used], record[f"{side}reference_as_of"]


def _populations(data: Sequence[Data]) -> Iterator[tuple[str, str, str]]:
    for table in data:
        if "population_as_of" in table.columns:
            for record in _records(table):
                yield str(record["municipality_code"]), "population", record["population_as_of"]


def _records(table: Data) -> Iterator[dict[str, Any]]:
    return (dict(zip(table.columns, row, strict=True)) for row in table.rows)


def _themes(bench: Workbench, data: Sequence[Data], parameters: Mapping[str, Any], lang: str) -> list[Theme]:
    wanted = sorted({*_column(data, "theme_id"), *([str(parameters["theme"])] if parameters.get("theme") else [])})
    rows = bench.sql(
        f"""
        SELECT theme_id, name_{lang}, definition_{lang}, not_to_confuse_{lang}
        FROM theme WHERE list_contains(?, theme_id) ORDER BY theme_id
        """,
        [wanted],
    ).fetchall()
    return [Theme(*row) for row in rows]


def _note(key: str, lang: str) -> ColumnNote:
    return ColumnNote(
        key=key,
        header=columns.header(key, lang),
        meaning=columns.about_column(key, lang),
        kind=columns.column(key).kind,
        unit=columns.unit(key, lang),
        codes=columns.code_group(key),
    )


def _codes(bench: Workbench, data: Sequence[Data]) -> list[Code]:
    """Code tables of the data's columns: those of columns.toml whole, those of the warehouse as far as they occur."""
    groups: dict[str, set[str]] = {}
    for table in data:
        for place, key in enumerate(table.columns):
            group = columns.code_group(key)
            if group:
                groups.setdefault(group, set()).update(str(row[place]) for row in table.rows if row[place] is not None)
    found = []
    for group, used in sorted(groups.items()):
        if group in _WAREHOUSE_CODES:
            rows = bench.sql(_WAREHOUSE_CODES[group]).fetchall()
            found += [Code(group, *row) for row in rows if row[0] in used]
        else:
            found += [Code(group, code, word.ja, word.en) for code, word in columns.definitions().codes[group].items()]
    return found


def _citation(title: str, documents: Sequence[Document], vintage: str | None, lang: str) -> str:
    cited = [
        wording.text(
            "export_citation_document",
            lang,
            producer=document.producer,
            title=document.title,
            edition=wording.text(f"edition_{document.edition}", lang),
            published=_published(document.published, lang),
        )
        for document in documents
    ]
    return wording.text(
        "export_citation",
        lang,
        title=title,
        documents=("、" if lang == "ja" else "; ").join(cited) or wording.text("export_no_documents", lang),
        version=__version__,
        vintage=vintage or wording.text("export_vintage_none", lang),
    )


def _published(day: str | None, lang: str) -> str:
    return wording.text("export_published", lang, day=day) if day else wording.text("export_unpublished", lang)

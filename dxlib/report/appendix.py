"""The tables that explain the others, alike in Excel and zip: columns, codes, sources, statistics used, the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dxlib import columns, wording
from dxlib.blocks import Data, Plain
from dxlib.report.about import About

_OWN_CODES = ("edition", "kind", "reference_item", "flag")


def appendix(data: Sequence[Data], about: About, *, lang: str, headers: str, form: Sequence[str], spoken: bool) -> list[Data]:
    """The explaining tables, themselves tables of ``columns.toml``.

    Args:
        data: the tables they explain, already merged.
        about: what must be known about the report.
        lang: language of what is said of the report.
        headers: language of headers, meanings and names of tables.
        form: sentences about the form of the files.
        spoken: tables are named as people read them; else by their key.

    Raises:
        ReportError: a column or table is unknown.
    """
    tables: dict[str, list[list[Plain]]] = {
        "report": [[item, content] for item, content in _report(about, lang, form)],
        "sources": _sources(about),
        "references": [[r.municipality_code, r.item, r.as_of, r.value, r.unit, r.note, r.source] for r in about.references],
        "codes": _codes(about, headers),
    }
    made = [Data(name, list(columns.sheet(name).columns), rows) for name, rows in tables.items() if rows]
    rows = [row for table in [*data, *made] for row in _columns(table, headers, spoken)]
    explained = Data("columns", list(columns.sheet("columns").columns), rows)
    own = _columns(explained, headers, spoken)
    explained.rows += own
    by_name = {table.name: table for table in [explained, *made]}
    return [by_name[name] for name in ("columns", "codes", "sources", "references", "report") if name in by_name]


def _columns(table: Data, headers: str, spoken: bool) -> list[list[Plain]]:
    name = columns.sheet_name(table.name, headers) if spoken else table.name
    return [
        [
            name,
            key,
            columns.header(key, headers),
            columns.about_column(key, headers),
            columns.column(key).kind,
            columns.unit(key, headers) or None,
            columns.code_group(key),
        ]
        for key in table.columns
    ]


def _codes(about: About, headers: str) -> list[list[Plain]]:
    rows: list[list[Plain]] = [[code.group, code.code, columns.Word(code.ja, code.en).of(headers)] for code in about.codes]
    have = {code.group for code in about.codes}
    for group in _OWN_CODES:
        if group not in have:
            words = columns.definitions().codes[group]
            rows += [[group, code, word.of(headers)] for code, word in words.items()]
    return rows


def _sources(about: About) -> list[list[Plain]]:
    return [
        [d.document_id, d.title, d.producer, d.edition, d.published, d.sha256, d.encoding, d.cited_lines, d.rights, d.note]
        for d in about.documents
    ]


def _report(about: About, lang: str, form: Sequence[str]) -> Iterator[tuple[str, str]]:
    """One thing said of the report a row."""
    yield wording.text("export_item_title", lang), about.title
    yield wording.text("export_item_report", lang), about.report_id
    for name, value in sorted(about.parameters.items()):
        yield wording.text("export_item_parameter", lang, name=name), _parameter(value)
    yield wording.text("export_item_citation", lang), about.citation
    for document in about.documents:
        right = wording.text("export_right", lang, document=document.title, rights=document.rights)
        yield wording.text("export_item_rights", lang), right
    yield wording.text("export_item_vintage", lang), about.vintage or wording.text("export_vintage_none", lang)
    for title in about.undated:
        yield wording.text("export_item_undated", lang), title
    yield wording.text("export_item_caution", lang), about.caution
    for theme in about.themes:
        yield wording.text("export_item_theme", lang, name=theme.name), theme.definition
        if theme.not_to_confuse:
            yield wording.text("export_item_confuse", lang, name=theme.name), theme.not_to_confuse
    for sentence in form:
        yield wording.text("export_item_format", lang), sentence
    for sentence in reading(lang):
        yield wording.text("export_item_reading", lang), sentence
    yield wording.text("export_item_made", lang), about.made_with
    yield wording.text("export_item_warehouse", lang), about.warehouse


def _parameter(value: object) -> str:
    return columns.SEPARATOR.join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def reading(lang: str) -> list[str]:
    """How to read the tables, one sentence each."""
    return [
        wording.text("export_blank", lang),
        wording.text("export_numbers", lang),
        wording.text("export_flags", lang),
        wording.text("export_lists", lang),
        wording.text("export_text", lang),
    ]

"""Columns and tables of the data that reports give away (``columns.toml``), and how a relation becomes such a table."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec

from dxlib import wording
from dxlib.blocks import Data, Plain
from dxlib.errors import ReportError, nearest

if TYPE_CHECKING:
    import duckdb

# Code tables that are in the warehouse, not in columns.toml.
WAREHOUSE_CODES = ("theme", "rule", "reason", "transformation")
SEPARATOR = "; "
_ERA = "fiscal_year_era"
# What a table may lack beside a key: columns of another table.
_NAMES: dict[str, tuple[dict[str, str], str, str]] = {
    "municipality_code": (
        {"municipality": "name", "municipality_en": "romaji", "prefecture": "prefecture"},
        "municipality",
        "code",
    ),
    "document_id": ({"document": "title", "edition": "edition", "published": "published"}, "document", "document_id"),
    "indicator_id": ({"indicator": "name"}, "indicator", "indicator_id"),
    "theme_id": ({"theme_ja": "name_ja", "theme_en": "name_en"}, "theme", "theme_id"),
}


class Rows(list[dict[str, Any]]):
    """The rows that a question gave, with the names of its columns.

    Args:
        relation: the question.
    """

    def __init__(self, relation: duckdb.DuckDBPyRelation) -> None:
        self.columns = list(relation.columns)
        super().__init__(dict(zip(self.columns, row, strict=True)) for row in relation.fetchall())


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in both languages."""

    ja: str
    en: str

    def of(self, lang: str) -> str:
        """The text in one language."""
        return self.ja if wording.check_language(lang) == "ja" else self.en


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column: headers, meanings, kind, unit (fixed, or the column it stands in), code table, and where it is taken from."""

    kind: Literal["text", "number", "integer", "date", "flag"]
    ja: str
    en: str
    about_ja: str
    about_en: str
    unit_ja: str = ""
    unit_en: str = ""
    unit_in: str | None = None
    codes: str | None = None
    ids: str | None = None
    source: str | None = None


class Sheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table: its names, what one row is, and its columns in order."""

    ja: str
    en: str
    row_ja: str
    row_en: str
    columns: tuple[str, ...]


class Definitions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of ``columns.toml``."""

    columns: dict[str, Column]
    codes: dict[str, dict[str, Word]]
    prefixes: dict[str, Word]
    sheets: dict[str, Sheet]


@cache
def definitions() -> Definitions:
    """``columns.toml``, read once and checked.

    Raises:
        ReportError: it is malformed, or names an unknown column or code table.
    """
    return read_definitions(files("dxlib").joinpath("columns.toml").read_text(encoding="utf-8"))


def read_definitions(source: str) -> Definitions:
    """Read and check the definitions of columns.

    Raises:
        ReportError: the TOML is malformed, or names an unknown column or code table.
    """
    try:
        found = msgspec.convert(tomllib.loads(source), Definitions)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ReportError(str(error), code="columns-invalid", where="columns.toml", hint="see its first lines") from error
    for key, entry in found.columns.items():
        _known(entry.unit_in, found.columns, f"unit of '{key}'")
        _known(entry.codes, (*found.codes, *WAREHOUSE_CODES), f"codes of '{key}'")
        _known(entry.ids, (*found.codes, *WAREHOUSE_CODES), f"ids of '{key}'")
    for name, sheet in found.sheets.items():
        for key in sheet.columns:
            _known(_base(key, found), found.columns, f"column of '{name}'")
    return found


def _known(value: str | None, known: Iterable[str], what: str) -> None:
    if value is not None and value not in known:
        raise ReportError(f"{what}: unknown '{value}'", code="columns-invalid", where="columns.toml", hint=nearest(value, known))


def _base(key: str, found: Definitions) -> str:
    prefix, _, rest = key.partition("_")
    return rest if key not in found.columns and prefix in found.prefixes else key


@cache
def column(key: str) -> Column:
    """The definition of a column; ``left_`` and ``right_`` columns follow from the one they are a side of.

    >>> column("left_value").ja, column("left_value").unit_in
    ('左：値', 'left_unit')

    Raises:
        ReportError: no column has this key.
    """
    found = definitions()
    base = _base(key, found)
    if base not in found.columns:
        raise ReportError(f"unknown column '{key}'", code="column-unknown", hint=nearest(key, found.columns))
    entry = found.columns[base]
    if base == key:
        return entry
    prefix = key.removesuffix(f"_{base}")
    side = found.prefixes[prefix]
    return msgspec.structs.replace(
        entry,
        ja=side.ja.format(text=entry.ja),
        en=side.en.format(text=entry.en),
        about_ja=side.ja.format(text=entry.about_ja),
        about_en=side.en.format(text=entry.about_en),
        unit_in=entry.unit_in and f"{prefix}_{entry.unit_in}",
        source=entry.source and f"{prefix}_{entry.source}",
    )


def header(key: str, lang: str) -> str:
    """The header of a column as people read it.

    >>> header("fiscal_year", "ja"), header("right_unit", "en")
    ('年度（西暦）', 'Right: Unit')

    Raises:
        ReportError: no column has this key.
    """
    return Word(column(key).ja, column(key).en).of(lang)


def about_column(key: str, lang: str) -> str:
    """What a column means, in one sentence.

    Raises:
        ReportError: no column has this key.
    """
    return Word(column(key).about_ja, column(key).about_en).of(lang)


def unit(key: str, lang: str) -> str:
    """The unit of a column's numbers, or which column it stands in; empty for text and dates.

    >>> unit("attainment_pct", "en"), unit("value", "en"), unit("quote", "en")
    ('%', "in column 'Unit'", '')
    """
    entry = column(key)
    if entry.unit_in:
        return wording.text("export_unit_in", lang, column=header(entry.unit_in, lang))
    return Word(entry.unit_ja, entry.unit_en).of(lang)


def code_group(key: str) -> str | None:
    """The code table of a column: its codes or ids, ``flag`` for flags, None for the others.

    >>> code_group("role"), code_group("standing"), code_group("quote")
    ('role', 'flag', None)
    """
    entry = column(key)
    return entry.codes or entry.ids or ("flag" if entry.kind == "flag" else None)


def sheet(name: str) -> Sheet:
    """The definition of a table.

    Raises:
        ReportError: no table has this name.
    """
    found = definitions().sheets
    if name not in found:
        raise ReportError(f"unknown table '{name}'", code="table-unknown", hint=nearest(name, found))
    return found[name]


def sheet_name(name: str, lang: str) -> str:
    """The name of a table as people read it.

    >>> sheet_name("pairs", "ja")
    '比較の判定'

    Raises:
        ReportError: no table has this name.
    """
    return Word(sheet(name).ja, sheet(name).en).of(lang)


def sheet_row(name: str, lang: str) -> str:
    """What one row of a table is, in words.

    Raises:
        ReportError: no table has this name.
    """
    return Word(sheet(name).row_ja, sheet(name).row_en).of(lang)


def dataset(
    name: str,
    relation: duckdb.DuckDBPyRelation | Rows,
    lang: str,
    *,
    ask: Callable[[str, list[Any]], duckdb.DuckDBPyRelation] | None = None,
) -> Data:
    """A relation as a table for Excel and CSV: the columns that ``columns.toml`` lists for it, in that order.

    Texts that exist in both languages are taken in ``lang``; names of municipalities, documents, indicators and themes are
    added where the relation has only the key; lists are joined by ``; ``, dates are ISO texts, empty text is NULL.

    Args:
        name: name of the table.
        relation: its rows; not asked again when they were fetched already.
        lang: language of the texts.
        ask: how to ask the warehouse for names, as `Workbench.sql`; the relation's own connection when None.

    Raises:
        ReportError: the table is unknown, or the relation lacks one of its columns.
    """
    keys = sheet(name).columns
    rows = relation if isinstance(relation, Rows) else Rows(relation)
    records = [dict(row) for row in rows]
    if ask is None and not isinstance(relation, Rows):
        ask = partial(_ask_beside, relation)
    available = {*rows.columns, *(_add_names(rows.columns, records, ask) if ask else ())}
    sources = [_source(key, available, lang) for key in keys]
    if {"rule_id", f"name_{lang}"} <= available:  # the sum over all rules has no name of its own
        for record in records:
            record[f"name_{lang}"] = record[f"name_{lang}"] if record["rule_id"] else wording.text("export_all_rules", lang)
    cells = [[_cell(key, record[source]) for key, source in zip(keys, sources, strict=True)] for record in records]
    return Data(name, list(keys), cells)


def _ask_beside(relation: duckdb.DuckDBPyRelation, question: str, params: list[Any]) -> duckdb.DuckDBPyRelation:
    """A question on the connection of a relation, which takes no parameters: all keys are asked for."""
    return cast("duckdb.DuckDBPyRelation", relation.query("asked", question.partition(" WHERE ")[0]))


def _add_names(
    columns: Sequence[str], records: list[dict[str, Any]], ask: Callable[[str, list[Any]], duckdb.DuckDBPyRelation]
) -> set[str]:
    added: set[str] = set()
    for key, (names, table, its_key) in _NAMES.items():
        missing = {name: source for name, source in names.items() if name not in columns}
        if key not in columns or not missing:
            continue
        wanted = sorted({record[key] for record in records if record[key] is not None})
        question = f"SELECT {its_key}, {', '.join(missing.values())} FROM {table} WHERE list_contains(?, {its_key})"
        found = {first: rest for first, *rest in ask(question, [wanted]).fetchall()} if wanted else {}
        for record in records:
            record |= dict(zip(missing, found.get(record[key], [None] * len(missing)), strict=True))
        added |= set(missing)
    return added


def _source(key: str, available: set[str], lang: str) -> str:
    plain = key.removesuffix("_era") if key.endswith(_ERA) else key
    wanted = column(key).source or plain
    wanted = wanted.format(lang=wording.check_language(lang))
    if column(key).source is None and f"{wanted}_{lang}" in available:
        return f"{wanted}_{lang}"
    if wanted not in available:
        raise ReportError(f"the relation has no column '{wanted}'", code="column-missing", hint=nearest(wanted, available))
    return wanted


def _cell(key: str, value: Any) -> Plain:
    if value is None or value == "":
        return None
    if key.endswith(_ERA):
        return f"{wording.era_year(value)}年度"
    if isinstance(value, list):
        return SEPARATOR.join(map(_item, value)) or None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and column(key).kind == "integer" and value.is_integer():
        return int(value)
    return value if isinstance(value, str | bool | int | float) else str(value)


def _item(value: Any) -> str:
    if isinstance(value, dict):
        return f"{value['document_id']}:{value['line']} {value['quote']}"
    return str(value)


_KINDS: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "integer": (int,),
    "date": (str,),
    "flag": (bool,),
}


def check(data: Data) -> None:
    """Raise unless every cell is of its column's kind.

    Raises:
        ReportError: a column is unknown, a row has another length, or a cell is of another kind (or no finite number).
    """
    kinds = [column(key).kind for key in data.columns]
    for position, row in enumerate(data.rows, 1):
        if len(row) != len(kinds):
            raise ReportError(
                f"row {position} has {len(row)} cells, not {len(kinds)}", code="cell-kind", where=f"table {data.name}"
            )
        for key, kind, value in zip(data.columns, kinds, row, strict=True):
            if value is not None and not _fits(kind, value):
                raise ReportError(
                    f"row {position}: {value!r} is no {kind}",
                    code="cell-kind",
                    where=f"table {data.name}, column {key}",
                    hint="convert it, or correct the kind in columns.toml",
                )


def _fits(kind: str, value: Plain) -> bool:
    if not isinstance(value, _KINDS[kind]) or (isinstance(value, bool) and kind != "flag"):
        return False
    if isinstance(value, float):
        return value - value == 0  # neither infinite nor NaN
    return kind != "date" or _is_day(str(value))


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def merged(data: Sequence[Data]) -> list[Data]:
    """Tables of one name as one, in order of first appearance; a later table adds the rows that are not there yet.

    Raises:
        ReportError: tables of one name have other columns, or a cell is of another kind than its column.
    """
    found: dict[str, Data] = {}
    for table in data:
        sheet(table.name)
        check(table)
        first = found.setdefault(table.name, Data(table.name, table.columns, []))
        if first.columns != table.columns:
            raise ReportError(
                f"two tables '{table.name}' with different columns",
                code="table-columns",
                hint="make both with columns.dataset",
            )
        known = {tuple(row) for row in first.rows}
        first.rows.extend(row for row in table.rows if tuple(row) not in known)
    return list(found.values())

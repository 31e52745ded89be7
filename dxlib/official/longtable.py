"""A long CSV of official statistics, read by a small mapping: a TOML that says which column is what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from dxlib import toml
from dxlib.decisions import check_known, raise_together
from dxlib.errors import DecisionError, MunicipalityError, nearest
from dxlib.naming import is_portable
from dxlib.official.areas import find_area
from dxlib.official.figures import Figure, check_vintage
from dxlib.official.items import Item
from dxlib.official.workbook import bad_layout, read_bytes
from dxlib.sheet import csv_rows

_DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,15})(?:\.[0-9]{1,30})?"
_NUMBER = re.compile(rf"(?P<sign>[-+−▲△]?)\s?(?P<digits>{_DIGITS})(?P<percent>%?)")
_DAY = re.compile(
    r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})|([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日|([0-9]{4})([0-9]{2})([0-9]{2})"
)
_NAME = re.compile("[a-z0-9][a-z0-9._-]{0,60}")
Field = Literal["area", "prefecture", "item", "detail", "value", "unit", "as_of", "vintage", "note", "source"]
BLANK, YES, NO = ("-", "－", "…", "X", "x", "***"), ("実施", "あり", "1"), ("未実施", "なし", "0")
_NEEDED: tuple[Field, ...] = ("area", "item", "value", "as_of", "vintage", "source")


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to read a long CSV.

    Attributes:
        name: of the file of figures it becomes.
        encoding: ``utf-8`` (with or without BOM) or ``cp932``.
        columns: the heading of the column of each field.
        constants: fields that are the same in every row.
        items: what the file calls an item, and its key; words not listed must be keys.
        blank: what stands for a missing figure besides an empty cell.
        yes: words for done, of items of the kind yes-no.
        no: words for not done.
    """

    name: str
    columns: dict[Field, str]
    constants: dict[Field, str] = {}
    items: dict[str, str] = {}
    encoding: Literal["utf-8", "cp932"] = "utf-8"
    blank: tuple[str, ...] = BLANK
    yes: tuple[str, ...] = YES
    no: tuple[str, ...] = NO


@dataclass(frozen=True, slots=True)
class Reading:
    """The rows of a file with what is needed to read them."""

    mapping: Columns
    items: Mapping[str, Item]
    places: Mapping[str, int]


def read_mapping(path: Path) -> Columns:
    """The mapping of a TOML file.

    Raises:
        DecisionError: it cannot be read or is malformed, or a field is neither in a column nor constant.
    """
    where = str(path)
    try:
        mapping = toml.decode(read_bytes(path), Columns)
    except msgspec.DecodeError as error:  # a ValidationError is one too
        hint = "see docs/official-statistics.md for the keys of a mapping"
        raise DecisionError(str(error), code="import-mapping", where=where, hint=hint) from error
    problem = _problem(mapping)
    if problem:
        raise DecisionError(problem, code="import-mapping", where=where, hint=f"fields: {', '.join(Field.__args__)}")  # type: ignore[attr-defined]
    return mapping


def _problem(mapping: Columns) -> str:
    if not _NAME.fullmatch(mapping.name) or not is_portable(mapping.name):
        return f"name = '{mapping.name}' cannot be a file name: small letters, digits, - and . only, and no device such as con"
    if missing := [field for field in _NEEDED if field not in mapping.columns and field not in mapping.constants]:
        return f"{', '.join(missing)} is neither among columns nor constants"
    if twice := sorted(set(mapping.columns) & set(mapping.constants)):
        return f"{', '.join(twice)} is both a column and constant"
    return ""


def read_long(path: Path, mapping_path: Path, items: Mapping[str, Item]) -> tuple[str, list[Figure]]:
    """The figures of a long CSV, one a row.

    Args:
        path: the CSV.
        mapping_path: the TOML that says how to read it.
        items: the vocabulary.

    Returns:
        The name for the file of figures, and the figures.

    Raises:
        DecisionError: the file, its mapping or a row is wrong; all wrong rows are listed.
    """
    where, mapping = str(path), read_mapping(mapping_path)
    for item in mapping.items.values():
        check_known(item, items, "item", f"{mapping_path} [items]")
    rows = csv_rows(read_bytes(path), where, "utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding)
    _, header = next(rows, (1, []))
    missing = [heading for heading in mapping.columns.values() if heading not in header]
    if missing:
        hint = f"correct [columns] of the mapping; {nearest(missing[0], [cell for cell in header if cell])}"
        raise DecisionError(f"no column {', '.join(missing)}", code="decision-columns", where=f"{where}:1", hint=hint)
    reading = Reading(mapping, items, {field: header.index(heading) for field, heading in mapping.columns.items()})
    figures: list[Figure] = []
    errors: list[DecisionError] = []
    for line, row in rows:
        try:
            if any(row):
                figures.append(_figure(reading, row, f"{where}:{line}", f"line {line}"))
        except DecisionError as error:
            errors.append(error)
        except MunicipalityError as error:
            errors.append(DecisionError(error.message, code=error.code, where=error.where, hint=error.hint))
    raise_together(errors)
    if not figures:
        raise bad_layout("there is no row below the header", where, "give the file as it was downloaded")
    return mapping.name, figures


def _figure(reading: Reading, row: list[str], where: str, place: str) -> Figure:
    cells: dict[str, str] = dict(reading.mapping.constants.items())
    cells |= {field: row[at] for field, at in reading.places.items()}
    area = find_area(cells["area"], cells.get("prefecture"), where)
    name = reading.mapping.items.get(cells["item"], cells["item"])
    check_known(name, reading.items, "item", where)
    item = reading.items[name]
    if (unit := cells.get("unit")) and _fold(unit) != _fold(item.unit):
        raise DecisionError(
            f"the unit is '{unit}', that of {name} is '{item.unit}'",
            code="decision-value",
            where=where,
            hint="convert the values first, or add an item with this unit to data/curated/reference_items.toml",
        )
    if not cells["source"]:
        raise DecisionError("column source is empty", code="decision-value", where=where, hint="say where the figure is from")
    value, printed = number_of(cells["value"], item, reading.mapping, where)
    return Figure(
        area.municipality_code,
        area.area_kind,
        area.area,
        name,
        cells.get("detail", ""),
        _day(cells["as_of"], where),
        check_vintage(cells["vintage"].replace("/", "-"), where),
        value,
        item.unit,
        printed,
        cells.get("note", ""),
        place,
        cells["source"],
    )


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def number_of(text: str, item: Item, words: Columns | None, where: str) -> tuple[str, str]:
    """A cell as digits, and as printed where it is no plain number; blank gives no digits, and is not zero.

    Args:
        text: the cell.
        item: what it is about.
        words: the words of a mapping; the usual ones where None.
        where: its place, for messages.

    Raises:
        DecisionError: the cell is no number of the item's kind.
    """
    folded = _fold(text)
    blank, yes, no = (words.blank, words.yes, words.no) if words else (BLANK, YES, NO)
    if not folded or folded in blank or text in blank:
        return "", text
    if item.kind == "yes-no":
        if folded in (*yes, *no):
            return ("1" if folded in yes else "0"), text
        hint = f"yes: {', '.join(yes)}; no: {', '.join(no)}"
        raise DecisionError(f"'{text}' says neither yes nor no", code="decision-value", where=where, hint=hint)
    match = _NUMBER.fullmatch(folded)
    if not match or (match["percent"] and item.kind != "share"):
        hint = f"a missing figure is empty or one of {', '.join(blank)}"
        raise DecisionError(f"'{text}' is no number for {item.name.en}", code="decision-value", where=where, hint=hint)
    digits = ("-" if match["sign"] in ("-", "−", "▲", "△") and match["sign"] else "") + match["digits"].replace(",", "")
    if item.kind == "share" and float(digits) < 0:
        raise DecisionError(f"'{text}' is no share", code="decision-value", where=where, hint="a share is given in percent")
    return digits, "" if digits == text else text


def _day(text: str, where: str) -> str:
    match = _DAY.fullmatch(_fold(text))
    try:
        year, month, day = (int(part) for part in (match.groups() if match else ()) if part)
        return date(year, month, day).isoformat()
    except ValueError as error:
        raise DecisionError(
            f"'{text}' is no date", code="decision-value", where=where, hint="as_of is a day: 2025-01-01"
        ) from error

"""The main-results workbook of a census: population, households, area, people of 65 and over, foreign residents."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from dxlib.decisions import raise_together
from dxlib.errors import DecisionError
from dxlib.municipality import check_digit
from dxlib.official.figures import COUNTRY, Figure, check_vintage
from dxlib.official.items import Item
from dxlib.official.workbook import Sheet, bad_layout, read_bytes, read_workbook, saved_on
from dxlib.quantity import find_years
from dxlib.text import repair

_ABOVE = 6  # rows of headings above the row that names the areas
_AREA = re.compile(r"([0-9]{5})_(.+)")
_WARD_OF_CITY = re.compile(".{1,20}市.{1,20}区")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,30})?")


@cache
def _layout() -> dict[str, Any]:
    return tomllib.loads(files("dxlib").joinpath("vocabulary/census.toml").read_text(encoding="utf-8"))


def _fold(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


@dataclass(frozen=True, slots=True)
class _Table:
    sheet: Sheet
    header: int
    area: int
    kind: int
    columns: dict[str, tuple[int, str]]


def read_census(path: Path, items: Mapping[str, Item], vintage: str | None = None) -> tuple[list[Figure], str]:
    """The figures of the workbook for the country, the prefectures, all municipalities and the wards.

    A figure that the workbook leaves blank (``-``) has no value, which is not zero.

    Args:
        path: the workbook.
        items: the vocabulary, for the units.
        vintage: when it was published; None for the day the workbook was last saved.

    Returns:
        The figures, and how the vintage was found, in words.

    Raises:
        DecisionError: the file cannot be read, its columns are not found, or a cell holds no number; all such cells are listed.
    """
    where, data = str(path), read_bytes(path)
    sheets = read_workbook(data, where)
    table = _find_table(sheets, where)
    title = next((cell for row in table.sheet.rows[: table.header] for cell in row if cell), "")
    stated = vintage or saved_on(data)
    if stated is None:
        raise DecisionError(
            "the workbook does not say when it was saved",
            code="reference-vintage",
            where=where,
            hint="state the day of publication: --vintage 2022-07-01",
        )
    told = "as stated" if vintage else "the day the workbook was last saved; state another with --vintage"
    common = {"as_of": _day(title, where), "vintage": check_vintage(stated, where), "source": _source(title), "detail": ""}
    figures: list[Figure] = []
    errors: list[DecisionError] = []
    for number, row in enumerate(table.sheet.rows[table.header + 1 :], start=table.header + 1):
        if len(row) > table.area and row[table.area]:
            try:
                figures += _figures(table, number, row, items, common, where)
            except DecisionError as error:
                errors.append(error)
    raise_together(errors)
    if not figures:
        raise bad_layout("there is no area below the header", where, "give the workbook as it was downloaded from e-Stat")
    return figures, told


def _day(title: str, where: str) -> str:
    found = [year for year in find_years(repair(title).clean) if year.calendar_year or year.fiscal_year]
    if not found:
        raise bad_layout("the title names no year of a census", where, "give the workbook as it was downloaded from e-Stat")
    return f"{found[0].calendar_year or found[0].fiscal_year}-{_layout()['day']}"


def _source(title: str) -> str:
    """令和2年国勢調査（総務省統計局）　主な結果 -> 総務省統計局 令和2年国勢調査 主な結果."""
    text = unicodedata.normalize("NFKC", title)
    found = re.fullmatch(r"\s*([^\s()]+)\(([^\s()]+)\)(.*)", text)
    return f"{found[2]} {found[1]} {found[3].strip()}".strip() if found else text.strip()


def _find_table(sheets: list[Sheet], where: str) -> _Table:
    """The sheet, and in it the columns, that hold what is wanted."""
    missing: list[str] = []
    for sheet in sheets:
        for number, row in enumerate(sheet.rows[:40]):
            folded = [_fold(cell) for cell in row]
            if _layout()["areas"] in folded and _layout()["classes"] in folded:
                columns, missing = _columns(sheet, number)
                if not missing:
                    return _Table(sheet, number, folded.index(_layout()["areas"]), folded.index(_layout()["classes"]), columns)
    what = (
        f"no column for {', '.join(missing)}" if missing else f"no row names '{_layout()['areas']}' and '{_layout()['classes']}'"
    )
    raise bad_layout(what, where, "give the workbook 都道府県・市区町村別の主な結果 as it was downloaded from e-Stat")


def _columns(sheet: Sheet, header: int) -> tuple[dict[str, tuple[int, str]], list[str]]:
    """Column and note of each item, and the items whose column is not found or not one."""
    width = max(len(row) for row in sheet.rows[: header + 1])
    above = [
        [*(_fold(cell) for cell in row), *[""] * (width - len(row))] for row in sheet.rows[max(0, header - _ABOVE) : header + 1]
    ]
    groups = [_filled(row) for row in above]
    found: dict[str, tuple[int, str]] = {}
    for wanted in _layout()["columns"]:
        hits = [
            column
            for column in range(width)
            if any(row[column] == wanted["label"] for row in above)
            and above[-1][column] == wanted["unit"]
            and any(row[column] == wanted["group"] for row in groups)
        ]
        if len(hits) == 1:
            is_marked = any(row[hits[0]] == _layout()["mark"] for row in above)
            notes = [wanted.get("note", ""), _layout()["marked"] if is_marked else ""]
            found[wanted["item"]] = (hits[0], " ".join(note for note in notes if note))
    return found, [wanted["item"] for wanted in _layout()["columns"] if wanted["item"] not in found]


def _filled(row: list[str]) -> list[str]:
    """A row of headings over several columns, each also above the columns that follow it."""
    filled: list[str] = []
    for cell in row:
        filled.append(cell or (filled[-1] if filled else ""))
    return filled


def _kind(code: str, name: str, kind: str, where: str) -> str:
    kinds = _layout()["classes_of"]
    if kind not in kinds:
        raise DecisionError(
            f"'{kind}' is no class of area", code="decision-value", where=where, hint=f"one of: {', '.join(kinds)}"
        )
    if code == "00000":
        return "country"
    if kinds[kind] == "ward":  # the special wards are municipalities, and their sum (特別区部) is none
        return "ward" if _WARD_OF_CITY.fullmatch(name) else "municipality"
    return "other" if name.endswith("区部") else str(kinds[kind])


def _figures(
    table: _Table, number: int, row: list[str], items: Mapping[str, Item], common: Mapping[str, str], where: str
) -> list[Figure]:
    place = f"{where} {table.sheet.place(number, table.area)}"
    found = _AREA.fullmatch(row[table.area])
    if not found:
        raise DecisionError(
            f"'{row[table.area]}' names no area", code="decision-value", where=place, hint="expected as in 24203_○○市"
        )
    code, name = found.groups()
    kind = _kind(code, name, row[table.kind], place)
    area = {"municipality_code": COUNTRY if kind == "country" else code + check_digit(code), "area_kind": kind, "area": name}
    figures = []
    for item, (column, note) in table.columns.items():
        cell, at = row[column] if column < len(row) else "", table.sheet.place(number, column)
        is_blank = cell == "" or _fold(cell) in _layout()["blank"]
        if not is_blank and not _NUMBER.fullmatch(cell):
            raise DecisionError(
                f"'{cell}' in {at} is no number",
                code="decision-value",
                where=f"{where} {at}",
                hint=f"blank is one of {_layout()['blank']}",
            )
        value = {"value": "" if is_blank else cell, "printed": cell if is_blank else ""}
        figures.append(Figure(**area, **common, **value, item=item, unit=items[item].unit, note=note, place=at))
    return figures

"""The download of the dashboard 自治体DXの取組: a zip of wide workbooks, a column for each body, a row for each indicator.

The bodies are named without codes; a name that two share is an error that lists them, unless a row names the prefectures.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath

from dxlib.decisions import check_known, raise_together
from dxlib.errors import DecisionError, MunicipalityError
from dxlib.municipality import master
from dxlib.official.areas import Area, find_area
from dxlib.official.figures import Figure, check_vintage
from dxlib.official.items import Item
from dxlib.official.longtable import number_of
from dxlib.official.workbook import Sheet, bad_file, bad_layout, open_zip, read_bytes, read_workbook, unpacked

_LABELS = 2  # category and name of a row
_HEAD = 6  # the names, and perhaps the prefectures, stand in the first rows
_NAME = re.compile(".+[市区町村]")  # what nearly all cells of the row of names end in
_MOST_UNPACKED = 1_000_000_000  # bytes of all workbooks together
_SOURCE = "デジタル庁 自治体DXの取組に関するダッシュボード"
_PREFECTURES = {entry.name for entry in master().values() if entry.kind == "prefecture"}


@dataclass(frozen=True, slots=True)
class _Wide:
    """A sheet, with the body of each column and the item of each row."""

    where: str
    sheet: Sheet
    first: int
    areas: dict[int, Area]
    rows: dict[int, tuple[str, str]]


def read_dashboard(path: Path, items: Mapping[str, Item], vintage: str | None, as_of: Iterable[str]) -> tuple[list[Figure], str]:
    """The figures of all workbooks of the download.

    Args:
        path: the zip, or one of its workbooks.
        items: the vocabulary; ``dashboard`` of an item is what its row is called.
        vintage: when it was published; None for the day at the head of the file's name.
        as_of: the day surveyed, for all items, or ``ITEM=DAY``.

    Returns:
        The figures, and how the vintage was found and which municipalities have no column, in words.

    Raises:
        DecisionError: the file cannot be read or is laid out otherwise, or a name, row or cell is wrong; all of them are listed.
    """
    days = _days(as_of, items, str(path))
    published, told = _vintage(path, vintage)
    figures: list[Figure] = []
    errors: list[DecisionError] = []
    for where, sheet in _sheets(path):
        wide = _wide(where, sheet, items, errors)
        blank = Figure("", "", "", "", "", "", published, "", "", "", "", "", _SOURCE)
        figures += _figures(wide, items, days, blank, errors)
    raise_together(errors)
    if not figures:
        raise bad_layout("no workbook holds figures", str(path), "give the zip as it was downloaded")
    bodies = {figure.municipality_code for figure in figures if figure.area_kind == "municipality"}
    every = {code for code, entry in master().items() if entry.kind == "municipality"}
    return figures, f"{told}; {len(bodies)} of {len(every)} municipalities"


def _days(as_of: Iterable[str], items: Mapping[str, Item], where: str) -> dict[str, str]:
    """The day of each item; that of all under an empty key."""
    days: dict[str, str] = {}
    for stated in as_of:
        item, _, day = stated.rpartition("=")
        if item:
            check_known(item, items, "item", "--as-of")
        try:
            days[item] = date.fromisoformat(day).isoformat()
        except ValueError as error:
            raise DecisionError(
                f"'{stated}' is no day", code="import-as-of", where=where, hint="write --as-of 2023-04-01 or ITEM=2023-04-01"
            ) from error
    return days


def _vintage(path: Path, vintage: str | None) -> tuple[str, str]:
    found = re.match(r"(20[0-9]{2})([01][0-9])([0-3][0-9])_", path.name)
    if vintage is None and not found:
        raise DecisionError(
            "the file's name does not begin with its day",
            code="reference-vintage",
            where=str(path),
            hint="state the day of publication: --vintage 2024-07-12",
        )
    stated = vintage or "-".join(found.groups() if found else ())
    return check_vintage(
        stated, str(path)
    ), "as stated" if vintage else "the day in the file's name; state another with --vintage"


def _sheets(path: Path) -> Iterator[tuple[str, Sheet]]:
    """The sheets that hold something, with the name of their workbook."""
    data = read_bytes(path)
    archive = open_zip(data, str(path))
    if "[Content_Types].xml" in archive.namelist():
        books = [(str(path), data)]
    else:
        inner = [entry for entry in archive.infolist() if _is_workbook(_name(entry))]
        if not inner:
            raise bad_file("the zip holds no .xlsx", str(path), "give the zip as it was downloaded")
        books = [(f"{path}:{_name(entry)}", _read(archive, entry, path)) for entry in inner]
    size = 0
    for where, content in books:
        size += unpacked(open_zip(content, where))
        if size > _MOST_UNPACKED:
            raise bad_file(f"its workbooks unpack to more than {_MOST_UNPACKED} bytes", str(path), "is it the right file?")
        for sheet in read_workbook(content, where):
            if any(any(row) for row in sheet.rows):
                yield where, sheet


def _name(entry: zipfile.ZipInfo) -> str:
    """A name in the zip; Windows writes them in CP932 without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    return entry.filename.encode("cp437", "replace").decode("cp932", "replace")


def _is_workbook(name: str) -> bool:
    return name.endswith(".xlsx") and not name.startswith("__MACOSX") and not PurePosixPath(name).name.startswith("~")


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> bytes:
    try:
        return archive.read(entry)
    except Exception as error:  # zipfile and zlib raise many kinds on a damaged archive
        raise bad_file(
            f"{_name(entry)} cannot be unpacked: {error}", str(path), "download the zip again, without a password"
        ) from error


def _fold(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _wide(where: str, sheet: Sheet, items: Mapping[str, Item], errors: list[DecisionError]) -> _Wide:
    names, first = _names_row(sheet, where)
    row = sheet.rows[names]
    heads = [
        number for number in range(min(_HEAD, len(sheet.rows))) if number != names and _is_prefectures(sheet.rows[number][first:])
    ]
    prefectures = _filled(sheet.rows[heads[0]]) if heads else []
    areas: dict[int, Area] = {}
    for column in range(first, len(row)):
        if row[column]:
            place = f"{where} {sheet.place(names, column)}"
            area = _area(row[column], prefectures[column] if column < len(prefectures) else None, place, errors)
            if area:
                areas[column] = area
    last = max([names, *heads])
    rows = _items_of_rows(where, sheet, first, last + 1, items, errors)
    return _Wide(where, sheet, first, areas, rows)


def _names_row(sheet: Sheet, where: str) -> tuple[int, int]:
    """The row that names the bodies, and its first column."""
    best: tuple[int, int, int] = (0, 0, 0)
    for number, row in enumerate(sheet.rows[:_HEAD]):
        named = [column for column, cell in enumerate(row) if _NAME.fullmatch(_fold(cell)) and _fold(cell) not in _PREFECTURES]
        if len(named) > best[0]:
            best = (len(named), number, named[0])
    if best[0] < 1 or best[2] < 1:
        raise bad_layout(
            f"no row of sheet {sheet.name} names municipalities",
            where,
            "the names stand in one of the first rows, right of the labels",
        )
    return best[1], min(best[2], _LABELS)


def _is_prefectures(cells: Sequence[str]) -> bool:
    filled = [_fold(cell) for cell in cells if cell]
    return bool(filled) and all(cell in _PREFECTURES or cell == "全国" for cell in filled)


def _filled(row: Sequence[str]) -> list[str]:
    """A row of merged headings, each repeated over its columns."""
    filled: list[str] = []
    for cell in row:
        filled.append(_fold(cell) or (filled[-1] if filled else ""))
    return filled


def _area(name: str, prefecture: str | None, where: str, errors: list[DecisionError]) -> Area | None:
    try:
        return find_area(name, prefecture if prefecture in _PREFECTURES else None, where)
    except MunicipalityError as error:
        more = "; or add a row with the prefecture of each column" if error.code == "municipality-name-ambiguous" else ""
        errors.append(DecisionError(error.message, code=error.code, where=error.where, hint=f"{error.hint}{more}"))
        return None


def _items_of_rows(
    where: str, sheet: Sheet, first: int, start: int, items: Mapping[str, Item], errors: list[DecisionError]
) -> dict[int, tuple[str, str]]:
    """Item and detail of each row; a sheet of details is known by the name of its workbook, its own, or its headings."""
    labels = {number: _label(row[:first]) for number, row in enumerate(sheet.rows) if number >= start and any(row)}
    known = {_fold(label): name for name, item in items.items() if not item.detail for label in item.dashboard}
    if any(_fold(label) in known for label in labels.values()):
        for number, label in labels.items():
            if _fold(label) not in known:
                place = f"{where} {sheet.place(number, first - 1)}"
                hint = "add the row's name to an item's dashboard in data/curated/reference_items.toml, or add an item"
                errors.append(DecisionError(f"'{label}' is no known row", code="decision-unknown", where=place, hint=hint))
        return {number: (known[_fold(label)], "") for number, label in labels.items() if _fold(label) in known}
    said = _fold(where.rpartition(":")[2] + sheet.name + "".join(cell for row in sheet.rows for cell in row[:first]))
    for name, item in items.items():
        if item.detail and any(_fold(label) in said for label in item.dashboard):
            return {number: (name, label) for number, label in labels.items()}
    raise bad_layout(
        f"no row of sheet {sheet.name} is known", where, "the names of rows are those in data/curated/reference_items.toml"
    )


def _label(cells: Sequence[str]) -> str:
    return next((re.sub(r"\s+", " ", cell) for cell in reversed(cells) if cell), "")


def _figures(
    wide: _Wide, items: Mapping[str, Item], days: Mapping[str, str], blank: Figure, errors: list[DecisionError]
) -> Iterator[Figure]:
    for number, (name, detail) in wide.rows.items():
        day = days.get(name, days.get(""))
        if day is None:
            hint = f"state it: --as-of 2023-04-01 for all, or --as-of {name}=2023-04-01"
            errors.append(
                DecisionError(f"the file does not say which day {name} is for", code="import-as-of", where=wide.where, hint=hint)
            )
            continue
        for column, area in wide.areas.items():
            row = wide.sheet.rows[number]
            place = wide.sheet.place(number, column)
            try:
                value, printed = _value(row[column] if column < len(row) else "", items[name], f"{wide.where} {place}")
            except DecisionError as error:
                errors.append(error)
                continue
            yield replace(
                blank,
                municipality_code=area.municipality_code,
                area_kind=area.area_kind,
                area=area.area,
                item=name,
                detail=detail,
                as_of=day,
                value=value,
                unit=items[name].unit,
                printed=printed,
                place=place,
            )


def _value(text: str, item: Item, where: str) -> tuple[str, str]:
    value, printed = number_of(text, item, None, where)
    if value and item.kind == "share" and "%" not in unicodedata.normalize("NFKC", text):
        hint = "a share stands with its sign (72%); a bare number may be a fraction"
        raise DecisionError(f"'{text}' has no percent sign", code="decision-value", where=where, hint=hint)
    return value, printed

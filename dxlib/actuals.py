"""Results that people record after a plan was printed: ``data/curated/actuals.csv``, and sheets imported into it.

Each row is checked against the indicator it names: the name (a guard), the units it prints, the year. Nothing that was
entered is lost: an import adds all rows of a sheet or none, and a later row for the same year stands beside the earlier.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from dxlib.decisions import ACTUAL_COLUMNS, Entry, check_indicator, raise_together, read_actuals
from dxlib.errors import DecisionError, nearest
from dxlib.hold import hold_data
from dxlib.project import Project
from dxlib.quantity import find_years
from dxlib.sheet import append_rows, read_sheet
from dxlib.text import repair, squeeze

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,15})(?:\.[0-9]{1,15})?"
_VALUE = re.compile(rf"(?P<sign>[-+−▲△])?\s?(?P<number>{_NUMBER})")
_FRACTION = re.compile(rf"(?P<top>{_NUMBER})\s?/\s?(?P<bottom>{_NUMBER})")
_WITH_UNIT = re.compile(rf"(?P<value>[-+−▲△]?\s?{_NUMBER})\s?[^0-9,./].*")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})")
_YEARS = range(1989, 2101)


@dataclass(frozen=True, slots=True)
class Indicators:
    """What results are checked against.

    Attributes:
        names: name of each indicator by its id; empty where it has none.
        units: the units each indicator prints.
    """

    names: Mapping[str, str]
    units: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, indicators: Iterable[tuple[str, str | None]], units: Iterable[tuple[str, str | None]]) -> Indicators:
        """From (id, name) of each indicator and (indicator id, unit) of each observation."""
        printed: dict[str, set[str]] = {}
        for indicator_id, unit in units:
            printed.setdefault(indicator_id, set()).update([unit] if unit else [])
        names = {indicator_id: name or "" for indicator_id, name in indicators}
        return cls(names, {indicator_id: frozenset(printed.get(indicator_id, ())) for indicator_id in names})


def _wrong(entry: Entry, message: str, hint: str) -> NoReturn:
    raise DecisionError(message, code="decision-value", where=entry.where, hint=hint)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


@cache
def _stage_words() -> tuple[str, ...]:
    words = tomllib.loads(files("dxlib").joinpath("vocabulary/words.toml").read_text(encoding="utf-8"))
    return tuple(words["stage"]["words"])


def _number(digits: str) -> float:
    return float(digits.replace(",", ""))


def _value(entry: Entry) -> Row:
    text = _fold(entry["value"])
    row: Row = dict.fromkeys(("value", "numerator", "denominator", "value_text"))
    if match := _VALUE.fullmatch(text):
        sign = -1 if match["sign"] in ("-", "−", "▲", "△") else 1
        return {**row, "value": sign * _number(match["number"]) + 0.0}
    if match := _FRACTION.fullmatch(text):
        if not (bottom := _number(match["bottom"])):
            _wrong(entry, f"'{entry['value']}' divides by zero", "write the denominator, or leave the row out")
        return {**row, "numerator": _number(match["top"]), "denominator": bottom}
    if (word := squeeze(text)) in _stage_words():
        return {**row, "value_text": word}
    if match := _WITH_UNIT.fullmatch(text):
        hint = f"write {match['value']} here, and what stands behind it in column unit or note"
    else:
        hint = f"write a number, a fraction such as 24/26, or a word: {nearest(word, _stage_words())}"
    _wrong(entry, f"'{entry['value']}' in column value is no value", hint)


def _unit(entry: Entry, units: frozenset[str], value: Row) -> str | None:
    """The unit as the plan prints it."""
    folded = {_fold(unit): unit for unit in sorted(units)}
    given = _fold(entry["unit"])
    if given in folded:
        return folded[given]
    if not given and (not units or value["value"] is None):
        return None
    hint = nearest(given, units) if units else "leave column unit empty"
    found = f"the unit is '{entry['unit']}'" if given else "there is no unit"
    _wrong(entry, f"{found}, but {entry['indicator_id']} prints {' or '.join(sorted(units)) or 'none'}", hint)


def _day(entry: Entry, column: str) -> date:
    match = _DAY.fullmatch(_fold(entry[column]))
    try:
        year, month, day = (int(part) for part in (match.groups() if match else ()) if part)
        return date(year, month, day)
    except ValueError:
        found = f"'{entry[column]}' in column {column} is no date" if entry[column] else f"column {column} is empty"
        _wrong(entry, found, "write it as 2026-08-31")


def _year(entry: Entry) -> tuple[int | None, int | None, date | None]:
    """Fiscal year, calendar year and, for a 年度末, its day."""
    text = repair(entry["year"]).clean.strip()
    if re.fullmatch("[0-9]{4}", text):
        return int(text), None, None
    found = find_years(text)
    if len(found) == 1 and (found[0].start, found[0].end) == (0, len(text)) and "月" not in text:
        year = found[0]
        if year.fiscal_year or (year.calendar_year and not year.as_of):
            return year.fiscal_year, year.calendar_year, year.as_of
    hint = "write 2026, 令和8年度 or R8; 2025年 for a calendar year; a day in column date"
    _wrong(entry, f"'{entry['year']}' in column year is no year", hint)


def _period(entry: Entry, recorded_on: date) -> Row:
    fiscal, calendar, as_of = _year(entry) if entry["year"] else (None, None, None)
    if entry["date"]:
        as_of = _day(entry, "date")
        of_day = as_of.year if calendar else as_of.year - (as_of.month < 4)
        if (fiscal or calendar or of_day) != of_day:
            _wrong(entry, f"{as_of} does not lie in the year {entry['year']}", "correct one; a 年度 runs from April to March")
        fiscal = None if calendar else of_day
    year = fiscal or calendar
    if not year:
        _wrong(entry, "neither year nor date is given", "say which year the value is for, e.g. 2026 or 令和8年度")
    if year not in _YEARS:
        _wrong(entry, f"the year {year} lies outside {_YEARS[0]} to {_YEARS[-1]}", "correct column year or date")
    begins = date(year, 4, 1) if fiscal else date(year, 1, 1)
    if (latest := max(begins, as_of or begins)) > recorded_on:
        what = f"the day {latest}" if as_of == latest else f"the year's first day {latest}"
        _wrong(entry, f"{what} lies after the day of recording, {recorded_on}", "correct one: results are recorded when known")
    return {"fiscal_year": fiscal, "calendar_year": calendar, "as_of": as_of}


def _row(entry: Entry, indicators: Indicators) -> Row:
    check_indicator(entry, indicators.names)
    indicator_id = entry["indicator_id"]
    value = _value(entry)
    unit = _unit(entry, indicators.units[indicator_id], value)
    recorded_on = _day(entry, "recorded_on")
    period = _period(entry, recorded_on)
    if not entry["source"]:
        _wrong(entry, "column source is empty", "say where the figure is from, so that it can be checked")
    year = period["fiscal_year"] or f"calendar-{period['calendar_year']}"
    return {
        "recorded_id": f"{indicator_id}/{year}/{recorded_on}",
        "indicator_id": indicator_id,
        **value,
        "unit": unit,
        **period,
        "source": entry["source"],
        "recorded_on": recorded_on,
        "note": entry["note"] or None,
    }


def _twice(entry: Entry, row: Row, where: str) -> DecisionError:
    return DecisionError(
        f"a result for {row['indicator_id']}, year {row['recorded_id'].split('/')[-2]}, recorded on {row['recorded_on']} already"
        f" stands in {where}",
        code="decision-duplicate",
        where=entry.where,
        hint="keep one of the rows; a corrected figure is a new row with the later day of recording, and replaces the earlier",
    )


def recorded_rows(entries: Sequence[Entry], indicators: Indicators) -> list[Row]:
    """Rows of the table ``recorded_actual``, one an entry.

    Raises:
        DecisionError: a row is wrong, or two are for one indicator, year and day of recording; all wrong rows are listed.
    """
    rows: list[Row] = []
    places: dict[str, str] = {}
    errors: list[DecisionError] = []
    for entry in entries:
        try:
            row = _row(entry, indicators)
        except DecisionError as error:
            errors.append(error)
            continue
        if row["recorded_id"] in places:
            errors.append(_twice(entry, row, places[row["recorded_id"]]))
        places.setdefault(row["recorded_id"], entry.where)
        rows.append(row)
    raise_together(errors)
    return rows


def import_actuals(project: Project, path: Path, connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Add the rows of a sheet to ``actuals.csv``, all or none; the rows there stay byte for byte.

    Args:
        project: the workbench.
        path: CSV or XLSX.
        connection: the warehouse, for the indicators and their units.

    Returns:
        How many rows were added, and how many were there already.

    Raises:
        LockError: another program writes in the workbench.
        DecisionError: the sheet or a row is wrong, or the file cannot be written; nothing was changed.
    """
    from dxlib.confirm import as_printed  # it writes sheets, which needs the writers of reports

    with hold_data(project):
        indicators = Indicators.of(
            connection.execute("SELECT indicator_id, name FROM indicator").fetchall(),
            connection.execute("SELECT DISTINCT indicator_id, unit FROM observation").fetchall(),
        )
        entries = [as_printed(entry, indicators.names) for entry in read_sheet(path, ACTUAL_COLUMNS)]
        rows = recorded_rows(entries, indicators)
        kept = read_actuals(project)
        there = {row["recorded_id"]: (entry, row) for entry, row in zip(kept, recorded_rows(kept, indicators), strict=True)}
        fresh = [entry for entry, row in zip(entries, rows, strict=True) if row["recorded_id"] not in there]
        raise_together(
            [
                _twice(entry, row, f"{there[row['recorded_id']][0].where} with other content")
                for entry, row in zip(entries, rows, strict=True)
                if there.get(row["recorded_id"], (entry, row))[1] != row
            ]
        )
        append_rows(project.curated / "actuals.csv", [[entry[column] for column in ACTUAL_COLUMNS] for entry in fresh])
        return len(fresh), len(entries) - len(fresh)

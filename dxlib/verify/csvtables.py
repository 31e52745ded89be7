"""The tables of ``data/curated/tables``, and what is kept elsewhere, beside the rows of the database, cell by cell."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from dxlib.rules import rule_rows, word_rows
from dxlib.verify.opened import BUILD, Opened, Record
from dxlib.verify.proof import Check, Proof, shown
from dxlib.warehouse import COMPUTED, NOT_IN_CSV

_EDITED = "the CSV or the database was edited after the build; run: dxlib build, and look at git diff data/curated/tables"
_FIGURE = ("municipality_code", "item", "detail", "as_of", "vintage")


def check_tables(proof: Proof, opened: Opened) -> None:
    """All checks of tables that also stand elsewhere."""
    proof.run("csv", "rows of data/curated/tables are those of the database", lambda c: _tables(c, opened))
    proof.run("rule", "rules and words are those of the package", lambda c: _rules(c, opened))
    proof.run("figure", "official figures are those of data/curated", lambda c: _figures(c, opened))


def _cell(text: str, kind: str) -> object:
    """A cell of a CSV in the type of its column; empty is nothing."""
    if text == "":
        return None
    if kind == "DOUBLE":
        return float(text)
    if kind == "INTEGER":
        return int(text)
    if kind == "BOOLEAN":
        return {"true": True, "false": False}.get(text, text)
    return text


def _plain(value: Any) -> object:
    if value is None or value == "":
        return None
    return value if isinstance(value, bool | int | float) else str(value)


def _csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it ends."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        for row in reader:
            yield reader.line_num, row


def _tables(check: Check, opened: Opened) -> None:
    folder = opened.project.tables
    wanted = [table for table in opened.columns if table not in NOT_IN_CSV | COMPUTED]
    for table in wanted:
        path = folder / f"{table}.csv"
        if path.is_file():
            try:
                _table(check, opened, table, path)
            except (OSError, UnicodeDecodeError, csv.Error) as error:
                check.wrong(opened.project.relative(path), f"cannot be read: {error}", _EDITED)
        else:
            check.wrong(opened.project.relative(path), "the table is missing", BUILD)
    for path in sorted(folder.glob("*.csv")) if folder.is_dir() else ():
        if path.stem not in wanted:
            check.wrong(opened.project.relative(path), "is no table of the warehouse", "remove it, or run: dxlib build")


def _table(check: Check, opened: Opened, table: str, path: Path) -> None:
    kinds, place = opened.columns[table], opened.project.relative(path)
    rows = _csv_rows(path)
    header = next(rows, (1, []))[1]
    if header != list(kinds):
        check.wrong(f"{place}:1", f"the columns are {', '.join(header)}, expected {', '.join(kinds)}", _EDITED)
        return
    stored = opened.rows(f"SELECT * FROM {table} ORDER BY rowid")
    count = 0
    for line, row in rows:
        count += 1
        if count > len(stored):
            check.wrong(f"{place}:{line}", "this row is not in the database", _EDITED)
            continue
        _row(check, f"{place}:{line}", row, stored[count - 1], kinds)
    if count < len(stored):
        check.wrong(place, f"has {count} rows, the table {table} has {len(stored)}", _EDITED)


def _row(check: Check, place: str, row: list[str], stored: tuple[Any, ...], kinds: dict[str, str]) -> None:
    if len(row) != len(kinds):
        check.wrong(place, f"has {len(row)} cells, expected {len(kinds)}", _EDITED)
        return
    for text, value, (column, kind) in zip(row, stored, kinds.items(), strict=True):
        try:
            is_same = _cell(text, kind) == _plain(value)
        except ValueError:
            is_same = False
        if not is_same:
            check.wrong(place, f"{column} is {shown(text)} in the CSV, {shown(value)} in the database", _EDITED)
            return
    check.proved()


def _rules(check: Check, opened: Opened) -> None:
    made: dict[str, tuple[str, Iterable[Record]]] = {"rule": ("rule_id", rule_rows()), "word": ("kind", word_rows())}
    for table, (_, rows) in made.items():
        expected = [tuple(row[column] for column in opened.columns[table]) for row in rows]
        stored = opened.rows(f"SELECT * FROM {table} ORDER BY rowid")
        for row in sorted(set(stored) ^ set(expected), key=str):
            check.wrong(f"table {table}", f"{shown(row, 120)} stands only in one of database and package", BUILD)
        check.proved(len(set(stored) & set(expected)))


def _figures(check: Check, opened: Opened) -> None:
    """Every figure of the files, those kept by hand first; of two with one key the first counts."""
    kept: dict[tuple[str, ...], tuple[str, float | None, str, str]] = {}
    curated = opened.project.curated
    for path in [curated / "reference_value.csv", *sorted((curated / "reference").glob("*.csv"))]:
        rows = _csv_rows(path) if path.is_file() else iter(())
        header = next(rows, (1, []))[1]
        for line, cells in rows:
            row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            if not any(row.values()):
                continue
            key = tuple(row.get(column, "") for column in _FIGURE)
            amount = float(row["value"]) if row.get("value") else None
            where = f"{opened.project.relative(path)}:{line}"
            kept.setdefault(key, (where, amount, row.get("unit", ""), row.get("source", "")))
    listed = ", ".join(f"{column}::VARCHAR" for column in _FIGURE)
    stored = {tuple(row[:5]): row[5:] for row in opened.rows(f"SELECT {listed}, value, unit, source FROM reference_value")}
    for key, (where, *figure) in kept.items():
        found = f"is {shown(figure[0])} {figure[1]} here, {shown(list(stored.get(key, ())))} in the database"
        check.expect(tuple(figure) == stored.get(key), where, found, BUILD)
    for key in sorted(stored.keys() - kept.keys()):
        check.wrong(f"reference_value {' '.join(key)}", "stands in no file of data/curated", BUILD)

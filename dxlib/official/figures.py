"""Figures of official statistics as rows of ``data/curated/reference/*.csv``: checked, compared by vintage, never overwritten."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dxlib.decisions import Decisions, raise_together, read_decisions
from dxlib.errors import DecisionError, nearest
from dxlib.municipality import check_digit
from dxlib.official.items import Item, facet_rows, item_rows, read_items
from dxlib.project import Project
from dxlib.sheet import write_data

if TYPE_CHECKING:
    import polars as pl

COUNTRY = "000000"
KINDS = ("country", "prefecture", "municipality", "ward", "other")
KEY = ("municipality_code", "item", "detail", "as_of", "vintage")
_VINTAGE = re.compile("[0-9]{4}(-[0-9]{2}){0,2}")
_NUMBER = r"-?[0-9]{1,15}(?:\.[0-9]{1,30})?"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, as it stands in a file of ``data/curated/reference``; all cells are text.

    Attributes:
        municipality_code: six digits; ``000000`` for the whole country.
        area_kind: country, prefecture, municipality, ward (of a designated city) or other (特別区部, a former municipality).
        area: name as the source prints it.
        item: key of ``reference_items.toml``.
        detail: which of several things the item's figures are about; empty for most items.
        as_of: the day it is for.
        vintage: the day, month or year it was published.
        value: digits; empty where the source prints nothing, which is not zero.
        unit: that of the item.
        printed: the cell as printed, where it is no plain number (``72%``, ``実施``, ``-``).
        note: what is special about it (不詳補完値).
        place: sheet and cell, or line.
        source: citation.
    """

    municipality_code: str
    area_kind: str
    area: str
    item: str
    detail: str
    as_of: str
    vintage: str
    value: str
    unit: str
    printed: str
    note: str
    place: str
    source: str

    @property
    def key(self) -> tuple[str, ...]:
        """What a figure is identified by."""
        return (self.municipality_code, self.item, self.detail, self.as_of, self.vintage)


COLUMNS = tuple(field.name for field in fields(Figure))


@dataclass(frozen=True, slots=True)
class Stored:
    """What an import did.

    Attributes:
        path: the file of figures.
        added: figures added.
        there: figures that stood there already, with the same value.
        blank: how many of all have no value in the source.
    """

    path: Path
    added: int
    there: int
    blank: int


def _wrong(message: str, where: str, hint: str, code: str = "decision-value") -> DecisionError:
    return DecisionError(message, code=code, where=where, hint=hint)


def check_vintage(vintage: str, where: str) -> str:
    """The vintage itself when it is a year, month or day.

    Raises:
        DecisionError: it is none.
    """
    try:
        if not _VINTAGE.fullmatch(vintage):
            raise ValueError
        date.fromisoformat(vintage + "-01-01"[len(vintage) - 4 :])
    except ValueError as error:
        raise _wrong(
            f"'{vintage}' is no vintage", where, "write the day of publication: 2021-11-30, 2021-11 or 2021", "reference-vintage"
        ) from error
    return vintage


def latest_day(vintage: str) -> str:
    """The last day a vintage can mean, as text that sorts.

    >>> latest_day("2021"), latest_day("2021-11"), latest_day("2021-11-30")
    ('2021-12-31', '2021-11-31', '2021-11-30')
    """
    return vintage + "-12-31"[len(vintage) - 4 :]


def _refuse(frame: pl.DataFrame, bad: pl.Expr, column: str, what: str, hint: str, code: str = "decision-value") -> None:
    found = frame.filter(bad).head(1)
    if len(found):
        raise _wrong(f"'{found[column][0]}' in column {column} {what}", found["where"][0], hint, code)


def _frame_of(path: Path, where: str) -> pl.DataFrame:
    import polars as pl

    try:
        frame = pl.read_csv(path, infer_schema=False).fill_null("")
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DecisionError(
            f"no readable CSV: {error}", code="decision-invalid", where=where, hint="restore it, or import the source again"
        ) from error
    if tuple(frame.columns) != COLUMNS:
        raise DecisionError(
            f"the columns are {', '.join(frame.columns)}",
            code="decision-columns",
            where=f"{where}:1",
            hint=f"expected: {', '.join(COLUMNS)}",
        )
    return frame.with_columns(where=pl.format("{}:{}", pl.lit(where), pl.int_range(2, len(frame) + 2)))


def _checked(frame: pl.DataFrame, items: Mapping[str, Item]) -> pl.DataFrame:
    import polars as pl

    codes = frame["municipality_code"].unique()
    bad = [c for c in codes if c != COUNTRY and not (re.fullmatch("[0-9]{6}", c) and check_digit(c[:5]) == c[5])]
    _refuse(frame, pl.col("municipality_code").is_in(bad), "municipality_code", "is no code", "six digits with check digit")
    _refuse(frame, ~pl.col("area_kind").is_in(KINDS), "area_kind", "is unknown", f"one of: {', '.join(KINDS)}")
    unknown = [name for name in frame["item"].unique().sort() if name not in items]
    if unknown:
        hint = f"add it to data/curated/reference_items.toml; {nearest(unknown[0], items)}"
        _refuse(frame, pl.col("item") == unknown[0], "item", "is no item", hint, "decision-unknown")
    units = {name: items[name].unit for name in frame["item"].unique()}
    _refuse(
        frame,
        pl.col("unit") != pl.col("item").replace_strict(units, default=""),
        "unit",
        "is not the unit of its item",
        "see data/curated/reference_items.toml",
    )
    is_day = pl.col("as_of").str.to_date("%Y-%m-%d", strict=False).is_not_null() & (pl.col("as_of").str.len_chars() == 10)
    _refuse(frame, ~is_day, "as_of", "is no date", "write it as 2020-10-01")
    for vintage in frame["vintage"].unique().sort():
        row = frame.filter(pl.col("vintage") == vintage).head(1)
        check_vintage(vintage, row["where"][0])
        early = (pl.col("vintage") == vintage) & (pl.col("as_of") > latest_day(vintage))
        _refuse(frame, early, "as_of", f"lies after the vintage {vintage}", "correct one of the two", "reference-vintage")
    no_number = (pl.col("value") != "") & ~pl.col("value").str.contains(f"^{_NUMBER}$")
    _refuse(frame, no_number, "value", "is no number", "write digits only; leave it empty where nothing is printed")
    _refuse(frame, pl.col("source") == "", "source", "is empty", "say where the figure is from")
    return frame


def official_frames(project: Project, decisions: Decisions, tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables of official statistics, typed: items, their facets, and all figures.

    Args:
        project: the workbench.
        decisions: for the figures kept by hand, and to check what items name.
        tables: the tables as far as they are made, for the columns of these.

    Raises:
        DecisionError: an item or a figure is wrong.
    """
    import polars as pl

    items = read_items(project, decisions.themes, decisions.facets)
    figures = read_figures(project, items, decisions)
    blank_is_null = [pl.when(pl.col(c) != "").then(pl.col(c)) for c in ("area", "value", "printed", "note", "place")]
    columns = tables["reference_value"].columns
    values = figures.with_columns(blank_is_null).with_columns(pl.col("value").cast(pl.Float64)).select(columns)
    made = {"reference_item": item_rows(items), "reference_facet": facet_rows(items)}
    return {
        **{name: pl.DataFrame(rows, schema=tables[name].schema) for name, rows in made.items()},
        "reference_value": values.sort("item", "detail", "municipality_code", "as_of", "vintage"),
    }


def read_figures(project: Project, items: Mapping[str, Item], decisions: Decisions | None = None) -> pl.DataFrame:
    """All figures, those kept by hand first; of two with the same key and value the first is kept.

    Args:
        project: the workbench.
        items: the vocabulary.
        decisions: for the figures kept by hand; read when None.

    Returns:
        A frame of text columns, `COLUMNS` and ``where``.

    Raises:
        DecisionError: a row is wrong, or two rows of one vintage have different values.
    """
    import polars as pl

    decided = decisions or read_decisions(project)
    names = {entry["code"]: entry["name"] for entry in decided.municipalities}
    blank = dict.fromkeys((*COLUMNS, "where"), "") | {"area_kind": "municipality"}
    rows = [
        {**blank, "area": names[entry["municipality_code"]], **entry.cells, "where": entry.where}
        for entry in decided.reference_values
    ]
    own = pl.DataFrame(rows, schema=dict.fromkeys((*COLUMNS, "where"), pl.String))
    paths = sorted((project.curated / "reference").glob("*.csv"))
    frames = [own, *(_frame_of(path, project.relative(path)) for path in paths)]
    frame = pl.concat([_checked(one, items) for one in frames])
    amount = pl.col("value").cast(pl.Float64, strict=False)
    first, first_at = amount.first().over(KEY), pl.col("where").first().over(KEY)
    other = frame.with_columns(first_at=first_at).filter(~amount.eq_missing(first)).head(1)
    if len(other):
        row = other.row(0, named=True)
        raise conflict(row["item"], row["municipality_code"], row["vintage"], row["value"], row["where"], row["first_at"])
    return frame.unique(KEY, keep="first", maintain_order=True)


def conflict(item: str, code: str, vintage: str, value: str, where: str, other: str) -> DecisionError:
    """Two figures of one vintage with different values."""
    return DecisionError(
        f"{item} of {code} is '{value}' here, but another value of the same vintage {vintage} stands in {other}",
        code="reference-conflict",
        where=where,
        hint="a corrected figure is a row of a newer vintage: state the day it was published (--vintage)",
    )


def store(project: Project, name: str, figures: Sequence[Figure], known: pl.DataFrame, where: str) -> Stored:
    """Add figures to ``data/curated/reference/NAME.csv``, all or none; those that stand anywhere already are left out.

    Args:
        project: the workbench.
        name: of the file, without its ending.
        figures: what was read.
        known: what `read_figures` gave.
        where: the file read, for messages.

    Raises:
        DecisionError: figures of a vintage that is there have other values, or the file cannot be written.
    """
    there = {row[:5]: row[5:] for row in known.select(*KEY, "value", "where").iter_rows()}
    fresh, errors, seen = [], [], dict[tuple[str, ...], Figure]()
    for figure in figures:
        if figure.key in seen:
            errors.append(_twice(figure, seen[figure.key], where))
        seen.setdefault(figure.key, figure)
        if figure.as_of > latest_day(figure.vintage):
            message = f"{figure.item} is for {figure.as_of}, after its vintage {figure.vintage}"
            hint = "a figure is published after its day; correct one of the two"
            errors.append(_wrong(message, f"{where} {figure.place}", hint, "reference-vintage"))
        if figure.key not in there:
            fresh.append(figure)
        elif not _same(figure.value, there[figure.key][0]):
            place = f"{where} {figure.place}"
            errors.append(
                conflict(figure.item, figure.municipality_code, figure.vintage, figure.value, place, there[figure.key][1])
            )
    raise_together(errors)
    path = project.curated / "reference" / f"{name}.csv"
    if fresh:
        kept = [tuple(row) for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8")))][1:] if path.exists() else []
        plain = (tuple(re.sub("\r\n?", "\n", cell) for cell in astuple(figure)) for figure in fresh)  # a lone \r ends a row
        rows = sorted([*kept, *plain], key=lambda r: (r[3], r[4], r[0], r[5], r[6]))
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
        write_data(path, text.getvalue())
    blank = sum(not figure.value for figure in figures)
    return Stored(path, len(fresh), len(figures) - len(fresh), blank)


def _same(one: str, other: str) -> bool:
    return one == other if not (one and other) else float(one) == float(other)


def _twice(figure: Figure, first: Figure, where: str) -> DecisionError:
    return DecisionError(
        f"{figure.item} of {figure.area or figure.municipality_code} stands at {first.place} and at {figure.place}",
        code="decision-duplicate",
        where=where,
        hint="keep one of them",
    )

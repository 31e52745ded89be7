"""The rows of a table from top to bottom: what a heading and the first cells of a row say of each value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from dxlib.facts import Role
from dxlib.quantity import Year, find_quantities, find_years
from dxlib.readers.cell import at_year, verdict_of
from dxlib.readers.columns import (
    EMPTY,
    Cell,
    Columns,
    aligned,
    columns_of,
    dated,
    is_header,
    is_value,
    once,
    with_baseline_year,
)
from dxlib.readers.heads import Head, bracketed_unit, head_of, is_bare_role, unit_in
from dxlib.readers.labelled import Item, items_of
from dxlib.readers.rows import divided, is_label, numbered, stacked
from dxlib.readers.series import Series, without_verdict
from dxlib.readers.valued import PAIRED, WORD, Grid, default_role, unit_cell, values_of
from dxlib.text import is_nothing, squeeze

_ROLE_CELL = 14  # longest first cell that says what its row holds
_NO_INDICATOR = re.compile(
    r"事業費|予算(?:額|$|\(|案)|決算額|コスト$|経費(?:\(|$|の合計|内訳)|財源|補助金(?:額|$)|交付金(?:額|$)|^うち|人件費$|合計(?:\(|$)|^計$|小計$|千円|有効回答|回答者|n="
)
_COST = re.compile("事業費|予算|決算|経費の|財源|効果額|増減|前年")
_UNIT_AT_END = re.compile(r"\((?:百万|千|万)?円\)$")
_SIGNS = ("◎", "○", "〇", "△", "×", "A", "B", "C", "D", "S")
_NUMBERED_TARGET = re.compile(r"^(?:数値|成果|活動)目標\s?[①-⑳\d]?$|^(?:数値|成果|活動)?目標\s?[①-⑳]$")
_PAIR = re.compile(r"目標値?[/・]実績値?")
_NAME_AND_ROLE = re.compile(r"^(?P<name>.{3,}?)\s+(?P<role>目標|実績|計画|現状|基準)値?$")
_MARKED_NAME = re.compile(
    r"(?:[◎○●■◆□・※]\s*)?[【\[(<]?(?:(?:成果|活動|評価|数値)?(?:指標|目標)|KPI)[名\d①-⑨]{0,2}[】\])>]?\s*[::]\s*(?=\S)"
)


@dataclass(slots=True)
class _Lead:
    """What the first cells of a row say about its values."""

    name: Cell | None = None
    title: Cell | None = None
    role: Role | None = None
    judges: str | None = None  # the row holds verdicts or attainments
    skipped: bool = False
    year: Year | None = None
    unit: str | None = None
    years: dict[Role, Year] = field(default_factory=dict)


class Walk:
    """Reads the rows of one table from top to bottom."""

    def __init__(self, grid: Grid, carried: Columns | None) -> None:
        self.grid = grid
        self.rows = [list(row) for row in grid.rows if any(row)]
        self.width = max((len(row) for row in self.rows), default=0)
        self.columns = carried if carried and self._goes_on(carried) else None
        self.series: list[Series] = []
        self.name: Cell | None = None  # of a table about one indicator, from a row above the header
        self.unit: str | None = None
        self.last: dict[int, tuple[Series, list[int]]] = {}
        self.current: Series | None = None
        self.parts: dict[str, Series] = {}  # indicators numbered ①② in the name above
        self.marked = False  # rows of indicators say so (指標：件数); the others are steps of a schedule
        self.planned = False  # columns of years without a role hold targets
        self.printed: list[tuple[Head, Cell]] = []  # values in the row that names the indicator

    def _goes_on(self, columns: Columns) -> bool:
        """True when the rows fit the columns of the table before: it was broken by the end of a page."""
        values = columns.values()
        if not values or len(columns) != self.width:
            return False
        fitting = [row for row in self.rows if any(at < len(row) and is_value(row[at].clean) for at in values)]
        return len(fitting) * 2 > len(self.rows) and not any(is_label(cell) for row in self.rows for cell in row)

    def run(self) -> None:
        """Read all rows; what they hold is in ``series`` then."""
        at = 0
        while at < len(self.rows):
            if self.columns and self._dates_above(self.rows[at], self.columns):
                at += 1
                continue
            end = at
            while end < len(self.rows) and is_header(self.rows[end]):
                end += 1
            if end > at:
                self._header(at, end)
                at = end
                continue
            row = self.rows[at]
            if (
                not self._context(row)
                and not self._pairs(row)
                and self.columns
                and (self.columns.values() or self.columns.first("verdict") is not None)
            ):
                self._row(aligned(row, self.columns), self.columns)
            at += 1
        if self.name and self.printed and len(marks := numbered(self.name)) > 1:
            for mark in marks:
                self._part(mark)

    def _header(self, at: int, end: int) -> None:
        below = next((n for n in range(end, len(self.rows)) if is_header(self.rows[n])), len(self.rows))
        body = self.rows[end:below]
        usual = Counter(len(row) for row in body).most_common(1)[0][0] if body else 0
        columns = columns_of(self.rows[at:end], [row for row in body if len(row) == usual])
        heads = [
            replace(head, year=self._year_of(head, text)) if head.year is None and head.role else head
            for head, text in zip(columns.heads, columns.texts, strict=True)
        ]
        self.columns = Columns(tuple(heads), columns.texts)
        self.marked = any(row and _MARKED_NAME.match(row[0].clean) for row in body)
        self.planned = self.marked or self._plans_years(self.columns, body)
        self.last = {}
        if self.name is None and self.columns.name() in (None, 0) and self.columns.first("indicator") is None:
            self.name = self._from_above()

    def _year_of(self, head: Head, text: str) -> Year | None:
        """The year that the document gives to a heading, or to the target that the line above the table is about."""
        if text in self.grid.years or head.role != "target":
            return self.grid.years.get(text)
        about = [year for label, year in self.grid.years.items() if label.endswith("目標") and label in self.grid.caption]
        return about[0] if len({year.western for year in about}) == 1 else None

    def _from_above(self) -> Cell | None:
        """The line above as the name, when the first column only says 目標 and 実績, or a year."""
        if any(row and row[0] and _NUMBERED_TARGET.match(squeeze(row[0].clean)) for row in self.rows):
            return None  # the rows name their indicators themselves
        first = [row[0].clean for row in self.rows if row[0] and not is_header(row)]
        heads = [head_of(text) for text in first]
        told = sum(
            1
            for text, head in zip(first, heads, strict=True)
            if head and (is_bare_role(text) or head.field in ("year", "verdict", "attainment"))
        )
        values = self.columns.values() if self.columns else []
        return self.grid.name if 0 in values or (told and told * 2 >= len(first)) else None

    def _context(self, row: Sequence[Cell]) -> bool:
        """True for a row of labels and contents (指標名 | … | 単位 | 件), which names the indicator of the rows below."""
        first = head_of(row[0].clean) if row and row[0] else None
        cells = once(row)
        named_so = first and (first.field == "indicator" or _NUMBERED_TARGET.match(squeeze(row[0].clean)))
        if not named_so or len(cells) < 2 or len(cells) > 6 or (is_value(cells[1].clean) and len(cells[1].clean) <= WORD):
            return False
        if self.columns and self.columns.heads[0].field == "indicator":
            return False
        held = [row[at] for at in self.columns.values() if at < len(row)] if self.columns else []
        if any(is_value(cell.clean) and not items_of(cell)[0].head for cell in held):
            return False  # KPI in a column of kinds
        self.name, self.unit, self.printed = cells[1], None, []
        self.parts, self.current = {}, None
        pairs = [item for cell in cells[2:] for item in items_of(cell)]
        pairs += [Item(head, a, b) for a, b in pairwise(cells[2:]) if (head := head_of(a.clean))]
        for item in pairs:
            if item.head and item.head.field == "unit" and item.content:
                self.unit = unit_in(item.content.clean) or squeeze(item.content.clean)
            elif item.head and item.head.role and item.content:
                self.printed.append((item.head, item.content))
        return True

    def _row(self, row: Sequence[Cell], columns: Columns) -> None:
        if self.marked and row[0]:
            label = _MARKED_NAME.match(row[0].clean)
            if label is None:
                return
            row = [Cell(row[0].line, row[0].text.slice(label.end())), *row[1:]]
        if self._by_marks(row, columns):
            return
        found: list[Series | None] = []
        for part in divided(row, columns):
            if years := stacked(part, columns):
                for one in years:
                    self._row(one, columns)
                continue
            lead = self._lead(part, columns)
            series = self._series(part, lead)
            found.append(series)
            if series is not None and not lead.skipped:
                self._fill(part, columns, lead, series)
        at = columns.name()
        marks = numbered(row[at]) if at is not None and at < len(row) else {}
        if len(found) > 1 and len(marks) == len(found):
            self.parts = {mark: series for mark, series in zip(marks, found, strict=True) if series is not None}

    def _dates_above(self, row: Sequence[Cell], columns: Columns) -> bool:
        """True for a row that only prints the years of the values above it."""
        cells = {at: cell for at, cell in enumerate(row) if cell}
        years = {at: find_years(cell.clean) for at, cell in cells.items()}
        if not cells or any(
            len(years[at]) != 1 or re.search(r"[^\s()度末時点年]", _without(cell.clean, years[at])) for at, cell in cells.items()
        ):
            return False
        if not all(at in self.last for at in cells) or 0 in columns.values():
            return False
        for at in cells:
            series, places = self.last[at]
            for place in places:
                series.values[place] = at_year(series.values[place], years[at][0], "cell")
        return True

    def _lead(self, row: Sequence[Cell], columns: Columns) -> _Lead:
        lead = _Lead()
        values = set(columns.values())
        name_at = columns.name()
        first = min(values, default=len(row))
        for at, cell in enumerate(row):
            head = columns.heads[at] if at < len(columns) else Head(None)
            if not cell or at in values or head.field in ("budget", "note", "department", "change", "verdict", "attainment"):
                continue
            if head.field == "unit":
                printed = squeeze(cell.clean).strip("()")
                lead.unit = unit_in(printed) or (printed if len(printed) <= 8 and not re.search(r"[\d\-―]", printed) else None)
            elif head.field in ("target_year", "value_year") and (years := find_years(cell.clean)):
                if head.dates:
                    lead.years[head.dates] = years[-1]
                else:
                    lead.year = years[-1]
            elif not self._says_role(cell, at, first, lead):
                if at == name_at:
                    lead.name = self._without_role(cell, lead)
                elif head.field == "title" and (lead.title is None or at < (name_at or 0)):
                    lead.title = cell
            beside = at < first and head.field != "unit"
            lead.skipped = lead.skipped or ((beside or at == name_at) and _names_none(cell, at == name_at))
        lead.unit = lead.unit or (bracketed_unit(lead.name.clean) if lead.name else None) or unit_cell(row[:first])
        return lead

    def _without_role(self, cell: Cell, lead: _Lead) -> Cell:
        """The name of a cell that also says the row's role: RPA適用業務数 目標."""
        match = _NAME_AND_ROLE.match(cell.clean)
        if match is None or (head := head_of(match["role"])) is None:
            return cell
        lead.role = head.role
        return Cell(cell.line, cell.text.slice(0, match.end("name")))

    def _is_name(self, at: int) -> bool:
        """True for the column that is called 指標 or KPI."""
        return self.columns is not None and at < len(self.columns) and self.columns.heads[at].field == "indicator"

    def _says_role(self, cell: Cell, at: int, first: int, lead: _Lead) -> bool:
        """True for a cell that says what its row holds: 目標, 実績, 評価, or a year."""
        head = head_of(cell.clean)
        if head is None or len(squeeze(cell.clean)) > _ROLE_CELL or at > first:
            return False
        if head.role and is_bare_role(cell.clean):
            lead.role, lead.year = head.role, head.year or lead.year
        elif head.field in ("verdict", "attainment"):
            if squeeze(cell.clean) in ("進捗", "達成", "状況"):
                return False  # a kind of indicator, not what the row holds
            lead.judges = head.field
        elif head.field in ("change", "budget", "note"):
            if (head.field == "note" and at > 0) or (self._is_name(at) and not _COST.search(cell.clean)):
                return False
            lead.skipped = True
            if head.field == "budget":
                self.series.append(Series(cell, skipped=True))
        elif head.field == "year":
            lead.year = head.year
        else:
            return False
        return True

    def _part(self, mark: str) -> Series:
        """The indicator with this number, where the name above lists several: ① 申請件数 ② 利用率."""
        names = numbered(self.name) if self.name else {}
        if mark not in self.parts:
            series = self.parts[mark] = Series(names[mark])
            self.series.append(series)
            self._take_printed(series, mark)
        return self.parts[mark]

    def _numbered(self, row: Sequence[Cell]) -> Series | None:
        """The indicator whose number the first cell of the row prints."""
        marks = list(numbered(row[0])) if row and row[0] else []
        names = numbered(self.name) if self.name else {}
        if not marks or len(names) < 2 or marks[0] not in names:
            return None
        self.current = self._part(marks[0])
        return self.current

    def _by_marks(self, row: Sequence[Cell], columns: Columns) -> bool:
        """Read a row whose cells hold a value for each of several indicators: 計画 | ① 600時間 ② 30%."""
        known = [*(numbered(self.name) if self.name else {})] if not self.parts else list(self.parts)
        values = {at: numbered(row[at]) for at in columns.values() if at < len(row) and row[at]}
        if len(known) < 2 or not any(len(pieces) > 1 for pieces in values.values()):
            return False
        if self._lead(row, columns).name is not None or any(not set(pieces) <= set(known) for pieces in values.values()):
            return False
        blank = Cell(row[0].line, EMPTY)
        for mark in known:
            one = [pieces.get(mark, blank) if (pieces := numbered(cell)) else cell for cell in row]
            lead, series = self._lead(one, columns), self._part(mark)
            lead.unit = lead.unit or self._unit_of(series)
            self._fill(one, columns, lead, series)
        return True

    def _series(self, row: Sequence[Cell], lead: _Lead) -> Series | None:
        """The indicator the row belongs to: that of its name, else the one above."""
        counted = self._numbered(row) or (self.current if self.parts else None)
        if counted is not None:
            lead.unit = lead.unit or bracketed_unit(counted.name.clean)
            return counted
        current = self.series[-1] if self.series else None
        if lead.name is None and current and current.skipped and (lead.skipped or not row[0]):
            return None  # a row of what something costs, or a further one
        name = lead.name or (self.name if current is None or current.name is not self.name else None)
        title = lead.title or (current.title if current else None)
        if name is not None and name is self.name and self.printed and len(numbered(name)) > 1:
            return None  # several indicators, and a row that does not say whose it is
        if name is not None and (
            current is None or not _same(name, current.name) or (lead.title and not _same(lead.title, current.title))
        ):
            self.last = {}
            if lead.name is None and self.unit:
                lead.unit = lead.unit or self.unit
            current = Series(name, title)
            self.series.append(current)
            if name is self.name:
                self._take_printed(current, None)
        elif current is None:
            anchor = next((cell for cell in row if cell), None)
            if anchor is None:
                return None
            current = Series(Cell(anchor.line, EMPTY), title)
            self.series.append(current)
        if current.name is self.name and self.unit:
            lead.unit = lead.unit or self.unit
        current.unit = lead.unit or current.unit
        lead.unit = lead.unit or self._unit_of(current)
        return None if current.skipped or _NO_INDICATOR.search(_UNIT_AT_END.sub("", current.name.clean)) else current

    def _unit_of(self, series: Series) -> str | None:
        """The unit of an indicator's name, of its rows above where one cell goes over all of them, or of the whole table."""
        merged = self.columns is not None and self.columns.first("unit") is not None
        return bracketed_unit(series.name.clean) or (series.unit if merged else None) or self.grid.unit

    def _take_printed(self, series: Series, mark: str | None) -> None:
        """The values that stand beside or below the name (基準値：214(R4)); those with the number ``mark`` of several."""
        unit = self.unit or bracketed_unit(series.name.clean)
        for head, cell in self.printed:
            piece = numbered(cell).get(mark) if mark else cell
            if head.role and piece:
                series.values += values_of(piece, head.role, head, unit, series.name, ())
        if mark is None:
            self.printed = []

    def _pairs(self, row: Sequence[Cell]) -> bool:
        """True for roles and values in turn (基準値 | 146 | 目標値 | 900) between the name and the columns of its years."""
        cells = once(row)
        heads = [head_of(cell.clean) for cell in cells[::2]]
        values = cells[1::2]
        if self.name is None or self.columns is not None or len(cells) % 2:
            return False
        if not all(head and head.role for head in heads) or not all(is_value(c.clean) or numbered(c) for c in values):
            return False
        self.printed += [(head, cell) for head, cell in zip(heads, values, strict=True) if head]
        return True

    def _fill(self, row: Sequence[Cell], columns: Columns, lead: _Lead, series: Series) -> None:
        guessed = with_baseline_year(columns)
        for at, cell in enumerate(row):
            head = columns.heads[at] if at < len(columns) else Head(None)
            if not cell or cell.place in series.seen:
                continue
            judges = head.field if head.field in ("verdict", "attainment") else lead.judges
            if judges is None and head.field == "year" and lead.role is None and verdict_of(cell.clean) in _SIGNS:
                judges = "verdict"  # a review in signs, a column for each year
            if judges and (head.role or head.field in ("year", "verdict", "attainment")):
                series.seen.add(cell.place)
                series.judge(cell, Head(judges, head.year or lead.year))
            elif head.role or head.field == "year":
                series.seen.add(cell.place)
                self._value(cell, at, head, lead, series, guessed.get(at))

    def _value(self, cell: Cell, at: int, head: Head, lead: _Lead, series: Series, guessed: int | None) -> None:
        role = head.role if head.role == "baseline" or lead.role is None else lead.role
        doubts = self.grid.doubts
        if role is None:
            role, more = default_role(self.columns, self.grid, head)
            if role is None and self.planned:
                role, more = "target", ("role-inferred",)
            doubts += more
        parts = self._parts_of(cell, at, role, lead)
        if not parts:
            return
        year = head.year or (lead.years.get(role) if role else None) or lead.year
        basis = head if head.year or year is None else replace(head, year=year)
        if year is None and guessed:
            basis, doubts = dated(head, guessed), (*doubts, "year-inferred")
        start = len(series.values)
        for own, part in parts:
            text, verdict = without_verdict(part.text)
            for value in values_of(Cell(part.line, text), own, basis, lead.unit, series.name, doubts):
                series.values.append(replace(value, status=verdict, verdict_quote=cell.text.quote()) if verdict else value)
        self.last[at] = (series, list(range(start, len(series.values))))

    def _plans_years(self, columns: Columns, body: Sequence[Sequence[Cell]]) -> bool:
        """True for indicators by year in a plan whose years have all still to come: KPI | R7 | R8 | R9."""
        years = {at: head.year.western for at, head in enumerate(columns.heads) if head.field == "year" and head.year}
        since = self.grid.since
        if columns.first("indicator") is None or since is None or len(years) < 2:
            return False
        cells = [row[at].clean for row in body for at in years if at < len(row) and row[at] and not is_nothing(row[at].clean)]
        numbers = sum(1 for cell in cells if find_quantities(cell))
        return numbers * 2 > len(cells) and all(year is not None and year >= since for year in years.values())

    def _parts_of(self, cell: Cell, at: int, role: Role | None, lead: _Lead) -> list[tuple[Role, Cell]]:
        """A cell with its role; each part with its own where it prints several (目標 100件 実績 95件, or 100件/95件)."""
        labelled = [(item.head.role, item.content) for item in items_of(cell) if item.head and item.head.role and item.content]
        if labelled:
            return [(own, part) for own, part in labelled if own]
        heading = self.columns.texts[at] if self.columns and at < len(self.columns.texts) else ""
        slash = re.search(r"(?<=\S)\s?/\s?(?=\S)", cell.clean)
        if slash and (_PAIR.match(heading) or (lead.role is None and PAIRED.search(self.grid.caption))):
            first, second = cell.text.slice(0, slash.start()), cell.text.slice(slash.end())
            return [("target", Cell(cell.line, first)), ("actual", Cell(cell.line, second))]
        return [(role, cell)] if role else []


def _without(text: str, years: Sequence[Year]) -> str:
    for year in reversed(years):
        text = text[: year.start] + text[year.end :]
    return text


def _names_none(cell: Cell, is_name: bool) -> bool:
    """True for a blank in place of a name, and for what something costs beside it."""
    return is_nothing(cell.clean) if is_name else bool(_NO_INDICATOR.search(cell.clean))


def _same(cell: Cell, other: Cell | None) -> bool:
    return other is not None and (cell is other or squeeze(cell.clean) == squeeze(other.clean))

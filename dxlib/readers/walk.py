"""The rows of a table from top to bottom: what a heading and the first cells of a row say of each value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from dxlib.facts import Doubt, Role, Value
from dxlib.quantity import Year, find_quantities, find_years
from dxlib.readers.cell import at_year, from_quantity, missing_reason, verdict_of
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
from dxlib.readers.heads import Head, bracketed_unit, head_of, is_bare_role, scaled, unit_in
from dxlib.readers.labelled import Item, items_of
from dxlib.readers.phrases import Phrase, is_sentence, read_phrases, stands_for_value
from dxlib.readers.rows import divided, is_label, stacked
from dxlib.readers.series import Series, without_verdict
from dxlib.readers.weights import with_doubts
from dxlib.text import squeeze

_SENTENCE = 30  # a longer cell is a sentence: its numbers are not the value
_WORD = 16  # longest word that stands for a value
_ROLE_CELL = 14  # longest first cell that says what its row holds
_NO_INDICATOR = re.compile(
    r"事業費|予算(?:額|$|\(|案)|決算額|コスト$|経費(?:\(|$|の合計|内訳)|財源|補助金(?:額|$)|交付金(?:額|$)|^うち|人件費$|合計(?:\(|$)|^計$|小計$|千円|有効回答|回答者|n="
)
_CUMULATIVE = re.compile("累計|累積|延べ累計")
_SIGNS = ("◎", "○", "〇", "△", "×", "A", "B", "C", "D", "S")
_NUMBERED_TARGET = re.compile(r"^(?:数値|成果|活動)目標\s?[①-⑳\d]?$|^(?:数値|成果|活動)?目標\s?[①-⑳]$")
_PAIR = re.compile(r"目標値?[/・]実績値?")
_NAME_AND_ROLE = re.compile(r"^(?P<name>.{3,}?)\s+(?P<role>目標|実績|計画|現状|基準)値?$")
_MARKED_NAME = re.compile(
    r"(?:[◎○●■◆□・※]\s*)?[【\[(<]?(?:(?:成果|活動|評価|数値)?(?:指標|目標)|KPI)[名\d①-⑨]{0,2}[】\])>]?\s*[::]\s*(?=\S)"
)
_PAIRED = re.compile(r"目標.{0,16}実績.{0,60}(?:[/／].{0,4}(?:で|区切)|上段|下段)")
_CIRCLED = re.compile(r"[①-⑳]")


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, or lines that were one: rows of cells and what stands above them."""

    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    doubts: tuple[Doubt, ...] = ()
    name: Cell | None = None  # the line above, for a table that names no indicator itself
    unit: str | None = None  # of the values that print none: (単位:件) above, ※単位:件 below
    years: Mapping[str, Year] = field(default_factory=dict)  # words of headings that the document gives a year


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
            if not self._context(row) and self.columns and (self.columns.values() or self.columns.first("verdict") is not None):
                self._row(aligned(row, self.columns), self.columns)
            at += 1

    def _header(self, at: int, end: int) -> None:
        below = next((n for n in range(end, len(self.rows)) if is_header(self.rows[n])), len(self.rows))
        body = self.rows[end:below]
        columns = columns_of(self.rows[at:end], [row for row in body if len(row) == self.width] or body)
        heads = [
            replace(head, year=self._year_of(head, text)) if head.year is None and head.role else head
            for head, text in zip(columns.heads, columns.texts, strict=True)
        ]
        self.columns = Columns(tuple(heads), columns.texts)
        self.marked = any(row and _MARKED_NAME.match(row[0].clean) for row in body)
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
        if not named_so or len(cells) < 2 or len(cells) > 6 or (is_value(cells[1].clean) and len(cells[1].clean) <= _WORD):
            return False
        if self.columns and self.columns.heads[0].field == "indicator":
            return False
        if self.columns and any(at < len(row) and is_value(row[at].clean) for at in self.columns.values()):
            return False  # KPI in a column of kinds
        self.name, self.unit, self.printed = cells[1], None, []
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
        for part in divided(row, columns):
            if years := stacked(part, columns):
                for one in years:
                    self._row(one, columns)
                continue
            lead = self._lead(part, columns)
            series = self._series(part, lead)
            if series is not None and not lead.skipped:
                self._fill(part, columns, lead, series)

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
            if at != name_at and at < first and head.field != "unit" and _NO_INDICATOR.search(cell.clean):
                lead.skipped = True
        lead.unit = lead.unit or (bracketed_unit(lead.name.clean) if lead.name else None) or _unit_cell(row[:first])
        return lead

    def _without_role(self, cell: Cell, lead: _Lead) -> Cell:
        """The name of a cell that also says the row's role: RPA適用業務数 目標."""
        match = _NAME_AND_ROLE.match(cell.clean)
        if match is None or (head := head_of(match["role"])) is None:
            return cell
        lead.role = head.role
        return Cell(cell.line, cell.text.slice(0, match.end("name")))

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
            if head.field == "note" and at > 0:
                return False
            lead.skipped = True
            if head.field == "budget":
                self.series.append(Series(cell, skipped=True))
        elif head.field == "year":
            lead.year = head.year
        else:
            return False
        return True

    def _numbered(self, row: Sequence[Cell], name: Cell | None) -> Series | None:
        """The indicator whose number ① the first cell of the row prints, where the name above lists several."""
        mark = _CIRCLED.search(row[0].clean) if row and row[0] else None
        names = {m.group(): m for m in _CIRCLED.finditer(name.clean)} if name else {}
        if not mark or name is None or len(names) < 2 or mark.group() not in names:
            return None
        if mark.group() not in self.parts:
            start = names[mark.group()].end()
            end = min((m.start() for m in names.values() if m.start() >= start), default=len(name.clean))
            self.parts[mark.group()] = Series(Cell(name.line, name.text.slice(start, end)))
            self.series.append(self.parts[mark.group()])
        self.current = self.parts[mark.group()]
        return self.current

    def _series(self, row: Sequence[Cell], lead: _Lead) -> Series | None:
        """The indicator the row belongs to: that of its name, else the one above."""
        numbered = self._numbered(row, self.name) or (self.current if self.parts else None)
        if numbered is not None:
            lead.unit = lead.unit or bracketed_unit(numbered.name.clean)
            return numbered
        current = self.series[-1] if self.series else None
        name = lead.name or (self.name if current is None or current.name is not self.name else None)
        title = lead.title or (current.title if current else None)
        if name is not None and (
            current is None or not _same(name, current.name) or (lead.title and not _same(lead.title, current.title))
        ):
            self.last = {}
            if lead.name is None and self.unit:
                lead.unit = lead.unit or self.unit
            current = Series(name, title)
            self.series.append(current)
            if name is self.name:
                self._take_printed(current)
        elif current is None:
            anchor = next((cell for cell in row if cell), None)
            if anchor is None:
                return None
            current = Series(Cell(anchor.line, EMPTY), title)
            self.series.append(current)
        if current.name is self.name and self.unit:
            lead.unit = lead.unit or self.unit
        lead.unit = lead.unit or bracketed_unit(current.name.clean) or self._unit_above(current) or self.grid.unit
        return None if current.skipped or _NO_INDICATOR.search(current.name.clean) else current

    def _unit_above(self, series: Series) -> str | None:
        """The unit in the row above, where the unit's cell goes over all rows of an indicator."""
        if self.columns is None or self.columns.first("unit") is None:
            return None
        return next((value.unit for value in series.values if value.unit), None)

    def _take_printed(self, series: Series) -> None:
        """The values that stand in the row with the name (基準値：214(R4))."""
        for head, cell in self.printed:
            if head.role:
                series.values += _values(cell, head.role, head, self.unit or bracketed_unit(series.name.clean), series.name, ())
        self.printed = []

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
            role, more = _default_role(self.columns, self.grid, head)
            if role is None and self.marked:
                role, more = "target", ("role-inferred",)
            doubts += more
        if role is None:
            return
        year = head.year or lead.years.get(role) or lead.year
        basis = head if head.year or year is None else replace(head, year=year)
        if year is None and guessed:
            basis, doubts = dated(head, guessed), (*doubts, "year-inferred")
        start = len(series.values)
        for own, part in self._parts_of(cell, at, role, lead):
            text, verdict = without_verdict(part.text)
            for value in _values(Cell(part.line, text), own, basis, lead.unit, series.name, doubts):
                series.values.append(replace(value, status=verdict, verdict_quote=cell.text.quote()) if verdict else value)
        self.last[at] = (series, list(range(start, len(series.values))))

    def _parts_of(self, cell: Cell, at: int, role: Role, lead: _Lead) -> list[tuple[Role, Cell]]:
        """A cell with its role; each part with its own where it prints several (目標 100件 実績 95件, or 100件/95件)."""
        labelled = [(item.head.role, item.content) for item in items_of(cell) if item.head and item.head.role and item.content]
        if labelled:
            return [(own, part) for own, part in labelled if own]
        heading = self.columns.texts[at] if self.columns and at < len(self.columns.texts) else ""
        slash = re.search(r"(?<=\S)\s?/\s?(?=\S)", cell.clean)
        if slash and (_PAIR.match(heading) or (lead.role is None and _PAIRED.search(self.grid.caption))):
            first, second = cell.text.slice(0, slash.start()), cell.text.slice(slash.end())
            return [("target", Cell(cell.line, first)), ("actual", Cell(cell.line, second))]
        return [(role, cell)]


def _without(text: str, years: Sequence[Year]) -> str:
    for year in reversed(years):
        text = text[: year.start] + text[year.end :]
    return text


def _same(cell: Cell, other: Cell | None) -> bool:
    return other is not None and (cell is other or squeeze(cell.clean) == squeeze(other.clean))


def _unit_cell(cells: Sequence[Cell]) -> str | None:
    """The unit that stands alone in one of the first cells."""
    return next(
        (unit for cell in cells if re.fullmatch(r"[(\[].{1,6}[)\]]|.{1,3}", cell.clean) and (unit := unit_in(cell.clean))), None
    )


def _default_role(columns: Columns | None, grid: Grid, head: Head) -> tuple[Role | None, tuple[Doubt, ...]]:
    """The role of a column that is only a year: targets beside a baseline or a target, else what the caption says."""
    if head.year and head.year.relative_year:
        return "target", ("role-inferred",)  # years after launch lie ahead
    roles = {head.role for head in columns.heads if head.role} if columns else set()
    known = [head.year.western for head in columns.heads if head.role == "actual" and head.year] if columns else []
    seen = [year for year in known if year]
    if roles == {"actual"} or (seen and head.year and head.year.western and head.year.western <= max(seen)):
        return "actual", ("role-inferred",)
    if roles:
        return "target", ("role-inferred",)
    if re.search("コスト|事業費|予算|経費|千円", grid.caption):
        return None, ()
    if _PAIRED.search(grid.caption):
        return "target", ("role-inferred",)
    said = {role for word, role in (("目標", "target"), ("計画値", "target"), ("実績", "actual")) if word in grid.caption}
    return (said.pop(), ("role-inferred",)) if len(said) == 1 else (None, ())  # type: ignore[return-value]


def _values(cell: Cell, role: Role, head: Head, unit: str | None, name: Cell, doubts: tuple[Doubt, ...]) -> Iterator[Value]:
    """The values of one cell under one heading."""
    for phrase in _phrases(cell, role):
        value = phrase.value
        counted = value.value is not None or value.numerator is not None
        if not counted and value.missing is None and not stands_for_value(value.value_text):
            continue
        if value.fiscal_year is None and value.calendar_year is None and value.relative_year is None:
            value = at_year(value, head.year, "header")
        if value.unit is None and (counted or value.missing):
            value = scaled(value, unit or head.unit)
        if value.cumulative is None and (head.cumulative or _CUMULATIVE.search(name.clean)):
            value = replace(value, cumulative=True)
        yield with_doubts(value, (*doubts, "unit-missing") if counted and value.unit is None else doubts)


def _phrases(cell: Cell, role: Role) -> list[Phrase]:
    """The values of a cell; of a sentence only the one number it holds."""
    clean = cell.clean
    if is_sentence(clean) and not missing_reason(clean):
        quantities = find_quantities(clean)
        found = read_phrases(cell, role) if len(clean) < 2 * _SENTENCE else []
        if len(quantities) == 1:
            only = quantities[0]
            quote = cell.text.quote(only.start, only.end)
            return [Phrase(None, with_doubts(from_quantity(only, role, cell.line, quote), ("sentence",)))]
        return found if len(found) > 1 and all(phrase.value.value_text is None for phrase in found) else []
    if not is_value(clean) and len(squeeze(clean)) > _WORD:
        return []
    return read_phrases(cell, role)

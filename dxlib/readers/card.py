"""What stands under one heading, while it is read: the indicator being filled, and labels whose values are still to come."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from dxlib.document import Line
from dxlib.facts import Doubt, Role, Value
from dxlib.quantity import Year, find_quantities, find_years
from dxlib.readers.cell import at_year, from_quantity, missing_reason, verdict_of
from dxlib.readers.columns import EMPTY, Cell, is_value
from dxlib.readers.headings import is_contents_entry
from dxlib.readers.heads import Head, bracketed_unit, scaled, unit_in
from dxlib.readers.labelled import Item
from dxlib.readers.labels import column_year
from dxlib.readers.phrases import Phrase, arrows, is_pure, is_sentence, read_phrases, stands_for_value, yearly
from dxlib.readers.sentences import Passage, read_passage
from dxlib.readers.series import Series, without_verdict
from dxlib.readers.weights import with_doubts
from dxlib.text import Text, squeeze

_LONG = 68  # a longer sentence says more of today than one value
_NAME = 60  # longest name of an indicator
_LIST_GAP = 2  # lines between the entries of a list
_NOTE = re.compile(r"^(?:※|注|\(注|\*)")
_ANNOUNCES = re.compile(
    r"(?:次の|以下の|下記の)[^。]{0,20}(?:目標|実績)[^。]{0,20}。$|(?:目標|実績)[^。]{0,12}(?:次の|以下の|下記の)[^。]{0,20}。$"
)
_NAMES_INDICATOR = re.compile(r"(?:数値|成果|活動|重要業績)(?:目標|評価)|KPI|KGI")
_REMARKED = re.compile(r"\((?!\d{1,2}\))")  # a remark in brackets, but (4) numbers an entry
_AIMS = re.compile("(?:する|します|こと|目指す|目指します|半減|削減|増加|短縮)。?$")
_TODAY = re.compile("現在|時点|調べ|実績|現状")
_NAME_AND_VALUE = re.compile(r"(?P<name>[^::。]{2,40})[::]\s*(?=[約▲]?\d)")
_MONEY = re.compile(r"事業費|予算|決算|経費|財源|補助|交付金|効果額|千円")
_REMARK = re.compile(r"\s*※.*$")
_LISTED = re.compile(r"^.{4,60}\s[^\s]*\d[^\s]*(?:\s?\([^()]*\))?$|^[・\-*●○■◆▪※]|^.{2,40}\s{2,}\S|^.{2,40}[::]")
_CUMULATIVE = re.compile("累計|累積")


def _phrases(cell: Cell, role: Role) -> tuple[list[Phrase], tuple[Doubt, ...]]:
    """The values that the content of a label states; those of a sentence are doubted."""
    clean = cell.clean
    if found := list(arrows(cell, role)):
        return found, ()
    if len(found := yearly(cell, role)) > 1:
        return found, ()
    if missing_reason(clean) or not is_sentence(clean):
        return read_phrases(cell, role), ()
    if role == "target":
        goals = read_passage(Passage((Line(cell.line, cell.text),)))
        if goals:
            return [Phrase(one.name.text, value) for one in goals for value in one.values], ("sentence",)
    quantities = find_quantities(clean)
    if len(quantities) == 1 and quantities[0].unit is not None and (role != "baseline" or len(clean) < _LONG):
        only = quantities[0]
        value = from_quantity(only, role, cell.line, cell.text.quote(only.start, only.end))
        return [Phrase(cell.text.slice(0, only.start), value)], ("sentence",)
    return [], ()


def _dated(value: Value) -> bool:
    return bool(value.fiscal_year or value.calendar_year or value.relative_year)


def _when(value: Value) -> tuple[object, ...]:
    return value.role, value.fiscal_year, value.calendar_year, value.relative_year


def _key(text: Text) -> str:
    return squeeze(text.clean).strip("の:、")


def _is_name(text: str) -> bool:
    return 2 <= len(text) <= _NAME and not text.endswith("。") and not is_contents_entry(text)


def _announced(text: str) -> Head | None:
    """The role, and the year, of the values that a sentence announces (次の3つを数値目標とします)."""
    match = _ANNOUNCES.search(text)
    if match is None or find_quantities(re.sub(r"\d{1,9}(?:\s?つ|項目|指標)", "", text)):
        return None
    years = find_years(text)
    return Head("target" if "目標" in match.group() else "actual", years[0] if len(years) == 1 else None)


@dataclass(slots=True)
class Card:
    """Where the reader stands under a heading.

    Attributes:
        series: the indicators found, in printed order.
        current: the one being filled.
        name: the text that names what comes.
        waiting: labels whose values stand on the lines below.
        kpi: True below a label or heading such as KPI, where names and values follow.
    """

    series: list[Series] = field(default_factory=list)
    current: Series | None = None
    name: Cell | None = None
    waiting: list[Head] = field(default_factory=list)
    kpi: bool = False
    _wants_name: bool = False
    _listed: bool = False  # the label that waits heads a list of values
    _line: int = 0
    _verdict: Head | None = None  # a label whose verdict stands on the next line
    _last: Head | None = None  # the label of the value taken last
    _unit: str | None = None
    _target_year: Year | None = None
    _line_year: tuple[int, Year | None] = (0, None)  # a year at the start of a line: R4 計画:8件 実績:9件

    def take(self, item: Item) -> None:
        """Take the next label with its content, or text without a label."""
        head = item.head
        if head is None:
            self._plain(item.content)
            return
        self._last = None
        words = bool(item.content) and not find_quantities(item.content.clean) and not is_value(item.content.clean)
        if head.role == "target" and words and item.label and _NAMES_INDICATOR.search(item.label.clean):
            head = Head("indicator")  # 数値目標 before a name
        if head.role:
            self._role(head, item.content)
        else:
            self._field(head, item.content)

    def goal(self, content: Cell) -> bool:
        """Take a sentence before a label that sets a target: 処理時間を3,000時間削減する(基準:640時間)."""
        goals = read_passage(Passage((Line(content.line, content.text),)), undated=True) if is_sentence(content.clean) else []
        for one in goals:
            self._open(one.name, content.line).values += one.values
        self.name = None if goals else self.name
        return bool(goals)

    def _role(self, head: Head, content: Cell) -> None:
        if content:
            self.waiting.clear()
            self._add(head, content)
            return
        if self._listed:
            self.waiting.clear()
        self._listed = False
        self.waiting.append(head)

    def _field(self, head: Head, content: Cell) -> None:
        takers: dict[str, Callable[[Head, Cell], None]] = {
            "indicator": self._indicator,
            "unit": self._unit_is,
            "value_year": self._value_year,
            "target_year": self._target_years,
            "verdict": self._judge,
            "attainment": self._judge,
        }
        if head.field in takers:
            takers[head.field](head, content)
            return
        self.waiting.clear()
        self.kpi = False
        if head.field == "title":
            self.current, self.name = None, content or None
        else:
            self._wants_name = False

    def _indicator(self, head: Head, content: Cell) -> None:
        self.waiting.clear()
        self._unit = self._target_year = None
        self.kpi = not content
        if not content:
            self._wants_name, self.name = True, None
            return
        self.current, self.name = None, content
        if len(found := yearly(content, "target")) > 1 and self._years(content, found):
            return
        if find_quantities(content.clean) and find_years(content.clean) and not is_sentence(content.clean):
            self.name = None  # 指標 before a name with its target
            self._add(Head("target"), content)

    def _unit_is(self, head: Head, content: Cell) -> None:
        if content:
            self._unit = unit_in(content.clean) or content.clean

    def _value_year(self, head: Head, content: Cell) -> None:
        years = find_years(content.clean)
        if years and self.current and self.current.values and not _dated(self.current.values[-1]):
            self.current.values[-1] = at_year(self.current.values[-1], years[-1], "label")

    def _target_years(self, head: Head, content: Cell) -> None:
        years = find_years(content.clean)
        year = self._target_year = years[-1] if years else head.year
        for at, value in enumerate(self.current.values if self.current and year else ()):
            if value.role == "target" and not _dated(value) and self.current:
                self.current.values[at] = at_year(value, year, "label")

    def _judge(self, head: Head, content: Cell) -> None:
        """A verdict on the indicator being read; on what was named last where it has no values."""
        if not content:
            self._verdict = head
        elif self.current is not None:
            self.current.judge(content, head)
        elif verdict_of(content.clean) and self.name is not None:
            self._open(self.name, content.line).judge(content, head)
            self.name = None

    def _open(self, name: Cell | None, line: int) -> Series:
        series = Series(name or Cell(line, EMPTY))
        self.series.append(series)
        self.current = series
        return series

    def _add(self, head: Head, content: Cell) -> bool:
        """Take the content of a role label; False when it holds no value."""
        found = list(self._values(head, content))
        for own, value in found:
            self.current = self._home(own, value, content.line, len(found) > 1)
            self.current.values.append(value)
            self.name, self._last = None, head
        return bool(found)

    def _home(self, own: Text | None, value: Value, line: int, several: bool) -> Series:
        """The series a value belongs to: the one of its own name, a new one for a new name, else the current one."""
        known = [one for one in reversed(self.series[-6:]) if own and _key(own) and _key(own) == _key(one.name.text)]
        if known:
            return known[0]
        if own and (several or self.name is None):
            return self._open(Cell(line, own), line)
        if self.name is not None:
            return self._open(self.name, line)
        if self.current is None or (own and any(_when(other) == _when(value) for other in self.current.values)):
            return self._open(Cell(line, own) if own else None, line)
        return self.current

    def _values(self, head: Head, content: Cell) -> Iterator[tuple[Text | None, Value]]:
        if head.role is None:
            return
        text, verdict = without_verdict(content.text)
        phrases, doubts = _phrases(Cell(content.line, text), head.role)
        line, year = self._line_year
        head = replace(head, year=year) if head.year is None and line == content.line else head
        for phrase in phrases:
            value = replace(phrase.value, status=verdict, verdict_quote=content.text.quote()) if verdict else phrase.value
            counted = value.value is not None or value.numerator is not None
            if not counted and not value.missing and not stands_for_value(value.value_text):
                continue
            if not _dated(value) and not head.year and head.role == "target" and (before := self._result_on(content.line)):
                value = replace(value, fiscal_year=before.fiscal_year, calendar_year=before.calendar_year, year_basis="shared")
                value = with_doubts(value, ("year-shared",))
            if not _dated(value):
                value = at_year(value, head.year or (self._target_year if head.role == "target" else None), "label")
            if value.unit is None and counted:
                value = scaled(value, head.unit or self._unit or (bracketed_unit(self.name.clean) if self.name else None))
            if head.cumulative or (self.name and _CUMULATIVE.search(self.name.clean)):
                value = replace(value, cumulative=True)
            more: tuple[Doubt, ...] = ("unit-missing",) if value.value is not None and value.unit is None else ()
            yield phrase.name, with_doubts(value, (*doubts, *more))

    def _result_on(self, line: int) -> Value | None:
        """The result before a target in brackets: 令和6年度末の修了者 113人(目標 120人)."""
        last = self.current.values[-1] if self.current and self.current.values else None
        return last if last and last.role == "actual" and last.line == line and _dated(last) else None

    def _plain(self, content: Cell) -> None:
        """Text without a label: a value that was waited for, years with values, or the name of what comes."""
        verdict, self._verdict = self._verdict, None
        if year := column_year(content.clean):
            self._line_year = content.line, year
        elif verdict and verdict_of(content.clean):
            self._judge(verdict, content)
        elif self._goes_on(content):
            self._add(self._last or Head(None), content)
        elif not self._was_waited_for(content) and not _NOTE.match(content.clean) and not _REMARKED.match(content.clean):
            announced = _announced(content.clean)
            if announced is not None:
                self.waiting, self._listed, self.name, self._line = [announced], True, None, content.line
            elif not self._loose(content):
                self._named(content)

    def _goes_on(self, content: Cell) -> bool:
        """True for a second value below the first: 2,500人(R7), then 4,000人(R9) on the next line."""
        if self._last is None or self._last.role == "baseline" or self.current is None:
            return False
        return is_pure(content.clean) and bool(find_quantities(content.clean)) and bool(find_years(content.clean))

    def _was_waited_for(self, content: Cell) -> bool:
        if self._listed and content.line - self._line > _LIST_GAP:
            self.waiting.clear()
            self._listed = False
        self._line = content.line
        if not self.waiting or _NOTE.match(content.clean):
            return False
        content = Cell(content.line, content.text.slice(0, len(_REMARK.sub("", content.clean))))
        if is_pure(content.clean) and self._add(self.waiting[0], content):
            self.waiting.pop(0)
            return True
        if self.waiting[0].role == "target" and _AIMS.search(content.clean) and self.goal(content):
            self.waiting.pop(0)
            return True
        counted = any(quantity.unit for quantity in find_quantities(content.clean))
        entry = counted and _LISTED.match(content.clean) and not is_sentence(content.clean)
        entry = entry or len(yearly(content, "target")) > 1
        if entry and self._add(self.waiting[0], content):
            self._listed = True  # a list below one label: 1年目の目標, then a name and a value on each line
            return True
        self.waiting.clear()
        return False

    def _loose(self, content: Cell) -> bool:
        """Values without a label: an arrow, or years with a value each."""
        if _MONEY.search(content.clean):
            return False
        return (
            self._years(content, yearly(content, "target"))
            or self._arrows(content, list(arrows(content, None)))
            or self._dated_target(content)
        )

    def _dated_target(self, content: Cell) -> bool:
        """A value with the year it is for, below or behind a name under KPI: 完全実施(2026年度), 満足度:80%以上(令和10年度)."""
        if _TODAY.search(content.clean):
            return False
        if self.kpi and (behind := _NAME_AND_VALUE.match(content.clean)):
            self.name = Cell(content.line, content.text.slice(0, behind.end("name")))
            content = Cell(content.line, content.text.slice(behind.end()))
        if not self.kpi or self.name is None or not find_years(content.clean[-14:]) or is_sentence(content.clean):
            return False
        counted = bool(find_quantities(content.clean))
        found = read_phrases(content, "target") if not counted or is_pure(content.clean) else []
        if len(found) != 1 or not _dated(found[0].value) or not (counted or stands_for_value(found[0].value.value_text)):
            return False
        self.current = self._open(self.name, content.line)
        self.current.values.append(with_doubts(found[0].value, ("role-inferred",)))
        self.name = None
        return True

    def _years(self, content: Cell, found: Sequence[Phrase]) -> bool:
        own = found[0].name if found else None
        launched = len(found) > 1 and all(phrase.value.relative_year for phrase in found)
        if not found or (own and not launched):
            return False
        name = Cell(content.line, own) if own else self.name
        if name and (own or self.current is None):
            self.current = self._open(name, content.line)
        if self.current is None:
            return False
        self.current.values += [with_doubts(phrase.value, ("role-inferred",)) for phrase in found]
        self.name = None
        return True

    def _arrows(self, content: Cell, found: Sequence[Phrase]) -> bool:
        if not found:
            return False
        own = found[0].name
        series = self._open(Cell(content.line, own) if own else self.name, content.line)
        series.values += [phrase.value for phrase in found]
        self.name = self.current = None
        return True

    def _named(self, content: Cell) -> None:
        clean = content.clean
        if not _is_name(clean):
            self.name = None
            self.current = self.current if len(clean) <= _NAME else None
        elif self._wants_name or not find_quantities(clean) or len(clean) > len("10人以上"):
            self.name, self._wants_name, self.current = content, False, None

"""Values that stand behind a label: cards, forms, blocks of text and bullets (現状値：35件, 【目標】50%, めざそう値（R10） 25%).

A label may stand before its value, alone on the line above it, or in the cell beside it. What stands between two labels
belongs to the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from dxlib.document import Document, Line, Table
from dxlib.facts import Doubt, Measure, Value
from dxlib.quantity import Year, find_quantities, find_years
from dxlib.readers.cell import at_year, from_quantity, missing_reason, verdict_of
from dxlib.readers.columns import EMPTY, Cell, filled, is_value
from dxlib.readers.headings import above, is_contents_entry
from dxlib.readers.heads import Head, bracketed_unit, head_of, scaled, unit_in
from dxlib.readers.labelled import FIELDS, Item, items_of
from dxlib.readers.phrases import Phrase, arrows, is_pure, is_sentence, read_phrases, stands_for_value, yearly
from dxlib.readers.sentences import Passage, read_passage
from dxlib.readers.series import Series, measures_of
from dxlib.readers.weights import with_doubts
from dxlib.text import Text, squeeze

_PROSE = 34  # a longer content is a sentence
_WORD = 16  # longest word that stands for a value
_BULLET = re.compile(r"^[■◆●○◇□▼▶►・※*+–—-]+\s*")
_NOTE = re.compile(r"^(?:※|注|\(注|\*)")
_ANNOUNCES = re.compile(r"(?:次の|以下の|下記の)[^。]{0,20}(?:目標|実績)[^。]{0,20}。$|(?:目標|実績)[^。]{0,12}(?:次の|以下の|下記の)[^。]{0,20}。$")
_LIST_GAP = 2  # lines between the entries of a list
_NAMES_INDICATOR = re.compile(r"(?:数値|成果|活動|重要業績)(?:目標|評価)|KPI|KGI")
_CONTENTS = re.compile(r"[・.…]{2,}\s*\d{1,3}$")
_MONEY = re.compile(r"事業費|予算|決算|経費|財源|補助|交付金|効果額|千円")
_REMARK = re.compile(r"\s*※.*$")
_LISTED = re.compile(r"^.{4,60}\s[^\s]*\d[^\s]*(?:\s?\([^()]*\))?$|^[・\-*●○■◆▪※]|^.{2,40}\s{2,}\S|^.{2,40}[::]")


@dataclass(slots=True)
class _Card:
    """Where the reader stands: the indicator being filled, and labels whose values are still to come."""

    series: list[Series] = field(default_factory=list)
    current: Series | None = None
    name: Cell | None = None
    wants_name: bool = False
    waiting: list[Head] = field(default_factory=list)
    listed: bool = False
    line: int = 0
    verdict: Head | None = None  # a label whose verdict stands on the next line
    last: Head | None = None  # the label of the value taken last
    unit: str | None = None
    target_year: Year | None = None


def _is_name(text: str) -> bool:
    return 2 <= len(text) <= 60 and not text.endswith("。") and not is_contents_entry(text)


def _values(cell: Cell, head: Head, card: _Card) -> Iterator[tuple[Text | None, Value]]:
    """The values of a labelled content, with the names printed in it."""
    role = head.role
    if role is None:
        return
    clean = cell.clean
    doubts: tuple[Doubt, ...] = ()
    phrases = list(arrows(cell, role))
    if not phrases and len(series := yearly(cell, role)) > 1:
        phrases = series
    if not phrases and (missing_reason(clean) or not is_sentence(clean)):
        phrases = read_phrases(cell, role)
    if not phrases and role == "target" and is_sentence(clean):
        series = read_passage(Passage((Line(cell.line, cell.text),)))
        phrases = [Phrase(one.name.text, value) for one in series for value in one.values]
        doubts = ("sentence",) if phrases else ()
    if not phrases and is_sentence(clean):
        quantities = find_quantities(clean)
        if len(quantities) == 1 and quantities[0].unit is not None and (role != "baseline" or len(clean) < 2 * _PROSE):
            only = quantities[0]
            value = from_quantity(only, role, cell.line, cell.text.quote(only.start, only.end))
            phrases, doubts = [Phrase(cell.text.slice(0, only.start), value)], ("sentence",)
    for phrase in phrases:
        value = phrase.value
        if value.value is None and value.numerator is None and not value.missing and not value.value_text:
            continue
        if value.value_text and value.value is None and not stands_for_value(value.value_text):
            continue
        if value.fiscal_year is None and value.calendar_year is None and value.relative_year is None:
            value = at_year(value, head.year or (card.target_year if role == "target" else None), "label")
        if value.unit is None and (value.value is not None or value.numerator is not None):
            value = scaled(value, head.unit or card.unit or (bracketed_unit(card.name.clean) if card.name else None))
        missing_unit: tuple[Doubt, ...] = ("unit-missing",) if value.value is not None and value.unit is None else ()
        cumulative = head.cumulative or (card.name is not None and re.search("累計|累積", card.name.clean)) or None
        value = replace(value, cumulative=value.cumulative or (True if cumulative else None))
        yield phrase.name, with_doubts(value, (*doubts, *missing_unit))


def _open(card: _Card, name: Cell | None, line: int) -> Series:
    series = Series(name or Cell(line, EMPTY))
    card.series.append(series)
    card.current = series
    return series


def _years(value: Value) -> tuple[object, ...]:
    return value.role, value.fiscal_year, value.calendar_year, value.relative_year


def _named(card: _Card, text: Text, line: int) -> Series | None:
    """The series of this card that already has this name (目標 and 実績 each print it)."""
    key = squeeze(text.clean).strip("の:、")
    if not key:
        return None
    return next((one for one in reversed(card.series[-6:]) if key == squeeze(one.name.clean).strip("の:、")), None)


def _add(card: _Card, head: Head, content: Cell) -> bool:
    """Take the content of a role label; False when it holds no value."""
    found = list(_values(content, head, card))
    for own, value in found:
        series = _named(card, own, content.line) if own else None
        if series is None and own and (len(found) > 1 or card.name is None):
            series = _open(card, Cell(content.line, own), content.line)
        if series is None and card.name is not None:
            series = _open(card, card.name, content.line)
        if series is None:
            series = card.current
        if series is None or (own and any(_years(v) == _years(value) for v in series.values)):
            series = _open(card, Cell(content.line, own) if own else None, content.line)
        card.current, card.name, card.last = series, None, head
        series.values.append(value)
    return bool(found)


def _take(card: _Card, item: Item) -> None:
    head, content = item.head, item.content
    if head is not None:
        card.last = None
    if head is None:
        _plain(card, content)
        return
    if head.role == "target" and item.label and content and _NAMES_INDICATOR.search(item.label.clean):
        if not find_quantities(content.clean) and not is_value(content.clean):
            head = Head("indicator")
    if head.role:
        if not content:
            if card.listed:
                card.waiting.clear()
            card.listed = False
            card.waiting.append(head)
        else:
            card.waiting.clear()
            _add(card, head, content)
    elif head.field == "indicator":
        card.waiting.clear()
        card.unit = card.target_year = None
        if not content:
            card.wants_name = True
            card.name = None
        else:
            card.current = None
            if find_quantities(content.clean) and find_years(content.clean) and not is_sentence(content.clean):
                card.name = None
                _add(card, Head("target"), content)
            else:
                card.name = content
    elif head.field == "unit" and content:
        card.unit = unit_in(content.clean) or content.clean
    elif head.field == "value_year":
        years = find_years(content.clean)
        if years and card.current and card.current.values:
            last = card.current.values[-1]
            if not (last.fiscal_year or last.calendar_year or last.relative_year):
                card.current.values[-1] = at_year(last, years[-1], "label")
    elif head.field == "target_year":
        years = find_years(content.clean)
        card.target_year = years[-1] if years else head.year
        if card.current and card.target_year:
            card.current.values = [
                at_year(v, card.target_year, "label")
                if v.role == "target" and not (v.fiscal_year or v.calendar_year or v.relative_year)
                else v
                for v in card.current.values
            ]
    elif head.field in ("verdict", "attainment") and not content:
        card.verdict = head
    elif head.field in ("verdict", "attainment"):
        _judge(card, content, head)
    else:
        card.waiting.clear()
        if head.field in ("title",):
            card.current, card.name = None, content or None
        elif head.field in ("note", "budget", "department"):
            card.wants_name = False


def _judge(card: _Card, content: Cell, head: Head) -> None:
    """A verdict on the indicator being read; on what was named last where it has no values."""
    if card.current is not None:
        card.current.judge(content, head)
    elif verdict_of(content.clean) and card.name is not None:
        _open(card, card.name, content.line).judge(content, head)
        card.name = None


def _plain(card: _Card, content: Cell) -> None:
    """Text without a label: a value that was waited for, years with values, or the name of what comes."""
    clean = content.clean
    verdict, card.verdict = card.verdict, None
    if verdict and verdict_of(clean):
        _judge(card, content, verdict)
        return
    if card.last and card.last.role != "baseline" and card.current and is_pure(clean) and find_quantities(clean) and find_years(clean):
        _add(card, card.last, content)  # a second value below the first: 2,500人(R7) / 4,000人(R9)
        return
    if card.listed and content.line - card.line > _LIST_GAP:
        card.waiting.clear()
        card.listed = False
    card.line = content.line
    if card.waiting and not _NOTE.match(clean):
        content = Cell(content.line, content.text.slice(0, len(_REMARK.sub("", clean))))
        clean = content.clean
        if is_pure(clean) and _add(card, card.waiting[0], content):
            card.waiting.pop(0)
            return
        counted = any(quantity.unit for quantity in find_quantities(clean))
        if counted and _LISTED.match(clean) and not is_sentence(clean) and _add(card, card.waiting[0], content):
            card.listed = True
            return  # a list below one label: 1年目の目標, then a name and a value on each line
        card.waiting.clear()
    if _NOTE.match(clean) or clean.startswith("("):
        return
    if (announced := _announced(clean)) is not None:
        card.waiting, card.listed, card.name, card.line = [announced], True, None, content.line
        return
    if _loose_values(card, content):
        return
    if _is_name(clean):
        if card.wants_name or not find_quantities(clean) or len(clean) > 6:
            card.name, card.wants_name = content, False
            card.current = None
    else:
        card.name = None
        if len(clean) > 40:
            card.current = None


def _announced(text: str) -> Head | None:
    """The role, and the year, of the values that a sentence announces: 次の3つを数値目標とします(いずれも令和9年度)。"""
    match = _ANNOUNCES.search(text)
    if match is None or find_quantities(re.sub(r"\d+\s?つ|\d+項目|\d+指標", "", text)):
        return None
    years = find_years(text)
    return Head("target" if "目標" in match.group() else "actual", years[0] if len(years) == 1 else None)


def _loose_values(card: _Card, content: Cell) -> bool:
    """Values without a label: an arrow, or years with a value each."""
    series = card.current
    found = [] if _MONEY.search(content.clean) else yearly(content, "target")
    if found and (relative := all(phrase.value.relative_year for phrase in found) and len(found) > 1 or not found[0].name):
        if found[0].name or series is None:
            name = Cell(content.line, found[0].name) if found[0].name else card.name
            series = _open(card, name, content.line) if name or relative else None
        if series is not None and (series.name or found[0].name):
            series.values += [with_doubts(phrase.value, ("role-inferred",)) for phrase in found]
            card.current, card.name = series, None
            return True
    loose = list(arrows(content, None))
    if _MONEY.search(content.clean):
        return False
    for phrase in loose:
        series = card.series[-1] if phrase is not loose[0] else None
        if series is None:
            series = _open(card, Cell(content.line, phrase.name) if phrase.name else card.name, content.line)
        series.values.append(phrase.value)
    if loose:
        card.name = card.current = None
    return bool(loose)


def _table_items(table: Table, skip: frozenset[int]) -> Iterator[Item]:
    """The cells of a table as labels and contents: a label's content is the next filled cell of its row."""
    seen: set[tuple[int, int, str]] = set()
    for row in filled(table):
        if _CONTENTS.search(" ".join(cell.clean for cell in row if cell)):
            continue
        waiting: Item | None = None
        for cell in row:
            if not cell or cell.place in seen or cell.line in skip:
                continue
            seen.add(cell.place)
            items = items_of(cell)
            head = head_of(cell.clean)
            alone = items[0] if len(items) == 1 and items[0].head and not items[0].content else None
            if head and head.field in FIELDS and not is_value(cell.clean) and not verdict_of(cell.clean):
                alone = Item(head, cell, Cell(cell.line, EMPTY))
            if alone:
                if waiting:
                    yield waiting
                waiting = alone
            elif waiting:
                yield Item(waiting.head, waiting.label, cell)
                waiting = None
            else:
                yield from items
        if waiting:
            yield waiting


def read(document: Document, skip: frozenset[int]) -> list[Measure]:
    """A measure for each heading with labelled values below it, in printed order."""
    found: list[Measure] = []
    card = _Card()
    start = 0

    def close(position: int) -> None:
        nonlocal card
        if card.series:
            context = above(document.blocks, start)
            title = Cell(context.title.number, context.title.text) if context.title else None
            found.extend(measures_of([s for s in card.series if s.values or s.verdicts], title, context.pillar, context.group))
        card = _Card()

    for position, block in enumerate(document.blocks):
        if isinstance(block, Line) and block.heading:
            close(position)
            start = position + 1
            inside = [] if block.number in skip else items_of(Cell(block.number, block.text))
            if any(item.head and item.head.role and item.content for item in inside):
                for item in inside:
                    _take(card, item)
            else:
                card.name = Cell(block.number, block.text)
            continue
        whole = isinstance(block, Table) and any(row.number in skip for row in block.rows)
        if whole:
            close(position)
            start = position + 1
            continue
        if isinstance(block, Line) and block.number not in skip and list(arrows(Cell(block.number, block.text), None)):
            found_here = [Item(None, None, Cell(block.number, block.text))]  # 現状 12% → 目標 30%: the arrow tells the roles
        elif isinstance(block, Line):
            found_here = [] if block.number in skip or is_contents_entry(block.clean) else items_of(Cell(block.number, block.text))
        else:
            found_here = list(_table_items(block, skip))
        for item in found_here:
            if not card.series:
                start = position
            _take(card, item)
    close(len(document.blocks))
    return found

"""Sentences that set a target: …を令和8年度までに50%以上とする, and what they say of today."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dxlib.document import Document, Line
from dxlib.facts import Measure, Role, Value
from dxlib.quantity import Quantity, Year, find_quantities, find_years
from dxlib.readers.cell import at_year, from_quantity
from dxlib.readers.columns import Cell
from dxlib.readers.headings import above, is_contents_entry
from dxlib.readers.labelled import items_of
from dxlib.readers.phrases import own_years
from dxlib.readers.series import Series, measures_of
from dxlib.readers.shared import stated_years
from dxlib.readers.weights import with_doubts

_GOAL = re.compile(
    r"(?:と|に)(?:し|する|します)|目指|めざ|目標|達成|増や|減ら|引き上げ|引き下げ|高め|広げ|拡大|向上|(?:以上|以下|半減|削減|増加|短縮)(?:と)?(?:する|します|$)"
    r"|(?:半減|削減|短縮|増加)し|(?:完了|移行|実施|整備|導入)(?:させ|する|します|し)"
)
_ELSEWHERE = re.compile(
    r"(?:^|[、。\s])(?:国|政府|総務省|デジタル庁|厚生労働省|文部科学省|全国|県内|県)(?:は|では|が|の|において)"
)
_OPEN = re.compile(r"見込み|見込んで|予算|と推計|とされて|でした|となりました|ました。?$|調査")
_FROM = re.compile(r"^\s?(?:\([^()]*\))?\s?(?:から|を|であったものを|だったものを)\s?")
_WAS = re.compile(
    r"\s?(?:\([^()]*\))?(?:であった|だった|でした|となっていた|にとどまっていた)(?:(?P<name>[^、。\d]{2,40}?)(?:を|は|について))?"
)
_NOW = re.compile(r"現状|現在|これまで|時点")
_SETS = re.compile(  # what follows the number of a sentence that sets a target for the year its chapter names
    r"(?:\([^()]*\))?(?:以上|以下|以内|程度|未満|超)?(?:の水準|まで)?(?:する|します"
    r"|(?:と|に|へ|を|まで)(?:する|します|目指す|目指します|広げる|広げます|増やす|増やします|減らす|減らします|高める|高めます)"
    r"|(?:を?)(?:削減|短縮|縮減|増加)(?:する|します))"
    r"(?:ことを(?:目標とする|目標とします|目指す|目指します))?$"
)
_SETS_GOALS = re.compile("目標|KPI|KGI|指標")
_EACH = re.compile(r"\s?(?:ずつ|ごと)")  # a step, no target
_NO_GOAL = frozenset([None, "円", "年", "月", "か月", "ヶ月", "日", "歳", "期", "つ", "章"])
_BY = re.compile(r"\s?(?:\([^()]*\))?\s?(?:末|中)?(?:まで)?(?:に|の|は|で)")  # how a sentence goes on after the year of a target
_BRACKETS = re.compile(r"\([^()]*\)")
_BEHIND = re.compile(r"[^()、。]{0,4}(?P<inside>\([^()]*\))")  # a bracket behind a number
_STATES = re.compile(r"である|であり|であった|でした|です|となって|となり|にとどま|があった|あった|かかって|いる")
_BULLETS = frozenset("・◯▪‣●○■□◆◇-*①②③④⑤⑥⑦⑧⑨⑩※➢✓")
_PROSE = 20  # shortest line of running text
_ARROWS = re.compile("[→⇒➡➔]")
_OPENING = re.compile(
    r"(?:(?:本|当)?[市町村区県](?:では|は|において)、?|また、|さらに、|あわせて、|このため、|今後、|そのため、)+"
)
_SUBJECT = re.compile(r"(?P<name>[^、。]{2,40}?)は(?:、|(?=[\d約令平現当本]))")
_TOPIC = re.compile(r"(?:については|に関しては|について|では|とも|は|を|が|の)、?$")


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines of running text that go on from one to the next, read as one."""

    lines: tuple[Line, ...]

    @property
    def clean(self) -> str:
        """The text without its line breaks."""
        return "".join(line.clean for line in self.lines)

    def value(self, quantity: Quantity, role: Role, start: int) -> Value:
        """A value of the passage with the line it begins on; ``start`` is where its sentence begins."""
        at = start + quantity.start
        for line in self.lines:
            if at < len(line.clean):
                end = min(at + quantity.end - quantity.start, len(line.clean))
                return from_quantity(quantity, role, line.number, line.text.quote(at, end))
            at -= len(line.clean)
        raise ValueError("outside the passage")

    def cell(self, start: int, end: int) -> Cell:
        """The part of the passage as a cell, as far as it stands on one line."""
        for line in self.lines:
            if start < len(line.clean):
                return Cell(line.number, line.text.slice(start, min(end, len(line.clean))))
            start, end = start - len(line.clean), end - len(line.clean)
        raise ValueError("outside the passage")


def passages(document: Document, skip: frozenset[int]) -> Iterator[Passage]:
    """The running text of a document, lines joined up to the end of a paragraph."""
    run: list[Line] = []
    for line in document.lines():
        other = bool(line.heading) or line.number in skip
        other = other or ((bool(run) or len(line.clean) >= _PROSE) and _is_list(line))
        prose = not other and len(line.clean) >= _PROSE
        bullet = line.text.raw.lstrip()[:1] in _BULLETS
        goes_on = bool(run) and not other and not bullet and line.number == run[-1].number + 1
        if run and not (goes_on and (prose or not run[-1].clean.endswith("。"))):
            yield Passage(tuple(run))
            run = []
        if prose or (run and goes_on):
            run.append(line)
    if run:
        yield Passage(tuple(run))


def _is_list(line: Line) -> bool:
    """True for a line that is no running text: an entry of the contents, a role with its value, values joined by arrows."""
    labelled = any(item.head and item.head.role for item in items_of(_cell(line)))
    return labelled or is_contents_entry(line.clean) or bool(_ARROWS.search(line.clean))


def _cell(line: Line) -> Cell:
    return Cell(line.number, line.text)


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for match in re.finditer(r"。(?!\))|$", text):
        if text[start : match.start()].strip():
            yield start, text[start : match.start()]
        start = match.end()


def _counted(text: str) -> list[Quantity]:
    inside = [m.span() for m in _BRACKETS.finditer(text)]
    found = [q for q in find_quantities(text) if q.unit not in _NO_GOAL or q.numerator is not None]
    found = [q for q in found if not any(a <= q.start < b for a, b in inside) and not _EACH.match(text, q.end)]
    return _shares(text, found)


def _shares(text: str, found: list[Quantity]) -> list[Quantity]:
    """The quantities with those that state a part of a whole (18か所中7か所) made one."""
    kept: list[Quantity] = []
    for quantity in found:
        whole = kept[-1] if kept else None
        if whole and quantity.unit == whole.unit and text[whole.end : quantity.start] in ("中", "のうち", "のうち、"):
            parts = replace(quantity, start=whole.start, value=None, numerator=quantity.value, denominator=whole.value)
            kept[-1] = parts
        else:
            kept.append(quantity)
    return kept


def _dated(text: str, quantity: Quantity, years: Sequence[Year]) -> Year | None:
    """The year of a quantity: in the bracket behind it, else the nearest before it that a target may have."""
    behind = _BEHIND.match(text, quantity.end)
    inside = find_years(behind["inside"]) if behind else []
    if behind and inside:
        at = behind.start("inside")
        return replace(inside[0], start=inside[0].start + at, end=inside[0].end + at)
    before = [year for year in years if year.end <= quantity.start]
    return before[-1] if before else None


def _roles(text: str, quantities: Sequence[Quantity]) -> list[Role]:
    roles: list[Role] = ["target"] * len(quantities)
    first = quantities[0]
    after = _BRACKETS.sub("", text[first.end :][:40], count=1) if _BRACKETS.match(text, first.end) else text[first.end :]
    if len(quantities) > 1 and (_FROM.match(after) or _WAS.match(text, first.end) or _NOW.search(text[: first.start])):
        roles[0] = "baseline"
    return roles


def _stated(text: str) -> tuple[Quantity, Year | None] | None:
    """The one value that a sentence states for a year, or for today: …は令和5年度末で31件である, …は現在4施設です."""
    quantities = _counted(text)
    if len(quantities) != 1 or not _STATES.search(text, quantities[0].end) or _GOAL.search(text, quantities[0].end):
        return None
    year = _dated(text, quantities[0], own_years(text))
    return (quantities[0], year) if year or _NOW.search(text[: quantities[0].start]) else None


def read_passage(passage: Passage, undated: bool = False) -> list[Series]:
    r"""The indicators that a passage sets targets for; those without a year only where ``undated`` says so.

    >>> from dxlib.document import parse
    >>> text = "申請率は令和5年度に9%であった。これを令和7年度に40%、令和8年\n度に50%とすることを目指す。"
    >>> [(v.role, v.value, v.fiscal_year, v.line) for s in
    ...  read_passage(next(passages(parse(text), frozenset()))) for v in s.values]
    [('baseline', 9.0, 2023, 1), ('target', 40.0, 2025, 1), ('target', 50.0, 2026, 2)]
    """
    found: list[Series] = []
    before: tuple[int, str] | None = None
    for start, text in _sentences(passage.clean):
        series = _goal(passage, start, text, undated)
        if series and before:
            series = _with_baseline(passage, before, series)
        if series:
            found.append(series)
        before = (start, text)
    return found


def _with_baseline(passage: Passage, before: tuple[int, str], series: Series) -> Series:
    """The indicator with what the sentence before its target says of today, and the name it is given there."""
    start, text = before
    targets = [value for value in series.values if value.role == "target"]
    stated = _stated(text)
    if stated is None or not targets or len(targets) < len(series.values):
        return series
    quantity, year = stated
    if targets[0].unit != quantity.unit or quantity.value is None:
        return series
    value = at_year(passage.value(quantity, "baseline", start), year, "sentence")
    topic = _SUBJECT.match(text[: quantity.start])
    name = passage.cell(start, start + topic.end("name")) if topic else series.name
    return Series(name, series.title, [with_doubts(value, ("sentence",)), *series.values])


def _moves(passage: Passage, roles: Sequence[Role], quantities: Sequence[Quantity]) -> bool:
    """True for an entry of a list that says from what to what, whatever year: 訓練は、年1回から年3回に増やします."""
    listed = passage.lines[0].text.raw.lstrip()[:1] in _BULLETS
    return listed and list(roles) == ["baseline", "target"] and quantities[0].unit == quantities[1].unit


def _after_topic(text: str, quantities: Sequence[Quantity]) -> list[Quantity]:
    """The quantities behind the words that say what is counted: 週1回以上利用する職員を、3分の2以上にする."""
    ends = {quantity.end for quantity in quantities}
    topics = [m.end() for m in re.finditer(r"[をは]、?", text[: quantities[-1].start]) if m.start() not in ends]
    return [quantity for quantity in quantities if not topics or quantity.start >= topics[-1]]


def _named(text: str, first: Quantity, dated: Sequence[Year | None]) -> tuple[int, int]:
    """Where the words stand that say what is counted: before the year, else between the year and the number."""
    before = [year for year in dated if year and year.end <= first.start]
    year = before[0] if before else None
    spans = [(0, min([first.start, *(one.start for one in dated if one)]))]
    if year:
        gone = _BY.match(text, year.end)
        spans.append((gone.end() if gone else year.end, first.start))
    for start, end in spans:
        opening = _OPENING.match(text, start, end)
        start = opening.end() if opening else start
        end = start + len(_TOPIC.sub("", text[start:end].rstrip("、 ")))
        start += len(text[start:end]) - len(text[start:end].lstrip("、 "))
        if end - start > 2:
            return start, end
    was = _WAS.match(text, first.end)
    return (was.start("name"), was.end("name")) if was and was["name"] else spans[0]


def _goal(passage: Passage, start: int, text: str, undated: bool) -> Series | None:
    if not _GOAL.search(text) or _ELSEWHERE.search(text) or _OPEN.search(text):
        return None
    years = [year for year in own_years(text) if _BY.match(text, year.end)]
    quantities = _counted(text)
    if not quantities or not (_GOAL.search(text, quantities[-1].start) or "目標" in text):
        return None
    if undated and not years and _SETS.match(text, quantities[-1].end):
        quantities = _after_topic(text, quantities)
        undated = len(quantities) == 1 and quantities[0].start > 2
    else:
        undated = False
    roles = _roles(text, quantities)
    dated = [_dated(text, quantity, years) for quantity in quantities]
    told = [year for role, year in zip(roles, dated, strict=True) if role == "target"]
    distinct = len({(year.start, year.end) for year in told if year}) == len(told)
    if not told or not (distinct or undated or _moves(passage, roles, quantities)):
        return None
    series = Series(passage.cell(*(start + at for at in _named(text, quantities[0], dated))))
    for quantity, role, year in zip(quantities, roles, dated, strict=True):
        value = at_year(passage.value(quantity, role, start), year, "sentence")
        series.values.append(with_doubts(value, ("sentence",)))
    return series


def read(document: Document, skip: frozenset[int]) -> list[Measure]:
    """A measure for each heading whose running text outside ``skip`` sets targets, in printed order."""
    found: list[Measure] = []
    places = {block.number: position for position, block in enumerate(document.blocks)}
    dated = any(one.role == "target" for one in stated_years(document))
    for passage in passages(document, skip):
        if not (_GOAL.search(passage.clean) and find_quantities(passage.clean)):
            continue
        context = above(document.blocks, places[passage.lines[0].number])
        sets_goals = bool(context.title and _SETS_GOALS.search(context.title.clean))
        series = read_passage(passage, undated=dated or sets_goals)
        if series:
            title = Cell(context.title.number, context.title.text) if context.title else None
            found += measures_of(series, title, context.pillar, context.group)
    return found

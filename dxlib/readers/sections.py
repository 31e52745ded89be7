"""Sheets and cards: a title, then labelled sections (<概要>, 分類, KPI …) each on lines of their own.

The label that opens the cycle is inferred: it is the one whose repetition starts a measure. Pages
that explain the layout repeat a real sheet with call-outs; they are recognised and left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise, takewhile

from dxlib.document import Block, Document, Line, Row, Table
from dxlib.facts import Attribute, Indicator, Measure, Role, Value
from dxlib.quantity import find_quantities, find_years
from dxlib.readers.cell import at_year, read_cell
from dxlib.readers.columns import Cell
from dxlib.readers.headings import is_chapter, is_sentence
from dxlib.readers.labelled import items_of
from dxlib.readers.labels import column_year, is_numbered_label, label_of
from dxlib.readers.parts import departments, flags, milestones, tools, without_flags
from dxlib.text import Text, squeeze, title_key, unwrap

_SECTIONS = frozenset(
    ["pillar", "summary", "content", "issue", "purpose", "approach", "indicator", "schedule", "departments", "tools", "picture"]
)
_ROLES: dict[str, Role] = {"baseline": "baseline", "target": "target", "actual": "actual"}
_EXPLAINS = re.compile(r"を?(?:表|示|説明|記載)し(?:てい)?ます。?$|の名称です。?$")
_ROLE_LINE = re.compile(r"^(?P<label>[^(::]{1,10}?)\s*(?:\((?P<year>[^()]*)\))?\s*[::]\s*(?P<value>.+)$")
_INDEX_ENTRY = re.compile(r"^(?P<number>[①-⑳㉑-㉚])\s*(?P<title>.+)$")
_SAME_TITLE = 0.75
_PAGE = 40  # blocks of a page that explains a layout
_NEXT = re.compile(  # what follows the indicators of a sheet that has no further label
    r"(?:施策|柱|基本方針|基本目標|政策|重点(?:施策|取組|プロジェクト)|第)\s?[\dIVXⅠ-Ⅹ一二三四五六七八九十]"
    r"|【(?![^】]*(?:指標|目標|KPI|KGI|現状|実績))"
)
_SETS_NONE = re.compile(
    r"(?:指標|目標|数値)[^。\d]{0,8}(?:設け(?:ず|ない|ていない)|(?:設定|設置)(?:せず|しない|していない|しておらず)|定め(?:ず|ない|ていない))"
)


@dataclass(frozen=True, slots=True)
class _Label:
    position: int
    field: str
    length: int = 1


def _labels(blocks: Sequence[Block]) -> list[_Label]:
    found: list[_Label] = []
    skip = -1
    for position, block in enumerate(blocks):
        if position <= skip or not isinstance(block, Line):
            continue
        following = blocks[position + 1] if position + 1 < len(blocks) else None
        field = label_of(block.clean)
        if isinstance(following, Line) and following.number == block.number + 1:
            joined = label_of(block.clean + following.clean)
            if joined in _SECTIONS and field is None:
                found.append(_Label(position, joined, 2))
                skip = position + 1
                continue
        if field in _SECTIONS and not is_numbered_label(block.clean):
            found.append(_Label(position, field))
    return found


def _is_whole(fields: list[str]) -> bool:
    once = [field for field in fields if field != "picture"]
    return len(set(once)) == len(once) and bool({"indicator", "schedule"} & set(once))


def _anchor(blocks: Sequence[Block], labels: list[_Label]) -> str | None:
    """The field that opens each measure.

    Split at it, most pieces stand under a title and hold every label once; of several such
    fields it is the one printed first.
    """
    best: tuple[int, int, str] | None = None
    for field in {label.field for label in labels}:
        pieces: list[list[_Label]] = []
        for label in labels:
            if label.field == field:
                pieces.append([])
            if pieces:
                pieces[-1].append(label)
        titled = [piece for piece in pieces if _title(blocks, piece[0].position)[0] >= 0]
        whole = sum(1 for piece in titled if _is_whole([label.field for label in piece]))
        first = next(label.position for label in labels if label.field == field)
        score = (whole, -first, field)
        best = max(best, score) if best else score
    return best[2] if best and best[0] else None


def _title(blocks: Sequence[Block], position: int) -> tuple[int, Line | None]:
    """(position of the title, lead sentence between title and first label)."""
    lead: Line | None = None
    at = position - 1
    while at >= 0:
        block = blocks[at]
        if not isinstance(block, Line) or label_of(block.clean) in _SECTIONS:
            return -1, None
        if not is_sentence(block.clean):
            return at, lead
        lead = lead or block
        at -= 1
    return -1, None


@dataclass(frozen=True, slots=True)
class _Sheet:
    title: Line
    lead: Line | None
    blocks: Sequence[Block]

    def explains_layout(self) -> bool:
        texts = [block.clean for block in self.blocks if isinstance(block, Line)]
        return any(len(text) < 40 and _EXPLAINS.search(text) for text in texts)

    def tabled(self) -> bool:
        """True when a table of the sheet names its indicator."""
        tables = [block for block in self.blocks if isinstance(block, Table)]
        return any(row.cells[0] and label_of(row.cells[0].clean) == "indicator" for table in tables for row in table.rows)

    def section(self, field: str) -> list[Line]:
        """The lines below the first label of this field, up to the next label."""
        found: list[Line] = []
        labels: list[_Label | None] = [*_labels(self.blocks), None]
        for label, following in pairwise(labels):
            if label and label.field == field:
                end = following.position if following else len(self.blocks)
                found = [b for b in self.blocks[label.position + label.length : end] if isinstance(b, Line)]
                break
        return found

    def paragraphs(self, field: str) -> list[list[Line]]:
        """The section's lines, divided at blank lines."""
        groups: list[list[Line]] = []
        for line in self.section(field):
            if groups and groups[-1][-1].number == line.number - 1:
                groups[-1].append(line)
            else:
                groups.append([line])
        return groups


def _sheets(document: Document) -> list[_Sheet]:
    blocks = document.blocks
    labels = _labels(blocks)
    anchor = _anchor(blocks, labels)
    starts: list[tuple[int, Line | None]] = []
    for label in labels:
        if label.field != anchor:
            continue
        at, lead = _title(blocks, label.position)
        if at >= 0 and (not starts or at > starts[-1][0]):
            starts.append((at, lead))
    sheets = []
    for position, (at, lead) in enumerate(starts):
        end = starts[position + 1][0] if position + 1 < len(starts) else len(blocks)
        chapters = (p for p in range(at + 1, end) if is_chapter(blocks[p]))
        title = blocks[at]
        if isinstance(title, Line):
            sheets.append(_Sheet(title, lead, blocks[at + 1 : next(chapters, end)]))
    return [sheet for sheet in sheets if not sheet.explains_layout()]


def _role_line(text: Text, number: int) -> list[Value]:
    """``現状値(令和7年度):7件`` on a line of its own."""
    match = _ROLE_LINE.match(text.clean)
    role = _ROLES.get(label_of(match["label"]) or "") if match else None
    if not match or role is None:
        return []
    years = find_years(match["year"] or "")
    values = []
    for statement in read_cell(text.slice(match.start("value")), role, number):
        value = statement.value
        if value.fiscal_year is None and years:
            value = at_year(value, years[0], "label")
        values.append(replace(value, quote=text.quote()))
    return values


def _from_lines(lines: Sequence[Line]) -> list[Indicator]:
    """Indicators of a card: name lines, then a line per role; or a name and its values below."""
    found: list[Indicator] = []
    name: list[Line] = []
    values: list[Value] = []

    def close() -> None:
        if values and name:
            printed = unwrap("".join(line.clean for line in name))
            cumulative = True if re.search(r"\((?:累計|累積)\)", printed) else None
            own = tuple(replace(value, cumulative=value.cumulative or cumulative) for value in values)
            found.append(Indicator(printed, name[0].number, name[0].text.quote(), own))

    for line in lines:
        own = _role_line(line.text, line.number)
        if own:
            values += own
        elif not line.clean.startswith("※"):
            if values:
                close()
                name, values = [], []
            name.append(line)
    close()
    return found


def _from_texts(texts: Sequence[tuple[int, Text]]) -> list[Indicator]:
    """Indicators of a sheet: name and values in one cell, or the name first and the values below it."""
    found: list[Indicator] = []
    pending: tuple[int, Text] | None = None
    for number, text in texts:
        statements = read_cell(text, "target", number)
        if not statements or text.clean.startswith("※") or _SETS_NONE.search(text.clean):
            continue
        has_value = find_quantities(text.clean) or statements[0].value.missing
        if not has_value and pending is None and (number, text) != texts[-1]:
            pending = (number, text)
            continue
        named = pending or (number, text)
        name = statements[0].name if statements[0].name or not pending else unwrap(pending[1].clean)
        base = re.search(r"\((?P<base>[^()]{1,12}?)を基準", name or "")
        values = tuple(replace(s.value, relative_to=s.value.relative_to or (base["base"] if base else None)) for s in statements)
        if pending and re.search(r"(?:削減|縮減|減少)率", name or ""):
            values = tuple(replace(v, direction=v.direction or "decrease") for v in values)
        found.append(Indicator(name, named[0], named[1].quote(), values))
        pending = None
    return found


def _is_roadmap_header(row: Row) -> bool:
    return sum(1 for cell in row.cells if cell and column_year(cell.clean)) >= 2


def _table_texts(table: Table) -> tuple[list[tuple[int, Text]], list[Row]]:
    """(indicator cells, roadmap rows) of one table of a sheet."""
    texts: list[tuple[int, Text]] = []
    roadmap: list[Row] = []
    labelled = False
    for row in table.rows:
        first = row.cells[0]
        if first and label_of(first.clean) == "indicator":
            labelled = True
            texts += [(row.number, cell) for cell in row.cells[1:] if cell]
        elif _is_roadmap_header(row) or roadmap:
            labelled = False
            roadmap.append(row)
        elif labelled and not first:
            texts += [(row.number, cell) for cell in row.cells[1:] if cell]
        else:
            roadmap.append(row)
    return texts, roadmap


def _names_role(line: Line) -> bool:
    """True for a line that says itself what its value is for."""
    return any(item.head and item.head.role for item in items_of(Cell(line.number, line.text)))


def _indicators(sheet: _Sheet) -> tuple[list[Indicator], list[Row]]:
    texts: list[tuple[int, Text]] = []
    roadmap: list[Row] = []
    for block in sheet.blocks:
        if isinstance(block, Table):
            own, rows = _table_texts(block)
            texts += own
            roadmap += rows
    lines = list(takewhile(lambda line: not _NEXT.match(line.clean), sheet.section("indicator")))
    indicators = _from_lines(lines)
    if not indicators and not any(_names_role(line) for line in lines):
        indicators = _from_texts([(line.number, line.text) for line in lines])
    return indicators or _from_texts(texts), roadmap


def _classification(sheet: _Sheet) -> tuple[str | None, str | None, list[Attribute]]:
    """(pillar, group, flags) of a 分類 section; a stamp beside it is a flag."""
    paragraphs = sheet.paragraphs("pillar")
    if not paragraphs:
        return None, None, []
    first, *rest = paragraphs
    found = [flag for line in first for flag in flags(line.text, line.number)]
    stamps = [group for group in rest if all(len(line.clean) <= 8 for line in group)]
    for group in stamps[:1]:
        found.append(Attribute("flag", squeeze("".join(line.clean for line in group)), group[0].number, group[0].text.quote()))
    pillar = without_flags(first[0].clean)
    return pillar, unwrap(first[1].clean) if len(first) > 1 else None, found


def _sentences(sheet: _Sheet, field: str) -> list[Line]:
    paragraphs = sheet.paragraphs(field)
    return paragraphs[0] if paragraphs else []


def _joined(lines: Sequence[Line]) -> str | None:
    return unwrap("".join(line.clean for line in lines)) or None


def _schedule_lines(sheet: _Sheet) -> list[Row]:
    """A roadmap printed as lines (R8 R9 … / 運用 / 継続) in the shape of rows."""
    return [
        Row(line.number, (line.text,))
        for line in sheet.section("schedule")
        if not find_years(line.clean) and label_of(line.clean) is None and len(line.clean) <= 12
    ]


def _measure(sheet: _Sheet) -> Measure | None:
    if len({label.field for label in _labels(sheet.blocks)}) < 2 and not sheet.tabled():
        return None  # one label alone is the heading of a table or list, not a sheet
    indicators, roadmap = _indicators(sheet)
    if not indicators:
        return None
    pillar, group, attributes = _classification(sheet)
    for line in _sentences(sheet, "departments")[:1]:
        attributes += departments(line.text, line.number)
    for line in _sentences(sheet, "tools"):
        attributes += tools(line.text, line.number)
    issues = _sentences(sheet, "issue")
    if issues:
        attributes.append(Attribute("issue", _joined(issues) or "", issues[0].number, issues[0].text.quote()))
    summary = [sheet.lead] if sheet.lead else _sentences(sheet, "summary") or _sentences(sheet, "content")
    rows = roadmap if roadmap else _schedule_lines(sheet)
    return Measure(
        title=unwrap(sheet.title.clean),
        line=sheet.title.number,
        quote=sheet.title.text.quote(),
        pillar=pillar,
        theme_group=group,
        summary=_joined(summary),
        attributes=tuple(attributes),
        milestones=milestones(rows),
        indicators=tuple(indicators),
    )


def _numbers(document: Document) -> list[tuple[str, str]]:
    """(circled number, title) of every entry of a printed list of measures."""
    found = []
    for table in document.tables():
        for row in table.rows:
            for cell in row.filled():
                entry = _INDEX_ENTRY.match(cell.clean)
                if entry:
                    found.append((entry["number"], without_flags(entry["title"])))
    return found


def _numbered(measures: list[Measure], index: list[tuple[str, str]]) -> list[Measure]:
    """Measures with the number that the list of measures gives their title, spelt as it may be."""
    free = list(index)
    found = []
    for measure in measures:
        key = title_key(measure.title)
        scored = [(SequenceMatcher(None, key, title_key(title)).ratio(), -i) for i, (_, title) in enumerate(free)]
        best = max(scored, default=(0.0, 0))
        if best[0] >= _SAME_TITLE:
            number, _ = free.pop(-best[1])
            measure = replace(measure, number=number)
        found.append(measure)
    return found


def read(document: Document) -> list[Measure]:
    """A measure for each sheet or card that prints an indicator, in printed order."""
    found = [measure for sheet in _sheets(document) if (measure := _measure(sheet))]
    return _numbered(found, _numbers(document))


def _called_out(blocks: Sequence[Block]) -> frozenset[int]:
    """A sheet with call-out numbers, up to the sentence that explains it."""
    end = next((at for at, b in enumerate(blocks[:_PAGE]) if isinstance(b, Line) and _EXPLAINS.search(b.clean)), -1)
    page = blocks[: end + 1]
    numbered = any(isinstance(block, Line) and is_numbered_label(block.clean) for block in page)
    return frozenset(block.number for block in page if isinstance(block, Line)) if numbered else frozenset()


def layout_lines(document: Document) -> frozenset[int]:
    """Raw lines of pages that only explain the layout of the sheets that follow."""
    blocks = document.blocks
    start = next(
        (
            position
            for position, block in enumerate(blocks)
            if isinstance(block, Line)
            and ((_EXPLAINS.search(block.clean) and len(block.clean) < 40) or is_numbered_label(block.clean))
        ),
        None,
    )
    if start is None:
        return frozenset()
    sheets = _sheets(document)
    first = next((sheet.title.number for sheet in sheets if sheet.title.number > blocks[start].number), None)
    if first is None:
        return _called_out(blocks[start:])
    page = [block for block in blocks[start:] if block.number < first]
    said = [block for block in page if isinstance(block, Line) and _EXPLAINS.search(block.clean)]
    if len(said) < 2 and not any(isinstance(block, Line) and is_numbered_label(block.clean) for block in page):
        return frozenset()
    return frozenset(block.number for block in blocks[start:] if isinstance(block, Line) and block.number < first) | frozenset(
        row.number
        for block in blocks[start:]
        if isinstance(block, Table) and any(label_of(c.clean) == "indicator" for c in block.rows[0].filled())
        for row in block.rows
        if row.number < first
    )

"""Programme tables (研修名, 人数, 内容) and lists that state their own length (子育て関係（15手続）)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dxlib.document import Block, Document, Line, Row, Table
from dxlib.facts import ListItem, Measure, Statistic, Value
from dxlib.quantity import find_quantities
from dxlib.readers.cell import from_quantity, missing_reason
from dxlib.readers.headings import is_chapter, is_sentence
from dxlib.readers.labels import label_of
from dxlib.text import Text, squeeze, unwrap

_COUNTED_HEADER = re.compile(r"^(?P<group>[^()]{1,30})\((?P<count>\d{1,4})\s?(?P<unit>[^\d()]{1,6})\)$")
_MARKED = re.compile(r"[(（]※[)）]\s*$")


def _columns(row: Row) -> dict[str, int] | None:
    fields = {label_of(cell.clean): position for position, cell in enumerate(row.cells) if cell}
    if "title" in fields and "headcount" in fields:
        return {field: position for field, position in fields.items() if field}
    return None


def _group_above(blocks: Sequence[Block], position: int) -> str | None:
    """The first heading after the previous table or chapter: what this table is about."""
    start = 0
    for at in range(position - 1, -1, -1):
        if isinstance(blocks[at], Table) or is_chapter(blocks[at]):
            start = at + 1
            break
    for block in blocks[start:position]:
        if isinstance(block, Line) and not is_sentence(block.clean):
            return unwrap(block.clean)
    return None


def _headcount(cell: Text, number: int) -> Value:
    quantities = find_quantities(cell.clean)
    if quantities:
        return from_quantity(quantities[0], "context", number, cell.quote())
    reason = missing_reason(cell.clean)
    value = Value("context", number, cell.quote(), missing=reason)
    return value if reason else replace(value, value_text=unwrap(cell.clean))


def read_training(document: Document) -> list[Measure]:
    """A measure of kind ``training`` for each row of a programme table."""
    found: list[Measure] = []
    for position, block in enumerate(document.blocks):
        if not isinstance(block, Table):
            continue
        columns: dict[str, int] | None = None
        category: str | None = None
        for row in block.rows:
            header = _columns(row)
            if header or columns is None:
                columns = header or columns
                continue
            cells = {field: row.cells[at] for field, at in columns.items() if at < len(row.cells)}
            title, people = cells.get("title"), cells.get("headcount")
            if not title:
                continue
            kind = cells.get("pillar")
            category = squeeze(kind.clean) if kind else category
            name = unwrap(title.clean).rstrip("*")
            content = cells.get("content")
            found.append(
                Measure(
                    title=name,
                    line=row.number,
                    quote=title.quote(),
                    kind="training",
                    pillar=_group_above(document.blocks, position),
                    theme_group=category,
                    summary=content.clean if content else None,
                    statistics=(Statistic(f"{name} 人数", _headcount(people, row.number)),) if people else (),
                )
            )
    return found


def states_its_length(cell: Text) -> bool:
    """True for the heading of a list that says how many entries follow (介護関係（11手続）)."""
    return _counted(cell) is not None


def _counted(cell: Text) -> re.Match[str] | None:
    return _COUNTED_HEADER.match(cell.clean) if cell else None


def read_lists(document: Document) -> list[ListItem]:
    """The entries of tables whose column headings state how many entries follow."""
    found: list[ListItem] = []
    for table in document.tables():
        open_lists: dict[int, re.Match[str]] = {}
        counts: dict[str, int] = {}
        if sum(1 for cell in table.rows[0].cells if _counted(cell)) == 0:
            continue
        for row in table.rows:
            for column, cell in enumerate(row.cells):
                header = _counted(cell)
                if header:
                    open_lists[column] = header
                elif cell and column in open_lists:
                    head = open_lists[column]
                    counts[head["group"]] = position = counts.get(head["group"], 0) + 1
                    raw = cell.quote()
                    source = cell.raw[cell.starts[0] :].split("\t")[0]
                    found.append(
                        ListItem(
                            head["group"],
                            int(head["count"]),
                            head["unit"],
                            position,
                            unwrap(cell.clean),
                            bool(_MARKED.search(source)),
                            row.number,
                            raw,
                        )
                    )
    return found

"""Parts of a measure that several layouts print alike: departments, flags, tools, roadmaps."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dxlib.document import Row
from dxlib.facts import Attribute, Milestone
from dxlib.readers.labels import column_year, label_of
from dxlib.text import Text, squeeze, unwrap

_FLAG = re.compile(r"[【〔\[](?P<flag>[^】〕\]]{1,30})[】〕\]]")


def departments(text: Text, line: int) -> list[Attribute]:
    """The departments of a cell, split at spaces, commas and middle dots outside brackets.

    >>> from dxlib.text import repair
    >>> [d.text for d in departments(repair("会計課 財務課 (契約室)、経営企画課・関係各課"), 1)]
    ['会計課', '財務課(契約室)', '経営企画課', '関係各課']
    """
    parts = [m.span() for m in re.finditer(r"(?:[^\s、・,()]|\s?\([^()]*\))+", text.clean)]
    found: list[Attribute] = []
    for start, end in parts:
        part = text.slice(start, end)
        found.append(Attribute("department", squeeze(part.clean), line, part.quote()))
    return found


def flags(text: Text, line: int) -> list[Attribute]:
    """Notes in 【】 beside a title: 新規, 一部実施中, a grant.

    >>> from dxlib.text import repair
    >>> [f.text for f in flags(repair("生成AIの導入【新規】"), 1)]
    ['新規']
    """
    return [Attribute("flag", unwrap(m["flag"]), line, text.quote(m.start(), m.end())) for m in _FLAG.finditer(text.clean)]


def without_flags(title: str) -> str:
    """A title without its notes in 【】."""
    return unwrap(_FLAG.sub("", title))


def milestones(rows: Iterable[Row]) -> tuple[Milestone, ...]:
    """The phases of a roadmap below its row of years. Which years a phase spans is not known."""
    periods: dict[int, Text] = {}
    found: list[Milestone] = []
    for row in rows:
        years = {p: cell for p, cell in enumerate(row.cells) if cell and column_year(cell.clean)}
        if len(years) >= 2:
            periods = years
            continue
        for position, cell in enumerate(row.cells):
            if not cell or label_of(cell.clean) == "schedule":
                continue
            header = periods.get(position)
            year = column_year(header.clean) if header else None
            found.append(
                Milestone(
                    unwrap(cell.clean),
                    row.number,
                    cell.quote(),
                    unwrap(header.clean) if header else None,
                    year.fiscal_year if year else None,
                    "uncertain" if header else "unplaced",
                )
            )
    return tuple(found)


def tools(text: Text, line: int) -> list[Attribute]:
    """The tools of a line, split at commas.

    >>> from dxlib.text import repair
    >>> [t.text for t in tools(repair("AI・生成AIの活用、ハイブリッド化"), 1)]
    ['AI・生成AIの活用', 'ハイブリッド化']
    """
    return [Attribute("tool", unwrap(part.clean), line, part.quote()) for part in text.split(re.compile("[、,]"))]

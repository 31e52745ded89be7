"""Ruled lines of a page as tables: which cells they divide it into, and which of these are merged."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from dxlib.formats.glyphs import Box, Glyph, Rule

_NEAR = 3.0  # points; rules as near as this are one
_GAP = 4.0  # points; a rule may be broken by this, as dotted rules are
_OPEN = 8.0  # points; rules that reach this far beyond the last crossing one make an open side
_MAX_CELLS = 20_000  # of one table; more are a drawing
_MAX_RULES = 2_000  # of one direction on one page; more are a drawing


@dataclass(slots=True)
class Grid:
    """A ruled table.

    Attributes:
        xs, ys: positions of its columns' and rows' edges.
        first: for each elementary cell, by row and column, the first cell of the merged cell it belongs to.
        glyphs: characters by merged cell.
    """

    xs: list[float]
    ys: list[float]
    first: list[list[tuple[int, int]]]
    glyphs: dict[tuple[int, int], list[Glyph]] = field(default_factory=dict)

    @property
    def area(self) -> float:
        """Of its outer box."""
        return (self.xs[-1] - self.xs[0]) * (self.ys[-1] - self.ys[0])

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """The merged cell around a point; None outside the table."""
        if not (self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]):
            return None
        column = min(bisect_right(self.xs, x), len(self.xs) - 1) - 1
        row = min(bisect_right(self.ys, y), len(self.ys) - 1) - 1
        return self.first[row][column]

    def width_of(self, cell: tuple[int, int]) -> float:
        """Width of a merged cell in its first row."""
        row, column = cell
        end = column
        while end + 1 < len(self.xs) - 1 and self.first[row][end + 1] == cell:
            end += 1
        return self.xs[end + 1] - self.xs[column]


def _joined(rules: Sequence[Rule]) -> list[Rule]:
    """Rules that lie on or after one another as one."""
    found: list[Rule] = []
    lines: list[list[Rule]] = []
    for rule in sorted(rules):
        if lines and rule.at - lines[-1][0].at <= _NEAR:
            lines[-1].append(rule)
        else:
            lines.append([rule])
    for line in lines:
        at = sum(rule.at for rule in line) / len(line)
        ordered = sorted(line, key=lambda rule: rule.start)
        start, end = ordered[0].start, ordered[0].end
        for rule in ordered:
            if rule.start > end + _GAP:
                found.append(Rule(at, start, end))
                start, end = rule.start, rule.end
            end = max(end, rule.end)
        found.append(Rule(at, start, end))
    return [rule for rule in found if rule.end - rule.start > _NEAR]


def _groups(horizontal: Sequence[Rule], vertical: Sequence[Rule]) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """Rules that touch each other."""
    parent = list(range(len(horizontal) + len(vertical)))
    ordered = sorted(range(len(vertical)), key=lambda n: vertical[n].at)
    positions = [vertical[n].at for n in ordered]
    for h, across in enumerate(horizontal):
        begin, end = bisect_right(positions, across.start - _GAP), bisect_right(positions, across.end + _GAP)
        for v in ordered[begin:end]:
            down = vertical[v]
            if down.start - _GAP <= across.at <= down.end + _GAP:
                _unite(parent, h, len(horizontal) + v)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for n in range(len(parent)):
        group = groups.setdefault(_root(parent, n), ([], []))
        if n < len(horizontal):
            group[0].append(horizontal[n])
        else:
            group[1].append(vertical[n - len(horizontal)])
    yield from groups.values()


def _edges(rules: Sequence[Rule]) -> list[float]:
    edges: list[float] = []
    for rule in sorted(rules):
        if not edges or rule.at - edges[-1] > _NEAR:
            edges.append(rule.at)
    return edges


def _closed(across: list[Rule], down: list[Rule]) -> list[Rule]:
    """``down`` with a rule on either side that ``across`` reaches beyond: tables are often open at the sides."""
    if len(across) < 2:
        return down
    top, bottom = min(r.at for r in across), max(r.at for r in across)
    start, end = min(r.start for r in across), max(r.end for r in across)
    sides = []
    if not down or start < min(r.at for r in down) - _OPEN:
        sides.append(Rule(start, top, bottom))
    if not down or end > max(r.at for r in down) + _OPEN:
        sides.append(Rule(end, top, bottom))
    return down + sides


def _has(rules: Sequence[Rule], start: float, end: float) -> bool:
    """Whether one of the rules runs along the middle between ``start`` and ``end``."""
    middle = (start + end) / 2
    return any(rule.start - _NEAR <= middle <= rule.end + _NEAR for rule in rules)


def grids(
    horizontal: Sequence[Rule], vertical: Sequence[Rule], glyphs: Sequence[Glyph] = (), boxes: Sequence[Box] = ()
) -> list[Grid]:
    """The tables that rules make, the smallest first; frames with a single cell or column are no tables.

    Args:
        horizontal: the rules of a page that run across.
        vertical: those that run down.
        glyphs: its characters: between horizontal rules alone, they tell the columns.
        boxes: its filled rectangles; those that touch each other outside ruled tables are cells.
    """
    if len(horizontal) > _MAX_RULES * 20 or len(vertical) > _MAX_RULES * 20:
        return []
    across, down = _joined(horizontal), _joined(vertical)
    if len(across) > _MAX_RULES or len(down) > _MAX_RULES:
        return []
    found = []
    lone: list[Rule] = []
    for rows, columns in _groups(across, down):
        if not rows or not columns:
            lone += rows
            continue
        columns = _closed(rows, columns)
        rows = _closed(columns, rows)
        xs, ys = _edges(columns), _edges(rows)
        if len(xs) >= 3 and len(ys) >= 2 and len(xs) * len(ys) <= _MAX_CELLS:
            found.append(_grid(xs, ys, rows, columns))
    for stack in _stacks(lone):
        xs, ys = _columns_between(stack, glyphs), [rule.at for rule in stack]
        if len(xs) >= 3:
            sides = [Rule(x, ys[0], ys[-1]) for x in xs]
            found.append(_grid(xs, ys, stack, sides))
    found += _filled(boxes, found)
    return sorted(found, key=lambda grid: grid.area)


def _filled(boxes: Sequence[Box], ruled: Sequence[Grid]) -> Iterator[Grid]:
    """Tables made of filled cells side by side and above each other."""
    free = [
        box
        for box in set(boxes)
        if not any(grid.cell_at((box.x0 + box.x1) / 2, (box.top + box.bottom) / 2) is not None for grid in ruled)
    ]
    if not 4 <= len(free) <= _MAX_RULES:
        return
    across = _joined([Rule(y, box.x0, box.x1) for box in free for y in (box.top, box.bottom)])
    down = _joined([Rule(x, box.top, box.bottom) for box in free for x in (box.x0, box.x1)])
    for rows, columns in _groups(across, down):
        xs, ys = _edges(columns), _edges(rows)
        if len(xs) >= 3 and len(ys) >= 3 and len(xs) * len(ys) <= _MAX_CELLS:
            yield _grid(xs, ys, rows, columns)


def _stacks(rules: Sequence[Rule]) -> Iterator[list[Rule]]:
    """Three or more rules of one length above each other: a table without vertical rules."""
    stack: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: (round(rule.start / _OPEN), round(rule.end / _OPEN), rule.at)):
        if stack and (abs(rule.start - stack[-1].start) > _NEAR or abs(rule.end - stack[-1].end) > _NEAR):
            if len(stack) >= 3:
                yield stack
            stack = []
        stack.append(rule)
    if len(stack) >= 3:
        yield stack


def _columns_between(stack: Sequence[Rule], glyphs: Sequence[Glyph]) -> list[float]:
    """Edges of columns: the ends of the rules, and the gaps that no text between them crosses."""
    inside = [
        g
        for g in glyphs
        if stack[0].at <= (g.top + g.bottom) / 2 <= stack[-1].at
        and stack[0].start <= (g.x0 + g.x1) / 2 <= stack[0].end
        and not g.char.isspace()
    ]
    ys = [rule.at for rule in stack]
    columns: list[tuple[list[Glyph], set[int]]] = []  # the characters of each column, and the rows it has any in
    reach = -math.inf
    for glyph in sorted(inside, key=lambda g: g.x0):
        if not columns or glyph.x0 - reach > glyph.height:
            columns.append(([], set()))
        columns[-1][0].append(glyph)
        columns[-1][1].add(bisect_right(ys, (glyph.top + glyph.bottom) / 2))
        reach = max(reach, glyph.x1)
    edges = [stack[0].start]
    for (before, _), (after, _) in pairwise(_one_where_apart(columns)):
        edges.append((max(g.x1 for g in before) + min(g.x0 for g in after)) / 2)
    return [*edges, stack[0].end]


def _one_where_apart(columns: list[tuple[list[Glyph], set[int]]]) -> list[tuple[list[Glyph], set[int]]]:
    """Neighbours that never share a row are one column: a centred header above text at its left."""
    found: list[tuple[list[Glyph], set[int]]] = []
    for glyphs, rows in columns:
        if found and not found[-1][1] & rows:
            found[-1] = found[-1][0] + glyphs, found[-1][1] | rows
        else:
            found.append((glyphs, rows))
    return found


def _grid(xs: list[float], ys: list[float], rows: Sequence[Rule], columns: Sequence[Rule]) -> Grid:
    """Cells without a rule between them are one; it begins with the upper, then the left of them."""
    by_x = [[rule for rule in columns if abs(rule.at - x) <= _NEAR] for x in xs]
    by_y = [[rule for rule in rows if abs(rule.at - y) <= _NEAR] for y in ys]
    width = len(xs) - 1
    parent = list(range(width * (len(ys) - 1)))
    for row in range(len(ys) - 1):
        for column in range(width):
            here = row * width + column
            if column and not _has(by_x[column], ys[row], ys[row + 1]):
                _unite(parent, here - 1, here)
            if row and not _has(by_y[row], xs[column], xs[column + 1]):
                _unite(parent, here - width, here)
    first = [[divmod(_root(parent, row * width + column), width) for column in range(width)] for row in range(len(ys) - 1)]
    return Grid(xs, ys, first)


def _root(parent: list[int], n: int) -> int:
    while parent[n] != n:
        parent[n] = parent[parent[n]]
        n = parent[n]
    return n


def _unite(parent: list[int], one: int, other: int) -> None:
    a, b = _root(parent, one), _root(parent, other)
    parent[max(a, b)] = min(a, b)

"""How values are spread: how many lie in each step, and where the highlighted one lies."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import altair as alt

from dxlib.charts.canvas import (
    BLUES,
    DASHES,
    GREYS,
    SOLID,
    WIDTH,
    Chart,
    Line,
    Minus,
    Plane,
    Row,
    axis,
    nice,
    nice_limits,
    plain,
    position,
    stack,
    width_of,
)

_STEPS, _TALL, _ROOM = 20, 130.0, 1.35


def _panel(title: str, values: Sequence[float], marked: Sequence[Row], axis_title: str, minus: Minus) -> alt.LayerChart:
    limits = nice_limits(values, _STEPS)
    last = len(limits) - 2
    found = Counter(min(last, max(0, sum(value >= limit for limit in limits) - 1)) for value in values)
    tall = nice(found.values(), _TALL)
    length = WIDTH - 40 - max(width_of(f"{tick:,.10g}") for tick in tall.ticks)
    scale = Line(limits[0], limits[-1], length, limits[:: math.ceil(len(limits) / 11)])
    high = tall.high * _ROOM
    plane = Plane(position("x", scale.low, scale.high, axis(scale, grid=False)), position("y", 0, high, axis(tall)))
    plane.numbers("x", scale, minus)
    plane.numbers("y", tall._replace(high=high, length=_TALL * _ROOM), minus)
    plane.name_below(plain(axis_title), 27)
    steps = enumerate(itertools.pairwise(limits))
    plane.boxes([{"x": low, "x2": top, "y": 0, "y2": found[i], "fill": BLUES[3]} for i, (low, top) in steps if found[i]])
    lines, texts = [], []
    for i, row in enumerate(sorted(marked, key=lambda row: bool(row.get("bright")))):
        colour, y = (BLUES[0] if row.get("bright") else GREYS[0]), high * (0.95 - 0.1 * i)
        half = width_of(row["label"]) / 2
        x = scale.value(min(max(scale.px(row["value"]), half), length - half))
        look = {"colour": colour, "dash": SOLID if row.get("bright") else DASHES[0], "width": 2}
        lines.append({"x": row["value"], "x2": row["value"], "y": 0, "y2": y - high * 0.05, **look})
        texts.append({"x": x, "y": y, "text": row["label"], "colour": colour})
    plane.lines(lines)
    plane.texts(texts, align="center")
    return plane.chart(length, _TALL * _ROOM, title)


def distribution(
    panels: Sequence[tuple[str, Sequence[float], Sequence[dict[str, Any]]]], *, axis_title: str, minus: Minus = "-"
) -> Chart:
    """How many values lie in each of up to twenty equal steps, one panel a definition.

    Args:
        panels: title, values, and what is marked among them: ``value``, ``label``, and ``bright`` for the highlighted one.
        axis_title: below the values.
        minus: the sign of negative numbers on the axis.

    Raises:
        ValueError: no panel, or a panel without a value.
    """
    if not panels or not all(values for _, values, _ in panels):
        raise ValueError("no values to draw")
    return stack(*(_panel(plain(title), values, marked, axis_title, minus) for title, values, marked in panels))

"""Charts over years: values by definition, the way to a target, two years side by side."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import altair as alt

from dxlib.charts.canvas import (
    BLUES,
    DASHES,
    GREYS,
    INK,
    LABELLED,
    PAPER,
    SHAPES,
    SOLID,
    WIDTH,
    Chart,
    Frame,
    Highlight,
    Line,
    Minus,
    Plane,
    Row,
    axis,
    key_of,
    names_of,
    nice,
    plain,
    position,
    rows_of,
    sheet,
    spread,
    stack,
    width_of,
    wrap,
)


def looks_of(series: Sequence[str], highlight: Collection[str]) -> dict[str, Row]:
    """How each series looks: the highlighted ones blue, the rest grey; neighbours differ in shape and dash.

    Behind a highlight, many series are thin and light.
    """
    many = len(series) > LABELLED
    looks: dict[str, Row] = {}
    for i, name in enumerate(series):
        bright = name in highlight
        if not highlight:
            colour, shape = (BLUES[0], GREYS[0], BLUES[1], GREYS[1])[i % 4], SHAPES[i % 6]
        elif bright:
            colour, shape = BLUES[0], SHAPES[i % 6] if len(highlight) > 1 else SHAPES[0]
        else:
            colour, shape = GREYS[2] if many else GREYS[i % 2], SHAPES[i % 6 if len(highlight) > 1 else 1 + i % 5]
        size = 80 if bright or not many else 30
        width = 3 if bright else 1 if many else 2
        looks[name] = {"colour": colour, "shape": shape, "dash": DASHES[i % 4], "width": width, "size": size}
    return looks


def _ink(look: Row) -> str:
    return GREYS[1] if look["colour"] == GREYS[2] else str(look["colour"])


def _dated(frame: Frame) -> tuple[list[Row], list[Row]]:
    """All rows of a frame by year, and those with a value."""
    rows = rows_of(frame)
    if any(row["year"] is None for row in rows):
        raise ValueError("a row has no year")
    every = sorted(({**row, "year": int(row["year"])} for row in rows), key=lambda row: row["year"])
    return every, [row for row in every if row["value"] is not None]


def _zero(scale: Line, years: Line) -> list[Row]:
    """The line of zero, where there are values on both sides."""
    line = {"x": years.low, "x2": years.high, "y": 0, "y2": 0, "colour": GREYS[1], "dash": SOLID, "width": 1}
    return [line] if scale.low < 0 < scale.high else []


def _years(rows: Sequence[Row], length: float) -> Line:
    first, last = min(row["year"] for row in rows), max(row["year"] for row in rows)
    return Line(first - 0.5, last + 0.5, length, [float(year) for year in range(first, last + 1)])


def _year_names(rows: Sequence[Row], years: Line) -> dict[float, list[str]]:
    """What stands below each year: its own label in up to two lines; every second, third … year where they are too wide.

    Where rows name their years, a year without a row has no name.
    """
    named = {float(row["year"]): str(row["year_label"]) for row in rows if row.get("year_label")}
    names: dict[float, list[str]] = {}
    for year in years.ticks:
        head, bracket, tail = named.get(year, "" if named else str(int(year))).replace("（", "(").partition("(")
        names[year] = [line for line in (head.strip(), bracket + tail) if line]
    widest = max(width_of(line) for lines in names.values() for line in lines) + 8
    every = math.ceil(widest * len(names) / years.length)
    return {year: lines for i, (year, lines) in enumerate(reversed(names.items())) if i % every == 0}


def _year_plane(rows: Sequence[Row], scale: Line, years: Line, axis_title: str, minus: Minus) -> Plane:
    """A plane with years below and values at the left."""
    names = _year_names(rows, years)
    below = axis(years, grid=False)
    plane = Plane(position("x", years.low, years.high, below), position("y", scale.low, scale.high, axis(scale)))
    plane.numbers("y", scale, minus)
    plane.name_below(plain(axis_title), 14 + 14 * max(len(lines) for lines in names.values()))
    texts = [
        {"x": year, "y": scale.value(-14 - 14 * n), "text": line} for year, lines in names.items() for n, line in enumerate(lines)
    ]
    plane.texts([{**row, "colour": GREYS[0]} for row in texts], align="center")
    return plane


def _path(rows: Sequence[Row], look: Row, dash: list[int]) -> list[Row]:
    """The segments that join values in the order of their years."""
    return [
        {
            "x": a["year"],
            "y": a["value"],
            "x2": b["year"],
            "y2": b["value"],
            "colour": look["colour"],
            "dash": dash,
            "width": look["width"],
        }
        for a, b in itertools.pairwise(rows)
    ]


def _point(row: Row, look: Row, hollow: bool) -> Row:
    fill = PAPER if hollow else look["colour"]
    return {
        "x": row["year"],
        "y": row["value"],
        "shape": look["shape"],
        "colour": look["colour"],
        "fill": fill,
        "size": look["size"],
    }


_Box = tuple[float, float, float, float]  # middle, width and height in px
# Where a label may stand, the best first: in widths of the label and px from the point.
_ABOVE = (
    *((0, 0, 15), (0, 0, -15), (0.5, 9, 0), (-0.5, -9, 0), (0.5, 3, 12), (-0.5, -3, 12)),
    *((0.5, 3, -12), (-0.5, -3, -12), (0, 0, 29), (0, 0, -29)),
)
_BESIDE = (*((0.5, 9, dy) for dy in (0, -14, 14, -28, 28)), *((0, 0, -15), (0, 0, 15), (0, 0, -29), (0, 0, 29)))


def _covered(one: _Box, other: _Box) -> float:
    """How many px² two boxes share."""
    wide = (one[2] + other[2]) / 2 - abs(one[0] - other[0])
    tall = (one[3] + other[3]) / 2 - abs(one[1] - other[1])
    return wide * tall if wide > 0 and tall > 0 else 0


class _Places:
    """Finds places for labels where they cover the fewest points, lines and other labels."""

    def __init__(self, years: Line, scale: Line, points: Sequence[Row], lines: Sequence[Row]) -> None:
        self.years, self.scale = years, scale
        self.taken: list[_Box] = [(years.px(p["x"]), scale.px(p["y"]), 13.0, 13.0) for p in points]
        for line in lines:
            x, y, x2, y2 = years.px(line["x"]), scale.px(line["y"]), years.px(line["x2"]), scale.px(line["y2"])
            steps = max(1, round(math.hypot(x2 - x, y2 - y) / 5))
            self.taken += [(x + (x2 - x) * i / steps, y + (y2 - y) * i / steps, 5.0, 4.0) for i in range(steps)]

    def _outside(self, box: _Box) -> float:
        x, y, wide, tall = box
        over = (wide / 2 - x, x + wide / 2 - self.years.length - 8, tall / 2 - y, y + tall / 2 - self.scale.length - 22)
        return 100 * sum(max(0.0, part) for part in over)

    def text(self, x: float, y: float, text: str, colour: str, wishes: Sequence[tuple[float, float, float]] = _ABOVE) -> Row:
        """A label for the point at a year and value; takes the place."""
        wide, tall = width_of(text), 13.0
        at = self.years.px(x), self.scale.px(y)
        near = [box for box in self.taken if abs(box[0] - at[0]) < 2 * wide + 40]
        boxes = [(at[0] + share * wide + dx, at[1] + dy, wide, tall) for share, dx, dy in wishes]
        costs = [sum(_covered(box, other) for other in near) + self._outside(box) + 2 * rank for rank, box in enumerate(boxes)]
        best = boxes[costs.index(min(costs))]
        self.taken.append(best)
        return {"x": self.years.value(best[0]), "y": self.scale.value(best[1]), "text": text, "colour": colour}


def _tick_room(scale: Line) -> float:
    return math.ceil(max(width_of(f"{tick:,.10g}") for tick in scale.ticks)) + 24


_REFERENCE: Row = {"colour": GREYS[0], "dash": [1, 3], "width": 2}


def _year_panel(
    title: str,
    frame: Frame,
    axis_title: str,
    highlight: Collection[str],
    looks: dict[str, Row],
    minus: Minus,
    references: Sequence[Row],
) -> alt.LayerChart:
    every, rows = _dated(frame)
    if not rows:
        raise ValueError(f"no values to draw in '{title}'")
    names = list(dict.fromkeys(row["series"] for row in every))
    scale = nice([row["value"] for row in [*rows, *references]], 170 + 10 * min(len(names), 15))
    years = _years(every, WIDTH - 20 - _tick_room(scale))
    plane = _year_plane(every, scale, years, axis_title, minus)
    last = sorted(names, key=lambda name: name in highlight)
    lines, points = [], []
    for name in last:
        known = [row for row in rows if row["series"] == name and row["kind"] == "known"]
        target = [row for row in rows if row["series"] == name and row["kind"] == "target"]
        start = [row for row in known if target and row["year"] < target[0]["year"]][-1:]
        lines += _path(known, looks[name], SOLID) + _path([*start, *target], looks[name], looks[name]["dash"])
        points += [_point(row, looks[name], row["kind"] == "target") for row in [*target, *known]]
    across = [{"x": years.low, "x2": years.high, "y": one["value"], "y2": one["value"], **_REFERENCE} for one in references]
    plane.lines([*_zero(scale, years), *across, *lines])
    plane.points(points)
    told = [row for row in rows if row.get("label") and (len(names) <= LABELLED or row["series"] in highlight)]
    places = _Places(years, scale, points, lines)
    told.sort(key=lambda row: row["series"] not in highlight)
    ends = [(years.value(years.length - width_of(one["label"]) / 2), one) for one in references]
    texts = [places.text(x, one["value"], one["label"], GREYS[0], _ABOVE[:2]) for x, one in ends]
    texts += [places.text(row["year"], row["value"], row["label"], _ink(looks[row["series"]])) for row in told]
    plane.texts(texts, align="center")
    return plane.chart(years.length, scale.length, title)


def values_by_year(
    panels: Sequence[tuple[str, Frame]],
    *,
    axis_title: str,
    legend_title: str,
    highlight: Highlight = None,
    words: Mapping[str, str] | None = None,
    minus: Minus = "-",
    references: Mapping[str, Sequence[Row]] | None = None,
) -> Chart:
    """Values over the years, one panel a definition: known ones solid and filled, targets dashed and hollow.

    Args:
        panels: (title, frame); columns ``series`` (text), ``year`` (int), ``value`` (float or null: not drawn), ``kind``
            (``known`` or ``target``), ``label`` (the value in words) and, if wanted, ``year_label`` (the year in words).
        axis_title: below the years.
        legend_title: before the names of the series; the legend is left out for a single series.
        highlight: the series (one name or several) in blue, the rest is grey. Above eight series only these carry their values.
        words: ``known`` and ``target``, and ``reference`` where there are such lines, for the legend.
        minus: the sign of negative numbers on the axis.
        references: by the title of a panel: lines across it, each with ``value`` and ``label``.

    Raises:
        ValueError: no panel, or a panel without a value.
    """
    if not panels:
        raise ValueError("no panels to draw")
    beside = references or {}
    bright = names_of(highlight)
    looks = looks_of(list(dict.fromkeys(row["series"] for _, frame in panels for row in rows_of(frame))), bright)
    charts = [
        _year_panel(plain(title), frame, axis_title, bright, looks, minus, [dict(line) for line in beside.get(title, ())])
        for title, frame in panels
    ]
    entries = [{**look, "text": name, "fill": look["colour"]} for name, look in looks.items()] if len(looks) > 1 else []
    if entries:
        charts.append(key_of(entries, legend_title))
    if words:
        shown = {"colour": GREYS[0], "shape": "circle"}
        known = {**shown, "text": words["known"], "fill": GREYS[0], "dash": SOLID}
        lines = [{**_REFERENCE, "text": words["reference"]}] if any(beside.get(title) for title, _ in panels) else []
        charts.append(key_of([known, {**shown, "text": words["target"], "fill": PAPER, "dash": DASHES[0]}, *lines]))
    return stack(*charts)


_KINDS: dict[str, Row] = {
    "baseline": {"size": 110, "shape": "circle", "colour": BLUES[0], "fill": PAPER, "width": 3},
    "actual": {"size": 110, "shape": "circle", "colour": BLUES[0], "fill": BLUES[0], "width": 3, "dash": SOLID},
    "yearly target": {"size": 110, "shape": "square", "colour": BLUES[0], "fill": PAPER, "width": 2, "dash": DASHES[0]},
    "target": {"size": 110, "shape": "diamond", "colour": BLUES[0], "fill": PAPER, "width": 2},
}
_SIDES = ("left", "right")
_PACE: Row = {"colour": GREYS[1], "dash": [1, 4], "width": 2}


def _look_of_peer(i: int) -> Row:
    return {"colour": GREYS[1], "width": 1.5, "shape": SHAPES[1 + i % 5], "size": 45}


def _peers(rows: Sequence[Row]) -> tuple[list[Row], list[Row], list[Row]]:
    """Lines, points and last values of the peers."""
    lines, points, ends = [], [], []
    for i, name in enumerate(dict.fromkeys(row["series"] for row in rows)):
        own = [row for row in rows if row["series"] == name]
        aims = [row.get("role") == "target" for row in own]
        for pair, is_aim in zip(itertools.pairwise(own), aims[1:], strict=True):
            lines += _path(pair, _look_of_peer(i), DASHES[0] if is_aim else SOLID)
        points += [_point(row, _look_of_peer(i), is_aim) for row, is_aim in zip(own, aims, strict=True)]
        ends += [own[0], own[-1]] if len(own) > 1 else own
    return lines, points, ends


def _own_marks(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Lines and points of the indicator itself."""
    by_kind = {kind: [row for row in rows if row["kind"] == kind] for kind in _KINDS}
    known = sorted(by_kind["baseline"] + by_kind["actual"], key=lambda row: row["year"])
    yearly = by_kind["yearly target"] and sorted(by_kind["yearly target"] + by_kind["target"], key=lambda row: row["year"])
    start = [row for row in known if yearly and row["year"] < yearly[0]["year"]][-1:]
    lines = _path([*start, *yearly], _KINDS["yearly target"], DASHES[0]) + _path(known, _KINDS["actual"], SOLID)
    kinds = ("target", "yearly target", "baseline", "actual")
    return lines, [_point(row, _KINDS[kind], _KINDS[kind]["fill"] == PAPER) for kind in kinds for row in by_kind[kind]]


def path_to_target(
    frame: Frame, *, axis_title: str, words: Mapping[str, str], required: Mapping[str, Any] | None = None, minus: Minus = "-"
) -> Chart:
    """One indicator on its way: actual values, the plan's yearly targets, the pace it still needs, and peers in grey.

    Args:
        frame: columns ``year`` (int), ``value`` (float or null: not drawn), ``kind`` (``actual``, ``baseline``, ``target``,
            ``yearly target`` or ``peer``; a peer's ``role`` target is dashed and hollow), ``series`` (whose value), ``label``
            (the value in words), ``year_label`` if wanted.
        axis_title: below the years.
        words: what each kind is called (keys: the kinds).
        required: the straight line of the pace still needed: ``from_year``, ``from_value``, ``to_year``, ``to_value`` and
            ``label``; None draws none.
        minus: the sign of negative numbers on the axis.

    Raises:
        ValueError: no value to draw.
    """
    every, rows = _dated(frame)
    if not rows:
        raise ValueError("no values to draw")
    peers, own = [row for row in rows if row["kind"] == "peer"], [row for row in rows if row["kind"] != "peer"]
    scale = nice([row["value"] for row in rows], 250)
    crowded = any(row["year"] == every[-1]["year"] for row in peers)
    years = _years(every, WIDTH - 20 - _tick_room(scale) - (110 if crowded else 0))
    plane = _year_plane(every, scale, years, axis_title, minus)
    behind, dots, ends = _peers(peers)
    lines, points = _own_marks(own)
    entries = [{**_KINDS[kind], "text": words[kind]} for kind in _KINDS if any(row["kind"] == kind for row in own)]
    if required:
        pace = [{"year": required[f"{end}_year"], "value": required[f"{end}_value"]} for end in ("from", "to")]
        behind += _path(pace, _PACE, _PACE["dash"])
        entries.append({**_PACE, "text": plain(required["label"])})
    if peers:
        entries.append({**_look_of_peer(0), "fill": GREYS[1], "dash": SOLID, "text": words["peer"]})
    plane.lines([*_zero(scale, years), *behind])
    plane.points(dots)
    plane.lines(lines)
    plane.points(points)
    places = _Places(years, scale, [*dots, *points], [*behind, *lines])
    texts = [places.text(row["year"], row["value"], row["label"], INK) for row in own if row.get("label")]
    for row in sorted(ends, key=lambda row: -row["value"]):
        text = wrap(f"{row['series']} {row.get('label') or ''}", 150, most=1)[0]
        texts.append(places.text(row["year"], row["value"], text, GREYS[0], _BESIDE))
    plane.texts(texts, align="center")
    return stack(plane.chart(years.length, scale.length), key_of(entries))


def _slope_texts(names: Sequence[str], ends: Mapping[tuple[str, str], Row]) -> dict[tuple[str, str], str]:
    """What stands at each end: the value at the left, name and value at the right; the name moves where there is no right end."""
    texts = {}
    for (name, side), row in ends.items():
        named = side == "right" or (name, "right") not in ends
        text = f"{name} {row.get('label') or ''}".strip() if named else str(row.get("label") or "")
        texts[name, side] = wrap(text, 320 if side == "right" else 230, most=1)[0]
    return texts


def slope(frame: Frame, *, highlight: Highlight = None, words: Mapping[str, str] | None = None) -> Chart:
    """Two years side by side; the axis is left out because every end carries its value, and does not start at 0.

    Args:
        frame: columns ``series``, ``side`` (``left`` or ``right``), ``side_label`` (the year in words), ``value`` (float or
            null: that end is left out), ``label`` (the value in words).
        highlight: the series (one name or several) in blue, the rest is grey.
        words: ``unit``, shown with the years.

    Raises:
        ValueError: no value to draw.
    """
    every, bright = rows_of(frame), names_of(highlight)
    rows = [row for row in every if row["value"] is not None]
    if not rows:
        raise ValueError("no values to draw")
    ends = {(row["series"], row["side"]): row for row in rows}
    names = list(dict.fromkeys(row["series"] for row in rows))
    looks, labels = looks_of(names, bright), _slope_texts(names, ends)
    rooms = [max((width_of(text) for (_, at), text in labels.items() if at == side), default=0) for side in _SIDES]
    wide = min(320, WIDTH - 50 - math.ceil(sum(rooms)))
    scale = nice([row["value"] for row in rows], max(180.0, 20.0 * len(names)), zero=False)
    heights = {end: scale.length - scale.px(row["value"]) for end, row in ends.items()}
    plane = sheet(wide, scale.length)
    front = sorted(names, key=lambda name: name in bright)
    pairs = [
        (name, heights[name, "left"], heights[name, "right"]) for name in front if {(name, side) for side in _SIDES} <= set(ends)
    ]
    plane.lines([{"x": 0, "y": y, "x2": wide, "y2": y2, **looks[name], "dash": SOLID} for name, y, y2 in pairs])
    dots = [(name, side) for name in front for side in _SIDES if (name, side) in ends]
    plane.points([{"x": wide * (s == "right"), "y": heights[n, s], "fill": looks[n]["colour"], **looks[n]} for n, s in dots])
    for side in _SIDES:
        own = [name for name in names if (name, side) in ends]
        places = spread([heights[name, side] for name in own], 16, low=0, high=scale.length)
        x = wide + 12 if side == "right" else -12
        texts = [{"x": x, "y": y, "text": labels[n, side], "colour": _ink(looks[n])} for n, y in zip(own, places, strict=True)]
        plane.texts(texts, align="left" if side == "right" else "right")
    unit = f" ({words['unit']})" if words and words.get("unit") else ""
    heads = {row["side"]: f"{row['side_label']}{unit}" for row in every}
    plane.texts(
        [{"x": wide * (side == "right"), "y": -22, "text": head} for side, head in heads.items()],
        align="center",
        fontWeight="bold",
    )
    return stack(plane.chart(wide, scale.length))

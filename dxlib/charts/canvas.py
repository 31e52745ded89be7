"""What charts are drawn on: the theme, a plane for marks that say how they look, text in lines, the legend, and SVG.

Colours: theme of the Digital Agency's dashboards (digital-go-jp/policy-dashboard-assets): one hue in steps, an accent, greys.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Literal, NamedTuple

import altair as alt
from altair.utils.schemapi import debug_mode

BLUES = ("#0017C1", "#3460FB", "#7096F8", "#C5D7FB", "#E8F1FE")
ACCENTS = ("#FE3939", "#FFBBBB")
GREYS = ("#4D4D4D", "#767676", "#999999", "#CCCCCC", "#F2F2F2")
INK, PAPER = "#1A1A1A", "#FFFFFF"
FONT = "BIZ UDPGothic, 'Noto Sans JP', 'Noto Sans CJK JP', 'Hiragino Sans', Meiryo, sans-serif"
WIDTH = 680
LEVELS = (BLUES[4], BLUES[3], BLUES[2], BLUES[0])
VERDICTS = {"direct": BLUES[3], "transformed": BLUES[4], "not": GREYS[4], "self": PAPER}

Chart = alt.VConcatChart
Frame = Any  # a DataFrame of pandas or polars, or a list of mappings
Minus = Literal["-", "▲"]
Highlight = str | Collection[str] | None
Row = dict[str, Any]

SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
DASHES = ([6, 4], [2, 3], [10, 4], [6, 3, 2, 3])
SOLID = [1, 0]
LABELLED = 8  # more series than this: only the highlighted one carries its values


CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": PAPER,
    "padding": 4,
    "title": {"fontSize": 13, "anchor": "start", "frame": "group", "fontWeight": "bold", "color": INK, "offset": 22},
    "axis": {
        "labelFontSize": 11,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": GREYS[0],
        "titleColor": GREYS[0],
        "gridColor": "#E6E6E6",
        "domainColor": GREYS[1],
        "tickColor": GREYS[1],
        "labelLimit": 0,
        "titleLimit": 0,
    },
    "view": {"stroke": None},
    "concat": {"spacing": 18},
}


@alt.theme.register("dxlib", enable=True)
def _theme() -> alt.theme.ThemeConfig:
    return {"config": CONFIG}  # type: ignore[typeddict-item]


def spread(values: Sequence[float], gap: float, low: float = -math.inf, high: float = math.inf) -> list[float]:
    """Positions at least ``gap`` apart, in the order of the wished ``values`` and as near to them as can be.

    ``low`` and ``high`` bound the positions; where the room is too small, ``low`` and ``gap`` hold.

    >>> spread([10, 50, 10], 4), spread([0, 1], 4, low=0), spread([], 4)
    ([8.0, 50.0, 12.0], [0.0, 4.0], [])
    """
    order = sorted(range(len(values)), key=lambda i: (values[i], i))
    pools: list[tuple[float, int]] = []
    for rank, i in enumerate(order):
        pool = (values[i] - rank * gap, 1)
        while pools and pools[-1][0] / pools[-1][1] >= pool[0] / pool[1]:
            before = pools.pop()
            pool = (before[0] + pool[0], before[1] + pool[1])
        pools.append(pool)
    wished = [total / count for total, count in pools for _ in range(count)]
    last = max(low, high - (len(values) - 1) * gap)
    places = [0.0] * len(values)
    for rank, i in enumerate(order):
        places[i] = float(min(max(wished[rank], low), last) + rank * gap)
    return places


_UNSEEN = ("Cc", "Cf", "Cn", "Cs")  # no XML, or able to turn a line around; gaiji (Co) stay


def plain(value: Any) -> Any:
    """A value as JSON knows it: NaN is None, a text is one line without control characters."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, str):
        return " ".join("".join(" " if unicodedata.category(c) in _UNSEEN else c for c in value).split())
    return value


def rows_of(frame: Frame) -> list[Row]:
    """The rows of a frame.

    Raises:
        ValueError: there are none.
    """
    if hasattr(frame, "to_dicts"):
        records = frame.to_dicts()
    elif hasattr(frame, "to_dict"):
        records = frame.to_dict("records")
    else:
        records = frame
    rows = [{key: plain(value) for key, value in record.items()} for record in records]
    if not rows:
        raise ValueError("no rows to draw")
    return rows


def _em(c: str) -> float:
    if unicodedata.east_asian_width(c) in "WFA" or c in "%mwMW":
        return 1
    return 0.77 if c.isdigit() or c.isupper() else 0.68 if c.isalpha() else 0.5


def names_of(highlight: Highlight) -> set[str]:
    """The names to bring out; none for None."""
    names = [highlight] if isinstance(highlight, str) else highlight or ()
    return {str(plain(name)) for name in names}


def width_of(text: str, size: float = 11) -> float:
    """About how wide a text is in BIZ UDPGothic, in px; rather too much than too little."""
    return size * sum(map(_em, text))


_NO_START = "、。，．）」』】〕］｝・ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ：；？！％…)%"
_NO_END = "（「『【〔［｛("


def _words_of(text: str) -> list[str]:
    """Pieces between which a line may break: between Japanese characters, and after spaces."""
    pieces: list[str] = []
    for c in text:
        wide = unicodedata.east_asian_width(c) in "WF"
        stays = c in _NO_START or (pieces and pieces[-1][-1] in _NO_END)
        if pieces and (stays or not (wide or pieces[-1][-1] == " " or unicodedata.east_asian_width(pieces[-1][-1]) in "WF")):
            pieces[-1] += c
        else:
            pieces.append(c)
    return pieces


def wrap(text: str, width: float, size: float = 11, most: int = 3) -> list[str]:
    """A text in lines of a width; what does not fit in ``most`` lines ends in an ellipsis.

    >>> wrap("行政手続のオンライン化", 66), wrap("abc def", 33)
    (['行政手続のオ', 'ンライン化'], ['abc', 'def'])
    """
    lines = [""]
    for piece in _words_of(plain(str(text))):
        if lines[-1] and width_of(lines[-1] + piece.rstrip(), size) > width:
            lines.append("")
        for c in piece:
            if width_of(lines[-1] + c, size) > width and width_of(piece, size) > width:
                lines.append("")
            lines[-1] += c
    lines = [line.strip() for line in lines]
    if len(lines) > most:
        last = lines[most - 1]
        while last and width_of(last + "…", size) > width:
            last = last[:-1]
        lines = [*lines[: most - 1], last + "…"]
    return lines


class Line(NamedTuple):
    """A linear scale: ``length`` px for the values from ``low`` to ``high``."""

    low: float
    high: float
    length: float
    ticks: list[float]

    def px(self, value: float) -> float:
        """Where a value lies, from the low end."""
        return (value - self.low) / (self.high - self.low) * self.length

    def value(self, px: float) -> float:
        """The value at a distance from the low end."""
        return self.low + px / self.length * (self.high - self.low)


def nice(values: Iterable[float], length: float, count: int = 5, zero: bool = True) -> Line:
    """A scale with round ends that holds the values, and 0."""
    found = [float(value) for value in values]
    if not all(map(math.isfinite, found)):
        raise ValueError("a value is infinite")
    low, high = (min(0.0, *found), max(0.0, *found)) if zero else (min(found), max(found))
    high = high if high > low else low + 1
    rough = (high - low) / count
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * n for n in (1, 2, 5, 10) if size * n >= rough * 0.999)
    if all(value.is_integer() for value in found):
        step = max(step, 1.0)  # a count has no halves
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = [round(i * step, 12) for i in range(first, last + 1)]
    return Line(ticks[0], ticks[-1], length, ticks)


def nice_limits(values: Iterable[float], steps: int) -> list[float]:
    """Round limits of at most so many steps of one size that hold all values.

    >>> nice_limits([12, 95], 4), nice_limits([3], 4), nice_limits([0.5, 0.9], 4)
    ([0.0, 50.0, 100.0], [3.0, 4.0], [0.5, 0.6, 0.7, 0.8, 0.9])
    """
    found = list(values)
    for count in range(steps, 0, -1):
        ticks = nice(found, 1, count, zero=False).ticks
        if len(ticks) - 1 <= steps:
            return ticks
    return [min(found), max(found)]


def _field(name: str, kind: str = "", **more: Any) -> Row:
    """A channel of an encoding as Vega-Lite writes it; Altair's inference of the same takes seconds a report."""
    return {"field": name, **({"type": kind} if kind else {}), **more}


_LOOKS = {
    channel: _field(name, kind, scale=None)
    for channel, name, kind in (
        ("color", "colour", "nominal"),
        ("stroke", "colour", "nominal"),
        ("fill", "fill", "nominal"),
        ("shape", "shape", "nominal"),
        ("strokeDash", "dash", "nominal"),
        ("strokeWidth", "width", "quantitative"),
        ("size", "size", "quantitative"),
    )
}
_ENDS = {"x2": _field("x2"), "y2": _field("y2")}


def position(name: str, low: float, high: float, axis: Row | None) -> Row:
    """The channel of a plane's direction: what is drawn from ``low`` to ``high``, with its axis or none."""
    return _field(name, "quantitative", axis=axis, scale={"domain": [low, high], "nice": False, "zero": False})


def layer(rows: str, mark: Any, encoding: Row, **more: Any) -> alt.Chart:
    """One mark for each row. The rows are JSON: Altair copies texts by reference, and lists again and again."""
    with debug_mode(False):  # Altair would check every channel here, and all of them again when the chart is shown
        data = alt.InlineData(values=rows, format={"type": "json"})
        return alt.Chart(data, mark=mark, encoding=alt.FacetedEncoding(**encoding), **more)


class Plane:
    """Where marks are drawn. Rows say how they look: no scale turns a text into a colour, and no legend is needed.

    Args:
        x: the channel of the direction across, see `position`.
        y: the channel of the direction up or down.
    """

    def __init__(self, x: Row, y: Row) -> None:
        self.x, self.y = x, y
        self.layers: list[Any] = []  # of alt.Chart
        self._numbers: dict[str, tuple[Line, Minus]] = {}
        self._below: tuple[str, float] = ("", 0.0)

    def _layer(self, rows: list[Row], mark: str, look: Row, channels: Row) -> None:
        if rows:
            encoding = {"x": self.x, "y": self.y, **channels}
            self.layers.append(layer(json.dumps(rows, ensure_ascii=False), {"type": mark, **look}, encoding))

    def lines(self, rows: list[Row]) -> None:
        """Straight lines: x, y, x2, y2, colour, dash, width."""
        looks = {channel: _LOOKS[channel] for channel in ("color", "strokeDash", "strokeWidth")}
        self._layer(rows, "rule", {"strokeCap": "butt"}, _ENDS | looks)

    def points(self, rows: list[Row]) -> None:
        """Signs: x, y, shape, colour, fill, size."""
        looks = {channel: _LOOKS[channel] for channel in ("shape", "stroke", "fill", "size")}
        self._layer(rows, "point", {"strokeWidth": 2, "opacity": 1}, looks)

    def boxes(self, rows: list[Row]) -> None:
        """Rectangles: x, y, x2, y2, fill."""
        self._layer(rows, "rect", {"stroke": GREYS[3], "strokeWidth": 1}, _ENDS | {"fill": _LOOKS["fill"]})

    def texts(self, rows: list[Row], **look: Any) -> None:
        """Lines of text: x, y, text, and colour where it is not ink."""
        rows = [{"colour": INK, **row, "text": plain(str(row["text"]))} for row in rows if row["text"] not in (None, "")]
        look = {"fontSize": 11, "baseline": "middle", **look}
        self._layer(rows, "text", look, {"text": _field("text", "nominal"), "color": _LOOKS["color"]})

    def numbers(self, direction: Literal["x", "y"], scale: Line, minus: Minus) -> None:
        """Write the ticks of a scale beside its axis: thousands separated, the minus as asked for."""
        self._numbers[direction] = scale, minus

    def name_below(self, title: str, room: float) -> None:
        """Write what stands across below the plane, so far below its edge."""
        self._below = title, room

    def chart(self, width: float, height: float, title: str = "", left: float = 0) -> alt.LayerChart:
        """The layers as one chart; its title begins ``left`` of the plane.

        Numbers of axes and titles are texts like all others: the renderer's own are measured one by one.
        """
        grey = {"colour": GREYS[0]}
        if "x" in self._numbers:
            scale, minus = self._numbers["x"]
            told = [(tick, figure(tick, minus)) for tick in scale.ticks]
            every = math.ceil(max(width_of(text) + 8 for _, text in told) * len(told) / (width + left + 20))
            rows = [{"x": scale.px(tick), "y": height + 13, "text": text, **grey} for tick, text in told[::every]]
            self._texts_at(rows, width, height, align="center")
        if "y" in self._numbers:
            scale, minus = self._numbers["y"]
            rows = [{"x": -7, "y": height - scale.px(tick), "text": figure(tick, minus), **grey} for tick in scale.ticks]
            self._texts_at(rows, width, height, align="right")
        name, room = self._below
        self._texts_at([{"x": width / 2, "y": height + room, "text": name, **grey}], width, height, align="center", fontSize=12)
        lines = wrap(title, width + left, 14) if title else []
        rows = [{"x": -left, "y": -35 - 15 * i, "text": line} for i, line in enumerate(reversed(lines))]
        self._texts_at(rows[::-1], width, height, align="left", fontSize=13, fontWeight="bold")
        chart = alt.LayerChart(width=width, height=height)
        chart.layer = self.layers  # set, not given: the constructor would copy all rows
        return chart

    def _texts_at(self, rows: list[Row], width: float, height: float, **look: Any) -> None:
        """Texts at places in px from the upper left corner."""
        (x0, x1), (y0, y1) = (channel["scale"]["domain"] for channel in (self.x, self.y))
        placed = [{**r, "x": x0 + r["x"] / width * (x1 - x0), "y": y1 + r["y"] / height * (y0 - y1)} for r in rows if r["text"]]
        self.texts(placed, **look)


def sheet(width: float, height: float) -> Plane:
    """A plane in px, y downwards."""
    return Plane(position("x", 0, width, None), position("y", height, 0, None))


def axis(scale: Line, **more: Any) -> Row:
    """An axis with its ticks, without words: see `Plane.numbers`."""
    return {"values": scale.ticks, "labels": False, "title": None, **more}


def figure(value: float, minus: Minus) -> str:
    """A number of an axis.

    >>> figure(-1234.5, "▲"), figure(0.0, "-"), figure(-0.25, "-")
    ('▲1,234.5', '0', '−0.25')
    """
    shown = f"{abs(value):,.6f}".rstrip("0").rstrip(".")
    return ("▲" if minus == "▲" else "−") + shown if value < 0 else shown


def block(lines: Sequence[str], x: float, y: float, pitch: float = 14) -> list[Row]:
    """The lines of a label around the height y (px, downwards)."""
    return [{"x": x, "y": y + (i - (len(lines) - 1) / 2) * pitch, "text": line} for i, line in enumerate(lines)]


def key_of(entries: Sequence[Row], title: str = "", left: float = 0) -> alt.LayerChart:
    """The legend: a sign (shape or box, with a symbol in it) or a line, and what it stands for, flowing over lines.

    ``left``: how far left of the plane above it begins.
    """
    width = WIDTH - 60 - left
    x, y = -left, 10.0
    lines: list[Row] = []
    points: list[Row] = []
    texts: list[Row] = []
    if title:
        texts.append({"x": x, "y": y, "text": title})
        x += width_of(title) + 14
    for entry in entries:
        label = wrap(entry["text"], width + left - 40, most=1)[0]
        if x > -left and x + 36 + width_of(label) > width:
            x, y = -left, y + 20
        if "dash" in entry:
            lines.append({"width": 2, **entry, "x": x, "y": y, "x2": x + 28, "y2": y})
        if "shape" in entry:
            points.append({**entry, "x": x + 14, "y": y, "size": entry.get("size", 80)})
        texts.append({"x": x + 34, "y": y, "text": label})
        x += 34 + width_of(label) + 18
    plane = sheet(width, y + 10)
    plane.lines([{key: row[key] for key in ("x", "y", "x2", "y2", "colour", "dash", "width")} for row in lines])
    plane.points([{key: row[key] for key in ("x", "y", "shape", "colour", "fill", "size")} for row in points])
    plane.texts(
        [{"x": r["x"], "y": r["y"], "text": r["symbol"], "colour": r["ink"]} for r in points if r.get("symbol")],
        align="center",
    )
    plane.texts(texts, align="left")
    return plane.chart(width, y + 10)


def stack(*charts: alt.LayerChart) -> Chart:
    """Charts one below the other, each with its own scales."""
    below = alt.VConcatChart(resolve={"scale": {"x": "independent", "y": "independent"}})
    below.vconcat = list(charts)  # set, not given: the constructor would copy all rows
    return below


def ink_on(fill: str) -> str:
    """The text colour with the higher contrast on a ground."""
    return max((INK, PAPER), key=lambda ink: contrast(ink, fill))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours ``#RRGGBB`` after WCAG 2, from 1 to 21.

    >>> round(contrast("#FFFFFF", "#000000")), round(contrast("#767676", "#FFFFFF"), 2)
    (21, 4.54)
    """

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)

"""Charts of rows and cells: the gap to the target, the matrix of verdicts, the heat map of coverage."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import altair as alt

from dxlib.charts.canvas import (
    BLUES,
    DASHES,
    GREYS,
    LEVELS,
    PAPER,
    SOLID,
    VERDICTS,
    WIDTH,
    Chart,
    Frame,
    Highlight,
    Line,
    Minus,
    Plane,
    Row,
    axis,
    block,
    ink_on,
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

_SIGNS: dict[str, Row] = {
    "baseline": {"shape": "circle", "size": 90},
    "latest": {"shape": "circle", "size": 130},
    "target": {"shape": "diamond", "size": 200},
}


def _left(names: Iterable[str]) -> int:
    """The room for the names of rows, in px."""
    return min(200, max(60, *(math.ceil(width_of(name)) + 18 for name in names)))


def _row_names(plane: Plane, names: Sequence[tuple[str, float]], x: float, left: float, highlight: Collection[str] = ()) -> None:
    """Names at the left of the rows (middle in px), over up to three lines."""
    rows = [(row, name in highlight) for name, y in names for row in block(wrap(name, left - 14), x, y)]
    plane.texts([row for row, strong in rows if not strong], align="left")
    plane.texts([row for row, strong in rows if strong], align="left", fontWeight="bold")


def _gap_texts(row: Row, y: float, scale: Line, missing: str) -> list[Row]:
    """The latest value above its sign; baseline and target below theirs, pushed apart."""
    texts = []
    for kinds, at in ((("latest",), y - 16), (("baseline", "target"), y + 16)):
        here = [(kind, str(row.get(f"{kind}_label") or "")) for kind in kinds if row[kind] is not None]
        widths = [width_of(label) for _, label in here]
        edge = max(widths, default=0) / 2
        places = spread([scale.px(row[kind]) for kind, _ in here], sum(widths) / 2 + 8, edge - 10, scale.length + 40 - edge)
        texts += [{"x": scale.value(px), "y": at, "text": label} for (_, label), px in zip(here, places, strict=True)]
    if all(row[kind] is None for kind in _SIGNS):
        texts.append({"x": scale.value(width_of(missing) / 2 + 4), "y": y, "text": missing, "colour": GREYS[1]})
    return texts


def _gap_panel(
    title: str, frame: Frame, axis_title: str, missing: str, highlight: Collection[str], minus: Minus, left: int
) -> alt.LayerChart:
    rows, pitch = rows_of(frame), 56.0
    scale = nice([row[kind] for row in rows for kind in _SIGNS if row[kind] is not None] or [0], WIDTH - 60 - left)
    plane = Plane(position("x", scale.low, scale.high, axis(scale)), position("y", len(rows) * pitch, 0, None))
    plane.numbers("x", scale, minus)
    plane.name_below(plain(axis_title), 27)
    lines, points, texts = [], [], []
    for i, row in enumerate(rows):
        y = (i + 0.5) * pitch
        colour = BLUES[0] if not highlight or row.get("series") in highlight or row["row"] in highlight else GREYS[1]
        for start, end, dash in (("baseline", "latest", SOLID), ("latest", "target", DASHES[0])):
            start = "baseline" if row[start] is None else start
            if row[start] is not None and row[end] is not None:
                lines.append({"x": row[start], "x2": row[end], "y": y, "y2": y, "colour": colour, "dash": dash, "width": 2})
        for kind in ("target", "baseline", "latest"):
            if row[kind] is not None:
                fill = colour if kind == "latest" else PAPER
                points.append({"x": row[kind], "y": y, "colour": colour, "fill": fill, **_SIGNS[kind]})
        texts += _gap_texts(row, y, scale, missing)
    plane.lines(lines)
    plane.points(points)
    plane.texts(texts, align="center")
    _row_names(plane, [(row["row"], (i + 0.5) * pitch) for i, row in enumerate(rows)], scale.value(-left), left, highlight)
    return plane.chart(scale.length, len(rows) * pitch, title, left)


def gap_to_target(
    frame: Frame | Sequence[tuple[str, Frame]],
    *,
    axis_title: str,
    words: Mapping[str, str],
    highlight: Highlight = None,
    minus: Minus = "-",
) -> Chart:
    """From the baseline over the latest value to the target, one row an indicator.

    Args:
        frame: columns ``row`` (its name), ``baseline``, ``latest``, ``target`` (float or null), ``baseline_label``,
            ``latest_label``, ``target_label`` (the values in words) and, if wanted, ``series``. A list of (title, frame)
            gives one panel each, because units differ.
        axis_title: below the values.
        words: ``baseline``, ``latest``, ``target`` for the legend, ``missing`` for a row without any number (``—``).
        highlight: the ``series`` or ``row`` (one name or several) in blue, the rest is grey; None: all are blue.
        minus: the sign of negative numbers on the axis.

    Raises:
        ValueError: no panel, or a panel without rows.
    """
    bright = names_of(highlight)
    several = isinstance(frame, (list, tuple)) and bool(frame) and isinstance(frame[0], tuple)
    panels = frame if several else [("", frame)]
    left = _left(str(row["row"]) for _, one in panels for row in rows_of(one))
    charts = [_gap_panel(plain(title), one, axis_title, words.get("missing", "—"), bright, minus, left) for title, one in panels]
    colour = GREYS[0] if bright else BLUES[0]
    entries = [
        {**_SIGNS[kind], "text": words[kind], "colour": colour, "fill": colour if kind == "latest" else PAPER} for kind in _SIGNS
    ]
    return stack(*charts, key_of(entries, left=left))


class _Cell(NamedTuple):
    fill: str
    symbol: str
    text: str
    missing: bool


def _grid(rows: Sequence[str], columns: Sequence[str], cells: Mapping[tuple[str, str], _Cell]) -> alt.LayerChart:
    """Cells with their symbols and texts, names of rows at the left, of columns on top."""
    left = _left(rows)
    wide = min(110.0, (WIDTH - 20 - left) / len(columns))
    tall = max([26.0, *(14.0 * len(wrap(name, left - 14)) + 10 for name in rows)])
    tall = max(tall, 40.0) if wide >= 40 and any(cell.text for cell in cells.values()) else tall
    plane = sheet(wide * len(columns), tall * len(rows))
    boxes, strokes, symbols, texts = [], [], [], []
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            cell = cells.get((row, column))
            if cell is None:
                continue
            x, y = j * wide, i * tall
            boxes.append({"x": x, "y": y, "x2": x + wide, "y2": y + tall, "fill": cell.fill})
            if cell.missing:
                strokes.append({"x": x, "y": y + tall, "x2": x + wide, "y2": y, "colour": GREYS[3], "dash": SOLID, "width": 1})
            lines = wrap(cell.text, wide - 4, most=1) if wide >= 40 and cell.text else []
            here = block([cell.symbol, *lines], x + wide / 2, y + tall / 2, 16)
            symbols.append({**here[0], "colour": ink_on(cell.fill)})
            texts += [{**line, "colour": ink_on(cell.fill)} for line in here[1:]]
    plane.boxes(boxes)
    plane.lines(strokes)
    plane.texts(symbols, align="center", fontSize=11 if wide < 30 else 14)
    plane.texts(texts, align="center")
    _row_names(plane, [(name, (i + 0.5) * tall) for i, name in enumerate(rows)], -left, left)
    _column_names(plane, columns, wide)
    return plane.chart(wide * len(columns), tall * len(rows))


def _column_names(plane: Plane, columns: Sequence[str], wide: float) -> None:
    if wide >= 60:
        lines = [(wrap(name, wide - 6), (i + 0.5) * wide) for i, name in enumerate(columns)]
        plane.texts([row for name, x in lines for row in block(name, x, -8 - 7.0 * len(name))], align="center")
    else:
        lines = [(wrap(name, 150, most=max(1, min(3, int(wide // 14)))), (i + 0.5) * wide) for i, name in enumerate(columns)]
        texts = [{"x": row["y"], "y": -6, "text": row["text"]} for name, x in lines for row in block(name, 0, x)]
        plane.texts(texts, align="left", angle=270)


def _boxed(fill: str, symbol: str, text: str) -> Row:
    text = text.removeprefix(symbol).strip()  # the word may begin with the symbol
    return {"shape": "square", "size": 400, "colour": GREYS[3], "fill": fill, "symbol": symbol, "ink": ink_on(fill), "text": text}


def verdict_matrix(frame: Frame, *, order: Sequence[str], words: Mapping[str, str]) -> Chart:
    """Which pairs may be compared: a square of symbols, ``order`` down and across.

    Args:
        frame: columns ``left``, ``right`` (names in ``order``), ``verdict`` (``direct``, ``transformed``, ``not`` or
            ``self``), ``symbol``. A pair given one way holds both ways; a pair not given stays white and empty.
        order: the names.
        words: what the verdicts are called, for the legend; the symbol at their head may be there or not.

    Raises:
        ValueError: no rows or no names.
    """
    names = [plain(name) for name in order]
    if not names:
        raise ValueError("no rows to draw")
    cells: dict[tuple[str, str], _Cell] = {}
    shown: dict[str, str] = {}
    for row in rows_of(frame):
        cell = _Cell(VERDICTS[row["verdict"]], row["symbol"], "", False)
        cells[row["left"], row["right"]] = cell
        cells.setdefault((row["right"], row["left"]), cell)
        shown[row["verdict"]] = row["symbol"]
    for name in names:
        cells.setdefault((name, name), _Cell(VERDICTS["self"], shown.setdefault("self", "－"), "", False))
    entries = [_boxed(VERDICTS[key], shown[key], words[key]) for key in VERDICTS if key in shown]
    return stack(_grid(names, names, cells), key_of(entries, left=_left(names)))


def coverage_heatmap(frame: Frame, *, order_rows: Sequence[str], order_columns: Sequence[str], words: Mapping[str, str]) -> Chart:
    """How far each row (a topic) is covered in each column (a municipality), in four steps of one hue.

    Args:
        frame: columns ``row``, ``column``, ``level`` (0 to 3, or null: unknown, struck through), ``symbol``, ``text``
            (shown where cells are wide enough). A cell not given is unknown.
        order_rows: names of the rows.
        order_columns: names of the columns; above 30 the picture goes on below.
        words: ``level0`` to ``level3`` and ``missing``, for the legend.

    Raises:
        ValueError: no rows, or no names.
    """
    rows, columns = [plain(name) for name in order_rows], [plain(name) for name in order_columns]
    if not rows or not columns:
        raise ValueError("no rows to draw")
    unknown = _Cell(GREYS[4], "—", "", True)
    cells = {(row, column): unknown for row in rows for column in columns}
    symbols: dict[int, str] = {}
    for row in rows_of(frame):
        if row["level"] is not None:
            level = int(row["level"])
            symbols[level] = row.get("symbol") or ""
            cells[row["row"], row["column"]] = _Cell(LEVELS[level], symbols[level], row.get("text") or "", False)
    bands = math.ceil(len(columns) / 30)
    size = math.ceil(len(columns) / bands)
    charts = [_grid(rows, columns[i : i + size], cells) for i in range(0, len(columns), size)]
    entries = [_boxed(LEVELS[level], symbols.get(level, ""), words[f"level{level}"]) for level in range(4)]
    return stack(*charts, key_of([*entries, _boxed(unknown.fill, unknown.symbol, words["missing"])], left=_left(rows)))

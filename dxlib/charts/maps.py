"""A map of municipalities: one hue in steps with labels, hatched where a value is missing; every prefecture true in area."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
from typing import Any

from dxlib.charts.canvas import (
    GREYS,
    INK,
    LEVELS,
    PAPER,
    SOLID,
    WIDTH,
    Chart,
    Row,
    ink_on,
    key_of,
    layer,
    plain,
    sheet,
    stack,
    width_of,
)

Point = tuple[float, float]
Ring = list[Point]
_PANELS = 6  # more prefectures than this share one map
_GAP, _HATCH = 14.0, 6.0
_NEAR = 2.5  # degrees from the middle of a prefecture; what lies further (islands) is drawn only if it is asked for
_AROUND = 0.5  # degrees around the main island of such a municipality
_LABELLED, _MANY = 40, 150


def _middle(ring: Ring) -> Point:
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _area(ring: Ring) -> float:
    return abs(sum(x * y2 - x2 * y for (x, y), (x2, y2) in itertools.pairwise(ring))) / 2


def equal_area(lon: float, lat: float, lon0: float, lat0: float) -> Point:
    """Lambert's azimuthal equal-area projection around a point, y downwards, in units of the earth's radius.

    Formula: Snyder, Map Projections, 1987, equations 24-2 to 24-4.

    >>> equal_area(139, 36, 139, 36)
    (0.0, 0.0)
    """
    phi, phi0, across = math.radians(lat), math.radians(lat0), math.radians(lon - lon0)
    k = math.sqrt(2 / (1 + math.sin(phi0) * math.sin(phi) + math.cos(phi0) * math.cos(phi) * math.cos(across)))
    down = math.cos(phi0) * math.sin(phi) - math.sin(phi0) * math.cos(phi) * math.cos(across)
    return k * math.cos(phi) * math.sin(across), 0.0 - k * down


def _weighted_middle(regions: Sequence[Row]) -> Point:
    """The middle of the land: the median by area of the polygons' middles."""
    parts = [(_middle(part[0]), _area(part[0])) for region in regions for part in region["polygons"]]
    found = []
    for axis in (0, 1):
        ordered = sorted((middle[axis], size) for middle, size in parts)
        half, total = sum(size for _, size in ordered) / 2, 0.0
        for value, size in ordered:
            total += size
            if total >= half:
                found.append(value)
                break
    return found[0], found[1]


def _largest(region: Row) -> Ring:
    border: Ring = max((part[0] for part in region["polygons"]), key=_area)
    return border


def _shown(regions: Sequence[Row]) -> list[Row]:
    """The regions near the middle, and those that are asked for wherever they lie."""
    lon0, lat0 = _weighted_middle(regions)

    def is_near(ring: Ring) -> bool:
        lon, lat = _middle(ring)
        return math.hypot((lon - lon0) * math.cos(math.radians(lat0)), lat - lat0) <= _NEAR

    kept = []
    for region in regions:
        parts = [part for part in region["polygons"] if is_near(part[0])]
        if not parts and region["kind"] != "other":  # its main island, and those around it
            lon1, lat1 = _middle(_largest(region))
            parts = [part for part in region["polygons"] if math.dist(_middle(part[0]), (lon1, lat1)) <= _AROUND]
        if parts:
            kept.append({**region, "polygons": parts})
    return kept


def _thin(ring: Ring, least: float) -> Ring:
    """A ring without points nearer than ``least`` px to the one before."""
    kept = [ring[0]]
    for point in ring[1:-1]:
        if math.hypot(point[0] - kept[-1][0], point[1] - kept[-1][1]) >= least:
            kept.append(point)
    return [*kept, ring[-1]] if len(kept) > 2 else ring


def _projected(regions: Sequence[Row], width: float, height: float) -> list[Row]:
    """The regions in px, fitted into a box of this size, in its middle."""
    points = [point for region in regions for part in region["polygons"] for point in part[0]]
    lon0, lat0 = _middle(points)
    flat = [
        {**r, "polygons": [[[equal_area(p[0], p[1], lon0, lat0) for p in ring] for ring in part] for part in r["polygons"]]}
        for r in regions
    ]
    every = [point for region in flat for part in region["polygons"] for point in part[0]]
    xs, ys = [x for x, _ in every], [y for _, y in every]
    scale = min(width / max(max(xs) - min(xs), 1e-9), height / max(max(ys) - min(ys), 1e-9))
    left = (width - scale * (max(xs) - min(xs))) / 2 - scale * min(xs)
    top = (height - scale * (max(ys) - min(ys))) / 2 - scale * min(ys)
    least = 0.6 if len(flat) > 100 else 0.2
    for region in flat:
        region["polygons"] = [
            [_thin([(round(left + scale * x, 2), round(top + scale * y, 2)) for x, y in ring], least) for ring in part]
            for part in region["polygons"]
        ]
    return flat


def _moved(regions: Sequence[Row], x0: float, y0: float) -> list[Row]:
    return [
        {**r, "polygons": [[[(round(x + x0, 2), round(y + y0, 2)) for x, y in ring] for ring in part] for part in r["polygons"]]}
        for r in regions
    ]


def hatching(rings: Sequence[Ring], pitch: float = _HATCH) -> list[tuple[float, float, float, float]]:
    """Lines at 45° inside a polygon with holes: x, y, x2, y2.

    >>> hatching([[(0, 0), (0, 10), (10, 10), (10, 0), (0, 0)]], 8)
    [(8.0, 0.0, 0.0, 8.0), (10.0, 6.0, 6.0, 10.0)]
    """
    edges = [edge for ring in rings for edge in itertools.pairwise(ring)]
    sums = [x + y for ring in rings for x, y in ring]
    lines = []
    for n in range(math.floor(min(sums) / pitch) + 1, math.ceil(max(sums) / pitch)):
        level = n * pitch
        cuts = []
        for (x, y), (x2, y2) in edges:
            one, other = x + y - level, x2 + y2 - level
            if (one < 0) != (other < 0):
                share = one / (one - other)
                cuts.append((x + share * (x2 - x), y + share * (y2 - y)))
        cuts.sort(reverse=True)
        lines += [
            (round(a, 2), round(b, 2), round(c, 2), round(d, 2)) for (a, b), (c, d) in zip(cuts[::2], cuts[1::2], strict=False)
        ]
    return lines


def _feature(region: Row, border: float) -> dict[str, Any]:
    """A region as GeoJSON in px; rings turn as planar geometry wants, and even odd windings are drawn alike."""
    is_other = region["kind"] == "other"
    fill = LEVELS[region["level"]] if region["kind"] == "value" else PAPER if region["kind"] == "missing" else GREYS[4]
    coordinates = [[[list(point) for point in ring] for ring in part] for part in region["polygons"]]
    return {
        "type": "Feature",
        "properties": {"fill": fill, "stroke": GREYS[2] if is_other else INK, "width": 0.4 if is_other else border},
        "geometry": {"type": "MultiPolygon", "coordinates": coordinates},
    }


def _labels(regions: Sequence[Row], width: float) -> list[Row]:
    """The names and values of what is asked for, beneath each other where they would overlap."""
    told = [r for r in regions if r["kind"] != "other"]
    if len(told) > _LABELLED:
        told = []
    boxes: list[tuple[float, float, float]] = []
    rows: list[Row] = []
    for region in sorted(told, key=lambda r: _middle(_largest(r))[1]):
        border = _largest(region)
        x, y = _middle(border)
        text = plain(f"{region.get('symbol', '')} {region['name']} {region.get('label', '')}".strip())
        half = width_of(text) / 2
        if 2 * half > max(px for px, _ in border) - min(px for px, _ in border):
            y = min(py for _, py in border) - 9  # above a small one, so that its fill is seen
        x = min(max(x, half), width - half)
        while any(abs(x - other) < half + wide and abs(y - at) < 14 for other, at, wide in boxes):
            y += 3
        boxes.append((x, y, half))
        rows.append({"x": x, "y": y, "text": text})
    return rows


def _panels(regions: Sequence[Row]) -> tuple[list[Row], list[Row], float]:
    """The regions in px, the names of the panels, and the height of all."""
    groups = list(dict.fromkeys(region["group"] for region in regions))
    width = WIDTH - 20.0
    by_group = [_shown([r for r in regions if r["group"] == group]) for group in groups]
    if len(groups) > _PANELS:
        return _projected([r for one in by_group for r in one], width, width * 1.05), [], width * 1.05
    across = min(len(groups), 3 if len(groups) != 4 else 2)
    wide = (width - _GAP * (across - 1)) / across
    tall = min(wide * 1.1, 420.0)
    placed: list[Row] = []
    names: list[Row] = []
    for n, one in enumerate(by_group):
        x0, y0 = (n % across) * (wide + _GAP), (n // across) * (tall + 34) + 20
        placed += _moved(_projected(one, wide, tall), x0, y0)
        names.append({"x": x0, "y": y0 - 10, "text": groups[n]})
    return placed, names, math.ceil(len(groups) / across) * (tall + 34)


def area_map(regions: Sequence[Row], *, steps: Sequence[Row], words: dict[str, str]) -> Chart:
    """Municipalities filled by steps of one hue, with name, symbol and value on them; hatched where the value is missing.

    Up to six prefectures have a panel each, in their own scale; more share one map. Each is drawn true in area around its own
    middle, so that no north or south is stretched. Far islands are drawn only if they are asked for.

    Args:
        regions: ``code``, ``name``, ``group`` (prefecture), ``polygons`` (rings of longitude and latitude), ``kind`` (``value``,
            ``missing``, ``other``: not asked for), ``level`` (0 to 3, for values), and, if wanted, ``symbol`` and ``label``.
        steps: what each level stands for: ``level``, ``text``, ``symbol``.
        words: ``missing`` and ``other``, for the legend.

    Raises:
        ValueError: no region is asked for.
    """
    if not any(region["kind"] != "other" for region in regions):
        raise ValueError("no rows to draw")
    placed, names, height = _panels(regions)
    placed.sort(key=lambda region: region["kind"] != "other")
    width = WIDTH - 20.0
    plane = sheet(width, height)
    border = 1 if sum(region["kind"] != "other" for region in placed) <= _MANY else 0.3
    features = json.dumps([_feature(region, border) for region in placed])
    channels = {"fill": ("fill", "nominal"), "stroke": ("stroke", "nominal"), "strokeWidth": ("width", "quantitative")}
    encoding = {c: {"field": f"properties.{name}", "type": kind, "scale": None} for c, (name, kind) in channels.items()}
    projection = {"type": "identity", "scale": 1, "translate": [0, 0]}
    plane.layers.append(layer(features, {"type": "geoshape"}, encoding, projection=projection))
    missing = [part for region in placed if region["kind"] == "missing" for part in region["polygons"]]
    look = {"colour": GREYS[1], "dash": SOLID, "width": 1}
    plane.lines([{"x": a, "y": b, "x2": c, "y2": d, **look} for part in missing for a, b, c, d in hatching(part)])
    labels = _labels(placed, width)
    plane.texts([{**row, "colour": PAPER} for row in labels], align="center", stroke=PAPER, strokeWidth=3)
    plane.texts(labels, align="center")
    plane.texts(names, align="left", fontWeight="bold")
    box = {"shape": "square", "size": 300, "colour": GREYS[1]}
    entries = [
        {
            **box,
            "fill": LEVELS[step["level"]],
            "text": step["text"],
            "symbol": step["symbol"],
            "ink": ink_on(LEVELS[step["level"]]),
        }
        for step in steps
    ]
    entries.append({**box, "fill": PAPER, "text": words["missing"], "symbol": "///", "ink": GREYS[1]})
    entries.append({**box, "fill": GREYS[4], "text": words["other"]})
    return stack(plane.chart(width, height), key_of(entries))

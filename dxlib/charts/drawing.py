"""A chart as SVG: without Altair's copies, without measuring each text twice, and standing alone."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import altair as alt
from altair.utils.schemapi import debug_mode

from dxlib.charts.canvas import CONFIG
from dxlib.charts.renderer import drawn

_FONTS = Path(__file__).parents[1] / "fonts"
_MARKS = re.compile(r"\bconcat_(\d+)_layer_(\d+)_marks\b")
_PLAIN = (alt.VConcatChart, alt.LayerChart, alt.Chart, alt.InlineData, alt.FacetedEncoding)
_EDGES = {"left": 0.0, "center": 0.5, "right": 1.0}
Box = tuple[float, float, float, float]
Spec = dict[str, Any]


class _NotPlain(Exception):
    """A chart that is not one of this package: Altair must say what it means."""


@cache
def advances(weight: str) -> dict[str, float]:
    """Width in em of every character of the shipped font that is not one em wide.

    Args:
        weight: ``normal`` or ``bold``.
    """
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    face = {"normal": "Regular", "bold": "Bold"}[weight]
    with TTFont(_FONTS / f"BIZUDPGothic-{face}.ttf", lazy=True) as font:
        unit, widths = font["head"].unitsPerEm, font["hmtx"].metrics
        return {chr(code): widths[name][0] / unit for code, name in font.getBestCmap().items() if widths[name][0] != unit}


def _plain(node: Any) -> Any:
    """What charts of this package hold: plain Vega-Lite in a few Altair objects, whose own way to it copies them again and again.

    Raises:
        _NotPlain: something else is in it.
    """
    if type(node) in _PLAIN and not node._args:
        node = {key: value for key, value in node._kwds.items() if value is not alt.Undefined}
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if node is not None and not isinstance(node, (str, float, int)):
        raise _NotPlain
    return node


def _box(row: Mapping[str, Any], mark: Spec, view: Spec, encoding: Spec) -> Box:
    """The box of a text in px, computed in the steps of the renderer."""
    x = _px(row["x"], encoding["x"], 0, view["width"])
    y = _px(row["y"], encoding["y"], view["height"], 0)
    size, known = mark["fontSize"], advances(mark.get("fontWeight", "normal"))
    wide = size * sum(known.get(c, 1.0) for c in row["text"])
    left, top = -_EDGES[mark["align"]] * wide, _middle(size) - math.floor(0.8 * size + 0.5)
    if mark.get("angle") == 270:
        return x + top, y - left - wide, x + top + size, y - left
    return x + left, y + top, x + left + wide, y + top + size


def _px(value: float, channel: Spec, start: float, end: float) -> float:
    low, high = map(float, channel["scale"]["domain"])
    if high < low:
        low, high, start, end = high, low, end, start
    share = (value - low) / (high - low)
    return start * (1 - share) + end * share


def _middle(size: float) -> int:
    """How far below its place the renderer sets the baseline of a text in the middle."""
    return math.floor(0.3 * size + 0.5)


def _around(boxes: Sequence[Box]) -> Spec:
    """A line without width across boxes."""
    ends = zip(("x", "y", "x2", "y2"), (min, min, max, max), zip(*boxes, strict=True), strict=True)
    encoding = {name: {"value": edge(sides)} for name, edge, sides in ends}
    return {"data": {"values": [{}]}, "mark": {"type": "rule", "opacity": 0}, "encoding": encoding}


def _measured(spec: Spec) -> dict[tuple[int, int], float | None]:
    """Set all texts to size 0 in place, and put one invisible line across the boxes of all of a view.

    The renderer takes a millisecond to measure a text, more than for all else. The widths are those of the shipped font, so
    that the picture stays the same.

    Returns:
        By view and layer: the size that its texts have; None for the line.

    Raises:
        _NotPlain: a view is not a plane of this package.
    """
    sizes: dict[tuple[int, int], float | None] = {}
    for n, view in enumerate(spec.get("vconcat", [{}])):
        boxes: list[Box] = []
        for i, layer in enumerate(view.get("layer", [{}])):
            if not isinstance(layer.get("data", {}).get("values"), str):
                raise _NotPlain
            mark = layer["mark"]
            layer["data"] = {"values": json.loads(layer["data"]["values"])}
            if mark["type"] == "text":
                boxes += [_box(row, mark, view, layer["encoding"]) for row in layer["data"]["values"]]
                sizes[n, i] = mark["fontSize"]
                mark |= {"fontSize": 0, "dy": _middle(mark["fontSize"])}
        if boxes:
            sizes[n, len(view["layer"])] = None
            view["layer"].append(_around(boxes))
    return sizes


def _grown(root: ElementTree.Element, sizes: Mapping[tuple[int, int], float | None]) -> None:
    """Give texts their size back, and take the lines across them out."""
    for parent in list(root.iter()):
        for group in list(parent):
            found = _MARKS.search(group.get("class", ""))
            place = (int(found[1]), int(found[2])) if found else (-1, -1)
            if place not in sizes:
                continue
            size = sizes[place]
            if size is None:
                parent.remove(group)
            for text in group if size else ():
                text.set("font-size", f"{size:g}px")


def _rename_ids(root: ElementTree.Element, names: Mapping[str, str]) -> None:
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, names[value])
            elif reference := re.fullmatch(r"url\(#(.+)\)", value):
                element.set(key, f"url(#{names[reference[1]]})")


def _rendered(chart: alt.TopLevelMixin) -> ElementTree.Element:
    sizes: dict[tuple[int, int], float | None] = {}
    try:
        spec = {"config": CONFIG, **_plain(chart)}
        sizes = _measured(spec)
    except _NotPlain:
        with alt.theme.enable("dxlib"), debug_mode(False):
            spec = chart.to_dict(validate=False)
    root = ElementTree.fromstring(drawn(spec))
    _grown(root, sizes)
    return root


def svg(chart: alt.TopLevelMixin) -> str:
    """A chart as SVG that stands alone: no script, no outside reference, no roles of its own; the same bytes every time.

    Its ids begin with a hash of what it shows, so that many fit on one page. It scales (``viewBox``).
    """
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    root = _rendered(chart)
    for element in root.iter():
        for name in list(element.attrib):
            if name in ("role", "tabindex", "class", "pointer-events", "cursor") or name.startswith("aria-"):
                del element.attrib[name]
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    if not ids:
        return ElementTree.tostring(root, encoding="unicode")
    _rename_ids(root, {old: str(i) for i, old in enumerate(ids)})  # vl-convert goes on counting from chart to chart
    prefix = f"c{sha256(ElementTree.tostring(root)).hexdigest()[:10]}-"
    _rename_ids(root, {str(i): f"{prefix}{i}" for i in range(len(ids))})
    return ElementTree.tostring(root, encoding="unicode")

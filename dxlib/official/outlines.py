"""Outlines of all municipalities: the TopoJSON that maps are drawn from, kept as it was downloaded in ``data/map``.

Credit that every map carries (CC BY 4.0): 国土数値情報（行政区域データ）(国土交通省) を加工して作成.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dxlib.errors import DecisionError
from dxlib.municipality import check_digit
from dxlib.official.workbook import read_bytes
from dxlib.project import Project
from dxlib.sheet import write_data

Point = tuple[float, float]
_HOW = "give ja_municipality_area.json as it was downloaded (docs/official-statistics.md)"


@dataclass(frozen=True, slots=True)
class Outline:
    """The outline of a municipality.

    Attributes:
        code: six digits.
        name: as in the file.
        prefecture: name of its prefecture.
        polygons: rings of longitude and latitude; the first of each polygon is its border, the others are holes.
    """

    code: str
    name: str
    prefecture: str
    polygons: list[list[list[Point]]]


def map_path(project: Project) -> Path:
    """Where the imported file is kept; it is not committed."""
    return project.root / "data" / "map" / "municipalities.topojson"


def import_map(project: Project, path: Path) -> tuple[Path, int]:
    """Keep a TopoJSON of municipalities, byte for byte, when every outline in it can be drawn.

    Returns:
        Where it is kept, and how many outlines it has.

    Raises:
        DecisionError: the file is no such TopoJSON, or cannot be written.
    """
    data = read_bytes(path)
    count = sum(1 for _ in _outlines(_topology(data, str(path)), None, str(path)))
    if not count:
        raise _bad("it holds no outline of a municipality", str(path))
    write_data(map_path(project), data)
    return map_path(project), count


def read_outlines(project: Project, prefectures: Collection[str]) -> list[Outline] | None:
    """The outlines of some prefectures (two digits each); None where no map was imported.

    Raises:
        DecisionError: the file is damaged.
    """
    path = map_path(project)
    if not path.exists():
        return None
    where = project.relative(path)
    return list(_outlines(_topology(read_bytes(path), where), prefectures, where))


def _bad(message: str, where: str) -> DecisionError:
    return DecisionError(message, code="import-map", where=where, hint=_HOW)


def _topology(data: bytes, where: str) -> dict[str, Any]:
    try:
        topology = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _bad(f"no JSON: {error}", where) from error
    if not isinstance(topology, dict) or topology.get("type") != "Topology" or not topology.get("objects"):
        raise _bad("no TopoJSON: a Topology with objects is expected", where)
    return topology


def _outlines(topology: Mapping[str, Any], prefectures: Collection[str] | None, where: str) -> Iterator[Outline]:
    seen: set[str] = set()
    try:
        arcs = _Arcs(topology)
        for geometry in (g for one in topology["objects"].values() for g in one.get("geometries", [])):
            properties = geometry["properties"]
            code = str(properties["lg_code"])
            if len(code) != 6 or not code.isdigit() or check_digit(code[:5]) != code[5] or code in seen:
                raise _bad(f"the code '{code}' is wrong, or stands there twice", where)
            seen.add(code)
            if prefectures is None or code[:2] in prefectures:
                parts = {"Polygon": [geometry["arcs"]], "MultiPolygon": geometry["arcs"]}[geometry["type"]]
                polygons = [[arcs.ring(ring) for ring in part] for part in parts]
                yield Outline(code, str(properties["city_name"]), str(properties["prefecture_name"]), polygons)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        if isinstance(error, DecisionError):
            raise
        raise _bad(f"it cannot be drawn: {type(error).__name__} {error}", where) from error


class _Arcs:
    """The lines of a topology, undone of their differences and whole numbers."""

    def __init__(self, topology: Mapping[str, Any]) -> None:
        self.arcs = topology["arcs"]
        transform = topology.get("transform") or {}
        self.scale: Sequence[float] | None = transform.get("scale")
        self.translate: Sequence[float] = transform.get("translate", (0.0, 0.0))
        self.made: dict[int, list[Point]] = {}

    def _arc(self, index: int) -> list[Point]:
        if index not in self.made:
            x = y = 0.0
            points: list[Point] = []
            for step_x, step_y, *_ in self.arcs[index]:
                if self.scale is None:
                    points.append((float(step_x), float(step_y)))
                    continue
                x, y = x + step_x, y + step_y
                points.append((x * self.scale[0] + self.translate[0], y * self.scale[1] + self.translate[1]))
            self.made[index] = points
        return self.made[index]

    def ring(self, indices: list[int]) -> list[Point]:
        """A closed ring; an index below 0 is the line ~index backwards."""
        points: list[Point] = []
        for index in indices:
            line = self._arc(index) if index >= 0 else self._arc(~index)[::-1]
            points += line[1:] if points else line
        if len(points) < 4 or points[0] != points[-1]:
            raise ValueError("a ring is not closed")
        if not all(math.isfinite(x) and math.isfinite(y) for x, y in points):
            raise ValueError("a point lies nowhere")
        return points

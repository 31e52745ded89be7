"""What stands on a PDF page: characters and ruled lines, as a reader sees the page (turned upright, top down)."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from dxlib.formats import limits

_THIN = 3.0  # points; a filled box as thin as this is a drawn line
_SHORT = 4.0  # points; shorter strokes are parts of signs and pictures
_FORM_DEPTH = 8
_NO_CHARACTER = frozenset((0, 0xFFFD, 0xFFFE, 0xFFFF))
# Signs of symbol fonts (Wingdings, Symbol) that begin an item, as PDFs carry them.
_BULLETS = frozenset((0xF06C, 0xF06E, 0xF075, 0xF076, 0xF077, 0xF09F, 0xF0A7, 0xF0A8, 0xF0B7, 0xF0D8))
# Radicals that fonts give in place of the letters that look the same, and that NFKC leaves.
_RADICALS = str.maketrans(
    "⺟⺠⺩⻁⻄⻅⻆⻉⻌⻑⻒⻘⻝⻤⻨⻩⻫⻭⻯⻲⺇⺊⺒⺓⺝⺼⻖⻗⻪⻬⻰",
    "母民王虎西見角刂辶長镸青食鬼麦黄斉歯竜亀几卜巳幺月月阝雨長斉竜",
)

Point = tuple[float, float]


class Glyph(NamedTuple):
    """One character; ``top`` is above ``bottom`` and the smaller number. ``order`` is its place in the file."""

    char: str
    x0: float
    top: float
    x1: float
    bottom: float
    order: int

    @property
    def height(self) -> float:
        """Height of its box, about the font size."""
        return self.bottom - self.top


class Box(NamedTuple):
    """A filled rectangle without an outline."""

    x0: float
    top: float
    x1: float
    bottom: float


class Rule(NamedTuple):
    """A horizontal or vertical line: ``at`` is its y or x, ``start`` to ``end`` its reach."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class PageContent:
    """Characters and lines of one page.

    Attributes:
        boxes: filled rectangles: a table may be made of them, with gaps for rules.
        unmapped: characters whose meaning the file does not tell.
        pictures: share of the page that its largest picture covers.
    """

    glyphs: list[Glyph] = field(default_factory=list)
    horizontal: list[Rule] = field(default_factory=list)
    vertical: list[Rule] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    unmapped: int = 0
    pictures: float = 0.0


def content(raw: Any, page: Any) -> PageContent:
    """Read one loaded page.

    Args:
        raw: the functions of PDFium.
        page: an open page.
    """
    found = PageContent()
    text = raw.FPDFText_LoadPage(page)
    try:
        turn = _turn(raw, page, text)
        found.glyphs = list(_glyphs(raw, text, turn, found))
    finally:
        raw.FPDFText_ClosePage(text)
    _Drawing(raw, page, turn, found).walk()
    return found


def _turned(x: float, y: float, quarter: int) -> Point:
    return ((x, -y), (y, x), (-x, y), (-y, -x))[quarter]


def _turn(raw: Any, page: Any, text: Any) -> Callable[[float, float], Point]:
    """How to turn the page upright: as most of its characters stand, or as the page says where it has none."""
    count = raw.FPDFText_CountChars(text)
    step = max(1, count // 300)
    angles = Counter(
        round(raw.FPDFText_GetCharAngle(text, n) / (math.pi / 2)) % 4
        for n in range(0, max(count, 0), step)
        if not raw.FPDFText_IsGenerated(text, n)
    )
    own = raw.FPDFPage_GetRotation(page)
    stands = angles.most_common(1)[0] if angles else (0, 0)
    # An angle of three quarters is text that runs up the page: a page turned by one quarter.
    quarter = (4 - stands[0]) % 4 if stands[1] * 3 > 2 * sum(angles.values()) else own
    return lambda x, y: _turned(x, y, quarter)


def _glyphs(raw: Any, text: Any, turn: Callable[[float, float], Point], found: PageContent) -> Iterator[Glyph]:
    box = raw.FS_RECTF()
    reference = ctypes.byref(box)
    high = 0
    for n in range(raw.FPDFText_CountChars(text)):
        code = raw.FPDFText_GetUnicode(text, n)
        if code in (10, 13) or raw.FPDFText_IsGenerated(text, n) == 1:
            continue
        if 0xD800 <= code < 0xDC00:  # half a character, where PDFium speaks UTF-16
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:
            code, high = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00), 0
        if not raw.FPDFText_GetLooseCharBox(text, n, reference):
            continue
        char = _character(raw, text, n, code, found)
        ax, ay = turn(box.left, box.bottom)
        bx, by = turn(box.right, box.top)
        yield Glyph(char, min(ax, bx), min(ay, by), max(ax, bx), max(ay, by), n)


def _character(raw: Any, text: Any, n: int, code: int, found: PageContent) -> str:
    if code in _BULLETS:
        return "・"
    if code == 2:  # PDFium's sign for a hyphen at the end of a line
        return "-"
    private = 0xE000 <= code < 0xF900 or code >= 0xF0000
    half = 0xD800 <= code < 0xE000  # of a character whose other half is missing
    if code in _NO_CHARACTER or private or half or code < 32 or raw.FPDFText_HasUnicodeMapError(text, n) == 1:
        if code != 9:
            found.unmapped += 1
            return "\ufffd" if not private else chr(code)
        return " "
    return chr(code).translate(_RADICALS)


class _Drawing:
    """Walks over the drawn objects of a page, those in form XObjects included."""

    def __init__(self, raw: Any, page: Any, turn: Callable[[float, float], Point], found: PageContent) -> None:
        self._raw, self._page, self._turn, self._found = raw, page, turn, found
        self._left = limits.MAX_PAGE_OBJECTS
        self._dots: list[Point] = []
        self._area = max(raw.FPDF_GetPageWidthF(page) * raw.FPDF_GetPageHeightF(page), 1.0)
        self._x, self._y = ctypes.c_float(), ctypes.c_float()

    def walk(self) -> None:
        """Gather the rules; a page with more objects than are looked through is a drawing, whose lines are no table."""
        count = self._raw.FPDFPage_CountObjects(self._page)
        for n in range(count):
            self._object(self._raw.FPDFPage_GetObject(self._page, n), (1, 0, 0, 1, 0, 0), 0)
        if self._left <= 0:
            self._found.horizontal, self._found.vertical = [], []
            return
        self._found.horizontal += _dotted([(y, x) for x, y in self._dots])
        self._found.vertical += _dotted(self._dots)

    def _object(self, obj: Any, outer: tuple[float, ...], depth: int) -> None:
        self._left -= 1
        if self._left <= 0 or depth > _FORM_DEPTH:
            return
        raw = self._raw
        kind = raw.FPDFPageObj_GetType(obj)
        if kind == raw.FPDF_PAGEOBJ_PATH:
            self._path(obj, self._matrix(obj, outer))
        elif kind == raw.FPDF_PAGEOBJ_FORM:
            inner = self._matrix(obj, outer)
            for n in range(raw.FPDFFormObj_CountObjects(obj)):
                self._object(raw.FPDFFormObj_GetObject(obj, n), inner, depth + 1)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            a, b, c, d, *_ = self._matrix(obj, outer)
            self._found.pictures = max(self._found.pictures, min(1.0, abs(a * d - b * c) / self._area))

    def _matrix(self, obj: Any, outer: tuple[float, ...]) -> tuple[float, ...]:
        own = self._raw.FS_MATRIX()
        if not self._raw.FPDFPageObj_GetMatrix(obj, ctypes.byref(own)):
            return outer
        a, b, c, d, e, f = own.a, own.b, own.c, own.d, own.e, own.f
        oa, ob, oc, od, oe, of = outer
        return (
            a * oa + b * oc,
            a * ob + b * od,
            c * oa + d * oc,
            c * ob + d * od,
            e * oa + f * oc + oe,
            e * ob + f * od + of,
        )

    def _path(self, obj: Any, matrix: tuple[float, ...]) -> None:
        raw = self._raw
        filled, stroked = ctypes.c_int(), ctypes.c_int()
        if not raw.FPDFPath_GetDrawMode(obj, ctypes.byref(filled), ctypes.byref(stroked)):
            return
        if not (filled.value or stroked.value):
            return
        count = raw.FPDFPath_CountSegments(obj)
        self._left -= count
        if self._left <= 0:
            return
        for points in self._outlines(obj, count, matrix):
            self._outline(points, bool(stroked.value), bool(filled.value))

    def _outlines(self, obj: Any, count: int, matrix: tuple[float, ...]) -> Iterator[list[Point]]:
        """The straight parts of a path, turned upright; a curve ends a part."""
        raw, points = self._raw, []
        a, b, c, d, e, f = matrix
        for n in range(count):
            segment = raw.FPDFPath_GetPathSegment(obj, n)
            raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(self._x), ctypes.byref(self._y))
            x, y = self._x.value, self._y.value
            point = self._turn(a * x + c * y + e, b * x + d * y + f)
            kind = raw.FPDFPathSegment_GetType(segment)
            if kind == raw.FPDF_SEGMENT_LINETO:
                points.append(point)
                if raw.FPDFPathSegment_GetClose(segment):
                    points.append(points[0])
            else:
                if len(points) > 1:
                    yield points
                points = [point]
        if len(points) > 1:
            yield points

    def _outline(self, points: list[Point], stroked: bool, filled: bool) -> None:
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        width, height = max(xs) - min(xs), max(ys) - min(ys)
        if min(width, height) <= _THIN:
            middle_x, middle_y = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
            if width > height and width >= _SHORT:
                self._found.horizontal.append(Rule(middle_y, min(xs), max(xs)))
            elif height > width and height >= _SHORT:
                self._found.vertical.append(Rule(middle_x, min(ys), max(ys)))
            elif filled and max(width, height) <= _THIN:
                self._dots.append((middle_x, middle_y))
            return
        if not stroked:
            corners = all(min(x - min(xs), max(xs) - x) < 1 and min(y - min(ys), max(ys) - y) < 1 for x, y in points)
            if corners and width * height < 0.5 * self._area:
                self._found.boxes.append(Box(min(xs), min(ys), max(xs), max(ys)))
            return
        for (ax, ay), (bx, by) in pairwise(points):
            if abs(ay - by) <= 1 and abs(ax - bx) >= _SHORT:
                self._found.horizontal.append(Rule((ay + by) / 2, min(ax, bx), max(ax, bx)))
            elif abs(ax - bx) <= 1 and abs(ay - by) >= _SHORT:
                self._found.vertical.append(Rule((ax + bx) / 2, min(ay, by), max(ay, by)))


def _dotted(dots: list[Point]) -> list[Rule]:
    """Rules drawn as dots: six or more on one line, near each other. Dots are (place across, place along)."""
    found: list[Rule] = []
    run: list[Point] = []
    for dot in [*sorted((round(across, 1), along) for across, along in dots), (math.inf, math.inf)]:
        if run and (dot[0] - run[-1][0] > 0.3 or not 0 <= dot[1] - run[-1][1] <= _SHORT):
            if len(run) >= 6:
                found.append(Rule(run[0][0], run[0][1], run[-1][1]))
            run = []
        run.append(dot)
    return found

"""What the shipped font can show and how wide it sets it: printable texts and columns of tables for the PDF."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import permutations
from math import ceil

from dxlib.blocks import Cell, Span

BREAK = "\x1f"
INSET = 0.8
_SPACES = {"\n": "\n", "\t": "    ", "\r": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"}
# A run that Typst may keep on one line: anything but spaces, kanji, kana and Japanese punctuation, or much of the last.
_MARKS = "、。，．・：；？！ー…（）「」『』【】〔〕｜／"
_STIFF = re.compile(rf"[^ \n\x1f\u3000\u3041-\u3096\u30a1-\u30fa\u3400-\u9fff{_MARKS}]{{2,}}|[{_MARKS}]{{4,}}")
# Typst sets a quarter em between Japanese and Latin characters.
_SCRIPTS = re.compile(r"[\u3041-\u30ff\u3400-\u9fff](?=[0-9A-Za-z])|[0-9A-Za-z](?=[\u3041-\u30ff\u3400-\u9fff])")
_GAP, _BOLD, _SLACK = 0.25, 1.04, 0.4
_NARROWEST, _WORD, _LONGEST = 6.0, 12.0, 120.0
_SMALLEST = 0.6
_SAMPLE, _STEPS, _ROUNDS = 40, (1.0, 2.0, 4.0, 8.0), 30


@cache
def _advances() -> dict[int, float]:
    """Width in em of every character that the shipped font can show."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    with files("dxlib").joinpath("fonts/BIZUDPGothic-Regular.ttf").open("rb") as file:
        font = TTFont(file, lazy=True)
        unit, widths = font["head"].unitsPerEm, font["hmtx"].metrics
        return {code: widths[name][0] / unit for code, name in font.getBestCmap().items()}


class _Glyphs(dict[int, str]):
    """A translation that keeps what the font can show and puts a mark, its code point filled in, for everything else."""

    def __init__(self, mark: str) -> None:
        super().__init__()
        self._mark = mark

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        shown = self._mark.format(code)
        if char in _SPACES:
            shown = _SPACES[char]
        elif code in _advances() and category[0] != "C":
            shown = char
        elif category == "Zs":
            shown = " "
        return self.setdefault(code, shown)


_glyphs = _Glyphs("〔U+{:04X}〕")
_glyphs_of_pictures = _Glyphs("〓")


def printable(text: str) -> str:
    r"""A text with a visible code point for every character the shipped font lacks and every invisible control.

    >>> printable("令和\u200b8年\t🙂")
    '令和〔U+200B〕8年    〔U+1F642〕'
    """
    return text.replace("\r\n", "\n").translate(_glyphs)


def printable_svg(svg: str) -> str:
    """An SVG with the printers' 〓 for what `printable` names: a label of a picture must keep its length.

    >>> printable_svg("<text>🙂&#x1F642;&amp;</text>")
    '<text>〓〓&amp;</text>'
    """

    def reference(match: re.Match[str]) -> str:
        code = int(match[1][1:], 16) if match[1][0] == "x" else int(match[1])
        shown = chr(code).translate(_glyphs_of_pictures) if code <= 0x10FFFF else ""
        return shown if shown == "〓" else match[0]

    return re.sub(r"&#(x[0-9a-fA-F]{1,8}|\d{1,8});", reference, svg).translate(_glyphs_of_pictures)


def _width(text: str) -> float:
    known = _advances()
    return sum(known.get(ord(char), 1.0) for char in text) * _BOLD + _GAP * len(_SCRIPTS.findall(text))


def loosen(text: str, room: float) -> str:
    """A printable text with a `BREAK` between all characters of a run wider than ``room`` em, such as a long address."""
    return _STIFF.sub(lambda run: BREAK.join(run[0]) if _width(run[0]) > room else run[0], printable(text))


class Column:
    """The widths in em that the cells of a column have, want and need.

    Args:
        cells: the cells, the header first.
    """

    def __init__(self, cells: Sequence[Cell]) -> None:
        lines = [[printed for line in cell.lines for printed in _printed(line)] for cell in cells]
        self._cells = [[width for _, width in cell] for cell in lines]
        self._heights: dict[float, list[int]] = {}
        longest = max((width for cell in self._cells for width in cell), default=1.0)
        words = (_width(run[0]) + _SLACK for cell in lines for text, _ in cell for run in _STIFF.finditer(text))
        self.least = min(max([_NARROWEST, *words]), _WORD, longest) + INSET
        self.wished = min(longest, _LONGEST) + INSET

    def heights(self, width: float) -> list[int]:
        """About how many printed lines each cell takes in a column of this width."""
        if width not in self._heights:
            room = max(width - INSET, 1.0)
            self._heights[width] = [sum(ceil(line / room) for line in cell) for cell in self._cells]
        return self._heights[width]


def _printed(line: Sequence[Span]) -> Iterator[tuple[str, float]]:
    """The printed lines of one line of a cell with their widths, raised numbers included."""
    raised = sum(1.2 * bool(span.cites) + 0.7 * _width(span.mark or "") for span in line)
    for text in printable("".join(span.text for span in line)).split("\n"):
        yield text, _width(text) + raised + _SLACK


def column_widths(columns: Sequence[Column], room: float) -> tuple[list[float], float]:
    """Widths of columns in em, together at most ``room``, and the factor by which the type must shrink to reach that.

    Columns that wish for little get it; those that wish for much share what is left so that the table becomes short.
    """
    least = sum(column.least for column in columns)
    if least > room:
        shrink = max(room / least, _SMALLEST)
        return [column.least / least * room / shrink for column in columns], shrink
    left, widths = room - least, [column.least for column in columns]
    modest = sorted(range(len(columns)), key=lambda n: columns[n].wished - columns[n].least)
    for done, n in enumerate(modest):
        given = min(columns[n].wished - widths[n], left / (len(columns) - done))
        left, widths[n] = left - given, widths[n] + given
    return _shortest(columns, widths) if left < 0.01 else widths, 1.0


def _shortest(columns: Sequence[Column], widths: list[float]) -> list[float]:
    """Move width between columns as long as that saves lines."""

    def lines(tried: Sequence[float]) -> tuple[int, int]:
        heights = [column.heights(width)[:_SAMPLE] for column, width in zip(columns, tried, strict=True)]
        return sum(map(max, zip(*heights, strict=True))), sum(height**2 for column in heights for height in column)

    best = lines(widths)
    for _ in range(_ROUNDS):
        moves = [_moved(widths, *pair, step) for pair in permutations(range(len(widths)), 2) for step in _STEPS]
        valid = [move for move in moves if all(w >= c.least - 0.01 for w, c in zip(move, columns, strict=True))]
        found, tried = min(((lines(move), move) for move in valid), default=(best, widths))
        if found >= best:
            break
        best, widths = found, tried
    return widths


def _moved(widths: Sequence[float], giver: int, taker: int, step: float) -> list[float]:
    """The widths after one column gave another some of its own."""
    moved = list(widths)
    moved[giver], moved[taker] = round(moved[giver] - step, 3), round(moved[taker] + step, 3)
    return moved

"""Characters of a PDF page as lines of text, in the order in which they are read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from dxlib.formats.glyphs import Glyph
from dxlib.printed import one_line, superscript, wrapped

_APART = 1.6  # of the height; a gap this wide parts two pieces of a line
# Of the height; a gap this wide is a space: between two Latin letters or digits, between one of them and a Japanese letter
# (where programs leave a quarter of their own accord), and between two Japanese letters; where a line is justified, on top
# of the usual gap in it.
_SPACES = (0.45, 0.35, 0.15)
_ANY_SPACE = 0.18  # where the file leaves gaps for all of its spaces
_RAISED = 0.9  # of the line's height; smaller characters that stand higher are raised
_PROSE = 9  # characters a line has at least where a page is set in columns
_COLUMN_LINES = 4
_MOST_LINES = 1_000  # of a page that is searched for columns
_FULL = 15  # characters a line has at least that goes on in the next
_LONG = 28  # characters of a line that shows the margin by itself
_CONTENTS = re.compile(r"[…‥]{2}|\.{4}|・{4}|(?:[.…] ){4}")
_ITEM = re.compile(
    r"[・●○◯■□◆◇▶▷※→⇒◎△▲×✓①-⑳㉑-㉚【《〈-]|第[0-9０-９一二三四五六七八九十]+|[(（][0-9０-９ア-ンa-z]{1,2}[)）]"
    r"|[0-9０-９]{1,2}[.．)） ]|注[0-9０-９:： )）]|[ア-コ] "
)
_NOTE_MARK = re.compile(r"[0-9a-zA-Z※*＊()（）,]")
_LATIN = re.compile(r"[!-~]")
_SINGLE = re.compile(r"(?:[ぁ-んァ-ヶー一-鿿](?: |$)){2,}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text on one line, with its box; or a table that stands there, by its number on the page."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float = 0.0  # height of most of its characters
    table: int | None = None


def _overlap(a: Glyph | Piece, top: float, bottom: float) -> float:
    """Share of the lower of two heights that both cover."""
    least = min(a.bottom - a.top, bottom - top) or 1.0
    return (min(a.bottom, bottom) - max(a.top, top)) / least


def _vertical_runs(glyphs: Sequence[Glyph]) -> tuple[list[list[Glyph]], list[Glyph]]:
    """Characters that follow each other downwards or upwards in the file, three or more, and the rest."""
    runs: list[list[Glyph]] = []
    rest: list[Glyph] = []
    run: list[Glyph] = []

    def end() -> None:
        shown = [g for g in run if not g.char.isspace()]
        if len(shown) >= 3:
            runs.append(list(run))
        else:
            rest.extend(run)
        run.clear()

    for glyph in sorted(glyphs, key=lambda g: g.order):
        if run and not _follows(run, glyph):
            end()
        run.append(glyph)
    end()
    return runs, rest


def _follows(run: list[Glyph], glyph: Glyph) -> bool:
    last = run[-1]
    height = max(last.height, glyph.height, last.x1 - last.x0, glyph.x1 - glyph.x0)
    step = (glyph.top + glyph.bottom - last.top - last.bottom) / 2
    beside = abs(glyph.x0 + glyph.x1 - last.x0 - last.x1) / 2
    if beside > 0.35 * height or not 0.2 * height <= abs(step) <= 1.45 * height or glyph.order - last.order > 3:
        return False
    if len(run) == 1:
        return True
    return (step > 0) == (last.top > run[-2].top)


def pieces(glyphs: Iterable[Glyph], *, spaced: bool) -> list[list[Piece]]:
    """Lines from top to bottom, each as its pieces from left to right; upright runs are lines of their own.

    Args:
        glyphs: characters of a page or cell.
        spaced: whether spaces are characters in this file; where they are not, each small gap is one.
    """
    runs, rest = _vertical_runs([g for g in glyphs if g.bottom > g.top])
    lines: list[list[Glyph]] = []
    box: list[tuple[float, float]] = []
    for glyph in sorted(rest, key=lambda g: ((g.top + g.bottom) / 2, g.x0)):
        # Lines that may still grow are the last few: the centres come in order.
        at = next((n for n in range(len(lines) - 1, max(-1, len(lines) - 4), -1) if _overlap(glyph, *box[n]) >= 0.5), None)
        if at is None:
            lines.append([glyph])
            box.append((glyph.top, glyph.bottom))
        else:
            lines[at].append(glyph)
            if glyph.height > 1.2 * (box[at][1] - box[at][0]):
                box[at] = (glyph.top, glyph.bottom)
    found = [parts for line in lines if (parts := _parts(sorted(line, key=lambda g: (g.x0, g.order)), spaced))]
    for run in sorted(runs, key=lambda run: -run[0].x0):
        text = one_line("".join(g.char for g in run))
        found.append([Piece(text, *_box(run), size=median(g.x1 - g.x0 for g in run))])
    return sorted(found, key=lambda line: line[0].top)


def _box(glyphs: Sequence[Glyph]) -> tuple[float, float, float, float]:
    return (
        min(g.x0 for g in glyphs),
        min(g.top for g in glyphs),
        max(g.x1 for g in glyphs),
        max(g.bottom for g in glyphs),
    )


def _parts(line: list[Glyph], spaced: bool) -> list[Piece]:
    while line and line[0].char.isspace():
        line = line[1:]
    parts: list[list[Glyph]] = []
    edge = -math.inf
    for glyph in line:
        if parts and glyph.x0 - edge <= _APART * glyph.height:
            parts[-1].append(glyph)
        else:
            parts.append([glyph])
        if not glyph.char.isspace() or glyph.x0 <= edge + 0.1:
            edge = max(edge, glyph.x1)
    found = []
    for part in parts:
        text, inked = _text(part, spaced), [g for g in part if not g.char.isspace()]
        if text and inked:
            found.append(Piece(text, *_box(inked), size=median(g.height for g in inked)))
    return found


def _text(glyphs: Sequence[Glyph], spaced: bool) -> str:
    """Characters of one line with spaces where they stand apart; a character printed twice at one place counts once."""
    height = max(g.height for g in glyphs)
    base = max((g for g in glyphs if g.height >= 0.95 * height), key=lambda g: g.bottom)
    gaps = [b.x0 - a.x1 for a, b in pairwise(glyphs) if not (a.char + b.char).isascii()]
    usual = min(max(median(gaps), 0.0), 0.5 * height) if len(gaps) > 4 else 0.0
    text, raised = "", ""
    last: Glyph | None = None
    wide = 0
    for glyph in glyphs:
        if last is not None and glyph.char == last.char and abs(glyph.x0 - last.x0) < 0.25 * height and not glyph.char.isspace():
            continue
        if glyph.height < _RAISED * height and glyph.bottom < base.bottom - 0.2 * height and _NOTE_MARK.match(glyph.char):
            raised += glyph.char
            last = glyph
            continue
        if raised:
            text, raised = text + superscript(text, raised), ""
        if last is not None and not glyph.char.isspace() and not last.char.isspace():
            gap = glyph.x0 - last.x1
            latin = bool(_LATIN.match(glyph.char)) + bool(_LATIN.match(last.char))
            least = _SPACES[latin] if spaced else min(_SPACES[latin], _ANY_SPACE)
            if gap > least * height + (usual if latin < 2 else 0.0):
                text += " "
                wide += 1
        text += glyph.char
        last = glyph
    text += superscript(text, raised) if raised else ""
    line = one_line(text)
    # A label spread over its cell (指 標 名) is one word; spaces that the file itself holds stay.
    return line.replace(" ", "") if wide and _SINGLE.fullmatch(line) else line


def cell_text(glyphs: Sequence[Glyph], width: float, *, spaced: bool) -> str:
    """The text of a table cell as one line.

    Args:
        glyphs: its characters.
        width: of the cell; a line that leaves room for another character ends with a break that was meant.
        spaced: as for `pieces`.
    """
    lines = pieces(glyphs, spaced=spaced)
    if not lines:
        return ""
    if all(len(piece.text) > 1 and piece.bottom - piece.top > 2.5 * (piece.x1 - piece.x0) for line in lines for piece in line):
        lines = sorted(lines, key=lambda line: -line[0].x0)  # vertical writing goes from right to left
    joined = ""
    room = 0.0
    for line in lines:
        text = " ".join(piece.text for piece in line)
        full = bool(joined) and room < 1.2 * line[0].size
        joined = _continued(joined, text) if full else wrapped([joined, text])
        room = width - (line[-1].x1 - line[0].x0) - 0.8 * line[0].size
    return joined


def _continued(before: str, after: str) -> str:
    """Two lines of which the first was full: the break is none of the text's own, unless a Latin word or a number ends there."""
    if _LATIN.match(before[-1]) and not _LATIN.match(after[0]) and not before[-1].isdigit():
        return before + after
    return wrapped([before, after])


def paragraphs(lines: Sequence[list[Piece]]) -> list[list[Piece]]:
    """Lines in reading order, those that go on in the next one joined: full ones, set like what follows."""
    margins = _margins(lines)
    found: list[list[Piece]] = []
    last: Piece | None = None  # the line above, where it may go on
    for line, margin in zip(lines, margins, strict=True):
        piece = line[0] if len(line) == 1 and line[0].table is None else None
        if piece is not None and last is not None and _goes_on(found[-1][0], last, piece):
            whole = found[-1][0]
            text = _continued(whole.text, piece.text)
            found[-1] = [Piece(text, min(whole.x0, piece.x0), whole.top, max(whole.x1, piece.x1), piece.bottom, whole.size)]
        else:
            found.append(line)
        last = piece if piece is not None and _is_full(piece, margin) else None
    return found


def _is_full(piece: Piece, margin: float) -> bool:
    """Whether a line ends at the margin, and neither with its sentence nor with the page number of a table of contents."""
    return margin - piece.x1 < 1.3 * piece.size and not piece.text.endswith(("。", ".")) and not _CONTENTS.search(piece.text)


def _margins(lines: Sequence[Sequence[Piece]]) -> list[float]:
    """Where the lines that begin near the same place end; infinite where too few end there to tell."""
    ends: dict[int, list[Piece]] = {}
    for line in lines:
        for near in (-1, 0, 1):
            ends.setdefault(round(line[0].x0 / 36) + near, []).append(line[-1])
    return [_margin([piece for piece in ends[round(line[0].x0 / 36)] if piece.table is None]) for line in lines]


def _margin(last: Sequence[Piece]) -> float:
    if not last:
        return math.inf
    margin = max(piece.x1 for piece in last)
    there = [piece for piece in last if margin - piece.x1 < 1.3 * piece.size]
    return margin if len(there) >= 3 or any(len(piece.text) >= _LONG for piece in there) else math.inf


def _goes_on(whole: Piece, last: Piece, piece: Piece) -> bool:
    """Whether a line is the rest of the full one above it."""
    height = last.size
    if len(last.text) < _FULL or abs(piece.size - height) > 0.15 * height or _ITEM.match(piece.text):
        return False
    if not 0 < piece.top - last.top < 2.4 * height:
        return False
    return -1.6 * height < piece.x0 - whole.x0 < 3.2 * height


def reading_order(lines: list[list[Piece]]) -> list[list[list[Piece]]]:
    """Lines of a page in the order in which they are read, in regions: two columns of prose come one after the other."""
    if not _COLUMN_LINES <= len(lines) <= _MOST_LINES:
        return [lines]
    best: tuple[int, int, float] | None = None
    for at in _gutters(lines):
        for begin, end in _runs(lines, at):
            begin, end = _without_lead(lines, begin, end, at), _without_rest(lines, begin, end, at)
            if _is_column_set(lines[begin:end], at) and (best is None or end - begin > best[1] - best[0]):
                best = begin, end, at
    if best is None:
        return [lines]
    begin, end, at = best
    left = [part for line in lines[begin:end] if (part := [p for p in line if p.x1 <= at])]
    right = [part for line in lines[begin:end] if (part := [p for p in line if p.x0 >= at])]
    return [*reading_order(lines[:begin]), *reading_order(left), *reading_order(right), *reading_order(lines[end:])]


def _gutters(lines: Sequence[Sequence[Piece]]) -> list[float]:
    """Left of where several lines begin, the leftmost such place excepted."""
    starts = sorted(piece.x0 for line in lines for piece in line)
    groups: list[list[float]] = []
    for at in starts:
        if groups and at - groups[-1][0] <= 15:
            groups[-1].append(at)
        else:
            groups.append([at])
    return [group[0] - 2 for group in groups[1:] if len(group) >= 3]


def _runs(lines: Sequence[Sequence[Piece]], at: float) -> list[tuple[int, int]]:
    """Consecutive lines that leave the position free."""
    runs: list[tuple[int, int]] = []
    begin: int | None = None
    for n, line in enumerate(lines):
        crossed = any(piece.x0 < at < piece.x1 for piece in line)
        far = n > 0 and line[0].top - lines[n - 1][0].bottom > 3.5 * line[0].size > 0
        if begin is not None and (crossed or far):
            runs.append((begin, n))
            begin = None
        if begin is None and not crossed:
            begin = n
    if begin is not None:
        runs.append((begin, len(lines)))
    return runs


def _without_lead(lines: Sequence[Sequence[Piece]], begin: int, end: int, at: float) -> int:
    """The beginning of a run without what stands above the columns: the end of a paragraph, set off from them."""
    usual = median(piece.size for line in lines[begin:end] for piece in line)
    first, bottom = begin, math.inf
    for n in range(begin, end):
        if lines[n][0].top - bottom > 0.5 * usual:
            first = n
        if any(piece.x0 >= at for piece in lines[n]):
            break
        below = max(piece.bottom for piece in lines[n])
        bottom = below if n == begin else max(bottom, below)
    return first


def _without_rest(lines: Sequence[Sequence[Piece]], begin: int, end: int, at: float) -> int:
    """The end of a run without what follows below the columns: other type, or a space above, on one side only."""
    usual = median(piece.size for line in lines[begin:end] for piece in line)
    for n in range(begin + 1, end):
        rest = [piece for line in lines[n:end] for piece in line]
        one_sided = all(p.x1 <= at for p in rest) or all(p.x0 >= at for p in rest)
        if one_sided:
            above = max(piece.bottom for line in lines[begin:n] for piece in line)
            if lines[n][0].top - above > 0.9 * usual or abs(lines[n][0].size - usual) > 0.15 * usual:
                return n
    return end


def _is_column_set(lines: Sequence[Sequence[Piece]], at: float) -> bool:
    """Prose on both sides: long lines, several of them; not labels with their values."""
    for side in (
        [[p for p in line if p.x1 <= at] for line in lines],
        [[p for p in line if p.x0 >= at] for line in lines],
    ):
        lengths = [sum(len(piece.text) + 40 * (piece.table is not None) for piece in line) for line in side if line]
        if len(lengths) < _COLUMN_LINES or median(lengths) < _PROSE:
            return False
    return True

"""A plan's file as lines and tables, each with its position in the raw file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dxlib.formats import plain, read
from dxlib.printed import Place, Printed
from dxlib.text import Text, cells, repair

_PIPES = 2  # bars with white space around that make a line a row
_HEADING = re.compile(r"^(#{1,6})\s+")
_BULLET = re.compile(r"^(?:[-*・✓]\s+)+|^[・✓]\s*")
_PAGE_MARK = re.compile(r"^\s*[-‐–—―－]\s*\d{1,3}\s*[-‐–—―－]\s*$")  # - 5 -: the number of a page
_RULE = re.compile(r"^[\s|:\-–—─=]*$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of running text. ``number`` counts from 1 in the raw file."""

    number: int
    text: Text
    heading: int = 0

    @property
    def clean(self) -> str:
        """The repaired text without heading marks or bullets."""
        return self.text.clean


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; empty cells keep their place.

    ``left`` and ``above`` are the empty positions that a merged cell covers, where the format tells.
    """

    number: int
    cells: tuple[Text, ...]
    left: frozenset[int] = frozenset()
    above: frozenset[int] = frozenset()

    def filled(self) -> list[Text]:
        """The cells that hold something."""
        return [cell for cell in self.cells if cell]


@dataclass(frozen=True, slots=True)
class Table:
    """Consecutive rows."""

    rows: tuple[Row, ...]

    @property
    def number(self) -> int:
        """The raw line of the first row."""
        return self.rows[0].number


Block = Line | Table


@dataclass(frozen=True, slots=True)
class Document:
    """A decoded file: raw lines, and the blocks found in them.

    Attributes:
        name: how messages call it.
        sha256: of the file's bytes.
        encoding: what it was decoded from (``utf-8``, ``utf-16``, ``cp932``), or ``pdf``, ``docx``, ``xlsx``.
        raw: the raw lines, without their line ends; of a PDF, DOCX, XLSX or HTML file the lines of its text.
        blocks: lines and tables in reading order, blank lines left out.
        places: page or sheet of each raw line; empty for a file that is text itself.
    """

    name: str
    sha256: str
    encoding: str
    raw: tuple[str, ...]
    blocks: tuple[Block, ...]
    places: tuple[Place, ...] = ()

    def lines(self) -> list[Line]:
        """The lines outside tables."""
        return [block for block in self.blocks if isinstance(block, Line)]

    def tables(self) -> list[Table]:
        """The tables."""
        return [block for block in self.blocks if isinstance(block, Table)]


def _row(number: int, printed: Printed) -> Row | None:
    raw = printed.text
    if "\t" in raw:
        return Row(number, tuple(cells(repair(raw))), printed.left, printed.above)
    if raw.count(" | ") >= _PIPES and not raw.lstrip().startswith("|"):
        return Row(number, tuple(cells(repair(raw), "|")), printed.left, printed.above)
    bare = raw.strip().removeprefix("-").strip()
    if bare.startswith("|") and bare.endswith("|") and len(bare) > 1:
        return Row(number, tuple(cells(repair(raw), "|")[1:-1]))
    return None


def _line(number: int, raw: str) -> Line:
    text = repair(raw)
    text = text.slice(0)
    heading = _HEADING.match(text.clean)
    if heading:
        text = text.slice(heading.end())
    bullet = _BULLET.match(text.clean)
    if bullet:
        text = text.slice(bullet.end())
    return Line(number, text, len(heading[1]) if heading else 0)


def parse(text: str, *, name: str = "text", sha256: str = "", encoding: str = "utf-8") -> Document:
    r"""Divide decoded text into lines and tables (tab-separated or Markdown rows).

    >>> document = parse("# 指標\n\n項目\t目標値\n件数\t5件\n")
    >>> [type(block).__name__ for block in document.blocks]
    ['Line', 'Table']
    """
    return assemble(plain.printed(text), name=name, sha256=sha256, encoding=encoding)


def assemble(printed: Sequence[Printed], *, name: str, sha256: str, encoding: str) -> Document:
    """Divide the lines that a format gives into running text and tables; consecutive rows are one table.

    Rules and page numbers (- 5 -) are no block; they keep their line.
    """
    blocks: list[Block] = []
    rows: list[Row] = []
    for number, source in enumerate(printed, start=1):
        row = _row(number, source)
        if row:
            if not _RULE.match(source.text):
                rows.append(row)
            continue
        if rows:
            blocks.append(Table(tuple(rows)))
            rows = []
        line = _line(number, source.text)
        if line.text and not _RULE.match(source.text) and not _PAGE_MARK.match(source.text):
            blocks.append(line)
    if rows:
        blocks.append(Table(tuple(rows)))
    raw = tuple(source.text for source in printed)
    placed = any(source.place != Place() for source in printed)
    return Document(name, sha256, encoding, raw, tuple(blocks), tuple(source.place for source in printed) if placed else ())


def load(path: Path) -> Document:
    """Read a file of any supported format (`dxlib.formats.SUPPORTED`).

    Raises:
        SourceError: the file is missing, empty, damaged, protected, too large, of no known encoding, or of a
            format that is not read.
    """
    file = read(path)
    return assemble(file.printed, name=path.name, sha256=file.sha256, encoding=file.encoding)

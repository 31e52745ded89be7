"""The parts of a report as data: what notebooks show and HTML, PDF, Excel and zip are written from.

A notebook cell shows a `Piece`; Jupyter displays it as HTML, and the same blocks travel in the executed notebook as JSON
(`MIME`). Plan text in a block is text: each writer escapes it in its own way.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

MIME = "application/vnd.dxlib.blocks+json"
BLOCKS_ONLY = "DXLIB_BLOCKS_ONLY"  # set where a report is made: nobody looks at the notebook itself
Plain = str | float | int | bool | None


class Citation(msgspec.Struct, frozen=True):
    """Where a number stands: the document, the line in its raw text, and the verbatim quote in that line."""

    document_id: str
    line: int
    quote: str


class Span(msgspec.Struct, omit_defaults=True):
    """A run of text. ``cites``: the text is a number with a source. ``mark``: the key of a `Remark` about it."""

    text: str
    bold: bool = False
    small: bool = False
    cites: Citation | None = None
    mark: str | None = None


class Cell(msgspec.Struct, omit_defaults=True):
    """A cell of a table: one line of spans for each value in it. ``kind`` colours it; the text says the same in words.

    Kinds: ``direct``, ``transformed``, ``not``, ``self``, ``good``, ``watch``, ``bad``, ``missing``, ``level0`` … ``level3``.
    """

    lines: list[list[Span]] = []
    kind: str = ""


class _Block(msgspec.Struct, tag_field="block", omit_defaults=True):
    pass


class Opening(_Block, tag="opening"):
    """Title of the report and the line that says what it covers."""

    title: str
    scope: str


class Heading(_Block, tag="heading"):
    """A heading below the title; ``level`` 2 or 3."""

    text: str
    level: int = 2


class Text(_Block, tag="text"):
    """A paragraph. Kinds: ``answer``, ``caution``, ``note`` (small), or plain."""

    spans: list[Span]
    kind: str = ""


class Items(_Block, tag="items"):
    """A list. Kinds: ``findings`` (set off), ``plain``."""

    items: list[list[Span]]
    kind: str = "plain"


class Terms(_Block, tag="terms"):
    """Terms with their explanations."""

    rows: list[tuple[str, list[Span]]]


class Table(_Block, tag="table"):
    """A table for reading; the first cell of a row is its header. ``label`` names it for screen readers."""

    label: str
    columns: list[str]
    rows: list[list[Cell]]
    kind: str = ""


class Picture(_Block, tag="picture"):
    """A chart: the finding as title, what is shown (unit, years, n, missing), SVG, alternative text, source and data table."""

    title: str
    about: str
    svg: str
    alt: str
    source: str
    table: Table
    table_apart: bool = False  # the page shows the table elsewhere, or has no room for it on paper


class Remark(msgspec.Struct):
    """What must be known about a marked value: an audit finding or a correction. ``key`` is what the mark shows."""

    key: str
    text: str
    cites: Citation | None = None


class Remarks(_Block, tag="remarks"):
    """The remarks on the values of a report."""

    items: list[Remark]


class Line(msgspec.Struct):
    """A verbatim line of a document, in runs that are quoted (True) or not."""

    number: int
    runs: list[tuple[str, bool]]
    cited: bool


class Place(msgspec.Struct):
    """A cited line with its neighbours; ``title`` says document, edition and line in words."""

    document_id: str
    line: int
    title: str
    lines: list[Line]


class Sources(_Block, tag="sources"):
    """The cited lines, verbatim."""

    places: list[Place]


class PageBreak(_Block, tag="page-break"):
    """What follows starts on a new sheet of paper."""


class Data(_Block, tag="data"):
    """Rows for Excel and CSV, long form; not shown. ``name`` and ``columns`` are keys of ``columns.toml``; dates are ISO."""

    name: str
    columns: list[str]
    rows: list[list[Plain]]


class Foreign(_Block, tag="foreign"):
    """What a cell of an analyst's own notebook shows: its HTML as the notebook made it, and plain text that says the same."""

    html: str
    text: str


Block = Opening | Heading | Text | Items | Terms | Table | Picture | Remarks | Sources | PageBreak | Data | Foreign


class Piece:
    """Blocks that one notebook cell shows."""

    def __init__(self, blocks: Sequence[Block], lang: str) -> None:
        self.blocks, self.lang = list(blocks), lang

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        shown = {"text/plain": repr(self), MIME: {"lang": self.lang, "blocks": msgspec.to_builtins(self.blocks)}}
        if os.environ.get(BLOCKS_ONLY):
            return shown
        from dxlib.report.html import fragment

        return {**shown, "text/html": fragment(self.blocks, self.lang)}

    def __repr__(self) -> str:
        return f"Piece({', '.join(type(block).__name__ for block in self.blocks)})"


def decode(bundle: Any) -> list[Block]:
    """The blocks of one cell's output, from what `MIME` carries."""
    return msgspec.convert(bundle["blocks"], list[Block])


def spans(block: Block) -> Iterator[Span]:
    """Every span of a block, data tables of pictures included."""
    if isinstance(block, Picture):
        yield from spans(block.table)
    for line in _lines(block):
        yield from line


def _lines(block: Block) -> list[list[Span]]:
    if isinstance(block, Text):
        return [block.spans]
    if isinstance(block, Items):
        return block.items
    if isinstance(block, Terms):
        return [spans for _, spans in block.rows]
    if isinstance(block, Table):
        return [line for row in block.rows for cell in row for line in cell.lines]
    return []


def citations(blocks: Iterable[Block]) -> list[Citation]:
    """Everything that blocks cite, remarks included, each once, by document and line."""
    found = {span.cites for block in blocks for span in spans(block) if span.cites}
    found |= {remark.cites for block in blocks if isinstance(block, Remarks) for remark in block.items if remark.cites}
    return sorted(found, key=lambda c: (c.document_id, c.line, c.quote))


def marked(text: str, quotes: Iterable[str]) -> list[tuple[str, bool]]:
    """A line in runs, those behind a quote marked True.

    >>> marked("目標 5件 まで", ["5件"])
    [('目標 ', False), ('5件', True), (' まで', False)]
    >>> marked("12345", ["234", "345"])
    [('1', False), ('2345', True)]
    """
    inside = [False] * len(text)
    for quote in quotes:
        at = text.find(quote) if quote else -1
        while at >= 0:
            inside[at : at + len(quote)] = [True] * len(quote)
            at = text.find(quote, at + 1)
    runs: list[tuple[str, bool]] = []
    for character, mark in zip(text, inside, strict=True):
        if runs and runs[-1][1] == mark:
            runs[-1] = (runs[-1][0] + character, mark)
        else:
            runs.append((character, mark))
    return runs

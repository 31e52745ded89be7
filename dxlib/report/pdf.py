"""The PDF of a report: A4, the shipped UD font embedded, every number linked to its verbatim line.

Typst sets the pages from ``templates/report.typ``. Blocks reach it as JSON, so plan text is never markup. It writes PDF/UA
structure and refuses a character without glyph, so no report leaves with an empty box in place of a character.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

import typst

from dxlib.blocks import (
    Block,
    Cell,
    Citation,
    Data,
    Foreign,
    Heading,
    Items,
    Opening,
    PageBreak,
    Picture,
    Place,
    Remark,
    Remarks,
    Sources,
    Span,
    Table,
    Terms,
    Text,
)
from dxlib.errors import ReportError
from dxlib.report.glyphs import INSET, Column, column_widths, loosen, printable, printable_svg
from dxlib.wording import check_language

Ready = dict[str, Any]
_REPORT = {"margin": 15.0, "body": 10.0, "table": 8.0, "small": 8.0}
_BRIEF = {"margin": 12.0, "body": 9.0, "table": 7.5, "small": 7.5}
_POINTS = 72 / 25.4
_LINE_HEIGHT = 1.5
_LAST = re.compile(r"(?:[0-9A-Za-z.,+▲-]{1,15}|[^\x1f\s])?[)\]）」』】〕、。，．・ー…!?！？%％]{0,3}$")
_HINT = "correct the block the message is about; a chart must be valid SVG with an alternative text"


class _Pages:
    """Blocks made ready for the template: printable texts, numbers of places and remarks, widths of columns."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.parts = [list(part) for broken, part in groupby(blocks, lambda b: isinstance(b, PageBreak)) if not broken]
        self.style = _BRIEF if len(self.parts) > 1 else _REPORT
        self.room = (210 - 2 * self.style["margin"]) * _POINTS
        places = [(place.document_id, place.line) for b in blocks if isinstance(b, Sources) for place in b.places]
        self.places = {key: len(places) - n for n, key in enumerate(reversed(places))}
        keys = [remark.key for b in blocks if isinstance(b, Remarks) for remark in b.items]
        self.remarks = {key: len(keys) - n for n, key in enumerate(reversed(keys))}
        self.counts = {"place": 0, "remark": 0}
        self.depth = 0

    def ready(self, block: Block) -> Ready:
        """One block as the template reads it."""
        name = str(block.__struct_config__.tag)
        return {"block": name, **getattr(self, f"_{name}")(block)}

    def _text_of(self, text: str, size: str = "body") -> str:
        return loosen(text, self.room / self.style[size] / 2)

    def _next(self, kind: str) -> int:
        self.counts[kind] += 1
        return self.counts[kind]

    def _span(self, span: Span, room: float) -> Ready:
        ready: Ready = {"text": loosen(span.text, room), "bold": span.bold or bool(span.cites), "small": span.small}
        ready |= self._reference(span.cites)
        if span.mark is not None:
            ready["mark"] = printable(span.mark)
            if span.mark in self.remarks:
                ready["to"] = self.remarks[span.mark]
        return _held(ready)

    def _reference(self, cites: Citation | None) -> Ready:
        number = cites and self.places.get((cites.document_id, cites.line))
        return {"ref": number} if number else {}

    def _spans(self, spans: Sequence[Span]) -> list[Ready]:
        return [self._span(span, self.room / self.style["body"] / 2) for span in spans]

    def _opening(self, block: Opening) -> Ready:
        self.depth = 1
        return {"title": self._text_of(block.title), "scope": self._text_of(block.scope)}

    def _heading(self, block: Heading) -> Ready:
        # Structure may not skip a level; the look keeps the one that was asked for.
        self.depth = min(block.level, self.depth + 1)
        return {"text": self._text_of(block.text), "level": block.level, "depth": self.depth}

    def _text(self, block: Text) -> Ready:
        return {"spans": self._spans(block.spans), "kind": block.kind}

    def _items(self, block: Items) -> Ready:
        return {"items": [self._spans(item) for item in block.items], "kind": block.kind}

    def _foreign(self, block: Foreign) -> Ready:
        return {"text": self._text_of(block.text)}

    def _terms(self, block: Terms) -> Ready:
        return {"rows": [(self._text_of(term), self._spans(spans)) for term, spans in block.rows]}

    def _table(self, block: Table, size: float | None = None) -> Ready:
        if any(len(row) != len(block.columns) for row in block.rows):
            raise ReportError(
                f"a row of the table '{block.label}' has not {len(block.columns)} cells", code="pdf-failed", hint="fill the row"
            )
        room = self.room / (size or self.style["table"])
        header = [Cell([[Span(name)]]) for name in block.columns]
        columns = [Column(cells) for cells in zip(header, *block.rows, strict=True)]
        widths, shrink = column_widths(columns, room)
        rooms = [width - INSET for width in widths]
        page = 297 * _POINTS / (self.style["table"] * shrink * _LINE_HEIGHT)
        heights = zip(*(column.heights(width)[1:] for column, width in zip(columns, widths, strict=True)), strict=True)
        return {
            "columns": [loosen(name, width) for name, width in zip(block.columns, rooms, strict=True)],
            "rows": [[self._cell(cell, width) for cell, width in zip(row, rooms, strict=True)] for row in block.rows],
            "widths": [width * shrink / room for width in widths],
            "shrink": shrink,
            "tall": [n for n, row in enumerate(heights) if max(row) > page / 3],
        }

    def _cell(self, cell: Cell, room: float) -> Ready:
        return {"lines": [[self._span(span, room) for span in line] for line in cell.lines], "kind": cell.kind}

    def _picture(self, block: Picture) -> Ready:
        texts = {"title": block.title, "about": block.about, "source": block.source}
        return {
            **{name: self._text_of(text) for name, text in texts.items()},
            "alt": printable(block.alt),
            "svg": printable_svg(block.svg),
            "table": None if block.table_apart else self._table(block.table, self.style["small"] * 0.9),
        }

    def _remarks(self, block: Remarks) -> Ready:
        return {"items": [{"key": printable(item.key), "to": self._next("remark"), **self._remark(item)} for item in block.items]}

    def _remark(self, item: Remark) -> Ready:
        return _held({"text": self._text_of(item.text), **self._reference(item.cites)})

    def _sources(self, block: Sources) -> Ready:
        return {"places": [self._place(place) for place in block.places]}

    def _place(self, place: Place) -> Ready:
        lines = [
            {"number": line.number, "cited": line.cited, "runs": [(self._text_of(text), quoted) for text, quoted in line.runs]}
            for line in place.lines
        ]
        text = "".join(text + "\n" * 20 * text.count("\n") for line in place.lines for text, _ in line.runs)
        return {"title": self._text_of(place.title), "ref": self._next("place"), "lines": lines, "long": len(text) > 1500}


def _held(ready: Ready) -> Ready:
    """Part the last word from a text that a raised number or mark follows: these stay on one line."""
    if "ref" in ready or "mark" in ready:
        end = _LAST.search(ready["text"])
        ready["end"] = end[0] if end else ""
        ready["text"] = ready["text"].removesuffix(ready["end"])
    return ready


def _title(blocks: Sequence[Block], stamp: str) -> str:
    titles = [block.title for block in blocks if isinstance(block, Opening)]
    titles += [block.text for block in blocks if isinstance(block, Heading)]
    title = printable([*titles, stamp][0])
    if not title.strip():
        raise ReportError("the report has no title", code="pdf-failed", hint="show an Opening first")
    return title


@cache
def _compiler() -> typst.Compiler:
    folder = Path(str(files("dxlib")))
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder / "fonts"])
    return typst.Compiler(folder / "templates" / "report.typ", root=folder / "templates", font_paths=fonts)


def to_pdf(blocks: Sequence[Block], lang: str, *, stamp: str = "") -> bytes:
    """The blocks as a tagged A4 PDF; the same blocks give the same bytes.

    With a `PageBreak` everything is set smaller, and what precedes the first one is shrunk to one page as far as it can be read.
    A number whose place is in `Sources` is followed by the place's position there, linked. `Data` is not shown.

    Args:
        blocks: the report; its title is that of the `Opening`, else the first `Heading`.
        lang: ``ja`` or ``en``, the language of the document.
        stamp: the report's id, its title where no block has one.

    Returns:
        The PDF file.

    Raises:
        QueryError: there are no texts in the language.
        ReportError: ``pdf-failed``, a chart is no valid SVG or has no alternative text, a row lacks cells, or there is no title.
    """
    shown = [block for block in blocks if not isinstance(block, Data)]
    pages = _Pages(shown)
    parts = [[pages.ready(block) for block in part] for part in pages.parts]
    data = {"lang": check_language(lang), "title": _title(shown, stamp), "style": pages.style, "parts": parts}
    try:
        pdf, warnings = _compiler().compile_with_warnings(
            format="pdf", sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, pdf_standards=["ua-1"], timestamp=0
        )
    except typst.TypstError as error:
        raise ReportError(error.message, code="pdf-failed", hint="; ".join(error.hints) or _HINT) from error
    if warnings or not isinstance(pdf, bytes):
        raise ReportError("; ".join(str(warning) for warning in warnings), code="pdf-failed", hint=_HINT)
    return pdf

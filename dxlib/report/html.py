"""Blocks as HTML: fragments for Jupyter, self-contained pages, and source pages. Plan text is escaped by the templates."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from dxlib import wording
from dxlib.blocks import (
    Block,
    Citation,
    Foreign,
    Opening,
    PageBreak,
    Picture,
    Place,
    Remark,
    Remarks,
    Sources,
    Span,
    Table,
    citations,
    marked,
)
from dxlib.report.templates import read_template, template

if TYPE_CHECKING:
    from dxlib.indicators import Workbench

_AROUND = 6
_WIDTHS = (5, 9, 12)  # em; the stylesheet has a class for columns up to each, and one for wider ones
_EMPTY_HEADER = re.compile(r"<th(\s[^<>]*)?>\s*</th>")


def slug(document_id: str) -> str:
    """A document's name in addresses; with a short hash where that would lose letters, so that no two are the same.

    >>> slug("000000-town/dx-plan"), slug("000000-town/計画")
    ('000000-town-dx-plan', '000000-town-695ddcc5')
    """
    plain = re.sub(r"[^a-z0-9-]+", "-", document_id.lower()).strip("-")
    if re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+", document_id):
        return plain
    return f"{plain}-{hashlib.sha256(document_id.encode()).hexdigest()[:8]}"


class _Links:
    """Where numbers, marks and references lead."""

    def __init__(self, blocks: Sequence[Block], lang: str, pages: bool) -> None:
        self.lang, self._pages = lang, pages
        places = [place for block in blocks if isinstance(block, Sources) for place in block.places]
        self._number = {(place.document_id, place.line): n for n, place in enumerate(places, 1)}
        self._title = {(place.document_id, place.line): place.title for place in places}
        self._marks = {item.key: n for n, item in enumerate(_remarks(blocks), 1)}
        self._apart = [block.table for block in blocks if isinstance(block, Picture) and block.table_apart]
        self._tables = [block for block in blocks if isinstance(block, Table)]
        self._regions: Counter[str] = Counter()
        self.in_jupyter = not pages

    def target(self, cites: Citation) -> str:
        """The source page at the line; in a notebook, the list of sources."""
        if self._pages:
            return f"sources/{slug(cites.document_id)}.html#L{cites.line}"
        return f"#{self.anchor(cites)}"

    def anchor(self, place: Citation | Place) -> str:
        """The id of a place in the list of sources."""
        return f"src-{slug(place.document_id)}-{place.line}"

    def reference(self, cites: Citation) -> int | None:
        """The number of a place in the list of sources."""
        return self._number.get((cites.document_id, cites.line))

    def title(self, cites: Citation) -> str:
        """Document, edition and line in words, when they are listed."""
        return self._title.get((cites.document_id, cites.line), "")

    def mark_anchor(self, key: str) -> str | None:
        """The id of a remark, where it is listed."""
        return f"remark-{self._marks[key]}" if key in self._marks else None

    def table_anchor(self, table: Table) -> str | None:
        """The id of a table that holds the data of a picture elsewhere."""
        both = table in self._apart and table in self._tables
        return f"data-{self._tables.index(table)}" if both else None

    def region(self, label: str) -> str:
        """A name that no other region of the page has."""
        self._regions[label] += 1
        return label if self._regions[label] == 1 else f"{label} ({self._regions[label]})"

    def widths(self, table: Table) -> list[str]:
        """The class of each column, by the widest text in it."""
        columns = max((len(row) for row in table.rows), default=0)
        return [f"dx-c{_width_class(row[n].lines for row in table.rows if n < len(row))}" for n in range(columns)]

    def foreign(self, block: Foreign) -> str:
        """A notebook's own HTML. Its tables head the index column with nothing, which is no header."""
        return _EMPTY_HEADER.sub(r"<td\1></td>", block.html)

    def text(self, key: str, **values: object) -> str:
        """A sentence in the page's language."""
        return wording.text(key, self.lang, **values)

    def unique(self, block: Picture) -> str:
        """An id for a picture's parts, from its content."""
        return f"fig-{hashlib.sha256((block.title + block.svg).encode()).hexdigest()[:10]}"


def _em(text: str) -> float:
    return sum(1 if unicodedata.east_asian_width(c) in "WFA" else 0.55 for c in text)


def _width_class(cells: Iterable[list[list[Span]]]) -> int:
    """0 and 1: each line fits a narrow column; 2 and 3: each run of text fits a middling one, or not."""
    lines = [line for cell in cells for line in cell]
    widest = max((_em("".join(span.text for span in line)) for line in lines), default=0)
    if widest > _WIDTHS[1]:
        longest = max(_em(span.text) for line in lines for span in line)
        return 2 if longest <= _WIDTHS[2] else 3
    return 0 if widest <= _WIDTHS[0] else 1


def _remarks(blocks: Iterable[Block]) -> list[Remark]:
    return [item for block in blocks if isinstance(block, Remarks) for item in block.items]


def _body(blocks: Sequence[Block], lang: str, pages: bool) -> str:
    sheet = next((n for n, block in enumerate(blocks) if isinstance(block, PageBreak)), 0)  # what has to fit one sheet of paper
    return str(template("blocks.html.j2").module.body(blocks[:sheet], blocks[sheet:], _Links(blocks, lang, pages)))


def fragment(blocks: Sequence[Block], lang: str) -> str:
    """Blocks as Jupyter shows them, with their style."""
    return f"<style>{read_template('parts.css')}</style>{_body(blocks, lang, pages=False)}"


def page(blocks: Sequence[Block], lang: str, *, stamp: str = "") -> str:
    """A report as one self-contained HTML page, beside the folder ``sources``.

    Args:
        blocks: all blocks of the report.
        lang: language of the page.
        stamp: the report's id, printed small at its end.
    """
    titles = [block.title for block in blocks if isinstance(block, Opening)]
    return str(
        template("page.html.j2").render(
            lang=lang,
            title=titles[0] if titles else stamp,
            style=read_template("page.css") + read_template("parts.css"),
            has_opening=bool(titles),
            body=_body(blocks, lang, pages=True),
            stamp=stamp,
            skip=wording.text("skip_to_content", lang),
        )
    )


def source_pages(bench: Workbench, blocks: Sequence[Block], lang: str, *, home: str = "") -> dict[str, str]:
    """A page for each document that blocks cite: the cited lines and those around them, quotes highlighted.

    Args:
        bench: an open warehouse.
        blocks: all blocks of the report.
        lang: language of the page.
        home: address of the report, relative to the folder of the source pages.

    Returns:
        HTML by file name.
    """
    links = _Links(blocks, lang, pages=True)
    found = {}
    cited = citations(blocks)
    for document_id in dict.fromkeys(c.document_id for c in cited):
        own = [c for c in cited if c.document_id == document_id]
        found[f"{slug(document_id)}.html"] = _source_page(bench, document_id, own, blocks, links, home)
    return found


def _source_page(
    bench: Workbench, document_id: str, cited: Sequence[Citation], blocks: Sequence[Block], links: _Links, home: str
) -> str:
    relation = bench.sql("SELECT * FROM document WHERE document_id = ?", params=[document_id])
    document = dict(zip(relation.columns, relation.fetchall()[0], strict=True))
    rows = bench.sql(
        "SELECT line, text, page IS NOT NULL OR sheet IS NOT NULL FROM source_line WHERE document_id = ?", params=[document_id]
    ).fetchall()
    texts = {line: text for line, text, _ in rows}
    placed = {line for line, _, is_placed in rows if is_placed}
    wanted = sorted({n for c in cited for n in range(c.line - _AROUND, c.line + _AROUND + 1) if n in texts})
    lines = []
    for at, n in enumerate(wanted):
        here = [c for c in cited if c.line == n]
        lines.append(
            {
                "number": n,
                "gap": (at == 0 and n > 1) or (at > 0 and wanted[at - 1] != n - 1),
                "runs": marked(texts[n], [c.quote for c in here]),
                "cited": bool(here),
                "place": links.title(here[0]) if here else "",
                "placed": n in placed,
                "reference": links.reference(here[0]) if here else None,
                "anchor": links.anchor(here[0]) if here and links.reference(here[0]) else "",
                "remarks": [r for r in _remarks(blocks) if r.cites and (r.cites.document_id, r.cites.line) == (document_id, n)],
            }
        )
    return str(
        template("source.html.j2").render(
            lang=links.lang,
            style=read_template("page.css") + read_template("parts.css"),
            document=document,
            edition=wording.text(f"edition_{document['edition']}", links.lang),
            published=wording.day(document["published"], links.lang) if document["published"] else links.text("undated"),
            lines=lines,
            placed=bool(placed),
            last=wanted[-1] < max(texts) if wanted else False,
            home=home,
            links=links,
        )
    )

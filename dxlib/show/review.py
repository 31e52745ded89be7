"""The review of readings: what is doubtful beside its source lines, and a desk to decide about it in JupyterLab."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from dxlib import wording
from dxlib.blocks import Block, Cell, Citation, Heading, Line, Opening, Piece, Span, Table, marked
from dxlib.blocks import Place as SourcePlace
from dxlib.blocks import Sources as SourceList
from dxlib.blocks import Text as Paragraph
from dxlib.corrections import NAME, ORIGIN
from dxlib.decisions import Entry
from dxlib.errors import DxlibError
from dxlib.indicators import Workbench
from dxlib.judgement import decide
from dxlib.review import TEXT, Item, concerned, items
from dxlib.review_sheet import COLUMNS, EDITABLE, cells, decisions_of, place, reasons, standing, words_of
from dxlib.review_sheet import field as cell_text
from dxlib.show.base import Page, cell, plain, short


class Review(Page):
    """Doubtful readings and inferred origins, each beside its source.

    Args:
        bench: an open warehouse.
        document: id of a document; all documents when empty.
        municipalities: codes or names; all when empty.
        everything: also what nobody doubts, and what is decided.
        lang: ``ja`` or ``en``.

    Raises:
        QueryError: the document, a code or the language is unknown.
        DecisionError: ``corrections.csv`` is malformed, or no longer fits.
    """

    def __init__(
        self,
        bench: Workbench,
        document: str = "",
        municipalities: Sequence[str] = (),
        lang: str = "ja",
        *,
        everything: bool = False,
    ) -> None:
        super().__init__(bench, lang, concerned(bench, municipalities, [document] if document else []))
        self.document, self.codes, self.everything = document, list(municipalities), everything
        self.items = self.listed()

    def listed(self) -> list[Item]:
        """The review list as it is now."""
        return items(self.bench, self.codes, [self.document] if self.document else [], everything=self.everything)

    def opening(self) -> Piece:
        """What is on the list, in numbers, and why."""
        documents = [self.document] if self.document else sorted({item.document_id for item in self.items})
        titles = [self._documents[one]["title"] for one in documents]
        open_ones = [item for item in self.items if item.is_open]
        found = [self.text("review_count", n=len(open_ones), documents=len(documents))]
        counts = Counter(reason for item in open_ones for reason in item.reasons)
        found += [self.text("review_reason", reason=self.text(f"doubt_{code}"), n=n) for code, n in counts.most_common()]
        decided = sum(item.outcome is not None for item in self.items)
        found += [self.text("review_decided", n=decided)] if decided else []
        return self.piece(
            Opening(self.text("review_title"), self.text("list_separator").join(titles)),
            Heading(self.text("finding_heading")),
            self.findings(found),
        )

    def table(self) -> Piece:
        """One row an item: where it stands, what was understood, why it is doubtful, and the line itself."""
        columns = [self.text(f"col_{name}") for name in ("review_place", "review_read", "review_why", "review_line")]
        rows = [self._row(item) for item in self.items]
        blocks: list[Block] = [Heading(self.text("review_heading"))]
        return self.piece(*blocks, Table(self.text("review_heading"), columns, rows) if rows else self._nothing())

    def _nothing(self) -> Block:
        return Paragraph(plain(self.text("review_nothing")), "note")

    def _row(self, item: Item) -> list[Cell]:
        because = [[Span(reason)] for reason in reasons(item, self.lang)]
        because += [[Span(standing(item, self.lang), small=True)]] if item.outcome else []
        return [
            cell(place(item, self.lang)),
            Cell(self._understood(item)),
            Cell(because or [plain("")]),
            Cell([self._line(item)]),
        ]

    def _understood(self, item: Item) -> list[list[Span]]:
        if item.kind == ORIGIN:
            return [plain(item.content[NAME], small=True), plain(item.content[TEXT] or self.text("not_printed"), bold=True)]
        quote = item.read["quote"]
        said = wording.printed_value({**item.content, "quote": quote}, self.lang)
        cites = Citation(item.document_id, item.read["line"], quote)
        name = item.content[NAME] or self.text("doubt_name-missing")
        return [plain(short(name), small=True), [Span(said, bold=True, cites=cites)]]

    def _line(self, item: Item) -> list[Span]:
        if item.kind == ORIGIN:
            return plain("")
        text = dict(item.lines)[item.read["line"]].strip()
        return [Span(run, bold=is_quoted) for run, is_quoted in marked(_around(text, item.read["quote"]), [item.read["quote"]])]

    def how(self) -> Piece:
        """How to decide, with this notebook or without."""
        return self.piece(
            Heading(self.text("review_how_heading")),
            self.findings([self.text(key) for key in ("review_how_lab", "review_how_sheet", "review_how_kept")], "plain"),
        )


def _around(text: str, quote: str, width: int = 60) -> str:
    """The part of a long line that the quote stands in.

    >>> _around("a" * 100 + "142件" + "b" * 100, "142件", 4)
    '…aaaa142件bbbb…'
    """
    at = text.find(quote.strip())
    if at < 0 or len(text) <= 2 * width + len(quote):
        return text
    first, last = max(0, at - width), at + len(quote) + width
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"


class Desk:
    """One item at a time beside its source, to accept, change or reject; the decisions are those of ``dxlib import review``.

    Where no kernel runs (a report, a page of a repository) it says how to decide instead.

    Args:
        review: the list.
    """

    def __init__(self, review: Review) -> None:
        import ipywidgets

        self.page, self.lang = review, review.lang
        full = ipywidgets.Layout(width="100%")
        self.choice = ipywidgets.Dropdown(options=[], description=review.text("review_choose"), layout=full)
        self.view = ipywidgets.HTML()
        self.fields = {name: self._field(ipywidgets, name) for name in EDITABLE}
        self.reason = ipywidgets.Text(description=self._header("reason"), layout=full)
        self.by = ipywidgets.Text(description=self._header("by"))
        words = words_of("decision", self.lang)
        self.buttons = {action: ipywidgets.Button(description=word) for action, word in words.items()}
        self.message = ipywidgets.HTML()
        for action, button in self.buttons.items():
            button.on_click(lambda _, chosen=action: self.decide(chosen))
        self.choice.observe(self._chosen, names="value")
        grid = ipywidgets.GridBox([*self.fields.values()], layout=ipywidgets.Layout(grid_template_columns="repeat(3, 33%)"))
        acts = ipywidgets.HBox([*self.buttons.values()])
        self.box = ipywidgets.VBox([self.choice, self.view, grid, self.reason, self.by, acts, self.message])
        self._refill()

    def _header(self, name: str) -> str:
        return COLUMNS[name] if self.lang == "ja" else name

    def _field(self, ipywidgets: Any, name: str) -> Any:
        style = {"description_width": "8em"}
        if name in ("role", "comparator", "missing"):
            options = ["", *words_of(name, self.lang).values()]
            return ipywidgets.Combobox(options=options, description=self._header(name), style=style)
        return ipywidgets.Text(description=self._header(name), style=style)

    @property
    def item(self) -> Item | None:
        """The item on the desk."""
        return next((item for item in self.page.items if item.key == self.choice.value), None)

    def _refill(self) -> None:
        open_ones = [item for item in self.page.items if item.is_open or self.page.everything]
        self.choice.options = [(self._label(item), item.key) for item in open_ones]
        self._chosen()

    def _label(self, item: Item) -> str:
        said = (
            item.content[TEXT]
            if item.kind == ORIGIN
            else wording.printed_value({**item.content, "quote": item.read["quote"]}, self.lang)
        )
        return f"{place(item, self.lang)} {short(item.content[NAME], 30)} {said}"

    def _chosen(self, change: Any = None) -> None:
        item = self.item
        shown = cells(item, self.lang) if item else {}
        for name, widget in self.fields.items():
            widget.value = cell_text(shown.get(name))
            widget.disabled = item is None or (item.kind == ORIGIN and name != TEXT)
        self.reason.value = ""
        self.view.value = self._source(item)

    def _source(self, item: Item | None) -> str:
        from dxlib.report.html import fragment

        if item is None:
            return fragment([Paragraph(plain(self.page.text("review_nothing")), "note")], self.lang)
        why = self.page.text("list_separator").join(reasons(item, self.lang))
        blocks: list[Block] = [Paragraph(plain(why), "caution")]
        if item.lines:
            line, quote = item.read["line"], item.read["quote"]
            around = [Line(n, marked(text, [quote]) if n == line else [(text, False)], n == line) for n, text in item.lines]
            title = self.page.place(item.document_id, line)
            blocks.append(SourceList([SourcePlace(item.document_id, line, title, around)]))
        return fragment(blocks, self.lang)

    def decide(self, action: str) -> None:
        """Record a decision about the item on the desk, with what the fields say, and go on to the next."""
        item = self.item
        if item is None:
            return
        row = {name: cell_text(value) for name, value in cells(item, self.lang).items()}
        row |= {name: widget.value for name, widget in self.fields.items()}
        row |= {"decision": action, "reason": self.reason.value, "by": self.by.value, "on": ""}
        entry = Entry(place(item, self.lang), {name: row[name].strip() for name in COLUMNS})
        try:
            decided, _ = decisions_of([entry], {item.key: item})
            decide(self.page.bench, decided)
        except DxlibError as error:
            self._say(str(error))
            return
        self.page.items = self.page.listed()
        self._refill()
        self._say(self.page.text("review_recorded", left=len(self.choice.options)))

    def _say(self, text: str) -> None:
        from dxlib.report.html import fragment

        self.message.value = fragment([Paragraph(plain(text), "note")], self.lang)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        shown = self.page.how()._repr_mimebundle_()
        widget = self.box._repr_mimebundle_()
        return {**shown, **{kind: value for kind, value in widget.items() if "widget-view" in kind}, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"Desk({len(self.choice.options)})"

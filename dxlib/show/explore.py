"""Choose a theme and municipalities with widgets, and see findings, picture and verdicts change. For JupyterLab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dxlib.blocks import Block, Heading, Opening, Piece
from dxlib.indicators import Workbench
from dxlib.report.html import fragment
from dxlib.show.base import Page, records
from dxlib.show.comparison import Comparison


def welcome(bench: Workbench, lang: str = "ja") -> Piece:
    """What is in the warehouse, in one line: documents, municipalities, measures, indicators and values."""
    page = Page(bench, lang, [])
    tables = ("document", "measure", "indicator", "observation")
    counts = {name: bench.sql(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in tables}
    scope = page.text("tour_scope", cities=len(bench.check_municipalities()), **counts)
    return page.piece(Opening(page.text("tour_title"), scope))


class Explorer:
    """Two lists to choose from, and below them the comparison of what is chosen.

    In a report, which has no widgets, the comparison of the first choice is shown.

    Args:
        bench: an open warehouse; it must stay open.
        theme: key of the theme chosen first.
        municipalities: codes or full names chosen first; all when empty.
        lang: ``ja`` or ``en``.

    Raises:
        QueryError: the theme, a municipality or the language is unknown.
        MunicipalityError: the name or code of a municipality is unknown or ambiguous.
    """

    def __init__(self, bench: Workbench, theme: str, municipalities: Sequence[str] = (), lang: str = "ja") -> None:
        import ipywidgets

        self.bench, self.lang = bench, lang
        first = Comparison(bench, theme, municipalities, lang)
        themes = [(first.name(r), r["theme_id"]) for r in records(bench.sql("SELECT * FROM theme ORDER BY theme_id", sees=[]))]
        cities = [(first.city(code), code) for code in bench.check_municipalities()]
        full = ipywidgets.Layout(width="100%")
        self.theme = ipywidgets.Dropdown(options=themes, value=first.theme, description=first.text("choose_theme"), layout=full)
        self.cities = ipywidgets.SelectMultiple(
            options=cities,
            value=tuple(first.codes),
            rows=min(10, len(cities)),
            description=first.text("choose_cities"),
            layout=full,
        )
        self.view = ipywidgets.HTML()
        self.box = ipywidgets.VBox([self.theme, self.cities, self.view])
        self.theme.observe(self._changed, names="value")
        self.cities.observe(self._changed, names="value")
        self._changed()

    def blocks(self) -> list[Block]:
        """Findings, values over the years, verdicts and sources of what is chosen."""
        page = Comparison(self.bench, self.theme.value, self.cities.value, self.lang)
        pieces: list[Piece] = [page.opening(), page.figure(), page.verdict_table(), page.sources()]
        found = [block for piece in pieces for block in piece.blocks]
        return [Heading(block.title) if isinstance(block, Opening) else block for block in found]

    def _changed(self, change: Any = None) -> None:
        self.view.value = fragment(self.blocks(), self.lang)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        shown = Piece(self.blocks(), self.lang)._repr_mimebundle_()
        widget = self.box._repr_mimebundle_()
        return {**shown, **{kind: value for kind, value in widget.items() if "widget-view" in kind}, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"Explorer(theme={self.theme.value!r}, municipalities={self.cities.value!r})"

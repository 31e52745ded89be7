"""One theme, several municipalities: what may be compared, and what not."""

from __future__ import annotations

from collections.abc import Sequence

from dxlib import wording
from dxlib.blocks import Block, Cell, Heading, Items, Opening, Piece, Span, Table, Terms
from dxlib.blocks import Text as Paragraph
from dxlib.indicators import Workbench
from dxlib.show.base import VERDICTS, Page, Record, cell, decimals_of, gist, join, plain, records
from dxlib.show.beside import Beside
from dxlib.show.figures import gap_pictures, panel_title, path_panels, slope_picture, values_pictures, verdict_picture
from dxlib.show.many import Many
from dxlib.show.maps import theme_map
from dxlib.show.nearest import beside, chosen
from dxlib.show.sentences import printed, rich, together

_ROLES = ("baseline", "actual", "target")
_MOST_SENTENCES, _MOST_OWN, _MOST_PAIRS = 8, 3, 120  # the rest is in Excel and CSV


class Comparison(Page):
    """One theme and some municipalities, in one language: what the comparison report shows.

    Args:
        bench: an open warehouse.
        theme: key of a theme.
        municipalities: codes or full names; all when empty.
        lang: ``ja`` or ``en``.
        highlight: code or name of the municipality that charts bring out; none when empty.
        nearest: above 0, compare the highlighted one with so many others of the nearest population that have an indicator of
            the theme; municipalities are left empty then.

    Where more than `most` municipalities print something, all of them stand in sets and in the data, and only so many one by
    one and in pairs, whose number grows with the square: the highlighted one and its nearest in population, or the largest.

    Raises:
        QueryError: the theme, a municipality or the language is unknown, or ``nearest`` stands alone or beside others.
        MunicipalityError: the name or code of a municipality is unknown or ambiguous.
    """

    most: int | None = 12

    def __init__(
        self,
        bench: Workbench,
        theme: str,
        municipalities: Sequence[str] = (),
        lang: str = "ja",
        highlight: str = "",
        nearest: int = 0,
    ) -> None:
        self.theme = bench.check_theme(theme)
        self.highlight = bench.check_municipalities([highlight])[0] if highlight else ""
        asked = beside(bench, theme, municipalities, highlight, nearest)
        self.codes = bench.check_municipalities([*asked, highlight] if asked and highlight else asked)
        self.all_values = records(bench.values(theme, self.codes))
        printing = list(dict.fromkeys(r["municipality_code"] for r in self.all_values))
        self.is_long = self.most is not None and len(printing) > self.most
        self.shown_codes = chosen(bench, printing, self.most or 0, self.highlight) if self.is_long else self.codes
        super().__init__(bench, lang, self.shown_codes)
        self.all_pairs = records(bench.compare(theme, self.shown_codes))
        self.group = records(bench.group(theme, self.codes))
        self.all_progress = records(bench.progress(theme, self.codes))
        # What a later edition of the plan prints again is in Excel and CSV, and speaks for nobody any more.
        shown = set(self.shown_codes)
        spoken_for = [r for r in self.all_progress if not r["revised_by"] and r["municipality_code"] in shown]
        self.progress = {r["indicator_id"]: r for r in spoken_for}
        self.values = [r for r in self.all_values if r["indicator_id"] in self.progress]
        self.about = records(bench.sql("SELECT * FROM theme WHERE theme_id = ?", [theme], sees=[]))[0]
        transformations = records(bench.sql("SELECT * FROM transformation", sees=[]))
        self.transformations = {r["transformation_id"]: self.name(r) for r in transformations}
        ids = sorted({record["indicator_id"] for record in self.values})
        self.keys = {indicator_id: letter(position) for position, indicator_id in enumerate(ids)}
        self.first = {record["indicator_id"]: record for record in reversed(self.values)}
        # A measure that prints neither an indicator nor a value answers the theme in no number: it differs from none.
        self.said = {r["indicator_id"] for r in self.values if r["indicator"] or r["missing"] is None}
        self.pairs = [pair for pair in self.all_pairs if pair["left_id"] in self.said and pair["right_id"] in self.said]
        self.answering = list(dict.fromkeys(r["municipality_code"] for r in self.values if r["indicator_id"] in self.said))
        self.official = Beside(self)
        self.many = Many(self) if self.is_long else None
        if self.many:
            self._meet(self.codes)
        self.wordless = {r["municipality_code"] for r in self.values} - set(self.answering)

    def series(self, indicator_id: str) -> str:
        """An indicator as charts and matrices call it: its key and its municipality."""
        return f"{self.keys[indicator_id]} {self.city(self.first[indicator_id]['municipality_code'])}"

    def title_of(self, indicator_id: str) -> str:
        """An indicator's name as printed; says so when the plan prints none."""
        return self.first[indicator_id]["indicator"] or self.text("no_name")

    def opening(self) -> Piece:
        """Title, scope, what was found in sentences, and the caution that differences are no effects."""
        if self.many:
            n = len({r["municipality_code"] for r in self.all_values})
            opening = Opening(
                self.text("many_title", theme=self.name(self.about), n=wording.number(n, self.lang)),
                self.text("many_scope", n=wording.number(len(self.codes), self.lang)),
            )
        else:
            cities = [self.city(code) for code in self.codes if code in {*self.answering, *self.wordless}]
            opening = Opening(
                self.text("report_title", theme=self.name(self.about), n=len(cities)),
                self.text("scope_line", cities=join(cities or [self.text("nobody")], self.lang)),
            )
        return self.piece(
            opening,
            Heading(self.text("finding_heading")),
            Items(self._findings_in_words(), "findings"),
            Paragraph(plain(self.text("no_effect")), "caution"),
        )

    def between_cities(self) -> list[Record]:
        """The pairs of indicators of different municipalities."""
        return [pair for pair in self.pairs if pair["left_code"] != pair["right_code"]]

    def _findings_in_words(self) -> list[list[Span]]:
        pairs = self.between_cities()
        if self.many:
            told = self.without_repeats([pair for pair in pairs if pair["verdict"] != "not comparable" and self._is_own(pair)])
            return [*map(plain, self.many.sentences()), *(self.pair_sentence(pair) for pair in told[:_MOST_OWN])]
        kinds = [pair["verdict"] for pair in pairs]
        found = [
            plain(
                self.text(
                    "finding_counts",
                    cities=len(self.answering),
                    indicators=len(self.said),
                    pairs=len(pairs),
                    direct=kinds.count("direct"),
                    transformed=kinds.count("transformed"),
                    refused=kinds.count("not comparable"),
                )
            )
        ]
        if self.wordless:
            found.append(plain(self.text("answer_wordless", cities=join(map(self.city, sorted(self.wordless)), self.lang))))
        silent = [self.city(code) for code in self.codes if code not in {*self.answering, *self.wordless}]
        if silent:
            found.append(plain(self.text("finding_silent", cities=join(silent, self.lang))))
        comparable = [pair for pair in pairs if pair["verdict"] != "not comparable"]
        told = self.without_repeats(comparable)
        found += [self.pair_sentence(pair) for pair in told[:_MOST_SENTENCES]]
        if len(told) > _MOST_SENTENCES:
            found.append(plain(self.text("finding_more", n=len(told) - _MOST_SENTENCES)))
        return found if comparable else [*found, plain(self.text("finding_none"))]

    def _is_own(self, pair: Record) -> bool:
        """A pair of the highlighted municipality."""
        return bool(self.highlight) and self.highlight in (pair["left_code"], pair["right_code"])

    def without_repeats(self, pairs: list[Record]) -> list[Record]:
        """Pairs without those that say the same once more: a plan carries on the figure of the plan before it."""
        found: dict[tuple[object, ...], Record] = {}
        for pair in pairs:
            sides = [
                (pair[f"{s}_code"], pair[f"{s}_value"], pair[f"{s}_fiscal_year"], pair[f"{s}_value_text"])
                for s in ("left", "right")
            ]
            found.setdefault((pair["verdict"], *sides), pair)
        return list(found.values())

    def pair_sentence(self, pair: Record) -> list[Span]:
        """A comparable pair in words, with values, years, and what neither plan states."""
        names = self.transformations_of(pair)
        words: dict[str, str | list[Span]] = {"transformation": names}
        by_id = {value["observation_id"]: value for value in self.values}
        for side in ("left", "right"):
            words |= {
                side: self.city(pair[f"{side}_code"]),
                f"{side}_name": gist(pair[f"{side}_indicator"] or self.text("no_name")),
                f"{side}_value": printed(self, by_id[pair[f"{side}_result_id"]]),
            }
        sentences = [rich(self, "finding_pair_transformed" if names else "finding_pair", **words)]
        if names:
            sentences.append(rich(self, "finding_after", after=self.after_transformation(pair)))
        if pair[f"unstated_{self.lang}"]:
            sentences.append(rich(self, "finding_caveat", facets=pair[f"unstated_{self.lang}"]))
        years = (wording.year(pair, self.lang, "left_"), wording.year(pair, self.lang, "right_"))
        if years[0] != years[1]:
            sentences.append(rich(self, "finding_years", left=years[0], right=years[1]))
        return together(self, sentences)

    def definitions(self) -> Piece:
        """What belongs to the theme, and which national figures it must not be confused with."""
        rows = [(self.text("definition"), plain(self.name(self.about, "definition")))]
        if self.about[f"not_to_confuse_{self.lang}"]:
            rows.append((self.text("not_to_confuse"), plain(self.name(self.about, "not_to_confuse"))))
        return self.piece(Terms(rows))

    def value_table(self) -> Piece:
        """Every printed value of the theme's indicators, each linked to its source line; with the rows for Excel."""
        return self.piece(
            Heading(self.text("values_heading")),
            Paragraph(plain(self.text("values_note")), "note"),
            self.values_as_table(),
            self.data("values", self.all_values),
        )

    def values_as_table(self) -> Table:
        """The values, one row an indicator."""
        rows = []
        for indicator_id, key in self.keys.items():
            own = [record for record in self.values if record["indicator_id"] == indicator_id]
            rows.append(
                [
                    cell(key),
                    cell(self.city(own[0]["municipality_code"])),
                    cell(own[0]["plan"]),
                    cell(self.title_of(indicator_id)),
                    *(self._values([r for r in own if r["role"] == role]) for role in _ROLES),
                ]
            )
        columns = [self.text(f"col_{name}") for name in ("key", "city", "plan", "indicator", *_ROLES)]
        return Table(self.text("values_heading"), columns, rows, "plans")

    def _values(self, own: list[Record]) -> Cell:
        if not own:
            return cell(self.text("not_printed"), "missing")
        return Cell([self.value(record, record["observation_id"]) for record in own])

    def figure(self) -> Piece:
        """Values over the years, a panel per definition: indicators that may not be compared never share an axis. And a map."""
        piece = self.figures([*(self.many.pictures() if self.many else []), *values_pictures(self, path_panels(self))])
        return Piece([*piece.blocks, *self.piece(*theme_map(self)).blocks], self.lang)

    def gap_figure(self) -> Piece:
        """Where each indicator stands between its baseline and its own target, a panel per definition."""
        rows = list(self.progress.values())

        def panel(row: Record) -> str:
            return panel_title(self, self.first[row["indicator_id"]]["facets"])

        return self.figures(gap_pictures(self, rows, self.series, panel=panel, highlight=self.highlight))

    def slope_figure(self) -> Piece:
        """From today's value to the last target, for the indicators that may be compared directly."""
        picture = slope_picture(self)
        return self.piece(*([picture] if picture else []))

    def verdict_table(self) -> Piece:
        """The matrix of verdicts, for pairs of different cities the reasons, and official figures beside them."""
        matrix = verdict_picture(self)
        blocks: list[Block] = [Heading(self.text("verdict_heading")), Paragraph(plain(self.text("verdict_note")), "note")]
        blocks += self.many.blocks() if self.many else []
        if matrix:
            blocks.append(matrix)
        return self.piece(
            *blocks,
            *self.pairs_in_words(),
            *self.official.blocks(),
            self.data("pairs", self.all_pairs),
            self.data("group", self.group),
        )

    def pairs_in_words(self) -> list[Block]:
        """The pairs of different municipalities with verdict and reason; beyond a page or two, only how many more there are."""
        pairs = self.between_cities()
        blocks: list[Block] = [self._pairs_table(pairs[:_MOST_PAIRS])] if pairs else []
        if len(pairs) > _MOST_PAIRS:
            blocks.append(Paragraph(plain(self.text("pairs_more", n=len(pairs) - _MOST_PAIRS)), "note"))
        return blocks

    def _pairs_table(self, pairs: list[Record]) -> Table:
        rows = [
            [
                cell(f"{self.series(pair['left_id'])} – {self.series(pair['right_id'])}"),
                cell(self.text(f"verdict_{VERDICTS[pair['verdict']]}"), VERDICTS[pair["verdict"]]),
                cell(self.reason(pair)),
            ]
            for pair in pairs
        ]
        return Table(
            self.text("pairs_label"), [self.text(f"col_{name}") for name in ("pair", "verdict", "reason")], rows, "pairs"
        )

    def after_transformation(self, pair: Record) -> str:
        """Both values of a pair after its transformation, in the order of the pair."""
        shown = []
        for side in ("left", "right"):
            if pair[f"{side}_transformation"]:
                unit = pair[f"{side}_transformed_unit_{self.lang}"] or ""
                amount = f"{self.number(pair[f'{side}_transformed'], 2)}{'' if self.lang == 'ja' or unit == '%' else ' '}{unit}"
            else:
                amount = wording.value(pair, self.lang, f"{side}_")
            shown.append(f"{self.city(pair[f'{side}_code'])} {amount}")
        return ("、" if self.lang == "ja" else ", ").join(shown)

    def transformations_of(self, pair: Record) -> str:
        """The names of the transformations that a pair needs; empty for a direct one."""
        used = [pair["left_transformation"], pair["right_transformation"]]
        return join([self.transformations[name] for name in dict.fromkeys(used) if name], self.lang)

    def reason(self, pair: Record) -> str:
        """Why a pair has its verdict, in words."""
        if pair["verdict"] == "not comparable":
            return str(pair[f"differing_{self.lang}"])
        if pair["verdict"] == "transformed":
            return self.text("reason_transformed", names=self.transformations_of(pair), after=self.after_transformation(pair))
        unstated = pair[f"unstated_{self.lang}"]
        return self.text("reason_unstated", facets=unstated) if unstated else self.text("reason_agree")

    def progress_table(self) -> Piece:
        """Progress to each indicator's own target, or why it cannot be computed; with the rows for Excel."""
        return self.piece(
            Heading(self.text("progress_heading")),
            Paragraph(plain(self.text("progress_note")), "note"),
            progress_table(self, list(self.progress.values()), with_city=True),
            self.data("progress", self.all_progress),
        )


def progress_table(page: Page, rows: list[Record], *, with_city: bool = False) -> Table:
    """Indicators with baseline, latest, target, class, and what is required per year, each number with its source."""
    known = page.values_by_id([r[f"{role}_id"] for r in rows for role in ("baseline", "latest", "target")])
    shown = []
    for row in rows:
        cells = [
            cell(
                f"{page.city(row['municipality_code'])}｜{row['indicator'] or page.text('no_name')}"
                if with_city
                else (row["indicator"] or page.text("no_name"))
            ),
            *(
                Cell([page.value(known[row[f"{role}_id"]], row[f"{role}_id"])])
                if row[f"{role}_id"] in known
                else cell("—", "missing")
                for role in ("baseline", "latest", "target")
            ),
            class_cell(page, row),
            cell(required(page, row)),
            cell(row[f"reason_{page.lang}"] or ""),
        ]
        shown.append(cells)
    names = ("indicator", "baseline", "actual", "last_target", "class", "required", "why_not")
    return Table(page.text("progress_heading"), [page.text(f"col_{name}") for name in names], shown, "progress")


_KIND_OF_CLASS = {
    "achieved": "good",
    "maintained": "good",
    "on track": "good",
    "acceleration needed": "watch",
    "limited": "watch",
    "deterioration": "bad",
    "missed": "bad",
    "not maintained": "bad",
}


def class_cell(page: Page, row: Record) -> Cell:
    """The class of progress in words, with a sign so that colour is not needed."""
    if row["class"] is None:
        return cell("—", "missing")
    return cell(page.text(f"class_{row['class'].replace(' ', '_')}"), _KIND_OF_CLASS[row["class"]])


def required(page: Page, row: Record) -> str:
    """What must change per year to reach the target, with sign and unit."""
    if row["required_per_year"] is None:
        return "—"
    if row["required_per_year"] == 0:
        return page.text("already_there")
    change = page.number(row["required_per_year"], decimals_of(row["required_per_year"]), sign=True)
    return page.text("per_year", change=change, unit=change_unit(page, row["unit"]))


def change_unit(page: Page, unit: str | None) -> str:
    """The unit of a difference: percentages differ by points."""
    if unit == "%":
        return page.text("points")
    return wording.unit(unit, page.lang) if page.lang == "ja" or not unit else f" {wording.unit(unit, page.lang)}"


def letter(position: int) -> str:
    """The key of the n-th indicator: A, B … Z, AA, AB.

    >>> [letter(n) for n in (0, 25, 26)]
    ['A', 'Z', 'AA']
    """
    head, tail = divmod(position, 26)
    return (letter(head - 1) if head else "") + chr(ord("A") + tail)

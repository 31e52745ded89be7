"""The EBPM briefing: one A4 page for one question, and a second with the full tables."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from dxlib import wording
from dxlib.blocks import Block, Cell, Heading, Items, Opening, PageBreak, Picture, Piece, Span, Table, Terms, citations
from dxlib.blocks import Text as Paragraph
from dxlib.indicators import Workbench
from dxlib.rules import SEVERITIES
from dxlib.show.answer import Answer, facets_of
from dxlib.show.base import VERDICTS, Record, cell, join, plain, records, short
from dxlib.show.comparison import Comparison, class_cell, progress_table, required
from dxlib.show.figures import path_picture
from dxlib.show.municipality import one_municipality
from dxlib.show.nearest import nearest_in_population
from dxlib.show.sentences import rich, text_of

_PEERS = 5
_OWN_ROWS = 2
_REASONS = 4
_FACETS = 2
_AUDITS, _AUDIT_LENGTH = 2, 90


@cache
def _logic_model() -> dict[str, Any]:
    return tomllib.loads(files("dxlib").joinpath("vocabulary/logic_model.toml").read_text(encoding="utf-8"))


class Briefing(Comparison):
    """A theme, one municipality and its peers.

    Args:
        bench: an open warehouse.
        theme: key of a theme.
        municipality: code or full name of the municipality that asks.
        peers: codes or names of those it is compared with; when empty the five nearest in population.
        lang: ``ja`` or ``en``.

    Raises:
        QueryError: the theme, a municipality or the language is unknown, or no municipality is given.
        MunicipalityError: the name or code of a municipality is unknown or ambiguous.
    """

    most = None  # whom it is compared with is asked for

    def __init__(self, bench: Workbench, theme: str, municipality: str, peers: Sequence[str] = (), lang: str = "ja") -> None:
        self.code = one_municipality(bench, municipality)
        named = bench.check_municipalities(peers) if peers else nearest_in_population(bench, self.code, _PEERS)
        self.peers = [code for code in named if code != self.code]
        super().__init__(bench, theme, [self.code, *self.peers], lang, highlight=self.code)
        self.answer = Answer(self, self.code)
        self.headline = self.answer.headline
        self.checks = self._checks()
        self._spoken: list[list[Span]] = []

    def _checks(self) -> list[Record]:
        if self.headline is None:
            return []
        question = """
            SELECT q.rule_id, q.is_met FROM quality_check q JOIN rule r USING (rule_id)
            WHERE q.indicator_id = ? ORDER BY r.position
        """
        return records(self.bench.sql(question, [self.headline["indicator_id"]], sees=[self.code]))

    def front(self) -> Piece:
        """The page for the decision maker: question, answer, figure, table, and how to read them."""
        blocks: list[Block] = [
            Opening(self._title(), self._scope()),
            Paragraph([Span(self.text("brief_question"), bold=True), Span(self._question())]),
            Paragraph(self.answer.sentence(), "answer"),
        ]
        if self.headline:
            picture = self._picture()
            blocks += [picture] if picture else [Paragraph(plain(self.text("brief_no_picture")), "note")]
            blocks += [self._table(), Terms(self._reading())]
        elif self.values:
            blocks.append(self._table())
        blocks.append(Paragraph([Span(self.text("brief_evidence_head"), bold=True), Span(self._evidence())], "caution"))
        blocks.append(Paragraph([Span(self.text("brief_sources"), bold=True), Span(self._cited_in_short(blocks))], "note"))
        return self.piece(*blocks)

    def _evidence(self) -> str:
        """What kind of evidence the page gives: of how many cities figures are printed, and whether there is a series."""
        numbers = [v for v in self.values if v["value"] is not None or v["numerator"] is not None]
        cities = {v["municipality_code"] for v in numbers}
        known = {(v["indicator_id"], v["fiscal_year"]) for v in numbers if v["role"] != "target" and v["fiscal_year"]}
        has_series = len(known) > len({indicator for indicator, _ in known})
        if not cities:
            return self.text("brief_evidence_none")
        kind = self.text("brief_evidence_cross", n=len(cities)) if len(cities) > 1 else self.text("brief_evidence_one")
        return self.text("brief_evidence", kind=kind, series=self.text("brief_evidence_series") if has_series else "")

    def _title(self) -> str:
        return self.text(
            "brief_title" if self.headline else "brief_title_silent", theme=self.name(self.about), city=self.city(self.code)
        )

    def _scope(self) -> str:
        peers = join(map(self.city, self.peers), self.lang) or self.text("nobody")
        day = self.newest_day(self.documents_of(self.codes))
        return self.text("brief_scope", city=self.city(self.code), code=self.code, peers=peers, day=day)

    def _question(self) -> str:
        target = self.answer.values.get((self.headline or {}).get("target_id") or "")
        words = {"city": self.city(self.code), "theme": self.name(self.about)}
        if self.headline is None or target is None or self.answer.scope(self.headline) == "review":
            return self.text("brief_question_open", **words)
        shown = text_of(self.value(target, notes=False)[:1])
        return self.text("brief_question_target", target=shown, **words)

    def _picture(self) -> Picture | None:
        if self.headline is None:
            return None
        same = [p["other_id"] for p in self.answer.pairs(self.headline) if p["verdict"] == "direct"]
        peers = [v for v in self.values if v["indicator_id"] in same]
        review = self.answer.review["indicator_id"] if self.answer.review else None
        extra = [v for v in self.values if v["indicator_id"] == review]
        title = self._picture_title()
        return path_picture(self, self.headline, own_more=extra, peers=peers, title=title, apart=True)

    def _picture_title(self) -> str:
        row = self.headline or {}
        known, target = self.answer.known(row), self.answer.values.get(row["target_id"] or "")
        words = {"city": self.city(self.code)}
        if known and target and _year_of(known) == _year_of(target):
            words |= {
                "value": text_of(self.value(known, year=False, notes=False)),
                "target": text_of(self.value(target, notes=False)),
            }
            return self.text("brief_picture_same_year", **words)
        if known and target:
            start, end = (text_of(self.value(v, notes=False)) for v in (known, target))
            return self.text("brief_picture_path", start=start, end=end, **words)
        if target:
            return self.text("brief_picture_target", end=text_of(self.value(target, notes=False)), **words)
        return self.text("brief_picture_known", indicator=self.answer.name(row), **words)

    def _table(self) -> Table:
        own = sorted(self.answer.own, key=lambda r: r is not self.headline)
        rows = [
            self._row(r, cell(self.text("brief_self" if r is self.headline else "brief_other_own"))) for r in own[: 1 + _OWN_ROWS]
        ]
        best = self.answer.best_by_peer()
        for code in self.peers:
            if code in best:
                pair = best[code]
                rows.append(self._row(self.progress[pair["other_id"]], self._verdict(pair)))
            elif self.headline is None:
                rows += [self._row(r, cell("—")) for r in self.progress.values() if r["municipality_code"] == code][:1]
        names = ("city", "indicator", "baseline", "actual", "last_target", "class", "required", "comparable")
        return Table(self.text("brief_table"), [self.text(f"col_{name}") for name in names], rows, "brief")

    def _row(self, row: Record, verdict: Cell) -> list[Cell]:
        values = []
        for role in ("baseline", "latest", "target"):
            record = self.answer.values.get(row[f"{role}_id"] or "")
            spoken = self.value(record, record["observation_id"]) if record else []
            self._spoken.append(spoken)
            values.append(Cell([spoken]) if spoken else cell(self._blank(row, role), "missing"))
        name = short(row["indicator"], 40) or self.text("no_name")
        if self.answer.scope(row) == "review":
            name += self.text("in_review")
        return [
            cell(self.city(row["municipality_code"])),
            cell(name),
            *values,
            class_cell(self, row),
            cell(required(self, row)),
            verdict,
        ]

    def _blank(self, row: Record, role: str) -> str:
        words = self.target_in_words(row["indicator_id"]) if role == "target" else None
        return short(words["value_text"], 30) if words else self.text("not_printed")

    def _verdict(self, pair: Record) -> Cell:
        kind = VERDICTS[pair["verdict"]]
        return Cell([[Span(self.text(f"verdict_{kind}"), bold=True)], [Span(self._why(pair), small=True)]], kind)

    def _why(self, pair: Record) -> str:
        if pair["verdict"] == "not comparable":
            return self.text("brief_differs", facets=self.answer.facets_apart(pair, 4))
        return short(self.reason(pair), 60)

    def _reading(self) -> list[tuple[str, list[Span]]]:
        rows = [
            (self.text("brief_caveats"), plain(" ".join(self._caveats()) if self.lang == "en" else "".join(self._caveats()))),
            (self.text("brief_refused"), self._refused()),
            (self.text("brief_audit"), self._audit()),
            (self.text("brief_logic"), self._logic()),
            (self.text("brief_checks"), self._flags()),
        ]
        return [(name, spans) for name, spans in rows if text_of(spans)]

    def _caveats(self) -> list[str]:
        row = self.headline or {}
        found = []
        if row["class"] is None and self.answer.scope(row) == "plan" and row["target_year"] and self.answer.is_over(row):
            found.append(self.text("brief_over"))
        elif row[f"reason_{self.lang}"] and row["class"] is None:
            found.append(self.text("brief_reason", reason=row[f"reason_{self.lang}"]))
        steps = self._steps()
        if steps:
            found.append(steps)
        if self.answer.review and self.answer.review["baseline_value"] is None:
            found.append(self.text("brief_no_trend"))
        if "per_10k" not in self._allowed() and self._facet("unit") == "count":
            found.append(self.text("brief_no_per_10k"))
        return found

    def _audit(self) -> list[Span]:
        """What the audit found about values of this page, in words, the gravest first; the rest is marked."""
        marks = [span.mark for spans in (self.answer.sentence(), *self._spoken) for span in spans if span.mark]
        words = {remark.key: remark.text for remark in self._remarks.values()}
        grave = {
            remark.key: SEVERITIES.index(self._findings[n]["severity"])
            for (kind, n), remark in self._remarks.items()
            if kind == "audit"
        }
        marks.sort(key=lambda mark: grave.get(mark, -1))
        shown = [f"{mark} {short(words[mark], _AUDIT_LENGTH)}" for mark in list(dict.fromkeys(marks))[:_AUDITS]]
        if len(set(marks)) > len(shown):
            shown.append(self.text("brief_marked"))
        return plain(("　" if self.lang == "ja" else "  ").join(shown))

    def _allowed(self) -> list[str]:
        question = "SELECT transformation_id FROM theme_transformation WHERE theme_id = ?"
        return [row[0] for row in self.bench.sql(question, [self.theme], sees=[]).fetchall()]

    def _facet(self, facet: str) -> str:
        return facets_of(self.first[(self.headline or {})["indicator_id"]]).get(facet, "unknown")

    def _steps(self) -> str:
        """How the yearly targets of the headline go up, when the plan prints them."""
        row = self.headline or {}
        values = self.dated_targets(row["indicator_id"])
        if len(values) < 2 or any(v["relative_to"] or v["unit"] != values[0]["unit"] for v in values):
            return ""
        start = (
            [row["baseline_value"]]
            if (row["baseline_year"], row["unit"]) == (values[0]["fiscal_year"] - 1, values[0]["unit"])
            else []
        )
        numbers = [*start, *(v["value"] for v in values)]
        years = [v["fiscal_year"] for v in values]
        if years != list(range(years[0], years[0] + len(years))) or len(numbers) < 3:
            return ""
        changes = [self.number(b - a, 2, sign=True) for a, b in itertools.pairwise(numbers)]
        unit = self.text("points") if values[0]["unit"] == "%" else wording.unit(values[0]["unit"], self.lang)
        key = "brief_steps_even" if len(set(changes)) == 1 else "brief_steps"
        return self.text(
            key,
            changes=("、" if self.lang == "ja" else ", ").join(dict.fromkeys(changes) if key == "brief_steps_even" else changes),
            unit=unit,
        )

    def _refused(self) -> list[Span]:
        best = self.answer.best_by_peer()
        parts = [
            rich(
                self,
                "brief_refused_one",
                city=self.city(p["other_code"]),
                indicator=short(self.title_of(p["other_id"]), 30),
                reason=self._reason(p),
            )
            for p in best.values()
            if p["verdict"] == "not comparable"
        ][:_REASONS]
        if self.about[f"not_to_confuse_{self.lang}"]:
            parts.append(plain(self.name(self.about, "not_to_confuse")))
        gap = "" if self.lang == "ja" else " "
        return [span for part in parts for span in [*part, Span(gap)]]

    def _reason(self, pair: Record) -> str:
        """The weightiest differences with both sides; all of them stand on the second page."""
        separator = "、" if self.lang == "ja" else "; "
        parts = self.reason(pair).split(separator)
        weightiest = [self.answer.facet_name(facet) for facet in self.answer.by_weight(pair)[:_FACETS]]
        shown = [part for name in weightiest for part in parts if part.startswith(name)] or parts[:_FACETS]
        if pair["left_code"] == self.code:  # the other one's side comes first, whichever side of the pair it is on
            shown = [_flipped(part, *(("：", "／") if self.lang == "ja" else (": ", " / "))) for part in shown]
        return separator.join(shown) + (self.text("and_so_on") if len(parts) > len(shown) else "")

    def _logic(self) -> list[Span]:
        steps = _logic_model()["steps"]
        placed = {r["indicator_id"]: self._step(r["indicator_id"]) for r in self.answer.own}
        here = placed[(self.headline or {})["indicator_id"]]
        if here is None:
            return plain(self.text("brief_logic_unknown"))
        chain = " → ".join(f"【{steps[s][self.lang]}】" if s == here else steps[s][self.lang] for s in steps)
        sentences = [self.text("brief_logic_here", chain=chain, measures=self._facet_words("measures"))]
        outcomes = [r for r in self.answer.own if placed[r["indicator_id"]] == "outcome" and r is not self.headline]
        if here != "outcome" and outcomes:
            sentences.append(self.text("brief_outcome_other", indicator=short(self.answer.name(outcomes[0]), 40)))
        elif here != "outcome":
            sentences.append(self.text("brief_outcome_none"))
            theirs = [i for i in self.first if self.first[i]["municipality_code"] != self.code and self._step(i) == "outcome"]
            if theirs:
                sentences.append(
                    self.text(
                        "brief_outcome_theirs",
                        city=self.city(self.first[theirs[0]]["municipality_code"]),
                        indicator=short(self.title_of(theirs[0]), 30),
                    )
                )
        else:
            sentences.append(self.text("brief_impact"))
        return plain(("" if self.lang == "ja" else " ").join(sentences))

    def _step(self, indicator_id: str) -> str | None:
        found = _logic_model()["measures"].get(facets_of(self.first[indicator_id]).get("measures", ""))
        return None if found is None else str(found)

    def _facet_words(self, facet: str) -> str:
        question = f"SELECT name_{self.lang} FROM facet_value WHERE facet = ? AND value = ?"
        return str(self.bench.sql(question, [facet, self._facet(facet)], sees=[]).fetchall()[0][0])

    def _flags(self) -> list[Span]:
        flags = [f"{self.text('check_' + r['rule_id'])}{'○' if r['is_met'] else '×'}" for r in self.checks]
        row = self.headline or {}
        years = {v["fiscal_year"] for v in self.dated_targets(row["indicator_id"])}
        flags.append(f"{self.text('check_yearly')}{'○' if len(years) > 1 else '×'}")
        flags.append(f"{self.text('check_outcome')}{'○' if self._step(row['indicator_id']) == 'outcome' else '×'}")
        return plain("　".join(flags) if self.lang == "ja" else "  ".join(flags))

    def _cited_in_short(self, blocks: list[Block]) -> str:
        lines: dict[str, list[int]] = {}
        for citation in citations(blocks):
            lines.setdefault(citation.document_id, []).append(citation.line)
        comma = "・" if self.lang == "ja" else ", "
        parts = []
        for document_id, found in sorted(lines.items()):
            numbers = list(dict.fromkeys(found))
            words = {"document": self._documents[document_id]["title"], "lines": comma.join(map(str, numbers))}
            parts.append(self.text("brief_source", **words) if len(numbers) > 1 else self.text("brief_source_one", **words))
        return ("／" if self.lang == "ja" else "; ").join(parts) + self.text("brief_lines")

    def back(self) -> Piece:
        """The second page: the theme, every value, progress, and every pair with its reason."""
        blocks: list[Block] = [PageBreak(), Heading(self.text("brief_back", theme=self.name(self.about)))]
        blocks += [Paragraph(plain(self.name(self.about, "definition")), "note")]
        if self.values:
            blocks += [
                self.values_as_table(),
                Heading(self.text("progress_heading"), 3),
                progress_table(self, list(self.progress.values()), with_city=True),
            ]
        pairs = self.pairs_in_words()
        if pairs:
            blocks += [Heading(self.text("verdict_heading"), 3), *pairs]
        return self.piece(
            *blocks,
            self.data("values", self.all_values),
            self.data("progress", self.all_progress),
            self.data("pairs", self.all_pairs),
        )

    def figure_data(self) -> Piece:
        """The data table of the front page's figure."""
        tables = [block.table for block in self._shown if isinstance(block, Picture) and block.table_apart]
        blocks: list[Block] = []
        for table in tables:
            blocks += [Heading(self.text("figure_table", label=table.label), 3), table]
        return self.piece(*(blocks or [Items([])]))


def _year_of(record: Record) -> tuple[int | None, int | None]:
    return record["fiscal_year"], record["calendar_year"]


def _flipped(part: str, colon: str, slash: str) -> str:
    """A difference with its two sides exchanged; one that says the same of both stays.

    >>> _flipped("unit: count / share (%)", ": ", " / "), _flipped("no value", ": ", " / ")
    ('unit: share (%) / count', 'no value')
    """
    name, _, sides = part.partition(colon)
    left, between, right = sides.partition(slash)
    return f"{name}{colon}{right}{slash}{left}" if between else part

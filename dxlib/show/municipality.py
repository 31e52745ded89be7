"""One municipality: what its plans cover, how its indicators stand, how they are made, what the audit found, and its peers."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from dxlib import wording
from dxlib.blocks import Block, Cell, Heading, Opening, Picture, Piece, Span, Table
from dxlib.blocks import Text as Paragraph
from dxlib.errors import QueryError
from dxlib.indicators import Workbench
from dxlib.rules import SEVERITIES
from dxlib.show.base import Page, Record, cell, coverage_level, join, plain, records, short
from dxlib.show.comparison import progress_table
from dxlib.show.figures import PANELS_A_PICTURE, about, gap_pictures, is_drawable, known_and_target


class Municipality(Page):
    """The profile of one municipality.

    Args:
        bench: an open warehouse.
        municipality: its code or full name.
        lang: ``ja`` or ``en``.

    Raises:
        QueryError: no municipality is given, it has no plan, or the language is unknown.
        MunicipalityError: its name or code is unknown or ambiguous.
    """

    def __init__(self, bench: Workbench, municipality: str, lang: str = "ja") -> None:
        self.code = one_municipality(bench, municipality)
        super().__init__(bench, lang, [self.code])
        self.plans = self._own(
            """
            SELECT p.*, d.title AS document, d.edition, d.published FROM plan p JOIN document d USING (document_id)
            WHERE list_contains(?, d.municipality_code) ORDER BY p.first_fiscal_year, p.plan_id
            """
        )
        self.all_progress = records(bench.progress(None, [self.code]))
        self.progress = [r for r in self.all_progress if not r["revised_by"]]  # the rest is in Excel and CSV
        self.themes = records(bench.coverage([self.code]))
        self.quality = records(bench.quality([self.code]))
        self.score = records(bench.quality_score([self.code]))
        self.audit = records(bench.audit([self.code]))
        self.scopes = {p["plan_id"]: p["scope"] for p in self.plans}

    def opening(self) -> Piece:
        """Name, plans and population, and what was found in sentences."""
        population = self._population(self.code)
        scope = (
            [
                self.text(
                    "population_line",
                    n=wording.number(population["value"], self.lang),
                    day=wording.day(str(population["as_of"]), self.lang),
                )
            ]
            if population
            else [self.text("population_unknown")]
        )
        return self.piece(
            Opening(
                self.text("profile_title", city=self.city(self.code), code=self.code),
                "｜".join([*self._plans_in_words(), *scope]),
            ),
            Heading(self.text("finding_heading")),
            self.findings(self._findings_in_words()),
            Paragraph(plain(self.text("no_effect")), "caution"),
        )

    def _plans_in_words(self) -> list[str]:
        return [self.text(f"plan_{p['scope']}", plan=p["title"], years=self._period(p)) for p in self.plans]

    def _period(self, plan: Record) -> str:
        first, last = (wording.year({"fiscal_year": plan[f"{end}_fiscal_year"]}, self.lang) for end in ("first", "last"))
        return f"{first}{self.text('to')}{last}"

    def _findings_in_words(self) -> list[str]:
        planned = [r for r in self.progress if self.scopes[r["plan_id"]] == "plan"]
        reviewed = [r for r in self.progress if self.scopes[r["plan_id"]] == "review"]
        found = []
        if planned:
            with_target = sum(r["target_printed"] is not None for r in planned)
            with_both = sum(
                r["target_printed"] is not None and (r["baseline_value"] is not None or r["latest_value"] is not None)
                for r in planned
            )
            found.append(self.text("profile_planned", n=len(planned), targets=with_target, both=with_both))
        if reviewed:
            judged = [r for r in reviewed if r["class"]]
            met = sum(r["class"] in ("achieved", "maintained") for r in judged)
            found.append(self.text("profile_reviewed", n=len(reviewed), judged=len(judged), met=met, missed=len(judged) - met))
        measurable = sum(t["coverage"] == "measurable target" for t in self.themes)
        addressed = sum(t["coverage"] != "not addressed" for t in self.themes)
        found.append(self.text("profile_themes", n=len(self.themes), addressed=addressed, measurable=measurable))
        for row in (r for r in self.score if r["rule_id"] is None):
            found.append(self.text("profile_quality", plan=row["plan"], met=row["met"], n=row["applicable"]))
        errors = sum(f["severity"] == "error" for f in self.audit)
        found.append(self.text("profile_audit", n=len(self.audit), errors=errors))
        return found

    def coverage(self) -> Piece:
        """Themes that the plans address, with how many measures, indicators and measurable targets."""
        shown = [t for t in self.themes if t["coverage"] != "not addressed"]
        silent = [self.name(t, "theme") for t in self.themes if t["coverage"] == "not addressed"]
        rows = [
            [
                cell(self.name(t, "theme")),
                coverage_cell(self, t),
                *(
                    cell(str(t[key]))
                    for key in ("measures", "indicators", "measurable_targets", "known_values", "reviewed_indicators")
                ),
            ]
            for t in shown
        ]
        names = ("theme", "coverage", "measures", "indicators", "measurable_targets", "known_values", "reviewed_indicators")
        blocks: list[Block] = [
            Heading(self.text("coverage_heading")),
            Table(self.text("coverage_heading"), [self.text(f"col_{name}") for name in names], rows),
        ]
        if silent:
            blocks.append(Paragraph(plain(self.text("coverage_silent", themes=join(silent, self.lang))), "note"))
        return self.piece(*blocks, self.data("coverage", self.themes))

    def indicators(self) -> Piece:
        """Every indicator with its values, class and what is required per year; the plan first, then the review of the last."""
        blocks: list[Block] = [
            Heading(self.text("profile_indicators_heading")),
            Paragraph(plain(self.text("progress_note")), "note"),
        ]
        for plan in sorted(self.plans, key=lambda p: (p["scope"] == "review", p["plan_id"])):
            own = [r for r in self.progress if r["plan_id"] == plan["plan_id"]]
            if own:
                blocks += [
                    Heading(plan["title"] if plan["scope"] == "plan" else self.text("review_of", plan=plan["title"]), 3),
                    progress_table(self, own),
                ]
        return self.piece(
            *blocks,
            self.data("progress", self.all_progress),
            self.data("values", self.bench.values(None, [self.code])),
        )

    def gap_figure(self) -> Piece:
        """Baseline, latest value and target of each indicator that is to rise, in percent of its own target."""
        return self.figures(gap_pictures(self, self.progress, self._names(self.progress).__getitem__))

    def _names(self, rows: list[Record]) -> dict[str, str]:
        """Short names that stay different: an indicator that a review prints too says so."""
        found: dict[str, str] = {}
        for row in rows:
            name = short(row["indicator"] or self.text("no_name"), 26)
            if self.scopes[row["plan_id"]] == "review":
                name += self.text("in_review")
            count = sum(one == name or one.startswith(f"{name} (") for one in found.values())
            found[row["indicator_id"]] = f"{name} ({count + 1})" if count else name
        return found

    def path_figure(self) -> Piece:
        """The yearly path of each indicator that prints one, a panel an indicator."""
        found = [(row, own) for row in self.progress if len(_target_years(own := self._drawable(row))) > 1]
        if not found:
            return self.piece(Paragraph(plain(self.text("no_paths")), "note"))
        title = self.text("figure_paths_title", n=len(found), of=len(self.progress))
        parts = [found[i : i + PANELS_A_PICTURE] for i in range(0, len(found), PANELS_A_PICTURE)]
        titles = [title, *(self.text("figure_next", title=title, n=n, of=len(parts)) for n in range(2, len(parts) + 1))]
        return self.figures([self._paths(part, head, len(found)) for part, head in zip(parts, titles, strict=True)])

    def _drawable(self, row: Record) -> list[Record]:
        return [v for v in self.values_of(row["indicator_id"]) if is_drawable(v) and v["unit"] == row["unit"]]

    def _paths(self, part: list[tuple[Record, list[Record]]], title: str, n: int) -> Picture:
        from dxlib.charts import values_by_year

        panels, rows = [], []
        for row, own in part:
            name = short(row["indicator"] or self.text("no_name"), 48)
            unit = wording.unit(row["unit"], self.lang) or self.text("no_unit")
            panels.append((self.text("name_and_unit", name=name, unit=unit), [self._point(v) for v in own]))
            for v in own:
                value = Cell([self.value(v, v["observation_id"], year=False, notes=False)])
                rows.append([cell(name), cell(self.text(f"role_{v['role']}")), cell(wording.year(v, self.lang)), value])
        words = known_and_target(self)
        chart = values_by_year(
            panels, axis_title=self.text("axis_year"), legend_title=self.text("col_indicator"), words=words, minus=self.minus
        )
        names = ("indicator", "role", "year", "value")
        table = Table(self.text("figure_path_table"), [self.text(f"col_{name}") for name in names], rows, "figure-data")
        alt = self.text("chart_alt", title=title, points="; ".join(name for name, _ in panels))
        shown = [v for _, own in part for v in own]
        note = about(self, [v["unit"] for v in shown], shown, len(part), len(self.progress) - n)
        return self.picture(chart, title, note, alt, table)

    def _point(self, value: Record) -> Record:
        return {
            "series": self.city(self.code),
            "year": value["fiscal_year"] or value["calendar_year"],
            "value": value["value"],
            "kind": "target" if value["role"] == "target" else "known",
            "label": wording.value(value, self.lang),
        }

    def quality_table(self) -> Piece:
        """How many quality checks each plan meets, by rule, and what is not met."""
        return self.piece(
            Heading(self.text("quality_heading")), Paragraph(plain(self.text("quality_note")), "note"), *self.quality_blocks()
        )

    def quality_blocks(self) -> list[Block]:
        """The score by rule, and the findings, with the rows for Excel."""
        rows = [
            [
                cell(self._plan(r)),
                cell(self.text(f"check_{r['rule_id']}").strip() if r["rule_id"] else self.text("all_rules")),
                _score(r),
                cell(self.text("x_of_n", x=r["met"], n=r["applicable"])),
            ]
            for r in self.score
        ]
        names = ("plan", "rule", "met_sign", "met_of")
        return [
            Table(self.text("quality_heading"), [self.text(f"col_{name}") for name in names], rows),
            *self._quality_findings(),
            self.data("quality_score", self.score),
            self.data("quality", self.quality),
        ]

    def _plan(self, row: Record) -> str:
        return str(row["plan"]) if row["scope"] == "plan" else self.text("review_of", plan=row["plan"])

    def _quality_findings(self) -> list[Block]:
        if not self.quality:
            return [Paragraph(plain(self.text("quality_none")), "note")]
        rows = [[cell(self.name(f)), cell(f[f"text_{self.lang}"]), self._quote(f)] for f in self.quality]
        columns = [self.text(f"col_{name}") for name in ("rule", "finding", "printed")]
        return [Table(self.text("quality_findings"), columns, rows, "findings-table")]

    def _quote(self, finding: Record) -> Cell:
        return Cell([[Span(short(finding["quote"], 60), cites=self.cite(finding))]])

    def audit_table(self) -> Piece:
        """What the audit found in the printed figures, gravest first, each place linked."""
        blocks: list[Block] = [Heading(self.text("audit_heading")), Paragraph(plain(self.text("audit_note")), "note")]
        if self.audit:
            columns = [self.text(f"col_{name}") for name in ("severity", "rule", "finding", "recomputed", "places")]
            blocks.append(
                Table(self.text("audit_heading"), columns, [self._audit_row(f) for f in self._by_severity()], "findings-table")
            )
        else:
            blocks.append(Paragraph(plain(self.text("audit_none")), "note"))
        return self.piece(*blocks, self.data("audit", self.audit))

    def _by_severity(self) -> list[Record]:
        order = list(SEVERITIES)
        return sorted(self.audit, key=lambda f: (order.index(f["severity"]), f["document_id"], f["line"]))

    def _audit_row(self, finding: Record) -> list[Cell]:
        places = [[Span(short(p["quote"], 40), cites=self.cite(p))] for p in finding["places"]]
        severity = finding["severity"]
        kind = {"error": "bad", "inconsistent definition": "watch", "suspicious": "watch"}.get(severity, "")
        return [
            cell(self.text(f"severity_{severity.replace(' ', '_')}"), kind),
            cell(self.name(finding)),
            cell(finding[f"text_{self.lang}"]),
            cell(finding["recomputed"] or "—"),
            Cell(places),
        ]

    def _population(self, code: str) -> Record | None:
        rows = records(
            self.bench.sql(
                """
                SELECT * FROM reference_now WHERE municipality_code = ? AND item = 'population' AND value > 0
                ORDER BY as_of DESC LIMIT 1
                """,
                [code],
                sees=[code],
            )
        )
        return rows[0] if rows else None

    def peers(self) -> Piece:
        """The municipalities of the same band of population: how many indicators and measurable targets their plans have."""
        own = self._population(self.code)
        blocks: list[Block] = [Heading(self.text("peers_heading"))]
        if own is None:
            return self.piece(*blocks, Paragraph(plain(self.text("population_unknown")), "note"))
        low, high = band(own["value"])
        found = records(self.bench.sql(_PEERS, [f"{low}-{high or ''}", low, high]))
        near = sorted(found, key=lambda r: (r["municipality_code"] != self.code, abs(r["population"] - own["value"])))[
            : 1 + _PEERS_SHOWN
        ]
        shown = [r for r in found if r in near]
        self._meet([r["municipality_code"] for r in shown])
        rows = [
            [
                cell(self.city(r["municipality_code"])),
                cell(wording.number(r["population"], self.lang)),
                cell(wording.day(str(r["population_as_of"]), self.lang)),
                *(cell(str(r[key])) for key in ("themes_addressed", "indicators", "measurable_targets")),
            ]
            for r in shown
        ]
        names = ("city", "population", "as_of", "themes_addressed", "indicators", "measurable_targets")
        limits = (
            self.text("band", low=wording.number(low, self.lang), high=wording.number(high, self.lang))
            if high
            else self.text("band_open", low=wording.number(low, self.lang))
        )
        if len(found) < 2:
            return self.piece(*blocks, Paragraph(plain(self.text("peers_none", band=limits)), "note"))
        blocks += [
            Paragraph(plain(self.text("peers_note", band=limits, n=len(found) - 1)), "note"),
            Table(self.text("peers_heading"), [self.text(f"col_{name}") for name in names], rows),
            Paragraph(plain(self.text("population_source", source=own["source"])), "note"),
        ]
        if len(found) > len(shown):
            blocks.insert(-1, Paragraph(plain(self.text("peers_more", n=len(found) - len(shown), shown=_PEERS_SHOWN)), "note"))
        return self.piece(*blocks, self.data("peers", found))


_PEERS_SHOWN = 20
_PEERS = """
    SELECT r.municipality_code, c.municipality, c.municipality_en, m.prefecture, ? AS population_band, r.value AS population,
        r.as_of AS population_as_of, r.source AS population_source,
        count(*) FILTER (c.coverage <> 'not addressed') AS themes_addressed,
        sum(c.indicators)::BIGINT AS indicators, sum(c.measurable_targets)::BIGINT AS measurable_targets
    FROM (
        SELECT municipality_code, arg_max(value, as_of) AS value, max(as_of) AS as_of, arg_max(source, as_of) AS source
        FROM reference_now WHERE item = 'population' AND value > 0 GROUP BY municipality_code
    ) r
    JOIN coverage c USING (municipality_code)
    JOIN municipality m ON m.code = r.municipality_code
    WHERE r.value >= ? AND r.value < coalesce(?, 1e18)
    GROUP BY ALL ORDER BY population DESC, municipality_code
"""


def _target_years(values: list[Record]) -> set[int]:
    return {v["fiscal_year"] or v["calendar_year"] for v in values if v["role"] == "target"}


def one_municipality(bench: Workbench, code: str) -> str:
    """The code of a municipality, when it has a plan.

    Raises:
        QueryError: none is given, or it has no plan; the message lists those that have.
        MunicipalityError: its name or code is unknown or ambiguous.
    """
    if not code:
        known = ", ".join(bench.check_municipalities())
        raise QueryError("no municipality is given", code="municipality-missing", hint=f"set municipality to one of: {known}")
    return bench.check_municipalities([code])[0]


def band(population: float) -> tuple[int, int | None]:
    """The band of population that a number of inhabitants falls into; None for no upper limit.

    >>> band(122765), band(9999), band(300000)
    ((100000, 300000), (0, 10000), (300000, None))
    """
    limits = [0, *tomllib.loads(files("dxlib").joinpath("vocabulary/peers.toml").read_text(encoding="utf-8"))["limits"]]
    at = max(n for n, limit in enumerate(limits) if population >= limit)
    return limits[at], limits[at + 1] if at + 1 < len(limits) else None


def coverage_cell(page: Page, row: Record) -> Cell:
    """A level of coverage in words and colour."""
    level = coverage_level(row["coverage"])
    return cell(page.text(f"level_{level}"), f"level{level}")


def _score(row: Record) -> Cell:
    is_met = row["met"] == row["applicable"]
    return cell("○" if is_met else "△" if row["met"] else "×", "good" if is_met else "watch" if row["met"] else "bad")

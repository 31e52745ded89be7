"""Which municipality addresses which topic of the national plan, and which theme."""

from __future__ import annotations

from collections.abc import Sequence

from dxlib import wording
from dxlib.blocks import Block, Heading, Opening, Picture, Piece, Table
from dxlib.blocks import Text as Paragraph
from dxlib.columns import Rows
from dxlib.indicators import Workbench
from dxlib.show.base import Page, Record, cell, coverage_level, join, plain, records
from dxlib.show.maps import coverage_map

_ROWS_A_PICTURE = 16


class Topics(Page):
    """Coverage of the national topics (重点取組事項) and of the themes by municipality.

    Args:
        bench: an open warehouse.
        version: version of the 自治体DX推進計画; the newest when empty.
        municipalities: codes or full names; all when empty.
        lang: ``ja`` or ``en``.

    Raises:
        QueryError: the version, a municipality or the language is unknown.
        MunicipalityError: the name or code of a municipality is unknown or ambiguous.
    """

    def __init__(self, bench: Workbench, version: str = "", municipalities: Sequence[str] = (), lang: str = "ja") -> None:
        self.codes = bench.check_municipalities(municipalities)
        super().__init__(bench, lang, self.codes)
        self.topics = records(bench.topics(version or None, self.codes))
        self.version = str(self.topics[0]["version"])
        self.themes = records(bench.coverage(self.codes))
        self.national = records(bench.sql("SELECT * FROM topic WHERE version = ? ORDER BY position", [self.version], sees=[]))

    def opening(self) -> Piece:
        """Which version of the national plan, and what was found in sentences."""
        found = []
        for topic in dict.fromkeys(r["topic"] for r in self.topics):
            own = [r for r in self.topics if r["topic"] == topic]
            if all(r["coverage"] is None for r in own):
                found.append(self.text("topic_without_theme", topic=topic))
                continue
            with_target = [self.city(r["municipality_code"]) for r in own if r["coverage"] == "measurable target"]
            found.append(
                self.text(
                    "topic_covered",
                    topic=topic,
                    n=len(with_target),
                    of=len(own),
                    cities=join(with_target or [self.text("nobody")], self.lang),
                )
            )
        first = self.national[0]
        scope = self.text(
            "topics_scope",
            version=self.version,
            day=wording.day(first["published"], self.lang),
            cities=join(map(self.city, self.codes), self.lang),
        )
        blocks: list[Block] = [
            Opening(self.text("topics_title", n=len(self.codes)), scope),
            Heading(self.text("finding_heading")),
            self.findings(found),
            Paragraph(plain(self.text("topics_caution")), "caution"),
        ]
        unconfirmed = [r["name_ja"] for r in self.national if r["confirmed"] != "yes"]
        if unconfirmed:
            blocks.append(Paragraph(plain(self.text("topics_unconfirmed", topics=join(unconfirmed, self.lang))), "note"))
        return self.piece(*blocks)

    def topic_map(self) -> Piece:
        """Topics by municipalities."""
        order = list(dict.fromkeys(r["topic"] for r in self.topics))
        return self._map("topics_heading", self.topics, "topic", order, "topics")

    def theme_map(self) -> Piece:
        """Themes by municipalities, and how many of them each addresses on a map."""
        column = f"theme_{self.lang}"
        order = sorted(
            dict.fromkeys(r[column] for r in self.themes),
            key=lambda t: (-sum(r["measurable_targets"] for r in self.themes if r[column] == t), t),
        )
        piece = self._map("themes_heading", self.themes, column, order, "coverage")
        return Piece([*piece.blocks, *self.piece(*coverage_map(self, self.themes)).blocks], self.lang)

    def _map(self, heading: str, rows: Rows, column: str, order: list[str], sheet: str) -> Piece:
        cells = {(r[column], self.city(r["municipality_code"])): self._map_cell(r) for r in rows}
        cities = [self.city(code) for code in self.codes]
        full = [name for name in order if all(cells[name, city]["level"] == 3 for city in cities)]
        title = self.text("figure_map_title", n=len(full), of=len(order), cities=len(cities))
        parts = [order[i : i + _ROWS_A_PICTURE] for i in range(0, len(order), _ROWS_A_PICTURE)]
        titles = [title, *(self.text("figure_next", title=title, n=n, of=len(parts)) for n in range(2, len(parts) + 1))]
        pictures = [
            self._map_picture(head, part, cities, cells, self.text(f"col_{'topic' if column == 'topic' else 'theme'}"))
            for head, part in zip(titles, parts, strict=True)
        ]
        return self.piece(
            Heading(self.text(heading)), Paragraph(plain(self.text("map_note")), "note"), *pictures, self.data(sheet, rows)
        )

    def _map_cell(self, row: Record) -> Record:
        level = coverage_level(row["coverage"])
        return {"level": level, "symbol": self.text(f"symbol_{level}"), "text": self._count(row) if level else ""}

    def _map_picture(
        self, title: str, names: list[str], cities: list[str], cells: dict[tuple[str, str], Record], head: str
    ) -> Picture:
        from dxlib.charts import coverage_heatmap

        words = {f"level{level}": self.text(f"level_{level}") for level in range(4)} | {"missing": self.text("level_None")}
        frame = [{"row": name, "column": city, **cells[name, city]} for name in names for city in cities]
        chart = coverage_heatmap(frame, order_rows=names, order_columns=cities, words=words)
        table_rows = [
            [
                cell(name),
                *(
                    cell(f"{c['symbol']} {c['text']}".strip(), "missing" if c["level"] is None else f"level{c['level']}")
                    for c in (cells[name, city] for city in cities)
                ),
            ]
            for name in names
        ]
        table = Table(title, [head, *cities], table_rows, "matrix")
        unknown = sum(f["level"] is None for f in frame)
        note = self.text("figure_map_about", rows=len(names), columns=len(cities), unknown=unknown)
        spoken = "; ".join(
            f"{f['row']} {f['column']}: {self.text('level_' + str(f['level']))} {f['text']}".strip() for f in frame
        )
        return self.picture(
            chart, title, note, self.text("chart_alt", title=title, points=spoken), table, source=self.text("picture_source_map")
        )

    def _count(self, row: Record) -> str:
        return self.text("targets_of_indicators", targets=row["measurable_targets"], indicators=row["indicators"])

    def versions(self) -> Piece:
        """How the topics changed from version to version of the national plan."""
        rows = records(self.bench.sql("SELECT * FROM topic ORDER BY version, position", sees=[]))
        versions = sorted({r["version"] for r in rows})
        names = list(dict.fromkeys(r["topic_id"] for r in rows))
        by_place = {(r["topic_id"], r["version"]): r for r in rows}
        table = [
            [
                cell(next(r["name_ja"] for r in reversed(rows) if r["topic_id"] == name)),
                *(
                    cell(f"{by_place[name, v]['position']}. {by_place[name, v]['name_ja']}")
                    if (name, v) in by_place
                    else cell("—", "missing")
                    for v in versions
                ),
            ]
            for name in names
        ]
        return self.piece(
            Heading(self.text("versions_heading")),
            Paragraph(plain(self.text("versions_note")), "note"),
            Table(self.text("versions_heading"), [self.text("col_topic"), *versions], table),
        )

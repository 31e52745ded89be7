"""Official statistics beside the indicators of a theme: drawn where the verdict is direct, else named with what differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dxlib import wording
from dxlib.blocks import Block, Cell, Heading, Items, Span, Table
from dxlib.blocks import Text as Paragraph
from dxlib.show.base import Record, cell, join, plain, records

if TYPE_CHECKING:
    from dxlib.show.comparison import Comparison

_MOST_SENTENCES, _MOST_DIFFERENCES = 12, 3

# Items with a figure for each of several things (procedures) are too many for a report; SQL and the CSV have them.
_ITEMS = """
    SELECT i.item, i.name_ja, i.name_en, i.unit, d.definition_id, d.facets
    FROM reference_item i JOIN item_definition d USING (item)
    WHERE i.theme_id = ? AND NOT i.has_detail ORDER BY i.position
"""
_AREAS = """
    SELECT * FROM reference_line WHERE list_contains(?, item) AND (prefecture_code = '00' OR list_contains(?, prefecture_code))
    ORDER BY position, prefecture_code
"""
_CITIES = """
    SELECT * FROM reference_now WHERE list_contains(?, item) AND list_contains(?, municipality_code) AND value IS NOT NULL
    QUALIFY as_of = max(as_of) OVER (PARTITION BY item, municipality_code) ORDER BY municipality_code
"""
_VERDICTS = """
    SELECT i.indicator_id, v.*
    FROM verdict v JOIN definition i ON i.definition_id = v.right_definition AND i.theme_id = v.theme_id
    WHERE v.theme_id = ? AND list_contains(?, v.left_definition) AND list_contains(?, i.municipality_code) ORDER BY i.indicator_id
"""


class Beside:
    """The official figures of a theme for a report.

    Args:
        page: the report.
    """

    def __init__(self, page: Comparison) -> None:
        self.page = page
        self.items = {r["item"]: r for r in records(page.bench.sql(_ITEMS, [page.theme], sees=[]))}
        names = list(self.items)
        prefectures = sorted({code[:2] for code in page.shown_codes})
        self.areas = records(page.bench.sql(_AREAS, [names, prefectures])) if names else []
        self.cities = records(page.bench.sql(_CITIES, [names, page.shown_codes], sees=page.shown_codes)) if names else []
        self.known = [item for item in names if any(r["item"] == item for r in [*self.areas, *self.cities])]

    def lines(self, facets: str) -> list[Record]:
        """The lines to draw beside values of a definition: figures of the country and prefectures that agree in all facets."""
        same = [item for item in self.known if self.items[item]["facets"] == facets]
        return [{"value": r["value"], "label": self._label(r)} for r in self.areas if r["item"] in same]

    def _label(self, row: Record) -> str:
        day = wording.day(str(row["as_of"]), self.page.lang)
        return self.page.text("official_line", area=self._area(row), value=self._value(row), basis=self._basis(row), day=day)

    def blocks(self) -> list[Block]:
        """The figures with day, vintage and basis, and for each item which indicators it may be compared with."""
        if not self.known:
            return []
        text = self.page.text
        rows = [self._row(r, self._basis(r)) for r in self.areas]
        rows += [self._row(r, text("official_basis_printed")) for item in self.known for r in self.cities if r["item"] == item]
        names = ("official_item", "official_area", "value", "official_day", "official_basis")
        sources = dict.fromkeys(r["source"] for r in [*self.areas, *self.cities])
        return [
            Heading(text("official_heading"), 3),
            Paragraph(plain(text("official_note")), "note"),
            Table(text("official_heading"), [text(f"col_{name}") for name in names], rows, "official"),
            Items([plain(sentence) for sentence in self._sentences()]),
            Paragraph(plain(text("official_source", sources=join(sources, self.page.lang))), "note"),
        ]

    def _name(self, item: str) -> str:
        return self.page.name(self.items[item])

    def _area(self, row: Record) -> str:
        if "municipality_code" in row:
            return self.page.city(row["municipality_code"])
        if row["prefecture_code"] == "00":
            return self.page.text("official_country")
        return self.page.prefecture(row["prefecture_code"])

    def _value(self, row: Record) -> str:
        if row.get("printed"):
            return str(row["printed"])
        gap = "" if self.page.lang == "ja" or row["unit"] == "%" else " "
        return f"{self.page.number(row['value'])}{gap}{row['unit']}"

    def _basis(self, row: Record) -> str:
        words = {key: self.page.number(row[key], 0) for key in ("numerator", "denominator", "bodies")}
        said = self.page.text(f"official_basis_{row['basis']}", **words)
        return said + (self.page.text("official_blank", n=row["blank"]) if row["blank"] else "")

    def _row(self, row: Record, basis: str) -> list[Cell]:
        day = self.page.text(
            "official_when",
            day=wording.day(str(row["as_of"]), self.page.lang),
            vintage=wording.day(row["vintage"], self.page.lang),
        )
        return [
            cell(self._name(row["item"])),
            cell(self._area(row)),
            Cell([[Span(self._value(row), bold=True)]]),
            cell(day),
            cell(basis),
        ]

    def _sentences(self) -> list[str]:
        definitions = [self.items[item]["definition_id"] for item in self.known]
        codes = self.page.shown_codes
        asked = self.page.bench.sql(_VERDICTS, [self.page.theme, definitions, codes], sees=codes)
        verdicts = [v for v in records(asked) if v["indicator_id"] in self.page.said]
        found: list[str] = []
        for item in self.known:
            own = [v for v in verdicts if v["left_definition"] == self.items[item]["definition_id"]]
            found += self._of_item(item, own)
        if len(found) > _MOST_SENTENCES:
            return [*found[:_MOST_SENTENCES], self.page.text("finding_more", n=len(found) - _MOST_SENTENCES)]
        return found

    def _differing(self, verdict: Record) -> str:
        """The first differences with both sides; how many more there are is hinted at."""
        separator = "、" if self.page.lang == "ja" else "; "
        parts = str(verdict[f"differing_{self.page.lang}"]).split(separator)
        return separator.join(parts[:_MOST_DIFFERENCES]) + (self.page.text("and_so_on") if len(parts) > _MOST_DIFFERENCES else "")

    def _of_item(self, item: str, verdicts: Sequence[Record]) -> list[str]:
        """What an item may be compared with; indicators that differ in the same words are named together."""
        groups: dict[tuple[str, str], list[str]] = {}
        for v in verdicts:
            by = [v["left_transformation"], v["right_transformation"]]
            names = join(dict.fromkeys(self.page.transformations[one] for one in by if one), self.page.lang)
            why = {"direct": "", "transformed": names}.get(v["verdict"], self._differing(v))
            groups.setdefault((v["verdict"], why), []).append(self.page.series(v["indicator_id"]))
        keys = {"direct": "official_direct", "transformed": "official_transformed", "not comparable": "official_refused"}
        return [
            self.page.text(keys[verdict], item=self._name(item), series=join(series, self.page.lang), why=why)
            for (verdict, why), series in groups.items()
        ]

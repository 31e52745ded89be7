"""A comparison of more municipalities than can be shown one by one: comparable sets, and how their values are spread."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING

from dxlib import wording
from dxlib.blocks import Block, Cell, Picture, Span, Table
from dxlib.blocks import Text as Paragraph
from dxlib.show.base import VERDICTS, Record, cell, gist, join, plain

if TYPE_CHECKING:
    from dxlib.show.comparison import Comparison

_MOST_SETS, _MOST_DRAWN, _LEAST_DRAWN = 12, 3, 10


class Many:
    """What a comparison of many municipalities says of all of them.

    Args:
        page: the report.
    """

    def __init__(self, page: Comparison) -> None:
        self.page = page
        self.sets: dict[int, list[Record]] = {}
        for record in page.group:
            if record["comparable_set"] is not None:
                self.sets.setdefault(record["comparable_set"], []).append(record)
        self.alone = [r for r in page.group if r["comparable_set"] is None]

    def sentences(self) -> list[str]:
        """How many there are, in how many sets, how the values of one set are spread, and whom the report shows."""
        text = self.page.text
        cities = {r["municipality_code"] for r in self.page.group}
        largest = max((len(_cities(rows)) for rows in self.sets.values()), default=0)
        numbers = {"cities": len(cities), "indicators": len(self.page.group), "sets": len(self.sets), "alone": len(self.alone)}
        counts = {key: wording.number(n, self.page.lang) for key, n in {**numbers, "largest": largest}.items()}
        found = [text("many_counts", **counts)]
        silent = len(set(self.page.codes) - cities)
        found += [text("many_silent", n=wording.number(silent, self.page.lang))] if silent else []
        found += self._spread()
        shown = len([code for code in self.page.shown_codes if code != self.page.highlight])
        key = "many_shown" if self.page.highlight else "many_shown_largest"
        return [*found, text(key, n=shown, city=self.page.city(self.page.highlight) if self.page.highlight else "")]

    def _spread(self) -> list[str]:
        """The values of the set that the highlighted municipality is in, else of the largest."""
        own = [n for n, rows in self.sets.items() if self.page.highlight in _cities(rows)]
        number = min(own or self.sets, default=0)
        values = _newest(self.sets.get(number, []))
        if len(values) < 2:
            return []
        words = {
            "set": number,
            "n": wording.number(len(values), self.page.lang),
            "years": self._years(list(values.values())),
            **self._numbers(number),
        }
        found = [self.page.text("many_spread", **words)]
        here = values.get(self.page.highlight)
        if here:
            others = [r["set_value"] for r in values.values()]
            counts = {"above": sum(x > here["set_value"] for x in others), "below": sum(x < here["set_value"] for x in others)}
            value = self._amount(here["set_value"], number)
            city = self.page.city(self.page.highlight)
            found.append(
                self.page.text(
                    "many_highlight",
                    city=city,
                    value=value,
                    **{key: wording.number(n, self.page.lang) for key, n in counts.items()},
                )
            )
        return found

    def _numbers(self, number: int) -> dict[str, str]:
        values = [r["set_value"] for r in _newest(self.sets[number]).values()]
        found = {"low": min(values), "median": statistics.median(values), "high": max(values)}
        return {key: self._amount(value, number) for key, value in found.items()}

    def _unit(self, number: int) -> str:
        lang = self.page.lang
        units = Counter(r[f"set_unit_{lang}"] or wording.unit(r["unit"], lang) or "" for r in self.sets[number])
        return join([unit for unit, _ in units.most_common(3) if unit], lang)

    def _amount(self, value: float, number: int) -> str:
        unit = self._unit(number)
        return f"{self.page.number(value, 2)}{'' if self.page.lang == 'ja' or unit == '%' else ' '}{unit}"

    def _years(self, rows: list[Record]) -> str:
        years = sorted(
            {
                (r["fiscal_year"] or r["calendar_year"], bool(r["fiscal_year"]))
                for r in rows
                if r["fiscal_year"] or r["calendar_year"]
            }
        )
        words = [wording.year({"fiscal_year" if fiscal else "calendar_year": year}, self.page.lang) for year, fiscal in years]
        if not words:
            return self.page.text("undated")
        return words[0] if len(words) == 1 else f"{words[0]}{self.page.text('to')}{words[-1]}"

    def _example(self, number: int) -> str:
        """The name that most indicators of a set bear."""
        names = Counter(r["indicator"] or self.page.text("no_name") for r in self.sets[number])
        return gist(min(names, key=lambda name: (-names[name], name)))

    def blocks(self) -> list[Block]:
        """The sets with their values in numbers; those beyond a page are in Excel and CSV."""
        text = self.page.text
        rows = [self._row(number) for number in list(self.sets)[:_MOST_SETS]]
        names = (
            "set",
            "set_example",
            "cities",
            "verdict",
            "lowest",
            "median",
            "highest",
            "years",
            *(["own_value"] if self.page.highlight else []),
        )
        found: list[Block] = [Paragraph(plain(text("many_pairs", most=self.page.most)), "note")]
        if rows:
            found.append(Table(text("many_sets"), [text(f"col_{name}") for name in names], rows, "sets"))
        if len(self.sets) > len(rows):
            found.append(Paragraph(plain(text("many_sets_more", n=len(self.sets) - len(rows))), "note"))
        return found

    def _row(self, number: int) -> list[Cell]:
        rows = self.sets[number]
        kind = VERDICTS[rows[0]["verdict"]]
        values = _newest(rows)
        numbers = self._numbers(number) if values else dict.fromkeys(("low", "median", "high"), "—")
        own = values.get(self.page.highlight)
        return [
            cell(str(number)),
            cell(self._example(number)),
            cell(wording.number(len(_cities(rows)), self.page.lang)),
            cell(self.page.text(f"verdict_{kind}"), kind),
            *(cell(numbers[key]) for key in ("low", "median", "high")),
            cell(self._years(list(values.values()) or rows)),
            *([self._own(own, number)] if self.page.highlight else []),
        ]

    def _own(self, record: Record | None, number: int) -> Cell:
        if record is None:
            return cell("—", "missing")
        return Cell([[Span(self._amount(record["set_value"], number), bold=True, cites=self.page.cite(record))]])

    def pictures(self) -> list[Picture]:
        """How the values of the largest sets are spread, with the median and the highlighted municipality."""
        drawn = [n for n in self.sets if len(_newest(self.sets[n])) >= _LEAST_DRAWN][:_MOST_DRAWN]
        return [self._picture(number) for number in drawn]

    def _picture(self, number: int) -> Picture:
        from dxlib.charts import distribution

        text, values = self.page.text, _newest(self.sets[number])
        numbers, own = self._numbers(number), values.get(self.page.highlight)
        middle = statistics.median(r["set_value"] for r in values.values())
        marked = [{"value": middle, "label": text("many_median", value=numbers["median"])}]
        if own:
            label = f"{self.page.city(self.page.highlight)} {self._amount(own['set_value'], number)}"
            marked.append({"value": own["set_value"], "label": label, "bright": True})
        chart = distribution(
            [("", [r["set_value"] for r in values.values()], marked)],
            axis_title=text("many_axis", unit=self._unit(number) or text("no_unit")),
            minus=self.page.minus,
        )
        title = text(
            "many_picture", set=number, indicator=self._example(number), n=wording.number(len(values), self.page.lang), **numbers
        )
        years = self._years(list(values.values()))
        absent = len(_cities(self.sets[number])) - len(values)
        note = text("figure_about", units=self._unit(number) or text("no_unit"), years=years, n=len(values), absent=absent)
        names = ("n", "lowest", "median", "highest", *(["own_value"] if own else []))
        row = [cell(wording.number(len(values), self.page.lang)), *(cell(numbers[key]) for key in ("low", "median", "high"))]
        table = Table(
            text("many_sets"),
            [text(f"col_{name}") for name in names],
            [[*row, *([self._own(own, number)] if own else [])]],
            "figure-data",
        )
        points = "; ".join(one["label"] for one in marked)
        return self.page.picture(chart, title, note, text("chart_alt", title=title, points=points), table)


def _cities(rows: list[Record]) -> set[str]:
    return {r["municipality_code"] for r in rows}


def _newest(rows: list[Record]) -> dict[str, Record]:
    """The value of each municipality in a set: that of the newest year where it has several."""
    found: dict[str, Record] = {}
    for r in rows:
        known = found.get(r["municipality_code"])
        if r["set_value"] is not None and (known is None or (r["fiscal_year"] or 0) > (known["fiscal_year"] or 0)):
            found[r["municipality_code"]] = r
    return found

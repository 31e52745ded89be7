"""The parts of a comparison report, for notebooks: each function gives something Jupyter displays.

Plan text is escaped by the templates. Every number is a link to its source line in `sources`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from dxlib import __version__, wording
from dxlib.indicators import Workbench

Record = dict[str, Any]
_ROLES = ("baseline", "actual", "target")
_AROUND = 1


class Html:
    """A piece of HTML that Jupyter displays."""

    def __init__(self, html: str, name: str) -> None:
        self.html, self.name = html, name

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"Html({self.name!r})"


@cache
def _fragments() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    source = files("dxlib").joinpath("templates/fragments.html.j2").read_text(encoding="utf-8")
    return environment.from_string(source).module


def _piece(name: str, **values: Any) -> Html:
    return Html(str(getattr(_fragments(), name)(**values)), name)


def _records(relation: Any) -> list[Record]:
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


class Comparison:
    """One theme and some municipalities, in one language: what the comparison report shows.

    Args:
        bench: an open warehouse.
        theme: key of a theme.
        municipalities: six-digit codes; all when empty.
        lang: ``ja`` or ``en``.

    Raises:
        QueryError: the theme, a code or the language is unknown.
    """

    def __init__(self, bench: Workbench, theme: str, municipalities: Sequence[str] = (), lang: str = "ja") -> None:
        self.bench, self.theme, self.lang = bench, theme, wording.check_language(lang)
        self.codes = bench.check_municipalities(municipalities)
        self.values = _records(bench.values(theme, self.codes))
        self.pairs = _records(bench.compare(theme, self.codes))
        self.about = _records(bench.sql("SELECT * FROM theme").filter(f"theme_id = '{bench.check_theme(theme)}'"))[0]
        self.transformations = {
            r["transformation_id"]: r[f"name_{lang}"] for r in _records(bench.sql("SELECT * FROM transformation"))
        }
        ids = sorted({record["indicator_id"] for record in self.values})
        self.keys = {indicator_id: _letter(position) for position, indicator_id in enumerate(ids)}

    def text(self, key: str, **values: object) -> str:
        """A sentence in the language of the report."""
        return wording.text(key, self.lang, **values)

    def city(self, record: Record) -> str:
        """The municipality's name in the language of the report."""
        return str(record["municipality" if self.lang == "ja" else "municipality_en"])

    def _cities(self) -> list[str]:
        found = {record["municipality_code"]: self.city(record) for record in self.values}
        return [found[code] for code in self.codes if code in found]

    def _silent_cities(self) -> list[str]:
        """Cities asked for whose plans print no indicator of this theme."""
        names = _records(self.bench.sql("SELECT code, name AS municipality, romaji AS municipality_en FROM municipality"))
        found = {record["municipality_code"] for record in self.values}
        return [self.city(record) for record in names if record["code"] in self.codes and record["code"] not in found]

    def opening(self) -> Html:
        """Title, scope, what was found in sentences, and the caution that differences are no effects."""
        return _piece(
            "opening",
            style=files("dxlib").joinpath("templates/parts.css").read_text(encoding="utf-8"),
            title=self.text("report_title", theme=self.about[f"name_{self.lang}"], n=len(self._cities())),
            scope=self.text("scope_line", cities=_join(self._cities(), self.lang)),
            finding_heading=self.text("finding_heading"),
            findings=self._findings(),
            caution=self.text("no_effect"),
        )

    def _between_cities(self) -> list[Record]:
        return [pair for pair in self.pairs if pair["left_code"] != pair["right_code"]]

    def _findings(self) -> list[str]:
        pairs = self._between_cities()
        kinds = [pair["verdict"] for pair in pairs]
        found = [
            self.text(
                "finding_counts",
                cities=len(self._cities()),
                indicators=len(self.keys),
                pairs=len(pairs),
                direct=kinds.count("direct"),
                transformed=kinds.count("transformed"),
                refused=kinds.count("not comparable"),
            )
        ]
        silent = self._silent_cities()
        if silent:
            found.append(self.text("finding_silent", cities=_join(silent, self.lang)))
        by_id = {record["indicator_id"]: record for record in self.values}
        for pair in pairs:
            if pair["verdict"] != "not comparable":
                found.append(self._pair_sentence(pair, by_id))
        comparable = any(kind != "not comparable" for kind in kinds)
        return found if comparable else [*found, self.text("finding_none")]

    def _pair_sentence(self, pair: Record, by_id: dict[str, Record]) -> str:
        names = self._transformation_names(pair)
        sentence = self.text(
            "finding_pair_transformed" if names else "finding_pair",
            transformation=names,
            left=self.city(by_id[pair["left_id"]]),
            left_name=_short(pair["left_indicator"]),
            left_value=wording.printed_value(pair, self.lang, "left_"),
            right=self.city(by_id[pair["right_id"]]),
            right_name=_short(pair["right_indicator"]),
            right_value=wording.printed_value(pair, self.lang, "right_"),
        )
        gap = "" if self.lang == "ja" else " "
        if pair[f"unstated_{self.lang}"]:
            sentence += gap + self.text("finding_caveat", facets=pair[f"unstated_{self.lang}"])
        years = (wording.year(pair, self.lang, "left_"), wording.year(pair, self.lang, "right_"))
        if years[0] != years[1]:
            sentence += gap + self.text("finding_years", left=years[0], right=years[1])
        return sentence

    def definitions(self) -> Html:
        """What belongs to the theme, and which national figures it must not be confused with."""
        rows = [(self.text("definition"), self.about[f"definition_{self.lang}"])]
        if self.about[f"not_to_confuse_{self.lang}"]:
            rows.append((self.text("not_to_confuse"), self.about[f"not_to_confuse_{self.lang}"]))
        return _piece("definitions", rows=rows)

    def value_table(self) -> Html:
        """Every printed value of the theme's indicators, each linked to its source line."""
        rows = []
        for indicator_id, key in self.keys.items():
            own = [record for record in self.values if record["indicator_id"] == indicator_id]
            rows.append(
                {
                    "key": key,
                    "city": self.city(own[0]),
                    "plan": own[0]["plan"],
                    "indicator": own[0]["indicator"] or self.text("not_printed"),
                    "roles": [self._cells([r for r in own if r["role"] == role]) for role in _ROLES],
                }
            )
        columns = [self.text(f"col_{name}") for name in ("key", "city", "plan", "indicator", "baseline", "actual", "target")]
        return _piece("values", heading=self.text("values_heading"), note=self.text("values_note"), columns=columns, rows=rows)

    def _cells(self, records: list[Record]) -> list[Record]:
        if not records:
            return [{"value": self.text("not_printed"), "source": None, "year": None, "notes": []}]
        return [self._cell(record) for record in records]

    def _cell(self, record: Record) -> Record:
        notes = []
        if record["cumulative"]:
            notes.append(self.text("cumulative"))
        if record["relative_to"]:
            notes.append(self.text("against", base=record["relative_to"]))
        if record["year_basis"] == "before-first-target":
            notes.append(self.text("inferred_year"))
        if record["numerator"] is not None:
            share = 100 * record["numerator"] / record["denominator"]
            notes.append(self.text("computed_share", value=wording.number(round(share, 1), self.lang)))
        if record["origin"] == "recorded":
            notes.append(self.text("recorded", source=record["source"], day=record["known_from"]))
        if record["status"]:
            notes.append(self.text("printed_verdict", status=record["status"]))
        return {
            "value": wording.value(record, self.lang),
            "source": _anchor(record["document_id"], record["line"]) if record["document_id"] else None,
            "year": None if record["missing"] and not record["fiscal_year"] else wording.year(record, self.lang),
            "notes": notes,
        }

    def verdict_table(self) -> Html:
        """The matrix of verdicts and, for pairs of different cities, the reasons."""
        kinds = {(p["left_id"], p["right_id"]): p["verdict"] for p in self.pairs}
        kinds |= {(right, left): verdict for (left, right), verdict in kinds.items()}
        first = {record["indicator_id"]: record for record in reversed(self.values)}
        keys = {
            i: {"short": f"{key} {self.city(first[i])}", "full": first[i]["indicator"] or self.text("not_printed")}
            for i, key in self.keys.items()
        }
        matrix = [
            {"key": keys[a], "cells": [self._verdict_cell(kinds.get((a, b)) if a != b else None) for b in self.keys]}
            for a in self.keys
        ]
        pairs = [
            {
                "left": keys[pair["left_id"]]["short"],
                "right": keys[pair["right_id"]]["short"],
                "verdict": self._verdict_cell(pair["verdict"])["text"],
                "kind": self._verdict_cell(pair["verdict"])["kind"],
                "reason": self._reason(pair),
            }
            for pair in self._between_cities()
        ]
        return _piece(
            "verdicts",
            heading=self.text("verdict_heading"),
            note=self.text("verdict_note"),
            keys=list(keys.values()),
            matrix=matrix,
            columns=[self.text(f"col_{name}") for name in ("pair", "verdict", "reason")],
            pairs=pairs,
        )

    def _verdict_cell(self, verdict: str | None) -> Record:
        if verdict is None:
            return {"kind": "self", "text": "－"}
        kind = {"not comparable": "not"}.get(verdict, verdict)
        return {"kind": kind, "text": self.text(f"verdict_{kind}")}

    def _transformation_names(self, pair: Record) -> str:
        used = [pair["left_transformation"], pair["right_transformation"]]
        return _join([self.transformations[name] for name in dict.fromkeys(used) if name], self.lang)

    def _reason(self, pair: Record) -> str:
        if pair["verdict"] == "not comparable":
            return str(pair[f"differing_{self.lang}"])
        if pair["verdict"] == "transformed":
            return self.text("reason_transformed", names=self._transformation_names(pair))
        unstated = pair[f"unstated_{self.lang}"]
        return self.text("reason_unstated", facets=unstated) if unstated else self.text("reason_agree")

    def figure(self) -> Any:
        """A panel per definition: indicators that may not be compared never share an axis."""
        import pandas as pd

        from dxlib.charts import Figure, paths

        shown = [
            r for r in self.values if r["value"] is not None and not r["relative_to"] and (r["fiscal_year"] or r["calendar_year"])
        ]
        absent = len([r for r in self.values if r["missing"] is None]) - len(shown)
        panels = []
        spoken = []
        for facets in dict.fromkeys(record["facets"] for record in shown):
            group = [record for record in shown if record["facets"] == facets]
            rows = [
                {
                    "series": f"{self.keys[r['indicator_id']]} {self.city(r)}",
                    "year": r["fiscal_year"] or r["calendar_year"],
                    "value": r["value"],
                    "kind": "target" if r["role"] == "target" else "known",
                    "label": wording.value(r, self.lang),
                }
                for r in group
            ]
            cities = _join(list(dict.fromkeys(f"{self.keys[r['indicator_id']]} {self.city(r)}" for r in group)), self.lang)
            unit = group[0]["unit"] or ""
            panels.append((self.text("chart_title_many", unit=unit, cities=cities), pd.DataFrame(rows)))
            spoken += [f"{row['series']} {row['year']}: {row['label']}" for row in rows]
        if not panels:
            return Html("", "figure")
        chart = paths(panels, self.text("axis_year"), self.text("col_indicator"))
        alt_text = self.text("chart_alt", cities=_join(self._cities(), self.lang), points="; ".join(spoken))
        return Figure(chart, alt_text, self.text("chart_note", absent=absent))

    def sources(self) -> Html:
        """Each cited line verbatim in its place, and the corrections that touch a shown value."""
        cited: dict[tuple[str, int], list[str]] = {}
        documents: dict[str, Record] = {}
        for record in (r for r in self.values if r["document_id"]):
            cited.setdefault((record["document_id"], record["line"]), []).append(record["quote"])
            documents[record["document_id"]] = record
        places = [
            {
                "id": _anchor(document_id, line),
                "title": self._place(documents[document_id], line),
                "lines": self._lines(document_id, line, quotes),
            }
            for (document_id, line), quotes in sorted(cited.items())
        ]
        corrections = [
            self.text(
                "correction_line",
                **{key: r[key] for key in ("line", "quote", "field", "expected", "corrected", "reason", "status")},
                document=r["document_id"],
            )
            for r in _records(self.bench.sql("SELECT * FROM correction ORDER BY correction_id"))
            if (r["document_id"], r["line"]) in cited
        ]
        return _piece(
            "sources",
            heading=self.text("sources_heading"),
            places=places,
            corrections_heading=self.text("corrections_heading"),
            corrections=corrections or [self.text("corrections_none")],
            made_with=self.text("made_with", version=__version__),
        )

    def _place(self, record: Record, line: int) -> str:
        edition = self.text(f"edition_{record['edition']}")
        known = [part for part in (edition, record["published"]) if part and part not in record["document"]]
        comma, brackets = ("、", "（{}）") if self.lang == "ja" else (", ", " ({})")
        remarks = brackets.format(comma.join(known)) if known else ""
        return self.text("source_place", document=record["document"], remarks=remarks, line=line)

    def _lines(self, document_id: str, line: int, quotes: list[str]) -> list[Record]:
        rows = self.bench.connection.execute(
            "SELECT line, text FROM source_line WHERE document_id = ? AND line BETWEEN ? AND ? ORDER BY line",
            [document_id, line - _AROUND, line + _AROUND],
        ).fetchall()
        return [
            {
                "number": number,
                "cited": number == line,
                "parts": _marked(text, quotes) if number == line else [{"text": text, "marked": False}],
            }
            for number, text in rows
        ]


def _marked(text: str, quotes: list[str]) -> list[Record]:
    """The line in parts, those behind a quote marked.

    >>> [(p["text"], p["marked"]) for p in _marked("目標 5件 まで", ["5件"])]
    [('目標 ', False), ('5件', True), (' まで', False)]
    """
    pattern = "|".join(re.escape(quote) for quote in sorted(set(quotes), key=len, reverse=True))
    parts = re.split(f"({pattern})", text) if pattern else [text]
    return [{"text": part, "marked": part in quotes} for part in parts if part]


def _anchor(document_id: str, line: int) -> str:
    return f"src-{re.sub(r'[^a-z0-9]+', '-', document_id)}-{line}"


def _letter(position: int) -> str:
    """The key of the n-th indicator: A, B … Z, AA, AB.

    >>> [_letter(n) for n in (0, 25, 26)]
    ['A', 'Z', 'AA']
    """
    head, tail = divmod(position, 26)
    return (_letter(head - 1) if head else "") + chr(ord("A") + tail)


def _join(parts: Sequence[str], lang: str) -> str:
    return ("・" if lang == "ja" else ", ").join(parts)


def _short(name: str | None, length: int = 40) -> str:
    name = name or ""
    return name if len(name) <= length else name[: length - 1] + "…"

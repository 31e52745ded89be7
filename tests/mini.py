"""A small warehouse made row by row, to test one rule or formula at a time."""

from __future__ import annotations

from typing import Any

import duckdb

from dxlib.rules import rule_rows, word_rows
from dxlib.warehouse import create_views, schema_sql

FACETS = ("measures", "object", "unit", "counting", "denominator", "included", "channel", "period")
REQUIRED = FACETS[:3]
DEFINITION = dict(zip(FACETS, ("availability", "procedures", "count", "stock", "none", "all", "any", "fiscal-year"), strict=True))
CODE = "990001"


class Mini:
    """One municipality with as many plans and indicators as a test adds; `open` creates the views."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(schema_sql())
        self.lines: dict[str, int] = {}
        for table, rows in (("rule", rule_rows()), ("word", word_rows())):
            for row in rows:
                self.insert(table, **row)
        self.insert("theme", theme_id="t", name_ja="て", name_en="t", definition_ja="て", definition_en="t", direction="higher")

    def insert(self, table: str, **cells: Any) -> None:
        names = ", ".join(cells)
        marks = ", ".join("?" for _ in cells)
        self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(cells.values()))

    def municipality(self, code: str = CODE, population: float | None = None, as_of: str = "2020-10-01") -> Mini:
        self.insert("municipality", code=code, name=f"市{code}", kana="し", romaji=f"City {code}", prefecture="県")
        if population:
            self.insert(
                "reference_value",
                municipality_code=code,
                item="population",
                as_of=as_of,
                vintage=as_of,
                value=population,
                unit="人",
                source="census",
            )
        return self

    def document(self, name: str = "doc", code: str = CODE, published: str | None = "2026-04") -> Mini:
        self.insert(
            "document",
            document_id=name,
            municipality_code=code,
            title=name,
            producer="市",
            edition="adopted",
            published=published,
            sha256=name,
            encoding="utf-8",
            line_count=999,
            rights="",
        )
        return self

    def plan(self, plan: str = "doc/plan", first: int = 2026, last: int = 2029, scope: str = "plan") -> Mini:
        self.insert(
            "plan",
            plan_id=plan,
            document_id=plan.rsplit("/", 1)[0],
            title=plan,
            scope=scope,
            first_fiscal_year=first,
            last_fiscal_year=last,
        )
        return self

    def _line(self, document: str, text: str) -> int:
        self.lines[document] = line = self.lines.get(document, 0) + 1
        self.insert("source_line", document_id=document, line=line, text=text)
        return line

    def indicator(
        self,
        name: str | None,
        *values: dict[str, Any],
        plan: str = "doc/plan",
        better: str = "higher",
        theme: str | None = "t",
        **facets: str,
    ) -> str:
        """An indicator in a measure of its own; each value is (role, columns of observation, optional status and pct)."""
        document = plan.rsplit("/", 1)[0]
        number = self.connection.execute("SELECT count(*) FROM measure").fetchall()[0][0] + 1
        measure_id = f"{plan}/m{number:02d}"
        indicator_id = f"{measure_id}.1"
        line = self._line(document, name or "－")
        place = {"document_id": document, "line": line, "quote": name or "－"}
        self.insert(
            "measure", measure_id=measure_id, plan_id=plan, position=number, kind="measure", title=f"取組{number}", **place
        )
        self.insert("indicator", indicator_id=indicator_id, measure_id=measure_id, position=1, name=name, **place)
        self.insert("indicator_theme", indicator_id=indicator_id, theme_id=theme, better=better)
        for position, (facet, value) in enumerate({**DEFINITION, **facets}.items(), start=1):
            self.connection.execute(
                "INSERT INTO facet_value VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [facet, value, position, facet in REQUIRED, facet, facet, value, value],
            )
            self.insert("facet", indicator_id=indicator_id, facet=facet, value=value)
        for position, value in enumerate(values, start=1):
            self._value(indicator_id, position, document, dict(value))
        return indicator_id

    def _value(self, indicator_id: str, position: int, document: str, cells: dict[str, Any]) -> None:
        status, pct = cells.pop("status", None), cells.pop("pct", None)
        quote = cells.pop("quote", None) or f"{cells.get('value', cells.get('value_text', '－'))}{cells.get('unit') or ''}"
        verdict = cells.pop("verdict_quote", None) or f"{status or ''}«達成率:{pct}%»"
        line = self._line(document, f"{quote} {verdict if status or pct else ''}")
        has_number = cells.get("value") is not None or cells.get("numerator") is not None
        self.insert(
            "observation",
            observation_id=f"{indicator_id}.{position}",
            indicator_id=indicator_id,
            position=position,
            comparator=cells.pop("comparator", "=" if has_number else None),
            confidence=1.0,
            document_id=document,
            line=line,
            quote=quote,
            **cells,
        )
        if status or pct:
            self.insert(
                "evaluation",
                observation_id=f"{indicator_id}.{position}",
                status=status,
                attainment_printed_pct=pct,
                document_id=document,
                line=line,
                quote=verdict,
            )

    def milestone(self, indicator_id: str, *phases: tuple[str, int | None], document: str = "doc") -> Mini:
        """Phases of the roadmap of an indicator's measure, each on a line of its own."""
        for position, (text, year) in enumerate(phases, start=1):
            self.insert(
                "milestone",
                measure_id=indicator_id.rsplit(".", 1)[0],
                position=position,
                text=text,
                fiscal_year=year,
                alignment="uncertain" if year else "unplaced",
                document_id=document,
                line=self._line(document, text),
                quote=text,
            )
        return self

    def statistics(self, text: str, *numbers: dict[str, Any], document: str = "doc") -> Mini:
        """Numbers of one line of running text."""
        line = self._line(document, text)
        for place, number in enumerate(numbers, start=1):
            cells = {"comparator": "=", "confidence": 1.0, **number}
            self.insert("statistic", statistic_id=f"{document}/s{line}.{place}", document_id=document, line=line, **cells)
        return self

    def recorded(self, indicator_id: str, day: str, **cells: Any) -> Mini:
        year = cells.get("fiscal_year")
        self.insert(
            "recorded_actual",
            recorded_id=f"{indicator_id}/{year}/{day}",
            indicator_id=indicator_id,
            source="課",
            recorded_on=day,
            **cells,
        )
        return self

    def open(self) -> Mini:
        create_views(self.connection)
        return self

    def rows(self, sql: str, *params: object) -> list[dict[str, Any]]:
        relation = self.connection.execute(sql, list(params))
        names = [column[0] for column in relation.description]
        return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]

    def row(self, sql: str, *params: object) -> dict[str, Any]:
        (row,) = self.rows(sql, *params)
        return row

    def found(self, rule: str | None = None) -> list[dict[str, Any]]:
        """Audit findings, of one rule or all."""
        return self.rows("SELECT * FROM audit WHERE ? IS NULL OR rule_id = ?", rule, rule)


def simple() -> Mini:
    """A municipality, a document of April 2026 and a plan FY2026 to FY2029."""
    return Mini().municipality().document().plan()


def baseline(value: float | None, year: int | None = 2025, unit: str | None = "件", **cells: Any) -> dict[str, Any]:
    return {"role": "baseline", "value": value, "fiscal_year": year, "unit": unit, **cells}


def target(value: float | None, year: int | None = 2029, unit: str | None = "件", **cells: Any) -> dict[str, Any]:
    return {"role": "target", "value": value, "fiscal_year": year, "unit": unit, **cells}


def actual(value: float | None, year: int | None = 2025, unit: str | None = "件", **cells: Any) -> dict[str, Any]:
    return {"role": "actual", "value": value, "fiscal_year": year, "unit": unit, **cells}

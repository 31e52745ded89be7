"""A small warehouse made row by row, to test one rule or formula at a time; many such tests may share one (`Together`)."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import polars as pl

from dxlib import warehouse
from dxlib.rules import rule_rows, word_rows
from dxlib.warehouse import create_views, schema_sql, view_names

FACETS = ("measures", "object", "unit", "counting", "denominator", "included", "channel", "period")
REQUIRED = FACETS[:3]
DEFINITION = dict(zip(FACETS, ("availability", "procedures", "count", "stock", "none", "all", "any", "fiscal-year"), strict=True))
CODE = "990001"


@functools.cache
def _tables() -> str:
    """The schema without its comments, which take longer than all the rest."""
    return "\n".join(line for line in schema_sql().splitlines() if not line.startswith("COMMENT"))


@functools.cache
def _given() -> dict[str, Any]:
    """The rows that every warehouse has, as Arrow tables: once Polars has run in a process, it waits for ever in a fork of it."""
    return {
        name: pl.DataFrame(list(rows), infer_schema_length=None).to_arrow()
        for name, rows in (("rule", rule_rows()), ("word", word_rows()))
    }


class Mini:
    """One municipality with as many plans and indicators as a test adds; `open` creates the views.

    Several may stand in one warehouse, each with its own code and names of documents; see `beside`.
    """

    def __init__(self, first: Mini | None = None) -> None:
        self.first = first or self
        self.lines: dict[str, int] = {}
        self.measures = 0
        if first:
            first.towns += 1
            self.connection, self.code, self.prefix = first.connection, str(int(CODE) + 10 * first.towns), f"{first.towns}-"
            return
        self.towns, self.is_open, self.code, self.prefix = 0, False, CODE, ""
        self.connection = self.begin()
        self.insert("theme", theme_id="t", name_ja="て", name_en="t", definition_ja="て", definition_en="t", direction="higher")

    def begin(self) -> Any:
        """A connection to the empty tables and what every warehouse has."""
        connection = duckdb.connect()
        connection.execute(_tables())
        for table, rows in _given().items():
            connection.register("given", rows)
            connection.execute(f"INSERT INTO {table} BY NAME FROM given")
            connection.unregister("given")
        return connection

    def beside(self) -> Mini:
        """Another municipality in the same warehouse, with documents of its own; it finds only what is found there."""
        return Mini(self.first)

    def insert(self, table: str, **cells: Any) -> None:
        names = ", ".join(cells)
        marks = ", ".join("?" for _ in cells)
        self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(cells.values()))

    def municipality(self, code: str | None = None, population: float | None = None, as_of: str = "2020-10-01") -> Mini:
        code = code or self.code
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

    def document(self, name: str = "doc", code: str | None = None, published: str | None = "2026-04") -> Mini:
        self.insert(
            "document",
            document_id=self.prefix + name,
            municipality_code=code or self.code,
            title=name,
            producer="市",
            edition="adopted",
            published=published,
            sha256=self.prefix + name,
            encoding="utf-8",
            line_count=999,
            rights="",
        )
        return self

    def plan(self, plan: str = "doc/plan", first: int = 2026, last: int = 2029, scope: str = "plan") -> Mini:
        self.insert(
            "plan",
            plan_id=self.prefix + plan,
            document_id=self.prefix + plan.rsplit("/", 1)[0],
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
        plan = self.prefix + plan
        document = plan.rsplit("/", 1)[0]
        self.measures = number = self.measures + 1
        measure_id = f"{plan}/m{number:02d}"
        indicator_id = f"{measure_id}.1"
        line = self._line(document, name or "－")
        place = {"document_id": document, "line": line, "quote": name or "－"}
        self.insert(
            "measure", measure_id=measure_id, plan_id=plan, position=number, kind="measure", title=f"取組{number}", **place
        )
        self.insert("indicator", indicator_id=indicator_id, measure_id=measure_id, position=1, name=name, **place)
        self.insert("indicator_theme", indicator_id=indicator_id, theme_id=theme, better=better)
        stated = {**DEFINITION, **facets}
        self.connection.execute(
            f"INSERT INTO facet_value VALUES {', '.join(['(?, ?, ?, ?, ?, ?, ?, ?)'] * len(stated))} ON CONFLICT DO NOTHING",
            [
                cell
                for position, (facet, value) in enumerate(stated.items(), start=1)
                for cell in (facet, value, position, facet in REQUIRED, facet, facet, value, value)
            ],
        )
        self.connection.execute(
            f"INSERT INTO facet (indicator_id, facet, value) VALUES {', '.join(['(?, ?, ?)'] * len(stated))}",
            [cell for facet, value in stated.items() for cell in (indicator_id, facet, value)],
        )
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
                document_id=self.prefix + document,
                line=self._line(self.prefix + document, text),
                quote=text,
            )
        return self

    def statistics(self, text: str, *numbers: dict[str, Any], document: str = "doc") -> Mini:
        """Numbers of one line of running text."""
        document = self.prefix + document
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

    def open(self, last: str = "") -> Mini:
        """Create the views, once for all that stand in the warehouse.

        Args:
            last: file of the last view that is wanted; to create the rest takes longer than those before.
        """
        if not self.first.is_open:
            self.first.is_open = True
            if last:
                for view in view_names()[: view_names().index(last) + 1]:
                    self.connection.execute(warehouse._sql(f"views/{view}"))
            else:
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
        return self.rows("SELECT * FROM audit WHERE municipality_code = ? AND (? IS NULL OR rule_id = ?)", self.code, rule, rule)


Case = Callable[..., Iterator[None]]


class Together:
    """Many tests in one warehouse, each a municipality of its own: its views are created once.

    A test is a generator that takes a `Mini` of its own as ``mini``: it adds its rows, yields, and then looks. All of a module
    add their rows before the first one looks; what one finds or breaks does not touch the others. It may be parametrised.
    """

    alone = False  # each in a warehouse of its own, as if there were no others: for who changes a rule between adding and looking

    def __init__(self, last: str = "") -> None:
        self.last = last
        self.tests: list[Callable[..., None]] = []
        self.begun: dict[str, Iterator[None] | Exception] = {}

    def __call__(self, test: Case) -> Callable[..., None]:
        @functools.wraps(test)
        def looks(**values: Any) -> None:
            key = _key(looks, values)
            if key not in self.begun:
                self._begin(key)
            begun = self.begun[key]
            if isinstance(begun, Exception):
                raise begun
            assert next(begun, "ended") == "ended", "a test yields once"

        signature = inspect.signature(test)
        looks.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[parameter for name, parameter in signature.parameters.items() if name != "mini"]
        )
        self.tests.append(looks)
        return looks

    def _begin(self, wanted: str) -> None:
        first = Mini()
        for test in self.tests:
            for values in _cases(test):
                key = _key(test, values)
                if self.alone and key != wanted:
                    continue
                begun = test.__wrapped__(first.beside(), **values)  # type: ignore[attr-defined]
                self.begun[key] = begun
                try:
                    next(begun)
                except Exception as error:
                    self.begun[key] = error
        first.open(self.last)


def _key(test: Callable[..., None], values: dict[str, Any]) -> str:
    return f"{test.__name__} {sorted(values.items())}"


def _cases(test: Callable[..., None]) -> Iterator[dict[str, Any]]:
    """The values of every case that pytest makes of a test."""
    marks = [mark.args for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    for chosen in itertools.product(*(values for _, values in marks)):
        found: dict[str, Any] = {}
        for (names, _), values in zip(marks, chosen, strict=True):
            found |= {names: values} if isinstance(names, str) else dict(zip(names, values, strict=True))
        yield found


def simple(mini: Mini | None = None) -> Mini:
    """A municipality, a document of April 2026 and a plan FY2026 to FY2029."""
    return (mini or Mini()).municipality().document().plan()


def baseline(value: float | None, year: int | None = 2025, unit: str | None = "件", **cells: Any) -> dict[str, Any]:
    return {"role": "baseline", "value": value, "fiscal_year": year, "unit": unit, **cells}


def target(value: float | None, year: int | None = 2029, unit: str | None = "件", **cells: Any) -> dict[str, Any]:
    return {"role": "target", "value": value, "fiscal_year": year, "unit": unit, **cells}


def actual(value: float | None, year: int | None = 2025, unit: str | None = "件", **cells: Any) -> dict[str, Any]:
    return {"role": "actual", "value": value, "fiscal_year": year, "unit": unit, **cells}

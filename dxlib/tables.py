"""The warehouse's tables as polars frames: facts and decisions, with ids, typed and in a fixed order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from dxlib.actuals import Indicators, recorded_rows
from dxlib.collection import Source
from dxlib.decisions import UNKNOWN, Decisions, Names, check_indicator
from dxlib.facts import Measure, Reading, Statistic, Value
from dxlib.printed import Place
from dxlib.rules import rule_rows, word_rows

Row = dict[str, Any]
_FACETS_AT_ONCE = 2000  # indicators whose facets are in memory as rows at a time
_NOT_STATED = Names("計画に記載なし", "not stated in the plan")

_VALUE_COLUMNS = (
    "value",
    "comparator",
    "value_low",
    "unit",
    "numerator",
    "denominator",
    "fiscal_year",
    "calendar_year",
    "as_of",
    "direction",
    "value_text",
    "missing",
    "confidence",
    "line",
    "quote",
)
_OBSERVATION_COLUMNS = (*_VALUE_COLUMNS, "relative_year", "year_basis", "cumulative", "relative_to")


@dataclass(slots=True)
class Rows:
    """Rows by table, in the making."""

    tables: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, **cells: Any) -> None:
        """Append one row."""
        self.tables.setdefault(table, []).append(cells)


def _source_of(item: Any, document_id: str) -> Row:
    return {"document_id": document_id, "line": item.line, "quote": item.quote}


def _add_values(rows: Rows, indicator_id: str, values: Iterable[Value], document_id: str) -> None:
    for position, value in enumerate(values, start=1):
        observation_id = f"{indicator_id}.{position}"
        cells = {column: getattr(value, column) for column in _OBSERVATION_COLUMNS}
        cells["doubts"] = " ".join(value.doubts) or None
        if value.denominator == 0:  # no share of anything
            cells |= {"numerator": None, "denominator": None}
        if cells["value"] is None and cells["numerator"] is None:
            cells["comparator"] = None
            if not value.value_text and not value.missing:  # a verdict, or nothing that was understood: the words as printed
                cells["value_text"] = value.status if value.role == "evaluation" and value.status else value.quote
        rows.add(
            "observation",
            observation_id=observation_id,
            indicator_id=indicator_id,
            position=position,
            role=value.role,
            document_id=document_id,
            **cells,
        )
        if value.verdict_quote is not None:
            rows.add(
                "evaluation",
                observation_id=observation_id,
                status=value.status,
                attainment_printed_pct=value.attainment_printed,
                document_id=document_id,
                line=value.line,
                quote=value.verdict_quote,
            )


def _add_statistic(rows: Rows, statistic: Statistic, document_id: str, measure_id: str | None, count: dict[int, int]) -> None:
    value = statistic.value
    count[value.line] = count.get(value.line, 0) + 1
    cells = {column: getattr(value, column) for column in _VALUE_COLUMNS}
    cells["doubts"] = " ".join(value.doubts) or None
    if value.denominator == 0:  # no share of anything
        cells |= {"numerator": None, "denominator": None}
    if cells["value"] is None and cells["numerator"] is None:
        cells["comparator"] = None
    rows.add(
        "statistic",
        statistic_id=f"{document_id}/s{value.line}.{count[value.line]}",
        document_id=document_id,
        measure_id=measure_id,
        subject=statistic.subject,
        **cells,
    )


def _add_measure(rows: Rows, measure: Measure, plan_id: str, position: int, source: Source, count: dict[int, int]) -> None:
    document_id = source.document_id
    measure_id = f"{plan_id}/{measure.kind[0]}{position:02d}"
    rows.add(
        "measure",
        measure_id=measure_id,
        plan_id=plan_id,
        position=position,
        kind=measure.kind,
        number=measure.number,
        title=measure.title,
        section=measure.section,
        pillar=measure.pillar,
        theme_group=measure.theme_group,
        summary=measure.summary,
        **_source_of(measure, document_id),
    )
    for place, attribute in enumerate(measure.attributes, start=1):
        cells = _source_of(attribute, document_id)
        rows.add("measure_attribute", measure_id=measure_id, position=place, kind=attribute.kind, text=attribute.text, **cells)
    for place, milestone in enumerate(measure.milestones, start=1):
        rows.add(
            "milestone",
            measure_id=measure_id,
            position=place,
            text=milestone.text,
            period=milestone.period,
            fiscal_year=milestone.fiscal_year,
            alignment=milestone.alignment,
            **_source_of(milestone, document_id),
        )
    for place, indicator in enumerate(measure.indicators, start=1):
        indicator_id = f"{measure_id}.{place}"
        rows.add(
            "indicator",
            indicator_id=indicator_id,
            measure_id=measure_id,
            position=place,
            name=indicator.name,
            **_source_of(indicator, document_id),
        )
        _add_values(rows, indicator_id, indicator.values, document_id)
    for statistic in measure.statistics:
        _add_statistic(rows, statistic, document_id, measure_id, count)


def add_document(rows: Rows, source: Source, reading: Reading) -> None:
    """Add a document and all that was read in it."""
    document_id, origin, document = source.document_id, source.origin, source.document
    rows.add(
        "document",
        document_id=document_id,
        municipality_code=origin.municipality_code,
        title=origin.title,
        producer=origin.producer,
        edition=origin.edition,
        published=origin.published,
        sha256=document.sha256,
        encoding=document.encoding,
        line_count=len(document.raw),
        rights=origin.rights,
        note=origin.note,
        inferred=" ".join(origin.inferred) or None,
    )
    printed = document.places or [Place()] * len(document.raw)
    for number, (text, where) in enumerate(zip(document.raw, printed, strict=True), start=1):
        at = {"page": where.page, "sheet": where.sheet, "sheet_row": where.row}
        rows.add("source_line", document_id=document_id, line=number, text=text, **at)
    for plan in origin.plans:
        rows.add(
            "plan",
            plan_id=f"{document_id}/{plan.key}",
            document_id=document_id,
            title=plan.title,
            scope=plan.scope,
            first_fiscal_year=plan.first_fiscal_year,
            last_fiscal_year=plan.last_fiscal_year,
        )
    order: dict[tuple[str, str], int] = {}
    count: dict[int, int] = {}
    for measure in reading.measures:
        plan_id = f"{document_id}/{origin.plan(measure.scope).key}"
        order[plan_id, measure.kind] = position = order.get((plan_id, measure.kind), 0) + 1
        _add_measure(rows, measure, plan_id, position, source, count)
    for statistic in reading.statistics:
        _add_statistic(rows, statistic, document_id, None, count)
    for item in reading.items:
        rows.add(
            "list_item",
            list_name=item.group,
            position=item.position,
            stated_count=item.stated_count,
            unit=item.unit,
            text=item.text,
            marked=item.marked,
            **_source_of(item, document_id),
        )
    for unused in reading.unused:
        rows.add("unused_line", document_id=document_id, line=unused.line, reason=unused.reason, text=unused.text)


def _names(prefix: str, names: Any) -> Row:
    return {f"{prefix}_ja": names.ja if names else None, f"{prefix}_en": names.en if names else None}


def add_decisions(rows: Rows, decisions: Decisions) -> None:
    """Add what people decided, but for what is about indicators (`facet_rows`, `add_recorded`) and readings."""
    for entry in decisions.municipalities:
        rows.add("municipality", **{column: cell or None for column, cell in entry.cells.items()})  # a position may be unknown
    for entry in decisions.topics:
        rows.add("topic", published=entry["date"], **{key: cell for key, cell in entry.cells.items() if key != "date"})
    for theme_id, theme in decisions.themes.items():
        rows.add(
            "theme",
            theme_id=theme_id,
            direction=theme.direction,
            **_names("name", theme.name),
            **_names("definition", theme.definition),
            **_names("not_to_confuse", theme.not_to_confuse),
        )
        for allowed in theme.transformations:
            rows.add("theme_transformation", theme_id=theme_id, transformation_id=allowed)
        for topic in theme.topics:
            rows.add("theme_topic", theme_id=theme_id, topic_id=topic)
    _add_facet_values(rows, decisions)
    _add_transformations(rows, decisions)


def _add_facet_values(rows: Rows, decisions: Decisions) -> None:
    for position, (facet_id, facet) in enumerate(decisions.facets.items(), start=1):
        for value, names in {**facet.values, UNKNOWN: _NOT_STATED}.items():
            rows.add(
                "facet_value",
                facet=facet_id,
                value=value,
                position=position,
                is_required=facet.required,
                facet_ja=facet.ja,
                facet_en=facet.en,
                **_names("name", names),
            )


def _add_transformations(rows: Rows, decisions: Decisions) -> None:
    for transformation_id, transformation in decisions.transformations.items():
        rows.add(
            "transformation",
            transformation_id=transformation_id,
            formula=transformation.formula,
            item=transformation.item,
            **_names("name", transformation.name),
            **_names("unit", transformation.unit),
        )
        for facet_id, change in transformation.changes.items():
            for before in change.before:
                rows.add(
                    "transformation_change",
                    transformation_id=transformation_id,
                    facet=facet_id,
                    from_value=before,
                    to_value=change.after,
                )


def add_rules(rows: Rows) -> None:
    """Add the rules plans are read against, and the words they look for."""
    rows.tables["rule"] = list(rule_rows())
    rows.tables["word"] = list(word_rows())


def facet_rows(decisions: Decisions, names: Mapping[str, str], rejected: Collection[str]) -> Iterator[Rows]:
    """Themes and facets of the indicators, some indicators at a time.

    Args:
        decisions: what people decided.
        names: name of each indicator that was read by its id; empty where it has none.
        rejected: indicators that a person took out; decisions about them rest.

    Raises:
        DecisionError: a row is about no indicator, or about one that has another name.
    """
    rows = Rows()
    for number, entry in enumerate(decisions.indicator_facets, start=1):
        indicator_id = entry["indicator_id"]
        if indicator_id not in rejected:
            check_indicator(entry, names)
            rows.add("indicator_theme", indicator_id=indicator_id, theme_id=entry["theme"] or None, better=entry["better"])
            for facet in decisions.facets:
                rows.add("facet", indicator_id=indicator_id, facet=facet, value=entry[facet])
        if number % _FACETS_AT_ONCE == 0:
            yield rows
            rows = Rows()
    yield rows


def add_recorded(rows: Rows, decisions: Decisions, names: Mapping[str, str], units: Iterable[tuple[str, str | None]]) -> None:
    """Add what was recorded since, in the corrected units.

    Args:
        rows: where to.
        decisions: what people decided.
        names: name of each indicator by its id.
        units: indicator and unit of each value of the indicators with recorded results.

    Raises:
        DecisionError: a row does not fit its indicator; all of them are listed.
    """
    rows.tables["recorded_actual"] = recorded_rows(decisions.actuals, Indicators.of(names.items(), units))


_TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(
        ("value", "value_low", "numerator", "denominator", "confidence", "attainment_printed_pct", "latitude", "longitude"),
        pl.Float64,
    ),
    **dict.fromkeys(
        (
            "line",
            "position",
            "fiscal_year",
            "calendar_year",
            "relative_year",
            "first_fiscal_year",
            "last_fiscal_year",
            "line_count",
            "stated_count",
            "occurrence",
            "page",
            "sheet_row",
        ),
        pl.Int64,
    ),
    **dict.fromkeys(("cumulative", "marked", "is_required", "has_detail", "applies"), pl.Boolean),
}
_TEXT_VALUE_TABLES = frozenset(["facet", "facet_value", "reference_facet"])
_DATES = ("as_of", "recorded_on", "decided_on")
_ORDER = {
    "observation": ("document_id", "line", "observation_id"),
    "statistic": ("document_id", "line", "statistic_id"),
    "list_item": ("document_id", "line", "list_name", "position"),
}


def _frame(table: str, rows: list[Row], columns: list[str]) -> pl.DataFrame:
    types = {
        column: pl.String
        if column in _DATES or (column == "value" and table in _TEXT_VALUE_TABLES)
        else _TYPES.get(column, pl.String)
        for column in columns
    }
    cells = {
        column: [cell.isoformat() if isinstance(cell := row.get(column), date) else cell for row in rows] for column in columns
    }
    frame = pl.DataFrame(
        {
            column: pl.Series(
                column, values, dtype=pl.String if any(isinstance(v, str) for v in values) else types[column], strict=False
            )
            for column, values in cells.items()
        }
    )
    frame = frame.with_columns([pl.col(column).cast(kind) for column, kind in types.items()])
    keys = [key for key in _ORDER.get(table, ()) if key in columns]
    return frame.sort(keys) if keys else frame


def frames(rows: Rows, columns: dict[str, list[str]]) -> dict[str, pl.DataFrame]:
    """A typed, ordered frame for each table of the schema; a table without rows is empty, not absent.

    Args:
        rows: rows by table.
        columns: the schema: columns of each table, in order.
    """
    return {table: _frame(table, rows.tables.get(table, []), names) for table, names in columns.items()}


def csv_parts(rows: Rows, columns: Mapping[str, list[str]]) -> dict[str, bytes]:
    """The rows of each table that has some as CSV, without a header.

    Args:
        rows: rows by table.
        columns: the schema: columns of each table, in order.
    """
    return {
        table: _frame(table, made, columns[table]).write_csv(include_header=False).encode()
        for table, made in rows.tables.items()
        if made
    }

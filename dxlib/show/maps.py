"""Maps of the reports, drawn from the imported outlines; only values of one comparable set share a scale."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dxlib import wording
from dxlib.blocks import Block, Picture, Table
from dxlib.blocks import Text as Paragraph
from dxlib.show.base import Page, Record, cell, coverage_level, plain, records

if TYPE_CHECKING:
    from dxlib.show.comparison import Comparison
    from dxlib.show.topics import Topics

_SPOKEN = 50  # all stand in the table beside it
LEAST = 3  # municipalities; fewer are seen at a glance in the table
_SIGNS = "①②③④"


def theme_map(page: Comparison) -> list[Block]:
    """The municipalities of a report on a map: the values of the largest comparable set, else how far plans address the theme."""
    if len(page.codes) < LEAST:
        return []
    found = _comparable(page)
    return _by_value(page, found) if len(found) >= LEAST else _by_level(page)


def coverage_map(page: Topics, rows: Sequence[Record]) -> list[Block]:
    """In how many themes each municipality of a report has a measurable target.

    Args:
        page: the report.
        rows: rows of the view ``coverage``.
    """
    if len(page.codes) < LEAST:
        return []
    themes = len({r["theme_id"] for r in rows})
    counts = {
        code: float(sum(r["municipality_code"] == code and r["coverage"] == "measurable target" for r in rows))
        for code in page.codes
    }
    labels = {code: page.text("map_themes", n=page.number(value, 0)) for code, value in counts.items()}
    title = page.text(
        "map_coverage_title", low=page.number(min(counts.values()), 0), high=page.number(max(counts.values()), 0), of=themes
    )
    about = page.text("map_coverage_about", n=len(counts), of=themes)
    return _draw(page, _in_steps(page, counts), labels, _step_words(page, counts, page.text("map_themes_unit")), title, about)


def _comparable(page: Comparison) -> dict[str, Record]:
    """The value of each municipality in the first comparable set: the indicator with the newest value where it has several."""
    found: dict[str, Record] = {}
    for r in page.group:
        if r["comparable_set"] == 1 and r["set_value"] is not None and (page.is_long or r["indicator_id"] in page.progress):
            known = found.get(r["municipality_code"])
            if known is None or (r["fiscal_year"] or 0) > (known["fiscal_year"] or 0):
                found[r["municipality_code"]] = r
    units = {r["set_unit_ja"] or r["unit"] for r in found.values()}
    return found if len(units) == 1 else {}


def _by_value(page: Comparison, found: dict[str, Record]) -> list[Block]:
    first = next(iter(found.values()))
    unit = first[f"set_unit_{page.lang}"] or wording.unit(first["unit"], page.lang) or ""
    values = {code: float(r["set_value"]) for code, r in found.items()}
    labels = {code: _amount(page, value, unit) for code, value in values.items()}
    years = sorted({wording.year(r, page.lang) for r in found.values()})
    low, high = (_amount(page, amount, unit) for amount in (min(values.values()), max(values.values())))
    title = page.text("map_value_title", theme=page.name(page.about), n=len(values), low=low, high=high)
    absent = len(page.codes) - len(values)
    shown = years[0] if len(years) == 1 else f"{years[0]}{page.text('to')}{years[-1]}"
    about = page.text("figure_about", units=unit or page.text("no_unit"), years=shown, n=len(values), absent=absent)
    return _draw(page, _in_steps(page, values), labels, _step_words(page, values, unit), title, about)


def _amount(page: Page, value: float, unit: str) -> str:
    return f"{page.number(value, 2)}{'' if page.lang == 'ja' or unit == '%' else ' '}{unit}"


def _by_level(page: Comparison) -> list[Block]:
    rows = records(page.bench.coverage(page.codes).filter(f"theme_id = '{page.theme}'"))
    levels = {r["municipality_code"]: coverage_level(r["coverage"]) for r in rows}
    labels = {code: page.text(f"level_{level}") for code, level in levels.items()}
    steps = [{"level": n, "text": page.text(f"level_{n}"), "symbol": page.text(f"symbol_{n}")} for n in range(4)]
    full = sum(level == 3 for level in levels.values())
    title = page.text("map_level_title", theme=page.name(page.about), n=full, of=len(page.codes))
    about = page.text("map_level_about", n=len(page.codes))
    return _draw(page, levels, labels, steps, title, about)


def _limits(values: Sequence[float]) -> list[float]:
    """Round limits of at most four steps that hold the values."""
    from dxlib.charts import nice_limits

    return nice_limits(values, 4)


def _in_steps(page: Page, values: dict[str, float]) -> dict[str, int | None]:
    limits = _limits(list(values.values()))
    last = len(limits) - 2
    return {code: min(last, sum(value >= limit for limit in limits[1:])) for code, value in values.items()}


def _step_words(page: Page, values: dict[str, float], unit: str) -> list[Record]:
    limits = _limits(list(values.values()))
    found = []
    for n, (low, high) in enumerate(itertools.pairwise(limits)):
        key = "map_step_last" if n == len(limits) - 2 else "map_step"
        words = {
            "low": page.number(low, 2),
            "high": page.number(high, 2),
            "unit": unit if page.lang == "ja" or unit == "%" else f" {unit}",
        }
        found.append({"level": n, "text": page.text(key, **words), "symbol": _SIGNS[n]})
    return found


def _draw(
    page: Any, levels: dict[str, int | None], labels: dict[str, str], steps: Sequence[Record], title: str, about: str
) -> list[Block]:
    """The map, or the remark how to get one."""
    from dxlib.official.outlines import map_path, read_outlines

    page.bench.reads(map_path(page.bench.project))
    outlines = read_outlines(page.bench.project, {code[:2] for code in page.codes})
    if outlines is None:
        return [Paragraph(plain(page.text("map_how")), "note")]
    from dxlib.charts import area_map

    symbols = {step["level"]: step["symbol"] for step in steps}
    regions = [_region(outline, page, levels, labels, symbols) for outline in outlines]
    drawn = {region["code"] for region in regions if region["kind"] != "other"}
    if not drawn:
        return [Paragraph(plain(page.text("map_none")), "note")]
    chart = area_map(regions, steps=steps, words={"missing": page.text("map_missing"), "other": page.text("map_other")})
    rows = [
        [cell(page.city(code)), cell(labels[code] if levels.get(code) is not None else page.text("map_missing"))]
        for code in page.codes
    ]
    table = Table(page.text("map_table"), [page.text("col_city"), page.text("col_value")], rows, "figure-data")
    spoken = "; ".join(
        f"{page.city(code)}: {labels[code] if levels.get(code) is not None else '—'}" for code in page.codes[:_SPOKEN]
    )
    without = [page.city(code) for code in page.codes if code not in drawn]
    about += page.text("map_undrawn", cities=", ".join(without)) if without else ""
    alt = page.text("chart_alt", title=title, points=spoken)
    source = f"{page.text('picture_source_map')} {page.text('map_credit')}"
    picture: Picture = page.picture(chart, title, about, alt, table, source=source)
    return [picture]


def _region(
    outline: Any, page: Page, levels: dict[str, int | None], labels: dict[str, str], symbols: dict[int, str]
) -> dict[str, Any]:
    code = outline.code
    asked = code in page.codes  # type: ignore[attr-defined]
    level = levels.get(code)
    return {
        "code": code,
        "name": page.city(code) if asked else outline.name,
        "group": outline.prefecture,
        "polygons": outline.polygons,
        "kind": "other" if not asked else "missing" if level is None else "value",
        "level": level,
        "symbol": symbols.get(level, "") if level is not None else "",
        "label": labels.get(code, "") if level is not None else page.text("map_missing"),
    }

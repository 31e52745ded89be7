"""The pictures of the reports: rows as frames for `charts`, with title, note, alternative text and data table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dxlib import wording
from dxlib.blocks import Cell, Picture, Table
from dxlib.show.base import VERDICTS, Page, Record, cell, decimals_of, join, short

if TYPE_CHECKING:
    from dxlib.show.comparison import Comparison

_MOST_IN_MATRIX = 26
PANELS_A_PICTURE = 2
_MOST_PIXELS, _ROW_PIXELS, _PANEL_PIXELS = 800, 50, 100
_ENDS = ("baseline", "latest", "target")
Panel = tuple[str, list[Record]]


def is_drawable(record: Record) -> bool:
    """A number with a year, that is no change against a base."""
    has_year = record["fiscal_year"] or record["calendar_year"]
    return record["value"] is not None and not record["relative_to"] and bool(has_year)


def known_and_target(page: Page) -> dict[str, str]:
    """The legend of known values and targets."""
    return {"known": page.text("legend_known"), "target": page.text("legend_targets")}


def years_in_words(page: Page, records: Sequence[Record]) -> str:
    """The span of years of some values: ``令和4年度(2022年度)～令和11年度(2029年度)``."""
    years = sorted({(r["fiscal_year"] or r["calendar_year"], bool(r["fiscal_year"])) for r in records})
    words = [wording.year({"fiscal_year" if fiscal else "calendar_year": year}, page.lang) for year, fiscal in years]
    return words[0] if len(words) == 1 else f"{words[0]}{page.text('to')}{words[-1]}"


def about(page: Page, units: Sequence[str | None], records: Sequence[Record], n: int, absent: int) -> str:
    """Unit, years, n and missing values of a picture."""
    units_shown = join(dict.fromkeys(wording.unit(unit, page.lang) or page.text("no_unit") for unit in units), page.lang)
    return page.text("figure_about", units=units_shown, years=years_in_words(page, records), n=n, absent=absent)


def _row(page: Page, name: str, record: Record) -> list[Cell]:
    value = Cell([page.value(record, record["observation_id"], year=False, notes=False)])
    return [cell(name), cell(page.text(f"role_{record['role']}")), cell(wording.year(record, page.lang)), value]


def _value_rows(page: Page, label: str, rows: list[list[Cell]]) -> Table:
    return Table(label, [page.text(f"col_{name}") for name in ("series", "role", "year", "value")], rows, "figure-data")


def _spoken(table: Table) -> str:
    return "; ".join(" ".join("".join(span.text for span in line) for c in row for line in c.lines) for row in table.rows)


def panel_title(page: Comparison, facets: str) -> str:
    """What a panel of one definition is called: its unit and who is in it."""
    ids = [i for i in page.keys if page.first[i]["facets"] == facets]
    cities = {page.first[i]["municipality_code"] for i in ids}
    unit = next((record["unit"] for record in page.values if record["facets"] == facets and record["unit"]), None)
    words = {"unit": wording.unit(unit, page.lang) or page.text("no_unit"), "cities": join(map(page.series, ids), page.lang)}
    return page.text("chart_title_many", **words) if len(cities) > 1 else page.text("chart_title_one", **words)


def path_panels(page: Comparison) -> list[Panel]:
    """The values that can be drawn, a panel for each definition; those shared by most municipalities first."""
    groups: dict[str, list[Record]] = {}
    for record in page.values:
        if is_drawable(record):
            groups.setdefault(record["facets"], []).append(record)
    shared = sorted(groups.items(), key=lambda item: -len({record["municipality_code"] for record in item[1]}))
    return [(panel_title(page, facets), group) for facets, group in shared]


def values_pictures(page: Comparison, panels: list[Panel]) -> list[Picture]:
    """Values over the years; known ones solid, targets dashed. As many pictures as sheets of paper need."""
    parts = [panels[i : i + PANELS_A_PICTURE] for i in range(0, len(panels), PANELS_A_PICTURE)]
    title = _values_title(page)
    shared = [any(len({record["municipality_code"] for record in group}) > 1 for _, group in part) for part in parts]
    titles = [title if n == 0 or is_shared else page.text("figure_values_single") for n, is_shared in enumerate(shared)]
    drawn = sum(len(group) for _, group in panels)
    absent = len([r for r in page.values if r["missing"] is None]) - drawn
    return [_values_picture(page, part, title, absent) for part, title in zip(parts, titles, strict=False)]


def _values_picture(page: Comparison, panels: list[Panel], title: str, absent: int) -> Picture:
    from dxlib.charts import values_by_year

    shown = [record for _, group in panels for record in group]
    ids = list(dict.fromkeys(r["indicator_id"] for r in shown))
    bright = [page.series(i) for i in ids if page.first[i]["municipality_code"] == page.highlight]
    chart = values_by_year(
        [(name, [_value_point(page, record) for record in group]) for name, group in panels],
        axis_title=page.text("axis_year"),
        legend_title=page.text("col_indicator"),
        highlight=bright or None,
        words=known_and_target(page) | {"reference": page.text("legend_reference")},
        minus=page.minus,
        references={name: page.official.lines(group[0]["facets"]) for name, group in panels},
    )
    table = _value_rows(page, page.text("figure_values_table"), [_row(page, page.series(r["indicator_id"]), r) for r in shown])
    alt = page.text("chart_alt", title=title, points=_spoken(table))
    return page.picture(chart, title, about(page, [r["unit"] for r in shown], shown, len(ids), absent), alt, table)


def _value_point(page: Comparison, record: Record) -> Record:
    return {
        "series": page.series(record["indicator_id"]),
        "year": record["fiscal_year"] or record["calendar_year"],
        "value": record["value"],
        "kind": "target" if record["role"] == "target" else "known",
        "label": wording.value(record, page.lang),
    }


def _values_title(page: Comparison) -> str:
    same = page.without_repeats([p for p in page.between_cities() if p["verdict"] == "direct"])
    if not same:
        return page.text("figure_values_none", n=len({r["facets"] for r in page.values}))
    pair = same[0]
    more = page.text("figure_more", n=len(same) - 1) if len(same) > 1 else ""
    return page.text(
        "figure_values_title",
        left=page.city(pair["left_code"]),
        left_value=wording.value(pair, page.lang, "left_"),
        left_year=wording.year(pair, page.lang, "left_"),
        right=page.city(pair["right_code"]),
        right_value=wording.value(pair, page.lang, "right_"),
        right_year=wording.year(pair, page.lang, "right_"),
        more=more,
    )


def gap_pictures(
    page: Page,
    rows: list[Record],
    name: Callable[[str], str],
    *,
    panel: Callable[[Record], str] | None = None,
    highlight: str = "",
) -> list[Picture]:
    """Baseline, latest value and target of each indicator; as many pictures as sheets of paper need.

    Args:
        page: the report.
        rows: rows of the view ``progress``.
        name: an indicator's name in the picture, from its id.
        panel: the definition that a row is drawn with, in words: rows of different ones never share an axis. None draws
            all in percent of their own target, which is the same measure for all (those whose target is a positive
            number to be reached from below).
        highlight: code of the municipality to bring out.
    """
    drawn = [
        r for r in rows if r["target_value"] is not None and (r["baseline_value"] is not None or r["latest_value"] is not None)
    ]
    if panel is None:
        drawn = [r for r in drawn if r["target_value"] > 0 and r["better"] == "higher" and not r["target_from_base"]]
    if not drawn:
        return []
    reached = sum(r["class"] in ("achieved", "maintained") for r in drawn)
    missed = sum(r["class"] in ("missed", "not maintained") for r in drawn)
    counts = {"n": len(drawn), "reached": reached, "missed": missed, "waiting": len(drawn) - reached - missed}
    title = page.text("figure_gap_title", **counts) if panel else page.text("figure_gap_share_title", **counts)
    placed = [(panel(r) if panel else "", r) for r in drawn]
    parts = _sheets([(head, r) for one in dict.fromkeys(head for head, _ in placed) for head, r in placed if head == one])
    titles = [title, *(page.text("figure_next", title=title, n=n, of=len(parts)) for n in range(2, len(parts) + 1))]
    axis = page.text("axis_value" if panel else "axis_of_target")
    absent = len(rows) - len(drawn)
    return [_gap_picture(page, part, name, highlight, head, axis, absent) for part, head in zip(parts, titles, strict=True)]


def _sheets(rows: list[tuple[str, Record]]) -> list[list[tuple[str, Record]]]:
    """Rows in groups whose picture fits a sheet of paper: each row, and each new panel, takes its height."""
    parts: list[list[tuple[str, Record]]] = []
    height = 0
    for head, row in rows:
        height += _ROW_PIXELS + _PANEL_PIXELS * (not parts or parts[-1][-1][0] != head)
        if not parts or height > _MOST_PIXELS:
            parts.append([])
            height = _ROW_PIXELS + _PANEL_PIXELS
        parts[-1].append((head, row))
    return parts


def _gap_picture(
    page: Page, rows: list[tuple[str, Record]], name: Callable[[str], str], highlight: str, title: str, axis: str, absent: int
) -> Picture:
    from dxlib.charts import gap_to_target

    known = page.values_by_id([r[f"{role}_id"] for _, r in rows for role in _ENDS])
    panels: dict[str, list[Record]] = {}
    table_rows = []
    for head, r in rows:
        label = name(r["indicator_id"])
        scale = 1 if head else 100 / r["target_value"]
        values = {role: None if r[f"{role}_value"] is None else r[f"{role}_value"] * scale for role in _ENDS}
        panels.setdefault(head, []).append({"row": label, "series": r["municipality_code"], **values, **_labels(page, r, known)})
        table_rows += [_row(page, label, known[r[f"{role}_id"]]) for role in _ENDS if r[f"{role}_id"] in known]
    words = {role: page.text(f"legend_{role}") for role in _ENDS} | {"missing": page.text("not_printed")}
    chart = gap_to_target(list(panels.items()), axis_title=axis, words=words, highlight=highlight or None, minus=page.minus)
    table = _value_rows(page, page.text("figure_gap_table"), table_rows)
    dated = [v for v in known.values() if v["fiscal_year"] or v["calendar_year"]] or list(known.values())
    note = about(page, [r["unit"] for _, r in rows], dated, len(rows), absent)
    return page.picture(chart, title, note, page.text("chart_alt", title=title, points=_spoken(table)), table)


def _labels(page: Page, row: Record, known: dict[str, Record]) -> Record:
    found = {}
    for role in _ENDS:
        record = known.get(row[f"{role}_id"] or "")
        found[f"{role}_label"] = wording.value(record, page.lang) if record else ""
    return found


def slope_picture(page: Comparison) -> Picture | None:
    """Known value and last target of the indicators that are directly comparable across municipalities."""
    same = {p[f"{side}_id"] for p in page.between_cities() if p["verdict"] == "direct" for side in ("left", "right")}
    groups: dict[str, list[Record]] = {}  # pairs are direct within a definition, never across: one picture for one of them
    for i, r in page.progress.items():
        if i in same and _is_ahead(r):
            groups.setdefault(page.first[i]["facets"], []).append(r)
    rows = max(groups.values(), key=len, default=[])
    rows = [r for r in rows if r["unit"] == rows[0]["unit"]]
    if len(rows) < 2:
        return None
    from dxlib.charts import slope

    ids = [(r["latest_id"] or r["baseline_id"], r["target_id"]) for r in rows]
    known = page.values_by_id([one for pair in ids for one in pair])
    frame = []
    for row, pair in zip(rows, ids, strict=True):
        for side, one in zip(("left", "right"), pair, strict=True):
            amount = row["target_value"] if side == "right" else _first_number(row["latest_value"], row["baseline_value"])
            label = f"{wording.value(known[one], page.lang)} {wording.year(known[one], page.lang)}"
            frame.append(
                {
                    "series": page.series(row["indicator_id"]),
                    "side": side,
                    "side_label": page.text(f"slope_{side}"),
                    "value": amount,
                    "label": label,
                }
            )
    bright = [page.series(r["indicator_id"]) for r in rows if r["municipality_code"] == page.highlight]
    chart = slope(frame, words={"unit": wording.unit(rows[0]["unit"], page.lang)}, highlight=bright or None)
    shown = list(known.values())
    names = {one: page.series(r["indicator_id"]) for r, pair in zip(rows, ids, strict=True) for one in pair}
    table = _value_rows(page, page.text("figure_slope_table"), [_row(page, names[one], record) for one, record in known.items()])
    rises = sorted(rows, key=lambda r: -(r["ambition_per_year"] or 0))
    title = page.text("figure_slope_title", n=len(rows), cities=join((page.series(r["indicator_id"]) for r in rises), page.lang))
    dated = [r for r in shown if r["fiscal_year"] or r["calendar_year"]] or shown
    note = about(page, [rows[0]["unit"]], dated, len(rows), len(same) - len(rows))
    return page.picture(chart, title, note, page.text("chart_alt", title=title, points=_spoken(table)), table)


def _is_ahead(row: Record) -> bool:
    """A known value, and a target in figures for a later year."""
    year = _first_number(row["latest_year"], row["baseline_year"])
    has_both = row["target_value"] is not None and (row["latest_id"] or row["baseline_id"]) and not row["target_from_base"]
    return bool(has_both and year is not None and row["target_year"] and year < row["target_year"])


def _first_number(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def verdict_picture(page: Comparison) -> Picture | None:
    """The matrix of verdicts; none with too many indicators, for which the table of pairs is the place."""
    if not page.pairs or len(page.keys) > _MOST_IN_MATRIX:
        return None
    from dxlib.charts import verdict_matrix

    kinds = {(p["left_id"], p["right_id"]): VERDICTS[p["verdict"]] for p in page.pairs}
    kinds |= {(right, left): kind for (left, right), kind in kinds.items()} | {(i, i): "self" for i in page.keys}
    ids = [i for i in page.keys if any(i in key for key in kinds if key[0] != key[1])]
    symbols = {kind: page.text(f"verdict_{kind}").split()[0] for kind in ("direct", "transformed", "not", "self")}
    frame = [
        {"left": page.series(a), "right": page.series(b), "verdict": kinds[a, b], "symbol": symbols[kinds[a, b]]}
        for a in ids
        for b in ids
        if (a, b) in kinds
    ]
    words = {kind: page.text(f"verdict_{kind}") for kind in symbols}
    chart = verdict_matrix(frame, order=[page.series(i) for i in ids], words=words)
    pairs = page.between_cities()
    good = sum(p["verdict"] != "not comparable" for p in pairs)
    title = page.text("figure_verdict_title", pairs=len(pairs), good=good)
    table = Table(
        page.text("verdict_heading"),
        [page.text("col_indicator"), *(page.series(i) for i in ids)],
        [
            [
                cell(f"{page.series(a)}｜{short(page.title_of(a), 60)}"),
                *(cell(words[kinds[a, b]], kinds[a, b]) if (a, b) in kinds else cell("—") for b in ids),
            ]
            for a in ids
        ],
        "matrix",
    )
    spoken = "; ".join(
        f"{page.series(p['left_id'])} – {page.series(p['right_id'])}: {words[VERDICTS[p['verdict']]]}" for p in pairs
    )
    note = page.text("figure_verdict_about", n=len(ids), pairs=len(page.pairs))
    return page.picture(chart, title, note, page.text("chart_alt", title=title, points=spoken), table)


def path_picture(
    page: Page, row: Record, *, own_more: Sequence[Record] = (), peers: Sequence[Record] = (), title: str, apart: bool = False
) -> Picture | None:
    """One indicator's way to its target: known values, yearly targets, the pace required from here; peers in grey.

    Args:
        page: the report.
        row: a row of the view ``progress``.
        own_more: values of the same indicator in another edition or review.
        peers: values (rows of ``fact``) of directly comparable indicators of others.
        title: what the picture says.
        apart: the data table stands elsewhere on the page.
    """
    from dxlib.charts import path_to_target

    printed = [*page.values_of(row["indicator_id"]), *(r for r in own_more if r["role"] != "target")]
    own = [r for r in printed if is_drawable(r) and r["unit"] == row["unit"]]
    others = [r for r in peers if is_drawable(r) and r["unit"] == row["unit"]]
    if not own:
        return None
    last = row["target_id"]
    results = {(r["fiscal_year"], r["calendar_year"], r["value"]) for r in own if r["role"] == "actual"}
    drawn = [r for r in own if r["role"] != "baseline" or (r["fiscal_year"], r["calendar_year"], r["value"]) not in results]
    frame = [_point(page, r, _kind(r, last)) for r in drawn] + _peer_points(page, others)
    start = _first_number(row["latest_value"], row["baseline_value"]), _first_number(row["latest_year"], row["baseline_year"])
    required = None
    if row["required_per_year"] is not None and row["target_year"] and None not in start and start[1] < row["target_year"]:
        label = page.text(
            "required_pace", change=page.number(row["required_per_year"], decimals_of(row["required_per_year"]), sign=True)
        )
        required = {
            "from_year": start[1],
            "from_value": start[0],
            "to_year": row["target_year"],
            "to_value": row["target_value"],
            "label": label,
        }
    words = {
        kind: page.text(f"path_{kind.replace(' ', '_')}") for kind in ("actual", "baseline", "target", "yearly target", "peer")
    }
    chart = path_to_target(frame, axis_title=page.text("axis_year"), words=words, required=required, minus=page.minus)
    table = _value_rows(page, page.text("figure_path_table"), [_row(page, _owner(page, r), r) for r in [*own, *others]])
    absent = len(printed) - len(own) + len(peers) - len(others)
    series = {r["indicator_id"] for r in [*own, *others]}
    note = about(page, [row["unit"]], [*own, *others], len(series), absent)
    return page.picture(chart, title, note, page.text("chart_alt", title=title, points=_spoken(table)), table, apart=apart)


def _peer_points(page: Page, others: Sequence[Record]) -> list[Record]:
    """Points of others: one series an indicator; a city with two of them has a number behind its name."""
    ids = list(dict.fromkeys(r["indicator_id"] for r in others))
    cities = {r["indicator_id"]: page.city(r["municipality_code"]) for r in others}
    names = {}
    for i in ids:
        before = [other for other in ids[: ids.index(i)] if cities[other] == cities[i]]
        names[i] = f"{cities[i]} ({len(before) + 1})" if before else cities[i]
    return [_point(page, r, "peer") | {"series": names[r["indicator_id"]]} for r in others]


def _owner(page: Page, record: Record) -> str:
    return f"{page.city(record['municipality_code'])}｜{short(record['indicator'] or page.text('no_name'), 60)}"


def _kind(record: Record, last_target: str | None) -> str:
    if record["role"] != "target":
        return str(record["role"])
    return "target" if record["observation_id"] == last_target else "yearly target"


def _point(page: Page, record: Record, kind: str) -> Record:
    return {
        "series": page.city(record["municipality_code"]),
        "year": record["fiscal_year"] or record["calendar_year"],
        "value": record["value"],
        "kind": kind,
        "role": record["role"],
        "label": wording.value(record, page.lang),
    }

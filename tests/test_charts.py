"""The charts: what is drawn, what is not, and that no text is more than text."""

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

import altair as alt
import pandas as pd
import polars as pl
import pytest
from conftest import ROOT

from dxlib.charts import coverage_heatmap, distribution, gap_to_target, path_to_target, slope, svg, values_by_year, verdict_matrix
from dxlib.charts.canvas import BLUES, GREYS, LEVELS, PAPER, VERDICTS, contrast, ink_on, nice, spread, width_of, wrap
from dxlib.charts.years import looks_of

NASTY = "<script>alert(1)</script> \"q\" 'r' {{x}} ${y} datum.value [a].b &amp; =HYPERLINK(1)\n次の行\x00\u202e"
SHOWN = "<script>alert(1)</script> \"q\" 'r' {{x}} ${y} datum.value [a].b &amp; =HYPERLINK(1) 次の行"
LEVEL_WORDS = {"level0": "記載なし", "level1": "施策のみ", "level2": "指標あり", "level3": "目標値あり", "missing": "資料なし"}
GAP_WORDS = {"baseline": "現状値", "latest": "最新の実績", "target": "目標値", "missing": "数値の記載なし"}
PATH_WORDS = {"actual": "実績", "baseline": "基準値", "target": "最終目標", "yearly target": "年度目標", "peer": "他の団体"}
VERDICT_WORDS = {
    "direct": "◎ そのまま比較できる",
    "transformed": "△ 換算すれば比較できる",
    "not": "× 比較できない",
    "self": "－ 同じ指標",
}


def value(series: str, year: int, number: float | None, kind: str = "known", **more: Any) -> dict[str, Any]:
    return {"series": series, "year": year, "value": number, "kind": kind, "label": f"{number:g}件" if number else "", **more}


def gap(row: str, baseline: float | None, latest: float | None, target: float | None, **more: Any) -> dict[str, Any]:
    numbers = {"baseline": baseline, "latest": latest, "target": target}
    return {"row": row} | numbers | {f"{k}_label": "" if v is None else f"{v:g}件" for k, v in numbers.items()} | more


PROCEDURES = [
    value("伊豆の国市", 2022, 42),
    value("伊豆の国市", 2025, 72, "target"),
    value("伊勢市", 2025, 142),
    *(value("伊勢市", year, number, "target") for year, number in ((2025, 120), (2026, 170), (2027, 200), (2028, 230))),
]
WAY = [
    value("伊勢市", 2022, 60, "baseline"),
    value("伊勢市", 2024, 118, "actual"),
    value("伊勢市", 2025, 142, "actual"),
    value("伊勢市", 2025, 120, "yearly target"),
    value("伊勢市", 2026, 170, "yearly target"),
    value("伊勢市", 2029, 260, "target"),
    value("伊豆の国市", 2022, 42, "peer"),
    value("伊豆の国市", 2025, 72, "peer"),
    value("伊賀市", 2025, 70, "peer"),
]
PACE = {"from_year": 2025, "from_value": 142, "to_year": 2029, "to_value": 260, "label": "必要なペース"}
NAMES = ["伊勢市 手続数", "伊豆の国市 手続数", "伊勢崎市 割合"]
PAIRS = [
    {"left": NAMES[0], "right": NAMES[1], "verdict": "direct", "symbol": "◎"},
    {"left": NAMES[0], "right": NAMES[2], "verdict": "not", "symbol": "×"},
    {"left": NAMES[1], "right": NAMES[2], "verdict": "transformed", "symbol": "△"},
]
COVERED = [
    {"row": "テレワーク", "column": "伊勢市", "level": 3, "symbol": "◎", "text": "施策2・目標1"},
    {"row": "テレワーク", "column": "伊賀市", "level": 0, "symbol": "－", "text": "0"},
    {"row": "セキュリティ", "column": "伊勢市", "level": None, "symbol": "", "text": ""},
]
SIDES = [
    {"series": name, "side": side, "side_label": {"left": "最新", "right": "目標"}[side], "value": number, "label": f"{number}件"}
    for name, pair in (("伊勢市", (142, 260)), ("いなべ市", (139, 255)), ("伊豆の国市", (42, 72)))
    for side, number in zip(("left", "right"), pair, strict=True)
]


def by_year(frame: Any, **more: Any) -> Any:
    return values_by_year([("単位: 件", frame)], axis_title="年度", legend_title="指標", **more)


def way(frame: Any, **more: Any) -> Any:
    return path_to_target(frame, axis_title="年度", words=PATH_WORDS, **more)


def gaps(frame: Any, **more: Any) -> Any:
    return gap_to_target(frame, axis_title="件", words=GAP_WORDS, **more)


def covered(frame: Any, rows: list[str], columns: list[str]) -> Any:
    return coverage_heatmap(frame, order_rows=rows, order_columns=columns, words=LEVEL_WORDS)


def spread_out(values: list[float], title: str = "", **more: Any) -> Any:
    marked = [{"value": 30, "label": "中央値 30件"}, {"value": 32, "label": "伊勢市 32件", "bright": True}]
    return distribution([(title, values, marked)], axis_title="件", **more)


TYPICAL: Mapping[str, Callable[[], Any]] = {
    "values_by_year": lambda: by_year(PROCEDURES, highlight="伊勢市", words={"known": "実績", "target": "目標"}),
    "gap_to_target": lambda: gaps([("件", [gap("伊勢市", 42, 142, 260), gap("伊賀市", None, None, 24)])], highlight="伊勢市"),
    "path_to_target": lambda: way(WAY, required=PACE),
    "verdict_matrix": lambda: verdict_matrix(PAIRS, order=NAMES, words=VERDICT_WORDS),
    "coverage_heatmap": lambda: covered(COVERED, ["テレワーク", "セキュリティ"], ["伊勢市", "伊賀市"]),
    "slope": lambda: slope(SIDES, highlight="伊勢市", words={"unit": "件"}),
    "distribution": lambda: spread_out([float(n * n % 97) for n in range(60)]),
}
each_chart = pytest.mark.parametrize("draw", TYPICAL.values(), ids=TYPICAL)


def elements(drawn: str, tag: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(drawn).iter(f"{{http://www.w3.org/2000/svg}}{tag}"))


def told(drawn: str) -> list[str]:
    return ["".join(text.itertext()) for text in elements(drawn, "text")]


def boxes(drawn: str) -> list[tuple[str, float, float, float, float]]:
    """Every level text with its left, top, right and bottom on the picture."""
    found = []

    def walk(element: ElementTree.Element, x: float, y: float) -> None:
        for dx, dy in re.findall(r"translate\(([-\d.e]+),\s*([-\d.e]+)\)", element.get("transform", "")):
            x, y = x + float(dx), y + float(dy)
        if element.tag.endswith("}text") and "rotate" not in element.get("transform", "") and element.text:
            size = float(element.get("font-size", "0").removesuffix("px"))
            wide = width_of(element.text, size) * 0.9
            left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[element.get("text-anchor", "start")] * wide
            found.append((element.text, left, y - 0.8 * size, left + wide, y))
        for child in element:
            walk(child, x, y)

    walk(ElementTree.fromstring(drawn), 0, 0)
    return found


def overlapping(drawn: str) -> list[tuple[str, str]]:
    return [
        (a[0], b[0])
        for a, b in itertools.combinations(boxes(drawn), 2)
        if min(a[3], b[3]) - max(a[1], b[1]) > 1 and min(a[4], b[4]) - max(a[2], b[2]) > 1
    ]


@each_chart
def test_a_chart_is_safe_to_put_on_a_page(draw: Callable[[], Any]) -> None:
    drawn = svg(draw())
    root = ElementTree.fromstring(drawn)
    attributes = [(name, text) for element in root.iter() for name, text in element.attrib.items()]
    assert not [name for name, _ in attributes if name in ("role", "tabindex", "class") or name.startswith(("aria", "on"))]
    assert not re.search(r"<script|<image|<foreignObject|href|url\((?!#)|@import", drawn)
    assert set(re.findall(r"https?://[^\"]+", drawn)) == {"http://www.w3.org/2000/svg"}
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    assert float(root.get("width", "0")) <= 680


@each_chart
def test_texts_are_legible_and_apart(draw: Callable[[], Any]) -> None:
    drawn = svg(draw())
    assert overlapping(drawn) == []
    texts = elements(drawn, "text")
    assert min(float(text.get("font-size", "0").removesuffix("px")) for text in texts) >= 11
    assert {text.get("font-family", "").split(",")[0] for text in texts} == {"BIZ UDPGothic"}
    root = ElementTree.fromstring(drawn)
    wide, tall = float(root.get("width", "0")), float(root.get("height", "0"))
    assert [box for box in boxes(drawn) if box[1] < -2 or box[2] < -2 or box[3] > wide + 2 or box[4] > tall + 2] == []


@each_chart
def test_pandas_polars_and_lists_draw_the_same(draw: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = svg(draw())
    lists = ("PROCEDURES", "WAY", "PAIRS", "COVERED", "SIDES")
    for frame in (pd.DataFrame, pl.DataFrame):
        for name in lists:
            monkeypatch.setitem(globals(), name, frame(globals()[name]) if isinstance(globals()[name], list) else globals()[name])
        assert svg(draw()) == expected
        monkeypatch.undo()


def test_two_processes_draw_the_same_bytes() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests'); import test_charts as t; print([t.svg(draw()) for draw in t.TYPICAL.values()])"
    )
    other = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"PYTHONHASHSEED": "7", "PATH": ""},
    )
    assert other.stdout.strip() == str([svg(draw()) for draw in TYPICAL.values()])


@each_chart
def test_texts_are_as_wide_as_the_renderer_measures_them(draw: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    quick = svg(draw())
    monkeypatch.setattr("dxlib.charts.drawing._measured", lambda spec: {})
    assert svg(draw()) == quick


def test_a_chart_that_an_analyst_changed_is_drawn_as_altair_says() -> None:
    chart = TYPICAL["slope"]()
    assert svg(chart.configure_view(stroke="red")).count('stroke="red"') == 1
    assert svg(chart & TYPICAL["slope"]()).count("伊豆の国市 72件") == 2
    assert svg(chart) == svg(TYPICAL["slope"]())  # drawing leaves the chart as it is


def test_ids_differ_between_pictures_and_lead_to_each_other() -> None:
    def clipped(number: int) -> str:
        data = alt.InlineData(values=[{"x": 0, "y": 0}, {"x": 1, "y": number}])
        return svg(alt.Chart(data).mark_line(clip=True).encode(x="x:Q", y="y:Q"))

    pictures = [clipped(number) for number in (1, 2, 1)]
    assert pictures[0] == pictures[2]
    ids = [set(re.findall(r'\bid="([^"]+)"', picture)) for picture in pictures]
    assert ids[0]
    assert ids[0].isdisjoint(ids[1])
    assert set(re.findall(r"url\(#([^)]+)\)", pictures[0])) == ids[0]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: by_year([value(NASTY, 2024, 1), value("b", 2024, 2, label=NASTY)], words={"known": NASTY, "target": NASTY}),
        lambda: values_by_year([(NASTY, [value("a", 2024, 1, year_label=NASTY)])], axis_title=NASTY, legend_title=NASTY),
        lambda: gap_to_target([(NASTY, [gap(NASTY, 1, None, 2, latest_label=NASTY)])], axis_title=NASTY, words=GAP_WORDS),
        lambda: way([value(NASTY, 2024, 1, "peer", label=NASTY)], required={**PACE, "label": NASTY}),
        lambda: verdict_matrix(
            [{"left": NASTY, "right": "b", "verdict": "not", "symbol": "×"}], order=[NASTY, "b"], words=VERDICT_WORDS
        ),
        lambda: covered([{"row": NASTY, "column": NASTY, "level": 1, "symbol": NASTY, "text": NASTY}], [NASTY], [NASTY]),
        lambda: slope([{"series": NASTY, "side": "left", "side_label": NASTY, "value": 1, "label": NASTY}], highlight=NASTY),
    ],
)
def test_a_text_is_only_text(draw: Callable[[], Any]) -> None:
    drawn = svg(draw())
    assert "<script" not in drawn
    assert not re.search("[\x00\u202e]", drawn)
    joined = "".join(told(drawn)).replace(" ", "")
    assert "<script>aler" in joined  # long texts end in an ellipsis or go on in the next line


def test_a_nasty_text_is_shown_whole_where_there_is_room() -> None:
    chart = values_by_year([("t", [value("a", 2024, 1, label=NASTY)])], axis_title=NASTY, legend_title="")
    assert told(svg(chart)).count(SHOWN) == 2


@pytest.mark.parametrize(
    "draw",
    [
        lambda: values_by_year([], axis_title="", legend_title=""),
        lambda: by_year([]),
        lambda: by_year(pd.DataFrame(columns=["series", "year", "value", "kind", "label"])),
        lambda: by_year([value("a", 2024, None)]),
        lambda: by_year([value("a", 2024, float("inf"))]),
        lambda: by_year([{**value("a", 2024, 1), "year": None}]),
        lambda: gaps([]),
        lambda: gaps([("件", [])]),
        lambda: way([]),
        lambda: way([value("a", 2024, None, "actual")]),
        lambda: verdict_matrix([], order=NAMES, words=VERDICT_WORDS),
        lambda: verdict_matrix(PAIRS, order=[], words=VERDICT_WORDS),
        lambda: covered([], ["a"], ["b"]),
        lambda: covered(COVERED, [], ["b"]),
        lambda: slope([]),
        lambda: slope([{**SIDES[0], "value": None}]),
    ],
)
def test_nothing_to_draw_is_an_error(draw: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match=r"no (rows|panels|values)|infinite|no year"):
        draw()


@pytest.mark.parametrize(
    "draw",
    [
        lambda: by_year([value("a", 2024, 5)]),
        lambda: gaps([gap("a", None, 5, None)]),
        lambda: way([value("a", 2024, 5, "baseline")]),
        lambda: slope([{**SIDES[0], "label": "5件"}]),
    ],
)
def test_a_single_row_is_drawn(draw: Callable[[], Any]) -> None:
    assert "5件" in "".join(told(svg(draw())))


def test_missing_values_are_not_drawn_as_zero() -> None:
    whole = [value("a", 2023, 3), value("a", 2025, 5)]
    for nothing in (None, float("nan"), pd.NA):
        drawn = svg(by_year([*whole, value("a", 2024, None) | {"value": nothing}]))
        assert len(re.findall(r'stroke-width="2" [^>]*fill="#0017C1"|fill="#0017C1" [^>]*stroke-width="2"', drawn)) == 2
        assert {"2023", "2024", "2025"} <= set(told(drawn))
    empty = told(svg(gaps([gap("何もない指標", None, None, None), gap("b", 1, 2, 3)])))
    assert "数値の記載なし" in empty
    assert "—" in told(svg(covered([{"row": "a", "column": "b", "level": None, "symbol": "", "text": ""}], ["a"], ["b"])))


@pytest.mark.parametrize(
    ("draw", "most"),
    [
        (
            lambda many: by_year(
                [value(f"第{i}市", y, i + y - 2000) for i in range(40) for y in (2024, 2025)], highlight="第3市"
            ),
            1200,
        ),
        (lambda many: gaps([gap(f"第{i}市", i, i + 1, i + 3) for i in range(40)]), 2400),
        (lambda many: way([value(f"第{i}市", 2025, i + 1, "peer") for i in range(40)]), 600),
        (
            lambda many: slope(
                [
                    {**SIDES[0], "series": f"第{i}市", "side": side, "value": i % 7}
                    for i in range(40)
                    for side in ("left", "right")
                ]
            ),
            900,
        ),
    ],
)
def test_forty_series_keep_the_width(draw: Callable[[int], Any], most: int) -> None:
    drawn = svg(draw(40))
    root = ElementTree.fromstring(drawn)
    assert float(root.get("width", "0")) <= 680
    assert float(root.get("height", "0")) <= most
    assert "第39市" in "".join(told(drawn))


def test_sixty_columns_go_on_below_and_keep_their_names() -> None:
    columns = [f"第{i}市" for i in range(60)]
    rows = [f"施策{j}" for j in range(100)]
    cells = [
        {"row": row, "column": column, "level": (i + j) % 4, "symbol": "－△○◎"[(i + j) % 4], "text": "文字"}
        for i, column in enumerate(columns)
        for j, row in enumerate(rows)
    ]
    assert covered(cells, rows, columns).to_dict()["vconcat"]  # 6,000 cells are not too many
    drawn = svg(covered(cells, rows[:3], columns))
    texts = told(drawn)
    assert set(columns) <= set(texts)
    assert texts.count("施策0") == 2
    assert "文字" not in texts
    assert float(ElementTree.fromstring(drawn).get("width", "0")) <= 680


def test_nothing_is_said_by_colour_alone() -> None:
    for highlight in ((), {"b"}, {"b", "d"}):
        looks = list(looks_of(list("abcde"), highlight).values())
        assert len({look["shape"] for look in looks}) == 5
    drawn = svg(TYPICAL["path_to_target"]())
    dashes = {line.get("stroke-dasharray") for line in elements(drawn, "line")}
    assert {"6,4", "1,4"} <= dashes
    assert {"◎", "△", "×", "－"} <= set(told(svg(TYPICAL["verdict_matrix"]())))
    light = [contrast(level, "#000000") for level in LEVELS]
    assert light == sorted(light, reverse=True)
    assert min(a / b for a, b in itertools.pairwise(light)) > 1.2


def test_texts_contrast_with_their_ground() -> None:
    grounds = [*LEVELS, *VERDICTS.values(), GREYS[4]]
    assert min(contrast(ink_on(ground), ground) for ground in grounds) >= 4.5
    for draw in (TYPICAL["values_by_year"], TYPICAL["gap_to_target"], TYPICAL["path_to_target"], TYPICAL["slope"]):
        inks = {text.get("fill", "") for text in elements(svg(draw()), "text")}
        assert min(contrast(ink, PAPER) for ink in inks) >= 4.5
    many = looks_of([str(i) for i in range(40)], {"3"})
    assert many["3"]["colour"] == BLUES[0]
    assert {look["colour"] for name, look in many.items() if name != "3"} == {GREYS[2]}


def test_values_carry_their_kind_and_the_scale_its_zero() -> None:
    drawn = svg(TYPICAL["values_by_year"]())
    assert {"142件", "120件", "実績", "目標", "指標", "伊勢市", "伊豆の国市", "0"} <= set(told(drawn))
    assert any(path.get("fill") == "#FFFFFF" and path.get("stroke") == "#0017C1" for path in elements(drawn, "path"))
    assert "0" in told(svg(by_year([value("a", 2024, 90), value("a", 2025, 95)])))


def test_several_series_can_be_brought_out() -> None:
    looks = looks_of(list("abcd"), {"b", "d"})
    assert [name for name, look in looks.items() if look["colour"] == BLUES[0]] == ["b", "d"]
    rows = [gap(name, 1, 2, 3, series=name[0]) for name in ("伊1", "賀1", "伊2")]
    marks = [text.get("fill") for text in elements(svg(gaps(rows, highlight=["伊", "賀1"])), "path") if text.get("fill") != PAPER]
    assert marks.count(BLUES[0]) == 3
    colours = [line.get("stroke") for line in elements(svg(gaps(rows, highlight="伊")), "line")]
    assert (colours.count(BLUES[0]), colours.count(GREYS[1]) >= 2) == (4, True)


def test_negative_numbers_show_the_minus_asked_for() -> None:
    rows = [value("a", 2024, -1200), value("a", 2025, 3400)]
    assert "▲1,000" in told(svg(by_year(rows, minus="▲")))
    assert "−1,000" in told(svg(by_year(rows)))
    assert "▲6" in told(svg(gaps([gap("a", -5, None, -6)], minus="▲")))
    assert told(svg(by_year([value("a", 2024, -3)])))[-1]
    assert nice([-3, -1], 100).high == 0


def test_years_are_named_by_the_caller_and_thinned_where_too_many() -> None:
    named = [value("a", y, 1, year_label=f"令和{y - 2018}年度(2{y - 2000:03}年度)") for y in (2024, 2025)]
    assert {"令和6年度", "(2024年度)"} <= set(told(svg(by_year(named))))
    long = [value("a", y, 1, year_label=f"令和{y - 2018}年度(2{y - 2000:03}年度)") for y in range(2019, 2040)]
    drawn = svg(by_year(long))
    assert overlapping(svg(way([value("a", y, y - 2000, "actual", label="") for y in range(2000, 2040)]))) == []
    assert "令和21年度" in told(drawn)
    assert "令和20年度" not in told(drawn)


def test_a_pair_holds_both_ways_and_a_pair_not_given_is_empty() -> None:
    texts = told(svg(verdict_matrix(PAIRS[:1], order=NAMES, words=VERDICT_WORDS)))
    assert texts.count("◎") == 3  # two cells and the legend
    assert texts.count("－") == 4
    assert "×" not in texts
    assert texts.count("そのまま比較できる") == 1


def test_the_pace_is_drawn_only_when_asked_for() -> None:
    assert "必要なペース" in told(svg(way(WAY, required=PACE)))
    assert "1,4" not in svg(way(WAY))


def test_slope_names_a_series_without_a_second_year() -> None:
    drawn = svg(slope([*SIDES, {"series": "伊賀市", "side": "left", "side_label": "最新", "value": 50, "label": "50件"}]))
    assert "伊賀市 50件" in told(drawn)
    assert "最新" in told(drawn)


def test_spread_keeps_order_gap_and_bounds() -> None:
    wished = [3.0, 3.0, 3.5, 40.0, 41.0]
    places = spread(wished, 10, low=0, high=50)
    assert places == sorted(places)
    assert min(b - a for a, b in itertools.pairwise(places)) >= 10
    assert places[0] >= 0
    assert places[-1] <= 50
    assert spread([5.0, 25.0], 10) == [5.0, 25.0]


def test_lines_break_by_the_rules_of_japanese() -> None:
    lines = wrap("マイナンバーカードの普及促進・利用の推進、セキュリティ", 77)
    assert len(lines) == 3
    assert "".join(lines).removesuffix("…") in "マイナンバーカードの普及促進・利用の推進、セキュリティ"
    assert lines[-1].endswith("…")
    assert not any(line.startswith(("、", "・", "ー")) for line in lines)
    assert wrap("x" * 200, 100)[-1].endswith("…")
    assert all(width_of(line) <= 100 for line in wrap("x" * 200, 100))
    assert wrap("", 100) == [""]


def test_a_gap_is_a_solid_line_done_and_a_dashed_line_to_go() -> None:
    drawn = svg(gaps([gap("a", 1, 2, 4), gap("b", 1, None, 4)]))
    blue = [line for line in elements(drawn, "line") if line.get("stroke") == BLUES[0]]
    assert [line.get("stroke-dasharray") for line in blue] == ["1,0", "6,4", "6,4"]
    signs = [path.get("fill") for path in elements(drawn, "path") if path.get("stroke") == BLUES[0]]
    assert (signs.count(BLUES[0]), signs.count(PAPER)) == (2, 6)  # the latest value and the legend are filled


@each_chart
def test_a_chart_by_itself_is_valid_and_holds_its_data(draw: Callable[[], Any]) -> None:
    spec = draw().to_dict()  # validates; drawing a report does not, it would take seconds
    layers = [layer for view in spec["vconcat"] for layer in view["layer"]]
    rows = [row for layer in layers for row in json.loads(spec["datasets"][layer["data"]["name"]])]
    assert "市" in "".join(str(row.get("text")) for row in rows)
    wrong = draw()
    wrong.vconcat[0].layer[0].mark = {"type": "no such mark"}
    with pytest.raises(alt.utils.schemapi.SchemaValidationError):
        wrong.to_dict()


def test_a_distribution_counts_every_value_once() -> None:
    spec = spread_out([0, 1, 1, 50, 99.5]).to_dict()
    rows = json.loads(spec["datasets"][spec["vconcat"][0]["layer"][0]["data"]["name"]])
    assert sum(row["y2"] for row in rows) == 5
    assert {row["x2"] - row["x"] for row in rows} == {5}
    assert "伊勢市 32件" in told(svg(spread_out([0, 1, 1, 50, 99.5])))
    assert told(svg(spread_out([7, 7], minus="▲")))
    with pytest.raises(ValueError, match="no values"):
        spread_out([])

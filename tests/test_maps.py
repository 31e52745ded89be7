"""Maps: what is imported, how it is drawn, and what the reports say without it."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from official_files import CODES, real_file, topojson

from dxlib.blocks import Picture, Text
from dxlib.charts import area_map, nice_limits, svg
from dxlib.charts.maps import equal_area, hatching
from dxlib.cli import main
from dxlib.errors import DxlibError
from dxlib.indicators import Workbench
from dxlib.official.outlines import import_map, map_path, read_outlines
from dxlib.project import Project
from dxlib.show.comparison import Comparison
from dxlib.show.topics import Topics

SQUARES = [
    (CODES["伊勢市"], "伊勢市", "三重県", 136.5, 34.0),
    (CODES["伊賀市"], "伊賀市", "三重県", 136.0, 34.5),
    ("242012", "津市", "三重県", 136.5, 34.5),
    (CODES["伊勢崎市"], "伊勢崎市", "群馬県", 139.0, 36.0),
    (CODES["伊豆の国市"], "伊豆の国市", "静岡県", 138.5, 35.0),
    ("132063", "府中市", "東京都", 139.4, 35.6),
]
STEPS = [{"level": n, "text": f"step {n}", "symbol": str(n)} for n in range(4)]
WORDS = {"missing": "no value", "other": "not asked for"}


def region(code: str = "a", west: float = 136, south: float = 34, size: float = 0.5, **more: Any) -> dict[str, Any]:
    ring = [(west, south), (west, south + size), (west + size, south + size), (west + size, south), (west, south)]
    return {"code": code, "name": code, "group": "g", "polygons": [[ring]], "kind": "value", "level": 0, **more}


@pytest.fixture
def mapped(rebuilt: Project, tmp_path: Path) -> Project:
    """A built workbench with a map."""
    import_map(rebuilt, topojson(tmp_path / "map.json", SQUARES))
    return rebuilt


def test_a_map_is_kept_byte_for_byte_and_read_back_by_prefecture(project: Project, tmp_path: Path) -> None:
    path = topojson(tmp_path / "map.json", SQUARES)
    assert import_map(project, path) == (map_path(project), 6)
    assert map_path(project).read_bytes() == path.read_bytes()
    outlines = read_outlines(project, {"24"})
    assert outlines is not None
    assert [(o.code, o.name) for o in outlines] == [(s[0], s[1]) for s in SQUARES[:3]]
    (ring,) = outlines[0].polygons[0]
    assert [(round(x, 3), round(y, 3)) for x, y in ring] == [(136.5, 34), (136.5, 34.5), (137, 34.5), (137, 34), (136.5, 34)]


def test_an_arc_may_be_run_backwards(project: Project, tmp_path: Path) -> None:
    path = topojson(tmp_path / "map.json", SQUARES[:1])
    content = json.loads(path.read_text(encoding="utf-8"))
    content["objects"]["areas"]["geometries"][0]["arcs"] = [[~0]]
    path.write_text(json.dumps(content), encoding="utf-8")
    import_map(project, path)
    (outline,) = read_outlines(project, {"24"}) or []
    assert [round(x, 3) for x, _ in outline.polygons[0][0]] == [136.5, 137, 137, 136.5, 136.5]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Topology", "FeatureCollection"),
        (CODES["伊勢市"], "242038"),
        ('"arcs": [[0]]', '"arcs": [[99]]'),
        ('"type": "Polygon"', '"type": "Point"'),
        ("lg_code", "code"),
        ("[-500, 0]", "[-400, 0]"),
        ("{", "["),
        (CODES["伊賀市"], CODES["伊勢市"]),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_the_last_map_stays(project: Project, tmp_path: Path, old: str, new: str) -> None:
    path = topojson(tmp_path / "map.json", SQUARES)
    import_map(project, path)
    before = map_path(project).read_bytes()
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DxlibError) as caught:
        import_map(project, path)
    assert caught.value.code == "import-map"
    assert map_path(project).read_bytes() == before


def test_the_map_is_not_committed(repo: Project) -> None:
    assert "data/map/" in (repo.root / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_command_says_how_many_outlines(project: Project, tmp_path: Path) -> None:
    path = topojson(tmp_path / "map.json", SQUARES)
    result = CliRunner().invoke(main, ["--project", str(project.root), "import", "map", str(path)])
    assert (result.exit_code, result.output) == (0, "6 outlines (data/map/municipalities.topojson)\n")


def test_areas_are_true_in_north_and_south() -> None:
    def size(lat: float, lat0: float) -> float:
        corners = [(139, lat), (139.1, lat), (139.1, lat + 0.1), (139, lat + 0.1)]
        points = [equal_area(lon, at, 139, lat0) for lon, at in corners]
        return abs(sum(x * y2 - x2 * y for (x, y), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True))) / 2

    def on_sphere(lat: float) -> float:
        return math.radians(0.1) * (math.sin(math.radians(lat + 0.1)) - math.sin(math.radians(lat)))

    for lat, lat0 in ((26.2, 26.5), (43.1, 43.5), (26.2, 36.0), (43.1, 36.0)):
        assert size(lat, lat0) == pytest.approx(on_sphere(lat), rel=1e-3)


def test_hatching_stays_inside_and_spares_holes() -> None:
    outer = [(0.0, 0.0), (0.0, 30.0), (30.0, 30.0), (30.0, 0.0), (0.0, 0.0)]
    hole = [(10.0, 10.0), (20.0, 10.0), (20.0, 20.0), (10.0, 20.0), (10.0, 10.0)]
    for x, y, x2, y2 in hatching([outer, hole]):
        middle = ((x + x2) / 2, (y + y2) / 2)
        assert all(0 <= value <= 30 for value in (x, y, x2, y2))
        assert not (10 < middle[0] < 20 and 10 < middle[1] < 20)
    assert len(hatching([outer, hole])) > len(hatching([outer]))


def test_a_missing_value_is_hatched_and_never_filled_as_the_lowest_step() -> None:
    drawn = svg(area_map([region(), region("b", 136.5, kind="missing", level=None)], steps=STEPS, words=WORDS))
    plain = svg(area_map([region(), region("b", 136.5, kind="other", level=None)], steps=STEPS, words=WORDS))
    assert drawn.count("<line") > plain.count("<line") + 10
    assert "no value" in drawn
    assert all(step["text"] in drawn for step in STEPS)


def test_names_symbols_and_values_stand_on_the_map() -> None:
    drawn = svg(
        area_map([region(symbol="②", label="12件"), region("b", 136.5, kind="other", level=None)], steps=STEPS, words=WORDS)
    )
    assert "② a 12件" in drawn
    assert ">b<" not in drawn


def test_the_same_map_has_the_same_bytes_and_refers_to_nothing() -> None:
    one, other = (svg(area_map([region(), region("b", 137)], steps=STEPS, words=WORDS)) for _ in range(2))
    assert one == other
    assert not re.search(r"(href|src)=|https?://(?!www\.w3\.org)", one)


def test_far_islands_do_not_shrink_the_map_unless_they_are_asked_for() -> None:
    near, far = region(), region("far", 146, 25, kind="other", level=None)
    alone = area_map([near], steps=STEPS, words=WORDS).to_dict()
    with_island = area_map([near, far], steps=STEPS, words=WORDS).to_dict()
    asked = area_map([near, {**far, "kind": "value", "level": 1}], steps=STEPS, words=WORDS).to_dict()
    assert with_island == alone
    assert json.dumps(asked) != json.dumps(alone)


def test_nothing_to_draw_is_an_error() -> None:
    with pytest.raises(ValueError, match="no rows"):
        area_map([region(kind="other", level=None)], steps=STEPS, words=WORDS)


def test_steps_are_round_and_at_most_four() -> None:
    for values in ([0, 1], [3.2, 98.7], [-5, 5], [1000, 90_000], [7, 7]):
        limits = nice_limits(values, 4)
        assert 2 <= len(limits) <= 5
        assert limits[0] <= min(values)
        assert limits[-1] >= max(values)


def pictures(piece: Any) -> list[Picture]:
    return [block for block in piece.blocks if isinstance(block, Picture)]


def notes(piece: Any) -> str:
    return "".join(span.text for block in piece.blocks if isinstance(block, Text) for span in block.spans)


def test_without_the_file_the_report_says_how_to_get_a_map(bench: Workbench) -> None:
    assert notes(Comparison(bench, "telework").figure()).count("dxlib import map") == 1
    assert notes(Topics(bench).theme_map()).count("dxlib import map") == 1


def test_two_municipalities_need_no_map(bench: Workbench) -> None:
    two = [CODES["伊勢市"], CODES["伊賀市"]]
    assert "dxlib import map" not in notes(Comparison(bench, "telework", two).figure())


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_values_that_are_not_comparable_give_a_map_of_how_far_plans_address_the_theme(mapped: Project, lang: str) -> None:
    with Workbench(mapped) as bench:
        drawn = pictures(Comparison(bench, "telework", lang=lang).figure())[-1]
        assert drawn.title.startswith({"ja": "地図：", "en": "Map: "}[lang])
        assert "国土数値情報" in drawn.source
        assert len(drawn.table.rows) == 4
        assert drawn.alt
        assert "県" in drawn.svg
        assert "府中市" not in drawn.svg  # its prefecture is not concerned
        assert "dxlib import map" not in notes(Comparison(bench, "telework", lang=lang).figure())


def test_values_of_one_comparable_set_are_drawn_in_steps_and_the_others_are_hatched(
    mapped: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dxlib.show.maps.LEAST", 2)  # two of the four print the same thing
    with Workbench(mapped) as bench:
        page = Comparison(bench, "online_procedures")
        same = [r for r in bench.group("online_procedures").fetchall() if r[1] == 1]
        assert len(same) >= 2
        drawn = pictures(page.figure())[-1]
        assert "同じ定義で比べられる2団体" in drawn.title
        assert "2団体" in drawn.title
        shown = [row[1].lines[0][0].text for row in drawn.table.rows]
        assert len(shown) == 4
        assert sum("斜線" in text for text in shown) == 2
        assert all(text in drawn.svg for text in shown if "斜線" not in text)


def test_coverage_is_drawn_as_a_number_of_themes(mapped: Project) -> None:
    with Workbench(mapped) as bench:
        drawn = pictures(Topics(bench).theme_map())[-1]
        assert "テーマの数は" in drawn.title
        counts = dict(
            bench.sql(
                "SELECT municipality_code, count(*) FROM coverage WHERE coverage = 'measurable target' GROUP BY 1 ORDER BY 1"
            ).fetchall()
        )
        assert f"{counts[CODES['伊賀市']]}テーマ" in drawn.svg


def test_the_real_map_has_every_municipality(project: Project) -> None:
    _, count = import_map(project, real_file("ja_municipality_area.json"))
    assert count == 1747
    outlines = read_outlines(project, {"24"})
    assert outlines is not None
    assert len(outlines) == 29

"""Official figures beside the indicators of a theme in the comparison report."""

from __future__ import annotations

from pathlib import Path

import pytest
from official_files import dashboard

from dxlib.blocks import Items, Picture, Piece, Table
from dxlib.indicators import Workbench
from dxlib.official.importing import import_official
from dxlib.project import Project
from dxlib.show.comparison import Comparison
from dxlib.warehouse import build

WIDE = [
    [None, None, "伊勢市", "伊賀市", "伊勢崎市"],
    [None, "テレワークの導入状況", "実施", "未実施", "実施"],
    [None, "マイナンバーカードの保有状況", "72%", "68%", "70%"],
]
# The definition of a share of cards issued that one of the plans has.
SAME = """facets = { measures = "volume", object = "my-number-cards-issued", unit = "percent", counting = "stock", \
denominator = "population", included = "with-reissued-moved-deceased", channel = "any", period = "fiscal-year-end" }"""


def loaded(project: Project, tmp_path: Path) -> Project:
    options = {"vintage": None, "as_of": ("2023-04-01",), "mapping": None}
    import_official(project, "dashboard", dashboard(tmp_path / "20240712_table.zip", WIDE), options)
    build(project)
    return project


def told(piece: Piece) -> str:
    items = [block for block in piece.blocks if isinstance(block, Items)]
    return "\n".join("".join(span.text for span in item) for block in items for item in block.items)


def official(piece: Piece) -> list[Table]:
    return [block for block in piece.blocks if isinstance(block, Table) and block.kind == "official"]


def cells(piece: Piece) -> list[str]:
    return ["|".join("".join(s.text for line in c.lines for s in line) for c in row) for t in official(piece) for row in t.rows]


def test_without_imports_the_report_says_nothing_of_them(bench: Workbench) -> None:
    piece = Comparison(bench, "telework").verdict_table()
    assert not [block for block in piece.blocks if isinstance(block, Items)]
    assert not official(piece)


@pytest.mark.parametrize(("lang", "says"), [("ja", "測るもの"), ("en", "what it measures")])
def test_a_figure_of_another_definition_is_named_with_what_differs_and_not_drawn(
    project: Project, tmp_path: Path, lang: str, says: str
) -> None:
    with Workbench(loaded(project, tmp_path)) as bench:
        page = Comparison(bench, "telework", lang=lang)
        piece = page.verdict_table()
        assert says in told(piece)
        assert cells(piece)[0].split("|")[1:3] == [{"ja": "全国", "en": "Japan"}[lang], "66.7%"]
        assert "2" in cells(piece)[0].split("|")[4]
        assert [row.split("|")[2] for row in cells(piece)[-3:]] == ["実施", "実施", "未実施"]
        facets = {page.first[i]["facets"] for i in page.keys}
        assert all(page.official.lines(one) == [] for one in facets)


def test_a_figure_of_the_same_definition_is_a_line_in_the_chart(project: Project, tmp_path: Path) -> None:
    path = project.curated / "reference_items.toml"
    text = path.read_text(encoding="utf-8")
    start = text.index("facets", text.index("[my_number_cards_held]"))
    path.write_text(text[:start] + SAME + text[text.index("\n", start) :], encoding="utf-8")
    with Workbench(loaded(project, tmp_path)) as bench:
        page = Comparison(bench, "my_number_card")
        assert "直接比べられる" in told(page.verdict_table())
        pictures = [block for block in page.figure().blocks if isinstance(block, Picture)]
        drawn = [picture for picture in pictures if "全国 70%" in picture.svg]
        assert len(drawn) == 1
        assert "3団体の中央値" in drawn[0].svg
        assert "公的統計" in drawn[0].svg

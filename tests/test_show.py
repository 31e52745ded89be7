"""What the notebooks show: every piece for every theme and municipality, in both languages, each number with its source."""

import re

import pytest

from dxlib.blocks import Data, Picture, Remarks, Span, Table, citations, decode, marked, spans
from dxlib.errors import QueryError
from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.report.html import page, slug, source_pages
from dxlib.show.base import Page, gist
from dxlib.show.briefing import Briefing
from dxlib.show.comparison import Comparison
from dxlib.show.explore import Explorer
from dxlib.show.municipality import Municipality, band
from dxlib.show.quality import Quality
from dxlib.show.topics import Topics

CODES = ("102041", "222259", "242039", "242161")
KANJI = re.compile(r"[ぁ-んァ-ヶ一-龥々]{2,}")


def blocks_of(shown: Page, *names: str) -> list:
    return [block for name in names for block in getattr(shown, name)().blocks]


COMPARISON = (
    "opening", "definitions", "value_table", "figure", "gap_figure", "verdict_table", "slope_figure", "progress_table", "remarks", "sources",
)  # fmt: skip
PROFILE = (
    "opening",
    "coverage",
    "indicators",
    "gap_figure",
    "path_figure",
    "quality_table",
    "audit_table",
    "peers",
    "remarks",
    "sources",
)
QUALITY = ("opening", "quality_table", "audit_table", "rules", "remarks", "sources")
TOPICS = ("opening", "topic_map", "theme_map", "versions")


@pytest.fixture(scope="module")
def open_bench(built: Project):
    with Workbench(built) as opened:
        yield opened


@pytest.fixture(scope="module", params=["ja", "en"])
def everything(request: pytest.FixtureRequest, open_bench: Workbench) -> tuple[str, dict[str, list]]:
    lang = request.param
    found = {"comparison": blocks_of(Comparison(open_bench, "online_procedures", (), lang, "242039"), *COMPARISON)}
    found["municipality"] = blocks_of(Municipality(open_bench, "242039", lang), *PROFILE)
    found["quality"] = blocks_of(Quality(open_bench, "222259", lang), *QUALITY)
    found["topics"] = blocks_of(Topics(open_bench, "", (), lang), *TOPICS)
    return lang, found


def words(blocks: list) -> str:
    found = []
    for block in blocks:
        found += [span.text for span in spans(block)]
        found += [
            getattr(block, name) for name in ("title", "scope", "about", "alt", "source", "label", "text") if hasattr(block, name)
        ]
        if isinstance(block, Table):
            found += block.columns
        if isinstance(block, Remarks):
            found += [item.text for item in block.items]
    return "\n".join(found)


def test_nothing_in_english_is_left_in_japanese_but_what_plans_print(everything, open_bench: Workbench) -> None:
    lang, found = everything
    if lang == "ja":
        assert all(KANJI.search(words(blocks)) for blocks in found.values())
        return
    question = """
        SELECT string_agg(text, '') FROM source_line UNION ALL SELECT string_agg(title, '') FROM document
        UNION ALL SELECT string_agg(title, '') FROM plan UNION ALL SELECT string_agg(name, '') FROM indicator
        UNION ALL SELECT string_agg(title, '') FROM measure UNION ALL SELECT string_agg(source, '') FROM reference_value
        UNION ALL SELECT string_agg(name_ja, '') FROM topic UNION ALL SELECT string_agg(coalesce(relative_to, ''), '') FROM observation
    """
    printed = "".join(re.sub(r"\s", "", row[0]) for row in open_bench.sql(question).fetchall()) + "自治体DX推進計画"
    for name, blocks in found.items():
        left = {run for run in KANJI.findall(words(blocks)) if run not in printed}
        assert left == set(), name


def test_every_number_of_a_table_of_values_leads_to_its_line(everything) -> None:
    _, found = everything
    tables = [block for block in found["comparison"] if isinstance(block, Table) and block.kind in ("plans", "progress")]
    assert len(tables) == 2
    for table in tables:
        for row in table.rows:
            for cell in row[1:]:
                for line in cell.lines:
                    bold = [span for span in line if span.bold]
                    assert all(span.cites for span in bold)
    assert len(citations(found["comparison"])) >= 10


def test_every_figure_says_what_it_must(everything) -> None:
    lang, found = everything
    pictures = [block for blocks in found.values() for block in blocks if isinstance(block, Picture)]
    assert len(pictures) >= 12
    for picture in pictures:
        assert picture.title
        assert picture.alt.startswith(picture.title)
        assert picture.source
        assert ("単位" if lang == "ja" else "Unit") in picture.about
        assert re.search(r"n\s?[＝=]", picture.about)
        assert picture.table.rows
        assert picture.svg.startswith("<svg")
        height = float(re.search(r'viewBox="0 0 [\d.]+ ([\d.]+)"', picture.svg)[1])
        assert height < 900, picture.title  # a taller one fits no sheet of A4 at full width


def test_pages_and_source_pages_hold_together(everything, open_bench: Workbench) -> None:
    lang, found = everything
    for blocks in found.values():
        html = page(blocks, lang)
        sources = source_pages(open_bench, blocks, lang)
        for file, anchor in re.findall(r'href="sources/([^"#]+)#(L\d+)"', html):
            assert f'id="{anchor}"' in sources[file]
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


def test_blocks_travel_through_a_notebook_unchanged(open_bench: Workbench) -> None:
    piece = Comparison(open_bench, "telework").value_table()
    bundle = piece._repr_mimebundle_()
    assert decode(bundle["application/vnd.dxlib.blocks+json"]) == piece.blocks
    assert "<table" in bundle["text/html"]
    assert bundle["text/plain"] == "Piece(Heading, Text, Table, Data)"


@pytest.mark.parametrize("code", CODES)
def test_a_profile_of_every_municipality(open_bench: Workbench, code: str) -> None:
    blocks = blocks_of(
        Municipality(open_bench, code, "ja"),
        "opening",
        "coverage",
        "indicators",
        "quality_table",
        "audit_table",
        "peers",
        "sources",
    )
    text = words(blocks)
    n = open_bench.sql("SELECT count(*) FROM progress WHERE municipality_code = ?", params=[code]).fetchall()[0][0]
    assert sum(len(block.rows) for block in blocks if isinstance(block, Table) and block.kind == "progress") == n
    assert "効果を示すものではない" in text


def test_the_profile_counts_what_the_plan_prints(open_bench: Workbench) -> None:
    text = words(blocks_of(Municipality(open_bench, "242039", "ja"), "opening"))
    assert "人口122,765人（2020年10月1日現在）" in text
    (judged, met) = open_bench.sql(
        """
        SELECT count(*) FILTER (class IS NOT NULL), count(*) FILTER (class IN ('achieved', 'maintained'))
        FROM progress p JOIN plan USING (plan_id) WHERE p.municipality_code = '242039' AND scope = 'review'
        """
    ).fetchall()[0]
    assert f"数値で判定できる{judged}件のうち目標に届いたのは{met}件" in text


@pytest.mark.parametrize(
    ("population", "expected"),
    [(9999, (0, 10000)), (10000, (10000, 50000)), (299999, (100000, 300000)), (300000, (300000, None))],
)
def test_bands_of_population_start_at_their_limit(population: int, expected: tuple) -> None:
    assert band(population) == expected


def test_findings_and_corrections_of_a_shown_value_are_marked(open_bench: Workbench) -> None:
    shown = Comparison(open_bench, "online_procedures")
    table = next(block for block in shown.value_table().blocks if isinstance(block, Table))
    cell = next(cell for row in table.rows for cell in row if cell.lines[0][0].text == "53.3%")
    assert [span.mark for span in cell.lines[0] if span.mark] == ["監査1"]
    remarks = next(block for block in shown.remarks().blocks if isinstance(block, Remarks))
    assert remarks.items[0].key == "監査1"
    assert "53.3" in remarks.items[0].text


def test_a_correction_is_marked_at_its_value(rebuilt: Project) -> None:
    from dxlib.warehouse import build

    with Workbench(rebuilt) as bench:
        (line, quote) = bench.sql("SELECT line, quote FROM fact WHERE quote = '42件'").fetchall()[0]
    row = f'c1,222259-izunokuni/dx-action-plan,{line},{quote},value,42,43,"<b>misprint</b>",open\n'
    with (rebuilt.curated / "corrections.csv").open("a", encoding="utf-8") as file:
        file.write(row)
    build(rebuilt)
    with Workbench(rebuilt) as bench:
        shown = Comparison(bench, "online_procedures", (), "en")
        blocks = blocks_of(shown, "value_table", "remarks", "sources")
        html = page(blocks, "en")
        source = source_pages(bench, blocks, "en")["222259-izunokuni-dx-action-plan.html"]
    assert "43" in words(blocks)
    assert "Correction: Value of &#39;42件&#39; from 42 to 43. Reason: &lt;b&gt;misprint&lt;/b&gt; (open)" in html
    assert "&lt;b&gt;misprint&lt;/b&gt;" in source


def test_values_of_one_indicator_after_another_stay_as_they_are(open_bench: Workbench) -> None:
    page = Comparison(open_bench, "online_procedures")
    some = "242039-ise/digital-vision-2/vision-2/no-such-indicator"
    first = next(iter(page.first))
    before = list(page.values_of(first))
    assert page.values_of(some) == []
    assert page.values_of(first) == before


def test_a_transformed_verdict_shows_both_values_after_it(rebuilt: Project) -> None:
    from dxlib.warehouse import build

    question = "SELECT indicator_id, indicator FROM progress WHERE theme_id = 'core_systems' AND municipality_code = '222259'"
    with Workbench(rebuilt) as bench:
        (indicator, name) = bench.sql(question).fetchall()[0]
    with (rebuilt.curated / "actuals.csv").open("a", encoding="utf-8") as file:
        file.write(f"{indicator},{name},18,業務,2025,,市の公表資料,2026-06-01,\n")
    build(rebuilt)
    with Workbench(rebuilt) as bench:
        shown = Comparison(bench, "core_systems", ["102041", "222259"], "ja")
        (pair,) = shown.between_cities()
        said = "".join(span.text for block in shown.opening().blocks for span in spans(block))
        answer = "".join(span.text for span in Briefing(bench, "core_systems", "102041", ["222259"]).answer.sentence())
    assert pair["verdict"] == "transformed"
    assert "換算（年度の値を年度末の値とみなす）をすれば定義がそろう。換算後：" in shown.reason(pair)
    for text in (said, answer):
        assert "換算後：" in text
        assert "20業務" in text
        assert "18業務" in text


def test_topics_of_an_older_version(open_bench: Workbench) -> None:
    shown = Topics(open_bench, "1.0", ["242039"], "ja")
    text = words(blocks_of(shown, "opening", "topic_map"))
    assert "第1.0版（2020年12月25日）" in text
    assert "行政手続のオンライン化" in text


@pytest.mark.parametrize(
    ("make", "code", "says"),
    [
        (lambda b: Comparison(b, "telewrk"), "theme-unknown", "telework"),
        (lambda b: Comparison(b, "telework", (), "ja", "242012"), "municipality-without-plan", "242039"),
        (lambda b: Municipality(b, ""), "municipality-missing", "242039"),
        (lambda b: Municipality(b, "津市"), "municipality-without-plan", "242039 (伊勢市, Ise)"),
        (lambda b: Quality(b, "242039", "de"), "language-unknown", "en, ja"),
        (lambda b: Topics(b, "2.9"), "version-unknown", "2.3"),
    ],
)
def test_wrong_parameters_name_the_nearest(open_bench: Workbench, make, code: str, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        make(open_bench)
    assert caught.value.code == code
    assert says in str(caught.value)


def test_overlapping_quotes_are_marked_as_one() -> None:
    assert marked("142件", ["142件", "42件"]) == [("142件", True)]
    assert marked("a", [""]) == [("a", False)]


def test_widgets_change_what_is_shown(open_bench: Workbench) -> None:
    explorer = Explorer(open_bench, "online_procedures", [], "ja")
    before = explorer.view.value
    explorer.theme.value = "telework"
    explorer.cities.value = ("242039", "242161")
    assert explorer.view.value != before
    assert "テレワーク" in explorer.view.value
    assert "伊豆の国市の" not in explorer.view.value
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == "Explorer(theme='telework', municipalities=('242039', '242161'))"
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert decode(bundle["application/vnd.dxlib.blocks+json"])


def test_a_span_without_a_source_is_no_link() -> None:
    from dxlib.blocks import Text

    assert "<a " not in page([Text([Span("5件", bold=True)])], "ja").split("<main")[1]


@pytest.mark.parametrize(
    ("lang", "every"), [("ja", 3), *(pytest.param(lang, 1, marks=pytest.mark.long) for lang in ("ja", "en"))]
)
def test_every_theme_can_be_shown(open_bench: Workbench, lang: str, every: int, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = ("figure", "gap_figure", "slope_figure") if lang == "ja" else ()
    if lang == "en":
        monkeypatch.setattr("dxlib.show.comparison.verdict_picture", lambda page: None)
    for (theme,) in open_bench.sql("SELECT theme_id FROM theme ORDER BY 1").fetchall()[::every]:
        blocks = blocks_of(
            Comparison(open_bench, theme, lang=lang),
            "opening",
            "definitions",
            "value_table",
            *drawn,
            "verdict_table",
            "progress_table",
            "sources",
        )
        html = page(blocks, lang)
        assert set(re.findall(r'href="#([^"]+)"', html)) <= set(re.findall(r'id="([^"]+)"', html)), theme
        assert "None" not in re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL), theme
        for block in blocks:
            if isinstance(block, Picture):
                assert float(re.search(r'viewBox="0 0 [\d.]+ ([\d.]+)"', block.svg)[1]) < 900, (theme, block.title)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("highlight", ["", "242039"])
def test_many_municipalities_are_shown_in_sets_and_some_one_by_one(
    open_bench: Workbench, lang: str, highlight: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Comparison, "most", 2)
    monkeypatch.setattr("dxlib.show.many._LEAST_DRAWN", 2)
    page_ = Comparison(open_bench, "online_procedures", (), lang, highlight)
    blocks = blocks_of(page_, *COMPARISON)
    assert len(page_.shown_codes) == 2
    assert set(page_.codes) == set(CODES)
    assert {pair[side] for pair in page_.pairs for side in ("left_code", "right_code")} <= set(page_.shown_codes)
    data = {block.name: block for block in blocks if isinstance(block, Data)}
    at = {name: block.columns.index("municipality_code") for name, block in data.items() if "municipality_code" in block.columns}
    everybody = {r["municipality_code"] for r in page_.all_values}
    assert len(everybody) > 2
    assert all({row[at[name]] for row in data[name].rows} == everybody for name in ("values", "group", "progress"))
    (sets,) = [block for block in blocks if isinstance(block, Table) and block.kind == "sets"]
    assert len(sets.columns) == len(sets.rows[0]) == (9 if highlight else 8)
    said = words(blocks)
    assert {"ja": "組1の", "en": "In set 1"}[lang] in said
    assert (page_.city("242039") in said) == ("242039" in page_.shown_codes)
    assert any("1（" in block.title or "Set 1" in block.title for block in blocks if isinstance(block, Picture))
    assert "None" not in re.sub(r"<svg.*?</svg>", "", page(blocks, lang), flags=re.DOTALL)


def test_the_nearest_in_population_are_compared(open_bench: Workbench) -> None:
    shown = Comparison(open_bench, "online_procedures", (), "ja", "三重県伊勢市", 1)
    (other,) = set(shown.codes) - {"242039"}
    population = dict(
        open_bench.sql("SELECT municipality_code, max(value) FROM reference_now WHERE item = 'population' GROUP BY 1").fetchall()
    )
    answering = {r["municipality_code"] for r in Comparison(open_bench, "online_procedures").values} - {"242039"}
    assert other == min(answering, key=lambda code: abs(population[code] - population["242039"]))
    assert set(Comparison(open_bench, "online_procedures", (), "ja", "242039", 99).codes) == {*answering, "242039"}


@pytest.mark.parametrize(("municipalities", "highlight", "nearest"), [((), "", 2), (["242161"], "242039", 2), ((), "242039", -1)])
def test_the_nearest_are_those_of_one(open_bench: Workbench, municipalities: list[str], highlight: str, nearest: int) -> None:
    with pytest.raises(QueryError, match="nearest") as caught:
        Comparison(open_bench, "online_procedures", municipalities, "ja", highlight, nearest)
    assert caught.value.code == "nearest-invalid"


def test_documents_with_japanese_names_keep_their_own_source_pages() -> None:
    names = [slug("000001-town/計画"), slug("000001-town/ビジョン"), slug("000001-town/dx_plan"), slug("000001-town/dx-plan")]
    assert len(set(names)) == 4
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in names)


def test_indicators_without_any_number_are_no_pairs(open_bench: Workbench) -> None:
    shown = Comparison(open_bench, "my_number_card")
    names = {pair[f"{side}_indicator"] for pair in shown.pairs for side in ("left", "right")}
    assert None not in names
    assert shown.wordless == {"222259"}
    assert any(row[1].lines[0][0].text == "伊豆の国市" for row in shown.values_as_table().rows)


def test_only_topics_that_a_theme_is_about_are_counted(open_bench: Workbench) -> None:
    rows = open_bench.sql("SELECT DISTINCT coverage FROM topic_coverage WHERE topic_id = 'eltax'").fetchall()
    assert rows == [(None,)]


def test_a_sentence_says_the_number_with_its_source(open_bench: Workbench) -> None:
    shown = Comparison(open_bench, "online_procedures")
    items = next(block for block in shown.opening().blocks if hasattr(block, "items")).items
    told = [item for item in items if any(span.cites for span in item)]
    assert len(told) == 1  # Ise's 142 stands in the old plan's review and in the new plan: one comparison, said once
    assert {span.text for span in told[0] if span.cites} == {"42件", "142件"}


def test_a_long_name_keeps_what_is_measured() -> None:
    name = "窓口職場以外の職場において、非管理職の正規職員のうち、事務・技術職におけるテレワークを実施した職員の数【累計】"
    assert gist(name, 30) == "窓口職場以外の職場…術職におけるテレワークを実施した職員の数"

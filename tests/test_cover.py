from pathlib import Path

import pytest
from conftest import ROOT

from dxlib.cover import plan_title, ranges, read_cover
from dxlib.document import load, parse


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("計画期間：令和5年度～令和8年度", (2023, 2026)),
        ("令和５年度（2023年度）から令和８年度（2026年度）までの4年間", (2023, 2026)),
        ("2026（令和8）年度から2029（令和11）年度までの4年間", (2026, 2029)),
        ("令和6年4月1日から令和9年3月31日まで", (2024, 2026)),
        ("令和5～9年度", (2023, 2027)),
        ("R5～R8", (2023, 2026)),
        ("2025年度から2027年度までの3年間", (2025, 2027)),
        ("令和7年度からの4年間", (2025, 2028)),
        ("平成30年度から令和3年度まで", (2018, 2021)),
    ],
)
def test_years_of_a_plan_are_read_however_they_are_written(text: str, years: tuple[int, int]) -> None:
    from dxlib.text import repair

    assert [found for _, found in ranges(repair(text).clean)][:1] == [years]


@pytest.mark.parametrize(
    "text", ["令和5年度の実績", "令和8年度～令和5年度", "1970年から2026年まで", "電話 0999-21-3300", "令和5年度、令和8年度"]
)
def test_what_is_no_range_gives_none(text: str) -> None:
    assert ranges(text) == []


@pytest.mark.parametrize(
    ("cover", "expected"),
    [
        ("甲市DX推進計画（案）\n令和6年3月\n", ("甲市DX推進計画(案)", "draft", "2024-03")),
        ("# 甲市DX推進計画\n> みんなの計画\n**令和5年7月　甲市**\n", ("甲市DX推進計画", "adopted", "2023-07")),
        (
            "甲市\nデジタル推進計画\n【第２期】\n2021（令和3）年2月24日\n",
            ("甲市デジタル推進計画 【第2期】", "adopted", "2021-02-24"),
        ),
        ("甲市DX推進ビジョン\n2026/07/01\n", ("甲市DX推進ビジョン", "adopted", "2026-07-01")),
        ("甲市DX推進ビジョン\n令和6年4月1日現在 1,234人\n", ("甲市DX推進ビジョン", "adopted", None)),
        ("令和 年 月\n甲市デジタル化戦略　素案\n", ("甲市デジタル化戦略 素案", "draft", None)),
        ("資料編\n「甲市情報化推進計画」の指標は次のとおりです。\n", ("甲市情報化推進計画", "adopted", None)),
        ("あいさつ\n本文です。\n", (None, "adopted", None)),
    ],
)
def test_title_edition_and_date_of_a_cover(cover: str, expected: tuple[str | None, str, str | None]) -> None:
    found = read_cover(parse(cover + "目次\n第1章 はじめに 1\n"), "甲市")
    assert (found.title, found.edition, found.published) == expected


def test_the_years_beside_the_word_period_win() -> None:
    text = "甲市DX推進計画\n目次\n総合計画（令和3年度～令和12年度）を受けます。\n# 3 計画期間\n\n令和6年度から令和8年度までとします。\n"
    found = read_cover(parse(text), "甲市")
    assert (found.first_fiscal_year, found.last_fiscal_year) == (2024, 2026)


@pytest.mark.parametrize(
    ("title", "is_report", "plan"),
    [
        ("甲市DX推進戦略 進捗報告書(令和5年度)", True, "甲市DX推進戦略"),
        ("甲市DX推進ビジョンの進捗状況", True, "甲市DX推進ビジョン"),
        ("甲市DX推進計画", False, "甲市DX推進計画"),
    ],
)
def test_a_report_is_told_from_a_plan(title: str, is_report: bool, plan: str) -> None:
    assert read_cover(parse(title + "\n"), "甲市").is_report is is_report
    assert plan_title(title) == plan


def test_the_covers_of_the_five_plans() -> None:
    """What is printed there, as their origins have it; two print no period beside the word, and one leaves the date blank."""
    found = {
        path.stem: (cover.title, cover.edition, cover.published, cover.first_fiscal_year, cover.last_fiscal_year)
        for path in Path(ROOT / "data/raw").glob("*/*.txt")
        if (cover := read_cover(load(path)))
    }
    assert found["dx-plan-draft"] == ("伊勢崎市DX推進計画(案)", "draft", None, 2026, 2029)
    assert found["dx-action-plan-2"][1:] == ("adopted", "2026-04", 2026, 2029)
    assert found["dx-vision-1"][2:] == ("2021-02-24", 2021, 2025)
    assert found["digital-vision-2"][:3] == ("第2期 伊勢市デジタル行政推進ビジョン", "adopted", "2026-07-01")
    assert found["dx-action-plan"][0] == "伊豆の国市DX推進計画 アクションプラン"


def test_an_empty_or_hostile_cover_is_read_in_good_time() -> None:
    import time

    start = time.process_time()  # of this process alone: other tests run beside it
    for text in ("", "計" * 20_000, "令和5年度から" * 2_000, "「" * 20_000, "(" * 20_000, "計画期間\n" * 3_000):
        read_cover(parse(text), "甲市")
    assert time.process_time() - start < 10

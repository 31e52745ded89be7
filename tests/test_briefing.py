"""The briefing: what the answer says, how it hedges, and that it holds for every theme and municipality."""

import re

import pytest

from dxlib.blocks import PageBreak, Picture, Span, Table, Terms, Text, spans
from dxlib.errors import QueryError
from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.show.answer import fiscal_year
from dxlib.show.briefing import Briefing
from dxlib.show.sentences import text_of
from dxlib.warehouse import build


@pytest.fixture(scope="module")
def open_bench(built: Project):
    with Workbench(built) as opened:
        yield opened


def answer(bench: Workbench, theme: str, code: str, lang: str = "ja", peers: tuple = ()) -> str:
    return text_of(Briefing(bench, theme, code, peers, lang).answer.sentence())


def test_the_answer_carries_number_unit_year_kind_and_verdict(open_bench: Workbench) -> None:
    assert answer(open_bench, "online_procedures", "242039") == (
        "伊勢市の「オンライン化された行政手続きの数」は142件（実績、令和7年度(2025年度)、累計）である。"
        "前計画の目標120件（令和7年度(2025年度)、累計）には届いた（達成率118.3%）。"
        "目標260件（令和11年度(2029年度)）に届くには、毎年29.5件の増加が要る。"
        "計画に書かれた定義の範囲で同じ種類の数値は、伊豆の国市の42件（基準値、令和4年度(2022年度)）、目標72件（令和7年度(2025年度)）である。"
        "ただし、含まれる範囲、経路はどの計画にも書かれておらず、同じかどうかは確かめられない。年も異なるため、どちらが進んでいるかは言えない。"
        "ほかの市の数値とは比べられない（伊勢崎市は単位・分母・期間・時点、伊賀市は単位・分母・値の種類が異なる）。"
    )


def test_the_same_answer_in_english(open_bench: Workbench) -> None:
    found = answer(open_bench, "online_procedures", "242039", "en")
    assert "was 142 items (actual, FY2025, cumulative). It reached the last plan's target of 120 items" in found
    assert "(attainment 118.3%). The target of 260 items (FY2029) requires an increase of 29.5 items each year." in found
    assert (
        "Figures of the same kind, as far as the plans define them: Izunokuni with 42 items (baseline, FY2022), target 72 items"
        in found
    )
    assert "cannot be compared" in found


@pytest.mark.parametrize(
    ("theme", "code", "says"),
    [
        ("certificates", "242039", "伊勢市の計画には、このテーマの指標がない。取り組んでいないという意味ではない。指標を載せているのは伊勢崎市・伊豆の国市である"),
        ("telework", "242161", "目標105人以上（年の記載なし）だけが書かれている。実績の値がないため、届いたかどうかは計算できない。計画自身の評価は「未達成」である。"),
        ("cashless", "242039", "目標34箇所（令和7年度(2025年度)、累計）には届かなかった（達成率91.2%）。いまの計画「第2期伊勢市デジタル行政推進ビジョン」には、このテーマの指標がない。"),
        ("chatbot", "242161", "目標▲30%（3年目、導入前比）だけが計画に書かれている。現在の値がないため、毎年どれだけの変化が要るかは計算できない。理由：目標が基準からの増減で書かれ"),
        ("chatbot", "222259", "毎年100件の増加が要る計画だった。目標年度は過ぎたが、その実績を載せた資料は手元にない"),
        ("paper_reduction", "242039", "目標▲8.0%（令和11年度(2029年度)、R7年度比）に届くには、毎年約116,577枚の減少が要る。"),
        ("core_systems", "102041", "目標は、この値を保つこと（20業務（令和11年度(2029年度)））である。"),
        ("inspection_tech", "222259", "目標が数値でなく「実施」と書かれ、現在の値も書かれていない。"),
        ("my_number_card", "222259", "があるが、現在の値も目標値も書かれていない。"),
        ("security", "242039", "「重大インシデント発生件数」は1件（実績、令和7年度(2025年度)）である。前計画の目標0件（令和7年度(2025年度)）には届かなかった。目標は、令和8年度(2026年度)から毎年度0件である。"),
        ("my_number_card", "222259", "指標を載せているのは伊勢市・伊賀市である（2ページ目）。伊勢崎市の計画には、このテーマの指標がない。"),
        ("electronic_approval", "242039", "伊豆の国市の計画には取組があるが、指標も目標も書かれていない。"),
        ("telework", "242039", "（伊豆の国市は対象、伊賀市は値の種類が異なる）"),
    ],
)  # fmt: skip
def test_missing_and_odd_data_are_said_as_they_are(open_bench: Workbench, theme: str, code: str, says: str) -> None:
    assert says in answer(open_bench, theme, code)


@pytest.mark.parametrize(("lang", "each"), [("ja", 1), *(pytest.param(lang, 4, marks=pytest.mark.long) for lang in ("ja", "en"))])
def test_a_briefing_for_every_theme_and_municipality(
    open_bench: Workbench, lang: str, each: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dxlib.show.briefing.path_picture", lambda *args, **more: None)  # drawn in other tests; here words count
    codes = open_bench.check_municipalities()
    for position, (theme,) in enumerate(open_bench.sql("SELECT theme_id FROM theme ORDER BY 1").fetchall()):
        for code in (codes + codes)[position % 4 :][:each]:
            shown = Briefing(open_bench, theme, code, (), lang)
            blocks = shown.front().blocks
            front = [span for block in blocks for span in spans(block)]
            said = next(block for block in blocks if isinstance(block, Text) and block.kind == "answer").spans
            assert len(text_of(said)) > 20, (theme, code)
            assert not re.search(r"None(?! of the plans)", text_of(front)), (theme, code)
            assert all(span.cites for span in front if span.bold and re.search(r"\d", span.text)), (theme, code)
            evidence = next(block for block in blocks if isinstance(block, Text) and block.kind == "caution")
            assert ("効果を示すものではない" if lang == "ja" else "not effects of policy") in text_of(evidence.spans)
            if shown.headline:
                names = [name for block in blocks if isinstance(block, Terms) for name, _ in block.rows]
                assert shown.text("brief_logic") in names
                assert shown.text("brief_checks") in names
    assert isinstance(shown.back().blocks[0], PageBreak)


def test_a_recorded_result_is_said_with_its_pace_and_its_source(rebuilt: Project) -> None:
    with Workbench(rebuilt) as bench:
        (indicator, name) = bench.sql(
            "SELECT indicator_id, indicator FROM progress WHERE theme_id = 'online_procedures' AND target_value = 260"
        ).fetchall()[0]
    row = f"{indicator},{name},165,件,2026,,市の公表資料,2027-05-01,\n"
    with (rebuilt.curated / "actuals.csv").open("a", encoding="utf-8") as file:
        file.write(row)
    build(rebuilt)
    with Workbench(rebuilt) as bench:
        shown = Briefing(bench, "online_procedures", "242039")
        text = text_of(shown.answer.sentence())
        table = next(block for block in shown.front().blocks if isinstance(block, Table))
    assert "は165件（実績、令和8年度(2026年度)、2027-05-01に記録した実績、出典：市の公表資料）である。" in text
    assert "毎年約31.7件の増加が要る。進み方の判定は「△ 加速が必要」（直線のペースが基準）である。" in text
    assert "前計画" not in text
    cell = table.rows[0][3]
    assert "2027-05-01に記録した実績、出典：市の公表資料" in text_of(cell.lines[0])
    assert cell.lines[0][0].cites is None


def test_the_front_page_has_all_its_parts(open_bench: Workbench) -> None:
    blocks = Briefing(open_bench, "online_procedures", "242039").front().blocks
    table = next(block for block in blocks if isinstance(block, Table))
    picture = next(block for block in blocks if isinstance(block, Picture))
    terms = dict(next(block for block in blocks if isinstance(block, Terms)).rows)
    assert picture.table_apart
    assert picture.title == "伊勢市：142件 令和7年度(2025年度)から260件 令和11年度(2029年度)へ"
    verdicts = {row[0].lines[0][0].text: row[7].kind for row in table.rows[1:]}
    assert verdicts["伊豆の国市"] == "direct"
    assert verdicts["伊賀市"] == verdicts["伊勢崎市"] == "not"
    assert "+28、+30、+30、+30件" in text_of(terms["読むときの注意"])
    assert "よく使う32手続" in text_of(terms["比べられないもの（相手／この市）"])
    assert "【アウトプット】" in text_of(terms["ロジックモデル上の位置"])
    assert "伊豆の国市は「オンライン申請件数」を持つ" in text_of(terms["ロジックモデル上の位置"])
    assert "単位○" in text_of(terms["指標の質"])
    assert "成果型×" in text_of(terms["指標の質"])


def test_figure_data_stand_on_a_later_page(open_bench: Workbench) -> None:
    shown = Briefing(open_bench, "online_procedures", "242039")
    shown.front()
    tables = [block for block in shown.figure_data().blocks if isinstance(block, Table)]
    assert len(tables) == 1
    assert len(tables[0].rows) >= 6


def test_peers_are_those_named_or_the_nearest_in_population(open_bench: Workbench) -> None:
    assert Briefing(open_bench, "telework", "242039").peers == ["242161", "222259", "102041"]
    assert Briefing(open_bench, "telework", "242039", ["242161", "242039"]).peers == ["242161"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("telework", ""), "municipality-missing"),
        (("telewrk", "242039"), "theme-unknown"),
        (("telework", "242039", ["131016"]), "municipality-without-plan"),
    ],
)
def test_wrong_parameters(open_bench: Workbench, arguments: tuple, code: str) -> None:
    with pytest.raises(QueryError) as caught:
        Briefing(open_bench, *arguments)
    assert caught.value.code == code


@pytest.mark.parametrize(("day", "year"), [("2026-03-31", 2025), ("2026-04-01", 2026), ("2026-01", 2025), ("2026", 2026)])
def test_fiscal_years_begin_in_april(day: str, year: int) -> None:
    assert fiscal_year(day) == year


def test_text_of_drops_nothing() -> None:
    assert text_of([Span("a", bold=True), Span("b", mark="x")]) == "ab"

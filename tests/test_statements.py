"""Statements of one indicator as plans word and set them: what is read of each."""

from __future__ import annotations

import pytest

from dxlib.document import parse
from dxlib.readers import read

Said = tuple[str | None, str, float | str | None, str | None, int | None]

CASES: dict[str, tuple[str, list[Said]]] = {
    "labels on one line": (
        "KPI：オンライン申請件数\u3000現状 10件（R5）\u3000目標 20件（R9）\n",
        [("オンライン申請件数", "baseline", 10.0, "件", 2023), ("オンライン申請件数", "target", 20.0, "件", 2027)],
    ),
    "years with a value each": (
        "## KPI\n- オンライン申請件数：目標値 R8 50件、R10 80件\n- 満足度：80％以上（令和10年度）\n",
        [
            ("オンライン申請件数", "target", 50.0, "件", 2026),
            ("オンライン申請件数", "target", 80.0, "件", 2028),
            ("満足度", "target", 80.0, "%", 2028),
        ],
    ),
    "a goal below its label": (
        "施策1 窓口改革\n達成目標\n令和８年度までに窓口の待ち時間を10分以内に短縮\n",
        [("窓口の待ち時間", "target", 10.0, "分", 2026)],
    ),
    "a label and its value on lines": (
        "指標名\n電子申請率\n現状（R5）\n12.3%\n目標（R9）\n50%\n",
        [("電子申請率", "baseline", 12.3, "%", 2023), ("電子申請率", "target", 50.0, "%", 2027)],
    ),
    "headings with line breaks": (
        "| 指標 | 現状値<br>（令和5年度） | 目標値<br>（令和9年度） |\n|---|---|---|\n| 電子申請率 | 12.3％ | 50％ |\n| 公開データ数 | 35件 | 100件 |\n",
        [
            ("電子申請率", "baseline", 12.3, "%", 2023),
            ("電子申請率", "target", 50.0, "%", 2027),
            ("公開データ数", "baseline", 35.0, "件", 2023),
            ("公開データ数", "target", 100.0, "件", 2027),
        ],
    ),
    "from … to … in a sentence": (
        "マイナンバーカードの保有率を75％（令和5年度）から90％（令和9年度）に高めます。\n",
        [("マイナンバーカードの保有率", "baseline", 75.0, "%", 2023), ("マイナンバーカードの保有率", "target", 90.0, "%", 2027)],
    ),
    "arrows below a label": (
        "【数値目標】\n・テレワーク実施率\u300015％ → 30％（令和8年度）\n・RPA導入業務数\u30005業務 → 20業務\n",
        [
            ("テレワーク実施率", "baseline", 15.0, "%", None),
            ("テレワーク実施率", "target", 30.0, "%", 2026),
            ("RPA導入業務数", "baseline", 5.0, "業務", None),
            ("RPA導入業務数", "target", 20.0, "業務", None),
        ],
    ),
    "roles above years": (
        "KPI\t実績値\t目標値\n\tR5\tR6\tR7\tR8\tR9\n電子申請率\t10%\t12%\t20%\t30%\t40%\n",
        [
            ("電子申請率", "actual", 10.0, "%", 2023),
            ("電子申請率", "target", 12.0, "%", 2024),
            ("電子申請率", "target", 20.0, "%", 2025),
            ("電子申請率", "target", 30.0, "%", 2026),
            ("電子申請率", "target", 40.0, "%", 2027),
        ],
    ),
    "a goal of the municipality": (
        "本市では、令和9年度末までに、オンラインで完結できる手続を200件に増やします（令和5年度末現在 85件）。\n",
        [("オンラインで完結できる手続", "target", 200.0, "件", 2027)],
    ),
    "letters spaced out": (
        "指\u3000標\u3000名：オンライン申請率\n現\u3000状\u3000値：１２．３％（令和５年度）\n目\u3000標\u3000値：５０．０％（令和９年度）\n",
        [("オンライン申請率", "baseline", 12.3, "%", 2023), ("オンライン申請率", "target", 50.0, "%", 2027)],
    ),
    "no name": (
        "\tR6\tR7\tR8\n目標\t10件\t20件\t30件\n実績\t8件\t\t\n",
        [
            (None, "target", 10.0, "件", 2024),
            (None, "target", 20.0, "件", 2025),
            (None, "target", 30.0, "件", 2026),
            (None, "actual", 8.0, "件", 2024),
        ],
    ),
    "names under 数値目標": (
        "取組\t数値目標\tR6\tR7\tR8\nオンライン申請\t対象手続数\t10\t20\t30\n",
        [
            ("対象手続数", "target", 10.0, None, 2024),
            ("対象手続数", "target", 20.0, None, 2025),
            ("対象手続数", "target", 30.0, None, 2026),
        ],
    ),
    "words and arrows": (
        "電子決裁率：未導入 ⇒ 100％（R10）\n書かない窓口：検討中 ⇒ 導入（R8）\n",
        [
            ("電子決裁率", "baseline", "未導入", None, None),
            ("電子決裁率", "target", 100.0, "%", 2028),
            ("書かない窓口", "baseline", "under-study", None, None),
            ("書かない窓口", "target", "導入", None, 2026),
        ],
    ),
    "a verdict": (
        "施策名\t指標\t目標値\t実績値\t評価\n窓口改革\t待ち時間（分）\t10\t12\tB\n",
        [("待ち時間(分)", "target", 10.0, "分", None), ("待ち時間(分)", "actual", 12.0, "分", None)],
    ),
    "item and arrow": (
        "■ 成果指標\n項目：オンライン申請の利用率\n現状：12%\u3000⇒\u3000目標：50%（令和9年度）\n",
        [("オンライン申請の利用率", "baseline", 12.0, "%", None), ("オンライン申請の利用率", "target", 50.0, "%", 2027)],
    ),
    "results and target of a report": (
        "令和6年度 進捗報告書\n\n指標\tR4実績\tR5実績\tR6実績\tR6目標\t達成状況\n電子申請率\t5%\t9%\t15%\t20%\t△\n",
        [
            ("電子申請率", "actual", 5.0, "%", 2022),
            ("電子申請率", "actual", 9.0, "%", 2023),
            ("電子申請率", "actual", 15.0, "%", 2024),
            ("電子申請率", "target", 20.0, "%", 2024),
        ],
    ),
    "the past in a bracket": (
        "KPI：令和9年度までにオンライン申請率50％以上（令和5年度：12.3％）\n",
        [("オンライン申請率", "target", 50.0, "%", 2027), ("オンライン申請率", "baseline", 12.3, "%", 2023)],
    ),
    "roles in brackets": (
        "○指標\n・電子申請率：【現状】12.3％【目標】50％（R9）\n・RPA：【現状】5業務【目標】20業務\n",
        [
            ("電子申請率", "baseline", 12.3, "%", None),
            ("電子申請率", "target", 50.0, "%", 2027),
            ("RPA", "baseline", 5.0, "業務", None),
            ("RPA", "target", 20.0, "業務", None),
        ],
    ),
    "a target in brackets": (
        "・電子申請の件数 1,200件（目標：1,500件）\n",
        [("電子申請の件数", "actual", 1200.0, "件", None), ("電子申請の件数", "target", 1500.0, "件", None)],
    ),
    "years with their role": (
        "指標\t令和5年度（現状）\t令和7年度（中間目標）\t令和9年度（最終目標）\n電子申請率\t12.3%\t30%\t50%\n",
        [
            ("電子申請率", "baseline", 12.3, "%", 2023),
            ("電子申請率", "target", 30.0, "%", 2025),
            ("電子申請率", "target", 50.0, "%", 2027),
        ],
    ),
    "years as bare numbers": (
        "KPI\t2023（現状）\t2025\t2027（目標）\n電子申請率\t12.3%\t30%\t50%\n",
        [
            ("電子申請率", "baseline", 12.3, "%", 2023),
            ("電子申請率", "target", 30.0, "%", 2025),
            ("電子申請率", "target", 50.0, "%", 2027),
        ],
    ),
    "ratings": (
        "| 取組 | 目標 | 実績 | 評価 |\n|---|---|---|---|\n| 電子申請の拡大 | 100手続 | 120手続 | S |\n| 窓口改革 | 待ち時間10分 | 12分 | C |\n",
        [
            ("電子申請の拡大", "target", 100.0, "手続", None),
            ("電子申請の拡大", "actual", 120.0, "手続", None),
            ("窓口改革", "target", 10.0, "分", None),
            ("窓口改革", "actual", 12.0, "分", None),
        ],
    ),
    "a name on the line above": (
        "指標：RPA導入業務数（累計）\n目標値：R6 5 R7 10 R8 15（業務）\n",
        [
            ("RPA導入業務数(累計)", "target", 5.0, None, 2024),
            ("RPA導入業務数(累計)", "target", 10.0, None, 2025),
            ("RPA導入業務数(累計)", "target", 15.0, None, 2026),
        ],
    ),
    "a range": (
        "目標：オンライン化率を70～80％にする（R8）\n",
        [("オンライン化率", "target", 80.0, "%", 2026)],
    ),
    "half and tenths": (
        "指標\t現状\t目標（R9）\n印刷枚数\t100万枚\t半減\n時間外勤務\t1人当たり月20時間\t2割減\n",
        [
            ("印刷枚数", "baseline", 1000000.0, "枚", None),
            ("印刷枚数", "target", 50.0, "%", 2027),
            ("時間外勤務", "baseline", 20.0, "時間", None),
            ("時間外勤務", "target", 2.0, "割", 2027),
        ],
    ),
    "the unit last": (
        "指標名\t目標（R9）\t現状（R5）\t単位\n電子申請率\t50\t12.3\t％\n講座参加者\t1,000\t312\t人\n",
        [
            ("電子申請率", "target", 50.0, "%", 2027),
            ("電子申請率", "baseline", 12.3, "%", 2023),
            ("講座参加者", "target", 1000.0, "人", 2027),
            ("講座参加者", "baseline", 312.0, "人", 2023),
        ],
    ),
    "columns of years": (
        "指標\t基準値\t基準年度\t目標値\t目標年度\n電子申請率\t12.3%\tR5\t50%\tR9\n",
        [("電子申請率", "baseline", 12.3, "%", 2023), ("電子申請率", "target", 50.0, "%", 2027)],
    ),
    "years before arrows": (
        "◆成果指標\n\u3000電子申請の利用率\u3000\u3000\u3000R5：12.3％\u3000→\u3000R9：50％\n\u3000満足度\u3000\u3000\u3000\u3000\u3000\u3000\u3000\u3000R5：－\u3000\u3000→\u3000R9：80％\n",
        [
            ("電子申請の利用率", "baseline", 12.3, "%", 2023),
            ("電子申請の利用率", "target", 50.0, "%", 2027),
            ("満足度", "baseline", "none-printed", None, 2023),
            ("満足度", "target", 80.0, "%", 2027),
        ],
    ),
    "several goals behind one label": (
        "目標値（令和9年度末）：電子申請率50％、キャッシュレス比率40％\n",
        [("電子申請率", "target", 50.0, "%", 2027), ("キャッシュレス比率", "target", 40.0, "%", 2027)],
    ),
    "two indicators on lines of a cell": (
        "| 施策 | KPI | 現状 | 目標 |\n|---|---|---|---|\n| 窓口改革 | 待ち時間<br>満足度 | 20分<br>60% | 10分<br>80% |\n",
        [
            ("待ち時間", "baseline", 20.0, "分", None),
            ("待ち時間", "target", 10.0, "分", None),
            ("満足度", "baseline", 60.0, "%", None),
            ("満足度", "target", 80.0, "%", None),
        ],
    ),
    "roles in cells under years": (
        "指標\tR5\tR6\n電子申請率\t目標 10%（実績 12%）\t目標 20%（実績 18%）\n",
        [
            ("電子申請率", "target", 10.0, "%", 2023),
            ("電子申請率", "actual", 12.0, "%", 2023),
            ("電子申請率", "target", 20.0, "%", 2024),
            ("電子申請率", "actual", 18.0, "%", 2024),
        ],
    ),
    "target and result in rows": (
        "指標\t区分\tR5\tR6\tR7\n電子申請率\t計画値\t10\t20\t30\n\t実績値\t12\t18\t\n",
        [
            ("電子申請率", "target", 10.0, None, 2023),
            ("電子申請率", "target", 20.0, None, 2024),
            ("電子申請率", "target", 30.0, None, 2025),
            ("電子申請率", "actual", 12.0, None, 2023),
            ("電子申請率", "actual", 18.0, None, 2024),
        ],
    ),
    "tables on their side": (
        "指標1\t電子申請率\n現状値\t12.3%（R5）\n目標値\t50%（R9）\n指標2\t満足度\n現状値\t60%（R5）\n目標値\t80%（R9）\n",
        [
            ("電子申請率", "baseline", 12.3, "%", 2023),
            ("電子申請率", "target", 50.0, "%", 2027),
            ("満足度", "baseline", 60.0, "%", 2023),
            ("満足度", "target", 80.0, "%", 2027),
        ],
    ),
    "a numbered label": (
        "KPI①：LINE登録者数 5,000人⇒10,000人（2027年度）\n",
        [("LINE登録者数", "baseline", 5000.0, "人", None), ("LINE登録者数", "target", 10000.0, "人", 2027)],
    ),
    "a page between two tables": (
        "指標\t現状値\t目標値\n電子申請率\t12%\t50%\n2\n指標\t現状値\t目標値\n満足度\t60%\t80%\n",
        [
            ("電子申請率", "baseline", 12.0, "%", None),
            ("電子申請率", "target", 50.0, "%", None),
            ("満足度", "baseline", 60.0, "%", None),
            ("満足度", "target", 80.0, "%", None),
        ],
    ),
    "an overall goal with its indicator": (
        "KGI\t指標\t基準値（2022年度）\t目標値（2027年度）\n満足度\t行政サービスに満足する市民の割合\t48.2％\t60.0％\n",
        [
            ("行政サービスに満足する市民の割合", "baseline", 48.2, "%", 2022),
            ("行政サービスに満足する市民の割合", "target", 60.0, "%", 2027),
        ],
    ),
    "units in the names": (
        "指標（単位）\t現状（R5）\t目標（R9）\n電子申請率（％）\t12.3\t50\n講座数（回）\t5\t12\n",
        [
            ("電子申請率(%)", "baseline", 12.3, "%", 2023),
            ("電子申請率(%)", "target", 50.0, "%", 2027),
            ("講座数(回)", "baseline", 5.0, "回", 2023),
            ("講座数(回)", "target", 12.0, "回", 2027),
        ],
    ),
    "money that is an indicator": (
        "指標\t現状\t目標（R9）\nふるさと納税額（百万円）\t120\t300\n",
        [
            ("ふるさと納税額(百万円)", "baseline", 120000000.0, "円", None),
            ("ふるさと納税額(百万円)", "target", 300000000.0, "円", 2027),
        ],
    ),
    "two targets": (
        "指標\t現状値（R4）\t目標値（R7）\t目標値（R10）\n電子申請率\t12.3%\t30%\t50%\n",
        [
            ("電子申請率", "baseline", 12.3, "%", 2022),
            ("電子申請率", "target", 30.0, "%", 2025),
            ("電子申請率", "target", 50.0, "%", 2028),
        ],
    ),
    "a drawn box": (
        "┌KPI┐\nオンライン申請率\u300012.3％（令和5年度）→50％（令和9年度）\n└──┘\n",
        [("オンライン申請率", "baseline", 12.3, "%", 2023), ("オンライン申請率", "target", 50.0, "%", 2027)],
    ),
    "a progress list": (
        "No\tKPI\t単位\tR6目標\tR6実績\t達成率\t評価\n1\t電子申請率\t％\t20\t18.5\t92.5％\tＢ\n2\t満足度\t％\t70\t－\t－\t－\n",
        [
            ("電子申請率", "target", 20.0, "%", 2024),
            ("電子申請率", "actual", 18.5, "%", 2024),
            ("満足度", "target", 70.0, "%", 2024),
            ("満足度", "actual", "none-printed", "%", 2024),
        ],
    ),
    "numbered sentences": (
        "1. 電子申請率：現状値12.3%（R5）、目標値50%（R9）\n2. 満足度：現状値60%（R5）、目標値80%（R9）\n",
        [
            ("電子申請率", "baseline", 12.3, "%", 2023),
            ("電子申請率", "target", 50.0, "%", 2027),
            ("満足度", "baseline", 60.0, "%", 2023),
            ("満足度", "target", 80.0, "%", 2027),
        ],
    ),
    "a goal that begins with the past": (
        "令和5年度に12.3％であったオンライン申請率を、令和9年度までに50％に引き上げることを目標とします。\n",
        [("オンライン申請率", "baseline", 12.3, "%", 2023), ("オンライン申請率", "target", 50.0, "%", 2027)],
    ),
    "years above roles": (
        "指標\t2023年\t2028年\n\t現状\t目標\n観光客数（万人）\t120\t150\n",
        [("観光客数(万人)", "baseline", 1200000.0, "人", None), ("観光客数(万人)", "target", 1500000.0, "人", None)],
    ),
    "a rate a year": (
        "【KPI】スマホ教室の開催回数\u3000年10回（R5）⇒年24回（R9）\n",
        [("スマホ教室の開催回数", "baseline", 10.0, "回", 2023), ("スマホ教室の開催回数", "target", 24.0, "回", 2027)],
    ),
    "columns held by spaces": (
        "指標            現状値(R5)   目標値(R9)\n電子申請率      12.3%        50%\n公開データ数    35件         100件\n",
        [
            ("電子申請率", "baseline", 12.3, "%", 2023),
            ("電子申請率", "target", 50.0, "%", 2027),
            ("公開データ数", "baseline", 35.0, "件", 2023),
            ("公開データ数", "target", 100.0, "件", 2027),
        ],
    ),
    "a reduction": (
        "指標\t現状\t目標（R9）\nコピー用紙使用量\t100万枚\t▲30％\n",
        [("コピー用紙使用量", "baseline", 1000000.0, "枚", None), ("コピー用紙使用量", "target", -30.0, "%", 2027)],
    ),
    "nothing as a goal": (
        "指標\t現状（R5）\t目標（R9）\n重大事故件数\t0件\t0件\n",
        [("重大事故件数", "baseline", 0.0, "件", 2023), ("重大事故件数", "target", 0.0, "件", 2027)],
    ),
    "numbers that look like years": (
        "登録者数（人）\n\tR6\tR7\n目標\t2010\t2030\n実績\t2005\t2025\n",
        [
            ("登録者数(人)", "target", 2010.0, "人", 2024),
            ("登録者数(人)", "target", 2030.0, "人", 2025),
            ("登録者数(人)", "actual", 2005.0, "人", 2024),
            ("登録者数(人)", "actual", 2025.0, "人", 2025),
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_statements_are_read_as_worded(case: str) -> None:
    text, expected = CASES[case]
    found = [
        (
            indicator.name,
            value.role,
            value.value_text or value.missing if value.value is None else value.value,
            value.unit,
            value.fiscal_year,
        )
        for measure in read(parse(text)).measures
        for indicator in measure.indicators
        for value in indicator.values
    ]
    assert found == expected


NOTHING = {
    "no text": "<br><br>\n",
    "what measures cost": "事業費（千円）\tR6\tR7\tR8\n電子申請\t1,200\t1,300\t1,400\n",
    "steps by year": "取組\tR6\tR7\tR8\n電子申請の拡大\t検討\t導入\t運用\n",
    "contents": "目次\n第1章 計画の目標\t1\n第2章 指標\t5\n第3章 推進体制\t9\n資料 用語\t12\n",
    "a survey": "問 スマートフォンを使いますか\n使う\t78.1%\n使わない\t21.9%\n",
    "a telephone number": "問い合わせ 電話 0123-45-6789 内線 1234\n",
    "a law": "官民データ活用推進基本法（平成28年法律第103号）第9条第3項に基づく計画です。\n",
    "population of a day": "# KPI\n人口：12,345人（令和6年4月1日現在）\n",
    "numbered headings": "目標1 手のひらで終わる手続\n目標2 待たない窓口\n",
    "what verdicts mean": "評価\t基準\nA\t達成率100%以上\nB\t達成率80%以上\n",
    "years before the plan": "第2期計画（令和7年度～令和9年度）\n\n指標\tR2\tR3\tR4\n電子申請率\t1%\t2%\t5%\n",
    "an index of indicators": "KPI一覧\nNo\tKPI\t担当課\n1\t電子申請率\t総務課\n2\t満足度\t市民課\n",
    "cost in a table of indicators": "KPI\t現状\t目標\n事業費（千円）\t100\t200\n",
    "targets of others": "令和5年度のアンケートでは、回答者の45％が「知らない」と答えました。国は令和7年度までに100％とする目標を掲げています。\n",
    "verdicts counted": "評価\tA\tB\tC\t計\n指標数\t4\t3\t2\t9\n",
}


@pytest.mark.parametrize("case", NOTHING)
def test_what_is_no_indicator_stays_out(case: str) -> None:
    assert not [indicator for measure in read(parse(NOTHING[case])).measures for indicator in measure.indicators]

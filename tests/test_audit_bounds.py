"""The words and bounds of the audit rules, many in one warehouse: which indicators a rule names, and which it leaves alone."""

from __future__ import annotations

from typing import Any

from mini import Mini, actual, baseline, simple, target

Values = list[dict[str, Any]]


def finished() -> Mini:
    return Mini().municipality().document().plan(first=2021, last=2025, scope="review")


def named(mini: Mini, rule: str) -> set[str]:
    """The names of the indicators that a rule names."""
    found = mini.open().rows("SELECT i.name FROM audit JOIN indicator i USING (indicator_id) WHERE rule_id = ?", rule)
    return {row["name"] for row in found}


def both(mini: Mini, rule: str, found: dict[str, Values], fine: dict[str, Values], **facets: str) -> None:
    """The rule names the first indicators and none of the others."""
    for name, values in {**found, **fine}.items():
        mini.indicator(name, *values, **facets)
    assert named(mini, rule) == set(found)


def test_counts_with_percent() -> None:
    percent = [target(50, 2029, "%")]
    words = ("件", "人", "者", "回", "枚", "箇所", "台")
    found = {f"{word}数": percent for word in words} | {"件数【再掲】": percent, "件数（延べ）": percent}
    fine = {
        "点数": percent,
        "数件": percent,
        "件数の割合": percent,
        "件数 ": [target(50)],
        "利用者数": [target(5, 2029, "%", direction="increase")],
    }
    both(simple(), "count-with-percent", found, fine)


def test_bases_that_are_printed_nowhere() -> None:
    percent = [target(15, 2029, "%")]
    found = {f"郵送費の{word}率": percent for word in ("削減", "減少", "短縮", "縮減", "増加", "伸び")}
    found |= {"電話": [target(15, 2029, "%", relative_to="R7年度")], "来庁": [target(15, 2029, "%", direction="decrease")]}
    fine = {
        "削減率の公表": percent,
        "印刷の削減率": [baseline(100, 2025, "枚"), target(15, 2029, "%")],
        "紙の削減率": [target(15, 2029, "件")],
        "申請": percent,
        "会議": [target(15, 2029, "件", direction="decrease")],
    }
    both(simple(), "base-unprinted", found, fine)


def test_reductions_below_zero() -> None:
    below = [target(-2, 2029, "%")]
    found = {f"紙の{word}率": below for word in ("削減", "減少", "短縮", "低減", "縮減")}
    fine = {
        "紙の削減率（▲は増加）": below,
        "紙の枚数": below,
        "郵送の削減率": [target(0, 2029, "%")],
        "電話の削減率": [baseline(-2, 2025, "%"), target(2, 2029, "%")],
    }
    both(simple(), "reduction-below-zero", found, fine)


def test_shares_above_100() -> None:
    above, words = (
        [actual(120, 2025, "%")],
        "伸び率 達成率 成長率 充足率 利用率 稼働率 倍率 増減率 上昇率 進捗率 就職率 ROI 利益率 回転率 消化率 執行率",
    )
    found = {"交付率": above, "保有率": [actual(100.1, 2025, "%")]}
    fine = dict.fromkeys([*words.split(), "前年比", "増加の割合", "費用対効果", "対R5年度"], above)
    fine |= {
        "普及率": [actual(100, 2025, "%")],
        "増え方": [actual(120, 2025, "%", relative_to="R5")],
        "減り方": [actual(120, 2025, "%", direction="decrease")],
    }
    fine |= {"人数": [actual(120, 2025, "人")]}
    both(finished(), "share-above-100", found, fine, unit="percent")


def test_only_shares_pass_100() -> None:
    both(finished(), "share-above-100", {}, {"交付率": [actual(120, 2025, "%")]}, unit="count")


def test_persons_without_a_person() -> None:
    persons = [target(20, 2029, "人")]
    words = [
        "計画",
        "件数",
        "システム",
        "手続",
        "施設",
        "書類",
        "データ",
        "サービス",
        "事業",
        "端末",
        "機器",
        "入力",
        "作成",
        "整備",
        "設置",
    ]
    found = {f"個別{word}": persons for word in words} | {
        f"計画の{word}": persons for word in ["数", "作成", "入力", "整備", "設置", "導入"]
    }
    found |= {"計画数": persons, "手続の作成の数": persons, "整備事業": [target(20, 2029, "名")], "点検計画（延べ）": persons}
    fine = {
        "計画の職員": persons,
        "参加計画": persons,
        "計画の策定": persons,
        "端末 ": [target(20, 2029, "台")],
        "計画の公開": persons,
    }
    both(simple(), "persons-without-person", found, fine)


def test_shares_of_n_things() -> None:
    def share(value: float, **cells: Any) -> Values:
        return [baseline(value, 2025, "%", quote=f"{value}%", **cells), target(100, 2029, "%")]

    counters = [
        "手続",
        "業務",
        "施設",
        "事業",
        "部署",
        "校",
        "種類",
        "システム",
        "項目",
        "サービス",
        "団体",
        "地区",
        "課",
        "拠点",
        "データセット",
    ]
    found = {f"40{counter}の対応率": share(53.3) for counter in counters}
    found |= {"2課の率": share(33), "2000課の率": share(33.33), "1234課の率": share(33.333)}
    without = [
        "利用率",
        "申請率",
        "申請の割合",
        "満足度",
        "平均",
        "進捗",
        "削減",
        "達成率",
        "決裁率",
        "件数の割合",
        "理解度",
        "受講",
    ]
    fine = {f"40手続の{word}": share(53.3) for word in without}
    fine |= {
        "1課の率": share(33),
        "2001課の率": share(33.31),
        "40枚の率": share(53.3),
        "26課の率": share(92.3),
        "26団体の率": share(92.31),
        "3課の率": share(66.6),
        "4課の率": share(25),
        "40業務の前年比": share(53.3, relative_to="R5"),
        "40業務の増": share(53.3, direction="increase"),
        "40業務の約": share(53.3, comparator="approx"),
        "40業務の目標": [target(53.3, 2029, "%")],
        "40業務の件": [baseline(53.3, 2025, "件")],
    }
    both(simple(), "share-not-of-n", found, fine)


def test_results_far_beyond_their_targets() -> None:
    def result(goal: float, reached: float, **cells: Any) -> Values:
        return [target(goal, 2025, "回", **cells), actual(reached, 2025, "回")]

    found = {"a": result(10, 15), "b": result(0.5, 6), "c": result(100, 150)}
    fine = {
        "d": result(10, 14.9),
        "e": result(9, 13.9),
        "f": result(0, 90),
        "g": result(-5, 90),
        "h": result(10, 20, relative_to="R5"),
    }
    both(finished(), "target-overshot", found, fine)


def test_fewer_than_the_target_is_no_overshot_result() -> None:
    mini = finished()
    mini.indicator("事故", target(10, 2025), actual(20, 2025), better="lower")
    assert named(mini, "target-overshot") == set()


def test_jumps() -> None:
    found: dict[str, Values] = {
        "目標": [baseline(10), target(100)],
        "次の年": [baseline(5, 2022), baseline(50, 2023)],
        "間": [baseline(5, 2022), baseline(6, 2023), baseline(60, 2024)],
        "単位なし": [baseline(5, 2022, None), baseline(50, 2023, None)],
        "目標の単位なし": [baseline(5, 2025, None), target(50, 2029, None)],
    }
    fine: dict[str, Values] = {
        "少し": [baseline(10), target(99.9)],
        "零": [baseline(0), target(100)],
        "負": [baseline(-1), target(100)],
        "年が飛ぶ": [baseline(5, 2022), baseline(20, 2023), baseline(60, 2024)],
        "単位違い": [baseline(5, 2025, "件"), target(500, 2029, "円")],
        "年の単位違い": [baseline(5, 2022, "件"), baseline(500, 2023, "円")],
        "増": [baseline(5, 2025, "%"), target(500, 2029, "%", direction="increase")],
        "減る": [baseline(50, 2022), baseline(5, 2023)],
        "年なし": [baseline(5, None), baseline(50, None)],
    }
    both(simple(), "implausible-jump", found, fine)


def test_targets_that_are_not_beyond_the_baseline() -> None:
    found: dict[str, Values] = {
        "同じ": [baseline(5), target(5)],
        "下": [baseline(5), target(4)],
        "単位なし": [baseline(5, 2025, None), target(5, 2029, None)],
    }
    fine: dict[str, Values] = {
        "上": [baseline(5), target(6)],
        "単位違い": [baseline(5), target(5, 2029, "人")],
        "増": [baseline(5, 2025, "%"), target(5, 2029, "%", direction="increase")],
        "基準なし": [target(5)],
    }
    both(simple(), "target-not-beyond-baseline", found, fine)
    mini = simple()
    for name, goal in (("同じ", 5), ("上", 6), ("下", 4)):
        mini.indicator(name, baseline(5), target(goal), better="lower")
    assert named(mini, "target-not-beyond-baseline") == {"同じ", "上"}
    both(finished(), "target-not-beyond-baseline", {}, {"終わった": [baseline(5, 2020), target(5, 2025)]})


def test_years_of_baselines_and_targets() -> None:
    fine = {"前": [baseline(1, 2025), target(5, 2026)], "最後": [target(5, 2029)], "年なし": [baseline(1, None), target(5, None)]}
    both(
        simple(), "baseline-in-plan", {"初年": [baseline(1, 2026)], "後": [baseline(1, 2030)]}, fine | {"目標": [target(1, 2027)]}
    )
    outside = {"後": [target(5, 2030)], "初年の前": [target(5, 2025)]}
    both(simple(), "target-outside-plan", outside, fine | {"初年": [target(5, 2026)], "実績": [actual(1, 2024)]})
    both(finished(), "target-outside-plan", {}, {"後": [target(5, 2030)]})
    both(finished(), "baseline-in-plan", {}, {"後": [baseline(5, 2024)]})


def test_cumulative_rates() -> None:
    found = {"率": [target(50, 2029, "%", cumulative=True)]}
    fine = {
        "数": [target(50, 2029, "人", cumulative=True)],
        "一回の率": [target(50, 2029, "%", cumulative=False)],
        "分数": [target(50, 2029, "%", cumulative=True, numerator=1, denominator=2)],
    }
    both(simple(), "cumulative-rate", found, fine)


def test_verdicts_on_a_target_of_zero() -> None:
    def zero(value: float, status: str) -> Values:
        return [target(value, 2025, status=status)]

    mini = finished()
    for name, values in {"零": zero(0, "一部達成"), "一": zero(1, "概ね達成"), "達成": zero(0, "達成")}.items():
        mini.indicator(name, *values, better="lower")
    mini.indicator("実績の横", target(0, 2025), actual(1, 2025, status="概ね達成"), better="lower")
    mini.indicator("別の年", target(0, 2024), actual(1, 2025, status="概ね達成"), better="lower")
    mini.indicator("多い方がよい", *zero(0, "概ね達成"))
    assert named(mini, "zero-target-nearly") == {"零", "実績の横"}


def test_lone_fractions_beside_verdicts() -> None:
    def part(top: float, **cells: Any) -> Values:
        return [target(None, 2025, None, numerator=top, denominator=26, **cells)]

    found = {"一部": part(24, status="概ね達成")}
    fine = {
        "全部": part(26, status="達成"),
        "評価なし": part(24),
        "実績あり": [*part(24, status="概ね達成"), actual(5, 2025)],
        "実績": [actual(None, 2025, None, numerator=24, denominator=26, status="概ね達成")],
    }
    both(finished(), "target-or-result", found, fine)


def test_base_years_of_one_measure() -> None:
    mini = simple()
    first = mini.indicator("a", baseline(1, 2024), target(5))
    mini.insert(
        "indicator",
        indicator_id=first[:-1] + "2",
        measure_id=first[:-2],
        position=2,
        name="b",
        document_id="doc",
        line=1,
        quote="a",
    )
    mini._value(first[:-1] + "2", 1, "doc", baseline(1, 2025))
    mini.indicator("別の施策", baseline(1, 2023), target(5))
    (found,) = mini.open().found("two-base-years")
    assert (found["printed"], found["inputs"]) == ("FY2024, FY2025", [f"{first}.1", f"{first[:-1]}2.1"])
    assert "令和6年度(2024年度)・令和7年度(2025年度)" in found["text_ja"]


def test_era_years_in_every_form() -> None:
    wrong = "令和8年度（2025年度）|平成30年（2017年）|昭和64年(1988年)|令和元年度〔2020年度〕|2025年度【令和8年度】|2025 (令和8)年度|2025年（令和8年）|2025年度（平成30）|2025年〔昭和60年〕|令和 ８ 年度 （２０２５年度）|令和10（2027）"
    right = "令和8年度（2026年度）|平成30年（2018年）|昭和64年(1989年)|令和元年度〔2019年度〕|2026年度【令和8年度】|平成元年（1989年）|令和8年度、2025年度|R8(2025)|令和8年度（2027年）|2025年（令和8年度）"
    mini = simple()
    for line, text in enumerate([*wrong.split("|"), *right.split("|")], start=900):
        mini.insert("source_line", document_id="doc", line=line, text=f"計画は{text}から")
    found = [row["quote"].strip() for row in mini.open().found("era-against-western")]
    assert found == [text.replace("年度", "") if text == "2025 (令和8)年度" else text for text in wrong.split("|")]


def test_words_for_a_total() -> None:
    totals = "A5件、B6件、合計{}|A5件とB6件の計{}|A5件、B6件、総計は{}|A5件、B6件、合わせて{}|A5件、B6件、あわせて{}|A5件、B6件、全部で{}|A5件B6件計{}|A5件、B6件、計 {}"
    others = "A5件、うちB6件、合計{}|前年A5件、B6件、合計{}|A5件からB6件へ、合計{}|A5件中B6件、合計{}|A5件、B6件、統計{}|A5件、B6件、{}"
    for texts, finds in ((totals, True), (others, False)):
        mini = simple()
        for number, text in enumerate(texts.split("|")):
            mini.statistics(
                text.format(f"12{number}件"),
                *({"subject": "s", "value": n, "unit": "件", "quote": f"{n}件"} for n in (5, 6, int(f"12{number}"))),
            )
        expected = [f"12{number}件" for number in range(len(texts.split("|")))] if finds else []
        assert [row["printed"] for row in mini.open().found("parts-against-total")] == expected


def test_parts_of_another_unit_and_a_single_part_prove_nothing() -> None:
    mini = simple()
    one = {"subject": "s", "unit": "件"}
    mini.statistics(
        "A5人、B6件、合計12件",
        {**one, "value": 5, "unit": "人", "quote": "5人"},
        {**one, "value": 6, "quote": "6件"},
        {**one, "value": 12, "quote": "12件"},
    )
    mini.statistics(
        "A5件、B6件、合計約13件",
        *({**one, "value": n, "quote": f"{n}件", "comparator": c} for n, c in ((5, "="), (6, "="), (13, "approx"))),
    )
    mini.statistics("A5件、B6件、合計11件、C3件", *({**one, "value": n, "quote": f"{n}件"} for n in (5, 6, 11, 3)))
    assert mini.open().found("parts-against-total") == []


def test_attainment_of_a_result_of_zero() -> None:
    mini = finished()
    mini.indicator("事故", target(10, 2025), actual(0, 2025, pct=50, verdict_quote="«50%»"), better="lower")
    mini.indicator("目標が零", target(0, 2025), actual(5, 2025, pct=50, verdict_quote="«50%»"), better="lower")
    assert named(mini, "attainment-mismatch") == {"事故"}


def test_definitions_that_change_between_plans() -> None:
    mini = Mini().municipality().document().plan("doc/old", 2021, 2025, "review").plan("doc/new", 2026, 2029)
    changes = {"unit": "percent", "denominator": "staff", "measures": "usage", "channel": "own", "object": "unknown"}
    for facet, value in changes.items():
        kept = {} if facet == "object" else {"object": f"of-{facet}"}
        mini.indicator(f"旧{facet}", target(100, 2025), plan="doc/old", **kept)
        mini.indicator(f"新{facet}", target(100, 2029), plan="doc/new", **{**kept, facet: value})
    assert named(mini, "definition-changed") == {"新unit", "新denominator", "新measures"}


def test_wholes_of_another_topic_or_counter_prove_nothing() -> None:
    def stated(text: str, unit: str, name: str = "オンライン化した手続の割合") -> set[str]:
        mini = simple().document("old", published="2021").plan("old/plan", 2021, 2025)
        mini.indicator(name, target(None, 2029, None, numerator=24, denominator=26))
        mini.statistics(text, {"subject": "s", "value": 27, "unit": unit, "quote": f"27{unit}"}, document="old")
        return named(mini, "scope-changed")

    assert stated("27手続がオンライン", "手続") == {"オンライン化した手続の割合"}
    assert stated("27手続が窓口", "手続") == set()
    assert stated("27件がオンライン", "件") == set()
    assert stated("27手続がオンライン", "手続", "窓口の手続の割合") == set()
    assert stated("27業務が標準化", "業務", "標準化した業務の割合") == {"標準化した業務の割合"}


def test_terms_near_one_another() -> None:
    mini = simple()
    mini.indicator("保険証カードの交付率", actual(90, 2025, "%"))  # on line 1, its value on line 2
    for line in (13, 14):
        mini.lines["doc"] = line - 1
        mini.statistics(f"カードの保有率は{line}%", {"subject": "s", "value": line, "unit": "%", "quote": f"{line}%"})
    mini.statistics("保険証カードの保有率は81%", {"subject": "s", "value": 81, "unit": "%", "quote": "81%"})
    mini.statistics(
        "保険証カードの保有率は9%減", {"subject": "s", "value": 9, "unit": "%", "quote": "9%", "direction": "decrease"}
    )
    mini.statistics("保険証カードの保有者は9人", {"subject": "s", "value": 9, "unit": "人", "quote": "9人"})
    assert sorted(row["recomputed"] for row in mini.open().found("terms-confused")) == ["13%", "81%"]

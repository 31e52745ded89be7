"""The words and bounds of the audit rules, many in one warehouse: which indicators a rule names, and which it leaves alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from mini import Mini, actual, baseline, simple, target

Values = list[dict[str, Any]]


def finished() -> Mini:
    return Mini().municipality().document().plan(first=2021, last=2025, scope="review")


def named(mini: Mini, rule: str) -> set[str]:
    """The names of the indicators that a rule names."""
    found = mini.open().rows("SELECT i.name FROM audit JOIN indicator i USING (indicator_id) WHERE rule_id = ?", rule)
    return {row["name"] for row in found}


def numbers_of(text: str) -> set[str]:
    """The numbers that a sentence prints."""
    return set(re.findall(r"[0-9][0-9,.]*(?<![,.])", text))


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
    fine = dict.fromkeys([*words.split(), "前年比", "増加の割合", "費用対効果", "対R5年度", "対年度当初"], above)
    fine |= {
        "普及率": [actual(100, 2025, "%")],
        "増え方": [actual(120, 2025, "%", relative_to="R5")],
        "減り方": [actual(120, 2025, "%", direction="decrease")],
    }
    fine |= {"人数": [actual(120, 2025, "人")]}
    both(finished(), "share-above-100", found, fine, unit="percent")


def test_a_share_without_a_name_may_not_pass_100() -> None:
    mini = finished()
    mini.indicator(None, actual(120, 2025, "%"), unit="percent")
    (found,) = mini.open().found("share-above-100")
    assert "取組1" in found["text_ja"]


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
        "支援計画": [target(20, 2029, "世帯")],
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
        "1500課の率": share(66.67),
        "1500施設の率": share(66.86),
        "40業務の前年比": share(53.3, relative_to="R5"),
        "40業務の増": share(53.3, direction="increase"),
        "40業務の約": share(53.3, comparator="approx"),
        "40業務の目標": [target(53.3, 2029, "%")],
        "40業務の件": [baseline(53.3, 2025, "件")],
    }
    both(simple(), "share-not-of-n", found, fine)


def test_the_shares_of_n_things_that_are_possible() -> None:
    mini = simple()
    mini.indicator("150課の率", baseline(51.0, 2025, "%", quote="51.0%"), target(100, 2029, "%"))
    (found,) = mini.open().found("share-not-of-n")
    assert found["recomputed"] == "50.67% / 51.33%"
    assert {"76", "50.67", "77", "51.33"} <= numbers_of(found["text_ja"])


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
        "同じ年の二つ": [baseline(5, 2022), baseline(7, 2022), baseline(60, 2023)],
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


def test_targets_that_are_not_below_the_baseline_where_lower_is_better() -> None:
    mini = simple()
    for name, goal in (("同じ", 5), ("上", 6), ("下", 4)):
        mini.indicator(name, baseline(5), target(goal), better="lower")
    assert named(mini, "target-not-beyond-baseline") == {"同じ", "上"}


def test_targets_of_a_finished_plan_are_not_set_beside_its_baselines() -> None:
    both(finished(), "target-not-beyond-baseline", {}, {"終わった": [baseline(5, 2020), target(5, 2025)]})


IN_TIME = {"前": [baseline(1, 2025), target(5, 2026)], "最後": [target(5, 2029)], "年なし": [baseline(1, None), target(5, None)]}


def test_years_of_baselines() -> None:
    found = {"初年": [baseline(1, 2026)], "後": [baseline(1, 2030)]}
    both(simple(), "baseline-in-plan", found, IN_TIME | {"目標": [target(1, 2027)]})


def test_years_of_targets() -> None:
    outside = {"後": [target(5, 2030)], "初年の前": [target(5, 2025)]}
    both(simple(), "target-outside-plan", outside, IN_TIME | {"初年": [target(5, 2026)], "実績": [actual(1, 2024)]})


@pytest.mark.parametrize(("rule", "value"), [("target-outside-plan", target(5, 2030)), ("baseline-in-plan", baseline(5, 2024))])
def test_years_of_a_finished_plan_are_left_alone(rule: str, value: dict[str, Any]) -> None:
    both(finished(), rule, {}, {"後": [value]})


@pytest.mark.parametrize(
    ("published", "found"),
    [("2027-04-15", {"去年度"}), ("2027-04", {"去年度"}), ("2027-03", set()), ("2027", set()), (None, set())],
)
def test_targets_that_were_over_on_the_day_of_publication(published: str | None, found: set[str]) -> None:
    mini = Mini().municipality().document(published=published).plan()
    mini.indicator("去年度", target(5, 2026))
    mini.indicator("今年度", target(5, 2027))
    assert named(mini, "target-expired") == found


def test_years_after_launch_in_a_review_are_left_alone() -> None:
    mini = finished()
    i = mini.indicator("a", target(5, None, "%", relative_year=1), target(15, None, "%", relative_year=3))
    mini.milestone(i, ("導入検討", 2023), ("導入", 2025))
    assert named(mini, "launch-target-outside-plan") == set()


def also(mini: Mini, first: str, position: int, *values: dict[str, Any]) -> None:
    """Another indicator in the measure of one."""
    indicator = f"{first[:-1]}{position}"
    measure, place = first.rsplit(".", 1)[0], {"document_id": "doc", "line": 1, "quote": "a"}
    mini.insert("indicator", indicator_id=indicator, measure_id=measure, position=position, name=f"{position}つ目", **place)
    for number, value in enumerate(values, start=1):
        mini._value(indicator, number, "doc", dict(value))


def test_met_before_the_first_of_the_targets_of_a_measure() -> None:
    mini = simple()
    first = mini.indicator("a", target(72, 2029))
    also(mini, first, 2, target(10, 2028))
    mini.milestone(first, ("目標達成", 2026))
    on_time = mini.indicator("b", target(5, 2029))
    mini.milestone(on_time, ("目標達成", 2029))
    (found,) = mini.open().found("target-marked-met-early")
    assert "令和10年度(2028年度)" in found["text_ja"]
    assert "FY2028" in found["text_en"]


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
    of_2025 = {"unit": "件", "calendar_year": 2025}
    mini.indicator("暦年", target(0, None, **of_2025), actual(1, None, status="概ね達成", **of_2025), better="lower")
    mini.indicator("多い方がよい", *zero(0, "概ね達成"))
    assert named(mini, "zero-target-nearly") == {"零", "実績の横", "暦年"}


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
    also(mini, first, 2, baseline(1, 2025))
    also(mini, first, 3, baseline(1, 2025))
    mini.indicator("別の施策", baseline(1, 2023), target(5))
    (found,) = mini.open().found("two-base-years")
    assert found["printed"] == "FY2024, FY2025, FY2025"
    assert found["inputs"] == [f"{first}.1", f"{first[:-1]}2.1", f"{first[:-1]}3.1"]
    assert "令和6年度(2024年度)・令和7年度(2025年度)" in found["text_ja"]
    assert found["text_ja"].count("令和7年度") == found["text_en"].count("FY2025") == 1


def test_era_years_in_every_form() -> None:
    wrong = "令和8年度（2025年度）|平成30年（2017年）|昭和64年(1988年)|令和元年度〔2020年度〕|2025年度【令和8年度】|2025 (令和8)年度|2025年（令和8年）|2025年度（平成30）|2025年〔昭和60年〕|令和 ８ 年度 （２０２５年度）|令和10（2027）"
    right = "令和8年度（2026年度）|平成30年（2018年）|昭和64年(1989年)|令和元年度〔2019年度〕|2026年度【令和8年度】|平成元年（1989年）|令和8年度、2025年度|R8(2025)|令和8年度（2027年）|2025年（令和8年度）"
    mini = simple()
    for line, text in enumerate([*wrong.split("|"), *right.split("|")], start=900):
        mini.insert("source_line", document_id="doc", line=line, text=f"計画は{text}から")
    found = [row["quote"].strip() for row in mini.open().found("era-against-western")]
    assert found == [text.replace("年度", "") if text == "2025 (令和8)年度" else text for text in wrong.split("|")]


TOTALS = "A5件、B6件、合計{}|A5件とB6件の計{}|A5件、B6件、総計は{}|A5件、B6件、合わせて{}|A5件、B6件、あわせて{}|A5件、B6件、全部で{}|A5件B6件計{}|A5件、B6件、計 {}|A5件、B6件、合計{}のうち市外が多い"
NO_TOTALS = "A5件、うちB6件、合計{}|前年A5件、B6件、合計{}|前年A5件、B6件、合計{}で、これからさらに増える見込みである|A5件からB6件へ、合計{}|A5件中B6件、合計{}|A5件、B6件、統計{}|A5件、B6件、{}|A5件、B6件、市の計画{}"


@pytest.mark.parametrize(("texts", "finds"), [(TOTALS, True), (NO_TOTALS, False)])
def test_words_for_a_total(texts: str, finds: bool) -> None:
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


def judged(goal: float, reached: float, pct: float) -> Values:
    return [target(goal, 2025), actual(reached, 2025, pct=pct, verdict_quote=f"«{pct}%»")]


def test_attainments() -> None:
    fine = {"基準から": [baseline(50, 2020), *judged(51, 50.6, 60)], "上限": judged(100, 130, 100)}
    both(finished(), "attainment-mismatch", {"半分で100%": judged(100, 50, 100)}, fine)


def test_attainments_where_lower_is_better() -> None:
    mini = finished()
    for name, values in {"零": judged(10, 0, 50), "目標が零": judged(0, 5, 50), "逆算": judged(2, 1, 200)}.items():
        mini.indicator(name, *values, better="lower")
    assert named(mini, "attainment-mismatch") == {"零"}


def test_what_a_wrong_attainment_would_follow_from() -> None:
    mini = finished()
    mini.indicator("a", *judged(7, 39, 33.33))
    mini.indicator("b", *judged(20, 39, 1))
    first, second = mini.open().found("attainment-mismatch")
    assert first["recomputed"] == "557.1%"
    assert {"557.1", "2.33"} <= numbers_of(first["text_ja"])
    assert "3,900" in numbers_of(second["text_ja"])


def test_attainments_cut_off() -> None:
    mini = finished()
    mini.indicator("三分の二", *judged(3, 2, 66))
    mini.indicator("目標が一", *judged(1, 0.729, 72))
    first, second = mini.open().found("attainment-cut-off")
    assert (first["recomputed"], second["recomputed"]) == ("66.67%", "72.9%")
    assert "66.67%" in first["text_ja"]


@pytest.mark.parametrize(
    ("goal", "reached", "peer"),
    [(100, 91.2, "91.2%が未達成"), (1, 0.912, "91.2%が未達成"), (100, 100, ""), (0, -5, "")],
)
def test_peers_of_a_wrong_verdict(goal: float, reached: float, peer: str) -> None:
    mini = finished()
    mini.indicator("a", target(100, 2025, "%"), actual(94, 2025, "%", status="達成"))
    mini.indicator("b", target(goal, 2025, "%"), actual(reached, 2025, "%", status="未達成"))
    found = mini.open().found("verdict-against-result")[0]
    assert ("未達成とされています" in found["text_ja"], peer in found["text_ja"]) == (bool(peer), True)


def test_a_verdict_on_a_target_of_about_so_many_is_left_alone() -> None:
    about = [target(100, 2025, comparator="approx"), actual(94, 2025, status="達成")]
    both(finished(), "verdict-against-result", {}, {"約": about})


def test_verdicts_whose_result_is_a_fraction_or_that_are_no_verdicts() -> None:
    mini = finished()
    mini.indicator("a", target(5, 2025, status="達成"))
    mini.indicator("b", target(5, 2025, status="達成"), actual(None, 2025, None, numerator=24, denominator=26))
    mini.indicator("c", target(5, 2025, status="第3章"))
    (found,) = mini.open().found("verdict-without-result")
    assert (found["printed"], len(found["places"])) == ("1", 1)


def test_definitions_that_change_between_plans() -> None:
    mini = Mini().municipality().document().plan("doc/old", 2021, 2025, "review").plan("doc/new", 2026, 2029)
    changes = {"unit": "percent", "denominator": "staff", "measures": "usage", "channel": "own", "object": "unknown"}
    for facet, value in changes.items():
        kept = {} if facet == "object" else {"object": f"of-{facet}"}
        mini.indicator(f"旧{facet}", target(100, 2025), plan="doc/old", **kept)
        mini.indicator(f"新{facet}", target(100, 2029), plan="doc/new", **{**kept, facet: value})
    mini.indicator("旧unknown", target(100, 2025), plan="doc/old", object="unknown")
    mini.indicator("新unknown", target(100, 2029), plan="doc/new", object="unknown", unit="percent")
    assert named(mini, "definition-changed") == {"新unit", "新denominator", "新measures"}


def test_plans_that_overlap_are_not_one_after_the_other() -> None:
    mini = Mini().municipality().document().plan("doc/old", 2021, 2025, "review").plan("doc/new", 2025, 2029)
    mini.indicator("旧", target(100, 2025), plan="doc/old")
    mini.indicator("新", target(100, 2029), plan="doc/new", unit="percent")
    assert named(mini, "definition-changed") == set()


def test_a_missed_target_without_a_theme_is_followed_by_what_it_counts() -> None:
    mini = Mini().municipality().document().plan("doc/old", 2021, 2025, "review").plan("doc/new", 2026, 2029)
    mini.indicator("旧", target(100, 2025), actual(90, 2025), plan="doc/old", theme=None)
    mini.indicator("新", baseline(90, 2025), target(100, 2029), plan="doc/new", theme=None)
    assert (named(mini, "missed-target-dropped"), named(mini, "missed-target-postponed")) == (set(), {"旧"})


@pytest.mark.parametrize(("included", "rule"), [("all", "same-quantity-differs"), ("digital", "similar-quantity-differs")])
def test_one_quantity_without_a_unit(included: str, rule: str) -> None:
    mini = Mini().municipality().document().plan("doc/old", 2021, 2025, "review").plan("doc/new", 2026, 2029)
    mini.indicator("旧", actual(90, 2025, None), plan="doc/old")
    mini.indicator("新", baseline(95, 2025, None), plan="doc/new", included=included)
    assert len(named(mini, rule)) == 1


def test_one_plan_may_count_two_ways() -> None:
    mini = simple()
    mini.indicator("全部", baseline(95))
    mini.indicator("電子", baseline(40), included="digital")
    assert named(mini, "similar-quantity-differs") == set()


def test_units_behind_a_slash_or_counted_more_than_once() -> None:
    fine = {
        "登録者数": [target(9, 2029, "人/年")],
        "参加者数": [target(9, 2029, "延べ人")],
        "相談者数": [target(9, 2029, "人／月")],
    }
    both(simple(), "unit-against-name", {"受講者数": [target(9, 2029, "件/年")]}, fine)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["理解（5段階4以上）", "活用（5段階3以上）"], "5段階4以上"),
        (["段階的な理解（5段階中4以上）", "活用（5段階中3以上）"], "5段階中4以上"),
        (["理解（10段階中8以上）", "活用（10段階中8以上）"], None),
        (["理解（多段階で3以上）", "活用（多段階で4以上）"], None),
        (["理解（3段階以上）", "活用（3段階中2以上）"], None),
    ],
)
def test_steps_of_a_scale(names: list[str], found: str | None) -> None:
    mini = simple()
    for name in names:
        mini.indicator(name, baseline(10, 2025, "%"), target(50, 2029, "%"))
    texts = [row["text_ja"].split("）")[0] for row in mini.open().found("thresholds-differ")]
    assert found in texts[0] if found else not texts, texts


@pytest.mark.parametrize(
    ("text", "name", "document", "found"),
    [
        ("27手続がオンライン", "オンライン化した手続の割合", "old", True),
        ("27業務が標準化", "標準化した業務の割合", "old", True),
        ("27手続が窓口", "オンライン化した手続の割合", "old", False),
        ("27件がオンライン", "オンライン化した手続の割合", "old", False),
        ("27手続がオンライン", "窓口の手続の割合", "old", False),
        ("27手続がオンライン", "オンライン化した書類の割合", "old", False),
        ("26手続がオンライン", "オンライン化した手続の割合", "old", False),
        ("27手続がオンライン", "オンライン化した手続の割合", "doc", False),
    ],
)
def test_wholes_of_another_topic_or_counter_prove_nothing(text: str, name: str, document: str, found: bool) -> None:
    mini = simple().document("old", published="2021").plan("old/plan", 2021, 2025)
    mini.indicator(name, target(None, 2029, None, numerator=24, denominator=26))
    count = next(counter for counter in ("手続", "業務", "件") if counter in text[:4])
    number = {"subject": "s", "value": int(text[:2]), "unit": count, "quote": f"{text[:2]}{count}"}
    mini.statistics(text, number, document=document)
    assert named(mini, "scope-changed") == ({name} if found else set())


def test_terms_near_one_another() -> None:
    mini = simple()
    mini.indicator("交付率", actual(90, 2025, "%"))
    mini.lines["doc"] = 50
    mini.indicator("保険証カードの交付率", actual(90, 2025, None))  # on line 51, its value on line 52
    for line in (38, 39, 63, 64):
        mini.lines["doc"] = line - 1
        mini.statistics(f"カードの保有率は{line}%", {"subject": "s", "value": line, "unit": "%", "quote": f"{line}%"})
    mini.lines["doc"] = 52
    mini.statistics("コードの保有率は5%", {"subject": "s", "value": 5, "unit": "%", "quote": "5%"})
    mini.statistics("保険証カードの保有率は81%", {"subject": "s", "value": 81, "unit": "%", "quote": "81%"})
    mini.statistics(
        "保険証カードの保有率は9%減", {"subject": "s", "value": 9, "unit": "%", "quote": "9%", "direction": "decrease"}
    )
    mini.statistics("保険証カードの保有者は9人", {"subject": "s", "value": 9, "unit": "人", "quote": "9人"})
    found = mini.open().found("terms-confused")
    assert sorted(row["recomputed"] for row in found) == ["39%", "63%", "81%"]
    assert all("（90）" in row["text_ja"] for row in found)

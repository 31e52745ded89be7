from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxlib.quantity import counted_units, dated_units, find_quantities, find_years, is_unit, mask
from dxlib.text import repair


def one(text: str):
    (quantity,) = find_quantities(repair(text).clean)
    return quantity


@pytest.mark.parametrize(
    ("text", "value", "unit", "comparator", "direction"),
    [
        ("36,750時間", 36750, "時間", "=", None),
        ("１０５人以上", 105, "人", ">=", None),
        ("37日以内", 37, "日", "<=", None),
        ("▲2.0％", -2, "%", "=", None),
        ("－5%", -5, "%", "=", None),
        ("80%削減", 80, "%", "=", "decrease"),
        ("20%増", 20, "%", "=", "increase"),
        ("半減", 50, "%", "=", "decrease"),
        ("約1万2,000件", 12000, "件", "approx", None),
        ("1億2000万円", 120000000, "円", "=", None),
        ("139.44km²", 139.44, "km²", "=", None),
        ("4.2ポイント", 4.2, "ポイント", "=", None),
        ("39地区市民センター", 39, "地区市民センター", "=", None),
        ("0件", 0, "件", "=", None),
    ],
)
def test_a_printed_value(text, value, unit, comparator, direction) -> None:
    quantity = one(text)
    assert (quantity.value, quantity.unit, quantity.comparator, quantity.direction) == (value, unit, comparator, direction)


@pytest.mark.parametrize("unit", sorted({*counted_units(), "言語", "アクセスポイント"}))
def test_a_unit_is_read_in_whole_also_within_a_range(unit: str) -> None:
    assert one(f"5{unit}").unit == unit
    assert (one(f"5{unit}~8{unit}").value_low, one(f"5{unit}~8{unit}").unit) == (5, unit)


def test_a_minus_before_nothing_is_nothing() -> None:
    assert str(one("▲0%").value) == "0.0"


def test_a_fraction_keeps_both_numbers_and_has_no_value() -> None:
    quantity = one("24/26")
    assert (quantity.value, quantity.numerator, quantity.denominator) == (None, 24, 26)


def test_a_range_has_two_bounds() -> None:
    quantity = one("80～90%")
    assert (quantity.value_low, quantity.value, quantity.unit, quantity.comparator) == (80, 90, "%", "range")


@pytest.mark.parametrize(
    "text",
    [
        "第2次計画",
        "第 9 条第 3 項",
        "平成28年法律第103号",
        "2026/07/01",
        "0596-21-5569",
        "24時間365日",
        "令和8年度",
        "R8.4.1",
        "3年目",
        "COVID-19",
        "3D都市モデル",
    ],
)
def test_numbers_that_count_nothing(text: str) -> None:
    assert find_quantities(repair(text).clean) == []


@pytest.mark.parametrize(
    ("text", "fiscal", "calendar", "as_of"),
    [
        ("令和8年度", 2026, None, None),
        ("R 8", 2026, None, None),
        ("平成31年度", 2019, None, None),
        ("令和元年度", 2019, None, None),
        ("2026（令和8）年度", 2026, None, None),
        ("令和２年度（2020年）", 2020, None, None),
        ("令和6年（2024年）", None, 2024, None),
        ("2025年度", 2025, None, None),
        ("令和4年度末", 2022, None, date(2023, 3, 31)),
        ("2021（令和3）年1月31日", None, 2021, date(2021, 1, 31)),
        ("R8.4.1", None, 2026, date(2026, 4, 1)),
        ("R8.3月末", None, 2026, date(2026, 3, 31)),
        ("2026年4月", None, 2026, None),
    ],
)
def test_a_printed_year(text, fiscal, calendar, as_of) -> None:
    (year,) = find_years(repair(text).clean)
    assert (year.fiscal_year, year.calendar_year, year.as_of) == (fiscal, calendar, as_of)


def test_a_year_counted_from_launch_is_no_fiscal_year() -> None:
    (year,) = find_years("3年目")
    assert (year.relative_year, year.fiscal_year) == (3, None)


@given(st.integers(0, 10**9), st.sampled_from(["件", "人", "%", "時間", "km²"]))
def test_any_whole_number_with_a_unit_reads_back(number: int, unit: str) -> None:
    quantity = one(f"{number:,}{unit}")
    assert (quantity.value, quantity.unit) == (number, unit)


@given(st.decimals(0, 10**6, places=1), st.sampled_from(["▲", "-", "△"]))
def test_a_printed_minus_is_kept(number, sign: str) -> None:
    assert one(f"{sign}{number}%").value == -float(number)


@given(st.integers(1, 30))
def test_every_reiwa_year_is_western_plus_2018(number: int) -> None:
    (year,) = find_years(f"令和{number}年度")
    assert year.fiscal_year == 2018 + number


@given(st.text(max_size=120))
def test_arbitrary_text_never_fails_and_spans_stay_inside(text: str) -> None:
    clean = repair(text).clean
    assert len(mask(clean)) == len(clean)
    for quantity in find_quantities(clean):
        assert 0 <= quantity.start < quantity.end <= len(clean)
    for year in find_years(clean):
        assert 0 <= year.start < year.end <= len(clean)


# Every word and form that the patterns know: without one of them, one of these is read otherwise.

AMOUNTS = {
    "1億2千万円": (120_000_000, "円"),
    "3千人": (3_000, "人"),
    "3 千人": (3_000, "人"),
    "2百万円": (2_000_000, "円"),
    "3百万枚": (3_000_000, "枚"),
    "30百万円": (30_000_000, "円"),
    "3十万人": (300_000, "人"),
    "20万人": (200_000, "人"),
    "2.5万件": (25_000, "件"),
    "1万2千3件": (12_003, "件"),
    "1,234,567人": (1_234_567, "人"),
    "1,234,567,890,123,456件": (1_234_567_890_123_456, "件"),
    "123456789012345": (123_456_789_012_345, None),
    "1.123456789": (1.123457, None),
    "5.25%": (5.25, "%"),
    "1千500万円": (15_000_000, "円"),
    "1千5百万円": (15_000_000, "円"),
    "2千人": (2_000, "人"),
    "5百人": (500, "人"),
    "3千5百人": (3_500, "人"),
    "5十人": (50, "人"),
    "3百億円": (30_000_000_000, "円"),
    "1兆2,000億円": (1_200_000_000_000, "円"),
    "1.2 億円": (120_000_000, "円"),
    "2割9分": (2.9, "割"),
    "3割": (3, "割"),
    "007件": (7, "件"),
    "10t-CO2": (10, "t-CO2"),
    "5Gbps": (5, "Gbps"),
    "100m": (100, "m"),
    "5項目": (5, "項目"),
    "24時間": (24, "時間"),
    "12事業計画センター": (12, "事業計画センター"),
    "3台カメラ": (3, "台カメラ"),
    "3路線バス": (3, "路線バス"),
    "5L": (5, "L"),
    "3年間": (3, "年"),
    "5 円/人": (5, "円/人"),
    "+5%": (5, "%"),
    "△5%": (-5, "%"),
    "5": (5, None),
}


@pytest.mark.parametrize("text", AMOUNTS)
def test_an_amount(text: str) -> None:
    assert (one(text).value, one(text).unit, one(text).comparator, one(text).direction) == (*AMOUNTS[text], "=", None)
    assert (one(text).start, one(text).end) == (0, len("3年" if text == "3年間" else text))


@pytest.mark.parametrize("word", ["約", "およそ", "おおむね", "概ね", "ほぼ", "約 "])
def test_a_word_before_that_makes_a_value_approximate(word: str) -> None:
    assert (one(f"{word}5件").value, one(f"{word}5件").comparator, one(f"{word}5件").start) == (5, "approx", 0)


@pytest.mark.parametrize(
    ("word", "comparator"),
    [
        *((word, ">=") for word in ("以上", " 以上", "超", "超え", "を超え", "を超")),
        *((word, "<=") for word in ("以下", "以内", "未満")),
        *((word, "approx") for word in ("程度", "前後", "弱", "強")),
    ],
)
def test_a_word_behind_that_compares(word: str, comparator: str) -> None:
    quantity = one(f"5件{word}")
    assert (quantity.value, quantity.unit, quantity.comparator, quantity.end) == (5, "件", comparator, 2 + len(word))


@pytest.mark.parametrize(
    ("word", "direction"),
    [
        *((word, "decrease") for word in ("削減", "縮減", "短縮", "減少", "低減", "軽減", "減", "の減", "を削減", " の 減少")),
        *((word, "increase") for word in ("増加", "増やす", "増", "アップ", "上昇", "の増", "を増やす", "以上の増")),
    ],
)
def test_a_word_behind_that_says_which_way(word: str, direction: str) -> None:
    for unit in ("件", "%"):  # アップ behind 件 is no part of the unit
        quantity = one(f"5{unit}{word}")
        assert (quantity.value, quantity.unit, quantity.direction, quantity.end) == (5, unit, direction, 2 + len(word))


@pytest.mark.parametrize(
    ("text", "comparator", "direction"),
    [("半減", "=", "decrease"), ("半数", "=", None), ("半分以上", ">=", None), ("約半数", "approx", None)],
)
def test_a_half(text, comparator, direction) -> None:
    quantity = one(text)
    assert (quantity.value, quantity.unit, quantity.comparator, quantity.direction) == (50, "%", comparator, direction)


@pytest.mark.parametrize(
    ("text", "top", "bottom", "unit", "comparator"),
    [
        ("24/26手続", 24, 26, "手続", "="),
        ("24 / 26 件", 24, 26, "件", "="),
        ("1/3", 1, 3, None, "="),
        ("1985/2010手続", 1985, 2010, "手続", "="),
        ("3分の1", 1, 3, None, "="),
        ("3分の2以上", 2, 3, None, ">="),
    ],
)
def test_a_fraction(text, top, bottom, unit, comparator) -> None:
    quantity = one(text)
    assert (quantity.value, quantity.numerator, quantity.denominator) == (None, top, bottom)
    assert (quantity.unit, quantity.comparator) == (unit, comparator)


def test_three_numbers_between_slashes_are_no_fraction_of_the_first_two() -> None:
    assert [(q.value, q.numerator) for q in find_quantities("5/6/7")] == [(5, None), (None, 6)]


@pytest.mark.parametrize("text", ["80~90%", "80-90%", "80%~90%", "80 ~ 90%", "80 % - 90 %"])
def test_a_range(text: str) -> None:
    quantity = one(text)
    assert (quantity.value_low, quantity.value, quantity.unit, quantity.comparator) == (80, 90, "%", "range")


def test_a_range_without_a_unit() -> None:
    assert (one("80~90").value_low, one("80~90").value, one("80~90").unit) == (80, 90, None)


def test_a_dash_before_a_space_is_no_minus() -> None:
    assert [q.value for q in find_quantities("- 5件")] == [5]


def test_ranges_masks_and_values_of_one_line_stay_apart() -> None:
    assert [(q.value, q.unit) for q in find_quantities("第2次で5件、※3 24時間365日、1人当たり3回、令和8年度に10%")] == [
        (5, "件"),
        (3, "回"),
        (10, "%"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        *(f"第2{word}" for word in ("次", "期", "章", "条", "項", "号", "節", "版", "回", "位", "層", "部", "編", "")),
        *("第 2", "第 2 次", "第1.2.3", "第1-2章", "第1.2.3.4.5", "第123456号", "第12.34"),
        *(f"5{word}" for word in ("条", "項", "号", "章", "節", "版", "回目", "番目", "次元", "年目", "ページ", "頁", " 章")),
        *("123456号", "100年目", "24時間365日", "24時間、365日", "24時間・365日", "1人1台", "一人一台"),
        *(f"1{word}当たり" for word in ("人", "件", "回", "世帯", "日", "か月", "月", "団体", "施設", "台", "枚", "時間")),
        *("1 人あたり", "1件につき", "1人 当たり"),
        *(
            "1-2-3",
            "1.2.3",
            "1.2-3.4",
            "03-1234-5678",
            "090-1234-5678",
            "1234567890-1-2",
            "0120-123-456",
            "00-1-234",
            "10:30",
            "9:05",
        ),
        *(
            "A-1",
            "A4-1",
            "A-1-2",
            "V1.2-3",
            "R6-8年度",
            "ローカル5G",
            "都市3d",
            "COVID-19",
            "Windows11",
            "A4",
            "Web3.0",
            "v1.2.3.4.5",
            "RPA5件",
            "5G",
            "12A",
            "3D都市",
            "3d都市",
            "123D都市",
            "W3C",
        ),
        *(f"{word}1-2" for word in ("KPI", "KGI", "施策", "取組", "事業", "指標", "目標", "プロジェクト", "取組 ")),
        *("施策12-34", "※1", "※ 1", "※ 12", "※123", "※ 123", "(1)", "(12)", "1. 目的", "12.目的", "1.2.目的", "1.2.3.4.目的"),
        *("1234567890123456", "12345678901234567890件", "2026年", "R8", "2026/7", "令和83年度", "KPI 1-2", "KGI 1-2"),
    ],
)
def test_a_number_that_counts_nothing(text: str) -> None:
    assert find_quantities(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(123)", 123),
        ("1.5目", 1.5),
        ("5件。", 5),
        ("5項目", 5),
        ("11人当たり", 11),
        ("10:305", 10),
        ("施策 5.5件", 5.5),
        ("5.", 5),
        ("1.5.", 1.5),
        ("124時間、365日", 124),
        ("11人1台", 11),
        ("110:30", 110),
        ("※ 1000件を含む", 1000),
        ("※ 1,200件を含む", 1200),
        ("目標1-2.5%", 2.5),
        ("目標80-90%", 90),
        ("目標10-120件", 120),
        ("目標120-80分", 80),
        ("RPA-20%", 20),
        ("12345678号", 12345678),
        ("1.5-2.5%", 2.5),
        ("1.5-2.55%", 2.55),
        ("1.5-2.5ポイント", 2.5),
        ("1,234ページ", 1234),
        ("1234567890.目", 1234567890),
        ("1234567D", 1234567),
        ("1234,567件", 1234),
    ],
)
def test_a_number_that_only_looks_like_one_that_counts_nothing(text, value) -> None:
    assert find_quantities(text)[0].value == value


YEARS = {
    "R8年度": (2026, None, None),
    "R.8年度": (2026, None, None),
    "H31": (2019, None, None),
    "S60年度": (1985, None, None),
    "昭和64年": (None, 1989, None),
    "昭和元年度": (1926, None, None),
    "令和82年度": (2100, None, None),
    "平成元年度": (1989, None, None),
    "1999年度": (1999, None, None),
    "2026 年度": (2026, None, None),
    "2026年度末": (2026, None, date(2027, 3, 31)),
    "2026年度(令和8年度)": (2026, None, None),
    "2026年(令和8年)": (None, 2026, None),
    "2026 ( R8 ) 年度": (2026, None, None),
    "令和8(2026)年度": (2026, None, None),
    "令和8年度(2026年度)": (2026, None, None),
    "令和8年 (2026年)": (None, 2026, None),
    "令和8年3月": (None, 2026, None),
    "令和7年度3月末": (None, 2026, date(2026, 3, 31)),
    "令和7年度4月": (None, 2025, None),
    "令和7年度 12月末": (None, 2025, date(2025, 12, 31)),
    "令和8年3月31日": (None, 2026, date(2026, 3, 31)),
    "2026年 4 月 1 日": (None, 2026, date(2026, 4, 1)),
    "2026年10月10日": (None, 2026, date(2026, 10, 10)),
    "2026年4月30日": (None, 2026, date(2026, 4, 30)),
    "令和8年12月末": (None, 2026, date(2026, 12, 31)),
    "令和8年11月末": (None, 2026, date(2026, 11, 30)),
    "2024年2月末": (None, 2024, date(2024, 2, 29)),
    "令和8年2月30日": (None, 2026, None),
    "2026/7/1": (None, 2026, date(2026, 7, 1)),
    "2026-07-01": (None, 2026, date(2026, 7, 1)),
    "2026.7.1": (None, 2026, date(2026, 7, 1)),
    "2026.12.31": (None, 2026, date(2026, 12, 31)),
    "R8.4": (None, 2026, None),
    "R8.04": (None, 2026, None),
    "R8.12": (None, 2026, None),
    "2026/7": (None, 2026, None),
    "2026/12": (None, 2026, None),
    "R10.4": (None, 2028, None),
    "R8.3末": (None, 2026, date(2026, 3, 31)),
    "R10.4.1": (None, 2028, date(2028, 4, 1)),
    "R8/4/15": (None, 2026, date(2026, 4, 15)),
}


@pytest.mark.parametrize("text", YEARS)
def test_a_year_in_every_form(text: str) -> None:
    (year,) = find_years(text)
    assert (year.fiscal_year, year.calendar_year, year.as_of) == YEARS[text]
    assert (year.start, year.end, year.relative_year) == (0, len(text), None)
    assert year.western == (year.fiscal_year or year.calendar_year)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("1年目", 1), ("初年度", 1), ("2年後", 2), ("1か年目", 1), ("3カ年目", 3), ("10年目", 10), ("3 年目", 3)),
        *(("導入後3年で", 3), ("導入後 3 年以内", 3), ("導入後12年まで", 12), ("令和8年目", 8)),
    ],
)
def test_a_year_counted_from_launch(text, number) -> None:
    assert [(y.relative_year, y.fiscal_year, y.calendar_year) for y in find_years(text)] == [(number, None, None)]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2026",
            "1899年",
            "2100年度",
            "12026年度",
            "2026,000",
            "2,026年",
            "0.2026年",
            "2026-7",
            "R8,000",
            "R8%",
            "R8.5%",
            "R123",
            "1985/2010手続",
            "2026.100.1",
            "今後100年で",
        ),
        *("AR8", "r8", "100年目", "2.5年目", "12,3年目", "導入後3年", "前3年で"),
    ],
)
def test_what_only_looks_like_a_year(text: str) -> None:
    assert find_years(text) == []


@pytest.mark.parametrize(
    ("text", "calendar", "fiscal", "values"),
    [
        ("令和7年3月 12件", 2025, None, [12]),
        ("令和7年3月 1,200件", 2025, None, [1200]),
        ("2025年3月 12日間", 2025, None, [12]),
        ("R7.3 5件", 2025, None, [5]),
        ("R7.3時点で5件", 2025, None, [5]),
        ("R7.3現在", 2025, None, []),
        ("R7.12,000件", None, 2025, []),
        ("R6.7年度", None, 2024, []),
        ("R7.3.5%", 2025, None, []),
    ],
)
def test_a_number_behind_a_month_is_no_day(text, calendar, fiscal, values) -> None:
    (year,) = find_years(text)
    assert (year.calendar_year, year.fiscal_year, year.as_of) == (calendar, fiscal, None)
    assert [q.value for q in find_quantities(text)] == values


@pytest.mark.parametrize(
    ("text", "years"), [("2024/2025年度", [2024, 2025]), ("2024/25", [2024]), ("R6-8年度", [2024]), ("R6/8", [2024])]
)
def test_two_years_with_a_mark_between_are_no_month(text, years) -> None:
    assert [year.fiscal_year for year in find_years(text)] == years


def test_a_year_that_cannot_be_meant_hides_none_behind_it() -> None:
    slip, meant = find_years("令和83年度は令和8年度の誤り")
    assert (slip.western, slip.start, slip.end, meant.fiscal_year) == (None, 0, 6, 2026)
    assert find_years("昭和0年度")[0].western is None


def test_a_year_behind_a_year_from_launch_is_read_too() -> None:
    assert [(y.relative_year, y.fiscal_year) for y in find_years("令和8年目と令和9年度")] == [(8, None), (None, 2027)]


def test_units_are_kept_by_kind() -> None:
    assert "件" in counted_units()
    assert "項目" not in counted_units()
    assert dated_units() == {"項目"}
    assert is_unit("項目")


@pytest.mark.parametrize("word", ["次", "期", "章", "条", "項", "号", "節", "版", "回", "位", "層", "部", "編"])
def test_an_ordinal_is_blanked_with_its_word(word: str) -> None:
    assert mask(f"第2{word}5件") == "___5件"
    assert mask(f"第1.2 {word}5件") == "______5件"

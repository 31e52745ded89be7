from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxlib.quantity import find_quantities, find_years, mask
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

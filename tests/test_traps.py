"""One test for each trap that extracted plan texts set, named after it."""

from conftest import read_text

from dxlib.readers.cell import read_cell, verdict_of
from dxlib.readers.labels import label_of
from dxlib.text import is_nothing, repair


def only(reading):
    (measure,) = reading.measures
    return measure


def values(measure):
    return [(v.role, v.value, v.fiscal_year) for i in measure.indicators for v in i.values]


SHEET = """
{title}

<概要>

紙の請求を電子化します。

<指標及びロードマップ>

{indicator}

令和8年度	令和9年度	令和10年度	令和11年度
導入検討	導入		利用促進
"""


def sheet(indicator: str, title: str = "電子請求の導入") -> str:
    return SHEET.format(title=title, indicator=indicator)


def test_look_alikes_are_repaired_and_the_quote_is_not() -> None:
    text = repair("デジタルデバйд対策と技术、間合せ、デバインド")
    assert text.clean == "デジタルデバイド対策と技術、問合せ、デバイド"
    assert text.quote(4, 8) == "デバйд"


def test_letter_spacing_is_closed() -> None:
    assert repair("I S E C A の K P I と R 8、P L A T E A U").clean == "ISECA の KPI と R8、PLATEAU"


def test_square_units_survive_normalisation() -> None:
    (statement,) = read_cell(repair("139.44km²"), "target", 1)
    assert statement.value.unit == "km²"


def test_dashes_of_every_kind_say_nothing() -> None:
    assert all(is_nothing(dash) for dash in "－—-ー―–")


def test_a_triangle_is_a_minus() -> None:
    (statement,) = read_cell(repair("R7年度比 ▲2.0%"), "target", 1)
    assert (statement.value.value, statement.value.relative_to, statement.value.fiscal_year) == (-2.0, "R7年度", None)


def test_double_angle_cumulative_marks_and_attainment() -> None:
    reading = read_text(
        "No.	施策名称	数値目標(KGI)	令和7年度末実績	評価\n1	手続	オンライン化した手続き数 : 120件《累計》	142件	達成 «達成率:118.3%»\n"
    )
    target, actual = only(reading).indicators[0].values
    assert (target.cumulative, actual.status, actual.attainment_printed) == (True, "達成", 118.3)


def test_completed_marks_stay_text() -> None:
    (statement,) = read_cell(repair("26施設【完了】"), "actual", 1)
    assert (statement.value.value, statement.value.value_text) == (26, "完了")


def test_footnote_marks_and_tags_leave_no_number_behind() -> None:
    assert repair("マイナポータル<sup>7</sup>と GIS^{※2}の導入(※1)").clean == "マイナポータルと GISの導入"


def test_header_columns_are_read_by_label_not_by_position() -> None:
    reading = read_text("評価	実績	空	KPI	施策名\n未達成	3件		受付件数 5件	窓口\n")
    assert values(only(reading)) == [("target", 5, None), ("actual", 3, None)]


def test_continuation_rows_inherit_from_above() -> None:
    reading = read_text(
        "No	施策名称	KGI	実績	評価\n2	カードの普及	交付率:90%	81%	未達成\n3		サービス数:3件	2件	未達成\n"
    )
    assert [(m.number, m.title) for m in reading.measures] == [("2", "カードの普及"), ("3", "カードの普及")]


def test_two_columns_of_measures_in_one_row_are_an_index_not_measures() -> None:
    reading = read_text("標準事業名	担当課	事業名	担当課\n①総合窓口	経営企画課	②オンライン手続	経営企画課\n")
    assert reading.measures == ()


def test_a_row_called_target_under_current_value_is_a_baseline() -> None:
    reading = read_text(
        "- ・ 電子決裁\n\n項目	電子決裁率			\n目標年度	現状値	令和8年度	令和9年度\n目標値	43.9%	45.0%	50.0%\n"
    )
    assert values(only(reading)) == [("baseline", 43.9, 2025), ("target", 45, 2026), ("target", 50, 2027)]
    assert only(reading).indicators[0].values[0].year_basis == "before-first-target"


def test_four_years_in_one_cell() -> None:
    statements = read_cell(repair("R4: 0.8% R5: 19.5% R6: 6.4% R7: 0.0%"), "baseline", 1)
    assert [(s.value.fiscal_year, s.value.value) for s in statements] == [(2022, 0.8), (2023, 19.5), (2024, 6.4), (2025, 0)]


def test_one_cell_with_two_indicators_and_two_verdicts_broken_by_a_wrap() -> None:
    reading = read_text(
        "NO	具体的施策	指標	達成状況\n9	人材	専門人材（終了した人数）：3名 その他職員（理解 した割合）：100%	専門人材：未達成 その他職員：概ね 達成\n"
    )
    first, second = only(reading).indicators
    assert (first.name, first.values[0].value, first.values[0].status) == ("専門人材(終了した人数)", 3, "未達成")
    assert (second.name, second.values[0].unit, second.values[0].status) == ("その他職員(理解した割合)", "%", "概ね達成")


def test_a_verdict_broken_by_a_line_wrap() -> None:
    assert verdict_of("概ね 達成") == "概ね達成"


def test_indicator_labels_in_four_spellings() -> None:
    spellings = [
        "導入後の指標	利用割合 1年目 5%、2年目 10%	",
        "導入後の 指標	利用割合 1年目 5%、2年目 10%	",
        "導入後の 指 標\n\n利用割合\n1年目 5%、2年目 10%",
        "**導入後の\n指標**\n\n利用割合\n1年目5%、2年目10%",
    ]
    for spelling in spellings:
        (indicator,) = only(read_text(sheet(spelling))).indicators
        assert indicator.name == "利用割合"
        assert [(v.relative_year, v.value) for v in indicator.values] == [(1, 5), (2, 10)]


def test_indicators_outside_any_table() -> None:
    reading = read_text(
        "総合窓口\n\n分類\n\n暮らし\n\nKPI\n\n受付件数\n現状値（令和7年度）：7件\n目標値（令和11年度）：124件\n\nスケジュール\n"
    )
    assert values(only(reading)) == [("baseline", 7, 2025), ("target", 124, 2029)]


def test_years_after_launch_are_no_fiscal_years() -> None:
    (indicator,) = only(read_text(sheet("導入後の指標	種類 1年目 3種類、2年目 5種類	"))).indicators
    assert [(v.relative_year, v.fiscal_year, v.unit) for v in indicator.values] == [(1, None, "種類"), (2, None, "種類")]


def test_value_slash_year_with_a_remark() -> None:
    cell = "導入率 34%/令和4年度（小中学校は除く。） 紙の印刷枚数 —"
    first, second = read_cell(repair(cell), "baseline", 1)
    assert (first.name, first.value.value, first.value.fiscal_year) == ("導入率", 34, 2022)
    assert (second.name, second.value.value, second.value.missing) == ("紙の印刷枚数", None, "none-printed")


def test_value_slash_year_with_spaces() -> None:
    (statement,) = read_cell(repair("経験がある職員 10名 / 令和4年度"), "baseline", 1)
    assert (statement.name, statement.value.value, statement.value.fiscal_year) == ("経験がある職員", 10, 2022)


def test_growth_over_an_unprinted_base() -> None:
    (statement,) = read_cell(repair("参加人数 令和6年度参加人数の20%増／令和7年度"), "target", 1)
    value = statement.value
    assert (statement.name, value.value, value.direction, value.relative_to, value.fiscal_year) == (
        "参加人数",
        20,
        "increase",
        "令和6年度参加人数",
        2025,
    )


def test_a_scale_is_not_the_value() -> None:
    (statement,) = read_cell(repair("4.2ポイント（5点満点）"), "target", 1)
    assert (statement.value.value, statement.value.unit) == (4.2, "ポイント")


def test_none_with_a_reason() -> None:
    reading = read_text(
        "新事業\n\n分類\n\n暮らし\n\nKPI\n\n件数\n現状値（令和8年度）：（新規事業のためなし）\n目標値（令和11年度）：5件\n"
    )
    first, second = only(reading).indicators[0].values
    assert (first.role, first.value, first.missing, first.fiscal_year, second.value) == ("baseline", None, "new", 2026, 5)


def test_a_page_that_explains_the_layout_is_no_second_measure() -> None:
    explanation = "各シートの構成\n\nGISの導入\n\n<概要>\n取り組みの概要を説明しています。\n\n導入後の指標	種類 1年目 9種類	\n\n指標を表しています。\n"
    reading = read_text(explanation + sheet("導入後の指標	種類 1年目 3種類	", "GISの導入"))
    assert [v.value for i in only(reading).indicators for v in i.values] == [3]


def test_numbers_of_call_outs_do_not_make_labels() -> None:
    reading = read_text("⑥ KPI\n\n件数\n現状値（令和7年度）：7件\n\n分類の枠を示します。\n")
    assert reading.measures == ()


def test_numbers_come_from_the_list_that_spells_the_title_otherwise() -> None:
    card = "ＢＰＲ導入による業務見直しの推進\n\n分類\n\n市役所\n\nKPI\n\n件数\n目標値（令和11年度）：5件\n"
    reading = read_text("標準事業名	担当課\n④B P R 導入による業務見直し	経営企画課\n\n第2章 標準事業\n\n" + card)
    assert (only(reading).number, only(reading).section) == ("④", "第2章 標準事業")


def test_footnotes_that_restart_on_each_page_are_no_facts() -> None:
    reading = read_text("※1 GIS：地理情報システムのこと\n\n※1 BPR：業務改革のこと\n")
    assert reading.statistics == ()


def test_roadmap_cells_are_marked_uncertain() -> None:
    (measure,) = read_text(sheet("導入後の指標	割合 1年目 5%	")).measures
    assert [m.text for m in measure.milestones] == ["導入検討", "導入", "利用促進"]
    assert {m.alignment for m in measure.milestones} == {"uncertain"}


def test_phone_dates_pages_laws_and_sections_are_no_facts() -> None:
    reading = read_text(
        "TEL:0596-21-5569\n\n1 目的.....1\n\n平成28年法律第103号第9条第3項に基づく。\n\n第2次計画の3つの柱を定める。\n\n2026/07/01\n"
    )
    assert reading.statistics == ()


def test_words_as_targets_stay_text() -> None:
    (statement,) = read_cell(repair("ドローンの活用 実施／令和7年度"), "target", 1)
    assert (statement.name, statement.value.value, statement.value.value_text) == ("ドローンの活用", None, "実施")


def test_a_label_may_carry_a_year() -> None:
    assert label_of("令和7年度末実績") == "actual"

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxlib.text import cells, is_nothing, repair, title_key

JAPANESE = st.text(
    alphabet=st.sampled_from(list("令和８年度ＫＰＩ％件 　ABC1２3.,()（）※<>/sup^{}ｶﾞﾊﾟ①㎡km²テрйд\t:：▲－ー")), max_size=60
)


@given(st.text(max_size=80))
def test_every_quote_is_a_verbatim_part_of_the_raw_line(raw: str) -> None:
    text = repair(raw)
    assert len(text.clean) == len(text.starts) == len(text.ends)
    for start in range(0, len(text.clean), 7):
        assert text.quote(start, min(len(text.clean), start + 5)) in raw


@given(JAPANESE)
def test_positions_never_run_backwards(raw: str) -> None:
    text = repair(raw)
    assert list(text.starts) == sorted(text.starts)
    assert all(0 <= a < b <= len(raw) for a, b in zip(text.starts, text.ends, strict=True))


@given(JAPANESE)
def test_cells_and_slices_keep_the_raw_line(raw: str) -> None:
    for cell in cells(repair(raw)):
        assert cell.raw == raw
        assert cell.quote() in raw


def test_half_width_kana_with_marks_are_folded_together() -> None:
    assert repair("ﾃﾞｼﾞﾀﾙ").clean == "デジタル"


def test_tags_of_plan_text_such_as_gaiyo_are_no_markup() -> None:
    assert repair("<概要>").clean == "<概要>"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        # Widths and squares.
        ("100㎡", "100m²"),
        ("12㎢", "12km²"),
        ("80〜90%", "80~90%"),
        ("−5%", "-5%"),
        ("㎡あたり ﾃﾞｰﾀ", "m²あたり データ"),
        # Markup.
        ("目標<br>値", "目標 値"),
        ("目標<BR/>値", "目標 値"),
        ("目標<br >値", "目標 値"),
        ('目標<td colspan="2">値', "目標 値"),
        ("目標</thead>値", "目標 値"),
        ("値<sup>これは注ではなく長い上付きの文字</sup>", "値 これは注ではなく長い上付きの文字 "),
        ("目標│値", "目標 値"),
        ("**導入後**", "導入後"),
        # Footnote marks.
        ("35<sup></sup>件", "35件"),
        ("35<sup>12</sup>件", "35件"),
        ("35^{}件", "35件"),
        ("35件(※)", "35件"),
        ("35件(※ 100)", "35件"),
        ("窓口※の数", "窓口の数"),
        ("窓口※12の数", "窓口の数"),
        ("窓口※1", "窓口"),
        ("件数※1：5件", "件数:5件"),
        ("90%※1", "90%"),
        ("※窓口は5件", "※窓口は5件"),
        ("件数※2024年度", "件数※2024年度"),
        ("件数※100件", "件数※100件"),
        # Letters that stand apart.
        ("R 8", "R8"),
        ("R 10年度", "R10年度"),
        ("R 100", "R 100"),
        ("VR 8台", "VR 8台"),
        ("Plan A", "Plan A"),
        ("A Web", "A Web"),
        ("5 G環境", "5G環境"),
        ("5 G 環境", "5G 環境"),
        ("ローカル5 G", "ローカル5G"),
        ("5 GB", "5 GB"),
        # Lines whose characters nearly all stand alone.
        ("目 標 値 8 件", "目標値8件"),
        ("3 0 人 5 件", "30人5件"),
        ("1 2 0 0 人 分", "1200人分"),
        ("目 標準 値 の 数", "目標準値の数"),
        ("目 標 値 の 件数 増", "目標値の件数増"),
        ("目 標 値 の 実 績 件数 窓口", "目標値の実績件数 窓口"),
        ("目  標 値 の 数 値", "目  標値の数値"),
        ("目 標 8 件", "目 標 8 件"),
        ("目 標 値 件数 窓口", "目 標 値 件数 窓口"),
        ("8 9 7 件 12", "8 9 7 件 12"),
        # White space.
        ("目標" + " " * 33 + "値", "目標" + " " * 32 + "値"),
        ("目標" + " " * 32 + "値", "目標" + " " * 32 + "値"),
    ],
)
def test_a_repaired_line(raw: str, clean: str) -> None:
    assert repair(raw).clean == clean
    assert str(repair(raw)) == clean


def test_a_quote_is_the_whole_line_unless_asked_for_less() -> None:
    line = repair("令和８年度：５件")
    assert (line.quote(), line.quote(2, 5), line.quote(3), line.quote(3, 3)) == ("令和８年度：５件", "８年度", "年度：５件", "")
    assert [(part.clean, part.quote()) for part in line.split(re.compile(":"))] == [("令和8年度", "令和８年度"), ("5件", "５件")]


@pytest.mark.parametrize("cell", [" － ", "- -", "−", "‐", "―", "…", "……", "...", "ー"])
def test_a_cell_that_says_nothing(cell: str) -> None:
    assert is_nothing(cell)


@pytest.mark.parametrize("cell", ["-5%", "", " ", ".", "..", "なし", "▲", "- 5", "ー覧"])
def test_a_cell_that_is_blank_or_says_something(cell: str) -> None:
    assert not is_nothing(cell)


def test_titles_spelt_three_ways_share_a_key() -> None:
    keys = {title_key(t) for t in ("電子地域通貨 ISECA の拡充", "電子地域通貨ＩＳＥＣＡの拡充", "「電子地域通貨 ISECA」の拡充")}
    assert len(keys) == 1

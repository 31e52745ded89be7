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


def test_a_negative_number_is_not_nothing() -> None:
    assert not is_nothing("-5%")
    assert is_nothing(" － ")


def test_titles_spelt_three_ways_share_a_key() -> None:
    keys = {title_key(t) for t in ("電子地域通貨 ISECA の拡充", "電子地域通貨ＩＳＥＣＡの拡充", "「電子地域通貨 ISECA」の拡充")}
    assert len(keys) == 1

"""Lines and cells as a file format gives them: what a line break cut is whole again, and what it parts stays apart."""

import pytest

from dxlib.printed import BLANK, Place, Printed, one_line, superscript, table_row, wrapped


@pytest.mark.parametrize(
    ("before", "after"),
    [
        *(
            ("デジタル", "窓口"),
            ("デジ", "タル"),
            ("ター", "ナル"),
            ("申請", "率"),
            ("の利用", "件数"),
            ("Wi-", "Fi"),
            ("e-", "Tax"),
        ),
        *(("令和", "7年度"), ("平成", "30年"), ("昭和", "60年"), ("第", "2次"), ("約", "30件")),
        *((f"7{end}", "窓口") for end in ("年", "年度", "年度末", "月", "月末", "日")),
        *((f"3件{particle}", "窓口") for particle in "のをがにはとでもや"),
        *(("3件", f"{particle}窓口") for particle in "のをがにはとでもやへ"),
        *(("12", unit) for unit in "年月日件人名％%回箇個カヶか所割点円歳世帯台校種業時分歩位段社本"),
        *(("12", "年度"), ("１２", "件"), ("3件（", "窓口"), ("3件、", "窓口"), ("5つの方針", "策定")),
    ],
)
def test_what_a_line_break_cut_is_whole_again(before: str, after: str) -> None:
    assert wrapped([before, after]) == before + after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        *(
            ("12", "34"),
            ("12", "窓口"),
            ("35件", "(R4)"),
            ("窓口", "5件"),
            ("KPI", "件数"),
            ("件数", "KPI"),
            ("率％", "窓口"),
            ("令和の", "7"),
        ),
        *(
            ("導入前 3件", "導入後"),
            ("53.3％", "窓口"),
            ("5件数", "窓口"),
            ("Wi", "Fi"),
            ("窓-", "口"),
            ("a-", "窓口"),
            ("5-", "Fi"),
            ("e-Tax対応", "(R4)"),
            ("サービス", "KPI"),
            ("5事業者", "導入後"),
            ("令和7年度 5件", "窓口"),
            ("窓口の5件", "導入後"),
        ),
        *(("窓口", f"{mark}申請") for mark in "・●○◯■□◆◇▶▷※→⇒◎△×✓①⑳-"),
    ],
)
def test_what_a_line_break_parts_stays_apart(before: str, after: str) -> None:
    assert wrapped([before, after]) == f"{before} {after}"


def test_empty_lines_and_white_space_of_every_kind() -> None:
    assert wrapped(["", " デジタル\u200b ", "", "窓口\ufeff"]) == "デジタル窓口"
    assert wrapped([]) == ""
    assert one_line("\u200b目標\t \n値\ufeff") == "目標 値"


@pytest.mark.parametrize(
    ("before", "text", "expected"),
    [
        *((f"5{unit}", "2", "²") for unit in ("m", "km", "ｍ", "㎞", "ha", "km ")),
        *(
            ("5m", "3", "³"),
            ("5m", " 2 ", "²"),
            ("35件", "2", "<sup>2</sup>"),
            ("35件", "*", "<sup>*</sup>"),
            ("5m", "1", "<sup>1</sup>"),
        ),
        *(("実績", "※1", "※1"), ("5m", "注", "注"), ("5m", "22", "<sup>22</sup>")),
    ],
)
def test_raised_texts(before: str, text: str, expected: str) -> None:
    assert superscript(before, text) == expected


def test_a_row_keeps_its_cells_and_what_merged_cells_cover() -> None:
    row = table_row(["a", "", "b"], Place(page=1), left=[1], above=[2, 2])
    assert row == Printed("a\t\tb", Place(page=1), frozenset([1]), frozenset([2]))
    assert table_row(["a"]) == Printed("a")
    assert (BLANK.text, BLANK.place, BLANK.left, BLANK.above) == ("", Place(), frozenset(), frozenset())

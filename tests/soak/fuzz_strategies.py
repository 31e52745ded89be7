"""Plan texts made by hypothesis: headings, tables, labelled lines and sentences as plans print them, put together in any way."""

from __future__ import annotations

from collections.abc import Callable

import fuzz_inputs as inputs
from fuzz_targets import Given, Target, check_quantity, check_reading, check_text
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

_ERAS = st.sampled_from(("令和", "平成", "昭和", "R", "H", "S", "Ｒ", "20", "19", "西暦"))
_UNITS = st.sampled_from(("件", "人", "%", "％", "時間", "km²", "ポイント", "円", "千円", "種類", "", "か所", "回／年", "台"))
_LABELS = st.sampled_from(
    (
        "指標",
        "KPI",
        "現状値",
        "基準値",
        "目標値",
        "実績",
        "達成状況",
        "施策名",
        "担当課",
        "目標年度",
        "単位",
        "備考",
        "評価",
        "数値目標",
        "導入後の 指標",
        "項目",
    )
)
_NUMBERS = st.one_of(
    st.integers(0, 10**16).map("{:,}".format),
    st.integers(0, 200).map(str),
    st.decimals(0, 10**9, places=2).map(str),
    st.tuples(st.integers(0, 99), st.integers(0, 99)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
    st.tuples(st.integers(0, 99), st.integers(0, 99)).map(lambda pair: f"{pair[0]}～{pair[1]}"),
)
VALUES = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(("", "", "", "約", "▲", "-", "－", "△", "延べ", "年間")),
    _NUMBERS,
    _UNITS,
    st.sampled_from(
        ("", "", "", "以上", "以下", "未満", "削減", "の増", "増", "程度", "（累計）", "(※1)", "／令和4年度", "→5件")
    ),
)
YEARS = st.one_of(
    st.builds(
        "{}{}{}".format,
        _ERAS,
        st.integers(0, 130),
        st.sampled_from(("年度", "年", "年度末", "", ".3月末", ".4.1", "年3月31日", "年度目標")),
    ),
    st.builds("{}年目".format, st.integers(0, 100)),
    st.builds("{}({}{})年度".format, st.integers(1900, 2200), _ERAS, st.integers(0, 99)),
)
PIECES = st.one_of(VALUES, YEARS, _LABELS, st.sampled_from(inputs.WORDS), st.sampled_from(inputs.STRANGE), st.text(max_size=8))
LINES = st.lists(PIECES, max_size=8).flatmap(
    lambda parts: st.sampled_from(("", " ", "、", "：", "　")).map(lambda mark: mark.join(parts))
)
CELLS = st.one_of(VALUES, YEARS, _LABELS, st.just(""), st.just("—"), LINES)
_ROWS = st.integers(1, 7).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=6))
TABLES = st.one_of(
    _ROWS.map(lambda rows: "\n".join("\t".join(row) for row in rows)),
    _ROWS.map(lambda rows: "\n".join(f"| {' | '.join(row)} |" for row in rows)),
)
_HEADINGS = st.builds("{}{}".format, st.sampled_from(("# ", "## ", "第1章 ", "(1) ", "①", "■", "【")), LINES)
DOCUMENTS = st.lists(st.one_of(TABLES, TABLES, LINES, _HEADINGS, st.just("")), max_size=8).map("\n".join)


def _writable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def drive(strategy: st.SearchStrategy[str], count: int, number: int, one: Callable[[Given], None]) -> None:
    """Hand ``count`` examples of a strategy to ``one``."""

    @seed(number)
    @settings(max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def each(text: str) -> None:
        one(Given(_writable(text)))

    each()


def _none(*_: object) -> Given:
    raise NotImplementedError  # its inputs come from a strategy


STRATEGIES: dict[str, st.SearchStrategy[str]] = {
    "lines by strategy": LINES,
    "values by strategy": VALUES,
    "plans by strategy": DOCUMENTS,
}
MADE = (
    Target("lines by strategy", 6_000, _none, check_text),
    Target("values by strategy", 10_000, _none, check_quantity),
    Target("plans by strategy", 3_000, _none, check_reading),
)

"""The PDF of a report: nothing lost, nothing executed, every character drawn with the shipped font."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import ContentStream, DictionaryObject

from dxlib.blocks import (
    Block,
    Cell,
    Citation,
    Data,
    Foreign,
    Heading,
    Items,
    Line,
    Opening,
    PageBreak,
    Picture,
    Place,
    Remark,
    Remarks,
    Sources,
    Span,
    Table,
    Terms,
    Text,
)
from dxlib.errors import QueryError, ReportError
from dxlib.report.glyphs import Column, column_widths, printable
from dxlib.report.pdf import to_pdf

HOSTILE = [
    '#panic("x")',
    "$x$ *bold* _it_ `raw`",
    "<script>alert(1)</script>",
    "@ref <label>",
    "\\u{41} C:\\new\\table",
    "\"double\" 'single' -- ... ~",
    "{{ x }} {% y %}",
    '=HYPERLINK("http://x")',
    "// comment /* c */",
    "first\nsecond",
    "&amp; &#65; &lt;",
    "= not a heading",
    "#import",
]
SHOWN = {
    "\u202eabc\u200b": "〔U+202E〕abc〔U+200B〕",
    "人工\u672f🙂": "人工〔U+672F〕〔U+1F642〕",
    "a\x00\x07\x1fb": "a〔U+0000〕〔U+0007〕〔U+001F〕b",
    "\ud800": "〔U+D800〕",
    "手\u00ad続": "手〔U+00AD〕続",
    "\ue000\ufe0f": "〔U+E000〕〔U+FE0F〕",
}
FIRST = Citation("plan-a", 12, "142件")


def cell(text: str, kind: str = "", **look: Any) -> Cell:
    return Cell([[Span(text, **look)]], kind)


def table(rows: int, label: str = "表") -> Table:
    kinds = [
        "direct",
        "transformed",
        "not",
        "self",
        "good",
        "watch",
        "bad",
        "missing",
        "level0",
        "level1",
        "level2",
        "level3",
        "",
    ]
    value = "（実績、令和7年度(2025年度)）"
    return Table(
        label,
        ["市", "指標（計画の表記）", "値", "比較"],
        [
            [
                cell(f"第{n}市"),
                cell(f"行{n}始 オンライン申請ができる手続のうち国が指定した26手続の数 行{n}終"),
                Cell([[Span("142件", bold=True, cites=FIRST), Span(value, mark="※1")], [Span("260件（目標）")]]),
                cell("直接比較できる", kinds[n % len(kinds)]),
            ]
            for n in range(rows)
        ],
    )


def sources(count: int) -> Sources:
    return Sources(
        [
            Place(
                f"plan-{'abcdefghij'[n % 10]}",
                12 + n // 10,
                f"計画{n} {12 + n // 10}行",
                [
                    Line(11 + n // 10, [("| 指標 | 基準値 |", False)], False),
                    Line(12 + n // 10, [("オンライン化した手続は", False), ("142件", True), (f"である（{n}）。", False)], True),
                ],
            )
            for n in range(count)
        ]
    )


@cache
def svg(width: int = 560, height: int = 160, family: str = "BIZ UDPGothic, Noto Sans CJK JP, sans-serif") -> str:
    import vl_convert

    chart = {
        "width": width,
        "height": height,
        "data": {"values": [{"a": "伊勢市", "b": 142}, {"a": "人工\u672f🙂", "b": 42}]},
        "mark": "bar",
        "config": {"font": family},
        "title": "手続の数（件）",
        "encoding": {"x": {"field": "b", "type": "quantitative"}, "y": {"field": "a", "type": "nominal", "title": "市の名前"}},
    }
    return str(vl_convert.vegalite_to_svg(chart))


def picture(drawing: str, title: str = "最も多いのは142件", alt: str = "棒グラフ。142件と42件") -> Picture:
    data = Table("データ", ["市", "件"], [[cell("甲市"), cell("142", cites=FIRST)]])
    return Picture(title, "件、令和7年度(2025年度)、n=2、欠測0", drawing, alt, "出典：各市の計画", data)


def everything(rows: int = 60, places: int = 60) -> list[Block]:
    return [
        Opening("行政手続のオンライン化：5市の比較", "対象：5市"),
        Heading("わかったこと", 2),
        Items([[Span("142件", bold=True, cites=FIRST), Span("が最も多い。", mark="※1")], [Span("二つ目")]], "findings"),
        Heading("くわしく", 3),
        Text([Span("小さい注", small=True, mark="※1"), Span(" 小さい数", small=True, bold=True, cites=FIRST)]),
        Foreign("<b>見せない</b>", "ノートの出力\n  2行目"),
        Items([[Span("ふつうの箇条")]]),
        *[Text([Span(f"段落{kind}")], kind) for kind in ("answer", "caution", "note", "")],
        Terms([("オンライン化", [Span("電子申請でできること。")])]),
        picture(svg()),
        table(rows),
        Heading("注記"),
        Remarks([Remark("※1", "この値には監査の指摘がある。", FIRST)]),
        Heading("出典"),
        sources(places),
        Data("values", ["a"], [["見せない値"]]),
    ]


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def flat(text: str) -> str:
    return re.sub(r"\s", "", text)


def pages(pdf: bytes) -> list[str]:
    return [flat(page.extract_text()) for page in read(pdf).pages]


def unbroken(pdf: bytes) -> str:
    """The text of all pages without their footers; all of it is on the paper."""
    shown = pages(pdf)
    assert_on_paper(pdf)
    return "".join(text.removesuffix(f"題{number}/{len(shown)}") for number, text in enumerate(shown, 1))


def assert_on_paper(pdf: bytes) -> None:
    starts: list[tuple[float, float]] = []

    def note(text: str, cm: list[float], tm: list[float], *_: Any) -> None:
        if text.strip():
            starts.append((tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]))

    for page in read(pdf).pages:
        page.extract_text(visitor_text=note)
    assert starts
    assert all(20 < x < 575 and 20 < y < 822 for x, y in starts), (min(starts), max(starts), min(y for _, y in starts))


def opened(*blocks: Block) -> list[Block]:
    return [Opening("題", "範囲"), *blocks]


def drawings(node: Any, resources: DictionaryObject, reader: PdfReader) -> Iterator[tuple[DictionaryObject, bytes]]:
    """Every run of glyphs with its font, those of embedded pictures included."""
    font = DictionaryObject()
    for operands, operator in ContentStream(node, reader).operations:
        if operator == b"Tf":
            font = resources["/Font"][operands[0]].get_object()
        elif operator in (b"Tj", b"TJ"):
            for part in operands[0] if operator == b"TJ" else operands:
                if hasattr(part, "original_bytes") or isinstance(part, bytes):
                    yield font, getattr(part, "original_bytes", part)
        elif operator == b"Do":
            inner = resources["/XObject"][operands[0]].get_object()
            if inner["/Subtype"] == "/Form":
                yield from drawings(inner, inner.get("/Resources", resources).get_object(), reader)


def assert_only_shipped_glyphs(pdf: bytes) -> None:
    reader = read(pdf)
    glyphs = 0
    for page in reader.pages:
        for font, codes in drawings(page.get_contents(), page["/Resources"].get_object(), reader):
            assert re.fullmatch(r"/[A-Z]{6}\+BIZUDPGothic-(Regular|Bold)", font["/BaseFont"])
            assert font["/Encoding"] == "/Identity-H"
            descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor)
            assert b"\0\0" not in [codes[n : n + 2] for n in range(0, len(codes), 2)]
            glyphs += len(codes) // 2
    assert glyphs > 0


@pytest.fixture(scope="module")
def whole() -> bytes:
    return to_pdf(everything(), "ja")


def test_every_block_is_on_a4_with_shipped_fonts(whole: bytes) -> None:
    assert_only_shipped_glyphs(whole)
    assert_on_paper(whole)
    for page in read(whole).pages:
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
    text = "".join(pages(whole))
    for wanted in (
        "わかったこと",
        "くわしく",
        "二つ目",
        "ふつうの箇条",
        "段落answer",
        "段落note",
        "小さい注※1小さい数[1]",
        "ノートの出力2行目",
        "電子申請でできること",
        "欠測0",
    ):
        assert wanted in text
    assert "見せない値" not in text


def test_what_a_reader_or_screen_reader_is_told(whole: bytes) -> None:
    reader = read(whole)
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "ja-JP" or root["/Lang"] == "ja"
    assert reader.metadata is not None
    assert reader.metadata.title == "行政手続のオンライン化：5市の比較"
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712  pypdf's own boolean
    tags = list(structure(root["/StructTreeRoot"].get_object()))
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/L", "/Figure", "/Link"} <= {str(tag.get("/S")) for tag in tags}
    assert "棒グラフ。142件と42件" in {tag.get("/Alt") for tag in tags}
    assert read(to_pdf(everything(2, 2), "en")).trailer["/Root"]["/Lang"] == "en"


def structure(tag: Any) -> Iterator[DictionaryObject]:
    if isinstance(tag, DictionaryObject):
        yield tag
        below = tag.get("/K", [])
        for child in below if isinstance(below, list) else [below]:
            yield from structure(child.get_object())


def test_pages_are_numbered_and_carry_the_title(whole: bytes) -> None:
    shown = pages(whole)
    for number, text in enumerate(shown, 1):
        assert f"行政手続のオンライン化：5市の比較{number}/{len(shown)}" in text


def hostile_blocks(text: str) -> list[Block]:
    remark = Remark(f"K{text}", f"R{text}")
    return [
        Opening(f"T{text}", f"S{text}"),
        Heading(f"H{text}"),
        Text([Span(f"P{text}", bold=True, mark=remark.key)]),
        Items([[Span(f"I{text}")]], "findings"),
        Terms([(f"W{text}", [Span(f"E{text}")])]),
        Table(text, [f"C{text}"], [[cell(f"V{text}")]]),
        picture(svg(), f"F{text}", f"A{text}"),
        Remarks([remark]),
        Sources([Place("d", 1, f"D{text}", [Line(1, [(f"Q{text}", True), (f"N{text}", False)], True)])]),
    ]


@pytest.mark.parametrize("text", [*HOSTILE, *SHOWN])
def test_plan_text_stays_text_in_every_block(text: str) -> None:
    pdf = to_pdf(hostile_blocks(text), "ja")
    found = "".join(pages(pdf))
    for prefix in "TSHPIWECVFRKDQN":
        assert flat(prefix + SHOWN.get(text, text)) in found, prefix
    assert_only_shipped_glyphs(pdf)


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1))
def test_no_text_breaks_the_pdf(text: str) -> None:
    found = "".join(pages(to_pdf(opened(Text([Span(text)]), Table("t", [text], [[cell(text)]])), "ja")))
    assert "題" in found


@settings(deadline=None)
@given(st.text())
def test_printable_leaves_only_what_both_fonts_show(text: str) -> None:
    shown = printable(text)
    assert {ord(char) for char in shown} <= font_characters() | {0x0A}
    assert printable(shown) == shown


@cache
def font_characters() -> frozenset[int]:
    faces = [files("dxlib").joinpath(f"fonts/BIZUDPGothic-{face}.ttf") for face in ("Regular", "Bold")]
    return frozenset(set.intersection(*(set(TTFont(str(face), lazy=True).getBestCmap()) for face in faces)))


def test_long_tables_repeat_their_header_and_never_split_a_row() -> None:
    shown = pages(to_pdf(opened(table(120)), "ja"))
    assert len(shown) >= 3
    for text in shown:
        assert "市指標（計画の表記）値比較" in text
    for row in range(120):
        assert sum(f"行{row}始" in text and f"行{row}終" in text for text in shown) == 1


def test_rows_move_to_the_next_page_as_long_as_they_fit_on_one() -> None:
    tall = "あ。\n" * 40 + "末尾"
    shown = pages(to_pdf(opened(Table("t", ["甲"], [[cell(f"先頭{n}" + tall)] for n in range(3)])), "ja"))
    assert [text.count("末尾") for text in shown] == [text.count("先頭") for text in shown]
    assert sum(text.count("末尾") for text in shown) == 3


def test_a_row_higher_than_a_page_loses_nothing() -> None:
    numbered = "\n".join(f"L{n};" for n in range(300))
    text = unbroken(to_pdf(opened(Table("t", ["甲", "乙"], [[cell("市"), cell(numbered)]])), "ja"))
    assert all(f"L{n};" in text for n in range(300))


def test_a_source_line_longer_than_a_page_loses_nothing() -> None:
    numbered = "".join(f"第{n}号、" for n in range(2500))
    pdf = to_pdf(opened(Sources([Place("d", 1, "計画", [Line(1, [(numbered, True)], True)])])), "ja")
    text = unbroken(pdf)
    assert len(pages(pdf)) > 1
    assert all(f"第{n}号" in text for n in range(2500))


@pytest.mark.parametrize("long", ["https://example.jp/" + "abcdefg" * 40, "・" * 300, "ー" * 300, "a\u00a0" * 150, "０" * 300])
def test_what_has_no_spaces_is_broken_before_the_margin(long: str) -> None:
    wide, narrow = cell(long), [cell("市"), cell("値"), cell(long)]
    blocks = opened(Text([Span(long)]), Table("t", ["a"], [[wide]]), Table("t", ["a", "b", "c"], [narrow]))
    assert_on_paper(to_pdf(blocks, "ja"))
    reader = read(to_pdf(blocks, "ja"))
    lines = [line for page in reader.pages for line in page.extract_text().splitlines()]
    assert "".join(pages(to_pdf(blocks, "ja"))).count(flat(long)) == 3
    assert max(map(len, lines)) < 160


def test_numbers_link_to_their_verbatim_line(whole: bytes) -> None:
    reader = read(whole)
    text = "".join(pages(whole))
    assert "142件[1]が最も多い。※1" in text
    assert "監査の指摘がある。[1]" in text
    assert "[1]計画012行" in text
    targets = [destination(reader, annotation) for annotation in annotations(reader)]
    first = next(n for n, page in enumerate(pages(whole)) if "[1]計画012行" in page)
    remark = next(n for n, page in enumerate(pages(whole)) if "※1この値には" in page)
    assert {first, remark} <= set(targets)
    assert len(targets) > 100


def annotations(reader: PdfReader) -> Iterator[DictionaryObject]:
    for page in reader.pages:
        for annotation in page.get("/Annots", []):
            if annotation.get_object()["/Subtype"] == "/Link":
                yield annotation.get_object()


def destination(reader: PdfReader, annotation: DictionaryObject) -> int:
    """The page, from 0, an internal link leads to."""
    to = annotation["/Dest"] if "/Dest" in annotation else annotation["/A"]["/D"]
    if isinstance(to, str):
        return int(reader.get_destination_page_number(reader.named_destinations[to]) or 0)
    number = reader.get_page_number(to[0].get_object())
    assert number is not None
    return number


def test_numbers_follow_the_order_of_the_places() -> None:
    spans = [
        Span("甲", cites=Citation("d", 9, "甲")),
        Span("乙", cites=Citation("d", 3, "乙")),
        Span("丙", cites=Citation("x", 3, "丙")),
    ]
    places = [Place("d", line, f"{line}行", [Line(line, [("本文", False)], True)]) for line in (3, 9)]
    assert "甲[2]乙[1]丙" in "".join(pages(to_pdf(opened(Text(spans), Sources(places)), "ja")))
    alone = to_pdf(opened(Text(spans)), "ja")
    assert "甲乙丙" in "".join(pages(alone))
    assert not list(annotations(read(alone)))


def test_a_mark_without_remark_is_printed_unlinked() -> None:
    pdf = to_pdf(opened(Text([Span("値", mark="※9")])), "ja")
    assert "値※9" in "".join(pages(pdf))
    assert not list(annotations(read(pdf)))


@pytest.mark.parametrize("family", ["BIZ UDPGothic, sans-serif", "sans-serif", "Unknown Face"])
def test_words_in_a_picture_use_the_shipped_font(family: str) -> None:
    pdf = to_pdf(opened(picture(svg(family=family))), "ja")
    text = "".join(pages(pdf))
    assert "伊勢市" in text
    assert "手続の数（件）" in text
    assert "人工〓〓" in text
    assert_only_shipped_glyphs(pdf)


def test_character_references_in_a_picture_are_checked_too() -> None:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="50"><text y="20">A&amp;B&#x1F642;&#26415;&#x4f0a;</text></svg>'
    pdf = to_pdf(opened(picture(drawing)), "ja")
    assert "A&B〓〓伊" in "".join(pages(pdf))
    assert_only_shipped_glyphs(pdf)


@pytest.mark.parametrize("size", [(560, 3000), (3000, 100), (40, 20)])
def test_a_picture_stays_with_its_title_and_source(size: tuple[int, int]) -> None:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}"><text y="20">絵の中</text></svg>'.format(*size)
    filler = [Text([Span(f"段落{n}")]) for n in range(30)]
    shown = pages(to_pdf(opened(*filler, picture(drawing)), "ja"))
    assert [("最も多い" in text, "絵の中" in text, "出典：各市" in text) for text in shown].count((True, True, True)) == 1
    assert sum("最も多い" in text for text in shown) == 1


def test_a_picture_with_very_long_words_loses_nothing() -> None:
    for count in (30, 300, 1500):
        title, about = "".join(f"題{n}、" for n in range(count)), "".join(f"説明{n}、" for n in range(count))
        chart = picture(svg(height=900), title)
        chart.about = about
        found = unbroken(to_pdf(opened(chart), "ja"))
        assert all(f"題{n}、" in found for n in range(count))
        assert f"説明{count - 1}、" in found
        assert "出典：各市の計画" in found


def test_headings_are_never_last_on_a_page() -> None:
    for count in range(20, 48):
        filler = [Text([Span("段落")]) for _ in range(count)]
        shown = pages(to_pdf(opened(*filler, Heading("見出し"), table(3)), "ja"))
        assert [text for text in shown if "見出し" in text] == [text for text in shown if "行0始" in text]


def test_levels_of_headings_may_start_or_jump_anywhere() -> None:
    pdf = to_pdf([Heading("章のない節", 3), Opening("題", "範囲"), Heading("跳んだ節", 3), Heading("次", 2)], "ja")
    assert all(word in "".join(pages(pdf)) for word in ("章のない節", "跳んだ節", "次"))
    metadata = read(pdf).metadata
    assert metadata is not None
    assert metadata.title == "題"


def sheet(rows: int) -> list[Block]:
    return [
        Opening("題", "範囲"),
        Text([Span("答え" * 60)], "answer"),
        picture(svg(height=260)),
        table(rows),
        Text([Span("終わり")]),
    ]


def test_what_precedes_a_page_break_is_fitted_to_one_page() -> None:
    too_many = next(n for n in range(1, 40) if len(pages(to_pdf(sheet(n), "ja"))) > 1)
    for rows in (1, too_many, 2 * too_many):
        first, second = pages(to_pdf([*sheet(rows), PageBreak(), Heading("次の紙")], "ja"))
        assert f"行{rows - 1}終" in first
        assert "終わり" in first
        assert "次の紙" in second


def test_what_cannot_fit_on_one_page_is_whole_all_the_same() -> None:
    shown = pages(to_pdf([*sheet(90), PageBreak(), Heading("次の紙"), PageBreak(), Heading("三枚目")], "ja"))
    assert all(sum(f"行{n}始" in text for text in shown) == 1 for n in range(90))
    assert "次の紙" in shown[-2]
    assert "三枚目" in shown[-1]


def test_page_breaks_at_the_ends_make_no_empty_page() -> None:
    assert len(pages(to_pdf([PageBreak(), *opened(), PageBreak(), PageBreak()], "ja"))) == 1


def test_the_same_blocks_give_the_same_bytes() -> None:
    first, other, again = (to_pdf(everything(places), "ja") for places in (3, 4, 3))
    assert first == again != other
    assert b"/CreationDate" not in first or b"D:1970" in first


@pytest.mark.parametrize(
    ("blocks", "words"),
    [
        (opened(picture("<svg")), "SVG"),
        (opened(picture(svg(), alt="")), "alt"),
        (opened(Table("t", ["a", "b"], [[cell("1")]])), "2 cells"),
        ([Text([Span("x")])], "title"),
    ],
)
def test_what_cannot_be_set_is_an_error_with_a_hint(blocks: list[Block], words: str) -> None:
    with pytest.raises(ReportError, match=words) as caught:
        to_pdf(blocks, "ja")
    assert caught.value.code == "pdf-failed"
    assert caught.value.hint


def test_blocks_without_a_title_take_the_stamp() -> None:
    metadata = read(to_pdf([Foreign("<pre>1</pre>", "1")], "ja", stamp="tour-ja")).metadata
    assert metadata is not None
    assert metadata.title == "tour-ja"


def test_what_is_not_ours_is_shown_as_its_text() -> None:
    found = "".join(pages(to_pdf(opened(Foreign("<script>x</script>", "市  値\n甲  1")), "ja")))
    assert "市値甲1" in found
    assert "script" not in found


def test_a_table_that_stands_elsewhere_is_not_printed_with_its_picture() -> None:
    shown, apart = picture(svg()), picture(svg())
    apart.table_apart = True
    assert "甲市142" in "".join(pages(to_pdf(opened(shown), "ja")))
    assert "甲市142" not in "".join(pages(to_pdf(opened(apart), "ja")))


def test_a_language_without_texts_is_refused() -> None:
    with pytest.raises(QueryError):
        to_pdf(opened(), "fr")


def test_an_error_leaves_the_next_report_untouched() -> None:
    before = to_pdf(everything(2, 2), "ja")
    with pytest.raises(ReportError):
        to_pdf(opened(picture("<svg")), "ja")
    assert to_pdf(everything(2, 2), "ja") == before


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.text(max_size=60), min_size=1, max_size=9), min_size=1, max_size=4))
def test_columns_share_the_room_and_keep_their_least(texts: list[list[str]]) -> None:
    height = min(map(len, texts))
    columns = [Column([cell(text) for text in column[:height]]) for column in texts]
    widths, shrink = column_widths(columns, 60.0)
    assert sum(widths) * shrink <= 60.01
    assert shrink == 1.0
    assert all(width >= column.least - 0.02 for width, column in zip(widths, columns, strict=True))


def test_many_columns_shrink_the_type_instead_of_standing_one_character_wide() -> None:
    names = [f"第{n}番目の市" for n in range(18)]
    columns = [Column([cell(name), cell("12,345件")]) for name in names]
    widths, shrink = column_widths(columns, 64.0)
    assert 0.6 <= shrink < 1
    assert min(widths) > 3
    assert sum(widths) * shrink == pytest.approx(64.0)

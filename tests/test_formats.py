import contextlib
import datetime
import io
import os
import random
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import formats
import openpyxl
import pytest
from conftest import ROOT
from formats import docx, p, pdf, rule, show, tbl, tc, zipped

from dxlib.blocks import Citation, Span
from dxlib.blocks import Text as Paragraph
from dxlib.document import Document, Row, load
from dxlib.errors import SourceError
from dxlib.formats import SUPPORTED, ingest, limits
from dxlib.formats import read as read_file
from dxlib.indicators import Workbench
from dxlib.printed import Place, wrapped
from dxlib.project import Project
from dxlib.report.html import slug, source_pages
from dxlib.show.base import Page
from dxlib.warehouse import build


def write(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def refused(path: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        load(path)
    assert str(path) in caught.value.where
    assert caught.value.hint
    return caught.value


def rows(document: Document) -> list[list[str]]:
    return [[cell.clean for cell in row.cells] for table in document.tables() for row in table.rows]


def row_of(document: Document, number: int) -> Row:
    return [row for table in document.tables() for row in table.rows][number]


@pytest.fixture
def book(tmp_path: Path) -> openpyxl.Workbook:
    return openpyxl.Workbook()


def saved(book: openpyxl.Workbook, tmp_path: Path) -> Path:
    path = tmp_path / "kpi.xlsx"
    book.save(path)
    return path


# One plan in every format


def test_the_same_table_is_the_same_document_in_every_format(tmp_path: Path, book: openpyxl.Workbook) -> None:
    table = [["指標", "現状値", "目標値"], ["申請件数", "", "1,200件"], ["窓口", "3か所", "5か所"]]
    for line in table:
        book.active.append(line)
    cells = "".join(f"[{cell}]," for line in table for cell in line)
    files = [
        write(tmp_path / "a.txt", "\n".join("\t".join(line) for line in table)),
        write(tmp_path / "a.md", "\n".join(f"| {' | '.join(line)} |" for line in table)),
        write(tmp_path / "a.csv", "\n".join(",".join(f'"{cell}"' for cell in line) for line in table)),
        write(tmp_path / "a.html", f"<table>{''.join('<tr><td>' + '<td>'.join(line) for line in table)}</table>"),
        write(tmp_path / "a.docx", docx(tbl(*[[tc(cell) for cell in line] for line in table]))),
        saved(book, tmp_path),
        formats.typst_pdf(tmp_path / "a.pdf", f"#table(columns: 3, {cells})"),
    ]
    assert {path.suffix for path in files} <= set(SUPPORTED)
    for path in files:
        assert rows(load(path)) == table, path
        assert load(path) == load(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("suffix", [".txt", ".csv", ".html"])
def test_text_is_decoded_with_and_without_mark(tmp_path: Path, encoding: str, suffix: str) -> None:
    path = write(tmp_path / f"plan{suffix}", "令和8年度の目標\r\n手続の数 100件\r\n".encode(encoding))
    assert "令和8年度の目標" in "".join(load(path).raw)
    assert load(path).encoding == {"cp932": "cp932"}.get(
        encoding, encoding[:6].removesuffix("-") if "16" in encoding else "utf-8"
    )


def test_binary_data_is_no_utf16_text(tmp_path: Path) -> None:
    data = bytes(random.Random(1).randrange(256) for _ in range(4000))
    assert refused(write(tmp_path / "a.txt", b"\x00" + data)).code == "source-binary"


# Line breaks in cells


@pytest.mark.parametrize(
    ("lines", "whole"),
    [
        (["デジタル", "窓口"], "デジタル窓口"),
        (["35件", "(R4)"], "35件 (R4)"),
        (["35件", "（R4）"], "35件 （R4）"),
        (["導入前 3件", "導入後 5件"], "導入前 3件 導入後 5件"),
        (["令和6年度", "の評価"], "令和6年度の評価"),
        (["1,234件", "のうち"], "1,234件のうち"),
        (["令和7", "年度"], "令和7年度"),
        (["12", "34"], "12 34"),
        (["DX", "推進"], "DX 推進"),
        (["・紙", "・電子"], "・紙 ・電子"),
        (["", "目標", " "], "目標"),
    ],
)
def test_a_break_in_a_cell_joins_words_and_parts_values(lines: list[str], whole: str) -> None:
    assert wrapped(lines) == whole


# DOCX


def test_docx_headings_lists_notes_and_merged_cells(tmp_path: Path) -> None:
    styles = (
        '<w:style w:styleId="1"><w:name w:val="heading 2"/></w:style>'
        '<w:style w:styleId="2"><w:name w:val="own"/><w:basedOn w:val="1"/></w:style>'
    )
    numbering = (
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
        '<w:lvlText w:val="第%1章"/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimalEnclosedCircle"/>'
        '<w:lvlText w:val="%2"/></w:lvl></w:abstractNum>'
        '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    )

    def numbered(key: int, level: int) -> str:
        return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{key}"/></w:numPr>'

    note = '<w:footnote w:type="separator" w:id="0"/><w:footnote w:id="7">' + p("令和5年度の値") + "</w:footnote>"
    cited = '<w:p><w:r><w:t>利用率</w:t></w:r><w:r><w:footnoteReference w:id="7"/></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>秘密</w:t></w:r></w:p>'
    span, down, on = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = (
        p("総論", '<w:pStyle w:val="2"/>' + numbered(1, 0))
        + p("目的", numbered(1, 1))
        + p("範囲", numbered(1, 1))
        + p("各論", numbered(1, 0))
        + p("目的", numbered(1, 1))
        + p("項目", numbered(2, 0))
        + cited
        + "<w:p><w:del><w:r><w:delText>旧</w:delText></w:r></w:del><w:ins><w:r><w:t>新</w:t></w:r></w:ins></w:p>"
        + tbl(
            [tc("指標", down), tc("目標", span)], [tc("", on), tc("R7"), tc("R8")], [tc("窓口\n件数"), tc(""), tc("35件\n(R4)")]
        )
    )
    document = load(write(tmp_path / "a.docx", docx(body, styles=styles, numbering=numbering, footnotes=note)))
    assert document.encoding == "docx"
    assert document.raw[:8] == ("## 第1章 総論", "① 目的", "② 範囲", "第2章 各論", "① 目的", "・ 項目", "利用率(※1)", "新")
    assert rows(document) == [["指標", "目標", ""], ["", "R7", "R8"], ["窓口件数", "", "35件 (R4)"]]
    assert (row_of(document, 0).left, row_of(document, 1).above, row_of(document, 2).above) == ({2}, {0}, frozenset())
    assert document.raw[-1] == "※1 令和5年度の値"


def test_a_lone_continued_cell_keeps_its_place(tmp_path: Path) -> None:
    body = tbl([tc("a"), tc("続き", "<w:vMerge/>"), tc("c")])
    assert rows(load(write(tmp_path / "a.docx", docx(body)))) == [["a", "続き", "c"]]


def test_a_table_within_a_cell_follows_its_table_and_a_frame_is_text(tmp_path: Path) -> None:
    inner = tbl([tc("内"), tc("5件")])
    body = tbl([tc("外"), f"<w:tc>{p('説明')}{inner}</w:tc>"]) + p("枠の前") + tbl([tc("枠の中\n二行目")])
    document = load(write(tmp_path / "a.docx", docx(body)))
    assert [len(table.rows) for table in document.tables()] == [1, 1]
    assert rows(document) == [["外", "説明"], ["内", "5件"]]
    assert [line.clean for line in document.lines()] == ["枠の前", "枠の中", "二行目"]


# XLSX


def test_xlsx_shows_cells_as_excel_does(tmp_path: Path, book: openpyxl.Workbook) -> None:
    sheet = book.active
    sheet.title = "KPI"
    shown = {
        "0%": (0.45, "45%"),
        "0.0%": (0.333, "33.3%"),
        "#,##0": (1234567, "1,234,567"),
        '#,##0"件"': (1200, "1,200件"),
        '0.0;"▲"0.0': (-2.5, "▲2.5"),
        '#,##0_ ;[Red]"▲ "#,##0 ': (-1200, "▲ 1,200"),
        '0;0;"―"': (0, "―"),
        'ggge"年"m"月"d"日"': (datetime.date(2025, 4, 1), "令和7年4月1日"),
        "yyyy/m/d": (datetime.date(2019, 4, 30), "2019/4/30"),
        'ggge"年度"': (datetime.date(2019, 4, 30), "平成31年度"),
        "h:mm": (datetime.time(9, 5), "9:05"),
        "General": (0.1 + 0.2, "0.3"),
        "#,##0,": (5_400_000, "5,400"),
        '[>=100]0"以上";0.00': (50, "50.00"),
        "@": ("1-1", "1-1"),
    }
    for row, (form, (value, _)) in enumerate(shown.items(), 1):
        sheet.cell(row, 1, form).number_format = "@"
        sheet.cell(row, 2, value).number_format = form
    document = load(saved(book, tmp_path))
    assert {row[0]: row[1] for row in rows(document)} == {form.strip(): text for form, (_, text) in shown.items()}


def test_xlsx_merged_hidden_formula_and_places(tmp_path: Path, book: openpyxl.Workbook) -> None:
    sheet = book.active
    sheet.title = "一覧"
    for row in (
        ["KPI一覧"],
        [],
        ["指標", "目標", None, "控え", "備考"],
        [None, "R7", "R8", None, None],
        ["件数", 3, "=B5+1", "x", "窓口\nのみ"],
        ["隠れた行", 9, 9, 9, 9],
        ["※ 年度末の値"],
    ):
        sheet.append(row)
    sheet.merge_cells("A3:A4")
    sheet.merge_cells("B3:C3")
    sheet.column_dimensions["D"].hidden = True
    sheet.row_dimensions[6].hidden = True
    other = book.create_sheet("控え")
    other["A1"] = "隠れたシート"
    other.sheet_state = "hidden"
    document = load(saved(book, tmp_path))
    assert rows(document) == [["指標", "目標", "", "備考"], ["", "R7", "R8", ""], ["件数", "3", "(数式の結果なし)", "窓口のみ"]]
    assert (row_of(document, 0).left, row_of(document, 1).above) == ({2}, {0})
    assert [line.clean for line in document.lines()] == ["一覧", "KPI一覧", "※ 年度末の値"]
    line = document.raw.index("※ 年度末の値")
    assert document.places[line] == Place(sheet="一覧", row=7)
    assert "隠れた" not in "".join(document.raw)


def test_a_cached_result_of_a_formula_is_read(tmp_path: Path) -> None:
    path = saved(openpyxl.Workbook(), tmp_path)
    xml = '<sheetData><row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>""</f><v></v></c><c r="C1" t="e"><v>#REF!</v></c></row></sheetData>'
    _replace_part(path, "xl/worksheets/sheet1.xml", lambda old: old.replace("<sheetData></sheetData>", xml))
    assert rows(load(path)) == [["2", "#REF!"]]


def _replace_part(path: Path, name: str, change) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    parts[name] = change(parts[name].decode()).encode()
    path.write_bytes(zipped(parts))


# HTML


def test_html_is_what_a_browser_shows(tmp_path: Path) -> None:
    page = """<!DOCTYPE html><html><head><title>題</title><style>p{}</style><script>var x = "<td>9件</td>";</script></head><body>
    <nav>メニュー</nav><h2>成果<b>指標</b></h2><p hidden>隠し</p><div style="display: none">無し</div>
    <p>行政手続の
       オンライン化 35件<sup>1</sup><br>二行目 12km<sup>2</sup></p>
    <ul><li>項目<ul><li>内側</ul></ul><ol start=3><li>三<li>四</ol><dl><dt>現状値<dd>3件</dl>
    <table><caption>表1</caption><thead><tr><th rowspan=2>指標<th colspan=2>目標</tr><tr><th>R7<th>R8</thead>
    <tr><td>デジタル<br>窓口<td><td>35件<br>(R4)</table></body></html>"""
    document = load(write(tmp_path / "a.html", page))
    assert [line for line in document.raw if line] == [
        "## 成果指標",
        "行政手続のオンライン化 35件<sup>1</sup>",
        "二行目 12km²",
        "・ 項目",
        "・ 内側",
        "3. 三",
        "4. 四",
        "現状値",
        "3件",
        "表1",
        "指標\t目標\t",
        "\tR7\tR8",
        "デジタル窓口\t\t35件 (R4)",
    ]
    assert (row_of(document, 0).left, row_of(document, 1).above) == ({2}, {0})


def test_a_layout_table_is_divided_into_its_parts(tmp_path: Path) -> None:
    page = "<table><tr><td>左<td><table><tr><td>a<td>1件</table></table><table><tr><td>b<td>2件</table>"
    document = load(write(tmp_path / "a.html", page))
    assert [line.clean for line in document.lines()] == ["左"]
    assert rows(document) == [["a", "1件"], ["b", "2件"]]
    assert len(document.tables()) == 2


# CSV


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_dialects_breaks_and_ragged_rows(tmp_path: Path, delimiter: str) -> None:
    lines = [["KPI一覧", "", ""], ["指標", "R7", "R8"], ['"窓口の\n件数"', '"1,200件"', ""], ["短い"], [""], ["別", "表"]]
    text = "\n".join(delimiter.join(line) for line in lines)
    document = load(write(tmp_path / "a.csv", text))
    assert [line.clean for line in document.lines()] == ["KPI一覧", "短い"]
    assert rows(document) == [["指標", "R7", "R8"], ["窓口の件数", "1,200件", ""], ["別", "表"]]
    assert [place.row for place in document.places] == [1, 2, 3, 4, 5, 6]


# PDF


def table_at(y: float) -> str:
    """Two columns, two rows; the lower right cell is empty, the first column merged."""
    return (
        "".join(rule(50, y - 20 * n, 250, y - 20 * n) for n in (0, 2))
        + rule(150, y - 20, 250, y - 20)
        + "".join(rule(x, y, x, y - 40) for x in (50, 150, 250))
        + show(55, y - 25, "オンライン")
        + show(155, y - 14, "35件")
    )


def test_pdf_lines_tables_and_pages(tmp_path: Path) -> None:
    first = show(50, 800, "行政手続のオンライン化") + table_at(780) + show(50, 700, "表の後の文")
    document = load(write(tmp_path / "a.pdf", pdf(first, show(50, 800, "二頁目 100件"))))
    assert document.raw == ("行政手続のオンライン化", "", "オンライン\t35件", "\t", "", "表の後の文", "", "二頁目 100件", "")
    assert row_of(document, 0).above == frozenset()
    assert [place.page for place in document.places] == [1, 1, 1, 1, 1, 1, 1, 2, 2]
    assert document.encoding == "pdf"


def test_pdf_merged_cells_are_told_from_empty_ones(tmp_path: Path) -> None:
    source = """#table(columns: 4, table.cell(rowspan: 2)[指標], table.cell(colspan: 3)[目標値], [R6], [R7], [R8],
      [オンライン \\ 申請率], [], [50%], [60%])"""
    document = load(formats.typst_pdf(tmp_path / "a.pdf", source))
    assert rows(document) == [["指標", "目標値", "", ""], ["", "R6", "R7", "R8"], ["オンライン申請率", "", "50%", "60%"]]
    assert (row_of(document, 0).left, row_of(document, 1).above, row_of(document, 2).left) == ({2, 3}, {0}, frozenset())


def test_pdf_rules_may_be_dots_gaps_or_missing_at_the_sides(tmp_path: Path) -> None:
    dotted = "".join(f"{50 + 2 * n} {y} 0.8 0.8 re f\n" for n in range(101) for y in (700, 680, 660))
    dotted += "".join(f"{x} {660 + 2 * n} 0.8 0.8 re f\n" for n in range(21) for x in (50, 150, 250))
    open_sides = "".join(rule(50, y, 250, y) for y in (600, 580, 560)) + rule(150, 600, 150, 560)
    across = "".join(rule(50, y, 250, y) for y in (500, 480, 460))
    filled = "0.9 g\n" + "".join(f"{x} {y} 98 18 re f\n" for x in (51, 151) for y in (381, 361)) + "0 g\n"
    texts = "".join(
        show(55, y - 14 - 20 * n, left) + show(155, y - 14 - 20 * n, right)
        for y in (700, 600, 500, 400)
        for n, (left, right) in enumerate([("指標", "目標"), ("件数", "35件")])
    )
    document = load(write(tmp_path / "a.pdf", pdf(dotted + open_sides + across + filled + texts)))
    assert rows(document) == [["指標", "目標"], ["件数", "35件"]] * 4
    assert len(document.tables()) == 4


def test_pdf_paragraphs_are_whole_and_columns_follow_each_other(tmp_path: Path) -> None:
    source = """#set par(justify: true)
    #heading[計画の概要]
    本市の人口は減り続けており、令和5年度の職員数は512人で、十年前に比べて48人減りました。限られた人員で窓口を維持する工夫が求められています。このため、手続のオンライン化を進めます。
    #columns(2)[左の段では、行政手続のオンライン化について述べます。令和8年度までに300手続をオンラインで行えるようにし、来庁の負担を減らします。あわせて窓口の混雑も減らします。市の職員は相談に力を注ぎます。
    #colbreak()
    右の段では、職員の研修について述べます。令和8年度までに全職員512人が研修を受け、データを活用できるようにします。研修は毎年見直します。外部の講師も招き、実例から学びます。]"""
    raw = load(formats.typst_pdf(tmp_path / "a.pdf", source)).raw
    text = "\n".join(raw)
    assert any(line.startswith("本市の人口") and "48人減りました" in line for line in raw)
    assert text.index("相談に力を注ぎます") < text.index("右の段では")
    assert "300手続をオンラインで行えるようにし" in text


def test_pdf_turned_pages_rotated_vertical_and_doubled_text(tmp_path: Path) -> None:
    turned = "q 0 1 -1 0 595 0 cm\n" + show(50, 500, "横向きの頁 35件") + "Q\n"
    doubled = "".join(show(50 + shift, 800, "太字の見出し") for shift in (0, 0.3, 0.6))
    vertical = "".join(show(60, 700 - 11 * n, letter) for n, letter in enumerate("基本目標"))
    sideways = "q 0 1 -1 0 300 600 cm\n" + show(0, 0, "回転した文字") + "Q\n"
    document = load(write(tmp_path / "a.pdf", pdf(turned, doubled + vertical + sideways)))
    assert [line for line in document.raw if line] == ["横向きの頁 35件", "太字の見出し", "基本目標", "回転した文字"]


@pytest.mark.parametrize(
    ("turn", "matrix"), [(90, "0 1 -1 0 595 0"), (180, "-1 0 0 -1 595 842"), (270, "0 -1 1 0 0 842"), (0, "0 1 -1 0 595 0")]
)
def test_pdf_tables_on_turned_pages(tmp_path: Path, turn: int, matrix: str) -> None:
    page = f"q {matrix} cm\n" + show(50, 500, "見出し") + "".join(rule(50, y, 250, y) for y in (480, 460, 440))
    page += "".join(rule(x, 480, x, 440) for x in (50, 150, 250))
    page += show(55, 466, "指標") + show(155, 466, "目標") + show(55, 446, "件数") + show(155, 446, "5件") + "Q\n"
    document = load(write(tmp_path / "a.pdf", pdf(page, extra=f"/Rotate {turn}")))
    assert document.raw[0] == "見出し"
    assert rows(document) == [["指標", "目標"], ["件数", "5件"]]


def test_pdf_headers_and_footers_stay(tmp_path: Path) -> None:
    pages = [show(50, 820, "資料編") + show(50, 700, f"本文{n}") + show(280, 20, f"- {n} -") for n in (1, 2)]
    document = load(write(tmp_path / "a.pdf", pdf(*pages)))
    assert [line for line in document.raw if line] == ["資料編", "本文1", "- 1 -", "資料編", "本文2", "- 2 -"]


def test_sixty_pages_of_text_and_tables_are_quick_and_small(tmp_path: Path) -> None:
    source = """#for n in range(60) [
      = 施策の方向性
      本市では、行政手続のオンライン化を進め、市民の利便性の向上と業務の効率化を図ります。令和7年度には120件の手続がオンラインで行えるようになりました。
      #table(columns: 6, ..range(20).map(r => ([オンライン申請ができる手続の件数], [件], [#(r*37)], [], [#(r*3)], [1,234])).flatten())
      #pagebreak(weak: true)
    ]"""
    path = formats.typst_pdf(tmp_path / "a.pdf", source)
    code = (
        "import sys, time; from pathlib import Path; from dxlib.document import load\n"
        "start = time.process_time(); document = load(Path(sys.argv[1])); seconds = time.process_time() - start\n"
        "peak = Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]\n"  # of this program alone
        "print(max(p.page for p in document.places), seconds, int(peak) / 1024)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, cwd=ROOT)
    pages, seconds, megabytes = map(float, run.stdout.split())
    assert pages == 60
    assert seconds < 10
    assert megabytes < 500


# What is not what it says


def test_a_file_is_read_as_what_it_is(tmp_path: Path) -> None:
    assert load(write(tmp_path / "a.txt", pdf(show(50, 800, "本文")))).encoding == "pdf"
    assert load(write(tmp_path / "b.pdf", docx(p("本文")))).encoding == "docx"
    assert load(write(tmp_path / "c.csv", "<!DOCTYPE html><p>本文</p>")).raw == ("本文",)
    assert load(write(tmp_path / "d.pdf", "<html><body><h1>ページ</h1></body></html>")).raw == ("# ページ",)
    assert refused(write(tmp_path / "e.pdf", "ただのテキスト")).code == "source-content"
    assert refused(write(tmp_path / "f.xlsx", "指標,目標")).code == "source-content"
    assert load(write(tmp_path / "g.txt", "文中の %PDF-1.7 は PDF ではない")).encoding == "utf-8"


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "source-format"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "source-format"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "source-encrypted"),
        ("a.rtf", b"{\\rtf1}", "source-format"),
        ("a.docx", zipped({"a.txt": "x"}), "source-format"),
        ("a.docx", b"", "source-empty"),
        ("a.pdf", b"%PDF-1.7\nnothing more", "source-damaged"),
        ("a.pdf", pdf(show(50, 800, "本文"))[:-400], "source-damaged"),
        ("a.pdf", pdf(), "source-damaged"),
        ("a.pdf", pdf(b""), "source-scanned"),
        ("a.docx", docx(p("本文"))[:-200], "source-damaged"),
        ("a.docx", docx("<w:p>"), "source-damaged"),
        ("a.docx", zipped({"word/other.xml": "<x/>"}), "source-damaged"),
        ("a.xlsx", zipped({"xl/other.xml": "<x/>"}), "source-damaged"),
        ("a.csv", b'"never closed,1\n2,3', "source-damaged"),
        ("a.html", b"<!-- nothing -->", "source-damaged"),
        ("a.html", b"<div>" * 300 + b"x", "source-too-large"),
        ("a.html", b"<div>" * 100_000, "source-too-large"),
        ("a.html", b"<table>" + b"<tr><td colspan=1000>a<td colspan=1000>b" * 600 + b"</table>", "source-too-large"),
        ("a.html", b"<table><tr>" + b"<td>" * 3000 + b"</table>", "source-too-large"),
        ("a.csv", b"," * 5000, "source-too-large"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_code(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    start = time.process_time()  # of this process alone: other tests run beside it
    assert refused(write(tmp_path / name, data)).code == code
    assert time.process_time() - start < 10
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_an_old_file_says_what_to_save_it_as(tmp_path: Path) -> None:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert ".docx" in refused(write(tmp_path / "a.doc", old)).hint
    assert ".xlsx" in refused(write(tmp_path / "b.xlsx", old + "Workbook".encode("utf-16-le"))).hint


def test_a_scanned_pdf_says_what_to_do(tmp_path: Path) -> None:
    picture = b"q 595 0 0 842 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x00 EI Q"
    error = refused(write(tmp_path / "a.pdf", pdf(picture, picture, picture, show(50, 800, "表紙の文字だけがある文書"))))
    assert (error.code, "3 of 4" in error.message, "OCR" in error.hint) == ("source-scanned", True, True)
    mixed = pdf(picture, show(50, 800, "本文"), show(50, 800, "本文"))
    assert "本文" in load(write(tmp_path / "b.pdf", mixed)).raw


def test_a_pdf_whose_fonts_tell_no_letters_is_refused(tmp_path: Path) -> None:
    font = (
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [ << /Type /Font /Subtype /CIDFontType2"
        " /BaseFont /X /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000 >> ] >>"
    )
    text = "BT /F 10 Tf 50 800 Td <0003000400050006000700080009000A> Tj ET"
    assert refused(write(tmp_path / "a.pdf", pdf(text, font=font))).code == "source-garbled"


def test_an_encrypted_pdf_is_refused(tmp_path: Path) -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(write(tmp_path / "open.pdf", pdf(show(50, 800, "本文")))))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "a.pdf")
    assert refused(tmp_path / "a.pdf").code == "source-encrypted"


def test_too_many_pages_stop_fast(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pdf", pdf(*[show(50, 800, "本文")] * 10_000))
    start = time.process_time()  # of this process alone: other tests run beside it
    error = refused(path)
    assert (error.code, "10,000 pages" in error.message) == ("source-too-large", True)
    assert time.process_time() - start < 3


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.xlsx", "a.csv", "a.txt", "a.html"])
def test_a_gigabyte_is_not_read(tmp_path: Path, name: str) -> None:
    head = {".pdf": b"%PDF-1.7\n", ".docx": docx(p("本文")), ".xlsx": zipped({"xl/workbook.xml": "<x/>"})}
    path = write(tmp_path / name, head.get(Path(name).suffix, b"text"))
    if Path(name).suffix in (".docx", ".xlsx"):  # still a zip: the archive's end stays the last thing in it
        body = path.read_bytes()
        with path.open("wb") as file:
            file.seek(1024**3)
            file.write(body)
        with path.open("r+b") as file:
            file.write(b"PK\x03\x04")
    else:
        os.truncate(path, 1024**3)
    start = time.process_time()  # of this process alone: other tests run beside it
    assert refused(path).code == "source-too-large"
    assert time.process_time() - start < 5


def bomb(name: str, megabytes: int) -> dict[str, bytes]:
    return {name: b"<x>" + b" " * (megabytes * limits.MB) + b"</x>"}


def test_decompression_bombs_stop_at_the_limit(tmp_path: Path) -> None:
    sheet = zipped(bomb("xl/worksheets/sheet1.xml", 210))
    assert len(sheet) < 1024 * 1024
    assert refused(write(tmp_path / "a.xlsx", sheet)).code == "source-too-large"
    text = zipped(bomb("word/document.xml", 40))
    assert refused(write(tmp_path / "a.docx", text)).code == "source-too-large"
    packed = pdf(b" " * (70 * limits.MB) + show(50, 800, "本文").encode(), compress=True)
    assert refused(write(tmp_path / "a.pdf", packed)).code == "source-too-large"


def test_an_archive_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped(bomb("xl/worksheets/sheet1.xml", 210)))
    place = data.rfind(b"PK\x01\x02")
    data[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    assert refused(write(tmp_path / "a.xlsx", bytes(data))).code == "source-damaged"


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    for name, part in (("a.docx", "word/document.xml"), ("a.xlsx", "xl/workbook.xml")):
        for encoding in ("utf-8", "utf-16"):
            error = refused(write(tmp_path / name, zipped({part: laughs.encode(encoding)})))
            assert (error.code, "entities" in error.message) == ("source-damaged", True)


def test_a_list_of_very_many_sheets_is_refused(tmp_path: Path) -> None:
    listed = '<workbook xmlns:x="y"><sheets>' + '<sheet name="a"/><x:sheet name="a"/>' * 251 + "</sheets></workbook>"
    error = refused(write(tmp_path / "a.xlsx", zipped({"xl/workbook.xml": listed.encode()})))
    assert (error.code, "500 sheets" in error.message) == ("source-too-large", True)


@pytest.mark.parametrize("number", ["0", "-1"])
def test_a_row_before_the_first_is_damage(tmp_path: Path, book: openpyxl.Workbook, number: str) -> None:
    book.active["A1"] = "指標"
    whole = io.BytesIO()
    book.save(whole)
    with zipfile.ZipFile(whole) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b'<row r="1"', f'<row r="{number}"'.encode())
    assert refused(write(tmp_path / "a.xlsx", zipped(parts))).code == "source-damaged"


def test_too_many_cells_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, book: openpyxl.Workbook) -> None:
    monkeypatch.setattr(limits, "MAX_CELLS", 10)
    for _ in range(4):
        book.active.append(["a", "b", "c"])
    assert refused(saved(book, tmp_path)).code == "source-too-large"
    assert refused(write(tmp_path / "a.docx", docx(tbl(*[[tc("a")] * 3] * 4)))).code == "source-too-large"
    assert refused(write(tmp_path / "a.csv", "a,b,c\n" * 4)).code == "source-too-large"


def test_without_the_extra_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(ingest.importlib, "import_module", missing)
    for name, data in (("a.pdf", pdf(show(50, 800, "本文"))), ("a.docx", docx(p("本文"))), ("a.html", b"<p>x</p>")):
        with pytest.raises(SourceError) as caught:
            load(write(tmp_path / name, data))
        assert (caught.value.code, "dxlib[ingest]" in caught.value.hint) == ("source-ingest", True)


def test_damaged_files_give_typed_errors_or_are_read(tmp_path: Path, book: openpyxl.Workbook) -> None:
    book.active.append(["指標", 3])
    samples = {
        "a.pdf": pdf(show(50, 800, "本文") + table_at(700)),
        "a.docx": docx(p("本文") + tbl([tc("a"), tc("b")])),
        "a.xlsx": saved(book, tmp_path).read_bytes(),
        "a.html": "<table><tr><td>指標<td>3</table>".encode(),
        "a.csv": '"指標",3\n'.encode(),
    }
    chance = random.Random(5)
    for name, data in samples.items():
        for _ in range(40):
            broken = bytearray(data)
            for _ in range(chance.randrange(1, 8)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            if chance.random() < 0.3:
                broken = broken[: chance.randrange(1, len(broken))]
            with contextlib.suppress(SourceError):
                load(write(tmp_path / name, bytes(broken)))


def test_reading_a_file_twice_gives_the_same_hash(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pdf", pdf(show(50, 800, "本文")))
    assert read_file(path) == read_file(path)
    assert len(read_file(path).sha256) == 64


def test_plain_text_is_loaded_at_a_megabyte_a_second(tmp_path: Path) -> None:
    line = (
        "ＤＸ推進計画の目標値は令和８年度に１００％とし、申請率 85.3%（令和5年度）とする。\n指標\t単位\t令和６年度\t1,234件\t\n"
    )
    path = write(tmp_path / "plan.txt", line * (2 * limits.MB // len(line.encode())))
    start = time.process_time()
    load(path)
    assert path.stat().st_size / (time.process_time() - start) > 1_000_000


# Pages and sheets in the warehouse and on the source pages


def add_document(project: Project, path: Path) -> None:
    """Put a file into the folder of the first municipality, with an origin like that of its neighbour."""
    beside = sorted(path for path in project.raw.glob("*/*.toml"))[0]
    text = beside.read_text(encoding="utf-8")
    digest = read_file(path).sha256
    target = beside.parent / path.name
    target.write_bytes(path.read_bytes())
    target.with_suffix(".toml").write_text(re.sub(r'sha256 = "\w+"', f'sha256 = "{digest}"', text), encoding="utf-8")


def test_pages_and_sheets_are_shown_beside_sources(project: Project, tmp_path: Path, book: openpyxl.Workbook) -> None:
    book.active.title = "一覧"
    book.active.append(["指標", "目標"])
    book.active.append(["手続の数", "35件"])
    add_document(project, saved(book, tmp_path))
    add_document(project, write(tmp_path / "plan.pdf", pdf(show(50, 800, "一頁目"), show(50, 800, "二頁目 100件"))))
    build(project)
    with Workbench(project) as bench:
        cells = "SELECT line, text, page, sheet, sheet_row FROM source_line WHERE document_id LIKE ? AND contains(text, '件')"
        assert bench.sql(cells, params=["%/plan"]).fetchall() == [(3, "二頁目 100件", 2, None, None)]
        assert bench.sql(cells, params=["%/kpi"]).fetchall() == [(4, "手続の数\t35件", None, "一覧", 2)]
        names = [name for (name,) in bench.sql("SELECT document_id FROM document ORDER BY document_id").fetchall()]
        for lang, page_words, sheet_words in (
            ("ja", "p. 2、3行", "シート「一覧」の2行目、4行"),
            ("en", "p. 2, line 3", "sheet “一覧” row 2, line 4"),
        ):
            shown = Page(bench, lang)
            for name in names:
                line = 3 if name.endswith("/plan") else 4
                piece = shown.piece(Paragraph([Span("x", cites=Citation(name, line, "件"))]))
                pages = source_pages(bench, [*piece.blocks, *shown.sources().blocks], lang)
                html = pages[f"{slug(name)}.html"]
                unknown = "ページ番号なし" if lang == "ja" else "no page number"
                if name.endswith("/plan"):
                    assert page_words in html
                    assert unknown not in html
                elif name.endswith("/kpi"):
                    assert sheet_words in html
                    assert unknown not in html
                else:
                    assert unknown in html

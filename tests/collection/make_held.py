"""Writes the binary documents of tests/collection/held (59 PDF, 60 DOCX, 61 XLSX); the documents are the data below.

The municipalities are invented. Needs typst, python-docx and openpyxl; the same run always gives the same bytes.

    python tests/collection/make_held.py [OUT_DIR]
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FONTS = HERE.parents[1] / "dxlib" / "fonts"
STAMP = "2026-01-05T00:00:00Z"

# --------------------------------------------------------------------------------------------------------------------
# 59: PDF with ruled tables, a ward's progress report

PDF_NAME = "59_hazakura.pdf"
PDF_HEAD = "葉桜区ＤＸ戦略アクションプラン 令和６年度進捗報告"
PDF_INTRO = [
    "葉桜区では、令和５年３月に「葉桜区ＤＸ戦略アクションプラン」（計画期間：令和５年度～令和８年度）を策定し、３つの柱と"
    "１０の取組を定めました。本報告は、計画２年目に当たる令和６年度の結果をまとめたものです。",
    "区の人口は令和７年４月１日現在で 318,442 人、外国人住民の割合は 6.1％です。令和６年度の区政世論調査（回収率 51.3％）では、"
    "「区役所に行かずに手続を済ませたい」と答えた区民が 71.8％で、前回調査から 9.4 ポイント増えました。",
    "ＤＸ推進事業費の令和６年度決算額は 412,360 千円（執行率 94.7％）でした。",
]
PDF_LEGEND = [
    ("◎", "目標を上回った"),
    ("○", "目標どおり（90％以上110％未満）"),
    ("△", "目標をやや下回った（70％以上90％未満）"),
    ("×", "目標を大きく下回った（70％未満）"),
]
PDF_TABLE = [
    (
        "１ 行かない\n区役所",
        [
            ("①", "行政手続のオンライン化", "オンライン申請ができる手続の割合", "31.2%", "44.0%", "60%", "62.7%", "100%", "○"),
            ("②", "区民アプリ", "アプリ「はざくらポケット」の登録者数", "－", "8,412人", "20,000人", "14,950人", "60,000人", "△"),
            (
                "③",
                "キャッシュレス",
                "キャッシュレス決済に対応した窓口の数",
                "12か所",
                "21か所",
                "30か所",
                "34か所",
                "45か所",
                "◎",
            ),
            ("④", "オンライン相談", "オンライン相談の件数", "新規", "47件", "300件", "122件", "800件", "×"),
        ],
    ),
    (
        "２ 待たない\n書かない窓口",
        [
            ("⑤", "窓口の混雑緩和", "繁忙期における平均待ち時間", "58分", "41分", "30分以内", "27分", "15分以内", "◎"),
            ("⑥", "書かない窓口", "書かない窓口で受け付ける手続の数", "0手続", "18手続", "40手続", "40手続", "90手続", "○"),
        ],
    ),
    (
        "３ 身軽な\n区役所",
        [
            ("⑦", "業務改革（ＢＰＲ）", "業務削減時間（累計）", "3,200時間", "9,870時間", "2万時間", "2.1万時間", "5万時間", "○"),
            ("⑧", "ペーパーレス", "コピー用紙購入枚数の増減率（令和元年度比）", "▲8.5%", "▲19.3%", "▲30%", "▲26.1%", "▲50%", "△"),
            ("⑨", "ＤＸ人材の育成", "ＤＸリーダーの育成人数（累計）", "24人", "61人", "100人", "103人", "200人", "○"),
            ("⑩", "テレワーク", "テレワークを月１回以上行う職員の割合", "6.8%", "11.5%", "20%", "集計中", "40%", "－"),
        ],
    ),
]
PDF_CARDS = [
    (
        "AIチャットボットの充実",
        [
            ("所管課", "広報広聴課"),
            ("取組の内容", "生成AIを用いた回答文案の作成を試行し、FAQを1,250問から1,900問に増やした。"),
            ("指標", "チャットボットの回答満足率"),
            ("現状（令和５年度）", "64.0％"),
            ("目標（令和８年度）", "85％以上"),
        ],
    ),
    (
        "学校と家庭をつなぐ連絡アプリ",
        [
            ("所管課", "教育委員会事務局 学務課"),
            ("取組の内容", "区立小・中学校33校のうち、20校で試行を始めた。"),
            ("指標", "保護者の登録率"),
            ("現状（令和５年度）", "―"),
            ("目標（令和８年度）", "98％"),
        ],
    ),
    (
        "ガバメントクラウドへの移行",
        [
            ("所管課", "情報政策課"),
            ("取組の内容", "20業務の移行計画を見直し、運用経費の試算（年額3.2億円）を行った。"),
            ("指標", "住民記録等20業務の移行"),
            ("目標（令和７年度）", "移行完了"),
        ],
    ),
]
PDF_TERMS = [
    ("BPR", "業務の流れを根本から見直し、組み立て直すこと。"),
    ("ガバメントクラウド", "国が整備する、行政機関が共同で利用するクラウド基盤。"),
]


def _escape(text: str) -> str:
    """Typst markup of plain text; a newline becomes a line break."""
    text = re.sub(r"([\\#\[\]*_`$<>@~=/-])", r"\\\1", text)
    return text.replace("\n", " \\ ")


def _cell(text: str, options: str = "") -> str:
    return f"table.cell({options})[{_escape(text)}]" if options else f"[{_escape(text)}]"


def pdf_source() -> str:
    out = [
        '#set document(title: "葉桜区ＤＸ戦略アクションプラン 令和６年度進捗報告", date: none)',
        '#set text(font: "BIZ UDPGothic", lang: "ja", size: 10pt)',
        '#set page(paper: "a4", margin: 20mm)',
        f"#v(60mm)\n#align(center)[#text(size: 20pt)[{_escape('葉桜区ＤＸ戦略アクションプラン')}]\n\n"
        f"#text(size: 16pt)[{_escape('令和６年度 進捗報告')}]\n\n#v(80mm)\n{_escape('令和７年９月')}\n\n{_escape('葉桜区 政策経営部 ＤＸ推進課')}]",
        "#pagebreak()",
        f'#set page(header: align(right)[#text(size: 8pt)[{_escape(PDF_HEAD)}]], numbering: "1")',
        f'#text(size: 13pt, weight: "bold")[{_escape("１ 報告の趣旨")}]\n',
    ]
    out += [_escape(p) + "\n" for p in PDF_INTRO]
    out.append(f'#text(size: 13pt, weight: "bold")[{_escape("２ 評価の区分")}]\n')
    out.append(
        "#table(columns: (20mm, 1fr), " + ", ".join(_cell(c) for row in [("区分", "内容"), *PDF_LEGEND] for c in row) + ")"
    )
    out.append("#pagebreak()\n#set page(flipped: true, margin: 15mm)")
    out.append(f'#text(size: 13pt, weight: "bold")[{_escape("３ 取組別の進捗状況")}]\n')
    head = [
        _cell("柱", "rowspan: 2"),
        _cell("番号", "rowspan: 2"),
        _cell("取組", "rowspan: 2"),
        _cell("指標", "rowspan: 2"),
        _cell("策定時\n（令和４年度）", "rowspan: 2"),
        _cell("令和５年度\n実績", "rowspan: 2"),
        _cell("令和６年度", "colspan: 2, align: center"),
        _cell("目標\n（令和８年度）", "rowspan: 2"),
        _cell("評価", "rowspan: 2"),
        _cell("目標"),
        _cell("実績"),
    ]
    body = []
    for pillar, rows in PDF_TABLE:
        body.append(_cell(pillar, f"rowspan: {len(rows)}"))
        for row in rows:
            body += [_cell(c) for c in row]
    out.append(
        "#table(columns: (25mm, 11mm, 34mm, 1fr, 26mm, 25mm, 25mm, 25mm, 27mm, 11mm), inset: (x: 5pt, y: 13pt), stroke: 0.5pt, "
        f"table.header({', '.join(head)}), {', '.join(body)})"
    )
    out.append(_escape("※ ⑩の令和６年度実績は令和７年10月に確定する予定です。") + "\n")
    out.append("#pagebreak()\n#set page(flipped: false, margin: 20mm)")
    out.append(f'#text(size: 13pt, weight: "bold")[{_escape("４ 新たに追加した取組")}]\n')
    for number, (title, card) in enumerate(PDF_CARDS, 1):
        out.append(f'#v(4mm)\n#text(weight: "bold")[{_escape(f"追加{number} {title}")}]\n')
        out.append("#table(columns: (45mm, 1fr), stroke: 0.5pt, " + ", ".join(_cell(c) for row in card for c in row) + ")")
    out.append(f'#v(8mm)\n#text(size: 13pt, weight: "bold")[{_escape("５ 用語")}]\n')
    out += [_escape(f"{term}：{meaning}") + "\n" for term, meaning in PDF_TERMS]
    out.append(_escape("問合せ：葉桜区ＤＸ推進課 電話 0999-20-4410（直通）"))
    return "\n".join(out)


def make_pdf(path: Path) -> None:
    import typst

    path.write_bytes(typst.compile(pdf_source().encode(), font_paths=[str(FONTS)], ignore_system_fonts=True))


# --------------------------------------------------------------------------------------------------------------------
# 60: DOCX, a village's plan of measure cards with merged cells

DOCX_NAME = "60_kodama.docx"
# one block: ("h1"|"h2"|"p"|"li", text) or ("card", rows) or ("grid", rows); in a row None joins the cell to its left,
# "^" joins it to the one above
DOCX_BLOCKS: list[tuple[str, Any]] = [
    ("title", "木霊村デジタル化推進計画"),
    ("p", "（令和６年度～令和10年度）"),
    ("p", "令和６年６月　木霊村"),
    ("h1", "目次"),
    ("p", "第１章　計画のあらまし\t2"),
    ("p", "第２章　取組\t4"),
    ("p", "第３章　年度ごとの目標\t9"),
    ("h1", "第１章　計画のあらまし"),
    (
        "p",
        "木霊村は、人口 1,386 人（令和６年４月１日現在、住民基本台帳）、高齢化率 51.7％の山あいの村です。役場の職員は 38 人で、"
        "この10年間に５人減りました。",
    ),
    (
        "p",
        "令和５年11月に行った全世帯アンケート（配布 640 世帯、回収 402 世帯、回収率 62.8％）では、スマートフォンを「ほぼ毎日使う」"
        "人が 54.5％、「持っていない」人が 23.1％でした。",
    ),
    (
        "p",
        "本計画は、官民データ活用推進基本法第９条第３項の市町村計画を兼ねます。計画に要する費用は５年間で約 9,800 万円を見込みます。",
    ),
    ("h1", "第２章　取組"),
    ("h2", "取組１　役場に行かなくてよい手続"),
    (
        "card",
        [
            ["担当", "総務課・住民福祉課", None, None],
            ["現状と課題", "本庁から最も遠い上ノ沢集落までは車で40分かかる。", None, None],
            ["取組内容", "・ぴったりサービスの手続を増やす\n・集落の集会所に「リモート窓口」を置く", None, None],
            ["指標", "", "現状\n（令和５年度）", "目標\n（令和10年度）"],
            ["^", "電子申請できる手続の数", "３手続", "45手続"],
            ["^", "リモート窓口の設置数", "―", "６か所"],
            ["^", "役場に来ずに済んだ申請の割合", "0.8％", "３割以上"],
        ],
    ),
    ("h2", "取組２　見守りと移動"),
    (
        "card",
        [
            ["担当", "住民福祉課", None, None, None],
            [
                "取組内容",
                "通信機能付きの見守り機器を希望する世帯に貸し出す。予約制の村バスをアプリでも予約できるようにする。",
                None,
                None,
                None,
            ],
            ["指標", "", "現況", "３年後\n（令和８年度）", "５年後\n（令和10年度）"],
            ["^", "見守り機器の設置世帯（世帯）", "14", "60", "110"],
            ["^", "村バスのアプリ予約率（％）", "―", "20", "40"],
            ["備考", "見守り機器の利用料は月 550 円（村が２分の１を補助）。", None, None, None],
        ],
    ),
    ("h2", "取組３　小さな役場の働き方"),
    (
        "card",
        [
            ["担当", "総務課・会計室", None, None],
            ["指標", "定例会議のペーパーレス化", None, None],
            ["現状値", "20％（令和５年度）", "目標値", "100％（令和８年度）"],
            ["指標", "電子決裁システム", None, None],
            ["現状値", "なし", "目標値", "導入（令和７年度）"],
            ["指標", "１人当たり時間外勤務（月平均）", None, None],
            ["現状値", "17.5時間（令和５年度）", "目標値", "12時間以下（令和10年度）"],
        ],
    ),
    ("h2", "取組４　光回線と電波"),
    ("p", "村内の光回線は平成27年度に公設民営で整備しました。更新時期を迎える令和８年度までに民間への譲渡をめざします。"),
    ("li", "指標　携帯電話がつながらない集落の数　２集落（令和６年３月末） → ０集落（令和９年３月末）"),
    ("li", "指標　公設光回線の民間譲渡　目標：譲渡完了（令和８年度）"),
    ("li", "指標　公衆Wi-Fiの利用者数　年間1,150人（令和５年度） → 現状の２倍（令和10年度）"),
    ("h1", "第３章　年度ごとの目標"),
    ("p", "スマートフォンに関する指標は、毎年度の目標を次のとおり定めます。"),
    (
        "grid",
        [
            ["区分", "項目", "現状値", "R6", "R7", "R8", "R9", "R10"],
            ["暮らし", "スマホ相談の利用者数（延べ、人）", "52", "80", "120", "160", "200", "240"],
            ["^", "村公式LINEの登録率（％）", "18.6", "25", "32", "40", "48", "55"],
            ["産業", "獣害わなのICT化台数（台）", "新規", "10", "20", "30", "40", "50"],
        ],
    ),
    ("p", "※登録率は、15歳以上の村民に対する登録者の割合です。"),
    ("p", "木霊村総務課企画係　電話 0999-92-2001　ファクシミリ 0999-92-2002"),
]


def _fixed_zip(data: bytes, path: Path) -> None:
    """The same office file with fixed times, so that equal content gives equal bytes."""
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            body = old.read(name)
            if name == "docProps/core.xml":
                body = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?", STAMP.encode(), body)
            info = zipfile.ZipInfo(name, (2026, 1, 5, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, body)


def _merge_marks(table: Any, content: list[list[str | None]]) -> None:
    """Joins the cells marked None with the cell to their left, the cells marked "^" with the one above."""
    for r, row in enumerate(content):
        joined = [c for c, text in enumerate(row) if text is None]
        if joined:
            table.cell(r, joined[0] - 1).merge(table.cell(r, joined[-1]))
    for c in range(max(map(len, content))):
        tops = [r for r, row in enumerate(content) if row[c] != "^"]
        for top, after in zip(tops, [*tops[1:], len(content)], strict=True):
            if after - top > 1:
                table.cell(top, c).merge(table.cell(after - 1, c))


def _add_table(document: Any, content: list[list[str | None]]) -> None:
    table = document.add_table(rows=len(content), cols=max(map(len, content)), style="Table Grid")
    for r, row in enumerate(content):
        for c, text in enumerate(row):
            if text is not None and text != "^":
                table.cell(r, c).text = text
    _merge_marks(table, content)
    document.add_paragraph("")


def make_docx(path: Path) -> None:
    import docx  # type: ignore[import-not-found,unused-ignore]

    document = docx.Document()
    styles = {"title": "Title", "h1": "Heading 1", "h2": "Heading 2", "p": "Normal", "li": "List Bullet"}
    for kind, content in DOCX_BLOCKS:
        if isinstance(content, str):
            document.add_paragraph(content, style=styles[kind])
        else:
            _add_table(document, content)
    buffer = io.BytesIO()
    document.save(buffer)
    _fixed_zip(buffer.getvalue(), path)


# --------------------------------------------------------------------------------------------------------------------
# 61: XLSX, a city's management table with a header of two rows, a sheet of cards, an example sheet, a budget sheet

XLSX_NAME = "61_asagiri.xlsx"
# a number with a number format is a pair (number, format)
N, P = "#,##0", "0.0%"
XLSX_COVER = [
    "朝霧市ＤＸ推進計画　進行管理表",
    "（令和６年度末時点）",
    "",
    "令和７年７月　朝霧市企画部デジタル推進室",
    "",
    "※本表は、庁内照会（令和７年５月）の回答をもとに作成しています。",
]
XLSX_HEAD_1 = ["No.", "施策", "指標", "単位", "基準値\n(R3)", "R4", None, "R5", None, "R6", None, "R7", "R6評価", "備考"]
XLSX_HEAD_2 = ["", "", "", "", "", "計画", "実績", "計画", "実績", "計画", "実績", "計画", "", ""]
XLSX_ROWS: list[list[Any]] = [
    [
        1,
        "オンライン手続",
        "電子申請件数",
        "件",
        (1204, N),
        (2000, N),
        (2318, N),
        (4000, N),
        (3975, N),
        (6000, N),
        (6642, N),
        (8000, N),
        "A",
        "",
    ],
    [
        "",
        "",
        "電子申請の割合",
        "",
        (0.062, P),
        (0.1, P),
        (0.118, P),
        (0.2, P),
        (0.196, P),
        (0.3, P),
        (0.334, P),
        (0.4, P),
        "A",
        "主要50手続",
    ],
    [2, "窓口改革", "窓口1件当たりの平均処理時間", "分", 22, 20, 20.5, 18, 17.2, 15, 15.8, 12, "B", ""],
    [3, "業務効率化", "RPA・AI-OCRの適用業務数", "業務", "-", 3, 2, 8, 7, 15, 16, 25, "A", "累計"],
    ["", "", "電子決裁率", "", "－", "", "", (0.5, P), (0.431, P), (0.8, P), (0.772, P), (0.95, P), "B", "R5.10から運用"],
    [4, "人材育成", "DX研修の修了者数", "人", 0, 30, 34, 80, 91, 150, 148, 200, "B", "累計"],
]
XLSX_NOTES = ["A：計画以上　B：計画の8割以上　C：計画の8割未満", "予算・決算は別シートを参照"]
XLSX_CARDS: list[list[tuple[str, Any]]] = [
    [
        ("施策名", "5　デジタルデバイド対策"),
        ("担当課", "生涯学習課・長寿支援課"),
        ("指標", "スマートフォン講座の延べ受講者数（人）"),
        ("基準値（令和3年度）", (186, N)),
        ("令和6年度目標", (1500, N)),
        ("令和6年度実績", (1733, N)),
        ("令和7年度目標", (2000, N)),
        ("進捗", "A"),
        ("課題", "男性の受講が全体の27%にとどまる。"),
    ],
    [
        ("施策名", "6　公共施設の通信環境"),
        ("担当課", "管財課"),
        ("指標", "フリーWi-Fiを設置した施設数（施設）"),
        ("基準値（令和3年度）", 9),
        ("令和6年度目標", 25),
        ("令和6年度実績", 21),
        ("令和7年度目標", "30以上"),
        ("進捗", "B"),
        ("課題", "電波の届きにくい古い建物では工事費（1施設平均85万円）が増えている。"),
    ],
]
XLSX_EXAMPLE: list[list[tuple[str, Any]]] = [
    [
        ("施策名", "0　○○○の推進"),
        ("担当課", "○○課"),
        ("指標", "○○の件数（件）"),
        ("基準値（令和3年度）", 100),
        ("令和6年度目標", 300),
        ("令和6年度実績", 310),
        ("令和7年度目標", 400),
        ("進捗", "A"),
    ]
]
XLSX_BUDGET: list[list[Any]] = [
    ["事業名", "R5決算（千円）", "R6予算（千円）", "R6決算（千円）"],
    ["電子申請基盤運用事業", (5214, N), (5380, N), (5377, N)],
    ["庁内ネットワーク更新事業", (88400, N), (41250, N), (40918, N)],
    ["デジタル人材育成事業", (2150, N), (3300, N), (2946, N)],
]


def _put(sheet: Any, row: int, column: int, value: Any, ruled: bool = True) -> None:
    from openpyxl.styles import Alignment, Border, Side

    cell = sheet.cell(row, column)
    if isinstance(value, tuple):
        cell.value, cell.number_format = value
    elif value not in ("", None):
        cell.value = value
    if ruled:
        cell.border = Border(**{side: Side(style="thin") for side in ("left", "right", "top", "bottom")})
    if isinstance(value, str) and "\n" in value:
        cell.alignment = Alignment(wrap_text=True)


def _grid(sheet: Any, top: int, left: int, rows: list[Any], ruled: bool = True) -> None:
    for row, values in enumerate(rows, top):
        for column, value in enumerate(values, left):
            _put(sheet, row, column, value, ruled)


def make_xlsx(path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet: Any = book.active
    sheet.title = "表紙"
    _grid(sheet, 3, 2, [[text] for text in XLSX_COVER], ruled=False)

    sheet = book.create_sheet("進行管理表")
    _put(sheet, 1, 1, "朝霧市ＤＸ推進計画　指標の進行管理", ruled=False)
    _grid(sheet, 3, 1, [XLSX_HEAD_1, XLSX_HEAD_2, *XLSX_ROWS])
    _grid(sheet, 12, 1, [[text] for text in XLSX_NOTES], ruled=False)
    for area in ("A1:N1", *(f"{c}3:{c}4" for c in "ABCDEMN"), "F3:G3", "H3:I3", "J3:K3", "A5:A6", "B5:B6", "A8:A9", "B8:B9"):
        sheet.merge_cells(area)

    for title, head, cards in (
        ("個票", "施策別個票", XLSX_CARDS),
        ("個票（記入例）", "【記入例】この用紙の書き方", XLSX_EXAMPLE),
    ):
        sheet = book.create_sheet(title)
        _put(sheet, 1, 2, head, ruled=False)
        for number, card in enumerate(cards):
            _grid(sheet, 3 + number * (len(card) + 1), 2, card)

    _grid(book.create_sheet("予算・決算"), 2, 2, XLSX_BUDGET)

    buffer = io.BytesIO()
    book.save(buffer)
    _fixed_zip(buffer.getvalue(), path)


def main() -> None:
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "held"
    out.mkdir(parents=True, exist_ok=True)
    for name, make in ((PDF_NAME, make_pdf), (DOCX_NAME, make_docx), (XLSX_NAME, make_xlsx)):
        make(out / name)


if __name__ == "__main__":
    main()

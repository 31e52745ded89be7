"""Excel: what is in a workbook, and that nothing of a plan comes to life in it."""

import io
import re
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from exports import NOTHING, described, tables
from hypothesis import example, given
from hypothesis import strategies as st

from dxlib import columns
from dxlib.blocks import Citation, Data
from dxlib.errors import ReportError
from dxlib.indicators import Workbench
from dxlib.report import workbook
from dxlib.report.about import fingerprint
from dxlib.report.cells import EXCEL_LIMIT, plain
from dxlib.report.workbook import to_workbook

VALUES = ["municipality_code", "indicator", "value", "unit", "role", "as_of", "standing", "quote"]


def values(*rows: list) -> Data:
    return Data("values", VALUES, [list(row) for row in rows])


def row(**cells: object) -> list:
    return [cells.get(key) for key in VALUES]


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def unescaped(text: str) -> str:
    """What Excel shows for a stored text."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)


def test_cells_are_what_their_columns_say() -> None:
    data = values(
        row(municipality_code="012025", value=53.3, unit="%", role="baseline", as_of="2026-03-31", standing=True, quote="53.3%")
    )
    page = opened(to_workbook([data], NOTHING, "ja"))["計画に書かれた値"]
    header = [cell.value for cell in page[1]]
    assert header == ["団体コード", "指標", "値", "単位", "値の種類", "基準日", "現在の値", "原文の引用"]
    assert [cell.value for cell in page[2]] == ["012025", None, 53.3, "%", "基準値", datetime(2026, 3, 31), 1, "53.3%"]
    assert [page.cell(2, place).data_type for place in (1, 3, 6)] == ["s", "n", "d"]
    assert (page.freeze_panes, page.auto_filter.ref) == ("A2", "A1:H2")


def test_columns_are_wide_enough_for_japanese() -> None:
    page = opened(to_workbook([values(row(indicator="オンライン化した手続き数", quote="長" * 500))], NOTHING, "ja")).worksheets[0]
    assert 24 <= page.column_dimensions["B"].width <= 30
    assert page.column_dimensions["H"].width == 60


def test_headers_in_english_on_a_japanese_report() -> None:
    book = opened(to_workbook([values(row(role="target", value=0.0))], NOTHING, "ja", headers="en"))
    page = book["Values"]
    assert [cell.value for cell in page[1]][:3] == ["Municipality code", "Indicator", "Value"]
    assert (page["E2"].value, page["C2"].value) == ("target", 0)
    assert ("題名", "題") in list(book["About this report"].iter_rows(values_only=True))


def test_the_last_sheets_explain_the_data(bench: Workbench) -> None:
    data = tables(bench, "ja")[:3]
    cited = [Citation("242039-ise/digital-vision-2", 142, "142件")]
    about = described(bench, data, "ja", cited)
    book = opened(to_workbook(data, about, "ja"))
    assert book.sheetnames[:3] == ["計画に書かれた値", "比較の判定", "比較できる組"]
    assert book.sheetnames[3:] == ["列の説明", "コード表", "出典", "この報告について"]
    for page in book.worksheets[:3]:
        explained = [r[2] for r in book["列の説明"].iter_rows(min_row=2, values_only=True) if r[0] == page.title]
        assert explained == [cell.value for cell in page[1]]
    said = dict(book["この報告について"].iter_rows(min_row=2, values_only=True))
    assert said["引用の書き方"] == about.citation
    assert said["条件：municipalities"] == "242039; 242161"
    assert said["データの時点"] == "2026-07-01"
    titles = {r[1]: r for r in book["出典"].iter_rows(min_row=2, values_only=True)}
    assert titles["第2期伊勢市デジタル行政推進ビジョン"][3:5] == ("確定版", "2026-07-01")


def test_about_names_what_the_data_rests_on(bench: Workbench) -> None:
    data = tables(bench, "en")
    about = described(bench, data, "en", [Citation("242161-iga/dx-vision-1", 3, "x")])
    assert [d.document_id for d in about.documents if d.published is None] == [
        "102041-isesaki/dx-plan-draft",
        "222259-izunokuni/dx-action-plan",
    ]
    assert about.undated == ["伊勢崎市DX推進計画（案）", "伊豆の国市DX推進計画 アクションプラン"]
    assert about.vintage == max(d.published for d in about.documents if d.published)
    assert {r.item for r in about.references} == {"population"}
    assert len(about.references) == 4
    assert "draft, no date of publication printed" in about.citation
    assert about.citation.endswith("data as of 2026-07-01.")
    assert {code.code for code in about.codes if code.group == "theme"} == {theme.theme_id for theme in about.themes}
    assert [column.key for column in about.columns] == list(dict.fromkeys(key for table in data for key in table.columns))


def test_a_recorded_result_moves_the_vintage(bench: Workbench) -> None:
    keys = ["origin", "known_from", "document_id"]
    data = [Data("values", keys, [["recorded", "2027-05-01", "242039-ise/digital-vision-2"], ["printed", "2028-01-01", None]])]
    assert described(bench, data, "ja").vintage == "2027-05-01"


def test_the_fingerprint_is_that_of_the_content(bench: Workbench) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", fingerprint(bench))
    assert fingerprint(bench) == fingerprint(bench)


def test_the_fingerprint_changes_with_a_decision(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(bench)
    ask = bench.sql
    other = "FROM (SELECT scope, CASE scope WHEN 'shared' THEN 'x' ELSE sha256 END AS sha256 FROM content) "
    monkeypatch.setattr(bench, "sql", lambda question, params=(): ask(question.replace("FROM content ", other), params))
    assert fingerprint(bench) != before


DANGEROUS = ["=HYPERLINK(\"http://x\")", "+1", "-1", "@x", "\t=1", "\r=1", "#N/A", "#REF!", "=1+1", "<script>", "{{ x }}", "_x0041_", "'=1", "1,5", "2026-01-01"]  # fmt: skip


@pytest.mark.parametrize("text", DANGEROUS)
def test_plan_text_stays_text(text: str) -> None:
    content = to_workbook([values(row(indicator=text, quote=text))], NOTHING, "ja")
    page = opened(content).worksheets[0]
    for cell in (page["B2"], page["H2"]):
        assert (cell.data_type, unescaped(cell.value)) == ("s", plain(text))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any(re.search(rb"<f[ >]|t=\"e\"", archive.read(name)) for name in archive.namelist() if "worksheets" in name)


@given(st.text(min_size=1, max_size=80))
@example("=1")
@example("a_x000D_b")
@example("\x00\ud800\ufffe")
@example("\u2028\x85\r\n")
@example("  padded ")
def test_any_text_comes_back_as_the_same_text(text: str) -> None:
    page = opened(to_workbook([values(row(quote=text))], NOTHING, "ja")).worksheets[0]
    assert page["H2"].data_type == "s"
    assert unescaped(page["H2"].value) == plain(text)


def test_what_could_be_a_formula_stays_text_when_edited() -> None:
    page = opened(to_workbook([values(row(indicator="=1", quote="142件"))], NOTHING, "ja")).worksheets[0]
    assert (page["B2"].quotePrefix, page["H2"].quotePrefix) == (True, False)


def test_a_text_too_long_for_a_cell_is_cut_visibly() -> None:
    page = opened(to_workbook([values(row(quote="🏯" * EXCEL_LIMIT))], NOTHING, "ja")).worksheets[0]
    text = page["H2"].value
    assert text.endswith("🏯…（以下略）")
    assert len(text.encode("utf-16-le")) <= 2 * EXCEL_LIMIT


def test_more_rows_than_a_sheet_holds_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "EXCEL_ROWS", 3)
    with pytest.raises(ReportError, match="sheet-too-long"):
        to_workbook([values(*[row(value=float(n)) for n in range(3)])], NOTHING, "ja")


def test_the_same_data_give_the_same_bytes(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tables(bench, "ja")[-4:]
    about = described(bench, data, "ja")
    first = to_workbook(data, about, "ja")
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    second = to_workbook(data, about, "ja")
    assert first == second
    book = opened(first)
    assert book.properties.created == book.properties.modified == datetime(1980, 1, 1)
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert str(date.today().year).encode() not in archive.read("docProps/core.xml")


WRONG = [
    (Data("values", ["valeu"], [[1]]), "column-unknown"),
    (Data("vales", ["value"], [[1]]), "table-unknown"),
    (Data("values", ["value"], [["142件"]]), "cell-kind"),
    (Data("values", ["value"], [[float("nan")]]), "cell-kind"),
    (Data("values", ["value"], [[True]]), "cell-kind"),
    (Data("values", ["fiscal_year"], [[2025.5]]), "cell-kind"),
    (Data("values", ["as_of"], [["31.3.2026"]]), "cell-kind"),
    (Data("values", ["value", "unit"], [[1.0]]), "cell-kind"),
    (Data("values", ["role"], [["actuall"]]), "code-unknown"),
]


@pytest.mark.parametrize(("data", "code"), WRONG)
def test_wrong_data_is_an_error_with_a_hint(data: Data, code: str) -> None:
    with pytest.raises(ReportError) as caught:
        to_workbook([data], NOTHING, "ja")
    assert caught.value.code == code


def test_tables_of_one_name_become_one() -> None:
    both = columns.merged([values(row(value=1.0), row(value=1.0)), values(row(value=1.0), row(value=2.0))])
    assert [[r[2] for r in table.rows] for table in both] == [[1.0, 1.0, 2.0]]
    with pytest.raises(ReportError, match="table-columns"):
        columns.merged([values(), Data("values", ["value"], [])])


def test_a_table_without_rows_keeps_its_header() -> None:
    page = opened(to_workbook([values()], NOTHING, "ja")).worksheets[0]
    assert (page.max_row, page["A1"].value) == (1, "団体コード")


# columns.toml


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_headers_and_sheet_names_are_unique_and_fit_excel(lang: str) -> None:
    found = columns.definitions()
    headers = [columns.header(key, lang) for key in found.columns]
    assert len(set(headers)) == len(headers)
    names = [columns.sheet_name(name, lang) for name in found.sheets]
    assert len(set(map(str.lower, names))) == len(names)
    assert [workbook.safe_name(name) for name in names] == names
    for key in found.columns:
        assert columns.about_column(key, lang).endswith("。" if lang == "ja" else "."), key


def test_every_column_of_the_questions_has_an_entry(bench: Workbench) -> None:
    asked = [bench.values("telework"), bench.compare("telework"), bench.group("telework"), bench.progress(), bench.quality()]
    asked += [bench.audit(), bench.quality_score(), bench.coverage(), bench.topics(), bench.transformed("telework")]
    for relation in asked:
        for name in relation.columns:
            neutral = re.sub(r"_(ja|en)$", "", name)
            neutral = (
                {"name": "rule_name", "theme": "theme_name", "unit": "transformed_unit"}.get(neutral, neutral)
                if neutral != name
                else name
            )
            assert columns.header(neutral, "ja"), name


def test_every_code_of_the_warehouse_has_a_word(bench: Workbench) -> None:
    for table in tables(bench, "ja"):
        for place, key in enumerate(table.columns):
            group = columns.column(key).codes
            if group in columns.definitions().codes:
                assert {r[place] for r in table.rows} - {None} <= set(columns.definitions().codes[group]), key


def test_the_sum_over_all_rules_is_called_so(bench: Workbench) -> None:
    table = columns.dataset("quality_score", bench.quality_score(), "ja")
    rule, name = table.columns.index("rule_id"), table.columns.index("rule_name")
    assert {r[name] for r in table.rows if r[rule] is None} == {"全規則の合計"}


def test_a_relation_without_a_column_is_an_error(bench: Workbench) -> None:
    with pytest.raises(ReportError, match=r"column-missing.*'met'"):
        columns.dataset("quality_score", bench.quality_score().project("* EXCLUDE (met)"), "ja")


BAD_TOML = [
    ("columns = 1", "columns-invalid"),
    ("[columns", "columns-invalid"),
    (
        "[columns.a]\nkind='text'\nja='a'\nen='a'\nabout_ja='a'\nabout_en='a'\nunit_in='b'\n[codes]\n[prefixes]\n[sheets]",
        "columns-invalid",
    ),
    ("[columns]\n[codes]\n[prefixes]\n[sheets.x]\nja='a'\nen='a'\nrow_ja='a'\nrow_en='a'\ncolumns=['b']", "columns-invalid"),
]


@pytest.mark.parametrize(("source", "code"), BAD_TOML)
def test_malformed_definitions_are_an_error(source: str, code: str) -> None:
    with pytest.raises(ReportError, match=code):
        columns.read_definitions(source)

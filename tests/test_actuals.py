"""Results that people record: one row checked, a sheet imported, and what the warehouse makes of them."""

import csv
import io
import shutil
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from dxlib.actuals import Indicators, recorded_rows
from dxlib.cli import main
from dxlib.decisions import ACTUAL_COLUMNS, Entry
from dxlib.errors import DecisionError
from dxlib.project import Project
from dxlib.sheet import read_sheet
from dxlib.warehouse import build, connect

ONLINE = "242039-ise/digital-vision-2/vision-2/m13.1"  # 142件 in 2025; 170, 200, 230, 260 in 2026 to 2029
ONLINE_NAME = "オンライン化された行政手続きの数"
PAPER = "242039-ise/digital-vision-2/vision-2/m11.1"  # printed in 枚 and %
PROCEDURES = "242161-iga/dx-action-plan-2/action-plan-1/m03.1"  # 24/26, no unit
STAGE = "242161-iga/dx-action-plan-2/action-plan-1/m15.1"  # 導入, no name

GOOD = {
    "indicator_id": "p/m1.1",
    "indicator": "利用件数",
    "value": "170",
    "unit": "件",
    "year": "2026",
    "date": "",
    "source": "窓口課の集計",
    "recorded_on": "2027-04-20",
    "note": "",
}
PRINTED = Indicators.of(
    [("p/m1.1", "利用件数"), ("p/m2.1", "利用率"), ("p/m3.1", None), ("p/m4.1", "面積")],
    [("p/m1.1", "件"), ("p/m1.1", "%"), ("p/m2.1", "%"), ("p/m3.1", None), ("p/m4.1", "km²")],
)


def row(**cells: str) -> dict:
    return recorded_rows([Entry("actuals.csv:2", {**GOOD, **cells})], PRINTED)[0]


def amount(**cells: str) -> tuple:
    return tuple(row(**cells)[key] for key in ("value", "numerator", "denominator", "value_text"))


def period(**cells: str) -> tuple:
    return tuple(row(**cells)[key] for key in ("fiscal_year", "calendar_year", "as_of"))


# One row.


def test_a_row_becomes_a_recorded_actual() -> None:
    assert row(note="速報値") == {
        "recorded_id": "p/m1.1/2026/2027-04-20",
        "indicator_id": "p/m1.1",
        "value": 170.0,
        "numerator": None,
        "denominator": None,
        "value_text": None,
        "unit": "件",
        "fiscal_year": 2026,
        "calendar_year": None,
        "as_of": None,
        "source": "窓口課の集計",
        "recorded_on": date(2027, 4, 20),
        "note": "速報値",
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("142", 142),
        ("5,639.8", 5639.8),
        ("-2.0", -2),
        ("▲2.0", -2),
        ("△ 2.0", -2),
        ("−2.0", -2),
        ("１４２", 142),
        ("５，６３９．８", 5639.8),
        ("＋3", 3),
        ("0", 0),
    ],
)
def test_a_value_is_written_as_plans_print_it(written: str, meant: float) -> None:
    assert amount(value=written) == (meant, None, None, None)


def test_a_fraction_keeps_both_numbers_and_needs_no_unit() -> None:
    assert amount(value="24/26", unit="") == (None, 24, 26, None)
    assert amount(value="２４／２６", unit="") == (None, 24, 26, None)


def test_a_stage_is_a_word_and_needs_no_unit() -> None:
    assert amount(value="導入", unit="") == (None, None, None, "導入")


@pytest.mark.parametrize(
    ("year", "meant"),
    [
        ("2026", (2026, None, None)),
        ("２０２６", (2026, None, None)),
        ("2026年度", (2026, None, None)),
        ("令和8年度", (2026, None, None)),
        ("R8", (2026, None, None)),
        ("Ｒ８年度", (2026, None, None)),
        ("2026(令和8)年度", (2026, None, None)),
        ("令和8年度末", (2026, None, date(2027, 3, 31))),
        ("2025年", (None, 2025, None)),
        ("令和7年", (None, 2025, None)),
    ],
)
def test_a_year_is_fiscal_unless_it_is_a_calendar_year(year: str, meant: tuple) -> None:
    assert period(year=year) == meant


@pytest.mark.parametrize(
    ("year", "day", "meant"),
    [
        ("", "2026-04-01", (2026, None, date(2026, 4, 1))),
        ("", "2027-03-31", (2026, None, date(2027, 3, 31))),
        ("R8", "2027-03-31", (2026, None, date(2027, 3, 31))),
        ("2026年", "2026-12-31", (None, 2026, date(2026, 12, 31))),
        ("", "2026/8/31", (2026, None, date(2026, 8, 31))),  # what Excel makes of an ISO day in a CSV
    ],
)
def test_a_day_is_kept_and_stands_for_its_fiscal_year(year: str, day: str, meant: tuple) -> None:
    assert period(year=year, date=day) == meant


def test_a_fiscal_and_a_calendar_year_are_two_results() -> None:
    both = [Entry("a:2", GOOD), Entry("a:3", {**GOOD, "year": "2026年"})]
    assert [r["recorded_id"] for r in recorded_rows(both, PRINTED)] == [
        "p/m1.1/2026/2027-04-20",
        "p/m1.1/calendar-2026/2027-04-20",
    ]


def test_a_unit_is_recorded_as_the_plan_prints_it() -> None:
    assert row(indicator_id="p/m2.1", indicator="利用率", unit="％")["unit"] == "%"
    assert row(indicator_id="p/m4.1", indicator="面積", unit="km2")["unit"] == "km²"
    assert row(indicator_id="p/m3.1", indicator="", unit="")["unit"] is None


@pytest.mark.parametrize(
    ("cells", "code", "says"),
    [
        ({"indicator_id": "p/m1.9"}, "decision-unknown", "did you mean 'p/m1.1'"),
        ({"indicator": "利用者数"}, "decision-guard", "is now called '利用件数'"),
        ({"indicator": ""}, "decision-guard", "is now called '利用件数'"),
        ({"indicator_id": "p/m3.1", "unit": ""}, "decision-guard", "is now called ''"),
        ({"value": ""}, "decision-value", "24/26"),
        ({"value": "約170"}, "decision-value", "write a number"),
        ({"value": "170件"}, "decision-value", "write 170 here"),
        ({"value": "1,70"}, "decision-value", "write a number"),
        ({"value": "1e3"}, "decision-value", "is no value"),
        ({"value": "nan"}, "decision-value", "is no value"),
        ({"value": "導人"}, "decision-value", "did you mean '導入'"),
        ({"value": "24/0", "unit": ""}, "decision-value", "divides by zero"),
        ({"unit": "名"}, "decision-value", "prints % or 件"),
        ({"unit": ""}, "decision-value", "there is no unit, but p/m1.1 prints % or 件"),
        ({"indicator_id": "p/m3.1", "indicator": ""}, "decision-value", "leave column unit empty"),
        ({"year": ""}, "decision-value", "neither year nor date"),
        ({"year": "8"}, "decision-value", "is no year"),
        ({"year": "FY2026"}, "decision-value", "令和8年度"),
        ({"year": "令和8年4月"}, "decision-value", "is no year"),
        ({"year": "2026-04-01"}, "decision-value", "a day in column date"),
        ({"year": "1年目"}, "decision-value", "is no year"),
        ({"year": "1980"}, "decision-value", "lies outside 1989 to 2100"),
        ({"year": "9999"}, "decision-value", "lies outside 1989 to 2100"),
        ({"date": "2026-02-30"}, "decision-value", "column date is no date"),
        ({"date": "20260831"}, "decision-value", "write it as 2026-08-31"),
        ({"date": "2026-03-31"}, "decision-value", "does not lie in the year 2026"),
        ({"year": "2026年", "date": "2027-01-01"}, "decision-value", "does not lie in the year 2026年"),
        ({"source": ""}, "decision-value", "column source is empty"),
        ({"recorded_on": ""}, "decision-value", "column recorded_on is empty"),
        ({"recorded_on": "April"}, "decision-value", "column recorded_on is no date"),
        ({"recorded_on": "2026-03-31"}, "decision-value", "the year's first day 2026-04-01 lies after"),
        ({"year": "2027年", "recorded_on": "2026-12-31"}, "decision-value", "2027-01-01 lies after"),
        ({"date": "2026-08-31", "recorded_on": "2026-08-30"}, "decision-value", "the day 2026-08-31 lies after"),
        ({"year": "令和8年度末", "recorded_on": "2027-03-30"}, "decision-value", "the day 2027-03-31 lies after"),
    ],
)
def test_a_wrong_row_says_what_is_wrong_where_and_what_to_do(cells: dict, code: str, says: str) -> None:
    with pytest.raises(DecisionError) as caught:
        row(**cells)
    assert caught.value.code == code
    assert caught.value.where == "actuals.csv:2"
    assert caught.value.hint
    assert says in str(caught.value)


def test_one_year_recorded_twice_on_one_day_is_an_error_on_two_days_a_revision() -> None:
    revision = [Entry("a:2", GOOD), Entry("a:3", {**GOOD, "value": "171", "recorded_on": "2027-05-01"})]
    assert [r["value"] for r in recorded_rows(revision, PRINTED)] == [170, 171]
    twice = [Entry("a:2", GOOD), Entry("a:3", {**GOOD, "value": "171", "year": "令和8年度"})]
    with pytest.raises(DecisionError, match=r"\[decision-duplicate\] a:3: .* already stands in a:2"):
        recorded_rows(twice, PRINTED)


def test_all_wrong_rows_are_named_at_once() -> None:
    wrong = [Entry(f"a:{line}", {**GOOD, "value": f"?{line}"}) for line in range(2, 5)]
    with pytest.raises(DecisionError) as caught:
        recorded_rows(wrong, PRINTED)
    assert caught.value.where == "a:2"
    assert "2 more" in str(caught.value)
    assert "a:3" in str(caught.value)
    assert "a:4" in str(caught.value)


# A sheet.

RESULT = {
    "indicator_id": ONLINE,
    "indicator": ONLINE_NAME,
    "value": "170",
    "unit": "件",
    "year": "2026",
    "date": "",
    "source": "窓口課の集計",
    "recorded_on": "2027-04-20",
    "note": "",
}


@pytest.fixture
def desk(built: Project, tmp_path: Path) -> Project:
    """A built workbench whose decisions a test may change."""
    target = tmp_path / "desk"
    shutil.copytree(built.curated, target / "data/curated", ignore=shutil.ignore_patterns("tables"))
    (target / "data/raw").mkdir()
    return Project(target)


def actuals(project: Project) -> Path:
    return project.curated / "actuals.csv"


def add(project: Project, path: Path) -> Result:
    return CliRunner().invoke(main, ["--project", str(project.root), "import", "actuals", str(path)])


def csv_text(*rows: dict, columns: tuple = tuple(ACTUAL_COLUMNS)) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def write_csv(path: Path, *rows: dict, encoding: str = "utf-8") -> Path:
    path.write_text(csv_text(*rows), encoding=encoding)
    return path


def write_xlsx(path: Path, header: list, *rows: list, formats: dict[str, str] | None = None) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    for cells in (header, *rows):
        sheet.append(cells)
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    book.create_sheet("メモ").append(["この表は読まない"])
    book.save(path)
    return path


def recorded(project: Project) -> list[dict]:
    return list(csv.DictReader(io.StringIO(actuals(project).read_text(encoding="utf-8"), newline="")))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_csv_is_added_and_adding_it_again_adds_nothing(desk: Project, tmp_path: Path, encoding: str) -> None:
    sheet = write_csv(
        tmp_path / "r.csv", RESULT, {**RESULT, "year": "R9", "value": "1,201", "recorded_on": "2028-04-20"}, encoding=encoding
    )
    assert add(desk, sheet).stdout == "2 added, 0 already there\n"
    first = actuals(desk).read_bytes()
    assert [entry["value"] for entry in recorded(desk)] == ["170", "1,201"]
    assert add(desk, sheet).stdout == "0 added, 2 already there\n"
    assert actuals(desk).read_bytes() == first


def test_an_excel_sheet_with_japanese_headers_in_any_order(desk: Project, tmp_path: Path) -> None:
    sheet = write_xlsx(
        tmp_path / "実績.xlsx",
        ["値", "単位", "指標ＩＤ", "指標", "年度", "日付", "記録日", "出典", "備考"],
        [170, "件", ONLINE, ONLINE_NAME, 2026, None, date(2027, 4, 20), "窓口課", "1行目\n2行目"],
        [None] * 9,
        ["24/26", None, PROCEDURES, None, "令和7年度", datetime(2026, 3, 31), "2026-04-10", "DX推進課", None],
        ["導入", "", STAGE, "", "R7", None, date(2026, 4, 10), "DX推進課", '"予定どおり", と'],
        [-2.5, "％", PAPER, None, 2026.0, None, date(2027, 4, 20), "総務課", None],
    )
    with connect(desk) as connection:
        names = dict(connection.execute("SELECT indicator_id, coalesce(name, '') FROM indicator").fetchall())
    book = openpyxl.load_workbook(sheet)
    for line, indicator_id in ((4, PROCEDURES), (6, PAPER)):
        book.active[f"D{line}"] = names[indicator_id]
    book.save(sheet)
    result = add(desk, sheet)
    assert result.stdout == "4 added, 0 already there\n", result.output
    rows = recorded(desk)
    assert [(r["value"], r["unit"], r["year"], r["date"], r["recorded_on"]) for r in rows] == [
        ("170", "件", "2026", "", "2027-04-20"),
        ("24/26", "", "令和7年度", "2026-03-31", "2026-04-10"),
        ("導入", "", "R7", "", "2026-04-10"),
        ("-2.5", "％", "2026", "", "2027-04-20"),
    ]
    assert (rows[0]["note"], rows[2]["note"]) == ("1行目\n2行目", '"予定どおり", と')


def test_a_row_is_already_there_however_it_is_spelt(desk: Project, tmp_path: Path) -> None:
    add(desk, write_csv(tmp_path / "r.csv", {**RESULT, "value": "1,700.0", "year": "令和8年度"}))
    header, cells = list(RESULT), list({**RESULT, "value": 1700, "year": 2026, "recorded_on": date(2027, 4, 20)}.values())
    assert add(desk, write_xlsx(tmp_path / "r.xlsx", header, cells)).stdout == "0 added, 1 already there\n"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "unended"])
def test_what_stands_in_the_file_stays_byte_for_byte(desk: Project, tmp_path: Path, ending: str, last: bool) -> None:
    earlier = csv_text({**RESULT, "note": "a, b"}).replace("\n", ending)
    earlier = earlier if last else earlier.removesuffix(ending)
    actuals(desk).write_bytes(b"\xef\xbb\xbf" + earlier.encode())
    before = actuals(desk).read_bytes()
    later = {**RESULT, "recorded_on": "2027-05-01", "value": "171"}
    assert add(desk, write_csv(tmp_path / "r.csv", RESULT | {"note": "a, b"}, later)).stdout == "1 added, 1 already there\n"
    after = actuals(desk).read_bytes()
    assert after.startswith(before)
    assert after.decode("utf-8-sig").split(ending)[2:] == [f"{ONLINE},{ONLINE_NAME},171,件,2026,,窓口課の集計,2027-05-01,", ""]


def test_one_wrong_row_and_nothing_is_added(desk: Project, tmp_path: Path) -> None:
    before = actuals(desk).read_bytes()
    result = add(
        desk, write_csv(tmp_path / "r.csv", RESULT, {**RESULT, "year": "2027", "unit": "名", "recorded_on": "2028-04-20"})
    )
    assert (result.exit_code, result.stdout) == (1, "")
    assert "[decision-value]" in result.stderr
    assert "r.csv:3: the unit is '名'" in result.stderr
    assert actuals(desk).read_bytes() == before


def test_other_content_for_the_same_day_of_recording_is_refused(desk: Project, tmp_path: Path) -> None:
    add(desk, write_csv(tmp_path / "r.csv", RESULT))
    before = actuals(desk).read_bytes()
    result = add(
        desk, write_csv(tmp_path / "other.csv", {**RESULT, "value": "171"}, {**RESULT, "year": "R9", "recorded_on": "2028-04-20"})
    )
    assert result.exit_code == 1
    assert "[decision-duplicate]" in result.stderr
    assert "other.csv:2" in result.stderr
    assert "data/curated/actuals.csv:2 with other content" in result.stderr
    assert actuals(desk).read_bytes() == before


def test_a_file_that_cannot_be_replaced_keeps_its_rows(desk: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> None:
        raise PermissionError("open in Excel")

    before = actuals(desk).read_bytes()
    monkeypatch.setattr("dxlib.whole.os.replace", locked)
    result = add(desk, write_csv(tmp_path / "r.csv", RESULT))
    assert "[decision-write]" in result.stderr
    assert actuals(desk).read_bytes() == before
    assert not list(desk.curated.glob(".build-*"))


def test_an_import_needs_a_built_workbench(project: Project, tmp_path: Path) -> None:
    result = add(project, write_csv(tmp_path / "r.csv", RESULT))
    assert result.exit_code == 1
    assert "[warehouse-missing]" in result.stderr


def test_another_kind_is_wrong_usage(desk: Project) -> None:
    assert CliRunner().invoke(main, ["--project", str(desk.root), "import", "targets", "r.csv"]).exit_code == 2


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (None, "import-file", "cannot be read"),
        (b"", "import-file", "empty"),
        (b" \r\n", "import-file", "empty"),
        (csv_text().encode(), "import-file", "no row below the header"),
        (b"PK\x03\x04 damaged", "import-file", "no readable Excel file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "import-file", ".xls"),
        (b"a,\x81", "import-file", "neither XLSX nor a CSV"),
        (b"a\x00b", "import-file", "binary"),
        (csv_text().encode() + b'"open,', "import-file", "r.csv:2: no CSV"),
        (csv_text(RESULT).replace("unit,", "units,", 1).encode(), "decision-columns", "did you mean 'unit'"),
        (csv_text(RESULT).replace("unit,", "note,", 1).encode(), "decision-columns", "no column unit"),
        (
            csv_text(RESULT).replace("note\n", "note,備考\n", 1).replace(",\n", ",,\n").encode(),
            "decision-columns",
            "note stands here twice",
        ),
        (csv_text(RESULT).replace(",170,", ",1,700,").encode(), "decision-columns", "quote cells that hold a comma"),
        (csv_text(RESULT).replace(",件,", ",").encode(), "decision-columns", "8 cells, expected 9"),
    ],
)
def test_a_file_that_is_no_such_sheet(desk: Project, tmp_path: Path, content: bytes | None, code: str, says: str) -> None:
    path = tmp_path / "r.csv"
    if content is not None:
        path.write_bytes(content)
    result = add(desk, path)
    assert result.exit_code == 1
    assert f"[{code}]" in result.stderr
    assert "r.csv" in result.stderr
    assert says in result.stderr


def test_a_cell_under_no_column_name_is_not_lost_in_silence(desk: Project, tmp_path: Path) -> None:
    sheet = write_xlsx(tmp_path / "r.xlsx", list(RESULT), [*RESULT.values(), "未監査"])
    assert "r.xlsx:2: '未監査' stands in cell 10 of the row, under no column name" in add(desk, sheet).stderr


@pytest.mark.parametrize(
    ("value", "number_format", "says"),
    [
        (0.33, "0%", "cell C2 holds 0.33 and shows it as 33%; write 33, not as a percentage, and % as unit"),
        (0.125, "0.0%", "write 12.5"),
        (5000, "#,##0,", "in thousands"),
        ("=100+70", "General", "cell C2 is a formula without a stored result"),
        ("#N/A", "General", "holds the error #N/A"),
        (datetime(2026, 3, 4), "m/d", "'2026-03-04' in column value is no value"),
        (True, "General", "'True' in column value is no value"),
    ],
)
def test_a_cell_that_does_not_hold_what_it_shows(
    desk: Project, tmp_path: Path, value: object, number_format: str, says: str
) -> None:
    cells = list({**RESULT, "value": value}.values())
    result = add(desk, write_xlsx(tmp_path / "r.xlsx", list(RESULT), cells, formats={"C2": number_format}))
    assert result.exit_code == 1
    assert "[decision-value]" in result.stderr
    assert "r.xlsx:2" in result.stderr
    assert says in " ".join(result.stderr.replace("\n  Hint: ", "; ").split())


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (142.0, "General", "142"),
        (0.1 + 0.2, "General", "0.3"),
        (5639.8, "#,##0.0", "5639.8"),
        (142, '#,##0"件"', "142"),
        (33, '0"%"', "33"),
        (33, "0\\%", "33"),
        (-2, "0;[Red]▲0", "-2"),
        ("０１２", "@", "０１２"),
    ],
)
def test_a_number_is_read_as_it_would_be_typed(tmp_path: Path, value: object, number_format: str, text: str) -> None:
    cells = list({**RESULT, "value": value}.values())
    path = write_xlsx(tmp_path / "r.xlsx", list(RESULT), cells, formats={"C2": number_format})
    assert read_sheet(path, ACTUAL_COLUMNS)[0]["value"] == text


def with_stored(path: Path, stored: str) -> Path:
    """The workbook as Excel saves it: formulas with their results."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    assert "<f>SUM(100,70)</f>" in sheet
    start = sheet.rindex("<c ", 0, sheet.index("<f>"))
    end = sheet.index("</c>", start) + len("</c>")
    parts["xl/worksheets/sheet1.xml"] = (sheet[:start] + stored + sheet[end:]).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("stored", "text"),
    [('<c r="C2"><f>SUM(100,70)</f><v>170</v></c>', "170"), ('<c r="C2" t="str"><f>SUM(100,70)</f><v></v></c>', "")],
)
def test_a_formula_counts_by_its_stored_result(tmp_path: Path, stored: str, text: str) -> None:
    cells = list({**RESULT, "value": "=SUM(100,70)"}.values())
    path = with_stored(write_xlsx(tmp_path / "r.xlsx", list(RESULT), cells), stored)
    assert read_sheet(path, ACTUAL_COLUMNS)[0]["value"] == text


# What follows.


@pytest.fixture(scope="module")
def year_later(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The workbench after a first figure was recorded in August 2026 and corrected in October."""
    target = tmp_path_factory.mktemp("year-later")
    shutil.copytree(built.root / "data", target / "data", ignore=shutil.ignore_patterns("tables"))
    project = Project(target)
    figures = [
        {**RESULT, "value": "150", "date": "2026-07-31", "recorded_on": "2026-08-10", "source": "速報"},
        {**RESULT, "value": "170", "date": "2026-09-30", "recorded_on": "2026-10-05", "source": "確報"},
    ]
    assert add(project, write_csv(target / "r.csv", *figures)).stdout == "2 added, 0 already there\n"
    build(project)
    return project


def ask(project: Project, question: str) -> list[tuple]:
    with connect(project) as connection:
        return connection.execute(question).fetchall()


PROGRESS = (
    f"SELECT latest_value, latest_year, class, path_result, round(attainment_pct, 1) FROM {{}} WHERE indicator_id = '{ONLINE}'"
)


def test_progress_follows_the_figure_recorded_last(built: Project, year_later: Project) -> None:
    assert ask(built, PROGRESS.format("progress")) == [(None, None, None, None, None)]
    assert ask(year_later, PROGRESS.format("progress")) == [(170, 2026, "on track", "met", 65.4)]


def test_both_figures_are_kept_with_source_and_day(year_later: Project) -> None:
    question = f"""
        SELECT value, unit, role, as_of, known_from, source FROM result
        WHERE origin = 'recorded' AND indicator_id = '{ONLINE}' ORDER BY known_from
    """
    assert ask(year_later, question) == [
        (150, "件", "actual", date(2026, 7, 31), date(2026, 8, 10), "速報"),
        (170, "件", "actual", date(2026, 9, 30), date(2026, 10, 5), "確報"),
    ]
    table = (year_later.tables / "recorded_actual.csv").read_text(encoding="utf-8")
    assert f"{ONLINE}/2026/2026-08-10" in table


def test_what_was_known_on_a_day_stays_known_on_that_day(year_later: Project) -> None:
    assert ask(year_later, PROGRESS.format("progress_at(DATE '2026-08-09')"))[0][0] is None
    assert ask(year_later, PROGRESS.format("progress_at(DATE '2026-08-31')"))[0][:4] == (150, 2026, "limited", "missed")
    assert ask(year_later, PROGRESS.format("progress_at(DATE '2026-10-05')"))[0][:4] == (170, 2026, "on track", "met")


def test_a_wrong_row_stops_the_build_and_leaves_the_last_good_state(project: Project) -> None:
    write_csv(actuals(project), RESULT, {**RESULT, "indicator": "手続きの数", "recorded_on": "2027-05-01"})
    with pytest.raises(DecisionError) as caught:
        build(project)
    assert (caught.value.code, caught.value.where) == ("decision-guard", "data/curated/actuals.csv:3")
    assert not project.warehouse.exists()


def test_the_file_belongs_to_the_workbench(project: Project) -> None:
    actuals(project).unlink()
    with pytest.raises(DecisionError, match=r"\[decision-missing\] data/curated/actuals.csv"):
        build(project)


def test_a_result_may_be_in_a_corrected_unit(project: Project) -> None:
    correction = "c1,242161-iga/dx-action-plan-2,69,24/26,unit,,手続,tried in a test,open\n"
    with (project.curated / "corrections.csv").open("a", encoding="utf-8") as file:
        file.write(correction)
    build(project)
    name = ask(project, f"SELECT name FROM indicator WHERE indicator_id = '{PROCEDURES}'")[0][0]
    cells = {**RESULT, "indicator_id": PROCEDURES, "indicator": name, "value": "25/26", "unit": "手続", "note": "改行\nあり"}
    assert add(project, write_csv(project.root / "r.csv", cells)).stdout == "1 added, 0 already there\n"
    build(project)
    assert ask(project, "SELECT numerator, denominator, unit, note FROM recorded_actual") == [(25, 26, "手続", "改行\nあり")]

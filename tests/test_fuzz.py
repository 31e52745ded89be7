"""Bad input: a short sample of what ``tests/soak/fuzz.py`` searches, and every input that once broke something."""

import io
import json
import random
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from conftest import ROOT
from desk import ORIGIN, small_desk
from formats import docx, p, tbl, tc, zipped
from official_files import AREAS, census, dashboard, topojson

from dxlib.actuals import ACTUAL_COLUMNS
from dxlib.decisions import read_decisions
from dxlib.document import load, parse
from dxlib.errors import DecisionError, DxlibError, OriginError, ReportError
from dxlib.form import check_form
from dxlib.formats import plain
from dxlib.official.census import read_census
from dxlib.official.dashboard import read_dashboard
from dxlib.official.items import read_items
from dxlib.official.longtable import read_mapping
from dxlib.official.outlines import import_map
from dxlib.origin import read_origin
from dxlib.project import Project
from dxlib.quantity import find_quantities, find_years, mask
from dxlib.readers import read
from dxlib.report.changes import read_state
from dxlib.report.config import read_config
from dxlib.report.index import _read
from dxlib.report.parameters import _defaults
from dxlib.report.run import Manifest
from dxlib.sheet import read_sheet
from dxlib.text import repair

sys.path.append(str(ROOT / "tests/soak"))

import fuzz_patterns
from fuzz_groups import TARGETS
from fuzz_targets import Given, attempt, rows_of, sound_reading
from fuzz_watch import search

_SAMPLE = {
    **dict.fromkeys(("text", "quantity"), 400),
    **dict.fromkeys(
        (
            "plain files in every encoding",
            "origins",
            "remembered state",
            "long statistics and their mapping",
            "outlines of the map",
        ),
        40,
    ),
    **dict.fromkeys(
        (
            "plan texts",
            "web pages",
            "docx",
            "xlsx",
            "pdf",
            "results people record",
            "files of decisions",
            "names of municipalities",
        ),
        15,
    ),
    **dict.fromkeys(
        ("the review sheet", "the sheet of facets", "lists of reports", "the census workbook", "the dashboard zip"), 6
    ),
}


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@pytest.mark.parametrize("name", _SAMPLE)
def test_only_typed_errors_and_results_that_hold_come_out(name: str, scratch: Path) -> None:
    target = TARGETS[name]
    came = {attempt(target, target.make(random.Random(f"0/{name}/{n}"), n), scratch) for n in range(_SAMPLE[name])}
    assert "" not in came


@pytest.mark.long
def test_what_hangs_dies_or_swallows_memory_is_named_and_kept(tmp_path: Path) -> None:
    """The watch itself: a target that breaks every bound is found out."""
    keep, room = tmp_path / "keep", tmp_path / "room"
    keep.mkdir()
    room.mkdir()
    found = search("broken on purpose", 4, 1, keep, room, time.monotonic() + 60)
    assert found.tried == 4
    kinds = " ".join(found.failures)
    assert all(word in kinds for word in ("ZeroDivisionError", "hangs", "the process died", "too much memory")), found.failures
    assert {path.read_bytes() for path in keep.glob("*[0-9]*.txt") if ".why" not in path.name} | {
        path.read_bytes() for path in keep.glob("*.bin")
    } >= {b"0", b"1", b"2", b"3"}


# Regular expressions


def test_no_pattern_is_led_astray_by_its_own_pumps() -> None:
    """The patterns that see plans and sheets; those of all modules, and more inputs, are for the long suite."""
    names = "text quantity document printed cover readers formats official sheet decisions origin actuals corrections review_sheet municipality"
    examined = fuzz_patterns.examine(rooms=tuple(f"dxlib.{name}" for name in names.split()), is_short=True)
    assert examined.failures == []
    assert examined.figures["patterns"] > 200


@pytest.mark.long
def test_the_search_for_patterns_finds_what_is_catastrophic() -> None:
    import re

    for pattern in (r"(a+)+b", r"(?:<!--.*?-->\s*)*<html", r"x*y", r"\s*→"):
        found = fuzz_patterns.Found(re.compile(pattern, re.S), "here", once=pattern.startswith("("))
        assert any(
            fuzz_patterns.grows(found, beginning, piece, "!") for beginning, piece in fuzz_patterns.pumps(found.pattern)
        ), pattern


def test_comments_before_a_page_are_skipped_in_time() -> None:
    started = time.process_time()
    assert not plain.looks_like_html(b"<!---->" * 500)
    assert plain.looks_like_html(b"<!-- a --> <!-- b -->\n<html>")
    assert time.process_time() - started < 1


def test_a_long_run_of_white_space_says_no_more_than_a_short_one() -> None:
    line = repair(f"目標値{' ' * 500}5件")
    assert line.clean == f"目標値{' ' * 32}5件"
    assert line.quote(3, 35) == " " * 500
    assert line.quote(35) == "5件"


# Values and years


@pytest.mark.parametrize("text", ["令和83年度", "昭和0年", "1918年に創立", "R99", "0年目", "0年後"])
def test_a_year_that_cannot_be_one_is_none_and_no_number_either(text: str) -> None:
    assert [(year.western, year.relative_year) for year in find_years(text)] in ([(None, None)], [])
    assert all(quantity.unit != "年" for quantity in find_quantities(text))


@pytest.mark.parametrize(
    "text",
    [
        "指標\t現状値\t令和83年度目標\n件数\t5件（昭和60年度）\t0/0\n",
        "令和6年3月末の利用者は5人、普及率は3/0、1918年に100人でした。",
    ],
)
def test_odd_years_and_empty_shares_fit_the_tables(text: str) -> None:
    document = parse(text)
    sound_reading(document, read(document))


@pytest.mark.parametrize("piece", ["R8:5件 ", "名前：3名 "])
def test_thousands_of_values_in_one_cell_share_their_quote(piece: str) -> None:
    document = parse(f"施策名\t指標\t達成状況\n{piece * 2000}\t{piece * 2000}\t達成\n")
    (measure,) = read(document).measures
    values = [value for indicator in measure.indicators for value in indicator.values]
    assert len(values) > 1000
    assert len({id(indicator.quote) for indicator in measure.indicators}) == 1
    assert len({id(value.verdict_quote) for value in values if value.verdict_quote}) == 1


def test_years_are_masked_in_time() -> None:
    def seconds(count: int) -> float:
        text = "令和8年度、" * count
        started = time.process_time()
        assert len(mask(text)) == len(text)
        return time.process_time() - started

    seconds(100)
    assert seconds(20_000) < 10 * max(seconds(5_000), 0.02)


# Office files


def test_a_list_that_restarts_at_a_level_there_is_not_is_read(tmp_path: Path) -> None:
    numbering = (
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="99"><w:startOverride w:val="3"/></w:lvlOverride></w:num>'
    )
    path = tmp_path / "a.docx"
    path.write_bytes(docx(p("総論", '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'), numbering=numbering))
    assert load(path).raw == ("1. 総論",)


def test_tables_too_deep_in_tables_are_refused(tmp_path: Path) -> None:
    inner = tbl([tc("指標"), tc("目標")])
    for _ in range(300):
        inner = tbl([f"<w:tc>{inner}<w:p/></w:tc>", tc("外")], [tc("a"), tc("b")])
    path = tmp_path / "a.docx"
    path.write_bytes(docx(inner))
    with pytest.raises(DxlibError) as caught:
        load(path)
    assert caught.value.code in ("source-damaged", "source-too-large")


def _sheet_xml(rows: str) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["x"])
    buffer = io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    name = next(name for name in parts if "worksheets/sheet" in name)
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    parts[name] = f"{head}{rows}</sheetData></worksheet>"
    return zipped(parts)


_HEADER = "".join(f'<c r="{chr(65 + n)}1" t="inlineStr"><is><t>{name}</t></is></c>' for n, name in enumerate(ACTUAL_COLUMNS))


def test_rows_far_apart_are_not_filled_up(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    path.write_bytes(_sheet_xml(f'<row r="1">{_HEADER}</row><row r="2000000000"><c r="A2000000000"><v>1</v></c></row>'))
    with pytest.raises(DecisionError, match="more than 500,000 cells"):
        read_sheet(path, ACTUAL_COLUMNS)
    with pytest.raises(DecisionError, match="rows apart"):
        read_census(path, {}, "2024")


def test_a_style_that_the_file_does_not_have_is_none(tmp_path: Path) -> None:
    path = tmp_path / "style.xlsx"
    path.write_bytes(_sheet_xml(f'<row r="1">{_HEADER}</row><row r="2"><c r="C2" s="99"><v>5</v></c></row>'))
    assert read_sheet(path, ACTUAL_COLUMNS)[0]["value"] == "5"


def test_a_sheet_that_unpacks_to_far_more_than_it_is_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/workbook.xml", "w") as part:
        for _ in range(21):
            part.write(b" " * 10_000_000)
    with pytest.raises(DecisionError, match="unpacks to more than"):
        read_sheet(path, ACTUAL_COLUMNS)


# Decisions


@pytest.fixture
def desk(tmp_path: Path) -> Project:
    return small_desk(tmp_path)


@pytest.mark.parametrize(
    "text", ["[themes]\na = " + "[" * 5000, f"a = {'9' * 5000}", "themes = 3", "themes = [{ name = 1 }]", '[themes]\n"x[0]" = 1']
)
def test_toml_of_decisions_is_refused_with_a_code(desk: Project, text: str) -> None:
    for name in ("themes.toml", "reference_items.toml"):
        before = (desk.curated / name).read_bytes()
        (desk.curated / name).write_text(text, encoding="utf-8")
        with pytest.raises(DecisionError) as caught:
            read_items(desk, read_decisions(desk).themes)
        assert caught.value.code == "decision-invalid"
        (desk.curated / name).write_bytes(before)


def test_a_list_written_as_one_value_is_refused_with_a_code(desk: Project) -> None:
    from dxlib.clues import read_clues

    (desk.curated / "clues.toml").write_text("theme = [{ theme = 3 }]\nthreshold = { theme = 1, facet = 1 }\n", encoding="utf-8")
    with pytest.raises(DecisionError) as caught:
        read_clues(desk, [], {})
    assert caught.value.code == "decision-invalid"


def test_a_cell_too_long_for_a_csv_is_refused_with_a_code(desk: Project) -> None:
    path = desk.curated / "corrections.csv"
    path.write_text(path.read_text(encoding="utf-8") + '"' + "x" * 11_000_000 + '"\n', encoding="utf-8")
    with pytest.raises(DecisionError) as caught:
        read_decisions(desk)
    assert caught.value.code == "decision-invalid"
    assert "corrections.csv:" in caught.value.where


def test_a_column_too_long_for_a_csv_is_refused_with_a_code(desk: Project) -> None:
    path = desk.curated / "facets.csv"
    (desk.curated / "version.toml").unlink(missing_ok=True)  # the form is told by the columns then
    path.write_text(f'"{"x" * 11_000_000}",' + path.read_text(encoding="utf-8"), encoding="utf-8")
    check_form(desk)
    with pytest.raises(DecisionError) as caught:
        read_decisions(desk)
    assert (caught.value.code, "facets.csv" in caught.value.where) == ("decision-invalid", True)


def test_a_figure_of_hundreds_of_digits_is_refused(desk: Project) -> None:
    row = f"131016,population,2020-10-01,2021,{'9' * 400},人,,国勢調査\n"
    path = desk.curated / "reference_value.csv"
    path.write_text(path.read_text(encoding="utf-8") + row, encoding="utf-8")
    with pytest.raises(DecisionError, match="is no number"):
        read_decisions(desk)


@pytest.mark.parametrize("data", [b"title = " + b"[" * 5000, b"title = " + b"9" * 5000, b'title = "\xff"'])
def test_an_origin_is_refused_with_a_code(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(data + ORIGIN.encode())
    with pytest.raises(OriginError) as caught:
        read_origin(path, "a.toml")
    assert caught.value.code == "origin-invalid"


@pytest.mark.parametrize("data", [b"name = " + b"[" * 5000, b"name = " + b"9" * 5000, b'name = "\xff"'])
def test_a_mapping_and_a_list_of_reports_are_refused_with_a_code(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(data)
    with pytest.raises(DecisionError) as caught:
        read_mapping(path)
    assert caught.value.code == "import-mapping"
    with pytest.raises(ReportError) as listed:
        read_config(Project(tmp_path), path)
    assert listed.value.code in ("config-invalid", "config-unreadable")


# Official statistics


def test_figures_of_hundreds_of_digits_are_refused(tmp_path: Path, desk: Project) -> None:
    areas = [*AREAS[:3], ["13101_千代田区", 0, "9" * 400, 11.66, 11_000, 3_000, 37_000]]
    with pytest.raises(DecisionError, match="is no number"):
        read_census(census(tmp_path / "c.xlsx", areas), read_items(desk), "2022")


def test_a_damaged_workbook_in_the_zip_is_refused(tmp_path: Path, desk: Project) -> None:
    path = dashboard(tmp_path / "20240712_a.zip", [["", "", "千代田区"], ["a", "b", "1"]])
    with zipfile.ZipFile(path) as archive:
        inner = archive.infolist()[0]
    packed = tmp_path / "20240712_b.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(inner.filename, random.Random(1).randbytes(4000))
    data = bytearray(packed.read_bytes())
    start = 30 + len(inner.filename.encode())
    data[start : start + 40] = b"\xff" * 40
    packed.write_bytes(bytes(data))
    with pytest.raises(DecisionError) as caught:
        read_dashboard(packed, read_items(desk), None, ["2023-04-01"])
    assert caught.value.code == "import-file"


@pytest.mark.parametrize("step", ["1e400", "9" * 400, "NaN", "-Infinity"])
def test_an_outline_that_lies_nowhere_is_refused(tmp_path: Path, step: str) -> None:
    path = topojson(tmp_path / "a.json", [("131016", "千代田区", "東京都", 139.0, 35.0)])
    text = path.read_text(encoding="utf-8")
    assert "[0, 500]" in text
    path.write_text(
        text.replace("[0, 500]", f"[{step}, 500]").replace("[0, -500]", f"[-{step}, -500]" if step[0] in "19" else "[0, -500]"),
        encoding="utf-8",
    )
    with pytest.raises(DecisionError) as caught:
        import_map(Project(tmp_path), path)
    assert caught.value.code == "import-map"


# Remembered state


def test_state_within_too_many_brackets_counts_as_damaged(tmp_path: Path) -> None:
    deep = "[" * 100_000
    (tmp_path / "state.json").write_text(f'{{"first_at": "a", "checked_at": "b", "counts": {deep}', encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        read_state(tmp_path)
    assert caught.value.code == "state-damaged"
    (tmp_path / "run.json").write_text(f'{{"report_id": "a", "parameters": {{"x": {deep}', encoding="utf-8")
    assert _read(tmp_path / "run.json", Manifest) == (None, True)
    (tmp_path / "x.ipynb").write_text(json.dumps({"cells": [{"metadata": [], "source": ""}]}), encoding="utf-8")
    for text in (json.dumps({"cells": [{"metadata": [], "source": ""}]}), f'{{"cells": {deep}'):
        (tmp_path / "x.ipynb").write_text(text, encoding="utf-8")
        with pytest.raises(ReportError) as unreadable:
            _defaults(tmp_path / "x.ipynb", "x.ipynb")
        assert unreadable.value.code == "notebook-unreadable"


def test_rows_of_a_document_are_those_of_a_build() -> None:
    """The search checks the very rows that a build stores."""
    document = parse("# 施策\n\n指標\t現状値\t令和8年度目標\n件数\t5件\t8件\n")
    tables = rows_of(document, read(document))
    assert [row["value"] for row in tables["observation"]] == [5.0, 8.0]
    assert Given("あ").size == 3

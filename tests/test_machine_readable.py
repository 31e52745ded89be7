"""The 30 rules of 行政データにおける機械可読性に関するルール (2026-03-31) as a checker, run over all that Excel and zip give away.

`RULES` says for each rule how it is checked, or why it does not apply.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import openpyxl
import pytest
from exports import all_themes, described, tables
from openpyxl.styles import Color, Font
from openpyxl.worksheet.worksheet import Worksheet

from dxlib import columns
from dxlib.blocks import Data
from dxlib.errors import DxlibError
from dxlib.indicators import Workbench
from dxlib.municipality import check_code
from dxlib.project import Project
from dxlib.report.about import About
from dxlib.report.bundle import to_bundle
from dxlib.report.workbook import to_workbook
from dxlib.wording import LANGUAGES

Exported = dict[str, tuple[list[Data], About]]

NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")
VERBATIM = {"quote", "places", "printed", "text", "note", "content"}  # texts of documents, and our own sentences
NEVER_BLANK = {"municipality_code", "left_code", "right_code", "sheet", "column", "code_group", "item", "content"}


@dataclass
class Table:
    """One CSV or one sheet, as read back. ``codes``: what its code tables list; ``explained``: keys that are explained."""

    name: str
    keys: list[str]
    header: list[str]
    rows: list[list[Any]]
    raw: bytes = b""
    encoding: str = "utf-8-sig"
    stated: dict[str, Any] = field(default_factory=dict)
    page: Worksheet | None = None
    parts: list[str] = field(default_factory=list)
    codes: dict[str, set[str]] = field(default_factory=dict)
    explained: set[str] = field(default_factory=set)

    def cells(self) -> Iterator[tuple[str, Any]]:
        for row in self.rows:
            yield from zip(self.keys, row, strict=False)

    def kind(self, key: str) -> str:
        return columns.column(key).kind


def blank(value: Any) -> bool:
    return value is None or value == ""


def file_opens(t: Table) -> bool:
    if t.page is not None:
        return "xl/workbook.xml" in t.parts
    return b"\0" not in t.raw and t.raw.decode(t.encoding) != ""


def one_table(t: Table) -> bool:
    empty = [all(map(blank, row)) for row in t.rows]
    return not any(empty) and all(len(row) == len(t.header) for row in t.rows)


def undivided(t: Table) -> bool:
    return not any(map(blank, t.header)) and not any(all(map(blank, row)) for row in t.rows)


def nothing_beside(t: Table) -> bool:
    if t.page is None:
        return all(len(row) <= len(t.header) for row in t.rows)
    cells = [cell for row in t.page.iter_rows() for cell in row]
    parts = (t.page.oddHeader, t.page.oddFooter, t.page.evenHeader, t.page.evenFooter)
    texts = [getattr(part, side).text for part in parts for side in ("left", "center", "right")]
    return t.page.max_column <= len(t.header) and not any(cell.comment for cell in cells) and not any(texts)


def named(t: Table) -> bool:
    return all(not blank(name) and re.search(r"[一-龠ぁ-んァ-ヶ]|[A-Za-z]{2}", str(name)) for name in t.header)


def unspaced(t: Table) -> bool:
    texts = [*t.header, *(value for key, value in t.cells() if isinstance(value, str) and key not in VERBATIM)]
    every = [*t.header, *(value for _, value in t.cells() if isinstance(value, str))]
    return all(text == text.strip() and not re.search(r"[\s\u3000]{2}|\w\u3000\w\u3000\w", text) for text in texts) and not any(
        re.search(r"[\n\r\t]", text) for text in every
    )


def one_value(t: Table) -> bool:
    single = {key for key in t.keys if key.endswith(("_id", "_code", "_year", "sha256")) or columns.code_group(key)}
    return not any(re.search(r"[;、,\n]", str(value)) for key, value in t.cells() if key in single and not blank(value))


def common_characters(t: Table) -> bool:
    own = [*t.header, *(value for key, value in t.cells() if key in {"header", "meaning", "unit_stated", "code_group"})]
    return all(_in_jis(str(text)) for text in own if not blank(text))


def _in_jis(text: str) -> bool:
    try:
        text.encode("euc_jp")
    except UnicodeEncodeError:
        return False
    return not re.search(r"[⏎㋿①-⓿Ⅰ-ⅿ㈀-㏿]", text)


def blank_is_blank(t: Table) -> bool:
    marks = {"-", "—", "－", "NULL", "None", "NaN", "N/A", "nan", "null", "…", "***", "x"}
    return not any(str(value) in marks for key, value in t.cells() if t.kind(key) != "text" and not blank(value))


def no_objects(t: Table) -> bool:
    return not any(re.search(r"drawing|media|chart|embed|comment|vml", part) for part in t.parts)


def no_meaning_by_format(t: Table) -> bool:
    assert t.page is not None
    return not any(
        cell.fill.fill_type or cell.font != Font(name="Calibri", sz=11, family=2, scheme="minor", color=Color(theme=1))
        for row in t.page.iter_rows(min_row=2)
        for cell in row
    ) and not list(t.page.conditional_formatting)


def unmerged(t: Table) -> bool:
    return t.page is not None and not t.page.merged_cells.ranges


def unhidden(t: Table) -> bool:
    assert t.page is not None
    dimensions = [*t.page.row_dimensions.values(), *t.page.column_dimensions.values()]
    return t.page.sheet_state == "visible" and not any(d.hidden or d.outlineLevel for d in dimensions)


def one_record_a_line(t: Table) -> bool:
    text = t.raw.decode(t.encoding)
    return "\n" not in text.replace("\r\n", "") and "\r" not in text.replace("\r\n", "") and text.count("\r\n") == len(t.rows) + 1


def commas_quoted(t: Table) -> bool:
    lines = t.raw.decode(t.encoding).split("\r\n")[:-1]
    return all(len(next(csv.reader([line], strict=True))) == len(t.header) for line in lines)


def numeric(t: Table) -> bool:
    return all(_is_kind(t.kind(key), value, t.page is not None) for key, value in t.cells() if not blank(value))


def _is_kind(kind: str, value: Any, excel: bool) -> bool:
    if kind == "text":
        return isinstance(value, str)
    if kind == "date":
        return isinstance(value, date) if excel else bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value))
    if kind == "flag":
        return str(value) in ("0", "1")
    return isinstance(value, int | float) if excel else bool(NUMBER.fullmatch(value))


def nothing_left_out(t: Table) -> bool:
    needed = NEVER_BLANK - ({"code_group"} if t.name == "columns" else set())
    return not any(blank(value) for key, value in t.cells() if key in needed)


def unique_names(t: Table) -> bool:
    return len(set(t.header)) == len(t.header)


def standard_choices(t: Table) -> bool:
    """A coded column holds only values of its code table (in Excel the words, and ids as they are)."""
    coded = {key: columns.code_group(key) for key in t.keys if columns.code_group(key)}
    used = {(str(coded[key]), str(value)) for key, value in t.cells() if key in coded and not blank(value)}
    return all(value in t.codes.get(group, set()) for group, value in used)


def no_other(t: Table) -> bool:
    groups = {columns.code_group(key) for key in t.keys} - {None}
    return not any(value.startswith(("その他", "other")) for group in groups for value in t.codes.get(str(group), set()))


def no_formulas(t: Table) -> bool:
    assert t.page is not None
    return not any(cell.data_type == "f" for row in t.page.iter_rows() for cell in row)


def header_first(t: Table) -> bool:
    return t.header != [] and not any(map(blank, t.header)) and (not t.rows or not all(map(blank, t.rows[0])))


def units_stated(t: Table) -> bool:
    for key in t.keys:
        entry = columns.column(key)
        if entry.kind in ("number", "integer") and not (entry.unit_ja and entry.unit_en) and entry.unit_in not in t.keys:
            return False
    return True


def western_years(t: Table) -> bool:
    eras = {key for key in t.keys if key.endswith("_era")}
    years = {key for key in t.keys if key.endswith("_year") and not key.endswith(("relative_year", "per_year"))}
    plain = all(1900 <= float(value) <= 2200 for key, value in t.cells() if key in years and not blank(value))
    return plain and all(key.removesuffix("_era") in t.keys for key in eras)


def areas(t: Table) -> bool:
    codes = [key for key in t.keys if key.endswith(("municipality_code", "left_code", "right_code"))]
    if any(key.endswith("municipality") for key in t.keys) and not codes:
        return False
    return all(_is_area(str(value)) for key, value in t.cells() if key in codes and not blank(value))


def _is_area(code: str) -> bool:
    try:
        check_code(code, "")
    except DxlibError:
        return False
    return True


def stable(t: Table) -> bool:
    return tuple(t.keys) == columns.sheet(t.name).columns


def explained(t: Table) -> bool:
    if not set(t.keys) <= t.explained:
        return False
    if t.page is not None:
        return True
    bom = t.raw.startswith(b"\xef\xbb\xbf")
    physical = all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in t.header)
    return physical and t.stated.get("bom") == bom and t.stated.get("encoding", "").startswith(("UTF-8", "CP932"))


def long_form(t: Table) -> bool:
    return not any(re.search(r"(19|20)\d\d|令和.?\d|平成\d|[RH]\d", str(name)) for name in t.header)


@dataclass(frozen=True)
class Rule:
    """``check`` is None where the rule does not apply to a kind of file; ``how`` says how it is checked."""

    how: str
    csv: Callable[[Table], bool] | None
    xlsx: Callable[[Table], bool] | None


def both(how: str, check: Callable[[Table], bool]) -> Rule:
    return Rule(how, check, check)


RULES = {
    "L1-01": both("the file opens as xlsx, or decodes as CSV in the encoding stated", file_opens),
    "L1-02": both("no blank row, and every row as wide as the header: one table a file or sheet", one_table),
    "L1-03": both("no column without header, no wholly blank row", undivided),
    "L1-04": both("nothing beyond the table: no wider rows, comments, page headers or footers", nothing_beside),
    "L1-05": both("every column has a name in words: Japanese characters or two Latin letters", named),
    "L1-06": both("no line breaks or tabs; no leading, trailing or double spaces, except inside verbatim quotes", unspaced),
    "L1-07": both("ids, codes, numbers and dates hold one value; inputs, places, not_met are lists, and say so", one_value),
    "L1-08": both(
        "headers, meanings and units are in JIS X 0208; texts of plans are verbatim (the rule's exception)", common_characters
    ),
    "L1-09": both(
        "no mark stands for a missing number; blanks and zeros against the data in a test of their own", blank_is_blank
    ),
    "L1-10": Rule("no drawing, picture, chart or comment in the package; a CSV has none", None, no_objects),
    "L1-11": Rule(
        "no fill, bold, italic, colour or conditional format below the header; a CSV has none", None, no_meaning_by_format
    ),
    "L1-12": Rule("no merged cells; a CSV has none", None, unmerged),
    "L1-13": Rule("no hidden or grouped rows, columns, sheets; a CSV has none", None, unhidden),
    "L1-14": Rule("as many lines as records, no break inside one; of CSV only", one_record_a_line, None),
    "L1-15": Rule("every line parses by itself into as many fields as the header; of CSV only", commas_quoted, None),
    "L2-01": both("number cells are numbers, without unit, comma or mark; dates are dates, flags 0 or 1", numeric),
    "L2-02": both("codes of municipalities and keys of the explaining tables are in every row", nothing_left_out),
    "L2-03": both("no header stands twice in a table", unique_names),
    "L2-04": both("coded columns hold only values of their code table", standard_choices),
    "L2-05": both("no code table offers 'other'", no_other),
    "L2-06": Rule("no cell is a formula; a CSV has none", None, no_formulas),
    "L3-01": both("header in row 1, data from row 2", header_first),
    "L3-02": both("every code and id that occurs is in the code table that goes with it", standard_choices),
    "L3-03": both("number columns hold no marks at all, so none needs a definition", numeric),
    "L3-04": both("every number column has a fixed unit, or a column of the same table its unit stands in", units_stated),
    "L3-05": both("years are Western; a Japanese era only beside it; days are ISO or real dates", western_years),
    "L3-06": both("a municipality has its six-digit code, check digit verified, in the same row", areas),
    "L3-07": both("a table has exactly the columns of columns.toml, whatever the theme, city or language", stable),
    "L3-08": both("every column is explained; CSV headers are ASCII keys; encoding and BOM are stated, and true", explained),
    "L3-09": both("no header holds a year or a period: values over years are rows", long_form),
}


def complaints(t: Table) -> list[str]:
    """The rules a table breaks."""
    side = "csv" if t.page is None else "xlsx"
    return [rule for rule, entry in RULES.items() if (check := getattr(entry, side)) and not check(t)]


def read_zip(content: bytes) -> list[Table]:
    """The CSVs of a zip as tables, with what its metadata and explaining tables say of them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    metadata = {entry["file"]: entry for entry in json.loads(files["metadata.json"])["files"]}
    read = {}
    for name, raw in files.items():
        if name.endswith(".csv"):
            encoding = "cp932" if metadata[name]["encoding"].startswith("CP932") else "utf-8-sig"
            header, *rows = csv.reader(io.StringIO(raw.decode(encoding), newline=""), strict=True)
            key = name.removesuffix(".csv")
            read[key] = Table(key, header, header, rows, raw=raw, encoding=encoding, stated=metadata[name])
    codes: dict[str, set[str]] = {}
    for group, code, _ in read["codes"].rows:
        codes.setdefault(group, set()).add(code)
    for table in read.values():
        table.codes = codes
        table.explained = {row[1] for row in read["columns"].rows if row[0] == table.name}
    return list(read.values())


def read_xlsx(content: bytes, lang: str) -> list[Table]:
    """The sheets of a workbook as tables, with what its explaining sheets say of them."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.namelist()
    explaining = book[columns.sheet_name("columns", lang)]
    keys: dict[str, dict[str, str]] = {}
    for sheet, key, header, *_ in explaining.iter_rows(min_row=2, values_only=True):
        keys.setdefault(str(sheet), {})[str(header)] = str(key)
    codes: dict[str, set[str]] = {}
    shown_as_is = {entry.ids for entry in columns.definitions().columns.values()} | {"flag"}
    for group, code, word in book[columns.sheet_name("codes", lang)].iter_rows(min_row=2, values_only=True):
        codes.setdefault(str(group), set()).update({str(word), str(code)} if group in shown_as_is else {str(word)})
    names = {columns.sheet_name(name, lang): name for name in columns.definitions().sheets}
    read = []
    for page in book:
        header, *rows = page.iter_rows(values_only=True)
        known = keys[page.title]
        table = Table(
            names[page.title], [known[str(name)] for name in header], list(map(str, header)), [list(row) for row in rows]
        )
        read.append(replace(table, page=page, parts=parts, codes=codes, explained=set(known.values())))
    return read


def test_every_official_rule_is_checked_or_says_why_not() -> None:
    counts = {"L1": 15, "L2": 6, "L3": 9}
    assert list(RULES) == [f"{level}-{number:02}" for level, count in counts.items() for number in range(1, count + 1)]
    assert all(len(rule.how) > 15 and (rule.csv or rule.xlsx) for rule in RULES.values())


@pytest.fixture(scope="module")
def exported(built: Project) -> Exported:
    with Workbench(built) as bench:
        data = {lang: tables(bench, lang, all_themes(bench)) for lang in LANGUAGES}
        return {lang: (data[lang], described(bench, data[lang], lang)) for lang in LANGUAGES}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp932"])
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_csv_of_the_five_plans_keeps_the_rules(exported: Exported, lang: str, encoding: str) -> None:
    data, about = exported[lang]
    read = read_zip(to_bundle(data, about, lang, encoding=encoding))
    assert {table.name for table in data} < {table.name for table in read}
    assert {table.name: complaints(table) for table in read if complaints(table)} == {}


@pytest.mark.parametrize(
    ("lang", "headers"), [("ja", "ja"), *(pytest.param(lang, "en", marks=pytest.mark.long) for lang in ("ja", "en"))]
)
def test_every_sheet_of_the_five_plans_keeps_the_rules(exported: Exported, lang: str, headers: str) -> None:
    data, about = exported[lang]
    read = read_xlsx(to_workbook(data, about, lang, headers), headers)
    assert len(read) >= len(data) + 4
    assert {table.name: complaints(table) for table in read if complaints(table)} == {}


def test_blanks_and_zeros_are_those_of_the_data(exported: Exported) -> None:
    data, about = exported["ja"]
    written = {table.name: table for table in read_zip(to_bundle(data, about, "ja"))}
    sheets = {table.name: table for table in read_xlsx(to_workbook(data, about, "ja"), "ja")}
    zeros = 0
    for table in data:
        counted = [place for place, key in enumerate(table.columns) if columns.column(key).kind != "text"]
        for row, fields, cells in zip(table.rows, written[table.name].rows, sheets[table.name].rows, strict=True):
            assert [value is None for value in row] == [value == "" for value in fields] == [value is None for value in cells]
            is_zero = [row[place] == 0 and row[place] is not None for place in counted]
            assert is_zero == [fields[place] == "0" for place in counted] == [cells[place] == 0 for place in counted]
            zeros += sum(is_zero)
    assert zeros > 100


GOOD = b"municipality_code,municipality,value,unit,role,fiscal_year\r\n242039,\xe4\xbc\x8a\xe5\x8b\xa2,142,\xe4\xbb\xb6,actual,2025\r\n"


def little(raw: bytes = GOOD, **changed: Any) -> Table:
    header, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    stated = {"encoding": "UTF-8", "bom": False}
    table = Table("values", header, header, rows, raw=raw, encoding="utf-8", stated=stated)
    return replace(table, codes={"role": {"actual"}}, explained=set(header), **changed)


def test_a_good_little_table_breaks_only_the_rule_of_stable_columns() -> None:
    assert complaints(little()) == ["L3-07"]


BAD_CSV = {
    "L1-01": GOOD + b"\0",
    "L1-02": GOOD.replace(b"\r\n242039", b"\r\n,,,,,\r\n242039"),
    "L1-03": GOOD.replace(b",unit,", b",,"),
    "L1-04": GOOD.replace(b"2025\r\n", b"2025,memo\r\n"),
    "L1-05": GOOD.replace(b"unit", b"#1"),
    "L1-06": GOOD.replace(b"\xe4\xbb\xb6", b" \xe4\xbb\xb6"),
    "L1-07": GOOD.replace(b",2025", b',"2025,2026"'),
    "L1-08": GOOD.replace(b"unit", "単位①".encode()),
    "L1-09": GOOD.replace(b"142", "－".encode()),
    "L1-14": GOOD.replace(b"\xe4\xbb\xb6", b'"\xe4\xbb\n\xb6"'.replace(b"\xbb\n\xb6", b"\xbb\xb6\n")),
    "L1-15": GOOD.replace(b"\xe4\xbb\xb6", b"\xe4\xbb\xb6,x"),
    "L2-01": GOOD.replace(b"142", "1,420件".encode().replace(b",", b"")),
    "L2-02": GOOD.replace(b"242039", b""),
    "L2-03": GOOD.replace(b"unit", b"value"),
    "L2-04": GOOD.replace(b"actual", b"Actual"),
    "L3-01": b"\r\n" + GOOD,
    "L3-02": GOOD.replace(b"actual", b"a1"),
    "L3-03": GOOD.replace(b"142", b"x"),
    "L3-04": GOOD.replace(b"unit", b"plan"),
    "L3-05": GOOD.replace(b"2025", b"7"),
    "L3-06": GOOD.replace(b"242039", b"242030"),
    "L3-08": b"\xef\xbb\xbf" + GOOD,
    "L3-09": GOOD.replace(b"fiscal_year", b"value_2025"),
}  # fmt: skip


@pytest.mark.parametrize("rule", BAD_CSV)
def test_the_checker_finds_a_bad_csv(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = columns.Column("text", "", "", "", "")
    known = columns.column
    monkeypatch.setattr(columns, "column", lambda key: known(key) if key.strip("_") in columns.definitions().columns else text)
    table = little(BAD_CSV[rule])
    check = RULES[rule].csv
    assert check is not None
    assert not check(table)
    assert check(little())


def test_the_checker_finds_a_code_called_other() -> None:
    assert no_other(little())
    assert not no_other(replace(little(), codes={"role": {"その他（自由記述）"}}))


def _hide(page: Worksheet) -> None:
    page.column_dimensions["B"].hidden = True


def _bold(page: Worksheet) -> None:
    page["A2"].font = Font(bold=True)


def _merge(page: Worksheet) -> None:
    page.merge_cells("A2:B2")


def _compute(page: Worksheet) -> None:
    page["C2"] = "=1+1"


def _annotate(page: Worksheet) -> None:
    page["A2"].comment = openpyxl.comments.Comment("memo", "me")


@pytest.mark.parametrize(
    ("rule", "spoil"),
    [("L1-04", _annotate), ("L1-11", _bold), ("L1-12", _merge), ("L1-13", _hide), ("L2-06", _compute)],
)
def test_the_checker_finds_a_bad_sheet(rule: str, spoil: Callable[[Worksheet], None]) -> None:
    book = openpyxl.Workbook()
    page = book.active
    for row in (["code", "plan", "value"], ["242039", "p", 1]):
        page.append(row)
    check = RULES[rule].xlsx
    assert check is not None
    table = Table("values", ["code", "plan", "value"], ["code", "plan", "value"], [["242039", "p", 1]], page=page)
    assert check(table)
    spoil(page)
    assert not check(table)


def test_the_checker_finds_objects_in_a_workbook() -> None:
    assert not no_objects(little(parts=["xl/workbook.xml", "xl/media/image1.png"]))
    assert no_objects(little(parts=["xl/workbook.xml", "xl/worksheets/sheet1.xml"]))

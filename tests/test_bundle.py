"""The zip: CSVs, metadata and README."""

import csv
import hashlib
import io
import json
import zipfile

import pytest
from exports import NOTHING, described, from_numbered, tables
from hypothesis import example, given
from hypothesis import strategies as st

from dxlib.blocks import Data
from dxlib.errors import ReportError
from dxlib.indicators import Workbench
from dxlib.report.bundle import to_bundle, to_csv
from dxlib.report.cells import from_csv, is_formula, missing_from, plain

KEYS = ["municipality_code", "value", "standing", "as_of", "quote"]


def files(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def data(*rows: list) -> Data:
    return Data("values", KEYS, [list(row) for row in rows])


def fields(raw: bytes, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode(encoding), newline=""), strict=True))[1:]


def test_a_csv_says_what_the_data_say() -> None:
    raw = to_csv(
        data(
            ["012025", 142.0, True, "2026-03-31", "a,b"], ["242039", -2.5, False, None, 'say "x"'], [None, 0.0, None, None, None]
        ),
        "utf-8-sig",
    )
    assert raw.decode("utf-8-sig") == (
        'municipality_code,value,standing,as_of,quote\r\n012025,142,1,2026-03-31,"a,b"\r\n242039,-2.5,0,,"say ""x"""\r\n,0,,,\r\n'
    )
    assert raw.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
        ("+81-3", "'+81-3"),
        ("-5%削減", "'-5%削減"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        (" =1", "' =1"),
        ("＝1+1", "'＝1+1"),
        ("'=1", "''=1"),
        ("-5%", "-5%"),
        ("▲2.0%", "▲2.0%"),
        ("－", "－"),
        ("-", "-"),
        (">=", ">="),
        ("'quoted'", "'quoted'"),
        ("line\r\nbreak", "line⏎break"),
        ("<script>{{x}}", "<script>{{x}}"),
    ],
)
def test_plan_text_stays_text(text: str, field: str) -> None:
    ((*_, written),) = fields(to_csv(data([None, None, None, None, text]), "utf-8-sig"))
    assert (written, from_csv(written)) == (field, plain(text))


@given(st.text(min_size=1, max_size=80), st.sampled_from(["utf-8-sig", "utf-8", "cp932"]))
@example("'=1", "utf-8")
@example("&#x41; 〜髙🏯", "cp932")
@example("\x00\ud800\n", "cp932")
@example("'", "utf-8")
@example("\x1f=", "utf-8")
@example("'\u200b@", "utf-8")
def test_any_text_comes_back_as_the_same_text_and_never_as_a_formula(text: str, encoding: str) -> None:
    table = data(["242039", 1.0, None, None, text])
    missing = missing_from(encoding, [plain(text)]) if encoding == "cp932" else []
    raw = to_csv(table, encoding, missing)
    assert raw.count(b"\n") == raw.count(b"\r\n") == 2
    ((*_, field),) = fields(raw, "utf-8-sig" if encoding != "cp932" else "cp932")
    assert not is_formula(field) or field.startswith("'")
    if encoding == "cp932":
        field = from_numbered(field)
    assert from_csv(field) == plain(text)


def test_the_zip_holds_a_csv_a_table_and_what_explains_them(bench: Workbench) -> None:
    given_data = tables(bench, "ja")
    about = described(bench, given_data, "ja")
    found = files(to_bundle(given_data, about, "ja", extra={"report.xlsx": b"PK"}))
    own = {f"{table.name}.csv" for table in given_data}
    explaining = {"columns.csv", "codes.csv", "sources.csv", "references.csv", "report.csv"}
    assert set(found) == own | explaining | {"README.txt", "metadata.json", "report.xlsx"}
    metadata = json.loads(found["metadata.json"])
    described_files = {entry["file"]: entry for entry in metadata["files"]}
    assert set(described_files) == set(found) - {"metadata.json"}
    for name, entry in described_files.items():
        assert entry["sha256"] == hashlib.sha256(found[name]).hexdigest()
        if name.endswith(".csv"):
            assert entry["rows"] == len(fields(found[name]))
            assert (entry["encoding"], entry["bom"], entry["line_ending"]) == ("UTF-8", True, "CRLF")
            assert [column["key"] for column in entry["columns"]] == found[name].decode("utf-8-sig").split("\r\n")[0].split(",")
    assert metadata["about"]["citation"] == about.citation
    assert metadata["about"]["vintage"] == "2026-07-01"
    assert {document["sha256"] for document in metadata["about"]["documents"]} == {d.sha256 for d in about.documents}


@pytest.mark.parametrize(("lang", "caution"), [("ja", "施策の効果を示すものではない"), ("en", "not effects of policy")])
def test_the_readme_says_how_to_cite_and_what_not_to_conclude(bench: Workbench, lang: str, caution: str) -> None:
    given_data = tables(bench, lang)[:2]
    about = described(bench, given_data, lang)
    readme = files(to_bundle(given_data, about, lang))["README.txt"]
    assert readme.startswith(b"\xef\xbb\xbf")
    text = readme.decode("utf-8-sig")
    for expected in (caution, about.citation, "values.csv", "UTF-8", "2026-07-01", about.documents[0].rights, about.undated[0]):
        assert expected in text
    assert "\n" not in text.replace("\r\n", "")


def test_cp932_names_what_it_replaced() -> None:
    found = files(to_bundle([data([None, None, None, None, "髙い〜🏯"])], NOTHING, "ja", encoding="cp932"))
    assert fields(found["values.csv"], "cp932") == [["", "", "", "", "髙い&#x301c;&#x1f3ef;"]]
    metadata = json.loads(found["metadata.json"])
    assert {"character": "〜", "written": "&#x301c;"} in metadata["replaced_characters"]
    entry = next(entry for entry in metadata["files"] if entry["file"] == "values.csv")
    assert (entry["encoding"], entry["bom"]) == ("CP932 (Windows-31J)", False)
    assert "〜 U+301C" in found["README.txt"].decode("utf-8-sig")


def test_the_same_data_give_the_same_bytes(bench: Workbench) -> None:
    given_data = tables(bench, "ja")[-3:]
    about = described(bench, given_data, "ja")
    first = to_bundle(given_data, about, "ja", extra={"b.xlsx": b"b", "a.pdf": b"a"})
    assert first == to_bundle(given_data, about, "ja", extra={"a.pdf": b"a", "b.xlsx": b"b"})
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "C:x", "values.csv", "readme.TXT", "metadata.json", "a\nb"])
def test_an_extra_file_needs_a_free_plain_name(name: str) -> None:
    with pytest.raises(ReportError, match="bundle-name"):
        to_bundle([data()], NOTHING, "ja", extra={name: b""})


def test_an_unknown_encoding_is_an_error() -> None:
    with pytest.raises(ReportError, match="did you mean 'cp932'"):
        to_bundle([data()], NOTHING, "ja", encoding="cp923")

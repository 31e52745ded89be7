"""A small workbench with one plan in which something is doubtful, for tests of review and of adding plans."""

from __future__ import annotations

import hashlib
from pathlib import Path

from conftest import ROOT

from dxlib.project import Project

CODE = "131016"
DOCUMENT = "131016-chiyoda/plan"
PLAN = """# 千代田区DX計画

## 施策

項目\tオンライン申請の件数\t\t
目標年度\t現状値\t令和8年度\t令和9年度
目標値\t10件\t20件\t20件

項目\t研修を受けた職員数《延べ》\t\t
目標年度\t現状値\t令和8年度\t令和9年度
目標値\t5名\t-\t8名

2024（令和6）年1月31日現在、人口は68,000人です。
"""
ORIGIN = """title = "千代田区DX計画"
municipality_code = "131016"
producer = "千代田区"
edition = "adopted"
sha256 = "{digest}"
rights = "-"
{more}
[[plans]]
key = "plan"
title = "千代田区DX計画"
scope = "plan"
first_fiscal_year = 2026
last_fiscal_year = 2027
"""
HEADERS = {
    "municipality.csv": "code,name,kana,romaji,prefecture,latitude,longitude,position_source\n"
    "131016,千代田区,ちよだく,Chiyoda,東京都,35.69,139.75,test\n"
    "132055,青梅市,おうめし,Ome,東京都,35.78,139.27,test\n",
}


def small_desk(target: Path, plan: str = PLAN, more: str = "") -> Project:
    """An unbuilt workbench with the plan of one municipality."""
    curated, raw = target / "data/curated", target / "data/raw"
    curated.mkdir(parents=True)
    raw.mkdir()
    for name in ("facet_values.toml", "reference_items.toml", "themes.toml", "topics.csv"):
        (curated / name).write_bytes((ROOT / "data/curated" / name).read_bytes())
    for name in ("actuals.csv", "corrections.csv", "facets.csv", "reference_value.csv", "municipality.csv"):
        first = (ROOT / "data/curated" / name).read_text(encoding="utf-8").splitlines()[0] + "\n"
        (curated / name).write_text(HEADERS.get(name, first), encoding="utf-8")
    write_plan(Project(target), plan, more)
    return Project(target)


def write_plan(project: Project, plan: str, more: str = "", document: str = DOCUMENT) -> None:
    """Write the text of the plan with an origin that fits it."""
    path = project.raw / f"{document}.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_text(plan, encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_suffix(".toml").write_text(ORIGIN.format(digest=digest, more=more), encoding="utf-8")

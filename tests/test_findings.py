"""What a finding says in whole: places, figures, ids, and the sentence in both languages.

Of the five plans, and of a case for each rule that they do not break. ``python tests/test_findings.py`` writes the expected file
anew; its diff is to be read.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import copy_project
from mini import Mini, actual, baseline, simple, target

from dxlib.indicators import Workbench
from dxlib.warehouse import audit_rules, build

WHOLE = Path(__file__).parent / "expected" / "findings" / "whole.jsonl"


def cut_off() -> Mini:
    mini = Mini().municipality().document().plan(first=2021, last=2025, scope="review")
    mini.indicator(
        "研修の回数", target(200, 2025, "回"), actual(146.98, 2025, "回", pct=73.4, verdict_quote="未達成 «達成率:73.4%»")
    )
    return mini


def era() -> Mini:
    mini = simple()
    mini.insert("source_line", document_id="doc", line=900, text="計画は令和8年度（2025年度）から始まる。")
    return mini


def listing() -> Mini:
    mini = simple()
    common = {"document_id": "doc", "list_name": "子育て", "stated_count": 3, "unit": "手続", "marked": False}
    for place in (1, 2):
        mini.insert("list_item", position=place, text=f"手続{place}", line=40 + place, quote=f"手続{place}", **common)
    return mini


def parts() -> Mini:
    mini = simple()
    numbers = [{"subject": "手続", "value": n, "unit": "手続", "quote": f"{n}手続"} for n in (15, 11, 1, 28)]
    mini.statistics("子育て15手続、介護11手続、被災者1手続の計28手続", *numbers)
    return mini


def twice() -> Mini:
    mini = Mini().municipality().document().plan("doc/old", 2021, 2025, "review").plan("doc/new", 2026, 2029)
    mini.indicator("削減時間", target(100, 2025, "時間"), actual(100, 2025, "時間"), plan="doc/old", unit="hours")
    mini.indicator("削減した時間", baseline(95, 2025, "時間"), target(120, 2029, "時間"), plan="doc/new", unit="hours")
    return mini


def expired() -> Mini:
    mini = Mini().municipality().document(published="2027-04-15").plan()
    mini.indicator("研修", baseline(1, 2025), target(5, 2026))
    return mini


def outside() -> Mini:
    mini = simple()
    mini.indicator("研修", baseline(1, 2025), target(3, 2025), target(5, 2030))
    return mini


def unmeasured(*values: dict[str, Any], better: str = "higher", first: int = 2021, scope: str = "review") -> Callable[[], Mini]:
    """An indicator whose values have no unit."""

    def made() -> Mini:
        mini = Mini().municipality().document().plan(first=first, last=first + 4, scope=scope)
        mini.indicator("申請", *({**value, "unit": None} for value in values), better=better)
        return mini

    return made


def postponed() -> Mini:
    mini = Mini().municipality().document().plan("doc/old", 2021, 2025, "review").plan("doc/new", 2026, 2029)
    mini.indicator("旧", target(100, 2025, None), actual(90, 2025, None), plan="doc/old")
    mini.indicator("新", baseline(90, 2024, None), target(100, None, None), plan="doc/new")
    return mini


CASES: dict[str, Callable[[], Mini]] = {
    "attainment-cut-off": cut_off,
    "era-against-western": era,
    "list-length": listing,
    "parts-against-total": parts,
    "same-quantity-differs": twice,
    "target-expired": expired,
    "target-outside-plan": outside,
    "target-overshot without a unit": unmeasured(target(100, 2025), actual(151, 2025)),
    "target-not-beyond-baseline without a unit": unmeasured(baseline(6, 2025), target(5, 2029), first=2026, scope="plan"),
    "verdict-against-result without a unit": unmeasured(target(100, 2025), actual(94, 2025, status="達成")),
    "implausible-jump without a unit": unmeasured(baseline(5, 2025), target(60, 2029), first=2026, scope="plan"),
    "zero-target-nearly without a unit": unmeasured(target(0, 2025, status="概ね達成"), better="lower"),
    "missed-target-postponed without a unit": postponed,
}


def told(case: str, rows: list[dict[str, Any]]) -> Iterator[str]:
    """Each finding as a line of JSON."""
    for row in rows:
        places = [f"{place['document_id']}:{place['line']} {place['quote']}" for place in row["places"]]
        cells = {key: row[key] for key in ("rule_id", "indicator_id", "printed", "recomputed", "text_ja", "text_en", "inputs")}
        yield json.dumps({"case": case, **cells, "places": places}, ensure_ascii=False)


def of_plans(bench: Workbench) -> list[str]:
    relation = bench.audit()
    return list(told("five plans", [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]))


def of_case(case: str) -> list[str]:
    return list(told(case, CASES[case]().open().found(case.split()[0])))


def expected(case: str) -> list[str]:
    return [line for line in WHOLE.read_text(encoding="utf-8").splitlines() if json.loads(line)["case"] == case]


def test_findings_in_the_five_plans(bench: Workbench) -> None:
    assert of_plans(bench) == expected("five plans")


@pytest.mark.parametrize("case", CASES)
def test_findings_that_the_five_plans_do_not_have(case: str) -> None:
    assert of_case(case) == expected(case) != []


def test_every_rule_has_a_finding_here() -> None:
    assert {json.loads(line)["rule_id"] for line in WHOLE.read_text(encoding="utf-8").splitlines()} == set(audit_rules())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        project = copy_project(Path(folder))
        build(project)
        with Workbench(project) as opened:
            lines = of_plans(opened)
    WHOLE.write_text("\n".join([*lines, *(line for case in CASES for line in of_case(case))]) + "\n", encoding="utf-8")

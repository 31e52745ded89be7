"""The five plans: what a careful reader finds in them is what the readers find."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from conftest import ROOT

from dxlib.collection import sources
from dxlib.document import load
from dxlib.project import Project
from dxlib.quantity import counted_units, find_quantities
from dxlib.readers import read
from dxlib.text import repair

FLOOR = 0.9
EXPECTED = sorted((Path(__file__).parent / "expected").glob("*.csv"))
DOCUMENTS = {path.stem: path for path in (ROOT / "data/raw").glob("*/*.txt")}


def reading_of(name: str):
    document = load(DOCUMENTS[name])
    return document, read(document)


def values_of(reading):
    for measure in reading.measures:
        for indicator in measure.indicators:
            yield from indicator.values
        yield from (statistic.value for statistic in measure.statistics)
    yield from (statistic.value for statistic in reading.statistics)


def cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.stem)
def test_every_fact_of_the_hand_checked_list_and_no_other(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns = reader.fieldnames or []
        expected = Counter(tuple(row[column] for column in columns) for row in reader)
    _, reading = reading_of(path.stem)
    found = Counter(
        tuple("" if column == "comparator" and value.value is None else cell(getattr(value, column)) for column in columns)
        for value in values_of(reading)
    )
    assert not expected - found, f"missed: {list((expected - found).elements())[:5]}"
    assert not found - expected, f"extra: {list((found - expected).elements())[:5]}"


@pytest.mark.parametrize(
    ("name", "review", "plan", "training"),
    [
        ("dx-action-plan-2", 18, 17, 0),
        ("dx-vision-1", 0, 0, 0),
        ("digital-vision-2", 20, 16, 0),
        ("dx-plan-draft", 0, 21, 19),
        ("dx-action-plan", 0, 31, 0),
    ],
)
def test_measures_by_plan(name: str, review: int, plan: int, training: int) -> None:
    _, reading = reading_of(name)
    kinds = Counter((measure.kind, measure.scope) for measure in reading.measures)
    assert (kinds["measure", "review"], kinds["measure", "plan"], kinds["training", "plan"]) == (review, plan, training)


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_every_quote_is_verbatim_on_its_line(name: str) -> None:
    document, reading = reading_of(name)
    quoted = [*values_of(reading), *reading.measures, *reading.items]
    for measure in reading.measures:
        quoted += [*measure.attributes, *measure.milestones, *measure.indicators]
    assert all(item.quote and item.quote in document.raw[item.line - 1] for item in quoted)


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_no_line_with_an_indicator_value_is_left_unexplained(name: str) -> None:
    """Recall floor: lines that print a year or role beside a value were used, or explain a layout."""
    document, reading = reading_of(name)
    suspicious = [
        unused
        for unused in reading.unused
        if any(word in unused.text for word in ("年目", "現状値", "目標値", "基準値", "実績")) and "layout" not in unused.reason
    ]
    allowed = {"table of contents", "heading", "number without a counting unit"}
    assert [u for u in suspicious if u.reason not in allowed] == []
    counted = [u for u in reading.unused if any(q.unit in counted_units() for q in find_quantities(repair(u.text).clean))]
    ignored = [u for u in counted if "layout" not in u.reason and u.reason not in allowed - {"number without a counting unit"}]
    assert len(reading.used_lines) / (len(reading.used_lines) + len(ignored)) > FLOOR
    assert len(reading.used_lines) > 10
    assert not reading.used_lines & {u.line for u in reading.unused}
    assert all(0 < u.line <= len(document.raw) for u in reading.unused)


def test_the_list_of_27_procedures_with_4_online() -> None:
    _, reading = reading_of("dx-vision-1")
    assert len(reading.items) == 27
    assert Counter(item.group for item in reading.items) == {"子育て関係": 15, "介護関係": 11, "被災者支援関係": 1}
    assert sum(item.marked for item in reading.items) == 4


def test_a_reading_does_not_depend_on_the_file_name(tmp_path: Path) -> None:
    for name, path in DOCUMENTS.items():
        copy = tmp_path / f"{len(name)}-anything.txt"
        copy.write_bytes(path.read_bytes())
        assert read(load(copy)) == read(load(path))


def test_raw_files_are_the_ones_their_origins_describe(repo: Project) -> None:
    assert [source.document_id for source in sources(repo)] == [
        "102041-isesaki/dx-plan-draft",
        "222259-izunokuni/dx-action-plan",
        "242039-ise/digital-vision-2",
        "242161-iga/dx-action-plan-2",
        "242161-iga/dx-vision-1",
    ]


def test_the_hand_made_audit_list_quotes_the_plans_verbatim() -> None:
    """What a careful reader finds wrong in the printed figures; the list that audit rules are measured against."""
    lines = (Path(__file__).parent / "expected/audit-by-hand.jsonl").read_text(encoding="utf-8").splitlines()
    places = [place for line in lines for place in json.loads(line)["places"]]
    assert len(lines) == 75
    for place in places:
        raw = (ROOT / "data/raw" / f"{place['document_id']}.txt").read_text(encoding="utf-8").split("\n")
        assert place["quote"] in raw[place["line"] - 1], place

import json
from pathlib import Path

from conftest import ROOT

from dxlib.extract import KEYS, extract

PLAN = "施策の推進\n\n- ・ 電子決裁\n\n項目	電子決裁率		\n目標年度	現状値	令和8年度	令和9年度\n目標値	-	45.0%	50.0%以上\n"


def write(tmp_path: Path) -> Path:
    path = tmp_path / "unseen.txt"
    path.write_text(PLAN, encoding="utf-8")
    return path


def test_a_file_without_origin_gives_facts_with_all_keys(tmp_path: Path) -> None:
    records = extract(write(tmp_path))
    assert all(tuple(record) == KEYS for record in records)
    assert [(r["role"], r["value"], r["fiscal_year"], r["missing"]) for r in records] == [
        ("baseline", None, 2025, "none-printed"),  # the year before the first target, inferred
        ("target", 45, 2026, None),
        ("target", 50, 2027, None),
    ]
    assert records[2]["comparator"] == ">="
    assert {record["municipality_code"] for record in records} == {None}


def test_extracting_touches_nothing(tmp_path: Path) -> None:
    path = write(tmp_path)
    before = path.read_bytes()
    extract(path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before


def test_an_origin_beside_the_file_names_the_plan() -> None:
    records = extract(next(ROOT.glob("data/raw/242039-ise/*.txt")))
    assert {record["municipality_code"] for record in records} == {"242039"}
    assert len({record["plan"] for record in records}) == 2
    assert json.loads(json.dumps(records)) == records

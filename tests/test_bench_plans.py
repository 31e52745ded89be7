"""The fictional plans of the bench: always the same, in every layout, read into the facts that they print."""

import hashlib
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from dxlib.decisions import read_decisions
from dxlib.municipality import check_code, master
from dxlib.project import Project
from dxlib.warehouse import build, connect

sys.path.append(str(ROOT / "bench"))

import national
from layouts import LAYOUTS, Goal
from plans import LARGEST, SMALLEST, Plan, cities, definitions, plan_of, write_workbench

COUNT = 12  # every layout twice
Value = tuple[str, float | None, float | None, float | None, str | None, int | None, int | None]


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, list[Plan]]:
    project = Project(tmp_path_factory.mktemp("plans") / "nation")
    plans = write_workbench(project.root, COUNT)
    build(project)
    return project, plans


def printed(goal: Goal) -> list[Value]:
    return [(v.role, v.value, *(v.fraction or (None, None)), v.unit, v.fiscal_year, v.relative_year) for v in goal.values]


def facts(project: Project, plan: Plan) -> dict[str, tuple[str, list[Value]]]:
    with connect(project) as connection:
        rows = connection.execute(
            """
            SELECT i.indicator_id, i.name, o.role, o.value, o.numerator, o.denominator, o.unit, o.fiscal_year, o.relative_year
            FROM indicator i JOIN observation o USING (indicator_id)
            WHERE i.document_id = ? ORDER BY i.indicator_id, o.position
            """,
            [plan.document_id],
        ).fetchall()
    found: dict[str, tuple[str, list[Value]]] = {}
    for indicator_id, name, *value in rows:
        found.setdefault(indicator_id, (name, []))[1].append(tuple(value))
    return found


@pytest.mark.parametrize("place", range(COUNT))
def test_what_is_printed_is_read(nation: tuple[Project, list[Plan]], place: int) -> None:
    project, plans = nation
    plan = plans[place]
    assert len(plan.goals) >= 8
    assert facts(project, plan) == {indicator_id: (goal.name, printed(goal)) for indicator_id, goal in plan.goals.items()}


def test_verdicts_are_read_as_printed(nation: tuple[Project, list[Plan]]) -> None:
    project, plans = nation
    expected = sorted(
        (indicator_id, "達成" if goal.met else "未達成")
        for plan in plans
        for indicator_id, goal in plan.goals.items()
        if goal.of("actual")
    )
    with connect(project) as connection:
        found = connection.execute(
            "SELECT indicator_id, status FROM evaluation JOIN observation USING (observation_id)"
        ).fetchall()
    assert sorted(found) == expected
    assert len({status for _, status in expected}) == 2


def test_every_layout_is_there_and_all_quotes_hold(nation: tuple[Project, list[Plan]]) -> None:
    project, plans = nation
    assert {plan.layout for plan in plans} == set(LAYOUTS)
    with connect(project) as connection:
        for table in ("measure", "indicator", "observation", "evaluation", "statistic", "measure_attribute", "milestone"):
            wrong = f"SELECT count(*) FROM {table} t LEFT JOIN source_line s USING (document_id, line) WHERE NOT coalesce(contains(s.text, t.quote), false)"
            assert connection.execute(wrong).fetchone() == (0,), table
            assert connection.execute(f"SELECT count(*) > 0 FROM {table}").fetchone() == (True,), table


def test_there_is_something_to_compare(nation: tuple[Project, list[Plan]]) -> None:
    project, _ = nation
    with connect(project) as connection:
        themes = connection.execute(
            "SELECT theme_id FROM definition GROUP BY theme_id HAVING count(DISTINCT municipality_code) > 3"
        ).fetchall()
        assert len(themes) > 5
        sets = connection.execute(
            "SELECT count(DISTINCT definition_id) < count(DISTINCT indicator_id) FROM definition WHERE is_known"
        ).fetchone()
    assert sets == (True,)


def files(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_the_same_arguments_give_the_same_files(tmp_path: Path) -> None:
    for name, seed in (("one", 0), ("again", 0), ("other", 1)):
        write_workbench(tmp_path / name, 3, seed)
    assert files(tmp_path / "one") == files(tmp_path / "again")
    assert files(tmp_path / "one") != files(tmp_path / "other")


def test_the_municipalities_are_fictional_and_differ() -> None:
    all_of_them = list(cities(1788))
    assert len({city.name for city in all_of_them}) == len({city.folder for city in all_of_them}) == 1788
    assert all(check_code(city.code) == city.code and city.code not in master() for city in all_of_them[::100])
    real = {entry.name for entry in master().values()}
    assert len([city for city in all_of_them if city.name in real]) < 5  # the codes tell them apart


def test_plans_differ_in_size_and_quote_no_real_one(repo: Project) -> None:
    known = definitions(read_decisions(repo))
    plans = [plan_of(city, number, known) for number, city in enumerate(cities(60), start=1)]
    sizes = [len(plan.text.encode()) for plan in plans]
    assert SMALLEST <= min(sizes) < 20_000
    assert 35_000 < max(sizes) < LARGEST * 1.1
    sentences = {
        s for path in repo.raw.rglob("*.txt") for s in path.read_text(encoding="utf-8-sig").split("。") if len(s.strip()) > 25
    }
    assert not [s for plan in plans for s in plan.text.split("。") if s.strip() in sentences]


@pytest.mark.long
def test_a_build_is_measured() -> None:
    measured = national.measure(3)
    assert measured.municipalities == 3
    assert 0 < measured.unchanged < 60
    assert 0 < measured.one_changed < 60
    assert 0 < measured.seconds < 60
    assert 50 < measured.peak_mb < 1500
    assert measured.warehouse_mb > 1

"""What reports say that they have seen: nothing else may change them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from official_files import CODES

from dxlib.blocks import Block
from dxlib.indicators import Workbench, open_workbench
from dxlib.project import Project
from dxlib.show.briefing import Briefing
from dxlib.show.comparison import Comparison
from dxlib.show.municipality import Municipality
from dxlib.show.quality import Quality
from dxlib.show.review import Review
from dxlib.show.topics import Topics
from dxlib.sight import VARIABLE, Seen, answer

ISE, IGA, OTHER = (CODES[name] for name in ("伊勢市", "伊賀市", "伊勢崎市"))
COMPARED = "opening definitions value_table figure gap_figure verdict_table slope_figure progress_table remarks sources"
PROFILE = "opening coverage indicators gap_figure path_figure quality_table audit_table peers remarks sources"
PAGES: dict[str, tuple[Callable[[Workbench], Any], str]] = {
    "comparison": (lambda bench: Comparison(bench, "online_procedures", [ISE, IGA]), COMPARED),
    "municipality": (lambda bench: Municipality(bench, ISE), PROFILE),
    "briefing": (lambda bench: Briefing(bench, "online_procedures", ISE, [IGA]), "front back figure_data remarks sources"),
    "quality": (lambda bench: Quality(bench, ISE), "opening quality_table audit_table rules remarks sources"),
    "topics": (lambda bench: Topics(bench, municipalities=[ISE, IGA]), "opening topic_map theme_map versions"),
    "review": (lambda bench: Review(bench, municipalities=[ISE]), "opening table how sources"),
}
each_page = pytest.mark.parametrize("page", PAGES)


def told(bench: Workbench, page: str) -> list[Block]:
    make, methods = PAGES[page]
    made = make(bench)
    return [block for method in methods.split() for block in getattr(made, method)().blocks]


def without(project: Project, code: str) -> None:
    """Take all that was derived from the plans of a municipality, and their lines, out of the warehouse."""
    with duckdb.connect(str(project.warehouse)) as connection:
        tables = "SELECT table_name FROM duckdb_columns() WHERE column_name = 'municipality_code' AND NOT internal"
        held = "SELECT table_name FROM duckdb_constraints() UNION SELECT view_name FROM duckdb_views()"
        for (table,) in connection.sql(f"{tables} EXCEPT ({held})").fetchall():
            connection.execute(f"DELETE FROM {table} WHERE municipality_code = ?", [code])
        connection.execute("DELETE FROM source_line WHERE document_id LIKE ?", [f"{code}%"])


@pytest.fixture
def copied(project: Project, built: Project) -> Project:
    shutil.copy(built.warehouse, project.warehouse)
    return project


@each_page
def test_what_a_report_has_not_seen_does_not_change_it(copied: Project, page: str) -> None:
    with Workbench(copied, Seen()) as bench:
        before, seen = told(bench, page), bench.seen
    assert seen is not None
    assert (seen.lists, seen.everything) == (False, False)
    assert ISE in seen.codes
    assert seen.codes <= {ISE, IGA}
    without(copied, OTHER)
    with Workbench(copied) as bench:
        asked = [answer(bench.connection, *question) for question in seen.questions]
        after = told(bench, page)
    if page != "municipality":  # its peers are asked for nationwide
        assert asked == seen.answers
    assert after == before or asked != seen.answers


@each_page
def test_what_a_report_has_seen_changes_it(copied: Project, page: str) -> None:
    with Workbench(copied) as bench:
        before = told(bench, page)
    with duckdb.connect(str(copied.warehouse)) as connection:
        connection.execute(
            "UPDATE coverage SET indicators = indicators + 7, coverage = 'reviewed only' WHERE municipality_code = ?", [ISE]
        )
        connection.execute("CREATE OR REPLACE TABLE topic_coverage AS SELECT * REPLACE (NULL AS coverage) FROM topic_coverage")
        connection.execute("UPDATE fact SET value = value + 1 WHERE municipality_code = ?", [ISE])
        connection.execute("UPDATE finding SET text_ja = 'x' WHERE municipality_code = ?", [ISE])
        connection.execute("UPDATE source_line SET text = text || '？' WHERE document_id LIKE ?", [f"{ISE}%"])
    with Workbench(copied) as bench:
        assert told(bench, page) != before


def test_peers_of_the_same_size_are_seen_by_their_answer(copied: Project) -> None:
    with Workbench(copied, Seen()) as bench:
        Municipality(bench, ISE).peers()
        assert bench.seen is not None
        (question,) = [one for one in bench.seen.questions if "population_band" in one[0]]
        assert OTHER not in bench.seen.codes
    with duckdb.connect(str(copied.warehouse)) as connection:
        assert answer(connection, *question) in bench.seen.answers
        connection.execute("UPDATE coverage SET indicators = indicators + 1 WHERE municipality_code = ?", [OTHER])
        assert answer(connection, *question) not in bench.seen.answers


def test_all_municipalities_are_seen_as_a_list(copied: Project) -> None:
    with Workbench(copied, Seen()) as bench:
        bench.values("telework")
        assert bench.seen is not None
        assert bench.seen.lists
        assert bench.seen.codes == set(bench.check_municipalities())


def test_the_nearest_in_population_are_seen_by_their_answer(copied: Project) -> None:
    with Workbench(copied, Seen()) as bench:
        page = Briefing(bench, "telework", ISE)
        assert bench.seen is not None
        (question,) = [one for one in bench.seen.questions if "population" in one[0]]
        assert bench.seen.codes == {ISE, *page.peers}
    with duckdb.connect(str(copied.warehouse)) as connection:
        assert answer(connection, *question) in bench.seen.answers


def test_what_is_seen_is_written_line_by_line(copied: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "seen.jsonl"
    monkeypatch.setenv(VARIABLE, str(file))
    with open_workbench(copied.root) as bench:
        bench.values("telework", [ISE])
        bench.sql("SELECT count(*) FROM plan WHERE title <> ?", ["x"])
        bench.sql("SELECT count(*) FROM plan WHERE title <> ?", ["x"])
        bench.check_municipalities()
        assert bench.connection
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {"codes": [ISE]}
    question = next(line for line in lines if "sql" in line)
    assert question["params"] == ["x"]
    assert [line for line in lines if "sql" in line] == [question]
    assert {"list": True} in lines
    assert lines[-1] == {"all": True}
    with Workbench(copied) as bench:
        assert answer(bench.connection, question["sql"], question["params"]) == question["answer"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("SELECT * FROM range(3)", "SELECT * FROM range(3) ORDER BY 1 DESC;", True),
        ("SELECT unnest([1, 1])", "SELECT unnest([1, 1, 1, 1])", False),
        ("SELECT unnest([1, 1, 2])", "SELECT unnest([1, 2, 2])", False),
        ("SELECT 1 AS a", "SELECT 1 AS b", False),
        ("SELECT NULL AS a", "SELECT '' AS a", False),
        ("SELECT [1, 2] AS a -- end", "SELECT [1, 2] AS a", True),
        ("DESCRIBE SELECT 1 AS a", "DESCRIBE SELECT 1 AS b", False),
        ("SELECT 1 AS a WHERE false", "SELECT 1 AS a", False),
    ],
)
def test_an_answer_is_its_rows_whatever_their_order(one: str, other: str, same: bool) -> None:
    with duckdb.connect() as connection:
        assert (answer(connection, one) == answer(connection, other)) == same

"""A build that lost something, or made something that cannot be, is not published; what is meant is accepted."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from conftest import ROOT, copy_project
from desk import CODE, DOCUMENT, PLAN, small_desk, write_plan
from hypothesis import given
from hypothesis import strategies as st

from dxlib import portion, sanity
from dxlib.cli import main
from dxlib.corrections import understood
from dxlib.decisions import CORRECTION_COLUMNS
from dxlib.document import Document
from dxlib.errors import WarehouseError
from dxlib.facts import Measure, Reading
from dxlib.project import Project
from dxlib.readers import read
from dxlib.sanity import Bound, bounds, check_sane
from dxlib.warehouse import build, connect

MANY = PLAN + "".join(
    f"\n項目\t{name}の件数\t\t\n目標年度\t現状値\t令和8年度\t令和9年度\n目標値\t{n}件\t{n + 5}件\t{n + 9}件\n"
    for n, name in enumerate(("電子申請", "電子決裁", "電子入札", "電子納付", "窓口予約", "施設予約"), 11)
)


@pytest.fixture(scope="module")
def built_many(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = small_desk(tmp_path_factory.mktemp("many"), MANY)
    build(project)
    return project


@pytest.fixture
def many(built_many: Project, tmp_path: Path) -> Project:
    shutil.copytree(built_many.root, tmp_path / "many")
    return Project(tmp_path / "many")


def published(project: Project) -> dict[str, str]:
    """What a build publishes, as hashes."""
    files = [*project.tables.glob("*.csv"), project.warehouse]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def refused(project: Project, code: str = "build-drop") -> str:
    """The message of a build that must be refused, and leave the last good state."""
    before = published(project)
    with pytest.raises(WarehouseError) as caught:
        build(project)
    assert caught.value.code == code
    assert published(project) == before
    assert not list(project.curated.glob(".build-*"))
    return caught.value.message


def reading_less(keep: Callable[[Measure, int], Measure | None]) -> Callable[[Document], Reading]:
    """A reader that loses measures, or parts of them."""

    def less(document: Document) -> Reading:
        found = read(document)
        kept = [keep(measure, number) for number, measure in enumerate(found.measures)]
        return dataclasses.replace(found, measures=tuple(measure for measure in kept if measure))

    return less


def forget(project: Project) -> None:
    for path in project.readings.iterdir():
        path.unlink()


def test_the_first_build_has_nothing_to_compare_with(tmp_path: Path) -> None:
    project = small_desk(tmp_path)
    assert build(project).sanity == ["there is no earlier warehouse: nothing to compare with"]
    assert build(project).sanity == ["compared with the last build: 0 losses, 0 new documents, 0 that gained facts"]


def test_a_document_that_is_gone_stops_the_build_until_accepted(many: Project) -> None:
    write_plan(many, PLAN.replace("10件", "12件"), document=f"{CODE}-chiyoda/other")
    assert build(many).sanity[-1] == "compared with the last build: 0 losses, 1 new documents, 0 that gained facts"
    for ending in (".txt", ".toml"):
        (many.raw / f"{CODE}-chiyoda/other{ending}").unlink()
    assert f"{CODE}-chiyoda/other: the document is gone" in refused(many)
    assert build(many, accept=True).sanity[0] == f"accepted: {CODE}-chiyoda/other: the document is gone"
    with connect(many) as connection:
        assert connection.execute("SELECT document_id FROM document").fetchall() == [(DOCUMENT,)]


@pytest.mark.long
def test_the_same_file_under_another_name_is_not_gone(many: Project) -> None:
    for ending in (".txt", ".toml"):
        (many.raw / f"{DOCUMENT}{ending}").rename(many.raw / f"{CODE}-chiyoda/renamed{ending}")
    told = build(many).sanity
    assert f"renamed: {DOCUMENT} → {CODE}-chiyoda/renamed" in told
    assert told[-1].startswith("compared with the last build: 0 losses, 0 new documents")


def test_another_edition_that_lost_much_stops_the_build(many: Project) -> None:
    write_plan(many, PLAN)  # the file was cut off
    message = refused(many)
    assert f"{DOCUMENT}: " in message
    assert "indicators 8 → 2" in message
    assert "values 24 → 6" in message
    told = build(many, accept=True).sanity
    assert told[0].startswith(f"accepted: {DOCUMENT}: ")


def test_another_edition_that_lost_a_little_is_told(many: Project) -> None:
    write_plan(many, MANY.rsplit("\n項目", 1)[0] + "\n本文は短くなりました。\n\n\n")
    told = build(many).sanity
    assert [line for line in told if line.startswith("lost a little: ")]
    assert not [line for line in told if line.startswith("accepted")]


@pytest.mark.long
def test_gains_are_told(many: Project) -> None:
    write_plan(many, MANY + MANY.split("## 施策")[1].replace("件数", "数量"))
    assert build(many).sanity[-1] == "compared with the last build: 0 losses, 0 new documents, 1 that gained facts"


@pytest.mark.parametrize(
    ("loses", "says"),
    [
        (lambda measure, number: None if number < 2 else measure, "indicators 8 → 6, values 24 → 18"),
        (
            lambda measure, _: dataclasses.replace(
                measure,
                indicators=tuple(
                    dataclasses.replace(i, values=tuple(dataclasses.replace(v, value=None) for v in i.values))
                    for i in measure.indicators
                ),
            ),
            "numbers 23 → 0",
        ),
        (
            lambda measure, _: dataclasses.replace(
                measure,
                indicators=tuple(
                    dataclasses.replace(i, values=tuple(dataclasses.replace(v, fiscal_year=None) for v in i.values))
                    for i in measure.indicators
                ),
            ),
            "values with a year",
        ),
    ],
)
def test_a_reader_that_loses_facts_of_a_document_that_stayed_stops_the_build(
    many: Project, monkeypatch: pytest.MonkeyPatch, loses: Callable[[Measure, int], Measure | None], says: str
) -> None:
    forget(many)
    monkeypatch.setattr(portion, "read", reading_less(loses))
    assert says in refused(many)


def test_what_people_rejected_is_no_loss(many: Project) -> None:
    with connect(many) as connection:
        relation = connection.execute("SELECT * FROM reading WHERE kind = 'observation' ORDER BY line, fact_key")
        names = [column[0] for column in relation.description]
        facts = [dict(zip(names, row, strict=True)) for row in relation.fetchall()]
    rows = []
    for number, fact in enumerate(facts[: len(facts) // 2]):
        cells = {
            "correction_id": f"c{number}",
            "document_id": fact["document_id"],
            "line": str(fact["line"]),
            "quote": fact["quote"],
            "expected": understood(fact),
            "reason": "misread",
            "status": "decided",
            "action": "reject",
            "role": fact["role"],
            "occurrence": fact["fact_key"].rsplit(":", 1)[-1],
        }
        rows.append(",".join(cells.get(column, "") for column in CORRECTION_COLUMNS))
    (many.curated / "corrections.csv").write_text("\n".join([",".join(CORRECTION_COLUMNS), *rows]) + "\n", encoding="utf-8")
    told = build(many).sanity
    assert told[-1].startswith("compared with the last build: 0 losses")
    (many.curated / "corrections.csv").write_text(",".join(CORRECTION_COLUMNS) + "\n", encoding="utf-8")
    assert f"decisions about readings {len(rows)} → 0" in refused(many)  # the file was cut off


def test_decisions_and_figures_that_vanish_stop_the_build(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    build(project)
    facets, figures = project.curated / "facets.csv", project.curated / "reference_value.csv"
    whole, known = facets.read_text(encoding="utf-8"), figures.read_text(encoding="utf-8")
    facets.write_text("".join(whole.splitlines(keepends=True)[:40]), encoding="utf-8")
    message = refused(project)
    assert "facets stated" in message
    assert "themes assigned" in message
    facets.write_text(whole, encoding="utf-8")
    figures.write_text("".join(line for line in known.splitlines(keepends=True) if ",households," not in line), encoding="utf-8")
    assert "households: official figures 4 → 0" in refused(project)


def test_a_last_warehouse_of_another_version_or_damaged_is_told_and_replaced(many: Project) -> None:
    many.warehouse.unlink()
    with duckdb.connect(str(many.warehouse)) as connection:
        connection.execute("CREATE TABLE document AS SELECT 'x' AS document_id")
    (told,) = build(many).sanity
    assert "another version of the schema" in told
    many.warehouse.write_bytes(b"no database" * 1000)
    (told,) = build(many).sanity
    assert "cannot be read: nothing to compare with" in told


def first_value(**cells: object) -> Callable[[Measure, int], Measure]:
    def change(measure: Measure, number: int) -> Measure:
        if number or not measure.indicators:
            return measure
        indicator = measure.indicators[0]
        values = (dataclasses.replace(indicator.values[0], **cells), *indicator.values[1:])
        return dataclasses.replace(measure, indicators=(dataclasses.replace(indicator, values=values), *measure.indicators[1:]))

    return change


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"quote": "99件"}, "a quote does not stand in its line: 99件"),
        pytest.param({"line": 2}, "a quote does not stand in its line", marks=pytest.mark.long),
        ({"value": float("inf")}, "infinite"),
    ],
)
def test_what_can_never_be_stops_the_build_even_when_losses_are_accepted(
    many: Project, monkeypatch: pytest.MonkeyPatch, cells: dict[str, object], says: str
) -> None:
    forget(many)
    monkeypatch.setattr(portion, "read", reading_less(first_value(**cells)))
    assert says in refused(many, "build-unsound")
    with pytest.raises(WarehouseError, match="build-unsound"):
        build(many, accept=True)


DAMAGES = {  # in a copy of a warehouse without its constraints
    "rows were written as CSV": "DELETE FROM unused_line WHERE rowid IN (SELECT min(rowid) FROM unused_line)",
    "has other lines than it says": "DELETE FROM source_line WHERE line = (SELECT max(line) FROM source_line)",
    "stands under one of another document": "UPDATE indicator SET document_id = 'other/one' WHERE rowid = 0",
    "has no row of progress": "DELETE FROM progress WHERE rowid = 0",
    "has no row among the facts": "DELETE FROM fact WHERE rowid = 0",
    "check digit": "UPDATE municipality SET code = '131017' WHERE code = '131016'",
    "an indicator lacks a facet": "INSERT INTO indicator_theme BY NAME SELECT min(indicator_id) AS indicator_id FROM indicator",
    "is in no version of the national plan": "INSERT INTO theme_topic VALUES ('telework', 'nowhere')",
    "a finding is about a line": """
        INSERT INTO finding BY NAME SELECT 'r' AS rule_id, [{'document_id': document_id, 'line': 1, 'quote': '99'}] AS places FROM document""",
    "divides by an item that is none": "UPDATE transformation SET item = 'nobody' WHERE item IS NOT NULL",
    "is of an item that is none": "INSERT INTO reference_value BY NAME SELECT '131016' AS municipality_code, 'none' AS item",
    "an official share is below zero": """
        INSERT INTO reference_value BY NAME SELECT '131016' AS municipality_code, item, -1.0 AS value FROM reference_item
        WHERE kind = 'share' LIMIT 1""",
    "a number is infinite": "UPDATE progress SET pace = 'nan'::DOUBLE WHERE rowid = 0",
}


@pytest.mark.parametrize("says", DAMAGES)
def test_each_kind_of_nonsense_is_named(built_many: Project, tmp_path: Path, says: str) -> None:
    path = tmp_path / "made.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"ATTACH '{built_many.warehouse}' AS whole (READ_ONLY)")
        for (table,) in connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'whole'").fetchall():
            connection.execute(f"CREATE TABLE {table} AS FROM whole.{table}")
        connection.execute("INSERT INTO unused_line SELECT min(document_id), 1, 'x', 'x' FROM document")
        counts = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
            for table in ("unused_line", "observation", "reference_value", "progress")
        }
        connection.execute("DETACH whole")
    assert check_sane(path, tmp_path / "none", counts) == ["there is no earlier warehouse: nothing to compare with"]
    with duckdb.connect(str(path)) as connection:
        connection.execute(DAMAGES[says])
    with pytest.raises(WarehouseError, match=says) as caught:
        check_sane(path, tmp_path / "none", counts, accept=True)
    assert caught.value.code == "build-unsound"


def test_a_document_in_which_nothing_was_read_is_told(many: Project) -> None:
    write_plan(many, "# 千代田区のお知らせ\n\n本日は晴天です。\n", document=f"{CODE}-chiyoda/empty")
    assert build(many).sanity[0] == f"nothing was read in {CODE}-chiyoda/empty"


def test_the_command_ends_with_1_says_what_was_lost_and_takes_accept(many: Project) -> None:
    write_plan(many, PLAN)
    result = CliRunner().invoke(main, ["--project", str(many.root), "build"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "[build-drop]" in result.stderr
    assert "values 24 → 6" in result.stderr
    assert "dxlib build --accept" in result.stderr
    result = CliRunner().invoke(main, ["--project", str(many.root), "build", "--accept"])
    assert result.exit_code == 0, result.output
    assert f"check: accepted: {DOCUMENT}: " in result.stdout
    assert "check: compared with the last build: 1 losses" in result.stdout


def test_long_lists_are_cut() -> None:
    listed = sanity._listed("many:", [str(number) for number in range(30)]).splitlines()
    assert listed[0] == "many:"
    assert listed[-1] == "  … and 10 more"
    assert len(listed) == 22


def test_every_bound_has_its_reason() -> None:
    found = bounds()
    for bound in (
        *((edition.unchanged, edition.replaced) for edition in (found.lines, found.facts)),
        (found.decisions, found.shared),
    ):
        assert all(len(one.reason) > 40 and 0 <= one.share < 1 for one in bound)
    assert (ROOT / "dxlib/sanity.toml").read_text(encoding="utf-8").startswith("# When a build stops")


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), st.floats(0, 1), st.integers(1, 50), st.integers(1, 50))
def test_a_bound_never_minds_gains_and_minds_more_the_more_is_lost(
    before: int, after: int, less: int, share: float, least: int, all_from: int
) -> None:
    bound = Bound(share, least, all_from, "-")
    assert not bound.is_broken(before, before + after)
    if bound.is_broken(before, after) and less < after:
        assert bound.is_broken(before, less)
    if before >= all_from:
        assert bound.is_broken(before, 0) == (before > 0)

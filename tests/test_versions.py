"""Warehouses and decisions of other versions: read, migrated or refused with a clear message; what people entered stays."""

import csv
import hashlib
import lzma
import shutil
import tomllib
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from conftest import ROOT, copy_project

from dxlib import warehouse
from dxlib.cli import main
from dxlib.decisions import read_decisions
from dxlib.errors import DecisionError, WarehouseError
from dxlib.form import FORM, form_of, stated_form
from dxlib.indicators import Workbench
from dxlib.migrate import migrate
from dxlib.project import Project
from dxlib.warehouse import build, connect, create_views, schema_sql, schema_version

VERSIONS = ROOT / "tests" / "versions"
ENTERED = ("facets.csv", "reference_value.csv", "corrections.csv", "municipality.csv", "themes.toml")


def run(project: Project, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--project", str(project.root), *arguments])


@pytest.fixture
def released(tmp_path: Path) -> Project:
    """The workbench of 0.1.0, with the warehouse that 0.1.0 built."""
    shutil.copytree(VERSIONS / "0.1.0" / "data", tmp_path / "data")
    project = Project(tmp_path)
    project.warehouse.write_bytes(lzma.decompress((VERSIONS / "0.1.0" / "dx.duckdb.xz").read_bytes()))
    return project


@pytest.fixture
def first(tmp_path: Path) -> Project:
    """Decisions of form 1 beside today's vocabulary and plans, as after an update of the repository."""
    project = copy_project(tmp_path)
    for name in ("version.toml", "actuals.csv"):
        (project.curated / name).unlink()
    for path in (VERSIONS / "first" / "data" / "curated").iterdir():
        shutil.copyfile(path, project.curated / path.name)
    items = project.curated / "reference_items.toml"  # without themes that form 1 did not have
    lines = items.read_text(encoding="utf-8").splitlines(keepends=True)
    items.write_text(
        "".join(line for line in lines if not line.startswith(("theme = ", "facets"))), encoding="utf-8", newline="\n"
    )
    return project


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


# Warehouses.


def test_every_released_version_has_its_file() -> None:
    """A release without a frozen warehouse would never be tried again."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for version in [line.split()[1] for line in changelog.splitlines() if line.startswith("## ")]:
        assert (VERSIONS / version / "dx.duckdb.xz").stat().st_size <= 300_000


def test_a_warehouse_of_0_1_0_is_refused_and_a_build_makes_it_anew(released: Project) -> None:
    with pytest.raises(WarehouseError, match="run: dxlib build") as caught, connect(released):
        pass
    assert caught.value.code == "warehouse-older"
    assert "version 1" in caught.value.message
    asked = run(released, "query", "SELECT 1")
    assert (asked.exit_code, asked.stdout) == (1, "")
    assert "[warehouse-older]" in asked.stderr
    before = contents(released.curated)
    assert run(released, "build").exit_code == 0
    after = contents(released.curated)
    assert all(after[name] == before[name] for name in before if name != "dx.duckdb")  # decisions of 0.1.0 are of this form
    with connect(released) as connection:
        rows = connection.execute(
            "SELECT role, value FROM fact WHERE indicator = 'オンラインで申請できる手続数' ORDER BY value"
        ).fetchall()
        corrected = connection.execute("SELECT corrected FROM correction").fetchall()
        recorded = connection.execute("SELECT value FROM recorded_actual").fetchall()
    assert [value for _, value in rows] == [24.0, 60.0, 142.0]
    assert corrected == [("35",)]
    assert recorded == [(60.0,)]


def test_a_warehouse_of_this_version_is_read(released: Project) -> None:
    build(released)
    with Workbench(released) as bench:
        assert bench.sql("SELECT version FROM schema_version").fetchall() == [(schema_version(),)]


def test_a_newer_warehouse_is_refused_and_stays(released: Project) -> None:
    build(released)
    with duckdb.connect(str(released.warehouse)) as connection:
        connection.execute("UPDATE schema_version SET version = version + 1")
    with pytest.raises(WarehouseError, match="update dxlib") as caught, connect(released):
        pass
    assert caught.value.code == "warehouse-newer"
    assert released.warehouse.exists()


def test_a_refused_warehouse_is_not_kept_open(released: Project) -> None:
    with pytest.raises(WarehouseError), connect(released):
        pass
    with duckdb.connect(str(released.warehouse)) as connection:  # for writing, which needs it alone
        connection.execute("CREATE TABLE more (x INTEGER)")


def interface() -> str:
    """A hash of what Python and notebooks ask for: tables with columns and types, views with columns, macros with parameters."""
    with duckdb.connect() as connection:
        connection.execute(schema_sql())
        create_views(connection)
        columns = connection.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
        ).fetchall()
        macros = connection.execute(
            "SELECT function_name, parameters::VARCHAR FROM duckdb_functions() WHERE NOT internal ORDER BY ALL"
        ).fetchall()
    assert len(columns) > 300
    assert len(macros) > 5
    return hashlib.sha256(repr((columns, macros)).encode()).hexdigest()


def test_the_version_is_raised_with_the_tables_views_and_macros() -> None:
    known = tomllib.loads((VERSIONS / "interface.toml").read_text(encoding="utf-8"))
    assert list(known) == [str(number) for number in range(2, schema_version() + 1)]
    assert interface() == known[str(schema_version())], (
        "the tables, views or macros changed: raise the version in schema.sql and note its hash in tests/versions/interface.toml;"
        " a version that was not released yet keeps its number and gets the new hash"
    )


# Decisions.


def test_decisions_of_0_1_0_are_read_as_they_are(released: Project) -> None:
    assert stated_form(released) is None
    assert form_of(released) == FORM
    assert len(read_decisions(released).indicator_facets) == 1
    done = migrate(released)
    assert (done.before, done.changes, done.kept) == (FORM, [], None)
    assert stated_form(released) == FORM
    assert contents(released.curated).keys() == contents(VERSIONS / "0.1.0" / "data" / "curated").keys() | {"dx.duckdb"} | {
        "version.toml"
    }


@pytest.mark.parametrize("command", [["build"], ["add", "x.txt", "--municipality", "131016"]])
def test_form_1_is_refused_until_it_is_migrated(first: Project, command: list[str]) -> None:
    before = contents(first.curated)
    result = run(first, *command)
    assert result.exit_code == 1
    assert "[curated-older]" in result.stderr
    assert "dxlib migrate" in result.stderr
    assert contents(first.curated) == before


def test_form_1_is_migrated_and_nothing_entered_is_lost(first: Project) -> None:
    before = contents(first.curated)
    entered = {name: before[name] for name in ENTERED}
    result = run(first, "migrate", "--vintage", "2022-07-01")
    assert result.exit_code == 0, result.stderr
    kept = contents(first.curated / "older" / "form-1")
    assert kept == {name: entered[name] for name in kept}
    assert set(kept) == {"facets.csv", "reference_value.csv", "themes.toml"}
    for name in ("corrections.csv", "municipality.csv"):
        assert (first.curated / name).read_bytes() == entered[name]
    for name in ("facets.csv", "reference_value.csv"):
        rows = [dict(row) for row in csv.DictReader(entered[name].decode().splitlines())]
        now = list(csv.DictReader((first.curated / name).read_text(encoding="utf-8").splitlines()))
        assert [{key: row[key] for key in rows[0]} for row in now] == rows
    build(first)
    with connect(first) as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM indicator_theme WHERE better = 'higher'").fetchall()
    assert count == 11
    assert run(first, "migrate").stdout == f"the decisions are of form {FORM}; nothing was changed\n"


def test_what_only_a_person_knows_is_asked_for(first: Project) -> None:
    before = contents(first.curated)
    with pytest.raises(DecisionError, match="--vintage 2022-07-01") as caught:
        migrate(first)
    assert caught.value.code == "migrate-vintage"
    with pytest.raises(DecisionError, match="reference-vintage"):
        migrate(first, "recently")
    facets = first.curated / "facets.csv"
    facets.write_bytes(facets.read_bytes() + b"242039-ise/digital-vision-2/vision-2/m01.1,x,,usage,,,,,,\n")
    with pytest.raises(DecisionError, match=r"facets\.csv:13") as caught:
        migrate(first, "2022-07-01")
    assert caught.value.code == "migrate-direction"
    assert contents(first.curated) == before | {"facets.csv": facets.read_bytes()}


def test_a_facet_that_nobody_knows_is_not_dropped(first: Project) -> None:
    facets = first.curated / "facets.csv"
    first_line, rest = facets.read_bytes().split(b"\n", 1)
    facets.write_bytes(first_line.replace(b",channel", b",canal") + b"\n" + rest)
    with pytest.raises(DecisionError, match="column canal") as caught:
        migrate(first, "2022-07-01")
    assert caught.value.code == "decision-columns"


def test_files_of_excel_keep_their_form(first: Project) -> None:
    facets = first.curated / "facets.csv"
    facets.write_bytes(b"\xef\xbb\xbf" + facets.read_bytes().replace(b"\n", b"\r\n"))
    themes = first.curated / "themes.toml"
    themes.write_bytes(themes.read_bytes().replace(b"\n", b"\r\n"))
    assert form_of(first) == 1
    migrate(first, "2022-07-01")
    content = facets.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfindicator_id,indicator,theme,better,")
    assert content.count(b"\r\n") == content.count(b"\n") == 12
    assert b'\r\nformula = "fraction"\r\nunit = ' in themes.read_bytes()
    build(first)


def test_a_migration_that_was_stopped_half_way_is_finished(first: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = write = __import__("dxlib.migrate", fromlist=["write_data"]).write_data
    entered = contents(first.curated)

    def stops(path: Path, content: str | bytes) -> None:
        if path == first.curated / "reference_value.csv":
            raise KeyboardInterrupt
        write(path, content)

    monkeypatch.setattr("dxlib.migrate.write_data", stops)
    with pytest.raises(KeyboardInterrupt):
        migrate(first, "2022-07-01")
    assert form_of(first) == 2
    with pytest.raises(DecisionError, match="curated-older"):
        build(first)
    monkeypatch.setattr("dxlib.migrate.write_data", whole)
    done = migrate(first, "2022-07-01")
    assert done.kept
    assert done.kept.name == "form-2"
    assert (first.curated / "older" / "form-1" / "facets.csv").read_bytes() == entered["facets.csv"]
    assert (first.curated / "older" / "form-2" / "reference_value.csv").read_bytes() == entered["reference_value.csv"]
    build(first)


def test_copies_of_an_earlier_migration_are_not_replaced(first: Project) -> None:
    earlier = first.curated / "older" / "form-1"
    earlier.mkdir(parents=True)
    (earlier / "facets.csv").write_bytes(b"mine")
    done = migrate(first, "2022-07-01")
    assert done.kept == earlier.with_name("form-1-2")
    assert (earlier / "facets.csv").read_bytes() == b"mine"


def test_newer_decisions_are_refused_by_all_who_write(project: Project, tmp_path: Path) -> None:
    (project.curated / "version.toml").write_text(f"form = {FORM + 1}\n", encoding="utf-8")
    before = contents(project.curated)
    for arguments in (["build"], ["migrate"], ["add", str(next(project.raw.glob("*/*.txt"))), "--municipality", "131016"]):
        result = run(project, *arguments)
        assert result.exit_code == 1, arguments
        assert "[curated-newer]" in result.stderr
        assert "update dxlib" in result.stderr
    assert contents(project.curated) == before


def test_the_repository_states_its_form(repo: Project) -> None:
    assert stated_form(repo) == FORM


# What is made again, whoever made it.


def test_kept_readings_of_another_version_are_read_again(released: Project) -> None:
    released.readings.mkdir()
    (released.readings / f"{'0' * 64}.reading").write_bytes(b"of another form")
    assert build(released).read == 1
    assert [path.name for path in released.readings.iterdir()] != [f"{'0' * 64}.reading"]


def test_the_hash_of_the_content_does_not_depend_on_the_version() -> None:
    from dxlib.content import _tables

    assert warehouse.VERSION not in _tables()
    assert "observation" in _tables()

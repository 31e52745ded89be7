"""Each kind of damage is done to a copy, exactly that, and must be named; what is whole is proved; nothing is written."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import openpyxl
import pytest
from click.testing import CliRunner, Result
from conftest import copy_project
from small import SHOWN, add_notebook

from dxlib.cli import main
from dxlib.corrections import understood
from dxlib.decisions import CORRECTION_COLUMNS
from dxlib.errors import ReportError, WarehouseError
from dxlib.project import Project
from dxlib.report import Options, make_report
from dxlib.report.cells import csv_text
from dxlib.report.index import write_index
from dxlib.verify.audited import check_findings
from dxlib.verify.compared import check_comparison
from dxlib.verify.csvtables import check_tables
from dxlib.verify.decided import check_decisions
from dxlib.verify.derived import check_derived
from dxlib.verify.hashes import check_hashes
from dxlib.verify.keys import check_keys
from dxlib.verify.listed import check_index
from dxlib.verify.opened import Opened
from dxlib.verify.progress import check_progress
from dxlib.verify.proof import Finding, Proof
from dxlib.verify.reported import check_report
from dxlib.verify.run import report_folders, verify
from dxlib.verify.sheets import _cell as csv_cell
from dxlib.verify.sources import Raw, check_sources
from dxlib.warehouse import build, connect, create_views, schema_columns, schema_version

DOCUMENT = "242161-iga/dx-action-plan-2"
ISE = "242039-ise/digital-vision-2"
ONLINE = f"{ISE}/vision-2/m13.1"
MORE = """
Piece([dataset("progress", bench.progress(), lang), dataset("coverage", bench.coverage(), lang),
       dataset("group", bench.group(theme), lang), dataset("quality_score", bench.quality_score(), lang)], lang)
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A built workbench with a recorded result, a change, an acceptance and a rejection, and a report; tests mend what they damage."""
    project = copy_project(tmp_path_factory.mktemp("verify"))
    build(project)
    _decide(project)
    build(project)
    add_notebook(project, "07_small", SHOWN, MORE)
    make_report(project, "small", {"lang": "ja"}, options=Options(formats=("html", "xlsx", "zip")))
    write_index(project.reports)
    return project


def _decide(project: Project) -> None:
    with connect(project) as connection:
        relation = connection.execute(
            "SELECT * FROM reading WHERE document_id = ? AND kind = 'observation' AND value IS NOT NULL ORDER BY line, fact_key",
            [DOCUMENT],
        )
        names = [column[0] for column in relation.description]
        facts = [dict(zip(names, row, strict=True)) for row in relation.fetchall()]
        (name,) = connection.execute("SELECT name FROM indicator WHERE indicator_id = ?", [ONLINE]).fetchone()
    decided = [("change", "value"), ("accept", ""), ("reject", "")]
    rows = []
    for number, ((action, field), fact) in enumerate(zip(decided, facts, strict=False)):
        is_change = action == "change"
        cells = {
            "correction_id": f"c{number}",
            "document_id": DOCUMENT,
            "line": str(fact["line"]),
            "quote": f'"{fact["quote"]}"',
            "field": field,
            "expected": f"{fact['value']:.15g}" if is_change else f'"{understood(fact)}"',
            "corrected": f"{fact['value'] + 1:.15g}" if is_change else "",
            "reason": "because",
            "status": "decided",
            "action": action,
            "role": fact["role"],
            "occurrence": fact["fact_key"].rsplit(":", 1)[-1],
        }
        rows.append(",".join(cells.get(column, "") for column in CORRECTION_COLUMNS))
    corrections = project.curated / "corrections.csv"
    corrections.write_text("\n".join([",".join(CORRECTION_COLUMNS), *rows]) + "\n", encoding="utf-8")
    with (project.curated / "actuals.csv").open("a", encoding="utf-8") as file:
        file.write(f"{ONLINE},{name},150,件,2026,,課,2027-04-30,\n")


@contextmanager
def kept(*paths: Path) -> Iterator[None]:
    """Files that are as before afterwards."""
    before = {path: path.read_bytes() if path.exists() else None for path in paths}
    try:
        yield
    finally:
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)


def findings(project: Project, *checks: Callable[..., None]) -> list[Finding]:
    """What some checks of the warehouse find."""
    proof = Proof()
    with Opened(project) as opened:
        for check in checks:
            more = [Raw(opened)] if check in (check_sources, check_hashes) else []
            check(proof, opened, *more)
    assert proof.holds == (not proof.findings)
    return proof.findings


def of_report(project: Project) -> list[Finding]:
    """What the checks of the report find."""
    proof = Proof()
    with Opened(project) as opened:
        check_report(proof, opened, Raw(opened), project.reports / REPORT)
    return proof.findings


REPORT = "small-online_procedures-ja"


def named(found: list[Finding], check: str, place: str) -> Finding:
    fitting = [one for one in found if one.check == check and place in f"{one.place} {one.found}"]
    assert fitting, (check, place, found)
    assert fitting[0].remedy
    return fitting[0]


def state(project: Project) -> dict[str, tuple[int, str]]:
    files = [path for path in project.root.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(project.root)): (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in files
    }


# What is whole.


def test_everything_whole_is_proved_and_nothing_is_written(own: Project) -> None:
    before = state(own)
    proof = verify(own)
    assert proof.findings == []
    assert proof.holds
    counts = {check.key: check.count for check in proof.checks}
    assert all(count > 0 for count in counts.values()), counts
    assert counts["correction"] == 3
    assert counts["result"] == 1
    assert counts["quote"] > 1000
    assert counts["raw-line"] == 3600
    assert counts["progress"] > 3000
    assert counts["report-link"] == 1
    assert state(own) == before


def run(project: Project, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--project", str(project.root), "verify", *arguments])


def test_the_command_says_what_is_proved_and_what_is_wrong(own: Project) -> None:
    raw = own.raw / f"{ISE}.txt"
    with kept(raw):
        raw.write_bytes(raw.read_bytes().replace("160名".encode(), "170名".encode(), 1))
        result = run(own, "--report", REPORT)
    assert result.exit_code == 1
    assert re.search(r"^ok +progress +[0-9,]+ progress is what its formulas give", result.stdout, re.MULTILINE)
    assert re.search(r"^WRONG +raw-file ", result.stdout, re.MULTILINE)
    assert f"wrong: [raw-file] data/raw/{ISE}.txt: its SHA-256 is" in result.stdout
    assert "restore the file from git" in result.stdout
    assert re.search(r"checks, [0-9,]+ things proved, [0-9]+ things do not hold, ", result.stdout)


@pytest.mark.long
def test_json_holds_every_check(own: Project) -> None:
    with kept(own.tables / "plan.csv"):
        (own.tables / "plan.csv").unlink()
        result = run(own, "--report", str(own.reports / REPORT), "--json")
    content = json.loads(result.stdout)
    assert (result.exit_code, content["holds"], content["wrong"]) == (1, False, 1)
    (wrong,) = [check for check in content["checks"] if check["failed"]]
    assert wrong["findings"][0]["place"] == "data/curated/tables/plan.csv"
    assert content["proved"] == sum(check["count"] for check in content["checks"])


def test_wrong_usage_and_what_is_not_there(own: Project, tmp_path: Path) -> None:
    result = run(own, "--report", "small-nothing")
    assert result.exit_code == 1
    assert "[verify-report] small-nothing" in result.stderr
    assert REPORT in result.stderr
    assert run(own, "--nothing").exit_code == 2
    with pytest.raises(ReportError):
        report_folders(own, [str(tmp_path)])
    assert report_folders(own, [str(own.reports)]) == report_folders(own, []) == [own.reports / REPORT]
    empty = copy_project(tmp_path / "empty")
    with pytest.raises(WarehouseError, match="warehouse-missing"):
        verify(empty)
    with duckdb.connect(str(empty.warehouse)) as connection:
        connection.execute("CREATE TABLE document AS SELECT 'x' AS document_id")
        connection.execute(f"CREATE TABLE schema_version AS SELECT {schema_version()} AS version")
    with pytest.raises(WarehouseError, match="verify-schema"):
        verify(empty)


# The raw files, and what lies beside the database.


@pytest.mark.parametrize(
    ("path", "before", "after", "check", "place"),
    [
        (f"data/raw/{ISE}.txt", "160名", "170名", "quote", "160名"),
        (f"data/raw/{ISE}.txt", "160名", "170名", "raw-line", f"{ISE}.txt:"),
        (f"data/raw/{ISE}.txt", "160名", "170名", "raw-file", "SHA-256"),
        (f"data/raw/{ISE}.toml", 'producer = "', 'producer = "x', "raw-file", "producer"),
        (f"data/raw/{ISE}.toml", "last_fiscal_year = ", "last_fiscal_year = 2", "raw-file", f"{ISE}.toml"),
        (
            "data/curated/tables/observation.csv",
            ",142.0,",
            ",143.0,",
            "csv",
            "value is '143.0' in the CSV, 142.0 in the database",
        ),
        ("data/curated/tables/theme.csv", "テレワーク", "テレワアク", "csv", "theme.csv:"),
        ("data/curated/tables/theme.csv", "theme_id,", "theme,", "csv", "the columns are theme"),
        ("data/curated/facets.csv", ",higher,availability,", ",higher,usage,", "facet", "measures"),
        ("data/curated/corrections.csv", ",because,decided,change,", ",so,decided,change,", "correction", "reason"),
        ("data/curated/actuals.csv", ",150,", ",151,", "result", "151"),
        ("data/curated/reference_value.csv", "211850", "211851", "figure", "reference_value.csv:2"),
        ("data/curated/municipality.csv", "Isesaki", "Isezaki", "vocabulary", "Isezaki"),
        ("data/curated/themes.toml", "市の行政手続のうち", "町の行政手続のうち", "vocabulary", "themes.toml"),
        ("data/curated/topics.csv", "2020-12-25", "2020-12-26", "vocabulary", "topics.csv"),
    ],
)
def test_an_edited_file_is_named(own: Project, path: str, before: str, after: str, check: str, place: str) -> None:
    file = own.root / path
    with kept(file):
        text = file.read_bytes().decode()
        assert before in text
        file.write_bytes(text.replace(before, after, 1).encode())
        found = findings(own, check_sources, check_tables, check_decisions)
    named(found, check, place)


def test_files_that_are_gone_or_new_are_named(own: Project) -> None:
    raw, csv, more = own.raw / f"{ISE}.txt", own.tables / "plan.csv", own.tables / "nothing.csv"
    new = own.raw / "242039-ise/new.txt"
    with kept(raw, csv, more, new):
        raw.unlink()
        csv.write_bytes(csv.read_bytes() + b"a,b,c,plan,2020,2021\n")
        more.write_text("a\n")
        new.write_text("new\n")
        found = findings(own, check_sources, check_tables)
    named(found, "raw-file", "the file is gone")
    named(found, "raw-file", "data/raw/242039-ise/new.txt")
    named(found, "csv", "this row is not in the database")
    named(found, "csv", "nothing.csv")


@pytest.mark.parametrize("damage", [b"\xff", b'"' + b"x" * 200_000 + b'"'])
def test_a_table_that_is_no_csv_is_named(own: Project, damage: bytes) -> None:
    path = own.tables / "plan.csv"
    with kept(path):
        path.write_bytes(path.read_bytes() + damage)
        named(findings(own, check_tables), "csv", "data/curated/tables/plan.csv")


def test_a_damaged_reading_is_named(own: Project) -> None:
    path = sorted(own.readings.iterdir())[0]
    with kept(path):
        path.write_bytes(path.read_bytes()[:-3])
        named(findings(own, check_hashes), "reading", path.name)


# A number, a key or a decision edited in the database by a plain connection. Constraints do not stand in the way of this, so the
# damaged copy is one without them.

Damage = tuple[str, Callable[..., None], str, str]
DAMAGES: list[Damage] = [
    ("UPDATE observation SET value = 143 WHERE value = 142", check_sources, "number", "143"),
    ("UPDATE observation SET value = 143 WHERE value = 142", check_tables, "csv", "143"),
    ("UPDATE observation SET value = 143 WHERE value = 142", check_hashes, "content", "242039"),
    ("UPDATE observation SET value = 143 WHERE value = 142", check_progress, "progress", ONLINE),
    ("UPDATE observation SET value = 143 WHERE value = 142", check_derived, "derived", "table fact"),
    ("UPDATE observation SET quote = '999件' WHERE value = 142", check_sources, "quote", "999件"),
    ("UPDATE source_line SET text = text || ' ' WHERE line = 20", check_sources, "raw-line", ":20"),
    ("DELETE FROM source_line WHERE line = 446", check_sources, "raw-line", ":446"),
    ("UPDATE document SET title = 'x' WHERE municipality_code = '242039'", check_sources, "raw-file", "title"),
    ("UPDATE finding SET quote = 'zzz' WHERE rowid = 0", check_sources, "finding-place", "zzz"),
    ("UPDATE fact SET value = 143 WHERE value = 142", check_derived, "derived", "table fact"),
    ("DELETE FROM fact WHERE rowid = 0", check_keys, "reference", "every value has one row"),
    ("UPDATE progress SET pace = pace + 0.001 WHERE pace IS NOT NULL", check_progress, "progress", "pace is"),
    ("UPDATE progress SET attainment_pct = 99 WHERE attainment_pct IS NOT NULL", check_progress, "progress", "attainment_pct is 99.0"),
    ("UPDATE progress SET required_per_year = 0 WHERE required_per_year > 0", check_progress, "progress", "required_per_year"),
    ("UPDATE progress SET share_of_path_pct = 1 WHERE share_of_path_pct > 2", check_progress, "progress", "share_of_path_pct"),
    ("UPDATE progress SET class = 'achieved' WHERE class = 'missed'", check_progress, "progress", "class is 'achieved'"),
    ("UPDATE progress SET reason = NULL WHERE reason = 'no_result'", check_progress, "progress", "expected 'no_result'"),
    ("UPDATE progress SET baseline_id = 'x' WHERE baseline_id IS NOT NULL", check_progress, "progress", "baseline_id"),
    ("UPDATE basis_now SET basis_value = basis_value * 2 WHERE formula = 'per_10k'", check_comparison, "basis", "per_10k"),
    ("UPDATE basis_now SET value = 143 WHERE value = 150", check_comparison, "basis", "the value is 143.0"),
    ("UPDATE reference_value SET value = value + 1 WHERE item = 'population'", check_comparison, "basis", "per_10k"),
    ("UPDATE reference_value SET value = value + 1 WHERE item = 'population'", check_tables, "figure", "reference_value.csv:2"),
    ("UPDATE facet SET value = 'flow' WHERE facet = 'counting'", check_comparison, "verdict", "their facets give"),
    ("UPDATE facet SET value = 'flow' WHERE facet = 'counting'", check_decisions, "facet", "counting"),
    ("UPDATE defined SET facet_values = list_reverse(facet_values)", check_comparison, "comparison", "pairs are"),
    ("UPDATE indicator_theme SET better = 'lower' WHERE better = 'higher'", check_decisions, "facet", "better"),
    ("UPDATE finding SET recomputed = '1%' WHERE rule_id = 'attainment-mismatch'", check_findings, "audit", "'1%'"),
    ("UPDATE finding SET recomputed = '×1' WHERE rule_id = 'implausible-jump'", check_findings, "audit", "×1"),
    ("UPDATE observation SET fiscal_year = 2050 WHERE role = 'target'", check_findings, "audit-complete", "is missing"),
    ("INSERT INTO finding BY NAME SELECT 'target-outside-plan' AS rule_id, 'x' AS indicator_id, ['y'] AS inputs",
     check_findings, "audit-complete", "does not hold, for y"),
    ("UPDATE list_item SET stated_count = 99", check_findings, "audit-complete", "list-length"),
    ("UPDATE quality_score SET met = met + 1", check_findings, "score", "counted is"),
    ("UPDATE coverage SET measurable_targets = 9 WHERE measurable_targets = 1", check_findings, "coverage", "the counts are"),
    ("UPDATE correction SET applies = false", check_decisions, "correction", "does not apply"),
    ("DELETE FROM correction WHERE correction_id = 'c1'", check_decisions, "correction", "c1 is not in the warehouse"),
    ("UPDATE observation SET value = value - 1 WHERE review = 'changed'", check_decisions, "correction", "decided is"),
    ("UPDATE observation SET review = NULL WHERE review = 'accepted'", check_decisions, "correction", "accepted"),
    ("UPDATE recorded_actual SET value = 149", check_decisions, "result", "149"),
    ("DELETE FROM recorded_actual", check_decisions, "result", "1 results, 0"),
    ("UPDATE theme SET direction = 'lower'", check_decisions, "vocabulary", "theme"),
    ("UPDATE content SET sha256 = repeat('0', 64) WHERE scope = 'shared'", check_hashes, "content", "content shared"),
    ("UPDATE rule SET severity = 'editorial' WHERE severity = 'error'", check_tables, "rule", "editorial"),
    ("INSERT INTO plan FROM plan LIMIT 1", check_keys, "primary-key", "stands there 2 times"),
    ("UPDATE indicator SET measure_id = 'x' WHERE rowid = 0", check_keys, "foreign-key", "no such row in measure"),
    ("UPDATE theme_topic SET topic_id = 'x'", check_keys, "reference", "themes name topics"),
    ("UPDATE observation SET confidence = 2 WHERE rowid = 0", check_keys, "range", "confidence"),
    ("UPDATE observation SET fiscal_year = 1066 WHERE rowid = 0", check_keys, "range", "fiscal_year BETWEEN"),
    ("UPDATE observation SET value = 1e6 WHERE rowid IN (SELECT min(rowid) FROM observation WHERE unit = '%')", check_keys, "range", "percent"),
    ("UPDATE plan SET last_fiscal_year = 2099 WHERE rowid = 0", check_keys, "range", "1 to 30 years"),
    ("UPDATE observation SET value = 'inf'::DOUBLE WHERE rowid = 0", check_keys, "finite", "observation"),
    ("UPDATE municipality SET code = '102042' WHERE code = '102041'", check_keys, "code", "102042"),
]  # fmt: skip


@pytest.fixture(scope="module")
def free(own: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database without its constraints."""
    path = tmp_path_factory.mktemp("free") / "free.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"ATTACH '{own.warehouse}' AS whole (READ_ONLY)")
        for table in schema_columns():
            connection.execute(f"CREATE TABLE {table} AS FROM whole.{table} ORDER BY rowid")
        connection.execute("DETACH whole")
        create_views(connection)
    return path


# One damage for each check always, the others in the long run.
_CHECKS = [check for _, _, check, _ in DAMAGES]
_DAMAGED = [
    pytest.param(*damage, id=f"{damage[2]}-{n}", marks=[pytest.mark.long] if damage[2] in _CHECKS[:n] else [])
    for n, damage in enumerate(DAMAGES)
]


@pytest.mark.parametrize(("sql", "checks", "check", "place"), _DAMAGED)
def test_an_edit_of_the_database_is_named(
    own: Project, free: Path, sql: str, checks: Callable[..., None], check: str, place: str
) -> None:
    with kept(own.warehouse):
        own.warehouse.write_bytes(free.read_bytes())
        with duckdb.connect(str(own.warehouse)) as connection:
            (changed,) = connection.execute(sql).fetchone()
            assert changed > 0
        named(findings(own, checks), check, place)


@pytest.mark.long
def test_the_copy_without_constraints_is_whole(own: Project, free: Path) -> None:
    with kept(own.warehouse):
        own.warehouse.write_bytes(free.read_bytes())
        every = (check_sources, check_keys, check_tables, check_decisions, check_hashes, check_progress, check_comparison)
        assert findings(own, *every, check_findings, check_derived) == []


# A report.


def spoil_text(ending: str, before: str, after: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = next(folder.glob(f"**/*{ending}"))
        text = path.read_bytes().decode()
        assert before in text
        path.write_bytes(text.replace(before, after, 1).encode())
        relist(folder)

    return spoil


def relist(folder: Path) -> None:
    """Sizes and hashes of run.json as the files are now: whoever edits a file may edit these too."""
    manifest = json.loads((folder / "run.json").read_bytes())
    for output in manifest["outputs"]:
        content = (folder / output["name"]).read_bytes()
        output |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "run.json").write_text(json.dumps(manifest))


def spoil_run(key: str, value: object) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        manifest = json.loads((folder / "run.json").read_bytes())
        *path, last = key.split(".")
        place = manifest
        for part in path:
            place = place[int(part) if part.isdecimal() else part]
        assert place[last] != value
        place[last] = value
        (folder / "run.json").write_text(json.dumps(manifest))

    return spoil


def spoil_sheet(folder: Path) -> None:
    path = folder / f"{REPORT}.xlsx"
    book = openpyxl.load_workbook(path)
    page = book["計画に書かれた値"]
    place = [cell.value for cell in page[1]].index("値") + 1
    row = next(n for n in range(2, page.max_row + 1) if page.cell(n, place).value == 142)
    page.cell(row, place).value = 143
    book.save(path)
    relist(folder)


def spoil_zip(name: str, before: str, after: str, hashes: bool) -> Callable[[Path], None]:
    """Edit a file in the zip; with ``hashes`` also what its metadata says of it."""

    def spoil(folder: Path) -> None:
        path = folder / f"{REPORT}.zip"
        with zipfile.ZipFile(path) as archive:
            files = {one: archive.read(one) for one in archive.namelist()}
        text = files[name].decode("utf-8-sig")
        assert before in text
        files[name] = text.replace(before, after, 1).encode("utf-8-sig" if name.endswith(".csv") else "utf-8")
        if hashes:
            metadata = json.loads(files["metadata.json"])
            for entry in metadata["files"]:
                entry["sha256"] = hashlib.sha256(files[entry["file"]]).hexdigest()
            files["metadata.json"] = json.dumps(metadata).encode()
        with zipfile.ZipFile(path, "w") as archive:
            for one, content in files.items():
                archive.writestr(one, content)
        relist(folder)

    return spoil


def edit_without_relisting(folder: Path) -> None:
    path = folder / f"{REPORT}.html"
    path.write_bytes(path.read_bytes().replace(b"</html>", b"</html> "))


def add_file(folder: Path) -> None:
    (folder / "more.html").write_text("more")


@pytest.mark.parametrize(
    ("spoil", "check", "place"),
    [
        (edit_without_relisting, "report-file", ".html"),
        (add_file, "report-file", "more.html"),
        (lambda folder: (folder / f"{REPORT}.xlsx").unlink(), "report-file", "is gone"),
        (lambda folder: (folder / "run.json").write_text("{"), "report-run", "run.json"),
        (spoil_run("report_id", "other"), "report-file", "run.json"),
        (spoil_run("parameters.theme", "telework"), "report-asked", "small-telework-ja"),
        (spoil_run("parameters.lang", "en"), "report-asked", "lang"),
        (spoil_run("notebook", "nothing"), "report-asked", "nothing"),
        (spoil_run("notebook_sha256", "0" * 64), "report-asked", "another one now"),
        (spoil_run("inputs.documents.0.sha256", "0" * 64), "report-input", "sha256"),
        (spoil_run("inputs.vintage", "1999"), "report-input", "1999"),
        (spoil_run("title", "Other"), "report-zip", "title"),
        (spoil_text(f"{REPORT}.html", 'class="dx-value"', 'class="dx-value" data-x=""'), "", ""),
        (spoil_sheet, "report-sheet", "143"),
        (spoil_zip("values.csv", ",baseline,142,", ",baseline,143,", False), "report-zip", "values.csv"),
        (spoil_zip("values.csv", ",baseline,142,", ",baseline,143,", True), "report-sheet", "143"),
        (spoil_zip("values.csv", ",baseline,142,", ",baseline,143,", True), "report-row", "value is '143'"),
        (spoil_zip("progress.csv", ",118.33333333333333,", ",118.4,", True), "report-row", "attainment_pct"),
        (spoil_zip("coverage.csv", ",measurable target,", ",not addressed,", True), "report-sheet", "coverage"),
        (spoil_zip("metadata.json", '"rows": ', '"rows": 1', False), "report-zip", "rows, metadata.json says"),
        (spoil_zip("metadata.json", '"vintage": "2', '"vintage": "3', False), "report-zip", "vintage"),
        (lambda folder: (folder / f"{REPORT}.zip").write_bytes(b"no zip"), "report-zip", "cannot be read"),
    ],
)  # fmt: skip
def test_a_damaged_report_is_named(own: Project, spoil: Callable[[Path], None], check: str, place: str) -> None:
    folder = own.reports / REPORT
    files = [path for path in folder.rglob("*") if path.is_file()]
    with kept(*files, folder / "more.html"):
        spoil(folder)
        found = of_report(own)
    if check:
        named(found, check, place)
    else:
        assert found == []


def test_an_edited_number_or_link_or_source_line_is_named(own: Project) -> None:
    folder = own.reports / REPORT
    page, source = folder / f"{REPORT}.html", next((folder / "sources").glob("*.html"))
    text = page.read_text(encoding="utf-8")
    shown = re.search(r'<a class="dx-value" href="(sources/[^"]+#L(\d+))"[^>]*>([^<]+)', text)
    number = re.search(r"\d+", shown[3])
    edits = {
        "prints": (page, shown[3], shown[3].replace(number[0], "987654", 1)),
        "where no line is": (page, f"#L{shown[2]}", "#L99999"),
    }
    for says, (path, before, after) in edits.items():
        with kept(path, folder / "run.json"):
            path.write_text(path.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
            relist(folder)
            named(of_report(own), "report-link", says)
    with kept(source, folder / "run.json"):
        edited = re.sub(rf'(<li id="L{shown[2]}"[^>]*>)', r"\1もう", source.read_text(encoding="utf-8"), count=1)
        source.write_text(edited, encoding="utf-8")
        relist(folder)
        named(of_report(own), "report-source", f"#L{shown[2]}")


def test_a_report_from_another_state_of_the_warehouse_is_named(own: Project) -> None:
    folder = own.reports / REPORT
    with kept(folder / "run.json"):
        manifest = json.loads((folder / "run.json").read_bytes())
        manifest["inputs"]["warehouse"] = "0" * 64
        manifest["basis"]["rows"] = {"242039": "0" * 64, "shared": manifest["basis"]["rows"]["shared"]}
        (folder / "run.json").write_text(json.dumps(manifest))
        assert "rows changed of 242039" in named(of_report(own), "report-input", "another state").found
        manifest["basis"]["rows"] = {"shared": manifest["basis"]["rows"]["shared"]}  # it saw none of the rows that changed
        (folder / "run.json").write_text(json.dumps(manifest))
        assert [one for one in of_report(own) if one.check == "report-input"] == []
        manifest["basis"] = None
        (folder / "run.json").write_text(json.dumps(manifest))
        named(of_report(own), "report-input", "which rows it saw is not known")


def test_an_index_that_lists_other_reports_is_named(own: Project) -> None:
    index = own.reports / "index.html"
    for before, after, says in (
        (f'id="{REPORT}"', 'id="other"', "stands in the index 0 times"),
        (f"{REPORT}.xlsx", "nothing.xlsx", "where no file is"),
    ):
        with kept(index):
            text = index.read_text(encoding="utf-8")
            assert before in text
            index.write_text(text.replace(before, after), encoding="utf-8")
            proof = Proof()
            check_index(proof, own.reports)
        named(proof.findings, "index", says)


@pytest.mark.parametrize("text", ["=1", "\u200b=1", "'=1", "'a'", "-5%", "\ufffd＠x"])
def test_a_field_is_read_as_the_text_it_was_written_for(text: str) -> None:
    assert csv_cell(csv_text(text), is_cp932=False) == text

import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT
from desk import CODE, PLAN, small_desk

from dxlib import add as adding
from dxlib.add import Added, Told, add
from dxlib.cli import main
from dxlib.errors import DxlibError, MunicipalityError, OriginError, SourceError
from dxlib.indicators import Workbench
from dxlib.origin import read_origin
from dxlib.project import Project
from dxlib.review import items
from dxlib.warehouse import build, connect

OTHER, FOLDER = "132055", "132055-ome"
TEXT = PLAN.replace("# 千代田区DX計画\n", "# 青梅市DX計画（案）\n\n令和8年3月\n\n計画期間 令和8年度～令和9年度\n").replace(
    "10件", "11件"
)


@pytest.fixture
def desk(tmp_path: Path) -> Project:
    return small_desk(tmp_path / "desk")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "R8_DX Plan(draft).txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def run(project: Project, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--project", str(project.root), *arguments])


def state(project: Project) -> dict[str, bytes]:
    """Every file below data, hidden ones included, but for who wrote last."""
    files = sorted(path for path in project.root.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(project.root)): path.read_bytes() for path in files}


def test_a_plan_is_stored_with_what_could_be_inferred(desk: Project, file: Path) -> None:
    added = add(desk, file, OTHER)
    assert added.document_id == f"{FOLDER}/r8-dx-plan-draft"
    assert added.path.read_bytes() == file.read_bytes()
    origin = read_origin(added.path.with_suffix(".toml"), "")
    assert (origin.title, origin.edition, origin.published) == ("青梅市DX計画(案)", "draft", "2026-03")
    assert origin.inferred == ("title", "edition", "published", "plans")
    (plan,) = origin.plans
    assert (plan.title, plan.scope, plan.first_fiscal_year, plan.last_fiscal_year) == ("青梅市DX計画", "plan", 2026, 2027)
    assert added.roles == {"baseline": 2, "target": 4, "context": 1}
    assert added.doubtful == 3


def test_what_was_inferred_and_doubtful_is_on_the_review_list(desk: Project, file: Path) -> None:
    added = add(desk, file, OTHER)
    build(desk)
    with Workbench(desk) as bench:
        found = items(bench, documents=[added.document_id])
    assert sum(item.kind == "origin" for item in found) == 3 + 4
    assert sum(item.kind != "origin" for item in found) == added.doubtful


def test_what_is_told_is_not_inferred(desk: Project, file: Path) -> None:
    told = Told("題", "adopted", "2026", "dx-plan", (2025, 2028), "plan")
    added = add(desk, file, OTHER, told)
    assert added.document_id == f"{FOLDER}/dx-plan"
    assert added.origin.inferred == ()
    assert (added.origin.title, added.origin.published, added.origin.plans[0].first_fiscal_year) == ("題", "2026", 2025)


def test_the_command_says_what_it_found_and_what_is_next(desk: Project, file: Path) -> None:
    result = run(desk, "add", str(file), "--municipality", OTHER, "--plan-period", "2026-2027")
    assert result.exit_code == 0, result.output
    assert "added data/raw/132055-ome/r8-dx-plan-draft.txt" in result.output
    assert "title: 青梅市DX計画(案) (inferred)" in result.output
    assert "plan: 青梅市DX計画, 2026-2027\n" in result.output
    assert "facts: 2 baseline, 1 context, 4 target; doubtful: 3" in result.output
    assert "next: dxlib build; dxlib review --document 132055-ome/r8-dx-plan-draft" in result.output
    again = run(desk, "add", str(file), "--municipality", OTHER)
    assert (again.exit_code, "this very file already; nothing was changed" in again.output) == (0, True)


def test_a_new_municipality_gets_its_row_by_code_or_name(desk: Project, file: Path) -> None:
    added = add(desk, file, "東京都八王子市")
    assert added.document_id.startswith("132012-hachioji/")
    assert added.municipality == "八王子市"
    assert "132012,八王子市,はちおうじし,Hachioji,東京都" in (desk.curated / "municipality.csv").read_text(encoding="utf-8")
    build(desk)


@pytest.mark.parametrize(("code", "error"), [("132050", "check digit"), ("999993", "999993"), ("府中市", "府中市")])
def test_a_municipality_that_is_none_leaves_nothing(desk: Project, file: Path, code: str, error: str) -> None:
    before = state(desk)
    with pytest.raises(MunicipalityError, match=error):
        add(desk, file, code)
    assert state(desk) == before


def test_the_folder_of_a_municipality_is_used_again(desk: Project, file: Path) -> None:
    added = add(desk, file, CODE)
    assert added.path.parent == desk.raw / "131016-chiyoda"
    assert len(list(added.path.parent.iterdir())) == 4


def test_a_japanese_file_name_gives_a_plain_one(desk: Project, file: Path) -> None:
    path = file.rename(file.with_name("第２期計画（案）.txt"))
    assert add(desk, path, OTHER).document_id == f"{FOLDER}/plan-2026"
    report = file.with_name("進捗.txt")
    report.write_text(TEXT.replace("DX計画（案）", "DX計画 進捗報告書"), encoding="utf-8")
    added = add(desk, report, OTHER)
    assert added.document_id == f"{FOLDER}/report-2026"
    assert [(plan.key, plan.scope) for plan in added.origin.plans] == [("review", "review")]


def test_the_same_file_again_changes_nothing(desk: Project, file: Path, tmp_path: Path) -> None:
    first = add(desk, file, OTHER)
    before = state(desk)
    elsewhere = tmp_path / "other-name.txt"
    shutil.copy(file, elsewhere)
    for path in (file, elsewhere):
        again = add(desk, path, OTHER, Told(title="別の題"))
        assert (again.is_new, again.document_id) == (False, first.document_id)
    assert state(desk) == before


def test_the_same_file_for_another_municipality_is_an_error(desk: Project, file: Path) -> None:
    add(desk, file, OTHER)
    before = state(desk)
    with pytest.raises(SourceError, match="r8-dx-plan-draft") as caught:
        add(desk, file, CODE)
    assert caught.value.code == "add-elsewhere"
    assert state(desk) == before


@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_another_file_of_the_same_name_is_an_error(desk: Project, file: Path, suffix: str) -> None:
    add(desk, file, OTHER)
    before = state(desk)
    other = file.with_suffix(suffix)
    other.write_text(TEXT.replace("11件", "12件"), encoding="utf-8")
    with pytest.raises(SourceError, match="with other content") as caught:
        add(desk, other, OTHER)
    assert caught.value.code == "add-exists"
    assert "--name" in caught.value.hint
    assert state(desk) == before


@pytest.mark.parametrize("name", ["", "DX", "a b", "../x", "a--b", "計画", "x" * 61, "-a"])
def test_a_name_that_cannot_be_one(desk: Project, file: Path, name: str) -> None:
    before = state(desk)
    with pytest.raises(SourceError) as caught:
        add(desk, file, OTHER, Told(name=name))
    assert caught.value.code == "add-name"
    assert state(desk) == before


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.txt", b"", "source-empty"),
        ("a.pdf", b"%PDF-1.7\nbroken", None),
        ("a.docx", b"PK\x03\x04broken", None),
        ("a.exe", b"MZ", "source-format"),
        ("a.txt", "計画".encode() + b"\x00\xff\x00", None),
    ],
)
def test_a_file_that_cannot_be_read_leaves_nothing(
    desk: Project, tmp_path: Path, name: str, content: bytes, code: str | None
) -> None:
    before = state(desk)
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        add(desk, path, "132012")
    assert code in (None, caught.value.code)
    assert state(desk) == before


def test_a_missing_file(desk: Project, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        add(desk, tmp_path / "none.txt", OTHER)
    assert caught.value.code == "source-missing"


def test_a_document_that_names_no_year_asks_for_the_period(desk: Project, tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("覚え書き\n", encoding="utf-8")
    before = state(desk)
    with pytest.raises(SourceError, match="which years") as caught:
        add(desk, path, OTHER)
    assert caught.value.code == "add-period"
    assert state(desk) == before
    result = run(desk, "add", str(path), "--municipality", OTHER, "--plan-period", "2026-2027")
    assert "facts: none were read" in result.output


def test_what_is_told_must_fit(desk: Project, file: Path) -> None:
    before = state(desk)
    with pytest.raises(OriginError):
        add(desk, file, OTHER, Told(published="March 2026"))
    assert state(desk) == before
    assert run(desk, "add", str(file), "--municipality", OTHER, "--plan-period", "2027-2026").exit_code == 2
    assert run(desk, "add", str(file)).exit_code == 2


def test_a_title_is_no_markup_in_the_origin(desk: Project, tmp_path: Path) -> None:
    path = tmp_path / "odd.txt"
    path.write_text(TEXT.replace("青梅市DX計画（案）", '青梅市"DX\\計画"\x07\x7f'), encoding="utf-8")
    added = add(desk, path, OTHER)
    assert added.origin.title == '青梅市"DX\\計画"'


# All or nothing.

# What storing does: it makes a folder, writes three or two files, flushes them, and puts them in place.
STEPS = [(step, code) for code in (CODE, "132012") for step in ("mkdtemp", "read_origin", "with_entry", "fsync", "replace")]


def break_at(step: str, patch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    """Let one step of storing fail before it does anything; of those that come more than once, the last."""

    def broken(*_: object, **__: object) -> None:
        raise error(28, "No space left on device")

    def broken_replace(source: str, target: str, real: Any = os.replace) -> None:
        if Path(target).suffix == ".toml" and ".add-" not in Path(target).parent.name:
            broken()
        real(source, target)

    if step == "mkdtemp":
        patch.setattr(adding.tempfile, "mkdtemp", broken)
    elif step in ("read_origin", "with_entry"):
        patch.setattr(adding, step, broken)
    elif step == "replace":
        patch.setattr(os, "replace", broken_replace)
    else:
        patch.setattr(os, step, broken)


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize(("step", "code"), STEPS)
def test_a_step_that_fails_leaves_nothing_half(
    desk: Project, file: Path, step: str, code: str, error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(desk)
    with monkeypatch.context() as patch:
        break_at(step, patch, error)
        with pytest.raises(SourceError if error is OSError else KeyboardInterrupt):
            add(desk, file, code)
    assert state(desk) == before
    assert not [path for path in desk.raw.iterdir() if path.name.startswith(".")]
    assert add(desk, file, code).is_new


def test_a_disk_error_is_a_typed_one(desk: Project, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    break_at("fsync", monkeypatch, OSError)
    with pytest.raises(SourceError, match="No space") as caught:
        add(desk, file, OTHER)
    assert caught.value.code == "add-write"


def test_a_process_killed_between_the_two_files_is_mended_by_adding_again(desk: Project, file: Path) -> None:
    added = add(desk, file, CODE)
    added.path.with_suffix(".toml").unlink()
    with pytest.raises(DxlibError, match="origin-missing"):
        build(desk)
    again = add(desk, file, CODE)
    assert (again.is_new, again.path) == (True, added.path)
    build(desk)


def test_leftovers_of_a_killed_process_do_no_harm(desk: Project, file: Path) -> None:
    left = desk.raw / ".add-killed" / FOLDER
    left.mkdir(parents=True)
    (left / "half.txt").write_text("half", encoding="utf-8")
    add(desk, file, OTHER)
    build(desk)
    with connect(desk) as connection:
        assert connection.execute("SELECT count(*) FROM document").fetchone() == (2,)


def test_a_disk_without_links(desk: Project, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", unsupported)
    added = add(desk, file, CODE)
    assert added.path.read_bytes() == file.read_bytes()
    build(desk)


@pytest.mark.parametrize("code", [CODE, "132012"])
def test_many_adds_of_one_file_at_once_add_it_once(desk: Project, file: Path, code: str) -> None:
    found: list[Added | BaseException] = []
    ready = threading.Barrier(6)

    def work() -> None:
        ready.wait()
        try:
            found.append(add(desk, file, code))
        except DxlibError as error:
            found.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, Added) and one.is_new for one in found) == 1, found
    assert all(one.code in ("add-exists", "decision-write") for one in found if isinstance(one, DxlibError)), found
    assert not [path for path in desk.raw.iterdir() if path.name.startswith(".")]
    build(desk)
    with connect(desk) as connection:
        assert connection.execute("SELECT count(*) FROM document").fetchone() == (2,)


DOCUMENTS = [  # the last three print verdicts without values, a fraction of 0, and a target that says nothing
    *("05_progress_tab_table.txt", "12_prefecture_plan_long.txt", "24_town_plan.docx", "26_kpi_list.xlsx"),
    *("36_verdict_matrices.txt", "72_smartcity_kgi_kpi.md", "73_town_plan_arrows.txt"),
]


@pytest.mark.parametrize(
    "name", [*DOCUMENTS[1:5], *(pytest.param(name, marks=pytest.mark.long) for name in (DOCUMENTS[0], *DOCUMENTS[5:]))]
)
def test_documents_of_any_format_can_be_built_after_adding(desk: Project, name: str) -> None:
    added = add(desk, ROOT / "tests/collection/open" / name, OTHER, Told(period=(2023, 2026)))
    build(desk)
    with connect(desk) as connection:
        found = connection.execute("SELECT role, count(*) FROM reading WHERE document_id = ? GROUP BY 1", [added.document_id])
        assert dict(found.fetchall()) == added.roles

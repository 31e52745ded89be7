"""Hostile texts through every path, a sample of them and of the places (all: tests/soak/hostile.py), and what was once a hole."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path
from typing import Any

import pushed
import pushes
import pytest
from bombs import write_bombs
from conftest import copy_project
from test_browser import browser

from dxlib.blocks import Opening
from dxlib.errors import DxlibError
from dxlib.formats import forms
from dxlib.indicators import Workbench
from dxlib.project import Project, find_project
from dxlib.report.html import fragment
from dxlib.report.html import page as render_page
from dxlib.report.parameters import Job, Template, resolve
from dxlib.sheet import append_rows
from dxlib.warehouse import build

__all__ = ["browser"]
ALL = [hostile.text for hostile in pushed.read_strings()]
SAMPLE = ALL[::30]
EVERY = ALL[::2]  # of what is poured into a report; all of them in the long suite


@pytest.fixture(scope="module")
def bench_of_texts(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return pushed.workbench(tmp_path_factory.mktemp("hostile") / "bench", SAMPLE)


@pytest.fixture
def tally() -> pushes.Tally:
    return pushes.Tally()


def themes(texts: list[str]) -> list[str]:
    return [pushed.theme_id([text.replace("\0", "") for text in texts], 1)]


def test_there_are_enough_texts_of_every_kind() -> None:
    rows = pushed.read_strings()
    assert len(rows) == len(set(ALL)) >= 300
    assert len({row.kind for row in rows}) == 17
    assert all(row.would for row in rows)


def test_plans_and_decisions_come_out_as_text(browser: Any, bench_of_texts: Project, tally: pushes.Tally, tmp_path: Path) -> None:
    base = pushes.through_pages(tally, browser, bench_of_texts, SAMPLE, tmp_path, themes(SAMPLE), ["ja"], pdf=False)
    with Workbench(bench_of_texts) as bench:
        pushes.through_blocks(tally, browser, bench, base, EVERY, tmp_path, 0)
    assert tally.failures == []
    assert tally.pushes["HTML"] > 4 * len(SAMPLE)
    assert tally.pushes["HTML, every text replaced"] == len(EVERY)
    assert tally.pushes["PDF, every text replaced"] == len(EVERY)
    assert tally.pushes["xlsx"] > 4 * len(SAMPLE)
    assert pushed.litter(tmp_path, bench_of_texts.curated) == []


def test_the_terminal_gets_text_only(bench_of_texts: Project, tally: pushes.Tally) -> None:
    pushes.through_commands(tally, bench_of_texts, SAMPLE, themes(SAMPLE))
    assert tally.failures == []
    assert min(tally.pushes[f"terminal, {form}"] for form in ("table", "csv", "json", "jsonl")) >= len(SAMPLE) // 2


def test_questions_and_arguments_are_refused_or_answered(bench_of_texts: Project, tally: pushes.Tally) -> None:
    few = [hostile.text for hostile in pushed.read_strings() if hostile.kind == "sql"]
    pushes.through_questions(tally, bench_of_texts, few)
    pushes.through_arguments(tally, bench_of_texts, ["\x1b[2J", "x\ndxlib: all is well", "\udcff", "\u202e24/26"])
    assert tally.failures == []


def test_no_name_leads_out_of_its_folder(tally: pushes.Tally, tmp_path: Path) -> None:
    names = [hostile.text for hostile in pushed.read_strings() if hostile.kind in ("path", "shell", "terminal")]
    pushes.through_names(tally, [*names, "\udcff"], tmp_path)
    assert tally.failures == []


def test_parameters_arrive_as_they_were_given(browser: Any, bench_of_texts: Project, tally: pushes.Tally, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "own")
    project.warehouse.write_bytes(bench_of_texts.warehouse.read_bytes())
    (tmp_path / "out").mkdir()
    pushes.through_parameters(tally, browser, project, [t for t in ALL if t.strip()][::3], tmp_path / "out")
    assert tally.failures == []
    assert pushed.litter(project.notebooks) == []


@pytest.mark.parametrize(
    "name",
    [
        *("laughs-as-data.docx", "laughs-as-picture.xlsx", "quadratic-as-data.docx", "external.html", "far.xlsx", "nested.docx"),
        *("attributes.html", "forms.pdf", "content-run-length-packed.pdf"),
    ],
)
def test_bombs_end(tmp_path: Path, name: str) -> None:
    (path,) = write_bombs(tmp_path, [name])
    found, wrong = pushes.explode(path)
    assert wrong == []
    assert found.startswith("source-") or " characters" in found


# What was once a hole.


def test_what_turns_a_page_around_is_named() -> None:
    shown = pushed.poured([Opening("a", "b")], lambda: "24/26\u202e" + "".join(map(chr, range(0x80, 0xA0))))
    page = render_page(shown, "ja")
    assert "24/26〔U+202E〕〔U+0080〕" in page
    assert pushed.terminal_wrong(page) == []


def test_a_carriage_return_in_a_decision_ends_no_row(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    path.write_text("a,b\n", encoding="utf-8")
    append_rows(path, [["1", "x\ry"], ["2", "x\r\ny"]])
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["a", "b"], ["1", "x\ny"], ["2", "x\ny"]]


def test_a_file_name_that_hides_something_is_refused(project: Project) -> None:
    path = next(project.raw.glob("*/*.txt"))
    for ending in (".txt", ".toml"):
        path.with_suffix(ending).rename(path.with_name(f"{path.stem}\u202e{ending}"))
    with pytest.raises(DxlibError) as caught:
        build(project)
    assert caught.value.code == "source-name"
    assert "\u202e" not in str(caught.value)


@pytest.mark.parametrize("name", ["why?", "a\udcff"])
def test_a_folder_that_duckdb_cannot_name_is_refused(tmp_path: Path, name: str) -> None:
    for part in ("data/raw", "data/curated"):
        (tmp_path / name / part).mkdir(parents=True)
    with pytest.raises(DxlibError) as caught:
        find_project(tmp_path / name)
    assert caught.value.code == "project-path"


def test_a_device_of_windows_is_no_name_of_a_report() -> None:
    assert Job(Template("nul", Path("nul.ipynb"), {}), {}).report_id == "report-nul"


def test_bytes_that_are_no_text_are_no_parameter(bench_of_texts: Project) -> None:
    with pytest.raises(DxlibError) as caught:
        resolve(bench_of_texts, "comparison", {"highlight": "\udcff"})
    assert caught.value.code == "parameter-type"


def test_forms_that_many_programs_nest_are_read() -> None:
    page = b"<< /Type /XObject /Subtype /Form /Resources << /XObject << /A 6 0 R >> >> >>"
    objects = [b"5 0 obj\n" + page + b"\nstream\n" + b"/A Do " * 50 + b"\nendstream\nendobj\n"]
    objects += [
        b"6 0 obj\n<< /Subtype /Form >>\nstream\n0 0 m\nendstream\nendobj\n",
        b"7 0 obj\n<< >>\nstream\n" + b"/F Do " * 900 + b"\nendstream\n",
    ]
    forms.check(b"".join(objects), "a.pdf")
    deeper = [b"8 0 obj\n" + page.replace(b"6 0", b"5 0") + b"\nstream\n" + b"/A Do " * 50 + b"\nendstream\nendobj\n"]
    with pytest.raises(DxlibError) as caught:
        forms.check(b"".join([*objects, *deeper]), "a.pdf")
    assert caught.value.code == "source-too-large"


def test_every_place_of_a_report_takes_every_text() -> None:
    """The texts are handed out in turn: as many in a report as it has places."""
    source = itertools.cycle(ALL)
    blocks = pushed.poured([Opening("a", "b")] * len(ALL), lambda: next(source))
    assert {block.title for block in blocks} | {block.scope for block in blocks} == set(ALL)


def test_jupyter_sets_no_formula_from_a_text() -> None:
    assert 'class="dx-blocks dx-jupyter mathjax_ignore"' in fragment([Opening("$x$", "b")], "ja")

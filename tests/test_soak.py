"""What the long suites write down: a page whose other figures stay, and a failure wherever nothing was tried."""

import sys
from pathlib import Path

import pytest
from conftest import ROOT

sys.path.append(str(ROOT / "tests/soak"))

import long
import run

PASSED = '<testcase classname="tests.test_a" name="a"/>'
FAILED = '<testcase classname="tests.test_a" name="b[1]"><failure message="no"/></testcase>'
SKIPPED = '<testcase classname="tests.test_a" name="c"><skipped message="no"/></testcase>'


@pytest.mark.parametrize(
    ("cases", "code", "figures", "failures"),
    [
        (PASSED + SKIPPED, 0, (1, 1, 1), []),
        (PASSED + FAILED, 1, (2, 1, 0), ["tests.test_a.b[1]"]),
        ("", 5, (0, 0, 0), ["pytest ended with exit code 5, 0 tests were run"]),
        (PASSED, -9, (1, 1, 0), ["pytest ended with exit code -9, 1 tests were run"]),
    ],
)
def test_a_run_of_long_tests(tmp_path: Path, cases: str, code: int, figures: tuple[int, ...], failures: list[str]) -> None:
    report = tmp_path / "report.xml"
    report.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>", encoding="utf-8")
    found = long.record(report, code, 1.23)
    assert (tuple(found["figures"].values()), found["failures"]) == (figures, failures)


def test_a_run_that_wrote_nothing_is_a_failure(tmp_path: Path) -> None:
    assert long.record(tmp_path / "none.xml", 2, 1.0)["failures"] == ["pytest ended with exit code 2, 0 tests were run"]


def test_the_figures_of_other_suites_stay() -> None:
    def record(suite: str, tried: int, *failures: str) -> dict:
        return {"suite": suite, "seconds": 61.4, "seed": 3, "figures": {"tried": tried}, "failures": list(failures)}

    page = f"before\n{run.BEGIN}\n{run.END}\nafter\n"
    page = run.renewed(page, [record("hostile", 1000), record("kills", 315)])
    assert page.index("### kills") < page.index("### hostile")
    page = run.renewed(page, [record("hostile", 2000, "one got out")])
    assert (page.startswith("before\n"), page.endswith("\nafter\n"), page.count("###")) == (True, True, 2)
    assert "315" in page
    assert "2,000" in page
    assert "1,000" not in page
    assert "seed 3: **1 did not hold**" in page
    assert "- one got out" in page


def test_figures_of_many_things_have_a_row_each() -> None:
    figures = {"tried": 30, "docx: inputs": 20, "docx: refused": 5, "pdf: inputs": 10, "csv: inputs": 7, "csv: refused": 1}
    single, many = run.tables(figures)
    assert single.splitlines()[2].split("|")[1:3] == [" tried       ", "       30 "]
    assert [row.split("|")[1:-1] for row in many.replace(" ", "").splitlines()[2:]] == [["docx", "20", "5"], ["csv", "7", "1"]]
    assert "pdf: inputs" in single
    assert len(run.tables({"pushes": 3, "pushes: HTML": 1, "pushes: PDF": 2})) == 1

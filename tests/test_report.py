import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import copy_project

from dxlib.errors import DxlibError, QueryError
from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.report import make_report, parse_parameters, to_html
from dxlib.show import Comparison
from dxlib.warehouse import build


@pytest.fixture(scope="module")
def report(built: Project, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = make_report(built, "comparison", {"lang": "ja"}, tmp_path_factory.mktemp("out"))
    assert path.name == "comparison-online_procedures-ja.html"
    return path.read_text(encoding="utf-8")


def test_every_linked_number_has_its_source_line_in_the_page(report: str) -> None:
    links = set(re.findall(r'class="dx-value" href="#([^"]+)"', report))
    targets = set(re.findall(r'<article id="([^"]+)"', report))
    assert len(links) >= 6
    assert links <= targets


def test_the_report_shows_values_with_years_and_the_verdict(report: str) -> None:
    for part in ("142件", "令和11年度(2029年度)", "24/26", "計算値 92.3%", "53.3%", "◎ 直接", "× 不可", "効果を示すものではない"):
        assert part in report


def test_the_quotes_are_marked_in_their_lines(report: str) -> None:
    assert "<mark>142件</mark>" in report
    assert "<mark>24/26</mark>" in report


def test_the_report_refers_to_nothing_outside(report: str) -> None:
    without_namespaces = re.sub(r'xmlns(:\w+)?="[^"]*"', "", report)
    assert not re.search(r"<script|<link|@import|https?://", without_namespaces)


def test_no_code_and_no_notebook_prose_in_the_report(report: str) -> None:
    assert "import dxlib" not in report
    assert "上から順に実行" not in report


def test_english_report_of_two_cities(built: Project, tmp_path: Path) -> None:
    path = make_report(built, "comparison", {"theme": "telework", "municipalities": "242039,242161", "lang": "en"}, tmp_path)
    page = path.read_text(encoding="utf-8")
    assert path.name == "comparison-telework-242039-242161-en.html"
    assert '<html lang="en">' in page
    assert "not effects of policy" in page
    assert "33.0%" in page
    assert "Izunokuni" not in page


def test_same_inputs_give_the_same_report(built: Project, tmp_path: Path, report: str) -> None:
    again = make_report(built, "comparison", {"lang": "ja"}, tmp_path).read_text(encoding="utf-8")
    assert again == report


@pytest.mark.parametrize(
    ("name", "parameters", "code", "says"),
    [
        ("comparision", {}, "report-unknown", "did you mean 'comparison'"),
        ("comparison", {"them": "telework"}, "parameter-unknown", "did you mean 'theme'"),
        ("comparison", {"theme": "telewrk"}, "theme-unknown", "telework"),
        ("comparison", {"municipalities": "242030"}, "municipality-without-plan", "242039"),
        ("comparison", {"lang": "fr"}, "language-unknown", "Valid: en, ja"),
    ],
)
def test_mistyped_parameters_are_errors_before_anything_runs(
    built: Project, tmp_path: Path, name, parameters, code, says
) -> None:
    with pytest.raises(DxlibError) as caught:
        make_report(built, name, parameters, tmp_path)
    assert caught.value.code == code
    assert says in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_failing_notebook_leaves_the_last_good_report(project: Project) -> None:
    build(project)
    good = make_report(project, "comparison", {"lang": "ja"})
    before = good.read_bytes()
    path = project.notebooks / "comparison.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("1 / 0"))
    nbformat.write(notebook, path)
    with pytest.raises(DxlibError, match="ZeroDivisionError") as caught:
        make_report(project, "comparison", {"lang": "ja"})
    assert caught.value.code == "report-cell"
    assert good.read_bytes() == before
    assert [p.name for p in project.reports.iterdir()] == [good.name]


def test_a_page_that_loads_something_is_refused() -> None:
    notebook = nbformat.v4.new_notebook()
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [nbformat.v4.new_output("display_data", {"text/html": '<img src="https://example.org/a.png">'})]
    notebook.cells = [cell]
    with pytest.raises(DxlibError) as caught:
        to_html(notebook, "ja")
    assert caught.value.code == "report-not-self-contained"


def test_the_plain_papermill_command_runs_the_notebook(built: Project, tmp_path: Path) -> None:
    out = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", str(built.notebooks / "comparison.ipynb"), str(out), "-p", "theme", "telework"]
    subprocess.run(command, check=True, cwd=built.root, capture_output=True, timeout=120)
    executed = nbformat.read(out, as_version=4)
    assert all("error" not in {o.output_type for o in cell.get("outputs", [])} for cell in executed.cells)
    assert "テレワーク" in str(executed.cells)


def test_plan_text_never_becomes_markup(tmp_path: Path) -> None:
    hostile = '<script>alert(1)</script>{{7*7}}"\'=HYPERLINK("x")'
    project = copy_project(tmp_path)
    folder = project.raw / "222259-izunokuni"
    source = (folder / "dx-action-plan.txt").read_text(encoding="utf-8")
    changed = source.replace("オンライン申請化された手続件数", hostile)
    assert changed != source
    (folder / "dx-action-plan.txt").write_text(changed, encoding="utf-8", newline="")
    import hashlib

    toml = folder / "dx-action-plan.toml"
    new = hashlib.sha256(changed.encode()).hexdigest()
    toml.write_text(re.sub(r'sha256 = "\w+"', f'sha256 = "{new}"', toml.read_text(encoding="utf-8")), encoding="utf-8")
    facets = project.curated / "facets.csv"
    lines = [line for line in facets.read_text(encoding="utf-8").splitlines() if "action-plan/m01.2," not in line]
    facets.write_text("\n".join(lines) + "\n", encoding="utf-8")
    build(project)
    with Workbench(project) as bench:
        name = bench.sql("SELECT name FROM indicator WHERE contains(name, 'script')").fetchall()[0][0]
        quoted = name.replace('"', '""')
        row = f'222259-izunokuni/dx-action-plan/action-plan/m01.2,"{quoted}",online_procedures,higher,availability,procedures,count,stock,none,unknown,unknown,fiscal-year-end\n'
    facets.write_text("\n".join(lines) + "\n" + row, encoding="utf-8")
    build(project)
    with Workbench(project) as bench:
        comparison = Comparison(bench, "online_procedures")
        pieces = [
            comparison.opening(),
            comparison.value_table(),
            comparison.figure(),
            comparison.verdict_table(),
            comparison.sources(),
        ]
        page = "".join(piece._repr_html_() for piece in pieces)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{7*7}}" in page


def test_parameters_need_an_equals_sign() -> None:
    with pytest.raises(QueryError):
        parse_parameters(["theme"])

from pathlib import Path

import nbformat
import pytest
from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    return nbformat.read(request.param, as_version=4)


def code(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_exactly_one_cell_holds_the_parameters(notebook) -> None:
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in code(notebook)) == 1


def test_every_cell_was_run_and_none_failed(notebook) -> None:
    assert all(cell.execution_count is not None for cell in code(notebook))
    assert all(output.output_type != "error" for cell in code(notebook) for output in cell.outputs)


def test_cells_are_short_and_outputs_small(notebook) -> None:
    assert all(cell.source.count("\n") < 12 for cell in code(notebook))
    pages = [str(output.get("data", {}).get("text/html", "")) for cell in code(notebook) for output in cell.outputs]
    assert all(len(page) < 250_000 for page in pages)
    assert len(nbformat.writes(notebook)) < 1_500_000


def test_notebooks_are_numbered_and_begin_with_what_they_are_for(notebook) -> None:
    assert notebook.cells[0].cell_type == "markdown"
    assert notebook.cells[0].source.startswith("# ")
    assert "parameters" in notebook.cells[1].metadata["tags"]


def test_the_numbers_give_the_order_for_a_newcomer() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "01_tour",
        "02_comparison",
        "03_municipality",
        "04_briefing",
        "05_quality",
        "06_topics",
        "07_review",
    ]


def test_no_widget_state_is_kept(notebook) -> None:
    assert "widgets" not in notebook.metadata


def test_no_path_of_a_machine_and_no_timing(notebook) -> None:
    text = nbformat.writes(notebook)
    assert str(ROOT) not in text
    assert str(Path.home()) not in text
    assert '"execution":' not in text

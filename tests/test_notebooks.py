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
    assert all(len(str(cell.outputs)) < 200_000 for cell in code(notebook))


def test_no_path_of_a_machine_and_no_timing(notebook) -> None:
    text = nbformat.writes(notebook)
    assert str(ROOT) not in text
    assert str(Path.home()) not in text
    assert '"execution":' not in text

"""Warm kernels: clean parent, isolation, errors and limits, parity with the stock engine, nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import papermill
import psutil
import pytest
from conftest import ROOT
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from dxlib.charts import renderer
from dxlib.errors import ReportError
from dxlib.report.execute import ENGINE
from dxlib.warm import fork, provisioner

forks = pytest.mark.skipif(not fork.available(), reason="kernels are forked on Linux only")
NOTEBOOKS = ROOT / "notebooks"


def notebook(folder: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(sources)]
    path = folder / "in.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def run(path: Path, engine: str | None = ENGINE, parameters: Mapping[str, Any] | None = None, **options: Any) -> Any:
    return papermill.execute_notebook(
        path, path.with_name(f"out-{engine}.ipynb") if path.parent != NOTEBOOKS else None, parameters, engine_name=engine,
        kernel_name="python3", language="python", progress_bar=False, cwd=str(path.parent), **options,
    )  # fmt: skip


def printed(executed: Any) -> list[str]:
    return ["".join(output.get("text", "") for output in cell.outputs).strip() for cell in executed.cells]


WIDGET = "application/vnd.jupyter.widget-view+json"  # names its widget by chance


def outputs(executed: Any) -> list[Any]:
    """All that the cells show."""
    return [
        [
            {**output, "data": {kind: data for kind, data in output.get("data", {}).items() if kind != WIDGET}}
            for output in cell.outputs
        ]
        for cell in executed.cells
        if cell.cell_type == "code"
    ]


@forks
def test_the_parent_only_imported(tmp_path: Path) -> None:
    asked = "import os, sys\nfrom dxlib.warm import ready\nprint(ready.computed(str(os.getppid())), 'polars' in sys.modules, 'altair' in sys.modules)"
    assert printed(run(notebook(tmp_path, asked))) == ["[] True True"]


POLARS = "import polars; polars.DataFrame({'a': [1, 2]}).lazy().filter(polars.col('a') > 1).collect()"
CHARTS = "from dxlib.charts.renderer import drawn_here; drawn_here({'data': {'values': []}, 'mark': 'point'})"


@pytest.mark.parametrize("computes", [POLARS, pytest.param(CHARTS, marks=pytest.mark.long)])
def test_a_parent_that_computed_is_noticed(computes: str) -> None:
    code = "from dxlib.warm import ready; ready.prepare(); before = ready.computed(); {}; print(bool(before), bool(ready.computed()))"
    found = subprocess.run([sys.executable, "-c", code.format(computes)], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "True"]


@forks
def test_every_notebook_has_a_process_of_its_own(tmp_path: Path) -> None:
    path = notebook(
        tmp_path,
        "import builtins, os, sys\nprint(getattr(builtins, 'left', None), 'left' in os.environ, 'left' in sys.modules, os.getcwd())",
        "builtins.left = 1; os.environ['left'] = '1'; sys.modules['left'] = sys; os.chdir('/')",
        "import numpy, random\nprint(numpy.random.random(), random.random())",
        "import polars, duckdb\nprint(polars.DataFrame({'a': [1, 2]}).lazy().filter(polars.col('a') > 1).collect().height, os.getpid())",
    )
    first, second = printed(run(path)), printed(run(path))
    assert first[0] == second[0] == f"None False False {tmp_path}"
    assert first[3].split()[0] == second[3].split()[0] == "1"
    assert first[3] != second[3]
    assert not {*first[2].split()} & {*second[2].split()}


def test_the_kernel_is_like_a_cold_one(tmp_path: Path) -> None:
    path = notebook(
        tmp_path,
        "import sys, os\nprint(sys.path, sys.argv[0], sys.executable, sys.flags, __name__, sys.stdin.read())",
        "print(sorted(name for name in os.environ if not name.startswith(('JPY', 'DXLIB', 'PYDEVD'))))",
        "import multiprocessing, threading\nprint(multiprocessing.current_process().daemon, threading.current_thread().name)",
        "import numpy, warnings, logging\nprint(sorted(map(str, warnings.filters)), logging.getLogger().handlers)",
    )
    warm, cold = run(path), run(path, None)
    assert printed(warm) == printed(cold)


def test_errors_are_those_of_the_stock_engine(tmp_path: Path) -> None:
    path = notebook(tmp_path, "1", "def broken():\n    raise ValueError('ない')\nbroken()", "2")
    found = []
    for engine in (ENGINE, None):
        with pytest.raises(papermill.PapermillExecutionError) as caught:
            run(path, engine)
        left = nbformat.read(path.with_name(f"out-{engine}.ipynb"), as_version=4)
        found.append((caught.value.ename, caught.value.evalue, caught.value.traceback, outputs(left)))
    assert found[0] == found[1]


def test_too_long_and_too_large(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="more than 1 s") as caught:
        run(notebook(tmp_path, "import time\ntime.sleep(60)"), max_seconds=1)
    assert caught.value.code == "report-time"
    with pytest.raises(ReportError, match="more than 700 MB") as caught:
        run(notebook(tmp_path, "x = bytearray(900_000_000)\nimport time\ntime.sleep(60)"), max_memory=700)
    assert caught.value.code == "report-memory"


def test_a_kernel_ends_by_itself(tmp_path: Path) -> None:
    path = notebook(tmp_path, "import os\nfile = open('written.txt', 'w'); file.write('whole'); print(os.getpid())")
    pid = int(printed(run(path))[0])
    assert (tmp_path / "written.txt").read_text() == "whole"
    assert not psutil.pid_exists(pid)


def test_nothing_is_saved_between_cells(tmp_path: Path) -> None:
    path = notebook(tmp_path, "1", f"import os\nprint(os.path.exists({str(tmp_path / f'out-{ENGINE}.ipynb')!r}))", "3")
    assert printed(run(path))[1] == "False"
    assert (tmp_path / f"out-{ENGINE}.ipynb").exists()


def test_without_fork_the_kernel_starts_cold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DXLIB_WARM", "0")
    monkeypatch.setattr(provisioner, "_told", False)
    path = notebook(tmp_path, "import sys\nprint('polars' in sys.modules)")
    assert [printed(run(path)) for _ in range(2)] == [["False"], ["False"]]
    assert [record.message for record in caplog.records if record.name == "dxlib"] == [
        "kernels cannot be forked here, and start cold"
    ]


@forks
def test_a_kernel_that_the_copy_does_not_fit_starts_cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")
    assert printed(run(notebook(tmp_path, "import sys\nprint(sys.flags.optimize, 'polars' in sys.modules)"))) == ["1 False"]


OTHER = """
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(startup_timeout=60)
asked = "import os, sys; assert 'altair' in sys.modules; print(os.getpid())"
assert client.execute_interactive(asked, timeout=60)["content"]["status"] == "ok"
manager.interrupt_kernel()
manager.restart_kernel(now=True)
client.wait_for_ready(timeout=60)
assert client.execute_interactive(asked, timeout=60)["content"]["status"] == "ok"
client.stop_channels()
manager.shutdown_kernel()
assert not manager.is_alive()
"""


@forks
def test_other_programs_get_warm_kernels_through_jupyter() -> None:
    environment = {**os.environ, "JUPYTER_DEFAULT_PROVISIONER_NAME": "dxlib-warm"}
    ended = subprocess.run([sys.executable, "-c", OTHER], env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert len(set(ended.stdout.split())) == 2


@forks
@pytest.mark.long
def test_nbval_takes_warm_kernels(tmp_path: Path) -> None:
    path = notebook(tmp_path, "import sys\n'altair' in sys.modules")
    run(path)
    environment = {**os.environ, "JUPYTER_DEFAULT_PROVISIONER_NAME": "dxlib-warm"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--nbval",
        "--nbval-current-env",
        f"out-{ENGINE}.ipynb",
    ]
    ended = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout


def family(pid: int) -> Iterator[psutil.Process]:
    """What a process has started, also what these have started in their own sessions."""
    yield from psutil.Process(pid).children(recursive=True)


@forks
def test_nothing_outlives_a_killed_program(tmp_path: Path) -> None:
    path = notebook(tmp_path, "import time, pathlib\npathlib.Path('begun').touch()\ntime.sleep(600)")
    command = [
        Path(sys.executable).with_name("papermill"),
        "--engine",
        ENGINE,
        "-k",
        "python3",
        path,
        tmp_path / "out.ipynb",
        "--cwd",
        tmp_path,
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program:
        deadline = time.monotonic() + 120
        while not (tmp_path / "begun").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        started = list(family(program.pid))
        program.send_signal(signal.SIGKILL)
    assert len(started) >= 3  # fork server, kernel, renderer
    _, alive = psutil.wait_procs(started, timeout=20)
    assert not alive


@forks
def test_charts_of_a_renderer_are_those_drawn_here(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = {
        "data": {"values": [{"a": "令和8年度", "b": 3}]},
        "mark": "bar",
        "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}},
    }
    here = renderer.drawn_here(spec)
    monkeypatch.setenv(renderer.ADDRESS, fork.renderer() or "")
    assert renderer.drawn(spec) == here
    with pytest.raises(ValueError, match=r"(?i)mark|json|vega"):
        renderer.drawn({"mark": 5, "data": 3})
    assert renderer.drawn(spec) == here
    monkeypatch.setenv(renderer.ADDRESS, f"{os.urandom(16).hex()}:/nowhere")
    assert renderer.drawn(spec) == here


PARITY: list[tuple[str, dict[str, Any]]] = [
    ("01_tour", {}),
    ("02_comparison", {"theme": "online_procedures", "lang": "ja"}),
    ("02_comparison", {"theme": "telework", "lang": "en", "highlight": "242039"}),
    ("03_municipality", {"municipality": "242161", "lang": "en"}),
    ("04_briefing", {"theme": "core_systems", "municipality": "222259"}),
    ("05_quality", {"municipality": "102041", "lang": "en"}),
    ("06_topics", {"lang": "en"}),
    ("07_review", {"document": "242161-iga/dx-action-plan-2"}),
]


def test_all_notebooks_are_in_the_parity_test() -> None:
    assert {name for name, _ in PARITY} == {path.stem for path in NOTEBOOKS.glob("*.ipynb")}


@pytest.fixture(scope="module")
def cold() -> list[list[Any]]:
    """What the notebooks of PARITY show under the stock engine: one after the other in one cold kernel, because a start of
    one takes longer than most of them. Before each the count of cells starts anew, and its parameters are set again.
    """
    cells, starts = [], []
    for name, parameters in PARITY:
        notebook = load_notebook_node(str(NOTEBOOKS / f"{name}.ipynb"))
        if parameters:
            notebook = parameterize_notebook(notebook, parameters, kernel_name="python3", language="python")
        cells.append(nbformat.v4.new_code_cell("get_ipython().execution_count = 1"))
        starts.append(len(cells))
        cells += [nbformat.v4.new_code_cell(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DXLIB_PROJECT", str(ROOT))
        executed = papermill.execute_notebook(
            nbformat.v4.new_notebook(cells=cells), None, kernel_name="python3", language="python", progress_bar=False,
            cwd=str(NOTEBOOKS),
        )  # fmt: skip
    shown = outputs(executed)
    return [shown[start : end - 1] for start, end in pairwise([*starts, len(shown) + 1])]


@forks
@pytest.mark.parametrize("place", range(len(PARITY)), ids=[name for name, _ in PARITY])
def test_both_engines_show_the_same(place: int, cold: list[list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DXLIB_PROJECT", str(ROOT))
    name, parameters = PARITY[place]
    warm = outputs(run(NOTEBOOKS / f"{name}.ipynb", ENGINE, parameters))
    assert any(warm)
    assert warm == cold[place]

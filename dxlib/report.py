"""Run a notebook through papermill and write one self-contained HTML file."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from dxlib.errors import QueryError, ReportError, nearest
from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.wording import check_language

_OUTSIDE = re.compile(
    rb"""(?:\b(?:src|href|data|action|poster)\s*=\s*["']?|url\(\s*["']?|@import\s+["']?)(?:https?:)?//""", re.IGNORECASE
)


def parse_parameters(pairs: Sequence[str]) -> dict[str, str]:
    """``key=value`` arguments as a dictionary.

    Raises:
        QueryError: an argument has no ``=``.

    >>> parse_parameters(["theme=telework"])
    {'theme': 'telework'}
    """
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise QueryError(f"'{pair}' is no parameter", code="parameter-form", hint="write -p key=value")
        found[key.strip()] = value.strip()
    return found


def _checked(notebook: Path, given: Mapping[str, str]) -> dict[str, Any]:
    """The parameters as the notebook's types, after a check that it knows them all."""
    import papermill

    known = papermill.inspect_notebook(str(notebook))
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key not in known:
            raise QueryError(
                f"the notebook {notebook.stem} has no parameter '{key}'", code="parameter-unknown", hint=nearest(key, known)
            )
        is_list = str(known[key]["default"]).startswith(("[", "("))
        found[key] = [part.strip() for part in value.split(",") if part.strip()] if is_list else value
    return found


def _check_values(project: Project, parameters: Mapping[str, Any]) -> None:
    """Language, theme and municipalities must exist before anything runs."""
    check_language(str(parameters.get("lang", "ja")))
    with Workbench(project) as bench:
        if "theme" in parameters:
            bench.check_theme(parameters["theme"])
        bench.check_municipalities(parameters.get("municipalities", ()))


@contextmanager
def _project_in_environment(project: Project) -> Iterator[None]:
    before = os.environ.get("DXLIB_PROJECT")
    os.environ["DXLIB_PROJECT"] = str(project.root)
    try:
        yield
    finally:
        if before is None:
            del os.environ["DXLIB_PROJECT"]
        else:
            os.environ["DXLIB_PROJECT"] = before


def _execute(notebook: Path, parameters: Mapping[str, Any], output: Path, progress: bool) -> Any:
    import papermill
    from papermill.translators import PythonTranslator, papermill_translators

    class ReadableTranslator(PythonTranslator):  # type: ignore[misc]
        """Writes Japanese parameters as they are; papermill's own writes escapes."""

        @classmethod
        def translate_escaped_str(cls, str_val: object) -> str:
            return repr(str(str_val))

    papermill_translators.register("python", ReadableTranslator)
    try:
        return papermill.execute_notebook(
            str(notebook),
            str(output),
            parameters=dict(parameters),
            progress_bar=progress,
            request_save_on_cell_execute=False,
            extra_arguments=["--IPKernelApp.log_level=40"],  # else every kernel warns that loopback is not encrypted
        )
    except papermill.PapermillExecutionError as error:
        raise ReportError(
            f"cell {error.exec_count} failed: {error.ename}: {error.evalue}",
            code="report-cell",
            where=notebook.name,
            hint="open the notebook in JupyterLab with these parameters; the last good report is untouched",
        ) from error


def to_html(executed: Any, lang: str) -> str:
    """The outputs of an executed notebook as one HTML page that refers to nothing outside itself.

    Raises:
        ReportError: something in it does refer to the outside.
    """
    from jinja2 import Environment
    from nbconvert import HTMLExporter

    exporter: Any = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic", exclude_input=True, exclude_markdown=True, exclude_output_prompt=True
    )
    shown = executed.copy()
    # Only what the cells show; papermill's own cell would bring a random id into the page.
    shown.cells = [cell for cell in executed.cells if cell.get("outputs")]
    body, _ = exporter.from_notebook_node(shown)
    title = re.search(r"<h1>(.*?)</h1>", body, re.DOTALL)
    folder = files("dxlib").joinpath("templates")
    template = Environment(autoescape=True).from_string(folder.joinpath("page.html.j2").read_text(encoding="utf-8"))
    page = template.render(
        lang=lang,
        title=re.sub(r"<[^>]+>", "", title[1]) if title else "dxlib",
        style=folder.joinpath("page.css").read_text(encoding="utf-8"),
        body=body,
    )
    outside = _OUTSIDE.search(page.encode())
    if outside:
        raise ReportError(
            f"the report would load something from outside: {outside.group().decode(errors='replace')}…",
            code="report-not-self-contained",
            hint="a report must work without a network: embed it, or leave it out",
        )
    return page


def _file_name(name: str, parameters: Mapping[str, Any]) -> str:
    parts = [name, str(parameters.get("theme", "")), *parameters.get("municipalities", ()), str(parameters.get("lang", "ja"))]
    return "-".join(part for part in parts if part) + ".html"


def make_report(
    project: Project, name: str, parameters: Mapping[str, str], out: Path | None = None, progress: bool = False
) -> Path:
    """Run the notebook ``notebooks/<name>.ipynb`` and write its report.

    Args:
        project: the workbench.
        name: name of the notebook, without its ending.
        parameters: parameters as text; lists are comma-separated.
        out: folder for the report; default ``reports/``.
        progress: show papermill's progress bar.

    Returns:
        The path of the HTML file. A failed run leaves an older report of the same name untouched.

    Raises:
        QueryError: a parameter, theme, municipality or language is unknown.
        ReportError: there is no such notebook, or a cell failed.
    """
    notebook = project.notebooks / f"{name}.ipynb"
    known = sorted(path.stem for path in project.notebooks.glob("*.ipynb"))
    if name not in known:
        raise ReportError(
            f"no notebook '{name}'", code="report-unknown", where=project.relative(project.notebooks), hint=nearest(name, known)
        )
    checked = _checked(notebook, parameters)
    _check_values(project, checked)
    folder = out or project.reports
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".report-", dir=folder) as scratch, _project_in_environment(project):
        executed = _execute(notebook, checked, Path(scratch) / "executed.ipynb", progress)
        page = Path(scratch) / "report.html"
        page.write_text(to_html(executed, str(checked.get("lang", "ja"))), encoding="utf-8", newline="\n")
        named = {"theme": _default(notebook, "theme"), **checked}
        target = folder / _file_name(name, named)
        os.replace(page, target)
    return target


def _default(notebook: Path, parameter: str) -> str:
    import papermill

    known = papermill.inspect_notebook(str(notebook))
    return str(known[parameter]["default"]).strip("\"'") if parameter in known else ""

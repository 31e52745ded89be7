"""Run a notebook through papermill and collect what its cells show, as blocks."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from dxlib.blocks import BLOCKS_ONLY, MIME, Block, Foreign, decode
from dxlib.errors import ReportError
from dxlib.project import Project
from dxlib.report.parameters import Job
from dxlib.sight import VARIABLE as SIGHT

ENGINE = "dxlib"  # the entry point of dxlib.warm.engine
_WIDGET = "application/vnd.jupyter.widget-view+json"


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Variables that the notebook's process finds."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a notebook may take: seconds for all its cells, 10^6 bytes of memory; 0 for any."""

    seconds: float = 0
    megabytes: float = 0


def execute(project: Project, job: Job, sight: Path, bounds: Bounds, progress: bool = False) -> list[Block]:
    """Run the job's notebook as JupyterLab would, in its own folder and with its own kernel.

    Args:
        project: the workbench that ``dxlib.open()`` finds in the notebook.
        job: notebook and checked parameters.
        sight: where the notebook's process notes what it saw.
        bounds: what it may take.
        progress: show papermill's progress bar.

    Returns:
        The blocks that the cells show, in order.

    Raises:
        ReportError: a cell failed, the kernel died or does not start, or a bound was broken.
    """
    with _environment({"DXLIB_PROJECT": str(project.root), SIGHT: str(sight), BLOCKS_ONLY: "1"}):
        try:
            return list(shown_blocks(_run(job, bounds, progress)))
        except _KernelNotStarted:  # another program took its port in between: once more, with other ports
            sight.unlink(missing_ok=True)
            try:
                return list(shown_blocks(_run(job, bounds, progress)))
            except _KernelNotStarted as error:
                raise _kernel_died(job, error.__cause__) from error


class _KernelNotStarted(Exception):
    """Nothing has run yet."""


def _kernel_died(job: Job, error: BaseException | None) -> ReportError:
    return ReportError(
        f"the notebook's kernel died or did not start: {error}",
        code="report-kernel",
        where=job.template.path.name,
        hint="often too little memory, or a machine under heavy load; the last good report is untouched",
    )


@lru_cache(maxsize=16)
def _cells(path: Path, edited: int) -> Any:
    """A notebook as it was edited last, without what its cells showed then, which is most of the file."""
    import nbformat

    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _run(job: Job, bounds: Bounds, progress: bool) -> Any:
    """The executed notebook."""
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.translators import PythonTranslator, papermill_translators

    class ReadableTranslator(PythonTranslator):  # type: ignore[misc]
        """Writes Japanese parameters as they are; papermill's own writes escapes."""

        @classmethod
        def translate_escaped_str(cls, str_val: object) -> str:
            return repr(str(str_val))

    papermill_translators.register("python", ReadableTranslator)
    notebook = job.template.path
    try:
        return papermill.execute_notebook(
            _cells(notebook, notebook.stat().st_mtime_ns),
            None,  # nobody looks at the executed notebook itself
            parameters=job.parameters,
            cwd=str(notebook.parent),
            engine_name=ENGINE,
            max_seconds=bounds.seconds,
            max_memory=bounds.megabytes,
            kernel_name="python3",  # the environment dxlib is in, whatever the notebook was last run with
            language="python",
            progress_bar=progress,
            extra_arguments=["--IPKernelApp.log_level=50"],  # else every kernel warns that loopback is not encrypted
        )
    except papermill.PapermillExecutionError as error:
        raise ReportError(
            f"cell {error.exec_count} failed: {error.ename}: {error.evalue}",
            code="report-cell",
            where=notebook.name,
            hint="open the notebook in JupyterLab with these parameters; the last good report is untouched",
        ) from error
    except DeadKernelError as error:
        raise _kernel_died(job, error) from error
    except RuntimeError as error:
        raise _KernelNotStarted from error


def shown_blocks(executed: Any) -> Iterator[Block]:
    """The blocks in the outputs of an executed notebook; what is not ours becomes a `Foreign`.

    Warnings (stderr) and widgets, which cannot live on paper, are not part of a report.
    """
    for cell in executed.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if MIME in data:
                yield from decode(data[MIME])
            elif output["output_type"] == "stream" and output["name"] == "stdout":
                yield _preformatted(output["text"])
            elif data and _WIDGET not in data:
                yield _foreign(data)


def _preformatted(text: str) -> Foreign:
    return Foreign(f'<pre tabindex="0">{html.escape(text)}</pre>', text)


def _foreign(data: Mapping[str, Any]) -> Foreign:
    """An output of an analyst's own cell, in its richest form."""
    text = str(data.get("text/plain", ""))
    if "text/html" in data:
        return Foreign(data["text/html"], text)
    if "image/svg+xml" in data:
        return Foreign(f'<div role="img" aria-label="{html.escape(text)}">{data["image/svg+xml"]}</div>', text)
    for kind in ("image/png", "image/jpeg"):
        if kind in data:
            content = "".join(data[kind].split())
            return Foreign(f'<img src="data:{kind};base64,{content}" alt="{html.escape(text)}">', text)
    return _preformatted(str(data.get("text/markdown", text)))

"""Checks of the machine: Python, libraries, fonts, charts, kernels, browser."""

from __future__ import annotations

import platform
import shutil
import tempfile
import time
import tomllib
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dxlib.doctor.finding import Finding, Said, ok, wrong

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_TRIED = "3.13"  # the newest Python that `make pythons` runs
_PATIENCE = 60.0  # seconds for a kernel
_ASKED = "import sys, dxlib; print(dxlib.__version__, 'dxlib.warm.parent' in sys.modules)"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def python() -> Finding:
    """Whether this Python is one that dxlib asks for, and one it was tried with."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    found, wanted = platform.python_version(), (_pyproject() or {}).get("requires-python") or metadata("dxlib")["Requires-Python"]
    remedy = Said("doctor_python_do", {"tried": _TRIED})
    if not SpecifierSet(wanted).contains(found, prereleases=True):
        return wrong("python", Said("doctor_python", {"found": found, "wanted": wanted}), remedy)
    if Version(found).release[:2] > Version(_TRIED).release[:2]:
        return Finding("python", "note", Said("doctor_python_new", {"found": found, "tried": _TRIED}), remedy)
    return ok("python", "doctor_python", found=found, wanted=wanted)


def _pyproject() -> dict[str, Any] | None:
    """The section ``project`` of pyproject.toml where dxlib runs from a checkout: what was installed may be older."""
    path = Path(__file__).parents[2] / "pyproject.toml"
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    except (OSError, KeyError):
        return None
    return found if found.get("name") == "dxlib" else None


def _asked(extra: str = "") -> list[Requirement]:
    """What pyproject asks for: always, or for an extra only."""
    from packaging.requirements import Requirement

    if project := _pyproject():
        lines = project["optional-dependencies"][extra] if extra else project["dependencies"]
        return [Requirement(line) for line in lines]
    found = [Requirement(line) for line in requires("dxlib") or ()]
    return [
        one
        for one in found
        if one.marker is None or one.marker.evaluate({"extra": extra})
        if not extra or not (one.marker is None or one.marker.evaluate({"extra": ""}))
    ]


def _lacking(asked: list[Requirement]) -> list[Said]:
    """Those that are missing, or of another version than asked for."""
    lacking = []
    for one in asked:
        values = {"name": one.name, "wanted": str(one.specifier)}
        try:
            found = version(one.name)
        except PackageNotFoundError:
            lacking.append(Said("doctor_library_missing", values))
        else:
            if not one.specifier.contains(found, prereleases=True):
                lacking.append(Said("doctor_library_other", {**values, "found": found}))
    return lacking


def libraries() -> Finding:
    """Whether all libraries are there, in versions that pyproject asks for."""
    asked = _asked()
    if lacking := _lacking(asked):
        return wrong("libraries", Said("doctor_libraries_lacking", {"lacking": lacking}), Said("doctor_reinstall"))
    return ok("libraries", "doctor_libraries", count=len(asked))


def ingest() -> Finding:
    """Whether PDF, DOCX and HTML can be read."""
    if lacking := _lacking(_asked("ingest")):
        return Finding("ingest", "note", Said("doctor_ingest_lacking", {"lacking": lacking}), Said("doctor_ingest_do"))
    return ok("ingest", "doctor_ingest")


def cluster() -> Finding:
    """Whether --scheduler can be used."""
    if lacking := _lacking(_asked("cluster")):
        return Finding("cluster", "note", Said("doctor_cluster_lacking", {"lacking": lacking}), Said("doctor_cluster_do"))
    return ok("cluster", "doctor_cluster")


def fonts() -> Finding:
    """Whether a PDF can be set with the fonts that dxlib ships, and no others."""
    from dxlib.blocks import Opening
    from dxlib.report.pdf import to_pdf

    started = time.perf_counter()
    made = to_pdf([Opening("行政手続のオンライン化", "24/26 km²")], "ja")
    if not made.startswith(b"%PDF"):
        raise ValueError("what was set is no PDF")
    return ok("fonts", "doctor_fonts", seconds=f"{time.perf_counter() - started:.1f}")


def charts() -> Finding:
    """Whether a chart is drawn, and its texts measured, with the same fonts."""
    from dxlib.charts.drawing import advances
    from dxlib.charts.renderer import drawn_here

    started = time.perf_counter()
    advances("normal"), advances("bold")
    drawn = drawn_here({"data": {"values": [{"text": "達成"}]}, "mark": "text", "encoding": {"text": {"field": "text"}}})
    if "達成" not in drawn:
        raise ValueError("the chart lacks its text")
    return ok("charts", "doctor_charts", seconds=f"{time.perf_counter() - started:.1f}")


def _kernel(*, warm: bool) -> tuple[float, list[str]]:
    """Start a notebook's kernel and ask it something.

    Returns:
        Seconds until it had answered, and the words of its answer: dxlib's version, and whether it was warm.

    Raises:
        RuntimeError: it does not start, or dxlib cannot be imported in it.
    """
    from jupyter_client.manager import KernelManager

    from dxlib.warm import PROVISIONER

    manager: Any = KernelManager(kernel_name="python3")
    if warm:
        manager.kernel_spec.metadata = {"kernel_provisioner": {"provisioner_name": PROVISIONER}}
    answer: list[str] = []
    started = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        try:
            manager.start_kernel(extra_arguments=["--IPKernelApp.log_level=50"], stdout=said, stderr=said)
            client = manager.blocking_client()
            client.start_channels()
            try:
                client.wait_for_ready(timeout=_PATIENCE)
                client.execute_interactive(
                    _ASKED,
                    timeout=_PATIENCE,
                    store_history=False,
                    output_hook=lambda message: answer.append(_words(message["content"])),
                )
            finally:
                client.stop_channels()
        except Exception as error:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().splitlines()[-1:]
            raise RuntimeError("; ".join([str(error) or type(error).__name__, *last])) from error
        finally:
            manager.shutdown_kernel(now=True)
    seconds, words = time.perf_counter() - started, "".join(answer).split()
    if len(words) != 2:
        raise RuntimeError(" ".join(words) or "it does not answer")
    return seconds, words


def _words(content: dict[str, Any]) -> str:
    return str(content.get("text") or content.get("evalue") or "")


def kernel() -> Finding:
    """Whether a notebook's kernel starts, warm and cold, and how long that takes."""
    from dxlib.warm import fork

    try:
        cold, _ = _kernel(warm=False)
    except RuntimeError as error:
        return wrong("kernel", Said("doctor_kernel_wrong", {"error": str(error)}), Said("doctor_kernel_do"))
    values = {"cold": f"{cold:.1f}"}
    if not fork.available():
        return Finding("kernel", "note", Said("doctor_kernel_cold", values))
    try:
        _kernel(warm=True)  # the first one waits for the parent
        warm, answer = _kernel(warm=True)
    except RuntimeError as error:
        fact = Said("doctor_kernel_unwarm", {**values, "error": str(error)})
        return wrong("kernel", fact, Said("doctor_kernel_unwarm_do"))
    if answer[1] != "True":
        return Finding("kernel", "note", Said("doctor_kernel_unfit", values), Said("doctor_kernel_unfit_do"))
    return ok("kernel", "doctor_kernel", warm=f"{warm:.1f}", **values)


def chromium() -> Finding:
    """Whether the browser of the tests is there."""
    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if path is None:
        return Finding("chromium", "note", Said("doctor_chromium_missing"))
    return ok("chromium", "doctor_chromium", path=path)


CHECKS: dict[str, Callable[[], Finding]] = {
    "python": python,
    "libraries": libraries,
    "ingest": ingest,
    "cluster": cluster,
    "fonts": fonts,
    "charts": charts,
    "kernel": kernel,
    "chromium": chromium,
}

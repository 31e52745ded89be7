"""What the parent of all warm kernels imports. It imports, and nothing else: a copy of a process that has computed can hang."""

from __future__ import annotations

import builtins
import contextlib
import gc
import os
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

# What notebooks import, and what the reports' notebooks need beside. One that is not installed is left out.
LIBRARIES = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "sqlite3",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "duckdb",
    "altair",
    "vl_convert",
    "ipywidgets",
    "dxlib.charts",
    "dxlib.show.briefing",
    "dxlib.show.comparison",
    "dxlib.show.explore",
    "dxlib.show.maps",
    "dxlib.show.municipality",
    "dxlib.show.quality",
    "dxlib.show.review",
    "dxlib.show.topics",
    "dxlib.official.outlines",
    "dxlib.report.html",
)
_COMPUTING = re.compile(r"polars-\d|async-executor|tokio|rayon|V8 ")
_PACKAGE = Path(__file__).parents[1]


def computed(process: str = "self") -> list[str]:
    """Threads of a process that show that a library has computed in it: such a process must not be forked.

    Args:
        process: its number; by default this one.

    Returns:
        The threads' names; none where the system does not tell them.

    >>> isinstance(computed(), list)
    True
    """
    found = []
    for thread in Path(f"/proc/{process}/task").glob("*"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            found.append((thread / "comm").read_text(encoding="utf-8").strip())
    return sorted(name for name in found if _COMPUTING.match(name))


def edition() -> tuple[int, int]:
    """How many files dxlib has, and when one was last edited, in ns: a kernel must not run code that is older than its files."""
    times = [path.stat().st_mtime_ns for path in _PACKAGE.rglob("*.[pst]*") if path.suffix != ".pyc"]
    return len(times), max(times)


@contextlib.contextmanager
def _as_in_a_notebook() -> Iterator[None]:
    """What libraries look at while they are imported, as it is in a kernel.

    pandas asks where it is, and shows wide tables otherwise in a terminal; the debugger, which is imported but not used, warns.
    """
    quiet = "PYDEVD_DISABLE_FILE_VALIDATION"
    before = os.environ.get(quiet)
    os.environ[quiet] = "1"
    vars(builtins)["get_ipython"] = lambda: SimpleNamespace(kernel=None)
    try:
        yield
    finally:
        del vars(builtins)["get_ipython"]
        if before is None:
            del os.environ[quiet]


def _read_own_tables() -> None:
    """Texts, columns and widths of characters: files of the package, read in plain Python, that every report needs."""
    from dxlib import columns, wording
    from dxlib.charts.drawing import advances

    columns.definitions()
    wording.text("fiscal", "en", western=0)
    for weight in ("normal", "bold"):
        advances(weight)


def prepare() -> None:
    """Import everything."""
    with _as_in_a_notebook():
        for name in LIBRARIES:
            with contextlib.suppress(ImportError):
                import_module(name)
    _read_own_tables()
    gc.collect()
    gc.freeze()  # what lives now is never looked at again, so its memory stays shared with all children

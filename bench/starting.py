"""Measure what a person waits for: the import, a question in the shell, the first chart of a notebook; the floor of reading."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from dxlib.document import load
from dxlib.readers import read

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CHART = """
import dxlib
from dxlib.show.comparison import Comparison
Comparison(dxlib.open(), "online_procedures").figure()
"""
_NAIVE = re.compile(r"[0-9０-９,，.．]+\s*(?:件|%|％|人|回|台|箇所|手続)")


def _median(action: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _command(*arguments: str | Path) -> Callable[[], object]:
    return lambda: subprocess.run(arguments, check=True, capture_output=True, cwd=ROOT)


def in_the_shell(repeats: int) -> dict[str, float]:
    """Median seconds of bare Python, of ``import dxlib`` beyond it, and of ``dxlib compare``."""
    bare = _median(_command(sys.executable, "-c", "pass"), repeats)
    imported = _median(_command(sys.executable, "-c", "import dxlib"), repeats)
    return {
        "bare Python": bare,
        "import dxlib, beyond it": imported - bare,
        "dxlib compare online_procedures": _median(_command(BIN / "dxlib", "compare", "online_procedures"), repeats),
    }


def first_chart(provisioner: str, repeats: int) -> float:
    """Median seconds from asking Jupyter for a kernel to the first chart of a comparison in it.

    Args:
        provisioner: which kernels: ``dxlib-warm``, or Jupyter's own ``local-provisioner``.
        repeats: how many kernels.
    """
    code = f"""
import os, time
os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = {provisioner!r}
os.chdir({str(ROOT / "notebooks")!r})
from jupyter_client.manager import start_new_kernel
from dxlib.warm import fork
if {provisioner!r} == "dxlib-warm":
    fork.warm_up()
    fork.renderer()
    time.sleep(10)  # as when JupyterLab is open
for _ in range({repeats}):
    start = time.perf_counter()
    manager, client = start_new_kernel()
    reply = client.execute_interactive({CHART!r}, timeout=120, output_hook=lambda message: None)
    print(time.perf_counter() - start if reply["content"]["status"] == "ok" else reply["content"], flush=True)
    client.stop_channels()
    manager.shutdown_kernel(now=True)
"""
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return statistics.median(map(float, ended.stdout.split()))


def naive_floor(repeats: int) -> tuple[float, float]:
    """Median seconds to open the five plans: with one regular expression for numbers with a unit, and read as dxlib reads."""
    paths = sorted((ROOT / "data" / "raw").glob("*/*.txt"))
    naive = _median(lambda: [_NAIVE.findall(path.read_text(encoding="utf-8")) for path in paths], repeats)
    return naive, _median(lambda: [read(load(path)) for path in paths], repeats)

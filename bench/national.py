"""Measure builds at several sizes up to all municipalities: time, memory of all processes, size, and what a change costs.

    python bench/national.py
    python bench/national.py --municipalities 100 400 --jobs 2

Each build runs in a process of its own, as `dxlib build` does. The exit code is 1 when a budget is missed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from plans import write_plan, write_workbench
from tabulate import tabulate

from dxlib.project import Project

SIZES = (100, 400, 1788)
SECONDS_BUDGET = 90.0
MEMORY_BUDGET_MB = 1500.0
_EVERY = 0.2  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Run:
    """One build.

    Attributes:
        seconds: wall time of the whole process.
        cpu: processor seconds of all its processes, each as last seen.
        peak_mb: largest sum over its processes at one time; shared pages count once (PSS) where the system tells, else RSS.
        read: documents that were read, not taken from an earlier build.
    """

    seconds: float
    cpu: float
    peak_mb: float
    read: int


@dataclass(frozen=True, slots=True)
class Measured:
    """The builds of one size; load is the machine's before the first one (runnable processes, mean of the last minute)."""

    municipalities: int
    text_mb: float
    seconds: float
    cpu: float
    peak_mb: float
    one_changed: float
    unchanged: float
    warehouse_mb: float
    load: float


def _memory(process: psutil.Process) -> float:
    try:
        full = process.memory_full_info()
        return float(getattr(full, "pss", 0) or full.rss)
    except psutil.Error:  # it ended meanwhile
        return 0.0


def _times(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
        return float(times.user + times.system)
    except psutil.Error:
        return 0.0


def run(project: Project, jobs: int | None = None) -> Run:
    """Build a workbench and watch it.

    Args:
        project: the workbench.
        jobs: as for `dxlib build`.
    """
    command = [
        sys.executable,
        "-m",
        "dxlib.cli",
        "--project",
        str(project.root),
        "build",
        *(["--jobs", str(jobs)] if jobs else []),
    ]
    with tempfile.TemporaryFile("w+") as printed:
        start = time.perf_counter()
        process = psutil.Popen(command, stdout=printed, stderr=subprocess.STDOUT)
        peak, spent = 0.0, dict[int, float]()
        while process.poll() is None:
            tree = [process, *process.children(recursive=True)] if process.is_running() else []
            peak = max(peak, sum(map(_memory, tree)))
            spent |= {one.pid: max(spent.get(one.pid, 0.0), _times(one)) for one in tree}
            time.sleep(_EVERY)
        seconds = time.perf_counter() - start
        printed.seek(0)
        text = printed.read()
    if process.returncode:
        raise RuntimeError(f"the build failed:\n{text[-4000:]}")
    found = re.search(r"documents read: ([0-9]+)", text)
    return Run(seconds, sum(spent.values()), peak / 1e6, int(found[1]) if found else -1)


def measure(municipalities: int, jobs: int | None = None) -> Measured:
    """Build a workbench of fictional plans: anew, after one plan changed, and with nothing changed.

    Args:
        municipalities: how many, one plan each.
        jobs: as for `dxlib build`.

    Raises:
        RuntimeError: a build failed, or read other documents than it should.
    """
    with tempfile.TemporaryDirectory(prefix="dxlib-national-") as folder:
        project = Project(Path(folder) / "nation")
        plans = write_workbench(project.root, municipalities)
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
        full = run(project, jobs)
        middle = plans[municipalities // 2]
        write_plan(project.raw, middle.with_line("本計画は中間年に見直しました。"))
        changed = run(project, jobs)
        unchanged = run(project, jobs)
        if (full.read, changed.read, unchanged.read) != (municipalities, 1, 0):
            raise RuntimeError(f"documents read: {full.read}, then {changed.read}, then {unchanged.read}")
        return Measured(
            municipalities,
            sum(len(plan.text.encode()) for plan in plans) / 1e6,
            full.seconds,
            full.cpu,
            max(one.peak_mb for one in (full, changed, unchanged)),
            changed.seconds,
            unchanged.seconds,
            project.warehouse.stat().st_size / 1e6,
            load,
        )


def main() -> int:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Measure builds of fictional municipalities.")
    parser.add_argument("--municipalities", type=int, nargs="+", default=SIZES)
    parser.add_argument("--jobs", type=int)
    arguments = parser.parse_args()
    measured = [measure(number, arguments.jobs) for number in arguments.municipalities]
    print(tabulate([asdict(one) for one in measured], headers="keys", floatfmt=",.1f", intfmt=","))
    largest = measured[-1]
    checks = (
        (largest.seconds, SECONDS_BUDGET, "s"),
        (largest.peak_mb, MEMORY_BUDGET_MB, "MB"),
    )
    for found, budget, unit in checks:
        word = "pass" if found < budget else "FAIL"
        print(f"{word}: {largest.municipalities:,} municipalities: {found:,.0f} {unit}, budget {budget:,.0f} {unit}")
    return 0 if all(found < budget for found, budget, _ in checks) else 1


if __name__ == "__main__":
    sys.exit(main())

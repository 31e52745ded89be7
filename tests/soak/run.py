"""Run the long suites, two at a time, and write their last figures into docs/reliability.md.

    python tests/soak/run.py                # all of them; within an hour on two cores
    python tests/soak/run.py kills hostile  # some; their rows of the page are renewed

The exit code is 1 when something did not hold.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from tabulate import tabulate

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "docs" / "reliability.md"
BEGIN, END = "<!-- figures: written by make soak -->", "<!-- end of figures -->"
# The longest first, so that the two lanes end at about the same time; a suite that hangs is ended.
SUITES = ("fuzz", "kills", "mutants", "hostile", "long")
LONGEST = 55 * 60


def run(name: str, folder: Path) -> dict[str, Any]:
    """Run one suite; its record, or one that says why there is none."""
    out = folder / f"{name}.json"
    began = time.monotonic()
    try:
        ended = subprocess.run([sys.executable, str(HERE / f"{name}.py"), "--out", str(out)], timeout=LONGEST, check=False)
        said = f"ended with exit code {ended.returncode} and no record"
    except subprocess.TimeoutExpired:
        said = f"did not end within {LONGEST // 60} minutes"
    if out.exists():
        return dict(json.loads(out.read_text(encoding="utf-8")))
    return {"suite": name, "seconds": round(time.monotonic() - began, 1), "seed": None, "figures": {}, "failures": [said]}


def lanes(names: list[str], count: int = 2) -> list[dict[str, Any]]:
    """The records of all suites, in the order of the names."""
    waiting: SimpleQueue[str] = SimpleQueue()
    for name in names:
        waiting.put(name)
    records: dict[str, dict[str, Any]] = {}

    def work() -> None:
        while True:
            try:
                name = waiting.get_nowait()
            except Empty:
                return
            records[name] = run(name, Path(folder))
            failed = len(records[name]["failures"])
            print(f"== {name}: {records[name]['seconds']} s, {failed} failures", flush=True)

    with tempfile.TemporaryDirectory(prefix="dxlib-soak-") as folder:
        threads = [threading.Thread(target=work) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return [records[name] for name in names]


def section(record: dict[str, Any]) -> str:
    """What the page says of a suite."""
    seed = "" if record["seed"] is None else f", seed {record['seed']}"
    day = datetime.datetime.now(datetime.UTC).date()
    held = "all held" if not record["failures"] else f"**{len(record['failures'])} did not hold**"
    head = f"### {record['suite']}\n\n{day}, Python {platform.python_version()}, {record['seconds']:,.0f} s{seed}: {held}.\n"
    failures = "".join(f"\n- {' '.join(line.split())[:200]}" for line in record["failures"][:20])
    return "\n".join([head, *tables(record["figures"]), failures]).rstrip() + "\n"


def tables(figures: dict[str, float]) -> list[str]:
    """The figures as tables: those of many things (``docx: inputs``, ``docx: refused``) with a row for each thing."""
    many = Counter(key.partition(": ")[0] for key in figures if ": " in key)
    things = {thing for thing, count in many.items() if 1 < count < len(many)}
    single = [(key, f"{figure:,}") for key, figure in figures.items() if key.partition(": ")[0] not in things]
    found = [_table(("what", "figure"), single)] if single else []
    rows: dict[str, dict[str, str]] = {thing: {} for thing in many if thing in things}
    for key, figure in figures.items():
        thing, _, what = key.partition(": ")
        if thing in things:
            rows[thing][what] = f"{figure:,}"
    columns = list(dict.fromkeys(what for row in rows.values() for what in row))
    if rows:
        found.append(_table(("of", *columns), [(thing, *(row.get(what, "") for what in columns)) for thing, row in rows.items()]))
    return found


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    aligned = ("left", *["right"] * (len(headers) - 1))
    return tabulate(rows, headers=headers, tablefmt="github", colalign=aligned, disable_numparse=True) + "\n"


def renewed(page: str, records: list[dict[str, Any]]) -> str:
    """The page with the sections of these suites written anew; those of others stay."""
    before, rest = page.split(BEGIN, 1)
    inside, after = rest.split(END, 1)
    kept = {
        match[1]: match[0].strip() + "\n"
        for match in re.finditer(r"^### (\w+)$.*?(?=^### |\Z)", inside, re.MULTILINE | re.DOTALL)
    }
    kept.update({record["suite"]: section(record) for record in records})
    sections = "\n".join(kept[name] for name in SUITES if name in kept)
    return f"{before}{BEGIN}\n\n{sections}\n{END}{after}"


def program() -> int:
    """Run the suites that are named, or all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("suites", nargs="*", choices=[*SUITES, []])
    names = parser.parse_args().suites or list(SUITES)
    began = time.monotonic()
    records = lanes(names)
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), records), encoding="utf-8", newline="\n")
    for record in records:
        for failure in record["failures"]:
            print(f"{record['suite']}: {failure}")
    print(f"{time.monotonic() - began:,.0f} s; written to {PAGE.name}")
    return int(any(record["failures"] for record in records))


if __name__ == "__main__":
    sys.exit(program())

"""Measure everything in one run, and write docs/performance.md with its picture.

    python bench/run.py
    python bench/run.py --repeats 5 --municipalities 100 400 1788
    python bench/run.py --only reports                               # renews that section of the page

The exit code is 1 when something is slower than promised.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import altair as alt
import national
import starting
import themes
from generate import generate
from plain_pandas import LEFT_OUT, load
from tabulate import tabulate

import reports
from dxlib.charts import svg
from dxlib.report.basis import versions
from dxlib.workers import cores

ROOT = Path(__file__).resolve().parent.parent
PAGE, PICTURE = ROOT / "docs" / "performance.md", ROOT / "docs" / "pictures" / "performance.svg"
NO_OP_SECONDS, IMPORT_SECONDS, COMPARE_SECONDS, CHART_SECONDS = 10.0, 0.15, 0.7, 1.0
RATIOS = (20.0, 8.0, 4.0)  # the plain commands, papermill's API one after the other, and in two threads


@dataclass
class Section:
    """A part of the page: sentences, tables, and what was promised."""

    title: str
    said: list[str] = field(default_factory=list)
    promises: list[tuple[str, bool]] = field(default_factory=list)

    def table(self, rows: Sequence[Mapping[str, Any]], decimals: int = 2) -> None:
        """Add a table."""
        self.said.append(tabulate(rows, headers="keys", tablefmt="github", floatfmt=f",.{decimals}f", intfmt=","))

    def promise(self, what: str, kept: bool) -> None:
        """Add something that was promised, and whether it is so here."""
        self.promises.append((what, kept))

    @property
    def text(self) -> str:
        """The part as Markdown."""
        promised = "\n".join(f"- {'yes' if kept else '**no**'}: {what}" for what, kept in self.promises)
        return "\n\n".join([f"## {self.title}", *self.said, *([promised] if promised else [])])


def about_reports(repeats: int) -> tuple[Section, list[reports.Way]]:
    """What a report costs in each way."""
    found = reports.measured_ways(repeats)
    fastest = found[-1].median
    section = Section("A report", [(reports.__doc__ or "").split("\n\n", 2)[2].strip()])
    section.table(
        [
            {
                "way": way.name,
                "s a report (median)": way.median,
                "of": len(way.seconds),
                "slowest": max(way.seconds),
                "times dxlib, 2 jobs": way.median / fastest,
            }
            for way in found
        ]
    )
    for way, least in zip(found, RATIOS, strict=False):
        section.promise(f"{way.name}: at least {least:g} times, here {way.median / fastest:.1f}", way.median / fastest >= least)
    section.said.append(
        "Where the time of a report goes, in seconds (medians, one at a time). A kernel is a notebook with one empty cell; "
        "what the cells need is the rest of the execution."
    )
    kernel = reports.kernel_seconds(repeats)
    section.table(
        [
            {"report": name, "kernel": kernel, "cells": steps["execute"] - kernel, "HTML": steps["html"]}
            for name, steps in reports.steps().items()
        ],
        3,
    )
    return section, found


def about_nothing_changed() -> Section:
    """A run in which nothing changed."""
    with tempfile.TemporaryDirectory(prefix="dxlib-nation-") as folder:
        nation = reports.nation(Path(folder) / "nation")
        count, seconds = reports.no_op(nation, Path(folder))
    section = Section("A run in which nothing changed")
    section.said.append(
        f"{count:,} reports (comparison with the five nearest, profile and briefing of {reports.NATION:,} fictional "
        f"municipalities), each looked at whether anything it depends on changed: {seconds:.1f} s, the start included. Of each "
        "kind one report was made; the folders of the others were laid out as that run leaves them."
    )
    section.promise(f"under {NO_OP_SECONDS:g} s", seconds < NO_OP_SECONDS)
    return section


def about_building(sizes: Iterable[int], jobs: int | None) -> Section:
    """The build of a nation."""
    measured = [national.measure(size, jobs) for size in sizes]
    section = Section(
        "The build", [f"Fictional plans as texts in the layouts of the real ones (`bench/plans.py`), {cores()} cores."]
    )
    section.table(
        [
            {
                "municipalities": one.municipalities,
                "text, MB": one.text_mb,
                "s": one.seconds,
                "CPU s": one.cpu,
                "ms CPU a municipality": 1000 * one.cpu / one.municipalities,
                "peak MB, all processes": one.peak_mb,
                "one plan changed, s": one.one_changed,
                "nothing changed, s": one.unchanged,
                "warehouse, MB": one.warehouse_mb,
            }
            for one in measured
        ],
        1,
    )
    largest = measured[-1]
    section.promise(f"{largest.municipalities:,} under {national.SECONDS_BUDGET:g} s", largest.seconds < national.SECONDS_BUDGET)
    section.promise(f"under {national.MEMORY_BUDGET_MB:,.0f} MB", largest.peak_mb < national.MEMORY_BUDGET_MB)
    return section


def about_starting(repeats: int) -> Section:
    """What a person waits for."""
    shell = starting.in_the_shell(repeats)
    warm, cold = (starting.first_chart(name, repeats) for name in ("dxlib-warm", "local-provisioner"))
    naive, whole = starting.naive_floor(repeats)
    section = Section("Starting, and reading")
    section.table(
        [
            *({"what": what, "s": seconds} for what, seconds in shell.items()),
            {"what": "the first chart in a new notebook, warm kernel", "s": warm},
            {"what": "the first chart in a new notebook, Jupyter's own kernel", "s": cold},
            {"what": "the five plans, opened and one regular expression for numbers with a unit", "s": naive},
            {"what": "the five plans, read as dxlib reads", "s": whole},
        ],
        3,
    )
    beyond, compare = shell["import dxlib, beyond it"], shell["dxlib compare online_procedures"]
    section.promise(f"import dxlib under {IMPORT_SECONDS:g} s beyond bare Python", beyond < IMPORT_SECONDS)
    section.promise(f"dxlib compare under {COMPARE_SECONDS:g} s", compare < COMPARE_SECONDS)
    section.promise(f"the first chart with a warm kernel under {CHART_SECONDS:g} s", warm < CHART_SECONDS)
    return section


def about_themes(municipalities: int, repeats: int) -> Section:
    """Questions about themes, in SQL and in pandas."""
    with tempfile.TemporaryDirectory(prefix="dxlib-themes-") as folder:
        path = Path(folder) / "many.duckdb"
        generate(path, municipalities)
        with themes.open_warehouse(path) as connection:
            rows = list(themes.measured_themes(connection, load(connection), repeats))
    columns = [name for name in rows[0] if name.endswith(" ms")]
    section = Section("Questions about a theme")
    section.said.append(
        f"{municipalities:,} fictional municipalities, {len(rows)} themes, warm, two threads; `all`: the comparable sets of all, "
        f"`{themes.CHOSEN}`: the pairs of {themes.CHOSEN} municipalities. pandas has its tables loaded and leaves out {LEFT_OUT}."
    )
    section.table(
        [
            {
                "question": name,
                "median ms": statistics.median(row[name] for row in rows),
                "slowest ms": max(row[name] for row in rows),
            }
            for name in columns
        ],
        1,
    )
    return section


def picture(ways: Sequence[reports.Way]) -> str:
    """Bars of what a report costs in each way, as SVG."""
    rows = [{"way": way.name, "seconds": way.median, "said": f"{way.median:.2f} s"} for way in ways]
    base = alt.Chart(alt.InlineData(values=rows), width=420, title="Seconds for one report, HTML included").encode(
        y=alt.Y("way:N", sort=None, title=None), x=alt.X("seconds:Q", title="s")
    )
    return svg(base.mark_bar() + base.mark_text(align="left", dx=4).encode(text="said:N"))


def state() -> str:
    """The day, and how busy the machine is."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return f"{today}, load when it was done {load}"


def opening() -> str:
    """What the page is, and the machine."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    libraries = ", ".join(f"{name} {number}" for name, number in versions().items())
    return (
        "# Performance\n\nWritten by `make bench` (about a quarter of an hour): everything in one run, medians. Seconds are "
        "those of one machine; compare ratios.\n\n"
        f"{today}; {platform.system()} {platform.machine()}, {cores()} cores; load when it began {load}; {libraries}.\n\n"
        f"![Bars: seconds for one report in each way](pictures/{PICTURE.name})"
    )


def renewed(page: str, sections: Sequence[Section]) -> str:
    """The page with some of its sections measured anew, each with the machine's state of then."""
    for section in sections:
        section.said.append(f"Measured anew by itself: {state()}.")
        before, _, rest = page.partition(f"## {section.title}\n")
        after = rest.partition("\n## ")[2]
        page = before + section.text + "\n" + (f"\n## {after}" if after else "")
    return page


def main() -> int:
    """Read the command line, measure, write."""
    parser = argparse.ArgumentParser(description="Measure everything and write docs/performance.md.")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--municipalities", type=int, nargs="+", default=list(national.SIZES))
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--only", choices=("reports", "nothing-changed", "build", "starting", "themes"), help="renew one section")
    arguments = parser.parse_args()
    repeats, sizes = arguments.repeats, arguments.municipalities
    head, ways = opening(), list[reports.Way]()

    def of_reports() -> Section:
        section, found = about_reports(repeats)
        ways.extend(found)
        return section

    measured: dict[str, Callable[[], Section]] = {
        "reports": of_reports,
        "nothing-changed": about_nothing_changed,
        "build": lambda: about_building(sizes, arguments.jobs),
        "starting": lambda: about_starting(repeats),
        "themes": lambda: about_themes(max(sizes), repeats),
    }
    sections = [measure() for name, measure in measured.items() if arguments.only in (None, name)]
    page = "\n\n".join([head, *(section.text for section in sections)]) + "\n"
    if arguments.only:
        page = renewed(PAGE.read_text(encoding="utf-8"), sections)
    if ways:
        PICTURE.write_text(picture(ways), encoding="utf-8")
    PAGE.write_text(page, encoding="utf-8")
    print(page)
    return 0 if all(kept for section in sections for _, kept in section.promises) else 1


if __name__ == "__main__":
    sys.exit(main())

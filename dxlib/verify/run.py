"""All checks of a warehouse, and of the reports made from it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dxlib.errors import ReportError, nearest
from dxlib.project import Project
from dxlib.report.run import MANIFEST
from dxlib.verify.audited import check_findings
from dxlib.verify.compared import check_comparison
from dxlib.verify.csvtables import check_tables
from dxlib.verify.decided import check_decisions
from dxlib.verify.derived import check_derived
from dxlib.verify.hashes import check_hashes
from dxlib.verify.keys import check_keys
from dxlib.verify.listed import check_index
from dxlib.verify.opened import Opened
from dxlib.verify.progress import check_progress
from dxlib.verify.proof import Check, Proof
from dxlib.verify.reported import check_report
from dxlib.verify.sources import Raw, check_sources

_LONGEST = 2**31 - 1  # characters of a cell; Windows counts no further


def report_folders(project: Project, named: Sequence[str]) -> list[Path]:
    """The folders of the reports asked for by folder or id; all below ``reports`` when none is asked for.

    Raises:
        ReportError: one is no report.
    """
    there = {path.name: path for path in _folders(project.reports)}
    if not named:
        return list(there.values())
    found = []
    for name in named:
        folder = there.get(name) or Path(name)
        if (folder / MANIFEST).is_file():
            found.append(folder)
        elif inside := _folders(folder):
            found += inside
        else:
            raise ReportError(
                "there is no report",
                code="verify-report",
                where=name,
                hint=nearest(name, there) if there else "run: dxlib report",
            )
    return list(dict.fromkeys(path.absolute() for path in found))


def _folders(out: Path) -> list[Path]:
    if not out.is_dir():
        return []
    return sorted(path.parent for path in out.glob(f"*/{MANIFEST}") if not path.parent.name.startswith("."))


@contextmanager
def _whole_cells() -> Iterator[None]:
    """Python's reader of CSV takes cells of any length: a quote may be a line of a megabyte."""
    before = csv.field_size_limit(_LONGEST)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def verify(project: Project, reports: Sequence[str] = (), tell: Callable[[Check], None] | None = None) -> Proof:
    """Prove a warehouse and its reports again. Nothing is written.

    Args:
        project: the workbench.
        reports: folders or ids of reports; all below ``reports`` when empty.
        tell: called with each check when it is done.

    Raises:
        WarehouseError: the warehouse is not built, cannot be read, or is of another version.
        ReportError: a report asked for is none.
    """
    folders = report_folders(project, reports)
    proof = Proof(tell=tell)
    with Opened(project) as opened, _whole_cells():
        raw = Raw(opened)
        check_sources(proof, opened, raw)
        check_keys(proof, opened)
        check_tables(proof, opened)
        check_decisions(proof, opened)
        check_hashes(proof, opened, raw)
        check_progress(proof, opened)
        check_comparison(proof, opened)
        check_findings(proof, opened)
        check_derived(proof, opened)
        for folder in folders:
            check_report(proof, opened, raw, folder)
        for out in sorted({folder.parent for folder in folders}):
            check_index(proof, out)
    return proof

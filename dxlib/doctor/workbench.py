"""Checks of a workbench: documents, decisions, warehouse, notebooks, write rights, disk space, who writes, what was left."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from dxlib.doctor.finding import Finding, Said, of_error, ok, wrong
from dxlib.errors import DxlibError
from dxlib.hold import holder
from dxlib.project import Project

_MEGABYTE = 1_000_000
# A build has the new tables and the new DuckDB file beside the old ones before it puts them in place.
_TIMES, _SPARE = 2, 200 * _MEGABYTE
_LEFT_IN_DATA, _LEFT_IN_REPORTS = (".build-*", ".add-*"), (".report-*", ".old-*")
_NAMED = 3


def documents(project: Project) -> Finding:
    """Whether every document has an origin that can be read."""
    from dxlib.collection import find_documents

    count = sum(1 for _ in find_documents(project))
    if not count:
        return wrong("documents", Said("doctor_documents_none"), Said("doctor_documents_do"))
    return ok("documents", "doctor_documents", count=count)


def decisions(project: Project) -> Finding:
    """Whether what people decided is of this form, and can be read."""
    from dxlib.decisions import read_decisions
    from dxlib.form import FORM

    read_decisions(project)
    return ok("decisions", "doctor_decisions", form=FORM)


def warehouse(project: Project) -> Finding:
    """Whether the warehouse is built, whole, and of this version."""
    from dxlib.warehouse import connect, schema_version

    try:
        with connect(project) as connection:
            ((count,),) = connection.execute("SELECT count(*) FROM fact").fetchall()
    except DxlibError as error:
        if error.code == "warehouse-missing":
            return Finding("warehouse", "note", Said("doctor_warehouse_missing"), Said("doctor_warehouse_do"))
        return of_error("warehouse", error)
    return ok("warehouse", "doctor_warehouse", version=schema_version(), rows=f"{count:,}")


def notebooks(project: Project) -> Finding:
    """Whether there are notebooks to make reports from."""
    from dxlib.report.parameters import notebook_paths

    found = notebook_paths(project)
    if not found:
        return wrong("notebooks", Said("doctor_notebooks_none"), Said("doctor_notebooks_do"))
    return ok("notebooks", "doctor_notebooks", count=len(found))


def _nearest(folder: Path) -> Path:
    """The folder itself, or the one it would be made in."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _written(project: Project) -> Iterator[tuple[str, Path]]:
    """The folders that commands write into, and their names."""
    from jupyter_core.paths import jupyter_runtime_dir

    for folder in (project.raw, project.curated, project.reports):
        yield project.relative(folder), folder
    yield "temp", Path(tempfile.gettempdir())
    yield "Jupyter", Path(jupyter_runtime_dir())


def rights(project: Project) -> Finding:
    """Whether a file can be made in every folder that commands write into."""
    refused = []
    for name, folder in _written(project):
        try:
            with tempfile.NamedTemporaryFile(prefix=".doctor-", dir=_nearest(folder)):
                pass
        except OSError as error:
            refused.append(Said("doctor_refused", {"folder": f"{name} ({folder})", "error": error.strerror or str(error)}))
    if refused:
        return wrong("rights", Said("doctor_rights_lacking", {"refused": refused}), Said("doctor_rights_do"))
    return ok("rights", "doctor_rights")


def _size(folder: Path) -> int:
    """Bytes in a folder; what goes away meanwhile does not count."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:
            continue
    return total


def room(project: Project) -> Finding:
    """Whether the disks have room for a build, a report and temporary files."""
    needed = {
        project.curated: _TIMES * _size(project.curated) + _SPARE,
        project.reports: _SPARE,
        Path(tempfile.gettempdir()): _SPARE,
    }
    places, short = [], False
    for folder, most in needed.items():
        free = shutil.disk_usage(_nearest(folder)).free
        short |= free < most
        values = {"folder": project.relative(folder), "free": f"{free // _MEGABYTE:,}", "needed": f"{most // _MEGABYTE:,}"}
        places.append(Said("doctor_place", values))
    fact = Said("doctor_room", {"places": places})
    return wrong("room", fact, Said("doctor_room_do")) if short else Finding("room", "ok", fact)


def locks(project: Project) -> Finding:
    """Whether a program is writing just now, and which."""
    held = [
        Said("doctor_held", {"folder": project.relative(folder), "holder": str(found)})
        for folder in (project.curated, project.reports)
        if (found := holder(folder))
    ]
    if held:
        return Finding("locks", "note", Said("doctor_locks_held", {"held": held}), Said("doctor_locks_do"))
    return ok("locks", "doctor_locks")


def _left(project: Project) -> list[Path]:
    left = []
    if not holder(project.curated):
        for folder in (project.raw, project.curated, project.curated / "reference"):
            left += [path for pattern in _LEFT_IN_DATA for path in sorted(folder.glob(pattern))]
    if not holder(project.reports):
        found = [path for pattern in _LEFT_IN_REPORTS for path in sorted(project.reports.glob(pattern))]
        left += [path for path in found if not holder(path)]
    return left


def leftovers(project: Project) -> Finding:
    """What killed runs left behind."""
    left = _left(project)
    if not left:
        return ok("leftovers", "doctor_leftovers")
    names = ", ".join(project.relative(path) for path in left[:_NAMED]) + (", …" if len(left) > _NAMED else "")
    size = sum(_size(path) if path.is_dir() else path.stat().st_size for path in left)
    values = {"count": len(left), "size": f"{size / _MEGABYTE:,.1f}", "names": names}
    return Finding("leftovers", "note", Said("doctor_leftovers_found", values), Said("doctor_leftovers_do"))


CHECKS: dict[str, Callable[[Project], Finding]] = {
    "documents": documents,
    "decisions": decisions,
    "warehouse": warehouse,
    "notebooks": notebooks,
    "rights": rights,
    "room": room,
    "locks": locks,
    "leftovers": leftovers,
}

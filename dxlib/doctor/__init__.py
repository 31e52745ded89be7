"""Is this machine ready, and is the workbench whole? The checks of ``dxlib doctor``.

They ask nothing of a network, change nothing, and go on where something is missing: that is when people call them.
"""

from __future__ import annotations

from collections.abc import Iterator

from dxlib.doctor import machine, workbench
from dxlib.doctor.finding import Finding, guarded, of_error, ok
from dxlib.errors import DxlibError
from dxlib.project import find_project

__all__ = ["Finding", "examine"]


def examine(folder: str | None = None) -> Iterator[Finding]:
    """Check the machine, then the workbench, if there is one.

    Args:
        folder: the workbench, as for `dxlib.project.find_project`.

    Yields:
        One finding a check, as soon as it is known.
    """
    for name, check in machine.CHECKS.items():
        yield guarded(name, check)
    try:
        project = find_project(folder)
    except DxlibError as error:
        yield of_error("workbench", error)
        return
    yield ok("workbench", "doctor_workbench", folder=str(project.root))
    for name, look in workbench.CHECKS.items():
        yield guarded(name, lambda look=look: look(project))  # type: ignore[misc]

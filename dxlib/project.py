"""Where the workbench folder is, and what lies where in it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from dxlib.errors import ProjectError

_MARKS = ("data/raw", "data/curated")


@dataclass(frozen=True, slots=True)
class Project:
    """The folders of one workbench."""

    root: Path

    @property
    def raw(self) -> Path:
        """Plan documents as received, one folder a municipality."""
        return self.root / "data" / "raw"

    @property
    def curated(self) -> Path:
        """What people decided, and the built tables."""
        return self.root / "data" / "curated"

    @property
    def tables(self) -> Path:
        """The built tables as CSV."""
        return self.curated / "tables"

    @property
    def readings(self) -> Path:
        """What was read in each document, kept so that only a changed one is read again."""
        return self.curated / ".readings"

    @property
    def warehouse(self) -> Path:
        """The built DuckDB file."""
        return self.curated / "dx.duckdb"

    @property
    def notebooks(self) -> Path:
        """The report templates."""
        return self.root / "notebooks"

    @property
    def reports(self) -> Path:
        """Where reports are written."""
        return self.root / "reports"

    def relative(self, path: Path) -> str:
        """A path as messages show it: relative to the workbench, with forward slashes."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return str(path)


def is_project(folder: Path) -> bool:
    """True for a folder that holds ``data/raw`` and ``data/curated``."""
    return all((folder / mark).is_dir() for mark in _MARKS)


def _nameable(root: Path) -> Path:
    """The folder itself, when DuckDB can name a file in it: a question mark ends a name there, and a name is text."""
    try:
        known = "?" not in str(root) and bool(str(root).encode())
    except UnicodeEncodeError:
        known = False
    if not known:
        raise ProjectError(
            "the path of the workbench holds a question mark, or bytes that are no text",
            code="project-path",
            where=str(root),
            hint="rename the folder; all other characters will do",
        )
    return root


def find_project(folder: str | Path | None = None) -> Project:
    """The workbench to work on.

    Args:
        folder: a workbench folder. Without it: the environment variable ``DXLIB_PROJECT``, then the
            nearest parent of the current folder (itself included) that is a workbench.

    Raises:
        ProjectError: the folder named is no workbench, its path cannot be used, or none is found.
    """
    named = folder or os.environ.get("DXLIB_PROJECT")
    if named:
        root = Path(named).expanduser().resolve()
        if is_project(root):
            return Project(_nameable(root))
        raise ProjectError(
            "this folder is no workbench",
            code="project-not-one",
            where=str(root),
            hint="a workbench holds data/raw and data/curated; check --project or DXLIB_PROJECT",
        )
    here = Path.cwd().resolve()
    for candidate in (here, *here.parents):
        if is_project(candidate):
            return Project(_nameable(candidate))
    raise ProjectError(
        "no workbench here or in any parent folder",
        code="project-not-found",
        where=str(here),
        hint="go into the workbench folder, or name it with --project DIR or DXLIB_PROJECT",
    )

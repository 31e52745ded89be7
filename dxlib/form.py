"""Which form the files of ``data/curated`` have: their names, columns and keys. ``version.toml`` states it.

Form 1 had no column ``better`` in facets.csv, form 2 no ``vintage`` in reference_value.csv; neither had a version.toml, nor has
form 3 in a workbench of dxlib 0.1.0. What is stated nowhere is told by the columns. `dxlib.migrate` makes form 3 of the others.
"""

from __future__ import annotations

import csv
from pathlib import Path

import msgspec

from dxlib import toml
from dxlib.errors import DecisionError
from dxlib.project import Project

FORM = 3
FILE = "version.toml"
# A column that a file did not have before a form.
_SINCE = (("facets.csv", "better", 2), ("reference_value.csv", "vintage", 3))


class _Stated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    form: int


def statement(form: int = FORM) -> str:
    """The content of ``version.toml``."""
    return f"# 形式 / Form of the files in this folder, for dxlib: docs/upkeep.md. Not to be edited.\nform = {form}\n"


def columns_of(path: Path) -> list[str]:
    """The columns that the first line of a CSV names; none where there is no such file, or where it is no CSV."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            return [cell.strip() for cell in next(csv.reader([file.readline()]), [])]
    except (FileNotFoundError, IsADirectoryError, csv.Error):
        return []  # whoever reads all of it says what is wrong


def stated_form(project: Project) -> int | None:
    """The form that ``version.toml`` states; None where there is no such file.

    Raises:
        DecisionError: it states none.
    """
    path = project.curated / FILE
    try:
        return toml.decode(path.read_text(encoding="utf-8-sig"), _Stated).form
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecisionError(
            f"the form of this folder cannot be read: {error}",
            code="decision-invalid",
            where=project.relative(path),
            hint="restore the file from git; it holds one line such as form = 3",
        ) from error


def form_of(project: Project) -> int:
    """The form of ``data/curated``: as stated, else by the columns of its files.

    Raises:
        DecisionError: version.toml cannot be read.
    """
    stated = stated_form(project)
    if stated is not None:
        return stated
    for name, column, since in _SINCE:
        columns = columns_of(project.curated / name)
        if columns and column not in columns:
            return since - 1
    return FORM


def check_form(project: Project) -> None:
    """Raise unless the files of ``data/curated`` are of the form that this dxlib reads and writes.

    Raises:
        DecisionError: they are of an older form (``curated-older``) or of a newer one (``curated-newer``).
    """
    form = form_of(project)
    if form < FORM:
        raise DecisionError(
            f"the decisions are of form {form}, this dxlib works with form {FORM}",
            code="curated-older",
            where=project.relative(project.curated),
            hint="run: dxlib migrate; it keeps a copy of every file that it changes",
        )
    if form > FORM:
        raise newer(project, form)


def newer(project: Project, form: int) -> DecisionError:
    """The error for decisions that a newer dxlib has written."""
    return DecisionError(
        f"the decisions are of form {form}, this dxlib knows forms up to {FORM}",
        code="curated-newer",
        where=project.relative(project.curated / FILE),
        hint="update dxlib on this machine; nothing was changed",
    )

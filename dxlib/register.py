"""The municipalities whose plans are in the workbench (``data/curated/municipality.csv``): rows for new ones, from the master."""

from __future__ import annotations

from dxlib.decisions import MUNICIPALITY_COLUMNS, read_municipalities
from dxlib.municipality import master, resolve
from dxlib.project import Project
from dxlib.romaji import place_name
from dxlib.sheet import with_rows


def new_entry(code: str) -> dict[str, str]:
    """The row of ``municipality.csv`` for a municipality of the master.

    Args:
        code: a code or full name.

    Returns:
        Every column; ``romaji`` is Hepburn from the kana, for a person to better; the position is blank, as the master has none.

    Raises:
        MunicipalityError: it is malformed, not in the master or ambiguous.

    >>> [cell for cell in new_entry("131016").values() if cell]
    ['131016', '千代田区', 'ちよだく', 'Chiyoda', '東京都']
    """
    listed = master()[resolve(code)]
    cells = (listed.code, listed.name, listed.kana, place_name(listed.kana, listed.name), listed.prefecture, "", "", "")
    return dict(zip(MUNICIPALITY_COLUMNS, cells, strict=True))


def with_entry(project: Project, code: str) -> bytes | None:
    """``municipality.csv`` with a municipality added, to be put in place; rows that are there stay byte for byte.

    Args:
        project: the workbench.
        code: a code or full name.

    Returns:
        All of the file; None where the municipality is in it.

    Raises:
        MunicipalityError: it is not there, and malformed, not in the master or ambiguous.
        DecisionError: the file is malformed.
    """
    known = {entry["code"] for entry in read_municipalities(project)}
    if code in known:  # also one that the master does not have
        return None
    row = new_entry(code)
    if row["code"] in known:
        return None
    return with_rows((project.curated / "municipality.csv").read_bytes(), [list(row.values())])

"""Files of official statistics into ``data/curated/reference``: read, checked against what is there, stored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dxlib.hold import hold_data
from dxlib.official.figures import Figure, Stored, read_figures, store
from dxlib.official.items import read_items
from dxlib.project import Project


def import_official(project: Project, kind: str, path: Path, options: Mapping[str, Any]) -> tuple[Stored, list[str]]:
    """Add the figures of a file, all or none; those of the same vintage that are there already stay as they are.

    Args:
        project: the workbench.
        kind: ``census``, ``dashboard`` or ``statistics``.
        path: the file.
        options: ``vintage``, ``as_of`` and ``mapping``, as the command takes them.

    Returns:
        What was stored, and remarks in words.

    Raises:
        LockError: another program writes in the workbench.
        DecisionError: the file or a figure is wrong, or figures of a vintage that is there have other values.
        MunicipalityError: the name of a municipality is unknown or ambiguous.
    """
    with hold_data(project):
        items = read_items(project)
        name, figures, remarks = _read(kind, path, options, items)
        return store(project, name, figures, read_figures(project, items), str(path)), remarks


def _read(kind: str, path: Path, options: Mapping[str, Any], items: Mapping[str, Any]) -> tuple[str, list[Figure], list[str]]:
    if kind == "statistics":
        from dxlib.official.longtable import read_long

        name, figures = read_long(path, options["mapping"], items)
        return name, figures, []
    if kind == "census":
        from dxlib.official.census import read_census

        figures, told = read_census(path, items, options["vintage"])
    else:
        from dxlib.official.dashboard import read_dashboard

        figures, told = read_dashboard(path, items, options["vintage"], options["as_of"])
    day, vintage = max(figure.as_of for figure in figures), figures[0].vintage
    return f"{kind}-{day}-{vintage}", figures, [f"vintage {vintage}: {told}"]

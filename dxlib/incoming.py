"""The command ``dxlib import``: what people recorded and decided, official statistics, and the map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from dxlib import log
from dxlib.terminal import examples

# Which options a kind of file takes; actuals and facets take none.
_TAKES = {"census": {"vintage"}, "dashboard": {"vintage", "as_of"}, "statistics": {"mapping"}}


@click.command(
    "import",
    epilog=examples(
        "dxlib import actuals results.xlsx",
        "dxlib import facets decided.csv",
        "dxlib import review review.xlsx",
        "dxlib import census major_results_2020.xlsx",
        "dxlib import dashboard dashboard.zip --as-of 2023-04-01 --as-of my_number_cards_held=2024-06-30",
        "dxlib import statistics population.csv --mapping population.toml",
        "dxlib import map ja_municipality_area.json",
    ),
)
@click.argument("kind", type=click.Choice(("actuals", "facets", "review", "census", "dashboard", "statistics", "map")))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--vintage", help="census, dashboard: day of publication (2022-07-01). Default: what the file itself says.")
@click.option(
    "--as-of", multiple=True, help="dashboard: the day surveyed, for all items or for one (ITEM=2024-06-30). Repeatable."
)
@click.option("--mapping", type=click.Path(path_type=Path), help="statistics: the TOML that says which column is what.")
@click.pass_obj
def import_(project: str | None, /, kind: str, file: Path, **options: Any) -> None:
    """Add the figures of a file to data, all of them or none; then run dxlib build.

    actuals: results for indicators (CSV, Excel). Columns, in any order: indicator_id (指標ID), indicator (指標), value (値), unit
    (単位), year (年度), date (日付), source (出典), recorded_on (記録日), note (備考).

    facets: themes and facets of indicators, in the sheet that dxlib suggest --write makes; rows whose column decision says
    accept or change are added.

    review: decisions about readings, in a sheet that dxlib review --write made.

    census: the workbook 都道府県・市区町村別の主な結果. dashboard: the zip of 自治体DXの取組. statistics: a long CSV. All go to
    data/curated/reference/ by vintage; a corrected figure is a newer vintage and never replaces one. map: outlines of all
    municipalities (TopoJSON), to data/map/. What each needs: docs/official-statistics.md.
    """
    given = {name for name, value in options.items() if value}
    if refused := given - _TAKES.get(kind, set()):
        raise click.UsageError(f"{kind} takes no --{sorted(refused)[0].replace('_', '-')}")
    if kind == "statistics" and not options["mapping"]:
        raise click.UsageError("statistics needs --mapping FILE, a TOML that says which column is what")
    done = _KINDS[kind](project, file, options)
    log.event("imported", kind=kind, file=str(file), message="; ".join(done))
    for line in done:
        log.say(line)


def _decided(project: str | None, file: Path, kind: str) -> list[str]:
    from dxlib.actuals import import_actuals
    from dxlib.confirm import import_facets
    from dxlib.indicators import open_workbench

    with open_workbench(project) as bench:
        added, there = {"actuals": import_actuals, "facets": import_facets}[kind](bench.project, file, bench.connection)
    return [f"{added} added, {there} already there"]


def _reviewed(project: str | None, file: Path) -> list[str]:
    from dxlib.indicators import open_workbench
    from dxlib.intake import import_decisions

    with open_workbench(project) as bench:
        return import_decisions(bench, file).split("\n")


def _official(project: str | None, file: Path, kind: str, options: dict[str, Any]) -> list[str]:
    from dxlib.official.importing import import_official
    from dxlib.project import find_project

    place = find_project(project)
    stored, remarks = import_official(place, kind, file, options)
    lines = [f"{stored.added} added, {stored.there} already there ({place.relative(stored.path)})"]
    if stored.blank:
        lines.append(f"{stored.blank} without a figure in the source (blank is not zero)")
    return [*lines, *remarks]


def _map(project: str | None, file: Path, options: dict[str, Any]) -> list[str]:
    from dxlib.official.outlines import import_map
    from dxlib.project import find_project

    place = find_project(project)
    path, count = import_map(place, file)
    return [f"{count} outlines ({place.relative(path)})"]


_KINDS: dict[str, Callable[[str | None, Path, dict[str, Any]], list[str]]] = {
    "actuals": lambda project, file, options: _decided(project, file, "actuals"),
    "facets": lambda project, file, options: _decided(project, file, "facets"),
    "review": lambda project, file, options: _reviewed(project, file),
    "census": lambda project, file, options: _official(project, file, "census", options),
    "dashboard": lambda project, file, options: _official(project, file, "dashboard", options),
    "statistics": lambda project, file, options: _official(project, file, "statistics", options),
    "map": _map,
}

"""The vocabulary of official statistics: ``data/curated/reference_items.toml``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

import msgspec

from dxlib.decisions import UNKNOWN, Facet, Names, check_known, decode
from dxlib.errors import DecisionError
from dxlib.project import Project

FILE = "reference_items.toml"


class National(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a figure for a prefecture or the country comes from those of the municipalities, where none is printed."""

    by: Literal["share", "ratio", "median"]
    numerator: str | None = None
    denominator: str | None = None


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a figure may be about, as an analyst writes it."""

    name: Names
    unit: str
    kind: Literal["amount", "share", "yes-no"]
    dashboard: tuple[str, ...] = ()
    detail: bool = False
    national: National | None = None
    theme: str | None = None
    facets: dict[str, str] = {}


def read_items(project: Project, themes: Collection[str] = (), facets: Mapping[str, Facet] | None = None) -> dict[str, Item]:
    """The items by their key.

    Args:
        project: the workbench.
        themes: the themes that items may belong to; unchecked when empty.
        facets: the facets and their values; unchecked when None.

    Raises:
        DecisionError: the file is missing or malformed, or an item names an unknown theme, facet, value or item.
    """
    items: dict[str, Item] = decode(project, FILE, dict[str, Item], {"": Item})
    for name, item in items.items():
        _check(item, items, themes, facets, f"{project.relative(project.curated / FILE)} [{name}]")
    return items


def _check(
    item: Item, items: Mapping[str, Item], themes: Collection[str], facets: Mapping[str, Facet] | None, where: str
) -> None:
    national = item.national
    if national and (national.by == "ratio") != (national.numerator is not None and national.denominator is not None):
        raise DecisionError(
            f"national by {national.by} {'needs' if national.by == 'ratio' else 'takes no'} numerator and denominator",
            code="decision-value",
            where=where,
            hint='national = { by = "ratio", numerator = "…", denominator = "…" }, or by = "share" or "median" alone',
        )
    for part in (national.numerator, national.denominator) if national and national.by == "ratio" else ():
        check_known(part or "", items, "item", where)
    if bool(item.theme) != bool(item.facets):
        raise DecisionError(
            "theme and facets go together",
            code="decision-value",
            where=where,
            hint="an item beside the indicators of plans needs a theme and all facets; any other needs neither",
        )
    if item.theme and themes:
        check_known(item.theme, themes, "theme", where)
    if item.facets and facets is not None:
        _check_facets(item, facets, where)


def _check_facets(item: Item, facets: Mapping[str, Facet], where: str) -> None:
    for facet, value in item.facets.items():
        check_known(facet, facets, "facet", where)
        check_known(value, {*facets[facet].values, UNKNOWN}, f"value of facet {facet}", where)
    if missing := [facet for facet in facets if facet not in item.facets]:
        raise DecisionError(
            f"no facet {', '.join(missing)}",
            code="decision-value",
            where=where,
            hint=f'state every facet; "{UNKNOWN}" where the source does not say',
        )


def item_rows(items: Mapping[str, Item]) -> list[dict[str, Any]]:
    """Rows of the table ``reference_item``, in the order of the file."""
    return [
        {
            "item": name,
            "position": position,
            "name_ja": item.name.ja,
            "name_en": item.name.en,
            "unit": item.unit,
            "kind": item.kind,
            "has_detail": item.detail,
            "national_by": item.national.by if item.national else None,
            "numerator_item": item.national.numerator if item.national else None,
            "denominator_item": item.national.denominator if item.national else None,
            "theme_id": item.theme,
        }
        for position, (name, item) in enumerate(items.items(), start=1)
    ]


def facet_rows(items: Mapping[str, Item]) -> list[dict[str, Any]]:
    """Rows of the table ``reference_facet``."""
    return [
        {"item": name, "facet": facet, "value": value} for name, item in items.items() for facet, value in item.facets.items()
    ]

"""The comparison of a theme in plain pandas: what an analyst would write without the views, to measure them against.

It sorts indicators into sets of equal definitions by their latest values, like ``compare_group`` with its
defaults. Left out, so that it does less work than the SQL: transformations (per 10,000 inhabitants and the
like), interpolation, revisions by later editions, asking as of a day, and reasons in words.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

Tables = dict[str, pd.DataFrame]
TABLES = (
    "municipality",
    "document",
    "plan",
    "measure",
    "indicator",
    "indicator_theme",
    "facet",
    "facet_value",
    "observation",
    "recorded_actual",
)
LEFT_OUT = "transformations, interpolation, revisions, as-of days, reasons in words"
_ROLES = {"actual": 0, "baseline": 1, "target": 2}
_FROM_INDICATOR = ["municipality_code", "municipality", "plan", "indicator_id", "indicator", "better"]
_FROM_RESULT = ["role", "value", "comparator", "value_low", "numerator", "denominator", "unit", "fiscal_year", "calendar_year"]
_FROM_SOURCE = ["relative_year", "value_text", "missing", "relative_to", "result_id", "document_id", "line", "quote"]


def load(connection: duckdb.DuckDBPyConnection) -> Tables:
    """The tables the comparison needs, as data frames."""
    return {name: connection.sql(f"FROM {name}").df() for name in TABLES}


def definitions(tables: Tables, theme: str) -> pd.DataFrame:
    """One row an indicator of the theme: its facets as one string, and whether every required facet is known."""
    themed = tables["indicator_theme"]
    themed = themed[themed["theme_id"] == theme]
    facets = tables["facet"]
    facets = facets[facets["indicator_id"].isin(themed["indicator_id"])].sort_values(["indicator_id", "facet"])
    required = tables["facet_value"].query("is_required")["facet"].unique()
    facets = facets.assign(
        pair=facets["facet"] + "=" + facets["value"],
        is_gap=(facets["value"] == "unknown") & facets["facet"].isin(required),
    )
    grouped = facets.groupby("indicator_id", sort=False)
    signature = grouped.agg(facets=("pair", " ".join), has_gap=("is_gap", "any")).reset_index()
    return themed.merge(signature, on="indicator_id")


def results(tables: Tables, indicator_ids: pd.Series) -> pd.DataFrame:
    """Printed and recorded values of these indicators, one below the other."""
    printed, recorded = tables["observation"], tables["recorded_actual"]
    printed = printed[printed["indicator_id"].isin(indicator_ids)].rename(columns={"observation_id": "result_id"})
    printed = printed.merge(tables["document"][["document_id", "published"]], on="document_id")
    recorded = recorded[recorded["indicator_id"].isin(indicator_ids)].rename(columns={"recorded_id": "result_id"})
    recorded = recorded.assign(role="actual", comparator="=", published=recorded["recorded_on"].astype(str))
    return pd.concat([printed.rename(columns={"published": "known_from"}), recorded.rename(columns={"published": "known_from"})])


def standing(tables: Tables, theme: str) -> pd.DataFrame:
    """One row an indicator of the theme with its latest value: the last actual, else baseline, else target."""
    defined = definitions(tables, theme)
    values = results(tables, defined["indicator_id"])
    values["is_missing"] = values["missing"].notna()
    values["place"] = values["role"].map(_ROLES)
    values["year"] = values["fiscal_year"].fillna(values["calendar_year"])
    values["amount"] = values["value"].fillna(100 * values["numerator"] / values["denominator"])
    values = values.sort_values(
        ["indicator_id", "is_missing", "place", "year", "relative_year", "known_from", "result_id"],
        ascending=[True, True, True, False, False, False, False],
        na_position="last",
    ).drop_duplicates("indicator_id")
    names = tables["indicator"][["indicator_id", "measure_id", "name"]].rename(columns={"name": "indicator"})
    plans = tables["plan"][["plan_id", "document_id", "title"]].rename(columns={"title": "plan", "document_id": "plan_document"})
    owners = tables["document"][["document_id", "municipality_code"]].rename(columns={"document_id": "plan_document"})
    cities = tables["municipality"][["code", "name"]].rename(columns={"code": "municipality_code", "name": "municipality"})
    return (
        defined.merge(names, on="indicator_id")
        .merge(tables["measure"][["measure_id", "plan_id"]], on="measure_id")
        .merge(plans, on="plan_id")
        .merge(owners, on="plan_document")
        .merge(cities, on="municipality_code")
        .merge(values, on="indicator_id", how="left")
    )


def differing(left: str, right: str) -> list[str]:
    """The facets in which two definitions differ."""
    pairs = zip(left.split(" "), right.split(" "), strict=True)
    return [a.split("=")[0] for a, b in pairs if a != b]


def compare_group(tables: Tables, theme: str) -> pd.DataFrame:
    """One row an indicator of the theme, sorted into sets of equal definitions, the largest first.

    Args:
        tables: what `load` gave.
        theme: key of the theme.
    """
    rows = standing(tables, theme)
    rows["is_target"] = rows["role"] == "target"
    member = rows[~rows["has_gap"] & rows["result_id"].notna() & rows["missing"].isna()]
    sets = member.groupby(["facets", "is_target"])["municipality_code"].nunique().rename("set_municipalities").reset_index()
    sets = sets.sort_values(["set_municipalities", "is_target", "facets"], ascending=[False, True, True])
    sets = sets[sets["set_municipalities"] >= 2].assign(comparable_set=lambda frame: np.arange(1, len(frame) + 1))
    placed = member[["indicator_id", "facets", "is_target"]].merge(sets, on=["facets", "is_target"])
    rows = rows.merge(placed[["indicator_id", "comparable_set", "set_municipalities"]], on="indicator_id", how="left")
    rows["verdict"] = np.where(rows["comparable_set"].notna(), "direct", "not comparable")
    rows["set_value"] = rows["amount"].where(rows["comparable_set"].notna())
    if len(sets):
        first = sets["facets"].iloc[0]
        reasons = {facets: differing(facets, first) for facets in rows["facets"].unique()}
        rows["differing"] = rows["facets"].map(reasons).where(rows["comparable_set"] != 1)
    rows = rows.sort_values(
        ["comparable_set", "set_value", "municipality_code", "indicator_id"],
        ascending=[True, False, True, True],
        na_position="last",
    )
    columns = [
        "comparable_set",
        "set_municipalities",
        "verdict",
        *_FROM_INDICATOR,
        *_FROM_RESULT,
        *_FROM_SOURCE,
        "set_value",
        "differing",
    ]
    return rows.reindex(columns=columns)


def compare_pairs(tables: Tables, theme: str, codes: Sequence[str]) -> pd.DataFrame:
    """One row a pair of indicators of the theme of these municipalities, with the facets that differ.

    Args:
        tables: what `load` gave.
        theme: key of the theme.
        codes: municipality codes.
    """
    rows = standing(tables, theme)
    rows = rows[rows["municipality_code"].isin(codes)]
    rows = rows[["facets", "has_gap", *_FROM_INDICATOR, *_FROM_RESULT, *_FROM_SOURCE]]
    pairs = rows.merge(rows, how="cross", suffixes=("_left", "_right"))
    pairs = pairs[pairs["indicator_id_left"] < pairs["indicator_id_right"]]
    pairs["differing"] = [differing(a, b) for a, b in zip(pairs["facets_left"], pairs["facets_right"], strict=True)]
    agree = (
        pairs["differing"].str.len().eq(0)
        & ~pairs["has_gap_left"]
        & ((pairs["role_left"] == "target") == (pairs["role_right"] == "target"))
    )
    return pairs.assign(verdict=np.where(agree, "direct", "not comparable")).sort_values(
        ["indicator_id_left", "indicator_id_right"]
    )


def sets_of(rows: pd.DataFrame) -> dict[str, int]:
    """The number of the comparable set of each indicator that is in one."""
    placed = rows[rows["comparable_set"].notna()]
    return dict(zip(placed["indicator_id"], placed["comparable_set"].astype(int), strict=True))

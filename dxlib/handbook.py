"""Pages of the documentation that are made from data: ``docs/indicators.md`` and ``docs/rules.md``."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

from dxlib.dictionary import data_dictionary
from dxlib.indicators import Workbench, open_workbench, version_order

Record = dict[str, Any]


def _head(name: str) -> str:
    return files("dxlib").joinpath(f"templates/{name}.md").read_text(encoding="utf-8")


def _records(relation: Any) -> list[Record]:
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def _theme(bench: Workbench, theme: Record) -> list[str]:
    key = theme["theme_id"]
    allowed = bench.sql(
        "SELECT transformation_id, name_ja, name_en FROM theme_transformation JOIN transformation USING (transformation_id)"
        " WHERE theme_id = ? ORDER BY 1",
        [key],
    ).fetchall()
    topics = bench.sql(
        "SELECT list(version), arg_max(name_ja, version), topic_id"
        " FROM theme_topic JOIN topic USING (topic_id) WHERE theme_id = ? GROUP BY topic_id ORDER BY topic_id",
        [key],
    ).fetchall()
    lines = [
        f"### {key}",
        "",
        f"**{theme['name_ja']}** / {theme['name_en']}. Better: {theme['direction']}.",
        "",
        f"{theme['definition_ja']}  ",
        theme["definition_en"],
        "",
    ]
    if theme["not_to_confuse_ja"]:
        lines += [f"混同しない: {theme['not_to_confuse_ja']}  ", f"Not to be confused: {theme['not_to_confuse_en']}", ""]
    names = "; ".join(f"`{name}` ({ja} / {en})" for name, ja, en in allowed) or "none"
    lines += [f"Transformations: {names}.", ""]
    listed = (
        "; ".join(
            f"{name} (`{topic}`, versions {', '.join(sorted(versions, key=version_order))})" for versions, name, topic in topics
        )
        or "none"
    )
    return [*lines, f"National topics: {listed}.", "", *_indicators(bench, "theme_id = ?", [key])]


def _indicators(bench: Workbench, where: str, params: list[str]) -> list[str]:
    rows = bench.sql(
        f"""
        SELECT m.romaji, p.indicator_id, coalesce(p.name, p.measure), p.line, f.facets
        FROM profile p JOIN municipality m ON m.code = p.municipality_code
        LEFT JOIN (
            SELECT indicator_id, string_agg(value, ', ' ORDER BY v.position) AS facets
            FROM facet JOIN facet_value v USING (facet, value) GROUP BY indicator_id
        ) f USING (indicator_id)
        WHERE {where} ORDER BY p.indicator_id
        """,
        params,
    ).fetchall()
    lines = ["| indicator | municipality | name | line | facets |", "|---|---|---|---|---|"]
    for city, key, name, line, facets in rows:
        lines.append(f"| `{key}` | {city} | {name.replace('|', '/')} | {line} | {facets} |")
    return [*lines, ""]


def indicators_page(bench: Workbench) -> str:
    """All themes with their indicators, transformations and national topics, and the formulas of progress."""
    lines = [
        _head("indicators"),
        "## Transformations",
        "",
        "| key | formula | what it changes | divides by |",
        "|---|---|---|---|",
    ]
    for key, formula, item, changes in bench.sql(
        """
        SELECT t.transformation_id, t.formula, t.item,
            string_agg(c.facet || ': ' || c.from_value || ' → ' || c.to_value, '; ' ORDER BY c.facet, c.from_value)
        FROM transformation t JOIN transformation_change c USING (transformation_id) GROUP BY ALL ORDER BY 1
        """
    ).fetchall():
        lines.append(f"| `{key}` | {formula} | {changes} | {item or ''} |")
    lines += ["", "## Themes", ""]
    for theme in _records(bench.sql("SELECT * FROM theme ORDER BY theme_id")):
        lines += _theme(bench, theme)
    lines += ["## Indicators in no theme", "", "They answer no question that other municipalities were asked.", ""]
    return "\n".join([*lines, *_indicators(bench, "theme_id IS NULL", [])]).rstrip() + "\n"


def rules_page(bench: Workbench) -> str:
    """All rules with severity and meaning in both languages."""
    lines = [_head("rules")]
    for kind, heading in (("audit", "Audit"), ("quality", "KPI quality")):
        lines += [f"## {heading}", "", "| rule | severity | what it asks |", "|---|---|---|"]
        for rule in _records(bench.sql("SELECT * FROM rule WHERE kind = ? ORDER BY position", [kind])):
            about = f"{rule['name_ja']}: {rule['about_ja']} / {rule['name_en']}: {rule['about_en']}"
            lines.append(f"| `{rule['rule_id']}` | {rule['severity']} | {about} |")
        lines.append("")
    return "\n".join(lines)


def write_pages(folder: Path) -> None:
    """Write the pages made from data into a folder."""
    with open_workbench() as bench:
        pages = {"indicators.md": indicators_page(bench), "rules.md": rules_page(bench), "data-dictionary.md": data_dictionary()}
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))

"""Measure how well themes and facets are suggested, and write docs/themes-suggested.md.

    python bench/suggestions.py docs/themes-suggested.md

*labelled, one out*: each labelled indicator judged without itself; *city out*: without all of its city.
"""

from __future__ import annotations

import csv
import dataclasses
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from dxlib.decisions import UNKNOWN
from dxlib.indicators import Workbench, open_workbench
from dxlib.suggest import Example, Suggester, Suggestion

ROOT = Path(__file__).resolve().parent.parent
LISTS = ("tuning", "before", "after")
Judged = list[tuple[str | None, Suggestion]]


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table."""
    return ["", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(map(str, row))} |" for row in rows), ""]


def share(part: int, whole: int) -> str:
    """A share in percent with one decimal; a dash of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else "–"


def wordings(name: str) -> list[dict[str, str]]:
    """The rows of a hand-written list."""
    with (ROOT / "tests/wordings.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["list"] == name]


def judged_list(suggester: Suggester, name: str) -> Judged:
    """A hand-written list with what is suggested."""
    return [(row["theme"] or None, suggester.suggest(row["name"], row["unit"], row["measure"])) for row in wordings(name)]


def judged_examples(suggester: Suggester, *, city_out: bool) -> list[tuple[Example, Suggestion]]:
    """The labelled indicators with what would be suggested, had nobody labelled them, or any of their city."""
    return [
        (example, suggester.judge(example.wording, example.municipality_code if city_out else None, example.indicator_id))
        for example in suggester.examples
    ]


def theme_figures(judged: Judged) -> dict[str, int]:
    """Counts: all; with a theme; a theme suggested, and rightly; "no theme" said, and rightly."""
    given = [(truth, suggestion) for truth, suggestion in judged if suggestion.theme]
    silent = [truth for truth, suggestion in judged if not suggestion.theme]
    return {
        "all": len(judged),
        "themed": sum(truth is not None for truth, _ in judged),
        "given": len(given),
        "right": sum(truth == suggestion.theme for truth, suggestion in given),
        "silent": len(silent),
        "silent_right": sum(truth is None for truth in silent),
    }


def theme_row(name: str, judged: Judged) -> list[object]:
    """A row of the table of themes."""
    n = theme_figures(judged)
    return [
        name,
        n["all"],
        n["given"],
        share(n["right"], n["given"]),
        share(n["right"], n["themed"]),
        f"{n['silent_right']} of {n['silent']}",
        share(n["right"] + n["silent_right"], n["all"]),
    ]


def without_clues(suggester: Suggester) -> Suggester:
    """The same with n-grams alone."""
    clues = dataclasses.replace(suggester.clues, themes=())
    return Suggester(clues, suggester.directions, suggester.facets[:-1], suggester.examples)


def themes(suggester: Suggester) -> list[str]:
    """The table of themes, by labelled indicators and lists."""
    rows = []
    for name, one in (("clues and n-grams", suggester), ("n-grams alone", without_clues(suggester))):
        for how, city_out in (("one out", False), ("city out", True)):
            judged = [(example.theme, suggestion) for example, suggestion in judged_examples(one, city_out=city_out)]
            rows.append(theme_row(f"labelled, {how}: {name}", judged))
    rows += [theme_row(f"list *{name}*", judged_list(suggester, name)) for name in LISTS]
    head = (
        "",
        "n",
        "suggested",
        "of these right (precision)",
        "of those with a theme found (coverage)",
        '"no theme" right',
        "all answers right",
    )
    return ["## Themes", *table(head, rows)]


def grounds(suggester: Suggester) -> list[str]:
    """How often each kind of ground was right where it decided, beside the confidence it gets."""
    kinds = {
        "name": "a clue in the name",
        "several": "the same, with clues of other themes",
        "measure": "a clue in the title of the measure only",
        "close": "no clue, or nearly the same wording: an indicator worded alike",
        "unsure": "grounds below the threshold: no theme",
        "none": "nothing: no theme",
    }
    measured = [(example.theme, suggestion) for example, suggestion in judged_examples(suggester, city_out=True)]
    sources = [("labelled", measured), *((name, judged_list(suggester, name)) for name in LISTS)]
    rows = []
    for kind, meaning in kinds.items():
        hits = [[truth == suggestion.theme for truth, suggestion in judged if suggestion.ground == kind] for _, judged in sources]
        trust = f"{suggester.trust[kind]:.2f}" if kind in suggester.trust else "–"
        rows.append([f"`{kind}`", meaning, trust, *(f"{sum(hit)} of {len(hit)}" for hit in hits)])
    head = ("ground", "", "confidence", "labelled (city out)", *(f"list *{name}*" for name in LISTS))
    return ["## Grounds: right of tried", *table(head, rows)]


def thresholds(suggester: Suggester) -> list[str]:
    """Precision and coverage, were the threshold another."""
    rows = []
    for threshold in (0.6, 0.7, 0.8, 0.9):
        clues = dataclasses.replace(suggester.clues, threshold=type(suggester.clues.threshold)(threshold, threshold))
        other = Suggester(clues, suggester.directions, suggester.facets[:-1], suggester.examples)
        judged = [(example.theme, suggestion) for example, suggestion in judged_examples(other, city_out=True)]
        cells: list[object] = [threshold]
        for one in (judged, *(judged_list(other, name) for name in LISTS[1:])):
            n = theme_figures(one)
            cells.append(f"{share(n['right'], n['given'])} / {share(n['right'], n['themed'])}")
        rows.append(cells)
    head = ("threshold", "labelled (city out)", "list *before*", "list *after*")
    return ["## Precision / coverage by threshold", *table(head, rows)]


def facets(suggester: Suggester) -> list[str]:
    """The facets, judged without the city: what is suggested, and what stays unknown."""
    judged = judged_examples(suggester, city_out=True)
    rows = []
    for facet in suggester.facets:
        pairs = [(example.facets[facet], suggestion.facets[facet]) for example, suggestion in judged]
        given = [(label, value) for label, value in pairs if value != UNKNOWN]
        stated = sum(label != UNKNOWN for label, _ in pairs)
        right = sum(label == value for label, value in given)
        both = sum(label == value for label, value in pairs)
        rows.append([f"`{facet}`", len(given), share(right, len(given)), share(right, stated), share(both, len(pairs))])
    head = (
        "facet",
        "suggested",
        "of these right (precision)",
        "of those stated found (coverage)",
        "same as the label, unknown included",
    )
    note = f"Over the {len(judged)} labelled indicators, each judged without its city. What is not sure enough stays `unknown`."
    return ["## Facets", "", note, *table(head, rows)]


def page(bench: Workbench) -> str:
    """The page with all figures."""
    suggester = Suggester.of(bench)
    head = (ROOT / "bench/suggestions.md").read_text(encoding="utf-8").rstrip()
    parts = [themes(suggester), grounds(suggester), thresholds(suggester), facets(suggester)]
    return "\n".join([head, "", *(line for part in parts for line in part)]).rstrip() + "\n"


if __name__ == "__main__":
    with open_workbench() as opened:
        Path(sys.argv[1]).write_text(page(opened), encoding="utf-8", newline="\n")

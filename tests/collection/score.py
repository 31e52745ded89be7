"""How well the readers read documents they were not written for: ``make score``.

Each document of ``open`` and ``held`` has a list of facts written down by hand (``<name>.facts.csv``). A fact found is right when
the list has it: strictly with role, number, unit and year, loosely with number and unit. ``held`` was not looked at while the
readers were written.
"""

from __future__ import annotations

import argparse
import csv
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dxlib.extract import extract

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs/extraction.md"
ROLES = ("baseline", "target", "actual", "evaluation")
_BEGIN, _END = "<!-- scores: begin -->\n", "<!-- scores: end -->"


@dataclass(frozen=True)
class Score:
    """Facts found, expected, and both."""

    right: int
    found: int
    expected: int

    def __add__(self, other: Score) -> Score:
        return Score(self.right + other.right, self.found + other.found, self.expected + other.expected)

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.expected if self.expected else 1.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def _number(fact: Mapping[str, Any]) -> tuple[object, ...]:
    """What a fact states: a number, a fraction, that there is none, a word, or only a verdict."""

    def given(key: str) -> float | None:
        return float(fact[key]) if fact[key] not in (None, "") else None

    if given("value") is not None:
        return given("value_low"), given("value")
    if given("numerator") is not None:
        return "of", given("numerator"), given("denominator")
    if fact["missing"]:
        return ("missing",)
    if fact["value_text"]:
        return "word", "".join(unicodedata.normalize("NFKC", fact["value_text"]).split())
    return "verdict", unicodedata.normalize("NFKC", fact["status"] or "")


def _year(fact: Mapping[str, Any]) -> str:
    return next((str(fact[key]) for key in ("fiscal_year", "calendar_year", "relative_year") if fact[key] not in (None, "")), "")


def _keys(facts: Iterable[Mapping[str, Any]], strict: bool) -> Counter[tuple[object, ...]]:
    found: Counter[tuple[object, ...]] = Counter()
    for fact in facts:
        if fact["role"] in ROLES:
            number = _number(fact)
            unit = "" if number == ("missing",) else fact["unit"] or ""
            found[(number, unit, fact["role"], _year(fact)) if strict else (number, unit)] += 1
    return found


def documents(folder: str) -> Iterator[tuple[Path, Path]]:
    """(document, its list of facts) of ``open`` or ``held``, by name."""
    for facts in sorted((HERE / folder).glob("*.facts.csv")):
        name = facts.name.removesuffix(".facts.csv")
        yield next(path for path in sorted(facts.parent.glob(f"{name}.*")) if not path.name.endswith(".facts.csv")), facts


def score(document: Path, facts: Path) -> tuple[Score, Score]:
    """The strict and the loose score of one document."""
    with facts.open(encoding="utf-8-sig", newline="") as file:
        expected = list(csv.DictReader(file))
    found = extract(document)
    scores = []
    for strict in (True, False):
        wanted, got = _keys(expected, strict), _keys(found, strict)
        scores.append(Score((wanted & got).total(), got.total(), wanted.total()))
    return scores[0], scores[1]


def scores(folder: str) -> dict[str, tuple[Score, Score]]:
    """The scores of every document of ``open`` or ``held``."""
    return {document.name: score(document, facts) for document, facts in documents(folder)}


def total(found: Iterable[tuple[Score, Score]]) -> tuple[Score, Score]:
    """All documents as one."""
    strict = loose = Score(0, 0, 0)
    for one, other in found:
        strict, loose = strict + one, loose + other
    return strict, loose


def _row(name: str, pair: tuple[Score, Score]) -> str:
    figures = " | ".join(f"{value:.2f}" for s in pair for value in (s.precision, s.recall, s.f1))
    return f"| {name} | {pair[0].expected} | {figures} |"


def table(parts: Mapping[str, Mapping[str, tuple[Score, Score]]]) -> str:
    """The scores as a Markdown table: one row per document, one for each part, one for all."""
    lines = [
        "| document | facts | strict P | R | F1 | loose P | R | F1 |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for folder, found in parts.items():
        lines += [_row(name, pair) for name, pair in found.items()]
        lines.append(_row(f"**{folder}: {len(found)} documents**", total(found.values())))
    lines.append(_row("**all**", total(pair for found in parts.values() for pair in found.values())))
    return "\n".join(lines) + "\n"


def with_table(page: str, figures: str) -> str:
    """The page with the table between its marks renewed."""
    before, rest = page.split(_BEGIN)
    return before + _BEGIN + figures + _END + rest.split(_END)[1]


def main() -> None:
    """Print the scores; with ``--write`` also renew them in docs/extraction.md."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    figures = table({folder: scores(folder) for folder in ("open", "held")})
    print(figures, end="")
    if arguments.write:
        PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Clues: words in names, measures, units and values that point to a theme or a facet (``data/curated/clues.toml``).

What an analyst writes there is checked against the themes and facets of the workbench; this module says which clue fits.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import msgspec

from dxlib.decisions import BETTER, check_known, decode
from dxlib.errors import DecisionError
from dxlib.ngrams import fold
from dxlib.project import Project
from dxlib.text import repair, squeeze

FILE = "clues.toml"
# A facet and the column better are suggested alike.
DIRECTION = "better"
_LONGEST = 400  # characters of a name that are searched; what is longer is no name


class ThemeClue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that point to a theme; theme "" means that they point to none."""

    theme: str
    words: tuple[str, ...]
    also: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    name_only: bool = False


class FacetClue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words, units, values, themes or other facets that point to a value of a facet."""

    facet: str
    value: str
    words: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    when: dict[str, tuple[str, ...]] = {}


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The confidence, from 0 to 1, from which something is suggested."""

    theme: float
    facet: float


class _ClueFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    threshold: Threshold
    theme: tuple[ThemeClue, ...] = ()
    facet: tuple[FacetClue, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """What is known of an indicator when its theme is asked for.

    Attributes:
        name, measure: folded; empty where there is none.
        unit: as printed, folded; empty where there is none.
        values: the printed values, folded.
    """

    name: str
    measure: str
    unit: str = ""
    values: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, name: str | None, unit: str | None = None, measure: str | None = None, values: Sequence[str | None] = ()
    ) -> Wording:
        """From text as it is printed."""
        return cls(
            fold(name or "")[:_LONGEST], fold(measure or "")[:_LONGEST], fold(unit or ""), tuple(fold(v or "") for v in values)
        )

    @property
    def title(self) -> str:
        """The name, or the title of the measure where there is no name."""
        return self.name or self.measure


@dataclass(frozen=True, slots=True)
class ThemeHit:
    """A clue that fits: its theme (None: no theme) and the words found."""

    theme: str | None
    found: str


@dataclass(frozen=True, slots=True)
class Clues:
    """The clues of a workbench, in the order in which they are tried."""

    threshold: Threshold
    themes: tuple[ThemeClue, ...]
    facets: tuple[FacetClue, ...]

    def themes_of(self, text: str, *, is_name: bool) -> list[ThemeHit]:
        """The themes whose clues fit a folded text, in order, each once with the first words found."""
        hits: dict[str, str] = {}
        for clue in self.themes:
            if (is_name or not clue.name_only) and clue.theme not in hits and (found := _fits(clue, text)):
                hits[clue.theme] = found
        return [ThemeHit(theme or None, found) for theme, found in hits.items()]

    def facet_of(self, facet: str, wording: Wording, theme: str | None, decided: Mapping[str, str]) -> tuple[str, str] | None:
        """The value of a facet to which the first clue that fits points, and what was found; None without one.

        Args:
            facet: a facet, or ``better``.
            wording: the indicator.
            theme: its theme.
            decided: the facets decided before.
        """
        for clue in self.facets:
            if clue.facet == facet and (found := _facet_fits(clue, wording, theme, decided)) is not None:
                return clue.value, found
        return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _search(patterns: Sequence[str], text: str) -> str | None:
    for pattern in patterns:
        if match := _compiled(pattern).search(text):
            return match[0]
    return None


def _fits(clue: ThemeClue | FacetClue, text: str) -> str | None:
    """The words found when a clue's words fit a text."""
    found = _search(clue.words, text)
    if not found or _search(clue.unless, text) is not None:
        return None
    return found if all(_search((pattern,), text) is not None for pattern in clue.also) else None


def _facet_fits(clue: FacetClue, wording: Wording, theme: str | None, decided: Mapping[str, str]) -> str | None:
    """What fits, for the reason; empty when it is only the theme or the facets decided before."""
    if clue.themes and theme not in clue.themes:
        return None
    if any(decided.get(facet) not in allowed for facet, allowed in clue.when.items()):
        return None
    if clue.unit and not any(_compiled(unit).fullmatch(wording.unit) for unit in clue.unit):
        return None
    found = [wording.unit] if clue.unit else []
    if clue.words:
        words = _fits(clue, wording.title)
        if not words:
            return None
        found.append(words)
    elif _search(clue.unless, wording.title) is not None:
        return None
    if clue.values:
        value = next((hit for text in wording.values if (hit := _search(clue.values, text))), None)
        if value is None:
            return None
        found.append(value)
    return " ".join(part for part in found if part)


def read_clues(project: Project, themes: Collection[str], facets: Mapping[str, Collection[str]]) -> Clues:
    """Read and check ``clues.toml``.

    Args:
        project: the workbench.
        themes: keys of its themes.
        facets: its facets with their values.

    Raises:
        DecisionError: the file is missing or malformed, a pattern is no regular expression or can never fit, or a theme,
            facet or value is unknown.
    """
    file: _ClueFile = decode(project, FILE, _ClueFile, {})
    where = project.relative(project.curated / FILE)
    known = {**{facet: set(values) for facet, values in facets.items()}, DIRECTION: set(BETTER)}
    for number, clue in enumerate(file.theme, start=1):
        place = f"{where} [[theme]] {number}"
        if clue.theme:
            check_known(clue.theme, themes, "theme", place)
        if not clue.words:
            raise DecisionError("a clue without words", code="decision-value", where=place, hint="list at least one pattern")
        _check_patterns(_patterns(clue), place)
    for number, facet_clue in enumerate(file.facet, start=1):
        place = f"{where} [[facet]] {number}"
        _check_facet_clue(facet_clue, themes, known, place)
        _check_patterns([*_patterns(facet_clue), *facet_clue.unit, *facet_clue.values], place)
    for name, confidence in (("theme", file.threshold.theme), ("facet", file.threshold.facet)):
        if not 0 <= confidence <= 1:
            raise DecisionError(
                f"the threshold {name} is {confidence}", code="decision-value", where=f"{where} [threshold]", hint="from 0 to 1"
            )
    return Clues(file.threshold, file.theme, file.facet)


def _patterns(clue: ThemeClue | FacetClue) -> Iterator[str]:
    yield from (*clue.words, *clue.also, *clue.unless)


def _check_facet_clue(clue: FacetClue, themes: Collection[str], known: Mapping[str, Collection[str]], where: str) -> None:
    check_known(clue.facet, known, "facet", where)
    check_known(clue.value, known[clue.facet], f"value of facet {clue.facet}", where)
    for theme in clue.themes:
        check_known(theme, themes, "theme", where)
    before = list(known)[: list(known).index(clue.facet)]
    for facet, values in clue.when.items():
        check_known(facet, before, "facet decided before", where)
        for value in values:
            check_known(value, known[facet], f"value of facet {facet}", where)
    if not (clue.words or clue.unit or clue.values or clue.themes or clue.when):
        raise DecisionError("a clue that fits everything", code="decision-value", where=where, hint="say what it looks for")


def _check_patterns(patterns: Sequence[str] | Iterator[str], where: str) -> None:
    for pattern in patterns:
        try:
            _compiled(pattern)
        except re.error as error:
            raise DecisionError(
                f"'{pattern}' is no regular expression: {error}",
                code="decision-value",
                where=where,
                hint="write a backslash before ( ) [ ] . * + ? that are meant as they stand",
            ) from error
        searched = "".join(squeeze(repair(character).clean) for character in pattern)
        if searched != pattern:
            raise DecisionError(
                f"'{pattern}' can never fit: texts are searched half-width and without spaces",
                code="decision-value",
                where=where,
                hint=f"write {searched}",
            )

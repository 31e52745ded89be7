"""Suggest theme and facets of an indicator from its wording; a person confirms them (`dxlib.confirm`).

Two kinds of evidence: clues (``data/curated/clues.toml``), and the labelled indicators of ``facets.csv`` that are worded most
like it (`dxlib.ngrams`). How far each kind of ground is to be trusted is counted over the labelled indicators, each judged
without those of its own municipality; below the threshold of ``clues.toml`` the answer is "no theme". No network, no model: the
same labels and clues give the same suggestions. Figures: ``docs/themes-suggested.md``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from dxlib.clues import DIRECTION, FILE, Clues, Wording, read_clues
from dxlib.decisions import UNKNOWN
from dxlib.errors import QueryError, nearest
from dxlib.indicators import Workbench
from dxlib.ngrams import Ngrams
from dxlib.project import Project, find_project
from dxlib.wording import text

# A title says less about an indicator than its name.
_TITLE_WEIGHT = 0.5
_NEAREST = 5
# From this similarity on a labelled indicator says the same; from the next it is close enough to answer where no clue fits.
SAME, CLOSE = 0.9, 0.4
# The clues were written by people who knew the labelled indicators, and a kind of ground may be rare. Therefore confidence is
# counted as if so many more had been tried, of which half were right.
DOUBTED = 10
# With more labelled indicators than this, every second (third …) is compared with, and fewer are counted on: the plans of all
# municipalities repeat each other, and the first suggestion should come in seconds, the next in milliseconds.
_COMPARED, _COUNTED_ON = 2000, 200


@dataclass(frozen=True, slots=True)
class Example:
    """An indicator of the warehouse. theme is None for none; facets (with ``better``) is empty when nobody labelled it."""

    indicator_id: str
    name: str
    measure: str
    municipality_code: str
    municipality: str
    municipality_en: str
    wording: Wording
    theme: str | None
    facets: Mapping[str, str]
    document_id: str
    line: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A labelled indicator that is worded alike; similarity from 0 to 1."""

    example: Example
    similarity: float


@dataclass(frozen=True, slots=True)
class Guess:
    """A suggested value of a facet, with the share of such guesses that proved right and what it rests on."""

    value: str
    confidence: float
    ground: str
    found: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What is suggested for an indicator.

    Attributes:
        theme: key of a theme; None: no theme.
        confidence: how often such an answer (also "no theme") proved right, 0 to 1.
        ground: ``name``, ``several`` (clues of other themes fit too), ``measure``, ``close``, ``unsure`` (below the threshold)
            or ``none``.
        found: the words found.
        others: themes that other clues point to.
        facets: value by facet and for ``better``; ``unknown`` where nothing is sure enough.
        guesses: the same with confidence and ground, also those below the threshold.
        neighbours: the labelled indicators worded most alike.
    """

    theme: str | None
    confidence: float
    ground: str
    found: str
    others: tuple[str, ...]
    facets: Mapping[str, str]
    guesses: Mapping[str, Guess]
    neighbours: tuple[Neighbour, ...]

    def reasons(self, lang: str = "en") -> list[str]:
        """Why, in sentences: what decided, then the labelled indicators worded alike with their municipality."""
        blanks = {"found": self.found, "others": ", ".join(self.others)}
        sentences = [text(f"suggest_{self.ground}", lang, **blanks)]
        for near in self.neighbours:
            example = near.example
            city = example.municipality if lang == "ja" else example.municipality_en
            theme = example.theme or text("suggest_no_theme", lang)
            blanks = {"city": city, "name": example.name or example.measure, "theme": theme}
            sentences.append(text("suggest_near", lang, similarity=f"{near.similarity:.2f}", **blanks))
        return sentences


@dataclass(frozen=True, slots=True)
class _Judgement:
    theme: str | None
    ground: str
    found: str
    others: tuple[str, ...]
    neighbours: tuple[Neighbour, ...]


def _parts(wording: Wording) -> list[tuple[str, float]]:
    return [(wording.name, 1.0), (wording.measure, _TITLE_WEIGHT)] if wording.name else [(wording.measure, 1.0)]


def _doubted(right: int, tried: int) -> float:
    return (right + DOUBTED / 2) / (tried + DOUBTED)


class Suggester:
    """Suggests from clues and labelled indicators; made once, then a suggestion takes a millisecond or two.

    Args:
        clues: the clues.
        directions: by theme, what is usually better.
        facets: the facets, in their order.
        examples: labelled indicators.

    Attributes:
        trust: the confidence of each kind of ground.
    """

    def __init__(self, clues: Clues, directions: Mapping[str, str], facets: Sequence[str], examples: Sequence[Example]) -> None:
        self.clues, self.directions, self.facets = clues, directions, (*facets, DIRECTION)
        self.examples = list(examples)
        self._index = Ngrams([_parts(example.wording) for example in self.examples])
        self.trust: dict[str, float] = {}
        self._facet_trust: dict[tuple[str, str], float] = {}
        step = max(1, -(-len(self.examples) // _COUNTED_ON))
        self._count(self.examples[::step])

    @classmethod
    def of(cls, bench: Workbench) -> Suggester:
        """From the labelled indicators of a warehouse and the clues of its workbench.

        Raises:
            DecisionError: ``clues.toml`` is missing or wrong.
        """
        directions = dict(bench.sql("SELECT theme_id, direction FROM theme ORDER BY theme_id").fetchall())
        values: dict[str, list[str]] = defaultdict(list)
        for facet, value in bench.sql("SELECT facet, value FROM facet_value ORDER BY position, value").fetchall():
            values[facet].append(value)
        clues = read_clues(bench.project, directions, values)
        return cls(clues, directions, list(values), list(labelled(bench)))

    def suggest(
        self, name: str | None, unit: str | None = None, measure: str | None = None, values: Sequence[str | None] = ()
    ) -> Suggestion:
        """Suggest theme and facets of an indicator from its wording.

        Args:
            name: as printed; None or empty where it has none.
            unit: as printed.
            measure: title of its measure.
            values: its values as printed, with year where that is known (``24/26``, ``導入``, ``令和8年度末 120件``).
        """
        return self.judge(Wording.of(name, unit, measure, values))

    def judge(self, wording: Wording, without: str | None = None, without_id: str | None = None) -> Suggestion:
        """Suggest for a wording, as if the labelled indicators of a municipality, or one of them, were not there."""
        judgement = self._judge(wording, without, without_id)
        theme, confidence, ground = judgement.theme, self.trust.get(judgement.ground, 0.5), judgement.ground
        others = judgement.others
        if theme and confidence < self.clues.threshold.theme:
            theme, confidence, ground = None, min(self.trust.get("none", 0.5), 1 - confidence), "unsure"
            others = (judgement.theme or "", *others)
        guesses = {
            facet: Guess(value, self._facet_trust.get((facet, kind), 0.5), kind, found)
            for facet, (value, kind, found) in self._guess(wording, theme, judgement.neighbours).items()
        }
        sure = {facet: guess.value for facet, guess in guesses.items() if guess.confidence >= self.clues.threshold.facet}
        facets = {facet: sure.get(facet, UNKNOWN) for facet in self.facets}
        # facets.csv has no "unknown" direction: what the theme says, else more is better.
        facets[DIRECTION] = sure.get(DIRECTION) or self.directions.get(theme or "", "higher")
        others = tuple(dict.fromkeys(other for other in others if other != theme))
        return Suggestion(theme, round(confidence, 2), ground, judgement.found, others, facets, guesses, judgement.neighbours[:3])

    def _near(self, wording: Wording, without: str | None, without_id: str | None) -> tuple[Neighbour, ...]:
        found: list[Neighbour] = []
        for position, similarity in self._index.similarities(_parts(wording)):
            example = self.examples[position]
            if example.municipality_code != without and example.indicator_id != without_id:
                found.append(Neighbour(example, similarity))
                if len(found) == _NEAREST:
                    break
        return tuple(found)

    def _judge(self, wording: Wording, without: str | None, without_id: str | None) -> _Judgement:
        near = self._near(wording, without, without_id)
        votes: Counter[str | None] = Counter()
        for neighbour in near:
            votes[neighbour.example.theme] += neighbour.similarity**2  # type: ignore[assignment]  # a Counter of floats
        voted = votes.most_common(1)[0][0] if near else None
        nearest = next((one for one in near if one.example.theme == voted), None)
        in_name = self.clues.themes_of(wording.title, is_name=True)
        hits = in_name if wording.name else []
        others = tuple(hit.theme for hit in hits[1:] if hit.theme)
        if nearest and nearest.similarity >= SAME:
            return _Judgement(voted, "close", "", tuple(hit.theme for hit in hits if hit.theme), near)
        if hits:
            return _Judgement(hits[0].theme, "several" if others else "name", hits[0].found, others, near)
        in_measure = self.clues.themes_of(wording.measure, is_name=not wording.name)
        if in_measure:
            others = tuple(hit.theme for hit in in_measure[1:] if hit.theme)
            return _Judgement(in_measure[0].theme, "measure", in_measure[0].found, others, near)
        if nearest and nearest.similarity >= CLOSE:
            return _Judgement(voted, "close", "", (), near)
        return _Judgement(None, "none", "", (), near)

    def _guess(self, wording: Wording, theme: str | None, near: Iterable[Neighbour]) -> dict[str, tuple[str, str, str]]:
        """Value, kind of ground and what was found, for each facet about which there is something."""
        alike = [one.example for one in near if theme and one.example.theme == theme and one.similarity >= CLOSE / 2]
        decided: dict[str, str] = {}
        guesses: dict[str, tuple[str, str, str]] = {}
        for facet in self.facets:
            if clue := self.clues.facet_of(facet, wording, theme, decided):
                guesses[facet] = (clue[0], "clue", clue[1])
            elif facet == DIRECTION and theme:
                guesses[facet] = (self.directions[theme], "theme", "")
            elif known := next((one for one in alike if one.facets.get(facet, UNKNOWN) != UNKNOWN), None):
                guesses[facet] = (known.facets[facet], "neighbour", known.indicator_id)
            if facet in guesses:
                decided[facet] = guesses[facet][0]
        return guesses

    def _count(self, examples: Sequence[Example]) -> None:
        """Count how often each kind of ground is right, over labelled indicators judged without their own municipality."""
        tried: Counter[Any] = Counter()
        right: Counter[Any] = Counter()
        for example in examples:
            judgement = self._judge(example.wording, example.municipality_code, None)
            tallies: list[tuple[str | tuple[str, str], bool]] = [(judgement.ground, judgement.theme == example.theme)]
            if judgement.neighbours and judgement.neighbours[0].similarity >= CLOSE and judgement.ground != "close":
                # Close neighbours seldom decide, because clues come first; all of them are counted.
                tallies.append(("close", judgement.neighbours[0].example.theme == example.theme))
            guesses = self._guess(example.wording, judgement.theme, judgement.neighbours)
            tallies += [((facet, kind), value == example.facets[facet]) for facet, (value, kind, _) in guesses.items()]
            for what, is_right in tallies:
                tried[what] += 1
                right[what] += is_right
        for what, count in tried.items():
            if isinstance(what, str):
                self.trust[what] = _doubted(right[what], count)
            else:
                self._facet_trust[what] = _doubted(right[what], count)


def _examples(bench: Workbench, question: str, params: Sequence[object] = ()) -> Iterator[Example]:
    columns = (
        "indicator_id, name, measure, municipality_code, municipality, municipality_en, units, printed, is_labelled, theme_id,"
        " better, facets, document_id, line"
    )
    rows = bench.sql(f"SELECT {columns} {question} ORDER BY indicator_id", params).fetchall()
    for key, name, measure, code, city, city_en, units, printed, is_labelled, theme, better, facets, document_id, line in rows:
        unit = max(sorted(set(units)), key=units.count) if units else None
        wording = Wording.of(name, unit, measure, printed or ())
        labels = {**(facets or {}), DIRECTION: better} if is_labelled else {}
        yield Example(key, name or "", measure, code, city, city_en, wording, theme, labels, document_id, line)


def labelled(bench: Workbench, at_most: int = _COMPARED) -> Iterator[Example]:
    """Indicators that a person has given a theme, or none, by id; of more than ``at_most`` every second, third and so on."""
    numbered = "SELECT *, row_number() OVER (ORDER BY indicator_id) - 1 AS place FROM indicator_wording WHERE is_labelled"
    (count,) = bench.sql("SELECT count(*) FROM indicator_theme").fetchall()[0]
    yield from _examples(bench, f"FROM ({numbered}) WHERE place % ? = 0", [max(1, -(-count // at_most))])


def unlabelled(
    bench: Workbench, municipalities: Collection[str] = (), documents: Collection[str] = ()
) -> list[tuple[Example, Suggestion]]:
    """The indicators without a row in ``facets.csv``, each with its suggestion.

    Args:
        bench: the workbench.
        municipalities: codes or full names; all when empty.
        documents: ids of documents; all when empty.

    Raises:
        QueryError: an unknown code or document.
        DecisionError: ``clues.toml`` is missing or wrong.
    """
    codes = bench.check_municipalities(list(municipalities))
    known = [row[0] for row in bench.sql("SELECT document_id FROM document").fetchall()]
    for document in documents:
        if document not in known:
            raise QueryError(f"no document '{document}'", code="document-unknown", hint=nearest(document, known))
    found = [
        example
        for example in _examples(bench, "FROM indicator_wording WHERE NOT is_labelled")
        if example.municipality_code in codes and (not documents or example.document_id in documents)
    ]
    suggester = Suggester.of(bench)
    return [(example, suggester.judge(example.wording)) for example in found]


@lru_cache(maxsize=4)
def _suggester(project: Project, _stamps: tuple[int, ...]) -> Suggester:
    with Workbench(project) as bench:
        return Suggester.of(bench)


def suggest(
    name: str | None,
    unit: str | None = None,
    measure: str | None = None,
    values: Sequence[str | None] = (),
    *,
    project: Project | str | Path | None = None,
) -> Suggestion:
    """Suggest theme and facets of an indicator, on a built workbench (default: the nearest one).

    The labelled indicators are read once, and again when the warehouse or the clues have changed.

    Args:
        name: as printed; None or empty where it has none.
        unit: as printed.
        measure: title of its measure.
        values: its values as printed.
        project: the workbench.

    Raises:
        WarehouseError: it was not built yet.
        DecisionError: ``clues.toml`` is missing or wrong.
    """
    place = project if isinstance(project, Project) else find_project(project)
    watched = (place.warehouse, place.curated / FILE)
    stamps = tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in watched)
    return _suggester(place, stamps).suggest(name, unit, measure, values)

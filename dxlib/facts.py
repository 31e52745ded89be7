"""What readers find in a document, as small frozen records.

Every record that came from a document carries the raw ``line`` (from 1) and a verbatim ``quote``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from dxlib.quantity import Comparator, Direction

Role = Literal["baseline", "target", "actual", "evaluation", "context"]
Missing = Literal["new", "none-printed", "under-study"]
YearBasis = Literal["cell", "header", "label", "before-first-target", "sentence", "shared"]
Scope = Literal["review", "plan"]
Doubt = Literal["year-inferred", "year-shared", "role-inferred", "unit-missing", "name-missing", "layout-guessed", "sentence"]


@dataclass(frozen=True, slots=True)
class Value:
    """A printed value with all that was printed about it.

    Attributes:
        role: what the value is for.
        value: the number with its printed sign; None for fractions, words and blanks.
        year_basis: where the year comes from; None when there is no fiscal or calendar year.
        missing: why a cell where a value is expected holds none.
        status, attainment_printed: the printed verdict on this value, and the printed 達成率 in percent.
        verdict_quote: the verbatim verdict cell, on the same line.
        confidence: 0 to 1; below 1 where something was inferred.
        doubts: what was inferred, as codes: the reasons of a confidence below 1.
    """

    role: Role
    line: int
    quote: str
    value: float | None = None
    comparator: Comparator | None = None
    value_low: float | None = None
    unit: str | None = None
    numerator: float | None = None
    denominator: float | None = None
    fiscal_year: int | None = None
    calendar_year: int | None = None
    relative_year: int | None = None
    as_of: date | None = None
    year_basis: YearBasis | None = None
    cumulative: bool | None = None
    relative_to: str | None = None
    direction: Direction | None = None
    value_text: str | None = None
    missing: Missing | None = None
    status: str | None = None
    attainment_printed: float | None = None
    verdict_quote: str | None = None
    confidence: float = 1.0
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Indicator:
    """A printed indicator with its values. ``name`` is None where only its label is printed."""

    name: str | None
    line: int
    quote: str
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """A labelled part of a measure: department, tool, flag, issue, purpose, approach."""

    kind: Literal["department", "tool", "flag", "issue", "purpose", "approach"]
    text: str
    line: int
    quote: str


@dataclass(frozen=True, slots=True)
class Milestone:
    """A cell of a roadmap. Bars were images in the source, so columns are only a hint."""

    text: str
    line: int
    quote: str
    period: str | None
    fiscal_year: int | None
    alignment: Literal["uncertain", "unplaced"] = "uncertain"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure (施策, 事業, 取組) or, with ``kind="training"``, a row of a training programme."""

    title: str
    line: int
    quote: str
    scope: Scope = "plan"
    kind: Literal["measure", "training"] = "measure"
    number: str | None = None
    pillar: str | None = None
    theme_group: str | None = None
    section: str | None = None
    summary: str | None = None
    attributes: tuple[Attribute, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    statistics: tuple[Statistic, ...] = ()


@dataclass(frozen=True, slots=True)
class Statistic:
    """A number of the running text worth keeping; ``subject`` is the clause it stands in."""

    subject: str
    value: Value


@dataclass(frozen=True, slots=True)
class ListItem:
    """One entry of a printed list that states how many entries it has (子育て関係（15手続） …)."""

    group: str
    stated_count: int
    unit: str
    position: int
    text: str
    marked: bool
    line: int
    quote: str


@dataclass(frozen=True, slots=True)
class UnusedLine:
    """A line with numbers from which no fact was taken, and why."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was found in one document."""

    measures: tuple[Measure, ...] = ()
    statistics: tuple[Statistic, ...] = ()
    items: tuple[ListItem, ...] = ()
    unused: tuple[UnusedLine, ...] = ()
    used_lines: frozenset[int] = field(default_factory=frozenset)

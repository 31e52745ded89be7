"""Sentences with linked numbers in them: a text of ``texts.toml`` whose blanks are filled with spans."""

from __future__ import annotations

from string import Formatter
from typing import Any

from dxlib import wording
from dxlib.blocks import Span
from dxlib.show.base import Page, Record, decimals_of


def rich(page: Page, key: str, **values: str | list[Span]) -> list[Span]:
    """A sentence whose blanks are text or spans.

    Args:
        page: the report, for its language.
        key: key of ``texts.toml``.
        values: text or spans by blank.
    """
    found: list[Span] = []
    for words, blank, _, _ in Formatter().parse(wording.raw(key, page.lang)):
        if words:
            found.append(Span(words))
        if blank is not None:
            value = values[blank]
            found += [Span(value)] if isinstance(value, str) else value
    return found


def printed(page: Page, record: Record) -> list[Span]:
    """A value with its role and year as in running text: ``142件（実績、令和7年度(2025年度)）``."""
    role = page.text(f"role_{record['role']}")
    comma, opening, closing = ("、", "（", "）") if page.lang == "ja" else (", ", " (", ")")
    notes = "".join(f"{comma}{note}" for note in short_notes(page, record))
    year = "" if record["missing"] else f"{comma}{wording.year(record, page.lang)}"
    return [
        *page.value(record, record["observation_id"], year=False, notes=False),
        Span(f"{opening}{role}{year}{notes}{closing}"),
    ]


def dated(page: Page, record: Record) -> list[Span]:
    """A target with its year: ``260件（令和11年度(2029年度)）``."""
    comma, opening, closing = ("、", "（", "）") if page.lang == "ja" else (", ", " (", ")")
    words = comma.join([wording.year(record, page.lang), *short_notes(page, record)])
    return [*page.value(record, record["observation_id"], year=False, notes=False), Span(f"{opening}{words}{closing}")]


def short_notes(page: Page, record: Record) -> list[str]:
    """The notes that change how a number reads."""
    found = []
    if record["cumulative"]:
        found.append(page.text("cumulative"))
    if record["relative_to"]:
        found.append(page.text("against", base=record["relative_to"]))
    if record["direction"]:
        found.append(page.text(f"direction_{record['direction']}"))
    if record["origin"] == "recorded":
        found.append(page.text("recorded", source=record["source"], day=record["known_from"]))
    if record["numerator"] is not None and record["value"] is None:
        found.append(page.text("computed_share", value=page.number(100 * record["numerator"] / record["denominator"])))
    return found


def together(page: Page, sentences: list[list[Span]]) -> list[Span]:
    """Sentences in a row, with the space English puts between them."""
    gap = "" if page.lang == "ja" else " "
    found: list[Span] = []
    for sentence in sentences:
        if found and gap:
            found.append(Span(gap))
        found += sentence
    return found


def listed(page: Page, parts: list[list[Span]], most: int = 3) -> list[Span]:
    """Parts in a row: ``A、B`` or ``A, B``; those beyond ``most`` are counted."""
    comma = "、" if page.lang == "ja" else ", "
    found: list[Span] = []
    for position, part in enumerate(parts[:most]):
        found += [*([Span(comma)] if position else []), *part]
    if len(parts) > most:
        found.append(Span(page.text("and_others", n=len(parts) - most)))
    return found


def change_words(page: Page, change: float, unit: str) -> dict[str, Any]:
    """How a change per year is said: amount (with 約 where it is rounded), unit, and whether it is an increase."""
    amount = abs(change)
    decimals = decimals_of(change)
    shown = page.number(amount, decimals)
    return {
        "change": shown if abs(round(amount, decimals) - amount) < 1e-9 else page.text("comparator_approx", value=shown),
        "unit": unit,
        "way": page.text("change_up" if change > 0 else "change_down"),
    }


def text_of(spans: list[Span]) -> str:
    """The words of spans, without marks.

    >>> text_of([Span("a"), Span("b")])
    'ab'
    """
    return "".join(span.text for span in spans)

"""What a document says of itself on its first pages: title, edition, date, the years of its plan, whether it looks back.

Guesses for a person to confirm, made from words that ``vocabulary/cover.toml`` lists; nothing is known of any municipality.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from dxlib.document import Document
from dxlib.quantity import Year, find_years
from dxlib.text import repair

_PAGES = 40  # lines that may be the cover
_LONGEST_TITLE, _LONGEST_DATED = 60, 44
_YEARS_OF_A_PLAN = 15
_AFTER_HEADING = 5
_CONTENTS = re.compile(r"^(?:目\s*次|もくじ|contents)$|^【?\s*目\s*次\s*】?$", re.IGNORECASE)
_CHAPTER = re.compile(r"^(?:第\s*[1-9一二三ⅠⅡ]\s*章|はじめに|[1ⅠI]\s*[.．、]?\s+\S|1[.．]\S)")
_ENTRY = re.compile(r"(?<![.…・‥])[.…・‥]{3,}\s*\d+$|\t\d+$")
_SENTENCE = re.compile(r"。|ます|です")
_DATE = re.compile(
    r"(?P<y>(?:令和|平成)\s?(?:元|\d{1,2})\s?年|[12]\d{3}\s?[年/.-])\s?(?P<m>1[0-2]|0?[1-9])\s?(?:月|[/.-]|$)\s?(?:(?P<d>3[01]|[12]\d|0?[1-9])\s?日?)?"
)
_BOTH = re.compile(
    r"(?<=\d)\s?(?:年)?\((?:令和|平成|R|H)?\s?(?:元|\d{1,4})\s?年?\)(?=年)|(?<=年)\((?:令和|平成)?\s?\d{1,4}\s?年\)"
)
_SHORT_RANGE = re.compile(
    r"(令和|平成|R|H)\s?(元|\d{1,2})\s?(?:年度?)?\s?(?:\([^)]{1,10}\))?\s?([~-]|から)\s?(\d{1,2})(?=\s?(?:年度|\())"
)
_WESTERN_RANGE = re.compile(r"(?<!\d)(20\d{2})\s?(?:年度?)?\s?[~―-]\s?(20\d{2})(?!\d)")
_BETWEEN = re.compile(r"^\s?(?:年度|年)?\s?(?:\([^)]{0,14}\))?\s?(?:~|-|―|から|より)\s?$")
_FOR_YEARS = re.compile(r"(?:から|より|以降)?の?(?P<n>[2-9]|1[0-2])\s?(?:か年|カ年|ヵ年|年間)")
_QUALIFIER = re.compile(r"[\s(【「].*$")


@dataclass(frozen=True, slots=True)
class Cover:
    """What was found; None where nothing was.

    Attributes:
        title: the printed title.
        plan_title: the title of the plan: without draft marks, and without the words that make it a report.
        edition: draft where the cover says so.
        published: ``YYYY-MM`` or ``YYYY-MM-DD``.
        first_fiscal_year, last_fiscal_year: the years of the plan.
        is_report: it looks back on a plan.
    """

    title: str | None
    plan_title: str | None
    edition: Literal["adopted", "draft"]
    published: str | None
    first_fiscal_year: int | None
    last_fiscal_year: int | None
    is_report: bool


@cache
def _words() -> dict[str, dict[str, tuple[str, ...]]]:
    source = files("dxlib").joinpath("vocabulary/cover.toml").read_text(encoding="utf-8")
    return {
        name: {key: tuple([words] if isinstance(words, str) else words) for key, words in entry.items()}
        for name, entry in tomllib.loads(source).items()
    }


def rights() -> str:
    """The note on rights that the origin of an added document begins with."""
    return _words()["origin"]["rights"][0]


def _has(text: str, words: Iterable[str]) -> bool:
    return any(word in text for word in words)


def read_cover(document: Document, municipality: str = "") -> Cover:
    r"""What a document says of itself.

    Args:
        document: the document.
        municipality: name of the municipality, as far as known; a title with it is preferred.

    >>> from dxlib.document import parse
    >>> found = read_cover(parse("甲市DX推進計画（案）\n計画期間 令和5年度～令和8年度\n令和5年3月\n目次\n"), "甲市")
    >>> found.title, found.edition, found.published, found.first_fiscal_year, found.last_fiscal_year
    ('甲市DX推進計画(案)', 'draft', '2023-03', 2023, 2026)
    """
    lines = [(number, _clean(raw)) for number, raw in enumerate(document.raw, start=1)]
    filled = [(number, text) for number, text in lines if text]
    front = list(_front(text for _, text in filled))
    title = _title(front, municipality) or _named(filled[:_PAGES], municipality)
    first, last = _period(filled)
    about = " ".join([title or "", *front[:12]])
    return Cover(
        title,
        plan_title(title) if title else None,
        "draft" if _has(about, _words()["draft"]["words"]) else "adopted",
        _published(front),
        first,
        last,
        _has(title or "", _words()["report"]["words"]),
    )


def _clean(raw: str) -> str:
    text = re.sub(r"^[#>\s]+|\*\*", "", repair(raw).clean).strip()
    return re.sub(r"\s+", " ", text)


def _front(lines: Iterable[str]) -> Iterator[str]:
    """The lines before contents or first chapter."""
    for position, text in enumerate(lines):
        if position >= _PAGES or _CONTENTS.match(text) or (position and _CHAPTER.match(text)):
            return
        yield text


def _is_title(text: str) -> bool:
    words = _words()["title"]
    if (
        len(text) > _LONGEST_TITLE
        or " > " in text
        or _SENTENCE.search(text)
        or _ENTRY.search(text)
        or text.startswith(("~", "・", "※", "-"))
    ):
        return False
    return _has(text, words["plan"]) and not _has(text, words["other"]) and not re.search(words["office"][0], text)


def _title(front: Sequence[str], municipality: str) -> str | None:
    """The line that is most of a title, with what belongs to it before and behind."""
    scored = [
        (
            3 * (bool(municipality) and municipality in text) + 2 * _has(text, _words()["title"]["subject"]) - position / 20,
            position,
        )
        for position, text in enumerate(front)
        if _is_title(text)
    ]
    if not scored:
        return None
    _, at = max(scored)
    parts = [front[at]]
    if at and municipality and municipality not in front[at] and front[at - 1] == municipality:
        parts[0] = municipality + front[at]
    behind = front[at + 1] if at + 1 < len(front) else ""
    if (
        len(behind) < _LONGEST_DATED
        and _has(behind, _words()["title"]["more"])
        and not _is_dated(behind)
        and not _SENTENCE.search(behind)
    ):
        parts.append(behind)
    return " ".join(parts)


def _is_dated(text: str) -> bool:
    return bool(_DATE.search(_BOTH.sub("", text))) or _has(text, _words()["title"]["other"])


def _named(filled: Sequence[tuple[int, str]], municipality: str) -> str | None:
    """A plan that the first sentences name: 「…計画」, or the municipality's own."""
    kinds = "|".join(_words()["title"]["plan"][:8])
    for own in (re.escape(municipality or "\0"), r"[^\s、。「」()]{1,8}[市町村区県都道府]"):
        for _, text in filled:
            found = re.search(rf"「({own}[^「」]{{1,40}}?(?:{kinds}))」|({own}[^\s、。「」()]{{1,30}}?(?:{kinds}))", text)
            if found:
                return found[1] or found[2]
    return None


def plan_title(title: str) -> str:
    """The plan that a title names.

    >>> plan_title("甲市DX推進戦略 進捗報告書(令和5年度)"), plan_title("甲市DX推進計画(案)"), plan_title("進捗報告")
    ('甲市DX推進戦略', '甲市DX推進計画', '進捗報告')
    """
    kinds = "|".join(_words()["title"]["plan"][:8])
    found = re.match(rf"(.*?(?:{kinds}))(?=[\s(【の]|$)", title)
    bare = found[1] if found else _QUALIFIER.sub("", title)
    return bare.strip() or title


def _published(front: Sequence[str]) -> str | None:
    words = _words()["published"]
    for text in front:
        bare = _BOTH.sub("", text)
        if len(bare) > _LONGEST_DATED or (_has(bare, words["others"]) and not _has(bare, words["words"])):
            continue
        found = [day for match in _DATE.finditer(bare) if (day := _iso(match))]
        if found:
            return max(found)
    return None


def _iso(match: re.Match[str]) -> str | None:
    years = find_years(f"{match['y'].rstrip('年/.- ')}年")
    year = years[0].western if years else None
    if not year:
        return None
    return f"{year}-{int(match['m']):02d}" + (f"-{int(match['d']):02d}" if match["d"] else "")


def _period(filled: Sequence[tuple[int, str]]) -> tuple[int | None, int | None]:
    """The range of years that is most likely that of the plan."""
    words = _words()["period"]
    found: list[tuple[float, tuple[int, int]]] = []
    for position, (_, text) in enumerate(filled):
        if _ENTRY.search(text):
            continue
        heading = any(
            _has(one, words["words"]) and len(one) < 25 for _, one in filled[max(0, position - _AFTER_HEADING) : position]
        )
        for start, years in ranges(text):
            before = text[:start]
            says = _has(text, words["words"])
            weight = 4 * says + 2 * heading + 2 * (position < _PAGES // 2) - 3 * _has(before, words["others"])
            found.append((weight - position / 10_000, years))
    best = max(found, default=(0.0, (0, 0)), key=lambda one: one[0])
    return best[1] if best[0] > 1 else (None, None)


def ranges(text: str) -> list[tuple[int, tuple[int, int]]]:
    """Ranges of fiscal years in a text, with where they stand in it.

    >>> [years for _, years in ranges("令和5~9年度、2024年4月から2027年3月まで、令和7年度からの4年間、2023-2026")]
    [(2023, 2027), (2024, 2026), (2025, 2028), (2023, 2026)]
    """
    spelt = _SHORT_RANGE.sub(lambda m: f"{m[1]}{m[2]}年度{m[3]}{m[1]}{m[4]}", _BOTH.sub("", text))
    spelt = _WESTERN_RANGE.sub(r"\1年度~\2年度", spelt)
    years = [year for year in find_years(spelt) if year.western]
    found = []
    for place, year in enumerate(years):
        first = _fiscal(year, spelt)
        rest = spelt[year.end :]
        following = next((other for other in years[place + 1 :] if _BETWEEN.match(spelt[year.end : other.start])), None)
        count = _FOR_YEARS.match(rest)
        if following:
            last = _fiscal(following, spelt)
        elif count:
            last = first + int(count["n"]) - 1
        else:
            continue
        if 0 < last - first < _YEARS_OF_A_PLAN:
            found.append((year.start, (first, last)))
    return found


def _fiscal(year: Year, text: str) -> int:
    """The 年度 of a printed year; a month before April belongs to the one before."""
    western = year.western or 0
    month = re.search(r"(\d{1,2})\s?月", text[year.start : year.end])
    return western - 1 if month and not year.fiscal_year and int(month[1]) < 4 else western

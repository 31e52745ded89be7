"""Years stated once for many values: 目標値はいずれも令和8年度末, 現状値：令和5年度, the year of a progress report."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dxlib.document import Document, Line
from dxlib.facts import Measure, Role, Value
from dxlib.quantity import Year, find_quantities, find_years
from dxlib.readers.cell import at_year
from dxlib.readers.heads import head_of
from dxlib.readers.weights import with_doubts

_STATED = re.compile(
    r"(?P<label>現状値?|現況値?|基準値?|策定時の値|策定時|目指す値|めざそう値|めざす値|達成目標|数値目標|最終目標|目標値|目標年度|目標年次|目標|実績値?)"
    r"(?:の?(?:年度|年次|時点|値))?(?:は|:|を|=)[、\s]*(?=(?P<rest>[^。]{0,60}))"
)
_REPORT = re.compile(r".{0,24}?(?:進捗|取組状況|実施状況|達成状況|取組結果|実績|効果検証|評価書|年次報告|取組実績)")
_HEADING = re.compile(r"^(?:第\s?\d+|[\d(①-⑳■◆●○◇□▼〔【《<]|[一二三四五六七八九十]\s|[IVXⅠ-Ⅹ]+[\s.])")
_HEADING_LENGTH = 40
_RESULTS = re.compile(r"結果|実績|達成状況|進捗|取組状況|実施状況|評価")
_DEFINED = re.compile(r"「(?P<label>[^「」]{1,10})」(?:の値|欄)?(?:は|とは|:)、?(?=(?P<rest>[^「」。]{0,16}))")
_OPENS = re.compile(r"\s?\(?|[^\d。、()]{1,10}\(")  # before a year that defines a word: 戦略策定時(令和3年度)
_LISTED = re.compile(  # (1) 策定時 令和4年度末の値
    r"(?:\(?\d{1,2}\)|[①-⑳・])\s*(?P<label>[^\s\d::]{2,8})(?:\s+|\s*[::]\s*)"
    r"(?P<rest>(?:令和|平成|R|H|20)\s?\d{1,2}\s?(?:年度?)?末?(?:時点)?(?:の?(?:値|実績|実績値|見込み?値?))?)$"
)
_ALONE = re.compile(r"計画期間|期間中|から|~")
_TITLE_LINES = 20
_NOTE_REACH = 5  # lines between a value and the note in brackets that dates it


@dataclass(frozen=True, slots=True)
class Stated:
    """A year given to all values of a role: to those above it when it is a note in brackets, else to those that follow.

    A heading (前計画の達成状況(令和5年度)) gives its year up to the next heading, ``until``.
    """

    line: int
    role: Role
    year: Year
    above: bool = False
    until: int | None = None
    onward: bool = True


def stated_years(document: Document) -> list[Stated]:
    """The statements of a document, in printed order."""
    found: list[Stated] = []
    for line in document.lines():
        clean = line.clean
        above = clean.startswith(("(", "※", "注"))
        for defined in _DEFINED.finditer(clean):
            years = [
                year for year in find_years(defined["rest"]) if year.western and _OPENS.fullmatch(defined["rest"][: year.start])
            ]
            head = head_of(defined["label"])
            if years and head and head.role:
                found.append(Stated(line.number, head.role, years[0]))
        for match in _STATED.finditer(clean):
            rest = re.split(r"[、,](?=[^、]{0,12}(?:値|目標|現状|基準|実績))", match["rest"])[0]
            years = [year for year in find_years(rest) if year.western]
            head = head_of(match["label"])
            if len(years) != 1 or find_quantities(rest) or _ALONE.search(rest[: years[0].start] + rest[years[0].end :][:6]):
                continue
            role: Role | None = "target" if head and head.field == "target_year" else head.role if head else None
            if role:
                found.append(Stated(line.number, role, years[0], above, onward=not clean.startswith("(")))
    return found


def defined_years(document: Document) -> dict[str, Year]:
    """Years that the text gives to words of the headings: 「当初」は2022年度, (1) 策定時 令和4年度末の値.

    目標 alone means the last target, where the text says only when that is.
    """
    found: dict[str, Year] = {}
    for line in document.lines():
        listed = _LISTED.match(line.clean)
        head = head_of(listed["label"]) if listed else None
        for match in [listed] if listed and head and head.role else _DEFINED.finditer(line.clean):
            years = find_years(match["rest"])
            if years and years[0].western and _OPENS.fullmatch(match["rest"][: years[0].start]):
                found.setdefault(match["label"], years[0])
    last = [year for label, year in found.items() if label.startswith("最終")]
    if last:
        found.setdefault("目標", last[0])
        found.setdefault("目標値", last[0])
    return found


def definition_lines(document: Document) -> frozenset[int]:
    """The lines that only say which year a heading stands for."""
    found: set[int] = set()
    for line in document.lines():
        listed = _LISTED.match(line.clean)
        head = head_of(listed["label"]) if listed else None
        if head and head.role:
            found.add(line.number)
    return frozenset(found)


def _headings(document: Document) -> list[Line]:
    return [
        line for line in document.lines() if line.heading or (_HEADING.match(line.clean) and len(line.clean) <= _HEADING_LENGTH)
    ]


def headed_years(document: Document) -> list[Stated]:
    """The years of headings that say what their section reports."""
    headings = _headings(document)
    found: list[Stated] = []
    for at, line in enumerate(headings):
        years = [year for year in find_years(line.clean) if year.western]
        if len(years) != 1 or not _RESULTS.search(line.clean):
            continue
        level = line.heading or 9
        later = (other.number for other in headings[at + 1 :] if (other.heading or 9) <= level)
        until = next(later, len(document.raw) + 1)
        found += [Stated(line.number, role, years[0], until=until) for role in ("target", "actual", "evaluation")]
    return found


def report_year(document: Document) -> Year | None:
    """The year that a progress report says it is about, in its title, its running head or its first sentence."""
    for line in document.lines()[:_TITLE_LINES]:
        for sentence in re.split("。", line.clean):
            years = [year for year in find_years(sentence) if year.fiscal_year]
            if len(years) == 1 and _REPORT.match(sentence, years[0].end):
                return years[0]
    return None


def first_year(document: Document) -> int | None:
    """The earliest fiscal year that the title and the lines below it print: that of the plan's period, or of its making."""
    years = [year.western for line in document.lines()[:_TITLE_LINES] for year in find_years(line.clean)]
    return min((year for year in years if year), default=None)


def _year_of(value: Value, stated: list[Stated], report: Year | None) -> Year | None:
    headed = [one for one in stated if one.until and one.role == value.role and one.line < value.line < one.until]
    if headed:
        return headed[-1].year
    own = [one for one in stated if one.role == value.role and one.until is None]
    notes = [one for one in own if one.above and 0 < one.line - value.line <= _NOTE_REACH]
    if notes:
        return notes[0].year
    onward = [one for one in own if one.onward]
    before = [one for one in onward if one.line <= value.line] or [one for one in onward if not one.above]
    if before:
        return before[-1].year if before[-1].line <= value.line else before[0].year
    return report if value.role in ("actual", "target", "evaluation") else None


def with_shared_years(document: Document, measures: list[Measure]) -> list[Measure]:
    """The measures with the years that the document states once for all values of a role."""
    stated, report = [*stated_years(document), *headed_years(document)], report_year(document)
    if not stated and report is None:
        return measures

    def dated(value: Value) -> Value:
        dated = value.fiscal_year or value.calendar_year or value.relative_year
        if dated or value.role == "context":
            return value
        year = _year_of(value, stated, report)
        return with_doubts(at_year(value, replace(year, as_of=None), "shared"), ("year-shared",)) if year else value

    return [
        replace(m, indicators=tuple(replace(i, values=tuple(dated(v) for v in i.values)) for i in m.indicators)) for m in measures
    ]

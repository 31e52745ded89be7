"""The labels of a line or cell with what stands behind them: 現状値：35件, 【目標】50%, めざそう値（R10） 25%."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from dxlib.quantity import find_quantities
from dxlib.readers.cell import verdict_of
from dxlib.readers.columns import Cell
from dxlib.readers.heads import ROLES, Head, head_of
from dxlib.readers.labels import vocabulary
from dxlib.text import Text

FIELDS = (
    *ROLES,
    "indicator",
    "verdict",
    "attainment",
    "target_year",
    "value_year",
    "unit",
    "title",
    "note",
    "budget",
    "department",
    "change",
)
_GAP = r"(?:^|(?<=[\s、。,;:|(\])】〉》>/」』→]))"


def _loose(word: str) -> str:
    """A label of two characters may be spaced out: 目 標."""
    return r"\s{0,2}".join(map(re.escape, word)) if len(word) == 2 else re.escape(word)


@cache
def _role_words() -> list[str]:
    groups: list[dict[str, list[str]]] = [vocabulary("heads")[name] for name in ROLES]  # type: ignore[misc]
    return sorted({word for group in groups for word in group.get("part", ())}, key=lambda word: (-len(word), word))


@cache
def _may_label() -> re.Pattern[str]:
    """Characters without which a text holds no label: most lines are done with one look."""
    characters = sorted({*":【[〔〈《<指K計", *(word[0] for word in _role_words())})
    return re.compile("[" + re.escape("".join(characters)) + "]")


@cache
def _label() -> re.Pattern[str]:
    """A label: in brackets, before a colon, or a role word before white space, a bracket or a number."""
    role = "|".join(map(_loose, _role_words()))
    bracketed = r"[【\[〔〈《<](?P<bracketed>[^【】\[\]〔〕〈〉《》<>]{1,20})[】\]〕〉》>]\s*[::]?"
    paren = r"(?:\s?[(\[][^()\[\]]{1,20}[)\]])?"
    spaced = r"[指現目実評計基成]\s{1,2}[標状況績価画準果](?:\s{0,2}[名値])?"
    free = r"(?!(?:数値|成果|取組)?目標\s?\d)[^\s、。,:()\[\]【】・→「」]{1,16}"
    colon = rf"(?P<colon>{spaced}|{free}{paren})\s*(?<!\d)[::]"
    year = r"(?:(?:(?:令和|平成|R|H)\s?\d{1,2}|20\d\d)(?:年度末?|年)?|\d{1,2}\s?年[目後])の?"
    word = rf"(?![でにをはがのと])[^\s\d、。,:()→]{{0,4}}(?:{role})(?:(?!から|より)[^\s\d、。,:()をがにはへ→約]){{0,3}}(?<!の)"
    number = r"(?!(?:数値|成果|取組|基本|重点)?目標\d{1,2}(?:\s+\S{4,}|\s*$))"  # 目標1 手のひらで終わる手続: a heading
    plain = rf"(?P<plain>{number}(?:{year})?{word}{paren})(?=\s*$|\s+|[\d約▲△+\-―—])"
    planned = rf"(?P<planned>{year}計画{paren})(?=\s*[約▲△]?\d)"  # 計画 alone is a document
    numbered = r"(?P<numbered>(?:数値|成果|取組)?目標\s?\d{1,2})\s?[_:.]\s?(?=\S)"
    wide = rf"(?P<wide>[^\s\d、。,:()→]{{0,4}}(?:指\s{{0,2}}標|KPI|KGI)[名①-⑳\d]{{0,2}}{paren})(?=\s{{2,}}|\s*$)"
    return re.compile(rf"(?:{_GAP}[■◆●○◇□▼▶►・*]*\s*|(?=【))(?:{bracketed}|{colon}|{numbered}|{plain}|{planned}|{wide})\s*")


@dataclass(frozen=True, slots=True)
class Item:
    """A label and what stands behind it; ``head`` is None for text without a label."""

    head: Head | None
    label: Cell | None
    content: Cell


@lru_cache(maxsize=4096)
def _labels(text: str) -> tuple[tuple[int, int, int, Head], ...]:
    """Each label of a text: where it starts and ends, where its content starts, and what it says."""
    found: list[tuple[int, int, int, Head]] = []
    for match in _label().finditer(text) if _may_label().search(text) else ():
        group = next(name for name in ("bracketed", "colon", "plain", "planned", "wide", "numbered") if match[name])
        head = Head("target") if group == "numbered" else head_of(match[group])
        if group == "bracketed" and verdict_of(match[group]):
            head = Head("verdict")
        if head is None or head.field not in FIELDS or (group == "bracketed" and head.field == "title"):
            continue
        found.append((match.start(group), match.end(group), match.end(), head))
    return tuple(found)


def items_of(cell: Cell) -> list[Item]:
    """The labels of one line or cell with their contents, in printed order."""
    text = cell.text
    found = _labels(text.clean)
    items: list[Item] = []
    before = text.slice(0, found[0][0] if found else len(text))
    before = before.slice(0, len(before.clean.rstrip("【[〔〈《<・(…. ")))
    if before:
        head = _compared(text, found[0][0], before) if found else None
        items.append(Item(head, None, Cell(cell.line, before)))
    ends = [*(start for start, *_ in found[1:]), len(text)] if found else []
    for (start, closed, stop, head), end in zip(found, ends, strict=True):
        content = text.slice(stop, end)
        if text.clean[start - 1 : start] == "(" and content.clean.rstrip("。").endswith(")") and "(" not in content.clean:
            content = content.slice(0, content.clean.rindex(")"))
        content = content.slice(0, len(content.clean.rstrip("【[〔〈《<・、,;/ →⇒")))
        label = Cell(cell.line, text.slice(start, closed))
        if head.field == "verdict" and verdict_of(label.clean):  # 【達成】 is a verdict itself
            items.append(Item(head, label, label))
            if content:
                items.append(Item(_compared(text, end, content), None, Cell(cell.line, content)))
        else:
            items.append(Item(head, label, Cell(cell.line, content)))
    return items


def _compared(text: Text, end: int, before: Text) -> Head | None:
    """A result before a target in brackets: 修了者 113人(目標 120人)."""
    compared = (
        text.clean[end - 1 : end] == "(" and bool(re.match(r"目標|計画", text.clean[end:])) and find_quantities(before.clean)
    )
    return Head("actual") if compared else None

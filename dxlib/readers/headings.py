"""The headings a measure stands under: title, group and pillar, whatever their marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from dxlib.document import Block, Document, Line
from dxlib.text import unwrap

_PILLAR = re.compile(r"^[◆■●]?\s*(?P<text>(?:[IⅠVⅤXⅢⅡⅣ]+|[ⅠⅡⅢⅣⅤ]|基本方針\s?\d+|(?:柱|方針|重点取組事項)\s?\d+)[\s.:、].*)$")
_GROUP = re.compile(r"^(?:[①-⑳]|\(\d+\)|\d+[-.]\d+)\s*.+$")
_CHAPTER = re.compile(r"^第\s?\d+\s?章(?=\s|$)")
_CONTENTS = re.compile(r"(?:[・.…]{2}|\t)\s{0,8}\d{1,3}\s{0,8}$")
_CONTENTS_ROWS = 4  # shortest table of contents
_ENTRY = re.compile(r"第?\s?[\d一二三四五六七八九十]+\s?[章節編部.]?\s|[(①-⑳IⅠⅡⅢⅣⅤ]|資料|付録|はじめに|用語")
_REACH = 400  # how many blocks above a table its pillar is looked for
_ENTRY_OF_LIST = re.compile(r"[○◦]\s")
_LABEL = re.compile(  # 【令和6年度の取組】, <KPI>: the label of a part, not the name of a measure
    r"[【<\[][^【】<>\[\]]{0,12}(?:取組|指標|KPI|KGI|目標|実績|結果|評価|現状|進捗|状況|内容)[】>\]]"
)
_NOTE = re.compile(r"^(?:※|\*|注|\(注|出典)")


@dataclass(frozen=True, slots=True)
class Context:
    """What stands above a table or card."""

    title: Line | None
    group: str | None
    pillar: str | None


@dataclass(frozen=True, slots=True)
class _Heading:
    title: bool
    group: bool
    pillar: str | None


def is_sentence(text: str) -> bool:
    """True for running text, which is no title."""
    return text.endswith(("。", "．", "」", "る", "ます")) and ("。" in text or len(text) > 40)


def title_above(blocks: Sequence[Block], position: int) -> Line | None:
    """The nearest line above ``blocks[position]`` that is no note and no sentence."""
    for at in range(position - 1, max(-1, position - 1 - _REACH), -1):
        block = blocks[at]
        if isinstance(block, Line) and not _NOTE.match(block.clean) and not is_sentence(block.clean):
            return block
    return None


def above(blocks: Sequence[Block], position: int) -> Context:
    """The nearest title, group and pillar above ``blocks[position]``.

    The title is the nearest line that is no note and no sentence; group and pillar are searched
    further up, across other tables.
    """
    title: Line | None = None
    group: str | None = None
    for block in reversed(blocks[max(0, position - _REACH) : position]):
        if not isinstance(block, Line):
            continue
        said = _said(block.text.clean)
        if title is None:
            title = block if said.title else None
        elif said.pillar:
            return Context(title, group, unwrap(said.pillar))
        elif group is None and said.group:
            group = unwrap(block.clean)
    return Context(title, group, None)


@lru_cache(maxsize=8192)
def _said(text: str) -> _Heading:
    """What a line may be as a heading; a document's lines are looked at from many places."""
    if _NOTE.match(text):
        return _Heading(False, False, None)
    pillar = _PILLAR.match(text)
    titled = not is_sentence(text) and not _LABEL.fullmatch(text) and not _ENTRY_OF_LIST.match(text)
    return _Heading(titled, bool(_GROUP.match(text)), pillar["text"] if pillar else None)


def is_pillar(text: str) -> bool:
    """True for the heading of a pillar (重点取組事項 3 …, ◆ II …)."""
    return bool(_PILLAR.match(text)) and not is_sentence(text)


def pillar_above(blocks: Sequence[Block], position: int) -> str | None:
    """The pillar (◆ II …, 基本方針1 …) that the nearest title above the block names."""
    for block in reversed(blocks[:position]):
        if isinstance(block, Line) and not _NOTE.match(block.clean) and not is_sentence(block.clean):
            pillar = _PILLAR.match(block.clean)
            return unwrap(pillar["text"]) if pillar else None
    return None


def is_chapter(block: Block) -> bool:
    """True for the heading of a chapter (第2章 …)."""
    return isinstance(block, Line) and bool(_CHAPTER.match(block.clean)) and not is_contents_entry(block.clean)


def chapters(lines: Sequence[Line]) -> list[Line]:
    """The chapter headings (第2章 …); contents pages do not count."""
    return [line for line in lines if is_chapter(line)]


def chapter_above(chapters: Sequence[Line], number: int) -> str | None:
    """The chapter that line ``number`` stands under."""
    return next((line.clean for line in reversed(chapters) if line.number < number), None)


def is_contents_entry(text: str) -> bool:
    """True for a line of a table of contents: a title, dots or a gap, a page number.

    >>> is_contents_entry("1 目的.....	1"), is_contents_entry("計画の構成・・・・・・03"), is_contents_entry("1 目的")
    (True, True, False)
    """
    return bool(_CONTENTS.search(text[-24:]))


def contents_lines(document: Document) -> frozenset[int]:
    """The lines of tables of contents: each row ends with a page, and the pages never go back."""
    found: set[int] = set()
    for table in document.tables():
        pages = [row.cells[-1].clean for row in table.rows]
        if len(pages) < _CONTENTS_ROWS or not all(re.fullmatch(r"\d{1,3}", page) for page in pages):
            continue
        entries = sum(1 for row in table.rows if _ENTRY.match(" ".join(cell.clean for cell in row.filled())))
        if pages == sorted(pages, key=int) and entries * 2 > len(pages):
            found |= {row.number for row in table.rows}
    return frozenset(found)

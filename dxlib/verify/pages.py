"""The pages of a report: every linked number leads to a line of its document where it stands, and the lines are verbatim."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from dxlib.report.html import slug
from dxlib.text import repair
from dxlib.verify.opened import Opened
from dxlib.verify.proof import Check, Proof, shown
from dxlib.verify.sources import Raw, stands_in

if TYPE_CHECKING:
    from pathlib import Path

    from dxlib.verify.reported import Report

_AGAIN = "make it again: dxlib report --force"
_TARGET = re.compile(r"sources/([^#]+)\.html#L(\d+)")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_VOID = frozenset(["br", "hr", "img", "meta", "link", "input", "wbr", "col"])


@dataclass(slots=True)
class Link:
    """A number of the page that leads to a source."""

    target: str
    text: str


@dataclass(slots=True)
class Line:
    """A line of a source page: its number, its text, and the parts of it that are marked as quoted."""

    number: int
    text: str = ""
    marked: list[str] = field(default_factory=list)


class _Page(HTMLParser):
    """Links to sources, quoted lines, and the hash a source page states."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[Link] = []
        self.lines: list[Line] = []
        self.hashes: list[str] = []
        self._open: list[tuple[str, str]] = []
        self._line: Line | None = None
        self._link: Link | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        kind = given.get("class", "")
        if tag in _VOID:
            return
        self._open.append((tag, kind))
        if tag == "a" and "dx-value" in kind.split():
            self._link = Link(given.get("href", ""), "")
            self.links.append(self._link)
        elif tag == "li" and re.fullmatch(r"L\d+", given.get("id", "")):
            self._line = Line(int(given["id"][1:]))
            self.lines.append(self._line)
        elif tag == "mark" and self._line:
            self._line.marked.append("")
        elif tag == "dd" and "dx-hash" in kind.split():
            self.hashes.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            closed, _ = self._open.pop()
            if closed == "a":
                self._link = None
            elif closed == "li":
                self._line = None
            if closed == tag:
                break

    def handle_data(self, data: str) -> None:
        inside = {kind for _, kinds in self._open for kind in kinds.split()}
        tags = {tag for tag, _ in self._open}
        if self._link is not None and "sup" not in tags:
            self._link.text += data
        if self._line is not None and "dx-beside" not in inside:
            self._line.text += data
            if "mark" in tags and self._line.marked:
                self._line.marked[-1] += data
        if self.hashes and "dx-hash" in inside:
            self.hashes[-1] += data


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8", errors="replace"))
    page.close()
    return page


def check_pages(proof: Proof, opened: Opened, raw: Raw, report: Report, is_current: bool) -> None:
    """All checks of the pages of a report."""
    about = report.folder.name
    if "html" in report.manifest.formats and report.file("html").is_file():
        pages = {path.stem: _read(path) for path in sorted((report.folder / "sources").glob("*.html"))}
        proof.run(
            "report-source",
            "lines on its source pages are those of the files",
            lambda c: _sources(c, opened, raw, report, pages),
            about,
        )
        proof.run(
            "report-link", "linked numbers stand in the line they lead to", lambda c: _links(c, opened, report, pages), about
        )


def _sources(check: Check, opened: Opened, raw: Raw, report: Report, pages: dict[str, _Page]) -> None:
    documents = {slug(row["document_id"]): row for row in opened.table("document")}
    for name, page in pages.items():
        place = f"{report.folder.name}/sources/{name}.html"
        document = documents.get(name)
        if document is None:
            check.wrong(place, "is about no document of the warehouse", _AGAIN)
            continue
        said = f"states the SHA-256 {shown(page.hashes)}, the document has {document['sha256']}"
        check.expect([text.strip() for text in page.hashes] == [document["sha256"]], place, said, _AGAIN)
        for line in page.lines:
            text = raw.line(document["document_id"], line.number)
            found = f"prints {shown(line.text)}, the file {shown(text)}"
            check.expect(text is not None and _plain(line.text) == _plain(text), f"{place}#L{line.number}", found, _AGAIN)


def _plain(text: str) -> str:
    """A line as a browser keeps it: line breaks of any kind are one, NUL is a mark."""
    return re.sub(r"\r\n?|\x0c", "\n", text).replace("\x00", "\ufffd").strip("\n")


def _links(check: Check, opened: Opened, report: Report, pages: dict[str, _Page]) -> None:
    lines = {(name, line.number): line for name, page in pages.items() for line in page.lines}
    changed = _changed(opened)
    documents = {slug(row["document_id"]): row["document_id"] for row in opened.table("document")}
    place = report.at(report.file("html"))
    for link in _read(report.file("html")).links:
        match = _TARGET.fullmatch(link.target)
        line = lines.get((match[1], int(match[2]))) if match else None
        if match is None or line is None:
            check.wrong(place, f"{shown(link.text)} leads to {shown(link.target)}, where no line is", _AGAIN)
            continue
        if not line.marked:
            check.wrong(place, f"{shown(link.text)} leads to {link.target}, where nothing is quoted", _AGAIN)
            continue
        if (documents.get(match[1], ""), line.number) in changed:  # a person corrected what is printed there
            check.proved()
            continue
        lacking = [number for number in _numbers(link.text) if not stands_in(number, line.text)]
        found = f"{shown(link.text)} leads to {link.target}, which prints {shown(line.text)}"
        check.expect(not lacking and _word_stands(link.text, line.text), place, found, _AGAIN)


def _changed(opened: Opened) -> set[tuple[str, int]]:
    return {(row["document_id"], row["line"]) for row in opened.table("decided_fact") if row["outcome"] == "changed"}


def _numbers(text: str) -> Iterator[float]:
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", unicodedata.normalize("NFKC", text))
    yield from (float(number) for number in _DIGITS.findall(plain))


def _word_stands(text: str, line: str) -> bool:
    r"""A text without digits stands in the line itself; one that was shortened, as far as it goes.

    >>> _word_stands("電子決裁の…", "項目\t電子決裁の割合"), _word_stands("導 入", "導入"), _word_stands("廃止", "導入")
    (True, True, False)
    """
    word = _bare(text.strip().removesuffix("…"))
    return bool(_DIGITS.search(unicodedata.normalize("NFKC", text))) or word in _bare(line) or word in _bare(repair(line).clean)


def _bare(text: str) -> str:
    return re.sub(r"[\s|*《》<>]+", "", unicodedata.normalize("NFKC", text))

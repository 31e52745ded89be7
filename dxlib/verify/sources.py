"""The raw files opened again: hashes, origins, every line, every quote, and every number in its quote."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from dxlib import formats
from dxlib.applied import by_document
from dxlib.decisions import read_corrections
from dxlib.errors import DxlibError
from dxlib.origin import read_origin
from dxlib.origins import decided_origin
from dxlib.printed import Printed
from dxlib.verify.opened import BUILD, EDITED, Opened, Record
from dxlib.verify.proof import Check, Proof, shown

QUOTED = (
    *("measure", "measure_attribute", "milestone", "indicator", "observation", "evaluation"),
    *("statistic", "list_item", "decided_fact"),
)
_RESTORE = "restore the file from git; or, when the new text is meant, add it as an edition of its own (docs/raw-data.md)"
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "億": 10**8, "兆": 10**12}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
# No more digits than anybody prints, or a line of nothing but digits would take the square of its length.
_SCALED = re.compile(r"(?<!\d)(\d{1,18}(?:\.\d{1,9})?)\s*([十百千万億兆]+)")
_TENTHS = re.compile(r"(?<!\d)(\d{1,18}(?:\.\d{1,9})?)\s*割(?:\s*(\d))?")
_KANJI = {"〇": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
# Words that stand for a number of their own.
_WORDS = {"半": (50, 0.5, 2), "倍": (2, 100, 200), "全": (100,), "ゼロ": (0,), "なし": (0,), "無": (0,), "皆": (0, 100), "割": ()}


class Raw:
    """The raw files of the documents in a warehouse, each read once."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self._lines: dict[str, list[Printed]] = {}

    def path(self, document_id: str) -> Path | None:
        """The file of a document; None when there is none."""
        folder, _, name = document_id.partition("/")
        found = [self.opened.project.raw / folder / f"{name}{ending}" for ending in formats.SUPPORTED]
        return next((path for path in found if path.is_file()), None) if name else None

    def lines(self, document_id: str) -> list[Printed]:
        """The lines of a document as its file prints them now; none when it cannot be read."""
        if document_id not in self._lines:
            path = self.path(document_id)
            try:
                self._lines[document_id] = list(formats.read(path).printed) if path else []
            except DxlibError:  # the check of the files says what is wrong with it
                self._lines[document_id] = []
        return self._lines[document_id]

    def line(self, document_id: str, number: int) -> str | None:
        """One line of a document's file, counted from 1."""
        lines = self.lines(document_id)
        return lines[number - 1].text if 0 < number <= len(lines) else None

    def where(self, document_id: str, line: int) -> str:
        """A line as messages name it."""
        path = self.path(document_id)
        return f"{self.opened.project.relative(path) if path else f'data/raw/{document_id}'}:{line}"


def check_sources(proof: Proof, opened: Opened, raw: Raw) -> None:
    """All checks of raw files."""
    proof.run("raw-file", "documents are the files they were read from (SHA-256, origin)", lambda c: _files(c, opened, raw))
    proof.run("raw-line", "lines stand in the files as in the warehouse", lambda c: _lines(c, opened, raw))
    proof.run("quote", "quotes stand verbatim in their line of the file", lambda c: _quotes(c, opened, raw))
    proof.run("finding-place", "places of findings stand verbatim in the files", lambda c: _places(c, opened, raw))
    proof.run("number", "printed numbers stand in the quote they were read from", lambda c: _numbers(c, opened))


def _files(check: Check, opened: Opened, raw: Raw) -> None:
    known = {row["document_id"] for row in opened.table("document")}
    corrections = by_document(read_corrections(opened.project))
    plans: dict[str, list[Record]] = {}
    for row in opened.table("plan"):
        plans.setdefault(row["document_id"], []).append(row)
    for row in opened.table("document"):
        path = raw.path(row["document_id"])
        if path is None:
            check.wrong(f"data/raw/{row['document_id']}", "the file is gone", _RESTORE)
            continue
        place = opened.project.relative(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        check.expect(digest == row["sha256"], place, f"its SHA-256 is {digest}, the warehouse read {row['sha256']}", _RESTORE)
        toml = path.with_suffix(".toml")
        try:
            origin = decided_origin(
                read_origin(toml, opened.project.relative(toml)), row["document_id"], corrections.get(row["document_id"], ())
            )
        except DxlibError as error:
            check.wrong(opened.project.relative(toml), error.message, error.hint)
            continue
        check.expect(origin.sha256 == digest, place, f"its origin states the SHA-256 {origin.sha256}", _RESTORE)
        for column in ("municipality_code", "title", "producer", "edition", "published", "rights", "note"):
            stated = getattr(origin, column)
            found = f"{column} is {shown(row[column])} in the warehouse, {shown(stated)} in the origin"
            check.expect(stated == row[column], opened.project.relative(toml), found, BUILD)
        listed = {plan["plan_id"]: plan for plan in plans.get(row["document_id"], ())}
        for plan in origin.plans:
            made = listed.pop(f"{row['document_id']}/{plan.key}", {})
            columns = ("title", "scope", "first_fiscal_year", "last_fiscal_year")
            is_same = all(made.get(column) == getattr(plan, column) for column in columns)
            check.expect(is_same, f"{opened.project.relative(toml)} plan {plan.key}", "the warehouse has another plan", BUILD)
        for plan_id in listed:
            check.wrong(f"plan {plan_id}", "no origin states this plan", BUILD)
    for path in sorted(opened.project.raw.glob("*/*")):
        is_hidden = any(part.startswith(".") for part in path.relative_to(opened.project.raw).parts)
        if path.suffix.lower() in formats.SUPPORTED and not is_hidden and f"{path.parent.name}/{path.stem}" not in known:
            check.wrong(opened.project.relative(path), "this document is not in the warehouse", BUILD)


def _lines(check: Check, opened: Opened, raw: Raw) -> None:
    kept: dict[str, list[tuple[Any, ...]]] = {}
    for document_id, *line in opened.rows("SELECT document_id, line, text, page, sheet, sheet_row FROM source_line ORDER BY ALL"):
        kept.setdefault(document_id, []).append(tuple(line))
    for row in opened.table("document"):
        document_id = row["document_id"]
        now = [
            (number, line.text, line.place.page, line.place.sheet, line.place.row)
            for number, line in enumerate(raw.lines(document_id), 1)
        ]
        stored = kept.get(document_id, [])
        if now == stored and len(now) == row["line_count"]:
            check.proved(len(now))
            continue
        for one, other in zip(now, stored, strict=False):
            found = f"the file prints {shown(one[1:])}, the warehouse keeps {shown(other[1:])}"
            check.expect(one == other, raw.where(document_id, one[0]), found, EDITED)
        if not len(now) == len(stored) == row["line_count"]:
            said = f"{len(now)} lines in the file, {len(stored)} in source_line, {row['line_count']} in document"
            check.wrong(raw.where(document_id, len(now)), said, EDITED)


def _quotes(check: Check, opened: Opened, raw: Raw) -> None:
    for table in QUOTED:
        for document_id, line, quote in opened.rows(f"SELECT document_id, line, quote FROM {table} ORDER BY rowid"):
            _stands(check, raw, f"{table}", (document_id, line, quote))


def _stands(check: Check, raw: Raw, what: str, place: tuple[str, int, str]) -> None:
    document_id, line, quote = place
    text = raw.line(document_id, line)
    found = f"{what} quotes {shown(quote)}, the line is {shown(text)}"
    check.expect(text is not None and bool(quote) and quote in text, raw.where(document_id, line), found, EDITED)


def _places(check: Check, opened: Opened, raw: Raw) -> None:
    for rule, document_id, line, quote, places in opened.rows(
        "SELECT rule_id, document_id, line, quote, places FROM finding ORDER BY rowid"
    ):
        for place in ({"document_id": document_id, "line": line, "quote": quote}, *places):
            _stands(check, raw, f"finding {rule}", (place["document_id"], place["line"], place["quote"]))


def numbers_of(text: str) -> set[Decimal]:
    """The numbers that a text can mean: digits in any width, with 千, 万, 億 multiplied out and added up.

    >>> sorted(numbers_of("３万6,750人（1.5倍）")) == [Decimal(x) for x in ("1.5", "3", "6750", "30000", "36750")]
    True
    """
    plain = re.sub(r"(?<=\d)[,、，](?=\d{3})", "", unicodedata.normalize("NFKC", text))
    plain = re.sub(r"(?<=[\d.])\s+(?=[\d.])", "", plain) if not _NUMBER.search(plain) else plain
    found = {Decimal(number) for number in _NUMBER.findall(plain)}
    total, end = Decimal(0), -1
    for match in _SCALED.finditer(plain):
        scaled = Decimal(match[1])
        for sign in match[2]:
            scaled *= _SCALES[sign]
        total = (total if match.start() == end else Decimal(0)) + scaled
        end = match.end()
        found |= {scaled, total}
        rest = _NUMBER.match(plain, end)
        if rest:
            found.add(total + Decimal(rest[0]))
    return found


def _in_words(text: str) -> Iterator[Decimal]:
    for sign, number in _KANJI.items():
        if sign in text:
            yield Decimal(number)
    for word, numbers in _WORDS.items():
        if word in text:
            yield from (Decimal(str(number)) for number in numbers)
    for match in _TENTHS.finditer(unicodedata.normalize("NFKC", text)):
        yield Decimal(match[1]) * 10 + Decimal(match[2] or 0)


def stands_in(value: float, text: str) -> bool:
    """Whether a text can print this number, whatever its sign.

    >>> stands_in(-2.0, "▲２．０％"), stands_in(36750.0, "3万6,750人"), stands_in(5.0, "15件")
    (True, True, False)
    """
    wanted = abs(Decimal(repr(value)))
    return wanted in numbers_of(text) or wanted in set(_in_words(text))


def _numbers(check: Check, opened: Opened) -> None:
    columns = ("value", "value_low", "numerator", "denominator")
    for table, key in (("observation", "observation_id"), ("statistic", "statistic_id")):
        for row in opened.table(table):
            if row["review"] == "changed":  # a person wrote it; the check of decisions compares it with what they wrote
                continue
            for column in columns:
                if row[column] is not None:
                    found = f"{column} is {row[column]!r}, the quote is {shown(row['quote'])}"
                    check.expect(stands_in(row[column], row["quote"]), f"{table} {row[key]}", found, EDITED)

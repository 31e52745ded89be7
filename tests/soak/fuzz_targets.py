"""What is tried with an input, and what must hold of the result. Only a `DxlibError`, or a result that holds, may come out."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import fuzz_inputs as inputs
import msgspec

from dxlib.cover import read_cover
from dxlib.document import Document, Line, load, parse
from dxlib.errors import DxlibError
from dxlib.facts import Reading, Value
from dxlib.municipality import resolve
from dxlib.quantity import find_quantities, find_years, mask
from dxlib.readers import read
from dxlib.text import cells, is_nothing, repair, squeeze, title_key, unwrap

YEARS = range(1926, 2101)  # the tables demand it


@dataclass(frozen=True, slots=True)
class Given:
    """One input: a line, or the bytes of a file with the ending of its name. ``also`` is what more a target needs to know."""

    data: str | bytes
    ending: str = ".txt"
    also: str = ""

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.data if isinstance(self.data, bytes) else self.data.encode("utf-8", "surrogatepass"))

    def kept(self) -> bytes:
        """The bytes to keep when it broke something."""
        return self.data if isinstance(self.data, bytes) else self.data.encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Target:
    """A part of the program that takes input.

    Attributes:
        name: in words.
        count: how many inputs it gets in the whole suite.
        make: the input of a number.
        check: tries it; raises what is wrong.
        seconds: of computing that any input may take.
        seconds_a_mb: what each MB (2^20 bytes) of it may take beyond that.
        memory_mb: what any input may take beyond what the process held.
        memory_a_mb: what each MB of it may take beyond that.
    """

    name: str
    count: int
    make: Callable[[random.Random, int], Given]
    check: Callable[[Given, Path], None]
    seconds: float = 3.0
    seconds_a_mb: float = 20.0
    memory_mb: float = 300.0
    memory_a_mb: float = 400.0


def attempt(target: Target, given: Given, scratch: Path) -> str:
    """Try one input.

    Returns:
        ``held``, or the code of the error it was refused with. Anything else is raised.
    """
    try:
        target.check(given, scratch)
    except DxlibError as error:
        return error.code
    return "held"


# What must hold


def check_text(given: Given, scratch: Path) -> None:
    """Repairs keep every position, and every quote is verbatim."""
    raw = str(given.data)
    text = repair(raw)
    assert len(text.clean) == len(text.starts) == len(text.ends)
    assert all(0 <= a < b <= len(raw) for a, b in zip(text.starts, text.ends, strict=True)), "a position outside the line"
    assert all(a <= b for a, b in zip(text.starts, text.starts[1:], strict=False)), "positions run backwards"
    for start in range(0, len(text.clean), 7):
        assert text.quote(start, min(len(text.clean), start + 5)) in raw
    for cell in cells(text):
        assert cell.quote() in raw
    is_nothing(raw)
    assert not squeeze(raw) or squeeze(raw) == squeeze(squeeze(raw))
    unwrap(text.clean)
    title_key(text.clean)


def check_quantity(given: Given, scratch: Path) -> None:
    """Numbers are finite, spans lie inside and apart, years can be years."""
    clean = repair(str(given.data)).clean
    assert len(mask(clean)) == len(clean)
    last = 0
    for quantity in find_quantities(clean):
        assert last <= quantity.start < quantity.end <= len(clean), quantity
        last = quantity.end
        for number in (quantity.value, quantity.value_low, quantity.numerator, quantity.denominator):
            assert number is None or math.isfinite(number), quantity
        assert (quantity.numerator is None) == (quantity.denominator is None), quantity
        assert not (quantity.value is None and quantity.numerator is None), quantity
    for year in find_years(clean):
        assert 0 <= year.start < year.end <= len(clean), year
        assert year.western is None or year.western in YEARS, year
        assert year.relative_year is None or 0 < year.relative_year < 100, year
        assert year.western is None or year.relative_year is None, year


def check_place(given: Given, scratch: Path) -> None:
    """A name is that of one municipality, or refused."""
    code = resolve(str(given.data))
    assert len(code) == 6


def sound_document(document: Document) -> None:
    """Raw lines are single lines that can be stored; blocks stand where they say."""
    "\n".join(document.raw).encode()
    assert not any("\n" in line for line in document.raw), "a line break within a line"
    assert document.places == () or len(document.places) == len(document.raw)
    for place in document.places:
        assert all(number is None or number > 0 for number in (place.page, place.row)), place
    for block in document.blocks:
        for piece in (block,) if isinstance(block, Line) else block.rows:
            raw = document.raw[piece.number - 1]
            assert piece.number > 0
            if isinstance(piece, Line):
                assert piece.text.raw == raw
                assert piece.text.quote() in raw
                continue
            assert all(cell.raw == raw for cell in piece.cells)
            assert all(at >= 0 for at in (*piece.left, *piece.above))


def check_file(given: Given, scratch: Path) -> None:
    """A file is a document, and now and then what is read in it holds as well."""
    path = scratch / f"input{given.ending}"
    path.write_bytes(given.kept())
    document = load(path)
    sound_document(document)
    if given.also == "read":
        sound_reading(document, read(document))


def check_reading(given: Given, scratch: Path) -> None:
    """Everything read in a text stands in it, and fits the tables."""
    document = parse(str(given.data))
    sound_document(document)
    sound_reading(document, read(document))
    found = read_cover(document, "甲市")
    assert found.first_fiscal_year is None or found.first_fiscal_year <= (found.last_fiscal_year or 0)


def sound_reading(document: Document, reading: Reading) -> None:
    """Quotes stand verbatim on their lines, numbers are finite, years plausible, and the tables take all of it."""
    for record in _records(reading):
        raw = document.raw[record.line - 1]
        assert record.line > 0, record
        assert getattr(record, "quote", "") in raw, record
        if isinstance(record, Value):
            _sound_value(record, raw)
    msgspec.json.encode(reading)  # no half character, nothing that cannot be stored
    for table, rows in rows_of(document, reading).items():
        for row in rows:
            _sound_row(table, row)


def _records(found: Any) -> Iterator[Any]:
    """Everything with a line, at any depth."""
    if isinstance(found, tuple):
        for item in found:
            yield from _records(item)
    elif is_dataclass(found) and not isinstance(found, date):
        if hasattr(found, "line"):
            yield found
        for field in fields(found):
            yield from _records(getattr(found, field.name))


def _sound_value(value: Value, raw: str) -> None:
    assert (value.verdict_quote or "") in raw, value
    for number in (value.value, value.value_low, value.numerator, value.denominator, value.attainment_printed):
        assert number is None or math.isfinite(number), value
    assert 0 < value.confidence <= 1, value
    assert value.as_of is None or value.as_of.year in range(1926, 2102), value


def rows_of(document: Document, reading: Reading) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The rows of the tables that a build makes of a document."""
    from dxlib.collection import Source
    from dxlib.origin import Origin, PlanOrigin
    from dxlib.tables import Rows, add_document

    plans = (PlanOrigin("plan", "x", "plan", 2020, 2025), PlanOrigin("review", "y", "review", 2015, 2020))
    origin = Origin("x", "131016", "x", "adopted", "0" * 64, "-", plans)
    rows = Rows()
    add_document(rows, Source("131016-x/plan", Path("plan.txt"), origin, document), reading)
    return rows.tables


def _sound_row(table: str, row: Mapping[str, Any]) -> None:
    """What the checks of the schema demand."""
    if table not in ("observation", "statistic"):
        return
    for name in ("fiscal_year", "calendar_year"):
        assert row[name] is None or row[name] in YEARS, (table, row)
    assert row["denominator"] != 0, (table, row)
    assert (row["numerator"] is None) == (row["denominator"] is None), (table, row)
    assert row.get("relative_year") is None or row["relative_year"] > 0, (table, row)
    if table == "observation":
        assert any(row[name] is not None for name in ("value", "numerator", "value_text", "missing")), (table, row)


# Inputs of plain text and of files


def _line(rng: random.Random, index: int) -> Given:
    return Given(inputs.short(rng, rng.choice((80, 300, 300, 3000))))


def _name(rng: random.Random, index: int) -> Given:
    name = rng.choice(("千代田区", "府中市", "広島県安芸郡府中町", "13101", "131016", "ﾁﾖﾀﾞｸ", "全国", "龍ヶ崎 市", "東京都"))
    return Given(inputs.mutated(rng, name, rng.randrange(3))[:200] or "x")


def _plain(rng: random.Random, index: int) -> Given:
    ending = rng.choice((".txt", ".txt", ".md", ".csv", ".tsv", ".html", ".htm", ".TXT"))
    return Given(inputs.encoded(rng, inputs.document(rng, 40)), ending, "read" if index % 8 == 0 else "")


def _plan(rng: random.Random, index: int) -> Given:
    text = inputs.document(rng)
    return Given(text.encode("utf-8", "replace").decode())  # what a file can hold


def _page(rng: random.Random, index: int) -> Given:
    data = rng.choice(inputs.files(".html"))[1]
    text = data.decode("cp932" if b"hift" in data[:2000] else "utf-8", "replace")
    if rng.random() < 0.2:
        rows = ("".join(f"<td>{inputs.short(rng, 40)}" for _ in range(rng.randrange(1, 9))) for _ in range(rng.randrange(1, 9)))
        text = f"<table><tr>{'<tr>'.join(rows)}"
    found = inputs.marked_up(rng, text)
    if rng.random() < 0.3:
        found = inputs.nested(rng, found, rng.choice((10, 150, 250, 4000)))
    return Given(inputs.encoded(rng, found), ".html", "read" if index % 8 == 0 else "")


def _office(ending: str) -> Callable[[random.Random, int], Given]:
    def make(rng: random.Random, index: int) -> Given:
        seeds = [data for _, data in inputs.files(ending)] + made_files(ending)
        return Given(inputs.repacked(rng, rng.choice(seeds)), ending, "read" if index % 8 == 0 else "")

    return make


def _pdf(rng: random.Random, index: int) -> Given:
    seeds = made_files(".pdf") * 3 + [data for _, data in inputs.files(".pdf")]
    data = rng.choice(seeds)
    if rng.random() < 0.5:
        return Given(inputs.damaged(rng, data, seeds), ".pdf", "read" if index % 8 == 0 else "")
    text = data.decode("latin-1")
    for _ in range(rng.choice((1, 3, 8))):
        text = inputs._other_number(rng, text, rng.randrange(len(text)))
    return Given(text.encode("latin-1", "replace"), ".pdf", "read" if index % 8 == 0 else "")


def made_files(ending: str) -> list[bytes]:
    """Small files of a format with what the collection does not hold: merged cells, lists, notes, boxes, tables in tables."""
    return _MADE.setdefault(ending, list(_make(ending)))


_MADE: dict[str, list[bytes]] = {}


def _make(ending: str) -> Iterator[bytes]:
    import formats
    from formats import docx, p, pdf, rule, show, tbl, tc

    if ending == ".docx":
        merged = tbl(
            [tc("指標", '<w:vMerge w:val="restart"/>'), tc("目標", '<w:gridSpan w:val="2"/>')],
            [tc("", "<w:vMerge/>"), tc("R7"), tc("35件")],
        )
        inner = merged
        for _ in range(12):
            inner = tbl([f"<w:tc>{inner}<w:p/></w:tc>", tc("外")], [tc("a"), tc("b")])
        levels = '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="第%1章"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        yield docx(
            p("総論", '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>') + merged + p("目標値 5件"), numbering=levels
        )
        yield docx(inner + p("本文"))
    elif ending == ".xlsx":
        yield from _books()
    elif ending == ".pdf":
        table = "".join(rule(50, y, 350, y) for y in (700, 680, 660)) + "".join(rule(x, 660, x, 700) for x in (50, 200, 350))
        yield pdf(show(50, 800, "指標一覧") + table + show(60, 685, "件数") + show(210, 685, "35件"))
        yield pdf(show(50, 800, "一頁目"), show(50, 800, "令和8年度 目標 100件") + table, compress=True)
        yield pdf(*[show(50, 800 - 12 * n, "オンライン申請率 85.3%（令和5年度）") for n in range(3)], extra="/Rotate 90")
    assert formats


def _books() -> Iterator[bytes]:
    import io

    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["指標", "R7", "R8", "割合"])
    book.active.append(["件数", 35, 1234.5, 0.333])
    book.active["D2"].number_format = "0.0%"
    book.active["B2"].number_format = '#,##0"件";[Red]▲#,##0'
    book.active.append(["日", date(2026, 3, 31), "=1+1", True])
    book.active.merge_cells("A4:B6")
    book.active["A4"] = "結合"
    hidden = book.create_sheet("隠")
    hidden.sheet_state = "hidden"
    hidden.append(["x"])
    buffer = io.BytesIO()
    book.save(buffer)
    yield buffer.getvalue()


def _giant(size: int) -> Callable[[random.Random, int], Given]:
    def make(rng: random.Random, index: int) -> Given:
        ending, data = inputs.giant(rng, index, size)
        return Given(data, ending, "read")

    return make


READING = (
    Target("text", 70_000, _line, check_text),
    Target("quantity", 70_000, _line, check_quantity),
    Target("names of municipalities", 3_000, _name, check_place),
    Target("plain files in every encoding", 12_000, _plain, check_file),
    Target("plan texts", 8_000, _plan, check_reading),
    Target("web pages", 3_000, _page, check_file, seconds_a_mb=40),
    Target("docx", 2_000, _office(".docx"), check_file, seconds_a_mb=40),
    Target("xlsx", 2_000, _office(".xlsx"), check_file, seconds_a_mb=40),
    Target("pdf", 500, _pdf, check_file, seconds=6, seconds_a_mb=40),
    Target("lines of 100 kB", 6 * len(inputs.PIECES), _giant(100_000), check_file),
    Target("lines of 1 MB", 40, _giant(1_000_000), check_file),
    Target("lines of 10 MB", 9, _giant(9_900_000), check_file, memory_mb=900, memory_a_mb=400),
)


def _numbered(rng: random.Random, index: int) -> Given:
    return Given(str(index))


def check_broken(given: Given, scratch: Path) -> None:
    """Break every bound, one after the other: what shows that the watch sees it."""
    if given.data == "0":
        raise ZeroDivisionError
    if given.data == "1":
        assert len(bytearray(b"x") * (200 * inputs.MB))
    while given.data == "2":
        pass
    if given.data == "3":
        os._exit(9)


BROKEN = Target("broken on purpose", 4, _numbered, check_broken, seconds=0.5, memory_mb=100)

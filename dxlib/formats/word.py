"""DOCX: paragraphs as lines, tables as rows, footnotes at the end. Headers and footers of pages are left out."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from posixpath import join, normpath
from typing import Any

from dxlib.formats import ingest, limits
from dxlib.formats.numbering import Numbering, val, whole
from dxlib.formats.spans import Spanning, table_lines
from dxlib.printed import BLANK, Printed, one_line, superscript, wrapped

_HEADING = re.compile(r"(?:heading|見出し)\s*([1-9])$", re.I)
# What holds runs or paragraphs without meaning anything of its own here.
_WRAPPERS = frozenset(
    (
        "hyperlink",
        "smartTag",
        "sdt",
        "sdtContent",
        "ins",
        "moveTo",
        "fldSimple",
        "customXml",
        "dir",
        "bdo",
        "oMath",
        "oMathPara",
        "Choice",
    )
)
_SYMBOL_BULLETS = frozenset((0x6C, 0x6E, 0x75, 0x76, 0x77, 0xA7, 0xA8, 0xB7, 0xD8, 0x9F))


def printed(path: Path) -> Sequence[Printed]:
    """The lines of a DOCX file.

    Raises:
        SourceError: it is damaged, protected, or larger than is read; or lxml is not installed.
    """
    where = str(path)
    limits.check_archive(path, "DOCX")
    etree = ingest.lxml("DOCX")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = _Parts(archive, etree, where)
            word = _Word(parts, where)
            return word.read()
    except (etree.LxmlError, zipfile.BadZipFile, KeyError, OSError, EOFError, RecursionError) as error:
        raise limits.damaged("DOCX", where, error) from error


class _Parts:
    """The XML parts of the package that matter here, found by their relationships."""

    def __init__(self, archive: zipfile.ZipFile, etree: Any, where: str) -> None:
        self._archive, self._etree, self._where = archive, etree, where
        self._names = set(archive.namelist())
        self._main = next((target for kind, target in self._related("") if kind == "officeDocument"), "word/document.xml")
        self._others = {kind: target for kind, target in self._related(self._main) if target in self._names}

    def _related(self, part: str) -> Iterator[tuple[str, str]]:
        folder, _, name = part.rpartition("/")
        rels = join(folder, "_rels", f"{name}.rels")
        if rels not in self._names:
            return
        for one in self._parse(rels):
            target = one.get("Target") or ""
            if one.get("TargetMode") != "External":
                yield (one.get("Type") or "").rpartition("/")[2], normpath(join("/", folder, target)).lstrip("/")

    def _parse(self, name: str) -> Any:
        info = self._archive.getinfo(name)
        if info.file_size > limits.MAX_XML:
            raise limits.too_large(
                f"{name} unpacks to {info.file_size / limits.MB:,.0f} MB, at most {limits.MAX_XML // limits.MB} MB are read",
                self._where,
                "split the document into parts",
            )
        parser = self._etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
        )
        return self._etree.fromstring(self._archive.read(info), parser)

    def main(self) -> Any:
        """The text itself."""
        return self._parse(self._main)

    def other(self, kind: str) -> Any:
        """Styles, numbering, footnotes …; None where the document has none."""
        return self._parse(self._others[kind]) if kind in self._others else None


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _child(element: Any, *names: str) -> Any:
    """The first child of that name, and in it the next …; None where there is none."""
    for name in names:
        element = next((child for child in element if _local(child) == name), None)
        if element is None:
            return None
    return element


def _on(element: Any) -> bool:
    """Whether a switch like ``w:vanish`` is on."""
    return element is not None and val(element) not in ("0", "false", "off")


class _Styles:
    """What paragraph styles say about headings and lists, inheritance followed."""

    def __init__(self, root: Any) -> None:
        self._styles = {val(s, "styleId"): s for s in root if _local(s) == "style"} if root is not None else {}

    def _chain(self, key: str | None) -> Iterator[Any]:
        for _ in range(20):  # a style that inherits from itself ends here
            style = self._styles.get(key)
            if style is None:
                return
            yield style
            key = val(_child(style, "basedOn"))

    def heading(self, key: str | None) -> int:
        """Level of a heading style; 0 for other styles."""
        for style in self._chain(key):
            outline = val(_child(style, "pPr", "outlineLvl"))
            if outline is not None:
                return whole(outline, 9) + 1 if whole(outline, 9) < 9 else 0
            name = val(_child(style, "name")) or ""
            found = _HEADING.search(name)
            if found:
                return int(found[1])
            if name.lower() in ("title", "表題"):
                return 1
        return 0

    def list_of(self, key: str | None) -> Any:
        """``w:numPr`` of a style."""
        return next((found for style in self._chain(key) if (found := _child(style, "pPr", "numPr")) is not None), None)


class _Word:
    def __init__(self, parts: _Parts, where: str) -> None:
        self.where = where
        self._body = _child(parts.main(), "body")
        if self._body is None:
            raise limits.damaged("DOCX", where, "it has no text body")
        self._styles = _Styles(parts.other("styles"))
        self._numbering = Numbering(parts.other("numbering"))
        self._notes = {kind: self._note_texts(parts.other(kind)) for kind in ("footnotes", "endnotes")}
        self._cited: list[tuple[str, str]] = []
        self._cells = 0

    @staticmethod
    def _note_texts(root: Any) -> dict[str, Any]:
        return {val(note, "id") or "": note for note in root if val(note, "type") is None} if root is not None else {}

    def read(self) -> list[Printed]:
        """Every line in order, then the notes that were cited."""
        lines = list(self._blocks(self._body))
        for number, (kind, key) in enumerate(list(self._cited), start=1):
            note = self._notes[kind].get(key)
            text = wrapped(line.text for line in self._blocks(note)) if note is not None else ""
            lines.append(Printed(f"※{number} {text}".rstrip()))
        return lines or [BLANK]

    def _blocks(self, parent: Any) -> Iterator[Printed]:
        for element in parent:
            name = _local(element)
            if name == "p":
                yield from self._paragraph(element)
            elif name == "tbl":
                yield BLANK
                yield from self._table(element)
                yield BLANK
            elif name in _WRAPPERS:
                yield from self._blocks(element)
            elif name == "AlternateContent":
                yield from self._blocks(element[0] if len(element) else ())

    def _paragraph(self, paragraph: Any) -> Iterator[Printed]:
        boxes: list[Any] = []
        text = "".join(self._runs(paragraph, boxes))
        properties = _child(paragraph, "pPr")
        heading, mark = self._heading_and_mark(properties)
        for part in re.split(r"[\n\f]", text):
            line = one_line(part)
            if line:
                front = f"{'#' * min(heading, 6)} " if heading else ""
                yield Printed(front + (f"{mark} " if mark else "") + line)
                mark = ""
        for box in boxes:
            yield from self._blocks(box)

    def _heading_and_mark(self, properties: Any) -> tuple[int, str]:
        if properties is None:
            properties = ()
        style = val(_child(properties, "pStyle"))
        own = val(_child(properties, "outlineLvl"))
        heading = self._styles.heading(style) if own is None else (whole(own, 9) + 1) % 10
        listed = _child(properties, "numPr")
        if listed is None:
            listed = self._styles.list_of(style)
        if listed is None:
            return heading, ""
        key = val(_child(listed, "numId"))
        if key is None:
            inherited = self._styles.list_of(style)
            key = val(_child(inherited, "numId")) if inherited is not None else None
        return heading, self._numbering.mark(key or "0", whole(val(_child(listed, "ilvl"))))

    def _runs(self, parent: Any, boxes: list[Any]) -> Iterator[str]:
        for element in parent:
            name = _local(element)
            if name == "r":
                properties = _child(element, "rPr")
                if properties is not None and _on(_child(properties, "vanish")):
                    continue
                text = "".join(self._run(element, boxes))
                raised = properties is not None and val(_child(properties, "vertAlign")) == "superscript"
                yield superscript("", text) if raised and "(※" not in text else text
            elif name == "t":  # a formula
                yield element.text or ""
            elif name in _WRAPPERS:
                yield from self._runs(element, boxes)

    def _run(self, run: Any, boxes: list[Any]) -> Iterator[str]:
        for element in run:
            name = _local(element)
            if name == "t":
                yield element.text or ""
            elif name in ("tab", "ptab"):
                yield " "
            elif name in ("br", "cr"):
                yield "\n"
            elif name in ("noBreakHyphen", "softHyphen"):
                yield "-" if name == "noBreakHyphen" else ""
            elif name == "sym":
                yield _symbol(val(element, "char"))
            elif name in ("footnoteReference", "endnoteReference"):
                yield self._cite(name.removesuffix("Reference") + "s", val(element, "id") or "")
            elif name == "ruby":
                base = _child(element, "rubyBase")
                yield "".join(self._runs(base, boxes)) if base is not None else ""
            elif name in ("AlternateContent", "drawing", "pict"):
                boxes += _boxes(element)

    def _cite(self, kind: str, key: str) -> str:
        self._cited.append((kind, key))
        return f"(※{len(self._cited)})"

    def _table(self, table: Any) -> Iterator[Printed]:
        rows = [list(_row_cells(row)) for row in _table_rows(table)]
        self._cells += sum(map(len, rows))
        if self._cells > limits.MAX_CELLS:
            raise limits.too_large(f"its tables hold more than {limits.MAX_CELLS:,} cells", self.where, "split the document")
        if all(len(row) <= 1 for row in rows):  # a frame around text
            for row in rows:
                for cell, *_ in row:
                    yield from self._blocks(cell)
            return
        nested: list[Printed] = []
        grid: list[list[Spanning]] = []
        reach, covered = _row_spans(rows)
        for at, row in enumerate(rows):
            grid.append([])
            for cell, column, columns, merged in row:
                if merged != "continue" or (at, column) not in covered:
                    text = self._cell(cell, nested) if cell is not None else ""
                    grid[-1].append(Spanning(text, columns, reach.get((at, column), 1)))
        yield from table_lines(grid, self.where)
        yield from nested

    def _cell(self, cell: Any, nested: list[Printed]) -> str:
        lines: list[str] = []
        for element in _unwrapped(cell):
            if _local(element) == "tbl":
                nested += [BLANK, *self._table(element)]
            elif _local(element) == "p":
                lines += [line.text.lstrip("#") for line in self._paragraph(element)]
        return wrapped(lines)


def _unwrapped(parent: Any) -> Iterator[Any]:
    for element in parent:
        if _local(element) in _WRAPPERS:
            yield from _unwrapped(element)
        else:
            yield element


def _boxes(element: Any) -> list[Any]:
    """The text boxes of a drawing; of alternatives for newer and older programs, the first."""
    if _local(element) == "AlternateContent":
        return _boxes(element[0]) if len(element) else []
    if _local(element) == "txbxContent":
        return [element]
    return [box for child in element for box in _boxes(child)]


def _symbol(code: str | None) -> str:
    number = int(code, 16) if code and re.fullmatch(r"[0-9A-Fa-f]{1,6}", code) else 0
    if number & 0xFF in _SYMBOL_BULLETS and (number >> 8) in (0, 0xF0):
        return "・"
    return chr(number) if 0x20 <= number < 0xD800 else "□"


def _table_rows(table: Any) -> Iterator[Any]:
    for row in _unwrapped(table):
        if _local(row) == "tr" and _child(row, "trPr", "del") is None:
            yield row


_Cell = tuple[Any, int, int, str]


def _row_cells(row: Any) -> Iterator[_Cell]:
    """Each cell with its grid column, how many it spans, and ``restart`` or ``continue`` where it is merged downwards."""
    column = min(whole(val(_child(row, "trPr", "gridBefore"))), limits.MAX_COLUMNS)
    for before in range(column):
        yield None, before, 1, ""
    for cell in _unwrapped(row):
        if _local(cell) != "tc":
            continue
        properties = _child(cell, "tcPr")
        columns, merged = 1, ""
        if properties is not None:
            columns = max(1, whole(val(_child(properties, "gridSpan")), 1))
            vertical = _child(properties, "vMerge")
            if vertical is not None:
                merged = val(vertical) or "continue"
        yield cell, column, min(columns, limits.MAX_COLUMNS + 1), merged
        column += columns


def _row_spans(rows: Sequence[Sequence[_Cell]]) -> tuple[dict[tuple[int, int], int], set[tuple[int, int]]]:
    """How many rows each merged cell reaches, by row and grid column, and the cells it covers below its first."""
    reach: dict[tuple[int, int], int] = {}
    covered: set[tuple[int, int]] = set()
    open_at: dict[int, int] = {}
    for at, row in enumerate(rows):
        now: dict[int, int] = {}
        for _, column, _, merged in row:
            if merged == "restart":
                now[column] = at
            elif merged == "continue" and column in open_at:
                now[column] = open_at[column]
                reach[open_at[column], column] = at - open_at[column] + 1
                covered.add((at, column))
        open_at = now
    return reach, covered

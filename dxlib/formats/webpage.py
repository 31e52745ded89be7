"""HTML: one line for each block of text, one row for each row of a table; what a browser does not show is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from dxlib.formats import ingest, limits, plain
from dxlib.formats.spans import Spanning, table_lines
from dxlib.printed import BLANK, Printed, one_line, superscript, wrapped

_SKIPPED = frozenset(
    (
        "head",
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "svg",
        "math",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "canvas",
        "map",
        "button",
        "select",
        "option",
        "textarea",
        "input",
        "datalist",
        "rt",
        "rp",
    )
)
_INLINE = frozenset(
    (
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "label",
        "mark",
        "nobr",
        "output",
        "q",
        "ruby",
        "rb",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    )
)
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w-]+)|<\?xml[^>]{0,100}encoding=[\"']([\w-]+)", re.I
)
_JAPANESE_WRAP = re.compile(r"(?<=[^\x00-\x7f])[ \t\r\f]*\n[ \t\r\n\f]*(?=[^\x00-\x7f])")
_WHITE = re.compile(r"[ \t\r\n\f]+")
_BREAK = "\n"
# As a browser reads them; possessive, so that time grows with the length of the page.
_ONE = r"""[^\s=/>][^\s=/>]*+(?:\s*+=\s*+(?:"[^"]*+"?|'[^']*+'?|[^\s>]*+))?+"""
_ATTRIBUTE = re.compile(_ONE)
_TAG = re.compile(rf"<[A-Za-z][^\s/>]*+(?:[\s/]*+{_ONE})*+")


def decode(data: bytes, where: str) -> tuple[str, str]:
    """The text of a page by its byte order mark, the encoding it states, or as other texts are decoded.

    Raises:
        SourceError: it is empty, binary, truncated or of another encoding.
    """
    stated = _CHARSET.search(data[:4096])
    name = (stated[1] or stated[2]).decode().lower() if stated else ""
    if name in ("euc-jp", "iso-2022-jp") and data.strip():
        try:
            return data.decode(name), name
        except UnicodeDecodeError:
            pass  # it states what it is not: the usual encodings are tried, and refused with a typed error
    return plain.decode(data, where)


def printed(text: str, where: str) -> Sequence[Printed]:
    r"""The lines of a page.

    >>> [line.text for line in printed("<h2>指標</h2><ul><li>件数<b>5件</b></ul><table><tr><td>R7<td>3件</table>", "a.html")]
    ['## 指標', '・ 件数5件', '', 'R7\t3件', '']

    Raises:
        SourceError: elements stand within each other deeper than is read, or a table is too large.
    """
    etree = ingest.lxml("HTML")
    _check_attributes(text, where)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.encode(), parser)
    if root is None:
        raise limits.damaged("HTML", where, "no element is found in it")
    _check_depth(etree, root, where)
    page = _Page(where)
    page.block(root)
    page.flush()
    return page.lines


def _check_attributes(text: str, where: str) -> None:
    """Refuse an element of very many attributes: the parser compares each with all others."""
    for tag in _TAG.finditer(text):
        if len(tag[0]) > limits.MAX_ATTRIBUTES * 2 and len(_ATTRIBUTE.findall(tag[0])) > limits.MAX_ATTRIBUTES:
            raise limits.too_large(
                f"an element has more than {limits.MAX_ATTRIBUTES} attributes", where, "open the page and save its text"
            )


def _check_depth(etree: Any, root: Any, where: str) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > limits.MAX_DEPTH:
            raise limits.too_large(
                f"elements stand within each other more than {limits.MAX_DEPTH} deep", where, "open the page and save its text"
            )


def _hidden(element: Any) -> bool:
    if not isinstance(element.tag, str) or element.tag in _SKIPPED:
        return True
    return element.get("hidden") is not None or bool(_NOT_SHOWN.search(element.get("style") or ""))


def _collapsed(text: str) -> str:
    return _WHITE.sub(" ", _JAPANESE_WRAP.sub("", text))


class _Page:
    """Lines in the making: inline text gathers until a block begins or ends."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.lines: list[Printed] = []
        self._run: list[str] = []
        self._mark = ""
        self._numbers: dict[Any, int] = {}

    def flush(self) -> None:
        """End the current block: each part between line breaks is a line."""
        text, self._run = "".join(self._run), []
        for part in text.split(_BREAK):
            line = one_line(part)
            if line:
                self.lines.append(Printed(self._mark + line))
                self._mark = ""

    def block(self, element: Any) -> None:
        """Everything within an element, in reading order."""
        self._add(element.text)
        for child in element:
            if not _hidden(child):
                self._child(child)
            self._add(child.tail)

    def _add(self, text: str | None) -> None:
        if text:
            self._run.append(_collapsed(text))

    def _child(self, child: Any) -> None:
        tag = child.tag
        if tag == "br":
            self._run.append(_BREAK)
        elif tag == "sup":
            self._run.append(superscript("".join(self._run[-1:]), "".join(child.itertext())))
        elif tag in _INLINE:
            self.block(child)
        else:
            self.flush()
            self._open(child)
            self.flush()
            self._mark = ""

    def _open(self, element: Any) -> None:
        tag = element.tag
        if tag == "table":
            self._table(element)
        elif tag == "pre":
            self.lines += [Printed(line.replace("\t", " ")) for line in "".join(element.itertext()).split("\n")]
        else:
            if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
                self._mark = "#" * int(tag[1]) + " "
            elif tag == "li":
                self._mark = self._item_mark(element)
            self.block(element)

    def _item_mark(self, item: Any) -> str:
        parent = item.getparent()
        if parent is None or parent.tag != "ol":
            return "・ "
        own, start = item.get("value") or "", parent.get("start") or ""
        first = int(start) if re.fullmatch(r"[0-9]{1,6}", start) else 1
        number = int(own) if re.fullmatch(r"[0-9]{1,6}", own) else self._numbers.get(parent, first)
        self._numbers[parent] = number + 1
        return f"{number}. "

    def _table(self, table: Any) -> None:
        for caption in table.iterchildren("caption"):
            self.block(caption)
            self.flush()
        rows = list(_rows(table))
        if any(cell.find(".//table") is not None for row in rows for cell in row):
            for row in rows:  # a table for the layout: what its cells hold stands for itself
                for cell in row:
                    self.block(cell)
                    self.flush()
            return
        grid = [[Spanning(_cell_text(cell), *_span(cell)) for cell in row] for row in rows]
        self.lines += [BLANK, *table_lines(grid, self.where), BLANK]


def _rows(table: Any) -> Iterator[list[Any]]:
    for part in table:
        if _hidden(part):
            continue
        if part.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(part)
        elif part.tag == "tr":
            cells = [cell for cell in part if cell.tag in ("td", "th") and not _hidden(cell)]
            if cells:
                yield cells


def _span(cell: Any) -> tuple[int, int]:
    def number(name: str, most: int) -> int:
        found = re.match(r"\s*(\d{1,6})", cell.get(name) or "")
        return min(int(found[1]), most) if found else 1

    rows = number("rowspan", 65_534)
    return number("colspan", limits.MAX_COLUMNS) or 1, rows if rows else 65_534


def _cell_text(cell: Any) -> str:
    inner = _Page("")
    inner.block(cell)
    inner.flush()
    return wrapped(line.text.lstrip("#") for line in inner.lines)

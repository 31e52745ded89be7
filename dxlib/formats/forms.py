"""What of a PDF would become far more than a page can hold, found before PDFium looks: packed streams, forms within forms."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from dxlib.errors import SourceError
from dxlib.formats import limits

_RATIO = 1032  # to which deflate packs at most
_HEADER = 64 * 1024  # bytes before a stream in which its dictionary is looked for
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_NUMBERED = re.compile(rb"(\d{1,8})\s+\d{1,5}\s+obj\b")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_PICTURE = re.compile(rb"/Subtype\s*/Image\b")
_FORM = re.compile(rb"/Subtype\s*/Form\b")
_DRAWN = re.compile(rb"/([^\s/<>\[\](){}%]{1,127})\s+Do\b")
_NAMED = re.compile(rb"/([^\s/<>\[\](){}%]{1,127})\s+(\d{1,8})\s+\d{1,5}\s+R\b")
_ELSEWHERE = re.compile(rb"/(?:Resources|XObject)\s+(\d{1,8})\s+\d{1,5}\s+R\b")


@dataclass(frozen=True)
class _Stream:
    """A stream with its dictionary, names written out."""

    number: int
    header: bytes
    data: memoryview

    @cached_property
    def is_picture(self) -> bool:
        return bool(_PICTURE.search(self.header))

    @cached_property
    def is_form(self) -> bool:
        return bool(_FORM.search(self.header))

    def packed(self) -> bytes:
        """The bytes without what only spells them in letters."""
        data = bytes(self.data)
        try:
            if b"/ASCII85Decode" in self.header or b"/A85" in self.header:
                return base64.a85decode(data.strip().removeprefix(b"<~").removesuffix(b"~>"))
            if b"/ASCIIHexDecode" in self.header or b"/AHx" in self.header:
                digits = re.sub(rb"[^0-9A-Fa-f]", b"", data.partition(b">")[0])
                return binascii.unhexlify(digits[: len(digits) // 2 * 2])
        except (ValueError, binascii.Error):
            pass  # PDFium reads what it can of a damaged stream
        return data

    def unpacked(self, most: int) -> Iterator[bytes]:
        """Its content in pieces, at most so many bytes and one piece."""
        rest, size = self.packed(), 0
        unpacker = zlib.decompressobj()
        try:
            while rest and not unpacker.eof and size <= most:
                piece = unpacker.decompress(rest, limits.MB)
                rest, size = unpacker.unconsumed_tail, size + len(piece)
                yield piece
        except zlib.error:
            if size == 0:
                yield bytes(self.data)


def _streams(data: bytes) -> Iterator[_Stream]:
    end = 0
    for match in _STREAM.finditer(data):
        begin = match.end()
        if begin < end:
            continue
        before = data[max(end, begin - _HEADER) : begin]
        last = next(iter(deque(_NUMBERED.finditer(before), maxlen=1)), None)
        header = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), before[last.end() :] if last else before)
        end = data.find(b"endstream", begin)
        end = len(data) if end < 0 else end
        yield _Stream(int(last[1]) if last else 0, header, memoryview(data)[begin:end])


def check(data: bytes, where: str) -> None:
    """Refuse a PDF whose streams unpack to more than is read, or whose forms would be drawn again and again.

    A stream is told by its content, whatever its dictionary says of it. What says it is a picture may be larger.

    Args:
        data: the file.
        where: how messages name it.

    Raises:
        SourceError: it is refused.
    """
    total = 0
    forms: dict[int, _Stream] = {}
    for stream in _streams(data):
        if stream.header.count(b"/FlateDecode") > 1:
            raise _bomb(where, limits.MAX_STREAM)
        if stream.is_form:
            forms[stream.number] = stream
        if len(stream.data) * _RATIO > limits.MAX_STREAM:
            most = limits.MAX_PICTURE if stream.is_picture else limits.MAX_STREAM
            size = 0
            for piece in stream.unpacked(most):
                size += len(piece)
                if size > most:
                    raise _bomb(where, most)
            total += 0 if stream.is_picture else size
            if total > limits.MAX_STREAMS:
                raise _bomb(where, limits.MAX_STREAM)
    if forms:
        _check_forms(data, forms, where)


def _drawn(stream: _Stream) -> Counter[bytes]:
    """How often a stream draws each form or picture, by its name there."""
    found: Counter[bytes] = Counter()
    tail = b""
    for piece in stream.unpacked(limits.MAX_STREAM):
        window = tail + piece
        cut = len(window) - 160 if len(piece) == limits.MB else len(window)
        found.update(match[1] for match in _DRAWN.finditer(window, 0, cut))
        tail = window[cut:]
    return found


class _Objects:
    """The objects that stand in the file itself, by number."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._places = {int(match[1]): match.end() for match in _NUMBERED.finditer(data)}

    def referred(self, text: bytes) -> bytes:
        """The objects that a dictionary names as its resources or drawn parts."""
        found = b""
        for number in map(int, _ELSEWHERE.findall(text)):
            if number in self._places:
                begin = self._places[number]
                found += self._data[begin : begin + _HEADER].partition(b"endobj")[0]
        return found


def _check_forms(data: bytes, forms: Mapping[int, _Stream], where: str) -> None:
    drawn = {number: _drawn(form) for number, form in forms.items()}
    if not any(drawn.values()):
        return  # no form holds another: what is drawn grows with the file
    objects = _Objects(data)
    inner: dict[int, Counter[int]] = {}
    for number, form in forms.items():
        resources = objects.referred(form.header)
        known = form.header + resources + objects.referred(resources)
        named = {name: int(target) for name, target in _NAMED.findall(known)}
        inner[number] = Counter()
        for name, times in drawn[number].items():
            if named.get(name) in forms:
                inner[number][named[name]] += times
    costs: dict[int, int] = {}
    for _ in range(limits.MAX_FORM_DEPTH):  # each round knows the forms one level deeper
        costs = {n: min(1 + sum(times * costs.get(m, 1) for m, times in held.items()), 1 << 40) for n, held in inner.items()}
    most = max(costs.values())
    if most == 1:
        return
    pages = sum(sum(_drawn(s).values()) for s in _streams(data) if not s.is_picture and not s.is_form)
    if most * max(pages, 1) > limits.MAX_FORMS:
        raise limits.too_large(
            f"its pages draw forms within forms more than {limits.MAX_FORMS:,} times",
            where,
            "print it to a new PDF; do not trust its origin",
        )


def _bomb(where: str, most: int) -> SourceError:
    return limits.too_large(
        f"it, or a part of it, unpacks to more than {most // limits.MB} MB",
        where,
        "print it to a new PDF; do not trust its origin",
    )

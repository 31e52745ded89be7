"""Files that are small and would become huge: entities, archives, pictures and streams; made here, none is kept."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import formats

MB = 1024 * 1024
_OVERRIDE = '<Override PartName="/{}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"/>'
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def laughs(form: str = "&{};" * 10, depth: int = 12) -> str:
    """A declaration whose last entity is ten to the power of the depth."""
    lines = ['<!ENTITY l0 "笑">', *(f'<!ENTITY l{n} "{form.replace("{}", f"l{n - 1}")}">' for n in range(1, depth))]
    return f"<!DOCTYPE x [{''.join(lines)}]>"


def quadratic() -> str:
    """One long entity, used very often."""
    return f'<!DOCTYPE x [<!ENTITY a "{"笑" * 50_000}">]>'


EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY % b SYSTEM "http://canary.invalid/x.dtd">]>'


def docx_with(head: str, text: str, name: str = "word/document.xml", encoding: str = "utf-8") -> bytes:
    """A DOCX whose text lies under a name and begins with a declaration."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'<?xml version="1.0" encoding="{encoding}"?>{head}<w:document xmlns:w="{space}"><w:body>{formats.p(text)}</w:body></w:document>'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    rels = f'<Relationships xmlns="{relations}"><Relationship Id="r" Type="{office}" Target="{name}"/></Relationships>'
    return formats.zipped({"_rels/.rels": rels, name: body.encode(encoding), "word/other.xml": "<x/>"})


def xlsx_with(name: str, sheet: bytes) -> bytes:
    """An XLSX whose sheet lies under a name."""
    main = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/"
    kinds = _OVERRIDE.format("xl/workbook.xml", "sheet.main") + _OVERRIDE.format(name, "worksheet")
    return formats.zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}content-types">{kinds}</Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}relationships"/>',
            "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{main}"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}relationships"><Relationship Id="r1" Type="{main}/worksheet" Target="/{name}"/></Relationships>',
            name: sheet,
        }
    )


def rows_of_cells(megabytes: int) -> bytes:
    """A sheet of so many megabytes."""
    row = b"<row>" + b"<c t='inlineStr'><is><t>" + b"a" * 1000 + b"</t></is></c>" * 1 + b"</row>"
    return f'<worksheet xmlns="{_SHEET}"><sheetData>'.encode() + row * (megabytes * MB // len(row)) + b"</sheetData></worksheet>"


def many_files(count: int, head: str) -> bytes:
    """An archive of very many empty files, written by hand: zipfile itself would take minutes."""
    names = [head, *(f"word/{n}" for n in range(count))]
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 33, 0, 0, 0, len(head), 0) + head.encode()
    entry = struct.Struct("<4s6H3L5H2L")
    directory = b"".join(
        entry.pack(b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0) + name.encode() for name in names
    )
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), len(local), 0)
    return local + directory + end


def nested(depth: int) -> bytes:
    """An archive in an archive in an archive, each of ten; the innermost file is 10 MB of nothing."""
    content = formats.zipped({"x": b"\0" * (10 * MB)})
    for _ in range(depth):
        content = formats.zipped({f"word/embeddings/{n}.zip": content for n in range(10)})
    with zipfile.ZipFile(io.BytesIO(formats.docx(formats.p("本文の文字")))) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    return formats.zipped({**parts, "word/embeddings/all.zip": content})


def picture(side: int) -> bytes:
    """A PNG of so many pixels a side, all white, a few kilobytes large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    line = b"\0" + b"\xff" * (side // 8 + 1)
    data = b"".join(packer.compress(line) for _ in range(side)) + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">2L5B", side, side, 1, 0, 0, 0, 0))
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


def pdf_of(objects: list[bytes]) -> bytes:
    """A PDF of objects, the first its catalogue."""
    file = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(file))
        file += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(file)
    file += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode() + b"".join(
        f"{n:010d} 00000 n \n".encode() for n in places
    )
    return bytes(file) + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()


def page_with(stream: bytes, *others: bytes, resources: str = "") -> bytes:
    """A PDF of one page whose content is a stream object as given; ``others`` follow it as objects 5, 6 …"""
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> {resources} >> >>"
    return pdf_of(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page.encode(), stream, *others]
    )


def stream(dictionary: str, data: bytes) -> bytes:
    """A stream object."""
    return f"<< /Length {len(data)} {dictionary} >>\nstream\n".encode() + data + b"\nendstream"


@cache
def spaces(megabytes: int) -> bytes:
    """A packed content stream of a little text and very many spaces."""
    packer = zlib.compressobj(9)
    parts = [packer.compress(b"BT /F 10 Tf 50 800 Td (text of a page) Tj ET ")]
    parts += [packer.compress(b" " * MB) for _ in range(megabytes)]
    return b"".join(parts) + packer.flush()


def run_lengths(megabytes: int) -> bytes:
    """So many megabytes of spaces, each 128 in two bytes."""
    text = b"BT /F 10 Tf 50 800 Td (text of a page) Tj ET "
    return bytes([len(text) - 1]) + text + bytes([129, 32]) * (megabytes * MB // 128) + b"\x80"


def lzw(megabytes: int) -> bytes:
    """So many megabytes of spaces in LZW: each code stands for a run one longer than the last."""
    bits, size, total = [(256, 9)], 9, 0
    code, length = 257, 0
    while total < megabytes * MB:
        if code == 257 or code >= 4095:
            bits.append((256, size))
            size, code, length = 9, 258, 1
            bits.append((32, size))
            total += 1
            continue
        bits.append((code, size))
        length += 1
        total += length
        code += 1
        size = 9 if code < 511 else 10 if code < 1023 else 11 if code < 2047 else 12
    bits.append((257, size))
    number, count, out = 0, 0, bytearray()
    for value, width in bits:
        number, count = number << width | value, count + width
        while count >= 8:
            count -= 8
            out.append(number >> count & 255)
            number &= (1 << count) - 1
    return bytes(out) + bytes([number << (8 - count) & 255])


def object_stream(megabytes: int) -> bytes:
    """A PDF whose objects lie in a packed stream beside very much nothing."""
    inner = b"<< /Type /Pages /Kids [] /Count 0 >> "
    packer = zlib.compressobj(9)
    data = b"".join([packer.compress(b"2 0 " + inner), *(packer.compress(b" " * MB) for _ in range(megabytes)), packer.flush()])
    return pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", data)])


def workbook_with_far_cells() -> bytes:
    """A sheet that states to be as large as a sheet can be, with a cell in its last corner, and merged as a whole."""
    sheet = (
        f'<worksheet xmlns="{_SHEET}"><dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
        '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>b</t></is></c></row></sheetData>'
        '<mergeCells count="1"><mergeCell ref="A1:XFD1048575"/></mergeCells></worksheet>'
    )
    return xlsx_with("xl/worksheets/sheet1.xml", sheet.encode())


def docx_with_picture() -> bytes:
    """A DOCX with a picture of 30,000 by 30,000 pixels."""
    plain = formats.docx(formats.p("本文の文字"))
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    return formats.zipped({**parts, "word/media/image1.png": picture(30_000)})


_FLATE = "/Filter /FlateDecode"
BOMBS: dict[str, Callable[[], bytes]] = {
    "laughs.docx": lambda: docx_with(laughs(), "&l11;"),
    "quadratic.docx": lambda: docx_with(quadratic(), "&a;" * 20_000),
    "external.docx": lambda: docx_with(EXTERNAL, "&a;"),
    "laughs-utf-16.docx": lambda: docx_with(laughs(), "&l11;", encoding="utf-16"),
    "laughs-utf-7.docx": lambda: docx_with("", "x").replace(b"utf-8", b"utf-7"),
    "laughs-as-picture.docx": lambda: docx_with(laughs(), "&l11;", "word/media/a.svg"),
    "laughs-as-data.docx": lambda: docx_with(laughs(), "&l11;", "word/document.dat"),
    "quadratic-as-data.docx": lambda: docx_with(quadratic(), "&a;" * 20_000, "word/document.dat"),
    "laughs.xlsx": lambda: xlsx_with("xl/worksheets/sheet1.xml", laughs().encode() + b"<worksheet>&l11;</worksheet>"),
    "laughs-as-data.xlsx": lambda: xlsx_with("xl/worksheets/sheet1.dat", laughs().encode() + b"<worksheet>&l11;</worksheet>"),
    "laughs-as-picture.xlsx": lambda: xlsx_with(
        "xl/media/a.svg",
        laughs().encode()
        + f'<worksheet xmlns="{_SHEET}"><sheetData><row><c t="inlineStr"><is><t>&l11;</t></is></c></row></sheetData></worksheet>'.encode(),
    ),
    "large.xlsx": lambda: xlsx_with("xl/worksheets/sheet1.xml", rows_of_cells(250)),
    "large-as-data.xlsx": lambda: xlsx_with("xl/worksheets/sheet1.dat", rows_of_cells(250)),
    "large-as-picture.xlsx": lambda: xlsx_with("xl/media/a.png", rows_of_cells(250)),
    "zeros-as-picture.xlsx": lambda: xlsx_with("xl/media/a.png", b"\0" * (250 * MB)),
    "far.xlsx": workbook_with_far_cells,
    "many.docx": lambda: many_files(1_000_000, "word/document.xml"),
    "many.xlsx": lambda: many_files(1_000_000, "xl/workbook.xml"),
    "picture.docx": docx_with_picture,
    "nested.docx": lambda: nested(4),
    "laughs.html": lambda: (laughs() + "<p>&l11;").encode(),
    "laughs-xhtml.html": lambda: (
        '<?xml version="1.0"?>' + laughs() + '<html xmlns="http://www.w3.org/1999/xhtml"><p>&l11;</p></html>'
    ).encode(),
    "external.html": lambda: (EXTERNAL + "<p>&a;<xi:include href='file:///etc/passwd'/>").encode(),
    "spans.html": lambda: (
        b"<table>" + b"<tr>" + b"<td rowspan=65534 colspan=1000>a" * 2 + b"</tr>" + b"<tr><td>b" * 3000 + b"</table>"
    ),
    "attributes.html": lambda: b"<p " + b"".join(b"a%d=1 " % n for n in range(300_000)) + b">x",
    "content.pdf": lambda: page_with(stream(_FLATE, spaces(600))),
    "content-named-otherwise.pdf": lambda: page_with(stream("/Filter /Fl#61teDecode", spaces(600))),
    "content-named-elsewhere.pdf": lambda: page_with(stream("/Filter 5 0 R", spaces(600)), b"/FlateDecode"),
    "content-called-a-picture.pdf": lambda: page_with(stream(f"/Subtype /Image {_FLATE}", spaces(600))),
    "content-twice.pdf": lambda: page_with(stream("/Filter [/FlateDecode /FlateDecode]", zlib.compress(spaces(600), 9))),
    "content-in-hex.pdf": lambda: page_with(stream("/Filter [/ASCIIHexDecode /FlateDecode]", spaces(600).hex().encode() + b">")),
    "content-in-85.pdf": lambda: page_with(
        stream("/Filter [/ASCII85Decode /FlateDecode]", base64.a85encode(spaces(600)) + b"~>")
    ),
    "content-far-header.pdf": lambda: page_with(stream(f"{_FLATE} /X ({'x' * 9000})", spaces(600))),
    "content-lzw.pdf": lambda: page_with(stream("/Filter /LZWDecode", lzw(600))),
    "content-run-length.pdf": lambda: page_with(stream("/Filter /RunLengthDecode", run_lengths(600))),
    "content-run-length-packed.pdf": lambda: page_with(
        stream("/Filter [/FlateDecode /RunLengthDecode]", zlib.compress(run_lengths(900), 9))
    ),
    "objects.pdf": lambda: object_stream(600),
    "picture.pdf": lambda: page_with(
        stream("", b"q 500 0 0 500 0 0 cm /I Do Q BT /F 10 Tf 50 800 Td (text beside a picture) Tj ET"),
        stream(
            f"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 8 /ColorSpace /DeviceGray {_FLATE}",
            spaces(600),
        ),
        resources="/XObject << /I 5 0 R >>",
    ),
    "forms.pdf": lambda: page_with(
        stream("", b"BT /F 10 Tf 50 800 Td (text beside forms) Tj ET /A Do"),
        *(
            stream(
                f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A {n + 1} 0 R >> >>", b"/A Do " * 20
            )
            for n in range(5, 13)
        ),
        stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9]", b"0 0 m 9 9 l S "),
        resources="/XObject << /A 5 0 R >>",
    ),
    "page.pdf": lambda: page_with(stream("", b"BT /F 10 Tf 50 800 Td (text of a page) Tj ET")).replace(
        b"[0 0 595 842]", b"[0 0 9e9 9e9]"
    ),
}


def write_bombs(folder: Path, names: list[str] | None = None) -> list[Path]:
    """The files, written."""
    paths = []
    for name, make in BOMBS.items():
        if names is None or name in names:
            (folder / name).write_bytes(make())
            paths.append(folder / name)
    return paths

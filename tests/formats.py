"""Small files of every format, made for the tests."""

import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

_CONTENT_TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def zipped(parts: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def docx(body: str, **others: str) -> bytes:
    """A DOCX of the body's XML; ``styles``, ``numbering``, ``footnotes`` as XML of their content."""
    roots = {"styles": "styles", "numbering": "numbering", "footnotes": "footnotes"}
    relations = "".join(f'<Relationship Id="r{n}" Type="{_OFFICE}/{name}" Target="{name}.xml"/>' for n, name in enumerate(others))
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _RELS.format(f'<Relationship Id="r" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'),
        "word/_rels/document.xml.rels": _RELS.format(relations),
        "word/document.xml": f'<?xml version="1.0"?><w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>',
    }
    for name, xml in others.items():
        parts[f"word/{name}.xml"] = f'<?xml version="1.0"?><w:{roots[name]} xmlns:w="{_W}">{xml}</w:{roots[name]}>'
    return zipped(parts)


def p(text: str, properties: str = "") -> str:
    return f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def tc(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{''.join(p(line) for line in text.split(chr(10)))}</w:tc>"


def tbl(*rows: Sequence[str]) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{''.join(cells)}</w:tr>" for cells in rows) + "</w:tbl>"


def pdf(*pages: bytes | str, extra: str = "", font: str | None = None, compress: bool = False, trailer: str = "") -> bytes:
    """A PDF whose pages are content streams; text of `show` in a Japanese font that is not embedded.

    ``extra`` goes into the dictionary of every page, ``font`` replaces the font.
    """
    font = font or (
        "<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiKakuGo-W5 /Encoding /90ms-RKSJ-H /DescendantFonts [ << /Type /Font"
        " /Subtype /CIDFontType0 /BaseFont /HeiseiKakuGo-W5 /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >>"
        " /DW 1000 /W [1 [500] 231 632 500] /FontDescriptor << /Type /FontDescriptor /FontName /HeiseiKakuGo-W5 /Flags 4"
        " /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 700 /StemV 80 >> >> ] >>"
    )
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        font.encode(),
    ]
    for n, page in enumerate(pages):
        content = page.encode("cp932") if isinstance(page, str) else page
        packed = zlib.compress(content, 9) if compress else content
        kind = " /Filter /FlateDecode" if compress else ""
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> /Contents {5 + 2 * n} 0 R {extra} >>".encode()
        )
        objects.append(f"<< /Length {len(packed)}{kind} >>\nstream\n".encode() + packed + b"\nendstream")
    file = bytearray(b"%PDF-1.7\n")
    places = []
    for n, body in enumerate(objects, 1):
        places.append(len(file))
        file += f"{n} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(file)
    file += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    file += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    file += f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer}>>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(file)


def show(x: float, y: float, text: str, size: float = 10) -> str:
    """Text at a place, from the lower left corner of the page."""
    return f"BT /F {size} Tf 1 0 0 1 {x} {y} Tm <{text.encode('cp932').hex()}> Tj ET\n"


def rule(x0: float, y0: float, x1: float, y1: float) -> str:
    return f"{x0} {y0} m {x1} {y1} l S\n"


def typst_pdf(path: Path, source: str) -> Path:
    """A PDF set by Typst in the font of the package."""
    import typst

    fonts = Path(__file__).parent.parent / "dxlib/fonts"
    text = path.with_suffix(".typ")
    text.write_text('#set text(font: "BIZ UDPGothic", lang: "ja", size: 10pt)\n' + source, encoding="utf-8")
    typst.compile(str(text), output=str(path), font_paths=[str(fonts)])
    text.unlink()
    return path

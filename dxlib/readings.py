"""What was read in a document, kept between builds (``data/curated/.readings``) so that only a changed document is read again.

A reading is found by the document's bytes, the ending of its name, and everything that decides how documents are read: this
package and the libraries that open its formats. A file that is damaged, or is of something else, counts as none.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Collection
from pathlib import Path

import msgspec

from dxlib.document import Document
from dxlib.errors import WarehouseError
from dxlib.facts import Reading
from dxlib.package import digest
from dxlib.printed import Place

_DECIDES = (".py", ".toml", ".csv")
_OPENERS = ("lxml", "openpyxl", "pypdfium2")  # of another version the same file may give another text
_ENDING = ".reading"
_DIGEST = hashlib.sha256().digest_size


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """A document's lines and what was read in it.

    Attributes:
        key: what it is the reading of (see `key_of`).
        encoding: as in `Document`; so are ``raw`` and ``places``.
        reading: what the readers found.
    """

    key: str
    encoding: str
    raw: tuple[str, ...]
    places: tuple[Place, ...]
    reading: Reading

    def document(self, name: str, sha256: str) -> Document:
        """The document without its blocks, which only readers need."""
        return Document(name, sha256, self.encoding, self.raw, (), self.places)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Kept)


def program_digest() -> str:
    """The SHA-256 of everything that decides how a document is read."""
    return digest(_OPENERS, _DECIDES)


def key_of(sha256: str, path: Path, program: str) -> str:
    """What a reading is found by.

    Args:
        sha256: of the file's bytes.
        path: the file; its ending decides between formats of plain text.
        program: what `program_digest` gave.
    """
    return hashlib.sha256(f"{sha256}\n{path.suffix.lower()}\n{program}".encode()).hexdigest()


def _place(folder: Path, key: str) -> Path:
    return folder / f"{key}{_ENDING}"


def is_kept(folder: Path, key: str) -> bool:
    """True when there is a file for this key; whether it is whole is seen when it is taken."""
    return _place(folder, key).exists()


def take(folder: Path, key: str) -> Kept | None:
    """A kept reading; None when there is none, or the file is damaged or of something else."""
    try:
        content = _place(folder, key).read_bytes()
    except OSError:  # not there, or not to be read: the document is read instead
        return None
    expected, packed = content[:_DIGEST], content[_DIGEST:]
    if hashlib.sha256(packed).digest() != expected:
        return None
    try:
        kept = _DECODER.decode(zlib.decompress(packed))
    except (zlib.error, msgspec.DecodeError, msgspec.ValidationError):
        return None
    return kept if kept.key == key else None


def keep(folder: Path, kept: Kept, beside: Path) -> None:
    """Keep a reading.

    Args:
        folder: of the readings.
        kept: what was read.
        beside: a folder on the same disk, where the file is written before it is put in place.

    Raises:
        WarehouseError: it cannot be written.
    """
    packed = zlib.compress(_ENCODER.encode(kept), level=1)
    path = beside / f"{os.getpid()}{_ENDING}"
    try:
        path.write_bytes(hashlib.sha256(packed).digest() + packed)
        os.replace(path, _place(folder, kept.key))
    except OSError as error:
        raise WarehouseError(
            f"what was read cannot be kept: {error}",
            code="warehouse-write",
            where=str(folder),
            hint="check disk space and write rights, then build again",
        ) from error


def sweep(folder: Path, keys: Collection[str]) -> None:
    """Remove the readings of everything but these keys."""
    used = {_place(folder, key).name for key in keys}
    for path in folder.iterdir():
        if path.name not in used and path.is_file():
            path.unlink(missing_ok=True)

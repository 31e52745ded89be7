"""This package as it is installed, as a hash: what was made by another one may have to be made again."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable

_COMPILED = (".pyc", ".pyo")


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        name = prefix + entry.name
        if entry.is_dir():
            yield from _walk(entry, f"{name}/")
        elif not name.endswith(_COMPILED):
            yield name, entry


def digest(libraries: Collection[str], endings: tuple[str, ...] = ("",)) -> str:
    """The SHA-256 of the package's files and the versions of libraries.

    Args:
        libraries: names of distributions; one that is not installed counts as such.
        endings: only files with one of these; all by default.
    """
    found = hashlib.sha256()
    for name, entry in sorted(_walk(files("dxlib")), key=lambda pair: pair[0]):
        if name.endswith(endings):
            content = entry.read_bytes()
            found.update(f"{name} {len(content)}\n".encode())
            found.update(content)
    for library in libraries:
        try:
            found.update(f"{library} {version(library)}\n".encode())
        except PackageNotFoundError:  # an extra that is not installed
            found.update(f"{library}\n".encode())
    return found.hexdigest()

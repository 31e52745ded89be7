"""The documents of a workbench: each raw file with its origin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dxlib.document import Document, load
from dxlib.errors import OriginError, SourceError
from dxlib.facts import Reading
from dxlib.formats import SUPPORTED
from dxlib.municipality import check_code
from dxlib.origin import Origin, check_unchanged, read_origin
from dxlib.project import Project
from dxlib.readers import read
from dxlib.unseen import visible

_FOLDER = re.compile(r"(?P<code>\d{6})-[a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Found:
    """One raw document with its origin, not opened yet.

    Attributes:
        document_id: folder and file name without its ending.
        where: the file as messages name it.
    """

    document_id: str
    path: Path
    where: str
    origin: Origin

    def load(self) -> Document:
        """The file divided into lines and tables.

        Raises:
            SourceError: it cannot be read, or changed since its origin was written.
        """
        document = load(self.path)
        check_unchanged(document.sha256, self.origin, self.where)
        return document


@dataclass(frozen=True, slots=True)
class Source:
    """One raw document with its origin, not read yet."""

    document_id: str
    path: Path
    origin: Origin
    document: Document

    def read(self) -> Reading:
        """What the readers find in it."""
        return read(self.document)


def _check_folder(folder: Path, where: str) -> str:
    match = _FOLDER.fullmatch(folder.name)
    if not match:
        raise SourceError(
            f"'{folder.name}' is not named <code>-<romaji>",
            code="source-folder",
            where=where,
            hint="name it like 131016-chiyoda: six digits, a hyphen, small letters",
        )
    return check_code(match["code"], where)


def _check_name(path: Path, where: str) -> None:
    if visible(path.name) != path.name:
        raise SourceError(
            "the file name holds characters that nobody sees",
            code="source-name",
            where=visible(where),
            hint="rename the file and its TOML, best in small letters, digits and hyphens",
        )


def folder_of(project: Project, code: str) -> Path | None:
    """The folder of a municipality under ``data/raw``; None when it has none."""
    return next((path for path in sorted(project.raw.glob(f"{code}-*")) if path.is_dir() and _FOLDER.fullmatch(path.name)), None)


def find_documents(project: Project) -> Iterator[Found]:
    """Every document under ``data/raw``, in the order of folder and file name.

    Raises:
        SourceError: a file is misplaced or its name hides something, or an origin has no document.
        OriginError: an origin is missing or malformed, or names another municipality than its folder.
    """
    for folder in sorted(path for path in project.raw.iterdir() if path.is_dir() and not path.name.startswith(".")):
        code = _check_folder(folder, project.relative(folder))
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUPPORTED)
        for path in files:
            _check_name(path, project.relative(path))
        orphans = {p.stem for p in folder.glob("*.toml")} - {p.stem for p in files}
        if orphans:
            missing = sorted(orphans)[0]
            raise SourceError(
                f"the document of {missing}.toml is missing",
                code="source-missing",
                where=project.relative(folder),
                hint="restore the text from git, or remove its TOML",
            )
        for path in files:
            toml = path.with_suffix(".toml")
            origin = read_origin(toml, project.relative(toml))
            if origin.municipality_code != code:
                raise OriginError(
                    f"municipality_code is {origin.municipality_code}, but the folder says {code}",
                    code="origin-folder",
                    where=project.relative(toml),
                    hint="move the file into the folder of its municipality, or correct the code",
                )
            yield Found(f"{folder.name}/{path.stem}", path, project.relative(path), origin)


def sources(project: Project) -> Iterator[Source]:
    """Every document under ``data/raw``, opened, in the order of folder and file name.

    Raises:
        SourceError: a file cannot be read, changed since its origin was written, or is misplaced.
        OriginError: an origin is missing or malformed, or names another municipality than its folder.
    """
    for found in find_documents(project):
        yield Source(found.document_id, found.path, found.origin, found.load())


def origin_beside(path: Path) -> Origin | None:
    """The origin of a single file, if a TOML lies beside it."""
    toml = path.with_suffix(".toml")
    return read_origin(toml, str(toml)) if toml.exists() else None

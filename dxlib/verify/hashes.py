"""The hashes that tell whether rows changed, computed anew from the rows in plain Python; and kept readings by their own hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Any

from dxlib import readings
from dxlib.verify.opened import BUILD, EDITED, Opened
from dxlib.verify.proof import Check, Proof
from dxlib.verify.sources import Raw

_SHARED, _LIST = "shared", "municipalities"
_OF_ALL = ("country", "prefecture")


def check_hashes(proof: Proof, opened: Opened, raw: Raw) -> None:
    """All checks of hashes."""
    proof.run("content", "hashes of content are those of the rows", lambda c: _content(c, opened))
    proof.run("reading", "kept readings are whole, and of the lines of their file", lambda c: _readings(c, opened, raw))


def _definitions() -> str:
    """The hash of the views and rules of the package."""
    found = hashlib.sha256()
    for part in ("views", "audit"):
        for entry in sorted(files("dxlib").joinpath("sql", part).iterdir(), key=lambda entry: entry.name):
            found.update(f"{part}/{entry.name}\n".encode() + entry.read_bytes())
    return found.hexdigest()


def _row(cells: Iterable[str | None]) -> str:
    told = "".join("-" if cell is None else f"{len(cell.encode())}:{cell}" for cell in cells)
    return hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()


class _Scopes:
    """Digests of rows by the scope and table they count for."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], list[str]] = {}
        self.whole: dict[str, dict[str, str]] = {}

    def add(self, scope: str, name: str, digest: str) -> None:
        self.rows.setdefault((scope, name), []).append(digest)

    def hashes(self, scopes: Iterable[str]) -> dict[str, str]:
        parts: dict[str, dict[str, str]] = {scope: dict(self.whole.get(scope, {})) for scope in scopes}
        for (scope, name), digests in self.rows.items():
            if scope in parts:
                parts[scope][name] = hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()
        return {
            scope: hashlib.sha256(" ".join(f"{name}={found[name]}" for name in sorted(found)).encode()).hexdigest()
            for scope, found in parts.items()
        }


def _scopes_of(table: str, cells: dict[str, Any], owners: dict[str, str], documents: dict[str, str]) -> Iterator[str]:
    """What a row counts for."""
    if table == "municipality":
        yield from (_LIST, cells["code"])
    elif table == "reference_value":
        if cells["area_kind"] in _OF_ALL:
            yield _SHARED
        else:
            yield from (_LIST, cells["municipality_code"])
    elif table == "document":
        yield cells["municipality_code"]
    elif "document_id" in cells:
        if cells["document_id"] in owners:
            yield owners[cells["document_id"]]
    elif "indicator_id" in cells:
        if documents.get(cells["indicator_id"], "") in owners:
            yield owners[documents[cells["indicator_id"]]]
    else:
        yield _SHARED


def _content(check: Check, opened: Opened) -> None:
    found = _Scopes()
    owners = opened.owners()
    documents = {row["indicator_id"]: row["document_id"] for row in opened.table("indicator")}
    for table, kinds in opened.columns.items():
        if table in ("content", "schema_version"):
            continue
        columns = sorted(kinds)
        name = f"{table}({','.join(columns)})"
        listed = ", ".join(f'"{column}"::VARCHAR' for column in columns)
        for row in opened.rows(f"SELECT {listed} FROM {table}"):
            digest = _row(row)
            for scope in _scopes_of(table, dict(zip(columns, row, strict=True)), owners, documents):
                found.add(scope, name, digest)
    for code in set(owners.values()):
        found.add(_LIST, "who has municipality_code", _row([code]))
    for code, theme in opened.rows(
        "SELECT DISTINCT d.municipality_code, x.theme_id FROM indicator_theme x JOIN indicator i USING (indicator_id)"
        " JOIN document d USING (document_id) WHERE x.theme_id IS NOT NULL"
    ):
        found.add(_LIST, "who has theme_id", _row([code, theme]))
    found.whole[_SHARED] = {"sql": _definitions()}
    kept = dict(opened.rows("SELECT scope, sha256 FROM content"))
    codes = [row["code"] for row in opened.table("municipality")]
    expected = found.hashes([*codes, _LIST, _SHARED])
    for scope in sorted({*expected, *kept}):
        remedy = EDITED if scope != _SHARED else f"rows were changed, or another version of dxlib built it; {BUILD}"
        said = f"content says {kept.get(scope)}, its rows give {expected.get(scope)}"
        check.expect(kept.get(scope) == expected.get(scope), f"content {scope}", said, remedy)


def _readings(check: Check, opened: Opened, raw: Raw) -> None:
    folder = opened.project.readings
    if not folder.is_dir():
        return
    program = readings.program_digest()
    wanted = {}
    for row in opened.table("document"):
        path = raw.path(row["document_id"])
        if path is not None:
            wanted[readings.key_of(row["sha256"], path, program)] = row["document_id"]
    for path in sorted(folder.iterdir()):
        place, key = opened.project.relative(path), path.stem
        kept = readings.take(folder, key) if path.suffix == ".reading" else None
        remedy = "remove the file: the next build reads the document again"
        if not check.expect(kept is not None, place, "is damaged, or no reading", remedy) or kept is None or key not in wanted:
            continue
        lines = tuple(line.text for line in raw.lines(wanted[key]))
        check.expect(kept.raw == lines, place, f"keeps other lines than {wanted[key]} has", remedy)

"""The index of reports: it lists what is there, and nothing else."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from dxlib.report.index import INDEX
from dxlib.report.run import FAILED, MANIFEST
from dxlib.verify.proof import Check, Proof

_AGAIN = "write it again: dxlib report (any report, or the whole list)"


class _Listed(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "li" and "box" in given.get("class", "").split():
            self.ids.append(given.get("id", ""))
        if tag == "a" and not given.get("href", "#").startswith("#"):
            self.addresses.append(unquote(given["href"]))


def check_index(proof: Proof, out: Path) -> None:
    """The index of a folder of reports, where there is one."""
    if (out / INDEX).is_file():
        proof.run("index", "the index lists every report, and its links lead to files", lambda c: _index(c, out), out.name)


def _index(check: Check, out: Path) -> None:
    page = _Listed()
    page.feed((out / INDEX).read_text(encoding="utf-8", errors="replace"))
    there = {
        path.name
        for path in out.iterdir()
        if path.is_dir() and not path.name.startswith(".") and ((path / MANIFEST).exists() or (path / FAILED).exists())
    }
    for name in sorted({*there, *page.ids}):
        count = page.ids.count(name)
        found = "stands in the index, and is not there" if name not in there else f"stands in the index {count} times"
        check.expect(name in there and count == 1, f"{out.name}/{INDEX} {name}", found, _AGAIN)
    for address in page.addresses:
        path = (out / address).resolve()
        is_inside = path.is_relative_to(out.resolve())
        check.expect(is_inside and path.is_file(), f"{out.name}/{INDEX}", f"links to {address}, where no file is", _AGAIN)

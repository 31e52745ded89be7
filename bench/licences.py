"""The licence of every package of requirements.lock: ``make licences`` prints them, and fails on an unknown or forbidden one.

A package says its licence in its own metadata; where it is not installed here (other systems, other Pythons) or says nothing,
``bench/licences.toml`` does, with the version that was looked at.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parent.parent
_PINNED = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)
_CLASSIFIER = "License :: OSI Approved :: "
_LONGEST = 80  # characters of a licence's name; what is longer is its text
# Licences that ask more of who uses a program over a network, or that are none.
FORBIDDEN = re.compile(
    r"\bAGPL|Affero|SSPL|Server Side Public|BUSL|Business Source|Commons Clause|proprietary|UNLICENSED", re.IGNORECASE
)
# What is known to be free: a name must have one of these in it.
KNOWN = re.compile(
    r"MIT|BSD|Apache|ISC|MPL|Mozilla|PSF|Python Software Foundation|Python-2\.0|Zlib|Unlicense|0BSD|HPND|LGPL|CC0|OFL",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence of a pinned package; ``said`` is empty where nobody knows it."""

    package: str
    version: str
    said: str
    by: str

    @property
    def is_fit(self) -> bool:
        """Whether it is known and allowed."""
        return bool(KNOWN.search(self.said)) and not FORBIDDEN.search(self.said)


def pinned(lock: str) -> list[tuple[str, str]]:
    """Names and versions in a lock, in its order."""
    return _PINNED.findall(lock)


def licence_of(found: PackageMetadata) -> str:
    """What a package's metadata say: the expression, else the classifiers, else a short text; empty for none."""
    if expression := found.get("License-Expression"):
        return str(expression)
    classifiers = [name.removeprefix(_CLASSIFIER) for name in found.get_all("Classifier") or () if name.startswith(_CLASSIFIER)]
    text = " ".join((found.get("License") or "").split())
    if classifiers:
        return " AND ".join(classifiers)
    if len(text) <= _LONGEST and text.upper() != "UNKNOWN":
        return text
    return next((name for name in ("MIT License", "Apache License", "BSD 3-Clause", "BSD License") if name in text), "")


def licences(lock: str, stated: dict[str, dict[str, str]]) -> Iterator[Licence]:
    """The licence of each package of a lock.

    Args:
        lock: the text of requirements.lock.
        stated: ``licence`` and ``version`` by package, where its metadata do not say.
    """
    for package, version in pinned(lock):
        try:
            said, by = licence_of(metadata(package)), "package"
        except PackageNotFoundError:
            said, by = "", ""
        if not said and package in stated:
            said, by = stated[package]["licence"], f"licences.toml ({stated[package]['version']})"
        yield Licence(package, version, said, by)


def read() -> list[Licence]:
    """The licences of this repository's lock."""
    stated = tomllib.loads((Path(__file__).with_suffix(".toml")).read_text(encoding="utf-8"))
    return list(licences((ROOT / "requirements.lock").read_text(encoding="utf-8"), stated))


def main() -> int:
    """Print the table; 1 when a licence is unknown or forbidden."""
    from tabulate import tabulate

    found = read()
    print(
        tabulate(
            [(one.package, one.version, one.said or "UNKNOWN", one.by) for one in found],
            ("package", "version", "licence", "said by"),
        )
    )
    unfit = [one for one in found if not one.is_fit]
    for one in unfit:
        print(f"not fit, or unknown: {one.package} {one.version}: {one.said or 'says nothing'}", file=sys.stderr)
    return 1 if unfit else 0


if __name__ == "__main__":
    sys.exit(main())

"""The rules plans are read against, and the words they look for (``rules.toml``, ``vocabulary/rules.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

Row = dict[str, Any]
SEVERITIES = ("error", "inconsistent definition", "rounding", "suspicious", "editorial")


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(files("dxlib").joinpath(name).read_text(encoding="utf-8"))


def rule_rows() -> Iterator[Row]:
    """One row a rule, in the order of ``rules.toml``."""
    for position, (rule_id, rule) in enumerate(_toml("rules.toml").items(), start=1):
        yield {
            "rule_id": rule_id,
            "kind": rule["kind"],
            "severity": rule["severity"],
            "position": position,
            **{f"{part}_{lang}": rule[part][lang] for part in ("name", "about", "sentence") for lang in ("ja", "en")},
        }


def word_rows() -> Iterator[Row]:
    """One row a word or pattern and what it means."""
    for kind, entries in _toml("vocabulary/rules.toml").items():
        for key, value in entries.items():
            if isinstance(value, str):
                yield {"kind": kind, "word": key, "means": value}
            elif kind in ("term", "unit"):
                yield {"kind": kind, "word": key, "means": "|".join(value)}
            else:
                yield from ({"kind": kind, "word": word, "means": key} for word in value)

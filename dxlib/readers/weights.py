"""How much each thing that a reader had to infer lowers the confidence of a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dxlib.facts import Doubt, Value

_WEIGHT: dict[Doubt, float] = {
    "year-inferred": 0.8,
    "year-shared": 0.9,
    "role-inferred": 0.8,
    "unit-missing": 0.9,
    "name-missing": 0.9,
    "layout-guessed": 0.8,
    "sentence": 0.7,
}


def with_doubts(value: Value, doubts: Sequence[Doubt]) -> Value:
    """A value with the reasons of its confidence; each new reason lowers it by its own factor.

    >>> with_doubts(Value("target", 1, "5"), ["unit-missing", "sentence"]).confidence
    0.63
    """
    new = [doubt for doubt in dict.fromkeys(doubts) if doubt not in value.doubts]
    if not new:
        return value
    confidence = value.confidence
    for doubt in new:
        confidence *= _WEIGHT[doubt]
    return replace(value, confidence=round(confidence, 2), doubts=(*value.doubts, *new))

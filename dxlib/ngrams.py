"""Which texts are worded most like another: cosine similarity of character n-grams weighted by their rarity.

Plans have no common spelling and Japanese no spaces, so pieces of two to four characters are compared, not words. Rare pieces
(書かない) say more than common ones (件数): the usual TF-IDF with smoothing.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from dxlib.text import repair, squeeze

SIZES = (2, 3, 4)


def fold(text: str) -> str:
    """A text as patterns and n-grams see it: repaired, half-width, small letters, no spaces.

    >>> fold("Ｗｉ－Ｆｉ 導入　率")
    'wi-fi導入率'
    """
    return squeeze(repair(text).clean).casefold()


def pieces(text: str) -> Counter[str]:
    """The n-grams of a folded text with how often each occurs; a text of one character is its own piece.

    >>> sorted(pieces("電子化"))
    ['子化', '電子', '電子化']
    """
    found = Counter(text[at : at + size] for size in SIZES for at in range(len(text) - size + 1))
    return found or Counter([text] if text else [])


class Ngrams:
    """Texts by their n-grams.

    Args:
        texts: for each text its parts, each a folded text and its weight.
    """

    def __init__(self, texts: Sequence[Sequence[tuple[str, float]]]) -> None:
        counted = [self._count(parts) for parts in texts]
        self._size = len(counted)
        self._holders: Counter[str] = Counter(piece for counts in counted for piece in counts)
        self._places: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for position, counts in enumerate(counted):
            for piece, weight in self._vector(counts).items():
                self._places[piece].append((position, weight))

    @staticmethod
    def _count(parts: Sequence[tuple[str, float]]) -> dict[str, float]:
        counts: dict[str, float] = defaultdict(float)
        for text, weight in parts:
            for piece, count in pieces(text).items():
                counts[piece] += weight * (1 + math.log(count))
        return counts

    def _vector(self, counts: dict[str, float]) -> dict[str, float]:
        weights = {
            piece: count * (1 + math.log((1 + self._size) / (1 + self._holders[piece]))) for piece, count in counts.items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values()))
        return {piece: weight / length for piece, weight in weights.items()}

    def similarities(self, parts: Sequence[tuple[str, float]]) -> list[tuple[int, float]]:
        """Position and similarity (0 to 1) of each text that shares a piece, the most similar first; ties by position.

        >>> Ngrams([[("電子決裁率", 1)], [("オンライン申請件数", 1)]]).similarities([("電子申請の件数", 1)])[0][0]
        1
        """
        found: dict[int, float] = defaultdict(float)
        for piece, weight in self._vector(self._count(parts)).items():
            for position, other in self._places.get(piece, ()):
                found[position] += weight * other
        return sorted(
            ((position, min(1.0, round(score, 9))) for position, score in found.items()), key=lambda hit: (-hit[1], hit[0])
        )

"""Names of municipalities in Latin letters: Hepburn without long-vowel marks, as on road signs and in English statistics."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

_SMALL = {"ゃ": "a", "ゅ": "u", "ょ": "o"}
_BOUNDARY = "'"


@cache
def names_vocabulary() -> dict[str, Any]:
    """The tables of ``vocabulary/names.toml``."""
    return tomllib.loads(files("dxlib").joinpath("vocabulary/names.toml").read_text(encoding="utf-8"))


@cache
def _syllables() -> dict[str, str]:
    tables = names_vocabulary()
    plain = {letter: latin for row, latins in tables["rows"].items() for letter, latin in zip(row, latins, strict=True)}
    small = {first + letter: stem + vowel for first, stem in tables["small"].items() for letter, vowel in _SMALL.items()}
    return {**plain, **small}


def _latin(syllable: str) -> str:
    latin = _syllables().get(syllable.removeprefix("っ"), syllable)
    if not syllable.startswith("っ"):
        return latin
    return ("t" if latin.startswith("ch") else latin[0]) + latin


def romaji(kana: str, name: str = "") -> str:
    """Hiragana in Latin letters, small ones: long ``o`` and ``u`` written once, ``m`` before b, m and p.

    Args:
        kana: hiragana; anything else stays as it is.
        name: the same in kanji, which says where a part begins whose vowel is not part of a long one.

    >>> romaji("とうきょう"), romaji("きょうたんば"), romaji("はっちょう")
    ('tokyo', 'kyotamba', 'hatcho')
    >>> romaji("かつうら", "勝浦"), romaji("まつうら")
    ('katsuura', 'matsura')
    """
    for kanji, reading in names_vocabulary()["boundaries"].items():
        if kanji in name:
            kana = re.sub(f"(?<=.)({reading})", rf"{_BOUNDARY}\1", kana)
    letters = "".join(_latin(syllable) for syllable in re.findall(r"っ?.[ゃゅょ]?", kana))
    letters = re.sub(r"o[ou]", "o", re.sub(r"uu", "u", letters))
    return re.sub(r"n(?=[bmp])", "m", letters).replace(_BOUNDARY, "")


def place_name(kana: str, name: str) -> str:
    """A municipality's or prefecture's name in Latin letters, without what kind it is.

    >>> place_name("ちよだく", "千代田区"), place_name("ほっかいどう", "北海道")
    ('Chiyoda', 'Hokkaido')
    """
    for reading in names_vocabulary()["endings"].get(name[-1], ()):
        if kana.endswith(reading) and kana != reading:
            kana, name = kana.removesuffix(reading), name[:-1]
            break
    return romaji(kana, name).capitalize()

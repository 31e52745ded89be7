"""What area a text of a statistical file names: the country, or an entry of the master of municipalities."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from dxlib.municipality import master, resolve
from dxlib.official.figures import COUNTRY

_COUNTRY = ("全国", "全国計", "日本", "000000", "00000", "Japan")


@dataclass(frozen=True, slots=True)
class Area:
    """An area that figures are about: code, kind and name as in `dxlib.official.figures.Figure`."""

    municipality_code: str
    area_kind: str
    area: str


def find_area(text: str, prefecture: str | None, where: str) -> Area:
    """The area that a code or a name stands for.

    Args:
        text: a code of six or five digits, a full name, or 全国.
        prefecture: name of the prefecture, where the file states it.
        where: place of the text, for messages.

    Raises:
        MunicipalityError: it names none, or several; the candidates are listed.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain in _COUNTRY:
        return Area(COUNTRY, "country", "全国")
    if prefecture == plain:
        prefecture = None  # a row or column for the whole prefecture
    entry = master()[resolve(plain, prefecture or None, where)]
    kind = "other" if entry.kind == "northern" else entry.kind
    return Area(entry.code, kind, f"{entry.city}{entry.name}")

"""Municipality codes (全国地方公共団体コード), and the master of all of them: a name leads to its code, or to an error."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from dxlib.errors import MunicipalityError
from dxlib.romaji import names_vocabulary, place_name

_WEIGHTS = (6, 5, 4, 3, 2)
_LISTED, _LONGEST = 20, 40


def check_digit(five: str) -> str:
    """The check digit of a five-digit code.

    Formula: 総務省 全国地方公共団体コード仕様. With s = 6a+5b+4c+3d+2e it is 11 - (s mod 11), or
    11 - s where s < 11; of a two-digit result the last digit.

    >>> [check_digit(code) for code in ("01100", "13101", "20204", "47201")]
    ['2', '6', '5', '8']
    """
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, five, strict=True))
    return str(11 - (total if total < 11 else total % 11))[-1]


def check_code(code: str, where: str = "") -> str:
    """The code itself when it is six digits with the right check digit.

    Raises:
        MunicipalityError: it is malformed, or its check digit is wrong.

    >>> check_code("131016")
    '131016'
    """
    if not re.fullmatch(r"[0-9]{6}", code):
        hint = (
            f"with its check digit it is {code}{check_digit(code)}"
            if re.fullmatch(r"[0-9]{5}", code)
            else ("write all six digits as text, leading zero included")
        )
        raise MunicipalityError(f"'{code}' is no six-digit municipality code", code="municipality-code", where=where, hint=hint)
    expected = check_digit(code[:5])
    if code[5] != expected:
        raise MunicipalityError(
            f"the check digit of '{code}' is wrong: found {code[5]}, expected {expected}",
            code="municipality-check-digit",
            where=where,
            hint=f"is it {code[:5]}{expected}?",
        )
    return code


@dataclass(frozen=True, slots=True)
class LocalGovernment:
    """A row of the master.

    Attributes:
        code: six digits.
        kind: ``prefecture``, ``municipality`` (the special wards of Tokyo too), ``ward`` of a designated city, or ``northern``: a
            village of the Northern Territories, which has a code but no office.
        name: official name, without prefecture, county or city.
        kana: the name in hiragana.
        prefecture: name of the prefecture, its own for a prefecture.
        county: 郡, or island, that an address names before a town or village; empty where it names none.
        city: the designated city of a ward; empty otherwise.
    """

    code: str
    kind: str
    name: str
    kana: str
    prefecture: str
    county: str
    city: str

    @property
    def full_name(self) -> str:
        """The name as in an address: prefecture, county or city, name."""
        return self.name if self.kind == "prefecture" else f"{self.prefecture}{self.county}{self.city}{self.name}"

    def __str__(self) -> str:
        return f"{self.code} {self.full_name}"


@cache
def master() -> dict[str, LocalGovernment]:
    """Every prefecture, municipality and ward by code, in the order of the codes (``vocabulary/municipalities.csv``).

    >>> len(master()), str(master()["131016"])
    (1965, '131016 東京都千代田区')
    """
    source = files("dxlib").joinpath("vocabulary/municipalities.csv").read_text(encoding="utf-8")
    return {row["code"]: LocalGovernment(**row) for row in csv.DictReader(io.StringIO(source))}


@cache
def _variants() -> dict[int, str]:
    hiragana = {chr(letter): chr(letter - 0x60) for letter in range(ord("ァ"), ord("ヴ") + 1)}
    spellings = names_vocabulary()["variants"]
    return str.maketrans(
        hiragana | {variant: hiragana.get(main, main) for main, variants in spellings.items() for variant in variants}
    )


def fold(text: str) -> str:
    """A name as names are compared: widths, spaces, katakana and variant kanji made one.

    >>> fold("龍ヶ崎 市") == fold("竜ケ崎市"), fold("ﾁﾖﾀﾞｸ") == fold("ちよだく")
    (True, True)
    """
    plain = re.sub(r"[\s\u200b-\u200f\ufeff\ufe00-\ufe0f\U000e0100-\U000e01ef]+", "", unicodedata.normalize("NFKC", text))
    return plain.translate(_variants()).casefold()


@cache
def _by_name() -> dict[str, tuple[str, ...]]:
    """The codes that each way to write a name stands for."""
    found: dict[str, dict[str, None]] = {}
    kana = {(entry.prefecture, entry.name): fold(entry.kana) for entry in master().values() if entry.kind != "ward"}
    for entry in master().values():
        for written in _ways(entry, kana):
            found.setdefault(written, {})[entry.code] = None
    return {written: tuple(codes) for written, codes in found.items()}


def _ways(entry: LocalGovernment, kana: dict[tuple[str, str], str]) -> Iterator[str]:
    own = (fold(entry.name), fold(entry.kana))
    if entry.kind == "prefecture":
        yield from own
        return
    above = fold(entry.county + entry.city)
    between = (*(() if entry.kind == "northern" else ("",)), *((above,) if above else ()))
    if entry.city:
        between = (*between, kana[entry.prefecture, entry.city])
    for before in ("", fold(entry.prefecture), kana[entry.prefecture, entry.prefecture]):
        yield from (before + middle + name for middle in between for name in own)


def resolve(text: str, prefecture: str | None = None, where: str = "") -> str:
    """The six-digit code of the prefecture, municipality or ward that a text names, whole and without doubt.

    Args:
        text: six digits, five digits (the check digit is added), or a full name, also with county, city or prefecture before
            it, or in kana; width and spaces do not matter. A part of a name is no name.
        prefecture: name or code of the prefecture it lies in.
        where: what an error says about the place of the text.

    Raises:
        MunicipalityError: it names none (``municipality-name-unknown``, with the nearest), several
            (``municipality-name-ambiguous``, with all of them) or one elsewhere, or the code is malformed or not in the master
            (``municipality-not-in-master``).

    >>> resolve("千代田区"), resolve("13101"), resolve("広島県 安芸郡 府中町"), resolve("府中市", "東京都")
    ('131016', '131016', '343021', '132063')
    """
    folded = fold(text)
    codes = _codes_of_digits(folded, where) if re.fullmatch(r"[0-9]+", folded) else _by_name().get(folded, ())
    inside = _inside(codes, prefecture, where)
    if len(inside) == 1:
        return inside[0]
    if inside:
        raise MunicipalityError(
            f"'{text}' may be any of {len(inside)}: {_listed(inside)}",
            code="municipality-name-ambiguous",
            where=where,
            hint=f"write six digits or the full name, such as {master()[inside[0]].full_name}",
        )
    if codes:
        raise MunicipalityError(
            f"'{text}' does not lie in {prefecture}: {_listed(codes)}",
            code="municipality-name-unknown",
            where=where,
            hint="correct the name or the prefecture",
        )
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    raise MunicipalityError(
        f"'{shown}' is no full name of a prefecture, municipality or ward",
        code="municipality-name-unknown",
        where=where,
        hint=_nearest(folded),
    )


def _codes_of_digits(digits: str, where: str) -> tuple[str, ...]:
    """The codes that digits may mean: five lack the check digit, or are six whose leading zero a spreadsheet lost."""
    whole = digits + check_digit(digits) if len(digits) == 5 else digits
    with_zero = f"0{digits}" + (check_digit(f"0{digits}") if len(digits) == 4 else "")
    found = tuple(code for code in (whole, with_zero) if code in master())
    if whole in found:
        return found
    if found:
        raise MunicipalityError(
            f"'{digits}' is no code of six digits, nor of five without check digit",
            code="municipality-code",
            where=where,
            hint=f"is it {master()[found[0]]}, its leading zero lost? Keep codes as text",
        )
    raise MunicipalityError(
        f"the code {check_code(whole, where)} is not in the master of municipalities",
        code="municipality-not-in-master",
        where=where,
        hint="codes of merged municipalities, and those made after the master, are not in it (docs/municipalities.md)",
    )


def _inside(codes: Sequence[str], prefecture: str | None, where: str) -> tuple[str, ...]:
    if not prefecture:
        return tuple(codes)
    outer = master()[resolve(prefecture, where=where)]
    if outer.kind != "prefecture":
        raise MunicipalityError(
            f"{outer} is no prefecture", code="municipality-name-unknown", where=where, hint="write it as 東京都 or 130001"
        )
    return tuple(code for code in codes if master()[code].prefecture == outer.name)


def _listed(codes: Sequence[str]) -> str:
    shown = ", ".join(str(master()[code]) for code in codes[:_LISTED])
    return shown if len(codes) <= _LISTED else f"{shown} and {len(codes) - _LISTED} more (dxlib municipalities)"


def _nearest(folded: str) -> str:
    """The same name in another prefecture, names that begin as the text does or differ in the kind only, else alike ones."""
    advice = "write a code or a full name; dxlib municipalities lists them"
    codes = list(dict.fromkeys(_like(folded[:_LONGEST])))
    return f"did you mean {_listed(codes)}? {advice}" if codes else advice


def _like(folded: str) -> list[str]:
    own = {entry.code: (fold(entry.name), fold(entry.kana)) for entry in master().values()}
    if folded.isascii():
        latin = {code: place_name(entry.kana, entry.name).casefold() for code, entry in master().items()}
        close = [folded] if folded in latin.values() else get_close_matches(folded, latin.values(), n=3, cutoff=0.7)
        return [code for code, name in latin.items() if name in close]
    elsewhere = [
        _by_name().get(folded.removeprefix(fold(entry.name)), ())
        for entry in master().values()
        if entry.kind == "prefecture" and folded.startswith(fold(entry.name))
    ]
    if any(elsewhere):
        return [code for codes in elsewhere for code in codes]
    for beginning in (folded, folded[:-1] if folded[-1] in names_vocabulary()["endings"] else ""):
        starts = [code for code, names in own.items() if beginning and any(name.startswith(beginning) for name in names)]
        if starts:
            return starts
    return [code for name in get_close_matches(folded, _by_name(), n=3, cutoff=0.6) for code in _by_name()[name]]


def search(text: str = "", prefecture: str | None = None) -> list[LocalGovernment]:
    """The rows of the master whose code, kana or full name has the text in it, in the order of the codes; all for no text.

    Raises:
        MunicipalityError: there is none, or the prefecture is none.

    >>> [str(found) for found in search("府中")]
    ['132063 東京都府中市', '342084 広島県府中市', '343021 広島県安芸郡府中町']
    """
    wanted = fold(text)
    inside = _inside(tuple(master()), prefecture, "")
    found = [
        entry
        for entry in map(master().__getitem__, inside)
        if wanted in f"{entry.code} {fold(entry.full_name)} {fold(entry.kana)}"
    ]
    if not found:
        raise MunicipalityError(
            f"nothing in the master has '{text}' in its code, name or kana" + (f" in {prefecture}" if prefecture else ""),
            code="municipality-name-unknown",
            hint=_nearest(wanted),
        )
    return found

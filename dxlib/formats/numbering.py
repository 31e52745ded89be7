"""The automatic numbers of lists and headings in DOCX, as they are printed."""

from __future__ import annotations

from typing import Any

_KANJI = "〇一二三四五六七八九"
_AIUEO = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"
_BULLETS = ("bullet", "none")
_LEVELS = 9


def _kanji(number: int) -> str:
    tens, ones = divmod(number, 10)
    if not 0 < number < 100:
        return str(number)
    return ("" if tens == 0 else "十" if tens == 1 else f"{_KANJI[tens]}十") + (_KANJI[ones] if ones else "")


def _roman(number: int) -> str:
    found = ""
    for value, letters in ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL")):
        found, number = found + letters * (number // value), number % value
    for value, letters in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        found, number = found + letters * (number // value), number % value
    return found


def _letter(number: int, letters: str) -> str:
    return letters[(number - 1) % len(letters)] * ((number - 1) // len(letters) + 1)


def shown(number: int, form: str) -> str:
    """A number in one of Word's number formats; in digits where the format is not known.

    >>> shown(3, "decimalEnclosedCircle"), shown(12, "japaneseCounting"), shown(4, "upperRoman"), shown(2, "aiueo")
    ('③', '十二', 'IV', 'イ')
    """
    number = max(0, min(number, 9_999))
    if number == 0:
        return "0"
    if form == "decimalFullWidth":
        return str(number).translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    if form in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese") and number <= 20:
        return chr(0x2460 + number - 1)
    if form in ("japaneseCounting", "chineseCounting", "ideographDigital", "japaneseDigitalTenThousand"):
        return _kanji(number)
    if form in ("upperRoman", "lowerRoman"):
        return _roman(number) if form == "upperRoman" else _roman(number).lower()
    letters = {
        "upperLetter": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "lowerLetter": "abcdefghijklmnopqrstuvwxyz",
        "aiueo": _AIUEO,
        "aiueoFullWidth": _AIUEO,
        "iroha": _IROHA,
        "irohaFullWidth": _IROHA,
    }.get(form)
    return _letter(number, letters) if letters else str(number)


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def val(element: Any, name: str = "val") -> str | None:
    """The attribute ``w:val`` (or another of Word's) of an element that may be None."""
    if element is None:
        return None
    found = element.get(element.tag.replace(_local(element), "", 1) + name) if "}" in element.tag else element.get(name)
    return None if found is None else str(found)


def whole(text: str | None, default: int = 0) -> int:
    """A whole number of an attribute, or the default."""
    try:
        return int(text or "")
    except ValueError:
        return default


class Numbering:
    """Counts the lists of a document while its paragraphs are read in order.

    Args:
        root: the root of ``numbering.xml``; None where the document has none.
    """

    def __init__(self, root: Any) -> None:
        self._levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        self._abstract: dict[str, str] = {}
        self._starts: dict[str, dict[int, int]] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[str] = set()
        for element in root if root is not None else ():
            if _local(element) == "abstractNum":
                self._levels[val(element, "abstractNumId") or ""] = dict(self._level(level) for level in _named(element, "lvl"))
            elif _local(element) == "num":
                self._add_list(element)

    @staticmethod
    def _level(level: Any) -> tuple[int, tuple[str, str, int]]:
        cells = {_local(child): val(child) for child in level}
        form, text = cells.get("numFmt") or "decimal", cells.get("lvlText") or ""
        return whole(val(level, "ilvl")), (form, text, whole(cells.get("start"), 1))

    def _add_list(self, element: Any) -> None:
        key = val(element, "numId") or ""
        for child in element:
            if _local(child) == "abstractNumId":
                self._abstract[key] = val(child) or ""
            elif _local(child) == "lvlOverride":
                for start in _named(child, "startOverride"):
                    self._starts.setdefault(key, {})[whole(val(child, "ilvl"))] = whole(val(start), 1)

    def mark(self, key: str, level: int) -> str:
        """What stands before the next paragraph of a list: its number, ``・`` for a bullet, or nothing."""
        abstract = self._abstract.get(key)
        levels = self._levels.get(abstract or "", {})
        if level not in levels or not 0 <= level < _LEVELS:
            return ""
        counts = self._counts.setdefault(abstract or "", [None] * _LEVELS)
        if key not in self._begun:
            self._begun.add(key)
            for at in self._starts.get(key, {}):
                if 0 <= at < _LEVELS:
                    counts[at] = None
        before = counts[level]
        start = self._starts.get(key, {}).get(level, levels[level][2])
        counts[level] = start if before is None else before + 1
        counts[level + 1 :] = [None] * (_LEVELS - level - 1)
        form, text, _ = levels[level]
        if form == "bullet":
            return "・"
        if form == "none":
            return ""
        for at in range(level + 1):
            if at in levels:
                number = counts[at]
                text = text.replace(f"%{at + 1}", shown(levels[at][2] if number is None else number, levels[at][0]))
        return text.strip()


def _named(element: Any, name: str) -> list[Any]:
    return [child for child in element if _local(child) == name]

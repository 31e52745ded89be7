"""Numbers and dates of a spreadsheet as their number format shows them: what a reader of the sheet sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

# Formats that a Japanese Excel knows by number and does not write into the file.
BUILTIN = {
    **dict.fromkeys((14, 30), "yyyy/m/d"),
    **dict.fromkeys((27, 36, 50, 57), "gge.m.d"),
    **dict.fromkeys((28, 29, 51, 54, 58), 'ggge"年"m"月"d"日"'),
    31: 'yyyy"年"m"月"d"日"',
    **dict.fromkeys((34, 52, 55), 'yyyy"年"m"月"'),
    **dict.fromkeys((35, 53, 56), 'm"月"d"日"'),
    32: 'h"時"mm"分"',
    33: 'h"時"mm"分"ss"秒"',
}
_ERAS = (
    (date(2019, 5, 1), "令和", "R"),
    (date(1989, 1, 8), "平成", "H"),
    (date(1926, 12, 25), "昭和", "S"),
    (date(1912, 7, 30), "大正", "T"),
)
_DAYS = "月火水木金土日"
_TOKEN = re.compile(
    r'"(?P<text>[^"]*)"|\\(?P<escaped>.)|_(?P<room>.)|\*(?P<fill>.)|\[\$(?P<money>[^\]\[-]{0,60})[^\]\[]{0,60}\]|\[(?P<elapsed>[hms]+)\]'
    r"|\[(?P<test>[<>=]+-?[\d.]+)\]|\[(?P<other>[^\]]{0,60})\]|(?P<ampm>AM/PM|A/P)|(?P<science>[Ee][+-]0+)"
    r"|(?P<date>y+|m+|d+|h+|s+|g+|e+|a{3,4})|(?P<digits>[0#?][0#?,]*(?:\.[0#?]*)?,*|\.[0#?]+)|(?P<plain>.)",
    re.S | re.I,
)
_TESTS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "=": lambda a, b: a == b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<>": lambda a, b: a != b,
}
_Token = tuple[str, str]


def general(number: float) -> str:
    """A number as an unformatted cell shows it: at most ten digits after the first.

    >>> general(142.0), general(0.1 + 0.2), general(1 / 3), general(-1234567)
    ('142', '0.3', '0.3333333333', '-1234567')
    """
    digits = ".15g" if float(number).is_integer() else ".10g"
    text = format(Decimal(format(number, digits)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=1024)
def _sections(number_format: str) -> tuple[tuple[_Token, ...], ...]:
    sections: list[list[_Token]] = [[]]
    for match in _TOKEN.finditer(number_format):
        kind = match.lastgroup or "plain"
        if kind == "plain" and match[0] == ";":
            sections.append([])
        else:
            sections[-1].append((kind, match[kind] or ""))
    return tuple(tuple(section) for section in sections)


def shown(number: float, number_format: str, *, from_1904: bool = False) -> str:
    """A number as its cell shows it.

    >>> shown(0.45, "0%"), shown(1234.5, "#,##0"), shown(-2.5, '0.0;"▲"0.0'), shown(45748, 'ggge"年"m"月"d"日"')
    ('45%', '1,235', '▲2.5', '令和7年4月1日')
    >>> shown(12, '0"件"'), shown(-3, "#,##0_ ;[Red]-#,##0 "), shown(0, '0;-0;"-"'), shown(45748, "yyyy/mm/dd")
    ('12件', '-3', '-', '2025/04/01')
    """
    if not number_format or re.match(r"general|g/標準", number_format, re.I):
        return general(number)
    sections = _sections(number_format)
    section, value = _choose(number, sections)
    kinds = {kind for kind, _ in section}
    if kinds & {"date", "elapsed", "ampm"}:
        return _day(number, section, from_1904)
    return _number(value, section)


def text_shown(text: str, number_format: str) -> str:
    """A text as its cell shows it: a format may add words around it.

    >>> text_shown("伊藤", '@"様"'), text_shown("済", "General")
    ('伊藤様', '済')
    """
    section = _sections(number_format)[-1] if "@" in number_format else ()
    if ("plain", "@") not in section:
        return text
    return "".join(
        text if (kind, part) == ("plain", "@") else part for kind, part in section if kind in ("text", "escaped", "plain")
    )


def _choose(number: float, sections: tuple[tuple[_Token, ...], ...]) -> tuple[tuple[_Token, ...], float]:
    """The section for this number, and the number with the sign that is still to be shown."""
    usable = sections[:3]
    tests = [next((text for kind, text in section if kind == "test"), "") for section in usable]
    if any(tests):
        for section, test in zip(usable, tests, strict=True):
            operator = re.match(r"[<>=]+", test)
            if operator is None or _TESTS.get(operator[0], _TESTS["="])(number, float(test[operator.end() :])):
                return section, number
        return usable[-1], number
    if number < 0 and len(usable) > 1:
        return usable[1], -number
    if number == 0 and len(usable) > 2:
        return usable[2], number
    return usable[0], number


def _number(value: float, section: tuple[_Token, ...]) -> str:
    if any(kind == "science" for kind, _ in section):
        return general(value)
    places = [at for at, (kind, _) in enumerate(section) if kind == "digits"]
    percents = sum(1 for kind, part in section if kind == "plain" and part in "%％")
    if not places:
        if any((kind, part) == ("plain", "@") for kind, part in section):
            return general(value)
        return "".join(_literal(token) for token in section).strip()
    if any(kind == "plain" and part == "/" for kind, part in section) and len(places) > 1:
        return general(value)  # a fraction of the format ?/?
    first, last = places[0], places[-1]
    pattern = "".join(part for kind, part in section[first : last + 1] if kind == "digits")
    digits = _digits(Decimal(format(value, ".15g")) * 100**percents, pattern)
    sign = "-" if digits.startswith("-") else ""
    before = "".join(_literal(token) for token in section[:first])
    after = "".join(_literal(token) for token in section[last + 1 :])
    return f"{sign}{before}{digits.removeprefix('-')}{after}".strip()


def _digits(value: Decimal, pattern: str) -> str:
    whole, _, fraction = pattern.partition(".")
    scale = len(pattern) - len(pattern.rstrip(","))
    value = value.scaleb(-3 * scale)
    value = value.quantize(Decimal(1).scaleb(-len(fraction.rstrip(","))), ROUND_HALF_UP)
    text = format(abs(value), ",f" if "," in whole.rstrip(",") else "f")
    left, _, right = text.partition(".")
    least = whole.count("0")
    left = left.lstrip("0") if least == 0 and left.strip("0") == "" else left.rjust(least, "0")
    while right and fraction[len(right) - 1 : len(right)] in ("#", "?") and right.endswith("0"):
        right = right[:-1]
    shown = left + (f".{right}" if right else "")
    return ("-" if value < 0 and shown.strip("0.,") else "") + (shown or "0")


def _literal(token: _Token) -> str:
    kind, part = token
    if kind == "room":
        return " "
    return part if kind in ("text", "escaped", "plain", "money") else ""


def _day(number: float, section: tuple[_Token, ...], from_1904: bool) -> str:
    try:
        start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30) if number >= 60 else datetime(1899, 12, 31)
        moment = start + timedelta(seconds=round(number * 86_400))
    except (OverflowError, ValueError):
        return "#" * 8  # as Excel shows a day that there is not
    parts: list[str] = []
    twelve = any(kind == "ampm" for kind, _ in section)
    for at, (kind, part) in enumerate(section):
        if kind == "date":
            parts.append(_day_part(moment, part.lower(), section, at, twelve))
        elif kind == "elapsed":
            parts.append(str(int(round(number * 86_400) // {"h": 3600, "m": 60, "s": 1}[part[0].lower()])))
        elif kind == "ampm":
            parts.append("AM" if moment.hour < 12 else "PM")
        elif kind == "digits":
            parts.append(part if part.strip("0") else "")
        else:
            parts.append(_literal((kind, part)))
    return "".join(parts).strip()


def _day_part(moment: datetime, token: str, section: tuple[_Token, ...], at: int, twelve: bool) -> str:
    letter, wide = token[0], len(token) > 1
    if letter == "m" and len(token) < 3 and _is_minute(section, at):
        return f"{moment.minute:02d}" if wide else str(moment.minute)
    if letter == "y":
        return f"{moment.year:04d}" if len(token) > 2 else f"{moment.year % 100:02d}"
    if letter in "ge":
        begun, name, initial = next((era for era in _ERAS if moment.date() >= era[0]), (date(1, 1, 1), "", ""))
        if letter == "g":
            return (initial, name[:1], name)[min(len(token), 3) - 1]
        return f"{moment.year - begun.year + 1:0{min(len(token), 2)}d}"
    if letter == "a" or (letter == "d" and len(token) > 2):
        return _DAYS[moment.weekday()] + ("曜日" if len(token) > 3 else "")
    hour = (moment.hour - 1) % 12 + 1 if twelve else moment.hour
    number = {"m": moment.month, "d": moment.day, "h": hour, "s": moment.second}[letter]
    return f"{number:02d}" if len(token) == 2 else str(number)


def _is_minute(section: tuple[_Token, ...], at: int) -> bool:
    """An ``m`` after hours or before seconds is a minute."""
    dates = [(n, part.lower()) for n, (kind, part) in enumerate(section) if kind in ("date", "elapsed")]
    position = next(n for n, (place, _) in enumerate(dates) if place == at)
    before = dates[position - 1][1] if position else ""
    after = dates[position + 1][1] if position + 1 < len(dates) else ""
    return before.startswith("h") or after.startswith("s")

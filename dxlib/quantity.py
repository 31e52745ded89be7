"""The language of printed values and Japanese years.

Works on repaired text (see `dxlib.text.repair`): widths folded, letter-spacing closed.
A printed sign is kept (``▲2.0%`` is -2.0); words such as 削減 or 増 set ``direction`` and
never change the sign. What a number is *for* is decided by the readers, not here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

Comparator = Literal["=", ">=", "<=", "approx", "range"]
Direction = Literal["increase", "decrease"]

# First Western year of each era minus one (元年 = 1).
_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}
_ERA = r"(?P<{0}era>令和|平成|昭和|(?<![A-Za-z])[RHS])\.?\s?(?P<{0}n>元|\d{{1,2}})(?!\d|,\d|%|\.\d+%)"
_WESTERN = r"(?<![\d.,])(?P<{0}w>(?:19|20)\d{{2}})"
_YEAR = re.compile(
    "(?:"
    + _WESTERN.format("a")
    + r"\s?(?:年度?)?\s?\(\s?"
    + _ERA.format("a")
    + r"\s?(?:年度?)?\s?\)"
    + "|"
    + _ERA.format("b")
    + r"\s?(?:年度?)?\s?\(\s?"
    + _WESTERN.format("b")
    + r"\s?(?:年度?)?\s?\)"
    + "|"
    + _ERA.format("c")
    + "|"
    + _WESTERN.format("d")
    + r"(?=\s?年|/\d\d?(?!\d)|/\d{4}\s?年|-\d\d-|\.\d{1,2}\.)"
    + ")"
    + r"(?:\s?年度?)?"
    + r"(?:(?:[\s/.-]?(?P<month>1[0-2]|0?[1-9])\s?月|(?<=\d)[/.-](?P<digits>1[0-2]|0?[1-9])(?=[/.-]\d)"
    + r"|(?:(?<=[RHS]\d)|(?<=[RHS]\d\d))\.(?P<dotted>1[0-2]|0?[1-9])(?![\d%年]|,\d)"
    + r"|(?<=\d{4})/(?P<slashed>1[0-2]|0?[1-9])(?!\d))"
    # Without 日 a day needs its separator: the number in 令和7年3月 12件 is none.
    + r"(?:(?:\s?(?=\d\d?\s?日(?!間))|[/.-])(?P<day>3[01]|[12]\d|0?[1-9])(?![\d%])(?:\s?日)?)?)?"
    + r"(?P<end>末)?"
)
_RELATIVE_YEAR = re.compile(
    r"(?<![\d,.])(?P<n>\d{1,2})\s?(?:か?年目|カ年目|年後)|(?<=後)\s?(?P<after>\d{1,2})\s?年(?=で|以内|まで)|(?P<first>初年度)"
)


_PLAUSIBLE = range(1926, 2101)  # what else a year seems to be is a slip: 令和83年度
_DATED = re.compile(r"\d|元|初年度")  # texts without these hold no year
_COUNTED = re.compile(r"\d|半")  # texts without these hold no quantity


@dataclass(frozen=True, slots=True)
class Year:
    """A printed year or date. One that cannot be meant (令和83年度) stands in the text, and is none of these.

    Attributes:
        start, end: where it stands in the text.
        fiscal_year: Western year of a 年度 (April to March); None for calendar years and dates.
        calendar_year: Western year of a 年 without 度, or of a date.
        as_of: the day of a full date; 31 March for 年度末; the last day for a month's end.
        relative_year: 1 for ``1年目``, counted from launch.
    """

    start: int
    end: int
    fiscal_year: int | None = None
    calendar_year: int | None = None
    as_of: date | None = None
    relative_year: int | None = None

    @property
    def western(self) -> int | None:
        """The Western year printed, whichever kind it is."""
        return self.fiscal_year or self.calendar_year


def _month_end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def _western(match: re.Match[str]) -> int:
    for key in ("aw", "bw", "dw"):
        if match[key]:
            return int(match[key])
    number = match["cn"]
    return _ERAS[match["cera"]] + (1 if number == "元" else int(number))


def _safe_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def find_years(text: str) -> list[Year]:
    """All years in ``text``: 令和, R, 平成, 西暦, both at once, dates, and years counted from launch.

    A bare ``R8`` is read as a fiscal year: that is how plans label columns.

    >>> [(y.fiscal_year, y.calendar_year) for y in find_years("2026(令和8)年度から令和6年(2024年)")]
    [(2026, None), (None, 2024)]
    >>> [y.as_of for y in find_years("令和7年度末、R8.3月末、2021(令和3)年1月31日")]
    [datetime.date(2026, 3, 31), datetime.date(2026, 3, 31), datetime.date(2021, 1, 31)]
    >>> find_years("3年目 10種類")[0].relative_year
    3
    """
    return list(_years(text)) if _DATED.search(text) else []


@lru_cache(maxsize=4096)
def _years(text: str) -> tuple[Year, ...]:
    found = [
        Year(match.start(), match.end(), relative_year=1 if match["first"] else int(match["n"] or match["after"]) or None)
        for match in _RELATIVE_YEAR.finditer(text)
    ]
    for match in _YEAR.finditer(text):
        if text[match.end() - 1 : match.end() + 1] == "年目":
            continue
        western = _western(match)
        if western not in _PLAUSIBLE:
            found.append(Year(match.start(), match.end()))
            continue
        inner = text[match.start() : match.end()]
        if printed := match["month"] or match["digits"] or match["dotted"] or match["slashed"]:
            month = int(printed)
            western += "年度" in inner and month < 4  # 令和7年度3月 is in the spring of the next year
            if match["day"]:
                as_of = _safe_date(western, month, int(match["day"]))
            else:
                as_of = _month_end(western, month) if match["end"] else None
            found.append(Year(match.start(), match.end(), calendar_year=western, as_of=as_of))
        elif "年度" in inner or "年" not in inner:
            as_of = date(western + 1, 3, 31) if match["end"] else None
            found.append(Year(match.start(), match.end(), fiscal_year=western, as_of=as_of))
        else:
            found.append(Year(match.start(), match.end(), calendar_year=western))
    return tuple(sorted(found, key=lambda year: year.start))


@dataclass(frozen=True, slots=True)
class Quantity:
    """One printed value, as printed.

    Attributes:
        start, end: where it stands in the text, unit and comparator included.
        value: the number with its printed sign; None for a fraction such as ``24/26``.
        value_low: lower bound of a printed range.
        unit: as printed (NFKC); None when no unit is printed.
        numerator, denominator: of a printed fraction.
        direction: what a word beside the number says (増 = increase, 削減 = decrease).
    """

    start: int
    end: int
    value: float | None
    comparator: Comparator = "="
    value_low: float | None = None
    unit: str | None = None
    numerator: float | None = None
    denominator: float | None = None
    direction: Direction | None = None


@cache
def _units() -> tuple[list[str], frozenset[str], frozenset[str]]:
    source = files("dxlib").joinpath("vocabulary/units.toml").read_text(encoding="utf-8")
    table = tomllib.loads(source)
    everything = sorted({*table["counted"], *table["bare"]}, key=lambda unit: (-len(unit), unit))
    return everything, frozenset(table["counted"]), frozenset(table["dated"])


def counted_units() -> frozenset[str]:
    """Units that count something also in running text (``vocabulary/units.toml``, ``counted``)."""
    return _units()[1]


@cache
def is_unit(text: str) -> bool:
    """True for a unit of the vocabulary, of whichever kind.

    >>> is_unit("件"), is_unit("km²"), is_unit("累計")
    (True, True, False)
    """
    return text in _units()[0]


def dated_units() -> frozenset[str]:
    """Units that count something in running text only beside a year (``dated``)."""
    return _units()[2]


# Bounded, so that a long run of digits costs no more than its length.
_NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,5}|\d{1,15})(?:\.\d{1,9})?(?!\d)"
_DECREASE = r"削減|縮減|短縮|減少|低減|軽減|減"
_INCREASE = r"増加|増やす|増|アップ|上昇"


@cache
def _pattern() -> re.Pattern[str]:
    units = "|".join(map(re.escape, _units()[0]))
    # A counter that is the head of a compound (39地区市民センター) takes the whole compound as its unit; アップ says more of it.
    unit = rf"(?:{units})(?:(?<=[一-龥])(?!アップ)[一-龥]{{0,4}}[ァ-ヶー]{{2,}})?"
    amount = rf"(?=\d)(?P<amount>(?:{_NUMBER}(?:\s?[千百十]?[兆億万]|\s?千|[百十])){{0,8}}(?:{_NUMBER})?)"
    return re.compile(
        r"(?P<about>約|およそ|おおむね|概ね|ほぼ)?\s?"
        r"(?:(?P<half>半減|半数|半分)|"
        rf"(?P<parts>{_NUMBER})分の(?P<part>{_NUMBER})|(?P<tenths>{_NUMBER})割(?P<hundredths>\d)分|"
        r"(?<![\dA-Za-z.,第※#])(?P<sign>[-+](?!\s)|[▲△])?\s?"
        rf"(?:(?P<top>{_NUMBER})\s?/\s?(?P<bottom>{_NUMBER})(?![\d/])\s?(?P<funit>{unit})?"
        rf"|(?P<low>{_NUMBER})\s?(?:{units})?\s?[~-]\s?(?P<high>{_NUMBER})\s?(?P<runit>{unit})?"
        rf"|{amount}\s?(?P<unit>{unit})?))"
        r"(?P<after>\s?(?:以上|を?超え?|以下|以内|未満|程度|前後|弱|強))?"
        rf"(?P<change>\s?(?:の|を)?\s?(?:(?P<less>{_DECREASE})|(?P<more>{_INCREASE})))?"
    )


def _number(printed: str) -> float:
    return float(printed.replace(",", ""))


_STEP = re.compile(rf"({_NUMBER})\s?([千百十]?)([兆億万]?)")
_SMALL = {"千": 1e3, "百": 1e2, "十": 1e1, "": 1.0}
_LARGE = {"兆": 1e12, "億": 1e8, "万": 1e4}


def _amount(printed: str) -> float:
    """``1億2千500万`` as a number: what stands before a large scale is counted by it together."""
    total = section = 0.0
    for number, small, large in _STEP.findall(printed):
        section += _number(number) * _SMALL[small]
        if large:
            total, section = total + section * _LARGE[large], 0.0
    return round(total + section, 6)


def _comparator(match: re.Match[str]) -> Comparator:
    after = (match["after"] or "").strip()
    if after in ("以上", "超", "超え", "を超え", "を超"):
        return ">="
    if after in ("以下", "以内", "未満"):
        return "<="
    return "approx" if match["about"] or after else "="


def _direction(match: re.Match[str]) -> Direction | None:
    if match["less"]:
        return "decrease"
    return "increase" if match["more"] else None


def _quantity(match: re.Match[str]) -> Quantity:
    found = match.group()
    start = match.start() + len(found) - len(found.lstrip())
    end = match.end() - len(found) + len(found.rstrip())
    direction = _direction(match)
    if match["half"]:
        direction = "decrease" if match["half"] == "半減" else direction
        return Quantity(start, end, 50.0, _comparator(match), unit="%", direction=direction)
    value: float | None = None
    low: float | None = None
    parts: tuple[float | None, float | None] = (None, None)
    comparator, unit = _comparator(match), match["unit"]
    if match["parts"]:
        parts, unit = (_number(match["part"]), _number(match["parts"])), None
    elif match["tenths"]:
        value, unit = round(_number(match["tenths"]) + int(match["hundredths"]) / 10, 1), "割"
    elif match["top"]:
        parts, unit = (_number(match["top"]), _number(match["bottom"])), match["funit"]
    elif match["low"]:
        low, value, comparator, unit = _number(match["low"]), _number(match["high"]), "range", match["runit"]
    else:
        value = (-1 if match["sign"] in ("-", "▲", "△") else 1) * _amount(match["amount"]) + 0.0
    return Quantity(start, end, value, comparator, low, unit, *parts, direction)


# Numbers that count nothing: ordinals, idioms, clock times, section and law numbers, identifiers.
_NO_VALUE = re.compile(
    r"第\s?\d{1,6}(?:[.-]\d{1,6}){0,4}\s?(?:次|期|章|条|項|号|節|版|回|位|層|部|編)?"
    r"|(?<![\d,.])\d{1,6}\s?(?:条|項(?!目)|号|章|節|版|回目|番目|次元|年目|ページ|頁)"
    r"|(?<![\d,.])24時間[、・]?365日|(?<![\d,.])1人1台|(?<![\d,.])1\s?(?:人|件|回|世帯|日|か月|月|団体|施設|台|枚|時間)\s?(?:当たり|あたり|につき)"
    r"|\d{1,15}(?:[-.]\d{1,9}){2,9}(?![-.]?\d|%|ポイント)|(?<!\d)\d{1,2}:\d{2}(?!\d)"
    r"|(?:KPI|KGI|施策|取組|事業|指標|目標|プロジェクト)\s?\d{1,2}-\d{1,2}(?![\d.,%])"
    r"|(?<![A-Za-z])(?<!t-)(?!k?m2)[A-Za-z]{1,20}-?\d{1,9}(?:[.-]\d{1,9}){0,4}(?![\d%])|(?<![\d.,A-Za-z])\d{1,6}(?:[A-KM-Z]|d)(?![A-Za-z])"
    r"|※\s\d{1,3}(?!\d|,\d)|\(\d{1,2}\)|(?<![\d.])\d{1,9}(?:\.\d{1,9}){0,4}\.(?=\D)"
)


def find_quantities(text: str) -> list[Quantity]:
    """All printed values in ``text``; years, dates, ordinals and identifiers are left out.

    >>> [(q.value, q.unit, q.comparator) for q in find_quantities("1年目 3種類、105人以上、▲2.0%")]
    [(3.0, '種類', '='), (105.0, '人', '>='), (-2.0, '%', '=')]
    >>> q = find_quantities("24/26")[0]; q.value, q.numerator, q.denominator
    (None, 24.0, 26.0)
    >>> [(q.value, q.unit, q.direction) for q in find_quantities("80%削減、20%増、半減、約1万2,000件")]
    [(80.0, '%', 'decrease'), (20.0, '%', 'increase'), (50.0, '%', 'decrease'), (12000.0, '件', None)]
    """
    return list(_quantities(text)) if _COUNTED.search(text) else []


@lru_cache(maxsize=4096)
def _quantities(text: str) -> tuple[Quantity, ...]:
    return tuple(_unmasked(text))


def mask(text: str) -> str:
    """``text`` with years and numbers that are no values blanked out, lengths kept.

    >>> mask("第2次 令和8年度 5件")
    '___ _____ 5件'
    """
    masked = _NO_VALUE.sub(lambda match: "_" * len(match.group()), text)
    parts: list[str] = []
    last = 0
    for year in find_years(text):
        if year.end > last:
            start = max(year.start, last)
            parts += [masked[last:start], "_" * (year.end - start)]
            last = year.end
    return "".join([*parts, masked[last:]])


def _unmasked(text: str) -> Iterator[Quantity]:
    for match in _pattern().finditer(mask(text)):
        if match.group().strip():  # else a run of digits too long to be a number
            yield _quantity(match)

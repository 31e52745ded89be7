"""What a column heading or a label before a value says: role, year, unit (``vocabulary/heads.toml``)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from dxlib.facts import Role, Value
from dxlib.quantity import Year, find_quantities, find_years, is_unit
from dxlib.readers.labels import column_year, label_of, vocabulary
from dxlib.text import squeeze

ROLES: dict[str, Role] = {"baseline": "baseline", "target": "target", "actual": "actual"}
_LONGEST = 28
_TOO_LONG = 80  # with the years in it
_BRACKETS = re.compile(r"[(\[【<《〈][^()\[\]【】<>《》〈〉]{0,24}[)\]】>》〉]")
_EDGES = "■◆●○◇□▼▶►・※*:.,、。 -_/【】[]<>〈〉《》()「」①②③④⑤⑥⑦⑧⑨"
_RATE = re.compile(r"[/／](?:年度?|月|日|回)$|[(](?:累計|年間|延べ|年度末|年|単年度?)[)]$")
_SENTENCE = re.compile(
    r"[。!?]|(?:する|ます|です|た|いる|ある|ない|れる|どおり|通り)$|^第\s?\d+\s?[章節編部]"
    r"|^(?:KPI|KGI|指標|目標)\s?\d{1,2}(?:-\d{1,2})?\s+\S{4,}"  # KPI 1-4 自動運転バスの運行: an indicator, no heading
)
_SAYS = re.compile(r"^(?!単位)[^::]{1,20}[::]\s*\S")  # a label with its content
_COUNTED = re.compile(r"(?P<word>指標|KPI|KGI)\s?\d{1,2}$")  # 指標1, KPI 2
_AFTER_LAUNCH = re.compile(r"^\d{1,2}\s?(?:か?年目|年後)$")

_BARE_ROLE = re.compile(
    "(?:数値|成果|当初|中間|最終|前期|後期|新|旧|改定[前後]|見直し[前後]|年度|各年度|累計|単年度?|年間|達成|上半期|下半期|計画)?"
    "(?:目標|実績|現状|現況|計画|基準|見込み?|結果|策定時|ベース)(?:累計)?"
)


@dataclass(frozen=True, slots=True)
class Head:
    """What a heading says.

    Attributes:
        field: the group of ``heads.toml`` it belongs to; ``year`` when it is nothing but a year; None for another word.
        year: the year printed in it.
        unit: the unit printed in it, in brackets or after 単位.
        cumulative: True when it says 累計.
        dates: the role whose values a column of years dates (目標年度, the 年度 beside a 現状値).
    """

    field: str | None
    year: Year | None = None
    unit: str | None = None
    cumulative: bool | None = None
    dates: Role | None = None

    @property
    def role(self) -> Role | None:
        """The role of the values that stand under it."""
        return ROLES.get(self.field or "")


@cache
def _groups() -> list[tuple[str, frozenset[str], re.Pattern[str]]]:
    table = vocabulary("heads")
    return [
        (name, frozenset(words.get("only", ())), re.compile("|".join(map(re.escape, words.get("part", ()))) or "(?!)"))  # type: ignore[attr-defined]
        for name, words in table.items()
    ]


_SCALES = (("百万", 1e6), ("億", 1e8), ("万", 1e4), ("千", 1e3))


def scaled(value: Value, unit: str | None) -> Value:
    """``value`` in a unit printed beside it; 千, 万 and 億 before the unit are multiplied out.

    >>> found = scaled(Value("target", 1, "1.5", value=1.5), "億円")
    >>> found.value, found.unit
    (150000000.0, '円')
    """
    for word, scale in _SCALES:
        if unit and unit.startswith(word) and len(unit) > len(word):
            number = None if value.value is None else round(value.value * scale, 6)
            low = None if value.value_low is None else round(value.value_low * scale, 6)
            return replace(value, value=number, value_low=low, unit=unit[len(word) :])
    return replace(value, unit=unit)


def unit_in(text: str) -> str | None:
    """The unit that a unit column or a bracket names, without what it counts per.

    >>> unit_in("件/年"), unit_in("単位:%"), unit_in("万枚"), unit_in("人・累計"), unit_in("累計")
    ('件', '%', '万枚', '人', None)
    """
    bare = re.sub(r"^単位\s*[::]?\s*", "", squeeze(text)).strip("()[]【】")
    bare = re.sub(r"^(?:累計|累積|延べ|年間|単年度?|年度末|月間)[・、,]", "", bare)
    bare = re.split(r"[・、,/](?=累計|延べ|年間|年度?|月|日|回)", _RATE.sub("", bare))[0]
    return bare if is_unit(bare) or (is_unit(bare.lstrip("百千万億")) and bare) else None


def bracketed_unit(text: str) -> str | None:
    """The unit in the last bracket of a name: ``申請件数(件)``.

    >>> bracketed_unit("申請件数(年間)(件)"), bracketed_unit("割合(全職員)")
    ('件', None)
    """
    inside = [part for match in _BRACKETS.finditer(text) for part in re.split("[、,]", match.group()[1:-1])]
    found = [unit for part in inside if (unit := unit_in(part))]
    return found[-1] if found else None


def _field(key: str) -> str | None:
    upper = key.upper()
    for name, only, part in _groups():
        if upper in only or key in only or part.search(upper):
            return name
    return None


@cache
def head_of(text: str) -> Head | None:
    """What ``text`` says as a heading; None when it is no heading but a value, a sentence or too long.

    >>> head_of("現状値(令和4年度)").field, head_of("現状値(令和4年度)").year.fiscal_year
    ('baseline', 2022)
    >>> head_of("R8(目標)").role, head_of("目標達成率").field, head_of("目標値(件)").unit, head_of("50件") is None
    ('target', 'attainment', '件', True)
    """
    bare = text.strip()
    if not bare or len(bare) > _TOO_LONG:
        return None
    years = find_years(bare)
    if len(bare) > _LONGEST + sum(year.end - year.start for year in years) or _SENTENCE.search(bare) or _SAYS.search(bare):
        return None
    rest = bare
    for printed in reversed(years):
        rest = rest[: printed.start] + " " + rest[printed.end :]
    unit = bracketed_unit(rest)
    cumulative = True if re.search("累計|累積", rest) else None
    year = years[0] if years else None
    if column_year(bare) is not None or (years and _AFTER_LAUNCH.match(squeeze(bare))):
        role = next((_field(word) for word in re.findall("目標|実績|計画|現状", rest)), None)
        return Head(role or "year", year, unit, cumulative)
    rest = _COUNTED.sub(r"\g<word>", rest)
    if find_quantities(_BRACKETS.sub("", rest)) or re.search(r"\d{2,}", _BRACKETS.sub("", rest)):
        return None
    inside = " ".join(match.group()[1:-1] for match in _BRACKETS.finditer(rest))
    outside = squeeze(_BRACKETS.sub(" ", rest)).strip(_EDGES).removeprefix("の")
    field = label_of(bare) if label_of(bare) in ("title", "schedule", "glossary", "headcount") else None
    if outside:
        field = field or _field(outside)
    if field is None and not outside:
        field = _field(squeeze(rest).strip(_EDGES)) or (unit and "unit") or None
    elif field == "indicator" and (word := _field(squeeze(inside))) in ROLES:
        field = word  # 指標(目標値)
    if unit and unit.endswith("円") and not re.search("目標|実績|現状|基準", outside):
        field = "budget"
    return Head(field, year, unit, cumulative)


def is_bare_role(text: str) -> bool:
    """True for a cell that is a role and no name: 目標, 実績(R5), 最終目標値 but not 目標設定件数 or 削減経費 目標."""
    bare = re.sub(r"\([^()]*\)|[\s()値額数の①-⑳]|(?:令和|平成|R|H)\d+年?度?末?|20\d\d年?度?末?|^年度", "", text)
    return bool(_BARE_ROLE.fullmatch(bare))

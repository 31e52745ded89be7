"""What one indicator cell says: names, values, years, blanks and marks.

The grammar of such a cell, whatever table or card it stands in::

    cell       := statement+
    statement  := [name] value ["/" year] [qualifier]
                | [name] (year-mark value)+          -- 1年目 3種類、2年目 5種類 / R4: 0.8% R5: 19.5%
                | word | dash
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from dxlib.facts import Missing, Role, Value, YearBasis
from dxlib.quantity import Direction, Quantity, Year, find_quantities, find_years
from dxlib.readers.labels import vocabulary
from dxlib.text import Text, is_nothing, squeeze, unwrap

_MARK = re.compile(r"[《«【(](?P<mark>[^》»】()]{1,30})[》»】)]")
_ATTAINMENT = re.compile(r"達成率\s*[::]?\s*(?P<percent>\d+(?:\.\d+)?)\s*%")
_YEAR_SUFFIX = re.compile(r"\s?/\s?(?=(?:令和|平成|R|H|20\d\d))")
_SUFFIX_NOTE = re.compile(r"\s*\([^()]*\)")
_EDGES = " \t::、。・="
_PAIR_BREAK = re.compile(r"(?<=[%件人名回枚台所設])\s+(?=[^\s\d][^::]*[::]\s*[▲△+-]?\d)")
_BASE = re.compile(r"(?P<base>(?:令和|平成|R|H)\s?\d{1,2}年度?[^\d%]{0,20}?)(?:比|の|を)\s*$")
_NAMED_BASE = re.compile(r"\((?P<base>[^()]{1,12}?)を基準と(?:する|し)")
_COMPARED = re.compile(r"(?P<base>導入前|前年度|前年|計画策定時|基準年度)(?:と比べ|比|に比べ)")


@dataclass(frozen=True, slots=True)
class Statement:
    """One value (or blank, or word) of a cell, and the indicator name printed with it."""

    name: str | None
    value: Value
    name_quote: str = ""


@cache
def _words(section: str) -> dict[str, object]:
    return vocabulary("words")[section]  # type: ignore[return-value]


@lru_cache(maxsize=4096)
def missing_reason(text: str) -> Missing | None:
    """Why a cell holds no value, or None when it holds one.

    >>> missing_reason("(新規事業のためなし)"), missing_reason("—"), missing_reason("検討中"), missing_reason("5件")
    ('new', 'none-printed', 'under-study', None)
    """
    if is_nothing(text):
        return "none-printed"
    bare = squeeze(text).strip("()。《》【】-")
    inside = re.fullmatch(r"(?P<main>[^()]{1,6})\((?P<why>[^()]{1,12})\)", squeeze(text))
    if inside and (is_nothing(inside["main"]) or inside["main"] in _words("missing")["none-printed"]):  # type: ignore[operator]
        return missing_reason(inside["why"]) or "none-printed"
    for reason, words in _words("missing").items():
        if bare in words:  # type: ignore[operator]
            return reason  # type: ignore[return-value]
    return None


@lru_cache(maxsize=4096)
def is_stage_word(text: str) -> bool:
    """True for a word that is a value itself: 導入, 移行完了, 未実施.

    >>> is_stage_word("導入"), is_stage_word("移行準備中"), is_stage_word("移行手続")
    (True, True, False)
    """
    bare = squeeze(text).strip("()。")
    return bare in _words("stage")["words"] or bool(_stage().fullmatch(bare))  # type: ignore[operator]


@cache
def _stage() -> re.Pattern[str]:
    words = _words("stage")
    before, stem, after = ("|".join(map(re.escape, words[key])) for key in ("before", "stem", "after"))  # type: ignore[call-overload]
    return re.compile(f"(?:{before})*(?:{stem})(?:{after})?")


def is_reference(text: str) -> bool:
    """True for a cell that only points to its neighbour (同左)."""
    return squeeze(text).strip("()。") in _words("same")["words"]  # type: ignore[operator]


@lru_cache(maxsize=4096)
def verdict_of(text: str) -> str | None:
    """The printed verdict a cell starts with, without the spaces of a line wrap.

    >>> verdict_of("概ね 達成"), verdict_of("達成 《達成率:118.3%》"), verdict_of("達成率は高い"), verdict_of("—")
    ('概ね達成', '達成', None, None)
    """
    bare = squeeze(_MARK.sub("", text))
    words = _words("verdict")["words"]
    return bare if bare in words or (bare[-1:] in "ABCDS" and bare[:-1] in words) else None  # type: ignore[operator]


def attainment_of(text: str) -> float | None:
    """The printed 達成率 in percent, or None."""
    match = _ATTAINMENT.search(text)
    return float(match["percent"]) if match else None


def _marks(text: str) -> dict[str, bool]:
    found: dict[str, bool] = {}
    counting = _words("counting")
    for match in _MARK.finditer(text):
        mark = squeeze(match["mark"])
        if mark in counting["cumulative"]:  # type: ignore[operator]
            found["cumulative"] = True
        elif mark in counting["calendar"]:  # type: ignore[operator]
            found["calendar"] = True
    return found


def _clip(text: Text, start: int, end: int) -> Text:
    part = text.slice(start, end)
    lead = len(part.clean) - len(part.clean.lstrip(_EDGES))
    return part.slice(lead, len(part.clean.rstrip(_EDGES)))


def _outside_brackets(text: str, quantities: list[Quantity]) -> list[Quantity]:
    spans = [
        match.span()
        for match in re.finditer(r"\([^()]*\)|「[^」]{0,200}」|【[^】]{0,200}】|《[^》]{0,200}》|«[^»]{0,200}»", text)
    ]
    return [q for q in quantities if not any(a <= q.start < b for a, b in spans)]


def from_quantity(quantity: Quantity, role: Role, line: int, quote: str) -> Value:
    """A value of ``role`` with all that `find_quantities` saw."""
    return Value(
        role,
        line,
        quote,
        value=quantity.value,
        comparator=quantity.comparator,
        value_low=quantity.value_low,
        unit=quantity.unit,
        numerator=quantity.numerator,
        denominator=quantity.denominator,
        direction=quantity.direction,
    )


def at_year(value: Value, year: Year | None, basis: YearBasis) -> Value:
    """``value`` with the year (fiscal, calendar, relative or date) that applies to it."""
    if year is None:
        return value
    return replace(
        value,
        fiscal_year=year.fiscal_year,
        calendar_year=year.calendar_year,
        relative_year=year.relative_year,
        as_of=year.as_of,
        year_basis=None if year.relative_year else basis,
    )


def _direction_from_name(name: str, unit: str | None) -> Direction | None:
    return "decrease" if unit == "%" and re.search(r"(?:削減|縮減|減少)率", name) else None


def _name(text: Text) -> str:
    return re.sub(r"[《«【]\s*(?:累計|累積|暦年目標|暦年)\s*[》»】]", "", unwrap(text.clean)).strip(_EDGES)


def _series(text: Text, marks: list[Year], role: Role, line: int) -> Iterator[Statement]:
    name = _name(_clip(text, 0, marks[0].start))
    base = _NAMED_BASE.search(name)
    shared = _marks(text.clean)
    ends = [mark.start for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=True):
        rest = text.clean[mark.end : end]
        quantities = find_quantities(rest)
        if quantities:
            first = quantities[0]
            value = from_quantity(first, role, line, text.quote(mark.start, mark.end + first.end))
        else:
            words = _clip(text, mark.end, end)
            reason = missing_reason(words.clean)
            value = Value(role, line, text.quote(mark.start, mark.end + len(rest.rstrip(_EDGES))), missing=reason)
            value = value if reason else replace(value, value_text=unwrap(words.clean) or None)
        value = replace(
            at_year(value, mark, "cell"), relative_to=base["base"] if base else None, cumulative=shared.get("cumulative")
        )
        if value.direction is None:
            value = replace(value, direction=_direction_from_name(name, value.unit))
        yield Statement(name or None, value, text.quote(0, marks[0].start).strip())


def _relative_base(body: Text, before: int) -> tuple[str | None, int]:
    """The printed base of a relative value and where it starts (``令和4年度比 5%削減``)."""
    match = _BASE.search(body.clean[:before])
    if not match:
        return None, before
    return match["base"].strip(), match.start()


def _word(body: Text, role: Role, line: int) -> Statement:
    """A statement without a number: ``ドローンの活用 実施``, ``書かない窓口の導入``, ``紙の印刷枚数 —``."""
    head, _, tail = body.clean.rpartition(" ")
    colon = re.search(r"[::]\s*(?=[^::]*$)", body.clean)
    if colon and missing_reason(body.clean[colon.end() :]):
        head, tail = body.clean[: colon.start()], body.clean[colon.end() :]
    whole = Value(role, line, body.quote())
    if head and (reason := missing_reason(tail)):
        return Statement(_name(_clip(body, 0, len(head))), replace(whole, missing=reason), body.quote(0, len(head)))
    if head and is_stage_word(tail):
        return Statement(_name(_clip(body, 0, len(head))), replace(whole, value_text=squeeze(tail)), body.quote(0, len(head)))
    if reason := missing_reason(body.clean):
        return Statement(None, replace(whole, missing=reason))
    text = unwrap(body.clean)
    return Statement(None if is_stage_word(text) else text, replace(whole, value_text=text), body.quote())


def _single(body: Text, role: Role, line: int) -> Statement:
    clean = body.clean
    marks = _marks(clean)
    quantities = find_quantities(clean)
    if not quantities:
        return _word(body, role, line)
    outside = _outside_brackets(clean, quantities)
    quantity = (outside or quantities)[-1]
    base, name_end = _relative_base(body, quantity.start)
    tail = _MARK.sub("", clean[quantity.end :]).strip(_EDGES)
    if not outside:
        name = _name(_clip(body, 0, clean.rfind("(", 0, quantity.start)))
    elif tail and clean[quantity.end : quantity.end + 1] in "がをはに":
        name = _name(body.slice(0, name_end)) + "…" + _name(body.slice(quantity.end))
    elif tail:
        name = _name(body)
    else:
        name = re.sub(r"を$", "", _name(_clip(body, 0, name_end)))
    compared = _NAMED_BASE.search(name) or _COMPARED.search(name)
    value = from_quantity(quantity, role, line, body.quote(quantity.start, quantity.end))
    value = replace(
        value,
        cumulative=marks.get("cumulative"),
        relative_to=base or (compared["base"] if compared else None),
        value_text="完了" if "【完了】" in clean else None,
        direction=value.direction or _direction_from_name(name, value.unit),
    )
    return Statement(name or None, value, body.quote(0, name_end).strip())


def _chunks(text: Text) -> Iterator[tuple[Text, Year | None]]:
    """(body, year printed behind it) for each statement of a cell."""
    start = 0
    for slash in _YEAR_SUFFIX.finditer(text.clean):
        if slash.start() < start:
            continue
        years = find_years(text.clean[slash.end() : slash.end() + 24])
        if not years or years[0].start > 1:
            continue
        end = slash.end() + years[0].end
        note = _SUFFIX_NOTE.match(text.clean, end)
        yield text.slice(start, slash.start()), years[0]
        start = note.end() if note else end
    rest = text.slice(start)
    if rest:
        for part in rest.split(_PAIR_BREAK):
            yield part, None


def read_cell(text: Text, role: Role, line: int) -> list[Statement]:
    """All statements of one indicator cell, in printed order.

    Years printed in the cell are set on the values (``year_basis="cell"``); others are left for
    the caller, who knows the header. An empty cell gives no statement.

    >>> from dxlib.text import repair
    >>> [(s.name, s.value.value, s.value.fiscal_year) for s in
    ...  read_cell(repair("申請件数 100件／令和4年度 手続件数 42件／令和4年度末"), "baseline", 1)]
    [('申請件数', 100.0, 2022), ('手続件数', 42.0, 2022)]
    """
    if not text:
        return []
    if reason := missing_reason(text.clean):
        return [Statement(None, Value(role, line, text.quote(), missing=reason))]
    statements: list[Statement] = []
    for body, year in _chunks(text):
        years = find_years(body.clean)
        marks = [y for y in years if y.relative_year] or [y for y in years if re.match(r"\s*[::]\s*\S", body.clean[y.end :])]
        if marks and year is None:
            statements += _series(body, marks, role, line)
            continue
        statement = _single(body, role, line)
        inner = years[-1] if years and statement.value.relative_to is None else None
        value = at_year(statement.value, year or inner, "cell")
        if _marks(body.clean).get("calendar") and value.calendar_year is None:
            value = replace(value, calendar_year=value.fiscal_year, fiscal_year=None)
        statements.append(replace(statement, value=value))
    return statements


def is_calendar(text: str) -> bool:
    """True when the cell says that its year is a calendar year (《暦年目標》)."""
    return bool(_marks(text).get("calendar"))

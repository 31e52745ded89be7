"""Short texts that state values: one or several in a cell, an arrow from old to new, a sentence that sets a target."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from dxlib.facts import Role, Value
from dxlib.quantity import Year, find_quantities, find_years
from dxlib.readers.cell import at_year, from_quantity, is_reference, is_stage_word, missing_reason, read_cell, verdict_of
from dxlib.readers.columns import Cell, is_value
from dxlib.readers.heads import head_of
from dxlib.readers.weights import with_doubts
from dxlib.text import Text, unwrap

_YEAR_NEXT = r"\s*(?:年|月|日|令和|平成|[RH]\s?\d|20\d\d|\d)"
_SEPARATOR = re.compile(rf"[、,;](?!\d{{3}})|(?<=[\s)%件人回名台枚校所割倍時間分])/(?!{_YEAR_NEXT})|(?<=\))\s+(?=[▲△約]?\d)|。")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_ARROW = re.compile(
    r"\s*(?:→|⇒|➡|➔|➝|⇨|▶|➤|=>|->)\s*|(?<=[)\d\w%\-―—])\s*から\s*(?=(?:年間|延べ|約|およそ)?\s*[▲△]?\d[^。]{0,20}(?:へ|に)$)"
)
_YEARS_AHEAD = re.compile(r"\((?P<first>[^()→⇒➡]{2,12})(?:→|⇒|➡)(?P<last>[^()→⇒➡]{2,12})\)")
_ROLE_WORD = (
    ("実績", "actual"),
    ("目標", "target"),
    ("計画", "target"),
    ("現状", "baseline"),
    ("現況", "baseline"),
    ("基準", "baseline"),
)
_DATED_WORD = re.compile(r"[^\d()]{2,16}\((?:令和|平成|R|20)\s?\d+年?度?末?\)$")
_WORD = 16  # longest word that stands for a value
_OWN_UNIT = re.compile(
    r"約?[\d,.]+(?:/[\d,.]+)?\s?(?P<unit>(?!以上|以下|未満|以内|程度|程|前後|万|千|億|割|倍|年|月|日|超)[一-龥ァ-ヶー]{1,5}?)(?:以上|以下|未満|程度)?(?:\s?\([^()]*\))?"
)
_LITTLE = re.compile(r"\([^()]*\)|[\s()\[\]、:/~]|年間|末|延べ|平均|計|月平均|^年|^月|^週|^比")
_ENDS_WITH_ROLE = re.compile(r"(?:実績|目標|計画|現状|現況|基準)値?(?:\([^()]*\)?)?$")
_UNIT_BEHIND = re.compile(
    r"(?P<unit>(?!以上|以下|未満|以内|程度|程|前後|超|増|減|削減|へ|に)[一-龥ァ-ヶー]{1,4}?)(?:以上|以下|未満|以内|程度)?(?:へ|に)?\s*(?:\(|$)"
)
_NAME_LABEL = re.compile(
    r"[◎○●■◆□・\s]*(?:[【\[(<〈《][^【】\[\]()<>〈〉《》]{0,4}(?:指標|目標|KPI|KGI|値)[】\])>〉》]\s*[::]?\s*"
    r"|(?:数値目標|成果指標|活動指標|指標|KPI|KGI)[\d①-⑳]{0,2}(?:\s*[::]\s*|\s+))(?=\S)"
)
_ONLY_LABEL = re.compile(r"[◎○●■◆□・\s]*(?:数値目標|成果指標|活動指標|指標|KPI|KGI)[\s\d①-⑳-]{0,5}")
_ROLE_BEHIND = re.compile(  # the marks bounded: three runs of them side by side divide a long one in too many ways
    r"[\s:、(]{0,8}(?:現状|現況|基準|策定時)?(?:値)?[\s:、(]{0,8}(?:年間|延べ|約|平均|(?<=\s)[年月週])?[\s:、(]{0,8}$"
)
_PAST = re.compile(r"\((?P<inside>[^()]*)\)$")
_COMPARED = re.compile(r"\s?(?:度?比|と比べ|に比べ|を基準|の\s?\d+(?:\.\d+)?\s?倍|対比)")
_NOTED = re.compile(r"\s*\([^()]*\)\s*$")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A value of a text, and the indicator's name where the text prints it."""

    name: Text | None
    value: Value


def is_sentence(text: str) -> bool:
    """True for text that says more than a name and a value."""
    bare = _BRACKETS.sub("", text)
    return len(bare) > 34 or "。" in bare or bool(re.search(r"(?:した|する|ます|いる|ない|ため|予定)$", bare))


def _holds(text: str) -> bool:
    return is_value(text) or missing_reason(text.split(" ")[-1]) is not None


def _chunks(text: Text) -> list[Text]:
    """The parts of a text that each state a value; one part where it cannot be divided so."""
    inside = [m.span() for m in _BRACKETS.finditer(text.clean)]
    cuts = [m.span() for m in _SEPARATOR.finditer(text.clean) if not any(a < m.start() < b for a, b in inside)]
    parts: list[Text] = []
    start = 0
    for a, b in [*cuts, (len(text), len(text))]:
        part = text.slice(start, a)
        if part and not _holds(part.clean) and not _DATED_WORD.match(part.clean):
            continue  # belongs to what follows
        if part:
            parts.append(part)
        start = b
    rest = text.slice(start)
    if rest and not parts:
        parts.append(text.slice(0))
    return parts


def tidy(value: Value) -> Value:
    """A word without the year that stands in a bracket behind it: 試行(令和6年度) -> 試行."""
    if not value.value_text or value.value is not None:
        return value
    word = value.value_text
    while (match := _NOTED.search(word)) and find_years(match.group()):
        word = word[: match.start()]
    return replace(value, value_text=unwrap(word) or None)


def _with_unit(value: Value, text: str) -> Value:
    """The value with a unit that is in no vocabulary, where nothing else stands in the text: 2教科."""
    match = _OWN_UNIT.fullmatch(text)
    if match is None or value.unit is not None or (value.value is None and value.numerator is None):
        return value
    return replace(value, unit=match["unit"])


def _own_year(value: Value, text: str) -> Value:
    """The value without a year that it is only compared with: 30%削減(令和4年度比)."""
    own = {year.western for year in own_years(text)}
    compared = [year for year in find_years(text) if year.western not in own]
    if not compared or (value.fiscal_year or value.calendar_year) not in {year.western for year in compared}:
        return value
    base = text[compared[0].start : compared[0].end]
    return replace(
        value, fiscal_year=None, calendar_year=None, as_of=None, year_basis=None, relative_to=value.relative_to or base
    )


def _with_years(cell: Cell, ahead: re.Match[str], role: Role | None) -> Iterator[Phrase]:
    years = [find_years(ahead[group]) for group in ("first", "last")]
    phrases = list(arrows(Cell(cell.line, cell.text.slice(ahead.end())), role))
    if len(phrases) >= 2 and all(years):
        name = cell.text.slice(0, ahead.start())
        for phrase, year in ((phrases[0], years[0][0]), (phrases[-1], years[1][-1])):
            yield Phrase(name or phrase.name, at_year(phrase.value, year, "cell"))


def _of_whole(text: Text, role: Role, line: int) -> Value | None:
    """``20業務中18業務`` as a fraction."""
    found = find_quantities(text.clean)
    for whole, part in pairwise(found):
        between = text.clean[whole.end : part.start].strip()
        if between in ("中", "のうち", "のうち、", "中、") and whole.unit == part.unit and whole.value and part.value is not None:
            value = from_quantity(part, role, line, text.quote(whole.start, part.end))
            return replace(value, value=None, numerator=part.value, denominator=whole.value)
    return None


def read_phrases(cell: Cell, role: Role) -> list[Phrase]:
    """All values that a short text states for ``role``, in printed order.

    >>> from dxlib.text import repair
    >>> [(p.name and p.name.clean, p.value.value, p.value.fiscal_year) for p in
    ...  read_phrases(Cell(1, repair("参加者数 年間150人、満足度 90%以上(令和8年度)")), "target")]
    [(None, 150.0, None), ('満足度', 90.0, 2026)]
    """
    if is_reference(cell.clean):
        return []
    if missing_reason(cell.clean):
        return [Phrase(None, Value(role, cell.line, cell.text.quote(), missing=missing_reason(cell.clean)))]
    if len(found := yearly(cell, role)) > 1:
        return found
    if role == "target" and (past := _with_past(cell)):
        return past
    return _same_year([phrase for chunk in _chunks(cell.text) for phrase in _phrases(chunk, cell, role)])


def _with_past(cell: Cell) -> list[Phrase]:
    """A target and, in a bracket with a year of its own, what was measured before: 50%以上(令和5年度:12.3%)."""
    match = _PAST.search(cell.clean)
    inside = cell.text.slice(match.start("inside"), match.end("inside")) if match else None
    if match is None or inside is None or len(find_years(inside.clean)) != 1 or not is_pure(inside.clean):
        return []
    before = cell.text.slice(0, match.start())
    if len(find_quantities(inside.clean)) != 1 or not find_quantities(before.clean):
        return []
    targets = read_phrases(Cell(cell.line, before), "target")
    past = _at(inside, cell.line, "baseline")
    return [*targets, Phrase(targets[-1].name, with_doubts(past[0], ("role-inferred",)))] if targets and past else []


def _same_year(phrases: list[Phrase]) -> list[Phrase]:
    """The year behind the last of several values is that of all: 91.0%(小) 92.4%(中)(令和2年度)."""
    last = phrases[-1].value if phrases else None
    if last is None or len(phrases) < 2 or not (last.fiscal_year or last.calendar_year) or last.year_basis != "cell":
        return phrases
    if phrases[-1].name or any(
        p.name or p.value.fiscal_year or p.value.calendar_year or p.value.relative_year for p in phrases[:-1]
    ):
        return phrases
    year = {key: getattr(last, key) for key in ("fiscal_year", "calendar_year", "as_of", "year_basis")}
    return [replace(phrase, value=replace(phrase.value, **year)) for phrase in phrases]


def _phrases(chunk: Text, cell: Cell, role: Role) -> list[Phrase]:
    if arrow := list(arrows(Cell(cell.line, chunk), role)):
        return arrow
    if whole := _of_whole(chunk, role, cell.line):
        years = find_years(chunk.clean)
        return [Phrase(None, at_year(whole, years[-1] if years else None, "cell"))]
    found: list[Phrase] = []
    for statement in read_cell(chunk, role, cell.line):
        value = _with_unit(_own_year(tidy(statement.value), chunk.clean), chunk.clean)
        at = chunk.clean.find(statement.name) if statement.name else -1
        name = chunk.slice(at, at + len(statement.name)) if statement.name and at >= 0 else None
        word = value.value_text is not None and value.value is None
        found.append(Phrase(None if word else name, value))
    return found


def own_years(text: str) -> list[Year]:
    """The years of a text without those that are only compared with (令和4年度比, 令和5年度の2倍)."""
    return [year for year in find_years(text) if not _COMPARED.match(text, year.end)]


def _role_in(text: str) -> Role | None:
    return next((role for word, role in _ROLE_WORD if word in text), None)  # type: ignore[misc]


def _said_beside(clean: str, start: int, end: int) -> Role | None:
    """The role that the word right before a value names, or the bracket behind it: 現状 12%, 30%(目標)."""
    before = _without_years(clean[:start]).strip(" ()")
    word = re.split(r"[\s:]+", before)[-1] if before else ""
    return _role_in(word[-6:] if _ENDS_WITH_ROLE.search(word) else "") or _role_in(clean[end:])


def _own_unit(clean: str, end: int) -> str | None:
    match = _UNIT_BEHIND.match(clean, end)
    return match["unit"] if match else None


def _at(text: Text, line: int, usual: Role) -> tuple[Value, int] | None:
    """The value of one side of an arrow with its year, and where it begins."""
    clean = text.clean
    years = own_years(clean)
    inside = [m.span() for m in _BRACKETS.finditer(clean)]
    quantities = [q for q in find_quantities(clean) if not any(a <= q.start < b for a, b in inside)]
    if quantities:
        only = quantities[-1]
        role = _said_beside(clean, only.start, only.end) or usual
        value = from_quantity(only, role, line, text.quote(only.start, only.end))
        if value.unit is None:
            value = replace(value, unit=_own_unit(clean, only.end))
        return at_year(value, years[-1] if years else None, "cell"), only.start
    bare = _BRACKETS.sub("", clean).strip()
    word = bare.split(" ")[-1] if bare else ""
    word = re.sub(r"^(?:現状|現況|目標|実績|計画|基準)値?", "", re.split(r"[::]", word)[-1])
    at = clean.find(word)
    if not word:
        return None
    said = _said_beside(clean, at, at + len(word))
    if reason := missing_reason(word):
        value = Value(said or usual, line, text.quote(at, at + len(word)), missing=reason)
    elif is_stage_word(word) or (said and stands_for_value(word)):
        value = Value(said or usual, line, text.quote(at, at + len(word)), value_text=word)
    else:
        return None
    return at_year(value, years[-1] if years else None, "cell"), at


def without_label(text: Text) -> Text:
    """The text behind a label such as 【指標】 or (めざす値)."""
    label = _NAME_LABEL.match(text.clean)
    return text.slice(label.end()) if label else text


def _name_before(text: Text, stop: int) -> Text | None:
    """The indicator's name before its first value, without the label before it and the role behind it."""
    name = without_label(text.slice(0, stop))
    name = name.slice(0, len(_ROLE_BEHIND.sub("", name.clean)))
    years = find_years(name.clean)
    if years and years[-1].end == len(name) and years[-1].start > 1:
        name = name.slice(0, years[-1].start)
    return name if len(name) > 1 else None


def arrows(cell: Cell, role: Role | None) -> Iterator[Phrase]:
    """Values joined by arrows: the first is the baseline, the last the target, one marked 実績 between them a result.

    >>> from dxlib.text import repair
    >>> [(p.value.role, p.value.value, p.value.fiscal_year) for p in
    ...  arrows(Cell(1, repair("申請件数:35件(R4) → 120件(R8)")), None)]
    [('baseline', 35.0, 2022), ('target', 120.0, 2026)]
    """
    if not _ARROW.search(cell.clean):
        return
    ahead = _YEARS_AHEAD.search(cell.clean)  # (R6→R9) 1,420人→3,000人
    if ahead:
        yield from _with_years(cell, ahead, role)
        return
    parts = cell.text.split(_ARROW)
    if len(parts) < 2 or len(cell.clean) > 160 or (cell.clean.endswith("。") and len(cell.clean) > 60):
        return
    if any(part.clean.count("(") > part.clean.count(")") for part in parts[:-1]):
        return  # the arrow stands in a remark
    values: list[Value] = []
    begins: list[int] = []
    ends_so = _role_in(parts[-1].clean) == "target"
    for at, part in enumerate(parts):
        usual: Role = (
            "actual"
            if ends_so and 0 < at < len(parts) - 1
            else "target"
            if at == len(parts) - 1
            else "baseline"
            if at == 0
            else "target"
        )
        if role == "actual" and at == len(parts) - 1:
            usual = "actual"
        found = _at(part, cell.line, usual)
        if found is None:
            return
        values.append(found[0])
        begins.append(found[1])
    if values[0].relative_year:
        values = [replace(value, role="target") for value in values]
    units = [value.unit for value in values if value.unit]
    first = parts[0]
    head = re.search(r"[::](?=[^::]*$)", first.clean)
    named = head and not _ONLY_LABEL.fullmatch(first.clean[: head.start()])
    stop = head.start() if head and named else begins[0]
    name = _name_before(first, stop)
    for value in values:
        own = replace(value, unit=units[-1]) if value.unit is None and units and value.value is not None else value
        yield Phrase(name, own)


def yearly(cell: Cell, role: Role) -> list[Phrase]:
    """Years with a value each and nothing else: R6 36回 R7 48回, 1年目 12種類、2年目 20種類; a name may stand before them.

    >>> from dxlib.text import repair
    >>> [(p.name and p.name.clean, p.value.value, p.value.relative_year) for p in
    ...  yearly(Cell(1, repair("対応する手続 1年目 12種類、2年目 20種類")), "target")]
    [('対応する手続', 12.0, 1), ('対応する手続', 20.0, 2)]
    """
    text = cell.text
    years = [year for year in own_years(text.clean) if year.western or year.relative_year]
    if not years:
        return []
    name = text.slice(0, years[0].start)
    name = name.slice(0, len(re.sub(r"[\s:、(]{0,8}(?:(?:導入|開始|着手|稼働)(?:から|後))?[\s:、(]{0,8}$", "", name.clean)))
    found: list[Phrase] = []
    for year, following in zip(years, [*years[1:], None], strict=True):
        part = text.slice(year.end, following.start if following else len(text))
        part = part.slice(0, len(part.clean.rstrip("、,/( ")))
        part = part.slice(len(part.clean) - len(part.clean.lstrip(":、) ")))
        if not is_pure(part.clean):
            return []
        found += [Phrase(name or None, at_year(p.value, year, "cell")) for p in read_phrases(Cell(cell.line, part), role)]
    if len(found) == 1 and found[0].value.value is None and found[0].value.numerator is None:
        return []  # a year and a word: the date of a cover
    return found


@lru_cache(maxsize=4096)
def is_pure(text: str) -> bool:
    """True for a text that is a value and nothing else: a number with its unit, a year beside it, a word that stands for one.

    >>> [is_pure(text) for text in ("約50分 (R5年度)", "33経営体", "未着手", "1 人口", "受講者24人")]
    [True, True, True, False, False]
    """
    if missing_reason(text) or is_stage_word(text):
        return True
    quantities = find_quantities(text)
    if len(quantities) != 1:
        return False
    only = quantities[0]
    before, after = text[: only.start], text[only.end :]
    rest = [_LITTLE.sub("", _without_years(part)) for part in (before, after)]
    return not any(rest) or (
        only.unit is None and not rest[0] and len(rest[1]) <= 4 and not text[only.end : only.end + 1].isspace()
    )


def stands_for_value(word: str | None) -> bool:
    """True for a word that may be a target or a state: no heading, department, year or sign.

    >>> [stands_for_value(word) for word in ("全館整備", "運用開始", "担当課", "2026年度", "↑", "目標値")]
    [True, True, False, False, False, False]
    """
    if word and is_stage_word(word):
        return True
    if (
        not word
        or len(word) > _WORD
        or re.search("[::]", word)
        or verdict_of(word) in ("A", "B", "C", "D", "S", "◎", "○", "△", "×")
    ):
        return False
    head = head_of(word)
    return (
        bool(re.search(r"\w", word))
        and not (head and head.field)
        and not re.search(r"(?<!^全)[課室係局]$|年度?$|^[A-Za-z0-9]+$", word)
    )


def _without_years(text: str) -> str:
    for year in reversed(find_years(text)):
        text = text[: year.start] + text[year.end :]
    return text

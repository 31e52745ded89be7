"""An indicator while it is read: its values, the verdicts on them, and how it becomes part of a measure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dxlib.facts import Indicator, Measure, Value
from dxlib.quantity import Year, find_quantities
from dxlib.readers.cell import attainment_of, verdict_of
from dxlib.readers.columns import Cell
from dxlib.readers.heads import Head
from dxlib.readers.weights import with_doubts
from dxlib.text import Text, unwrap

_TRAILING = re.compile(r"\s*[\[【(〔](?P<verdict>[^\[\]【】()〔〕]{1,8})[\]】)〕]\s*$")
_BEFORE_NAME = re.compile(  # 1. 電子申請率, 令和9年度までに電子申請率
    r"^(?:\d{1,2}\.\s+)?(?:(?:令和|平成|R|H|20)\s?\d{1,2}\s?年?度?末?まで(?:に|の)、?)?(?=\S)"
)
_LAST_WORD = re.compile(r"(?<=[\d%件人回名校所割])\s+(?P<verdict>[^\s\d]{1,6})$")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A printed verdict or 達成率 and the year it is for."""

    status: str | None
    attainment: float | None
    year: Year | None
    cell: Cell


@dataclass(slots=True)
class Series:
    """An indicator while its rows or lines are read. ``name`` is empty where none is printed beside the values."""

    name: Cell
    title: Cell | None = None
    values: list[Value] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    seen: set[tuple[int, int, str]] = field(default_factory=set)
    unit: str | None = None  # of its row, for rows below whose unit stands in one cell with it
    skipped: bool = False  # a row of money or changes, whose further rows are none either

    def judge(self, cell: Cell, head: Head) -> None:
        """Take a cell that holds a verdict or an attainment."""
        status = verdict_of(cell.clean) or _leading(cell.clean)
        attainment = attainment_of(cell.clean)
        if attainment is None and head.field == "attainment":
            quantities = find_quantities(cell.clean)
            attainment = quantities[0].value if len(quantities) == 1 else None
        if status or attainment is not None:
            self.verdicts.append(Verdict(status, attainment, head.year, cell))

    def settled(self) -> tuple[Value, ...]:
        """The values, with each verdict on the value it judges; a verdict on none is an evaluation of its own."""
        values = list(self.values)
        for verdict in self.verdicts:
            at = _judged(values, verdict)
            if at is not None:
                old = values[at]
                values[at] = replace(
                    old,
                    status=verdict.status or old.status,
                    attainment_printed=old.attainment_printed if verdict.attainment is None else verdict.attainment,
                    verdict_quote=verdict.cell.text.quote() if verdict.cell.line == old.line else old.verdict_quote,
                )
            elif verdict.status:
                own = Value("evaluation", verdict.cell.line, verdict.cell.text.quote(), status=verdict.status)
                year = verdict.year
                values.append(replace(own, fiscal_year=year.fiscal_year, calendar_year=year.calendar_year) if year else own)
        return tuple(values)


def _leading(text: str) -> str | None:
    first = re.split(r"[\s(::・]", text.strip(), maxsplit=1)[0]
    return verdict_of(first) if first != text else None


def _judged(values: list[Value], verdict: Verdict) -> int | None:
    """The value a verdict judges: the result of its year, else the last result, else the last target."""
    year = verdict.year.western if verdict.year else None
    for role in ("actual", "target"):
        own = [at for at, value in enumerate(values) if value.role == role and (role == "actual" or value.missing is None)]
        if year:
            same = [at for at in own if year in (values[at].fiscal_year, values[at].calendar_year)]
            undated = [at for at in own if not (values[at].fiscal_year or values[at].calendar_year)]
            own = same or undated
        free = [at for at in own if not (verdict.status and values[at].status)]
        if free:
            return free[-1]
    return None


def without_verdict(text: Text) -> tuple[Text, str | None]:
    """A value and the verdict printed behind it: ``2,315[A]``, ``96.8%【達成】``, ``18.6% 未達成``.

    >>> from dxlib.text import repair
    >>> rest, verdict = without_verdict(repair("2,315［A］"))
    >>> rest.clean, verdict
    ('2,315', 'A')
    """
    match = _TRAILING.search(text.clean) or _LAST_WORD.search(text.clean)
    verdict = verdict_of(match["verdict"]) if match else None
    return (text.slice(0, match.start()), verdict) if match and verdict else (text, None)


def named(series: Series, name: Cell | None) -> Series:
    """The series, with ``name`` where it has none."""
    if series.name.clean.strip() or name is None:
        return series
    return replace(series, name=name)


def measures_of(series: Sequence[Series], title: Cell | None, pillar: str | None, group: str | None) -> list[Measure]:
    """The series as measures: those of one title together."""
    found: list[Measure] = []
    for one in series:
        values = one.settled()
        if not values:
            continue
        name = _BEFORE_NAME.sub("", unwrap(one.name.clean + one.name.more)).rstrip(":、 ") or None
        if name is None:
            values = tuple(with_doubts(value, ("name-missing",)) for value in values)
        line = one.name.line if name else values[0].line
        indicator = Indicator(name, line, one.name.text.quote() if name else values[0].quote, values)
        heading = one.title if one.title and one.title.clean else title
        if heading is None:
            heading = Cell(line, one.name.text)
        key = (unwrap(heading.clean) or name or "", heading.line)
        if found and (found[-1].title, found[-1].line) == key:
            found[-1] = replace(found[-1], indicators=(*found[-1].indicators, indicator))
        else:
            quote = heading.text.quote() or indicator.quote
            found.append(Measure(*key, quote, pillar=pillar, theme_group=group, indicators=(indicator,)))
    return found

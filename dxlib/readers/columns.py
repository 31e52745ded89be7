"""The columns of a table of indicators: what each heading says, over one or several header rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from dxlib.document import Table
from dxlib.quantity import find_quantities
from dxlib.readers.cell import is_stage_word, missing_reason
from dxlib.readers.heads import ROLES, Head, head_of, is_bare_role
from dxlib.text import Text, squeeze

EMPTY = Text("", "", (), ())
_NAMES = ("indicator", "title", None)
_BESIDE = (
    "attainment",
    "verdict",
    "change",
    "budget",
    "target_year",
    "value_year",
    "value",
    "note",
    "department",
    "number",
    "unit",
)
_AT_THE_START = re.compile("策定時|策定前|当初|開始時|計画前|基準値|基準年")
_TODAY = re.compile("現状|現況|直近|現在|最新")
_REVISED = re.compile("改定|改訂|変更|見直し|^新$|^旧$")
_WORK = re.compile("見直し[前後]\\(.{0,60}(?:時間|分|工数|人日)")
_NAME_HEADINGS = ("indicator", "title", "number", "unit", "department", "value_year")
_BARE_YEAR = re.compile(r"(?P<year>20[1-4]\d)\s?(?:\([^()\d]{1,8}\))?")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_WORD = 16  # longest text that stands for a value


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with the raw line it is printed on; a merged cell appears at each position it covers.

    ``more`` is what further lines add to a name.
    """

    line: int
    text: Text
    more: str = ""

    def __bool__(self) -> bool:
        return bool(self.text.clean)  # a cell's text has no white space around it

    @property
    def place(self) -> tuple[int, int, str]:
        """Where it is printed: a merged cell has one place at every position it covers."""
        return self.line, self.text.starts[0] if self.text.starts else -1, self.text.clean

    @property
    def clean(self) -> str:
        """The repaired text."""
        return self.text.clean


Cells = Sequence[Cell]


def _with_years(row: list[Cell], at_the_top: bool) -> list[Cell]:
    """A header row whose years are bare numbers (KPI | 2023 | 2025 | 2027), with 年度 behind each.

    2,010 and 2,030 people may be printed without a comma: only a first row, or one that begins with the heading of a name,
    is taken for headings.
    """
    numbers = {at: match for at, cell in enumerate(row) if (match := _BARE_YEAR.fullmatch(cell.clean))}
    years = [int(match["year"]) for match in numbers.values()]
    head = head_of(row[0].clean) if row[0] else None
    heads_names = head.field in _NAME_HEADINGS if head else at_the_top and not row[0]
    if len(years) < 2 or years != sorted(set(years)) or not heads_names:
        return row
    found = list(row)
    for at, match in numbers.items():
        text, end = row[at].text, match.end("year")
        clean = text.clean[:end] + "年度" + text.clean[end:]
        starts = (*text.starts[:end], *[text.starts[end - 1]] * 2, *text.starts[end:])
        ends = (*text.ends[:end], *[text.ends[end - 1]] * 2, *text.ends[end:])
        found[at] = Cell(row[at].line, Text(clean, text.raw, starts, ends))
    return found


def filled(table: Table) -> list[list[Cell]]:
    """The rows of a table with merged cells written at every position they cover."""
    rows: list[list[Cell]] = []
    for row in table.rows:
        cells: list[Cell] = []
        for position, text in enumerate(row.cells):
            if position in row.left and cells:
                cells.append(cells[-1])
            elif position in row.above and rows and position < len(rows[-1]):
                cells.append(rows[-1][position])
            else:
                cells.append(Cell(row.number, text))
        rows.append(_with_years(cells, not rows))
    return rows


@lru_cache(maxsize=4096)
def is_value(text: str) -> bool:
    """True for a cell that holds a value, a blank that is printed, or a word that stands for a value.

    >>> [is_value(text) for text in ("35件", "—", "導入済", "50%以上(R8)", "窓口改革", "")]
    [True, True, True, True, False, False]
    """
    if not text:
        return False
    return bool(find_quantities(text)) or missing_reason(text) is not None or (len(text) <= _WORD and is_stage_word(text))


def is_header(cells: Cells) -> bool:
    """True for a row of headings: roles or years for its values, and no values."""
    return _says_columns(tuple(cell.clean for cell in once(cells)))


@lru_cache(maxsize=4096)
def _says_columns(words: tuple[str, ...]) -> bool:
    heads = [head_of(word) for word in words]
    others = [word for word, head in zip(words, heads, strict=True) if head and head.field is None]
    if len(heads) < 2 or any(head is None for head in heads) or any(is_value(word) for word in others):
        return False
    known = [head.field for head in heads if head and head.field]
    valued = [field for field in known if field in ROLES or field == "year"]
    named = [field for field in known if field in ("indicator", "title", "unit", "number", *_BESIDE)]
    if "verdict" in known and ("title" in known or "indicator" in known):
        valued.append("verdict")  # a review without figures
    unknown = len(heads) - len(known)
    if len(valued) < 1 or len(valued) + len(named) < 2 or unknown > max(1, len(heads) // 2):
        return False
    values = [word for word in words if is_value(word)]
    return len(values) * 3 <= len(words)  # more of them: a row that begins with a role (目標 | 検討 | 導入)


def once(cells: Cells) -> list[Cell]:
    """The filled cells, a merged one once."""
    found: list[Cell] = []
    for cell in cells:
        if cell and not any(cell is other for other in found[-1:]):
            found.append(cell)
    return found


@dataclass(frozen=True, slots=True)
class Columns:
    """The headings of a table by position."""

    heads: tuple[Head, ...]
    texts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.heads)

    def values(self) -> list[int]:
        """Positions that hold values: those with a role or a year."""
        return [at for at, head in enumerate(self.heads) if head.role or head.field == "year"]

    def first(self, field: str) -> int | None:
        """The position of the first column of this field."""
        return next((at for at, head in enumerate(self.heads) if head.field == field), None)

    def name(self) -> int | None:
        """The column with the indicator's name: the one called so, else the last one of words before the values."""
        called = [at for at, head in enumerate(self.heads) if head.field == "indicator"]
        if called:
            named = [at for end in ("名", "指標") for at in called if self.texts[at].endswith(end)]
            return named[0] if named else called[0]
        values = self.values() or [at for at, head in enumerate(self.heads) if head.field == "verdict"]
        before = [at for at in range(min(values, default=0)) if self.heads[at].field in _NAMES]
        return before[-1] if before else None


def _join(upper: Head, lower: Head) -> Head:
    """Two headings one above the other: 目標値 above R6."""
    fields = [head.field for head in (lower, upper)]
    role = next((field for field in fields if field in ROLES), None)
    beside = next((field for field in fields if field in _BESIDE), None)
    beside = None if beside == "value" else beside
    field = (
        role
        if role and fields[0] not in (set(_BESIDE) - {"value"})
        else beside or next((field for field in fields if field), None)
    )
    if role == fields[1] and fields[0] in _BESIDE and fields[0] != "value":
        field = fields[0]
    dates = lower.dates or upper.dates
    if fields[0] == "value_year":
        field, dates = "value_year", upper.role
    return Head(field, lower.year or upper.year, lower.unit or upper.unit, lower.cumulative or upper.cumulative, dates)


def _spread(upper: Sequence[Cell], lower: Sequence[Cell]) -> list[Cell]:
    """The upper header row with its headings written over all columns that stand under them.

    Without merged cells in the source, an empty cell beside a heading belongs to it when the row below has a heading there.
    """
    row = list(upper) + [Cell(upper[0].line, EMPTY)] * (len(lower) - len(upper))
    for at in range(1, len(row)):
        grouped = at < len(lower) and lower[at - 1] and lower[at]
        if not row[at] and row[at - 1] and grouped:
            row[at] = row[at - 1]
    return row


def _widened(upper: Sequence[Cell], lower: Sequence[Cell], width: int) -> tuple[list[Cell], list[Cell]]:
    """Both header rows at the width of the body, where the text lost the empty cells of merged headings.

    Headings that have nothing below them stand for one column each; the lower row's headings are shared out among those that
    carry a year or a role.
    """
    row = [cell for cell in upper if cell]
    groups = [at for at, cell in enumerate(row) if (head := head_of(cell.clean)) and (head.role or head.year)]
    under = [cell for cell in lower if cell]
    alone = len(row) - len(groups)
    if not groups or len(lower) != len(under) or alone + len(under) != width or len(under) % len(groups):
        return list(upper), list(lower)
    share = len(under) // len(groups)
    blank = Cell(lower[0].line, EMPTY)
    top: list[Cell] = []
    bottom: list[Cell] = []
    rest = iter(under)
    for at, cell in enumerate(row):
        count = share if at in groups else 1
        top += [cell] * count
        bottom += [next(rest) for _ in range(count)] if at in groups else [blank]
    return top, bottom


def columns_of(header: Sequence[Cells], body: Sequence[Cells]) -> Columns:
    """The columns that one or several header rows describe, for the rows below them."""
    width = max((len(row) for row in body), default=0)
    rows = [list(row) for row in header]
    if len(rows) >= 2:
        rows[0], rows[1] = _widened(rows[0], rows[1], width)
        for at in range(len(rows) - 1):
            rows[at] = _spread(rows[at], rows[at + 1])
    count = max(len(row) for row in rows)
    heads: list[Head] = []
    texts: list[str] = []
    for at in range(count):
        stack: list[Cell] = []
        for row in rows:
            if at < len(row) and row[at] and not any(row[at] is other for other in stack):
                stack.append(row[at])
        head = Head(None)
        for cell in stack:
            head = _join(head, head_of(cell.clean) or Head(None))
        heads.append(head)
        texts.append(squeeze("".join(cell.clean for cell in stack)))
    if count < width and body:
        heads, texts = _widened_to(heads, texts, width)
    return Columns(tuple(_with_dates(_without_names(_measured_since(heads, texts), texts, body))), tuple(texts))


def _measured_since(heads: list[Head], texts: Sequence[str]) -> list[Head]:
    """現状 beside 策定時 is what was measured since, not the baseline."""
    if not any(head.role == "baseline" and _AT_THE_START.search(text) for head, text in zip(heads, texts, strict=True)):
        return heads
    return [
        replace(head, field="actual") if head.role == "baseline" and _TODAY.match(text) else head
        for head, text in zip(heads, texts, strict=True)
    ]


def _widened_to(heads: list[Head], texts: list[str], width: int) -> tuple[list[Head], list[str]]:
    """The headings where the rows have a column more than the header: it stands before the values (目標, 実績)."""
    first = next((at for at, head in enumerate(heads) if head.role or head.field == "year"), len(heads))
    blank = width - len(heads)
    return [*heads[:first], *[Head(None)] * blank, *heads[first:]], [*texts[:first], *[""] * blank, *texts[first:]]


def _with_dates(heads: list[Head]) -> list[Head]:
    """Columns of years (年度, 時点, 目標年度) with the role whose values they date: the one above, else the one beside."""
    found = list(heads)
    for at, head in enumerate(heads):
        if head.field == "target_year":
            found[at] = replace(head, dates="target")
        elif head.field == "value_year" and head.dates is None and at > 0:
            before, after = heads[at - 1], [other for other in heads[at + 1 : at + 3] if other.role and other.year is None]
            found[at] = replace(head, dates=before.role or (after[0].role if len(after) == 1 else None))
    return found


def _without_names(heads: list[Head], texts: Sequence[str], body: Sequence[Cells]) -> list[Head]:
    """The headings after a look at what stands below them.

    A column called 数値目標 that holds words beside a column of targets names the indicators.
    """
    found = list(heads)
    for at, head in enumerate(heads):
        later = any(other.role for other in heads[at + 1 :])
        cells = [row[at].clean for row in body if at < len(row) and row[at]]
        counted = sum(1 for cell in cells if len(cell) <= _WORD and is_value(_IN_BRACKETS.sub("", cell)))
        if head.role == "target" and _REVISED.search(texts[at]) and (counted * 2 <= len(cells) or _WORK.search(texts[at])):
            found[at] = replace(head, field="note")  # 改定前 | 改定後 of words, 見直し前(時間) of work: no targets
        if head.role in ("baseline", "actual") and cells and not any(map(is_value, cells)):
            found[at] = replace(head, field="note")  # 評価 | 基準: words, not values
        if head.field is None and later and len(cells) >= 2 and all(map(is_bare_role, cells)):
            found[at] = replace(head, field="row_role")  # 目標, 実績: they say what the row holds and name nothing
        years = sum(1 for other in heads[at + 1 :] if other.field == "year")
        roles = sum(1 for other in heads[at + 1 :] if other.role)
        if head.role == "target" and max(years, roles) >= 2 and cells and not any(map(is_value, cells)):
            found[at] = replace(head, field="indicator")  # 数値目標 | R6 | R7: the names of what the years hold
        if head.role == "target" and later and len(cells) >= 2 and sum(map(is_value, cells)) * 3 < len(cells):
            found[at] = replace(head, field="indicator")
    return found


def with_baseline_year(columns: Columns) -> dict[int, int]:
    """The year before the first target year, where a baseline column without a year stands right before unbroken years."""
    found: dict[int, int] = {}
    for at, head in enumerate(columns.heads):
        if head.role != "baseline" or head.year:
            continue
        years = []
        for follower in columns.heads[at + 1 :]:
            if (
                follower.role == "actual"
                or follower.year is None
                or follower.year.fiscal_year is None
                or follower.field not in (*ROLES, "year")
            ):
                break
            years.append(follower.year.fiscal_year)
        if len(years) >= 2 and years == list(range(years[0], years[0] + len(years))):
            found[at] = years[0] - 1
    return found


def aligned(row: Sequence[Cell], columns: Columns) -> list[Cell]:
    """The row's cells under their headings, where cells were lost or an empty one stands too much."""
    missing = len(columns) - len(row)
    if missing < 0:
        shorter = [[*row[:at], *row[at + 1 :]] for at, cell in enumerate(row) if at and not cell]
        return max([list(row), *shorter], key=lambda cells: _fit(cells, columns))
    if missing == 0:
        return list(row)
    blank = Cell(row[0].line, EMPTY)
    right = [blank] * missing + list(row)
    left = list(row) + [blank] * missing
    inside = [[*row[:at], blank, *row[at:]] for at in range(1, len(row))] if missing == 1 else []
    return max((left, right, *inside), key=lambda cells: _fit(cells, columns))


def _fit(cells: Sequence[Cell], columns: Columns) -> int:
    values = set(columns.values())
    score = 0
    for at, cell in enumerate(cells[: len(columns)]):
        if cell and columns.heads[at].field != "number":
            score += 1 if (at in values) == is_value(cell.clean) else -1
    return score


def dated(head: Head, year: int) -> Head:
    """The heading with a fiscal year that it does not print."""
    from dxlib.quantity import Year

    return replace(head, year=Year(0, 0, fiscal_year=year))

"""Rows of a sheet or CSV as printed lines: titles and notes around a table are lines, not rows of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dxlib.printed import Printed

_NOTE = re.compile(r"[※*＊]|注|[(（]注|備考|出典|資料")


def around_table(rows: Sequence[Printed]) -> list[Printed]:
    r"""Consecutive rows, of which those with a single cell before the first full row, and notes after the last, become lines.

    >>> rows = ["指標一覧\t\t", "指標\tR7\tR8", "1 窓口\t\t", "件数\t3\t5", "※ 累計\t\t"]
    >>> [row.text for row in around_table([Printed(row) for row in rows])]
    ['指標一覧', '指標\tR7\tR8', '1 窓口\t\t', '件数\t3\t5', '※ 累計']
    """
    first, last = 0, len(rows)
    while first < last and _single(rows[first]):
        first += 1
    while last > first and _single(rows[last - 1]) and _NOTE.match(rows[last - 1].text.strip()):
        last -= 1
    lines = [Printed(row.text.strip(), row.place) for row in rows]
    return [*lines[:first], *rows[first:last], *lines[last:]]


def _single(row: Printed) -> bool:
    return sum(1 for cell in row.text.split("\t") if cell) <= 1

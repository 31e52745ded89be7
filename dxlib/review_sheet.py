"""The review list as a sheet for Excel (CSV or XLSX), and the decisions that come back in it."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from dxlib import columns, wording
from dxlib.corrections import CONTEXT, NAME, ORIGIN
from dxlib.decisions import Entry, raise_together
from dxlib.errors import DecisionError, nearest
from dxlib.indicators import Workbench
from dxlib.judgement import Action, Decided, Decision, decide
from dxlib.quantity import find_years
from dxlib.report.cells import csv_text, excel_text, from_csv, is_formula
from dxlib.review import Item, items
from dxlib.sheet import read_sheet
from dxlib.text import repair

# The columns of the sheet, and their names in a Japanese one. Those a person may change come first.
DECISION = {"decision": "判断", "reason": "理由", "by": "判断者", "on": "判断日"}
EDITABLE = {
    "indicator": "指標",
    "role": "種類",
    "value": "値",
    "unit": "単位",
    "fiscal_year": "年度",
    "value_text": "文字の値",
    "comparator": "比較",
    "value_low": "下限",
    "numerator": "分子",
    "denominator": "分母",
    "calendar_year": "暦年",
    "relative_year": "開始から何年目",
    "as_of": "時点",
    "missing": "値がない理由",
}
SHOWN = {
    "doubts": "確かめる点",
    "confidence": "確かさ",
    "quote": "引用",
    "document": "文書",
    "place": "箇所",
    "before": "前の行",
    "text": "原文の行",
    "after": "次の行",
    "measure": "施策",
    "standing": "これまでの判断",
}
GUARDS = {"decided": "判断ID", "understood": "読み取り", "fact": "キー"}
COLUMNS = {**DECISION, **EDITABLE, **SHOWN, **GUARDS}
_ACTIONS: tuple[Action, ...] = ("accept", "change", "reject")
_NUMBER = re.compile(r"([-+−▲△])?\s?((?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,15})(?:\.[0-9]{1,15})?)")
_DAY = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")
_WIDE = {"reason": 30, NAME: 40, "text": 60, "before": 30, "after": 30, "doubts": 30, "document": 24}
_LOCKED = "F2F2F2"


def words_of(group: str, lang: str) -> dict[str, str]:
    """How the codes of a column are written in one language."""
    if group == "decision":
        return {action: wording.text(f"decision_{action}", lang) for action in _ACTIONS}
    found = {code: word.of(lang) for code, word in columns.definitions().codes[group].items()}
    if group == "role":
        found |= {role: wording.text(f"role_{role}", lang) for role in (CONTEXT, ORIGIN)}
    return found


def reasons(item: Item, lang: str) -> list[str]:
    """Why an item is doubtful, in words."""
    return [wording.text(f"doubt_{code}", lang) for code in item.reasons]


def standing(item: Item, lang: str) -> str:
    """What was decided about an item so far, in words; empty while nothing was."""
    if item.last is None or item.outcome is None:
        return ""
    parts = (wording.text(f"outcome_{item.outcome}", lang), item.last["reason"], item.last["decided_by"], item.last["decided_on"])
    return " / ".join(part for part in parts if part)


def place(item: Item, lang: str) -> str:
    """Where an item stands: document, line, and page or sheet where the format has them."""
    line = item.read.get("line")
    parts = [f"{item.document_id}:{line}" if line else item.document_id]
    parts += [wording.text("on_page", lang, page=item.page)] if item.page else []
    parts += [wording.text("on_sheet", lang, sheet=item.sheet)] if item.sheet else []
    return " ".join(parts)


def cells(item: Item, lang: str) -> dict[str, Any]:
    """One row of the sheet: numbers as numbers, codes in words, the rest as text."""
    around = dict(item.lines)
    line = item.read.get("line")
    shown = {name: _shown(name, item.content.get(name), lang) for name in EDITABLE}
    return {
        **dict.fromkeys(COLUMNS),
        **shown,
        "doubts": wording.text("list_separator", lang).join(reasons(item, lang)),
        "confidence": item.confidence,
        "quote": item.read.get("quote"),
        "document": item.read["document"],
        "place": place(item, lang),
        "before": around.get(line - 1) if line else None,
        "text": around.get(line) if line else None,
        "after": around.get(line + 1) if line else None,
        "measure": item.read.get("measure"),
        "standing": standing(item, lang) or None,
        "decided": item.last["correction_id"] if item.last else None,
        "understood": item.seen,
        "fact": item.key,
    }


def _shown(name: str, value: Any, lang: str) -> Any:
    if name in ("role", "comparator", "missing") and value is not None:
        return words_of(name, lang).get(value, value)
    return value.isoformat() if isinstance(value, date) else value


def to_csv(listed: Iterable[Item], lang: str) -> bytes:
    """The sheet as CSV: UTF-8 with BOM, so that Excel opens it as it is."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS if lang == "en" else COLUMNS.values())
    for item in listed:
        writer.writerow([field(cell) for cell in cells(item, lang).values()])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def field(value: Any) -> str:
    """A cell as a CSV holds it: blank for None, and never a formula."""
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else csv_text(str(value))


def to_xlsx(listed: Iterable[Item], lang: str) -> bytes:
    """The sheet as XLSX: a list to choose the decision from, what is only shown in grey, the header always in view."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    page = book.active
    page.title = wording.text("review_sheet", lang)
    rows = [cells(item, lang) for item in listed]
    grey = PatternFill("solid", fgColor=_LOCKED)
    for place, name in enumerate(COLUMNS, 1):
        head = page.cell(1, place)
        _put(head, name if lang == "en" else COLUMNS[name])
        head.font = Font(bold=True)
        page.column_dimensions[get_column_letter(place)].width = _WIDE.get(name, 12)
        for line, row in enumerate(rows, 2):
            cell = page.cell(line, place)
            _put(cell, row[name])
            cell.alignment = Alignment(vertical="top", wrap_text=name in _WIDE)
            if name in SHOWN or name in GUARDS:
                cell.fill = grey
    choice = DataValidation("list", formula1=f'"{",".join(words_of("decision", lang).values())}"', allow_blank=True)
    page.add_data_validation(choice)
    choice.add(f"A2:A{len(rows) + 1}")
    page.freeze_panes = "C2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{len(rows) + 1}"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _put(cell: Any, value: Any) -> None:
    if value is None or isinstance(value, int | float):
        cell.value = value
        return
    text = str(value)
    cell.value = excel_text(text, "…")
    cell.data_type = "s"  # openpyxl would make a formula of =…
    if is_formula(text):
        cell.quotePrefix = True


def import_review(bench: Workbench, path: Path) -> tuple[Decided, int]:
    """Record the decisions of a sheet that `to_csv` or `to_xlsx` made and a person filled in, all of them or none.

    Args:
        bench: an open warehouse.
        path: CSV (UTF-8 or CP932) or XLSX.

    Returns:
        What was added, and how many rows hold no decision.

    Raises:
        DecisionError: the file, a row or a cell cannot be read, or a decision does not fit; nothing was changed.
    """
    entries = read_sheet(path, COLUMNS, optional=(*SHOWN, "by", "on"))
    known = {row[0] for row in bench.sql("SELECT document_id FROM document").fetchall()}
    documents = sorted({entry["fact"].split(":", 1)[0] for entry in entries} & known)
    lookup = {item.key: item for item in items(bench, documents=documents, everything=True)} if documents else {}
    decisions, left = decisions_of(entries, lookup)
    return decide(bench, decisions), left


def decisions_of(entries: Sequence[Entry], lookup: Mapping[str, Item]) -> tuple[list[Decision], int]:
    """The decisions in the rows of a sheet, and how many rows hold none.

    Raises:
        DecisionError: a row cannot be understood; all wrong rows are listed, with row and column.
    """
    found: list[Decision] = []
    errors: list[DecisionError] = []
    for entry in entries:
        try:
            decision = _decision(entry, lookup.get(entry["fact"]))
        except DecisionError as error:
            errors.append(error)
        else:
            found += [decision] if decision else []
    raise_together(errors)
    return found, len(entries) - len(found)


def _decision(entry: Entry, item: Item | None) -> Decision | None:
    said = _fold(entry["decision"]).casefold()
    known = {word.casefold(): code for lang in wording.LANGUAGES for code, word in words_of("decision", lang).items()}
    if said and said not in known:
        _wrong(entry, "decision", "is no decision", nearest(said, known))
    content = _content(entry, item) if item else {}
    if said:
        act = next(action for action in _ACTIONS if action == known[said])
        on = _day(entry, "on") if entry.cells.get("on") else None
        return Decision(
            where=entry.where,
            key=entry["fact"],
            action=act,
            content=content,
            reason=_text(entry["reason"]) or "",
            by=_text(entry.cells.get("by", "")) or "",
            on=on.isoformat() if on else "",
            seen=entry["understood"],
            replaces=entry["decided"],
            alike=alike,
        )
    changed = [name for name, value in content.items() if item and value != item.content.get(name)]
    is_same_state = item is not None and alike(entry["understood"], item.seen)
    if entry["reason"] or (changed and is_same_state):
        what = f"column {changed[0]} is changed" if changed and is_same_state else "there is a reason"
        hint = f"write {' or '.join(words_of('decision', 'en').values())} in column decision, or put the row back"
        raise DecisionError(f"{what}, but no decision", code="decision-value", where=entry.where, hint=hint)
    return None


def _content(entry: Entry, item: Item) -> dict[str, Any]:
    """What the cells say; a cell that a program only wrote in its own way says what it said before."""
    found: dict[str, Any] = {}
    for name in EDITABLE:
        now = item.content.get(name)
        if any(alike(entry[name], field(_shown(name, now, lang))) for lang in wording.LANGUAGES):
            found[name] = now
        else:
            found[name] = _PARSERS.get(name, _parse_text)(entry, name)
    return found


def alike(text: str, ours: str) -> bool:
    """Whether a cell says what we wrote, though Excel or CP932 may have written it in their own way.

    >>> alike("１４２", "142"), alike("km?", "km²"), alike("143", "142")
    (True, True, False)
    """
    if _fold(text) == _fold(csv_text(ours)) or _fold(text) == _fold(ours):
        return True
    lossy = csv_text(ours).encode("cp932", "replace").decode("cp932")
    return "?" in lossy and text == lossy.strip()


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _text(cell: str) -> str | None:
    """A text cell; the mark that kept a spreadsheet from reading a formula is dropped."""
    return from_csv(cell).strip() or None


def _wrong(entry: Entry, name: str, problem: str, hint: str) -> NoReturn:
    raise DecisionError(
        f"'{entry[name]}' in column {name} ({COLUMNS[name]}) {problem}", code="decision-value", where=entry.where, hint=hint
    )


def _parse_text(entry: Entry, name: str) -> str | None:
    return _text(entry[name])


def _parse_number(entry: Entry, name: str) -> float | None:
    text = _fold(entry[name])
    match = _NUMBER.fullmatch(text)
    if match:
        return (-1 if match[1] in ("-", "−", "▲", "△") else 1) * float(match[2].replace(",", "")) + 0.0
    if text:
        _wrong(entry, name, "is no number", "write digits only; what stands behind the number goes into column unit")
    return None


def _parse_year(entry: Entry, name: str) -> int | None:
    text = repair(entry[name]).clean.strip()
    if not text or re.fullmatch("[0-9]{4}", text):
        return int(text) if text else None
    found = find_years(text)
    if len(found) == 1 and (found[0].start, found[0].end) == (0, len(text)) and (year := getattr(found[0], name)):
        return int(year)
    hint = "write 2026, 令和8年度 or R8" if name == "fiscal_year" else "write 2026 or 2026年"
    _wrong(entry, name, "is no such year", hint)


def _parse_count(entry: Entry, name: str) -> int | None:
    text = _fold(entry[name]).removesuffix("年目")
    if text and not re.fullmatch("[0-9]{1,2}", text):
        _wrong(entry, name, "is no number of years", "write 1 for the first year after launch")
    return int(text) if text else None


def _parse_day(entry: Entry, name: str) -> date | None:
    return _day(entry, name) if entry[name] else None


def _day(entry: Entry, name: str) -> date:
    match = _DAY.fullmatch(_fold(entry[name]))
    try:
        return date(*(int(part) for part in match.groups())) if match else date(0, 0, 0)
    except ValueError:
        _wrong(entry, name, "is no date", "write it as 2026-08-31")


def _parse_code(entry: Entry, name: str) -> str | None:
    said = _fold(entry[name]).casefold()
    if not said:
        return None
    known: dict[str, str] = {}
    for lang in wording.LANGUAGES:
        for code, word in words_of(name, lang).items():
            known |= {code.casefold(): code, _fold(word).casefold(): code}
    if said not in known:
        _wrong(entry, name, "is not known", nearest(said, known))
    return known[said]


_PARSERS: dict[str, Callable[[Entry, str], Any]] = {
    **dict.fromkeys(("value", "value_low", "numerator", "denominator"), _parse_number),
    **dict.fromkeys(("fiscal_year", "calendar_year"), _parse_year),
    **dict.fromkeys(("role", "comparator", "missing"), _parse_code),
    "relative_year": _parse_count,
    "as_of": _parse_day,
}

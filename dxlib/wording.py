"""How values, years and sentences are written in Japanese and English (``texts.toml``)."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from dxlib.errors import QueryError, nearest

LANGUAGES = ("ja", "en")
_ERAS = ((2019, "令和", 2018), (1989, "平成", 1988))


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("dxlib").joinpath("texts.toml").read_text(encoding="utf-8"))


def check_language(lang: str) -> str:
    """The language, when there are texts in it.

    Raises:
        QueryError: it is neither ``ja`` nor ``en``.
    """
    if lang not in LANGUAGES:
        raise QueryError(f"unknown language '{lang}'", code="language-unknown", hint=nearest(lang, LANGUAGES))
    return lang


def text(key: str, lang: str, **values: object) -> str:
    """A sentence of ``texts.toml`` with its blanks filled in.

    >>> text("fiscal", "en", western=2026)
    'FY2026'
    """
    return _texts()[key][lang].format(**values)


def raw(key: str, lang: str) -> str:
    """A sentence of ``texts.toml`` with its blanks open.

    >>> raw("fiscal", "en")
    'FY{western}'
    """
    return _texts()[key][lang]


def number(value: float, lang: str, printed: str = "") -> str:
    """A number as people read it: thousands separated, ▲ for minus in Japanese.

    Args:
        value: the number.
        lang: language.
        printed: the source's own digits; as many decimals are shown as it prints.

    >>> number(5639.8, "en"), number(-2.0, "ja", "▲2.0%"), number(5828872.0, "ja")
    ('5,639.8', '▲2.0', '5,828,872')
    """
    decimals = re.findall(r"\d\.(\d+)", unicodedata.normalize("NFKC", printed))
    body = f"{abs(value):,.10g}" if abs(value) < 1e9 else f"{abs(value):,.0f}"
    if len(decimals) == 1 and round(value, len(decimals[0])) == value:
        body = f"{abs(value):,.{len(decimals[0])}f}"
    sign = "" if value >= 0 else "▲" if lang == "ja" else "-"
    return sign + body


def era_year(western: int) -> str:
    """A Western year in its Japanese era: 2026 -> 令和8, 2019 -> 令和元.

    >>> era_year(2026), era_year(2019), era_year(2005)
    ('令和8', '令和元', '平成17')
    """
    for first, era, base in _ERAS:
        if western >= first:
            return f"{era}{'元' if western - base == 1 else western - base}"
    return str(western)


def year(record: Mapping[str, Any], lang: str, prefix: str = "") -> str:
    """The year a value is for, both eras in Japanese; says so when none is printed.

    >>> year({"fiscal_year": 2026}, "ja"), year({"relative_year": 1}, "en"), year({}, "en")
    ('令和8年度(2026年度)', 'year 1 after launch', 'no year printed')
    """
    fiscal = record.get(f"{prefix}fiscal_year")
    calendar = record.get(f"{prefix}calendar_year")
    if fiscal:
        return text("fiscal", lang, era=era_year(fiscal), western=fiscal)
    if calendar:
        return text("calendar", lang, western=calendar)
    if record.get(f"{prefix}relative_year"):
        return text("relative", lang, n=record[f"{prefix}relative_year"])
    return text("no_year", lang)


_SPRING = ("January", "February", "March", "April", "May", "June")
_MONTHS = (*_SPRING, "July", "August", "September", "October", "November", "December")


def day(iso: str, lang: str) -> str:
    """A day, month or year as people read it.

    >>> day("2026-07-01", "ja"), day("2026-07", "en"), day("2021", "en")
    ('2026年7月1日', 'July 2026', '2021')
    """
    parts = [int(part) for part in iso.split("-")]
    if lang == "ja":
        return "".join(f"{part}{unit}" for part, unit in zip(parts, "年月日", strict=False))
    if len(parts) == 1:
        return iso
    return " ".join(str(part) for part in (*parts[2:], _MONTHS[parts[1] - 1], parts[0]))


@cache
def _units() -> dict[str, list[str]]:
    source = files("dxlib").joinpath("vocabulary/units_en.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(source)["en"])


def unit(printed: str | None, lang: str, amount: float | None = None) -> str:
    """A unit in the language of the report; one that is not in the vocabulary stays as printed.

    >>> unit("件", "en"), unit("件", "en", 1), unit("件", "ja"), unit(None, "en"), unit("km²", "en")
    ('items', 'item', '件', '', 'km²')
    """
    if lang != "en" or printed not in _units():
        return printed or ""
    return _units()[printed][amount != 1]


def _amount(record: Mapping[str, Any], lang: str, prefix: str) -> str | None:
    value, shown_unit = record.get(f"{prefix}value"), unit(record.get(f"{prefix}unit"), lang, record.get(f"{prefix}value"))
    if value is not None:
        gap = "" if lang == "ja" or shown_unit == "%" else " "
        shown = f"{number(value, lang, record.get(f'{prefix}quote') or '')}{gap}{shown_unit}".strip()
        low = record.get(f"{prefix}value_low")
        return f"{number(low, lang)}~{shown}" if low is not None else shown
    if record.get(f"{prefix}numerator") is not None:
        return f"{number(record[f'{prefix}numerator'], lang)}/{number(record[f'{prefix}denominator'], lang)}"
    return None


def value(record: Mapping[str, Any], lang: str, prefix: str = "") -> str:
    """A printed value with unit and comparator; its word, or why it is missing, where there is no number.

    >>> value({"value": 105.0, "unit": "人", "comparator": ">="}, "ja")
    '105人以上'
    >>> value({"numerator": 24.0, "denominator": 26.0}, "en"), value({"missing": "new"}, "en")
    ('24/26', 'none (new project)')
    """
    amount = _amount(record, lang, prefix)
    if amount is None:
        if record.get(f"{prefix}value_text"):
            return str(record[f"{prefix}value_text"])
        missing = record.get(f"{prefix}missing")
        return text(f"missing_{missing}", lang, quote=record.get(f"{prefix}quote", "—")) if missing else text("not_printed", lang)
    keys = {">=": "comparator_more", "<=": "comparator_less", "approx": "comparator_approx"}
    key = keys.get(record.get(f"{prefix}comparator") or "")
    return text(key, lang, value=amount) if key else amount


def printed_value(record: Mapping[str, Any], lang: str, prefix: str = "") -> str:
    """A value with role and year, on one line: ``142件（実績、令和7年度(2025年度)）``."""
    role = text(f"role_{record[f'{prefix}role']}", lang)
    if lang == "ja":
        return f"{value(record, lang, prefix)}（{role}、{year(record, lang, prefix)}）"
    return f"{value(record, lang, prefix)} ({role}, {year(record, lang, prefix)})"

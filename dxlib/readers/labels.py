"""Which part of a measure a printed label names (``vocabulary/labels.toml``)."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from dxlib.quantity import Year, find_years
from dxlib.text import squeeze

_DECORATION = re.compile(r"^[<〈《【\[(■◆●○◇□▼■\s*]+|[>〉》】\])\s*:]{1,40}$")
_CIRCLED = re.compile(r"^[①-⑳]\s*")


@cache
def vocabulary(name: str) -> dict[str, object]:
    """The TOML table ``vocabulary/<name>.toml`` of the package."""
    return tomllib.loads(files("dxlib").joinpath(f"vocabulary/{name}.toml").read_text(encoding="utf-8"))


@cache
def _labels() -> dict[str, str]:
    table = vocabulary("labels")
    return {_key(label): name for name, labels in table.items() for label in labels}  # type: ignore[attr-defined]


def _key(text: str) -> str:
    return squeeze(text).upper()


@cache
def label_of(text: str) -> str | None:
    """The part of a measure that a cell or line names, or None.

    Brackets, bullets, colons and spaces around and inside the label do not matter; a year may
    stand in it (令和7年度末実績).

    >>> label_of("<指標及びロードマップ>"), label_of("導入後の 指 標"), label_of("令和7年度末実績"), label_of("令和8年度")
    ('schedule', 'indicator', 'actual', None)
    """
    if len(text) > 40:
        return None
    bare = text.strip()
    if re.fullmatch(r"[(\[]?[^()\[\]]*[)\]]?", bare) is None:  # keep balanced brackets such as 数値目標(KGI)
        bare = re.sub(r"^[<〈《【■◆●○◇□▼*\s]+|[>〉》】\s*:]{1,40}$", "", bare)
    else:
        bare = _DECORATION.sub("", bare)
    found = _labels().get(_key(bare))
    if found:
        return found
    years = find_years(bare)
    if years and label_years(bare, years):
        rest = re.sub(r"[()\s末の]", "", bare[: years[0].start] + bare[years[-1].end :])
        return _labels().get(_key(rest)) if rest else None
    return None


def label_years(text: str, years: list[Year]) -> bool:
    """True when ``text`` is a label with a year in it rather than a sentence or a value."""
    return len(text) <= 24 and len(years) <= 2 and years[0].relative_year is None


def is_numbered_label(text: str) -> bool:
    """True for ``⑥ KPI``: a label with a call-out number, as pages that explain a layout print it."""
    bare = _CIRCLED.sub("", text)
    return bare != text and label_of(bare) is not None


def column_year(text: str) -> Year | None:
    """The year of a column header that is nothing but a year (令和8年度, R8, 2026年度).

    >>> column_year("令和8年度").fiscal_year, column_year("令和5年度(前期)").fiscal_year, column_year("5件")
    (2026, 2023, None)
    """
    years = find_years(text)
    if len(years) != 1 or years[0].western is None or (years[0].as_of and "日" in text):
        return None
    rest = re.sub(r"[()\s]|前期|後期|上期|下期|目標|実績|見込み?|値|末|度", "", text[: years[0].start] + text[years[0].end :])
    return None if rest else years[0]

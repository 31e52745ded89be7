"""Where a plan document comes from: the TOML beside it in ``data/raw``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from dxlib import toml
from dxlib.errors import OriginError, SourceError, nearest
from dxlib.municipality import check_code

_Year = Annotated[int, msgspec.Meta(ge=1989, le=2100)]
_Key = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
INFERABLE = ("title", "edition", "published", "plans")
_OF_PLAN = ("title", "scope", "first_fiscal_year", "last_fiscal_year")


class PlanOrigin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plan that the document speaks of: the one it sets out, or one it looks back on."""

    key: _Key
    title: str
    scope: Literal["plan", "review"]
    first_fiscal_year: _Year
    last_fiscal_year: _Year


class Origin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Origin of one document. ``inferred`` lists the keys that were inferred from the text and that nobody has confirmed yet."""

    title: str
    municipality_code: str
    producer: str
    edition: Literal["adopted", "draft"]
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
    rights: str
    plans: Annotated[tuple[PlanOrigin, ...], msgspec.Meta(min_length=1)]
    published: Annotated[str, msgspec.Meta(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None = None
    note: str | None = None
    inferred: tuple[str, ...] = ()

    def plan(self, scope: str) -> PlanOrigin:
        """The plan of this scope; the only plan where the scope is not told apart."""
        return next((plan for plan in self.plans if plan.scope == scope), self.plans[0])


def _line_of(source: str, key: str) -> int:
    pattern = re.compile(rf"^\s*(?:\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*(?:=|\])", re.MULTILINE)
    match = pattern.search(source)
    return source.count("\n", 0, match.start()) + 1 if match else 1


def _complaint(error: Exception, source: str, where: str) -> OriginError:
    message = str(error)
    unknown = re.search(r"unknown field `([^`]+)`", message)
    named = re.search(r"`\$\.?([A-Za-z_0-9]{1,60})?[^`]{0,200}?(?:\.([A-Za-z_0-9]{1,60}))?`", message)
    at_line = re.search(r"line (\d+)", message)
    if unknown:
        key = unknown[1]
        fields = (*Origin.__struct_fields__, *PlanOrigin.__struct_fields__)
        return OriginError(
            f"unknown key '{key}'", code="origin-unknown-key", where=f"{where}:{_line_of(source, key)}", hint=nearest(key, fields)
        )
    key = (named[2] or named[1] or "") if named else ""
    line = int(at_line[1]) if at_line else _line_of(source, key) if key else 1
    return OriginError(
        message, code="origin-invalid", where=f"{where}:{line}", hint="see docs/raw-data.md for the keys and their form"
    )


def read_origin(path: Path, where: str) -> Origin:
    """Read and check the TOML of one document.

    Args:
        path: the TOML file.
        where: how messages name it.

    Raises:
        OriginError: it is missing, no TOML, or a key is unknown, missing or malformed.
        MunicipalityError: the code is malformed.
    """
    try:
        source = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, IsADirectoryError) as error:
        raise OriginError(
            "this document has no origin file",
            code="origin-missing",
            where=where,
            hint="write a TOML of the same name beside it; see docs/raw-data.md",
        ) from error
    except UnicodeDecodeError as error:
        raise OriginError("the file is not UTF-8", code="origin-invalid", where=where, hint="save it as UTF-8") from error
    try:
        origin = toml.decode(source, Origin)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise _complaint(error, source, where) from error
    check_code(origin.municipality_code, f"{where}:{_line_of(source, 'municipality_code')}")
    for plan in origin.plans:
        if plan.last_fiscal_year < plan.first_fiscal_year:
            raise OriginError(
                f"plan '{plan.key}' ends in {plan.last_fiscal_year}, before it begins in {plan.first_fiscal_year}",
                code="origin-invalid",
                where=f"{where}:{_line_of(source, 'last_fiscal_year')}",
                hint="correct the first or last fiscal year",
            )
    for key in origin.inferred:
        if key not in INFERABLE:
            raise OriginError(
                f"'{key}' in inferred is no key that can be inferred",
                code="origin-invalid",
                where=f"{where}:{_line_of(source, 'inferred')}",
                hint=nearest(key, INFERABLE),
            )
    keys = [plan.key for plan in origin.plans]
    if len(set(keys)) < len(keys):
        raise OriginError(
            f"two plans share one key: {', '.join(sorted(keys))}",
            code="origin-invalid",
            where=f"{where}:{_line_of(source, 'plans')}",
            hint="give each [[plans]] its own key",
        )
    return origin


def details(origin: Origin) -> dict[str, str]:
    """What may be inferred of an origin, as text: ``title``, ``edition``, ``published``, and each plan's as ``plan.title``.

    Absent is blank.
    """
    own = {key: getattr(origin, key) or "" for key in INFERABLE if key != "plans"}
    return own | {f"{plan.key}.{key}": str(getattr(plan, key)) for plan in origin.plans for key in _OF_PLAN}


def inferred_details(origin: Origin) -> list[str]:
    """The keys of `details` that were inferred and are not confirmed; ``plans`` in the TOML means all of its plans."""
    named = set(origin.inferred)
    return [key for key in details(origin) if key in named or ("." in key and "plans" in named)]


def with_inferred(origin: Origin, keys: Sequence[str]) -> Origin:
    """The origin with these keys of `details` as the ones not confirmed yet."""
    return msgspec.structs.replace(origin, inferred=tuple(keys))


def with_detail(origin: Origin, key: str, text: str) -> Origin:
    """The origin with one of its `details` changed.

    Raises:
        ValueError: the text does not fit the key.
    """
    plan_key, _, of_plan = key.rpartition(".")
    if not plan_key:
        changed = {**msgspec.to_builtins(origin), key: text or None}
    else:
        value: str | int = int(text) if of_plan.endswith("_year") else text
        plans = [
            {**msgspec.to_builtins(plan), of_plan: value} if plan.key == plan_key else msgspec.to_builtins(plan)
            for plan in origin.plans
        ]
        changed = {**msgspec.to_builtins(origin), "plans": plans}
    found = msgspec.convert(changed, Origin)
    if any(plan.last_fiscal_year < plan.first_fiscal_year for plan in found.plans):
        raise ValueError("the plan would end before it begins")
    return found


def check_unchanged(sha256: str, origin: Origin, where: str) -> None:
    """Raise when the raw file is not the one that its origin describes.

    Args:
        sha256: of the file's bytes.
        origin: what the TOML beside it says.
        where: the file as messages name it.

    Raises:
        SourceError: the SHA-256 differs.
    """
    if sha256 != origin.sha256:
        raise SourceError(
            f"the file changed: SHA-256 is {sha256}, its origin says {origin.sha256}",
            code="source-changed",
            where=where,
            hint="restore it from git; or, for a new edition, add it as a file of its own with its own origin",
        )

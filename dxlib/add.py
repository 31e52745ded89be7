"""A new plan in the workbench: the file as received, its origin with all that could be inferred, and its municipality.

All or nothing: the files are made in a folder beside and then put in place as one. No document or origin is ever replaced.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dxlib.collection import folder_of
from dxlib.cover import Cover, read_cover, rights
from dxlib.decisions import read_municipalities
from dxlib.document import Document, load
from dxlib.errors import SourceError
from dxlib.facts import Reading, Value
from dxlib.formats import SUPPORTED
from dxlib.hold import hold_data
from dxlib.municipality import resolve
from dxlib.naming import is_portable
from dxlib.origin import Origin, PlanOrigin, read_origin
from dxlib.project import Project
from dxlib.readers import read
from dxlib.register import new_entry, with_entry
from dxlib.review import is_doubtful
from dxlib.whole import ADD, clear, put, write_whole

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PERIOD = re.compile(r"(\d{4})\s?[-~〜~–]\s?(\d{4})")
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Told:
    """What the person who adds a document says of it; None is left to be inferred.

    Attributes:
        name: file name without its ending: small letters, digits and hyphens.
        period: first and last fiscal year of the plan.
        scope: plan, or review for a report that looks back on one.
    """

    title: str | None = None
    edition: str | None = None
    published: str | None = None
    name: str | None = None
    period: tuple[int, int] | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What was added, or was there.

    Attributes:
        document_id: its id.
        path: where it lies.
        is_new: False when the very file was there already, and nothing was changed.
        origin: its origin.
        roles: how many facts of each role were read.
        doubtful: how many of them a person should look at.
        unused: how many lines with numbers gave no fact.
        municipality: name of the municipality when it is new to the workbench.
    """

    document_id: str
    path: Path
    is_new: bool
    origin: Origin
    roles: Mapping[str, int] = field(default_factory=dict)
    doubtful: int = 0
    unused: int = 0
    municipality: str | None = None


def parse_period(text: str) -> tuple[int, int]:
    """``2023-2026`` as two years.

    Raises:
        ValueError: it is no period.

    >>> parse_period("2023-2026")
    (2023, 2026)
    """
    match = _PERIOD.fullmatch(text.strip())
    if not match or int(match[1]) > int(match[2]):
        raise ValueError(f"'{text}' is no period; write 2023-2026, the first and last 年度 as Western years")
    return int(match[1]), int(match[2])


def add(project: Project, file: Path, municipality: str, told: Told | None = None) -> Added:
    """Take a document into ``data/raw``, with an origin that says what was inferred.

    Args:
        project: the workbench.
        file: the document, in any supported format; it is copied.
        municipality: whose it is: a code or a full name.
        told: what is known of it.

    Raises:
        SourceError: it cannot be read, lies in the workbench for another municipality, or another one has its name.
        MunicipalityError: the municipality is unknown or ambiguous.
        OriginError: what was told does not fit an origin.
        DecisionError: ``municipality.csv`` is malformed.
        LockError: another program writes in the workbench.
    """
    told = told or Told()
    code, owner = _owner(project, municipality)
    document = load(file)
    reading = read(document)
    with hold_data(project):
        return _added(project, file, document, reading, told, code, owner)


def _added(
    project: Project, file: Path, document: Document, reading: Reading, told: Told, code: str, owner: Mapping[str, str]
) -> Added:
    """Take in what was read, unless it is there."""
    cover = read_cover(document, owner["name"])
    folder = folder_of(project, code) or project.raw / f"{code}-{slug(owner['romaji']) or code}"
    there = _same(project, document, file)
    if there and there.parent.name[:6] != code:
        raise SourceError(
            f"this very file is in the workbench already, as {project.relative(there)}",
            code="add-elsewhere",
            where=str(file),
            hint=f"check the municipality, {code} or {there.parent.name[:6]}; move the file and its TOML if it is misplaced",
        )
    target = there or folder / f"{_name(told, file, cover, reading)}{file.suffix.lower()}"
    toml = target.with_suffix(".toml")
    document_id = f"{folder.name}/{target.stem}"
    if there and toml.exists():
        return Added(document_id, there, False, read_origin(toml, project.relative(toml)))
    if not there:
        _check_free(project, target, str(file))
    source = origin_toml(document, cover, reading, told, code, owner["name"], str(file))
    is_new = _store(project, file, document, target, source, code, whole=there is None)
    values = list(_values(reading))
    return Added(
        document_id,
        target,
        True,
        read_origin(toml, project.relative(toml)),
        Counter(value.role for value in values),
        sum(is_doubtful(value.confidence, value.doubts) for value in values),
        len(reading.unused),
        owner["name"] if is_new else None,
    )


def _owner(project: Project, municipality: str) -> tuple[str, Mapping[str, str]]:
    """The code, and the row of the municipality: the one in the workbench, else the one it would get."""
    known = {entry["code"]: entry.cells for entry in read_municipalities(project)}
    code = municipality if municipality in known else resolve(municipality)
    return code, known.get(code) or new_entry(code)


def slug(text: str) -> str:
    """Small letters, digits and hyphens of a text; empty when it has none.

    >>> slug("R5_DX Plan(final)"), slug("Chiyoda"), slug("計画")
    ('r5-dx-plan-final', 'chiyoda', '')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_NAME].strip("-")


def _name(told: Told, file: Path, cover: Cover, reading: Reading) -> str:
    if told.name is not None:
        if not _NAME.fullmatch(told.name) or len(told.name) > _LONGEST_NAME or not is_portable(told.name):
            raise SourceError(
                f"'{told.name}' cannot be the name of a file in data/raw",
                code="add-name",
                where=str(file),
                hint=f"write at most {_LONGEST_NAME} small letters, digits and single hyphens, such as dx-plan-2; "
                "con, nul and their like are devices on Windows",
            )
        return told.name
    letters = file.stem if file.stem.isascii() else ""
    first, _ = told.period or _years(cover, reading, "plan") or (0, 0)
    kind = "report" if (told.scope or _scope(cover)) == "review" else "plan"
    name = slug(letters) or (f"{kind}-{first}" if first else kind)
    return name if is_portable(name) else f"{name}-{kind}"


def _same(project: Project, document: Document, file: Path) -> Path | None:
    """The file of the workbench with the same bytes."""
    size = file.stat().st_size
    for path in sorted(project.raw.glob("[0-9]*/*")):
        is_like = path.suffix.lower() in SUPPORTED and path.stat().st_size == size
        if is_like and hashlib.sha256(path.read_bytes()).hexdigest() == document.sha256:
            return path
    return None


def _check_free(project: Project, target: Path, where: str) -> None:
    taken = [target.with_suffix(suffix) for suffix in (*SUPPORTED, ".toml") if target.with_suffix(suffix).exists()]
    if taken:
        raise _taken(project, taken[0], where)


def _taken(project: Project, path: Path, where: str) -> SourceError:
    return SourceError(
        f"{project.relative(path)} is there already, with other content",
        code="add-exists",
        where=where,
        hint="give the new document its own name with --name; for a new edition, for instance dx-plan-2",
    )


def _values(reading: Reading) -> Iterator[Value]:
    for measure in reading.measures:
        for indicator in measure.indicators:
            yield from indicator.values
        yield from (statistic.value for statistic in measure.statistics)
    yield from (statistic.value for statistic in reading.statistics)


def _scope(cover: Cover) -> str:
    return "review" if cover.is_report else "plan"


def _years(cover: Cover, reading: Reading, scope: str) -> tuple[int, int] | None:
    """The years of a plan: as printed, else those its targets are for, else those of any of its values."""
    if cover.first_fiscal_year and cover.last_fiscal_year:
        return cover.first_fiscal_year, cover.last_fiscal_year
    return _years_of_values(reading, scope) or _years_of_values(reading, None)


def _years_of_values(reading: Reading, scope: str | None) -> tuple[int, int] | None:
    values = [
        value
        for measure in reading.measures
        for indicator in measure.indicators
        for value in indicator.values
        if value.fiscal_year and scope in (None, measure.scope)
    ]
    years = [value.fiscal_year for value in values if value.role == "target"] or [value.fiscal_year for value in values]
    known = [year for year in years if year]
    return (min(known), max(known)) if known else None


def origin_toml(document: Document, cover: Cover, reading: Reading, told: Told, code: str, producer: str, where: str) -> str:
    """The TOML of the document: what was told, else what was inferred, which ``inferred`` lists.

    Raises:
        SourceError: nothing says which years the plan is for.
    """
    title = told.title or cover.title or Path(document.name).stem
    published = told.published or cover.published
    found = {"title": told.title, "edition": told.edition, "published": told.published, "plans": told.period}
    inferred = [key for key, value in found.items() if value is None and (key != "published" or published)]
    head: dict[str, str | list[str] | None] = {
        "title": title,
        "municipality_code": code,
        "producer": producer,
        "edition": told.edition or cover.edition,
        "published": published,
        "sha256": document.sha256,
        "rights": rights(),
        "inferred": inferred,
    }
    lines = [f"{key} = {_toml(value)}" for key, value in head.items() if value]
    for plan in _plans(cover, reading, told, title, where):
        lines += ["", "[[plans]]", *(f"{key} = {_toml(getattr(plan, key))}" for key in PlanOrigin.__struct_fields__)]
    return "\n".join(lines) + "\n"


def _plans(cover: Cover, reading: Reading, told: Told, title: str, where: str) -> list[PlanOrigin]:
    """The plan the document is about; and, where it both looks back and sets out, one for each."""
    scopes = {measure.scope for measure in reading.measures if measure.indicators}
    main = told.scope or _scope(cover)
    years = told.period or _years(cover, reading, main)
    if years is None:
        raise SourceError(
            "nothing in the document says which years its plan is for",
            code="add-period",
            where=where,
            hint="say it with --plan-period 2023-2026",
        )
    named = cover.plan_title if cover.plan_title and not told.title else title
    plans = [PlanOrigin(main, named, main, *years)]  # type: ignore[arg-type]
    if told.scope is None and main == "plan" and "review" in scopes:
        past = _years_of_values(reading, "review") or (years[0] - 1, years[0] - 1)
        plans.insert(0, PlanOrigin("review", f"{named}（前計画）", "review", *past))
    return plans


def _toml(value: object) -> str:
    """A string, number or list of strings as TOML; control characters are dropped."""
    if isinstance(value, str):
        value = "".join(character for character in value if character.isprintable())
    return json.dumps(value, ensure_ascii=False)


def _store(project: Project, file: Path, document: Document, target: Path, source: str, code: str, *, whole: bool) -> bool:
    """Put file, TOML and the municipality's row in place as one; True when the municipality is new to the workbench."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=ADD, dir=project.raw))
        try:
            toml = target.with_suffix(".toml")
            write_whole(folder / toml.name, source.encode())
            read_origin(folder / toml.name, f"{file} (origin)")
            moves: dict[str, Path] = {}
            if registered := with_entry(project, code):
                write_whole(folder / "municipality.csv", registered)
                moves["municipality.csv"] = project.curated / "municipality.csv"
            if whole:
                write_whole(folder / target.name, _unchanged(file, document))
                moves[target.name] = target
            put(folder, {**moves, toml.name: toml})
            return registered is not None
        finally:
            clear(folder)
    except OSError as error:
        raise SourceError(
            f"the document cannot be stored: {error}",
            code="add-write",
            where=str(file),
            hint="check disk space and write rights of data/raw; nothing was added",
        ) from error


def _unchanged(file: Path, document: Document) -> bytes:
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise SourceError("the file changed while it was read", code="source-changed", where=str(file), hint="add it again")
    return content

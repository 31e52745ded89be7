"""A new plan in the workbench: the file as received, its origin with all that could be inferred, and its municipality.

All or nothing: both files are made in a folder beside and then put in place. Nothing that is there is ever replaced.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dxlib.collection import folder_of
from dxlib.cover import Cover, read_cover, rights
from dxlib.decisions import read_municipalities
from dxlib.document import Document, load
from dxlib.errors import SourceError
from dxlib.facts import Reading, Value
from dxlib.filenames import is_device
from dxlib.formats import SUPPORTED
from dxlib.municipality import resolve
from dxlib.origin import Origin, PlanOrigin, read_origin
from dxlib.project import Project
from dxlib.readers import read
from dxlib.register import ensure, new_entry
from dxlib.review import is_doubtful

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
        DecisionError: ``municipality.csv`` is malformed or cannot be written.
    """
    told = told or Told()
    code, owner = _owner(project, municipality)
    document = load(file)
    reading = read(document)
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
        if not _NAME.fullmatch(told.name) or len(told.name) > _LONGEST_NAME or is_device(told.name):
            raise SourceError(
                f"'{told.name}' cannot be the name of a file in data/raw",
                code="add-name",
                where=str(file),
                hint=f"write at most {_LONGEST_NAME} small letters, digits and single hyphens, such as dx-plan-2; no device of"
                " Windows such as con",
            )
        return told.name
    letters = file.stem if file.stem.isascii() else ""
    first, _ = told.period or _years(cover, reading, "plan") or (0, 0)
    kind = "report" if (told.scope or _scope(cover)) == "review" else "plan"
    found = slug(letters) or (f"{kind}-{first}" if first else kind)
    return f"{kind}-{found}" if is_device(found) else found


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
    """Put file and TOML in place; True when the municipality is new to the workbench."""
    try:
        with tempfile.TemporaryDirectory(prefix=".add-", dir=project.raw) as beside:
            folder = Path(beside) / target.parent.name
            folder.mkdir()
            copy, toml = folder / target.name, folder / f"{target.stem}.toml"
            shutil.copyfile(file, copy)
            if hashlib.sha256(copy.read_bytes()).hexdigest() != document.sha256:
                raise SourceError(
                    "the file changed while it was read", code="source-changed", where=str(file), hint="add it again"
                )
            toml.write_text(source, encoding="utf-8", newline="\n")
            read_origin(toml, f"{file} (origin)")
            with _municipality(project, code) as is_new:
                _publish(project, copy if whole else None, toml, target, str(file))
            return is_new
    except OSError as error:
        raise SourceError(
            f"the document cannot be stored: {error}",
            code="add-write",
            where=str(file),
            hint="check disk space and write rights of data/raw; nothing was added",
        ) from error


@contextmanager
def _municipality(project: Project, code: str) -> Iterator[bool]:
    """The municipality in ``municipality.csv``; taken out again when what follows fails."""
    path = project.curated / "municipality.csv"
    before = path.read_bytes()
    is_new = ensure(project, code)
    after = path.read_bytes()
    try:
        yield is_new
        ensure(project, code)  # another add that failed at the same time may have taken the row back
    except BaseException:
        if is_new and path.read_bytes() == after and folder_of(project, code) is None:
            with tempfile.NamedTemporaryFile(prefix=".build-", dir=path.parent, delete=False) as kept:
                kept.write(before)
            shutil.copymode(path, kept.name)
            os.replace(kept.name, path)
        raise


def _publish(project: Project, copy: Path | None, toml: Path, target: Path, where: str) -> None:
    """A new folder by one rename; into a folder that is there, the document first: its name is taken by that."""
    if copy and not target.parent.exists():
        try:
            toml.parent.rename(target.parent)
            return
        except OSError:
            if not target.parent.exists():
                raise
    placed: list[Path] = []
    try:
        if copy:
            _place(copy, target)
            placed.append(target)
        _place(toml, target.with_suffix(".toml"))
    except FileExistsError as error:
        _take_back(placed)
        raise _taken(project, target, where) from error
    except BaseException:
        _take_back(placed)
        raise


def _place(source: Path, target: Path) -> None:
    """Give a finished file its name; raises FileExistsError rather than replace one."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # a disk without links: not in one step, but never over another file
        with target.open("xb") as file:
            file.write(source.read_bytes())


def _take_back(placed: list[Path]) -> None:
    for path in placed:
        path.unlink(missing_ok=True)

"""A list of reports to make (``reports/monthly.toml``), checked as a whole before the first one runs."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from dxlib import toml
from dxlib.errors import DxlibError, ReportError, nearest
from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.report.parameters import Checks, Job, Template, find_template, problems

Format = Literal["html", "pdf", "xlsx", "zip"]
FORMATS: tuple[Format, ...] = ("html", "pdf", "xlsx", "zip")
ENCODINGS = ("utf-8", "cp932")
_MOST = 200_000  # reports of an entry: every theme of every municipality, three times over
_ALL = {
    "theme": "SELECT theme_id FROM theme ORDER BY 1",
    "municipality": "SELECT DISTINCT municipality_code FROM document ORDER BY 1",
    "highlight": "SELECT DISTINCT municipality_code FROM document ORDER BY 1",
}


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    """A ``[[report]]``: a notebook, its parameters, and those whose values are run through one by one."""

    notebook: str
    parameters: dict[str, Any] = {}
    each: dict[str, list[Any] | Literal["all"]] = {}


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """What holds for all reports of a file. ``out`` is relative to the workbench, ``max_memory`` in MB (10^6 bytes)."""

    formats: list[Format] | None = None
    out: str | None = None
    csv_encoding: Literal["utf-8", "cp932"] | None = None
    headers: Literal["ja", "en"] | None = None
    max_seconds: Annotated[float, msgspec.Meta(ge=0)] | None = None
    max_memory: Annotated[float, msgspec.Meta(ge=0)] | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """A checked file: its settings and the reports, in its order."""

    settings: Settings
    jobs: list[Job]


def _places(source: str) -> Iterator[str]:
    """How messages name the entries: number and line."""
    lines = [n for n, line in enumerate(source.splitlines(), start=1) if re.match(r"\s*\[\[\s*report\s*\]\]", line)]
    for number in itertools.count(1):
        yield f"report {number}" + (f" (line {lines[number - 1]})" if number <= len(lines) else "")


class _Checker:
    """Goes through a file and collects everything that is wrong, each with its place."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.wrong: list[str] = []
        self.made: dict[str, str] = {}

    def complain(self, place: str, message: str, hint: str = "") -> None:
        """Note a problem, once."""
        line = f"{place}: {message}" + (f"; {hint}" if hint else "")
        if line not in self.wrong:
            self.wrong.append(line)

    def convert(self, place: str, found: object, kind: type[Any]) -> Any:
        """A table as a struct; None, and the problems noted, when it is none."""
        known = [field.name for field in msgspec.structs.fields(kind)]
        unknown = [key for key in found if key not in known] if isinstance(found, dict) else []
        for key in unknown:
            self.complain(place, f"unknown key '{key}'", nearest(key, [*known, *(["report"] if kind is Settings else [])]))
        try:
            known_part = {key: value for key, value in found.items() if key in known} if isinstance(found, dict) else found
            return msgspec.convert(known_part, kind)
        except msgspec.ValidationError as error:
            self.complain(place, str(error).replace("`$.", "`"))
            return None

    def values(self, bench: Workbench, place: str, entry: Entry) -> dict[str, Sequence[Any]]:
        """The values of ``each``, ``all`` replaced by all there are."""
        found: dict[str, Sequence[Any]] = {}
        for key, values in entry.each.items():
            if key in entry.parameters:
                self.complain(place, f"'{key}' stands in parameters and in each", "keep one")
            elif values == "all" and key not in _ALL:
                self.complain(place, f"each.{key} cannot be 'all'", f"only {', '.join(_ALL)} can; list the values")
            elif not values:
                self.complain(place, f"each.{key} is empty", "list its values, or leave it out")
            else:
                found[key] = [row[0] for row in bench.sql(_ALL[key]).fetchall()] if isinstance(values, str) else values
        return found

    def jobs(self, bench: Workbench, checks: Checks, place: str, entry: Entry) -> Iterator[Job]:
        """The reports of an entry: every combination of the values of ``each``."""
        try:
            template = find_template(self.project, entry.notebook)
        except DxlibError as error:
            self.complain(place, f"[{error.code}] {error.message}", error.hint)
            return
        values = self.values(bench, place, entry)
        count = math.prod(len(given) for given in values.values())
        if count > _MOST:
            self.complain(place, f"each asks for {count:,} reports", f"at most {_MOST:,} can be made of one entry")
            return
        for combination in itertools.product(*values.values()):
            given = {**entry.parameters, **dict(zip(values, combination, strict=True))}
            yield from self.job(checks, place, template, given)

    def job(self, checks: Checks, place: str, template: Template, given: Mapping[str, Any]) -> Iterator[Job]:
        """One report, unless something is wrong with it."""
        checked, wrong = problems(checks, template, given)
        for error in wrong:
            self.complain(place, f"[{error.code}] {error.message}", error.hint)
        if wrong:
            return
        job = Job(template, checked)
        if job.report_id in self.made:
            self.complain(place, f"'{job.report_id}' is already made by {self.made[job.report_id]}", "keep one")
        self.made.setdefault(job.report_id, place)
        yield job


def _read(path: Path, where: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ReportError(
            f"the list of reports cannot be read: {error}",
            code="config-unreadable",
            where=where,
            hint="name a TOML file in UTF-8, such as reports/monthly.toml",
        ) from error


def read_config(project: Project, path: Path) -> Config:
    """Read and check a list of reports.

    Args:
        project: the workbench.
        path: the TOML file; docs/scheduled-runs.md has its keys.

    Raises:
        ReportError: it cannot be read, or anything in it is wrong; then all problems are listed with entry and line.
        WarehouseError: the warehouse is not built.
    """
    where = project.relative(path.resolve())
    source = _read(path, where)
    try:
        found = toml.decode(source, dict[str, Any])
    except msgspec.DecodeError as error:
        raise ReportError(f"no TOML: {error}", code="config-invalid", where=where, hint="correct that line") from error
    checker = _Checker(project)
    entries = found.pop("report", [])
    settings = checker.convert("settings", found, Settings)
    jobs: list[Job] = []
    if not isinstance(entries, list) or not entries:
        checker.complain("settings", "there is no [[report]] in it", 'add one with notebook = "comparison"')
        entries = []
    with Workbench(project) as bench:
        checks = Checks(bench)
        bench.check_municipalities()  # all at once, before each is looked up
        for place, table in zip(_places(source), entries, strict=False):
            entry = checker.convert(place, table, Entry)
            jobs += checker.jobs(bench, checks, place, entry) if entry else []
    if checker.wrong or settings is None:
        listed = "".join(f"\n  {line}" for line in checker.wrong)
        raise ReportError(
            f"{len(checker.wrong)} problem(s), nothing was run:{listed}",
            code="config-invalid",
            where=where,
            hint="the keys are explained in docs/scheduled-runs.md",
        )
    return Config(settings, jobs)

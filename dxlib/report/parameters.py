"""Notebooks by name, and their parameters: everything is checked before anything runs."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from dxlib.errors import DxlibError, MunicipalityError, QueryError, ReportError, nearest
from dxlib.indicators import Workbench, known_on
from dxlib.naming import is_portable
from dxlib.project import Project
from dxlib.wording import check_language

_LIST_SHOWN, _PART, _WHOLE = 4, 40, 60
_FIRST = ("theme", "municipality", "municipalities")
_MUNICIPALITIES = ("municipality", "municipalities", "peers", "highlight")


@dataclass(frozen=True, slots=True)
class Template:
    """A notebook that reports are made from.

    Attributes:
        name: its file name without number and ending: ``02_comparison.ipynb`` is ``comparison``.
        path: the file.
        defaults: its parameters, in its order, with their default values.
    """

    name: str
    path: Path
    defaults: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """One report to make: a notebook with checked parameters (only those given; the notebook has the rest)."""

    template: Template
    parameters: dict[str, Any]

    @property
    def all_parameters(self) -> dict[str, Any]:
        """Every parameter of the notebook, with the value it has in this run."""
        return {**self.template.defaults, **self.parameters}

    @property
    def lang(self) -> Literal["ja", "en"]:
        """Language of the report; Japanese where the notebook has no such parameter."""
        return "en" if self.all_parameters.get("lang") == "en" else "ja"

    @property
    def report_id(self) -> str:
        """Name of the report's folder and files, the same for the same parameters; safe characters only."""
        return report_id(self)


def parse_parameters(pairs: Sequence[str]) -> dict[str, str]:
    """``key=value`` arguments as a dictionary.

    Raises:
        QueryError: an argument has no ``=``.

    >>> parse_parameters(["theme=telework"])
    {'theme': 'telework'}
    """
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise QueryError(f"'{pair}' is no parameter", code="parameter-form", hint="write -p key=value")
        found[key.strip()] = value.strip()
    return found


def notebook_paths(project: Project) -> dict[str, Path]:
    """The notebooks by name, in the order of their numbers.

    Raises:
        ReportError: two notebooks have the same name.
    """
    found: dict[str, Path] = {}
    for path in sorted(project.notebooks.glob("*.ipynb")):
        name = re.sub(r"^\d+_", "", path.stem)
        if name in found:
            raise ReportError(
                f"{found[name].name} and {path.name} are both called '{name}'",
                code="notebook-twice",
                where=project.relative(project.notebooks),
                hint="rename one; the number before the name does not count",
            )
        found[name] = path
    return found


def _defaults(path: Path, where: str) -> dict[str, Any]:
    """The assignments in the cell tagged ``parameters``."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
        tree = ast.parse("".join("".join(cell["source"]) + "\n" for cell in tagged))
        found: dict[str, Any] = {}
        for node in tree.body:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
            value = getattr(node, "value", None)
            if value is not None:
                found |= {target.id: ast.literal_eval(value) for target in targets if isinstance(target, ast.Name)}
    except (OSError, ValueError, KeyError, TypeError, SyntaxError, AttributeError, RecursionError, MemoryError) as error:
        raise ReportError(
            f"the notebook or its parameters cannot be read: {error}",
            code="notebook-unreadable",
            where=where,
            hint="it must be a notebook; its cell tagged 'parameters' only assigns plain values, as theme = \"telework\"",
        ) from error
    return found


def find_template(project: Project, name: str) -> Template:
    """The notebook of this name, with its parameters.

    Raises:
        ReportError: there is no such notebook, or it cannot be read.
    """
    paths = notebook_paths(project)
    if name not in paths:
        raise ReportError(
            f"no notebook '{name}'", code="report-unknown", where=project.relative(project.notebooks), hint=nearest(name, paths)
        )
    return Template(name, paths[name], _defaults(paths[name], project.relative(paths[name])))


def _wrong_type(key: str, value: object, wanted: str) -> QueryError:
    return QueryError(
        f"parameter '{key}' is {value!r}, which is no {wanted}",
        code="parameter-type",
        hint="lists are comma-separated, true or false for yes and no, codes are text in quotes in a TOML",
    )


def _from_text(key: str, value: str, default: object) -> Any:
    """A value given as text, in the type of the notebook's default."""
    if isinstance(default, bool):
        if value.lower() not in ("true", "false"):
            raise _wrong_type(key, value, "true or false")
        return value.lower() == "true"
    if isinstance(default, int | float):
        try:
            return type(default)(value)
        except ValueError as error:
            raise _wrong_type(key, value, "whole number" if isinstance(default, int) else "number") from error
    if isinstance(default, list | tuple):
        like = default[0] if default else ""
        return [_from_text(key, part.strip(), like) for part in value.split(",") if part.strip()]
    if default is None and key not in _CHECKS:
        return _guessed(value)
    return value or None if default is None else value


def _guessed(value: str) -> Any:
    """A value for a parameter whose default is None: a number where it reads as one, else text; nothing is None."""
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return {"": None, "true": True, "false": False}.get(value.lower(), value)


def _is_unicode(text: str) -> bool:
    """False for bytes of the command line that are no text: they arrive as halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _typed(key: str, value: object, default: object) -> Any:
    """A value from the command line or a TOML, in the type of the notebook's default."""
    if isinstance(value, str):
        if not _is_unicode(value):
            raise _wrong_type(key, value, "text in UTF-8")
        return _from_text(key, value, default)
    if isinstance(value, date):
        return _typed(key, value.isoformat(), default)
    if isinstance(default, list | tuple):
        if not isinstance(value, list | tuple):
            raise _wrong_type(key, value, "list")
        return [_typed(key, part, default[0] if default else "") for part in value]
    wanted = {bool: "true or false", int: "whole number", float: "number", str: "text"}.get(type(default), "")
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if default is None and (key not in _CHECKS or value is None):
        return value
    if type(value) is not type(default):
        raise _wrong_type(key, value, wanted or "text")
    return value


def _codes(bench: Workbench, value: Any) -> Any:
    """The codes of municipalities given by code or name, so that both ways to ask make the same report."""
    if isinstance(value, list | tuple):
        return type(value)(bench.check_municipalities(value) if value else ())
    return bench.check_municipalities([value])[0]


# What a parameter of this name must be, in any notebook. Empty values are the notebook's business.
_CHECKS: dict[str, Callable[[Workbench, Any], object]] = {
    "lang": lambda bench, value: check_language(str(value)),
    "theme": lambda bench, value: bench.check_theme(value),
    **dict.fromkeys(_MUNICIPALITIES, _codes),
    "version": lambda bench, value: bench.topics(value),
    "as_of": lambda bench, value: known_on(value),
}


class Checks:
    """What parameters must be; each value is looked up once, however many reports ask for it."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._found: dict[tuple[str, str], Any] = {}

    def checked(self, key: str, value: Any) -> Any:
        """The value of a parameter, municipalities by code.

        Raises:
            DxlibError: it is none.
        """
        place = key, repr(value)
        if place not in self._found:
            self._found[place] = _CHECKS[key](self._bench, value)
        return self._found[place]


def problems(checks: Checks, template: Template, given: Mapping[str, object]) -> tuple[dict[str, Any], list[DxlibError]]:
    """The parameters in the notebook's types, municipalities by code, and everything that is wrong with them.

    Args:
        checks: of an open warehouse, which knows the themes, codes and versions.
        template: the notebook.
        given: values as text (``-p``) or as a TOML gives them.
    """
    found: dict[str, Any] = {}
    wrong: list[DxlibError] = []
    for key, value in given.items():
        try:
            if key not in template.defaults:
                hint = nearest(key, template.defaults) if template.defaults else "it has no cell tagged 'parameters'"
                raise QueryError(f"the notebook {template.name} has no parameter '{key}'", code="parameter-unknown", hint=hint)
            found[key] = _typed(key, value, template.defaults[key])
        except QueryError as error:
            wrong.append(error)
    for key, value in {**template.defaults, **found}.items():
        try:
            if key in _CHECKS and not (value in ("", None, [], ()) and template.defaults[key] in ("", None, [], ())):
                checked = checks.checked(key, value)
                if key in _MUNICIPALITIES and checked != value:
                    found[key] = checked
        except (QueryError, MunicipalityError) as error:
            wrong.append(error)
    return found, wrong


def checked_job(bench: Workbench, template: Template, given: Mapping[str, object]) -> Job:
    """A report to make, with its parameters checked.

    Raises:
        QueryError: a parameter is unknown or its value is; the first that is wrong.
        MunicipalityError: that is the name or code of a municipality.
    """
    found, wrong = problems(Checks(bench), template, given)
    if wrong:
        raise wrong[0]
    return Job(template, found)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _safe(text: str, keep: str = "_.", longest: int = _PART) -> str:
    """A text in characters that every file system and address takes; a hash tells apart what would fall together.

    >>> _safe("online_procedures"), _safe("../etc/passwd"), _safe("2.3")
    ('online_procedures', 'etc_passwd.7fef78f5', '2.3')
    """
    plain = re.sub(rf"[^a-z0-9{re.escape(keep)}]+", "_", unicodedata.normalize("NFKC", text).lower())[:longest].strip("._-")
    return plain if plain == text else f"{plain}.{_digest(text)}".lstrip(".")


def _value_part(value: object) -> str:
    if isinstance(value, list | tuple):
        parts = [_safe(str(part)) for part in value]
        return "-".join(parts) if len(parts) <= _LIST_SHOWN else f"{len(parts)}x.{_digest(repr(list(value)))}"
    return _safe(str(value))


def report_id(job: Job) -> str:
    """Notebook, theme and municipalities, parameters that differ from the notebook's defaults, language; joined by ``-``.

    >>> defaults = {"theme": "telework", "municipalities": [], "highlight": "", "lang": "ja"}
    >>> template = Template("comparison", Path("notebooks/02_comparison.ipynb"), defaults)
    >>> report_id(Job(template, {"municipalities": ["131016", "131024"], "highlight": "131016"}))
    'comparison-telework-131016-131024-highlight_131016-ja'
    """
    everything = job.all_parameters
    parts = [_safe(job.template.name, keep="_.-")]
    parts += [_value_part(everything[key]) for key in _FIRST if everything.get(key)]
    for key, value in everything.items():
        if key not in (*_FIRST, "lang") and value != job.template.defaults[key]:
            parts.append(f"{_safe(key)}_{_value_part(value)}")
    whole = "-".join([*parts, *([_safe(job.lang)] if "lang" in everything else [])])
    if len(whole) > _WHOLE:
        whole = f"{whole[:_WHOLE].rstrip('._-')}.{_digest(whole)}"
    return whole if is_portable(whole) else f"report-{whole}"


def resolve(project: Project, name: str, given: Mapping[str, object]) -> Job:
    """`find_template` and `checked_job` in one step.

    Raises:
        DxlibError: the notebook, a parameter or a value is unknown, or the warehouse is not built.
    """
    template = find_template(project, name)
    with Workbench(project) as bench:
        return checked_job(bench, template, given)

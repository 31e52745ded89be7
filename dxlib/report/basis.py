"""What a report was made from, in hashes, and what of it has changed since: only then is it made again.

No clock takes part. The rows that a notebook could see are those of the municipalities it asked about, the list of
municipalities, and the answers to its other questions (`dxlib.sight`).
"""

from __future__ import annotations

import ast
import hashlib
import json
import platform
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from dxlib.indicators import Workbench
from dxlib.package import digest
from dxlib.sight import answer

LIBRARIES = (
    *("dxlib", "duckdb", "pandas", "polars", "pyarrow", "numpy", "altair", "vl-convert-python"),
    *("papermill", "nbclient", "ipykernel", "typst", "fonttools", "openpyxl", "jinja2"),
)
_SHARED, _LIST, _ALL = "shared", "municipalities", "everything"
_NAMED = 5
# A notebook that uses other modules, or reads files, may depend on what no hash here covers.
_MODULES = frozenset(
    [
        "altair",
        "collections",
        "datetime",
        "dxlib",
        "functools",
        "itertools",
        "json",
        "math",
        "numpy",
        "pandas",
        "polars",
        "re",
        "textwrap",
    ]
)
_READING = re.compile(
    r"(read|scan|fetch|load|from)_\w+|open|urlopen|system|popen|load|connect|exec|eval|__import__|Path|getenv|environ"
    r"|today|now|utcnow|random|default_rng"  # a clock, or chance
)


class Question(msgspec.Struct, frozen=True):
    """A question of which only the answer matters."""

    sql: str
    params: list[Any]
    answer: str


class Basis(msgspec.Struct):
    """What a report depends on.

    Attributes:
        program: dxlib with its templates, texts, fonts, and the versions of the libraries.
        notebook: the notebook's file.
        asked: parameters with the notebook's defaults, and what to write.
        rows: hash by scope of the warehouse's table ``content``: ``shared``, ``municipalities``, codes; ``everything`` for all.
        questions: other questions that were asked.
        files: hash of each file beside the warehouse that was read, relative to the workbench; empty where there is none.
        beyond: why the notebook may depend on more; such a report is always made again.
    """

    program: str
    notebook: str
    asked: str
    rows: dict[str, str] = {}
    questions: list[Question] = []
    files: dict[str, str] = {}
    beyond: str | None = None


def _hashed(content: Any) -> str:
    data = (
        content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False, sort_keys=True, default=str).encode()
    )
    return hashlib.sha256(data).hexdigest()


@cache
def versions() -> dict[str, str]:
    """The versions of Python and of what makes numbers, charts and files."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


@cache
def program() -> str:
    """A hash of dxlib as it is installed, with its data, and of the versions of Python and the libraries."""
    return _hashed([platform.python_version(), digest(LIBRARIES)])


def beyond(notebook: str) -> str | None:
    """What in a notebook may depend on more than the warehouse: an unknown module, a call that reads, a clock, chance.

    Args:
        notebook: its JSON.

    >>> cells = [{"cell_type": "code", "source": ["import pandas as pd", "pd.read_csv('x.csv')"]}]
    >>> beyond(json.dumps({"cells": cells}))
    'cell 1: read_csv'
    """
    for number, cell in enumerate(json.loads(notebook)["cells"], start=1):
        if cell["cell_type"] == "code":
            source = (
                cell["source"] if isinstance(cell["source"], str) else "\n".join(line.rstrip("\n") for line in cell["source"])
            )
            if found := next(_reads(source), None):
                return f"cell {number}: {found}"
    return None


def _reads(source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # magics and shell commands
        yield "more than Python"
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or "."]
            yield from (name for name in names if name.split(".")[0] not in _MODULES)
        elif isinstance(node, ast.Attribute | ast.Name):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            on_dxlib = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "dxlib"
            if _READING.fullmatch(name) and not on_dxlib:
                yield name


class Now:
    """The warehouse as it is, for all reports of a run."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._files: dict[str, str] = {}
        rows = bench.sql("SELECT scope, sha256 FROM content ORDER BY scope").fetchall()
        self.rows: dict[str, str] = {**dict(rows), _ALL: _hashed(rows)}
        self._answers: dict[str, str | None] = {}

    def file(self, path: str) -> str:
        """The hash of a file of the workbench; empty where there is none."""
        if path not in self._files:
            whole = self._bench.project.root / path
            self._files[path] = _hashed(whole.read_bytes()) if whole.is_file() else ""
        return self._files[path]

    def answer(self, question: Question) -> str | None:
        """The answer that a question has now; None when it cannot be asked any more."""
        key = _hashed([question.sql, question.params])
        if key not in self._answers:
            try:
                self._answers[key] = answer(self._bench.connection, question.sql, question.params)
            except duckdb.Error:
                self._answers[key] = None
        return self._answers[key]


@lru_cache(maxsize=64)
def _notebook(path: Path, edited: int, size: int) -> tuple[str, str | None]:
    """A notebook's hash, and what it reads beyond the warehouse; looked at once for thousands of reports."""
    content = path.read_bytes()
    return _hashed(content), beyond(content.decode("utf-8"))


def asked(notebook: Path, parameters: Mapping[str, Any], options: Mapping[str, Any]) -> Basis:
    """What is known before anything runs."""
    state = notebook.stat()
    sha256, more = _notebook(notebook, state.st_mtime_ns, state.st_size)
    return Basis(program(), sha256, _hashed([parameters, options]), beyond=more)


def with_sight(basis: Basis, noted: Path, now: Now) -> Basis:
    """What is known after the notebook ran.

    Args:
        basis: what was known before.
        noted: the file in which the notebook's process noted what it saw.
        now: the warehouse, as it was before the notebook ran.
    """
    scopes, questions, files = {_SHARED}, {}, {}
    for line in noted.read_text(encoding="utf-8").splitlines() if noted.exists() else ():
        note = json.loads(line)
        scopes.update(note.get("codes", ()))
        if note.get("list"):
            scopes.add(_LIST)
        if note.get("all"):
            scopes.add(_ALL)
        if "file" in note:
            files[note["file"]] = now.file(note["file"])
        if "sql" in note:
            questions[_hashed([note["sql"], note["params"]])] = Question(note["sql"], note["params"], note["answer"])
    seen = {scope: now.rows.get(scope, "") for scope in sorted(scopes)}
    return msgspec.structs.replace(basis, rows=seen, questions=list(questions.values()), files=files)


def changed(made: Basis, wanted: Basis, now: Now) -> list[str]:
    """Why a report must be made again; nothing when it is as it would be.

    Args:
        made: what it was made from.
        wanted: what it would be made from, as far as that is known before it runs.
        now: the warehouse.
    """
    reasons = []
    if wanted.beyond:
        reasons.append(f"the notebook may read more than the warehouse ({wanted.beyond})")
    for name, before, after in (
        ("dxlib or a library", made.program, wanted.program),
        ("the notebook", made.notebook, wanted.notebook),
        ("what is asked for", made.asked, wanted.asked),
    ):
        if before != after:
            reasons.append(f"{name} changed")
    return reasons or list(_rows_changed(made, now)) or _answers_changed(made, now)


def _rows_changed(made: Basis, now: Now) -> Iterator[str]:
    different = [scope for scope, before in made.rows.items() if now.rows.get(scope, "") != before]
    codes = [scope for scope in different if scope not in (_SHARED, _LIST, _ALL)]
    if _SHARED in different:
        yield "themes, rules or other shared decisions changed"
    if _LIST in different:
        yield "the list of municipalities, their populations or themes changed"
    if _ALL in different:
        yield "something in the warehouse changed, and the notebook may have seen it"
    for path, before in made.files.items():
        if now.file(path) != before:
            yield f"{path} changed"
    if codes:
        yield f"rows changed of {', '.join(codes[:_NAMED])}{f' and {len(codes) - _NAMED} more' if len(codes) > _NAMED else ''}"


def _answers_changed(made: Basis, now: Now) -> list[str]:
    for question in made.questions:
        if now.answer(question) != question.answer:
            return [f"another answer to: {' '.join(question.sql.split())[:80]}"]
    return []


def is_whole(folder: Path, outputs: list[tuple[str, int]]) -> bool:
    """Whether all files of a report are there, in their sizes."""
    try:
        return all((folder / name).stat().st_size == size for name, size in outputs)
    except OSError:
        return False

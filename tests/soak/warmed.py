"""One pytest session kept warm: everything is imported and collected once, and each mutant is a fork of it.

A mutant of Python is put in place of what was imported: functions get other code, so that every module that imported them has it.
A mutant of SQL is what `dxlib.warehouse` reads in place of the file.
"""

from __future__ import annotations

import ast
import gc
import inspect
import os
import re
import shutil
import sys
import time
import types
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from mutants import in_child
from mutators import Mutant

SQL = "dxlib/sql/"
TIMEOUT = 60  # seconds that the tests of a mutant may take at least; longer than five times as long as they take is noticed too


@dataclass
class Made:
    """What became of the mutants, by their numbers."""

    killed: list[tuple[int, str]] = field(default_factory=list)
    survived: list[int] = field(default_factory=list)
    skipped: int = 0
    failures: list[str] = field(default_factory=list)


def run(tests: Sequence[str], root: Path, loop: Any) -> Made:
    """Run the tests of a copy of the repository against mutants, with a `Loop` or what takes its place."""
    os.chdir(root)
    sys.path.insert(0, str(root))
    os.environ["PYTHONPATH"] = str(root)
    from hypothesis import settings

    settings.register_profile("mutants", derandomize=True, database=None, deadline=None, max_examples=30)
    settings.load_profile("mutants")
    sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 # as long as this process lives
    options = [
        "-s",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-o",
        "addopts=",
        "-m",
        "not long",
        "--doctest-modules",
        "--rootdir",
        str(root),
    ]
    here = [str(root / test) for test in tests if (root / test.split("::")[0]).exists()]
    code = pytest.main([*options, f"--basetemp={root.parent / 'tmp'}", *here], plugins=[loop])
    if code and not loop.made.failures:
        loop.made.failures.append(f"pytest ended with {code!r}")
    made: Made = loop.made
    return made


class Loop:
    """Takes the place of pytest's own loop over the tests."""

    def __init__(self, root: Path, chosen: list[Mutant], until: float) -> None:
        self.root, self.chosen, self.until = root, chosen, until
        self.made = Made()
        self.items: list[pytest.Item] = []
        self.seconds: list[float] = []
        self.lines: list[set[str]] = []  # what each test reaches: "file:line", or the name of a file of SQL
        self.kills: dict[tuple[str, ...], Counter[int]] = defaultdict(Counter)
        self.project: Any = None
        self.changed_sql = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Any:
        """The built workbench is made once; a mutant of SQL gets its views anew."""
        if fixturedef.argname != "built" or self.project is None:
            return None
        value = refreshed(self.project, Path(os.environ["MUTANTS_FOLDER"]) / "refreshed") if self.changed_sql else self.project
        fixturedef.cached_result = (value, fixturedef.cache_key(request), None)
        return value

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Once as it is, then once for each mutant."""
        import dxlib

        assert Path(dxlib.__file__).is_relative_to(self.root), dxlib.__file__
        self.items = session.items
        self.temporary = session.config._tmp_path_factory  # type: ignore[attr-defined]
        self.temporary.getbasetemp()
        if session.testsfailed or not self.items:
            self.made.failures.append("the tests cannot be collected")
        elif self.prepared():
            for number, mutant in enumerate(self.chosen):
                if time.monotonic() > self.until:
                    self.made.skipped = len(self.chosen) - number
                    break
                self.attempt(number, mutant)
                if number % 50 == 49:
                    os.write(1, f"{number + 1} of {len(self.chosen)}\n".encode())
        return True

    def prepared(self) -> bool:
        """The workbench is built where a test needs it, and all tests pass without a mutant."""
        gc.freeze()
        if any("built" in getattr(item, "fixturenames", ()) for item in self.items):
            target = self.root.parent / "built"
            code, said = in_child(lambda: built(target))
            if code:
                self.made.failures.append(f"the workbench cannot be built: {said}")
                return False
            from dxlib.project import Project

            self.project = Project(target)
        code, base = in_child(self.baseline)
        if code or base["failed"]:
            self.made.failures.append(f"without any mutant: {base if code else base['failed']}")
            return False
        self.seconds, self.lines = base["seconds"], [set(lines) for lines in base["lines"]]
        return True

    def baseline(self) -> dict[str, Any]:
        """All tests without a mutant, with views made as for a mutant of SQL: how long each takes and what it reaches."""
        self.changed_sql = any(mutant.file.endswith(".sql") for mutant in self.chosen)
        seconds, lines, failed = [], [], []
        files = {str(self.root / mutant.file): mutant.file for mutant in self.chosen}
        for number, item in enumerate(self.items):
            forget()
            with reached(files) as seen:
                began = time.perf_counter()
                if not self.passes(item, self.items[(number + 1) % len(self.items)]):
                    failed.append(item.nodeid)
                seconds.append(time.perf_counter() - began)
            if "built" in getattr(item, "fixturenames", ()):
                seen.add(SQL)
            lines.append(sorted(seen))
        return {"seconds": seconds, "lines": lines, "failed": failed}

    @staticmethod
    def passes(item: pytest.Item, following: pytest.Item | None) -> bool:
        return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))

    def attempt(self, number: int, mutant: Mutant) -> None:
        """Run the tests that can see a mutant until one fails."""
        order = self.order(mutant)
        code, said = in_child(lambda: self.noticed(mutant, order), int(TIMEOUT + 5 * sum(self.seconds[i] for i in order)))
        shutil.rmtree(self.root.parent / "scratch", ignore_errors=True)
        if code == 0 and said is None:
            self.made.survived.append(number)
        elif code == 0 or code == -14:
            by = "time" if code else said if isinstance(said, str) else self.items[said].nodeid
            self.made.killed.append((number, by))
            if isinstance(said, int):
                self.kills[mutant.file, mutant.where][said] += 1
                self.kills[(mutant.file,)][said] += 1
        elif code < 0:
            self.made.killed.append((number, f"signal {-code}"))
        else:
            self.made.failures.append(f"{mutant}: {said}")

    def order(self, mutant: Mutant) -> list[int]:
        """The tests that can see a mutant, the likeliest and quickest first."""
        if mutant.file.endswith(".sql"):
            name = mutant.file.removeprefix(SQL)
            seeing = [i for i, lines in enumerate(self.lines) if name in lines or SQL in lines]
        else:
            places = statement_lines((self.root / mutant.file).read_text(encoding="utf-8"), mutant)
            wanted = {f"{mutant.file}:{line}" for line in places}
            at_all = f"{mutant.file}:"
            seeing = [
                i
                for i, lines in enumerate(self.lines)
                if (lines & wanted if places else any(line.startswith(at_all) for line in lines))
            ]
        near, far = self.kills[mutant.file, mutant.where], self.kills[(mutant.file,)]
        return sorted(seeing, key=lambda i: (-(5 * near[i] + far[i] + 0.1) / (self.seconds[i] + 0.01), i))

    def noticed(self, mutant: Mutant, order: list[int]) -> int | str | None:
        """In the forked process: the first test that fails, what else went wrong, or None."""
        self.temporary._basetemp = self.root.parent / "scratch"
        self.temporary._basetemp.mkdir()
        sys.stderr = sys.stdout
        source = (self.root / mutant.file).read_text(encoding="utf-8")
        if mutant.file.endswith(".sql"):
            self.changed_sql = True
            replace_sql(mutant.file.removeprefix(SQL), mutant.applied(source))
        else:
            try:
                replace_module(mutant.file, mutant.applied(source))
            except Exception as error:
                return f"the import: {type(error).__name__}"
        forget()
        for place, i in enumerate(order):
            if not self.passes(self.items[i], self.items[order[place + 1]] if place + 1 < len(order) else None):
                return i
        return None


# The workbench.


def built(target: Path) -> None:
    """Build a copy of the workbench, the first time that a part needs one."""
    from conftest import copy_project

    from dxlib.warehouse import build

    if not target.exists():
        build(copy_project(target))


def refreshed(project: Any, target: Path) -> Any:
    """The built workbench with its tables as they are and all that SQL makes of them anew."""
    import duckdb

    from dxlib.content import fill_content
    from dxlib.project import Project
    from dxlib.warehouse import COMPUTED, create_views, schema_columns, schema_sql

    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(project.root, target)
    fresh = Project(target)
    fresh.warehouse.unlink()
    with duckdb.connect(str(fresh.warehouse)) as connection:
        connection.execute(f"ATTACH '{project.warehouse}' AS old (READ_ONLY)")
        connection.execute(schema_sql())
        for table in schema_columns():
            if table not in COMPUTED:
                connection.execute(f"INSERT INTO {table} FROM old.{table}")
        create_views(connection)
        fill_content(connection)
        connection.execute("DETACH old")
    return fresh


def rows(connection: Any, sql: str) -> list[str] | str:
    """What a rule finds, or the kind of error."""
    import duckdb

    try:
        return sorted(map(repr, connection.execute(f"SELECT * FROM ({sql})").fetchall()))
    except duckdb.Error as error:
        return type(error).__name__


# What a test reaches.


@contextmanager
def reached(files: dict[str, str]) -> Iterator[set[str]]:
    """The lines of some files, and the names of the files of SQL, that are run meanwhile."""
    from dxlib import warehouse

    seen: set[str] = set()
    read = warehouse._sql

    def sql(name: str) -> str:
        seen.add(name)
        return read(name)

    def line(frame: types.FrameType, event: str, argument: object) -> Any:
        seen.add(f"{files[frame.f_code.co_filename]}:{frame.f_lineno}")
        return line

    def call(frame: types.FrameType, event: str, argument: object) -> Any:
        return line if frame.f_code.co_filename in files else None

    warehouse._sql = sql
    sys.settrace(call)
    yield seen
    sys.settrace(None)
    warehouse._sql = read


def statement_lines(source: str, mutant: Mutant) -> range:
    """The lines of the innermost statement that a mutant changes; none where it is run at import."""
    if not mutant.where:
        return range(0)
    best = range(0)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt) and node.lineno <= mutant.line <= (node.end_lineno or 0):
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            is_def = isinstance(node, ast.FunctionDef | ast.ClassDef)
            if not best or (len(lines) <= len(best) and not is_def):
                best = range(0) if is_def else lines
    return best


# Putting a mutant in place.


def forget() -> None:
    """Empty what the package's functions keep of earlier answers."""
    for name, module in list(sys.modules.items()):
        if name == "dxlib" or name.startswith("dxlib."):
            for value in list(vars(module).values()):
                if callable(getattr(value, "cache_clear", None)):
                    value.cache_clear()


def replace_sql(name: str, text: str) -> None:
    """What the warehouse reads in place of a file of SQL."""
    from dxlib import warehouse

    read = warehouse._sql
    warehouse._sql = lambda asked: text if asked == name else read(asked)


def replace_module(file: str, source: str) -> None:
    """Other code and constants for an imported module, wherever they were imported."""
    name = file.removesuffix(".py").replace("/", ".")
    module = sys.modules[name]
    fresh = types.ModuleType(name)
    fresh.__file__ = module.__file__
    exec(compile(source, str(module.__file__), "exec"), vars(fresh))
    for key, new in list(vars(fresh).items()):
        old = vars(module).get(key)
        if old is new or key.startswith("__") or key == "annotations":
            continue
        if isinstance(new, type) and isinstance(old, type):
            replace_members(old, new)
        elif not swapped(old, new) and _told(old) != _told(new):
            importing = [other for other in list(sys.modules.values()) if old is not None and getattr(other, key, None) is old]
            for other in [module, *importing]:
                setattr(other, key, new)


def replace_members(old: type, new: type) -> None:
    """Other code and values for the members of a class."""
    for name, member in vars(new).items():
        before = vars(old).get(name)
        if name not in ("__dict__", "__weakref__", "__doc__") and not swapped(before, member) and _told(before) != _told(member):
            setattr(old, name, member)


def _told(value: object) -> str:
    """What a constant is, so that one that did not change can be told from one that did."""
    told = f"{value.pattern} {value.flags}" if isinstance(value, re.Pattern) else repr(value)
    return re.sub(r" at 0x[0-9a-f]+", "", told)


def swapped(old: Any, new: Any) -> bool:
    """Give a function the code of another; False for what is no function."""
    if isinstance(old, property) and isinstance(new, property):
        return swapped(old.fget, new.fget)
    old, new = (inspect.unwrap(f.__func__ if isinstance(f, staticmethod | classmethod) else f) for f in (old, new))
    if not isinstance(old, types.FunctionType) or not isinstance(new, types.FunctionType):
        return False
    if len(old.__code__.co_freevars) != len(new.__code__.co_freevars):
        return False
    old.__code__ = new.__code__
    if _told(old.__defaults__) != _told(new.__defaults__):
        old.__defaults__ = new.__defaults__
    if _told(old.__kwdefaults__) != _told(new.__kwdefaults__):
        old.__kwdefaults__ = new.__kwdefaults__
    return True

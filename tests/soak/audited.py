"""Mutants of audit rules: a rule is one SELECT over a warehouse whose other tables no rule changes.

So every mutant is first asked in one warehouse made of those of all tests, which tells the tests that can see it. Such a test
runs up to where its warehouse is ready, and there a fork of it goes on with the findings of the mutant. What no small warehouse
shows is asked of the five plans, by the tests that read them.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from collections import defaultdict
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from mutants import in_child
from mutators import Mutant
from warmed import TIMEOUT, Made, built, rows

OWN_IDS = frozenset(["document_id", "plan_id", "measure_id", "indicator_id", "observation_id", "statistic_id", "recorded_id"])
CODES = frozenset(["code", "municipality_code"])
SHARED = frozenset(["rule", "word", "theme"])


def rule_of(mutant: Mutant) -> str:
    """The id of the rule that a mutant changes."""
    return Path(mutant.file).stem


class Audited:
    """Takes the place of pytest's own loop over the tests."""

    def __init__(self, root: Path, chosen: list[Mutant], until: float) -> None:
        self.root, self.chosen, self.until = root, chosen, until
        self.made = Made()
        self.sources = {mutant.file: (root / mutant.file).read_text(encoding="utf-8") for mutant in chosen}
        self.open = set(range(len(chosen)))  # mutants that nothing has noticed yet
        self.project: Any = None
        self.why: list[str] = []  # what the last failing test of the five plans said
        self.kept: list[Any] = []  # a warehouse made before a fork cannot be closed in it

    def sql(self, number: int) -> str:
        """The rule with a mutant in place."""
        return self.chosen[number].applied(self.sources[self.chosen[number].file])

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Any:
        """The built workbench is made once."""
        if fixturedef.argname != "built" or self.project is None:
            return None
        fixturedef.cached_result = (self.project, fixturedef.cache_key(request), None)
        return self.project

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """See above."""
        import gc

        import duckdb
        import mini

        gc.freeze()
        mini.Together.alone = True
        connect = duckdb.connect
        one = {"threads": 1}  # a fork has no threads but its own
        duckdb.connect = lambda *given, config=None, **more: connect(*given, config={**one, **(config or {})}, **more)
        self.items = session.items
        self.temporary = session.config._tmp_path_factory  # type: ignore[attr-defined]
        self.temporary.getbasetemp()
        if session.testsfailed or not self.items:
            self.made.failures.append("the tests cannot be collected")
            return True
        reading = [n for n, item in enumerate(self.items) if "built" in getattr(item, "fixturenames", ())]
        small = [n for n in range(len(self.items)) if n not in reading]
        seeing = self.asked("the warehouses of all tests", partial(self.seeing, small)) or {}
        by_test: dict[int, list[int]] = defaultdict(list)
        for number, tests in seeing.items():
            if tests is None:
                self.notice(int(number), "DuckDB")
            for test in tests or ():
                by_test[test].append(int(number))
        whole = [n for n in small if "test_findings" in self.items[n].nodeid]  # these look at everything a finding says
        self.small(whole, by_test)
        if reading and self.open and time.monotonic() < self.until:
            self.five_plans(reading)
        self.small(sorted(set(small) - set(whole), key=lambda test: len(by_test[test])), by_test)
        late = time.monotonic() >= self.until
        self.made.skipped = len(self.open) if late else 0
        self.made.survived = [] if late else sorted(self.open)
        return True

    def small(self, tests: list[int], by_test: dict[int, list[int]]) -> None:
        """Run tests against the mutants that they can see and nothing has noticed."""
        for test in tests:
            if wanted := [number for number in by_test[test] if number in self.open and time.monotonic() < self.until]:
                name = self.items[test].nodeid
                for number in self.asked(name, partial(self.forked, test, wanted)) or ():
                    self.notice(number, name)

    def asked(self, what: str, work: Any) -> Any:
        """Do it in a fork; when that fails, the suite does."""
        code, said = in_child(work, 600)
        shutil.rmtree(self.root.parent / "scratch", ignore_errors=True)
        if code:
            self.made.failures.append(f"{what}: {said or code}")
            return None
        return said

    def notice(self, number: int, by: str) -> None:
        if number in self.open:
            self.open.remove(number)
            self.made.killed.append((number, by))
            if len(self.made.killed) % 100 == 0:
                os.write(1, f"{len(self.made.killed)} of {len(self.chosen)} noticed\n".encode())

    # All small warehouses in one.

    def seeing(self, small: list[int]) -> dict[int, list[int] | None]:
        """For each mutant the tests in whose warehouse it finds something else; None where it is no SQL."""
        import mini

        logs: list[tuple[int, list[tuple[str, dict[str, Any]]]]] = []
        real = mini.Mini
        for test in small:
            self.recorded(test, logs)
        made = real()
        codes: dict[tuple[int, str], str] = {}
        for test, log in logs:
            for table, cells in log:
                if table == "facet_value":
                    made.connection.execute(cells["sql"], cells["cells"])
                elif table == "facet":  # of each three the first is the indicator
                    facets = [
                        renamed(test, "indicator_id", cell, codes) if n % 3 == 0 else cell
                        for n, cell in enumerate(cells["cells"])
                    ]
                    made.connection.execute(cells["sql"], facets)
                elif table not in SHARED:
                    made.insert(table, **{name: renamed(test, name, value, codes) for name, value in cells.items()})
        made.open()
        base = {file: rows(made.connection, sql) for file, sql in self.sources.items()}
        found: dict[int, list[int] | None] = {}
        for number, mutant in enumerate(self.chosen):
            given, expected = rows(made.connection, self.sql(number)), base[mutant.file]
            if isinstance(given, str):  # an error in the data of one test hides what the others see
                found[number] = None if given in ("BinderException", "ParserException", "CatalogException") else small
            else:
                other = set(given) ^ set(expected)
                found[number] = sorted({int(test) for row in other for test in re.findall(r"(\d{3})~", row)})
        return found

    def recorded(self, test: int, logs: list[tuple[int, list[tuple[str, dict[str, Any]]]]]) -> None:
        """Run a test with warehouses that only note what is put into them, up to where the first is opened."""
        import mini

        real = (mini.Mini.begin, mini.Mini.insert, mini.Mini.open)

        def begin(self: Any) -> Any:
            self.log = []
            return SimpleNamespace(execute=partial(noted, self.log))

        def insert(self: Any, table: str, **cells: Any) -> None:
            self.first.log.append((table, cells))

        def stop(self: Any, last: str = "") -> None:
            logs.append((test, self.first.log))
            pytest.skip("its warehouse is ready")

        mini.Mini.begin, mini.Mini.insert, mini.Mini.open = begin, insert, stop  # type: ignore[method-assign]
        try:
            runtestprotocol(self.items[test], log=False, nextitem=None)
        finally:
            mini.Mini.begin, mini.Mini.insert, mini.Mini.open = real  # type: ignore[method-assign]

    # One test, with a fork for each mutant.

    def forked(self, test: int, wanted: list[int]) -> list[int]:
        """The mutants that a test notices; it is run up to where its warehouse is ready, and from there with each."""
        import mini

        self.temporary._basetemp = self.root.parent / "scratch"
        self.temporary._basetemp.mkdir(exist_ok=True)
        ready = mini.Mini.open
        noticed: list[int] = []
        here: list[int] = []  # in a fork: its mutant

        def opened(warehouse: Any, last: str = "") -> Any:
            is_open = warehouse.first.is_open
            ready(warehouse, last)
            if is_open or last:  # nothing new was found, or nothing of the audit
                return warehouse
            if here:
                replace_findings(warehouse.connection, rule_of(self.chosen[here[0]]), self.sql(here[0]))
                return warehouse
            for number in self.finding_other(warehouse.connection, wanted):
                if number in noticed:
                    continue
                child = os.fork()
                if not child:
                    signal.alarm(TIMEOUT)
                    here.append(number)
                    self.kept.append(warehouse.connection)
                    replace_findings(warehouse.connection, rule_of(self.chosen[number]), self.sql(number))
                    return warehouse
                if exit_of(child):
                    noticed.append(number)
            return warehouse

        mini.Mini.open = opened  # type: ignore[method-assign]
        reports = runtestprotocol(self.items[test], log=False, nextitem=None)
        failed = any(report.failed for report in reports)
        if here:
            os._exit(1 if failed else 0)
        if failed:
            raise AssertionError(
                f"fails without a mutant: {[str(report.longrepr)[-500:] for report in reports if report.failed]}"
            )
        return noticed

    def finding_other(self, connection: Any, numbers: list[int]) -> list[int]:
        """The mutants that find something else in a warehouse than the rules as they are."""
        base = {file: rows(connection, self.sources[file]) for file in {self.chosen[number].file for number in numbers}}
        return [number for number in numbers if rows(connection, self.sql(number)) != base[self.chosen[number].file]]

    # The five plans.

    def five_plans(self, reading: list[int]) -> None:
        """Run the tests that read the five plans against the mutants that find something else there."""
        target = self.root.parent / "built"
        self.asked("the workbench", partial(built, target))
        from dxlib.project import Project

        self.project = Project(target)
        order = sorted(reading, key=lambda n: "test_findings" not in self.items[n].nodeid)
        for number, test in self.asked("the five plans", partial(self.forked_there, order)) or ():
            self.notice(number, self.items[test].nodeid)

    def forked_there(self, order: list[int]) -> list[tuple[int, int]]:
        """The mutants that a test of the five plans notices, with that test."""
        import duckdb

        from dxlib import indicators
        from dxlib.warehouse import _sql, view_names

        connection = duckdb.connect()
        connection.execute(f"ATTACH '{self.project.warehouse}' AS five_plans (READ_ONLY)")
        connection.execute("USE five_plans")
        connection.execute("CREATE TEMP TABLE finding AS FROM five_plans.finding")  # found before the one of the same name below
        for view in re.findall(r"^CREATE VIEW .*?;$", _sql(f"views/{view_names()[-1]}"), re.MULTILINE | re.DOTALL):
            connection.execute(view.replace("CREATE VIEW", "CREATE TEMP VIEW", 1))
        indicators.open_read_only = lambda *_: Lasting(connection)  # type: ignore[assignment, return-value]
        failing = self.first_failing(order)
        if failing is not None:
            raise AssertionError(f"without a mutant: {self.items[failing].nodeid}: {self.why}")
        base = {file: rows(connection, sql) for file, sql in self.sources.items()}
        noticed = []
        for number in sorted(self.open):
            if time.monotonic() > self.until:
                break
            if rows(connection, self.sql(number)) == base[self.chosen[number].file]:
                continue
            if not (child := os.fork()):
                signal.alarm(TIMEOUT)
                try:
                    replace_findings(connection, rule_of(self.chosen[number]), self.sql(number))
                    failing = self.first_failing(order)
                except duckdb.Error:  # the build fails
                    failing = order[0]
                os._exit(0 if failing is None else 1 + order.index(failing))
            if code := exit_of(child):
                noticed.append((number, order[code - 1]))
        return noticed

    def first_failing(self, tests: list[int]) -> int | None:
        """The first test that fails."""
        self.temporary._basetemp = self.root.parent / "scratch"
        self.temporary._basetemp.mkdir(exist_ok=True)
        for place, test in enumerate(tests):
            following = self.items[tests[place + 1]] if place + 1 < len(tests) else None
            reports = runtestprotocol(self.items[test], log=False, nextitem=following)
            if any(report.failed for report in reports):
                self.why = [str(report.longrepr)[-1500:] for report in reports if report.failed]
                return test
        return None


def exit_of(child: int) -> int:
    """The exit code of a fork."""
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code < 0:
        raise AssertionError(f"a fork ended by signal {-code}")
    return code


class Lasting:
    """A connection that tests do not close."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def close(self) -> None:
        """It is open for the next test."""


def noted(log: list[tuple[str, dict[str, Any]]], sql: str, params: Any = None) -> Any:
    """What `mini` asks of a connection while it puts rows in."""
    if match := re.match(r"INSERT INTO (facet_value|facet)\b", sql):
        log.append((match[1], {"sql": sql, "cells": params}))
    count = sum(1 for table, _ in log if table == "measure")
    return SimpleNamespace(fetchall=lambda: [[count]])


def renamed(test: int, name: str, value: Any, codes: dict[tuple[int, str], str]) -> Any:
    """An id of a test's warehouse as one of its own in the warehouse of all."""
    if name in OWN_IDS and value is not None:
        return f"{test:03}~{value}"
    if name in CODES:
        return codes.setdefault((test, value), str(100000 + len(codes)))
    return f"{test:03}~{value}" if name == "sha256" else value


def replace_findings(connection: Any, rule: str, sql: str) -> None:
    """The findings of one rule as another SELECT makes them."""
    from dxlib.warehouse import _sql, view_names

    none = "SELECT NULL::VARCHAR[] AS args_en WHERE false"  # a rule may have no arguments of its own in English
    raw = f"(SELECT '{rule}' AS rule_id, * FROM ({sql}\n) UNION ALL BY NAME {none})"
    made = _sql(f"views/{view_names()[-1]}").replace("raw_finding", raw, 1)
    made = re.sub(r"UNION ALL BY NAME\s+SELECT\s+rule_id,.*?WHERE NOT is_met", "", made, count=1, flags=re.DOTALL)  # of quality
    connection.execute(made.split("\nORDER BY f.places")[0].replace("CREATE TABLE finding AS", "CREATE TEMP TABLE changed AS", 1))
    connection.execute("DELETE FROM finding WHERE rule_id = ?", [rule])
    connection.execute("INSERT INTO finding BY NAME FROM changed WHERE rule_id = ?", [rule])
    connection.execute("DROP TABLE changed")

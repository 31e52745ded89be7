"""The mutation test itself: it makes the changes it should, notices those that tests notice, and reports the others."""

import json
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import ROOT
from mini import Mini, target

SOAK = ROOT / "tests" / "soak"
sys.path.insert(0, str(SOAK))

import audited  # noqa: E402
import mutants  # noqa: E402
from mutators import mutants_of, regex_edits  # noqa: E402


def changed(file: str, source: str) -> set[str]:
    return {mutant.applied(source) for mutant in mutants_of(file, source)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = a < b\n", {"x = a <= b\n"}),
        ("x = a is not b\n", {"x = a is b\n"}),
        ("x = a + 1\n", {"x = a - 1\n", "x = a + 2\n", "x = a + 0\n"}),
        ("x = a and not b\n", {"x = a or not b\n", "x = a and b\n"}),
        ("x = a if b else c\n", {"x = a if not (b) else c\n"}),
        ("x = 'word'\n", {"x = 'wordX'\n"}),
        ("def f(a: 'int' = 0) -> 'int':\n    '''Says 1.'''\n    return a\n", None),
        ("raise E(f'{a} is 1', code='e', hint='1')\n", {"raise E(f'{a} is 1', code='eX', hint='1')\n"}),
        (
            "x = '年度' + y.z(-1)\n",
            {"x = '年度X' + y.z(-1)\n", "x = '年度' + y.z(1)\n", "x = '年度' + y.z(-2)\n", "x = '年度' + y.z(-0)\n"},
        ),
    ],
)
def test_changes_of_python(source: str, expected: set[str] | None) -> None:
    function = {"def f(a: 'int' = 1) -> 'int':\n    '''Says 1.'''\n    return a\n", source.replace("return a", "return None")}
    assert changed("a.py", source) == (function if expected is None else expected)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a|b", {"a|(?!)b"}),
        (r"\d{1,3}?", {r"\d{2,3}?", r"\d{1,4}?", r"\d{1,2}?"}),
        (r"\d{1,4}", {r"\d{2,4}"}),  # a guard against running on
        (r"\d{4}", {r"\d{5}"}),
        ("(?:a?)[b?]$", {"(?:(?!)a?)[b?]$", "(?:a)[b?]$", "(?:a?)[b?]"}),
        ("a(?!b)", {"a(?!(?!)b)"}),
    ],
)
def test_changes_of_regular_expressions(pattern: str, expected: set[str]) -> None:
    assert {pattern[:start] + new + pattern[end:] for start, end, new in regex_edits(pattern)} == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("SELECT * FROM a JOIN b USING (c)", {"SELECT * FROM a LEFT JOIN b USING (c)"}),
        ("SELECT a.* FROM a LEFT JOIN b USING (c) -- x = 1", {"SELECT a.* FROM a JOIN b USING (c) -- x = 1"}),
        ("WHERE NOT a AND b IS NULL", {"WHERE a AND b IS NULL", "WHERE NOT a OR b IS NULL", "WHERE NOT a AND b IS NOT NULL"}),
        ("WHERE a BETWEEN b AND c", set()),
        ("coalesce(a, f(b, c))", {"coalesce(a)"}),
        ("a IS NOT DISTINCT FROM b", {"a = b"}),
        ("list(a ORDER BY b, c DESC)", {"list(a ORDER BY b DESC, c DESC)", "list(a ORDER BY b, c ASC)"}),
        ("count(DISTINCT a)", {"count(a)"}),
        ("regexp_matches(a, '率$|数')", {"regexp_matches(a, '率|数')", "regexp_matches(a, '率$|(?!)数')"}),
        ("a = '%'", {"a <> '%'", "a = '%X'"}),
        ("struct_pack(a := b)", set()),
    ],
)
def test_changes_of_sql(source: str, expected: set[str]) -> None:
    assert changed("a.sql", source) == expected


def test_a_change_is_known_by_its_place_in_words() -> None:
    source = "def f(a):\n    return a < 1\n\n\ndef g(a):\n    return a < 1 or a < 1\n"
    keys = [(m.where, m.before, m.after, m.nth) for m in mutants_of("a.py", source) if "<=" in m.after]
    assert keys == [
        ("f", "return a < 1", "return a <= 1", 1),
        ("g", "return a < 1 or a < 1", "return a <= 1 or a < 1", 1),
        ("g", "return a < 1 or a < 1", "return a < 1 or a <= 1", 1),
    ]
    cte = mutants_of("a.sql", "CREATE VIEW v AS WITH w AS (SELECT a = b) SELECT c = d")
    assert [m.where for m in cte] == ["v w", "v"]


def test_every_survivor_has_a_reason_and_still_exists() -> None:
    known = mutants.listed()
    assert all(len(reason) > 20 for reason in known.values())
    exist = {mutant.key for part in mutants.PARTS for mutant in mutants.all_mutants(part)}
    assert [key for key in known if key not in exist] == []


def test_what_a_warehouse_is_made_of_is_noted_in_whole() -> None:
    log: list[tuple[str, dict[str, Any]]] = []

    class Noting(Mini):
        def begin(self) -> Any:
            return SimpleNamespace(execute=partial(audited.noted, log))

        def insert(self, table: str, **cells: Any) -> None:
            log.append((table, cells))

    Noting().municipality().document().plan().indicator("a", target(5))
    made = Counter(table for table, _ in log)
    assert all(made[table] == 1 for table in ("document", "plan", "measure", "indicator", "observation", "facet_value", "facet"))
    assert {cell for table, cells in log if table == "facet" for cell in cells["cells"][::3]} == {"doc/plan/m01.1"}


@pytest.mark.long
def test_what_is_noticed_and_what_is_not_is_told_apart(tmp_path: Path) -> None:
    """Four wrong changes that tests see, and one that these tests do not: the suite fails and names that one only."""
    out, details = tmp_path / "out.json", tmp_path / "details.toml"
    seen = ['_ERAS[match["cera"]] - (1', 'value = (1 if match["sign"]', "o.value <> 0", "'nearlyX'"]
    command = [sys.executable, str(SOAK / "mutants.py"), "--out", str(out), "--details", str(details), "--count", "0"]
    for option, words in (
        ("--match", [*seen, "self.fiscal_year and self.calendar_year"]),
        ("--file", ["dxlib/quantity.py", "dxlib/sql/audit/zero-target-nearly.sql"]),
        (
            "--tests",
            [
                "tests/test_quantity.py::test_a_printed_value",
                "tests/test_quantity.py::test_a_printed_year",
                "tests/test_audit.py::test_a_zero_target_cannot_be_nearly_met",
            ],
        ),
    ):
        command += [part for word in words for part in (option, word)]
    done = subprocess.run(command, capture_output=True, text=True)
    told = json.loads(out.read_text(encoding="utf-8"))
    assert (told["figures"]["mutants tried"], told["figures"]["mutants a test noticed"]) == (5, 4), done.stderr
    (failure,) = told["failures"]
    assert "self.fiscal_year and self.calendar_year" in failure
    assert done.returncode == 1
    assert all(text in details.read_text(encoding="utf-8") for text in seen)

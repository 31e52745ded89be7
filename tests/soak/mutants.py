"""Mutation test: would a test notice if a line of the arithmetic were wrong?

Small wrong changes are made one at a time in what reads figures (`quantity`, `text`, `printed`), answers questions (`indicators`)
and audits (`sql/audit`), and the tests that can see the change are run until one fails. A change that no test notices stands in
``survivors.toml`` with the reason why nobody needs to notice it, or the suite fails. The formulas of `sql/views` are changed only
when they are named with ``--file``: that takes an hour, and `dxlib.verify` computes what they give by other ways.

Nothing is changed on the disk: each mutant lives in a forked process that has everything imported.

    python tests/soak/mutants.py --out mutants.json --count 300
    python tests/soak/mutants.py --out mutants.json --file dxlib/quantity.py --details survivors.toml
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from mutators import Mutant, mutants_of

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RULES = "dxlib/sql/audit/"


@dataclass(frozen=True)
class Part:
    """Files to change, and the tests that may notice."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    only_named: bool = False  # left out unless its files are asked for


PARTS = (
    Part(
        "figures",
        ("dxlib/quantity.py", "dxlib/text.py"),
        ("dxlib/quantity.py", "dxlib/text.py", "tests/test_quantity.py", "tests/test_text.py", "tests/test_traps.py"),
    ),
    Part("formats", ("dxlib/printed.py",), ("dxlib/printed.py", "tests/test_printed.py", "tests/test_formats.py")),
    Part("questions", ("dxlib/indicators.py",), ("tests/test_indicators.py", "tests/test_ask.py")),
    Part("audit", (f"{RULES}*.sql",), ("tests/test_audit.py", "tests/test_audit_bounds.py", "tests/test_findings.py")),
    Part(
        "views",
        tuple(
            f"dxlib/sql/views/{name}.sql" for name in ("00_formulas", "06_profile", "07_progress", "09_verdict", "13_profile_now")
        ),
        ("tests/test_progress.py", "tests/test_comparison.py", "tests/test_audit.py", "tests/test_indicators.py"),
        only_named=True,  # a mutant takes a quarter of a minute: all views are made anew
    ),
)


@dataclass
class Outcome:
    """What became of the mutants.

    Attributes:
        killed: by what, for each mutant that was noticed.
        survived: mutants that nothing noticed.
        skipped: mutants for which no time was left.
        failures: of the machine itself, in words.
    """

    killed: dict[Mutant, str] = field(default_factory=dict)
    survived: list[Mutant] = field(default_factory=list)
    skipped: int = 0
    failures: list[str] = field(default_factory=list)


def files_of(part: Part, root: Path = ROOT) -> list[str]:
    """The files of a part, patterns expanded."""
    return [path.relative_to(root).as_posix() for pattern in part.files for path in sorted(root.glob(pattern))]


@cache
def all_mutants(part: Part, root: Path = ROOT) -> list[Mutant]:
    """All mutants of a part."""
    return [mutant for file in files_of(part, root) for mutant in mutants_of(file, (root / file).read_text(encoding="utf-8"))]


def listed(path: Path = HERE / "survivors.toml") -> dict[tuple[str, str, str, str, int], str]:
    """The survivors that were looked at, with the reason why each may survive."""
    groups = tomllib.loads(path.read_text(encoding="utf-8")).get("group", [])
    return {
        (entry["file"], entry["where"], entry["before"], entry["after"], entry.get("nth", 1)): group["reason"]
        for group in groups
        for entry in group["mutants"]
    }


def as_toml(mutant: Mutant) -> str:
    """A line for ``survivors.toml``."""
    cells = {"file": mutant.file, "where": mutant.where, "before": mutant.before, "after": mutant.after}
    nth = f", nth = {mutant.nth}" if mutant.nth > 1 else ""
    return "  { " + ", ".join(f"{key} = {_quoted(text)}" for key, text in cells.items()) + nth + " },"


def _quoted(text: str) -> str:
    return f"'{text}'" if "'" not in text and "\n" not in text and "\t" not in text else json.dumps(text, ensure_ascii=False)


def copied(target: Path) -> Path:
    """A copy of the repository as it is now, so that it may be worked on meanwhile."""
    for name in ("dxlib", "tests", "data", "notebooks", "docs"):
        skipped = shutil.ignore_patterns(
            "__pycache__", "collection" if name == "tests" else "", "*.duckdb", ".build-*", ".readings"
        )
        shutil.copytree(ROOT / name, target / name, ignore=skipped)
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def in_child(work: Any, seconds: int = 0) -> tuple[int, Any]:
    """Do something in a forked process: its exit code (negative: the signal that ended it) and what it gave.

    The answer comes through a file, so that its size does not matter.
    """
    answer = Path(tempfile.mkstemp(prefix="answer-", dir=os.environ["MUTANTS_FOLDER"])[1])
    child = os.fork()
    if not child:
        import signal

        code = 70
        try:
            signal.alarm(seconds)
            answer.write_text(json.dumps(work()), encoding="utf-8")
            code = 0
        except BaseException:
            import traceback

            answer.write_text(json.dumps(traceback.format_exc()), encoding="utf-8")
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    text = answer.read_text(encoding="utf-8")
    answer.unlink()
    return os.waitstatus_to_exitcode(status), json.loads(text) if text else None


def run_part(part: Part, root: Path, chosen: list[Mutant], until: float) -> Outcome:
    """Run the mutants of a part, in a process of its own."""

    def work() -> dict[str, Any]:
        from audited import Audited
        from warmed import Loop, run

        of_rules = all(mutant.file.startswith(RULES) for mutant in chosen)
        made = run(part.tests, root, (Audited if of_rules else Loop)(root, chosen, until))
        return {"killed": made.killed, "survived": made.survived, "skipped": made.skipped, "failures": made.failures}

    code, found = in_child(work)
    if code:
        return Outcome(failures=[f"{part.name}: {found}"])
    killed = {chosen[number]: by for number, by in found["killed"]}
    return Outcome(killed, [chosen[number] for number in found["survived"]], found["skipped"], found["failures"])


def choose(arguments: argparse.Namespace) -> Iterator[tuple[Part, list[Mutant]]]:
    """Each part with the mutants asked for: all of some files, or a sample of all with the seed."""
    wanted = {part: all_mutants(part) for part in PARTS if arguments.file or not part.only_named}
    for part, mutants in wanted.items():
        wanted[part] = [
            mutant
            for mutant in mutants
            if (not arguments.file or mutant.file in arguments.file)
            and (not arguments.match or any(text in mutant.after for text in arguments.match))
        ]
    together = [(part, mutant) for part, mutants in wanted.items() for mutant in mutants]
    random.Random(arguments.seed).shuffle(together)
    taken = together[: arguments.count] if arguments.count else together
    for part in wanted:
        if chosen := [mutant for owner, mutant in taken if owner is part]:
            tests = tuple(arguments.tests) if arguments.tests else part.tests
            yield Part(part.name, part.files, tests), chosen


def judge(outcomes: list[Outcome], known: dict[tuple[str, str, str, str, int], str]) -> list[str]:
    """What is wrong: survivors nobody looked at, entries of the list whose mutant no longer exists or is killed."""
    exist = {mutant.key for part in PARTS for mutant in all_mutants(part)}
    failures = [failure for outcome in outcomes for failure in outcome.failures]
    failures += [f"no test notices {mutant}" for outcome in outcomes for mutant in outcome.survived if mutant.key not in known]
    failures += [f"in survivors.toml, but no longer a mutant: {' | '.join(map(str, key))}" for key in known if key not in exist]
    for outcome in outcomes:
        failures += [f"in survivors.toml, but {by} notices {m}" for m, by in outcome.killed.items() if m.key in known]
    return failures


def figures_of(outcomes: list[Outcome]) -> dict[str, int]:
    """What was counted, in words."""
    killed = Counter(mutant.file for outcome in outcomes for mutant in outcome.killed)
    survived = Counter(mutant.file for outcome in outcomes for mutant in outcome.survived)
    figures = {
        "mutants tried": killed.total() + survived.total(),
        "mutants a test noticed": killed.total(),
        "mutants that survive for a reason on the list": survived.total(),
        "mutants there are": sum(len(all_mutants(part)) for part in PARTS if not part.only_named),
    }
    groups = {"dxlib/sql/audit": RULES, "dxlib/sql/views": "dxlib/sql/views/"}
    for name in ("dxlib/quantity.py", "dxlib/text.py", "dxlib/printed.py", "dxlib/indicators.py", *groups):
        tried = sum(count for file, count in (killed + survived).items() if file.startswith(groups.get(name, name)))
        noticed = sum(count for file, count in killed.items() if file.startswith(groups.get(name, name)))
        if tried:
            figures |= {f"{name}: tried": tried, f"{name}: noticed": noticed}
    return figures


def arguments_of(given: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="where the figures are written, as JSON")
    parser.add_argument("--count", type=int, default=0, help="how many mutants, taken by the seed; 0 for all")
    parser.add_argument("--seconds", type=float, default=0, help="start no mutant later; 0 for no bound")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", action="append", help="only mutants of this file; may be given several times")
    parser.add_argument("--match", action="append", help="only mutants with this in the changed text; may be given several times")
    parser.add_argument("--tests", action="append", help="run these tests instead of all that may notice")
    parser.add_argument("--details", type=Path, help="where survivors (TOML) and what killed the others are written")
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    """Run the suite; 0 when all held."""
    arguments = arguments_of(given)
    began = time.monotonic()
    until = began + arguments.seconds if arguments.seconds else float("inf")
    folder = Path(tempfile.mkdtemp(prefix="dxlib-mutants-"))
    os.environ["MUTANTS_FOLDER"] = str(folder)
    try:
        root, outcomes = copied(folder / "tree"), []
        for part, chosen in choose(arguments):
            outcomes.append(run_part(part, root, chosen, until))
            print(f"{part.name}: {len(chosen)} mutants, {len(outcomes[-1].survived)} not noticed", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if arguments.details:
        lines = [as_toml(mutant) for outcome in outcomes for mutant in outcome.survived]
        lines += [f"# {by} <- {mutant}" for outcome in outcomes for mutant, by in outcome.killed.items()]
        arguments.details.write_text("\n".join(lines) + "\n", encoding="utf-8")
    failures = judge(outcomes, listed())
    figures = figures_of(outcomes)
    for failure in failures:
        print(failure, file=sys.stderr)
    if arguments.out:
        result = {"suite": "mutants", "seconds": round(time.monotonic() - began, 1), "seed": arguments.seed}
        arguments.out.write_text(
            json.dumps({**result, "figures": figures, "failures": failures}, ensure_ascii=False, indent=2) + "\n",
            encoding="utf-8",
        )
    with contextlib.suppress(ZeroDivisionError):
        share = 100 * figures["mutants a test noticed"] / figures["mutants tried"]
        print(f"{figures['mutants tried']} mutants, {share:.1f} % noticed, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

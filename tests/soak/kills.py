"""Everything that writes is killed, over and over, and what is left must be whole: the state before, or the state after.

    python tests/soak/kills.py --out kills.json --count 300

A deed (a build, an import, a report …) runs in a process of its own in a copy of a small workbench and is killed: after some
time, or just before its n-th change to a folder. Then a reader looks, the deed is done again, and no litter may be left. The
program itself only imports what it forks.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from desk import PLAN, small_desk, write_plan
from small import SHOWN, add_notebook

from dxlib.cli import main
from dxlib.confirm import sheet_columns
from dxlib.decisions import read_decisions
from dxlib.errors import DxlibError
from dxlib.hold import LOCK
from dxlib.project import Project
from dxlib.warehouse import connect

OTHER = "132055"
# What changes a folder; killed before one of them, the disk is as it was between two.
CHANGES = ("replace", "rename", "link", "unlink", "mkdir", "rmdir")
KEPT = (LOCK, ".readings", ".state")


def _words(*rows: Iterable[object]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


@dataclass(frozen=True)
class Deed:
    """Something that writes.

    Attributes:
        command: what a person calls, in the workbench's folder.
        prepare: what is there before, beside a built workbench.
    """

    command: tuple[str, ...]
    prepare: Callable[[Project], None] = lambda project: None


def _changed_plan(project: Project) -> None:
    write_plan(project, PLAN.replace("20件", "25件"))


def _new_document(project: Project) -> None:
    (project.root / "new.txt").write_text(PLAN.replace("千代田区", "青梅市"), encoding="utf-8")


def _facets(project: Project) -> None:
    columns = list(sheet_columns(read_decisions(project)))
    with connect(project) as connection:
        indicators = connection.execute("SELECT indicator_id, name FROM indicator ORDER BY 1").fetchall()
    same = {"theme": "telework", "better": "higher", "suggestion": "", "confidence": "", "reasons": "", "decision": "change"}
    rows = [{**dict.fromkeys(columns, "unknown"), **same, "indicator_id": key, "indicator": name} for key, name in indicators]
    (project.root / "facets.csv").write_text(_words(columns, *(row.values() for row in rows)), encoding="utf-8")


def _review(project: Project) -> None:
    sheet = project.root / "review.csv"
    _call(project, "review", "--write", str(sheet))
    rows = list(csv.reader(io.StringIO(sheet.read_text(encoding="utf-8-sig"))))
    for row in rows[1:]:
        row[rows[0].index("decision")] = "accept"
    sheet.write_text(_words(*rows), encoding="utf-8")


def _actuals(project: Project) -> None:
    with connect(project) as connection:
        indicators = connection.execute("SELECT indicator_id, name FROM indicator ORDER BY 1").fetchall()
    header = ("indicator_id", "indicator", "value", "unit", "year", "date", "source", "recorded_on", "note")
    rows = [(key, name, 12, "件" if "件" in name else "名", 2026, "", "集計", "2027-04-20", "") for key, name in indicators]
    (project.root / "actuals.csv").write_text(_words(header, *rows), encoding="utf-8")


def _statistics(project: Project) -> None:
    rows = [(f"item{n}", "千代田区", "population", 60_000 + n, "人") for n in range(1)]
    (project.root / "long.csv").write_text(_words(("x", "area", "item", "value", "unit"), *rows), encoding="utf-8")
    (project.root / "mapping.toml").write_text(
        'name = "residents"\n[columns]\narea = "area"\nitem = "item"\nvalue = "value"\nunit = "unit"\n'
        '[constants]\nas_of = "2025-01-01"\nvintage = "2025-08-06"\nsource = "test"\n',
        encoding="utf-8",
    )


DEEDS = {
    "build": Deed(("build",), _changed_plan),
    "build anew": Deed(("build",), lambda project: project.warehouse.unlink()),
    "add": Deed(("add", "new.txt", "--municipality", "132012", "--plan-period", "2026-2027"), _new_document),
    "add beside": Deed(("add", "new.txt", "--municipality", "131016", "--plan-period", "2026-2027"), _new_document),
    "review": Deed(("import", "review", "review.csv"), _review),
    "facets": Deed(("import", "facets", "facets.csv"), _facets),
    "actuals": Deed(("import", "actuals", "actuals.csv"), _actuals),
    "statistics": Deed(("import", "statistics", "long.csv", "--mapping", "mapping.toml"), _statistics),
    "report": Deed(("report", "small", "--format", "html,xlsx,zip", "--force")),
}


def _call(project: Project, *arguments: str) -> None:
    """Call dxlib in this process; for a process that ends then."""
    os.chdir(project.root)
    os.environ["DXLIB_PROJECT"] = str(project.root)
    main.main([*arguments], prog_name="dxlib", standalone_mode=False)


def _silent() -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)


def _fork(work: Callable[[], object]) -> tuple[int, int]:
    """The process that does something, and where its answer comes out as JSON."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    code = 0
    try:
        os.close(reading)
        _silent()
        answer = work()
        os.write(writing, json.dumps(answer).encode()[:60_000])
    except DxlibError as error:
        os.write(writing, json.dumps(str(error)).encode()[:60_000])
        code = 3
    except BaseException as error:
        os.write(writing, json.dumps(f"{type(error).__name__}: {error}").encode()[:60_000])
        code = 4
    finally:
        os._exit(code)


def _wait(pid: int, reading: int, seconds: float | None = None) -> tuple[int, Any]:
    """The exit code and answer; the process is killed when it takes longer than the seconds given."""
    if seconds is not None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                break
            time.sleep(min(0.002, max(end - time.monotonic(), 0)))
        else:
            os.kill(pid, signal.SIGKILL)
    with os.fdopen(reading, "rb") as pipe:
        answer = b"" if seconds is not None else pipe.read()
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), json.loads(answer) if answer else None


def done(work: Callable[[], object]) -> tuple[int, Any]:
    """Something done in a process of its own, and its exit code (0: done, 3: a typed error, 4: another one)."""
    return _wait(*_fork(work))


def killed_after(work: Callable[[], object], seconds: float) -> int:
    """Something killed after some time; its exit code."""
    return _wait(*_fork(work), seconds)[0]


def killed_before(work: Callable[[], object], number: int) -> int:
    """Something killed just before its n-th change to a folder; its exit code."""
    return done(lambda: _counted(work, number))[0]


def changes_of(work: Callable[[], object]) -> int:
    """How often something changes a folder."""
    code, count = done(lambda: _counted(work, 0))
    if code:
        raise RuntimeError(count)
    return int(count)


def _counted(work: Callable[[], object], last: int) -> int:
    """Do something and count its changes to folders, up to the last one."""
    count = 0

    def watched(real: Callable[..., Any]) -> Callable[..., Any]:
        def changed(*arguments: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)

        return changed

    for name in CHANGES:
        setattr(os, name, watched(getattr(os, name)))
    work()
    return count


def decisions(project: Project) -> dict[str, str]:
    """The files that people gave or decided, by their hash."""
    found = {}
    for folder in (project.raw, project.curated, project.curated / "reference"):
        for path in sorted(folder.rglob("*") if folder == project.raw else folder.glob("*")):
            if path.is_file() and path.suffix in (".csv", ".toml", ".txt") and not path.name.startswith("."):
                inside = path.relative_to(project.root)
                if not any(part.startswith(".") for part in inside.parts):
                    found[inside.as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def warehouse(project: Project) -> list[list[str]]:
    """What the warehouse holds, by its own hashes, which a damaged or half one would not give."""
    with connect(project) as connection:
        connection.execute("SELECT * FROM fact").fetchall()
        return [[str(cell) for cell in row] for row in connection.execute("SELECT * FROM content ORDER BY ALL").fetchall()]


def tables(project: Project) -> dict[str, str]:
    """The built tables as CSV, by their hash."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(project.tables.glob("*"))}


def reports(project: Project) -> dict[str, str]:
    """The files of the reports that can be read whole, without what tells the time."""
    found = {}
    for path in sorted(project.reports.glob("[!.]*/*")):
        content = path.read_bytes()
        if path.suffix == ".html" and not content.rstrip().endswith(b"</html>"):
            raise ValueError(f"{path.name} ends in the middle")
        if path.suffix == ".json":
            json.loads(content)
        if path.suffix in (".xlsx", ".zip"):
            import zipfile

            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                if archive.testzip():
                    raise ValueError(f"{path.name} is damaged")
        found[path.relative_to(project.reports).as_posix()] = path.suffix
    return found


def state(project: Project) -> dict[str, Any]:
    """Everything that must be whole."""
    return {
        "decisions": decisions(project),
        "warehouse": warehouse(project) if project.warehouse.exists() else None,
        "tables": tables(project),
        "reports": reports(project),
    }


def litter(project: Project) -> list[str]:
    """What nobody needs any more."""
    return [
        path.relative_to(project.root).as_posix()
        for path in project.root.rglob(".*")
        if path.name not in KEPT and not any(part in KEPT for part in path.relative_to(project.root).parts)
    ]


def trouble(before: Mapping[str, Any], after: Mapping[str, Any], seen: Mapping[str, Any]) -> list[str]:
    """What is neither as before nor as after."""
    found = []
    for part in ("warehouse", "reports"):
        if seen[part] not in (before[part], after[part]):
            found.append(f"{part}: neither the state before nor the one after")
    names = {*before["decisions"], *after["decisions"], *seen["decisions"]}
    for name in sorted(names):
        if seen["decisions"].get(name) not in (before["decisions"].get(name), after["decisions"].get(name)):
            found.append(f"{name}: neither the file before nor the one after")
    return found


class Trials:
    """A deed, prepared once, tried many times in copies."""

    def __init__(self, name: str, folder: Path, base: Project) -> None:
        self.name, self.deed, self.folder = name, DEEDS[name], folder / name.replace(" ", "-")
        self.start = self._copy(base, "start")
        self._must(lambda: self.deed.prepare(self.start))
        self.before = self._state(self.start)
        once = self._copy(self.start, "once")
        began = time.monotonic()
        self._must(lambda: _call(once, *self.deed.command))
        self.seconds = time.monotonic() - began
        self.after = self._state(once)
        counted = self._copy(self.start, "once")
        self.changes = changes_of(lambda: _call(counted, *self.deed.command))
        self.count = 0

    def _copy(self, project: Project, name: str) -> Project:
        target = self.folder / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(project.root, target)
        return Project(target)

    def _must(self, work: Callable[[], object]) -> None:
        code, said = done(work)
        if code:
            raise RuntimeError(f"{self.name}: {said}")

    def _state(self, project: Project) -> dict[str, Any]:
        code, found = done(lambda: state(project))
        if code:
            raise ValueError(found)
        return dict(found)

    def run(self, kill: Callable[[Callable[[], object]], int]) -> tuple[bool, list[str]]:
        """One trial: whether it was killed in the middle, and what is wrong then."""
        self.count += 1
        project = self._copy(self.start, "trial")
        work = lambda: _call(project, *self.deed.command)  # noqa: E731
        was_killed = kill(work) == -signal.SIGKILL
        try:
            found = trouble(self.before, self.after, self._state(project))
        except ValueError as error:
            return was_killed, [f"after the kill: {error}"]
        code, said = done(work)
        if code:
            return was_killed, [*found, f"the next run: {said}"]
        try:
            last = self._state(project)
        except ValueError as error:
            return was_killed, [*found, f"after the next run: {error}"]
        found += [f"{part} is not as it should be after the next run" for part in last if last[part] != self.after[part]]
        return was_killed, found + [f"left behind: {name}" for name in litter(project)]


def base(folder: Path) -> Project:
    """A built workbench of one plan, with a small notebook and one report."""
    project = small_desk(folder / "base")
    project.notebooks.mkdir()
    add_notebook(project, "07_small", SHOWN)
    for command in (("build",), DEEDS["report"].command):
        code, said = done(lambda command=command: _call(project, *command))  # type: ignore[misc]
        if code:
            raise RuntimeError(said)
    return project


def plans(trials: Trials, kills: int, seed: int) -> Iterator[tuple[str, Callable[[Callable[[], object]], int]]]:
    """How to kill: first before changes to a folder, each of them or as many as make half of the kills, then at any moment."""
    chance = random.Random(f"{seed} {trials.name}")
    numbers = range(1, trials.changes + 1)
    for number in sorted(chance.sample(numbers, min(len(numbers), -(-kills // 2)))):
        yield f"before change {number} of {trials.changes}", lambda work, number=number: killed_before(work, number)
    for _ in range(3 * kills):
        seconds = chance.uniform(0, trials.seconds * 1.1)
        yield f"after {seconds:.4f} s", lambda work, seconds=seconds: killed_after(work, seconds)


def suite(names: Iterable[str], kills: int, seed: int, folder: Path) -> tuple[dict[str, int], list[str]]:
    """Kill each deed so often, and count.

    Returns:
        How often each was killed in the middle, and what was wrong.
    """
    project = base(folder)
    counts: dict[str, int] = {}
    failures = []
    for name in names:
        trials = Trials(name, folder, project)
        counts[name] = 0
        for how, kill in plans(trials, kills, seed):
            if counts[name] >= kills:
                break
            was_killed, wrong = trials.run(kill)
            counts[name] += was_killed
            failures += [f"{name}, killed {how}: {what}" for what in wrong]
        print(f"{name}: killed {counts[name]} times in {trials.count} trials, {trials.seconds:.2f} s each alone", flush=True)
        shutil.rmtree(trials.folder, ignore_errors=True)
    return counts, failures


def program() -> int:
    """Run the suite and write its figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=315)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", nargs="+", choices=DEEDS)
    said = parser.parse_args()
    seed = said.seed if said.seed is not None else random.randrange(10**9)
    began = time.monotonic()
    names = said.only or list(DEEDS)
    with tempfile.TemporaryDirectory(prefix="dxlib-kills-") as folder:
        counts, failures = suite(names, -(-said.count // len(names)), seed, Path(folder))
    figures = {"kills survived": sum(counts.values()), **{f"kills of {name}": count for name, count in counts.items()}}
    figures["kills that broke something"] = len({failure.rsplit(": ", 1)[0] for failure in failures})
    record = {
        "suite": "kills",
        "seconds": round(time.monotonic() - began, 1),
        "seed": seed,
        "figures": figures,
        "failures": failures,
    }
    said.out.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
    for failure in failures:
        print(failure)
    return int(bool(failures) or sum(counts.values()) < said.count)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(program())

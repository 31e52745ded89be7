"""One program writes at a time; what is written is there whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from desk import PLAN, small_desk, write_plan

from dxlib import whole
from dxlib.errors import DxlibError, LockError
from dxlib.hold import hold, hold_data, holder
from dxlib.project import Project
from dxlib.warehouse import build, connect
from dxlib.whole import BUILD, clear, put, settle, write_whole

HOLDS = """
import sys, time
from pathlib import Path
from dxlib.hold import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


@contextmanager
def another(folder: Path, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """Another program that holds the lock for some time."""
    command = [sys.executable, "-c", HOLDS, str(folder), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        assert program.stdout.readline() == "held\n"
        try:
            yield program
        finally:
            with suppress(OSError):
                program.kill()


# Who writes.


def test_who_holds_the_lock_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert holder(tmp_path) is None
    with another(tmp_path, 60) as program:
        found = holder(tmp_path)
        assert found
        assert found.pid == program.pid
        monkeypatch.setenv("DXLIB_WAIT", "0")
        with pytest.raises(LockError, match=f"process {program.pid}") as caught, hold(tmp_path):
            pass
    assert caught.value.code == "lock-held"
    assert holder(tmp_path) is None


def test_one_waits_for_the_other_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with another(tmp_path, 1.5) as program, hold(tmp_path):
        assert program.wait(5) == 0
    assert f"process {program.pid}" in caplog.text


def test_the_lock_of_a_killed_program_is_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DXLIB_WAIT", "0")
    with another(tmp_path, 60) as program:
        program.kill()
        program.wait()
        assert holder(tmp_path) is None
        with hold(tmp_path):
            pass


def test_who_holds_it_may_hold_it_again_and_settles_once(tmp_path: Path) -> None:
    first = []
    with hold(tmp_path, lambda: first.append(1)), hold(tmp_path, lambda: first.append(2)):
        pass
    with hold(tmp_path, lambda: first.append(3)):
        pass
    assert first == [1, 3]


def test_threads_take_turns(tmp_path: Path) -> None:
    inside, most = [], []

    def work() -> None:
        with hold(tmp_path):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = small_desk(tmp_path_factory.mktemp("desk"))
    build(project)
    return project


@pytest.fixture
def desk(made: Project, tmp_path: Path) -> Project:
    shutil.copytree(made.root, tmp_path / "desk")
    return Project(tmp_path / "desk")


def values(project: Project) -> list[tuple[object, ...]]:
    with connect(project) as connection:
        return connection.execute("SELECT value FROM observation ORDER BY ALL").fetchall()


BUILDS = "import sys; from pathlib import Path; from dxlib.project import Project; from dxlib.warehouse import build; build(Project(Path(sys.argv[1])))"


def test_builds_at_once_wait_for_each_other_and_readers_never_do(desk: Project) -> None:
    before = values(desk)
    write_plan(desk, PLAN.replace("20件", "25件"))
    programs = [subprocess.Popen([sys.executable, "-c", BUILDS, str(desk.root)]) for _ in range(3)]
    seen, slowest = [], 0.0
    while any(program.poll() is None for program in programs):
        began = time.perf_counter()
        seen.append(values(desk))
        slowest = max(slowest, time.perf_counter() - began)
        time.sleep(0.05)
    assert [program.returncode for program in programs] == [0, 0, 0]
    after = values(desk)
    assert after != before
    assert all(found in (before, after) for found in seen)
    assert slowest < 5  # a build holds its lock longer than that on a busy machine, a read takes some 0.02 s
    assert not list(desk.curated.glob(f"{BUILD}*"))


# Whole, or not at all.


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir()) if path.is_file()}


def a_set(place: Path) -> tuple[Path, dict[str, Path], list[Path]]:
    """Three files to put in place: over another, beside it, and into a new folder; one that goes."""
    folder = place / f"{BUILD}x"
    folder.mkdir()
    for name in "abc":
        (folder / name).write_text(f"new {name}")
    return folder, {"a": place / "a", "b": place / "b", "c": place / "sub/c"}, [place / "stale"]


def old(place: Path) -> None:
    (place / "a").write_text("old a")
    (place / "stale").write_text("old")


NEW = {"a": "new a", "b": "new b"}


def test_a_set_is_put_in_place(tmp_path: Path) -> None:
    old(tmp_path)
    folder, moves, gone = a_set(tmp_path)
    put(folder, moves, gone)
    clear(folder)
    assert contents(tmp_path) == NEW
    assert contents(tmp_path / "sub") == {"c": "new c"}
    assert not folder.exists()


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("step", range(1, 20))
def test_a_set_that_fails_at_any_step_leaves_all_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, error: type[BaseException]
) -> None:
    old(tmp_path)
    folder, moves, gone = a_set(tmp_path)
    count = 0

    def at(name: str) -> Callable[..., object]:
        real = getattr(os, name)

        def changed(*arguments: object, **named: object) -> object:
            nonlocal count
            count += 1
            if count == step:
                raise error(28, "No space left on device")
            return real(*arguments, **named)

        return changed

    failed = False
    with monkeypatch.context() as patch:
        for name in ("replace", "link", "mkdir", "unlink", "fsync"):
            patch.setattr(os, name, at(name))
        patch.setattr(whole.shutil, "copy2", at("link"))
        try:
            put(folder, moves, gone)
        except error:
            failed = True
    clear(folder)
    settle(tmp_path)
    if failed:
        assert contents(tmp_path) == {"a": "old a", "stale": "old"}
        assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []
    else:
        assert contents(tmp_path) == NEW
    assert failed == (count >= step) or step > 1


PUTS = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from test_hold import a_set, old
from dxlib.whole import put
place, step = Path(sys.argv[1]), int(sys.argv[2])
old(place)
found = a_set(place)
for name in ("replace", "unlink", "link", "mkdir"):
    def changed(*arguments, real=getattr(os, name), **named):
        global step
        step -= 1
        if not step:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **named)
    setattr(os, name, changed)
put(*found)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process by its signal")
def test_a_set_whose_program_is_killed_is_finished_or_never_was(tmp_path: Path) -> None:
    seen = set()
    for step in range(1, 16):
        place = tmp_path / str(step)
        place.mkdir()
        ran = subprocess.run([sys.executable, "-c", PUTS, str(place), str(step), str(Path(__file__).parent)], check=False)
        settle(place)
        settle(place)
        done = contents(place) == NEW and contents(place / "sub") == {"c": "new c"}
        assert done or contents(place) == {"a": "old a", "stale": "old"}, step
        assert not list(place.glob(f"{BUILD}*"))
        seen.add((ran.returncode == -signal.SIGKILL, done))
    assert seen == {(True, False), (True, True), (False, True)}


@pytest.mark.parametrize(
    "journal",
    ['{"moves":{"a":"../../out"},"gone":[]}', '{"moves":{},"gone":["../../precious"]}', '{"moves":', '{"moves":{"a":1}}'],
)
def test_a_journal_of_somebody_else_leads_nowhere(tmp_path: Path, journal: str) -> None:
    place = tmp_path / "data"
    (place / f"{BUILD}x").mkdir(parents=True)
    (place / f"{BUILD}x/a").write_text("a")
    (place / f"{BUILD}x/journal.json").write_text(journal)
    (tmp_path / "precious").write_text("p")
    settle(place)
    assert contents(tmp_path) == {"precious": "p"}
    assert list(place.iterdir()) == []


def test_a_disk_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    old(tmp_path)
    folder, moves, gone = a_set(tmp_path)
    monkeypatch.setattr(os, "link", unsupported)
    put(folder, moves, gone)
    clear(folder)
    assert contents(tmp_path) == NEW
    write_whole(tmp_path / "d", b"d", is_new=True)
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "d", b"other", is_new=True)
    assert contents(tmp_path) == {**NEW, "d": "d"}


def test_rights_of_a_file_stay(tmp_path: Path) -> None:
    old(tmp_path)
    (tmp_path / "a").chmod(0o640)
    write_whole(tmp_path / "a", b"newer")
    folder, moves, gone = a_set(tmp_path)
    put(folder, moves, gone)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


# Disks that are full, and files that nobody may write.

IN_A_FULL_ONE = """
import json, os, shutil, sys
from pathlib import Path
from dxlib.errors import DxlibError
from dxlib.project import Project
from dxlib.warehouse import build, connect
project = Project(Path(sys.argv[1]))
def values():
    with connect(project) as connection:
        return connection.execute("SELECT value FROM observation ORDER BY ALL").fetchall()
def left():
    return [path.name for path in project.root.rglob(".*") if path.name not in (".lock", ".readings")]
said, before = [], values()
free = shutil.disk_usage(project.root).free
for share in (0, 0.002, 0.01, 0.05, 0.2, 0.4):
    with open(project.root / "filling", "wb") as file:
        try:
            for _ in range(int(free * (1 - share)) // 4096):
                file.write(b"x" * 4096)
            file.flush()
        except OSError:
            pass
    try:
        build(project)
        said.append("built")
    except DxlibError as error:
        said.append(error.code)
        assert values() == before
        assert not left(), left()
    os.unlink(project.root / "filling")
build(project)
print(json.dumps([said, before != values(), left()]))
"""


def small_disk(folder: Path, megabytes: int) -> bool:
    """Mount a small file system; False where this machine does not let us."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def test_a_full_disk_leaves_the_last_good_state(desk: Project, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    size = sum(path.stat().st_size for path in desk.root.rglob("*") if path.is_file())
    if not small_disk(disk, size * 3 // 1_000_000 + 8):
        pytest.skip("no small disk can be mounted here (it takes root on Linux)")
    try:
        shutil.copytree(desk.root, disk / "desk")
        write_plan(Project(disk / "desk"), PLAN.replace("20件", "25件"))
        ran = subprocess.run(
            [sys.executable, "-c", IN_A_FULL_ONE, str(disk / "desk")], capture_output=True, text=True, check=False, timeout=120
        )
        assert ran.returncode == 0, ran.stderr
        said, changed, left = json.loads(ran.stdout.splitlines()[-1])
        assert set(said) - {"built"} <= {"warehouse-write", "warehouse-constraint", "lock-write"}, said
        assert said[0] != "built"
        assert (changed, left) == (True, [])
    finally:
        subprocess.run(["umount", str(disk)], check=True)


# Without its capabilities the superuser of Linux obeys the rights of files.
AS_ANYBODY = """
import ctypes, os, sys
if os.getuid() == 0:
    assert ctypes.CDLL(None).capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()) == 0
from pathlib import Path
from dxlib.errors import DxlibError
from dxlib.project import Project
from dxlib.warehouse import build, connect
project = Project(Path(sys.argv[1]))
try:
    build(project)
    print("built")
except DxlibError as error:
    print(error.code)
with connect(project) as connection:
    print(connection.execute("SELECT count(*) FROM observation").fetchone()[0])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="rights as on Linux")
@pytest.mark.parametrize("what", ["data/curated", "data/curated/tables", "data/curated/.readings", "data/curated/.lock"])
def test_what_nobody_may_write_is_said_and_what_was_there_stays(desk: Project, what: str) -> None:
    write_plan(desk, PLAN.replace("20件", "25件"))
    before = len(values(desk))
    (desk.root / what).chmod(0o555 if (desk.root / what).is_dir() else 0o444)
    tables = contents(desk.tables)
    ran = subprocess.run([sys.executable, "-c", AS_ANYBODY, str(desk.root)], capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines() == ["lock-write" if what.endswith("lock") else "warehouse-write", str(before)], ran.stderr
    assert contents(desk.tables) == tables
    assert not list(desk.root.rglob(f"{BUILD}*"))


def test_what_another_program_holds_stops_an_import_before_it_reads(desk: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DXLIB_WAIT", "0")
    with another(desk.curated, 60), pytest.raises(DxlibError, match="lock-held"), hold_data(desk):
        pass

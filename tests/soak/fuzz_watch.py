"""Tries inputs in a process that is watched: what hangs, dies or swallows the machine's memory is a failure with its input kept."""

from __future__ import annotations

import contextlib
import itertools
import mmap
import multiprocessing
import os
import random
import re
import struct
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
from fuzz_targets import Given, Target, attempt

MB = 1024 * 1024
_ROOM = 32 * MB  # for the input that is being tried
_PEAK = re.compile(rb"VmHWM:\s+(\d+) kB")
_HEAD = struct.Struct("=qqd")  # number, length, seconds of computing at its start
_KILL = 4  # times the bound after which a process that is still at it is ended
_MEMORY = 6 * 1024 * MB  # address space of a process: the machine survives what breaks the bound
_START, _START_MB = 60, 500  # what the first input of a process may take beyond: it loads libraries, and builds a workbench
_KEPT = 3  # inputs kept of one kind of failure


@dataclass
class Found:
    """What came of the inputs of one target.

    Attributes:
        name: of the target.
        tried: how many inputs.
        outcomes: how many held, and how many were refused, by code.
        failures: a line for each kind of failure.
        seconds: of computing.
        slowest: seconds of computing that the slowest input took.
        memory_mb: the most any input took beyond what the process held.
    """

    name: str
    tried: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    slowest: float = 0.0
    memory_mb: float = 0.0


def _peak() -> float:
    """The most memory this process ever held, in MB."""
    with contextlib.suppress(
        OSError
    ):  # where there is one, it counts for this program alone, and not for the one that started it
        return int(_PEAK.search(Path("/proc/self/status").read_bytes())[1]) / 1024  # type: ignore[index]
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / MB if sys.platform == "darwin" else most / 1024


class _Keeper:
    """Keeps the inputs that broke something, a few of each kind."""

    def __init__(self, folder: Path, target: str) -> None:
        self.folder = folder
        self.target = target.replace(" ", "-")
        self.seen: Counter[str] = Counter()

    def keep(self, kind: str, number: int, ending: str, data: bytes, why: str) -> str:
        """Keep an input.

        Returns:
            The line that tells of it; empty when enough of its kind are kept.
        """
        self.seen[kind] += 1
        if self.seen[kind] > _KEPT:
            return ""
        name = f"{self.target}-{number}"
        (self.folder / f"{name}{ending or '.bin'}").write_bytes(data)
        (self.folder / f"{name}.why.txt").write_text(why, encoding="utf-8", errors="replace")
        return f"{self.target} input {number} ({len(data)} bytes, kept as {name}): {kind}"


def kind_of(error: BaseException) -> str:
    """What tells one kind of failure from another: its type and the last line of dxlib it went through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if f"{os.sep}dxlib{os.sep}" in frame.filename]
    last = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
    said = str(error).split("\n")[0][:160] if isinstance(error, AssertionError) else ""
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno} {said}".strip()


class _Trial:
    """Tries inputs one by one, measures each, and tells of failures; lives in the watched process."""

    def __init__(self, target: Target, room: Path, pipe: Connection) -> None:
        self.target, self.pipe, self.scratch = target, pipe, room.parent
        with room.open("r+b") as file:
            self.room = mmap.mmap(file.fileno(), 0)
        self.told = time.monotonic()
        self.outcomes: Counter[str] = Counter()
        self.slowest = self.grown = 0.0
        self.tried = 0
        self.held: float | None = None

    def one(self, number: int, given: Given) -> None:
        """Try an input."""
        data = given.kept()
        self.room[_HEAD.size : _HEAD.size + min(len(data), _ROOM)] = data[:_ROOM]
        is_first = self.held is None
        self.held = _peak() if self.held is None else self.held
        before = self._begin(number, data)
        failed: tuple[str, str] | None = None
        try:
            self.outcomes[attempt(self.target, given, self.scratch)] += 1
        except Exception as error:
            failed = kind_of(error), traceback.format_exc()
        took, peak = time.process_time() - before, _peak()
        growth, self.held = max(0.0, peak - self.held), max(self.held, peak)
        size = len(data) / MB
        if took > self.target.seconds + self.target.seconds_a_mb * size + is_first * _START:
            failed = "too slow", f"{took:.1f} seconds for {size:.3f} MB"
        if growth > self.target.memory_mb + self.target.memory_a_mb * size + is_first * _START_MB:
            failed = "too much memory", f"{growth:.0f} MB for {size:.3f} MB"
        if not is_first:
            self.slowest, self.grown = max(self.slowest, took), max(self.grown, growth)
        self.tried += 1
        if failed:
            self.pipe.send(("failed", number, given.ending, data, *failed))
        if failed or time.monotonic() - self.told > 1:
            self.tell(number)

    def _begin(self, number: int, data: bytes) -> float:
        before = time.process_time()
        _HEAD.pack_into(self.room, 0, number, len(data), before)
        return before

    def tell(self, number: int) -> None:
        """Say how far it is."""
        self.pipe.send(("so far", number, self.tried, self.outcomes, self.slowest, self.grown))
        self.told, self.tried, self.outcomes = time.monotonic(), 0, Counter()


def work(name: str, first: int, count: int, seed: int, room: Path, pipe: Connection) -> None:
    """Try the inputs ``first`` to ``count`` of a target; runs in a process of its own."""
    from fuzz_groups import EVERY
    from fuzz_strategies import STRATEGIES, drive

    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    trial = _Trial(EVERY[name], room, pipe)
    if name in STRATEGIES:
        numbers = itertools.count(first)
        drive(STRATEGIES[name], count - first, seed + first, lambda given: trial.one(next(numbers), given))
    else:
        for number in range(first, count):
            trial.one(number, EVERY[name].make(random.Random(f"{seed}/{name}/{number}"), number))
    trial.tell(count - 1)
    pipe.send(("done",))


def search(name: str, count: int, seed: int, keep: Path, scratch: Path, until: float) -> Found:
    """Try the inputs of a target in watched processes, until all are tried or the time is up.

    Args:
        name: of the target.
        count: how many inputs.
        seed: which ones.
        keep: folder for the inputs that broke something.
        scratch: folder for files in use.
        until: the time (`time.monotonic`) at which to stop.
    """
    from fuzz_groups import EVERY

    target = EVERY[name]
    found = Found(name)
    keeper = _Keeper(keep, name)
    room = scratch / "room"
    with room.open("wb") as file:
        file.truncate(_HEAD.size + _ROOM)
    following = 0
    while following < count and time.monotonic() < until:
        following = _watched(target, count, seed, following, keeper, room, found, until)
    return found


def _watched(target: Target, count: int, seed: int, first: int, keeper: _Keeper, room: Path, found: Found, until: float) -> int:
    """One process, from one input on.

    Returns:
        The number of the input to go on with.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(target.name, first, count, seed, room, theirs), daemon=True)
    process.start()
    theirs.close()
    watched = psutil.Process(process.pid)
    spent = 0.0
    try:
        while True:
            spent = _computed(watched, spent)
            if ours.poll(0.5):
                try:
                    message = ours.recv()
                except EOFError:
                    process.join(10)
                    return _ended(keeper, room, found, f"the process died ({process.exitcode})", first)
                if message[0] == "done":
                    return count
                _take(message, keeper, found)
                continue
            number, size, start = _head(room)
            bound = _KILL * (target.seconds + target.seconds_a_mb * size / MB) + (number == first) * _START
            if start and spent - start > bound:
                process.kill()
                return _ended(keeper, room, found, f"still at it after {spent - start:.0f} seconds", first)
            if time.monotonic() > until:
                return count
    finally:
        found.seconds += spent
        if process.is_alive():
            process.kill()
        process.join()


def _computed(watched: psutil.Process, before: float) -> float:
    try:
        times = watched.cpu_times()
    except psutil.Error:
        return before
    return float(times.user + times.system)


def _take(message: Iterable[Any], keeper: _Keeper, found: Found) -> None:
    kind, number, *rest = message
    if kind == "failed":
        ending, data, what, why = rest
        line = keeper.keep(what, number, ending, data, why)
        found.failures.setdefault(what, line)
        return
    tried, outcomes, slowest, grown = rest
    found.tried += tried
    found.outcomes.update(outcomes)
    found.slowest, found.memory_mb = max(found.slowest, slowest), max(found.memory_mb, grown)


def _head(room: Path) -> tuple[int, int, float]:
    with room.open("rb") as file:
        number, size, start = _HEAD.unpack(file.read(_HEAD.size))
    return number, size, start


def _ended(keeper: _Keeper, room: Path, found: Found, what: str, first: int) -> int:
    data = room.read_bytes()
    number, size, _ = _HEAD.unpack(data[: _HEAD.size])
    found.tried += 1
    kind = what if what.startswith("the process died") else "hangs"
    line = keeper.keep(kind, number, "", data[_HEAD.size : _HEAD.size + size], what)
    found.failures.setdefault(f"{kind} {number}", line or f"{found.name} input {number}: {what}")
    return max(number, first) + 1

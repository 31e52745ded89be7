"""Many things to do, several at a time: in processes of this machine. One that dies with its process costs one retry."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from dxlib import log

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 2  # things handed out for each process: one at work, one waiting
_LIFETIME = 200  # things after which a process is replaced, so that what it has gathered is given back


@dataclass(frozen=True, slots=True)
class Done(Generic[Item, Result]):
    """A thing that was done. ``result`` is None when its process died, also when it was tried again by itself."""

    item: Item
    result: Result | None
    died: bool = False


def cores() -> int:
    """How many processes can work at once here: the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _deaf() -> None:
    """Ctrl-C reaches every process of a terminal: the first one decides what is still finished.

    Messages are written as that one writes them.
    """
    log.begin_as_asked()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _pool(workers: int, preload: Sequence[str]) -> ProcessPoolExecutor:
    """New processes, never a copy of this one: a copy of a process in which DuckDB or polars has computed can hang."""
    context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
    if sys.platform != "win32":
        context.set_forkserver_preload(list(preload))
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_deaf, max_tasks_per_child=_LIFETIME)


def _pooled(
    function: Callable[[Item], Result], items: Iterator[Item], workers: int, preload: Sequence[str], left: list[Item]
) -> Iterator[Done[Item, Result]]:
    """What one pool does; when a process of it dies, ``left`` takes what was handed out and is not done."""
    asked: dict[Future[Result], Item] = {}
    pool = _pool(workers, preload)
    try:
        while True:
            for item in islice(items, workers * _AHEAD - len(asked)):
                try:
                    asked[pool.submit(function, item)] = item
                except (BrokenProcessPool, ConnectionError, EOFError, FileNotFoundError) as error:
                    left.append(item)
                    raise BrokenProcessPool("a process, or the fork server of all, has died") from error
            if not asked:
                return
            for future in wait(asked, return_when=FIRST_COMPLETED).done:
                done = Done(asked[future], future.result())
                del asked[future]
                yield done
    except BrokenProcessPool:
        left += asked.values()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def each(
    function: Callable[[Item], Result], items: Iterable[Item], *, workers: int = 1, preload: Sequence[str] = ()
) -> Iterator[Done[Item, Result]]:
    """Do something to each of many things.

    Only a few things are handed out ahead, so that ``items`` may be a long generator. When a process dies, those at work are
    done again, each by itself: only the guilty one fails.

    Args:
        function: what to do; a function of a module (or a `functools.partial` of one), and its results can be pickled.
        items: the things; they can be pickled.
        workers: how many at a time; with 1 everything happens in this process.
        preload: modules that the processes have ready; they may be imported but must not compute at import.

    Yields:
        The things done, as they finish (with one worker in their order).

    Raises:
        Exception: what ``function`` raises, where it comes; things at work are finished, the rest is left.
    """
    if workers <= 1:
        yield from (Done(item, function(item)) for item in items)
        return
    queue = iter(items)
    while True:
        left: list[Item] = []
        yield from _pooled(function, queue, workers, preload, left)
        if not left:
            return
        for item in left:
            again: list[Item] = []
            yield from _pooled(function, iter([item]), 1, preload, again)
            yield from (Done(guilty, None, died=True) for guilty in again)

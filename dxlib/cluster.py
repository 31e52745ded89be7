"""Many things to do on many machines: what `dxlib.workers` does on this one, on a running Dask scheduler.

Who works on what is decided here and not by the scheduler: each worker has one thing at a time. So it is known which thing was
at work when a worker died, and that alone is done again; the scheduler's own count also suspects whatever waited there.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import platform
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic

from dxlib import __version__
from dxlib.errors import DxlibError
from dxlib.workers import Done, Item, Result, each

ANSWER = 10.0  # seconds in which a scheduler answers, and has a worker
PATIENCE = 60.0  # seconds to wait for a worker when all have died; the nanny of a worker starts it anew
_LOOK = 1.0  # seconds between two looks at who is there
_COLLECT = 30.0  # seconds to fetch one result before looking whether its worker is still there

_ALONE = threading.Lock()


def _one_at_a_time(function: Callable[[Item], Result], item: Item) -> Result:
    """On the worker: a process with several threads still does one thing, as notebooks and PDFium need it."""
    with _ALONE:
        # A nanny makes its worker a daemon of multiprocessing, which may not have processes of its own, as warm kernels are.
        multiprocessing.current_process().daemon = False
        return function(item)


def _engine() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise DxlibError(
            "Dask distributed is not installed", code="cluster-missing", hint='pip install "dxlib[cluster]"'
        ) from error
    # It tells of a lost scheduler in tracebacks; the errors of this module say so.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    return distributed


def _unreachable(scheduler: str, fact: str) -> DxlibError:
    return DxlibError(
        fact,
        code="cluster-unreachable",
        where=scheduler,
        hint="`dask scheduler` prints its address, as tcp://host:8786; what is done stays done, so run the same command again",
    )


def _difference(who: str, versions: Mapping[str, Mapping[str, str | None]]) -> str:
    """What a worker or the scheduler, which unpacks tasks too, runs and this process does not; empty when it is the same."""
    packages = versions["packages"]
    ours = {"dxlib": __version__, "Python": ".".join(platform.python_version_tuple()[:2])}
    theirs = {"dxlib": packages.get("dxlib"), "Python": ".".join(str(packages.get("python")).split(".")[:2])}
    differing = [f"{name} {theirs[name] or 'none'} instead of {ours[name]}" for name in ours if theirs[name] != ours[name]]
    return f"the {who} runs {' and '.join(differing)}" if differing else ""


@dataclass(frozen=True, slots=True)
class _Worker:
    """A worker process. ``birth`` tells it from a later one at the same address."""

    address: str
    birth: str


@dataclass(frozen=True, slots=True)
class _Task(Generic[Item]):
    """A thing to do, and how many workers have died of it."""

    item: Item
    deaths: int = 0


class _Team(Generic[Item, Result]):
    """The workers of a scheduler, and what each has at hand."""

    def __init__(self, scheduler: str, function: Callable[[Item], Result], items: Iterable[Item], retries: int) -> None:
        self.scheduler, self.function, self.items, self.retries = scheduler, function, iter(items), retries
        self.engine = _engine()
        try:
            self.client = self.engine.Client(scheduler, timeout=ANSWER)
        except (OSError, ValueError) as error:
            # Else the half-made client lives on in the trace, and ends at a moment of chance: it waits for ever, where that is
            # while another one begins.
            error.__traceback__ = None
            gc.collect()
            raise _unreachable(scheduler, f"no scheduler answers: {error}") from error
        self.at_work: dict[Any, tuple[_Worker, _Task[Item]]] = {}
        self.again: deque[_Task[Item]] = deque()
        self.unlike = ""
        self.checked: dict[_Worker, str] = {}
        self.present: set[_Worker] = set()
        self.looked = 0.0
        self.ended = False

    def close(self) -> None:
        """Give back what waits; workers finish what they are at, for nobody."""
        self.client.close()

    def look(self) -> None:
        """See who is there. What was at work on a worker that has gone is to be done again."""
        try:
            found = self.client.scheduler_info(n_workers=-1)["workers"]
            here = {_Worker(address, str(about["local_directory"])): about["status"] for address, about in found.items()}
            if here.keys() - self.checked.keys():
                found = self.client.get_versions(packages=["dxlib"])
                versions = found["workers"]
                self.unlike = _difference("scheduler", found["scheduler"])
                self.checked = {
                    worker: _difference("worker", versions[worker.address]) for worker in here if worker.address in versions
                }
        except OSError as error:
            raise _unreachable(self.scheduler, f"the scheduler has gone: {error}") from error
        self.present = {worker for worker, status in here.items() if status == "running" and self.checked.get(worker) == ""}
        for future, (worker, _) in list(self.at_work.items()):
            if worker not in here:
                self.died(future)
        self.looked = time.monotonic()

    def died(self, future: Any) -> None:
        """The worker of this future is no more."""
        _, task = self.at_work.pop(future)
        future.cancel()
        self.again.append(_Task(task.item, task.deaths + 1))

    def check_versions(self) -> None:
        """Raise an error when the scheduler or a worker runs other versions; a worker that comes later is given nothing."""
        workers = sorted((worker.address, difference) for worker, difference in self.checked.items())
        for address, difference in ((self.scheduler, self.unlike), *workers):
            if difference:
                raise DxlibError(
                    difference,
                    code="cluster-versions",
                    where=address,
                    hint="install the same dxlib under the same Python on all machines, and start the workers again",
                )

    def wait_for_workers(self, patience: float) -> None:
        """Wait until somebody can work; an error when nobody comes."""
        until = time.monotonic() + patience
        self.look()
        while not self.present and not any(self.checked.values()):
            if time.monotonic() > until:
                raise DxlibError(
                    "the scheduler has no worker",
                    code="cluster-empty",
                    where=self.scheduler,
                    hint="start some with `dask worker ADDRESS --nthreads 1`; what is done stays done",
                )
            time.sleep(_LOOK / 2)
            self.look()
        if not self.present:
            self.check_versions()

    def take(self) -> _Task[Item] | None:
        """The next thing to do."""
        if self.again:
            return self.again.popleft()
        for item in self.items:
            return _Task(item)
        self.ended = True
        return None

    def hand_out(self) -> None:
        """Give a thing to every worker that has none."""
        for worker in self.present - {worker for worker, _ in self.at_work.values()}:
            task = self.take()
            if task is None:
                return
            future = self.client.submit(
                partial(_one_at_a_time, self.function), task.item, workers=[worker.address], allow_other_workers=False, pure=False
            )
            self.at_work[future] = worker, task

    def finished(self) -> list[Any]:
        """The futures that are done; none when nothing happens for a while."""
        try:
            return list(self.engine.wait(list(self.at_work), timeout=_LOOK, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            return []
        except self.engine.CancelledError as error:
            raise _unreachable(self.scheduler, "the scheduler has gone, and with it what was at work") from error

    def collect(self, future: Any) -> Iterator[Done[Item, Result]]:
        """What a future brings; nothing when its worker died."""
        if future.status == "error":
            error = future.exception()
            if not isinstance(error, self.engine.KilledWorker):
                raise error
            self.died(future)
            return
        try:
            result = future.result(timeout=_COLLECT)
        except (TimeoutError, self.engine.CancelledError):
            return  # it was lost with its worker: the next look says so
        _, task = self.at_work.pop(future)
        yield Done(task.item, result)

    def given_up(self) -> Iterator[Done[Item, Result]]:
        """What more workers died of than may."""
        tried, self.again = self.again, deque()
        for task in tried:
            if task.deaths > self.retries:
                yield Done(task.item, None, died=True)
            else:
                self.again.append(task)


def each_on(
    scheduler: str,
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    retries: int = 1,
    patience: float = PATIENCE,
) -> Iterator[Done[Item, Result]]:
    """Do something to each of many things, on the workers of a Dask scheduler.

    Every worker process has one thing at a time, so ``items`` may be a long generator, and one worker is started for each core.
    A thing may be done twice (its worker died when it was nearly ready, or is cut off but alive): that must do no harm. Workers
    may come and go. After an error or Ctrl-C nothing more is handed out.

    Args:
        scheduler: its address, as ``tcp://host:8786``; with ``tls://`` the certificates come from Dask's configuration.
        function: what to do; a function of a module that the workers have (or a `functools.partial` of one), and its results can
            be pickled.
        items: the things; they can be pickled.
        retries: how often a thing is done again when its worker died.
        patience: seconds to wait when all workers have died.

    Yields:
        The things done, as they finish; ``died`` says that it was given up.

    Raises:
        DxlibError: Dask distributed is not installed, the scheduler cannot be reached, has no workers, or a worker runs another
            dxlib or Python.
        Exception: what ``function`` raises, where it comes.
    """
    team = _Team(scheduler, function, items, retries)
    try:
        team.wait_for_workers(min(ANSWER, patience))
        team.check_versions()
        while True:
            if time.monotonic() - team.looked > _LOOK:
                team.look()
            yield from team.given_up()
            team.hand_out()
            if team.at_work:
                for future in team.finished():
                    yield from team.collect(future)
            elif team.again or not team.ended:
                team.wait_for_workers(patience)
            else:
                return
    finally:
        team.close()


def each_anywhere(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    workers: int = 1,
    preload: Sequence[str] = (),
    scheduler: str | None = None,
) -> Iterator[Done[Item, Result]]:
    """`dxlib.workers.each` without a scheduler, `each_on` with one."""
    return each_on(scheduler, function, items) if scheduler else each(function, items, workers=workers, preload=preload)

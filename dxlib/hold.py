"""Who writes: one program at a time in ``data``, and for moments in a folder of reports.

The lock is the operating system's, on the file ``.lock``: it ends with the program that holds it, however that ends, so that
none is ever stale. Who only reads takes none. What a killed program left is settled by the next one that holds the lock.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from dxlib.errors import LockError
from dxlib.project import Project
from dxlib.whole import settle

LOCK = ".lock"
# Longer than a national build; a run at night waits for one, a program that hangs does not stop it for ever.
_SECONDS = 600.0
_PATIENCE = 1.0  # seconds before a person is told what is waited for

_log = logging.getLogger(__name__)


class Holder(msgspec.Struct, frozen=True):
    """The program that writes.

    Attributes:
        command: what was called, without its folder.
        pid: its process.
        host: the machine it runs on.
        since: when it began, in UTC.
    """

    command: str
    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        return f"{self.command} (process {self.pid} on {self.host}, since {self.since})"


def _waits() -> float:
    """How many seconds to wait for another program: DXLIB_WAIT, else ten minutes."""
    said = os.environ.get("DXLIB_WAIT", "")
    return float(said) if said.replace(".", "", 1).isdecimal() else _SECONDS


def _sign(path: Path) -> None:
    command = " ".join([Path(sys.argv[0] or "python").name, *sys.argv[1:2]])
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with suppress(OSError):  # on Windows nobody but the lock itself may touch the file
        path.write_bytes(msgspec.json.encode(Holder(command, os.getpid(), socket.gethostname(), now)))


def _signed(path: Path) -> Holder | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Holder)
    except (OSError, msgspec.DecodeError):
        return None


def holder(folder: Path) -> Holder | None:
    """The program that writes in a folder just now; None when nobody does.

    Args:
        folder: ``data/curated``, or a folder of reports.
    """
    from filelock import FileLock, Timeout

    path = folder / LOCK
    if not path.exists():
        return None
    try:
        with FileLock(path, timeout=0):
            return None
    except Timeout:
        return _signed(path) or Holder("another program", 0, "a machine unknown", "a time unknown")


@contextmanager
def hold(folder: Path, first: Callable[[], object] | None = None) -> Iterator[None]:
    """Nobody else writes in the folder meanwhile; a thread that holds it already goes on at once.

    Args:
        folder: it is made when it is not there.
        first: what to do before anything else, with the lock just taken.

    Raises:
        LockError: another program held it for ten minutes (``DXLIB_WAIT`` says how many seconds else).
        OSError: nothing can be written here.
    """
    from filelock import FileLock, Timeout

    seconds = _waits()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder.resolve() / LOCK, is_singleton=True)
        again = lock.is_locked
        try:
            lock.acquire(timeout=min(seconds, _PATIENCE))
        except Timeout:
            _log.warning("dxlib: waiting for %s", holder(folder) or "another program")
            lock.acquire(timeout=max(seconds - _PATIENCE, 0))
    except Timeout as error:
        raise LockError(
            f"another program writes here: {holder(folder) or 'it has just ended'}",
            code="lock-held",
            where=str(folder),
            hint="wait for it or end it, then run this again; DXLIB_WAIT=3600 would wait for an hour",
        ) from error
    try:
        if not again:
            _sign(folder / LOCK)
            if first:
                first()
        yield
    finally:
        lock.release()


@contextmanager
def hold_data(project: Project) -> Iterator[None]:
    """Nobody else writes documents, decisions or the warehouse meanwhile.

    Raises:
        LockError: another program held it for too long, or ``data`` cannot be written.
    """
    curated = project.curated
    with ExitStack() as held:
        try:
            held.enter_context(hold(curated, lambda: settle(project.raw, curated, curated / "reference")))
        except OSError as error:
            raise LockError(
                f"nothing can be written here: {error}",
                code="lock-write",
                where=str(curated),
                hint="check disk space and write rights; nothing was changed",
            ) from error
        yield

"""Report folders are replaced as a whole: a reader sees the old one or the new one, also after a crash.

Beside the reports lie, while something runs, ``.report-…`` (what is being written; whoever writes holds the lock in it) and
``.old-NAME`` (the folder being replaced, by whoever holds the lock of all reports).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dxlib.hold import hold, holder

_WORK, _OLD = ".report-", ".old-"


def recover(out: Path) -> list[str]:
    """Restore folders that a killed run had moved away, and remove what it left behind.

    Args:
        out: the folder of all reports; it need not exist.

    Returns:
        The names of the folders restored.

    Raises:
        OSError: nothing can be written there.
        LockError: another program held the lock for too long.
    """
    if not out.exists():
        return []
    restored = []
    with hold(out):
        for path in sorted(out.glob(f"{_OLD}*")):
            target = out / path.name.removeprefix(_OLD)
            if target.exists():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.rename(target)
                restored.append(target.name)
        for path in out.glob(f"{_WORK}*"):
            if not holder(path):
                shutil.rmtree(path, ignore_errors=True)
    return restored


@contextmanager
def workshop(out: Path) -> Iterator[Path]:
    """A temporary folder beside the reports, on the same disk; gone at the end, whatever happens."""
    with ExitStack() as held:
        with hold(out):  # so that nobody takes it for abandoned before it is held
            scratch = held.enter_context(tempfile.TemporaryDirectory(prefix=_WORK, dir=out, ignore_cleanup_errors=True))
            held.enter_context(hold(Path(scratch)))
        yield Path(scratch)


def publish(made: Path, target: Path) -> None:
    """Put a finished folder in the place of the old one, by two renames.

    Raises:
        OSError: the old folder cannot be moved (a file in it is open on Windows); it stays as it was.
    """
    old = target.with_name(f"{_OLD}{target.name}")
    with hold(target.parent):
        if target.exists():
            if old.exists():  # left by a killed process
                shutil.rmtree(old)
            target.rename(old)
        try:
            made.rename(target)
        except OSError:
            if old.exists():
                _give_back(old, target)
            raise
        shutil.rmtree(old, ignore_errors=True)


def _give_back(old: Path, target: Path) -> None:
    """Put the old folder back; a note of failure that another run has written meanwhile goes into it."""
    if target.exists():
        for note in target.iterdir():
            os.replace(note, old / note.name)
        target.rmdir()
    old.rename(target)


def write_file(path: Path, content: bytes, scratch: Path) -> None:
    """Write one file in a report's folder, whole or not at all; the folder is made when there is none."""
    beside = scratch / path.name
    beside.write_bytes(content)
    path.parent.mkdir(exist_ok=True)
    os.replace(beside, path)

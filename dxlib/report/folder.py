"""Report folders are replaced as a whole: a reader sees the old one or the new one, also after a crash.

Beside the reports lie, while something runs, ``.report-PID-…`` (what is being written) and ``.old-PID-NAME`` (the folder
being replaced). The process id says whether somebody still works on them.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

_WORK, _OLD = ".report-", ".old-"


def _is_abandoned(path: Path) -> bool:
    pid = path.name.split("-", 2)[1]
    return pid.isdecimal() and not psutil.pid_exists(int(pid))


def recover(out: Path) -> list[str]:
    """Restore folders that a killed run had moved away, and remove what it left behind.

    Args:
        out: the folder of all reports; it need not exist.

    Returns:
        The names of the folders restored.
    """
    restored = []
    for path in sorted(out.glob(f"{_OLD}*-*")):
        if _is_abandoned(path):
            target = out / path.name.split("-", 2)[2]
            if not target.exists():
                path.rename(target)
                restored.append(target.name)
    for path in (*out.glob(f"{_WORK}*-*"), *out.glob(f"{_OLD}*-*")):
        if _is_abandoned(path):
            shutil.rmtree(path, ignore_errors=True)
    return restored


@contextmanager
def workshop(out: Path) -> Iterator[Path]:
    """A temporary folder beside the reports, on the same disk; gone at the end, whatever happens."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{_WORK}{os.getpid()}-", dir=out, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def publish(made: Path, target: Path) -> None:
    """Put a finished folder in the place of the old one, by two renames.

    Raises:
        OSError: the old folder cannot be moved (a file in it is open on Windows); it stays as it was.
    """
    old = target.with_name(f"{_OLD}{os.getpid()}-{target.name}")
    if old.exists():  # left by a killed process that had this number
        shutil.rmtree(old)
    if target.exists():
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

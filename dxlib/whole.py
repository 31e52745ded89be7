"""Files and sets of files put in place whole, or not at all, also when the program is killed or the disk is full.

One file is written beside and renamed. A set is made in a folder beside; a journal in it says what goes where, and from
the moment that stands, the set is as good as in place: what a killed program had not renamed yet, `settle` does.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

# What lies beside while something is written; the dot keeps it out of every list of documents, decisions and reports.
BUILD, ADD = ".build-", ".add-"
_JOURNAL, _BEFORE = "journal.json", "before"


class _Journal(msgspec.Struct, frozen=True):
    """What goes where, relative to the folder that holds it."""

    moves: dict[str, str]
    gone: list[str]


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_whole(path: Path, content: bytes, *, is_new: bool = False) -> None:
    """Write a file beside and rename it into place; rights that an earlier one had stay.

    Args:
        path: the file; its folder is there.
        content: all of it.
        is_new: never replace one that is there.

    Raises:
        FileExistsError: it is there, and ``is_new``.
        OSError: it cannot be written; an earlier one is untouched.
    """
    beside = path.with_name(f"{BUILD}{path.name}")
    try:
        if is_new and path.exists():
            raise FileExistsError(f"{path.name} is there already")
        _write(beside, content)
        if is_new:
            _name_new(beside, path)
        else:
            if path.exists():
                shutil.copymode(path, beside)
            os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _name_new(beside: Path, path: Path) -> None:
    """Give a finished file its name; raises FileExistsError rather than replace another."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:  # a disk without links
        if path.exists():
            raise FileExistsError(f"{path.name} is there already") from None
        beside.rename(path)


def put(folder: Path, moves: Mapping[str, Path], gone: Iterable[Path] = ()) -> None:
    """Put the files of a folder in place as one.

    Args:
        folder: it lies in the folder that `settle` looks through, on the disk of the targets; what is left in it is of no use.
        moves: where each file of it goes, in this order; folders are made, rights that an earlier file had stay.
        gone: files that are removed.

    Raises:
        OSError: one of them cannot be put in place; all that was there is there again.
    """
    journal = _Journal(
        {name: os.path.relpath(target, folder) for name, target in moves.items()},
        [os.path.relpath(path, folder) for path in gone],
    )
    before = folder / _BEFORE
    before.mkdir()
    for number, (name, target) in enumerate(journal.moves.items()):
        if (folder / target).exists():
            _keep(folder / target, before / str(number))
            shutil.copymode(folder / target, folder / name)
    for number, path in enumerate(journal.gone, start=len(journal.moves)):
        _keep(folder / path, before / str(number))
    _write(folder / f"{_JOURNAL}.new", msgspec.json.encode(journal))
    os.replace(folder / f"{_JOURNAL}.new", folder / _JOURNAL)
    try:
        _go(folder, journal)
        (folder / _JOURNAL).unlink()
    except BaseException:
        _undo(folder, journal)
        raise


def clear(folder: Path) -> None:
    """Remove a folder that `put` was called with; one that neither could be put in place nor taken back waits for `settle`."""
    if not (folder / _JOURNAL).exists():
        shutil.rmtree(folder, ignore_errors=True)


def _keep(path: Path, beside: Path) -> None:
    try:
        os.link(path, beside)
    except OSError:  # a disk without links
        shutil.copy2(path, beside)


def _go(folder: Path, journal: _Journal) -> None:
    for name, target in journal.moves.items():
        if (folder / name).exists():  # else it is in place already
            (folder / target).parent.mkdir(exist_ok=True)
            os.replace(folder / name, folder / target)
    for path in journal.gone:
        (folder / path).unlink(missing_ok=True)


def _undo(folder: Path, journal: _Journal) -> None:
    """Take back what was put in place; killed in here, the next program goes forward again, for nothing of the new is lost."""
    for number, path in enumerate(journal.gone, start=len(journal.moves)):
        if not (folder / path).exists():
            os.replace(folder / _BEFORE / str(number), folder / path)
    for number, (name, target) in reversed(list(enumerate(journal.moves.items()))):
        if not (folder / name).exists():
            os.replace(folder / target, folder / name)
            kept = folder / _BEFORE / str(number)
            if kept.exists():
                os.replace(kept, folder / target)
        with suppress(OSError):  # unless something stands in it
            (folder / target).parent.rmdir()
    (folder / _JOURNAL).unlink(missing_ok=True)


def settle(*folders: Path) -> None:
    """Finish or clear away what killed programs left; to be called by the one program that may write.

    Args:
        folders: where to look; each need not exist. A journal that leads out of all of them is not ours.

    Raises:
        OSError: a set that was as good as in place cannot be finished.
    """
    real = [os.path.realpath(folder) for folder in folders]
    for folder in folders:
        for left in sorted((*folder.glob(f"{BUILD}*"), *folder.glob(f"{ADD}*"))):
            if not left.is_dir():
                left.unlink(missing_ok=True)
                continue
            journal = _read(left / _JOURNAL)
            if journal and all(_inside(left / path, real) for path in (*journal.moves.values(), *journal.gone)):
                _go(left, journal)
            shutil.rmtree(left, ignore_errors=True)


def _read(path: Path) -> _Journal | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Journal)
    except (FileNotFoundError, msgspec.DecodeError):  # never begun, or not written by this program
        return None


def _inside(path: Path, folders: Iterable[str]) -> bool:
    return any(Path(os.path.realpath(path)).is_relative_to(folder) for folder in folders)

"""What the workers of a test do; they import it by name."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time

from dxlib.errors import SourceError


def square(number: int) -> int:
    if number == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    if number < 0:
        raise SourceError("negative", code="source-empty", where=str(number), hint="add")
    return number * number


def linger(number: int) -> int:
    time.sleep(0.3)
    return number


def nothing(number: int) -> None:
    return None


def with_child(number: int) -> int | None:
    child = multiprocessing.get_context("spawn").Process(target=nothing, args=(number,))
    child.start()
    child.join()
    return child.exitcode

"""Many things at once: order, retries of those at work when a process dies, errors, and generators that are not run ahead."""

import os
import signal
from collections.abc import Iterator

import pytest

from dxlib.workers import Done, cores, each


def square(number: int) -> int:
    if number < 0:
        raise ValueError("negative")
    if number == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def test_one_worker_keeps_the_order_and_the_process() -> None:
    assert [done.result for done in each(lambda n: (n, os.getpid()), [3, 1, 2])] == [(n, os.getpid()) for n in (3, 1, 2)]


def test_several_workers_do_everything_once() -> None:
    found = list(each(square, range(12), workers=2))
    assert sorted((done.item, done.result) for done in found) == [(n, n * n) for n in range(12)]


def test_only_the_guilty_one_fails_when_a_process_dies() -> None:
    found = {done.item: done for done in each(square, range(10, 20), workers=2)}
    assert found.pop(13) == Done(13, None, died=True)
    assert {item: done.result for item, done in found.items()} == {n: n * n for n in range(10, 20) if n != 13}


def test_an_error_reaches_the_caller() -> None:
    with pytest.raises(ValueError, match="negative"):
        list(each(square, [1, -1, 2], workers=2))


def test_things_are_handed_out_as_they_are_needed() -> None:
    taken = []

    def long_list() -> Iterator[int]:
        for n in range(20, 1000):
            taken.append(n)
            yield n

    found = each(square, long_list(), workers=2)
    assert next(found).result in {n * n for n in range(20, 30)}
    assert len(taken) < 20
    found.close()


def test_the_cores_are_counted() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)

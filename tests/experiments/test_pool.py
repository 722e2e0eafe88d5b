"""Workers that are asked what cannot be asked, and who stands beside them."""

import multiprocessing
import os
import signal
import time
from functools import partial

import pytest

from experiments.kit.aside import Aside
from experiments.kit.pool import Workers

TIMES = 10
PATIENCE_S, LONG_S = 60.0, 3_600.0


def _ask_what_cannot_be_pickled() -> None:
    for _ in range(TIMES):
        with pytest.raises((AttributeError, TypeError)), Workers(2) as workers:
            list(workers.completed(lambda asked: asked, range(20)))


def test_a_question_that_cannot_be_pickled_ends_workers_instead_of_blocking_them() -> None:
    # of its own process, as whoever waits for a deadlock would wait for ever
    asking = multiprocessing.get_context("spawn").Process(target=_ask_what_cannot_be_pickled)
    asking.start()
    asking.join(PATIENCE_S)
    ended = asking.exitcode
    if ended is None:
        asking.kill()
    assert ended == 0


def _sum(workers: Workers, count: int) -> int:
    return sum(workers.map(abs, range(count)))


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_is_begun_ends_beside_what_follows(jobs: int) -> None:
    with Workers(jobs) as workers:
        sums = [workers.begin(partial(_sum, workers, count)) for count in (3, 5)]
        assert workers.ask(abs, -7)() == 7
        assert [each() for each in sums] == [3, 10]


def test_who_is_interrupted_waits_for_nothing_that_was_begun() -> None:
    ends: list[bool] = []
    with pytest.raises(KeyboardInterrupt):
        _begin_and_interrupt(ends)
    assert not any(ends)


def _begin_and_interrupt(ends: list[bool]) -> None:
    def wait_long(workers: Workers) -> None:
        for _ in range(TIMES):
            workers.map(time.sleep, [0.2] * TIMES)
        ends.append(True)

    with Workers(2) as workers:
        for _ in range(TIMES):
            workers.begin(partial(wait_long, workers))
        raise KeyboardInterrupt


def test_who_is_aside_answers_from_a_process_of_its_own_and_alone_from_this_one() -> None:
    with Aside(("experiments.kit.pool",), alone=False) as aside:
        assert aside.ask(abs, -7)() == 7
        assert aside.ask(signal.getsignal, signal.SIGINT)() == signal.SIG_IGN
        assert aside.ask(_process, 0)() != os.getpid()
    with Aside((), alone=True) as aside:
        assert aside.ask(_process, 0)() == os.getpid()


def _process(_: int) -> int:
    return os.getpid()


def test_who_is_aside_is_not_waited_for_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError):
        _ask_and_fail()
    assert not multiprocessing.active_children()


def _ask_and_fail() -> None:
    with Aside((), alone=False) as aside:
        aside.ask(time.sleep, LONG_S)
        raise ZeroDivisionError

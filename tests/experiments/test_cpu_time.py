"""A bound on a core's time, wherever it strikes."""

import gc
import signal
from time import process_time

import pytest

from experiments.kit.cpu_time import at_most

MOST_S = 0.01


class OverError(BaseException):
    """Too much of a core."""


def work(cpu_s: float) -> None:
    until_s = process_time() + cpu_s
    while process_time() < until_s:
        pass


class Slow:
    """It takes long to be let go."""

    def __del__(self) -> None:
        work(5 * MOST_S)


def let_go_and_work() -> None:
    Slow()
    work(1.0)


def collect_and_work() -> None:
    gc.collect()
    work(1.0)


def test_what_takes_longer_is_ended_and_nothing_afterwards() -> None:
    with pytest.raises(OverError), at_most(MOST_S, OverError):
        work(1.0)
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
    with at_most(MOST_S, OverError):
        pass
    work(2 * MOST_S)


def test_what_strikes_in_a_garbage_collection_ends_the_work_after_it() -> None:
    ended = []

    def callback(phase: str, _: dict[str, int]) -> None:
        work(5 * MOST_S if phase == "start" else 0.0)
        ended.append(phase)

    gc.collect()  # so that no finalizer is called in the next one
    gc.callbacks.append(callback)
    try:
        with pytest.raises(OverError), at_most(MOST_S, OverError):
            collect_and_work()
    finally:
        gc.callbacks.remove(callback)
    assert ended[:1] == ["start"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_is_lost_in_a_finalizer_is_raised_again() -> None:
    with pytest.raises(OverError), at_most(MOST_S, OverError):
        let_go_and_work()

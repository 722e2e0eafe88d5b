"""Workers that are asked what cannot be asked."""

import multiprocessing

import pytest

from experiments.kit.pool import Workers

TIMES = 10
PATIENCE_S = 60.0


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

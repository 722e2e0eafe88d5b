"""Worlds of every kind come to an end, tell all that there is to tell, and their books add up.

They are the drawn ones, of which the first have golden figures (``tests/golden``).
"""

import warnings

import pytest

from experiments.faults.campaign import EndlessRunError, gaps_in_logs
from experiments.kit.cpu_time import at_most
from model import Run, simulate
from tests.golden.drawn import drawn, figures
from tests.laws.test_before_a_fault import are_in_the_order_of_time

WORLDS, AT_ONCE = 1_000, 50
#: Many times what the longest takes.
MOST_CPU_S = 60.0


def add_up(run: Run) -> None:
    """Records end once, and offsets are dense in the order of time."""
    books = run.guarantees
    assert books.unfinished >= 0
    assert books.acked == sum(row.records for row in run.batches)
    failures = sum(row.records for row in run.failures)
    if run.scenario.workload.resends_failed:  # a record may fail again, or be there in the end
        assert books.failed <= failures
    else:
        assert books.failed == failures
    assert not list(gaps_in_logs(run))
    assert are_in_the_order_of_time(run)


def holds(number: int) -> None:
    """The law, for one world."""
    with at_most(MOST_CPU_S, EndlessRunError), warnings.catch_warnings():
        warnings.simplefilter("error")
        run = simulate(drawn(number), seed=1)
        assert list(figures(run))
        assert run.summary()
    add_up(run)


@pytest.mark.trial
@pytest.mark.parametrize("first", range(0, WORLDS, AT_ONCE))
def test_a_thousand_drawn_worlds_end_and_add_up(first: int) -> None:
    for number in range(first, first + AT_ONCE):
        holds(number)

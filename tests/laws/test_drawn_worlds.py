"""Worlds of every kind come to an end, tell all that there is to tell, and their books add up.

They are the drawn ones, of which the first have golden figures (``tests/golden``).
"""

import warnings
from collections import defaultdict

import pytest

from experiments.kit.cpu_time import at_most
from model import Run, simulate
from tests.golden.drawn import drawn, figures

WORLDS, AT_ONCE = 1_000, 50
#: Many times what the longest takes.
MOST_CPU_S = 60.0


class EndlessRunError(AssertionError):
    """A run took so long that it is taken never to end."""


def add_up(run: Run) -> None:
    """Records end once, and offsets are dense in the order of time."""
    books, ends = run.guarantees, defaultdict[int, int](int)
    assert books.unfinished >= 0
    assert books.acked == sum(row.records for row in run.batches)
    assert books.failed == sum(row.records for row in run.failures)
    for row in run.appends:
        assert row.base_offset == ends[row.partition]
        ends[row.partition] += row.records
    appended_s = [row.appended_s for row in run.appends]
    assert appended_s == sorted(appended_s)


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

"""Runs of the golden worlds, each made once."""

from functools import cache

from model import Run, simulate
from tests.golden.odd_worlds import ODD
from tests.golden.rough_worlds import ROUGH
from tests.golden.worlds import TO_THE_NS, WORLDS

#: Compared by the bit, and by the nanosecond.
ALL = WORLDS | TO_THE_NS | ROUGH | ODD


@cache
def run_of(name: str) -> Run:
    """The run of one of these worlds."""
    return simulate(ALL[name], seed=1)

"""Warm-up, found and cut by MSER-5.

White, K. P. (1997): An effective truncation heuristic for bias reduction in simulation output.
Simulation 69(6), 323-334; on means of five observations: Spratt, S. C. (1998), and White, Cobb and
Spratt (2000): A comparison of five steady-state truncation heuristics for simulation, Proc. WSC.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model import Run, Saturating

BATCH = 5
#: The rule as published: a cut in the second half says that the run is too short to tell.
LATEST_SHARE = 0.5
#: Ours: cuts that leave fewer batches are not looked at; the variance of so few says nothing.
LEFT = 5


@dataclass(frozen=True, slots=True)
class Cut:
    """So many observations belong to the warm-up; ``found``: the series was long enough to tell."""

    observations: int
    found: bool


def mser5(series: Sequence[float]) -> Cut:
    """The cut after which the mean of the rest has the smallest standard error.

    For d batches cut of k: the sum of squares about the mean of the others over (k - d) squared.
    """
    batches = len(series) // BATCH
    if batches < 2:
        return Cut(0, found=False)
    means = np.reshape(series[: batches * BATCH], (batches, BATCH)).mean(axis=1)
    means -= means.mean()  # about their middle, where squares cancel least
    left = np.arange(batches, 0, -1)
    sums, squares = (np.cumsum(x[::-1])[::-1] for x in (means, means**2))
    statistic = np.maximum(squares - sums**2 / left, 0) / left**2
    cut = int(np.argmin(statistic[: max(1, batches - LEFT)]))
    latest = int(batches * LATEST_SHARE)
    return Cut(min(cut, latest) * BATCH, found=cut <= latest)


def steady_from_s(run: Run) -> float:
    """When the warm-up of a run ends, in seconds of it.

    Where the run was too short to tell it is half of it, which is as far as the method looks.
    """
    cut = mser5(_series_s(run))
    if not cut.found:
        return run.scenario.horizon_s / 2
    return _acked_s(run)[cut.observations - 1] if cut.observations else 0.0


def settled(run: Run) -> bool:
    """Whether the run was long enough to tell."""
    return mser5(_series_s(run)).found


def _acked_s(run: Run) -> list[float]:
    return [row.acked_s for row in run.batches]


def _series_s(run: Run) -> list[float]:
    """What the run is about: the time from ack to ack if it shows what a producer carries.

    Otherwise the age of batches when they are acknowledged, as a measure of latency. (The age of a
    saturating producer's is that of its queue, which says nothing about throughput.)
    """
    if isinstance(run.scenario.workload.arrival, Saturating):
        return np.diff(_acked_s(run), prepend=0.0).tolist()
    return [row.acked_s - row.created_s for row in run.batches]

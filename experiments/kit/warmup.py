"""Warm-up, found and cut by MSER-5.

White, K. P. (1997): An effective truncation heuristic for bias reduction in simulation output.
Simulation 69(6), 323-334; on means of five observations: Spratt, S. C. (1998), and White, Cobb and
Spratt (2000): A comparison of five steady-state truncation heuristics for simulation, Proc. WSC.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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

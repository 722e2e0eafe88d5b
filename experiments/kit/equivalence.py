"""Equivalence shown by two one-sided tests, not by a difference that was not found.

Schuirmann, D. J. (1987): A comparison of the two one-sided tests procedure and the power approach
for assessing the equivalence of average bioavailability. J. Pharmacokinet. Biopharm. 15, 657-680.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import ttest_ind

from experiments.kit.estimates import Interval

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Of a ratio of means of logarithms: its interval at 1 - 2 alpha, and the test's p-value.

    ``margin`` 0.01: called equivalent where the ratio lies between 1/1.01 and 1.01.
    """

    ratio: Interval
    p_value: float
    margin: float

    @property
    def shown(self) -> bool:
        """Whether both one-sided hypotheses of a difference beyond the margin are rejected."""
        return self.p_value < ALPHA


def tost(these: Sequence[float], those: Sequence[float], margin: float) -> Equivalence:
    """Test whether these over those is 1 within a margin: Welch's t on logarithms, unpaired.

    Unpaired, although runs may share their random numbers: where two settings give the very same
    rows, pairs have no variation, and there would be nothing to test against.
    """
    ours, theirs, edge = np.log(these), np.log(those), math.log1p(margin)
    if np.ptp(ours) == np.ptp(theirs) == 0:  # nothing is random: the difference is what it is
        ratio = math.exp(float(ours[0] - theirs[0]))
        inside = abs(math.log(ratio)) < edge
        return Equivalence(Interval(ratio, ratio, ratio), 0.0 if inside else 1.0, margin)
    above = ttest_ind(ours + edge, theirs, equal_var=False, alternative="greater")
    below = ttest_ind(ours - edge, theirs, equal_var=False, alternative="less")
    of_logs = ttest_ind(ours, theirs, equal_var=False).confidence_interval(1 - 2 * ALPHA)
    difference = float(np.mean(ours) - np.mean(theirs))
    ratio_of = Interval(*(math.exp(x) for x in (difference, of_logs.low, of_logs.high)))
    return Equivalence(ratio_of, float(max(above.pvalue, below.pvalue)), margin)

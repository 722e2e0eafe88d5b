"""Intervals over replications (Student's t), and paired ratios between scenarios.

Two scenarios with the same seeds see the same arrivals and the same broker (common random
numbers), so their ratio is formed within each replication before it is averaged.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval; exact where all replications agree."""

    value: float
    low: float
    high: float

    @property
    def exact(self) -> bool:
        """Whether nothing was random."""
        return self.low == self.high

    def __format__(self, spec: str) -> str:
        if self.exact:
            return f"{self.value:{spec}} (exact)"
        return f"{self.value:{spec}} [{self.low:{spec}}, {self.high:{spec}}]"


def interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Mean of replications with its interval; one value alone has an infinitely wide one."""
    mean = float(np.mean(values))
    if len(values) == 1:
        return Interval(mean, -math.inf, math.inf)
    spread = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    if spread <= abs(mean) * 1e-12:  # rounding of the mean, not variation
        return Interval(mean, mean, mean)
    half_width = float(stdtrit(len(values) - 1, (1 + confidence) / 2)) * spread
    return Interval(mean, mean - half_width, mean + half_width)


def paired_ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Interval:
    """Geometric mean of the ratios within replications, with its interval."""
    logs = [math.log(a / b) for a, b in zip(numerators, denominators, strict=True)]
    of_logs = interval(logs)
    return Interval(*(math.exp(x) for x in (of_logs.value, of_logs.low, of_logs.high)))


def paired_difference(these: Sequence[float], those: Sequence[float]) -> Interval:
    """Mean of the differences within replications, with its interval."""
    return interval([a - b for a, b in zip(these, those, strict=True)])


def log_half_width(ratio: Interval) -> float:
    """Half the width of a ratio's interval on the logarithmic scale: 0.02 is about +- 2 %."""
    if ratio.exact or not math.isfinite(ratio.high):
        return 0.0 if ratio.exact else math.inf
    return math.log(ratio.high / ratio.low) / 2

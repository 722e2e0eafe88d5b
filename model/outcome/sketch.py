"""Quantiles of more numbers than are worth keeping: a histogram whose bins are as wide as they are.

Deterministic and mergeable; the same memory however many numbers there are. Bins are equally wide
on a logarithmic scale, so a quantile is off by at most a bin, which is a share of its value. From
the boost-histogram library. Left out: negative numbers; those outside the range count as the least
or the greatest that there was.
"""

from collections.abc import Iterable

import boost_histogram as bh
import numpy as np
from numpy.typing import NDArray

#: Ours: of latencies in ms, from a nanosecond to three hours.
LEAST, GREATEST = 1e-6, 1e7
BINS = 26_000
#: How far off a quantile may be, as a share of it: 0.115 %.
PRECISION = (GREATEST / LEAST) ** (1 / BINS) - 1


class Sketch:
    """How numbers are distributed. Mean, count, least and greatest are exact."""

    def __init__(self) -> None:
        axis = bh.axis.Regular(BINS, LEAST, GREATEST, transform=bh.axis.transform.log)
        self._histogram = bh.Histogram(axis, storage=bh.storage.Int64())
        self._edges = axis.edges
        self._sum, self._count = 0.0, 0
        self._least, self._greatest = np.inf, -np.inf

    @classmethod
    def of(cls, pieces: Iterable[NDArray[np.float64]]) -> "Sketch":
        """Of arrays of any length."""
        sketch = cls()
        for piece in pieces:
            sketch.add(piece)
        return sketch

    def add(self, values: NDArray[np.float64]) -> None:
        """Add an array of numbers."""
        if not len(values):
            return
        self._histogram.fill(values)
        self._sum += float(values.sum())
        self._count += len(values)
        self._least = min(self._least, float(values.min()))
        self._greatest = max(self._greatest, float(values.max()))

    def __len__(self) -> int:
        return self._count

    @property
    def mean(self) -> float:
        """The mean; NaN of nothing."""
        return self._sum / self._count if self._count else float("nan")

    def quantile(self, share: float) -> float:
        """The number that this share of all do not exceed; NaN of nothing."""
        if not self._count:
            return float("nan")
        below = np.cumsum(self._histogram.view(flow=True))[:-1]  # what is under each edge
        wanted = share * self._count
        edge = int(np.searchsorted(below, wanted))
        if edge == 0:
            return self._least
        if edge > BINS:
            return self._greatest
        around = slice(edge - 1, edge + 1)
        value = np.interp(wanted, below[around], self._edges[around])
        return float(np.clip(value, self._least, self._greatest))

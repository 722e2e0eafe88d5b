"""Quantiles of more numbers than are worth keeping: a t-digest of the Apache DataSketches library.

Mergeable, deterministic, and most precise at the ends. Measured (tests/rules/test_sketch.py): the
share of numbers below a told quantile is off XX
"""

from collections.abc import Iterable

import numpy as np
from datasketches import tdigest_double
from numpy.typing import NDArray

#: Ours: more centroids are more precise and take longer; this many take 84 kB.
CENTROIDS = 4_000


class Sketch:
    """How numbers are distributed. Mean, count, least and greatest are exact."""

    def __init__(self) -> None:
        self._digest = tdigest_double(CENTROIDS)
        self._sum = 0.0
        self._count = 0

    @classmethod
    def of(cls, pieces: Iterable[NDArray[np.float64]]) -> "Sketch":
        """Of arrays of any length."""
        sketch = cls()
        for piece in pieces:
            sketch.add(piece)
        return sketch

    def add(self, values: NDArray[np.float64]) -> None:
        """Add an array of numbers."""
        self._digest.update(values)
        self._sum += float(values.sum())
        self._count += len(values)

    def __len__(self) -> int:
        return self._count

    @property
    def mean(self) -> float:
        """The mean; NaN of nothing."""
        return self._sum / self._count if self._count else float("nan")

    def quantile(self, share: float) -> float:
        """The number that this share of all do not exceed; NaN of nothing."""
        return float(self._digest.get_quantile(share)) if self._count else float("nan")

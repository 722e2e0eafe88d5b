"""Latency of records, exact: one number per record that was acknowledged in the window."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray


class Latency:
    """Record latencies in milliseconds, from the (intended) send to the acknowledgement."""

    def __init__(self, values_ms: NDArray[np.float64]) -> None:
        self._unsorted_ms = values_ms

    @cached_property
    def values_ms(self) -> NDArray[np.float64]:
        """All of them, the shortest first."""
        return np.sort(self._unsorted_ms)

    def __len__(self) -> int:
        return len(self._unsorted_ms)

    def __repr__(self) -> str:
        return f"<Latency of {len(self)} records, median {self.quantile(0.5):.3f} ms>"

    @property
    def mean(self) -> float:
        """Mean in ms; NaN without records."""
        return float(np.mean(self._unsorted_ms)) if len(self) else float("nan")

    def quantile(self, share: float) -> float:
        """The latency in ms that this share of records does not exceed; NaN without records."""
        return float(np.quantile(self._unsorted_ms, share)) if len(self) else float("nan")


def record_latencies_ms(
    spans: list[tuple[int, int, float]], starts_s: NDArray[np.float64], from_s: float, to_s: float
) -> NDArray[np.float64]:
    """Latencies of one producer's records acknowledged in (from_s, to_s].

    ``spans`` are (first record, records, acknowledged at); ``starts_s[record]`` is when its
    latency began.
    """
    if not spans:
        return np.empty(0)
    first, count, acked_s = (np.array(column) for column in zip(*spans, strict=True))
    inside = (acked_s > from_s) & (acked_s <= to_s)
    first, count, acked_s = first[inside], count[inside], acked_s[inside]
    before = np.cumsum(count) - count
    records = np.repeat(first - before, count) + np.arange(count.sum())
    latencies_ms: NDArray[np.float64] = (np.repeat(acked_s, count) - starts_s[records]) * 1e3
    return latencies_ms

"""Latency of records: one number per record that was acknowledged in the window.

Exact for as many as runs have that people wait for; beyond that a sketch keeps the quantiles, in
the same memory however long the run is.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.outcome.facts import AckRow
from model.outcome.rows import Rows
from model.outcome.sketch import Sketch
from model.outcome.start_times import StartTimes

#: Ours: so many latencies are kept, 8 bytes each.
EXACT_UP_TO = 1 << 22
#: Ours: about so many are worked out at once.
PIECE = 1 << 18

Latencies = NDArray[np.float64]


class Latency:
    """Record latencies in milliseconds, from the (intended) send to the acknowledgement."""

    def __init__(self, values_ms: Latencies) -> None:
        """All of them, exact: shape (records,)."""
        self._values_ms = values_ms
        self._sketch: Sketch | None = None

    @classmethod
    def of(cls, pieces_ms: Iterable[Latencies], exact_up_to: int = EXACT_UP_TO) -> "Latency":
        """Of arrays of any length; a sketch if they have more than ``exact_up_to`` records."""
        pieces_ms = iter(pieces_ms)
        kept, count = [np.empty(0)], 0
        while count <= exact_up_to:
            piece_ms = next(pieces_ms, None)
            if piece_ms is None:
                return cls(np.concatenate(kept))
            kept.append(piece_ms)
            count += len(piece_ms)
        latency = cls(np.empty(0))
        latency._sketch = Sketch.of(chain(kept, pieces_ms))
        return latency

    @property
    def exact(self) -> bool:
        """Whether every latency is kept."""
        return self._sketch is None

    @cached_property
    def values_ms(self) -> Latencies:
        """All of them, the shortest first; ValueError if a sketch stands for them."""
        if not self.exact:
            raise ValueError(f"{len(self)} latencies are kept as a sketch: ask for quantiles")
        return np.sort(self._values_ms)

    def __len__(self) -> int:
        return len(self._values_ms if self._sketch is None else self._sketch)

    def __repr__(self) -> str:
        return f"<Latency of {len(self)} records, median {self.quantile(0.5):.3f} ms>"

    @property
    def mean(self) -> float:
        """Mean in ms; NaN without records."""
        if self._sketch is not None:
            return self._sketch.mean
        return float(np.mean(self._values_ms)) if len(self) else float("nan")

    def quantile(self, share: float) -> float:
        """The latency in ms that this share of records does not exceed; NaN without records."""
        if self._sketch is not None:
            return self._sketch.quantile(share)
        return float(np.quantile(self._values_ms, share)) if len(self) else float("nan")


class AckedRecords(NamedTuple):
    """Columns of one producer's records, numbered from 0 as they were sent: each (records,)."""

    records: NDArray[np.int64]
    acked_s: Latencies
    latencies_ms: Latencies


def acked_records(
    acks: Rows[AckRow], starts: StartTimes, from_s: float, to_s: float
) -> Iterator[AckedRecords]:
    """One producer's records acknowledged in (from_s, to_s], in that order, piece by piece."""
    first, count, acked_s = (acks.column(name) for name in AckRow._fields)
    inside = (acked_s > from_s) & (acked_s <= to_s)
    first, count, acked_s = first[inside], count[inside], acked_s[inside]
    for runs in _pieces(count):
        yield _piece(first[runs], count[runs], acked_s[runs], starts)


def record_latencies_ms(
    acks: Rows[AckRow], starts: StartTimes, from_s: float, to_s: float
) -> Iterator[Latencies]:
    """Latencies of the same records, piece by piece."""
    return (piece.latencies_ms for piece in acked_records(acks, starts, from_s, to_s))


def _pieces(count: NDArray[np.int64]) -> Iterator[slice]:
    """Runs of rows with about ``PIECE`` records each."""
    ends = np.cumsum(count)
    total = int(ends[-1]) if len(ends) else 0
    edges = np.searchsorted(ends, np.arange(PIECE, total, PIECE)) + 1
    edges = np.unique(np.concatenate([[0], edges, [len(count)]]))
    for begin, end in pairwise(edges):
        yield slice(int(begin), int(end))


def _piece(
    first: NDArray[np.int64], count: NDArray[np.int64], acked_s: Latencies, starts: StartTimes
) -> AckedRecords:
    lowest, after = int(first.min()), int((first + count).max())
    before = np.cumsum(count) - count
    records = np.repeat(first - before, count) + np.arange(count.sum())
    starts_s = starts.between(lowest, after)[records - lowest]
    each_acked_s = np.repeat(acked_s, count)
    return AckedRecords(records, each_acked_s, (each_acked_s - starts_s) * 1e3)

"""From which instant the latency of each record counts, for runs of consecutive records.

Kept as what generates them where that is less, because a long run has records by the hundred
million. Units: seconds of the run.
"""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from model.outcome.rows import Rows


class StartTimes(Protocol):
    """One producer's records, numbered from 0."""

    def __len__(self) -> int:
        """How many records were taken."""

    def between(self, first: int, after: int) -> NDArray[np.float64]:
        """The starts of the records from ``first`` to the one before ``after``."""


class EachStartTime:
    """One instant for each record: (records,)."""

    def __init__(self, starts_s: NDArray[np.float64]) -> None:
        self._starts_s = starts_s

    def __len__(self) -> int:
        return len(self._starts_s)

    def between(self, first: int, after: int) -> NDArray[np.float64]:
        return self._starts_s[first:after]


class TakenRow(NamedTuple):
    """Records taken at once: when ``send()`` was called for the first one, and for the second."""

    records: int
    called_s: float
    second_s: float


class BackToBackStartTimes:
    """Runs of records that were sent ``append_s`` apart."""

    def __init__(self, taken: Rows[TakenRow], append_s: float) -> None:
        self._records = taken.column("records")
        self._called_s, self._second_s = taken.column("called_s"), taken.column("second_s")
        self._append_s = append_s
        self._after = np.cumsum(self._records)

    def __len__(self) -> int:
        return int(self._records.sum())

    def between(self, first: int, after: int) -> NDArray[np.float64]:
        begin = np.searchsorted(self._after, first, side="right")
        runs = slice(begin, np.searchsorted(self._after, after, side="left") + 1)
        records = self._records[runs]
        offsets = self._after[runs] - records
        start = int(offsets[0]) if len(offsets) else first
        in_run = np.arange(start, start + records.sum()) - np.repeat(offsets, records)
        later_s = np.repeat(self._second_s[runs], records) + (in_run - 1) * self._append_s
        starts_s = np.where(in_run == 0, np.repeat(self._called_s[runs], records), later_s)
        return starts_s[first - start : after - start]

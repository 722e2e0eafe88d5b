"""When the application thread sends its records: one schedule for each way that records arrive.

A schedule knows the instants of the records still to come and learns which of them were taken; it
keeps, for every record taken, the instant from which its latency counts. Records are never
looked at one by one. Left out: the application's own pauses and more than one thread. Units: s.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model.config.workload import ClosedLoop, OpenLoop, Saturating
from model.outcome.rows import Rows
from model.outcome.start_times import BackToBackStartTimes, EachStartTime, StartTimes, TakenRow
from model.units import NOW_TOLERANCE_S, seconds

#: Ours: "as many as there is room for", where appending is taken to cost no time.
UNLIMITED = 1 << 40
CHUNK = 1024


@dataclass(frozen=True, slots=True)
class Thread:
    """How quick the application thread is: to append a record, to run when it was woken, to run
    when it slept until an instant. ``notified_s`` draws; seconds."""

    append_s: float
    notified_s: Iterator[float] = field(default_factory=lambda: repeat(0.0))
    timer_late_s: float = 0.0


class Schedule(Protocol):
    """The application's side of ``send()``: record numbers from 0, in order."""

    next_record: int

    def due(self, now_s: float) -> int:
        """How many of the next records the thread has sent by now, if nothing blocks it."""

    def time_of(self, ahead: int) -> float:
        """When the record ``ahead`` places after the next one is sent, at the earliest."""

    def take(self, count: int) -> None:
        """The next ``count`` records were appended (or failed)."""

    def resume(self, now_s: float) -> None:
        """The thread was blocked in ``send()`` until now; the next record is appended now."""

    def busy(self, work_s: float) -> None:
        """The thread has so much more to do with the last record that was taken."""

    def completed(self, records: int, since_s: float) -> None:
        """So many records were acknowledged or failed; their callbacks began at ``since_s``."""

    def start_times(self) -> StartTimes:
        """For each record taken, the instant from which its latency counts."""


class _Metronome:
    """Records sent back to back, ``append_s`` apart: what saturating and closed loops share."""

    def __init__(self, append_s: float) -> None:
        self.append_s = append_s
        self.next_record = 0
        # Counted from where it last began: sums would tell how often somebody looked.
        self._began_s = 0.0
        self._sent = 0  # records since then
        self._next_s = 0.0  # when the thread sends its next record
        self._called_s = 0.0  # when it called send() for it: earlier, if it was blocked since
        self._taken = Rows(TakenRow)

    def due(self, now_s: float) -> int:
        ahead_s = now_s - self._next_s + NOW_TOLERANCE_S
        if ahead_s < 0:
            return 0
        return int(ahead_s / self.append_s) + 1 if self.append_s else UNLIMITED

    def time_of(self, ahead: int) -> float:
        return self._call_s(ahead)

    def take(self, count: int) -> None:
        self.next_record += count
        self._taken.add(count, self._called_s, self._call_s(1))
        self._next_s = self._called_s = self._call_s(count)
        self._sent += count

    def resume(self, now_s: float) -> None:
        if now_s > self._next_s:
            self._begin(now_s)

    def busy(self, work_s: float) -> None:
        self._begin(self._next_s + work_s)
        self._called_s = self._next_s

    def _call_s(self, ahead: int) -> float:
        return self._began_s + (self._sent + ahead) * self.append_s

    def _begin(self, now_s: float) -> None:
        self._began_s = self._next_s = now_s
        self._sent = 0

    def start_times(self) -> StartTimes:
        return BackToBackStartTimes(self._taken, self.append_s)


class SaturatingSchedule(_Metronome):
    """As fast as the thread can; only ``buffer.memory`` holds it up."""

    def completed(self, records: int, since_s: float) -> None:
        """Nothing: the thread does not wait for acknowledgements."""


class ClosedLoopSchedule(_Metronome):
    """As fast as the thread can while fewer than ``outstanding`` records are unacknowledged."""

    def __init__(self, thread: Thread, outstanding: int) -> None:
        super().__init__(thread.append_s)
        self._permits = outstanding
        self._notified_s = thread.notified_s

    def due(self, now_s: float) -> int:
        return min(super().due(now_s), self._permits)

    def time_of(self, ahead: int) -> float:
        return super().time_of(ahead) if ahead < self._permits else float("inf")

    def take(self, count: int) -> None:
        super().take(count)
        self._permits -= count

    def completed(self, records: int, since_s: float) -> None:
        """The first callback wakes the thread, while the Sender goes on with the others."""
        if not self._permits:
            runs_s = since_s + next(self._notified_s)
            self.resume(runs_s)
            self._called_s = self._next_s
        self._permits += records


class OpenLoopSchedule:
    """Records that arrive whatever happens; latency counts from the arrival, sent or not.

    The thread sends a record when it has arrived and the one before is out of its hands:
    ``sent[i] = max(arrived[i], sent[i - 1] + append_s)``, and later where it slept until then.
    """

    def __init__(
        self, thread: Thread, loop: OpenLoop, first_s: float, generator: np.random.Generator
    ) -> None:
        self.append_s = thread.append_s
        self._timer_late_s = thread.timer_late_s
        self._spins_below_s = seconds(loop.spins_below_ms)
        self.next_record = 0
        self._loop = loop
        self._generator = generator
        self._first_s = first_s
        self._last = loop.records
        self._free_s = 0.0
        self._chunks: list[NDArray[np.float64]] = []
        self._position = 0
        self._sent_s: list[float] = []
        self._next_chunk()

    def due(self, now_s: float) -> int:
        due = bisect_right(self._sent_s, now_s + NOW_TOLERANCE_S, self._position) - self._position
        return due if self._last is None else min(due, self._last - self.next_record)

    def time_of(self, ahead: int) -> float:
        if self._last is not None and self.next_record + ahead >= self._last:
            return float("inf")
        return self._sent_s[min(self._position + ahead, CHUNK - 1)]

    def take(self, count: int) -> None:
        self.next_record += count
        self._position += count
        self._free_s = self._sent_s[self._position - 1] + self.append_s
        if self._position == CHUNK:
            self._next_chunk()

    def resume(self, now_s: float) -> None:
        self._free_s = max(self._free_s, now_s)
        self._sent_s[self._position :] = self._send(self._chunks[-1][self._position :])

    def busy(self, work_s: float) -> None:
        self.resume(self._free_s + work_s)

    def completed(self, records: int, since_s: float) -> None:
        """Nothing: arrivals do not wait for acknowledgements."""

    def start_times(self) -> StartTimes:
        return EachStartTime(np.concatenate(self._chunks)[: self.next_record])

    def _next_chunk(self) -> None:
        arrived_s = self._poisson() if self._loop.arrivals == "poisson" else self._evenly()
        self._chunks.append(arrived_s)
        self._sent_s = self._send(arrived_s)
        self._position = 0

    def _poisson(self) -> NDArray[np.float64]:
        gaps_s = self._generator.standard_exponential(CHUNK) / self._loop.records_per_s
        before_s = self._chunks[-1][-1] if self._chunks else self._first_s
        arrived_s: NDArray[np.float64] = before_s + np.cumsum(gaps_s)
        return arrived_s

    def _evenly(self) -> NDArray[np.float64]:
        """Counted from the first record, because sums of gaps would drift."""
        numbers = len(self._chunks) * CHUNK + np.arange(CHUNK)
        return self._first_s + numbers / self._loop.records_per_s

    def _send(self, arrived_s: NDArray[np.float64]) -> list[float]:
        if self._timer_late_s and not self._always_spins:
            return self._send_sleeping(arrived_s)
        return self._send_awake(arrived_s)

    @property
    def _always_spins(self) -> bool:
        even = self._loop.arrivals == "even"
        return even and 1 / self._loop.records_per_s <= self._spins_below_s + NOW_TOLERANCE_S

    def _send_sleeping(self, arrived_s: NDArray[np.float64]) -> list[float]:
        """Record by record: a thread that slept runs late, and then sends all that is due."""
        free_s, sent_s = self._free_s, list[float]()
        for due_s in arrived_s.tolist():
            if due_s - free_s > self._spins_below_s:
                free_s = due_s + self._timer_late_s
            else:
                free_s = max(free_s, due_s)
            sent_s.append(free_s)
            free_s += self.append_s
        return sent_s

    def _send_awake(self, arrived_s: NDArray[np.float64]) -> list[float]:
        """The recursion above without a loop: subtract the work ahead, take the running maximum."""
        work_s = np.arange(len(arrived_s)) * self.append_s
        behind = np.maximum.accumulate(np.append(self._free_s, arrived_s - work_s))[1:]
        sent_s: list[float] = (behind + work_s).tolist()
        return sent_s


def build_schedule(
    arrival: Saturating | OpenLoop | ClosedLoop,
    thread: Thread,
    first_s: float,
    generator: np.random.Generator,
) -> Schedule:
    """The schedule for a kind of arrival; ``first_s`` is when an open loop's first record comes."""
    if isinstance(arrival, OpenLoop):
        return OpenLoopSchedule(thread, arrival, first_s, generator)
    if isinstance(arrival, ClosedLoop):
        return ClosedLoopSchedule(thread, arrival.outstanding)
    return SaturatingSchedule(thread.append_s)

"""What is read off a run: each figure a function of it, named as its column. The only such list.

One rule of overload, :class:`Load`, and one of refusal: a latency is refused (NaN) in overload,
where it would describe the survivors only, and of a saturating producer, whose records wait as long
as its buffer is deep. Units are in the names.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model import OpenLoop, Run, Saturating

Figure = Callable[[Run], Any]

#: Ours: what a run may fall behind by before it counts, beside chance.
TOLERANCE = 0.02
#: Of a Poisson count, whose variance is its mean: one run in a thousand is off by more.
DEVIATIONS = 3
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Load:
    """Records of a run's window: offered, and acknowledged; ``unfinished`` when the run ended.

    ``offered`` is what the arrival rate says, also for records that a blocked application did not
    get to send; without a rate it is what was finished.
    """

    offered: float
    finished: int
    unfinished: float
    chance: float

    @classmethod
    def of(cls, run: Run) -> "Load":
        """The load of a run."""
        scenario, finished = run.scenario, len(run.latency_ms)
        arrival, books = scenario.workload.arrival, run.guarantees
        if not isinstance(arrival, OpenLoop) or arrival.records is not None:
            return cls(finished, finished, books.unfinished, 0.0)
        rate = arrival.records_per_s * scenario.producers
        offered = rate * scenario.measured_s
        ended = books.acked + books.failed
        random = arrival.arrivals == "poisson"
        return cls(
            offered,
            finished,
            max(0.0, rate * scenario.horizon_s - ended),
            DEVIATIONS * math.sqrt(offered) * random,
        )

    @property
    def overloaded(self) -> bool:
        """Whether the run falls behind by more than tolerance and chance explain."""
        return self.finished < self.offered * (1 - TOLERANCE) - self.chance


@dataclass(frozen=True, slots=True)
class Row:
    """A measure of a run: one row with these figures, in this order."""

    figures: tuple[Figure, ...]

    def __call__(self, run: Run) -> list[dict[str, Any]]:
        return [{figure.__name__: figure(run) for figure in self.figures}]


def row(*figures: Figure | Sequence[Figure]) -> Row:
    """A measure of these figures; groups such as ``THROUGHPUT`` may stand among them."""
    flat: list[Figure] = []
    for figure in figures:
        flat += [figure] if callable(figure) else figure
    return Row(tuple(dict.fromkeys(flat)))


# throughput


def records_per_s(run: Run) -> float:
    """Acknowledged records per second."""
    return run.records_per_s


def mb_per_s(run: Run) -> float:
    """Acknowledged value bytes per second, in millions."""
    return run.bytes_per_s / 1e6


def bound_records_per_s(run: Run) -> float:
    """The closed-form bound for the run's average request."""
    return run.bound.records_per_s


def limit(run: Run) -> str:
    """The resource that sets the bound."""
    return run.limit


def requests_per_s(run: Run) -> float:
    """Answered produce requests per second of the window."""
    inside = run.request_column("handled_s") > run.scenario.warmup_s
    return float(inside.sum()) / run.scenario.measured_s


def records_per_request(run: Run) -> float:
    """What the mean request carries."""
    return run.mean_request.records


def request_bytes(run: Run) -> float:
    """Size of the mean request on the wire."""
    return run.mean_request.size_bytes


def service_ms(run: Run) -> float:
    """The broker's serial work on the mean request: S of the law."""
    return run.mean_request.service_s * 1e3


def request_latency_ms(run: Run) -> float:
    """From a request's creation to its handled answer, mean."""
    return run.request_latency_ms


def in_flight_mean(run: Run) -> float:
    """Time-weighted mean of requests in flight."""
    return run.mean_in_flight


def batch_fill(run: Run) -> float:
    """How full batches are, by bytes; NaN where none was acknowledged in the window."""
    return run.batch_fill if len(run.latency_ms) else float("nan")


def deepest(run: Run) -> int:
    """The most requests that were in flight at once, over all connections."""
    return int(np.max(run.in_flight[1], initial=0))


# load and latency


def offered(run: Run) -> float:
    """Records that the window's arrivals brought."""
    return Load.of(run).offered


def finished(run: Run) -> float:
    """Records acknowledged in the window."""
    return Load.of(run).finished


def unfinished(run: Run) -> float:
    """Records offered and neither acknowledged nor failed when the run ended."""
    return Load.of(run).unfinished


def overloaded(run: Run) -> bool:
    """Whether less was finished than offered, beyond tolerance and chance."""
    return Load.of(run).overloaded


def has_latency(run: Run) -> bool:
    """Whether a latency of the run says anything of its producer."""
    if isinstance(run.scenario.workload.arrival, Saturating):
        return False
    return bool(len(run.latency_ms)) and not overloaded(run)


def mean_ms(run: Run) -> float:
    """Mean latency of a record."""
    return run.latency_ms.mean if has_latency(run) else float("nan")


def p50_ms(run: Run) -> float:
    """Median latency of a record."""
    return _quantile_ms(run, 0.50)


def p95_ms(run: Run) -> float:
    """The 95th percentile of a record's latency."""
    return _quantile_ms(run, 0.95)


def p99_ms(run: Run) -> float:
    """The 99th percentile of a record's latency."""
    return _quantile_ms(run, 0.99)


def p999_ms(run: Run) -> float:
    """The 99.9th percentile of a record's latency."""
    return _quantile_ms(run, 0.999)


def longest_ms(run: Run) -> float:
    """The longest latency of an acknowledged record, from its intended send, also in overload."""
    return run.latency_ms.quantile(1.0)


def _quantile_ms(run: Run, share: float) -> float:
    return run.latency_ms.quantile(share) if has_latency(run) else float("nan")


# the books


def sent(run: Run) -> int:
    """Records that the application handed over."""
    return run.guarantees.sent


def acked(run: Run) -> int:
    """Records of which the application was told that they were written."""
    return run.guarantees.acked


def failed(run: Run) -> int:
    """Records of which the application was told that they failed."""
    return run.guarantees.failed


def failed_share(run: Run) -> float:
    """Failed records, of all that were sent."""
    books = run.guarantees
    return books.failed / books.sent if books.sent else 0.0


def duplicates(run: Run) -> int:
    """Copies in the log beside the first."""
    return run.guarantees.duplicates


def displaced(run: Run) -> int:
    """First copies that stand after a higher number of the same producer and partition."""
    return run.guarantees.displaced


def inversions(run: Run) -> int:
    """Places in the log where a lower number of a producer's follows a higher one."""
    return run.guarantees.inversions


def acked_missing(run: Run) -> int:
    """Acknowledged records that are not in the log."""
    return run.guarantees.acked_missing


def failed_but_present(run: Run) -> int:
    """Failed records that are in the log all the same."""
    return run.guarantees.failed_but_present


def retried_requests(run: Run) -> int:
    """Requests that the producer gave up: their batches are sent again or fail."""
    return len(run.lost)


def duplicates_per_million(run: Run) -> float:
    """Copies in the log beside the first, for each million of records sent."""
    return run.guarantees.duplicates / run.guarantees.sent * MILLION


def displaced_per_million(run: Run) -> float:
    """Records that stand after a higher number, for each million of records sent."""
    return run.guarantees.displaced / run.guarantees.sent * MILLION


def failed_per_million(run: Run) -> float:
    """Records that failed, for each million of records sent."""
    return run.guarantees.failed / run.guarantees.sent * MILLION


def goodput_records_per_s(run: Run) -> float:
    """Acknowledged records per second over the whole window, with all its pauses."""
    return len(run.latency_ms) / run.scenario.measured_s


THROUGHPUT = (
    records_per_s,
    bound_records_per_s,
    limit,
    requests_per_s,
    records_per_request,
    request_bytes,
    service_ms,
    request_latency_ms,
    in_flight_mean,
    batch_fill,
)
LATENCY = (overloaded, mean_ms, p50_ms, p99_ms)
BOOKS = (
    sent,
    acked,
    failed,
    duplicates,
    displaced,
    acked_missing,
    failed_but_present,
    retried_requests,
)

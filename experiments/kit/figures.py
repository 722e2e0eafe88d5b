"""What is read off a run: each figure by its name, which is its column. The only such list.

A latency that says nothing of its producer is refused (NaN): :mod:`model.outcome.load` has the
rule. So is a throughput of which a window holds no whole round (``Run.too_short``). Units are in
the names.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import Run
from model.outcome.load import Load, has_latency

Figure = Callable[[Run], Any]

MILLION = 1_000_000


def _quantile_ms(share: float) -> Figure:
    return lambda run: run.latency_ms.quantile(share) if has_latency(run) else math.nan


def _answered_per_s(run: Run) -> float:
    scenario, handled_s = run.scenario, run.request_column("handled_s")
    inside = (handled_s > scenario.warmup_s) & (handled_s <= scenario.horizon_s)
    return float(inside.sum()) / scenario.measured_s


def _muted_ms(run: Run) -> float:
    """Of the requests answered in the window; where no answer is written, the work on them."""
    scenario, handled_s = run.scenario, run.request_column("handled_s")
    muted_s = run.request_column("answered_s") - run.request_column("taken_s")
    muted_s = np.where(np.isnan(muted_s), run.request_column("service_s"), muted_s)
    inside = (handled_s > scenario.warmup_s) & (handled_s <= scenario.horizon_s)
    return float(muted_s[inside].mean()) * 1e3 if inside.any() else math.nan


def _connections(run: Run) -> int:
    topic = run.scenario.topic
    return run.scenario.producers * min(topic.brokers, topic.partitions)


def _of_partitions(run: Run) -> tuple[float, int]:
    """Requests out that carry the same partition: mean over time and partitions, and the most.

    Over the window, as far as no request is still unanswered that was sent before it ends.
    """
    start_s, topic = run.scenario.warmup_s, run.scenario.topic
    end_s = min([run.scenario.horizon_s, *run.unanswered_since_s])
    ids = run.requests.column("request")
    order = np.argsort(ids)
    rows = order[np.searchsorted(ids, run.batches.column("request"), sorter=order)]
    sent_s = np.clip(run.request_column("sent_s")[rows], start_s, end_s)
    until_s = np.clip(run.in_flight_until_s[rows], start_s, end_s)
    out_s = until_s - sent_s
    pair = run.batches.column("producer") * topic.partitions + run.batches.column("partition")
    most = max((_most(sent_s[own], until_s[own]) for own in _groups(pair)), default=0)
    pairs = run.scenario.producers * topic.partitions
    return (float(out_s.sum()) / (end_s - start_s) / pairs if end_s > start_s else math.nan), most


def _groups(pair: NDArray[np.int64]) -> list[NDArray[np.bool_]]:
    return [pair == each for each in np.unique(pair)]


def _most(since_s: NDArray[np.float64], until_s: NDArray[np.float64]) -> int:
    """The most intervals that have an instant in common; one may begin where another ends."""
    real = until_s > since_s
    times_s = np.concatenate([until_s[real], since_s[real]])
    steps = np.repeat([-1, 1], real.sum())
    return int(np.cumsum(steps[np.argsort(times_s, kind="stable")]).max(initial=0))


def _per_million(count: str) -> Figure:
    return lambda run: getattr(run.guarantees, count) / run.guarantees.sent * MILLION


def _of_books(count: str) -> Figure:
    return lambda run: getattr(run.guarantees, count)


FIGURES: Mapping[str, Figure] = {
    # acknowledged records and value bytes; the closed-form bound for the run's average request,
    # and the resource that sets it
    "records_per_s": lambda run: math.nan if run.too_short else run.records_per_s,
    "mb_per_s": lambda run: math.nan if run.too_short else run.bytes_per_s / 1e6,
    "bound_records_per_s": lambda run: run.bound.records_per_s,
    "limit": lambda run: run.limit,
    # over the whole window, with all its pauses
    "goodput_records_per_s": lambda run: len(run.latency_ms) / run.scenario.measured_s,
    # answered produce requests of the window; what the mean one carries, weighs and costs the
    # broker (S of the law), and takes from its creation to its handled answer
    "requests_per_s": _answered_per_s,
    "records_per_request": lambda run: run.mean_request.records,
    "request_bytes": lambda run: run.mean_request.size_bytes,
    "service_ms": lambda run: run.mean_request.service_s * 1e3,
    "request_latency_ms": lambda run: run.request_latency_ms,
    # how long the broker reads nothing else from the connection for the mean request: its work on
    # it, and with acks=all the wait for followers
    "muted_ms": _muted_ms,
    # requests in flight: mean over time, and the most over all connections
    "in_flight_mean": lambda run: run.mean_in_flight,
    "deepest": lambda run: int(np.max(run.in_flight[1], initial=0)),
    # the same by connection; and of those that carry the same partition, over time and partitions
    "in_flight_connection": lambda run: run.mean_in_flight / _connections(run),
    "in_flight_partition": lambda run: _of_partitions(run)[0],
    "deepest_partition": lambda run: _of_partitions(run)[1],
    # how full batches are by bytes; NaN where none was acknowledged in the window
    "batch_fill": lambda run: run.batch_fill if len(run.latency_ms) else math.nan,
    # the load of the window
    "offered": lambda run: Load.of(run).offered,
    "finished": lambda run: Load.of(run).finished,
    "unfinished": lambda run: Load.of(run).unfinished,
    "overloaded": lambda run: Load.of(run).overloaded,
    # of a record, from its intended send; the longest also in overload
    "mean_ms": lambda run: run.latency_ms.mean if has_latency(run) else math.nan,
    "p50_ms": _quantile_ms(0.50),
    "p95_ms": _quantile_ms(0.95),
    "p99_ms": _quantile_ms(0.99),
    "p999_ms": _quantile_ms(0.999),
    "longest_ms": lambda run: run.latency_ms.quantile(1.0),
    # the books: what the application handed over, was told to be written, was told to have failed
    "sent": _of_books("sent"),
    "acked": _of_books("acked"),
    "failed": _of_books("failed"),
    "failed_share": lambda run: run.guarantees.failed / max(1, run.guarantees.sent),
    "failed_per_million": _per_million("failed"),
    # copies in the log beside the first; first copies that stand after a higher number of the same
    # producer and partition; places where a lower number follows a higher one
    "duplicates": _of_books("duplicates"),
    "duplicates_per_million": _per_million("duplicates"),
    "displaced": _of_books("displaced"),
    "displaced_per_million": _per_million("displaced"),
    "inversions": _of_books("inversions"),
    # acknowledged and not in the log; failed and in the log all the same
    "acked_missing": _of_books("acked_missing"),
    "failed_but_present": _of_books("failed_but_present"),
    # requests that the producer gave up: their batches are sent again or fail
    "retried_requests": lambda run: len(run.lost),
}
THROUGHPUT = (
    *("records_per_s", "bound_records_per_s", "limit", "requests_per_s", "records_per_request"),
    *("request_bytes", "service_ms", "request_latency_ms", "in_flight_mean", "batch_fill"),
)
BOOKS = (
    *("sent", "acked", "failed", "duplicates", "displaced", "acked_missing"),
    *("failed_but_present", "retried_requests"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A measure of a run: one row with these figures, in this order.

    A figure is a name of ``FIGURES``, or a function of one's own, whose name is its column.
    """

    figures: tuple[str | Figure, ...]

    def __call__(self, run: Run) -> list[dict[str, Any]]:
        return [dict(self._figure(figure, run) for figure in self.figures)]

    @staticmethod
    def _figure(figure: str | Figure, run: Run) -> tuple[str, Any]:
        if isinstance(figure, str):
            return figure, FIGURES[figure](run)
        return figure.__name__, figure(run)


def row(*figures: str | Figure | Sequence[str]) -> Row:
    """A measure of these figures; groups such as ``THROUGHPUT`` may stand among them."""
    flat: list[str | Figure] = []
    for figure in figures:
        flat += [figure] if isinstance(figure, str) or callable(figure) else figure
    return Row(tuple(dict.fromkeys(flat)))

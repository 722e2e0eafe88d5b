"""A run in a few lines of text: what a reader looks at first.

Left out: intervals, which one run does not have.
"""

import math
from typing import TYPE_CHECKING

from model.config.workload import OpenLoop, Saturating
from model.outcome.load import Load, has_latency

if TYPE_CHECKING:
    from model.outcome.run import Run

#: What a part is called stands to the left of it, in so many characters.
NAME_WIDTH = 12
SHARES = (0.5, 0.95, 0.99)


def summary(run: "Run") -> str:
    """What was run, what it carried and what limits it, latencies, and the books."""
    return "\n".join(f"{name:{NAME_WIDTH}}{text}" for name, text in _parts(run).items())


def _parts(run: "Run") -> dict[str, str]:
    books = run.guarantees
    deepest = int(max(run.in_flight[1], default=0))
    return {
        "scenario": _world(run),
        "producer": _producer(run),
        "window": _window(run),
        "throughput": _throughput(run),
        "limit": _limit(run),
        "requests": _requests(run),
        "in flight": f"{run.mean_in_flight:.3g} requests on average, {deepest} at most, over all"
        " connections",
        "latency": _latency(run),
        "records": f"{books.sent:,} sent, {books.acked:,} acknowledged, {books.failed:,} failed,"
        f" {books.unfinished:,} unfinished at the end",
        "log": f"{books.duplicates:,} duplicates, {books.displaced:,} out of order,"
        f" {books.acked_missing:,} acknowledged but missing",
    }


def _world(run: "Run") -> str:
    scenario, topic = run.scenario, run.scenario.topic
    paths = [scenario.path_to(broker).rtt_ms for broker in range(topic.brokers)]
    near, far = (f"{edge:g}" for edge in (min(paths), max(paths)))
    distance = near if near == far else f"{near} to {far}"
    apart = f" {scenario.replica_path.rtt_ms:g} ms apart" if topic.replicas > 1 else ""
    return (
        f"{_count(scenario.producers, 'producer')}, {distance} ms from"
        f" {_count(topic.brokers, 'broker')}; {_count(topic.partitions, 'partition')},"
        f" {_count(topic.replicas, 'replica')}{apart}"
    )


def _producer(run: "Run") -> str:
    own = run.scenario.producer
    return (
        f"acks={own.acks}, {'' if own.enable_idempotence else 'not '}idempotent,"
        f" {own.max_in_flight_requests_per_connection} in flight, batches of"
        f" {own.batch_size_bytes:,} bytes, linger {own.linger_ms:g} ms"
    )


def _window(run: "Run") -> str:
    scenario = run.scenario
    looked = f"{scenario.measured_s:g} s after {scenario.warmup_s:g} s of warm-up, seed {run.seed}"
    faults = ", ".join(dict.fromkeys(fault.what for fault in scenario.faults))
    return f"{looked}; faults: {faults}" if faults else looked


def _throughput(run: "Run") -> str:
    """With what was offered where the application has a rate."""
    carried = f"{_number(run.records_per_s)} records/s, {run.bytes_per_s / 1e6:.3g} MB/s"
    if run.too_short:
        carried += " (the window is too short to tell: it holds no whole round of requests)"
    arrival = run.scenario.workload.arrival
    if not isinstance(arrival, OpenLoop) or arrival.records is not None:
        return carried
    behind = ": it falls behind" if Load.of(run).overloaded else ""
    return (
        f"{carried}, of {_number(arrival.records_per_s * run.scenario.producers)} offered{behind}"
    )


def _limit(run: "Run") -> str:
    """Without an answer there is no average request, which the bound is of."""
    if math.isnan(run.request_latency_ms):
        return "not known: no answer came within the window; make measured_s longer"
    return f"{run.limit}: cannot exceed {_number(run.bound.records_per_s)} records/s"


def _requests(run: "Run") -> str:
    if math.isnan(run.request_latency_ms):
        return "none answered in the window"
    records, took_ms = run.mean_request.records, run.request_latency_ms
    return f"{_number(records)} records each; {_number(took_ms)} ms from creation to answer"


def _latency(run: "Run") -> str:
    """The application that never waits fills the buffer: its latency is that of the buffer.

    One that the producer falls behind of waits ever longer, for as long as one looks.
    """
    if not len(run.latency_ms):
        return "no record acknowledged in the window"
    told = ", ".join(f"p{100 * x:g} {_number(run.latency_ms.quantile(x))}" for x in SHARES)
    if has_latency(run):
        return f"{told} ms"
    if isinstance(run.scenario.workload.arrival, Saturating):
        return f"{told} ms (of a buffer that is always full)"
    return f"{told} ms (these only say how long the window was)"


def _number(value: float) -> str:
    """Three digits where there are few."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

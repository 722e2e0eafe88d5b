"""A run in a few lines of text: what a reader looks at first.

Left out: intervals, which one run does not have.
"""

import math
from typing import TYPE_CHECKING

from model.config.workload import Saturating

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
    most = f"cannot exceed {_number(run.bound.records_per_s)}"
    return {
        "scenario": _world(run),
        "producer": _producer(run),
        "window": _window(run),
        "throughput": f"{_number(run.records_per_s)} records/s, {run.bytes_per_s / 1e6:.3g} MB/s",
        "limit": f"{run.limit}: {most} records/s",
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
    return (
        f"{_count(scenario.producers, 'producer')}, {distance} ms from"
        f" {_count(topic.brokers, 'broker')}; {_count(topic.partitions, 'partition')},"
        f" {_count(topic.replicas, 'replica')}"
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


def _requests(run: "Run") -> str:
    if math.isnan(run.request_latency_ms):
        return "none answered in the window"
    records, took_ms = run.mean_request.records, run.request_latency_ms
    return f"{_number(records)} records each; {_number(took_ms)} ms from creation to answer"


def _latency(run: "Run") -> str:
    """The application that never waits fills the buffer: its latency is that of the buffer."""
    if not len(run.latency_ms):
        return "no record acknowledged in the window"
    told = ", ".join(f"p{100 * x:g} {_number(run.latency_ms.quantile(x))}" for x in SHARES)
    waits = isinstance(run.scenario.workload.arrival, Saturating)
    return f"{told} ms{' (of a buffer that is always full)' if waits else ''}"


def _number(value: float) -> str:
    """Three digits where there are few."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

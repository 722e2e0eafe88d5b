"""One sentence: what limits the user's own producer, and which setting to change first.

Nothing is asserted by rule: each candidate is simulated beside the user's own settings with the
same seeds, and the sentence quotes both figures. Candidates are judged by records/s as fast as the
producer can, or by the 99th percentile of latency where the user named a rate that it carries.
Left out as candidates: what gives up safety (acks), and batches so large that a round of requests
no longer fits the receive window, where throughput moves in steps of whole round trips.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from experiments.compare.outcome import Task, carry_out
from experiments.compare.question import Question
from experiments.kit.pool import Workers
from experiments.kit.window import fills_receive_window, window_bytes
from model import ConfigError, ProducerConfig, Scenario
from model.outcome.bound import RECEIVE_WINDOW
from model.units import KIB

REPLICATIONS = 2
#: Ours: what gains less is not worth an operator's morning.
WORTH = 1.05
BATCH_STEP_BYTES = 4 * KIB
LARGEST_STEP = 4  # times today's value


@dataclass(frozen=True, slots=True)
class Change:
    """A setting to try on the user's own producer."""

    told: str
    producer: ProducerConfig


@dataclass(frozen=True, slots=True)
class Trial:
    """What a change came to: mean records/s or p99 in ms, and the limiting resource."""

    told: str
    figure: float
    limit: str


def advise(question: Question, workers: Workers) -> str:
    """The sentence, for the farthest of the question's distances."""
    rtt_ms = max(question.distances_ms.values())
    changes = [Change("nothing", question.resolved.producer), *_candidates(question, rtt_ms)]
    full = [question.at_full_load(change.producer, rtt_ms) for change in changes]
    own, *others = _try(question, changes, full, "records_per_s", workers)
    rate = question.rate_per_s
    if rate is None or own.figure < rate * question.producers:
        return _for_throughput(question, rtt_ms, own, others)
    load = [question.at_load(change.producer, rtt_ms, rate) for change in changes]
    own_p99, *others = _try(question, changes, load, "p99_ms", workers)
    return _for_latency(rtt_ms, own, own_p99, others)


def _for_throughput(question: Question, rtt_ms: float, own: Trial, others: list[Trial]) -> str:
    opening = f"At {rtt_ms:g} ms RTT the {own.limit} limits your producer to"
    opening += f" {own.figure:,.0f} records/s"
    best = max(others, key=lambda trial: trial.figure, default=own)
    if best.figure >= WORTH * own.figure:
        times = best.figure / own.figure
        return f"{opening}: {best.told} first ({best.figure:,.0f} records/s, x {times:.2f})."
    if own.limit == RECEIVE_WINDOW:
        scenario = question.at_full_load(question.resolved.producer, rtt_ms)
        return (
            f"{opening}: {window_bytes(scenario):,.0f} bytes of a connection are on their way at a"
            " time, and no setting of the producer changes that; raise the brokers'"
            " socket.receive.buffer.bytes first."
        )
    return (
        f"{opening}, and no setting tried gains 5 %: add partitions on other brokers or"
        " producers first."
    )


def _for_latency(rtt_ms: float, own: Trial, own_p99: Trial, others: list[Trial]) -> str:
    opening = (
        f"At {rtt_ms:g} ms RTT your producer carries that rate (the {own.limit} ends it at"
        f" {own.figure:,.0f} records/s) with a p99 of {own_p99.figure:.3g} ms"
    )
    best = min(others, key=lambda trial: trial.figure, default=own_p99)
    if best.figure * WORTH <= own_p99.figure:
        return f"{opening}: {best.told} first for a p99 of {best.figure:.3g} ms."
    return f"{opening}, and no setting tried gains 5 %: leave them as they are."


def _try(
    question: Question,
    changes: list[Change],
    scenarios: list[Scenario],
    figure: str,
    workers: Workers,
) -> list[Trial]:
    """Simulate each change under the same seeds and take the mean of a figure."""
    tasks = [
        Task("advice", "", change.told, replication, scenario, question.seed + replication)
        for change, scenario in zip(changes, scenarios, strict=True)
        for replication in range(REPLICATIONS)
    ]
    figures = [outcome.figures for outcome in workers.map(carry_out, tasks)]
    return [
        Trial(
            change.told,
            float(np.mean([float(one[figure]) for one in figures[start : start + REPLICATIONS]])),
            str(figures[start]["limit"]),
        )
        for change, start in zip(changes, range(0, len(figures), REPLICATIONS), strict=True)
    ]


def _candidates(question: Question, rtt_ms: float) -> Iterator[Change]:
    """Changes that the client accepts and that do not just move the wall to the broker's socket."""
    tried: set[str] = set()
    for setting, told, changes in _ideas(question.resolved.producer):
        if setting in tried:
            continue
        try:
            producer = question.with_producer(**changes)
            scenario = question.at_full_load(producer, rtt_ms)
        except ConfigError:
            continue
        if not fills_receive_window(scenario):
            tried.add(setting)
            yield Change(told, producer)


def _ideas(own: ProducerConfig) -> Iterator[tuple[str, str, dict[str, object]]]:
    """(setting, what to say, what to change): of one setting the first that is possible counts."""
    if own.max_in_flight_requests_per_connection < 5:
        yield (
            "depth",
            "set max.in.flight.requests.per.connection=5 with enable.idempotence=true",
            {
                "max_in_flight_requests_per_connection": 5,
                "enable_idempotence": True,
                "acks": "all",
            },
        )
    for halves in range(2 * LARGEST_STEP, 2, -1):
        size = own.batch_size_bytes * halves // 2 // BATCH_STEP_BYTES * BATCH_STEP_BYTES
        if size > own.batch_size_bytes:
            yield "batch.size", f"set batch.size={size}", {"batch_size_bytes": size}
    memory = own.buffer_memory_bytes * LARGEST_STEP
    yield "buffer.memory", f"set buffer.memory={memory}", {"buffer_memory_bytes": memory}
    if own.linger_ms:
        yield "linger.ms", "set linger.ms=0", {"linger_ms": 0.0}

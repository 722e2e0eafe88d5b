"""One sentence: what limits the user's own producer, and which setting to change first.

Nothing is asserted by rule: each candidate is simulated beside the user's own settings with the
same seeds, and the sentence quotes both figures. Candidates are judged by records/s as fast as the
producer can, or by the 99th percentile of latency where the user named a rate that it carries.
Left out as candidates: what gives up safety (acks), and batches so large that a round of requests
no longer fits the receive window, where throughput moves in steps of whole round trips.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from experiments.compare.study import Task, carry_out
from experiments.kit.loads import fills_receive_window
from experiments.kit.pool import Workers
from experiments.kit.world import World
from model import ConfigError, ProducerConfig, Scenario
from model.outcome.bound import RECEIVE_WINDOW
from model.units import KIB

REPLICATIONS = 2
#: Ours: what gains less is not worth an operator's morning.
WORTH = 1.05
BATCH_STEP_BYTES = 4 * KIB
LARGEST_STEP = 4  # times today's value


@dataclass(frozen=True, slots=True)
class Trial:
    """What a change came to: mean records/s or p99 in ms, and the limiting resource."""

    change: str
    figure: float
    limit: str


def advise(world: World, workers: Workers) -> str:
    """The sentence, for the world's own distance."""
    producers = {"nothing": world.own, **dict(_candidates(world))}
    full = {change: world.at_full_load(config) for change, config in producers.items()}
    own, *others = _try(world, full, "records_per_s", workers)
    rate = world.rate_per_s
    if rate is None or own.figure < rate * world.producers:
        return _for_throughput(world, own, others)
    load = {change: world.at_load(config, rate) for change, config in producers.items()}
    own_p99, *trials = _try(world, load, "p99_ms", workers)
    if math.isnan(own_p99.figure):  # overloaded after all
        return _for_throughput(world, own, others)
    return _for_latency(world, own_p99, [t for t in trials if not math.isnan(t.figure)])


def _for_throughput(world: World, own: Trial, others: Sequence[Trial]) -> str:
    limit = f"At {world.rtt_ms:g} ms RTT the {own.limit} limits your producer"
    opening = f"{limit} to {own.figure:,.0f} records/s"
    best = max(others, key=lambda trial: trial.figure, default=own)
    if best.figure >= WORTH * own.figure:
        times = best.figure / own.figure
        return f"{opening}: {best.change} first ({best.figure:,.0f} records/s, x {times:.2f})."
    if own.limit == RECEIVE_WINDOW:
        return f"{opening}: raise the brokers' socket.receive.buffer.bytes first."
    rest = "add partitions on other brokers or producers first"
    return f"{opening}, and no setting tried gains 5 %: {rest}."


def _for_latency(world: World, own_p99: Trial, others: Sequence[Trial]) -> str:
    carries = f"At {world.rtt_ms:g} ms RTT your producer carries that rate"
    opening = f"{carries} with a p99 of {own_p99.figure:.3g} ms"
    best = min(others, key=lambda trial: trial.figure, default=own_p99)
    if best.figure * WORTH <= own_p99.figure:
        return f"{opening}: {best.change} first for a p99 of {best.figure:.3g} ms."
    return f"{opening}, and no setting tried gains 5 %: leave them as they are."


def _try(
    world: World, scenarios: Mapping[str, Scenario], figure: str, workers: Workers
) -> list[Trial]:
    """Simulate each change under the same seeds and take the mean of a figure."""
    tasks = [
        Task("advice", "", change, replication, scenario, world.seed + replication)
        for change, scenario in scenarios.items()
        for replication in range(REPLICATIONS)
    ]
    rows = [outcome.figures for outcome in workers.map(carry_out, tasks)]
    found = []
    for place, change in enumerate(scenarios):
        first, *_ = both = rows[REPLICATIONS * place :][:REPLICATIONS]
        found.append(Trial(change, float(np.mean([row[figure] for row in both])), first["limit"]))
    return found


def _candidates(world: World) -> Iterator[tuple[str, ProducerConfig]]:
    """Changes that the client accepts and that do not just move the wall to the broker's socket.

    Of one setting the first that is possible counts.
    """
    tried: set[str] = set()
    for setting, change, values in _ideas(world.own):
        with suppress(ConfigError):
            producer = world.with_producer(**values)
            if setting not in tried and not fills_receive_window(world.at_full_load(producer)):
                tried.add(setting)
                yield change, producer


def _ideas(own: ProducerConfig) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """The setting, what to say, and what to change."""
    if own.max_in_flight_requests_per_connection < 5:
        change = "set max.in.flight.requests.per.connection=5 with enable.idempotence=true"
        idempotent = {"enable_idempotence": True, "acks": "all"}
        yield "depth", change, {"max_in_flight_requests_per_connection": 5, **idempotent}
    for halves in range(2 * LARGEST_STEP, 2, -1):
        size = own.batch_size_bytes * halves // 2 // BATCH_STEP_BYTES * BATCH_STEP_BYTES
        if size > own.batch_size_bytes:
            yield "batch.size", f"set batch.size={size}", {"batch_size_bytes": size}
    memory = own.buffer_memory_bytes * LARGEST_STEP
    yield "buffer.memory", f"set buffer.memory={memory}", {"buffer_memory_bytes": memory}
    if own.linger_ms:
        yield "linger.ms", "set linger.ms=0", {"linger_ms": 0.0}

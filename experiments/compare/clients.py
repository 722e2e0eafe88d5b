"""The clients side by side in a user's world: their runs, and the frames that these leave.

Each client at its own defaults (the user's own client with the user's settings) and, to be compared
like with like, idempotent and with batches of 16 KiB, as fast as it can; at its defaults also under
the same load, with connections that are lost again and again, and with one thing changed that may
help it. Replication r of every run has the same seed.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from experiments.compare.changes import LARGEST_BATCH_BYTES, SOCKET_BYTES
from experiments.compare.tasks import first_requests
from experiments.kit import effort, figures
from experiments.kit.assumes import assumed
from experiments.kit.clients import LOST, as_it_comes, deepest, with_losses
from experiments.kit.pool import Workers
from experiments.kit.words import count, plain
from experiments.kit.world import LOAD_SHARE, TYPICAL_MS, World, values, world_of
from model import ConfigError, ProducerConfig, Scenario, simulate
from model.clients import PROFILES

#: How a run of a client is made: phases of the frame ``rows``.
COMES, ALIKE, LOAD, CHANGED = "as it comes", "alike", "load", "changed"
#: Ours: times as many partitions, and as large batches, as the user has.
MORE = 4
CAPACITY = figures.row(
    *("records_per_s", "limit", "records_per_request", "request_latency_ms"),
    *("in_flight_connection", "in_flight_partition"),
)
LATENCY = figures.row("p50_ms", "p99_ms", "overloaded")
HARM = figures.row("duplicates", "displaced", "inversions", "failed")
MEASURES = {COMES: CAPACITY, ALIKE: CAPACITY, CHANGED: CAPACITY, LOAD: LATENCY}


@dataclass(frozen=True, slots=True)
class Task:
    """A run of a client: ``phase`` is one above or what is lost, ``change`` what is changed."""

    client: str
    phase: str
    scenario: Scenario
    seed: int
    replication: int = 0
    change: str = ""


@dataclass(frozen=True)
class Clients:
    """A user's world, and each client as it is run in it; made by :func:`clients_in`."""

    world: World
    comes: dict[str, ProducerConfig]
    alike: dict[str, ProducerConfig]

    @property
    def scenarios(self) -> list[Scenario]:
        """Every client as fast as it can: what each run is one of, or like."""
        producers = (*self.comes.values(), *self.alike.values())
        return [self.world.at_full_load(producer) for producer in producers]

    def assumed(self) -> str:
        """The line that the answer begins with."""
        rate, share = self.world.rate_per_s, f"{LOAD_SHARE:.0%}".replace("%", " %")
        at = f"{share} of what the slowest carries" if rate is None else f"{plain(rate)} records/s"
        kafka = self.world.resolved.kafka
        return assumed(self.scenarios, kafka, f"as fast as it can and at {at}")

    def effort(self, jobs: int | None) -> list[str]:
        """How long it takes, where that is long."""
        return effort.told(self.scenarios, jobs, 3.0 * (self.world.replications or 1))

    def manifest(self) -> dict[str, object]:
        """Everything needed to make the same runs again."""
        made = {"as they come": self.comes, "alike": self.alike}
        producers = {
            f"{client}, {how}": values(producer)
            for how, each in made.items()
            for client, producer in each.items()
        }
        return {**self.world.manifest(), "experiment": "compare, clients", "producers": producers}


def clients_in(rtt_ms: tuple[float, ...], **given: Any) -> Clients:
    """What a command's options ask for. Raises ConfigError for whatever cannot be."""
    if len(rtt_ms) > 1:
        raise ConfigError("rtt-ms", rtt_ms[1], "must be given once with --clients")
    if given.get("outstanding") is not None:
        raise ConfigError("outstanding", given["outstanding"], "must be left out with --clients")
    world = world_of(rtt_ms=rtt_ms[0] if rtt_ms else TYPICAL_MS["far"], **given)
    own = world.own
    comes = {name: own if name == own.client else as_it_comes(name) for name in PROFILES}
    asked = Clients(world, comes, {name: deepest(name).producer for name in PROFILES})
    for scenario in asked.scenarios:
        world.at_load(scenario.producer, world.rate_per_s or 1.0)
    return asked


def carry_out_clients(asked: Clients, workers: Workers) -> dict[str, pd.DataFrame]:
    """Make every run; the frames ``rows`` and ``requests``, the first ones of all clients alike."""
    full = list(_full_load(asked))
    found = workers.map(_carry_out, full)
    rate = asked.world.rate_per_s or _share_of_slowest(full, found, asked.world)
    rest = [*_under_load(asked, rate), *_changed(asked)]
    found += workers.map(_carry_out, rest)
    rows = [
        {"client": task.client, "phase": task.phase, "change": task.change}
        | {"replication": task.replication, "rate_per_s": rate, "rtt_ms": asked.world.rtt_ms}
        | {"allowed": task.scenario.producer.max_in_flight_requests_per_connection}
        | {"idempotent": task.scenario.producer.enable_idempotence, **row}
        for task, (row, _) in zip([*full, *rest], found, strict=True)
    ]
    requests = [
        {"rtt_ms": asked.world.rtt_ms, "producer": task.client, **request}
        for task, (_, first) in zip(full, found, strict=False)
        for request in first
    ]
    return {"rows": pd.DataFrame(rows), "requests": pd.DataFrame(requests)}


def _carry_out(task: Task) -> tuple[dict[str, Any], list[dict[str, float]]]:
    run = simulate(task.scenario, task.seed)
    (row,) = MEASURES.get(task.phase, HARM)(run)
    pictured = task.phase == ALIKE and not task.replication
    return row, first_requests(run) if pictured else []


def _share_of_slowest(
    tasks: list[Task], found: list[tuple[dict[str, Any], list[dict[str, float]]]], world: World
) -> float:
    """A rate that all carry, for each producer."""
    carried = [row["records_per_s"] for task, (row, _) in zip(tasks, found, strict=True)]
    least = min(each for each in carried if each == each)
    return float(f"{LOAD_SHARE * least / world.producers:.3g}")


def _full_load(asked: Clients) -> Iterator[Task]:
    """As fast as each can, with every seed."""
    for phase, producers in ((COMES, asked.comes), (ALIKE, asked.alike)):
        for client, producer in producers.items():
            yield from _replicated(asked, client, phase, asked.world.at_full_load(producer))


def _under_load(asked: Clients, rate_per_s: float) -> Iterator[Task]:
    """The same arrivals for all, and the same with losses."""
    for client, producer in asked.comes.items():
        offered = asked.world.at_load(producer, rate_per_s)
        yield from _replicated(asked, client, LOAD, offered)
        for lost in LOST:
            struck = with_losses(asked.world, producer, rate_per_s, lost)
            yield Task(client, lost, struck, asked.world.seed)


def _replicated(asked: Clients, client: str, phase: str, scenario: Scenario) -> Iterator[Task]:
    for number in range(asked.world.replications or 1):
        yield Task(client, phase, scenario, asked.world.seed + number, number)


def _changed(asked: Clients) -> Iterator[Task]:
    """Each client at its defaults with one thing changed; with the seeds that it is compared to."""
    for client, producer in asked.comes.items():
        for change, scenario in changes(asked.world, client, producer):
            for task in _replicated(asked, client, CHANGED, scenario):
                yield replace(task, change=change)


def changes(world: World, client: str, producer: ProducerConfig) -> Iterator[tuple[str, Scenario]]:
    """More partitions, larger batches, larger sockets, each with how to say it.

    The client's own socket grows with the brokers', which Linux does by itself.
    """
    partitions = MORE * world.topic.partitions
    with suppress(ConfigError):
        more = world.with_topic(partitions, world.topic.brokers)
        yield count(partitions, "partition"), more.at_full_load(producer)
    larger = min(MORE * producer.batch_size_bytes, LARGEST_BATCH_BYTES)
    if larger >= 2 * producer.batch_size_bytes:
        with suppress(ConfigError):
            batches = replace(producer, batch_size_bytes=larger)
            yield f"{PROFILES[client].names.batch_bytes}={larger}", world.at_full_load(batches)
    full = world.at_full_load(producer)
    sockets = replace(full.broker, socket_receive_buffer_bytes=SOCKET_BYTES)
    sender = replace(full.producer, send_buffer_bytes=SOCKET_BYTES)
    yield (
        f"socket.receive.buffer.bytes={SOCKET_BYTES} on the brokers",
        replace(full, broker=sockets, producer=sender),
    )

"""The user's world as a value: settings, distance, load, records, topic, machine.

Every experiment varies it: a sweep runs in the default world, a question in the user's own. The
scenarios that it makes are complete; an experiment changes what it is about. Distances in ms, rates
in records per second and producer.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from experiments.kit import loads, windows
from experiments.kit.copies import BETWEEN_MS, MIN_INSYNC, REPLICAS, between, placed
from experiments.kit.options import JAVA, NEWEST_KAFKA
from experiments.kit.properties import Loaded, load_settings
from experiments.kit.worldfile import is_from_file, is_left_open
from model import (
    PRODUCTION_TOPIC,
    REFERENCE_MACHINE,
    ClosedLoop,
    ConfigError,
    Fault,
    MachineConfig,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Saturating,
    Scenario,
    TopicConfig,
    Workload,
    load_machine,
)
from model.config.checks import require_count
from model.config.compression import Compressibility
from model.config.workload import Arrival
from model.wire.compressed import CompressedPacking

#: How long to look, in full requests: enough for the intervals to be narrow, few enough to answer
#: in seconds.
WARMUP_REQUESTS, MEASURED_REQUESTS = 20, 120
#: Ours: typical round trips within a rack, within a region, and across an ocean's near side.
TYPICAL_MS = {"same rack": 0.2, "same region": 2.0, "far": 50.0}
#: Ours: moderate load, where queues form and drain.
LOAD_SHARE = 0.6


@dataclass(frozen=True, kw_only=True)
class World:
    """What a user may say of their own cluster; everything has a default. Raises ConfigError.

    ``rate_per_s`` is each producer's, None: a share of what one in flight carries.
    ``replica_rtt_ms`` lies between brokers, there and back. ``fine``: whether to look at all levels
    of an experiment (a sweep), or at few enough to answer in seconds.
    ``compressibility``: what a codec makes of the records, where the producer has one; None: as of
    records like log lines in JSON.
    """

    resolved: Loaded = field(default_factory=lambda: load_settings(None, (), NEWEST_KAFKA))
    rtt_ms: float = 20.0
    rate_per_s: float | None = None
    arrivals: Literal["poisson", "even"] = "poisson"
    outstanding: int | None = None
    value_bytes: int = 1_000
    key_space: int = 0
    topic: TopicConfig = PRODUCTION_TOPIC
    replica_rtt_ms: float = BETWEEN_MS
    compressibility: Compressibility | None = None
    producers: int = 1
    machine: MachineConfig = REFERENCE_MACHINE
    seed: int = 1
    replications: int | None = None  # None: as many as the experiment asks for
    fine: bool = True

    def __post_init__(self) -> None:
        if self.replications is not None:
            require_count("repeats", self.replications, 2, 1_000)
        require_count("seed", self.seed, 0, 2**32)
        between(self.topic, self.replica_rtt_ms)
        self.at_full_load(self.own)
        self.at_load(self.own, 1.0 if self.rate_per_s is None else self.rate_per_s)

    @property
    def own(self) -> ProducerConfig:
        """The user's own producer."""
        return self.resolved.producer

    def with_producer(self, **changes: object) -> ProducerConfig:
        """The user's own producer with some settings changed. Raises ConfigError."""
        return replace(self.own, **changes)  # type: ignore[arg-type]  # by name

    def in_flight(self, depth: int, idempotent: bool = False) -> ProducerConfig:
        """The user's own with another depth; idempotence needs acks=all, and takes it."""
        acks = "all" if idempotent else self.own.acks
        return self.with_producer(
            max_in_flight_requests_per_connection=depth, enable_idempotence=idempotent, acks=acks
        )

    def with_topic(self, partitions: int, brokers: int) -> "World":
        """The same with another topic."""
        return replace(self, topic=replace(self.topic, partitions=partitions, brokers=brokers))

    def with_one_copy(self) -> "World":
        """The same with one copy of each partition: acks=all waits for nobody else."""
        return replace(self, topic=replace(self.topic, replicas=1, min_insync_replicas=1))

    def distances(self, levels: Iterable[float]) -> list[float]:
        """Levels of distance with the user's own among them, nearest first."""
        return sorted({*levels, self.rtt_ms})

    def scenario(
        self, config: ProducerConfig, arrival: Arrival, rtt_ms: float | None = None
    ) -> Scenario:
        """One of these producers, warm, under this load, at the user's distance or another.

        Its estimate of how far batches shrink has settled: that takes a hundred batches.
        """
        workload = Workload(
            arrival=arrival,
            value_bytes=self.value_bytes,
            key_space=self.key_space,
            compressibility=self.compressibility,
        )
        scenario = Scenario(
            path=PathConfig(rtt_ms=self.rtt_ms if rtt_ms is None else rtt_ms),
            replica_path=between(self.topic, self.replica_rtt_ms),
            producer=config,
            workload=workload,
            topic=self.topic,
            machine=self.machine,
            producers=self.producers,
            warm_start=True,
        )
        packing = scenario.packing
        if not isinstance(packing, CompressedPacking):
            return scenario
        return replace(scenario, compression_estimate=packing.settled_ratio)

    def at_capacity(self, config: ProducerConfig, rtt_ms: float | None = None) -> Scenario:
        """As fast as this producer can, for as long as a sweep looks."""
        return loads.at_capacity(self.scenario(config, Saturating(), rtt_ms))

    def at_full_load(self, config: ProducerConfig, rtt_ms: float | None = None) -> Scenario:
        """As fast as this producer can, or in the user's closed loop; as short as will do."""
        if self.outstanding is not None:
            scenario = self.scenario(config, ClosedLoop(self.outstanding), rtt_ms)
        else:
            queue = loads.short_queue(config, self.topic.partitions)
            scenario = loads.with_short_queue(self.scenario(queue, Saturating(), rtt_ms))
        return windows.over_rounds(scenario, WARMUP_REQUESTS, MEASURED_REQUESTS)

    def at_load(
        self, config: ProducerConfig, rate_per_s: float, rtt_ms: float | None = None
    ) -> Scenario:
        """Offered so many records per second and producer."""
        scenario = self.scenario(config, OpenLoop(rate_per_s, self.arrivals), rtt_ms)
        return loads.long_enough_to_tell(windows.over_load(scenario))

    def in_trouble(
        self, config: ProducerConfig, faults: tuple[Fault, ...], sends: OpenLoop, horizon_s: float
    ) -> Scenario:
        """A run in which things go wrong, from its first second to its last."""
        plain = replace(self, key_space=0, producers=1).scenario(config, sends)
        return replace(plain, faults=faults, warmup_s=0.0, measured_s=horizon_s)

    def carries(self, config: ProducerConfig, rtt_ms: float | None = None) -> float:
        """Closed form: the most records/s that one such producer carries in full batches."""
        return loads.carries(self.at_full_load(config, rtt_ms)) / self.producers

    def calm_rate(self, most: float = math.inf) -> float:
        """The user's rate, or one that even one request in flight carries with ease."""
        if self.rate_per_s is not None:
            return self.rate_per_s
        return float(f"{min(most, LOAD_SHARE * self.carries(self.in_flight(1))):.3g}")

    def manifest(self) -> dict[str, object]:
        """Everything needed to be in this world again, as a stored run says it."""
        as_named = ("rtt_ms", "rate_per_s", "arrivals", "outstanding", "value_bytes", "key_space")
        return {
            "kafka": str(self.resolved.kafka),
            "own_producer": values(self.own),
            "machine_us": values(self.machine),
            "topic": values(self.topic),
            "replica_rtt_ms": self.replica_rtt_ms if self.topic.replicas > 1 else None,
            "producer_count": self.producers,
            "compressibility": values(self.compressibility) if self.compressibility else None,
            **{name: getattr(self, name) for name in (*as_named, "seed", "replications")},
        }


def only_to_first(scenario: Scenario) -> Scenario:
    """The same run with records for the first broker's partitions alone, chosen by no key."""
    led = tuple(scenario.topic.led_by(0))
    workload = replace(scenario.workload, key_space=0, partition_cycle=led)
    return replace(scenario, workload=workload)


def values(config: Any) -> dict[str, object]:
    """A frozen value with slots as a mapping; infinity, which JSON lacks, as text."""
    fields = {name: getattr(config, name) for name in config.__slots__}
    return {name: str(value) if value == math.inf else value for name, value in fields.items()}


def machine_of(constants: Path | None) -> MachineConfig:
    """The machine in this file, as fast in the mean and without stalls; none: the reference one.

    Raises ConfigError for a file that cannot be read.
    """
    return load_machine(constants).without_stalls() if constants else REFERENCE_MACHINE


def world_of(
    *,
    properties: Path | None,
    kafka: str,
    overrides: tuple[str, ...],
    constants: Path | None,
    partitions: int,
    brokers: int | None = None,
    replicas: int | None = None,
    min_insync: int | None = None,
    replica_rtt_ms: float | None = None,
    usual_replicas: int = REPLICAS,
    as_kind: str | None = None,
    which: str | None = None,
    compression_ratio: float | None = None,
    sample: Path | None = None,
    client: str = JAVA,
    **rest: Any,
) -> World:
    """The world that a command's options describe. Raises ConfigError for whatever cannot be.

    Copies that no option tells are those that the file of settings names, or ``usual_replicas``.
    A sample of records says how large they are, unless an option or the world file does.
    """
    resolved = load_settings(properties, overrides, kafka, as_kind, which, client)
    said = resolved.topic
    if min_insync is not None or replica_rtt_ms is not None:
        usual_replicas = REPLICAS  # who speaks of replicas has some
    usual = said.replicas or usual_replicas, said.min_insync_replicas or MIN_INSYNC
    compressibility = None
    if compression_ratio is not None and sample is not None:
        compression_ratio, sample = _typed_one(compression_ratio, sample)
    if compression_ratio is not None:
        compressibility = Compressibility(ratio=compression_ratio)
    elif sample is not None:
        from experiments.kit.sample import read_sample  # who has none waits for no codec

        found = read_sample(sample, resolved.producer)
        compressibility = found.compressibility
        if is_left_open("value_bytes"):
            rest["value_bytes"] = found.value_bytes
    return World(
        resolved=resolved,
        compressibility=compressibility,
        machine=machine_of(constants),
        topic=placed(partitions, brokers, replicas, min_insync, usual),
        replica_rtt_ms=BETWEEN_MS if replica_rtt_ms is None else replica_rtt_ms,
        **rest,
    )


def _typed_one(ratio: float, sample: Path) -> tuple[float | None, Path | None]:
    """A ratio or a sample: the one that was typed, if the other is the world file's."""
    if is_from_file("sample") == is_from_file("compression_ratio"):
        rule = "must not be given beside compression-ratio, which says the same"
        raise ConfigError("sample", sample, rule)
    return (None, sample) if is_from_file("compression_ratio") else (ratio, None)


def refusal(make: Callable[..., object], *arguments: object) -> str:
    """What a call is refused with, in one line; empty if it is not."""
    try:
        make(*arguments)
    except ConfigError as error:
        return str(error)
    return ""

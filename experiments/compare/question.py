"""What is asked: whose settings, at which distances, under which load; a value that is checked."""

from dataclasses import dataclass, field, replace
from typing import Literal

from experiments.compare.contenders import contenders
from experiments.kit.horizon import over_requests, over_seconds
from model import (
    REFERENCE_MACHINE,
    ClosedLoop,
    MachineConfig,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Saturating,
    Scenario,
    TopicConfig,
    Workload,
)
from model.config.checks import require_count
from model.config.workload import Arrival
from model.settings import Resolved

#: Ours: typical round trips within a rack, within a region, and across an ocean's near side.
DISTANCES_MS = {"same rack": 0.2, "same region": 2.0, "far": 50.0}
#: The curve of throughput over distance.
CURVE_MS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)
#: How long to look, in full requests and in records: enough for the intervals to be narrow, few
#: enough to answer in seconds.
WARMUP_REQUESTS, MEASURED_REQUESTS = 20, 120
MEASURED_RECORDS = 800
#: Batches for each partition that a saturating producer's memory is cut down to.
QUEUED_BATCHES = 16


@dataclass(frozen=True, kw_only=True)
class Question:
    """The settings are the user's; everything else has a default."""

    resolved: Resolved
    distances_ms: dict[str, float] = field(default_factory=lambda: dict(DISTANCES_MS))
    rate_per_s: float | None = None  # per producer; None: a share of what one in flight carries
    arrivals: Literal["poisson", "even"] = "poisson"
    outstanding: int | None = None
    value_bytes: int = 1_000
    key_space: int = 0
    topic: TopicConfig = field(default_factory=TopicConfig)
    producers: int = 1
    seed: int = 1
    replications: int = 5
    machine: MachineConfig = REFERENCE_MACHINE

    def __post_init__(self) -> None:
        require_count("replications", self.replications, 2, 1_000)
        require_count("seed", self.seed, 0, 2**32)
        for rtt_ms in self.distances_ms.values():
            for config in self.contenders.values():
                self.at_full_load(config, rtt_ms)
                self.at_load(config, rtt_ms, 1.0 if self.rate_per_s is None else self.rate_per_s)

    @property
    def contenders(self) -> dict[str, ProducerConfig]:
        """The producers compared, by label."""
        return contenders(self.resolved)

    def at_full_load(self, config: ProducerConfig, rtt_ms: float) -> Scenario:
        """As fast as this producer can, or in the user's closed loop."""
        if self.outstanding is not None:
            scenario = self._scenario(config, rtt_ms, ClosedLoop(self.outstanding))
        else:
            scenario = self._scenario(self._with_short_queue(config), rtt_ms, Saturating())
        return over_requests(scenario, WARMUP_REQUESTS, MEASURED_REQUESTS)

    def at_load(self, config: ProducerConfig, rtt_ms: float, rate_per_s: float) -> Scenario:
        """Offered so many records per second and producer."""
        scenario = self._scenario(config, rtt_ms, OpenLoop(rate_per_s, self.arrivals))
        measured_s = MEASURED_RECORDS / (rate_per_s * self.producers)
        return over_seconds(scenario, 0.2 * measured_s, measured_s)

    def _with_short_queue(self, config: ProducerConfig) -> ProducerConfig:
        """Memory for as many batches as keep every partition's queue from running dry.

        A deeper queue, such as the 2,048 batches of Kafka's default, adds waiting and no
        throughput, and most of a short run would go into filling it.
        """
        enough = QUEUED_BATCHES * self.topic.partitions * config.batch_size_bytes
        return replace(config, buffer_memory_bytes=min(config.buffer_memory_bytes, enough))

    def _scenario(self, config: ProducerConfig, rtt_ms: float, arrival: Arrival) -> Scenario:
        workload = Workload(arrival=arrival, value_bytes=self.value_bytes, key_space=self.key_space)
        return Scenario(
            path=PathConfig(rtt_ms=rtt_ms),
            producer=config,
            workload=workload,
            topic=self.topic,
            machine=self.machine,
            producers=self.producers,
            warm_start=True,
        )

    def with_producer(self, **changes: object) -> ProducerConfig:
        """The user's own producer with some settings changed. Raises ConfigError."""
        return replace(self.resolved.producer, **changes)  # type: ignore[arg-type]  # by name

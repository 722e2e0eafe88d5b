"""The base that every question varies: the user's own settings, distance, records and machine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from experiments.ask.horizon import over_windows
from experiments.ask.task import Measure, Simulated
from experiments.compare.question import MEASURED_REQUESTS, WARMUP_REQUESTS, Question
from experiments.compare.study import LOAD_SHARE
from experiments.kit.horizon import full_request
from model import Fault, OpenLoop, PathConfig, ProducerConfig, Scenario, Workload
from model.outcome.bound import bound

OWN = "own"


@dataclass(frozen=True, kw_only=True)
class Base(Question):
    """What ``compare`` is asked of, at one distance and with the user's own producer alone."""

    @property
    def contenders(self) -> dict[str, ProducerConfig]:
        """The user's own: it is what has to be valid before anything is simulated."""
        return {OWN: self.own}

    @property
    def own(self) -> ProducerConfig:
        """The user's own producer."""
        return self.resolved.producer

    @property
    def rtt_ms(self) -> float:
        """The user's own distance."""
        (rtt_ms,) = self.distances_ms.values()
        return rtt_ms

    def at_full_load(self, config: ProducerConfig, rtt_ms: float) -> Scenario:
        """As for ``compare``, and long enough for requests that fill the receive window."""
        full = super().at_full_load(config, rtt_ms)
        return over_windows(full, WARMUP_REQUESTS, MEASURED_REQUESTS)

    def in_flight(self, depth: int, idempotent: bool = False) -> ProducerConfig:
        """The user's own with another depth; idempotence needs acks=all, and takes it."""
        acks = "all" if idempotent else self.own.acks
        return self.with_producer(
            max_in_flight_requests_per_connection=depth, enable_idempotence=idempotent, acks=acks
        )

    def carries(self, config: ProducerConfig, rtt_ms: float) -> float:
        """Closed form: the most records/s that one such producer carries in full batches."""
        scenario = self.at_full_load(config, rtt_ms)
        return bound(scenario, full_request(scenario)).records_per_s / self.producers

    def calm_rate(self, most: float = float("inf")) -> float:
        """The user's rate, or one that even one request in flight carries with ease."""
        if self.rate_per_s is not None:
            return self.rate_per_s
        share = LOAD_SHARE * self.carries(self.in_flight(1), self.rtt_ms)
        return float(f"{min(most, share):.3g}")

    def in_trouble(
        self,
        config: ProducerConfig,
        faults: tuple[Fault, ...],
        sends: OpenLoop,
        horizon_s: float,
    ) -> Scenario:
        """A run in which things go wrong, from its first second to its last."""
        return Scenario(
            path=PathConfig(rtt_ms=self.rtt_ms),
            producer=config,
            workload=Workload(arrival=sends, value_bytes=self.value_bytes),
            topic=self.topic,
            machine=self.machine,
            faults=faults,
            warm_start=True,
            warmup_s=0.0,
            measured_s=horizon_s,
        )

    def replicated(
        self,
        point: Mapping[str, object],
        scenario: Scenario,
        measure: Measure,
        replications: int | None = None,
    ) -> Iterator[Simulated]:
        """A scenario's runs; replication r has the same seed at every point."""
        for replication in range(replications or self.replications):
            yield Simulated(point, replication, scenario, self.seed + replication, measure)

    def only_to_first(self, scenario: Scenario) -> Scenario:
        """The same run with records for the first broker's partitions alone."""
        mine = tuple(self.topic.led_by(0))
        return replace(scenario, workload=replace(scenario.workload, partition_cycle=mine))

    def with_topic(self, partitions: int, brokers: int) -> "Base":
        """The same with another topic."""
        return replace(self, topic=replace(self.topic, partitions=partitions, brokers=brokers))

"""The composition root: builds and starts everything that a scenario names.

Nothing runs before :meth:`Cluster.start`. Events at one instant happen in the order in which they
were scheduled, and the processes are started in the order controller, the brokers'
heartbeats, followers, producers, each by number, then faults in the order of the schedule.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from model.broker.broker import Broker
from model.broker.controller import Controller
from model.broker.lifecycle import BrokerLifecycle
from model.broker.replica_fetcher import ReplicaFetcherThread
from model.broker.replica_log import ReplicaLog
from model.build import build_broker, build_controller, build_fetchers, build_producer
from model.clock import Clock
from model.config.scenario import Scenario
from model.injection import inject
from model.outcome.capture import Capture
from model.outcome.facts import Probe
from model.producer.producer import Producer
from model.wire.leadership import NO_LEADER, EpochStart
from model.wire.requests import Request, RequestKind

#: Ours: how often a run that goes on looks whether it has to, and for how long it does at most.
LOOKS_EVERY_S, GOES_ON_S = 0.25, 600.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """Everything of one run, wired and not yet started."""

    env: Clock
    scenario: Scenario
    brokers: list[Broker]
    fetchers: list[ReplicaFetcherThread]
    producers: list[Producer]
    producer_ids: Iterator[int]
    controller: Controller | None = None
    lifecycles: list[BrokerLifecycle] = field(default_factory=list)

    @classmethod
    def build(
        cls, scenario: Scenario, seed: int, probe: Probe, capture: Capture | None = None
    ) -> "Cluster":
        """Build brokers and producers; a capture listens at the producers' connections."""
        env = Clock()
        producer_ids, requests = itertools.count(), itertools.count()
        brokers = [
            build_broker(env, scenario, seed, number, producer_ids, probe)
            for number in range(scenario.topic.all_brokers)
        ]
        fetchers = list(build_fetchers(env, scenario, seed, brokers))
        producers = [
            build_producer(env, scenario, seed, number, brokers, requests, probe, capture)
            for number in range(scenario.producers)
        ]
        parts = env, scenario, brokers, fetchers, producers, producer_ids
        if not scenario.may_elect:
            return cls(*parts)
        return cls(*parts, *build_controller(env, scenario, seed, brokers, fetchers, probe))

    def start(self) -> None:
        """Create the processes, and with a warm start the connections and ids before them."""
        if self.scenario.warm_start:
            for producer in self.producers:
                producer.start_connected(next(self.producer_ids))
        self._start_controller()
        for fetcher in self.fetchers:
            self.env.process(fetcher.run())
        if self.fetchers:
            for broker in self.brokers:
                self.env.process(broker.replica_manager.expire_isr())
        for producer in self.producers:
            self.env.process(producer.run())
        faults = self.scenario.faults
        inject(self.env, faults, self.brokers, self.fetchers, self.producers, self.lifecycles)

    def _start_controller(self) -> None:
        """Have brokers know who leads, and keep in touch."""
        if self.controller is None:
            return
        self.env.process(self.controller.run())
        for lifecycle in self.lifecycles:
            lifecycle.learn(self.controller.partitions)
            self.env.process(lifecycle.run())

    def run(self) -> None:
        """Start it and simulate to the scenario's horizon, or until its faults have shown.

        What is in flight may wait for ``request.timeout.ms`` or longer, and only then comes the
        retry that makes a duplicate; a run that ended before would look harmless.
        """
        self.start()
        horizon_s = self.scenario.horizon_s
        self.env.run(until=horizon_s)
        latest_s = horizon_s + (GOES_ON_S if self.scenario.until_settled else 0.0)
        while self.env.now < latest_s and self.unsettled:
            self.env.run(until=self.env.now + LOOKS_EVERY_S)

    @property
    def unsettled(self) -> bool:
        """Whether a record that a fault may have touched has not ended by now."""
        until_s = self.scenario.troubled_until_s
        return until_s > 0 and any(producer.is_troubled(until_s) for producer in self.producers)

    def in_flight(self) -> Iterator[Request]:
        """The produce requests that are unanswered now."""
        requests = (request for producer in self.producers for request in producer.in_flight())
        # one that was formed ahead and waits is not in flight: its sent_s is no number
        return (
            request
            for request in requests
            if request.kind is RequestKind.PRODUCE and not math.isnan(request.sent_s)
        )

    def final_epochs(self) -> dict[int, list[EpochStart]]:
        """By partition: what the log of the leader, or of the last one, has of each epoch's.

        Nothing where leaders do not change.
        """
        if self.controller is None:
            return {}
        epochs = {}
        for number, partition in self.controller.partitions.items():
            leader = partition.leader if partition.has_leader else partition.last_known_leader
            if leader == NO_LEADER:
                leader = partition.assignment[0]
            log = self.brokers[leader].replica_manager.partitions[number].log
            assert isinstance(log, ReplicaLog), f"partition {number} cannot move"
            epochs[number] = log.epochs
        return epochs

    def events(self) -> int:
        """How many events were scheduled until now. To be called once: a call counts as an event.

        SimPy numbers every event that it schedules and has no public count of them.
        """
        return next(self.env._eid)

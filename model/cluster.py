"""The composition root: builds and starts everything that a scenario names.

Nothing runs before :meth:`Cluster.start`. Events at one instant happen in the order in which they
were scheduled, and the processes are started in the order followers, then producers, each by
number, then faults in the order of the schedule.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import simpy

from model.assembly.brokers import build_broker, build_fetchers
from model.assembly.producers import build_producer
from model.broker.broker import Broker
from model.broker.replica_fetcher import ReplicaFetcher
from model.config.scenario import Scenario
from model.injection import inject
from model.outcome.facts import Probe
from model.producer.application import Application
from model.producer.network_client import NetworkClient
from model.producer.sender import Sender
from model.wire.requests import Request, RequestKind


@dataclass(frozen=True, slots=True)
class Cluster:
    """Everything of one run, wired and not yet started."""

    env: simpy.Environment
    scenario: Scenario
    brokers: list[Broker]
    fetchers: list[ReplicaFetcher]
    applications: list[Application]
    senders: list[Sender]
    clients: list[NetworkClient]
    producer_ids: Iterator[int]

    @classmethod
    def build(cls, scenario: Scenario, seed: int, probe: Probe) -> "Cluster":
        """Build brokers and producers."""
        env = simpy.Environment()
        producer_ids = itertools.count()
        brokers = [
            build_broker(env, scenario, seed, number, producer_ids, probe)
            for number in range(scenario.topic.all_brokers)
        ]
        requests = itertools.count()
        fetchers = list(build_fetchers(env, scenario, seed, brokers))
        producers = range(scenario.producers)
        parts = [
            build_producer(env, scenario, seed, number, brokers, requests, probe)
            for number in producers
        ]
        applications = [application for application, _, _ in parts]
        senders = [sender for _, sender, _ in parts]
        clients = [client for _, _, client in parts]
        return cls(env, scenario, brokers, fetchers, applications, senders, clients, producer_ids)

    def start(self) -> None:
        """Create the processes, and with a warm start the connections and ids before them."""
        if self.scenario.warm_start:
            for number in range(self.scenario.topic.brokers):
                for client in self.clients:
                    client.start_connected(number)
            for sender in self.senders:
                sender.start_with_id(next(self.producer_ids))
        for fetcher in self.fetchers:
            self.env.process(fetcher.run())
        if self.fetchers:
            for broker in self.brokers:
                self.env.process(broker.following.watch())
        for sender in self.senders:
            self.env.process(sender.run())
        inject(
            self.env, self.scenario.faults, self.brokers, self.fetchers, self.senders, self.clients
        )

    def in_flight(self) -> Iterator[Request]:
        """The produce requests that are unanswered now."""
        requests = (request for client in self.clients for request in client.in_flight())
        return (request for request in requests if request.kind is RequestKind.PRODUCE)

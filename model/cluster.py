"""The composition root: builds and starts everything that a scenario names.

Nothing runs before :meth:`Cluster.start`; every reference is final when ``build`` returns. Events
at one instant happen in the order in which they were scheduled, and the processes are started in
the order brokers, then producers, each by number.
"""

import itertools
from dataclasses import dataclass
from functools import partial

import simpy

from model.broker.broker import Broker
from model.broker.log import PartitionLog
from model.config.scenario import Scenario
from model.config.workload import OpenLoop
from model.facts import Probe
from model.network.connection import Connection
from model.producer.accumulator import RecordAccumulator
from model.producer.application import Application
from model.producer.partitioner import (
    NamedPartitions,
    Partitioner,
    StickyPartition,
    cycled,
    keyed,
)
from model.producer.schedule import Schedule, build_schedule
from model.producer.sender import Sender
from model.sequences import SequenceNumbers
from model.streams import exponentials, stream
from model.units import MICROSECOND_S


@dataclass(frozen=True, slots=True)
class Cluster:
    """Everything of one run, wired and not yet started."""

    env: simpy.Environment
    brokers: list[Broker]
    applications: list[Application]
    senders: list[Sender]
    connections: list[list[Connection]]  # [producer][broker]

    @classmethod
    def build(cls, scenario: Scenario, seed: int, probe: Probe) -> "Cluster":
        """Build brokers and producers, and a connection between each two."""
        env = simpy.Environment()
        brokers = [
            _broker(env, scenario, seed, number, probe) for number in range(scenario.topic.brokers)
        ]
        producers = range(scenario.producers)
        accumulators = [_accumulator(scenario, number) for number in producers]
        applications = [
            _application(scenario, seed, number, accumulators[number], probe)
            for number in producers
        ]
        requests = itertools.count()
        senders = [
            Sender(
                env,
                number,
                scenario.producer,
                scenario.machine,
                applications[number],
                accumulators[number],
                requests,
                probe,
            )
            for number in producers
        ]
        connections = [
            [
                Connection(
                    env, scenario.path, scenario.producer, scenario.machine, sender.alarm.ring
                )
                for _ in brokers
            ]
            for sender in senders
        ]
        return cls(env, brokers, applications, senders, connections)

    def start(self) -> None:
        """Create the processes."""
        for number, broker in enumerate(self.brokers):
            for lines in self.connections:
                broker.accept(lines[number])
        for sender, lines in zip(self.senders, self.connections, strict=True):
            self.env.process(sender.run(lines))


def _broker(
    env: simpy.Environment, scenario: Scenario, seed: int, number: int, probe: Probe
) -> Broker:
    logs = {partition: PartitionLog(partition) for partition in scenario.topic.led_by(number)}
    mean_s = scenario.machine.broker_tail_us * MICROSECOND_S
    tail_s = exponentials(mean_s, stream(seed, f"broker-{number}/tail"))
    return Broker(env, scenario.broker, scenario.machine, logs, tail_s, probe)


def _schedule(scenario: Scenario, seed: int, number: int) -> Schedule:
    """Producers with an even rate start a fraction of the gap apart, or they would all coincide."""
    arrival = scenario.workload.arrival
    first_s = 0.0
    if isinstance(arrival, OpenLoop):
        first_s = number / scenario.producers / arrival.records_per_s
    generator = stream(seed, f"producer-{number}/arrivals")
    return build_schedule(
        arrival, scenario.machine.client_append_us * MICROSECOND_S, first_s, generator
    )


def _accumulator(scenario: Scenario, number: int) -> RecordAccumulator:
    config, topic = scenario.producer, scenario.topic
    idempotent = config.enable_idempotence
    sequences = SequenceNumbers(number, topic.partitions) if idempotent else None
    return RecordAccumulator(config, topic, scenario.packing, sequences)


def _application(
    scenario: Scenario, seed: int, number: int, accumulator: RecordAccumulator, probe: Probe
) -> Application:
    return Application(
        scenario.producer,
        _schedule(scenario, seed, number),
        _partitioner(scenario, seed, number),
        accumulator,
        partial(probe.record_failed, number),
    )


def _partitioner(scenario: Scenario, seed: int, number: int) -> Partitioner:
    workload, config = scenario.workload, scenario.producer
    partitions = scenario.topic.partitions
    if workload.partition_cycle:
        return NamedPartitions(cycled(workload.partition_cycle))
    if workload.key_space and not config.partitioner_ignore_keys:
        keys = stream(seed, f"producer-{number}/keys")
        return NamedPartitions(keyed(workload.key_space, partitions, keys))
    return StickyPartition(
        partitions,
        config.batch_size_bytes,
        config.partitioner_adaptive_partitioning_enable,
        stream(seed, f"producer-{number}/partitions"),
    )

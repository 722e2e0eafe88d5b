"""Producers: an application thread, a Sender and its network client, which share an accumulator."""

from collections.abc import Callable, Iterator
from functools import partial

import simpy

from model.alarm import Alarm
from model.assembly.faults import faults_of
from model.broker.broker import Broker
from model.config.cluster import (
    REQUESTS_SHARE,
    BrokerConfig,
    receive_memory_bytes,
    receive_window_bytes,
    send_buffer_bytes,
)
from model.config.producer import ProducerConfig
from model.config.scenario import Scenario
from model.config.workload import OpenLoop
from model.network.connection import Connection, Sockets
from model.network.path import Path
from model.network.receiver import ReceiveBuffer
from model.outcome.facts import Probe
from model.producer.accumulator import RecordAccumulator
from model.producer.application import Application
from model.producer.backoff import ExponentialBackoff
from model.producer.completion import Completion
from model.producer.network_client import Dial, NetworkClient
from model.producer.partitioner import (
    NamedPartitions,
    Partitioner,
    StickyPartition,
    cycled,
    keyed,
)
from model.producer.schedule import Schedule, Thread, build_schedule
from model.producer.sender import Sender
from model.producer.transaction_manager import TransactionManager
from model.streams import exponentials, stream, uniform
from model.units import MICROSECOND_S, seconds


def build_producer(
    env: simpy.Environment,
    scenario: Scenario,
    seed: int,
    number: int,
    brokers: list[Broker],
    requests: Iterator[int],
    probe: Probe,
) -> tuple[Application, Sender, NetworkClient]:
    """An application thread, a Sender and its network client, which share an accumulator."""
    config, topic = scenario.producer, scenario.topic
    uniforms = uniform(stream(seed, f"producer-{number}/backoff"))
    transactions = TransactionManager(topic.partitions) if config.enable_idempotence else None
    backoff = ExponentialBackoff(
        seconds(config.retry_backoff_ms),
        seconds(config.retry_backoff_max_ms),
        config.retry_backoff_jitter,
        uniforms,
    )
    accumulator = RecordAccumulator(config, topic, scenario.packing, transactions, backoff)
    application = Application(
        config,
        _schedule(scenario, seed, number),
        _partitioner(scenario, seed, number),
        accumulator,
        partial(probe.record_failed, number),
    )
    alarm = Alarm(env)
    paths = [
        Path(
            scenario.path_to(broker),
            faults_of(scenario, broker),
            uniform(stream(seed, f"producer-{number}/path-{broker}")),
        )
        for broker in range(topic.brokers)
    ]
    client = NetworkClient(
        env,
        number,
        config,
        paths,
        _dial(env, scenario, number, paths, brokers, probe),
        requests,
        uniforms,
        alarm.ring,
    )
    completion = Completion(
        number,
        config,
        application,
        accumulator,
        transactions,
        client,
        scenario.workload.resends_failed,
        probe,
    )
    sender = Sender(
        env,
        number,
        config,
        scenario.machine,
        application,
        accumulator,
        transactions,
        client,
        alarm,
        completion,
        requests,
        probe,
    )
    return application, sender, client


def _dial(
    env: simpy.Environment,
    scenario: Scenario,
    number: int,
    paths: list[Path],
    brokers: list[Broker],
    probe: Probe,
) -> Dial:
    """How a client makes a connection to a broker."""
    sockets = _sockets(scenario.producer, scenario.broker)

    def dial(
        broker: int, on_answer: Callable[[], None], on_lost: Callable[[Connection], None]
    ) -> Connection:
        report = partial(probe.transmission, number, broker)
        connection = Connection(
            env, paths[broker], sockets, scenario.machine, on_answer, on_lost, report
        )
        brokers[broker].accept(connection)
        return connection

    return dial


def _sockets(producer: ProducerConfig, broker: BrokerConfig) -> Sockets:
    """A producer's connections."""
    setting_bytes = broker.socket_receive_buffer_bytes
    window_bytes = receive_window_bytes(setting_bytes, REQUESTS_SHARE)
    return Sockets(
        max_in_flight=producer.max_in_flight_requests_per_connection,
        send_buffer_bytes=send_buffer_bytes(producer.send_buffer_bytes, window_bytes),
        receive_buffer=ReceiveBuffer(
            window_bytes, receive_memory_bytes(setting_bytes, REQUESTS_SHARE)
        ),
        answers_expected=producer.acks != "0",
    )


def _schedule(scenario: Scenario, seed: int, number: int) -> Schedule:
    """Producers with an even rate start a fraction of the gap apart, or they would all coincide."""
    arrival = scenario.workload.arrival
    first_s = 0.0
    if isinstance(arrival, OpenLoop):
        first_s = number / scenario.producers / arrival.records_per_s
    machine = scenario.machine
    notify_s = machine.notify_us * MICROSECOND_S
    thread = Thread(
        append_s=machine.client_append_us * MICROSECOND_S,
        notified_s=exponentials(notify_s, stream(seed, f"producer-{number}/notified")),
        timer_late_s=machine.timer_late_us * MICROSECOND_S,
    )
    generator = stream(seed, f"producer-{number}/arrivals")
    return build_schedule(arrival, thread, first_s, generator)


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

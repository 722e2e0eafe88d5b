"""What a scenario names, put together: brokers, their followers' threads, producers."""

import itertools
import math
from collections.abc import Callable, Iterator
from functools import partial

import simpy

from model.broker.broker import Broker
from model.broker.pace import Pace
from model.broker.partition import Partition
from model.broker.replica_fetcher import ReplicaFetcherThread
from model.broker.service_times import ServiceTimes
from model.config.cluster import (
    FETCHES_SHARE,
    BrokerConfig,
    MachineConfig,
    receive_window_bytes,
    send_buffer_bytes,
)
from model.config.faults import Fault
from model.config.producer import ProducerConfig
from model.config.scenario import Scenario
from model.costs import BrokerCosts
from model.network.connection import Connection
from model.network.path import Path
from model.network.receiver import ReceiveBuffer, receive_buffer_of
from model.network.sockets import Sockets
from model.outcome.facts import Probe
from model.producer.node import Node
from model.producer.producer import Producer
from model.streams import stream, uniform
from model.wire.transmission import Report, to_nobody


def build_broker(
    env: simpy.Environment,
    scenario: Scenario,
    seed: int,
    number: int,
    producer_ids: Iterator[int],
    probe: Probe,
) -> Broker:
    """A broker with the partitions that it leads."""
    topic = scenario.topic
    followers = topic.followers(number)
    return Broker(
        env,
        scenario.broker,
        service=ServiceTimes(
            scenario.machine,
            tails=stream(seed, f"broker-{number}/tail"),
            stalls=stream(seed, f"broker-{number}/stalls"),
        ),
        partitions={
            partition: Partition(followers, topic.min_insync_replicas)
            for partition in topic.led_by(number)
        },
        producer_ids=producer_ids,
        faults=_faults_of(scenario, number),
        run_ends_s=scenario.horizon_s,
        probe=probe,
    )


def build_fetchers(
    env: simpy.Environment, scenario: Scenario, seed: int, brokers: list[Broker]
) -> Iterator[ReplicaFetcherThread]:
    """A thread on each follower for each broker that leads what it follows."""
    topic, numbers = scenario.topic, itertools.count()
    costs, sockets = BrokerCosts(scenario.machine), _follower_sockets(scenario.broker)
    leaders = [broker for broker in range(topic.brokers) if topic.led_by(broker)]
    for leader in leaders:
        for follower in topic.followers(leader):
            draws = uniform(stream(seed, f"broker-{follower}/path-{leader}"))
            path = Path(scenario.replica_path, draws=draws)
            yield ReplicaFetcherThread(
                env,
                follower,
                leader,
                partitions=topic.led_by(leader),
                costs=costs,
                pace=Pace(_faults_of(scenario, follower)),
                dial=partial(_connect, brokers[leader], env, path, sockets, scenario.machine),
                request_numbers=numbers,
            )


def build_producer(
    env: simpy.Environment,
    scenario: Scenario,
    seed: int,
    number: int,
    brokers: list[Broker],
    request_numbers: Iterator[int],
    probe: Probe,
) -> Producer:
    """A producer with its ways to the brokers."""
    nodes = []
    for broker in range(scenario.topic.brokers):
        path = Path(
            scenario.path_to(broker),
            _faults_of(scenario, broker),
            uniform(stream(seed, f"producer-{number}/path-{broker}")),
        )
        sockets = _producer_sockets(scenario.producer, scenario.broker, path, scenario.machine)
        report = partial(probe.transmission, number, broker)
        dial = partial(_connect, brokers[broker], env, path, sockets, scenario.machine)
        nodes.append(Node(broker, path, partial(dial, report=report)))
    return Producer(env, scenario, seed, number, nodes, request_numbers, probe)


def _connect(
    broker: Broker,
    env: simpy.Environment,
    path: Path,
    sockets: Sockets,
    machine: MachineConfig,
    on_answer: Callable[[], None],
    on_lost: Callable[[Connection], None],
    report: Report = to_nobody,
) -> Connection:
    """A connection that a broker serves from now on."""
    connection = Connection(env, path, sockets, machine, on_answer, on_lost, report)
    broker.accept(connection)
    return connection


def _follower_sockets(broker: BrokerConfig) -> Sockets:
    """A follower's connection to its leader."""
    buffer_bytes = broker.replica_socket_receive_buffer_bytes
    return Sockets(
        max_in_flight=1,
        send_buffer_bytes=math.inf,
        receive_buffer=ReceiveBuffer(math.inf, math.inf),
        answer_window_bytes=receive_window_bytes(buffer_bytes, FETCHES_SHARE),
    )


def _producer_sockets(
    producer: ProducerConfig, broker: BrokerConfig, path: Path, machine: MachineConfig
) -> Sockets:
    """A producer's connections over one path."""
    setting_bytes, rtt_s = broker.socket_receive_buffer_bytes, 2 * path.one_way_s
    receive_buffer = receive_buffer_of(setting_bytes, path.packets, rtt_s + machine.wake_s(rtt_s))
    buffer_bytes = send_buffer_bytes(producer.send_buffer_bytes, receive_buffer.window_bytes)
    return Sockets(
        max_in_flight=producer.max_in_flight_requests_per_connection,
        send_buffer_bytes=buffer_bytes,
        receive_buffer=receive_buffer,
        answers_expected=producer.acks != "0",
    )


def _faults_of(scenario: Scenario, broker: int) -> tuple[Fault, ...]:
    return tuple(fault for fault in scenario.faults if fault.strikes(broker))

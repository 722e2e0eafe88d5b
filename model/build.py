"""What a scenario names, put together: brokers, their followers' threads, producers."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import simpy

from model.broker.broker import Broker
from model.broker.pace import Pace
from model.broker.partition import Partition
from model.broker.replica_fetcher import Dial as FetcherDial
from model.broker.replica_fetcher import ReplicaFetcherThread
from model.broker.service_times import ServiceTimes
from model.config.cluster import (
    FETCHES_SHARE,
    REQUESTS_SHARE,
    BrokerConfig,
    receive_memory_bytes,
    receive_window_bytes,
    send_buffer_bytes,
)
from model.config.faults import Fault
from model.config.producer import ProducerConfig
from model.config.scenario import Scenario
from model.costs import BrokerCosts
from model.network.connection import Connection, Sockets
from model.network.path import Path
from model.network.receiver import ReceiveBuffer
from model.outcome.facts import Probe
from model.producer.network_client import Dial
from model.producer.producer import Producer
from model.streams import stream, uniform
from model.wire.transmission import Report

UNLIMITED = float("inf")


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
    costs = BrokerCosts(scenario.machine)
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
                dial=_fetcher_dial(env, scenario, path, brokers[leader]),
                request_numbers=numbers,
            )


def _fetcher_dial(
    env: simpy.Environment, scenario: Scenario, path: Path, leader: Broker
) -> FetcherDial:
    """How a follower makes a connection to its leader: one that is as good as warm."""
    buffer_bytes = scenario.broker.replica_socket_receive_buffer_bytes
    sockets = Sockets(
        max_in_flight=1,
        send_buffer_bytes=UNLIMITED,
        receive_buffer=ReceiveBuffer(UNLIMITED, UNLIMITED),
        answer_window_bytes=receive_window_bytes(buffer_bytes, FETCHES_SHARE),
    )

    def dial(on_answer: Callable[[], None], on_lost: Callable[[Connection], None]) -> Connection:
        connection = Connection(env, path, sockets, scenario.machine, on_answer, on_lost)
        connection.warm_up()
        leader.accept(connection)
        return connection

    return dial


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
    paths = [
        Path(
            scenario.path_to(broker),
            _faults_of(scenario, broker),
            uniform(stream(seed, f"producer-{number}/path-{broker}")),
        )
        for broker in range(scenario.topic.brokers)
    ]
    reports = [partial(probe.transmission, number, broker) for broker in range(len(paths))]
    dial = _dial(env, scenario, paths, brokers, reports)
    return Producer(
        env,
        scenario,
        seed,
        number,
        paths=paths,
        dial=dial,
        request_numbers=request_numbers,
        probe=probe,
    )


def _dial(
    env: simpy.Environment,
    scenario: Scenario,
    paths: list[Path],
    brokers: list[Broker],
    reports: Sequence[Report],
) -> Dial:
    """How a client makes a connection to a broker: its path, its broker, who hears of losses."""
    sockets = _sockets(scenario.producer, scenario.broker)

    def dial(
        broker: int, on_answer: Callable[[], None], on_lost: Callable[[Connection], None]
    ) -> Connection:
        path, report = paths[broker], reports[broker]
        connection = Connection(env, path, sockets, scenario.machine, on_answer, on_lost, report)
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


def _faults_of(scenario: Scenario, broker: int) -> tuple[Fault, ...]:
    return tuple(fault for fault in scenario.faults if fault.strikes(broker))

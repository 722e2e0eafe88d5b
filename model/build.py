"""What a scenario names, put together: brokers, their followers' threads, producers."""

import itertools
import math
from collections.abc import Callable, Iterator
from functools import partial

from model.alarm import Alarm
from model.broker.broker import Broker
from model.broker.controller import Controller
from model.broker.election import Rules
from model.broker.follower_connection import FollowerConnection
from model.broker.lifecycle import BrokerLifecycle
from model.broker.moving_replicas import MovingReplicaManager
from model.broker.pace import Pace
from model.broker.partition import Partition
from model.broker.replica_fetcher import ReplicaFetcherThread
from model.broker.replica_log import ReplicaLog
from model.broker.replica_manager import ReplicaManager
from model.broker.replication_control import ReplicationControl
from model.broker.service_times import ServiceTimes
from model.broker.silence import Silence
from model.broker.unified_log import UnifiedLog
from model.clock import Clock
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
from model.outcome.capture import Capture
from model.outcome.facts import Probe
from model.producer.node import Node
from model.producer.producer import Producer
from model.streams import stream, uniform
from model.units import seconds
from model.wire.flights import Tap
from model.wire.transmission import Report, to_nobody


def build_broker(
    env: Clock,
    scenario: Scenario,
    seed: int,
    number: int,
    producer_ids: Iterator[int],
    probe: Probe,
) -> Broker:
    """A broker with the partitions that it leads, or may come to lead."""
    return Broker(
        env,
        number,
        scenario.broker,
        service=ServiceTimes(
            scenario.machine,
            tails=stream(seed, f"broker-{number}/tail"),
            stalls=stream(seed, f"broker-{number}/stalls"),
            producer=scenario.producer,
        ),
        partitions=_partitions(scenario, number),
        replicas=MovingReplicaManager if scenario.may_elect else ReplicaManager,
        producer_ids=producer_ids,
        faults=_faults_of(scenario, number),
        run_ends_s=scenario.horizon_s,
        probe=probe,
    )


def _partitions(scenario: Scenario, number: int) -> dict[int, Partition]:
    """Those that a broker leads; where leaders change, all that it has a copy of."""
    topic = scenario.topic
    if not scenario.may_elect:
        followers = topic.followers(number)
        return {
            partition: Partition(followers, topic.min_insync_replicas)
            for partition in topic.led_by(number)
        }
    return {
        partition: Partition(
            (each for each in replicas if each != number), topic.min_insync_replicas, ReplicaLog()
        )
        for partition, replicas in _assignments(scenario).items()
        if number in replicas
    }


def _assignments(scenario: Scenario) -> dict[int, tuple[int, ...]]:
    return {
        number: scenario.topic.assignment(number) for number in range(scenario.topic.partitions)
    }


def build_fetchers(
    env: Clock, scenario: Scenario, seed: int, brokers: list[Broker]
) -> Iterator[ReplicaFetcherThread]:
    """A thread on each follower for each broker that leads what it follows, or may come to."""
    topic, numbers = scenario.topic, itertools.count()
    costs, sockets = BrokerCosts(scenario.machine), _follower_sockets(scenario.broker)
    moves = scenario.may_elect
    leaders = [broker for broker in range(topic.brokers) if topic.led_by(broker)]
    for leader in range(topic.all_brokers) if moves else leaders:
        for follower in _copiers(scenario, leader) if moves else topic.followers(leader):
            draws = uniform(stream(seed, f"broker-{follower}/path-{leader}"))
            path = Path(scenario.replica_path, draws=draws)
            fetcher = ReplicaFetcherThread(
                env,
                follower,
                brokers[leader],
                costs=costs,
                pace=Pace(_faults_of(scenario, follower)),
                dial=partial(FollowerConnection, env, path, sockets, scenario.machine),
                request_numbers=numbers,
            )
            if not moves:
                for partition in topic.led_by(leader):
                    fetcher.follow(partition, UnifiedLog())
            yield fetcher


def _copiers(scenario: Scenario, leader: int) -> list[int]:
    """Who shares a partition with a broker."""
    sharing = (set(each) for each in _assignments(scenario).values() if leader in each)
    return sorted(set().union(*sharing) - {leader})


def build_controller(
    env: Clock,
    scenario: Scenario,
    seed: int,
    brokers: list[Broker],
    fetchers: list[ReplicaFetcherThread],
    probe: Probe,
) -> tuple[Controller, list[BrokerLifecycle]]:
    """Who decides about leaders, and how each broker keeps in touch with it."""
    topic, config = scenario.topic, scenario.broker
    rules = Rules(
        topic.min_insync_replicas,
        topic.unclean_leader_election_enable,
        topic.eligible_leader_replicas,
    )
    controller = Controller(
        env,
        ReplicationControl(_assignments(scenario), rules),
        seconds(config.broker_session_timeout_ms),
        uniform(stream(seed, "controller/telling")),
        probe,
    )
    lifecycles = []
    for broker in brokers:
        replicas = broker.replica_manager
        assert isinstance(replicas, MovingReplicaManager), "leaders change, brokers do not know"
        interval_s = seconds(config.broker_heartbeat_interval_ms)
        lifecycle = BrokerLifecycle(
            env,
            broker,
            replicas,
            controller,
            Silence(_faults_of(scenario, broker.number)),
            interval_s,
            phase_s=interval_s * stream(seed, f"broker-{broker.number}/heartbeats").random(),
        )
        threads = {
            fetcher.leader: fetcher for fetcher in fetchers if fetcher.follower == broker.number
        }
        replicas.take_part(broker.number, threads, lifecycle.alter_isr)
        lifecycles.append(lifecycle)
    controller.tell(lifecycles)
    return controller, lifecycles


def build_producer(
    env: Clock,
    scenario: Scenario,
    seed: int,
    number: int,
    brokers: list[Broker],
    request_numbers: Iterator[int],
    probe: Probe,
    capture: Capture | None = None,
) -> Producer:
    """A producer with its ways to the brokers."""
    nodes = []
    reachable = scenario.topic.all_brokers if scenario.may_elect else scenario.client_topic.brokers
    for connection in range(reachable):
        own = scenario.has_own_connections
        broker = scenario.topic.leader(connection) if own else connection
        path = Path(
            scenario.path_to(broker),
            _faults_of(scenario, broker),
            uniform(stream(seed, f"producer-{number}/path-{connection}")),
        )
        machine = scenario.client_machine
        sockets = _producer_sockets(scenario.producer, scenario.broker, path)
        report = partial(probe.transmission, number, broker)
        tap = capture and capture.tap(number, broker)
        dial = partial(_connect, brokers[broker], env, path, sockets, machine)
        ahead = scenario.producer.profile.forms_ahead
        nodes.append(
            Node(connection, path, partial(dial, report=report, tap=tap), ahead, at=broker)
        )
    bootstrap = [Node(len(nodes) + node.broker, node.path, node.dial, at=node.at) for node in nodes]
    return Producer(env, scenario, seed, number, nodes, bootstrap, request_numbers, probe)


def _connect(
    broker: Broker,
    env: Clock,
    path: Path,
    sockets: Sockets,
    machine: MachineConfig,
    client: Alarm,
    on_lost: Callable[[Connection], None],
    report: Report = to_nobody,
    tap: Tap | None = None,
) -> Connection:
    """A connection that a broker serves from now on."""
    connection = Connection(env, path, sockets, machine, client, on_lost, report, tap)
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


def _producer_sockets(producer: ProducerConfig, broker: BrokerConfig, path: Path) -> Sockets:
    """A producer's connections over one path."""
    profile = producer.profile
    setting_bytes = broker.socket_receive_buffer_bytes
    receive_buffer = receive_buffer_of(setting_bytes, path.packets, 2 * path.one_way_s)
    buffer_bytes = send_buffer_bytes(producer.send_buffer_bytes, receive_buffer.window_bytes)
    return Sockets(
        max_in_flight=producer.max_in_flight_requests_per_connection + profile.requests_beyond,
        send_buffer_bytes=buffer_bytes,
        receive_buffer=receive_buffer,
        answers_expected=producer.acks != "0",
        starts_with_one=profile.starts_with_one,
    )


def _faults_of(scenario: Scenario, broker: int) -> tuple[Fault, ...]:
    return tuple(fault for fault in scenario.faults if fault.strikes(broker))

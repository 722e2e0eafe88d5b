"""The composition root: builds and starts everything that a scenario names.

Nothing runs before :meth:`Cluster.start`. Events at one instant happen in the order in which they
were scheduled, and the processes are started in the order brokers, then producers, each by number,
then faults in the order of the schedule.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import simpy

from model.alarm import Alarm
from model.broker.broker import Broker
from model.broker.fetcher import ReplicaFetcher
from model.broker.hours import WorkingHours
from model.broker.log import PartitionLog
from model.broker.replicas import Replicas
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
from model.config.workload import OpenLoop
from model.facts import Probe
from model.injection import inject
from model.messages import Request, RequestKind
from model.network.connection import Connection, Sockets
from model.network.path import Path
from model.network.receiver import ReceiveBuffer
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
            _broker(env, scenario, seed, number, producer_ids, probe)
            for number in range(scenario.topic.all_brokers)
        ]
        requests = itertools.count()
        fetchers = list(build_fetchers(env, scenario, seed, brokers))
        producers = range(scenario.producers)
        parts = [
            _producer(env, scenario, seed, number, brokers, requests, probe) for number in producers
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
                self.env.process(broker.watch_followers())
        for sender in self.senders:
            self.env.process(sender.run())
        inject(self.env, self.scenario.faults, self.brokers, self.senders, self.clients)

    def in_flight(self) -> Iterator[Request]:
        """The produce requests that are unanswered now."""
        requests = (request for client in self.clients for request in client.in_flight())
        return (request for request in requests if request.kind is RequestKind.PRODUCE)


def _broker(
    env: simpy.Environment,
    scenario: Scenario,
    seed: int,
    number: int,
    producer_ids: Iterator[int],
    probe: Probe,
) -> Broker:
    topic = scenario.topic
    followers = topic.followers(number)
    logs = {
        partition: PartitionLog(
            partition, Replicas(followers, topic.min_insync_replicas) if followers else None
        )
        for partition in topic.led_by(number)
    }
    mean_s = scenario.machine.broker_tail_us * MICROSECOND_S
    tail_s = exponentials(mean_s, stream(seed, f"broker-{number}/tail"))
    return Broker(
        env,
        scenario.broker,
        scenario.machine,
        logs,
        tail_s,
        producer_ids,
        _faults_of(scenario, number),
        scenario.producer.acks,
        seconds(scenario.producer.request_timeout_ms),
        probe,
    )


def build_fetchers(
    env: simpy.Environment, scenario: Scenario, seed: int, brokers: list[Broker]
) -> Iterator[ReplicaFetcher]:
    """A fetcher thread on each follower for each leader that it follows."""
    topic, numbers = scenario.topic, itertools.count()
    buffer_bytes = scenario.broker.replica_socket_receive_buffer_bytes
    sockets = Sockets(
        max_in_flight=1,
        send_buffer_bytes=float("inf"),
        receive_buffer=ReceiveBuffer(float("inf"), float("inf")),
        answer_window_bytes=receive_window_bytes(buffer_bytes, FETCHES_SHARE),
    )
    for leader in range(topic.brokers):
        for follower in topic.followers(leader):
            draws = uniform(stream(seed, f"broker-{follower}/path-{leader}"))
            path = Path(scenario.replica_path, draws=draws)

            def dial(
                on_answer: Callable[[], None],
                on_lost: Callable[[Connection], None],
                path: Path = path,
                leader: int = leader,
            ) -> Connection:
                connection = Connection(env, path, sockets, scenario.machine, on_answer, on_lost)
                connection.warm_up()
                brokers[leader].accept(connection)
                return connection

            yield ReplicaFetcher(
                env,
                follower,
                leader,
                topic.led_by(leader),
                scenario.machine,
                WorkingHours(_faults_of(scenario, follower)),
                dial,
                numbers,
            )


def _faults_of(scenario: Scenario, broker: int) -> tuple[Fault, ...]:
    return tuple(fault for fault in scenario.faults if fault.strikes(broker))


def _producer(
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
            _faults_of(scenario, broker),
            uniform(stream(seed, f"producer-{number}/path-{broker}")),
        )
        for broker in range(topic.brokers)
    ]
    client = NetworkClient(
        env,
        number,
        config,
        paths,
        _dial(env, scenario, paths, brokers),
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
    env: simpy.Environment, scenario: Scenario, paths: list[Path], brokers: list[Broker]
) -> Dial:
    """How a client makes a connection to a broker."""
    sockets = client_sockets(scenario.producer, scenario.broker)

    def dial(
        broker: int, on_answer: Callable[[], None], on_lost: Callable[[Connection], None]
    ) -> Connection:
        connection = Connection(env, paths[broker], sockets, scenario.machine, on_answer, on_lost)
        brokers[broker].accept(connection)
        return connection

    return dial


def client_sockets(producer: ProducerConfig, broker: BrokerConfig) -> Sockets:
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

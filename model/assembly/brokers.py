"""Brokers with their logs, and the fetcher threads of those that follow."""

import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np
import simpy

from model.assembly.faults import faults_of
from model.broker.broker import Broker
from model.broker.log import PartitionLog
from model.broker.pace import WorkingHours
from model.broker.replica_fetcher import ReplicaFetcher
from model.broker.replicas import Replicas
from model.broker.stalls import Stalls
from model.config.cluster import FETCHES_SHARE, MachineConfig, receive_window_bytes
from model.config.scenario import Scenario
from model.network.connection import Connection, Sockets
from model.network.path import Path
from model.network.receiver import ReceiveBuffer
from model.outcome.facts import Probe
from model.streams import exponentials, stream, uniform
from model.units import MICROSECOND_S, seconds

BYTES_PER_MB = 1e6


def build_broker(
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
    stalls = _stalls(scenario.machine, stream(seed, f"broker-{number}/stalls"))
    return Broker(
        env,
        scenario.broker,
        scenario.machine,
        logs,
        tail_s,
        stalls,
        producer_ids,
        faults_of(scenario, number),
        scenario.producer.acks,
        seconds(scenario.producer.request_timeout_ms),
        scenario.horizon_s,
        probe,
    )


def _stalls(machine: MachineConfig, generator: np.random.Generator) -> Stalls:
    per_byte = machine.broker_stalls_per_mb / BYTES_PER_MB
    if not per_byte:
        return Stalls(itertools.repeat(math.inf), itertools.repeat(0.0))
    gaps, lengths = generator.spawn(2)
    mean_s = machine.broker_stall_us * MICROSECOND_S
    return Stalls(exponentials(1 / per_byte, gaps), exponentials(mean_s, lengths))


def build_fetchers(
    env: simpy.Environment, scenario: Scenario, seed: int, brokers: list[Broker]
) -> Iterator[ReplicaFetcher]:
    """A fetcher thread on each follower for each broker that leads what it follows."""
    topic, numbers = scenario.topic, itertools.count()
    buffer_bytes = scenario.broker.replica_socket_receive_buffer_bytes
    sockets = Sockets(
        max_in_flight=1,
        send_buffer_bytes=float("inf"),
        receive_buffer=ReceiveBuffer(float("inf"), float("inf")),
        answer_window_bytes=receive_window_bytes(buffer_bytes, FETCHES_SHARE),
    )
    leaders = [broker for broker in range(topic.brokers) if topic.led_by(broker)]
    for leader in leaders:
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
                WorkingHours(faults_of(scenario, follower)),
                dial,
                numbers,
            )

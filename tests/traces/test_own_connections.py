"""A client that gives each partition a connection of its own; of those that are known none does."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from model import BrokerConfig, Fault, OpenLoop, Scenario, TopicConfig, Workload, simulate
from model.clients import PROFILES, RULES
from model.outcome.bound import NETWORK_THREADS, MeanRequest, bound

TOPIC = TopicConfig(partitions=5, brokers=2)


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch, tiny: Callable[..., Scenario]) -> Callable[..., Any]:
    """A scenario whose client is Java's but for that, with one request in flight."""
    apart = replace(PROFILES["java"], name="apart", own_connections=True)
    monkeypatch.setattr("model.config.producer.RULES", {**RULES, "apart": apart})

    def make(**changes: Any) -> Scenario:
        loop = OpenLoop(3_000, records=300)
        workload = Workload(arrival=loop, partition_cycle=tuple(range(5)))
        one = {"client": "apart", "max_in_flight_requests_per_connection": 1}
        return tiny(**{"topic": TOPIC, "workload": workload} | one | changes)

    return make


def test_partitions_of_one_broker_are_on_their_way_together(apart: Callable[..., Any]) -> None:
    scenario = apart()
    assert (scenario.connections, apart(client="java").connections) == (5, 2)
    assert scenario.client_topic == TopicConfig(partitions=5, brokers=5)
    assert apart(client="java").client_topic == TOPIC
    run = simulate(scenario, seed=1)
    assert max(run.in_flight[1]) == 5
    assert {row.batches for row in run.requests} == {1}
    assert {(row.partition, row.broker) for row in run.batches} == {
        (partition, partition % 2) for partition in range(5)
    }
    assert {row.broker for row in run.requests} == {0, 1}
    assert max(simulate(apart(client="java"), seed=1).in_flight[1]) == 2


def test_what_was_lost_is_told_of_the_broker_that_it_was_for(apart: Callable[..., Any]) -> None:
    lost = Fault(what="black-hole", at_s=0.02, for_s=0.1, broker=1)
    run = simulate(apart(faults=(lost,), request_timeout_ms=40, delivery_timeout_ms=50), seed=1)
    assert {row.broker for row in run.lost} == {1}
    assert {row.broker for row in run.requests if row.handled_s > 0.04} == {0}


def test_where_leaders_move_a_partition_shares_its_broker_s(apart: Callable[..., Any]) -> None:
    copied = replace(TOPIC, replicas=2)
    away = Fault(what="broker-isolation", at_s=0.01, for_s=0.01, broker=1)
    assert apart(topic=copied).connections == 5
    moving = apart(topic=copied, faults=(away,))
    assert (moving.connections, moving.client_topic) == (2, copied)


def test_the_bound_counts_the_threads_that_serve_them(apart: Callable[..., Any]) -> None:
    """Three of the five connections lead to the first broker, so that three threads serve them."""
    request = MeanRequest(records=1, batches=1, size_bytes=1_000, service_s=0.5e-3)
    machine = replace(apart().machine, broker_tls_request_us=100)

    def most_per_s(threads: int, producers: int = 1) -> float:
        broker = BrokerConfig(num_network_threads=threads)
        scenario = apart(
            machine=machine, broker=broker, producers=producers, security_protocol="SSL"
        )
        return bound(scenario, request).by_resource[NETWORK_THREADS]

    of_a_thread = most_per_s(1) / 2  # of each of two brokers
    assert of_a_thread < 1e6
    assert most_per_s(8) == most_per_s(3) == pytest.approx(2 * 3 * of_a_thread)
    assert most_per_s(8, producers=2) == pytest.approx(2 * 6 * of_a_thread)

"""The closed-form bound, resource by resource, with numbers worked out by hand."""

from collections.abc import Callable
from typing import Any

import pytest

from model import ClosedLoop, OpenLoop, PathConfig, Saturating, Scenario, TopicConfig, Workload
from model.bound import (
    APPLICATION,
    BATCH_FILL,
    BROKER_CONNECTION,
    BUFFER_MEMORY,
    CLIENT_CPU,
    IN_FLIGHT_WINDOW,
    LINK,
    MeanRequest,
    bound,
)

#: One full batch of 16 records, half a millisecond of work in the broker.
FULL = MeanRequest(records=16, batches=1, size_bytes=16_257, service_s=0.5e-3)


@pytest.fixture
def world(
    tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> Callable[..., dict[str, float]]:
    """The bound of each resource, 9 ms away unless told; a full request costs the client 0.5 ms."""

    def by_resource(request: MeanRequest = FULL, **changes: Any) -> dict[str, float]:
        costs = machine(client_append_us=10, client_request_us=340, client_record_us=10)
        parts = {"path": PathConfig(rtt_ms=9), "machine": costs} | changes
        return dict(bound(tiny(**parts), request).by_resource)

    return by_resource


def test_in_flight_requests_go_round_once_a_round(world: Callable[..., Any]) -> None:
    # Z = 9 + 0.5 of the client, S = 0.5: 10 ms
    assert world()[IN_FLIGHT_WINDOW] == pytest.approx(5 * 16 / 10e-3)
    one = world(max_in_flight_requests_per_connection=1)
    assert one[IN_FLIGHT_WINDOW] == pytest.approx(16 / 10e-3)


def test_a_round_takes_the_time_on_the_link_too(world: Callable[..., Any]) -> None:
    slow = world(path=PathConfig(rtt_ms=9, bytes_per_s=16_257_000))  # 1 ms a request
    assert slow[IN_FLIGHT_WINDOW] == pytest.approx(5 * 16 / 11e-3)
    assert slow[LINK] == pytest.approx(16 / 1e-3)
    assert world()[LINK] == float("inf")


def test_a_connection_is_in_the_broker_once_at_a_time(world: Callable[..., Any]) -> None:
    assert world()[BROKER_CONNECTION] == pytest.approx(16 / 0.5e-3)


def test_connections_add_up_over_producers_and_leading_brokers(world: Callable[..., Any]) -> None:
    many = world(producers=2, topic=TopicConfig(partitions=4, brokers=3))
    assert many[BROKER_CONNECTION] == pytest.approx(6 * 16 / 0.5e-3)
    assert many[IN_FLIGHT_WINDOW] == pytest.approx(6 * 5 * 16 / 10e-3)
    few = world(topic=TopicConfig(partitions=2, brokers=3))
    assert few[BROKER_CONNECTION] == pytest.approx(2 * 16 / 0.5e-3)


def test_one_thread_sends_for_a_producer_however_many_brokers(world: Callable[..., Any]) -> None:
    # 0.34 a request and 16 * 0.01
    assert world()[CLIENT_CPU] == pytest.approx(16 / 0.5e-3)
    many = world(topic=TopicConfig(partitions=4, brokers=3), producers=2)
    assert many[CLIENT_CPU] == pytest.approx(2 * 16 / 0.5e-3)


def test_each_buffer_goes_round_once_a_round(world: Callable[..., Any]) -> None:
    assert world(buffer_memory_bytes=3 * 16_384 + 5)[BUFFER_MEMORY] == pytest.approx(3 * 16 / 10e-3)


def test_without_acks_neither_window_nor_memory_bounds(world: Callable[..., Any]) -> None:
    assert {IN_FLIGHT_WINDOW, BUFFER_MEMORY}.isdisjoint(world(acks="0", enable_idempotence=False))


@pytest.mark.parametrize(
    ("arrival", "records_per_s"),
    [
        (Saturating(), 1e5),  # 10 us each
        (OpenLoop(700), 700),
        (OpenLoop(200_000), 1e5),
        (ClosedLoop(40), 40 / 10e-3),
        (ClosedLoop(1), 1 / 10e-3),
    ],
)
def test_an_application_sends_no_faster_than_it_does(
    arrival: Any, records_per_s: float, world: Callable[..., Any]
) -> None:
    application = world(workload=Workload(arrival=arrival))[APPLICATION]
    assert application == pytest.approx(records_per_s)
    both = world(workload=Workload(arrival=arrival), producers=2)[APPLICATION]
    assert both == pytest.approx(2 * records_per_s)


def test_a_lone_record_waits_for_its_linger_unless_it_fills_a_batch(
    world: Callable[..., Any],
) -> None:
    alone = world(workload=Workload(arrival=ClosedLoop(1)), linger_ms=10)
    assert alone[APPLICATION] == pytest.approx(1 / 20e-3)


def test_the_tightest_resource_is_the_limit(tiny: Callable[..., Scenario]) -> None:
    far = bound(tiny(path=PathConfig(rtt_ms=9.5)), FULL)
    assert far.limit == IN_FLIGHT_WINDOW
    assert far.records_per_s == pytest.approx(8_000)
    near = bound(tiny(path=PathConfig(rtt_ms=1)), FULL)
    assert near.limit == BROKER_CONNECTION
    assert near.records_per_s == pytest.approx(32_000)


def test_thin_batches_are_named_where_requests_are_scarce(tiny: Callable[..., Scenario]) -> None:
    thin = MeanRequest(records=12, batches=1, size_bytes=12_200, service_s=0.5e-3)
    assert bound(tiny(), thin).limit == BATCH_FILL
    enough = MeanRequest(records=12.8, batches=1, size_bytes=12_200, service_s=0.5e-3)
    assert bound(tiny(), enough).limit == IN_FLIGHT_WINDOW
    slow_link = tiny(path=PathConfig(rtt_ms=0, bytes_per_s=1e6))
    assert bound(slow_link, thin).limit == LINK

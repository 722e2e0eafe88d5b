"""The closed-form bound, resource by resource, with numbers worked out by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from model import (
    BrokerConfig,
    ClosedLoop,
    OpenLoop,
    PathConfig,
    Saturating,
    Scenario,
    TopicConfig,
    Workload,
)
from model.outcome.bound import (
    APPLICATION,
    BATCH_FILL,
    BROKER_CONNECTION,
    BUFFER_MEMORY,
    CLIENT_CPU,
    CONGESTION_WINDOW,
    FOLLOWER,
    IN_FLIGHT_WINDOW,
    LINK,
    NETWORK_THREADS,
    PARTITION_LOG,
    RECEIVE_WINDOW,
    REQUEST_HANDLERS,
    MeanRequest,
    _most_in_flight,
    bound,
    compressing,
)

#: One full batch of 16 records, half a millisecond of work in the broker.
FULL = MeanRequest(records=16, batches=1, size_bytes=16_257, service_s=0.5e-3)


@pytest.fixture
def world(
    tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> Callable[..., dict[str, float]]:
    """The bound of each resource, 9 ms away at first; a full request costs the client 0.5 ms."""

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


def test_what_limits_is_told_with_the_wake_up_in_the_round(
    tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    path = PathConfig(rtt_ms=1.5)
    assert bound(tiny(path=path), FULL).limit == BROKER_CONNECTION  # 5 * 0.5 ms > 1.5 + 0.5
    limits = bound(tiny(path=path, machine=machine(wake_us=2_000, wake_after_us=1_500)), FULL)
    # after 1.5 ms of a time constant of 1.5 ms: 1 - 1/e of 2 ms
    assert limits.awake[IN_FLIGHT_WINDOW] == pytest.approx(5 * 16 / (2e-3 + 2e-3 * 0.632_120_6))
    assert limits.by_resource[IN_FLIGHT_WINDOW] == pytest.approx(5 * 16 / 2e-3)
    assert limits.limit == IN_FLIGHT_WINDOW


def test_a_closed_loop_without_acks_waits_for_the_client_alone(world: Callable[..., Any]) -> None:
    loop = {"workload": Workload(arrival=ClosedLoop(40)), "acks": "0"}
    limits = world(enable_idempotence=False, **loop)
    assert limits[APPLICATION] == pytest.approx(40 / 0.5e-3)


def test_a_round_takes_the_time_on_the_link_too(world: Callable[..., Any]) -> None:
    slow = world(path=PathConfig(rtt_ms=9, bytes_per_s=16_257_000))  # 1 ms a request
    assert slow[IN_FLIGHT_WINDOW] == pytest.approx(5 * 16 / 11e-3)
    assert slow[LINK] == pytest.approx(16 / 1e-3)
    assert world()[LINK] == float("inf")


def test_a_connection_is_in_the_broker_once_at_a_time(world: Callable[..., Any]) -> None:
    assert world()[BROKER_CONNECTION] == pytest.approx(16 / 0.5e-3)


def test_a_connection_carries_one_receive_window_in_a_round_trip(world: Callable[..., Any]) -> None:
    # with 102,400 bytes of socket buffer a window of 131,070 bytes, every 9 ms
    assert world()[RECEIVE_WINDOW] == pytest.approx(131_070 / 9e-3 / 16_257 * 16)
    many = world(producers=2, topic=TopicConfig(partitions=4, brokers=3))
    assert many[RECEIVE_WINDOW] == pytest.approx(6 * 131_070 / 9e-3 / 16_257 * 16)
    system = world(broker=BrokerConfig(socket_receive_buffer_bytes=-1))
    assert system[RECEIVE_WINDOW] == float("inf")


def test_a_request_larger_than_the_window_takes_a_round_trip_for_each(
    world: Callable[..., Any],
) -> None:
    large = MeanRequest(records=1_000, batches=1, size_bytes=3 * 131_070, service_s=0.5e-3)
    costs = 0.34e-3 + 1_000 * 0.01e-3 + 0.5e-3
    assert world(large)[IN_FLIGHT_WINDOW] == pytest.approx(5 * 1_000 / (3 * 9e-3 + costs))


def test_what_waits_for_the_rate_of_the_link_does_not_wait_for_the_window_as_well(
    world: Callable[..., Any],
) -> None:
    large = MeanRequest(records=1_000, batches=1, size_bytes=2 * 131_070, service_s=0.5e-3)
    slow = world(large, path=PathConfig(rtt_ms=9, bytes_per_s=131_070 / 50e-3))  # 100 ms a request
    assert slow[IN_FLIGHT_WINDOW] == pytest.approx(5 * 1_000 / (109e-3 + 10.84e-3))


def test_the_nearest_broker_and_the_fastest_path_bound(world: Callable[..., Any]) -> None:
    two = {"topic": TopicConfig(partitions=2, brokers=2)}
    paths = (PathConfig(rtt_ms=4, bytes_per_s=1e6), PathConfig(rtt_ms=2, bytes_per_s=5e5))
    limits = world(broker_paths=paths, **two)
    assert limits[RECEIVE_WINDOW] == pytest.approx(2 * 131_070 / 2e-3 / 16_257 * 16)
    assert limits[LINK] == pytest.approx(2 * 1e6 / 16_257 * 16)


THREE = TopicConfig(replicas=3, min_insync_replicas=2)


def test_a_muted_connection_waits_for_followers(
    tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    costs = machine(broker_request_us=300, broker_batch_us=100)
    far = {"topic": THREE, "replica_path": PathConfig(rtt_ms=7), "machine": costs}
    limits = bound(tiny(path=PathConfig(rtt_ms=1), **far), FULL)
    # a fetch: 0.3 ms, appended 0.1, 7 ms there and back; 0.5 ms of the request
    assert limits.by_resource[FOLLOWER] == pytest.approx(16 / 7.9e-3)
    assert limits.by_resource[IN_FLIGHT_WINDOW] == pytest.approx(5 * 16 / 8.9e-3)
    assert limits.limit == FOLLOWER
    assert BROKER_CONNECTION not in limits.by_resource


def test_near_followers_leave_the_brokers_own_work_the_larger_part(
    tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    near = {"topic": THREE, "replica_path": PathConfig(rtt_ms=0.1), "path": PathConfig(rtt_ms=1)}
    limits = bound(tiny(machine=machine(broker_request_us=300), **near), FULL)
    assert limits.by_resource[BROKER_CONNECTION] == pytest.approx(16 / 0.9e-3)
    leader = bound(tiny(acks="1", enable_idempotence=False, **near), FULL)
    assert leader.by_resource[BROKER_CONNECTION] == pytest.approx(16 / 0.5e-3)


def test_more_in_flight_are_not_named_where_what_comes_next_is_near(
    tiny: Callable[..., Scenario],
) -> None:
    one = {"max_in_flight_requests_per_connection": 1}
    assert bound(tiny(path=PathConfig(rtt_ms=0.02), **one), FULL).limit == BROKER_CONNECTION
    assert bound(tiny(path=PathConfig(rtt_ms=0.05), **one), FULL).limit == IN_FLIGHT_WINDOW


def test_connections_add_up_over_producers_and_leading_brokers(world: Callable[..., Any]) -> None:
    many = world(producers=2, topic=TopicConfig(partitions=4, brokers=3))
    assert many[BROKER_CONNECTION] == pytest.approx(6 * 16 / 0.5e-3)
    assert many[IN_FLIGHT_WINDOW] == pytest.approx(6 * 5 * 16 / 10e-3)
    few = world(topic=TopicConfig(partitions=2, brokers=3))
    assert few[BROKER_CONNECTION] == pytest.approx(2 * 16 / 0.5e-3)


def test_threads_and_logs_are_shared_by_all_connections(
    world: Callable[..., Any], machine: Callable[..., Any]
) -> None:
    # 0.3 ms a request, two thirds of it on a network thread; 0.2 and 0.1 of each batch in its log
    costs = machine(broker_request_us=300, broker_batch_us=200, broker_byte_us=0.1 / 16.205)
    twin = MeanRequest(records=32, batches=2, size_bytes=52 + 8 + 2 * 16_205, service_s=0.9e-3)
    two = TopicConfig(partitions=6, brokers=2)
    many = world(twin, machine=costs, topic=two, producers=20)
    assert many[NETWORK_THREADS] == pytest.approx(2 * 3 * 32 / 0.2e-3)
    assert many[REQUEST_HANDLERS] == pytest.approx(2 * 8 * 32 / 0.7e-3)
    assert many[PARTITION_LOG] == pytest.approx(6 * 32 / (2 * 0.3e-3))
    few = world(twin, machine=costs, topic=two, producers=2)
    assert few[NETWORK_THREADS] == pytest.approx(2 * 2 * 32 / 0.2e-3)


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
    one, two = (
        world(workload=Workload(arrival=ClosedLoop(1)), linger_ms=10, batch_size_bytes=size)
        for size in (1_100, 2_200)
    )
    assert one[APPLICATION] == pytest.approx(1 / 10e-3)
    assert two[APPLICATION] == pytest.approx(1 / 20e-3)


def test_five_messages_of_a_partition_are_so_many_batches_of_it(
    tiny: Callable[..., Scenario],
) -> None:
    scenario = tiny(client="librdkafka", topic=TopicConfig(partitions=4))
    twos = MeanRequest(records=4, batches=2, size_bytes=4_200, service_s=0.5e-3)
    assert _most_in_flight(scenario, twos)[0] == 5
    assert _most_in_flight(replace(scenario, topic=TopicConfig()), twos)[0] == 3 / 2


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


def test_followers_cost_what_each_byte_costs_twice(
    tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    costs = machine(broker_request_us=300, broker_byte_us=0.01)
    far = {"topic": THREE, "replica_path": PathConfig(rtt_ms=7), "machine": costs}
    request = MeanRequest(records=16, batches=1, size_bytes=10_000, service_s=0.4e-3)
    limits = bound(tiny(path=PathConfig(rtt_ms=1), **far), request)
    # a fetch: 0.3 ms, read and appended 0.2, 7 ms there and back; 0.4 ms of the request
    assert limits.by_resource[FOLLOWER] == pytest.approx(16 / 7.9e-3)


def test_losses_leave_a_congestion_window_that_limits_and_is_no_bound(
    tiny: Callable[..., Scenario],
) -> None:
    limits = bound(tiny(path=PathConfig(rtt_ms=10, loss=0.01)), FULL)
    # 1.22 over 0.1 segments of 1,448 bytes in a round trip, of 16,257 bytes with 16 records
    wake_s = tiny().machine.wake_s(0.01)
    assert limits.awake[CONGESTION_WINDOW] == pytest.approx(
        12.2 * 1_448 / (0.01 + wake_s) / 16_257 * 16
    )
    assert CONGESTION_WINDOW not in limits.by_resource
    assert limits.limit == CONGESTION_WINDOW
    assert CONGESTION_WINDOW not in bound(tiny(), FULL).awake


def test_four_fifths_of_a_batch_are_well_filled_and_compressed_by_the_application(
    tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    for share, filled in ((0.8, True), (0.79, False)):
        request = replace(FULL, records=share * tiny().packing.records)
        assert bound(tiny(), request).well_filled is filled
        compressed = tiny(compression_type="lz4", machine=machine(client_lz4_byte_us=0.003))
        request = replace(FULL, records=share * compressed.packing.records)
        assert (compressing(compressed, request).of_a_request_s == 0) is filled

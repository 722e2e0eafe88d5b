"""Requests against the broker's receive window, by hand: 10 ms there and back, 0.3 ms a request.

With Kafka's default of 102,400 bytes the window is 131,070 bytes, which is filled to the byte, for
pieces of 35 segments do not divide its 90. Memory for payload is 135,987 bytes, and 0.83 of it go
for each byte that is held, packets merged up to 64 KiB. The send buffer is left to the system,
where it is not what the test is about.
"""

from collections.abc import Callable
from typing import Any

import pytest

from model import BrokerConfig, ClosedLoop, Run, Scenario, Workload, simulate

World = Callable[..., Run]
#: Full batches of this batch.size make requests of three windows, and of half a one.
THREE, HALF = 391_000, 65_536
PLACES = ("drained_s", "arrived_s", "taken_s", "answered_s", "handled_s")
NO_WINDOW = BrokerConfig(socket_receive_buffer_bytes=-1)


@pytest.fixture
def world(tiny: Callable[..., Scenario]) -> World:
    """A run of saturating requests of one batch."""

    def make(batch_size: int, **changes: Any) -> Run:
        settings: dict[str, Any] = {
            "batch_size_bytes": batch_size,
            "send_buffer_bytes": -1,
            "max_in_flight_requests_per_connection": 1,
        }
        return simulate(tiny(**settings | changes), seed=1)

    return make


def records(count: int) -> dict[str, Any]:
    """Requests of so many records of 1,000 bytes."""
    return {"workload": Workload(arrival=ClosedLoop(count))}


@pytest.mark.parametrize(
    ("count", "size_bytes", "rounds"),
    [
        (129, 130_339, 1),
        (130, 131_349, 2),  # 279 bytes too many
        (259, 261_639, 2),  # two times 131,070 are 262,140
        (260, 262_649, 3),
        (389, 392_939, 3),
        (390, 393_949, 4),
    ],
)
def test_a_request_takes_a_round_trip_for_each_window_it_fills(
    world: World, count: int, size_bytes: int, rounds: int
) -> None:
    run = world(500_000, **records(count))
    first = run.requests[0]
    assert first.size_bytes == size_bytes
    assert first.arrived_s * 1e3 == pytest.approx(5 + 10 * (rounds - 1))


def test_three_windows_and_the_next_request_after_them(
    world: World, story: Callable[..., Any]
) -> None:
    # bytes 0 to 131,070 are there at 5, read at once, and the sender knows at 10; the next 131,070
    # at 15 and 20; the rest at 25. Only then is the request taken: 0.3, and 5 back.
    run = world(THREE)
    assert run.requests[0].size_bytes == 390_919
    assert story(run, *PLACES, most=2) == [
        (0, 25, 25, 25.3, 30.3),
        (30.3, 55.3, 55.3, 55.6, 60.6),
    ]


def test_of_requests_larger_than_the_window_five_in_flight_gain_no_bytes(
    world: World, story: Callable[..., Any]
) -> None:
    # The bytes of all requests go through the one window. At 25 the last of the first request is
    # there with 1,541 bytes of the second, which share a packet with it: room for 81,594 is told,
    # and at 25.3, when they are read, that is more than half and nothing more is said. So at 35
    # come 81,593, at 45 a window, at 55 a window of whole pieces, and the rest at 65.
    run = world(THREE, max_in_flight_requests_per_connection=5)
    assert story(run, "arrived_s", "answered_s", most=2) == [(25, 25.3), (65, 65.3)]


def test_five_requests_of_half_a_window(world: World, story: Callable[..., Any]) -> None:
    run = world(HALF, max_in_flight_requests_per_connection=5)
    assert run.requests[0].size_bytes == 64_689
    # At 0: the first two and 1,692 bytes of the third, 131,070 bytes; all there at 5.
    # At 5 the length of the first is read. Held are all 131,070: room for 27,199 is told. Then the
    #   first is read, and with it its packet: twice the room and more, 80,891. The rest of the
    #   third goes at 10, and 17,893 bytes of the fourth: there at 15.
    # At 5.3 the second is read, but its packet holds the third's beginning, which is read at 5.6:
    #   a whole window is told. The rest of the fourth goes at 10.6, and 3,384 bytes of the fifth.
    # At 15.6 those lie unread when the fourth is complete; the rest of the fifth is there at 25.
    assert story(run, *PLACES, most=5) == [
        (0, 5, 5, 5.3, 10.3),
        (0, 5, 5.3, 5.6, 10.6),
        (0, 15, 15, 15.3, 20.3),
        (0, 15.6, 15.6, 15.9, 20.9),
        (0, 25, 25, 25.3, 30.3),
    ]


def test_a_send_buffer_smaller_than_a_request_is_written_when_a_window_was_acknowledged(
    world: World, story: Callable[..., Any]
) -> None:
    # 0.88 of twice 148,946 bytes
    run = world(THREE, send_buffer_bytes=148_946, max_in_flight_requests_per_connection=5)
    # 262,144 bytes of 390,919: 128,775 have to be acknowledged, which the first window is at 10
    assert story(run, "drained_s", "written_s", "arrived_s", most=1) == [(0, 10, 25)]
    # the second is written when 519,694 are acknowledged: its first window, there at 35
    assert story(run, "drained_s", "written_s", most=2)[1] == (10, 40)


def test_a_broker_that_wakes_late_makes_each_further_round_longer(
    world: World, machine: Callable[..., Any], story: Callable[..., Any]
) -> None:
    costs = machine(broker_request_us=300, round_wake_us=500)
    # waits of 10 ms are far beyond wake_after_us: 0.5 for each window after the first
    run = world(THREE, machine=costs)
    assert story(run, "arrived_s", "answered_s", most=1) == [(26, 26.3)]


def test_a_larger_receive_buffer_takes_fewer_rounds(
    world: World, story: Callable[..., Any]
) -> None:
    # 204,800 take a scale of 2: 262,140 offered, 181 segments or 262,088 used
    run = world(THREE, broker=BrokerConfig(socket_receive_buffer_bytes=204_800))
    assert story(run, "arrived_s", most=1) == [(15,)]


def test_a_window_left_to_the_system_is_no_limit(world: World, story: Callable[..., Any]) -> None:
    run = world(THREE, broker=NO_WINDOW)
    assert story(run, *PLACES, most=2) == [(0, 5, 5, 5.3, 10.3), (10.3, 15.3, 15.3, 15.6, 20.6)]
    run = world(HALF, broker=NO_WINDOW, max_in_flight_requests_per_connection=5)
    assert story(run, "drained_s", "arrived_s", "taken_s", "answered_s", most=5) == [
        (0, 5, 5, 5.3),
        (0, 5, 5.3, 5.6),
        (0, 5, 5.6, 5.9),
        (0, 5, 5.9, 6.2),
        (0, 5, 6.2, 6.5),
    ]

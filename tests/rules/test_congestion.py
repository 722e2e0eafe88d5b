"""Slow start of a new connection and of an idle one; 20 ms there and back, windows out of reach."""

import pytest

from model import PathConfig
from model.network.congestion import INITIAL_WINDOW_BYTES, LARGEST_WINDOW_BYTES, CongestionWindow
from model.network.path import Path
from model.network.receiver import ReceiveBuffer
from model.network.segments import SEGMENT_BYTES
from model.network.stream import ByteStream
from model.network.window import RequestStream
from model.wire.transmission import Way

RTT_S = 0.02
WINDOW = 1_000_000


def connection(buffer: float = WINDOW, warm: bool = False) -> RequestStream:
    path = Path(PathConfig(rtt_ms=RTT_S * 1e3))
    socket = ReceiveBuffer(WINDOW, 2 * WINDOW)
    one = RequestStream(path, ByteStream(path, Way.OUT), socket, buffer, lambda _: 0.0)
    if warm:
        one.warm_up()
    return one


def rounds(one: RequestStream, size: int, at_s: float = 0.0) -> int:
    """How many round trips a request takes, counted from its first bytes."""
    one.write(at_s, size)
    first_s = at_s + RTT_S / 2
    return 1 + round((one.read(first_s, one.written) - first_s) / RTT_S)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (10 * SEGMENT_BYTES, 1),
        (10 * SEGMENT_BYTES + 1, 2),
        (16 * 1024, 2),
        (30 * SEGMENT_BYTES, 2),  # 10 and 20
        (30 * SEGMENT_BYTES + 1, 3),
        (64 * 1024, 3),
        (70 * SEGMENT_BYTES, 3),  # and 40
        (70 * SEGMENT_BYTES + 1, 4),
    ],
)
def test_a_new_connection_sends_ten_segments_and_then_twice_as_many(
    size: int, expected: int
) -> None:
    assert rounds(connection(), size) == expected


def test_a_warm_connection_costs_nothing() -> None:
    assert rounds(connection(warm=True), WINDOW) == 1


def test_what_has_grown_stays_grown_while_it_is_used() -> None:
    one = connection()
    assert rounds(one, 70 * SEGMENT_BYTES) == 3
    # it has grown to what it sent last; after 10 it would take three rounds again
    assert rounds(one, 40 * SEGMENT_BYTES, at_s=0.2) == 1


@pytest.mark.parametrize(
    ("idle_s", "room_bytes"),
    [
        (0.219, LARGEST_WINDOW_BYTES),  # 200 ms and a round trip are not over: it does not matter
        (0.221, 500_000),
        (0.441, 250_000),
        (0.661, 125_000),
        (60.0, INITIAL_WINDOW_BYTES),
    ],
)
def test_after_idling_it_has_half_for_each_timeout_and_never_less_than_at_first(
    idle_s: float, room_bytes: int
) -> None:
    window = CongestionWindow(RTT_S, WINDOW, WINDOW)
    window.warm_up()
    window.departed(5_000, left_s=1.0, acked_s=1.02)
    window.restart_after_idling(1.0 + idle_s, sent=5_000)
    assert window.room(1.0 + idle_s, sent=5_000) == (1.0 + idle_s, room_bytes)


@pytest.mark.parametrize(("idle_s", "halved"), [(0.5, False), (0.5 + 1e-9, True)])
def test_a_timeout_to_the_instant_is_not_idled(idle_s: float, halved: bool) -> None:
    window = CongestionWindow(0.3, WINDOW, WINDOW)
    window.warm_up()
    window.departed(5_000, left_s=1.0, acked_s=1.3)
    window.restart_after_idling(1.0 + idle_s, sent=5_000)
    assert (window.room(1.0 + idle_s, sent=5_000)[1] < LARGEST_WINDOW_BYTES) == halved


def test_a_connection_that_was_never_used_has_not_idled() -> None:
    window = CongestionWindow(RTT_S, WINDOW, WINDOW)
    window.warm_up()
    window.restart_after_idling(60.0, sent=0)
    assert window.room(60.0, sent=0) == (60.0, LARGEST_WINDOW_BYTES)


def test_a_connection_has_idled_after_200_ms_and_one_round_trip() -> None:
    for at_s, expected in ((0.219, 1), (0.225, 2)):
        one = connection(warm=True)
        assert rounds(one, WINDOW) == 1
        assert rounds(one, WINDOW, at_s=at_s) == expected


def test_an_idle_connection_grows_again() -> None:
    one = connection(warm=True)
    assert rounds(one, WINDOW) == 1
    assert rounds(one, WINDOW, at_s=0.5) == 3  # 250,000, 500,000, and the rest
    assert rounds(one, WINDOW, at_s=0.6) == 1


@pytest.mark.parametrize(("size", "expected"), [(60_000, 1), (60_001, 2), (180_000, 3)])
def test_a_small_send_buffer_caps_what_is_unacknowledged(size: int, expected: int) -> None:
    assert rounds(connection(buffer=60_000, warm=True), size) == expected


def test_a_small_send_buffer_caps_slow_start_too() -> None:
    # 10 segments, then 20 where 15 fit, then 15 each
    assert rounds(connection(buffer=15 * SEGMENT_BYTES), 40 * SEGMENT_BYTES) == 3
    assert rounds(connection(buffer=15 * SEGMENT_BYTES), 40 * SEGMENT_BYTES + 1) == 4


def test_room_is_there_when_the_oldest_bytes_are_acknowledged() -> None:
    window = CongestionWindow(RTT_S, WINDOW, WINDOW)
    assert window.room(0.0, sent=0) == (0.0, INITIAL_WINDOW_BYTES)
    window.departed(4_480, left_s=0.0, acked_s=0.02)
    window.departed(14_480, left_s=0.001, acked_s=0.021)
    # the first 4,480 let twice as many go
    assert window.room(0.001, sent=14_480) == (0.02, 8_960)

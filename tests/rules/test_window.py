"""Requests through TCP's windows, on a warm connection: 20 ms there and back, no serialisation.

A window is 10 segments and 100 bytes where nothing else is said: 14,580 bytes, of which the sender
uses 14,480, because less than a segment does not leave alone. The laboratory's window is 131,070.
"""

import math

import pytest

from model import Fault, PathConfig
from model.config.packets import Packets
from model.network.path import Path
from model.network.receiver import ReceiveBuffer, receive_buffer_of
from model.network.segments import SEGMENT_BYTES
from model.network.stream import ByteStream
from model.network.window import RequestStream
from model.units import NEVER_S
from model.wire.transmission import Way

WINDOW = 10 * SEGMENT_BYTES + 100
USED = 10 * SEGMENT_BYTES
ARRIVES_S = 0.01


def stream(
    window: float = WINDOW,
    memory: float | None = None,
    buffer: float = math.inf,
    wake_s: float = 0.0,
    bytes_per_s: float = math.inf,
    faults: tuple[Fault, ...] = (),
) -> RequestStream:
    path = Path(PathConfig(rtt_ms=20, bytes_per_s=bytes_per_s), faults)
    receive_buffer = ReceiveBuffer(window, window if memory is None else memory)
    one = RequestStream(path, ByteStream(path, Way.OUT), receive_buffer, buffer, lambda _: wake_s)
    one.warm_up()
    return one


def test_a_request_within_the_window_goes_at_once() -> None:
    one = stream()
    one.write(0.0, WINDOW)
    assert one.sent == WINDOW
    assert one.arrival_s(0) == ARRIVES_S
    assert one.read(ARRIVES_S, WINDOW) == ARRIVES_S


@pytest.mark.parametrize(("size", "rounds"), [(WINDOW, 1), (WINDOW + 1, 2), (USED + 10_000, 2)])
def test_a_request_larger_than_the_window_takes_another_round_trip(size: int, rounds: int) -> None:
    one = stream()
    one.write(0.0, size)
    assert one.sent == (WINDOW if rounds == 1 else USED)
    assert one.read(ARRIVES_S, size) == pytest.approx(ARRIVES_S + (rounds - 1) * 0.02)


def test_a_reader_that_wakes_late_makes_each_further_round_longer() -> None:
    one = stream(wake_s=0.003)
    one.write(0.0, 2 * USED + 10_000)
    # there at 10; announced at 10, there at 30, read at 33; announced at 33, there at 53, read
    # at 56
    assert one.read(ARRIVES_S, 2 * USED + 10_000) == pytest.approx(0.056)


def test_a_slow_link_sends_a_window_in_less_than_a_round_trip_and_then_waits() -> None:
    one = stream(bytes_per_s=USED / 0.005)
    one.write(0.0, 2 * USED)
    # 5 ms on the wire and 10 on the way; announced at 25, sent from 25 to 30, there at 40
    assert one.arrival_s(0) == pytest.approx(0.015)
    assert one.read(0.015, 2 * USED) == pytest.approx(0.04)


def test_nothing_moves_while_nobody_reads() -> None:
    one = stream()
    one.write(0.0, 2 * USED - 400)
    one.write(0.5, 1_000)
    assert (one.sent, one.written) == (USED, 2 * USED + 600)
    assert one.arrival_s(2 * USED - 400) == NEVER_S
    assert one.read(1.0, 2 * USED - 400) == pytest.approx(1.02)


def test_the_next_requests_bytes_wait_for_the_reader() -> None:
    one = stream(window=100 * SEGMENT_BYTES)
    one.write(0.0, 100_000)
    one.write(0.0, 100_000)
    # 44,800 bytes of the window are left for the second, and filled to the byte
    assert one.sent == 100 * SEGMENT_BYTES
    assert one.read(ARRIVES_S, 100_000) == ARRIVES_S
    # 78,270 bytes still hold memory, so there is room for 79,800: enough for the rest, at 20
    assert one.sent == 200_000
    assert one.read(ARRIVES_S, 200_000) == pytest.approx(0.03)
    assert one.arrival_s(100_000) == pytest.approx(0.03)  # of what was received with it


def test_a_reader_that_comes_back_late_finds_what_came_meanwhile() -> None:
    one = stream(window=100 * SEGMENT_BYTES)
    one.write(0.0, 100_000)
    one.write(0.0, 100_000)
    one.read(ARRIVES_S, 100_000)
    assert one.read(0.05, 200_000) == 0.05


def test_an_answer_tells_of_the_room_there_is() -> None:
    one = stream(window=100 * SEGMENT_BYTES)
    one.write(0.0, 100 * SEGMENT_BYTES)
    one.write(0.0, 20 * SEGMENT_BYTES)
    assert one.sent == 100 * SEGMENT_BYTES
    one.answered(0.015)
    # 144,800 unread leave room for 24,616: 17 segments, and the last three with the next word
    assert one.sent == 117 * SEGMENT_BYTES
    assert one.arrival_s(100 * SEGMENT_BYTES) == pytest.approx(0.035)


def test_a_request_is_written_when_it_is_in_the_send_buffer() -> None:
    one = stream(buffer=WINDOW)
    one.write(0.25, WINDOW)
    assert one.written_s(0.25) == 0.25


def test_a_request_that_waits_for_the_window_is_written_when_enough_is_acknowledged() -> None:
    one = stream(buffer=20_000)
    one.write(0.0, 3 * USED)
    # 23,440 bytes must be acknowledged; the first window is at 20, the second at 40
    assert one.written_s(0.0) == NEVER_S
    one.read(ARRIVES_S, 3 * USED)
    assert one.written_s(0.0) == pytest.approx(0.04)
    assert one.written_s(0.041) == 0.041


def test_a_send_buffer_below_the_window_is_the_window() -> None:
    one = stream(window=200_000, buffer=60_000)
    one.write(0.0, 100_000)
    # 60,000 at once; the others when those are acknowledged, which is when the last of it is in
    # the buffer: 40,000 had to be
    assert one.written_s(0.0) == pytest.approx(0.02)
    assert one.read(ARRIVES_S, 100_000) == pytest.approx(0.03)


def test_a_window_update_that_is_lost_comes_when_it_is_sent_again() -> None:
    one = stream(faults=(Fault(what="lost-acks", at_s=0.0, for_s=0.1),))
    one.write(0.0, 2 * USED)
    # announced at 10, and again at 10 + 220; known at 240, there at 250
    assert one.read(ARRIVES_S, 2 * USED) == pytest.approx(0.25)


def test_without_a_window_everything_goes_at_once() -> None:
    one = stream(window=math.inf)
    one.write(0.0, 10_000_000)
    assert one.read(ARRIVES_S, 10_000_000) == ARRIVES_S


def lab(rtt_ms: float, packets: Packets = Packets.LAB) -> RequestStream:
    """A warm connection on the measuring machine, whose reader wakes at once."""
    path = Path(PathConfig(rtt_ms=rtt_ms, packets=packets))
    receive_buffer = receive_buffer_of(102_400, packets, rtt_ms / 1e3)
    one = RequestStream(path, ByteStream(path, Way.OUT), receive_buffer, 230_687, lambda _: 0.0)
    one.warm_up()
    return one


def rounds(rtt_ms: float, size: int, requests: int, packets: Packets = Packets.LAB) -> list[int]:
    """Round trips that each of some requests takes, written when the one before is answered."""
    one, at_s, taken = lab(rtt_ms, packets), 0.0, []
    for _ in range(requests):
        one.write(at_s, size)
        first_s = at_s + rtt_ms / 2e3
        read_s = one.read(first_s, one.written)
        one.answered(read_s)
        taken.append(1 + round((read_s - first_s) * 1e3 / rtt_ms))
        at_s = read_s + rtt_ms / 2e3
    return taken


@pytest.mark.parametrize(
    ("size", "rtt_ms", "expected"),
    [
        (98_018, 20, 1),
        (130_338, 20.9, 1),
        (130_338, 5.2, 2),  # the window there is 98,400
        (195_988, 51, 2),
        (261_638, 10.7, 2),
        (261_793, 51, 2),  # of whole segments it would be three
        (524_232, 51, 5),  # 131,070 and then three times 130,320: pieces of six divide 90
        (524_232, 10.7, 5),  # four windows to the byte would do
        (999_938, 10.7, 8),
        (999_938, 51, 8),
        (1_048_428, 10.7, 9),
        (1_048_428, 51, 9),
    ],
)
def test_requests_take_as_many_round_trips_as_were_measured(
    size: int, rtt_ms: float, expected: int
) -> None:
    assert rounds(rtt_ms, size, 3) == 3 * [expected]


@pytest.mark.parametrize("rtt_ms", [0.3, 2, 5.2, 10.7, 20.9, 51, 101])
@pytest.mark.parametrize(
    ("size", "near_or_far", "between"),  # the pieces of some distances between divide 90 too
    [
        (16_257, 1, 1),
        (130_339, 1, 1),
        (195_989, 2, 2),
        (261_639, 3, 2),  # twice 131,070 hold it, and not with 130,320 of them
        (327_289, 3, 3),
        (392_939, 4, 4),  # 131,070 and twice 130,320 are 391,710
        (524_239, 5, 5),
        (785_829, 7, 7),
        (1_048_429, 9, 9),
    ],
)
def test_behind_network_cards_as_the_documentation_tells(
    size: int, near_or_far: int, between: int, rtt_ms: float
) -> None:
    """Full batches of 16 KiB to 1 MiB; at 10, 20 and 50 ms, and nearer or at 100 ms."""
    expected = between if 10 <= rtt_ms <= 52 else near_or_far
    assert rounds(rtt_ms, size, 3, Packets.NETWORK_CARD) == 3 * [expected]


def test_the_first_flight_of_a_write_is_filled_to_the_byte() -> None:
    one = lab(51)
    one.write(0.0, 261_793)
    assert one.sent == 131_070


def test_where_memory_is_squeezed_a_request_takes_three_round_trips_and_the_next_fewer() -> None:
    """Pieces of three segments cost 8,192 bytes and more: 30 of them are more than there is.

    Measured: one and three in turn; here a few kilobytes are missing for the one.
    """
    assert rounds(101, 130_338, 7) == [1, 3, 2, 3, 2, 3, 2]

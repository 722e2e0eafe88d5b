"""What is reported of bytes on their way: held back, lost, sent again. 20 ms there and back."""

import math

import pytest

from model import Fault, PathConfig
from model.network.path import Path
from model.network.receiver import ReceiveBuffer
from model.network.segments import SEGMENT_BYTES
from model.network.stream import ByteStream
from model.network.window import RequestStream
from model.wire.transmission import Fate, HeldBy, Transmission, Way

TEN = 10 * SEGMENT_BYTES
LARGE = 1_000_000
Found = list[tuple[int, Fate, HeldBy, float, float]]


def requests(
    window: float = LARGE,
    buffer: float = math.inf,
    warm: bool = True,
    bytes_per_s: float = math.inf,
) -> tuple[RequestStream, list[Transmission]]:
    """A connection's way out, and where its reports go."""
    path, found = Path(PathConfig(rtt_ms=20, bytes_per_s=bytes_per_s)), list[Transmission]()
    socket = ReceiveBuffer(window, window)
    stream = RequestStream(
        path, ByteStream(path, Way.OUT), socket, buffer, lambda _: 0.0, found.append
    )
    if warm:
        stream.warm_up()
    return stream, found


def short(found: list[Transmission]) -> Found:
    """In ms: request, fate, why, from when, until when."""
    return [
        (
            row.request,
            row.fate,
            row.held_by,
            round(row.from_s * 1e3, 6),
            round(row.until_s * 1e3, 6),
        )
        for row in found
    ]


def test_what_fits_into_the_window_is_not_held_back() -> None:
    stream, found = requests(window=TEN)
    stream.write(0.0, TEN, request=7)
    stream.read(0.01, TEN)
    assert found == []


def test_a_slow_link_holds_nothing_back() -> None:
    stream, found = requests(bytes_per_s=TEN / 0.005)
    stream.write(0.0, TEN, request=7)
    stream.write(0.001, TEN, request=8)
    assert found == []


def test_what_does_not_fit_waits_until_the_sender_knows_that_the_rest_was_read() -> None:
    stream, found = requests(window=TEN)
    stream.write(0.0, 2 * TEN + 10_000, request=7)
    stream.read(0.01, 2 * TEN + 10_000)
    # ten segments at 0, about as many at 20, the rest at 40: read at 10 and 30, known ten later
    window = Fate.HELD_BACK, HeldBy.RECEIVE_WINDOW
    assert short(found) == [(7, *window, 0, 20), (7, *window, 20, 40)]


def test_a_request_behind_one_that_is_held_back_is_held_back_from_its_first_byte() -> None:
    stream, found = requests(window=2 * TEN)
    stream.write(0.0, 3 * TEN, request=7)
    stream.write(0.005, TEN, request=8)
    stream.read(0.01, 3 * TEN)
    # 20 segments at 0, read at 10, known at 20: the other 10 of the first, and the next one's
    window = Fate.HELD_BACK, HeldBy.RECEIVE_WINDOW
    assert short(found) == [(7, *window, 0, 20), (8, *window, 5, 20)]


def test_a_request_that_comes_when_the_window_is_open_again_is_not_held_back() -> None:
    stream, found = requests(window=2 * TEN)
    stream.write(0.0, 3 * TEN, request=7)
    stream.read(0.01, 3 * TEN)
    stream.write(0.045, TEN, request=8)
    assert [row.request for row in found] == [7]


def test_slow_start_holds_back_what_comes_after_the_first_ten_segments() -> None:
    stream, found = requests(warm=False)
    stream.write(0.0, 70 * SEGMENT_BYTES, request=7)
    # 10 at 0, 20 at 20, 40 at 40
    window = Fate.HELD_BACK, HeldBy.CONGESTION_WINDOW
    assert short(found) == [(7, *window, 0, 20), (7, *window, 20, 40)]


def test_a_send_buffer_holds_back_what_it_has_no_room_for() -> None:
    stream, found = requests(buffer=60_000)
    stream.write(0.0, 100_000, request=7)
    assert short(found) == [(7, Fate.HELD_BACK, HeldBy.SEND_BUFFER, 0, 20)]


def test_where_slow_start_outgrows_the_send_buffer_each_is_named_for_its_own_round() -> None:
    stream, found = requests(buffer=15 * SEGMENT_BYTES, warm=False)
    stream.write(0.0, 30 * SEGMENT_BYTES, request=7)
    # ten, then fifteen of the twenty that slow start would let go, then the rest
    held = Fate.HELD_BACK
    assert short(found) == [
        (7, held, HeldBy.CONGESTION_WINDOW, 0, 20),
        (7, held, HeldBy.SEND_BUFFER, 20, 40),
    ]


def test_what_is_lost_is_reported_with_its_copy_and_who_waits_behind_it() -> None:
    found = list[Transmission]()
    path = Path(PathConfig(rtt_ms=20), (Fault(what="lost-requests", at_s=1.0, for_s=0.1),))
    stream = ByteStream(path, Way.OUT, found.append)
    for at_s, size_bytes, request in ((0.9, 100, 6), (1.0, 1_000, 7), (1.05, 3_000, 8)):
        stream.arrival_s(at_s, size_bytes, request)
    stream.arrival_s(1.15, 6_000, 9)
    stream.arrival_s(1.5, 100, 10)
    # resent 220 ms after 1.0; in slow start 1 packet at once, 3 after a round trip, 7 after two
    assert short(found) == [
        (7, Fate.LOST, HeldBy.NOTHING, 1_000, 1_000),
        (7, Fate.RESENT, HeldBy.NOTHING, 1_220, 1_230),
        (8, Fate.LOST, HeldBy.NOTHING, 1_050, 1_050),
        (8, Fate.RESENT, HeldBy.NOTHING, 1_240, 1_250),
        (9, Fate.HELD_BACK, HeldBy.LOSS, 1_150, 1_260),
    ]
    assert {row.way for row in found} == {Way.OUT}


def test_a_delay_alone_is_no_loss() -> None:
    found = list[Transmission]()
    spike = Fault(what="latency-spike", at_s=1.0, for_s=1.0, rtt_ms=3_000.0)
    stream = ByteStream(Path(PathConfig(rtt_ms=20), (spike,)), Way.OUT, found.append)
    assert stream.arrival_s(1.5, 100, 7) == pytest.approx(3.0)
    assert found == []

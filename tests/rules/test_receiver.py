"""The receiving end of a stream: what room is announced, and when it is announced at all.

A window and a room of 100,000 bytes where nothing else is said; behind a network card 0.83 bytes of
room go for each byte that is held, and packets are merged up to 64 KiB.
"""

import pytest

from model.config.packets import Packets
from model.network.packet_memory import MERGED_BYTES
from model.network.receiver import ReceiveBuffer, Receiver, receive_buffer_of
from model.network.segments import SEGMENT_BYTES

WINDOW = 100_000.0
PIECE = 2 * SEGMENT_BYTES


def receiver(memory_bytes: float = WINDOW, window_bytes: float = WINDOW) -> Receiver:
    return Receiver(ReceiveBuffer(window_bytes, memory_bytes))


def holding(received: int, read: int = 0, memory_bytes: float = WINDOW) -> Receiver:
    """One that has received so much, acknowledged it all and read a part of it before."""
    one = receiver(memory_bytes)
    one.receive(received, PIECE)
    if read:
        one.read(read)
    one.acknowledge()
    return one


def told(one: Receiver) -> float:
    """The edge of an acknowledgement that is sent now."""
    one.acknowledge()
    return one.edge


@pytest.mark.parametrize(("held", "room"), [(20_000, 83_400), (60_000, 50_200), (99_000, 17_830)])
def test_the_room_shrinks_by_less_than_what_is_held(held: int, room: int) -> None:
    one = receiver()
    one.receive(held, PIECE)
    assert told(one) == pytest.approx(max(WINDOW, held + room))


def test_there_is_never_less_than_no_room() -> None:
    one = receiver(memory_bytes=50_000)
    one.receive(120_000, PIECE)  # 0.83 of it is more than the memory
    assert told(one) == 120_000


def test_a_room_of_less_than_a_sixteenth_or_a_segment_is_none() -> None:
    for memory, held, room in ((100_000, 113_000, 6_210), (20_000, 22_500, 1_325)):
        assert memory - 0.83 * held == pytest.approx(room)
        one = receiver(memory_bytes=memory, window_bytes=10_000)
        one.receive(held, PIECE)
        assert told(one) == held


def test_more_room_than_the_window_can_say_is_not_told_of() -> None:
    one = receiver(memory_bytes=1_000_000)
    one.receive(10_000, PIECE)
    assert told(one) == 10_000 + WINDOW


def test_what_was_read_to_its_end_is_given_back_to_the_last_byte() -> None:
    one = receiver()
    one.receive(12_345, PIECE)
    one.read(12_345)
    assert one.edge == 12_345 + WINDOW


def test_an_arrival_is_acknowledged_only_if_the_room_has_not_shrunk() -> None:
    assert not receiver().receive(10_000, PIECE)
    one = receiver()
    one.receive(60_000, PIECE)
    one.begin()  # 50,200 of room are told
    one.read(60_000)
    # all of it is free again and nobody was told; the first packet says so, and it alone
    assert one.edge == 110_200
    assert one.receive(80_000, PIECE)
    assert one.edge == pytest.approx(60_000 + PIECE + WINDOW - 0.83 * PIECE)


def test_less_than_a_segment_is_not_acknowledged_on_arrival() -> None:
    one = receiver()
    one.receive(60_000, PIECE)
    one.begin()
    one.read(60_000)
    assert not one.receive(60_000 + SEGMENT_BYTES, PIECE)


def test_the_edge_that_was_told_never_goes_back() -> None:
    one = receiver(memory_bytes=60_000)
    edges = []
    for received in (10_000, 20_000, 50_000, 90_000):
        one.receive(received, PIECE)
        edges.append(told(one))
    # 10,000 + 51,700 and so on would be less than what the handshake announced
    assert edges == [WINDOW] * 4


def test_the_length_of_a_request_is_read_first_and_tells_of_the_little_room_there_is() -> None:
    for arrived, announced in ((SEGMENT_BYTES, False), (SEGMENT_BYTES + 1, True)):
        one = receiver()
        one.receive(arrived, PIECE)
        assert one.begin() is announced


def test_a_read_of_all_there_is_tells_of_a_byte_that_came() -> None:
    one = receiver()
    one.receive(1, PIECE)
    assert one.read(1)


def test_a_read_of_what_was_acknowledged_is_not_told() -> None:
    # The trap of pipelining: an answer announced 100,000 - 16,600 while 20,000 bytes lay unread;
    # they are read at once, and the sender goes on with what it knows.
    assert not holding(20_000).read(20_000)


@pytest.mark.parametrize(("unread", "announced"), [(60_000, False), (61_000, True), (99_000, True)])
def test_a_read_is_announced_if_the_room_at_least_doubles(unread: int, announced: bool) -> None:
    # 100,000 - 0.83 * 60,241 is half of the memory
    assert holding(unread).read(unread) is announced


def test_a_read_that_frees_too_little_is_not_told() -> None:
    # the first 65,536 of 70,000 unread bytes are one packet: it takes 41,900 of room to 96,295
    assert not holding(70_000).read(MERGED_BYTES - 1)
    assert holding(70_000).read(MERGED_BYTES)


@pytest.mark.parametrize(
    ("read", "given_back"),
    [(65_535, 0), (65_536, 65_536), (131_071, 65_536), (131_072, 131_072), (200_000, 200_000)],
)
def test_memory_of_merged_packets_is_given_back_together(read: int, given_back: int) -> None:
    one = receiver(memory_bytes=1e6, window_bytes=1e6)
    one.receive(200_000, MERGED_BYTES)
    one.read(read)
    assert told(one) == pytest.approx(1_200_000 - 0.83 * (200_000 - given_back))


def test_requests_that_share_a_packet_are_given_back_with_the_last_of_them() -> None:
    one = receiver(memory_bytes=1e6, window_bytes=1e6)
    for upto in (20_000, 40_000, 60_000):
        one.receive(upto, MERGED_BYTES)
    one.read(40_000)
    assert told(one) == pytest.approx(1_060_000 - 0.83 * 60_000)
    one.read(60_000)
    assert told(one) == 1_060_000


def test_nothing_is_read_that_has_not_arrived() -> None:
    one = receiver()
    one.receive(5_000, PIECE)
    one.read(8_000)
    assert one.read_to == 5_000


def test_a_socket_that_the_system_sizes_always_has_room() -> None:
    one = Receiver(ReceiveBuffer(float("inf"), float("inf")))
    one.receive(10**9, PIECE)
    assert told(one) == float("inf")


# Behind the laboratory's TUN devices packets cost what their buffers cost.


def lab(rtt_ms: float) -> Receiver:
    return Receiver(receive_buffer_of(102_400, Packets.LAB, rtt_ms / 1e3))


@pytest.mark.parametrize(
    ("rtt_ms", "window"), [(3.1, 131_070), (4.6, 131_070), (10, 131_070), (100, 131_070)]
)
def test_the_window_of_the_laboratory(rtt_ms: float, window: float) -> None:
    assert lab(rtt_ms).edge == window


@pytest.mark.parametrize("rtt_ms", [5.1, 6.1])
def test_a_first_piece_of_three_segments_costs_much_memory_and_leaves_less_room(
    rtt_ms: float,
) -> None:
    assert lab(rtt_ms).edge == 98_400


def test_the_twenty_sixth_piece_of_three_segments_finds_the_memory_full() -> None:
    piece = 3 * SEGMENT_BYTES
    one = lab(100)
    one.receive(25 * piece, piece)
    assert not one.squeezed
    one.receive(26 * piece, piece)
    assert one.squeezed
    # what was told stays: of 136,000 bytes 23,056 are left, more than the window that begins anew
    assert told(one) == 136_000


@pytest.mark.parametrize(("size", "grows"), [(127, False), (128, True)])
def test_after_it_was_squeezed_the_window_grows_with_packets_of_128_bytes(
    size: int, grows: bool
) -> None:
    one = lab(100)
    one.receive(26 * 3 * SEGMENT_BYTES, 3 * SEGMENT_BYTES)
    one.read(one.received)
    one.receive(136_000, size)  # as far as was told before
    one.read(136_000)
    one.acknowledge()
    assert (one.room_told > 12_000) is grows


def test_what_comes_after_a_squeeze_is_not_merged_into_what_was_squeezed() -> None:
    """Else the memory of that would not come back when it is read."""
    piece = 3 * SEGMENT_BYTES
    one = lab(100)
    one.receive(26 * piece, piece)
    squeezed = one.received
    one.receive(squeezed + piece, piece)
    one.read(squeezed)
    one.acknowledge()
    before = one.room_told
    for further in (2, 3):
        one.receive(squeezed + further * piece, piece)
        one.acknowledge()
    assert one.room_told == before + 2 * 2 * piece  # two bytes for each that came


def test_pieces_of_two_segments_fill_the_window_unharmed() -> None:
    one = lab(100)
    one.receive(130_338, PIECE)
    assert not one.squeezed


def test_told_more_than_half_of_the_room_a_read_of_all_is_not_told() -> None:
    # 136,000 of room: 2 x 70,000 is more, 2 x 60,000 is not
    for left, announced in ((70_000, False), (60_000, True)):
        one = lab(20)
        pieces = 1
        while one.room_told > left:
            one.receive(pieces * PIECE, PIECE)
            one.acknowledge()
            pieces += 1
        assert one.read(one.received) is announced


@pytest.mark.parametrize(
    "sizes",
    [
        *([size] * 3 for size in (1, 1_448, 1_449, 16_257, 45_000, 60_000, 61_000, 98_000)),
        [61_000, 20_000],  # of the second 3,400 bytes of room more are told than are left
        [1_000, 61_000, 1_448, 45_000],
        [61_000, 98_000, 113_000],  # after which a sixteenth is not left, and nothing is told
    ],
    ids=str,
)
@pytest.mark.parametrize("answered", [False, True])
def test_a_request_that_comes_and_is_read_alone_is_read_in_one_step(
    sizes: list[int], answered: bool
) -> None:
    step_by_step, at_once, end = receiver(), receiver(), 0
    for size in sizes:
        if not at_once.at_rest:
            break
        end += size
        step_by_step.receive(end, PIECE)
        step_by_step.begin()
        step_by_step.read(end)
        at_once.read_whole(end)
        if answered:
            step_by_step.acknowledge()
            at_once.acknowledge()
        assert at_once.edge == pytest.approx(step_by_step.edge)
        assert at_once.room_told == pytest.approx(step_by_step.room_told)

"""The receiving end of a stream: what room is announced, and when it is announced at all.

A window and a memory of 100,000 bytes where nothing else is said; 0.83 bytes of room go for each
byte that is held.
"""

import pytest

from model.network.receiver import MERGED_BYTES, ReceiveBuffer, Receiver
from model.network.stream import SEGMENT_BYTES

WINDOW = 100_000.0


def receiver(memory_bytes: float = WINDOW, window_bytes: float = WINDOW) -> Receiver:
    return Receiver(ReceiveBuffer(window_bytes, memory_bytes))


def holding(received: int, read: int = 0, memory_bytes: float = WINDOW) -> Receiver:
    """One that has received so much, acknowledged it all and read a part of it before."""
    one = receiver(memory_bytes)
    one.receive(received)
    if read:
        one.read(read)
    one.acknowledge()
    return one


@pytest.mark.parametrize(("held", "room"), [(0, 100_000), (10_000, 91_700), (100_000, 17_000)])
def test_the_room_shrinks_by_less_than_what_is_held(held: int, room: int) -> None:
    one = receiver()
    one.receive(held)
    assert one.acknowledge() == pytest.approx(held + room)


def test_there_is_never_less_than_no_room() -> None:
    one = receiver(memory_bytes=50_000)
    one.receive(120_000)  # 0.83 of it is more than the memory
    assert one.acknowledge() == 120_000


def test_more_memory_than_the_window_needs_is_not_told_of() -> None:
    one = receiver(memory_bytes=1_000_000)
    one.receive(10_000)
    assert one.acknowledge() == 10_000 + WINDOW


def test_what_was_read_to_its_end_is_given_back_to_the_last_byte() -> None:
    one = receiver()
    one.receive(12_345)
    one.read(12_345)
    assert one.acknowledge() == 12_345 + WINDOW


def test_an_arrival_is_acknowledged_only_if_the_room_has_not_shrunk() -> None:
    # 8,400 bytes of memory beside the window pay for 10,120 bytes
    assert receiver(memory_bytes=108_400).receive(10_000)
    assert not receiver(memory_bytes=108_400).receive(10_200)
    assert not receiver().receive(1)


def test_an_arrival_is_measured_by_what_was_told_last() -> None:
    one = holding(10_000)
    # announced were 91,700; what is held beside 10,000 makes it less
    assert not one.receive(10_001)
    one.read(10_001)
    assert one.receive(15_000)  # 100,000 - 0.83 * 4,999 is more than 91,699 and 5,000 used of it


def test_the_edge_that_was_told_never_goes_back() -> None:
    one = receiver(memory_bytes=60_000)
    edges = []
    for received in (10_000, 20_000, 50_000, 95_000):
        one.receive(received)
        edges.append(one.acknowledge())
    # 10,000 + 51,700 and so on would be less than what the handshake announced, up to the last:
    # 95,000 are more than the memory holds, and there is no room beside them
    assert edges == [WINDOW] * 4
    one.read(95_000)
    assert one.acknowledge() == 95_000 + 60_000


def test_a_read_is_announced_if_more_than_a_segment_came_since_the_last_acknowledgement() -> None:
    for arrived, announced in ((SEGMENT_BYTES, False), (SEGMENT_BYTES + 1, True)):
        one = receiver()
        one.receive(arrived)
        assert one.read(arrived - 1) is announced


def test_a_read_of_all_there_is_tells_of_a_byte_that_came() -> None:
    one = receiver()
    one.receive(1)
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
    # 70,000 unread leave room for 41,900; reading 65,536 of them makes it 96,295, 65,535 nothing
    assert not holding(70_000).read(MERGED_BYTES - 1)
    assert holding(70_000).read(MERGED_BYTES)


@pytest.mark.parametrize(
    ("read", "given_back"),
    [
        (65_535, 0),
        (65_536, 65_536),
        (131_071, 65_536),
        (131_072, 131_072),
        (199_999, 196_608),
        (200_000, 200_000),
    ],
)
def test_memory_of_merged_pieces_is_given_back_by_64_kib(read: int, given_back: int) -> None:
    one = receiver(memory_bytes=1e6, window_bytes=1e6)
    one.receive(200_000)
    one.read(read)
    assert one.acknowledge() == pytest.approx(1_200_000 - 0.83 * (200_000 - given_back))


def test_pieces_that_were_read_in_part_add_up() -> None:
    one = receiver(memory_bytes=1e6, window_bytes=1e6)
    one.receive(200_000)
    for read in (40_000, 65_000, 70_000, 140_000):
        one.read(read)
    assert one.acknowledge() == pytest.approx(1_200_000 - 0.83 * (200_000 - 2 * MERGED_BYTES))


def test_nothing_is_read_that_has_not_arrived() -> None:
    one = receiver()
    one.receive(5_000)
    one.read(8_000)
    assert one.read_to == 5_000

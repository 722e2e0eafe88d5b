"""How a sender cuts its stream into pieces and the end of a window, and what packets cost."""

import pytest

from model.config.packets import Packets
from model.network.packet_memory import on_tun, share_of, window_share
from model.network.segments import (
    AVOIDANCE_PACE,
    SEGMENT_BYTES,
    SLOW_START_PACE,
    leaves_of_queue,
    leaves_of_write,
    piece_segments,
)

WINDOW = 131_070


@pytest.mark.parametrize(
    ("cwnd", "rtt_ms", "segments"),
    [
        *((10, 3.1, 5), (10, 4.6, 4), (10, 5.2, 3), (10, 10.3, 2)),
        *((182, 10.7, 33), (182, 20.9, 17), (182, 51, 6), (182, 101, 3)),
        (24, 10, 4),
        (1, 10, 1),  # never less than a segment
        (10_000, 0.0, 45),
    ],
)
def test_the_length_of_a_piece_follows_from_the_rate(
    cwnd: float, rtt_ms: float, segments: int
) -> None:
    assert piece_segments(cwnd, rtt_ms / 1e3, SLOW_START_PACE) == segments


def test_after_slow_start_pieces_are_shorter() -> None:
    assert piece_segments(12, 10.7e-3, AVOIDANCE_PACE) == 2


def test_without_offload_a_piece_is_a_segment() -> None:
    assert piece_segments(182, 10.7e-3, SLOW_START_PACE, offload=False) == 1


@pytest.mark.parametrize(
    ("segments", "leaves"), [(16, WINDOW), (33, WINDOW), (6, 130_320), (15, 130_320), (45, 130_320)]
)
def test_out_of_a_queue_less_than_a_segment_stays(segments: int, leaves: int) -> None:
    assert leaves_of_queue(WINDOW, segments) == leaves


@pytest.mark.parametrize(
    ("segments", "leaves"), [(6, WINDOW), (33, WINDOW), (9, 130_320), (15, 130_320), (45, 130_320)]
)
def test_a_write_leaves_while_it_is_copied(segments: int, leaves: int) -> None:
    assert leaves_of_write(WINDOW, segments) == leaves


def test_less_than_a_segment_of_room_lets_nothing_go() -> None:
    assert leaves_of_queue(700, 2) == leaves_of_write(700, 2) == leaves_of_queue(-5, 2) == 0


@pytest.mark.parametrize(
    ("segments", "memory"),
    [(1, 2_304), (2, 4_352), (3, 9_024), (5, 9_024), (6, 13_120), (17, 29_504), (45, 66_368)],
)
def test_what_a_packet_costs_behind_a_tun_device(segments: int, memory: float) -> None:
    assert on_tun(segments * SEGMENT_BYTES).memory == memory


@pytest.mark.parametrize(
    ("size", "memory", "fragments"),
    [
        *((76, 768, 0), (77, 1_280, 0), (588, 1_280, 0), (589, 2_304, 0), (1_612, 2_304, 0)),
        *((1_613, 4_352, 0), (3_660, 4_352, 0), (3_661, 8_448, 0), (3_979, 8_448, 0)),
        (3_980, 832 + 4_096, 1),  # with headers and padding a page
    ],
)
def test_what_a_rest_costs(size: int, memory: float, fragments: int) -> None:
    cost = on_tun(size)
    assert (cost.memory, cost.fragments) == (memory, fragments)


@pytest.mark.parametrize(("segments", "merged"), [(1, 0), (2, 0), (3, 17), (16, 8), (34, 5)])
def test_how_many_packets_are_merged(segments: int, merged: int) -> None:
    cost = on_tun(segments * SEGMENT_BYTES)
    assert cost.fragments * merged <= cost.most_fragments
    assert not merged or cost.fragments * (merged + 1) > cost.most_fragments
    assert bool(cost.fragments) == bool(merged)


@pytest.mark.parametrize(("segments", "room"), [(2, 136_000), (3, 98_400), (5, 164_000)])
def test_the_first_piece_decides_how_much_memory_is_room(segments: int, room: int) -> None:
    assert share_of(segments) * 204_800 == room


def test_without_offload_a_first_segment_does() -> None:
    assert window_share(Packets.LAB_SEGMENTS, 0.005) * 204_800 == 128_000

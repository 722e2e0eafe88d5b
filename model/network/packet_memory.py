"""What packets that wait unread cost a receiver's memory, and which share of it becomes window.

Pure. Linux counts the buffers that packets came in (truesize), not their bytes; packets are merged
into the last one while that has room for their fragments, and a merged packet gives its memory back
when all of it has been read. The share of the memory that is told as a window is taken once, from
the first full packet of a connection. Units: bytes.
"""

from typing import NamedTuple

from model.config.cluster import REQUESTS_SHARE
from model.config.packets import Packets
from model.network.segments import SEGMENT_BYTES, SLOW_START_PACE, piece_segments

#: Read: TCP_INIT_CWND of Linux (RFC 6928).
INITIAL_SEGMENTS = 10
#: Measured: by so much the room shrinks for each byte that is held, with packets as offloading
#: makes them (0.81 to 0.90, by the size of pieces). Assumed: so it is behind network cards.
ROOM_PER_HELD_BYTE = 0.83
#: Assumed: the most that is merged into one packet behind network cards.
MERGED_BYTES = 64 * 1024

#: Read: sizes of kmalloc that hold one packet; measured: sk_buff and the small head.
BLOCKS = (512, 1024, 2048, 4096, 8192)
SK_BUFF, SMALL_HEAD = 256, 576
#: Read: IP and TCP headers with timestamps; tun_alloc_skb's padding, skb_shared_info.
HEADERS, PADDING, SHARED_INFO = 52, 64, 320
PAGE, PAGES_OF_FRAGMENT = 4096, 8
#: Measured: MAX_SKB_FRAGS.
MOST_FRAGMENTS = 17


class Cost(NamedTuple):
    """Of one packet: memory, what of it is saved where it is merged, its fragments of how many."""

    memory: float
    saved: float
    fragments: int
    most_fragments: int


def on_card(size_bytes: int) -> Cost:
    """A packet behind a network card: memory by its bytes, merged up to a size."""
    memory = size_bytes * (ROOM_PER_HELD_BYTE / REQUESTS_SHARE)
    return Cost(memory, 0.0, size_bytes, MERGED_BYTES)


def on_tun(size_bytes: int) -> Cost:
    """A packet behind a TUN device: one block if it is short, whole pages if not.

    Source: tun_alloc_skb, alloc_skb_with_frags, tcp_try_coalesce.
    """
    packet = size_bytes + HEADERS
    if packet + PADDING < PAGE:
        needed = packet + PADDING + SHARED_INFO
        return Cost(SK_BUFF + next(size for size in BLOCKS if size >= needed), 0.0, 0, 0)
    pages, head = -(-size_bytes // PAGE), SK_BUFF + SMALL_HEAD
    fragments = pages // PAGES_OF_FRAGMENT + (pages % PAGES_OF_FRAGMENT).bit_count()
    return Cost(head + pages * PAGE, head, fragments, MOST_FRAGMENTS)


def share_of(segments: int) -> float:
    """The share of memory that becomes window if a connection's first packet is so long."""
    payload = segments * SEGMENT_BYTES
    return int(256 * payload / on_tun(payload).memory) / 256


def window_share(packets: Packets, rtt_s: float) -> float:
    """The same for a connection whose set-up took ``rtt_s``, for good (tcp_measure_rcv_mss).

    No process has to wake up for a SYN and its answer, so that is the way alone. Measured: at 5 and
    6 ms first pieces have three segments, which leaves a window of 98,400 bytes of 131,070.
    """
    if packets is Packets.NETWORK_CARD:
        return REQUESTS_SHARE
    first = piece_segments(INITIAL_SEGMENTS, rtt_s, SLOW_START_PACE, packets.offload)
    return share_of(first)

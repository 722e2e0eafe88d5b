"""How a sender cuts its stream: segments, pieces of several, and the end of a window.

Pure; Linux's rules (6.18). A piece is what one transmit call hands down. Its length follows from
what the pacing rate sends in a millisecond, whether anything is paced or not. With TCP_NODELAY,
which Kafka sets, the end of a window is filled to the byte unless less than a segment of it is
left. Left out: deferral of a piece for the next acknowledgement, which moves bytes by less than a
millisecond. Units: bytes, seconds.
"""

#: Derived from an MTU of 1500: what one packet carries beside headers and timestamps.
SEGMENT_BYTES = 1448
#: Read: tcp_tso_autosize: no fewer, unless offload is off, and what fits into 64 KiB.
LEAST_SEGMENTS, MOST_SEGMENTS = 2, 45
#: Read: sk_pacing_shift: what the rate sends in about a millisecond.
PACING_SHARE = 1 / 1024
#: Read: gso_max_size less headers, halved for each 512 us of the least RTT (tcp_tso_rtt_log).
NEAR_BYTES, NEAR_S = 65_343, 512e-6
#: Read: net.ipv4.tcp_pacing_ss_ratio and tcp_pacing_ca_ratio: in slow start, and after it.
SLOW_START_PACE, AVOIDANCE_PACE = 2.0, 1.2


def piece_segments(cwnd: float, rtt_s: float, pace: float, offload: bool = True) -> int:
    """Segments that one transmit call hands down (tcp_tso_autosize, tcp_cwnd_test).

    ``cwnd`` in segments; ``pace`` is what multiplies the rate. No more than half of ``cwnd``.
    """
    if not offload:
        return 1
    a_while_bytes = NEAR_BYTES >> min(63, int(rtt_s / NEAR_S))
    if rtt_s > 0:
        a_while_bytes += int(pace * cwnd * SEGMENT_BYTES / rtt_s * PACING_SHARE)
    else:
        a_while_bytes = NEAR_BYTES
    goal = max(LEAST_SEGMENTS, min(MOST_SEGMENTS, a_while_bytes // SEGMENT_BYTES))
    return max(1, min(goal, int(cwnd) // 2))


def leaves_of_queue(room_bytes: float, segments: int) -> int:
    """Bytes that leave a queue longer than the window's room, in pieces of so many segments.

    Pieces leave while they fit. Of what is left less than a segment waits, more leaves to the byte
    (tcp_snd_wnd_test, tcp_mss_split_point, tcp_nagle_check).
    """
    room = max(0, int(room_bytes))
    rest = room % (segments * SEGMENT_BYTES)
    return room if rest >= SEGMENT_BYTES else room - rest


def leaves_of_write(room_bytes: float, segments: int) -> int:
    """The same of a write to an empty queue, whose bytes leave while they are copied.

    One piece goes at once, then all of each full packet of 45 segments (tcp_sendmsg_locked), so
    that the end of the room is met from there.
    """
    piece, packet = segments * SEGMENT_BYTES, MOST_SEGMENTS * SEGMENT_BYTES
    room = max(0, int(room_bytes))
    if room <= piece:
        return leaves_of_queue(room, segments)
    rest = (room - piece) % packet
    return room - rest + leaves_of_queue(rest, segments)

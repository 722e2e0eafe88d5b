"""One direction of one connection: bytes arrive in the order in which they were sent.

Pure. Behind a lost packet everything waits until it is sent again; in a spell of losses what
follows then comes in slow start, from one packet a round trip. Left out: the congestion window of
calm weather, which is :mod:`model.network.window`'s. Units: seconds, bytes.
"""

import math

from model.network.path import Path
from model.wire.transmission import Way

#: Derived from an MTU of 1500: what one packet carries beside headers and timestamps.
SEGMENT_BYTES = 1448
#: Read: tcp_tso_autosize of Linux: pacing cuts what is sent into packets of two segments and more;
#: at the rates of a single producer it is two.
PACKET_BYTES = 2 * SEGMENT_BYTES


class ByteStream:
    """What is sent on one connection one way."""

    def __init__(self, path: Path, way: Way) -> None:
        self._path = path
        self._way = way
        self._resent_s = -math.inf
        self._resent_bytes = 0.0
        self._last_s = -math.inf

    def arrival_s(self, at_s: float, size_bytes: float) -> float:
        """When bytes have arrived whose last one leaves at ``at_s``."""
        if self._path.calm:
            return at_s + self._path.one_way_s
        crossed_s = self._crossed_s(at_s, size_bytes)
        crossed_s += self._path.extra_s(max(1, math.ceil(size_bytes / PACKET_BYTES)))
        self._last_s = max(self._last_s, crossed_s)
        return self._last_s

    def _crossed_s(self, at_s: float, size_bytes: float) -> float:
        if at_s > self._resent_s:
            crossed_s = self._path.crossing_s(self._way, at_s)
            if crossed_s is not None:
                self._path.sent(self._way, at_s, crossed_s)
                return crossed_s
            self._resent_s, self._resent_bytes = self._path.resent_s(self._way, at_s), 0.0
        self._resent_bytes += size_bytes
        packets = math.ceil(self._resent_bytes / SEGMENT_BYTES)
        rounds = math.ceil(math.log2(packets + 1)) - 1
        crossed_s = self._path.crossing_s(self._way, self._resent_s)
        assert crossed_s is not None  # resent_s is when it crosses
        return crossed_s + rounds * 2 * self._path.one_way_s

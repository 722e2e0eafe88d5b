"""One direction of one connection: bytes arrive in the order in which they were sent.

Pure. Behind a lost packet everything waits until it is sent again; in a spell of losses what
follows then comes in slow start, from one packet a round trip. Left out: the congestion window
without losses, which is :mod:`model.network.window`'s, and losses by chance, which are
:mod:`model.network.lossy`'s. Units: seconds, bytes.
"""

import math
from typing import NamedTuple

from model.network.path import Path
from model.network.segments import SEGMENT_BYTES
from model.wire.transmission import (
    NO_REQUEST,
    Fate,
    HeldBy,
    Report,
    Transmission,
    Way,
    to_nobody,
)

#: Read: tcp_tso_autosize of Linux: pacing cuts what is sent into packets of two segments and more;
#: at the rates of a single producer it is two.
PACKET_BYTES = 2 * SEGMENT_BYTES


class _Crossing(NamedTuple):
    """When the last byte is there; what happened to it, and when it left for good."""

    arrives_s: float
    fate: Fate | None
    left_s: float


class ByteStream:
    """What is sent on one connection one way. Losses, and who waits behind them, are reported."""

    def __init__(self, path: Path, way: Way, report: Report = to_nobody) -> None:
        self._path = path
        self._way = way
        self._report = report
        self._resent_s = -math.inf
        self._resent_bytes = 0.0
        self._last_s = -math.inf

    def arrival_s(self, at_s: float, size_bytes: float, request: int = NO_REQUEST) -> float:
        """When bytes have arrived whose last one leaves at ``at_s``; of which request they are."""
        if self._path.is_constant:
            return at_s + self._path.one_way_s
        crossed_s, fate, left_s = self._crossing(at_s, size_bytes)
        packets = max(1, math.ceil(size_bytes / PACKET_BYTES))
        self._last_s = max(self._last_s, crossed_s + self._path.jitter_s(packets, self._way))
        if fate is not None:
            self._report_loss(request, fate, at_s, left_s)
        return self._last_s

    def _crossing(self, at_s: float, size_bytes: float) -> _Crossing:
        crossed_s = self._path.crossing_s(self._way, at_s)
        fate = Fate.LOST if crossed_s is None else Fate.HELD_BACK
        if at_s > self._resent_s:
            if crossed_s is not None:
                self._path.sent(self._way, at_s, crossed_s)
                return _Crossing(crossed_s, None, at_s)
            self._resent_s, self._resent_bytes = self._path.resent_s(self._way, at_s), 0.0
        self._resent_bytes += size_bytes
        packets = max(1, math.ceil(self._resent_bytes / SEGMENT_BYTES))  # an end has no bytes
        rounds = math.ceil(math.log2(packets + 1)) - 1
        crossed_s = self._path.crossing_s(self._way, self._resent_s)
        assert crossed_s is not None  # resent_s is when it crosses
        rounds_s = rounds * 2 * self._path.one_way_s
        return _Crossing(crossed_s + rounds_s, fate, self._resent_s + rounds_s)

    def _report_loss(self, request: int, fate: Fate, at_s: float, left_s: float) -> None:
        way = self._way
        if fate is Fate.LOST:
            self._report(Transmission(request, way, Fate.LOST, at_s, at_s))
            self._report(Transmission(request, way, Fate.RESENT, left_s, self._last_s))
        else:
            self._report(Transmission(request, way, fate, at_s, left_s, HeldBy.LOSS))

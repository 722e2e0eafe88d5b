"""The way between a producer and a broker, in good weather and bad.

Pure: the schedule of faults is known, so what becomes of a packet is arithmetic, not an event.
Packets of all connections keep their order: behind one that takes long the next ones wait. A
packet that enters while its direction is lost never arrives; TCP sends it again, first after the
retransmission timeout and then after twice the last wait. A connection is set up when a SYN and
its answer both crossed. Left out: tail loss probes, recovery by selective acknowledgements, packets
that are lost half-way. Units: seconds, bytes.
"""

import math
from collections.abc import Iterable, Iterator
from enum import Enum

from model.config.cluster import PathConfig
from model.config.faults import (
    BLACK_HOLE,
    BROKER_CRASH,
    BROKER_RESTART,
    LATENCY_SPIKE,
    LOST_ACKS,
    LOST_REQUESTS,
    Fault,
)
from model.units import seconds

#: Read: TCP_RTO_MIN of Linux; the timeout is the measured round trip and at least this.
LEAST_TIMEOUT_S = 0.2
#: Read: TCP_TIMEOUT_INIT and net.ipv4.tcp_syn_linear_timeouts of Linux 6.5 and later.
SYN_TIMEOUT_S = 1.0
LINEAR_SYNS = 4
#: Read: TCP_RTO_MAX of Linux.
LONGEST_TIMEOUT_S = 120.0
#: Derived from an MTU of 1500: what one packet carries beside headers and timestamps.
SEGMENT_BYTES = 1448


class Way(Enum):
    """A direction."""

    OUT = "from the producer to the broker"
    BACK = "from the broker to the producer"


LOSSES = {
    LOST_REQUESTS: {Way.OUT},
    LOST_ACKS: {Way.BACK},
    BLACK_HOLE: {Way.OUT, Way.BACK},
}


class Path:
    """One producer's way to one broker."""

    def __init__(self, config: PathConfig, faults: Iterable[Fault] = ()) -> None:
        self.bytes_per_s = config.bytes_per_s
        self.one_way_s = config.one_way_s
        self._rtt_s = config.rtt_s
        faults = tuple(faults)
        self._losses = [fault for fault in faults if fault.what in LOSSES]
        self._spikes = [fault for fault in faults if fault.what == LATENCY_SPIKE]
        self._down = [fault for fault in faults if fault.what in (BROKER_CRASH, BROKER_RESTART)]
        self._delayed: dict[Way, list[tuple[float, float]]] = {way: [] for way in Way}
        #: Whether nothing ever happens to a packet.
        self.calm = not (self._losses or self._spikes)

    def crossing_s(self, way: Way, at_s: float) -> float | None:
        """When a packet that enters at ``at_s`` arrives; None: it is lost."""
        if any(way in LOSSES[fault.what] for fault in _on(self._losses, at_s)):
            return None
        delays = (seconds(fault.rtt_ms) / 2 for fault in _on(self._spikes, at_s))
        crossed_s = at_s + max(delays, default=self.one_way_s)
        ahead = (arrives_s for entered_s, arrives_s in self._delayed[way] if entered_s <= at_s)
        return max(crossed_s, max(ahead, default=crossed_s))

    def sent(self, way: Way, at_s: float, arrives_s: float) -> None:
        """A packet enters, or will: what enters after it will not overtake it."""
        if self._spikes and arrives_s - at_s > self.one_way_s:
            self._delayed[way].append((at_s, arrives_s))

    def acknowledged_s(self, arrived_s: float) -> float:
        """When the producer's kernel knows that bytes arrived, so that it can forget them."""
        answered_s = self.resent_s(Way.BACK, arrived_s)
        crossed_s = self.crossing_s(Way.BACK, answered_s)
        assert crossed_s is not None  # resent_s is when it crosses
        return crossed_s

    def resent_s(self, way: Way, lost_at_s: float) -> float:
        """When a packet that was lost is sent again and crosses."""
        at_s, wait_s = lost_at_s, LEAST_TIMEOUT_S + self._rtt_s
        while self.crossing_s(way, at_s) is None:
            at_s += wait_s
            wait_s = min(2 * wait_s, LONGEST_TIMEOUT_S)
        return at_s

    def handshake(self, at_s: float, at_most_s: float) -> tuple[float, bool]:
        """When a connection asked for at ``at_s`` is there or refused, and which of the two.

        Refused: the broker's process is down, or ``at_most_s`` passed.
        """
        for syn_s in _syns(at_s):
            if syn_s >= at_s + at_most_s:
                break
            there_s = self.crossing_s(Way.OUT, syn_s)
            back_s = None if there_s is None else self.crossing_s(Way.BACK, there_s)
            if there_s is None or back_s is None:
                continue
            self.sent(Way.OUT, syn_s, there_s)
            self.sent(Way.BACK, there_s, back_s)
            if back_s >= at_s + at_most_s:
                break
            return back_s, not any(True for _ in _on(self._down, there_s))
        return at_s + at_most_s, False


def _on(faults: list[Fault], at_s: float) -> Iterator[Fault]:
    return (fault for fault in faults if fault.at_s <= at_s < fault.until_s)


def _syns(at_s: float) -> Iterator[float]:
    """When a SYN is sent and sent again: a few times after the same wait, then doubling it."""
    wait_s, sent = SYN_TIMEOUT_S, 0
    while True:
        yield at_s
        at_s += wait_s
        sent += 1
        if sent > LINEAR_SYNS:
            wait_s *= 2


class ByteStream:
    """One direction of one connection: bytes arrive in the order in which they were sent.

    Behind a lost packet everything waits until it is sent again; what follows then comes in slow
    start, from one packet a round trip.
    """

    def __init__(self, path: Path, way: Way) -> None:
        self._path = path
        self._way = way
        self._resent_s = -math.inf
        self._resent_bytes = 0.0
        self._last_s = -math.inf

    def arrival_s(self, at_s: float, size_bytes: float) -> float:
        """When bytes have arrived whose last one leaves at ``at_s``."""
        self._last_s = max(self._last_s, self._crossed_s(at_s, size_bytes))
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

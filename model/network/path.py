"""The way between two hosts, undisturbed and disturbed.

Pure: the schedule of faults is known, so what becomes of a packet is arithmetic, not an event.
Packets of all connections keep their order: behind one that takes long the next ones wait. A
packet that enters while its direction is lost never arrives; TCP sends it again, first after the
retransmission timeout and then after twice the last wait. A connection is set up when a SYN and
its answer both crossed. Left out: tail loss probes in such a spell, packets that are lost
half-way. Units: seconds, bytes.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from model.config.cluster import PathConfig
from model.config.delays import NO_JITTER
from model.config.faults import BrokerDown, Fault, LatencySpike, Loss
from model.units import seconds
from model.wire.transmission import BACK, OUT, Way

#: Read: TCP_RTO_MIN of Linux; the timeout is the measured round trip and at least this.
LEAST_TIMEOUT_S = 0.2
#: Read: TCP_TIMEOUT_INIT and net.ipv4.tcp_syn_linear_timeouts of Linux 6.5 and later. Measured:
#: SYNs that nobody answers leave 1.01, 2.04, 3.06, 4.08, 5.11, 7.12 s after the first; the kernel
#: rounds a second up to steps of its timers, of 32 ms.
SYN_TIMEOUT_S = 1.024
LINEAR_SYNS = 4
#: Read: TCP_RTO_MAX of Linux.
LONGEST_TIMEOUT_S = 120.0


AnyFault = TypeVar("AnyFault", bound=Fault)

NO_DRAWS: Iterator[float] = iter(())


class Path:
    """One client's way to one broker.

    ``draws`` are uniform, for what varies from packet to packet.
    """

    def __init__(
        self,
        config: PathConfig,
        faults: Iterable[Fault] = (),
        draws: Iterator[float] = NO_DRAWS,
    ) -> None:
        self._config = config
        self._draws = draws
        self.bytes_per_s = config.bytes_per_s
        self.one_way_s = config.one_way_s
        self.packets = config.packets
        self._rtt_s = config.rtt_s
        faults = tuple(faults)
        self._losses = [fault for fault in faults if isinstance(fault, Loss)]
        self._spikes = [fault for fault in faults if isinstance(fault, LatencySpike)]
        self._down = [fault for fault in faults if isinstance(fault, BrokerDown)]
        self._delayed: dict[Way, list[tuple[float, float]]] = {way: [] for way in Way}
        answers = config.jitter, config.answer_jitter
        self._jitters = {
            OUT: [it for it in answers[:1] if it != NO_JITTER],
            BACK: [it for it in answers if it != NO_JITTER],
        }
        #: Whether packets are lost by chance, beside what faults take.
        self.loses = config.loss > 0
        self._passing: dict[Way, float] = {}  # packets until the next one is lost
        #: Whether every packet takes the same time.
        self.is_constant = not (self._losses or self._spikes or config.varies)

    def jitter_s(self, packets: int, way: Way) -> float:
        """How late the latest of so many packets of one stream is, by jitter; drawn anew."""
        late_s = 0.0
        for jitter in self._jitters[way]:
            late_s += seconds(jitter.quantile_ms(next(self._draws) ** (1 / packets)))
        return late_s

    def lost_of(self, way: Way, packets: int) -> list[int]:
        """Which of the next packets that way are lost by chance: their places, from 0.

        Drawn is how many pass until the next one is lost, so what passes costs a subtraction.
        """
        found, at = [], self._passing[way] if way in self._passing else self._gap()
        while at < packets:
            found.append(int(at))
            at += 1 + self._gap()
        self._passing[way] = at - packets
        return found

    def _gap(self) -> float:
        """Packets that pass before one is lost."""
        if not self.loses:
            return math.inf
        return float(int(math.log(1 - next(self._draws)) / math.log1p(-self._config.loss)))

    def crossing_s(self, way: Way, at_s: float) -> float | None:
        """When a packet that enters at ``at_s`` arrives; None: it is lost."""
        for loss in self._losses:
            if loss.at_s <= at_s and way in loss.ways and loss.lasts(at_s):
                return None
        if not self._spikes:
            return at_s + self.one_way_s
        delays = (seconds(fault.rtt_ms) / 2 for fault in _on(self._spikes, at_s))
        crossed_s = at_s + max(delays, default=self.one_way_s)
        ahead = (arrives_s for entered_s, arrives_s in self._delayed[way] if entered_s <= at_s)
        return max(crossed_s, max(ahead, default=crossed_s))

    def sent(self, way: Way, at_s: float, arrives_s: float) -> None:
        """A packet enters, or will: what enters after it will not overtake it."""
        if self._spikes and arrives_s - at_s > self.one_way_s:
            self._delayed[way].append((at_s, arrives_s))

    def acknowledged_s(self, arrived_s: float) -> float:
        """When the client's kernel knows that bytes arrived or were read."""
        if self.is_constant:
            return arrived_s + self.one_way_s
        crossed_s = self.crossing_s(BACK, arrived_s)
        if crossed_s is None:
            crossed_s = self.crossing_s(BACK, self.resent_s(BACK, arrived_s))
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
            there_s = self.crossing_s(OUT, syn_s)
            back_s = None if there_s is None else self.crossing_s(BACK, there_s)
            if there_s is None or back_s is None:
                continue
            self.sent(OUT, syn_s, there_s)
            self.sent(BACK, there_s, back_s)
            if back_s >= at_s + at_most_s:
                break
            return back_s, not any(True for _ in _on(self._down, there_s))
        return at_s + at_most_s, False


def _on(faults: Sequence[AnyFault], at_s: float) -> Iterator[AnyFault]:
    return (fault for fault in faults if fault.lasts(at_s))


def _syns(at_s: float) -> Iterator[float]:
    """When a SYN is sent and sent again: a few times after the same wait, then doubling it."""
    wait_s, sent = SYN_TIMEOUT_S, 0
    while True:
        yield at_s
        at_s += wait_s
        sent += 1
        if sent > LINEAR_SYNS:
            wait_s *= 2

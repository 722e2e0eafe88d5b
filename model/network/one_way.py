"""One direction of a connection over a path that loses packets by chance: flights and timers.

What was sent together travels together, as one event, and what of it was lost is left out. Which
packets are lost was drawn before (:meth:`Path.lost_of`); faults take what enters while they last.
Units: bytes, seconds.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import simpy

from model.clock import Clock
from model.network.loss_sender import LossSender
from model.network.path import Path
from model.network.segments import SEGMENT_BYTES
from model.units import NEVER_S, NOW_TOLERANCE_S
from model.wire.flights import Flight, Tap
from model.wire.transmission import NO_REQUEST, Fate, HeldBy, Report, Transmission, Way


class Ack(NamedTuple):
    """What goes back: what is there, what came too early, the window's edge; in how many packets.

    Several say the same in steps; the last of them is told.
    """

    upto: int
    early: tuple[tuple[int, int], ...]
    edge: float
    packets: int = 1


class Ride(NamedTuple):
    """Bytes on their way together: what of them will arrive, in pieces of so many segments."""

    ranges: list[tuple[int, int]]
    piece: int
    ack: Ack | None

    @property
    def packets(self) -> int:
        """How many arrive, at least one."""
        piece_bytes = self.piece * SEGMENT_BYTES
        return max(1, sum(-(-(end - start) // piece_bytes) for start, end in self.ranges))


class OneWay:
    """One direction: a sender, the way, and who takes what arrives."""

    def __init__(
        self,
        env: Clock,
        path: Path,
        way: Way,
        edge: float,
        rtt_s: float,
        take: Callable[[Ride], None],
        report: Report,
        ack: Callable[[], Ack | None],
        tap: Tap | None = None,
    ) -> None:
        self._env = env
        self._path = path
        self._way = way
        self._take = take
        self._report = report
        self._ack = ack  # that goes with what is sent
        self._tap = tap
        self.sender = LossSender(self._transmit, rtt_s, edge, path.packets.offload)
        self.dead = False
        self._wire_free_s = self._last_s = 0.0
        self._alarm_s = NEVER_S
        self._owners: deque[tuple[int, int]] = deque()  # end, of which request or answer
        self._held_since_s = NEVER_S

    def write(self, size_bytes: int, owner: int) -> None:
        """Hand bytes over."""
        self._owners.append((self.sender.written + size_bytes, owner))
        self.sender.write(self._env.now, size_bytes)
        self._after()

    def hear(self, ack: Ack) -> None:
        """An acknowledgement has come back."""
        if self.dead:
            return
        self.sender.acked(self._env.now, *ack)
        self._after()

    def _after(self) -> None:
        """Forget what is acknowledged, note what the window holds back, set the timer."""
        sender, now_s = self.sender, self._env.now
        while self._owners and self._owners[0][0] <= sender.acknowledged:
            self._owners.popleft()
        if sender.waits_for_window:
            self._held_since_s = min(self._held_since_s, now_s)
        else:
            self._held_since_s = NEVER_S
        if sender.due_s < self._alarm_s:
            self._alarm_s = sender.due_s
            self._env.call_at(sender.due_s, self._ring)

    def _ring(self, _: simpy.Event) -> None:
        """A timer may have run off, unless it was set anew meanwhile."""
        now_s = self._env.now
        if self.dead or now_s < self._alarm_s - NOW_TOLERANCE_S:
            return
        self._alarm_s = NEVER_S
        if self.sender.due_s <= now_s + NOW_TOLERANCE_S:
            self.sender.expire(now_s)
        self._after()

    def _transmit(self, start: int, end: int, piece: int, again: bool) -> None:
        """Bytes enter the way; some packets of them may be lost on it."""
        path, now_s = self._path, self._env.now
        left_s = max(now_s, self._wire_free_s) + (end - start) / path.bytes_per_s
        self._wire_free_s = left_s
        packet_bytes = SEGMENT_BYTES * (piece if path.packets.lost_whole else 1)
        packets = max(1, -(-(end - start) // packet_bytes))
        lost = path.lost_of(self._way, packets)
        crossed_s = path.crossing_s(self._way, left_s)
        if crossed_s is None:
            lost = list(range(packets))
        else:
            path.sent(self._way, left_s, crossed_s)
        arrives_s = max(self._last_s, (crossed_s or left_s) + path.jitter_s(packets, self._way))
        self._tell(start, end, left_s, arrives_s, again, [start + n * packet_bytes for n in lost])
        if self._tap is not None:
            spans = (start + number * packet_bytes for number in lost)
            gone = tuple((at, min(end, at + packet_bytes)) for at in spans)
            times_s = left_s, arrives_s
            self._tap.flight(Flight(self._owner(start), start, end, piece, *times_s, again, gone))
        if len(lost) < packets:
            self._last_s = arrives_s
            ride = Ride(_without(start, end, packet_bytes, lost), piece, self._ack())
            self._env.call_at(arrives_s, lambda _: self._take(ride))

    def _tell(
        self, start: int, end: int, left_s: float, there_s: float, again: bool, lost: list[int]
    ) -> None:
        """Report what is lost, is sent again and arrives, or was held back."""
        owner = self._owner(start)
        for position in lost:
            found = Transmission(self._owner(position), self._way, Fate.LOST, left_s, left_s)
            self._report(found)
        if again and not lost:
            self._report(Transmission(owner, self._way, Fate.RESENT, left_s, there_s))
        if not again and self._held_since_s < left_s:
            hold = self._held_since_s, left_s, HeldBy.CONGESTION_WINDOW
            self._report(Transmission(owner, self._way, Fate.HELD_BACK, *hold))

    def _owner(self, position: int) -> int:
        return next((owner for end, owner in self._owners if end > position), NO_REQUEST)


def _without(start: int, end: int, packet_bytes: int, lost: list[int]) -> list[tuple[int, int]]:
    """The ranges that are left of bytes in packets, without those of these numbers."""
    ranges, at_ = [], start
    for number in lost:
        gap = start + number * packet_bytes
        if gap > at_:
            ranges.append((at_, gap))
        at_ = min(end, gap + packet_bytes)
    if at_ < end or start == end:
        ranges.append((at_, end))
    return ranges

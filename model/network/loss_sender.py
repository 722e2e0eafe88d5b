"""The sending end of a byte stream that loses packets: what leaves, and its timers.

Pure; Linux's rules (6.18). What is lost :mod:`model.network.rack` finds out, and how fast it is
repaired :mod:`model.network.recovery` says. Where nothing follows that would tell of a loss, the
last segment is sent once more after two round trips (tail loss probe). What neither finds out a
timeout does, after a round trip and 200 ms, and twice as late each time. Units: bytes as positions
in the stream, segments, seconds.
"""

from collections.abc import Callable, Iterable

from model.network.cubic import Cubic
from model.network.path import LEAST_TIMEOUT_S
from model.network.rack import TICKS_S, Rack
from model.network.recovery import Phase, Recovery
from model.network.round_trips import RoundTrips
from model.network.scoreboard import Scoreboard, Span
from model.network.segments import SEGMENT_BYTES, leaves_of_queue, piece_segments
from model.units import NEVER_S, NOW_TOLERANCE_S

#: Puts bytes from one position to another on the wire, in pieces of so many segments; again or not.
Transmit = Callable[[int, int, int, bool], None]


class LossSender:
    """One direction's. ``rtt_s`` is what a connection's set-up measured."""

    def __init__(
        self, transmit: Transmit, rtt_s: float, edge: float, offload: bool, cwnd: int | None = None
    ) -> None:
        self._transmit = transmit
        self._offload = offload
        self.cubic = Cubic() if cwnd is None else Cubic(cwnd)
        self.board = Scoreboard()
        self.written = self.sent = self.acknowledged = 0
        self.edge = edge
        self._recovery = Recovery(self.cubic, self.board)
        self._trips = RoundTrips(rtt_s)
        self._rack = Rack(rtt_s)
        self._last_sent_s = -1.0
        self._timeout_at_s = self._probe_at_s = NEVER_S
        self._probed_to = 0  # a probe is out that resent a segment
        self._probing = self._resent_probe = False

    def __repr__(self) -> str:
        return f"<LossSender {self._recovery!r}, {self.board!r}, {self.cubic!r}>"

    @property
    def due_s(self) -> float:
        """When :meth:`expire` is to be called, as things stand."""
        return min(self._timeout_at_s, self._probe_at_s, self._rack.due_s)

    @property
    def waits_for_window(self) -> bool:
        """Whether something is written that the congestion window holds back."""
        return self.sent < min(self.written, self.edge) and self.board.out >= self.cubic.cwnd

    def write(self, now_s: float, size_bytes: int) -> None:
        """The process hands bytes over; they leave as far as the windows are open."""
        if self.sent == self.acknowledged and self._last_sent_s >= 0:
            self.cubic.idled(now_s, now_s - self._last_sent_s, self._trips.timeout_s)
        self.written += size_bytes
        self._push(now_s)

    def _push(self, now_s: float) -> None:
        """Send what is lost again, then what is new, as far as the windows are open."""
        self._repair(now_s)
        self._send_new(now_s)
        if self.board.spans:
            limited = self.board.out >= self.cubic.cwnd
            packets = self.board.out + self.board.sacked + self.board.unrepaired
            self.cubic.sent(
                now_s, packets, limited, self.acknowledged, self.sent, self._trips.timeout_s
            )

    def _repair(self, now_s: float) -> None:
        while (room := self.cubic.cwnd - self.board.out) > 0:
            span = self.board.to_repair(room)
            if span is None:
                return
            self._resend(span, now_s)

    def _resend(self, span: Span, now_s: float) -> None:
        self.board.resend(span, now_s)
        self._recovery.left(span.segments)
        self._last_sent_s = now_s
        self._transmit(span.start, span.end, span.piece, True)
        if self._timeout_at_s == NEVER_S:
            self._timeout_at_s = now_s + self._trips.timeout_s

    def _send_new(self, now_s: float) -> None:
        room, queued = self.cubic.cwnd - self.board.out, self.written - self.sent
        if queued <= 0 or room <= 0:
            return
        piece = self._piece
        size_bytes = queued
        if queued > self.edge - self.sent:
            size_bytes = leaves_of_queue(self.edge - self.sent, piece)
        size_bytes = min(size_bytes, room * SEGMENT_BYTES)
        if size_bytes > 0:
            self._leave(now_s, size_bytes, piece)

    def _leave(self, now_s: float, size_bytes: int, piece: int) -> None:
        span = Span(self.sent, self.sent + size_bytes, now_s, piece)
        self.board.add(span)
        self.sent = span.end
        self._recovery.left(span.segments)
        self._last_sent_s = now_s
        self._transmit(span.start, span.end, piece, False)
        self._arm(now_s, anew=self._timeout_at_s == NEVER_S)

    @property
    def _piece(self) -> int:
        cwnd = max(self.cubic.cwnd, self.board.out)
        length = piece_segments(cwnd, self._trips.mean_s, self.cubic.pace, self._offload)
        return max(1, min(length, self.cubic.cwnd // 2))

    def _arm(self, now_s: float, anew: bool) -> None:
        """Set the timer: a probe's where one may be sent, no later than the timeout's."""
        self._probe_at_s = NEVER_S
        if self.sent == self.acknowledged:  # if more is written, its window is shut
            shut = self.written > self.sent
            self._timeout_at_s = now_s + self._trips.timeout_s if shut else NEVER_S
            return
        if anew:
            self._timeout_at_s = now_s + self._trips.timeout_s
        if self._recovery.phase is Phase.OPEN and not self._probing and not self.board.sacked:
            packets = self.board.out
            later_s = LEAST_TIMEOUT_S if packets == 1 else TICKS_S
            self._probe_at_s = min(now_s + 2 * self._trips.mean_s + later_s, self._timeout_at_s)

    def acked(
        self,
        now_s: float,
        upto: int,
        ranges: Iterable[tuple[int, int]],
        edge: float,
        packets: int = 1,
    ) -> None:
        """All up to a position is acknowledged and these ranges, in so many packets; the edge."""
        self.edge = max(self.edge, edge)
        advanced = upto > self.acknowledged
        repaired = self.board.acknowledge(upto)
        news = repaired + self.board.sack(ranges)
        self.acknowledged = max(self.acknowledged, upto)
        if news:
            self._measure(now_s, news)
        if advanced:
            self._end_probe(upto)
        delivered = sum(span.segments for span in news)
        lost = self._find_lost(now_s)
        self._react(now_s, upto, delivered, packets if advanced and not lost else 0)
        if advanced:
            self._arm(now_s, anew=True)
        self._push(now_s)
        if self.board.sacked or self.board.unrepaired:
            self._probe_at_s = NEVER_S

    def _measure(self, now_s: float, news: list[Span]) -> None:
        """Round trips of what was sent once, and what was sent last of what has arrived."""
        first = [span for span in news if not span.ever_resent]
        if first:
            sent_s = [span.sent_s for span in first]
            self._trips.measure(now_s - min(sent_s), now_s - max(sent_s))
        self._rack.arrived(now_s, news, self._trips.least_s)

    def _end_probe(self, upto: int) -> None:
        """What a probe was for is acknowledged; more than that: there was a loss."""
        if not self._probing or upto < self._probed_to:
            return
        if not self._resent_probe:
            self._probing = False
        elif upto > self._probed_to:
            self._probing = False
            self.cubic.lost()
            self.cubic.cwnd = int(self.cubic.ssthresh)

    def _find_lost(self, now_s: float) -> int:
        repairs = self._recovery.phase is not Phase.OPEN
        return self._rack.find_lost(now_s, self.board, self._trips, repairs)

    def _react(self, now_s: float, upto: int, delivered: int, advances: int) -> None:
        """Change the phase if it is time, and the congestion window (tcp_fastretrans_alert)."""
        recovery = self._recovery
        recovery.ended_by(upto)
        if recovery.phase is Phase.OPEN and self.board.unrepaired:
            recovery.begin(self.sent)
            self._probing = False
            self._probe_at_s = NEVER_S
        if recovery.phase is Phase.RECOVERY:
            recovery.reduce(delivered, advances)
        elif delivered:
            self.cubic.acknowledged(now_s, delivered, self._trips.least_s)

    def expire(self, now_s: float) -> None:
        """A timer has run off: the reordering one, the probe's or the timeout."""
        soon_s = now_s + NOW_TOLERANCE_S
        if self._rack.due_s <= soon_s:
            lost = self._find_lost(now_s)
            if lost:
                self._react(now_s, self.acknowledged, 0, 0)
            self._push(now_s)
        elif self._probe_at_s <= soon_s:
            self._probe(now_s)
        elif self._timeout_at_s <= soon_s:
            self._time_out(now_s)

    def _probe(self, now_s: float) -> None:
        """Send something, so that an acknowledgement tells (tcp_send_loss_probe)."""
        self._probe_at_s = NEVER_S
        self._probing, self._resent_probe = True, False
        queued = min(self.written - self.sent, SEGMENT_BYTES)
        if queued and self.sent + queued <= self.edge:
            self._leave(now_s, queued, 1)
        else:
            self._resent_probe = True
            self._resend_probe(now_s)
        self._probed_to = self.sent
        self._timeout_at_s = now_s + self._trips.timeout_s

    def _resend_probe(self, now_s: float) -> None:
        span = self.board.last_segment()
        span.ever_resent = True
        span.sent_s = now_s
        self._last_sent_s = now_s
        self._transmit(span.start, span.end, 1, True)

    def _time_out(self, now_s: float) -> None:
        """All that is out is lost; begin with one segment (tcp_enter_loss).

        Where nothing is out, whoever shut the window is asked again (tcp_probe_timer).
        """
        if self.sent == self.acknowledged:
            self._transmit(self.sent, self.sent, 1, True)
            self._trips.expired += 1
            self._arm(now_s, anew=True)
            return
        for span in self.board.unsacked():
            recent = self._rack.is_recent(now_s, span)
            if span.is_out and (not recent or span is self.board.spans[0]):
                self.board.lose(span)
        self._recovery.begin_anew(self.acknowledged, self.sent)
        self._probing = False
        self._probe_at_s = self._rack.due_s = NEVER_S
        self._trips.expired += 1
        self._timeout_at_s = now_s + self._trips.timeout_s
        self._push(now_s)

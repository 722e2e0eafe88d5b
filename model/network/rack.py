"""What tells a sender that something is lost: what was sent later has arrived (RACK, RFC 8985).

Pure. What was sent before something that arrived is lost when it is older than that one's round
trip and a quarter of the least one more for reordering, or at once when three segments arrived out
of order. Units: bytes as positions in the stream, seconds.
"""

from model.network.round_trips import RoundTrips
from model.network.scoreboard import Scoreboard, Span
from model.units import NEVER_S, NOW_TOLERANCE_S

#: Read: two ticks of the clock (at 250 Hz) are added to probes and waits for what is reordered.
TICKS_S = 0.008
#: Read: tcp_rack_reo_wnd: nothing is waited for if so many are out of order; else part of an RTT.
TELLING_SEGMENTS = 3
REORDERING_SHARE = 0.25


class Rack:
    """What was sent last of all that has arrived, and when to look again (``due_s``)."""

    def __init__(self, rtt_s: float) -> None:
        self._newest: tuple[float, int] = (-1.0, 0)  # sent at, ends at
        self._rtt_s = rtt_s  # of that one
        self.due_s = NEVER_S

    def __repr__(self) -> str:
        return f"<Rack sent {self._newest[0]:.6f} s, due {self.due_s:.6f} s>"

    def arrived(self, now_s: float, news: list[Span], least_s: float) -> None:
        """These have arrived; the least round trip is ``least_s`` (tcp_rack_advance)."""
        for span in news:
            rtt_s = now_s - span.sent_s
            if span.ever_resent and rtt_s < least_s - NOW_TOLERANCE_S:
                continue  # of the first copy, as likely
            if (span.sent_s, span.end) > self._newest:
                self._newest, self._rtt_s = (span.sent_s, span.end), rtt_s

    def is_recent(self, now_s: float, span: Span) -> bool:
        """Whether a span is not older than the round trip of what arrived."""
        return span.sent_s + self._rtt_s > now_s

    def find_lost(self, now_s: float, board: Scoreboard, trips: RoundTrips, repairs: bool) -> int:
        """Take for lost what is too old; how many segments (tcp_rack_detect_loss).

        ``repairs``: something was lost before, so that nothing is waited for.
        """
        self.due_s = NEVER_S
        if not board.sacked and not repairs:
            return 0
        telling = repairs or board.sacked >= TELLING_SEGMENTS
        wait_s = 0.0 if telling else min(REORDERING_SHARE * trips.least_s, trips.mean_s)
        lost, due_s = 0, -1.0
        for span in board.unsacked():
            if not span.is_out or (span.sent_s, span.end) > self._newest:
                continue
            late_s = span.sent_s + self._rtt_s + wait_s
            if late_s <= now_s + NOW_TOLERANCE_S:
                board.lose(span)
                lost += span.segments
            else:
                due_s = max(due_s, late_s)
        if due_s > 0:
            self.due_s = due_s + TICKS_S
        return lost

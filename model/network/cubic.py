"""How the congestion window grows, and what it falls to: CUBIC as Linux has it.

Pure. Slow start doubles it each round trip, while it is used; after a loss it grows again by about
half a segment a round trip, as Reno would (the friendly region), until the cubic curve through its
last size is steeper. A window that is not used does not grow, and shrinks towards what is used.
Left out: HyStart, which bursts that arrive whole do not trigger; slow start after idling below.
Units: segments, seconds.
"""

import math

from model.network.packet_memory import INITIAL_SEGMENTS

#: Read: beta and the friendly region's pace of tcp_cubic.c; RFC 9438's C.
BETA = 717 / 1024
FRIENDLY_ACKS = 15 / 8
STEEPNESS = 0.4
#: Read: bictcp_update: acknowledged segments for one more, at least; without a last size at most.
LEAST_ACKS, MOST_ACKS_AT_FIRST = 2, 20


class Cubic:
    """One sender's congestion window, ``cwnd``; ``ssthresh`` is where slow start ends."""

    def __init__(self, cwnd: int = INITIAL_SEGMENTS) -> None:
        self.cwnd = cwnd
        self.ssthresh: float = math.inf
        self.limited = False  # whether it, and nothing else, held bytes back in the last window
        self._most_out = 0  # segments on their way in the last window
        self._usage_end = 0
        self._used, self._used_since_s = 0, 0.0
        self._last_cwnd = 0  # when something was lost last
        self._counted = 0.0
        self._epoch_s: float | None = None
        self._origin, self._after_s = 0.0, 0.0
        self._friendly, self._friendly_acks = 0, 0.0

    def __repr__(self) -> str:
        return f"<Cubic {self.cwnd} segments, ssthresh {self.ssthresh:g}>"

    @property
    def in_slow_start(self) -> bool:
        return self.cwnd < self.ssthresh

    @property
    def pace(self) -> float:
        """What multiplies the rate that sizes pieces (tcp_update_pacing_rate)."""
        return 2.0 if self.cwnd < self.ssthresh / 2 else 1.2

    def lost(self) -> None:
        """Something was lost: what it will be once that is repaired (cubictcp_recalc_ssthresh)."""
        self._epoch_s = None
        converging = self.cwnd < self._last_cwnd
        self._last_cwnd = int(self.cwnd * (1 + BETA) / 2) if converging else self.cwnd
        self.ssthresh = float(max(2, int(self.cwnd * BETA)))

    def sent(
        self, now_s: float, out: int, limited: bool, una: int, end: int, timeout_s: float
    ) -> None:
        """Bytes were sent, or could not be (tcp_cwnd_validate).

        ``out`` segments are on their way, up to ``end`` and from ``una`` on.
        """
        if una >= self._usage_end or limited or (not self.limited and out > self._most_out):
            self.limited, self._most_out, self._usage_end = limited, out, end
        if self._is_limited:
            self._used, self._used_since_s = 0, now_s
            return
        self._used = max(self._used, out)
        if now_s - self._used_since_s >= timeout_s:
            self._shrink(max(self._used, INITIAL_SEGMENTS))
            self._used, self._used_since_s = 0, now_s

    def _shrink(self, used: int) -> None:
        """Towards what is used (tcp_cwnd_application_limited)."""
        if used < self.cwnd:
            self._keep_threshold()
            self.cwnd = (self.cwnd + used) // 2

    def _keep_threshold(self) -> None:
        self.ssthresh = max(self.ssthresh, 3 * self.cwnd // 4)

    def idled(self, now_s: float, idle_s: float, timeout_s: float) -> None:
        """Nothing was sent for a while: half for each timeout (tcp_cwnd_restart)."""
        if idle_s <= timeout_s:
            return
        self._keep_threshold()
        halvings = min(64, int(idle_s / timeout_s))
        self.cwnd = max(min(INITIAL_SEGMENTS, self.cwnd), self.cwnd >> halvings)
        self._used, self._used_since_s = 0, now_s

    @property
    def _is_limited(self) -> bool:
        return self.limited or (self.in_slow_start and self.cwnd < 2 * self._most_out)

    def acknowledged(self, now_s: float, segments: int, least_rtt_s: float) -> None:
        """So many more are there: grow, if the window is used (cubictcp_cong_avoid)."""
        if not self._is_limited:
            return
        if self.in_slow_start:
            grown = int(min(segments, self.ssthresh - self.cwnd))
            self.cwnd += grown
            segments -= grown
        if segments:
            self._avoid(now_s, segments, least_rtt_s)

    def _avoid(self, now_s: float, segments: int, least_rtt_s: float) -> None:
        needed = self._acks_for_one_more(now_s, segments, least_rtt_s)
        if self._counted >= needed:
            self._counted = 0.0
            self.cwnd += 1
        self._counted += segments
        if self._counted >= needed:
            more = int(self._counted / needed)
            self._counted -= more * needed
            self.cwnd += more

    def _acks_for_one_more(self, now_s: float, segments: int, least_rtt_s: float) -> float:
        """Source: bictcp_update."""
        if self._epoch_s is None:
            self._begin(now_s)
        assert self._epoch_s is not None
        self._friendly_acks += segments
        after_s = now_s - self._epoch_s + least_rtt_s
        target = self._origin + STEEPNESS * (after_s - self._after_s) ** 3
        needed = self.cwnd / (target - self.cwnd) if target > self.cwnd else 100.0 * self.cwnd
        if not self._last_cwnd:
            needed = min(needed, MOST_ACKS_AT_FIRST)
        while self._friendly_acks > self.cwnd * FRIENDLY_ACKS:
            self._friendly_acks -= self.cwnd * FRIENDLY_ACKS
            self._friendly += 1
        if self._friendly > self.cwnd:
            needed = min(needed, self.cwnd / (self._friendly - self.cwnd))
        return max(LEAST_ACKS, needed)

    def _begin(self, now_s: float) -> None:
        """A new curve, through the last size."""
        self._epoch_s = now_s
        self._friendly, self._friendly_acks = self.cwnd, 0.0
        missing = max(0, self._last_cwnd - self.cwnd)
        self._after_s = math.cbrt(missing / STEEPNESS)
        self._origin = float(max(self.cwnd, self._last_cwnd))

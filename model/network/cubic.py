"""How the congestion window grows, and what it falls to: CUBIC as Linux has it.

Pure. Slow start doubles it each round trip, while it is used; after a loss it grows again by about
half a segment a round trip, as Reno would (the friendly region), until the cubic curve through its
last size is steeper. How fast it grows is looked at anew when it has grown, or 32 ms after the last
look: where round trips are shorter it stands still so long after a loss. The curve is in whole
segments and ticks, as the kernel's is. A window that is not used does not grow, and shrinks towards
what is used. Left out: HyStart, which bursts that arrive whole do not trigger; slow start after
idling below. Units: segments, seconds, ticks of the kernel's clock.
"""

import math

from model.network.packet_memory import INITIAL_SEGMENTS

#: Read: beta and the friendly region's pace of tcp_cubic.c; its C (bic_scale, of 1024).
BETA = 717 / 1024
FRIENDLY_ACKS = 15 / 8
STEEPNESS = 410 / 1024
#: Read: the kernel's clock (250 Hz), and for how many of its ticks (HZ / 32) bictcp_update does
#: nothing while the window is the same.
TICKS_PER_S = 250
STANDING_TICKS = TICKS_PER_S // 32
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
        self._counted = 0  # acknowledged segments towards one more
        self._needed = 0  # so many are
        self._looked_at, self._looked_tick = 0, 0  # the window when that was decided
        self._epoch_tick: int | None = None
        self._origin, self._after_s = 0, 0.0
        self._friendly, self._friendly_acks = 0, 0

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
        self._epoch_tick, self._counted = None, 0
        converging = self.cwnd < self._last_cwnd
        self._last_cwnd = int(self.cwnd * (1 + BETA) / 2) if converging else self.cwnd
        self.ssthresh = float(max(2, int(self.cwnd * BETA)))

    def forget(self) -> None:
        """A timeout: it does not know how large it was (bictcp_reset)."""
        self._last_cwnd = self._looked_at = self._looked_tick = 0
        self._epoch_tick, self._needed = None, 0

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
        """Nothing was on its way, and nothing sent for a while: half for each timeout.

        The curve stands still meanwhile (tcp_cwnd_restart, cubictcp_cwnd_event).
        """
        if self._epoch_tick is not None:
            self._epoch_tick += int(now_s * TICKS_PER_S) - int((now_s - idle_s) * TICKS_PER_S)
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
        self._look(int(now_s * TICKS_PER_S), segments, least_rtt_s)
        if self._counted >= self._needed:
            self._counted = 0
            self.cwnd += 1
        self._counted += segments
        if self._counted >= self._needed:
            self.cwnd += self._counted // self._needed
            self._counted %= self._needed

    def _look(self, tick: int, segments: int, least_rtt_s: float) -> None:
        """How many acknowledged segments are needed for one more (bictcp_update)."""
        self._friendly_acks += segments
        if self.cwnd == self._looked_at and tick - self._looked_tick <= STANDING_TICKS:
            return
        if self._epoch_tick is None or tick != self._looked_tick:
            self._looked_at, self._looked_tick = self.cwnd, tick
            if self._epoch_tick is None:
                self._begin(tick, segments)
            self._follow_curve(tick, least_rtt_s)
        pace = int(self.cwnd * FRIENDLY_ACKS)
        while self._friendly_acks > pace:
            self._friendly_acks -= pace
            self._friendly += 1
        if self._friendly > self.cwnd:
            self._needed = min(self._needed, self.cwnd // (self._friendly - self.cwnd))
        self._needed = max(LEAST_ACKS, self._needed)

    def _begin(self, tick: int, segments: int) -> None:
        """A new curve, through the last size."""
        self._epoch_tick = tick
        self._friendly, self._friendly_acks = self.cwnd, segments
        missing = max(0, self._last_cwnd - self.cwnd)
        self._after_s = math.cbrt(missing / STEEPNESS)
        self._origin = max(self.cwnd, self._last_cwnd)

    def _follow_curve(self, tick: int, least_rtt_s: float) -> None:
        assert self._epoch_tick is not None
        rtt_ticks = math.ceil(least_rtt_s * TICKS_PER_S)
        after_s = (tick - self._epoch_tick + rtt_ticks) / TICKS_PER_S - self._after_s
        away = int(STEEPNESS * abs(after_s) ** 3)
        target = self._origin - away if after_s < 0 else self._origin + away
        self._needed = self.cwnd // (target - self.cwnd) if target > self.cwnd else 100 * self.cwnd
        if not self._last_cwnd:
            self._needed = min(self._needed, MOST_ACKS_AT_FIRST)

"""How much of a stream may be unacknowledged: TCP's congestion window and the send buffer.

Pure. A connection starts with ten segments and adds what each acknowledgement covers (slow start,
RFC 5681, RFC 6928); after idling for a retransmission timeout it has half, and again for each more
(RFC 2861). What is unacknowledged also has to fit into the send buffer. Where the receive window
lets less be on its way than both, they do not matter and cost nothing. Left out: congestion
avoidance and what losses do to the window (no measured row shows either). Units: bytes as positions
in the stream, seconds.
"""

from collections import deque

from model.network.packet_memory import INITIAL_SEGMENTS
from model.network.path import LEAST_TIMEOUT_S
from model.network.segments import SEGMENT_BYTES, SLOW_START_PACE, piece_segments
from model.wire.transmission import HeldBy

INITIAL_WINDOW_BYTES = INITIAL_SEGMENTS * SEGMENT_BYTES
#: Derived: slow start goes on while more than half of the window is used, so it ends between two
#: and three times what is ever on its way; measured: 171 to 182 segments where 90 are.
GROWN = 2
#: Ours: where nothing sets a limit.
LARGEST_WINDOW_BYTES = 2**40


class CongestionWindow:
    """One direction's; ``window_bytes`` is the receive window, ``buffer_bytes`` the send buffer.

    ``offload``: whether several segments are handed down at once.
    """

    def __init__(
        self, rtt_s: float, window_bytes: float, buffer_bytes: float, offload: bool = True
    ) -> None:
        self._rtt_s = rtt_s
        self._timeout_s = LEAST_TIMEOUT_S + rtt_s
        self._offload = offload
        self._pieces = (0, 0)  # for a window of so many bytes, segments in one piece
        self._most_bytes = int(min(buffer_bytes, LARGEST_WINDOW_BYTES))
        self._enough_bytes = int(min(window_bytes, self._most_bytes))
        self._buffer_is_small = buffer_bytes < window_bytes
        self._size_bytes = INITIAL_WINDOW_BYTES
        self.held_by = HeldBy.NOTHING  # what made :meth:`room` name a later instant, the last time
        self._departed_s = -1.0
        self._acknowledged = 0
        self._acks: deque[tuple[int, float]] = deque()  # end, known to have arrived at

    def __repr__(self) -> str:
        return f"<CongestionWindow {self._size_bytes} bytes>"

    def warm_up(self) -> None:
        """Have grown out of the way, as after a while of traffic."""
        self._size_bytes = self._enough_bytes

    @property
    def _matters(self) -> bool:
        return self._buffer_is_small or self._size_bytes < self._enough_bytes

    @property
    def piece(self) -> int:
        """Segments that are handed down at once."""
        grown = self._size_bytes >= self._enough_bytes
        size_bytes = GROWN * self._enough_bytes if grown else self._size_bytes
        if size_bytes != self._pieces[0]:
            cwnd = size_bytes / SEGMENT_BYTES
            length = piece_segments(cwnd, self._rtt_s, SLOW_START_PACE, self._offload)
            self._pieces = size_bytes, length
        return self._pieces[1]

    def lets_pass(self, at_s: float, end: int, left_s: float) -> bool:
        """Whether all up to ``end`` may leave now, the last at ``left_s``: it is out of the way."""
        if self._matters or at_s - self._departed_s > self._timeout_s:
            return False
        self.departed(end, left_s, left_s)
        return True

    def room(self, at_s: float, sent: int) -> tuple[float, int]:
        """From when more than ``sent`` may be on its way, and how many bytes more."""
        if not self._matters:
            return at_s, LARGEST_WINDOW_BYTES
        while self._acks and self._acks[0][1] <= at_s:
            self._acknowledged = self._acks.popleft()[0]
        while sent - self._acknowledged >= min(self._size_bytes, self._most_bytes):
            capped = self._most_bytes <= self._size_bytes
            self.held_by = HeldBy.SEND_BUFFER if capped else HeldBy.CONGESTION_WINDOW
            end, acked_s = self._acks.popleft()
            self._size_bytes += end - self._acknowledged
            self._acknowledged, at_s = end, max(at_s, acked_s)
        in_flight = sent - self._acknowledged
        return at_s, min(self._size_bytes, self._most_bytes) - in_flight

    def departed(self, end: int, left_s: float, acked_s: float) -> None:
        """Bytes up to ``end`` left; when their acknowledgement will be there."""
        self._departed_s = left_s
        if self._matters:
            self._acks.append((end, acked_s))
        else:
            self._acks.clear()
            self._acknowledged = end

    def restart_after_idling(self, at_s: float, sent: int) -> None:
        """Have half for each timeout spent idle, all acknowledged (tcp_cwnd_restart of Linux)."""
        idle_s = at_s - self._departed_s
        if idle_s > self._timeout_s and self._departed_s >= 0:
            halvings = min(64, int(idle_s / self._timeout_s))
            self._size_bytes = max(INITIAL_WINDOW_BYTES, self._size_bytes >> halvings)
            self._acknowledged = sent
            self._acks.clear()

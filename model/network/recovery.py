"""Whether a sender repairs a loss, and how fast it sends meanwhile.

Pure; Linux's rules (6.18). The congestion window falls to 0.7 of itself once for each episode, and
falls in step with what arrives (proportional rate reduction, RFC 6937); after a timeout it begins
anew. Left out: undoing a reduction, for nothing is reordered; F-RTO. Units: segments, seconds.
"""

from enum import Enum

from model.network.cubic import Cubic
from model.network.scoreboard import Scoreboard


class Phase(Enum):
    """What the sender is about (tcp_ca_state)."""

    OPEN = "nothing is lost"
    RECOVERY = "it repairs what selective acknowledgements showed"
    LOSS = "it begins anew after a timeout"

    __hash__ = object.__hash__


class Recovery:
    """One sender's ``phase``, and what it does to the congestion window ``cubic``."""

    def __init__(self, cubic: Cubic, board: Scoreboard) -> None:
        self._cubic = cubic
        self._board = board
        self.phase = Phase.OPEN
        self._ends_at = 0  # when all up to here is acknowledged
        self._before_cwnd = self._delivered = self._left = 0

    def __repr__(self) -> str:
        return f"<Recovery {self.phase.name} up to {self._ends_at}>"

    def left(self, segments: int) -> None:
        """So many were sent, for the first time or again."""
        self._left += segments

    def ended_by(self, upto: int) -> None:
        """All up to here is acknowledged: that may end it (tcp_try_undo_recovery)."""
        if self.phase is not Phase.OPEN and upto >= self._ends_at:
            if self.phase is Phase.RECOVERY:
                self._cubic.cwnd = int(self._cubic.ssthresh)
            self.phase = Phase.OPEN

    def begin(self, sent: int) -> None:
        """Something of what was sent up to here is lost (tcp_enter_recovery)."""
        self._before_cwnd = self._cubic.cwnd
        self._cubic.lost()
        self.phase = Phase.RECOVERY
        self._ends_at = sent
        self._delivered = self._left = 0

    def begin_anew(self, acknowledged: int, sent: int) -> None:
        """A timeout, and what it took for lost is noted: one segment leaves (tcp_enter_loss)."""
        if self.phase is Phase.OPEN or acknowledged >= self._ends_at:
            self._cubic.lost()
        self._cubic.forget()
        self._cubic.cwnd = self._board.out + 1
        self.phase = Phase.LOSS
        self._ends_at = sent

    def reduce(self, delivered: int, advances: int) -> None:
        """Proportional rate reduction (tcp_cwnd_reduction).

        Below its aim one more leaves for each acknowledgement that advances, and shows no loss.
        """
        if delivered <= 0 and self._left:
            return
        ssthresh, out = int(self._cubic.ssthresh), self._board.out
        self._delivered += delivered
        if out > ssthresh:
            share = -(-ssthresh * self._delivered // self._before_cwnd)
            count = share - self._left
        else:
            count = max(self._delivered - self._left, delivered) + advances
            count = min(ssthresh - out, count)
        count = max(count, 0 if self._left else 1)
        self._cubic.cwnd = out + count

"""How far the two ends of one connection have gone, and what either still learns of the other.

Pure. A client that closes leaves what it sent to its kernel, which still delivers it. An answer
that comes to an end that is gone draws a reset: that client's kernel sends nothing more, and when
the reset has come back the broker's next write fails. Units: seconds.
"""

from model.network.path import Path
from model.network.reports import Reports
from model.units import NEVER_S
from model.wire.transmission import BACK, OUT


class Ends:
    """One connection's."""

    def __init__(self, path: Path, reports: Reports) -> None:
        self._path = path
        self._reports = reports
        self.closed = False  # by the client
        self.all_sent_is_there = False  # the end of what the client sent has arrived
        self.broken = False  # at the broker: nothing is read or written any more
        self.broker_is_gone = False  # and the client's kernel knows
        self.reset_s = NEVER_S  # when the broker's next write fails
        self.client_gone_s = NEVER_S  # when the client's kernel stops sending what is left

    def __repr__(self) -> str:
        return f"<Ends {self.closed=} {self.broken=} reset at {self.reset_s:.6f} s>"

    def reset(self, now_s: float) -> None:
        """The client's end is torn down, with a reset that follows what was sent."""
        self.reset_s = min(self.reset_s, now_s + self._path.one_way_s)
        self.client_gone_s = min(self.client_gone_s, now_s)

    def draw_reset(self, request: int, answered_s: float, there_s: float) -> None:
        """An answer comes to a client that has gone: its kernel says so, and sends nothing more."""
        self._reports.cut_off(request, BACK, answered_s, there_s)
        self.client_gone_s = min(self.client_gone_s, there_s)
        back_s = self._path.crossing_s(OUT, there_s)
        if back_s is not None:
            self.reset_s = min(self.reset_s, back_s)

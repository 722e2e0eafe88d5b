"""A broker's network thread: it owns some connections and serves them one after the other.

Pure: what it is asked for comes in the order of asking, so when it is done is arithmetic. Units:
seconds.
"""

from model.broker.pace import Pace


class NetworkThread:
    """Serves the reads and writes of its connections, first come first served."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._free_at_s = 0.0
        self.connections = 0

    def done_s(self, at_s: float, work_s: float) -> float:
        """When the thread has done this, after all it was asked before."""
        start_s = at_s if at_s > self._free_at_s else self._free_at_s
        if not self._pace.is_even:
            work_s = self._pace.delay_s(start_s, work_s)
        self._free_at_s = start_s + work_s
        return at_s + (self._free_at_s - at_s)  # when a wait for it is over, to the bit

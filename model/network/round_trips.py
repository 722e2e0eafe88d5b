"""What a sender makes of the round trips that it measures: their mean, the least, the timeout.

Pure. Source: tcp_rtt_estimator, tcp_set_rto. Units: seconds.
"""

from model.network.path import LEAST_TIMEOUT_S, LONGEST_TIMEOUT_S


class RoundTrips:
    """Of one connection; ``rtt_s`` is what its set-up measured."""

    def __init__(self, rtt_s: float) -> None:
        self.mean_s = self.least_s = rtt_s
        self._deviation_s = 0.0
        self.expired = 0  # timeouts since the last measurement

    def __repr__(self) -> str:
        return f"<RoundTrips {1e3 * self.mean_s:.1f} ms, expired {self.expired} times>"

    def measure(self, longest_s: float, shortest_s: float) -> None:
        """The first and the last that an acknowledgement brings, sent once, took so long."""
        error_s = longest_s - self.mean_s
        self.mean_s += error_s / 8
        self._deviation_s += (abs(error_s) - self._deviation_s) / 4
        self.least_s = min(self.least_s, shortest_s)
        self.expired = 0

    @property
    def timeout_s(self) -> float:
        """The retransmission timeout; twice as long each time that it expired."""
        once_s = self.mean_s + max(LEAST_TIMEOUT_S, 4 * self._deviation_s)
        return min(once_s * (1 << self.expired), LONGEST_TIMEOUT_S)

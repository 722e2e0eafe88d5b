"""How long to wait after so many failures (ExponentialBackoff.java).

Pure; the jitter is drawn anew each time that somebody asks, as the client does. Units: seconds.
"""

import math
from collections.abc import Iterator

BASE = 2.0  # read: CommonClientConfigs.RETRY_BACKOFF_EXP_BASE


class ExponentialBackoff:
    """From ``first_s`` twice as long after each failure, at most ``most_s``, give or take a share.

    ``uniforms`` draws numbers from 0 to 1.
    """

    def __init__(
        self, first_s: float, most_s: float, jitter: float, uniforms: Iterator[float]
    ) -> None:
        self._first_s = min(first_s, most_s)
        self._most_s = most_s
        self._jitter = jitter
        self._uniforms = uniforms
        # how often it doubles until it is at its most
        self._doublings = math.log(most_s / self._first_s, BASE) if self._first_s else 0.0

    def wait_s(self, failures: int) -> float:
        """A wait after so many failures in a row, at least one."""
        wait_s = self._first_s * math.pow(BASE, min(failures - 1, self._doublings))
        if self._jitter:
            wait_s *= 1 - self._jitter + 2 * self._jitter * next(self._uniforms)
        return min(wait_s, self._most_s)

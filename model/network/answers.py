"""Answers on their way back to a client, whose receive window they may fill.

Pure. Left out: slow start, congestion. Units: bytes, seconds.
"""

import math

from model.network.path import Path
from model.network.stream import ByteStream
from model.wire.transmission import BACK, NO_REQUEST, Report, to_nobody


class Answers:
    """One connection's; ``window_bytes`` is the client's receive window."""

    def __init__(self, path: Path, window_bytes: float, report: Report = to_nobody) -> None:
        self._path = path
        self._window_bytes = window_bytes
        self._stream = ByteStream(path, BACK, report)
        self._free_s = 0.0

    def arrival_s(self, at_s: float, size_bytes: int, request: int = NO_REQUEST) -> float:
        """When one that is written at ``at_s`` is there: a round trip more for each window that it
        fills."""
        path, left_s = self._path, at_s if at_s > self._free_s else self._free_s
        if size_bytes > self._window_bytes:
            windows = math.ceil(size_bytes / self._window_bytes)
            left_s += (windows - 1) * 2 * path.one_way_s
        self._free_s = left_s = left_s + size_bytes / path.bytes_per_s
        return self._stream.arrival_s(left_s, size_bytes, request)

    def end_s(self, at_s: float, request: int = NO_REQUEST) -> float:
        """When the end of them all is there, or an answer that nobody awaits, sent at ``at_s``."""
        return self._stream.arrival_s(at_s, 0, request)

"""The receiving end of a byte stream that loses packets: what is there, and what came too early.

Pure. What arrives behind a gap is kept and told to the sender (selective acknowledgement). Left
out: the memory that it takes meanwhile. Units: bytes, as positions in the stream.
"""

from collections.abc import Iterable


class Reassembly:
    """``received``: all before this position is there; ``early``: ranges beyond, in order."""

    def __init__(self) -> None:
        self.received = 0
        self.early: tuple[tuple[int, int], ...] = ()

    def __repr__(self) -> str:
        return f"<Reassembly {self.received}, {len(self.early)} beyond>"

    def take(self, ranges: Iterable[tuple[int, int]]) -> bool:
        """Bytes arrive; whether the sender is to hear of it at once.

        It is if a gap is there, or is filled, or nothing was new (tcp_data_queue).
        """
        at_once = bool(self.early)
        for start, end in ranges:
            if end <= self.received or any(a <= start and end <= b for a, b in self.early):
                at_once = True
            elif start <= self.received:
                self.received = end
            else:
                at_once = True
                self._keep(start, end)
            self._close_gaps()
        return at_once

    def _keep(self, start: int, end: int) -> None:
        """Keep a range, as one with those that it touches."""
        apart = [each for each in self.early if each[1] < start or end < each[0]]
        joined = [each for each in self.early if not (each[1] < start or end < each[0])]
        start = min([start, *(each[0] for each in joined)])
        end = max([end, *(each[1] for each in joined)])
        self.early = tuple(sorted([*apart, (start, end)]))

    def _close_gaps(self) -> None:
        while self.early and self.early[0][0] <= self.received:
            self.received = max(self.received, self.early[0][1])
            self.early = self.early[1:]

"""Appends that stand still now and then, however small they are.

The page cache is written back and garbage is collected after so many bytes, not after so many
requests: on a busy broker it happens often, on an idle one hardly ever. Pure. Left out: that others
stand still meanwhile whom the append does not keep waiting. Units: bytes, seconds.
"""

from collections.abc import Iterator


class Stalls:
    """Draws when the next append of one broker stands still, and for how long.

    ``gaps_bytes`` draws the bytes from one to the next, ``lengths_s`` how long they take.
    """

    def __init__(self, gaps_bytes: Iterator[float], lengths_s: Iterator[float]) -> None:
        self._gaps_bytes = gaps_bytes
        self._lengths_s = lengths_s
        self._left_bytes = next(gaps_bytes)

    def __repr__(self) -> str:
        return f"<Stalls, the next in {self._left_bytes:.0f} bytes>"

    def append_s(self, size_bytes: int) -> float:
        """For how long an append of so many bytes stands still: mostly not at all."""
        self._left_bytes -= size_bytes
        stalled_s = 0.0
        while self._left_bytes < 0:
            stalled_s += next(self._lengths_s)
            self._left_bytes += next(self._gaps_bytes)
        return stalled_s

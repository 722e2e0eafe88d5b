"""How long a broker's threads work on a request: its costs, and what chance adds to them.

Handling has a random tail. Now and then an append stands still, however small it is: the page cache
is written back and garbage is collected after so many bytes, not after so many requests, so it
happens often on a busy broker and hardly ever on an idle one. Pure. Left out: that others stand
still meanwhile whom the append does not keep waiting. Units: bytes, seconds.
"""

import itertools
import math
from collections.abc import Iterator

import numpy as np

from model.config.cluster import MachineConfig
from model.config.producer import ProducerConfig
from model.costs import PLAIN, BrokerCosts
from model.streams import exponentials

BYTES_PER_MB = 1e6


class AppendStalls:
    """Draws when the next append of one broker stands still, and for how long.

    ``gaps_bytes`` draws the bytes from one to the next, ``lengths_s`` how long they take.
    """

    def __init__(self, gaps_bytes: Iterator[float], lengths_s: Iterator[float]) -> None:
        self._gaps_bytes = gaps_bytes
        self._lengths_s = lengths_s
        self._left_bytes = next(gaps_bytes)

    def __repr__(self) -> str:
        return f"<AppendStalls, the next in {self._left_bytes:.0f} bytes>"

    def append_s(self, size_bytes: int) -> float:
        """For how long an append of so many bytes stands still: mostly not at all."""
        self._left_bytes -= size_bytes
        stalled_s = 0.0
        while self._left_bytes < 0:
            stalled_s += next(self._lengths_s)
            self._left_bytes += next(self._gaps_bytes)
        return stalled_s


class ServiceTimes:
    """One broker's, drawn request by request."""

    def __init__(
        self,
        machine: MachineConfig,
        tails: np.random.Generator,
        stalls: np.random.Generator,
        producer: ProducerConfig = PLAIN,
    ) -> None:
        self.costs = costs = BrokerCosts(machine, producer)
        self._tail_s = exponentials(costs.mean_tail_s, tails)
        self._stalls = _stalls(machine.broker_stalls_per_mb / BYTES_PER_MB, costs, stalls)

    def tail_s(self) -> float:
        """The random part of the next produce request's handling."""
        return next(self._tail_s)

    def append_s(self, size_bytes: int, unpacked_bytes: int) -> float:
        """The next append of a batch, under the lock of its log; with what it is compressed from,
        0 without a codec."""
        append_s = self.costs.append_s(size_bytes, self._stalls.append_s(size_bytes))
        return append_s + self.costs.validate_s(unpacked_bytes) if unpacked_bytes else append_s


def _stalls(per_byte: float, costs: BrokerCosts, generator: np.random.Generator) -> AppendStalls:
    if not per_byte:
        return AppendStalls(itertools.repeat(math.inf), itertools.repeat(0.0))
    gaps, lengths = generator.spawn(2)
    return AppendStalls(exponentials(1 / per_byte, gaps), exponentials(costs.mean_stall_s, lengths))

"""When a broker's threads run, and how fast.

Pure: pauses and slow spells are known from the schedule of faults, so the end of a piece of work
is arithmetic. Units: seconds.
"""

from collections.abc import Iterable

from model.config.faults import Fault, SlowThreads


class Pace:
    """The pace of one broker: 1, less in a slow spell, 0 in a pause."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._spells = [fault for fault in faults if isinstance(fault, SlowThreads)]
        self._edges_s = sorted(
            {edge_s for fault in self._spells for edge_s in (fault.at_s, fault.until_s)}
        )

        #: Whether all work takes what it takes.
        self.is_even = not self._edges_s

    def delay_s(self, now_s: float, work_s: float) -> float:
        """How long work takes that starts now and takes ``work_s`` at full pace.

        Until a spell strikes that is ``work_s`` to the bit: a fault to come changes nothing.
        """
        if self.is_even:
            return work_s
        at_s, left_s = now_s, work_s
        for edge_s in self._edges_s:
            if edge_s <= at_s:
                continue
            pace = self._at(at_s)
            if pace and left_s <= (edge_s - at_s) * pace:
                return (at_s - now_s) + left_s / pace
            left_s -= (edge_s - at_s) * pace
            at_s = edge_s
        return (at_s - now_s) + left_s

    def paused_s(self, now_s: float) -> float:
        """How long the threads stand still from now on; 0 if they run."""
        at_s = now_s
        for edge_s in self._edges_s:
            if edge_s > at_s and not self._at(at_s):
                at_s = edge_s
        return at_s - now_s

    def _at(self, at_s: float) -> float:
        pace = 1.0
        for fault in self._spells:
            if fault.lasts(at_s):
                pace *= fault.pace
        return pace

"""The partitions of one leader that have batches queued, and the round in which they are drained.

Pure.
"""

from bisect import bisect_left, insort
from collections import deque

from model.wire.batches import RecordBatch

Queue = deque[RecordBatch]


class WaitingPartitions:
    """Of one leader; ``queues`` in the order in which they came to have batches."""

    def __init__(self) -> None:
        self.queues: dict[int, Queue] = {}
        self._sorted: list[int] = []

    def __repr__(self) -> str:
        return f"<WaitingPartitions {self._sorted}>"

    def add(self, partition: int, queue: Queue) -> None:
        """It has batches queued; it may have had some before."""
        if partition not in self.queues:
            self.queues[partition] = queue
            insort(self._sorted, partition)

    def remove(self, partition: int) -> Queue | None:
        """It has none any more, or another leader; its queue, if it was here."""
        queue = self.queues.pop(partition, None)
        if queue is not None:
            del self._sorted[bisect_left(self._sorted, partition)]
        return queue

    def round_from(self, partition: int) -> list[int]:
        """All of them once, by number, this one or the next after it first."""
        first = bisect_left(self._sorted, partition)
        return self._sorted[first:] + self._sorted[:first]

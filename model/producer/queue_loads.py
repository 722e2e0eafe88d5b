"""How many batches each partition has queued, and a draw in favour of short queues.

Pure. Source: BuiltInPartitioner.updatePartitionLoadStats: the weight of a partition is the longest
queue + 1 - its own, and what is drawn an index into the running sum of the weights. Sums are kept
by blocks of partitions, so that neither a change nor a draw looks at all of them.
"""

from collections.abc import Iterator

from model.streams import below

#: Ours: about the root of how many partitions a large topic has.
BLOCK = 32


class QueueLoads:
    """Of so many partitions, all empty at first."""

    def __init__(self, partitions: int) -> None:
        self._queued = [0] * partitions
        self._by_block = [0] * -(-partitions // BLOCK)
        self._all = 0
        self._of_length = [partitions]  # how many queues have so many batches, to the longest

    def __repr__(self) -> str:
        return f"<QueueLoads {self._queued}>"

    def see(self, partition: int, queued: int) -> None:
        """A partition has so many batches queued."""
        before, lengths = self._queued[partition], self._of_length
        added = queued - before
        if not added:
            return
        self._queued[partition] = queued
        self._by_block[partition // BLOCK] += added
        self._all += added
        while queued >= len(lengths):
            lengths.append(0)
        lengths[before] -= 1
        lengths[queued] += 1
        while not lengths[-1]:
            lengths.pop()

    def draw(self, words: Iterator[int]) -> int:
        """A partition; all alike while queues are equally long. ``words`` are random."""
        more = len(self._of_length)  # than the longest queue has, by one
        count = len(self._queued)
        left = below(count * more - self._all, words)
        first = 0
        for queued in self._by_block:
            weight = min(BLOCK, count - first) * more - queued
            if left < weight:
                break
            left -= weight
            first += BLOCK
        queued_of = self._queued
        for partition in range(first, count):
            left -= more - queued_of[partition]
            if left < 0:
                return partition
        raise AssertionError(f"{self!r}: drawn beyond the sum of the weights")

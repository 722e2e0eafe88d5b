"""The record accumulator (RecordAccumulator.java): batches queue per partition until drained.

Pure: no clock and no waiting, the time is an argument. One FIFO of batches per partition of which
only the tail takes records; ``ready`` says which brokers have something to send, ``drain`` takes
at most one batch per partition. Left out until something fails: retries, backoff, expiry.
Units: seconds, bytes.
"""

from collections import deque
from collections.abc import Iterable

from model.config.cluster import TopicConfig
from model.config.producer import ProducerConfig
from model.messages import RecordBatch
from model.producer.buffer_pool import BufferPool
from model.sequences import SequenceNumbers
from model.sizes import Packing
from model.units import NOW_TOLERANCE_S, seconds

NEVER_S = float("inf")


class RecordAccumulator:
    """Queued batches of one producer and the memory they hold."""

    def __init__(
        self,
        config: ProducerConfig,
        topic: TopicConfig,
        packing: Packing,
        sequences: SequenceNumbers | None,
    ) -> None:
        self.pool = BufferPool(config.buffer_memory_bytes)
        self.muted: set[int] = set()
        self.queued_batches = [0] * topic.partitions
        self._topic = topic
        self._packing = packing
        self._sequences = sequences  # None without idempotence
        self._max_request_size_bytes = config.max_request_size_bytes
        self._linger_s = seconds(config.linger_ms)
        self._queues: list[deque[RecordBatch]] = [deque() for _ in range(topic.partitions)]
        self._with_batches: list[dict[int, deque[RecordBatch]]] = [{} for _ in range(topic.brokers)]
        self._drain_index = [0] * topic.brokers
        self._never_used = set(range(topic.partitions))

    def __repr__(self) -> str:
        return f"<RecordAccumulator {sum(self.queued_batches)} batches queued, {self.pool!r}>"

    def tail(self, partition: int) -> RecordBatch | None:
        """The batch that takes the partition's next record, if one is open."""
        queue = self._queues[partition]
        return queue[-1] if queue and not queue[-1].closed else None

    def tail_is_full(self, partition: int) -> bool:
        """Whether the tail is absent or full (RecordAccumulator.allBatchesFull)."""
        queue = self._queues[partition]
        return not queue or queue[-1].full

    def open_batch(self, partition: int, created_s: float) -> RecordBatch | None:
        """A new tail with a whole buffer of its own; None if ``buffer.memory`` has no room."""
        if not self.pool.allocate(self._packing.write_limit_bytes):
            return None
        batch = RecordBatch(partition, self._packing, created_s)
        self._queues[partition].append(batch)
        self._with_batches[self._topic.leader(partition)][partition] = self._queues[partition]
        self.queued_batches[partition] += 1
        self._never_used.discard(partition)
        return batch

    def release(self, batch: RecordBatch) -> None:
        """A batch has ended: free its buffer and let its partition send again."""
        self.pool.deallocate(batch.packing.write_limit_bytes)
        self.muted.discard(batch.partition)

    @property
    def every_partition_used(self) -> bool:
        """Whether each partition has had a batch: only then queue lengths tell about load."""
        return not self._never_used

    def ready(self, brokers: Iterable[int], now_s: float) -> tuple[list[int], float]:
        """Which of these brokers have something to send, and when the others may have.

        Linger holds back a broker, not a partition: one sendable batch makes its broker ready.
        """
        due_s = {broker: self._due_s(broker, now_s) for broker in brokers}
        ready = [broker for broker, at_s in due_s.items() if at_s <= now_s + NOW_TOLERANCE_S]
        later = (at_s for at_s in due_s.values() if at_s > now_s + NOW_TOLERANCE_S)
        return ready, min(later, default=NEVER_S)

    def _due_s(self, broker: int, now_s: float) -> float:
        """When the broker has, or had, its first sendable batch (RecordAccumulator.batchReady)."""
        earliest_s = NEVER_S
        for partition, queue in self._with_batches[broker].items():
            if partition in self.muted:
                continue
            if len(queue) > 1 or queue[0].full or self.pool.waiting:
                return now_s
            earliest_s = min(earliest_s, queue[0].created_s + self._linger_s)
        return earliest_s

    def drain(self, broker: int, now_s: float) -> list[RecordBatch]:
        """Take one request's batches for a ready broker, round the partitions that it leads.

        The next round starts at the partition that was visited last, as in
        RecordAccumulator.drainBatchesForOneNode. Full or not, lingered or not: every partition
        that is not muted gives its head, until ``max.request.size`` is reached. Here, at the
        first drain, a batch is closed and numbered.
        """
        led = self._topic.led_by(broker)
        start, size_bytes, batches = self._drain_index[broker] % len(led), 0, list[RecordBatch]()
        for step in range(len(led)):
            index = (start + step) % len(led)
            self._drain_index[broker] = index
            queue = self._with_batches[broker].get(led[index])
            if queue is None or led[index] in self.muted:
                continue
            if batches and size_bytes + queue[0].size_bytes > self._max_request_size_bytes:
                break
            batches.append(self._take(broker, led[index], now_s))
            size_bytes += batches[-1].size_bytes
        return batches

    def _take(self, broker: int, partition: int, now_s: float) -> RecordBatch:
        batch = self._queues[partition].popleft()
        if not self._queues[partition]:
            del self._with_batches[broker][partition]
        self.queued_batches[partition] -= 1
        batch.closed = True
        batch.drained_s = now_s
        if self._sequences is not None:
            self._sequences.number(batch)
        return batch

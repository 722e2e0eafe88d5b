"""The record accumulator (RecordAccumulator.java): batches queue per partition until drained.

Pure: no clock and no waiting, the time is an argument. One FIFO of batches per partition of which
only the tail takes records; ``ready`` says which brokers have something to send, ``drain`` takes
at most one batch per partition. Both first have the application catch up with the instant at which
they look. A batch that failed goes back to the front, or, when it is numbered, to where its
sequence belongs; it waits for its backoff there and holds its partition up. Units: seconds, bytes.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Protocol

from model.clients.profile import Lingers, Resends
from model.config.cluster import TopicConfig
from model.config.producer import ProducerConfig
from model.producer.backoff import ExponentialBackoff
from model.producer.buffer_pool import BufferPool
from model.producer.leaders import Leaders
from model.producer.queue_loads import QueueLoads
from model.producer.transaction_manager import TransactionManager
from model.producer.waiting import WaitingPartitions
from model.units import MILLISECOND_S, NEVER_S, NOW_TOLERANCE_S, seconds, whole_ms_s
from model.wire.batches import NO_SEQUENCE, RecordBatch
from model.wire.leadership import LeaderAndEpoch
from model.wire.sizes import NO_LIMIT, Packing
from model.wire.states import IN_FLIGHT, OPEN, BatchState

#: Read: the client counts in whole milliseconds; who finds a backoff not over looks again then.
NEXT_LOOK_S = MILLISECOND_S


class Appender(Protocol):
    """Who appends records: the application's thread."""

    def catch_up(self, now_s: float) -> None:
        """Append every record that was sent by now, as far as there is room."""


def _buffer_size(config: ProducerConfig, partitions: int) -> int:
    """In bytes, or in records where these are counted."""
    if config.buffer_records is None:
        return config.buffer_memory_bytes
    return config.buffer_records + partitions * config.buffer_partition_records


class RecordAccumulator:
    """Queued batches of one producer and the memory they hold."""

    def __init__(
        self,
        config: ProducerConfig,
        topic: TopicConfig,
        packing: Packing,
        transactions: TransactionManager | None,
        backoff: ExponentialBackoff,
        early_packing: Packing | None = None,
    ) -> None:
        profile = config.profile
        self.pool = BufferPool(_buffer_size(config, topic.partitions), profile.full_buffer_sends)
        #: Whether the buffer holds records, one by one, and not whole batches.
        self.counts_records = config.buffer_records is not None
        self._opening_takes = 1 if self.counts_records else packing.write_limit_bytes
        self._most_queued = profile.queued_batches or NO_LIMIT
        self._frees_when_sent = profile.frees_when_sent
        self._each_lingers = profile.lingers is Lingers.PARTITION
        self._most_partitions = profile.partitions_per_request or NO_LIMIT
        self._sorts = profile.resends is not Resends.TO_THE_FRONT
        self._draws_anew = profile.resends is Resends.SORTED and transactions is None
        self._blocked_at: int | None = None  # the partition that has its most batches queued
        self._muted: set[int] = set()
        self.queued_batches = [0] * topic.partitions
        self.leaders = Leaders(topic)
        self._packing = packing
        self._packing_now = packing if early_packing is None else early_packing
        self._transactions = transactions  # None without idempotence
        self._backoff = backoff
        self._delivery_timeout_s = seconds(config.delivery_timeout_ms)
        self._max_request_size_bytes = config.max_request_size_bytes
        self._linger_s = seconds(config.linger_ms)
        self._queues: list[deque[RecordBatch]] = [deque() for _ in range(topic.partitions)]
        self._waiting = [WaitingPartitions() for _ in range(topic.all_brokers + 1)]
        # by leader; what has none is the last one's
        self.leaderless = self._waiting[-1]
        self._drain_index = [0] * topic.all_brokers
        self._never_used = set(range(topic.partitions))
        self._untold = set[int]()  # partitions whose queues have changed since they were told
        self._appender: Appender | None = None
        self._as_of_s = -1.0  # when the appender caught up

    def __repr__(self) -> str:
        return f"<RecordAccumulator {sum(self.queued_batches)} batches queued, {self.pool!r}>"

    def fill_from(self, appender: Appender) -> None:
        """Whose records these are."""
        self._appender = appender

    def catch_up(self, now_s: float) -> None:
        """Have everything that the application has sent by now, with the memory there is now."""
        self._as_of_s = now_s
        if self._appender is not None:
            self._appender.catch_up(now_s)

    @property
    def has_room(self) -> bool:
        """Whether a batch could be opened."""
        blocked_at = self._blocked_at
        if blocked_at is not None and len(self._queues[blocked_at]) >= self._most_queued:
            return False
        return self.pool.available_bytes >= self._opening_takes

    def queued(self) -> Iterator[RecordBatch]:
        """Every batch that waits to be sent, for the first time or again."""
        return chain.from_iterable(self._queues)

    def tail(self, partition: int) -> RecordBatch | None:
        """The batch that takes the partition's next record, if one is open and that has room."""
        queue = self._queues[partition]
        if self.counts_records and not self.pool.available_bytes:
            return None
        return queue[-1] if queue and queue[-1].state is OPEN else None

    def tail_is_full(self, partition: int) -> bool:
        """Whether the tail is absent or full (RecordAccumulator.allBatchesFull)."""
        queue = self._queues[partition]
        return not queue or queue[-1].full

    def open_batch(self, partition: int, created_s: float) -> RecordBatch | None:
        """A new tail with room of its own, for itself or its first record; None if there is none.

        A client that has a limit of its own on what one partition has queued waits for that one.
        """
        queue = self._queues[partition]
        if len(queue) >= self._most_queued:
            self._blocked_at = partition
            return None
        self._blocked_at = None
        if not self.pool.allocate(self._opening_takes):
            return None
        batch = self.new_batch(partition, created_s)
        batch.buffer_bytes = self._opening_takes
        queue.append(batch)
        self._now_has_batches(partition)
        self._never_used.discard(partition)
        return batch

    def new_batch(self, partition: int, created_s: float) -> RecordBatch:
        """An empty one, nowhere yet."""
        return RecordBatch(partition, self._packing_now, created_s)

    def _now_has_batches(self, partition: int) -> None:
        self._waiting[self.leaders.of(partition)].add(partition, self._queues[partition])
        self.queued_batches[partition] += 1
        self._untold.add(partition)

    def learn(self, leaders: Mapping[int, LeaderAndEpoch]) -> bool:
        """Have batches go to these leaders; whether any of them is news."""
        news = {
            partition: leadership
            for partition, leadership in leaders.items()
            if self.leaders.is_news(partition, leadership)
        }
        for partition, leadership in news.items():
            queue = self._waiting[self.leaders.of(partition)].remove(partition)
            self.leaders.change(partition, leadership)
            if queue is not None:
                self._waiting[leadership.leader].add(partition, queue)
        return bool(news)

    def room_for(self, batch: RecordBatch) -> int:
        """How many more records the buffer takes, where it counts them."""
        return self.pool.available_bytes + (not batch.records)  # its first one has room already

    def took(self, batch: RecordBatch) -> None:
        """Records were appended, where they are counted."""
        more = batch.records - batch.buffer_bytes
        self.pool.take(more)
        batch.buffer_bytes += more

    def first_answer(self) -> None:
        """From now on records count with what they take."""
        self._packing_now = self._packing

    def free(self, batch: RecordBatch) -> None:
        """A batch has ended: give its buffer back."""
        self.pool.deallocate(batch.buffer_bytes)
        batch.buffer_bytes = 0

    def stop_waiting(self) -> None:
        """The application's thread waits for memory no more."""
        self.pool.waiting = False

    def mute(self, partition: int) -> None:
        """Send nothing of a partition until it is unmuted (mutePartition)."""
        self._muted.add(partition)

    def unmute(self, partition: int) -> None:
        """Send of it again (unmutePartition)."""
        self._muted.discard(partition)

    def requeue(self, batch: RecordBatch, now_s: float) -> None:
        """A batch failed and is to be sent again (RecordAccumulator.reenqueue)."""
        batch.become(BatchState.RETRYING)
        batch.attempts += 1
        batch.last_attempt_s = now_s
        self._put_back(batch)

    def _put_back(self, batch: RecordBatch) -> None:
        """To the front; with sequence numbers, after those with lower ones.

        Source: RecordAccumulator.insertInSequenceOrder. Without numbers the batches that failed
        together are sent again in reversed order: each goes before the last one. Clients that sort
        put it before later records.
        """
        queue, index = self._queues[batch.partition], 0
        if self._transactions is not None:
            while index < len(queue) and NO_SEQUENCE < queue[index].base_sequence < (
                batch.base_sequence
            ):
                index += 1
        elif self._sorts:
            while index < len(queue) and queue[index].spans[0] < batch.spans[0]:
                index += 1
        queue.insert(index, batch)
        self._now_has_batches(batch.partition)

    def split(self, batch: RecordBatch) -> None:
        """Put a batch's records back in batches of ``batch.size`` (ProducerBatch.split).

        They share its creation and its numbers; no retry is counted and no backoff waited for.
        Without compression a batch that was within ``batch.size`` stays one (KAFKA-8350).
        """
        parts = batch.split(self._packing)
        batch.become(BatchState.SPLIT)
        if self._transactions is not None:
            self._transactions.replace(batch, parts)
        for part in reversed(parts):
            part.become(IN_FLIGHT)
            part.become(BatchState.RETRYING)
            self._put_back(part)

    def expired(self, now_s: float) -> list[RecordBatch]:
        """Take out the queued batches whose ``delivery.timeout.ms`` is over, the oldest first.

        Looking stops at the first that is not (RecordAccumulator.expiredBatches).
        """
        return self.taken_while(lambda batch: self.has_expired(batch, now_s))

    def taken_while(self, is_over: Callable[[RecordBatch], bool]) -> list[RecordBatch]:
        """Take out the queued batches of each partition up to the first that is not over."""
        return [
            self._pop(partition)
            for partition, queue in enumerate(self._queues)
            for _ in range(len(queue))
            if queue and is_over(queue[0])
        ]

    def has_expired(self, batch: RecordBatch, now_s: float) -> bool:
        """Whether a batch's time is over, counted from its creation."""
        return batch.created_s + self._delivery_timeout_s <= now_s + NOW_TOLERANCE_S

    def next_expiry_s(self) -> float:
        """When the first of the queued batches expires."""
        heads = (queue[0].created_s for queue in self._queues if queue)
        return min(heads, default=NEVER_S) + self._delivery_timeout_s

    def take_all(self) -> list[RecordBatch]:
        """Empty the queues."""
        self._muted.clear()
        return [
            self._pop(partition)
            for partition, queue in enumerate(self._queues)
            for _ in range(len(queue))
        ]

    def tell_queues(self, loads: QueueLoads) -> None:
        """How many batches are queued, once each partition has had one: before, nobody can tell."""
        if not self._never_used and self._untold:
            for partition in self._untold:
                loads.see(partition, self.queued_batches[partition])
            self._untold.clear()

    def ready(self, brokers: Iterable[int], now_s: float) -> tuple[list[int], float]:
        """Which of these brokers have something to send, and when the others may have.

        Linger holds back a broker, not a partition: one sendable batch makes its broker ready.
        """
        if self._as_of_s != now_s:
            self.catch_up(now_s)
        ready: list[int] = []
        next_s = NEVER_S
        for broker in brokers:
            due_s = self._due_s(broker, now_s)
            if due_s <= now_s + NOW_TOLERANCE_S:
                ready.append(broker)
            elif due_s < next_s:
                next_s = due_s
        return ready, next_s

    def _due_s(self, broker: int, now_s: float) -> float:
        """When the broker has, or had, its first sendable batch (RecordAccumulator.batchReady)."""
        earliest_s = NEVER_S  # created in whole ms, which is what the client counts in
        for partition, queue in self._waiting[broker].queues.items():
            if partition in self._muted:
                continue
            if queue[0].attempts:
                retry_s = self._retry_s(queue[0])
                if retry_s > now_s + NOW_TOLERANCE_S:
                    earliest_s = min(earliest_s, retry_s)
                    continue
                return now_s
            if len(queue) > 1 or queue[0].full or self.pool.waiting:
                return now_s
            earliest_s = min(earliest_s, whole_ms_s(queue[0].created_s) + self._linger_s)
        return earliest_s

    def _retry_s(self, batch: RecordBatch) -> float:
        """When a batch that failed may be sent again; drawn anew at every look.

        At once, where it failed with another leader (ProducerBatch.hasLeaderChanged...Retry).
        """
        if self.leaders.epoch(batch.partition) > batch.leader_epoch:
            return batch.last_attempt_s
        return batch.last_attempt_s + self._backoff.wait_s(batch.attempts)

    def drain(self, broker: int, now_s: float) -> tuple[list[RecordBatch], float]:
        """Take one request's batches for a ready broker, round the partitions that it leads.

        Also when to look again if it is none: for a backoff that ``ready`` drew shorter.

        The next round starts at the partition that was visited last, as in
        RecordAccumulator.drainBatchesForOneNode. Full or not, lingered or not: every partition
        that is not muted gives its head, until ``max.request.size`` is reached or a head must
        wait for the retries before it. Here, at the first drain, a batch is closed and numbered.
        """
        if self._as_of_s != now_s:
            self.catch_up(now_s)
        waiting, led, again_s = self._waiting[broker], self.leaders.led_by(broker), NEVER_S
        batches: list[RecordBatch] = []
        start, size_bytes = self._drain_index[broker] % len(led), 0
        transactions = self._transactions
        for partition in waiting.round_from(led[start]):
            if partition in self._muted:
                continue
            queue = waiting.queues[partition]
            head = queue[0]
            if head.attempts and self._retry_s(head) > now_s + NOW_TOLERANCE_S:
                again_s = now_s + NEXT_LOOK_S
                continue
            if self._each_lingers and self._lingers_on(queue, now_s):
                continue
            too_much = batches and size_bytes + head.size_bytes > self._max_request_size_bytes
            # not this one nor any other: the trap of KAFKA-13834's saved index
            if too_much or (transactions is not None and transactions.must_wait(head)):
                self._drain_index[broker] = led.index(partition)
                break
            batches.append(self.take_from(partition, now_s))
            size_bytes += head.size_bytes
            if len(batches) == self._most_partitions:
                self._drain_index[broker] = led.index(partition) + 1
                break
        else:
            self._drain_index[broker] = (start - 1) % len(led)
        return batches, again_s

    def _lingers_on(self, queue: deque[RecordBatch], now_s: float) -> bool:
        """Whether a partition's head waits for more records, where each waits for itself."""
        head = queue[0]
        if head.attempts or len(queue) > 1 or head.full or self.pool.waiting:
            return False
        return whole_ms_s(head.created_s) + self._linger_s > now_s + NOW_TOLERANCE_S

    def take_from(self, partition: int, now_s: float) -> RecordBatch:
        """A partition's head, numbered and in flight from now on."""
        if self._draws_anew:
            self._draw_anew(partition, now_s)
        batch = self._pop(partition)
        if self._frees_when_sent:
            self.free(batch)
        batch.become(IN_FLIGHT)
        batch.drained_s = now_s
        batch.leader_epoch = self.leaders.epoch(partition)
        if self._transactions is not None:
            self._transactions.number(batch)
        return batch

    def _draw_anew(self, partition: int, now_s: float) -> None:
        """Fill the head with the records behind it, up to one that is not to be sent again yet.

        Source: rd_kafka_retry_msgq puts messages back in order, rd_kafka_msgset_writer_write_msgq
        takes as many as fit from what is there.
        """
        queue = self._queues[partition]
        head = queue[0]
        was_sent = head.attempts > 0
        while len(queue) > 1 and head.room:
            behind = queue[1]
            if behind.attempts and self._retry_s(behind) > now_s + NOW_TOLERANCE_S:
                break
            if was_sent:  # a request that carries it may still get to a broker
                head = queue[0] = head.copy()
                was_sent = False
            if behind.attempts:
                behind = queue[1] = behind.copy()
            moved = head.take_from(behind)
            if self.counts_records:
                head.buffer_bytes += moved
                behind.buffer_bytes -= moved
            if behind.records:
                break
            self.free(behind)
            del queue[1]
            self.queued_batches[partition] -= 1

    def _pop(self, partition: int) -> RecordBatch:
        batch = self._queues[partition].popleft()
        if not self._queues[partition]:
            self._waiting[self.leaders.of(partition)].remove(partition)
        self.queued_batches[partition] -= 1
        self._untold.add(partition)
        return batch

"""The application thread: it calls ``send()`` for one record after the other.

Pure: before anybody looks at the accumulator the application *catches up*: it appends what its
thread has sent by then, run by run, with the instants it happened at. So an open batch
costs no event per record, and yet the Sender that drains it finds exactly the records appended so
far. The thread blocks in ``send()`` while ``buffer.memory`` is spent and gives a record up after
``max.block.ms`` (RecordAccumulator.append, BufferPool.allocate). What it sends again, after a
failure or a restart, goes before what is new; it is as if the records were new to the producer.
So it does while the
client has lost all brokers and starts again from the bootstrap list. Left out: serialisation, the
wait for the first metadata, several threads. Units: seconds.
"""

from collections import deque
from collections.abc import Callable, Iterable

from model.config.producer import ProducerConfig
from model.outcome.start_times import StartTimes
from model.producer.accumulator import RecordAccumulator
from model.producer.partitioner import Partitioner, StickyForAWhile, StickyPartition
from model.producer.schedule import Schedule
from model.units import MILLISECOND_S, NEVER_S, NOW_TOLERANCE_S, seconds, whole_ms
from model.wire.batches import RecordBatch

#: How far to look through records whose partitions differ for the next that opens a batch.
LOOK_AHEAD_RECORDS = 64


class Application:
    """One thread, one producer. ``failed(record, at_s)`` is called for a record given up."""

    def __init__(
        self,
        config: ProducerConfig,
        schedule: Schedule,
        partitioner: Partitioner,
        accumulator: RecordAccumulator,
        failed: Callable[[int, float], None],
    ) -> None:
        self._schedule = schedule
        self._partitioner = partitioner
        self._accumulator = accumulator
        self._failed = failed
        sticky = partitioner if isinstance(partitioner, StickyPartition) else None
        #: Whether it looks at how many batches the partitions have queued.
        self.adapts = sticky is not None and sticky.adapts
        self._loads = sticky.loads if sticky is not None and sticky.adapts else None
        self._counts_records = accumulator.counts_records
        self._run_ends = isinstance(partitioner, StickyForAWhile)  # and another partition's begins
        self._max_block_s = seconds(config.max_block_ms)
        self._blocked_since_s: float | None = None
        self._knows_topic = True
        self._again: deque[tuple[int, int, int]] = deque()  # (partition, first record, how many)
        self._down = False
        accumulator.fill_from(self)

    def send_again(self, batches: Iterable[RecordBatch]) -> None:
        """Send the records of these batches once more, in the order of their numbers."""
        spans = [(first, count, b.partition) for b in batches for first, count in b.spans]
        self._again.extend((partition, first, count) for first, count, partition in sorted(spans))

    def go_down(self, unacknowledged: Iterable[RecordBatch]) -> None:
        """Its process ends. What was not acknowledged it sends again when it is back."""
        self._down = True
        self._blocked_since_s = None
        self._knows_topic = True
        self._accumulator.stop_waiting()
        again, self._again = list(self._again), deque()
        self.send_again(unacknowledged)
        self._again.extend(again)

    def come_back(self, now_s: float) -> None:
        """Its process starts; what arrived meanwhile is sent now."""
        self._down = False
        self._schedule.resume(now_s)

    def topic_known(self, known: bool, now_s: float) -> None:
        """The client has lost sight of the topic, or found it (KafkaProducer.waitOnMetadata)."""
        self._accumulator.catch_up(now_s)
        self._knows_topic = known
        if known and self._blocked_since_s is not None:
            self._unblock(now_s)
        elif not known:
            self._accumulator.stop_waiting()

    def _wait_for_metadata(self, now_s: float) -> None:
        """Be blocked in ``send()`` as long as ``max.block.ms`` lets it be, record after record."""
        while self._schedule.due(now_s):
            if self._blocked_since_s is None:
                self._blocked_since_s = self._schedule.time_of(0)
            if not self._give_up(now_s):
                return

    def catch_up(self, now_s: float) -> None:
        """Append every record that the thread has sent by now, as far as there is room."""
        if not self._knows_topic:
            if not self._down:
                self._wait_for_metadata(now_s)
            return
        if self._down:
            return
        if self._again:  # what that opens may have room for who is blocked, too
            if not self._send_what_is_due_again(now_s):
                return
        elif self._blocked_since_s is not None and self._stays_blocked(
            self._blocked_since_s, now_s
        ):
            return
        schedule, partitioner, accumulator = self._schedule, self._partitioner, self._accumulator
        while due := schedule.due(now_s):
            partition = partitioner.partition(accumulator.tail_is_full)
            batch = accumulator.tail(partition)
            header_bytes = 0
            if batch is None:
                batch = self._open_batch(partition, now_s)
                if batch is None:
                    if self._give_up(now_s):
                        continue
                    return
                header_bytes, due = batch.size_bytes, schedule.due(now_s)
            elif self._blocked_since_s is not None:  # opened for what was sent again
                self._unblock(now_s)
                due = schedule.due(now_s)
            self.append(batch, due, now_s, header_bytes)

    def _stays_blocked(self, since_s: float, now_s: float) -> bool:
        """Whether the thread waits for memory now as it did before."""
        over = now_s + NOW_TOLERANCE_S >= since_s + self._max_block_s
        return not (over or self._accumulator.has_room)

    def _send_what_is_due_again(self, now_s: float) -> bool:
        """Whether all of it found room."""
        while self._again:
            partition, first, count = self._again[0]
            batch = self._accumulator.tail(partition)
            if batch is None:
                batch = self._accumulator.open_batch(partition, now_s)
                if batch is None:
                    return False
                batch.first_stamp_ms = whole_ms(now_s)
            fitting = min(count, batch.room)
            if self._counts_records:
                fitting = min(fitting, self._accumulator.room_for(batch))
            if fitting:
                batch.append_alike(first, fitting)
                if self._counts_records:
                    self._accumulator.took(batch)
            if fitting == count:
                self._again.popleft()
            else:
                batch.close()
                self._again[0] = (partition, first + fitting, count - fitting)
        return True

    def _open_batch(self, partition: int, now_s: float) -> RecordBatch | None:
        """A batch for the next record, created when its memory is there; None: still blocked."""
        called_s = self._schedule.time_of(0)
        created_s = called_s if self._blocked_since_s is None else now_s
        batch = self._accumulator.open_batch(partition, created_s)
        if batch is None:
            if self._blocked_since_s is None:
                self._blocked_since_s = called_s
        elif self._blocked_since_s is not None:
            batch.first_stamp_ms = whole_ms(self._blocked_since_s)
            self._unblock(now_s)
        else:
            batch.first_stamp_ms = whole_ms(called_s)
        return batch

    def _unblock(self, now_s: float) -> None:
        """``send()`` goes on."""
        self._schedule.resume(now_s)
        self._blocked_since_s = None
        self._accumulator.stop_waiting()

    def _give_up(self, now_s: float) -> bool:
        """Fail the record that has been blocked for ``max.block.ms``, if there is one."""
        assert self._blocked_since_s is not None
        deadline_s = self._blocked_since_s + self._max_block_s
        if now_s + NOW_TOLERANCE_S < deadline_s:
            return False
        self._failed(self._schedule.next_record, deadline_s)
        self._schedule.resume(deadline_s)
        self._schedule.take(1)
        self._partitioner.took(1, 0)
        self._schedule.completed(1, deadline_s)
        self._blocked_since_s = None
        self._accumulator.stop_waiting()
        return True

    def append(self, batch: RecordBatch, due: int, now_s: float, header_bytes: int) -> None:
        """Append the next records to an open batch: a run stamped alike, or one stamped late."""
        schedule, partitioner = self._schedule, self._partitioner
        if self._counts_records:
            due = min(due, self._accumulator.room_for(batch))
        size_before = batch.size_bytes - header_bytes
        alike_until_s = batch.short_delta_until_s() - MILLISECOND_S
        alike = due if now_s <= alike_until_s else schedule.due(alike_until_s)
        first = 0 if batch.records else 1
        count = min(due, partitioner.run_length(), alike or first, batch.room)
        if count:
            batch.append_alike(schedule.next_record, count)
        elif alike or not batch.append_late(schedule.next_record, whole_ms(schedule.time_of(0))):
            batch.close()
            return
        else:
            count = 1
        if self._counts_records:
            self._accumulator.took(batch)
        schedule.take(count)
        partitioner.took(count, batch.size_bytes - size_before)

    def completed(self, records: int, since_s: float) -> None:
        """So many records were acknowledged or failed; their callbacks began at ``since_s``."""
        self._schedule.completed(records, since_s)

    def start_times(self) -> StartTimes:
        """For each record sent, the instant from which its latency counts."""
        return self._schedule.start_times()

    @property
    def records_sent(self) -> int:
        """How many records were appended or given up."""
        return self._schedule.next_record

    def see_queues(self) -> None:
        """The Sender's pass samples the queues for an adaptive choice (RecordAccumulator.ready)."""
        if self._loads is not None:
            self._accumulator.tell_queues(self._loads)

    def next_step_s(self) -> float:
        """When the thread will next open a batch, fill one or give a record up.

        Until then nothing happens that the Sender is woken for (KafkaProducer.doSend). May be
        early where it is not known exactly; never late.
        """
        if self._down:
            return NEVER_S
        if self._again and not self._accumulator.has_room:
            return NEVER_S  # what is due again waits for memory, and that comes in a pass
        if self._blocked_since_s is not None:
            return self._blocked_since_s + self._max_block_s
        return self._schedule.time_of(self._records_before_next_step())

    def _records_before_next_step(self) -> int:
        partition = self._partitioner.partition(self._accumulator.tail_is_full)
        run = self._partitioner.run_length()
        if run > 1:
            step = self._before_step(partition)
            return min(step, run) if self._run_ends else step
        before: dict[int, int] = {}
        ahead = self._partitioner.upcoming(LOOK_AHEAD_RECORDS)
        for position, upcoming in enumerate(ahead):
            if upcoming not in before:
                before[upcoming] = self._before_step(upcoming)
            if not before[upcoming]:
                return position
            before[upcoming] -= 1
        return len(ahead)

    def _before_step(self, partition: int) -> int:
        """How many of the next records surely leave the partition's tail open and not full.

        A record that fills the batch to the last byte is a step itself; one that does not fit is
        the next one.
        """
        tail = self._accumulator.tail(partition)
        if tail is None or tail.full:
            return 0
        room = tail.room
        if self._schedule.time_of(room) < tail.short_delta_until_s() - MILLISECOND_S:
            return room - 1 if tail.filled_by(room) else room
        return tail.sure_room()

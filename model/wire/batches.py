"""Record batches: how they fill, how they are numbered, and what a broker says of them.

A batch is one thing with many records: it knows which records of its producer it holds as spans of
consecutive numbers, never one object per record. Units: bytes, seconds.
"""

from typing import Final, NamedTuple

from model.units import MILLISECOND_S
from model.wire.errors import NO_ERROR, Error
from model.wire.leadership import LeaderAndEpoch
from model.wire.sizes import LONG_DELTA_MS, Packing
from model.wire.states import BATCH_STEPS, CLOSED, OPEN, BatchState, step

#: Read: RecordBatch.NO_PRODUCER_ID, NO_PRODUCER_EPOCH and NO_SEQUENCE, without idempotence.
NO_PRODUCER_ID: Final = -1
NO_EPOCH = -1
NO_SEQUENCE = -1
#: Read: ProduceResponse.INVALID_OFFSET, what the client reports with acks=0.
UNKNOWN_OFFSET = -1
SEQUENCES = 2**31  # Read: sequences run from 0 to 2^31 - 1 and start again


def next_sequence(base_sequence: int, records: int) -> int:
    """The sequence after a batch; wraps to 0 after 2^31 - 1 (DefaultRecordBatch)."""
    return (base_sequence + records) % SEQUENCES


class RecordBatch:
    """The records of one partition that travel, are numbered and are acknowledged together."""

    __slots__ = (
        "attempts",
        "base_offset",
        "base_sequence",
        "buffer_bytes",
        "created_s",
        "drained_s",
        "duplicate",
        "epoch",
        "first_stamp_ms",
        "last_attempt_s",
        "leader_epoch",
        "packing",
        "partition",
        "producer_id",
        "records",
        "renumbered",
        "size_bytes",
        "spans",
        "state",
        "unpacked_bytes",
    )

    def __init__(self, partition: int, packing: Packing, created_s: float) -> None:
        self.partition = partition
        self.packing = packing
        self.created_s = created_s
        self.size_bytes = packing.sizes[0]
        self.unpacked_bytes = 0  # of a compressed one's records, once it is closed
        self.records = 0
        self.spans: list[tuple[int, int]] = []  # (number of the first record, how many)
        self.first_stamp_ms = 0
        self.state: BatchState = OPEN
        self.buffer_bytes = packing.write_limit_bytes  # of buffer.memory, until it has ended
        self.producer_id, self.epoch, self.base_sequence = NO_PRODUCER_ID, NO_EPOCH, NO_SEQUENCE
        self.renumbered = False  # by an epoch bump (ProducerBatch.sequenceHasBeenReset)
        self.base_offset = UNKNOWN_OFFSET
        self.duplicate = False  # the broker said that it had it already
        self.drained_s = created_s
        self.attempts = 0  # failed ones
        self.leader_epoch = 0  # of the leader that it was last drained for
        self.last_attempt_s = created_s  # when the last one failed

    def __repr__(self) -> str:
        return (
            f"<RecordBatch partition {self.partition}, sequence {self.base_sequence}, "
            f"{self.records} records, {self.size_bytes}/{self.packing.write_limit_bytes} bytes>"
        )

    @property
    def done(self) -> bool:
        """Whether nothing more becomes of it (ProducerBatch.isDone)."""
        return not BATCH_STEPS[self.state]

    def become(self, state: BatchState) -> None:
        """Take a step; IllegalStepError for one that there is not."""
        if state not in BATCH_STEPS[self.state]:
            step(BATCH_STEPS, self.state, state)  # says what is wrong
        self.state = state

    def close(self) -> None:
        """Take no more records."""
        self.become(CLOSED)

    @property
    def last_sequence(self) -> int:
        """The sequence of its last record; wraps to 0 after 2^31 - 1."""
        return (self.base_sequence + self.records - 1) % SEQUENCES

    @property
    def full(self) -> bool:
        """Closed for appends, or at its limit (MemoryRecordsBuilder.isFull)."""
        return self.state is not OPEN or self.size_bytes >= self.packing.cut_bytes

    @property
    def room(self) -> int:
        """How many more records stamped like the first one fit; the first always does."""
        packing, records = self.packing, self.records
        sizes = packing.sizes
        limit = packing.write_limit_bytes - (self.size_bytes - sizes[records])
        last = len(sizes) - 2  # what follows is the first that does not fit
        while last > records and sizes[last] > limit:
            last -= 1
        return (last or 1) - records

    def filled_by(self, count: int) -> bool:
        """Whether so many more records stamped like the first one leave not a byte."""
        stretched = self.size_bytes - self.packing.sizes[self.records]
        return self.packing.sizes[self.records + count] + stretched >= self.packing.cut_bytes

    def short_delta_until_s(self) -> float:
        """Records stamped before this instant take no more than the common size."""
        return (self.first_stamp_ms + LONG_DELTA_MS) * MILLISECOND_S

    def append_alike(self, first: int, count: int) -> None:
        """Take ``count`` records that fit and are stamped within 64 ms of the first."""
        sizes, records = self.packing.sizes, self.records + count
        self.size_bytes += sizes[records] - sizes[self.records]
        self.records = records
        self._extend(first, count)

    def append_late(self, number: int, stamp_ms: int) -> bool:
        """Take one record stamped any time after the first; False if it does not fit."""
        added = self.packing.shape.record_bytes(self.records, stamp_ms - self.first_stamp_ms)
        if self.size_bytes + added > self.packing.write_limit_bytes:
            return False
        self.records += 1
        self.size_bytes += added
        self._extend(number, 1)
        return True

    def take_from(self, other: "RecordBatch") -> int:
        """As many of another batch's first records as fit; how many.

        Both are unsent, of one partition, and the other's records come after its own.
        """
        moved = min(self.room, other.records)
        left = moved
        while left:
            first, count = other.spans[0]
            taken = min(left, count)
            self.append_alike(first, taken)
            other.spans[0] = (first + taken, count - taken)
            if taken == count:
                del other.spans[0]
            left -= taken
        other.records -= moved
        other.size_bytes = other.packing.sizes[other.records]
        self.created_s = min(self.created_s, other.created_s)
        return moved

    def copy(self) -> "RecordBatch":
        """The same records once more, without numbers: what a request carries stays as it was."""
        twin = self.part(self.packing)
        twin.size_bytes, twin.unpacked_bytes = self.size_bytes, self.unpacked_bytes
        twin.records, twin.spans = self.records, list(self.spans)
        twin.first_stamp_ms, twin.buffer_bytes = self.first_stamp_ms, self.buffer_bytes
        twin.state, twin.drained_s = self.state, self.drained_s
        twin.attempts, twin.last_attempt_s = self.attempts, self.last_attempt_s
        twin.leader_epoch = self.leader_epoch
        return twin

    def sure_room(self) -> int:
        """How many more records, however late, surely leave it open and not full.

        A record that fills it to the last byte is not one of them. Late timestamps add up to four
        bytes to a record.
        """
        widest = self.packing.shape.record_bytes(self.records) + 4
        return max(0, (self.packing.write_limit_bytes - self.size_bytes - 1) // widest)

    def split(self, packing: Packing) -> "list[RecordBatch]":
        """Batches with its records, as they fill buffers of this packing, outside of the pool."""
        parts: list[RecordBatch] = []
        for first, count in self.spans:
            while count:
                if not parts or not parts[-1].room:
                    parts.append(self.part(packing))
                    parts[-1].buffer_bytes = 0
                    parts[-1].first_stamp_ms = self.first_stamp_ms
                fitting = min(count, parts[-1].room)
                parts[-1].append_alike(first, fitting)
                first, count = first + fitting, count - fitting
        return parts

    def part(self, packing: Packing) -> "RecordBatch":
        """An empty batch for some of its records."""
        return RecordBatch(self.partition, packing, self.created_s)

    def _extend(self, first: int, count: int) -> None:
        if self.spans:
            start, length = self.spans[-1]
            if start + length == first:
                self.spans[-1] = (start, length + count)
                return
        self.spans.append((first, count))


class Numbers(NamedTuple):
    """What a batch says of itself on the wire; a copy on its way is not renumbered."""

    producer_id: int
    epoch: int
    base_sequence: int


class Verdict(NamedTuple):
    """What a broker answers about one batch. A duplicate is a success: it was written before.

    ``leader``: who leads, where it is another broker and that is known (KIP-951).
    """

    error: Error
    base_offset: int = UNKNOWN_OFFSET
    duplicate: bool = False
    leader: LeaderAndEpoch | None = None


WRITTEN = Verdict(NO_ERROR)

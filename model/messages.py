"""What travels: record batches and the produce requests that carry them.

A batch is one thing with many records: it knows which records of its producer it holds as spans of
consecutive numbers, never one object per record. Control requests keep a connection and a session
going and carry no records. Units: bytes, seconds.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from model.errors import Error
from model.sizes import LONG_DELTA_MS, Packing, request_bytes
from model.states import BATCH_STEPS, BatchState, step
from model.units import MILLISECOND_S

#: Read: RecordBatch.NO_PRODUCER_ID, NO_PRODUCER_EPOCH and NO_SEQUENCE, without idempotence.
NO_PRODUCER_ID = -1
NO_EPOCH = -1
NO_SEQUENCE = -1
#: Read: ProduceResponse.INVALID_OFFSET, what the client reports with acks=0.
UNKNOWN_OFFSET = -1
SEQUENCES = 2**31  # Read: sequences run from 0 to 2^31 - 1 and start again
#: Assumed: a produce response for a few partitions.
ANSWER_BYTES = 100
#: Assumed: ApiVersions, Metadata of one topic and InitProducerId are all about this small.
CONTROL_REQUEST_BYTES = 64


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
        "packing",
        "partition",
        "producer_id",
        "records",
        "renumbered",
        "size_bytes",
        "spans",
        "state",
    )

    def __init__(self, partition: int, packing: Packing, created_s: float) -> None:
        self.partition = partition
        self.packing = packing
        self.created_s = created_s
        self.size_bytes = packing.sizes[0]
        self.records = 0
        self.spans: list[tuple[int, int]] = []  # (number of the first record, how many)
        self.first_stamp_ms = 0
        self.state = BatchState.OPEN
        self.buffer_bytes = packing.write_limit_bytes  # of buffer.memory, until it has ended
        self.producer_id, self.epoch, self.base_sequence = NO_PRODUCER_ID, NO_EPOCH, NO_SEQUENCE
        self.renumbered = False  # by an epoch bump (ProducerBatch.sequenceHasBeenReset)
        self.base_offset = UNKNOWN_OFFSET
        self.duplicate = False  # the broker said that it had it already
        self.drained_s = created_s
        self.attempts = 0  # failed ones
        self.last_attempt_s = created_s  # when the last one failed

    def __repr__(self) -> str:
        return (
            f"<RecordBatch partition {self.partition}, sequence {self.base_sequence}, "
            f"{self.records} records, {self.size_bytes}/{self.packing.write_limit_bytes} bytes>"
        )

    @property
    def closed(self) -> bool:
        """Whether it takes no more records."""
        return self.state is not BatchState.OPEN

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
        self.become(BatchState.CLOSED)

    @property
    def last_sequence(self) -> int:
        """The sequence of its last record; wraps to 0 after 2^31 - 1."""
        return (self.base_sequence + self.records - 1) % SEQUENCES

    @property
    def full(self) -> bool:
        """Closed for appends, or at its limit (MemoryRecordsBuilder.isFull)."""
        return (
            self.state is not BatchState.OPEN or self.size_bytes >= self.packing.write_limit_bytes
        )

    @property
    def room(self) -> int:
        """How many more records stamped like the first one fit; the first always does."""
        sizes, records = self.packing.sizes, self.records
        limit = self.packing.write_limit_bytes - (self.size_bytes - sizes[records])
        last = len(sizes) - 1
        while last > records and sizes[last] > limit:
            last -= 1
        return (last or 1) - records

    def filled_by(self, count: int) -> bool:
        """Whether so many more records stamped like the first one leave not a byte."""
        stretched = self.size_bytes - self.packing.sizes[self.records]
        return (
            self.packing.sizes[self.records + count] + stretched == self.packing.write_limit_bytes
        )

    def short_delta_until_s(self) -> float:
        """Records stamped before this instant take no more than the common size."""
        return (self.first_stamp_ms + LONG_DELTA_MS) * MILLISECOND_S

    def append_alike(self, first: int, count: int) -> None:
        """Take ``count`` records that fit and are stamped within 64 ms of the first."""
        stretched = self.size_bytes - self.packing.sizes[self.records]
        self.records += count
        self.size_bytes = self.packing.sizes[self.records] + stretched
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

    def split(self, packing: Packing) -> "list[RecordBatch]":
        """Batches with its records, as they fill buffers of this packing, outside of the pool."""
        parts: list[RecordBatch] = []
        for first, count in self.spans:
            while count:
                if not parts or not parts[-1].room:
                    parts.append(RecordBatch(self.partition, packing, self.created_s))
                    parts[-1].buffer_bytes = 0
                    parts[-1].first_stamp_ms = self.first_stamp_ms
                fitting = min(count, parts[-1].room)
                parts[-1].append_alike(first, fitting)
                first, count = first + fitting, count - fitting
        return parts

    def _extend(self, first: int, count: int) -> None:
        if self.spans and sum(self.spans[-1]) == first:
            start, length = self.spans[-1]
            self.spans[-1] = (start, length + count)
        else:
            self.spans.append((first, count))


class RequestKind(Enum):
    """The requests that a producer sends (ApiKeys)."""

    PRODUCE = "batches, one of each partition at most"
    API_VERSIONS = "the first of a connection"
    METADATA = "who leads which partition"
    INIT_PRODUCER_ID = "a producer id, for a new session"
    FETCH = "a follower's: what comes after what it has"

    __hash__ = object.__hash__


class Numbers(NamedTuple):
    """What a batch says of itself on the wire; a copy on its way is not renumbered."""

    producer_id: int
    epoch: int
    base_sequence: int


class Verdict(NamedTuple):
    """What a broker answers about one batch. A duplicate is a success: it was written before."""

    error: Error
    base_offset: int = UNKNOWN_OFFSET
    duplicate: bool = False


WRITTEN = Verdict(Error.NONE)


@dataclass(slots=True, eq=False)
class Request:
    """One request on one connection, and when it reached each place on its way.

    Times in seconds of the run; a time not reached yet is NaN. ``service_s`` is the broker's work
    on it without any waiting. ``producer_id`` is what InitProducerId is answered with;
    ``end_byte`` is where it ends in the connection's bytes.
    """

    number: int
    producer: int
    broker: int
    drained_s: float
    kind: RequestKind
    records: int = field(default=0, init=False)
    size_bytes: int = field(default=CONTROL_REQUEST_BYTES, init=False)
    batches: list[RecordBatch] = field(default_factory=list, init=False)
    numbers: list[Numbers] = field(default_factory=list, init=False)
    verdicts: list[Verdict] = field(default_factory=list, init=False)
    producer_id: int = field(default=NO_PRODUCER_ID, init=False)
    answer_bytes: int = field(default=ANSWER_BYTES, init=False)
    end_byte: int = field(default=0, init=False)
    sent_s: float = field(default=float("nan"), init=False)
    written_s: float = field(default=float("nan"), init=False)
    arrived_s: float = field(default=float("nan"), init=False)
    taken_s: float = field(default=float("nan"), init=False)
    answered_s: float = field(default=float("nan"), init=False)
    received_s: float = field(default=float("nan"), init=False)
    service_s: float = field(default=0.0, init=False)


class ProduceRequest(Request):
    """A request that carries batches."""

    __slots__ = ()

    def __init__(
        self, number: int, producer: int, broker: int, batches: list[RecordBatch], drained_s: float
    ) -> None:
        super().__init__(number, producer, broker, drained_s, RequestKind.PRODUCE)
        self.batches = batches
        records = payload_bytes = 0
        for batch in batches:
            self.numbers.append(Numbers(batch.producer_id, batch.epoch, batch.base_sequence))
            records += batch.records
            payload_bytes += batch.size_bytes
        self.records = records
        self.size_bytes = request_bytes(payload_bytes, len(batches))

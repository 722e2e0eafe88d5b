"""What travels: record batches and the produce requests that carry them.

A batch is one thing with many records: it knows which records of its producer it holds as spans of
consecutive numbers, never one object per record. Left out: what a response says beside "appended".
Units: bytes, seconds.
"""

from dataclasses import dataclass, field

from model.sizes import LONG_DELTA_MS, Packing, request_bytes
from model.units import MILLISECOND_S

#: Read: RecordBatch.NO_PRODUCER_ID, NO_PRODUCER_EPOCH and NO_SEQUENCE, without idempotence.
NO_PRODUCER_ID = -1
NO_EPOCH = -1
NO_SEQUENCE = -1
#: Read: ProduceResponse.INVALID_OFFSET, what the client reports with acks=0.
UNKNOWN_OFFSET = -1


class RecordBatch:
    """The records of one partition that travel, are numbered and are acknowledged together."""

    __slots__ = (
        "base_offset",
        "base_sequence",
        "closed",
        "created_s",
        "drained_s",
        "epoch",
        "first_stamp_ms",
        "packing",
        "partition",
        "producer_id",
        "records",
        "size_bytes",
        "spans",
    )

    def __init__(self, partition: int, packing: Packing, created_s: float) -> None:
        self.partition = partition
        self.packing = packing
        self.created_s = created_s
        self.size_bytes = packing.sizes[0]
        self.records = 0
        self.spans: list[tuple[int, int]] = []  # (number of the first record, how many)
        self.first_stamp_ms = 0
        self.closed = False
        self.producer_id, self.epoch, self.base_sequence = NO_PRODUCER_ID, NO_EPOCH, NO_SEQUENCE
        self.base_offset = UNKNOWN_OFFSET
        self.drained_s = created_s

    def __repr__(self) -> str:
        return (
            f"<RecordBatch partition {self.partition}, sequence {self.base_sequence}, "
            f"{self.records} records, {self.size_bytes}/{self.packing.write_limit_bytes} bytes>"
        )

    @property
    def full(self) -> bool:
        """Closed for appends, or at its limit (MemoryRecordsBuilder.isFull)."""
        return self.closed or self.size_bytes >= self.packing.write_limit_bytes

    @property
    def room(self) -> int:
        """How many more records stamped like the first one fit; the first always does."""
        stretched = self.size_bytes - self.packing.sizes[self.records]  # by timestamps far apart
        limit = self.packing.write_limit_bytes - stretched
        last = len(self.packing.sizes) - 1
        while last > self.records and self.packing.sizes[last] > limit:
            last -= 1
        return max(last, 1) - self.records

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

    def _extend(self, first: int, count: int) -> None:
        if self.spans and sum(self.spans[-1]) == first:
            start, length = self.spans[-1]
            self.spans[-1] = (start, length + count)
        else:
            self.spans.append((first, count))


@dataclass(slots=True, eq=False)
class ProduceRequest:
    """One request on one connection, and when it reached each place on its way.

    Times in seconds of the run; a time not reached yet is NaN. ``service_s`` is the broker's work
    on it without any waiting.
    """

    number: int
    producer: int
    broker: int
    batches: list[RecordBatch]
    drained_s: float
    records: int = field(init=False)
    size_bytes: int = field(init=False)
    sent_s: float = field(default=float("nan"), init=False)
    written_s: float = field(default=float("nan"), init=False)
    arrived_s: float = field(default=float("nan"), init=False)
    taken_s: float = field(default=float("nan"), init=False)
    answered_s: float = field(default=float("nan"), init=False)
    received_s: float = field(default=float("nan"), init=False)
    service_s: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.records = sum(batch.records for batch in self.batches)
        payload_bytes = sum(batch.size_bytes for batch in self.batches)
        self.size_bytes = request_bytes(payload_bytes, len(self.batches))

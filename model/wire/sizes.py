"""What records, batches and requests weigh on the wire, exactly.

Message format v2, ProduceRequest v9 and later (flexible); what a codec makes of a batch is in
:mod:`model.wire.compressed`. Left out: record headers, transactions, responses. Units:
bytes; timestamp deltas in Kafka's own milliseconds.
"""

from dataclasses import dataclass

from model.clients.profile import Estimate

#: Read: RECORD_BATCH_OVERHEAD of DefaultRecordBatch.java (magic 2), idempotent or not.
BATCH_OVERHEAD_BYTES = 61
#: Read: MAX_RECORD_OVERHEAD of DefaultRecord.java.
MAX_RECORD_OVERHEAD_BYTES = 21
#: Derived from ProduceRequest.json and RequestHeader.json v2 with topic "my-topic" and client id
#: "producer-1", one partition; each further partition adds index, length and tag.
REQUEST_OVERHEAD_BYTES = 52
PARTITION_OVERHEAD_BYTES = 8
#: From this timestamp delta on its zig-zag varint takes a second byte.
LONG_DELTA_MS = 64
NO_LIMIT = 1 << 40  # of the records in a batch


def varint_bytes(value: int) -> int:
    """Bytes of a non-negative number as zig-zag varint (ByteUtils.sizeOfVarint)."""
    return max(1, -(-(value.bit_length() + 1) // 7))


def request_bytes(batch_bytes: int, batches: int) -> int:
    """Bytes of a ProduceRequest that carries so many batches with so many bytes in all."""
    return REQUEST_OVERHEAD_BYTES + (batches - 1) * PARTITION_OVERHEAD_BYTES + batch_bytes


@dataclass(frozen=True, slots=True)
class RecordShape:
    """Sizes of records that all have this value and key size (DefaultRecord.sizeOfBodyInBytes).

    ``key_bytes`` None is a null key.
    """

    value_bytes: int
    key_bytes: int | None = None

    def record_bytes(self, index: int, delta_ms: int = 0) -> int:
        """Bytes of record ``index`` of a batch, stamped ``delta_ms`` after the batch's first."""
        body = 1 + varint_bytes(delta_ms) + varint_bytes(index) + self._payload_bytes + 1
        return varint_bytes(body) + body

    @property
    def _payload_bytes(self) -> int:
        key = 1 if self.key_bytes is None else varint_bytes(self.key_bytes) + self.key_bytes
        return key + varint_bytes(self.value_bytes) + self.value_bytes

    @property
    def upper_bound_bytes(self) -> int:
        """Of a batch with one record (DefaultRecordBatch.estimateBatchSizeUpperBound).

        The count of headers takes a byte beside the record's overhead (DefaultRecord.sizeOf).
        """
        return BATCH_OVERHEAD_BYTES + MAX_RECORD_OVERHEAD_BYTES + self._payload_bytes + 1


class Packing:
    """How records of one shape fill batches of one ``batch.size``.

    ``write_limit_bytes`` is what a batch's buffer holds: ``batch.size``, or one record's upper
    bound where that is larger (RecordAccumulator.append). ``sizes[n]`` is the size of a batch of n
    records stamped alike, up to the first n that does not fit; a first record always does. A batch
    is full at ``cut_bytes``.

    Who counts records, or takes them to be larger than they are, cuts batches at ``most_records``
    or where its ``estimate`` is spent; stamps that take more bytes then change nothing.
    """

    def __init__(
        self,
        shape: RecordShape,
        batch_size_bytes: int,
        estimate: Estimate | None = None,
        most_records: int = NO_LIMIT,
    ) -> None:
        self.shape = shape
        self.write_limit_bytes = self.cut_bytes = max(batch_size_bytes, shape.upper_bound_bytes)
        payload_bytes = shape.value_bytes + (shape.key_bytes or 0)
        self.sizes = [BATCH_OVERHEAD_BYTES, BATCH_OVERHEAD_BYTES + shape.record_bytes(0)]
        next_bytes = self.sizes[1] + shape.record_bytes(1)
        while len(self.sizes) - 1 < most_records and (
            next_bytes <= self.write_limit_bytes
            if estimate is None
            else estimate.takes(len(self.sizes), self.sizes[-1], payload_bytes, batch_size_bytes)
        ):
            self.sizes.append(next_bytes)
            next_bytes += shape.record_bytes(len(self.sizes) - 1)
        self.sizes.append(next_bytes)
        if estimate is not None or next_bytes <= self.write_limit_bytes:
            self.cut_bytes, self.write_limit_bytes = self.sizes[-2], next_bytes - 1

    @property
    def records(self) -> int:
        """How many records stamped alike fill a batch (MemoryRecordsBuilder.hasRoomFor)."""
        return len(self.sizes) - 2

    @property
    def full_bytes(self) -> int:
        """What a batch of so many weighs on the wire."""
        return self.sizes[self.records]

    @property
    def unpacked_bytes(self) -> int:
        """What a broker has to decompress of it."""
        return 0

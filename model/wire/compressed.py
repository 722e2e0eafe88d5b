"""Compressed batches: they fill by an estimate, and what they weigh is known when they are closed.

While a batch is open its size is what the client takes it for: the header, and the records' bytes
times the ratio that batches of its topic had of late, times 1.05; the next record counts with all
its bytes (MemoryRecordsBuilder.estimatedBytesWritten and hasRoomFor). The ratio is taken once, when
the batch is created (ProducerBatch). Closed, it has the size that the codec made, be that more than
``batch.size``: its buffer grows, outside of ``buffer.memory`` (ByteBufferOutputStream). Left out:
single precision, in which the client counts. Units: bytes; ratios are compressed over uncompressed.
"""

from bisect import bisect_left
from collections.abc import Callable

from model.wire.batches import RecordBatch
from model.wire.sizes import BATCH_OVERHEAD_BYTES, Packing, RecordShape

#: Read: COMPRESSION_RATE_ESTIMATION_FACTOR of MemoryRecordsBuilder.
ESTIMATION_FACTOR = 1.05
#: Ours: the ratio of a full batch depends on how many records it has, and that on the ratio.
SETTLING_STEPS = 30


class CompressedPacking(Packing):
    """How records of one shape fill batches by an estimate of what they will be compressed to.

    ``sizes`` are of uncompressed batches here, and go on as far as they are asked for;
    ``ratio_of(raw_bytes)`` is what a codec makes in the mean of so many bytes of records. Clients
    that do not ``estimate`` fill a batch with records as they are, and compress it when it leaves.
    """

    def __init__(
        self,
        shape: RecordShape,
        batch_size_bytes: int,
        ratio_of: Callable[[float], float],
        estimates: bool = True,
    ) -> None:
        super().__init__(shape, batch_size_bytes)
        self.ratio_of = ratio_of
        self._estimates = estimates

    def factor_of(self, estimated_ratio: float) -> float:
        """What a record's bytes count with."""
        return estimated_ratio * ESTIMATION_FACTOR if self._estimates else 1.0

    def grow(self, beyond_bytes: float) -> None:
        """Know the sizes of batches up to the first that is larger than this."""
        while self.sizes[-1] <= beyond_bytes:
            self.sizes.append(self.sizes[-1] + self.shape.record_bytes(len(self.sizes) - 1))

    def raw_bytes(self, records: int) -> int:
        """What so many records stamped alike take uncompressed, without the batch's header."""
        while len(self.sizes) <= records:
            self.grow(2 * self.sizes[-1])
        return self.sizes[records] - BATCH_OVERHEAD_BYTES

    def takes_next(self, records: int, raw_bytes: int, factor: float, added_bytes: int) -> bool:
        """Whether a batch has room for one more record, of so many bytes (hasRoomFor)."""
        if not records:
            return True
        estimated_bytes = BATCH_OVERHEAD_BYTES + int(raw_bytes * factor)
        return (
            estimated_bytes < self.write_limit_bytes
            and estimated_bytes + added_bytes <= self.write_limit_bytes
        )

    def capacity(self, factor: float, records: int = 0, stretched_bytes: int = 0) -> int:
        """How many records a batch with so many takes in all, the others stamped alike.

        ``factor`` is the estimated ratio times 1.05; ``stretched_bytes`` is what late timestamps
        have added so far.
        """
        space_bytes = self.write_limit_bytes - BATCH_OVERHEAD_BYTES
        raw_bytes = max(0.0, (space_bytes - self.shape.record_bytes(records) + 1) / factor)
        aim_bytes = BATCH_OVERHEAD_BYTES + raw_bytes - stretched_bytes
        self.grow(aim_bytes)
        count = max(records, bisect_left(self.sizes, aim_bytes))
        while count > records and not self._takes(count - 1, stretched_bytes, factor):
            count -= 1
        while self._takes(count, stretched_bytes, factor):
            count += 1
        return count

    def _takes(self, records: int, stretched_bytes: int, factor: float) -> bool:
        raw_bytes = self.raw_bytes(records) + stretched_bytes
        return self.takes_next(records, raw_bytes, factor, self.shape.record_bytes(records))

    @property
    def settled_ratio(self) -> float:
        """The ratio of full batches, once their number of records was estimated with it."""
        ratio = self.ratio_of(self.sizes[-1])
        for _ in range(SETTLING_STEPS):
            records = self.capacity(self.factor_of(ratio))
            found = self.ratio_of(self.raw_bytes(records))
            if found == ratio:
                break
            ratio = found
        return ratio

    @property
    def records(self) -> int:
        """How many records fill a batch when the estimate is right."""
        return self.capacity(self.factor_of(self.settled_ratio))

    @property
    def full_bytes(self) -> int:
        """What a batch of so many weighs on the wire."""
        return BATCH_OVERHEAD_BYTES + round(self.settled_ratio * self.unpacked_bytes)

    @property
    def unpacked_bytes(self) -> int:
        """What a broker has to decompress of it."""
        return self.raw_bytes(self.records)


class CompressedBatch(RecordBatch):
    """A batch whose records go through a codec; ``size_bytes`` is an estimate until it is closed.

    ``pending_bytes`` of its records the codec has not worked on yet.
    """

    __slots__ = ("_filling", "estimated_ratio", "factor", "pending_bytes", "raw_bytes")

    def __init__(
        self, partition: int, packing: CompressedPacking, created_s: float, estimated_ratio: float
    ) -> None:
        super().__init__(partition, packing, created_s)
        self._filling = packing
        self.estimated_ratio = estimated_ratio
        self.factor = packing.factor_of(estimated_ratio)
        self.raw_bytes = 0
        self.pending_bytes = 0

    @property
    def ratio(self) -> float:
        """What became of its bytes, once it is closed (MemoryRecordsBuilder.compressionRatio)."""
        return (self.size_bytes - BATCH_OVERHEAD_BYTES) / self.unpacked_bytes

    def build(self, compressed_bytes: int) -> None:
        """Have the size that the codec made of it (MemoryRecordsBuilder.close)."""
        self.size_bytes = BATCH_OVERHEAD_BYTES + compressed_bytes
        self.unpacked_bytes = self.raw_bytes

    @property
    def room(self) -> int:
        """How many more records stamped like the first one fit; the first always does."""
        stretched = self.raw_bytes - self._filling.raw_bytes(self.records)
        return self._filling.capacity(self.factor, self.records, stretched) - self.records

    def filled_by(self, count: int) -> bool:
        """Whether so many more records stamped like the first one leave it full by the estimate."""
        filling = self._filling
        added_bytes = filling.raw_bytes(self.records + count) - filling.raw_bytes(self.records)
        return self._estimated(self.raw_bytes + added_bytes) >= filling.write_limit_bytes

    def sure_room(self) -> int:
        """How many more records, however late, surely leave it open and not full."""
        widest = self.packing.shape.record_bytes(self.records) + 4
        space_bytes = self.packing.write_limit_bytes - self.size_bytes - 1
        return max(0, int(space_bytes / (widest * max(1.0, self.factor) + 1)))

    def append_alike(self, first: int, count: int) -> None:
        """Take ``count`` records that fit and are stamped within 64 ms of the first."""
        filling = self._filling
        before_bytes = filling.raw_bytes(self.records)
        self.records += count
        self._took(filling.raw_bytes(self.records) - before_bytes)
        self._extend(first, count)

    def append_late(self, number: int, stamp_ms: int) -> bool:
        """Take one record stamped any time after the first; False if it does not fit."""
        filling = self._filling
        added_bytes = filling.shape.record_bytes(self.records, stamp_ms - self.first_stamp_ms)
        if not filling.takes_next(self.records, self.raw_bytes, self.factor, added_bytes):
            return False
        self.records += 1
        self._took(added_bytes)
        self._extend(number, 1)
        return True

    def part(self, packing: Packing) -> RecordBatch:
        """An empty batch for some of its records; the estimate was put back when it was split."""
        assert isinstance(packing, CompressedPacking)
        ratio = max(1.0, self.ratio)
        return CompressedBatch(self.partition, packing, self.created_s, ratio)

    def copy(self) -> RecordBatch:
        """The same, to be compressed once more: it is copied to take other records too."""
        twin = super().copy()
        assert isinstance(twin, CompressedBatch)
        twin.estimated_ratio, twin.factor = self.estimated_ratio, self.factor
        twin.raw_bytes, twin.unpacked_bytes = self.raw_bytes, 0
        return twin

    def _took(self, added_bytes: int) -> None:
        self.raw_bytes += added_bytes
        self.pending_bytes += added_bytes
        self.size_bytes = self._estimated(self.raw_bytes)

    def _estimated(self, raw_bytes: int) -> int:
        return BATCH_OVERHEAD_BYTES + int(raw_bytes * self.factor)

"""One partition's log on its leader, with the check of producer ids and sequence numbers.

Pure. The check is that of UnifiedLog.analyzeAndValidateProducerState and ProducerAppendInfo for
batches that nothing happened to: same epoch, exactly the next sequence, any sequence from a
producer that the log does not know. Everything else is an error here: finding duplicates among the
last five batches, and answers that lead to a retry, belong to the faults and take this method's
place. With one replica the high watermark is the log end offset. Left out: segments, indexes,
retention.
"""

from model.messages import NO_PRODUCER_ID, RecordBatch
from model.sequences import next_sequence


class OutOfOrderSequenceError(Exception):
    """A batch that does not follow the last one of its producer (OUT_OF_ORDER_SEQUENCE_NUMBER)."""


class PartitionLog:
    """Offsets and producer state of one partition."""

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.log_end_offset = 0
        self._expected: dict[tuple[int, int], int] = {}  # (producer id, epoch) -> next sequence

    def __repr__(self) -> str:
        return f"<PartitionLog {self.partition}, log end offset {self.log_end_offset}>"

    def append(self, batch: RecordBatch) -> int:
        """Write a batch; its base offset. Raises OutOfOrderSequenceError and writes nothing."""
        if batch.producer_id != NO_PRODUCER_ID:
            self._check_sequence(batch)
        base_offset = self.log_end_offset
        self.log_end_offset += batch.records
        return base_offset

    def _check_sequence(self, batch: RecordBatch) -> None:
        producer = (batch.producer_id, batch.epoch)
        expected = self._expected.get(producer, batch.base_sequence)
        if batch.base_sequence != expected:
            raise OutOfOrderSequenceError(f"{batch!r}: expected sequence {expected}")
        self._expected[producer] = next_sequence(batch.base_sequence, batch.records)

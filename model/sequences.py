"""Producer id, epoch and sequence numbers, given to a batch when it is first drained.

Source: TransactionManager and TxnPartitionEntry; DefaultRecordBatch.incrementSequence for the
wrap. The id is there from the start: the InitProducerId exchange, retries with their old numbers
and epoch bumps matter once something fails and are left out.
"""

from model.messages import RecordBatch

SEQUENCES = 2**31  # Read: sequences run from 0 to 2^31 - 1 and start again


def next_sequence(base_sequence: int, records: int) -> int:
    """The sequence after a batch; wraps to 0 after 2^31 - 1."""
    return (base_sequence + records) % SEQUENCES


class SequenceNumbers:
    """One producer session: its id, its epoch, and the next sequence of each partition."""

    def __init__(self, producer_id: int, partitions: int) -> None:
        self.producer_id = producer_id
        self.epoch = 0
        self._next = [0] * partitions

    def number(self, batch: RecordBatch) -> None:
        """Number a batch that is drained for the first time."""
        batch.producer_id, batch.epoch = self.producer_id, self.epoch
        batch.base_sequence = self._next[batch.partition]
        self._next[batch.partition] = next_sequence(batch.base_sequence, batch.records)

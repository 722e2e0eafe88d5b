"""The idempotent producer's books: its id, its epoch, and the sequences of each partition.

Pure. Source: TransactionManager, TxnPartitionMap and TxnPartitionEntry, without transactions. A
batch is numbered when it is first drained and keeps its numbers when it is retried; an epoch bump
numbers the batches of the partition that asked for it anew. Left out: UNKNOWN_PRODUCER_ID with a
log start offset, which needs retention.
"""

from model.wire.batches import (
    NO_EPOCH,
    NO_PRODUCER_ID,
    NO_SEQUENCE,
    RecordBatch,
    Verdict,
    next_sequence,
)
from model.wire.errors import Error
from model.wire.states import ID_READY, PRODUCER_ID_STEPS, ProducerIdState, step

LAST_EPOCH = 2**15 - 1  # read: Short.MAX_VALUE; after it a new id is fetched
NONE_ACKED = -1  # read: TxnPartitionEntry.NO_LAST_ACKED_SEQUENCE_NUMBER


class PartitionEntry:
    """What is known of one partition; ``in_flight`` from first drain to the end, by sequence."""

    __slots__ = ("epoch", "in_flight", "last_acked", "next_sequence", "producer_id")

    def __init__(self) -> None:
        self.producer_id, self.epoch = NO_PRODUCER_ID, NO_EPOCH
        self.next_sequence = 0
        self.last_acked = NONE_ACKED
        self.in_flight: list[RecordBatch] = []

    def start_over(self, producer_id: int, epoch: int) -> None:
        """Number what is in flight from 0 (TxnPartitionEntry.startSequencesAtBeginning)."""
        self.producer_id, self.epoch = producer_id, epoch
        self.next_sequence, self.last_acked = 0, NONE_ACKED
        for batch in self.in_flight:
            self._number(batch)
            batch.renumbered = True

    def is_of(self, producer_id: int, epoch: int) -> bool:
        """Whether what is numbered now gets this id and epoch."""
        return self.epoch == epoch and self.producer_id == producer_id

    def remove(self, batch: RecordBatch) -> None:
        """A batch has ended: the oldest, as a rule."""
        if self.in_flight and self.in_flight[0] is batch:
            del self.in_flight[0]
        elif batch in self.in_flight:
            self.in_flight.remove(batch)

    def take(self, batch: RecordBatch) -> None:
        """Number a batch that is drained for the first time."""
        self._number(batch)
        self.in_flight.append(batch)

    def _number(self, batch: RecordBatch) -> None:
        batch.producer_id, batch.epoch = self.producer_id, self.epoch
        batch.base_sequence = self.next_sequence
        self.next_sequence = next_sequence(self.next_sequence, batch.records)


class TransactionManager:
    """One producer's; a new session starts it over."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self.state = ProducerIdState.UNINITIALIZED
        self.start_session()

    def __repr__(self) -> str:
        return f"<TransactionManager {self.state.name}, id {self.producer_id}, epoch {self.epoch}>"

    def start_session(self) -> None:
        """Forget everything: a new session gets a new id and knows nothing of the last one."""
        self.state = ProducerIdState.UNINITIALIZED
        self.producer_id, self.epoch = NO_PRODUCER_ID, NO_EPOCH
        self._entries = [PartitionEntry() for _ in range(self._partitions)]
        self.unresolved: dict[int, int] = {}  # partition -> the sequence after the expired batch
        self.to_renumber: dict[int, None] = {}  # partitions that ask for an epoch bump, in order

    def initializing(self) -> None:
        """A request for an id has left."""
        self.state = step(PRODUCER_ID_STEPS, self.state, ProducerIdState.INITIALIZING)

    def initialized(self, producer_id: int) -> None:
        """The id is there."""
        self.state = step(PRODUCER_ID_STEPS, self.state, ProducerIdState.READY)
        self.producer_id, self.epoch = producer_id, 0
        for entry in self._entries:
            if entry.in_flight:  # numbered anew when the last id's epochs were used up
                entry.start_over(producer_id, 0)

    def not_initialized(self) -> None:
        """The request for an id failed; it will be sent again."""
        self.state = step(PRODUCER_ID_STEPS, self.state, ProducerIdState.UNINITIALIZED)

    def settle(self) -> None:
        """What the Sender does before everything else in a pass."""
        if self.unresolved:
            self._resolve_sequences()
        if self.to_renumber:
            self._bump_epoch()

    def _resolve_sequences(self) -> None:
        """Source: maybeResolveSequences: once nothing is in flight, was it written after all?"""
        for partition in list(self.unresolved):
            entry = self._entries[partition]
            if not entry.in_flight:
                if not self._is_next(entry, entry.next_sequence):
                    self.to_renumber[partition] = None
                del self.unresolved[partition]

    def _bump_epoch(self) -> None:
        """Source: bumpIdempotentProducerEpoch; without a request until epochs are used up."""
        if self.epoch == LAST_EPOCH:
            self.state = step(PRODUCER_ID_STEPS, self.state, ProducerIdState.UNINITIALIZED)
            self.producer_id, self.epoch = NO_PRODUCER_ID, NO_EPOCH
        else:
            self.epoch += 1
        for partition in self.to_renumber:
            self._entries[partition].start_over(self.producer_id, self.epoch)
            self.unresolved.pop(partition, None)
        self.to_renumber.clear()

    def must_wait(self, head: RecordBatch) -> bool:
        """Whether a partition's next batch must not be drained now.

        Source: RecordAccumulator.shouldStopDrainBatchesForPartition.
        """
        if self.state is not ID_READY:
            return True
        entry = self._entries[head.partition]
        if head.base_sequence == NO_SEQUENCE:
            stale = not entry.is_of(self.producer_id, self.epoch)
            return bool(stale and entry.in_flight) or head.partition in self.unresolved
        return bool(entry.in_flight) and entry.in_flight[0].base_sequence != head.base_sequence

    def number(self, batch: RecordBatch) -> None:
        """Number a batch, unless it is: it is in flight from now on."""
        if batch.base_sequence != NO_SEQUENCE:
            return
        entry = self._entries[batch.partition]
        if not entry.is_of(self.producer_id, self.epoch):
            entry.start_over(self.producer_id, self.epoch)
        entry.take(batch)

    def replace(self, batch: RecordBatch, parts: list[RecordBatch]) -> None:
        """A batch was split: its parts take over its sequences."""
        entry = self._entries[batch.partition]
        index, sequence = entry.in_flight.index(batch), batch.base_sequence
        for part in parts:
            part.producer_id, part.epoch = batch.producer_id, batch.epoch
            part.base_sequence = sequence
            sequence = next_sequence(sequence, part.records)
        entry.in_flight[index : index + 1] = parts

    def completed(self, batch: RecordBatch) -> None:
        """A batch is in the log (handleCompletedBatch)."""
        entry = self._entries[batch.partition]
        if entry.is_of(batch.producer_id, batch.epoch):
            last_sequence = batch.last_sequence
            if last_sequence > entry.last_acked:
                entry.last_acked = last_sequence
        entry.remove(batch)

    def failed(self, batch: RecordBatch, error: Error, adjust: bool) -> None:
        """A batch was given up (handleFailedBatch).

        ``adjust``: it was not because its retries or its time ran out, so its sequence numbers are
        free for others.
        """
        self._entries[batch.partition].remove(batch)
        if error.fatal:
            self.state = step(PRODUCER_ID_STEPS, self.state, ProducerIdState.FATAL_ERROR)
        elif adjust or error is Error.OUT_OF_ORDER_SEQUENCE_NUMBER:
            self.to_renumber[batch.partition] = None

    def expired(self, batch: RecordBatch) -> None:
        """A batch's time is over while it waited to be sent again (markSequenceUnresolved).

        Whether it is in the log is unknown, and with it the sequence that comes next.
        """
        after = batch.last_sequence + 1
        self.unresolved[batch.partition] = max(self.unresolved.get(batch.partition, 0), after)

    def can_retry(self, batch: RecordBatch, verdict: Verdict) -> bool:
        """Whether an error is one to retry after; may ask for an epoch bump (canRetry)."""
        if verdict.error is Error.UNKNOWN_PRODUCER_ID:
            if not batch.renumbered:
                self.to_renumber[batch.partition] = None
            return True
        if verdict.error is Error.OUT_OF_ORDER_SEQUENCE_NUMBER:
            if self._shows_a_gap(batch):
                self.to_renumber[batch.partition] = None
            return True
        return verdict.error.retriable

    def _shows_a_gap(self, batch: RecordBatch) -> bool:
        """Whether OUT_OF_ORDER means that something before it is missing for good."""
        entry = self._entries[batch.partition]
        if batch.partition in self.unresolved:
            return batch.base_sequence == self.unresolved[batch.partition]
        return not batch.renumbered and self._is_next(entry, batch.base_sequence)

    def _is_next(self, entry: PartitionEntry, sequence: int) -> bool:
        return sequence - entry.last_acked == 1

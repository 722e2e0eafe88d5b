"""One partition's log on its leader, with the check of producer ids and sequence numbers.

Pure. The order of decisions is that of UnifiedLog.analyzeAndValidateProducerState and
ProducerAppendInfo in Kafka 4.1: a duplicate of one of the last five batches is a success, then the
epoch, then the sequence; a producer that the log does not know may start with any. A batch that is
refused changes nothing. With one replica the high watermark is the log end offset. Left out:
segments, indexes, retention, expiry of idle producers.
"""

from collections import deque
from typing import NamedTuple

from model.errors import Error
from model.messages import NO_PRODUCER_ID, Numbers, Verdict
from model.sequences import next_sequence

BATCHES_REMEMBERED = 5  # read: ProducerStateEntry.NUM_BATCHES_TO_RETAIN


class Written(NamedTuple):
    """A batch that the log remembers of a producer (BatchMetadata)."""

    base_sequence: int
    records: int
    base_offset: int


class ProducerState:
    """What the log remembers of one producer (ProducerStateEntry); batches are of one epoch."""

    __slots__ = ("batches", "epoch")

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.batches: deque[Written] = deque(maxlen=BATCHES_REMEMBERED)

    def is_next(self, numbers: Numbers) -> bool:
        """Whether a batch follows the last one: then it is no duplicate, and nothing is wrong."""
        if numbers.epoch != self.epoch or not self.batches:
            return False
        last = self.batches[-1]
        return numbers.base_sequence == next_sequence(last.base_sequence, last.records)


class PartitionLog:
    """Offsets and producer state of one partition."""

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.log_end_offset = 0
        self._producers: dict[int, ProducerState] = {}

    def __repr__(self) -> str:
        return f"<PartitionLog {self.partition}, log end offset {self.log_end_offset}>"

    @property
    def high_watermark(self) -> int:
        """Up to where consumers may read."""
        return self.log_end_offset

    def append(self, numbers: Numbers, records: int) -> Verdict:
        """Write a batch, unless it is a duplicate or does not follow."""
        if numbers.producer_id == NO_PRODUCER_ID:
            return Verdict(Error.NONE, self._write(records))
        state = self._producers.get(numbers.producer_id)
        if state is not None and not state.is_next(numbers):
            written = self._find_duplicate(state, numbers, records)
            if written is not None:
                return Verdict(Error.NONE, written.base_offset, duplicate=True)
            error = self._check(state, numbers)
            if error is not Error.NONE:
                return Verdict(error)
        if state is None or state.epoch != numbers.epoch:
            self._producers[numbers.producer_id] = state = ProducerState(numbers.epoch)
        base_offset = self._write(records)
        state.batches.append(Written(numbers.base_sequence, records, base_offset))
        return Verdict(Error.NONE, base_offset)

    def _write(self, records: int) -> int:
        base_offset = self.log_end_offset
        self.log_end_offset += records
        return base_offset

    def _find_duplicate(
        self, state: ProducerState, numbers: Numbers, records: int
    ) -> Written | None:
        """A remembered batch of the same epoch with the same first and last sequence."""
        if numbers.epoch != state.epoch:
            return None
        same = (
            batch
            for batch in state.batches
            if batch.base_sequence == numbers.base_sequence and batch.records == records
        )
        return next(same, None)

    def _check(self, state: ProducerState, numbers: Numbers) -> Error:
        """The epoch, then the sequence (ProducerAppendInfo.checkProducerEpoch, checkSequence)."""
        if numbers.epoch < state.epoch:
            return Error.INVALID_PRODUCER_EPOCH
        expected = 0
        if numbers.epoch == state.epoch and state.batches:
            last = state.batches[-1]
            expected = next_sequence(last.base_sequence, last.records)
        if numbers.base_sequence != expected:
            return Error.OUT_OF_ORDER_SEQUENCE_NUMBER
        return Error.NONE

    def reload(self) -> None:
        """Restart from a snapshot: of each producer it has the last batch only."""
        for state in self._producers.values():
            last = state.batches[-1]
            state.batches.clear()
            state.batches.append(last)

"""One partition's log, with the check of producer ids and sequence numbers (UnifiedLog.java).

Pure. The order of decisions is that of UnifiedLog.analyzeAndValidateProducerState and
ProducerAppendInfo in Kafka 4.1: a duplicate of one of the last five batches is a success, then the
epoch, then the sequence; a producer that the log does not know may start with any. A batch that is
refused changes nothing. Left out: segments, indexes, retention, expiry of idle producers. Units:
offsets, bytes.
"""

from collections import deque
from typing import NamedTuple

from model.wire.batches import NO_PRODUCER_ID, Numbers, Verdict, next_sequence
from model.wire.errors import NO_ERROR, Error
from model.wire.requests import Slice

BATCHES_REMEMBERED = 5  # read: ProducerStateEntry.NUM_BATCHES_TO_RETAIN


class BatchMetadata(NamedTuple):
    """A batch that the log remembers of a producer (BatchMetadata.java)."""

    base_sequence: int
    records: int
    base_offset: int


class ProducerState:
    """What the log remembers of one producer (ProducerStateEntry); batches are of one epoch."""

    __slots__ = ("batches", "epoch")

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.batches: deque[BatchMetadata] = deque(maxlen=BATCHES_REMEMBERED)

    def is_next(self, numbers: Numbers) -> bool:
        """Whether a batch follows the last one: then it is no duplicate, and nothing is wrong."""
        if numbers.epoch != self.epoch or not self.batches:
            return False
        last = self.batches[-1]
        return numbers.base_sequence == next_sequence(last.base_sequence, last.records)


class UnifiedLog:
    """Offsets and producer states; ``is_fetched``: batches are kept until followers have them."""

    def __init__(self, is_fetched: bool = False) -> None:
        self.log_end_offset = 0
        self._is_fetched = is_fetched
        self._batches: deque[tuple[int, int]] = deque()  # end offset, bytes
        self._producers: dict[int, ProducerState] = {}

    def __repr__(self) -> str:
        return f"<UnifiedLog, log end offset {self.log_end_offset}>"

    def read(self, offset: int, most_bytes: int) -> Slice:
        """What comes after ``offset``: whole batches up to a limit, and one at least."""
        end_offset, batches, size_bytes = offset, 0, 0
        for end, batch_bytes in self._batches:
            if end <= offset:
                continue
            if batches and size_bytes + batch_bytes > most_bytes:
                break
            end_offset, batches, size_bytes = end, batches + 1, size_bytes + batch_bytes
        return Slice(end_offset, batches, size_bytes)

    def copy(self, piece: Slice) -> None:
        """As follower: have what a leader has; of a log that nobody copies the end will do."""
        self.log_end_offset = piece.end_offset

    def forget_before(self, offset: int) -> None:
        """Nobody will fetch what is before ``offset`` any more."""
        while self._batches and self._batches[0][0] <= offset:
            self._batches.popleft()

    def append(self, numbers: Numbers, records: int, size_bytes: int) -> Verdict:
        """Write a batch, unless it is a duplicate or does not follow."""
        if numbers.producer_id == NO_PRODUCER_ID:
            return Verdict(NO_ERROR, self._write(records, size_bytes))
        state = self._producers.get(numbers.producer_id)
        if state is not None and not state.is_next(numbers):
            written = self._find_duplicate(state, numbers, records)
            if written is not None:
                return Verdict(NO_ERROR, written.base_offset, duplicate=True)
            error = self._check(state, numbers)
            if error is not NO_ERROR:
                return Verdict(error)
        if state is None or state.epoch != numbers.epoch:
            self._producers[numbers.producer_id] = state = ProducerState(numbers.epoch)
        base_offset = self._write(records, size_bytes)
        state.batches.append(BatchMetadata(numbers.base_sequence, records, base_offset))
        return Verdict(NO_ERROR, base_offset)

    def _write(self, records: int, size_bytes: int) -> int:
        base_offset = self.log_end_offset
        self.log_end_offset += records
        if self._is_fetched:
            self._batches.append((self.log_end_offset, size_bytes))
        return base_offset

    def _find_duplicate(
        self, state: ProducerState, numbers: Numbers, records: int
    ) -> BatchMetadata | None:
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
        return NO_ERROR

    def reload(self) -> None:
        """Restart from a snapshot: of each producer it has the last batch only."""
        for state in self._producers.values():
            last = state.batches[-1]
            state.batches.clear()
            state.batches.append(last)

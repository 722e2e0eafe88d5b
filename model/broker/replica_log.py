"""A replica's log that may be led and may follow: it keeps its batches, and knows whose they are.

Pure. Source: UnifiedLog.appendAsFollower and truncateTo, LeaderEpochFileCache. What a leader of one
epoch appended lies between the start of that epoch and of the next; where two logs differ, the
follower cuts its own back to where they agree (AbstractFetcherThread.truncateOnFetchResponse).
Producers' states come back with the batches that are left. Left out: a state that only an older
snapshot has. Units: offsets, bytes.
"""

from bisect import bisect_right

from model.broker.unified_log import BatchMetadata, ProducerState, UnifiedLog
from model.wire.batches import NO_PRODUCER_ID, Numbers, Verdict
from model.wire.errors import NO_ERROR
from model.wire.leadership import EpochStart
from model.wire.requests import LogEntry, Slice


class ReplicaLog(UnifiedLog):
    """One replica of a partition; nothing is ever forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[LogEntry] = []
        self._ends: list[int] = []  # of the entries
        self.epochs: list[EpochStart] = []

    def lead(self, epoch: int) -> None:
        """What is appended from now on is of this epoch (LeaderEpochFileCache.assign)."""
        self.epochs.append(EpochStart(epoch, self.log_end_offset))

    @property
    def latest_epoch(self) -> int:
        """The epoch of the last batch, or of the leader that has yet to write one; -1: none."""
        return self.epochs[-1].epoch if self.epochs else -1

    def end_of_epoch(self, epoch: int) -> EpochStart:
        """The largest epoch that is no later, and where it ends (endOffsetFor)."""
        end_offset, found = self.log_end_offset, -1
        for start in reversed(self.epochs):
            if start.epoch <= epoch:
                found = start.epoch
                break
            end_offset = start.offset
        return EpochStart(found, end_offset)

    def differs_from(self, epoch: int, offset: int) -> EpochStart | None:
        """Where a follower's log that ends at ``offset``, in this epoch, may agree with this one.

        None: it agrees to its end (UnifiedLog.read with a last fetched epoch).
        """
        found = self.end_of_epoch(epoch)
        return found if found.epoch < epoch or found.offset < offset else None

    def append(self, numbers: Numbers, records: int, size_bytes: int) -> Verdict:
        """As leader: judge a batch, and write it if nothing is wrong."""
        verdict = super().append(numbers, records, size_bytes)
        if verdict.error is NO_ERROR and not verdict.duplicate:
            end_offset, epoch = self.log_end_offset, self.latest_epoch
            self._keep(LogEntry(end_offset, records, size_bytes, numbers, epoch))
        return verdict

    def read(self, offset: int, most_bytes: int) -> Slice:
        """What comes after ``offset``: whole batches up to a limit, and one at least."""
        taken: list[LogEntry] = []
        size_bytes = 0
        for entry in self._entries[bisect_right(self._ends, offset) :]:
            if taken and size_bytes + entry.size_bytes > most_bytes:
                break
            taken.append(entry)
            size_bytes += entry.size_bytes
        end_offset = taken[-1].end_offset if taken else offset
        return Slice(end_offset, len(taken), size_bytes, tuple(taken))

    def copy(self, piece: Slice) -> None:
        """As follower: write what a leader has, unchecked, once this log agrees with it."""
        if piece.diverges_at is not None:
            epoch, offset = piece.diverges_at
            self.truncate_to(min(offset, self.end_of_epoch(epoch).offset))
        for entry in piece.entries:
            if entry.epoch > self.latest_epoch:
                self.epochs.append(EpochStart(entry.epoch, self.log_end_offset))
            self._keep(entry)
            self._remember(entry)
            self.log_end_offset = entry.end_offset

    def truncate_to(self, offset: int) -> None:
        """Cut off what is from ``offset`` on; the states of producers are those of the rest."""
        self.epochs = [start for start in self.epochs if start.offset < offset]
        left = bisect_right(self._ends, offset)
        del self._entries[left:], self._ends[left:]
        self.log_end_offset = self._ends[-1] if self._ends else 0
        self._producers.clear()
        for entry in self._entries:
            self._remember(entry)

    def _keep(self, entry: LogEntry) -> None:
        self._entries.append(entry)
        self._ends.append(entry.end_offset)

    def _remember(self, entry: LogEntry) -> None:
        """What a batch says of its producer (ProducerStateManager.update)."""
        producer_id, epoch, base_sequence = entry.numbers
        if producer_id == NO_PRODUCER_ID:
            return
        state = self._producers.get(producer_id)
        if state is None or state.epoch != epoch:
            self._producers[producer_id] = state = ProducerState(epoch)
        base_offset = entry.end_offset - entry.records
        state.batches.append(BatchMetadata(base_sequence, entry.records, base_offset))

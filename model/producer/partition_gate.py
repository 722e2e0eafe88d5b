"""How much of one partition may be out at a time: a partition is muted until answers make room.

One small class for each rule of a profile; who needs none (Java with several in flight) has none.
Pure.
"""

from typing import Protocol

from model.config.producer import ProducerConfig
from model.producer.accumulator import RecordAccumulator
from model.wire.batches import RecordBatch
from model.wire.errors import NO_ERROR, Error


class PartitionGate(Protocol):
    """Hears of every batch that leaves, and of what came back for it."""

    def sent(self, batch: RecordBatch) -> None:
        """A batch is in a request now."""

    def returned(self, batch: RecordBatch, error: Error) -> None:
        """Its request was answered, or lost."""

    def forget(self) -> None:
        """The process ends: nothing is out."""


class OneBatch:
    """One batch of a partition (Java's guaranteeMessageOrder)."""

    def __init__(self, accumulator: RecordAccumulator) -> None:
        self._accumulator = accumulator

    def sent(self, batch: RecordBatch) -> None:
        self._accumulator.mute(batch.partition)

    def returned(self, batch: RecordBatch, error: Error) -> None:
        self._accumulator.unmute(batch.partition)

    def forget(self) -> None:
        """Nothing is counted; who takes all batches unmutes all partitions."""


class FewRecords:
    """Requests until so many *records* are out (librdkafka, issue 4989: meant are requests)."""

    def __init__(self, accumulator: RecordAccumulator, most_records: int, partitions: int) -> None:
        self._accumulator = accumulator
        self._most_records = most_records
        self._out = [0] * partitions

    def sent(self, batch: RecordBatch) -> None:
        self._out[batch.partition] += batch.records
        if self._out[batch.partition] >= self._most_records:
            self._accumulator.mute(batch.partition)

    def returned(self, batch: RecordBatch, error: Error) -> None:
        self._out[batch.partition] -= batch.records
        if self._out[batch.partition] < self._most_records:
            self._accumulator.unmute(batch.partition)

    def forget(self) -> None:
        self._out = [0] * len(self._out)


class OneUntilSuccess:
    """One batch until one has been acknowledged, and again after a failure (franz-go, #223)."""

    def __init__(self, accumulator: RecordAccumulator, partitions: int) -> None:
        self._accumulator = accumulator
        self._out = [0] * partitions
        self._proven = [False] * partitions

    def sent(self, batch: RecordBatch) -> None:
        self._out[batch.partition] += 1
        if not self._proven[batch.partition]:
            self._accumulator.mute(batch.partition)

    def returned(self, batch: RecordBatch, error: Error) -> None:
        partition = batch.partition
        self._out[partition] -= 1
        self._proven[partition] = error is NO_ERROR
        if self._proven[partition] or not self._out[partition]:
            self._accumulator.unmute(partition)
        else:
            self._accumulator.mute(partition)

    def forget(self) -> None:
        self._out = [0] * len(self._out)
        self._proven = [False] * len(self._proven)


def partition_gate(
    config: ProducerConfig, accumulator: RecordAccumulator, partitions: int
) -> PartitionGate | None:
    """The gate of this producer; None where nothing holds a partition back."""
    profile = config.profile
    if config.guarantees_message_order:
        return OneBatch(accumulator)
    if profile.records_out is not None and config.enable_idempotence:
        return FewRecords(accumulator, profile.records_out, partitions)
    if profile.starts_with_one:
        return OneUntilSuccess(accumulator, partitions)
    return None

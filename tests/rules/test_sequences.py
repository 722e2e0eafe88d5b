"""Sequence numbers of one producer session."""

from model.messages import RecordBatch
from model.sequences import SequenceNumbers, next_sequence
from model.sizes import Packing, RecordShape

PACKING = Packing(RecordShape(100), 16_384)
LAST = 2**31 - 1


def batch(partition: int, records: int) -> RecordBatch:
    new = RecordBatch(partition, PACKING, created_s=0.0)
    new.append_alike(0, records)
    return new


def test_the_sequence_after_the_last_is_zero() -> None:
    assert next_sequence(LAST, 1) == 0
    assert next_sequence(LAST - 9, 10) == 0
    assert next_sequence(LAST - 9, 15) == 5
    assert next_sequence(LAST - 9, 9) == LAST


def test_each_partition_counts_its_own_records_from_zero() -> None:
    numbers = SequenceNumbers(producer_id=4, partitions=2)
    batches = [batch(0, 5), batch(1, 2), batch(0, 1), batch(1, 1)]
    for each in batches:
        numbers.number(each)
    assert [each.base_sequence for each in batches] == [0, 0, 5, 2]
    assert {(each.producer_id, each.epoch) for each in batches} == {(4, 0)}

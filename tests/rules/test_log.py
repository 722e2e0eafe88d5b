"""A partition's log on its leader: offsets and the check of sequence numbers."""

import pytest

from model.broker.log import OutOfOrderSequenceError, PartitionLog
from model.messages import NO_PRODUCER_ID, RecordBatch
from model.sizes import Packing, RecordShape

PACKING = Packing(RecordShape(100), 16_384)


def batch(records: int, sequence: int, producer_id: int = 1, epoch: int = 0) -> RecordBatch:
    new = RecordBatch(0, PACKING, created_s=0.0)
    new.append_alike(0, records)
    new.producer_id, new.epoch, new.base_sequence = producer_id, epoch, sequence
    return new


def test_offsets_follow_each_other() -> None:
    log = PartitionLog(0)
    assert [log.append(batch(3, 0)), log.append(batch(5, 3)), log.log_end_offset] == [0, 3, 8]


@pytest.mark.parametrize("sequence", [0, 2, 4])
def test_a_sequence_that_does_not_follow_is_refused_and_nothing_written(sequence: int) -> None:
    log = PartitionLog(0)
    log.append(batch(3, 0))
    with pytest.raises(OutOfOrderSequenceError, match="expected sequence 3"):
        log.append(batch(1, sequence))
    assert log.log_end_offset == 3
    assert log.append(batch(1, 3)) == 3


def test_an_unknown_producer_may_start_with_any_sequence() -> None:
    log = PartitionLog(0)
    log.append(batch(3, 0, producer_id=1))
    assert log.append(batch(2, 77, producer_id=2)) == 3
    assert log.append(batch(1, 79, producer_id=2)) == 5


def test_sequences_wrap() -> None:
    log = PartitionLog(0)
    log.append(batch(4, 2**31 - 4))
    assert log.append(batch(1, 0)) == 4


def test_without_a_producer_id_nothing_is_checked() -> None:
    log = PartitionLog(0)
    for _ in range(2):
        log.append(batch(3, -1, producer_id=NO_PRODUCER_ID))
    assert log.log_end_offset == 6

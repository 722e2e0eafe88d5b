"""Record batches fill up record by record; requests weigh what they carry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.wire.batches import RecordBatch, next_sequence
from model.wire.requests import ProduceRequest
from model.wire.sizes import Packing, RecordShape

HUNDRED = Packing(RecordShape(100), 16_384)  # 148 records of 109 or, from the 65th on, 110 bytes


def batch_of(records: int, packing: Packing = HUNDRED) -> RecordBatch:
    """A batch that holds so many records stamped alike."""
    batch = RecordBatch(0, packing, created_s=0.0)
    batch.append_alike(0, records)
    return batch


def test_an_empty_batch_is_its_header_and_has_room_for_a_full_one() -> None:
    batch = RecordBatch(3, HUNDRED, created_s=1.5)
    assert (batch.size_bytes, batch.room, batch.full) == (61, 148, False)


def test_a_batch_without_room_is_not_full_until_an_append_failed() -> None:
    batch = batch_of(148)
    assert (batch.size_bytes, batch.room, batch.full) == (16_277, 0, False)
    assert not batch.append_late(148, stamp_ms=0)
    batch.close()
    assert batch.full


def test_a_batch_filled_to_the_last_byte_is_full() -> None:
    exact = Packing(RecordShape(1_000), 61 + 16 * 1_009)
    assert not batch_of(15, exact).full
    assert batch_of(16, exact).full


def test_a_record_stamped_64_ms_after_the_first_takes_a_byte_more() -> None:
    batch = batch_of(1)
    assert batch.append_late(1, stamp_ms=63)
    assert batch.size_bytes == 61 + 109 + 109
    assert batch.append_late(2, stamp_ms=64)
    assert batch.size_bytes == 61 + 109 + 109 + 110


def test_late_stamps_take_room_from_the_records_after_them() -> None:
    late = batch_of(1)
    for record in range(1, 110):
        assert late.append_late(record, stamp_ms=64)
    # 109 bytes more than 110 records alike: 16,384 - 16,277 = 107 were left, so one fewer fits
    assert late.size_bytes == HUNDRED.sizes[110] + 109
    assert late.room == 147 - 110


def test_deltas_count_from_the_stamp_of_the_first_record() -> None:
    batch = RecordBatch(0, HUNDRED, created_s=0.0)
    batch.first_stamp_ms = 1_000
    batch.append_alike(0, 1)
    assert batch.short_delta_until_s() == pytest.approx(1.064)
    batch.append_late(1, stamp_ms=1_063)
    assert batch.size_bytes == HUNDRED.sizes[2]


def test_consecutive_records_are_one_span() -> None:
    batch = batch_of(3)
    batch.append_alike(3, 2)
    batch.append_alike(7, 1)
    assert batch.spans == [(0, 5), (7, 1)]


@given(st.lists(st.integers(0, 200), min_size=1, max_size=60), st.integers(20, 300))
def test_a_batch_weighs_the_sum_of_its_records(gaps_ms: list[int], value_bytes: int) -> None:
    packing = Packing(RecordShape(value_bytes), 4_000)
    batch, stamp_ms, by_hand = RecordBatch(0, packing, created_s=0.0), 0, 61
    for index, gap_ms in enumerate(gaps_ms):
        stamp_ms += gap_ms if index else 0
        record = packing.shape.record_bytes(index, stamp_ms)
        fits = by_hand + record <= packing.write_limit_bytes
        assert batch.append_late(index, stamp_ms) == fits
        if not fits:
            break
        by_hand += record
        assert batch.size_bytes == by_hand


def test_a_request_weighs_its_batches_and_its_own_52_bytes() -> None:
    request = ProduceRequest(0, 0, 0, [batch_of(148), batch_of(3)], drained_s=0.0)
    assert request.records == 151
    assert request.size_bytes == 52 + 8 + 16_277 + (61 + 3 * 109)


def test_the_sequence_after_the_last_is_zero() -> None:
    last = 2**31 - 1
    assert next_sequence(last, 1) == 0
    assert next_sequence(last - 9, 10) == 0
    assert next_sequence(last - 9, 15) == 5
    assert next_sequence(last - 9, 9) == last

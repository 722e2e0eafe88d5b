"""Bytes on the wire: what records, batches and requests weigh (producer specification 2.3, 2.4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.wire.sizes import Packing, RecordShape, request_bytes, varint_bytes

BATCH_SIZE = 16_384


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (0, 1),
        (63, 1),
        (64, 2),
        (8_191, 2),
        (8_192, 3),
        (1_048_575, 3),
        (1_048_576, 4),
        (134_217_727, 4),
        (134_217_728, 5),
    ],
)
def test_a_zig_zag_varint_takes_a_byte_for_each_seven_bits(value: int, size: int) -> None:
    assert varint_bytes(value) == size


@given(st.integers(0, 2**31 - 1))
def test_a_varint_is_as_long_as_its_plain_encoding(value: int) -> None:
    rest, length = value * 2, 1  # zig-zag of a non-negative number is its double
    while rest >= 128:
        rest, length = rest // 128, length + 1
    assert varint_bytes(value) == length


@pytest.mark.parametrize(
    ("value_bytes", "records", "size_bytes"),
    [
        (100, 148, 16_277),
        (200, 78, 16_377),
        (512, 31, 16_212),
        (1_000, 16, 16_205),
        (1_024, 15, 15_556),
        (10_000, 1, 10_072),
    ],
)
def test_a_full_batch_holds_what_the_specification_counts(
    value_bytes: int, records: int, size_bytes: int
) -> None:
    packing = Packing(RecordShape(value_bytes), BATCH_SIZE)
    assert (packing.records, packing.sizes[packing.records]) == (records, size_bytes)


def test_a_record_grows_by_a_byte_at_its_64th_place_and_at_64_ms() -> None:
    shape = RecordShape(100)
    assert [shape.record_bytes(0), shape.record_bytes(63), shape.record_bytes(64)] == [
        109,
        109,
        110,
    ]
    assert [shape.record_bytes(0, 63), shape.record_bytes(0, 64)] == [109, 110]
    assert RecordShape(1_000).record_bytes(0) == 1_009


def test_a_key_of_16_bytes_adds_16_bytes() -> None:
    # the key's length takes the byte that said null, and both bodies need two length bytes
    assert RecordShape(100, 16).record_bytes(0) == RecordShape(100).record_bytes(0) + 16


def test_the_upper_bound_of_a_batch_of_one_counts_the_headers_too() -> None:
    # 61 header, 21 record overhead, 1 null key, 2 + 1,000 value, 1 number of headers
    assert RecordShape(1_000).upper_bound_bytes == 1_086


@given(
    st.integers(0, 3_000),
    st.none() | st.integers(0, 200),
    st.integers(1, 40_000),
)
def test_a_batch_never_passes_its_limit_and_the_next_record_would(
    value_bytes: int, key_bytes: int | None, batch_size: int
) -> None:
    shape = RecordShape(value_bytes, key_bytes)
    packing = Packing(shape, batch_size)
    full = packing.records
    by_hand = 61 + sum(shape.record_bytes(index) for index in range(full))
    assert full >= 1
    assert packing.sizes[full] == by_hand <= packing.write_limit_bytes
    assert by_hand + shape.record_bytes(full) > packing.write_limit_bytes
    assert packing.write_limit_bytes == max(batch_size, shape.upper_bound_bytes)


def test_a_record_larger_than_the_batch_size_gets_a_batch_of_its_own() -> None:
    packing = Packing(RecordShape(1_000), 500)
    assert (packing.records, packing.sizes[1]) == (1, 1_070)
    assert packing.write_limit_bytes == RecordShape(1_000).upper_bound_bytes


def test_a_request_adds_52_bytes_and_8_more_for_each_further_partition() -> None:
    # 4 size, 2+2+4+2+10+1 header, 1+2+4+1+1 body, 1+8+1+1 topic, 4+3+1 partition
    assert request_bytes(16_205, 1) == 16_257
    assert request_bytes(3 * 16_205, 3) == 3 * 16_205 + 52 + 16

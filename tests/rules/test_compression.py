"""Compressed batches fill by an estimate, weigh what the codec made, and the estimate learns."""

import math
from itertools import pairwise, repeat
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import REFERENCE_MACHINE, ConfigError, MachineConfig, ProducerConfig
from model.config.compression import CODECS, CodecName, Compressibility
from model.costs import ClientCosts
from model.producer.compression import CompressionRatioEstimator, Compressor
from model.wire.compressed import CompressedBatch, CompressedPacking
from model.wire.sizes import Packing, RecordShape

KILO = RecordShape(1_000)  # 1,009 bytes each, 1,010 from the 65th on
BATCH_SIZE = 16_384


def packing_of(ratio: float = 0.5, shape: RecordShape = KILO, **more: Any) -> CompressedPacking:
    return CompressedPacking(shape, BATCH_SIZE, Compressibility(ratio=ratio, **more).ratio_of)


def batch_of(estimate: float, packing: CompressedPacking | None = None) -> CompressedBatch:
    return CompressedBatch(0, packing or packing_of(), created_s=0.0, estimated_ratio=estimate)


def has_room(batch: CompressedBatch, added_bytes: int) -> bool:
    """MemoryRecordsBuilder.isFull and hasRoomFor, as they are written there."""
    estimated = 61 + int(batch.raw_bytes * batch.factor)
    if batch.records and estimated >= BATCH_SIZE:
        return False
    return batch.records == 0 or estimated + added_bytes <= BATCH_SIZE


@pytest.mark.parametrize(
    ("estimate", "records"),
    [
        (1.0, 15),  # 61 + int(14 * 1009 * 1.05) + 1009 = 15,902; with 15 it is 16,961
        (0.554, 27),  # 26: 61 + 15,260 + 1,009 = 16,330; 27: 16,917
        (0.504, 29),  # 28: 61 + 14,950 + 1,009 = 16,020; 29: 16,554
        (0.01, 1_445),  # about (16,384 - 61 - 1,009) / 0.0105 / 1,010
    ],
)
def test_a_batch_takes_records_as_far_as_the_estimate_says(estimate: float, records: int) -> None:
    packing = packing_of()
    assert packing.capacity(estimate * 1.05) == records
    assert batch_of(estimate).room == packing.capacity(estimate * 1.05)


def test_a_record_that_fits_by_the_last_bit_of_the_estimate_is_taken() -> None:
    packing, factor = packing_of(shape=RecordShape(254)), 1.0385789296707275 * 1.05
    raw_bytes = packing.raw_bytes(56)
    # 16,061 is what may be there when one of 263 comes: divided it is hit, and multiplied not
    assert 16_061 / factor == raw_bytes
    assert int(raw_bytes * factor) == 16_060
    assert packing.capacity(factor) == 57


def test_room_that_is_sure_is_what_records_take_that_come_late_and_do_not_shrink() -> None:
    # (16,384 - 61 - 1) / (1,013 * 1.05 + 1); an estimate below 1 counts for nothing
    assert [batch_of(estimate).sure_room() for estimate in (1.0, 0.5)] == [15, 16]
    # 16,322 / (113 + 1), and by the last byte 16,322 / (8,160 + 1)
    shapes = RecordShape(100), RecordShape(8_147)
    assert [batch_of(0.5, packing_of(shape=each)).sure_room() for each in shapes] == [143, 2]


@given(st.floats(0.01, 1.2), st.integers(1, 3_000), st.lists(st.integers(0, 500), max_size=60))
def test_room_is_what_kafka_would_append_one_by_one(
    estimate: float, value_bytes: int, stamps_ms: list[int]
) -> None:
    packing = packing_of(shape=RecordShape(value_bytes))
    batch = batch_of(estimate, packing)
    for number, stamp_ms in enumerate(sorted(stamps_ms)):
        added_bytes = packing.shape.record_bytes(batch.records, stamp_ms)
        fits = has_room(batch, added_bytes)
        assert batch.append_late(number, stamp_ms) == fits
        if not fits:
            break
    room = batch.room
    assert not batch.sure_room() > room
    if room > 1:
        batch.append_alike(1_000, room - 1)
        assert batch.full == (61 + int(batch.raw_bytes * batch.factor) >= BATCH_SIZE)
        assert has_room(batch, packing.shape.record_bytes(batch.records))
        batch.append_alike(2_000, 1)
    elif room:
        batch.append_alike(1_000, 1)
    assert not has_room(batch, packing.shape.record_bytes(batch.records))
    assert batch.room == 0


@given(st.floats(0.01, 1.2), st.integers(1, 3_000))
def test_what_fills_a_batch_is_known_before(estimate: float, value_bytes: int) -> None:
    batch = batch_of(estimate, packing_of(shape=RecordShape(value_bytes)))
    count = batch.room
    fills = batch.filled_by(count)
    batch.append_alike(0, count)
    assert batch.full == fills


def test_a_batch_without_compression_fills_as_ever() -> None:
    plain, packing = Packing(KILO, BATCH_SIZE), packing_of()
    assert (plain.records, plain.full_bytes, plain.unpacked_bytes) == (16, 16_205, 0)
    assert packing.raw_bytes(16) == 16_144
    assert packing.capacity(1.0) == 16


def test_a_full_batch_is_one_whose_ratio_was_estimated_right() -> None:
    packing = packing_of(0.504)
    assert (packing.settled_ratio, packing.records) == (0.504, 29)
    assert packing.full_bytes == 61 + round(0.504 * 29 * 1_009)
    falling = packing_of(0.5, at_bytes=16_384, falls=0.1)
    ratio = falling.settled_ratio
    assert ratio == pytest.approx(falling.ratio_of(falling.unpacked_bytes))
    assert ratio < 0.48


def test_the_estimate_falls_by_small_steps_and_rises_by_large_ones() -> None:
    estimator = CompressionRatioEstimator(1.0)
    for _ in range(100):
        estimator.update(0.5)
    assert estimator.ratio == pytest.approx(0.5)
    estimator.update(0.502)
    assert estimator.ratio == pytest.approx(0.55)
    estimator.update(0.9)
    assert estimator.ratio == 0.9
    estimator.update(0.897)
    assert estimator.ratio == 0.897
    estimator.update(0.897)
    assert estimator.ratio == 0.897


@given(st.floats(0.05, 1.0), st.lists(st.floats(-3, 3), min_size=150, max_size=300))
def test_the_estimate_moves_between_the_ratio_and_a_twentieth_above(
    ratio: float, draws: list[float]
) -> None:
    estimator, seen = CompressionRatioEstimator(1.0), []
    for draw in draws:
        estimator.update(ratio * (1 + 0.005 * draw))
        seen.append(estimator.ratio)
    assert all(after >= before - 0.005 - 1e-12 for before, after in pairwise(seen))
    spread = 0.015 * ratio
    settled = seen[math.ceil((1 - ratio) / 0.005) + 1 :]
    assert all(ratio - spread - 1e-9 <= each <= ratio + 0.05 + spread + 1e-9 for each in settled)


def compressor(codec: str, ratio: float = 0.5, draws: float = 0.0) -> Compressor:
    producer = ProducerConfig(compression_type=cast(CodecName, codec))
    costs = ClientCosts(REFERENCE_MACHINE, producer)
    return Compressor(producer, Compressibility(ratio=ratio), 1.0, costs, repeat(draws))


def test_a_batch_gets_its_size_when_it_is_closed_and_keeps_it() -> None:
    gzip, batch = compressor("gzip", 0.5, draws=1.0), batch_of(1.0)
    batch.append_alike(0, 10)
    assert batch.size_bytes == 61 + int(10_090 * 1.05)
    gzip.close(batch)
    assert batch.size_bytes == 61 + round(10_090 * 0.5 * 1.005)
    assert batch.unpacked_bytes == 10_090
    assert gzip.estimator.ratio == pytest.approx(0.995)
    before = batch.size_bytes
    gzip.close(batch)  # sent again: ProducerBatch.close tells the estimator again
    assert batch.size_bytes == before
    assert gzip.estimator.ratio == pytest.approx(0.99)


@pytest.mark.parametrize(("codec", "blocks"), [("gzip", 2), ("zstd", 2), ("snappy", 1), ("lz4", 0)])
def test_whole_blocks_are_compressed_as_they_fill(codec: str, blocks: int) -> None:
    machine, batch = compressor(codec), batch_of(0.3)
    byte_s = ClientCosts(
        REFERENCE_MACHINE, ProducerConfig(compression_type=cast(CodecName, codec))
    ).compress_byte_s
    batch.append_alike(0, 40)
    whole_bytes = blocks * CODECS[codec].block_bytes
    assert machine.blocks_s(batch) == pytest.approx(whole_bytes * byte_s)
    assert machine.blocks_s(batch) == 0
    assert machine.rest_s(batch) == pytest.approx((40 * 1_009 - whole_bytes) * byte_s)
    assert machine.rest_s(batch) == 0


def test_records_to_a_block_are_counted_from_what_is_pending() -> None:
    gzip, batch = compressor("gzip"), batch_of(0.3)
    assert gzip.records_to_block(batch) == 17
    batch.append_alike(0, 16)
    assert gzip.records_to_block(batch) == 1
    batch.append_alike(16, 1)
    assert gzip.blocks_s(batch) > 0
    assert gzip.records_to_block(batch) == 16


@pytest.mark.parametrize("ratio", [0.0, -1.0, 4.0, 1.2, math.nan, math.inf])
def test_a_ratio_that_is_none_is_refused_with_what_is_meant(ratio: float) -> None:
    with pytest.raises(ConfigError, match=r"compression-ratio=.*0\.25 for four to one"):
        Compressibility(ratio=ratio)


@pytest.mark.parametrize(
    ("codec", "level"), [("gzip", 0), ("gzip", 10), ("lz4", 18), ("zstd", 23), ("snappy", 1)]
)
def test_a_level_that_the_codec_lacks_is_refused(codec: str, level: int) -> None:
    with pytest.raises(ConfigError, match=rf"^compression\.{codec}\.level={level}"):
        ProducerConfig(compression_type=cast(CodecName, codec), compression_level=level)


def test_levels_take_as_long_as_they_were_measured_and_between_them_something_between() -> None:
    zstd = CODECS["zstd"]
    assert zstd.work_at(None) == zstd.work_at(3) == 1.0
    assert zstd.work_at(1) < zstd.work_at(2) < zstd.work_at(3)
    assert zstd.work_at(-131_072) == zstd.work_at(-50)
    assert CODECS["snappy"].work_at(None) == 1.0
    assert CODECS["gzip"].work_at(-1) == 1.0


def test_a_machine_has_constants_for_each_codec() -> None:
    for codec in CODECS:
        assert REFERENCE_MACHINE.compress_byte_us(codec) > 0
        assert REFERENCE_MACHINE.decompress_byte_us(codec) > 0
    assert MachineConfig.decompress_byte_us(REFERENCE_MACHINE, "none") == 0

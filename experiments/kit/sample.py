"""A file of the user's own records, one a line: their size, and how far a codec shrinks them.

Batches are made of consecutive records as Kafka writes them (DefaultRecord), from places spread
evenly over the file, of one record, of twice as many, and so on to a full batch, and each is
compressed with the codec itself. A power of the size is laid through the mean ratios, and exactly
through that of full batches. Left out: keys, headers, and that a batch's records come later and
later.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.kit.codecs import compressed_bytes
from model import ConfigError, ProducerConfig
from model.config.compression import LEAST_RATIO, MOST_RATIO, NO_CODEC, Compressibility
from model.config.files import read_bytes
from model.wire.compressed import ESTIMATION_FACTOR

#: Ours: so many batches of each size are known to a per cent or so, and take a second at most with
#: all but the highest levels.
BATCHES = 24
#: Ours: a batch grows until it is full by its own ratio, and no further than this.
MOST_RECORDS = 20_000
#: Ours: of batches alike in all, which no real records are.
LEAST_SPREAD, MOST_SPREAD = 0.0005, 0.3


@dataclass(frozen=True, slots=True)
class Sample:
    """Records of a file: how many, their mean size in bytes, and what the codec makes of them;
    nothing without a codec."""

    path: Path
    records: int
    value_bytes: int
    compressibility: Compressibility | None


def read_sample(path: Path, producer: ProducerConfig) -> Sample:
    """Compress batches of a file's records with a producer's codec, at its level.

    Raises ConfigError for a file that cannot be read or has not two records.
    """
    records = [line for line in read_bytes("sample", path).splitlines() if line]
    if len(records) < 2:
        raise ConfigError("sample", path, "must have two records at least, one a line")
    value_bytes = max(1, round(sum(map(len, records)) / len(records)))
    if producer.compression_type == NO_CODEC:
        return Sample(path, len(records), value_bytes, None)
    return Sample(path, len(records), value_bytes, compressibility_of(records, producer))


def compressibility_of(records: Sequence[bytes], producer: ProducerConfig) -> Compressibility:
    """What a producer's codec makes of batches of these records, one after the other."""
    sizes, ratios, spread = list[float](), list[float](), 0.0
    count = 1
    while True:
        batches = list(_batches(records, count))
        raw_bytes = np.array([len(batch) for batch in batches], dtype=float)
        codec, level = producer.compression_type, producer.compression_level
        packed = np.array([compressed_bytes(codec, level, batch) for batch in batches])
        ratio = float(packed.sum() / raw_bytes.sum())
        sizes.append(float(raw_bytes.mean()))
        ratios.append(min(max(ratio, LEAST_RATIO), MOST_RATIO))
        spread = float((packed / raw_bytes).std() / ratio)
        wanted = _full(producer.batch_size_bytes, ratios[-1], sizes[-1] / count)
        most = min(len(records), MOST_RECORDS, max(1, wanted))
        if count >= most:
            break
        count = min(2 * count, most)
    falls = 0.0
    if len(sizes) > 1:
        falls = -float(np.polyfit(np.log(sizes), np.log(ratios), 1)[0])
    return Compressibility(
        ratio=float(f"{ratios[-1]:.4g}"),
        at_bytes=round(sizes[-1]),
        falls=float(f"{min(max(falls, 0.0), 0.9):.3g}"),
        spread=float(f"{min(max(spread, LEAST_SPREAD), MOST_SPREAD):.3g}"),
    )


def _full(batch_bytes: int, ratio: float, record_bytes: float) -> int:
    """Records of a batch that is full by this ratio (MemoryRecordsBuilder.hasRoomFor)."""
    return math.ceil(batch_bytes / (ratio * ESTIMATION_FACTOR * record_bytes))


def _batches(records: Sequence[bytes], count: int) -> Iterator[bytes]:
    """Batches of so many records each, from places spread evenly over all, overlapping if few."""
    places = min(BATCHES, len(records) - count + 1)
    for place in range(places):
        start = (len(records) - count) * place // max(1, places - 1)
        batch = records[start : start + count]
        yield b"".join(_record(index, value) for index, value in enumerate(batch))


def _record(index: int, value: bytes) -> bytes:
    """A record without key and headers as it stands in a batch (DefaultRecord.writeTo)."""
    null_key, no_headers = b"\x01", b"\x00"
    body = b"".join((b"\x00\x00", _varint(index), null_key, _varint(len(value)), value, no_headers))
    return _varint(len(body)) + body


def _varint(value: int) -> bytes:
    """A non-negative number as zig-zag varint (ByteUtils.writeVarint)."""
    rest, digits = value << 1, bytearray()
    while rest > 127:
        digits.append(rest & 127 | 128)
        rest >>= 7
    digits.append(rest)
    return bytes(digits)

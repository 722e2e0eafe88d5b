"""What Kafka's codecs make of a batch's records, with the same libraries: bytes in, a size out.

Each is framed as Kafka's client frames it. gzip is zlib's (the JVM's too), zstd a stream whose
length is not known beforehand (ZstdOutputStreamNoFinalizer), snappy blocks of 32 KiB behind
snappy-java's header, lz4 a frame of independent blocks of 64 KiB (Lz4BlockOutputStream), a block
as it is where it does not shrink. Left out: lz4's high compression, which the library lacks.
"""

import zlib
from collections.abc import Callable, Mapping

import cramjam

from model import ConfigError
from model.config.compression import CODECS

#: Read: SnappyCodec and SnappyOutputStream of snappy-java: magic, version, least version; a length
#: before each block.
SNAPPY_HEADER_BYTES, SNAPPY_BLOCK_HEADER_BYTES = 16, 4
#: Read: Lz4BlockOutputStream: magic and frame descriptor; a length before each block; an end mark.
LZ4_HEADER_BYTES, LZ4_BLOCK_HEADER_BYTES, LZ4_END_BYTES = 7, 4, 4
#: zlib's word for a gzip header and trailer around a window of 32 KiB.
GZIP_WINDOW = 31


def compressed_bytes(codec: str, level: int | None, records: bytes) -> int:
    """What a batch's records weigh once compressed.

    Raises ConfigError for a level of lz4 other than its default.
    """
    return SIZES[codec](records, CODECS[codec].default_level if level is None else level)


def _gzip(records: bytes, level: int | None) -> int:
    stream = zlib.compressobj(-1 if level is None else level, zlib.DEFLATED, GZIP_WINDOW)
    return len(stream.compress(records)) + len(stream.flush())


def _zstd(records: bytes, level: int | None) -> int:
    stream = cramjam.zstd.Compressor(level)
    stream.compress(records)
    return len(stream.finish())


def _snappy(records: bytes, _: int | None) -> int:
    size = CODECS["snappy"].block_bytes
    blocks = (records[start : start + size] for start in range(0, len(records), size))
    packed = sum(
        SNAPPY_BLOCK_HEADER_BYTES + len(cramjam.snappy.compress_raw(each)) for each in blocks
    )
    return SNAPPY_HEADER_BYTES + packed


def _lz4(records: bytes, level: int | None) -> int:
    about = CODECS["lz4"]
    if level != about.default_level:
        rule = f"{about.default_level} for --sample, which has no high compression of lz4;"
        raise ConfigError("compression.lz4.level", level, f"must be {rule} --compression-ratio has")
    size = about.block_bytes
    blocks = (records[start : start + size] for start in range(0, len(records), size))
    packed = sum(LZ4_BLOCK_HEADER_BYTES + min(len(each), _lz4_block(each)) for each in blocks)
    return LZ4_HEADER_BYTES + packed + LZ4_END_BYTES


def _lz4_block(block: bytes) -> int:
    return len(cramjam.lz4.compress_block(block, store_size=False))


SIZES: Mapping[str, Callable[[bytes, int | None], int]] = {
    "gzip": _gzip,
    "snappy": _snappy,
    "lz4": _lz4,
    "zstd": _zstd,
}

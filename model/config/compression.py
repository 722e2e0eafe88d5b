"""What codecs are there, how hard they work at each level, and how far they shrink a batch.

A ratio is Kafka's: compressed over uncompressed bytes of a batch's records, its 61-byte header left
out (MemoryRecordsBuilder.compressionRatio, the client's ``compression-rate-avg``). Records have a
size and no content here, so the ratio is given. Left out: codecs of the broker's own
(``compression.type`` of a topic other than ``producer``), which compresses again there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from model.config.checks import require, require_at_least
from model.config.kinds import settle_kinds

CodecName = Literal["none", "gzip", "snappy", "lz4", "zstd"]
NO_CODEC = "none"
#: Ours: records that no codec can shrink come out a little larger than they were; what is well
#: above 1 was meant the other way round.
LEAST_RATIO, MOST_RATIO = 0.01, 1.1
#: Measured: the standard deviation of a batch's ratio among batches as large, of JSON records of
#: 1,000 bytes in full batches: half a per cent of it, with snappy two per cent.
SPREAD = 0.005


@dataclass(frozen=True, slots=True)
class Codec:
    """A codec as Kafka's client uses it.

    ``block_bytes``: uncompressed bytes that its stream gathers before it works on them. Read:
    GzipCompression and ZstdCompression (a BufferedOutputStream of 16 KiB), Lz4Compression
    (BLOCKSIZE_64KB), snappy-java's SnappyOutputStream (32 KiB). ``levels`` are the lowest and the
    highest one, none: it has no levels (CompressionType). ``work`` are levels with how long they
    take, the default's being 1; between two it is interpolated.
    """

    block_bytes: int
    default_level: int | None = None
    levels: tuple[int, int] | None = None
    work: Mapping[int, float] = field(default_factory=dict)

    def work_at(self, level: int | None) -> float:
        """How many times as long as at the default level compressing takes at this one."""
        if level is None or level == self.default_level or not self.work:
            return 1.0
        known = sorted(self.work)
        below = max((each for each in known if each <= level), default=known[0])
        above = min((each for each in known if each >= level), default=known[-1])
        if below >= above:
            return self.work[below]
        share = (level - below) / (above - below)
        return float(self.work[below] ** (1 - share) * self.work[above] ** share)


#: Measured: the time of zlib, lz4 and libzstd, which the JVM's codecs are too, on JSON records in
#: batches of 28,000 bytes, a stream for each. From zstd's level 12 on it is that of setting up its
#: tables, whatever the batch. Level 9 of lz4 is not the high compression that its neighbours are
#: (read: Lz4BlockOutputStream).
GZIP_WORK = {1: 0.43, 3: 0.53, 5: 0.78, 6: 1.0, 7: 1.1, 9: 1.27}
LZ4_WORK = {1: 4.8, 3: 4.8, 4: 5.4, 6: 6.5, 8: 6.5, 9: 1.0, 10: 10.0, 11: 10.0, 12: 13.0}
ZSTD_WORK = {
    **{-50: 0.1, -10: 0.2, -5: 0.42, -1: 0.74, 1: 0.8, 3: 1.0, 4: 1.2, 6: 3.0, 9: 3.3},
    **{12: 170.0, 15: 280.0, 19: 380.0, 22: 3_500.0},
}
CODECS: Mapping[str, Codec] = MappingProxyType(
    {
        "gzip": Codec(16_384, -1, (1, 9), GZIP_WORK),
        "snappy": Codec(32_768),
        "lz4": Codec(65_536, 9, (1, 17), LZ4_WORK),
        "zstd": Codec(16_384, 3, (-131_072, 22), ZSTD_WORK),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compressibility:
    """How far a codec shrinks batches of some records.

    ``ratio`` holds for a batch with ``at_bytes`` of uncompressed records; one with twice as many
    has ``2 ** -falls`` of it, since a codec finds more that it has seen before. With ``falls`` 0 it
    is the same for all. Batches of one size differ by a standard deviation of ``spread`` of it.
    """

    ratio: float
    at_bytes: int = 16_384
    falls: float = 0.0
    spread: float = SPREAD

    def __post_init__(self) -> None:
        settle_kinds(self)
        rule = (
            f"compressed over uncompressed bytes, from {LEAST_RATIO:g} to {MOST_RATIO:g}"
            " (0.25 for four to one)"
        )
        require("compression-ratio", self.ratio, rule, LEAST_RATIO <= self.ratio <= MOST_RATIO)
        require("at_bytes", self.at_bytes, "a whole number >= 1", self.at_bytes >= 1)
        require("falls", self.falls, "a power >= 0 and < 1", 0 <= self.falls < 1)
        require_at_least("spread", self.spread, 0)
        require("spread", self.spread, "at most 0.3", self.spread <= 0.3)

    def ratio_of(self, raw_bytes: float) -> float:
        """The mean ratio of batches with so many uncompressed bytes of records."""
        if not self.falls or raw_bytes <= 0:
            return self.ratio
        ratio = self.ratio * (raw_bytes / self.at_bytes) ** -self.falls
        return float(max(LEAST_RATIO, min(MOST_RATIO, ratio)))


#: Measured: Kafka's ``compression-rate-avg`` with records like log lines in JSON, of 1,000 bytes in
#: batches of 16 KiB, at each codec's default level (experiments/validation/measured/codecs.csv);
#: how it falls, and the spread, by compressing batches of those records (`--sample`).
LIKE_JSON: Mapping[str, Compressibility] = MappingProxyType(
    {
        "gzip": Compressibility(ratio=0.497, at_bytes=28_700, falls=0.085),
        "snappy": Compressibility(ratio=0.807, at_bytes=17_100, falls=0.081, spread=0.02),
        "lz4": Compressibility(ratio=0.743, at_bytes=19_600, falls=0.095),
        "zstd": Compressibility(ratio=0.504, at_bytes=28_300, falls=0.093),
    }
)


def require_level(codec: str, level: int | None) -> None:
    """Raise ConfigError for a level that a codec does not have (CompressionType.levelValidator)."""
    if level is None or codec == NO_CODEC:
        return
    about = CODECS[codec]
    setting = f"compression.{codec}.level"
    require(setting, level, f"no level: {codec} has none", about.levels is not None)
    assert about.levels is not None
    lowest, highest = about.levels
    rule = f"a whole number from {lowest} to {highest}, or {about.default_level}"
    fits = lowest <= level <= highest or level == about.default_level
    require(setting, level, rule, fits)

"""A file of records, compressed as Kafka's client would: what it says of a codec."""

import random
import zlib
from pathlib import Path
from typing import cast

import cramjam
import pandas as pd
import pytest

from experiments.kit.codecs import compressed_bytes
from experiments.kit.sample import compressibility_of, read_sample
from model import ConfigError, ProducerConfig
from model.config.compression import CODECS, CodecName
from tests.experiments.payload import like_json

MEASURED = Path(__file__).parents[2] / "experiments/validation/measured/codecs.csv"


def using(codec: str, level: int | None = None) -> ProducerConfig:
    return ProducerConfig(compression_type=cast(CodecName, codec), compression_level=level)


@pytest.mark.parametrize("codec", CODECS)
def test_the_laboratory_s_records_shrink_as_kafka_measured(codec: str) -> None:
    """compression-rate-avg of the real client, five in flight at 20 ms, against the sample's."""
    rows = pd.read_csv(MEASURED)
    of_codec = rows["settings"].str.contains(f"compression.type={codec};")
    settled = rows["settings"].str.contains("connection=5") & (rows["rtt_us"] == 20_000)
    (row,) = rows[of_codec & settled].to_dict("records")
    found = compressibility_of(like_json(1_000, 400), using(codec))
    ratio = found.ratio_of(1_010 * row["records_per_request_avg"])
    assert ratio == pytest.approx(row["compression_rate_avg"], rel=0.03)
    assert 0.05 < found.falls < 0.12
    assert found.spread < 0.04


def test_sizes_are_those_of_the_formats() -> None:
    records = b"".join(like_json(1_000, 40))
    stream = zlib.compressobj(-1, zlib.DEFLATED, 31)
    sizes = len(stream.compress(records)), len(stream.flush())
    assert compressed_bytes("gzip", None, records) == sum(sizes)
    blocks = [cramjam.snappy.compress_raw(records[at : at + 32_768]) for at in (0, 32_768)]
    assert compressed_bytes("snappy", None, records) == 16 + sum(4 + len(each) for each in blocks)
    noise = random.Random(1).randbytes(70_000)
    assert compressed_bytes("lz4", None, noise) == 7 + 2 * 4 + 70_000 + 4
    assert compressed_bytes("zstd", 19, records) < compressed_bytes("zstd", 1, records)
    assert compressed_bytes("gzip", 9, records) < compressed_bytes("gzip", 1, records)


def test_what_cannot_be_shrunk_is_not(tmp_path: Path) -> None:
    noise = random.Random(1)
    path = tmp_path / "noise"
    path.write_bytes(b"\n".join(noise.randbytes(500).hex().encode() for _ in range(200)))
    found = read_sample(path, using("zstd"))
    assert (found.records, found.value_bytes) == (200, 1_000)
    assert found.compressibility is not None
    assert found.compressibility.ratio == pytest.approx(0.51, abs=0.02)  # four bits of eight
    assert found.compressibility.falls < 0.02


def test_records_have_lengths_of_their_own_and_empty_lines_are_none(tmp_path: Path) -> None:
    path = tmp_path / "records"
    path.write_bytes(b"a" * 10 + b"\n\n" + b"b" * 30 + b"\r\n")
    found = read_sample(path, using("none"))
    assert (found.records, found.value_bytes, found.compressibility) == (2, 20, None)
    assert read_sample(path, using("gzip")).compressibility is not None


@pytest.mark.parametrize("content", [b"", b"\n\n", b"one record"])
def test_a_file_without_two_records_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "records"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"^sample=.*two records"):
        read_sample(path, using("zstd"))


def test_lz4_s_high_compression_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "records"
    path.write_bytes(b"a\nb\n")
    with pytest.raises(ConfigError, match=r"^compression\.lz4\.level=12.*--compression-ratio"):
        read_sample(path, using("lz4", 12))

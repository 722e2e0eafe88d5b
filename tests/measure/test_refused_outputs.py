"""Damaged, cut, mixed-up and empty outputs: one line, exit code 2, and nothing written."""

from pathlib import Path

import pytest

from tests.experiments.test_bad_input import refused
from tests.measure.real import LADDER, OUTPUTS

PERF, OMB = LADDER[16384], OUTPUTS["omb, stopped"]
STATISTIC = OUTPUTS["librdkafka, documented"]


def last_line_of(text: str) -> str:
    return next(line for line in text.splitlines() if "99.9th" in line)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "is empty"),
        ("   \n\n", "is empty"),
        ("hello\n", "is not what kafka-producer-perf-test"),
        ("a\0b", "must be text"),
        (PERF.replace(last_line_of(PERF), ""), "the run was cut off"),
        (OUTPUTS["perf 4.2, windows"], "the run was cut off"),
        (PERF[: PERF.index("16520 ms")], "cut off or not the tool's"),
        (PERF.replace("9854.8 records/sec", "9854,8 records/sec"), "cut off or not the tool's"),
        (PERF + PERF, "holds 2 runs"),
        (PERF.replace(": 119.003", ": fast"), "a metric that is no number"),
        (PERF + PERF[PERF.index("producer-m") :].replace("perf-p", "q"), "several clients"),
        (PERF + OUTPUTS["jmx_exporter"], "the output of several tools"),
        (OMB + STATISTIC, "the output of several tools"),
        (OMB[: len(OMB) // 2], "JSON that does not end well"),
        (OMB + OMB, "holds 2 runs"),
        (OMB.replace("50191.093390921575", '"many"'), "publishRate as a list of numbers"),
        (OMB.replace('"Kafka"', '"Pulsar"'), "of another system than Kafka"),
        (OMB.replace('"topics" : 1', '"topics" : 0'), "topics as a count"),
        ('{"publishRate": [0, 0, 0]}', "nothing was sent"),
        ('{"a": 1}', "is not what"),
        ("{" * 100_000, "JSON"),
        (STATISTIC[: len(STATISTIC) // 2], "JSON that does not end well"),
        (STATISTIC.replace('"type": "producer"', '"type": "consumer"'), "of a producer"),
        (STATISTIC + STATISTIC.replace("producer-1", "producer-2"), "several producers"),
        (STATISTIC.replace("5016483227792", '"now"'), "ts as a number"),
        (STATISTIC + STATISTIC.replace("5016483227792", "5016483227791"), "back in time"),
        (OUTPUTS["idle"], "all are missing or NaN"),
        (OUTPUTS["micrometer"], "pass --client-id"),
        ('kafka_producer_request_rate{client_id="a"', "line 1 is no sample"),
        ('kafka_producer_request_rate{client_id="a"} fast', "no number"),
        ('"time","kafka.producer:type=producer-metrics,client-id=a:request-rate"\n1\n', "cells"),
    ],
    ids=lambda value: value[:30].replace("\n", " ") if isinstance(value, str) else "",
)
def test_an_output_that_is_none(
    text: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, out = tmp_path / "good.txt", tmp_path / "bad.txt", tmp_path / "rows.csv"
    good.write_text(PERF)
    bad.write_text(text)
    told = ["--rtt-ms=50", "--record-bytes=200"]
    line = refused(["measure", "read", str(good), str(bad), f"--out={out}", *told], capsys)
    assert named in line
    assert "bad.txt" in line
    assert sorted(tmp_path.iterdir()) == [bad, good]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "--rtt-ms"),
        (["--rtt-ms=50"], "--record-bytes"),  # its two digits of MB leave 0.53 bytes open
        (["--rtt-ms=50", "--record-bytes=400"], "records of 200 bytes, and not of 400"),
        (["--rtt-ms=-1", "--record-bytes=200"], "rtt"),
        (["--rtt-ms=nan", "--record-bytes=200"], "rtt"),
        (["--rtt-ms=50", "--record-bytes=200", "--partitions=0"], "partitions"),
        (["--rtt-ms=50", "--record-bytes=200", "--kafka=2.8"], "kafka=2.8"),
        (["--rtt-ms=50", "--record-bytes=200", "--set=linger.ms=soon"], "linger.ms=soon"),
        (["--rtt-ms=50", "--record-bytes=200", "--receive-buffer=-2"], "receive"),
        (["--rtt-ms=50", "--record-bytes=200", "--min-insync=2"], "min.insync.replicas"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_circumstances_that_cannot_be(
    arguments: list[str], named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, out = tmp_path / "run.txt", tmp_path / "rows.csv"
    output.write_text(PERF)
    line = refused(["measure", "read", str(output), f"--out={out}", *arguments], capsys)
    assert named in line
    assert not out.exists()


DAMAGED = (
    *("", "[]", "{", '{"rtt_ms": "near"}', '{"rtt_ms": true}', '{"colour": 1}', "\xff"),
    *('{"settings": {"acks": 1}}', '{"settings": {"acks": "1;linger.ms=0"}}'),
)


@pytest.mark.parametrize("beside", DAMAGED)
def test_a_file_of_the_plan_that_is_damaged(
    beside: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, out = tmp_path / "run.txt", tmp_path / "rows.csv"
    output.write_text(PERF)
    (tmp_path / "run.run.json").write_text(beside, encoding="latin-1")
    line = refused(["measure", "read", str(output), f"--out={out}", "--rtt-ms=50"], capsys)
    assert "run.run.json" in line
    assert not out.exists()


def test_a_folder_a_missing_file_and_a_foreign_encoding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    latin = tmp_path / "latin.txt"
    latin.write_bytes(PERF.encode() + b"\xe4")
    for path, named in ((tmp_path, "must be a file"), (tmp_path / "none", "no such")):
        line = refused(["measure", "read", str(path), f"--out={tmp_path / 'o'}"], capsys)
        assert named in line
    assert "UTF-8" in refused(["measure", "read", str(latin), f"--out={tmp_path / 'o'}"], capsys)

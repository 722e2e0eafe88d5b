"""What an output does not say: options before the plan's file, that before the output itself."""

import json
from pathlib import Path

import pandas as pd
import pytest

from experiments.measure.round_trip import least_ms
from tests.experiments.running import run
from tests.experiments.test_as_json import answer, documented
from tests.measure.real import LADDER, OUTPUTS

#: What three pings print: iputils, macOS, BusyBox; the figures of the first are a loopback's.
PINGS = {
    "rtt min/avg/max/mdev = 0.021/0.036/0.050/0.008 ms": 0.021,
    "round-trip min/avg/max/stddev = 13.201/14.950/17.310/1.204 ms": 13.201,
    "round-trip min/avg/max = 0.081/0.112/0.150 ms": 0.081,
}


def read(output: Path, *arguments: str) -> dict[str, str]:
    """The one row of an output."""
    rows = output.with_suffix(".csv")
    assert run("measure", "read", str(output), f"--out={rows}", *arguments) == 0
    (row,) = pd.read_csv(rows, dtype=str, keep_default_na=False).to_dict("records")
    return {str(name): str(cell) for name, cell in row.items()}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    path = tmp_path / "one.txt"
    path.write_text(LADDER[32768])
    return path


def test_options_go_before_the_plan_and_the_plan_before_the_output(output: Path) -> None:
    beside = {"rtt_ms": 30, "partitions": 3, "replicas": 3, "settings": {"acks": "1"}}
    output.with_name("one.run.json").write_text(json.dumps(beside))
    row = read(output, "--rtt-ms=40.075", "--set=linger.ms=9", "--rate=0")
    assert row["rtt_us"] == "40000"  # what every row's path takes anyway is not counted twice
    assert (row["partitions"], row["replicas"], row["brokers"]) == ("3", "3", "1")
    assert row["settings"] == "acks=1;linger.ms=9"
    assert row["size"] == "200"  # of the output's MB
    assert row["socket_receive_buffer_bytes"] == ""


def test_the_round_trip_is_pings_where_nobody_says_it(output: Path) -> None:
    (line,) = (line for line in PINGS if "stddev" in line)
    output.with_name("ping.out").write_text(f"20 packets transmitted\n{line}\n")
    assert read(output)["rtt_us"] == "13126"
    assert read(output, "--rtt-ms=5.075")["rtt_us"] == "5000"


@pytest.mark.parametrize("line", PINGS)
def test_three_kinds_of_ping(line: str, tmp_path: Path) -> None:
    path = tmp_path / "ping.out"
    path.write_text(f"--- kafka ping statistics ---\n{line}\n")
    assert least_ms(path) == PINGS[line]


def test_a_proxy_takes_both_buffers_out_of_play(output: Path) -> None:
    row = read(output, "--rtt-ms=50", "--proxy", "--set=acks=1")
    assert row["socket_receive_buffer_bytes"] == "-1"
    assert row["settings"] == "acks=1;send.buffer.bytes=-1"


def test_what_is_held_out_is_not_fitted_on(output: Path) -> None:
    assert read(output, "--rtt-ms=50")["calibration"] == "1"
    assert read(output, "--rtt-ms=50", "--hold-out")["calibration"] == "0"


def test_another_clients_rows_are_never_fitted_on(output: Path) -> None:
    output.write_text(OUTPUTS["librdkafka, documented"])
    assert read(output, "--rtt-ms=1", "--record-bytes=31")["calibration"] == "0"


def test_answers_for_programs(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = f"--out={output.with_suffix('.csv')}"
    found = answer(capsys, "measure", "read", str(output), rows, "--rtt-ms=50")
    assert set(found) <= documented("all") | documented("measure")
    assert found["answer"] == "Read 1 run. It may be used to fit constants."
    assert any("memory that is full" in note for note in found["notes"])
    script = f"--out={output.with_name('measure.sh')}"
    basic = ["--bootstrap=kafka:9092", "--topic=probe"]
    planned = answer(capsys, "measure", "plan", *basic, script)
    assert set(planned) <= documented("all") | documented("measure")

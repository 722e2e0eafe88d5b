"""From a real broker to constants and back: plan, run, read, calibrate, predict, run that.

The broker is a proxy's ten milliseconds away. Skipped where Java or Maven is missing, unless
INFLIGHT_NEEDS_JAVA=1 says that they have to be. Nothing is timed but by Kafka's own tool, and the
machine may be busy: what is asked of the prediction is the right size, not the last per cent.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from experiments.__main__ import inflight
from experiments.kit.command import run_command
from tests.clients.releases import JAVA, MAVEN
from tests.measure.far_away import FarAway
from tests.measure.real_broker import KAFKA, broker, fetch, scripts

NEEDED = os.environ.get("INFLIGHT_NEEDS_JAVA") == "1"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (NEEDED or (JAVA and MAVEN)), reason="needs Java and Maven"),
]
RTT_MS = 10
KAFKA_MINOR = KAFKA.rpartition(".")[0]
#: Ours: two thirds to one and a half times; cores are shared with other tests.
NEAR = 1.5
#: Not run in the plan, and how many records of it.
HELD = {"max.in.flight.requests.per.connection": "3", "batch.size": "32768", "acks": "all"}
HELD_RECORDS = 60_000


@dataclass(frozen=True)
class Lab:
    """Where Kafka's scripts are, and the way to the broker."""

    scripts: Path
    bootstrap: str


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A broker that is ten milliseconds away."""
    fetch()
    way = FarAway(RTT_MS / 1e3)
    (tmp_path / "broker").mkdir()
    with broker(tmp_path / "broker", advertised=way.here) as port:
        way.lead_to(port)
        yield Lab(scripts(tmp_path / "bin"), f"127.0.0.1:{way.here}")
    way.close()


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
    """Run a command that has to come out well."""
    with pytest.raises(SystemExit) as exit_info:
        run_command(inflight, list(arguments))
    assert exit_info.value.code in (0, None), capsys.readouterr().err


def test_constants_of_a_real_broker_predict_a_setting_that_was_not_run(
    lab: Lab,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    one = ("--partitions=1", "--brokers=1", "--replicas=1", "--min-insync=1")
    most = ("--seconds=30", "--most-mb=600")
    plan = ("measure", "plan", f"--bootstrap={lab.bootstrap}", "--topic=probe")
    told(capsys, *plan, f"--kafka={KAFKA_MINOR}", *one, *most, "--set=buffer.memory=2097152")
    environment = {**os.environ, "KAFKA_BIN": str(lab.scripts)}
    subprocess.run(["sh", "measure.sh"], env=environment, check=True)

    outputs = sorted(str(path) for path in Path("measured").glob("*.txt"))
    assert len(outputs) == 4
    far = (f"--rtt-ms={RTT_MS}", "--proxy")
    told(capsys, "measure", "read", *outputs, *far, "--out=rows.csv")
    told(capsys, "calibrate", "--measured=rows.csv", "--out=constants.json", "--jobs=1")
    constants = json.loads(Path("constants.json").read_text())["constants"]
    assert constants["wake_us"] > 0

    (tmp_path / "held.txt").write_text(perf(lab, {**HELD, "buffer.memory": "2097152"}))
    settings = [f"--set={key}={value}" for key, value in HELD.items()]
    said = ("--record-bytes=1000", "--rate=0", f"--kafka={KAFKA_MINOR}", *settings)
    held = ("measure", "read", "held.txt", *far, *said, "--set=buffer.memory=2097152")
    told(capsys, *held, "--hold-out", "--out=held.csv")
    constants_too = ("--constants=constants.json", "--jobs=1")
    told(capsys, "validate", "--measured=held.csv", *constants_too, "--out=predicted.csv")
    (row,) = pd.read_csv("predicted.csv").to_dict("records")
    # so short a run's records/s are not trusted; a request's latency is
    assert 1 / NEAR < row["model_request_latency_avg"] / row["request_latency_avg"] < NEAR


def perf(lab: Lab, settings: dict[str, str]) -> str:
    """What Kafka's tool prints of a run at full speed."""
    ran = subprocess.run(
        [
            str(lab.scripts / "kafka-producer-perf-test.sh"),
            *("--topic", "probe", "--num-records", str(HELD_RECORDS), "--record-size", "1000"),
            *("--throughput", "-1", "--print-metrics", "--producer-props"),
            f"bootstrap.servers={lab.bootstrap}",
            *(f"{key}={value}" for key, value in settings.items()),
        ],
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    return ran.stdout

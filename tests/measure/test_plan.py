"""The plan's script: right for each release, safe, and read again as it was meant."""

import subprocess
from pathlib import Path

import pandas as pd
import pytest

from tests.experiments.running import run
from tests.experiments.test_bad_input import refused
from tests.measure import fakes

BASIC = ["--bootstrap=kafka.example:9092", "--topic=probe"]
DEPTH = "max.in.flight.requests.per.connection"


def planned(folder: Path, *arguments: str) -> Path:
    """A script that the command wrote."""
    script = folder / "measure.sh"
    assert run("measure", "plan", *BASIC, f"--out={script}", *arguments) == 0
    return script


def started(script: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The script run where it lies, with fakes alone."""
    return subprocess.run(
        ["sh", script.name], cwd=script.parent, env=environment, capture_output=True, text=True
    )


def options_of(call: list[str]) -> set[str]:
    return {word for word in call if word.startswith("--")}


@pytest.mark.parametrize("kafka", ["3.0", "3.9", "4.1", "4.2", "4.4"])
def test_it_runs_and_its_outputs_become_rows(kafka: str, tmp_path: Path) -> None:
    script = planned(tmp_path, f"--kafka={kafka}", "--set=acks=all", "--set=linger.ms=7")
    environment = fakes.installed(tmp_path / "bin", tmp_path / "log")
    done = started(script, environment)
    assert done.returncode == 0, done.stderr
    topics, ping, *perf = fakes.calls(tmp_path / "log")
    assert topics[0] == "kafka-topics.sh"
    assert {"--create", "probe", "min.insync.replicas=2"} <= set(topics)
    assert ping[-1] == "kafka.example"
    assert len(perf) == 5
    new = kafka in ("4.2", "4.4")
    for call in perf:
        expected = {"--command-property", "--bootstrap-server", "--warmup-records"}
        assert bool(expected <= options_of(call)) == new
        assert ("--producer-props" in call) == (not new)
        assert ("bootstrap.servers=kafka.example:9092" in call) == (not new)
        assert {"acks=all", "linger.ms=7", "--print-metrics"} <= set(call)
    depths = [next(word for word in call if word.startswith(DEPTH))[-1] for call in perf]
    assert depths == ["1", "1", "5", "1", "5"]
    rates = [call[call.index("--throughput") + 1] for call in perf]
    assert rates == ["-1", "-1", "-1", "-1", "501"]
    rows = tmp_path / "rows.csv"
    outputs = [str(tmp_path / "measured" / f"{name}.txt") for name in ("one", "five", "held")]
    assert run("measure", "read", *outputs, f"--out={rows}") == 0
    one, five, held = pd.read_csv(rows, dtype=str).to_dict("records")
    assert (one["rtt_us"], one["size"], one["kafka"]) == ("14000", "1000", kafka)
    assert (one["brokers"], one["replicas"], one["min_insync"]) == ("1", "3", "2")
    assert one["settings"] == f"acks=all;batch.size=16384;linger.ms=7;{DEPTH}=1"
    assert [float(each["records_per_s"]) for each in (one, five, held)] == [1000, 4000, 501]
    assert [each["target_rate"] for each in (one, five, held)] == ["0", "0", "501"]
    assert {each["calibration"] for each in (one, five, held)} == {"1"}


def test_records_are_bounded_and_what_is_written_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = planned(tmp_path, "--most-mb=40", "--replicas=2")
    said = capsys.readouterr().out
    assert "84 MB at most" in said  # 42,000 records of 1,000 bytes, twice
    done = started(script, fakes.installed(tmp_path / "bin", tmp_path / "log"))
    assert "84 MB at most" in done.stderr
    perf = [call for call in fakes.calls(tmp_path / "log") if "--num-records" in call]
    records = [int(call[call.index("--num-records") + 1]) for call in perf]
    assert records == [2_000, 10_000, 10_000, 10_000, 10_000]


def test_an_old_topic_or_an_old_folder_stops_it(tmp_path: Path) -> None:
    script = planned(tmp_path)
    environment = fakes.installed(tmp_path / "bin", tmp_path / "log")
    (tmp_path / "bin" / "kafka-topics.sh").write_text("#!/bin/sh\nexit 1\n")
    done = started(script, environment)
    assert done.returncode == 1
    assert "must be new" in done.stderr
    assert not (tmp_path / "measured").exists()
    (tmp_path / "measured").mkdir()
    assert "there already" in started(script, environment).stderr
    assert not (tmp_path / "log").exists()


def test_security_settings_stay_in_their_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    properties = tmp_path / "producer.properties"
    secret = "org.example.Login required password='$(touch pwned)';"
    properties.write_text(
        f"acks=1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config={secret}\n"
    )
    script = planned(tmp_path, f"--properties={properties}", "--kafka=3.9")
    assert "CLIENT_CONFIG" in capsys.readouterr().out
    assert "pwned" not in script.read_text()
    assert "PLAIN" not in script.read_text()
    environment = fakes.installed(tmp_path / "bin", tmp_path / "log")
    done = started(script, environment)
    assert done.returncode != 0
    assert "security settings" in done.stderr
    done = started(script, {**environment, "CLIENT_CONFIG": "my secrets.properties"})
    assert done.returncode == 0, done.stderr
    topics, _, *perf = fakes.calls(tmp_path / "log")
    assert topics[topics.index("--command-config") + 1] == "my secrets.properties"
    assert all(
        call[call.index("--producer.config") + 1] == "my secrets.properties" for call in perf
    )


EVIL = (
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    '"; touch pwned; "',
    "a\ntouch pwned",
)


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("where", ["--bootstrap", "--topic"])
def test_what_is_no_address_or_name_is_refused(
    where: str, evil: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "measure.sh"
    line = refused(["measure", "plan", *BASIC, f"{where}={evil}", f"--out={out}"], capsys)
    assert where in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("key", ["acks", "linger.ms", "batch.size", "client.id", "own.key"])
def test_nothing_in_a_file_is_executed(key: str, evil: str, tmp_path: Path) -> None:
    """What Kafka refuses is refused; names, and keys that are none, stay out of the script."""
    properties = tmp_path / "producer.properties"
    escaped = evil.replace("\n", "\\n")
    properties.write_text(f"retries=3\n{key}={escaped}\n")
    script = tmp_path / "measure.sh"
    code = run("measure", "plan", *BASIC, f"--out={script}", f"--properties={properties}")
    assert code == (2 if key in ("acks", "linger.ms", "batch.size") else 0)
    assert script.exists() == (code == 0)
    if code == 0:
        assert "pwned" not in script.read_text()


@pytest.mark.parametrize("evil", [*EVIL, "-rf", "with blanks", "a*b?"])
def test_whatever_a_folder_is_called_it_is_only_made(evil: str, tmp_path: Path) -> None:
    script = planned(tmp_path, f"--results={evil}")
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
    environment = fakes.installed(tmp_path / "bin", tmp_path / "log")
    done = started(script, environment)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "pwned").exists()
    assert (tmp_path / evil / "one.run.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--kafka=2.8"], "kafka=2.8"),
        (["--record-bytes=0"], "--record-bytes=0"),
        (["--seconds=5"], "--seconds=5"),
        (["--most-mb=1"], "--most-mb=1"),
        (["--most-mb=nan"], "--most-mb"),
        (["--min-insync=4"], "--min-insync=4"),
        (["--partitions=0"], "partitions=0"),
        (["--topic=.."], "--topic"),
        (["--bootstrap=kafka"], "--bootstrap=kafka"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_plan_that_cannot_be(
    arguments: list[str], named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "measure.sh"
    line = refused(["measure", "plan", *BASIC, f"--out={out}", *arguments], capsys)
    assert named in line
    assert not out.exists()

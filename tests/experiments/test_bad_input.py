"""Bad input: one line that names setting, value and rule, exit code 2, nothing written."""

import os
from pathlib import Path

import pytest

from experiments.__main__ import inflight
from experiments.catalogue import EXPERIMENTS
from experiments.kit.command import run_command

LAST = len(EXPERIMENTS)
FIVE = "--set=max.in.flight.requests.per.connection=5"


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a command refuses these arguments with."""
    with pytest.raises(SystemExit) as exit_info:
        run_command(inflight, arguments)
    printed = capsys.readouterr()
    assert exit_info.value.code == 2
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "Traceback" not in printed.err
    return printed.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--properties=nowhere.properties"], ["nowhere.properties", "cannot be read"]),
        (["--rtt-ms=-1"], ["rtt-ms=-1", ">= 0"]),
        (["--rtt-ms=nan"], ["rtt-ms=nan", "a number"]),
        (["--rtt-ms=inf"], ["rtt-ms=inf", "a number"]),
        (["--rate=0"], ["rate", "0", "> 0"]),
        (["--rate=nan"], ["rate", "nan", "> 0"]),
        (["--outstanding=0"], ["outstanding=0", "from 1"]),
        (["--set=acks=1", "--set=enable.idempotence=true"], ["acks=1", "must be all"]),
        (["--set=max.in.flight.requests.per.connection=6"], ["=6", "at most 5"]),
        (["--set=batch.size=40000000"], ["batch.size=40000000", "at most buffer.memory"]),
        (["--set=linger.ms=2.5"], ["linger.ms=2.5"]),
        (["--set=acks"], ["--set", "KEY=VALUE"]),
        (["--partitions=1000000"], ["partitions=1000000", "10000"]),
        (["--partitions=0"], ["partitions=0", "from 1"]),
        (["--kafka=2.8"], ["kafka=2.8", "3.0 to 4.4"]),
        (["--record-bytes=-5"], ["-5", "from 0"]),
        (["--repeats=1"], ["repeats=1", "from 2"]),
        (["--replications=1"], ["repeats=1", "from 2"]),
        (["--replicas=0"], ["replicas=0", "from 1"]),
        (["--replicas=-3"], ["replicas=-3", "from 1"]),
        (["--replicas=three"], ["--replicas", "three"]),
        (["--replicas=4", "--brokers=3"], ["replicas=4", "as many as brokers (3)"]),
        (["--replicas=1000"], ["brokers * (replicas - 1)=999000", "at most 10,000"]),
        ([f"--replicas={10**30}"], ["replicas=1", "from 1 to 1000"]),
        (["--min-insync=4"], ["min.insync.replicas=4", "as many as replicas (3)"]),
        (["--min-insync=0"], ["min.insync.replicas=0", "from 1"]),
        (["--replicas=1", "--min-insync=2"], ["min.insync.replicas=2", "replicas (1)"]),
        (["--replica-rtt-ms=nan"], ["replica-rtt-ms=nan", "a number"]),
        (["--replica-rtt-ms=-1"], ["replica-rtt-ms=-1", ">= 0"]),
        (["--replica-rtt-ms=1e9"], ["replica-rtt-ms=1000000000.0", "at most 60,000"]),
        (["--replica-rtt-ms=inf", "--replicas=1"], ["replica-rtt-ms=inf", "a number"]),
        (["--compression-ratio=4"], ["compression-ratio=4", "0.25 for four to one"]),
        (["--compression-ratio=0"], ["compression-ratio=0", "from 0.01 to 1.1"]),
        (["--compression-ratio=nan"], ["compression-ratio=nan"]),
        (["--sample=no/such/file"], ["sample=no/such/file", "cannot be read"]),
        (["--sample=/dev/null"], ["sample=/dev/null", "regular file"]),
        (["--sample=x", "--compression-ratio=0.5"], ["sample=x", "beside compression-ratio"]),
        (["--set=compression.type=brotli"], ["compression.type=brotli"]),
        (["--seed=-1"], ["seed=-1"]),
        (["--constants=nowhere.json"], ["nowhere.json", "cannot be read"]),
        (["--no-such-option"], ["--no-such-option"]),
    ],
    ids=lambda value: " ".join(value) if value and value[0].startswith("--") else "",
)
def test_compare_refuses(
    arguments: list[str], named: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results"
    line = refused(["compare", f"--out={out}", *arguments], capsys)
    assert all(part in line for part in named), line
    assert not out.exists()


def test_an_unreadable_properties_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.properties"
    broken.write_bytes(b"acks=\\u00zz\n")
    assert "broken.properties" in refused(["compare", f"--properties={broken}"], capsys)
    assert "must be a regular file" in refused(["compare", f"--properties={tmp_path}"], capsys)


MEASURED = (
    "cluster,rtt_us,jitter_us,rate_Bps,loss,partitions,size,key_space,target_rate,"
    "outstanding,secs,settings\n"
)


def measured_more(column: str, cell: str) -> str:
    """A good row with one more column."""
    return f"{MEASURED.strip()},{column}\nsingle,1000,0,0,0,1,100,0,0,0,4,,{cell}\n"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("a,b\n1,2\n", ["columns", "cluster"]),
        (MEASURED + "single,fast,0,0,0,1,100,0,0,0,4,\n", ["rtt_us=fast", "a number"]),
        (MEASURED + "single,-1,0,0,0,1,100,0,0,0,4,\n", ["rtt_us=-1", ">= 0"]),
        (MEASURED + "single,1000,0,0,0,1.5,100,0,0,0,4,\n", ["partitions=1.5", "whole"]),
        (MEASURED + "quartet,1000,0,0,0,1,100,0,0,0,4,\n", ["cluster=quartet", "single"]),
        (MEASURED + "single,1000,0,0,0,1,100,0,0,0,4,acks=2\n", ["acks=2"]),
        (MEASURED + "single,1000,0,0,0,1,100,0,0,0,0,\n", ["secs=0", "> 0"]),
        ("\x00\x00", ["measured"]),
        ("", ["measured", "CSV"]),
        (MEASURED, ["measured", "must have a row"]),
        (MEASURED + "single,1000,0,0,0,1,100,0,0,0,4\n", ["12 cells in line 2", "has 11"]),
        (MEASURED + "single,1000,1e300,0,0,1,100,0,0,0,4,\n", ["line 2: jitter-ms=1e", "at most"]),
        (MEASURED + "single,1e308,0,0,0,1,100,0,0,0,4,\n", ["line 2: rtt-ms=1e", "at most"]),
        (MEASURED + "\nsingle,1000,0,0,0,1,100,0,0,0,4,=;=;\n", ["line 3, column 12: settings"]),
        (measured_more("records_per_s", "abc"), ["line 2, column 13: records_per_s=abc", ">= 0"]),
        (measured_more("records_per_s", "-5"), ["line 2, column 13: records_per_s=-5"]),
        (measured_more("p99_ms", "inf"), ["line 2, column 13: p99_ms=inf"]),
        (measured_more("seconds", "-1"), ["line 2, column 13: seconds=-1"]),
        (measured_more("calibration", "maybe"), ["line 2, column 13: calibration=maybe", "0 or 1"]),
        (measured_more("noisy", "7"), ["line 2, column 13: noisy=7", "0 or 1"]),
        (measured_more("secs", "4"), ["secs only once (line 1, column 13)"]),
        (MEASURED + 20_001 * "single,0,0,0,0,1,100,0,0,0,4,\n", ["at most 20,000 rows"]),
    ],
    ids=lambda value: value[-40:] if isinstance(value, str) else "",
)
def test_validate_refuses(
    content: str, named: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measured, out = tmp_path / "measured.csv", tmp_path / "out.csv"
    measured.write_text(content)
    line = refused(["validate", f"--measured={measured}", f"--out={out}"], capsys)
    assert all(part in line for part in named), line
    assert not out.exists()


def test_constants_that_are_none_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    constants = tmp_path / "constants.json"
    constants.write_text('{"constants": {"wake_us": -1}}')
    assert "constants" in refused(["compare", f"--constants={constants}"], capsys)


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "comprae" in refused(["comprae"], capsys)


def test_a_folder_that_cannot_be_written_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measured, occupied = tmp_path / "measured.csv", tmp_path / "file"
    measured.write_text(MEASURED + "single,1000,0,0,0,1,100,0,0,0,0.01,\n")
    occupied.write_text("")
    arguments = ["validate", f"--measured={measured}", f"--out={occupied / 'out.csv'}"]
    assert "must be writable" in refused(arguments, capsys)


FAULTS = "cluster,fault,rtt_us,rate,before_s,during_s,after_s,partitions,size,settings\n"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--schedule=nowhere.toml"], ["nowhere.toml", "one_error"]),
        (["--campaign=0"], ["campaign", "0"]),
        (["--campaign=5", "--likelihood"], ["takes one of", "--schedule"]),
        (["--measured=nowhere.csv"], ["nowhere.csv", "must be a file"]),
        (["--rtt-ms=-1"], ["rtt-ms=-1", ">= 0"]),
        (["--set=batch.size=40000000"], ["batch.size=40000000"]),
        (["--kafka=2.8"], ["kafka=2.8"]),
    ],
)
def test_faults_refuses(
    arguments: list[str], named: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results"
    line = refused(["faults", f"--out={out}", *arguments], capsys)
    assert all(part in line for part in named), line
    assert not out.exists()


def test_a_fault_that_would_reach_no_record_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schedule, out = tmp_path / "crash.toml", tmp_path / "results"
    schedule.write_text('[[fault]]\nwhat = "broker-crash"\nbroker = 1\nat_s = 1\nfor_s = 2\n')
    arguments = ["faults", f"--schedule={schedule}", f"--out={out}", "--brokers=3"]
    line = refused([*arguments, "--replicas=1"], capsys)
    assert "broker=1: leads no partition of 1" in line
    assert "--partitions 2 or more" in line
    assert not out.exists()


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("single,earthquake,20000,600,3,1,5,1,1000,acks=1", ["fault=earthquake", "ackloss"]),
        ("duo,none,20000,600,3,1,5,1,1000,acks=1", ["cluster=duo", "single"]),
        ("single,none,far,600,3,1,5,1,1000,acks=1", ["rtt_us=far", "number"]),
        ("single,none,20000,-1,3,1,5,1,1000,acks=1", ["rate=-1", ">= 0"]),
        ("single,none,20000,600,3,1,5,1,1000,acks=2", ["line 2: acks=2"]),
    ],
)
def test_measured_faults_that_cannot_be_are_refused(
    row: str, named: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, out = tmp_path / "faults.csv", tmp_path / "out.csv"
    rows.write_text(f"{FAULTS}{row}\n", encoding="utf-8")
    line = refused(["faults", f"--measured={rows}", f"--out={out}"], capsys)
    assert all(part in line for part in named), line
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([str(LAST + 1)], [f"question={LAST + 1}", f"from 1 to {LAST}"]),
        (["0"], ["question=0", f"from 1 to {LAST}"]),
        (["everything"], ["question=everything", f"from 1 to {LAST}"]),
        (["3", "--rtt-ms=-1"], ["rtt-ms=-1", ">= 0"]),
        (["3", "--rtt-ms=nan"], ["rtt-ms=nan", "a number"]),
        (["3", "--rate=0"], ["rate", "> 0"]),
        (["3", "--repeats=1"], ["repeats=1", "from 2"]),
        (["3", "--replicas", "3", "--brokers", "2"], ["replicas=3", "brokers (2)"]),
        (["1", "--min-insync", "4"], ["min.insync.replicas=4", "replicas (3)"]),
        (["3", "--set=batch.size=40000000"], ["batch.size=40000000", "at most buffer.memory"]),
        (["3", "--properties=nowhere.properties"], ["nowhere.properties", "cannot be read"]),
        (["1", "--set=retries=0"], ["retries=0", "above 0"]),
        (["3", "--partitions=0"], ["partitions=0", "from 1"]),
        (["3", "4"], ["question=3 4", f"from 1 to {LAST}"]),
        (["no\x1bsuch\x07thing"], ["question=no", "inflight ask lists"]),
        (["zebra", "batch"], ["question=zebra batch", "inflight ask lists"]),
    ],
    ids=lambda value: " ".join(value) if value and value[0].isdigit() else "",
)
def test_ask_refuses_in_one_line_and_writes_nothing(
    arguments: list[str], named: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results"
    line = refused(["ask", f"--out={out}", *arguments], capsys)
    assert all(part in line for part in named), line
    assert not out.exists()


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ('[[fault]]\nwhat = "connection-reset"\nat_s = 1' + 400 * "0", ["at_s=1000", "a number"]),
        ("a = " + 20_000 * "[" + 20_000 * "]", ["must be TOML"]),
        (1_001 * '[[fault]]\nwhat = "connection-reset"\nat_s = 1\n', ["faults=1001"]),
        ("#" * 300_000, ["at most 262,144 bytes"]),
        ('[[fault]]\nwhat = "\\u001b[31m"\nat_s = 1', ["what=", "one of"]),
    ],
    ids=lambda value: value[-20:] if isinstance(value, str) else "",
)
def test_schedules_that_cannot_be_are_refused(
    content: str, named: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schedule, out = tmp_path / "schedule.toml", tmp_path / "results"
    schedule.write_text(content, encoding="utf-8")
    line = refused(["faults", f"--schedule={schedule}", f"--out={out}"], capsys)
    assert all(part in line for part in named), line
    assert line.strip().isprintable()
    assert not out.exists()


@pytest.mark.parametrize("rate", ["nan", "inf", "1e308", "-1", "0"])
def test_a_rate_that_cannot_be_is_refused(
    rate: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["faults", "--schedule=one_error", f"--rate={rate}", f"--out={tmp_path / 'out'}"]
    assert "rate in records/s=" in refused(arguments, capsys)
    assert not (tmp_path / "out").exists()


OPTIONS = {
    "compare": ("--properties", "--constants", "--world"),
    "settings": ("--properties",),
    "faults": ("--schedule", "--measured", "--constants"),
    "validate": ("--measured", "--constants"),
    "calibrate": ("--measured",),
}


@pytest.mark.parametrize(
    ("command", "option"), [(name, option) for name, of in OPTIONS.items() for option in of]
)
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "gone", "deep", "name"])
def test_what_is_no_regular_file_is_refused_and_not_waited_for(
    kind: str, command: str, option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "deep").write_text('{"constants": ' + 100_000 * "[", encoding="utf-8")
    paths = {"device": Path("/dev/zero"), "folder": tmp_path, "name": tmp_path / ("x" * 300)}
    path = paths.get(kind, tmp_path / kind)
    arguments = [command, f"{option}={path}", f"--out={tmp_path / 'out.csv'}"]
    if command == "settings":
        arguments = [command, str(path)]
    elif option == "--constants" and command == "validate":
        arguments.append("--measured=single")
    refused(arguments, capsys)
    assert not (tmp_path / "out.csv").exists()

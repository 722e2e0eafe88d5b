"""`inflight sweep`: what it leaves; damage, failures, interrupts and bad arguments."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from experiments.kit.journal import NAME
from experiments.kit.store import load_frame
from model import Scenario, simulate
from tests.experiments.running import run

SMALL = "depth"
LARGE = "idempotence"  # 822 runs: not over before it is interrupted


def test_parquet_holds_the_rows_of_the_csv_and_the_manifest_vouches_for_all(tmp_path: Path) -> None:
    assert run("sweep", SMALL, "--smoke", "--jobs=1", f"--out={tmp_path}") == 0
    parquet = pd.read_parquet(tmp_path / "rows.parquet")
    rows = load_frame(tmp_path, "rows")
    pd.testing.assert_frame_equal(rows, parquet, check_dtype=False)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert set(manifest["sha256"]) == {"rows.csv", "rows.parquet", "answer.txt", "tables.json"}
    assert manifest["rows"] == len(rows)
    assert manifest["failed"] == {}


#: Files that may be damaged too.
OTHERS = ("rows.parquet", "manifest.json", NAME)


@pytest.mark.parametrize(
    "damaged", ["rows.csv", *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)]
)
def test_damaged_results_are_refused_and_left_as_they_are(
    damaged: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("sweep", SMALL, "--smoke", "--jobs=1", f"--out={tmp_path}")
    assert run(*arguments) == 0
    content = (tmp_path / damaged).read_bytes()
    half = content[: len(content) // 2].rstrip(b"}\n") + b"\n"  # never the end of a line
    (tmp_path / damaged).write_bytes(half)
    capsys.readouterr()
    assert run(*arguments) == 2
    printed = capsys.readouterr().err
    assert damaged in printed
    assert printed.count("\n") == 1
    assert (tmp_path / damaged).read_bytes() == half
    (tmp_path / damaged).unlink()
    assert run(*arguments) == 0  # missing is not damaged


@pytest.mark.slow
def test_a_failing_point_ends_in_exit_code_1_with_the_others_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails_at_three(scenario: Scenario, seed: int) -> object:
        if scenario.producer.max_in_flight_requests_per_connection == 3:
            raise RuntimeError("three")
        return simulate(scenario, seed)

    monkeypatch.setattr("experiments.kit.runner.simulate", fails_at_three)
    arguments = ("sweep", SMALL, "--smoke", "--jobs=1", f"--out={tmp_path}")
    assert run(*arguments) == 1
    assert "RuntimeError: three" in capsys.readouterr().err
    assert 3 not in set(load_frame(tmp_path, "rows")["depth"])
    assert "three" in (tmp_path / "manifest.json").read_text()
    monkeypatch.setattr("experiments.kit.runner.simulate", simulate)
    assert run(*arguments) == 0
    assert 3 in set(load_frame(tmp_path, "rows")["depth"])


def interruptible(*arguments: str) -> subprocess.Popen[str]:
    """An inflight command that an interrupt reaches, also where it is ignored by inheritance."""
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        " sys.argv[0] = 'inflight'; from experiments.__main__ import main; main()"
    )
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def test_an_interrupt_keeps_what_was_done_and_says_how_to_go_on(tmp_path: Path) -> None:
    arguments = ["sweep", LARGE, f"--out={tmp_path}"]
    for jobs in ("--jobs=1", "--jobs=2"):
        before = (tmp_path / NAME).read_bytes().count(b"\n") if jobs == "--jobs=2" else 0
        running = interruptible(*arguments, jobs)
        while running.poll() is None:
            if (tmp_path / NAME).exists() and (tmp_path / NAME).read_bytes().count(b"\n") > before:
                os.kill(running.pid, signal.SIGINT)
                break
            time.sleep(0.005)
        printed = running.communicate()[1]
        assert running.returncode == 130
        assert "Traceback" not in printed
        assert "the same command goes on" in printed
        kept = (tmp_path / NAME).read_bytes().count(b"\n")
        assert before < kept < 800
    assert not (tmp_path / "rows.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["nonsense"], "must be one of order"),
        ([], "takes one of NAME"),
        (["depth", "--all"], "takes one of NAME"),
        (["depth", "--jobs=0"], "jobs"),
        (["depth", "--jobs=2", "--cluster=x"], "exclude each other"),
    ],
)
def test_bad_arguments_are_told_in_one_line(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("sweep", *arguments) == 2
    printed = capsys.readouterr()
    assert named in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""

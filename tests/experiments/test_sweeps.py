"""Every sweep: its points, its smoke run, what it leaves; and the command around them."""

import ast
import json
import os
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

from experiments.__main__ import inflight
from experiments.kit.command import run_command
from experiments.kit.grid import grid, point_id
from experiments.kit.journal import NAME
from experiments.kit.store import load_frame
from experiments.kit.sweep import load_analysis, load_sweep
from experiments.sweeps import SWEEPS
from model import Scenario, simulate

SMALL = "depth"
LARGE = "idempotence"  # 816 runs: not over before it is interrupted


def run(*arguments: str) -> object:
    """The exit code of an inflight command in this process."""
    with pytest.raises(SystemExit) as exit_info:
        run_command(inflight, arguments)
    return exit_info.value.code


@pytest.mark.parametrize("name", SWEEPS)
def test_points_are_immutable_and_have_ids_of_their_own(name: str) -> None:
    sweep = load_sweep(name)
    ids = [point_id(point) for point in sweep.points]
    assert len(ids) == len(set(ids))
    assert {point_id(point) for point in sweep.smoke} <= set(ids)
    for point in (sweep.points[0], sweep.smoke[-1]):
        with pytest.raises(TypeError):
            point["rtt_ms"] = 3  # type: ignore[index]  # that it cannot be set is the point


@pytest.mark.parametrize("name", SWEEPS)
def test_every_point_is_a_scenario_that_can_be(name: str) -> None:
    sweep = load_sweep(name)
    assert all(isinstance(sweep.at(point), Scenario) for point in sweep.points)


@pytest.mark.parametrize("name", SWEEPS)
def test_an_analysis_needs_rows_and_not_the_model(name: str) -> None:
    source = Path(str(import_module(f"experiments.sweeps.{name}.analysis").__file__))
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").partition(".")[0] != "model"
            assert not (node.module or "").endswith(".sweep")


@pytest.mark.parametrize("name", SWEEPS)
def test_the_smoke_points_run_draw_and_answer(name: str, tmp_path: Path) -> None:
    assert run("sweep", name, "--smoke", "--jobs=1", f"--out={tmp_path}") == 0
    sweep, rows = load_sweep(name), load_frame(tmp_path, "rows")
    assert set(rows["point"]) == {point_id(point) for point in sweep.smoke}
    assert {outcome.__name__ for outcome in sweep.outcomes} <= set(rows.columns)
    answer = (tmp_path / "answer.txt").read_text()
    assert len(answer) > 40
    assert "nan" not in answer
    assert load_analysis(name).answer(rows).strip() == answer.strip()
    drawn = (tmp_path / "chart.png").read_bytes()
    assert run("plot", name, f"--results={tmp_path}") == 0
    assert (tmp_path / "chart.png").read_bytes() == drawn


def test_ids_say_the_values_and_two_is_two() -> None:
    (point,) = grid({"rtt_ms": (2.0,), "depth": (5,), "load": ("full",), "idempotent": (True,)})
    assert point_id(point) == "rtt_ms=2 depth=5 load=full idempotent=True"
    assert point_id({"rtt_ms": 2}) == point_id({"rtt_ms": 2.0})


def test_parquet_holds_the_rows_of_the_csv_and_the_manifest_vouches_for_all(tmp_path: Path) -> None:
    assert run("sweep", SMALL, "--smoke", "--jobs=1", f"--out={tmp_path}") == 0
    parquet = pd.read_parquet(tmp_path / "rows.parquet")
    rows = load_frame(tmp_path, "rows")
    pd.testing.assert_frame_equal(rows, parquet, check_dtype=False)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert set(manifest["sha256"]) == {"rows.csv", "rows.parquet", "answer.txt"}
    assert manifest["rows"] == len(rows)
    assert manifest["failed"] == {}


@pytest.mark.parametrize("damaged", ["rows.csv", "rows.parquet", "manifest.json", NAME])
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
    told = capsys.readouterr().err
    assert damaged in told
    assert told.count("\n") == 1
    assert (tmp_path / damaged).read_bytes() == half
    (tmp_path / damaged).unlink()
    assert run(*arguments) == 0  # missing is not damaged


def test_a_failing_point_ends_in_exit_code_1_with_the_others_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails_at_three(scenario: Scenario, seed: int) -> object:
        if scenario.producer.max_in_flight_requests_per_connection == 3:
            raise RuntimeError("three")
        return simulate(scenario, seed)

    monkeypatch.setattr("experiments.kit.task.simulate", fails_at_three)
    arguments = ("sweep", SMALL, "--smoke", "--jobs=1", f"--out={tmp_path}")
    assert run(*arguments) == 1
    assert "RuntimeError: three" in capsys.readouterr().err
    assert 3 not in set(load_frame(tmp_path, "rows")["depth"])
    assert "three" in (tmp_path / "manifest.json").read_text()
    monkeypatch.setattr("experiments.kit.task.simulate", simulate)
    assert run(*arguments) == 0
    assert 3 in set(load_frame(tmp_path, "rows")["depth"])


def test_an_interrupt_keeps_what_was_done_and_says_how_to_go_on(tmp_path: Path) -> None:
    script = [sys.executable, "-m", "experiments", "sweep", LARGE, f"--out={tmp_path}"]
    for jobs in ("--jobs=1", "--jobs=2"):
        before = (tmp_path / NAME).read_bytes().count(b"\n") if jobs == "--jobs=2" else 0
        running = subprocess.Popen([*script, jobs], stderr=subprocess.PIPE, text=True)
        while running.poll() is None:
            if (tmp_path / NAME).exists() and (tmp_path / NAME).read_bytes().count(b"\n") > before:
                os.kill(running.pid, signal.SIGINT)
                break
            time.sleep(0.005)
        told = running.communicate()[1]
        assert running.returncode == 130
        assert "Traceback" not in told
        assert "the same command goes on" in told
        kept = (tmp_path / NAME).read_bytes().count(b"\n")
        assert before < kept < 800
    assert not (tmp_path / "rows.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["nonsense"], "must be one of breakeven"),
        ([], "takes one of NAME"),
        (["depth", "--all"], "takes one of NAME"),
        (["depth", "--jobs=0"], "jobs"),
        (["depth", "--jobs=2", "--cluster=x"], "exclude each other"),
        (["--all", "--out=x"], "for one sweep"),
    ],
)
def test_bad_arguments_are_told_in_one_line(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("sweep", *arguments) == 2
    told = capsys.readouterr()
    assert named in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_lists_name_every_sweep_with_its_question(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("sweep", "--list") == 0
    told = capsys.readouterr().out
    assert run("list") == 0
    listed = capsys.readouterr().out
    for name in SWEEPS:
        assert load_sweep(name).question in told
        assert f"sweeps/{name}" in listed

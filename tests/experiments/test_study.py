"""A sweep carried out: it resumes, survives kills and failures, and gives the same rows always."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from experiments.kit.digest import run_digest, sources_digest
from experiments.kit.figures import row
from experiments.kit.journal import NAME
from experiments.kit.pool import Workers
from experiments.kit.replications import Contrast, Replications
from experiments.kit.runner import Task, carry_out, pilot_row
from model import Fault
from tests.experiments import tiny_sweep
from tests.experiments.tiny_sweep import POINTS, study

ALL_RUNS = len(POINTS) * 3  # a pilot and two replications each


@pytest.fixture
def trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for files that make runs misbehave."""
    folder = tmp_path / "trouble"
    folder.mkdir()
    monkeypatch.setenv("INFLIGHT_TINY", str(folder))
    return folder


#: Runs that are kept when the processes are killed; more are to come.
KILLED_AFTER = 5


def lines(folder: Path) -> int:
    """How many runs a journal has kept."""
    path = folder / NAME
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.mark.slow
def test_two_processes_give_the_same_rows_as_one_to_the_last_bit(tmp_path: Path) -> None:
    alone, _ = study(tmp_path / "one", Workers(1))
    together, _ = study(tmp_path / "two", Workers(2))
    pd.testing.assert_frame_equal(alone, together, check_exact=True)
    assert len(alone) == 2 * len(POINTS)


def test_a_second_time_nothing_is_run(tmp_path: Path) -> None:
    first, _ = study(tmp_path, Workers(1))
    again, made = study(tmp_path, Workers(1))
    assert made.progress.kept_before == made.progress.done == ALL_RUNS
    assert lines(tmp_path) == ALL_RUNS
    pd.testing.assert_frame_equal(first, again, check_exact=True)


@pytest.mark.slow
def test_killed_on_the_way_it_goes_on_and_doubles_nothing(trouble: Path, tmp_path: Path) -> None:
    (trouble / "slow").touch()
    out = tmp_path / "out"
    script = [sys.executable, "-m", "tests.experiments.tiny_sweep", str(out)]
    running = subprocess.Popen(script, start_new_session=True, stderr=subprocess.DEVNULL)
    while lines(out) < KILLED_AFTER and running.poll() is None:
        time.sleep(0.005)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert KILLED_AFTER <= lines(out) < ALL_RUNS
    kept = lines(out)
    (trouble / "slow").unlink()
    rows, made = study(out, Workers(1))
    assert made.progress.kept_before == kept
    assert lines(out) == ALL_RUNS
    assert not rows.duplicated(["point", "replication"]).any()
    fresh, _ = study(tmp_path / "fresh", Workers(1))
    pd.testing.assert_frame_equal(rows, fresh, check_exact=True)


def test_a_point_that_fails_is_kept_with_its_error_and_tried_again(
    trouble: Path, tmp_path: Path
) -> None:
    (trouble / "fail").touch()
    rows, made = study(tmp_path, Workers(1))
    assert set(rows["rtt_ms"]) == {1, 4}
    assert len(made.failed) == 4
    assert set(made.failed.values()) == {"ValueError: two is too many"}
    assert b"two is too many" in (tmp_path / NAME).read_bytes()
    (trouble / "fail").unlink()
    rows, made = study(tmp_path, Workers(1))
    assert len(rows) == 2 * len(POINTS)
    assert not made.failed
    assert made.progress.kept_before == ALL_RUNS - 4


@pytest.mark.slow
def test_a_worker_that_dies_costs_a_retry(trouble: Path, tmp_path: Path) -> None:
    (trouble / "kill").touch()
    out = tmp_path / "out"
    script = [sys.executable, "-m", "tests.experiments.tiny_sweep", str(out)]
    subprocess.run(script, check=True, stderr=subprocess.DEVNULL)
    assert not (trouble / "kill").exists()
    assert lines(out) == ALL_RUNS
    assert b"error" not in (out / NAME).read_bytes()


@pytest.mark.slow
def test_a_question_that_kills_every_worker_is_given_up() -> None:
    with Workers(2) as workers:
        assert list(workers.completed(tiny_sweep.die, [1])) == [(1, None)]


def test_replications_go_on_until_the_difference_is_known_or_the_limit_is_reached(
    tmp_path: Path,
) -> None:
    rows, _ = study(tmp_path, Workers(1), most=6)
    assert set(rows.groupby("point").size()) == {6}


def test_a_difference_that_is_known_needs_no_more_replications() -> None:
    points = [point.levels for point in POINTS[:2]]
    low, high = (f"rtt_ms=1 depth={depth}" for depth in (1, 5))
    rule = Replications(2, 10, Contrast("x", "depth", 1), 0.05)
    swing = {low: [{"x": 1.0}, {"x": 10.0}], high: [{"x": 4.0}, {"x": 40.0}]}
    assert rule.wanted(points, swing, {low: 2, high: 2}) == {low: 2, high: 2}
    apart = {low: [{"x": 1.0}, {"x": 10.0}], high: [{"x": 4.0}, {"x": 20.0}]}
    assert rule.wanted(points, apart, {low: 2, high: 2}) == {low: 4, high: 4}


def task(rtt_ms: float = 1) -> Task:
    """A run of the tiny sweep."""
    return Task("p", 0, tiny_sweep.scenario(rtt_ms, 5), 1, row("records_per_s"), "v")


def test_a_changed_setting_seed_or_figure_makes_another_digest() -> None:
    scenario, measure = task().scenario, row("records_per_s")
    digests = {
        run_digest(scenario, 1, measure),
        run_digest(task(rtt_ms=1.0001).scenario, 1, measure),
        run_digest(scenario, 2, measure),
        run_digest(scenario, 1, row("p99_ms")),
        run_digest(scenario, 1, pilot_row),
    }
    assert len(digests) == 5
    assert task().digest == run_digest(scenario, 1, measure)


def test_a_changed_model_makes_another_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "a.py").write_text("X = 1\n")
    before = sources_digest(tmp_path)
    (tmp_path / "part" / "notes.txt").write_text("not a source")
    assert sources_digest(tmp_path) == before
    (tmp_path / "part" / "a.py").write_text("X = 2\n")
    assert sources_digest(tmp_path) != before
    old = run_digest(task().scenario, 1, pilot_row)
    monkeypatch.setattr("experiments.kit.digest.model_version", lambda: "another")
    assert run_digest(task().scenario, 1, pilot_row) != old


def test_faults_that_a_point_draws_are_its_runs_own_and_the_same_every_time() -> None:
    plain = POINTS[0]
    drawn = replace(plain, faults=lambda seed: (Fault(what="connection-reset", at_s=0.01 * seed),))
    assert plain.run_of(1) == plain.run_of(2) == plain.scenario
    assert [fault.at_s for fault in drawn.run_of(2).faults] == [0.02]
    assert drawn.run_of(1) != drawn.run_of(2) == drawn.run_of(2)


def test_a_worker_with_another_model_is_not_believed() -> None:
    assert "version" in carry_out(task())["error"]

"""Intervals, stored runs, workers, windows."""

import math
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from experiments.kit.estimates import interval, paired_ratio
from experiments.kit.loads import full_request, over_requests
from experiments.kit.pool import Workers
from experiments.kit.store import load_frame, save_run
from model import ConfigError, PathConfig, Scenario, simulate


def test_an_interval_is_students() -> None:
    """Mean 3, deviation sqrt(2.5), t(4, 97.5 %) = 2.776: 3 +- 2.776 * sqrt(2.5 / 5) = 1.963."""
    of_five = interval([1, 2, 3, 4, 5])
    assert of_five.value == 3
    assert of_five.high - 3 == pytest.approx(1.963, abs=1e-3)
    assert 3 - of_five.low == pytest.approx(of_five.high - 3)
    assert f"{of_five:.2f}" == "3.00 [1.04, 4.96]"


def test_replications_that_agree_are_exact_and_one_alone_says_nothing() -> None:
    assert interval([2.5] * 3).exact
    assert f"{interval([2.5] * 3):.1f}" == "2.5 (exact)"
    assert interval([2.5]).high == math.inf


def test_a_ratio_is_formed_pair_by_pair() -> None:
    """Both swing by a factor of ten together, and one is always twice the other."""
    ratio = paired_ratio([2, 20, 4], [1, 10, 2])
    assert ratio.value == pytest.approx(2)
    assert ratio.exact


def test_stored_frames_come_back_and_damage_is_told_from_absence(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [0.1, 2.0], "name": ["a", "b"]})
    save_run(tmp_path, {"rows": frame}, {"seed": 1})
    pd.testing.assert_frame_equal(load_frame(tmp_path, "rows"), frame)
    (tmp_path / "rows.csv").write_text("x,name\n")
    with pytest.raises(ConfigError, match="does not fit its manifest"):
        load_frame(tmp_path, "rows")
    with pytest.raises(ConfigError, match="must exist"):
        load_frame(tmp_path, "others")


@pytest.mark.parametrize("jobs", [1, 2])
def test_workers_answer_in_the_order_of_the_questions(jobs: int) -> None:
    with Workers(jobs) as workers:
        assert workers.map(abs, [-3, 2, -1]) == [3, 2, 1]


@pytest.mark.parametrize("rtt_ms", [0, 3, 80])
def test_a_window_lasts_about_as_many_requests_as_asked_for(rtt_ms: float) -> None:
    scenario = over_requests(Scenario(path=PathConfig(rtt_ms=rtt_ms)), 20, 100)
    run = simulate(scenario, seed=1)
    inside = sum(row.handled_s > scenario.warmup_s for row in run.requests)
    assert 60 <= inside <= 105
    assert full_request(scenario).records == 16


def test_help_needs_neither_the_model_nor_what_it_counts_with() -> None:
    program = """
import sys
from experiments.__main__ import inflight
inflight(["--help"], standalone_mode=False)
print(sorted({"model", "numpy", "pandas", "rich"} & set(sys.modules)))
"""
    printed = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert printed.stdout.decode().splitlines()[-1] == "[]"

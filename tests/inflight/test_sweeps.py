"""`inflight.sweep`: points, seeds, intervals; names that mean one field; what cannot be."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import inflight
from experiments.kit.estimates import interval
from model import ConfigError, OpenLoop, PathConfig, ProducerConfig, Scenario, Workload, simulate

DEPTH = "max_in_flight_requests_per_connection"
PLAIN = Scenario(path=PathConfig(rtt_ms=2), warmup_s=0.05, measured_s=0.1)


def swept(scenario: Scenario = PLAIN, **given: Any) -> pd.DataFrame:
    """A small sweep in this process."""
    return inflight.sweep(scenario, **{"repeats": 2, "jobs": 1} | given)


def test_a_point_is_what_simulate_gives_with_an_interval() -> None:
    frame = swept(over={DEPTH: [1, 5], "rtt_ms": np.array([1.0, 4.0])}, repeats=3, seed=5)
    assert frame[[DEPTH, "rtt_ms"]].to_numpy().tolist() == [[1, 1], [1, 4], [5, 1], [5, 4]]
    assert (frame["runs"] == 3).all()
    producer = ProducerConfig(max_in_flight_requests_per_connection=5)
    scenario = Scenario(path=PathConfig(rtt_ms=4), producer=producer, warmup_s=0.05, measured_s=0.1)
    rates = [simulate(scenario, seed).records_per_s for seed in (5, 6, 7)]
    point, wanted = frame.to_dict("records")[3], interval(rates)
    found = [point[f"records_per_s{end}"] for end in ("", "_low", "_high")]
    assert found == [wanted.value, wanted.low, wanted.high]
    assert point["limit"] == "in-flight window"
    assert np.isnan(point["p99_ms"])  # a buffer that is always full


def test_runs_one_by_one_have_common_seeds() -> None:
    open_loop = Scenario(
        path=PathConfig(rtt_ms=2),
        workload=Workload(arrival=OpenLoop(500, "poisson")),
        measured_s=0.5,
    )
    rows = swept(
        open_loop, over={DEPTH: [1, 5]}, figures=["p99_ms", "sent", "p99_ms"], each_run=True
    )
    assert list(rows) == [DEPTH, "replication", "p99_ms", "sent"]
    sent = rows.pivot(index="replication", columns=DEPTH, values="sent")
    assert (sent[1] == sent[5]).all()
    assert sent[1].nunique() == 2
    assert rows["p99_ms"].notna().all()


def test_one_run_has_no_interval_and_counts_stay_above_zero() -> None:
    alone = swept(over={"rtt_ms": [1]}, repeats=1)
    assert alone["records_per_s"].notna().all()
    assert alone["records_per_s_low"].isna().all()
    assert (swept(over={"rtt_ms": [1]}, figures="unfinished")["unfinished_low"] >= 0).all()


def test_values_that_are_no_levels_have_names_and_parts_can_be_both_given_and_varied() -> None:
    producers = {"plain": ProducerConfig(), "late": ProducerConfig(linger_ms=50)}
    frame = swept(over={"producer": producers, "batch_size_bytes": [1_000, 16_384]})
    assert frame["producer"].tolist() == ["plain", "plain", "late", "late"]
    assert frame["batch_size_bytes"].tolist() == [1_000, 16_384] * 2


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({"linger.ms": [1]}, r"over=linger\.ms: .*; did you mean linger_ms\?"),
        ({"rtt": [1]}, r"did you mean rtt_ms\?"),
        ({"batch.size": [1]}, r"did you mean batch_size_bytes\?"),
        ({"zzz": [1]}, r"must be a field of the scenario$"),
        ({"rtt_ms": 5}, "must be a list of levels"),
        ({"rtt_ms": "12"}, "must be a list of levels"),
        ({"rtt_ms": []}, "at least one level"),
        ({"rtt_ms": [None]}, "must be numbers, words"),
        ({"rtt_ms": ["far"]}, "rtt_ms='far': must be a number"),
        ({"rtt_ms": [1], "path.rtt_ms": [2]}, "different fields"),
        ({}, "at least one field"),
        ([1], "a mapping of fields"),
        ({DEPTH: [10]}, "must be at most 5 when enable.idempotence=true"),
        ({"seed": range(400), "rtt_ms": range(400), "linger_ms": range(9)}, "must be a field"),
        ({"warmup_s": range(400), "rtt_ms": range(400)}, "at most 100,000"),
    ],
)
def test_what_cannot_be_is_told_in_one_line_before_anything_is_run(over: Any, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as told:
        swept(over=over)
    assert "\n" not in str(told.value)


def test_a_name_that_two_parts_have_takes_the_way_to_it() -> None:
    both = Scenario(path=PathConfig(rtt_ms=2, jitter=inflight.Lognormal(1, 0.5)), measured_s=0.1)
    frame = swept(both, over={"replica_path.rtt_ms": [3], "rtt_ms": [1]}, figures="records_per_s")
    assert (frame["records_per_s"] > 1_000).all()
    with pytest.raises(ConfigError, match="did you mean records_per_s"):
        swept(over={"rtt_ms": [1]}, figures=["record_per_s"])
    with pytest.raises(ConfigError, match="repeats=0"):
        swept(over={"rtt_ms": [1]}, repeats=0)
    with pytest.raises(ConfigError, match="jobs=0"):
        swept(over={"rtt_ms": [1]}, jobs=0)
    with pytest.raises(ConfigError, match="scenario=str"):
        inflight.sweep("plain", {"rtt_ms": [1]})  # type: ignore[arg-type]  # is refused


@pytest.mark.slow
def test_a_script_needs_no_guard_of_its_main_module(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import inflight\n"
        "plain = inflight.Scenario(path=inflight.PathConfig(rtt_ms=1), measured_s=0.1)\n"
        "print(len(inflight.sweep(plain, {'rtt_ms': [1, 2, 3]}, repeats=2, jobs=2)))\n"
    )
    told = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert told.stdout == "3\n"
    assert "Error" not in told.stderr

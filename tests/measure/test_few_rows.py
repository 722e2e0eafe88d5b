"""Constants from a few rows: what they tell is found, and what they do not is called so."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.commands import calibrate
from experiments.kit.measured import settings_of
from experiments.kit.pool import Workers
from experiments.validation import few
from experiments.validation.calibration import Fit
from experiments.validation.kinds import Floats
from experiments.validation.prediction import outcome, scenario_of
from model import MEASURED_MACHINE, MachineConfig, Scenario, load_machine
from tests.experiments.running import run
from tests.experiments.test_bad_input import refused

DEPTH = "max.in.flight.requests.per.connection"
ROW = {
    "cluster": "own",
    "rtt_us": "5000",
    **dict.fromkeys(("jitter_us", "rate_Bps", "loss", "key_space", "target_rate"), "0"),
    **dict.fromkeys(("partitions", "brokers", "replicas", "min_insync", "calibration"), "1"),
    "size": "1000",
    "outstanding": "0",
    "secs": "4",
    "kafka": "4.1",
    "noisy": "0",
}


def row(depth: int, batch: int = 16384, **cells: str) -> dict[str, str]:
    settings = f"acks=all;batch.size={batch};buffer.memory=2097152;{DEPTH}={depth}"
    return {**ROW, "settings": settings, **cells}


def law_s(scenario: Scenario, machine: MachineConfig) -> float:
    """Seconds between two requests by the law alone, with a broker and threads that wake late."""
    producer = scenario.producer
    depth = producer.max_in_flight_requests_per_connection
    mean = machine.without_stalls()
    serial_s = (mean.broker_request_us + producer.batch_size_bytes * mean.broker_byte_us) / 1e6
    round_s = scenario.path.rtt_s + machine.wake_s(scenario.path.rtt_s) + serial_s
    return max(round_s / depth, serial_s)


def fitted(
    truth: MachineConfig, rows: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> Fit:
    """The fit to rows that the law makes of a machine, by a model that is the law."""

    def residuals(
        scenarios: Sequence[Scenario], aims: pd.DataFrame, machine: MachineConfig, _: Workers
    ) -> Floats:
        of = [scenarios[each] for each in aims["row"]]
        return np.array([np.log(law_s(each, truth) / law_s(each, machine)) for each in of])

    monkeypatch.setattr(few, "residuals_of", residuals)
    measured = [{**each, "records_per_s": "1"} for each in rows]  # the law is asked instead
    with Workers(jobs=1) as workers:
        return few.fit(pd.DataFrame(measured), workers)


SLOW = replace(MEASURED_MACHINE, broker_request_us=2_000.0)
LATE = replace(MEASURED_MACHINE, wake_us=2_000.0)


def test_two_runs_tell_a_slow_broker_where_five_wait_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fit = fitted(SLOW, [row(1), row(5)], monkeypatch)
    assert fit.machine.broker_request_us == pytest.approx(2_000, rel=0.1)
    low, high = fit.interval("broker_request_us")
    assert low < 2_000 < high < 1.5 * low
    assert "broker_request_us" not in fit.untold
    assert {"broker_byte_us", "notify_us", "timer_late_us", "client_append_us"} <= set(fit.untold)


def test_where_five_carry_five_times_as_much_the_sum_alone_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fit = fitted(LATE, [row(1), row(5)], monkeypatch)
    assert "broker_request_us" in fit.untold
    assert "wake_us" not in fit.untold
    found = law_s(scenario_of(row(1), MEASURED_MACHINE), fit.machine)
    assert found == pytest.approx(law_s(scenario_of(row(1), MEASURED_MACHINE), LATE), rel=0.02)


def test_another_batch_size_tells_what_a_byte_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = replace(MEASURED_MACHINE, broker_byte_us=0.01)
    sizes = [row(1, 16384), row(5, 16384), row(1, 65536)]
    fit = fitted(truth, sizes, monkeypatch)
    assert "broker_byte_us" not in fit.untold
    mean, true = (each.append_byte_us for each in (fit.machine, truth))
    assert mean == pytest.approx(true, rel=0.25)


def test_what_the_rows_do_not_tell_is_the_laboratorys(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = fitted(MEASURED_MACHINE, [row(1), row(5)], monkeypatch)
    assert fit.machine.broker_stall_us == MEASURED_MACHINE.broker_stall_us
    assert fit.machine.timer_late_us == MEASURED_MACHINE.timer_late_us
    assert "broker_tail_us" in fit.kept
    low, high = fit.interval("timer_late_us")
    assert high / low == pytest.approx(3 ** (2 * 1.96), rel=0.01)  # as was believed before


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([row(1, records_per_s="100")], "1 usable rows"),
        ([row(1, calibration="0"), row(5)], "1 usable rows"),
        ([row(1), row(5)], "0 usable figures"),
    ],
    ids=["one", "one for calibration", "no figures"],
)
def test_too_little_is_refused(
    rows: list[dict[str, str]], named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measured, out = tmp_path / "rows.csv", tmp_path / "constants.json"
    pd.DataFrame(rows).to_csv(measured, index=False)
    line = refused(["calibrate", f"--measured={measured}", f"--out={out}", "--jobs=1"], capsys)
    assert named in line
    assert not out.exists()


@pytest.mark.parametrize(("percent", "warned"), [(33.0, True), (3.0, False)])
def test_runs_that_contradict_each_other_are_told(
    percent: float,
    warned: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    residuals = pd.DataFrame({"rtt_ms": [1.0], "figure": ["records_per_s"], "percent": [percent]})
    fit = Fit(MEASURED_MACHINE, dict.fromkeys(few.FEW, 0.1), residuals, 2)
    monkeypatch.setattr(calibrate, "fit", lambda rows, workers: fit)
    measured, out = tmp_path / "rows.csv", tmp_path / "constants.json"
    pd.DataFrame([row(1), row(5)]).to_csv(measured, index=False)
    assert run("calibrate", f"--measured={measured}", f"--out={out}", "--jobs=1") == 0
    assert ("Do not use them" in capsys.readouterr().out) == warned


@pytest.mark.slow
def test_a_strange_machine_is_found_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two runs of a cluster whose broker is slow, simulated; then a depth that was not run.

    At 3 ms: at 5 ms the measuring machine's receive window is another (tcp_measure_rcv_mss), which
    five requests nearly fill, and two rows do not tell that from a slow broker.
    """
    truth = replace(MEASURED_MACHINE.without_stalls(), broker_request_us=1_500.0)
    rows = [simulated(row(depth, rtt_us="3000"), truth) for depth in (1, 5)]
    measured, out = tmp_path / "rows.csv", tmp_path / "constants.json"
    pd.DataFrame(rows).to_csv(measured, index=False)
    assert run("calibrate", f"--measured={measured}", f"--out={out}", "--jobs=1") == 0
    said = capsys.readouterr().out
    assert "on a request (S)" in said
    assert "2 runs of one cluster tell sums of constants better than each of them" in said
    other = scenario_of(row(3, rtt_us="3000"), load_machine(out))
    found, _ = outcome(other)
    expected, _ = outcome(replace(other, machine=truth))
    assert found["records_per_s"] == pytest.approx(expected["records_per_s"], rel=0.05)


def simulated(cells: dict[str, str], truth: MachineConfig) -> dict[str, str]:
    """A row as a perf test would have it."""
    figures, _ = outcome(scenario_of(cells, truth))
    names = ("records_per_s", "request_latency_avg", "records_per_request_avg")
    assert settings_of(cells["settings"])["acks"] == "all"
    return {**cells, **{name: str(figures[name]) for name in names}}

"""The walk that the page on measuring tells of: near enough, and what the code gives today."""

from pathlib import Path

import pandas as pd
import pytest

from experiments.kit.measured import read_rows
from experiments.kit.pool import Workers
from experiments.validation.errors import relative_errors, spread
from experiments.validation.few import fit
from experiments.validation.kinds import numeric
from experiments.validation.prediction import MEASURED, predict
from experiments.validation.walk_table import DISTANCES_MS, FOLDER, predicted, summary, table
from model import load_machine


def test_runs_of_other_settings_are_predicted_within_what_is_asked() -> None:
    rows = predicted()
    errors = relative_errors(rows)["records/s"][numeric(rows, "target_rate") == 0]
    median, p90 = spread(errors)
    assert len(rows) == 12
    assert (median <= 5, p90 <= 12) == (True, True)
    assert f"off by {median:.1f} % in the median" in summary(rows)
    assert len(table(rows).rows) == len(rows)


def test_nothing_that_was_held_out_was_fitted_to() -> None:
    for at_ms in DISTANCES_MS:
        plan, held = (pd.read_csv(FOLDER / f"{kind}_{at_ms}ms.csv") for kind in ("plan", "held"))
        assert set(plan["calibration"]) == {1}
        assert set(held["calibration"]) == {0}
        busy = held[held["target_rate"] == 0]
        fitted, others = (
            set(zip(of["settings"], of["replicas"], strict=True)) for of in (plan, busy)
        )
        assert not fitted & others


@pytest.mark.slow
def test_with_these_constants_the_predictions_are_todays() -> None:
    at_ms = DISTANCES_MS[-1]
    held = read_rows(FOLDER / f"held_{at_ms}ms.csv", MEASURED)
    machine = load_machine(Path(FOLDER / f"constants_{at_ms}ms.json"))
    with Workers(1) as workers:
        today = predict(held, machine, workers, 1)["model_records_per_s"].astype(float)
    stored = pd.read_csv(FOLDER / f"predicted_{at_ms}ms.csv")["model_records_per_s_seeds"]
    assert today.tolist() == [float(seeds.split(";")[0]) for seeds in stored]


@pytest.mark.trial
def test_constants_are_fitted_again_from_the_plan() -> None:
    at_ms = DISTANCES_MS[-1]
    plan = read_rows(FOLDER / f"plan_{at_ms}ms.csv", MEASURED)
    with Workers() as workers:
        fitted = fit(plan, workers)
    assert fitted.machine == load_machine(Path(FOLDER / f"constants_{at_ms}ms.json"))

"""Levels left out: which rows a fold predicts, what it may be fitted to, how errors are pooled."""

import numpy as np
import pandas as pd

from experiments.kit.measured import read_rows
from experiments.validation import folds
from experiments.validation.calibration import START
from experiments.validation.folds import FILES, FOLDS, ROWS, measured_rows
from experiments.validation.kinds import is_calibration
from experiments.validation.prediction import MEASURED


def test_every_row_that_counts_is_left_out_at_least_once() -> None:
    rows = measured_rows()
    times = np.sum([fold.has(rows) for fold in FOLDS], axis=0)
    assert len(rows) > 150
    assert times.min() >= 1


def test_without_a_fold_there_are_more_calibration_rows_than_constants() -> None:
    rows = read_rows(ROWS / f"{FILES[0]}.csv", MEASURED)
    left = [int((is_calibration(rows) & ~fold.has(rows)).sum()) for fold in FOLDS]
    assert min(left) > len(START)
    assert min(left) < is_calibration(rows).sum()  # and something is left out


def test_a_row_of_two_folds_counts_in_both_and_twice_in_all() -> None:
    row = {"records_per_s": "100", "fitted_rows": "20"}
    near, deep = (fold.levels for fold in FOLDS[:2])
    rest = [{**row, "model_records_per_s": "100", "fold": fold.levels} for fold in FOLDS[2:]]
    frame = pd.DataFrame(
        [
            {**row, "model_records_per_s": "110", "fold": near},
            {**row, "model_records_per_s": "104", "fold": near},
            {**row, "model_records_per_s": "90", "fold": deep},
            *rest,
        ]
    )
    lines = {line[0].text: [cell.text for cell in line] for line in folds.table(frame).rows}
    assert lines[near][2:4] == ["2", "7.0 %"]
    assert lines[deep][2:4] == ["1", "10.0 %"]
    assert lines["all"][2:4] == ["6", "2.0 %"]  # of 0, 0, 0, 4, 10, 10

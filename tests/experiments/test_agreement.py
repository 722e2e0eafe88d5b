"""The model agrees with a real Kafka: every figure asked for, over all measured rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.validation.drawing import read_predicted
from experiments.validation.prediction import COLUMNS
from experiments.validation.targets import TARGETS, Reached, Target, reached
from model import MEASURED_MACHINE

COMMITTED = Path("results/validation")


def of_target(target: Target, predicted: pd.DataFrame) -> Reached:
    (figure,) = (one for one in reached(predicted, MEASURED_MACHINE) if one.target is target)
    assert figure.rows > 30  # what is judged is not a handful
    return figure


@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
def test_a_median_is_reached(target: Target, predicted: pd.DataFrame) -> None:
    assert of_target(target, predicted).median <= target.median


@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
def test_a_90th_percentile_is_reached(target: Target, predicted: pd.DataFrame) -> None:
    assert of_target(target, predicted).p90 <= target.p90


def test_the_committed_predictions_are_what_the_code_gives_today(predicted: pd.DataFrame) -> None:
    stored = read_predicted(COMMITTED)
    assert len(stored) == len(predicted)
    for column in COLUMNS[:-1]:
        np.testing.assert_allclose(
            stored[column].astype(float), predicted[column].astype(float), rtol=1e-6
        )
    assert list(stored["model_limit"]) == list(predicted["model_limit"])


def test_no_row_is_without_a_prediction(predicted: pd.DataFrame) -> None:
    assert not predicted[list(COLUMNS)].isna().any().any()
    assert (predicted["model_records_per_s"] > 0).all()

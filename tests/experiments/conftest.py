"""What tests of the validation share: all measured rows, predicted once in a session."""

from pathlib import Path

import pandas as pd
import pytest

from experiments.kit.pool import Workers
from experiments.validation.drawing import FILES
from experiments.validation.measured import read_measured
from experiments.validation.prediction import predict
from model import MEASURED_MACHINE

MEASURED = Path("experiments/validation/measured")


@pytest.fixture(scope="session")
def predicted() -> pd.DataFrame:
    """The rows of the three measured files, predicted afresh on all cores (about a minute)."""
    rows = pd.concat([read_measured(MEASURED / f"{name}.csv") for name in FILES], ignore_index=True)
    with Workers() as workers:
        return predict(rows, MEASURED_MACHINE, workers)

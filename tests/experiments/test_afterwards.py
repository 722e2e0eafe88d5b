"""What was predicted before it was measured: what the table and the sentence say of it."""

from collections.abc import Hashable
from typing import Any

import pandas as pd
import pytest

from experiments.kit.measured import settings_of
from experiments.validation.afterwards import cells, summary, table
from experiments.validation.folds import measured_rows
from experiments.validation.kinds import IN_FLIGHT


def test_no_cell_is_one_that_the_model_was_built_beside() -> None:
    measured = measured_rows()
    beside = {at(row) for row in measured.to_dict("records")}
    assert not beside & {at(row) for row in cells().to_dict("records")}


def at(row: dict[Hashable, Any]) -> tuple[float, ...]:
    settings = settings_of(str(row["settings"]))
    there = settings.get("batch.size", "16384"), settings.get(IN_FLIGHT, "5")
    return float(str(row["rtt_us"])), float(str(row["loss"])), *map(float, there)


def test_the_cells_that_are_far_off_are_in_the_table_and_both_kinds_in_the_sentence() -> None:
    rows = cells()
    shown = table(rows)
    assert len(rows) == 19 + 28 + 16
    assert len(shown.rows) == (rows["error"].abs() > 0.1).sum() < len(rows) / 3
    assert {row[3].text for row in shown.rows} >= {"none", "0.2 % of pieces", "2 % of segments"}
    off = pd.DataFrame(
        {
            "loss": [0.0, 0.0, 0.01],
            "error": [0.1, -0.2, 0.05],
        }
    )
    said = summary(off)
    assert "of large requests are off by 15.0 % in the median" in said
    assert "under loss are off by 5.0 % in the median and 5.0 % at" in said


def test_what_was_measured_lies_near() -> None:
    rows = cells()
    lossy = rows[rows["loss"] > 0]["error"].abs()
    assert lossy.median() < 0.1
    assert lossy.quantile(0.9) < 0.25
    assert rows[rows["loss"] == 0]["error"].abs().median() == pytest.approx(0.044, abs=0.001)

"""The model agrees with a real Kafka: the committed predictions are today's, and near enough."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.kit.measured import read_rows
from experiments.kit.pool import Workers
from experiments.kit.store import csv_bytes, replace_file
from experiments.validation.errors import (
    HEADLINE,
    TARGETS,
    Asked,
    Reached,
    Target,
    error_table,
    ratio_table,
    reached,
)
from experiments.validation.kinds import group_of, is_compressed, is_headline
from experiments.validation.prediction import ALL_COLUMNS, COLUMNS, by_seed, predict
from experiments.validation.prediction import MEASURED as ROW
from experiments.validation.stored import FILES, read_predicted
from model import MEASURED_MACHINE

COMMITTED, MEASURED = Path("results/validation"), Path("experiments/validation/measured")
#: Of each kind of run one row of so many is predicted afresh.
ONE_OF = 10


@pytest.fixture(scope="module")
def committed() -> pd.DataFrame:
    """The rows of all measured files with the predictions that are stored."""
    return read_predicted(COMMITTED)


@pytest.fixture(scope="module")
def figures(committed: pd.DataFrame) -> dict[Asked, Reached]:
    """What each figure comes to in these rows."""
    return {figure.target: figure for figure in reached(committed, MEASURED_MACHINE)}


#: What is asked and not reached, and how far off it is at most: told in docs/trust.md.
MISSED = {
    "records/s": (1.6, 7.5),
    "ratio five to one": (3.0, 12.0),
    "request latency, mean": (2.0, 10.5),
    "p50 of record latency": (4.0, 13.5),
    "p99 of record latency": (10.0, 61.0),
}


@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
def test_a_figure_is_reached_or_no_further_off_than_is_told(
    target: Target, figures: dict[Asked, Reached]
) -> None:
    figure = figures[target]
    # what is judged is not a handful; of each codec two runs were measured
    assert figure.rows >= (8 if target.kind is is_compressed else 20)
    median, p90 = MISSED.get(target.name, (target.median, target.p90))
    assert figure.median <= median
    assert figure.p90 <= p90
    assert figure.missed == (target.name in MISSED)


def test_throughput_of_the_headline_rows_is_within_its_target(committed: pd.DataFrame) -> None:
    table = error_table(committed[is_headline(committed)])
    (row,) = table[table["group"] == HEADLINE].to_dict("records")
    assert row["rows"] == 20
    assert row["records/s median %"] <= 2.5
    assert row["records/s p90 %"] <= 6.0


def test_the_ratio_five_to_one_is_within_four_percent_from_5_ms_up_and_eight_at_1_ms(
    committed: pd.DataFrame,
) -> None:
    ratios = ratio_table(committed[is_headline(committed)])
    assert list(ratios["rtt_ms"]) == [1, 5, 10, 50]
    # at 1 ms five in flight keep the two cores of the machine busy, which the model does not have
    assert (ratios["error %"].abs() <= [8.0, 4.0, 4.0, 4.0]).all()


def test_no_row_is_without_a_prediction(committed: pd.DataFrame) -> None:
    assert (committed[list(COLUMNS)] != "").all(axis=None)
    assert (committed["model_records_per_s"].astype(float) > 0).all()


def test_the_committed_rows_are_those_that_were_measured(committed: pd.DataFrame) -> None:
    kept = committed.drop(columns=list(ALL_COLUMNS), errors="ignore")
    pd.testing.assert_frame_equal(kept, measured(), check_like=True)


def test_a_tenth_of_the_committed_predictions_is_what_the_code_gives_today(
    committed: pd.DataFrame, tmp_path: Path
) -> None:
    tenth = one_of(ONE_OF, committed)
    assert set(group_of(tenth)) == set(group_of(committed))
    assert len(tenth) >= len(committed) / ONE_OF
    assert_as_committed(tenth, tmp_path)


@pytest.mark.slow
def test_a_fifth_of_them_is_too(committed: pd.DataFrame, tmp_path: Path) -> None:
    assert_as_committed(one_of(ONE_OF // 2, committed), tmp_path)


@pytest.mark.trial
def test_all_committed_predictions_are_what_the_code_gives_today(
    committed: pd.DataFrame, tmp_path: Path
) -> None:
    assert_as_committed(committed, tmp_path)


def measured() -> pd.DataFrame:
    """The rows of all files as they were measured."""
    files = [read_rows(MEASURED / f"{name}.csv", ROW) for name in FILES]
    return pd.concat(files, ignore_index=True).fillna("")


def one_of(many: int, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of every kind: of each one of so many, in the files' order and from half of it on."""
    kinds = rows.groupby(group_of(rows))
    middle = np.minimum(many, kinds["cluster"].transform("size")) // 2
    return rows[np.asarray(kinds.cumcount() % many == middle)]


def assert_as_committed(rows: pd.DataFrame, folder: Path) -> None:
    """Predicted afresh on all cores and written, what the first seed gave is the same."""
    with Workers() as workers:
        afresh = predict(measured().loc[rows.index], MEASURED_MACHINE, workers)
    replace_file(folder / "afresh.csv", csv_bytes(afresh))
    stored = by_seed(rows)[0].reset_index(drop=True)
    names = [name for name in COLUMNS if name != "model_limit"]
    written = read_rows(folder / "afresh.csv", ROW)
    pd.testing.assert_frame_equal(written[names].astype(float), stored[names].astype(float))
    assert (written["model_limit"] == stored["model_limit"]).all()

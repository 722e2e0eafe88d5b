"""Errors on levels that constants never saw: `make folds`, twenty minutes of two cores.

Levels of round trip, batch size and depth are left out in turn, five folds in all; the constants
are fitted anew to the calibration rows that have none of a fold's levels, and the rows that have
one are predicted with them. A row may be in several folds and is counted in each. One request in
flight is never left out: two calibration rows have more, and fewer rows than constants fit nothing.
Counted are records/s of producers at full speed and closed loops without loss, of the rows that
were measured steadily, calibration rows too: in their fold nothing was fitted to them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.kit.measured import read_rows
from experiments.kit.pool import Workers
from experiments.kit.store import csv_bytes, replace_file
from experiments.kit.tables import Cell, Column, Table, filled, numbers, words
from experiments.validation import kinds
from experiments.validation.calibration import fit
from experiments.validation.errors import Asked, Reached, relative_errors
from experiments.validation.kinds import Floats, Mask, numeric, setting_of
from experiments.validation.prediction import MEASURED, by_seed, predict

ROWS, RESULTS = Path("experiments/validation/measured"), Path("results/validation/folds.csv")
#: Files of the rows that are judged; constants are fitted to the first.
FILES = ("single", "trio", "stretch", "large")
SEEDS = 5
#: Asked of records/s with levels left out: median and 90th percentile in %.
ASKED = Asked("records/s", "levels left out", 2.0, 8.0)
#: Kafka's default, and the batch of most measured rows.
BATCH_BYTES = "16384"


@dataclass(frozen=True)
class Fold:
    """Levels that are left out together, and which rows have one."""

    levels: str
    has: Callable[[pd.DataFrame], Mask]


def _of_rtt(*rtts_ms: int) -> Callable[[pd.DataFrame], Mask]:
    return lambda rows: np.isin(numeric(rows, "rtt_us") / 1e3, rtts_ms)


def _batches(rows: pd.DataFrame) -> Mask:
    return np.asarray(setting_of(rows, "batch.size", BATCH_BYTES) != BATCH_BYTES)


def _depths(rows: pd.DataFrame) -> Mask:
    return np.asarray(setting_of(rows, kinds.IN_FLIGHT, 5) != "1")


FOLDS = (
    Fold("round trips of 0 and 1 ms", _of_rtt(0, 1)),
    Fold("round trips of 5 and 10 ms", _of_rtt(5, 10)),
    Fold("round trips of 20 and 50 ms", _of_rtt(20, 50)),
    Fold("batches other than 16 KiB", _batches),
    Fold("two and five in flight", _depths),
)


def judged(rows: pd.DataFrame) -> Mask:
    """Rows that the figure of records/s counts, those for calibration too."""
    busy = kinds.load_of(rows) != kinds.OPEN_LOOP
    return np.asarray(busy & ~kinds.has_loss(rows) & ~kinds.is_noisy(rows))


def measured_rows() -> pd.DataFrame:
    """All rows that are judged, with the ``file`` that each is from."""
    frames = [read_rows(ROWS / f"{name}.csv", MEASURED).assign(file=name) for name in FILES]
    rows = pd.concat(frames, ignore_index=True).fillna("")
    return rows[judged(rows)].reset_index(drop=True)


def predict_fold(fold: Fold, rows: pd.DataFrame, workers: Workers, seeds: int) -> pd.DataFrame:
    """A fold's rows as constants predict them that were fitted to calibration rows outside it."""
    calibrating = read_rows(ROWS / f"{FILES[0]}.csv", MEASURED)
    fitted = fit(calibrating[~fold.has(calibrating)], workers)
    out = predict(rows[fold.has(rows)], fitted.machine, workers, seeds)
    return out.assign(fold=fold.levels, fitted_rows=fitted.rows)


def errors(folds: pd.DataFrame) -> Floats:
    """Of records/s, a row for each seed, in the order of the rows."""
    return np.array([relative_errors(seen)["records/s"] for seen in by_seed(folds)])


def table(folds: pd.DataFrame) -> Table:
    """A line for each fold, and all of them together."""
    off = errors(folds)
    lines: list[tuple[object, ...]] = []
    for fold in FOLDS:
        mask = np.asarray(folds["fold"] == fold.levels)
        fitted = int(numeric(folds[mask], "fitted_rows")[0])
        found = Reached.of(ASKED, list(off[:, mask]))
        lines.append((fold.levels, fitted, found.rows, found.median, found.p90))
    found = Reached.of(ASKED, list(off))
    lines.append(("all", Cell(""), found.rows, found.median, found.p90))
    percent = (Column(name, spec=".1f", unit=" %") for name in ("median", "90th percentile"))
    columns = [*words("left out"), *numbers("fitted to", "rows"), *percent]
    return filled("Records/s where levels were left out: absolute errors", columns, lines)


def main() -> None:
    """Fit and predict each fold; keep the rows."""
    rows = measured_rows()
    with Workers() as workers:
        folds = [predict_fold(fold, rows, workers, SEEDS) for fold in FOLDS]
    replace_file(RESULTS, csv_bytes(pd.concat(folds, ignore_index=True)))


if __name__ == "__main__":
    main()

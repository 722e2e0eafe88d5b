"""Measured faults beside their predictions: how many agree, each disagreement, longest stalls."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from experiments.faults.measured import FACTOR, STALL_S, STALL_SHARE, disagreements
from experiments.kit.measured import Row, rows_of
from experiments.kit.tables import Column, Table, filled, words
from experiments.validation.kinds import Floats, numeric
from experiments.validation.tables import shared_and_own

WORST_ROWS = 8
RULE = (
    "A disagreement is another kind of harm, counts of duplicates or displaced records more than"
    f" {FACTOR:g} times apart, or a stall that is off by more than {STALL_SHARE:.0%} and"
    f" {STALL_S:g} s. Nothing was fitted to these rows."
)


def summary(rows: pd.DataFrame) -> str:
    """How many of the measured faults are predicted, how many agree, and how well stalls do."""
    off_s = np.abs(_off_s(rows))
    off_s = off_s[~np.isnan(off_s)]
    elections = f"{len(rows) - len(off_s)} need an election and are left out"
    counted = f"{len(off_s)} measured faults are predicted, {elections}"
    sentence = f"{counted}; {len(disagreements(rows))} disagreements."
    if len(off_s):
        sentence += f" The longest stall is off by {np.median(off_s):.2f} s in the median and"
        sentence += f" {off_s.max():.2f} s at most."
    return sentence


def tables(rows: pd.DataFrame) -> list[Table]:
    """The disagreements if there are any, and the stalls furthest off."""
    apart = disagreements(rows)
    found = [_disagreements(rows, apart)] if apart else []
    return [*found, _stalls(rows)] if not np.isnan(_off_s(rows)).all() else found


def _off_s(rows: pd.DataFrame) -> Floats:
    """Longest stalls, predicted less measured; NaN for a row that is not predicted."""
    return numeric(rows, "model_stall_s") - numeric(rows, "stall_s")


def _disagreements(rows: pd.DataFrame, apart: Sequence[tuple[int, str]]) -> Table:
    chosen = rows_of(rows.iloc[[index for index, _ in apart]])
    shared, own = shared_and_own([row["settings"] for row in chosen])
    return filled(
        f"The misses: where prediction and measurement disagree{shared}",
        words("fault", "cluster", "what", "settings besides"),
        (
            (_fault(row), row["cluster"], what, settings)
            for (_, what), row, settings in zip(apart, chosen, own, strict=True)
        ),
    )


def _stalls(rows: pd.DataFrame) -> Table:
    off_s = _off_s(rows)
    most = min(WORST_ROWS, int((~np.isnan(off_s)).sum()))
    order = np.argsort(-np.abs(off_s), kind="stable")[:most]  # what is NaN comes last
    chosen = rows_of(rows.iloc[order])
    shared, own = shared_and_own([row["settings"] for row in chosen])
    columns = [
        *words("fault"),
        Column("error", spec="+.2f", unit=" s"),
        *(Column(name, spec=".2f", unit=" s") for name in ("measured", "predicted")),
        *words("settings besides"),
    ]
    return filled(
        f"The longest gap between acks, where it is furthest off{shared}",
        columns,
        (
            (_fault(row), off, row["stall_s"], row["model_stall_s"], settings)
            for off, row, settings in zip(off_s[order], chosen, own, strict=True)
        ),
    )


def _fault(row: Row) -> str:
    return "no fault" if row["fault"] == "none" else f"{row['fault']}, {float(row['during_s']):g} s"

"""Measured faults beside their predictions: how many agree, each disagreement, longest stalls."""

import numpy as np
import pandas as pd

from experiments.faults.measured import FACTOR, STALL_S, STALL_SHARE, disagreements
from experiments.kit.measured import Row, rows_of
from experiments.kit.tables import Table, filled, words
from experiments.validation.kinds import numeric
from experiments.validation.tables import shared_and_own

RULE = (
    "A disagreement is another kind of harm, counts of duplicates or displaced records more than"
    f" {FACTOR:g} times apart, or a stall that is off by more than {STALL_SHARE:.0%} and"
    f" {STALL_S:g} s. Nothing was fitted to these rows."
)


def summary(rows: pd.DataFrame) -> str:
    """How many of the measured faults are predicted, how many agree, and how well stalls do."""
    off_s = np.abs(numeric(rows, "model_stall_s") - numeric(rows, "stall_s"))
    off_s = off_s[~np.isnan(off_s)]
    elections = f"{len(rows) - len(off_s)} need an election and are left out"
    counted = f"{len(off_s)} measured faults are predicted, {elections}"
    median, most = (f"{of(off_s):.2f} s" if len(off_s) else "-" for of in (np.median, np.max))
    stalls = f"The longest stall is off by {median} in the median and {most} at most."
    return f"{counted}; {len(disagreements(rows))} disagreements. {stalls}"


def tables(rows: pd.DataFrame) -> list[Table]:
    """The disagreements, if there are any."""
    apart = disagreements(rows)
    chosen = rows_of(rows.iloc[[index for index, _ in apart]])
    shared, own = shared_and_own([row["settings"] for row in chosen])
    caption = f"The misses: where prediction and measurement disagree{shared}"
    cells = (
        (_fault(row), row["cluster"], what, settings)
        for (_, what), row, settings in zip(apart, chosen, own, strict=True)
    )
    columns = words("fault", "cluster", "what", "settings besides")
    return [filled(caption, columns, cells)] if apart else []


def _fault(row: Row) -> str:
    return "no fault" if row["fault"] == "none" else f"{row['fault']}, {float(row['during_s']):g} s"

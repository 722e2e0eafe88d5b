"""The rows that are furthest off, each in one figure, with a sentence on why.

A row is off by that figure of it that is worst in proportion to the 90th percentile which is
allowed. Rows marked as noisy are left out: their measurements are no reference.
"""

import numpy as np
import pandas as pd

from experiments.validation.errors import FIGURES
from experiments.validation.kinds import Floats, is_noisy, load_of, numeric
from experiments.validation.reasons import offs, reason
from experiments.validation.targets import TARGETS
from model import MachineConfig

WORST_ROWS = 10


def worst_rows(rows: pd.DataFrame, machine: MachineConfig) -> pd.DataFrame:
    """The furthest off first; ``row`` counts from 1 within its cluster's file.

    Columns: row, load, settings, figure, measured, predicted, error %, why.
    """
    targets = [target for target in TARGETS if target.counted is not None]
    errors = np.array([target.errors(rows, machine) for target in targets])
    allowed = np.array([[target.p90] for target in targets])
    excess = np.where(np.isnan(errors) | is_noisy(rows), 0.0, np.abs(errors)) / allowed
    figures = excess.argmax(axis=0)
    indices = np.argsort(-excess.max(axis=0), kind="stable")[:WORST_ROWS]
    chosen = rows.iloc[indices]
    names = [targets[figures[index]].figure for index in indices]
    worst = errors[figures[indices], indices]
    why = [reason(off) for off in offs(rows, indices.tolist(), names, worst.tolist(), machine)]
    return pd.DataFrame(
        {
            "row": [_row(rows, int(index)) for index in indices],
            "load": _loads(chosen),
            "settings": chosen["settings"].to_numpy(),
            "figure": names,
            "measured": _cells(chosen, names, 0),
            "predicted": _cells(chosen, names, 1),
            "error %": np.round(100 * worst, 1),
            "why": why,
        }
    )


def _row(rows: pd.DataFrame, index: int) -> str:
    clusters = list(rows["cluster"])
    return f"{clusters[index]} {clusters[: index + 1].count(clusters[index])}"


def _loads(rows: pd.DataFrame) -> list[str]:
    """Distance, partitions and how records arrive."""
    rates, outstanding = numeric(rows, "target_rate"), numeric(rows, "outstanding")
    figures = zip(
        numeric(rows, "rtt_us") / 1e3,
        rows["partitions"],
        load_of(rows),
        np.where(outstanding > 0, outstanding, rates),
        strict=True,
    )
    return [
        f"{rtt_ms:g} ms, {partitions} partition{'' if partitions == '1' else 's'}, {load}"
        + (f" {size:g}" if size > 0 else "")
        for rtt_ms, partitions, load, size in figures
    ]


def _cells(rows: pd.DataFrame, names: list[str], side: int) -> Floats:
    """Each row's figure: measured (side 0) or predicted (1)."""
    columns = {name: numeric(rows, sides[side]) for *sides, name in FIGURES}
    return np.array([columns[name][index] for index, name in enumerate(names)])

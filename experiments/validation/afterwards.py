"""Cells of the laboratory that were predicted first and measured afterwards.

The files in ``predicted/`` have both: the median and the range over five seeds as they were written
down, and what one run each gave. What a rule of the model changed since is not in them.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from experiments.kit.measured import settings_of
from experiments.kit.tables import Column, Table, filled, numbers, words
from experiments.kit.words import count
from experiments.validation.errors import spread
from experiments.validation.kinds import IN_FLIGHT, Floats

CELLS = Path(__file__).with_name("predicted")
#: Ours: the table has the cells that are off by more.
FAR = 0.1


def cells() -> pd.DataFrame:
    """All cells, with ``error``: predicted over measured less one."""
    rows = pd.concat([pd.read_csv(file) for file in sorted(CELLS.glob("*.csv"))], ignore_index=True)
    return rows.assign(error=rows["predicted_records_per_s"] / rows["measured_records_per_s"] - 1)


def summary(rows: pd.DataFrame) -> str:
    """How far off, without loss and with it."""
    lossy = np.asarray(rows["loss"] > 0)
    told = [
        f"records/s {kind} are off by {median:.1f} % in the median and {p90:.1f} % at the 90th"
        " percentile"
        for kind, mask in (("of large requests", ~lossy), ("under loss", lossy))
        for median, p90 in [spread(_errors(rows[mask]))]
    ]
    return f"In {count(len(rows), 'cell')} {told[0]}; {told[1]}."


def _errors(rows: pd.DataFrame) -> Floats:
    return np.asarray(rows["error"], dtype=float)


def table(rows: pd.DataFrame) -> Table:
    """The cells that are furthest off, as they were predicted and as they were measured."""
    lines = []
    far = rows[rows["error"].abs() > FAR].sort_values("error", key=abs, ascending=False)
    for row in far.to_dict("records"):
        settings = settings_of(row["settings"])
        lost = f"{100 * row['loss']:g} % of {'segments' if row['offload'] == 'off' else 'pieces'}"
        lines.append(
            (
                row["rtt_us"] / 1e3,
                int(settings["batch.size"]) / 1024,
                int(settings[IN_FLIGHT]),
                lost if row["loss"] else "none",
                row["predicted_records_per_s"],
                row["measured_records_per_s"],
                100 * row["error"],
            )
        )
    heads = [Column("round trip", spec="g", unit=" ms"), Column("batches", unit=" KiB")]
    heads += [*numbers("in flight"), *words("lost"), *numbers("predicted", "measured")]
    heads += [Column("error", spec="+.1f", unit=" %")]
    return filled("Records/s, predicted before they were measured, off by over 10 %", heads, lines)

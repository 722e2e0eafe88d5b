"""Five in flight over one: rows that differ in nothing else, measured and predicted.

Left out: open loops, in which both carry the rate that they are offered.
"""

import numpy as np
import pandas as pd

from experiments.validation.errors import is_headline
from experiments.validation.loads import (
    IN_FLIGHT,
    OPEN_LOOP,
    is_calibration,
    is_noisy,
    load_of,
    numeric,
    settings_of,
)
from experiments.validation.measured import COLUMNS

COLUMNS_OF_A_PAIR = ("rtt_ms", "headline", "measured", "predicted", "error")


def ratio_pairs(rows: pd.DataFrame) -> pd.DataFrame:
    """A line for each pair that is not noisy and of which one at most is for calibration."""
    rows = rows.assign(
        _depth=settings_of(rows, IN_FLIGHT),
        _rest=[_rest(str(text)) for text in rows["settings"]],
        _rate=numeric(rows, "records_per_s"),
        _model=numeric(rows, "model_records_per_s"),
        _calibration=is_calibration(rows),
        _headline=is_headline(rows),
    )
    rows = rows[~is_noisy(rows) & (load_of(rows) != OPEN_LOOP)]
    same = [name for name in (*COLUMNS[:-1], "repeat") if name in rows.columns]
    lines = [
        line
        for _, alike in rows.groupby([*same, "_rest"], sort=False)
        if (line := _pair(alike)) is not None
    ]
    return pd.DataFrame(lines, columns=list(COLUMNS_OF_A_PAIR))


def _pair(alike: pd.DataFrame) -> tuple[float, bool, float, float, float] | None:
    """Ratios of geometric means, were there several rows of one depth; None without a pair."""
    five, one = alike[alike["_depth"] == "5"], alike[alike["_depth"] == "1"]
    if five.empty or one.empty or (five["_calibration"].all() and one["_calibration"].all()):
        return None
    measured, predicted = (
        float(np.exp(np.log(five[name]).mean() - np.log(one[name]).mean()))
        for name in ("_rate", "_model")
    )
    rtt_ms = float(alike["rtt_us"].iloc[0]) / 1e3
    headline = bool(alike["_headline"].all())
    return rtt_ms, headline, measured, predicted, predicted / measured - 1


def _rest(settings: str) -> str:
    """All settings but the depth, in one order."""
    pairs = {pair.strip() for pair in settings.split(";")} - {""}
    return ";".join(sorted(pair for pair in pairs if not pair.startswith(f"{IN_FLIGHT}=")))


def ratio_table(rows: pd.DataFrame) -> pd.DataFrame:
    """The headline pairs by RTT: mean ratios measured and predicted, and the error in %."""
    pairs = ratio_pairs(rows)
    of_rtt = pairs[pairs["headline"].astype(bool)].groupby("rtt_ms")[["measured", "predicted"]]
    table = of_rtt.mean().reset_index()
    table["error %"] = 100 * (table["predicted"] / table["measured"] - 1)
    return table

"""Rows of replications to estimates with intervals, as frames that charts and sentences read."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from experiments.kit.stats import interval, paired_ratio


def means(rows: pd.DataFrame, outcome: str, by: Sequence[str]) -> pd.DataFrame:
    """Mean of an outcome at each point, with its interval: ``value``, ``low``, ``high``, ``runs``.

    A point where the outcome was refused in any replication has none.
    """
    found = []
    for place, of_point in rows.groupby(list(by), sort=False):
        values = of_point[outcome].to_numpy(dtype=float)
        known = len(values) and np.isfinite(values).all()
        told = interval(values.tolist()) if known else None
        figures = (told.value, told.low, told.high) if told else (np.nan,) * 3
        found.append((*place, *figures, len(values)))
    return pd.DataFrame(found, columns=[*by, "value", "low", "high", "runs"])


def ratios(
    rows: pd.DataFrame, outcome: str, axis: str, base: object, by: Sequence[str]
) -> pd.DataFrame:
    """An outcome over that at the base level of an axis, paired by replication.

    ``by`` are the other axes; columns as of :func:`means`, and the axis.
    """
    found = []
    for place, of_group in rows.groupby(list(by), sort=False):
        table = of_group.pivot(index="replication", columns=axis, values=outcome).astype(float)
        for level in [it for it in table.columns if base in table and it != base]:
            both = table[[base, level]].dropna()
            if len(both) and (both > 0).all(axis=None):
                told = paired_ratio(both[level].tolist(), both[base].tolist())
                found.append((*place, level, told.value, told.low, told.high, len(both)))
    return pd.DataFrame(found, columns=[*by, axis, "value", "low", "high", "runs"])


def widest(estimates: pd.DataFrame) -> float:
    """The largest relative half-width of all intervals."""
    return float(((estimates["high"] - estimates["low"]) / (2 * estimates["value"])).max())

"""Choosing rows, and estimates from them with their intervals over replications."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from experiments.kit.stats import Interval, interval, paired_ratio


def pick(rows: pd.DataFrame, **wanted: object) -> pd.DataFrame:
    """The rows that have these values."""
    for column, value in wanted.items():
        rows = rows[rows[column] == value]
    return rows


def mean_of(rows: pd.DataFrame, column: str) -> Interval:
    """The mean of one point's replications with its interval."""
    return interval(_floats(rows[column]))


def means(rows: pd.DataFrame, by: str, column: str) -> Iterator[tuple[Any, Interval]]:
    """The mean of a column with its interval at each value of ``by``, in the rows' order."""
    for value, group in rows.dropna(subset=[column]).groupby(by, sort=False):
        yield value, mean_of(group, column)


def ratio(over: pd.DataFrame, under: pd.DataFrame, column: str = "records_per_s") -> Interval:
    """How many times as much, paired by replication."""
    return paired_ratio(*(_floats(one.sort_values("replication")[column]) for one in (over, under)))


def ratios(
    rows: pd.DataFrame, by: str, column: str, over: object, under: object
) -> dict[float, Interval]:
    """Records/s where ``column`` is ``over`` as a multiple of where it is ``under``, by ``by``."""
    return {
        float(str(value)): ratio(pick(at, **{column: over}), pick(at, **{column: under}))
        for value, at in rows.groupby(by)
    }


def only(rows: pd.DataFrame, column: str) -> Any:
    """The one value that a column has in these rows; the most frequent if there are several."""
    return rows[column].mode().iloc[0]


def _floats(column: "pd.Series[Any]") -> Sequence[float]:
    return [float(value) for value in column]

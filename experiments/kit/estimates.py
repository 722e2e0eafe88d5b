"""Rows of replications to estimates with intervals (Student's t); ratios paired by replication.

Two scenarios with the same seeds see the same arrivals and the same broker (common random numbers),
so their ratio is formed within each replication before it is averaged. Frames of estimates have the
columns ``value``, ``low``, ``high`` and ``runs`` beside those that say of what.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from experiments.kit.student import t_quantile

CONFIDENCE, ALPHA = 0.95, 0.05


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval; exact where all replications agree."""

    value: float
    low: float
    high: float

    @property
    def exact(self) -> bool:
        """Whether nothing was random."""
        return self.low == self.high

    @property
    def known(self) -> bool:
        """Whether there is an interval at all: one replication alone has an infinite one."""
        return math.isfinite(self.high)

    @property
    def of_counts(self) -> "Interval":
        """The same of what cannot be negative, such as counts: none of it is below 0."""
        return replace(self, low=max(self.low, 0.0)) if self.known else self

    def __format__(self, spec: str) -> str:
        if self.exact or not self.known:
            return f"{self.value:{spec}}"
        return f"{self.value:{spec}} [{self.low:{spec}}, {self.high:{spec}}]"


def interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Mean of replications with its interval; one value alone has an infinitely wide one."""
    mean = float(np.mean(values))
    if len(values) == 1:
        return Interval(mean, -math.inf, math.inf)
    spread = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    if spread <= abs(mean) * 1e-12:  # rounding of the mean, not variation
        return Interval(mean, mean, mean)
    half_width = t_quantile(len(values) - 1, (1 + confidence) / 2) * spread
    return Interval(mean, mean - half_width, mean + half_width)


def paired_ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Interval:
    """Geometric mean of the ratios within replications, with its interval."""
    logs = [math.log(a / b) for a, b in zip(numerators, denominators, strict=True)]
    of_logs = interval(logs)
    return Interval(*(math.exp(x) for x in (of_logs.value, of_logs.low, of_logs.high)))


def log_half_width(ratio: Interval) -> float:
    """Half the width of a ratio's interval on the logarithmic scale: 0.02 is about +- 2 %."""
    if ratio.exact or not ratio.known:
        return 0.0 if ratio.exact else math.inf
    return math.log(ratio.high / ratio.low) / 2


def pick(rows: pd.DataFrame, **wanted: object) -> pd.DataFrame:
    """The rows that have these values."""
    if not wanted:
        return rows
    return rows[np.logical_and.reduce([rows[column] == value for column, value in wanted.items()])]


def only(rows: pd.DataFrame, column: str) -> Any:
    """The one value that a column has in these rows; the most frequent if there are several."""
    return rows[column].mode().iloc[0]


def mean_of(rows: pd.DataFrame, column: str) -> Interval:
    """The mean of one point's replications with its interval; no figure of a run is negative."""
    return interval(rows[column].astype(float).tolist()).of_counts


def ratio(over: pd.DataFrame, under: pd.DataFrame, column: str = "records_per_s") -> Interval:
    """How many times as much, paired by replication; one that either lacks is left out."""
    these, those = (
        dict(zip(rows["replication"].tolist(), rows[column].astype(float).tolist(), strict=True))
        for rows in (over, under)
    )
    return ratio_by_run(these, those)


def ratio_by_run(over: Mapping[int, float], under: Mapping[int, float]) -> Interval:
    """The same of a figure by replication."""
    both = sorted(over.keys() & under.keys())
    return paired_ratio([over[run] for run in both], [under[run] for run in both])


def means(rows: pd.DataFrame, figure: str, by: Sequence[str]) -> pd.DataFrame:
    """The mean of a figure at each point, by so many columns, in the rows' order.

    A point at which the figure was refused in any replication has none.
    """
    found = []
    for point, of_point in rows.groupby(list(by), sort=False):
        values = of_point[figure].to_numpy(dtype=float)
        known = len(values) and np.isfinite(values).all()
        mean = interval(values.tolist()).of_counts if known else Interval(np.nan, np.nan, np.nan)
        found.append((*point, mean.value, mean.low, mean.high, len(values)))
    return pd.DataFrame(found, columns=[*by, "value", "low", "high", "runs"])


def summarised(rows: pd.DataFrame, by: Sequence[str]) -> list[dict[str, Any]]:
    """Each point with the interval of every figure over its runs; of words the most frequent.

    A figure that was refused in any run is NaN; a flag is set if it is in any run.
    """
    found = []
    for point, of_point in rows.groupby(list(by), sort=False, dropna=False):
        summary = {**dict(zip(by, point, strict=True)), "runs": len(of_point)}
        for column in of_point.columns.difference([*by, "replication"], sort=False):
            values = of_point[column]
            if values.dtype == bool:
                summary[column] = bool(values.any())
            elif pd.api.types.is_numeric_dtype(values):
                summary[column] = mean_of(of_point, column)
            else:
                summary[column] = only(of_point, column) if values.notna().any() else None
        found.append(summary)
    return found


def ratios(
    rows: pd.DataFrame, figure: str, axis: str, base: object, by: Sequence[str]
) -> pd.DataFrame:
    """A figure over that at the base level of an axis, paired by replication.

    ``by`` are the other axes; columns as of :func:`means`, and the axis.
    """
    found = []
    for group, of_group in rows.groupby(list(by), sort=False):
        table = of_group.pivot(index="replication", columns=axis, values=figure).astype(float)
        for level in [level for level in table.columns if base in table and level != base]:
            both = table[[base, level]].dropna()
            if len(both) and (both > 0).all(axis=None):
                times = paired_ratio(both[level].tolist(), both[base].tolist())
                found.append((*group, level, times.value, times.low, times.high, len(both)))
    return pd.DataFrame(found, columns=[*by, axis, "value", "low", "high", "runs"])


def widest(estimates: pd.DataFrame) -> float:
    """The largest relative half-width of all intervals of a frame of estimates."""
    return float(((estimates["high"] - estimates["low"]) / (2 * estimates["value"])).max())


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Of a ratio of means of logarithms: its interval at 1 - 2 alpha, and the test's p-value."""

    ratio: Interval
    p_value: float

    @property
    def shown(self) -> bool:
        """Whether both one-sided hypotheses of a difference beyond the margin are rejected."""
        return self.p_value < ALPHA


def tost(these: Sequence[float], those: Sequence[float], margin: float) -> Equivalence:
    """Test whether these over those is 1 within a margin: Welch's t on logarithms, unpaired.

    Margin 0.01 is from 1/1.01 to 1.01. Unpaired, although runs may share their random numbers:
    where two settings give the very same rows, pairs have no variation, and there would be nothing
    to test against. Source: Schuirmann (1987), J. Pharmacokinet. Biopharm. 15, 657-680.
    """
    from scipy.stats import ttest_ind  # slow to import

    ours, theirs, edge = np.log(these), np.log(those), math.log1p(margin)
    if np.ptp(ours) == np.ptp(theirs) == 0:  # nothing is random: the difference is what it is
        ratio = math.exp(float(ours[0] - theirs[0]))
        inside = abs(math.log(ratio)) < edge
        return Equivalence(Interval(ratio, ratio, ratio), 0.0 if inside else 1.0)
    above = ttest_ind(ours + edge, theirs, equal_var=False, alternative="greater")
    below = ttest_ind(ours - edge, theirs, equal_var=False, alternative="less")
    of_logs = ttest_ind(ours, theirs, equal_var=False).confidence_interval(1 - 2 * ALPHA)
    difference = float(np.mean(ours) - np.mean(theirs))
    ratio_of = Interval(*(math.exp(x) for x in (difference, of_logs.low, of_logs.high)))
    return Equivalence(ratio_of, float(max(above.pvalue, below.pvalue)))

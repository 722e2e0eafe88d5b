"""What timings say: ratios within repetitions, and exponents of growth.

Functions of rows alone. Each figure is the median over repetitions with the least and the most.
"""

import numpy as np
import pandas as pd
from scipy.stats import linregress

from experiments.bench import trials
from experiments.kit.estimates import CONFIDENCE, Interval
from experiments.kit.student import t_quantile

REQUESTS_PER_CPU_S = "requests per CPU second"
RECORDS_PER_CPU_S = "records per CPU second"
REAL_TIME = "simulated seconds per second"
EVENTS = "events per request"
OVER_FLOOR = "CPU over bare timeouts"
PER_RECORD_OVER = "per-record model's CPU over the model's"
MOCK_OVER = "mock cluster's wall time over the model's"
TWO_OVER_ONE = "two processes over one"
#: Ours: smaller runs say little of how a very long one grows.
FAR_FROM = 900_000
#: Columns of growth.
COST, MEMORY = "cpu_s", "added_bytes"


def of_timings(timings: pd.DataFrame) -> pd.DataFrame:
    """A row for each scenario and figure: median, low, high over the repetitions."""
    rows = [
        (scenario, figure, values.median(), values.min(), values.max())
        for scenario, taken in timings.groupby("scenario", sort=False)
        for figure, values in _ratios(taken).items()
    ]
    return pd.DataFrame(rows, columns=["scenario", "figure", "median", "low", "high"])


def _ratios(taken: pd.DataFrame) -> dict[str, "pd.Series[float]"]:
    """Every figure of one scenario, by repetition."""
    by = {str(name): rows.set_index("repetition") for name, rows in taken.groupby("contender")}
    if trials.MODEL in by:
        return _costs(by)
    if trials.ONE_PROCESS in by:
        one, two = by[trials.ONE_PROCESS], by[trials.TWO_PROCESSES]
        return {
            f"points per second, {trials.ONE_PROCESS}": one["points"] / one["wall_s"],
            f"points per second, {trials.TWO_PROCESSES}": two["points"] / two["wall_s"],
            TWO_OVER_ONE: one["wall_s"] / two["wall_s"],
        }
    started_s, empty_s = by[trials.COMMAND]["wall_s"], by[trials.PYTHON]["wall_s"]
    return {
        "seconds to the end": started_s,
        "wall time over an empty Python's": started_s / empty_s,
    }


def _costs(by: dict[str, pd.DataFrame]) -> dict[str, "pd.Series[float]"]:
    """The model, and who did the same beside it; the per-record model by records of its own."""
    model = by[trials.MODEL]
    found = {
        REQUESTS_PER_CPU_S: model["requests"] / model["cpu_s"],
        RECORDS_PER_CPU_S: model["records"] / model["cpu_s"],
        REAL_TIME: model["simulated_s"] / model["wall_s"],
        EVENTS: model["events"] / model["requests"],
        OVER_FLOOR: model["cpu_s"] / by[trials.FLOOR]["cpu_s"],
    }
    if trials.PER_RECORD in by:
        other = by[trials.PER_RECORD]
        of_a_record = other["cpu_s"] / other["records"]
        found[PER_RECORD_OVER] = of_a_record / (model["cpu_s"] / model["records"])
    if trials.MOCK in by:
        found[MOCK_OVER] = by[trials.MOCK]["wall_s"] / model["wall_s"]
    return found


def exponents(growth: pd.DataFrame) -> dict[tuple[str, str], Interval]:
    """(axis, figure) to the exponent in records over the larger sizes, with its interval.

    Below, a run is mostly its own start and end.
    """
    found = {}
    for along, rows in growth.groupby("along", sort=False):
        larger = rows[rows["size"] >= rows["size"].drop_duplicates().quantile(0.5, "lower")]
        for figure in (COST, MEMORY):
            found[str(along), figure] = exponent(larger["acked"], larger[figure])
    return found


def extrapolated(growth: pd.DataFrame, figure: str, records: float) -> Interval:
    """What a run of so many records would take, by a straight line through the logarithms of the
    runs from ``FAR_FROM`` records on, with a prediction interval; NaN of too few runs."""
    far = growth[(growth["along"] == "records") & (growth["acked"] >= FAR_FROM)]
    far = far[far[figure] > 0]
    count = len(far)
    if count < 3:
        return Interval(float("nan"), float("nan"), float("nan"))
    sizes, costs = np.log10(far["acked"]), np.log10(far[figure])
    fit = linregress(sizes, costs)
    at = np.log10(records)
    left = costs - (fit.intercept + fit.slope * sizes)
    spread = np.sqrt(float((left**2).sum()) / (count - 2))
    away = float(at - sizes.mean()) ** 2 / float(((sizes - sizes.mean()) ** 2).sum())
    half = t_quantile(count - 2, (1 + CONFIDENCE) / 2) * spread * np.sqrt(1 + 1 / count + away)
    expected = float(fit.intercept + fit.slope * at)
    return Interval(10**expected, float(10 ** (expected - half)), float(10 ** (expected + half)))


def exponent(sizes: "pd.Series[float]", costs: "pd.Series[float]") -> Interval:
    """The slope of a straight line through the logarithms; runs without any cost are left out."""
    some = costs > 0
    if some.sum() < 3:  # two have no interval
        return Interval(float("nan"), float("nan"), float("nan"))
    fit = linregress(np.log10(sizes[some]), np.log10(costs[some]))
    half_width = t_quantile(int(some.sum()) - 2, (1 + CONFIDENCE) / 2) * float(fit.stderr)
    return Interval(float(fit.slope), float(fit.slope) - half_width, float(fit.slope) + half_width)

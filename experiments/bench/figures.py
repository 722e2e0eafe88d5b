"""What timings say: for each scenario ratios of times that were taken in the same repetition.

A function of rows alone. Each figure is the median over repetitions with the least and the most.
"""

import pandas as pd

from experiments.bench.trials import (
    COMMAND,
    FLOOR,
    MOCK,
    MODEL,
    ONE_PROCESS,
    PER_RECORD,
    PYTHON,
    TWO_PROCESSES,
)

REQUESTS_PER_CPU_S = "requests per CPU second"
RECORDS_PER_CPU_S = "records per CPU second"
REAL_TIME = "simulated seconds per second"
EVENTS = "events per request"
OVER_FLOOR = "CPU over bare timeouts"
PER_RECORD_OVER = "per-record model's CPU over the model's"
MOCK_OVER = "mock cluster's wall time over the model's"
POINTS_PER_S = "points per second, {}"
TWO_OVER_ONE = "two processes over one"
START_S = "seconds to the end"
OVER_PYTHON = "wall time over an empty Python's"

Ratios = dict[str, "pd.Series[float]"]


def figures(timings: pd.DataFrame) -> pd.DataFrame:
    """A row for each scenario and figure: median, low, high over the repetitions."""
    rows = [
        {
            "scenario": scenario,
            "figure": figure,
            "median": float(values.median()),
            "low": float(values.min()),
            "high": float(values.max()),
            "repetitions": len(values),
        }
        for scenario, taken in timings.groupby("scenario", sort=False)
        for figure, values in _ratios(taken).items()
    ]
    return pd.DataFrame(rows)


def _ratios(taken: pd.DataFrame) -> Ratios:
    """Every figure of one scenario, by repetition."""
    by = {str(name): rows.set_index("repetition") for name, rows in taken.groupby("contender")}
    if MODEL in by:
        return _costs(by[MODEL]) | _beside(by)
    if ONE_PROCESS in by:
        return _sweep(by[ONE_PROCESS], by[TWO_PROCESSES])
    started_s, empty_s = by[COMMAND]["wall_s"], by[PYTHON]["wall_s"]
    return {START_S: started_s, OVER_PYTHON: started_s / empty_s}


def _costs(model: pd.DataFrame) -> Ratios:
    return {
        REQUESTS_PER_CPU_S: model["requests"] / model["cpu_s"],
        RECORDS_PER_CPU_S: model["records"] / model["cpu_s"],
        REAL_TIME: model["simulated_s"] / model["wall_s"],
        EVENTS: model["events"] / model["requests"],
    }


def _beside(by: dict[str, pd.DataFrame]) -> Ratios:
    """Whoever did the same beside the model; the per-record model for each record of its own."""
    model = by[MODEL]
    ratios = {OVER_FLOOR: model["cpu_s"] / by[FLOOR]["cpu_s"]}
    if PER_RECORD in by:
        other = by[PER_RECORD]
        of_a_record = other["cpu_s"] / other["records"]
        ratios[PER_RECORD_OVER] = of_a_record / (model["cpu_s"] / model["records"])
    if MOCK in by:
        ratios[MOCK_OVER] = by[MOCK]["wall_s"] / model["wall_s"]
    return ratios


def _sweep(one: pd.DataFrame, two: pd.DataFrame) -> Ratios:
    return {
        POINTS_PER_S.format(ONE_PROCESS): one["points"] / one["wall_s"],
        POINTS_PER_S.format(TWO_PROCESSES): two["points"] / two["wall_s"],
        TWO_OVER_ONE: one["wall_s"] / two["wall_s"],
    }

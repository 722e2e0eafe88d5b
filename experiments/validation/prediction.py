"""Measured rows predicted: one simulated run for each, on all cores."""

from collections.abc import Sequence

import pandas as pd

from experiments.kit.pool import Workers
from experiments.validation.measured import rows_of, scenario_of
from experiments.validation.reach import beyond_reach
from model import MachineConfig, Scenario, simulate

SEED = 1
COLUMNS = (
    "model_records_per_s",
    "model_mean_ms",
    "model_p50_ms",
    "model_p95_ms",
    "model_p99_ms",
    "model_request_latency_avg",
    "model_records_per_request_avg",
    "model_limit",
)


def predict(measured: pd.DataFrame, machine: MachineConfig, workers: Workers) -> pd.DataFrame:
    """The rows in their order with ``COLUMNS`` appended.

    Raises ConfigError, before anything is simulated, for a row that describes no valid scenario.
    """
    scenarios = [scenario_of(row, machine) for row in rows_of(measured)]
    figures = run_all(scenarios, workers).set_index(measured.index)
    kept = measured.drop(columns=[name for name in COLUMNS if name in measured.columns])
    return pd.concat([kept, figures], axis=1)


def reach_of(measured: pd.DataFrame, machine: MachineConfig) -> list[str]:
    """For each row why it is beyond the model, or an empty text."""
    return [beyond_reach(row, scenario_of(row, machine)) for row in rows_of(measured)]


def run_all(scenarios: Sequence[Scenario], workers: Workers) -> pd.DataFrame:
    """Simulate each scenario: a row of ``COLUMNS`` for each, in their order."""
    return pd.DataFrame(workers.map(_figures, scenarios), columns=list(COLUMNS))


def _figures(scenario: Scenario) -> tuple[object, ...]:
    run = simulate(scenario, SEED)
    latency = run.latency_ms
    return (
        round(run.records_per_s, 1),
        *(round(x, 3) for x in (latency.mean, *map(latency.quantile, (0.5, 0.95, 0.99)))),
        round(run.request_latency_ms, 3),
        round(run.mean_request.records, 3),
        run.limit,
    )

"""Measured rows predicted: one simulated run for each, on all cores.

A run lasts as long as it was measured for, unless fewer requests than that are enough.
"""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from experiments.kit.horizon import full_request
from experiments.kit.pool import Workers
from experiments.validation.measured import rows_of, scenario_of
from model import MachineConfig, Scenario, simulate
from model.outcome.bound import bound

SEED = 1
#: Ours: full requests after which means and percentiles move by less than they are asked for.
#: Memory of the measured producers holds 1,000 at most.
WARMUP_REQUESTS, MEASURED_REQUESTS = 1_000, 4_000
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


def run_all(scenarios: Sequence[Scenario], workers: Workers) -> pd.DataFrame:
    """Simulate each scenario: a row of ``COLUMNS`` for each, in their order."""
    return pd.DataFrame(workers.map(_figures, scenarios), columns=list(COLUMNS))


def long_enough(scenario: Scenario) -> Scenario:
    """The scenario over no more requests than needed: near rows would take a hundred thousand."""
    request = full_request(scenario)
    request_s = request.records / bound(scenario, request).records_per_s
    return replace(
        scenario,
        warmup_s=min(scenario.warmup_s, WARMUP_REQUESTS * request_s),
        measured_s=min(scenario.measured_s, MEASURED_REQUESTS * request_s),
    )


def _figures(scenario: Scenario) -> tuple[object, ...]:
    run = simulate(long_enough(scenario), SEED)
    latency = run.latency_ms
    return (
        round(run.records_per_s, 1),
        *(round(x, 3) for x in (latency.mean, *map(latency.quantile, (0.5, 0.95, 0.99)))),
        round(run.request_latency_ms, 3),
        round(run.mean_request.records, 3),
        run.limit,
    )

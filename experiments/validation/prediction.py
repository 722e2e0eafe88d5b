"""Measured rows predicted: one simulated run for each, on all cores.

A run lasts as long as it was measured for, unless fewer requests than that are enough.
"""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from experiments.kit.loads import carries, full_request
from experiments.kit.pool import Workers
from experiments.validation.measured import scenarios_of
from model import MachineConfig, Scenario, simulate

SEED = 1
#: Ours: full requests after which means and percentiles move by less than they are asked for.
#: Memory of the measured producers holds 1,000 at most.
WARMUP_REQUESTS, MEASURED_REQUESTS = 1_000, 4_000
#: What is compared, named as it was measured; Kafka's tools give a saturating producer's latency
#: too. To how many digits: as many as were measured.
DIGITS = {
    "records_per_s": 1,
    "mean_ms": 3,
    "p50_ms": 3,
    "p95_ms": 3,
    "p99_ms": 3,
    "request_latency_avg": 3,
    "records_per_request_avg": 3,
}
COLUMNS = (*(f"model_{name}" for name in DIGITS), "model_limit")


def predict(measured: pd.DataFrame, machine: MachineConfig, workers: Workers) -> pd.DataFrame:
    """The rows in their order with ``COLUMNS`` appended.

    Raises ConfigError, before anything is simulated, for a row that describes no valid scenario.
    """
    figures = run_all(scenarios_of(measured, machine), workers).set_index(measured.index)
    kept = measured.drop(columns=[name for name in COLUMNS if name in measured.columns])
    return pd.concat([kept, figures], axis=1)


def run_all(scenarios: Sequence[Scenario], workers: Workers) -> pd.DataFrame:
    """Simulate each scenario: a row of ``COLUMNS`` for each, in their order."""
    return pd.DataFrame(workers.map(_predicted, scenarios), columns=list(COLUMNS))


def long_enough(scenario: Scenario) -> Scenario:
    """The scenario over no more requests than needed: near rows would take a hundred thousand."""
    request_s = full_request(scenario).records / carries(scenario)
    return replace(
        scenario,
        warmup_s=min(scenario.warmup_s, WARMUP_REQUESTS * request_s),
        measured_s=min(scenario.measured_s, MEASURED_REQUESTS * request_s),
    )


def outcome(scenario: Scenario) -> tuple[dict[str, float], str]:
    """The figures of a simulated run by their measured names, and its limit."""
    run = simulate(scenario, SEED)
    latency = run.latency_ms
    mean_and_quantiles = (latency.mean, *map(latency.quantile, (0.5, 0.95, 0.99)))
    requests = run.request_latency_ms, run.mean_request.records
    return dict(
        zip(DIGITS, (run.records_per_s, *mean_and_quantiles, *requests), strict=True)
    ), run.limit


def _predicted(scenario: Scenario) -> tuple[object, ...]:
    figures, limit = outcome(long_enough(scenario))
    return *(round(figures[name], digits) for name, digits in DIGITS.items()), limit

"""One simulated run of the comparison, reduced to what its rows and charts need."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model import Run, Scenario, simulate

#: The first requests of a run that are kept for the space-time picture and the steps.
FIRST_REQUESTS = 60


@dataclass(frozen=True, slots=True)
class Task:
    """A run to make: where it stands in the comparison, and what to simulate."""

    phase: str
    distance: str
    producer: str
    replication: int
    scenario: Scenario
    seed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run's figures by column, its latencies in ms, and its first requests (times in ms), which
    are kept of first replications only."""

    figures: dict[str, float | str]
    latencies_ms: NDArray[np.float64]
    requests: list[dict[str, float]]


def carry_out(task: Task) -> Outcome:
    """Simulate a task."""
    run = simulate(task.scenario, task.seed)
    first = [] if task.replication else _first_requests(run)
    return Outcome(_figures(run), run.latency_ms.values_ms, first)


def _figures(run: Run) -> dict[str, float | str]:
    latency = run.latency_ms
    return {
        "records_per_s": run.records_per_s,
        "mb_per_s": run.bytes_per_s / 1e6,
        "mean_ms": latency.mean,
        "p50_ms": latency.quantile(0.5),
        "p95_ms": latency.quantile(0.95),
        "p99_ms": latency.quantile(0.99),
        "request_latency_ms": run.request_latency_ms,
        "in_flight_mean": run.mean_in_flight,
        "batch_fill": run.batch_fill,
        "records_per_request": run.mean_request.records,
        "bound_records_per_s": run.bound.records_per_s,
        "limit": run.limit,
        "duplicates": run.guarantees.duplicates,
        "inversions": run.guarantees.inversions,
    }


def _first_requests(run: Run) -> list[dict[str, float]]:
    """Those of the first producer and broker, in the order in which they were sent.

    ``base_sequence`` is the last batch's, -1 without idempotence.
    """
    rows = [row for row in run.requests if row.producer == 0 and row.broker == 0]
    sequences = {row.request: row.base_sequence for row in run.batches}
    return [
        {
            "request": float(place),
            "records": row.records,
            "base_sequence": sequences[row.request],
            **{
                f"{name}_ms": getattr(row, f"{name}_s") * 1e3
                for name in (
                    "drained",
                    "sent",
                    "arrived",
                    "taken",
                    "answered",
                    "received",
                    "handled",
                )
            },
        }
        for place, row in enumerate(rows[:FIRST_REQUESTS])
    ]

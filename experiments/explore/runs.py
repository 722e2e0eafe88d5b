"""One run of a question, made by a worker: bounded, and read off at once.

No run takes more than a second of the processor: a timer of the process's own work ends one that
would. Questions are bounded before that by their windows (:mod:`experiments.explore.asked`), so
that the timer is for worlds in which a request costs unusually much.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from experiments.explore.picture import MOST_TROUBLED, drawn
from experiments.faults.books import COUNTS, NAMES
from experiments.faults.timeline import timeline
from experiments.kit import figures
from experiments.kit.as_json import plain
from experiments.kit.cpu_time import at_most
from model import Run, Scenario, simulate

#: Of the processor's time, for one run.
MOST_CPU_S = 1.0
TOO_LONG = "too long"
CAPACITY = figures.row(
    *("records_per_s", "bound_records_per_s", "limit", "records_per_request"),
    *("request_latency_ms", "in_flight_mean", "batch_fill"),
)
LOAD = figures.row(
    *("p50_ms", "p95_ms", "p99_ms", "longest_ms", "overloaded", "records_per_s", "limit")
)
#: Ours: shares of records at which the latency's distribution is drawn, denser to its tail.
SHARES = tuple(
    round(share, 4) for share in (*np.linspace(0, 0.98, 50), 0.985, 0.99, 0.995, 0.999, 1.0)
)

Answer = Mapping[str, Any]
Kind = Literal["capacity", "load", "trouble"]


@dataclass(frozen=True, slots=True)
class Task:
    """A run to make, what it is for, and whether its first requests are drawn."""

    kind: Kind
    scenario: Scenario
    seed: int
    drawn: bool = False


class TooLongError(BaseException):
    """A run has had its second; nothing within the run may catch it."""


def carry_out(task: Task) -> Answer:
    """What a run says, ready for JSON; ``{"failed": "too long"}`` if it was ended."""
    try:
        with at_most(MOST_CPU_S, TooLongError):
            return dict(plain(_answer(task, simulate(task.scenario, task.seed))))
    except TooLongError:
        return {"failed": TOO_LONG}


def _answer(task: Task, run: Run) -> Answer:
    if task.kind == "trouble":
        return _of_trouble(run)
    if task.kind == "load":
        (row,) = LOAD(run)
        told = not row["overloaded"] and len(run.latency_ms)
        quantiles = [run.latency_ms.quantile(share) for share in SHARES] if told else []
        return {**row, "quantiles_ms": quantiles}
    (row,) = CAPACITY(run)
    return {**row, "picture": drawn(run)} if task.drawn else row


def _of_trouble(run: Run) -> Answer:
    """The books, the story and the picture of a run with a fault."""
    books = {NAMES[name]: getattr(run.guarantees, name) for name in COUNTS}
    told = {"story": timeline(run), "settled": run.settled}
    return {"books": books, **told, "picture": drawn(run, MOST_TROUBLED)}

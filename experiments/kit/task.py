"""One run of a sweep, as it is sent to a worker, and what comes back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from experiments.kit.digest import model_version, run_digest
from experiments.kit.warmup import mser5
from model import Run, Saturating, Scenario, simulate

#: Seed of the pilot run that finds the warm-up; replication r has seed r + 1 at every point.
PILOT_SEED = 0
Figures = dict[str, Any]


def steady_from_s(run: Run) -> float:
    """When the warm-up ends.

    Where the run was too short to tell it is half of it, which is as far as the method looks.
    """
    cut = mser5(_series_s(run))
    if not cut.found:
        return run.scenario.horizon_s / 2
    return _acked_s(run)[cut.observations - 1] if cut.observations else 0.0


def steady(run: Run) -> bool:
    """Whether the run was long enough to tell."""
    return mser5(_series_s(run)).found


def _acked_s(run: Run) -> list[float]:
    return [row.acked_s for row in run.batches]


def _series_s(run: Run) -> list[float]:
    """What the run is about: the time from ack to ack if it shows what a producer carries.

    Otherwise the age of batches when they are acknowledged, as a measure of latency. (The age of a
    saturating producer's is that of its queue, which says nothing about throughput.)
    """
    if isinstance(run.scenario.workload.arrival, Saturating):
        return np.diff(_acked_s(run), prepend=0.0).tolist()
    return [row.acked_s - row.created_s for row in run.batches]


def has_steady_state(scenario: Scenario) -> bool:
    """Whether there is a warm-up to cut: nothing goes wrong, and the application never ends."""
    return not scenario.faults and getattr(scenario.workload.arrival, "records", None) is None


PILOT_MEASURES = (steady_from_s, steady)


@dataclass(frozen=True)
class Task:
    """A run to make: where it belongs, what it is, and what to keep of it."""

    point: str
    replication: int
    scenario: Scenario
    measures: tuple[Callable[[Run], Any], ...]
    model: str

    @classmethod
    def pilot(cls, point: str, scenario: Scenario) -> "Task":
        """The run that finds the warm-up: over everything, from the start."""
        whole = replace(scenario, warmup_s=0.0, measured_s=scenario.horizon_s)
        return cls(point, PILOT_SEED - 1, whole, PILOT_MEASURES, model_version())

    @property
    def seed(self) -> int:
        """The same at every point (common random numbers)."""
        return self.replication + 1

    @cached_property
    def digest(self) -> str:
        """What the row is a function of."""
        return run_digest(self.scenario, self.seed, self.measures)


def carry_out(task: Task) -> Mapping[str, Any]:
    """Make the run: its ``figures``, or the ``error`` that it ended with."""
    try:
        if task.model != model_version():
            told = f"this worker has version {model_version()} of the model, not {task.model}"
            raise RuntimeError(told)
        run = simulate(task.scenario, task.seed)
        return {"figures": {it.__name__: _plain(it(run)) for it in task.measures}}
    except Exception as error:  # whatever it is, it is the point's and must not end the sweep
        return {"error": f"{type(error).__name__}: {error}"}


def _plain(value: Any) -> Any:
    """A figure as Python's own type, which JSON has."""
    return value.item() if isinstance(value, np.generic) else value

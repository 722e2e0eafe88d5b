"""An experiment carried out: pilots that find the warm-up, then replications until they are enough.

Only what the journal lacks is run, and every run is in the journal before the next is waited for.
What fails is kept with its error, and tried again by the next study of the same points. Replication
r has the same seed at every point (common random numbers).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from experiments.kit.digest import model_version, run_digest
from experiments.kit.effort import run_s
from experiments.kit.experiment import Experiment, Measure, Point
from experiments.kit.journal import Kept
from experiments.kit.pool import Executor
from experiments.kit.progress import Progress
from experiments.kit.replications import Replications
from experiments.kit.warmup import settled, steady_from_s
from experiments.kit.world import World
from model import Run, Scenario, simulate

#: What workers of a study need imported.
WORKED_WITH = (__name__,)
Rows = list[dict[str, Any]]


def pilot_row(run: Run) -> Rows:
    """When the warm-up ends, and whether the run was long enough to tell."""
    return [{"steady_from_s": steady_from_s(run), "settled": settled(run)}]


def has_steady_state(scenario: Scenario) -> bool:
    """Whether there is a warm-up to cut: nothing goes wrong, and the application never ends."""
    return not scenario.faults and getattr(scenario.workload.arrival, "records", None) is None


@dataclass(frozen=True)
class Task:
    """A run to make: whose it is, what it is, and what to keep of it. Everything can be pickled."""

    point: str
    replication: int
    scenario: Scenario
    seed: int
    measure: Measure
    model: str

    @cached_property
    def digest(self) -> str:
        """What its rows are a function of."""
        return run_digest(self.scenario, self.seed, self.measure)


def carry_out(task: Task) -> Mapping[str, Any]:
    """Make the run: its ``rows``, or the ``error`` that it ended with."""
    try:
        if task.model != model_version():
            text = f"this worker has version {model_version()} of the model, not {task.model}"
            raise RuntimeError(text)
        rows = task.measure(simulate(task.scenario, task.seed))
        return {"rows": [{name: _plain(value) for name, value in row.items()} for row in rows]}
    except Exception as error:  # whatever it is, it is the point's and must not end the study
        return {"error": f"{type(error).__name__}: {error}"}


def _plain(value: Any) -> Any:
    """A figure as Python's own type, which JSON has."""
    return value.item() if isinstance(value, np.generic) else value


@dataclass
class Study:
    """Points of an experiment, with whatever runs them and whatever keeps what was run.

    ``failed``: errors by run. ``unsettled``: points whose pilot was too short to find a warm-up.
    """

    experiment: Experiment
    world: World
    points: Sequence[Point]
    kept: Kept
    executor: Executor
    progress: Progress
    failed: dict[str, str] = field(default_factory=dict)
    unsettled: list[str] = field(default_factory=list)

    @property
    def rule(self) -> Replications:
        """How often points are run: as the user says, or as the experiment needs."""
        return self.experiment.replications.exactly(self.world.replications)

    @property
    def work_s(self) -> float:
        """About how long one core takes, at least, for the points of which nothing is kept."""
        fewest = 1 + self.rule.fewest  # and a pilot
        return sum(
            fewest * run_s(point.scenario)
            for point in self.points
            if self.kept.rows(self._first(point).digest) is None
        )

    def _first(self, point: Point) -> Task:
        """What is run first of a point."""
        if self._is_piloted(point):
            return self._pilot(point)
        return next(self._tasks(point, {point.name: 1}))

    def rows(self) -> pd.DataFrame:
        """Run what is missing; all rows, in the order of points and replications."""
        points = self._warmed_up()
        wanted: dict[str, int] = {}
        while True:
            rows = self._rows(points, wanted)
            more = self._wanted(points, rows, wanted)
            if more == wanted:
                return pd.DataFrame([row for of_point in rows.values() for row in of_point])
            wanted = more
            self._run(task for point in points for task in self._tasks(point, wanted))

    def _wanted(
        self, points: Sequence[Point], rows: Mapping[str, Rows], so_far: Mapping[str, int]
    ) -> dict[str, int]:
        """How many runs each point needs: its own number, or what the rule asks for after these."""
        own = {point.name: point.replications for point in points if point.replications}
        ruled = [point.levels for point in points if point.name not in own]
        return {**self.rule.wanted(ruled, rows, so_far), **own}

    def _warmed_up(self) -> list[Point]:
        """The points whose pilots did not fail, each with its warm-up as its pilot found it."""
        pilots = {
            point.name: self._pilot(point) for point in self.points if self._is_piloted(point)
        }
        self._run(pilots.values())
        found = []
        for point in self.points:
            if point.name not in pilots:
                found.append(point)
            elif rows := self.kept.rows(pilots[point.name].digest):
                (row,) = rows
                self.unsettled += [] if row["settled"] else [point.name]
                scenario = replace(point.scenario, warmup_s=row["steady_from_s"])
                found.append(replace(point, scenario=scenario))
        return found

    def _is_piloted(self, point: Point) -> bool:
        return has_steady_state(point.scenario) and not self.experiment.as_given

    def _pilot(self, point: Point) -> Task:
        """The run that finds the warm-up: over everything, with a seed of its own."""
        whole = replace(point.scenario, warmup_s=0.0, measured_s=point.scenario.horizon_s)
        return Task(point.name, -1, whole, self.world.seed - 1, pilot_row, model_version())

    def _tasks(self, point: Point, wanted: Mapping[str, int]) -> Iterator[Task]:
        """The replications of a point."""
        measure = point.measure or self.experiment.measure
        for number in range(wanted.get(point.name, 0)):
            seed = self.world.seed + number
            yield Task(point.name, number, point.run_of(seed), seed, measure, model_version())

    def _run(self, tasks: Iterable[Task]) -> None:
        """Run those that are not kept, and keep each as it ends."""
        missing = []
        for task in tasks:
            if self.progress.meets(task.digest):
                if self.kept.rows(task.digest) is None:
                    missing.append(task)
                else:
                    self.progress.kept()
        # the longest first, so that no core has one to itself while the others are done
        missing.sort(key=lambda task: run_s(task.scenario), reverse=True)
        for task, outcome in self.executor.completed(carry_out, missing):
            self._keep(task, outcome or {"error": "the worker died, again and again"})

    def _keep(self, task: Task, outcome: Mapping[str, Any]) -> None:
        run = {"point": task.point, "replication": task.replication, "digest": task.digest}
        self.kept.add({**run, **outcome})
        if "error" in outcome:
            self.failed[f"{task.point} replication={task.replication}"] = outcome["error"]
        self.progress.ran(task.point, outcome.get("error"))

    def _rows(self, points: Sequence[Point], wanted: Mapping[str, int]) -> dict[str, Rows]:
        """Rows by point; a point with a failed replication has those that did not fail."""
        rows: dict[str, Rows] = {point.name: [] for point in points}
        for point in points:
            named = {"point": point.name, **point.levels, **point.beside}
            for task in self._tasks(point, wanted):
                when = {"replication": task.replication, "warmup_s": task.scenario.warmup_s}
                rows[point.name] += [
                    {**named, **when, **row, "digest": task.digest}
                    for row in self.kept.rows(task.digest) or ()
                ]
        return rows

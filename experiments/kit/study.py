"""A sweep carried out: pilots that find the warm-up, then replications until they are enough.

Only what the journal lacks is run, and every run is in the journal before the next is waited for.
What fails is kept with its error, and tried again by the next study.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from experiments.kit.digest import model_version
from experiments.kit.executor import Executor
from experiments.kit.grid import Point, point_id
from experiments.kit.journal import Journal
from experiments.kit.progress import Progress
from experiments.kit.sweep import Sweep
from experiments.kit.task import Task, carry_out, has_steady_state
from model import Scenario

LOST = "the worker died, again and again"


@dataclass
class Study:
    """One sweep, or its smoke points, with whatever runs it and whatever keeps what was run.

    ``failed``: errors by run. ``unsettled``: points whose pilot was too short to find a warm-up.
    """

    sweep: Sweep
    points: tuple[Point, ...]
    journal: Journal
    executor: Executor
    progress: Progress
    failed: dict[str, str] = field(default_factory=dict)
    unsettled: list[str] = field(default_factory=list)

    def rows(self) -> pd.DataFrame:
        """Run what is missing; all rows, in the order of points and replications."""
        scenarios = self._scenarios()
        wanted: dict[str, int] = {}
        while True:
            rows = self._rows(scenarios, wanted)
            more = self.sweep.replications.wanted(self._named(scenarios), rows, wanted)
            if more == wanted:
                return pd.DataFrame([row for of_point in rows.values() for row in of_point])
            wanted = more
            self._run(self._tasks(scenarios, wanted))

    def _named(self, scenarios: Mapping[str, Scenario]) -> list[Point]:
        """The points whose pilots did not fail."""
        return [point for point in self.points if point_id(point) in scenarios]

    def _scenarios(self) -> dict[str, Scenario]:
        """Each point's scenario by id, its warm-up as its pilot found it."""
        planned = {point_id(point): self.sweep.at(point) for point in self.points}
        pilots = [Task.pilot(name, it) for name, it in planned.items() if has_steady_state(it)]
        self._run(pilots)
        for pilot in pilots:
            scenario, figures = planned.pop(pilot.point), self.journal.figures(pilot.digest)
            if figures is not None:
                self.unsettled += [] if figures["steady"] else [pilot.point]
                planned[pilot.point] = replace(scenario, warmup_s=figures["steady_from_s"])
        return {name: planned[name] for name in map(point_id, self.points) if name in planned}

    def _tasks(self, scenarios: Mapping[str, Scenario], wanted: Mapping[str, int]) -> list[Task]:
        measures = tuple(self.sweep.outcomes)
        return [
            Task(name, replication, scenario, measures, model_version())
            for name, scenario in scenarios.items()
            for replication in range(wanted.get(name, 0))
        ]

    def _run(self, tasks: Iterable[Task]) -> None:
        """Run those that the journal lacks, and keep each as it ends."""
        missing = []
        for task in tasks:
            if self.progress.meets(task.digest) and not self._is_kept(task):
                missing.append(task)
        for task, outcome in self.executor.completed(carry_out, missing):
            self._keep(task, outcome or {"error": LOST})

    def _is_kept(self, task: Task) -> bool:
        kept = self.journal.figures(task.digest) is not None
        if kept:
            self.progress.kept()
        return kept

    def _keep(self, task: Task, outcome: Mapping[str, Any]) -> None:
        place = {"point": task.point, "replication": task.replication, "digest": task.digest}
        self.journal.add({**place, **outcome})
        if "error" in outcome:
            self.failed[f"{task.point} replication={task.replication}"] = outcome["error"]
        self.progress.ran(task.point, outcome.get("error"))

    def _rows(
        self, scenarios: Mapping[str, Scenario], wanted: Mapping[str, int]
    ) -> dict[str, list[dict[str, Any]]]:
        """Rows by point; a point with a failed replication has those that did not fail."""
        points = {point_id(point): point for point in self.points}
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in scenarios}
        for task in self._tasks(scenarios, wanted):
            figures = self.journal.figures(task.digest)
            if figures is not None:
                where = {"point": task.point, **points[task.point]}
                when = {"replication": task.replication, "warmup_s": task.scenario.warmup_s}
                ordered = {it.__name__: figures[it.__name__] for it in task.measures}
                rows[task.point].append({**where, **when, **ordered, "digest": task.digest})
        return rows

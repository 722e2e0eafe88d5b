"""Work that leaves rows, and how all of it is done. Everything here can be pickled."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from experiments.kit.pool import Workers
from model import Run, Scenario, simulate

Row = Mapping[str, object]
Measure = Callable[[Run], list[Row]]


class Task(Protocol):
    """Anything that leaves rows."""

    def rows(self) -> list[Row]:
        """Do it."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """A run: where it stands in the question, what to simulate, what to make of it."""

    point: Row
    replication: int
    scenario: Scenario
    seed: int
    measure: Measure

    def rows(self) -> list[Row]:
        """Simulate, and measure."""
        run = simulate(self.scenario, self.seed)
        place = {**self.point, "replication": self.replication}
        return [{**place, **row} for row in self.measure(run)]


def carry_out(tasks: Iterable[Task], workers: Workers) -> pd.DataFrame:
    """The rows of all tasks, in their order."""
    return pd.DataFrame([row for rows in workers.map(_rows, list(tasks)) for row in rows])


def _rows(task: Task) -> list[Row]:
    return task.rows()

"""An experiment as one value: a question, the points of a world that answer it, what rows say.

A point is a scenario under the names of the levels that make it. ``draw``, ``answer`` and
``tables`` are functions of rows alone, so that stored rows can be drawn and answered again without
a run. Left out: how points are run (:mod:`experiments.kit.runner`) and what that leaves
(:mod:`experiments.kit.results`).
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit.copies import placed
from experiments.kit.replications import Level, Levels, Replications, point_name
from experiments.kit.tables import Table
from experiments.kit.world import World
from model import ConfigError, Fault, Run, Scenario

Row = Mapping[str, Any]
#: What is kept of a run: one row or several.
Measure = Callable[[Run], Sequence[Row]]

SMOKE_POINTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A scenario, and the ``levels`` that name it: they are columns of its rows.

    ``beside`` are columns that say more of the point without naming it; ``measure`` is its own
    where an experiment's points are measured differently; ``replications`` how many runs it gets
    where the experiment's rule is not meant, for example 1 where nothing is random; ``faults``
    draws those of a run by its seed, where each replication has its own.
    """

    levels: Levels
    scenario: Scenario
    beside: Levels = field(default_factory=dict)
    measure: Measure | None = None
    replications: int | None = None
    faults: Callable[[int], tuple[Fault, ...]] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "levels", MappingProxyType(dict(self.levels)))  # a name stays

    @property
    def name(self) -> str:
        """For example ``rtt_ms=2 depth=5``."""
        return point_name(self.levels)

    def run_of(self, seed: int) -> Scenario:
        """The scenario of the run with this seed."""
        if self.faults is None:
            return self.scenario
        return replace(self.scenario, faults=self.faults(seed))


def grid(**axes: Sequence[Level]) -> Iterator[dict[str, Any]]:
    """Every combination of levels by name; the last axis varies fastest."""
    for levels in itertools.product(*axes.values()):
        yield dict(zip(axes, levels, strict=True))


def whole(level: float) -> float:
    """A number as a level: without a point where it is whole, so that columns of integers stay."""
    return int(level) if float(level).is_integer() else level


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A question with everything that answers it.

    ``name`` is what its results are stored under, ``aliases`` are words to ask for it by, ``about``
    has words that somebody may search for and its question does not have.
    ``points`` raises ConfigError before anything is run. ``measure`` is what is kept of each run
    unless a point has its own. ``rtt_ms`` is the distance of the world if the user gives none, and
    ``one_copy_because`` says why it has one copy of each partition then, unless it is empty;
    ``assumption`` completes "This assumes: ...". ``tables`` have the figures that the sentences of
    ``answer`` are made of. ``smoke`` picks the points of a smoke run, for which ``draw``,
    ``answer`` and ``tables`` must hold too; None: the first few. ``as_given``: points keep their
    own warm-up, which is otherwise found.
    """

    name: str
    question: str
    aliases: tuple[str, ...]
    points: Callable[[World], Iterable[Point]]
    measure: Measure
    answer: Callable[[pd.DataFrame], str]
    draw: Callable[[pd.DataFrame], Figure]
    assumption: str
    about: str = ""
    tables: Callable[[pd.DataFrame], Sequence[Table]] = lambda rows: ()
    replications: Replications = field(default_factory=Replications)
    one_copy_because: str = ""
    rtt_ms: float = 20.0  # ours: where brokers are thought of as far; that of the measured faults
    smoke: Callable[[Levels], bool] | None = None
    as_given: bool = False

    def default_world(self) -> World:
        """The world that it is run in where the user says nothing of theirs."""
        world = World(rtt_ms=self.rtt_ms)
        if not self.one_copy_because:
            return world
        return replace(world, topic=placed(partitions=1, replicas=1))

    def says(self) -> dict[str, str]:
        """What it is called, what it asks, and what its answer assumes."""
        return {"name": self.name, "question": self.question, "assumption": self.assumption}

    def chosen(self, world: World, smoke: bool = False) -> list[Point]:
        """The points to run in a world; their names differ. Raises ConfigError."""
        points = list(self.points(world))
        if smoke:
            wanted = self.smoke or (lambda levels: True)
            points = [point for point in points if wanted(point.levels)]
            points = points if self.smoke else points[:SMOKE_POINTS]
        if len({point.name for point in points}) != len(points):
            raise ConfigError("experiment", self.name, "must have points with names of their own")
        return points

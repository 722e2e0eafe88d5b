"""A sweep as a value, and the named ones found: each is a package under ``experiments/sweeps``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit.grid import Axes, Point
from experiments.kit.replications import Replications
from experiments.sweeps import SWEEPS
from model import ConfigError, Run, Scenario

Measure = Callable[[Run], Any]


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A question, the points that answer it, and what is kept of each run."""

    name: str
    question: str
    axes: Axes
    outcomes: Sequence[Measure]
    points: tuple[Point, ...]
    smoke: tuple[Point, ...]
    scenario: Callable[..., Scenario]
    replications: Replications = field(default_factory=Replications)

    def at(self, point: Point) -> Scenario:
        """The scenario of a point, whose axes are the function's arguments."""
        return self.scenario(**point)


@dataclass(frozen=True, slots=True)
class Analysis:
    """Rows to a figure, and rows to a sentence."""

    draw: Callable[[pd.DataFrame], Figure]
    answer: Callable[[pd.DataFrame], str]


def load_sweep(name: str) -> Sweep:
    """A sweep by its name. Raises ConfigError."""
    if name not in SWEEPS:
        raise ConfigError("sweep", name, f"must be one of {', '.join(SWEEPS)}")
    data = import_module(f"experiments.sweeps.{name}.sweep")
    return Sweep(
        name=name,
        question=data.QUESTION,
        axes=data.AXES,
        outcomes=data.OUTCOMES,
        points=data.POINTS,
        smoke=data.SMOKE,
        scenario=data.scenario,
        replications=data.REPLICATIONS,
    )


def load_analysis(name: str) -> Analysis:
    """A sweep's analysis, which needs neither the sweep nor the model."""
    module = import_module(f"experiments.sweeps.{name}.analysis")
    return Analysis(module.draw, module.answer)

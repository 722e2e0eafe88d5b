"""The plainest experiment: a scenario varied over levels of its fields, and what that does.

Every combination of levels is a point, run as it is given: replication r of each has the same seed,
so that points differ by what they are and not by chance. What rows say is
:mod:`experiments.kit.plain_answer`'s.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from experiments.kit import plain_answer
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.figures import FIGURES as ALL
from experiments.kit.figures import row
from experiments.kit.replications import Level, Replications
from experiments.kit.varied import meant, varied, way_to
from model import ConfigError, Scenario
from model.config.checks import require, require_count
from model.settings.shown import one_line

#: What is measured unless one says otherwise.
FIGURES = (
    *("records_per_s", "limit", "p50_ms", "p95_ms", "p99_ms", "request_latency_ms"),
    *("in_flight_mean", "bound_records_per_s", "overloaded"),
    *("duplicates", "displaced", "failed", "unfinished"),
)
#: Ours: more than anybody waits for.
MOST_POINTS = 100_000
#: Levels by the name of their field: as they are, or each under a name of its own.
Over = Mapping[str, Iterable[Any] | Mapping[str, Any]]


def plain_sweep(
    name: str,
    scenario: Scenario,
    over: Over,
    repeats: int = 5,
    figures: Sequence[str] = FIGURES,
) -> Experiment:
    """The experiment; its points are complete when this returns. Raises ConfigError."""
    require("scenario", type(scenario).__name__, "a Scenario", isinstance(scenario, Scenario))
    require_count("repeats", repeats, 1, 1_000)
    measured = chosen(figures)
    points = _points(scenario, over)
    axes = list(points[0].levels)
    return Experiment(
        name=name,
        question=f"What do {' and '.join(axes)} do?",
        aliases=(),
        points=lambda world: points,
        measure=row(measured),
        answer=lambda rows: plain_answer.answer(rows, axes, measured),
        draw=lambda rows: plain_answer.draw(rows, axes, measured),
        assumption="everything else is as the scenario says",
        tables=lambda rows: plain_answer.tables(rows, axes, measured),
        replications=Replications(repeats, repeats),
        as_given=True,
    )


def chosen(figures: Sequence[str]) -> tuple[str, ...]:
    """Names of figures, each once. Raises ConfigError for one that there is not."""
    names = dict.fromkeys((figures,) if isinstance(figures, str) else figures)
    for name in names:
        if name not in ALL:
            which = meant(name, ALL) or f": {', '.join(ALL)}"
            raise ConfigError("figures", one_line(str(name)), f"must be a figure of a run{which}")
    require("figures", "()", "at least one", bool(names))
    return tuple(names)


def _points(scenario: Scenario, over: Over) -> list[Point]:
    require("over", type(over).__name__, "a mapping of fields", isinstance(over, Mapping))
    require("over", "{}", "at least one field with its levels", bool(over))
    ways = {str(name): way_to(name, scenario) for name in over}
    values = {str(name): _levels(str(name), levels) for name, levels in over.items()}
    require("over", ", ".join(ways), "different fields", len(set(ways.values())) == len(ways))
    count = math.prod(map(len, values.values()))
    require("points", count, f"at most {MOST_POINTS:,}", count <= MOST_POINTS)
    points = []
    for levels in grid(**{name: list(of_name) for name, of_name in values.items()}):
        changes = {ways[name]: values[name][level] for name, level in levels.items()}
        try:
            points.append(Point(levels=levels, scenario=varied(scenario, changes)))
        except (TypeError, AttributeError) as error:
            at = ", ".join(f"{name}={level}" for name, level in levels.items())
            raise ConfigError(
                "over", at, f"must be of the kind that is needed ({error})"
            ) from error
    return points


def _levels(name: str, levels: Iterable[Any] | Mapping[str, Any]) -> dict[Level, Any]:
    """Values by the level that names each. Raises ConfigError."""
    if isinstance(levels, Mapping):
        found: dict[Level, Any] = {str(label): value for label, value in levels.items()}
    elif isinstance(levels, str) or not isinstance(levels, Iterable):
        raise ConfigError("over", f"{name}={levels!r}", "must be a list of levels")
    else:
        plain_values = [x.item() if isinstance(x, np.generic) else x for x in levels]
        for value in plain_values:
            if not isinstance(value, str | int | float | bool):
                rule = "must be numbers, words or truth values, or a mapping that names them"
                raise ConfigError("over", f"{name}={type(value).__name__}", rule)
        found = {value: value for value in plain_values}
    require("over", f"{name}=[]", "at least one level", bool(found))
    return found

"""How often each point is run: until the interval of the *difference* is narrow, or a limit.

Points that differ in one level only are compared pair by pair, replication by replication, with
common random numbers; the sequential rule is that of relative precision (Law, A. M. (2015):
Simulation Modeling and Analysis, 5th ed., 9.4.1), applied to the logarithm of the ratio.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from experiments.kit.estimates import log_half_width, paired_ratio

Level = str | int | float | bool
#: The levels that make a point, by the name of their axis.
Levels = Mapping[str, Level]
#: Rows of each point by its name, in the order of replications.
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def point_name(levels: Levels) -> str:
    """Says what the point is, so that adding a level to an axis renames nothing."""
    return " ".join(f"{axis}={_text(level)}" for axis, level in levels.items())


def _text(level: Level) -> str:
    """A level as text; 2 and 2.0 are one level, written once."""
    return str(level) if isinstance(level, str | bool) else repr(float(level)).removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Contrast:
    """What is compared: a figure at levels of one axis against the same point at its base."""

    figure: str
    axis: str
    base: Level

    def pairs(self, points: Sequence[Levels]) -> Iterator[tuple[str, str]]:
        """Names of each point and of its base, which differs from it in the axis alone."""
        names = {point_name(point) for point in points}
        for point in points:
            if self.axis not in point:
                continue
            base = point_name({**point, self.axis: self.base})
            if point[self.axis] != self.base and base in names:
                yield point_name(point), base

    def half_width(
        self, over: Sequence[Mapping[str, Any]], under: Sequence[Mapping[str, Any]]
    ) -> float:
        """Half the width of the log ratio's interval; 0 where there is nothing to compare."""
        numerators, denominators = (
            [float(row[self.figure]) for row in rows] for rows in (over, under)
        )
        if not all(math.isfinite(x) and x > 0 for x in (*numerators, *denominators)):
            return 0.0
        return log_half_width(paired_ratio(numerators, denominators))


@dataclass(frozen=True, slots=True)
class Replications:
    """``fewest`` for every point, and up to ``most`` where a contrast is wider than ``precision``.

    ``precision`` 0.01: the ratio is known to about 1 % each way, at 95 %.
    """

    fewest: int = 3
    most: int = 3
    contrast: Contrast | None = None
    precision: float = 0.01

    def exactly(self, count: int | None) -> "Replications":
        """The same with so many for every point; None: unchanged."""
        return self if count is None else replace(self, fewest=count, most=count)

    def wanted(
        self, points: Sequence[Levels], rows: Rows, so_far: Mapping[str, int]
    ) -> dict[str, int]:
        """How many runs each point needs after these rows; never fewer than before."""
        wanted = {point_name(point): so_far.get(point_name(point), self.fewest) for point in points}
        for pair in self.contrast.pairs(points) if self.contrast else ():
            if self._is_wide(*pair, rows):
                for name in pair:
                    wanted[name] = min(self.most, so_far[name] + self.fewest)
        return wanted

    def _is_wide(self, name: str, base: str, rows: Rows) -> bool:
        """Whether a pair is complete and not yet known well enough."""
        over, under = rows.get(name, ()), rows.get(base, ())
        both = min(len(over), len(under))
        if self.contrast is None or both < self.fewest:
            return False
        return self.contrast.half_width(over[:both], under[:both]) > self.precision

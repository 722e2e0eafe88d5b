"""How often each point is run: until the interval of the *difference* is narrow, or a limit.

Points that differ in one axis only are compared pair by pair, replication by replication, with
common random numbers; the sequential rule is that of relative precision (Law, A. M. (2015):
Simulation Modeling and Analysis, 5th ed., 9.4.1), applied to the logarithm of the ratio.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from experiments.kit.grid import Point, Value, point_id
from experiments.kit.stats import log_half_width, paired_ratio

Row = Mapping[str, Value]
#: Rows of each point by its id, in the order of replications.
Rows = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Contrast:
    """What is compared: an outcome at levels of one axis against the same point at its base."""

    outcome: str
    axis: str
    base: Value

    def pairs(self, points: Sequence[Point]) -> Iterator[tuple[str, str]]:
        """Ids of each point and of its base, which differs from it in the axis alone."""
        ids = {point_id(point) for point in points}
        for point in points:
            base = point_id({**point, self.axis: self.base})
            if point[self.axis] != self.base and base in ids:
                yield point_id(point), base

    def half_width(self, these: Sequence[Row], those: Sequence[Row]) -> float:
        """Half the width of the log ratio's interval; 0 where there is nothing to compare."""
        ours, theirs = ([float(row[self.outcome]) for row in rows] for rows in (these, those))
        if not all(math.isfinite(x) and x > 0 for x in (*ours, *theirs)):
            return 0.0
        return log_half_width(paired_ratio(ours, theirs))


@dataclass(frozen=True, slots=True)
class Replications:
    """``fewest`` for every point, and up to ``most`` where a contrast is wider than ``precision``.

    ``precision`` 0.01: the ratio is known to about 1 % each way, at 95 %.
    """

    fewest: int = 3
    most: int = 3
    contrast: Contrast | None = None
    precision: float = 0.01

    def wanted(
        self, points: Sequence[Point], rows: Rows, so_far: Mapping[str, int]
    ) -> dict[str, int]:
        """How many runs each point needs after these rows; never fewer than before."""
        wanted = {point_id(point): so_far.get(point_id(point), self.fewest) for point in points}
        for pair in self.contrast.pairs(points) if self.contrast else ():
            if self._is_wide(*pair, rows, wanted):
                for name in pair:
                    wanted[name] = min(self.most, so_far[name] + self.fewest)
        return wanted

    def _is_wide(self, name: str, base: str, rows: Rows, wanted: Mapping[str, int]) -> bool:
        """Whether a pair is complete and not yet known well enough."""
        these, those = rows.get(name, ()), rows.get(base, ())
        both = min(len(these), len(those))
        if self.contrast is None or both < self.fewest:
            return False
        return self.contrast.half_width(these[:both], those[:both]) > self.precision

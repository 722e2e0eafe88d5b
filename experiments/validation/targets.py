"""The six figures that the model is to reach, as data, and how near it comes.

Figures are over all predicted rows that are neither noisy nor for calibration. An open loop counts
for the 99th percentile while its rate is below a share of its capacity: what the closed-form bound
gives for the same settings as fast as they can, with full requests and with the wake-up that every
round trip costs.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from experiments.kit.loads import full_request
from experiments.validation import kinds
from experiments.validation.errors import ratio_pairs, relative_errors, spread
from experiments.validation.kinds import Floats, Mask
from experiments.validation.measured import scenarios_of
from model import MachineConfig, Saturating, Scenario
from model.outcome.bound import bound

#: Asked: the share of capacity up to which a 99th percentile is worth predicting.
SETTLED = 0.9

Counted = Callable[[pd.DataFrame, MachineConfig], Mask]


@dataclass(frozen=True)
class Target:
    """A figure, the rows that count, and the absolute errors in % that are allowed.

    ``counted`` None: the figure is the ratio of five in flight to one, over pairs of rows.
    """

    name: str
    over: str
    median: float
    p90: float
    figure: str
    counted: Counted | None

    def errors(self, rows: pd.DataFrame, machine: MachineConfig) -> Floats:
        """For each row, NaN where it does not count; of pairs, for each pair."""
        if self.counted is None:
            return np.asarray(ratio_pairs(rows)["error"], dtype=float)
        return np.where(self.counted(rows, machine), relative_errors(rows)[self.figure], np.nan)


@dataclass(frozen=True)
class Reached:
    """What a figure came to; NaN where there is nothing to judge."""

    target: Target
    rows: int
    median: float
    p90: float

    @property
    def missed(self) -> bool:
        """Whether either is above what is allowed."""
        return self.median > self.target.median or self.p90 > self.target.p90


def reached(rows: pd.DataFrame, machine: MachineConfig) -> list[Reached]:
    """Each figure over predicted rows."""
    judged = ~kinds.is_noisy(rows) & ~kinds.is_calibration(rows)
    figures = []
    for target in TARGETS:
        errors = target.errors(rows, machine)
        errors = errors if target.counted is None else errors[judged]
        figures.append(Reached(target, int((~np.isnan(errors)).sum()), *spread(errors)))
    return figures


def _of_loads(*loads: str) -> Counted:
    return lambda rows, machine: np.isin(kinds.load_of(rows), loads)


def _settled(rows: pd.DataFrame, machine: MachineConfig) -> Mask:
    """Open loops below capacity."""
    settled: Mask = kinds.load_of(rows) == kinds.OPEN_LOOP
    capacities = [capacity_per_s(each) for each in scenarios_of(rows[settled], machine)]
    settled[settled] = kinds.numeric(rows, "target_rate")[settled] < SETTLED * np.array(capacities)
    return settled


def capacity_per_s(scenario: Scenario) -> float:
    """What a scenario's settings carry as fast as they can, in records/s."""
    saturating = replace(scenario, workload=replace(scenario.workload, arrival=Saturating()))
    return min(bound(saturating, full_request(saturating)).awake.values())


_ANY = _of_loads(kinds.SATURATING, kinds.CLOSED_LOOP, kinds.OPEN_LOOP)
_BUSY, _PACED = (
    _of_loads(kinds.SATURATING, kinds.CLOSED_LOOP),
    _of_loads(kinds.OPEN_LOOP, kinds.CLOSED_LOOP),
)
_BELOW = f"open loop below {SETTLED:g} of capacity"
TARGETS = (
    Target("records/s", "saturating and closed loop", 2.5, 8.0, "records/s", _BUSY),
    Target("ratio five to one", "each pair", 3.0, 8.0, "records/s", None),
    Target("request latency, mean", "all", 4.0, 12.0, "request latency", _ANY),
    Target("p50 of record latency", "open and closed loop", 6.0, 15.0, "p50", _PACED),
    Target("p99 of record latency", _BELOW, 20.0, 50.0, "p99", _settled),
    Target("records per request", "all", 3.0, 10.0, "records/request", _ANY),
)

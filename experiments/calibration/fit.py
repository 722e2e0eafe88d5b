"""The fit: least squares over the logarithm of predicted over measured figures.

Only rows marked ``calibration`` that the model reaches are used, and of these only what a constant
can answer for: the throughput of saturating and lock-step producers (closed loops of one), and the
99th percentile of lock-step latency, which alone tells the broker's random tail from its fixed
work. No constant depends on a distance, a batch size or a row. Left out: constants that these rows
cannot tell apart, which are assumed (see ``ASSUMED_US``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import least_squares

from experiments.kit.pool import Workers
from experiments.validation.errors import Mask, is_noisy, numeric
from experiments.validation.measured import rows_of, scenario_of
from experiments.validation.prediction import run_all
from experiments.validation.reach import beyond_reach
from model import ConfigError, MachineConfig, Scenario

#: Assumed: the rows do not tell these from the work per request. Appending: a saturating Java
#: producer's order of magnitude. A request on the Sender thread: adds to the broker's on every row
#: where they could be told apart. Bytes: about 2 GB/s for the client's copy and checksum, and 0.7
#: GB/s for the broker's copies, checksum and page cache (the rows of 4, 16 and 64 KiB contradict
#: each other about it).
ASSUMED_US = {
    "client_append_us": 1.0,
    "client_request_us": 15.0,
    "client_byte_us": 0.0005,
    "client_record_us": 0.1,
    "broker_batch_us": 5.0,
    "broker_byte_us": 0.0015,
}
#: Fitted, with where the search starts.
START_US = {
    "broker_request_us": 140.0,
    "broker_tail_us": 100.0,
    "wake_us": 1_000.0,
    "wake_after_us": 3_000.0,
}
#: Search from a hundredth to a hundred times the start.
RANGE = 100.0
#: Ours: a row whose repeats differ by more than 10 % says a third of what another row says, and so
#: does a 99th percentile.
WEAK = 0.3
#: Step of the numerical derivative: above the noise of the runs' random tails.
STEP = 0.05
#: Residuals beyond this pull in proportion, not squared: repeats of one row differ by up to 10 %.
CONTRADICTION = 0.02
#: Longest stretch simulated of a row; rows longer than that are steady anyway.
MEASURED_S = 1.5
#: Ours: above this relative standard error the rows do not identify a constant.
UNIDENTIFIED = 0.5


@dataclass(frozen=True)
class Fit:
    """Fitted constants, their relative standard errors, and the residuals (log, unweighted)."""

    machine: MachineConfig
    relative_error: dict[str, float]
    residuals: NDArray[np.float64]
    rows: int


def fit(measured: pd.DataFrame, workers: Workers) -> Fit:
    """Fit the constants on these rows. Raises ConfigError if fewer rows than constants remain."""
    target = _Targets(measured, workers)
    start, reach = np.ones(len(START_US)), np.log(RANGE)
    solution = least_squares(
        target.weighted,
        start,
        bounds=(start - reach, start + reach),
        diff_step=[STEP],
        loss="soft_l1",
        f_scale=CONTRADICTION,
        max_nfev=12,
    )
    machine = _machine(solution.x)
    freedom = len(solution.fun) - len(START_US)
    jacobian = np.asarray(solution.jac)
    covariance = np.linalg.pinv(jacobian.T @ jacobian) * (2 * solution.cost / freedom)
    errors = dict(zip(START_US, np.sqrt(np.diag(covariance)).tolist(), strict=True))
    return Fit(machine, errors, target.residuals(machine), len(target.scenarios))


def _machine(position: Sequence[float] | NDArray[np.float64]) -> MachineConfig:
    """The machine at a place of the search, where 1 is the start and one more is e times it."""
    fitted = {
        name: float(f"{start_us * np.exp(x - 1):.4g}")
        for (name, start_us), x in zip(START_US.items(), position, strict=True)
    }
    return MachineConfig(**ASSUMED_US, **fitted)


class _Targets:
    """What is measured, and the scenarios that should come out at it."""

    def __init__(self, measured: pd.DataFrame, workers: Workers) -> None:
        rows = measured[_usable(measured)]
        if len(rows) <= len(START_US):
            raise ConfigError("measured", f"{len(rows)} usable rows", "must be more than constants")
        self._workers = workers
        self.scenarios = [
            _shortened(scenario_of(row, _machine(np.ones(len(START_US))))) for row in rows_of(rows)
        ]
        lock_step = numeric(rows, "outstanding") == 1
        trust = np.where(is_noisy(rows), WEAK, 1.0)
        self._wanted = numeric(rows, "records_per_s")
        self._wanted_p99 = numeric(rows, "p99_ms")[lock_step]
        self._lock_step = lock_step
        self._weights = np.concatenate([trust, WEAK * trust[lock_step]])

    def weighted(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        weighted: NDArray[np.float64] = self.residuals(_machine(position)) * self._weights
        return weighted

    def residuals(self, machine: MachineConfig) -> NDArray[np.float64]:
        scenarios = [replace(scenario, machine=machine) for scenario in self.scenarios]
        figures = run_all(scenarios, self._workers)
        records_per_s = np.array([figure[0] for figure in figures], dtype=float)
        p99_ms = np.array([figure[4] for figure in figures], dtype=float)[self._lock_step]
        wanted = np.concatenate([self._wanted, self._wanted_p99])
        residuals: NDArray[np.float64] = np.log(np.concatenate([records_per_s, p99_ms]) / wanted)
        return residuals


def _usable(rows: pd.DataFrame) -> Mask:
    """Calibration rows, saturating or lock-step, that the model reaches."""
    machine = _machine(np.ones(len(START_US)))
    reached = np.array([not beyond_reach(row, scenario_of(row, machine)) for row in rows_of(rows)])
    lock_step = numeric(rows, "outstanding") <= 1
    kind = lock_step & (numeric(rows, "target_rate") == 0) & (numeric(rows, "partitions") == 1)
    usable: Mask = kind & (numeric(rows, "calibration") == 1) & reached
    return usable


def _shortened(scenario: Scenario) -> Scenario:
    return replace(
        scenario,
        warmup_s=max(0.3, 10 * scenario.path.rtt_s),
        measured_s=min(scenario.measured_s, max(MEASURED_S, 60 * scenario.path.rtt_s)),
    )

"""Machine constants from a few rows: as few as two, which cannot tell all constants.

Each constant begins as our laboratory's, and is believed to be within a factor of three of it, two
times in three (a lognormal prior); the rows pull it from there as far as they tell it (the maximum
a posteriori, by least squares over logarithms). Its interval is that of the posterior, from the
Jacobian: where it is hardly narrower than before, the rows do not tell the constant, whatever its
value. What stands still now and then, and the assumed costs of the client, are kept as they are.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from experiments.kit.pool import Workers
from experiments.validation.calibration import (
    START,
    Fit,
    aims_of,
    residuals_of,
    shortened,
)
from experiments.validation.calibration import fit as fit_many
from experiments.validation.kinds import Floats, is_calibration
from experiments.validation.prediction import scenarios_of
from model import MEASURED_MACHINE, ConfigError, MachineConfig
from model.config.cluster import CODEC_COSTS, TLS_COSTS

#: What a few rows can tell at all. At one distance a longest wake-up and how deep threads sleep
#: until then are one; of one batch a request, a request's and a batch's costs are one.
FEW = (
    "client_append_us",
    "broker_request_us",
    "broker_byte_us",
    "wake_us",
    "notify_us",
    "timer_late_us",
)
#: Assumed: the spread of logarithms of a constant over machines.
PRIOR = float(np.log(3))
#: Search within so many times the spread; step of the derivative: above the noise of the runs.
MOST_PRIORS, STEP = 4, 0.1
#: Ours: how well a run is predicted with the right constants, repeats and all.
NOISE = 0.03
#: Ours: what a request's mean latency says beside records/s; at full speed it is nearly the same.
OF_REQUESTS = 0.5
#: Ours: an interval that is no narrower than this part of the prior's says that nothing was told.
UNTOLD = 0.8
LEAST_ROWS = 2


def fit(measured: pd.DataFrame, workers: Workers) -> Fit:
    """Fit the constants on the rows for calibration, however few. Raises ConfigError below two."""
    rows = measured[is_calibration(measured)]
    if len(rows) > len(START):
        return fit_many(measured, workers)
    if len(rows) < LEAST_ROWS:
        rule = f"must have {LEAST_ROWS} rows at least that are marked for calibration"
        raise ConfigError("measured", f"{len(rows)} usable rows", rule)
    return _fit_few(rows, workers)


def _fit_few(rows: pd.DataFrame, workers: Workers) -> Fit:
    machine = MEASURED_MACHINE.without_stalls()
    scenarios = list(map(shortened, scenarios_of(rows, machine)))
    aims = aims_of(rows, OF_REQUESTS)
    if len(aims) < LEAST_ROWS:
        rule = "must have figures: records_per_s at full speed, or latencies at a rate"
        raise ConfigError("measured", f"{len(aims)} usable figures", rule)
    weights = np.asarray(aims["weight"]) / NOISE

    def belief(position: Floats) -> Floats:
        """What the rows say, and then what was believed before, each in standard errors."""
        told = residuals_of(scenarios, aims, _machine(machine, position), workers)
        return np.concatenate([told * weights, (position - 1) / PRIOR])

    middle, reach = np.ones(len(FEW)), MOST_PRIORS * PRIOR
    start = min(_starts(), key=lambda position: float(np.sum(belief(position) ** 2)))
    solution = least_squares(
        belief, start, bounds=(middle - reach, middle + reach), diff_step=[STEP], max_nfev=6
    )
    found, jacobian = _machine(machine, solution.x), np.asarray(solution.jac)
    spread = np.sqrt(np.diag(np.linalg.inv(jacobian.T @ jacobian)))
    errors = dict(zip(FEW, spread.tolist(), strict=True))
    left = residuals_of(scenarios, aims, found, workers)
    over = aims[["rtt_ms", "figure"]].assign(percent=100 * np.expm1(left))
    untold = tuple(name for name, error in errors.items() if error > UNTOLD * PRIOR)
    elsewhere = (*FEW, *CODEC_COSTS, *TLS_COSTS)
    kept = tuple(name for name in MachineConfig.__slots__ if name not in elsewhere)
    return Fit(_with_stalls(found), errors, over, len(rows), untold, kept)


def _starts() -> list[Floats]:
    """Slow brokers, and threads that wake soon: where a broker is not yet what limits five in
    flight, no small step shows that a slower one would be."""
    slower = {name: np.array([name == each for each in FEW]) * PRIOR for name in FEW}
    return [
        np.ones(len(FEW)) + requests * slower["broker_request_us"] + wakes * slower["wake_us"]
        for requests in (0, 1, 2, 3)
        for wakes in (0, -1)
    ]


def _with_stalls(machine: MachineConfig) -> MachineConfig:
    """What a byte costs in the mean, in our laboratory's shares of appends and of stalls."""
    factor = machine.broker_byte_us / MEASURED_MACHINE.append_byte_us
    return replace(
        machine,
        broker_byte_us=float(f"{MEASURED_MACHINE.broker_byte_us * factor:.4g}"),
        broker_stalls_per_mb=float(f"{MEASURED_MACHINE.broker_stalls_per_mb * factor:.4g}"),
    )


def _machine(machine: MachineConfig, position: Floats) -> MachineConfig:
    """The machine at a point of the search, where 1 is the start and one more is e times it."""
    moved = {
        name: float(f"{getattr(machine, name) * np.exp(x - 1):.4g}")
        for name, x in zip(FEW, position, strict=True)
    }
    return replace(machine, **moved)

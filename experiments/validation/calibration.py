"""Machine constants from measured runs: least squares over logarithms of predicted over measured.

Only rows marked ``calibration`` are used, and of each only what a constant can answer for: records
per request say how soon threads run, and the 99th percentile separates what happens to every
request from what happens now and then. No constant depends on a distance, a batch size or a row.
Left out: constants that these rows cannot tell apart (see ``ASSUMED_US``).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from experiments.kit.pool import Workers
from experiments.validation.kinds import Floats, is_calibration, is_noisy, numeric
from experiments.validation.prediction import run_all, scenarios_of
from model import ConfigError, MachineConfig, OpenLoop, Scenario
from model.config.cluster import TLS_COSTS

#: Measured: the client's CPU time in the saturating rows of one batch size and of records of 100
#: and 1,000 bytes is about 0.8 us a record and 0.14 ms a request; taken as a thread's each: the
#: callback's share of a record, and the Sender's of a request. Assumed: about 2 GB/s for the
#: client's copy and checksum.
ASSUMED_US = {"client_request_us": 100.0, "client_byte_us": 0.0005, "client_record_us": 0.2}
#: Fitted, with where the search starts.
START = {
    "client_append_us": 1.0,
    "broker_request_us": 100.0,
    "broker_batch_us": 60.0,
    "broker_byte_us": 0.0015,
    "broker_tail_us": 60.0,
    "wake_us": 1_000.0,
    "wake_after_us": 2_000.0,
    "round_wake_us": 800.0,
    "notify_us": 60.0,
    "timer_late_us": 400.0,
    "broker_stall_us": 10_000.0,
    "broker_stalls_per_mb": 0.1,
}
#: Search from a hundredth to a hundred times the start.
RANGE = 100.0
#: Step of the numerical derivative: above the noise of the runs' random tails.
STEP = 0.05
#: Residuals beyond this pull in proportion, not squared: repeats of one row differ by up to 10 %.
CONTRADICTION = 0.02
#: Longest stretch simulated of saturating rows and closed loops, which say the same all the time;
#: open loops meet what is rare less often and are simulated as long as they were measured.
MEASURED_S = 1.5
#: Half the width of a 95 % interval in standard errors, and where a wide one ends.
NORMAL_95, MOST_LOG = 1.96, 20.0
#: Ours: above this relative standard error the rows do not identify a constant.
UNIDENTIFIED = 0.5
#: Ours: a row whose repeats differ by more than 10 % says a third of what another row says.
WEAK = 0.3
#: Ours: what is rare happens once or twice in a run, or not at all.
RARE = 0.1
#: Ours: latencies of open loops say how late threads run, but also how busy the machine was.
LATENCY = 0.3
#: Ours: an open loop that falls behind by more has a latency that only says how long it ran.
KEPT_UP = 0.97


@dataclass(frozen=True)
class Fit:
    """Fitted constants, their relative standard errors, and what is left over, row by row.

    ``residuals`` has the columns rtt_ms, figure, percent (predicted over measured). ``untold`` are
    constants that the rows do not tell; ``kept`` those that were not fitted, but are as given.
    """

    machine: MachineConfig
    relative_error: dict[str, float]
    residuals: pd.DataFrame
    rows: int
    untold: tuple[str, ...] = ()
    kept: tuple[str, ...] = tuple(ASSUMED_US)

    @property
    def assumed(self) -> list[str]:
        """Constants that no rows were asked about; those of codecs have rows of their own."""
        return sorted({*self.kept, *TLS_COSTS})

    def interval(self, name: str) -> tuple[float, float]:
        """A fitted constant's 95 % interval: errors are of logarithms."""
        factor = np.exp(min(NORMAL_95 * self.relative_error[name], MOST_LOG))
        value = getattr(self.machine, name)
        return value / factor, value * factor

    @property
    def median_residual_percent(self) -> float:
        """The median of what is left over, without its sign."""
        return float(np.median(np.abs(self.residuals["percent"])))

    def constants_json(self, source: str) -> str:
        """The constants with where they came from, as read by ``model.load_machine``."""
        contents = {
            "constants": asdict(self.machine),
            "unit": "microseconds, but for what is named otherwise",
            "origin": f"inflight calibrate on {self.rows} calibration rows of {source}",
            "assumed": self.assumed,
            "relative_standard_error": {
                name: float(f"{error:.2g}") for name, error in self.relative_error.items()
            },
            "interval_95": {
                name: [float(f"{end:.3g}") for end in self.interval(name)]
                for name in self.relative_error
            },
            "untold": sorted(self.untold),
            "median_absolute_residual_percent": float(f"{self.median_residual_percent:.3g}"),
        }
        return json.dumps(contents, indent=2) + "\n"


def fit(measured: pd.DataFrame, workers: Workers) -> Fit:
    """Fit the constants on these rows. Raises ConfigError if fewer rows than constants remain."""
    rows = measured[is_calibration(measured)]
    if len(rows) <= len(START):
        raise ConfigError("measured", f"{len(rows)} usable rows", "must be more than constants")
    start, reach = np.ones(len(START)), np.log(RANGE)
    scenarios, aims = list(map(shortened, scenarios_of(rows, _machine(start)))), aims_of(rows)

    def residuals(machine: MachineConfig) -> Floats:
        return residuals_of(scenarios, aims, machine, workers)

    def weighted(position: Floats) -> Floats:
        return np.asarray(residuals(_machine(position)) * aims["weight"])

    solution = least_squares(
        weighted,
        start,
        bounds=(start - reach, start + reach),
        diff_step=[STEP],
        loss="soft_l1",
        f_scale=CONTRADICTION,
        max_nfev=12,
    )
    machine, jacobian = _machine(solution.x), np.asarray(solution.jac)
    freedom = len(solution.fun) - len(START)
    covariance = np.linalg.pinv(jacobian.T @ jacobian) * (2 * solution.cost / freedom)
    errors = dict(zip(START, np.sqrt(np.diag(covariance)).tolist(), strict=True))
    over = aims[["rtt_ms", "figure"]].assign(percent=100 * np.expm1(residuals(machine)))
    untold = tuple(name for name, error in errors.items() if error > UNIDENTIFIED)
    return Fit(machine, errors, over, len(rows), untold)


def residuals_of(
    scenarios: Sequence[Scenario], aims: pd.DataFrame, machine: MachineConfig, workers: Workers
) -> Floats:
    """Logarithms of predicted over measured, in the order of the aims."""
    figures = run_all([replace(each, machine=machine) for each in scenarios], workers)
    wanted = zip(aims["row"], "model_" + aims["figure"], strict=True)
    predicted = np.array([figures.at[row, figure] for row, figure in wanted], dtype=float)
    return np.asarray(np.log(predicted / aims["measured"]))


def _machine(position: Floats) -> MachineConfig:
    """The machine at a point of the search, where 1 is the start and one more is e times it."""
    fitted = {
        name: float(f"{start_us * np.exp(x - 1):.4g}")
        for (name, start_us), x in zip(START.items(), position, strict=True)
    }
    return MachineConfig(**ASSUMED_US, **fitted)


def aims_of(rows: pd.DataFrame, of_requests: float = 0.0) -> pd.DataFrame:
    """What these rows, all for calibration, are to be met in, and how much each figure says.

    ``of_requests``: how much the mean request latency says, 0: nothing is asked of it.
    Columns: row, rtt_ms, figure, measured, weight.
    """
    rate = numeric(rows, "target_rate")
    open_loop = rate > 0
    settled = open_loop & (numeric(rows, "records_per_s") > KEPT_UP * rate)
    paced = settled | (numeric(rows, "outstanding") > 0)
    all_aims = pd.DataFrame({"row": range(len(rows)), "rtt_ms": numeric(rows, "rtt_us") / 1e3})
    frames = []
    for figure, mask, weight in (
        ("records_per_s", ~open_loop, 1.0),
        ("p99_ms", ~open_loop, RARE),
        ("p50_ms", settled, LATENCY),
        ("records_per_request_avg", paced, LATENCY),
        ("request_latency_avg", ~open_loop | settled, of_requests),
    ):
        measured, weights = numeric(rows, figure), weight * np.where(is_noisy(rows), WEAK, 1.0)
        aims = all_aims.assign(figure=figure, measured=measured, weight=weights)
        frames.append(aims[mask & (measured > 0) & (weights > 0)])
    return pd.concat(frames, ignore_index=True)


def shortened(scenario: Scenario) -> Scenario:
    """The scenario over no longer than needed to know what constants make of it."""
    rtt_s, measured_s = scenario.path.rtt_s, scenario.measured_s
    if not isinstance(scenario.workload.arrival, OpenLoop):
        measured_s = min(measured_s, max(MEASURED_S, 60 * rtt_s))
    return replace(scenario, warmup_s=max(0.3, 10 * rtt_s), measured_s=measured_s)

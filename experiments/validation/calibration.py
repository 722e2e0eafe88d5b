"""Machine constants from measured runs: least squares over logarithms of predicted over measured.

Only rows marked ``calibration`` are used, and of each only what a constant can answer for: the
throughput of saturating producers and closed loops, of open loops the median latency, of open and
closed loops the records per request, which say how soon threads run and how quick the application
is between two answers, and the 99th percentile of saturating producers and closed loops, which
separates what happens to every request from what happens now and then. No constant depends on a
distance, a batch size or a row. Left out: constants that these rows cannot tell apart, which are
assumed or measured otherwise (see ``ASSUMED_US``).
"""

import json
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from experiments.kit.pool import Workers
from experiments.validation.kinds import Floats, Mask, is_calibration, is_noisy, numeric
from experiments.validation.prediction import run_all, scenarios_of
from model import ConfigError, MachineConfig, OpenLoop, Scenario

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

    ``residuals`` has the columns rtt_ms, figure, percent (predicted over measured).
    """

    machine: MachineConfig
    relative_error: dict[str, float]
    residuals: pd.DataFrame
    rows: int

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
            "assumed": sorted(ASSUMED_US),
            "relative_standard_error": {
                name: float(f"{error:.2g}") for name, error in self.relative_error.items()
            },
            "median_absolute_residual_percent": float(f"{self.median_residual_percent:.3g}"),
        }
        return json.dumps(contents, indent=2) + "\n"


def fit(measured: pd.DataFrame, workers: Workers) -> Fit:
    """Fit the constants on these rows. Raises ConfigError if fewer rows than constants remain."""
    runs = _Runs(measured[is_calibration(measured)], workers)
    start, reach = np.ones(len(START)), np.log(RANGE)
    solution = least_squares(
        runs.weighted,
        start,
        bounds=(start - reach, start + reach),
        diff_step=[STEP],
        loss="soft_l1",
        f_scale=CONTRADICTION,
        max_nfev=12,
    )
    machine = _machine(solution.x)
    freedom = len(solution.fun) - len(START)
    jacobian = np.asarray(solution.jac)
    covariance = np.linalg.pinv(jacobian.T @ jacobian) * (2 * solution.cost / freedom)
    errors = dict(zip(START, np.sqrt(np.diag(covariance)).tolist(), strict=True))
    return Fit(machine, errors, runs.residuals(machine), len(runs.scenarios))


def _machine(position: Floats) -> MachineConfig:
    """The machine at a point of the search, where 1 is the start and one more is e times it."""
    fitted = {
        name: float(f"{start_us * np.exp(x - 1):.4g}")
        for (name, start_us), x in zip(START.items(), position, strict=True)
    }
    return MachineConfig(**ASSUMED_US, **fitted)


class _Aim:
    """One figure of the rows that a mask leaves, what was measured of it, and how much it says."""

    def __init__(self, rows: pd.DataFrame, figure: str, mask: Mask, weight: float) -> None:
        measured = numeric(rows, figure)
        self.figure, self.mask = figure, mask & (measured > 0)
        self._measured = measured[self.mask]
        self.weights = weight * np.where(is_noisy(rows), WEAK, 1.0)[self.mask]

    def residuals(self, predicted: pd.DataFrame) -> Floats:
        """Logarithms of predicted over measured."""
        figures = numeric(predicted, f"model_{self.figure}")[self.mask]
        return np.asarray(np.log(figures / self._measured))


def _aims(rows: pd.DataFrame) -> list[_Aim]:
    """What these rows, all for calibration, are to be met in."""
    rate = numeric(rows, "target_rate")
    open_loop = rate > 0
    settled = open_loop & (numeric(rows, "records_per_s") > KEPT_UP * rate)
    closed_loop = numeric(rows, "outstanding") > 0
    return [
        _Aim(rows, "records_per_s", ~open_loop, 1.0),
        _Aim(rows, "p99_ms", ~open_loop, RARE),
        _Aim(rows, "p50_ms", settled, LATENCY),
        _Aim(rows, "records_per_request_avg", settled | closed_loop, LATENCY),
    ]


class _Runs:
    """The scenarios of the calibration rows, and how far a machine is from what was measured."""

    def __init__(self, rows: pd.DataFrame, workers: Workers) -> None:
        if len(rows) <= len(START):
            raise ConfigError("measured", f"{len(rows)} usable rows", "must be more than constants")
        self._workers, self._aims = workers, _aims(rows)
        self._rtt_ms = numeric(rows, "rtt_us") / 1e3
        self.scenarios = list(map(_shortened, scenarios_of(rows, _machine(np.ones(len(START))))))

    def weighted(self, position: Floats) -> Floats:
        """Every figure's residuals, as much as they say."""
        figures = self._figures(_machine(position))
        return np.concatenate([each.residuals(figures) * each.weights for each in self._aims])

    def residuals(self, machine: MachineConfig) -> pd.DataFrame:
        """Every figure's residuals with what they are of: rtt_ms, figure, percent."""
        figures, frames = self._figures(machine), []
        for each in self._aims:
            percent = 100 * np.expm1(each.residuals(figures))
            columns = {"rtt_ms": self._rtt_ms[each.mask], "percent": percent}
            frames.append(pd.DataFrame(columns).assign(figure=each.figure))
        return pd.concat(frames)

    def _figures(self, machine: MachineConfig) -> pd.DataFrame:
        scenarios = [replace(scenario, machine=machine) for scenario in self.scenarios]
        return run_all(scenarios, self._workers)


def _shortened(scenario: Scenario) -> Scenario:
    longest_s = max(MEASURED_S, 60 * scenario.path.rtt_s)
    if isinstance(scenario.workload.arrival, OpenLoop):
        longest_s = scenario.measured_s
    return replace(
        scenario,
        warmup_s=max(0.3, 10 * scenario.path.rtt_s),
        measured_s=min(scenario.measured_s, longest_s),
    )

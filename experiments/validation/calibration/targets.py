"""What the fit aims at: which measured figure of which rows, and how much it says."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.validation.kinds import Floats, Mask, is_noisy, numeric

#: Ours: a row whose repeats differ by more than 10 % says a third of what another row says.
WEAK = 0.3
#: Ours: what is rare happens once or twice in a run, or not at all.
RARE = 0.1
#: Ours: latencies of open loops say how late threads run, but also how busy the machine was.
LATENCY = 0.3
#: Ours: an open loop that falls behind by more has a latency that only says how long it ran.
KEPT_UP = 0.97


@dataclass(frozen=True)
class Target:
    """One figure of the rows that a mask leaves: its name, what was measured, and weights."""

    figure: str
    mask: Mask
    measured: Floats
    weights: Floats

    def residuals(self, predicted: pd.DataFrame) -> Floats:
        """Logarithms of predicted over measured."""
        figures = numeric(predicted, f"model_{self.figure}")[self.mask]
        residuals: Floats = np.log(figures / self.measured)
        return residuals


def targets_of(rows: pd.DataFrame) -> list[Target]:
    """What these rows, all for calibration, are to be met in."""
    rate = numeric(rows, "target_rate")
    open_loop = rate > 0
    settled = open_loop & (numeric(rows, "records_per_s") > KEPT_UP * rate)
    closed_loop = numeric(rows, "outstanding") > 0
    return [
        _target(rows, "records_per_s", ~open_loop, 1.0),
        _target(rows, "p99_ms", ~open_loop, RARE),
        _target(rows, "p50_ms", settled, LATENCY),
        _target(rows, "records_per_request_avg", settled | closed_loop, LATENCY),
    ]


def _target(rows: pd.DataFrame, figure: str, mask: Mask, weight: float) -> Target:
    measured = numeric(rows, figure)
    mask = mask & (measured > 0)
    trust = np.where(is_noisy(rows), WEAK, 1.0)
    return Target(figure, mask, measured[mask], weight * trust[mask])

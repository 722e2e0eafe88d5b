"""What the fit aims at: which measured figure of which rows, and how much it says."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.validation.errors import Floats, Mask, is_noisy, numeric

#: Ours: a row whose repeats differ by more than 10 % says a third of what another row says.
WEAK = 0.3
#: Ours: what is rare happens once or twice in a run, or not at all.
RARE = 0.1
#: Ours: latencies of open loops say how late threads run, but also how busy the machine was.
LATENCY = 0.3
#: Ours: an open loop that falls behind by more has a latency that only tells how long it ran.
KEPT_UP = 0.97


@dataclass(frozen=True)
class Targets:
    """One figure of some rows: where it is, what was measured and the weight of each."""

    column: str
    places: Mask
    measured: Floats
    weights: Floats

    def residuals(self, figures: pd.DataFrame) -> Floats:
        """Logarithms of predicted over measured."""
        predicted = numeric(figures, self.column)[self.places]
        residuals: Floats = np.log(predicted / self.measured)
        return residuals

    def told(self, figures: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
        """The residuals with what they are of: rtt_ms, figure, percent."""
        percent = 100 * np.expm1(self.residuals(figures))
        rtt_ms = numeric(rows, "rtt_us")[self.places] / 1e3
        figure = self.column.removeprefix("model_")
        return pd.DataFrame({"rtt_ms": rtt_ms, "figure": figure, "percent": percent})

    def weighted(self, figures: pd.DataFrame) -> Floats:
        """The same, as much as they say."""
        weighted: Floats = self.residuals(figures) * self.weights
        return weighted


def targets_of(rows: pd.DataFrame) -> list[Targets]:
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


def _target(rows: pd.DataFrame, figure: str, places: Mask, weight: float) -> Targets:
    measured = numeric(rows, figure)
    places = places & (measured > 0)
    trust = np.where(is_noisy(rows), WEAK, 1.0)
    return Targets(f"model_{figure}", places, measured[places], weight * trust[places])

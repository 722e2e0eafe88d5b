"""How far predictions are from measurements: by group, as ratios of five to one, and by target.

The targets are figures over all predicted rows that are neither noisy nor for calibration. An
open loop counts for the 99th percentile while its rate is below a share of its capacity: what the
closed-form bound gives for the same settings as fast as they can, with full requests and with the
wake-up that every round trip costs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from experiments.kit.loads import full_request
from experiments.kit.measured import settings_of
from experiments.validation import kinds
from experiments.validation.kinds import CLOSED_LOOP, OPEN_LOOP, SATURATING, Floats, Mask
from experiments.validation.prediction import MEASURED, by_seed, scenarios_of
from model import MachineConfig, Saturating, Scenario
from model.outcome.bound import bound

#: What a reader calls a figure to its measured column; the predicted one's has ``model_`` in front.
FIGURES = {
    "records/s": "records_per_s",
    "request latency": "request_latency_avg",
    "p50": "p50_ms",
    "p99": "p99_ms",
    "records/request": "records_per_request_avg",
}
_P90 = "records/s p90 %"
#: The rows that the head-to-head is judged on, in the words of ``group``.
HEADLINE = "at full speed, one partition, 1000 B in 16 KiB batches, default buffers"
#: Asked: the share of capacity up to which a 99th percentile is worth predicting.
SETTLED = 0.9


def relative_errors(rows: pd.DataFrame) -> dict[str, Floats]:
    """``predicted / measured - 1`` for each figure; NaN where it was not measured."""
    errors = {}
    for name, column in FIGURES.items():
        measured = kinds.numeric(rows, column)
        known = np.where(measured > 0, measured, np.nan)
        errors[name] = kinds.numeric(rows, f"model_{column}") / known - 1
    return errors


def error_table(rows: pd.DataFrame) -> pd.DataFrame:
    """A row for each group: rows, noisy ones left out, median and 90th percentile of |error| in %.

    The headline rows come first and are counted again in the group that they belong to; then the
    groups with the largest 90th percentile of records/s.
    """
    errors, noisy, of_rows = relative_errors(rows), kinds.is_noisy(rows), kinds.group_of(rows)
    groups: dict[str, Mask] = {HEADLINE: kinds.is_headline(rows)}
    groups |= {group: of_rows == group for group in kinds.GROUPS}
    table: list[dict[str, Any]] = []
    for group, mask in groups.items():
        counted = mask & ~noisy
        line: dict[str, Any] = {"group": group, "rows": counted.sum()}
        line["noisy"] = (mask & noisy).sum()
        for name, values in errors.items():
            line[f"{name} median %"], line[f"{name} p90 %"] = spread(values[counted])
        table += [line] if mask.any() else []
    table.sort(key=lambda line: (line["group"] != HEADLINE, -np.nan_to_num(line[_P90])))
    return pd.DataFrame(table)


def spread(errors: Floats) -> tuple[float, float]:
    """Median and 90th percentile of the absolute errors in %; NaN where nothing was measured."""
    known = 100 * np.abs(errors[~np.isnan(errors)])
    if not len(known):
        return float("nan"), float("nan")
    return float(np.median(known)), float(np.quantile(known, 0.9))


def ratio_pairs(rows: pd.DataFrame) -> pd.DataFrame:
    """Five in flight over one, for each two rows that differ in nothing else: measured, predicted.

    Left out: noisy rows, pairs of which both are for calibration, codecs, whose batches are still
    filling up with one in flight, and open loops, in which both depths carry the rate that they are
    offered. Columns: rtt_ms, headline, measured, predicted,
    error.
    """
    rows = rows.assign(
        _depth=kinds.setting_of(rows, kinds.IN_FLIGHT),
        _rest=[_but_depth(str(text)) for text in rows["settings"]],
        _rate=np.log(kinds.numeric(rows, "records_per_s")),
        _model=np.log(kinds.numeric(rows, "model_records_per_s")),
        _calibration=kinds.is_calibration(rows),
        _headline=kinds.is_headline(rows),
    )
    rows = rows[~kinds.is_noisy(rows) & (kinds.load_of(rows) != kinds.OPEN_LOOP)]
    rows = rows[~kinds.is_compressed(rows)]
    same = [name for name in (*MEASURED[:-1], "repeat") if name in rows.columns]
    pairs: list[tuple[float, ...]] = []
    for _, alike in rows.groupby([*same, "_rest"], sort=False):
        five, one = (alike[alike["_depth"] == depth] for depth in ("5", "1"))
        fitted = five["_calibration"].all() and one["_calibration"].all()
        if len(five) and len(one) and not fitted:
            # of geometric means, were there several rows of one depth
            ratios = (np.exp(five[of].mean() - one[of].mean()) for of in ("_rate", "_model"))
            rtt_ms, headline = float(alike["rtt_us"].iloc[0]) / 1e3, bool(alike["_headline"].all())
            pairs.append((rtt_ms, headline, *ratios))
    frame = pd.DataFrame(pairs, columns=["rtt_ms", "headline", "measured", "predicted"])
    return frame.assign(error=frame["predicted"] / frame["measured"] - 1)


def _but_depth(settings: str) -> str:
    """All settings but the depth, in one order."""
    pairs = sorted(settings_of(settings).items())
    return ";".join(f"{key}={value}" for key, value in pairs if key != kinds.IN_FLIGHT)


def ratio_table(rows: pd.DataFrame) -> pd.DataFrame:
    """The headline pairs by RTT: mean ratios measured and predicted, and the error in %."""
    pairs = ratio_pairs(rows)
    of_rtt = pairs[pairs["headline"].astype(bool)].groupby("rtt_ms")[["measured", "predicted"]]
    table = of_rtt.mean().reset_index()
    table["error %"] = 100 * (table["predicted"] / table["measured"] - 1)
    return table


def without_loss(rows: pd.DataFrame) -> Mask:
    """Rows of a path that loses nothing, of producers without a codec."""
    return ~kinds.has_loss(rows) & ~kinds.is_compressed(rows)


@dataclass(frozen=True)
class Asked:
    """A figure in words, the rows that count, and the absolute errors in % that are allowed."""

    name: str
    over: str
    median: float
    p90: float


@dataclass(frozen=True)
class Target(Asked):
    """One that is asked of steady runs of Kafka's own client.

    Without loads the figure is the ratio of five in flight to one, over pairs of rows. ``kind``
    says which rows of those loads count: by default those without loss.
    """

    figure: str
    loads: tuple[str, ...]
    settled: bool = False  # only what is below capacity
    kind: Callable[[pd.DataFrame], Mask] = without_loss

    def errors(self, rows: pd.DataFrame, machine: MachineConfig) -> Floats:
        """For each row, NaN where it does not count; of pairs, for each pair."""
        if not self.loads:
            return np.asarray(ratio_pairs(rows)["error"], dtype=float)
        counted = np.isin(kinds.load_of(rows), self.loads) & self.kind(rows)
        if self.settled:
            able = map(capacity_per_s, scenarios_of(rows[counted], machine))
            rate = kinds.numeric(rows[counted], "target_rate")
            counted[counted] = rate < SETTLED * np.array(list(able))
        return np.where(counted, relative_errors(rows)[self.figure], np.nan)


@dataclass(frozen=True)
class Reached:
    """What a figure came to with each seed; NaN where there is nothing to judge."""

    target: Asked
    rows: int
    medians: tuple[float, ...]
    p90s: tuple[float, ...]

    @classmethod
    def of(cls, target: Asked, errors: Sequence[Floats]) -> "Reached":
        """From the errors that count, as each seed has them; NaN does not count."""
        medians, p90s = zip(*map(spread, errors), strict=True)
        return cls(target, int((~np.isnan(errors[0])).sum()), medians, p90s)

    @property
    def median(self) -> float:
        """The median over the seeds of the median error."""
        return float(np.median(self.medians))

    @property
    def p90(self) -> float:
        """The same of the 90th percentile."""
        return float(np.median(self.p90s))

    @property
    def missed(self) -> bool:
        """Whether either is above what is allowed."""
        return self.median > self.target.median or self.p90 > self.target.p90


def reached(rows: pd.DataFrame, machine: MachineConfig) -> list[Reached]:
    """Each figure over predicted rows."""
    judged = ~kinds.is_noisy(rows) & ~kinds.is_calibration(rows)
    figures = []
    for target in TARGETS:
        errors = [target.errors(seen, machine) for seen in by_seed(rows)]
        figures.append(
            Reached.of(target, [each[judged] if target.loads else each for each in errors])
        )
    return figures


def capacity_per_s(scenario: Scenario) -> float:
    """What a scenario's settings carry as fast as they can, in records/s."""
    saturating = replace(scenario, workload=replace(scenario.workload, arrival=Saturating()))
    return min(bound(saturating, full_request(saturating)).awake.values())


_BUSY, _PACED = (SATURATING, CLOSED_LOOP), (OPEN_LOOP, CLOSED_LOOP)
_ALL = (*_BUSY, OPEN_LOOP)
_LARGE, _LOSS = "requests over 64 KiB", "pieces and segments lost"
_CODEC = "gzip, snappy, lz4, zstd"
_BELOW = f"open loop below {SETTLED:g} of capacity"
TARGETS = (
    Target("records/s", "full speed and closed loop, no loss", 1.5, 6.0, "records/s", _BUSY),
    Target("records/s, large", _LARGE, 3.0, 10.0, "records/s", _BUSY, kind=kinds.is_large),
    Target("records/s, loss", _LOSS, 10.0, 25.0, "records/s", _BUSY, kind=kinds.has_loss),
    Target("records/s, codecs", _CODEC, 6.0, 15.0, "records/s", _ALL, kind=kinds.is_compressed),
    Target("ratio five to one", "each pair", 2.5, 8.0, "records/s", ()),
    Target("request latency, mean", "all without loss", 2.0, 10.0, "request latency", _ALL),
    Target("p50 of record latency", "open and closed loop", 4.0, 12.0, "p50", _PACED),
    Target("p99 of record latency", _BELOW, 10.0, 45.0, "p99", (OPEN_LOOP,), settled=True),
    Target("records per request", "all without loss", 3.0, 10.0, "records/request", _ALL),
    Target(
        *("records per request, codecs", _CODEC, 5.0, 15.0, "records/request", _ALL),
        kind=kinds.is_compressed,
    ),
)

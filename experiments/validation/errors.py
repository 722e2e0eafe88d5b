"""How far predictions are from measurements: group by group, and as ratios of five to one.

Functions of predicted rows alone.
"""

import numpy as np
import pandas as pd

from experiments.kit.measured import settings_of
from experiments.validation import kinds
from experiments.validation.kinds import Floats, Mask
from experiments.validation.measured import COLUMNS

#: Measured column, predicted column, and what a reader calls it.
FIGURES = (
    ("records_per_s", "model_records_per_s", "records/s"),
    ("request_latency_avg", "model_request_latency_avg", "request latency"),
    ("p50_ms", "model_p50_ms", "p50"),
    ("p99_ms", "model_p99_ms", "p99"),
    ("records_per_request_avg", "model_records_per_request_avg", "records/request"),
)
#: The rows that the head-to-head is judged on, in the words of ``group``.
HEADLINE = "saturating, one partition, 1000 B in 16 KiB batches, default buffers"


def relative_errors(rows: pd.DataFrame) -> dict[str, Floats]:
    """``predicted / measured - 1`` for each figure; NaN where it was not measured."""
    errors = {}
    for measured, predicted, name in FIGURES:
        reference = kinds.numeric(rows, measured)
        reference = np.where(reference > 0, reference, np.nan)
        errors[name] = kinds.numeric(rows, predicted) / reference - 1
    return errors


def error_table(rows: pd.DataFrame) -> pd.DataFrame:
    """A row for each group: rows, noisy ones left out, median and 90th percentile of |error| in %.

    The headline rows come first and are counted again in the group that they belong to.
    """
    errors, noisy, of_rows = relative_errors(rows), kinds.is_noisy(rows), kinds.group_of(rows)
    groups: dict[str, Mask] = {HEADLINE: kinds.is_headline(rows)}
    groups |= {group: of_rows == group for group in kinds.GROUPS}
    table: list[dict[str, object]] = []
    for group, mask in groups.items():
        if mask.any():
            spreads = {name: spread(values[mask & ~noisy]) for name, values in errors.items()}
            counts: dict[str, object] = {
                "rows": int((mask & ~noisy).sum()),
                "noisy": int((mask & noisy).sum()),
            }
            figures = {
                f"{name} {which} %": value
                for name, both in spreads.items()
                for which, value in zip(("median", "p90"), both, strict=True)
            }
            table.append({"group": group, **counts, **figures})
    return pd.DataFrame(table)


def spread(errors: Floats) -> tuple[float, float]:
    """Median and 90th percentile of the absolute errors in %; NaN where nothing was measured."""
    known = 100 * np.abs(errors[~np.isnan(errors)])
    if not len(known):
        return float("nan"), float("nan")
    return float(np.median(known)), float(np.quantile(known, 0.9))


def ratio_pairs(rows: pd.DataFrame) -> pd.DataFrame:
    """Five in flight over one, for each two rows that differ in nothing else: measured, predicted.

    Left out: noisy rows, pairs of which both are for calibration, and open loops, in which both
    depths carry the rate that they are offered. Columns: rtt_ms, headline, measured, predicted,
    error.
    """
    rows = rows.assign(
        _depth=kinds.setting_of(rows, kinds.IN_FLIGHT),
        _rest=[_but_depth(str(text)) for text in rows["settings"]],
        _rate=kinds.numeric(rows, "records_per_s"),
        _model=kinds.numeric(rows, "model_records_per_s"),
        _calibration=kinds.is_calibration(rows),
        _headline=kinds.is_headline(rows),
    )
    rows = rows[~kinds.is_noisy(rows) & (kinds.load_of(rows) != kinds.OPEN_LOOP)]
    same = [name for name in (*COLUMNS[:-1], "repeat") if name in rows.columns]
    pairs = [
        _pair(alike)
        for _, alike in rows.groupby([*same, "_rest"], sort=False)
        if {"1", "5"} <= set(alike["_depth"]) and not _known(alike)
    ]
    return pd.DataFrame(pairs, columns=["rtt_ms", "headline", "measured", "predicted", "error"])


def _known(alike: pd.DataFrame) -> bool:
    """Whether both depths were there to be fitted on."""
    both = alike[alike["_depth"].isin(["1", "5"])]
    return bool(both.groupby("_depth")["_calibration"].all().all())


def _pair(alike: pd.DataFrame) -> tuple[float, bool, float, float, float]:
    """Ratios of geometric means, were there several rows of one depth."""
    five, one = alike[alike["_depth"] == "5"], alike[alike["_depth"] == "1"]
    measured, predicted = (
        float(np.exp(np.log(five[name]).mean() - np.log(one[name]).mean()))
        for name in ("_rate", "_model")
    )
    rtt_ms = float(alike["rtt_us"].iloc[0]) / 1e3
    headline = bool(alike["_headline"].all())
    return rtt_ms, headline, measured, predicted, predicted / measured - 1


def _but_depth(settings: str) -> str:
    """All settings but the depth, in one order."""
    pairs = settings_of(settings)
    return ";".join(f"{key}={pairs[key]}" for key in sorted(pairs) if key != kinds.IN_FLIGHT)


def ratio_table(rows: pd.DataFrame) -> pd.DataFrame:
    """The headline pairs by RTT: mean ratios measured and predicted, and the error in %."""
    pairs = ratio_pairs(rows)
    of_rtt = pairs[pairs["headline"].astype(bool)].groupby("rtt_ms")[["measured", "predicted"]]
    table = of_rtt.mean().reset_index()
    table["error %"] = 100 * (table["predicted"] / table["measured"] - 1)
    return table

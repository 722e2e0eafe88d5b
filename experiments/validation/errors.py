"""How far predictions are from measurements, group by group; a function of rows alone."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
IN_FLIGHT = r"max\.in\.flight\.requests\.per\.connection=(\d+)"


Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def numeric(rows: pd.DataFrame, column: str) -> Floats:
    """A column as floats; NaN where it is absent, empty or no number."""
    if column not in rows.columns:
        return np.full(len(rows), np.nan)
    return np.asarray(pd.to_numeric(rows[column], errors="coerce"), dtype=float)


def relative_errors(rows: pd.DataFrame) -> dict[str, Floats]:
    """``predicted / measured - 1`` for each figure; NaN where it was not measured."""
    errors = {}
    for measured, predicted, name in FIGURES:
        reference = numeric(rows, measured)
        errors[name] = numeric(rows, predicted) / np.where(reference > 0, reference, np.nan) - 1
    return errors


def is_noisy(rows: pd.DataFrame) -> Mask:
    """Rows whose measurement is marked as not to be trusted."""
    noisy: Mask = numeric(rows, "noisy") == 1
    return noisy


def groups(rows: pd.DataFrame, beyond: list[str]) -> dict[str, Mask]:
    """Masks by group: the headline rows, then kind of load, then what is beyond the reach."""
    reasons = np.array(beyond, dtype=object)
    reached = reasons == ""
    closed, rate = numeric(rows, "outstanding") > 0, numeric(rows, "target_rate") > 0
    saturating = ~closed & ~rate & reached
    masks = {
        HEADLINE: saturating & _headline(rows),
        "saturating": saturating,
        "closed loop": closed & reached,
        "open loop": ~closed & rate & reached,
    }
    masks |= {f"beyond the model: {why}": reasons == why for why in sorted(set(beyond) - {""})}
    return {name: mask for name, mask in masks.items() if mask.any()}


def _headline(rows: pd.DataFrame) -> Mask:
    settings = [str(text) for text in rows["settings"]]
    headline: Mask = (
        np.array(rows["cluster"] == "single", dtype=bool)
        & (numeric(rows, "partitions") == 1)
        & (numeric(rows, "size") == 1000)
        & (numeric(rows, "rate_Bps") == 0)
        & np.array(["batch.size=16384;" in f"{text};" for text in settings])
        & np.array(["send.buffer.bytes" not in text for text in settings])
    )
    return headline


def error_table(rows: pd.DataFrame, beyond: list[str]) -> pd.DataFrame:
    """One line a group: rows, noisy ones left out, median and 90th percentile of |error| in %."""
    errors, noisy = relative_errors(rows), is_noisy(rows)
    lines: list[dict[str, object]] = []
    for group, mask in groups(rows, beyond).items():
        line: dict[str, object] = {"group": group, "rows": int((mask & ~noisy).sum())}
        line["noisy"] = int((mask & noisy).sum())
        for figure, values in errors.items():
            line[f"{figure} median %"], line[f"{figure} p90 %"] = _spread(values[mask & ~noisy])
        lines.append(line)
    return pd.DataFrame(lines)


def _spread(errors: Floats) -> tuple[float, float]:
    """Median and 90th percentile of the absolute errors in %; NaN where nothing was measured."""
    known = 100 * np.abs(errors[~np.isnan(errors)])
    if not len(known):
        return float("nan"), float("nan")
    return float(np.median(known)), float(np.quantile(known, 0.9))


def ratio_table(rows: pd.DataFrame, beyond: list[str]) -> pd.DataFrame:
    """Five in flight over one, measured and predicted, at each RTT of the headline rows.

    Rows of one RTT and depth are pooled as geometric means.
    """
    headline = groups(rows, beyond).get(HEADLINE)
    lines: list[tuple[float, float, float, float]] = []
    if headline is not None:
        rows = rows[headline & ~is_noisy(rows)]
        rtts_ms = numeric(rows, "rtt_us") / 1e3
        for rtt_ms in np.unique(rtts_ms):
            ratios = _five_to_one(rows[rtts_ms == rtt_ms])
            if not np.isnan(ratios).any():
                lines.append((float(rtt_ms), *ratios, 100 * (ratios[1] / ratios[0] - 1)))
    return pd.DataFrame(lines, columns=["rtt_ms", "measured", "predicted", "error %"])


def _five_to_one(rows: pd.DataFrame) -> tuple[float, float]:
    """Ratio measured and ratio predicted; NaN unless there are rows of both depths."""
    depths = np.array([_depth(str(text)) for text in rows["settings"]])
    five, one = depths == "5", depths == "1"
    if not five.any() or not one.any():
        return float("nan"), float("nan")
    measured, predicted = (
        float(np.exp(np.log(rates[five]).mean() - np.log(rates[one]).mean()))
        for rates in (numeric(rows, "records_per_s"), numeric(rows, "model_records_per_s"))
    )
    return measured, predicted


def _depth(settings: str) -> str:
    found = re.search(IN_FLIGHT, settings)
    return found[1] if found else ""

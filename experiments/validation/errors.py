"""How far predictions are from measurements, group by group; a function of rows alone."""

import math

import numpy as np
import pandas as pd

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


def numeric(rows: pd.DataFrame, column: str) -> pd.Series:
    """A column as floats; NaN where it is absent, empty or no number."""
    if column not in rows.columns:
        return pd.Series(np.nan, index=rows.index)
    return pd.to_numeric(rows[column], errors="coerce").astype(float)


def relative_errors(rows: pd.DataFrame) -> pd.DataFrame:
    """``predicted / measured - 1`` for each figure that was measured; NaN otherwise."""
    errors = {}
    for measured, predicted, name in FIGURES:
        reference = numeric(rows, measured)
        errors[name] = numeric(rows, predicted) / reference.where(reference > 0) - 1
    return pd.DataFrame(errors)


def is_noisy(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Rows whose measurement is marked as not to be trusted."""
    return numeric(rows, "noisy") == 1


def groups(rows: pd.DataFrame, beyond: list[str]) -> dict[str, "pd.Series[bool]"]:
    """Masks by group: the headline rows, then kind of load, inside and beyond the reach."""
    reachable = pd.Series([not reason for reason in beyond], index=rows.index)
    closed, rate = numeric(rows, "outstanding") > 0, numeric(rows, "target_rate") > 0
    kinds = {"saturating": ~closed & ~rate, "closed loop": closed, "open loop": ~closed & rate}
    masks = {HEADLINE: _headline(rows) & reachable & kinds["saturating"]}
    masks |= {kind: mask & reachable for kind, mask in kinds.items()}
    for reason in sorted(set(filter(None, beyond))):
        masks[f"beyond the model: {reason}"] = pd.Series(
            [why == reason for why in beyond], index=rows.index
        )
    return {name: mask for name, mask in masks.items() if mask.any()}


def _headline(rows: pd.DataFrame) -> "pd.Series[bool]":
    settings = rows["settings"]
    return (
        (rows["cluster"] == "single")
        & (numeric(rows, "partitions") == 1)
        & (numeric(rows, "size") == 1000)
        & (numeric(rows, "rate_Bps") == 0)
        & settings.str.contains("batch.size=16384", regex=False)
        & ~settings.str.contains("send.buffer.bytes", regex=False)
    )


def error_table(rows: pd.DataFrame, beyond: list[str]) -> pd.DataFrame:
    """One line a group: rows, noisy ones left out, median and 90th percentile of |error| in %."""
    errors, noisy = relative_errors(rows).abs() * 100, is_noisy(rows)
    lines = []
    for name, mask in groups(rows, beyond).items():
        line: dict[str, object] = {"group": name, "rows": int((mask & ~noisy).sum())}
        line["noisy"] = int((mask & noisy).sum())
        for figure in errors.columns:
            of_figure = errors.loc[mask & ~noisy, figure].dropna()
            line[f"{figure} median %"] = of_figure.median()
            line[f"{figure} p90 %"] = of_figure.quantile(0.9)
        lines.append(line)
    return pd.DataFrame(lines)


def ratio_table(rows: pd.DataFrame, beyond: list[str]) -> pd.DataFrame:
    """Five in flight over one, measured and predicted, at each RTT of the headline rows.

    Rows pair up where all else is the same; pairs of one RTT are pooled as geometric means.
    """
    rows = rows[groups(rows, beyond).get(HEADLINE, False) & ~is_noisy(rows)]
    pairs = pd.DataFrame(
        {
            "rtt_ms": numeric(rows, "rtt_us") / 1e3,
            "depth": rows["settings"].str.extract(IN_FLIGHT, expand=False),
            "measured": np.log(numeric(rows, "records_per_s")),
            "predicted": np.log(numeric(rows, "model_records_per_s")),
        }
    )
    means = pairs.groupby(["rtt_ms", "depth"])[["measured", "predicted"]].mean()
    ratios = [
        {"rtt_ms": rtt_ms, **_five_to_one(of_rtt.droplevel("rtt_ms"))}
        for rtt_ms, of_rtt in means.groupby(level="rtt_ms")
        if {"1", "5"} <= set(of_rtt.index.get_level_values("depth"))
    ]
    return pd.DataFrame(ratios, columns=["rtt_ms", "measured", "predicted", "error %"])


def _five_to_one(means: pd.DataFrame) -> dict[str, float]:
    measured, predicted = (
        math.exp(means.loc["5", column] - means.loc["1", column])
        for column in ("measured", "predicted")
    )
    return {
        "measured": measured,
        "predicted": predicted,
        "error %": 100 * (predicted / measured - 1),
    }

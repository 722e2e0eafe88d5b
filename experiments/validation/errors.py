"""How far predictions are from measurements, group by group; a function of rows alone."""

import numpy as np
import pandas as pd

from experiments.validation.loads import (
    GROUPS,
    SATURATING,
    Floats,
    Mask,
    group_of,
    is_noisy,
    load_of,
    numeric,
)

__all__ = ["Floats", "Mask", "error_table", "groups", "is_noisy", "numeric", "relative_errors"]

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
        reference = numeric(rows, measured)
        errors[name] = numeric(rows, predicted) / np.where(reference > 0, reference, np.nan) - 1
    return errors


def groups(rows: pd.DataFrame) -> dict[str, Mask]:
    """Masks by group: the headline rows, which are counted again below, then each kind of run."""
    of_rows = group_of(rows)
    masks: dict[str, Mask] = {HEADLINE: is_headline(rows)}
    masks |= {group: of_rows == group for group in GROUPS}
    return {name: mask for name, mask in masks.items() if mask.any()}


def is_headline(rows: pd.DataFrame) -> Mask:
    """One broker, one partition, nothing special but depth, distance and idempotence."""
    settings = [str(text) for text in rows["settings"]]
    headline: Mask = (
        np.array(rows["cluster"] == "single", dtype=bool)
        & (load_of(rows) == SATURATING)
        & (numeric(rows, "partitions") == 1)
        & (numeric(rows, "size") == 1000)
        & (numeric(rows, "rate_Bps") == 0)
        & (numeric(rows, "jitter_us") == 0)
        & (numeric(rows, "loss") == 0)
        & np.array(["batch.size=16384;" in f"{text};" for text in settings], dtype=bool)
        & np.array(["send.buffer.bytes" not in text for text in settings], dtype=bool)
    )
    return headline


def error_table(rows: pd.DataFrame) -> pd.DataFrame:
    """One line a group: rows, noisy ones left out, median and 90th percentile of |error| in %."""
    errors, noisy = relative_errors(rows), is_noisy(rows)
    lines: list[dict[str, object]] = []
    for group, mask in groups(rows).items():
        line: dict[str, object] = {"group": group, "rows": int((mask & ~noisy).sum())}
        line["noisy"] = int((mask & noisy).sum())
        for figure, values in errors.items():
            line[f"{figure} median %"], line[f"{figure} p90 %"] = spread(values[mask & ~noisy])
        lines.append(line)
    return pd.DataFrame(lines)


def spread(errors: Floats) -> tuple[float, float]:
    """Median and 90th percentile of the absolute errors in %; NaN where nothing was measured."""
    known = 100 * np.abs(errors[~np.isnan(errors)])
    if not len(known):
        return float("nan"), float("nan")
    return float(np.median(known)), float(np.quantile(known, 0.9))

"""A walk that was walked: what constants of four runs each said of runs with other settings.

The rows are in ``walk/``, with a page on where they are from. Of a run at a rate the percentiles
are not trusted, so that its request latency is what is compared.
"""

from pathlib import Path

import pandas as pd

from experiments.kit.measured import settings_of
from experiments.kit.tables import Cell, Column, Table, filled, numbers
from experiments.validation.errors import relative_errors, spread
from experiments.validation.kinds import IN_FLIGHT, numeric

FOLDER = Path(__file__).with_name("walk")
DISTANCES_MS = (5, 10, 20)
RATES = "records/s"


def predicted() -> pd.DataFrame:
    """The rows that were held out, with predictions, nearest first."""
    files = (FOLDER / f"predicted_{at}ms.csv" for at in DISTANCES_MS)
    frames = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in files]
    return pd.concat(
        [rows.assign(distance_ms=at) for rows, at in zip(frames, DISTANCES_MS, strict=True)],
        ignore_index=True,
    )


def summary(rows: pd.DataFrame) -> str:
    """How far off they are: records/s of those at full speed, for others carry what is offered."""
    errors, busy = relative_errors(rows), numeric(rows, "target_rate") == 0
    rates, latencies = (
        f"{figure} are off by {median:.1f} % in the median and {p90:.1f} % at the 90th percentile"
        for figure, counted in (
            (RATES, errors[RATES][busy]),
            ("request latency", errors["request latency"]),
        )
        for median, p90 in [spread(counted)]
    )
    return f"In {busy.sum()} runs at full speed {rates}; in all {len(rows)} means of {latencies}."


def table(rows: pd.DataFrame) -> Table:
    """Each run that was held out."""
    errors, lines = relative_errors(rows), []
    offered = numeric(rows, "target_rate")
    columns = ("records_per_s", "model_records_per_s", "request_latency_avg")
    measured = {name: numeric(rows, name) for name in (*columns, "model_request_latency_avg")}
    for row, text in enumerate(rows["settings"]):
        settings = settings_of(str(text))
        lines.append(
            (
                float(rows["distance_ms"][row]),
                float(rows["replicas"][row]),
                int(settings[IN_FLIGHT]),
                int(settings["batch.size"]) / 1024,
                Cell(f"{offered[row]:,.0f}/s" if offered[row] else "full speed", offered[row]),
                *(measured[name][row] for name in columns[:2]),
                100 * errors[RATES][row],
                measured["request_latency_avg"][row],
                measured["model_request_latency_avg"][row],
                100 * errors["request latency"][row],
            )
        )
    percent = Column("error", spec="+.1f", unit=" %")
    far = Column("round trip", spec="g", unit=" ms")
    heads = [far, *numbers("replicas", "in flight"), Column("batches", unit=" KiB")]
    heads += [Column("load"), *numbers("records/s, measured", "predicted"), percent]
    heads += [Column("request, measured", spec=".1f", unit=" ms")]
    heads += [Column("predicted", spec=".1f", unit=" ms"), percent]
    return filled("Runs that the plan did not have", heads, lines)

"""What the fit leaves over, row by row: a function of a frame."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.kit.charts import COLOURS, LAW, log_axis
from experiments.kit.style import GRID, figure, quiet_grid

#: Figure in the frame to its name in the chart, and how it is drawn.
FIGURES = {
    "records_per_s": ("records/s", COLOURS[0], "o"),
    "p50_ms": ("median latency, open loop", COLOURS[1], "D"),
    "records_per_request_avg": ("records per request, open loop", COLOURS[2], "s"),
    "p99_ms": ("99th percentile, saturating", COLOURS[3], "^"),
}
#: Ours: points of one round-trip time stand beside each other, this far apart (in decades).
SPREAD = 0.12


def draw(residuals: pd.DataFrame) -> Figure:
    """Predicted over measured against the round trip; columns rtt_ms, figure, percent."""
    chart = figure(7.5, 4.2)
    axes = chart.subplots()
    axes.axhspan(-5, 5, color=GRID, zorder=0)
    axes.axhline(0, **LAW)
    for index, (name, (label, colour, marker)) in enumerate(FIGURES.items()):
        of_figure = residuals[residuals["figure"] == name]
        shift = SPREAD * (index - (len(FIGURES) - 1) / 2)
        across = np.maximum(of_figure["rtt_ms"], 0.1) * 10**shift
        axes.scatter(
            across, of_figure["percent"], s=26, marker=marker, color=colour, alpha=0.75, label=label
        )
    rtts_ms = sorted({max(rtt_ms, 0.1) for rtt_ms in residuals["rtt_ms"]})
    log_axis(axes, "x", rtts_ms)
    axes.set_xlabel("round trip in ms (0.1: no added delay)")
    axes.set_ylabel("predicted over measured, in %")
    axes.set_title("What the fit leaves over, each calibration row; grey: within 5 %")
    axes.legend(frameon=False, fontsize=8)
    quiet_grid(axes)
    return chart

"""Predictions against measurements as pictures, and what a fit leaves over: functions of rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.kit.charts import entitle, log_axis, panels
from experiments.kit.looks import LAW, SERIES, series_look
from experiments.kit.style import FAINT, GRID, INK, figure, number, quiet_grid
from experiments.validation import kinds
from experiments.validation.errors import relative_errors
from experiments.validation.kinds import Floats, Mask
from model.units import KIB

#: Group to colour and marker.
LOOKS = dict(zip(kinds.GROUPS, zip((*SERIES, *SERIES), "os^DvP*X<>p", strict=False), strict=True))
BAND = 0.1
#: What the picture calls a load.
NAMES = {
    kinds.SATURATING: "as fast as it can",
    kinds.CLOSED_LOOP: "waits for its records",
    kinds.OPEN_LOOP: "at a given rate",
}
UNSTEADY = "not counted"
NOTE = "Grey: within 10 %. Hollow: repeats differ, or the machine was busy; not counted."
#: Errors beyond are drawn at the edge, in %.
EDGE = 40
#: What the brokers of each kind of cluster have.
FOLLOWERS = {"single": "no\nfollowers", "trio": "followers\nnear", "stretch": "followers\nfar"}
#: Figure of a fit to its name.
FITTED = {
    "records_per_s": "records/s",
    "p50_ms": "median latency, open loop",
    "records_per_request_avg": "records per request, open loop",
    "p99_ms": "99th percentile, full speed",
}
#: Ours: points of one round-trip time stand beside each other, this far apart (in decades).
APART = 0.12


def agreement_chart(rows: pd.DataFrame) -> Figure:
    """Predicted over measured records/s with the band of ten percent."""
    pairs = np.array([kinds.numeric(rows, f"{of}records_per_s") for of in ("", "model_")])
    chart = figure(7.2, 6.4)
    axes = chart.subplots()
    ends = np.array([np.nanmin(pairs) / 1.5, np.nanmax(pairs) * 1.5])
    axes.set(xlim=ends, ylim=ends, xlabel="measured, records/s", ylabel="predicted, records/s")
    log_axis(axes, "x")
    log_axis(axes, "y")
    axes.set_aspect("equal")
    quiet_grid(axes)
    axes.fill_between(ends, ends * (1 - BAND), ends * (1 + BAND), color=GRID, lw=0, zorder=1)
    axes.plot(ends, ends, **LAW)
    _marks(axes, rows, *pairs)
    near = 100 * (np.abs(pairs[1] / pairs[0] - 1)[~kinds.is_noisy(rows)] <= BAND).mean()
    entitle(chart, f"{near:.0f} % of predicted throughputs are within 10 % of the measured", NOTE)
    axes.legend(handles=_legend(rows), frameon=False, loc="upper left", handletextpad=0.3)
    return chart


def _legend(rows: pd.DataFrame) -> list[Line2D]:
    """A mark for each kind of run, and what a hollow one is."""
    of_rows, noisy = kinds.group_of(rows), kinds.is_noisy(rows)
    handles = []
    for group, (colour, marker) in LOOKS.items():
        if (of_rows == group).any():
            label = f"{NAMES.get(group, group)} ({(of_rows == group).sum()})"
            handles.append(Line2D([], [], color=colour, marker=marker, ms=6, lw=0, label=label))
    hollow = Line2D([], [], color=FAINT, marker="o", mfc="none", lw=0, label=UNSTEADY)
    return [*handles, hollow] if noisy.any() else handles


def _marks(axes: Axes, rows: pd.DataFrame, x: Floats, y: Floats) -> None:
    """A mark for each row: colour and shape say the group, hollow ones are noisy."""
    of_rows, noisy = kinds.group_of(rows), kinds.is_noisy(rows)
    for group, (colour, marker) in LOOKS.items():
        for mask, face, alpha in ((~noisy, colour, 0.75), (noisy, "none", 0.6)):
            mask = mask & (of_rows == group)
            style: dict[str, Any] = {"color": colour, "marker": marker, "mfc": face, "alpha": alpha}
            axes.plot(x[mask], y[mask], ms=5, lw=0, zorder=3, **style)


def errors_chart(rows: pd.DataFrame) -> Figure:
    """Error of records/s over what the rows vary, one panel a variable; open loops left out."""
    errors = 100 * relative_errors(rows)["records/s"]
    kept = (kinds.load_of(rows) != kinds.OPEN_LOOP) & ~np.isnan(errors)
    rows, errors = rows[kept], errors[kept]
    chart = figure(11.0, 7.6)
    grid = chart.subplots(2, 3, sharey=True)
    for axes, (label, values) in zip(grid.flat, _variables(rows).items(), strict=True):
        _panel(axes, rows, values, errors)
        axes.set_xlabel(label)
    for axes in grid[:, 0]:
        axes.set_ylabel(f"error, % (beyond {EDGE} at the edge)")
    # as the figure asked for: rows that the constants were fitted to are shown and not counted
    judged = ~kinds.is_noisy(rows) & ~kinds.is_calibration(rows)
    median = np.median(np.abs(errors[judged]))
    title = f"Predicted records/s are off by {median:.1f} % in the median, calibration left out"
    entitle(chart, f"{title}; each point a measured run, by what it varies")
    line = Line2D([], [], color=INK, lw=2, label="median of those that count")
    look: dict[str, Any] = {"frameon": False, "title": NOTE, "title_fontsize": 9, "fontsize": 9}
    chart.legend(handles=[*_legend(rows), line], loc="outside lower center", ncols=4, **look)
    return chart


def _variables(rows: pd.DataFrame) -> dict[str, Sequence[float | str]]:
    """What to call a variable, and each row's value of it, or Kafka's default."""
    in_flight = kinds.setting_of(rows, kinds.IN_FLIGHT, 5).astype(float)
    batch_bytes = kinds.setting_of(rows, "batch.size", 16 * KIB).astype(float)
    acks = kinds.setting_of(rows, "acks", "all")
    clusters = zip(acks, rows["cluster"], strict=True)
    return {
        "round trip, ms": (kinds.numeric(rows, "rtt_us") / 1e3).tolist(),
        "requests in flight": in_flight.tolist(),
        "batch.size, KiB": (batch_bytes / KIB).round().tolist(),
        "partitions": kinds.numeric(rows, "partitions").tolist(),
        "records outstanding (0: no limit)": kinds.numeric(rows, "outstanding").tolist(),
        "acks, and where followers are": [f"acks={ack}\n{FOLLOWERS[of]}" for ack, of in clusters],
    }


def _panel(axes: Axes, rows: pd.DataFrame, values: Sequence[float | str], errors: Floats) -> None:
    """Each value its column of points, spread sideways in the order of rows."""
    noisy, levels = kinds.is_noisy(rows), sorted(set(values))
    shown, across = np.clip(errors, -EDGE, EDGE), np.full(len(values), np.nan)
    axes.axhspan(-100 * BAND, 100 * BAND, color=GRID, lw=0)
    axes.axhline(0, **LAW)
    for index, level in enumerate(levels):
        inside: Mask = np.array([value == level for value in values])
        across[inside] = index + np.linspace(-0.3, 0.3, inside.sum() + 2)[1:-1]
        if (inside & ~noisy).any():
            median = float(np.median(shown[inside & ~noisy]))
            axes.plot([index - 0.36, index + 0.36], [median, median], color=INK, lw=2, zorder=4)
    _marks(axes, rows, across, shown)
    labels = [level if isinstance(level, str) else number(level) for level in levels]
    axes.set_xticks(range(len(levels)), labels)
    axes.set(xlim=(-0.6, len(levels) - 0.4), ylim=(-EDGE * 1.06, EDGE * 1.06))
    axes.yaxis.set_major_formatter(lambda tick, _: f"{tick:+.0f}" if tick else "0")


def residuals_chart(residuals: pd.DataFrame) -> Figure:
    """What a fit leaves over against the round trip; columns rtt_ms, figure, percent."""
    title = "What the fit leaves over, each calibration row; grey: within 5 %"
    chart, (axes,) = panels(title, width=6.7)
    axes.axhspan(-5, 5, color=GRID, zorder=0)
    axes.axhline(0, **LAW)
    residuals = residuals.assign(rtt_ms=residuals["rtt_ms"].clip(lower=0.1))
    for index, (name, label) in enumerate(FITTED.items()):
        of_figure = residuals[residuals["figure"] == name]
        across = of_figure["rtt_ms"] * 10 ** (APART * (index - (len(FITTED) - 1) / 2))
        style = series_look(index) | {"ls": "", "ms": 5, "alpha": 0.75, "label": label}
        axes.plot(across, of_figure["percent"], **style)
    log_axis(axes, "x", sorted(set(residuals["rtt_ms"])))
    axes.set_xlabel("round trip in ms (0.1: no added delay)")
    axes.set_ylabel("predicted over measured, in %")
    axes.legend(frameon=False, fontsize=8)
    return chart

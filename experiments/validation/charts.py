"""Predictions against measurements as pictures; each is a function of predicted rows alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.kit.charts import COLOURS, LAW, annotate, entitle, log_axis
from experiments.kit.style import FAINT, GRID, INK, blank, figure, number, quiet_grid
from experiments.validation import kinds
from experiments.validation.errors import relative_errors
from experiments.validation.kinds import Floats, Mask
from model import ProducerConfig
from model.units import KIB

#: Group to colour and marker.
LOOKS = dict(zip(kinds.GROUPS, zip(COLOURS, "os^Dv", strict=False), strict=True))
BAND, BAND_TEXT = 0.1, "10 %"
NOISY = "Noisy rows (hollow), whose own repeats differ or whose machine was busy, are not counted."
#: Errors beyond are drawn at the edge, in %.
EDGE = 40
TICKS = range(-EDGE, EDGE + 1, 10)
DEFAULTS = ProducerConfig()
NOTHING = "no row has both a measured and a predicted throughput"
#: What the brokers of each kind of cluster have.
FOLLOWERS = {"single": "no\nfollowers", "trio": "followers\nnear", "stretch": "followers\nfar"}


def agreement_chart(rows: pd.DataFrame) -> Figure:
    """Predicted over measured records/s with the band of ten percent."""
    measured, predicted = (
        kinds.numeric(rows, "records_per_s"),
        kinds.numeric(rows, "model_records_per_s"),
    )
    known = (measured > 0) & (predicted > 0)
    if not known.any():
        return blank(NOTHING)
    rows, measured, predicted = rows[known], measured[known], predicted[known]
    chart = figure(7.2, 6.4)
    axes = chart.subplots()
    _diagonal(axes, np.concatenate([measured, predicted]))
    _marks(axes, rows, measured, predicted)
    axes.set_xlabel("measured, records/s")
    axes.set_ylabel("predicted, records/s")
    near = np.abs(predicted / measured - 1)[~kinds.is_noisy(rows)] <= BAND
    title = (
        f"{100 * near.mean():.0f} % of predicted throughputs are within {BAND_TEXT} of the measured"
    )
    entitle(chart, title, NOISY)
    axes.legend(handles=_legend(rows), frameon=False, loc="upper left", handletextpad=0.3)
    return chart


def _diagonal(axes: Axes, values: Floats) -> None:
    """Equal axes, the line of agreement and its band."""
    ends = np.array([values.min() / 1.5, values.max() * 1.5])
    axes.set(xlim=ends, ylim=ends)
    log_axis(axes, "x")
    log_axis(axes, "y")
    axes.set_aspect("equal")
    quiet_grid(axes)
    axes.fill_between(ends, ends * (1 - BAND), ends * (1 + BAND), color=GRID, lw=0, zorder=1)
    axes.plot(ends, ends, **LAW)
    middle = ends[0] * (ends[1] / ends[0]) ** 0.62
    arrow = {"arrowstyle": "-", "color": FAINT, "lw": 0.8}
    label = f"within {BAND_TEXT}"
    annotate(axes, label, middle, middle * (1 - BAND), (16, -16), color=FAINT, arrowprops=arrow)


def _legend(rows: pd.DataFrame) -> list[Line2D]:
    """A mark for each kind of run, and what a hollow one is."""
    of_rows, noisy = kinds.group_of(rows), kinds.is_noisy(rows)
    handles = []
    for group, (colour, marker) in LOOKS.items():
        inside = of_rows == group
        if inside.any():
            count = f"{group} ({(inside & ~noisy).sum()}"
            count += f" + {(inside & noisy).sum()} noisy" if (inside & noisy).any() else ""
            handles.append(
                Line2D([], [], color=colour, marker=marker, ms=6, lw=0, label=f"{count})")
            )
    hollow = Line2D([], [], color=FAINT, marker="o", mfc="none", lw=0, label="noisy")
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
    if not kept.any():
        return blank(NOTHING)
    rows, errors = rows[kept], errors[kept]
    chart = figure(11.0, 7.6)
    panels = chart.subplots(2, 3, sharey=True)
    for axes, (label, values) in zip(panels.flat, _variables(rows).items(), strict=True):
        _panel(axes, rows, values, errors)
        axes.set_xlabel(label)
    for axes in panels[:, 0]:
        axes.set_ylabel(f"error, % (beyond {EDGE} at the edge)")
    median = np.median(np.abs(errors[~kinds.is_noisy(rows)]))
    title = f"Records/s are off by {median:.1f} % in the median: errors by what the rows vary"
    entitle(chart, title, NOISY)
    line = Line2D([], [], color=INK, lw=2, label="median, noisy ones left out")
    chart.legend(handles=[*_legend(rows), line], loc="outside lower center", ncols=4, frameon=False)
    return chart


def _variables(rows: pd.DataFrame) -> dict[str, Sequence[float | str]]:
    """What to call a variable, and each row's value of it."""
    depth, batch_bytes = DEFAULTS.max_in_flight_requests_per_connection, DEFAULTS.batch_size_bytes
    batch_sizes = kinds.setting_of(rows, "batch.size", batch_bytes).astype(float)
    acks = kinds.setting_of(rows, "acks", DEFAULTS.acks)
    followers = (FOLLOWERS.get(str(cluster), "") for cluster in rows["cluster"])
    return {
        "round trip, ms": (kinds.numeric(rows, "rtt_us") / 1e3).tolist(),
        "requests in flight": kinds.setting_of(rows, kinds.IN_FLIGHT, depth).astype(float).tolist(),
        "batch.size, KiB": (batch_sizes / KIB).round().tolist(),
        "partitions": kinds.numeric(rows, "partitions").tolist(),
        "records outstanding (0: no limit)": kinds.numeric(rows, "outstanding").tolist(),
        "acks, and where followers are": [
            f"acks={ack}\n{where}" for ack, where in zip(acks, followers, strict=True)
        ],
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
    axes.set_xlim(-0.6, len(levels) - 0.4)
    axes.set_ylim(-EDGE * 1.06, EDGE * 1.06)
    axes.set_yticks(TICKS, [f"{tick:+d}" if tick else "0" for tick in TICKS])

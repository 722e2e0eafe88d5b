"""Predictions against measurements as pictures; each is a function of predicted rows alone."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from experiments.kit.style import FAINT, GRID, INK, blank, figure, number, quiet_grid
from experiments.validation.errors import relative_errors
from experiments.validation.loads import (
    GROUPS,
    IN_FLIGHT,
    OPEN_LOOP,
    Floats,
    Mask,
    group_of,
    is_noisy,
    load_of,
    numeric,
    settings_of,
)
from model import ProducerConfig
from model.units import KIB

#: Group to colour and marker: colours of Okabe and Ito.
LOOKS = {
    "saturating": ("#0072b2", "o"),
    "closed loop": ("#d55e00", "s"),
    "open loop": ("#009e73", "^"),
    "three brokers": ("#cc79a7", "D"),
    "stretched cluster": ("#e69f00", "v"),
}
BAND = 0.1
#: Errors beyond are drawn at the edge, in %.
EDGE = 40
TICKS = range(-EDGE, EDGE + 1, 10)
DEFAULTS = ProducerConfig()


def agreement_chart(rows: pd.DataFrame) -> Figure:
    """Predicted over measured records/s with the band of ten percent."""
    measured, predicted = numeric(rows, "records_per_s"), numeric(rows, "model_records_per_s")
    known = (measured > 0) & (predicted > 0)
    if not known.any():
        return blank("no row has both a measured and a predicted throughput")
    rows, measured, predicted = rows[known], measured[known], predicted[known]
    chart = figure(7.2, 6.4)
    axes = chart.subplots()
    _diagonal(axes, np.concatenate([measured, predicted]))
    _points(axes, rows, measured, predicted)
    axes.set_xlabel("measured, records/s")
    axes.set_ylabel("predicted, records/s")
    axes.set_title("Predicted against measured throughput")
    axes.legend(frameon=False, loc="upper left", handletextpad=0.3)
    return chart


def _diagonal(axes: Axes, values: Floats) -> None:
    """Equal axes, the line of agreement and its band."""
    ends = np.array([values.min() / 1.5, values.max() * 1.5])
    axes.set(xscale="log", yscale="log", xlim=ends, ylim=ends, aspect="equal")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    quiet_grid(axes)
    axes.fill_between(ends, ends * (1 - BAND), ends * (1 + BAND), color=GRID, lw=0, zorder=1)
    axes.plot(ends, ends, color=FAINT, lw=1, zorder=2)
    place = ends[0] * (ends[1] / ends[0]) ** 0.62
    axes.annotate(
        "within 10 %",
        (place, place * (1 - BAND)),
        xytext=(16, -16),
        textcoords="offset points",
        color=FAINT,
        arrowprops={"arrowstyle": "-", "color": FAINT, "lw": 0.8},
    )


def _points(axes: Axes, rows: pd.DataFrame, x: Floats, y: Floats) -> None:
    """A mark for each row: colour and shape say the group, hollow ones are noisy."""
    of_rows, noisy = group_of(rows), is_noisy(rows)
    for group in GROUPS:
        mine = of_rows == group
        if not mine.any():
            continue
        _marks(axes, group, x[mine], y[mine], noisy[mine])
        count = f"{group} ({(mine & ~noisy).sum()}"
        count += f" + {(mine & noisy).sum()} noisy, hollow)" if (mine & noisy).any() else ")"
        colour, marker = LOOKS[group]
        axes.plot([], [], color=colour, marker=marker, ms=6, lw=0, label=count)


def _marks(axes: Axes, group: str, x: Floats, y: Floats, noisy: Mask) -> None:
    colour, marker = LOOKS[group]
    for mask, face, alpha in ((~noisy, colour, 0.75), (noisy, "none", 0.6)):
        axes.plot(
            x[mask],
            y[mask],
            color=colour,
            marker=marker,
            markerfacecolor=face,
            ms=5,
            lw=0,
            alpha=alpha,
            zorder=3,
        )


def errors_chart(rows: pd.DataFrame) -> Figure:
    """Error of records/s over what the rows vary, one panel a variable; open loops left out."""
    errors = 100 * relative_errors(rows)["records/s"]
    kept = (load_of(rows) != OPEN_LOOP) & ~np.isnan(errors)
    if not kept.any():
        return blank("no row has both a measured and a predicted throughput")
    rows, errors = rows[kept], errors[kept]
    chart = figure(11.0, 7.6)
    panels = chart.subplots(2, 3, sharey=True)
    for axes, (told, values) in zip(panels.flat, _variables(rows).items(), strict=True):
        _panel(axes, rows, values, errors)
        axes.set_xlabel(told)
    for axes in panels[:, 0]:
        axes.set_ylabel(f"error, % (beyond {EDGE} at the edge)")
    panels[0, 0].set_title("Error of records/s by what the rows vary", loc="left")
    _legend(chart, rows)
    return chart


def _legend(chart: Figure, rows: pd.DataFrame) -> None:
    handles = [
        Line2D([], [], color=colour, marker=marker, ms=6, lw=0, label=group)
        for group, (colour, marker) in LOOKS.items()
        if (group_of(rows) == group).any()
    ]
    handles.append(Line2D([], [], color=FAINT, marker="o", mfc="none", lw=0, label="noisy"))
    handles.append(Line2D([], [], color=INK, lw=2, label="median, noisy ones left out"))
    chart.legend(handles=handles, loc="outside lower center", ncols=7, frameon=False)


def _variables(rows: pd.DataFrame) -> dict[str, Sequence[float | str]]:
    """What to call a variable, and each row's value of it."""
    depth, batch_bytes = DEFAULTS.max_in_flight_requests_per_connection, DEFAULTS.batch_size_bytes
    return {
        "round trip, ms": (numeric(rows, "rtt_us") / 1e3).tolist(),
        "requests in flight": _settings(rows, IN_FLIGHT, depth).tolist(),
        "batch.size, KiB": (_settings(rows, "batch.size", batch_bytes) / KIB).round().tolist(),
        "partitions": numeric(rows, "partitions").tolist(),
        "records outstanding (0: no limit)": numeric(rows, "outstanding").tolist(),
        "acks, and where followers are": _acks(rows),
    }


def _settings(rows: pd.DataFrame, key: str, default: float) -> Floats:
    return settings_of(rows, key, str(default)).astype(float)


def _acks(rows: pd.DataFrame) -> list[str]:
    followers = {"single": "no\nfollowers", "trio": "followers\nnear", "stretch": "followers\nfar"}
    acks = settings_of(rows, "acks", DEFAULTS.acks)
    places = (followers.get(str(cluster), "") for cluster in rows["cluster"])
    return [f"acks={ack}\n{place}" for ack, place in zip(acks, places, strict=True)]


def _panel(axes: Axes, rows: pd.DataFrame, values: Sequence[float | str], errors: Floats) -> None:
    """Each value its column of points, spread sideways in the order of rows."""
    of_rows, noisy = group_of(rows), is_noisy(rows)
    levels = sorted(set(values))
    shown = np.clip(errors, -EDGE, EDGE)
    axes.axhspan(-100 * BAND, 100 * BAND, color=GRID, lw=0)
    axes.axhline(0, color=FAINT, lw=1)
    for place, level in enumerate(levels):
        mine = np.array([value == level for value in values])
        across = np.full(len(values), np.nan)
        across[mine] = place + np.linspace(-0.3, 0.3, mine.sum() + 2)[1:-1]
        for group in GROUPS:
            marked = mine & (of_rows == group)
            _marks(axes, group, across[marked], shown[marked], noisy[marked])
        if (mine & ~noisy).any():
            median = float(np.median(shown[mine & ~noisy]))
            axes.plot([place - 0.36, place + 0.36], [median, median], color=INK, lw=2, zorder=4)
    labels = [level if isinstance(level, str) else number(level) for level in levels]
    axes.set_xticks(range(len(levels)), labels)
    axes.set_xlim(-0.6, len(levels) - 0.4)
    axes.set_ylim(-EDGE * 1.06, EDGE * 1.06)
    axes.set_yticks(TICKS, [f"{tick:+d}" if tick else "0" for tick in TICKS])

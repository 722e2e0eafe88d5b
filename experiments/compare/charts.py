"""Charts of the comparison; each is a function of stored rows.

Units: ms of time, acknowledged records per second. The space-time picture has a file of its own.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from experiments.compare.contenders import FIVE, ONE
from experiments.compare.space_time import space_time_chart
from experiments.kit.charts import annotate, entitle, line, log_axis, mark, panels
from experiments.kit.estimates import pick, ratio
from experiments.kit.style import FAINT, blank, look_of, number

BOUND: dict[str, Any] = {"lw": 1.0, "ls": (0, (1, 1.5)), "zorder": 2}
#: In inches: of a panel, and of three producers side by side in a legend.
PANEL_WIDTH, LEGEND_WIDTH = 3.6, 7.0
#: Ours: about what a round takes beside the round-trip time.
WORK_MS = 1.0


def throughput_chart(rows: pd.DataFrame) -> Figure:
    """Records/s over the round-trip time, with the closed-form bound and the gain of five."""
    if rows.empty:
        return blank("no run was made")
    chart, (axes,) = panels("", width=7.4)
    curve, capacity = pick(rows, phase="curve"), pick(rows, phase="capacity")
    beside_curve = capacity[~capacity["rtt_ms"].isin(curve["rtt_ms"])]
    for producer, points in _by_producer(pd.concat([curve, beside_curve])):
        look = look_of(producer)
        face = "none" if look.hollow else look.colour
        style = {"ms": look.marker_size, "mfc": face, "zorder": look.order}
        line(axes, points, "rtt_ms", "records_per_s", look, producer, **style)
        bound = points.groupby("rtt_ms")["bound_records_per_s"].mean()
        axes.plot(bound.index, bound, color=look.colour, **BOUND)
    log_axis(axes, "x")
    log_axis(axes, "y")
    axes.set_xlabel("round-trip time to the cluster in ms")
    axes.set_ylabel("records per second, acknowledged")
    axes.plot([], [], color=FAINT, label="closed-form bound", **BOUND)
    axes.legend(framealpha=1, edgecolor="none", loc="lower left")
    entitle(chart, _gains(axes, capacity))
    return chart


def _gains(axes: Axes, capacity: pd.DataFrame) -> str:
    """Write what five in flight gain between the lines at the headline distances; in a sentence."""
    gains = []
    for distance, rows in capacity.groupby("distance", sort=False):
        rtt_ms = float(rows["rtt_ms"].iloc[0])
        if distance != f"{rtt_ms:g} ms":
            mark(axes, rtt_ms, str(distance))
        one, five = pick(rows, producer=ONE), pick(rows, producer=FIVE)
        if len(one) and len(five):
            gains.append(ratio(five, one).value)
            middle = np.sqrt(one["records_per_s"].mean() * five["records_per_s"].mean())
            annotate(axes, f"x {gains[-1]:.1f}", rtt_ms, middle, (6, 0), weight="bold")
    if not gains:
        return "What one producer carries, by distance and requests in flight"
    ends = dict.fromkeys(f"{end(gains):.1f}" for end in (min, max))
    return f"Five in flight carry {' to '.join(ends)} times what one carries"


def latency_chart(latencies: pd.DataFrame) -> Figure:
    """The share of records that took longer than a time; one panel for each distance."""
    if latencies.empty:
        return blank("no record was acknowledged under the offered load")
    title = "Latency when all are offered the same arrivals"
    chart, all_axes = _panels(latencies, title, "records that took longer")
    for axes, of_distance in all_axes:
        for up, (producer, points) in enumerate(reversed(_by_producer(of_distance))):
            inside = points["share"] < 1
            shares, times_ms = 1 - points["share"][inside], points["latency_ms"][inside]
            axes.plot(times_ms, shares, **_style(producer))
            _quantiles(axes, points, look_of(producer).colour, 0.03 + 0.07 * up)
        log_axis(axes, "y", text=lambda share: f"{100 * share:g} %")
        axes.set_ylim(1e-3, 1.1)
        axes.set_xlim(left=0)
        axes.set_xlabel("latency of a record in ms")
    return chart


def _quantiles(axes: Axes, points: pd.DataFrame, colour: str, height: float) -> None:
    """A producer's median and 99th percentile in the corner that its curve leaves free."""
    p50_ms, p99_ms = np.interp([0.5, 0.99], points["share"], points["latency_ms"])
    text = f"p50 {number(p50_ms)}, p99 {number(p99_ms)} ms"
    if points["latency_ms"].isna().any():
        text = "overload: no latency"
    axes.text(0.03, height, text, color=colour, size=8, transform=axes.transAxes)


def in_flight_chart(in_flight: pd.DataFrame) -> Figure:
    """Requests in flight over the first round trips; one panel for each distance."""
    if in_flight.empty:
        return blank("no request was sent")
    title = "Requests in flight after a cold start"
    chart, all_axes = _panels(in_flight, title, "requests in flight")
    for axes, of_distance in all_axes:
        for producer, points in _by_producer(of_distance):
            axes.step(points["at_ms"], points["level"], where="post", **_style(producer))
        axes.set_xlim(0, 3.2 * (float(of_distance["rtt_ms"].iloc[0]) + WORK_MS))
        axes.set_ylim(0, in_flight["level"].max() + 0.4)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("time since the start, in ms")
    return chart


def _panels(
    rows: pd.DataFrame, title: str, y_label: str
) -> tuple[Figure, list[tuple[Axes, pd.DataFrame]]]:
    """A figure with a titled panel for each distance, side by side, and one legend for all."""
    distances = list(rows.groupby(["distance", "rtt_ms"], sort=False))
    width = max(PANEL_WIDTH, LEGEND_WIDTH / len(distances))
    chart, all_axes = panels(title, len(distances), width)
    for axes, ((distance, rtt_ms), _) in zip(all_axes, distances, strict=True):
        rtt = f"{rtt_ms:g} ms"
        axes.set_title(f"{rtt} RTT" if distance == rtt else f"{distance}, {rtt} RTT")
    all_axes[0].set_ylabel(y_label)
    handles = [Line2D([], [], **_style(name)) for name, _ in _by_producer(rows)]
    chart.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)
    return chart, [(axes, part) for axes, (_, part) in zip(all_axes, distances, strict=True)]


def _by_producer(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each producer, in the order in which they come first."""
    return [(str(name), points) for name, points in rows.groupby("producer", sort=False)]


def _style(producer: str) -> dict[str, Any]:
    look = look_of(producer)
    return {"color": look.colour, "lw": look.width, "zorder": look.order, "label": producer}


DRAWN_BY: Mapping[str, Callable[[pd.DataFrame], Figure]] = {
    "space_time": space_time_chart,
    "throughput": throughput_chart,
    "latency": latency_chart,
    "in_flight": in_flight_chart,
}

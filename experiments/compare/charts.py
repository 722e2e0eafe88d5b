"""Charts of the comparison; each is a function of stored rows."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from experiments.kit.style import FAINT, INK, figure, look, number, quiet_grid

ONE, FIVE = "one in flight", "five in flight, idempotent"
#: Where the ratio is written onto the curve.
TOLD_RTT_MS = (0.2, 2.0, 50.0)
PANEL_WIDTH, PANEL_HEIGHT = 3.6, 3.4


def throughput_chart(rows: pd.DataFrame) -> Figure:
    """Records/s over the round-trip time, with the closed-form bound and the gain of five."""
    chart = figure(8.2, 5.0)
    axes = chart.subplots()
    curve = rows[rows["phase"] == "curve"]
    for producer, points in _by_producer(curve):
        style = look(producer)
        mean = points.groupby("rtt_ms")[["records_per_s", "bound_records_per_s"]].mean()
        axes.plot(
            mean.index, mean["bound_records_per_s"], color=style.colour, lw=0.9, ls=(0, (1, 1.5))
        )
        hollow = style.size > 6  # drawn around the marker of the one that it coincides with
        axes.plot(
            mean.index,
            mean["records_per_s"],
            color=style.colour,
            ls=style.line,
            lw=1.6,
            marker=style.marker,
            ms=style.size,
            mfc="none" if hollow else style.colour,
            zorder=style.order,
            label=producer,
        )
    _gains(axes, curve)
    _log_axes(axes, "round-trip time to the cluster in ms", "records per second, acknowledged")
    axes.plot([], [], color=FAINT, lw=0.9, ls=(0, (1, 1.5)), label="closed-form bound")
    axes.legend(frameon=False, loc="lower left")
    axes.set_title("What a producer carries, by distance and requests in flight")
    return chart


def _gains(axes: Axes, curve: pd.DataFrame) -> None:
    """Write how many times as much five in flight carry where both are known."""
    means = curve.groupby(["rtt_ms", "producer"])["records_per_s"].mean().unstack()
    if not {ONE, FIVE} <= set(means.columns):
        return
    for rtt_ms in means.index.intersection(list(TOLD_RTT_MS)):
        one, five = float(means.loc[rtt_ms, ONE]), float(means.loc[rtt_ms, FIVE])
        axes.annotate(
            "", (rtt_ms, five * 0.88), (rtt_ms, one * 1.15), arrowprops={"arrowstyle": "<->", "color": INK, "lw": 0.8}
        )
        axes.text(
            rtt_ms * 1.08, np.sqrt(one * five), f"× {five / one:.1f}", ha="left", va="center", weight="bold"
        )


def latency_chart(latencies: pd.DataFrame) -> Figure:
    """The share of records that took longer than a time; one panel for each distance."""
    panels = list(latencies.groupby(["distance", "rtt_ms"], sort=False))
    chart = figure(max(5.0, PANEL_WIDTH * len(panels)), PANEL_HEIGHT + 0.6)
    all_axes = np.atleast_1d(chart.subplots(1, len(panels), sharey=True))
    for axes, (place, of_distance) in zip(all_axes, panels, strict=True):
        for producer, points in _by_producer(of_distance):
            style, inside = look(producer), points["share"] < 1
            axes.plot(
                points["latency_ms"][inside],
                1 - points["share"][inside],
                color=style.colour,
                ls=style.line,
                lw=3.2 if style.size > 6 else 1.5,
                zorder=style.order,
                label=producer,
            )
        axes.set_yscale("log")
        axes.set_ylim(1e-3, 1.1)
        for share, told in ((0.5, "p50"), (0.05, "p95"), (0.01, "p99")):
            axes.axhline(share, color=FAINT, lw=0.6, ls=":")
            axes.text(1.0, share, told, transform=axes.get_yaxis_transform(), color=FAINT, size=8)
        axes.set_xlim(left=0)
        quiet_grid(axes)
        axes.set_title(_place(*place))
        axes.set_xlabel("latency of a record in ms")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
    all_axes[0].set_ylabel("records that took longer")
    _legend_above(chart, all_axes[0], "Latency when all are offered the same arrivals")
    return chart


def in_flight_chart(in_flight: pd.DataFrame) -> Figure:
    """Requests in flight over the first round trips; one panel for each distance."""
    panels = list(in_flight.groupby(["distance", "rtt_ms"], sort=False))
    chart = figure(max(5.0, PANEL_WIDTH * len(panels)), PANEL_HEIGHT)
    all_axes = np.atleast_1d(chart.subplots(1, len(panels), sharey=True))
    for axes, ((distance, rtt_ms), of_distance) in zip(all_axes, panels, strict=True):
        shown_ms = 3.2 * (rtt_ms + 1)
        for producer, points in _by_producer(of_distance):
            style = look(producer)
            times = np.append(points["at_ms"], shown_ms)
            levels = np.append(points["level"], points["level"].iloc[-1])
            wide = 4 if style.size > 6 else 1.5
            axes.step(
                times,
                levels,
                where="post",
                color=style.colour,
                lw=wide,
                alpha=0.6 if wide > 2 else 1,
                zorder=style.order,
                label=producer,
            )
        axes.set_xlim(0, shown_ms)
        axes.set_ylim(0, max(5.4, in_flight["level"].max() + 0.4))
        quiet_grid(axes)
        axes.set_title(_place(distance, rtt_ms))
        axes.set_xlabel("time in ms")
    all_axes[0].set_ylabel("requests in flight")
    _legend_above(chart, all_axes[0], "Requests in flight after a cold start")
    return chart


def _by_producer(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each producer, in the order in which they come first."""
    return [(str(name), points) for name, points in rows.groupby("producer", sort=False)]


def _place(distance: object, rtt_ms: float) -> str:
    rtt = f"{rtt_ms:g} ms"
    return f"{rtt} RTT" if distance == rtt else f"{distance}, {rtt} RTT"


def _log_axes(axes: Axes, x_label: str, y_label: str) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
        axis.set_minor_formatter(NullFormatter())
    quiet_grid(axes)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)


def _legend_above(chart: Figure, axes: Axes, title: str) -> None:
    handles, labels = axes.get_legend_handles_labels()
    chart.suptitle(title, weight="bold", size=11, x=0.01, ha="left")
    chart.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)

"""Throughput over batch.size, a panel for each distance, a line for each depth and buffers."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.kit.lines import LineStyle, band, log_axis
from experiments.kit.pairs import means
from experiments.kit.style import figure

BY = ["rtt_ms", "buffers", "batch_kib", "depth"]
COLOURS = {1: "#d55e00", 2: "#e69f00", 5: "#0072b2"}
STYLES: dict[str, LineStyle] = {"default": "-", "large": (0, (3, 1.5))}
#: Ours: what a change gains before it is worth its mention.
WORTH = 1.1


def draw(rows: pd.DataFrame) -> Figure:
    """Solid lines: default socket buffers; dashed: large ones on both sides."""
    told = means(rows, "mb_per_s", BY)
    distances = list(told["rtt_ms"].unique())
    chart = figure(1.2 + 3.6 * len(distances), 4.9)
    panels = chart.subplots(1, len(distances), sharey=True, squeeze=False)[0]
    for axes, rtt_ms in zip(panels, distances, strict=True):
        _panel(axes, told[told["rtt_ms"] == rtt_ms])
        axes.set_title(f"{rtt_ms:g} ms round trip", size=10)
        axes.set_xlabel("batch.size in KiB")
    panels[0].set_ylabel("MB per second, acknowledged")
    handles = [
        Line2D([], [], color=COLOURS[depth], label=f"{depth} in flight") for depth in COLOURS
    ]
    handles += [
        Line2D([], [], color="black", ls=style, label=f"{name} socket buffers")
        for name, style in STYLES.items()
    ]
    chart.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)
    title = "Batch and depth trade against each other until the receive window ends both"
    chart.suptitle(title, weight="bold", size=11, x=0.01, ha="left")
    return chart


def answer(rows: pd.DataFrame) -> str:
    """What to raise first from batches of 16 KiB and one in flight, and what the window costs."""
    told = means(rows, "mb_per_s", BY).set_index(BY)["value"]
    parts = [_first(told[rtt_ms, "default"], rtt_ms) for rtt_ms in rows["rtt_ms"].unique()]
    far, depth = rows["rtt_ms"].max(), rows["depth"].max()
    small, large = (told[far, it].xs(depth, level="depth") for it in ("default", "large"))
    gain = (large / small).loc[lambda it: it > WORTH]
    words = f"{'. '.join(parts)}."
    if len(gain):
        words += (
            f" At {far:g} ms with {depth} in flight the default socket buffers cost from"
            f" batch.size={gain.index.min()} KiB on: {small.max():.1f} MB/s is all there is, where"
            f" large buffers carry {large.max():.0f} MB/s. What is needed is depth times batch.size"
            " on both sides: socket.receive.buffer.bytes of the broker, send.buffer.bytes here."
        )
    return words


def _first(told: pd.Series, rtt_ms: float) -> str:
    """Five times the depth against the next batch sizes, at one distance."""
    batches, depths = (told.index.unique(level) for level in ("batch_kib", "depth"))
    start = told[batches.min(), depths.min()]
    deeper = told[batches.min(), depths.max()]
    wider = told.xs(depths.min(), level="depth")
    both = told.max()
    return (
        f"At {rtt_ms:g} ms {start:.2f} MB/s with one request of {batches.min()} KiB become"
        f" {deeper:.2f} with {depths.max()} in flight, {wider.max():.2f} with batches of"
        f" {wider.idxmax()} KiB, and at most {both:.2f} with both"
    )


def _panel(axes: Axes, told: pd.DataFrame) -> None:
    for buffers, style in STYLES.items():
        for depth, colour in COLOURS.items():
            line = told[(told["buffers"] == buffers) & (told["depth"] == depth)]
            marker = "o" if buffers == "default" else ""
            band(axes, line["batch_kib"].tolist(), line, colour, marker, style)
    log_axis(axes, "x")
    log_axis(axes, "y", (1, 2, 5))
    axes.set_xticks(list(told["batch_kib"].unique()))

"""The one picture: a space-time diagram of the first requests, one in flight above five.

Time runs to the right, the way from producer to broker runs down. What is drawn is what a run
recorded: every stroke, bar and number is a column of a stored row. Times in ms.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle

from experiments.kit.charts import entitle
from experiments.kit.style import BROKER, CLIENT, FAINT, INK, blank, figure, look_of, number
from experiments.kit.words import count

#: The picture is drawn at the distance closest to this: time outside and inside the broker are then
#: both wide enough to be seen.
PICTURE_RTT_MS = 2.0
ROUNDS = 3
PRODUCER_Y, BROKER_Y = 1.0, 0.0
ROUND_Y, MUTED_HEIGHT = 1.13, 0.13
#: Rows under the broker's line: waiting requests in lanes of their own, then sequence numbers.
WAITING_Y, LANE_HEIGHT, NUMBER_Y = -0.19, 0.04, -0.4
#: Of the time axis: below this a muted interval would not be seen, and is drawn this wide.
THINNEST = 0.004
#: Of the time axis, at least: from one sequence number to the next, for each of its digits.
DIGIT_WIDTH = 0.009


def space_time_chart(requests: pd.DataFrame) -> Figure:
    """Draw the first requests of each producer at one of the distances."""
    if requests.empty:
        return blank("no request was answered")
    near = abs(np.log(requests["rtt_ms"].clip(lower=1e-3) / PICTURE_RTT_MS))
    requests = requests[near == near.min()]
    producers = [(str(name), rows) for name, rows in requests.groupby("producer", sort=False)]
    until_ms = _until_ms(producers[0][1])
    chart = figure(9.2, 0.8 + 2.75 * len(producers))
    all_axes = chart.subplots(len(producers), 1, sharex=True, squeeze=False)[:, 0]
    acked = [
        _producer(axes, name, rows[rows["sent_ms"] < until_ms], until_ms)
        for axes, (name, rows) in zip(all_axes, producers, strict=True)
    ]
    for axes in all_axes[:-1]:
        axes.tick_params(axis="x", bottom=False)
    all_axes[-1].set_xlabel("time since the producer started, in ms")
    first, rtt = f"the first {number(until_ms)} ms", f"{requests['rtt_ms'].iloc[0]:g} ms RTT"
    entitle(chart, f"Records acked in {first} at {rtt}: {', or '.join(acked)}")
    thin = requests["answered_ms"] - requests["taken_ms"] < THINNEST * until_ms
    _legend(chart, bool(thin.any()))
    return chart


def _producer(axes: Axes, name: str, rows: pd.DataFrame, until_ms: float) -> str:
    """One producer's requests; how many records were acknowledged within the axis."""
    colour = look_of(name).colour
    _lines(axes, rows, until_ms)
    for _, row in rows.iterrows():
        _request(axes, row, colour, until_ms)
    _waits(axes, rows)
    _sequence_numbers(axes, rows, until_ms)
    _first_round(axes, rows)
    done = rows[rows["handled_ms"] <= until_ms]
    acked = f"{done['records'].sum():,.0f}"
    axes.set_title(name, color=colour)
    axes.set_title(f"{count(len(done), 'request')}, {acked} records acked", loc="right")
    return acked


def _until_ms(rows: pd.DataFrame) -> float:
    """When the last of a few rounds is over; a round starts with the first request after it."""
    at_ms = 0.0
    for _ in range(ROUNDS):
        later = rows[rows["sent_ms"] >= at_ms]
        at_ms = float(later["handled_ms"].iloc[0]) if len(later) else at_ms
    return 1.03 * at_ms


def _lines(axes: Axes, rows: pd.DataFrame, until_ms: float) -> None:
    """The producer's line, the broker's line, the names of what is beneath them, and no frame."""
    axes.set_xlim(0, until_ms)
    axes.set_ylim(NUMBER_Y - 0.06, ROUND_Y + 0.16)
    axes.hlines([PRODUCER_Y, BROKER_Y], 0, until_ms, color=INK, lw=1.2, zorder=4)
    heights = {"producer": PRODUCER_Y, "broker": BROKER_Y}
    if (rows["taken_ms"] > rows["arrived_ms"]).any():
        heights["unread"] = WAITING_Y - 1.5 * LANE_HEIGHT
    if (rows["base_sequence"] >= 0).any():
        heights["first sequence"] = NUMBER_Y
    axes.set_yticks(list(heights.values()), list(heights))
    axes.tick_params(axis="y", length=0)
    axes.spines[["left", "bottom"]].set_visible(False)


def _request(axes: Axes, row: "pd.Series[float]", colour: str, until_ms: float) -> None:
    """One request's way out, its turn at the broker, and its ack's way back."""
    out = (row["sent_ms"], PRODUCER_Y), (row["arrived_ms"], BROKER_Y)
    back = (row["answered_ms"], BROKER_Y), (row["received_ms"], PRODUCER_Y)
    whole: dict[str, Any] = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, "mutation_scale": 8}
    for (start, end), dashes in ((out, "-"), (back, "--")):
        style: dict[str, Any] = {"color": colour, "lw": 1.3, "ls": dashes, "zorder": 5}
        axes.add_patch(FancyArrowPatch(start, end, **whole, **style))
    width_ms = max(row["answered_ms"] - row["taken_ms"], THINNEST * until_ms)
    corner = row["taken_ms"], BROKER_Y - MUTED_HEIGHT
    axes.add_patch(Rectangle(corner, width_ms, MUTED_HEIGHT, fc=BROKER, ec="white"))
    axes.hlines(PRODUCER_Y, row["received_ms"], row["handled_ms"], color=CLIENT, lw=5, zorder=3)


def _waits(axes: Axes, rows: pd.DataFrame) -> None:
    """How long requests lay unread, each in the highest lane that is free."""
    free_from_ms: list[float] = []
    waiting = rows[rows["taken_ms"] > rows["arrived_ms"]]
    for start_ms, end_ms in zip(waiting["arrived_ms"], waiting["taken_ms"], strict=True):
        free = (lane for lane, from_ms in enumerate(free_from_ms) if from_ms <= start_ms)
        lane = next(free, len(free_from_ms))
        free_from_ms[lane : lane + 1] = [end_ms]
        axes.hlines(WAITING_Y - lane * LANE_HEIGHT, start_ms, end_ms, color=FAINT, lw=1.5)


def _sequence_numbers(axes: Axes, rows: pd.DataFrame, until_ms: float) -> None:
    """Each batch's first sequence number under its turn at the broker, or as near as it fits."""
    free_from_ms = 0.0
    numbered = rows[(rows["base_sequence"] >= 0) & (rows["taken_ms"] < until_ms)]
    for _, row in numbered.iterrows():
        digits = f"{row['base_sequence']:.0f}"
        width_ms = (len(digits) + 1) * DIGIT_WIDTH * until_ms
        middle_ms = (row["taken_ms"] + min(row["answered_ms"], until_ms)) / 2
        centre_ms = max(middle_ms, free_from_ms + width_ms / 2)
        free_from_ms = centre_ms + width_ms / 2
        if free_from_ms <= until_ms:
            axes.text(centre_ms, NUMBER_Y, digits, ha="center", va="center", size=7.5)


def _first_round(axes: Axes, rows: pd.DataFrame) -> None:
    """A bracket over the first request's round, with what was sent in it."""
    sent_ms, handled_ms = rows["sent_ms"].iloc[0], rows["handled_ms"].iloc[0]
    arrow = {"arrowstyle": "|-|,widthA=0.25,widthB=0.25", "color": INK, "lw": 0.8}
    ends = (sent_ms, ROUND_Y), (handled_ms, ROUND_Y)
    axes.annotate("", *ends, arrowprops={**arrow, "shrinkA": 0, "shrinkB": 0})
    text = f"one round: {number(handled_ms - sent_ms)} ms, {sum(rows['sent_ms'] < handled_ms)} sent"
    middle_ms = (sent_ms + handled_ms) / 2
    axes.text(middle_ms, ROUND_Y + 0.03, text, size=8.5, ha="center", va="bottom")


def _legend(chart: Figure, some_are_wider: bool) -> None:
    """What strokes and bars stand for."""
    muted = "connection muted: broker at work on one request"
    if some_are_wider:
        muted += "\n(too short to be seen: drawn wider)"
    handles = [
        Line2D([], [], color=INK, lw=1.3, label="request"),
        Line2D([], [], color=INK, lw=1.3, ls="--", label="ack"),
        Patch(color=BROKER, label=muted),
        Line2D([], [], color=FAINT, lw=2, label="waits to be read"),
        Line2D([], [], color=CLIENT, lw=5, label="client takes up the ack"),
    ]
    chart.legend(handles=handles, loc="outside lower center", ncols=5, frameon=False, fontsize=8)

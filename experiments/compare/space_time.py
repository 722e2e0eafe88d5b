"""The one picture: a space-time diagram of the first requests, one in flight above five.

Time runs to the right, the way from producer to broker runs down. What is drawn is what a run
recorded: every stroke, bar and number is a column of a stored row.
"""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle

from experiments.kit.style import BROKER, CLIENT, FAINT, INK, figure, look

ROUND_TRIPS = 3.2
PRODUCER_Y, BROKER_Y = 1.0, 0.0
MUTED_HEIGHT, WAITING_Y, NUMBER_Y = 0.13, -0.20, -0.30
#: Of the time axis: below this a muted interval would not be seen, and is drawn this wide.
THINNEST = 0.004
#: Shares of the time axis that a sequence number takes, and the words that say what it is.
NUMBER_WIDTH, LABEL_WIDTH = 0.026, 0.1


def space_time_chart(requests: pd.DataFrame) -> Figure:
    """Draw the first requests of each producer in ``requests``, all at one distance."""
    producers = list(requests.groupby("producer", sort=False))
    rtt_ms = float(requests["rtt_ms"].iloc[0])
    until_ms = ROUND_TRIPS * _round_ms(requests)
    chart = figure(9.2, 0.7 + 2.75 * len(producers))
    all_axes = chart.subplots(len(producers), 1, sharex=True, squeeze=False)[:, 0]
    for place, (axes, (producer, rows)) in enumerate(zip(all_axes, producers, strict=True)):
        shown = rows[rows["sent_ms"] < until_ms]
        _lines(axes, until_ms)
        for _, row in shown.iterrows():
            _request(axes, row, look(str(producer)).colour, until_ms)
        _sequence_numbers(axes, shown, until_ms)
        done = shown[shown["handled_ms"] <= until_ms]
        axes.set_title(str(producer), color=look(str(producer)).colour)
        told = f"{len(done)} requests, {done['records'].sum():,.0f} records acknowledged"
        axes.set_title(told, loc="right", fontweight="normal", fontsize=10)
        axes.tick_params(axis="x", bottom=place == len(producers) - 1)
        _notes(axes, shown, until_ms)
    all_axes[-1].set_xlabel("time since the producer started, in ms")
    title = f"What happens in the first {until_ms:.3g} ms at a round-trip time of {rtt_ms:g} ms"
    chart.suptitle(title, weight="bold", size=12, x=0.01, ha="left")
    _legend(chart)
    return chart


def _round_ms(requests: pd.DataFrame) -> float:
    """How long one request takes alone: from sent to handled."""
    first = requests.iloc[0]
    return float(first["handled_ms"] - first["sent_ms"])


def _lines(axes: Axes, until_ms: float) -> None:
    """The producer's line, the broker's line, and no frame."""
    axes.set_xlim(0, until_ms)
    axes.set_ylim(-0.42, 1.2)
    axes.hlines([PRODUCER_Y, BROKER_Y], 0, until_ms, color=INK, lw=1.2, zorder=4)
    axes.set_yticks([PRODUCER_Y, BROKER_Y], ["producer", "broker"])
    axes.tick_params(axis="y", length=0)
    axes.spines[["left", "bottom"]].set_visible(False)


def _request(axes: Axes, row: "pd.Series[float]", colour: str, until_ms: float) -> None:
    """One request's way out, its turn at the broker, and its ack's way back."""
    _stroke(axes, (row["sent_ms"], PRODUCER_Y), (row["arrived_ms"], BROKER_Y), colour, "-")
    _stroke(axes, (row["answered_ms"], BROKER_Y), (row["received_ms"], PRODUCER_Y), colour, "--")
    muted_ms = max(row["answered_ms"] - row["taken_ms"], THINNEST * until_ms)
    muted = Rectangle(
        (row["taken_ms"], BROKER_Y - MUTED_HEIGHT), muted_ms, MUTED_HEIGHT, fc=BROKER, ec="white"
    )
    axes.add_patch(muted)
    if row["taken_ms"] > row["arrived_ms"]:
        axes.hlines(WAITING_Y, row["arrived_ms"], row["taken_ms"], color=FAINT, lw=1.5)
    axes.hlines(PRODUCER_Y, row["received_ms"], row["handled_ms"], color=CLIENT, lw=5, zorder=3)


def _sequence_numbers(axes: Axes, rows: pd.DataFrame, until_ms: float) -> None:
    """Each batch's first sequence number under its turn at the broker, where there is room."""
    free_from_ms = LABEL_WIDTH * until_ms
    for _, row in rows[rows["base_sequence"] >= 0].iterrows():
        middle_ms = (row["taken_ms"] + row["answered_ms"]) / 2
        if free_from_ms < middle_ms < (1 - NUMBER_WIDTH) * until_ms:
            told = f"{row['base_sequence']:.0f}"
            axes.text(middle_ms, NUMBER_Y, told, ha="center", va="top", size=7.5)
            free_from_ms = middle_ms + NUMBER_WIDTH * until_ms


def _stroke(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str, line: str
) -> None:
    arrow = FancyArrowPatch(
        start,
        end,
        arrowstyle="-|>",
        mutation_scale=8,
        shrinkA=0,
        shrinkB=0,
        color=colour,
        lw=1.3,
        ls=line,
        zorder=5,
    )
    axes.add_patch(arrow)


def _notes(axes: Axes, rows: pd.DataFrame, until_ms: float) -> None:
    """What a teacher would point at, beside the first request."""
    row = rows.iloc[0]
    small: dict[str, Any] = {"size": 8.5, "color": INK}
    out_ms, back_ms = (
        (row[start] + row[end]) / 2
        for start, end in (("sent_ms", "arrived_ms"), ("answered_ms", "received_ms"))
    )
    if len(rows) < 2 or rows.iloc[1]["sent_ms"] > row["received_ms"]:  # alone on its way
        axes.text(out_ms + 0.01 * until_ms, 0.55, "request", **small)
        axes.text(back_ms + 0.01 * until_ms, 0.45, "ack", **small)
        axes.text(row["answered_ms"], -0.1, "  muted until its ack is written", **small)
        axes.text(out_ms, 1.07, "nothing else may go until the ack is back", **small)
    else:
        axes.text(row["sent_ms"], 1.07, "five at once, then one for every ack", **small)
        axes.text(0, -0.1, "one at a time  ", **small)
        axes.text(0, -0.23, "wait unread  ", **small)
    if row["base_sequence"] >= 0:
        axes.text(0, NUMBER_Y, "first sequence", va="top", size=7.5, color=INK)


def _legend(chart: Figure) -> None:
    """What the bars stand for; the strokes are named in the picture."""
    handles = [
        Patch(color=BROKER, label="broker at work, connection muted"),
        Line2D([], [], color=FAINT, lw=2, label="arrived, waiting to be read"),
        Line2D([], [], color=CLIENT, lw=5, label="client takes up the ack"),
    ]
    chart.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=9)

"""The one picture: a space-time diagram of the first requests, one in flight above five.

Time runs to the right, the way from producer to broker runs down. What is drawn is what a run
recorded: every stroke, bar and number is a column of a stored row.
"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from experiments.kit.style import BROKER, FAINT, INK, figure, look

ROUND_TRIPS = 3.2
PRODUCER_Y, BROKER_Y = 1.0, 0.0
MUTED_HEIGHT, WAITING_Y, NUMBER_Y = 0.13, -0.20, -0.30
#: Of the time axis: below this a muted interval would not be seen, and is drawn this wide.
THINNEST = 0.004


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
        done = shown[shown["handled_ms"] <= until_ms]
        axes.set_title(str(producer), color=look(str(producer)).colour)
        told = f"{len(done)} requests, {done['records'].sum():,.0f} records acknowledged"
        axes.set_title(told, loc="right", fontweight="normal", fontsize=10)
        _notes(axes, shown, first=place == 0)
    all_axes[-1].set_xlabel("time since the producer started, in ms")
    title = f"What happens in the first {until_ms:.3g} ms at a round-trip time of {rtt_ms:g} ms"
    chart.suptitle(title, weight="bold", size=12, x=0.01, ha="left")
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
    axes.hlines(PRODUCER_Y, row["received_ms"], row["handled_ms"], color=BROKER, lw=5, zorder=3)
    middle_ms = row["taken_ms"] + muted_ms / 2
    if row["base_sequence"] >= 0 and middle_ms < 0.99 * until_ms:
        axes.text(
            middle_ms, NUMBER_Y, f"{row['base_sequence']:.0f}", ha="center", va="top", size=7
        )


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


def _notes(axes: Axes, rows: pd.DataFrame, *, first: bool) -> None:
    """What a teacher would point at, beside the first requests that show it."""
    row = rows.iloc[0]
    told = {"size": 8, "color": INK}
    if first:
        axes.text(row["sent_ms"], 1.06, " request", va="bottom", **told)
        axes.text(row["received_ms"], 1.06, "ack is back: the next may go ", ha="right", va="bottom", **told)
        axes.text(row["taken_ms"], 0.12, "request on its way →  \n", ha="right", va="bottom", **told)
        return
    axes.text(0, 1.06, " five at once; then one more for every ack", va="bottom", **told)

"""The one picture: a space-time diagram of the first requests, one in flight above five.

Time runs to the right, the way from producer to broker runs down. What is drawn is what a run
recorded: every stroke, bar and number is a column of a stored row. Times in ms.
"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle

from experiments.kit.style import BROKER, CLIENT, FAINT, INK, blank, figure, look, number

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
    """Draw the first requests of each producer in ``requests``, all at one distance."""
    if requests.empty:
        return blank("no request was answered")
    producers = list(requests.groupby("producer", sort=False))
    rtt_ms, until_ms = float(requests["rtt_ms"].iloc[0]), _until_ms(producers[0][1])
    chart = figure(9.2, 0.8 + 2.75 * len(producers))
    all_axes = chart.subplots(len(producers), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (producer, rows) in zip(all_axes, producers, strict=True):
        shown = rows[rows["sent_ms"] < until_ms]
        _lines(axes, shown, until_ms)
        for _, row in shown.iterrows():
            _request(axes, row, look(str(producer)).colour, until_ms)
        _waits(axes, shown)
        _sequence_numbers(axes, shown, until_ms)
        _notes(axes, shown, until_ms)
        done = shown[shown["handled_ms"] <= until_ms]
        axes.set_title(str(producer), color=look(str(producer)).colour)
        requests_done = f"{len(done)} request{'s' * (len(done) != 1)}"
        axes.set_title(f"{requests_done}, {done['records'].sum():,.0f} records acked", loc="right")
        axes.tick_params(axis="x", bottom=axes is all_axes[-1])
    all_axes[-1].set_xlabel("time since the producer started, in ms")
    title = f"The first {number(until_ms)} ms at a round-trip time of {rtt_ms:g} ms"
    chart.suptitle(title, weight="bold", size=12, x=0.01, ha="left")
    thin = requests["answered_ms"] - requests["taken_ms"] < THINNEST * until_ms
    _legend(chart, bool(thin.any()))
    return chart


def _until_ms(rows: pd.DataFrame) -> float:
    """When the last of a few rounds is over; a round starts with the first request after it."""
    at_ms = 0.0
    for _ in range(ROUNDS):
        later = rows[rows["sent_ms"] >= at_ms]
        at_ms = float(later["handled_ms"].iloc[0]) if len(later) else at_ms
    return 1.03 * at_ms


def _lines(axes: Axes, rows: pd.DataFrame, until_ms: float) -> None:
    """The producer's line, the broker's line, what is told beneath them, and no frame."""
    axes.set_xlim(0, until_ms)
    axes.set_ylim(NUMBER_Y - 0.06, ROUND_Y + 0.16)
    axes.hlines([PRODUCER_Y, BROKER_Y], 0, until_ms, color=INK, lw=1.2, zorder=4)
    places = {"producer": PRODUCER_Y, "broker": BROKER_Y}
    if (rows["taken_ms"] > rows["arrived_ms"]).any():
        places["unread"] = WAITING_Y - 1.5 * LANE_HEIGHT
    if (rows["base_sequence"] >= 0).any():
        places["first sequence"] = NUMBER_Y
    axes.set_yticks(list(places.values()), list(places))
    for label in axes.get_yticklabels()[2:]:
        label.set_fontsize(8)
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
    axes.hlines(PRODUCER_Y, row["received_ms"], row["handled_ms"], color=CLIENT, lw=5, zorder=3)


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
    numbered = rows[(rows["base_sequence"] >= 0) & (rows["taken_ms"] < until_ms)]
    for centre_ms, width_ms, told in _spread(numbered, until_ms):
        if centre_ms + width_ms / 2 <= until_ms:
            axes.text(centre_ms, NUMBER_Y, told, ha="center", va="center", size=7.5)


def _spread(rows: pd.DataFrame, until_ms: float) -> Iterator[tuple[float, float, str]]:
    """Where numbers go that must not overlap, how wide they are, and what they say."""
    free_from_ms = 0.0
    for _, row in rows.iterrows():
        told = f"{row['base_sequence']:.0f}"
        width_ms = (len(told) + 1) * DIGIT_WIDTH * until_ms
        middle_ms = (row["taken_ms"] + min(row["answered_ms"], until_ms)) / 2
        centre_ms = max(middle_ms, free_from_ms + width_ms / 2)
        free_from_ms = centre_ms + width_ms / 2
        yield centre_ms, width_ms, told


def _notes(axes: Axes, rows: pd.DataFrame, until_ms: float) -> None:
    """What a teacher would point at: the first round, and who waits for its end."""
    first = rows.iloc[0]
    at_once = rows[rows["sent_ms"] < first["handled_ms"]]
    out_ms, back_ms = (
        (row[start] + row[end]) / 2 + 0.01 * until_ms
        for row, start, end in (
            (at_once.iloc[-1], "sent_ms", "arrived_ms"),
            (first, "answered_ms", "received_ms"),
        )
    )
    alone = len(at_once) == 1
    axes.text(out_ms, 0.55, "request" if alone else f"{len(at_once)} requests", size=8.5)
    round_ms = first["handled_ms"] - first["sent_ms"]
    _span(axes, first, f"one round: {number(round_ms)} ms, {len(at_once)} sent")
    later = rows[rows["sent_ms"] >= first["handled_ms"]]
    if alone:
        axes.text(back_ms, 0.45, "ack", size=8.5)
    if alone and len(later):
        _span(axes, later.iloc[0], "the next goes after the ack")
    elif len(later) and _one_for_each_ack(rows, later):
        told = "then one more goes after each ack"
        axes.text(later["sent_ms"].iloc[0], ROUND_Y + 0.03, f"  {told}", size=8.5, va="bottom")


def _one_for_each_ack(rows: pd.DataFrame, later: pd.DataFrame) -> bool:
    """Whether the first of the later requests was sent after the first ack, and so on."""
    handled_ms = sorted(rows["handled_ms"])[: len(later)]
    return bool((later["sent_ms"].to_numpy() >= handled_ms).all())


def _span(axes: Axes, row: "pd.Series[float]", told: str) -> None:
    """A bracket over a request's round, with words on it."""
    ends = (row["sent_ms"], ROUND_Y), (row["handled_ms"], ROUND_Y)
    arrow = {"arrowstyle": "|-|,widthA=0.25,widthB=0.25", "color": INK, "lw": 0.8}
    axes.annotate("", *ends, arrowprops={**arrow, "shrinkA": 0, "shrinkB": 0})
    middle_ms = (row["sent_ms"] + row["handled_ms"]) / 2
    axes.text(middle_ms, ROUND_Y + 0.03, told, size=8.5, ha="center", va="bottom")


def _legend(chart: Figure, some_are_wider: bool) -> None:
    """What the bars stand for; the strokes are named in the picture."""
    muted = "connection muted: broker at work on one request"
    if some_are_wider:
        muted += "\n(too short to be seen: drawn wider)"
    handles = [
        Patch(color=BROKER, label=muted),
        Line2D([], [], color=FAINT, lw=2, label="arrived, waiting to be read"),
        Line2D([], [], color=CLIENT, lw=5, label="client takes up the ack"),
    ]
    chart.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=9)

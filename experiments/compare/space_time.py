"""The one picture: a space-time diagram of the first requests, producers above each other.

Time runs to the right, the way from producer to broker runs down. What is drawn is what a run
recorded: every stroke, bar and number is a column of a stored row. Where an answer waits for
followers the broker's bar has two parts. Times in ms.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle

from experiments.kit.charts import entitle
from experiments.kit.estimates import pick
from experiments.kit.looks import BROKER, CLIENT, FOLLOWERS, look_of
from experiments.kit.style import INK, blank, figure, number
from experiments.kit.words import count

#: The picture is drawn at the distance closest to this: time outside and inside the broker are then
#: both wide enough to be seen.
PICTURE_RTT_MS = 2.0
ROUNDS = 3
PRODUCER_Y, BROKER_Y = 1.0, 0.0
ROUND_Y, MUTED_HEIGHT = 1.13, 0.13
#: Sequence numbers stand under the broker's line, in the first row that has room.
NUMBER_YS = (-0.21, -0.32)
#: Of the time axis: below this a muted interval would not be seen, and is drawn this wide.
THINNEST = 0.004
#: Of the time axis, at least: from one sequence number to the next, for each of its digits.
DIGIT_WIDTH = 0.011


#: Height of each producer's part in inches, of two and of more.
HIGH, LOW = 2.75, 2.0


def space_time_chart(
    requests: pd.DataFrame, colours: Mapping[str, str] = MappingProxyType({})
) -> Figure:
    """Draw the first requests of each producer at one of the distances.

    A producer without a colour of these has that of its name.
    """
    if requests.empty:
        return blank("no request was answered")
    requests = nearest(requests)
    producers = [(str(name), rows) for name, rows in requests.groupby("producer", sort=False)]
    until_ms = 1.03 * max(_rounds_ms(rows) for _, rows in producers)
    chart = figure(9.2, 0.8 + (HIGH if len(producers) < 3 else LOW) * len(producers))
    all_axes = chart.subplots(len(producers), 1, sharex=True, squeeze=False)[:, 0]
    acked = [
        _producer(
            axes,
            name,
            rows[rows["sent_ms"] < until_ms],
            until_ms,
            colours.get(name, look_of(name).colour),
        )
        for axes, (name, rows) in zip(all_axes, producers, strict=True)
    ]
    for axes in all_axes[:-1]:
        axes.tick_params(axis="x", bottom=False)
    all_axes[-1].set_xlabel("time since the producer started, in ms")
    entitle(chart, _title(producers, acked, until_ms))
    thin = requests["answered_ms"] - requests["taken_ms"] < THINNEST * until_ms
    _legend(chart, bool(thin.any()), bool(_parked(requests).notna().any()))
    return chart


def _title(producers: list[tuple[str, pd.DataFrame]], acked: list[str], until_ms: float) -> str:
    """How many records each producer has got through by then, or that there is no difference."""
    names = [name.partition(",")[0] for name, _ in producers]
    got = ", ".join(f"{count} with {name}" for count, name in zip(acked, names, strict=True))
    rtt_ms = producers[0][1]["rtt_ms"].iloc[0]
    first = f"the first {number(until_ms)} ms at {rtt_ms:g} ms round trip"
    if len(acked) > 2 and len(set(acked)) > 1:
        ends = sorted(zip(acked, names, strict=True), key=lambda it: float(it[0].replace(",", "")))
        (fewest, last), (most, leader) = ends[0], ends[-1]
        return f"In {first} {leader} gets {most} records acknowledged, {last} {fewest}"
    if len(acked) > 1 and len(set(acked)) == 1:
        alike = f"{acked[0]} records acknowledged with {' as with '.join(names)}"
        return f"No difference in {first}: {alike}"
    return f"Records acknowledged in {first}: {got}"


def nearest(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the distance that is closest to the picture's."""
    closest_ms = min(rows["rtt_ms"], key=lambda ms: abs(math.log(max(ms, 1e-3) / PICTURE_RTT_MS)))
    return pick(rows, rtt_ms=closest_ms)


def _producer(axes: Axes, name: str, rows: pd.DataFrame, until_ms: float, colour: str) -> str:
    """One producer's requests; how many records were acknowledged within the axis."""
    _lines(axes, rows, until_ms)
    for _, row in rows.iterrows():
        _request(axes, row, colour, until_ms)
    _sequence_numbers(axes, rows, until_ms)
    _first_round(axes, rows)
    done = rows[rows["handled_ms"] <= until_ms]
    acked = f"{done['records'].sum():,.0f}"
    axes.set_title(name, color=colour)
    axes.set_title(f"{count(len(done), 'request')}, {acked} records acked", loc="right")
    return acked


def _rounds_ms(rows: pd.DataFrame) -> float:
    """When all requests of a few rounds are handled.

    A round starts with the first request after the one before, and ends with its first ack.
    """
    at_ms = 0.0
    for _ in range(ROUNDS):
        later = rows[rows["sent_ms"] >= at_ms]
        at_ms = float(later["handled_ms"].iloc[0]) if len(later) else at_ms
    return float(rows.loc[rows["sent_ms"] < at_ms, "handled_ms"].max())


def _lines(axes: Axes, rows: pd.DataFrame, until_ms: float) -> None:
    """The producer's line, the broker's line, the names of what is beneath them, and no frame."""
    axes.set_xlim(0, until_ms)
    axes.set_ylim(NUMBER_YS[-1] - 0.06, ROUND_Y + 0.16)
    axes.hlines([PRODUCER_Y, BROKER_Y], 0, until_ms, color=INK, lw=1.2, zorder=4)
    heights = {"producer": PRODUCER_Y, "broker": BROKER_Y}
    if _numbered(rows):
        heights["first record"] = sum(NUMBER_YS) / 2
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
    if not math.isnan(parked_ms := row.get("appended_ms", math.nan)):
        corner = parked_ms, BROKER_Y - MUTED_HEIGHT
        width_ms = row["answered_ms"] - parked_ms
        axes.add_patch(Rectangle(corner, width_ms, MUTED_HEIGHT, fc=FOLLOWERS, ec="white"))
    axes.hlines(PRODUCER_Y, row["received_ms"], row["handled_ms"], color=CLIENT, lw=5, zorder=3)


def _sequence_numbers(axes: Axes, rows: pd.DataFrame, until_ms: float) -> None:
    """Each batch's first sequence number under its turn at the broker, or as near as it fits."""
    free_from_ms = dict.fromkeys(NUMBER_YS, 0.0)
    taken = rows[rows["taken_ms"] < until_ms]
    for _, row in taken.iterrows() if _numbered(rows) else ():
        digits = f"{row['base_sequence']:.0f}"
        half_ms = (len(digits) + 1) * DIGIT_WIDTH * until_ms / 2
        middle_ms = (row["taken_ms"] + min(row["answered_ms"], until_ms)) / 2
        y = min(NUMBER_YS, key=lambda y: max(middle_ms, free_from_ms[y] + half_ms))
        centre_ms = max(middle_ms, free_from_ms[y] + half_ms)
        free_from_ms[y] = centre_ms + half_ms
        if free_from_ms[y] <= until_ms:
            axes.text(centre_ms, y, digits, ha="center", va="center", size=9)


def _numbered(rows: pd.DataFrame) -> bool:
    """Whether requests have one run of sequence numbers: idempotent, and of one partition."""
    numbers = rows["base_sequence"]
    return bool((numbers >= 0).all() and numbers.is_unique and numbers.is_monotonic_increasing)


def _first_round(axes: Axes, rows: pd.DataFrame) -> None:
    """A bracket over the first request's round, with what was sent in it."""
    sent_ms, handled_ms = rows["sent_ms"].iloc[0], rows["handled_ms"].iloc[0]
    arrow = {"arrowstyle": "|-|,widthA=0.25,widthB=0.25", "color": INK, "lw": 0.8}
    ends = (sent_ms, ROUND_Y), (handled_ms, ROUND_Y)
    axes.annotate("", *ends, arrowprops={**arrow, "shrinkA": 0, "shrinkB": 0})
    text = f"one round: {number(handled_ms - sent_ms)} ms, {sum(rows['sent_ms'] < handled_ms)} sent"
    middle_ms = (sent_ms + handled_ms) / 2
    axes.text(middle_ms, ROUND_Y + 0.03, text, size=10, ha="center", va="bottom")


def _parked(requests: pd.DataFrame) -> "pd.Series[float]":
    """From when on each waited for followers; rows of older runs do not say."""
    if "appended_ms" in requests:
        return requests["appended_ms"]
    return pd.Series(math.nan, requests.index)


def _legend(chart: Figure, some_are_wider: bool, some_wait: bool) -> None:
    """What strokes and bars stand for."""
    muted = "broker at work on one request"
    if some_are_wider:
        muted += "\n(too short to be seen: drawn wider)"
    handles = [
        Line2D([], [], color=INK, lw=1.3, label="request"),
        Line2D([], [], color=INK, lw=1.3, ls="--", label="ack"),
        Patch(color=BROKER, label=muted),
        Line2D([], [], color=CLIENT, lw=5, label="client at work on the ack"),
    ]
    if some_wait:
        waits = "broker waits until followers have it"
        handles.insert(3, Patch(color=FOLLOWERS, label=waits))
    chart.legend(
        handles=handles, loc="outside lower center", ncols=3 if some_wait else 4, frameon=False
    )

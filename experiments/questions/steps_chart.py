"""The picture of requests on their way: time to the right, bytes upwards, a block for each flight.

A block begins when its bytes leave and ends when they arrive; pale, they wait to leave. Lines are
how far the client may send and how far the broker has read. Drawn are columns of recorded rows.
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MultipleLocator

from experiments.kit.charts import entitle
from experiments.kit.estimates import only, pick
from experiments.kit.looks import AGAIN, FIRST, HELD
from experiments.kit.style import FAINT, INK, blank, figure, quiet_grid
from model.units import KIB

#: Of the height of what is sent: so far up is seen of the window's edge.
SEEN = 1.25
#: Ticks at each round trip, where they are no more than these; and steps of bytes.
MOST_TICKS, MOST_STEPS = 9, 6
FLIGHT: dict[str, Any] = {"fc": FIRST, "ec": "white", "lw": 0.8, "zorder": 3}
RESENT = FLIGHT | {"fc": AGAIN, "ec": AGAIN, "lw": 1.5, "zorder": 5}
WAITS: dict[str, Any] = {"fc": HELD, "alpha": 0.3, "lw": 0, "zorder": 2}
EDGE: dict[str, Any] = {"color": INK, "lw": 1.8, "zorder": 6, "drawstyle": "steps-post"}
READ = EDGE | {"lw": 1.2, "ls": ":"}
WORD: dict[str, Any] = {"color": FAINT, "lw": 0.9, "ls": "--", "zorder": 4}
ACK: dict[str, Any] = {"color": INK, "lw": 1.3, "ls": "--", "marker": ">", "markevery": [1]}
LOST: dict[str, Any] = {"color": AGAIN, "ls": "", "marker": "x", "ms": 8, "mew": 2, "zorder": 7}


def steps_chart(
    above: Mapping[str, pd.DataFrame], below: Mapping[str, pd.DataFrame], title: str, held: str
) -> Figure:
    """A panel for each frame of rows, by its title: those above on the same axes.

    ``held`` says what holds back.
    """
    if not above:
        return blank("no request was answered")
    chart = figure(12.0, 8.2)
    halves: Any = chart.subfigures(2, 1, hspace=0.04)
    upper = halves[0].subplots(1, len(above), sharex=True, sharey=True, squeeze=False)[0]
    lower = halves[1].subplots(1, len(below), squeeze=False)[0]
    for axes, (name, frame) in zip([*upper, *lower], [*above.items(), *below.items()], strict=True):
        _panel(axes, frame)
        axes.set_title(name)
        axes.set_xlabel("ms since the first was sent")
    most_ms, most_kib = (max(ends) for ends in zip(*map(_ends, above.values()), strict=True))
    for axes in upper:
        _scale(axes, most_ms, most_kib, _rtt_ms(above))
    for axes, frame in zip(lower, below.values(), strict=True):
        _scale(axes, *_ends(frame), _rtt_ms(above))
    for first in (upper[0], lower[0]):
        first.set_ylabel("KiB of the stream")
    entitle(chart, title)
    _legend(chart, held)
    return chart


def _rtt_ms(frames: Mapping[str, pd.DataFrame]) -> float:
    return float(only(pd.concat(frames.values()), "rtt_ms"))


def _ends(frame: pd.DataFrame) -> tuple[float, float]:
    """When the last ack is there, and how far bytes go, in KiB."""
    requests = pick(frame, table="request")
    return float(requests["received_ms"].max()), float(requests["end_bytes"].max() / KIB)


def _scale(axes: Axes, most_ms: float, most_kib: float, rtt_ms: float) -> None:
    axes.set_xlim(-0.03 * most_ms, 1.04 * most_ms)
    axes.set_ylim(0, SEEN * most_kib)
    if most_ms <= MOST_TICKS * rtt_ms:
        axes.xaxis.set_major_locator(MultipleLocator(rtt_ms))
    axes.yaxis.set_major_locator(MultipleLocator(_step_kib(SEEN * most_kib)))
    quiet_grid(axes)


def _step_kib(most_kib: float) -> float:
    """A power of two that divides an axis into a few steps."""
    return float(2 ** math.ceil(math.log2(most_kib / MOST_STEPS)))


def _panel(axes: Axes, frame: pd.DataFrame) -> None:
    """What the rows of one run say."""
    requests = pick(frame, table="request").set_index("place")
    for flight in pick(frame, table="flight").to_dict("records"):
        _flight(axes, flight, requests.loc[flight["place"], "sent_ms"])
    for loss in pick(frame, table="lost").to_dict("records"):
        middle = (loss["start_bytes"] + loss["end_bytes"]) / 2 / KIB
        axes.plot((loss["left_ms"] + loss["arrived_ms"]) / 2, middle, **LOST)
    for _, request in requests.iterrows():
        end_kib = request["end_bytes"] / KIB
        axes.plot([request["answered_ms"], request["received_ms"]], [end_kib] * 2, **ACK)
    _windows(axes, pick(frame, table="word"), requests)


def _flight(axes: Axes, flight: dict[Any, Any], sent_ms: float) -> None:
    """On its way, and before that held back since its request was handed over."""
    bottom, height = (
        flight["start_bytes"] / KIB,
        (flight["end_bytes"] - flight["start_bytes"]) / KIB,
    )
    left_ms = flight["left_ms"]
    look = RESENT if flight["again"] else FLIGHT
    axes.add_patch(Rectangle((left_ms, bottom), flight["arrived_ms"] - left_ms, height, **look))
    if not flight["again"] and left_ms > sent_ms:
        axes.add_patch(Rectangle((sent_ms, bottom), left_ms - sent_ms, height, **WAITS))


def _windows(axes: Axes, words: pd.DataFrame, requests: pd.DataFrame) -> None:
    """How far bytes may be sent and have been read, and each word of it on its way back."""
    until_ms, _ = _ends(requests)
    edges = zip(words["known_ms"], words["edge_bytes"], strict=True)
    reads = zip(words["told_ms"], words["read_bytes"], strict=True)
    wholes = zip(requests["read_ms"], requests["end_bytes"], strict=True)
    _furthest(axes, [*edges], until_ms, **EDGE)
    _furthest(axes, [*reads, *wholes], until_ms, **READ)
    for word in words.to_dict("records"):
        ends_kib = word["end_bytes"] / KIB, word["edge_bytes"] / KIB
        axes.plot([word["told_ms"], word["known_ms"]], ends_kib, **WORD)


def _furthest(axes: Axes, reached: list[tuple[float, float]], until_ms: float, **look: Any) -> None:
    """How far it has got by each instant, in bytes, until some instant."""
    if not reached:
        return
    steps = pd.DataFrame(sorted(reached), columns=["ms", "bytes"])
    kib = (steps["bytes"].cummax() / KIB).tolist()
    axes.plot([*steps["ms"], until_ms], [*kib, *kib[-1:]], **look)


def _legend(chart: Figure, held: str) -> None:
    """What blocks and lines stand for; ``held`` is what pale ones do."""
    lines = (
        (EDGE, "how far the client may send: the receive window's edge"),
        (READ, "how far the broker has read"),
        (WORD, "what arrived is acknowledged, and room is told"),
        (ACK | {"marker": ""}, "Kafka's ack"),
        (LOST, "a segment is lost"),
    )
    handles: list[Any] = [
        Patch(fc=FIRST, label="on its way to the broker"),
        Patch(**WAITS, label=held),
        Patch(fc=AGAIN, label="sent again"),
    ]
    handles += [
        Line2D([], [], **{**look, "drawstyle": "default", "markevery": None}, label=label)
        for look, label in lines
    ]
    chart.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)

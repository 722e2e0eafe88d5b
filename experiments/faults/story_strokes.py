"""Strokes of a story's picture: how requests and their answers crossed, or why they did not.

Drawn from recorded rows alone: a cross stands for a row of something lost, a bar for one of bytes
that were held back. Only where a lost packet's stroke ends, half-way, is the picture's own choice.
Times in ms.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from experiments.kit.style import FAINT
from model.wire.transmission import Fate, HeldBy, Way

PRODUCER_Y, BROKER_Y = 1.0, 0.0
FIRST, AGAIN, HELD = "#0072b2", "#d55e00", "#cc79a7"
#: Windows by another name.
WORDS = {HeldBy.CONGESTION_WINDOW.value: "congestion window (slow start)"}
#: Above the producer's line: bars of what is held back, each in the lowest lane that is free.
LANE_Y, LANE_HEIGHT = 1.03, 0.026
#: What strokes are called.
FIRST_ATTEMPT, RETRY = "first attempt", "retry"

Row = dict[Any, Any]
Times = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Panel:
    """One stretch of time."""

    axes: Axes
    start_ms: float
    end_ms: float

    def shows(self, times: Times) -> bool:
        """Whether any of these times is in sight."""
        return times[1] >= self.start_ms and times[0] <= self.end_ms

    def stroke(self, times: Times, ys: Times, colour: str, line: str, name: str) -> None:
        """A line from one place and time to another."""
        if self.shows(times):
            self.axes.plot(times, ys, color=colour, ls=line, lw=1.3, zorder=3, gid=name)

    def mark(self, at_ms: float, y: float, marker: str, colour: str, name: str) -> None:
        """A sign at one place and time."""
        if self.shows((at_ms, at_ms)):
            look: dict[str, Any] = {"ms": 6, "mew": 1.6, "mfc": "white", "color": colour}
            self.axes.plot([at_ms], [y], marker, gid=name, zorder=6, **look)


class Transmissions:
    """What happened on the way, by request and direction."""

    def __init__(self, transmissions: pd.DataFrame) -> None:
        self._rows: dict[tuple[int, str], list[Row]] = defaultdict(list)
        for row in transmissions.to_dict("records"):
            self._rows[row["request"], row["way"]].append(row)

    def of(self, request: int, way: Way, fate: Fate) -> list[Row]:
        """The rows of one fate, in their order."""
        rows = self._rows.get((request, way.value), [])
        return [row for row in rows if row["fate"] == fate.value]


def draw_attempts(panel: Panel, rows: Iterable[Row], transmissions: Transmissions) -> None:
    """Each request's way out and its answer's way back."""
    for row in rows:
        _way(panel, row, Way.OUT, transmissions)
        if not math.isnan(row["answered_ms"]):
            _way(panel, row, Way.BACK, transmissions)


def _way(panel: Panel, row: Row, way: Way, transmissions: Transmissions) -> None:
    """One crossing, down for a request and up for an answer."""
    out = way is Way.OUT
    colour, name = (AGAIN, RETRY) if row["attempt"] else (FIRST, FIRST_ATTEMPT)
    ys, line = ((PRODUCER_Y, BROKER_Y), "-") if out else ((BROKER_Y, PRODUCER_Y), "--")
    leaves_ms, arrives_ms = (
        (row["sent_ms"], row["arrived_ms"]) if out else (row["answered_ms"], row["received_ms"])
    )
    held, lost, resent, cut_off = (
        transmissions.of(row["request"], way, fate)
        for fate in (Fate.HELD_BACK, Fate.LOST, Fate.RESENT, Fate.CUT_OFF)
    )
    leaves_ms = max([leaves_ms, *(hold["end_ms"] for hold in held)])
    for loss in lost:
        half_ms = loss["start_ms"] + row["one_way_ms"] / 2
        panel.stroke((loss["start_ms"], half_ms), (ys[0], 0.5), colour, line, name)
        panel.mark(half_ms, 0.5, "x", colour, Fate.LOST.value)
    for copy in resent:
        panel.stroke((copy["start_ms"], copy["end_ms"]), ys, colour, ":", Fate.RESENT.value)
    if lost:
        return
    for end in cut_off:
        panel.stroke((end["start_ms"], end["end_ms"]), ys, FAINT, line, Fate.CUT_OFF.value)
        panel.mark(end["end_ms"], ys[1], "s", FAINT, Fate.CUT_OFF.value)
    if not math.isnan(arrives_ms) and not cut_off:
        panel.stroke((leaves_ms, arrives_ms), ys, colour, line, name)


def draw_holds(panel: Panel, transmissions: pd.DataFrame) -> None:
    """How long bytes were held back: of requests in lanes, of answers on the broker's line."""
    held = transmissions[transmissions["fate"] == Fate.HELD_BACK.value]
    out = held["way"] == Way.OUT.value
    free_from_ms: list[float] = []
    for start_ms, end_ms in _spans(held[out]):
        free = (lane for lane, from_ms in enumerate(free_from_ms) if from_ms <= start_ms)
        lane = next(free, len(free_from_ms))
        free_from_ms[lane : lane + 1] = [end_ms]
        _bar(panel, (start_ms, end_ms), LANE_Y + lane * LANE_HEIGHT)
    _name_causes(panel, held[out], LANE_Y + len(free_from_ms) * LANE_HEIGHT)
    for start_ms, end_ms in _spans(held[~out]):
        _bar(panel, (start_ms, end_ms), BROKER_Y)


def _name_causes(panel: Panel, held: pd.DataFrame, y: float) -> None:
    """What held bytes back, above the bars that are in sight."""
    seen = held[(held["end_ms"] >= panel.start_ms) & (held["start_ms"] <= panel.end_ms)]
    if seen.empty:
        return
    first_ms = max(panel.start_ms, float(seen["start_ms"].min()))
    left = first_ms < (panel.start_ms + panel.end_ms) / 2
    at_ms = first_ms if left else min(panel.end_ms, float(seen["end_ms"].max()))
    words = "held back: " + ", ".join(WORDS.get(by, by) for by in seen["held_by"].unique())
    panel.axes.text(at_ms, y, words, size=7.5, ha="left" if left else "right", va="bottom")


def _spans(held: pd.DataFrame) -> Iterator[Times]:
    """From when until when each request was held back, the times between its bytes left out."""
    spans = held.groupby("request").agg({"start_ms": "min", "end_ms": "max"})
    for start_ms, end_ms in spans.sort_values("start_ms").itertuples(index=False):
        yield float(start_ms), float(end_ms)


def _bar(panel: Panel, times: Times, y: float) -> None:
    if panel.shows(times):
        look: dict[str, Any] = {"color": HELD, "lw": 3.2, "solid_capstyle": "butt", "zorder": 5}
        panel.axes.plot(times, (y, y), gid=Fate.HELD_BACK.value, **look)

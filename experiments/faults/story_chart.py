"""The picture of a story: a space-time diagram with what was lost, retried, refused, found again.

Time in ms runs to the right, the way to the broker down; calm stretches are left out. Drawn from
recorded rows alone; only where a lost packet's stroke ends is a choice.
"""

import math
from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, MultipleLocator
from pandas import DataFrame as Frame

from experiments.faults.headline import happens
from experiments.faults.story import WRITTEN
from experiments.faults.story_signs import (
    CUT_OFF,
    FAULT,
    FIRST_ATTEMPT,
    GIVEN_UP,
    HELD,
    LOST,
    REFUSED,
    RESENT,
    RETRY,
    SIGNS,
    Panel,
)
from experiments.kit import looks
from experiments.kit.charts import annotate, entitle
from experiments.kit.style import FAINT, INK, blank, figure, number
from model.wire.transmission import HeldBy, Way

#: Of the width of all panels: what each digit of a number under a mark takes, and the gap to the
#: next one.
DIGIT_WIDTH = 0.0066
#: Of the widest panel: how many steps of time its axis has at the most.
STEPS = 6
#: Of round trips: what is shown before and after each moment, and what is too long to be shown.
BEFORE, AFTER, APART = 1.6, 2.0, 9.0
MOST_PANELS, MOST_ROUNDS = 4, 12.0
PRODUCER_Y, BROKER_Y = 1.0, 0.0
#: Numbers under the broker's line, in the first row that has room; under them words.
NUMBER_YS, WORDS_Y = (-0.06, -0.125), -0.22
#: Requests that arrive within this part of a one-way trip look like one stroke; from how many on
#: that is said.
TOGETHER, THICK = 0.05, 3
#: Windows by another name.
WORDS = {HeldBy.CONGESTION_WINDOW.value: "congestion window (slow start)"}
#: Above the producer's line: bars of what is held back, each in the lowest lane that is free.
LANE_Y, LANE_HEIGHT = 1.03, 0.026

Row = dict[Any, Any]
Key = tuple[int, str, str]  # request, way, fate


def story_chart(
    attempts: Frame, decisions: Frame, faults: Frame, transmissions: Frame, title: str
) -> Figure:
    """Draw the moments at which something goes wrong or is put right."""
    if attempts.empty or faults.empty:
        return blank("no request was sent, or nothing went wrong")
    windows = _windows(attempts, decisions, faults, transmissions)
    widths = [end - start for start, end in windows]
    chart = figure(13.0, 4.9)
    axes = chart.subplots(1, len(windows), sharey=True, squeeze=False, width_ratios=widths)[0]
    panels = [Panel(each, *window) for each, window in zip(axes, windows, strict=True)]
    for panel in panels:
        _frame(panel)
        _faults(panel, faults)
        _attempts(panel, attempts, transmissions)
        _at_once(panel, attempts)
        _holds(panel, transmissions)
        _decisions(panel, decisions, DIGIT_WIDTH * sum(widths))
        _given_up(panel, attempts)
    for before, panel in pairwise(panels):
        left_out = f"{number(panel.start_ms - before.end_ms)} ms\nleft out"
        where = {"xycoords": "axes fraction", "ha": "right", "rotation": 90}
        annotate(panel.axes, left_out, 0, 0.5, (-4, 0), size=9, color=FAINT, **where)
    heights = PRODUCER_Y, BROKER_Y, -0.12
    axes[0].set_yticks(heights, ["producer", "broker", "first record"])
    step_ms = _step_ms(max(widths))
    for each in axes:  # one scale
        each.xaxis.set_major_locator(MultipleLocator(step_ms))
    same = ", on one scale in all panels" if len(panels) > 1 else ""
    axes[len(panels) // 2].set_xlabel(f"time in ms{same}")
    entitle(chart, title)
    _legend(chart)
    return chart


def _windows(
    attempts: Frame, decisions: Frame, faults: Frame, transmissions: Frame
) -> list[tuple[float, float]]:
    """The moments that matter, with some round trips around each, joined where they are close."""
    round_ms = max(1.0, 2 * float(attempts["one_way_ms"].iloc[0]))
    apart_ms = APART * round_ms
    moments = np.array(
        [
            *faults["start_ms"],
            *attempts["ended_ms"][attempts["received_ms"].isna()].head(1),
            *attempts["sent_ms"][attempts["attempt"] > 0].head(12),
            *transmissions["start_ms"][transmissions["fate"] == RESENT].head(12),
            *decisions["decided_ms"][decisions["decision"] != WRITTEN].head(12),
        ]
    )
    ends = [end for end in faults["end_ms"] if min(abs(moments - end)) <= apart_ms]
    moments = np.unique([*moments, *ends])
    windows = [[moments[0], moments[0]]]
    for before, moment in pairwise(moments):
        if moment - before > apart_ms:
            windows.append([moment, moment])
        windows[-1][1] = min(moment, windows[-1][0] + MOST_ROUNDS * round_ms)
    shown = windows if len(windows) <= MOST_PANELS else [*windows[: MOST_PANELS - 1], windows[-1]]
    return [(max(0.0, start - BEFORE * round_ms), end + AFTER * round_ms) for start, end in shown]


def _step_ms(width_ms: float) -> float:
    """A round step of an axis so wide."""
    ticks_ms = MaxNLocator(STEPS, steps=[1, 2, 5, 10]).tick_values(0.0, width_ms)
    return float(ticks_ms[1] - ticks_ms[0])


def _frame(panel: Panel) -> None:
    window = panel.start_ms, panel.end_ms
    panel.axes.set(xlim=window, ylim=(-0.42, 1.35))
    panel.axes.hlines([PRODUCER_Y, BROKER_Y], *window, color=INK, lw=1.2, zorder=4)
    panel.axes.spines[["left", "bottom"]].set_visible(False)
    panel.axes.tick_params(axis="y", length=0)


def _faults(panel: Panel, faults: Frame) -> None:
    """A band for each fault, or a line for one that is over at once, and its name."""
    for place, fault in enumerate(faults.to_dict("records")):
        start_ms, end_ms = fault["start_ms"], fault["end_ms"]
        if not panel.shows(start_ms, end_ms):
            continue
        panel.axes.axvline(start_ms, color=INK, lw=1.0, ls=":")
        if end_ms > start_ms:
            panel.axes.axvspan(start_ms, end_ms, color=looks.FAULT, alpha=0.35, lw=0, gid=FAULT)
        height = 1.34 - 0.065 * (place % 2)
        panel.write(max(start_ms, panel.start_ms), height, f" {happens(fault['what'])}")


def _decisions(panel: Panel, decisions: Frame, digit_ms: float) -> None:
    """What the broker did, on its line, with the batch's first record where there is room."""
    named: set[str] = set()
    free_from_ms = dict.fromkeys(NUMBER_YS, panel.start_ms)
    seen = decisions[decisions["decided_ms"].between(panel.start_ms, panel.end_ms)]
    for row in seen.to_dict("records"):
        at_ms, decision = row["decided_ms"], row["decision"]
        panel.draw(decision if decision in SIGNS else REFUSED, [at_ms], [BROKER_Y])
        half_ms = (len(str(row["first_record"])) + 1) * digit_ms / 2
        y = next((y for y, from_ms in free_from_ms.items() if from_ms <= at_ms - half_ms), None)
        if y is not None and at_ms <= panel.end_ms - half_ms:
            panel.axes.text(at_ms, y, row["first_record"], size=8.5, ha="center", va="top")
            free_from_ms[y] = at_ms + half_ms
        if decision not in SIGNS and decision not in named:
            panel.write(at_ms, WORDS_Y - 0.08 * len(named), decision)
            named.add(decision)


def _given_up(panel: Panel, attempts: Frame) -> None:
    """When the client gave requests up, and how many."""
    lost = attempts[attempts["received_ms"].isna()]
    counts = lost.groupby(["ended_ms", "outcome"], as_index=False).size()
    for row in counts[counts["ended_ms"].between(panel.start_ms, panel.end_ms)].to_dict("records"):
        panel.draw(GIVEN_UP, [row["ended_ms"]], [PRODUCER_Y])
        panel.write(row["ended_ms"], 1.2, f" gives up {row['size']}:\n {row['outcome']}", over=True)


def _legend(chart: Figure) -> None:
    """An entry for each sign that is in the picture."""
    drawn = {artist.get_gid() for artist in chart.findobj()}
    handles = [Line2D([], [], **look) for sign, look in SIGNS.items() if sign in drawn]
    look: dict[str, Any] = {"ncols": math.ceil(len(handles) / 2), "frameon": False}
    chart.legend(handles=handles, loc="outside lower center", **look)


def _attempts(panel: Panel, attempts: Frame, transmissions: Frame) -> None:
    """Each request's way out and its answer's way back."""
    found = defaultdict[Key, list[Row]](list)
    for row in transmissions.to_dict("records"):
        found[row["request"], row["way"], row["fate"]].append(row)
    for row in attempts.to_dict("records"):
        _cross(panel, row, Way.OUT, found)
        if not math.isnan(row["answered_ms"]):
            _cross(panel, row, Way.BACK, found)


def _at_once(panel: Panel, attempts: Frame) -> None:
    """How many requests are one thick stroke, where several cross together."""
    crossed = attempts.dropna(subset=["arrived_ms"]).sort_values("arrived_ms")
    if crossed.empty:
        return
    one_way_ms = float(crossed["one_way_ms"].iloc[0])
    groups = (crossed["arrived_ms"].diff() > TOGETHER * one_way_ms).cumsum()
    for _, together in crossed.groupby(groups):
        middle_ms = float(together["arrived_ms"].iloc[0]) - one_way_ms / 2
        if len(together) >= THICK and panel.start_ms < middle_ms < panel.end_ms - one_way_ms / 2:
            style: dict[str, Any] = {"size": 9, "ha": "center", "va": "center", "zorder": 8}
            box = {"fc": "white", "ec": "none", "pad": 1}
            again = int((together["attempt"] > 0).sum())
            words = f"{len(together)} at once"
            if 0 < again < len(together):  # the thick stroke has the colour of one of them
                words += f",\n{again} {'retry' if again == 1 else 'retries'}"
            panel.axes.text(middle_ms, 0.5, words, bbox=box, **style)


def _cross(panel: Panel, row: Row, way: Way, found: dict[Key, list[Row]]) -> None:
    """One crossing, down for a request and up for an answer."""
    name = RETRY if row["attempt"] else FIRST_ATTEMPT
    colour, line = SIGNS[name]["color"], "-"
    ys, leaves_ms, arrives_ms = [PRODUCER_Y, BROKER_Y], row["sent_ms"], row["arrived_ms"]
    if way is Way.BACK:
        ys, leaves_ms, arrives_ms = ys[::-1], row["answered_ms"], row["received_ms"]
        line = "--"
    held, lost, resent, cut_off = (
        found[row["request"], way.value, fate] for fate in (HELD, LOST, RESENT, CUT_OFF)
    )
    for loss in lost:
        half_ms = loss["start_ms"] + row["one_way_ms"] / 2
        panel.draw(name, [loss["start_ms"], half_ms], [ys[0], 0.5], ls=line)
        panel.draw(LOST, [half_ms], [0.5], color=colour)
    for copy in resent:
        panel.draw(RESENT, [copy["start_ms"], copy["end_ms"]], ys, color=colour)
    if lost:
        return
    for end in cut_off:
        panel.draw(CUT_OFF, [end["start_ms"], end["end_ms"]], ys, ls=line, marker="", zorder=3)
        panel.draw(CUT_OFF, [end["end_ms"]], ys[1:])
    if not math.isnan(arrives_ms) and not cut_off:
        leaves_ms = max([leaves_ms, *(hold["end_ms"] for hold in held)])
        panel.draw(name, [leaves_ms, arrives_ms], ys, ls=line)


def _holds(panel: Panel, transmissions: Frame) -> None:
    """How long bytes were held back: of requests in lanes, of answers on the broker's line."""
    held = transmissions[transmissions["fate"] == HELD]
    times = {"start_ms": "min", "end_ms": "max"}
    spans = held.groupby(["request", "way"], as_index=False).agg(times).sort_values("start_ms")
    free_from_ms: list[float] = []
    for row in spans.to_dict("records"):
        start_ms, end_ms, y = row["start_ms"], row["end_ms"], BROKER_Y
        if row["way"] == Way.OUT.value:
            free = (lane for lane, from_ms in enumerate(free_from_ms) if from_ms <= start_ms)
            lane = next(free, len(free_from_ms))
            free_from_ms[lane : lane + 1] = [end_ms]
            y = LANE_Y + lane * LANE_HEIGHT
        panel.draw(HELD, [start_ms, end_ms], [y, y])
    out = held[held["way"] == Way.OUT.value]
    seen = out[(out["end_ms"] >= panel.start_ms) & (out["start_ms"] <= panel.end_ms)]
    if not seen.empty:
        causes = ", ".join(WORDS.get(by, by) for by in seen["held_by"].unique())
        top = LANE_Y + len(free_from_ms) * LANE_HEIGHT + 0.06
        first_ms = max(panel.start_ms, float(seen["start_ms"].min()))
        panel.write(first_ms, top, f"held back: {causes}")

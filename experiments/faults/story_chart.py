"""The picture of a story: a space-time diagram with what was lost, retried, refused, found again.

Time runs to the right, the way from producer to broker runs down. Long stretches in which nothing
happens are left out between panels. A function of frames; times in ms.
"""

import math
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.faults.story_frames import WRITTEN
from experiments.faults.story_legend import FAULT, GIVEN_UP, MARKS, REFUSED, legend
from experiments.faults.story_strokes import (
    AGAIN,
    BROKER_Y,
    PRODUCER_Y,
    Panel,
    Transmissions,
    draw_attempts,
    draw_holds,
)
from experiments.kit.style import FAINT, INK, blank, figure, number
from model.wire.transmission import Fate

#: Of a number under a mark, and of all panels together.
DIGIT_INCHES, PANEL_INCHES = 0.08, 11.5
#: Of round trips: what is shown before and after each moment, and what is too long to be shown.
BEFORE, AFTER, APART = 1.6, 2.6, 9.0
MOST_PANELS, MOST_ROUNDS = 4, 12.0


def story_chart(
    attempts: pd.DataFrame,
    decisions: pd.DataFrame,
    faults: pd.DataFrame,
    transmissions: pd.DataFrame,
    title: str,
) -> Figure:
    """Draw the moments at which something goes wrong or is put right."""
    if attempts.empty or faults.empty:
        return blank("no request was sent, or nothing went wrong")
    windows = _windows(attempts, decisions, faults, transmissions)
    widths = [end - start for start, end in windows]
    chart = figure(13.0, 4.9)
    all_axes = chart.subplots(
        1, len(windows), sharey=True, squeeze=False, gridspec_kw={"width_ratios": widths}
    )[0]
    panels = [Panel(axes, *window) for axes, window in zip(all_axes, windows, strict=True)]
    digit_ms = DIGIT_INCHES * sum(widths) / PANEL_INCHES
    crossings = Transmissions(transmissions)
    for panel in panels:
        _faults(panel, faults)
        draw_attempts(panel, attempts.to_dict("records"), crossings)
        draw_holds(panel, transmissions)
        _decisions(panel, decisions, digit_ms)
        _given_up(panel, attempts)
        _frame(panel)
    for before, panel in pairwise(panels):
        _gap(panel, panel.start_ms - before.end_ms)
    places = {"producer": PRODUCER_Y, "broker": BROKER_Y, "first record": -0.105}
    all_axes[0].set_yticks(list(places.values()), list(places))
    all_axes[0].get_yticklabels()[2].set_fontsize(7.5)
    all_axes[len(panels) // 2].set_xlabel("time in ms")
    chart.suptitle(title, weight="bold", size=12, x=0.01, ha="left")
    handles = legend(chart)
    columns = math.ceil(len(handles) / 2)
    chart.legend(
        handles=handles, loc="outside lower center", ncols=columns, frameon=False, fontsize=8.5
    )
    return chart


def _windows(
    attempts: pd.DataFrame,
    decisions: pd.DataFrame,
    faults: pd.DataFrame,
    transmissions: pd.DataFrame,
) -> list[tuple[float, float]]:
    """The moments that matter, with some round trips around each, joined where they are close."""
    round_ms = max(1.0, 2 * float(attempts["one_way_ms"].iloc[0]))
    apart_ms = APART * round_ms
    moments = _moments(attempts, decisions, faults, transmissions)
    ends = [end for end in faults["end_ms"] if min(abs(moments - end)) <= apart_ms]
    moments = np.unique([*moments, *ends])
    windows = [[moments[0], moments[0]]]
    for before, moment in pairwise(moments):
        if moment - before > apart_ms:
            windows.append([moment, moment])
        windows[-1][1] = min(moment, windows[-1][0] + MOST_ROUNDS * round_ms)
    shown = windows if len(windows) <= MOST_PANELS else [*windows[: MOST_PANELS - 1], windows[-1]]
    return [(max(0.0, start - BEFORE * round_ms), end + AFTER * round_ms) for start, end in shown]


def _moments(
    attempts: pd.DataFrame,
    decisions: pd.DataFrame,
    faults: pd.DataFrame,
    transmissions: pd.DataFrame,
) -> NDArray[np.float64]:
    """When something goes wrong or is put right."""
    lost = attempts[attempts["received_ms"].isna()]
    again = attempts[attempts["attempt"] > 0]
    resent = transmissions[transmissions["fate"] == Fate.RESENT.value]
    unusual = decisions[decisions["decision"] != WRITTEN]
    return np.unique(
        [
            *faults["start_ms"],
            *lost["ended_ms"].head(1),
            *again["sent_ms"].head(12),
            *resent["start_ms"].head(12),
            *unusual["decided_ms"].head(12),
        ]
    )


def _gap(panel: Panel, left_out_ms: float) -> None:
    """How much time is left out before a panel."""
    panel.axes.annotate(
        f"{number(left_out_ms)} ms\nleft out",
        (0, 0.5),
        xytext=(-4, 0),
        textcoords="offset points",
        xycoords="axes fraction",
        ha="right",
        va="center",
        size=7.5,
        color=FAINT,
        rotation=90,
    )


def _frame(panel: Panel) -> None:
    window = panel.start_ms, panel.end_ms
    panel.axes.set_xlim(*window)
    panel.axes.set_ylim(-0.38, 1.35)
    panel.axes.hlines([PRODUCER_Y, BROKER_Y], *window, color=INK, lw=1.2, zorder=4)
    panel.axes.spines[["left", "bottom"]].set_visible(False)
    panel.axes.tick_params(axis="y", length=0)
    panel.axes.tick_params(axis="x", labelsize=8)


def _faults(panel: Panel, faults: pd.DataFrame) -> None:
    """A band for each fault, named where it begins or, if that is not in sight, where it ends."""
    for place, fault in enumerate(faults.itertuples()):
        start, end = float(str(fault.start_ms)), float(str(fault.end_ms))
        if not panel.shows((start, end)):
            continue
        seen_from, seen_to = max(start, panel.start_ms), min(end, panel.end_ms)
        if end > start:
            panel.axes.axvspan(seen_from, seen_to, color=FAULT, alpha=0.25, lw=0, gid="fault")
        else:
            panel.axes.axvline(start, color=INK, lw=1.0, ls=":")
        at, side, words = seen_to, "right", f"{fault.what} goes on "
        if start >= panel.start_ms:
            at, side, words = start, "left", f" {fault.what}"
        elif end < panel.end_ms:
            at, side, words = end, "left", f" {fault.what} is over"
        panel.axes.text(at, 1.33 - 0.08 * (place % 2), words, ha=side, va="top", size=8.5)


def _decisions(panel: Panel, decisions: pd.DataFrame, digit_ms: float) -> None:
    """What the broker did, on its line, with the batch's first record where there is room."""
    named: set[str] = set()
    free_from = panel.start_ms
    seen = decisions[decisions["decided_ms"].between(panel.start_ms, panel.end_ms)]
    for row in seen.to_dict("records"):
        at, decision = row["decided_ms"], row["decision"]
        look = MARKS.get(decision, MARKS[REFUSED])
        name = decision if decision in MARKS else REFUSED
        panel.axes.plot([at], [BROKER_Y], gid=name, zorder=7, ls="", **look)
        record = str(row["first_record"])
        width = (len(record) + 0.5) * digit_ms
        if at - width / 2 >= free_from and at + width / 2 <= panel.end_ms:
            panel.axes.text(at, -0.07, record, size=7, ha="center", va="top")
            free_from = at + width / 2
        if decision not in MARKS and decision not in named:
            _beside(panel, at, -0.17 - 0.08 * len(named), decision)
            named.add(decision)


def _given_up(panel: Panel, attempts: pd.DataFrame) -> None:
    """When the client gave requests up, and how many."""
    lost = attempts[attempts["received_ms"].isna()]
    lost = lost[lost["ended_ms"].between(panel.start_ms, panel.end_ms)]
    for (ended_ms, why), rows in lost.groupby(["ended_ms", "outcome"]):
        at = float(str(ended_ms))
        panel.axes.plot([at], [PRODUCER_Y], "v", ms=8, color=AGAIN, zorder=7, gid=GIVEN_UP)
        _beside(panel, at, 1.21, f" gives up {len(rows)}: {why}")


def _beside(panel: Panel, at: float, y: float, words: str) -> None:
    """Words at an instant, kept inside of the panel's half that it is in."""
    side = "left" if at < (panel.start_ms + panel.end_ms) / 2 else "right"
    panel.axes.text(
        at, y, words.replace(": ", ":\n "), size=7.5, ha=side, va="top", linespacing=1.1
    )

"""The picture of a story: a space-time diagram with what was lost, retried, refused, found again.

Time runs to the right, the way from producer to broker runs down. Long stretches in which nothing
happens are left out between panels. A function of frames; times in ms.
"""

import math
from itertools import pairwise
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.faults.story_frames import DUPLICATE, WRITTEN, WRITTEN_LATE
from experiments.kit.style import FAINT, INK, blank, figure, number

PRODUCER_Y, BROKER_Y = 1.0, 0.0
FIRST, AGAIN, FAULT = "#0072b2", "#d55e00", "#f0e442"
#: How a broker's decision is marked; every error is a refusal.
MARKS: dict[str, dict[str, Any]] = {
    WRITTEN: {"marker": "o", "ms": 6, "mfc": INK, "mec": INK},
    WRITTEN_LATE: {"marker": "D", "ms": 7, "mfc": AGAIN, "mec": INK},
    DUPLICATE: {"marker": "o", "ms": 7, "mfc": "white", "mec": INK, "mew": 1.4},
}
REFUSED: dict[str, Any] = {"marker": "X", "ms": 8, "mfc": "white", "mec": INK, "mew": 1.4}
#: Of a number under a mark, and of all panels together.
DIGIT_INCHES, PANEL_INCHES = 0.08, 11.5
#: Of round trips: what is shown before and after each moment, and what is too long to be shown.
BEFORE, AFTER, APART = 1.6, 2.6, 9.0
MOST_PANELS, MOST_ROUNDS = 4, 12.0
#: Something that takes longer than so many one-way delays was lost and sent again on the way.
LATE = 2.5


def story_chart(
    attempts: pd.DataFrame, decisions: pd.DataFrame, faults: pd.DataFrame, title: str
) -> Figure:
    """Draw the moments at which something goes wrong or is put right."""
    if attempts.empty or faults.empty:
        return blank("no request was sent, or nothing went wrong")
    windows = _windows(attempts, decisions, faults)
    widths = [end - start for start, end in windows]
    chart = figure(13.0, 4.9)
    panels = chart.subplots(
        1, len(windows), sharey=True, squeeze=False, gridspec_kw={"width_ratios": widths}
    )[0]
    digit_ms = DIGIT_INCHES * sum(widths) / PANEL_INCHES
    for axes, window in zip(panels, windows, strict=True):
        _faults(axes, faults, window)
        for row in attempts.to_dict("records"):
            _attempt(axes, row, window)
        _decisions(axes, decisions, window, digit_ms)
        _given_up(axes, attempts, window)
        _frame(axes, window)
    for (_, end_ms), (start_ms, _), axes in zip(windows, windows[1:], panels[1:], strict=False):
        gap = f"{number(start_ms - end_ms)} ms\nleft out"
        axes.annotate(
            gap,
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
    places = {"producer": PRODUCER_Y, "broker": BROKER_Y, "first record": -0.105}
    panels[0].set_yticks(list(places.values()), list(places))
    panels[0].get_yticklabels()[2].set_fontsize(7.5)
    panels[len(panels) // 2].set_xlabel("time in ms")
    chart.suptitle(title, weight="bold", size=12, x=0.01, ha="left")
    chart.legend(
        handles=_legend(), loc="outside lower center", ncols=5, frameon=False, fontsize=8.5
    )
    return chart


def _windows(
    attempts: pd.DataFrame, decisions: pd.DataFrame, faults: pd.DataFrame
) -> list[tuple[float, float]]:
    """The moments that matter, with some round trips around each, joined where they are close."""
    round_ms = max(1.0, 2 * float(attempts["one_way_ms"].iloc[0]))
    lost = attempts[attempts["received_ms"].isna()]
    told = decisions[decisions["decision"] != WRITTEN]
    again = attempts[attempts["attempt"] > 0]
    moments = sorted(
        {
            *faults["start_ms"],
            *lost["ended_ms"].head(1),
            *again["sent_ms"].head(12),
            *told["decided_ms"].head(12),
        }
    )
    windows = [[moments[0], moments[0]]]
    for before, moment in pairwise(moments):
        if moment - before > APART * round_ms:
            windows.append([moment, moment])
        windows[-1][1] = min(moment, windows[-1][0] + MOST_ROUNDS * round_ms)
    shown = windows if len(windows) <= MOST_PANELS else [*windows[: MOST_PANELS - 1], windows[-1]]
    return [(max(0.0, start - BEFORE * round_ms), end + AFTER * round_ms) for start, end in shown]


def _frame(axes: Axes, window: tuple[float, float]) -> None:
    axes.set_xlim(*window)
    axes.set_ylim(-0.38, 1.35)
    axes.hlines([PRODUCER_Y, BROKER_Y], *window, color=INK, lw=1.2, zorder=4)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=8)


def _faults(axes: Axes, faults: pd.DataFrame, window: tuple[float, float]) -> None:
    """A band for each fault, named where it begins or, if that is not in sight, where it ends."""
    for place, fault in enumerate(faults.itertuples()):
        start, end = float(str(fault.start_ms)), float(str(fault.end_ms))
        if start > window[1] or end < window[0]:
            continue
        if end > start:
            axes.axvspan(max(start, window[0]), min(end, window[1]), color=FAULT, alpha=0.25, lw=0)
        else:
            axes.axvline(start, color=INK, lw=1.0, ls=":")
        at, side = (start, "left") if start >= window[0] else (min(end, window[1]), "right")
        told = f" {fault.what} " if start >= window[0] else f" {fault.what} goes on "
        axes.text(at, 1.33 - 0.08 * (place % 2), told, ha=side, va="top", size=8.5)


def _attempt(axes: Axes, row: dict[Any, Any], window: tuple[float, float]) -> None:
    """A request's way out and its answer's way back; what was lost ends half-way, in a cross."""
    colour, one_way = AGAIN if row["attempt"] else FIRST, row["one_way_ms"]
    _way(axes, (row["sent_ms"], row["arrived_ms"]), one_way, (colour, "-"), window)
    if not math.isnan(row["answered_ms"]):
        _way(axes, (row["answered_ms"], row["received_ms"]), one_way, (colour, "--"), window)


def _way(
    axes: Axes,
    times: tuple[float, float],
    one_way: float,
    look: tuple[str, str],
    window: tuple[float, float],
) -> None:
    """One crossing, down for a request and up for an answer; late: by a packet sent again."""
    (start, end), (colour, line) = times, look
    ys = (PRODUCER_Y, BROKER_Y) if line == "-" else (BROKER_Y, PRODUCER_Y)
    late = not end - start <= LATE * one_way + 1.0
    if late:
        half = start + one_way / 2
        _stroke(axes, (start, half), (ys[0], 0.5), colour, line, window)
        if window[0] <= half <= window[1]:
            axes.plot([half], [0.5], "x", ms=6, mew=1.6, color=colour, zorder=6, gid="lost")
    if not math.isnan(end):
        begin = end - one_way if late else start
        _stroke(axes, (begin, end), ys, colour, ":" if late else line, window)


def _stroke(
    axes: Axes,
    times: tuple[float, float],
    ys: tuple[float, float],
    colour: str,
    line: str,
    window: tuple[float, float],
) -> None:
    if times[1] >= window[0] and times[0] <= window[1]:
        axes.plot(times, ys, color=colour, ls=line, lw=1.3, zorder=3)


def _decisions(
    axes: Axes, decisions: pd.DataFrame, window: tuple[float, float], digit_ms: float
) -> None:
    """What the broker did, on its line, with the batch's first record where there is room."""
    named: set[str] = set()
    free_from = window[0]
    for row in decisions[decisions["decided_ms"].between(*window)].to_dict("records"):
        at, decision = row["decided_ms"], row["decision"]
        axes.plot([at], [BROKER_Y], gid=decision, zorder=7, ls="", **MARKS.get(decision, REFUSED))
        told = str(row["first_record"])
        width = (len(told) + 0.5) * digit_ms
        if at - width / 2 >= free_from and at + width / 2 <= window[1]:
            axes.text(at, -0.07, told, size=7, ha="center", va="top")
            free_from = at + width / 2
        if decision not in MARKS and decision not in named:
            _beside(axes, at, -0.17 - 0.08 * len(named), decision, window)
            named.add(decision)


def _given_up(axes: Axes, attempts: pd.DataFrame, window: tuple[float, float]) -> None:
    """When the client gave requests up, and how many."""
    lost = attempts[attempts["received_ms"].isna() & attempts["ended_ms"].between(*window)]
    for (ended_ms, why), rows in lost.groupby(["ended_ms", "outcome"]):
        at = float(str(ended_ms))
        axes.plot([at], [PRODUCER_Y], "v", ms=8, color=AGAIN, zorder=7, gid="given up")
        _beside(axes, at, 1.21, f"gives up {len(rows)}: {why}", window)


def _beside(axes: Axes, at: float, y: float, told: str, window: tuple[float, float]) -> None:
    """Words at an instant, kept inside of the panel's half that it is in."""
    side = "left" if at < sum(window) / 2 else "right"
    axes.text(at, y, told.replace(": ", ":\n"), size=7.5, ha=side, va="top", linespacing=1.1)


def _legend() -> list[Line2D | Patch]:
    lines = [
        Line2D([], [], color=FIRST, label="first attempt (dashed: its answer)"),
        Line2D([], [], color=AGAIN, label="retry"),
        Line2D([], [], color=INK, ls=":", label="sent again by TCP"),
        Line2D([], [], marker="x", ls="", color=INK, label="lost on the way"),
        Line2D(
            [], [], marker="v", ls="", color=AGAIN, label="the producer gives up the connection"
        ),
    ]
    words = {DUPLICATE: "found again, not written", "refused": "refused", WRITTEN: "written"}
    words[WRITTEN_LATE] = "written, though given up"
    marks = [
        Line2D([], [], ls="", label=words[name], **{**MARKS, "refused": REFUSED}[name])
        for name in words
    ]
    return [*lines, *marks, Patch(color=FAULT, alpha=0.35, label="the fault lasts")]

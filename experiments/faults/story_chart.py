"""The picture of a story: a space-time diagram with what was lost, retried, refused, found again.

Time in ms runs to the right, the way to the broker down; calm stretches are left out.
"""

from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure
from pandas import DataFrame as Frame

from experiments.faults import story_strokes as strokes
from experiments.faults.story import WRITTEN
from experiments.kit.charts import annotate, entitle
from experiments.kit.style import FAINT, INK, blank, figure, number

#: Of the width of all panels: what a number under a mark takes.
NUMBER_WIDTH = 0.03
#: Of round trips: what is shown before and after each moment, and what is too long to be shown.
BEFORE, AFTER, APART = 1.6, 2.6, 9.0
MOST_PANELS, MOST_ROUNDS = 4, 12.0


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
    panels = [strokes.Panel(each, *window) for each, window in zip(axes, windows, strict=True)]
    for panel in panels:
        _frame(panel)
        _faults(panel, faults)
        strokes.draw_attempts(panel, attempts, transmissions)
        strokes.draw_holds(panel, transmissions)
        _decisions(panel, decisions, NUMBER_WIDTH * sum(widths))
        _given_up(panel, attempts)
    for before, panel in pairwise(panels):
        left_out = f"{number(panel.start_ms - before.end_ms)} ms\nleft out"
        where = {"xycoords": "axes fraction", "ha": "right", "rotation": 90}
        annotate(panel.axes, left_out, 0, 0.5, (-4, 0), size=7.5, color=FAINT, **where)
    heights = strokes.PRODUCER_Y, strokes.BROKER_Y, -0.105
    axes[0].set_yticks(heights, ["producer", "broker", "first record"])
    axes[len(panels) // 2].set_xlabel("time in ms")
    entitle(chart, title)
    strokes.legend(chart)
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
            *transmissions["start_ms"][transmissions["fate"] == strokes.RESENT].head(12),
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


def _frame(panel: strokes.Panel) -> None:
    window = panel.start_ms, panel.end_ms
    panel.axes.set(xlim=window, ylim=(-0.38, 1.35))
    panel.axes.hlines([strokes.PRODUCER_Y, strokes.BROKER_Y], *window, color=INK, lw=1.2, zorder=4)
    panel.axes.spines[["left", "bottom"]].set_visible(False)
    panel.axes.tick_params(axis="y", length=0)


def _faults(panel: strokes.Panel, faults: Frame) -> None:
    """A band for each fault, or a line for one that is over at once, and its name."""
    for place, fault in enumerate(faults.to_dict("records")):
        start_ms, end_ms = fault["start_ms"], fault["end_ms"]
        if not panel.shows(start_ms, end_ms):
            continue
        panel.axes.axvline(start_ms, color=INK, lw=1.0, ls=":")
        if end_ms > start_ms:
            panel.axes.axvspan(
                start_ms, end_ms, color=strokes.FAULT_COLOUR, alpha=0.35, lw=0, gid=strokes.FAULT
            )
        panel.write(max(start_ms, panel.start_ms), 1.34 - 0.065 * (place % 2), f" {fault['what']}")


def _decisions(panel: strokes.Panel, decisions: Frame, number_ms: float) -> None:
    """What the broker did, on its line, with the batch's first record where there is room."""
    named: set[str] = set()
    free_from_ms = panel.start_ms + number_ms / 2
    seen = decisions[decisions["decided_ms"].between(panel.start_ms, panel.end_ms)]
    for row in seen.to_dict("records"):
        at_ms, decision = row["decided_ms"], row["decision"]
        panel.draw(
            decision if decision in strokes.SIGNS else strokes.REFUSED, [at_ms], [strokes.BROKER_Y]
        )
        if free_from_ms <= at_ms <= panel.end_ms - number_ms / 2:
            panel.axes.text(at_ms, -0.07, row["first_record"], size=7, ha="center", va="top")
            free_from_ms = at_ms + number_ms
        if decision not in strokes.SIGNS and decision not in named:
            panel.write(at_ms, -0.17 - 0.08 * len(named), decision)
            named.add(decision)


def _given_up(panel: strokes.Panel, attempts: Frame) -> None:
    """When the client gave requests up, and how many."""
    lost = attempts[attempts["received_ms"].isna()]
    counts = lost.groupby(["ended_ms", "outcome"], as_index=False).size()
    for row in counts[counts["ended_ms"].between(panel.start_ms, panel.end_ms)].to_dict("records"):
        panel.draw(strokes.GIVEN_UP, [row["ended_ms"]], [strokes.PRODUCER_Y])
        panel.write(row["ended_ms"], 1.2, f" gives up {row['size']}:\n {row['outcome']}")

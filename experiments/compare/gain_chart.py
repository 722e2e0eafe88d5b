"""What five in flight carry over one by distance, with one copy of each partition and with several.

Below it what limits five at each distance. Drawn from stored rows alone; distances in ms.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.compare.contenders import FIVE
from experiments.compare.copies import gain, limit, replicas_of, with_replicas
from experiments.kit.charts import annotate, entitle, log_axis, mark
from experiments.kit.estimates import pick
from experiments.kit.looks import FOLLOWERS, TONES
from experiments.kit.style import FAINT, INK, blank, figure, quiet_grid

WIDTH, HEIGHT = 8.2, 5.4
DEEPEST = 5
TIMES = "\N{MULTIPLICATION SIGN}"
#: How one copy and several are drawn, and the ground of what limits five.
ALONE: dict[str, Any] = {"color": FAINT, "ls": (0, (4, 2)), "lw": 1.6, "marker": "o", "ms": 4.5}
COPIED: dict[str, Any] = {"color": INK, "lw": 2.4, "marker": "D", "ms": 5.5}
GROUNDS = ("calm", "doubled", "disordered", "lost")


def gain_chart(copies: pd.DataFrame) -> Figure:
    """The gain over the round-trip time, both ways, and the limits as a strip."""
    if copies.empty:
        return blank("no run was made")
    replicas = replicas_of(copies)
    named = {1: "with one copy", replicas: f"with {with_replicas(copies)}, acks=all"}
    found = _by_distance(copies)
    gains = {of: [gain(part, of).value for part in found.values()] for of in named}
    chart = figure(WIDTH, HEIGHT)
    axes, strip = chart.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    quiet_grid(axes)
    rtts_ms = list(found)
    for of, style in ((1, ALONE), (replicas, COPIED)):
        axes.plot(rtts_ms, gains[of], label=named[of], **style)
    less = np.array(gains[replicas]) < np.array(gains[1])
    shade: dict[str, Any] = {"color": FOLLOWERS, "alpha": 0.5, "lw": 0, "interpolate": True}
    axes.fill_between(rtts_ms, gains[replicas], gains[1], where=less, **shade)
    axes.set(ylabel="records/s of five in flight, times those of one", ylim=(0, DEEPEST + 0.7))
    axes.legend(loc="lower right", frameon=False)
    _limits(strip, found, list(named))
    strip.set_yticks(range(len(named)), ["one copy", f"{replicas} replicas"])
    for panel in (axes, strip):
        log_axis(panel, "x")
    strip.set_xlabel("round-trip time to the cluster in ms")
    _asked(axes, copies, replicas)
    note = "shaded: what waiting for followers takes; below: what limits five in flight"
    entitle(chart, _title(copies, replicas), note)
    return chart


def _by_distance(copies: pd.DataFrame) -> dict[float, pd.DataFrame]:
    """Rows by distance, nearest first: all runs where it was asked about, else the curve's."""
    asked = set(pick(copies, phase="capacity")["rtt_ms"])
    of_each = copies.groupby("rtt_ms")
    return {
        float(str(rtt_ms)): pick(part, phase="capacity" if rtt_ms in asked else "curve")
        for rtt_ms, part in of_each
    }


def _asked(axes: Axes, copies: pd.DataFrame, replicas: int) -> None:
    """The gains at the distances that were asked about, in figures."""
    for (distance, rtt_ms), part in pick(copies, phase="capacity").groupby(["distance", "rtt_ms"]):
        at_ms = float(str(rtt_ms))
        if distance != f"{at_ms:g} ms":
            mark(axes, at_ms, str(distance), "-")
        both = {of: gain(part, of).value for of in (1, replicas)}
        words = f"{TIMES} {both[replicas]:.2f}"
        annotate(axes, words, at_ms, both[replicas], (6, -9), weight="bold", color=INK)
        if f"{both[1]:.2f}" != f"{both[replicas]:.2f}":
            annotate(axes, f"{TIMES} {both[1]:.2f}", at_ms, both[1], (6, -9), color=FAINT)


def _limits(strip: Axes, found: dict[float, pd.DataFrame], numbers: list[int]) -> None:
    """A row for each number of copies: from where to where each limit holds."""
    grounds: dict[str, str] = {}
    for down, of in enumerate(numbers):
        for from_ms, until_ms, name in _ranges(found, of):
            tone = grounds.setdefault(name, GROUNDS[len(grounds) % len(GROUNDS)])
            width_ms = until_ms - from_ms
            style: dict[str, Any] = {"color": TONES[tone], "ec": "white", "height": 0.9}
            strip.barh(down, width_ms, left=from_ms, **style)
            middle_ms = float(np.sqrt(from_ms * until_ms))
            strip.text(middle_ms, down, name, ha="center", va="center", size=9.5, color=INK)
    strip.set_ylim(len(numbers) - 0.5, -0.5)
    strip.tick_params(axis="y", length=0)
    strip.spines[["left", "top", "right"]].set_visible(False)


def _ranges(found: dict[float, pd.DataFrame], of: int) -> Iterator[tuple[float, float, str]]:
    """(from, until, limit of five): neighbours that are limited alike together."""
    rtts_ms = list(found)
    limits = [limit(part, of) for part in found.values()]
    begun = 0
    for place in range(1, len(limits) + 1):
        if place == len(limits) or limits[place] != limits[begun]:
            first, last = rtts_ms[begun], rtts_ms[place - 1]
            from_ms = np.sqrt(first * rtts_ms[begun - 1]) if begun else first
            until_ms = np.sqrt(last * rtts_ms[place]) if place < len(limits) else last
            yield float(from_ms), float(until_ms), limits[begun]
            begun = place


def _title(copies: pd.DataFrame, replicas: int) -> str:
    """What five gain with all replicas, and what they would with one copy."""
    asked = [part for _, part in pick(copies, phase="capacity").groupby("rtt_ms")]
    if not len(pick(copies, producer=FIVE)):
        return "What five in flight gain, by distance and copies"
    told = []
    for of in (replicas, 1):
        gains = [gain(part, of).value for part in asked]
        told.append(" to ".join(dict.fromkeys(f"{end(gains):.1f}" for end in (min, max))))
    several = with_replicas(copies)
    return (
        f"With {several} five in flight carry {told[0]} times what one carries,"
        f" with one copy {told[1]} times"
    )

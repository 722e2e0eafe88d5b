"""Idempotence on over off, with the interval and the verdict of a test of equivalence."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.kit.equivalence import Equivalence, tost
from experiments.kit.style import FAINT, figure, quiet_grid

Place = tuple[Any, ...]
BY = ["load", "rtt_ms", "depth", "partitions"]
#: Ours: differences that nobody would act on.
MARGINS = {"full": ("records_per_s", 0.02), "part": ("p99_ms", 0.10)}
TITLES = {"full": "records/s as fast as it can", "part": "p99 latency at 40 % of the bound"}
SHOWN, NOT_SHOWN = "#0072b2", "#d55e00"


def tests(rows: pd.DataFrame) -> dict[Place, Equivalence]:
    """The test at each place where idempotence is on and off."""
    found = {}
    for place, of_place in rows.groupby(BY):
        outcome, margin = MARGINS[str(place[0])]
        on, off = (of_place.loc[of_place["idempotent"] == it, outcome] for it in (True, False))
        if len(on) and len(off) and np.isfinite([*on, *off]).all():
            found[place] = tost(on.tolist(), off.tolist(), margin)
    return found


def draw(rows: pd.DataFrame) -> Figure:
    """A point with its 90 % interval for each place, and the margin as a band."""
    told = tests(rows)
    chart = figure(9.6, 5.2)
    panels = chart.subplots(1, len(TITLES))
    for axes, load in zip(panels, TITLES, strict=True):
        _panel(axes, {place: it for place, it in told.items() if place[0] == load}, load)
    chart.suptitle("Idempotence on, over off", weight="bold", size=11, x=0.01, ha="left")
    words = "lines: 90 % intervals, unpaired; shaded: the margin; inside it equivalence is shown"
    chart.supxlabel(words, size=8.5, color=FAINT)
    return chart


def answer(rows: pd.DataFrame) -> str:
    """How many places are shown to be equivalent, by how wide a margin, and how many are equal."""
    parts = []
    for load, (_, margin) in MARGINS.items():
        of_load = [it for place, it in tests(rows).items() if place[0] == load]
        if of_load:
            shown = f"{sum(it.shown for it in of_load)} of {len(of_load)}"
            worst = max(it.p_value for it in of_load)
            parts.append(
                f"{TITLES[load]} is equivalent within {100 * margin:.0f} % at {shown}"
                f" places (largest p = {worst:.2g})"
            )
    same, of_all = identical(rows)
    over = rows[rows["overloaded"]].drop_duplicates(BY)
    refused = f" {len(over)} more places are overloaded and have no p99." if len(over) else ""
    return (
        f"Two one-sided tests: {'; '.join(parts)}. With common random numbers {same} of {of_all}"
        " pairs of runs are equal to the last digit: without errors, idempotence changes nothing"
        " in the model, whose batches have the same size and whose checks cost nothing."
        f"{refused}"
    )


def identical(rows: pd.DataFrame) -> tuple[int, int]:
    """How many pairs of runs gave the very same rate and p99, and of how many."""
    keys = [*BY, "replication"]
    wide = rows.pivot(index=keys, columns="idempotent", values=["records_per_s", "p99_ms"])
    same = pd.Series(True, index=wide.index)
    for outcome in ("records_per_s", "p99_ms"):
        on, off = (wide[outcome, it].astype(float) for it in (True, False))
        same &= (on == off) | (on.isna() & off.isna())
    return int(same.sum()), len(same)


def _panel(axes: Axes, told: dict[Place, Equivalence], load: str) -> None:
    margin = MARGINS[load][1]
    axes.axvspan(1 / (1 + margin), 1 + margin, color="#009e73", alpha=0.12, lw=0)
    axes.axvline(1, color=FAINT, lw=0.9)
    for height, it in enumerate(reversed(told.values())):
        colour = SHOWN if it.shown else NOT_SHOWN
        axes.plot([it.ratio.low, it.ratio.high], [height] * 2, color=colour, lw=2)
        axes.plot(it.ratio.value, height, "o", color=colour, ms=5)
    names = [f"{rtt:g} ms, {depth} in flight, {parts} part." for _, rtt, depth, parts in told]
    axes.set_yticks(range(len(told)), list(reversed(names)), size=8.5)
    axes.set_xlabel("ratio")
    axes.set_title(TITLES[load], size=10)
    quiet_grid(axes)

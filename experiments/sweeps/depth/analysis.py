"""Gain over one in flight against depth, and at which depth it ends, by distance."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from experiments.kit.lines import APART, band, name_ends
from experiments.kit.pairs import ratios
from experiments.kit.style import FAINT, figure, quiet_grid

#: Ours: what is within so much of the most that any depth carries is enough.
ENOUGH = 0.95
MOST_IDEMPOTENT = 5


def gains(rows: pd.DataFrame) -> pd.DataFrame:
    """Each depth over one in flight, by distance; one itself is 1 by definition."""
    told = ratios(rows, "records_per_s", "depth", 1, ["rtt_ms"])
    one = pd.DataFrame({"rtt_ms": told["rtt_ms"].unique(), "depth": 1})
    one[["value", "low", "high"]] = 1.0
    return pd.concat([one, told]).sort_values(["rtt_ms", "depth"], ignore_index=True)


def draw(rows: pd.DataFrame) -> Figure:
    """One line for each distance; the marked point is enough."""
    told = gains(rows)
    chart = figure(8.4, 5.2)
    axes = chart.subplots()
    quiet_grid(axes)
    ends = []
    for colour, (rtt_ms, line) in zip(APART, told.groupby("rtt_ms"), strict=False):
        band(axes, line["depth"].tolist(), line, colour)
        best = line[line["depth"] == enough(line)].iloc[0]
        axes.plot(best["depth"], best["value"], "o", ms=12, mfc="none", mec=colour, mew=1.6)
        ends.append((f"{rtt_ms:g} ms", float(line["value"].iloc[-1]), colour))
    _frame(axes, told)
    name_ends(axes, ends, "round trip")
    axes.set_title("What more requests in flight gain over one")
    return chart


def answer(rows: pd.DataFrame) -> str:
    """Which depth is enough where, and the resource that ends the gain."""
    told, parts = gains(rows), []
    for rtt_ms, line in told.groupby("rtt_ms"):
        depth = enough(line)
        at = rows[(rows["rtt_ms"] == rtt_ms) & (rows["depth"] == line["depth"].max())]
        limit = at["limit"].mode().iloc[0]
        gain = line.loc[line["depth"] == depth, "value"].iloc[0]
        end = f"then the {limit} limits" if depth < line["depth"].max() else "and no end yet"
        parts.append(f"{depth} at {rtt_ms:g} ms ({gain:.1f} times, {end})")
    most = int(told["depth"].max())
    return (
        f"The fewest requests in flight that carry {100 * ENOUGH:.0f} % of the most that any of 1"
        f" to {most} carries, with their gain over one: {'; '.join(parts)}."
    )


def enough(line: pd.DataFrame) -> int:
    """The smallest depth that carries nearly the most."""
    return int(line.loc[line["value"] >= ENOUGH * line["value"].max(), "depth"].min())


def _frame(axes: Axes, told: pd.DataFrame) -> None:
    deepest = float(told["depth"].max())
    axes.set_xlim(0.8, deepest)
    axes.set_ylim(0, float(told["high"].max()) * 1.05)
    axes.xaxis.set_major_locator(MultipleLocator(5 if deepest > 10 else 1))
    axes.set_xlabel("requests in flight on the connection")
    axes.set_ylabel("records per second, over one in flight")
    axes.plot([1, deepest], [1, deepest], color=FAINT, lw=0.9, ls=":", scalex=False, scaley=False)
    if deepest > MOST_IDEMPOTENT:
        axes.axvline(MOST_IDEMPOTENT, color=FAINT, lw=0.9)
        where = axes.get_xaxis_transform()
        axes.text(
            MOST_IDEMPOTENT + 0.15,
            0.02,
            "idempotent up to here",
            transform=where,
            color=FAINT,
            size=8.5,
        )
    told_at = "circled: enough for 95 % of the most; dotted: in proportion; bands: 95 % intervals"
    axes.text(0.0, -0.16, told_at, transform=axes.transAxes, color=FAINT, size=8.5)

"""The verdicts for a terminal, and as a picture: functions of rows."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from rich.table import Table

from experiments.kit.style import FAINT, figure, quiet_grid

#: Verdict to colour and marker: both tell.
LOOKS = {"hit": ("#0072b2", "o"), "miss": ("#d55e00", "X")}


def verdict_table(rows: pd.DataFrame) -> Table:
    """One line for each check, misses as plain as hits, then what is beyond the model."""
    hits, checks = (rows["verdict"] == "hit").sum(), (rows["check"] != "").sum()
    table = Table(title=f"Published claims: {hits} of {checks} checks are hits")
    for name in ("claim", "check", "published", "allowed", "model", "verdict"):
        table.add_column(name)
    for row in rows.to_dict("records"):
        if row["check"]:
            allowed = f"{row['low']:.4g} to {row['high']:.4g}"
            figures = [f"{row['published']:.4g}", allowed, f"{row['model']:.4g}", row["verdict"]]
            table.add_row(str(row["claim"]), row["check"], *figures)
        else:
            told = f"{row['told']}: {row['why']}"
            table.add_row(str(row["claim"]), told, "", "", "", row["verdict"])
    return table


def draw(rows: pd.DataFrame) -> Figure:
    """Each check: the model over the published figure, with what is allowed as a bar."""
    rows = rows[rows["check"] != ""].reset_index(drop=True)
    chart = figure(8.5, 0.26 * len(rows) + 1.2)
    axes = chart.subplots()
    places = np.arange(len(rows))
    low, high = rows["low"] / rows["published"], rows["high"] / rows["published"]
    axes.barh(places, high - low + 0.004, left=low - 0.002, height=0.7, color="#d9d9d9")
    model = np.minimum(rows["model"] / rows["published"], 2.0)
    for verdict, (colour, marker) in LOOKS.items():
        those = (rows["verdict"] == verdict).to_numpy()
        axes.scatter(
            model[those], places[those], color=colour, marker=marker, s=34, zorder=3, label=verdict
        )
    axes.axvline(1, color=FAINT, linewidth=0.8)
    axes.set_yticks(places, [f"{row.claim}  {row.check}" for row in rows.itertuples()], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0.5, 2.05)
    axes.set_xlabel("model over published (grey: allowed; 2: twice or more)")
    axes.set_title("Published claims and the model")
    axes.legend(frameon=False, loc="upper right")
    quiet_grid(axes)
    return chart

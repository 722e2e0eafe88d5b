"""Displaced records, duplicates and goodput over the rate of errors, a row for each kind."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from experiments.kit.lines import band
from experiments.kit.pairs import means
from experiments.kit.style import figure, quiet_grid

PRODUCER = ["depth", "idempotent"]
LOOKS = {
    (1, False): ("#d55e00", "o", "one in flight"),
    (2, False): ("#e69f00", "s", "two in flight"),
    (5, False): ("#0072b2", "D", "five in flight"),
    (5, True): ("#009e73", "^", "five in flight, idempotent"),
}
KINDS = {"nack": "a request is refused", "reset": "the connection is reset"}
PANELS = {
    "displaced_per_million": "out of order, records per million",
    "duplicates_per_million": "duplicates, records per million",
    "goodput_records_per_s": "goodput, records per second",
}


HARM = ("displaced_per_million", "duplicates_per_million")


def draw(rows: pd.DataFrame) -> Figure:
    """Two rows of three panels, with one legend."""
    kinds = [kind for kind in KINDS if kind in set(rows["error"])]
    chart = figure(11.0, 1.0 + 3.2 * len(kinds))
    panels = chart.subplots(len(kinds), len(PANELS), squeeze=False, sharex=True)
    most = max(1.0, *(float(rows[it].max()) for it in HARM))
    for line, kind in zip(panels, kinds, strict=True):
        of_kind = rows[rows["error"] == kind]
        for axes, (outcome, title) in zip(line, PANELS.items(), strict=True):
            _panel(axes, of_kind, outcome)
            axes.set_title(title, size=9.5)
            if outcome in HARM:
                axes.set_ylim(-0.02 * most, 1.05 * most)
        line[0].set_ylabel(KINDS[kind], weight="bold")
    for axes in panels[-1]:
        axes.set_xlabel("errors per minute")
    handles = [
        Line2D([], [], color=colour, marker=marker, label=told)
        for colour, marker, told in LOOKS.values()
    ]
    chart.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False)
    title = f"What errors leave in the log, {rows['rtt_ms'].iloc[0]:g} ms round trip, acks=all"
    chart.suptitle(title, weight="bold", size=11, x=0.01, ha="left")
    return chart


def answer(rows: pd.DataFrame) -> str:
    """Harm and goodput at the highest rate of errors, for each kind."""
    most = rows["errors_per_minute"].max()
    parts = []
    for kind, told in KINDS.items():
        at = rows[(rows["error"] == kind) & (rows["errors_per_minute"] == most)]
        if len(at):
            parts.append(f"{told}: {'; '.join(_harm(at, rows[rows['error'] == kind]))}")
    five = rows[rows["idempotent"]]
    clean = not (five["duplicates"].any() or five["displaced"].any())
    verdict = "neither duplicates nor disorder at any rate" if clean else "not without harm"
    return (
        f"At {most:g} errors a minute, per million records and in share of the goodput without"
        f" errors. When {'. When '.join(parts)}. Idempotent: {verdict}."
    )


def _harm(at: pd.DataFrame, of_kind: pd.DataFrame) -> list[str]:
    """A few words for each producer."""
    words = []
    for (depth, idempotent), (_, _, told) in LOOKS.items():
        mine = _of(at, depth, idempotent)
        calm = _of(of_kind[of_kind["errors_per_minute"] == 0], depth, idempotent)
        if len(mine) and len(calm):
            goodput = mine["goodput_records_per_s"].mean() / calm["goodput_records_per_s"].mean()
            words.append(
                f"{told} {mine['displaced_per_million'].mean():,.0f} out of order,"
                f" {mine['duplicates_per_million'].mean():,.0f} duplicates, {100 * goodput:.0f} %"
            )
    return words


def _of(rows: pd.DataFrame, depth: int, idempotent: bool) -> pd.DataFrame:
    found: pd.DataFrame = rows[(rows["depth"] == depth) & (rows["idempotent"] == idempotent)]
    return found


def _panel(axes: Axes, rows: pd.DataFrame, outcome: str) -> None:
    quiet_grid(axes)
    told = means(rows, outcome, [*PRODUCER, "errors_per_minute"])
    for (depth, idempotent), (colour, marker, _) in LOOKS.items():
        line = _of(told, depth, idempotent).copy()
        alone = line["runs"] == 1  # without errors there is nothing to draw at random
        line.loc[alone, "low"] = line.loc[alone, "high"] = line.loc[alone, "value"]
        band(axes, line["errors_per_minute"].tolist(), line, colour, marker)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.tick_params(labelsize=9)

"""The table of harm: every case with every producer, beside the same run in calm weather.

Rows as a frame, as text and as a chart; the latter two are functions of the first.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from rich.box import SIMPLE
from rich.table import Table

from experiments.faults.catalogue import CASES, NEED_AN_ELECTION
from experiments.faults.harm import harm_of
from experiments.faults.producers import producers
from experiments.kit.pool import Workers
from experiments.kit.style import FAINT, INK, figure
from model import MachineConfig, ProducerConfig, Scenario, simulate

SEED = 1
#: Column of the frame to its word in a cell.
WORDS = {
    "duplicates": "duplicates",
    "displaced": "out of order",
    "acked_missing": "acked, missing",
    "failed": "failed",
    "failed_but_present": "of them in the log",
}
#: Backgrounds from harmless to harmful; the words say the same.
COLOURS = {"calm": "#eef5ee", "doubled": "#fdebc8", "disordered": "#f9d3c0", "lost": "#e8c4dc"}
WIDEST_LINE = 30  # characters in a cell of the chart


def harm_rows(
    base: ProducerConfig, rtt_ms: float, machine: MachineConfig, workers: Workers
) -> pd.DataFrame:
    """One row for each case and producer. Raises ConfigError before anything is simulated."""
    asked = [
        (case.name, label, replace(case.scenario(config, rtt_ms), machine=machine))
        for case in CASES
        for label, config in producers(base).items()
    ]
    return pd.DataFrame(workers.map(_row, asked))


def _row(asked: tuple[str, str, Scenario]) -> dict[str, object]:
    case, producer, scenario = asked
    run, calm = simulate(scenario, SEED), simulate(replace(scenario, faults=()), SEED)
    return {"fault": case, "producer": producer, **asdict(harm_of(run, calm))}


def harm_table(rows: pd.DataFrame) -> Table:
    """The frame for a terminal: harm in records, then the longest stall, then the recovery."""
    table = Table(title="What each fault does to each producer", title_justify="left", box=SIMPLE)
    table.add_column("fault")
    labels = list(rows["producer"].unique())
    for label in labels:
        table.add_column(label)
    for fault, of_fault in rows.groupby("fault", sort=False):
        cells = of_fault.set_index("producer")
        table.add_row(str(fault), *("\n".join(_told(cells.loc[label])) for label in labels))
    for fault in NEED_AN_ELECTION:
        table.add_row(fault, *["needs an election: not modelled"] + [""] * (len(labels) - 1))
    return table


def _told(cell: "pd.Series[float]") -> list[str]:
    """The lines of a cell: the harm in words, and the time that it cost."""
    return [*(harm_words(cell) or ["no harm"]), time_words(cell)]


def harm_words(cell: "pd.Series[float]") -> list[str]:
    """The harm of one row of the frame, in words; empty for none."""
    told = [f"{cell[name]:.0f} {word}" for name, word in WORDS.items() if cell[name]]
    if cell["inversions"] and not cell["displaced"]:
        told.append("older copies after newer")
    return told


def time_words(cell: "pd.Series[float]") -> str:
    """What one row of the frame cost in time, in words."""
    told = f"stall {cell['stall_s']:.2f} s"
    if cell["behind"]:
        told += f"; {cell['behind']:.0f} late"
    if cell["recovery_s"] >= 0.005:
        told += f"; +{cell['recovery_s']:.2f} s"
    return told


def harm_chart(rows: pd.DataFrame) -> Figure:
    """The frame as a picture: a cell for each fault and producer."""
    faults, labels = list(rows["fault"].unique()), list(rows["producer"].unique())
    chart = figure(13.0, 0.8 + 0.56 * len(faults))
    axes = chart.subplots()
    cells = rows.set_index(["fault", "producer"])
    for down, fault in enumerate(faults):
        for across, label in enumerate(labels):
            cell = cells.loc[(fault, label)]
            axes.add_patch(
                Rectangle((across, down), 1, 1, fc=COLOURS[severity(cell)], ec="white", lw=2)
            )
            harm, middle = _in_lines(harm_words(cell)), across + 0.5
            weight, small = "bold" if harm else "normal", harm.count("\n") > 1
            told = harm or "no harm"
            axes.text(
                middle,
                down + 0.36,
                told,
                ha="center",
                va="center",
                size=5.6 if small else 7.2,
                weight=weight,
                color=INK,
            )
            axes.text(
                middle,
                down + 0.78,
                time_words(cell),
                ha="center",
                va="center",
                size=6.3,
                color=FAINT,
            )
    axes.set_xlim(0, len(labels))
    axes.set_ylim(len(faults), 0)
    axes.set_xticks([place + 0.5 for place in range(len(labels))], labels)
    axes.set_yticks([place + 0.5 for place in range(len(faults))], faults, size=8.5)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return chart


def _in_lines(told: Sequence[str]) -> str:
    """The pieces, in as few lines as they fit."""
    lines = [""]
    for piece in told:
        joined = f"{lines[-1]}, {piece}" if lines[-1] else piece
        lines[-1:] = [joined] if len(joined) <= WIDEST_LINE else [lines[-1], piece]
    return "\n".join(lines)


def severity(cell: "pd.Series[float]") -> str:
    """How grave the harm of one row is, as a key of ``COLOURS``."""
    if cell["acked_missing"] or cell["failed"]:
        return "lost"
    if cell["displaced"]:
        return "disordered"
    return "doubled" if cell["duplicates"] else "calm"

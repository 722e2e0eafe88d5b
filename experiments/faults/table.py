"""The table of harm: every case with every producer, as a table and as a picture of its rows."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from experiments.faults.catalogue import NEED_AN_ELECTION
from experiments.kit.charts import cells, entitle
from experiments.kit.style import FAINT, figure
from experiments.kit.tables import Cell, Table, text, words

#: Column of the rows to its word in a cell.
WORDS = {
    "duplicates": "duplicates",
    "displaced": "out of order",
    "acked_missing": "acked, missing",
    "failed": "failed",
    "failed_but_present": "of them in the log",
}
LEGEND = (
    "Records; late: so many fewer acknowledged than without the fault, at the worst instant;"
    " +: how long after the fault that was caught up."
)
#: Of a cell of the chart: characters in a line, lines, and sizes of type up to these and beyond.
WIDEST_LINE, MOST_LINES = 30, 2
SIZES = (7.2, 5.6)


def harm_table(rows: pd.DataFrame) -> Table:
    """Harm in records, under it the longest stall and the recovery."""
    names = list(rows["producer"].unique())
    by_fault = rows.set_index(["fault", "producer"])
    return Table(
        "What each fault does to each producer",
        words("fault", *names),
        [
            *(
                [text(fault), *(_cell(by_fault.loc[(fault, name)]) for name in names)]
                for fault in rows["fault"].unique()
            ),
            *([text(fault), text("needs an election: not modelled")] for fault in NEED_AN_ELECTION),
        ],
        wide=True,
    )


def _cell(row: "pd.Series[float]") -> Cell:
    """The harm in words, sorted by how many records it reached."""
    reached = float(row[["duplicates", "displaced", "acked_missing", "failed"]].sum())
    harm = ", ".join(harm_words(row)) or "no harm"
    return Cell(harm, reached, tone=severity(row), note=time_words(row))


def summary_table(rows: pd.DataFrame) -> Table:
    """How many of the faults leave which kind of harm behind, by producer."""
    kinds = {"duplicates": ["duplicates"], "out of order": ["displaced"]}
    kinds |= {"failed": ["failed"], "acknowledged, not in the log": ["acked_missing"]}
    return Table(
        f"Of {rows['fault'].nunique()} faults, those that leave",
        [*words("producer"), *words(*kinds)],
        [
            [
                text(name),
                *(text(int(rows[columns].any(axis=1).sum())) for columns in kinds.values()),
            ]
            for name, rows in rows.groupby("producer", sort=False)
        ],
    )


def harm_words(row: "pd.Series[float]") -> list[str]:
    """The harm of one row, in words; empty for none."""
    harm = [f"{row[name]:.0f} {word}" for name, word in WORDS.items() if row[name]]
    if row["inversions"] and not row["displaced"]:
        harm.append("older copies after newer")
    return harm


def time_words(row: "pd.Series[float]") -> str:
    """What one row's fault cost in time, in words."""
    cost = [f"stall {row['stall_s']:.2f} s"]
    if row["behind"]:
        cost.append(f"{row['behind']:.0f} late")
    if row["recovery_s"] >= 0.005:
        cost.append(f"+{row['recovery_s']:.2f} s")
    return "; ".join(cost)


def severity(row: "pd.Series[float]") -> str:
    """How grave the harm of one row is, as a tone of the charts."""
    if row["acked_missing"] or row["failed"]:
        return "lost"
    if row["displaced"]:
        return "disordered"
    return "doubled" if row["duplicates"] else "calm"


def harm_chart(rows: pd.DataFrame) -> Figure:
    """The rows as a picture: a cell for each fault and producer."""
    faults, names = list(rows["fault"].unique()), list(rows["producer"].unique())
    by_fault = rows.set_index(["fault", "producer"])
    chart = figure(13.0, 1.4 + 0.56 * len(faults))

    def cell(down: int, across: int) -> tuple[str, list[tuple[float, str, dict[str, Any]]]]:
        row = by_fault.loc[(faults[down], names[across])]
        lines = _in_lines(harm_words(row) or ["no harm"])
        weight, size = ("bold" if harm_words(row) else "normal"), SIZES[len(lines) > MOST_LINES]
        style = {"weight": weight, "size": size}
        cost = (0.78, time_words(row), {"size": 6.3, "color": FAINT})
        return severity(row), [(0.36, "\n".join(lines), style), cost]

    cells(chart.subplots(), faults, names, cell)
    entitle(chart, "What each fault does to each producer", LEGEND)
    return chart


def _in_lines(pieces: Sequence[str]) -> list[str]:
    """The pieces, in as few lines as they fit."""
    lines = [pieces[0]]
    for piece in pieces[1:]:
        joined = f"{lines[-1]}, {piece}"
        lines[-1:] = [joined] if len(joined) <= WIDEST_LINE else [lines[-1], piece]
    return lines

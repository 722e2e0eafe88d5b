"""What a fault did to records, beside the same run without it; as a table and a picture."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from experiments.faults.books import COUNTS, NAMES
from experiments.faults.catalogue import (
    CASES,
    FIVE,
    FIVE_ALL,
    IDEMPOTENT,
    ONE,
    producers_in,
)
from experiments.kit.charts import cells, entitle
from experiments.kit.looks import TONES
from experiments.kit.pool import Workers
from experiments.kit.style import FAINT, figure
from experiments.kit.tables import Cell, Table, filled, numbers, text, words
from experiments.kit.world import World
from model import Run, Scenario, simulate

SEED = 1
#: Ours: caught up means this many records, or fewer, behind the run without the fault.
NEARLY_NONE = 0.02
#: Those that are harm, in the words of a cell.
HARM = ("duplicates", "displaced", "acked_missing", "failed", "failed_but_present")
IN_A_CELL = NAMES | {"failed_but_present": "of them in the log"}
#: The graver names the cell.
TONE_NAMES = {
    "calm": "no harm",
    "doubled": "duplicates",
    "disordered": "out of order",
    "lost": "failed, or acknowledged and lost",
}
NOTE = (
    "numbers are records; out of order: first copies written after later records;\n"
    "second copies after newer: the first copies are in order, a duplicate follows later records"
)
#: Of letters, by how many kinds of harm a cell has.
SIZES = {1: 10.0, 2: 9.5, 3: 7.0}
LEGEND = (
    "Counts are of records. Under them: the longest time without an ack, how many records were"
    " delayed at once, and how long after the fault the producer had caught up."
)


def harm_of(run: Run, calm: Run) -> dict[str, Any]:
    """The harm in a run, beside the same run without its faults.

    ``stall_s`` is the longest time without an acknowledgement, ``behind`` how many records fewer
    than without the fault were acknowledged, at the worst instant, and ``recovery_s`` how long
    after the last fault that was over.
    """
    books, over_s = run.guarantees, max((f.until_s for f in run.scenario.faults), default=0.0)
    times_s = np.unique(np.concatenate([_acks(run)[0], _acks(calm)[0]]))
    behind = _count_by(calm, times_s) - _count_by(run, times_s)
    late_s = times_s[behind > NEARLY_NONE * max(1, books.sent)]
    return {name: getattr(books, name) for name in COUNTS} | {
        "stall_s": stall_s(run),
        "behind": int(behind.max(initial=0)),
        "recovery_s": max(0.0, float(late_s[-1]) - over_s) if len(late_s) else 0.0,
    }


def stall_s(run: Run) -> float:
    """The longest time between two acknowledgements; 0 with fewer than two."""
    return float(np.diff(_acks(run)[0]).max(initial=0.0))


def _acks(run: Run) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Instants of acknowledgements, and how many records are acknowledged from each on."""
    rows = sorted((row.acked_s, row.records) for row in run.batches)
    times_s, records = np.array(rows, dtype=float).reshape(-1, 2).T
    return times_s, np.cumsum(records)


def _count_by(run: Run, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    ends_s, counts = _acks(run)
    return np.append(0.0, counts)[np.searchsorted(ends_s, times_s, side="right")]


def cases(world: World) -> list[tuple[str, str, Scenario]]:
    """Every case with every producer: their names, and the scenario. Raises ConfigError."""
    named = producers_in(world).items()
    return [(c.name, name, c.scenario(config, world)) for c in CASES for name, config in named]


def harm_rows(world: World, workers: Workers) -> pd.DataFrame:
    """One row for each case and producer. Raises ConfigError before anything is simulated."""
    return pd.DataFrame(workers.map(_row, cases(world)))


def _row(wanted: tuple[str, str, Scenario]) -> dict[str, Any]:
    case, producer, scenario = wanted
    run, calm = simulate(scenario, SEED), simulate(replace(scenario, faults=()), SEED)
    return {"fault": case, "producer": producer, **harm_of(run, calm)}


def harm_table(rows: pd.DataFrame) -> Table:
    """Harm in records, under it what it cost in time."""
    harm = [
        [text(fault), *(_cell(row) for _, row in own.iterrows())]
        for fault, own in rows.groupby("fault", sort=False)
    ]
    columns = words("fault", *rows["producer"].unique())
    return Table("What each fault does to each producer", columns, harm, wide=True)


def books_table(row: dict[str, Any]) -> Table:
    """The counts of one run."""
    counts = ((NAMES[name], row[name]) for name in COUNTS)
    return filled("What became of the records", [*words("what"), *numbers("records")], counts)


def about_order(row: Any) -> list[str]:
    """Why records directly follow newer ones where none is out of order, if it is so."""
    if row["displaced"] or not row["inversions"]:
        return []
    return [
        "Directly after a newer one, and none out of order: only second copies came after newer"
        " records; the first copies are in order."
    ]


def _cell(row: "pd.Series[Any]") -> Cell:
    """The harm in words, sorted by how many records it reached."""
    reached = float(row[["duplicates", "displaced", "acked_missing", "failed"]].sum())
    return Cell(", ".join(_harm(row)), reached, tone=_severity(row), note=cost_words(row))


def summary_table(rows: pd.DataFrame) -> Table:
    """How many of the faults leave which kind of harm behind, by producer."""
    kinds = {"duplicates": ["duplicates"], "out of order": ["displaced"]}
    kinds |= {"failed": ["failed"], "acknowledged, not in the log": ["acked_missing"]}
    return filled(
        f"Of {rows['fault'].nunique()} faults, those that leave",
        words("producer", *kinds),
        (
            [name, *(int(own[columns].any(axis=1).sum()) for columns in kinds.values())]
            for name, own in rows.groupby("producer", sort=False)
        ),
    )


def harmed_by(rows: pd.DataFrame) -> "pd.Series[Any]":
    """How many of the faults leave harm, by producer."""
    return (rows.apply(_severity, axis=1) != "calm").groupby(rows["producer"], sort=False).sum()


def risk(rows: pd.DataFrame) -> str:
    """How many faults harm the idempotent producer, and how many the others."""
    told = {name: f"{number:g}" if number else "none" for name, number in harmed_by(rows).items()}
    harms = "harms" if told[IDEMPOTENT] in ("1", "none") else "harm"
    return (
        f"Of {rows['fault'].nunique()} faults tried {told[IDEMPOTENT]} {harms} the idempotent"
        f" producer with five in flight. Without idempotence it is {told[ONE]} with one in flight"
        f" and acks=1, {told[FIVE]} with five, and {told[FIVE_ALL]} with five and acks=all."
    )


def _harm(row: "pd.Series[Any]") -> list[str]:
    """The harm of one row, in words."""
    harm = [f"{row[name]:.0f} {IN_A_CELL[name]}" for name in HARM if row[name]]
    if row["inversions"] and not row["displaced"]:
        harm.append("second copies after newer")
    return harm or ["no harm"]


def cost_words(row: Any) -> str:
    """What one row's fault cost in time."""
    late = f"; {row['behind']:.0f} delayed" if row["behind"] else ""
    recovery = f"; caught up after {row['recovery_s']:.2f} s" if row["recovery_s"] >= 0.005 else ""
    if row["sent"] - row["acked"] > NEARLY_NONE * max(1, row["sent"]):  # ever so late
        recovery = "; never caught up"
    return f"no ack for {row['stall_s']:.2f} s{late}{recovery}"


def _severity(row: "pd.Series[Any]") -> str:
    """How grave the harm of one row is, as a tone of the charts."""
    if row["acked_missing"] or row["failed"]:
        return "lost"
    if row["displaced"]:
        return "disordered"
    return "doubled" if row["duplicates"] else "calm"


def harm_chart(rows: pd.DataFrame) -> Figure:
    """The rows as a picture: a cell for each fault and producer."""
    faults, names = list(rows["fault"].unique()), list(rows["producer"].unique())
    chart = figure(14.0, 1.4 + 0.5 * len(faults))

    def cell(down: int, across: int) -> tuple[str, list[tuple[float, str, dict[str, Any]]]]:
        row = rows.iloc[down * len(names) + across]
        harm, tone = _harm(row), _severity(row)
        style = {"weight": "normal" if tone == "calm" else "bold", "size": SIZES[min(len(harm), 3)]}
        return tone, [(0.5, "\n".join(harm), style)]

    axes = chart.subplots()
    cells(axes, faults, names, cell)
    axes.set_xlabel(NOTE, color=FAINT)
    harmed = harmed_by(rows)
    least, others = harmed.idxmin(), harmed.drop(harmed.idxmin())
    some = f"{others.min()} to {others.max()}" if others.min() < others.max() else others.min()
    handles = [Patch(color=TONES[tone], label=name) for tone, name in TONE_NAMES.items()]
    chart.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)
    title = (
        f'Of {len(faults)} faults {harmed.min()} harm records with "{least}", {some} with others'
    )
    entitle(chart, title)
    return chart

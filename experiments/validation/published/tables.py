"""The verdicts in a sentence, as tables and as a picture: functions of rows."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.kit.charts import COLOURS, LAW
from experiments.kit.style import GRID, figure, quiet_grid
from experiments.kit.tables import Cell, Column, Table, filled, numbers, words
from experiments.validation.published.claims import AMOUNTS, BEYOND, HIT, MISS

#: Verdict to colour and marker: both tell.
LOOKS = {HIT: (COLOURS[0], "o"), MISS: (COLOURS[1], "X")}
#: The picture's title, what it shows, and the sentence under it.
CHART = (
    "Published claims and the model",
    "For each check of a published claim a bar of what is allowed, and the model's figure over the"
    " published one as a mark: a disc for a hit, a cross for a miss.",
    "The model's figure over the published one; grey is what was allowed. Numbers in front are"
    " those of the claims in the table below.",
)


def summary(rows: pd.DataFrame) -> str:
    """How many claims there are, and how many of their checks hit."""
    hits, missed = ((rows["verdict"] == verdict).sum() for verdict in (HIT, MISS))
    return (
        f"{rows['claim'].nunique()} claims that others published, with what is allowed fixed"
        f" beforehand. Of {hits + missed} checks {hits} hit and {missed} miss;"
        f" claims beyond the model: {(rows['verdict'] == BEYOND).sum()}."
    )


def misses(rows: pd.DataFrame) -> list[Table]:
    """The misses alone, if there are any."""
    missed = rows[rows["verdict"] == MISS]
    caption = "The misses: what was published and is not what the model says"
    return [_checks(caption, missed)] if len(missed) else []


def all_of(rows: pd.DataFrame) -> list[Table]:
    """All checks, and the claims that the model cannot reach."""
    checks, beyond = rows[rows["verdict"] != BEYOND], rows[rows["verdict"] == BEYOND]
    tables = [_checks("All checks of published claims", checks, folded=True)] if len(checks) else []
    if len(beyond):
        columns = [Column("claim"), *words("what", "why", "source")]
        cells = beyond[["claim", "told", "why", "source"]].to_numpy()
        tables.append(filled("Claims beyond the model", columns, cells))
    return tables


def _checks(caption: str, rows: pd.DataFrame, folded: bool = False) -> Table:
    """What each claim states stands beside the first of its checks."""
    amounts = numbers("published", "allowed from", "to", "model")
    columns = [Column("claim"), *words("what"), *amounts, *words("verdict", "source")]
    statements = rows["told"].mask(rows["claim"].duplicated(), "")
    cells = (
        (
            row["claim"],
            Cell(row["check"], note=statement),
            *(_amount(float(row[name])) for name in AMOUNTS),
            Cell(row["verdict"], tone="missed" if row["verdict"] == MISS else ""),
            row["source"],
        )
        for statement, row in zip(statements, rows.to_dict("records"), strict=True)
    )
    return filled(caption, columns, cells, folded=folded, wide=True)


def _amount(value: float) -> Cell:
    return Cell(f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}", value)


def draw(rows: pd.DataFrame) -> Figure:
    """Each check: the model over the published figure, with what is allowed as a bar."""
    rows = rows[rows["verdict"] != BEYOND].reset_index(drop=True)
    chart = figure(8.5, 0.26 * len(rows) + 1.2)
    axes = chart.subplots()
    low, high, model = (rows[name] / rows["published"] for name in ("low", "high", "model"))
    axes.barh(rows.index, high - low + 0.004, left=low - 0.002, height=0.7, color=GRID)
    for verdict, (colour, marker) in LOOKS.items():
        those = model[rows["verdict"] == verdict]
        axes.plot(np.minimum(those, 2.0), those.index, marker, color=colour, ms=6, label=verdict)
    axes.axvline(1, **LAW)
    axes.set_yticks(rows.index, [f"{row.claim}  {row.check}" for row in rows.itertuples()], size=8)
    axes.set(xlim=(0.5, 2.05), ylim=(len(rows) - 0.4, -0.6))
    axes.set_xlabel("model over published (grey: allowed; 2: twice or more)")
    hits = (rows["verdict"] == HIT).sum()
    axes.set_title(f"{hits} of {len(rows)} published figures are what the model says")
    axes.legend(frameon=False, loc="center right")
    quiet_grid(axes)
    return chart

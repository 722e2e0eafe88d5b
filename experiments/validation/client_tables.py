"""How far predictions of other clients are from what was measured: figures asked for, by client.

Rows at 1 ms and nearer may be fitted, for there a client's own time decides; all others are
predicted and judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.kit.measured import rows_of
from experiments.kit.tables import Cell, Column, Table, filled, numbers, words
from experiments.kit.words import count
from experiments.validation.clients import CLIENT, DIGITS
from experiments.validation.errors import Asked, Reached, spread
from experiments.validation.kinds import Floats, Mask, numeric
from experiments.validation.prediction import by_seed
from experiments.validation.tables import ERROR, targets
from model.clients import PROFILES

#: Asked: rows that are no farther may be fitted.
NEAR_MS = 1.0
NEAR, FAR = f"{NEAR_MS:g} ms, fitted", "farther, predicted"
WORST_ROWS = 8


@dataclass(frozen=True)
class Figure(Asked):
    """One that is asked of runs of other clients; ``figure`` is its measured column."""

    figure: str


FIGURES = (
    Figure("records/s", FAR, 4.0, 12.0, "records_per_s"),
    Figure("records per request", FAR, 5.0, 15.0, "records_per_request"),
)
#: What a reader calls each column.
NAMES = {
    "records_per_s": "records/s",
    "records_per_request": "records/request",
    "request_latency_ms": "request latency",
}


def tables(rows: pd.DataFrame) -> list[Table]:
    """Figures asked for, errors by client, and the rows that are furthest off."""
    return [targets(reached(rows)), by_client(rows), furthest_off(rows)]


def summary(rows: pd.DataFrame) -> str:
    """How far off records/s are, by how many clients, and how many figures are reached."""
    figures = [figure for figure in reached(rows) if figure.rows]
    if not figures:
        return "No row is farther away than those that may be fitted: nothing is judged."
    rate, met = figures[0], sum(not figure.missed for figure in figures)
    clients = count(rows[CLIENT][is_far(rows)].nunique(), "client")
    verdict = "all" if met == len(figures) else f"{met} of {len(figures)}"
    return (
        f"Records/s of {clients} are off by {rate.median:.1f} % in the median and nine in ten runs"
        f" by no more than {rate.p90:.1f} %; {verdict} of the figures asked for"
        f" {'is' if met == 1 else 'are'} reached."
    )


def is_far(rows: pd.DataFrame) -> Mask:
    """Rows that are judged."""
    return np.asarray(numeric(rows, "rtt_ms") > NEAR_MS)


def errors_of(rows: pd.DataFrame, figure: str) -> Floats:
    """``predicted / measured - 1`` of each row; NaN where it was not measured."""
    measured = numeric(rows, figure)
    known = np.where(measured > 0, measured, np.nan)
    return np.asarray(numeric(rows, f"model_{figure}") / known - 1, dtype=float)


def reached(rows: pd.DataFrame) -> list[Reached]:
    """Each figure over the rows that are judged."""
    far = rows[is_far(rows)]
    seeds = by_seed(far, DIGITS)
    return [
        Reached.of(asked, [errors_of(seen, asked.figure) for seen in seeds]) for asked in FIGURES
    ]


def by_client(rows: pd.DataFrame) -> Table:
    """Errors by client, of rows that are judged and of those that may be fitted."""
    lines = []
    for name in dict.fromkeys(rows[CLIENT]):
        for where, mask in ((FAR, is_far(rows)), (NEAR, ~is_far(rows))):
            own = rows[mask & np.asarray(rows[CLIENT] == name)]
            if len(own):
                spreads = (spread(errors_of(own, figure)) for figure in NAMES)
                lines.append([PROFILES[name].title, where, len(own), *map(_spread, spreads)])
    caption = "Absolute errors by client, median / 90th percentile in %"
    return filled(caption, [*words("client", "rows"), *numbers("number", *NAMES.values())], lines)


def _spread(found: tuple[float, float]) -> Cell:
    median, p90 = found
    return Cell(f"{median:.1f} / {p90:.1f}" if median == median else "-", median)


def furthest_off(rows: pd.DataFrame) -> Table:
    """The rows that are judged and furthest off for what is allowed, each in its worst figure."""
    both = (Column(name, spec=",.6g") for name in ("measured", "predicted"))
    columns = [Column("row"), *words("run", "figure"), *both, ERROR]
    caption = "The misses: the rows that are furthest off for what is allowed"
    return filled(caption, columns, _worst(rows), wide=True)


def _worst(rows: pd.DataFrame) -> Iterator[list[object]]:
    errors = np.array([errors_of(rows, asked.figure) for asked in FIGURES])
    excess = np.abs(errors) / np.array([[asked.p90] for asked in FIGURES])
    excess = np.where(np.isnan(excess) | ~is_far(rows), 0.0, excess)
    cells, figures = rows_of(rows), excess.argmax(axis=0)
    for at in np.argsort(-excess.max(axis=0), kind="stable")[:WORST_ROWS].tolist():
        if excess[:, at].max() > 0:
            row, asked = cells[at], FIGURES[figures[at]]
            run = (
                f"{row[CLIENT]}, {row['rtt_ms']} ms, {count(float(row['partitions']), 'partition')}"
            )
            seen = (float(row[f"{of}{asked.figure}"]) for of in ("", "model_"))
            error = 100 * float(errors[figures[at], at])
            yield [at + 1, Cell(run, note=row["settings"]), asked.name, *seen, error]

"""Measured faults beside their predictions: how many agree, each disagreement, longest stalls."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from experiments.faults.measured import FACTOR, STALL_S, STALL_SHARE, disagreements
from experiments.report.blocks import Block, Prose, Table, figure, numbers, text, words
from experiments.validation.measured import rows_of

WORST_ROWS = 8
RULE = (
    "A disagreement is another kind of harm, counts of duplicates or displaced records more than"
    f" {FACTOR:g} times apart, or a stall that is off by more than {STALL_SHARE:.0%} and"
    f" {STALL_S:g} s. Nothing was fitted to these rows."
)


def measured_faults(rows: pd.DataFrame) -> Iterator[Block]:
    """A sentence, the disagreements if there are any, and the stalls furthest off."""
    told = rows[rows["model_stall_s"] != ""]
    apart = disagreements(rows)
    sentence = f"{len(told)} of {len(rows)} measured faults are predicted; {len(apart)} disagree."
    if len(told):
        off_s = np.abs(_off_s(told))
        sentence += f" The longest stall is off by {np.median(off_s):.2f} s in the median and"
        sentence += f" {off_s.max():.2f} s at most."
    yield Prose(f"{sentence} {RULE}")
    if apart:
        yield _disagreements(rows, apart)
    if len(told):
        yield _stalls(told)


def _off_s(told: pd.DataFrame) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    off_s = told["model_stall_s"].astype(float) - told["stall_s"].astype(float)
    return np.asarray(off_s, dtype=float)


def _disagreements(rows: pd.DataFrame, apart: list[tuple[int, str]]) -> Table:
    lines = rows_of(rows)
    return Table(
        "The misses: where prediction and measurement disagree",
        words("fault", "cluster", "what", "settings"),
        [
            [
                text(_fault(lines[place])),
                text(lines[place]["cluster"]),
                text(what),
                text(lines[place]["settings"].replace(";", "; ")),
            ]
            for place, what in apart
        ],
    )


def _stalls(told: pd.DataFrame) -> Table:
    lines, off_s = rows_of(told), _off_s(told)
    order = np.argsort(-np.abs(off_s), kind="stable")[:WORST_ROWS]
    return Table(
        "The longest gap between acks, where it is furthest off",
        [*words("fault"), *numbers("error", "measured", "predicted"), *words("settings")],
        [
            [
                text(_fault(lines[place])),
                figure(float(off_s[place]), "+.2f", " s"),
                figure(float(lines[place]["stall_s"]), ".2f", " s"),
                figure(float(lines[place]["model_stall_s"]), ".2f", " s"),
                text(lines[place]["settings"].replace(";", "; ")),
            ]
            for place in order
        ],
    )


def _fault(row: "dict[str, str]") -> str:
    return f"{row['fault']} for {float(row['during_s']):g} s"

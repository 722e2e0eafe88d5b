"""Measured faults beside their predictions: how many agree, each disagreement, longest stalls."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from experiments.faults.measured import FACTOR, STALL_S, STALL_SHARE, disagreements
from experiments.report.blocks import Block, Prose, Table, figure, numbers, text, words
from experiments.report.measured_settings import shared_and_own, with_shared
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
    lines = rows_of(rows.iloc[[place for place, _ in apart]])
    shared, own = shared_and_own([line["settings"] for line in lines])
    return Table(
        with_shared("The misses: where prediction and measurement disagree", shared),
        words("fault", "cluster", "what", "settings besides"),
        [
            [text(_fault(line)), text(line["cluster"]), text(what), text(settings)]
            for (_, what), line, settings in zip(apart, lines, own, strict=True)
        ],
    )


def _stalls(told: pd.DataFrame) -> Table:
    off_s = _off_s(told)
    order = np.argsort(-np.abs(off_s), kind="stable")[:WORST_ROWS]
    lines = rows_of(told.iloc[order])
    shared, own = shared_and_own([line["settings"] for line in lines])
    return Table(
        with_shared("The longest gap between acks, where it is furthest off", shared),
        [*words("fault"), *numbers("error", "measured", "predicted"), *words("settings besides")],
        [
            [
                text(_fault(line)),
                figure(float(off), "+.2f", " s"),
                figure(float(line["stall_s"]), ".2f", " s"),
                figure(float(line["model_stall_s"]), ".2f", " s"),
                text(settings),
            ]
            for off, line, settings in zip(off_s[order], lines, own, strict=True)
        ],
    )


def _fault(row: Mapping[str, str]) -> str:
    return "no fault" if row["fault"] == "none" else f"{row['fault']}, {float(row['during_s']):g} s"

"""Measured throughput and latency beside their predictions: figures asked for, errors, misses."""

from collections.abc import Iterator

import pandas as pd

from experiments.report.blocks import Block, Cell, Prose, Table, figure, numbers, text, words
from experiments.report.measured_settings import shared_and_own, with_shared
from experiments.validation.errors import FIGURES, error_table
from experiments.validation.loads import is_noisy
from experiments.validation.pairs import ratio_table
from experiments.validation.targets import Reached, reached
from experiments.validation.worst import worst_rows
from model import MEASURED_MACHINE

LEAD = (
    "Constants of the machine were fitted on measured rows that are marked for calibration; all"
    " other rows are predictions. Errors are absolute."
)


def measured_rates(rows: pd.DataFrame) -> Iterator[Block]:
    """The tables of predicted rows; the ratio only where both depths were measured."""
    figures = reached(rows, MEASURED_MACHINE)
    missed = sum(figure.missed for figure in figures)
    noisy = f"{is_noisy(rows).sum()} of {len(rows)} rows are marked noisy and left out of them."
    asked = f"{len(figures) - missed} of {len(figures)} figures asked for are reached."
    yield Prose(f"{LEAD} {noisy} {asked}")
    yield _targets(figures)
    yield _errors(error_table(rows))
    ratios = ratio_table(rows)
    if len(ratios):
        yield _ratios(ratios)
    yield _worst(worst_rows(rows, MEASURED_MACHINE))


def _targets(figures: list[Reached]) -> Table:
    return Table(
        "Figures asked for, without rows for calibration: errors in %, and the most allowed",
        [
            *words("figure", "rows"),
            *numbers("number", "median", "allowed", "90th percentile", "allowed"),
            *words("verdict"),
        ],
        [
            [
                text(each.target.name),
                text(each.target.over),
                figure(each.rows, "d"),
                figure(each.median, ".1f"),
                figure(each.target.median, "g"),
                figure(each.p90, ".1f"),
                figure(each.target.p90, "g"),
                Cell("missed" if each.missed else "reached", tone="missed" if each.missed else ""),
            ]
            for each in figures
        ],
    )


def _errors(errors: pd.DataFrame) -> Table:
    return Table(
        "Errors by kind of run: median / 90th percentile in %",
        [*words("rows"), *numbers("number", *(name for _, _, name in FIGURES))],
        [
            [
                text(line["group"]),
                Cell(_number_of_rows(line), float(line["rows"])),
                *(_spread(line, name) for _, _, name in FIGURES),
            ]
            for _, line in errors.iterrows()
        ],
    )


def _number_of_rows(line: "pd.Series[float]") -> str:
    return f"{line['rows']}" + (f" + {line['noisy']} noisy" if line["noisy"] else "")


def _spread(line: "pd.Series[float]", name: str) -> Cell:
    median, p90 = float(line[f"{name} median %"]), float(line[f"{name} p90 %"])
    return Cell(f"{median:.1f} / {p90:.1f}" if median == median else "-", median)


def _ratios(ratios: pd.DataFrame) -> Table:
    return Table(
        "Records/s of five in flight over one, in the rows of the first kind",
        numbers("round trip", "measured", "predicted", "error"),
        [
            [
                figure(rtt_ms, "g", " ms"),
                figure(measured, ".2f"),
                figure(predicted, ".2f"),
                figure(error, "+.1f", " %"),
            ]
            for rtt_ms, measured, predicted, error in ratios.to_numpy()
        ],
    )


def _worst(worst: pd.DataFrame) -> Table:
    """The rows furthest off for what is allowed, and why."""
    shared, own = shared_and_own([str(settings) for settings in worst["settings"]])
    return Table(
        with_shared("The misses: the rows that are furthest off", shared),
        [
            *words("row", "run", "figure"),
            *numbers("measured", "predicted", "error"),
            *words("why"),
        ],
        [
            [
                text(line["row"]),
                Cell(text(line["load"]).text, note=settings),
                text(line["figure"]),
                figure(float(line["measured"]), ",.6g"),
                figure(float(line["predicted"]), ",.6g"),
                figure(float(line["error %"]), "+.1f", " %"),
                text(line["why"]),
            ]
            for (_, line), settings in zip(worst.iterrows(), own, strict=True)
        ],
        wide=True,
    )

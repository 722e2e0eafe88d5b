"""Measured throughput and latency beside their predictions: by group, and the rows furthest off."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from experiments.report.blocks import Cell, Table, figure, numbers, text, words
from experiments.report.measured_settings import shared_and_own, with_shared
from experiments.validation.errors import FIGURES, error_table, ratio_table, relative_errors
from experiments.validation.measured import rows_of
from experiments.validation.prediction import reach_of
from model import REFERENCE_MACHINE

WORST_ROWS = 8


def measured_rates(rows: pd.DataFrame) -> Iterator[Table]:
    """The tables of one file of rows; the ratio only where both depths were measured."""
    beyond = reach_of(rows, REFERENCE_MACHINE)
    errors = error_table(rows, beyond)
    yield _errors(errors)
    ratios = ratio_table(rows, beyond)
    if len(ratios):
        yield _ratios(ratios)
    if not all(beyond):
        yield _worst(rows, beyond)


def _errors(errors: pd.DataFrame) -> Table:
    return Table(
        "Errors by group of rows: median / 90th percentile of the absolute error, in %",
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
        "Records/s of five in flight over one, in the rows of the first group",
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


def _worst(rows: pd.DataFrame, beyond: list[str]) -> Table:
    errors = relative_errors(rows)["records/s"]
    within = np.array([not why for why in beyond])
    order = np.argsort(-np.where(within, np.nan_to_num(np.abs(errors)), -1), kind="stable")
    places = [int(place) for place in order[:WORST_ROWS] if within[place]]
    lines = rows_of(rows.iloc[places])
    shared, own = shared_and_own([line["settings"] for line in lines])
    caption = "The misses: rows within the model's reach that are furthest off in records/s"
    return Table(
        with_shared(caption, shared),
        [
            *numbers(
                "error", "measured/s", "predicted/s", "round trip", "partitions", "outstanding"
            ),
            *words("settings besides"),
        ],
        [
            [figure(100 * float(errors[place]), "+.1f", " %"), *_measured(line), text(settings)]
            for place, line, settings in zip(places, lines, own, strict=True)
        ],
    )


def _measured(row: Mapping[str, str]) -> Sequence[Cell]:
    measured = float(row["records_per_s"])
    noisy = "noisy" if row.get("noisy") == "1" else ""
    return [
        Cell(f"{measured:,.0f}", measured, note=noisy),
        figure(float(row["model_records_per_s"]), ",.0f"),
        figure(float(row["rtt_us"]) / 1e3, "g", " ms"),
        figure(float(row["partitions"]), "g"),
        figure(float(row["outstanding"]), "g"),
    ]

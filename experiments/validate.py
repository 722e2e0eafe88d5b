"""`inflight validate`: predict measured rows and say how far off the model is.

Writes the rows that it was given, in their order, with the model's columns appended.
"""

from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import pandas as pd
from rich.table import Table

from experiments.kit.command import FILE, run_command
from experiments.kit.console import console
from experiments.kit.pool import Workers
from experiments.kit.store import csv_bytes, replace_file
from experiments.validation.errors import FIGURES, error_table, ratio_table, relative_errors
from experiments.validation.measured import read_measured, rows_of
from experiments.validation.prediction import predict, reach_of
from model import REFERENCE_MACHINE, load_machine

WORST_ROWS = 5


@click.command()
@click.option("--measured", type=FILE, required=True, help="Measured rows (CSV).")
@click.option("--constants", type=FILE, help="Machine constants (JSON); default: the project's.")
@click.option("--out", type=FILE, required=True, help="Where the rows with predictions go (CSV).")
@click.option("--jobs", type=click.IntRange(1), help="Processes; default: one for each core.")
def command(measured: Path, constants: Path | None, out: Path, jobs: int | None) -> None:
    """Predict measured runs of a real Kafka and print the error for each group of rows."""
    machine = load_machine(constants) if constants else REFERENCE_MACHINE
    rows = read_measured(measured)
    with Workers(jobs) as workers:
        predicted = predict(rows, machine, workers)
    replace_file(out, csv_bytes(predicted))
    show(predicted, reach_of(rows, machine))
    click.echo(f"\nRows with predictions: {out}")


def show(predicted: pd.DataFrame, beyond: list[str]) -> None:
    """Print the error of each group, the ratio five to one, and the worst rows in reach."""
    out = console()
    out.print(_errors(error_table(predicted, beyond)))
    ratios = ratio_table(predicted, beyond)
    if len(ratios):
        out.print(_ratios(ratios))
    out.print("Furthest off in records/s, of the rows within the model's reach:")
    for line in _worst(predicted, beyond):
        out.print(line, soft_wrap=True)


def _worst(predicted: pd.DataFrame, beyond: list[str]) -> Iterator[str]:
    errors = relative_errors(predicted)["records/s"]
    size = np.where([not why for why in beyond], np.nan_to_num(np.abs(errors)), 0)
    rows = rows_of(predicted)
    for place in np.argsort(-size, kind="stable")[:WORST_ROWS]:
        row = rows[place]
        kind = ", ".join(f"{name} {row[name]}" for name in ("rtt_us", "partitions", "outstanding"))
        noisy = ", noisy" if row.get("noisy") == "1" else ""
        yield f"  {100 * errors[place]:+6.1f} %  {kind}{noisy}  {row['settings']}"


def _errors(errors: pd.DataFrame) -> Table:
    table = Table(title="Absolute error in %, median / 90th percentile (noisy rows left out)")
    table.add_column("group", min_width=24)
    for name in ("rows", *(name for _, _, name in FIGURES)):
        table.add_column(name, justify="right")
    for line in rows_of(errors):
        cells = [
            f"{_number(line[f'{name} median %'])} / {_number(line[f'{name} p90 %'])}"
            for _, _, name in FIGURES
        ]
        noisy = "" if line["noisy"] == "0" else f" + {line['noisy']} noisy"
        table.add_row(line["group"], f"{line['rows']}{noisy}", *cells)
    return table


def _ratios(ratios: pd.DataFrame) -> Table:
    table = Table(title="records/s of five in flight over one, headline rows")
    for name in ("RTT ms", "measured", "predicted", "error"):
        table.add_column(name, justify="right")
    for rtt_ms, measured, predicted, error in ratios.to_numpy():
        table.add_row(f"{rtt_ms:g}", f"{measured:.2f}", f"{predicted:.2f}", f"{error:+.1f} %")
    return table


def _number(text: str) -> str:
    return "-" if text == "nan" else f"{float(text):.1f}"


if __name__ == "__main__":
    run_command(command)

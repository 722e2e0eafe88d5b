"""`inflight validate`: predict measured rows and say how far off the model is.

Writes the rows that it was given, in their order, with the model's columns appended.
"""

import math
from pathlib import Path

import click
import pandas as pd
from rich.console import Console
from rich.table import Table

from experiments.kit.command import FILE, run_command
from experiments.kit.store import csv_bytes, replace_file
from experiments.validation.errors import error_table, ratio_table, relative_errors
from experiments.validation.measured import read_measured
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
    predicted = predict(rows, machine, jobs)
    replace_file(out, csv_bytes(predicted))
    show(predicted, reach_of(rows, machine))
    click.echo(f"\nRows with predictions: {out}")


def show(predicted: pd.DataFrame, beyond: list[str]) -> None:
    """Print the error of each group, the ratio five to one, and the worst rows in reach."""
    console = Console(highlight=False)
    console.print(_errors(error_table(predicted, beyond)))
    ratios = ratio_table(predicted, beyond)
    if len(ratios):
        console.print(_ratios(ratios))
    errors = relative_errors(predicted)["records/s"].abs()[[not reason for reason in beyond]]
    console.print("Furthest off in records/s, of the rows within the model's reach:")
    for place, error in errors.nlargest(WORST_ROWS).items():
        row = predicted.loc[place]
        kind = ", ".join(f"{name} {row[name]}" for name in ("rtt_us", "partitions", "outstanding"))
        noisy = ", noisy" if row.get("noisy") == "1" else ""
        console.print(f"  {100 * error:5.1f} %  {kind}{noisy}  {row['settings']}", soft_wrap=True)


def _errors(errors: pd.DataFrame) -> Table:
    table = Table(title="Absolute error in %, median / 90th percentile (noisy rows left out)")
    table.add_column("group")
    figures = [name.removesuffix(" median %") for name in errors if name.endswith(" median %")]
    for name in ("rows", *figures):
        table.add_column(name, justify="right")
    for line in errors.to_dict("records"):
        cells = [f"{_number(line[f'{f} median %'])} / {_number(line[f'{f} p90 %'])}" for f in figures]
        noisy = f" + {line['noisy']} noisy" if line["noisy"] else ""
        table.add_row(line["group"], f"{line['rows']}{noisy}", *cells)
    return table


def _ratios(ratios: pd.DataFrame) -> Table:
    table = Table(title="records/s of five in flight over one, headline rows")
    for name in ("RTT ms", "measured", "predicted", "error"):
        table.add_column(name, justify="right")
    for rtt_ms, measured, predicted, error in ratios.itertuples(index=False):
        table.add_row(f"{rtt_ms:g}", f"{measured:.2f}", f"{predicted:.2f}", f"{error:+.1f} %")
    return table


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1f}"


if __name__ == "__main__":
    run_command(command)

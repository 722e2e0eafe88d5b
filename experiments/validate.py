"""`inflight validate`: predict measured rows and say how far off the model is.

Writes the rows that it was given, in their order, with the model's columns appended.
"""

from pathlib import Path

import click
import pandas as pd

from experiments.kit.command import FILE, run_command
from experiments.kit.console import console
from experiments.kit.pool import Workers
from experiments.kit.store import csv_bytes, replace_file
from experiments.kit.style import save
from experiments.published.report import draw, verdict_table
from experiments.published.verdicts import CLAIMS, verdicts
from experiments.validation import limits
from experiments.validation.errors import error_table
from experiments.validation.measured import read_measured
from experiments.validation.pairs import ratio_table
from experiments.validation.prediction import predict
from experiments.validation.report import (
    group_table,
    limit_lines,
    ratio_lines,
    target_table,
    worst_lines,
)
from experiments.validation.targets import reached
from experiments.validation.worst import worst_rows
from model import MEASURED_MACHINE, ConfigError, MachineConfig, load_machine


@click.command()
@click.option("--measured", type=FILE, help="Measured rows (CSV).")
@click.option("--published", is_flag=True, help="Hold published claims against the model instead.")
@click.option("--constants", type=FILE, help="Machine constants (JSON); default: the project's.")
@click.option("--out", type=FILE, required=True, help="Where the rows go (CSV).")
@click.option(
    "--check-limits",
    is_flag=True,
    help="Double each row's limit, and another resource: does throughput rise, and does it not?",
)
@click.option("--jobs", type=click.IntRange(1), help="Processes; default: one for each core.")
def command(
    measured: Path | None,
    published: bool,
    constants: Path | None,
    out: Path,
    check_limits: bool,
    jobs: int | None,
) -> None:
    """Predict measured runs of a real Kafka and print how far off each figure is."""
    if published == (measured is not None):
        raise ConfigError("validate", measured, "must have either --measured or --published")
    if measured is None:
        show_published(out, jobs)
        return
    machine = load_machine(constants) if constants else MEASURED_MACHINE
    rows = read_measured(measured)
    with Workers(jobs) as workers:
        predicted = predict(rows, machine, workers)
        replace_file(out, csv_bytes(predicted))
        show(read_measured(out), machine)
        if check_limits:
            show_limits(rows, machine, workers)
    click.echo(f"\nRows with predictions: {out}")


def show_published(out: Path, jobs: int | None) -> None:
    """Print each claim's verdict; keep rows and a picture."""
    with Workers(jobs) as workers:
        rows = verdicts(CLAIMS, workers)
    replace_file(out, csv_bytes(rows))
    console().print(verdict_table(rows))
    click.echo(f"Rows: {out}")
    for path in save(draw(rows), out.parent, out.stem):
        click.echo(f"Chart: {path}")


def show(predicted: pd.DataFrame, machine: MachineConfig) -> None:
    """Print the figures asked for, the error of each group, ratios, and the worst rows."""
    out = console()
    out.print(target_table(reached(predicted, machine)))
    out.print(group_table(error_table(predicted)))
    ratios = ratio_table(predicted)
    if len(ratios):
        out.print(ratio_lines(ratios))
    out.print("Furthest off, of rows that are not noisy:")
    for line in worst_lines(worst_rows(predicted, machine)):
        out.print(line, soft_wrap=True)


def show_limits(rows: pd.DataFrame, machine: MachineConfig, workers: Workers) -> None:
    """Print whether the limits that rows name are their limits."""
    click.echo("Named limits, each checked by two more runs:")
    for line in limit_lines(limits.check_limits(rows, machine, workers)):
        click.echo(line)


if __name__ == "__main__":
    run_command(command)

"""`inflight validate`: predict measured rows and say how far off the model is.

Writes the rows that it was given, in their order, with the model's columns appended.
"""

from collections.abc import Iterable
from pathlib import Path

import click

from experiments.kit import effort
from experiments.kit.as_json import tell
from experiments.kit.assumes import assumed_of_rows
from experiments.kit.command import say, say_paths, show
from experiments.kit.measured import read_rows, require_columns
from experiments.kit.options import FILE, options
from experiments.kit.pool import Workers
from experiments.kit.progress import Waiting
from experiments.kit.published import OwnOrPublished
from experiments.kit.store import csv_bytes, replace_file, require_place
from experiments.kit.style import save
from experiments.kit.tables import Table, as_fields
from experiments.validation import client_tables, clients, tables
from experiments.validation.limits import check_limits
from experiments.validation.prediction import MEASURED, predict, scenarios_of
from experiments.validation.published import claims
from model import MEASURED_MACHINE, load_machine

ROWS = OwnOrPublished("validation/measured", ".csv")
SEEDS = "Predict with so many seeds: figures are medians, with their range (default: 1)."
LIMITS = "Double each row's limit, and another resource: does throughput rise, and does it not?"


@click.command()
@click.option("--measured", type=ROWS, help="Measured rows (CSV), one's own or the project's.")
@click.option("--published", is_flag=True, help="Hold published claims against the model instead.")
@click.option("--constants", type=FILE, help="Machine constants (JSON); default: the project's.")
@click.option("--out", type=FILE, required=True, help="Where the rows go (CSV).")
@click.option("--seeds", type=click.IntRange(1, 100), default=1, help=SEEDS)
@click.option("--check-limits", "limits_too", is_flag=True, help=LIMITS)
@options("json", "jobs")
def command(
    measured: Path | None,
    published: bool,
    constants: Path | None,
    out: Path,
    seeds: int,
    limits_too: bool,
    jobs: int | None,
) -> None:
    """Predict measured runs of a real Kafka and print how far off each figure is."""
    if published == (measured is not None):
        raise click.UsageError("validate takes one of --measured, --published")
    require_place(out)
    if measured is None:
        hold_published(out, jobs)
        return
    machine = load_machine(constants) if constants else MEASURED_MACHINE
    rows = read_rows(measured)
    of_clients = clients.are_of_clients(rows)
    if of_clients:
        clients.refuse_limits(limits_too)
    require_columns(rows, measured, clients.MEASURED if of_clients else MEASURED)
    assumption = assumed_of_rows(constants)
    scenarios = (clients.scenarios_of if of_clients else scenarios_of)(rows, machine)
    say(effort.told(scenarios, jobs, seeds))
    with Waiting("validate") as waiting, Workers(jobs, waiter=waiting) as workers:
        make = clients.predict if of_clients else predict
        replace_file(out, csv_bytes(make(rows, machine, workers, seeds)))
        predicted = read_rows(out)
        if of_clients:
            shown, answer = client_tables.tables(predicted), client_tables.summary(predicted)
        else:
            shown, answer = tables.tables(predicted, machine), tables.summary(predicted, machine)
        if limits_too:
            shown += tables.limits(check_limits(rows, machine, workers))
    say([assumption])
    _show_all(shown)
    say([f"\nRows with predictions: {out}"])
    _tell(answer, assumption, shown, [out])


def hold_published(out: Path, jobs: int | None) -> None:
    """Print each claim's verdict; keep rows and a picture."""
    with Waiting("validate") as waiting, Workers(jobs, waiter=waiting) as workers:
        replace_file(out, csv_bytes(claims.verdicts(claims.CLAIMS, workers)))
    rows = claims.read_verdicts(out)
    shown, files = list(claims.all_of(rows)), [out, *save(claims.draw(rows), out.parent, out.stem)]
    say([claims.summary(rows)])
    _show_all(shown)
    say_paths(files)
    _tell(claims.summary(rows), "Assumed: what each claim says of its world.", shown, files)


def _tell(answer: str, assumption: str, shown: Iterable[Table], files: Iterable[Path]) -> None:
    told = {"command": "validate", "answer": answer, "assumed": assumption}
    tell({**told, "tables": map(as_fields, shown), "files": files})


def _show_all(shown: Iterable[Table]) -> None:
    """Print tables."""
    for table in shown:
        show(table)

"""`inflight calibrate`: fit the machine constants to measured runs, one's own or the project's."""

import json
from dataclasses import asdict
from pathlib import Path

import click
import numpy as np

from experiments.calibration.fit import ASSUMED_US, UNIDENTIFIED, Fit, fit
from experiments.calibration.residual_chart import draw
from experiments.kit.command import FILE, run_command
from experiments.kit.pool import Workers
from experiments.kit.store import replace_file
from experiments.kit.style import save
from experiments.validation.measured import read_measured


@click.command()
@click.option("--measured", type=FILE, required=True, help="Measured rows (CSV).")
@click.option("--out", type=FILE, required=True, help="Where the constants go (JSON).")
@click.option("--jobs", type=click.IntRange(1), help="Processes; default: one for each core.")
def command(measured: Path, out: Path, jobs: int | None) -> None:
    """Fit the machine constants on the rows marked as calibration (takes some minutes)."""
    rows = read_measured(measured)
    with Workers(jobs) as workers:
        result = fit(rows, workers)
    replace_file(out, constants_json(result, measured.name).encode())
    for name, error in result.relative_error.items():
        told = " - these rows do not identify it" if error > UNIDENTIFIED else ""
        click.echo(f"{_told(name, getattr(result.machine, name))}  +- {100 * error:.0f} %{told}")
    for name, value in ASSUMED_US.items():
        click.echo(f"{_told(name, value)}  assumed")
    click.echo(f"median |residual| {np.median(np.abs(result.residuals['percent'])):.2f} %; {out}")
    for path in save(draw(result.residuals), out.parent, f"{out.stem}_residuals"):
        click.echo(f"Chart: {path}")


def _told(name: str, value: float) -> str:
    return f"{name:20} {value:10.4g} {'us' if name.endswith('_us') else '  '}"


def constants_json(result: Fit, source: str) -> str:
    """The constants with where they came from, as read by ``model.load_machine``."""
    told = {
        "constants": asdict(result.machine),
        "unit": "microseconds, but for what is named otherwise",
        "origin": f"inflight calibrate on {result.rows} calibration rows of {source}",
        "assumed": sorted(ASSUMED_US),
        "relative_standard_error": {
            name: float(f"{error:.2g}") for name, error in result.relative_error.items()
        },
        "median_absolute_residual_percent": float(
            f"{np.median(np.abs(result.residuals['percent'])):.3g}"
        ),
    }
    return json.dumps(told, indent=2) + "\n"


if __name__ == "__main__":
    run_command(command)

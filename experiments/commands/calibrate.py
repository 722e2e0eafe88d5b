"""`inflight calibrate`: fit the machine constants to measured runs, one's own or the project's."""

import json
from pathlib import Path

import click

from experiments.kit.as_json import tell
from experiments.kit.command import say, say_paths
from experiments.kit.measured import read_rows
from experiments.kit.options import FILE, options
from experiments.kit.pool import Workers
from experiments.kit.progress import Waiting
from experiments.kit.published import OwnOrPublished
from experiments.kit.store import replace_file
from experiments.kit.style import save
from experiments.validation.calibration import ASSUMED_US, UNIDENTIFIED, fit
from experiments.validation.charts import residuals_chart
from experiments.validation.prediction import MEASURED

ROWS = OwnOrPublished("validation/measured", ".csv")


@click.command()
@click.option("--measured", type=ROWS, required=True, help="Measured rows (CSV).")
@click.option("--out", type=FILE, required=True, help="Where the constants go (JSON).")
@options("json", "jobs")
def command(measured: Path, out: Path, jobs: int | None) -> None:
    """Fit the machine constants on the rows marked as calibration (takes some minutes)."""
    rows = read_rows(measured, MEASURED)
    with Waiting("calibrate") as waiting, Workers(jobs, waiter=waiting) as workers:
        fitted = fit(rows, workers)
    replace_file(out, fitted.constants_json(measured.name).encode())
    for name, error in fitted.relative_error.items():
        unsure = " - these rows do not identify it" if error > UNIDENTIFIED else ""
        say([f"{_line(name, getattr(fitted.machine, name))}  +- {100 * error:.0f} %{unsure}"])
    say(f"{_line(name, value)}  assumed" for name, value in ASSUMED_US.items())
    say([f"median |residual| {fitted.median_residual_percent:.2f} %; {out}"])
    charts = save(residuals_chart(fitted.residuals), out.parent, f"{out.stem}_residuals")
    say_paths(charts)
    told = {"command": "calibrate", "fit": json.loads(fitted.constants_json(measured.name))}
    tell({**told, "files": [out, *charts]})


def _line(name: str, value: float) -> str:
    return f"{name:20} {value:10.4g} {'us' if name.endswith('_us') else '  '}"

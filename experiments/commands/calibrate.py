"""`inflight calibrate`: fit the machine constants to measured runs, one's own or the project's."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click
import pandas as pd

from experiments.kit.as_json import tell
from experiments.kit.command import say, say_paths
from experiments.kit.measured import read_rows
from experiments.kit.options import FILE, options
from experiments.kit.pool import Workers
from experiments.kit.progress import Waiting
from experiments.kit.published import OwnOrPublished
from experiments.kit.store import replace_file, require_place
from experiments.kit.style import save
from experiments.kit.words import count
from experiments.measure import law
from experiments.validation.calibration import ASSUMED_US, START, Fit
from experiments.validation.charts import residuals_chart
from experiments.validation.codecs import fit_codecs
from experiments.validation.few import fit
from experiments.validation.kinds import is_calibration
from experiments.validation.prediction import MEASURED
from model import MEASURED_MACHINE, ConfigError, load_machine

#: Ours: left over by more than this, rows and model say different things.
CONTRADICTED_PERCENT = 10.0
CONTRADICTION = (
    "That is more than constants can be blamed for: either these runs contradict each other, as"
    " those of a busy machine do, or the model lacks what holds them back. Do not use them."
)
ROWS = OwnOrPublished("validation/measured", ".csv")


@click.command()
@click.option("--measured", type=ROWS, required=True, help="Measured rows (CSV).")
@click.option("--out", type=FILE, required=True, help="Where the constants go (JSON).")
@click.option("--codecs", is_flag=True, help="Fit what codecs cost, on rows with and without one.")
@click.option("--constants", type=FILE, help="With --codecs: the others (JSON); default: ours.")
@options("json", "jobs")
def command(
    measured: Path, out: Path, codecs: bool, constants: Path | None, jobs: int | None
) -> None:
    """Fit the machine constants on the rows marked as calibration (takes some minutes).

    As few as two rows will do, as `inflight measure read` leaves them: then our laboratory's
    constants are moved as far as the rows tell, and what they do not tell is said.
    """
    require_place(out)
    rows = read_rows(measured, MEASURED)
    if codecs:
        _calibrate_codecs(rows, constants, measured.name, out, jobs)
        return
    if constants is not None:
        raise ConfigError("--constants", constants, "goes with --codecs: all others are fitted")
    with Waiting("calibrate") as waiting, Workers(jobs, waiter=waiting) as workers:
        fitted = fit(rows, workers)
    replace_file(out, fitted.constants_json(measured.name).encode())
    told = [*map(law.in_words, law.laws(rows)), *law.not_filled(rows[is_calibration(rows)])]
    few = fitted.rows <= len(START)
    say(told if few else ())
    say(_lines(fitted))
    say([f"median |residual| {fitted.median_residual_percent:.2f} %; {out}"])
    say([_caution(fitted)] if few else ())
    if fitted.median_residual_percent > CONTRADICTED_PERCENT:
        say([CONTRADICTION])
    charts = save(residuals_chart(fitted.residuals), out.parent, f"{out.stem}_residuals")
    say_paths(charts)
    fields = {"command": "calibrate", "fit": json.loads(fitted.constants_json(measured.name))}
    tell({**fields, "notes": told if few else [], "files": [out, *charts]})


def _calibrate_codecs(
    rows: pd.DataFrame, constants: Path | None, source: str, out: Path, jobs: int | None
) -> None:
    """Fit the constants of codecs, and leave the others as they are."""
    machine = load_machine(constants) if constants else MEASURED_MACHINE
    contents = json.loads(constants.read_text(encoding="utf-8")) if constants else {}
    with Waiting("calibrate") as waiting, Workers(jobs, waiter=waiting) as workers:
        fitted, costs = fit_codecs(rows, machine, workers)
    contents["constants"] = asdict(fitted)
    names = ", ".join(each.codec for each in costs)
    contents["codecs"] = f"inflight calibrate --codecs on rows of {source}: {names}"
    replace_file(out, (json.dumps(contents, indent=2) + "\n").encode())
    say(
        f"{each.codec:8} {each.client_byte_us:10.3g} us a byte in the client,"
        f" {each.broker_byte_us:.3g} in the broker"
        for each in costs
    )
    say([f"uncompressed bytes, at each codec's default level; {out}"])
    tell({"command": "calibrate", "codecs": [asdict(each) for each in costs], "files": [out]})


def _lines(fitted: Fit) -> Iterator[str]:
    """A line for each constant, with its interval or with why it has none."""
    for name in fitted.relative_error:
        low, high = fitted.interval(name)
        unsure = " - these rows do not tell it" if name in fitted.untold else ""
        value = _line(name, getattr(fitted.machine, name))
        yield f"{value}  95 %: {low:.3g} to {high:.3g}{unsure}"
    for name in fitted.kept:
        whose = "assumed" if name in ASSUMED_US else "our laboratory's"
        yield f"{_line(name, getattr(fitted.machine, name))}  {whose}"


def _caution(fitted: Fit) -> str:
    """What so few rows are worth."""
    untold = f", and nothing of {', '.join(fitted.untold)}" if fitted.untold else ""
    return (
        f"{count(fitted.rows, 'run')} of one cluster tell sums of constants better than each of"
        f" them{untold}. inflight validate on other runs says how far to trust them."
    )


def _line(name: str, value: float) -> str:
    return f"{name:20} {value:10.4g} {'us' if name.endswith('_us') else '  '}"

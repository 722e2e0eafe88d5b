"""`inflight list`: what there is, what each answers, and where its results are."""

from pathlib import Path

import click

from experiments.catalogue import OTHERS, RESULTS, SWEEPS, every
from experiments.kit import published
from experiments.kit.command import say
from experiments.kit.store import has_run


@click.command()
def command() -> None:
    """List the experiments and whether they have results."""
    listed = [(RESULTS / stored.name, stored.question) for stored in OTHERS]
    listed += [(SWEEPS / experiment.name, experiment.question) for experiment in every()]
    for folder, question in listed:
        name = folder.relative_to(RESULTS)
        where = folder if _has_results(folder) else "not run yet"
        if where != folder and _has_results(published.RESULTS / name):
            where = "not run here; the report has it"
        say([f"{name.as_posix():26} {question:92} {where}"])


def _has_results(folder: Path) -> bool:
    return has_run(folder) or any(folder.glob("**/*.csv"))

"""`inflight list`: what there is, what each answers, and where its results are."""

import click

from experiments.catalogue import OTHERS, RESULTS, SWEEPS, every
from experiments.kit.command import say
from experiments.kit.store import has_run


@click.command()
def command() -> None:
    """List the experiments and whether they have results."""
    listed = [(RESULTS / stored.name, stored.question) for stored in OTHERS]
    listed += [(SWEEPS / experiment.name, experiment.question) for experiment in every()]
    for folder, question in listed:
        where = folder if has_run(folder) or any(folder.glob("**/*.csv")) else "not run yet"
        say([f"{folder.relative_to(RESULTS).as_posix():26} {question:92} {where}"])

"""`inflight list`: what there is, what each answers, and where its results are."""

import click

from experiments.catalogue import OTHERS, RESULTS, SWEEPS, every
from experiments.kit.as_json import tell
from experiments.kit.command import say
from experiments.kit.options import options
from experiments.kit.store import has_run


@click.command()
@options("json")
def command() -> None:
    """List the experiments and whether they have results."""
    listed = [(RESULTS / stored.name, stored.question) for stored in OTHERS]
    listed += [(SWEEPS / experiment.name, experiment.question) for experiment in every()]
    found = []
    for folder, question in listed:
        ran = has_run(folder) or any(folder.glob("**/*.csv"))
        name, where = folder.relative_to(RESULTS).as_posix(), folder if ran else None
        say([f"{name:26} {question:92} {where or 'not run yet'}"])
        found.append({"name": name, "question": question, "results": where})
    tell({"command": "list", "experiments": found})

"""`inflight list`: what there is, what each answers, and where its results are."""

import click

from experiments.catalogue import OTHERS, PUBLISHED, every, results_of
from experiments.kit.as_json import tell
from experiments.kit.command import say
from experiments.kit.options import options


@click.command()
@options("json")
def command() -> None:
    """List the experiments and whether they have results."""
    listed = [(stored.name, stored.question) for stored in OTHERS]
    listed += [(f"sweeps/{experiment.name}", experiment.question) for experiment in every()]
    found = []
    for name, question in listed:
        folder = results_of(name)
        where = folder if any(folder.glob("**/*.csv")) else None
        came = where and where.resolve().is_relative_to(PUBLISHED.resolve())
        shipped = " (came with Inflight)" if came else ""
        say([f"{name:26} {question:92} {where or 'not run yet'}{shipped}"])
        found.append({"name": name, "question": question, "results": where})
    tell({"command": "list", "experiments": found})

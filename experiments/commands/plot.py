"""`inflight plot NAME`: charts again, from stored rows alone."""

from pathlib import Path

import click

from experiments.catalogue import EXPERIMENTS, OTHERS, RESULTS, SWEEPS, load
from experiments.kit.command import say_paths
from experiments.kit.options import FILE
from experiments.kit.results import redraw

_OTHERS = {stored.name: stored for stored in OTHERS}


@click.command()
@click.argument("name", type=click.Choice([*_OTHERS, *EXPERIMENTS]))
@click.option("--results", type=FILE, help="Its folder; default: where NAME leaves them.")
def command(name: str, results: Path | None) -> None:
    """Redraw an experiment's charts from its stored rows."""
    if name in _OTHERS:
        say_paths(_OTHERS[name].load().redraw(results or RESULTS / name))
    else:
        say_paths(redraw(load(name), results or SWEEPS / name))

"""`inflight list`: what there is, what each answers, and where its results are."""

from pathlib import Path

import click

from experiments.catalogue import OTHERS, RESULTS, SWEEPS, every
from experiments.kit.command import run_command, say
from experiments.kit.store import MANIFEST


@click.command()
def command() -> None:
    """List the experiments and whether they have results."""
    listed = [(RESULTS / stored.name, stored.question) for stored in OTHERS]
    listed += [(SWEEPS / experiment.name, experiment.question) for experiment in every()]
    say(f"{_name(folder):26} {question:92} {_where(folder)}" for folder, question in listed)


def _name(folder: Path) -> str:
    return folder.relative_to(RESULTS).as_posix()


def _where(folder: Path) -> str:
    has_run = (folder / MANIFEST).is_file() or any(folder.glob("**/*.csv"))
    return str(folder) if has_run else "not run yet"


if __name__ == "__main__":
    run_command(command)

"""`inflight list`: the experiments there are, what each answers, and where its results are."""

from pathlib import Path

import click

from experiments.kit.command import run_command
from experiments.kit.store import MANIFEST
from experiments.kit.sweep import load_sweep
from experiments.sweeps import SWEEPS

#: Experiment, its folder under results/, what it answers.
EXPERIMENTS = (
    ("compare", "what one request in flight costs against five, by distance"),
    ("ask", "twenty questions that Kafka users ask"),
    ("faults", "what each fault does to records, by producer"),
    ("bench", "what a simulation costs, against what, and how that grows"),
    ("validation", "how far predictions are from a measured Kafka"),
)


@click.command()
def command() -> None:
    """List the experiments and whether they have results."""
    sweeps = ((f"sweeps/{name}", load_sweep(name).question) for name in SWEEPS)
    for name, answers in (*EXPERIMENTS, *sweeps):
        folder = Path("results") / name
        has = (folder / MANIFEST).is_file() or any(folder.glob("**/*.csv"))
        click.echo(f"{name:26} {answers:92} {folder if has else 'not run yet'}")


if __name__ == "__main__":
    run_command(command)

"""`inflight sweep NAME`: runs what is missing of an experiment in the default world.

NAME is one of the project's, or a file of the user's own that defines one. Leaves rows, chart and
answer; an interrupted or killed run goes on where it stopped.
"""

from pathlib import Path

import click

from experiments.catalogue import EXPERIMENTS, SMOKE, SWEEPS, every, load
from experiments.kit.cluster import Cluster
from experiments.kit.command import INTERRUPTED, console, say, say_paths
from experiments.kit.experiment import Experiment
from experiments.kit.journal import Journal
from experiments.kit.options import FILE, options
from experiments.kit.own import is_own, load_own, told
from experiments.kit.pool import Executor, Workers
from experiments.kit.progress import Progress
from experiments.kit.results import leave
from experiments.kit.runner import WORKED_WITH, Study
from experiments.kit.store import require_undamaged
from experiments.kit.tables import terminal
from experiments.kit.world import World
from model import ConfigError


@click.command()
@click.argument("name", required=False)
@click.option("--list", "listed", is_flag=True, help="List the experiments and what they ask.")
@click.option("--all", "all_", is_flag=True, help="Run every one, one after the other.")
@options("jobs")
@click.option("--cluster", metavar="ADDRESS", help="Run on the Dask scheduler there instead.")
@click.option("--smoke", is_flag=True, help=f"The first points only, into {SMOKE}/NAME.")
@click.option("--out", type=FILE, help=f"Folder that NAME's results go to; default: {SWEEPS}/NAME.")
def command(
    name: str | None,
    listed: bool,
    all_: bool,
    jobs: int | None,
    cluster: str | None,
    smoke: bool,
    out: Path | None,
) -> int:
    """Run what is missing of an experiment; go on where an interrupted one stopped.

    NAME is one of --list, or a file of your own such as my_sweep.py that defines SWEEP or
    EXPERIMENT.
    """
    if sum((name is not None, listed, all_)) != 1:
        raise click.UsageError("sweep takes one of NAME, --all, --list")
    if cluster and jobs:
        raise click.UsageError("--cluster and --jobs exclude each other")
    if out and all_:
        raise click.UsageError("--out is for one sweep")
    if listed:
        say(f"{experiment.name:20} {experiment.question}" for experiment in every())
        return 0
    if name and is_own(name):
        experiment = own(Path(name))
        with told(Path(name)):
            return _run(experiment, out, jobs, cluster, smoke, tables=True)
    worst = 0
    for experiment in map(load, [name] if name else EXPERIMENTS):
        code = _run(experiment, out, jobs, cluster, smoke)
        worst = max(worst, code)
        if code == INTERRUPTED:
            break
    return worst


def own(path: Path) -> Experiment:
    """The experiment in a user's file, which must not write over one of the project's."""
    experiment = load_own(path)
    if experiment.name in EXPERIMENTS:
        rule = "must have a name of its own, by which its results are kept"
        raise ConfigError("sweep", experiment.name, rule)
    return experiment


def _run(
    experiment: Experiment,
    out: Path | None,
    jobs: int | None,
    cluster: str | None,
    smoke: bool,
    tables: bool = False,
) -> int:
    """Run an experiment in the default world, on whatever is to run it."""
    folder = out or (SMOKE if smoke else SWEEPS) / experiment.name
    executor = Cluster(cluster) if cluster else Workers(jobs, WORKED_WITH)
    return sweep(experiment, folder, executor, World(rtt_ms=experiment.rtt_ms), smoke, tables)


def sweep(
    experiment: Experiment,
    folder: Path,
    executor: Executor,
    world: World,
    smoke: bool = False,
    tables: bool = False,
) -> int:
    """Run an experiment in a world into its folder, with its tables if wanted; the exit code."""
    require_undamaged(folder)
    points = experiment.chosen(world, smoke)
    with Journal(folder) as journal, executor, Progress(experiment.name) as progress:
        study = Study(experiment, world, points, journal, executor, progress)
        try:
            rows = study.rows()
        except KeyboardInterrupt:
            text = f"interrupted; {progress.done} of {progress.total} runs are kept in {folder}"
            click.echo(f"{text}: the same command goes on from there", err=True)
            return INTERRUPTED
    if rows.empty:
        click.echo(f"{experiment.name}: every run failed", err=True)
        return 1
    answer, paths = leave(study, rows, folder)
    say([answer])
    for table in experiment.tables(rows) if tables else ():
        console().print(terminal(table))
    say_paths(paths)
    click.echo(f"{progress.done - progress.kept_before} runs made, {progress.kept_before} kept.")
    if study.failed:
        click.echo(f"{len(study.failed)} runs failed; the same command tries them again", err=True)
    return 1 if study.failed else 0

"""`inflight sweep NAME`: runs what is missing of an experiment in the default world.

NAME is one of the project's, or a file of the user's own that defines one. Leaves rows, chart and
answer; an interrupted or killed run goes on where it stopped.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from experiments.catalogue import EXPERIMENTS, OWN_SWEEPS, SMOKE, every, load
from experiments.kit import effort
from experiments.kit.as_json import tell
from experiments.kit.assumes import assumed
from experiments.kit.cluster import Cluster
from experiments.kit.command import INTERRUPTED, say, say_paths, show
from experiments.kit.experiment import Experiment
from experiments.kit.journal import Journal
from experiments.kit.options import FILE, options
from experiments.kit.own import in_one_line, is_own, load_own
from experiments.kit.pool import Executor, Workers
from experiments.kit.progress import Progress
from experiments.kit.results import figures, leave
from experiments.kit.runner import WORKED_WITH, Study
from experiments.kit.store import require_folder, require_undamaged
from experiments.kit.world import World
from model import ConfigError

OUT = f"Where NAME's results go, with --all a folder above; default: {OWN_SWEEPS}/NAME."


@click.command()
@click.argument("name", required=False)
@click.option("--list", "listed", is_flag=True, help="List the experiments and what they ask.")
@click.option("--all", "all_", is_flag=True, help="Run every one, one after the other.")
@options("jobs")
@click.option("--cluster", metavar="ADDRESS", help="Run on the Dask scheduler there instead.")
@click.option("--smoke", is_flag=True, help=f"The first points only, into {SMOKE}/NAME.")
@options("json")
@click.option("--out", type=FILE, help=OUT)
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
    if cluster is not None and jobs:
        raise click.UsageError("--cluster and --jobs exclude each other")
    if listed:
        say(f"{experiment.name:20} {experiment.question}" for experiment in every())
        tell({"command": "sweep", "sweeps": [experiment.says() for experiment in every()]})
        return 0
    worst, found = 0, list[Mapping[str, Any]]()
    for each in [name] if name else EXPERIMENTS:
        mine = is_own(each)
        experiment = own(Path(each)) if mine else load(each)
        below = out if out and all_ else SMOKE if smoke else OWN_SWEEPS
        folder = out if out and name else below / experiment.name
        with in_one_line(Path(each)) if mine else nullcontext():
            code, of_one = _run(experiment, folder, jobs, cluster, smoke)
        worst = max(worst, code)
        found.append(of_one)
        if code == INTERRUPTED:
            return worst
    tell({"command": "sweep", "sweeps": found})
    return worst


def own(path: Path) -> Experiment:
    """The experiment in a user's file, which must not write over one of the project's."""
    experiment = load_own(path)
    if experiment.name in EXPERIMENTS:
        rule = "must have a name of its own, by which its results are kept"
        raise ConfigError("sweep", experiment.name, rule)
    return experiment


def _run(
    experiment: Experiment, folder: Path, jobs: int | None, cluster: str | None, smoke: bool
) -> tuple[int, Mapping[str, Any]]:
    """Run an experiment in the default world, on whatever is to run it."""
    executor = Cluster(cluster) if cluster is not None else Workers(jobs, WORKED_WITH)
    return sweep(experiment, folder, executor, experiment.default_world(), smoke)


def sweep(
    experiment: Experiment, folder: Path, executor: Executor, world: World, smoke: bool = False
) -> tuple[int, Mapping[str, Any]]:
    """Run an experiment in a world into its folder; the exit code, and what was found."""
    require_folder(folder)
    require_undamaged(folder)
    points, told = experiment.chosen(world, smoke), dict[str, Any](experiment.says())
    told["assumed"] = assumed([point.scenario for point in points], world.resolved.kafka)
    say([told["assumed"]])
    with Journal(folder) as journal, executor, Progress(experiment.name) as progress:
        study = Study(experiment, world, points, journal, executor, progress)
        if isinstance(executor, Workers):
            say(effort.told_s(study.work_s, executor.jobs))
        try:
            rows = study.rows()
        except KeyboardInterrupt:
            text = f"interrupted; {progress.done} of {progress.total} runs are kept in {folder}"
            click.echo(f"{text}: the same command goes on from there", err=True)
            return INTERRUPTED, told
    if rows.empty:
        click.echo(f"{experiment.name}: every run failed", err=True)
        return 1, told
    answer, paths = leave(study, rows, folder)
    say([answer])
    for table in experiment.tables(rows):
        show(table)
    say_paths(paths)
    say([f"{progress.done - progress.kept_before} runs made, {progress.kept_before} kept."])
    if study.failed:
        click.echo(f"{len(study.failed)} runs failed; the same command tries them again", err=True)
    told |= {"answer": answer, "figures": figures(study, rows), "world": world.manifest()}
    return 1 if study.failed else 0, told | {"failed": study.failed, "files": paths}

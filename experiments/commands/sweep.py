"""`inflight sweep NAME`: runs what is missing of an experiment in the default world.

NAME is one of the project's, or a file of the user's own that defines one. Leaves rows, chart and
answer; an interrupted or killed run goes on where it stopped.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import click
import pandas as pd

from experiments.catalogue import EXPERIMENTS, OWN_SWEEPS, SMOKE, every, load, module_of
from experiments.kit import effort
from experiments.kit.as_json import is_wanted, tell
from experiments.kit.aside import Aside
from experiments.kit.assumes import assumed
from experiments.kit.cluster import Cluster
from experiments.kit.command import INTERRUPTED, say, say_paths, show
from experiments.kit.experiment import Experiment
from experiments.kit.journal import Journal
from experiments.kit.options import FILE, options
from experiments.kit.own import in_one_line, is_own, load_own
from experiments.kit.pool import Executor, Workers, cores
from experiments.kit.progress import Progress
from experiments.kit.results import CHART, figures, leave
from experiments.kit.runner import WORKED_WITH, Study
from experiments.kit.store import Contents, require_folder, require_undamaged
from experiments.kit.style import drawn
from experiments.kit.world import World
from model import ConfigError

#: An exit code, and what was found as fields of JSON.
Found = tuple[int, Mapping[str, Any]]
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
    mine = name is not None and is_own(name)
    asked = list(every()) if name is None else [own(Path(name)) if mine else load(name)]
    below = out if out and all_ else SMOKE if smoke else OWN_SWEEPS
    folders = [out if out and name else below / each.name for each in asked]
    modules = () if mine else tuple(module_of(each.name) for each in asked)
    with in_one_line(Path(name)) if name and mine else nullcontext():
        executor = Cluster(cluster) if cluster is not None else Workers(jobs, WORKED_WITH + modules)
        with executor, Aside((__name__,), alone=name is not None or cores(jobs) == 1) as aside:
            found = _one_after_another(zip(asked, folders, strict=True), executor, aside, smoke)
    codes = [code for code, _ in found]
    if INTERRUPTED in codes:
        return INTERRUPTED
    tell({"command": "sweep", "sweeps": [fields for _, fields in found]})
    return max(codes)


def own(path: Path) -> Experiment:
    """The experiment in a user's file, which must not write over one of the project's."""
    experiment = load_own(path)
    if experiment.name in EXPERIMENTS:
        rule = "must have a name of its own, by which its results are kept"
        raise ConfigError("sweep", experiment.name, rule)
    return experiment


def _one_after_another(
    asked: Iterable[tuple[Experiment, Path]], executor: Executor, aside: Aside, smoke: bool
) -> list[Found]:
    """Run experiments in the default world; the chart of one is drawn while the next is run."""
    found, conclude = list[Found](), list[Callable[[], Found]]()
    for experiment, folder in asked:
        world = experiment.default_world()
        try:
            begun = begin(experiment, folder, executor, world, smoke, aside)
        finally:  # what was run before is told, whatever came of this one
            found += [each() for each in conclude]
            conclude = []
        if begun is None:
            return [*found, (INTERRUPTED, {})]
        conclude = [begun]
    return found + [each() for each in conclude]


def sweep(experiment: Experiment, folder: Path, executor: Executor, world: World) -> Found:
    """Run an experiment in a world into its folder."""
    with executor:
        conclude = begin(experiment, folder, executor, world)
    return (INTERRUPTED, experiment.says()) if conclude is None else conclude()


def begin(
    experiment: Experiment,
    folder: Path,
    executor: Executor,
    world: World,
    smoke: bool = False,
    aside: Aside | None = None,
) -> Callable[[], Found] | None:
    """Make an experiment's runs; call what is given to write and tell what was found.

    None: interrupted. ``aside`` draws the chart until then, and has the experiment by its name.
    """
    require_folder(folder)
    require_undamaged(folder)
    if aside is not None and aside.alone:
        aside = None
    points, told = experiment.chosen(world, smoke), dict[str, Any](experiment.says())
    told["assumed"] = assumed([point.scenario for point in points], world.resolved.kafka)
    if aside is None:
        say([told["assumed"]])
    with Journal(folder) as journal, Progress(experiment.name) as progress:
        study = Study(experiment, world, points, journal, executor, progress)
        if aside is None and isinstance(executor, Workers):
            say(effort.told_s(study.work_s, executor.jobs))
        try:
            rows = study.rows()
        except KeyboardInterrupt:
            text = f"interrupted; {progress.done} of {progress.total} runs are kept in {folder}"
            click.echo(f"{text}: the same command goes on from there", err=True)
            return None
    if rows.empty:
        return partial(_without_rows, told)
    if aside is None:
        return partial(_with_rows, study, rows, folder, told)
    chart = aside.ask(_chart, (experiment.name, rows, folder))
    return partial(_later, study, rows, folder, told, chart)


def _without_rows(told: Mapping[str, Any]) -> Found:
    click.echo(f"{told['name']}: every run failed", err=True)
    return 1, told


def _chart(asked: tuple[str, pd.DataFrame, Path]) -> Contents:
    name, rows, folder = asked
    return drawn(load(name).draw(rows), folder, CHART)


def _later(
    study: Study,
    rows: pd.DataFrame,
    folder: Path,
    told: Mapping[str, Any],
    chart: Callable[[], Contents],
) -> Found:
    """As below, with what else was said before the runs."""
    say([told["assumed"]])
    return _with_rows(study, rows, folder, told, chart())


def _with_rows(
    study: Study,
    rows: pd.DataFrame,
    folder: Path,
    told: Mapping[str, Any],
    chart: Contents | None = None,
) -> Found:
    answer, paths = leave(study, rows, folder, chart)
    say([answer])
    for table in study.experiment.tables(rows):
        show(table)
    say_paths(paths)
    progress = study.progress
    say([f"{progress.done - progress.kept_before} runs made, {progress.kept_before} kept."])
    if study.failed:
        click.echo(f"{len(study.failed)} runs failed; the same command tries them again", err=True)
    found: dict[str, Any] = {"figures": figures(study, rows)} if is_wanted() else {}
    found |= {"answer": answer, "world": study.world.manifest()}
    found |= {"failed": study.failed, "files": paths}
    return 1 if study.failed else 0, {**told, **found}

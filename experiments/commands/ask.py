"""`inflight ask`: the questions there are, or the answer to one of them in the user's world."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from experiments.catalogue import EXPERIMENTS, OWN, every, find
from experiments.kit import effort
from experiments.kit.as_json import is_wanted, tell
from experiments.kit.asking import Asking
from experiments.kit.assumes import about_copies, assumed
from experiments.kit.command import say, say_paths, show
from experiments.kit.experiment import Experiment
from experiments.kit.journal import Kept
from experiments.kit.options import FILE, options
from experiments.kit.pool import Workers
from experiments.kit.progress import Progress
from experiments.kit.properties import describe
from experiments.kit.results import figures, leave
from experiments.kit.runner import WORKED_WITH, Study
from experiments.kit.store import replace_file, require_folder, require_place
from experiments.kit.tables import Table, filled, numbers, words
from experiments.kit.words import assumes
from experiments.kit.world import World, world_of

REPEATS = "Runs of each point, for intervals; default: as many as it takes."
RATE = "Records/s; default: what one in flight carries easily."


@click.command(cls=Asking)
@click.argument("question", nargs=-1)
@click.option("--rtt-ms", type=float, help="Distance; default: the question's own, mostly 20.")
@click.option("--rate", "rate_per_s", type=float, help=RATE)
@click.option("--out", type=FILE, help=f"Where results go; default: {OWN}/ask/NAME.")
@click.option("--repeats", "replications", type=int, help=REPEATS)
@options("properties", "as_kind", "which", "client", "kafka", "overrides", "world")
@options("arrivals", "value_bytes", "key_space", "compression")
@options("partitions", "brokers", "replicas", "min_insync", "replica_rtt_ms")
@options("seed", "constants", "json", "html", "jobs")
def command(
    question: tuple[str, ...],
    rtt_ms: float | None,
    out: Path | None,
    html: Path | None,
    jobs: int | None,
    **given: Any,
) -> int:
    """List the questions, or answer QUESTION: a number, a name, or words that only it has."""
    experiments = find(" ".join(question)) if question else list(every())
    if len(experiments) > 1:
        show(listing(experiments))
        tell({"command": "ask", "questions": [each.says() for each in experiments]})
        return 0
    (experiment,) = experiments
    distance_ms = experiment.rtt_ms if rtt_ms is None else rtt_ms
    copies = experiment.default_world().topic.replicas
    world = world_of(rtt_ms=distance_ms, usual_replicas=copies, fine=False, **given)
    folder = out or OWN / "ask" / experiment.name
    require_folder(folder)
    if html is not None:
        require_place(html, "html")
    return answer(experiment, world, folder, jobs, html)


def answer(
    experiment: Experiment, world: World, folder: Path, jobs: int | None, html: Path | None
) -> int:
    """Run an experiment in a world, print its answer and leave its results; the exit code."""
    points = experiment.chosen(world)
    scenarios, notes = [point.scenario for point in points], describe(world.resolved)
    assumption = assumed(scenarios, world.resolved.kafka)
    rule = experiment.replications.exactly(world.replications)
    say([assumption, *notes, *effort.told(scenarios, jobs, rule.fewest + 1)])  # and a pilot
    with Workers(jobs, WORKED_WITH) as workers, Progress(experiment.name) as progress:
        study = Study(experiment, world, points, Kept(), workers, progress)
        rows = study.rows()
    if study.failed:
        click.echo(f"{len(study.failed)} of the runs failed: no answer", err=True)
        return 1
    sentence, paths = leave(study, rows, folder)
    say([f"\n{experiment.question}\n\n{sentence}\n\n{assumes(experiment.assumption)}\n"])
    for table in experiment.tables(rows):
        show(table)
    say(about_copies(scenarios, experiment.one_copy_because))
    say_paths(paths)
    if html is not None:
        from experiments.report.own import of_question  # who wants no page does not wait

        replace_file(html, of_question(experiment, world, folder, assumption).encode())
        say([f"Page: {html}"])
    told = {
        "command": "ask",
        "answer": sentence,
        "assumed": assumption,
        "notes": notes,
        **experiment.says(),
        "figures": figures(study, rows) if is_wanted() else [],
        "world": world.manifest(),
        "files": paths,
    }
    tell(told)
    return 0


def listing(experiments: Sequence[Experiment]) -> Table:
    """Questions as a table, by their numbers."""
    numbered = ((EXPERIMENTS.index(each.name) + 1, each) for each in experiments)
    rows = [
        (number, experiment.question, ", ".join((experiment.name, *experiment.aliases)))
        for number, experiment in numbered
    ]
    return filled("", [*numbers("N"), *words("question", "or ask for")], rows)

"""`inflight bench`: how much Kafka one second of waiting buys, measured side by side."""

from pathlib import Path

import click
import pandas as pd

from experiments.bench.against import FRAME, against_rows, against_table, states
from experiments.bench.alone import HUNDRED
from experiments.bench.cases import ONE_FAR, scenarios
from experiments.bench.growth import QUICK as QUICK_SIZES
from experiments.bench.growth import SIZES, growth_rows, points
from experiments.bench.rivals import LEFT_OUT, installed
from experiments.bench.stored import FRAMES, NOTE, redraw, stored, tables
from experiments.bench.trials import SEED, Row, groups, interleaved, profile
from experiments.catalogue import OWN
from experiments.kit.command import say, say_paths, show
from experiments.kit.options import FILE
from experiments.kit.progress import Waiting
from experiments.kit.store import require_folder, save_run

OUT = OWN / "bench"
TREE = click.Path(exists=True, file_okay=False, path_type=Path)
#: Requests of a scenario and of a sweep's point, repetitions, and the commands that are started.
FULL = (5_000, 4_000, 5, ("--help", "compare"))
QUICK = (200, 50, 1, ("--help",))


@click.command()
@click.option("--quick", is_flag=True, help="Tiny runs, once: to see that it works.")
@click.option("--large", is_flag=True, help="Growth up to 10^8 records; takes minutes more.")
@click.option("--against", type=TREE, help="Only this: beside an earlier state, in this folder.")
@click.option("--out", type=FILE, default=OUT, show_default=True, help="Where results go.")
def command(quick: bool, large: bool, against: Path | None, out: Path) -> None:
    """Time the model beside bare SimPy, a per-record model and librdkafka's mock cluster."""
    require_folder(out)
    if against is not None:
        _time_against(against, quick, out)
        return
    requests, of_a_point, repetitions, commands = QUICK if quick else FULL
    sizes = points(QUICK_SIZES if quick else SIZES, large)
    manifest = {"experiment": "bench", "quick": quick, "requests": requests}
    timings, growth = list[Row](), list[Row]()
    parts, folder = pd.DataFrame(), out / "interrupted"
    try:
        trials = groups(requests, of_a_point, commands)
        runs = sum(map(len, trials)) * repetitions
        side_by_side = interleaved(trials, repetitions)
        with Waiting("side by side") as waiting:
            for row in waiting.each(side_by_side, runs):
                timings.append(row)
        runs = len(sizes) * repetitions
        with Waiting("growth") as waiting:
            for row in waiting.each(growth_rows(sizes, repetitions), runs):
                growth.append(row)
        parts, folder = profile(scenarios(requests)[ONE_FAR], SEED), out
    finally:  # what was timed by a benchmark that did not come to its end is kept apart
        taken = zip(FRAMES, (pd.DataFrame(timings), pd.DataFrame(growth), parts), strict=True)
        save_run(folder, {name: frame for name, frame in taken if len(frame)}, manifest)
    for table in tables(*stored(out)):
        show(table)
    say([NOTE, *([] if installed() else [LEFT_OUT])])
    say_paths(redraw(out))


def _time_against(before: Path, quick: bool, out: Path) -> None:
    """The model as it is, and compiled, beside an earlier state."""
    requests, _, repetitions, _ = QUICK if quick else FULL
    names = [*scenarios(requests), HUNDRED]
    taken = list[Row]()
    with Waiting("against before") as waiting:
        rows = against_rows(before, requests, repetitions, names)
        for row in waiting.each(rows, len(names) * repetitions * len(states())):
            taken.append(row)
    frame = pd.DataFrame(taken)
    save_run(out / FRAME, {FRAME: frame}, {"experiment": "bench", "requests": requests})
    show(against_table(frame))

"""`inflight bench`: how much Kafka one second of waiting buys, measured side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import pandas as pd
from rich.progress import track

from experiments.bench.cases import ONE_FAR, cases
from experiments.bench.growth import QUICK as QUICK_SIZES
from experiments.bench.growth import SIZES, Point, growth_rows, points
from experiments.bench.rivals import LEFT_OUT, installed
from experiments.bench.stored import FRAMES, NOTE, redraw, stored, tables
from experiments.bench.trials import (
    SEED,
    Row,
    Trial,
    cost_groups,
    interleaved,
    profile,
    start_groups,
    sweep_group,
)
from experiments.kit.command import console, run_command, say, say_paths
from experiments.kit.options import FILE
from experiments.kit.store import save_run
from experiments.kit.tables import terminal

RESULTS = Path("results/bench")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    requests: int
    sweep_requests: int
    repetitions: int
    commands: tuple[str, ...]


FULL = Extent(5_000, 4_000, 5, ("--help", "compare"))
QUICK = Extent(200, 50, 1, ("--help",))


@click.command()
@click.option("--quick", is_flag=True, help="Tiny runs, once: to see that it works.")
@click.option("--large", is_flag=True, help="Growth up to 10^8 records; takes minutes more.")
@click.option("--out", type=FILE, default=RESULTS, show_default=True, help="Where results go.")
def command(quick: bool, large: bool, out: Path) -> None:
    """Time the model beside bare SimPy, a per-record model and librdkafka's mock cluster."""
    extent = QUICK if quick else FULL
    sizes = points(QUICK_SIZES if quick else SIZES, large)
    manifest = {"experiment": "bench", "quick": quick, "requests": extent.requests}
    timings, growth = list[Row](), list[Row]()
    parts, folder = pd.DataFrame(), out / "interrupted"
    try:
        _measure(extent, sizes, timings, growth)
        parts, folder = profile(cases(extent.requests)[ONE_FAR], SEED), out
    finally:  # what was timed by a benchmark that did not come to its end is kept apart
        frames = dict(
            zip(FRAMES, (pd.DataFrame(timings), pd.DataFrame(growth), parts), strict=True)
        )
        save_run(folder, {name: frame for name, frame in frames.items() if len(frame)}, manifest)
    for table in tables(*stored(out)):
        console().print(terminal(table))
    say([NOTE, *([] if installed() else [LEFT_OUT])])
    say_paths(redraw(out))


def _measure(extent: Extent, sizes: Sequence[Point], timings: list[Row], growth: list[Row]) -> None:
    """Take all timings; what was taken stays in the lists if this is interrupted."""
    groups = _groups(extent)
    screen, again = console(), extent.repetitions
    trials, runs = sum(map(len, groups)) * again, len(sizes) * again
    for row in track(interleaved(groups, again), "side by side", trials, console=screen):
        timings.append(row)
    for row in track(growth_rows(sizes, again), "growth", runs, console=screen):
        growth.append(row)


def _groups(extent: Extent) -> list[list[Trial]]:
    return [
        *cost_groups(extent.requests),
        sweep_group(extent.sweep_requests),
        *start_groups(extent.commands),
    ]


if __name__ == "__main__":
    run_command(command)

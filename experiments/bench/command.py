"""`inflight bench`: how much Kafka one second of waiting buys, measured side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import pandas as pd
from rich.progress import track

from experiments.bench.cases import ONE_FAR, cases
from experiments.bench.figures import figures
from experiments.bench.growth import QUICK as QUICK_SIZES
from experiments.bench.growth import SIZES, Point, growth_rows, points
from experiments.bench.interleaved import Trial, interleaved
from experiments.bench.mock_cluster import LEFT_OUT, installed
from experiments.bench.profile import profile
from experiments.bench.trials import SEED, cost_groups, start_groups, sweep_group
from experiments.kit.command import FILE, run_command
from experiments.kit.console import console

RESULTS = Path("results/bench")
#: Where the whole repetitions of a benchmark go that did not come to its end.
INTERRUPTED = "interrupted"
FRAMES = ("timings", "growth", "profile")


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
    asked = points(QUICK_SIZES if quick else SIZES, large)
    told = {"experiment": "bench", "quick": quick, "requests": extent.requests}
    timings, growth = list[dict[str, object]](), list[dict[str, object]]()
    try:
        _measure(extent, asked, timings, growth)
    except KeyboardInterrupt:
        _save(timings, growth, pd.DataFrame(), out / INTERRUPTED, told)
        raise
    _save(timings, growth, profile(cases(extent.requests)[ONE_FAR], SEED), out, told)
    _show(out)


def _measure(
    extent: Extent,
    asked: Sequence[Point],
    timings: list[dict[str, object]],
    growth: list[dict[str, object]],
) -> None:
    """Take all timings; what was taken stays in the lists if this is interrupted."""
    groups = _groups(extent)
    screen, again = console(), extent.repetitions
    trials, runs = sum(map(len, groups)) * again, len(asked) * again
    for row in track(interleaved(groups, again), "side by side", trials, console=screen):
        timings.append(row)
    for row in track(growth_rows(asked, again), "growth", runs, console=screen):
        growth.append(row)


def _groups(extent: Extent) -> list[list[Trial]]:
    return [
        *cost_groups(extent.requests),
        sweep_group(extent.sweep_requests),
        *start_groups(extent.commands),
    ]


def _save(
    timings: list[dict[str, object]],
    growth: list[dict[str, object]],
    parts: pd.DataFrame,
    out: Path,
    told: dict[str, object],
) -> None:
    from experiments.kit.store import save_run

    taken = pd.DataFrame(timings), pd.DataFrame(growth), parts
    frames = dict(zip(FRAMES, taken, strict=True))
    save_run(out, {name: frame for name, frame in frames.items() if len(frame)}, told)


def _show(out: Path) -> None:
    """Print the tables and draw the chart, from what was stored."""
    from experiments.bench.report import tables

    screen = console()
    timings, growth, parts = stored(out)
    screen.print(tables(figures(timings), growth, parts))
    if not installed():
        screen.print(LEFT_OUT)
    for path in draw(out):
        screen.print(f"Chart: {path}", soft_wrap=True)


def stored(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The rows that a benchmark left: timings, growth, and where the time goes."""
    from experiments.kit.store import load_frame

    timings, growth, parts = (load_frame(folder, name) for name in FRAMES)
    return timings, growth, parts


def draw(folder: Path) -> list[Path]:
    """Draw the chart from stored rows; the paths written."""
    from experiments.bench.charts import bench_chart
    from experiments.kit.style import save

    timings, growth, _ = stored(folder)
    return save(bench_chart(timings, growth), folder, "bench")


if __name__ == "__main__":
    run_command(command)

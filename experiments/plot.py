"""`inflight plot NAME`: charts again, from stored rows alone."""

from pathlib import Path

import click

from experiments.bench.command import draw as draw_bench
from experiments.compare.drawing import FRAMES, draw
from experiments.faults.command import CHARTS as FAULT_CHARTS
from experiments.kit.command import FILE, run_command
from experiments.kit.pool import Workers
from experiments.kit.store import load_frame
from experiments.kit.style import save
from experiments.kit.sweep import load_analysis
from experiments.sweeps import SWEEPS
from experiments.validation.drawing import redraw
from model import MEASURED_MACHINE


@click.command()
@click.argument("name", type=click.Choice(["bench", "compare", "faults", "validation", *SWEEPS]))
@click.option("--results", type=FILE, help="Its folder; default: where NAME leaves them.")
def command(name: str, results: Path | None) -> None:
    """Redraw an experiment's charts from its stored rows."""
    folder = results or Path("results/sweeps" if name in SWEEPS else "results") / name
    if name in SWEEPS:
        for path in save(load_analysis(name).draw(load_frame(folder, "rows")), folder, "chart"):
            click.echo(f"Chart: {path}")
        return
    if name == "validation":
        for path in redraw(folder, MEASURED_MACHINE):
            click.echo(f"{'Rows' if path.suffix == '.csv' else 'Chart'}: {path}")
        return
    if name == "faults":
        for chart, drawn in FAULT_CHARTS.items():
            rows = load_frame(folder / chart, chart)
            for path in save(drawn(rows), folder / chart, chart):
                click.echo(f"Chart: {path}")
        return
    if name == "bench":
        for path in draw_bench(folder):
            click.echo(f"Chart: {path}")
        return
    frames = {frame: load_frame(folder, frame) for frame in FRAMES.values()}
    for path in draw(frames, folder, Workers(jobs=1)):
        click.echo(f"Chart: {path}")


if __name__ == "__main__":
    run_command(command)

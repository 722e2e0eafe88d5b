"""`inflight sweep NAME`: runs what is missing of a sweep, and leaves rows, chart and answer."""

from pathlib import Path
from typing import Any

import click
import pandas as pd

from experiments.kit.cluster import Cluster
from experiments.kit.command import FILE, run_command
from experiments.kit.console import console
from experiments.kit.digest import model_version
from experiments.kit.executor import Executor
from experiments.kit.grid import Point
from experiments.kit.journal import Journal
from experiments.kit.pool import Workers
from experiments.kit.progress import Progress
from experiments.kit.store import parquet_bytes, require_undamaged, save_run
from experiments.kit.study import Study
from experiments.kit.style import save
from experiments.kit.sweep import Sweep, load_analysis, load_sweep
from experiments.sweeps import SWEEPS

RESULTS, SMOKE = Path("results/sweeps"), Path("results/smoke")
INTERRUPTED = 130


@click.command()
@click.argument("name", required=False)
@click.option("--list", "listed", is_flag=True, help="List the sweeps and what they ask.")
@click.option("--all", "every", is_flag=True, help="Run every sweep, one after the other.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; default: one for each core.")
@click.option("--cluster", metavar="ADDRESS", help="Run on the Dask scheduler there instead.")
@click.option("--smoke", is_flag=True, help=f"The first points only, into {SMOKE}/NAME.")
@click.option(
    "--out", type=FILE, help=f"Folder that NAME's results go to; default: {RESULTS}/NAME."
)
def command(
    name: str | None,
    listed: bool,
    every: bool,
    jobs: int | None,
    cluster: str | None,
    smoke: bool,
    out: Path | None,
) -> int:
    """Run what is missing of a sweep; go on where an interrupted one stopped."""
    if sum((name is not None, listed, every)) != 1:
        raise click.UsageError("sweep takes one of NAME, --all, --list")
    if cluster and jobs:
        raise click.UsageError("--cluster and --jobs exclude each other")
    if out and every:
        raise click.UsageError("--out is for one sweep")
    if listed:
        for each in SWEEPS:
            click.echo(f"{each:20} {load_sweep(each).question}")
        return 0
    worst = 0
    for sweep in map(load_sweep, [name] if name else SWEEPS):
        folder = out or (SMOKE if smoke else RESULTS) / sweep.name
        points = sweep.smoke if smoke else sweep.points
        code = carry_out_sweep(sweep, points, folder, _executor(jobs, cluster))
        if code == INTERRUPTED:
            return code
        worst = max(worst, code)
    return worst


def _executor(jobs: int | None, cluster: str | None) -> Executor:
    """The cores here, or the cluster there. Raises ConfigError."""
    return Cluster(cluster) if cluster else Workers(jobs, ["experiments.kit.task"])


def carry_out_sweep(
    sweep: Sweep, points: tuple[Point, ...], folder: Path, executor: Executor
) -> int:
    """Run a sweep into its folder; the exit code."""
    require_undamaged(folder)
    with Journal(folder) as journal, executor, Progress(sweep.name) as progress:
        study = Study(sweep, points, journal, executor, progress)
        try:
            rows = study.rows()
        except KeyboardInterrupt:
            told = f"interrupted; {progress.done} of {progress.total} runs are kept in {folder}"
            click.echo(f"{told}: the same command goes on from there", err=True)
            return INTERRUPTED
    if rows.empty:
        click.echo(f"{sweep.name}: every run failed", err=True)
        return 1
    leave(study, rows, folder)
    click.echo(f"{progress.done - progress.kept_before} runs made, {progress.kept_before} kept.")
    if study.failed:
        click.echo(f"{len(study.failed)} runs failed; the same command tries them again", err=True)
    return 1 if study.failed else 0


def leave(study: Study, rows: pd.DataFrame, folder: Path) -> None:
    """Write chart, rows, answer and, last, the manifest; tell the answer and where things are."""
    analysis, screen = load_analysis(study.sweep.name), console()
    answer = analysis.answer(rows)
    charts = save(analysis.draw(rows), folder, "chart")
    beside = {"rows.parquet": parquet_bytes(rows), "answer.txt": f"{answer}\n".encode()}
    save_run(folder, {"rows": rows}, told(study, rows), beside)
    screen.print(answer, soft_wrap=True)
    for path in (folder / "rows.csv", folder / "rows.parquet", *charts):
        screen.print(f"{'Chart' if path in charts else 'Rows'}: {path}", soft_wrap=True)


def told(study: Study, rows: pd.DataFrame) -> dict[str, Any]:
    """What the manifest says of a sweep."""
    sweep = study.sweep
    rule, contrast = sweep.replications, sweep.replications.contrast
    return {
        "experiment": f"sweep {sweep.name}",
        "question": sweep.question,
        "axes": {axis: list(levels) for axis, levels in sweep.axes.items()},
        "outcomes": [outcome.__name__ for outcome in sweep.outcomes],
        "points": int(rows["point"].nunique()),
        "rows": len(rows),
        "replications": {"fewest": rule.fewest, "most": rule.most, "precision": rule.precision},
        "compared": contrast and f"{contrast.outcome} against {contrast.axis}={contrast.base}",
        "model": model_version(),
        "failed": study.failed,
        "warm_up_not_found": study.unsettled,
    }


if __name__ == "__main__":
    run_command(command)

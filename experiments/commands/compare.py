"""`inflight compare`: one request in flight against five, for the user's own settings."""

from pathlib import Path
from typing import Any

import click

from experiments.kit.command import console, say, say_paths
from experiments.kit.options import FILE, options
from experiments.kit.pool import Workers, get_ready

#: What the runs and the charts are made with; slow to import, so workers begin with it.
WORKED_WITH = tuple(f"experiments.compare.{name}" for name in ("study", "stored", "charts"))
RESULTS = Path("results/compare")
DISTANCE = "Distance, repeatable; default: 0.2, 2 and 50."
RATE = "Records/s offered by each producer; default: 60 % of the slowest's capacity."


@click.command()
@options("properties", "kafka", "overrides")
@click.option("--rtt-ms", type=float, multiple=True, help=DISTANCE)
@click.option("--rate", "rate_per_s", type=float, help=RATE)
@options("arrivals", "outstanding", "value_bytes", "key_space")
@options("partitions", "brokers", "producers")
@click.option("--replications", type=int, default=5, show_default=True, help="For intervals.")
@options("seed", "constants")
@click.option("--out", type=FILE, default=RESULTS, show_default=True, help="Where results go.")
@options("jobs")
def command(rtt_ms: tuple[float, ...], out: Path, jobs: int | None, **given: Any) -> None:
    """Compare one request in flight with five, idempotent and not, at each distance."""
    if jobs != 1:
        get_ready(WORKED_WITH)
    # Imported while the workers' server starts.
    from experiments.compare.contenders import comparison
    from experiments.kit.properties import describe

    asked = comparison(rtt_ms, **given)
    say(describe(asked.world.resolved))
    with Workers(jobs, WORKED_WITH) as workers:
        # Imported while the workers start: what is not needed to refuse an option.
        from experiments.compare.advice import advise
        from experiments.compare.gains import changes_table
        from experiments.compare.stored import draw, ratio_lines, tables, unknown_lines
        from experiments.compare.study import carry_out_study
        from experiments.compare.tasks import Runs
        from experiments.compare.tried import try_changes
        from experiments.kit.store import save_run
        from experiments.kit.tables import terminal

        runs = Runs(workers)
        frames = carry_out_study(asked, runs)
        frames["changes"] = try_changes(asked.world, frames["rows"], runs)
        advice = advise(asked.world, frames["rows"], frames["changes"])
        changes = changes_table(frames["changes"], asked.world.rtt_ms)
        for table in (*tables(frames["rows"]), changes):
            console().print("", terminal(table))
        say([*unknown_lines(frames["rows"]), *ratio_lines(frames["rows"]), "", advice, ""])
        save_run(out, frames, {**asked.manifest(), "advice": advice})
        charts = draw(frames, out, workers)
    say_paths([out / "rows.csv", *charts])

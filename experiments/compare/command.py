"""`inflight compare`: one request in flight against five, for the user's own settings."""

from pathlib import Path
from typing import Any

import click

from experiments.kit.command import FILE
from experiments.kit.pool import Workers, get_ready

#: What the runs and the charts are made with; slow to import, so workers begin with it.
WORKED_WITH = ("experiments.compare.outcome", "experiments.compare.pictures")
RESULTS = Path("results/compare")


@click.command()
@click.option("--properties", type=FILE, help="A producer.properties file.")
@click.option("--kafka", default="4.1", help="Client version, 3.0 to 4.1.", show_default=True)
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="On top of the file.")
@click.option(
    "--rtt-ms", type=float, multiple=True, help="Distance, repeatable; default: 0.2, 2 and 50."
)
@click.option(
    "--rate",
    type=float,
    help="Records/s offered by each producer for latency; default: 60 % of the slowest's capacity.",
)
@click.option(
    "--arrivals",
    type=click.Choice(["poisson", "even"]),
    default="poisson",
    show_default=True,
    help="How they arrive.",
)
@click.option("--outstanding", type=int, help="A closed loop of so many records instead.")
@click.option("--record-bytes", type=int, default=1_000, help="Value size.", show_default=True)
@click.option("--key-space", type=int, default=0, help="Keys to draw from; 0: no keys.")
@click.option("--partitions", type=int, default=1, show_default=True, help="Of the topic.")
@click.option("--brokers", type=int, default=1, show_default=True, help="That lead them in turn.")
@click.option("--producers", type=int, default=1, show_default=True, help="All alike.")
@click.option("--replications", type=int, default=5, show_default=True, help="For intervals.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same rows.")
@click.option("--constants", type=FILE, help="Machine constants, see calibrate.")
@click.option("--out", type=FILE, default=RESULTS, show_default=True, help="Where results go.")
@click.option("--jobs", type=click.IntRange(1), help="Processes; default: one for each core.")
def command(out: Path, jobs: int | None, **options: Any) -> None:
    """Compare one request in flight with five, idempotent and not, at each distance."""
    if jobs != 1:
        get_ready(WORKED_WITH)
    # Imported while the workers' server starts.
    from experiments.compare.asked import ask, told
    from experiments.kit.console import console
    from experiments.kit.properties import describe

    question = ask(**options)
    screen = console()
    for line in describe(question.resolved):
        screen.print(line, soft_wrap=True)
    with Workers(jobs, WORKED_WITH) as workers:
        # Imported while the workers start: what is not needed to refuse an option.
        from experiments.compare.advice import advise
        from experiments.compare.drawing import draw
        from experiments.compare.report import tables
        from experiments.compare.study import carry_out_study
        from experiments.kit.store import save_run

        study = carry_out_study(question, workers)
        advice = advise(question, workers)
        screen.print()
        screen.print(tables(study.rows))
        screen.print(advice, soft_wrap=True)
        save_run(out, study.frames, told(question))
        charts = draw(study.frames, out, workers)
    screen.print(f"\nRows: {out / 'rows.csv'}", soft_wrap=True)
    for path in charts:
        screen.print(f"Chart: {path}", soft_wrap=True)

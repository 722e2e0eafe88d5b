"""`inflight ask`: the questions there are, or the answer to one of them for the user's settings."""

from pathlib import Path
from typing import Any

import click
import pandas as pd
from rich.box import SIMPLE
from rich.table import Table

from experiments.ask.base import Base
from experiments.ask.catalogue import QUESTIONS, find
from experiments.ask.question import Question
from experiments.ask.task import carry_out
from experiments.compare.asked import told as told_of
from experiments.compare.command import command as compare
from experiments.kit.command import FILE, run_command
from experiments.kit.console import console
from experiments.kit.machine import machine_of
from experiments.kit.pool import Workers
from experiments.kit.store import save_run
from experiments.kit.style import save
from experiments.properties import describe, load_settings
from model import TopicConfig

RESULTS = Path("results/ask")
#: What the runs need; slow to import, so workers begin with it.
WORKED_WITH = ("experiments.ask.catalogue",)
#: Options that mean here what they mean to ``compare``.
SHARED = (
    "properties",
    "kafka",
    "overrides",
    "arrivals",
    "record_bytes",
    "key_space",
    "partitions",
    "brokers",
    "replications",
    "seed",
    "constants",
    "jobs",
)


@click.command()
@click.argument("question", required=False)
@click.option("--rtt-ms", type=float, help="Distance; default: the question's own, mostly 20.")
@click.option("--rate", type=float, help="Records/s; default: what one in flight carries easily.")
@click.option("--out", type=FILE, help="Where results go; default: results/ask/NUMBER.")
def command(question: str | None, out: Path | None, jobs: int | None, **options: Any) -> None:
    """List the twenty questions, or answer QUESTION, a number or one of its words."""
    if question is None:
        console().print(listing())
        return
    asked = find(question)
    base = base_of(asked, **options)
    tasks = list(asked.tasks(base))
    screen = console()
    for line in describe(base.resolved):
        screen.print(line, soft_wrap=True)
    with Workers(jobs, WORKED_WITH) as workers:
        rows = carry_out(tasks, workers)
    screen.print(f"\n{asked.number}. {asked.text}\n\n{asked.answer(rows)}\n", soft_wrap=True)
    screen.print(f"It hangs on this: {asked.assumption}\n", soft_wrap=True)
    for line in leave(asked, base, rows, out or RESULTS / str(asked.number)):
        screen.print(line, soft_wrap=True)


command.params.extend(option for option in compare.params if option.name in SHARED)


def base_of(
    asked: Question,
    *,
    properties: Path | None,
    kafka: str,
    overrides: tuple[str, ...],
    rtt_ms: float | None,
    constants: Path | None,
    rate: float | None,
    record_bytes: int,
    partitions: int,
    brokers: int,
    **rest: Any,
) -> Base:
    """The base that the options describe. Raises ConfigError for whatever cannot be."""
    return Base(
        resolved=load_settings(properties, overrides, kafka),
        distances_ms={"there": asked.rtt_ms if rtt_ms is None else rtt_ms},
        machine=machine_of(constants),
        topic=TopicConfig(partitions=partitions, brokers=brokers),
        rate_per_s=rate,
        value_bytes=record_bytes,
        **rest,
    )


def listing() -> Table:
    """The questions as a table."""
    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("N", justify="right")
    table.add_column("question")
    table.add_column("or ask for", no_wrap=True)
    for question in QUESTIONS:
        table.add_row(str(question.number), question.text, ", ".join(question.aliases))
    return table


def leave(asked: Question, base: Base, rows: pd.DataFrame, out: Path) -> list[str]:
    """Store rows, manifest and chart; a line for each."""
    told = {**told_of(base), "experiment": f"ask, {asked.number}", "question": asked.text}
    save_run(out, {"rows": rows}, told)
    charts = save(asked.draw(rows), out, "chart")
    return [f"Rows: {out / 'rows.csv'}", *(f"Chart: {path}" for path in charts)]


if __name__ == "__main__":
    run_command(command)

"""`inflight faults`: the table of harm, a story, a search for broken promises, measured rows."""

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pandas as pd

from experiments.faults.campaign import BrokenInvariantError, broken_invariants, search
from experiments.faults.catalogue import QUIET_S, RATE_PER_S, RTT_MS
from experiments.faults.harm import harm_of
from experiments.faults.likelihood import likelihood_chart, likelihood_rows
from experiments.faults.measured import disagreements, predict, read_faults, scenario_of
from experiments.faults.schedule import read_schedule, written
from experiments.faults.story import ledger, timeline
from experiments.faults.story_chart import story_chart
from experiments.faults.story_frames import attempts_of, decisions_of, faults_of, transmissions_of
from experiments.faults.table import harm_chart, harm_rows, harm_table
from experiments.kit.command import FILE, run_command
from experiments.kit.console import console
from experiments.kit.machine import machine_of
from experiments.kit.pool import Workers
from experiments.kit.store import csv_bytes, replace_file, save_run
from experiments.kit.style import save
from experiments.properties import describe, load_settings
from experiments.validation.measured import rows_of
from model import (
    ConfigError,
    Fault,
    MachineConfig,
    OpenLoop,
    PathConfig,
    Scenario,
    TopicConfig,
    Workload,
    simulate,
)
from model.settings import Resolved

RESULTS = Path("results/faults")
LEGEND = (
    "Records; late: so many fewer acknowledged than in calm weather, at the worst instant;"
    " +: how long after the fault that was caught up."
)
AFTER_S = 3.0
SHARD = 250


@click.command()
@click.option("--schedule", type=FILE, help="Tell the story of one schedule (TOML).")
@click.option("--campaign", type=click.IntRange(1), help="Try so many random schedules.")
@click.option("--likelihood", is_flag=True, help="Harm per million records, by lost connections.")
@click.option("--measured", type=FILE, help="Predict measured fault runs (CSV).")
@click.option("--out", type=FILE, help="Where results go; with --measured a CSV file.")
@click.option("--properties", type=FILE, help="A producer.properties file.")
@click.option("--kafka", default="4.1", help="Client version, 3.0 to 4.1.", show_default=True)
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="On top of the file.")
@click.option("--rtt-ms", type=float, default=RTT_MS, show_default=True, help="Distance.")
@click.option("--rate", type=float, default=RATE_PER_S, show_default=True, help="Records/s.")
@click.option("--partitions", type=int, default=1, show_default=True, help="With --schedule.")
@click.option("--brokers", type=int, default=1, show_default=True, help="With --schedule.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same rows.")
@click.option("--constants", type=FILE, help="Machine constants, see calibrate.")
@click.option("--jobs", type=click.IntRange(1), help="Processes; default: one for each core.")
def command(
    schedule: Path | None,
    campaign: int | None,
    likelihood: bool,
    measured: Path | None,
    out: Path | None,
    properties: Path | None,
    kafka: str,
    overrides: tuple[str, ...],
    rtt_ms: float,
    constants: Path | None,
    jobs: int | None,
    seed: int,
    **world: Any,
) -> int:
    """What goes wrong, and what it does to records: duplicates, order, loss, time.

    Without --schedule, --campaign, --likelihood or --measured: the table of harm.
    """
    if sum((schedule is not None, campaign is not None, likelihood, measured is not None)) > 1:
        raise ConfigError(
            "faults", "...", "takes one of --schedule, --campaign, --likelihood, --measured"
        )
    machine = machine_of(constants)
    if measured is not None:
        return _measured(measured, out, machine, jobs)
    if campaign is not None:
        return _campaign(campaign, seed, out or RESULTS / "campaign", jobs)
    resolved = load_settings(properties, overrides, kafka)
    if schedule is not None:
        faults = read_schedule(schedule)
        scenario = _world(resolved, faults, rtt_ms, machine, **world)
        return _story(scenario, seed, schedule.stem, resolved, out or RESULTS / "story")
    path = PathConfig(rtt_ms=rtt_ms)
    with Workers(jobs) as workers:
        if likelihood:
            rows = likelihood_rows(resolved.producer, machine, workers)
            return _leave(rows, "likelihood", out or RESULTS)
        rows = harm_rows(resolved.producer, path.rtt_ms, machine, workers)
    screen = console()
    screen.print(harm_table(rows))
    screen.print(LEGEND, soft_wrap=True)
    return _leave(rows, "harm", out or RESULTS)


CHARTS = {"harm": harm_chart, "likelihood": likelihood_chart}


def _leave(rows: pd.DataFrame, name: str, out: Path) -> int:
    """Store rows and their chart."""
    folder = out / name
    save_run(folder, {name: rows}, {"experiment": f"faults, {name}"})
    paths = save(CHARTS[name](rows), folder, name)
    click.echo(f"Rows: {folder / name}.csv")
    for path in paths:
        click.echo(f"Chart: {path}")
    return 0


def _measured(path: Path, out: Path | None, machine: MachineConfig, jobs: int | None) -> int:
    """Predict every row, and say where prediction and measurement disagree."""
    if out is None:
        raise ConfigError("--out", "(none)", "must name a CSV file with --measured")
    rows = read_faults(path)
    scenarios = [scenario_of(row, machine) for row in rows_of(rows)]
    with Workers(jobs) as workers:
        predicted = predict(rows, machine, workers)
    replace_file(out, csv_bytes(predicted))
    beyond, apart = scenarios.count(None), disagreements(predicted)
    click.echo(f"{len(rows) - beyond} rows predicted, {beyond} need an election and are left empty")
    for place, told in apart:
        row = rows.iloc[place]
        click.echo(f"row {place + 1} ({row['fault']} for {row['during_s']} s): {told}")
    click.echo(f"{len(apart)} disagreements (kinds of harm, counts x2, stall 20 % or 0.3 s)")
    click.echo(f"Rows with predictions: {out}")
    return 0


def _world(
    resolved: Resolved,
    faults: tuple[Fault, ...],
    rtt_ms: float,
    machine: MachineConfig,
    *,
    rate: float,
    partitions: int,
    brokers: int,
) -> Scenario:
    """The run of a schedule: records until some seconds after it, and time for all to end."""
    until_s = max(fault.until_s for fault in faults) + AFTER_S
    producer = resolved.producer
    arrival = OpenLoop(rate, records=max(1, round(rate * until_s)))
    return Scenario(
        path=PathConfig(rtt_ms=rtt_ms),
        producer=producer,
        workload=Workload(arrival=arrival),
        topic=TopicConfig(partitions=partitions, brokers=brokers),
        machine=machine,
        faults=faults,
        warmup_s=0.0,
        measured_s=until_s + max(QUIET_S, producer.delivery_timeout_ms / 1e3 + 5),
    )


def _story(scenario: Scenario, seed: int, name: str, resolved: Resolved, out: Path) -> int:
    """Tell what happens under one schedule."""
    screen = console()
    for line in describe(resolved):
        screen.print(line, soft_wrap=True)
    run = simulate(scenario, seed)
    harm = harm_of(run, simulate(replace(scenario, faults=()), seed))
    screen.print()
    for line in timeline(run):
        screen.print(line, soft_wrap=True)
    screen.print(ledger(harm))
    if run.transmissions_left_out:
        screen.print(
            f"The picture lacks {run.transmissions_left_out:,} waits or losses on the way: too many"
            " to keep.",
            soft_wrap=True,
        )
    frames = {
        "attempts": attempts_of(run),
        "decisions": decisions_of(run),
        "faults": faults_of(scenario),
        "transmissions": transmissions_of(run),
    }
    save_run(out, frames, {"experiment": "faults, story", "schedule": name, "seed": seed})
    title = f"What happens under the schedule {name}"
    for path in save(story_chart(**frames, title=title), out, "story"):
        screen.print(f"Chart: {path}", soft_wrap=True)
    return 0


def _campaign(schedules: int, seed: int, out: Path, jobs: int | None) -> int:
    """Look for a schedule that breaks a promise; the smallest one found is told and drawn."""
    began_s, done = time.monotonic(), 0
    shards = [min(SHARD, schedules - start) for start in range(0, schedules, SHARD)]
    asked = [(size, seed * 1_000_000 + place) for place, size in enumerate(shards)]
    with Workers(jobs) as workers:
        for start in range(0, len(asked), 8):
            batch = asked[start : start + 8]
            for found in workers.map(_search, batch):
                if found is not None:
                    return _tell_broken(found, out)
            done += sum(size for size, _ in batch)
            click.echo(f"{done} of {schedules} schedules, {time.monotonic() - began_s:.0f} s")
    click.echo(f"No invariant broke in {schedules} schedules.")
    return 0


def _search(asked: tuple[int, int]) -> Scenario | None:
    error = search(*asked)
    return error.scenario if isinstance(error, BrokenInvariantError) else None


def _tell_broken(scenario: Scenario, out: Path) -> int:
    run = simulate(scenario, seed=1)
    for told in broken_invariants(run):
        print(f"broken: {told}", file=sys.stderr)
    click.echo(f"{scenario.producer}\n{scenario.topic}\n{scenario.path}\n{scenario.workload}")
    click.echo(written(scenario.faults))
    replace_file(out / "broken.toml", written(scenario.faults).encode())
    frames = attempts_of(run), decisions_of(run), faults_of(scenario), transmissions_of(run)
    for path in save(story_chart(*frames, title="the smallest schedule found"), out, "broken"):
        click.echo(f"Chart: {path}")
    return 1


if __name__ == "__main__":
    run_command(command)

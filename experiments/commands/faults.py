"""`inflight faults`: the table of harm, a story, a search for broken promises, measured rows."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from experiments.catalogue import RESULTS, SWEEPS, load
from experiments.commands.sweep import sweep
from experiments.faults.catalogue import RATE_PER_S, RTT_MS, read_schedule, written
from experiments.faults.harm import LEGEND, books_table, cost_words, harm_of, harm_rows, harm_table
from experiments.faults.measured import disagreements, predict, read_faults
from experiments.faults.stored import HARM, STORY, leave, leave_story
from experiments.faults.story import frames_of, scheduled, timeline
from experiments.faults.story_chart import story_chart
from experiments.kit.command import console, say, say_paths
from experiments.kit.options import FILE, options
from experiments.kit.pool import Workers
from experiments.kit.properties import describe
from experiments.kit.published import OwnOrPublished
from experiments.kit.runner import WORKED_WITH
from experiments.kit.store import csv_bytes, replace_file
from experiments.kit.style import save
from experiments.kit.tables import terminal
from experiments.kit.world import World, machine_of, world_of
from model import ConfigError, MachineConfig, Scenario, simulate

FOLDER = RESULTS / "faults"
SCHEDULE = OwnOrPublished("faults/schedules", ".toml")
MEASURED = OwnOrPublished("validation/measured", ".csv")
MODES = ("schedule", "campaign", "likelihood", "measured")


@click.command()
@click.option("--schedule", type=SCHEDULE, help="Tell the story of one schedule (TOML).")
@click.option("--campaign", type=click.IntRange(1), help="Try so many random schedules.")
@click.option("--likelihood", is_flag=True, help="Harm per million records, by lost connections.")
@click.option("--measured", type=MEASURED, help="Predict measured fault runs (CSV).")
@click.option("--out", type=FILE, help="Where results go; with --measured a CSV file.")
@click.option("--rtt-ms", type=float, default=RTT_MS, show_default=True, help="Distance.")
@click.option("--rate", type=float, default=RATE_PER_S, show_default=True, help="Records/s.")
@options("properties", "kafka", "overrides", "partitions", "brokers", "seed", "constants", "jobs")
def command(out: Path | None, jobs: int | None, rate: float, **given: Any) -> int:
    """What goes wrong, and what it does to records: duplicates, order, loss, time.

    Without --schedule, --campaign, --likelihood or --measured: the table of harm.
    """
    schedule, schedules, likelihood, measured = (given.pop(mode) for mode in MODES)
    if sum(mode not in (None, False) for mode in (schedule, schedules, likelihood, measured)) > 1:
        raise ConfigError("faults", "...", f"takes one of --{', --'.join(MODES)}")
    if measured is not None:
        return _measured(measured, out, machine_of(given["constants"]), jobs)
    if schedules is not None:
        return _campaign(schedules, given["seed"], out or FOLDER / "campaign", jobs)
    faults = read_schedule(schedule) if schedule else ()
    world = world_of(rate_per_s=rate, **given)
    if schedule is not None:
        return _story(world, scheduled(world, faults, rate), schedule.stem, out or FOLDER / STORY)
    if likelihood:
        experiment, workers = load("likelihood"), Workers(jobs, WORKED_WITH)
        return sweep(experiment, (out or SWEEPS) / experiment.name, workers, world=world)
    with Workers(jobs) as workers:
        rows = harm_rows(world, workers)
    console().print(terminal(harm_table(rows)))
    say([LEGEND])
    say_paths(leave(rows, (out or FOLDER) / HARM))
    return 0


def _story(world: World, scenario: Scenario, schedule: str, folder: Path) -> int:
    """Tell what happens under one schedule."""
    say(describe(world.resolved))
    run = simulate(scenario, world.seed)
    harm = harm_of(run, simulate(replace(scenario, faults=()), world.seed))
    say(["", *timeline(run)])
    console().print(terminal(books_table(harm)))
    say([cost_words(harm), LEGEND])
    if left_out := run.transmissions_left_out:
        say([f"The picture lacks {left_out:,} waits or losses on the way: too many to keep."])
    say_paths(leave_story(run, folder, schedule, world.seed))
    return 0


def _measured(path: Path, out: Path | None, machine: MachineConfig, jobs: int | None) -> int:
    """Predict every row, and say where prediction and measurement disagree."""
    if out is None:
        raise ConfigError("--out", "(none)", "must name a CSV file with --measured")
    rows = read_faults(path)
    with Workers(jobs) as workers:
        predicted = predict(rows, machine, workers)
    replace_file(out, csv_bytes(predicted))
    beyond, apart = (predicted["model_stall_s"] == "").sum(), disagreements(predicted)
    say([f"{len(rows) - beyond} rows predicted, {beyond} need an election and are left empty"])
    for index, words in apart:
        fault, for_s = rows.loc[index, ["fault", "during_s"]]
        say([f"row {index + 1} ({fault} for {for_s} s): {words}"])
    say([f"{len(apart)} disagreements (kinds of harm, counts x2, stall 20 % or 0.3 s)"])
    say([f"Rows with predictions: {out}"])
    return 0


def _campaign(schedules: int, seed: int, folder: Path, jobs: int | None) -> int:
    """Look for a schedule that breaks a promise; the smallest one found is printed and drawn."""
    if find_spec("hypothesis") is None:
        rule = "needs Hypothesis, an optional extra: pip install 'inflight[campaign]'"
        raise ConfigError("--campaign", schedules, rule)
    from experiments.faults.campaign import broken_invariants, campaign

    with Workers(jobs) as workers:
        found = campaign(schedules, seed, workers, click.echo)
    if found is None:
        say([f"No invariant broke in {schedules} schedules."])
        return 0
    run, schedule = simulate(found, seed=1), written(found.faults)
    for broken in broken_invariants(run):
        click.echo(f"broken: {broken}", err=True)
    click.echo(f"{found.producer}\n{found.topic}\n{found.path}\n{found.workload}\n{schedule}")
    replace_file(folder / "broken.toml", schedule.encode())
    chart = story_chart(**frames_of(run), title="The smallest schedule found")
    say_paths(save(chart, folder, "broken"))
    return 1

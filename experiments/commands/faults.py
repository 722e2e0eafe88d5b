"""`inflight faults`: the table of harm, a story, a search for broken promises, measured rows."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from experiments.catalogue import OWN, OWN_SWEEPS, load
from experiments.commands.sweep import sweep
from experiments.faults.catalogue import RATE_PER_S, RTT_MS, read_schedule, written
from experiments.faults.harm import (
    LEGEND,
    about_order,
    books_table,
    cases,
    cost_words,
    harm_of,
    harm_rows,
    harm_table,
    summary_table,
)
from experiments.faults.measured import (
    COLUMNS,
    RULE_OF_FAULTS,
    disagreements,
    predict,
    read_faults,
)
from experiments.faults.schedule import scheduled
from experiments.faults.stored import HARM, STORY, leave, leave_story
from experiments.faults.story import frames_of
from experiments.faults.story_chart import story_chart
from experiments.faults.timeline import timeline
from experiments.kit import effort
from experiments.kit.as_json import tell
from experiments.kit.asking import Asking
from experiments.kit.assumes import about_copies, assumed, assumed_of_rows
from experiments.kit.command import say, say_paths, show
from experiments.kit.copies import REPLICAS
from experiments.kit.options import FILE, options
from experiments.kit.pool import Workers
from experiments.kit.progress import Waiting
from experiments.kit.properties import describe
from experiments.kit.published import OwnOrPublished
from experiments.kit.runner import WORKED_WITH
from experiments.kit.store import csv_bytes, replace_file, require_folder, require_place
from experiments.kit.style import save
from experiments.kit.tables import as_fields
from experiments.kit.world import World, machine_of, world_of
from experiments.kit.worldfile import is_from_file, world_file
from model import ConfigError, Scenario, simulate
from model.config.scenario import ONE_RACK

FOLDER = OWN / "faults"
SCHEDULE = OwnOrPublished("faults/schedules", ".toml")
MEASURED = OwnOrPublished("validation/measured", ".csv")
#: Ours: what a night is enough for. Measured: seconds of one core for a schedule.
MOST_SCHEDULES, SCHEDULE_S = 1_000_000, 0.06
MODES = ("schedule", "campaign", "likelihood", "measured")


@click.command(cls=Asking)
@click.option("--schedule", type=SCHEDULE, help="Tell the story of one schedule (TOML).")
@click.option(
    "--campaign", type=click.IntRange(1, MOST_SCHEDULES), help="Try so many random schedules."
)
@click.option("--likelihood", is_flag=True, help="Harm per million records, by lost connections.")
@click.option("--measured", type=MEASURED, help="Predict measured fault runs (CSV).")
@click.option("--out", type=FILE, help="Where results go; with --measured a CSV file.")
@options("world")
@click.option("--rtt-ms", type=float, default=RTT_MS, show_default=True, help="Distance.")
@click.option("--rate", type=float, default=RATE_PER_S, show_default=True, help="Records/s.")
@options("properties", "as_kind", "which", "client", "kafka", "overrides", "compression")
@options("partitions", "brokers", "replicas", "min_insync", "replica_rtt_ms")
@options("seed", "constants", "json", "jobs")
def command(out: Path | None, jobs: int | None, rate: float, **given: Any) -> int:
    """What goes wrong, and what it does to records: duplicates, order, loss, time.

    Without --schedule, --campaign, --likelihood or --measured: the table of harm.
    """
    schedule, schedules, likelihood, measured = (given.pop(mode) for mode in MODES)
    if sum(mode not in (None, False) for mode in (schedule, schedules, likelihood, measured)) > 1:
        raise ConfigError("faults", "...", f"takes one of --{', --'.join(MODES)}")
    if measured is not None:  # rows of another cluster than the world file's
        constants = None if is_from_file("constants") else given["constants"]
        return _measured(measured, out, constants, jobs)
    if schedules is not None:
        return _campaign(schedules, given["seed"], out or FOLDER / "campaign", jobs)
    faults, topic = read_schedule(schedule) if schedule else ((), {})
    # what is counted, rather than told, is counted in one copy unless somebody speaks of more
    usual, apart_ms = (REPLICAS if schedule else 1), given["replica_rtt_ms"]
    world = world_of(rate_per_s=rate, usual_replicas=usual, **given)
    world = replace(world, topic=replace(world.topic, **topic))
    if schedule is not None:
        return _story(world, scheduled(world, faults, rate), schedule.stem, out or FOLDER / STORY)
    if likelihood:
        experiment, workers = load("likelihood"), Workers(jobs, WORKED_WITH)
        folder = out or (
            FOLDER if world_file() else OWN_SWEEPS
        )  # the sweeps are of the default world
        code, told = sweep(experiment, folder / experiment.name, workers, world=world)
        tell({"command": "faults", **told})
        return code
    if apart_ms is None:
        world = replace(world, replica_rtt_ms=ONE_RACK.rtt_ms)  # as in the measured faults
    return _harm(world, (out or FOLDER) / HARM, jobs)


def _harm(world: World, folder: Path, jobs: int | None) -> int:
    """What each fault does to each producer."""
    require_folder(folder)
    scenarios = [scenario for *_, scenario in cases(world)]
    assumption, notes = assumed(scenarios, world.resolved.kafka), describe(world.resolved)
    say([assumption, *notes, *effort.told(scenarios, jobs)])
    with Waiting("faults") as waiting, Workers(jobs, waiter=waiting) as workers:
        rows = harm_rows(world, workers)
    show(harm_table(rows))
    say([LEGEND, *about_copies(scenarios)])
    files = leave(rows, folder)
    say_paths(files)
    told = {"command": "faults", "assumed": assumption, "notes": notes, "rows": rows}
    tell({**told, "summary": as_fields(summary_table(rows)), **_made_in(world, files)})
    return 0


def _story(world: World, scenario: Scenario, schedule: str, folder: Path) -> int:
    """Tell what happens under one schedule."""
    require_folder(folder)
    assumption, notes = assumed([scenario], world.resolved.kafka), describe(world.resolved)
    say([assumption, *notes, *effort.told([scenario], 1, times=2)])
    run = simulate(scenario, world.seed)
    harm, story = harm_of(run, simulate(replace(scenario, faults=()), world.seed)), timeline(run)
    say(["", *story])
    show(books_table(harm))
    say([*about_order(harm), cost_words(harm), LEGEND, *about_copies([scenario])])
    if left_out := run.transmissions_left_out:
        say([f"The picture lacks {left_out:,} waits or losses on the way: too many to keep."])
    files = leave_story(run, folder, schedule, world.seed)
    say_paths(files)
    told = {"command": "faults", "answer": cost_words(harm), "assumed": assumption, "notes": notes}
    tell({**told, "schedule": schedule, "story": story, "harm": harm, **_made_in(world, files)})
    return 0


def _made_in(world: World, files: Sequence[Path]) -> dict[str, object]:
    return {"world": world.manifest(), "files": files}


def _measured(path: Path, out: Path | None, constants: Path | None, jobs: int | None) -> int:
    """Predict every row, and say where prediction and measurement disagree."""
    if out is None:
        raise ConfigError("--out", "(none)", "must name a CSV file with --measured")
    require_place(out)
    rows, assumption = read_faults(path), assumed_of_rows(constants)
    machine = machine_of(constants)
    with Waiting("faults") as waiting, Workers(jobs, waiter=waiting) as workers:
        predicted = predict(rows, machine, workers)
    say([assumption])
    replace_file(out, csv_bytes(predicted))
    apart = disagreements(predicted)
    answer = f"{len(rows)} rows are predicted."
    say([answer])
    for index, words in apart:
        fault, for_s = rows.loc[index, ["fault", "during_s"]]
        say([f"row {index + 1} ({fault} for {for_s} s): {words}"])
    say([f"{len(apart)} disagree with what was measured. {RULE_OF_FAULTS}"])
    say([f"Rows with predictions: {out}"])
    told: dict[str, object] = {"command": "faults", "answer": answer, "assumed": assumption}
    empty = int(predicted[COLUMNS].isna().all(axis="columns").sum())
    told |= {"predicted": len(rows) - empty, "left_empty": empty, "files": [out]}
    tell({**told, "disagreements": [{"row": at + 1, "what": words} for at, words in apart]})
    return 0


def _campaign(schedules: int, seed: int, folder: Path, jobs: int | None) -> int:
    """Look for a schedule that breaks a promise; the smallest one found is printed and drawn."""
    if find_spec("hypothesis") is None:
        rule = "needs Hypothesis, an optional extra: pip install 'inflight[campaign]'"
        raise ConfigError("--campaign", schedules, rule)
    require_folder(folder)
    from experiments.faults.campaign import campaign, is_endless, tried

    assumption = "Assumed: worlds drawn at random, each with a schedule of its own."
    told: dict[str, object] = {"command": "faults", "assumed": assumption, "schedules": schedules}
    say([assumption, *effort.told_s(SCHEDULE_S * schedules, jobs)])
    with Workers(jobs) as workers:  # it says itself how far it is
        found = campaign(schedules, seed, workers, lambda line: say([line]))
    if found is None:
        answer = f"No promise broke in {schedules} schedules."
        say([answer])
        tell({**told, "answer": answer, "broken": []})
        return 0
    broken, schedule = tried(found), written(found.faults)
    for each in broken:
        click.echo(f"broken: {each}", err=True)
    say([f"{found.producer}\n{found.topic}\n{found.path}\n{found.workload}\n{schedule}"])
    replace_file(folder / "broken.toml", schedule.encode())
    files = list[Path]()
    if not is_endless(broken):
        frames = frames_of(simulate(found, seed=1))
        files = save(story_chart(**frames, title="The smallest schedule found"), folder, "broken")
    say_paths(files)
    told |= {"answer": f"Broken: {'; '.join(broken)}", "broken": broken, "schedule": schedule}
    tell({**told, "files": files})
    return 1

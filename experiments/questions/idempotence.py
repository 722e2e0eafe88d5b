"""Idempotence on and off at equal acks, depth, distance and load; and from a cold start.

A test of equivalence, not a difference that was not found: the interval of the ratio has to lie
within a margin that was set in advance.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import COLOURS, entitle
from experiments.kit.equivalence import Equivalence, tost
from experiments.kit.estimates import pick
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.loads import carries, over_seconds
from experiments.kit.replications import Levels, Replications
from experiments.kit.style import FAINT, figure, quiet_grid
from experiments.kit.words import count, ms
from experiments.kit.world import World
from model import OpenLoop, ProducerConfig, Run, Saturating, Scenario

DISTANCES_MS, PARTITIONS, DEPTHS, LOADS = (0.2, 2, 50), (1, 6), (1, 5), ("full", "part")
BY = ["load", "rtt_ms", "depth", "partitions"]
#: What is compared at each load, and within which margin: ours, differences nobody would act on.
MARGINS = {"full": ("records_per_s", 0.02), "part": ("p99_ms", 0.10)}
TITLES = {"full": "records/s as fast as it can", "part": "p99 latency at a moderate load"}
#: Ours: of the closed-form bound; and records for each partition, whose batches fill together, in a
#: sweep and to answer in seconds.
SHARE, RECORDS, FEW_RECORDS = 0.4, 3_000, 1_000
#: Ours: a new producer's first record is handed over at once, and acknowledged well within this.
AT_ONCE_PER_S, COLD_S = 1e6, 2.0
SHOWN, NOT_SHOWN, MARGIN = COLOURS[0], COLOURS[1], COLOURS[2]

#: The test at each point, whose levels are those of ``BY``.
Verdicts = dict[tuple[Any, ...], Equivalence]


def points(world: World) -> Iterator[Point]:
    """On and off: as fast as possible, under one load; and the first record of a new producer."""
    distances_ms = DISTANCES_MS if world.fine else (world.rtt_ms,)
    partitions = PARTITIONS if world.fine else (world.topic.partitions,)
    on_and_off = (True, False)
    for levels in grid(
        rtt_ms=distances_ms, depth=DEPTHS, partitions=partitions, load=LOADS, idempotent=on_and_off
    ):
        yield Point(levels=levels, scenario=scenario(world, **levels))
    for rtt_ms, is_on in itertools.product(distances_ms, on_and_off):
        levels = {"rtt_ms": rtt_ms, "depth": DEPTHS[-1], "partitions": partitions[0]}
        cold = cold_start(replace(world, rtt_ms=rtt_ms), _config(world, DEPTHS[-1], is_on))
        yield Point(
            levels={**levels, "load": "cold", "idempotent": is_on},
            scenario=cold,
            measure=figures.row(first_ack_ms),
            replications=1,
        )


def scenario(
    world: World, *, rtt_ms: float, depth: int, partitions: int, load: str, idempotent: bool
) -> Scenario:
    """One producer with acks=all: as fast as it can, or offered the user's rate or a part."""
    spread = world.with_topic(partitions, world.topic.brokers)
    config = _config(world, depth, idempotent)
    if load == "full":
        return spread.at_capacity(config, rtt_ms)
    most = carries(spread.scenario(config, Saturating(), rtt_ms))
    rate = world.rate_per_s or float(f"{SHARE * most:.2g}")
    offered = spread.scenario(config, OpenLoop(rate, world.arrivals), rtt_ms)
    measured_s = (RECORDS if world.fine else FEW_RECORDS) * partitions / rate
    return over_seconds(offered, 0.5 * measured_s, measured_s)


def _config(world: World, depth: int, idempotent: bool) -> ProducerConfig:
    return replace(world.in_flight(depth, idempotent), acks="all")


def cold_start(world: World, config: ProducerConfig) -> Scenario:
    """A producer that knows nothing yet, with one record to send."""
    sends = OpenLoop(AT_ONCE_PER_S, "even", records=1)
    once = world.in_trouble(config, (), sends, COLD_S + world.rtt_ms / 1e3)
    return replace(once, warm_start=False)


def first_ack_ms(run: Run) -> float:
    """When the first record of a new producer is acknowledged."""
    return min(row.acked_s for row in run.batches) * 1e3


def tests(rows: pd.DataFrame) -> Verdicts:
    """The test at each point where idempotence is on and off."""
    found = {}
    for point, of_point in rows[rows["load"].isin(MARGINS)].groupby(BY):
        column, margin = MARGINS[str(point[0])]
        on, off = (pick(of_point, idempotent=is_on)[column] for is_on in (True, False))
        if len(on) and len(off) and np.isfinite([*on, *off]).all():
            found[point] = tost(on.tolist(), off.tolist(), margin)
    return found


def shown_everywhere(verdicts: Verdicts) -> bool:
    """Whether there is no point at which a difference is not ruled out."""
    return bool(verdicts) and all(verdict.shown for verdict in verdicts.values())


def answer(rows: pd.DataFrame) -> str:
    """The verdict of the test, how many runs are the same, and what a cold start costs."""
    verdicts = tests(rows)
    parts = [
        f"{TITLES[load]} is equivalent within {margin:.0%} at {sum(v.shown for v in of_load)} of"
        f" {count(len(of_load), 'point')} (largest p = {max(v.p_value for v in of_load):.2g})"
        for load, (_, margin) in MARGINS.items()
        if (of_load := [v for point, v in verdicts.items() if point[0] == load])
    ]
    same, pairs = identical(rows)
    verdict = "No" if shown_everywhere(verdicts) else "Not beyond doubt"
    return (
        f"{verdict}, by two one-sided tests at acks=all on both"
        f" sides: {'; '.join(parts)}. With common random numbers {same} of {pairs} pairs of runs"
        " are equal to the last digit: without errors, idempotence changes nothing in the model,"
        f" whose batches have the same size and whose checks cost nothing.{_refused(rows)}"
        f" {_cold(rows)} What costs is acks=all, which idempotence needs."
    )


def identical(rows: pd.DataFrame) -> tuple[int, int]:
    """How many pairs of runs gave the very same rate and p99, and of how many."""
    compared = rows[rows["load"].isin(MARGINS)]
    shown = ["records_per_s", "p99_ms"]
    wide = compared.pivot(index=[*BY, "replication"], columns="idempotent", values=shown)
    same = pd.Series(True, index=wide.index)
    for column in shown:
        on, off = (wide[column, is_on].astype(float) for is_on in (True, False))
        same &= (on == off) | (on.isna() & off.isna())
    return int(same.sum()), len(same)


def _refused(rows: pd.DataFrame) -> str:
    """What is said of points that have no percentile."""
    over = rows[rows["overloaded"].eq(True)].drop_duplicates(BY)
    return f" {count(len(over), 'point')} more: overloaded, no p99." if len(over) else ""


def _cold(rows: pd.DataFrame) -> str:
    """What a new producer's first record takes, at the farthest distance."""
    cold = pick(rows, load="cold")
    farthest = pick(cold, rtt_ms=cold["rtt_ms"].max())
    on, off = (pick(farthest, idempotent=i)["first_ack_ms"].mean() for i in (True, False))
    return (
        f"With the producer id that it asks for, a new producer's first record takes {ms(on)}"
        f" instead of {ms(off)} at {farthest['rtt_ms'].iloc[0]:g} ms."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """A point with its 90 % interval for each pair, and the margin as a band."""
    verdicts = tests(rows)
    of_load = {
        load: {point: verdict for point, verdict in verdicts.items() if point[0] == load}
        for load in TITLES
    }
    chart = figure(9.6, 2.4 + 0.24 * max(map(len, of_load.values())))
    for axes, load in zip(chart.subplots(1, len(TITLES)), TITLES, strict=True):
        _panel(axes, of_load[load], load)
    costs = "costs nothing" if shown_everywhere(verdicts) else "is not shown to cost nothing"
    entitle(
        chart,
        f"Idempotence itself {costs}, at acks=all and equal depth",
        "lines: 90 % intervals, unpaired; shaded: the margin; inside it equivalence is shown",
    )
    return chart


def _panel(axes: Axes, verdicts: Verdicts, load: str) -> None:
    margin = MARGINS[load][1]
    axes.axvspan(1 / (1 + margin), 1 + margin, color=MARGIN, alpha=0.12, lw=0)
    axes.axvline(1, color=FAINT, lw=0.9)
    for down, verdict in enumerate(verdicts.values()):
        colour = SHOWN if verdict.shown else NOT_SHOWN
        axes.plot([verdict.ratio.low, verdict.ratio.high], [down] * 2, color=colour, lw=2)
        axes.plot(verdict.ratio.value, down, "o", color=colour, ms=5)
    names = [
        f"{rtt_ms:g} ms, {depth} in flight, {count(partitions, 'partition')}"
        for _, rtt_ms, depth, partitions in verdicts
    ]
    axes.set_yticks(range(len(verdicts)), names, size=8.5)
    axes.set_ylim(len(verdicts) - 0.4, -0.6)
    axes.set_xlabel("with idempotence, over without")
    axes.set_title(TITLES[load], size=10)
    quiet_grid(axes)


def _smoke(levels: Levels) -> bool:
    if levels["load"] == "cold":
        return levels["rtt_ms"] == DISTANCES_MS[0]
    return [levels[axis] for axis in ("rtt_ms", "depth", "partitions")] == [DISTANCES_MS[0], 1, 1]


EXPERIMENT = Experiment(
    name="idempotence",
    question="Does idempotence itself slow my producer down?",
    aliases=("idempotent",),
    points=points,
    measure=figures.row("records_per_s", "p99_ms", "overloaded", "limit"),
    # the interval is that of an equivalence test, which needs its runs whatever the first ones say
    replications=Replications(16, 16),
    answer=answer,
    draw=draw,
    assumption="the broker's check of a sequence number costs no time of its own that could be"
    " measured, and acks=all is compared with acks=all",
    smoke=_smoke,
)

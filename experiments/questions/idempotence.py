"""Idempotence on and off at equal acks, depth, distance and load; and from a cold start.

A test of equivalence, not a difference that was not found: the interval of the ratio has to lie
within a margin that was set in advance.
"""

from collections.abc import Iterator
from dataclasses import astuple, replace

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import ON_WHITE, annotate, entitle, panels
from experiments.kit.estimates import pick, tost
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.loads import carries, over_seconds
from experiments.kit.looks import GOOD, LAW
from experiments.kit.replications import Replications
from experiments.kit.style import INK
from experiments.kit.summaries import estimate_of
from experiments.kit.tables import Column, Table, filled, numbers, words
from experiments.kit.words import count, ms
from experiments.kit.world import World
from model import OpenLoop, Run, Saturating, Scenario

DISTANCES_MS, PARTITIONS, DEPTHS = (0.2, 2, 50), (1, 6), (1, 5)
BY = ["rtt_ms", "depth", "partitions"]
#: What is compared at each load, within which margin (ours: differences nobody would act on), and
#: its name.
TESTS = {
    "full": ("records_per_s", 0.02, "throughput at full speed"),
    "part": ("p99_ms", 0.10, "the 99th percentile at a moderate load"),
}
#: Ours: of the closed-form bound; and records for each partition, whose batches fill together, in a
#: sweep and to answer in seconds.
SHARE, RECORDS, FEW_RECORDS = 0.4, 3_000, 1_000
#: Ours: a new producer's first record is handed over at once, and acknowledged well within this.
AT_ONCE_PER_S, COLD_S = 1e6, 2.0


def points(world: World) -> Iterator[Point]:
    """On and off: as fast as possible, under one load; and the first record of a new producer."""
    distances_ms = DISTANCES_MS if world.fine else (world.rtt_ms,)
    partitions = PARTITIONS if world.fine else (world.topic.partitions,)
    for levels in grid(
        rtt_ms=distances_ms,
        depth=DEPTHS,
        partitions=partitions,
        load=(*TESTS, "cold"),
        idempotent=(True, False),
    ):
        cold = levels["load"] == "cold"
        if cold and (levels["depth"], levels["partitions"]) != (DEPTHS[0], partitions[0]):
            continue
        yield Point(
            levels=levels,
            scenario=scenario(world, **levels),
            measure=figures.row(first_ack_ms) if cold else None,
            replications=1 if cold else None,
        )


def scenario(
    world: World, *, rtt_ms: float, depth: int, partitions: int, load: str, idempotent: bool
) -> Scenario:
    """One producer with acks=all: as fast as it can, at a rate (the user's or a part), or new."""
    config = replace(world.in_flight(depth, idempotent), acks="all")
    if load == "cold":
        near = replace(world, rtt_ms=rtt_ms)
        first = OpenLoop(AT_ONCE_PER_S, "even", records=1)
        once = near.in_trouble(config, (), first, COLD_S + rtt_ms / 1e3)
        return replace(once, warm_start=False)
    spread = world.with_topic(partitions, world.topic.brokers)
    if load == "full":
        return spread.at_capacity(config, rtt_ms)
    most = carries(spread.scenario(config, Saturating(), rtt_ms))
    rate = world.rate_per_s or float(f"{SHARE * most:.2g}")
    offered = spread.scenario(config, OpenLoop(rate, world.arrivals), rtt_ms)
    measured_s = (RECORDS if world.fine else FEW_RECORDS) * partitions / rate
    return over_seconds(offered, 0.5 * measured_s, measured_s)


def first_ack_ms(run: Run) -> float:
    """When the first record of a new producer is acknowledged."""
    return min(row.acked_s for row in run.batches) * 1e3


def tests(rows: pd.DataFrame) -> pd.DataFrame:
    """The test at each point: the ratio on over off, and whether equivalence is shown.

    A point that has no percentile, because it is overloaded, is not tested.
    """
    found = []
    for load, (column, margin, _) in TESTS.items():
        for point, of_point in pick(rows, load=load).groupby(BY):
            on, off = (pick(of_point, idempotent=is_on)[column] for is_on in (True, False))
            if len(on) and len(off) and np.isfinite([*on, *off]).all():
                test = tost(on.tolist(), off.tolist(), margin)
                found.append((load, *point, *astuple(test.ratio), test.shown))
    return pd.DataFrame(found, columns=["load", *BY, "value", "low", "high", "shown"])


def answer(rows: pd.DataFrame) -> str:
    """The verdict of the test, its reason, and what a cold start costs."""
    verdicts = tests(rows)
    found = [
        (title, margin, pick(verdicts, load=load)) for load, (_, margin, title) in TESTS.items()
    ]
    # none of a load that is too much
    same = "; ".join(_same(title, margin, of["shown"]) for title, margin, of in found if len(of))
    cold = pick(rows, load="cold", rtt_ms=pick(rows, load="cold")["rtt_ms"].max())
    on, off = (pick(cold, idempotent=is_on)["first_ack_ms"].mean() for is_on in (True, False))
    verdict, far_ms = _verdict(bool(verdicts["shown"].all())), cold["rtt_ms"].iloc[0]
    return (
        f"{verdict} That a check of a sequence number takes no time of its own is taken, not"
        " found; found is that numbering makes nobody wait."
        f" {same[:1].upper()}{same[1:]}. What costs is acks=all, which both have here. Only a new"
        f" producer waits, since it asks for its id first: at {far_ms:g} ms its first record takes"
        f" {ms(on)} instead of {ms(off)}. When requests are refused often idempotence does cost,"
        " for what is behind a refused batch is refused too (ask for `errors`)."
    )


def _verdict(shown: bool) -> str:
    return "Not while nothing fails." if shown else "That it does not is not shown."


def _same(title: str, margin: float, shown: "pd.Series[bool]") -> str:
    """In how many settings both are the same within the margin."""
    where = f"all {len(shown)}" if shown.all() else f"{shown.sum()} of {len(shown)}"
    return f"{title} is the same within {margin * 100:g} % in {where} settings"


def tables(rows: pd.DataFrame) -> list[Table]:
    """Each test: with idempotence over without, and whether both are shown to be the same."""
    verdicts = tests(rows)
    lines = [
        [TESTS[row["load"]][2], *row[BY], estimate_of(row, ".3f"), "yes" if row["shown"] else "no"]
        for _, row in verdicts.iterrows()
    ]
    heads = [Column("round trip", spec="g", unit=" ms"), *numbers("in flight", "partitions")]
    heads += [*numbers("with / without"), *words("shown to be the same")]
    caption = "With idempotence over without; in brackets: 90 % intervals, as the test has them"
    return [filled(caption, [*words("what"), *heads], lines)]


def draw(rows: pd.DataFrame) -> Figure:
    """A point with its 90 % interval for each pair, and the margin as a band."""
    verdicts = tests(rows)
    same, settings = int(verdicts["shown"].sum()), len(verdicts)
    chart, axes = panels("", len(TESTS))
    for panel, (load, (_, margin, name)) in zip(axes, TESTS.items(), strict=True):
        of_load = pick(verdicts, load=load)
        down = range(len(of_load))
        panel.axvspan(100 / (1 + margin) - 100, 100 * margin, color=GOOD, alpha=0.12, lw=0)
        panel.axvline(0, **LAW)
        low, value, high = (100 * (of_load[name] - 1) for name in ("low", "value", "high"))
        panel.hlines(down, low, high, color=INK, lw=2)
        panel.plot(value, down, "o", color=INK)
        names = [
            f"{r:g} ms, {d:g} in flight, {count(int(p), 'partition')}"
            for r, d, p in of_load[BY].to_numpy()
        ]
        panel.set_yticks(down, names)
        panel.set_ylim(len(of_load) - 0.4, -1.4)
        style = {"ha": "center", "color": GOOD, "weight": "bold"}
        annotate(panel, "no difference", 0, -0.9, (0, 0), bbox=ON_WHITE, **style)
        panel.set_xlabel("change by idempotence, %")
        panel.set_title(name, loc="right")
    costs = "While nothing fails idempotence costs nothing: no" if same == settings else "No"
    note = "shaded: differences that nobody would act on; lines: 90 % intervals"
    entitle(chart, f"{costs} difference in {same} of {settings} settings", note)
    return chart


EXPERIMENT = Experiment(
    name="idempotence",
    question="Does idempotence itself slow my producer down?",
    aliases=("idempotent",),
    about="exactly once enable.idempotence sequence number overhead cost throughput latency",
    points=points,
    measure=figures.row("records_per_s", "p99_ms", "overloaded", "limit"),
    # the interval is that of an equivalence test, which needs its runs whatever the first ones say
    replications=Replications(16, 16),
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="with idempotence and without it a request would wait for the same replicas",
    assumption="the broker's check of a sequence number takes no time of its own (a measured Kafka"
    " was now faster with it and now slower, see docs/trust.md), nothing fails, and acks=all is"
    " compared with acks=all",
    smoke=lambda levels: [levels[axis] for axis in BY] == [0.2, 1, 1],
)

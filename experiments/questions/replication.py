"""What acks wait for, by the distance of the replicas, with one request in flight and with more.

The producer is in the leader's rack by default; the followers are as far away as ``replica_rtt_ms``
says, all of them alike, and pull. ``acks`` "all" waits until every in-sync replica has the records.
Beside it acks=all with one replica, which waits for nobody, and with another min.insync.replicas,
which says when writes are refused and not whom they wait for. Left out: what acks=1 risks.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import band, entitle, label_ends, log_axis
from experiments.kit.estimates import Interval, mean_of, means, only, pick, ratio
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.loads import at_capacity, at_least, over_seconds
from experiments.kit.replications import Contrast, Levels, Replications
from experiments.kit.style import INK, figure, look, quiet_grid
from experiments.kit.words import latency_ms, plain, share, within
from experiments.kit.world import World
from model import OpenLoop, PathConfig, ProducerConfig, Saturating, Scenario

BETWEEN_MS, FEW_BETWEEN_MS = (0.2, 0.5, 1, 2, 5, 10, 20, 50), (0.2, 2, 20)
FULL, LIGHT = "full", "light"
REPLICAS, IN_SYNC, ONE = 3, 2, 1
LIGHT_PER_S, LIGHT_RECORDS = 200.0, 600
#: Ours: a batch is a follower's fetch away from its ack, or two.
ROUNDS = 60
ALONE, ANY_ONE = "one replica", "min.insync.replicas=1"
#: Who else has to have a record: the name of a phase to replicas and those that must be in sync.
OTHERS = {ALONE: (1, 1), ANY_ONE: (REPLICAS, 1)}
DASHED = (0, (3, 1.5))
PANELS = {
    "records_per_s": (FULL, "records/s, as fast as it can"),
    "p50_ms": (LIGHT, "median latency in ms"),
    "p99_ms": (LIGHT, "99th percentile in ms"),
}


def points(world: World) -> Iterator[Point]:
    """Both acks, depths and loads over the distance; the other settings near and far."""
    own_depth = world.own.max_in_flight_requests_per_connection
    own = {"rate_per_s": world.rate_per_s or LIGHT_PER_S}
    between_ms = BETWEEN_MS if world.fine else FEW_BETWEEN_MS
    depths, loads = (ONE, own_depth if own_depth > ONE else 5), (FULL, LIGHT)
    for level in grid(
        rtt_ms=[world.rtt_ms],
        replica_rtt_ms=between_ms,
        acks=("1", "all"),
        depth=depths,
        load=loads,
    ):
        yield Point(
            levels=level,
            beside={"phase": f"min.insync.replicas={IN_SYNC}", **own},
            scenario=replicated(world, level, REPLICAS, IN_SYNC),
            replications=None if world.fine else 2,
        )
    ends = ((between_ms[0], ALONE), (between_ms[-1], ANY_ONE))
    for (at_ms, phase), load in itertools.product(ends, loads):
        level = {"acks": "all", "depth": depths[-1], "load": load, "phase": phase}
        level = {"rtt_ms": world.rtt_ms, "replica_rtt_ms": at_ms, **level}
        scenario = replicated(world, level, *OTHERS[phase])
        yield Point(levels=level, beside=own, scenario=scenario, replications=3)


def replicated(world: World, level: Levels, replicas: int, in_sync: int) -> Scenario:
    """A topic of so many replicas at the level's distance, under the level's load."""
    rate_per_s = world.rate_per_s or LIGHT_PER_S
    is_light, between = level["load"] == LIGHT, PathConfig(rtt_ms=float(level["replica_rtt_ms"]))
    topic = replace(world.topic, replicas=replicas, min_insync_replicas=in_sync)
    arrival = OpenLoop(rate_per_s, world.arrivals) if is_light else Saturating()
    scenario = replace(world, topic=topic).scenario(producer(world, level), arrival)
    scenario = replace(scenario, replica_path=between)
    if is_light:
        measured_s = LIGHT_RECORDS / rate_per_s
        return over_seconds(scenario, 0.5 * measured_s, measured_s)
    least_s = ROUNDS * between.rtt_s
    return at_least(at_capacity(scenario), 0.5 * least_s, least_s)


def producer(world: World, level: Levels) -> ProducerConfig:
    """The user's own with these acks; idempotence, which needs acks=all, as theirs where it can."""
    return world.with_producer(
        acks=level["acks"],
        enable_idempotence=level["acks"] == "all" and world.own.enable_idempotence,
        max_in_flight_requests_per_connection=level["depth"],
    )


def answer(rows: pd.DataFrame) -> str:
    """Whom acks=all waits for and what that costs near and far; that min.insync has no price."""
    rows = rows.assign(acks=rows["acks"].astype(str))
    ends = sorted({rows["replica_rtt_ms"].min(), rows["replica_rtt_ms"].max()})
    costs = "; ".join(_price(pick(rows, replica_rtt_ms=at)) for at in ends)
    return (
        f"All waits for a fetch by the slowest follower in sync, and the connection's next request"
        f" waits meanwhile, so more in flight do not hide it. At {only(rows, 'rtt_ms'):g} ms to the"
        f" cluster and {plain(only(rows, 'rate_per_s'))} records/s, {costs}.{_others(rows)}"
    )


def usual(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of three replicas of which two have to be in sync."""
    return rows[~rows["phase"].isin(list(OTHERS))]


def _price(rows: pd.DataFrame) -> str:
    """All against one ack at one distance: latency, throughput and the gain of more in flight."""
    rows = usual(rows)
    deepest = rows["depth"].max()
    full, light = pick(rows, load=FULL), pick(rows, load=LIGHT, depth=deepest)
    waits = [latency_of(pick(light, acks=acks), "p50_ms") for acks in ("1", "all")]
    deep = [pick(full, acks=acks, depth=deepest) for acks in ("1", "all")]
    lone = [pick(full, acks=acks, depth=ONE) for acks in ("1", "all")]
    gain = [ratio(of, under) for of, under in zip(deep, lone, strict=True)]
    return (
        f"with replicas {only(rows, 'replica_rtt_ms'):g} ms apart the median goes from {waits[0]}"
        f" to {waits[1]} and throughput is {share(ratio(deep[1], deep[0]).value)} of acks=1's,"
        f" where {deepest:g} in flight carry {within(gain[1])} times as much as one"
        f" (acks=1: {within(gain[0])})"
    )


def latency_of(rows: pd.DataFrame, column: str) -> str:
    """A latency in words, or that there is none."""
    known = len(rows) and rows[column].notna().all()
    return latency_ms(mean_of(rows, column) if known else Interval(*(float("nan"),) * 3))


def _others(rows: pd.DataFrame) -> str:
    """What one replica changes, and at the furthest looked at another min.insync.replicas."""
    far = pick(rows, replica_rtt_ms=rows["replica_rtt_ms"].max(), acks="all")
    far = pick(far, depth=far["depth"].max())
    others, two = pick(far, phase=ANY_ONE, load=FULL), pick(usual(far), load=FULL)
    if others.empty:
        return ""
    alone = latency_of(pick(rows, phase=ALONE, load=LIGHT), "p50_ms")
    return (
        f" min.insync.replicas={IN_SYNC} instead of 1 carries {within(ratio(two, others))} times as"
        f" much: it refuses writes, it does not wait. With one replica there is nobody to wait for:"
        f" the median is {alone} with acks=all."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """Throughput, median and tail over the round trip between replicas."""
    rows = rows.assign(acks=rows["acks"].astype(str))
    chart = figure(13.6, 4.7)
    panels = chart.subplots(1, len(PANELS))
    for axes, (column, (load, title)) in zip(panels, PANELS.items(), strict=True):
        _panel(axes, pick(rows, load=load), column)
        offered = f", {plain(only(rows, 'rate_per_s'))} records/s" if load == LIGHT else ""
        axes.set_title(f"{title}{offered}", size=10)
        axes.set_xlabel("round trip between replicas in ms")
    label_ends(panels[-1], "acks, in flight")
    entitle(
        chart,
        "acks=all waits for the slowest follower in sync, and more in flight do not hide that;"
        f" {REPLICAS} replicas",
        f"producer to leader: {only(rows, 'rtt_ms'):g} ms round trip; bands: 95 % intervals;"
        " latency is not drawn where there is overload; cross: acks=all, one replica",
    )
    return chart


def _panel(axes: Axes, rows: pd.DataFrame, column: str) -> None:
    """A line for each acks and depth, and a cross where nobody is waited for."""
    quiet_grid(axes)
    estimates = means(usual(rows), column, ["acks", "depth", "replica_rtt_ms"])
    for (acks, depth), of in estimates.dropna(subset=["value"]).groupby(["acks", "depth"]):
        drawn = look(int(str(depth)), depth != ONE)
        band(
            axes, of["replica_rtt_ms"].tolist(), of, color=drawn.colour, marker=drawn.marker,
            ls="-" if acks == "all" else DASHED, label=f"{acks}, {depth}",
        )  # fmt: skip
    alone = means(pick(rows, phase=ALONE), column, ["acks", "replica_rtt_ms"])
    axes.plot(alone["replica_rtt_ms"], alone["value"], "x", color=INK, ms=7, mew=1.8)
    log_axis(axes, "x")
    log_axis(axes, "y")


def _smoke(levels: Levels) -> bool:
    return levels["replica_rtt_ms"] == 5


EXPERIMENT = Experiment(
    name="replication",
    question="acks=1 or acks=all: what does it cost, and whom does all wait for?",
    aliases=("acks",),
    points=points,
    measure=figures.row(
        "records_per_s", "request_latency_ms", "p50_ms", "p99_ms", "overloaded", "limit"
    ),
    replications=Replications(3, 6, Contrast("records_per_s", "depth", ONE), 0.05),
    answer=answer,
    draw=draw,
    assumption="all followers stay in sync and are equally far from the leader; what acks=1 risks"
    " when a leader dies before a follower has fetched is not priced here",
    rtt_ms=0.5,
    smoke=_smoke,
)

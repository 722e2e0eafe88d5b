"""What acks wait for, by the distance of the replicas, with one request in flight and with more.

The producer is in the leader's rack by default; the followers, two unless the world has others, are
as far away as ``replica_rtt_ms`` says, all of them alike, and pull. ``acks`` "all" waits until
every in-sync replica has the records. Beside it acks=all with another min.insync.replicas, which
says when writes are refused and not whom they wait for. Left out: what acks=1 risks.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import Series, curves
from experiments.kit.estimates import mean_of, only, pick, ratio
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.loads import at_capacity, at_least, over_seconds
from experiments.kit.looks import carrying, look
from experiments.kit.replications import Contrast, Levels, Replications
from experiments.kit.summaries import INTERVALS, estimate
from experiments.kit.tables import Column, Table, filled, numbers
from experiments.kit.words import ALIKE, as_much, listed, ms, plain, share, times, worthwhile
from experiments.kit.world import World
from model import OpenLoop, PathConfig, ProducerConfig, Saturating, Scenario

BETWEEN_MS, FEW_BETWEEN_MS = (0.2, 0.5, 1, 2, 5, 10, 20, 50), (0.2, 20)
FULL, LIGHT = "full", "light"
REPLICAS, ONE = 3, 1
LIGHT_PER_S, LIGHT_RECORDS = 200.0, 600
#: Ours: a batch is a follower's fetch away from its ack, or two.
ROUNDS = 60
TWO_IN_SYNC, ANY_ONE = "min.insync.replicas=2", "min.insync.replicas=1"


def points(world: World) -> Iterator[Point]:
    """Both acks, depths and loads over the distance; the other min.insync.replicas at the end."""
    own_depth = world.own.max_in_flight_requests_per_connection
    own = {"rate_per_s": world.rate_per_s or LIGHT_PER_S}
    between_ms = sorted({*(BETWEEN_MS if world.fine else FEW_BETWEEN_MS), world.replica_rtt_ms})
    own["replicas"] = copies(world)
    depths, loads = (ONE, own_depth if own_depth > ONE else 5), (FULL, LIGHT)
    axes = {"replica_rtt_ms": between_ms, "acks": ("1", "all"), "depth": depths, "load": loads}
    for level in grid(rtt_ms=[world.rtt_ms], **axes):
        yield Point(
            levels=level,
            beside={"phase": TWO_IN_SYNC, **own},
            scenario=replicated(world, level, 2),
            replications=None if world.fine else 2,
        )
    furthest: Levels = {"rtt_ms": world.rtt_ms, "replica_rtt_ms": between_ms[-1], "acks": "all"}
    for load in loads:
        levels = {**furthest, "depth": depths[-1], "load": load, "phase": ANY_ONE}
        scenario = replicated(world, levels, 1)
        yield Point(levels=levels, beside=own, scenario=scenario, replications=3)


def replicated(world: World, level: Levels, in_sync: int) -> Scenario:
    """A topic of several replicas at the level's distance, under the level's load."""
    rate_per_s = world.rate_per_s or LIGHT_PER_S
    is_light, between = level["load"] == LIGHT, PathConfig(rtt_ms=float(level["replica_rtt_ms"]))
    topic = replace(world.topic, replicas=copies(world), min_insync_replicas=in_sync)
    arrival = OpenLoop(rate_per_s, world.arrivals) if is_light else Saturating()
    scenario = replace(world, topic=topic).scenario(producer(world, level), arrival)
    scenario = replace(scenario, replica_path=between)
    if is_light:
        measured_s = LIGHT_RECORDS / rate_per_s
        return over_seconds(scenario, 0.5 * measured_s, measured_s)
    least_s = ROUNDS * between.rtt_s
    return at_least(at_capacity(scenario), 0.5 * least_s, least_s)


def copies(world: World) -> int:
    """As many as the world has, if acks=all has anybody to wait for there."""
    return world.topic.replicas if world.topic.replicas > 1 else REPLICAS


def producer(world: World, level: Levels) -> ProducerConfig:
    """The user's own with these acks; idempotence, which needs acks=all, as theirs where it can."""
    return world.with_producer(
        acks=level["acks"],
        enable_idempotence=level["acks"] == "all" and world.own.enable_idempotence,
        max_in_flight_requests_per_connection=level["depth"],
    )


def answer(rows: pd.DataFrame) -> str:
    """What acks=all costs by distance, who hides it, and that min.insync.replicas has no price."""
    rows = rows.assign(acks=rows["acks"].astype(str))
    deep = pick(rows, depth=rows["depth"].max())
    near, far = (pick(deep, replica_rtt_ms=of(rows["replica_rtt_ms"])) for of in (min, max))
    shallow = pick(rows, replica_rtt_ms=only(far, "replica_rtt_ms"), acks="all", depth=ONE)
    full = pick(far, acks="all", load=FULL)
    two, any_one = (pick(full, phase=phase) for phase in (TWO_IN_SYNC, ANY_ONE))
    same = as_much(two["records_per_s"].mean() / any_one["records_per_s"].mean(), ANY_ONE)
    more = as_much(ratio(two, pick(shallow, load=FULL)).value, "one")
    distances = (near, far) if len(rows["replica_rtt_ms"].unique()) > 1 else (far,)
    return (
        "acks=all waits for the slowest replica in sync, so its price is the replicas' distance."
        f" {' '.join(map(_price, distances))} The connection's next request waits meanwhile, so"
        f" {only(far, 'depth'):g} in flight carry {more} there.{_queue(rows)} {TWO_IN_SYNC} carries"
        f" {same}: it says when writes are refused, not whom they wait for."
    )


def _queue(rows: pd.DataFrame) -> str:
    """From which distance on more in flight have the longer median, if from any.

    Requests of one connection follow one another at the broker, each with the whole wait for the
    replicas. One that leaves before the ack of the one before is small; with one in flight records
    collect into one batch meanwhile.
    """
    light = pick(rows, acks="all", load=LIGHT, phase=TWO_IN_SYNC)
    medians = light.groupby(["replica_rtt_ms", "depth"])["p50_ms"].mean().unstack()
    longer = medians.index[medians[medians.columns.max()] > (1 + ALIKE) * medians[ONE]]
    if longer.empty:
        return ""
    return (
        f" From {longer[0]:g} ms on more in flight even wait longer than one at"
        f" {plain(only(rows, 'rate_per_s'))} records/s: small requests queue at the broker, where"
        " with one the records collect into one batch."
    )


def _price(at: pd.DataFrame) -> str:
    """What all costs over one at a distance between replicas, in throughput and latency."""
    usual = pick(at, phase=TWO_IN_SYNC)
    one, every_one = (pick(usual, acks=acks) for acks in ("1", "all"))
    kept = ratio(pick(every_one, load=FULL), pick(one, load=FULL)).value
    medians = [mean_of(pick(of, load=LIGHT), "p50_ms") for of in (one, every_one)]
    waits = f"the median latency {times(medians[1].value / medians[0].value)} times as long"
    if any(median.value != median.value for median in medians):
        waits = "your rate is more than it carries"
    elif any(median.known and median.high - median.low > median.value for median in medians):
        waits = "the median is not known from so few runs (more --repeats tell)"
    return (
        f"With replicas {only(at, 'replica_rtt_ms'):g} ms apart throughput is {share(kept)} of that"
        f" with acks=1, and {waits}."
    )


def tables(rows: pd.DataFrame) -> list[Table]:
    """Both acks at every distance of the replicas and depth: throughput, and the median."""
    usual = pick(rows.assign(acks=rows["acks"].astype(str)), phase=TWO_IN_SYNC)
    columns = {(FULL, "records_per_s"): ",.0f", (LIGHT, "p50_ms"): ",.1f"}
    lines = [
        [*point]
        + [
            estimate(mean_of(pick(of, load=load, acks=acks), figure), spec)
            for (load, figure), spec in columns.items()
            for acks in ("1", "all")
        ]
        for point, of in usual.groupby(["replica_rtt_ms", "depth"])
    ]
    heads = [Column("between replicas", spec="g", unit=" ms"), Column("in flight")]
    heads += numbers("records/s, acks=1", "acks=all")
    heads += numbers(f"median ms at {plain(only(rows, 'rate_per_s'))}/s, acks=1", "acks=all")
    caption = f"{only(rows, 'replicas')} replicas; a dash: more than is carried; {INTERVALS}"
    return [filled(caption, heads, lines)]


def draw(rows: pd.DataFrame) -> Figure:
    """Throughput, median and tail over the round trip between replicas."""
    usual = pick(rows.assign(acks=rows["acks"].astype(str)), phase=TWO_IN_SYNC)
    usual = usual.assign(rate=usual["records_per_s"].where(usual["load"] == FULL))
    series = []
    for (acks, depth), of in usual.groupby(["acks", "depth"]):
        producer_look = carrying(ONE) if depth == ONE else look(int(str(depth)), acks == "all")
        label = f"{producer_look.name.partition(',')[0]}, acks={acks}"
        series.append(Series(label, of, producer_look, acks == "1"))
    light = f"at {plain(only(rows, 'rate_per_s'))} records/s, ms"
    chart, _ = curves(
        _title(pick(usual, acks="all")),
        series,
        ("replica_rtt_ms", "round trip between replicas in ms"),
        {
            "rate": "records/s, as fast as it can",
            "p50_ms": f"median latency {light}",
            "p99_ms": f"99th percentile {light}",
        },
        log="xy",
        note=f"producer to leader: {only(rows, 'rtt_ms'):g} ms round trip;"
        f" {only(rows, 'replicas')} replicas",
    )
    return chart


def _title(every_one: pd.DataFrame) -> str:
    """What more in flight gain with acks=all, replicas near and far, and what they cost there."""
    full = pick(every_one, load=FULL)
    ends_ms = list(dict.fromkeys((full["replica_rtt_ms"].min(), full["replica_rtt_ms"].max())))
    deepest, told = full["depth"].max(), []
    for at_ms in ends_ms:
        of = pick(full, replica_rtt_ms=at_ms)
        gain = ratio(pick(of, depth=deepest), pick(of, depth=ONE)).value
        told.append(f"{gain:.1f} times as much as one with replicas {at_ms:g} ms apart")
    several = look(deepest, True).name.partition(",")[0]
    several = several[:1].upper() + several[1:]
    return (
        "acks=all waits for the slowest follower."
        f" {several} carry {listed(told)}{_in_line(pick(every_one, replica_rtt_ms=ends_ms[-1]))}"
    )


def _in_line(far: pd.DataFrame) -> str:
    """What more in flight do to the median where requests wait for each other at the broker.

    A connection's requests are answered one after the other, each after a fetch of the followers:
    records that wait in requests sent early wait longer than those that fill one batch meanwhile.
    """
    light = pick(far, load=LIGHT)
    deep, one = (pick(light, depth=depth)["p50_ms"].mean() for depth in (light["depth"].max(), ONE))
    if not worthwhile(deep / one):
        return ""
    return f"; there a record takes {ms(deep)} instead of {ms(one)}, in line behind other requests"


EXPERIMENT = Experiment(
    name="replication",
    question="acks=1 or acks=all: what does it cost, and whom does all wait for?",
    aliases=("acks",),
    about="replicas replica followers min.insync.replicas isr latency throughput durability",
    points=points,
    measure=figures.row(
        *("records_per_s", "request_latency_ms", "p50_ms", "p99_ms", "overloaded", "limit")
    ),
    replications=Replications(3, 6, Contrast("records_per_s", "depth", ONE), 0.05),
    answer=answer,
    tables=tables,
    draw=draw,
    assumption="all replicas stay in sync and are equally far from the leader. What acks=1 risks"
    " when a leader dies before a replica has fetched is not priced here",
    rtt_ms=0.5,
    smoke=lambda levels: levels["replica_rtt_ms"] == 50,
)

"""Producers that share a broker; in a sweep also one producer's memory in outage and overload.

``trouble`` "none": so many producers, as fast as they can, and how busy that keeps the broker.
"outage": the broker stands still. "overload": more records come than the producer carries, for a
while. After both there is time to catch up, and every record ends.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import Series, curves, log_axis, thousands
from experiments.kit.estimates import only, pick, ratio
from experiments.kit.experiment import Experiment, Point, grid, whole
from experiments.kit.loads import at_capacity
from experiments.kit.looks import carrying
from experiments.kit.replications import Contrast, Levels, Replications
from experiments.kit.summaries import Shown, summary
from experiments.kit.tables import Table
from experiments.kit.words import as_much, limit_words, share
from experiments.kit.world import World
from model import Fault, OpenLoop, Run, Saturating, Scenario
from model.units import MIB

PRODUCERS, FEW_PRODUCERS = (1, 2, 4, 8, 16, 32), (1, 2, 4, 8)
ONE, FIVE = 1, 5
BUFFERS_MIB, MAX_BLOCKS_MS = (1, 2, 4, 8, 16, 32, 64), (0, 1_000, 60_000)
NONE, OUTAGE, OVERLOAD = "none", "outage", "overload"
#: Ours: 2 MB/s that come to a stop; and about twice what Kafka's defaults carry at 2 ms.
OFFERED_PER_S, OUTAGE_S, OVERLOAD_S = {OUTAGE: 2_000.0, OVERLOAD: 60_000.0}, 5.0, 1.0
BEFORE_S, AFTER_S = 0.5, 6.0


def points(world: World) -> Iterator[Point]:
    """Producers as fast as they can; one producer in each trouble, over memory and patience."""
    own_mib, own_block_ms = (
        whole(world.own.buffer_memory_bytes / MIB),
        whole(world.own.max_block_ms),
    )
    own: Levels = {"own_buffer_mib": own_mib, "own_block_ms": own_block_ms}
    for level in grid(
        trouble=(NONE,),
        rtt_ms=[world.rtt_ms],
        producers=PRODUCERS if world.fine else FEW_PRODUCERS,
        depth=(ONE, FIVE),
        buffer_mib=[own_mib],
        max_block_ms=[own_block_ms],
    ):
        config = world.in_flight(level["depth"], world.own.enable_idempotence)
        several = replace(world, producers=level["producers"]).scenario(config, Saturating())
        scenario = at_capacity(several, measured=100)
        yield Point(levels=level, beside={**own, "offered_per_s": 0}, scenario=scenario)
    for level in grid(
        trouble=(OUTAGE, OVERLOAD) if world.fine else (),
        rtt_ms=[world.rtt_ms],
        producers=(ONE,),
        depth=[world.own.max_in_flight_requests_per_connection],
        buffer_mib=sorted({*BUFFERS_MIB, own_mib}),
        max_block_ms=sorted({*MAX_BLOCKS_MS, own_block_ms}),
    ):
        yield Point(
            levels=level,
            beside={**own, "offered_per_s": OFFERED_PER_S[level["trouble"]]},
            scenario=in_trouble(world, level),
        )


def in_trouble(world: World, level: dict[str, Any]) -> Scenario:
    """One producer with the level's memory; arrivals that end, and time for all to end as well."""
    own, is_outage = world.own, level["trouble"] == OUTAGE
    size = max(round(level["buffer_mib"] * MIB), own.batch_size_bytes, own.max_request_size_bytes)
    config = replace(own, buffer_memory_bytes=size, max_block_ms=level["max_block_ms"])
    pauses = (Fault(what="broker-pause", at_s=BEFORE_S, for_s=OUTAGE_S),) if is_outage else ()
    for_s = BEFORE_S + OUTAGE_S if is_outage else OVERLOAD_S
    rate_per_s = OFFERED_PER_S[level["trouble"]]
    sends = OpenLoop(rate_per_s, records=round(rate_per_s * for_s))
    return world.in_trouble(config, pauses, sends, for_s + AFTER_S)


def connection_busy(run: Run) -> float:
    """How much of the time a broker works on one connection's requests, mean of connections."""
    request = run.mean_request
    if not request.records:
        return 0.0
    return run.records_per_s / request.records * request.service_s / run.scenario.producers


def handlers_busy(run: Run) -> float:
    """How much of the time of all request handlers goes into this work."""
    handlers = run.scenario.broker.num_io_threads
    return connection_busy(run) * run.scenario.producers / handlers


def answer(rows: pd.DataFrame) -> str:
    """How idle the broker is with one producer, and what further ones add."""
    shared, many = pick(rows, trouble=NONE, depth=FIVE), rows["producers"].max()
    one, most = (pick(shared, producers=count) for count in (ONE, many))
    busy, work = (share(one[name].mean()) for name in ("connection_busy", "handlers_busy"))
    return (
        "Because a broker works on one request of a connection at a time, and each producer has a"
        f" connection of its own. One producer with {FIVE} in flight keeps its connection busy"
        f" {busy} of the time, and the broker's request handlers {work}. Together {many:g}"
        f" producers carry {as_much(ratio(most, one).value, 'one')}; then the limit is"
        f" {limit_words(only(most, 'limit'))}."
    )


def tables(rows: pd.DataFrame) -> list[Table]:
    """Producers that share a broker: what they carry together, and how busy it is."""
    shown = (
        Shown("records_per_s", "records/s"),
        Shown("connection_busy", "connection busy", ".0f", share=True),
        Shown("handlers_busy", "handlers busy", ".1f", share=True),
        Shown("limit", "limited by"),
    )
    by = {"producers": "producers", "depth": "in flight"}
    caption = "Producers as fast as they can, all together"
    return [summary(caption, pick(rows, trouble=NONE), by, shown)]


def draw(rows: pd.DataFrame) -> Figure:
    """Throughput and how busy the broker is, over the producers; rows of trouble are not drawn."""
    shared = pick(rows.assign(busy=100 * rows["handlers_busy"]), trouble=NONE)
    looks = [(depth, carrying(depth)) for depth in (ONE, FIVE)]
    chart, axes = curves(
        _title(pick(shared, depth=FIVE)),
        [Series(producer.name, pick(shared, depth=depth), producer) for depth, producer in looks],
        ("producers", "producers, as fast as they can"),
        {"records_per_s": "records/s of all together", "busy": "request handlers at work, %"},
    )
    for panel in axes:
        log_axis(panel, "x", sorted(shared["producers"].unique()))
    thousands(axes[0])
    return chart


def _title(five: pd.DataFrame) -> str:
    """How little of the broker one producer keeps busy, and what more of them carry."""
    many = int(five["producers"].max())
    one, most = (pick(five, producers=count) for count in (ONE, many))
    return (
        f"One producer keeps {one['busy'].mean():.2g} % of the broker's request handlers busy;"
        f" {many} producers carry {ratio(most, one).value:.1f} times as much"
    )


EXPERIMENT = Experiment(
    name="producers_memory",
    question="My broker is idle, one producer is slow and more producers help: why?",
    aliases=("producers", "idle-broker"),
    about="several producers threads throughput parallel scaling num.io.threads",
    points=points,
    measure=figures.row(
        *("records_per_s", "request_latency_ms", "failed_share", "longest_ms", "unfinished"),
        *("limit", "bound_records_per_s", connection_busy, handlers_busy),
    ),
    replications=Replications(3, 6, Contrast("records_per_s", "depth", ONE), 0.05),
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="replicas would make one producer slower still and change no reason",
    assumption="the broker has its default of 8 request handlers, and no disk, quota or network"
    " card is the limit. Near the broker what counts is its time for a request, far away the"
    " round trip; in trouble nothing but the broker's pause goes wrong",
    rtt_ms=2,
    smoke=lambda levels: (
        levels["producers"] in (1, 2)
        and (
            levels["trouble"] == NONE or (levels["trouble"] == OUTAGE and levels["buffer_mib"] == 2)
        )
    ),
)

"""Producers that share a broker; and one producer's memory in an outage and in overload.

``trouble`` "none": so many producers, as fast as they can, and how busy that keeps the broker.
"outage": the broker stands still. "overload": more records come than the producer carries, for a
while. After both there is time to catch up, and every record ends.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from experiments.kit import figures
from experiments.kit.charts import (
    COLOURS,
    LAW,
    MARKERS,
    band,
    entitle,
    label_ends,
    line,
    log_axis,
    mark,
    thousands,
)
from experiments.kit.estimates import means, only, pick, ratio
from experiments.kit.experiment import Experiment, Point, grid, whole
from experiments.kit.loads import at_capacity
from experiments.kit.replications import Contrast, Levels, Replications
from experiments.kit.style import figure, look, quiet_grid
from experiments.kit.words import plain, share, within
from experiments.kit.world import World
from model import Fault, OpenLoop, ProducerConfig, Run, Saturating, Scenario
from model.units import MIB

PRODUCERS, FEW_PRODUCERS = (1, 2, 4, 8, 16, 32), (1, 2, 4, 8)
ONE, FIVE = 1, 5
BUFFERS_MIB, FEW_BUFFERS_MIB = (1, 2, 4, 8, 16, 32, 64), (1, 4, 16)
MAX_BLOCKS_MS = (0, 1_000, 60_000)
NONE, OUTAGE, OVERLOAD = "none", "outage", "overload"
#: Ours: 2 MB/s that come to a stop; and about twice what Kafka's defaults carry at 2 ms.
OUTAGE_S, OUTAGE_PER_S = 5.0, 2_000.0
OVERLOAD_S, OVERLOAD_PER_S = 1.0, 60_000.0
BEFORE_S, AFTER_S = 0.5, 6.0
#: Where the logarithmic axis becomes linear, to show nothing as zero.
LEAST_PERCENT = 0.01


def points(world: World) -> Iterator[Point]:
    """Producers as fast as they can; one producer in each trouble, over memory and patience."""
    own_mib, own_block_ms = (
        whole(world.own.buffer_memory_bytes / MIB),
        whole(world.own.max_block_ms),
    )
    own = {"own_buffer_mib": own_mib, "own_block_ms": own_block_ms}
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
        yield Point(
            levels=level,
            beside={**own, "offered_per_s": 0},
            scenario=at_capacity(several, measured=100),
        )
    for level in grid(
        trouble=(OUTAGE, OVERLOAD),
        rtt_ms=[world.rtt_ms],
        producers=(ONE,),
        depth=[world.own.max_in_flight_requests_per_connection],
        buffer_mib=sorted({*(BUFFERS_MIB if world.fine else FEW_BUFFERS_MIB), own_mib}),
        max_block_ms=sorted({*MAX_BLOCKS_MS, own_block_ms}) if world.fine else [own_block_ms],
    ):
        config = with_memory(world.own, level["buffer_mib"], level["max_block_ms"])
        rate_per_s = offered_per_s(world, level["trouble"])
        yield Point(
            levels=level,
            beside={**own, "offered_per_s": rate_per_s},
            scenario=in_trouble(world, config, level["trouble"], rate_per_s),
            replications=None if world.fine else 1,
        )


def with_memory(config: ProducerConfig, buffer_mib: float, max_block_ms: float) -> ProducerConfig:
    """The producer with another buffer.memory and max.block.ms."""
    size = max(round(buffer_mib * MIB), config.batch_size_bytes, config.max_request_size_bytes)
    return replace(config, buffer_memory_bytes=size, max_block_ms=max_block_ms)


def offered_per_s(world: World, trouble: str) -> float:
    """How many records a trouble meets: a user's rate, or about twice what theirs carries."""
    if trouble == OUTAGE:
        return world.rate_per_s or OUTAGE_PER_S
    return OVERLOAD_PER_S if world.fine else float(f"{2 * world.carries(world.own):.2g}")


def in_trouble(world: World, config: ProducerConfig, trouble: str, rate_per_s: float) -> Scenario:
    """Arrivals that end, a broker that stands still or none, and time for all to end as well."""
    is_outage = trouble == OUTAGE
    pauses = (Fault(what="broker-pause", at_s=BEFORE_S, for_s=OUTAGE_S),) if is_outage else ()
    for_s = BEFORE_S + OUTAGE_S if is_outage else OVERLOAD_S
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
    """How idle the broker is with one producer, what further ones add, and memory in trouble."""
    five = pick(rows, trouble=NONE, depth=FIVE)
    one, most = (pick(five, producers=count) for count in (ONE, five["producers"].max()))
    alone = pick(rows, trouble=NONE, depth=ONE)
    slow, slow_most = (pick(alone, producers=only(of, "producers")) for of in (one, most))
    return (
        f"Because a broker works on one request of a connection at a time: at"
        f" {only(one, 'rtt_ms'):g} ms one producer with {FIVE} in flight"
        f" ({plain(one['records_per_s'].mean())} records/s, limit: {only(one, 'limit')}) has its"
        f" connection worked on {share(one['connection_busy'].mean())} of the time and the broker's"
        f" request handlers {share(one['handlers_busy'].mean())}."
        f" {only(most, 'producers'):g} producers carry {within(ratio(most, one), 1)} times as much,"
        f" and {within(ratio(slow_most, slow), 1)} times with one in flight"
        f" (limit: {only(most, 'limit')})."
        f"{''.join(_memory(rows, trouble) for trouble in (OUTAGE, OVERLOAD))}"
    )


def _memory(rows: pd.DataFrame, trouble: str) -> str:
    """The least memory without failures, for each max.block.ms; and the longest wait."""
    of_trouble, parts = pick(rows, trouble=trouble), []
    if of_trouble.empty:
        return ""
    for block_ms, of in of_trouble.groupby("max_block_ms"):
        worst = of.groupby("buffer_mib")["failed_share"].max()
        enough = worst.index[worst == 0]
        least = f"{min(enough):g} MiB" if len(enough) else "more than was looked at"
        parts.append(f"{least} with max.block.ms={float(str(block_ms)):g}")
    return (
        f" So that nothing fails when {title(of_trouble)}, buffer.memory has to be"
        f" {', '.join(parts)};"
        f" the longest wait of a written record is {of_trouble['longest_ms'].max() / 1e3:.1f} s."
    )


def title(of_trouble: pd.DataFrame) -> str:
    """What happens in a trouble, in words."""
    offered = f"{plain(only(of_trouble, 'offered_per_s'))} records/s"
    if only(of_trouble, "trouble") == OUTAGE:
        return f"the broker stands still for {OUTAGE_S:g} s at {offered}"
    return f"{offered} come for {OVERLOAD_S:g} s"


def draw(rows: pd.DataFrame) -> Figure:
    """Throughput and business of the broker over producers; records that fail in each trouble."""
    shared = pick(rows, trouble=NONE)
    troubled = [of for _, of in rows[rows["trouble"] != NONE].groupby("trouble")]
    chart = figure(3.9 * (2 + len(troubled)), 4.6)
    rates, working, *failing = chart.subplots(1, 2 + len(troubled))
    _shared(rates, shared, "records_per_s", "records/s of all together; dashed: the bound")
    percent = shared.assign(percent=shared["handlers_busy"] * 100)
    _shared(working, percent, "percent", "request handlers at work, %")
    for axes, of_trouble in zip(failing, troubled, strict=True):
        _failing(axes, of_trouble)
        axes.set_title(f"records that fail, %, when\n{title(of_trouble)}", size=9)
    entitle(
        chart,
        "More producers are more connections to work on; memory decides what fails in trouble",
        "bands: 95 % intervals; dotted: your buffer.memory",
    )
    return chart


def _shared(axes: Axes, shared: pd.DataFrame, column: str, text: str) -> None:
    """A line for each depth over the number of producers."""
    quiet_grid(axes)
    for depth, of in shared.groupby("depth"):
        producer = look(int(str(depth)), depth == FIVE)
        if column == "records_per_s":
            bounds = of.groupby("producers")["bound_records_per_s"].mean()
            axes.plot(bounds.index, bounds.to_numpy(), **LAW)
        line(axes, of, "producers", column, producer, f"{depth}")
    log_axis(axes, "x", sorted(shared["producers"].unique()))
    axes.set_ylim(bottom=0)
    if column == "records_per_s":
        thousands(axes)
    axes.set_xlabel("producers, as fast as they can")
    axes.set_title(text, size=9)
    label_ends(axes, "in flight")


def _failing(axes: Axes, of_trouble: pd.DataFrame) -> None:
    """A line for each max.block.ms over memory."""
    quiet_grid(axes)
    estimates = means(of_trouble, "failed_share", ["max_block_ms", "buffer_mib"])
    estimates[["value", "low", "high"]] *= 100
    for series, (block_ms, of) in enumerate(estimates.groupby("max_block_ms")):
        own = " (yours)" if block_ms == only(of_trouble, "own_block_ms") else ""
        drawn = {"color": COLOURS[series + 2], "marker": MARKERS[series]}
        label = f"{float(str(block_ms)):,g}{own}"
        band(axes, of["buffer_mib"].tolist(), of, label=label, **drawn)
    axes.set_yscale("symlog", linthresh=LEAST_PERCENT)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_ylim(-LEAST_PERCENT / 4, 150)
    log_axis(axes, "x", sorted(of_trouble["buffer_mib"].unique()))
    mark(axes, float(only(of_trouble, "own_buffer_mib")), "")
    axes.set_xlabel("buffer.memory in MiB")
    axes.legend(title="max.block.ms", frameon=False, loc="center left", bbox_to_anchor=(0, 0.6))


def _smoke(levels: Levels) -> bool:
    if levels["trouble"] == NONE:
        return levels["producers"] in (1, 2)
    return levels["trouble"] == OUTAGE and levels["buffer_mib"] == 2


EXPERIMENT = Experiment(
    name="producers_memory",
    question="My broker is idle, one producer is slow and more producers help: why?",
    aliases=("producers", "idle-broker"),
    points=points,
    measure=figures.row(
        "records_per_s",
        "request_latency_ms",
        "failed_share",
        "longest_ms",
        "unfinished",
        "limit",
        "bound_records_per_s",
        connection_busy,
        handlers_busy,
    ),
    replications=Replications(3, 6, Contrast("records_per_s", "depth", ONE), 0.05),
    answer=answer,
    draw=draw,
    assumption="the broker has its default of 8 request handlers, and no disk, quota or network"
    " card is the limit; near the broker what counts is its time for a request, far away the"
    " round trip; in trouble nothing but the broker's pause goes wrong",
    rtt_ms=2,
    smoke=_smoke,
)

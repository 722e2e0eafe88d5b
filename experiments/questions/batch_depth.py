"""batch.size against requests in flight: two ways to have more bytes out at once.

Either gains until depth times batch.size fills the receive window, so everything is looked at with
socket buffers as they are and with large ones on both sides; and how full batches of each size get
at the user's rate, which decides whether their size matters at all.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import Series, annotate, curves, log_axis, mark
from experiments.kit.estimates import only, pick
from experiments.kit.experiment import Experiment, Point, grid, whole
from experiments.kit.loads import at_capacity, at_least
from experiments.kit.looks import look
from experiments.kit.replications import Contrast, Levels, Replications
from experiments.kit.words import plain, share
from experiments.kit.world import World
from model import BrokerConfig, ProducerConfig, Saturating, Scenario
from model.config.cluster import REQUESTS_SHARE, receive_window_bytes
from model.units import KIB

DISTANCES_MS, DEPTHS = (2, 20, 100), (1, 2, 5)
BATCHES_KIB, FEW_BATCHES_KIB = (16, 32, 64, 128, 256, 512), (16, 32, 64, 128, 256)
ONE, FIVE = DEPTHS[0], DEPTHS[-1]
LARGE, WINDOW = "large", "receive window"
#: More than five requests of 512 KiB, on either side.
LARGE_BYTES = 4 << 20
#: Ours: a window that holds less than a request lets one through in several round trips.
ROUND_TRIPS = 80
#: Ours: a larger batch that gains less than this is not worth its memory.
WORTH = 1.05
CAPACITY, LOAD = "capacity", "load"
#: Ours: batches that fill slowly are looked at for several of the largest.
LEAST_S = 0.3


def points(world: World) -> Iterator[Point]:
    """Every size, depth and kind of buffers as fast as it can; how full each gets at one rate."""
    own_kib, rate_per_s = whole(world.own.batch_size_bytes / KIB), world.calm_rate()
    batches_kib = sorted({*(BATCHES_KIB if world.fine else FEW_BATCHES_KIB), own_kib})
    given = "default" if world.fine else "yours"
    own: Levels = {"own_kib": own_kib, "own_rtt_ms": world.rtt_ms, "rate_per_s": rate_per_s}
    for level in grid(
        rtt_ms=world.distances(DISTANCES_MS) if world.fine else [world.rtt_ms],
        buffers=(given, LARGE),
        batch_kib=batches_kib,
        depth=DEPTHS if world.fine else (ONE, FIVE),
    ):
        scenario = world.scenario(with_batch(world, level), Saturating(), level["rtt_ms"])
        busy = at_capacity(large_buffers(scenario) if level["buffers"] == LARGE else scenario)
        least_s = ROUND_TRIPS * busy.path.rtt_s
        yield Point(
            levels=level,
            beside={"phase": CAPACITY, **own},
            scenario=at_least(busy, least_s, least_s),
            replications=None if world.fine else 2,
        )
    layout: Levels = {"rtt_ms": world.rtt_ms, "buffers": given, "phase": LOAD}
    for level in grid(batch_kib=batches_kib, depth=(ONE, FIVE)):
        at_rate = world.at_load(with_batch(world, level), rate_per_s)
        scenario = at_least(at_rate, 0.0, LEAST_S)
        yield Point(levels={**layout, **level}, beside=own, scenario=scenario, replications=2)


def with_batch(world: World, level: Levels) -> ProducerConfig:
    """The producer with this depth and batch.size, and a request and memory that it fits into."""
    config = world.in_flight(int(level["depth"]), world.own.enable_idempotence)
    size = round(float(level["batch_kib"]) * KIB)
    return replace(
        config,
        batch_size_bytes=size,
        max_request_size_bytes=max(config.max_request_size_bytes, size),
        buffer_memory_bytes=max(config.buffer_memory_bytes, 16 * size),
    )


def large_buffers(scenario: Scenario) -> Scenario:
    """The scenario with sockets on both sides that hold all that may be in flight."""
    return replace(
        scenario,
        producer=replace(scenario.producer, send_buffer_bytes=LARGE_BYTES),
        broker=BrokerConfig(socket_receive_buffer_bytes=LARGE_BYTES),
    )


def smallest_worth_it(rows: pd.DataFrame) -> float:
    """The smallest batch.size in KiB from which on no larger one gains more than the margin."""
    rates = rows.groupby("batch_kib")["mb_per_s"].mean()
    return float(rates.index[rates * WORTH >= rates.max()][0])


def answer(rows: pd.DataFrame) -> str:
    """What is enough at the user's distance, what would lift the end, and whether batches fill."""
    capacity = pick(rows, phase=CAPACITY, rtt_ms=only(rows, "own_rtt_ms"), depth=FIVE)
    five, large = (capacity[(capacity["buffers"] == LARGE) == wide] for wide in (False, True))
    most, lifted = (of.groupby("batch_kib")["mb_per_s"].mean().max() for of in (five, large))
    enough_kib, largest_kib = smallest_worth_it(five), rows["batch_kib"].max()
    fill = pick(rows, phase=LOAD, depth=FIVE, batch_kib=largest_kib)["batch_fill"].mean()
    return (
        f"Raise requests in flight first, then batch.size up to {enough_kib:g} KiB: that carries"
        f" {most:.3g} MB/s with {FIVE} in flight at {only(rows, 'own_rtt_ms'):g} ms, where the"
        f" {only(pick(five, batch_kib=enough_kib), 'limit')} ends it. Socket buffers for"
        f" all in flight on both sides carry {lifted / most:.3g} times that. But size matters only"
        f" if there is enough to fill it: at {plain(only(rows, 'rate_per_s'))} records/s batches of"
        f" {largest_kib:g} KiB are {share(fill)} full."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """Throughput at the user's distance, one in flight and five; and how full batches get."""
    is_load, own_ms = rows["phase"] == LOAD, only(rows, "own_rtt_ms")
    here = rows["rtt_ms"] == own_ms
    rows = rows.assign(
        mb=rows["mb_per_s"].where(here & ~is_load), fill=100 * rows["batch_fill"].where(is_load)
    )
    chart, axes = curves(
        _title(pick(rows[~is_load], rtt_ms=own_ms)),
        [
            Series(look(depth, depth == FIVE).name, of, look(depth, depth == FIVE), sort == LARGE)
            for depth in (ONE, FIVE)
            for sort, of in pick(rows, depth=depth).groupby("buffers")
        ],
        ("batch_kib", "batch.size in KiB"),
        {
            "mb": f"MB/s at {own_ms:g} ms round trip",
            "fill": f"how full at {plain(only(rows, 'rate_per_s'))} records/s, %",
        },
        note="dashed: with large socket buffers on both sides",
    )
    axes[0].autoscale(axis="y")
    log_axis(axes[0], "y")
    for panel in axes:
        log_axis(panel, "x", sorted(rows["batch_kib"].unique()))
        mark(panel, float(only(rows, "own_kib")), "yours")
    _wall(axes[0], pick(rows[~is_load & here], depth=FIVE))
    return chart


def _wall(axes: Axes, five: pd.DataFrame) -> None:
    """Where the lines bend, if they do: what the brokers' sockets take."""
    full = five[five["limit"] == WINDOW]
    if len(full):
        unread_bytes = BrokerConfig().socket_receive_buffer_bytes
        held_kib = receive_window_bytes(unread_bytes, REQUESTS_SHARE) / KIB
        words = f"{held_kib:.0f} KiB receive window\nof the broker is full"
        largest = pick(full, batch_kib=full["batch_kib"].max())
        bend = float(only(largest, "batch_kib")), float(largest["mb_per_s"].mean())
        where: dict[str, Any] = {"textcoords": "axes fraction", "arrowprops": {"arrowstyle": "->"}}
        annotate(axes, words, *bend, (0.98, 0.1), ha="right", weight="bold", **where)


def _title(capacity: pd.DataFrame) -> str:
    """Which of the two gains more, at one distance and with sockets as they are."""
    usual = capacity[capacity["buffers"] != LARGE]
    carried = usual.groupby(["depth", "batch_kib"])["mb_per_s"].mean()
    start = carried[ONE].iloc[0]
    gains = [carried[FIVE].iloc[0], carried[ONE].max(), carried[FIVE].max()]
    five, larger, both = (f"{gain / start:.1f} times" for gain in gains)
    return (
        f"Beside one request of {capacity['batch_kib'].min():g} KiB, five carry {five} as much,"
        f" larger batches {larger}, both {both}"
    )


EXPERIMENT = Experiment(
    name="batch_depth",
    question="Which batch.size should I set, or should I raise requests in flight first?",
    aliases=("batch",),
    points=points,
    measure=figures.row(
        *("mb_per_s", "records_per_s", "bound_records_per_s"),
        *("request_latency_ms", "limit", "batch_fill"),
    ),
    replications=Replications(3, 6, Contrast("records_per_s", "depth", ONE), 0.05),
    answer=answer,
    draw=draw,
    assumption="one partition, the brokers' sockets as they are by default, records that do not"
    " compress; more partitions fill a request with more batches",
    rtt_ms=20,
    smoke=lambda levels: levels["rtt_ms"] == 20 and levels["batch_kib"] in (16, 256),
)

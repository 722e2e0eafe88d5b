"""batch.size against requests in flight: two ways to have more bytes out at once.

Either gains until depth times batch.size fills the receive window, so everything is looked at with
socket buffers as they are and with large ones on both sides; and how full batches of each size get
at the user's rate, which decides whether their size matters at all.
"""

import math
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
from experiments.kit.tables import Column, Table, filled
from experiments.kit.words import about, as_much, limit_words, plain, share, times, worthwhile
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


def answer(rows: pd.DataFrame) -> str:
    """What to raise first, up to where, what would lift the end, and whether batches fill."""
    own_kib, rates = only(rows, "own_kib"), at_own_distance(rows)
    five, one, wide = rates[FIVE, False], rates[ONE, False], rates[FIVE, True]
    gain, enough_kib = five[own_kib] / one[own_kib], smallest_worth_it(five)
    own = pick(rows, phase=CAPACITY, rtt_ms=only(rows, "own_rtt_ms"), depth=FIVE)
    ends = own[(own["buffers"] != LARGE) & (own["batch_kib"] == enough_kib)]
    fill = pick(rows, phase=LOAD, depth=FIVE, batch_kib=enough_kib)["batch_fill"].mean()
    return (
        f"{_advice(gain, own_kib, enough_kib)} At {only(rows, 'own_rtt_ms'):g} ms five in flight"
        f" carry {as_much(gain, 'one')}. With {enough_kib:g} KiB they carry"
        f" {about(five[enough_kib])} MB/s, where one in flight comes to {about(one.max())} with its"
        f" best size. The limit is then {limit_words(only(ends, 'limit'))}"
        f"{_sockets(wide.max() / five.max())}. A batch has to be filled: at"
        f" {plain(only(rows, 'rate_per_s'))} records/s {enough_kib:g} KiB are {share(fill)} full."
    )


def at_own_distance(rows: pd.DataFrame) -> dict[tuple[int, bool], "pd.Series[float]"]:
    """MB/s by batch.size in KiB at the user's distance, by depth and whether sockets are large."""
    own = pick(rows, phase=CAPACITY, rtt_ms=only(rows, "own_rtt_ms"))
    return {
        (depth, large): of.groupby("batch_kib")["mb_per_s"].mean()
        for depth in (ONE, FIVE)
        for large in (False, True)
        if len(of := own[(own["depth"] == depth) & ((own["buffers"] == LARGE) == large)])
    }


def smallest_worth_it(rates: "pd.Series[float]") -> float:
    """The smallest batch.size from which on no larger one gains more than the margin."""
    return float(rates.index[rates * WORTH >= rates.max()][0])


def _advice(gain: float, own_kib: float, enough_kib: float) -> str:
    """What to raise: requests in flight where they gain, batch.size where a larger one does."""
    larger = f"batch.size to {enough_kib:g} KiB" if enough_kib > own_kib else ""
    if worthwhile(gain):
        then = f"Raise requests in flight first, then {larger}"
        return f"{then if larger else 'Raise requests in flight; no larger batch.size gains'}."
    if larger:
        return f"Raise {larger}; more requests in flight gain nothing here."
    return "Neither: no larger batch.size and no more requests in flight gain anything here."


def _sockets(gain: float) -> str:
    if not worthwhile(gain):
        return ", and larger socket buffers do not lift it"
    return f"; larger socket buffers on both sides lift it {times(gain)} times"


def tables(rows: pd.DataFrame) -> list[Table]:
    """Throughput by size, depth and sockets at the user's distance, and how full batches get."""
    rates, load = at_own_distance(rows), pick(rows, phase=LOAD, depth=FIVE)
    fills = load.groupby("batch_kib")["batch_fill"].mean()
    names = {(ONE, False): "one", (FIVE, False): "five", (FIVE, True): "five, large sockets"}
    heads = [Column(names[which], spec=".2f") for which in names if which in rates]
    heads.append(Column(f"full at {plain(only(rows, 'rate_per_s'))}/s", spec=".0%"))
    lines = [
        [kib, *(rates[which].get(kib, math.nan) for which in names if which in rates), fills[kib]]
        for kib in fills.index
    ]
    caption = f"MB/s by batch.size and requests in flight, at {only(rows, 'own_rtt_ms'):g} ms"
    return [filled(caption, [Column("batch.size", spec="g", unit=" KiB"), *heads], lines)]


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
    about="throughput latency batching size socket",
    points=points,
    measure=figures.row(
        *("mb_per_s", "records_per_s", "bound_records_per_s"),
        *("request_latency_ms", "limit", "batch_fill"),
    ),
    replications=Replications(3, 6, Contrast("records_per_s", "depth", ONE), 0.05),
    answer=answer,
    tables=tables,
    draw=draw,
    assumption="the brokers' sockets as they are by default, and records that do not compress."
    " The more partitions a broker leads, the more batches a request carries, and the less a"
    " larger one gains",
    rtt_ms=20,
    smoke=lambda levels: levels["rtt_ms"] == 20 and levels["batch_kib"] in (16, 256),
)

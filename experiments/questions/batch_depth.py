"""batch.size against requests in flight: two ways to have more bytes out at once.

Either gains until depth times batch.size fills the receive window, so everything is looked at with
socket buffers as they are and with large ones on both sides; and how full batches of each size get
at the user's rate, which decides whether their size matters at all.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import band, entitle, label_ends, line, log_axis, mark
from experiments.kit.estimates import means, only, pick
from experiments.kit.experiment import Experiment, Point, grid, whole
from experiments.kit.loads import at_capacity, at_least
from experiments.kit.replications import Contrast, Levels, Replications
from experiments.kit.style import figure, look, quiet_grid
from experiments.kit.tables import Cell, Table, number, numbers, text, words
from experiments.kit.words import plain, share
from experiments.kit.world import World
from model import BrokerConfig, ProducerConfig, Saturating, Scenario
from model.units import KIB

DISTANCES_MS, DEPTHS = (2, 20, 100), (1, 2, 5)
BATCHES_KIB, FEW_BATCHES_KIB = (16, 32, 64, 128, 256, 512), (16, 32, 64, 128, 256)
ONE, FIVE = DEPTHS[0], DEPTHS[-1]
AS_IT_IS, OWN, LARGE = "default", "yours", "large"
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
    own_kib = whole(world.own.batch_size_bytes / KIB)
    batches_kib = sorted({*(BATCHES_KIB if world.fine else FEW_BATCHES_KIB), own_kib})
    own_buffers = world.own.send_buffer_bytes != ProducerConfig().send_buffer_bytes
    given = OWN if own_buffers else AS_IT_IS
    rate_per_s = world.calm_rate()
    own: dict[str, float] = {
        "own_kib": own_kib, "own_rtt_ms": world.rtt_ms, "rate_per_s": rate_per_s,
        "linger_ms": world.own.linger_ms,
    }  # fmt: skip
    for level in grid(
        rtt_ms=world.distances(DISTANCES_MS) if world.fine else [world.rtt_ms],
        buffers=(given, LARGE),
        batch_kib=batches_kib,
        depth=DEPTHS if world.fine else (ONE, FIVE),
    ):
        config = with_batch(
            world.in_flight(level["depth"], world.own.enable_idempotence), level["batch_kib"]
        )
        scenario = world.scenario(config, Saturating(), level["rtt_ms"])
        busy = at_capacity(large_buffers(scenario) if level["buffers"] == LARGE else scenario)
        least_s = ROUND_TRIPS * busy.path.rtt_s
        beside: Levels = {"phase": CAPACITY, **own}
        yield Point(
            levels=level,
            beside=beside,
            scenario=at_least(busy, least_s, least_s),
            replications=None if world.fine else 2,
        )
    for level in grid(batch_kib=batches_kib, depth=(ONE, FIVE)):
        config = with_batch(
            world.in_flight(level["depth"], world.own.enable_idempotence), level["batch_kib"]
        )
        yield Point(
            levels={"rtt_ms": world.rtt_ms, "buffers": given, **level, "phase": LOAD},
            beside=own,
            scenario=at_least(world.at_load(config, rate_per_s), 0.0, LEAST_S),
            replications=2,
        )


def with_batch(config: ProducerConfig, batch_kib: float) -> ProducerConfig:
    """The producer with another batch.size, and a request and memory that it fits into."""
    size = round(batch_kib * KIB)
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
    capacity = pick(rows, phase=CAPACITY, rtt_ms=only(rows, "own_rtt_ms"))
    given = capacity[capacity["buffers"] != LARGE]
    five = pick(given, depth=FIVE)
    best_kib = smallest_worth_it(five)
    most = five.groupby("batch_kib")["mb_per_s"].mean().max()
    own = (given[given["batch_kib"] == only(rows, "own_kib")]).groupby("depth")["mb_per_s"].mean()
    return (
        f"Up to where batches and requests in flight fill the receive window: at"
        f" {only(rows, 'own_rtt_ms'):g} ms {best_kib:g} KiB are enough with {FIVE} in flight and"
        f" {smallest_worth_it(pick(given, depth=ONE)):g} KiB with {ONE} (your"
        f" {only(rows, 'own_kib'):g} KiB carry {own[FIVE]:.3g} and {own[ONE]:.3g} MB/s); the"
        f" {only(pick(five, batch_kib=best_kib), 'limit')} ends it at {most:.3g} MB/s."
        f" {_sockets(capacity, most)}{_fill(pick(rows, phase=LOAD))}"
    )


def _sockets(capacity: pd.DataFrame, most: float) -> str:
    """What large socket buffers would carry, where they would carry more."""
    large = pick(capacity, buffers=LARGE, depth=FIVE).groupby("batch_kib")["mb_per_s"].mean().max()
    if large < WORTH * most:
        return "Larger socket buffers would carry no more. "
    return (
        f"Socket buffers that hold depth times batch.size on both sides"
        f" (socket.receive.buffer.bytes of the broker, send.buffer.bytes here) carry"
        f" {large / most:.3g} times that. "
    )


def _fill(load: pd.DataFrame) -> str:
    """How full batches get at the user's rate."""
    if load.empty:
        return ""
    five, own_kib = pick(load, depth=FIVE), only(load, "own_kib")
    largest = five["batch_kib"].max()
    own, large = (pick(five, batch_kib=kib)["batch_fill"].mean() for kib in (own_kib, largest))
    return (
        f"Raise requests in flight first: size matters only if there is enough to fill it. At"
        f" {plain(only(load, 'rate_per_s'))} records/s with linger.ms={only(load, 'linger_ms'):g}"
        f" your batches of {own_kib:g} KiB are {share(own)} full, and such of {largest:g} KiB"
        f" {share(large)}, while each takes its whole size of buffer.memory."
    )


def tables(rows: pd.DataFrame) -> list[Table]:
    """By distance and depth: the smallest size that carries about the most, with both buffers."""
    capacity = pick(rows, phase=CAPACITY)
    lines: list[list[Cell]] = []
    for (rtt_ms, depth), of in capacity.groupby(["rtt_ms", "depth"]):
        cells = [number(float(str(rtt_ms)), "g"), number(float(str(depth)), "g")]
        for is_large in (False, True):
            of_buffers = of[(of["buffers"] == LARGE) == is_large]
            best = pick(of_buffers, batch_kib=smallest_worth_it(of_buffers))
            cells += [number(float(only(best, "batch_kib")), "g")]
            cells += [number(best["mb_per_s"].mean(), ".3g"), text(only(best, "limit"))]
        lines.append(cells)
    found = (*numbers("KiB", "MB/s"), *words("limit"))
    large = (*numbers("KiB, large buffers", "MB/s"), *words("limit"))
    caption = "The smallest batch.size that carries about the most"
    return [Table(caption, [*numbers("round trip in ms", "in flight"), *found, *large], lines)]


def draw(rows: pd.DataFrame) -> Figure:
    """A panel of throughput for each distance, and one of how full batches get."""
    capacity, load = pick(rows, phase=CAPACITY), pick(rows, phase=LOAD)
    distances_ms = list(capacity["rtt_ms"].unique())
    chart = figure(1.6 + 3.5 * (len(distances_ms) + 1), 4.6)
    *rates, fills = chart.subplots(1, len(distances_ms) + 1)
    for axes, rtt_ms in zip(rates, distances_ms, strict=True):
        _rates(axes, pick(capacity, rtt_ms=rtt_ms))
        axes.set_title(f"MB/s, {rtt_ms:g} ms round trip", size=10)
    _share_height(rates)
    label_ends(rates[-1], "in flight")
    _fills(fills, load)
    for axes in (*rates, fills):
        log_axis(axes, "x", sorted(rows["batch_kib"].unique()))
        axes.set_xlabel("batch.size in KiB")
        mark(axes, float(only(rows, "own_kib")), "")
    entitle(
        chart,
        "Batches and requests in flight both gain until they fill the receive window",
        "solid: socket buffers as they are; dashed: large ones on both sides; dotted: your"
        " batch.size; bands: 95 % intervals",
    )
    return chart


def _rates(axes: Axes, rows: pd.DataFrame) -> None:
    """A line for each depth and kind of buffers, as fast as it can."""
    estimates = means(rows, "mb_per_s", ["depth", "buffers", "batch_kib"])
    quiet_grid(axes)
    for (depth, buffers), of in estimates.groupby(["depth", "buffers"], sort=False):
        producer = look(int(str(depth)), depth == FIVE)
        large = buffers == LARGE
        band(
            axes, of["batch_kib"].tolist(), of, color=producer.colour,
            marker="" if large else producer.marker, ls=(0, (3, 1.5)) if large else "-",
            label="_" if large else f"{depth}",
        )  # fmt: skip
    log_axis(axes, "y")


def _share_height(panels: list[Axes]) -> None:
    """The same limits for all, so that panels can be compared."""
    limits = [axes.get_ylim() for axes in panels]
    for axes in panels:
        axes.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))


def _fills(axes: Axes, load: pd.DataFrame) -> None:
    """How full batches get at the user's rate."""
    quiet_grid(axes)
    axes.set_ylim(0, 105)
    if load.empty:
        return
    percent = load.assign(percent=load["batch_fill"] * 100)
    for depth, of in percent.groupby("depth"):
        producer = look(int(str(depth)), depth == FIVE)
        line(axes, of, "batch_kib", "percent", producer, f"{depth}")
    axes.set_title(f"how full at {plain(only(load, 'rate_per_s'))} records/s, %", size=10)
    label_ends(axes, "in flight")


def _smoke(levels: Levels) -> bool:
    return levels["rtt_ms"] == 20 and levels["batch_kib"] in (16, 256) and levels["depth"] != 2


EXPERIMENT = Experiment(
    name="batch_depth",
    question="Which batch.size should I set, or should I raise requests in flight first?",
    aliases=("batch",),
    points=points,
    measure=figures.row(
        "mb_per_s",
        "records_per_s",
        "bound_records_per_s",
        "request_latency_ms",
        "limit",
        "batch_fill",
    ),
    replications=Replications(3, 6, Contrast("records_per_s", "depth", ONE), 0.05),
    answer=answer,
    draw=draw,
    tables=tables,
    assumption="one partition, the brokers' sockets as they are by default, records that do not"
    " compress; more partitions fill a request with more batches",
    rtt_ms=20,
    smoke=_smoke,
)

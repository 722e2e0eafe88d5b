"""A producer far from the cluster, and how it fills the pipe.

Three things bound it, and the smallest counts: the window of requests (depth x batch), the window
of bytes (what the broker's socket takes unread), and the link. Left out: loss on the way.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import LAW, label_ends, line, log_axis, mark, panels
from experiments.kit.estimates import mean_of, only, pick, ratio
from experiments.kit.experiment import Experiment, Point
from experiments.kit.loads import QUEUED_BATCHES, over_windows
from experiments.kit.replications import Replications
from experiments.kit.words import within
from experiments.kit.world import MEASURED_REQUESTS, WARMUP_REQUESTS, World
from model import BrokerConfig, ProducerConfig, Scenario
from model.units import KIB, MIB

DISTANCES_MS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
#: Assumed: one gigabit a second, all of it this producer's.
LINK_BYTES_PER_S = 125e6
LARGE_BATCH = 256 * KIB


@dataclass(frozen=True, slots=True)
class Way:
    """What is set: the producer's own, or larger batches; sockets as by default, or large ones."""

    name: str
    depth: int | None = None
    batch_bytes: int | None = None
    socket_bytes: int | None = None


WAYS = (
    Way("1 in flight", depth=1),
    Way("your settings"),
    Way("batch.size=256 KiB", batch_bytes=LARGE_BATCH),
    Way("and sockets of 4 MiB", batch_bytes=LARGE_BATCH, socket_bytes=4 * MIB),
)


def points(world: World) -> Iterator[Point]:
    """Every way at every distance, as fast as it can over the link."""
    for rtt_ms in world.distances(DISTANCES_MS):
        for way in WAYS:
            scenario = _scenario(world, way, rtt_ms)
            yield Point(
                levels={"way": way.name, "rtt_ms": rtt_ms},
                beside={
                    "yours": rtt_ms == world.rtt_ms,
                    "batch_bytes": scenario.producer.batch_size_bytes,
                    "pipe_bytes": LINK_BYTES_PER_S * rtt_ms / 1e3,
                },
                scenario=scenario,
            )


def _scenario(world: World, way: Way, rtt_ms: float) -> Scenario:
    scenario = world.at_full_load(_producer(world, way), rtt_ms)
    broker = scenario.broker
    if way.socket_bytes is not None:
        broker = BrokerConfig(socket_receive_buffer_bytes=way.socket_bytes)
    path = replace(scenario.path, bytes_per_s=LINK_BYTES_PER_S)
    linked = replace(scenario, path=path, broker=broker)
    return over_windows(linked, WARMUP_REQUESTS, MEASURED_REQUESTS // 2)


def _producer(world: World, way: Way) -> ProducerConfig:
    """The user's own with what the way sets, and memory for a queue of the larger batches."""
    own = world.own if way.depth is None else world.in_flight(way.depth)
    batch = max(own.batch_size_bytes, way.batch_bytes or 0)
    return replace(
        own,
        batch_size_bytes=batch,
        buffer_memory_bytes=max(own.buffer_memory_bytes, QUEUED_BATCHES * batch),
        max_request_size_bytes=max(own.max_request_size_bytes, batch),
        send_buffer_bytes=way.socket_bytes or own.send_buffer_bytes,
    )


def answer(rows: pd.DataFrame) -> str:
    """What each way carries at the user's distance, what limits it, and the pipe beside it."""
    own = pick(rows, yours=True)
    carried = "; ".join(
        f"{name} {within(mean_of(_mb(way), 'wire_mb_per_s'))} MB/s (limit: {only(way, 'limit')})"
        for name, way in own.groupby("way", sort=False)
    )
    yours, large, wide = (pick(own, way=way.name) for way in WAYS[1:])
    return (
        f"Find out which window is the smallest: requests in flight x batch, what the sockets take"
        f" unread, or the link. At {only(own, 'rtt_ms'):g} ms a link of"
        f" {LINK_BYTES_PER_S / 1e6:.0f} MB/s holds {only(own, 'pipe_bytes') / MIB:.2f} MiB"
        f" (bandwidth x delay). Carried: {carried}. Batches of {LARGE_BATCH / KIB:g} KiB carry"
        f" {within(ratio(large, yours))} times what yours do, and"
        f" {within(ratio(wide, large))} times as much again once the brokers'"
        f" socket.receive.buffer.bytes and your send.buffer.bytes let them on their way."
    )


def _mb(rows: pd.DataFrame) -> pd.DataFrame:
    """With megabytes per second on the wire."""
    return rows.assign(wire_mb_per_s=rows["requests_per_s"] * rows["request_bytes"] / 1e6)


def draw(rows: pd.DataFrame) -> Figure:
    """Megabytes a second over the distance, a line for each way, and the link."""
    title = "A long pipe is filled by batches in flight, as far as sockets and the link let them"
    chart, (axes,) = panels(title, 1, 8.0)
    for series, (name, way) in enumerate(_mb(rows).groupby("way", sort=False)):
        line(axes, way, "rtt_ms", "wire_mb_per_s", series, str(name))
    axes.axhline(LINK_BYTES_PER_S / 1e6, label="the link", **LAW)
    log_axis(axes, "x", DISTANCES_MS)
    log_axis(axes, "y")
    axes.set_xlabel("round-trip time in ms")
    axes.set_ylabel("megabytes per second on the wire")
    mark(axes, float(rows.loc[rows["yours"], "rtt_ms"].iloc[0]), "yours")
    label_ends(axes)
    return chart


EXPERIMENT = Experiment(
    name="pipe",
    question="My producer is far from the cluster: how do I fill the pipe?",
    aliases=("far",),
    points=points,
    measure=figures.row(figures.THROUGHPUT),
    replications=Replications(2, 2),
    answer=answer,
    draw=draw,
    assumption="the producer always has full batches to send, the link of 1 Gbit/s is its own,"
    " nothing is lost on it, and TCP's window has grown to what the sockets allow",
    rtt_ms=50.0,
    smoke=lambda levels: float(levels["rtt_ms"]) in (10.0, 50.0),
)

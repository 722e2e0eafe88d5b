"""Question 8: a producer far from the cluster, and how it fills the pipe.

Three things bound it, and the smallest counts: the window of requests (depth x batch), the window
of bytes (what the broker's socket takes unread), and the link.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.charts import LAW, label_ends, line, log_axis, mark, panels
from experiments.ask.frames import mean_of, only, pick, ratio
from experiments.ask.horizon import over_windows
from experiments.ask.measures import figures
from experiments.ask.question import Question
from experiments.ask.task import Simulated
from experiments.ask.words import within
from experiments.compare.question import MEASURED_REQUESTS, QUEUED_BATCHES, WARMUP_REQUESTS
from model import BrokerConfig, ProducerConfig, Scenario
from model.units import KIB, MIB

DISTANCES_MS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
#: Assumed: one gigabit a second, all of it this producer's.
LINK_BYTES_PER_S = 125e6
LARGE_BATCH = 256 * KIB
REPLICATIONS = 2


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


def tasks(base: Base) -> Iterator[Simulated]:
    """Every way at every distance, as fast as it can over the link."""
    for rtt_ms in sorted({*DISTANCES_MS, base.rtt_ms}):
        for way in WAYS:
            scenario = _scenario(base, way, rtt_ms)
            point = {"way": way.name, "rtt_ms": rtt_ms, "yours": rtt_ms == base.rtt_ms}
            point["batch_bytes"] = scenario.producer.batch_size_bytes
            point["pipe_bytes"] = LINK_BYTES_PER_S * rtt_ms / 1e3
            yield from base.replicated(point, scenario, figures, REPLICATIONS)


def _scenario(base: Base, way: Way, rtt_ms: float) -> Scenario:
    scenario = base.at_full_load(_producer(base, way), rtt_ms)
    broker = scenario.broker
    if way.socket_bytes is not None:
        broker = BrokerConfig(socket_receive_buffer_bytes=way.socket_bytes)
    path = replace(scenario.path, bytes_per_s=LINK_BYTES_PER_S)
    linked = replace(scenario, path=path, broker=broker)
    return over_windows(linked, WARMUP_REQUESTS, MEASURED_REQUESTS // 2)


def _producer(base: Base, way: Way) -> ProducerConfig:
    """The user's own with what the way sets, and memory for a queue of the larger batches."""
    own = base.own if way.depth is None else base.in_flight(way.depth)
    batch = max(own.batch_size_bytes, way.batch_bytes or 0)
    memory = max(own.buffer_memory_bytes, QUEUED_BATCHES * batch)
    request = max(own.max_request_size_bytes, batch)
    send = own.send_buffer_bytes if way.socket_bytes is None else way.socket_bytes
    return replace(
        own,
        batch_size_bytes=batch,
        buffer_memory_bytes=memory,
        max_request_size_bytes=request,
        send_buffer_bytes=send,
    )


def answer(rows: pd.DataFrame) -> str:
    """What each way carries at the user's distance, what limits it, and the pipe beside it."""
    own = pick(rows, yours=True)
    told = "; ".join(
        f"{name} {within(mean_of(_mb(way), 'mb_per_s'))} MB/s (limit: {only(way, 'limit')})"
        for name, way in own.groupby("way", sort=False)
    )
    pipe = own["pipe_bytes"].iloc[0]
    yours, large, wide = (pick(own, way=way.name) for way in WAYS[1:])
    return (
        f"Find out which window is the smallest: requests in flight x batch, what the sockets take"
        f" unread, or the link. At {only(own, 'rtt_ms'):g} ms a link of"
        f" {LINK_BYTES_PER_S / 1e6:.0f} MB/s holds {pipe / MIB:.2f} MiB (bandwidth x delay)."
        f" Carried: {told}. Batches of {LARGE_BATCH / KIB:g} KiB carry"
        f" {within(ratio(large, yours))} times what yours do, and"
        f" {within(ratio(wide, large))} times as much again once the brokers'"
        f" socket.receive.buffer.bytes and your send.buffer.bytes let them on their way."
    )


def _mb(rows: pd.DataFrame) -> pd.DataFrame:
    """With megabytes per second on the wire."""
    return rows.assign(mb_per_s=rows["requests_per_s"] * rows["request_bytes"] / 1e6)


def draw(rows: pd.DataFrame) -> Figure:
    """Megabytes a second over the distance, a line for each way, and the link."""
    chart, (axes,) = panels("Filling a long pipe", 1, 7.4)
    for place, (name, way) in enumerate(_mb(rows).groupby("way", sort=False)):
        line(axes, way, "rtt_ms", "mb_per_s", place, str(name))
    axes.axhline(LINK_BYTES_PER_S / 1e6, label="the link", **LAW)
    log_axis(axes, "x", DISTANCES_MS)
    axes.minorticks_off()
    log_axis(axes, "y")
    axes.set_xlabel("round-trip time in ms")
    axes.set_ylabel("megabytes per second")
    mark(axes, float(rows.loc[rows["yours"], "rtt_ms"].iloc[0]), "yours")
    label_ends(axes)
    return chart


QUESTION = Question(
    number=8,
    text="My producer is far from the cluster: how do I fill the pipe?",
    aliases=("pipe", "far"),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="the producer always has full batches to send, the link of 1 Gbit/s is its own,"
    " nothing is lost on it, and TCP's window has grown to what the sockets allow",
    rtt_ms=50.0,
)

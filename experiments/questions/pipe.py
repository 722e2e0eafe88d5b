"""A producer far from the cluster, and how it fills the pipe.

Three things bound it, and the smallest counts: the window of requests (depth x batch), the window
of bytes (what the broker's socket takes unread), and the link. Left out: loss on the way.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import Series, curves, mark
from experiments.kit.estimates import only, pick
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.loads import QUEUED_BATCHES, over_windows
from experiments.kit.looks import LAW, Look, look
from experiments.kit.replications import Replications
from experiments.kit.summaries import Shown, summary
from experiments.kit.tables import Table
from experiments.kit.words import ALIKE, limit_words, share, times, worthwhile
from experiments.kit.world import MEASURED_REQUESTS, WARMUP_REQUESTS, World
from model import BrokerConfig, Scenario
from model.units import KIB, MIB

DISTANCES_MS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
#: Assumed: one gigabit a second, all of it this producer's.
LINK_BYTES_PER_S = 125e6
#: What is set beside the user's own settings.
ONE = "1 in flight"
WAYS = {
    ONE: {"depth": 1},
    "your settings": {},
    "batch.size=256 KiB": {"batch_bytes": 256 * KIB},
    "and sockets of 4 MiB": {"batch_bytes": 256 * KIB, "socket_bytes": 4 * MIB},
}


def points(world: World) -> Iterator[Point]:
    """Every way at every distance, as fast as it can over the link."""
    for level in grid(rtt_ms=world.distances(DISTANCES_MS), way=tuple(WAYS)):
        yield Point(
            levels=level,
            beside={"yours": level["rtt_ms"] == world.rtt_ms},
            scenario=scenario(world, level["rtt_ms"], **WAYS[level["way"]]),
        )


def scenario(
    world: World, rtt_ms: float, depth: int = 0, batch_bytes: int = 0, socket_bytes: int = 0
) -> Scenario:
    """The user's own with what is not 0, and memory for a queue of the larger batches."""
    own = world.in_flight(depth) if depth else world.own
    batch = max(own.batch_size_bytes, batch_bytes)
    producer = replace(
        own,
        batch_size_bytes=batch,
        buffer_memory_bytes=max(own.buffer_memory_bytes, QUEUED_BATCHES * batch),
        max_request_size_bytes=max(own.max_request_size_bytes, batch),
        send_buffer_bytes=socket_bytes or own.send_buffer_bytes,
    )
    full = world.at_full_load(producer, rtt_ms)
    broker = BrokerConfig(socket_receive_buffer_bytes=socket_bytes) if socket_bytes else full.broker
    linked = replace(full, path=replace(full.path, bytes_per_s=LINK_BYTES_PER_S), broker=broker)
    return over_windows(linked, WARMUP_REQUESTS, MEASURED_REQUESTS // 2)


def answer(rows: pd.DataFrame) -> str:
    """Which windows to widen, and what that carries at the user's distance."""
    own = _mb(pick(rows, yours=True))
    rates = own.groupby("way", sort=False)["wire_mb_per_s"].mean()
    _, yours, batches, sockets = WAYS
    larger, both = (rates[way] / rates[yours] for way in (batches, sockets))
    limit = limit_words(only(pick(own, way=yours), "limit"))
    ended = limit_words(only(pick(own, way=batches), "limit"))
    return (
        f"{_advice(larger, both)} At {only(own, 'rtt_ms'):g} ms your settings carry"
        f" {share(rates[yours] * 1e6 / LINK_BYTES_PER_S)} of what the link takes, with both"
        f" {share(rates[sockets] * 1e6 / LINK_BYTES_PER_S)}. What limits yours is {limit}; with"
        f" batches of 256 KiB alone it is {ended}."
    )


def _advice(larger: float, both: float) -> str:
    """What to do, by what larger batches gain, and larger sockets with them."""
    if not worthwhile(both):
        return "Neither larger batches nor larger sockets fill it further."
    if both <= (1 + ALIKE) * larger:
        return f"Make batches larger, which carries {times(larger)} times as much."
    if worthwhile(larger):
        return (
            "Make batches larger, and the socket buffers on both sides with them: that carries"
            f" {times(both)} times as much. Larger batches alone carry {times(larger)} times."
        )
    return f"Make batches and socket buffers larger, only both carry more: {times(both)} times."


def tables(rows: pd.DataFrame) -> list[Table]:
    """Each way at the user's distance."""
    shown = (
        Shown("wire_mb_per_s", "MB/s on the wire", ".2f"),
        Shown("records_per_s", "records/s"),
        Shown("limit", "limited by"),
    )
    own = _mb(pick(rows, yours=True))
    return [summary("What each way carries at your distance", own, {"way": "with"}, shown)]


def _mb(rows: pd.DataFrame) -> pd.DataFrame:
    """With megabytes (a million bytes) per second on the wire, of the requests of those records.

    From the records, for of requests few end in a window: whether one more does would show.
    """
    requests_per_s = rows["records_per_s"] / rows["records_per_request"]
    return rows.assign(wire_mb_per_s=requests_per_s * rows["request_bytes"] / 1e6)


def draw(rows: pd.DataFrame) -> Figure:
    """Megabytes a second over the distance, a line for each way, and the link."""
    looks: list[int | Look] = [look(1, False), 0, 1, 2]
    chart, (axes,) = curves(
        _title(rows),
        [
            Series(look(1, False).name if way == ONE else way, pick(_mb(rows), way=way), series)
            for series, way in zip(looks, WAYS, strict=True)
        ],
        ("rtt_ms", "round-trip time in ms"),
        {"wire_mb_per_s": "megabytes per second on the wire"},
        log="xy",
        note="dashed: the link",
    )
    axes.axhline(LINK_BYTES_PER_S / 1e6, **LAW)
    mark(axes, only(pick(rows, yours=True), "rtt_ms"), "yours")
    return chart


def _title(rows: pd.DataFrame) -> str:
    """What is gained at the user's distance by widening both windows."""
    own = _mb(pick(rows, yours=True)).groupby("way")["wire_mb_per_s"].mean()
    _, yours, _, widest = (own[way] for way in WAYS)
    return (
        f"At {only(pick(rows, yours=True), 'rtt_ms'):g} ms your settings carry"
        f" {share(yours * 1e6 / LINK_BYTES_PER_S)} of the link; larger batches and sockets"
        f" {share(widest * 1e6 / LINK_BYTES_PER_S)}"
    )


EXPERIMENT = Experiment(
    name="pipe",
    question="My producer is far from the cluster: how do I fill the pipe?",
    aliases=("far",),
    about="bandwidth throughput latency socket send.buffer.bytes wan rtt distance",
    points=points,
    measure=figures.row(figures.THROUGHPUT),
    replications=Replications(2, 2),
    answer=answer,
    tables=tables,
    draw=draw,
    assumption="the producer always has full batches to send, the link of 1 Gbit/s is its own,"
    " nothing is lost on it, and TCP's window has grown to what the sockets allow",
    rtt_ms=50.0,
    smoke=lambda levels: float(levels["rtt_ms"]) in (10.0, 50.0),
)

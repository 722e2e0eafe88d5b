"""Question 11: which batch.size? Batches and depth trade against each other until the receive
window is full; beyond that larger batches cost memory and carry no more.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.charts import label_ends, line, log_axis, mark, panels
from experiments.ask.frames import mean_of, only, pick
from experiments.ask.horizon import over_windows
from experiments.ask.measures import figures
from experiments.ask.question import Question
from experiments.ask.task import Simulated
from experiments.ask.words import plain, share, within
from experiments.compare.question import MEASURED_REQUESTS, QUEUED_BATCHES, WARMUP_REQUESTS
from experiments.kit.horizon import over_seconds
from model import ProducerConfig
from model.units import KIB, MIB

BATCHES = (16 * KIB, 32 * KIB, 64 * KIB, 128 * KIB, 256 * KIB, 512 * KIB, 1024 * KIB)
DEPTHS = (1, 5)
REPLICATIONS = 2
#: Ours: a larger batch that gains less than this is not worth its memory.
WORTH = 1.05
#: Ours: under a heavy load, several of the largest batches.
LEAST_S = 0.3


def tasks(base: Base) -> Iterator[Simulated]:
    """Every size at both depths as fast as it can, and at the user's rate for how full it gets."""
    rate = base.calm_rate()
    for size in sorted({*BATCHES, base.own.batch_size_bytes}):
        for depth in DEPTHS:
            config = _with_batch(base.in_flight(depth, idempotent=depth > 1), size)
            full = base.at_full_load(config, base.rtt_ms)
            full = over_windows(full, WARMUP_REQUESTS, MEASURED_REQUESTS // 2)
            point = {"batch_bytes": size, "in_flight": depth, "rtt_ms": base.rtt_ms}
            point |= {"own_bytes": base.own.batch_size_bytes, "rate_per_s": rate}
            point["linger_ms"] = base.own.linger_ms
            yield from base.replicated({**point, "phase": "capacity"}, full, figures, REPLICATIONS)
            load = base.at_load(config, base.rtt_ms, rate)
            load = over_seconds(load, load.warmup_s, max(load.measured_s, LEAST_S))
            yield from base.replicated({**point, "phase": "load"}, load, figures, REPLICATIONS)


def _with_batch(config: ProducerConfig, size: int) -> ProducerConfig:
    """Another batch size, with a request and a buffer that it fits into."""
    return replace(
        config,
        batch_size_bytes=size,
        max_request_size_bytes=max(config.max_request_size_bytes, size),
        buffer_memory_bytes=max(config.buffer_memory_bytes, QUEUED_BATCHES * size),
    )


def smallest_worth_it(rows: pd.DataFrame) -> int:
    """The smallest batch from which on no larger one gains more than the margin."""
    rates = rows.groupby("batch_bytes")["records_per_s"].mean()
    return int(rates.index[rates * WORTH >= rates.max()][0])


def answer(rows: pd.DataFrame) -> str:
    """The smallest size that carries about the most, for one in flight and for five."""
    capacity, load = pick(rows, phase="capacity"), pick(rows, phase="load")
    told = "; ".join(_best(pick(capacity, in_flight=depth), depth) for depth in DEPTHS)
    own = pick(load, batch_bytes=only(rows, "own_bytes"), in_flight=DEPTHS[-1])
    large = pick(load, batch_bytes=BATCHES[-1], in_flight=DEPTHS[-1])
    return (
        f"The smallest that carries what the sockets and the broker let through: at"
        f" {only(rows, 'rtt_ms'):g} ms {told}. It matters only if there is enough to fill them:"
        f" at {plain(only(rows, 'rate_per_s'))} records/s with linger.ms="
        f"{only(rows, 'linger_ms'):g} your batches of {only(rows, 'own_bytes') / KIB:g} KiB are"
        f" {share(own['batch_fill'].mean())} full, and such of {BATCHES[-1] / KIB:g} KiB"
        f" {share(large['batch_fill'].mean())}, while each takes its whole size of buffer.memory."
    )


def _best(rows: pd.DataFrame, depth: int) -> str:
    best = pick(rows, batch_bytes=smallest_worth_it(rows))
    own = pick(rows, batch_bytes=only(rows, "own_bytes"))
    return (
        f"with {depth} in flight {only(best, 'batch_bytes') / KIB:g} KiB"
        f" ({within(mean_of(best, 'records_per_s'), 0)} records/s, limit: {only(best, 'limit')};"
        f" yours {plain(own['records_per_s'].mean())})"
    )


def draw(rows: pd.DataFrame) -> Figure:
    """Throughput, fill, and the memory that a window of batches takes, over the size."""
    chart, (rates, fills, memory) = panels("What a larger batch.size buys", 3, 4.8)
    in_kib = rows.assign(kib=rows["batch_bytes"] / KIB, percent=rows["batch_fill"] * 100)
    in_kib = in_kib.assign(mib=rows["batch_bytes"] * rows["in_flight"] / MIB)
    for place, depth in enumerate(DEPTHS):
        of_depth, label = pick(in_kib, in_flight=depth), f"{depth} in flight"
        line(rates, pick(of_depth, phase="capacity"), "kib", "records_per_s", place, label)
        line(fills, pick(of_depth, phase="load"), "kib", "percent", place, label)
        line(memory, pick(of_depth, phase="capacity"), "kib", "mib", place, label)
    rates.set_ylabel("records per second, as fast as it can")
    fills.set_ylabel(f"batches full at {plain(only(rows, 'rate_per_s'))} records/s, %")
    fills.set_ylim(bottom=0)
    memory.set_ylabel("memory of the batches in flight, MiB")
    log_axis(rates, "y")
    log_axis(memory, "y")
    for axes in (rates, fills, memory):
        log_axis(axes, "x", [size / KIB for size in BATCHES])
        axes.minorticks_off()
        axes.set_xlabel("batch.size in KiB")
        mark(axes, float(only(rows, "own_bytes")) / KIB, "yours")
    label_ends(memory)
    return chart


QUESTION = Question(
    number=11,
    text="Which batch.size should I set?",
    aliases=("batch",),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="one partition, the brokers' sockets as they are by default, records that do not"
    " compress; more partitions fill a request with more batches",
)

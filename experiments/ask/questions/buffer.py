"""Question 18: buffer.memory full, max.block.ms over: how large a buffer?

The law beside it: the buffer has to hold what arrives while nothing is acknowledged, and the
requests in flight.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.charts import label_ends, line, log_axis, mark, panels
from experiments.ask.frames import mean_of, only, pick
from experiments.ask.measures import books
from experiments.ask.question import Question
from experiments.ask.task import Row, Simulated
from experiments.ask.weather import MOST_PER_S
from experiments.ask.words import ms, plain, within
from experiments.faults.harm import stall_s
from model import Fault, OpenLoop, Run
from model.units import MIB

OUTAGE_S, BEFORE_S, AFTER_S = 5.0, 1.0, 6.0
#: Of what arrives in the outage.
BUFFERS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
REPLICATIONS = 2
LITTLE_BLOCK_MS = 1_000.0


def tasks(base: Base) -> Iterator[Simulated]:
    """Every buffer with the user's max.block.ms and with a short one, and the user's own buffer."""
    rate = base.calm_rate(MOST_PER_S)
    arrives = rate * OUTAGE_S * base.value_bytes
    sizes = {max(base.own.batch_size_bytes, int(part * arrives)) for part in BUFFERS}
    fault = Fault(what="black-hole", at_s=BEFORE_S, for_s=OUTAGE_S)
    records = max(1, round(rate * (BEFORE_S + OUTAGE_S + 1)))
    for memory in sorted({*sizes, base.own.buffer_memory_bytes}):
        for block_ms in sorted({base.own.max_block_ms, LITTLE_BLOCK_MS}):
            config = replace(base.own, buffer_memory_bytes=memory, max_block_ms=block_ms)
            sends = OpenLoop(rate, "even", records)
            horizon_s = BEFORE_S + 2 * OUTAGE_S + AFTER_S
            scenario = base.in_trouble(config, (fault,), sends, horizon_s)
            point = {
                "buffer_bytes": memory,
                "block_ms": block_ms,
                "own_bytes": base.own.buffer_memory_bytes,
                "own_block_ms": base.own.max_block_ms,
                "rate_per_s": rate,
                "rtt_ms": base.rtt_ms,
            }
            yield from base.replicated(point, scenario, held_up, REPLICATIONS)


def held_up(run: Run) -> list[Row]:
    """How late the application's thread got, records that were refused, and what the law asks."""
    arrival = run.scenario.workload.arrival
    assert isinstance(arrival, OpenLoop)
    stall = stall_s(run)
    in_flight = run.scenario.producer.max_in_flight_requests_per_connection
    batch = run.scenario.producer.batch_size_bytes
    size = run.scenario.packing.sizes[-2] / run.scenario.packing.records
    law = arrival.records_per_s * stall * size + in_flight * batch
    late_s = _lateness_s(run, arrival.records_per_s)
    return [{**books(run), "stall_s": stall, "law_bytes": law, "blocked_s": late_s}]


def _lateness_s(run: Run, rate: float) -> float:
    """The latest that a batch was begun after its first record's turn, beyond the earliest."""
    first = {(row.request, row.partition): row.first_record for row in reversed(run.appends)}
    late_s = [
        row.created_s - first[row.request, row.partition] / rate
        for row in run.batches
        if (row.request, row.partition) in first
    ]
    return float(np.ptp(late_s)) if late_s else float("nan")


def answer(rows: pd.DataFrame) -> str:
    """What the law asks for this outage, and what the user's own buffer and smaller ones do."""
    own = rows[rows["block_ms"] == rows["own_block_ms"]]
    mine = own[own["buffer_bytes"] == own["own_bytes"]]
    stall, asked = mean_of(mine, "stall_s"), mine["law_bytes"].mean()
    small = pick(own, buffer_bytes=own["buffer_bytes"].min())
    hasty = pick(rows, buffer_bytes=own["buffer_bytes"].min(), block_ms=rows["block_ms"].min())
    return (
        f"It has to hold what arrives while nothing is acknowledged, and what is in flight: at"
        f" {plain(only(rows, 'rate_per_s'))} records/s an outage of {OUTAGE_S:g} s stalls"
        f" acknowledgements for {within(stall)} s, so {asked / MIB:.2f} MiB. Yours,"
        f" {only(rows, 'own_bytes') / MIB:.2f} MiB, holds the application up by"
        f" {ms(mine['blocked_s'].mean() * 1e3)} and loses {mine['failed'].mean():.0f} records;"
        f" {small['buffer_bytes'].iloc[0] / MIB:.2f} MiB holds it up by"
        f" {ms(small['blocked_s'].mean() * 1e3)} and loses {small['failed'].mean():.0f}, or"
        f" {hasty['failed'].mean():.0f} with max.block.ms={hasty['block_ms'].iloc[0]:g}."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """How long the application is held up and what is refused, over the buffer."""
    chart, (held, refused) = panels(f"An outage of {OUTAGE_S:g} s against buffer.memory", 2)
    for place, (block_ms, of_block) in enumerate(rows.groupby("block_ms", sort=False)):
        in_mib = of_block.assign(mib=of_block["buffer_bytes"] / MIB)
        label = f"max.block.ms={float(str(block_ms)):g}"
        for axes, column in ((held, "blocked_s"), (refused, "failed")):
            line(axes, in_mib, "mib", column, place, label, lw=(5.0, 1.6)[place % 2])
    held.set_ylabel("application held up, at worst, in s")
    refused.set_ylabel("records refused: the buffer was full")
    for axes in (held, refused):
        log_axis(axes, "x")
        axes.set_ylim(bottom=0)
        axes.set_xlabel("buffer.memory in MiB")
        mark(axes, float(rows["law_bytes"].mean()) / MIB, "rate x stall + in flight")
        label_ends(axes)
    return chart


QUESTION = Question(
    number=18,
    text="buffer.memory is full and max.block.ms over: how large a buffer do I need?",
    aliases=("buffer", "max-block"),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption=f"an outage of {OUTAGE_S:g} s, in which records go on arriving evenly from one"
    " application thread; a longer one asks for as much more",
)

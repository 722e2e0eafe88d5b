"""buffer.memory full, max.block.ms over: how large a buffer an outage asks for.

The law beside it: the buffer has to hold what arrives while nothing is acknowledged, and the
requests in flight.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.faults.harm import stall_s
from experiments.kit import figures
from experiments.kit.charts import entitle, label_ends, line, log_axis, mark, panels
from experiments.kit.estimates import mean_of, only, pick
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.replications import Levels, Replications
from experiments.kit.words import ms, plain, within
from experiments.kit.world import World
from experiments.questions.trouble import MOST_PER_S
from model import Fault, OpenLoop, Run
from model.units import MIB

OUTAGE_S, BEFORE_S, AFTER_S = 5.0, 1.0, 6.0
#: Of what arrives in the outage.
BUFFERS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
LITTLE_BLOCK_MS = 1_000.0


def points(world: World) -> Iterator[Point]:
    """Every buffer with the user's max.block.ms and with a short one, and the user's own buffer."""
    own, rate = world.own, world.calm_rate(MOST_PER_S)
    arrives = rate * OUTAGE_S * world.value_bytes
    sizes = {max(own.batch_size_bytes, int(part * arrives)) for part in BUFFERS}
    fault = Fault(what="black-hole", at_s=BEFORE_S, for_s=OUTAGE_S)
    sends = OpenLoop(rate, "even", max(1, round(rate * (BEFORE_S + OUTAGE_S + 1))))
    levels = grid(
        buffer_bytes=sorted({*sizes, own.buffer_memory_bytes}),
        block_ms=sorted({own.max_block_ms, LITTLE_BLOCK_MS}),
    )
    for level in levels:
        config = replace(
            own, buffer_memory_bytes=level["buffer_bytes"], max_block_ms=level["block_ms"]
        )
        yield Point(
            levels=level,
            beside={
                "own_bytes": own.buffer_memory_bytes,
                "own_block_ms": own.max_block_ms,
                "rate_per_s": rate,
                "rtt_ms": world.rtt_ms,
            },
            scenario=world.in_trouble(config, (fault,), sends, BEFORE_S + 2 * OUTAGE_S + AFTER_S),
        )


def law_bytes(run: Run) -> float:
    """What arrived in the longest stall, and the batches in flight."""
    producer, packing = run.scenario.producer, run.scenario.packing
    in_flight = producer.max_in_flight_requests_per_connection * producer.batch_size_bytes
    record_bytes = packing.sizes[-2] / packing.records
    return _rate(run) * stall_s(run) * record_bytes + in_flight


def blocked_s(run: Run) -> float:
    """The latest that a batch was begun after its first record's turn, beyond the earliest."""
    first = {(row.request, row.partition): row.first_record for row in reversed(run.appends)}
    late_s = [
        row.created_s - first[row.request, row.partition] / _rate(run)
        for row in run.batches
        if (row.request, row.partition) in first
    ]
    return float(np.ptp(late_s)) if late_s else float("nan")


def _rate(run: Run) -> float:
    arrival = run.scenario.workload.arrival
    assert isinstance(arrival, OpenLoop)
    return arrival.records_per_s


def answer(rows: pd.DataFrame) -> str:
    """What the law asks for this outage, and what the user's own buffer and smaller ones do."""
    patient = rows[rows["block_ms"] == rows["own_block_ms"]]
    own = patient[patient["buffer_bytes"] == patient["own_bytes"]]
    small_bytes = rows["buffer_bytes"].min()
    small = pick(patient, buffer_bytes=small_bytes)
    hasty = pick(rows, buffer_bytes=small_bytes, block_ms=rows["block_ms"].min())
    return (
        f"It has to hold what arrives while nothing is acknowledged, and what is in flight: at"
        f" {plain(only(rows, 'rate_per_s'))} records/s an outage of {OUTAGE_S:g} s stalls"
        f" acknowledgements for {within(mean_of(own, 'stall_s'))} s, so"
        f" {own['law_bytes'].mean() / MIB:.2f} MiB. Yours,"
        f" {only(rows, 'own_bytes') / MIB:.2f} MiB, holds the application up by"
        f" {ms(own['blocked_s'].mean() * 1e3)} and loses {own['failed'].mean():.0f} records;"
        f" {small_bytes / MIB:.2f} MiB holds it up by"
        f" {ms(small['blocked_s'].mean() * 1e3)} and loses {small['failed'].mean():.0f}, or"
        f" {hasty['failed'].mean():.0f} with max.block.ms={hasty['block_ms'].iloc[0]:g}."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """How long the application is held up and what is refused, over the buffer."""
    chart, (held, refused) = panels("", 2)
    in_mib = rows.assign(mib=rows["buffer_bytes"] / MIB)
    for index, (block_ms, of_block) in enumerate(in_mib.groupby("block_ms", sort=False)):
        label = f"max.block.ms={float(str(block_ms)):g}"
        for axes, column in ((held, "blocked_s"), (refused, "failed")):
            line(axes, of_block, "mib", column, index, label, lw=(5.0, 1.6)[index % 2])
    held.set_ylabel("application held up, at worst, in s")
    refused.set_ylabel("records refused: the buffer was full")
    law_mib = float(rows["law_bytes"].mean()) / MIB
    for axes in (held, refused):
        log_axis(axes, "x")
        axes.set_ylim(bottom=0)
        axes.set_xlabel("buffer.memory in MiB")
        mark(axes, law_mib, "rate x stall + in flight")
        label_ends(axes)
    entitle(chart, f"An outage of {OUTAGE_S:g} s asks for a buffer of {law_mib:.2g} MiB")
    return chart


def _smoke(levels: Levels) -> bool:
    return levels["block_ms"] != LITTLE_BLOCK_MS


EXPERIMENT = Experiment(
    name="buffer",
    question="buffer.memory is full and max.block.ms over: how large a buffer do I need?",
    aliases=("max-block",),
    points=points,
    measure=figures.row(figures.BOOKS, stall_s, law_bytes, blocked_s),
    replications=Replications(fewest=2, most=2),
    answer=answer,
    draw=draw,
    assumption=f"an outage of {OUTAGE_S:g} s, in which records go on arriving evenly from one"
    " application thread; a longer one asks for as much more",
    smoke=_smoke,
)

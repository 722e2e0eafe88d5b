"""buffer.memory full, max.block.ms over: how large a buffer an outage asks for.

The law beside it: the buffer has to hold what arrives while nothing is acknowledged, and the
requests in flight.
"""

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.faults.harm import stall_s
from experiments.kit import figures
from experiments.kit.charts import Series, curves, mark
from experiments.kit.estimates import only, pick
from experiments.kit.experiment import Experiment, Point
from experiments.kit.replications import Replications
from experiments.kit.words import ms, plain
from experiments.kit.world import World
from experiments.questions.trouble import MOST_PER_S, rate_per_s
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
    yours = {"own_bytes": own.buffer_memory_bytes, "own_block_ms": own.max_block_ms}
    blocks_ms = sorted({own.max_block_ms, LITTLE_BLOCK_MS})
    for size, block_ms in itertools.product(sorted({*sizes, own.buffer_memory_bytes}), blocks_ms):
        config = world.with_producer(buffer_memory_bytes=size, max_block_ms=block_ms)
        yield Point(
            levels={"buffer_bytes": size, "block_ms": block_ms},
            beside={**yours, "rate_per_s": rate},
            scenario=world.in_trouble(config, (fault,), sends, BEFORE_S + 2 * OUTAGE_S + AFTER_S),
        )


def law_bytes(run: Run) -> float:
    """What arrived in the longest stall, and the batches in flight."""
    producer, packing = run.scenario.producer, run.scenario.packing
    in_flight = producer.max_in_flight_requests_per_connection * producer.batch_size_bytes
    record_bytes = packing.sizes[-2] / packing.records
    return rate_per_s(run) * stall_s(run) * record_bytes + in_flight


def blocked_s(run: Run) -> float:
    """The latest that a batch was begun after its first record's turn, beyond the earliest."""
    first = {(row.request, row.partition): row.first_record for row in reversed(run.appends)}
    late_s = [
        row.created_s - first[row.request, row.partition] / rate_per_s(run)
        for row in run.batches
        if (row.request, row.partition) in first
    ]
    return float(np.ptp(late_s)) if late_s else float("nan")


def answer(rows: pd.DataFrame) -> str:
    """What the law asks for this outage, and what the user's own buffer and a small one do."""
    own_bytes, own_ms = only(rows, "own_bytes"), only(rows, "own_block_ms")
    own = pick(rows, buffer_bytes=own_bytes, block_ms=own_ms)
    little = pick(rows, buffer_bytes=rows["buffer_bytes"].min())
    small, hasty = (pick(little, block_ms=at) for at in (own_ms, rows["block_ms"].min()))
    return (
        f"An outage of {OUTAGE_S:g} s asks for {own['law_bytes'].mean() / MIB:.2f} MiB: what"
        f" arrives while nothing is acknowledged, and what is in flight. At"
        f" {plain(only(rows, 'rate_per_s'))} records/s yours, {own_bytes / MIB:.2f} MiB,"
        f" {_does(own)}; {small['buffer_bytes'].mean() / MIB:.2f} MiB {_does(small)}, and with"
        f" max.block.ms={rows['block_ms'].min():g} {_does(hasty)}."
    )


def _does(rows: pd.DataFrame) -> str:
    held = ms(rows["blocked_s"].mean() * 1e3)
    return f"holds the application up by {held} and loses {rows['failed'].mean():.0f} records"


def draw(rows: pd.DataFrame) -> Figure:
    """How long the application is held up and what is refused, over the buffer."""
    in_mib = rows.assign(mib=rows["buffer_bytes"] / MIB)
    law_mib = float(rows["law_bytes"].mean()) / MIB
    chart, axes_of = curves(
        f"An outage of {OUTAGE_S:g} s needs a buffer of {law_mib:.2g} MiB; with less the"
        " application waits, or loses records where max.block.ms is short",
        [
            Series(f"max.block.ms={at:g}", pick(in_mib, block_ms=at), index, dashed=index > 0)
            for index, at in enumerate(sorted(rows["block_ms"].unique()))
        ],
        ("mib", "buffer.memory in MiB"),
        {"blocked_s": "application held up, at worst, in s", "failed": "records refused"},
    )
    for axes in axes_of:
        mark(axes, law_mib, "what the outage brings")
    return chart


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
    smoke=lambda levels: levels["block_ms"] != LITTLE_BLOCK_MS,
)

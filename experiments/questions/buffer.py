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
from experiments.kit.summaries import Shown, summary
from experiments.kit.tables import Table
from experiments.kit.words import about, count, listed, ms, plain
from experiments.kit.world import World
from experiments.questions.trouble import MOST_PER_S, rate_per_s
from model import Fault, OpenLoop, Run
from model.units import MIB

OUTAGE_S, BEFORE_S, AFTER_S = 5.0, 1.0, 6.0
#: Of what arrives in the outage.
BUFFERS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
#: Ours: who waits for less is not held up.
NOTICED_S = 0.01
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
    record_bytes = packing.full_bytes / packing.records
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
    """What an outage asks for, and what the user's own buffer and a small one do."""
    own_bytes, own_ms = only(rows, "own_bytes"), only(rows, "own_block_ms")
    own = pick(rows, buffer_bytes=own_bytes, block_ms=own_ms)
    little = pick(rows, buffer_bytes=rows["buffer_bytes"].min())
    small, hasty = (pick(little, block_ms=at) for at in (own_ms, rows["block_ms"].min()))
    asked = own["law_bytes"].mean()
    return (
        f"About {about(asked / MIB)} MiB for an outage of {OUTAGE_S:g} s; yours"
        f" {'is enough' if own_bytes >= asked else 'is too small'}. It has to hold what arrives at"
        f" {plain(only(rows, 'rate_per_s'))} records/s while nothing is acknowledged, and what is"
        f" in flight. For the application that means: your {own_bytes / MIB:.3g} MiB"
        f" {_does(own)}, {small['buffer_bytes'].mean() / MIB:.2g} MiB {_does(small)}, and with"
        f" max.block.ms={rows['block_ms'].min():g} besides {_does(hasty)}."
    )


def _does(rows: pd.DataFrame) -> str:
    """What a buffer does to the application in the outage."""
    held_s, failed = rows["blocked_s"].mean(), rows["failed"].mean()
    held = [f"hold it up by {ms(held_s * 1e3)}"] if held_s >= NOTICED_S else []
    refused = [f"refuse {count(failed, 'record')}"] if failed else []
    return listed([*held, *refused]) or "do not hold it up"


def tables(rows: pd.DataFrame) -> list[Table]:
    """What each buffer does with each max.block.ms."""
    in_mib = rows.assign(mib=(rows["buffer_bytes"] / MIB).round(2))
    by = {"mib": "buffer.memory in MiB", "block_ms": "max.block.ms"}
    shown = (Shown("blocked_s", "held up", ".2f", " s"), Shown("failed", "records refused", ",.1f"))
    return [summary(f"In an outage of {OUTAGE_S:g} s", in_mib, by, shown)]


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
    about="memory outage blocked bufferexhaustedexception timeoutexception",
    points=points,
    measure=figures.row(figures.BOOKS, stall_s, law_bytes, blocked_s),
    replications=Replications(fewest=2, most=2),
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="in an outage nothing reaches a replica either",
    assumption=f"an outage of {OUTAGE_S:g} s, in which records go on arriving evenly from one"
    " application thread; a longer one asks for as much more",
    smoke=lambda levels: levels["block_ms"] != LITTLE_BLOCK_MS,
)

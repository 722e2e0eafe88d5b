"""Question 4: does idempotence itself slow a producer down? An equivalence test, not a missing
difference: the interval of the ratio has to lie within a margin that was set in advance.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.charts import COLOURS, panels
from experiments.ask.frames import mean_of, only, pick, ratio
from experiments.ask.measures import figures
from experiments.ask.question import Question
from experiments.ask.task import Row, Simulated
from experiments.ask.words import ms, within
from experiments.compare.study import LOAD_SHARE
from experiments.kit.stats import Interval
from model import OpenLoop, Run

#: Ours: a difference below one percent is not worth acting on. Schuirmann's two one-sided tests
#: at 5 % hold when the 90 % interval is within; the 95 % one used here is stricter.
MARGIN = 0.01
DEPTHS = (1, 5)
COMPARED = (
    ("capacity", "records_per_s", "records/s"),
    ("load", "p50_ms", "median latency"),
    ("load", "p99_ms", "99th percentile"),
)
COLD_S = 2.0


def tasks(base: Base) -> Iterator[Simulated]:
    """On and off at acks=all: as fast as possible, under one load, and from a cold start."""
    for depth in DEPTHS:
        rate = base.rate_per_s or LOAD_SHARE * base.carries(base.in_flight(depth), base.rtt_ms)
        for idempotent in (True, False):
            config = replace(base.in_flight(depth, idempotent), acks="all")
            point = {"in_flight": depth, "idempotent": idempotent, "rtt_ms": base.rtt_ms}
            full = base.at_full_load(config, base.rtt_ms)
            load = base.at_load(config, base.rtt_ms, rate)
            cold = base.in_trouble(config, (), OpenLoop(rate, records=1), COLD_S)
            yield from base.replicated({"phase": "capacity", **point}, full, figures)
            yield from base.replicated({"phase": "load", **point}, load, figures)
            cold = replace(cold, warm_start=False, measured_s=COLD_S + base.rtt_ms)
            yield from base.replicated({"phase": "cold", **point}, cold, first_ack)


def first_ack(run: Run) -> list[Row]:
    """When the first record of a new producer is acknowledged."""
    return [{"first_ack_ms": min(row.acked_s for row in run.batches) * 1e3}]


def compared(rows: pd.DataFrame) -> list[tuple[str, Interval]]:
    """With over without idempotence, for each figure and depth."""
    return [
        (f"{told}, {depth} in flight", ratio(on, off, column))
        for depth in DEPTHS
        for phase, column, told in COMPARED
        for at in [pick(rows, phase=phase, in_flight=depth)]
        for on, off in [(pick(at, idempotent=True), pick(at, idempotent=False))]
        if on[column].notna().all() and off[column].notna().all()
    ]


def answer(rows: pd.DataFrame) -> str:
    """The verdict of the test, the widest ratio, and what a cold start costs."""
    values = compared(rows)
    beyond = [told for told, one in values if not _equivalent(one)]
    told, widest = max(values, key=lambda value: max(abs(value[1].high - 1), abs(value[1].low - 1)))
    cold = pick(rows, phase="cold", in_flight=DEPTHS[-1])
    on, off = (mean_of(pick(cold, idempotent=one), "first_ack_ms").value for one in (True, False))
    verdict = (
        f"all {len(values)} figures are equivalent within {MARGIN:.0%}"
        if not beyond
        else f"not shown to be equivalent within {MARGIN:.0%}: {', '.join(beyond)}"
    )
    return (
        f"{'No' if not beyond else 'Not beyond doubt'}: at {only(rows, 'rtt_ms'):g} ms and acks=all"
        f" on both sides {verdict}; the farthest from 1 is that of {told}, with / without ="
        f" {within(widest, 3)}. A new producer's first record takes {ms(on)} instead of {ms(off)},"
        " because it asks for a producer id first. What costs is acks=all, which idempotence needs."
    )


def _equivalent(one: Interval) -> bool:
    return one.low > 1 - MARGIN and one.high < 1 + MARGIN


def draw(rows: pd.DataFrame) -> Figure:
    """Every ratio with its interval, on the band that counts as equivalent."""
    chart, (axes,) = panels("Idempotence on over off, at acks=all and equal depth", 1, 7.4)
    values = compared(rows)
    axes.axvspan(1 - MARGIN, 1 + MARGIN, color=COLOURS[2], alpha=0.15, lw=0)
    axes.axvline(1, color=COLOURS[2], lw=1)
    for down, (_, one) in enumerate(values):
        axes.plot([one.low, one.high], [down, down], color=COLOURS[0], lw=3, alpha=0.5)
        axes.plot([one.value], [down], "o", color=COLOURS[0], ms=7)
        axes.annotate(
            within(one, 3),
            (one.value, down),
            (0, 7),
            textcoords="offset points",
            ha="center",
            size=8,
        )
    axes.set_yticks(range(len(values)), [told for told, _ in values])
    axes.set_ylim(len(values) - 0.4, -0.8)
    reach = max([2 * MARGIN, *(abs(end - 1) * 1.3 for _, v in values for end in (v.low, v.high))])
    axes.set_xlim(1 - reach, 1 + reach)
    axes.set_xlabel(f"with / without idempotence; the band is what counts as equal, {MARGIN:.0%}")
    return chart


QUESTION = Question(
    number=4,
    text="Does idempotence itself slow my producer down?",
    aliases=("idempotence",),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="the broker's check of a sequence number costs no time of its own that could be"
    " measured, and acks=all is compared with acks=all",
)

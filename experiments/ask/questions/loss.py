"""Question 3: how much is lost with one request in flight, over the round-trip time.

The law beside it: min(5, 1 + Z/S), with S the in-broker time of a request and Z everything else
of a lone request's round, both read off the runs with one in flight.
"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.charts import LAW, label_ends, line, log_axis, mark, panels
from experiments.ask.frames import pick, ratios
from experiments.ask.measures import figures
from experiments.ask.question import Question
from experiments.ask.task import Simulated
from experiments.ask.words import plain, within
from experiments.compare.question import CURVE_MS
from experiments.kit.stats import Interval

ONE, FIVE = 1, 5
GAINS = (1.5, 4.0)


def tasks(base: Base) -> Iterator[Simulated]:
    """One and five in flight, as fast as they can, over the curve and at the user's distance."""
    for rtt_ms in sorted({*CURVE_MS, base.rtt_ms}):
        for depth in (ONE, FIVE):
            config = base.in_flight(depth, idempotent=depth == FIVE)
            point = {"rtt_ms": rtt_ms, "in_flight": depth, "yours": rtt_ms == base.rtt_ms}
            yield from base.replicated(point, base.at_full_load(config, rtt_ms), figures)


def gains(rows: pd.DataFrame) -> dict[float, Interval]:
    """Five over one at every distance, paired by replication."""
    return ratios(rows, "rtt_ms", "in_flight", over=FIVE, under=ONE)


def law(rows: pd.DataFrame) -> "pd.Series[float]":
    """1 + Z/S over the distance: the round of a lone request over its time in the broker."""
    lone = pick(rows, in_flight=ONE).groupby("rtt_ms").mean(numeric_only=True)
    return 1e3 / lone["requests_per_s"] / lone["service_ms"]


def answer(rows: pd.DataFrame) -> str:
    """What one costs at the user's distance, and where five begin to be worth it."""
    own = rows[rows["yours"]]
    one, five = pick(own, in_flight=ONE), pick(own, in_flight=FIVE)
    rtt_ms, carried = float(own["rtt_ms"].iloc[0]), gains(rows)
    gain, bound = carried[rtt_ms], min(FIVE, float(law(rows)[rtt_ms]))
    reached = "; ".join(f"x {least:g} is reached at {_first(carried, least)}" for least in GAINS)
    return (
        f"At {rtt_ms:g} ms one request in flight carries {plain(one['records_per_s'].mean())}"
        f" records/s and five carry {plain(five['records_per_s'].mean())}: five / one ="
        f" {within(gain)}. The law min(5, 1 + Z/S) gives {bound:.2f} there; one is limited by the"
        f" {one['limit'].mode().iloc[0]}, five by the {five['limit'].mode().iloc[0]}. {reached}."
    )


def _first(carried: dict[float, Interval], least: float) -> str:
    """The shortest distance looked at from which on the whole interval is above."""
    reached = [rtt_ms for rtt_ms, gain in sorted(carried.items()) if gain.low >= least]
    return f"{reached[0]:g} ms" if reached else "no distance looked at"


def draw(rows: pd.DataFrame) -> Figure:
    """Records/s and their ratio over the distance."""
    chart, (rates, times) = panels("What one request in flight costs, by distance", 2)
    for place, depth in enumerate((ONE, FIVE)):
        line(
            rates,
            pick(rows, in_flight=depth),
            "rtt_ms",
            "records_per_s",
            place,
            f"{depth} in flight",
        )
    log_axis(rates, "y")
    rates.set_ylabel("records per second, acknowledged")
    carried, bound = gains(rows), law(rows).clip(upper=FIVE)
    at = sorted(carried)
    times.plot(bound.index, bound.to_numpy(), label="min(5, 1 + Z/S)", **LAW)
    times.plot(
        at, [carried[x].value for x in at], "o-", color="#009e73", ms=4.5, label="five / one"
    )
    low, high = [carried[x].low for x in at], [carried[x].high for x in at]
    times.fill_between(at, low, high, color="#009e73", alpha=0.2, lw=0)
    times.set_ylabel("five in flight over one, times")
    times.set_ylim(0, FIVE + 0.6)
    for axes in (rates, times):
        log_axis(axes, "x")
        axes.set_xlabel("round-trip time in ms")
        mark(axes, float(rows.loc[rows["yours"], "rtt_ms"].iloc[0]), "yours")
        label_ends(axes)
    return chart


QUESTION = Question(
    number=3,
    text="How much throughput do I lose with max.in.flight.requests.per.connection=1?",
    aliases=("loss", "one-or-five"),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="the producer always has full batches to send and the path's delay does not vary;"
    " with half-empty batches or a slow application one in flight loses less",
)

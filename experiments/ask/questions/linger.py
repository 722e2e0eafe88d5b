"""Question 10: linger.ms of 0, 5 or 100; when does waiting cut latency?"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.charts import label_ends, line, log_axis, panels
from experiments.ask.frames import mean_of, means, only, pick
from experiments.ask.measures import figures
from experiments.ask.question import Question
from experiments.ask.task import Simulated
from experiments.ask.words import latency_ms, ms, plain
from experiments.kit.horizon import over_seconds
from experiments.kit.stats import Interval
from model import ClosedLoop, PathConfig, Scenario, Workload

LINGERS_MS = (0.0, 1.0, 2.0, 5.0, 20.0, 100.0)
#: Ours: of what the user's producer carries in full batches.
SHARES = (0.02, 0.3, 0.7)
SYNC = "one at a time"
REPLICATIONS, ROUNDS = 3, 100
#: Ours: with less to look at, a heavy load's percentiles are those of one burst.
LEAST_S = 0.4


def tasks(base: Base) -> Iterator[Simulated]:
    """Every linger at every load, and for an application that awaits each record."""
    carries = base.carries(base.own, base.rtt_ms)
    rates = [base.rate_per_s] if base.rate_per_s else [share * carries for share in SHARES]
    for linger_ms in sorted({*LINGERS_MS, base.own.linger_ms}):
        config = base.with_producer(linger_ms=linger_ms)
        point = {"linger_ms": linger_ms, "rtt_ms": base.rtt_ms, "own_ms": base.own.linger_ms}
        for rate in rates:
            rate = float(f"{rate:.2g}") if base.rate_per_s is None else rate
            scenario = base.at_load(config, base.rtt_ms, rate)
            scenario = over_seconds(scenario, scenario.warmup_s, max(scenario.measured_s, LEAST_S))
            place = {**point, "load": f"{plain(rate)} records/s", "share": rate / carries}
            yield from base.replicated(place, scenario, figures, REPLICATIONS)
        lone = Scenario(
            path=PathConfig(rtt_ms=base.rtt_ms),
            producer=config,
            workload=Workload(arrival=ClosedLoop(1), value_bytes=base.value_bytes),
            machine=base.machine,
            warm_start=True,
        )
        round_s = (base.rtt_ms + linger_ms + 1) / 1e3
        lone = over_seconds(lone, 5 * round_s, ROUNDS * round_s)
        yield from base.replicated(
            {**point, "load": SYNC, "share": 0.0}, lone, figures, REPLICATIONS
        )


def best(rows: pd.DataFrame, column: str = "p99_ms") -> tuple[float, Interval]:
    """The linger with the lowest figure, and that figure."""
    figures_ms = list(means(rows, "linger_ms", column))
    linger_ms, figure = min(figures_ms, key=lambda one: one[1].value)
    return float(linger_ms), figure


def answer(rows: pd.DataFrame) -> str:
    """The best linger at each load, and what the user's own costs there."""
    own_ms = float(rows["own_ms"].iloc[0])
    told = "; ".join(
        _at_load(str(load), of_load, own_ms)
        for load, of_load in rows.groupby("load", sort=False)
        if load != SYNC
    )
    lone = pick(rows, load=SYNC)
    none, own = (mean_of(pick(lone, linger_ms=linger), "p50_ms").value for linger in (0.0, own_ms))
    ends = [pick(rows, linger_ms=linger)["requests_per_s"].mean() for linger in (0.0, own_ms)]
    return (
        f"At {only(rows, 'rtt_ms'):g} ms: {told}. An application that awaits each record pays every"
        f" millisecond of it: {ms(none)} with linger.ms=0, {ms(own)} with {own_ms:g}. What waiting"
        f" buys is fewer requests: {plain(ends[1])} instead of {plain(ends[0])} a second on average"
        " over these loads."
    )


def _at_load(load: str, rows: pd.DataFrame, own_ms: float) -> str:
    if not rows["p99_ms"].notna().any():
        return f"{load} are more than the producer carries, whatever the linger"
    linger_ms, p99_ms = best(rows)
    own = mean_of(pick(rows, linger_ms=own_ms), "p99_ms")
    return (
        f"with {load} the p99 is lowest, {latency_ms(p99_ms, 2)}, with linger.ms={linger_ms:g}"
        f" ({latency_ms(own, 2)} with {own_ms:g})"
    )


def draw(rows: pd.DataFrame) -> Figure:
    """Median, 99th percentile and requests/s over the linger, a line for each load."""
    chart, axes = panels("What waiting for more records costs, and what it saves", 3, 4.9)
    told = ("median latency in ms", "99th percentile of latency in ms", "requests per second")
    for one, column, label in zip(axes, ("p50_ms", "p99_ms", "requests_per_s"), told, strict=True):
        for place, (load, of_load) in enumerate(rows.groupby("load", sort=False)):
            line(one, of_load, "linger_ms", column, place, str(load))
        one.set_xscale("symlog", linthresh=1)
        one.set_xticks(LINGERS_MS, [f"{linger:g}" for linger in LINGERS_MS])
        one.minorticks_off()
        log_axis(one, "y")
        one.set_xlabel("linger.ms")
        one.set_ylabel(label)
    label_ends(axes[-1])
    return chart


QUESTION = Question(
    number=10,
    text="linger.ms of 0, 5 or 100? When does waiting cut latency?",
    aliases=("linger",),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="records arrive independently of each other (Poisson), for one partition; the more"
    " partitions share the rate, the longer a batch takes to fill",
    rtt_ms=2.0,
)

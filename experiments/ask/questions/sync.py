"""Question 12: why does send().get() give about 1/RTT messages a second?"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.charts import LAW, label_ends, line, log_axis, mark, panels
from experiments.ask.frames import mean_of, only, pick, ratio
from experiments.ask.measures import figures
from experiments.ask.question import Question
from experiments.ask.task import Simulated
from experiments.ask.words import plain, within
from experiments.compare.question import CURVE_MS
from experiments.kit.horizon import over_seconds
from model import ClosedLoop, PathConfig, ProducerConfig, Scenario, Workload

THREADS = 10
SYNC, EAGER = "send().get()", "the same, linger.ms=0"
MANY, ASYNC = f"{THREADS} threads of send().get()", "send(), as fast as it can"
REPLICATIONS, ROUNDS = 3, 60


def tasks(base: Base) -> Iterator[Simulated]:
    """One thread, one thread without linger, ten threads, and nobody who waits."""
    eager = base.with_producer(linger_ms=0.0)
    for rtt_ms in sorted({*CURVE_MS, base.rtt_ms}):
        ways = {
            SYNC: awaiting(base, base.own, rtt_ms, 1),
            EAGER: awaiting(base, eager, rtt_ms, 1),
            MANY: awaiting(base, base.own, rtt_ms, THREADS),
            ASYNC: base.at_full_load(base.own, rtt_ms),
        }
        for way, scenario in ways.items():
            linger_ms = scenario.producer.linger_ms
            point = {"way": way, "rtt_ms": rtt_ms, "linger_ms": linger_ms}
            point["yours"] = rtt_ms == base.rtt_ms
            yield from base.replicated(point, scenario, figures, REPLICATIONS)


def awaiting(base: Base, config: ProducerConfig, rtt_ms: float, threads: int) -> Scenario:
    """So many threads that each await a record before they send the next."""
    scenario = Scenario(
        path=PathConfig(rtt_ms=rtt_ms),
        producer=config,
        workload=Workload(arrival=ClosedLoop(threads), value_bytes=base.value_bytes),
        machine=base.machine,
        warm_start=True,
    )
    round_s = (rtt_ms + config.linger_ms + 1) / 1e3
    return over_seconds(scenario, 5 * round_s, ROUNDS * round_s)


def law(rows: pd.DataFrame) -> "pd.Series[float]":
    """1 / (RTT + S + linger), in records per second, for each row."""
    return 1e3 / (rows["rtt_ms"] + rows["service_ms"] + rows["linger_ms"])


def answer(rows: pd.DataFrame) -> str:
    """The rate of one awaiting thread beside the law, and what the other ways carry."""
    own = pick(rows, yours=True)
    sync, eager, many, free = (pick(own, way=way) for way in (SYNC, EAGER, MANY, ASYNC))
    return (
        f"Because each record waits for its own round: 1/(RTT + S + linger) ="
        f" 1/({only(sync, 'rtt_ms'):g} + {sync['service_ms'].mean():.2g} +"
        f" {only(sync, 'linger_ms'):g} ms) = {law(sync).mean():.3g} records/s, and"
        f" {within(mean_of(sync, 'records_per_s'), 1)} simulated (the client's own work and its"
        f" waking up take the rest). With linger.ms=0 it is"
        f" {within(mean_of(eager, 'records_per_s'), 1)}; {THREADS} threads carry"
        f" {within(ratio(many, sync), 1)} times as much; send() that does not wait"
        f" {plain(free['records_per_s'].mean())} records/s, {within(ratio(free, sync), 0)} times."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """Records/s over the round-trip time, a line for each way, and the law of one thread."""
    chart, (axes,) = panels("Awaiting each record costs a round trip each", 1, 7.0)
    for place, way in enumerate((SYNC, EAGER, MANY, ASYNC)):
        line(axes, pick(rows, way=way), "rtt_ms", "records_per_s", place, way)
    for way in (SYNC, EAGER):
        of_way = pick(rows, way=way)
        bound = law(of_way).groupby(of_way["rtt_ms"]).mean()
        axes.plot(bound.index, bound.to_numpy(), **LAW)
    log_axis(axes, "x")
    log_axis(axes, "y")
    axes.set_xlabel("round-trip time in ms")
    axes.set_ylabel("records per second;\ndashed: 1 / (RTT + S + linger)")
    mark(axes, float(rows.loc[rows["yours"], "rtt_ms"].iloc[0]), "yours")
    label_ends(axes)
    return chart


QUESTION = Question(
    number=12,
    text="Why does send().get() give about 1/RTT messages per second?",
    aliases=("sync", "get"),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="threads share one producer and send at once when their record is acknowledged;"
    " calling flush() after each record would take the linger out of the sum",
)

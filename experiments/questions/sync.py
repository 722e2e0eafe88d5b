"""Applications that await each record, against the distance; beside them one that does not wait.

The law beside it: a thread that awaits each record sends 1 / (RTT + S + linger) of them per second,
with S the in-broker time of a request.
"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import LAW, label_ends, line, log_axis, mark, panels
from experiments.kit.estimates import mean_of, only, pick, ratio
from experiments.kit.experiment import Experiment, Point
from experiments.kit.loads import over_seconds
from experiments.kit.words import plain, within
from experiments.kit.world import World
from experiments.questions.loss import DISTANCES_MS
from model import ClosedLoop, ProducerConfig, Scenario

THREADS = 10
SYNC, EAGER = "send().get()", "send().get(), linger.ms=0"
MANY, ASYNC = f"{THREADS} threads of send().get()", "send(), as fast as it can"
WARMUP_ROUNDS, ROUNDS = 5, 60
#: Ours: what a round takes beside the way and the linger, for the length of a run.
WORK_MS = 1.0


def points(world: World) -> Iterator[Point]:
    """One thread, one thread without linger, ten threads, and nobody who waits."""
    eager = world.with_producer(linger_ms=0.0)
    for rtt_ms in world.distances(DISTANCES_MS):
        ways = {
            SYNC: awaiting(world, world.own, rtt_ms, 1),
            EAGER: awaiting(world, eager, rtt_ms, 1),
            MANY: awaiting(world, world.own, rtt_ms, THREADS),
            ASYNC: world.at_full_load(world.own, rtt_ms),
        }
        for way, scenario in ways.items():
            linger_ms = scenario.producer.linger_ms
            yield Point(
                levels={"way": way, "rtt_ms": rtt_ms},
                beside={"linger_ms": linger_ms, "yours": rtt_ms == world.rtt_ms},
                scenario=scenario,
            )


def awaiting(world: World, config: ProducerConfig, rtt_ms: float, threads: int) -> Scenario:
    """So many threads that each await a record before they send the next."""
    scenario = world.scenario(config, ClosedLoop(threads), rtt_ms)
    round_s = (rtt_ms + config.linger_ms + WORK_MS) / 1e3
    return over_seconds(scenario, WARMUP_ROUNDS * round_s, ROUNDS * round_s)


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
    for series, way in enumerate((SYNC, EAGER, MANY, ASYNC)):
        line(axes, pick(rows, way=way), "rtt_ms", "records_per_s", series, way)
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


EXPERIMENT = Experiment(
    name="sync",
    question="Why does send().get() give about 1/RTT messages per second?",
    aliases=("get",),
    points=points,
    measure=figures.row(figures.THROUGHPUT),
    answer=answer,
    draw=draw,
    assumption="threads share one producer and send at once when their record is acknowledged;"
    " calling flush() after each record would take the linger out of the sum",
    smoke=lambda levels: float(levels["rtt_ms"]) in (1.0, 20.0),
)

"""Applications that await each record, against the distance; beside them one that does not wait.

The law beside it: a thread that awaits each record sends 1 / (RTT + S + linger) of them per second,
with S the time of a request in the broker, the wait for replicas included.
"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import Series, curves, mark
from experiments.kit.estimates import only, pick, ratio
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.loads import over_seconds
from experiments.kit.looks import LAW
from experiments.kit.summaries import Shown, summary
from experiments.kit.tables import Table
from experiments.kit.words import about, as_much, ms, plain
from experiments.kit.world import World
from experiments.questions.loss import DISTANCES_MS
from model import ClosedLoop, ProducerConfig, Scenario

SYNC, EAGER = "send().get()", "send().get(), linger.ms=0"
#: How many threads await their records; 0: nobody waits.
WAYS = {SYNC: 1, EAGER: 1, "10 threads of send().get()": 10, "send(), as fast as it can": 0}


def points(world: World) -> Iterator[Point]:
    """Every way at every distance."""
    for level in grid(rtt_ms=world.distances(DISTANCES_MS), way=tuple(WAYS)):
        way, rtt_ms = level["way"], level["rtt_ms"]
        config = world.with_producer(linger_ms=0.0) if way == EAGER else world.own
        yield Point(
            levels=level,
            beside={"linger_ms": config.linger_ms, "yours": rtt_ms == world.rtt_ms},
            scenario=scenario(world, config, rtt_ms, WAYS[way]),
        )


def scenario(world: World, config: ProducerConfig, rtt_ms: float, threads: int) -> Scenario:
    """So many threads that each await a record before they send the next; 0: nobody waits."""
    if not threads:
        return world.at_full_load(config, rtt_ms)
    awaited = world.scenario(config, ClosedLoop(threads), rtt_ms)
    round_s = (rtt_ms + config.linger_ms + 1.0) / 1e3  # ours: work takes up to a millisecond
    return over_seconds(awaited, 5 * round_s, 60 * round_s)


def law(rows: pd.DataFrame) -> "pd.Series[float]":
    """1 / (RTT + S + linger), in records per second, for each row."""
    return 1e3 / (rows["rtt_ms"] + rows["muted_ms"] + rows["linger_ms"])


def answer(rows: pd.DataFrame) -> str:
    """What a thread that awaits each record reaches, why, and what the other ways carry."""
    own = pick(rows, yours=True)
    sync, eager, many, free = (pick(own, way=way) for way in WAYS)
    linger_ms, work_ms = only(sync, "linger_ms"), sync["muted_ms"].mean()
    without = f" Without the linger it sends {as_much(ratio(eager, sync).value, 'with it')}."
    without = without if linger_ms else ""
    return (
        "Because each record waits for a round trip of its own before the next one leaves. At"
        f" {only(sync, 'rtt_ms'):g} ms one thread sends {about(sync['records_per_s'].mean())}"
        f" records/s, since linger.ms={linger_ms:g} and {ms(work_ms)} for a request of one record"
        " in the broker come on top."
        f"{without} Ten threads send {as_much(ratio(many, sync).value, 'one')},"
        f" and a send() that does not wait {as_much(ratio(free, sync).value, 'one that does')}."
    )


def tables(rows: pd.DataFrame) -> list[Table]:
    """Each way at the user's distance, and what an awaiting thread cannot exceed."""
    own = pick(rows, yours=True)
    awaiting = own["way"].isin((SYNC, EAGER))
    own = own.assign(law=law(own).where(awaiting))
    shown = (
        Shown("records_per_s", "records/s", ",.1f"),
        Shown("law", "cannot exceed", ",.1f"),
        Shown("in_flight_mean", "in flight, mean", ".2f"),
    )
    return [summary(f"At {only(own, 'rtt_ms'):g} ms", own, {"way": "way"}, shown)]


def draw(rows: pd.DataFrame) -> Figure:
    """Records/s over the round-trip time, a line for each way, and the law of one thread."""
    chart, (axes,) = curves(
        _title(rows),
        [Series(way, pick(rows, way=way), index) for index, way in enumerate(WAYS)],
        ("rtt_ms", "round-trip time in ms"),
        {"records_per_s": "records per second"},
        log="xy",
        note="dashed: a record in each round trip, time in the broker and linger.ms",
    )
    for way in (SYNC, EAGER):
        bound = law(of_way := pick(rows, way=way)).groupby(of_way["rtt_ms"]).mean()
        axes.plot(bound.index, bound.to_numpy(), **LAW)
    mark(axes, only(pick(rows, yours=True), "rtt_ms"), "yours")
    return chart


def _title(rows: pd.DataFrame) -> str:
    """What waiting costs at the user's distance."""
    own = pick(rows, yours=True)
    sync, free = (pick(own, way=way)["records_per_s"].mean() for way in (SYNC, list(WAYS)[-1]))
    return (
        f"Waiting for each record allows one in a round trip: {plain(sync)} records/s at"
        f" {only(own, 'rtt_ms'):g} ms, without waiting {plain(free)}"
    )


EXPERIMENT = Experiment(
    name="sync",
    question="Why does send().get() give about 1/RTT messages per second?",
    aliases=("get",),
    about="latency synchronous blocking flush callback throughput future",
    points=points,
    measure=figures.row(figures.THROUGHPUT, "muted_ms"),
    answer=answer,
    tables=tables,
    draw=draw,
    assumption="threads share one producer and send at once when their record is acknowledged;"
    " calling flush() after each record would take the linger out of the sum",
    smoke=lambda levels: float(levels["rtt_ms"]) in (1.0, 20.0),
)

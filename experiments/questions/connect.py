"""What Kafka Connect and MirrorMaker lose by sending one request at a time, which they do unasked.

Source: Worker.baseProducerConfigs, from 3.0 to 3.9: max.in.flight.requests.per.connection=1 and
enable.idempotence=false, with acks=all. Left out: how fast a connector's own source is, and what
its converters cost.
"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import Series, curves, mark
from experiments.kit.estimates import Interval, only, pick, ratio
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.looks import carrying
from experiments.kit.replications import Contrast, Replications
from experiments.kit.summaries import Shown, summary
from experiments.kit.tables import Table
from experiments.kit.words import as_much, times, worthwhile
from experiments.kit.world import World

DISTANCES_MS = (0.2, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
#: Connect's own, and what the client has by default.
CONNECTS, FIVE = 1, 5
LABELS = {CONNECTS: "one in flight, as Connect has it", FIVE: "five in flight, idempotent"}
#: Source of the policy: WorkerConfig.java, which allows all overrides since 3.0 (KIP-722).
REMEDY = (
    "Set producer.override.max.in.flight.requests.per.connection=5 and"
    " producer.override.enable.idempotence=true in the connector; in the worker the same keys stand"
    " behind producer., in MirrorMaker's own file behind TARGET.producer. Order stays as it is, and"
    " what is sent again is no longer written twice. Workers allow this since 3.0, unless their"
    " connector.client.config.override.policy forbids it."
)


def points(world: World) -> Iterator[Point]:
    """Both depths at each distance, as fast as each can."""
    for level in grid(rtt_ms=world.distances(DISTANCES_MS), in_flight=(CONNECTS, FIVE)):
        producer = world.in_flight(level["in_flight"], idempotent=level["in_flight"] == FIVE)
        yield Point(
            levels=level,
            beside={"yours": level["rtt_ms"] == world.rtt_ms},
            scenario=world.at_full_load(producer, level["rtt_ms"]),
        )


def gain(rows: pd.DataFrame) -> Interval:
    """How many times as much five carry."""
    return ratio(pick(rows, in_flight=FIVE), pick(rows, in_flight=CONNECTS))


def answer(rows: pd.DataFrame) -> str:
    """What is lost where the user is, why, and what to set."""
    own = pick(rows, yours=True)
    rtt_ms, gained = only(own, "rtt_ms"), gain(own)
    nearest = rows["rtt_ms"].min()
    near = gain(pick(rows, rtt_ms=nearest))
    if not worthwhile(gained.value):
        lost = "lose next to nothing"
    else:
        lost = f"copy {times(gained.value)} times as much with five idempotent requests in flight"
    return (
        f"Over {rtt_ms:g} ms they would {lost}. One request waits for the answer to the one before,"
        " so the round trip sets the pace; a broker nearby leaves less to gain,"
        f" {times(near.value)} times at {nearest:g} ms. {REMEDY}"
    )


def tables(rows: pd.DataFrame) -> list[Table]:
    """What each carries at each distance."""
    shown = (
        Shown("records_per_s", "records/s"),
        Shown("mb_per_s", "MB/s", ".2f"),
        Shown("limit", "limited by"),
    )
    by = {"rtt_ms": "round trip in ms", "in_flight": "in flight"}
    return [summary("What each carries, by distance", rows, by, shown)]


def draw(rows: pd.DataFrame) -> Figure:
    """Megabytes a second over the distance, a line for each depth."""
    series = [
        Series(label, pick(rows, in_flight=depth), carrying(depth))
        for depth, label in LABELS.items()
    ]
    chart, (axes,) = curves(
        _title(rows),
        series,
        ("rtt_ms", "round-trip time in ms"),
        {"mb_per_s": "megabytes of values per second"},
        log="xy",
    )
    mark(axes, only(pick(rows, yours=True), "rtt_ms"), "asked for")
    return chart


def _title(rows: pd.DataFrame) -> str:
    """What five carry over what Connect's one does, at the distance asked for."""
    own = pick(rows, yours=True)
    carried = as_much(gain(own).value, "it does")
    return (
        f"Kafka Connect sends one request at a time: at {only(own, 'rtt_ms'):g} ms five in flight"
        f" would carry {carried}"
    )


EXPERIMENT = Experiment(
    name="connect",
    question="Kafka Connect and MirrorMaker send one request at a time: what do they lose by it?",
    aliases=("mirrormaker", "mm2", "kafka-connect", "debezium"),
    about="debezium connector replicate throughput",
    points=points,
    measure=figures.row("records_per_s", "mb_per_s", figures.THROUGHPUT),
    replications=Replications(3, 12, Contrast("records_per_s", "in_flight", CONNECTS), 0.03),
    answer=answer,
    draw=draw,
    tables=tables,
    assumption="a source that always has records for full batches, and one task for all"
    " partitions. Each task has a producer of its own, as Connect has it: one request in flight,"
    " not idempotent. More partitions make its requests larger",
    rtt_ms=50.0,
    smoke=lambda levels: float(levels["rtt_ms"]) in (0.2, 50.0),
)

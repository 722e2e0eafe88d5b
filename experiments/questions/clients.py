"""What clients make of the number of requests in flight that is set, each as a depth.

Taken from their sources as read for this project (librdkafka 2.15, Sarama, franz-go). Left out:
what else differs between clients, such as how they form batches.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import COLOURS, bars, mark, panels
from experiments.kit.estimates import mean_of, only
from experiments.kit.experiment import Experiment, Point
from experiments.kit.words import plain, within
from experiments.kit.world import World
from model.config.producer import MAX_IN_FLIGHT_IDEMPOTENT

#: Read: RD_KAFKA_IDEMP_MAX_INFLIGHT counts messages, not requests, in
#: rd_kafka_toppar_producer_serve of librdkafka; measured by us: 4.87 in flight for batches of one
#: message, 0.99 for batches of five or more.
LIBRDKAFKA_MESSAGES = 5


@dataclass(frozen=True, slots=True)
class Profile:
    """A client; ``depth`` is what becomes of the depth set, given the records in its batches."""

    name: str
    idempotent: bool
    depth: Callable[[int, int], int]


PROFILES = (
    # with more than five it does not start
    Profile("Java, idempotent", True, lambda depth, _: min(depth, MAX_IN_FLIGHT_IDEMPOTENT)),
    Profile("librdkafka, not idempotent", False, lambda depth, _: depth),
    Profile(
        "librdkafka, idempotent",
        True,
        lambda depth, records: min(depth, math.ceil(LIBRDKAFKA_MESSAGES / records)),
    ),
    Profile("franz-go, idempotent", True, lambda depth, _: min(depth, 4)),
    Profile("Sarama, idempotent", True, lambda *_: 1),
)


def points(world: World) -> Iterator[Point]:
    """Each profile at the depth that it makes of the user's."""
    wanted = world.own.max_in_flight_requests_per_connection
    records = world.at_full_load(world.own).packing.records
    for profile in PROFILES:
        depth = profile.depth(wanted, records)
        yield Point(
            levels={"client": profile.name},
            beside={
                "wanted": wanted,
                "depth": depth,
                "batch_records": records,
                "rtt_ms": world.rtt_ms,
            },
            scenario=world.at_full_load(world.in_flight(depth, profile.idempotent)),
        )


def answer(rows: pd.DataFrame) -> str:
    """What each client keeps in flight of the number that was set, and what it carries."""
    kept = "; ".join(
        f"{client} {within(mean_of(of_client, 'in_flight_mean'))} on average"
        f" ({plain(of_client['records_per_s'].mean())} records/s)"
        for client, of_client in rows.groupby("client", sort=False)
    )
    return (
        f"It depends on the library. Of {only(rows, 'wanted')} set, with"
        f" {only(rows, 'batch_records')} records in a batch at {only(rows, 'rtt_ms'):g} ms: {kept}."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """What each client keeps in flight, beside the number that was set, and what it carries."""
    chart, (levels, rates) = panels("What a client keeps in flight is the library's affair", 2)
    shown = (
        (levels, "in_flight_mean", "requests in flight, mean over time"),
        (rates, "records_per_s", "records per second, acknowledged"),
    )
    for axes, column, label in shown:
        clients = rows.groupby("client", sort=False)
        values = [(str(client), mean_of(of_client, column)) for client, of_client in clients]
        bars(axes, values, COLOURS[: len(values)])
        axes.set_xlabel(label)
    mark(levels, float(only(rows, "wanted")), f"{only(rows, 'wanted')} set")
    rates.set_yticklabels([])
    return chart


EXPERIMENT = Experiment(
    name="clients",
    question="Why does my client not reach the number of requests in flight that I set?",
    aliases=("client",),
    points=points,
    measure=figures.row(figures.THROUGHPUT),
    answer=answer,
    draw=draw,
    assumption="every client is the modelled Java producer but for its depth: librdkafka with"
    " idempotence keeps ceil(5 / records in a batch) requests for each partition, Sarama with"
    " idempotence one, franz-go one until its first answer and four then (four is taken), and all"
    " form batches as Java does",
)

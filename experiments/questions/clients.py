"""What clients make of the number of requests in flight that is set, each as a depth.

Taken from their sources as read for this project (librdkafka 2.15, Sarama, franz-go). Left out:
what else differs between clients, such as how they form batches.
"""

import math
from collections.abc import Callable, Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import Series, bar_panels, mark
from experiments.kit.estimates import mean_of, only, pick
from experiments.kit.experiment import Experiment, Point
from experiments.kit.looks import look
from experiments.kit.words import plain, within
from experiments.kit.world import World
from model.config.producer import MAX_IN_FLIGHT_IDEMPOTENT

#: Each client: whether idempotent, and what becomes of the depth set, given the records in a batch.
PROFILES: dict[str, tuple[bool, Callable[[int, int], int]]] = {
    # with more than five it does not start
    "Java, idempotent": (True, lambda depth, _: min(depth, MAX_IN_FLIGHT_IDEMPOTENT)),
    "librdkafka, not idempotent": (False, lambda depth, _: depth),
    # Read: RD_KAFKA_IDEMP_MAX_INFLIGHT (5) counts messages, not requests, in
    # rd_kafka_toppar_producer_serve of librdkafka; measured by us: 4.87 in flight for batches of
    # one message, 0.99 for batches of five or more.
    "librdkafka, idempotent": (True, lambda depth, n: min(depth, math.ceil(5 / n))),
    "franz-go, idempotent": (True, lambda depth, _: min(depth, 4)),
    "Sarama, idempotent": (True, lambda *_: 1),
}


def points(world: World) -> Iterator[Point]:
    """Each profile at the depth that it makes of the user's."""
    wanted = world.own.max_in_flight_requests_per_connection
    records = world.at_full_load(world.own).packing.records
    beside = {"wanted": wanted, "batch_records": records, "rtt_ms": world.rtt_ms}
    for client, (idempotent, depth_of) in PROFILES.items():
        depth = depth_of(wanted, records)
        yield Point(
            levels={"client": client},
            beside={**beside, "depth": depth},
            scenario=world.at_full_load(world.in_flight(depth, idempotent)),
        )


def answer(rows: pd.DataFrame) -> str:
    """What each client keeps in flight of the number that was set, and what it carries."""
    kept = "; ".join(
        f"{client} {within(mean_of(of, 'in_flight_mean'))} ({plain(of['records_per_s'].mean())}"
        " records/s)"
        for client, of in rows.groupby("client", sort=False)
    )
    return (
        f"It depends on the library. Of {only(rows, 'wanted')} set, with"
        f" {only(rows, 'batch_records')} records in a batch at {only(rows, 'rtt_ms'):g} ms, are in"
        f" flight on average: {kept}."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """What each client keeps in flight, beside the number that was set, and what it carries."""
    wanted, depths = only(rows, "wanted"), rows.groupby("client")["depth"].first()
    least, most = depths.min(), depths.max()
    kept = f"{least} to {most}" if least < most else f"{most}"
    chart, axes = bar_panels(
        f"Of {wanted} in flight that are set, clients keep {kept}: it depends on the library",
        [
            Series(f"{client}\n({keeps(int(depths[client]))})", of, look(depths[client], safe))
            for client, (safe, _) in PROFILES.items()
            if len(of := pick(rows, client=client))
        ],
        {"in_flight_mean": "requests in flight, mean over time", "records_per_s": "records/s"},
    )
    mark(axes[0], wanted, f"{wanted} set")
    return chart


def keeps(depth: int) -> str:
    """For example ``five in flight``."""
    return look(depth, True).name.partition(",")[0]


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
    smoke=lambda levels: True,
)

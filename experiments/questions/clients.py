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
from experiments.kit.estimates import only, pick
from experiments.kit.experiment import Experiment, Point
from experiments.kit.looks import look
from experiments.kit.summaries import Shown, summary
from experiments.kit.tables import Table
from experiments.kit.words import about, count, listed, share
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


#: Ours: who keeps nearly the number that was set keeps it.
FULL = 0.95


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
    """Which clients keep the number that was set in flight, which fewer, and what that costs."""
    named = rows.assign(client=rows["client"].map(_spoken))
    of_client = named.groupby("client", sort=False)[["in_flight_mean", "records_per_s"]].mean()
    kept, rates, wanted = *(of_client[name] for name in of_client), int(only(rows, "wanted"))
    full, fewer = kept[kept >= FULL * wanted], kept[kept < FULL * wanted]
    keep = f"{listed(list(full.index)) or 'none'} {'keep' if len(full) > 1 else 'keeps'}"
    told = listed([f"{client} {about(number)}" for client, number in fewer.items()])
    slowest = share(rates.min() / rates.max())
    return (
        f"The client's library decides, not the setting alone. Of {wanted} set, at"
        f" {only(rows, 'rtt_ms'):g} ms and with {count(only(rows, 'batch_records'), 'record')} in a"
        f" batch, {keep} all in flight, {told or 'and no client fewer'}. The slowest carries"
        f" {slowest} of what the fastest does."
    )


def _spoken(client: str) -> str:
    """For example ``idempotent Java``."""
    library, _, how = client.partition(", ")
    return f"{how} {library}" if how == "idempotent" else f"{library} without idempotence"


def tables(rows: pd.DataFrame) -> list[Table]:
    """What each client keeps in flight and carries."""
    shown = (Shown("in_flight_mean", "in flight, mean", ".2f"), Shown("records_per_s", "records/s"))
    return [summary("What each client makes of it", rows, {"client": "client"}, shown)]


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
    about="librdkafka franz-go sarama go python confluent golang",
    points=points,
    measure=figures.row(figures.THROUGHPUT),
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="how many are in flight is decided before anybody answers",
    assumption="every client is the modelled Java producer, batches included, but for its depth,"
    " which was read in its source. Idempotent librdkafka counts the messages of a partition and"
    " stops at five, so it keeps as many requests as five messages need; Sarama keeps one;"
    " franz-go one until its first answer, then four (four is taken)",
    smoke=lambda levels: True,
)

"""What clients make of the number of requests in flight that is set, each as a depth.

Taken from their sources as read for this project (librdkafka 2.15, Sarama, franz-go). Left out:
what else differs between clients, such as how they form batches.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import COLOURS, annotate, bars, panels
from experiments.kit.estimates import mean_of, only, pick
from experiments.kit.experiment import Experiment, Point, Row
from experiments.kit.words import plain, within
from experiments.kit.world import World
from model import Run
from model.config.producer import MAX_IN_FLIGHT_IDEMPOTENT

#: Read: RD_KAFKA_IDEMP_MAX_INFLIGHT counts messages, not requests, in
#: rd_kafka_toppar_producer_serve of librdkafka; measured by us: 4.87 in flight for batches of one
#: message, 0.99 for batches of five or more.
LIBRDKAFKA_MESSAGES = 5
#: Of a round: how much of the run is drawn.
ROUNDS = 4.0
LANE = 1.35
THROUGHPUT = figures.row(figures.THROUGHPUT)


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


def steps(run: Run) -> list[Row]:
    """The figures of the run, and the level after each step over its first rounds."""
    times_s, levels = run.in_flight
    times_ms = times_s * 1e3
    shown = times_ms <= ROUNDS * run.request_latency_ms
    (row,) = THROUGHPUT(run)
    return [
        {"table": "figures", **row},
        *(
            {"table": "steps", "at_ms": at_ms, "level": level}
            for at_ms, level in zip(times_ms[shown].tolist(), levels[shown].tolist(), strict=True)
        ),
    ]


def answer(rows: pd.DataFrame) -> str:
    """What each client keeps in flight of the number that was set, and what it carries."""
    runs = pick(rows, table="figures")
    kept = "; ".join(
        f"{client} {within(mean_of(of_client, 'in_flight_mean'))} on average"
        f" ({plain(of_client['records_per_s'].mean())} records/s)"
        for client, of_client in runs.groupby("client", sort=False)
    )
    return (
        f"It depends on the library. Of {only(runs, 'wanted')} set, with"
        f" {only(runs, 'batch_records')} records in a batch at {only(runs, 'rtt_ms'):g} ms: {kept}."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """A lane for each client with its requests in flight over time, beside what it carries."""
    chart, (lanes, rates) = panels("What a client keeps in flight is the library's affair", 2)
    runs, first = pick(rows, table="figures"), pick(rows, table="steps", replication=0)
    clients, end_ms = list(runs["client"].unique()), float(first["at_ms"].max())
    for index, client in enumerate(clients):
        _lane(lanes, pick(first, client=client), index, int(only(runs, "wanted")), end_ms)
    lanes.set_yticks([-index * LANE + 0.4 for index in range(len(clients))], clients)
    lanes.set_xlim(0, end_ms)
    lanes.grid(visible=False, axis="y")
    lanes.tick_params(axis="y", length=0)
    lanes.set_xlabel("time in ms; the height of a lane is requests in flight")
    values = [(client, mean_of(pick(runs, client=client), "records_per_s")) for client in clients]
    bars(rates, values, COLOURS[: len(values)])
    rates.set_yticklabels([])
    rates.set_xlabel("records per second, acknowledged")
    return chart


def _lane(axes: Axes, drawn: pd.DataFrame, index: int, wanted: int, end_ms: float) -> None:
    """Levels as a filled step; the dotted line is the number that was set."""
    floor, colour = -index * LANE, COLOURS[index % len(COLOURS)]
    times = np.append(drawn["at_ms"].to_numpy(), end_ms)
    levels = np.append(drawn["level"].to_numpy(), drawn["level"].iloc[-1]) / wanted
    axes.fill_between(times, floor, floor + levels, step="post", color=colour, alpha=0.5, lw=0)
    axes.axhline(floor + 1, color=colour, lw=0.9, ls=":")
    style = {"size": 7.5, "color": colour, "ha": "right", "va": "bottom"}
    annotate(axes, f"{wanted} set", end_ms, floor + 1, (-3, 1), **style)


EXPERIMENT = Experiment(
    name="clients",
    question="Why does my client not reach the number of requests in flight that I set?",
    aliases=("client",),
    points=points,
    measure=steps,
    answer=answer,
    draw=draw,
    assumption="every client is the modelled Java producer but for its depth: librdkafka with"
    " idempotence keeps ceil(5 / records in a batch) requests for each partition, Sarama with"
    " idempotence one, franz-go one until its first answer and four then (four is taken), and all"
    " form batches as Java does",
)

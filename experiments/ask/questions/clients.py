"""Question 7: the client does not reach the number of requests in flight that was set."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.charts import COLOURS, bars, panels
from experiments.ask.frames import mean_of, only, pick
from experiments.ask.measures import throughput
from experiments.ask.question import Question
from experiments.ask.questions.profiles import PROFILES
from experiments.ask.task import Row, Simulated
from experiments.ask.words import plain, within
from model import Run

#: Of a round: how much of the run is drawn.
ROUNDS = 4.0
LANE = 1.35


def tasks(base: Base) -> Iterator[Simulated]:
    """Each profile at the depth that it makes of the user's."""
    asked = base.own.max_in_flight_requests_per_connection
    records = base.at_full_load(base.own, base.rtt_ms).packing.records
    for profile in PROFILES:
        depth = profile.depth(asked, records)
        config = base.in_flight(depth, profile.idempotent)
        point = {"client": profile.name, "asked": asked, "depth": depth, "batch_records": records}
        scenario = base.at_full_load(config, base.rtt_ms)
        yield from base.replicated({**point, "rtt_ms": base.rtt_ms}, scenario, steps)


def steps(run: Run) -> list[Row]:
    """The figures of the run, and the level after each step over its first rounds."""
    times_s, levels = run.in_flight
    times_ms = times_s * 1e3
    shown = times_ms <= ROUNDS * run.request_latency_ms
    drawn = zip(times_ms[shown].tolist(), levels[shown].tolist(), strict=True)
    return [
        {"table": "figures", **throughput(run)},
        *({"table": "steps", "at_ms": at_ms, "level": level} for at_ms, level in drawn),
    ]


def answer(rows: pd.DataFrame) -> str:
    """What each client keeps in flight of the number that was set, and what it carries."""
    made = pick(rows, table="figures")
    told = "; ".join(
        f"{client} {within(mean_of(of_client, 'in_flight_mean'))} on average"
        f" ({plain(of_client['records_per_s'].mean())} records/s)"
        for client, of_client in made.groupby("client", sort=False)
    )
    return (
        f"It depends on the library. Of {only(made, 'asked')} asked for, with"
        f" {only(made, 'batch_records')} records in a batch at {only(made, 'rtt_ms'):g} ms: {told}."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """A lane for each client with its requests in flight over time, beside what it carries."""
    chart, (lanes, rates) = panels("What a client keeps in flight is the library's affair", 2)
    made = pick(rows, table="figures")
    clients = list(made["client"].unique())
    asked = int(only(made, "asked"))
    first = pick(rows, table="steps", replication=0)
    end_ms = float(first["at_ms"].max())
    for place, client in enumerate(clients):
        _lane(lanes, pick(first, client=client), place, asked, end_ms)
    lanes.set_yticks([-place * LANE + 0.4 for place in range(len(clients))], clients)
    lanes.set_xlim(0, end_ms)
    lanes.grid(visible=False, axis="y")
    lanes.tick_params(axis="y", length=0)
    lanes.set_xlabel("time in ms; the height of a lane is requests in flight")
    values = [(client, mean_of(pick(made, client=client), "records_per_s")) for client in clients]
    bars(rates, values, range(len(values)))
    rates.set_yticklabels([])
    rates.set_xlabel("records per second, acknowledged")
    return chart


def _lane(axes: Axes, drawn: pd.DataFrame, place: int, asked: int, end_ms: float) -> None:
    """Levels as a filled step; the dotted line is what was asked for."""
    base_y, colour = -place * LANE, COLOURS[place % len(COLOURS)]
    times = np.append(drawn["at_ms"].to_numpy(), end_ms)
    levels = np.append(drawn["level"].to_numpy(), drawn["level"].iloc[-1]) / asked
    axes.fill_between(times, base_y, base_y + levels, step="post", color=colour, alpha=0.5, lw=0)
    axes.axhline(base_y + 1, color=colour, lw=0.9, ls=":")
    axes.annotate(
        f"{asked} asked",
        (1, base_y + 1),
        (-3, 2),
        xycoords=axes.get_yaxis_transform(),
        textcoords="offset points",
        size=7.5,
        color=colour,
        ha="right",
    )


QUESTION = Question(
    number=7,
    text="Why does my client not reach the number of requests in flight that I set?",
    aliases=("clients",),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="every client is the modelled Java producer but for its depth: librdkafka with"
    " idempotence keeps ceil(5 / records in a batch) requests for each partition, Sarama with"
    " idempotence one, franz-go one until its first answer and four then (four is taken), and all"
    " form batches as Java does",
)

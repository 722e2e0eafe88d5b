"""Question 5: is the limit of requests in flight per producer, connection, broker or partition?"""

from collections import defaultdict
from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from experiments.ask.base import Base
from experiments.ask.charts import COLOURS, panels
from experiments.ask.frames import mean_of, only, pick
from experiments.ask.horizon import over_windows
from experiments.ask.measures import deepest, throughput
from experiments.ask.question import Question
from experiments.ask.task import Row, Simulated
from experiments.ask.words import plain
from model import Run

#: Partitions, brokers, and how many brokers' partitions get records: all, or the first one's.
LAYOUTS = ((1, 1, 1), (4, 1, 1), (4, 4, 4), (4, 4, 1))
DEPTHS = (1, 5)
REQUESTS = 20, 120


def tasks(base: Base) -> Iterator[Simulated]:
    """Each layout at both depths, as fast as it can."""
    for partitions, brokers, busy in LAYOUTS:
        topic = base.with_topic(partitions, brokers)
        for depth in DEPTHS:
            config = base.in_flight(depth, idempotent=depth > 1)
            scenario = topic.at_full_load(config, base.rtt_ms)
            if busy < brokers:
                scenario = over_windows(topic.only_to_first(scenario), *REQUESTS)
            point = {
                "partitions": partitions,
                "brokers": brokers,
                "busy_brokers": busy,
                "in_flight": depth,
                "rtt_ms": base.rtt_ms,
            }
            yield from base.replicated(point, scenario, levels)


def levels(run: Run) -> list[Row]:
    """The most in flight at once: in all, and on each connection."""
    by_line: dict[tuple[int, int], list[tuple[float, int]]] = defaultdict(list)
    for row in run.requests:
        by_line[row.producer, row.broker] += [(row.sent_s, 1), (row.handled_s, -1)]
    return [
        {
            **throughput(run),
            "connections": len(by_line),
            "deepest": deepest(run),
            "deepest_on_one": max(_deepest(steps) for steps in by_line.values()),
        }
    ]


def _deepest(steps: list[tuple[float, int]]) -> int:
    level = most = 0
    for _, step in sorted(steps):
        level += step
        most = max(most, level)
    return most


def answer(rows: pd.DataFrame) -> str:
    """What each layout reached, at the larger depth."""
    five = pick(rows, in_flight=DEPTHS[-1])
    one_broker, spread, idle = (_at(five, layout) for layout in LAYOUTS[1:])
    alike = rows["deepest_on_one"].le(rows["in_flight"]).all()
    return (
        f"{'Per connection' if alike else 'Not per connection'}, which is per producer and broker."
        f" With max.in.flight={DEPTHS[-1]} at {only(rows, 'rtt_ms'):g} ms"
        f" {_told(one_broker)}; {_told(spread)}; and {_told(idle)}: idle brokers do not lend"
        " their slots."
    )


def _at(rows: pd.DataFrame, layout: tuple[int, int, int]) -> pd.DataFrame:
    partitions, brokers, busy = layout
    return pick(rows, partitions=partitions, brokers=brokers, busy_brokers=busy)


def _told(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    where = f"{first['partitions']} partitions on {_brokers(first['brokers'])}"
    if first["busy_brokers"] < first["brokers"]:
        where += f" of which {first['busy_brokers']} gets all records"
    return (
        f"{where} have {rows['deepest'].max()} in flight at most, {rows['deepest_on_one'].max()} on"
        f" any one connection ({plain(rows['records_per_s'].mean())} records/s)"
    )


def _brokers(count: int) -> str:
    return "1 broker" if count == 1 else f"{count} brokers"


def draw(rows: pd.DataFrame) -> Figure:
    """The most in flight, in all and on one connection, for each layout; then throughput."""
    chart, (depths, rates) = panels("Requests in flight belong to a connection", 2)
    labels = []
    for place, layout in enumerate(LAYOUTS):
        partitions, brokers, busy = layout
        idle = f",\n{busy} of them busy" if busy < brokers else ""
        labels.append(f"{partitions} partition{'s' * (partitions > 1)}\n{_brokers(brokers)}{idle}")
        for side, depth in enumerate(DEPTHS):
            at, x = pick(_at(rows, layout), in_flight=depth), place + 0.4 * side - 0.2
            most, on_one = at["deepest"].max(), at["deepest_on_one"].max()
            depths.bar(x, most, width=0.36, color=COLOURS[side], alpha=0.35)
            depths.bar(x, on_one, width=0.36, color=COLOURS[side])
            depths.annotate(f"{most}", (x, most), (0, 3), textcoords="offset points", ha="center")
            value = mean_of(at, "records_per_s").value
            rates.bar(x, value, width=0.36, color=COLOURS[side])
            rates.annotate(
                plain(value), (x, value), (0, 3), textcoords="offset points", ha="center", size=8
            )
    for axes in (depths, rates):
        axes.set_xticks(range(len(labels)), labels, size=8.5)
        axes.grid(visible=False, axis="x")
    for side, depth in enumerate(DEPTHS):
        depths.bar(0, 0, color=COLOURS[side], label=f"max.in.flight={depth}")
    depths.yaxis.set_major_locator(MaxNLocator(integer=True))
    depths.legend(frameon=False, loc="upper left")
    depths.set_ylabel("most requests in flight;\nsolid: on one connection")
    rates.set_ylabel("records per second, acknowledged")
    return chart


QUESTION = Question(
    number=5,
    text="Is max.in.flight per producer, per connection, per broker or per partition?",
    aliases=("per-connection", "connection"),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="the Java client, which has one connection to each broker and one request a pass"
    " for each; clients with several connections to a broker differ",
)

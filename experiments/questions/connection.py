"""Whether a producer, a connection, a broker or a partition has the limit of requests in flight.

Layouts of a topic that tell these apart, and the most that was ever in flight in each.
"""

from collections import Counter
from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import Series, bar_panels
from experiments.kit.estimates import only, pick
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.loads import over_windows
from experiments.kit.world import MEASURED_REQUESTS, WARMUP_REQUESTS, World, only_to_first
from model import Run

#: Partitions, brokers, and how many brokers' partitions get records: all, or the first one's.
LAYOUTS = {
    "1 partition": (1, 1, 1),
    "4 partitions on 1 broker": (4, 1, 1),
    "4 partitions on 4 brokers": (4, 4, 4),
    "4 brokers of which 1 is busy": (4, 4, 1),
}
DEPTHS = (1, 5)


def points(world: World) -> Iterator[Point]:
    """Each layout at both depths, as fast as it can."""
    for levels in grid(layout=tuple(LAYOUTS), in_flight=DEPTHS):
        (partitions, brokers, busy), depth = LAYOUTS[levels["layout"]], levels["in_flight"]
        spread = world.with_topic(partitions, brokers)
        scenario = spread.at_full_load(world.in_flight(depth, idempotent=depth > 1))
        if busy < brokers:
            scenario = over_windows(only_to_first(scenario), WARMUP_REQUESTS, MEASURED_REQUESTS)
        beside = {"busy_brokers": busy, "rtt_ms": world.rtt_ms}
        yield Point(levels=levels, beside=beside, scenario=scenario)


def deepest_on_one(run: Run) -> int:
    """The most requests that were in flight at once on any one connection."""
    sent = [(row.sent_s, 1, (row.producer, row.broker)) for row in run.requests]
    handled = [(row.handled_s, -1, (row.producer, row.broker)) for row in run.requests]
    levels, most = Counter[tuple[int, int]](), 0
    for _, step, connection in sorted(sent + handled):
        levels[connection] += step
        most = max(most, levels[connection])
    return most


def answer(rows: pd.DataFrame) -> str:
    """What each layout reached, at the larger depth."""
    alike = rows["deepest_on_one"].le(rows["in_flight"]).all()
    reached = "; ".join(
        f"{layout}: {of['deepest'].max()} in flight, {of['deepest_on_one'].max()} on a connection"
        for layout, of in pick(rows, in_flight=DEPTHS[-1]).groupby("layout", sort=False)
    )
    return (
        f"{'Per connection' if alike else 'Not per connection'}, which is per producer and broker."
        f" The most with max.in.flight={DEPTHS[-1]} at {only(rows, 'rtt_ms'):g} ms: {reached}."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """The most in flight, on one connection and in all, for each layout."""
    most, by_layout = DEPTHS[-1], pick(rows, in_flight=DEPTHS[-1])
    series = [Series(name, pick(by_layout, layout=name), 0) for name in LAYOUTS]
    shown = {"deepest_on_one": "most in flight on a connection", "deepest": "most in flight in all"}
    in_all = by_layout["deepest"].max()
    title = (
        f"max.in.flight={most} counts for each connection, one to a broker: up to {in_all} in all"
    )
    return bar_panels(title, series, shown)[0]


EXPERIMENT = Experiment(
    name="connection",
    question="Is max.in.flight per producer, per connection, per broker or per partition?",
    aliases=("per-connection",),
    points=points,
    measure=figures.row(figures.THROUGHPUT, "deepest", deepest_on_one),
    answer=answer,
    draw=draw,
    assumption="the Java client, which has one connection to each broker and one request a pass"
    " for each; clients with several connections to a broker differ",
    smoke=lambda levels: True,
)

"""Whether a producer, a connection, a broker or a partition has the limit of requests in flight.

Layouts of a topic that tell these apart, and the most that was ever in flight in each.
"""

from collections import Counter
from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import Series, bar_panels
from experiments.kit.estimates import pick
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.loads import over_windows
from experiments.kit.summaries import Shown, summary
from experiments.kit.tables import Table
from experiments.kit.world import MEASURED_REQUESTS, WARMUP_REQUESTS, World, only_to_first
from model import Run

SHARED = "4 partitions on 1 broker"
#: Partitions, brokers, and how many brokers' partitions get records: all, or the first one's.
LAYOUTS = {
    "1 partition": (1, 1, 1),
    SHARED: (4, 1, 1),
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
    """Whose limit it is, and what more partitions and more brokers change."""
    deep = pick(rows, in_flight=DEPTHS[-1])
    most = deep.groupby("layout", sort=False)["deepest"].max()
    alike = rows["deepest_on_one"].le(rows["in_flight"]).all()
    whose = "Per connection, and a producer has one to each broker"
    return (
        f"{whose if alike else 'Not per connection here: one had more than was set'}. With"
        f" max.in.flight={DEPTHS[-1]} and {most.idxmax()} {most.max()} requests were in flight, at"
        f" most {deep['deepest_on_one'].max()} on one connection. The partitions of a broker share"
        f" it: {SHARED} had {most[SHARED]}."
    )


def tables(rows: pd.DataFrame) -> list[Table]:
    """The most in flight of each layout."""
    shown = (
        Shown("deepest_on_one", "most on one connection"),
        Shown("deepest", "most in all"),
        Shown("records_per_s", "records/s"),
    )
    by = {"layout": "layout", "in_flight": "max.in.flight"}
    return [summary("Requests in flight", rows, by, shown)]


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
    about="partitions brokers limit",
    points=points,
    measure=figures.row(figures.THROUGHPUT, "deepest", deepest_on_one),
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="how many are in flight is counted before anybody answers",
    assumption="the Java client, which has one connection to each broker; clients with several"
    " connections to a broker differ",
    smoke=lambda levels: True,
)

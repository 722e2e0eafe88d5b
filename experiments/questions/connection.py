"""Whether a producer, a connection, a broker or a partition has the limit of requests in flight.

Layouts of a topic that tell these apart, and the most that was ever in flight in each.
"""

from collections import Counter
from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from experiments.kit import figures
from experiments.kit.charts import annotate, panels
from experiments.kit.estimates import mean_of, only, pick
from experiments.kit.experiment import Experiment, Point
from experiments.kit.loads import over_windows
from experiments.kit.style import look
from experiments.kit.words import count, plain
from experiments.kit.world import MEASURED_REQUESTS, WARMUP_REQUESTS, World, only_to_first
from model import Run

#: Partitions, brokers, and how many brokers' partitions get records: all, or the first one's.
Layout = tuple[int, int, int]
LAYOUTS: tuple[Layout, ...] = ((1, 1, 1), (4, 1, 1), (4, 4, 4), (4, 4, 1))
DEPTHS = (1, 5)


def points(world: World) -> Iterator[Point]:
    """Each layout at both depths, as fast as it can."""
    for partitions, brokers, busy in LAYOUTS:
        spread = world.with_topic(partitions, brokers)
        for depth in DEPTHS:
            scenario = spread.at_full_load(world.in_flight(depth, idempotent=depth > 1))
            if busy < brokers:
                narrow = only_to_first(scenario)
                scenario = over_windows(narrow, WARMUP_REQUESTS, MEASURED_REQUESTS)
            layout = {"partitions": partitions, "brokers": brokers, "busy_brokers": busy}
            yield Point(
                levels={**layout, "in_flight": depth},
                beside={"rtt_ms": world.rtt_ms},
                scenario=scenario,
            )


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
    five = pick(rows, in_flight=DEPTHS[-1])
    one_broker, spread, idle = (_reached(five, layout) for layout in LAYOUTS[1:])
    alike = rows["deepest_on_one"].le(rows["in_flight"]).all()
    return (
        f"{'Per connection' if alike else 'Not per connection'}, which is per producer and broker."
        f" With max.in.flight={DEPTHS[-1]} at {only(rows, 'rtt_ms'):g} ms"
        f" {one_broker}; {spread}; and {idle}: idle brokers do not lend their slots."
    )


def _of_layout(rows: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    partitions, brokers, busy = layout
    return pick(rows, partitions=partitions, brokers=brokers, busy_brokers=busy)


def _reached(five: pd.DataFrame, layout: Layout) -> str:
    """What was in flight in a layout, in words."""
    rows, (partitions, brokers, busy) = _of_layout(five, layout), layout
    where = f"{partitions} partitions on {count(brokers, 'broker')}"
    if busy < brokers:
        where += f" of which {busy} gets all records"
    return (
        f"{where} have {rows['deepest'].max()} in flight at most, {rows['deepest_on_one'].max()} on"
        f" any one connection ({plain(rows['records_per_s'].mean())} records/s)"
    )


def draw(rows: pd.DataFrame) -> Figure:
    """The most in flight, in all and on one connection, for each layout; then throughput."""
    chart, (depths, rates) = panels("Requests in flight belong to a connection", 2)
    for index, layout in enumerate(LAYOUTS):
        for side, depth in enumerate(DEPTHS):
            found, x = pick(_of_layout(rows, layout), in_flight=depth), index + 0.4 * side - 0.2
            most, carried = found["deepest"].max(), mean_of(found, "records_per_s").value
            _bar(depths, x, most, depth, str(most), alpha=0.35)
            depths.bar(x, found["deepest_on_one"].max(), width=0.36, color=_colour(depth))
            _bar(rates, x, carried, depth, plain(carried))
    for axes in (depths, rates):
        axes.set_xticks(range(len(LAYOUTS)), list(map(_label, LAYOUTS)), size=8.5)
        axes.margins(y=0.12)
        axes.grid(visible=False, axis="x")
    for depth in DEPTHS:
        depths.bar(0, 0, color=_colour(depth), label=f"max.in.flight={depth}")
    depths.yaxis.set_major_locator(MaxNLocator(integer=True))
    depths.legend(frameon=False, loc="upper left")
    depths.set_ylabel("most requests in flight;\nsolid: on one connection")
    rates.set_ylabel("records per second, acknowledged")
    return chart


def _bar(axes: Axes, x: float, height: float, depth: int, text: str, alpha: float = 1.0) -> None:
    axes.bar(x, height, width=0.36, color=_colour(depth), alpha=alpha)
    annotate(axes, text, x, height, (0, 3), ha="center", va="bottom", size=8.5)


def _colour(depth: int) -> str:
    return look(depth, depth > 1).colour


def _label(layout: Layout) -> str:
    partitions, brokers, busy = layout
    idle = f",\n{busy} of them busy" if busy < brokers else ""
    return f"{count(partitions, 'partition')}\n{count(brokers, 'broker')}{idle}"


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

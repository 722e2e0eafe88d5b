"""Partitions and brokers, one request in flight and five: fuller requests, thinner batches.

As fast as it can a producer fills a request with a batch of every partition, so the gap between one
and five closes as partitions are added. At a given rate keys spread the same records over more
batches; records without keys fill one batch after the other. Also with one broker of several that
gets all records: whether the others' requests in flight help it.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import COLOURS, band, entitle, label_ends, line, log_axis, mark
from experiments.kit.estimates import Interval, means, only, pick, ratio, ratios
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.replications import Contrast, Levels, Replications
from experiments.kit.style import FAINT, figure, quiet_grid
from experiments.kit.words import count, plain, share, within
from experiments.kit.world import World, only_to_first

PARTITIONS, FEW_PARTITIONS, SEVERAL_BROKERS = (1, 3, 6, 12, 24, 48, 96), (1, 3, 12, 24), 3
ONE, FIVE = 1, 5
ALL, FIRST = "all partitions", "one broker's"
CAPACITY, LOAD = "capacity", "load"
KEYS = 10_000
WAY = ["brokers", "records_to"]


def points(world: World) -> Iterator[Point]:
    """As fast as it can over partitions and brokers; at one rate with keys and without."""
    own, rate_per_s = world.topic, world.calm_rate()
    partitions = PARTITIONS if world.fine else sorted({*FEW_PARTITIONS, own.partitions})
    several = own.brokers if own.brokers > 1 else SEVERAL_BROKERS
    beside = {"own_partitions": own.partitions, "rate_per_s": rate_per_s}
    for level in grid(
        rtt_ms=[world.rtt_ms],
        brokers=(1, several),
        records_to=(ALL, FIRST),
        partitions=partitions,
        depth=(ONE, FIVE),
    ):
        alone = level["brokers"] == 1 and level["records_to"] == FIRST
        if alone or level["partitions"] < level["brokers"]:
            continue  # one broker always gets all, and several need a partition each
        config = world.in_flight(level["depth"], world.own.enable_idempotence)
        spread = world.with_topic(level["partitions"], level["brokers"])
        busy = spread.at_capacity(config) if world.fine else spread.at_full_load(config)
        yield Point(
            levels=level,
            beside={"keys": world.key_space, "phase": CAPACITY, **beside},
            scenario=only_to_first(busy) if level["records_to"] == FIRST else busy,
            replications=None if world.fine else 2,
        )
    for level in grid(partitions=partitions, keys=(0, KEYS)):
        spread = replace(world.with_topic(level["partitions"], 1), key_space=level["keys"])
        where: Levels = {"rtt_ms": world.rtt_ms, "brokers": 1, "records_to": ALL}
        own_depth = world.own.max_in_flight_requests_per_connection
        yield Point(
            levels={**where, "depth": own_depth, **level, "phase": LOAD},
            beside=beside,
            scenario=spread.at_load(world.own, rate_per_s),
            replications=2,
        )


def gains(rows: pd.DataFrame) -> pd.DataFrame:
    """Five in flight over one, by the way brokers are used and partitions."""
    capacity = pick(rows, phase=CAPACITY)
    return ratios(capacity, "records_per_s", "depth", ONE, [*WAY, "partitions"])


def ways(rows: pd.DataFrame) -> dict[tuple[int, str], tuple[str, str]]:
    """Number of brokers and who gets the records, to what it is called and its colour."""
    several = int(rows["brokers"].max())
    found = {(1, ALL): ("one broker", COLOURS[1])}
    if several > 1:
        found[several, ALL] = count(several, "broker"), COLOURS[0]
        found[several, FIRST] = f"one of {several}", COLOURS[2]
    return found


def answer(rows: pd.DataFrame) -> str:
    """What partitions add and what they do to the gap, to batches at one rate, and idle brokers."""
    capacity, load = pick(rows, phase=CAPACITY), pick(rows, phase=LOAD)
    alone = pick(capacity, brokers=1, depth=FIVE)
    most = alone["partitions"].max()
    one, many = (pick(alone, partitions=partitions) for partitions in (1, most))
    gained = pick(gains(rows), brokers=1).set_index("partitions")
    gap = [within(Interval(*gained.loc[at, ["value", "low", "high"]])) for at in (1, most)]
    return (
        f"They raise what it can carry: at {only(rows, 'rtt_ms'):g} ms {most:g} partitions on one"
        f" broker carry {within(ratio(many, one), 1)} times as much as one, because a request takes"
        f" a batch of each (then the {only(many, 'limit')} limits), and five in flight over one"
        f" goes from {gap[0]} to {gap[1]}. {_spread(capacity, most, one)}{_thinner(load)}"
    )


def _spread(capacity: pd.DataFrame, most: int, one: pd.DataFrame) -> str:
    """What several brokers carry, and whether those that get nothing help."""
    several = capacity["brokers"].max()
    of_several = pick(capacity, brokers=several, depth=FIVE)
    if several == 1 or of_several.empty:
        return ""
    spread = pick(of_several, partitions=most, records_to=ALL)
    least = of_several["partitions"].min()
    busy, idle = (
        pick(of_several, partitions=least, records_to=to)["in_flight_mean"].mean()
        for to in (ALL, FIRST)
    )
    return (
        f"On {count(int(several), 'broker')} they carry {within(ratio(spread, one), 1)} times as"
        f" much as one partition; if one broker gets all records, {idle:.1f} requests are out"
        f" instead of {busy:.1f} (with {count(int(least), 'partition')}): idle brokers do not lend"
        " their slots. "
    )


def _thinner(load: pd.DataFrame) -> str:
    """What partitions do to batches at a given rate."""
    if load.empty:
        return ""
    keyed, most = pick(load, keys=KEYS), load["partitions"].max()
    few, many = (pick(keyed, partitions=at)["batch_fill"].mean() for at in (1, most))
    keyless = pick(load, keys=0, partitions=most)["batch_fill"].mean()
    return (
        f"But at a given {plain(only(load, 'rate_per_s'))} records/s with keys the batches get"
        f" thinner, from {share(few)} full to {share(many)}; without keys they stay"
        f" {share(keyless)} full."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """Throughput, the gain of five over one, and how full batches get, over the partitions."""
    capacity, load = pick(rows, phase=CAPACITY), pick(rows, phase=LOAD)
    chart = figure(14.6, 4.8)
    rates, times, fills = panels = chart.subplots(1, 3)
    for axes in panels:
        quiet_grid(axes)
    _rates(rates, capacity)
    _times(times, rows)
    _fills(fills, load)
    for axes in panels:
        log_axis(axes, "x", sorted(rows["partitions"].unique()))
        axes.set_xlabel("partitions")
        if (own := float(only(rows, "own_partitions"))) > 1:
            mark(axes, own, "yours")
        label_ends(axes)
    entitle(
        chart,
        f"More partitions: fuller requests and a smaller gap, but thinner batches with keys;"
        f" {only(rows, 'rtt_ms'):g} ms round trip",
        "bands: 95 % intervals",
    )
    return chart


def _rates(axes: Axes, capacity: pd.DataFrame) -> None:
    estimates = means(capacity, "records_per_s", [*WAY, "depth", "partitions"])
    for (brokers, records_to), (name, colour) in ways(capacity).items():
        for depth, style in ((ONE, "--"), (FIVE, "-")):
            of = pick(estimates, brokers=brokers, records_to=records_to, depth=depth)
            label = name if depth == FIVE else "_"
            band(axes, of["partitions"].tolist(), of, color=colour, ls=style, label=label)
    log_axis(axes, "y")
    axes.set_title("records/s: five in flight, and one (dashed)", size=10)


def _times(axes: Axes, rows: pd.DataFrame) -> None:
    estimates = gains(rows)
    for (brokers, records_to), (name, colour) in ways(rows).items():
        of = pick(estimates, brokers=brokers, records_to=records_to)
        band(axes, of["partitions"].tolist(), of, color=colour, label=name)
    axes.set_ylim(0.9, max(5.2, float(estimates["high"].max()) * 1.04))
    axes.axhline(1, color=FAINT, lw=0.9, ls=":")
    axes.set_title("five in flight over one, times", size=10)


def _fills(axes: Axes, load: pd.DataFrame) -> None:
    axes.set_ylim(0, 105)
    if load.empty:
        return
    percent = load.assign(percent=load["batch_fill"] * 100)
    for series, (keys, name) in enumerate(((0, "without keys"), (KEYS, "with keys"))):
        line(axes, pick(percent, keys=keys), "partitions", "percent", 3 + series, name)
    axes.set_title(f"batches full at {plain(only(load, 'rate_per_s'))} records/s, %", size=10)


EXPERIMENT = Experiment(
    name="partitions_brokers",
    question="Do more partitions raise or lower my rate?",
    aliases=("partitions",),
    points=points,
    measure=figures.row(
        "records_per_s",
        "records_per_request",
        "in_flight_mean",
        "service_ms",
        "limit",
        "batch_fill",
    ),
    replications=Replications(3, 6, Contrast("records_per_s", "depth", ONE), 0.05),
    answer=answer,
    draw=draw,
    assumption="one producer; keys are drawn evenly, brokers have time to spare and partitions are"
    " spread over them evenly; what partitions cost brokers and consumers is not in this",
    rtt_ms=2,
)

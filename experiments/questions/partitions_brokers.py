"""Partitions and brokers, one request in flight and five: fuller requests, thinner batches.

As fast as it can a producer fills a request with a batch of every partition, so the gap between one
and five closes as partitions are added. At a given rate keys spread the same records over more
batches; records without keys fill one batch after the other. Also with one broker of several that
gets all records: whether the others' requests in flight help it.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import (
    entitle,
    line,
    log_axis,
    panels,
    thousands,
)
from experiments.kit.estimates import mean_of, only, pick, ratio
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.looks import carrying
from experiments.kit.replications import Contrast, Levels, Replications
from experiments.kit.summaries import INTERVALS, estimate
from experiments.kit.tables import Column, Table, filled, numbers, words
from experiments.kit.words import ALIKE, as_much, count, plain, share, times, worthwhile
from experiments.kit.world import World, only_to_first

PARTITIONS, FEW_PARTITIONS, SEVERAL_BROKERS = (1, 3, 6, 12, 24, 48, 96), (1, 3, 12, 48), 3
ONE, FIVE = 1, 5
ALL, FIRST = "all partitions", "one broker's"
CAPACITY, LOAD = "capacity", "load"
KEYS = 10_000
LAYOUT_WIDTH = 3.6


def points(world: World) -> Iterator[Point]:
    """As fast as it can over partitions and brokers; at one rate with keys and without."""
    own, rate_per_s = world.topic, world.calm_rate()
    partitions = PARTITIONS if world.fine else sorted({*FEW_PARTITIONS, own.partitions})
    several = own.brokers if own.brokers > 1 else SEVERAL_BROKERS
    beside: Levels = {
        "own_partitions": own.partitions,
        "own_brokers": own.brokers,
        "rate_per_s": rate_per_s,
    }
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
        busy = world.with_topic(level["partitions"], level["brokers"]).at_capacity(config)
        yield Point(
            levels=level,
            beside={"keys": world.key_space, "phase": CAPACITY, **beside},
            scenario=only_to_first(busy) if level["records_to"] == FIRST else busy,
        )
    depth = world.own.max_in_flight_requests_per_connection
    layout: Levels = {"rtt_ms": world.rtt_ms, "brokers": 1, "records_to": ALL, "depth": depth}
    for level in grid(partitions=partitions, keys=(0, KEYS)):
        spread = replace(world.with_topic(level["partitions"], 1), key_space=level["keys"])
        yield Point(
            levels={**layout, **level, "phase": LOAD},
            beside=beside,
            scenario=spread.at_load(world.own, rate_per_s),
            replications=2,
        )


def answer(rows: pd.DataFrame) -> str:
    """What partitions do to what it carries, to the gain of five, and to batches at a rate."""
    capacity = pick(rows, phase=CAPACITY, records_to=ALL)
    own = pick(capacity, brokers=own_brokers(rows))
    least, most = own["partitions"].min(), own["partitions"].max()
    gain, then = (
        ratio(of[FIVE], of[ONE]).value for of in (by_depth(own, n) for n in (least, most))
    )
    fills = pick(rows, phase=LOAD).groupby(["keys", "partitions"])["batch_fill"].mean()
    return (
        f"{_carried(own)} and at a given rate they"
        f" {'thin out' if fills[KEYS, most] < fills[KEYS, 1] else 'leave'} its batches."
        f" {_fastest(own)}, for a request takes a batch of each that the broker leads."
        f" Over one in flight five gain {times(then)} times with {most:g} partitions, where with"
        f" {least:g} it is {times(gain)}. At {plain(only(rows, 'rate_per_s'))} records/s with keys"
        f" on one broker batches are {share(fills[KEYS, most])} full with {most:g} partitions,"
        f" instead of {share(fills[KEYS, 1])} with one."
    )


def own_brokers(rows: pd.DataFrame) -> int:
    """The user's own number of brokers; one where it is not kept, or has no partition for each."""
    own = int(only(rows, "own_brokers")) if "own_brokers" in rows else 1
    return own if own in pick(rows, phase=CAPACITY)["brokers"].to_numpy() else 1


def _rates(of_layout: pd.DataFrame) -> "pd.Series[float]":
    """What five in flight carry on a layout, by its partitions, fewest first."""
    return pick(of_layout, depth=FIVE).groupby("partitions")["records_per_s"].mean()


def _carried(of_layout: pd.DataFrame) -> str:
    """Up to where more partitions raise what is carried, and the step that does not."""
    rates = _rates(of_layout)
    if not worthwhile(rates.max() / rates.iloc[0]):
        return "They do not raise what the producer can carry,"
    best = int(str(rates.idxmax()))
    falls = rates[(rates < (1 - ALIKE) * rates.shift()) & (rates.index <= best)]
    told = "They raise" if falls.empty else f"But for {_step(rates, falls)} they raise"
    if best == rates.index[-1]:
        return f"{told} what the producer can carry,"
    return f"{told} what the producer can carry up to {count(best, 'partition')}, not beyond,"


def _step(rates: "pd.Series[float]", falls: "pd.Series[float]") -> str:
    """The first step at which more partitions carry less."""
    partitions = list(rates.index)
    to = falls.index[0]
    return f"the step from {partitions[partitions.index(to) - 1]:g} to {to:g}"


def _fastest(of_layout: pd.DataFrame) -> str:
    """With how many partitions five in flight carry most, on so many brokers."""
    rates = _rates(of_layout)
    best, least = int(str(rates.idxmax())), rates.index[0]
    few = "with one" if least == 1 else f"with {least:g}"
    return (
        f"On {_brokers(only(of_layout, 'brokers'))} five in flight carry most with"
        f" {count(best, 'partition')}, {as_much(rates.max() / rates.iloc[0], few)}"
    )


def _brokers(brokers: float) -> str:
    return "one broker" if brokers == 1 else f"{brokers:g} brokers"


def by_depth(alone: pd.DataFrame, partitions: int) -> dict[int, pd.DataFrame]:
    """Of so many partitions the rows of each depth."""
    return {depth: pick(alone, partitions=partitions, depth=depth) for depth in (ONE, FIVE)}


def tables(rows: pd.DataFrame) -> list[Table]:
    """Both depths by layout, the user's own first; and how full batches get at one rate."""
    carried, own = [], own_brokers(rows)
    layouts = pick(rows, phase=CAPACITY).assign(other=lambda of: of["brokers"] != own)
    by = ["brokers", "records_to", "partitions"]
    ordered = layouts.sort_values("other", kind="stable")
    for layout, of in ordered.groupby(by, sort=False):
        one, five = (pick(of, depth=depth) for depth in (ONE, FIVE))
        rates = (estimate(mean_of(each, "records_per_s")) for each in (one, five))
        carried.append([*layout, *rates, estimate(ratio(five, one), ".2f")])
    heads = [*numbers("brokers"), *words("records to"), *numbers("partitions", "one", "five")]
    fills = pick(rows, phase=LOAD).groupby(["partitions", "keys"])["batch_fill"].mean().unstack()
    full = [Column(name, spec=".0%") for name in ("without keys", "with keys")]
    rate = plain(only(rows, "rate_per_s"))
    return [
        filled(
            f"Records/s of one and five in flight; {INTERVALS}",
            [*heads, *numbers("five / one")],
            carried,
        ),
        filled(
            f"How full batches are at {rate} records/s",
            [*numbers("partitions"), *full],
            [[partitions, *filling] for partitions, filling in fills.iterrows()],
        ),
    ]


def draw(rows: pd.DataFrame) -> Figure:
    """Throughput over the partitions, a panel for each layout, and how full batches get."""
    capacity, load, brokers = _split(rows)
    layouts = {
        "1 broker": pick(capacity, brokers=1),
        f"{brokers:g} brokers": pick(capacity, brokers=brokers, records_to=ALL),
        f"{brokers:g} brokers, one gets all": pick(capacity, brokers=brokers, records_to=FIRST),
    }
    chart, axes = panels("", len(layouts) + 1, LAYOUT_WIDTH)
    most = capacity["records_per_s"].max()
    for panel, (name, of_layout) in zip(axes, layouts.items(), strict=False):
        for depth in (ONE, FIVE):
            producer = carrying(depth)
            of_depth = pick(of_layout, depth=depth)
            line(panel, of_depth, "partitions", "records_per_s", producer, producer.name)
        panel.set(title=name, ylim=(0, 1.05 * most))
        thousands(panel)
    axes[0].set_ylabel("records/s, as fast as it can")
    axes[0].legend(frameon=False, loc="upper left")
    for place, (name, keys) in enumerate({"without keys": 0, "with keys": KEYS}.items()):
        line(axes[-1], pick(load, keys=keys), "partitions", "fill", place, name)
    axes[-1].set(title="how full batches get", ylim=(0, 105))
    axes[-1].set_ylabel(f"%, at {plain(only(rows, 'rate_per_s'))} records/s")
    axes[-1].legend(frameon=False, loc="lower left")
    for panel in axes:
        log_axis(panel, "x", sorted(rows["partitions"].unique()))
        panel.set_xlabel("partitions")
    entitle(chart, _title(layouts["1 broker"]), f"{only(rows, 'rtt_ms'):g} ms round trip")
    return chart


def _split(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Rows of capacity, of the load with fill in %, and how many brokers there are at most."""
    load = pick(rows, phase=LOAD)
    filled = load.assign(fill=100 * load["batch_fill"])
    return pick(rows, phase=CAPACITY), filled, float(rows["brokers"].max())


def _title(alone: pd.DataFrame) -> str:
    """How the gain of five goes with the partitions of one broker."""
    gains = []
    for partitions in (alone["partitions"].min(), alone["partitions"].max()):
        of = pick(alone, partitions=partitions)
        gain = ratio(pick(of, depth=FIVE), pick(of, depth=ONE)).value
        gains.append(f"{gain:.1f} times with {count(int(partitions), 'partition')}")
    return f"The more partitions a broker has, the less five in flight gain: {', '.join(gains)}"


EXPERIMENT = Experiment(
    name="partitions_brokers",
    question="Do more partitions raise or lower my rate?",
    aliases=("partitions",),
    about="throughput keys batch fill brokers scaling",
    points=points,
    measure=figures.row(
        *("records_per_s", "records_per_request", "in_flight_mean"),
        *("service_ms", "limit", "batch_fill"),
    ),
    replications=Replications(3, 6, Contrast("records_per_s", "depth", ONE), 0.05),
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="a request would wait for replicas once, whatever it carries",
    assumption="one producer, keys that are drawn evenly, brokers with time to spare and"
    " partitions spread over them evenly. What partitions cost brokers and consumers is not in"
    " this",
    rtt_ms=2,
    smoke=lambda levels: levels["partitions"] in (1, 12),
)

"""Question 20: do more partitions raise or lower the rate?"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.charts import label_ends, line, log_axis, panels
from experiments.ask.frames import only, pick, ratio
from experiments.ask.measures import figures
from experiments.ask.question import Question
from experiments.ask.task import Simulated
from experiments.ask.words import plain, share, within

PARTITIONS = (1, 2, 4, 8, 16, 32)
BROKERS = (1, 3)
DEPTHS = (1, 5)
KEYS = 10_000
REPLICATIONS = 2
KEYED, KEYLESS = "with keys", "without keys"


def tasks(base: Base) -> Iterator[Simulated]:
    """As fast as it can on one broker and on three, and at one rate with keys and without."""
    rate = base.calm_rate()
    for partitions in PARTITIONS:
        for brokers in BROKERS:
            topic = base.with_topic(partitions, brokers)
            for depth in DEPTHS:
                config = base.in_flight(depth, idempotent=depth > 1)
                scenario = topic.at_full_load(config, base.rtt_ms)
                point = {"phase": "capacity", "partitions": partitions, "brokers": brokers}
                point |= {"in_flight": depth, "rtt_ms": base.rtt_ms}
                yield from base.replicated(point, scenario, figures, REPLICATIONS)
        for records, keys in ((KEYLESS, 0), (KEYED, KEYS)):
            spread = replace(base.with_topic(partitions, 1), key_space=keys)
            load = spread.at_load(base.own, base.rtt_ms, rate)
            point = {"phase": "load", "partitions": partitions, "records": records}
            point |= {"rate_per_s": rate, "rtt_ms": base.rtt_ms}
            yield from base.replicated(point, load, figures, REPLICATIONS)


def answer(rows: pd.DataFrame) -> str:
    """What partitions add on one broker and on three, the gap, and what they do to batches."""
    capacity, load = pick(rows, phase="capacity"), pick(rows, phase="load")
    five, most = pick(capacity, in_flight=5), PARTITIONS[-1]
    one, many, spread = (
        pick(five, brokers=brokers, partitions=count)
        for brokers, count in ((1, 1), (1, most), (3, most))
    )
    keyed = pick(load, records=KEYED)
    few_fill, many_fill = (
        pick(keyed, partitions=count)["batch_fill"].mean() for count in (1, most)
    )
    sticky = pick(load, records=KEYLESS, partitions=most)["batch_fill"].mean()
    gap = {count: _gap(capacity, count) for count in (1, most)}
    return (
        f"Raise it while there is enough to fill them: as fast as it can at"
        f" {only(rows, 'rtt_ms'):g} ms, {most} partitions on one broker carry"
        f" {within(ratio(many, one), 1)} times as much as one partition, because a request takes a"
        f" batch of each ({only(many, 'limit')} is then the limit), on three brokers"
        f" {within(ratio(spread, one), 1)} times; five in flight over one goes from {gap[1]} to"
        f" {gap[most]}. At a given {plain(only(load, 'rate_per_s'))} records/s with keys the"
        f" batches get thinner, from {share(few_fill)} full to {share(many_fill)}; without keys"
        f" they stay {share(sticky)} full."
    )


def _gap(capacity: pd.DataFrame, partitions: int) -> str:
    at = pick(capacity, brokers=1, partitions=partitions)
    return within(ratio(pick(at, in_flight=5), pick(at, in_flight=1)))


def draw(rows: pd.DataFrame) -> Figure:
    """Throughput, the gap between one and five, and the fill, over the partitions."""
    chart, (rates, gaps, fills) = panels(
        "More partitions: fuller requests, thinner batches", 3, 5.0
    )
    capacity, load = pick(rows, phase="capacity"), pick(rows, phase="load")
    for place, brokers in enumerate(BROKERS):
        told = "1 broker" if brokers == 1 else f"{brokers} brokers"
        for depth in DEPTHS:
            of_depth = pick(capacity, brokers=brokers, in_flight=depth)
            label, style = f"{depth} in flight, {told}", "-" if depth > 1 else ":"
            line(rates, of_depth, "partitions", "records_per_s", place, label, ls=style)
        line(gaps, _gaps(pick(capacity, brokers=brokers)), "partitions", "gap", place, told)
    for place, records in enumerate((KEYLESS, KEYED)):
        of_load = pick(load, records=records)
        percent = of_load.assign(percent=of_load["batch_fill"] * 100)
        line(fills, percent, "partitions", "percent", place + 2, records)
    log_axis(rates, "y")
    rates.set_ylabel("records per second, as fast as it can")
    gaps.set_ylabel("five in flight over one, times")
    gaps.set_ylim(0, 5.6)
    fills.set_ylabel(f"batches full at {plain(only(load, 'rate_per_s'))} records/s, %")
    fills.set_ylim(bottom=0)
    for axes in (rates, gaps, fills):
        log_axis(axes, "x", PARTITIONS)
        axes.minorticks_off()
        axes.set_xlabel("partitions")
        label_ends(axes)
    return chart


def _gaps(capacity: pd.DataFrame) -> pd.DataFrame:
    """Five over one in each replication."""
    table = capacity.pivot_table(
        index=["partitions", "replication"], columns="in_flight", values="records_per_s"
    )
    return (table[5] / table[1]).rename("gap").reset_index()


QUESTION = Question(
    number=20,
    text="Do more partitions raise or lower my rate?",
    aliases=("partitions",),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="one producer; keys are drawn evenly, brokers have time to spare and partitions are"
    " spread over them evenly; what partitions cost brokers and consumers is not in this",
)

"""Question 13: acks=1 or all: what does it cost, and whom does "all" wait for?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.charts import label_ends, line, log_axis, panels
from experiments.ask.frames import mean_of, only, pick, ratio
from experiments.ask.measures import figures
from experiments.ask.question import Question
from experiments.ask.task import Row, Simulated
from experiments.ask.words import latency_ms, plain, within
from model import PathConfig, Run, Scenario
from model.config.producer import Acks

#: Between the brokers: a rack, a region, a stretched cluster.
BETWEEN_MS = (0.1, 1.0, 5.0, 20.0)
RACK_MS, STRETCHED_MS = BETWEEN_MS[0], BETWEEN_MS[-1]
REPLICATIONS = 3


@dataclass(frozen=True, slots=True)
class Setting:
    """Who has to have a record before it is acknowledged."""

    name: str
    acks: Acks
    replicas: int
    min_insync: int


SETTINGS = (
    Setting("acks=1, 3 replicas", "1", 3, 1),
    Setting("acks=all, 1 replica", "all", 1, 1),
    Setting("acks=all, 3 replicas, min.insync 1", "all", 3, 1),
    Setting("acks=all, 3 replicas, min.insync 2", "all", 3, 2),
)
ONE, ALONE, ALL, ALL_TWO = (setting.name for setting in SETTINGS)


def tasks(base: Base) -> Iterator[Simulated]:
    """Every setting over the distance between brokers: under one load, and as fast as it can."""
    rate = base.calm_rate()
    for between_ms in BETWEEN_MS:
        for setting in SETTINGS:
            idempotent = setting.acks == "all" and base.own.enable_idempotence
            depth = base.own.max_in_flight_requests_per_connection
            config = replace(base.in_flight(depth, idempotent), acks=setting.acks)
            point: Row = {"setting": setting.name, "between_ms": between_ms}
            point = {**point, "rtt_ms": base.rtt_ms, "rate_per_s": rate}
            load = _replicated(base.at_load(config, base.rtt_ms, rate), setting, between_ms)
            full = _replicated(base.at_full_load(config, base.rtt_ms), setting, between_ms)
            yield from base.replicated({**point, "phase": "load"}, load, tail, REPLICATIONS)
            yield from base.replicated({**point, "phase": "capacity"}, full, tail, REPLICATIONS)


def _replicated(scenario: Scenario, setting: Setting, between_ms: float) -> Scenario:
    """The scenario with copies so far apart."""
    topic = replace(
        scenario.topic, replicas=setting.replicas, min_insync_replicas=setting.min_insync
    )
    return replace(scenario, topic=topic, replica_path=PathConfig(rtt_ms=between_ms))


def tail(run: Run) -> list[Row]:
    """The usual figures, and the far tail."""
    (row,) = figures(run)
    known = row["p99_ms"] == row["p99_ms"]
    return [{**row, "p999_ms": run.latency_ms.quantile(0.999) if known else float("nan")}]


def answer(rows: pd.DataFrame) -> str:
    """The price in latency and throughput, near and stretched, and that min.insync has none."""
    near, far = (_price(pick(rows, between_ms=ms)) for ms in (RACK_MS, STRETCHED_MS))
    load = pick(rows, phase="load")
    full = pick(rows, phase="capacity")
    two = ratio(pick(full, setting=ALL_TWO), pick(full, setting=ALL))
    alone = [mean_of(pick(load, setting=name), "p50_ms") for name in (ALONE, ONE)]
    return (
        f"It waits for a fetch by the slowest follower in sync, not by min.insync.replicas of them,"
        f" and the connection's next request waits meanwhile."
        f" At {only(rows, 'rtt_ms'):g} ms to the cluster and"
        f" {plain(only(rows, 'rate_per_s'))} records/s: with brokers {RACK_MS:g} ms apart"
        f" {near}; with {STRETCHED_MS:g} ms apart {far}. min.insync.replicas=2 instead of 1"
        f" carries {within(two)} times as much. With one replica there is nobody to wait for: the"
        f" median is {latency_ms(alone[0])} with acks=all and {latency_ms(alone[1])} with acks=1."
    )


def _price(rows: pd.DataFrame) -> str:
    load, capacity = pick(rows, phase="load"), pick(rows, phase="capacity")
    p50, p99 = (
        [mean_of(pick(load, setting=name), column) for name in (ONE, ALL)]
        for column in ("p50_ms", "p99_ms")
    )
    rate = ratio(pick(capacity, setting=ALL), pick(capacity, setting=ONE))
    return (
        f"the median goes from {latency_ms(p50[0])} to {latency_ms(p50[1])}, the p99 from"
        f" {latency_ms(p99[0])} to {latency_ms(p99[1])}, and throughput is {within(rate)} times"
        f" that of acks=1 (limit: {only(pick(capacity, setting=ALL), 'limit')})"
    )


def draw(rows: pd.DataFrame) -> Figure:
    """Median, tail and throughput over the distance between brokers."""
    chart, axes = panels('What "all" waits for', 3, 4.8)
    told = (
        ("load", "p50_ms", "median latency in ms"),
        ("load", "p999_ms", "99.9th percentile of latency in ms"),
        ("capacity", "records_per_s", "records per second, as fast as it can"),
    )
    for one, (phase, column, label) in zip(axes, told, strict=True):
        for place, setting in enumerate(SETTINGS):
            mine = pick(rows, phase=phase, setting=setting.name)
            line(one, mine, "between_ms", column, place, setting.name)
        log_axis(one, "x", BETWEEN_MS)
        one.minorticks_off()
        one.set_ylim(bottom=0)
        one.set_xlabel("round-trip time between brokers in ms")
        one.set_ylabel(label)
    label_ends(axes[-1])
    return chart


QUESTION = Question(
    number=13,
    text="acks=1 or acks=all: what does it cost, and whom does all wait for?",
    aliases=("acks",),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="all followers stay in sync and are equally far from the leader; what acks=1 risks"
    " when a leader dies before a follower has fetched is not priced here",
)

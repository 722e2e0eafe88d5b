"""What acks=1 loses when a leader is killed, over the moment at which that happens.

A leader that is killed takes with it what no follower had fetched yet; with acks=1 the producer was
told already that it is written. So what is lost depends on the moment, between two requests and
between two fetches: each run has a moment of its own. Beside it acks=all, whose acks wait for the
followers. Elections are clean. Left out: machines that go down with their kernel, which would also
take acks that were on their way; leaders that are cut off and go on acknowledging. A world with one
copy is taken to have three.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import entitle, panels
from experiments.kit.copies import placed
from experiments.kit.estimates import mean_of, only, pick
from experiments.kit.experiment import Experiment, Point
from experiments.kit.looks import look, shades
from experiments.kit.replications import Replications
from experiments.kit.summaries import Shown, summary
from experiments.kit.tables import Table
from experiments.kit.words import count, plain, share, times
from experiments.kit.world import World
from model import Fault, OpenLoop
from model.streams import stream

#: Round trips between brokers.
BETWEEN_MS, FEW_BETWEEN_MS = (0.5, 2.0, 10.0), ()
#: acks and requests in flight.
PRODUCERS = (("1", 1), ("1", 5), ("all", 5))
#: Ours: kills, each at a moment of its own.
KILLS = 60
#: The leader is killed within so many round trips of a calm beginning, and comes back long after
#: another one leads; nothing new is sent some time after the kill.
CALM_S, ROUND_TRIPS, DOWN_S, GOES_ON_S = 0.5, 20, 30.0, 0.2
#: Ours: after that all has been sent again.
SETTLED_S = 60.0


def points(world: World) -> Iterator[Point]:
    """Every producer at every distance of the replicas; all meet the same moments."""
    if world.topic.replicas == 1:  # nobody else could lead
        world = replace(world, topic=placed(world.topic.partitions))
    rate = world.calm_rate()
    apart_ms = {*(BETWEEN_MS if world.fine else FEW_BETWEEN_MS), world.replica_rtt_ms}
    span_s = max(ROUND_TRIPS * world.rtt_ms / 1e3, ROUND_TRIPS * max(apart_ms) / 1e3)
    records = max(1, round(rate * (CALM_S + span_s + GOES_ON_S)))
    sends = OpenLoop(rate, world.arrivals, records)
    for apart, (acks, depth) in product(sorted(apart_ms), PRODUCERS):
        config = world.with_producer(
            acks=acks,
            enable_idempotence=acks == "all",
            max_in_flight_requests_per_connection=depth,
        )
        there = replace(world, replica_rtt_ms=apart)
        yield Point(
            levels={"replica_rtt_ms": apart, "acks": acks, "in_flight": depth},
            beside={
                "yours": apart == world.replica_rtt_ms,
                "rtt_ms": world.rtt_ms,
                "rate_per_s": rate,
            },
            scenario=there.in_trouble(config, (), sends, CALM_S + span_s + SETTLED_S),
            faults=partial(_kill, span_s),
        )


def _kill(span_s: float, seed: int) -> tuple[Fault, ...]:
    at_s = CALM_S + span_s * float(stream(seed, "kill").random())
    return (Fault(what="broker-crash", at_s=at_s, for_s=DOWN_S, broker=0),)


def lost(rows: pd.DataFrame) -> "pd.Series[float]":
    """Acknowledged records that each kill took, fewest first."""
    return rows["acked_missing"].astype(float).sort_values(ignore_index=True)


def answer(rows: pd.DataFrame) -> str:
    """How often acks=1 loses something and how much, with one in flight too, and acks=all."""
    own = _as_named(pick(rows, yours=True))
    of = [pick(own, acks=acks, in_flight=depth) for acks, depth in PRODUCERS]
    _, five, safe = map(lost, of)
    hit = five[five > 0]
    if hit.empty:
        told = f"No kill of {len(five)} took an acknowledged record from a producer with acks=1."
    else:
        told = (
            f"It depends on the moment: with acks=1 {share(len(hit) / len(five))} of kills took"
            f" acknowledged records, {plain(hit.median())} in the middle case. The most was"
            f" {plain(hit.max())}."
        )
    return f"{told} {_by_depth(*of[:2])}{_farther(rows)} {_every_one(safe)}"


def _by_depth(one: pd.DataFrame, five: pd.DataFrame) -> str:
    """Whether it matters how many are in flight: told only where the intervals lie apart."""
    by_one, by_five = (mean_of(of, "acked_missing") for of in (one, five))
    why = "a follower fetches all that is there, so only what came since its last fetch is at stake"
    if by_one.low <= by_five.high and by_five.low <= by_one.high:
        return f"With one request in flight no difference can be told: {why}."
    more, less = ("five", "one") if by_five.value > by_one.value else ("one", "five")
    return f"It is more with {more} in flight than with {less}: {why}."


def _farther(rows: pd.DataFrame) -> str:
    """What the replicas' distance does to the mean, where there are several."""
    means = pick(_as_named(rows), acks="1").groupby("replica_rtt_ms")["acked_missing"].mean()
    near, far = means.iloc[0], means.iloc[-1]
    if len(means) == 1 or not near or far <= near:
        return ""
    return (
        f" The farther the replicas the more: {times(far / near)} times as much with"
        f" {means.index[-1]:g} ms between brokers as with {means.index[0]:g} ms."
    )


def _every_one(safe: "pd.Series[float]") -> str:
    some = f"{plain(safe.sum())} in all" if safe.sum() else "nothing"
    return (
        f"acks=all lost {some} in {count(len(safe), 'kill')}: its acks wait for the followers, and"
        " one of these leads next."
    )


def _as_named(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose acks are words, as stored ones are not."""
    return rows.assign(acks=rows["acks"].astype(str))


def some_lost(rows: pd.DataFrame) -> pd.DataFrame:
    """With whether a kill took anything."""
    return rows.assign(some=(rows["acked_missing"] > 0).astype(float))


def tables(rows: pd.DataFrame) -> list[Table]:
    """How often something is lost and how much, for each producer and distance."""
    shown = (
        Shown("some", "kills that lose records", ".0f", share=True),
        Shown("acked_missing", "lost in the mean", ".1f"),
        Shown("duplicates", "duplicates", ".1f"),
        Shown("failed", "failed", ".1f"),
    )
    by = {"replica_rtt_ms": "between brokers, ms", "acks": "acks", "in_flight": "in flight"}
    return [summary("Acknowledged records lost for each kill", some_lost(rows), by, shown)]


def draw(rows: pd.DataFrame) -> Figure:
    """The share of kills that lost at least so many, by distance of the replicas."""
    rows = _as_named(rows)
    chart, axes_of = panels("", 2)
    one_ms = sorted(rows["replica_rtt_ms"].unique())
    looks = shades([f"acks=1, {at:g} ms apart" for at in one_ms])
    most = max(1.0, float(rows["acked_missing"].max()))
    for axes, (acks, depth) in zip(axes_of, PRODUCERS[:2], strict=True):
        for at_ms, shade in zip(one_ms, looks, strict=True):
            of = pick(rows, acks=acks, in_flight=depth, replica_rtt_ms=at_ms)
            _survival(axes, lost(of), most, color=shade.colour, label=shade.name)
        axes.set_title("one in flight" if depth == 1 else f"{depth} in flight", size=11)
        axes.set(xlabel="acknowledged records, at least", ylim=(-2, 102), xlim=(0, 1.05 * most))
        axes.set_ylabel("kills that lost so many, %")
    safe = look(5, True)
    every_one = lost(pick(rows, acks="all"))
    _survival(axes_of[-1], every_one, most, color=safe.colour, label=safe.name, lw=3)
    axes_of[-1].legend(frameon=False, loc="upper right")
    note = (
        f"{len(every_one) // len(one_ms)} kills for each line, each at a moment of its own;"
        f" {plain(only(rows, 'rate_per_s'))} records/s; producer to leader"
        f" {only(rows, 'rtt_ms'):g} ms round trip"
    )
    entitle(chart, _title(rows), note)
    return chart


def _survival(axes: Axes, values: "pd.Series[float]", most: float, **look: object) -> None:
    """A falling line: the share of values that are no less."""
    at = np.unique([1.0, *values[values > 0], most * 1.05])
    shares = [100 * float((values >= each).mean()) for each in at]
    style: dict[str, object] = {"lw": 2, "where": "pre"} | look
    axes.step([0.0, *at], [shares[0], *shares], **style)  # type: ignore[arg-type]


def _title(rows: pd.DataFrame) -> str:
    """Whether acks=1 and acks=all lose anything, at the user's distance of replicas."""
    own = pick(rows, yours=True)
    risky, safe = (pick(own, acks=acks)["acked_missing"] for acks in ("1", "all"))
    apart = f"with replicas {only(own, 'replica_rtt_ms'):g} ms apart"
    taken = f"{share((risky > 0).mean())} of kills"
    loses = f"takes records that acks=1 had acknowledged in {taken} {apart}"
    kept = "none of acks=all" if not safe.sum() else f"{plain(safe.sum())} of acks=all"
    return f"A leader that is killed {loses}, and {kept}"


EXPERIMENT = Experiment(
    name="leader_killed",
    question="How many acknowledged records does acks=1 lose when a leader is killed?",
    aliases=("acks1", "election"),
    about="leader election crash kill durability data loss acknowledged unclean failover",
    points=points,
    measure=figures.row(figures.BOOKS),
    replications=Replications(fewest=KILLS, most=KILLS),
    answer=answer,
    tables=tables,
    draw=draw,
    assumption="the leader's process is killed and its kernel still delivers what it had"
    " answered; elections are clean; the leader comes back after another one leads",
    rtt_ms=2.0,
    smoke=lambda levels: levels["replica_rtt_ms"] == 0.5,
)
